/* SPDX-License-Identifier: MIT */
/*
 * Every allocation and every access of the driver's side fails once: the
 * replay ends with that error and frees all it has.
 */
#include "fail_alloc.h"
#include "synthetic.h"

#include "dmasim/cpu.h"
#include "dmasim/pci.h"

/** Accesses: how many were made, and which one fails (0: none). */
static struct {
	size_t made, failing;
	int error;
} inject;

#define ACCESS_FAILS (++inject.made == inject.failing)

int __real_dmasim_cpu_get(struct dmasim_cpu *cpu, uint64_t va, uint32_t size,
                          uint64_t *value, struct dmasim_origin origin);
int __wrap_dmasim_cpu_get(struct dmasim_cpu *cpu, uint64_t va, uint32_t size,
                          uint64_t *value, struct dmasim_origin origin);
int __real_dmasim_cpu_put(struct dmasim_cpu *cpu, uint64_t va, uint32_t size,
                          uint64_t value, struct dmasim_origin origin);
int __wrap_dmasim_cpu_put(struct dmasim_cpu *cpu, uint64_t va, uint32_t size,
                          uint64_t value, struct dmasim_origin origin);
int __real_dmasim_cpu_read(struct dmasim_cpu *cpu, uint64_t va, void *buf,
                           uint32_t size, struct dmasim_origin origin);
int __wrap_dmasim_cpu_read(struct dmasim_cpu *cpu, uint64_t va, void *buf,
                           uint32_t size, struct dmasim_origin origin);
int __real_dmasim_cpu_maintain(struct dmasim_cpu *cpu, enum dmasim_op op,
                               uint64_t va, uint64_t size,
                               struct dmasim_origin origin);
int __wrap_dmasim_cpu_maintain(struct dmasim_cpu *cpu, enum dmasim_op op,
                               uint64_t va, uint64_t size,
                               struct dmasim_origin origin);
int __real_dmasim_cpu_barrier(struct dmasim_cpu *cpu, enum dmasim_barrier kind,
                              struct dmasim_origin origin);
int __wrap_dmasim_cpu_barrier(struct dmasim_cpu *cpu, enum dmasim_barrier kind,
                              struct dmasim_origin origin);
int __real_dmasim_testdev_dma(struct dmasim_testdev *t,
                              const struct dmasim_testdev_access *a,
                              enum dmasim_result *result, uint64_t *latency);
int __wrap_dmasim_testdev_dma(struct dmasim_testdev *t,
                              const struct dmasim_testdev_access *a,
                              enum dmasim_result *result, uint64_t *latency);

int __wrap_dmasim_cpu_get(struct dmasim_cpu *cpu, uint64_t va, uint32_t size,
                          uint64_t *value, struct dmasim_origin origin)
{
	if (ACCESS_FAILS)
		return inject.error;
	return __real_dmasim_cpu_get(cpu, va, size, value, origin);
}

int __wrap_dmasim_cpu_put(struct dmasim_cpu *cpu, uint64_t va, uint32_t size,
                          uint64_t value, struct dmasim_origin origin)
{
	if (ACCESS_FAILS)
		return inject.error;
	return __real_dmasim_cpu_put(cpu, va, size, value, origin);
}

int __wrap_dmasim_cpu_read(struct dmasim_cpu *cpu, uint64_t va, void *buf,
                           uint32_t size, struct dmasim_origin origin)
{
	if (ACCESS_FAILS)
		return inject.error;
	return __real_dmasim_cpu_read(cpu, va, buf, size, origin);
}

int __wrap_dmasim_cpu_maintain(struct dmasim_cpu *cpu, enum dmasim_op op,
                               uint64_t va, uint64_t size,
                               struct dmasim_origin origin)
{
	if (ACCESS_FAILS)
		return inject.error;
	return __real_dmasim_cpu_maintain(cpu, op, va, size, origin);
}

int __wrap_dmasim_cpu_barrier(struct dmasim_cpu *cpu, enum dmasim_barrier kind,
                              struct dmasim_origin origin)
{
	if (ACCESS_FAILS)
		return inject.error;
	return __real_dmasim_cpu_barrier(cpu, kind, origin);
}

int __wrap_dmasim_testdev_dma(struct dmasim_testdev *t,
                              const struct dmasim_testdev_access *a,
                              enum dmasim_result *result, uint64_t *latency)
{
	if (ACCESS_FAILS)
		return inject.error;
	return __real_dmasim_testdev_dma(t, a, result, latency);
}

/** A case with a row of every kind; the SMMU is not coherent. */
static struct synth *all_kinds(void)
{
	struct synth *s = synth_create("qemu-7.2");
	char list[512];

