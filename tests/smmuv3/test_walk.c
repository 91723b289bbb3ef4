/* SPDX-License-Identifier: MIT */
/* Stage 1: walks, permissions, and the records of their faults. */
#include "rig.h"

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)

#define D0(type) EV(type, SID)

/* A stream with one page of @leaf at VA. */
static uint64_t one_page(struct rig *r, uint64_t leaf)
{
	struct tables_half h;
	uint64_t cd = rig_stream(r, SID, 1, &h);

	tables_map(&r->t, &h, VA, PA, 3, leaf);
	return cd;
}

RIG_TEST(reads_and_writes_a_page, 0)
{
	one_page(r, LEAF_RW);
	memcpy(r->buf, "dmasim!!", 8);
	assert_int_equal(rig_dma(r, DMASIM_WRITE, SID, VA + 0x20, 8),
	                 DMASIM_TXN_OK);
	assert_int_equal(tables_get(&r->t, PA + 0x20), 0x21216d6973616d64ull);
	memset(r->buf, 0, 8);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA + 0x20, 8),
	                 DMASIM_TXN_OK);
	assert_memory_equal(r->buf, "dmasim!!", 8);
	rig_expect_none(r);
}

RIG_TEST(walks_once_and_then_hits, 0)
{
	struct dmasim_smmu_stats st;

	one_page(r, LEAF_RW);
	assert_int_equal(rig_pa(r, SID, VA + 8), PA + 8);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE), 1);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_CD), 1);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 4);
	assert_string_equal(rig_last(r, DMASIM_CAUSE_WALK)->what,
	                    "level 3 descriptor");
	assert_int_equal(rig_pa(r, SID, VA + 0xffc), PA + 0xffc);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 4);
	dmasim_smmu_get_stats(r->smmu, &st);
	assert_int_equal(st.transactions, 2);
	assert_int_equal(st.tlb_misses, 1);
	assert_int_equal(st.tlb_hits, 1);
	assert_int_equal(st.walks, 1);
	assert_int_equal(st.walk_reads, 4);
	assert_int_equal(st.ste_fetches, 1);
	assert_int_equal(st.cd_fetches, 1);
}

RIG_TEST(latency_is_added_up, 0)
{
	uint64_t cold;

	one_page(r, LEAF_RW);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	cold = r->txn.latency;
	assert_int_equal(dmasim_run_until(r->k, DMASIM_MS), DMASIM_OK);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	/* The RAM itself, and one look-up. */
	assert_in_range(r->txn.latency, 61 * DMASIM_NS, 70 * DMASIM_NS);
	/* STE, CD and four descriptors more. */
	assert_true(cold >= r->txn.latency + 6ull * 60 * DMASIM_NS);
}

/* ---- geometry ---- */

static void check_mapping(struct rig *r, unsigned tsz, unsigned granule,
                          unsigned level, uint64_t va)
{
	struct tables_half h;
	uint64_t cd = tables_alloc(&r->t, 64, 64);
	unsigned shift = granule + (3 - level) * (granule - 3);
	uint64_t size = 1ull << shift, pa = 0x800000000000ull & (0 - size);
	uint64_t in = (va & (size - 1)) | 0x124;

	assert_true(tables_half_new(&r->t, &h, tsz, granule));
	tables_cd(&r->t, cd, &h, NULL, 3);
	tables_ste_stage1(&r->t, &r->streams, SID, cd);
	va &= (0 - size);
	va &= (1ull << (64 - tsz)) - 1;
	/* A block may be far larger than the memory that there is. */
	if (size <= RIG_RAM_SIZE / 2)
		pa = RIG_DATA & (0 - size);
	else
		pa = 0;
	tables_map(&r->t, &h, va, pa, level, LEAF_RW);
	rig_flush(r);
	r->logged = 0;
	rig_dma(r, DMASIM_READ, SID, va + in, 4);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, pa + in);
	rig_expect_none(r);
}

