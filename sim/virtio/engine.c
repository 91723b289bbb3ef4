/* SPDX-License-Identifier: MIT */
/*
 * The process that serves rings: one per device, alive while there is work.
 * Everything else in the device happens in its callers' context.
 */
#include <stdlib.h>

#include "virtio_internal.h"

/** How many answers DMASIM_CHOICE_DEVICE_DELAY has: 0 .. 3 us. */
#define VIRTIO_DELAYS 4u

struct virtio_engine *virtio_engine_new(struct dmasim_virtio *v)
{
	struct virtio_engine *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->v = v;
	e->kernel = v->cfg.kernel;
	e->chain.engine = e;
	e->chain.segments =
	        calloc(v->cfg.queue_size, sizeof(*e->chain.segments));
	if (!e->chain.segments) {
		free(e);
		return NULL;
	}
	return e;
}

static void engine_free(struct virtio_engine *e)
{
	free(e->chain.segments);
	free(e);
}

void virtio_engine_release(struct virtio_engine *e)
{
	e->v = NULL;
	if (!e->live)
		engine_free(e);
}

/** Whether the device is still there and as it was when this began. */
static int engine_check(struct virtio_engine *e, int status)
{
	if (status == DMASIM_E_CANCELED)
		e->cancelled = true;
	if (e->cancelled || !e->v ||
	    e->v->queues[e->queue].generation != e->generation)
		return DMASIM_E_CANCELED;
	if (status) {
		dmasim_fail(e->kernel, "%s: %s", e->v->name,
		            dmasim_strerror(status));
		e->cancelled = true;
		return DMASIM_E_CANCELED;
	}
	return DMASIM_OK;
}

int virtio_engine_sync(struct virtio_engine *e)
{
	uint64_t debt = e->debt;

	if (!debt)
		return DMASIM_OK;
	e->debt = 0;
	return engine_check(e, dmasim_wait(e->kernel, debt));
}

int virtio_engine_access(struct virtio_engine *e, struct dmasim_txn *txn)
{
	struct dmasim_port dma = e->v->cfg.dma;
	int status;

	txn->cause = DMASIM_CAUSE_DMA;
	txn->stream_id = e->v->cfg.stream_id;
	txn->attr = dmasim_attr_wb;
	txn->ahead = e->debt;
	txn->origin.queue = e->queue;
	txn->origin.request = e->request;
	if (e->v->function && !dmasim_pci_bus_master(e->v->function)) {
		/* PCI 3.0, 6.2.2: no bus master, no memory requests. */
		txn->result = DMASIM_TXN_ABORT;
		return DMASIM_E_FAULT;
	}
	status = engine_check(e, dmasim_access_wait(e->kernel, &dma, txn));
	if (status)
		return status;
	e->debt += txn->latency;
	return txn->result == DMASIM_TXN_OK ? DMASIM_OK : DMASIM_E_FAULT;
}

static struct virtio_queue *engine_next(struct virtio_engine *e)
{
	struct dmasim_virtio *v = e->v;

	for (uint16_t i = 0; i < v->cfg.queues; i++) {
		if (!v->queues[i].kicked)
			continue;
		e->queue = i;
		return &v->queues[i];
	}
	return NULL;
}

static void engine_delay(struct virtio_engine *e)
{
	struct dmasim_choice_query q = {
	        .point = DMASIM_CHOICE_DEVICE_DELAY,
	        .alternatives = VIRTIO_DELAYS,
	        .who = e->v->name,
	        .where = e->queue,
	};

	e->debt += dmasim_choose(e->v->cfg.choice, &q) * DMASIM_US;
}

static void engine_main(void *arg)
{
	struct virtio_engine *e = arg;

	while (!e->cancelled && e->v && !e->v->broken) {
		struct virtio_queue *q = engine_next(e);

		if (!q)
			break;
		q->kicked = false;
		e->generation = q->generation;
		e->debt = 0;
		engine_delay(e);
		virtio_serve_queue(e, e->queue);
	}
	e->live = false;
	if (!e->v)
		engine_free(e);
}

void virtio_engine_start(struct dmasim_virtio *v)
{
	struct virtio_engine *e = v->engine;
	struct dmasim_proc_config cfg = {
	        .name = v->name,
	        .fn = engine_main,
	        .arg = e,
	};
	int status;

	if (e->live || v->broken || !engine_next(e))
		return;
	e->live = true;
	e->cancelled = false;
	status = dmasim_spawn(e->kernel, &cfg, NULL);
	if (status) {
		e->live = false;
		dmasim_fail(e->kernel, "%s: no process: %s", v->name,
		            dmasim_strerror(status));
	}
}
