/* SPDX-License-Identifier: MIT */
/* Enhanced Command queues (3.5.6): their registers, in control pages. */
#include <stdlib.h>

#include "smmuv3_internal.h"

/* 6.3.107 - 6.3.109: offsets within a queue's part of its page. */
#define BASE 0x0u
#define PROD 0x8u
#define CONS 0xcu
#define PART 0x10u

/* 6.2.1: three registers for each page. */
#define CONTROL        0x4000u
#define CONTROL_STEP   0x20u
#define CONTROL_CFG    0x8u
#define CONTROL_STATUS 0xcu

#define BASE_MASK (Q_BASE_HINT | Q_BASE_ADDR | Q_BASE_LOG2SIZE)
#define PROD_MASK (ECMDQ_PROD_EN | ECMDQ_PROD_ERRACK | Q_INDEX)
#define CONS_MASK (ECMDQ_CONS_ERR_REASON | ECMDQ_CONS_ERR | Q_INDEX)

int smmu_ecmdq_init(struct smmu_bank *b)
{
	const struct smmu_caps *caps = &b->smmu->caps;
	uint32_t n = caps->ecmdq_pages[b->id] << caps->ecmdq_log2[b->id];

	if (n == 0)
		return DMASIM_OK;
	b->ecmdq = calloc(n, sizeof(*b->ecmdq));
	if (!b->ecmdq)
		return DMASIM_E_NOMEM;
	b->ecmdqs = n;
	for (uint32_t i = 0; i < n; i++) {
		b->ecmdq[i].bank = b;
		b->ecmdq[i].id = i + 1;
	}
	return DMASIM_OK;
}

void smmu_ecmdq_reset(struct smmu_bank *b)
{
	for (uint32_t i = 0; i < b->ecmdqs; i++) {
		b->ecmdq[i].base = 0;
		b->ecmdq[i].prod = 0;
		b->ecmdq[i].cons = 0;
		b->ecmdq[i].atc_failed = false;
	}
	b->ecmdqs_on = 0;
}

/* 6.3.107: bits above the output size do not exist. */
static uint64_t base_mask(const struct smmu_bank *b)
{
	return BASE_MASK & ~SMMU_BITS(55, b->smmu->caps.oas);
}

/* 6.2.5: the queues are spread evenly over their pages. */
static struct smmu_cmdq *find(const struct smmu_bank *b, uint32_t page,
                              uint32_t *offset)
{
	unsigned log2 = b->smmu->caps.ecmdq_log2[b->id];
	uint32_t step = SMMU_PAGE_SIZE >> log2;
	uint32_t n = (page << log2) + *offset / step;

	*offset %= step;
	return *offset < PART ? &b->ecmdq[n] : NULL;
}

uint64_t smmu_ecmdq_read(const struct smmu_bank *b, uint32_t page,
                         uint32_t offset, uint32_t size)
{
	const struct smmu_cmdq *q = find(b, page, &offset);

	/* 6.2: reserved, or two registers at once. */
	if (!q || (size == 8 && offset != BASE))
		return 0;
	switch (offset) {
	case BASE:
		return q->base;
	case PROD:
		return q->prod;
	case CONS:
		return q->cons;
	default:
		return q->base >> 32;
	}
}

static void refuse(const struct smmu_cmdq *q, const char *name)
{
	const struct dmasim_smmu *s = q->bank->smmu;

	dmasim_log(s->cfg.kernel, DMASIM_LOG_WARNING, s->name,
	           "guarded-register: write to %s of ECMDQ %u ignored while "
	           "EN = 1",
	           name, (unsigned)q->id - 1);
}

static bool enabled(const struct smmu_cmdq *q)
{
	return (q->prod & ECMDQ_PROD_EN) || (q->cons & ECMDQ_CONS_ENACK);
}

/* 3.5.6.2: to turn off waits for the command that is being read. */
void smmu_ecmdq_ack(struct smmu_cmdq *q)
{
	bool on = q->prod & ECMDQ_PROD_EN, was = q->cons & ECMDQ_CONS_ENACK;

	if (q->id == 0 || on == was || (was && q->waiting))
		return;
	q->cons ^= (uint32_t)ECMDQ_CONS_ENACK;
	if (on)
		q->bank->ecmdqs_on++;
	else
		q->bank->ecmdqs_on--;
	/* A CMD_SYNC of a queue that is off waits no longer. */
	smmu_sync_poll(q->bank->smmu);
}

