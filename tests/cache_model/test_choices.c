/* SPDX-License-Identifier: MIT */
/* What the architecture leaves open, answered one way and the other. */
#include "rig.h"

#include <stdlib.h>

#define A (RIG_RAM + 0x6000)

/* Answers one point as told, the others by default. */
struct answer {
	enum dmasim_choice_point point;
	uint32_t value;
	unsigned asked;
	uint64_t where;
	uint32_t alternatives, preferred;
};

static uint32_t reply(void *ctx, const struct dmasim_choice_query *q)
{
	struct answer *a = ctx;

	if (q->point != a->point)
		return q->preferred;
	a->asked++;
	a->where = q->where;
	a->alternatives = q->alternatives;
	a->preferred = q->preferred;
	return a->value == UINT32_MAX ? q->preferred : a->value;
}

static struct rig *rig_that(struct answer *a, enum dmasim_choice_point point,
                            uint32_t value, uint64_t delay)
{
	const struct dmasim_choice_config choice = {
	        .mode = DMASIM_CHOICE_CALLBACK, .fn = reply, .fn_ctx = a};

	*a = (struct answer){.point = point, .value = value};
	return rig_new(&(struct rig_config){.choice = &choice, .delay = delay});
}

#define WB &dmasim_attr_wb
#define NC &dmasim_attr_nc

static void non_cacheable_hit(void **state)
{
	static const struct {
		uint32_t value;
		uint64_t read, cached, ram;
	} rows[] = {
	        /* Past it: each sees its own. */
	        {0, 0, 5, 7},
	        /* Using it: the write goes into the line. */
	        {1, 5, 7, 0},
	        /* Cleaned, then past it: the line is stale after a write. */
	        {2, 5, 5, 7},
	};

	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		struct answer a;
		struct rig *r = rig_that(&a, DMASIM_CHOICE_NC_HIT,
		                         rows[i % 3].value, i / 3 * 1000);

		/* Nothing is cached: nothing is asked. */
		rig_read(r, &r->core[0], A, NC);
		assert_int_equal(a.asked, 0);
		rig_write(r, &r->core[1], A, 5, WB);
		assert_int_equal(rig_read(r, &r->core[0], A, NC),
		                 rows[i % 3].read);
		assert_int_equal(a.asked, 1);
		assert_true(a.where == A);
		assert_int_equal(a.alternatives, 3);
		assert_int_equal(a.preferred, 0);
		rig_write(r, &r->core[0], A, 7, NC);
		assert_int_equal(a.asked, 2);
		assert_int_equal(rig_read(r, &r->core[1], A, WB),
		                 rows[i % 3].cached);
		assert_int_equal(rig_ram(r, A), rows[i % 3].ram);
		/* A non-coherent port is outside: it has no choice, and
		 * neither has a register. */
		rig_read(r, &r->noncoherent, A, NC);
		rig_read(r, &r->core[0], RIG_MMIO, &dmasim_attr_device);
		/* Nor has a Device access to memory. */
		assert_int_equal(
		        rig_read(r, &r->core[0], A, &dmasim_attr_device),
		        rows[i % 3].ram);
		assert_int_equal(a.asked, 2);
		rig_free(r);
	}
}

/* The second line of an access is the one that is cached; a snooping port. */
static void non_cacheable_hit_of_a_part(void **state)
{
	struct answer a;
	struct rig *r = rig_that(&a, DMASIM_CHOICE_NC_HIT, 1, 0);
	uint64_t v = 0;

	(void)state;
	rig_write(r, &r->core[1], A + 64, 0x1122, WB);
	assert_int_equal(
	        rig_move(r, &r->coherent, DMASIM_READ, A + 58, &v, 8, NC),
	        DMASIM_TXN_OK);
	assert_true(v == 0x1122000000000000);
	assert_true(a.where == A + 64);
	rig_write(r, &r->coherent, A + 60, 0, NC);
	assert_int_equal(rig_ram(r, A + 64), 0);
	assert_int_equal(rig_read(r, &r->core[1], A + 64, WB), 0);
	rig_no_findings(r);
	rig_free(r);
}

