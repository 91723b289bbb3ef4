/* SPDX-License-Identifier: MIT */
#include "nest.h"

static unsigned or_else(unsigned value, unsigned otherwise)
{
	return value ? value : otherwise;
}

static void map_guest(struct nest *n)
{
	uint64_t page = 1ull << n->s2.granule;

	for (uint64_t at = NEST_GUEST; at < NEST_GUEST + NEST_GUEST_SIZE;
	     at += page)
		nest_map2(n, NEST_IPA(at), at, 3, S2_RW);
}

static void structures(struct nest *n, const struct nest_options *o)
{
	const struct dmasim_tables_cds one = {.base = NEST_IPA(n->cd_at)};

	n->ste = (struct dmasim_tables_ste){
	        .config = 7,
	        .shcfg = 1,
	        .s2ps = 6,
	        .s2r = 1,
	        .s2vmid = or_else(o->vmid, 3),
	};
	dmasim_tables_ste_cds(&n->ste, &one);
	dmasim_tables_ste_stage2(&n->ste, &n->s2, false);
	if (o->secure)
		dmasim_tables_ste_stage2(&n->ste, &n->s2, true);
	n->cd = (struct dmasim_tables_cd){
	        .ips = 6,
	        .r = 1,
	        .a = 1,
	        .aset = 1,
	        .asid = or_else(o->asid, 7),
	        .mair = TABLES_MAIR,
	};
	dmasim_tables_cd_stage1(&n->cd, &n->s1, NULL);
}

void nest_new(struct rig *r, struct nest *n, const struct nest_options *o)
{
	*n = (struct nest){
	        .r = r,
	        .sid = or_else(o->sid, N_SID),
	        .secure = o->secure,
	        .flags = o->secure ? DMASIM_TXN_SEC_SID | DMASIM_TXN_SECURE : 0,
	        .guest = {.map = r->map,
	                  .next = NEST_GUEST,
	                  .end = NEST_GUEST + NEST_GUEST_SIZE,
	                  .shift = NEST_SHIFT},
	        .s1 = {.tsz = or_else(o->tsz1, 16),
	               .granule = or_else(o->granule1, 12),
	               .big_endian = o->endi1,
	               .ds = o->ds1},
	        .s2 = {.tsz = or_else(o->tsz2, 25),
	               .granule = or_else(o->granule2, 12),
	               .big_endian = o->endi2,
	               .ds = o->ds2,
	               .stage2 = true,
	               .concat = o->concat},
	};
	/* One guest at a time. */
	r->t.end = NEST_GUEST;
	n->cd_at = tables_alloc(&n->guest, 0x10000, 0x10000);
	assert_int_equal(dmasim_tables_space_new(&n->guest, &n->s1), DMASIM_OK);
	assert_int_equal(dmasim_tables_space_new(&r->t, &n->s2), DMASIM_OK);
	map_guest(n);
	structures(n, o);
	nest_map1(n, N_VA, N_IPA, 3, LEAF_RW);
	nest_map2(n, N_IPA, N_PA, 3, S2_RW);
	nest_write_ste(n);
	nest_write_cd(n);
	r->logged = 0;
}

void nest_write_ste(struct nest *n)
{
	struct rig *r = n->r;

	assert_int_equal(dmasim_tables_write_ste(
	                         &r->t,
	                         tables_ste(&r->t,
	                                    n->secure ? &n->secure->streams
	                                              : &r->streams,
	                                    n->sid),
	                         &n->ste),
	                 DMASIM_OK);
}

void nest_write_cd(struct nest *n)
{
	assert_int_equal(dmasim_tables_write_cd(&n->guest, n->cd_at, &n->cd),
	                 DMASIM_OK);
}

void nest_write(struct nest *n)
{
	nest_write_ste(n);
	nest_write_cd(n);
	if (n->secure)
		secure_reset(n->secure);
	else
		rig_flush(n->r);
	n->r->logged = 0;
}

void nest_map1(struct nest *n, uint64_t va, uint64_t ipa, unsigned level,
               uint64_t bits)
{
	nest_set1(n, va, (int)level,
	          (bits & ~3ull) | dmasim_tables_place(&n->s1, ipa) |
	                  (level == 3 ? 3 : 1));
}

void nest_map2(struct nest *n, uint64_t ipa, uint64_t pa, unsigned level,
               uint64_t bits)
{
	nest_set2(n, ipa, (int)level,
	          (bits & ~3ull) | dmasim_tables_place(&n->s2, pa) |
	                  (level == 3 ? 3 : 1));
}

uint64_t nest_at1(struct nest *n, uint64_t va, int level)
{
	uint64_t pa;

	assert_int_equal(
	        dmasim_tables_descriptor(&n->guest, &n->s1, va, level, &pa),
	        DMASIM_OK);
	return pa;
}

uint64_t nest_at2(struct nest *n, uint64_t ipa, int level)
{
	uint64_t pa;

	assert_int_equal(
	        dmasim_tables_descriptor(&n->r->t, &n->s2, ipa, level, &pa),
	        DMASIM_OK);
	return pa;
}

uint64_t nest_get1(struct nest *n, uint64_t va, int level)
{
	uint64_t v;

	dmasim_tables_read(&n->guest, &n->s1, nest_at1(n, va, level), &v);
	return v;
}

void nest_set1(struct nest *n, uint64_t va, int level, uint64_t value)
{
	dmasim_tables_write(&n->guest, &n->s1, nest_at1(n, va, level), value);
}

uint64_t nest_get2(struct nest *n, uint64_t ipa, int level)
{
	uint64_t v;

	dmasim_tables_read(&n->r->t, &n->s2, nest_at2(n, ipa, level), &v);
	return v;
}

void nest_set2(struct nest *n, uint64_t ipa, int level, uint64_t value)
{
	dmasim_tables_write(&n->r->t, &n->s2, nest_at2(n, ipa, level), value);
}

void nest_guard(struct nest *n, uint64_t ram, uint64_t bits)
{
	uint64_t page = ram & ~((1ull << n->s2.granule) - 1);

	nest_map2(n, NEST_IPA(page), page, 3, bits);
}

void nest_ok(struct nest *n, enum dmasim_op op)
{
	assert_int_equal(
	        rig_dma_flags(n->r, op, n->sid, N_VA + 0x124, n->flags),
	        DMASIM_TXN_OK);
	assert_int_equal(rig_last(n->r, DMASIM_CAUSE_DMA)->addr, N_PA + 0x124);
	rig_expect_none(n->r);
	if (n->secure)
		secure_expect_none(n->secure);
}

void nest_fault(struct nest *n, enum dmasim_op op)
{
	assert_int_equal(
	        rig_dma_flags(n->r, op, n->sid, N_VA + 0x124, n->flags),
	        DMASIM_TXN_ABORT);
}

void nest_expect(struct nest *n, unsigned type, uint64_t word1, uint64_t va,
                 uint64_t word3)
{
	if (n->secure)
		secure_expect(n->secure, EV(type, n->sid), word1, va, word3);
	else
		rig_expect(n->r, EV(type, n->sid), word1, va, word3);
}

void nest_refuse(struct nest *n, uint64_t pa)
{
	n->r->refuse_from = pa;
	n->r->refuse_to = pa ? pa + 8 : 0;
}
