/* SPDX-License-Identifier: MIT */
/*
 * One access of the test endpoint, and the records that the driver then finds
 * in the event queue.
 */
#include <string.h>

#include "snapshot_internal.h"
#include "snapshot_regs.h"

/** Long enough for all that an access starts. */
#define SETTLE (10 * DMASIM_MS)

/** Read one record from the queue in memory. */
static int read_record(struct snap_machine *m, uint32_t entry,
                       uint64_t record[4])
{
	uint64_t pa = m->evtq.base + (uint64_t)entry * EVENT_SIZE;
	int err = DMASIM_OK;

	for (unsigned i = 0; !err && i < 4; i++)
		err = snap_load(m, pa + 8 * i, &record[i]);
	return err;
}

int snap_events(struct snap_machine *m, struct snap_seen *seen)
{
	uint32_t mask = (2u << m->evtq.log2) - 1;
	uint64_t prod, dropped[4];
	uint32_t cons = m->evtq.index & mask;
	int err = snap_reg_read(m, REG_EVENTQ_PROD, 4, &prod);

	seen->records = 0;
	while (!err && cons != (prod & mask)) {
		uint64_t *record = seen->records < SNAP_RECORDS
		                           ? seen->record[seen->records]
		                           : dropped;

		err = read_record(m, cons & mask >> 1, record);
		seen->records++;
		cons = (cons + 1) & mask;
	}
	if (err || !seen->records)
		return err;
	/* 7.4: OVACKFLG follows OVFLG. */
	m->evtq.index = cons | ((uint32_t)prod & Q_OVERFLOW);
	return snap_reg_write(m, REG_EVENTQ_CONS, 4, m->evtq.index);
}

/** The bytes at @pa as the CPU sees them; false: not memory. */
static int peek(struct snap_machine *m, uint64_t pa, uint8_t *data,
                uint32_t size, bool *ram)
{
	*ram = rec_in_ram(m->recording, pa, size);
	return *ram ? dmasim_cpu_read(m->cpu, pa, data, size, DMASIM_HERE)
	            : DMASIM_OK;
}

/** 4.6: a stalled access goes on when the driver says so; this one says that
 * it shall end. */
static int end_stalls(struct snap_machine *m, const struct snap_seen *seen)
{
	int err = DMASIM_OK;

	for (size_t i = 0;
	     !err && m->commands && i < seen->records && i < SNAP_RECORDS;
	     i++) {
		const uint64_t *record = seen->record[i];
		const uint64_t cmd[2] = {CMD_RESUME_ABORT |
		                                 (record[0] & ~0xffffffffull),
		                         record[1] & EVT1_STAG};
		unsigned error = 0;

		if (record[1] & EVT1_STALL)
			err = snap_command(m, cmd, &error);
	}
	return err;
}

int snap_do_access(struct snap_machine *m, const struct snap_access *a,
                   struct snap_seen *seen)
{
	uint8_t data[REC_PAGE] = {0}, memory[REC_PAGE];
	struct dmasim_testdev_access access = {
	        .op = a->write ? DMASIM_WRITE : DMASIM_READ,
	        .addr = a->iova,
	        .size = a->size,
	        .stream_id = a->sid,
	        .data = data,
	        .what = "replayed access",
	};
	uint64_t latency;
	bool ram = false, hangs;
	int err = DMASIM_OK;

	/* Memory keeps its contents: later rows read it. */
	if (a->write && a->pa != UINT64_MAX)
		err = peek(m, a->pa, data, a->size, &ram);
	if (err)
		return err;
	m->tap.count = 0;
	err = dmasim_testdev_dma(m->endpoint, &access, &seen->result, &latency);
	hangs = err == DMASIM_E_HANG;
	if (hangs) {
		seen->result = DMASIM_TXN_ABORT;
		err = DMASIM_OK;
	}
	if (!err)
		err = dmasim_run_idle(m->kernel,
		                      dmasim_now(m->kernel) + SETTLE);
	if (err)
		return err;
	seen->passed = m->tap.count > 0;
	seen->pa = m->tap.pa;
	seen->wrong_data = false;
	if (!a->write && m->tap.count == 1 && seen->result == DMASIM_TXN_OK) {
		err = peek(m, seen->pa, memory, a->size, &ram);
		seen->wrong_data = ram && memcmp(memory, data, a->size) != 0;
	}
	if (!err)
		err = snap_events(m, seen);
	return err || !hangs ? err : end_stalls(m, seen);
}
