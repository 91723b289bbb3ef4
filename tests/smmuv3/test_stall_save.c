/* SPDX-License-Identifier: MIT */
/*
 * Stalled transactions in saved state: they stay stalled, their clients hand
 * them in again, and a hostile blob does no harm.
 */
#include "clients.h"

#include <stdlib.h>

#include "smmuv3_internal.h"

#define SID  5u
#define VA   0x12345000ull
#define PA   (RIG_DATA + 0x7000)
#define CD_S (1ull << 44)

#define FIRST_FAULT(stag) EV_IN | EV_READ | EV_STALLED(stag)

static void stalling(struct rig *r, struct tables_half *h)
{
	uint64_t cd = rig_stream(r, SID, 1, h);

	tables_set(&r->t, cd, tables_get(&r->t, cd) | CD_S);
}

static void map(struct rig *r, struct tables_half *h, uint64_t va)
{
	tables_map(&r->t, h, va, PA + (va - VA), 3, LEAF_RW);
}

static enum dmasim_result read4(struct clients *cs, unsigned i)
{
	return client_access(cs, i, DMASIM_READ, SID, VA + 0x1000 * i, 4);
}

/* What is stalled is saved, ends, and comes back with the blob. */
static void save_and_end(struct rig *r, struct clients *cs, bool clients)
{
	uint8_t *blob, *again;
	size_t n1, n2;

	blob = clients_save(cs, &n1);
	/* Not while a client waits for what would be replaced. */
	if (clients)
		assert_int_equal(clients_restore(cs, blob, n1), DMASIM_E_STATE);
	rig_w32(r, CR0, 0);
	rig_settle(r);
	assert_int_equal(clients_restore(cs, blob, n1), DMASIM_OK);
	again = clients_save(cs, &n2);
	assert_int_equal(n1, n2);
	assert_memory_equal(blob, again, n1);
	free(again);
	free(blob);
}

STALL_TEST(a_stall_is_attached_again, STALL_IDS)
{
	struct tables_half h;

	stalling(r, &h);
	read4(cs, 0);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(0), VA, 0);
	save_and_end(r, cs, true);
	/* No record, and PENDING as before, although it would succeed now. */
	map(r, &h, VA);
	assert_int_equal(read4(cs, 0), DMASIM_TXN_PENDING);
	rig_expect_none(r);
	rig_cmd(r, cmd_resume(SID, 0, RESUME_RETRY));
	client_ended(cs, 0, DMASIM_TXN_OK);
	/* It was that one alone. */
	assert_int_equal(read4(cs, 0), DMASIM_TXN_OK);
}

STALL_TEST(what_is_decided_meanwhile_holds, STALL_IDS)
{
	struct tables_half h;

	stalling(r, &h);
	for (unsigned i = 0; i < 3; i++)
		read4(cs, i);
	save_and_end(r, cs, true);
	memset(cs->c[2].data, 0xaa, 4);
	map(r, &h, VA);
	rig_cmd(r, cmd_resume(SID, 0, RESUME_RETRY));
	rig_cmd(r, cmd_resume(SID, 1, RESUME_ABORT));
	rig_cmd(r, cmd_resume(SID, 2, RESUME_RAZ_WI));
	/* Saved once more, so. */
	save_and_end(r, cs, false);
	assert_int_equal(read4(cs, 0), DMASIM_TXN_OK);
	assert_int_equal(read4(cs, 1), DMASIM_TXN_ABORT);
	assert_int_equal(read4(cs, 2), DMASIM_TXN_OK);
	assert_int_equal(cs->c[2].data[0], 0);
	/* Their tags are free. */
	for (unsigned i = 4; i < 8; i++)
		assert_int_equal(read4(cs, i), DMASIM_TXN_PENDING);
}

