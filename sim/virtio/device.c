/* SPDX-License-Identifier: MIT */
/* What all transports share: status, features, queues, interrupts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "virtio_internal.h"

#define VIRTIO_SERVICE_TIME (10 * DMASIM_US)

bool virtio_legacy(const struct dmasim_virtio *v)
{
	return v->transport != VIRTIO_TRANSPORT_MMIO_2;
}

bool virtio_has(const struct dmasim_virtio *v, uint64_t feature)
{
	return v->accepted & feature;
}

void virtio_warn(const struct dmasim_virtio *v, const char *fmt, ...)
{
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	dmasim_log(v->cfg.kernel, DMASIM_LOG_WARNING, v->name, "%s", text);
}

static bool config_bad(const struct dmasim_virtio_config *c)
{
	return !c->kernel || !c->name || !c->ops || !c->ops->name ||
	       !c->ops->serve || !c->ops->config_read || !c->dma.access ||
	       c->queues < 1 || c->queues > VIRTIO_MAX_QUEUES ||
	       !virtio_power_of_two(c->queue_size) ||
	       c->ring_fault > DMASIM_RING_FAULT_IGNORE;
}

int dmasim_virtio_create(const struct dmasim_virtio_config *cfg,
                         struct dmasim_virtio **out)
{
	struct dmasim_virtio *v;

	if (!cfg || !out || config_bad(cfg))
		return DMASIM_E_INVAL;
	v = calloc(1, sizeof(*v));
	if (!v)
		return DMASIM_E_NOMEM;
	v->cfg = *cfg;
	if (!v->cfg.service_time)
		v->cfg.service_time = VIRTIO_SERVICE_TIME;
	v->name = strdup(cfg->name);
	v->cfg.name = v->name;
	v->queues = calloc(cfg->queues, sizeof(*v->queues));
	v->engine = virtio_engine_new(v);
	if (!v->name || !v->queues || !v->engine) {
		dmasim_virtio_destroy(v);
		return DMASIM_E_NOMEM;
	}
	for (unsigned i = 0; i < cfg->queues; i++)
		virtio_queue_reset(v, &v->queues[i]);
	*out = v;
	return DMASIM_OK;
}

void dmasim_virtio_destroy(struct dmasim_virtio *v)
{
	if (!v)
		return;
	dmasim_pci_remove(v->function);
	if (v->engine)
		virtio_engine_release(v->engine);
	free(v->queues);
	free(v->name);
	free(v);
}

int virtio_attach(struct dmasim_virtio *v, enum virtio_transport transport)
{
	if (v->transport != VIRTIO_TRANSPORT_NONE)
		return DMASIM_E_STATE;
	v->transport = transport;
	/* virtio 1.3, 6.4: a legacy interface carries bits 0 to 31. VERSION_1
	 * is what the modern one means; 24 and 27 exist for legacy alone. */
	if (virtio_legacy(v))
		v->offered = v->cfg.features & UINT32_MAX;
	else
		v->offered =
		        (v->cfg.features & ~(DMASIM_VIRTIO_F_NOTIFY_ON_EMPTY |
		                             DMASIM_VIRTIO_F_ANY_LAYOUT)) |
		        DMASIM_VIRTIO_F_VERSION_1;
	return DMASIM_OK;
}

uint32_t dmasim_virtio_outstanding(const struct dmasim_virtio *v)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < v->cfg.queues; i++)
		sum += v->queues[i].outstanding;
	return sum;
}

uint8_t dmasim_virtio_status(const struct dmasim_virtio *v)
{
	return v->status;
}

const char *dmasim_virtio_error(const struct dmasim_virtio *v)
{
	return v->error;
}

void dmasim_virtio_config_changed(struct dmasim_virtio *v)
{
	v->config_generation++;
	if (v->status & VIRTIO_STATUS_DRIVER_OK)
		virtio_interrupt(v, VIRTIO_ISR_CONFIG);
}

static void virtio_drive_line(struct dmasim_virtio *v)
{
	if (v->function)
		dmasim_pci_set_intx(v->function, v->isr != 0);
	else
		dmasim_irq_set(v->irq, v->isr != 0);
}

void virtio_interrupt(struct dmasim_virtio *v, uint8_t bits)
{
	v->isr |= bits;
	if (dmasim_tracing(v->cfg.kernel))
		dmasim_trace(v->cfg.kernel, v->name, "interrupt 0x%x", v->isr);
	if (v->cfg.checker)
		dmasim_note_signal(v->cfg.checker, v->cfg.agent, 0);
	virtio_drive_line(v);
}

