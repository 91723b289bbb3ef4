/* SPDX-License-Identifier: MIT */
/* Translation tables: where they lie, and what is in them. */
#include "rig.h"

static struct dmasim_tables_space make(struct rig *r,
                                       struct dmasim_tables_space s)
{
	assert_int_equal(dmasim_tables_space_new(&r->t, &s), DMASIM_OK);
	return s;
}

static uint64_t descriptor(struct rig *r, const struct dmasim_tables_space *s,
                           uint64_t va, int level)
{
	uint64_t pa;

	assert_int_equal(dmasim_tables_descriptor(&r->t, s, va, level, &pa),
	                 DMASIM_OK);
	return pa;
}

static int map(struct rig *r, const struct dmasim_tables_space *s, uint64_t va,
               struct dmasim_tables_leaf leaf)
{
	return dmasim_tables_map(&r->t, s, va, &leaf);
}

/* Tables D8-18, D8-28, D8-37: start level and the shift of its index. */
static void start_levels_of_stage_1(void **state)
{
	static const struct {
		unsigned granule, tsz;
		bool ds;
		int level;
		unsigned shift, entries;
	} all[] = {
	        {12, 12, true, -1, 48, 16},   {12, 15, true, -1, 48, 2},
	        {12, 16, false, 0, 39, 512},  {12, 24, false, 0, 39, 2},
	        {12, 25, false, 1, 30, 512},  {12, 33, false, 1, 30, 2},
	        {12, 34, false, 2, 21, 512},  {12, 42, false, 2, 21, 2},
	        {12, 43, false, 3, 12, 512},  {12, 48, false, 3, 12, 16},
	        {14, 12, true, 0, 47, 32},    {14, 16, false, 0, 47, 2},
	        {14, 17, false, 1, 36, 2048}, {14, 27, false, 1, 36, 2},
	        {14, 28, false, 2, 25, 2048}, {14, 38, false, 2, 25, 2},
	        {14, 39, false, 3, 14, 2048}, {14, 48, false, 3, 14, 4},
	        {16, 12, false, 1, 42, 1024}, {16, 16, false, 1, 42, 64},
	        {16, 21, false, 1, 42, 2},    {16, 22, false, 2, 29, 8192},
	        {16, 34, false, 2, 29, 2},    {16, 35, false, 3, 16, 8192},
	        {16, 47, false, 3, 16, 2},
	};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		uint64_t size = 8ull * all[i].entries;
		struct dmasim_tables_space s = {.tsz = all[i].tsz,
		                                .granule = all[i].granule,
		                                .ds = all[i].ds};
		uint64_t last = (1ull << (64 - s.tsz)) - 1;

		s = make(r, s);
		if (size < 64)
			size = 64;
		assert_int_equal(dmasim_tables_start_level(&s), all[i].level);
		assert_int_equal(dmasim_tables_level_shift(&s, all[i].level),
		                 all[i].shift);
		assert_int_equal(s.ttb % size, 0);
		assert_int_equal(r->t.next, s.ttb + size);
		assert_int_equal(descriptor(r, &s, last, all[i].level),
		                 s.ttb + 8ull * (all[i].entries - 1));
	}
}

/* Tables D8-20 to D8-24, D8-30 to D8-33, D8-39 to D8-41. */
static void concatenated_tables(void **state)
{
	static const struct {
		unsigned granule, tsz;
		bool ds;
		int level;
		unsigned tables;
	} all[] = {
	        {12, 15, true, 0, 2},  {12, 12, true, 0, 16},
	        {12, 24, false, 1, 2}, {12, 21, false, 1, 16},
	        {12, 33, false, 2, 2}, {12, 30, false, 2, 16},
	        {12, 42, false, 3, 2}, {12, 39, false, 3, 16},
	        {14, 16, false, 1, 2}, {14, 13, true, 1, 16},
	        {14, 27, false, 2, 2}, {14, 24, false, 2, 16},
	        {14, 38, false, 3, 2}, {14, 35, false, 3, 16},
	        {16, 21, false, 2, 2}, {16, 34, false, 3, 2},
	};
	struct rig *r = *state;

	r->t.end = r->t.next + 0x80000000;
	assert_int_equal(
	        dmasim_map_add_ram(r->map, "more", RAM + RAM_SIZE, 0x7ff00000),
	        DMASIM_OK);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		uint64_t size = (uint64_t)all[i].tables << all[i].granule;
		struct dmasim_tables_space s = {.tsz = all[i].tsz,
		                                .granule = all[i].granule,
		                                .ds = all[i].ds,
		                                .stage2 = true,
		                                .concat = true};
		uint64_t last = (1ull << (64 - s.tsz)) - 1;

		s = make(r, s);
		assert_int_equal(dmasim_tables_start_level(&s), all[i].level);
		assert_int_equal(s.ttb % size, 0);
		assert_int_equal(r->t.next, s.ttb + size);
		assert_int_equal(descriptor(r, &s, last, all[i].level),
		                 s.ttb + size - 8);
	}
}

