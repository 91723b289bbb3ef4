/* SPDX-License-Identifier: MIT */
/* Accesses with an order or a reservation, and atomics. */
#include "cpu_internal.h"
#include "dmasim/cpu_ordered.h"

#include <string.h>

static bool fits(const struct dmasim_ordered *at)
{
	return (at->size == 1 || at->size == 2 || at->size == 4 ||
	        at->size == 8) &&
	       at->va % at->size == 0;
}

static bool load_order(enum dmasim_order o)
{
	return o == DMASIM_ORDER_PLAIN || o == DMASIM_ORDER_ACQUIRE ||
	       o == DMASIM_ORDER_ACQUIRE_PC;
}

static bool store_order(enum dmasim_order o)
{
	return o == DMASIM_ORDER_PLAIN || o == DMASIM_ORDER_RELEASE;
}

/*
 * What must have left before an access that does not wait in the buffer: the
 * stores that a barrier put before a store; all of them before a release; and
 * the releases before an acquire (RCsc, Arm ARM B2.3.7).
 */
static int drain_before(struct dmasim_cpu *cpu, enum dmasim_op op,
                        enum dmasim_order order)
{
	uint64_t goal = 0;

	if (dmasim_order_releases(order))
		goal = cpu->next;
	else if (op != DMASIM_READ)
		goal = cpu->store_after;
	if ((order == DMASIM_ORDER_ACQUIRE || order == DMASIM_ORDER_ACQ_REL) &&
	    goal < cpu->release_end)
		goal = cpu->release_end;
	return cpu_drain(cpu, goal);
}

/* One access of an ordered kind, that goes straight down. */
struct straight {
	enum dmasim_op op;
	uint32_t flags;
	const struct dmasim_ordered *at;
	/** In: what is stored (2 x size for CAS); out: what is loaded. */
	uint8_t *data;
	bool failed;
};

static int send_straight(struct dmasim_cpu *cpu, struct straight *x,
                         const struct cpu_piece *p)
{
	uint32_t size = x->at->size;
	uint32_t in = x->op == DMASIM_ATOMIC_CAS ? 2 * size : size;
	struct dmasim_txn *txn = dmasim_waiter_get(cpu->waiter, in);
	int status;

	if (!txn)
		return DMASIM_E_NOMEM;
	cpu_fill_txn(txn, x->op, p->pa, size, &p->attr, &x->at->origin);
	txn->order = x->at->order;
	txn->flags = x->flags;
	cpu_place_ordered(cpu, x->op, x->at->order, &txn->po);
	if (x->op != DMASIM_READ)
		memcpy(txn->data, x->data, in);
	status = cpu_send(cpu, txn);
	if (status)
		return status;
	if (x->op != DMASIM_WRITE)
		memcpy(x->data, txn->data, size);
	x->failed = txn->result == DMASIM_TXN_EXCLUSIVE_FAIL;
	dmasim_waiter_put(cpu->waiter, txn);
	return cpu_end_of_access(cpu);
}

static int straight(struct dmasim_cpu *cpu, struct straight *x)
{
	struct cpu_piece p;
	int status = cpu_settle(cpu);

	if (status)
		return status;
	if (!cpu_next_piece(cpu, x->at->va, x->at->size, &p))
		return DMASIM_E_NOTFOUND;
	status = drain_before(cpu, x->op, x->at->order);
	if (!status)
		status = cpu_drain_range(cpu, p.pa, p.size);
	if (!status)
		status = cpu_perform_delayed(cpu, p.pa, p.size);
	if (!status && p.attr.type != DMASIM_NORMAL)
		status = cpu_sync(cpu);
	if (status)
		return status;
	cpu_drop_early(cpu, p.pa, p.size);
	status = send_straight(cpu, x, &p);
	if (dmasim_order_acquires(x->at->order))
		cpu_drop_early(cpu, 0, UINT64_MAX);
	return status;
}

