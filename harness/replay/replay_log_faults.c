/* SPDX-License-Identifier: MIT */
/*
 * Setting an SMMU up so that one access faults as a record says: from the
 * tables that its driver made, by changing one entry.
 */
#include <stdio.h>
#include <string.h>

#include "dmasim/driver.h"
#include "replay_log_internal.h"

#define ADDR_47_12 0x0000fffffffff000ull

/* IHI 0070: registers (6.3), L1STD (5.1), STE (5.2), CD (5.4). */
#define REG_STRTAB_BASE  0x80u
#define STRTAB_BASE_ADDR 0x000fffffffffffc0ull
#define L1STD_SPAN       0x1full
#define STE0_V           0x1ull
#define STE0_S1CTXPTR    0x000fffffffffffc0ull
#define CD0_V            0x80000000ull
#define CD0_IPS          0x0000000700000000ull
#define CD1_TTB0         0x000ffffffffffff0ull
/* The driver's second-level tables. */
#define SPLIT 8u

#define STE0_CONFIG 0x000000000000000eull
#define STE0_STAGE2 0x000000000000000cull
/* VMID 1, level 0, Write-Back Inner Shareable, AArch64, S2R. */
#define STE2_STAGE2    0x0408358000000001ull
#define STE2_S2T0SZ(v) ((uint64_t)(v) << 32)
#define STE2_S2PS(v)   ((uint64_t)(v) << 48)
#define S2PS_MOST      5 /* 48 bits, or what the SMMU has */

/* VMSAv8-64, stage 2 descriptors (Arm ARM, D8.3). */
#define PTE2_ATTRS   0x00600000000008fcull /* XN, bit 11, S2AP, MemAttr */
#define PTE2_WB      0x000000000000003cull
#define PTE2_READ    0x0000000000000040ull
#define PTE2_WRITE   0x0000000000000080ull
#define PTE2_NO_EXEC 0x0040000000000000ull

/* VMSAv8-64, stage 1 descriptors (Arm ARM, D8.3). */
#define PTE_AF  (1ull << 10)
#define PTE_EL0 (1ull << 6)
#define PTE_PXN (1ull << 53)
#define PTE_UXN (1ull << 54)

static int refuse(struct rl_record *rec, const char *why)
{
	rec->result = RL_NOT_MODELLED;
	snprintf(rec->reason, sizeof(rec->reason), "%s", why);
	return DMASIM_E_UNSUPPORTED;
}

static void describe(struct rl_record *rec, const char *what)
{
	snprintf(rec->setup, sizeof(rec->setup), "%s", what);
}

const char *rl_fault_unsupported(const struct dmasim_log_record *rec)
{
	const uint64_t *w = rec->words;
	unsigned type = evt_type(w);

	if (evt_stream(w) == UINT32_MAX)
		return "the test endpoint has no StreamID 0xffffffff";
	switch (type) {
	case EVT_C_BAD_STREAMID:
	case EVT_F_STE_FETCH:
	case EVT_C_BAD_STE:
	case EVT_F_CD_FETCH:
	case EVT_C_BAD_CD:
		return w[0] & EVT0_SSV
		               ? "a transaction with a SubstreamID; the test "
		                 "machine has one context per stream"
		               : NULL;
	case EVT_F_WALK_EABT:
	case EVT_F_TRANSLATION:
	case EVT_F_ADDR_SIZE:
	case EVT_F_ACCESS:
	case EVT_F_PERMISSION:
		break;
	default:
		return "this model never writes such a record";
	}
	if (w[0] & EVT0_SSV)
		return "a transaction with a SubstreamID; the test machine has "
		       "one context per stream";
	if ((w[1] & EVT1_S2) && (w[1] & EVT1_CLASS) != EVT1_CLASS_IN)
		return "a CD or a table that stage 2 keeps back; the test "
		       "machine has one stage at a time";
	if (w[1] & EVT1_STALL && type != EVT_F_WALK_EABT)
		return "a stalled transaction; the test machine terminates "
		       "them";
	if (rec->mask[2] != ~0ull)
		return "the log does not show the address";
	return NULL;
}

/* ---- memory ---- */

int rl_peek(struct rl_endpoint *ep, uint64_t pa, uint64_t *value)
{
	return dmasim_cpu_load(dmasim_guest_cpu(ep->guest),
	                       DMASIM_LINEAR_BASE + pa, 8, value);
}

