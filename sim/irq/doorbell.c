/* SPDX-License-Identifier: MIT */
/* The message doorbell: what GICv2m and the ITS offer to devices. */
#include <string.h>

#include "irq_internal.h"

/* name, offset, access */
#define DOORBELL_REGISTERS(X) X(SETSPI, 0x40, WO)

enum doorbell_offset {
#define X(name, offset, access) DOORBELL_##name = (offset),
	DOORBELL_REGISTERS(X)
#undef X
};

static uint32_t doorbell_get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

enum dmasim_result irq_doorbell_access(void *obj, struct dmasim_txn *txn)
{
	struct dmasim_irqc *ic = obj;
	struct dmasim_irq irq = {.irqc = ic};

	if (dmasim_op_is_maintenance(txn->op) || txn->op == DMASIM_BARRIER)
		return DMASIM_TXN_OK;
	if (dmasim_op_is_atomic(txn->op) || txn->size != 4 ||
	    txn->offset % 4 != 0)
		return DMASIM_TXN_SLAVE;
	if (txn->op == DMASIM_READ) {
		memset(txn->data, 0, txn->size);
		return DMASIM_TXN_OK;
	}
	if (txn->offset != DOORBELL_SETSPI || (txn->flags & DMASIM_TXN_DEBUG))
		return DMASIM_TXN_OK;
	irq.line = doorbell_get32(txn->data);
	if (irq.line >= DMASIM_IRQ_LINES) {
		dmasim_log(ic->kernel, DMASIM_LOG_WARNING, ic->name,
		           "message interrupt %u does not exist; ignored",
		           irq.line);
		return DMASIM_TXN_OK;
	}
	dmasim_irq_pulse(irq);
	return DMASIM_TXN_OK;
}

struct dmasim_port dmasim_irqc_doorbell(struct dmasim_irqc *ic)
{
	return (struct dmasim_port){.access = irq_doorbell_access, .obj = ic};
}
