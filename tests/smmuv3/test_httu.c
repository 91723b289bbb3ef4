/* SPDX-License-Identifier: MIT */
/* Access flag and dirty state, updated by the SMMU (3.13). */
#include "nest.h"

#define VA (N_VA + 0x124)

#define AF     DMASIM_TABLES_AF
#define DBM    DMASIM_TABLES_DBM
#define S2_W   DMASIM_TABLES_S2_WRITE
#define CLEAN  (LEAF_RO | DBM) /* writable-clean, stage 1 */
#define CLEAN2 (S2_RO | DBM)

/* Updates of descriptors since the log was emptied. */
static unsigned updates(const struct rig *r)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->logged; i++)
		n += r->log[i].op == DMASIM_ATOMIC_CAS &&
		     r->log[i].cause == DMASIM_CAUSE_WALK;
	return n;
}

/* What is updated by hardware. */
#define HA1 1u
#define HD1 2u
#define HA2 4u
#define HD2 8u
#define ALL 15u

static void setup(struct rig *r, struct nest *n, unsigned flags)
{
	nest_new(r, n, &(struct nest_options){0});
	n->cd.ha = (flags & HA1) != 0;
	n->cd.hd = (flags & HD1) != 0;
	n->ste.s2ha = (flags & HA2) != 0;
	n->ste.s2hd = (flags & HD2) != 0;
	nest_write(n);
}

static void settle_leaf(struct nest *n)
{
	rig_flush(n->r);
	n->r->logged = 0;
}

static void leaf1(struct nest *n, uint64_t bits)
{
	nest_map1(n, N_VA, N_IPA, 3, bits);
	settle_leaf(n);
}

static void leaf2(struct nest *n, uint64_t bits)
{
	nest_map2(n, N_IPA, N_PA, 3, bits);
	settle_leaf(n);
}

/* What an access changes in the leaf of stage 1, of stage 2. */
static uint64_t change(struct nest *n, enum dmasim_op op, bool stage2)
{
	uint64_t one = nest_get1(n, N_VA, 3), two = nest_get2(n, N_IPA, 3);

	nest_ok(n, op);
	return stage2 ? two ^ nest_get2(n, N_IPA, 3)
	              : one ^ nest_get1(n, N_VA, 3);
}
#define change1(n, op) change(n, op, false)
#define change2(n, op) change(n, op, true)

/* ---- stage 1 ---- */

RIG_TEST(access_flag_stage1, NEST_FULL)
{
	const struct rig_access *a;
	struct nest n;

	setup(r, &n, HA1);
	leaf1(&n, LEAF_RW & ~AF);
	assert_int_equal(change1(&n, DMASIM_READ), AF);
	assert_int_equal(updates(r), 1);
	/* 5.4: as the walks, and it is one atomic access of 8 bytes. */
	a = rig_last(r, DMASIM_CAUSE_WALK);
	for (unsigned i = 0; i < r->logged; i++)
		if (r->log[i].op == DMASIM_ATOMIC_CAS)
			a = &r->log[i];
	assert_int_equal(a->addr, nest_at1(&n, N_VA, 3));
	assert_int_equal(a->size, 8);
	assert_int_equal(a->attr.inner, DMASIM_WB);
	assert_int_equal(a->attr.share, DMASIM_ISH);
	assert_int_equal(change1(&n, DMASIM_WRITE), 0);
	assert_int_equal(updates(r), 1);
	leaf1(&n, LEAF_RW & ~AF);
	assert_int_equal(change1(&n, DMASIM_WRITE), AF);
}

/* AFFD counts without HA alone. */
RIG_TEST(flag_fault_disable, NEST_FULL)
{
	struct nest n;

	setup(r, &n, HA1);
	n.cd.affd = 1;
	nest_write(&n);
	leaf1(&n, LEAF_RW & ~AF);
	assert_int_equal(change1(&n, DMASIM_READ), AF);
	n.cd.ha = 0;
	nest_write(&n);
	leaf1(&n, LEAF_RW & ~AF);
	assert_int_equal(change1(&n, DMASIM_READ), 0);
	n.cd.affd = 0;
	nest_write(&n);
	leaf1(&n, LEAF_RW & ~AF);
	nest_fault(&n, DMASIM_READ);
	nest_expect(&n, EV_F_ACCESS, EV_IN | EV_READ, VA, 0);
	assert_int_equal(nest_get1(&n, N_VA, 3) & AF, 0);
}

