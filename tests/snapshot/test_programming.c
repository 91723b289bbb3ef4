/* SPDX-License-Identifier: MIT */
/*
 * The driver's side of a replay: registers, queues, cache maintenance.
 */
#include "snapshot_internal.h"
#include "synthetic.h"

/** Without IDR0.COHACC the driver cleans and invalidates around every table
 * and queue. */
static void test_noncoherent(void **state)
{
	struct synth *s = synth_create("qemu-7.2");

	(void)state;
	synth_reg(s, "IDR0", 0x0d40100a);
	synth_check_row(s, "R", 0x1010, "-", "success pa=0x40401010 perm=0x3",
	                "-", NULL);
	synth_check_row(
	        s, "W", 0x2000,
	        synth_poke(s, SYNTH_TABLE(3) + 16, SYNTH_DATA(2) | LEAF_RO),
	        "-", synth_record_text("qemu-7.2", 0x13, true, 0x2000),
	        "CLASS 0");
	synth_destroy(s);
}

static void test_queues_of_one_entry(void **state)
{
	struct synth *s = synth_create("qemu-7.2");

	(void)state;
	synth_reg(s, "CMDQ_BASE", SYNTH_CMDQ);
	synth_reg(s, "EVENTQ_BASE", SYNTH_EVTQ);
	synth_check_row(s, "R", 0x1000, synth_poke(s, SYNTH_TABLE(3) + 8, 0),
	                "-", synth_record_text("qemu-7.2", 0x10, false, 0x1000),
	                "CLASS 0");
	synth_destroy(s);
}

/** Records that the recorded driver had not read are not the replay's. */
static void test_unread_records(void **state)
{
	struct synth *s = synth_create("qemu-10");

	(void)state;
	synth_reg(s, "EVENTQ_PROD", 0x12);
	synth_reg(s, "EVENTQ_CONS", 0x0f);
	synth_check_row(s, "R", 0x9000, "-", "-",
	                synth_record_text("qemu-10", 0x10, false, 0x9000),
	                NULL);
	synth_destroy(s);
}

static void test_wrapped_queues(void **state)
{
	struct synth *s = synth_create("qemu-10");

	(void)state;
	synth_reg(s, "CMDQ_PROD", 0x1f);
	synth_reg(s, "CMDQ_CONS", 0x1f);
	synth_reg(s, "EVENTQ_PROD", 0x1f);
	synth_reg(s, "EVENTQ_CONS", 0x1f);
	synth_check_row(s, "R", 0x1000, synth_poke(s, SYNTH_TABLE(3) + 8, 0),
	                "-", synth_record_text("qemu-10", 0x10, false, 0x1000),
	                NULL);
	synth_destroy(s);
}

static void test_command_queue_off(void **state)
{
	struct synth *s = synth_create("qemu-10");
	char row[256];
	struct replayed r;

	(void)state;
	synth_reg(s, "CR0", 0x5);
	synth_reg(s, "CR0ACK", 0x5);
	snprintf(row, sizeof(row), "X\t3\tR\t0x1000\t%s\t-\t-\tw",
	         synth_poke(s, SYNTH_TABLE(3) + 8, 0));
	synth_poke_row(s, &r, NULL, row);
	assert_int_equal(r.status, DMASIM_OK);
	assert_true(replay_says(&r, "1 skipped (the command queue was off"));
	replay_free(&r);
	synth_destroy(s);
}

/** With SMMUEN = 0 accesses pass; changed words need no commands to act. */
static void test_smmu_off(void **state)
{
	struct synth *s = synth_create("qemu-10");

	(void)state;
	synth_reg(s, "CR0", 0xc);
	synth_reg(s, "CR0ACK", 0xc);
	synth_check_row(s, "R", 0x40400000, "-", "disable addr=0x40400000", "-",
	                NULL);
	synth_destroy(s);
}

static void test_commands(void **state)
{
	struct synth *s = synth_create("qemu-10");
	struct replayed r;

	(void)state;
	synth_put(s, SYNTH_CMDQ, 0x46);
	synth_put(s, SYNTH_CMDQ + 16, 0xff);
	synth_put(s, SYNTH_CMDQ + 32, 0x30);
	synth_run_list(s, "snapshot/cmdq.txt",
	               "0x46: 0x46 0x0\n0xff: 0xff 0x0\n0x30: 0x30 0x1\n"
	               "0x46: 0x46 0x0\n",
	               &r);
	assert_int_equal(r.status, DMASIM_E_FAULT);
	assert_true(replay_says(&r, "cmdq.txt: 4 rows, 1 agree, 3 differ"));
	assert_true(replay_says(
	        &r, "line 2: an opcode that the architecture does not name"));
	assert_true(replay_says(&r, "line 3: word 1 of entry 2 in memory is"));
	replay_free(&r);
	synth_destroy(s);
}

