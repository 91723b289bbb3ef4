/* SPDX-License-Identifier: MIT */
#include "mem_stream.h"

#include <stdlib.h>
#include <string.h>

#include "mem_machine.h"

/* What coherent agents may use for one and the same byte. */
static struct dmasim_attr coherent_attr(uint64_t bits)
{
	struct dmasim_attr a = bits & 1 ? dmasim_attr_wt : dmasim_attr_wb;

	a.alloc = bits >> 1 & 7;
	return a;
}

static struct dmasim_attr any_attr(uint64_t bits)
{
	struct dmasim_attr a = {
	        .type = bits & 3 ? DMASIM_NORMAL
	                         : (uint8_t)(1 + (bits >> 6 & 3)),
	        .inner = (uint8_t)((bits >> 2 & 3) % 3),
	        .outer = (uint8_t)((bits >> 4 & 3) % 3),
	        .share = (uint8_t)((bits >> 6 & 3) % 3),
	        .alloc = (uint8_t)(bits >> 3 & 7),
	};

	if (a.type != DMASIM_NORMAL)
		a.inner = a.outer = DMASIM_NC;
	if (a.type != DMASIM_NORMAL ||
	    (a.inner == DMASIM_NC && a.outer == DMASIM_NC))
		a.share = DMASIM_OSH;
	return a;
}

/* An access begun: where, how large, through which attributes. */
static struct dmasim_txn *prepare(struct mem_fuzz *z, struct mem_slot *s,
                                  enum dmasim_op op)
{
	static const uint32_t sizes[] = {8, 4, 1, 2, 16, 64, 100, 300};
	uint64_t bits = mem_take(z, 1), at = mem_take(z, 2) % MEM_SIZE;
	uint32_t size = sizes[bits & 7];

	dmasim_txn_init(&s->txn);
	if (size <= 8 || dmasim_op_is_atomic(op)) {
		size = size > 8 ? 8 : size;
		at &= ~(uint64_t)(size - 1);
	}
	if (size > MEM_SIZE - at)
		size = (uint32_t)(MEM_SIZE - at);
	s->txn.op = op;
	s->txn.cause = DMASIM_CAUSE_DMA;
	s->txn.origin = DMASIM_AT("fuzz");
	s->txn.addr = MEM_RAM + at;
	s->txn.size = size;
	s->txn.attr =
	        z->any ? any_attr(mem_take(z, 1)) : coherent_attr(bits >> 3);
	s->txn.data = dmasim_op_is_maintenance(op) ? NULL : s->data;
	return &s->txn;
}

static void fill(struct mem_fuzz *z, uint8_t *data, uint32_t size)
{
	uint64_t v = mem_take(z, 1);

	for (uint32_t i = 0; i < size; i++)
		data[i] = (uint8_t)(v + i * 29);
}

static uint8_t *flat_at(struct mem_fuzz *z, const struct dmasim_txn *t)
{
	return z->flat + (t->addr - MEM_RAM);
}

/* ---- coherent agents ---- */

/* @by writes [addr, addr + size): others lose what they had reserved there. */
static void written(struct mem_fuzz *z, uint32_t by, uint64_t addr,
                    uint32_t size)
{
	for (uint32_t i = 0; i < z->ports; i++)
		if (i != by && z->reserved[i] > addr / z->line &&
		    z->reserved[i] - 1 <= (addr + size - 1) / z->line)
			z->reserved[i] = 0;
}

static void access_whole(struct mem_fuzz *z, uint32_t port)
{
	const struct dmasim_txn *t = &z->slot[0].txn;

	if (dmasim_op_writes(t->op))
		written(z, port, t->addr, t->size);
	mem_start(z, 0, &z->port[port]);
	mem_settle(z);
	mem_must(t->result == DMASIM_TXN_OK, "it was refused");
}

static uint32_t coherent_port(struct mem_fuzz *z)
{
	return (uint32_t)mem_take(z, 1) % z->coherent_ports;
}

static void coherent_read(struct mem_fuzz *z)
{
	uint32_t port = coherent_port(z);
	const struct dmasim_txn *t = prepare(z, &z->slot[0], DMASIM_READ);

	access_whole(z, port);
	mem_must(memcmp(z->slot[0].data, flat_at(z, t), t->size) == 0,
	         "a coherent read saw other bytes");
	mem_see(z, z->slot[0].data[0]);
}