RIG_TEST(every_input_size, 0)
{
	for (unsigned tsz = 16; tsz <= 39; tsz++)
		check_mapping(r, tsz, 12, 3, 0x5a5a12345678ull);
}

RIG_TEST(every_input_size_16k, 0)
{
	for (unsigned tsz = 16; tsz <= 39; tsz++)
		check_mapping(r, tsz, 14, 3, 0x5a5a12345678ull);
}

RIG_TEST(every_input_size_64k, 0)
{
	for (unsigned tsz = 16; tsz <= 39; tsz++)
		check_mapping(r, tsz, 16, 3, 0x5a5a12345678ull);
}

RIG_TEST(blocks, 0)
{
	check_mapping(r, 16, 12, 2, 0x5a5a12345678ull);
	check_mapping(r, 16, 12, 1, 0x5a5a12345678ull);
	check_mapping(r, 16, 14, 2, 0x5a5a12345678ull);
	check_mapping(r, 16, 16, 2, 0x5a5a12345678ull);
	check_mapping(r, 25, 12, 1, 0x12345678ull);
}

static void bad_block(struct rig *r, unsigned granule, unsigned level)
{
	struct tables_half h;
	uint64_t cd = tables_alloc(&r->t, 64, 64);

	assert_true(tables_half_new(&r->t, &h, 16, granule));
	tables_cd(&r->t, cd, &h, NULL, 3);
	tables_ste_stage1(&r->t, &r->streams, SID, cd);
	tables_map(&r->t, &h, 0x1000, 0, level, LEAF_RW);
	rig_flush(r);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, 0x1234, 4),
	                 DMASIM_TXN_ABORT);
	rig_expect(r, D0(0x10), EV_IN | EV_READ, 0x1234, 0);
}

RIG_TEST(no_blocks_at_these_levels, 0)
{
	bad_block(r, 12, 0);
	bad_block(r, 14, 1);
	bad_block(r, 14, 0);
	bad_block(r, 16, 1);
}

RIG_TEST(upper_half, 0)
{
	uint64_t cd = tables_alloc(&r->t, 64, 64);
	struct tables_half low, high;

	assert_true(tables_half_new(&r->t, &low, 25, 12));
	assert_true(tables_half_new(&r->t, &high, 16, 14));
	high.upper = true;
	tables_cd(&r->t, cd, &low, &high, 1);
	tables_ste_stage1(&r->t, &r->streams, SID, cd);
	tables_map(&r->t, &low, 0x7fffff000, PA, 3, LEAF_RW);
	tables_map(&r->t, &high, 0xffff12340000, RIG_DATA, 3, LEAF_RW);
	assert_int_equal(rig_pa(r, SID, 0x7fffff010), PA + 0x10);
	assert_int_equal(rig_pa(r, SID, 0xffffffff12340010), RIG_DATA + 0x10);
	/* The gap between the halves, and bits above them. */
	rig_dma(r, DMASIM_READ, SID, 0x8000000000, 4);
	rig_expect(r, D0(0x10), EV_IN | EV_READ, 0x8000000000, 0);
	rig_dma(r, DMASIM_READ, SID, 0xfffeffff12340010, 4);
	rig_expect(r, D0(0x10), EV_IN | EV_READ, 0xfffeffff12340010, 0);
	rig_dma(r, DMASIM_READ, SID, 0x01000007fffff010, 4);
	rig_expect(r, D0(0x10), EV_IN | EV_READ, 0x01000007fffff010, 0);
}

RIG_TEST(disabled_half, 0)
{
	one_page(r, LEAF_RW);
	rig_dma(r, DMASIM_WRITE, SID, 0xffffffff12340010, 4);
	rig_expect(r, D0(0x10), EV_IN, 0xffffffff12340010, 0);
}

