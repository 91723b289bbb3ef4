/* SPDX-License-Identifier: MIT */
/* Missing invalidations of configuration, of stage 2, and in every regime. */
#include "watched.h"

#define expect(w, kind, line, remedy)                                          \
	watched_expect(w, kind, __FILE__, line, remedy)

#define LEAF 1ull

/* ---- stream table ---- */

/* MEV alone: nothing of the translation changes. */
static unsigned change_ste(struct watched *w)
{
	return CHANGE(w, w->ste + 8, watched_get(w, w->ste + 8) ^ 1ull << 19);
}

WATCHED_TEST(an_ste_is_changed, 0)
{
	unsigned line;

	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	line = change_ste(w);
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
	watched_do(w, cmd_tlbi(0x11, 0, W_ASID, 0));
	assert_int_equal(watched_read(w), W_PA);
	expect(w, DMASIM_STALE_TRANSLATION, line,
	       "the STE of StreamID 9: CMD_CFGI_STE with this StreamID, then "
	       "CMD_SYNC");
}

WATCHED_TEST(an_ste_is_changed_and_another_invalidated, 0)
{
	unsigned line;

	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	line = change_ste(w);
	watched_do(w, cmd_cfgi_ste(W_SID + 1, true));
	assert_int_equal(watched_read(w), W_PA);
	expect(w, DMASIM_STALE_TRANSLATION, line, "CMD_CFGI_STE");
}

/* Not USE_AFTER_UNMAP: a stream that is taken away may still be in use. */
WATCHED_TEST(an_ste_is_made_invalid, 0)
{
	unsigned line;

	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	line = CHANGE(w, w->ste, 0);
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
	watched_sync(w);
	assert_int_equal(watched_read(w), W_PA);
	expect(w, DMASIM_STALE_TRANSLATION, line, "CMD_CFGI_STE");
}

WATCHED_TEST(an_ste_is_changed_as_it_should_be, 0)
{
	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	change_ste(w);
	assert_int_equal(watched_read(w), W_PA);
	watched_do(w, cmd_cfgi_ste(W_SID, true));
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
}

/* A stream that bypasses, and then does not. */
WATCHED_TEST(a_stream_goes_on_bypassing, 0)
{
	unsigned line;

	w->ste = tables_ste(&w->r->t, &w->r->streams, W_SID);
	tables_ste_config(&w->r->t, &w->r->streams, W_SID, 4);
	assert_int_equal(watched_dma(w, DMASIM_READ, W_SID, W_PA), W_PA);
	line = CHANGE(w, w->ste, 1);
	watched_sync(w);
	assert_int_equal(watched_dma(w, DMASIM_READ, W_SID, W_PA), W_PA);
	expect(w, DMASIM_STALE_TRANSLATION, line, "CMD_CFGI_STE");
}

#define TWO_LEVEL .log2size = 12, .split = 8

/* The level 1 descriptor points to a copy. */
static unsigned move_stes(struct watched *w)
{
	uint64_t copy = tables_alloc(&w->r->t, 64 << 8, 64 << 8);
	uint64_t ste = copy + W_SID * 64ull;

	for (unsigned i = 0; i < 8; i++) {
		tables_set(&w->r->t, ste + 8 * i,
		           tables_get(&w->r->t, w->ste + 8 * i));
		tables_set(&w->r->t, ste + 64 + 8 * i,
		           tables_get(&w->r->t, w->ste + 8 * i));
	}
	return CHANGE(w, w->r->streams.base, copy | 9);
}

WATCHED_TEST(a_level_1_descriptor_is_changed, TWO_LEVEL)
{
	unsigned line;

	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	line = move_stes(w);
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
	watched_sync(w);
	assert_int_equal(watched_read(w), W_PA);
	expect(w, DMASIM_STALE_TRANSLATION, line,
	       "the level 1 stream table descriptor of StreamID 9: "
	       "CMD_CFGI_STE with this StreamID, Leaf = 0");
}

/* Another stream is found through the one that is kept: it has no STE in the
 * old table. */