RIG_TEST(dirty_stage1, NEST_FULL)
{
	struct nest n;

	setup(r, &n, HA1 | HD1);
	leaf1(&n, CLEAN);
	assert_int_equal(change1(&n, DMASIM_READ), 0);
	assert_int_equal(updates(r), 0);
	/* What is kept of the read does not let a write through. */
	assert_int_equal(change1(&n, DMASIM_WRITE), LEAF_AP2);
	assert_int_equal(updates(r), 1);
	assert_true(nest_get1(&n, N_VA, 3) & DBM);
	assert_int_equal(change1(&n, DMASIM_WRITE), 0);
	assert_int_equal(updates(r), 1);
	/* Both flags at once. */
	leaf1(&n, CLEAN & ~AF);
	assert_int_equal(change1(&n, DMASIM_WRITE), AF | LEAF_AP2);
	assert_int_equal(updates(r), 1);
	/* A read sets the one alone. */
	leaf1(&n, CLEAN & ~AF);
	assert_int_equal(change1(&n, DMASIM_READ), AF);
}

/* 3.13.3: only what AP alone makes read-only can become dirty. */
static void stays_clean(struct nest *n, uint64_t leaf, uint32_t flags)
{
	leaf1(n, leaf);
	assert_int_equal(rig_dma_flags(n->r, DMASIM_WRITE, N_SID, VA, flags),
	                 DMASIM_TXN_ABORT);
	nest_expect(n, EV_F_PERMISSION,
	            EV_IN | (flags & DMASIM_TXN_PRIVILEGED ? EV_PNU : 0), VA,
	            0);
	assert_int_equal(nest_get1(n, N_VA, 3) & LEAF_AP2, leaf & LEAF_AP2);
}

RIG_TEST(not_to_be_dirtied, NEST_FULL)
{
	uint64_t table;
	struct nest n;

	setup(r, &n, HA1 | HD1);
	stays_clean(&n, LEAF_RO, 0);
	/* Unprivileged, where EL0 has no access. */
	stays_clean(&n, CLEAN & ~LEAF_AP1, 0);
	/* APTable. */
	table = nest_get1(&n, N_VA, 2);
	nest_set1(&n, N_VA, 2, table | DMASIM_TABLES_APTABLE(2));
	stays_clean(&n, CLEAN, 0);
	nest_set1(&n, N_VA, 2, table);
	/* PAN. */
	n.cd.pan = 1;
	nest_write(&n);
	stays_clean(&n, CLEAN, DMASIM_TXN_PRIVILEGED);
	n.cd.pan = 0;
	/* HA alone; HD alone is nothing. */
	n.cd.hd = 0;
	nest_write(&n);
	stays_clean(&n, CLEAN, 0);
	n.cd.ha = 0;
	n.cd.hd = 1;
	nest_write(&n);
	stays_clean(&n, CLEAN, 0);
	leaf1(&n, LEAF_RW & ~AF);
	nest_fault(&n, DMASIM_WRITE);
	nest_expect(&n, EV_F_ACCESS, EV_IN, VA, 0);
}

/* 3.13.8: a page that may be marked dirty counts as writable for execution:
 * what EL0 can write, EL1 does not execute, and with WXN neither does EL0. */
RIG_TEST(clean_counts_as_writable, NEST_FULL)
{
	struct nest n;

	setup(r, &n, HA1 | HD1);
	leaf1(&n, CLEAN);
	rig_dma_flags(r, DMASIM_READ, N_SID, VA,
	              DMASIM_TXN_INSTRUCTION | DMASIM_TXN_PRIVILEGED);
	nest_expect(&n, EV_F_PERMISSION, EV_IN | EV_READ | EV_PNU | EV_IND, VA,
	            0);
	assert_int_equal(rig_dma_flags(r, DMASIM_READ, N_SID, VA,
	                               DMASIM_TXN_INSTRUCTION),
	                 DMASIM_TXN_OK);
	n.cd.wxn = 1;
	nest_write(&n);
	rig_dma_flags(r, DMASIM_READ, N_SID, VA, DMASIM_TXN_INSTRUCTION);
	nest_expect(&n, EV_F_PERMISSION, EV_IN | EV_READ | EV_IND, VA, 0);
}

