/* SPDX-License-Identifier: MIT */
/*
 * Invalidations that are missing, and what the checker says; and that it says
 * nothing where a driver does what 4.3, 4.4 and the Arm ARM ask for.
 */
#include "watched.h"

#define expect(w, kind, line, remedy)                                          \
	watched_expect(w, kind, __FILE__, line, remedy)

#define TLBI_VA(vmid, asid, va) cmd_tlbi(0x12, vmid, asid, va)
#define LEAF                    1ull

/* ---- descriptors of stage 1 ---- */

WATCHED_TEST(a_page_is_used_after_it_was_unmapped, 0)
{
	const struct dmasim_finding *f;
	unsigned line;

	watched_stream(w);
	assert_int_equal(dmasim_name_region(w->r->checker, watched_at(w, 3), 8,
	                                    "the leaf", NULL, NULL),
	                 DMASIM_OK);
	assert_int_equal(watched_read(w), W_PA);
	line = CHANGE(w, watched_at(w, 3), 0);
	watched_clean(w);
	assert_int_equal(watched_read(w), W_PA);
	expect(w, DMASIM_USE_AFTER_UNMAP, line,
	       "the level 3 leaf of address 0x7040201000: CMD_TLBI_NH_VA with "
	       "VMID 0, ASID 4, that address, then CMD_SYNC");
	f = dmasim_finding_get(w->r->checker, 0);
	assert_string_equal(f->object, "the leaf");
	assert_int_equal(f->addr, watched_at(w, 3));
	assert_int_equal(f->size, 4);
	assert_int_equal(f->seen[0], (LEAF_RW | 3) & 0xff);
	assert_int_equal(f->expected[0], 0);
	/* The same again. */
	assert_int_equal(watched_read(w), W_PA);
	assert_int_equal(f->count, 1);
}

WATCHED_TEST(unmapped_and_invalidated_faults_without_a_finding, 0)
{
	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	CHANGE(w, watched_at(w, 3), 0);
	watched_do(w, TLBI_VA(0, W_ASID, W_VA | LEAF));
	assert_int_equal(watched_read(w), UINT64_MAX);
	watched_clean(w);
}

/* What may happen to a live mapping: nothing, before the driver is done. */
WATCHED_TEST(a_page_is_moved_without_an_invalidation, 0)
{
	unsigned line;

	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	line = CHANGE(w, watched_at(w, 3), W_NEW | LEAF_RW | 3);
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
	watched_sync(w);
	assert_int_equal(watched_read(w), W_PA);
	expect(w, DMASIM_STALE_TRANSLATION, line, "CMD_TLBI_NH_VA");
	/* Once it is done, this is over. */
	watched_do(w, TLBI_VA(0, W_ASID, W_VA | LEAF));
	assert_int_equal(watched_read(w), W_NEW);
	assert_int_equal(dmasim_finding_get(w->r->checker, 0)->count, 0);
	assert_int_equal(dmasim_finding_count(w->r->checker), 1);
}

WATCHED_TEST(a_page_is_moved_as_it_should_be, 0)
{
	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	for (unsigned i = 0; i < 4; i++) {
		uint64_t pa = i % 2 ? W_PA : W_NEW;

		CHANGE(w, watched_at(w, 3), pa | LEAF_RW | 3);
		watched_read(w);
		watched_cmd(w, 0, TLBI_VA(0, W_ASID, W_VA | LEAF));
		watched_read(w);
		watched_sync(w);
		assert_int_equal(watched_read(w), pa);
	}
	watched_clean(w);
}

/* An invalidation of something else is none. */
static void moved(struct watched *w, struct tables_cmd c, bool right)
{
	unsigned line;

	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	line = CHANGE(w, watched_at(w, 3), W_NEW | LEAF_RW | 3);
	watched_do(w, c);
	assert_int_equal(watched_read(w), right ? W_NEW : W_PA);
	if (right)
		watched_clean(w);
	else
		expect(w, DMASIM_STALE_TRANSLATION, line, "CMD_TLBI_NH_VA");
}

WATCHED_TEST(the_wrong_asid, 0)
{
	moved(w, TLBI_VA(0, W_ASID + 1, W_VA), false);
}

WATCHED_TEST(the_wrong_vmid, NEST_FULL)
{
	moved(w, TLBI_VA(1, W_ASID, W_VA), false);
}

WATCHED_TEST(the_wrong_address, 0)
{
	moved(w, TLBI_VA(0, W_ASID, W_VA + 0x1000), false);
}

WATCHED_TEST(the_configuration_instead, 0)
{
	moved(w, cmd_cfgi_ste(W_SID, true), false);
}

