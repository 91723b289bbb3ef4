/* SPDX-License-Identifier: MIT */
/* What the hardware does unasked, by choice points at every access. */
#include "rig.h"

#include "memsys_internal.h"

#define A  (RIG_RAM + 0x6000)
#define WB &dmasim_attr_wb
#define NC &dmasim_attr_nc

/* Answers the n-th query of one point, all others by default. */
struct answer {
	enum dmasim_choice_point point;
	unsigned at;
	uint32_t value;
	unsigned asked;
	/** Of the last query. */
	uint32_t alternatives;
	uint64_t where;
};

static uint32_t reply(void *ctx, const struct dmasim_choice_query *q)
{
	struct answer *a = ctx;

	if (q->point != a->point)
		return q->preferred;
	a->alternatives = q->alternatives;
	a->where = q->where;
	return a->asked++ == a->at ? a->value : q->preferred;
}

static struct rig *rig_that(struct answer *a, enum dmasim_choice_point point,
                            uint32_t ask_every)
{
	const struct dmasim_choice_config choice = {
	        .mode = DMASIM_CHOICE_CALLBACK, .fn = reply, .fn_ctx = a};

	*a = (struct answer){.point = point, .at = UINT32_MAX};
	return rig_new(&(struct rig_config){.choice = &choice,
	                                    .ask_every = ask_every});
}

static bool in(const struct cache *c, uint64_t addr)
{
	return cache_find(c, addr >> 6) >= 0;
}

static struct cache *l1(const struct rig *r, uint32_t cpu)
{
	return ms_cached_port(r->ms, cpu)->l1;
}

static void maintain(struct rig *r, enum dmasim_op op)
{
	assert_int_equal(rig_move(r, &r->core[0], op, A, NULL, 8, WB),
	                 DMASIM_TXN_OK);
}

static void speculative_fills(void **state)
{
	struct answer a;
	struct rig *r = rig_that(&a, DMASIM_CHOICE_SPECULATIVE_FILL, 1);

	(void)state;
	/* Nothing has been reached through a cacheable mapping. */
	rig_write(r, &r->core[0], A, 5, NC);
	rig_read(r, &r->core[0], RIG_MMIO, WB);
	rig_read(r, &r->core[0], A, NC);
	assert_int_equal(a.asked, 0);
	/* Maintenance is enough of a mapping. */
	maintain(r, DMASIM_INVALIDATE);
	rig_read(r, &r->core[1], A + 64, NC);
	assert_int_equal(a.asked, 1);
	assert_int_equal(a.alternatives, 2);
	assert_true(a.where == A + 64);
	assert_false(in(l1(r, 0), A));
	a.at = 1;
	a.value = 1;
	rig_read(r, &r->core[1], A + 64, NC);
	assert_true(in(l1(r, 0), A));
	/* It is there: no more to ask. */
	rig_read(r, &r->core[1], A + 64, NC);
	assert_int_equal(a.asked, 2);
	/* A second CPU's is another one. */
	rig_read(r, &r->core[1], A, WB);
	maintain(r, DMASIM_CLEAN_INVALIDATE);
	rig_read(r, &r->core[1], A + 64, NC);
	assert_int_equal(a.alternatives, 3);
	/* Devices' accesses ask nothing. */
	a.asked = 0;
	rig_read(r, &r->coherent, A, WB);
	rig_read(r, &r->noncoherent, A, WB);
	assert_int_equal(a.asked, 0);
	rig_free(r);
}

static void evictions(void **state)
{
	struct answer a;
	struct rig *r = rig_that(&a, DMASIM_CHOICE_SPONTANEOUS_EVICT, 1);

	(void)state;
	rig_write(r, &r->core[0], A, 5, WB);
	assert_int_equal(a.asked, 0);
	rig_read(r, &r->core[0], A, WB);
	/* From the L1, or from the shared cache. */
	assert_int_equal(a.alternatives, 3);
	a.at = a.asked;
	a.value = 1;
	rig_read(r, &r->core[1], A + 64, NC);
	assert_false(in(l1(r, 0), A));
	assert_true(in(r->ms->shared, A));
	assert_int_equal(rig_ram(r, A), 0);
	/* Only the shared one is left. */
	a.at = a.asked;
	rig_read(r, &r->core[1], A + 64, NC);
	assert_int_equal(a.alternatives, 2);
	assert_false(in(r->ms->shared, A));
	assert_int_equal(rig_ram(r, A), 5);
	rig_no_findings(r);
	rig_free(r);
}

static void early_cleans(void **state)
{
	struct answer a;
	struct rig *r = rig_that(&a, DMASIM_CHOICE_CLEAN_EARLY, 1);

	(void)state;
	rig_read(r, &r->core[0], A, WB);
	rig_read(r, &r->core[0], A, WB);
	assert_int_equal(a.asked, 0);
	rig_write(r, &r->core[0], A, 5, WB);
	a.value = 1;
	for (unsigned i = 0; i < 2; i++) {
		a.at = a.asked;
		rig_read(r, &r->core[1], A + 64, NC);
		assert_int_equal(a.alternatives, 2);
		assert_true(in(l1(r, 0), A));
	}
	/* First the L1, then the shared cache; then there is nothing. */
	assert_int_equal(rig_ram(r, A), 5);
	rig_read(r, &r->core[1], A + 64, NC);
	assert_int_equal(a.asked, 2);
	rig_no_findings(r);
	rig_free(r);
}

