/* SPDX-License-Identifier: MIT */
/* Stalled transactions: held, recorded, resumed and terminated. */
#include "clients.h"

#include "smmuv3_internal.h"

#define SID   5u
#define OTHER 6u
#define VA    0x12345000ull
#define PA    (RIG_DATA + 0x7000)
#define CD_S  (1ull << 44)
#define CD_R  (1ull << 45)
#define CD_A  (1ull << 46)

#define FIRST_FAULT(stag) EV_IN | EV_READ | EV_STALLED(stag)

/* A stream that stalls, with nothing mapped. */
static uint64_t stalling(struct rig *r, uint32_t sid, struct tables_half *h)
{
	uint64_t cd = rig_stream(r, sid, (uint16_t)sid, h);

	tables_set(&r->t, cd, tables_get(&r->t, cd) | CD_S);
	return cd;
}

static void map(struct rig *r, struct tables_half *h, uint64_t va)
{
	tables_map(&r->t, h, va, PA + (va - VA), 3, LEAF_RW);
}

static enum dmasim_result read4(struct clients *cs, unsigned i)
{
	return client_access(cs, i, DMASIM_READ, SID, VA + 0x1000 * i, 4);
}

static void stats(struct rig *r, struct dmasim_smmu_stats *st)
{
	dmasim_smmu_get_stats(r->smmu, st);
}

/* ---- retry, abort, RAZ/WI ---- */

STALL_TEST(a_fault_stalls_and_is_retried, STALL_IDS)
{
	struct dmasim_smmu_stats st;
	struct tables_half h;

	stalling(r, SID, &h);
	tables_set(&r->t, PA, 0x1122334455667788);
	assert_int_equal(read4(cs, 0), DMASIM_TXN_PENDING);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(0), VA, 0);
	map(r, &h, VA);
	rig_settle(r);
	/* Not by itself. */
	assert_true(client_waits(cs, 0));
	rig_cmd(r, cmd_resume(SID, 0, RESUME_RETRY));
	client_ended(cs, 0, DMASIM_TXN_OK);
	assert_int_equal(cs->c[0].data[0], 0x88);
	assert_int_equal(cs->c[0].data[3], 0x55);
	rig_expect_none(r);
	stats(r, &st);
	assert_int_equal(st.stalls, 1);
	assert_int_equal(st.records, 1);
}

STALL_TEST(retry_may_stall_again_with_another_tag, STALL_IDS)
{
	struct tables_half h;

	stalling(r, SID, &h);
	read4(cs, 0);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(0), VA, 0);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW & ~LEAF_AF);
	rig_cmd(r, cmd_resume(SID, 0, RESUME_RETRY));
	assert_true(client_waits(cs, 0));
	rig_expect(r, EV(0x12, SID), FIRST_FAULT(1), VA, 0);
	/* The first tag is nobody's. */
	map(r, &h, VA);
	rig_cmd(r, cmd_resume(SID, 0, RESUME_RETRY));
	assert_true(client_waits(cs, 0));
	rig_cmd(r, cmd_resume(SID, 1, RESUME_RETRY));
	client_ended(cs, 0, DMASIM_TXN_OK);
}

STALL_TEST(resume_terminates_with_an_abort, STALL_IDS)
{
	struct tables_half h;

	stalling(r, SID, &h);
	read4(cs, 0);
	rig_cmd(r, cmd_resume(SID, 0, RESUME_ABORT));
	client_ended(cs, 0, DMASIM_TXN_ABORT);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(0), VA, 0);
}

STALL_TEST(resume_terminates_as_raz_wi, STALL_IDS)
{
	struct tables_half h;

	stalling(r, SID, &h);
	tables_set(&r->t, PA + 0x1000, 0x5555);
	memset(cs->c[0].data, 0xaa, 8);
	memset(cs->c[1].data, 0xaa, 8);
	read4(cs, 0);
	client_access(cs, 1, DMASIM_WRITE, SID, VA + 0x1000, 4);
	rig_cmd(r, cmd_resume(SID, 0, RESUME_RAZ_WI));
	rig_cmd(r, cmd_resume(SID, 1, RESUME_RAZ_WI));
	client_ended(cs, 0, DMASIM_TXN_OK);
	client_ended(cs, 1, DMASIM_TXN_OK);
	assert_int_equal(cs->c[0].data[0], 0);
	assert_int_equal(cs->c[0].data[3], 0);
	assert_int_equal(cs->c[0].data[4], 0xaa);
	assert_int_equal(cs->c[1].data[0], 0xaa);
	assert_int_equal(tables_get(&r->t, PA + 0x1000), 0x5555);
}