WATCHED_TEST(a_level_1_descriptor_serves_another_stream, TWO_LEVEL)
{
	unsigned line;

	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	line = move_stes(w);
	watched_sync(w);
	assert_int_equal(watched_dma(w, DMASIM_READ, W_SID + 1, W_VA),
	                 UINT64_MAX);
	expect(w, DMASIM_STALE_TRANSLATION, line,
	       "the level 1 stream table descriptor of StreamID 10");
}

WATCHED_TEST(a_level_1_descriptor_is_changed_as_it_should_be, TWO_LEVEL)
{
	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	move_stes(w);
	watched_do(w, cmd_cfgi_ste(W_SID, false));
	assert_int_equal(watched_read(w), W_PA);
	assert_int_equal(watched_dma(w, DMASIM_READ, W_SID + 1, W_VA), W_PA);
	watched_clean(w);
}

/* ---- context descriptors ---- */

WATCHED_TEST(a_cd_is_changed, 0)
{
	struct tables_half h;
	unsigned line;

	watched_stream(w);
	assert_true(tables_half_new(&w->r->t, &h, 16, 12));
	assert_int_equal(watched_read(w), W_PA);
	line = CHANGE(w, w->cd + 8, h.ttb);
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
	watched_do(w, cmd_tlbi(0x11, 0, W_ASID, 0));
	assert_int_equal(watched_read(w), W_PA);
	expect(w, DMASIM_STALE_TRANSLATION, line,
	       "the CD of StreamID 9, SubstreamID 0: CMD_CFGI_CD with both, "
	       "then CMD_SYNC");
}

WATCHED_TEST(a_cd_is_changed_as_it_should_be, 0)
{
	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	/* Another attribute for another index. */
	CHANGE(w, w->cd + 24, watched_get(w, w->cd + 24) ^ 0xffull << 56);
	assert_int_equal(watched_read(w), W_PA);
	watched_do(w, cmd_cfgi_cd(W_SID, 0));
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
}

/* A table of CDs; the level 1 descriptor says another place. */
WATCHED_TEST(a_level_1_descriptor_of_cds_is_changed, 0)
{
	struct dmasim_tables_cds cds;
	struct dmasim_tables_ste ste = {.config = 5, .shcfg = 1, .s1dss = 2};
	uint64_t cd;
	unsigned line;

	watched_stream(w);
	assert_int_equal(dmasim_tables_cds_new(&w->r->t, &cds, 8, 1),
	                 DMASIM_OK);
	assert_int_equal(dmasim_tables_cd(&w->r->t, &cds, 0, &cd), DMASIM_OK);
	tables_cd(&w->r->t, cd, &w->h, NULL, W_ASID);
	dmasim_tables_ste_cds(&ste, &cds);
	dmasim_tables_write_ste(&w->r->t, w->ste, &ste);
	assert_int_equal(watched_read(w), W_PA);
	line = CHANGE(w, cds.base, 0);
	watched_do(w, cmd_cfgi_cd(W_SID + 1, 0));
	assert_int_equal(watched_read(w), W_PA);
	expect(w, DMASIM_STALE_TRANSLATION, line,
	       "the level 1 CD table descriptor of StreamID 9, SubstreamID 0: "
	       "CMD_CFGI_CD with both, Leaf = 0");
}

/* ---- stage 2 ---- */

static uint64_t nested_read(struct watched *w)
{
	return watched_dma(w, DMASIM_READ, N_SID, N_VA);
}

#define N_NEW (RIG_DATA + 0xa0000)
/* With VMID 3 and the IPA. */
#define S2_IPA cmd_tlbi(0x2a, 3, 0, N_IPA)
#define NH_ALL cmd_tlbi(0x10, 3, 0, 0)

static unsigned move2(struct watched *w, struct nest *n)
{
	return CHANGE(w, nest_at2(n, N_IPA, 3), N_NEW | S2_RW | 3);
}

WATCHED_TEST(stage_2_is_moved_and_stage_1_not_told, NEST_FULL)
{
	struct nest n;
	unsigned line;

	nest_new(w->r, &n, &(struct nest_options){0});
	assert_int_equal(nested_read(w), N_PA);
	line = move2(w, &n);
	assert_int_equal(nested_read(w), N_PA);
	watched_clean(w);
	watched_do(w, S2_IPA);
	assert_int_equal(nested_read(w), N_PA);
	expect(w, DMASIM_STALE_TRANSLATION, line,
	       "the stage 2 level 3 leaf of IPA 0x142070000: CMD_TLBI_S2_IPA "
	       "with VMID 3, that address, and CMD_TLBI_NH_ALL with that VMID");
}

