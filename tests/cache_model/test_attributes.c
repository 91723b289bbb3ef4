/* SPDX-License-Identifier: MIT */
/* What cacheability, hints and shareability of an access do. */
#include "rig.h"

#include "invariants.h"
#include "memsys_internal.h"

#define A  (RIG_RAM + 0x1000)
#define WB &dmasim_attr_wb
#define NC &dmasim_attr_nc

static bool in(const struct rig *r, const struct cache *c)
{
	return c && cache_find(c, A >> r->ms->line_shift) >= 0;
}

static bool in_l1(const struct rig *r, uint32_t cpu)
{
	return in(r, ms_cached_port(r->ms, cpu)->l1);
}

static struct dmasim_attr normal(enum dmasim_cacheability inner,
                                 enum dmasim_cacheability outer,
                                 enum dmasim_shareability share)
{
	return (struct dmasim_attr){.inner = (uint8_t)inner,
	                            .outer = (uint8_t)outer,
	                            .share = (uint8_t)share,
	                            .alloc = DMASIM_ALLOC_READ |
	                                     DMASIM_ALLOC_WRITE};
}

/* Where a read and a write leave the line, and what memory has then. */
static void inner_and_outer(void **state)
{
	static const struct {
		enum dmasim_cacheability inner, outer;
		bool read_l1, read_shared, write_l1, write_shared, to_memory;
	} rows[] = {
	        {DMASIM_WB, DMASIM_WB, true, true, true, true, false},
	        {DMASIM_WB, DMASIM_WT, true, true, true, true, false},
	        {DMASIM_WB, DMASIM_NC, true, false, true, false, false},
	        {DMASIM_WT, DMASIM_WB, true, true, false, false, true},
	        {DMASIM_WT, DMASIM_WT, true, true, false, false, true},
	        {DMASIM_WT, DMASIM_NC, true, false, false, false, true},
	        {DMASIM_NC, DMASIM_WB, false, true, false, true, false},
	        {DMASIM_NC, DMASIM_WT, false, true, false, false, true},
	        {DMASIM_NC, DMASIM_NC, false, false, false, false, true},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dmasim_attr a =
		        normal(rows[i].inner, rows[i].outer, DMASIM_ISH);
		struct rig *r = rig_new(&(struct rig_config){0});

		rig_read(r, &r->core[0], A, &a);
		assert_int_equal(in_l1(r, 0), rows[i].read_l1);
		assert_int_equal(in(r, r->ms->shared), rows[i].read_shared);
		rig_free(r);
		r = rig_new(&(struct rig_config){0});
		rig_write(r, &r->core[0], A, 5, &a);
		assert_int_equal(in_l1(r, 0), rows[i].write_l1);
		assert_int_equal(in(r, r->ms->shared), rows[i].write_shared);
		assert_int_equal(rig_ram(r, A), rows[i].to_memory ? 5 : 0);
		assert_int_equal(rig_read(r, &r->core[1], A, &a), 5);
		rig_free(r);
	}
}

/* From an inner write-back line the dirty bytes go where the outer
 * cacheability says. */
static void evicted_by_outer(void **state)
{
	(void)state;
	for (unsigned outer = DMASIM_NC; outer <= DMASIM_WB; outer++)
		for (unsigned known = 0; known < 2; known++) {
			struct dmasim_attr a = normal(
			        DMASIM_WB, (enum dmasim_cacheability)outer,
			        DMASIM_ISH);
			struct rig *r = rig_new(&(struct rig_config){0});

			rig_write(r, &r->core[0], A, 5, &a);
			if (!known)
				dmasim_memsys_evict(r->ms, DMASIM_SHARED_CACHE,
				                    A);
			assert_int_equal(dmasim_memsys_evict(r->ms, 0, A),
			                 DMASIM_OK);
			assert_int_equal(rig_ram(r, A),
			                 outer == DMASIM_WB ? 0 : 5);
			assert_int_equal(rig_read(r, &r->core[1], A, &a), 5);
			rig_free(r);
		}
}

/* Inner write-through, outer write-back: a hit in the shared cache ends the
 * write there, and the copies above it are renewed. */
static void write_through_to_shared(void **state)
{
	const struct dmasim_attr a = normal(DMASIM_WT, DMASIM_WB, DMASIM_ISH);
	struct rig *r = *state;

	rig_read(r, &r->core[0], A, &a);
	rig_read(r, &r->core[1], A, &a);
	rig_write(r, &r->core[0], A, 5, &a);
	assert_int_equal(rig_ram(r, A), 0);
	assert_true(in_l1(r, 0));
	assert_false(in_l1(r, 1));
	assert_int_equal(rig_read(r, &r->core[0], A, &a), 5);
	assert_int_equal(rig_read(r, &r->core[1], A, &a), 5);
	assert_int_equal(rig_read(r, &r->coherent, A, &a), 5);
	rig_no_findings(r);
}

