/* SPDX-License-Identifier: MIT */
/* Saving and restoring a whole machine. */
#include "plat_internal.h"
#include "tree.h"

struct bench {
	struct tree tree;
	struct dmasim_machine *m;
};

static void create_with(struct bench *b, char *text,
                        struct dmasim_machine_config cfg)
{
	struct dmasim_diag diag;

	b->tree = tree_compile(text);
	cfg.fdt = b->tree.fdt;
	cfg.fdt_size = b->tree.size;
	assert_int_equal(dmasim_machine_create(&cfg, &b->m, &diag), DMASIM_OK);
}

static void create(struct bench *b)
{
	create_with(b, tree_base(), (struct dmasim_machine_config){0});
}

static void end(struct bench *b)
{
	dmasim_machine_destroy(b->m);
	free(b->tree.fdt);
}

static void transfer(struct bench *b, size_t index, enum dmasim_op op,
                     uint64_t addr, void *data, uint32_t size)
{
	struct dmasim_testdev_info t;
	enum dmasim_result result;
	struct dmasim_testdev_access a = {.op = op,
	                                  .addr = addr,
	                                  .size = size,
	                                  .stream_id = UINT32_MAX,
	                                  .data = data};

	assert_int_equal(dmasim_machine_testdev(b->m, index, &t), DMASIM_OK);
	assert_int_equal(dmasim_testdev_dma(t.dev, &a, &result, NULL),
	                 DMASIM_OK);
	assert_int_equal(result, DMASIM_TXN_OK);
}