RIG_TEST(blocks_and_byte_order, NEST_FULL)
{
	uint64_t block = RIG_RAM + 0x02200000, va = 0x40000000, was;
	struct nest n;

	nest_new(r, &n, &(struct nest_options){.endi1 = true, .endi2 = true});
	n.cd.ha = n.cd.hd = n.ste.s2ha = n.ste.s2hd = 1;
	nest_map1(&n, va, NEST_IPA(block), 2, CLEAN & ~AF);
	nest_map2(&n, NEST_IPA(block), block, 2, CLEAN2 & ~AF);
	nest_write(&n);
	was = nest_get1(&n, va, 2);
	assert_int_equal(rig_dma(r, DMASIM_WRITE, N_SID, va + 0x5000, 4),
	                 DMASIM_TXN_OK);
	assert_int_equal(nest_get1(&n, va, 2) ^ was, AF | LEAF_AP2);
	assert_int_equal(nest_get2(&n, NEST_IPA(block), 2) & (AF | S2_W),
	                 AF | S2_W);
	rig_expect_none(r);
}

/* ---- stage 2 ---- */

RIG_TEST(stage2_alone, NEST_FULL)
{
	struct nest n;

	setup(r, &n, HA2 | HD2);
	n.ste.config = 6;
	nest_write(&n);
	leaf2(&n, CLEAN2 & ~AF);
	assert_int_equal(rig_pa(r, N_SID, N_IPA), N_PA);
	assert_int_equal(nest_get2(&n, N_IPA, 3) & (AF | S2_W), AF);
	assert_int_equal(updates(r), 1);
	/* The entry of the read is clean. */
	assert_int_equal(rig_dma(r, DMASIM_WRITE, N_SID, N_IPA, 4),
	                 DMASIM_TXN_OK);
	assert_int_equal(nest_get2(&n, N_IPA, 3) & (AF | S2_W), AF | S2_W);
	assert_int_equal(updates(r), 2);
	rig_dma(r, DMASIM_WRITE, N_SID, N_IPA, 4);
	assert_int_equal(updates(r), 2);
	leaf2(&n, S2_RO);
	rig_dma(r, DMASIM_WRITE, N_SID, N_IPA, 4);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_IN, N_IPA, N_IPA);
	n.ste.s2hd = 0;
	nest_write(&n);
	leaf2(&n, CLEAN2);
	rig_dma(r, DMASIM_WRITE, N_SID, N_IPA, 4);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_IN, N_IPA, N_IPA);
	n.ste.s2ha = 0;
	n.ste.s2hd = 1;
	nest_write(&n);
	leaf2(&n, CLEAN2 & ~AF);
	rig_dma(r, DMASIM_WRITE, N_SID, N_IPA, 4);
	nest_expect(&n, EV_F_ACCESS, EV_S2 | EV_IN, N_IPA, N_IPA);
}

/* ---- both ---- */

RIG_TEST(both_leaves, NEST_FULL)
{
	struct nest n;

	setup(r, &n, ALL);
	nest_map2(&n, N_IPA, N_PA, 3, CLEAN2 & ~AF);
	leaf1(&n, CLEAN & ~AF);
	assert_int_equal(change2(&n, DMASIM_READ), AF);
	assert_int_equal(updates(r), 2);
	assert_int_equal(change2(&n, DMASIM_WRITE), S2_W);
	assert_int_equal(nest_get1(&n, N_VA, 3) & LEAF_AP2, 0);
	assert_int_equal(updates(r), 4);
	/* Only one of the two is clean. */
	leaf1(&n, CLEAN);
	assert_int_equal(change1(&n, DMASIM_READ), 0);
	assert_int_equal(change1(&n, DMASIM_WRITE), LEAF_AP2);
	leaf2(&n, CLEAN2);
	assert_int_equal(change2(&n, DMASIM_READ), 0);
	assert_int_equal(change2(&n, DMASIM_WRITE), S2_W);
}

/* What stage 1 forbids does not make the page of stage 2 dirty. */
RIG_TEST(stage1_forbids, NEST_FULL)
{
	struct nest n;

	setup(r, &n, ALL);
	nest_map2(&n, N_IPA, N_PA, 3, CLEAN2);
	leaf1(&n, LEAF_RO);
	nest_fault(&n, DMASIM_WRITE);
	nest_expect(&n, EV_F_PERMISSION, EV_IN, VA, 0);
	assert_int_equal(nest_get2(&n, N_IPA, 3) & S2_W, 0);
}

