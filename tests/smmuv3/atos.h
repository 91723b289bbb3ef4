/* SPDX-License-Identifier: MIT */
/* Address translation operations, and a stream of two stages to ask about. */
#ifndef DMASIM_TESTS_ATOS_H
#define DMASIM_TESTS_ATOS_H

#include "rig.h"

#include "smmuv3_internal.h"

#define SID 5u
#define VA  0x12345000ull
#define IPA 0x00087000ull
#define PA  (RIG_DATA + 0x7000)

#define VMID 9u

/* Types of requests, and the rest of ADDR. */
#define S1    (1ull << 10)
#define S2    (2ull << 10)
#define S12   (3ull << 10)
#define READ  ATOS_ADDR_RNW
#define WRITE 0ull
#define SSV   ATOS_SID_SSID_VALID

#define GATOS 0x100u
#define VATOS 0x20a00u

/* Write-Back, allocating, Inner Shareable: what LEAF_RW gives. */
#define WB_ISH (0xffull << 56 | 3ull << 8)

#define LEAF_S2                                                                \
	(DMASIM_TABLES_AF | DMASIM_TABLES_SH(3) | DMASIM_TABLES_MEMATTR(15) |  \
	 DMASIM_TABLES_S2_READ | DMASIM_TABLES_S2_WRITE)

/* A result with FAULT = 1. */
static inline uint64_t fails(unsigned code)
{
	return 1 | (uint64_t)code << 4;
}

static inline uint64_t fails_for(unsigned code, unsigned reason, uint64_t faddr)
{
	return fails(code) | reason << 1 | (faddr & ~0xfffull);
}

static inline uint64_t ask_at(struct rig *r, uint32_t base, uint64_t sid,
                              uint64_t addr)
{
	rig_w64(r, base + 8, sid);
	rig_w64(r, base + 0x10, addr);
	rig_w32(r, base, 1);
	rig_settle(r);
	assert_int_equal(rig_r32(r, base), 0);
	/* 9: operations record nothing. */
	rig_expect_none(r);
	return rig_r64(r, base + 0x18);
}

static inline uint64_t ask(struct rig *r, uint64_t addr)
{
	return ask_at(r, GATOS, SID, addr);
}

/* A stream with VMID, and the tables that it walks. */
struct nested {
	struct dmasim_tables_ste ste;
	struct dmasim_tables_space s1, s2;
	uint64_t cd, ste_at;
	uint64_t leaf; /* of stage 1, for VA */
};

static inline void nested_write(struct rig *r, struct nested *n)
{
	assert_int_equal(dmasim_tables_write_ste(&r->t, n->ste_at, &n->ste),
	                 DMASIM_OK);
	rig_flush(r);
}

static inline void stage2_map(struct rig *r, struct nested *n, uint64_t ipa,
                              uint64_t pa, uint64_t bits)
{
	const struct dmasim_tables_leaf leaf = {
	        .pa = pa, .level = 3, .bits = bits};

	assert_int_equal(
	        dmasim_tables_map(&r->t, &n->s2, ipa & ~0xfffull, &leaf),
	        DMASIM_OK);
}

/* Another descriptor of stage 2 for @ipa. */
static inline void stage2_set(struct rig *r, struct nested *n, uint64_t ipa,
                              uint64_t value)
{
	uint64_t at;

	assert_int_equal(dmasim_tables_descriptor(&r->t, &n->s2,
	                                          ipa & ~0xfffull, 3, &at),
	                 DMASIM_OK);
	tables_set(&r->t, at, value);
	rig_flush(r);
}

/* @config of SID: VA to IPA by stage 1, IPA to PA by stage 2; what stage 1 is
 * made of lies where its IPAs say. */
static inline void nested_open(struct rig *r, struct nested *n, unsigned config)
{
	*n = (struct nested){
	        .ste = {.config = config,
	                .shcfg = 1,
	                .s2vmid = VMID,
	                .s2ps = 5,
	                .s2r = 1},
	        .s1 = {.tsz = 16, .granule = 12},
	        .s2 = {.tsz = 24, .granule = 12, .stage2 = true},
	};
	assert_int_equal(dmasim_tables_space_new(&r->t, &n->s1), DMASIM_OK);
	assert_int_equal(dmasim_tables_space_new(&r->t, &n->s2), DMASIM_OK);
	n->cd = tables_alloc(&r->t, 0x1000, 0x1000);
	tables_cd(&r->t, n->cd, &n->s1, NULL, 1);
	tables_map(&r->t, &n->s1, VA, IPA, 3, LEAF_RW);
	n->leaf = tables_descriptor(&r->t, &n->s1, VA, 3);
	if (config & 1) {
		n->ste.s1contextptr = n->cd;
		n->ste.s1cir = n->ste.s1cor = 1;
		n->ste.s1csh = 3;
	}
	if (config & 2)
		dmasim_tables_ste_stage2(&n->ste, &n->s2, false);
	stage2_map(r, n, n->cd, n->cd, LEAF_S2);
	for (unsigned level = 0; level < 4; level++) {
		uint64_t at = tables_descriptor(&r->t, &n->s1, VA, level);

		stage2_map(r, n, at, at & ~0xfffull, LEAF_S2);
	}
	stage2_map(r, n, IPA, PA, LEAF_S2);
	n->ste_at = tables_ste(&r->t, &r->streams, SID);
	nested_write(r, n);
}

#endif