RIG_TEST(top_byte_ignored, 0)
{
	struct tables_half low, high;
	uint64_t cd = rig_stream(r, SID, 1, &low), w;

	assert_true(tables_half_new(&r->t, &high, 16, 12));
	tables_cd(&r->t, cd, &low, &high, 1);
	w = tables_get(&r->t, cd);
	tables_map(&r->t, &low, VA, PA, 3, LEAF_RW);
	tables_map(&r->t, &high, 0xffff00001000, PA, 3, LEAF_RW);
	/* TBI0 alone. */
	tables_set(&r->t, cd, w | 1ull << 38);
	assert_int_equal(rig_pa(r, SID, 0xab00000000000000 | VA), PA);
	assert_int_equal(rig_pa(r, SID, 0xcd00000000000000 | VA), PA);
	rig_dma(r, DMASIM_READ, SID, 0xabffffff00001000, 4);
	rig_expect(r, D0(0x10), EV_IN | EV_READ, 0xabffffff00001000, 0);
	/* TBI1 alone. */
	tables_set(&r->t, cd, w | 1ull << 39);
	rig_flush(r);
	assert_int_equal(rig_pa(r, SID, 0xabffffff00001004), PA + 4);
	rig_dma(r, DMASIM_READ, SID, 0xab00000000000000 | VA, 4);
	rig_expect(r, D0(0x10), EV_IN | EV_READ, 0xab00000000000000 | VA, 0);
	/* A cached translation does not answer for a tagged address. */
	assert_int_equal(rig_pa(r, SID, VA), PA);
	rig_dma(r, DMASIM_READ, SID, 0xab00000000000000 | VA, 4);
	rig_expect(r, D0(0x10), EV_IN | EV_READ, 0xab00000000000000 | VA, 0);
}

RIG_TEST(big_endian_tables, .idr_set = {0})
{
	struct tables_half h;
	uint64_t cd = tables_alloc(&r->t, 64, 64);

	assert_true(tables_half_new(&r->t, &h, 16, 12));
	h.big_endian = true;
	tables_cd(&r->t, cd, &h, NULL, 1);
	tables_ste_stage1(&r->t, &r->streams, SID, cd);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	assert_int_equal(rig_pa(r, SID, VA + 4), PA + 4);
}

/* ---- faults ---- */

RIG_TEST(translation_fault_at_each_level, 0)
{
	struct tables_half h;
	unsigned reads = 0;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	for (unsigned level = 0; level < 4; level++) {
		uint64_t at = tables_descriptor(&r->t, &h, VA, level);
		uint64_t was = tables_get(&r->t, at);

		tables_set(&r->t, at, was & ~1ull);
		rig_flush(r);
		r->logged = 0;
		assert_int_equal(rig_dma(r, DMASIM_WRITE, SID, VA + 4, 4),
		                 DMASIM_TXN_ABORT);
		rig_expect(r, D0(0x10), EV_IN, VA + 4, 0);
		assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), level + 1);
		tables_set(&r->t, at, was);
		reads++;
	}
	assert_int_equal(reads, 4);
	/* A fault is not cached. */
	assert_int_equal(rig_pa(r, SID, VA), PA);
}

RIG_TEST(level_3_block_is_reserved, 0)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	tables_set(&r->t, tables_descriptor(&r->t, &h, VA, 3),
	           PA | LEAF_RW | 1);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, D0(0x10), EV_IN | EV_READ, VA, 0);
}

RIG_TEST(walk_abort_at_each_level, 0)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	for (unsigned level = 0; level < 4; level++) {
		uint64_t at = tables_descriptor(&r->t, &h, VA, level);

		r->refuse_from = at;
		r->refuse_to = at + 8;
		assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA + 8, 4),
		                 DMASIM_TXN_ABORT);
		rig_expect(r, D0(0x0b), EV_TT | EV_READ, VA + 8, at);
	}
}

RIG_TEST(address_size_of_tables_and_leaves, .oas_bits = 44)
{
	struct tables_half h;
	uint64_t at, was;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	for (unsigned level = 0; level < 4; level++) {
		at = tables_descriptor(&r->t, &h, VA, level);
		was = tables_get(&r->t, at);
		tables_set(&r->t, at, was | 1ull << 46);
		assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4),
		                 DMASIM_TXN_ABORT);
		rig_expect(r, D0(0x11), EV_IN | EV_READ, VA, 0);
		tables_set(&r->t, at, was);
	}
	/* The size comes before the access flag and the permissions. */
	tables_set(&r->t, at, (was | 1ull << 46) & ~LEAF_AF);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, D0(0x11), EV_IN | EV_READ, VA, 0);
}