static void spaces_that_cannot_be(void **state)
{
	static const struct dmasim_tables_space all[] = {
	        {.tsz = 25, .granule = 13},
	        {.tsz = 15, .granule = 12},
	        {.tsz = 15, .granule = 14},
	        {.tsz = 11, .granule = 16},
	        {.tsz = 11, .granule = 12, .ds = true},
	        {.tsz = 49, .granule = 12},
	        {.tsz = 48, .granule = 16},
	        {.tsz = 24, .granule = 12, .concat = true},
	        {.tsz = 24, .granule = 12, .upper = true, .stage2 = true},
	        {.tsz = 16, .granule = 14, .stage2 = true},
	        /* 32 tables side by side; below level 3. */
	        {.tsz = 20, .granule = 12, .stage2 = true, .concat = true},
	        {.tsz = 43, .granule = 12, .stage2 = true, .concat = true},
	};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct dmasim_tables_space s = all[i];

		s.ttb = 1;
		assert_int_equal(dmasim_tables_space_new(&r->t, &s),
		                 DMASIM_E_INVAL);
		assert_int_equal(s.ttb, 0);
	}
}

static void a_page_of_4_kib(void **state)
{
	struct rig *r = *state;
	struct dmasim_tables_space s =
	        make(r, (struct dmasim_tables_space){.tsz = 25, .granule = 12});
	uint64_t va = 0x40000000ull * 5 + 0x200000ull * 6 + 0x1000ull * 7;

	assert_int_equal(
	        map(r, &s, va,
	            (struct dmasim_tables_leaf){
	                    .pa = 0xabcdef123000,
	                    .level = 3,
	                    .bits = DMASIM_TABLES_AF | DMASIM_TABLES_NG |
	                            DMASIM_TABLES_SH(3) | DMASIM_TABLES_AP1 |
	                            DMASIM_TABLES_ATTR(5) | DMASIM_TABLES_UXN}),
	        DMASIM_OK);
	assert_int_equal(s.ttb, RAM + 0x2000);
	assert_int_equal(word(r, RAM + 0x2000 + 5 * 8), (RAM + 0x3000) | 3);
	assert_int_equal(word(r, RAM + 0x3000 + 6 * 8), (RAM + 0x4000) | 3);
	assert_int_equal(word(r, RAM + 0x4000 + 7 * 8), 0x0040abcdef123f57);
	/* Its neighbour needs no new table. */
	assert_int_equal(descriptor(r, &s, va + 0x1000, 3),
	                 RAM + 0x4000 + 8 * 8);
	assert_int_equal(r->t.next, RAM + 0x5000);
}

static void blocks(void **state)
{
	static const struct {
		unsigned granule;
		bool ds;
		int level; /* the highest with blocks */
		uint64_t size;
	} all[] = {
	        {12, false, 1, 1ull << 30}, {12, true, 0, 1ull << 39},
	        {14, false, 2, 1ull << 25}, {14, true, 1, 1ull << 36},
	        {16, false, 1, 1ull << 42},
	};
	struct rig *r = *state;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct dmasim_tables_space s = make(
		        r,
		        (struct dmasim_tables_space){.tsz = 16,
		                                     .granule = all[i].granule,
		                                     .ds = all[i].ds});
		struct dmasim_tables_leaf leaf = {.pa = all[i].size,
		                                  .level = all[i].level,
		                                  .bits = DMASIM_TABLES_CONT |
		                                          DMASIM_TABLES_NT};
		uint64_t at;

		assert_int_equal(map(r, &s, 0, leaf), DMASIM_OK);
		at = descriptor(r, &s, 0, leaf.level);
		assert_int_equal(word(r, at), all[i].size | 0x0010000000010001);
		/* A level up there are none; and none is unaligned. */
		leaf.level--;
		leaf.pa = 0;
		assert_int_equal(map(r, &s, 0, leaf), DMASIM_E_INVAL);
		leaf.level++;
		leaf.pa = all[i].size / 2;
		assert_int_equal(map(r, &s, 0, leaf), DMASIM_E_INVAL);
		/* The block is in the way of what is below. */
		assert_int_equal(dmasim_tables_descriptor(&r->t, &s, 0, 3, &at),
		                 DMASIM_E_EXISTS);
		assert_int_equal(at, 0);
	}
}

