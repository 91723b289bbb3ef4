/* SPDX-License-Identifier: MIT */
/* virtio-mmio, version 2 (virtio 1.3, 4.2.2) and version 1 (4.2.4). */
#include <string.h>

#include "virtio_internal.h"

#define MMIO_MAGIC  0x74726976u /* "virt" */
#define MMIO_VENDOR 0x4d534d44u /* "DMSM" */
#define MMIO_CONFIG 0x100u

#define MMIO_V1   1u
#define MMIO_V2   2u
#define MMIO_BOTH (MMIO_V1 | MMIO_V2)

#define MMIO_R  1u
#define MMIO_W  2u
#define MMIO_RW (MMIO_R | MMIO_W)

/* name, offset, access, versions */
#define MMIO_REGISTERS(X)                                                      \
	X(MAGIC_VALUE, 0x000, MMIO_R, MMIO_BOTH)                               \
	X(VERSION, 0x004, MMIO_R, MMIO_BOTH)                                   \
	X(DEVICE_ID, 0x008, MMIO_R, MMIO_BOTH)                                 \
	X(VENDOR_ID, 0x00c, MMIO_R, MMIO_BOTH)                                 \
	X(DEVICE_FEATURES, 0x010, MMIO_R, MMIO_BOTH)                           \
	X(DEVICE_FEATURES_SEL, 0x014, MMIO_W, MMIO_BOTH)                       \
	X(DRIVER_FEATURES, 0x020, MMIO_W, MMIO_BOTH)                           \
	X(DRIVER_FEATURES_SEL, 0x024, MMIO_W, MMIO_BOTH)                       \
	X(GUEST_PAGE_SIZE, 0x028, MMIO_W, MMIO_V1)                             \
	X(QUEUE_SEL, 0x030, MMIO_W, MMIO_BOTH)                                 \
	X(QUEUE_NUM_MAX, 0x034, MMIO_R, MMIO_BOTH)                             \
	X(QUEUE_NUM, 0x038, MMIO_W, MMIO_BOTH)                                 \
	X(QUEUE_ALIGN, 0x03c, MMIO_W, MMIO_V1)                                 \
	X(QUEUE_PFN, 0x040, MMIO_RW, MMIO_V1)                                  \
	X(QUEUE_READY, 0x044, MMIO_RW, MMIO_V2)                                \
	X(QUEUE_NOTIFY, 0x050, MMIO_W, MMIO_BOTH)                              \
	X(INTERRUPT_STATUS, 0x060, MMIO_R, MMIO_BOTH)                          \
	X(INTERRUPT_ACK, 0x064, MMIO_W, MMIO_BOTH)                             \
	X(STATUS, 0x070, MMIO_RW, MMIO_BOTH)                                   \
	X(QUEUE_DESC_LOW, 0x080, MMIO_W, MMIO_V2)                              \
	X(QUEUE_DESC_HIGH, 0x084, MMIO_W, MMIO_V2)                             \
	X(QUEUE_DRIVER_LOW, 0x090, MMIO_W, MMIO_V2)                            \
	X(QUEUE_DRIVER_HIGH, 0x094, MMIO_W, MMIO_V2)                           \
	X(QUEUE_DEVICE_LOW, 0x0a0, MMIO_W, MMIO_V2)                            \
	X(QUEUE_DEVICE_HIGH, 0x0a4, MMIO_W, MMIO_V2)                           \
	X(SHM_SEL, 0x0ac, MMIO_W, MMIO_V2)                                     \
	X(SHM_LEN_LOW, 0x0b0, MMIO_R, MMIO_V2)                                 \
	X(SHM_LEN_HIGH, 0x0b4, MMIO_R, MMIO_V2)                                \
	X(SHM_BASE_LOW, 0x0b8, MMIO_R, MMIO_V2)                                \
	X(SHM_BASE_HIGH, 0x0bc, MMIO_R, MMIO_V2)                               \
	X(CONFIG_GENERATION, 0x0fc, MMIO_R, MMIO_V2)

enum mmio_register {
#define X(name, offset, access, versions) MMIO_##name = (offset),
	MMIO_REGISTERS(X)
#undef X
};

struct mmio_reg_info {
	const char *name;
	uint8_t access;
	uint8_t versions;
};