static void write_prod(struct smmu_cmdq *q, uint32_t value)
{
	/* 6.3.108: nothing is taken in the middle of an update. */
	if (FIELD_GET(ECMDQ_PROD_EN, q->prod) !=
	    FIELD_GET(ECMDQ_CONS_ENACK, q->cons)) {
		refuse(q, "PROD");
		return;
	}
	q->prod = value & (uint32_t)PROD_MASK;
	smmu_watch_handed(q);
	smmu_ecmdq_ack(q);
	smmu_queue_run(q);
}

static void write_base(struct smmu_cmdq *q, uint64_t bits, uint64_t value)
{
	if (enabled(q)) {
		refuse(q, "BASE");
		return;
	}
	bits &= base_mask(q->bank);
	q->base = (q->base & ~bits) | (value & bits);
}

void smmu_ecmdq_write(struct smmu_bank *b, uint32_t page, uint32_t offset,
                      uint32_t size, uint64_t value)
{
	struct smmu_cmdq *q = find(b, page, &offset);

	if (!q || (size == 8 && offset != BASE))
		return;
	switch (offset) {
	case BASE:
		write_base(q, size == 8 ? UINT64_MAX : UINT32_MAX, value);
		break;
	case PROD:
		write_prod(q, (uint32_t)value);
		break;
	case CONS:
		if (enabled(q))
			refuse(q, "CONS");
		else
			q->cons = (uint32_t)(value & CONS_MASK);
		break;
	default:
		write_base(q, ~(uint64_t)UINT32_MAX, value << 32);
		break;
	}
}

uint64_t smmu_ecmdq_control(const struct smmu_bank *b, uint32_t offset,
                            uint32_t size)
{
	const struct smmu_caps *caps = &b->smmu->caps;
	uint32_t n = (offset - CONTROL) / CONTROL_STEP;
	uint64_t base;

	if (offset < CONTROL || n >= caps->ecmdq_pages[b->id])
		return 0;
	/* 6.3.49: an offset from page 0; the pages are registers. */
	base = (uint64_t)(caps->ecmdq_page[b->id] + n) * SMMU_PAGE_SIZE |
	       CMDQ_PAGE_BASE_FIXED;
	switch (offset % CONTROL_STEP) {
	case 0:
		return base;
	case CONTROL_CFG:
	case CONTROL_STATUS:
		/* 6.3.50, 6.3.51: always enabled. */
		return size == 4;
	default:
		return 0;
	}
}

void smmu_ecmdq_save(const struct smmu_bank *b, struct dmasim_writer *w)
{
	dmasim_put_u8(w, b->cmdq.atc_failed);
	dmasim_put_u32(w, b->ecmdqs);
	for (uint32_t i = 0; i < b->ecmdqs; i++) {
		dmasim_put_u64(w, b->ecmdq[i].base);
		dmasim_put_u32(w, b->ecmdq[i].prod);
		dmasim_put_u32(w, b->ecmdq[i].cons);
		dmasim_put_u8(w, b->ecmdq[i].atc_failed);
	}
}

/* A state that a queue can have while nothing is on its way. */
static bool sound(const struct smmu_cmdq *q)
{
	return (q->base & ~base_mask(q->bank)) == 0 &&
	       (q->prod & ~PROD_MASK) == 0 &&
	       (q->cons & ~(CONS_MASK | ECMDQ_CONS_ENACK)) == 0 &&
	       FIELD_GET(ECMDQ_PROD_EN, q->prod) ==
	               FIELD_GET(ECMDQ_CONS_ENACK, q->cons);
}

void smmu_ecmdq_restore(struct smmu_bank *b, struct dmasim_reader *r)
{
	b->cmdq.atc_failed = dmasim_get_u8(r) & 1;
	if (dmasim_get_u32(r) != b->ecmdqs) {
		dmasim_reader_fail(r, "SMMU: other ECMDQs");
		return;
	}
	for (uint32_t i = 0; i < b->ecmdqs; i++) {
		struct smmu_cmdq *q = &b->ecmdq[i];

		q->base = dmasim_get_u64(r);
		q->prod = dmasim_get_u32(r);
		q->cons = dmasim_get_u32(r);
		q->atc_failed = dmasim_get_u8(r) & 1;
		if (!sound(q)) {
			dmasim_reader_fail(r, "SMMU: no such state of ECMDQ %u",
			                   (unsigned)i);
			return;
		}
		b->ecmdqs_on += (q->prod & ECMDQ_PROD_EN) != 0;
	}
}