/* D8.3.1: where address bits above 47 go. */
static void addresses_of_52_bits(void **state)
{
	struct rig *r = *state;
	struct dmasim_tables_space k64 =
	        make(r, (struct dmasim_tables_space){.tsz = 35, .granule = 16});
	struct dmasim_tables_space ds =
	        make(r, (struct dmasim_tables_space){
	                        .tsz = 43, .granule = 12, .ds = true});
	struct dmasim_tables_space k4 =
	        make(r, (struct dmasim_tables_space){.tsz = 43, .granule = 12});
	const struct dmasim_tables_leaf leaf = {
	        .pa = 0xe123456780000, .level = 3, .bits = DMASIM_TABLES_SH(2)};

	assert_int_equal(map(r, &k64, 0x10000, leaf), DMASIM_OK);
	assert_int_equal(word(r, k64.ttb + 8), 0x000012345678e203);
	/* 0xe = 0b1110: [51:50] = 3 go to [9:8], [49:48] = 2 stay. */
	assert_int_equal(map(r, &ds, 0x1000, leaf), DMASIM_OK);
	assert_int_equal(word(r, ds.ttb + 8), 0x0002123456780303);
	assert_int_equal(map(r, &k4, 0x1000, leaf), DMASIM_OK);
	assert_int_equal(word(r, k4.ttb + 8), 0x0000123456780203);
	assert_int_equal(dmasim_tables_place(&k64, 0xe123456789abc),
	                 0x000012345678e000);
	assert_int_equal(dmasim_tables_place(&ds, 0x7123456789abc),
	                 0x0003123456789100);
}

/* Tables of a guest whose memory is seen far up. */
static void tables_above_48_bits(void **state)
{
	struct rig *r = *state;
	struct dmasim_tables_space s;
	uint64_t first, again;

	r->t.shift = 0xd000000000000;
	s = make(r, (struct dmasim_tables_space){.tsz = 34, .granule = 16});
	assert_int_equal(s.ttb, 0xd000080001040);
	first = descriptor(r, &s, 0, 3);
	assert_int_equal(first, RAM + 0x10000);
	assert_int_equal(word(r, RAM + 0x1040), 0x8001d003);
	again = descriptor(r, &s, 8 * 0x10000, 3);
	assert_int_equal(again, RAM + 0x10040);

	s = make(r, (struct dmasim_tables_space){
	                    .tsz = 34, .granule = 12, .ds = true});
	first = descriptor(r, &s, 0x200000, 3);
	assert_int_equal(word(r, RAM + 0x20008), 0x0001000080021303);
	again = descriptor(r, &s, 0x201000, 3);
	assert_int_equal(first, RAM + 0x21000);
	assert_int_equal(again, RAM + 0x21008);
}

static void halves_and_ranges(void **state)
{
	struct rig *r = *state;
	struct dmasim_tables_space low =
	        make(r, (struct dmasim_tables_space){.tsz = 43, .granule = 12});
	struct dmasim_tables_space high =
	        make(r, (struct dmasim_tables_space){
	                        .tsz = 43, .granule = 12, .upper = true});
	struct dmasim_tables_space s2 =
	        make(r, (struct dmasim_tables_space){
	                        .tsz = 43, .granule = 12, .stage2 = true});
	uint64_t pa;

	assert_int_equal(descriptor(r, &low, 0x5a00000000001000, 3),
	                 low.ttb + 8);
	assert_int_equal(descriptor(r, &high, 0xfffffffffffff000, 3),
	                 high.ttb + 511 * 8);
	assert_int_equal(
	        dmasim_tables_descriptor(&r->t, &low, 1ull << 55, 3, &pa),
	        DMASIM_E_INVAL);
	assert_int_equal(dmasim_tables_descriptor(&r->t, &high, 0, 3, &pa),
	                 DMASIM_E_INVAL);
	assert_int_equal(
	        dmasim_tables_descriptor(&r->t, &s2, 1ull << 21, 3, &pa),
	        DMASIM_E_INVAL);
	assert_int_equal(dmasim_tables_descriptor(&r->t, &s2, 0, 2, &pa),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_tables_descriptor(&r->t, &s2, 0, 4, &pa),
	                 DMASIM_E_INVAL);
	assert_int_equal(
	        map(r, &s2, 0, (struct dmasim_tables_leaf){.level = 4}),
	        DMASIM_E_INVAL);
	assert_int_equal(
	        map(r, &s2, 0,
	            (struct dmasim_tables_leaf){.pa = 1ull << 52, .level = 3}),
	        DMASIM_E_INVAL);
	assert_int_equal(map(r, &s2, 1ull << 21,
	                     (struct dmasim_tables_leaf){.level = 3}),
	                 DMASIM_E_INVAL);
}