static void invalidate_that_cleans(void **state)
{
	(void)state;
	for (uint32_t value = 0; value < 2; value++) {
		struct answer a;
		struct rig *r =
		        rig_that(&a, DMASIM_CHOICE_IVAC_CLEANS, value, 0);

		/* Only if there is something to lose. */
		rig_read(r, &r->core[0], A, WB);
		assert_int_equal(rig_move(r, &r->core[0], DMASIM_INVALIDATE, A,
		                          NULL, 8, WB),
		                 DMASIM_TXN_OK);
		assert_int_equal(a.asked, 0);
		rig_write(r, &r->core[0], A, 5, WB);
		assert_int_equal(rig_move(r, &r->core[0], DMASIM_INVALIDATE, A,
		                          NULL, 8, WB),
		                 DMASIM_TXN_OK);
		assert_int_equal(a.asked, 1);
		assert_int_equal(rig_ram(r, A), value ? 5 : 0);
		assert_int_equal(rig_read(r, &r->core[0], A, WB),
		                 value ? 5 : 0);
		assert_int_equal(rig_findings(r, DMASIM_DISCARDED_WRITE),
		                 value ? 0 : 1);
		rig_free(r);
	}
}

/* 32 KiB, 4 ways: lines 8 KiB apart share a set. */
static void victim(void **state)
{
	struct answer a;
	struct rig *r = rig_that(&a, DMASIM_CHOICE_VICTIM_WAY, UINT32_MAX, 0);
	struct dmasim_cache_stats before, after;

	(void)state;
	for (uint64_t i = 0; i < 4; i++)
		rig_read(r, &r->core[0], RIG_RAM + i * 8192, WB);
	assert_int_equal(a.asked, 0);
	rig_read(r, &r->core[0], RIG_RAM, WB);
	/* The preferred one is the least recently used one. */
	rig_read(r, &r->core[0], RIG_RAM + 4 * 8192, WB);
	assert_int_equal(a.asked, 1);
	assert_int_equal(a.alternatives, 4);
	assert_int_equal(a.preferred, 1);
	assert_true(a.where == RIG_RAM + 4 * 8192);
	/* Another answer: way 0 goes, though it is the newest but one. */
	a.value = 0;
	rig_read(r, &r->core[0], RIG_RAM + 5 * 8192, WB);
	assert_int_equal(a.preferred, 2);
	assert_int_equal(dmasim_memsys_stats(r->ms, 1, 0, &before), DMASIM_OK);
	rig_read(r, &r->core[0], RIG_RAM + 2 * 8192, WB);
	rig_read(r, &r->core[0], RIG_RAM + 3 * 8192, WB);
	rig_read(r, &r->core[0], RIG_RAM + 4 * 8192, WB);
	assert_int_equal(dmasim_memsys_stats(r->ms, 1, 0, &after), DMASIM_OK);
	assert_int_equal(after.read_misses, before.read_misses);
	rig_read(r, &r->core[0], RIG_RAM, WB);
	assert_int_equal(dmasim_memsys_stats(r->ms, 1, 0, &after), DMASIM_OK);
	assert_int_equal(after.read_misses, before.read_misses + 1);
	rig_free(r);
}

static void spontaneous_eviction(void **state)
{
	struct answer a;
	struct rig *r =
	        rig_that(&a, DMASIM_CHOICE_SPONTANEOUS_EVICT, UINT32_MAX, 0);
	struct dmasim_cache_stats s;

	(void)state;
	for (uint64_t i = 0; i < 512; i++)
		rig_write(r, &r->core[0], RIG_RAM + i * 64, i + 1, WB);
	/* Each miss asked about a line, where there was one. */
	assert_true(a.asked > 100);
	assert_int_equal(a.alternatives, 2);
	assert_int_equal(a.preferred, 0);
	assert_int_equal(dmasim_memsys_stats(r->ms, 1, 0, &s), DMASIM_OK);
	assert_int_equal(s.writebacks, 0);
	a.value = 1;
	for (uint64_t i = 512; i < 700; i++)
		rig_write(r, &r->core[0], RIG_RAM + i * 64, i + 1, WB);
	assert_int_equal(dmasim_memsys_stats(r->ms, 1, 0, &s), DMASIM_OK);
	assert_true(s.writebacks > 188);
	/* Nothing is lost by it. */
	for (uint64_t i = 0; i < 700; i++)
		assert_int_equal(rig_read(r, &r->core[1], RIG_RAM + i * 64, WB),
		                 i + 1);
	rig_no_findings(r);
	rig_free(r);
}

