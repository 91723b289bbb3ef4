/* SPDX-License-Identifier: MIT */
/* Mappings of two stages, and mappings that change. */
#include "cpu_spy.h"

#include <stdlib.h>

#include "dmasim/cpu_map.h"
#include "dmasim/cpu_window.h"

#define VA  0x1000000ull
#define IPA 0x40000000ull
#define P0  (RIG_RAM + 0x10000)
#define P1  (RIG_RAM + 0x20000)
#define K4  0x1000ull

static const struct dmasim_s2_attr s2_wb = {DMASIM_S2_NORMAL, DMASIM_ISH};

static int load(struct cpu_spy *s, uint64_t va, uint64_t *v)
{
	*v = 0;
	return dmasim_cpu_load(s->cpu, va, 8, v);
}

static void barrier(struct cpu_spy *s, enum dmasim_barrier kind)
{
	assert_int_equal(dmasim_cpu_barrier(s->cpu, kind, DMASIM_HERE),
	                 DMASIM_OK);
}

static void two_stages(void **state)
{
	struct cpu_answers a;
	struct cpu_spy *s = cpu_spy_asking(&a, (struct dmasim_cpu_config){0});
	struct dmasim_attr attr;
	uint64_t pa, v;
	uint8_t out[0x3000], in[0x3000];

	(void)state;
	assert_int_equal(
	        dmasim_cpu_map(s->cpu, VA, IPA, 4 * K4, &dmasim_attr_wb),
	        DMASIM_OK);
	/* Pages of stage 2 in another order, of another kind. */
	assert_int_equal(dmasim_cpu_map_stage2(s->cpu, IPA, P1, K4, &s2_wb),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_map_stage2(
	                         s->cpu, IPA + K4, P0, 2 * K4,
	                         &(struct dmasim_s2_attr){0x5, DMASIM_ISH}),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_translate(s->cpu, VA + 5, &pa, &attr),
	                 DMASIM_OK);
	assert_true(pa == P1 + 5);
	assert_int_equal(attr.inner, DMASIM_WB);
	assert_int_equal(dmasim_cpu_translate(s->cpu, VA + K4 + 5, &pa, &attr),
	                 DMASIM_OK);
	assert_true(pa == P0 + 5);
	assert_int_equal(attr.inner, DMASIM_NC);
	assert_int_equal(dmasim_cpu_translate(s->cpu, VA + 3 * K4, &pa, NULL),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(load(s, VA + 3 * K4, &v), DMASIM_E_NOTFOUND);
	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (uint8_t)(i * 5 + 3);
	assert_int_equal(
	        dmasim_cpu_write(s->cpu, VA, out, sizeof(out), DMASIM_HERE),
	        DMASIM_OK);
	assert_int_equal(
	        dmasim_cpu_read(s->cpu, VA, in, sizeof(in), DMASIM_HERE),
	        DMASIM_OK);
	assert_memory_equal(in, out, sizeof(in));
	barrier(s, DMASIM_DSB);
	assert_int_equal(rig_ram(s->rig, P0) & 0xff, out[K4]);
	/* DC IVAC does not discard under stage 2. */
	assert_int_equal(dmasim_cpu_store(s->cpu, VA, 8, 0x77), DMASIM_OK);
	assert_int_equal(dmasim_cpu_maintain(s->cpu, DMASIM_INVALIDATE, VA, 8,
	                                     DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(cpu_spy_count(s, DMASIM_INVALIDATE), 0);
	assert_int_equal(rig_ram(s->rig, P1), 0x77);
	assert_int_equal(dmasim_cpu_unmap_stage2(s->cpu, IPA + K4), DMASIM_OK);
	assert_int_equal(dmasim_cpu_unmap_stage2(s->cpu, IPA + K4),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(load(s, VA + K4, &v), DMASIM_E_NOTFOUND);
	assert_int_equal(load(s, VA, &v), DMASIM_OK);
	cpu_spy_free_all(s);
}

static void stage2_refused(void **state)
{
	struct cpu_answers a;
	struct cpu_spy *s =
	        cpu_spy_asking(&a, (struct dmasim_cpu_config){.fwb = true});
	const struct dmasim_s2_attr force = {DMASIM_S2_FWB_WB, DMASIM_ISH};
	struct dmasim_attr attr;
	uint64_t pa;

	(void)state;
	/* Reserved with FWB. */
	assert_int_equal(dmasim_cpu_map_stage2(s->cpu, IPA, P1, K4, &s2_wb),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_map_stage2(s->cpu, IPA, P1, K4, NULL),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_map_stage2(s->cpu, IPA, P1, 3, &force),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_map_stage2(s->cpu, IPA,
	                                       DMASIM_PA_MAX - 0xfff, 2 * K4,
	                                       &force),
	                 DMASIM_E_RANGE);
	assert_int_equal(dmasim_cpu_map_stage2(s->cpu, IPA, P1, K4, &force),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_map_stage2(s->cpu, IPA, P1, K4, &force),
	                 DMASIM_E_OVERLAP);
	/* A guest that asks for Non-cacheable gets Write-Back. */
	assert_int_equal(dmasim_cpu_map(s->cpu, VA, IPA, K4, &dmasim_attr_nc),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_translate(s->cpu, VA, &pa, &attr),
	                 DMASIM_OK);
	assert_int_equal(attr.inner, DMASIM_WB);
	cpu_spy_free_all(s);
}

struct reports {
	unsigned count;
	struct dmasim_remap_report last;
};

static void note(void *ctx, const struct dmasim_cpu *cpu,
                 const struct dmasim_remap_report *r)
{
	struct reports *all = ctx;

	assert_int_equal(dmasim_cpu_index(cpu), 0);
	all->count++;
	all->last = *r;
}

/* VA leads to P0, where 1 is; P1 has 2. */
static struct cpu_spy *ready(struct cpu_answers *a, struct reports *r)
{
	struct cpu_spy *s = cpu_spy_asking(a, (struct dmasim_cpu_config){0});

	memset(r, 0, sizeof(*r));
	rig_write(s->rig, &s->rig->core[1], P0, 1, &dmasim_attr_wb);
	rig_write(s->rig, &s->rig->core[1], P1, 2, &dmasim_attr_wb);
	dmasim_cpu_on_remap(s->cpu, note, r);
	assert_int_equal(
	        dmasim_cpu_map(s->cpu, VA, P0, 2 * K4, &dmasim_attr_wb),
	        DMASIM_OK);
	return s;
}

static uint64_t faults(const struct cpu_spy *s)
{
	struct dmasim_tlb_stats stats;

	dmasim_cpu_tlb_stats(s->cpu, &stats);
	return stats.faults;
}

/* The architected sequence, step by step; one is left out. */
static void break_before_make(void **state)
{
	static const struct {
		int without;
		enum dmasim_barrier first, second;
		bool fault;
		enum dmasim_remap_fault kind;
	} rows[] = {
	        {-1, DMASIM_DSB, DMASIM_DSB, false, 0},
	        {-1, DMASIM_DSB_ST, DMASIM_DSB, false, 0},
	        {0, DMASIM_DSB, DMASIM_DSB, true, DMASIM_REMAP_EARLY_TLBI},
	        {-1, DMASIM_DMB, DMASIM_DSB, true, DMASIM_REMAP_EARLY_TLBI},
	        {1, DMASIM_DSB, DMASIM_DSB, true, DMASIM_REMAP_NO_TLBI},
	        {2, DMASIM_DSB, DMASIM_DSB, true, DMASIM_REMAP_NO_DSB},
	        {-1, DMASIM_DSB, DMASIM_DSB_ST, true, DMASIM_REMAP_NO_DSB},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct cpu_answers a;
		struct reports r;
		struct cpu_spy *s = ready(&a, &r);
		uint64_t v;

		assert_int_equal(load(s, VA, &v), DMASIM_OK);
		assert_int_equal(dmasim_cpu_unmap(s->cpu, VA), DMASIM_OK);
		if (rows[i].without != 0)
			barrier(s, rows[i].first);
		if (rows[i].without != 1)
			assert_int_equal(dmasim_cpu_tlbi(s->cpu, VA, 2 * K4),
			                 DMASIM_OK);
		if (rows[i].without != 2)
			barrier(s, rows[i].second);
		assert_int_equal(
		        dmasim_cpu_map(s->cpu, VA, P1, K4, &dmasim_attr_wb),
		        DMASIM_OK);
		assert_int_equal(r.count, rows[i].fault);
		assert_int_equal(faults(s), rows[i].fault);
		if (rows[i].fault) {
			assert_int_equal(r.last.fault, rows[i].kind);
			assert_true(r.last.va == VA && r.last.size == K4);
			assert_true(r.last.old_pa == P0);
			assert_true(r.last.new_pa == P1);
		}
		/* Whether the old entry can still be used goes with it. */
		cpu_answer(&a, DMASIM_CHOICE_TLB_STALE, 1);
		assert_int_equal(load(s, VA, &v), DMASIM_OK);
		assert_int_equal(v, rows[i].fault ? 1 : 2);
		cpu_answer(&a, DMASIM_CHOICE_TLB_STALE, 0);
		assert_int_equal(load(s, VA, &v), DMASIM_OK);
		assert_int_equal(v, 2);
		cpu_spy_free_all(s);
	}
}

static void changed_in_place(void **state)
{
	struct cpu_answers a;
	struct reports r;
	struct cpu_spy *s = ready(&a, &r);
	struct dmasim_attr hinted = dmasim_attr_wb;
	uint64_t v;

	(void)state;
	hinted.alloc = DMASIM_ALLOC_TRANSIENT;
	assert_int_equal(dmasim_cpu_remap(s->cpu, VA, P0, &hinted), DMASIM_OK);
	assert_int_equal(r.count, 0);
	assert_int_equal(dmasim_cpu_remap(s->cpu, VA, P0, &dmasim_attr_nc),
	                 DMASIM_OK);
	assert_int_equal(r.count, 1);
	assert_int_equal(r.last.fault, DMASIM_REMAP_LIVE);
	assert_int_equal(r.last.old_attr.inner, DMASIM_WB);
	assert_int_equal(r.last.new_attr.inner, DMASIM_NC);
	assert_int_equal(dmasim_cpu_remap(s->cpu, VA, P1, &dmasim_attr_nc),
	                 DMASIM_OK);
	assert_int_equal(r.count, 2);
	/* The youngest of the entries that may be there. */
	cpu_answer(&a, DMASIM_CHOICE_TLB_STALE, 1);
	assert_int_equal(load(s, VA, &v), DMASIM_OK);
	assert_true(cpu_spy_last(s, DMASIM_READ)->addr == P0);
	assert_int_equal(cpu_spy_last(s, DMASIM_READ)->attr.inner, DMASIM_NC);
	assert_int_equal(dmasim_cpu_remap(s->cpu, VA + K4, P1, &hinted),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_cpu_remap(s->cpu, VA, P1 + 1, &hinted),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_remap(s->cpu, VA, P1, NULL),
	                 DMASIM_E_INVAL);
	assert_int_equal(
	        dmasim_cpu_remap(s->cpu, VA, DMASIM_PA_MAX - 0xfff, &hinted),
	        DMASIM_E_RANGE);
	cpu_spy_free_all(s);
}

/* Unmapped, and still used: until a TLBI is complete. */
static void used_after_unmap(void **state)
{
	struct cpu_answers a;
	struct reports r;
	struct cpu_spy *s = ready(&a, &r);
	struct dmasim_tlb_stats stats;
	struct dmasim_insn in = {.va = VA, .size = 8};
	uint32_t token;
	uint8_t wide[4 * 0x1000];
	uint64_t v;

	(void)state;
	assert_int_equal(dmasim_cpu_map(s->cpu, VA + 2 * K4, P1, 2 * K4,
	                                &dmasim_attr_wb),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_unmap(s->cpu, VA), DMASIM_OK);
	assert_int_equal(load(s, VA, &v), DMASIM_E_NOTFOUND);
	assert_int_equal(a.asked[DMASIM_CHOICE_TLB_STALE], 1);
	cpu_answer(&a, DMASIM_CHOICE_TLB_STALE, 1);
	assert_int_equal(load(s, VA, &v), DMASIM_OK);
	assert_int_equal(v, 1);
	assert_int_equal(
	        dmasim_cpu_read(s->cpu, VA, wide, sizeof(wide), DMASIM_HERE),
	        DMASIM_OK);
	assert_int_equal(wide[2 * K4], 2);
	assert_int_equal(dmasim_cpu_issue(s->cpu, &in, &token), DMASIM_OK);
	assert_int_equal(dmasim_cpu_retire(s->cpu), DMASIM_OK);
	assert_int_equal(dmasim_cpu_result(s->cpu, token, &v), DMASIM_OK);
	assert_int_equal(v, 1);
	dmasim_cpu_tlb_stats(s->cpu, &stats);
	assert_true(stats.stale >= 4);
	/* One page of it. */
	barrier(s, DMASIM_DSB);
	assert_int_equal(dmasim_cpu_tlbi(s->cpu, VA, K4), DMASIM_OK);
	assert_int_equal(load(s, VA, &v), DMASIM_OK);
	barrier(s, DMASIM_DSB);
	assert_int_equal(load(s, VA, &v), DMASIM_E_NOTFOUND);
	assert_int_equal(load(s, VA + K4, &v), DMASIM_OK);
	assert_int_equal(
	        dmasim_cpu_read(s->cpu, VA, wide, sizeof(wide), DMASIM_HERE),
	        DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_cpu_tlbi(s->cpu, VA, 0), DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_tlbi(s->cpu, VA + 1, K4), DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_tlbi(s->cpu, UINT64_MAX - 0xfff, 2 * K4),
	                 DMASIM_E_INVAL);
	cpu_spy_free_all(s);
}

/* A TLBI in the middle of an entry leaves both of its ends. */
static void in_pieces(void **state)
{
	struct cpu_answers a;
	struct reports r;
	struct cpu_spy *s = ready(&a, &r);
	uint64_t v;

	(void)state;
	assert_int_equal(dmasim_cpu_unmap(s->cpu, VA), DMASIM_OK);
	assert_int_equal(
	        dmasim_cpu_map(s->cpu, 2 * VA, P0, 8 * K4, &dmasim_attr_wb),
	        DMASIM_OK);
	assert_int_equal(dmasim_cpu_unmap(s->cpu, 2 * VA), DMASIM_OK);
	barrier(s, DMASIM_DSB);
	assert_int_equal(dmasim_cpu_tlbi(s->cpu, 2 * VA + 2 * K4, 3 * K4),
	                 DMASIM_OK);
	barrier(s, DMASIM_DSB);
	cpu_answer(&a, DMASIM_CHOICE_TLB_STALE, 1);
	for (uint64_t i = 0; i < 8; i++) {
		assert_int_equal(load(s, 2 * VA + i * K4, &v),
		                 i >= 2 && i < 5 ? DMASIM_E_NOTFOUND
		                                 : DMASIM_OK);
		if (i < 2 || i >= 5)
			assert_true(cpu_spy_last(s, DMASIM_READ)->addr ==
			            P0 + i * K4);
	}
	/* Live pages beside stale ones are what they are. */
	assert_int_equal(dmasim_cpu_map(s->cpu, 2 * VA + 3 * K4, P1, 2 * K4,
	                                &dmasim_attr_wb),
	                 DMASIM_OK);
	assert_int_equal(r.count, 0);
	assert_int_equal(dmasim_cpu_map(s->cpu, 2 * VA + 5 * K4, P1, K4,
	                                &dmasim_attr_wb),
	                 DMASIM_OK);
	assert_int_equal(r.count, 1);
	assert_true(r.last.old_pa == P0 + 5 * K4);
	/* The same again is no change. */
	assert_int_equal(dmasim_cpu_map(s->cpu, 2 * VA + 6 * K4, P0 + 6 * K4,
	                                K4, &dmasim_attr_wb),
	                 DMASIM_OK);
	assert_int_equal(r.count, 1);
	cpu_spy_free_all(s);
}

/* The TLB holds so many; older ones are evicted. */
static void full(void **state)
{
	struct cpu_answers a;
	struct reports r;
	struct cpu_spy *s = ready(&a, &r);
	uint64_t v;

	(void)state;
	for (uint64_t i = 0; i < 300; i++) {
		assert_int_equal(dmasim_cpu_map(s->cpu, 2 * VA + i * 4 * K4, P0,
		                                3 * K4, &dmasim_attr_wb),
		                 DMASIM_OK);
		assert_int_equal(dmasim_cpu_unmap(s->cpu, 2 * VA + i * 4 * K4),
		                 DMASIM_OK);
	}
	cpu_answer(&a, DMASIM_CHOICE_TLB_STALE, 1);
	assert_int_equal(load(s, 2 * VA, &v), DMASIM_E_NOTFOUND);
	assert_int_equal(load(s, 2 * VA + 299 * 4 * K4, &v), DMASIM_OK);
	/* No room for what is left of an entry: all of it goes. */
	barrier(s, DMASIM_DSB);
	assert_int_equal(
	        dmasim_cpu_tlbi(s->cpu, 2 * VA + 299 * 4 * K4 + K4, K4),
	        DMASIM_OK);
	barrier(s, DMASIM_DSB);
	assert_int_equal(load(s, 2 * VA + 299 * 4 * K4, &v), DMASIM_E_NOTFOUND);
	assert_int_equal(load(s, 2 * VA + 298 * 4 * K4, &v), DMASIM_OK);
	cpu_spy_free_all(s);
}

static void names(void **state)
{
	(void)state;
	for (int i = DMASIM_REMAP_LIVE; i <= DMASIM_REMAP_NO_DSB; i++)
		assert_string_not_equal(
		        dmasim_remap_fault_name((enum dmasim_remap_fault)i),
		        "unknown");
	assert_string_equal(dmasim_remap_fault_name((enum dmasim_remap_fault)9),
	                    "unknown");
}

static void take(struct dmasim_cpu *cpu, struct dmasim_writer **w,
                 const uint8_t **blob, size_t *size)
{
	assert_int_equal(dmasim_writer_create(w), DMASIM_OK);
	assert_int_equal(dmasim_cpu_save(cpu, *w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(*w, blob, size), DMASIM_OK);
}

static int restore(struct cpu_spy *s, const uint8_t *blob, size_t size)
{
	struct dmasim_reader *reader;
	int status;

	assert_int_equal(dmasim_reader_create(blob, size, &reader), DMASIM_OK);
	status = dmasim_cpu_restore(s->cpu, reader);
	dmasim_reader_destroy(reader);
	return status;
}

/* Both tables and the TLB go along; a blob of reserved attributes does not. */
static void saved(void **state)
{
	struct cpu_answers a, b;
	struct reports r, q;
	struct cpu_spy *s = ready(&a, &r), *t = ready(&b, &q);
	struct dmasim_writer *w[2];
	const uint8_t *blob[2];
	uint8_t *bad;
	size_t size[2];
	uint64_t v;

	(void)state;
	assert_int_equal(dmasim_cpu_map_stage2(s->cpu, P0, P1, K4, &s2_wb),
	                 DMASIM_OK);
	assert_int_equal(load(s, VA, &v), DMASIM_OK);
	assert_int_equal(v, 2);
	assert_int_equal(dmasim_cpu_unmap(s->cpu, VA), DMASIM_OK);
	barrier(s, DMASIM_DSB);
	assert_int_equal(dmasim_cpu_tlbi(s->cpu, VA, K4), DMASIM_OK);
	assert_int_equal(
	        dmasim_cpu_map(s->cpu, VA, P0 + K4, K4, &dmasim_attr_wb),
	        DMASIM_OK);
	take(s->cpu, &w[0], &blob[0], &size[0]);
	assert_int_equal(restore(t, blob[0], size[0]), DMASIM_OK);
	take(t->cpu, &w[1], &blob[1], &size[1]);
	assert_int_equal(size[0], size[1]);
	assert_memory_equal(blob[0], blob[1], size[0]);
	assert_int_equal(faults(t), 1);
	cpu_answer(&b, DMASIM_CHOICE_TLB_STALE, 1);
	assert_int_equal(load(t, VA, &v), DMASIM_OK);
	assert_int_equal(v, 2);
	bad = malloc(size[0]);
	assert_non_null(bad);
	for (size_t i = 0; i < size[0]; i++)
		for (unsigned k = 0; k < 2; k++) {
			memcpy(bad, blob[0], size[0]);
			bad[i] = k ? 0xff : (uint8_t)(bad[i] ^ 1);
			(void)restore(t, bad, size[0]);
		}
	free(bad);
	assert_int_equal(restore(t, blob[0], size[0]), DMASIM_OK);
	dmasim_writer_destroy(w[0]);
	dmasim_writer_destroy(w[1]);
	cpu_spy_free_all(s);
	cpu_spy_free_all(t);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_stages),
        cmocka_unit_test(stage2_refused),
        cmocka_unit_test(break_before_make),
        cmocka_unit_test(changed_in_place),
        cmocka_unit_test(used_after_unmap),
        cmocka_unit_test(in_pieces),
        cmocka_unit_test(full),
        cmocka_unit_test(names),
        cmocka_unit_test(saved),
};

CHECK_MAIN(tests)