static void stage_2_leaves(void **state)
{
	struct rig *r = *state;
	struct dmasim_tables_space s =
	        make(r, (struct dmasim_tables_space){
	                        .tsz = 43, .granule = 12, .stage2 = true});

	assert_int_equal(
	        map(r, &s, 0x3000,
	            (struct dmasim_tables_leaf){
	                    .pa = 0x80000000,
	                    .level = 3,
	                    .bits = DMASIM_TABLES_AF | DMASIM_TABLES_S2_READ |
	                            DMASIM_TABLES_S2_WRITE |
	                            DMASIM_TABLES_MEMATTR(0xf) |
	                            DMASIM_TABLES_S2_XN(2) |
	                            DMASIM_TABLES_DBM}),
	        DMASIM_OK);
	assert_int_equal(word(r, s.ttb + 24), 0x00480000800004ff);
}

static void big_endian_tables(void **state)
{
	struct rig *r = *state;
	struct dmasim_tables_space s =
	        make(r, (struct dmasim_tables_space){
	                        .tsz = 34, .granule = 12, .big_endian = true});
	uint64_t v, at;

	assert_int_equal(map(r, &s, 0x1000,
	                     (struct dmasim_tables_leaf){.pa = 0x123456789000,
	                                                 .level = 3}),
	                 DMASIM_OK);
	at = descriptor(r, &s, 0x1000, 3);
	assert_int_equal(word(r, at), 0x0390785634120000);
	assert_int_equal(dmasim_tables_read(&r->t, &s, at, &v), DMASIM_OK);
	assert_int_equal(v, 0x123456789003);
	assert_int_equal(dmasim_tables_write(&r->t, &s, at, 1), DMASIM_OK);
	assert_int_equal(word(r, at), 0x0100000000000000);
	assert_int_equal(dmasim_tables_write(&r->t, &s, 0, 1), DMASIM_E_RANGE);
}

static void nothing_left(void **state)
{
	struct rig *r = *state;
	struct dmasim_tables_space s = {.tsz = 25, .granule = 12};
	uint64_t pa;

	s = make(r, s);
	r->t.end = r->t.next;
	assert_int_equal(dmasim_tables_descriptor(&r->t, &s, 0, 3, &pa),
	                 DMASIM_E_FULL);
	assert_int_equal(dmasim_tables_space_new(&r->t, &s), DMASIM_E_FULL);
	assert_int_equal(s.ttb, 0);
	assert_int_equal(dmasim_tables_descriptor(&r->t, &s, 0, 3, &pa),
	                 DMASIM_E_RANGE);
}

static void hierarchical_bits(void **state)
{
	(void)state;
	assert_int_equal(DMASIM_TABLES_NSTABLE | DMASIM_TABLES_APTABLE(3) |
	                         DMASIM_TABLES_UXNTABLE |
	                         DMASIM_TABLES_PXNTABLE,
	                 0xf800000000000000);
	assert_int_equal(DMASIM_TABLES_PXN | DMASIM_TABLES_AP2 |
	                         DMASIM_TABLES_NS,
	                 0x00200000000000a0);
}

static const struct CMUnitTest tests[] = {
        CASE(start_levels_of_stage_1),
        CASE(concatenated_tables),
        CASE(spaces_that_cannot_be),
        CASE(a_page_of_4_kib),
        CASE(blocks),
        CASE(addresses_of_52_bits),
        CASE(tables_above_48_bits),
        CASE(halves_and_ranges),
        CASE(stage_2_leaves),
        CASE(big_endian_tables),
        CASE(nothing_left),
        cmocka_unit_test(hierarchical_bits),
};

CHECK_MAIN(tests)