WATCHED_TEST(all_of_the_asid, 0)
{
	moved(w, cmd_tlbi(0x11, 0, W_ASID, 0), true);
}

WATCHED_TEST(any_asid, 0)
{
	moved(w, cmd_tlbi(0x13, 0, 0, W_VA), true);
}

/* ---- tables ---- */

WATCHED_TEST(a_table_is_moved_and_only_the_leaf_invalidated, 0)
{
	unsigned line;

	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	line = MOVE_TABLE(w);
	watched_do(w, TLBI_VA(0, W_ASID, W_VA | LEAF));
	/* The walk goes on from the table that is kept. */
	assert_int_equal(watched_read(w), W_PA);
	expect(w, DMASIM_STALE_TRANSLATION, line,
	       "the level 2 table of address 0x7040201000: CMD_TLBI_NH_VA with "
	       "VMID 0, ASID 4, that address, Leaf = 0");
	/* And so it is with what came of it. */
	assert_int_equal(watched_read(w), W_PA);
	assert_int_equal(dmasim_finding_get(w->r->checker, 0)->count, 1);
}

WATCHED_TEST(a_table_is_moved_and_nothing_invalidated, 0)
{
	unsigned line;

	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	line = MOVE_TABLE(w);
	watched_sync(w);
	assert_int_equal(watched_read(w), W_PA);
	expect(w, DMASIM_STALE_TRANSLATION, line, "level 2 table");
}

WATCHED_TEST(a_table_is_moved_as_it_should_be, 0)
{
	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	MOVE_TABLE(w);
	assert_int_equal(watched_read(w), W_PA);
	watched_do(w, TLBI_VA(0, W_ASID, W_VA));
	assert_int_equal(watched_read(w), W_NEW);
	watched_clean(w);
}

WATCHED_TEST(a_table_is_taken_away, 0)
{
	unsigned line;

	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	line = CHANGE(w, watched_at(w, 1), 0);
	assert_int_equal(watched_read(w), W_PA);
	expect(w, DMASIM_USE_AFTER_UNMAP, line, "level 1 table");
}

/* What was in a table that is moved says nothing, before the driver is done. */
WATCHED_TEST(the_old_table_is_cleared_before_the_invalidation, 0)
{
	uint64_t leaf;

	watched_stream(w);
	leaf = watched_at(w, 3);
	assert_int_equal(watched_read(w), W_PA);
	MOVE_TABLE(w);
	CHANGE(w, leaf, 0);
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
}

/* ---- what is no change ---- */

/* 3.13.1; Arm ARM D8.3: bits 58:55 are software's. */
WATCHED_TEST(bits_that_translate_nothing, 0)
{
	uint64_t leaf = W_PA | LEAF_RW | 3, table;

	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	CHANGE(w, watched_at(w, 3), leaf | 0xfull << 55);
	table = watched_get(w, watched_at(w, 2));
	CHANGE(w, watched_at(w, 2), table | 0x3full << 52 | 0x3full << 2);
	watched_sync(w);
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
	CHANGE(w, watched_at(w, 3), leaf & ~LEAF_AF);
	watched_sync(w);
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
	/* APTable of a table, the next bit, does. */
	CHANGE(w, watched_at(w, 2), table | DMASIM_TABLES_APTABLE(2));
	watched_sync(w);
	assert_int_equal(watched_read(w), W_PA);
	assert_int_equal(dmasim_finding_count(w->r->checker), 1);
}

WATCHED_TEST(the_same_value_again, 0)
{
	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	for (unsigned i = 0; i < 4; i++)
		CHANGE(w, watched_at(w, i), watched_get(w, watched_at(w, i)));
	for (unsigned i = 0; i < 8; i++) {
		CHANGE(w, w->ste + 8 * i, watched_get(w, w->ste + 8 * i));
		CHANGE(w, w->cd + 8 * i, watched_get(w, w->cd + 8 * i));
	}
	watched_sync(w);
	assert_int_equal(watched_read(w), W_PA);
	/* There and back. */
	CHANGE(w, watched_at(w, 3), 0);
	CHANGE(w, watched_at(w, 3), W_PA | LEAF_RW | 3);
	watched_sync(w);
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
}

