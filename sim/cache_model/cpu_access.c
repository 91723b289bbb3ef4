/* SPDX-License-Identifier: MIT */
/* Loads, stores, atomics, maintenance and barriers of a CPU. */
#include "cpu_internal.h"
#include "dmasim/cpu_window.h"

#include <string.h>

/* Field by field: every access comes through here. */
void cpu_fill_txn(struct dmasim_txn *txn, enum dmasim_op op, uint64_t pa,
                  uint32_t size, const struct dmasim_attr *attr,
                  const struct dmasim_origin *origin)
{
	txn->op = op;
	txn->cause = DMASIM_CAUSE_CPU;
	txn->order = DMASIM_ORDER_PLAIN;
	txn->barrier = DMASIM_DMB_LD;
	txn->flags = 0;
	txn->initiator = 0;
	txn->addr = pa;
	txn->size = size;
	txn->stream_id = 0;
	txn->substream_id = 0;
	txn->attr = *attr;
	txn->origin = *origin;
	txn->offset = 0;
	txn->latency = 0;
}

/* Most accesses are of a register's size: spare them the call. */
static inline void copy(uint8_t *to, const uint8_t *from, uint32_t n)
{
	if (n == 8)
		memcpy(to, from, 8);
	else if (n == 4)
		memcpy(to, from, 4);
	else
		memcpy(to, from, n);
}

int cpu_send(struct dmasim_cpu *cpu, struct dmasim_txn *txn)
{
	int status;

	txn->ahead = cpu->local;
	status = dmasim_waiter_access(cpu->waiter, &cpu->port, txn);
	if (status)
		return status;
	cpu->local += txn->latency;
	if (txn->result == DMASIM_TXN_OK ||
	    txn->result == DMASIM_TXN_EXCLUSIVE_FAIL)
		return DMASIM_OK;
	dmasim_waiter_put(cpu->waiter, txn);
	return DMASIM_E_FAULT;
}

int cpu_end_of_access(struct dmasim_cpu *cpu)
{
	return cpu->local >= cpu->quantum ? cpu_sync(cpu) : DMASIM_OK;
}

int cpu_settle(struct dmasim_cpu *cpu)
{
	return cpu->special & CPU_SPECIAL_WINDOW ? dmasim_cpu_retire(cpu)
	                                         : DMASIM_OK;
}

/* One access to [pa, pa+size), which lies within a piece. */
static int access_now(struct dmasim_cpu *cpu, enum dmasim_op op, uint64_t pa,
                      uint8_t *data, uint32_t size,
                      const struct dmasim_attr *attr,
                      const struct dmasim_origin *origin)
{
	uint32_t in = op == DMASIM_ATOMIC_CAS ? 2 * size : size;
	struct dmasim_txn *txn = dmasim_waiter_get(cpu->waiter, in);
	int status;

	if (!txn)
		return DMASIM_E_NOMEM;
	cpu_fill_txn(txn, op, pa, size, attr, origin);
	cpu_place(cpu, op, &txn->po);
	if (op != DMASIM_READ)
		copy(txn->data, data, in);
	status = cpu_send(cpu, txn);
	if (status)
		return status;
	if (op != DMASIM_WRITE)
		copy(data, txn->data, size);
	dmasim_waiter_put(cpu->waiter, txn);
	return cpu_end_of_access(cpu);
}

bool cpu_next_piece(struct dmasim_cpu *cpu, uint64_t va, uint32_t size,
                    struct cpu_piece *p)
{
	const struct cpu_mapping *m = &cpu->hot;
	struct cpu_mapping found;
	uint64_t left;

	if (va - m->va >= m->size) {
		if (!cpu_find_hot(cpu, va, &found))
			return false;
		m = &found;
	}
	p->pa = m->pa + (va - m->va);
	p->attr = m->attr;
	p->size = CPU_PIECE - (uint32_t)(p->pa % CPU_PIECE);
	left = m->size - (va - m->va);
	if (p->size > left)
		p->size = (uint32_t)left;
	if (p->size > size)
		p->size = size;
	return true;
}

/* The bytes that stores did not have come from memory, run by run. */
static int read_rest(struct dmasim_cpu *cpu, const struct cpu_piece *p,
                     uint8_t *buf, uint64_t have,
                     const struct dmasim_origin *origin)
{
	uint32_t from = 0;
	int status = DMASIM_OK;

	while (!status && from < p->size) {
		uint32_t to = from;

		while (to < p->size && !(have >> to & 1))
			to++;
		if (to > from)
			status = access_now(cpu, DMASIM_READ, p->pa + from,
			                    buf + from, to - from, &p->attr,
			                    origin);
		from = to + 1;
	}
	return status;
}

/* What must be done before a load of @p: nothing, usually. */
static int before_read(struct dmasim_cpu *cpu, const struct cpu_piece *p,
                       const struct dmasim_origin *origin)
{
	bool device = p->attr.type != DMASIM_NORMAL;
	int status = DMASIM_OK;

	if (cpu->special & CPU_SPECIAL_DELAYED)
		status = cpu_perform_delayed(cpu, p->pa, p->size);
	if (!status && !device && cpu->special & CPU_SPECIAL_EARLY)
		status = cpu_read_ahead(cpu, p, origin);
	if (!status && device && !cpu_stores_empty(cpu))
		status = cpu_drain_range(cpu, p->pa, p->size);
	/* Others see a register's reader, and it sees them: at their time. */
	if (!status && device)
		status = cpu_sync(cpu);
	return status;
}

