/* SPDX-License-Identifier: MIT */
/*
 * The same seed gives the same trace: in every one of many runs, on every
 * kernel back end, and in every build: tests/determinism/golden.txt has the
 * hashes that each compiler and each kind of build has to give.
 *
 * `test_determinism --print` prints that file.
 */
#include "published/machine.h"
#include "programs/prog.h"
#include "litmus/catalogue.h"
#include "litmus/run.h"

#include <stdlib.h>

#include "dmasim/driver.h"
#include "dmasim/systemc.h"

#define GOLDEN "/tests/determinism/golden.txt"

struct subject {
	char name[64];
	void (*run)(const struct subject *s, const struct dmasim_backend *b,
	            struct trace_hash *h);
	uint64_t seed;
	const struct bug *bug;
	const char *litmus; /**< a file of tests/litmus */
	/** A platform's tree, to be freed. */
	void *fdt;
	size_t fdt_size;
};

static struct dmasim_choice *seeded(uint64_t seed)
{
	const struct dmasim_choice_config cfg = {.mode = DMASIM_CHOICE_SEED,
	                                         .seed = seed};
	struct dmasim_choice *c;

	assert_int_equal(dmasim_choice_create(&cfg, &c), DMASIM_OK);
	return c;
}

static void run_program(const struct subject *s, const struct dmasim_backend *b,
                        struct trace_hash *h)
{
	const struct prog_run_config cfg = {
	        .backend = b, .choice = seeded(s->seed), .trace = h};
	struct prog_result *r = test_malloc(sizeof(*r));
	struct prog *p = test_malloc(sizeof(*p));

	prog_generate(p, s->seed);
	prog_run(p, &cfg, r);
	dmasim_choice_destroy(cfg.choice);
	test_free(p);
	test_free(r);
}

/* With findings, so that they are part of what must not change. */
static void run_bug(const struct subject *s, const struct dmasim_backend *b,
                    struct trace_hash *h)
{
	const struct bug_run_config cfg = {
	        .backend = b, .choice = seeded(s->seed), .trace = h};
	struct bug_machine m = {0};
	char text[4096];

	assert_int_equal(bug_open(&m, s->bug, &cfg), 0);
	s->bug->run(&m, s->seed % 2);
	for (size_t i = 0; i < dmasim_finding_count(m.checker); i++) {
		dmasim_finding_text(dmasim_finding_get(m.checker, i), text,
		                    sizeof(text));
		trace_hash_text(h, text);
	}
	bug_close(&m);
	dmasim_choice_destroy(cfg.choice);
}

/* Some of its schedules, with everything that hardware may do. */
static void run_litmus(const struct subject *s, const struct dmasim_backend *b,
                       struct trace_hash *h)
{
	const struct run_config cfg = {.checker = true,
	                               .storm = 5,
	                               .shape = (unsigned)s->seed,
	                               .backend = b,
	                               .trace = trace_hash_line,
	                               .trace_ctx = h};
	struct litmus *t = test_calloc(1, sizeof(*t));
	struct run_result *r = test_calloc(1, sizeof(*r));
	char text[512];

	if (!catalogue_load(s->litmus, t, text, sizeof(text)) ||
	    !litmus_run(t, &cfg, r))
		fail_msg("%s: %s%s", s->litmus, text, r->error);
	for (size_t i = 0; i < r->outcomes.count; i++) {
		outcome_text(t, &r->outcomes.list[i], text, sizeof(text));
		trace_hash_text(h, text);
	}
	run_result_free(r);
	test_free(r);
	test_free(t);
}

