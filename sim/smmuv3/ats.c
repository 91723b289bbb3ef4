/* SPDX-License-Identifier: MIT */
/*
 * PCIe ATS translation requests (3.9.1.2, 13.6, 13.7): each entry of the
 * answer is one translation without a faulting permission; what it grants is
 * taken from the rights it finds.
 */
#include "smmuv3_internal.h"

#define ENTRY 8u

/* The effective value of STE.EATS (5.2). */
static uint8_t effective_eats(const struct smmu_bank *b,
                              const struct smmu_ste *ste)
{
	return ste->eats == STE_EATS_SPLIT &&
	                       !(b->reg[SMMU_CR0ACK] & CR0_ATSCHK)
	               ? STE_EATS_NONE
	               : ste->eats;
}

/* 3.9.1.2: Config 0b000 is refused without a record. */
enum smmu_step smmu_ats_check(const struct smmu_bank *b,
                              const struct smmu_ste *ste, struct smmu_event *e)
{
	if (ste->kind == SMMU_STE_ABORT)
		return SMMU_FAULT;
	if (effective_eats(b, ste) != STE_EATS_NONE)
		return SMMU_OK;
	e->type = SMMU_F_BAD_ATS_TREQ;
	return SMMU_FAULT;
}

/* How STE.INSTCFG changes what "read" and "execute" mean (13.7.1). */
static bool all_instructions(const struct smmu_override *ovr)
{
	return ovr->flags_or & DMASIM_TXN_INSTRUCTION;
}

static bool all_data(const struct smmu_override *ovr)
{
	return !(ovr->flags_and & DMASIM_TXN_INSTRUCTION);
}

uint8_t smmu_ats_need(const struct smmu_request *q,
                      const struct smmu_override *ovr, uint32_t flags)
{
	unsigned need = all_instructions(ovr) ? SMMU_PERM_PX : SMMU_PERM_PR;

	if (!(q->flags & DMASIM_TXN_ATS_NO_WRITE))
		need |= SMMU_PERM_PW;
	if (!(flags & DMASIM_TXN_PRIVILEGED))
		need <<= SMMU_PERM_UNPRIV_SHIFT;
	return (uint8_t)need;
}

/* 13.7.1: bits of an entry from the rights of one privilege, as PR, PW and
 * PX. */
static uint64_t bits_of(const struct smmu_ctx *c, const struct smmu_xlate *x)
{
	const struct smmu_override *ovr = &x->ste->ovr;
	unsigned perm = x->perm1 & x->perm2;
	bool r, w, exec, asked = c->req.flags & DMASIM_TXN_INSTRUCTION;

	if (x->need & ~(SMMU_PERM_PR | SMMU_PERM_PW | SMMU_PERM_PX))
		perm >>= SMMU_PERM_UNPRIV_SHIFT;
	r = perm & SMMU_PERM_PR;
	exec = perm & SMMU_PERM_PX;
	/* 13.7: a page that is not marked dirty is not written. */
	w = (perm & SMMU_PERM_PW) && !x->clean;
	if (all_instructions(ovr))
		r = exec;
	else if (all_data(ovr))
		exec = r;
	exec = exec && r && asked;
	return (r ? DMASIM_ATS_R : 0) | (w ? DMASIM_ATS_W : 0) |
	       (exec ? DMASIM_ATS_EXEC : 0);
}

/* log2 of the smallest translation unit: the smallest granule (3.9.1). */
static unsigned stu(const struct dmasim_smmu *s)
{
	return s->caps.gran4k ? 12 : s->caps.gran16k ? 14 : 16;
}

/* 13.7.1: as the request has it, whatever PRIVCFG says. */
static uint64_t priv_bit(const struct smmu_ctx *c)
{
	return c->req.flags & DMASIM_TXN_PRIVILEGED ? DMASIM_ATS_PRIV : 0;
}

static uint64_t granted(const struct smmu_ctx *c, const struct smmu_event *e,
                        const struct smmu_xlate *x)
{
	const struct dmasim_smmu *s = c->smmu;

	/* 13.6.4: stage 1 is skipped, and there is no other: all of memory
	 * as it is. */
	if (!x->translated)
		return dmasim_ats_entry(e->input, s->caps.oas,
		                        DMASIM_ATS_R | DMASIM_ATS_W);
	return dmasim_ats_entry(x->ste->eats == STE_EATS_SPLIT ? x->ipa : x->pa,
	                        x->shift, bits_of(c, x) | priv_bit(c));
}

/* ---- the answer ---- */

static void put_entry(const struct smmu_ctx *c, uint64_t entry)
{
	smmu_put_le64(c->txn->data + c->offset, entry);
}

