/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "irq_internal.h"

#define IRQ_STATE_TAG     "IRQC"
#define IRQ_STATE_VERSION 1u

#define IRQ_FLAG_LEVEL   1u
#define IRQ_FLAG_LATCHED 2u

static bool irq_line_used(const struct irq_line *l)
{
	return l->level || l->latched || l->count > 0;
}

int dmasim_irqc_save(const struct dmasim_irqc *ic, struct dmasim_writer *w)
{
	uint32_t used = 0;
	for (uint32_t i = 0; i < DMASIM_IRQ_LINES; i++)
		used += irq_line_used(&ic->lines[i]);
	dmasim_put_begin(w, IRQ_STATE_TAG, IRQ_STATE_VERSION);
	dmasim_put_u32(w, used);
	for (uint32_t i = 0; i < DMASIM_IRQ_LINES; i++) {
		const struct irq_line *l = &ic->lines[i];
		uint8_t flags = 0;

		if (!irq_line_used(l))
			continue;
		if (l->level)
			flags |= IRQ_FLAG_LEVEL;
		if (l->latched)
			flags |= IRQ_FLAG_LATCHED;
		dmasim_put_u32(w, i);
		dmasim_put_u8(w, flags);
		dmasim_put_u64(w, l->count);
	}
	dmasim_put_end(w);
	return DMASIM_OK;
}

struct irq_saved {
	uint64_t count;
	uint8_t flags;
};

static int irq_read_lines(struct dmasim_reader *r, struct irq_saved *saved)
{
	uint32_t used = dmasim_get_count(r, DMASIM_IRQ_LINES, 4 + 1 + 8);
	uint32_t next = 0;

	for (uint32_t i = 0; i < used; i++) {
		uint32_t line = dmasim_get_u32(r);
		uint8_t flags = dmasim_get_u8(r);
		uint64_t count = dmasim_get_u64(r);

		if (line < next || line >= DMASIM_IRQ_LINES)
			return dmasim_reader_fail(r, "interrupt line %u", line);
		if (flags & ~(IRQ_FLAG_LEVEL | IRQ_FLAG_LATCHED))
			return dmasim_reader_fail(r, "interrupt flags 0x%x",
			                          flags);
		saved[line].count = count;
		saved[line].flags = flags;
		next = line + 1;
	}
	return dmasim_reader_status(r);
}

int dmasim_irqc_restore(struct dmasim_irqc *ic, struct dmasim_reader *r)
{
	struct irq_saved *saved;
	int rc;

	if (!dmasim_get_begin(r, IRQ_STATE_TAG, IRQ_STATE_VERSION))
		return dmasim_reader_status(r);
	saved = calloc(DMASIM_IRQ_LINES, sizeof(*saved));
	if (!saved)
		return DMASIM_E_NOMEM;
	rc = irq_read_lines(r, saved);
	dmasim_get_end(r);
	if (!rc)
		rc = dmasim_reader_status(r);
	for (uint32_t i = 0; !rc && i < DMASIM_IRQ_LINES; i++) {
		struct irq_line *l = &ic->lines[i];

		l->level = saved[i].flags & IRQ_FLAG_LEVEL;
		l->latched = saved[i].flags & IRQ_FLAG_LATCHED;
		l->count = saved[i].count;
	}
	free(saved);
	return rc;
}
