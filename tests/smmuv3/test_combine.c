/* SPDX-License-Identifier: MIT */
/* Attributes: what stage 1, stage 2, the input and overrides make together
 * (chapter 13; Arm ARM D8.6). */
#include "nest.h"

#define VA    (N_VA + 0x124)
#define RA_WA (DMASIM_ALLOC_READ | DMASIM_ALLOC_WRITE)

/* A read with attributes of its own. */
static const struct dmasim_attr *out(struct rig *r, uint64_t va,
                                     struct dmasim_attr in, uint32_t flags)
{
	struct dmasim_txn t = {
	        .op = DMASIM_READ,
	        .cause = DMASIM_CAUSE_DMA,
	        .stream_id = N_SID,
	        .addr = va,
	        .size = 4,
	        .attr = in,
	        .flags = flags,
	        .data = r->buf,
	};

	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_OK);
	return &rig_last(r, DMASIM_CAUSE_DMA)->attr;
}

static const struct dmasim_attr wb_nsh = {DMASIM_NORMAL, DMASIM_WB, DMASIM_WB,
                                          DMASIM_NSH, RA_WA};

/* ---- what a table of the Arm ARM says, in another form than the model's */

static const uint8_t devices[] = {DMASIM_DEVICE_NGNRNE, DMASIM_DEVICE_NGNRE,
                                  DMASIM_DEVICE_NGRE, DMASIM_DEVICE_GRE};

struct type {
	uint8_t type, inner, outer;
};

static struct type normal(unsigned inner, unsigned outer)
{
	return (struct type){DMASIM_NORMAL, (uint8_t)inner, (uint8_t)outer};
}

static struct type a_device(unsigned type)
{
	return (struct type){(uint8_t)type, DMASIM_NC, DMASIM_NC};
}

/* MAIR bytes and what they are. */
static const struct {
	uint8_t mair;
	struct type t;
} stage1[] = {
        {0x00, {DMASIM_DEVICE_NGNRNE, 0, 0}},
        {0x04, {DMASIM_DEVICE_NGNRE, 0, 0}},
        {0x08, {DMASIM_DEVICE_NGRE, 0, 0}},
        {0x0c, {DMASIM_DEVICE_GRE, 0, 0}},
        {0x44, {DMASIM_NORMAL, DMASIM_NC, DMASIM_NC}},
        {0xbb, {DMASIM_NORMAL, DMASIM_WT, DMASIM_WT}},
        {0xff, {DMASIM_NORMAL, DMASIM_WB, DMASIM_WB}},
        {0xf4, {DMASIM_NORMAL, DMASIM_NC, DMASIM_WB}},
        {0x4f, {DMASIM_NORMAL, DMASIM_WB, DMASIM_NC}},
        {0xbf, {DMASIM_NORMAL, DMASIM_WB, DMASIM_WT}},
};
#define STAGE1 (sizeof(stage1) / sizeof(*stage1))