/* TERM_MODEL 1: Ab is not looked at. */
STALL_TEST(term_model_1_always_aborts, .idr_clear = {3u << 24},
           .idr_set = {[5] = 4u << 16})
{
	struct tables_half h;

	stalling(r, SID, &h);
	read4(cs, 0);
	rig_cmd(r, cmd_resume(SID, 0, RESUME_RAZ_WI));
	client_ended(cs, 0, DMASIM_TXN_ABORT);
}

/* CD.A and CD.R do not matter (5.5). */
STALL_TEST(s_ignores_a_and_r, STALL_IDS)
{
	struct tables_half h;
	uint64_t cd = stalling(r, SID, &h);

	tables_set(&r->t, cd, tables_get(&r->t, cd) & ~(CD_A | CD_R));
	assert_int_equal(read4(cs, 0), DMASIM_TXN_PENDING);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(0), VA, 0);
	rig_cmd(r, cmd_resume(SID, 0, RESUME_ABORT));
	client_ended(cs, 0, DMASIM_TXN_ABORT);
}

/* A retry sees the configuration of now: it may terminate (3.12.2). */
STALL_TEST(retry_under_a_terminating_configuration, STALL_IDS)
{
	struct tables_half h;
	uint64_t cd = stalling(r, SID, &h);

	read4(cs, 0);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(0), VA, 0);
	tables_set(&r->t, cd, tables_get(&r->t, cd) & ~CD_S);
	rig_cmd(r, cmd_cfgi_cd(SID, 0));
	rig_cmd(r, cmd_sync(0));
	rig_cmd(r, cmd_resume(SID, 0, RESUME_RETRY));
	client_ended(cs, 0, DMASIM_TXN_ABORT);
	rig_expect(r, EV(0x10, SID), EV_IN | EV_READ, VA, 0);
}

/* Only the four translation faults stall. */
STALL_TEST(other_faults_are_terminated, STALL_IDS)
{
	struct tables_half h;
	uint64_t at;

	stalling(r, SID, &h);
	map(r, &h, VA);
	at = tables_descriptor(&r->t, &h, VA, 3);
	r->refuse_from = at;
	r->refuse_to = at + 8;
	assert_int_equal(read4(cs, 0), DMASIM_TXN_ABORT);
	rig_expect(r, EV(0x0b, SID), EV_TT | EV_READ, VA, at);
}

/* ---- which transaction ---- */

STALL_TEST(stream_and_tag_have_to_match, STALL_IDS)
{
	struct tables_half h, h2;

	stalling(r, SID, &h);
	stalling(r, OTHER, &h2);
	read4(cs, 0);
	client_access(cs, 1, DMASIM_READ, OTHER, VA, 4);
	rig_cmd(r, cmd_resume(OTHER, 0, RESUME_ABORT));
	rig_cmd(r, cmd_resume(SID, 1, RESUME_ABORT));
	rig_cmd(r, cmd_resume(SID, 2, RESUME_ABORT));
	rig_cmd(r, cmd_resume(SID, 0xffff, RESUME_ABORT));
	rig_cmd(r, cmd_resume(7, 0, RESUME_ABORT));
	assert_int_equal(rig_r32(r, GERROR), 0);
	assert_true(client_waits(cs, 0));
	assert_true(client_waits(cs, 1));
	rig_cmd(r, cmd_resume(OTHER, 1, RESUME_ABORT));
	client_ended(cs, 1, DMASIM_TXN_ABORT);
	assert_true(client_waits(cs, 0));
	rig_cmd(r, cmd_resume(SID, 0, RESUME_ABORT));
	client_ended(cs, 0, DMASIM_TXN_ABORT);
}

