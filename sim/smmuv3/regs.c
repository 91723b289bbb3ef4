/* SPDX-License-Identifier: MIT */
/* The register frame (6.1, 6.2): which register an access reaches. */
#include <inttypes.h>

#include "smmuv3_internal.h"

#define INFO(reg, pg, off, bytes, acc, grd, feat, bits, value, prefix)         \
	[SMMU_##reg] = {                                                       \
	        .name = prefix #reg,                                           \
	        .page = SMMU_PAGE_##pg,                                        \
	        .offset = (off),                                               \
	        .size = (bytes),                                               \
	        .access = SMMU_##acc,                                          \
	        .guard = SMMU_GUARD_##grd,                                     \
	        .feature = SMMU_HAS_##feat,                                    \
	        .mask = (bits),                                                \
	        .reset = (value),                                              \
	},

static const struct smmu_reg_info tables[SMMU_BANKS][SMMU_REG_COUNT] = {
        [SMMU_NS] =
                {
#define X(...) INFO(__VA_ARGS__, "")
                        SMMU_REGS_SHARED(X) SMMU_REGS_NS(X)
#undef X
                },
        [SMMU_S] =
                {
#define X(...) INFO(__VA_ARGS__, "S_")
                        SMMU_REGS_SHARED(X) SMMU_REGS_S(X)
#undef X
                },
};

const struct smmu_reg_info *smmu_reg_info(const struct smmu_bank *b,
                                          enum smmu_reg reg)
{
	return &tables[b->id][reg];
}

/* Where an access goes. */
struct place {
	struct smmu_bank *bank; /* NULL: nowhere */
	bool queues;            /* a Command queue control page */
	uint8_t page;           /* enum smmu_page; queues: which one */
	uint32_t offset;
};

/* 6.1: the frame, page by page. */
static struct place locate(struct dmasim_smmu *s, uint32_t offset)
{
	uint32_t page = offset / SMMU_PAGE_SIZE;
	struct place p = {.offset = offset % SMMU_PAGE_SIZE};

	if (page < 2) {
		p.page = page == 0 ? SMMU_PAGE_0 : SMMU_PAGE_1;
		p.bank = &s->bank[SMMU_NS];
		if (page == 0 && p.offset >= SMMU_SECURE_HALF) {
			p.offset -= SMMU_SECURE_HALF;
			p.bank = &s->bank[SMMU_S];
		}
		return p;
	}
	for (unsigned i = 0; i < SMMU_BANKS; i++) {
		uint32_t first = s->caps.ecmdq_page[i];

		if (page == s->caps.vatos_page[i]) {
			p.page = SMMU_PAGE_VATOS;
			p.bank = &s->bank[i];
		} else if (first != 0 && page >= first &&
		           page - first < s->caps.ecmdq_pages[i]) {
			p.queues = true;
			p.page = (uint8_t)(page - first);
			p.bank = &s->bank[i];
		}
	}
	return p;
}

/* The register that holds the byte at @p; SMMU_REG_COUNT: none. */
static enum smmu_reg find(const struct smmu_bank *b, const struct place *p)
{
	bool alias = smmu_quirk(b->smmu, SMMU_QUIRK_PAGE_ALIAS);

	for (unsigned i = 0; i < SMMU_REG_COUNT; i++) {
		const struct smmu_reg_info *info = &tables[b->id][i];

		if (p->offset >= info->offset &&
		    p->offset < info->offset + info->size &&
		    (p->page == info->page ||
		     (alias && info->page != SMMU_PAGE_VATOS)) &&
		    smmu_has(b, (enum smmu_feature)info->feature))
			return (enum smmu_reg)i;
	}
	return SMMU_REG_COUNT;
}

static uint64_t read_reg(const struct smmu_bank *b, enum smmu_reg reg)
{
	/* 6.3.1: S_CR0.NSSTALLD takes the model away. */
	if (reg == SMMU_IDR0 && b->id == SMMU_NS)
		return FIELD_SET(IDR0_STALL_MODEL, b->reg[reg],
		                 smmu_stall_model(b));
	return b->reg[reg];
}