WATCHED_TEST(stage_2_is_moved_and_only_stage_1_told, NEST_FULL)
{
	struct nest n;
	unsigned line;

	nest_new(w->r, &n, &(struct nest_options){0});
	assert_int_equal(nested_read(w), N_PA);
	line = move2(w, &n);
	watched_do(w, NH_ALL);
	/* The walk of stage 1 meets what stage 2 keeps. */
	assert_int_equal(nested_read(w), N_PA);
	expect(w, DMASIM_STALE_TRANSLATION, line, "CMD_TLBI_S2_IPA");
	/* And what came of it is as stale. */
	assert_int_equal(nested_read(w), N_PA);
	assert_int_equal(dmasim_finding_get(w->r->checker, 0)->count, 1);
}

WATCHED_TEST(stage_2_is_moved_as_it_should_be, NEST_FULL)
{
	struct nest n;

	nest_new(w->r, &n, &(struct nest_options){0});
	assert_int_equal(nested_read(w), N_PA);
	move2(w, &n);
	assert_int_equal(nested_read(w), N_PA);
	watched_cmd(w, 0, S2_IPA);
	assert_int_equal(nested_read(w), N_PA);
	watched_do(w, NH_ALL);
	assert_int_equal(nested_read(w), N_NEW);
	watched_clean(w);
}

WATCHED_TEST(stage_2_is_unmapped, NEST_FULL)
{
	struct nest n;
	unsigned line;

	nest_new(w->r, &n, &(struct nest_options){0});
	assert_int_equal(nested_read(w), N_PA);
	line = CHANGE(w, nest_at2(&n, N_IPA, 3), 0);
	assert_int_equal(nested_read(w), N_PA);
	expect(w, DMASIM_USE_AFTER_UNMAP, line, "stage 2 level 3 leaf");
}

/* STE.S2S: as with a CD's S. */
WATCHED_TEST(a_stage_2_that_stalls_may_be_late, NEST_FULL)
{
	struct nest n;

	nest_new(w->r, &n, &(struct nest_options){0});
	n.ste.s2s = 1;
	nest_write_ste(&n);
	assert_int_equal(nested_read(w), N_PA);
	CHANGE(w, nest_at2(&n, N_IPA, 3), 0);
	assert_int_equal(nested_read(w), N_PA);
	watched_clean(w);
}

/* The page that holds a table of the guest is moved: its walks go there. */
WATCHED_TEST(a_table_of_the_guest_is_moved_by_stage_2, NEST_FULL)
{
	uint64_t table, at;
	struct nest n;
	unsigned line;

	nest_new(w->r, &n, &(struct nest_options){0});
	table = nest_at1(&n, N_VA, 3) & ~0xfffull;
	at = nest_at2(&n, NEST_IPA(table), 3);
	assert_int_equal(nested_read(w), N_PA);
	line = CHANGE(w, at, N_NEW | S2_RW | 3);
	watched_do(w, NH_ALL);
	assert_int_equal(nested_read(w), N_PA);
	expect(w, DMASIM_STALE_TRANSLATION, line, "stage 2 level 3 leaf");
}

static void open_stage2(struct watched *w, struct nest *n)
{
	nest_new(w->r, n, &(struct nest_options){0});
	n->ste.config = 6;
	nest_write_ste(n);
	assert_int_equal(watched_dma(w, DMASIM_READ, N_SID, N_IPA), N_PA);
	watched_clean(w);
}

WATCHED_TEST(stage_2_alone_is_moved, NEST_FULL)
{
	struct nest n;
	unsigned line;

	open_stage2(w, &n);
	line = move2(w, &n);
	watched_do(w, cmd_tlbi(0x2a, 4, 0, N_IPA));
	assert_int_equal(watched_dma(w, DMASIM_READ, N_SID, N_IPA), N_PA);
	expect(w, DMASIM_STALE_TRANSLATION, line,
	       "IPA 0x142070000: CMD_TLBI_S2_IPA with VMID 3, that address, "
	       "then CMD_SYNC");
	watched_do(w, S2_IPA);
	assert_int_equal(watched_dma(w, DMASIM_READ, N_SID, N_IPA), N_NEW);
	assert_int_equal(dmasim_finding_get(w->r->checker, 0)->count, 0);
}

