/* SPDX-License-Identifier: MIT */
/* Interrupts of the guest: several actions on a line, and the wait for what
 * they report. */
#include "driver_internal.h"

static void guest_irq(void *ctx, uint32_t line)
{
	struct dmasim_guest *g = ctx;

	for (size_t i = 0; i < g->irq_count; i++) {
		if (g->irqs[i].irq.line == line)
			g->irqs[i].fn(g->irqs[i].ctx, line);
	}
	dmasim_event_notify(g->wake, 0);
}

int drv_irq_request(struct dmasim_guest *g, struct dmasim_irq irq,
                    dmasim_irq_handler *fn, void *ctx)
{
	int rc;

	if (!irq.irqc)
		return DMASIM_OK;
	rc = drv_grow(&g->irqs, &g->irq_cap, g->irq_count + 1,
	              sizeof(*g->irqs));
	if (!rc)
		rc = dmasim_irq_attach(irq, guest_irq, g);
	if (rc)
		return rc;
	g->irqs[g->irq_count++] = (struct drv_irq_action){irq, fn, ctx};
	return DMASIM_OK;
}

void drv_irq_free(struct dmasim_guest *g, struct dmasim_irq irq, void *ctx)
{
	bool shared = false;
	size_t kept = 0;

	if (!irq.irqc)
		return;
	for (size_t i = 0; i < g->irq_count; i++) {
		struct drv_irq_action a = g->irqs[i];

		if (a.irq.line == irq.line && a.ctx == ctx)
			continue;
		if (a.irq.line == irq.line)
			shared = true;
		g->irqs[kept++] = a;
	}
	g->irq_count = kept;
	if (!shared)
		(void)dmasim_irq_attach(irq, NULL, NULL);
}

/** Outside a run: run the kernel, one entry at a time. */
static int wait_run(struct dmasim_guest *g, drv_ready_fn *ready, void *ctx,
                    uint64_t deadline)
{
	while (!ready(ctx)) {
		uint64_t next = dmasim_next_time(g->kernel);
		int rc;

		if (next == DMASIM_FOREVER)
			return DMASIM_E_HANG;
		if (next > deadline) {
			rc = dmasim_run_until(g->kernel, deadline);
			return rc ? rc : DMASIM_E_TIMEOUT;
		}
		rc = dmasim_run_one(g->kernel);
		if (rc)
			return rc;
	}
	return DMASIM_OK;
}

static int wait_process(struct dmasim_guest *g, drv_ready_fn *ready, void *ctx,
                        uint64_t deadline)
{
	while (!ready(ctx)) {
		uint64_t left = DMASIM_FOREVER;
		int rc;

		if (deadline != DMASIM_FOREVER)
			left = deadline - dmasim_now(g->kernel);
		rc = dmasim_event_wait(g->wake, left);
		if (rc == DMASIM_E_TIMEOUT)
			return ready(ctx) ? DMASIM_OK : rc;
		if (rc)
			return rc;
	}
	return DMASIM_OK;
}

int drv_wait(struct dmasim_guest *g, drv_ready_fn *ready, void *ctx,
             uint64_t timeout)
{
	uint64_t deadline;
	/* What this CPU did so far happens before it sleeps. */
	int rc = dmasim_cpu_delay(g->cpu, 0);

	if (rc)
		return rc;
	deadline = dmasim_now(g->kernel) + timeout;
	if (deadline < timeout)
		deadline = DMASIM_FOREVER;
	if (dmasim_in_process(g->kernel))
		return wait_process(g, ready, ctx, deadline);
	if (dmasim_running(g->kernel))
		return DMASIM_E_STATE;
	return wait_run(g, ready, ctx, deadline);
}
