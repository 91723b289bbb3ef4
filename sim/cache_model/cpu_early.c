/* SPDX-License-Identifier: MIT */
/*
 * Early loads: a CPU may perform a load before older ones to other locations
 * (Arm ARM B2.3), and C code cannot say in advance which it will make. So a
 * piece of memory that was used lately is read ahead, if the choice point says
 * so, and a later load takes its bytes from there. Per location nothing
 * changes: own stores, atomics and maintenance of those bytes, and loads
 * through another alias, forget them, and each byte is taken once; so a load
 * never sees an older value than the one before it.
 */
#include "cpu_internal.h"

#include <stdlib.h>
#include <string.h>

#define RECENT 8u
#define AHEAD  4u

/** For how many accesses what was read ahead is of use: about what a core has
 * in flight. */
#define AHEAD_ACCESSES 64u
/** Each that is read ahead takes one. */
#define AHEAD_QUANTA 8u

struct ahead {
	uint64_t pa;
	struct dmasim_attr attr;
	/** Which bytes are there. */
	uint64_t have;
	/** The number of the access before which it was read, and when. */
	uint64_t number, time;
	uint8_t data[CPU_PIECE];
};

struct recent {
	uint64_t pa;
	struct dmasim_attr attr;
};

struct cpu_early {
	struct recent recent[RECENT];
	struct ahead ahead[AHEAD];
	uint32_t recent_len, len;
};

static void forget(struct cpu_early *e, uint32_t i)
{
	e->len--;
	memmove(&e->ahead[i], &e->ahead[i + 1],
	        (e->len - i) * sizeof(*e->ahead));
}

/* The bytes of [pa, pa+size) that lie in the piece at @base. */
static uint64_t mask_of(uint64_t base, uint64_t pa, uint64_t size)
{
	uint64_t from = pa > base ? pa - base : 0;
	uint64_t end = pa - base + size;

	if (pa > base + (CPU_PIECE - 1) || pa + (size - 1) < base)
		return 0;
	if (pa + (size - 1) >= base + (CPU_PIECE - 1))
		end = CPU_PIECE;
	return (end - from == CPU_PIECE ? UINT64_MAX
	                                : (UINT64_C(1) << (end - from)) - 1)
	       << from;
}

void cpu_drop_early(struct dmasim_cpu *cpu, uint64_t pa, uint64_t size)
{
	struct cpu_early *e = cpu->early;

	for (uint32_t i = e ? e->len : 0; i-- > 0;) {
		e->ahead[i].have &= ~mask_of(e->ahead[i].pa, pa, size);
		if (!e->ahead[i].have)
			forget(e, i);
	}
}

static uint64_t now(const struct dmasim_cpu *cpu)
{
	return dmasim_now(cpu->kernel) + cpu->local;
}

static void drop_old(struct dmasim_cpu *cpu)
{
	struct cpu_early *e = cpu->early;

	for (uint32_t i = e->len; i-- > 0;)
		if (cpu->order.number - e->ahead[i].number > AHEAD_ACCESSES ||
		    now(cpu) - e->ahead[i].time > AHEAD_QUANTA * cpu->quantum)
			forget(e, i);
}

static void note_recent(struct cpu_early *e, const struct cpu_piece *p)
{
	struct recent r = {p->pa & ~(uint64_t)(CPU_PIECE - 1), p->attr};
	uint32_t i = 0;

	while (i < e->recent_len && e->recent[i].pa != r.pa)
		i++;
	if (i == RECENT)
		i--;
	if (i == e->recent_len)
		e->recent_len++;
	memmove(&e->recent[1], &e->recent[0], i * sizeof(r));
	e->recent[0] = r;
}

static bool is_ahead(const struct cpu_early *e, uint64_t pa)
{
	for (uint32_t i = 0; i < e->len; i++)
		if (e->ahead[i].pa == pa)
			return true;
	return false;
}

/* Read the piece of @r now. Own stores that wait are newer than it. */
static int fetch(struct dmasim_cpu *cpu, const struct recent *r,
                 const struct dmasim_origin *origin)
{
	struct cpu_early *e = cpu->early;
	struct dmasim_txn *txn = dmasim_waiter_get(cpu->waiter, CPU_PIECE);
	struct ahead a = {.pa = r->pa,
	                  .attr = r->attr,
	                  .number = cpu->order.number,
	                  .time = now(cpu)};
	int status;

	if (!txn)
		return DMASIM_E_NOMEM;
	cpu_fill_txn(txn, DMASIM_READ, r->pa, CPU_PIECE, &r->attr, origin);
	txn->flags = DMASIM_TXN_EARLY;
	txn->po = (struct dmasim_program_order){0};
	status = cpu_send(cpu, txn);
	/* Nobody is told of a fault of what nobody asked for. */
	if (status)
		return status == DMASIM_E_FAULT ? DMASIM_OK : status;
	memcpy(a.data, txn->data, CPU_PIECE);
	dmasim_waiter_put(cpu->waiter, txn);
	a.have = ~cpu_stored_bytes(cpu, r->pa);
	if (e->len == AHEAD)
		forget(e, 0);
	if (a.have)
		e->ahead[e->len++] = a;
	/* The load that is overtaken takes its time: others get theirs. */
	cpu->local += cpu->quantum;
	return cpu_sync(cpu);
}