static void now_and_then(void **state)
{
	struct answer a;
	struct rig *r = rig_that(&a, DMASIM_CHOICE_SPONTANEOUS_EVICT, 3);

	(void)state;
	for (unsigned i = 0; i < 12; i++)
		rig_read(r, &r->core[0], A, WB);
	assert_int_equal(a.asked, 4);
	/* Barriers, looks and sets and ways are no accesses of a line. */
	for (unsigned i = 0; i < 12; i++) {
		assert_int_equal(
		        dmasim_cpu_barrier(r->cpu[0], DMASIM_DMB, DMASIM_HERE),
		        DMASIM_OK);
		assert_int_equal(rig_move(r, &r->core[0], DMASIM_CLEAN_SW, 0,
		                          NULL, 0, WB),
		                 DMASIM_TXN_OK);
	}
	assert_int_equal(a.asked, 4);
	rig_free(r);
	/* Off: only at misses, one line in turn. */
	r = rig_that(&a, DMASIM_CHOICE_SPONTANEOUS_EVICT, 0);
	for (unsigned i = 0; i < 12; i++)
		rig_read(r, &r->core[0], A, WB);
	assert_int_equal(a.asked, 0);
	rig_free(r);
}

/* More lines than are kept in reach: the oldest are forgotten. */
static void many_lines(void **state)
{
	struct answer a;
	struct rig *r = rig_that(&a, DMASIM_CHOICE_SPONTANEOUS_EVICT, 1);

	(void)state;
	for (uint64_t i = 0; i < 20; i++)
		rig_read(r, &r->core[0], A + i * 64, WB);
	assert_int_equal(a.alternatives, 1 + 2 * MS_REACH);
	rig_free(r);
	r = rig_that(&a, DMASIM_CHOICE_SPONTANEOUS_EVICT, 1);
	for (uint64_t i = 0; i < MS_REACH; i++) {
		rig_read(r, &r->core[0], A + i * 64, WB);
		rig_read(r, &r->core[1], A + i * 64, WB);
	}
	rig_read(r, &r->core[0], A, NC);
	/* Each line once, however many have reached it. */
	assert_int_equal(a.alternatives, 1 + 3 * MS_REACH / 2);
	rig_free(r);
}

static void prefetch_of_the_next_line(void **state)
{
	struct answer a;
	struct rig *r = rig_that(&a, DMASIM_CHOICE_PREFETCH, 0);

	(void)state;
	a.value = 1;
	a.at = 0;
	rig_read(r, &r->core[0], A, WB);
	assert_true(a.where == A + 64);
	assert_int_equal(a.alternatives, 2);
	assert_true(in(l1(r, 0), A + 64));
	assert_false(in(l1(r, 0), A + 128));
	/* A hit asks nothing; a line before one that is there neither. */
	rig_read(r, &r->core[0], A + 64, WB);
	rig_read(r, &r->core[0], A - 64, WB);
	assert_int_equal(a.asked, 1);
	/* Nor a write, nor the last line of a page. */
	rig_write(r, &r->core[0], A + 512, 1, WB);
	rig_read(r, &r->core[0], A + 0x1000 - 64, WB);
	assert_int_equal(a.asked, 1);
	rig_read(r, &r->core[1], A, WB);
	assert_int_equal(a.asked, 2);
	assert_false(in(l1(r, 1), A + 64));
	rig_free(r);
}

/*
 * The hazard that all this is for: a driver that invalidates before a DMA
 * write, and not after it, reads old bytes if the hardware fills the line in
 * between, and only then.
 */
static uint64_t receive(struct rig *r, bool again)
{
	uint64_t v;

	rig_write(r, &r->core[0], A, 1, WB);
	maintain(r, DMASIM_CLEAN_INVALIDATE);
	/* The CPU looks at other memory while the device works. */
	rig_read(r, &r->core[0], A + 0x4000, NC);
	rig_write(r, &r->noncoherent, A, 2, WB);
	rig_read(r, &r->core[0], A + 0x4000, NC);
	if (again)
		maintain(r, DMASIM_INVALIDATE);
	v = rig_read(r, &r->core[0], A, WB);
	return v;
}

static void fill_between_invalidate_and_dma(void **state)
{
	(void)state;
	for (unsigned fixed = 0; fixed < 2; fixed++) {
		unsigned outcomes[3] = {0}, runs = 0, asked = 1;

		for (unsigned at = 0; at <= asked; at++, runs++) {
			struct answer a;
			struct rig *r =
			        rig_that(&a, DMASIM_CHOICE_SPECULATIVE_FILL, 1);
			uint64_t v;

			a.at = at;
			a.value = 1;
			v = receive(r, fixed);
			assert_true(v == 1 || v == 2);
			outcomes[v]++;
			assert_int_equal(rig_findings(r, DMASIM_STALE_READ),
			                 v == 1 ? 1 : 0);
			asked = a.asked;
			rig_free(r);
		}
		assert_true(runs > 2);
		assert_true(outcomes[2] > 0);
		assert_int_equal(outcomes[1] > 0, !fixed);
	}
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(speculative_fills),
        cmocka_unit_test(evictions),
        cmocka_unit_test(early_cleans),
        cmocka_unit_test(now_and_then),
        cmocka_unit_test(many_lines),
        cmocka_unit_test(prefetch_of_the_next_line),
        cmocka_unit_test(fill_between_invalidate_and_dma),
};

CHECK_MAIN(tests)
