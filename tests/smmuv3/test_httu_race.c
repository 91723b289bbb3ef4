/* SPDX-License-Identifier: MIT */
/*
 * Updates of descriptors (3.13) that somebody else is always faster at: the
 * walk is not repeated for ever, but ends as if the descriptor could not be
 * had.
 */
#include "rig.h"

#define SID     5u
#define VA      0x12345000ull
#define PA      (RIG_DATA + 0x7000)
#define IGNORED (1ull << 55)

static uint64_t contended;
static unsigned attempts;

/* Before each update the descriptor changes, if only in what counts for
 * nothing. */
static void contend(struct rig *r, const struct dmasim_txn *txn)
{
	if (txn->cause != DMASIM_CAUSE_WALK || txn->op != DMASIM_ATOMIC_CAS)
		return;
	attempts++;
	tables_set(&r->t, contended, tables_get(&r->t, contended) ^ IGNORED);
}

static void never_rests(struct rig *r)
{
	struct tables_half h;
	uint64_t cd = rig_stream(r, SID, 1, &h);

	/* CD.HA. */
	tables_set(&r->t, cd, tables_get(&r->t, cd) | 1ull << 43);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW & ~LEAF_AF);
	contended = tables_descriptor(&r->t, &h, VA, 3);
	attempts = 0;
	r->hook = contend;
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_ABORT);
	rig_expect(r, EV(0x0b, SID), EV_TT | EV_READ, VA, contended);
	assert_in_range(attempts, 2, 200);
	assert_false(tables_get(&r->t, contended) & LEAF_AF);
	/* The next one has it for itself. */
	r->hook = NULL;
	assert_int_equal(rig_pa(r, SID, VA), PA);
	assert_true(tables_get(&r->t, contended) & LEAF_AF);
	rig_expect_none(r);
}

RIG_TEST(at_once, .idr_set = {2u << 6})
{
	never_rests(r);
}

RIG_TEST(pending, .idr_set = {2u << 6}, .pend = true)
{
	never_rests(r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_once),
        cmocka_unit_test(pending),
};

CHECK_MAIN(tests)