/* In any order; others pass (3.12.2). */
STALL_TEST(transactions_are_independent, STALL_IDS)
{
	struct tables_half h;

	stalling(r, SID, &h);
	map(r, &h, VA + 0x3000);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(read4(cs, i), DMASIM_TXN_PENDING);
	assert_int_equal(read4(cs, 3), DMASIM_TXN_OK);
	for (unsigned i = 0; i < 3; i++)
		map(r, &h, VA + 0x1000 * i);
	rig_cmd(r, cmd_resume(SID, 2, RESUME_RETRY));
	client_ended(cs, 2, DMASIM_TXN_OK);
	rig_cmd(r, cmd_resume(SID, 0, RESUME_RETRY));
	client_ended(cs, 0, DMASIM_TXN_OK);
	assert_true(client_waits(cs, 1));
	rig_cmd(r, cmd_resume(SID, 1, RESUME_RETRY));
	client_ended(cs, 1, DMASIM_TXN_OK);
}

/* A tag comes back only after the others. */
STALL_TEST(tags_are_used_in_turn, STALL_IDS)
{
	struct tables_half h;
	uint64_t record[4];

	stalling(r, SID, &h);
	for (unsigned i = 0; i < 9; i++) {
		read4(cs, 0);
		assert_true(rig_event(r, record));
		assert_int_equal(record[1], FIRST_FAULT(i % 4));
		rig_cmd(r, cmd_resume(SID, (uint16_t)(i % 4), RESUME_ABORT));
		client_ended(cs, 0, DMASIM_TXN_ABORT);
	}
}

/* ---- more than STALL_MAX ---- */

STALL_TEST(beyond_stall_max_they_wait_in_line, STALL_IDS)
{
	struct tables_half h;
	uint64_t record[4];

	stalling(r, SID, &h);
	for (unsigned i = 0; i < 7; i++)
		assert_int_equal(read4(cs, i), DMASIM_TXN_PENDING);
	for (unsigned i = 0; i < 4; i++) {
		assert_true(rig_event(r, record));
		assert_int_equal(record[2], VA + 0x1000 * i);
	}
	rig_expect_none(r);
	/* As one frees its tag, the oldest that waits arrives. */
	rig_cmd(r, cmd_resume(SID, 2, RESUME_ABORT));
	client_ended(cs, 2, DMASIM_TXN_ABORT);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(2), VA + 0x4000, 0);
	map(r, &h, VA + 0x5000);
	rig_cmd(r, cmd_resume(SID, 0, RESUME_ABORT));
	/* That one succeeds, and leaves the tag to the next. */
	client_ended(cs, 5, DMASIM_TXN_OK);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(0), VA + 0x6000, 0);
	assert_true(client_waits(cs, 6));
}

/* ---- STALL_TERM, SMMUEN ---- */

STALL_TEST(stall_term_ends_all_of_a_stream, STALL_IDS)
{
	struct tables_half h, h2;

	stalling(r, SID, &h);
	stalling(r, OTHER, &h2);
	read4(cs, 0);
	client_access(cs, 8, DMASIM_READ, OTHER, VA, 4);
	read4(cs, 1);
	read4(cs, 2);
	/* Those that wait for a tag, too. */
	read4(cs, 3);
	rig_cmd(r, cmd_stall_term(SID));
	for (unsigned i = 0; i < 4; i++)
		client_ended(cs, i, DMASIM_TXN_ABORT);
	assert_true(client_waits(cs, 8));
	/* It is no error without any. */
	rig_cmd(r, cmd_stall_term(SID));
	assert_int_equal(rig_r32(r, GERROR), 0);
	rig_cmd(r, cmd_resume(OTHER, 1, RESUME_ABORT));
	client_ended(cs, 8, DMASIM_TXN_ABORT);
}

