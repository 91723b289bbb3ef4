/* SPDX-License-Identifier: MIT */
/* Memory, stream tables and tables of CDs. */
#include "rig.h"

static void memory_is_zeroed_and_aligned(void **state)
{
	struct rig *r = *state;
	uint64_t pa;

	for (uint64_t a = RAM; a < RAM + 0x8000; a += 8)
		assert_int_equal(dmasim_tables_set(&r->t, a, ~0ull), DMASIM_OK);
	assert_int_equal(dmasim_tables_alloc(&r->t, 0x2010, 0x1000, &pa),
	                 DMASIM_OK);
	assert_int_equal(pa, RAM + 0x2000);
	assert_int_equal(r->t.next, RAM + 0x4010);
	assert_int_equal(word(r, pa), 0);
	assert_int_equal(word(r, pa + 0x2008), 0);
	assert_int_equal(word(r, pa + 0x2010), ~0ull);
	assert_int_equal(word(r, pa - 8), ~0ull);
}

static void memory_runs_out(void **state)
{
	struct rig *r = *state;
	uint64_t pa = 1;

	assert_int_equal(dmasim_tables_alloc(&r->t, 0, 8, &pa), DMASIM_E_INVAL);
	assert_int_equal(pa, 0);
	assert_int_equal(dmasim_tables_alloc(&r->t, 8, 0, &pa), DMASIM_E_INVAL);
	assert_int_equal(dmasim_tables_alloc(&r->t, 8, 24, &pa),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_tables_alloc(&r->t, RAM_SIZE, 8, &pa),
	                 DMASIM_E_FULL);
	assert_int_equal(dmasim_tables_alloc(&r->t, 8, 1ull << 40, &pa),
	                 DMASIM_E_FULL);
	assert_int_equal(dmasim_tables_alloc(&r->t, 8, 1ull << 63, &pa),
	                 DMASIM_E_FULL);
	/* The rest, to the byte, and then nothing. */
	assert_int_equal(dmasim_tables_alloc(&r->t, RAM_SIZE - 0x1008, 8, &pa),
	                 DMASIM_OK);
	assert_int_equal(dmasim_tables_alloc(&r->t, 1, 1, &pa), DMASIM_E_FULL);
	/* It was told of more than there is. */
	r->t.end += 0x1000;
	assert_int_equal(dmasim_tables_alloc(&r->t, 8, 8, &pa), DMASIM_E_RANGE);
	assert_int_equal(pa, 0);
}

static void words_are_little_endian(void **state)
{
	struct rig *r = *state;
	uint8_t b[8];
	uint64_t v = 1;

	assert_int_equal(dmasim_tables_set(&r->t, RAM, 0x0123456789abcdefull),
	                 DMASIM_OK);
	assert_int_equal(dmasim_map_peek(r->map, RAM, b, 8), DMASIM_OK);
	assert_memory_equal(b, "\xef\xcd\xab\x89\x67\x45\x23\x01", 8);
	assert_int_equal(word(r, RAM), 0x0123456789abcdefull);
	assert_int_equal(dmasim_tables_get(&r->t, RAM - 8, &v), DMASIM_E_RANGE);
	assert_int_equal(v, 0);
	assert_int_equal(dmasim_tables_set(&r->t, RAM - 8, 0), DMASIM_E_RANGE);
}

static void a_linear_stream_table(void **state)
{
	struct rig *r = *state;
	struct dmasim_tables_streams st;
	uint64_t ste;

	assert_int_equal(dmasim_tables_streams_new(&r->t, &st, 7, 0),
	                 DMASIM_OK);
	/* 128 STEs of 64 bytes: 8 KiB, aligned to it. */
	assert_int_equal(st.base, RAM + 0x2000);
	assert_int_equal(r->t.next, RAM + 0x4000);
	assert_int_equal(dmasim_tables_streams_cfg(&st), 7);
	assert_int_equal(dmasim_tables_ste(&r->t, &st, 127, &ste), DMASIM_OK);
	assert_int_equal(ste, RAM + 0x3fc0);
	assert_int_equal(dmasim_tables_ste(&r->t, &st, 128, &ste),
	                 DMASIM_E_INVAL);
	assert_int_equal(ste, 0);
}

