/* SPDX-License-Identifier: MIT */
/* How long things take, by the tree: profiles, numbers of its own, and what
 * time must not change. */
#include "plat_internal.h"
#include "tree.h"

#define BOARD "compatible = \"test,board\";"
#define CPUS  "#address-cells = <1>;\n\t\t#size-cells = <0>;\n\n\t\tcpu@0 {"
#define LINES                                                                  \
	"d-cache-size = <0x8000>;\n\t\t\td-cache-line-size = <64>;\n"          \
	"\t\t\td-cache-sets = <128>;\n\t\t\tnext-level-cache = <&l2>;"
#define CLOCK "clock-frequency = <2000000000>;"
#define VA    0xffff000080000000

struct bench {
	struct tree tree;
	struct dmasim_machine *m;
	struct dmasim_machine_timing timing;
	struct dmasim_cpu *cpu[2];
	bool timed;
};

/** The base tree with these properties at its root. */
static char *tree_of(const char *props)
{
	char text[2048];

	snprintf(text, sizeof(text), BOARD "\n%s", props);
	return tree_replace(tree_base(), BOARD, text);
}

/** Without caches and clocks of its own. */
static char *bare_tree(const char *props)
{
	char *text = tree_of(props);

	for (unsigned i = 0; i < 2; i++) {
		text = tree_replace(text, LINES, "");
		text = tree_replace(text, CLOCK, "");
	}
	return text;
}

static void start_with(struct bench *b, char *text,
                       struct dmasim_machine_config cfg)
{
	struct dmasim_diag diag = {""};
	int status;

	*b = (struct bench){.tree = tree_compile(text)};
	cfg.fdt = b->tree.fdt;
	cfg.fdt_size = b->tree.size;
	status = dmasim_machine_create(&cfg, &b->m, &diag);
	assert_string_equal(diag.text, "");
	assert_int_equal(status, DMASIM_OK);
	b->timed = dmasim_machine_timing(b->m, &b->timing);
	for (size_t i = 0; i < 2; i++) {
		b->cpu[i] = dmasim_machine_cpu(b->m, i);
		assert_int_equal(dmasim_cpu_map(b->cpu[i], VA, 0x80000000,
		                                0x4000000, &dmasim_attr_wb),
		                 DMASIM_OK);
	}
}

static void start(struct bench *b, char *text)
{
	start_with(b, text, (struct dmasim_machine_config){0});
}

static void end(struct bench *b)
{
	dmasim_machine_destroy(b->m);
	free(b->tree.fdt);
}

static void refused(char *text, const char *message)
{
	struct tree tree = tree_compile(text);
	struct dmasim_machine_config cfg = {.fdt = tree.fdt,
	                                    .fdt_size = tree.size};
	struct dmasim_machine *m = NULL;
	struct dmasim_diag diag = {""};

	assert_int_equal(dmasim_machine_create(&cfg, &m, &diag),
	                 DMASIM_E_FORMAT);
	assert_string_equal(diag.text, message);
	assert_null(m);
	free(tree.fdt);
}

/** What @n loads, @step apart, by one CPU after another take, in ps. */
static uint64_t loads(struct bench *b, unsigned cpus, unsigned n, uint64_t step)
{
	struct dmasim_kernel *k = dmasim_machine_kernel(b->m);
	uint64_t t0 = dmasim_now(k), v;

	for (unsigned i = 0; i < n; i++)
		for (unsigned c = 0; c < cpus; c++)
			assert_int_equal(
			        dmasim_cpu_load(b->cpu[c],
			                        VA + c * 0x2000000 + i * step,
			                        8, &v),
			        DMASIM_OK);
	for (unsigned c = 0; c < cpus; c++)
		assert_int_equal(dmasim_cpu_delay(b->cpu[c], 0), DMASIM_OK);
	return dmasim_now(k) - t0;
}

static void untimed(void **state)
{
	struct bench b;

	(void)state;
	start(&b, tree_base());
	assert_false(b.timed);
	end(&b);
}