/* 3.13.5: writing a descriptor of stage 1 is a write at stage 2. */
RIG_TEST(descriptor_cannot_be_written, NEST_FULL)
{
	struct nest n;
	uint64_t at, page;

	setup(r, &n, HA1 | HD1 | HA2);
	at = nest_at1(&n, N_VA, 3);
	page = NEST_IPA(at) & ~0xfffull;
	nest_guard(&n, at, S2_RO);
	leaf1(&n, LEAF_RW & ~AF);
	for (unsigned i = 0; i < 2; i++) {
		nest_fault(&n, DMASIM_READ);
		nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_TT | EV_READ, VA,
		            page);
	}
	leaf1(&n, CLEAN);
	nest_ok(&n, DMASIM_READ);
	nest_fault(&n, DMASIM_WRITE);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_TT, VA, page);
	assert_int_equal(nest_get1(&n, N_VA, 3) & LEAF_AP2, LEAF_AP2);
	assert_int_equal(updates(r), 0);
	/* Neither readable nor writable: the read comes first. */
	nest_guard(&n, at, S2_RO & ~DMASIM_TABLES_S2_READ);
	leaf1(&n, CLEAN);
	nest_fault(&n, DMASIM_WRITE);
	nest_expect(&n, EV_F_PERMISSION, EV_S2 | EV_TT | EV_TTR, VA, page);
}

static uint64_t guest_leaf(struct nest *n, uint64_t ram)
{
	return nest_get2(n, NEST_IPA(ram & ~0xfffull), 3);
}

/* ... and marks the table's own page. */
RIG_TEST(table_becomes_dirty, NEST_FULL)
{
	struct nest n;
	uint64_t at;

	setup(r, &n, ALL);
	at = nest_at1(&n, N_VA, 3);
	nest_guard(&n, at, CLEAN2 & ~AF);
	leaf1(&n, CLEAN);
	/* Reading it: accessed. */
	nest_ok(&n, DMASIM_READ);
	assert_int_equal(guest_leaf(&n, at) & (AF | S2_W), AF);
	assert_int_equal(change1(&n, DMASIM_WRITE), LEAF_AP2);
	assert_int_equal(guest_leaf(&n, at) & (AF | S2_W), AF | S2_W);
	/* By the access flag alone, too; an upper table stays clean. */
	nest_guard(&n, at, CLEAN2);
	nest_guard(&n, nest_at1(&n, N_VA, 1), CLEAN2);
	leaf1(&n, LEAF_RW & ~AF);
	nest_ok(&n, DMASIM_READ);
	assert_int_equal(guest_leaf(&n, at) & S2_W, S2_W);
	assert_int_equal(guest_leaf(&n, nest_at1(&n, N_VA, 1)) & S2_W, 0);
}

/* 3.13.2, 3.13.3: fetching a CD sets the access flag, never the dirty state. */
RIG_TEST(cd_fetch, NEST_FULL)
{
	struct nest n;

	setup(r, &n, ALL);
	nest_guard(&n, n.cd_at, CLEAN2 & ~AF);
	leaf1(&n, LEAF_RW);
	nest_ok(&n, DMASIM_WRITE);
	assert_int_equal(guest_leaf(&n, n.cd_at) & (AF | S2_W), AF);
}

RIG_TEST(pending_memory, NEST_FULL, .pend = true)
{
	struct nest n;
	uint64_t at;

	setup(r, &n, ALL);
	at = nest_at1(&n, N_VA, 3);
	nest_guard(&n, at, CLEAN2 & ~AF);
	nest_guard(&n, n.cd_at, CLEAN2 & ~AF);
	nest_map2(&n, N_IPA, N_PA, 3, CLEAN2 & ~AF);
	leaf1(&n, CLEAN & ~AF);
	assert_int_equal(change2(&n, DMASIM_WRITE), AF | S2_W);
	assert_int_equal(nest_get1(&n, N_VA, 3) & (AF | LEAF_AP2), AF);
	assert_int_equal(guest_leaf(&n, at) & (AF | S2_W), AF | S2_W);
	assert_int_equal(guest_leaf(&n, n.cd_at) & (AF | S2_W), AF);
	/* Each once: a restart does not repeat what is done. */
	assert_int_equal(updates(r), 5);
}

/* ---- somebody else changes it ---- */

static struct nest *raced;
static uint64_t race_value;
static bool race_stage2;

/* Just before the update. */
static void race(struct rig *r, const struct dmasim_txn *txn)
{
	if (txn->cause != DMASIM_CAUSE_WALK || txn->op != DMASIM_ATOMIC_CAS)
		return;
	r->hook = NULL;
	if (race_stage2)
		nest_set2(raced, N_IPA, 3, race_value);
	else
		nest_set1(raced, N_VA, 3, race_value);
}

