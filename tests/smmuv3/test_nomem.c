/* SPDX-License-Identifier: MIT */
/*
 * Every allocation fails once: creation says E_NOMEM and leaves nothing, a
 * transaction aborts. The linker leads all allocations here (--wrap).
 */
#include <stdlib.h>

#include "rig.h"

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)

/* Allocations until the one that fails; negative: none. */
static int countdown = -1;

static bool refuse(void)
{
	return countdown >= 0 && countdown-- == 0;
}

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_aligned_alloc(size_t align, size_t n);

void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_aligned_alloc(size_t align, size_t n);

void *__wrap_malloc(size_t n)
{
	return refuse() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size)
{
	return refuse() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
	return refuse() ? NULL : __real_realloc(p, n);
}

void *__wrap_aligned_alloc(size_t align, size_t n)
{
	return refuse() ? NULL : __real_aligned_alloc(align, n);
}

/* With everything that one can have: stalls, ECMDQs, a counter group. */
RIG_TEST(creation, .off = true, .idr_clear = {3u << 24},
         .idr_set = {0, 1u << 31, 0, 0, 0, 0, 1u << 24})
{
	struct dmasim_smmu_config cfg = {.kernel = r->k,
	                                 .name = "other",
	                                 .mem = r->mem,
	                                 .checker = r->checker,
	                                 .idr_valid = 0x7f,
	                                 .pmcg = {{.counters = 1}}};
	struct dmasim_smmu *s = NULL;
	int failures = 0, status;

	for (unsigned i = 0; i < 7; i++)
		cfg.idr[i] = rig_r32(r, i == 6 ? 0x190 : 4 * i);
	do {
		countdown = failures;
		status = dmasim_smmu_create(&cfg, &s);
		countdown = -1;
		if (status != DMASIM_OK) {
			assert_int_equal(status, DMASIM_E_NOMEM);
			failures++;
		}
	} while (status != DMASIM_OK && failures < 100);
	assert_int_equal(status, DMASIM_OK);
	/* The object, its name, the caches, a counter group, stalls, ECMDQs,
	 * what the checker needs and the actor at least. */
	assert_true(failures > 19);
	dmasim_smmu_destroy(s);
}

RIG_TEST(attaching, .off = true)
{
	struct dmasim_port port;

	/* The port, its micro-TLB. */
	for (int i = 0; i < 2; i++) {
		countdown = i;
		assert_int_equal(dmasim_smmu_attach(r->smmu, &r->mem, &port),
		                 DMASIM_E_NOMEM);
		countdown = -1;
	}
	assert_int_equal(dmasim_smmu_attach(r->smmu, &r->mem, &port),
	                 DMASIM_OK);
}

RIG_TEST(transactions, 0)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	/* The list of contexts, then the context. */
	for (int i = 0; i < 2; i++) {
		countdown = i;
		assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA, 4),
		                 DMASIM_TXN_ABORT);
		countdown = -1;
		assert_non_null(strstr(r->warnings, "out-of-memory"));
		r->warnings[0] = '\0';
	}
	rig_expect_none(r);
	assert_int_equal(rig_pa(r, SID, VA), PA);
}

/* 9.1.5: an operation says INTERNAL_ERR. */
RIG_TEST(operations, .idr_set = {1u << 15})
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	rig_w64(r, 0x108, SID);
	rig_w64(r, 0x110, VA | 1 << 10 | 1 << 8);
	for (int i = 0; i < 2; i++) {
		countdown = i;
		rig_w32(r, 0x100, 1);
		countdown = -1;
		assert_int_equal(rig_r32(r, 0x100), 0);
		assert_int_equal(rig_r64(r, 0x118), 0xfd << 4 | 1);
		assert_non_null(strstr(r->warnings, "out-of-memory"));
		r->warnings[0] = '\0';
	}
	rig_w32(r, 0x100, 1);
	assert_int_equal(rig_r64(r, 0x118) & 1, 0);
}

static const struct dmasim_smmu_pmcg_config group[DMASIM_SMMU_PMCGS] = {
        {.counters = 1}};

static uint64_t pmcg(struct rig *r, enum dmasim_op op, uint32_t offset,
                     uint32_t value)
{
	struct dmasim_port port = dmasim_smmu_pmcg(r->smmu, 0, 0);
	uint8_t b[4];
	struct dmasim_txn t = {
	        .op = op, .offset = offset, .size = 4, .data = b};

	for (unsigned i = 0; i < 4; i++)
		b[i] = (uint8_t)(value >> (8 * i));
	assert_int_equal(dmasim_access(&port, &t), DMASIM_TXN_OK);
	return b[0];
}

/* No call for an overflow of cycles: a look finds it all the same. */
RIG_TEST(overflow_of_cycles, .off = true, .pmcg = group)
{
	/* All but four cycles; interrupts; on. */
	pmcg(r, DMASIM_WRITE, 0x000, UINT32_MAX - 3);
	pmcg(r, DMASIM_WRITE, 0x004, UINT32_MAX);
	pmcg(r, DMASIM_WRITE, 0xc00, 1);
	pmcg(r, DMASIM_WRITE, 0xc40, 1);
	pmcg(r, DMASIM_WRITE, 0xe04, 1);
	countdown = 0;
	pmcg(r, DMASIM_WRITE, 0xe50, 1);
	countdown = -1;
	assert_non_null(strstr(r->warnings, "out-of-memory"));
	assert_int_equal(dmasim_pending_calls(r->k), 0);
	assert_int_equal(dmasim_run_until(r->k, 4 * DMASIM_NS), DMASIM_OK);
	assert_int_equal(pmcg(r, DMASIM_READ, 0xcc0, 0), 1);
}

/* The first hit that waits has the only context there is. */
RIG_TEST(hits_that_wait, 0)
{
	struct dmasim_txn first = {.op = DMASIM_READ,
	                           .cause = DMASIM_CAUSE_DMA,
	                           .addr = VA,
	                           .size = 4,
	                           .stream_id = SID,
	                           .attr = dmasim_attr_wb,
	                           .data = r->buf,
	                           .done = {r->actor, RIG_NOBODY, 0}};
	struct dmasim_txn second = first;
	struct dmasim_smmu_stats st;
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	for (int i = 0; i < 2; i++)
		assert_int_equal(dmasim_access(&r->client, &first),
		                 DMASIM_TXN_OK);
	r->pend = true;
	assert_int_equal(dmasim_access(&r->client, &first), DMASIM_TXN_PENDING);
	countdown = 0;
	assert_int_equal(dmasim_access(&r->client, &second), DMASIM_TXN_ABORT);
	countdown = -1;
	assert_non_null(strstr(r->warnings, "out-of-memory"));
	dmasim_smmu_get_stats(r->smmu, &st);
	assert_int_equal(st.tlb_hits, 3);
	rig_settle(r);
	assert_int_equal(first.result, DMASIM_TXN_OK);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(creation),           cmocka_unit_test(attaching),
        cmocka_unit_test(transactions),       cmocka_unit_test(operations),
        cmocka_unit_test(overflow_of_cycles), cmocka_unit_test(hits_that_wait),
};

CHECK_MAIN(tests)