static void profiles(void **state)
{
	(void)state;
	for (size_t i = 0; dmasim_timing_profile_at(i); i++) {
		const struct dmasim_timing_profile *p =
		        dmasim_timing_profile_at(i);
		char props[128];
		struct bench b;
		uint64_t first, again;

		snprintf(props, sizeof(props), "dmasim,timing = \"%s\";",
		         p->name);
		start(&b, bare_tree(props));
		assert_true(b.timed);
		assert_memory_equal(b.timing.profile, p, sizeof(*p));
		first = loads(&b, 1, 1, 0);
		again = loads(&b, 1, 1, 0);
		assert_int_equal(again, p->period * p->l1.cycles);
		/* L1, and all that is behind it. */
		assert_int_equal(
		        first,
		        p->period * (p->l1.cycles + p->l2.cycles +
		                     p->shared.cycles + p->system.cycles +
		                     p->filter_cycles + p->hop_cycles) +
		                p->interconnect.period *
		                        (p->interconnect.cycles +
		                         64 / p->interconnect.bytes) +
		                p->dram.rcd + p->dram.cl + p->dram.fixed +
		                p->dram.burst * (64 / p->dram.burst_bytes));
		end(&b);
	}
}

static void at_the_cpus(void **state)
{
	struct bench b;

	(void)state;
	start(&b, tree_replace(tree_base(), CPUS,
	                       "dmasim,timing = \"cortex-a72-like\";\n" CPUS));
	assert_true(b.timed);
	assert_string_equal(b.timing.profile->name, "cortex-a72-like");
	end(&b);
	refused(tree_replace(tree_of("dmasim,timing = \"generic\";"), CPUS,
	                     "dmasim,timing = \"generic\";\n" CPUS),
	        "/cpus: dmasim,timing: the root node has one, too");
	refused(tree_replace(tree_base(), CPUS,
	                     "dmasim,snoop-cycles = <1>;\n" CPUS),
	        "/cpus: dmasim,snoop-cycles: no dmasim,timing here");
}

/* What the standard bindings say stands: the clock and the caches. */
static void the_tree_wins(void **state)
{
	struct bench b;

	(void)state;
	start(&b, tree_of("dmasim,timing = \"cortex-a72-like\";"));
	loads(&b, 1, 1, 0);
	/* 2 GHz. */
	assert_int_equal(loads(&b, 1, 1, 0), 4 * 500);
	/* 32 KiB of 4 ways, not 2: four lines of one set stay. */
	loads(&b, 1, 4, 0x2000);
	assert_int_equal(loads(&b, 1, 4, 0x2000), 4 * 4 * 500);
	end(&b);
	start(&b, bare_tree("dmasim,timing = \"cortex-a72-like\";"));
	loads(&b, 1, 4, 0x4000);
	assert_true(loads(&b, 1, 4, 0x4000) > 4 * 4 * 556);
	end(&b);
}

