/* SPDX-License-Identifier: MIT */
/* The page allocator by itself. */
#include "check.h"

#include <stdlib.h>

#include "driver_internal.h"

#define BASE 0x80000000ull
#define PAGE DRV_PAGE_SIZE
#define ANY  UINT64_MAX

/* Two regions: 16 pages and, elsewhere, 4. */
static int setup(void **state)
{
	struct drv_pages *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	assert_int_equal(drv_pages_add(p, BASE, 16 * PAGE), DMASIM_OK);
	assert_int_equal(drv_pages_add(p, 0x10000, 4 * PAGE), DMASIM_OK);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	drv_pages_destroy(*state);
	free(*state);
	return 0;
}

static uint64_t free_bytes(const struct drv_pages *p)
{
	uint64_t n = 0;

	for (size_t i = 0; i < p->free_count; i++) {
		n += p->free[i].size;
		if (i)
			assert_true(p->free[i - 1].base + p->free[i - 1].size <
			            p->free[i].base);
	}
	return n;
}

static void the_top_of_the_first_region_comes_first(void **state)
{
	struct drv_pages *p = *state;
	uint64_t a, b;

	assert_int_equal(drv_pages_alloc(p, 1, PAGE, ANY, &a), DMASIM_OK);
	assert_int_equal(a, BASE + 15 * PAGE);
	assert_int_equal(drv_pages_alloc(p, PAGE + 1, PAGE, ANY, &b),
	                 DMASIM_OK);
	assert_int_equal(b, BASE + 13 * PAGE);
	assert_int_equal(free_bytes(p), 17 * PAGE);
}

static void later_regions_are_used_when_the_first_is_full(void **state)
{
	struct drv_pages *p = *state;
	uint64_t a;

	assert_int_equal(drv_pages_alloc(p, 16 * PAGE, PAGE, ANY, &a),
	                 DMASIM_OK);
	assert_int_equal(a, BASE);
	assert_int_equal(drv_pages_alloc(p, PAGE, PAGE, ANY, &a), DMASIM_OK);
	assert_int_equal(a, 0x10000 + 3 * PAGE);
	assert_int_equal(drv_pages_alloc(p, 4 * PAGE, PAGE, ANY, &a),
	                 DMASIM_E_NOMEM);
}

static void alignment_is_kept_and_the_rest_stays_free(void **state)
{
	struct drv_pages *p = *state;
	uint64_t a, b;

	assert_int_equal(drv_pages_alloc(p, PAGE, 8 * PAGE, ANY, &a),
	                 DMASIM_OK);
	assert_int_equal(a, BASE + 8 * PAGE);
	assert_int_equal(drv_pages_alloc(p, 7 * PAGE, PAGE, ANY, &b),
	                 DMASIM_OK);
	assert_int_equal(b, BASE + 9 * PAGE);
	assert_int_equal(free_bytes(p), 12 * PAGE);
}

static void a_limit_on_the_address_holds(void **state)
{
	struct drv_pages *p = *state;
	uint64_t a;

	assert_int_equal(
	        drv_pages_alloc(p, PAGE, PAGE, BASE + 2 * PAGE - 1, &a),
	        DMASIM_OK);
	assert_int_equal(a, BASE + PAGE);
	/* Nothing of the first region lies below. */
	assert_int_equal(drv_pages_alloc(p, PAGE, PAGE, BASE - 1, &a),
	                 DMASIM_OK);
	assert_int_equal(a, 0x10000 + 3 * PAGE);
	assert_int_equal(drv_pages_alloc(p, PAGE, PAGE, 0x10000, &a),
	                 DMASIM_E_NOMEM);
}

static void freed_pages_join_their_neighbours(void **state)
{
	struct drv_pages *p = *state;
	uint64_t a[3];

	for (int i = 0; i < 3; i++)
		assert_int_equal(drv_pages_alloc(p, PAGE, PAGE, ANY, &a[i]),
		                 DMASIM_OK);
	drv_pages_free(p, a[0], PAGE);
	drv_pages_free(p, a[2], PAGE);
	assert_int_equal(p->free_count, 3);
	drv_pages_free(p, a[1], PAGE);
	assert_int_equal(p->free_count, 2);
	assert_int_equal(free_bytes(p), 20 * PAGE);
}

static void a_piece_may_be_freed_by_itself(void **state)
{
	struct drv_pages *p = *state;
	uint64_t a;

	assert_int_equal(drv_pages_alloc(p, 16 * PAGE, PAGE, ANY, &a),
	                 DMASIM_OK);
	for (unsigned i = 0; i < 16; i += 2)
		drv_pages_free(p, a + i * PAGE, PAGE);
	assert_int_equal(p->free_count, 9);
	assert_int_equal(free_bytes(p), 12 * PAGE);
}

static void a_bad_free_changes_nothing(void **state)
{
	struct drv_pages *p = *state;
	uint64_t a;

	assert_int_equal(drv_pages_alloc(p, 2 * PAGE, PAGE, ANY, &a),
	                 DMASIM_OK);
	drv_pages_free(p, a - PAGE, 2 * PAGE); /* half of it is free */
	drv_pages_free(p, BASE, PAGE);         /* is free */
	drv_pages_free(p, a + 1, PAGE);
	drv_pages_free(p, a, 0);
	drv_pages_free(p, 0x1000, PAGE); /* not RAM */
	drv_pages_free(p, a + PAGE, 2 * PAGE);
	assert_int_equal(free_bytes(p), 18 * PAGE);
}

