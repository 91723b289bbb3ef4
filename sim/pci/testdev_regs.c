/* SPDX-License-Identifier: MIT */
/* The DMA test endpoint: registers, and its saved state. */
#include <string.h>

#include "testdev_internal.h"

#define TESTDEV_STATE_TAG     "TDEV"
#define TESTDEV_STATE_VERSION 2u

struct testdev_reg_info {
	uint32_t writable;
	uint32_t reset;
};

static const struct testdev_reg_info reg_info[TESTDEV_REGS_END / 4] = {
#define X(name, offset, access, mask, value) [(offset) / 4] = {mask, value},
        TESTDEV_REGISTERS(X)
#undef X
};

uint32_t *testdev_reg(struct dmasim_testdev *t, enum testdev_register r)
{
	return &t->regs[r / 4];
}

void testdev_reset(struct dmasim_testdev *t)
{
	for (unsigned i = 0; i < TESTDEV_REGS_END / 4; i++)
		t->regs[i] = reg_info[i].reset;
	memset(t->data, 0, sizeof(t->data));
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static void put32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static void reg_read(struct dmasim_testdev *t, struct dmasim_txn *txn)
{
	uint32_t value = 0;

	if (txn->offset == TESTDEV_TRIGGER)
		txn->latency += testdev_trigger(t);
	else if (txn->offset < TESTDEV_REGS_END)
		value = t->regs[txn->offset / 4];
	put32(txn->data, value);
}

static void reg_write(struct dmasim_testdev *t, const struct dmasim_txn *txn)
{
	uint32_t *value;
	uint32_t mask;

	if (txn->offset >= TESTDEV_REGS_END)
		return;
	value = &t->regs[txn->offset / 4];
	mask = reg_info[txn->offset / 4].writable;
	*value = (*value & ~mask) | (get32(txn->data) & mask);
	if (txn->offset == TESTDEV_ATC_CTRL)
		testdev_atc_control(t);
	if (txn->offset == TESTDEV_DOORBELL && !t->busy)
		*testdev_reg(t, TESTDEV_RESULT) =
		        *value ? TESTDEV_ARMED : TESTDEV_IDLE;
}

static bool access_aligned(const struct dmasim_txn *txn)
{
	return (txn->size == 1 || txn->size == 2 || txn->size == 4 ||
	        txn->size == 8) &&
	       txn->offset % txn->size == 0;
}

enum dmasim_result testdev_bar_access(void *obj, unsigned index,
                                      struct dmasim_txn *txn)
{
	struct dmasim_testdev *t = obj;

	(void)index;
	if (dmasim_op_is_maintenance(txn->op))
		return DMASIM_TXN_OK;
	if (dmasim_op_is_atomic(txn->op) || !access_aligned(txn) ||
	    txn->offset >= TESTDEV_BAR_SIZE)
		return DMASIM_TXN_SLAVE;
	if (txn->offset >= TESTDEV_DATA) {
		uint8_t *p = &t->data[txn->offset - TESTDEV_DATA];

		if (txn->op == DMASIM_READ)
			memcpy(txn->data, p, txn->size);
		else
			memcpy(p, txn->data, txn->size);
		return DMASIM_TXN_OK;
	}
	if (txn->size != 4)
		return DMASIM_TXN_SLAVE;
	if (txn->op == DMASIM_READ)
		reg_read(t, txn);
	else
		reg_write(t, txn);
	return DMASIM_TXN_OK;
}

int dmasim_testdev_save(const struct dmasim_testdev *t, struct dmasim_writer *w)
{
	if (t->busy || t->atc.pendings != 0)
		return DMASIM_E_STATE;
	dmasim_put_begin(w, TESTDEV_STATE_TAG, TESTDEV_STATE_VERSION);
	for (unsigned i = 0; i < TESTDEV_REGS_END / 4; i++)
		dmasim_put_u32(w, t->regs[i]);
	dmasim_put_bytes(w, t->data, TESTDEV_WINDOW);
	testdev_atc_save(t, w);
	dmasim_put_end(w);
	return DMASIM_OK;
}

int dmasim_testdev_restore(struct dmasim_testdev *t, struct dmasim_reader *r)
{
	uint32_t regs[TESTDEV_REGS_END / 4];
	uint8_t window[TESTDEV_WINDOW];
	struct testdev_atc atc = {.host = t->atc.host};

	if (t->busy || t->atc.pendings != 0)
		return DMASIM_E_STATE;
	if (!dmasim_get_begin(r, TESTDEV_STATE_TAG, TESTDEV_STATE_VERSION))
		return dmasim_reader_status(r);
	for (unsigned i = 0; i < TESTDEV_REGS_END / 4; i++)
		regs[i] = dmasim_get_u32(r);
	dmasim_get_bytes(r, window, sizeof(window));
	testdev_atc_restore(&atc, r);
	dmasim_get_end(r);
	if (dmasim_reader_status(r))
		return dmasim_reader_status(r);
	for (unsigned i = 0; i < TESTDEV_REGS_END / 4; i++) {
		uint32_t mask = reg_info[i].writable;

		/* Bits that software cannot set do not come from a blob. */
		t->regs[i] = mask ? regs[i] & mask : regs[i];
	}
	memcpy(t->data, window, sizeof(window));
	t->atc = atc;
	return DMASIM_OK;
}
