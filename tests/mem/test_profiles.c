/* SPDX-License-Identifier: MIT */
/* The profiles are sound, and what they say of one another is so. */
#include "timing_rig.h"

static const char *const names[] = {"generic", "cortex-a53-like",
                                    "cortex-a72-like", "neoverse-n1-like"};

static void by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_non_null(dmasim_timing_profile_get(names[i]));
		assert_ptr_equal(dmasim_timing_profile_get(names[i]),
		                 dmasim_timing_profile_at(i));
		assert_string_equal(dmasim_timing_profile_at(i)->name,
		                    names[i]);
	}
	assert_null(dmasim_timing_profile_at(4));
	assert_null(dmasim_timing_profile_at(SIZE_MAX));
	assert_null(dmasim_timing_profile_get("cortex-a53"));
	assert_null(dmasim_timing_profile_get(""));
}

static void sound_cache(const struct dmasim_timing_cache *c, uint32_t line)
{
	uint32_t sets = c->size / line / c->ways;

	assert_true(c->ways >= 1 && c->ways <= 32 && c->cycles > 0);
	assert_int_equal(sets * line * c->ways, c->size);
	assert_int_equal(sets & (sets - 1), 0);
}

/* Of a line that nobody has, below the caches, in ps. */
static uint64_t miss_cost(const struct dmasim_timing_profile *p)
{
	struct timing_rig *r;
	uint64_t cost;

	assert_int_equal(rig_new(&r, NULL, NULL), 0);
	rig_make(r, &p->dram, &p->interconnect);
	cost = rig_cost(&r->port, DMASIM_READ, RAM, 64, 0) +
	       rig_cost(&r->ic_port[0], DMASIM_READ, RAM, 64, 0);
	rig_free(r);
	return cost;
}

static void sound(void **state)
{
	(void)state;
	for (size_t i = 0; dmasim_timing_profile_at(i); i++) {
		const struct dmasim_timing_profile *p =
		        dmasim_timing_profile_at(i);

		assert_true(p->period > 0 && p->store_buffer > 0);
		assert_true(p->snoop_cycles > 0 && p->hop_cycles > 0);
		sound_cache(&p->l1, p->line_size);
		if (p->l2.size)
			sound_cache(&p->l2, p->line_size);
		if (p->shared.size)
			sound_cache(&p->shared, p->line_size);
		if (p->system.size)
			sound_cache(&p->system, p->line_size);
		/* Below the caches it takes longer than in them. */
		assert_true(miss_cost(p) >
		            p->period * (p->l2.cycles + p->shared.cycles));
	}
}

/* Of the whole way of a load that misses everywhere, in ns: what was
 * measured for Graviton2 (81 and 83 ns) and in cycles for Cortex-A53 (124). */
static void whole_way(void **state)
{
	const struct dmasim_timing_profile *n1 =
	        dmasim_timing_profile_get("neoverse-n1-like");
	const struct dmasim_timing_profile *a53 =
	        dmasim_timing_profile_get("cortex-a53-like");
	uint64_t ns;

	(void)state;
	ns = (n1->period * (n1->l1.cycles + n1->l2.cycles + n1->hop_cycles +
	                    n1->system.cycles) +
	      miss_cost(n1)) /
	     DMASIM_NS;
	assert_in_range(ns, 78, 90);
	ns = (a53->period * a53->hop_cycles + miss_cost(a53)) / a53->period;
	assert_in_range(ns, 110, 140);
}

/* With its neighbours a row is open, with another row it is in the way. */
static void rows(void **state)
{
	(void)state;
	for (size_t i = 0; dmasim_timing_profile_at(i); i++) {
		struct dmasim_dram_timing t = dmasim_timing_profile_at(i)->dram;
		struct timing_rig *r;
		uint64_t closed, hit, conflict, row;

		row = (uint64_t)t.row_bytes * t.channels * t.banks * t.ranks;
		assert_int_equal(rig_new(&r, NULL, NULL), 0);
		rig_make(r, &t, &round_way);
		closed = rig_read(r, RAM, 0);
		hit = rig_read(r, RAM, 1000000);
		conflict = rig_read(r, RAM + row, 2000000);
		assert_true(hit < closed && closed < conflict);
		rig_free(r);
	}
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_name),
        cmocka_unit_test(sound),
        cmocka_unit_test(whole_way),
        cmocka_unit_test(rows),
};

CHECK_MAIN(tests)