static int store(struct rl_endpoint *ep, uint64_t pa, uint64_t value)
{
	return dmasim_cpu_store(dmasim_guest_cpu(ep->guest),
	                        DMASIM_LINEAR_BASE + pa, 8, value);
}

int rl_poke(struct rl_endpoint *ep, struct rl_case *c, uint64_t pa,
            uint64_t value)
{
	uint64_t old;
	int status = rl_peek(ep, pa, &old);

	if (status == DMASIM_OK)
		status = store(ep, pa, value);
	if (status != DMASIM_OK)
		return status;
	c->pokes[c->poke_count].pa = pa;
	c->pokes[c->poke_count].old = old;
	c->poke_count++;
	return DMASIM_OK;
}

/** Replace the bits @mask of a word. */
static int poke_field(struct rl_endpoint *ep, struct rl_case *c, uint64_t pa,
                      uint64_t mask, uint64_t value)
{
	uint64_t old;
	int status = rl_peek(ep, pa, &old);

	return status == DMASIM_OK
	               ? rl_poke(ep, c, pa, (old & ~mask) | (value & mask))
	               : status;
}

/* ---- the stream's structures ---- */

struct tables {
	uint64_t ste, cd, pte;
	int level;
};

static int find(struct rl_endpoint *ep, uint64_t iova, struct tables *t)
{
	int status = dmasim_smmu_drv_find(ep->smmu, ep->stream_id, iova,
	                                  &t->ste, &t->cd, &t->pte, &t->level);

	/* Where nothing is mapped, STE and CD are there all the same. */
	return status == DMASIM_E_NOTFOUND ? DMASIM_OK : status;
}

static int l1std_address(struct rl_endpoint *ep, uint32_t stream, uint64_t *pa)
{
	uint64_t base;
	int status = dmasim_cpu_load(dmasim_guest_cpu(ep->guest),
	                             ep->regs + REG_STRTAB_BASE, 8, &base);

	*pa = (base & STRTAB_BASE_ADDR) + 8ull * (stream >> SPLIT);
	return status;
}

/** 7.3.3: beyond the table, or an entry of level 1 that leads nowhere. */
static int arm_bad_streamid(struct rl_endpoint *ep, struct rl_record *rec,
                            struct rl_case *c)
{
	uint32_t stream = evt_stream(rec->log->words);
	uint64_t pa;
	int status;

	if (stream >> ep->plan.stream_id_bits) {
		describe(rec, "a StreamID beyond the stream table");
		return DMASIM_OK;
	}
	describe(rec, "an entry of the level 1 stream table that is invalid");
	status = l1std_address(ep, stream, &pa);
	return status == DMASIM_OK ? rl_poke(ep, c, pa, 0) : status;
}

/** 7.3.4: level 1 points to a table that is not there. Span n covers
 * 2^(n - 1) entries, and the table is aligned to its own size. */
static int arm_ste_fetch(struct rl_endpoint *ep, struct rl_record *rec,
                         struct rl_case *c)
{
	uint32_t stream = evt_stream(rec->log->words);
	uint32_t index = stream & ((1u << SPLIT) - 1);
	uint64_t fetch = rec->log->words[3] & EVT3_FETCHADDR;
	uint64_t table = fetch - 64ull * index;
	unsigned span = 1;
	uint64_t pa;
	int status;

	while (index >> (span - 1))
		span++;
	if (fetch < 64ull * index || table % (64ull << (span - 1)))
		return refuse(rec, "the fetch address is none of this stream's "
		                   "entry in a two-level table");
	describe(rec, "a level 2 stream table where nothing answers");
	status = l1std_address(ep, stream, &pa);
	return status == DMASIM_OK ? rl_poke(ep, c, pa, table | span) : status;
}

static int arm_bad_ste(struct rl_endpoint *ep, struct rl_record *rec,
                       struct rl_case *c)
{
	struct tables t;
	int status = find(ep, 0, &t);

	describe(rec, "an STE with V = 0");
	return status == DMASIM_OK ? poke_field(ep, c, t.ste, STE0_V, 0)
	                           : status;
}

static int arm_cd_fetch(struct rl_endpoint *ep, struct rl_record *rec,
                        struct rl_case *c)
{
	const uint64_t *w = rec->log->words;
	enum dmasim_smmu_profile profile = ep->plan.profile;
	bool qemu = profile == DMASIM_SMMU_QEMU_7_2 ||
	            profile == DMASIM_SMMU_QEMU_10;
	uint64_t fetch = (qemu ? w[2] : w[3]) & EVT3_FETCHADDR;
	struct tables t;
	int status = find(ep, 0, &t);