RIG_TEST(address_size_by_ips, 0)
{
	struct tables_half h;
	uint64_t cd = rig_stream(r, SID, 1, &h), w = tables_get(&r->t, cd);
	uint64_t at = tables_descriptor(&r->t, &h, VA, 3);

	/* IPS 0: 32 bits; 1: 36 bits. */
	tables_set(&r->t, cd, w & ~(7ull << 32));
	tables_set(&r->t, at, 0x100000000 | LEAF_RW | 3);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	rig_expect(r, D0(0x11), EV_IN | EV_READ, VA, 0);
	tables_set(&r->t, cd, (w & ~(7ull << 32)) | 1ull << 32);
	rig_flush(r);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->addr, 0x100000000);
	rig_expect_none(r);
}

RIG_TEST(access_flag, 0)
{
	struct tables_half h;
	uint64_t cd = rig_stream(r, SID, 1, &h), w = tables_get(&r->t, cd);

	tables_map(&r->t, &h, VA, PA, 3, LEAF_RO & ~LEAF_AF);
	/* Before the permissions. */
	assert_int_equal(rig_dma(r, DMASIM_WRITE, SID, VA, 4),
	                 DMASIM_TXN_ABORT);
	rig_expect(r, D0(0x12), EV_IN, VA, 0);
	tables_set(&r->t, cd, w | 1ull << 35); /* AFFD */
	rig_flush(r);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4), DMASIM_TXN_OK);
	rig_expect_none(r);
}

/* ---- permissions ---- */

#define PRIV DMASIM_TXN_PRIVILEGED
#define INST DMASIM_TXN_INSTRUCTION

/* Which of EL0 read, write, execute and EL1 read, write, execute pass. */
static unsigned rights(struct rig *r)
{
	static const struct {
		enum dmasim_op op;
		uint32_t flags;
		uint64_t word;
	} tries[] = {
	        {DMASIM_READ, 0, EV_READ},
	        {DMASIM_WRITE, 0, 0},
	        {DMASIM_READ, INST, EV_READ | EV_IND},
	        {DMASIM_READ, PRIV, EV_READ | EV_PNU},
	        {DMASIM_WRITE, PRIV, EV_PNU},
	        {DMASIM_READ, PRIV | INST, EV_READ | EV_PNU | EV_IND},
	};
	unsigned ok = 0;

	for (unsigned i = 0; i < 6; i++) {
		/* Once by a walk, once by a hit: the same answer. */
		rig_flush(r);
		for (int again = 0; again < 2; again++) {
			if (rig_dma_flags(r, tries[i].op, SID, VA,
			                  tries[i].flags) == DMASIM_TXN_OK) {
				rig_expect_none(r);
				ok |= 1u << i;
			} else {
				rig_expect(r, D0(0x13), EV_IN | tries[i].word,
				           VA, 0);
				assert_false(ok & 1u << i);
			}
			/* Bring the entry in by an access that may. */
			if (!again)
				rig_dma_flags(r, DMASIM_READ, SID, VA, PRIV);
			while (rig_event(r, (uint64_t[4]){0}))
				;
		}
	}
	return ok;
}

#define U_R 1u
#define U_W 2u
#define U_X 4u
#define P_R 8u
#define P_W 16u
#define P_X 32u

RIG_TEST(access_permissions, 0)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	/* What EL0 can write, EL1 does not execute. */
	assert_int_equal(rights(r), U_R | U_W | U_X | P_R | P_W);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RO);
	assert_int_equal(rights(r), U_R | U_X | P_R | P_X);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW & ~LEAF_AP1);
	assert_int_equal(rights(r), U_X | P_R | P_W | P_X);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RO & ~LEAF_AP1);
	assert_int_equal(rights(r), U_X | P_R | P_X);
}