/* A verdict can still be overtaken (6.3.9.6). */
STALL_TEST(smmuen_off_before_the_client_is_back, STALL_IDS)
{
	struct tables_half h;

	stalling(r, &h);
	read4(cs, 0);
	read4(cs, 1);
	save_and_end(r, cs, true);
	map(r, &h, VA);
	rig_cmd(r, cmd_resume(SID, 0, RESUME_RETRY));
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	rig_w32(r, CR0, EN_ALL);
	rig_settle(r);
	assert_int_equal(read4(cs, 0), DMASIM_TXN_ABORT);
	assert_int_equal(read4(cs, 1), DMASIM_TXN_ABORT);
}

STALL_TEST(another_transaction_is_not_mistaken, STALL_IDS)
{
	struct tables_half h;

	stalling(r, &h);
	read4(cs, 0);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(0), VA, 0);
	save_and_end(r, cs, true);
	/* Of another address, size, kind, client. */
	assert_int_equal(read4(cs, 1), DMASIM_TXN_PENDING);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(1), VA + 0x1000, 0);
	assert_int_equal(client_access(cs, 0, DMASIM_READ, SID, VA, 8),
	                 DMASIM_TXN_PENDING);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(2), VA, 0);
	assert_int_equal(client_access(cs, 2, DMASIM_READ, SID, VA, 4),
	                 DMASIM_TXN_PENDING);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(3), VA, 0);
	rig_cmd(r, cmd_stall_term(SID));
	assert_int_equal(client_access(cs, 0, DMASIM_READ, SID, VA, 4),
	                 DMASIM_TXN_ABORT);
	rig_expect_none(r);
}

STALL_TEST(held_records_are_written_later, STALL_IDS)
{
	struct tables_half h;

	stalling(r, &h);
	rig_w32(r, CR0, EN_SMMU | EN_CMDQ);
	read4(cs, 0);
	save_and_end(r, cs, true);
	rig_w32(r, CR0, EN_ALL);
	rig_settle(r);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(0), VA, 0);
	assert_int_equal(read4(cs, 0), DMASIM_TXN_PENDING);
	rig_cmd(r, cmd_resume(SID, 0, RESUME_ABORT));
	client_ended(cs, 0, DMASIM_TXN_ABORT);
}

STALL_TEST(stale_records_are_not, STALL_IDS)
{
	struct tables_half h;

	stalling(r, &h);
	rig_w32(r, CR0, EN_SMMU | EN_CMDQ);
	read4(cs, 0);
	rig_cmd(r, cmd_tlbi(0x30, 0, 0, 0));
	save_and_end(r, cs, true);
	map(r, &h, VA);
	rig_w32(r, CR0, EN_ALL);
	rig_settle(r);
	rig_expect_none(r);
	assert_int_equal(read4(cs, 0), DMASIM_TXN_OK);
}

STALL_TEST(those_without_a_tag_keep_their_place, STALL_IDS)
{
	struct tables_half h;
	uint64_t record[4];

	stalling(r, &h);
	for (unsigned i = 0; i < 6; i++)
		read4(cs, i);
	for (unsigned i = 0; i < 4; i++)
		assert_true(rig_event(r, record));
	save_and_end(r, cs, true);
	/* The first is decided before it is back, the second after. */
	rig_cmd(r, cmd_resume(SID, 0, RESUME_ABORT));
	assert_int_equal(read4(cs, 4), DMASIM_TXN_PENDING);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(0), VA + 0x4000, 0);
	assert_int_equal(read4(cs, 5), DMASIM_TXN_PENDING);
	rig_expect_none(r);
	rig_cmd(r, cmd_resume(SID, 1, RESUME_ABORT));
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(1), VA + 0x5000, 0);
}

/* One that comes back, and does not need its tag, leaves it to the next. */
STALL_TEST(a_tag_that_is_not_needed_goes_on, STALL_IDS)
{
	struct tables_half h;
	uint64_t record[4];

	stalling(r, &h);
	for (unsigned i = 0; i < 6; i++)
		read4(cs, i);
	for (unsigned i = 0; i < 4; i++)
		assert_true(rig_event(r, record));
	save_and_end(r, cs, true);
	assert_int_equal(read4(cs, 5), DMASIM_TXN_PENDING);
	rig_cmd(r, cmd_resume(SID, 0, RESUME_ABORT));
	map(r, &h, VA + 0x4000);
	assert_int_equal(read4(cs, 4), DMASIM_TXN_OK);
	rig_settle(r);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(0), VA + 0x5000, 0);
}

