/* SPDX-License-Identifier: MIT */
/*
 * Shortcuts past the pipeline: an access that takes one comes out as one that
 * does not, and what changes caches or registers leaves none behind.
 */
#include "rig.h"

#include "smmuv3_internal.h"

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)
#define NEW (RIG_DATA + 0x9000)

struct space {
	struct tables_half h;
	uint64_t cd;
};

static struct space page(struct rig *r, uint32_t sid, uint16_t asid,
                         uint64_t leaf)
{
	struct space s;

	s.cd = rig_stream(r, sid, asid, &s.h);
	tables_map(&r->t, &s.h, VA, PA, 3, leaf);
	return s;
}

static struct dmasim_txn read4(struct rig *r, uint64_t va)
{
	return (struct dmasim_txn){.op = DMASIM_READ,
	                           .cause = DMASIM_CAUSE_DMA,
	                           .addr = va,
	                           .size = 4,
	                           .stream_id = SID,
	                           .attr = dmasim_attr_wb,
	                           .data = r->buf};
}

/* An access that the next equal one has a shortcut for. */
static bool has_shortcut(struct rig *r, const struct dmasim_txn *t)
{
	const struct smmu_shortcuts *s = &r->smmu->shortcuts;
	const struct smmu_view *v = smmu_view_slot(s, t);
	const struct smmu_hit *h = smmu_hit_slot(s, v, t->addr);

	return smmu_view_is(r->smmu, v, t) && h->view == v->number &&
	       h->page >> 12 == t->addr >> 12 && (h->page >> t->op & 1);
}

/* What comes of @t; all that it carries is given back. */
static enum dmasim_result go(struct rig *r, const struct dmasim_txn *t)
{
	struct dmasim_txn copy = *t;
	enum dmasim_result res = dmasim_access(&r->client, &copy);

	assert_true(copy.addr == t->addr && copy.size == t->size);
	assert_true(copy.op == t->op && copy.flags == t->flags);
	assert_true(copy.data == t->data);
	assert_true(smmu_attr_same(&copy.attr, &t->attr));
	return res;
}

static bool out_equal(const struct rig_access *a, const struct rig_access *b)
{
	return a->op == b->op && a->addr == b->addr && a->size == b->size &&
	       a->flags == b->flags && smmu_attr_same(&a->attr, &b->attr);
}

/* @t three times: by a walk, by a hit, by a shortcut. All come out alike. */
static void thrice(struct rig *r, const struct dmasim_txn *t)
{
	struct rig_access first;

	assert_int_equal(go(r, t), DMASIM_TXN_OK);
	first = *rig_last(r, DMASIM_CAUSE_DMA);
	assert_int_equal(go(r, t), DMASIM_TXN_OK);
	assert_true(out_equal(&first, rig_last(r, DMASIM_CAUSE_DMA)));
	assert_true(has_shortcut(r, t));
	assert_int_equal(go(r, t), DMASIM_TXN_OK);
	assert_true(out_equal(&first, rig_last(r, DMASIM_CAUSE_DMA)));
}

RIG_TEST(comes_out_alike, 0)
{
	struct dmasim_smmu_stats st;
	struct dmasim_txn t = read4(r, VA + 0x123);

	page(r, SID, 1, LEAF_RW);
	assert_false(has_shortcut(r, &t));
	thrice(r, &t);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, PA + 0x123);
	dmasim_smmu_get_stats(r->smmu, &st);
	assert_int_equal(st.transactions, 3);
	assert_int_equal(st.tlb_hits, 2);
	assert_int_equal(st.tlb_misses, 1);
	/* Somewhere else in the page, and of another size. */
	t.addr = VA + 0xff0;
	t.size = 16;
	assert_true(has_shortcut(r, &t));
	assert_int_equal(go(r, &t), DMASIM_TXN_OK);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, PA + 0xff0);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->size, 16);
	/* Beyond the page nothing is mapped. */
	t.size = 17;
	assert_int_equal(go(r, &t), DMASIM_TXN_ABORT);
	t.size = 0;
	go(r, &t);
	dmasim_smmu_get_stats(r->smmu, &st);
	assert_int_equal(st.tlb_hits, 4);
}

/* A client that can wait gets the same, and waits where it has to. */
RIG_TEST(clients_that_wait, 0)
{
	const struct dmasim_txn t = read4(r, VA);
	struct dmasim_smmu_stats st;

	page(r, SID, 1, LEAF_RW);
	for (unsigned i = 0; i < 6; i++) {
		struct dmasim_txn copy = t;

		r->pend = i >= 4;
		assert_int_equal(dmasim_access_wait(r->k, &r->client, &copy),
		                 DMASIM_OK);
		assert_int_equal(copy.result, DMASIM_TXN_OK);
		assert_true(copy.addr == t.addr && copy.flags == t.flags);
		assert_true(smmu_attr_same(&copy.attr, &t.attr));
		assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, PA);
		assert_int_equal(has_shortcut(r, &t), i >= 1);
	}
	dmasim_smmu_get_stats(r->smmu, &st);
	assert_int_equal(st.transactions, 6);
	assert_int_equal(st.tlb_hits, 5);
}