static void numbers_of_its_own(void **state)
{
	static const char props[] = "dmasim,timing = \"generic\";\n"
	                            "dmasim,l1-cycles = <5>;\n"
	                            "dmasim,shared-cycles = <20>;\n"
	                            "dmasim,hop-cycles = <30>;\n"
	                            "dmasim,snoop-cycles = <7>;\n"
	                            "dmasim,snoop-filter-entries = <64>;\n"
	                            "dmasim,snoop-filter-ways = <2>;\n"
	                            "dmasim,snoop-filter-cycles = <3>;\n"
	                            "dmasim,store-buffer = <0>;\n"
	                            "dmasim,interconnect-period-ps = <2000>;\n"
	                            "dmasim,interconnect-cycles = <40>;\n"
	                            "dmasim,interconnect-bytes = <32>;\n"
	                            "dmasim,arbitration = \"first-come\";\n"
	                            "dmasim,dram-channels = <2>;\n"
	                            "dmasim,dram-order = \"row-column-bank\";\n"
	                            "dmasim,dram-burst-ps = <3000>;\n"
	                            "dmasim,dram-rcd-ps = <11000>;\n"
	                            "dmasim,dram-cl-ps = <12000>;\n"
	                            "dmasim,dram-refi-ps = <0>;\n"
	                            "dmasim,dram-fixed-ps = <0>;\n";
	const struct dmasim_timing_profile *p;
	struct bench b;

	(void)state;
	start(&b, bare_tree(props));
	p = b.timing.profile;
	assert_int_equal(p->snoop_cycles, 7);
	assert_int_equal(p->store_buffer, 0);
	assert_int_equal(p->dram.channels, 2);
	assert_int_equal(p->dram.order, DMASIM_DRAM_ROW_COLUMN_BANK);
	assert_int_equal(p->interconnect.arbitration, DMASIM_FIRST_COME);
	assert_int_equal(loads(&b, 1, 1, 0),
	                 (5 + 20 + 3 + 30) * 1000 + 42 * 2000 + 26000);
	assert_int_equal(loads(&b, 1, 1, 0), 5000);
	/* Stores do not wait: their time is the CPU's. */
	assert_int_equal(dmasim_cpu_store(b.cpu[0], VA, 8, 1), DMASIM_OK);
	assert_int_equal(loads(&b, 1, 1, 0), 2 * 5000);
	end(&b);
}

static void hostile(void **state)
{
	(void)state;
#define GENERIC "dmasim,timing = \"generic\";\n"
	refused(tree_of("dmasim,timing = \"pentium\";"),
	        "/: dmasim,timing: no such profile");
	refused(tree_of("dmasim,timing = <1>;"),
	        "/: dmasim,timing: not one terminated string");
	refused(tree_of("dmasim,dram-channels = <1>;"),
	        "/: dmasim,dram-channels: no dmasim,timing here");
	refused(tree_of("dmasim,dram-order = \"row-bank-column\";"),
	        "/: dmasim,dram-order: no dmasim,timing here");
	refused(tree_of("dmasim,arbitration = \"first-come\";"),
	        "/: dmasim,arbitration: no dmasim,timing here");
	refused(tree_of(GENERIC "dmasim,hop-cycles = <10001>;"),
	        "/: dmasim,hop-cycles: 10001, at most 10000");
	refused(tree_of(GENERIC "dmasim,store-buffer = <1025>;"),
	        "/: dmasim,store-buffer: 1025, at most 1024");
	refused(tree_of(GENERIC "dmasim,dram-refi-ps = <1000000001>;"),
	        "/: dmasim,dram-refi-ps: 1000000001, at most 1000000000");
	refused(tree_of(GENERIC "dmasim,hop-cycles = <1 2>;"),
	        "/: dmasim,hop-cycles: 2 cells, 1 expected");
	refused(tree_of(GENERIC "dmasim,dram-order = \"column-first\";"),
	        "/: dmasim,dram-order: 'column-first' is unknown");
	refused(tree_of(GENERIC "dmasim,arbitration = \"bank-row-column\";"),
	        "/: dmasim,arbitration: 'bank-row-column' is unknown");
	refused(tree_of(GENERIC "dmasim,arbitration = <3>;"),
	        "/: dmasim,arbitration: not one terminated string");
	refused(tree_of(GENERIC "dmasim,dram-order = <3>;"),
	        "/: dmasim,dram-order: not one terminated string");
	refused(tree_of(GENERIC "dmasim,dram-banks = <3>;"),
	        "/: dmasim,dram-...: no such DRAM can be");
	refused(tree_of(GENERIC "dmasim,dram-rfc-ps = <8000000>;"),
	        "/: dmasim,dram-...: no such DRAM can be");
	refused(tree_of(GENERIC "dmasim,dram-burst-ps = <0>;"),
	        "/: dmasim,dram-...: no such DRAM can be");
	refused(tree_of(GENERIC "dmasim,snoop-filter-entries = <5>;"),
	        "/: invalid argument");
	refused(tree_of(GENERIC "dmasim,interconnect-bytes = <0>;"),
	        "/: dmasim,interconnect-...: no such interconnect can be");
	refused(tree_of(GENERIC "dmasim,interconnect-period-ps = <0>;"),
	        "/: dmasim,interconnect-...: no such interconnect can be");
}