	synth_reg(s, "IDR0", 0x0d40100a);
	synth_write(s);
	folder_write_text(s->dir, "snapshot/translations.tsv",
	                  "3\t0x1000\t0x40401000\t3\t9\tyes\n");
	folder_write_text(s->dir, "snapshot/mappings.tsv",
	                  "3\t9\t1\t0x6000\t0x1000\t0x40406000\t3\t"
	                  "0x404067c3\t0x40123030\n");
	folder_write_text(s->dir, "snapshot/cmdq.txt", "# none\n");
	folder_write_text(s->dir, "snapshot/eventq.txt", "# none\n");
	folder_write_text(s->dir, "snapshot/vrings.txt",
	                  "p\tn\tsid 3\tq0\tdesc\t0x2000\t16\tpa "
	                  "0x40402000\n");
	folder_write_text(s->dir, "probes.tsv",
	                  "3\tW\t0x1000\tpa 0x40401000 perm 3\n"
	                  "3\tR\t0x9000\t0x0000000300000010 "
	                  "0x0000000800000000 0x9000 0\n");
	snprintf(list, sizeof(list),
	         "X\t3\tR\t0x1000\t%s\t-\t0x0000000300000010 "
	         "0x0000000800000000 0x1000 0\tw\n",
	         synth_poke(s, SYNTH_TABLE(3) + 8, 0));
	folder_write_text(s->dir, "pagetable-faults.tsv", list);
	snprintf(list, sizeof(list),
	         "Y\t3\tR\t0x1000\t%s\t-\t0x000000030000000a 0 0 0\tw\n",
	         synth_poke(s, SYNTH_CD, 0));
	folder_write_text(s->dir, "config-faults.tsv", list);
	snprintf(list, sizeof(list),
	         "K\t3\t-\t%s\t0x0000000300000010 0x0000000800000000 0x1000 "
	         "0\tsnapshot\tw\n",
	         synth_poke(s, SYNTH_TABLE(3) + 8, 0));
	folder_write_text(s->dir, "driver-faults.tsv", list);
	folder_write_text(s->dir, "faults.tsv",
	                  "C\te\t3\ter 0x9000 4\tR\t0x0000000300000010 "
	                  "0x0000000800000000 0x9000 0 ; 0x0000000300000010 "
	                  "0x0000000800000000 0x9004 0\n");
	folder_write_text(s->dir, "other.tsv", "1\n");
	return s;
}

static int run_once(const char *dir, struct dmasim_diag *diag)
{
	return dmasim_replay_snapshot(dir, NULL, NULL, NULL, NULL, diag);
}

static void test_nothing_fails(void **state)
{
	struct synth *s = all_kinds();
	struct replayed r;

	(void)state;
	replay_run(&r, s->dir, NULL);
	if (r.status != DMASIM_OK)
		fail_msg("%s%s", r.report, r.diag.text);
	replay_free(&r);
	synth_destroy(s);
}

static void test_each_allocation(void **state)
{
	struct synth *s = all_kinds();
	int total = 0, out_of_memory = 0;

	(void)state;
	for (;;) {
		int status;

		fail_alloc_hit = false;
		fail_alloc_after = total;
		status = run_once(s->dir, NULL);
		fail_alloc_after = -1;
		if (!fail_alloc_hit)
			break;
		total++;
		out_of_memory += status == DMASIM_E_NOMEM;
	}
	/* The others are in the running machine: it loses an optional thing,
	 * stops with an error, or aborts the access, which then differs. */
	assert_true(total > 100);
	assert_true(out_of_memory > total * 9 / 10);
	synth_destroy(s);
}

static void check_each_access(int error, int wanted)
{
	struct synth *s = all_kinds();
	struct dmasim_diag diag;
	size_t total;

	inject.made = 0;
	assert_int_equal(run_once(s->dir, NULL), DMASIM_OK);
	total = inject.made;
	assert_true(total > 1000);
	inject.error = error;
	for (size_t n = 1; n <= total; n++) {
		int status;

		inject.made = 0;
		inject.failing = n;
		status = run_once(s->dir, &diag);
		inject.failing = 0;
		if (status != wanted)
			fail_msg("access %zu: status %d", n, status);
	}
	synth_destroy(s);
}

static void test_each_access(void **state)
{
	(void)state;
	check_each_access(DMASIM_E_CANCELED, DMASIM_E_CANCELED);
}

/** A bus error of the driver's own is no difference in the recording. */
static void test_bus_error(void **state)
{
	struct synth *s = all_kinds();

	(void)state;
	inject.error = DMASIM_E_FAULT;
	inject.made = 0;
	inject.failing = 1;
	assert_int_equal(run_once(s->dir, NULL), DMASIM_E_STATE);
	inject.failing = 0;
	synth_destroy(s);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_fails),
        cmocka_unit_test(test_each_allocation),
        cmocka_unit_test(test_each_access),
        cmocka_unit_test(test_bus_error),
};

CHECK_MAIN(tests)
