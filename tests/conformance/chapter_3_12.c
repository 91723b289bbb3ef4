/* SPDX-License-Identifier: MIT */
/* IHI 0070, 3.12, 4.7.1, 4.7.2, 5.5: what becomes of faults. */
#include "clients.h"
#include "nest.h"

#define CD_S (1ull << 44)
#define CD_R (1ull << 45)
#define CD_A (1ull << 46)

/* Stalls and both kinds of termination, four at a time. */
#define BOTH                                                                   \
	.idr_clear = {I0_STALL | I0_HTTU | 1u << 26, 0, 0, I3_PTWNNC},         \
	.idr_set = {NEST_I0, 0, 0, NEST_I3, 0, NEST_I5 | 4u << 16}

static struct clients cs;

static void open_clients(struct rig *r)
{
	clients_open(&cs, r, "clients");
}

static enum dmasim_result access_va(struct nest *n, unsigned i, uint64_t va)
{
	memset(cs.c[i].data, 0xaa, 4);
	return client_access(&cs, i, DMASIM_READ, n->sid, va, 4);
}

/* The record of the only fault, if there is one. */
static bool recorded(struct rig *r, uint64_t record[4])
{
	bool there = rig_event(r, record);

	rig_expect_none(r);
	return there;
}

/* Every value of A, R and S. */
RIG_TEST(s5_5_a_r_s, BOTH)
{
	struct tables_half h;
	uint64_t cd, was, record[4];

	open_clients(r);
	cd = rig_stream(r, N_SID, 1, &h);
	was = tables_get(&r->t, cd) & ~(CD_A | CD_R | CD_S);
	for (unsigned i = 0; i < 8; i++) {
		bool a = i & 1, rec = i & 2, s = i & 4;
		enum dmasim_result got;

		tables_set(&r->t, cd,
		           was | (a ? CD_A : 0) | (rec ? CD_R : 0) |
		                   (s ? CD_S : 0));
		rig_flush(r);
		memset(cs.c[i].data, 0xaa, 4);
		got = client_access(&cs, i, DMASIM_READ, N_SID, N_VA, 4);
		assert_int_equal(got, s   ? DMASIM_TXN_PENDING
		                      : a ? DMASIM_TXN_ABORT
		                          : DMASIM_TXN_OK);
		if (got == DMASIM_TXN_OK)
			assert_int_equal(cs.c[i].data[0], 0);
		assert_int_equal(recorded(r, record), rec || s);
		if (rec || s) {
			assert_int_equal(record[0], EV(0x10, N_SID));
			assert_int_equal((record[1] & EV_STALLED(0)) != 0, s);
		}
	}
	rig_cmd(r, cmd_stall_term(N_SID));
	clients_close(&cs);
}

/* The table of 3.12.5: each stage decides for its own faults. */
RIG_TEST(s3_12_5_combinations, BOTH)
{
	struct nest n;
	uint16_t tag = 0;

	open_clients(r);
	nest_new(r, &n, &(struct nest_options){0});
	/* The second page is a fault of stage 2. */
	nest_map1(&n, N_VA + 0x1000, N_IPA + 0x1000, 3, LEAF_RW);
	for (unsigned i = 0; i < 8; i++) {
		bool stall1 = i & 1, stall2 = i & 2, at2 = i & 4;
		bool stalls = at2 ? stall2 : stall1;
		uint64_t va = at2 ? N_VA + 0x1000 : N_VA + 0x2000;

		n.cd.s = stall1;
		n.ste.s2s = stall2;
		nest_write(&n);
		assert_int_equal(access_va(&n, 0, va),
		                 stalls ? DMASIM_TXN_PENDING
		                        : DMASIM_TXN_ABORT);
		nest_expect(&n, EV_F_TRANSLATION,
		            EV_IN | EV_READ | (at2 ? EV_S2 : 0) |
		                    (stalls ? EV_STALLED(tag) : 0),
		            va, at2 ? N_IPA + 0x1000 : 0);
		if (!stalls)
			continue;
		rig_cmd(r, cmd_resume(n.sid, tag, RESUME_ABORT));
		client_ended(&cs, 0, DMASIM_TXN_ABORT);
		tag = (uint16_t)((tag + 1) % 4);
	}
	clients_close(&cs);
}