WATCHED_TEST(a_table_of_stage_2_is_moved_and_only_the_leaf_told, NEST_FULL)
{
	uint64_t table;
	struct nest n;
	unsigned line;

	open_stage2(w, &n);
	table = tables_alloc(&w->r->t, 4096, 4096);
	line = CHANGE(w, nest_at2(&n, N_IPA, 2), table | 3);
	watched_do(w, cmd_tlbi(0x2a, 3, 0, N_IPA | LEAF));
	assert_int_equal(watched_dma(w, DMASIM_READ, N_SID, N_IPA), N_PA);
	expect(w, DMASIM_STALE_TRANSLATION, line,
	       "the stage 2 level 2 table of IPA 0x142070000: CMD_TLBI_S2_IPA "
	       "with VMID 3, that address, Leaf = 0");
}

/* ---- regimes ---- */

/* StreamWorlds of the Non-secure state. */
static void in_world(struct watched *w, unsigned strw, const char *remedy)
{
	struct dmasim_tables_ste ste = {.config = 5, .shcfg = 1, .strw = strw};
	struct dmasim_tables_cds one;
	unsigned line;

	watched_stream(w);
	one = (struct dmasim_tables_cds){.base = w->cd};
	dmasim_tables_ste_cds(&ste, &one);
	dmasim_tables_write_ste(&w->r->t, w->ste, &ste);
	assert_int_equal(watched_read(w), W_PA);
	line = CHANGE(w, watched_at(w, 3), 0);
	assert_int_equal(watched_read(w), W_PA);
	expect(w, DMASIM_USE_AFTER_UNMAP, line, remedy);
}

WATCHED_TEST(el2_has_its_own_commands, NEST_FULL)
{
	in_world(w, 2, "CMD_TLBI_EL2_VA with that address,");
}

WATCHED_TEST(el2_with_asids_has_them_too, NEST_FULL)
{
	rig_w32(w->r, CR0, 0);
	rig_w32(w->r, CR2, 3);
	rig_w32(w->r, CR0, EN_ALL);
	in_world(w, 2, "CMD_TLBI_EL2_VA with ASID 4, that address,");
}

/* A Secure stream, nested or not, in each of its regimes. */
static void secure(struct watched *w, unsigned config, unsigned strw,
                   const char *remedy)
{
	struct secure s;
	struct nest n;
	uint64_t va = config == 6 ? N_IPA : N_VA, at;
	struct dmasim_txn t = {
	        .op = DMASIM_READ,
	        .cause = DMASIM_CAUSE_DMA,
	        .initiator = w->agent,
	        .stream_id = N_SID,
	        .addr = va,
	        .size = 4,
	        .flags = DMASIM_TXN_SEC_SID | DMASIM_TXN_SECURE,
	        .attr = dmasim_attr_wb,
	        .data = w->r->buf,
	        .origin = {.what = "read frame", .queue = 1, .request = 7},
	};
	unsigned line;

	secure_open(&s, w->r);
	nest_new(w->r, &n, &(struct nest_options){.secure = &s});
	n.ste.config = config;
	n.ste.strw = strw;
	if (!(config & 2)) {
		const struct dmasim_tables_cds one = {.base = n.cd_at};

		dmasim_tables_ste_cds(&n.ste, &one);
		n.guest.shift = 0;
		assert_int_equal(dmasim_tables_space_new(&n.guest, &n.s1),
		                 DMASIM_OK);
		dmasim_tables_cd_stage1(&n.cd, &n.s1, NULL);
		nest_map1(&n, N_VA, N_PA, 3, LEAF_RW);
	}
	nest_write(&n);
	assert_int_equal(dmasim_access(&w->r->client, &t), DMASIM_TXN_OK);
	at = config & 2 ? nest_at2(&n, N_IPA, 3) : nest_at1(&n, N_VA, 3);
	line = CHANGE(w, at, 0);
	assert_int_equal(dmasim_access(&w->r->client, &t), DMASIM_TXN_OK);
	expect(w, DMASIM_USE_AFTER_UNMAP, line, remedy);
}