static unsigned lesser(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Tables D8-97 and D8-98. */
static struct type combined(struct type a, struct type b)
{
	bool dev_a = a.type != DMASIM_NORMAL, dev_b = b.type != DMASIM_NORMAL;

	if (dev_a && dev_b)
		return a_device(a.type > b.type ? a.type : b.type);
	if (dev_a || dev_b)
		return dev_a ? a : b;
	return normal(lesser(a.inner, b.inner), lesser(a.outer, b.outer));
}

/* Table D8-96; what is reserved acts as Device-nGnRnE (5.2, MemAttr). */
static struct type by_memattr(unsigned memattr)
{
	if (memattr < 4)
		return a_device(devices[memattr]);
	if ((memattr & 3) == 0)
		return a_device(DMASIM_DEVICE_NGNRNE);
	return normal((memattr & 3) - 1, (memattr >> 2) - 1);
}

/* Table D8-101; MemAttr[3] is RES0. */
static struct type by_fwb(struct type s1, unsigned memattr)
{
	switch (memattr & 7) {
	case 5:
		return s1.type == DMASIM_NORMAL ? normal(DMASIM_NC, DMASIM_NC)
		                                : s1;
	case 6:
		return normal(DMASIM_WB, DMASIM_WB);
	case 7:
		return s1;
	case 4:
		return a_device(DMASIM_DEVICE_NGNRNE);
	default:
		return combined(s1, a_device(devices[memattr & 3]));
	}
}

static bool uncached(struct type t)
{
	return t.inner == DMASIM_NC && t.outer == DMASIM_NC;
}

/* Both SH fields: Outer over Inner over Non-shareable. What is not cacheable
 * is Outer Shareable before and after. */
static unsigned share(struct type s1, unsigned sh1, struct type result,
                      unsigned sh2)
{
	if (uncached(s1) || uncached(result) || sh1 == 2 || sh2 == 2)
		return DMASIM_OSH;
	return sh1 == 3 || sh2 == 3 ? DMASIM_ISH : DMASIM_NSH;
}

static void check(const struct dmasim_attr *a, struct type t, unsigned sh)
{
	assert_int_equal(a->type, t.type);
	assert_int_equal(a->inner, t.inner);
	assert_int_equal(a->outer, t.outer);
	assert_int_equal(a->share, sh);
}

static void set_leaves(struct nest *n, unsigned sh1, unsigned memattr,
                       unsigned sh2)
{
	nest_map1(n, N_VA, N_IPA, 3,
	          (LEAF_RW & ~(3ull << 8)) | DMASIM_TABLES_SH(sh1));
	nest_map2(n, N_IPA, N_PA, 3,
	          (S2_RW & ~(DMASIM_TABLES_MEMATTR(15) | DMASIM_TABLES_SH(3))) |
	                  DMASIM_TABLES_MEMATTR(memattr) |
	                  DMASIM_TABLES_SH(sh2));
}

/* Every stage 1 type with every MemAttr, and all of SH. */
static void all_pairs(struct rig *r, bool fwb)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.ste.s2fwb = fwb;
	for (unsigned i = 0; i < STAGE1; i++) {
		n.cd.mair = stage1[i].mair;
		nest_write(&n);
		for (unsigned k = 0; k < 256; k++) {
			unsigned memattr = k & 15, sh1 = k >> 4 & 3,
			         sh2 = k >> 6;
			struct type s1 = stage1[i].t, want;

			set_leaves(&n, sh1, memattr, sh2);
			rig_cmd(r, cmd_tlbi(0x28, 3, 0, 0));
			want = fwb ? by_fwb(s1, memattr)
			           : combined(s1, by_memattr(memattr));
			check(out(r, VA, wb_nsh, 0), want,
			      share(s1, sh1, want, sh2));
		}
	}
}

RIG_TEST(both_stages, NEST_FULL)
{
	all_pairs(r, false);
}

RIG_TEST(both_stages_fwb, NEST_FULL)
{
	all_pairs(r, true);
}

/* S2FWB is RES0 where IDR3.FWB is 0. */
RIG_TEST(fwb_is_not_there, NEST_LESS(0u, I3_FWB, 0u))
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.ste.s2fwb = 1;
	nest_write(&n);
	set_leaves(&n, 3, 6, 3);
	rig_flush(r);
	check(out(r, VA, wb_nsh, 0), normal(DMASIM_WT, DMASIM_NC), DMASIM_ISH);
}

/* Stage 2 alone combines with what comes in. */
RIG_TEST(stage2_and_input, NEST_FULL)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.ste.config = 6;
	for (unsigned k = 0; k < 2 * STAGE1 * 64; k++) {
		unsigned i = k / 128, fwb = k >> 6 & 1, memattr = k & 15,
		         sh2 = k >> 4 & 3;
		struct type in = stage1[i].t, want;
		struct dmasim_attr a = {in.type, in.inner, in.outer,
		                        uncached(in) ? DMASIM_OSH : DMASIM_NSH,
		                        0};

		n.ste.s2fwb = fwb;
		set_leaves(&n, 0, memattr, sh2);
		nest_write(&n);
		want = fwb ? by_fwb(in, memattr)
		           : combined(in, by_memattr(memattr));
		check(out(r, N_IPA, a, 0), want, share(in, 0, want, sh2));
	}
}

/* ---- allocation and transient hints ---- */

/* 13.4.2: those of the input and of MAIR; what neither has not. */
RIG_TEST(hints_of_stage1, NEST_FULL)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	for (unsigned k = 0; k < 64; k++) {
		unsigned in = k & 7, rw = k >> 3 & 3, transient = k >> 5;
		unsigned nibble = (transient ? 4 : 12) | rw;
		unsigned mair = 0, want;
		struct dmasim_attr a = wb_nsh;

		/* 0b0100 is Non-cacheable: there is no such hint. */
		if (nibble == 4)
			continue;
		if (rw & 1)
			mair |= DMASIM_ALLOC_WRITE;
		if (rw & 2)
			mair |= DMASIM_ALLOC_READ;
		if (transient)
			mair |= DMASIM_ALLOC_TRANSIENT;
		n.cd.mair = nibble | nibble << 4;
		nest_write(&n);
		a.alloc = (uint8_t)in;
		want = (in & mair & RA_WA) |
		       ((in | mair) & DMASIM_ALLOC_TRANSIENT);
		/* 13.1.7: no allocation is not transient. */
		if (!(want & RA_WA))
			want = 0;
		assert_int_equal(out(r, VA, a, 0)->alloc, want);
		/* Device and Non-cacheable inputs tell nothing. */
		a = (struct dmasim_attr){DMASIM_NORMAL, DMASIM_NC, DMASIM_NC,
		                         DMASIM_OSH, 0};
		assert_int_equal(out(r, VA, a, 0)->alloc,
		                 mair & RA_WA ? mair : 0);
	}
}

