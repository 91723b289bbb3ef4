/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "irq_internal.h"

int dmasim_irqc_create(struct dmasim_kernel *k, const char *name,
                       struct dmasim_irqc **out)
{
	struct dmasim_irqc *ic;

	if (!k || !name || !out)
		return DMASIM_E_INVAL;
	ic = calloc(1, sizeof(*ic));
	if (!ic)
		return DMASIM_E_NOMEM;
	ic->kernel = k;
	ic->name = strdup(name);
	if (!ic->name) {
		free(ic);
		return DMASIM_E_NOMEM;
	}
	*out = ic;
	return DMASIM_OK;
}

void dmasim_irqc_destroy(struct dmasim_irqc *ic)
{
	if (!ic)
		return;
	for (uint32_t i = 0; i < DMASIM_IRQ_LINES; i++)
		if (ic->lines[i].event)
			dmasim_event_destroy(ic->lines[i].event);
	free(ic->name);
	free(ic);
}

struct irq_line *irq_find(struct dmasim_irq irq)
{
	if (!irq.irqc || irq.line >= DMASIM_IRQ_LINES)
		return NULL;
	return &irq.irqc->lines[irq.line];
}

void dmasim_irqc_watch(struct dmasim_irqc *ic, dmasim_irq_watch_fn *fn,
                       void *ctx)
{
	ic->watch = fn;
	ic->watch_ctx = ctx;
}

static void irq_tell(struct dmasim_irq irq, bool level)
{
	if (irq.irqc->watch)
		irq.irqc->watch(irq.irqc->watch_ctx, irq.line, level);
}

static void irq_raise(struct dmasim_irq irq, struct irq_line *l,
                      const char *how)
{
	struct dmasim_irqc *ic = irq.irqc;

	l->count++;
	if (dmasim_tracing(ic->kernel))
		dmasim_trace(ic->kernel, ic->name, "line %u %s", irq.line, how);
	if (l->event)
		dmasim_event_notify(l->event, 0);
	/* Last: a handler may lower the line or raise it again. */
	if (l->handler)
		l->handler(l->handler_ctx, irq.line);
}

void dmasim_irq_set(struct dmasim_irq irq, bool level)
{
	struct irq_line *l = irq_find(irq);

	if (!l || l->level == level)
		return;
	l->level = level;
	irq_tell(irq, level);
	if (level)
		irq_raise(irq, l, "high");
	else if (dmasim_tracing(irq.irqc->kernel))
		dmasim_trace(irq.irqc->kernel, irq.irqc->name, "line %u low",
		             irq.line);
}

void dmasim_irq_pulse(struct dmasim_irq irq)
{
	struct irq_line *l = irq_find(irq);

	if (!l)
		return;
	l->latched = true;
	irq_tell(irq, true);
	irq_tell(irq, false);
	irq_raise(irq, l, "pulse");
}

bool dmasim_irq_level(struct dmasim_irq irq)
{
	const struct irq_line *l = irq_find(irq);

	return l && l->level;
}

uint64_t dmasim_irq_count(struct dmasim_irq irq)
{
	const struct irq_line *l = irq_find(irq);

	return l ? l->count : 0;
}

int dmasim_irq_attach(struct dmasim_irq irq, dmasim_irq_handler *fn, void *ctx)
{
	struct irq_line *l = irq_find(irq);

	if (!irq.irqc)
		return DMASIM_E_INVAL;
	if (!l)
		return DMASIM_E_RANGE;
	l->handler = fn;
	l->handler_ctx = ctx;
	return DMASIM_OK;
}

static bool irq_take(struct irq_line *l)
{
	bool pending = l->level || l->latched;

	l->latched = false;
	return pending;
}

/** Outside a run: run the kernel, one entry at a time, until pending. */
static int irq_wait_run(struct dmasim_irqc *ic, struct irq_line *l,
                        uint64_t deadline)
{
	while (!irq_take(l)) {
		uint64_t next = dmasim_next_time(ic->kernel);
		int rc;

		if (next == DMASIM_FOREVER)
			return DMASIM_E_HANG;
		if (next > deadline) {
			rc = dmasim_run_until(ic->kernel, deadline);
			return rc ? rc : DMASIM_E_TIMEOUT;
		}
		rc = dmasim_run_one(ic->kernel);
		if (rc)
			return rc;
	}
	return DMASIM_OK;
}

/** In a process: sleep on the line's event until pending. */
static int irq_wait_process(struct dmasim_irqc *ic, struct irq_line *l,
                            uint64_t deadline)
{
	if (irq_take(l))
		return DMASIM_OK;
	if (!l->event) {
		int rc = dmasim_event_create(ic->kernel, ic->name, &l->event);

		if (rc)
			return rc;
	}
	for (;;) {
		uint64_t left = DMASIM_FOREVER;
		int rc;

		if (deadline != DMASIM_FOREVER)
			left = deadline - dmasim_now(ic->kernel);
		rc = dmasim_event_wait(l->event, left);
		/* Cancelled: the controller may be gone already. */
		if (rc == DMASIM_E_CANCELED)
			return rc;
		/* A level may have dropped, or another waiter taken the edge,
		 * before this process ran. */
		if (irq_take(l))
			return DMASIM_OK;
		if (rc)
			return rc;
	}
}

int dmasim_irq_wait(struct dmasim_irq irq, uint64_t timeout)
{
	struct irq_line *l = irq_find(irq);
	struct dmasim_irqc *ic = irq.irqc;
	uint64_t deadline;

	if (!ic)
		return DMASIM_E_INVAL;
	if (!l)
		return DMASIM_E_RANGE;
	deadline = dmasim_now(ic->kernel) + timeout;
	if (deadline < timeout)
		deadline = DMASIM_FOREVER;
	if (dmasim_in_process(ic->kernel))
		return irq_wait_process(ic, l, deadline);
	if (dmasim_running(ic->kernel))
		return irq_take(l) ? DMASIM_OK : DMASIM_E_STATE;
	return irq_wait_run(ic, l, deadline);
}