static void device_types_are_not_cached(void **state)
{
	struct rig *r = *state;

	for (unsigned type = DMASIM_DEVICE_GRE; type <= DMASIM_DEVICE_NGNRNE;
	     type++) {
		/* Whatever else the mapping says. */
		struct dmasim_attr a = dmasim_attr_wb;

		a.type = (uint8_t)type;
		rig_write(r, &r->core[0], A, type, &a);
		assert_int_equal(rig_ram(r, A), type);
		assert_int_equal(rig_read(r, &r->core[1], A, &a), type);
		assert_false(in_l1(r, 0) || in_l1(r, 1) ||
		             in(r, r->ms->shared));
		assert_int_equal(dmasim_memsys_prefetch(r->ms, 0, A, &a),
		                 DMASIM_E_INVAL);
	}
}

static void hints(void **state)
{
	struct dmasim_attr a = dmasim_attr_wb;
	struct rig *r = *state;

	/* No read-allocate: each read goes to memory. */
	a.alloc = DMASIM_ALLOC_WRITE;
	rig_read(r, &r->core[0], A, &a);
	rig_read(r, &r->core[0], A, &a);
	assert_false(in_l1(r, 0));
	assert_int_equal(r->slow.reads, 2);
	/* But a line that is there is used. */
	rig_write(r, &r->core[0], A, 5, &a);
	assert_true(in_l1(r, 0));
	assert_int_equal(rig_ram(r, A), 0);
	assert_int_equal(rig_read(r, &r->core[0], A, &a), 5);
	/* No write-allocate: the write of another CPU goes to memory. */
	a.alloc = DMASIM_ALLOC_READ;
	rig_write(r, &r->core[1], A + 8, 6, &a);
	assert_false(in_l1(r, 0) || in_l1(r, 1));
	assert_int_equal(rig_ram(r, A), 5);
	assert_int_equal(rig_ram(r, A + 8), 6);
	rig_read(r, &r->core[1], A, &a);
	rig_write(r, &r->core[1], A, 7, &a);
	assert_int_equal(rig_ram(r, A), 5);
	rig_no_findings(r);
}

/* Transient lines are the next to go, and stay out of the shared cache. */
static void transient(void **state)
{
	struct dmasim_attr a = dmasim_attr_wb;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct rig *r = rig_new(&(struct rig_config){
		        .l1 = {.size = 256,
		               .ways = 4,
		               .cycles = 1,
		               .replacement = i ? DMASIM_REPLACE_PLRU
		                                : DMASIM_REPLACE_LRU}});

		a.alloc |= DMASIM_ALLOC_TRANSIENT;
		for (uint64_t n = 1; n < 4; n++)
			rig_read(r, &r->core[0], A + n * 64, WB);
		rig_read(r, &r->core[0], A, &a);
		rig_read(r, &r->core[0], A, &a);
		assert_true(in_l1(r, 0));
		assert_false(in(r, r->ms->shared));
		rig_read(r, &r->core[0], A + 4 * 64, WB);
		assert_false(in_l1(r, 0));
		rig_free(r);
	}
}

/* A non-shareable line is its owner's alone. */
static void non_shareable(void **state)
{
	const struct dmasim_attr nsh = normal(DMASIM_WB, DMASIM_WB, DMASIM_NSH);
	struct rig *r = *state;

	rig_read(r, &r->core[1], A, WB);
	rig_write(r, &r->core[0], A, 5, &nsh);
	assert_true(in_l1(r, 1));
	assert_int_equal(rig_read(r, &r->core[1], A, WB), 0);
	assert_int_equal(rig_read(r, &r->coherent, A, WB), 0);
	/* Its dirty bytes are merged with what others wrote. */
	rig_write(r, &r->core[1], A + 8, 6, WB);
	assert_int_equal(dmasim_memsys_flush(r->ms), DMASIM_OK);
	assert_int_equal(rig_ram(r, A), 5);
	assert_int_equal(rig_ram(r, A + 8), 6);
	/* A device that says non-shareable does not snoop. */
	rig_write(r, &r->core[1], A, 7, WB);
	assert_int_equal(rig_read(r, &r->coherent, A, &nsh), 5);
	assert_int_equal(rig_read(r, &r->coherent, A, WB), 7);
}