/* 13.4.3: stage 2 has no hints and passes on what there is. */
RIG_TEST(hints_through_stage2, NEST_FULL)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.ste.config = 6;
	for (unsigned in = 0; in < 8; in++) {
		struct dmasim_attr a = wb_nsh;

		a.alloc = (uint8_t)in;
		for (unsigned memattr = 5; memattr < 16; memattr++) {
			bool cached = memattr != 5 && (memattr & 3) != 0;

			set_leaves(&n, 3, memattr, 3);
			nest_write(&n);
			assert_int_equal(out(r, N_IPA, a, 0)->alloc,
			                 cached && (in & RA_WA) ? in : 0);
		}
	}
}

/* Forced to Write-Back from what has no hints: both, not transient. */
RIG_TEST(hints_that_fwb_makes, NEST_FULL)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.ste.s2fwb = 1;
	n.cd.mair = 0x44;
	set_leaves(&n, 3, 6, 3);
	nest_write(&n);
	assert_int_equal(out(r, VA, wb_nsh, 0)->alloc, RA_WA);
	/* Of Write-Through they stay. */
	n.cd.mair = 0xaa;
	nest_write(&n);
	assert_int_equal(out(r, VA, wb_nsh, 0)->alloc, DMASIM_ALLOC_READ);
}

/* ---- overrides (13.1.4) ---- */

RIG_TEST(overrides_before_stage2, NEST_FULL)
{
	struct dmasim_attr nc = {DMASIM_NORMAL, DMASIM_NC, DMASIM_NC,
	                         DMASIM_OSH, 0};
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.ste.config = 6;
	set_leaves(&n, 0, 15, 0);
	n.ste.mtcfg = 1;
	for (unsigned memattr = 0; memattr < 16; memattr++) {
		struct type t = by_memattr(memattr);
		const struct dmasim_attr *a;

		n.ste.memattr = memattr;
		nest_write(&n);
		a = out(r, N_IPA, wb_nsh, 0);
		check(a, t, uncached(t) ? DMASIM_OSH : DMASIM_NSH);
		a = out(r, N_IPA, nc, 0);
		/* 13.1.3: made cacheable, it allocates. */
		assert_int_equal(a->alloc, uncached(t) ? 0 : RA_WA);
	}
	n.ste.memattr = 15;
	for (unsigned cfg = 0; cfg < 16; cfg++) {
		unsigned want = RA_WA;

		if (cfg & 8)
			want = (cfg & 4 ? DMASIM_ALLOC_READ : 0u) |
			       (cfg & 2 ? DMASIM_ALLOC_WRITE : 0u) |
			       (cfg & 1 ? DMASIM_ALLOC_TRANSIENT : 0u);
		n.ste.alloccfg = cfg;
		nest_write(&n);
		assert_int_equal(out(r, N_IPA, wb_nsh, 0)->alloc,
		                 want & RA_WA ? want : 0);
	}
}

RIG_TEST(shareability_override, NEST_FULL)
{
	static const uint8_t want[] = {DMASIM_NSH, DMASIM_NSH, DMASIM_OSH,
	                               DMASIM_ISH};
	struct dmasim_attr ish = wb_nsh;
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.ste.config = 6;
	ish.share = DMASIM_ISH;
	for (unsigned sh = 0; sh < 4; sh++) {
		n.ste.shcfg = sh;
		/* With the same of stage 2: the stronger. */
		set_leaves(&n, 0, 15, 0);
		nest_write(&n);
		assert_int_equal(out(r, N_IPA, wb_nsh, 0)->share, want[sh]);
		assert_int_equal(out(r, N_IPA, ish, 0)->share,
		                 sh == 1 ? DMASIM_ISH : want[sh]);
		set_leaves(&n, 0, 15, 3);
		nest_write(&n);
		assert_int_equal(out(r, N_IPA, wb_nsh, 0)->share,
		                 sh == 2 ? DMASIM_OSH : DMASIM_ISH);
	}
}