void virtio_note(struct dmasim_virtio *v, const struct dmasim_txn *txn,
                 bool notify)
{
	if (v->cfg.checker && (txn->op == DMASIM_READ || notify))
		dmasim_note_doorbell(v->cfg.checker, txn, v->cfg.agent);
}

void virtio_interrupt_clear(struct dmasim_virtio *v, uint8_t bits)
{
	v->isr &= (uint8_t)~bits;
	virtio_drive_line(v);
}

void virtio_break(struct dmasim_virtio *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(v->error, sizeof(v->error), fmt, ap);
	va_end(ap);
	v->broken = true;
	virtio_warn(v, "stopped: %s", v->error);
	/* virtio 1.3, 2.1.2: the device says so, and interrupts. A legacy
	 * driver knows no such bit. */
	if (virtio_legacy(v))
		return;
	v->status |= VIRTIO_STATUS_NEEDS_RESET;
	virtio_interrupt(v, VIRTIO_ISR_CONFIG);
}

static void virtio_reset(struct dmasim_virtio *v)
{
	if (dmasim_tracing(v->cfg.kernel))
		dmasim_trace(v->cfg.kernel, v->name, "reset");
	v->status = 0;
	v->accepted = 0;
	v->broken = false;
	v->error[0] = '\0';
	v->queue_select = 0;
	v->device_features_select = 0;
	v->driver_features_select = 0;
	/* The guest's page size stays: Linux writes it once, before it resets
	 * the device. */
	for (unsigned i = 0; i < v->cfg.queues; i++)
		virtio_queue_reset(v, &v->queues[i]);
	virtio_interrupt_clear(v, UINT8_MAX);
	if (v->cfg.ops->reset)
		v->cfg.ops->reset(v->cfg.obj);
}

/** virtio 1.3, 3.1.1 steps 5 and 6: FEATURES_OK stays set only if the device
 * can live with what the driver accepted. */
static bool features_agree(const struct dmasim_virtio *v)
{
	return !(v->accepted & ~v->offered) &&
	       virtio_has(v, DMASIM_VIRTIO_F_VERSION_1);
}

static uint8_t status_allowed(struct dmasim_virtio *v, uint8_t value)
{
	if (virtio_legacy(v))
		return value &
		       (VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_DRIVER |
		        VIRTIO_STATUS_DRIVER_OK | VIRTIO_STATUS_FAILED);
	value &= VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_DRIVER |
	         VIRTIO_STATUS_DRIVER_OK | VIRTIO_STATUS_FEATURES_OK |
	         VIRTIO_STATUS_FAILED;
	if ((v->status & ~value) & ~VIRTIO_STATUS_NEEDS_RESET)
		virtio_warn(v, "status bits 0x%x cannot be cleared by 0x%x",
		            v->status & ~value, value);
	if ((value & ~v->status & VIRTIO_STATUS_FEATURES_OK) &&
	    !features_agree(v)) {
		virtio_warn(v, "features 0x%llx are refused",
		            (unsigned long long)v->accepted);
		value &= (uint8_t)~VIRTIO_STATUS_FEATURES_OK;
	}
	value |= v->status;
	if ((value & VIRTIO_STATUS_DRIVER_OK) &&
	    !(value & VIRTIO_STATUS_FEATURES_OK)) {
		virtio_warn(v, "DRIVER_OK without FEATURES_OK is ignored");
		value &= (uint8_t)~VIRTIO_STATUS_DRIVER_OK;
	}
	return value;
}

void virtio_set_status(struct dmasim_virtio *v, uint8_t value)
{
	bool was_ok = v->status & VIRTIO_STATUS_DRIVER_OK;

	if (value == 0) {
		virtio_reset(v);
		return;
	}
	v->status = status_allowed(v, value);
	if (dmasim_tracing(v->cfg.kernel))
		dmasim_trace(v->cfg.kernel, v->name, "status 0x%x", v->status);
	/* Legacy drivers may have kicked before they said DRIVER_OK. */
	if (!was_ok && (v->status & VIRTIO_STATUS_DRIVER_OK))
		virtio_engine_start(v);
}

uint32_t virtio_read_features(const struct dmasim_virtio *v, uint32_t word)
{
	return word < 2 ? (uint32_t)(v->offered >> (32 * word)) : 0;
}