/* Maintenance reaches what its domain may hold, however it was filled. */
static void scope_of_maintenance(void **state)
{
	static const struct {
		enum dmasim_shareability share;
		bool own, other, foreign;
	} rows[] = {
	        {DMASIM_NSH, false, true, true},
	        {DMASIM_ISH, false, false, true},
	        {DMASIM_OSH, false, false, false},
	};
	const struct dmasim_attr nsh = normal(DMASIM_WB, DMASIM_WB, DMASIM_NSH);

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct rig *r = rig_new(&(struct rig_config){.domains = true});
		const struct dmasim_attr a =
		        normal(DMASIM_WB, DMASIM_WB, rows[i].share);

		rig_write(r, &r->core[0], A, 1, &nsh);
		rig_write(r, &r->core[1], A + 8, 2, &nsh);
		rig_write(r, &r->foreign, A + 16, 3, &nsh);
		assert_int_equal(rig_move(r, &r->core[0],
		                          DMASIM_CLEAN_INVALIDATE, A, NULL, 8,
		                          &a),
		                 DMASIM_TXN_OK);
		assert_int_equal(in_l1(r, 0), rows[i].own);
		assert_int_equal(in_l1(r, 1), rows[i].other);
		assert_int_equal(in_l1(r, 3), rows[i].foreign);
		assert_int_equal(rig_ram(r, A), 1);
		assert_int_equal(rig_ram(r, A + 8), rows[i].other ? 0 : 2);
		assert_int_equal(rig_ram(r, A + 16), rows[i].foreign ? 0 : 3);
		rig_free(r);
	}
}

/* Two inner domains: inner shareable accesses do not meet, outer ones do. */
static void two_inner_domains(void **state)
{
	static const struct {
		enum dmasim_shareability first, second;
		bool coherent;
	} rows[] = {
	        {DMASIM_ISH, DMASIM_ISH, false},
	        {DMASIM_ISH, DMASIM_OSH, false},
	        {DMASIM_OSH, DMASIM_ISH, false},
	        {DMASIM_OSH, DMASIM_OSH, true},
	};

	(void)state;
	for (unsigned i = 0; i < 8; i++) {
		struct rig *r = rig_new(&(struct rig_config){.domains = true});
		const struct dmasim_attr a =
		        normal(DMASIM_WB, DMASIM_WB, rows[i % 4].first);
		const struct dmasim_attr b =
		        normal(DMASIM_WB, DMASIM_WB, rows[i % 4].second);
		const struct dmasim_port *p[] = {&r->core[0], &r->foreign,
		                                 &r->foreign_device};
		const struct dmasim_port *first = i < 4 ? p[0] : p[1];
		const struct dmasim_port *second = i < 4 ? p[1] : p[0];

		rig_write(r, first, A, 5, &a);
		assert_int_equal(rig_read(r, second, A, &b),
		                 rows[i % 4].coherent ? 5 : 0);
		rig_write(r, second, A + 8, 6, &b);
		assert_int_equal(rig_read(r, first, A + 8, &a),
		                 rows[i % 4].coherent ? 6 : 0);
		/* Devices by the same rule. */
		if (i < 4) {
			rig_write(r, first, A + 64, 7, &a);
			assert_int_equal(rig_read(r, p[2], A + 64, &b),
			                 rows[i % 4].coherent ? 7 : 0);
			assert_int_equal(dmasim_memsys_evict(r->ms, 0, A + 64),
			                 DMASIM_OK);
			assert_int_equal(rig_read(r, p[2], A + 64, &b),
			                 rows[i % 4].coherent ? 7 : 0);
		}
		rig_free(r);
	}
}

/* An owner in another domain takes the shared cache's dirty bytes over. */
static void ownership_leaves_the_shared_cache(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){.domains = true});
	const struct dmasim_attr osh = normal(DMASIM_WB, DMASIM_WB, DMASIM_OSH);

	(void)state;
	rig_write(r, &r->core[0], A, 5, &osh);
	assert_int_equal(dmasim_memsys_evict(r->ms, 0, A), DMASIM_OK);
	assert_true(in(r, r->ms->shared));
	rig_read(r, &r->foreign, A, &osh);
	assert_true(in(r, r->ms->shared));
	rig_write(r, &r->foreign, A + 8, 6, &osh);
	assert_false(in(r, r->ms->shared));
	assert_int_equal(rig_ram(r, A), 0);
	assert_int_equal(dmasim_memsys_evict(r->ms, 3, A), DMASIM_OK);
	assert_int_equal(rig_ram(r, A), 5);
	assert_int_equal(rig_ram(r, A + 8), 6);
	rig_no_findings(r);
	rig_free(r);
}