/* Stage 1 replaces all of it but the hints. */
RIG_TEST(overrides_before_stage1, NEST_FULL)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	set_leaves(&n, 3, 15, 3);
	n.ste.mtcfg = 1;
	n.ste.memattr = 0;
	n.ste.shcfg = 2;
	nest_write(&n);
	check(out(r, VA, wb_nsh, 0), normal(DMASIM_WB, DMASIM_WB), DMASIM_ISH);
	n.ste.mtcfg = 0;
	n.ste.alloccfg = 8 | 4;
	nest_write(&n);
	assert_int_equal(out(r, VA, wb_nsh, 0)->alloc, DMASIM_ALLOC_READ);
}

/* They are not there without ATTR_TYPES_OVR. */
RIG_TEST(no_type_overrides, .idr_clear = {0, 1u << 27}, .idr_set = {1})
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.ste.config = 6;
	set_leaves(&n, 0, 15, 0);
	n.ste.mtcfg = 1;
	n.ste.memattr = 0;
	n.ste.shcfg = 2;
	n.ste.alloccfg = 8;
	nest_write(&n);
	check(out(r, N_IPA, wb_nsh, 0), normal(DMASIM_WB, DMASIM_WB),
	      DMASIM_NSH);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.alloc, RA_WA);
}

/* ---- privilege and kind ---- */

/* PRIVCFG and INSTCFG count for stage 2 (with XNX), too. */
RIG_TEST(permission_overrides, NEST_FULL)
{
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	n.ste.config = 6;
	/* Only the privileged may execute. */
	nest_map2(&n, N_IPA, N_PA, 3, S2_RW | DMASIM_TABLES_S2_XN(3));
	for (unsigned i = 0; i < 16; i++) {
		unsigned priv = i & 3, inst = i >> 2;
		bool fetch = inst == 3, el1 = priv == 3;
		enum dmasim_result res;

		n.ste.privcfg = priv;
		n.ste.instcfg = inst;
		nest_write(&n);
		res = rig_dma(r, DMASIM_READ, N_SID, N_IPA, 4);
		assert_int_equal(res, fetch && !el1 ? DMASIM_TXN_ABORT
		                                    : DMASIM_TXN_OK);
		if (fetch && !el1)
			nest_expect(&n, EV_F_PERMISSION,
			            EV_S2 | EV_IN | EV_READ | EV_IND, N_IPA,
			            N_IPA);
		/* Writes are never fetches. */
		assert_int_equal(rig_dma(r, DMASIM_WRITE, N_SID, N_IPA, 4),
		                 DMASIM_TXN_OK);
	}
}

/* ---- the SMMU's own accesses ---- */

/* CD fetches and walks of stage 1 combine with stage 2 as data does. */
RIG_TEST(own_accesses, NEST_FULL)
{
	const struct dmasim_attr *a;
	struct nest n;

	nest_new(r, &n, &(struct nest_options){0});
	nest_guard(
	        &n, n.cd_at,
	        (S2_RW & ~(DMASIM_TABLES_MEMATTR(15) | DMASIM_TABLES_SH(3))) |
	                DMASIM_TABLES_MEMATTR(10) | DMASIM_TABLES_SH(2));
	nest_write(&n);
	nest_ok(&n, DMASIM_READ);
	a = &rig_last(r, DMASIM_CAUSE_CD)->attr;
	check(a, normal(DMASIM_WT, DMASIM_WT), DMASIM_OSH);
	n.ste.s2fwb = 1;
	n.ste.s1cir = n.ste.s1cor = 2;
	nest_guard(&n, n.cd_at,
	           (S2_RW & ~DMASIM_TABLES_MEMATTR(15)) |
	                   DMASIM_TABLES_MEMATTR(6));
	nest_write(&n);
	nest_ok(&n, DMASIM_READ);
	a = &rig_last(r, DMASIM_CAUSE_CD)->attr;
	check(a, normal(DMASIM_WB, DMASIM_WB), DMASIM_ISH);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_stages),
        cmocka_unit_test(both_stages_fwb),
        cmocka_unit_test(fwb_is_not_there),
        cmocka_unit_test(stage2_and_input),
        cmocka_unit_test(hints_of_stage1),
        cmocka_unit_test(hints_through_stage2),
        cmocka_unit_test(hints_that_fwb_makes),
        cmocka_unit_test(overrides_before_stage2),
        cmocka_unit_test(shareability_override),
        cmocka_unit_test(overrides_before_stage1),
        cmocka_unit_test(no_type_overrides),
        cmocka_unit_test(permission_overrides),
        cmocka_unit_test(own_accesses),
};

CHECK_MAIN(tests)