int cpu_read_ahead(struct dmasim_cpu *cpu, const struct cpu_piece *p,
                   const struct dmasim_origin *origin)
{
	struct dmasim_choice_query q = {
	        .point = DMASIM_CHOICE_EARLY_LOAD,
	        .alternatives = 1,
	        .who = "cpu",
	        .where = cpu->index,
	};
	struct cpu_early *e = cpu->early;
	uint64_t base = p->pa & ~(uint64_t)(CPU_PIECE - 1);
	struct recent of[RECENT];
	uint32_t answer;
	int status;

	drop_old(cpu);
	/* Not what is loaded now: that would change nothing. */
	for (uint32_t i = 0; i < e->recent_len; i++)
		if (e->recent[i].pa != base && !is_ahead(e, e->recent[i].pa))
			of[q.alternatives++ - 1] = e->recent[i];
	answer = dmasim_choose(cpu->choice, &q);
	status = answer ? fetch(cpu, &of[answer - 1], origin) : DMASIM_OK;
	note_recent(e, p);
	return status;
}

/* The load that got @taken of its bytes early is made now, in its place. */
static int tell(struct dmasim_cpu *cpu, const struct cpu_piece *p,
                const uint8_t *bytes, uint64_t taken,
                const struct dmasim_origin *origin)
{
	uint32_t from = 0;

	while (from < p->size) {
		uint32_t to = from;
		struct dmasim_txn *txn;
		int status;

		while (to < p->size && taken >> to & 1)
			to++;
		if (to == from) {
			from++;
			continue;
		}
		txn = dmasim_waiter_get(cpu->waiter, to - from);
		if (!txn)
			return DMASIM_E_NOMEM;
		cpu_fill_txn(txn, DMASIM_READ, p->pa + from, to - from,
		             &p->attr, origin);
		txn->flags = DMASIM_TXN_TAKEN;
		cpu_place(cpu, DMASIM_READ, &txn->po);
		memcpy(txn->data, bytes + from, to - from);
		status = cpu_send(cpu, txn);
		if (status)
			return status;
		dmasim_waiter_put(cpu->waiter, txn);
		from = to;
	}
	return DMASIM_OK;
}

int cpu_take_early(struct dmasim_cpu *cpu, const struct cpu_piece *p,
                   uint8_t *buf, uint64_t *have,
                   const struct dmasim_origin *origin)
{
	struct cpu_early *e = cpu->early;
	uint32_t at = (uint32_t)(p->pa % CPU_PIECE);
	uint64_t taken = 0;

	for (uint32_t i = e->len; i-- > 0;) {
		struct ahead *a = &e->ahead[i];

		if (a->pa != p->pa - at)
			continue;
		if (!dmasim_attr_mismatch(&a->attr, &p->attr))
			taken = a->have & mask_of(a->pa, p->pa, p->size);
		taken = taken >> at & ~*have;
		for (uint32_t b = 0; b < p->size; b++)
			if (taken >> b & 1)
				buf[b] = a->data[at + b];
	}
	cpu_drop_early(cpu, p->pa, p->size);
	*have |= taken;
	return taken ? tell(cpu, p, buf, taken, origin) : DMASIM_OK;
}

int cpu_early_create(struct dmasim_cpu *cpu)
{
	cpu->early = calloc(1, sizeof(*cpu->early));
	if (!cpu->early)
		return DMASIM_E_NOMEM;
	cpu->special |= CPU_SPECIAL_EARLY;
	return DMASIM_OK;
}

void cpu_early_save(const struct dmasim_cpu *cpu, struct dmasim_writer *w)
{
	const struct cpu_early *e = cpu->early;

	dmasim_put_u32(w, e ? e->recent_len : 0);
	for (uint32_t i = 0; e && i < e->recent_len; i++) {
		dmasim_put_u64(w, e->recent[i].pa);
		cpu_put_attr(w, &e->recent[i].attr);
	}
	dmasim_put_u32(w, e ? e->len : 0);
	for (uint32_t i = 0; e && i < e->len; i++) {
		const struct ahead *a = &e->ahead[i];

		dmasim_put_u64(w, a->pa);
		cpu_put_attr(w, &a->attr);
		dmasim_put_u64(w, a->have);
		dmasim_put_u64(w, a->number);
		dmasim_put_u64(w, a->time);
		dmasim_put_bytes(w, a->data, CPU_PIECE);
	}
}

static void get_recent(struct cpu_early *e, struct dmasim_reader *r)
{
	e->recent_len = dmasim_get_count(r, RECENT, 13);
	for (uint32_t i = 0; i < e->recent_len; i++) {
		e->recent[i].pa = dmasim_get_u64(r);
		cpu_get_attr(r, &e->recent[i].attr);
		if (e->recent[i].pa % CPU_PIECE)
			dmasim_reader_fail(r, "no piece of memory");
	}
}

static void get_ahead(struct cpu_early *e, struct dmasim_reader *r)
{
	e->len = dmasim_get_count(r, AHEAD, 37 + CPU_PIECE);
	for (uint32_t i = 0; i < e->len; i++) {
		struct ahead *a = &e->ahead[i];

		a->pa = dmasim_get_u64(r);
		cpu_get_attr(r, &a->attr);
		a->have = dmasim_get_u64(r);
		a->number = dmasim_get_u64(r);
		a->time = dmasim_get_u64(r);
		dmasim_get_bytes(r, a->data, CPU_PIECE);
		if (a->pa % CPU_PIECE)
			dmasim_reader_fail(r, "no piece of memory");
	}
}

void cpu_early_restore(struct dmasim_cpu *fresh, struct dmasim_reader *r)
{
	uint32_t recent, ahead;

	if (fresh->early) {
		get_recent(fresh->early, r);
		get_ahead(fresh->early, r);
		return;
	}
	recent = dmasim_get_u32(r);
	ahead = dmasim_get_u32(r);
	if (recent || ahead)
		dmasim_reader_fail(r, "a CPU that loads early");
}