/* What is read may not be written, or accessed without privilege. */
RIG_TEST(each_kind_of_access_for_itself, 0)
{
	struct dmasim_txn t = read4(r, VA);

	page(r, SID, 1, (LEAF_RO & ~LEAF_AP1) | LEAF_NC);
	t.flags = DMASIM_TXN_PRIVILEGED;
	thrice(r, &t);
	t.op = DMASIM_WRITE;
	assert_int_equal(go(r, &t), DMASIM_TXN_ABORT);
	t.op = DMASIM_ATOMIC_ADD;
	assert_int_equal(go(r, &t), DMASIM_TXN_ABORT);
	t.op = DMASIM_READ;
	t.flags = 0;
	assert_int_equal(go(r, &t), DMASIM_TXN_ABORT);
	t.flags = DMASIM_TXN_PRIVILEGED | DMASIM_TXN_INSTRUCTION;
	assert_int_equal(go(r, &t), DMASIM_TXN_OK);
	t.flags = DMASIM_TXN_PRIVILEGED;
	assert_int_equal(go(r, &t), DMASIM_TXN_OK);
	assert_int_equal(r->records, 3);
}

RIG_TEST(reads_and_writes_of_a_page, 0)
{
	struct dmasim_txn t = read4(r, VA);

	page(r, SID, 1, LEAF_RW);
	thrice(r, &t);
	t.op = DMASIM_WRITE;
	assert_false(has_shortcut(r, &t));
	assert_int_equal(go(r, &t), DMASIM_TXN_OK);
	assert_true(has_shortcut(r, &t));
	assert_int_equal(go(r, &t), DMASIM_TXN_OK);
	/* One more kind took none away. */
	t.op = DMASIM_READ;
	assert_true(has_shortcut(r, &t));
	/* Maintenance and looks have none. */
	t.op = DMASIM_CLEAN;
	assert_int_equal(go(r, &t), DMASIM_TXN_OK);
	assert_false(has_shortcut(r, &t));
	t.op = DMASIM_READ;
	t.flags = DMASIM_TXN_DEBUG;
	assert_int_equal(go(r, &t), DMASIM_TXN_OK);
	assert_int_equal(go(r, &t), DMASIM_TXN_OK);
	assert_false(has_shortcut(r, &t));
}

/* A flag that nobody knows passes, the long way. */
RIG_TEST(unknown_flags, 0)
{
	struct dmasim_txn t = read4(r, VA);

	page(r, SID, 1, LEAF_RW);
	t.flags = 1u << 20;
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(go(r, &t), DMASIM_TXN_OK);
		assert_true(rig_last(r, DMASIM_CAUSE_DMA)->flags & 1u << 20);
		assert_false(has_shortcut(r, &t));
	}
}

/* The attributes that come out depend on those that go in. */
RIG_TEST(other_attributes, 0)
{
	struct dmasim_txn t = read4(r, VA);

	page(r, SID, 1, LEAF_RW);
	thrice(r, &t);
	t.attr.alloc = DMASIM_ALLOC_TRANSIENT;
	assert_false(has_shortcut(r, &t));
	thrice(r, &t);
	t.attr = dmasim_attr_nc;
	assert_false(has_shortcut(r, &t));
	thrice(r, &t);
	t.flags = DMASIM_TXN_NO_SNOOP;
	assert_false(has_shortcut(r, &t));
	thrice(r, &t);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.inner, DMASIM_NC);
}

RIG_TEST(streams_and_substreams, 0)
{
	struct space s;
	struct dmasim_txn t = read4(r, VA);

	page(r, SID, 1, LEAF_RW);
	s = page(r, SID + 1, 2, LEAF_RW);
	tables_map(&r->t, &s.h, VA, NEW, 3, LEAF_RW);
	thrice(r, &t);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, PA);
	t.stream_id = SID + 1;
	assert_false(has_shortcut(r, &t));
	thrice(r, &t);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, NEW);
	/* C_BAD_SUBSTREAMID: the stream has none. */
	t.flags = DMASIM_TXN_SSV;
	assert_int_equal(go(r, &t), DMASIM_TXN_ABORT);
	t.flags = 0;
	/* Without SSV it says nothing, but does not count as the same. */
	t.substream_id = 7;
	thrice(r, &t);
}