/* Stage 2 faults on the way to a CD or a descriptor stall too, and are tried
 * again from the start. */
RIG_TEST(s3_12_2_3_stalls_of_the_smmus_own_accesses, BOTH)
{
	struct nest n;
	uint64_t at;

	open_clients(r);
	nest_new(r, &n, &(struct nest_options){0});
	n.ste.s2s = 1;
	nest_write(&n);
	at = nest_at1(&n, N_VA, 2);
	nest_guard(&n, n.cd_at, S2_WO);
	nest_guard(&n, at, S2_RW & ~LEAF_AF);
	rig_flush(r);
	assert_int_equal(access_va(&n, 0, N_VA), DMASIM_TXN_PENDING);
	nest_expect(&n, EV_F_PERMISSION,
	            EV_S2 | EV_CD | EV_READ | EV_STALLED(0), N_VA,
	            NEST_IPA(n.cd_at) & ~0xfffull);
	nest_guard(&n, n.cd_at, S2_RW);
	rig_flush(r);
	rig_cmd(r, cmd_resume(n.sid, 0, RESUME_RETRY));
	assert_true(client_waits(&cs, 0));
	nest_expect(&n, EV_F_ACCESS, EV_S2 | EV_TT | EV_READ | EV_STALLED(1),
	            N_VA, NEST_IPA(at) & ~0xfffull);
	nest_guard(&n, at, S2_RW);
	rig_flush(r);
	rig_cmd(r, cmd_resume(n.sid, 1, RESUME_RETRY));
	client_ended(&cs, 0, DMASIM_TXN_OK);
	rig_expect_none(r);
	clients_close(&cs);
}

/* 4.7.1: also a stage 2 fault can end as RAZ/WI then. */
RIG_TEST(s4_7_1_stage_2_ends_as_software_says, BOTH)
{
	struct nest n;

	open_clients(r);
	nest_new(r, &n, &(struct nest_options){0});
	n.ste.s2s = 1;
	nest_write(&n);
	nest_map1(&n, N_VA + 0x1000, N_IPA + 0x1000, 3, LEAF_RW);
	assert_int_equal(access_va(&n, 0, N_VA + 0x1000), DMASIM_TXN_PENDING);
	rig_cmd(r, cmd_resume(n.sid, 0, RESUME_RAZ_WI));
	client_ended(&cs, 0, DMASIM_TXN_OK);
	assert_int_equal(cs.c[0].data[0], 0);
	clients_close(&cs);
}

/* All faults but the four terminate. */
RIG_TEST(s3_12_others_terminate, BOTH)
{
	struct nest n;
	uint64_t at;

	open_clients(r);
	nest_new(r, &n, &(struct nest_options){0});
	n.cd.s = 1;
	n.ste.s2s = 1;
	nest_write(&n);
	at = nest_at2(&n, N_IPA, 3);
	nest_refuse(&n, at);
	assert_int_equal(access_va(&n, 0, N_VA), DMASIM_TXN_ABORT);
	nest_expect(&n, EV_F_WALK_EABT, EV_S2 | EV_IN | EV_READ, N_VA, at);
	nest_refuse(&n, 0);
	n.cd.invalid = true;
	nest_write(&n);
	assert_int_equal(access_va(&n, 0, N_VA), DMASIM_TXN_ABORT);
	nest_expect(&n, EV_C_BAD_CD, 0, 0, 0);
	clients_close(&cs);
}

/* 3.12: with stage 1 bypassed an address that is too large aborts, whatever
 * S2S says. */
RIG_TEST(s3_12_an_address_size_fault_of_bypass_terminates, BOTH)
{
	struct nest n;

	open_clients(r);
	nest_new(r, &n, &(struct nest_options){0});
	n.ste.config = 6;
	n.ste.s2s = 1;
	nest_write(&n);
	assert_int_equal(access_va(&n, 0, 1ull << 60), DMASIM_TXN_ABORT);
	nest_expect(&n, EV_F_ADDR_SIZE, EV_IN | EV_READ, 1ull << 60, 0);
	clients_close(&cs);
}

/* 16.7.2.2: maintenance stalls as a read does, and is retried as what it
 * is. */