static void coherent_write(struct mem_fuzz *z)
{
	uint32_t port = coherent_port(z);
	const struct dmasim_txn *t = prepare(z, &z->slot[0], DMASIM_WRITE);

	fill(z, z->slot[0].data, t->size);
	memcpy(flat_at(z, t), z->slot[0].data, t->size);
	access_whole(z, port);
}

static void coherent_atomic(struct mem_fuzz *z)
{
	uint32_t port = coherent_port(z);
	enum dmasim_op op =
	        (enum dmasim_op)(DMASIM_ATOMIC_SWAP + mem_take(z, 1) % 6);
	const struct dmasim_txn *t = prepare(z, &z->slot[0], op);
	uint8_t expected[16], *data = z->slot[0].data;

	fill(z, data, 2 * t->size);
	/* Half of the comparisons are equal. */
	if (op == DMASIM_ATOMIC_CAS && data[0] & 1)
		memcpy(data + t->size, flat_at(z, t), t->size);
	memcpy(expected, data, 2 * t->size);
	mem_must(dmasim_atomic_apply(op, flat_at(z, t), expected, t->size) ==
	                 DMASIM_OK,
	         "no atomic");
	access_whole(z, port);
	mem_must(memcmp(data, expected, t->size) == 0,
	         "a coherent atomic saw other bytes");
}

static void coherent_maintenance(struct mem_fuzz *z)
{
	uint32_t port = coherent_port(z);

	prepare(z, &z->slot[0],
	        mem_take(z, 1) & 1 ? DMASIM_CLEAN : DMASIM_CLEAN_INVALIDATE);
	access_whole(z, port);
}

/* A read that reserves the line, or the write that needs it so. The write may
 * fail at any time, and must if somebody else has written there. */
static void coherent_exclusive(struct mem_fuzz *z)
{
	uint32_t port = coherent_port(z);
	bool write = mem_take(z, 1) & 1;
	struct mem_slot *s = &z->slot[0];
	struct dmasim_txn *t =
	        prepare(z, s, write ? DMASIM_WRITE : DMASIM_READ);
	uint64_t line = t->addr / z->line + 1;

	if (t->size > 8)
		t->size = 1;
	t->flags = DMASIM_TXN_EXCLUSIVE;
	if (!write) {
		access_whole(z, port);
		mem_must(memcmp(s->data, flat_at(z, t), t->size) == 0,
		         "an exclusive read saw other bytes");
		z->reserved[port] = line;
		return;
	}
	fill(z, s->data, t->size);
	mem_start(z, 0, &z->port[port]);
	mem_settle(z);
	if (t->result == DMASIM_TXN_OK) {
		mem_must(z->reserved[port] == line,
		         "an exclusive write without a reservation");
		memcpy(flat_at(z, t), s->data, t->size);
		written(z, port, t->addr, t->size);
	} else {
		mem_must(t->result == DMASIM_TXN_EXCLUSIVE_FAIL,
		         "an exclusive write was refused");
	}
	z->reserved[port] = 0;
}

static void look(struct mem_fuzz *z)
{
	uint32_t port = coherent_port(z);
	struct dmasim_txn *t = prepare(z, &z->slot[0], DMASIM_READ);

	t->flags = DMASIM_TXN_DEBUG;
	mem_start(z, 0, &z->port[port]);
	mem_must(!z->slot[0].busy && t->result == DMASIM_TXN_OK &&
	                 t->latency == 0,
	         "a look is no look");
	mem_must(z->any || memcmp(z->slot[0].data, flat_at(z, t), t->size) == 0,
	         "a look saw other bytes");
}

/* ---- what the hardware does by itself ---- */

static void hardware(struct mem_fuzz *z)
{
	uint64_t what = mem_take(z, 1);
	uint64_t pa = MEM_RAM + mem_take(z, 2) % MEM_SIZE;
	uint32_t cpu = (uint32_t)(what >> 2) % (z->cpus + 2);
	int status;

	if (cpu == z->cpus + 1)
		cpu = DMASIM_SHARED_CACHE;
	if ((what & 3) == 0)
		status =
		        dmasim_memsys_prefetch(z->ms, cpu, pa, &dmasim_attr_wb);
	else if ((what & 3) == 1)
		status = dmasim_memsys_clean(z->ms, cpu, pa);
	else
		status = dmasim_memsys_evict(z->ms, cpu, pa);
	mem_must(status == DMASIM_OK || status == DMASIM_E_NOTFOUND ||
	                 status == DMASIM_E_RANGE,
	         "an odd answer of the hardware");
	mem_see(z, (uint64_t)(int64_t)status);
	if (!z->any)
		mem_settle(z);
}