static void use_disk(struct dmasim_machine *m, struct dmasim_guest *g,
                     uint64_t seed)
{
	struct dmasim_blk_drv_config cfg = {
	        .guest = g,
	};
	struct dmasim_smmu_drv *smmu = NULL;
	struct dmasim_smmu_info info;
	struct dmasim_blk_drv *d;
	uint8_t buf[8 * DMASIM_SECTOR];

	if (!dmasim_machine_smmu(m, 0, &info)) {
		const struct dmasim_smmu_drv_config sc = {.guest = g};

		assert_int_equal(dmasim_smmu_drv_create(&sc, &smmu), 0);
	}
	cfg.smmu = smmu;
	/* What these platforms are for: some of them do not work. */
	if (!dmasim_blk_drv_create(&cfg, &d)) {
		for (unsigned i = 0; i < 6; i++) {
			uint64_t sector = prog_below(&seed, 64);

			memset(buf, (int)(i + 1), sizeof(buf));
			(void)dmasim_blk_drv_write(d, sector, buf, 8);
			(void)dmasim_blk_drv_read(d, sector, buf, 8);
		}
		(void)dmasim_blk_drv_flush(d);
		(void)dmasim_blk_drv_destroy(d);
	}
	(void)dmasim_smmu_drv_destroy(smmu);
}

static void run_platform(const struct subject *s,
                         const struct dmasim_backend *b, struct trace_hash *h)
{
	const struct dmasim_choice_config choice = {.mode = DMASIM_CHOICE_SEED,
	                                            .seed = s->seed};
	struct dmasim_machine_config cfg = {.fdt = s->fdt,
	                                    .fdt_size = s->fdt_size,
	                                    .backend = b,
	                                    .trace = trace_hash_line,
	                                    .trace_ctx = h,
	                                    .choice = &choice};
	struct dmasim_guest_config gc = {0};
	struct dmasim_machine *m;
	struct dmasim_guest *g;
	struct dmasim_diag diag;

	assert_int_equal(dmasim_machine_create(&cfg, &m, &diag), DMASIM_OK);
	gc.machine = m;
	assert_int_equal(dmasim_guest_create(&gc, &g), DMASIM_OK);
	use_disk(m, g, s->seed);
	dmasim_guest_destroy(g);
	dmasim_machine_destroy(m);
}

/* ---- who must not change ---- */

#define SUBJECTS 64u

static void load_platform(struct subject *s, const char *platform)
{
	struct dmasim_diag diag;
	char path[512];

	snprintf(path, sizeof(path), "%s/platforms/%s", DMASIM_SOURCE_DIR,
	         platform);
	if (dmasim_fdt_load(path, &s->fdt, &s->fdt_size, &diag))
		fail_msg("%s", diag.text);
}

static void forget(struct subject *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(s[i].fdt);
}

static size_t subjects(struct subject s[SUBJECTS])
{
	static const struct bug *const bugs[] = {
	        &bug_firecracker_5536, &bug_nuttx_19506,
	        &bug_openamp_679,      &bug_sddf_740,
	        &bug_aros_972,         &bug_asterinas_3291,
	        &bug_firecracker_2169, &bug_cloud_hypervisor_2179};
	static const char *const platforms[] = {
	        "fvp-base-2017.dts", "kvmtool-2017.dts", "qemu-virt.dts"};
	static const char *const files[] = {"order/MP.litmus",
	                                    "order/SB.litmus",
	                                    "order/IRIW.litmus",
	                                    "alias/nc-wb-prefetch.litmus",
	                                    "alias/host-wb-guest-nc.litmus",
	                                    "device/ring.litmus",
	                                    "device/event-index.litmus",
	                                    "maintain/two-buffers.litmus",
	                                    "tables/two-levels.litmus"};
	size_t n = 0;

	for (uint64_t seed = 1; seed <= 24; seed++, n++) {
		s[n] = (struct subject){.run = run_program, .seed = seed};
		snprintf(s[n].name, sizeof(s[n].name), "program %u",
		         (unsigned)seed);
	}
	for (size_t i = 0; i < sizeof(bugs) / sizeof(*bugs); i++)
		for (uint64_t seed = 0; seed < 2; seed++, n++) {
			s[n] = (struct subject){
			        .run = run_bug, .seed = seed, .bug = bugs[i]};
			snprintf(s[n].name, sizeof(s[n].name), "%s, %s",
			         bugs[i]->name, seed ? "fixed" : "faulty");
		}
	for (uint64_t i = 0; i < sizeof(files) / sizeof(*files); i++, n++) {
		s[n] = (struct subject){.run = run_litmus,
		                        .seed = i % RUN_SHAPES,
		                        .litmus = files[i]};
		snprintf(s[n].name, sizeof(s[n].name), "%s", files[i]);
	}
	for (size_t i = 0; i < sizeof(platforms) / sizeof(*platforms); i++) {
		s[n] = (struct subject){.run = run_platform, .seed = 1};
		snprintf(s[n].name, sizeof(s[n].name), "%s", platforms[i]);
		load_platform(&s[n], platforms[i]);
		n++;
	}
	return n;
}