/* More misses, and more who want the same, take longer. */
static void trends(void **state)
{
	uint64_t all_hit, some_miss, all_miss, rows, two;
	struct bench b;

	(void)state;
	start(&b, bare_tree("dmasim,timing = \"generic\";"));
	loads(&b, 1, 64, 64);
	all_hit = loads(&b, 1, 256, 16);
	some_miss = loads(&b, 1, 256, 32);
	end(&b);
	start(&b, bare_tree("dmasim,timing = \"generic\";"));
	all_miss = loads(&b, 1, 256, 64);
	end(&b);
	start(&b, bare_tree("dmasim,timing = \"generic\";"));
	/* Each in another row of the same bank. */
	rows = loads(&b, 1, 256, 0x20000);
	end(&b);
	assert_true(all_hit < some_miss);
	assert_true(some_miss < all_miss);
	assert_true(all_miss < rows);
	/* Two CPUs work side by side, and are in one another's way. */
	start(&b, bare_tree("dmasim,timing = \"generic\";\n"
	                    "dmasim,interconnect-bytes = <1>;"));
	all_miss = loads(&b, 1, 256, 64);
	end(&b);
	start(&b, bare_tree("dmasim,timing = \"generic\";\n"
	                    "dmasim,interconnect-bytes = <1>;"));
	two = loads(&b, 2, 256, 64);
	end(&b);
	assert_true(two > all_miss);
}

/** Accesses of CPUs and a device at random, and every byte that they saw. */
static uint64_t mixture(struct bench *b, uint64_t seed, unsigned n)
{
	struct dmasim_testdev_info t;
	uint64_t hash = 0xcbf29ce484222325;

	assert_int_equal(dmasim_machine_testdev(b->m, 0, &t), DMASIM_OK);
	for (unsigned i = 0; i < n; i++) {
		uint8_t data[64];
		struct dmasim_testdev_access a = {.op = DMASIM_READ,
		                                  .stream_id = UINT32_MAX,
		                                  .size = sizeof(data),
		                                  .data = data};
		enum dmasim_result result;
		uint64_t off, who;

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		off = seed >> 8 & 0xffffc0;
		who = seed % 5;
		memset(data, (int)i, sizeof(data));
		if (who < 2)
			assert_int_equal(dmasim_cpu_write(b->cpu[who], VA + off,
			                                  data, 64,
			                                  DMASIM_HERE),
			                 DMASIM_OK);
		else if (who < 4)
			assert_int_equal(dmasim_cpu_read(b->cpu[who - 2],
			                                 VA + off, data, 64,
			                                 DMASIM_HERE),
			                 DMASIM_OK);
		a.addr = 0x80000000 + off;
		if (who == 4)
			assert_int_equal(
			        dmasim_testdev_dma(t.dev, &a, &result, NULL),
			        DMASIM_OK);
		for (unsigned j = 0; j < sizeof(data); j++)
			hash = (hash ^ data[j]) * 0x100000001b3;
	}
	return hash;
}

/* Time never changes what anybody sees. */
static void same_bytes(void **state)
{
	struct bench timed, plain;

	(void)state;
	for (uint64_t seed = 1; seed <= 5; seed++) {
		start(&plain, tree_base());
		start(&timed, tree_of("dmasim,timing = \"cortex-a53-like\";"));
		assert_true(mixture(&plain, seed, 2000) ==
		            mixture(&timed, seed, 2000));
		end(&plain);
		end(&timed);
	}
}

/* Nor does the checker change the time. */
static void checker_or_not(void **state)
{
	struct bench with, without;

	(void)state;
	start(&with, tree_of("dmasim,timing = \"generic\";"));
	start_with(&without, tree_of("dmasim,timing = \"generic\";"),
	           (struct dmasim_machine_config){.no_checker = true});
	assert_true(mixture(&with, 3, 1000) == mixture(&without, 3, 1000));
	for (unsigned c = 0; c < 2; c++) {
		dmasim_cpu_delay(with.cpu[c], 0);
		dmasim_cpu_delay(without.cpu[c], 0);
	}
	assert_true(dmasim_now(dmasim_machine_kernel(with.m)) ==
	            dmasim_now(dmasim_machine_kernel(without.m)));
	end(&with);
	end(&without);
}