	if (fetch & ~STE0_S1CTXPTR)
		return refuse(rec, "a CD lies at a multiple of 64");
	describe(rec, "an STE whose context descriptor is where nothing "
	              "answers");
	return status == DMASIM_OK
	               ? poke_field(ep, c, t.ste, STE0_S1CTXPTR, fetch)
	               : status;
}

static int arm_bad_cd(struct rl_endpoint *ep, struct rl_record *rec,
                      struct rl_case *c)
{
	struct tables t;
	int status = find(ep, 0, &t);

	describe(rec, "a CD with V = 0");
	return status == DMASIM_OK ? poke_field(ep, c, t.cd, CD0_V, 0) : status;
}

/* ---- the stream's translation ---- */

static int map_page(struct rl_endpoint *ep, struct rl_case *c, bool writable,
                    struct tables *t)
{
	uint64_t iova = c->addr & ~(uint64_t)(RING_PAGE - 1);
	int status = dmasim_smmu_drv_map(ep->smmu, ep->stream_id, iova,
	                                 ep->page, RING_PAGE, writable, true);

	if (status != DMASIM_OK)
		return status;
	c->mapped = true;
	return find(ep, c->addr, t);
}

/** 3.4: the output of the leaf above the output size. Where descriptors
 * cannot hold such an address, the context's own limit is lowered to 32 bits,
 * below which the tables of the first machine lie. */
static int arm_addr_size(struct rl_endpoint *ep, struct rl_record *rec,
                         struct rl_case *c)
{
	bool lower = ep->output_bits >= 48;
	struct tables t;
	int status;

	if (c->addr >> 48) {
		describe(rec, "a stream that is bypassed, and an address above "
		              "the output size");
		return DMASIM_OK;
	}
	describe(rec, "a page whose output address is above the output size");
	status = map_page(ep, c, true, &t);
	if (status == DMASIM_OK && lower)
		status = poke_field(ep, c, t.cd, CD0_IPS, 0);
	return status == DMASIM_OK
	               ? poke_field(ep, c, t.pte, ADDR_47_12,
	                            1ull << (lower ? 32 : ep->output_bits))
	               : status;
}

static int arm_access(struct rl_endpoint *ep, struct rl_record *rec,
                      struct rl_case *c)
{
	struct tables t;
	int status = map_page(ep, c, true, &t);

	describe(rec, "a page whose access flag is clear");
	return status == DMASIM_OK ? poke_field(ep, c, t.pte, PTE_AF, 0)
	                           : status;
}

/** Arm ARM, D8.4: what denies this access and no other. */
static int arm_permission(struct rl_endpoint *ep, struct rl_record *rec,
                          struct rl_case *c)
{
	uint64_t w = rec->log->words[1];
	struct tables t;
	int status;

	if (rec->log->mask[1] & EVT1_RNW && !(w & EVT1_RNW)) {
		describe(rec, "a page that is mapped read-only");
		return map_page(ep, c, false, &t);
	}
	if (w & EVT1_IND) {
		describe(rec, "a page that must not be executed");
		status = map_page(ep, c, true, &t);
		return status == DMASIM_OK
		               ? poke_field(ep, c, t.pte, PTE_PXN | PTE_UXN,
		                            PTE_PXN | PTE_UXN)
		               : status;
	}
	if (w & EVT1_PNU)
		return refuse(rec, "nothing denies a privileged read at stage "
		                   "1");
	describe(rec, "a page for privileged accesses alone");
	status = map_page(ep, c, true, &t);
	return status == DMASIM_OK ? poke_field(ep, c, t.pte, PTE_EL0, 0)
	                           : status;
}

static uint64_t table_offset(uint64_t iova, unsigned level)
{
	return (iova >> (12 + 9 * (3 - level)) & 511) * 8;
}

/** The descriptor that points to the table of @level; CD.TTB0 for 0. */
static int find_pointer(struct rl_endpoint *ep, uint64_t iova, unsigned level,
                        const struct tables *t, uint64_t *pa)
{
	uint64_t table, entry;
	int status = rl_peek(ep, t->cd + 8, &entry);

	*pa = t->cd + 8;
	table = entry & CD1_TTB0;
	for (unsigned i = 0; i < level && status == DMASIM_OK; i++) {
		*pa = table + table_offset(iova, i);
		status = rl_peek(ep, *pa, &entry);
		table = entry & ADDR_47_12;
	}
	return status;
}