static void store_drain(void **state)
{
	struct answer a;
	struct rig *r = rig_that(&a, DMASIM_CHOICE_STORE_DRAIN, 1, 0);

	(void)state;
	assert_int_equal(dmasim_cpu_store(r->cpu[1], RIG_WB, 8, 5), DMASIM_OK);
	assert_int_equal(a.asked, 1);
	assert_int_equal(a.where, 1);
	assert_int_equal(a.preferred, 0);
	assert_int_equal(rig_read(r, &r->core[0], RIG_RAM, WB), 5);
	a.value = 0;
	assert_int_equal(dmasim_cpu_store(r->cpu[1], RIG_WB, 8, 6), DMASIM_OK);
	assert_int_equal(rig_read(r, &r->core[0], RIG_RAM, WB), 5);
	/* The oldest leaves, and only one. */
	a.value = 1;
	assert_int_equal(dmasim_cpu_store(r->cpu[1], RIG_WB + 64, 8, 7),
	                 DMASIM_OK);
	assert_int_equal(rig_read(r, &r->core[0], RIG_RAM, WB), 6);
	assert_int_equal(rig_read(r, &r->core[0], RIG_RAM + 64, WB), 0);
	rig_free(r);
	/* Over a memory that pends: not asked while one is under way. */
	r = rig_that(&a, DMASIM_CHOICE_STORE_DRAIN, 1, 1000);
	for (uint64_t i = 0; i < 5; i++)
		assert_int_equal(
		        dmasim_cpu_store(r->cpu[0], RIG_NC + i * 8, 8, i + 1),
		        DMASIM_OK);
	assert_int_equal(a.asked, 1);
	assert_int_equal(dmasim_cpu_barrier(r->cpu[0], DMASIM_DSB, DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(rig_ram(r, RIG_RAM + 32), 5);
	rig_free(r);
}

/* The same seed gives the same run. */
static void seeds(void **state)
{
	uint64_t sum[3] = {0};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		const struct dmasim_choice_config choice = {
		        .mode = DMASIM_CHOICE_SEED, .seed = i == 2 ? 5 : 4};
		struct rig *r = rig_new(&(struct rig_config){
		        .choice = &choice,
		        .l1 = {.size = 512, .ways = 4, .cycles = 1}});
		struct dmasim_cache_stats s;
		uint64_t seed = 77;

		for (unsigned n = 0; n < 500; n++) {
			uint64_t x = rig_random(&seed);
			uint64_t va =
			        (x & 0xff8) + (x >> 20 & 1 ? RIG_NC : RIG_WB);
			uint64_t v = 0;

			if (x >> 21 & 1)
				assert_int_equal(
				        dmasim_cpu_store(r->cpu[x >> 22 & 1],
				                         va, 8, x),
				        DMASIM_OK);
			else
				assert_int_equal(
				        dmasim_cpu_load(r->cpu[x >> 22 & 1], va,
				                        8, &v),
				        DMASIM_OK);
			sum[i] = sum[i] * 31 + v;
		}
		assert_int_equal(dmasim_memsys_stats(r->ms, 1, 0, &s),
		                 DMASIM_OK);
		sum[i] = sum[i] * 31 + s.read_misses;
		sum[i] = sum[i] * 31 + s.writebacks;
		sum[i] = sum[i] * 31 + dmasim_now(r->k);
		sum[i] = sum[i] * 31 + dmasim_finding_count(r->checker);
		rig_free(r);
	}
	assert_true(sum[0] == sum[1]);
	assert_true(sum[0] != sum[2]);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(non_cacheable_hit),
        cmocka_unit_test(non_cacheable_hit_of_a_part),
        cmocka_unit_test(invalidate_that_cleans),
        cmocka_unit_test(victim),
        cmocka_unit_test(spontaneous_eviction),
        cmocka_unit_test(store_drain),
        cmocka_unit_test(seeds),
};

CHECK_MAIN(tests)