STALL_TEST(what_was_read_before_the_fault_is_kept, STALL_IDS)
{
	struct tables_half h;

	stalling(r, &h);
	map(r, &h, VA);
	tables_set(&r->t, PA + 0xff8, 0x1111111111111111);
	tables_set(&r->t, PA + 0x1000, 0x2222222222222222);
	client_access(cs, 0, DMASIM_READ, SID, VA + 0xff8, 16);
	save_and_end(r, cs, true);
	memset(cs->c[0].data, 0xaa, 16);
	assert_int_equal(client_access(cs, 0, DMASIM_READ, SID, VA + 0xff8, 16),
	                 DMASIM_TXN_PENDING);
	map(r, &h, VA + 0x1000);
	r->logged = 0;
	rig_cmd(r, cmd_resume(SID, 0, RESUME_RETRY));
	client_ended(cs, 0, DMASIM_TXN_OK);
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(cs->c[0].data[i], i < 8 ? 0x11 : 0x22);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_DMA), 1);
}

/* Dropped with its data when another state comes. */
STALL_TEST(a_stall_that_never_comes_back, STALL_IDS)
{
	struct tables_half h;
	uint8_t *blob, *empty;
	size_t size, n;

	stalling(r, &h);
	empty = clients_save(cs, &n);
	map(r, &h, VA);
	client_access(cs, 0, DMASIM_READ, SID, VA + 0xff8, 16);
	blob = clients_save(cs, &size);
	rig_w32(r, CR0, 0);
	rig_settle(r);
	assert_int_equal(clients_restore(cs, blob, size), DMASIM_OK);
	assert_int_equal(clients_restore(cs, blob, size), DMASIM_OK);
	assert_int_equal(clients_restore(cs, empty, n), DMASIM_OK);
	/* A new one, with a record of its own. */
	assert_int_equal(client_access(cs, 0, DMASIM_READ, SID, VA + 0xff8, 16),
	                 DMASIM_TXN_PENDING);
	rig_expect(r, EV(0x10, SID), FIRST_FAULT(0), VA + 0x1000, 0);
	rig_w32(r, CR0, 0);
	rig_settle(r);
	assert_int_equal(clients_restore(cs, blob, size), DMASIM_OK);
	free(blob);
	free(empty);
}

/* Between a command and what it causes nothing is saved. */
STALL_TEST(not_while_a_retry_is_due, STALL_IDS)
{
	struct tables_cmd c = cmd_resume(SID, 0, RESUME_RETRY);
	struct dmasim_writer *w;
	struct tables_half h;

	stalling(r, &h);
	read4(cs, 0);
	r->pend = false;
	tables_set(&r->t, r->cmdq, c.d0);
	tables_set(&r->t, r->cmdq + 8, c.d1);
	rig_w32(r, CMDQ_PROD, 1);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_smmu_save(r->smmu, w), DMASIM_E_STATE);
	dmasim_writer_destroy(w);
	rig_settle(r);
}

/* ---- hostile blobs ---- */

static void crowd(struct rig *r, struct clients *cs)
{
	struct tables_half h;

	stalling(r, &h);
	map(r, &h, VA + 0xf000);
	client_access(cs, 0, DMASIM_READ, SID, VA + 0xfff8, 16);
	rig_w32(r, CR0, EN_SMMU | EN_CMDQ);
	for (unsigned i = 1; i < 6; i++)
		read4(cs, i);
}