static const struct mmio_reg_info reg_info[MMIO_CONFIG / 4] = {
#define X(name, offset, access, versions)                                      \
	[(offset) / 4] = {#name, access, versions},
        MMIO_REGISTERS(X)
#undef X
};

/** Whether the register exists for this version and access; if not, it reads
 * zero and ignores writes. */
static bool reg_exists(const struct dmasim_virtio *v, uint64_t offset,
                       uint8_t access)
{
	const struct mmio_reg_info *info = &reg_info[offset / 4];
	unsigned version = virtio_legacy(v) ? MMIO_V1 : MMIO_V2;

	if ((info->versions & version) && (info->access & access))
		return true;
	virtio_warn(v, "%s of register 0x%03x%s%s, which is not there",
	            access == MMIO_R ? "read" : "write", (unsigned)offset,
	            info->name ? " " : "", info->name ? info->name : "");
	return false;
}

static uint32_t mmio_read(struct dmasim_virtio *v, enum mmio_register reg)
{
	const struct virtio_queue *q = virtio_selected(v);

	switch (reg) {
	case MMIO_MAGIC_VALUE:
		return MMIO_MAGIC;
	case MMIO_VERSION:
		return virtio_legacy(v) ? 1 : 2;
	case MMIO_DEVICE_ID:
		return v->cfg.ops->device_id;
	case MMIO_VENDOR_ID:
		return MMIO_VENDOR;
	case MMIO_DEVICE_FEATURES:
		return virtio_read_features(v, v->device_features_select);
	case MMIO_QUEUE_NUM_MAX:
		return q ? v->cfg.queue_size : 0;
	case MMIO_QUEUE_PFN:
		return q ? q->pfn : 0;
	case MMIO_QUEUE_READY:
		return q && q->ready;
	case MMIO_INTERRUPT_STATUS:
		return v->isr;
	case MMIO_STATUS:
		return v->status;
	case MMIO_SHM_LEN_LOW:
	case MMIO_SHM_LEN_HIGH:
	case MMIO_SHM_BASE_LOW:
	case MMIO_SHM_BASE_HIGH:
		/* 4.2.2: a region that does not exist has length -1. */
		return UINT32_MAX;
	default: /* MMIO_CONFIG_GENERATION */
		return v->config_generation;
	}
}

static void write_queue_num(struct dmasim_virtio *v, struct virtio_queue *q,
                            uint32_t value)
{
	if (!virtio_power_of_two(value) || value > v->cfg.queue_size) {
		virtio_warn(v, "queue %u cannot have %u entries",
		            v->queue_select, value);
		return;
	}
	q->size = (uint16_t)value;
}

static void write_queue_ready(struct dmasim_virtio *v, struct virtio_queue *q,
                              uint32_t value)
{
	if (!(value & 1)) {
		virtio_queue_stop(q);
	} else if (!q->ready) {
		q->ready = virtio_queue_valid(q);
		if (!q->ready)
			virtio_warn(v, "queue %u has no valid ring",
			            v->queue_select);
	}
}

static void set_low(uint64_t *address, uint32_t value)
{
	*address = (*address & ~(uint64_t)UINT32_MAX) | value;
}

static void set_high(uint64_t *address, uint32_t value)
{
	*address = (*address & UINT32_MAX) | (uint64_t)value << 32;
}

/** 4.2.3.2: a ring is described while it is not in use. */
static void write_ring(struct dmasim_virtio *v, struct virtio_queue *q,
                       enum mmio_register reg, uint32_t value)
{
	if (q->ready) {
		virtio_warn(v, "queue %u is in use; write of %s ignored",
		            v->queue_select, reg_info[reg / 4].name);
		return;
	}
	switch (reg) {
	case MMIO_QUEUE_NUM:
		write_queue_num(v, q, value);
		break;
	case MMIO_QUEUE_ALIGN:
		q->align = value;
		break;
	case MMIO_QUEUE_DESC_LOW:
		set_low(&q->desc, value);
		break;
	case MMIO_QUEUE_DESC_HIGH:
		set_high(&q->desc, value);
		break;
	case MMIO_QUEUE_DRIVER_LOW:
		set_low(&q->avail, value);
		break;
	case MMIO_QUEUE_DRIVER_HIGH:
		set_high(&q->avail, value);
		break;
	case MMIO_QUEUE_DEVICE_LOW:
		set_low(&q->used, value);
		break;
	default: /* MMIO_QUEUE_DEVICE_HIGH */
		set_high(&q->used, value);
		break;
	}
}

static void write_queue(struct dmasim_virtio *v, enum mmio_register reg,
                        uint32_t value)
{
	struct virtio_queue *q = virtio_selected(v);

	if (!q)
		virtio_warn(v, "queue %u does not exist; write of %s ignored",
		            v->queue_select, reg_info[reg / 4].name);
	else if (reg == MMIO_QUEUE_PFN)
		virtio_queue_set_pfn(v, q, value, v->page_size);
	else if (reg == MMIO_QUEUE_READY)
		write_queue_ready(v, q, value);
	else
		write_ring(v, q, reg, value);
}

static void mmio_write(struct dmasim_virtio *v, enum mmio_register reg,
                       uint32_t value)
{
	switch (reg) {
	case MMIO_DEVICE_FEATURES_SEL:
		v->device_features_select = value;
		break;
	case MMIO_DRIVER_FEATURES:
		virtio_write_features(v, v->driver_features_select, value);
		break;
	case MMIO_DRIVER_FEATURES_SEL:
		v->driver_features_select = value;
		break;
	case MMIO_GUEST_PAGE_SIZE:
		v->page_size = value;
		break;
	case MMIO_QUEUE_SEL:
		/* No queue has a number that does not fit. */
		v->queue_select =
		        value > UINT16_MAX ? UINT16_MAX : (uint16_t)value;
		break;
	case MMIO_QUEUE_NOTIFY:
		virtio_kick(v, value);
		break;
	case MMIO_INTERRUPT_ACK:
		virtio_interrupt_clear(v, (uint8_t)value);
		break;
	case MMIO_STATUS:
		virtio_set_status(v, (uint8_t)value);
		break;
	case MMIO_SHM_SEL:
		break; /* there is no region to select */
	default:
		write_queue(v, reg, value);
		break;
	}
}

enum dmasim_result virtio_mmio_access(void *obj, struct dmasim_txn *txn)
{
	struct dmasim_virtio *v = obj;

	if (dmasim_op_is_maintenance(txn->op) || txn->op == DMASIM_BARRIER)
		return DMASIM_TXN_OK;
	if (dmasim_op_is_atomic(txn->op) ||
	    (txn->size != 1 && txn->size != 2 && txn->size != 4 &&
	     txn->size != 8) ||
	    txn->offset % txn->size != 0 || txn->offset > UINT32_MAX)
		return DMASIM_TXN_SLAVE;
	if (txn->offset >= MMIO_CONFIG)
		return virtio_config_access(v, MMIO_CONFIG, txn);
	/* 4.2.2.2: registers are 32 bits wide. */
	if (txn->size != 4)
		return DMASIM_TXN_SLAVE;
	if (txn->op == DMASIM_READ) {
		uint32_t value = 0;

		if (reg_exists(v, txn->offset, MMIO_R))
			value = mmio_read(v, (enum mmio_register)txn->offset);
		virtio_put(txn->data, value, 4);
		virtio_note(v, txn, false);
	} else if (reg_exists(v, txn->offset, MMIO_W)) {
		virtio_note(v, txn, txn->offset == MMIO_QUEUE_NOTIFY);
		mmio_write(v, (enum mmio_register)txn->offset,
		           virtio_get32(txn->data));
	}
	return DMASIM_TXN_OK;
}

int dmasim_virtio_mmio(struct dmasim_virtio *v, unsigned version,
                       struct dmasim_irq irq, struct dmasim_port *regs)
{
	int status;

	if (!v || !regs || version < 1 || version > 2)
		return DMASIM_E_INVAL;
	status = virtio_attach(v, version == 1 ? VIRTIO_TRANSPORT_MMIO_1
	                                       : VIRTIO_TRANSPORT_MMIO_2);
	if (status)
		return status;
	v->irq = irq;
	*regs = (struct dmasim_port){.access = virtio_mmio_access, .obj = v};
	return DMASIM_OK;
}
