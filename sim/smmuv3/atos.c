/* SPDX-License-Identifier: MIT */
/*
 * Address translation operations (chapter 9): a translation that software asks
 * for, whose result is a register. No event, no stall, no STE overrides.
 */
#include <inttypes.h>

#include "smmuv3_internal.h"

static const struct {
	enum smmu_reg ctrl, sid, addr, par;
	const char *name;
} groups[SMMU_ATOS_GROUPS] = {
        [SMMU_GATOS] = {SMMU_GATOS_CTRL, SMMU_GATOS_SID, SMMU_GATOS_ADDR,
                        SMMU_GATOS_PAR, "GATOS"},
        [SMMU_VATOS] = {SMMU_VATOS_CTRL, SMMU_VATOS_SID, SMMU_VATOS_ADDR,
                        SMMU_VATOS_PAR, "VATOS"},
};

/* ---- results ---- */

/* The half of a MAIR byte; what is transient has a hint, as it had there. */
static uint64_t mair_nibble(unsigned cacheability, unsigned alloc)
{
	uint64_t hints = 0;

	if (cacheability == DMASIM_NC)
		return 4;
	if (alloc & DMASIM_ALLOC_WRITE)
		hints |= 1;
	if (alloc & DMASIM_ALLOC_READ)
		hints |= 2;
	if (cacheability == DMASIM_WB)
		hints |= 4;
	if (!(alloc & DMASIM_ALLOC_TRANSIENT))
		hints |= 8;
	return hints;
}

/* 6.3.40: attributes in the format of MAIR. */
static uint64_t mair_of(const struct dmasim_attr *a)
{
	static const uint8_t device[] = {
	        [DMASIM_DEVICE_NGNRNE] = 0x00,
	        [DMASIM_DEVICE_NGNRE] = 0x04,
	        [DMASIM_DEVICE_NGRE] = 0x08,
	        [DMASIM_DEVICE_GRE] = 0x0c,
	};

	if (a->type != DMASIM_NORMAL)
		return device[a->type];
	return mair_nibble(a->outer, a->alloc) << 4 |
	       mair_nibble(a->inner, a->alloc);
}

static uint64_t sh_of(const struct dmasim_attr *a)
{
	static const uint8_t sh[] = {
	        [DMASIM_NSH] = 0,
	        [DMASIM_ISH] = SH_ISH,
	        [DMASIM_OSH] = SH_OSH,
	};

	return sh[a->share];
}

/* 9.1.3: any size may be given where S1DSS bypasses stage 1. */
static unsigned smallest_granule(const struct smmu_caps *caps)
{
	if (caps->gran4k)
		return 12;
	return caps->gran16k ? 14 : 16;
}

/* 6.3.40: the lowest address bit that is set tells a size above 4 KiB. */
static uint64_t success(const struct smmu_bank *b, const struct smmu_xlate *x)
{
	unsigned shift = x->shift ? x->shift : smallest_granule(&b->smmu->caps);
	uint64_t par = x->pa & ATOS_PAR_ADDR & UINT64_MAX << shift;

	if (shift > 12)
		par |= SMMU_BIT(shift - 1) | ATOS_PAR_SIZE;
	/* 6.3.86: NS of the output. */
	if (b->id == SMMU_S && !(x->flags & DMASIM_TXN_SECURE))
		par |= ATOS_PAR_NS;
	return par | FIELD_PREP(ATOS_PAR_ATTR, mair_of(&x->attr)) |
	       FIELD_PREP(ATOS_PAR_SH, sh_of(&x->attr));
}

static uint64_t failure(uint8_t code)
{
	return ATOS_PAR_FAULT | FIELD_PREP(ATOS_PAR_FAULTCODE, code);
}

static uint64_t reason_of(const struct smmu_event *e)
{
	static const uint8_t reason[] = {
	        [EVT_CLASS_CD] = ATOS_REASON_CD,
	        [EVT_CLASS_TT] = ATOS_REASON_TT,
	        [EVT_CLASS_IN] = ATOS_REASON_IN,
	        [3] = ATOS_REASON_S1,
	};

	return reason[e->class & 3];
}

/* A fault of stage 2 that is met on the way through stage 1 and is not asked
 * for counts as an abort of the fetch (9.1.4). */
static uint64_t stage1_result(const struct smmu_event *e)
{
	if (!e->s2)
		return failure(e->type);
	return failure(e->class == EVT_CLASS_CD ? SMMU_F_CD_FETCH
	                                        : SMMU_F_WALK_EABT);
}