static int read_piece(struct dmasim_cpu *cpu, const struct cpu_piece *p,
                      uint8_t *buf, const struct dmasim_origin *origin)
{
	uint8_t forwarded[CPU_PIECE];
	uint64_t have = 0;
	int status = DMASIM_OK;

	if (cpu->special || p->attr.type != DMASIM_NORMAL)
		status = before_read(cpu, p, origin);
	if (!status && p->attr.type == DMASIM_NORMAL && !cpu_stores_empty(cpu))
		status = cpu_forward(cpu, p->pa, p->size, &p->attr, forwarded,
		                     &have);
	if (!status && cpu->special & CPU_SPECIAL_EARLY)
		status = cpu_take_early(cpu, p, forwarded, &have, origin);
	if (status)
		return status;
	if (!have)
		return access_now(cpu, DMASIM_READ, p->pa, buf, p->size,
		                  &p->attr, origin);
	for (uint32_t i = 0; i < p->size; i++)
		if (have >> i & 1)
			buf[i] = forwarded[i];
	return read_rest(cpu, p, buf, have, origin);
}

int dmasim_cpu_read(struct dmasim_cpu *cpu, uint64_t va, void *buf,
                    uint32_t size, struct dmasim_origin origin)
{
	uint8_t *to = buf;
	struct cpu_piece p;

	if (!size)
		return DMASIM_OK;
	if (!buf)
		return DMASIM_E_INVAL;
	if (cpu->special) {
		int settled = cpu_settle(cpu);

		if (settled)
			return settled;
	}
	if (!cpu_next_piece(cpu, va, size, &p) ||
	    (p.size < size && !cpu_covered(cpu, va, size)))
		return DMASIM_E_NOTFOUND;
	for (;;) {
		int status = read_piece(cpu, &p, to, &origin);

		size -= p.size;
		if (status || !size)
			return status;
		va += p.size;
		to += p.size;
		/* While it waited the mapping may have gone. */
		if (!cpu_next_piece(cpu, va, size, &p))
			return DMASIM_E_NOTFOUND;
	}
}

/* Put a store of @p into the buffer. */
static int buffer(struct dmasim_cpu *cpu, const struct cpu_piece *p,
                  const uint8_t *buf, struct cpu_store *store)
{
	store->pa = p->pa;
	store->size = p->size;
	store->attr = p->attr;
	memcpy(store->data, buf, p->size);
	return cpu_store(cpu, store);
}

int cpu_buffer_release(struct dmasim_cpu *cpu, const struct cpu_piece *p,
                       const uint8_t *data, const struct dmasim_origin *origin)
{
	struct cpu_store store = {.origin = *origin, .release = true};

	if (cpu->special) {
		int status = cpu_perform_delayed(cpu, p->pa, p->size);

		if (status)
			return status;
		cpu_drop_early(cpu, p->pa, p->size);
	}
	cpu_place_ordered(cpu, DMASIM_WRITE, DMASIM_ORDER_RELEASE, &store.po);
	return buffer(cpu, p, data, &store);
}

/* A store that does not wait in the buffer is not ordered behind those that
 * do, unless a barrier has put them before it: that is what a barrier before a
 * doorbell is for. But those to the same bytes leave first. */
static int write_through_buffer(struct dmasim_cpu *cpu,
                                const struct cpu_piece *p, const uint8_t *buf,
                                const struct dmasim_origin *origin)
{
	uint8_t data[CPU_PIECE];
	int status = DMASIM_OK;

	if (!cpu_stores_empty(cpu)) {
		status = cpu_drain(cpu, cpu->store_after);
		if (!status)
			status = cpu_drain_range(cpu, p->pa, p->size);
	}
	if (!status && p->attr.type != DMASIM_NORMAL)
		status = cpu_sync(cpu);
	if (status)
		return status;
	memcpy(data, buf, p->size);
	return access_now(cpu, DMASIM_WRITE, p->pa, data, p->size, &p->attr,
	                  origin);
}

static int write_piece(struct dmasim_cpu *cpu, const struct cpu_piece *p,
                       const uint8_t *buf, const struct dmasim_origin *origin)
{
	struct cpu_store store;
	int status;

	if (cpu->special) {
		status = cpu_perform_delayed(cpu, p->pa, p->size);
		if (status)
			return status;
		cpu_drop_early(cpu, p->pa, p->size);
	}
	if (!cpu_buffers(cpu, &p->attr))
		return write_through_buffer(cpu, p, buf, origin);
	store.origin = *origin;
	store.release = false;
	cpu_place(cpu, DMASIM_WRITE, &store.po);
	status = buffer(cpu, p, buf, &store);
	return status ? status : cpu_end_of_access(cpu);
}

int dmasim_cpu_write(struct dmasim_cpu *cpu, uint64_t va, const void *buf,
                     uint32_t size, struct dmasim_origin origin)
{
	const uint8_t *from = buf;
	struct cpu_piece p;

	if (!size)
		return DMASIM_OK;
	if (!buf)
		return DMASIM_E_INVAL;
	if (cpu->special) {
		int settled = cpu_settle(cpu);

		if (settled)
			return settled;
	}
	if (!cpu_next_piece(cpu, va, size, &p) ||
	    (p.size < size && !cpu_covered(cpu, va, size)))
		return DMASIM_E_NOTFOUND;
	for (;;) {
		int status = write_piece(cpu, &p, from, &origin);

		size -= p.size;
		if (status || !size)
			return status;
		va += p.size;
		from += p.size;
		if (!cpu_next_piece(cpu, va, size, &p))
			return DMASIM_E_NOTFOUND;
	}
}