RIG_TEST(execute_never, 0)
{
	struct tables_half h;
	uint64_t cd = rig_stream(r, SID, 1, &h), w = tables_get(&r->t, cd);

	tables_map(&r->t, &h, VA, PA, 3, LEAF_RO | LEAF_UXN);
	assert_int_equal(rights(r), U_R | P_R | P_X);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RO | LEAF_PXN);
	assert_int_equal(rights(r), U_R | U_X | P_R);
	/* WXN: what can be written is not executed. */
	tables_set(&r->t, cd, w | 1ull << 36);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	assert_int_equal(rights(r), U_R | U_W | P_R | P_W);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW & ~LEAF_AP1);
	assert_int_equal(rights(r), U_X | P_R | P_W);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RO);
	assert_int_equal(rights(r), U_R | U_X | P_R | P_X);
}

RIG_TEST(privileged_access_never, 0)
{
	struct tables_half h;
	uint64_t cd = rig_stream(r, SID, 1, &h), w = tables_get(&r->t, cd);

	tables_set(&r->t, cd, w | 1ull << 40);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RO);
	assert_int_equal(rights(r), U_R | U_X | P_X);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RO & ~LEAF_AP1);
	assert_int_equal(rights(r), U_X | P_R | P_X);
}

static void table_bits(struct rig *r, const struct tables_half *h,
                       unsigned level, uint64_t bits)
{
	uint64_t at = tables_descriptor(&r->t, h, VA, level);
	uint64_t plain = tables_get(&r->t, at) & 0x0000ffffffffffffull;

	tables_set(&r->t, at, plain | bits);
}

RIG_TEST(hierarchical_permissions, 0)
{
	struct tables_half h;
	uint64_t cd = rig_stream(r, SID, 1, &h);

	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	for (unsigned level = 0; level < 3; level++) {
		table_bits(r, &h, level, 1ull << 62); /* no write */
		assert_int_equal(rights(r), U_R | U_X | P_R | P_X);
		table_bits(r, &h, level, 1ull << 61); /* no EL0 */
		assert_int_equal(rights(r), U_X | P_R | P_W | P_X);
		table_bits(r, &h, level, 3ull << 61 | 1ull << 60);
		assert_int_equal(rights(r), P_R | P_X);
		table_bits(r, &h, level, 1ull << 62 | 1ull << 59);
		assert_int_equal(rights(r), U_R | U_X | P_R);
		table_bits(r, &h, level, 0);
	}
	/* HAD0 switches them off. */
	table_bits(r, &h, 1, 3ull << 61 | 3ull << 59);
	tables_set(&r->t, cd + 8, h.ttb | 2);
	assert_int_equal(rights(r), U_R | U_W | U_X | P_R | P_W);
}

RIG_TEST(table_limits_fault_after_the_walk, 0)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, PA, 3, 0);
	tables_set(&r->t, tables_descriptor(&r->t, &h, VA, 3), 0);
	table_bits(r, &h, 1, 1ull << 62);
	/* Not the permission: there is no leaf. */
	rig_dma(r, DMASIM_WRITE, SID, VA, 4);
	rig_expect(r, D0(0x10), EV_IN, VA, 0);
}

RIG_TEST(atomics_need_both_rights, 0)
{
	one_page(r, LEAF_RO);
	r->buf[0] = 1;
	assert_int_equal(rig_dma(r, DMASIM_ATOMIC_ADD, SID, VA, 4),
	                 DMASIM_TXN_ABORT);
	/* 7.3.16: an atomic is recorded as a write. */
	rig_expect(r, D0(0x13), EV_IN, VA, 0);
}

RIG_TEST(atomics_work, 0)
{
	one_page(r, LEAF_RW);
	tables_set(&r->t, PA, 41);
	memset(r->buf, 0, 8);
	r->buf[0] = 1;
	assert_int_equal(rig_dma(r, DMASIM_ATOMIC_ADD, SID, VA, 4),
	                 DMASIM_TXN_OK);
	assert_int_equal(r->buf[0], 41);
	assert_int_equal(tables_get(&r->t, PA), 42);
}