/* 3.13: what the SMMU itself writes. */
WATCHED_TEST(flags_that_hardware_updates, NEST_FULL)
{
	uint64_t clean =
	        (W_PA | LEAF_RW | LEAF_AP2 | DMASIM_TABLES_DBM | 3) & ~LEAF_AF;

	watched_stream(w);
	tables_set(&w->r->t, w->cd, tables_get(&w->r->t, w->cd) | 3ull << 42);
	tables_set(&w->r->t, watched_at(w, 3), clean);
	assert_int_equal(watched_read(w), W_PA);
	assert_int_equal(watched_get(w, watched_at(w, 3)), clean | LEAF_AF);
	assert_int_equal(watched_dma(w, DMASIM_WRITE, W_SID, W_VA), W_PA);
	assert_int_equal(watched_get(w, watched_at(w, 3)),
	                 (clean | LEAF_AF) & ~LEAF_AP2);
	watched_sync(w);
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
	/* Another mapping of the page marks it for this one. */
	CHANGE(w, watched_at(w, 3), clean);
	watched_do(w, TLBI_VA(0, W_ASID, W_VA));
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
	/* But a dirty state that software took back is kept. */
	assert_int_equal(watched_dma(w, DMASIM_WRITE, W_SID, W_VA), W_PA);
	CHANGE(w, watched_at(w, 3), clean);
	watched_sync(w);
	assert_int_equal(watched_dma(w, DMASIM_WRITE, W_SID, W_VA), W_PA);
	assert_int_equal(dmasim_finding_count(w->r->checker), 1);
}

/* Big-endian descriptors are valid in their last byte. */
static void big_endian(struct watched *w, uint64_t leaf,
                       enum dmasim_finding_kind kind)
{
	unsigned line;

	w->h = (struct tables_half){
	        .tsz = 16, .granule = 12, .big_endian = true};
	w->cd = tables_alloc(&w->r->t, 64, 64);
	assert_int_equal(dmasim_tables_space_new(&w->r->t, &w->h), DMASIM_OK);
	tables_cd(&w->r->t, w->cd, &w->h, NULL, W_ASID);
	tables_ste_stage1(&w->r->t, &w->r->streams, W_SID, w->cd);
	tables_map(&w->r->t, &w->h, W_VA, W_PA, 3, LEAF_RW);
	assert_int_equal(watched_read(w), W_PA);
	/* Software's bits, in this order. */
	CHANGE(w, watched_at(w, 3),
	       __builtin_bswap64(W_PA | LEAF_RW | 3 | 1ull << 55));
	watched_sync(w);
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
	line = CHANGE(w, watched_at(w, 3), __builtin_bswap64(leaf));
	if (kind == DMASIM_STALE_TRANSLATION) {
		assert_int_equal(watched_read(w), W_PA);
		watched_clean(w);
		watched_sync(w);
	}
	assert_int_equal(watched_read(w), W_PA);
	expect(w, kind, line, "level 3 leaf");
}

WATCHED_TEST(big_endian_unmapped, 0)
{
	big_endian(w, W_PA | (LEAF_RW & ~3ull), DMASIM_USE_AFTER_UNMAP);
}

WATCHED_TEST(big_endian_moved, 0)
{
	big_endian(w, W_NEW | LEAF_RW | 3, DMASIM_STALE_TRANSLATION);
}

/* Read before the write, or written behind everybody's back. */
WATCHED_TEST(what_nobody_is_known_to_have_written, 0)
{
	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	tables_map(&w->r->t, &w->h, W_VA, W_NEW, 3, LEAF_RW);
	watched_sync(w);
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
}

/* ---- whose invalidations count ---- */

WATCHED_TEST(another_cpu_has_its_own_commands, 0)
{
	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	CHANGE(w, watched_at(w, 3), W_NEW | LEAF_RW | 3);
	watched_cmd(w, 1, cmd_sync(0));
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
	watched_sync(w);
	watched_read(w);
	assert_int_equal(dmasim_finding_count(w->r->checker), 1);
}

WATCHED_TEST(commands_without_a_sync_are_not_known_to_be_done, 0)
{
	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	CHANGE(w, watched_at(w, 3), W_NEW | LEAF_RW | 3);
	watched_cmd(w, 0, cmd_tlbi(0x11, 0, W_ASID + 1, 0));
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
}

/* More follows the CMD_SYNC: what it is about may be there. */
WATCHED_TEST(a_sync_in_the_middle_of_what_was_handed_over, 0)
{
	struct rig *r = w->r;
	const struct tables_cmd c = cmd_sync(0);
	uint32_t prod = rig_r32(r, CMDQ_PROD);

	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	CHANGE(w, watched_at(w, 3), W_NEW | LEAF_RW | 3);
	tables_set(&r->t, r->cmdq + 16ull * prod, c.d0);
	tables_set(&r->t, r->cmdq + 16ull * prod + 8, c.d1);
	tables_set(&r->t, r->cmdq + 16ull * prod + 16, 0x11);
	assert_int_equal(
	        dmasim_cpu_store(w->cpu[0], W_REGS + CMDQ_PROD, 4, prod + 2),
	        DMASIM_OK);
	rig_settle(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS), prod + 2);
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
}