static void a_two_level_stream_table(void **state)
{
	struct rig *r = *state;
	struct dmasim_tables_streams st;
	uint64_t ste, again;

	assert_int_equal(dmasim_tables_streams_new(&r->t, &st, 11, 8),
	                 DMASIM_OK);
	/* Eight descriptors: 64 bytes. */
	assert_int_equal(st.base, RAM + 0x1040);
	assert_int_equal(r->t.next, RAM + 0x1080);
	/* FMT 1 in [17:16], SPLIT in [10:6]. */
	assert_int_equal(dmasim_tables_streams_cfg(&st), 0x1020b);
	assert_int_equal(dmasim_tables_ste(&r->t, &st, 0x5a3, &ste), DMASIM_OK);
	/* 256 STEs: 16 KiB; Span = 9. */
	assert_int_equal(word(r, st.base + 5 * 8), (RAM + 0x4000) | 9);
	assert_int_equal(word(r, st.base + 4 * 8), 0);
	assert_int_equal(ste, RAM + 0x4000 + 0xa3 * 64);
	assert_int_equal(dmasim_tables_ste(&r->t, &st, 0x5a3, &again),
	                 DMASIM_OK);
	assert_int_equal(again, ste);
	assert_int_equal(dmasim_tables_ste(&r->t, &st, 0x800, &ste),
	                 DMASIM_E_INVAL);
}

static void a_small_two_level_table_has_one_descriptor(void **state)
{
	struct rig *r = *state;
	struct dmasim_tables_streams st;
	uint64_t ste;

	assert_int_equal(dmasim_tables_streams_new(&r->t, &st, 4, 6),
	                 DMASIM_OK);
	assert_int_equal(dmasim_tables_ste(&r->t, &st, 15, &ste), DMASIM_OK);
	assert_int_equal(ste, RAM + 0x2000 + 15 * 64);
	assert_int_equal(word(r, st.base), (RAM + 0x2000) | 7);
}

static void stream_tables_that_cannot_be(void **state)
{
	struct rig *r = *state;
	struct dmasim_tables_streams st;
	uint64_t ste;

	assert_int_equal(dmasim_tables_streams_new(&r->t, &st, 8, 7),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_tables_streams_new(&r->t, &st, 25, 0),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_tables_streams_new(&r->t, &st, 33, 10),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_tables_streams_new(&r->t, &st, 24, 0),
	                 DMASIM_E_FULL);
	assert_int_equal(dmasim_tables_streams_new(&r->t, &st, 8, 6),
	                 DMASIM_OK);
	r->t.end = r->t.next;
	assert_int_equal(dmasim_tables_ste(&r->t, &st, 0, &ste), DMASIM_E_FULL);
	st.base = 0;
	assert_int_equal(dmasim_tables_ste(&r->t, &st, 0, &ste),
	                 DMASIM_E_RANGE);
	assert_int_equal(ste, 0);
}

static void one_cd_and_a_linear_table(void **state)
{
	struct rig *r = *state;
	struct dmasim_tables_cds cds;
	uint64_t cd;

	assert_int_equal(dmasim_tables_cds_new(&r->t, &cds, 0, 1), DMASIM_OK);
	assert_int_equal(cds.base, RAM + 0x1040);
	assert_int_equal(r->t.next, RAM + 0x1080);
	assert_int_equal(dmasim_tables_cd(&r->t, &cds, 0, &cd), DMASIM_OK);
	assert_int_equal(cd, RAM + 0x1040);
	assert_int_equal(dmasim_tables_cd(&r->t, &cds, 1, &cd), DMASIM_E_INVAL);
	assert_int_equal(cd, 0);

	assert_int_equal(dmasim_tables_cds_new(&r->t, &cds, 5, 0), DMASIM_OK);
	assert_int_equal(cds.base, RAM + 0x1800);
	assert_int_equal(dmasim_tables_cd(&r->t, &cds, 31, &cd), DMASIM_OK);
	assert_int_equal(cd, RAM + 0x1fc0);
}