/* 16.7.2: maintenance needs what a read needs; an invalidation discards only
 * where STE.DRE and the right to write say so, and cleans as well elsewhere. */
static enum dmasim_op maintained(struct rig *r, enum dmasim_op op)
{
	assert_int_equal(rig_dma(r, op, SID, VA, 4), DMASIM_TXN_OK);
	assert_int_equal(r->txn.op, op);
	return rig_last(r, DMASIM_CAUSE_DMA)->op;
}

RIG_TEST(maintenance_needs_read_and_invalidation_write, 0)
{
	one_page(r, LEAF_RO);
	assert_int_equal(maintained(r, DMASIM_CLEAN), DMASIM_CLEAN);
	assert_int_equal(maintained(r, DMASIM_CLEAN_INVALIDATE),
	                 DMASIM_CLEAN_INVALIDATE);
	rig_ste_word(r, SID, 1, 0, 1ull << 12); /* DRE */
	rig_flush(r);
	assert_int_equal(maintained(r, DMASIM_INVALIDATE),
	                 DMASIM_CLEAN_INVALIDATE);
	one_page(r, LEAF_RW);
	rig_flush(r);
	assert_int_equal(maintained(r, DMASIM_INVALIDATE),
	                 DMASIM_CLEAN_INVALIDATE);
	rig_ste_word(r, SID, 1, 0, 1ull << 12);
	rig_flush(r);
	assert_int_equal(maintained(r, DMASIM_INVALIDATE), DMASIM_INVALIDATE);
	/* Recorded as a read. */
	assert_int_equal(rig_dma(r, DMASIM_INVALIDATE, SID, VA + 0x1000, 4),
	                 DMASIM_TXN_ABORT);
	rig_expect(r, D0(0x10), EV_IN | EV_READ, VA + 0x1000, 0);
}

RIG_TEST(writes_are_data, 0)
{
	one_page(r, LEAF_RW | LEAF_UXN | LEAF_PXN);
	assert_int_equal(rig_dma_flags(r, DMASIM_WRITE, SID, VA, INST),
	                 DMASIM_TXN_OK);
	rig_dma_flags(r, DMASIM_WRITE, SID, VA + 0x1000, INST | PRIV);
	rig_expect(r, D0(0x10), EV_IN | EV_PNU, VA + 0x1000, 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_a_page),
        cmocka_unit_test(walks_once_and_then_hits),
        cmocka_unit_test(latency_is_added_up),
        cmocka_unit_test(every_input_size),
        cmocka_unit_test(every_input_size_16k),
        cmocka_unit_test(every_input_size_64k),
        cmocka_unit_test(blocks),
        cmocka_unit_test(no_blocks_at_these_levels),
        cmocka_unit_test(upper_half),
        cmocka_unit_test(disabled_half),
        cmocka_unit_test(top_byte_ignored),
        cmocka_unit_test(big_endian_tables),
        cmocka_unit_test(translation_fault_at_each_level),
        cmocka_unit_test(level_3_block_is_reserved),
        cmocka_unit_test(walk_abort_at_each_level),
        cmocka_unit_test(address_size_of_tables_and_leaves),
        cmocka_unit_test(address_size_by_ips),
        cmocka_unit_test(access_flag),
        cmocka_unit_test(access_permissions),
        cmocka_unit_test(execute_never),
        cmocka_unit_test(privileged_access_never),
        cmocka_unit_test(hierarchical_permissions),
        cmocka_unit_test(table_limits_fault_after_the_walk),
        cmocka_unit_test(atomics_need_both_rights),
        cmocka_unit_test(atomics_work),
        cmocka_unit_test(maintenance_needs_read_and_invalidation_write),
        cmocka_unit_test(writes_are_data),
};

CHECK_MAIN(tests)