WATCHED_TEST(secure_el1, NEST_SECURE)
{
	secure(w, 5, 0, "CMD_TLBI_NH_VA with VMID 0, ASID 7, that address,");
}

WATCHED_TEST(secure_el2, NEST_SECURE)
{
	secure(w, 5, 2, "CMD_TLBI_S_EL2_VA with that address,");
}

WATCHED_TEST(el3, NEST_SECURE)
{
	secure(w, 5, 1, "CMD_TLBI_EL3_VA with that address,");
}

WATCHED_TEST(secure_stage_2, NEST_SECURE)
{
	secure(w, 6, 0, "CMD_TLBI_S_S2_IPA with VMID 3, that address,");
}

/* ---- accesses that take the long way ---- */

WATCHED_TEST(an_access_to_two_pages_finds_both, 0)
{
	unsigned line;

	watched_stream(w);
	tables_map(&w->r->t, &w->h, W_VA + 0x1000, W_PA + 0x1000, 3, LEAF_RW);
	assert_int_equal(watched_dma(w, DMASIM_READ, W_SID, W_VA + 0xffe),
	                 W_PA + 0x1000);
	line = CHANGE(w, watched_at(w, 3) + 8, 0);
	assert_int_equal(watched_dma(w, DMASIM_READ, W_SID, W_VA + 0xffe),
	                 W_PA + 0x1000);
	expect(w, DMASIM_USE_AFTER_UNMAP, line, "leaf of address 0x7040202000");
}

/* Each use counts once, however often it has to wait. */
WATCHED_TEST(accesses_that_wait_count_once, .pend = true, .tlb_entries = 1,
             .config_entries = 1)
{
	unsigned line;

	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	line = MOVE_TABLE(w);
	watched_do(w, cmd_tlbi(0x12, 0, W_ASID, W_VA | LEAF));
	assert_int_equal(watched_read(w), W_PA);
	expect(w, DMASIM_STALE_TRANSLATION, line, "level 2 table");
	assert_int_equal(dmasim_finding_get(w->r->checker, 0)->count, 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ste_is_changed),
        cmocka_unit_test(an_ste_is_changed_and_another_invalidated),
        cmocka_unit_test(an_ste_is_made_invalid),
        cmocka_unit_test(an_ste_is_changed_as_it_should_be),
        cmocka_unit_test(a_stream_goes_on_bypassing),
        cmocka_unit_test(a_level_1_descriptor_is_changed),
        cmocka_unit_test(a_level_1_descriptor_serves_another_stream),
        cmocka_unit_test(a_level_1_descriptor_is_changed_as_it_should_be),
        cmocka_unit_test(a_cd_is_changed),
        cmocka_unit_test(a_cd_is_changed_as_it_should_be),
        cmocka_unit_test(a_level_1_descriptor_of_cds_is_changed),
        cmocka_unit_test(stage_2_is_moved_and_stage_1_not_told),
        cmocka_unit_test(stage_2_is_moved_and_only_stage_1_told),
        cmocka_unit_test(stage_2_is_moved_as_it_should_be),
        cmocka_unit_test(stage_2_is_unmapped),
        cmocka_unit_test(a_stage_2_that_stalls_may_be_late),
        cmocka_unit_test(a_table_of_the_guest_is_moved_by_stage_2),
        cmocka_unit_test(stage_2_alone_is_moved),
        cmocka_unit_test(a_table_of_stage_2_is_moved_and_only_the_leaf_told),
        cmocka_unit_test(el2_has_its_own_commands),
        cmocka_unit_test(el2_with_asids_has_them_too),
        cmocka_unit_test(secure_el1),
        cmocka_unit_test(secure_el2),
        cmocka_unit_test(el3),
        cmocka_unit_test(secure_stage_2),
        cmocka_unit_test(an_access_to_two_pages_finds_both),
        cmocka_unit_test(accesses_that_wait_count_once),
};
CHECK_MAIN(tests)