static void exact_places_are_given_once(void **state)
{
	struct drv_pages *p = *state;

	assert_int_equal(drv_pages_alloc_at(p, BASE + 4 * PAGE, PAGE + 1),
	                 DMASIM_OK);
	assert_int_equal(free_bytes(p), 18 * PAGE);
	assert_int_equal(drv_pages_alloc_at(p, BASE + 5 * PAGE, PAGE),
	                 DMASIM_E_EXISTS);
	assert_int_equal(drv_pages_alloc_at(p, BASE + 3 * PAGE, 2 * PAGE),
	                 DMASIM_E_EXISTS);
	assert_int_equal(drv_pages_alloc_at(p, BASE + 15 * PAGE, 2 * PAGE),
	                 DMASIM_E_RANGE);
	assert_int_equal(drv_pages_alloc_at(p, 0x1000, PAGE), DMASIM_E_RANGE);
	assert_int_equal(drv_pages_alloc_at(p, BASE + 1, PAGE), DMASIM_E_INVAL);
	assert_int_equal(drv_pages_alloc_at(p, BASE, 0), DMASIM_E_INVAL);
	assert_int_equal(drv_pages_alloc_at(p, BASE, ANY), DMASIM_E_INVAL);
}

static void bad_sizes_and_alignments_are_refused(void **state)
{
	struct drv_pages *p = *state;
	uint64_t a;

	assert_int_equal(drv_pages_alloc(p, 0, PAGE, ANY, &a), DMASIM_E_INVAL);
	assert_int_equal(drv_pages_alloc(p, ANY, PAGE, ANY, &a),
	                 DMASIM_E_INVAL);
	assert_int_equal(drv_pages_alloc(p, PAGE, 0, ANY, &a), DMASIM_E_INVAL);
	assert_int_equal(drv_pages_alloc(p, PAGE, 64, ANY, &a), DMASIM_E_INVAL);
	assert_int_equal(drv_pages_alloc(p, PAGE, 3 * PAGE, ANY, &a),
	                 DMASIM_E_INVAL);
	assert_int_equal(free_bytes(p), 20 * PAGE);
}

static void the_wish_for_the_ring_is_kept_free(void **state)
{
	struct drv_pages *p = *state;
	uint64_t a;

	assert_int_equal(drv_pages_wish(p, BASE + 8 * PAGE), DMASIM_OK);
	assert_int_equal(p->ring.size, 8 * PAGE);
	/* Others get what lies below it. */
	assert_int_equal(drv_pages_alloc(p, PAGE, PAGE, ANY, &a), DMASIM_OK);
	assert_int_equal(a, BASE + 7 * PAGE);
	assert_int_equal(drv_pages_alloc_ring(p, 9 * PAGE, &a), DMASIM_E_RANGE);
	assert_int_equal(drv_pages_alloc_ring(p, 2 * PAGE + 1, &a), DMASIM_OK);
	assert_int_equal(a, BASE + 8 * PAGE);
	assert_int_equal(p->ring.size, 0);
	/* What the ring left is free again. */
	assert_int_equal(free_bytes(p), 16 * PAGE);
	drv_pages_free(p, a, 3 * PAGE);
	assert_int_equal(free_bytes(p), 19 * PAGE);
}

static void a_wish_may_take_all_that_is_kept(void **state)
{
	struct drv_pages *p = *state;
	uint64_t a;

	assert_int_equal(drv_pages_wish(p, BASE + 15 * PAGE), DMASIM_OK);
	assert_int_equal(drv_pages_alloc_ring(p, PAGE, &a), DMASIM_OK);
	assert_int_equal(free_bytes(p), 19 * PAGE);
}

static void bad_wishes_are_refused(void **state)
{
	struct drv_pages *p = *state;

	assert_int_equal(drv_pages_wish(p, BASE + 1), DMASIM_E_INVAL);
	assert_int_equal(drv_pages_wish(p, 0x1000), DMASIM_E_RANGE);
	assert_int_equal(free_bytes(p), 20 * PAGE);
}

/* Any sequence: what is out never overlaps, and all of it comes back. */
static void a_long_mix_neither_overlaps_nor_leaks(void **state)
{
	struct drv_pages *p = *state;
	struct drv_extent out[20];
	size_t n = 0;
	uint64_t s = 1;

	for (int step = 0; step < 5000; step++) {
		s = s * 6364136223846793005ull + 1442695040888963407ull;
		if (n && (s >> 60) < 7) {
			size_t i = (s >> 33) % n;

			drv_pages_free(p, out[i].base, out[i].size);
			out[i] = out[--n];
			continue;
		}
		uint64_t size = (1 + (s >> 40) % 3) * PAGE, a;

		if (drv_pages_alloc(p, size, PAGE << ((s >> 50) % 3), ANY, &a))
			continue;
		for (size_t i = 0; i < n; i++)
			assert_true(a + size <= out[i].base ||
			            out[i].base + out[i].size <= a);
		out[n++] = (struct drv_extent){a, size};
	}
	while (n--)
		drv_pages_free(p, out[n].base, out[n].size);
	assert_int_equal(p->free_count, 2);
	assert_int_equal(free_bytes(p), 20 * PAGE);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
static const struct CMUnitTest tests[] = {
        CASE(the_top_of_the_first_region_comes_first),
        CASE(later_regions_are_used_when_the_first_is_full),
        CASE(alignment_is_kept_and_the_rest_stays_free),
        CASE(a_limit_on_the_address_holds),
        CASE(freed_pages_join_their_neighbours),
        CASE(a_piece_may_be_freed_by_itself),
        CASE(a_bad_free_changes_nothing),
        CASE(exact_places_are_given_once),
        CASE(bad_sizes_and_alignments_are_refused),
        CASE(the_wish_for_the_ring_is_kept_free),
        CASE(a_wish_may_take_all_that_is_kept),
        CASE(bad_wishes_are_refused),
        CASE(a_long_mix_neither_overlaps_nor_leaks),
};
CHECK_MAIN(tests)