static void to_bytes(uint8_t *b, uint64_t v)
{
	for (uint32_t i = 0; i < 8; i++)
		b[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t from_bytes(const uint8_t *b, uint32_t size)
{
	uint64_t v = 0;

	for (uint32_t i = 0; i < size; i++)
		v |= (uint64_t)b[i] << (8 * i);
	return v;
}

int dmasim_cpu_read_order(struct dmasim_cpu *cpu,
                          const struct dmasim_ordered *at, uint64_t *value)
{
	uint8_t b[8];
	struct straight x = {.op = DMASIM_READ, .at = at, .data = b};
	int status;

	if (!fits(at) || !load_order(at->order))
		return DMASIM_E_INVAL;
	if (at->order == DMASIM_ORDER_PLAIN)
		return dmasim_cpu_get(cpu, at->va, at->size, value, at->origin);
	status = straight(cpu, &x);
	if (!status)
		*value = from_bytes(b, at->size);
	return status;
}

int dmasim_cpu_write_order(struct dmasim_cpu *cpu,
                           const struct dmasim_ordered *at, uint64_t value)
{
	uint8_t b[8];
	struct straight x = {.op = DMASIM_WRITE, .at = at, .data = b};
	struct cpu_piece p;
	int status;

	if (!fits(at) || !store_order(at->order))
		return DMASIM_E_INVAL;
	to_bytes(b, value);
	if (at->order == DMASIM_ORDER_PLAIN)
		return dmasim_cpu_write(cpu, at->va, b, at->size, at->origin);
	status = cpu_settle(cpu);
	if (status)
		return status;
	if (!cpu_next_piece(cpu, at->va, at->size, &p))
		return DMASIM_E_NOTFOUND;
	if (!cpu_buffers(cpu, &p.attr))
		return straight(cpu, &x);
	status = cpu_buffer_release(cpu, &p, b, &at->origin);
	return status ? status : cpu_end_of_access(cpu);
}

int dmasim_cpu_atomic_order(struct dmasim_cpu *cpu, enum dmasim_op op,
                            const struct dmasim_ordered *at, void *data)
{
	struct straight x = {.op = op, .at = at, .data = data};

	if (!dmasim_op_is_atomic(op) || !data || !fits(at) ||
	    at->order >= DMASIM_ORDER_ACQUIRE_PC)
		return DMASIM_E_INVAL;
	return straight(cpu, &x);
}

int dmasim_cpu_atomic(struct dmasim_cpu *cpu, enum dmasim_op op, uint64_t va,
                      void *data, uint32_t size, struct dmasim_origin origin)
{
	const struct dmasim_ordered at = {
	        .va = va, .size = size, .origin = origin};

	return dmasim_cpu_atomic_order(cpu, op, &at, data);
}

int dmasim_cpu_load_exclusive(struct dmasim_cpu *cpu,
                              const struct dmasim_ordered *at, uint64_t *value)
{
	uint8_t b[8];
	struct straight x = {.op = DMASIM_READ,
	                     .flags = DMASIM_TXN_EXCLUSIVE,
	                     .at = at,
	                     .data = b};
	int status;

	if (!fits(at) || (at->order != DMASIM_ORDER_PLAIN &&
	                  at->order != DMASIM_ORDER_ACQUIRE))
		return DMASIM_E_INVAL;
	status = straight(cpu, &x);
	if (!status)
		*value = from_bytes(b, at->size);
	return status;
}

int dmasim_cpu_store_exclusive(struct dmasim_cpu *cpu,
                               const struct dmasim_ordered *at, uint64_t value,
                               bool *stored)
{
	uint8_t b[8];
	struct straight x = {.op = DMASIM_WRITE,
	                     .flags = DMASIM_TXN_EXCLUSIVE,
	                     .at = at,
	                     .data = b};
	int status;

	if (!fits(at) || !store_order(at->order))
		return DMASIM_E_INVAL;
	to_bytes(b, value);
	status = straight(cpu, &x);
	*stored = !status && !x.failed;
	return status;
}

int dmasim_cpu_zva(struct dmasim_cpu *cpu, uint64_t va,
                   struct dmasim_origin origin)
{
	static const uint8_t zeros[CPU_MAX_LINE];
	uint32_t line = dmasim_memsys_line_size(cpu->memsys);
	struct dmasim_attr attr;
	uint64_t pa;
	int status;

	va &= ~((uint64_t)line - 1);
	status = dmasim_cpu_translate(cpu, va, &pa, &attr);
	if (status)
		return status;
	/* Arm ARM C5.3, DC ZVA: an Alignment fault. */
	if (attr.type != DMASIM_NORMAL)
		return DMASIM_E_INVAL;
	return dmasim_cpu_write(cpu, va, zeros, line, origin);
}