static void barrier(struct mem_fuzz *z)
{
	struct mem_slot *s = &z->slot[MEM_SLOTS - 1];

	if (s->busy)
		return;
	dmasim_txn_init(&s->txn);
	s->txn.op = DMASIM_BARRIER;
	s->txn.barrier =
	        (enum dmasim_barrier)(DMASIM_DMB_LD + mem_take(z, 1) % 6);
	mem_start(z, MEM_SLOTS - 1, &z->port[mem_take(z, 1) % z->ports]);
	mem_must(!s->busy && s->txn.result == DMASIM_TXN_OK,
	         "a barrier was refused");
}

static void flush(struct mem_fuzz *z)
{
	uint8_t ram[MEM_SIZE];

	mem_settle(z);
	mem_must(dmasim_memsys_flush(z->ms) == DMASIM_OK, "no flush");
	mem_settle(z);
	mem_must(dmasim_map_peek(z->map, MEM_RAM, ram, MEM_SIZE) == DMASIM_OK,
	         "no RAM");
	mem_must(z->any || memcmp(ram, z->flat, MEM_SIZE) == 0,
	         "memory differs after a flush");
	for (unsigned i = 0; i < MEM_SIZE; i += 8)
		mem_see(z, ram[i]);
}

/* ---- anybody ---- */

static void any_access(struct mem_fuzz *z)
{
	uint32_t slot = (uint32_t)mem_take(z, 1) % MEM_SLOTS;
	uint64_t how = mem_take(z, 1);
	const struct dmasim_port *port = &z->port[mem_take(z, 1) % z->ports];
	struct mem_slot *s = &z->slot[slot];
	struct dmasim_txn *t;

	while (s->busy)
		mem_must(dmasim_run_one(z->k) == DMASIM_OK,
		         "an access without an answer");
	t = prepare(z, s, (enum dmasim_op)(how % 24));
	if (how & 64)
		t->addr = MEM_REGS + (t->addr & 0xff8);
	if (how & 128)
		t->flags = (uint32_t)mem_take(z, 2);
	fill(z, s->data, t->size);
	mem_start(z, slot, port);
	mem_see(z, s->data[0]);
}

static void time_passes(struct mem_fuzz *z)
{
	for (uint64_t n = mem_take(z, 1); n; n--)
		if (dmasim_run_one(z->k) != DMASIM_OK)
			return;
}

static void coherent_operation(struct mem_fuzz *z, uint64_t which)
{
	switch (which) {
	case 0:
	case 1:
	case 2:
		coherent_read(z);
		break;
	case 3:
	case 4:
	case 5:
		coherent_write(z);
		break;
	case 6:
		if (mem_take(z, 1) & 1)
			coherent_atomic(z);
		else
			coherent_exclusive(z);
		break;
	default:
		coherent_maintenance(z);
		break;
	}
}

static void operation(struct mem_fuzz *z)
{
	uint64_t which = mem_take(z, 1) & 15;

	if (which < 8 && z->any) {
		any_access(z);
		return;
	}
	switch (which) {
	case 8:
		barrier(z);
		break;
	case 9:
		hardware(z);
		break;
	case 10:
		mem_round_trip(z);
		break;
	case 11:
		if (!z->slot[0].busy)
			look(z);
		break;
	case 12:
		time_passes(z);
		break;
	case 13:
		if (mem_take(z, 1) & 1)
			mem_keep(z);
		else
			mem_go_back(z);
		break;
	case 14:
		if (z->any)
			mem_hostile_state(z);
		else
			z->pend = !z->pend;
		break;
	case 15:
		flush(z);
		break;
	default:
		coherent_operation(z, which);
	}
}

uint64_t fuzz_memsys(const uint8_t *data, size_t size)
{
	struct mem_fuzz *z = calloc(1, sizeof(*z));
	uint64_t digest;

	if (!z)
		abort();
	z->in = data;
	z->left = size;
	mem_open(z);
	while (z->left != 0)
		operation(z);
	flush(z);
	mem_round_trip(z);
	if (z->checker) {
		size_t findings = dmasim_finding_count(z->checker);

		mem_must(z->any || findings == 0,
		         "a finding about coherent agents");
		mem_see(z, findings);
	}
	mem_see(z, z->seen_events);
	digest = z->digest;
	mem_close(z);
	free(z);
	return digest;
}