static void start_race(struct nest *n, bool stage2, uint64_t value)
{
	raced = n, race_stage2 = stage2, race_value = value;
	n->r->hook = race;
}

RIG_TEST(descriptor_changes, NEST_FULL)
{
	uint64_t leaf;
	struct nest n;

	setup(r, &n, ALL);
	/* The flag was set by another. */
	leaf1(&n, LEAF_RW & ~AF);
	leaf = nest_get1(&n, N_VA, 3);
	start_race(&n, false, leaf | AF);
	nest_ok(&n, DMASIM_READ);
	assert_int_equal(updates(r), 1);
	assert_int_equal(nest_get1(&n, N_VA, 3), leaf | AF);
	/* Another page now, with its own flag to set. */
	nest_map2(&n, N_IPA + 0x1000, N_PA + 0x1000, 3, S2_RW);
	leaf1(&n, LEAF_RW & ~AF);
	start_race(&n, false, leaf + 0x1000);
	assert_int_equal(rig_pa(r, N_SID, N_VA), N_PA + 0x1000);
	assert_int_equal(updates(r), 2);
	assert_int_equal(nest_get1(&n, N_VA, 3), (leaf + 0x1000) | AF);
	/* Gone. */
	leaf1(&n, LEAF_RW & ~AF);
	start_race(&n, false, 0);
	nest_fault(&n, DMASIM_READ);
	nest_expect(&n, EV_F_TRANSLATION, EV_IN | EV_READ, VA, 0);
	assert_int_equal(nest_get1(&n, N_VA, 3), 0);
	/* No longer to be written. */
	leaf1(&n, CLEAN);
	start_race(&n, false, nest_get1(&n, N_VA, 3) & ~DBM);
	nest_fault(&n, DMASIM_WRITE);
	nest_expect(&n, EV_F_PERMISSION, EV_IN, VA, 0);
}

RIG_TEST(descriptor_of_stage2_changes, NEST_FULL)
{
	uint64_t leaf;
	struct nest n;

	setup(r, &n, ALL);
	leaf2(&n, CLEAN2);
	leaf = nest_get2(&n, N_IPA, 3);
	start_race(&n, true, leaf + 0x3000);
	assert_int_equal(rig_dma(r, DMASIM_WRITE, N_SID, N_VA, 4),
	                 DMASIM_TXN_OK);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, N_PA + 0x3000);
	assert_int_equal(nest_get2(&n, N_IPA, 3), (leaf + 0x3000) | S2_W);
	leaf2(&n, S2_RW & ~AF);
	start_race(&n, true, 0);
	nest_fault(&n, DMASIM_READ);
	nest_expect(&n, EV_F_TRANSLATION, EV_S2 | EV_IN | EV_READ, VA, N_IPA);
}

RIG_TEST(descriptor_changes_while_it_waits, NEST_FULL, .pend = true)
{
	uint64_t leaf;
	struct nest n;

	setup(r, &n, ALL);
	leaf1(&n, CLEAN & ~AF);
	leaf = nest_get1(&n, N_VA, 3);
	start_race(&n, false, leaf | AF);
	nest_ok(&n, DMASIM_WRITE);
	assert_int_equal(nest_get1(&n, N_VA, 3), (leaf | AF) & ~LEAF_AP2);
	assert_int_equal(updates(r), 2);
}

/* Another write to the same page, whole, before the first one's update. */
static void second_write(struct rig *r, const struct dmasim_txn *txn)
{
	uint8_t data[4] = {1, 2, 3, 4};
	struct dmasim_txn t = {.op = DMASIM_WRITE,
	                       .cause = DMASIM_CAUSE_DMA,
	                       .stream_id = N_SID,
	                       .addr = VA + 0x100,
	                       .size = 4,
	                       .attr = dmasim_attr_wb,
	                       .data = data};

	if (txn->op != DMASIM_ATOMIC_CAS)
		return;
	r->hook = NULL;
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_OK);
}

RIG_TEST(two_writes_at_once, NEST_FULL)
{
	struct nest n;

	setup(r, &n, ALL);
	nest_map2(&n, N_IPA, N_PA, 3, CLEAN2 & ~AF);
	leaf1(&n, CLEAN & ~AF);
	r->hook = second_write;
	nest_ok(&n, DMASIM_WRITE);
	assert_null(r->hook);
	/* Two of the second; the first found it done. */
	assert_int_equal(updates(r), 3);
	assert_int_equal(nest_get1(&n, N_VA, 3) & (AF | LEAF_AP2), AF);
	assert_int_equal(nest_get2(&n, N_IPA, 3) & (AF | S2_W), AF | S2_W);
	assert_int_equal(tables_get(&r->t, N_PA + 0x220) >> 32, 0x04030201);
}