/** CS = 3: QEMU consumes it, the architecture does not. */
static void test_refused_command(void **state)
{
	struct synth *s = synth_create("qemu-10");
	struct replayed r;

	(void)state;
	synth_put(s, SYNTH_CMDQ, 0x3046);
	synth_run_list(s, "snapshot/cmdq.txt", "0x46: 0x3046 0x0\n", &r);
	assert_int_equal(r.status, DMASIM_OK);
	replay_free(&r);
	replay_run(&r, s->dir, "arch");
	assert_int_equal(r.status, DMASIM_OK);
	assert_true(replay_says(&r, "CERROR_ILL, 7.1): 1 row: line 1"));
	replay_free(&r);
	folder_edit(s->dir, "machine.txt", "qemu-10", "arch");
	replay_run(&r, s->dir, NULL);
	assert_int_equal(r.status, DMASIM_E_FAULT);
	assert_true(replay_says(&r, "the SMMU refuses it (CMDQ_CONS.ERR 1)"));
	replay_free(&r);
	synth_destroy(s);
}

static void test_more_entries_than_the_queue_has(void **state)
{
	struct synth *s = synth_create("qemu-10");
	struct replayed r;

	(void)state;
	synth_reg(s, "EVENTQ_BASE", SYNTH_EVTQ);
	synth_run_list(s, "snapshot/eventq.txt",
	               "# none\n0x00: 0 0 0 0\n0x00: 0 0 0 0\n", &r);
	assert_int_equal(r.status, DMASIM_E_FAULT);
	assert_true(replay_says(&r, "the queue has 1 entries"));
	assert_true(replay_says(&r, "a record that the architecture"));
	replay_free(&r);
	synth_destroy(s);
}

static void test_registers_that_differ(void **state)
{
	struct synth *s = synth_create("qemu-10");
	struct replayed r;

	(void)state;
	synth_reg(s, "CR0ACK", 0xf);
	synth_reg(s, "GERROR", 0x4);
	synth_reg(s, "IDR3", 0x1405);
	synth_write(s);
	replay_run(&r, s->dir, NULL);
	assert_int_equal(r.status, DMASIM_E_FAULT);
	assert_true(replay_says(&r, "regs.txt: 19 rows, 15 agree, 3 differ"));
	assert_true(replay_says(&r, "CR0ACK: recorded 0xf; here 0xd"));
	assert_true(replay_says(&r, "GERROR: recorded 0x4; here 0x0"));
	assert_true(replay_says(&r, "1 skipped (identification:"));
	replay_free(&r);
	synth_destroy(s);
}

/** A bit of CR0 that the model lacks is a difference, not an endless wait. */
static void test_cr0_of_another_model(void **state)
{
	struct synth *s = synth_create("qemu-10");
	struct replayed r;

	(void)state;
	synth_reg(s, "CR0", 0x8000000d);
	synth_write(s);
	replay_run(&r, s->dir, NULL);
	assert_int_equal(r.status, DMASIM_E_FAULT);
	assert_true(replay_says(&r, "CR0: recorded 0x8000000d; here 0x"));
	replay_free(&r);
	synth_destroy(s);
}

static void test_poll_gives_up(void **state)
{
	static const struct dmasim_replay_options none;
	struct synth *s = synth_create("qemu-10");
	struct recording *recording;
	struct snap_machine *m;
	struct snap_setup setup = {.profile = DMASIM_SMMU_QEMU_10,
	                           .opt = &none};

	(void)state;
	synth_write(s);
	assert_int_equal(recording_load(s->dir, &recording, NULL), 0);
	setup.recording = recording;
	setup.snapshot = &recording->cases_[0].snapshot[0];
	assert_int_equal(snap_machine_create(&setup, &m, NULL), 0);
	assert_int_equal(snap_reg_poll(m, 0x18, 1, 1), DMASIM_E_TIMEOUT);
	snap_machine_destroy(m);
	recording_free(recording);
	synth_destroy(s);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noncoherent),
        cmocka_unit_test(test_queues_of_one_entry),
        cmocka_unit_test(test_unread_records),
        cmocka_unit_test(test_wrapped_queues),
        cmocka_unit_test(test_command_queue_off),
        cmocka_unit_test(test_smmu_off),
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_refused_command),
        cmocka_unit_test(test_more_entries_than_the_queue_has),
        cmocka_unit_test(test_registers_that_differ),
        cmocka_unit_test(test_cr0_of_another_model),
        cmocka_unit_test(test_poll_gives_up),
};

CHECK_MAIN(tests)