void virtio_write_features(struct dmasim_virtio *v, uint32_t word,
                           uint32_t value)
{
	uint8_t final = virtio_legacy(v) ? VIRTIO_STATUS_DRIVER_OK
	                                 : VIRTIO_STATUS_FEATURES_OK;
	uint64_t bits, mask;

	if (v->status & final) {
		virtio_warn(v, "features are final; write ignored");
		return;
	}
	if (word > 1) {
		if (value)
			virtio_warn(v, "feature word %u does not exist", word);
		return;
	}
	bits = (uint64_t)value << (32 * word);
	mask = (uint64_t)UINT32_MAX << (32 * word);
	/* A legacy driver learns of no refusal: what was not offered does not
	 * happen. A modern one fails at FEATURES_OK. */
	if (virtio_legacy(v))
		bits &= v->offered;
	v->accepted = (v->accepted & ~mask) | bits;
}

struct virtio_queue *virtio_selected(struct dmasim_virtio *v)
{
	if (v->queue_select >= v->cfg.queues)
		return NULL;
	return &v->queues[v->queue_select];
}

void virtio_queue_reset(struct dmasim_virtio *v, struct virtio_queue *q)
{
	*q = (struct virtio_queue){
	        .size = v->cfg.queue_size,
	        .generation = q->generation + 1,
	};
}

void virtio_queue_stop(struct virtio_queue *q)
{
	*q = (struct virtio_queue){
	        .size = q->size,
	        .align = q->align,
	        .generation = q->generation + 1,
	};
}

static bool part_valid(uint64_t addr, uint64_t size, uint64_t align)
{
	return addr % align == 0 && addr <= UINT64_MAX - size;
}

bool virtio_queue_valid(const struct virtio_queue *q)
{
	uint64_t n = q->size;

	/* virtio 1.3, 2.7: alignment of the three parts. Both rings end with
	 * an event index. */
	return part_valid(q->desc, VRING_DESC_SIZE * n, VRING_DESC_SIZE) &&
	       part_valid(q->avail, VRING_AVAIL_RING + 2 * n + 2, 2) &&
	       part_valid(q->used, VRING_USED_RING + VRING_USED_ELEM * n + 2,
	                  4);
}

void virtio_queue_layout(struct virtio_queue *q, uint32_t page_size)
{
	uint64_t n = q->size;
	uint64_t end;

	/* virtio 1.3, 2.7.2: one block; the used ring starts at the next
	 * multiple of the alignment. */
	q->desc = (uint64_t)q->pfn * page_size;
	q->avail = q->desc + VRING_DESC_SIZE * n;
	end = VRING_DESC_SIZE * n + VRING_AVAIL_RING + 2 * n + 2;
	q->used = q->desc + (end + q->align - 1) / q->align * q->align;
}

void virtio_queue_set_pfn(struct dmasim_virtio *v, struct virtio_queue *q,
                          uint32_t pfn, uint32_t page_size)
{
	struct virtio_queue fresh = *q;

	if (pfn == 0) {
		virtio_queue_stop(q);
		return;
	}
	if (q->pfn) {
		virtio_warn(v,
		            "queue is in use at page 0x%x; page 0x%x ignored",
		            q->pfn, pfn);
		return;
	}
	fresh.pfn = pfn;
	if (virtio_power_of_two(page_size) && virtio_power_of_two(q->align)) {
		virtio_queue_layout(&fresh, page_size);
		if (virtio_queue_valid(&fresh)) {
			fresh.ready = true;
			*q = fresh;
			return;
		}
	}
	virtio_warn(v,
	            "no ring: page 0x%x of %u bytes, alignment %u, %u entries",
	            pfn, page_size, q->align, q->size);
}

void virtio_kick(struct dmasim_virtio *v, uint32_t index)
{
	bool running = v->status & VIRTIO_STATUS_DRIVER_OK;
	struct virtio_queue *q;

	if (index >= v->cfg.queues) {
		virtio_warn(v, "kick of queue %u, which does not exist", index);
		return;
	}
	q = &v->queues[index];
	if (!q->ready || (!running && !virtio_legacy(v))) {
		virtio_warn(v, "kick of queue %u ignored: %s", index,
		            q->ready ? "the driver is not ready"
		                     : "the queue is not set up");
		return;
	}
	if (dmasim_tracing(v->cfg.kernel))
		dmasim_trace(v->cfg.kernel, v->name, "kick queue %u", index);
	if (v->broken)
		return;
	q->kicked = true;
	if (running)
		virtio_engine_start(v);
}

enum dmasim_result virtio_config_access(struct dmasim_virtio *v, uint32_t base,
                                        struct dmasim_txn *txn)
{
	uint32_t offset = (uint32_t)txn->offset - base;

	if (txn->op == DMASIM_READ)
		v->cfg.ops->config_read(v->cfg.obj, offset, txn->data,
		                        txn->size);
	else if (v->cfg.ops->config_write)
		v->cfg.ops->config_write(v->cfg.obj, offset, txn->data,
		                         txn->size);
	return DMASIM_TXN_OK;
}