RIG_TEST(s16_7_2_2_maintenance_stalls, BOTH)
{
	struct tables_half h;
	uint64_t cd;

	open_clients(r);
	cd = rig_stream(r, N_SID, 1, &h);
	tables_set(&r->t, cd, tables_get(&r->t, cd) | CD_S);
	assert_int_equal(
	        client_access(&cs, 0, DMASIM_CLEAN_INVALIDATE, N_SID, N_VA, 64),
	        DMASIM_TXN_PENDING);
	rig_expect(r, EV(0x10, N_SID), EV_IN | EV_READ | EV_STALLED(0), N_VA,
	           0);
	tables_map(&r->t, &h, N_VA, N_PA, 3, LEAF_RW);
	rig_cmd(r, cmd_resume(N_SID, 0, RESUME_RETRY));
	client_ended(&cs, 0, DMASIM_TXN_OK);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->op,
	                 DMASIM_CLEAN_INVALIDATE);
	clients_close(&cs);
}

/* 16.7.6: an atomic is retried as one. */
RIG_TEST(s16_7_6_atomics_stall_whole, BOTH)
{
	struct tables_half h;
	uint64_t cd;

	open_clients(r);
	cd = rig_stream(r, N_SID, 1, &h);
	tables_set(&r->t, cd, tables_get(&r->t, cd) | CD_S);
	tables_map(&r->t, &h, N_VA, N_PA, 3, LEAF_RO);
	tables_set(&r->t, N_PA, 40);
	cs.c[0].data[0] = 2;
	assert_int_equal(
	        client_access(&cs, 0, DMASIM_ATOMIC_ADD, N_SID, N_VA, 8),
	        DMASIM_TXN_PENDING);
	rig_expect(r, EV(0x13, N_SID), EV_IN | EV_STALLED(0), N_VA, 0);
	tables_set(&r->t, N_PA, 50);
	tables_map(&r->t, &h, N_VA, N_PA, 3, LEAF_RW);
	rig_flush(r);
	rig_cmd(r, cmd_resume(N_SID, 0, RESUME_RETRY));
	client_ended(&cs, 0, DMASIM_TXN_OK);
	assert_int_equal(cs.c[0].data[0], 50);
	assert_int_equal(tables_get(&r->t, N_PA), 52);
	clients_close(&cs);
}

/* 4.7.2.1: a stream is shut down, its event queue full. */
RIG_TEST(s4_7_2_1_shutting_down_a_stream, BOTH, .queue_log2 = 1)
{
	struct tables_half h;
	uint64_t cd, record[4];

	open_clients(r);
	cd = rig_stream(r, N_SID, 1, &h);
	tables_set(&r->t, cd, tables_get(&r->t, cd) | CD_S);
	for (unsigned i = 0; i < 6; i++)
		client_access(&cs, i, DMASIM_READ, N_SID, N_VA + 0x1000 * i, 4);
	tables_ste_config(&r->t, &r->streams, N_SID, 0);
	rig_cmd(r, cmd_cfgi_ste(N_SID, true));
	rig_cmd(r, cmd_sync(0));
	/* Arrivals terminate now. */
	assert_int_equal(client_access(&cs, 8, DMASIM_READ, N_SID, N_VA, 4),
	                 DMASIM_TXN_ABORT);
	rig_cmd(r, cmd_stall_term(N_SID));
	for (unsigned i = 0; i < 6; i++)
		client_ended(&cs, i, DMASIM_TXN_ABORT);
	/* Two records were there before, and none comes after. */
	for (unsigned i = 0; i < 2; i++) {
		assert_true(rig_event(r, record));
		rig_settle(r);
	}
	rig_expect_none(r);
	clients_close(&cs);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(s5_5_a_r_s),
        cmocka_unit_test(s3_12_5_combinations),
        cmocka_unit_test(s3_12_2_3_stalls_of_the_smmus_own_accesses),
        cmocka_unit_test(s4_7_1_stage_2_ends_as_software_says),
        cmocka_unit_test(s3_12_others_terminate),
        cmocka_unit_test(s3_12_an_address_size_fault_of_bypass_terminates),
        cmocka_unit_test(s16_7_2_2_maintenance_stalls),
        cmocka_unit_test(s16_7_6_atomics_stall_whole),
        cmocka_unit_test(s4_7_2_1_shutting_down_a_stream),
};

CHECK_MAIN(tests)