/** 7.3.12: the table of some level is where nothing answers. Which level is
 * told by the place of the descriptor in its table. */
static int arm_walk(struct rl_endpoint *ep, struct rl_record *rec,
                    struct rl_case *c)
{
	uint64_t fetch = rec->log->words[3] & EVT3_FETCHADDR;
	unsigned level = 4;
	struct tables t;
	uint64_t pa;
	int status;

	while (level > 0 &&
	       table_offset(c->addr, level - 1) != fetch % RING_PAGE)
		level--;
	if (level == 0 || c->addr >> 48)
		return refuse(rec, "the fetch address is no descriptor of this "
		                   "address with a 4 KiB granule");
	level--;
	snprintf(rec->setup, sizeof(rec->setup),
	         "a level %u table where nothing answers", level);
	status = map_page(ep, c, true, &t);
	if (status == DMASIM_OK)
		status = find_pointer(ep, c->addr, level, &t, &pa);
	return status == DMASIM_OK
	               ? poke_field(ep, c, pa, EVT3_FETCHADDR & ~0xfffull,
	                            fetch)
	               : status;
}

/* ---- stage 2: the driver's tables, read as those of stage 2 ---- */

/** 5.2: stage 2 alone, over what the CD points to. @small: outputs of 32
 * bits. */
static int switch_stages(struct rl_endpoint *ep, struct rl_case *c,
                         const struct tables *t, bool small)
{
	unsigned bits = ep->output_bits < 48 ? ep->output_bits : 48;
	uint64_t ttb;
	int status = rl_peek(ep, t->cd + 8, &ttb);

	if (status == DMASIM_OK)
		status = poke_field(ep, c, t->ste, STE0_CONFIG, STE0_STAGE2);
	if (status == DMASIM_OK)
		status = rl_poke(ep, c, t->ste + 16,
		                 STE2_STAGE2 | STE2_S2T0SZ(64 - bits) |
		                         STE2_S2PS(small ? 0 : S2PS_MOST));
	return status == DMASIM_OK ? rl_poke(ep, c, t->ste + 24, ttb & CD1_TTB0)
	                           : status;
}

/** Rights and type of the leaf, and its address if @pa is not 0. */
static int stage2_leaf(struct rl_endpoint *ep, struct rl_case *c,
                       const struct tables *t, uint64_t bits, uint64_t pa)
{
	uint64_t mask = PTE2_ATTRS | (pa ? ADDR_47_12 : 0);

	return poke_field(ep, c, t->pte, mask, PTE2_WB | bits | pa);
}

/** What the record says of rights, turned round. */
static uint64_t stage2_rights(struct rl_record *rec)
{
	uint64_t w = rec->log->words[1];

	if (!(w & EVT1_RNW)) {
		describe(rec, "a page of stage 2 that is read-only");
		return PTE2_READ;
	}
	if (w & EVT1_IND) {
		describe(rec, "a page of stage 2 that must not be executed");
		return PTE2_READ | PTE2_NO_EXEC;
	}
	describe(rec, "a page of stage 2 that is write-only");
	return PTE2_WRITE;
}

static int stage2_walk(struct rl_endpoint *ep, struct rl_record *rec,
                       struct rl_case *c, const struct tables *t)
{
	uint64_t fetch = rec->log->words[3] & EVT3_FETCHADDR, pa = t->ste + 24;
	unsigned level = 4;
	int status = DMASIM_OK;

	while (level > 0 &&
	       table_offset(c->addr, level - 1) != fetch % RING_PAGE)
		level--;
	if (level == 0)
		return refuse(rec, "the fetch address is no descriptor of this "
		                   "address with a 4 KiB granule");
	level--;
	snprintf(rec->setup, sizeof(rec->setup),
	         "a level %u table of stage 2 where nothing answers", level);
	if (level > 0)
		status = find_pointer(ep, c->addr, level, t, &pa);
	return status == DMASIM_OK
	               ? poke_field(ep, c, pa, EVT3_FETCHADDR & ~0xfffull,
	                            fetch)
	               : status;
}