STALL_TEST(smmuen_off_aborts_them, STALL_IDS)
{
	struct tables_half h;

	stalling(r, SID, &h);
	for (unsigned i = 0; i < 6; i++)
		read4(cs, i);
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	rig_settle(r);
	for (unsigned i = 0; i < 6; i++)
		client_ended(cs, i, DMASIM_TXN_ABORT);
	/* Tags are free again. */
	rig_w32(r, CR0, EN_ALL);
	for (unsigned i = 0; i < 4; i++) {
		uint64_t record[4];

		assert_true(rig_event(r, record));
	}
	rig_expect_none(r);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(read4(cs, i), DMASIM_TXN_PENDING);
}

/* A retry that has not happened yet ends with SMMUEN as well. */
STALL_TEST(smmuen_off_overtakes_a_retry, STALL_IDS)
{
	struct tables_half h;
	struct tables_cmd c = cmd_resume(SID, 0, RESUME_RETRY);

	stalling(r, SID, &h);
	read4(cs, 0);
	map(r, &h, VA);
	if (r->pend)
		return;
	tables_set(&r->t, r->cmdq, c.d0);
	tables_set(&r->t, r->cmdq + 8, c.d1);
	rig_w32(r, CMDQ_PROD, 1);
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	rig_settle(r);
	client_ended(cs, 0, DMASIM_TXN_ABORT);
}

/* ---- across pages ---- */

STALL_TEST(a_read_stalls_in_the_middle, STALL_IDS)
{
	struct tables_half h;

	stalling(r, SID, &h);
	map(r, &h, VA);
	tables_set(&r->t, PA + 0xff8, 0x1111111111111111);
	tables_set(&r->t, PA + 0x1000, 0x2222222222222222);
	assert_int_equal(client_access(cs, 0, DMASIM_READ, SID, VA + 0xff8, 16),
	                 DMASIM_TXN_PENDING);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(0), VA + 0x1000, 0);
	/* The transaction is as its client gave it. */
	assert_int_equal(cs->c[0].t.addr, VA + 0xff8);
	assert_int_equal(cs->c[0].t.size, 16);
	map(r, &h, VA + 0x1000);
	r->logged = 0;
	rig_cmd(r, cmd_resume(SID, 0, RESUME_RETRY));
	client_ended(cs, 0, DMASIM_TXN_OK);
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(cs->c[0].data[i], i < 8 ? 0x11 : 0x22);
	/* The first part is not done twice. */
	assert_int_equal(rig_count(r, DMASIM_CAUSE_DMA), 1);
}

STALL_TEST(raz_wi_in_the_middle_keeps_what_was_read, STALL_IDS)
{
	struct tables_half h;

	stalling(r, SID, &h);
	map(r, &h, VA);
	tables_set(&r->t, PA + 0xff8, 0x1111111111111111);
	memset(cs->c[0].data, 0xaa, 16);
	client_access(cs, 0, DMASIM_READ, SID, VA + 0xff8, 16);
	rig_cmd(r, cmd_resume(SID, 0, RESUME_RAZ_WI));
	client_ended(cs, 0, DMASIM_TXN_OK);
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(cs->c[0].data[i], i < 8 ? 0x11 : 0);
}

/* ---- who cannot stall ---- */

RIG_TEST(a_client_that_cannot_wait_is_aborted, STALL_IDS)
{
	struct tables_half h;

	stalling(r, SID, &h);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_ABORT);
	rig_expect(r, EV(0x10, SID), EV_IN | EV_READ, VA, 0);
	assert_non_null(strstr(r->warnings, "stall-impossible"));
}

/* Aborted whatever A is, and recorded whatever R is. */
RIG_TEST(and_so_without_a_and_r, STALL_IDS)
{
	struct tables_half h;
	uint64_t cd = stalling(r, SID, &h);

	tables_set(&r->t, cd, tables_get(&r->t, cd) & ~(CD_A | CD_R));
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_ABORT);
	rig_expect(r, EV(0x10, SID), EV_IN | EV_READ, VA, 0);
}

RIG_TEST(a_look_does_not_stall, STALL_IDS)
{
	struct tables_half h;

	stalling(r, SID, &h);
	assert_int_equal(
	        rig_dma_flags(r, DMASIM_READ, SID, VA, DMASIM_TXN_DEBUG),
	        DMASIM_TXN_ABORT);
	rig_expect_none(r);
	assert_null(strstr(r->warnings, "stall-impossible"));
}