RIG_TEST(truncated_at_every_length, STALL_IDS, .tlb_entries = 16,
         .config_entries = 8)
{
	static struct clients cs;
	uint8_t *blob;
	size_t size;

	clients_open(&cs, r, "clients");
	crowd(r, &cs);
	blob = clients_save(&cs, &size);
	rig_w32(r, CR0, 0);
	rig_settle(r);
	for (size_t n = 0; n < size; n++) {
		/* The exact allocation lets sanitizers see the end. */
		uint8_t *part = malloc(n ? n : 1);

		assert_non_null(part);
		memcpy(part, blob, n);
		assert_int_equal(clients_restore(&cs, part, n),
		                 DMASIM_E_FORMAT);
		free(part);
	}
	assert_int_equal(clients_restore(&cs, blob, size), DMASIM_OK);
	free(blob);
	clients_close(&cs);
}

/* Whatever is taken can be used, and ends. */
static void use(struct rig *r, struct clients *cs)
{
	rig_w32(r, EVENTQ_CONS, rig_r32(r, EVENTQ_PROD));
	for (unsigned i = 0; i < 6; i++)
		read4(cs, i);
	rig_w32(r, CR0, EN_ALL);
	rig_settle(r);
	for (uint16_t i = 0; i < 4; i++)
		rig_cmd(r, cmd_resume(SID, i, RESUME_RETRY));
	rig_w32(r, CR0, 0);
	rig_settle(r);
	for (unsigned i = 0; i < 6; i++)
		assert_int_not_equal(cs->c[i].done, 0);
}

RIG_TEST(each_byte_changed, STALL_IDS, .tlb_entries = 16, .config_entries = 8)
{
	static struct clients cs;
	unsigned refused = 0, taken = 0;
	uint8_t *blob, *bad;
	size_t size;

	clients_open(&cs, r, "clients");
	crowd(r, &cs);
	blob = clients_save(&cs, &size);
	bad = malloc(size);
	assert_non_null(bad);
	rig_w32(r, CR0, 0);
	rig_settle(r);
	/* The stalls are at the end. */
	for (size_t i = size - 900; i < size; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			memcpy(bad, blob, size);
			bad[i] ^= (uint8_t)(1u << bit);
			if (clients_restore(&cs, bad, size) != DMASIM_OK) {
				refused++;
				continue;
			}
			taken++;
			use(r, &cs);
		}
	}
	assert_true(refused > 500);
	assert_true(taken > 500);
	free(bad);
	free(blob);
	clients_close(&cs);
}

RIG_TEST(of_another_stall_max, STALL_IDS)
{
	static struct clients cs;
	static struct rig other;
	const struct rig_options o = {.idr_clear = {7u << 24},
	                              .idr_set = {[5] = 5u << 16}};
	static struct clients cs2;
	uint8_t *blob;
	size_t size;

	clients_open(&cs, r, "clients");
	blob = clients_save(&cs, &size);
	rig_open(&other, &o);
	clients_open(&cs2, &other, "clients");
	assert_int_equal(clients_restore(&cs2, blob, size), DMASIM_E_FORMAT);
	clients_close(&cs2);
	rig_close(&other);
	free(blob);
	clients_close(&cs);
}

static const struct CMUnitTest tests[] = {
        STALL_CASE(a_stall_is_attached_again),
        STALL_CASE(what_is_decided_meanwhile_holds),
        STALL_CASE(smmuen_off_before_the_client_is_back),
        STALL_CASE(another_transaction_is_not_mistaken),
        STALL_CASE(held_records_are_written_later),
        STALL_CASE(stale_records_are_not),
        STALL_CASE(those_without_a_tag_keep_their_place),
        STALL_CASE(a_tag_that_is_not_needed_goes_on),
        STALL_CASE(what_was_read_before_the_fault_is_kept),
        STALL_CASE(a_stall_that_never_comes_back),
        STALL_CASE(not_while_a_retry_is_due),
        cmocka_unit_test(truncated_at_every_length),
        cmocka_unit_test(each_byte_changed),
        cmocka_unit_test(of_another_stall_max),
};

CHECK_MAIN(tests)