static void two_level_cd_tables(void **state)
{
	struct rig *r = *state;
	struct dmasim_tables_cds cds;
	uint64_t cd;

	/* 4 KiB leaves: SubstreamID[5:0] in the leaf. */
	assert_int_equal(dmasim_tables_cds_new(&r->t, &cds, 9, 1), DMASIM_OK);
	assert_int_equal(cds.base, RAM + 0x1040);
	assert_int_equal(dmasim_tables_cd(&r->t, &cds, 0x142, &cd), DMASIM_OK);
	assert_int_equal(cd, RAM + 0x2080);
	assert_int_equal(word(r, cds.base + 5 * 8), (RAM + 0x2000) | 1);
	assert_int_equal(dmasim_tables_cd(&r->t, &cds, 0x143, &cd), DMASIM_OK);
	assert_int_equal(cd, RAM + 0x20c0);
	/* 64 KiB leaves: SubstreamID[9:0]. */
	assert_int_equal(dmasim_tables_cds_new(&r->t, &cds, 12, 2), DMASIM_OK);
	assert_int_equal(dmasim_tables_cd(&r->t, &cds, 0xc01, &cd), DMASIM_OK);
	assert_int_equal(word(r, cds.base + 3 * 8), (RAM + 0x10000) | 1);
	assert_int_equal(cd, RAM + 0x10040);
	assert_int_equal(dmasim_tables_cds_new(&r->t, &cds, 3, 2), DMASIM_OK);
	assert_int_equal(dmasim_tables_cd(&r->t, &cds, 7, &cd), DMASIM_OK);
	assert_int_equal(cd, RAM + 0x30000 + 7 * 64);
}

static void cd_tables_that_cannot_be(void **state)
{
	struct rig *r = *state;
	struct dmasim_tables_cds cds;
	uint64_t cd;

	assert_int_equal(dmasim_tables_cds_new(&r->t, &cds, 21, 0),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_tables_cds_new(&r->t, &cds, 1, 3),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_tables_cds_new(&r->t, &cds, 20, 0),
	                 DMASIM_E_FULL);
	assert_int_equal(dmasim_tables_cds_new(&r->t, &cds, 8, 1), DMASIM_OK);
	r->t.end = r->t.next;
	assert_int_equal(dmasim_tables_cd(&r->t, &cds, 0, &cd), DMASIM_E_FULL);
	cds.base = 0;
	assert_int_equal(dmasim_tables_cd(&r->t, &cds, 0, &cd), DMASIM_E_RANGE);
}

/* What a guest writes are its own addresses; where it is written is RAM. */
static void addresses_in_structures_are_shifted(void **state)
{
	struct rig *r = *state;
	struct dmasim_tables_streams st;
	struct dmasim_tables_cds cds;
	uint64_t pa;

	r->t.shift = 0x40000000;
	assert_int_equal(dmasim_tables_streams_new(&r->t, &st, 8, 6),
	                 DMASIM_OK);
	assert_int_equal(dmasim_tables_ste(&r->t, &st, 65, &pa), DMASIM_OK);
	assert_int_equal(pa, RAM + 0x2040);
	assert_int_equal(word(r, st.base + 8), (RAM + 0x40002000) | 7);
	assert_int_equal(dmasim_tables_ste(&r->t, &st, 65, &pa), DMASIM_OK);
	assert_int_equal(pa, RAM + 0x2040);
	assert_int_equal(dmasim_tables_cds_new(&r->t, &cds, 7, 1), DMASIM_OK);
	assert_int_equal(cds.base, RAM + 0x40003000);
	assert_int_equal(dmasim_tables_cd(&r->t, &cds, 65, &pa), DMASIM_OK);
	assert_int_equal(pa, RAM + 0x4040);
	assert_int_equal(word(r, RAM + 0x3008), (RAM + 0x40004000) | 1);
	assert_int_equal(dmasim_tables_cds_new(&r->t, &cds, 1, 0), DMASIM_OK);
	assert_int_equal(dmasim_tables_cd(&r->t, &cds, 1, &pa), DMASIM_OK);
	assert_int_equal(pa, RAM + 0x5040);
}

static const struct CMUnitTest tests[] = {
        CASE(memory_is_zeroed_and_aligned),
        CASE(memory_runs_out),
        CASE(words_are_little_endian),
        CASE(a_linear_stream_table),
        CASE(a_two_level_stream_table),
        CASE(a_small_two_level_table_has_one_descriptor),
        CASE(stream_tables_that_cannot_be),
        CASE(one_cd_and_a_linear_table),
        CASE(two_level_cd_tables),
        CASE(cd_tables_that_cannot_be),
        CASE(addresses_in_structures_are_shifted),
};

CHECK_MAIN(tests)