/** Leave traces in every room. */
static void use(struct bench *b)
{
	struct dmasim_cpu *cpu = dmasim_machine_cpu(b->m, 0);
	const uint64_t va = 0xffff000080000000;
	uint8_t data[64];

	memset(data, 0x5a, sizeof(data));
	transfer(b, 0, DMASIM_WRITE, 0x80002000, data, sizeof(data));
	assert_int_equal(
	        dmasim_cpu_map(cpu, va, 0x80000000, 0x10000, &dmasim_attr_wb),
	        DMASIM_OK);
	assert_int_equal(dmasim_cpu_write(cpu, va + 0x3000, data, sizeof(data),
	                                  DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_barrier(cpu, DMASIM_DSB, DMASIM_HERE),
	                 DMASIM_OK);
	dmasim_irq_pulse((struct dmasim_irq){dmasim_machine_irqc(b->m), 99});
}

static uint8_t *save(struct bench *b, size_t *size)
{
	struct dmasim_writer *w;
	const uint8_t *data;
	uint8_t *copy;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_machine_save(b->m, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &data, size), DMASIM_OK);
	copy = malloc(*size);
	assert_non_null(copy);
	memcpy(copy, data, *size);
	dmasim_writer_destroy(w);
	return copy;
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

static void round_trip(void **state)
{
	uint8_t *first, *second, in[64], want[64];
	size_t first_size, second_size;
	struct bench a, b;

	(void)state;
	memset(want, 0x5a, sizeof(want));
	create(&a);
	use(&a);
	first = save(&a, &first_size);
	create(&b);
	assert_int_equal(restore(&b, first, first_size), DMASIM_OK);
	second = save(&b, &second_size);
	assert_int_equal(second_size, first_size);
	assert_memory_equal(second, first, first_size);
	assert_int_equal(dmasim_now(dmasim_machine_kernel(b.m)),
	                 dmasim_now(dmasim_machine_kernel(a.m)));
	assert_int_equal(dmasim_irq_count((struct dmasim_irq){
	                         dmasim_machine_irqc(b.m), 99}),
	                 1);
	/* What a device wrote is in memory, what the CPU wrote is dirty in its
	 * cache: a coherent device sees both. */
	transfer(&b, 0, DMASIM_READ, 0x80002000, in, sizeof(in));
	assert_memory_equal(in, want, sizeof(in));
	transfer(&b, 0, DMASIM_READ, 0x80003000, in, sizeof(in));
	assert_memory_equal(in, want, sizeof(in));
	assert_int_equal(dmasim_map_peek(dmasim_machine_map(b.m), 0x80003000,
	                                 in, sizeof(in)),
	                 DMASIM_OK);
	memset(want, 0, sizeof(want));
	assert_memory_equal(in, want, sizeof(in));
	free(first);
	free(second);
	end(&a);
	end(&b);
}

static void without_checker(void **state)
{
	const struct dmasim_machine_config cfg = {.no_checker = true};
	struct bench a, b;
	uint8_t *data;
	size_t size;

	(void)state;
	create_with(&a, tree_base(), cfg);
	data = save(&a, &size);
	create_with(&b, tree_base(), cfg);
	assert_int_equal(restore(&b, data, size), DMASIM_OK);
	end(&b);
	create(&b);
	assert_int_equal(restore(&b, data, size), DMASIM_E_FORMAT);
	free(data);
	end(&a);
	end(&b);
}

static void another_tree(void **state)
{
	struct bench a, b;
	uint8_t *data;
	size_t size;

	(void)state;
	create(&a);
	data = save(&a, &size);
	create_with(&b,
	            tree_replace(tree_base(), "\"qemu-7.2\"", "\"qemu-10\""),
	            (struct dmasim_machine_config){0});
	assert_int_equal(restore(&b, data, size), DMASIM_E_FORMAT);
	free(data);
	end(&a);
	end(&b);
}

struct in_run {
	struct dmasim_machine *m;
	int saved, restored;
};

static void save_now(void *obj, uint32_t op, uint64_t arg)
{
	struct in_run *x = obj;
	struct dmasim_writer *w;
	struct dmasim_reader *r;

	(void)op;
	(void)arg;
	if (dmasim_writer_create(&w) != DMASIM_OK ||
	    dmasim_reader_create((const uint8_t *)"", 0, &r) != DMASIM_OK)
		return;
	x->saved = dmasim_machine_save(x->m, w);
	x->restored = dmasim_machine_restore(x->m, r);
	dmasim_writer_destroy(w);
	dmasim_reader_destroy(r);
}

static void not_while_running(void **state)
{
	struct in_run x = {0};
	struct dmasim_kernel *k;
	struct bench b;
	uint32_t actor;

	(void)state;
	create(&b);
	x.m = b.m;
	k = dmasim_machine_kernel(b.m);
	assert_int_equal(dmasim_actor_register(k, "now", save_now, &x, &actor),
	                 DMASIM_OK);
	assert_int_equal(dmasim_call_at(k, 1, 0,
	                                &(struct dmasim_call){.actor = actor},
	                                NULL),
	                 DMASIM_OK);
	assert_int_equal(dmasim_run_idle(k, DMASIM_FOREVER), DMASIM_OK);
	assert_int_equal(x.saved, DMASIM_E_STATE);
	assert_int_equal(x.restored, DMASIM_E_STATE);
	end(&b);
}

/** A blob that is cut or changed may be refused or not, but nothing else. */
static void hostile(void **state)
{
	struct bench a, b;
	uint8_t *data, *copy;
	uint64_t seed = 88172645463325252;
	size_t size;

	(void)state;
	create(&a);
	use(&a);
	data = save(&a, &size);
	create(&b);
	copy = malloc(size);
	assert_non_null(copy);
	for (size_t i = 0; i < 200; i++) {
		uint8_t *cut = malloc(size * i / 200 + 1);

		assert_non_null(cut);
		memcpy(cut, data, size * i / 200);
		assert_int_not_equal(restore(&b, cut, size * i / 200),
		                     DMASIM_OK);
		free(cut);
	}
	for (size_t i = 0; i < 200; i++) {
		memcpy(copy, data, size);
		for (size_t n = 0; n <= i % 4; n++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			copy[(seed >> 8) % size] = (uint8_t)seed;
		}
		(void)restore(&b, copy, size);
	}
	/* It still takes a good one. */
	end(&b);
	create(&b);
	assert_int_equal(restore(&b, data, size), DMASIM_OK);
	free(copy);
	free(data);
	end(&a);
	end(&b);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),   cmocka_unit_test(without_checker),
        cmocka_unit_test(another_tree), cmocka_unit_test(not_while_running),
        cmocka_unit_test(hostile),
};

CHECK_MAIN(tests)