static int restore(struct bench *b, const uint8_t *data, size_t size)
{
	struct dmasim_reader *r;
	int status;

	assert_int_equal(dmasim_reader_create(data, size, &r), DMASIM_OK);
	status = dmasim_machine_restore(b->m, r);
	dmasim_reader_destroy(r);
	return status;
}

static void saved(void **state)
{
	struct bench a, b;
	struct dmasim_writer *w;
	const uint8_t *data;
	size_t size;

	(void)state;
	start(&a, tree_of("dmasim,timing = \"cortex-a72-like\";"));
	mixture(&a, 9, 500);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_machine_save(a.m, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	start(&b, tree_of("dmasim,timing = \"cortex-a72-like\";"));
	/* Another machine, another past. */
	assert_int_equal(restore(&b, data, size), DMASIM_OK);
	assert_true(mixture(&a, 10, 500) == mixture(&b, 10, 500));
	assert_int_equal(loads(&a, 2, 10, 4096), loads(&b, 2, 10, 4096));
	assert_true(dmasim_now(dmasim_machine_kernel(a.m)) ==
	            dmasim_now(dmasim_machine_kernel(b.m)));
	end(&b);
	for (size_t n = 0; n < size; n += 1 + n / 10) {
		start(&b, tree_of("dmasim,timing = \"cortex-a72-like\";"));
		assert_int_equal(restore(&b, data, n), DMASIM_E_FORMAT);
		end(&b);
	}
	dmasim_writer_destroy(w);
	end(&a);
}

/* Blobs with single bytes changed: a machine or a refusal. */
static void changed_blobs(void **state)
{
	struct tree tree = tree_compile(
	        tree_of("dmasim,timing = \"generic\";\n"
	                "dmasim,dram-order = \"row-bank-column\";\n"
	                "dmasim,arbitration = \"round-robin\";\n"
	                "dmasim,dram-banks = <16>;\n"
	                "dmasim,dram-burst-ps = <3000>;\n"
	                "dmasim,interconnect-bytes = <16>;\n"
	                "dmasim,snoop-filter-entries = <64>;\n"
	                "dmasim,snoop-filter-ways = <4>;\n"));
	unsigned made = 0, refusals = 0;
	uint64_t seed = 11;

	(void)state;
	for (unsigned i = 0; i < 1500; i++) {
		struct dmasim_machine_config cfg = {.fdt = tree.fdt,
		                                    .fdt_size = tree.size};
		struct dmasim_machine *m = NULL;
		struct dmasim_diag diag = {""};
		/* The root's properties are at the front. */
		uint8_t *byte, was;
		int status;

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		byte = (uint8_t *)tree.fdt + 56 + (seed >> 8) % 400;
		was = *byte;
		*byte ^= (uint8_t)(1u << seed % 8);
		status = dmasim_machine_create(&cfg, &m, &diag);
		*byte = was;
		if (status == DMASIM_OK) {
			made++;
		} else {
			assert_int_equal(status, DMASIM_E_FORMAT);
			assert_true(diag.text[0] != '\0');
			refusals++;
		}
		dmasim_machine_destroy(m);
	}
	assert_true(made > 100 && refusals > 100);
	free(tree.fdt);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(untimed),
        cmocka_unit_test(profiles),
        cmocka_unit_test(at_the_cpus),
        cmocka_unit_test(the_tree_wins),
        cmocka_unit_test(numbers_of_its_own),
        cmocka_unit_test(hostile),
        cmocka_unit_test(trends),
        cmocka_unit_test(same_bytes),
        cmocka_unit_test(checker_or_not),
        cmocka_unit_test(saved),
        cmocka_unit_test(changed_blobs),
};

CHECK_MAIN(tests)