/* ---- STALL_MODEL ---- */

RIG_TEST(without_the_model_commands_are_unknown, 0)
{
	rig_cmd(r, cmd_resume(SID, 0, RESUME_ABORT));
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1u << 24);
	rig_w32(r, CMDQ_PROD, 0);
	rig_w32(r, GERRORN, 1);
	rig_cmd(r, cmd_stall_term(SID));
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1u << 24);
	assert_int_equal(rig_r32(r, GERROR) ^ rig_r32(r, GERRORN), 1);
}

RIG_TEST(the_nonsecure_queue_has_no_ssec, STALL_IDS)
{
	struct tables_cmd c = cmd_resume(SID, 0, RESUME_ABORT);

	c.d0 |= SSEC;
	rig_cmd(r, c);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1u << 24);
	rig_w32(r, CMDQ_PROD, 0);
	rig_w32(r, GERRORN, 1);
	c = cmd_stall_term(SID);
	c.d0 |= SSEC;
	rig_cmd(r, c);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1u << 24);
}

/* STALL_MODEL 2: a CD has to have S. */
STALL_TEST(the_stall_model_alone, .idr_clear = {7u << 24},
           .idr_set = {2u << 24, [5] = 1u << 16})
{
	struct tables_half h;
	uint64_t cd = stalling(r, SID, &h);

	assert_int_equal(read4(cs, 0), DMASIM_TXN_PENDING);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(0), VA, 0);
	rig_cmd(r, cmd_resume(SID, 0, RESUME_ABORT));
	client_ended(cs, 0, DMASIM_TXN_ABORT);
	tables_set(&r->t, cd, tables_get(&r->t, cd) & ~CD_S);
	rig_flush(r);
	assert_int_equal(read4(cs, 0), DMASIM_TXN_ABORT);
	rig_expect(r, EV(0x0a, SID), 0, 0, 0);
}

/* STALL_MAX 0 although stalls are shown: one at a time. */
STALL_TEST(stall_max_0_is_1, .idr_clear = {7u << 24})
{
	struct tables_half h;

	stalling(r, SID, &h);
	read4(cs, 0);
	read4(cs, 1);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(0), VA, 0);
	rig_cmd(r, cmd_resume(SID, 0, RESUME_ABORT));
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(0), VA + 0x1000, 0);
}

static const struct CMUnitTest tests[] = {
        STALL_CASE(a_fault_stalls_and_is_retried),
        STALL_CASE(retry_may_stall_again_with_another_tag),
        STALL_CASE(resume_terminates_with_an_abort),
        STALL_CASE(resume_terminates_as_raz_wi),
        STALL_CASE(term_model_1_always_aborts),
        STALL_CASE(s_ignores_a_and_r),
        STALL_CASE(retry_under_a_terminating_configuration),
        STALL_CASE(other_faults_are_terminated),
        STALL_CASE(stream_and_tag_have_to_match),
        STALL_CASE(transactions_are_independent),
        STALL_CASE(tags_are_used_in_turn),
        STALL_CASE(beyond_stall_max_they_wait_in_line),
        STALL_CASE(stall_term_ends_all_of_a_stream),
        STALL_CASE(smmuen_off_aborts_them),
        STALL_CASE(smmuen_off_overtakes_a_retry),
        STALL_CASE(a_read_stalls_in_the_middle),
        STALL_CASE(raz_wi_in_the_middle_keeps_what_was_read),
        cmocka_unit_test(a_client_that_cannot_wait_is_aborted),
        cmocka_unit_test(and_so_without_a_and_r),
        cmocka_unit_test(a_look_does_not_stall),
        cmocka_unit_test(without_the_model_commands_are_unknown),
        cmocka_unit_test(the_nonsecure_queue_has_no_ssec),
        STALL_CASE(the_stall_model_alone),
        STALL_CASE(stall_max_0_is_1),
};

CHECK_MAIN(tests)