/* 9.1.4. What TYPE = stage 2 gives as REASON of a fault that no stage has is
 * said there and in 6.3.40 in two ways: the table's is taken, unconfirmed. */
static uint64_t fault_result(const struct smmu_ctx *c,
                             const struct smmu_event *e)
{
	uint8_t code = e->type ? e->type : ATOS_INTERNAL_ERR;
	uint64_t par = failure(code);

	if (code == ATOS_INV_STAGE)
		return par;
	if (c->req.stages == SMMU_STAGE1)
		return code == ATOS_INTERNAL_ERR ? par : stage1_result(e);
	if (c->req.stages == SMMU_STAGE2) {
		if (code == SMMU_F_ADDR_SIZE && !e->s2)
			return par;
		return par | FIELD_PREP(ATOS_PAR_REASON, ATOS_REASON_IN);
	}
	if (!e->s2)
		return par;
	par |= FIELD_PREP(ATOS_PAR_REASON, reason_of(e));
	/* The four faults of translation have an address. */
	if (code < SMMU_F_TRANSLATION)
		return par;
	par |= e->ipa & ATOS_PAR_FADDR;
	/* 6.3.86: which of a Secure stream's two IPA spaces it is in. */
	if (e->nsipa)
		par |= ATOS_PAR_NSIPA;
	return par;
}

static void finish(struct smmu_bank *b, unsigned g, uint64_t par)
{
	if (dmasim_tracing(b->smmu->cfg.kernel))
		dmasim_trace(b->smmu->cfg.kernel, b->smmu->name,
		             "%s 0x%016" PRIx64 " 0x%016" PRIx64
		             ": 0x%016" PRIx64,
		             groups[g].name, b->reg[groups[g].sid],
		             b->reg[groups[g].addr], par);
	b->atos[g] = NULL;
	b->reg[groups[g].par] = par;
	b->reg[groups[g].ctrl] = 0;
}

/* ---- operations ---- */

/* 9.1.6, 5.2: translations of @ste are tagged with the VMID asked for. */
static bool vmid_matches(const struct smmu_ctx *c, const struct smmu_ste *ste)
{
	return ste->kind == SMMU_STE_TRANSLATE && c->smmu->caps.s2p &&
	       (ste->world == SMMU_WORLD_NS_EL1 ||
	        ste->world == SMMU_WORLD_S_EL1) &&
	       ste->vmid == c->req.vmid;
}

enum smmu_step smmu_atos_check(const struct smmu_ctx *c,
                               const struct smmu_ste *ste, struct smmu_event *e)
{
	unsigned stages = 0;

	if (ste->kind == SMMU_STE_TRANSLATE)
		stages = (ste->s1 ? SMMU_STAGE1 : 0) |
		         (ste->s2 ? SMMU_STAGE2 : 0);
	if (c->req.by_vmid && !vmid_matches(c, ste))
		e->type = SMMU_C_BAD_STE;
	else if ((stages & c->req.stages) != c->req.stages)
		e->type = ATOS_INV_STAGE;
	else
		return SMMU_OK;
	return SMMU_FAULT;
}

static void run(struct smmu_bank *b, unsigned g)
{
	struct smmu_ctx *c = b->atos[g];
	struct smmu_event e;
	struct smmu_xlate x;
	enum smmu_step step;

	step = smmu_translate(c, &e, &x);
	if (step == SMMU_PENDING)
		return;
	smmu_time_fragment(c, &x);
	finish(b, g, step == SMMU_OK ? success(b, &x) : fault_result(c, &e));
	/* What ran inside one register access. */
	b->latency += c->latency;
	smmu_ctx_put(c);
}

/* 9.1.3: what the interface or this SMMU cannot do whatever the stream is. */
static bool valid_request(const struct smmu_bank *b, unsigned g)
{
	uint64_t type = FIELD_GET(ATOS_ADDR_TYPE, b->reg[groups[g].addr]);
	const struct smmu_caps *caps = &b->smmu->caps;

	if (type == 0 || (g == SMMU_VATOS && type != SMMU_STAGE1) ||
	    ((type & SMMU_STAGE1) && !caps->s1p) ||
	    ((type & SMMU_STAGE2) && !caps->s2p))
		return false;
	return type != SMMU_STAGE2 ||
	       !(b->reg[groups[g].sid] & ATOS_SID_SSID_VALID);
}