static struct trace_hash hash_of(const struct subject *s,
                                 const struct dmasim_backend *b)
{
	struct trace_hash h = TRACE_HASH_START;

	s->run(s, b, &h);
	assert_true(h.lines > 0);
	return h;
}

static void many_runs(const struct dmasim_backend *b, unsigned runs)
{
	struct subject s[SUBJECTS];
	size_t n = subjects(s);

	for (size_t i = 0; i < n; i++) {
		struct trace_hash first = hash_of(&s[i], b);

		for (unsigned run = 1; run < runs; run++)
			if (hash_of(&s[i], b).all != first.all)
				fail_msg("%s: run %u has another trace",
				         s[i].name, run + 1);
	}
	forget(s, n);
	print_message("%zu subjects, %u runs each on %s: the same traces\n", n,
	              runs, dmasim_backend_name(b));
}

static void a_hundred_runs(void **state)
{
	(void)state;
	many_runs(dmasim_backend_native(), 100);
}

#ifdef WITH_SYSTEMC
static void a_hundred_runs_on_systemc(void **state)
{
	(void)state;
	many_runs(dmasim_backend_systemc(), 100);
}

static void both_back_ends(void **state)
{
	struct subject s[SUBJECTS];
	size_t n = subjects(s);

	(void)state;
	for (size_t i = 0; i < n; i++)
		if (hash_of(&s[i], dmasim_backend_native()).all !=
		    hash_of(&s[i], dmasim_backend_systemc()).all)
			fail_msg("%s: the back ends have other traces",
			         s[i].name);
	forget(s, n);
}
#endif

/* Otherwise the hashes would say nothing. */
static void other_seeds_give_other_traces(void **state)
{
	struct subject a = {.run = run_program, .seed = 3};
	struct prog_run_config cfg = {0};
	struct trace_hash h = hash_of(&a, NULL), other = TRACE_HASH_START;
	struct prog_result *r = test_malloc(sizeof(*r));
	struct prog *p = test_malloc(sizeof(*p));

	(void)state;
	prog_generate(p, 3);
	cfg.choice = seeded(4);
	cfg.trace = &other;
	prog_run(p, &cfg, r);
	assert_true(h.all != other.all);
	dmasim_choice_destroy(cfg.choice);
	test_free(p);
	test_free(r);
}

static void print_golden(void)
{
	struct subject s[SUBJECTS];
	size_t n = subjects(s);

	for (size_t i = 0; i < n; i++)
		printf("%016llx %s\n",
		       (unsigned long long)hash_of(&s[i], NULL).stable,
		       s[i].name);
	forget(s, n);
}

static void as_in_every_build(void **state)
{
	struct subject s[SUBJECTS];
	size_t n = subjects(s);
	FILE *f = fopen(DMASIM_SOURCE_DIR GOLDEN, "r");
	char line[128], want[128];

	(void)state;
	assert_non_null(f);
	for (size_t i = 0; i < n; i++) {
		snprintf(want, sizeof(want), "%016llx %.63s\n",
		         (unsigned long long)hash_of(&s[i], NULL).stable,
		         s[i].name);
		assert_non_null(fgets(line, sizeof(line), f));
		if (strcmp(line, want) != 0)
			fail_msg("here:   %sgolden: %s"
			         "(after a change of the simulator: "
			         "test_determinism --print)",
			         want, line);
	}
	assert_null(fgets(line, sizeof(line), f));
	fclose(f);
	forget(s, n);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(other_seeds_give_other_traces),
	        cmocka_unit_test(as_in_every_build),
	        cmocka_unit_test(a_hundred_runs),
#ifdef WITH_SYSTEMC
	        cmocka_unit_test(both_back_ends),
	        cmocka_unit_test(a_hundred_runs_on_systemc),
#endif
	};

	if (argc > 1 && strcmp(argv[1], "--print") == 0) {
		print_golden();
		return 0;
	}
	return check_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
