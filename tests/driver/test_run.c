/* SPDX-License-Identifier: MIT */
/* The same run twice, on both back ends, inside a process and outside. */
#include "blk_rig.h"

#include <stdlib.h>

#ifdef TEST_SYSTEMC
#include "dmasim/systemc.h"
#endif

/** What a run leaves: log, trace, findings and the time it ended. */
struct outcome {
	char *text;
	uint64_t end;
};

struct job {
	struct disk d;
	struct dmasim_blk_drv_config cfg;
	int rc;
};

/** Probe and some requests; stops at the first error. */
static void work(void *arg)
{
	struct job *j = arg;
	uint8_t out[1024], in[1024];

	j->rc = dmasim_blk_drv_create(&j->cfg, &j->d.blk);
	for (unsigned i = 0; i < 6 && !j->rc; i++) {
		rig_pattern(out, sizeof(out), i);
		j->rc = dmasim_blk_drv_write(j->d.blk, i * 3, out, 2);
		if (!j->rc)
			j->rc = dmasim_blk_drv_read(j->d.blk, i * 3, in, 2);
		if (!j->rc && memcmp(in, out, sizeof(in)))
			j->rc = 1;
	}
	if (!j->rc)
		j->rc = dmasim_blk_drv_flush(j->d.blk);
}

static struct outcome finish(struct job *j)
{
	const struct dmasim_checker *c = dmasim_machine_checker(j->d.r.m);
	struct outcome o = {.end = dmasim_now(j->d.r.k)};
	size_t size = j->d.r.log.size + j->d.r.trace.size +
	              4096 * dmasim_finding_count(c) + 2;

	o.text = calloc(1, size);
	assert_non_null(o.text);
	strcat(o.text, j->d.r.log.text);
	strcat(o.text, j->d.r.trace.text);
	for (size_t i = 0; i < dmasim_finding_count(c); i++) {
		char text[4096];

		dmasim_finding_text(dmasim_finding_get(c, i), text,
		                    sizeof(text));
		strcat(o.text, text);
	}
	close_disk(&j->d);
	return o;
}

static struct outcome run(const struct rig_options *o, size_t disk, int expect)
{
	struct job j = {.rc = 1};

	rig_open(&j.d.r, o);
	j.cfg = (struct dmasim_blk_drv_config){
	        .guest = j.d.r.g, .smmu = j.d.r.smmu, .disk = disk};
	work(&j);
	assert_int_equal(j.rc, expect);
	return finish(&j);
}

static void same(struct outcome a, struct outcome b)
{
	assert_int_equal(a.end, b.end);
	assert_string_equal(a.text, b.text);
	assert_true(strlen(a.text) > 100);
	free(a.text);
	free(b.text);
}

static void two_runs_are_the_same_bytes(void **state)
{
	const struct rig_options board = {0};
	const struct rig_options kvmtool = {.tree = RIG_KVMTOOL};

	(void)state;
	for (size_t disk = 0; disk < 5; disk++)
		same(run(&board, disk, 0), run(&board, disk, 0));
	same(run(&kvmtool, 0, DMASIM_E_HANG), run(&kvmtool, 0, DMASIM_E_HANG));
}

static void two_seeds_repeat_themselves(void **state)
{
	(void)state;
	for (uint64_t seed = 3; seed < 6; seed++) {
		const struct dmasim_choice_config choice = {
		        .mode = DMASIM_CHOICE_SEED, .seed = seed};
		const struct rig_options o = {.choice = &choice};

		same(run(&o, BOARD_PCI, 0), run(&o, BOARD_PCI, 0));
	}
}

/* All of the driver's work in a process of the kernel. */
static struct outcome run_process(const struct rig_options *o, size_t disk,
                                  int expect)
{
	struct job j = {.rc = 1};
	struct dmasim_proc_config proc = {
	        .name = "driver", .fn = work, .arg = &j};

	rig_open(&j.d.r, o);
	j.cfg = (struct dmasim_blk_drv_config){
	        .guest = j.d.r.g, .smmu = j.d.r.smmu, .disk = disk};
	assert_int_equal(dmasim_spawn(j.d.r.k, &proc, NULL), DMASIM_OK);
	assert_int_equal(dmasim_run_idle(j.d.r.k, 20 * DMASIM_SEC), DMASIM_OK);
	assert_int_equal(dmasim_live_processes(j.d.r.k), 0);
	assert_int_equal(j.rc, expect);
	return finish(&j);
}

static void a_process_may_drive(void **state)
{
	const struct rig_options kvmtool = {.tree = RIG_KVMTOOL};
	struct outcome o;

	(void)state;
	for (size_t disk = 0; disk < 5; disk++)
		same(run_process(&(struct rig_options){0}, disk, 0),
		     run_process(&(struct rig_options){0}, disk, 0));
	/* In a process a hang is the timeout of one second. */
	o = run_process(&kvmtool, 0, DMASIM_E_HANG);
	assert_true(o.end > DMASIM_SEC);
	assert_non_null(strstr(o.text, "no answer in time"));
	free(o.text);
}

#ifdef TEST_SYSTEMC
static void both_back_ends_are_the_same_bytes(void **state)
{
	const struct dmasim_backend *sc = dmasim_backend_systemc();

	(void)state;
	for (size_t disk = 0; disk < 5; disk++) {
		same(run(&(struct rig_options){0}, disk, 0),
		     run(&(struct rig_options){.backend = sc}, disk, 0));
		same(run_process(&(struct rig_options){0}, disk, 0),
		     run_process(&(struct rig_options){.backend = sc}, disk,
		                 0));
	}
	same(run(&(struct rig_options){.tree = RIG_KVMTOOL}, 0, DMASIM_E_HANG),
	     run(&(struct rig_options){.tree = RIG_KVMTOOL, .backend = sc}, 0,
	         DMASIM_E_HANG));
}
#endif

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_runs_are_the_same_bytes),
        cmocka_unit_test(two_seeds_repeat_themselves),
        cmocka_unit_test(a_process_may_drive),
#ifdef TEST_SYSTEMC
        cmocka_unit_test(both_back_ends_are_the_same_bytes),
#endif
};
CHECK_MAIN(tests)