/* 3.12: where a fault can be recovered from, a page may go and come back. */
WATCHED_TEST(a_stream_that_stalls_may_be_late, NEST_FULL)
{
	unsigned line;

	watched_stream(w);
	tables_set(&w->r->t, w->cd, tables_get(&w->r->t, w->cd) | 1ull << 44);
	assert_int_equal(watched_read(w), W_PA);
	line = CHANGE(w, watched_at(w, 3), 0);
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
	watched_sync(w);
	assert_int_equal(watched_read(w), W_PA);
	expect(w, DMASIM_USE_AFTER_UNMAP, line, "CMD_TLBI_NH_VA");
}

/* A look leaves no trace. */
WATCHED_TEST(debug_accesses_find_nothing, 0)
{
	struct dmasim_txn t = {.op = DMASIM_READ,
	                       .stream_id = W_SID,
	                       .addr = W_VA,
	                       .size = 4,
	                       .flags = DMASIM_TXN_DEBUG,
	                       .data = w->r->buf};

	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	CHANGE(w, watched_at(w, 3), 0);
	assert_int_equal(dmasim_access(&w->r->client, &t), DMASIM_TXN_OK);
	watched_clean(w);
}

/* Of more agents than there can be CPUs it is not known when they are done. */
WATCHED_TEST(too_many_drivers, 0)
{
	uint8_t prod[4] = {0};
	struct dmasim_txn t = {.op = DMASIM_WRITE,
	                       .addr = CMDQ_PROD,
	                       .offset = CMDQ_PROD,
	                       .size = sizeof(prod),
	                       .data = prod};

	for (uint32_t i = 0; i < 64; i++) {
		t.initiator = 1000 + i;
		assert_int_equal(dmasim_access(&w->r->regs, &t), DMASIM_TXN_OK);
	}
	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	CHANGE(w, watched_at(w, 3), W_NEW | LEAF_RW | 3);
	watched_sync(w);
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
}

/* Everything that an access uses is looked at, also where hits are short. */
WATCHED_TEST(a_cd_is_changed_behind_hits, 0)
{
	unsigned line;

	watched_stream(w);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(watched_read(w), W_PA);
	line = CHANGE(w, w->cd + 24, TABLES_MAIR ^ 0x44);
	watched_sync(w);
	assert_int_equal(watched_read(w), W_PA);
	expect(w, DMASIM_STALE_TRANSLATION, line, "CMD_CFGI_CD");
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_is_used_after_it_was_unmapped),
        cmocka_unit_test(unmapped_and_invalidated_faults_without_a_finding),
        cmocka_unit_test(a_page_is_moved_without_an_invalidation),
        cmocka_unit_test(a_page_is_moved_as_it_should_be),
        cmocka_unit_test(the_wrong_asid),
        cmocka_unit_test(the_wrong_vmid),
        cmocka_unit_test(the_wrong_address),
        cmocka_unit_test(the_configuration_instead),
        cmocka_unit_test(all_of_the_asid),
        cmocka_unit_test(any_asid),
        cmocka_unit_test(a_table_is_moved_and_only_the_leaf_invalidated),
        cmocka_unit_test(a_table_is_moved_and_nothing_invalidated),
        cmocka_unit_test(a_table_is_moved_as_it_should_be),
        cmocka_unit_test(a_table_is_taken_away),
        cmocka_unit_test(the_old_table_is_cleared_before_the_invalidation),
        cmocka_unit_test(bits_that_translate_nothing),
        cmocka_unit_test(the_same_value_again),
        cmocka_unit_test(flags_that_hardware_updates),
        cmocka_unit_test(big_endian_unmapped),
        cmocka_unit_test(big_endian_moved),
        cmocka_unit_test(what_nobody_is_known_to_have_written),
        cmocka_unit_test(another_cpu_has_its_own_commands),
        cmocka_unit_test(commands_without_a_sync_are_not_known_to_be_done),
        cmocka_unit_test(a_sync_in_the_middle_of_what_was_handed_over),
        cmocka_unit_test(a_stream_that_stalls_may_be_late),
        cmocka_unit_test(debug_accesses_find_nothing),
        cmocka_unit_test(too_many_drivers),
        cmocka_unit_test(a_cd_is_changed_behind_hits),
};
CHECK_MAIN(tests)