/* 7.3.6: what was asked for, before overrides. */
static void record_bad_request(struct smmu_ctx *c)
{
	const struct smmu_request *q = &c->req;
	const struct smmu_event e = {
	        .type = SMMU_F_BAD_ATS_TREQ,
	        .bank = q->bank,
	        .sid = q->sid,
	        .ssv = q->ssv,
	        .ssid = q->ssid,
	        .input = c->txn->addr,
	        .pnu = q->flags & DMASIM_TXN_PRIVILEGED,
	        .perm = (q->flags & DMASIM_TXN_ATS_NO_WRITE ? 0
	                                                    : SMMU_PERM_PW) |
	                (q->flags & DMASIM_TXN_INSTRUCTION ? SMMU_PERM_PX : 0),
	        .span = (uint8_t)(c->txn->size / ENTRY),
	};

	if (!(q->flags & DMASIM_TXN_DEBUG))
		smmu_record(&e, c->txn);
}

static enum dmasim_result unsupported(struct smmu_ctx *c)
{
	record_bad_request(c);
	return DMASIM_TXN_DECODE;
}

/* 3.9.1.2: configuration errors are Completer Aborts, recorded on demand. */
static enum dmasim_result completer_abort(struct smmu_ctx *c,
                                          const struct smmu_event *e)
{
	if ((c->req.bank->reg[SMMU_CR2] & CR2_REC_CFG_ATS) && !e->silent &&
	    !(c->req.flags & DMASIM_TXN_DEBUG))
		smmu_record(e, c->txn);
	return DMASIM_TXN_ABORT;
}

/* Denied rather than refused: faults of the translation itself. */
static bool denies(const struct smmu_event *e)
{
	return e->type >= SMMU_F_TRANSLATION && e->type <= SMMU_F_PERMISSION;
}

/* The rest of the request gets no answer: Success with fewer entries. */
static enum dmasim_result enough(struct smmu_ctx *c)
{
	for (; c->offset < c->txn->size; c->offset += ENTRY)
		put_entry(c, DMASIM_ATS_NONE);
	return DMASIM_TXN_OK;
}

/* The entry of an outcome that is no error; all have the size of the first.
 * False: it does not fit behind the others. */
static bool add_entry(struct smmu_ctx *c, uint64_t entry)
{
	unsigned first =
	        c->offset == 0 ? 0 : dmasim_ats_shift(smmu_le64(c->txn->data));
	unsigned shift = stu(c->smmu);

	if (entry == 0) {
		/* 3.9.1.2: an entry that denies has the size of the STU, or of
		 * those before it. */
		entry = dmasim_ats_entry(0, first ? first : shift, priv_bit(c));
	} else if (first && dmasim_ats_shift(entry) != first) {
		return false;
	}
	put_entry(c, entry);
	c->offset += ENTRY;
	shift = dmasim_ats_shift(entry);
	c->req.addr = shift > 63 ? 0 : ((c->req.addr >> shift) + 1) << shift;
	return true;
}

static bool well_formed(const struct dmasim_txn *txn)
{
	return txn->op == DMASIM_READ && txn->data && txn->size % ENTRY == 0 &&
	       txn->size / ENTRY <= DMASIM_ATS_MAX;
}

static enum dmasim_result one(struct smmu_ctx *c, bool *more)
{
	struct smmu_event e;
	struct smmu_xlate x;
	enum smmu_step step = smmu_translate(c, &e, &x);

	*more = false;
	if (step == SMMU_PENDING)
		return DMASIM_TXN_PENDING;
	if (step == SMMU_FAULT && !denies(&e)) {
		if (c->offset != 0)
			return enough(c);
		if (e.type == SMMU_F_BAD_ATS_TREQ)
			return unsupported(c);
		return e.type == 0 ? DMASIM_TXN_DECODE : completer_abort(c, &e);
	}
	if (!add_entry(c, step == SMMU_OK ? granted(c, &e, &x) : 0))
		return enough(c);
	c->logged = 0;
	/* Nothing comes after the last address. */
	if (c->offset < c->txn->size && c->req.addr == 0)
		return enough(c);
	*more = c->offset < c->txn->size;
	return DMASIM_TXN_OK;
}

static enum dmasim_result answer(struct smmu_ctx *c)
{
	const struct smmu_bank *b = c->req.bank;
	struct dmasim_smmu *s = c->smmu;
	enum dmasim_result r;
	bool more;

	if (c->offset == 0) {
		if (!s->caps.ats)
			return DMASIM_TXN_DECODE;
		/* 3.9.1: before anything is looked up. */
		if (b->id == SMMU_S || !(b->reg[SMMU_CR0ACK] & CR0_SMMUEN))
			return unsupported(c);
		c->req.addr = c->txn->addr & ~SMMU_BITS(11, 0);
	}
	do {
		r = one(c, &more);
	} while (more);
	s->stats.ats_requests +=
	        r != DMASIM_TXN_PENDING && !(c->req.flags & DMASIM_TXN_DEBUG);
	return r;
}

/* 10.3, event 6: whatever the answer is. */
enum dmasim_result smmu_ats_run(struct smmu_ctx *c)
{
	enum dmasim_result r;

	if (!well_formed(c->txn))
		return DMASIM_TXN_SLAVE;
	r = answer(c);
	if (r != DMASIM_TXN_PENDING)
		smmu_pmu_request(c);
	return r;
}
