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

RIG_TEST(creation, .off = true)
{
	const struct dmasim_smmu_config cfg = {
	        .kernel = r->k, .name = "other", .mem = r->mem};
	struct dmasim_smmu *s = NULL;
	int failures = 0, status;

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
	/* The object, its name, the caches and the actor at least. */
	assert_true(failures > 10);
	dmasim_smmu_destroy(s);
}

RIG_TEST(attaching, .off = true)
{
	struct dmasim_port port;

	countdown = 0;
	assert_int_equal(dmasim_smmu_attach(r->smmu, &r->mem, &port),
	                 DMASIM_E_NOMEM);
	countdown = -1;
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

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(creation),
        cmocka_unit_test(attaching),
        cmocka_unit_test(transactions),
};

CHECK_MAIN(tests)
