/* SPDX-License-Identifier: MIT */
/* The registers of counter groups (10.5, 10.6). */
#include <inttypes.h>

#include "smmuv3_internal.h"

static const struct {
	const char *name;
	uint32_t offset;
	uint8_t size; /* 0: of a counter */
	uint8_t count;
	uint8_t access; /* enum pmcg_access */
	uint8_t place;  /* enum pmcg_place */
} table[PMCG_REG_COUNT] = {
#define X(reg, off, bytes, n, acc, where)                                      \
	[PMCG_##reg] = {#reg, off, bytes, n, PMCG_##acc, PMCG_##where},
        PMCG_REGS(X)
#undef X
};

struct place {
	enum pmcg_reg reg;
	unsigned n; /* of an array */
	uint32_t size, shift;
};

/* ---- what exists ---- */

static bool has_filter(const struct smmu_pmcg *g, unsigned n)
{
	return n == 0 || !g->cfg.single_filter;
}

uint32_t smmu_pmcg_type_bits(const struct smmu_pmcg *g, unsigned n)
{
	uint64_t bits = PMCG_EVTYPER_EVENT;

	if (has_filter(g, n))
		bits |= PMCG_EVTYPER_SID_SPAN;
	if (has_filter(g, n) && g->cfg.secure)
		bits |= PMCG_EVTYPER_SEC_SID;
	if (!g->cfg.no_capture)
		bits |= PMCG_EVTYPER_OVFCAP;
	return (uint32_t)bits;
}

/* 10.4.1: here a group knows whole StreamIDs. */
uint32_t smmu_pmcg_match_bits(const struct smmu_pmcg *g, unsigned n)
{
	const struct smmu_caps *caps = &g->smmu->caps;
	unsigned bits = caps->sid_bits > caps->s_sid_bits ? caps->sid_bits
	                                                  : caps->s_sid_bits;

	return has_filter(g, n) ? (uint32_t)(SMMU_BIT(bits) - 1) : 0;
}

uint32_t smmu_pmcg_scr_bits(const struct smmu_pmcg *g)
{
	if (!g->cfg.secure)
		return 0;
	return (uint32_t)(PMCG_SCR_SO | PMCG_SCR_NSRA |
	                  (g->cfg.no_msi ? 0 : PMCG_SCR_NSMSI));
}

static uint32_t cfgr(const struct smmu_pmcg *g)
{
	uint64_t v = FIELD_PREP(PMCG_CFGR_NCTR, g->cfg.counters - 1u) |
	             FIELD_PREP(PMCG_CFGR_SIZE, g->cfg.counter_bits - 1u);

	if (g->cfg.page1)
		v |= PMCG_CFGR_RELOC_CTRS;
	if (!g->cfg.no_msi)
		v |= PMCG_CFGR_MSI;
	if (!g->cfg.no_capture)
		v |= PMCG_CFGR_CAPTURE;
	if (g->cfg.single_filter)
		v |= PMCG_CFGR_SID_FILTER_TYPE;
	return (uint32_t)v;
}

/* ---- reading ---- */

static uint64_t read_id(const struct smmu_pmcg *g, enum pmcg_reg reg)
{
	switch (reg) {
	case PMCG_CFGR:
		return cfgr(g);
	case PMCG_CEID0:
		return g->events;
	case PMCG_AIDR:
		return g->smmu->profile->aidr;
	case PMCG_PMDEVARCH:
		return PMCG_ID_PMDEVARCH;
	case PMCG_PMDEVTYPE:
		return PMCG_ID_PMDEVTYPE;
	case PMCG_CIDR0:
		return PMCG_ID_CIDR0;
	case PMCG_CIDR1:
		return PMCG_ID_CIDR1;
	case PMCG_CIDR2:
		return PMCG_ID_CIDR2;
	case PMCG_CIDR3:
		return PMCG_ID_CIDR3;
	default:
		/* CAPR. */
		return 0;
	}
}

static uint64_t read_reg(const struct smmu_pmcg *g, const struct place *p)
{
	switch (p->reg) {
	case PMCG_EVCNTR:
		return g->value[p->n];
	case PMCG_EVTYPER:
		return g->type[p->n];
	case PMCG_SVR:
		return g->shadow[p->n];
	case PMCG_SMR:
		return g->match[p->n];
	case PMCG_CNTENSET0:
	case PMCG_CNTENCLR0:
		return g->cnten;
	case PMCG_INTENSET0:
	case PMCG_INTENCLR0:
		return g->inten;
	case PMCG_OVSSET0:
	case PMCG_OVSCLR0:
		return g->ovs;
	case PMCG_SCR:
		return g->cfg.secure ? g->scr | PMCG_SCR_READS_AS_ONE : 0;
	case PMCG_CR:
		return g->on;
	case PMCG_IRQ_CTRL:
		return g->irqen;
	case PMCG_IRQ_CTRLACK:
		return g->irqen_ack;
	case PMCG_IRQ_CFG0:
		return g->irq_cfg0;
	case PMCG_IRQ_CFG1:
		return g->irq_cfg1;
	case PMCG_IRQ_CFG2:
		return g->irq_cfg2;
	case PMCG_IRQ_STATUS:
		return g->irq_abt;
	default:
		return read_id(g, p->reg);
	}
}

/* ---- writing ---- */

static void write_bitmap(struct smmu_pmcg *g, enum pmcg_reg reg, uint64_t v)
{
	uint64_t *map =
	        reg == PMCG_CNTENSET0 || reg == PMCG_CNTENCLR0   ? &g->cnten
	        : reg == PMCG_INTENSET0 || reg == PMCG_INTENCLR0 ? &g->inten
	                                                         : &g->ovs;

	/* 10.5.2.10: setting OVS here has no side effects. */
	if (table[reg].access == PMCG_W1S)
		*map |= v & g->exists;
	else
		*map &= ~v;
}

/* 10.5.2.21: while the interrupt is on, or on its way off, its message stays
 * what it is. */
static void write_irq_cfg(struct smmu_pmcg *g, enum pmcg_reg reg, uint64_t v)
{
	if (g->cfg.no_msi)
		return;
	if (g->irqen || g->irqen_ack) {
		dmasim_log(g->smmu->cfg.kernel, DMASIM_LOG_WARNING,
		           g->smmu->name,
		           "guarded-register: write of 0x%" PRIx64
		           " to PMCG_%s ignored while IRQEN = 1",
		           v, table[reg].name);
		return;
	}
	if (reg == PMCG_IRQ_CFG0)
		g->irq_cfg0 = v & PMCG_IRQ_CFG0_ADDR;
	else if (reg == PMCG_IRQ_CFG1)
		g->irq_cfg1 = (uint32_t)v;
	else
		g->irq_cfg2 = (uint32_t)(v & (PMCG_IRQ_CFG2_SH |
		                              PMCG_IRQ_CFG2_MEMATTR));
}

static void write_reg(struct smmu_pmcg *g, const struct place *p, uint64_t v)
{
	switch (p->reg) {
	case PMCG_EVCNTR:
		g->value[p->n] = v & g->max;
		break;
	case PMCG_EVTYPER:
		g->type[p->n] = (uint32_t)v & smmu_pmcg_type_bits(g, p->n);
		break;
	case PMCG_SMR:
		g->match[p->n] = (uint32_t)v & smmu_pmcg_match_bits(g, p->n);
		break;
	case PMCG_CAPR:
		if ((v & PMCG_CAPR_CAPTURE) && !g->cfg.no_capture)
			smmu_pmcg_capture(g);
		break;
	case PMCG_SCR:
		g->scr = (uint32_t)v & smmu_pmcg_scr_bits(g);
		break;
	case PMCG_CR:
		g->on = v & PMCG_CR_E;
		break;
	case PMCG_IRQ_CTRL:
		smmu_pmcg_enable_irq(g, v & PMCG_IRQ_CTRL_IRQEN);
		break;
	case PMCG_IRQ_CFG0:
	case PMCG_IRQ_CFG1:
	case PMCG_IRQ_CFG2:
		write_irq_cfg(g, p->reg, v);
		break;
	default:
		if (table[p->reg].access != PMCG_RO)
			write_bitmap(g, p->reg, v);
		break;
	}
	smmu_pmcg_changed(g);
}

/* ---- accesses ---- */

static bool find(const struct smmu_pmcg_page *page, uint32_t offset,
                 struct place *p)
{
	const struct smmu_pmcg *g = page->group;
	uint32_t counter = g->cfg.counter_bits > 32 ? 8 : 4;

	for (unsigned i = 0; i < PMCG_REG_COUNT; i++) {
		uint32_t size = table[i].size ? table[i].size : counter;
		unsigned number =
		        g->cfg.page1 && table[i].place == PMCG_MOVES ? 1 : 0;

		if (number != page->number || offset < table[i].offset ||
		    offset >= table[i].offset + size * table[i].count)
			continue;
		p->reg = (enum pmcg_reg)i;
		p->n = (offset - table[i].offset) / size;
		p->size = size;
		p->shift = 8 * ((offset - table[i].offset) % size);
		/* 10.5.2: those of counters that do not exist are RES0. */
		return table[i].count == 1 || p->n < g->cfg.counters;
	}
	return false;
}

/* 10.6: who may see it. */
static bool may_access(const struct smmu_pmcg *g, enum pmcg_reg reg,
                       const struct dmasim_txn *txn)
{
	if (!g->cfg.secure || (txn->flags & DMASIM_TXN_SECURE))
		return true;
	return reg != PMCG_SCR && (g->scr & PMCG_SCR_NSRA);
}

static void access_reg(struct smmu_pmcg *g, const struct place *p,
                       struct dmasim_txn *txn)
{
	uint64_t bits =
	        txn->size == 4 ? (uint64_t)UINT32_MAX << p->shift : UINT64_MAX;
	uint64_t v = 0;
	/* What a write leaves of a bitmap is not what it reads as. */
	bool merge = table[p->reg].access == PMCG_RW;

	/* A look does not change what others will see. */
	if (txn->op == DMASIM_READ) {
		if (!(txn->flags & DMASIM_TXN_DEBUG))
			smmu_pmcg_tick(g);
		v = read_reg(g, p) >> p->shift;
		for (unsigned i = 0; i < txn->size; i++)
			txn->data[i] = (uint8_t)(v >> (8 * i));
		return;
	}
	if (txn->flags & DMASIM_TXN_DEBUG)
		return;
	for (unsigned i = 0; i < txn->size; i++)
		v |= (uint64_t)txn->data[i] << (8 * i + p->shift);
	smmu_pmcg_tick(g);
	if (merge)
		v |= read_reg(g, p) & ~bits;
	write_reg(g, p, v);
}

enum dmasim_result smmu_pmcg_access(void *obj, struct dmasim_txn *txn)
{
	const struct smmu_pmcg_page *page = obj;
	struct smmu_pmcg *g = page->group;
	struct place p;

	if (txn->op == DMASIM_BARRIER || dmasim_op_is_maintenance(txn->op))
		return DMASIM_TXN_OK;
	/* 10.5: sizes as in 6.2. */
	if ((txn->size != 4 && txn->size != 8) || txn->offset % txn->size ||
	    txn->offset > PMCG_PAGE_SIZE - txn->size ||
	    txn->op > DMASIM_WRITE) {
		dmasim_log(g->smmu->cfg.kernel, DMASIM_LOG_WARNING,
		           g->smmu->name,
		           "register-size: access of %u bytes at offset "
		           "0x%" PRIx64 " of a counter group",
		           (unsigned)txn->size, txn->offset);
		return DMASIM_TXN_SLAVE;
	}
	if (find(page, (uint32_t)txn->offset, &p) && txn->size <= p.size &&
	    may_access(g, p.reg, txn)) {
		access_reg(g, &p, txn);
	} else if (txn->op == DMASIM_READ) {
		/* RAZ/WI */
		for (unsigned i = 0; i < txn->size; i++)
			txn->data[i] = 0;
	}
	return DMASIM_TXN_OK;
}