/* 7.3.12: an update that is aborted. */
RIG_TEST(update_aborts, NEST_FULL)
{
	struct nest n;

	setup(r, &n, ALL);
	r->refuse_ops = 1u << DMASIM_ATOMIC_CAS;
	leaf1(&n, LEAF_RW & ~AF);
	nest_refuse(&n, nest_at1(&n, N_VA, 3));
	nest_fault(&n, DMASIM_READ);
	nest_expect(&n, EV_F_WALK_EABT, EV_TT | EV_READ, VA,
	            nest_at1(&n, N_VA, 3));
	nest_refuse(&n, 0);
	leaf2(&n, CLEAN2);
	nest_refuse(&n, nest_at2(&n, N_IPA, 3));
	nest_ok(&n, DMASIM_READ);
	nest_fault(&n, DMASIM_WRITE);
	nest_expect(&n, EV_F_WALK_EABT, EV_S2 | EV_IN, VA,
	            nest_at2(&n, N_IPA, 3));
}

/* ---- cache maintenance (3.13.8, 16.7.2) ---- */

RIG_TEST(maintenance, NEST_FULL)
{
	struct nest n;

	setup(r, &n, ALL);
	n.ste.dre = 1;
	nest_write(&n);
	nest_map2(&n, N_IPA, N_PA, 3, CLEAN2);
	leaf1(&n, CLEAN & ~AF);
	/* It is accessed, and stays clean: the invalidation cleans first. */
	assert_int_equal(change1(&n, DMASIM_INVALIDATE), AF);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->op,
	                 DMASIM_CLEAN_INVALIDATE);
	assert_int_equal(change1(&n, DMASIM_INVALIDATE), 0);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->op,
	                 DMASIM_CLEAN_INVALIDATE);
	assert_int_equal(change1(&n, DMASIM_CLEAN), 0);
	assert_int_equal(change2(&n, DMASIM_WRITE), S2_W);
	assert_int_equal(change1(&n, DMASIM_INVALIDATE), 0);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->op, DMASIM_INVALIDATE);
}

/* A look leaves no trace, and sees what an access would. */
RIG_TEST(debug_accesses, NEST_FULL)
{
	struct nest n;

	setup(r, &n, ALL);
	nest_map2(&n, N_IPA, N_PA, 3, S2_RW & ~AF);
	leaf1(&n, LEAF_RW & ~AF);
	tables_set(&r->t, N_PA + 0x120, 0x1122334455667788);
	assert_int_equal(
	        rig_dma_flags(r, DMASIM_READ, N_SID, VA, DMASIM_TXN_DEBUG),
	        DMASIM_TXN_OK);
	assert_memory_equal(r->buf, "\x44\x33\x22\x11", 4);
	assert_int_equal(updates(r), 0);
	assert_int_equal(nest_get1(&n, N_VA, 3) & AF, 0);
	assert_int_equal(nest_get2(&n, N_IPA, 3) & AF, 0);
	assert_int_equal(change1(&n, DMASIM_READ), AF);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(access_flag_stage1),
        cmocka_unit_test(flag_fault_disable),
        cmocka_unit_test(dirty_stage1),
        cmocka_unit_test(not_to_be_dirtied),
        cmocka_unit_test(clean_counts_as_writable),
        cmocka_unit_test(blocks_and_byte_order),
        cmocka_unit_test(stage2_alone),
        cmocka_unit_test(both_leaves),
        cmocka_unit_test(stage1_forbids),
        cmocka_unit_test(descriptor_cannot_be_written),
        cmocka_unit_test(table_becomes_dirty),
        cmocka_unit_test(cd_fetch),
        cmocka_unit_test(pending_memory),
        cmocka_unit_test(descriptor_changes),
        cmocka_unit_test(descriptor_of_stage2_changes),
        cmocka_unit_test(descriptor_changes_while_it_waits),
        cmocka_unit_test(two_writes_at_once),
        cmocka_unit_test(update_aborts),
        cmocka_unit_test(maintenance),
        cmocka_unit_test(debug_accesses),
};

CHECK_MAIN(tests)