static int arm_stage2(struct rl_endpoint *ep, struct rl_record *rec,
                      struct rl_case *c)
{
	unsigned type = evt_type(rec->log->words);
	unsigned bits = ep->output_bits < 48 ? ep->output_bits : 48;
	bool small = type == EVT_F_ADDR_SIZE && bits == 48;
	uint64_t all = PTE2_READ | PTE2_WRITE;
	struct tables t;
	int status;

	if (!ep->stage2)
		return refuse(rec, "the SMMU of this profile has no stage 2");
	if (c->addr >> bits)
		return refuse(rec, "an address above those of stage 2");
	if (type == EVT_F_TRANSLATION)
		status = find(ep, c->addr, &t);
	else
		status = map_page(ep, c, true, &t);
	if (status == DMASIM_OK)
		status = switch_stages(ep, c, &t, small);
	if (status != DMASIM_OK)
		return status;
	switch (type) {
	case EVT_F_TRANSLATION:
		describe(rec, "nothing mapped by stage 2");
		return DMASIM_OK;
	case EVT_F_WALK_EABT:
		return stage2_walk(ep, rec, c, &t);
	case EVT_F_ADDR_SIZE:
		describe(rec, "a page of stage 2 whose output address is above "
		              "the output size");
		return stage2_leaf(ep, c, &t, all, 1ull << (small ? 32 : bits));
	case EVT_F_ACCESS:
		describe(rec, "a page of stage 2 whose access flag is clear");
		status = stage2_leaf(ep, c, &t, all, 0);
		return status == DMASIM_OK ? poke_field(ep, c, t.pte, PTE_AF, 0)
		                           : status;
	default:
		return stage2_leaf(ep, c, &t, stage2_rights(rec), 0);
	}
}

static int arm_type(struct rl_endpoint *ep, struct rl_record *rec,
                    struct rl_case *c)
{
	if (evt_has_address(evt_type(rec->log->words)) &&
	    (rec->log->words[1] & EVT1_S2))
		return arm_stage2(ep, rec, c);
	switch (evt_type(rec->log->words)) {
	case EVT_C_BAD_STREAMID:
		return arm_bad_streamid(ep, rec, c);
	case EVT_F_STE_FETCH:
		return arm_ste_fetch(ep, rec, c);
	case EVT_C_BAD_STE:
		return arm_bad_ste(ep, rec, c);
	case EVT_F_CD_FETCH:
		return arm_cd_fetch(ep, rec, c);
	case EVT_C_BAD_CD:
		return arm_bad_cd(ep, rec, c);
	case EVT_F_WALK_EABT:
		return arm_walk(ep, rec, c);
	case EVT_F_ADDR_SIZE:
		return arm_addr_size(ep, rec, c);
	case EVT_F_ACCESS:
		return arm_access(ep, rec, c);
	case EVT_F_PERMISSION:
		return arm_permission(ep, rec, c);
	default:
		describe(rec, "nothing mapped");
		return DMASIM_OK;
	}
}

static int invalidate(struct rl_endpoint *ep, const struct rl_record *rec)
{
	return dmasim_smmu_drv_invalidate(ep->smmu,
	                                  evt_stream(rec->log->words));
}

int rl_fault_arm(struct rl_endpoint *ep, struct rl_record *rec,
                 struct rl_case *c)
{
	int status;

	*c = (struct rl_case){.addr = RING_PAGE,
	                      .stream_id = evt_stream(rec->log->words)};
	if (evt_has_address(evt_type(rec->log->words)))
		c->addr = rec->log->words[2];
	status = arm_type(ep, rec, c);
	if (status == DMASIM_E_RANGE)
		status = refuse(rec, "no table maps this address");
	if (status == DMASIM_OK && c->poke_count)
		return invalidate(ep, rec);
	if (status != DMASIM_OK)
		rl_fault_disarm(ep, c);
	return status;
}

int rl_fault_disarm(struct rl_endpoint *ep, const struct rl_case *c)
{
	int status = DMASIM_OK;

	for (unsigned i = c->poke_count; i-- > 0 && status == DMASIM_OK;)
		status = store(ep, c->pokes[i].pa, c->pokes[i].old);
	if (status == DMASIM_OK && c->poke_count)
		status = dmasim_smmu_drv_invalidate(ep->smmu, c->stream_id);
	if (status == DMASIM_OK && c->mapped)
		status = dmasim_smmu_drv_unmap(
		        ep->smmu, ep->stream_id,
		        c->addr & ~(uint64_t)(RING_PAGE - 1), RING_PAGE);
	return status;
}