static struct smmu_bank *stream_bank(struct smmu_bank *b, unsigned g)
{
	bool secure =
	        b->id == SMMU_S &&
	        (g == SMMU_VATOS || (b->reg[groups[g].sid] & ATOS_SID_SSEC));

	return &b->smmu->bank[secure ? SMMU_S : SMMU_NS];
}

static struct smmu_request request(struct smmu_bank *b, unsigned g)
{
	uint64_t sid = b->reg[groups[g].sid], addr = b->reg[groups[g].addr];
	struct smmu_request q = {
	        .bank = stream_bank(b, g),
	        .kind = SMMU_KIND_ATOS,
	        .stages = (uint8_t)FIELD_GET(ATOS_ADDR_TYPE, addr),
	        .no_httu = addr & ATOS_ADDR_HTTUI,
	        .by_vmid = g == SMMU_VATOS,
	        .vmid = (uint16_t)FIELD_GET(VATOS_SEL_VMID,
	                                    b->reg[SMMU_VATOS_SEL]),
	        .op = addr & ATOS_ADDR_RNW ? DMASIM_READ : DMASIM_WRITE,
	        .sid = (uint32_t)FIELD_GET(ATOS_SID_SID, sid),
	        .ssv = sid & ATOS_SID_SSID_VALID,
	        .ssid = (uint32_t)FIELD_GET(ATOS_SID_SSID, sid),
	        .addr = addr & ATOS_ADDR_ADDR,
	        /* 13.1.5: the weakest, so that what is configured shows; and
	         * both hints, which stage 2 does not have (6.3.40). */
	        .attr = smmu_attr_normal(DMASIM_WB, DMASIM_WB,
	                                 DMASIM_ALLOC_READ | DMASIM_ALLOC_WRITE,
	                                 0),
	};

	if (addr & ATOS_ADDR_PNU)
		q.flags |= DMASIM_TXN_PRIVILEGED;
	/* What is a write counts as data later, as for transactions. */
	if (addr & ATOS_ADDR_IND)
		q.flags |= DMASIM_TXN_INSTRUCTION;
	if (q.bank->id == SMMU_S && !(addr & ATOS_ADDR_NS))
		q.flags |= DMASIM_TXN_SECURE;
	return q;
}

void smmu_atos_start(struct smmu_bank *b, enum smmu_atos_group g)
{
	struct dmasim_smmu *s = b->smmu;
	struct smmu_bank *stream = stream_bank(b, g);

	if (b->atos[g])
		return;
	if (!valid_request(b, g)) {
		finish(b, g, failure(ATOS_INV_REQ));
		return;
	}
	/* 9: a Non-secure stream needs its own SMMUEN as well. The result
	 * without it is unconfirmed. */
	if (!(stream->reg[SMMU_CR0ACK] & CR0_SMMUEN)) {
		finish(b, g, failure(ATOS_INTERNAL_ERR));
		return;
	}
	if (smmu_ctx_get(s, &b->atos[g]) != DMASIM_OK) {
		dmasim_log(s->cfg.kernel, DMASIM_LOG_ERROR, s->name,
		           "out-of-memory: an address translation operation "
		           "fails");
		finish(b, g, failure(ATOS_INTERNAL_ERR));
		return;
	}
	b->atos[g]->port = NULL;
	b->atos[g]->txn = NULL;
	b->atos[g]->req = request(b, g);
	run(b, g);
}

void smmu_atos_fetched(struct smmu_ctx *c)
{
	for (unsigned i = 0; i < SMMU_BANKS; i++) {
		struct smmu_bank *b = &c->smmu->bank[i];

		for (unsigned g = 0; g < SMMU_ATOS_GROUPS; g++) {
			if (b->atos[g] == c) {
				run(b, g);
				return;
			}
		}
	}
	/* It was ended by SMMUEN. */
	smmu_ctx_put(c);
}

/* 6.3.37: operations that run while SMMUEN is cleared are aborted. Their
 * contexts go when the pending read completes. */
void smmu_atos_stop(struct smmu_bank *b)
{
	for (unsigned i = 0; i < SMMU_BANKS; i++) {
		struct smmu_bank *asked = &b->smmu->bank[i];

		for (unsigned g = 0; g < SMMU_ATOS_GROUPS; g++)
			if (asked->atos[g] &&
			    (asked == b || asked->atos[g]->req.bank == b))
				finish(asked, g, failure(ATOS_INTERNAL_ERR));
	}
}