static enum dmasim_result bad_size(struct dmasim_smmu *s, struct dmasim_txn *t)
{
	dmasim_log(s->cfg.kernel, DMASIM_LOG_WARNING, s->name,
	           "register-size: access of %u bytes at offset 0x%" PRIx64,
	           (unsigned)t->size, t->offset);
	return DMASIM_TXN_SLAVE;
}

static void put_data(struct dmasim_txn *txn, uint64_t value)
{
	for (unsigned i = 0; i < txn->size; i++)
		txn->data[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_data(const struct dmasim_txn *txn)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < txn->size; i++)
		value |= (uint64_t)txn->data[i] << (8 * i);
	return value;
}

static void to_register(struct smmu_bank *b, const struct place *p,
                        struct dmasim_txn *txn)
{
	enum smmu_reg reg = find(b, p);
	uint64_t value = 0, bits = UINT64_MAX;
	unsigned shift;

	/* Reserved, or 64 bits at once from a 32-bit register. */
	if (reg == SMMU_REG_COUNT || txn->size > tables[b->id][reg].size) {
		if (p->page == SMMU_PAGE_0)
			value = smmu_ecmdq_control(b, p->offset, txn->size);
		if (txn->op == DMASIM_READ)
			put_data(txn, value);
		return;
	}
	shift = 8 * (p->offset - tables[b->id][reg].offset);
	if (txn->size == 4)
		bits = (uint64_t)UINT32_MAX << shift;
	if (txn->op == DMASIM_READ) {
		put_data(txn, read_reg(b, reg) >> shift);
		return;
	}
	if (reg == SMMU_CMDQ_PROD)
		smmu_watch_handed(&b->cmdq);
	smmu_reg_write(b, reg, bits, get_data(txn) << shift);
}

static void to_queues(struct smmu_bank *b, const struct place *p,
                      struct dmasim_txn *txn)
{
	if (txn->op == DMASIM_READ)
		put_data(txn,
		         smmu_ecmdq_read(b, p->page, p->offset, txn->size));
	else
		smmu_ecmdq_write(b, p->page, p->offset, txn->size,
		                 get_data(txn));
}

/* A read completes what was written to memory before; new commands are what a
 * write can start. */
static void note(struct dmasim_smmu *s, const struct place *p,
                 const struct dmasim_txn *txn)
{
	if (s->cfg.checker && s->cfg.agent &&
	    (txn->op == DMASIM_READ ||
	     (!p->queues && find(p->bank, p) == SMMU_CMDQ_PROD)))
		dmasim_note_doorbell(s->cfg.checker, txn, s->cfg.agent);
}

enum dmasim_result smmu_regs_access(void *obj, struct dmasim_txn *txn)
{
	struct dmasim_smmu *s = obj;
	struct place p;

	if (txn->op == DMASIM_BARRIER || dmasim_op_is_maintenance(txn->op))
		return DMASIM_TXN_OK;
	/* 6.2: 32-bit accesses, 64-bit ones to 64-bit registers. */
	if ((txn->size != 4 && txn->size != 8) || txn->offset % txn->size ||
	    txn->offset >
	            (uint64_t)s->caps.pages * SMMU_PAGE_SIZE - txn->size ||
	    (txn->op != DMASIM_READ && txn->op != DMASIM_WRITE))
		return bad_size(s, txn);
	p = locate(s, (uint32_t)txn->offset);
	/* 6.2: Secure registers answer Secure accesses only. */
	if (p.bank && p.bank->id == SMMU_S &&
	    !(s->caps.secure && txn->flags & DMASIM_TXN_SECURE))
		p.bank = NULL;
	if (!p.bank) {
		if (txn->op == DMASIM_READ)
			put_data(txn, 0);
		return DMASIM_TXN_OK;
	}
	if (txn->op == DMASIM_WRITE && (txn->flags & DMASIM_TXN_DEBUG))
		return DMASIM_TXN_OK;
	if (txn->op == DMASIM_WRITE) {
		smmu_cmdq_prompted(s);
		smmu_watch_driver(s, txn->initiator);
	}
	note(s, &p, txn);
	p.bank->latency = 0;
	if (p.queues)
		to_queues(p.bank, &p, txn);
	else
		to_register(p.bank, &p, txn);
	if (txn->op == DMASIM_WRITE)
		txn->latency += p.bank->latency;
	return DMASIM_TXN_OK;
}
