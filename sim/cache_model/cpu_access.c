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
	return dmasim_cpu_retire(cpu);
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

/* Every byte of [va, va+size) has a mapping. */
static bool covered(const struct dmasim_cpu *cpu, uint64_t va, uint64_t size)
{
	if (size - 1 > UINT64_MAX - va)
		return false;
	while (size) {
		const struct cpu_mapping *m = cpu_find(cpu, va);
		uint64_t n;

		if (!m)
			return false;
		n = m->size - (va - m->va);
		if (size <= n)
			return true;
		va += n;
		size -= n;
	}
	return true;
}

/* What one step of an access works on. */
struct piece {
	uint64_t pa;
	uint32_t size;
	struct dmasim_attr attr;
};

static bool next_piece(struct dmasim_cpu *cpu, uint64_t va, uint32_t size,
                       struct piece *p)
{
	const struct cpu_mapping *m =
	        cpu->last < cpu->mapping_len ? &cpu->mappings[cpu->last] : NULL;
	uint64_t left;

	if (!m || va < m->va || va - m->va >= m->size) {
		m = cpu_find(cpu, va);
		if (!m)
			return false;
		cpu->last = (size_t)(m - cpu->mappings);
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
static int read_rest(struct dmasim_cpu *cpu, const struct piece *p,
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

static int read_piece(struct dmasim_cpu *cpu, const struct piece *p,
                      uint8_t *buf, const struct dmasim_origin *origin)
{
	uint8_t forwarded[CPU_PIECE];
	uint64_t have = 0;
	int status;

	/* Others see a register's reader, and it sees them: at their time. */
	if (p->attr.type != DMASIM_NORMAL) {
		status = cpu_sync(cpu);
		if (status)
			return status;
	} else if (!cpu_stores_empty(cpu)) {
		status = cpu_forward(cpu, p->pa, p->size, &p->attr, forwarded,
		                     &have);
		if (status)
			return status;
	}
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
	struct piece p;

	if (!size)
		return DMASIM_OK;
	if (!buf)
		return DMASIM_E_INVAL;
	if (cpu->special) {
		int settled = cpu_settle(cpu);

		if (settled)
			return settled;
	}
	if (!next_piece(cpu, va, size, &p) ||
	    (p.size < size && !covered(cpu, va, size)))
		return DMASIM_E_NOTFOUND;
	for (;;) {
		int status = read_piece(cpu, &p, to, &origin);

		size -= p.size;
		if (status || !size)
			return status;
		va += p.size;
		to += p.size;
		/* While it waited the mapping may have gone. */
		if (!next_piece(cpu, va, size, &p))
			return DMASIM_E_NOTFOUND;
	}
}

static int write_piece(struct dmasim_cpu *cpu, const struct piece *p,
                       const uint8_t *buf, const struct dmasim_origin *origin)
{
	struct cpu_store store;
	int status;

	/* A Device store is not ordered behind Normal stores that wait:
	 * that is what a barrier before a doorbell is for. */
	if (p->attr.type != DMASIM_NORMAL) {
		status = cpu_sync(cpu);
		if (status)
			return status;
	}
	if (p->attr.type != DMASIM_NORMAL || !cpu->depth) {
		uint8_t data[CPU_PIECE];

		memcpy(data, buf, p->size);
		return access_now(cpu, DMASIM_WRITE, p->pa, data, p->size,
		                  &p->attr, origin);
	}
	store.pa = p->pa;
	store.size = p->size;
	store.attr = p->attr;
	store.origin = *origin;
	cpu_place(cpu, DMASIM_WRITE, &store.po);
	memcpy(store.data, buf, p->size);
	status = cpu_store(cpu, &store);
	return status ? status : cpu_end_of_access(cpu);
}

int dmasim_cpu_write(struct dmasim_cpu *cpu, uint64_t va, const void *buf,
                     uint32_t size, struct dmasim_origin origin)
{
	const uint8_t *from = buf;
	struct piece p;

	if (!size)
		return DMASIM_OK;
	if (!buf)
		return DMASIM_E_INVAL;
	if (cpu->special) {
		int settled = cpu_settle(cpu);

		if (settled)
			return settled;
	}
	if (!next_piece(cpu, va, size, &p) ||
	    (p.size < size && !covered(cpu, va, size)))
		return DMASIM_E_NOTFOUND;
	for (;;) {
		int status = write_piece(cpu, &p, from, &origin);

		size -= p.size;
		if (status || !size)
			return status;
		va += p.size;
		from += p.size;
		if (!next_piece(cpu, va, size, &p))
			return DMASIM_E_NOTFOUND;
	}
}

int dmasim_cpu_atomic(struct dmasim_cpu *cpu, enum dmasim_op op, uint64_t va,
                      void *data, uint32_t size, struct dmasim_origin origin)
{
	struct piece p;
	int status;

	if (!dmasim_op_is_atomic(op) || !data ||
	    (size != 1 && size != 2 && size != 4 && size != 8) || va % size)
		return DMASIM_E_INVAL;
	status = cpu_settle(cpu);
	if (status)
		return status;
	if (!next_piece(cpu, va, size, &p))
		return DMASIM_E_NOTFOUND;
	if (p.attr.type != DMASIM_NORMAL)
		status = cpu_sync(cpu);
	else
		status = cpu_drain_range(cpu, p.pa, size);
	if (status)
		return status;
	return access_now(cpu, op, p.pa, data, size, &p.attr, &origin);
}

/* Maintenance of [pa, pa+size) through one mapping. */
static int maintain(struct dmasim_cpu *cpu, enum dmasim_op op, uint64_t pa,
                    uint32_t size, const struct dmasim_attr *attr,
                    const struct dmasim_origin *origin)
{
	uint64_t line = dmasim_memsys_line_size(cpu->memsys);
	uint64_t first = pa & ~(line - 1);
	uint64_t end = (pa + size + line - 1) & ~(line - 1);
	struct dmasim_txn *txn;
	int status = cpu_drain_range(cpu, first, end - first);

	if (status)
		return status;
	txn = dmasim_waiter_get(cpu->waiter, 0);
	if (!txn)
		return DMASIM_E_NOMEM;
	cpu_fill_txn(txn, op, pa, size, attr, origin);
	cpu_place(cpu, op, &txn->po);
	status = cpu_send(cpu, txn);
	if (!status)
		dmasim_waiter_put(cpu->waiter, txn);
	return status;
}

int dmasim_cpu_maintain(struct dmasim_cpu *cpu, enum dmasim_op op, uint64_t va,
                        uint64_t size, struct dmasim_origin origin)
{
	int status;

	if (!dmasim_op_is_maintenance(op) || dmasim_op_is_set_way(op))
		return DMASIM_E_INVAL;
	if (!size)
		return DMASIM_OK;
	status = cpu_settle(cpu);
	if (status)
		return status;
	if (!covered(cpu, va, size))
		return DMASIM_E_NOTFOUND;
	/* HCR_EL2.{VM,DC} (Arm ARM D7.5): under stage 2 DC IVAC must not
	 * throw away what the hypervisor's other guests may not lose; it
	 * cleans as well. */
	if (op == DMASIM_INVALIDATE && cpu->stage2)
		op = DMASIM_CLEAN_INVALIDATE;
	status = cpu_sync(cpu);
	while (!status && size) {
		const struct cpu_mapping *m = cpu_find(cpu, va);
		uint64_t n;

		if (!m)
			return DMASIM_E_NOTFOUND;
		n = m->size - (va - m->va);
		if (n > size)
			n = size;
		/* A transaction's size has 32 bits. */
		if (n > UINT32_MAX / 2)
			n = UINT32_MAX / 2 + 1;
		status = maintain(cpu, op, m->pa + (va - m->va), (uint32_t)n,
		                  &m->attr, &origin);
		va += n;
		size -= n;
	}
	return status ? status : cpu_end_of_access(cpu);
}

int dmasim_cpu_barrier_domain(struct dmasim_cpu *cpu, enum dmasim_barrier kind,
                              enum dmasim_shareability share,
                              struct dmasim_origin origin)
{
	bool loads_only = kind == DMASIM_DMB_LD || kind == DMASIM_DSB_LD;
	struct dmasim_attr attr = dmasim_attr_wb;
	struct dmasim_txn *txn;
	int status;

	if (kind > DMASIM_DSB || share > DMASIM_SY)
		return DMASIM_E_INVAL;
	/* Loads are complete when they return. Stores before the barrier must
	 * be seen before those after it, some of which do not wait in the
	 * buffer; and a DSB ends only when they are seen. So they leave. */
	status = cpu_settle(cpu);
	if (!status && !loads_only)
		status = cpu_drain(cpu, cpu->next);
	if (status)
		return status;
	txn = dmasim_waiter_get(cpu->waiter, 0);
	if (!txn)
		return DMASIM_E_NOMEM;
	attr.share = (uint8_t)share;
	cpu_fill_txn(txn, DMASIM_BARRIER, 0, 0, &attr, &origin);
	cpu_place_barrier(cpu, kind, share, &txn->po);
	txn->barrier = kind;
	status = cpu_send(cpu, txn);
	if (status)
		return status;
	dmasim_waiter_put(cpu->waiter, txn);
	status = cpu_sync(cpu);
	if (!status && cpu->fault && !loads_only) {
		cpu->fault = false;
		status = DMASIM_E_FAULT;
	}
	return status;
}

int dmasim_cpu_barrier(struct dmasim_cpu *cpu, enum dmasim_barrier kind,
                       struct dmasim_origin origin)
{
	return dmasim_cpu_barrier_domain(cpu, kind, DMASIM_SY, origin);
}