static void no_snoop(void **state)
{
	struct rig *r = *state;
	uint64_t v = 0;
	struct dmasim_txn txn = {.addr = A,
	                         .size = 8,
	                         .data = (uint8_t *)&v,
	                         .attr = dmasim_attr_wb,
	                         .origin = {.what = "read descriptor"}};

	rig_write(r, &r->core[0], A, 5, WB);
	assert_int_equal(rig_access(r, &r->coherent, &txn), DMASIM_TXN_OK);
	assert_int_equal(v, 5);
	txn.flags = DMASIM_TXN_NO_SNOOP;
	assert_int_equal(rig_access(r, &r->coherent, &txn), DMASIM_TXN_OK);
	assert_int_equal(v, 0);
	/* The checker counts it as another alias of the memory. */
	assert_int_equal(rig_findings(r, DMASIM_MISMATCHED_ALIAS), 1);
}

/* IHI 0070, 3.22. */
static uint32_t drop(void *ctx, const struct dmasim_choice_query *q)
{
	unsigned *asked = ctx;

	if (q->point != DMASIM_CHOICE_DESTRUCTIVE_READ)
		return q->preferred;
	++*asked;
	return 1;
}

static void destructive_reads(void **state)
{
	unsigned asked = 0;
	const struct dmasim_choice_config choice = {
	        .mode = DMASIM_CHOICE_CALLBACK, .fn = drop, .fn_ctx = &asked};
	uint8_t line[96];
	struct dmasim_txn txn = {.addr = A,
	                         .size = 64,
	                         .data = line,
	                         .flags = DMASIM_TXN_DESTRUCTIVE,
	                         .attr = dmasim_attr_wb};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct rig *r = rig_new(
		        &(struct rig_config){.choice = i ? &choice : NULL});

		rig_write(r, &r->core[0], A, 5, WB);
		rig_write(r, &r->core[0], A + 64, 6, WB);
		/* Half a line is not dropped. */
		txn.size = 96;
		assert_int_equal(rig_access(r, &r->coherent, &txn),
		                 DMASIM_TXN_OK);
		assert_int_equal(line[0], 5);
		assert_int_equal(line[64], 6);
		assert_int_equal(asked, i);
		assert_int_equal(in_l1(r, 0), !i);
		assert_int_equal(rig_read(r, &r->core[0], A + 64, WB), 6);
		assert_int_equal(rig_ram(r, A), 0);
		rig_free(r);
	}
}

static void stash(void **state)
{
	struct rig *r = *state;
	uint8_t line[64];
	struct dmasim_txn txn = {.op = DMASIM_WRITE,
	                         .addr = A,
	                         .size = 64,
	                         .data = line,
	                         .flags = DMASIM_TXN_STASH,
	                         .attr = dmasim_attr_wb};

	memset(line, 7, sizeof(line));
	rig_write(r, &r->core[0], A, 5, WB);
	rig_write(r, &r->core[0], A + 64, 6, WB);
	assert_int_equal(rig_access(r, &r->coherent, &txn), DMASIM_TXN_OK);
	assert_int_equal(r->slow.writes, 0);
	assert_false(in_l1(r, 0));
	assert_true(in(r, r->ms->shared));
	assert_int_equal(rig_read(r, &r->core[1], A, WB), 0x0707070707070707);
	/* A part of a line that a cache has. */
	txn.addr = A + 64 + 8;
	txn.size = 8;
	assert_int_equal(rig_access(r, &r->coherent, &txn), DMASIM_TXN_OK);
	assert_int_equal(r->slow.writes, 0);
	assert_int_equal(rig_read(r, &r->core[1], A + 64, WB), 6);
	assert_int_equal(rig_read(r, &r->core[1], A + 72, WB),
	                 0x0707070707070707);
	/* Of one that none has, and of one for memory alone. */
	txn.addr = A + 128;
	assert_int_equal(rig_access(r, &r->coherent, &txn), DMASIM_TXN_OK);
	assert_int_equal(r->slow.writes, 1);
	txn.addr = A + 192;
	txn.size = 64;
	assert_int_equal(rig_access(r, &r->noncoherent, &txn), DMASIM_TXN_OK);
	assert_int_equal(r->slow.writes, 2);
	rig_no_findings(r);
	assert_int_equal(dmasim_memsys_flush(r->ms), DMASIM_OK);
	assert_int_equal(rig_ram(r, A), 0x0707070707070707);
}

#define ON_RIG(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(inner_and_outer),
        cmocka_unit_test(evicted_by_outer),
        ON_RIG(write_through_to_shared),
        ON_RIG(device_types_are_not_cached),
        ON_RIG(hints),
        cmocka_unit_test(transient),
        ON_RIG(non_shareable),
        cmocka_unit_test(scope_of_maintenance),
        cmocka_unit_test(two_inner_domains),
        cmocka_unit_test(ownership_leaves_the_shared_cache),
        ON_RIG(no_snoop),
        cmocka_unit_test(destructive_reads),
        ON_RIG(stash),
};

CHECK_MAIN(tests)