/* Each of these ends all that there is. */
RIG_TEST(what_ends_shortcuts, 0)
{
	struct space s = page(r, SID, 1, LEAF_RW);
	struct dmasim_txn t = read4(r, VA);

	thrice(r, &t);
	rig_cmd(r, cmd_tlbi(0x12, 0, 1, VA));
	assert_false(has_shortcut(r, &t));
	thrice(r, &t);
	/* Not one of another address. */
	rig_cmd(r, cmd_tlbi(0x12, 0, 1, VA + 0x1000));
	assert_true(has_shortcut(r, &t));
	rig_cmd(r, cmd_tlbi(0x30, 0, 0, 0));
	assert_false(has_shortcut(r, &t));
	thrice(r, &t);
	rig_cmd(r, cmd_cfgi_cd(SID, 0));
	assert_false(has_shortcut(r, &t));
	thrice(r, &t);
	rig_ste_word(r, SID, 0, 7u << 1, 4u << 1);
	rig_cmd(r, cmd_cfgi_ste(SID, true));
	assert_false(has_shortcut(r, &t));
	/* Bypass now. */
	t.addr = PA;
	assert_int_equal(go(r, &t), DMASIM_TXN_OK);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, PA);
	(void)s;
}

RIG_TEST(a_stale_entry_stays_in_use, 0)
{
	struct space s = page(r, SID, 1, LEAF_RW);
	struct dmasim_txn t = read4(r, VA);

	thrice(r, &t);
	tables_map(&r->t, &s.h, VA, NEW, 3, LEAF_RW);
	assert_int_equal(go(r, &t), DMASIM_TXN_OK);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, PA);
	rig_cmd(r, cmd_tlbi(0x11, 0, 1, 0));
	assert_int_equal(go(r, &t), DMASIM_TXN_OK);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, NEW);
}

/* An entry that had to make room is not used any more. */
RIG_TEST(eviction, .tlb_entries = 4)
{
	struct space s = page(r, SID, 1, LEAF_RW);
	struct dmasim_txn t = read4(r, VA);

	thrice(r, &t);
	tables_map(&r->t, &s.h, VA, NEW, 3, LEAF_RW);
	for (uint64_t i = 1; i <= 4; i++) {
		tables_map(&r->t, &s.h, VA + 0x1000 * i, PA, 3, LEAF_RW);
		assert_int_equal(rig_pa(r, SID, VA + 0x1000 * i), PA);
	}
	assert_int_equal(go(r, &t), DMASIM_TXN_OK);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, NEW);
}

RIG_TEST(registers, 0)
{
	struct dmasim_txn t = read4(r, VA);

	page(r, SID, 1, LEAF_RW);
	thrice(r, &t);
	rig_w32(r, CR0, EN_CMDQ | EN_EVENTQ);
	/* There is no memory at that address. */
	assert_int_equal(go(r, &t), DMASIM_TXN_DECODE);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, VA);
	rig_w32(r, CR0, EN_ALL);
	assert_false(has_shortcut(r, &t));
	thrice(r, &t);
}

/* A block has a shortcut for each of its pages. */
RIG_TEST(blocks, 0)
{
	struct space s;
	struct dmasim_txn t = read4(r, 0x40000000);

	s.cd = rig_stream(r, SID, 1, &s.h);
	tables_map(&r->t, &s.h, 0x40000000, RIG_RAM, 2, LEAF_RW);
	thrice(r, &t);
	t.addr += 0x5008;
	assert_false(has_shortcut(r, &t));
	assert_int_equal(go(r, &t), DMASIM_TXN_OK);
	assert_true(has_shortcut(r, &t));
	assert_int_equal(go(r, &t), DMASIM_TXN_OK);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, RIG_RAM + 0x5008);
	/* An access over two pages of it has none, and goes in one piece. */
	t.addr = 0x40000ffe;
	thrice(r, &(struct dmasim_txn){.op = DMASIM_READ,
	                               .cause = DMASIM_CAUSE_DMA,
	                               .addr = t.addr,
	                               .size = 4,
	                               .stream_id = SID,
	                               .attr = dmasim_attr_wb,
	                               .data = r->buf});
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->size, 4);
}

/* Numbers of views come round after 2^32 of them: nothing that is older
 * matches then. */
RIG_TEST(numbers_come_round, 0)
{
	struct dmasim_txn t = read4(r, VA), other = read4(r, VA);

	page(r, SID, 1, LEAF_RW);
	page(r, SID + 1, 2, LEAF_RW);
	other.stream_id = SID + 1;
	r->smmu->shortcuts.numbers = UINT32_MAX - 1;
	thrice(r, &t);
	thrice(r, &other);
	assert_true(r->smmu->shortcuts.numbers == 1);
	assert_false(has_shortcut(r, &t));
	thrice(r, &t);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_out_alike),
        cmocka_unit_test(clients_that_wait),
        cmocka_unit_test(each_kind_of_access_for_itself),
        cmocka_unit_test(reads_and_writes_of_a_page),
        cmocka_unit_test(unknown_flags),
        cmocka_unit_test(other_attributes),
        cmocka_unit_test(streams_and_substreams),
        cmocka_unit_test(what_ends_shortcuts),
        cmocka_unit_test(a_stale_entry_stays_in_use),
        cmocka_unit_test(eviction),
        cmocka_unit_test(registers),
        cmocka_unit_test(blocks),
        cmocka_unit_test(numbers_come_round),
};

CHECK_MAIN(tests)
