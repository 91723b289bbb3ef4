/* SPDX-License-Identifier: MIT */
/*
 * The store buffer: stores to Normal memory, and to Device memory that may be
 * reordered, wait here, invisible to others. One leaves when room is needed,
 * when a barrier, an atomic or maintenance wants it gone, when the choice
 * point says so, and at the latest after the drain delay.
 *
 * Which one leaves is a choice point as well (Arm ARM B2.3): any that is not
 * behind an older store to the same bytes, nor behind a store that a barrier
 * or its being a release puts before it. By default it is the oldest.
 */
#include "cpu_internal.h"
#include "observe_internal.h"

#include <stdlib.h>
#include <string.h>

/** How many stores the choice is among. */
#define CANDIDATES 8u

int cpu_make_ring(struct dmasim_cpu *cpu)
{
	uint32_t size = 1;

	while (size < cpu->depth)
		size *= 2;
	cpu->ring_mask = size - 1;
	cpu->stores = calloc(size, sizeof(*cpu->stores));
	return cpu->stores ? DMASIM_OK : DMASIM_E_NOMEM;
}

/* @s comes, or goes. */
static void count(struct dmasim_cpu *cpu, const struct cpu_store *s, bool comes)
{
	uint64_t last = (s->pa + s->size - 1) / 8;

	for (uint64_t g = s->pa / 8; g <= last; g++)
		cpu->granules[g % CPU_GRANULES] += comes ? 1u : UINT32_MAX;
}

void cpu_count_stores(struct dmasim_cpu *cpu)
{
	memset(cpu->granules, 0, sizeof(cpu->granules));
	for (uint64_t n = cpu->first; n < cpu->next; n++)
		count(cpu, cpu_store_at(cpu, n), true);
}

static void left(struct dmasim_cpu *cpu, uint64_t number, enum dmasim_result r)
{
	struct cpu_store *s = cpu_store_at(cpu, number);

	if (r != DMASIM_TXN_OK) {
		cpu->fault = true;
		dmasim_log(cpu->kernel, DMASIM_LOG_WARNING, "cpu",
		           "cpu%u: store to 0x%llx (%s:%u): %s", cpu->index,
		           (unsigned long long)s->pa,
		           s->origin.file ? s->origin.file : "?",
		           s->origin.line, dmasim_result_name(r));
	}
	s->gone = true;
	count(cpu, s, false);
	while (cpu->first < cpu->next && cpu_store_at(cpu, cpu->first)->gone)
		cpu->first++;
}

/* Send a store off. OK: it has left, or it is flying. */
static int send_store(struct dmasim_cpu *cpu, uint64_t number)
{
	const struct cpu_store *s = cpu_store_at(cpu, number);
	struct dmasim_txn *txn = dmasim_waiter_get(cpu->waiter, s->size);

	if (!txn)
		return DMASIM_E_NOMEM;
	cpu_fill_txn(txn, DMASIM_WRITE, s->pa, s->size, &s->attr, &s->origin);
	if (s->release)
		txn->order = DMASIM_ORDER_RELEASE;
	txn->po = s->po;
	txn->ahead = cpu->local;
	memcpy(txn->data, s->data, s->size);
	txn->done =
	        (struct dmasim_call){.actor = cpu->actor, .op = CPU_CALL_LEFT};
	if (dmasim_access(&cpu->port, txn) == DMASIM_TXN_PENDING) {
		cpu->flying = txn;
		cpu->flying_number = number;
		return DMASIM_OK;
	}
	cpu->local += txn->latency;
	left(cpu, number, txn->result);
	dmasim_waiter_put(cpu->waiter, txn);
	return DMASIM_OK;
}

static bool overlaps(const struct cpu_store *s, uint64_t pa, uint64_t size)
{
	return s->pa < pa + size && pa < s->pa + s->size;
}

static bool may_leave(const struct dmasim_cpu *cpu, uint64_t number)
{
	const struct cpu_store *s = cpu_store_at(cpu, number);

	for (uint64_t n = cpu->first; n < number; n++) {
		const struct cpu_store *o = cpu_store_at(cpu, n);

		if (!o->gone && (n < s->after || overlaps(o, s->pa, s->size)))
			return false;
	}
	return !s->gone;
}

/* The store before @goal that leaves next; there is one. */
static uint64_t pick(struct dmasim_cpu *cpu, uint64_t goal)
{
	struct dmasim_choice_query q = {
	        .point = DMASIM_CHOICE_STORE_ORDER,
	        .who = "cpu",
	        .where = cpu->index,
	};
	uint64_t candidate[CANDIDATES];

	/* The oldest always may. */
	if (!cpu->choice)
		return cpu->first;
	for (uint64_t n = cpu->first; n < goal && q.alternatives < CANDIDATES;
	     n++)
		if (may_leave(cpu, n))
			candidate[q.alternatives++] = n;
	return candidate[dmasim_choose(cpu->choice, &q)];
}

static int wait_for_flying(struct dmasim_cpu *cpu)
{
	int status;

	if (dmasim_in_process(cpu->kernel))
		return dmasim_event_wait(cpu->left, DMASIM_FOREVER);
	if (dmasim_running(cpu->kernel))
		return DMASIM_E_STATE;
	status = dmasim_run_one(cpu->kernel);
	return status == DMASIM_E_NOTFOUND ? DMASIM_E_HANG : status;
}

/* One step towards an empty buffer before @goal. */
static int drain_one(struct dmasim_cpu *cpu, uint64_t goal)
{
	return cpu->flying ? wait_for_flying(cpu)
	                   : send_store(cpu, pick(cpu, goal));
}

int cpu_drain(struct dmasim_cpu *cpu, uint64_t goal)
{
	int status = DMASIM_OK;

	while (!status && cpu->first < goal)
		status = drain_one(cpu, goal);
	return status;
}

int cpu_drain_range(struct dmasim_cpu *cpu, uint64_t pa, uint64_t size)
{
	uint64_t n = cpu->next;
	int status = DMASIM_OK;

	while (!status && n > cpu->first) {
		const struct cpu_store *s = cpu_store_at(cpu, n - 1);

		if (s->gone || !overlaps(s, pa, size))
			n--;
		else
			status = drain_one(cpu, n);
	}
	return status;
}

/* A store through another alias would not be seen by a load of this one: it
 * goes to where its own attributes say, and the load looks where its
 * attributes say. */
static int drain_aliases(struct dmasim_cpu *cpu, uint64_t pa, uint32_t size,
                         const struct dmasim_attr *attr)
{
	for (uint64_t n = cpu->next; n-- > cpu->first;) {
		const struct cpu_store *s = cpu_store_at(cpu, n);

		if (!s->gone && overlaps(s, pa, size) &&
		    dmasim_attr_mismatch(&s->attr, attr))
			return cpu_drain_range(cpu, pa, size);
	}
	return DMASIM_OK;
}

int cpu_forward(struct dmasim_cpu *cpu, uint64_t pa, uint32_t size,
                const struct dmasim_attr *attr, uint8_t *buf, uint64_t *have)
{
	int status;

	if (!cpu_may_have_stored(cpu, pa, size))
		return DMASIM_OK;
	status = drain_aliases(cpu, pa, size, attr);
	if (status)
		return status;
	/* The youngest store of each byte. */
	for (uint64_t n = cpu->next; n-- > cpu->first;) {
		const struct cpu_store *s = cpu_store_at(cpu, n);

		if (s->gone || !overlaps(s, pa, size))
			continue;
		for (uint32_t i = 0; i < s->size; i++) {
			uint64_t at = s->pa + i - pa;

			if (at >= size || *have >> at & 1)
				continue;
			buf[at] = s->data[i];
			*have |= UINT64_C(1) << at;
		}
	}
	return DMASIM_OK;
}

uint64_t cpu_stored_bytes(const struct dmasim_cpu *cpu, uint64_t pa)
{
	uint64_t mask = 0;

	for (uint64_t n = cpu->first; n < cpu->next; n++) {
		const struct cpu_store *s = cpu_store_at(cpu, n);

		for (uint32_t i = 0; !s->gone && i < s->size; i++)
			if ((s->pa + i) / CPU_PIECE == pa / CPU_PIECE)
				mask |= UINT64_C(1) << (s->pa + i) % CPU_PIECE;
	}
	return mask;
}

/* Have stores leave when the first of them is due. OK, E_NOMEM. */
static int arm(struct dmasim_cpu *cpu)
{
	const struct dmasim_call call = {.actor = cpu->actor,
	                                 .op = CPU_CALL_DUE};
	uint64_t due = DMASIM_FOREVER;
	int status;

	if (cpu->armed || cpu->flying || cpu_stores_empty(cpu))
		return DMASIM_OK;
	for (uint64_t n = cpu->first; n < cpu->next; n++)
		if (!cpu_store_at(cpu, n)->gone &&
		    cpu_store_at(cpu, n)->due < due)
			due = cpu_store_at(cpu, n)->due;
	status = dmasim_call_at(cpu->kernel, due, 0, &call, NULL);
	cpu->armed = status == DMASIM_OK;
	return status;
}

/* Arm ARM B2.10: what Gathering is, and which memory allows it. */
static bool may_gather(const struct cpu_store *s)
{
	return s->attr.type == DMASIM_DEVICE_GRE ||
	       (s->attr.type == DMASIM_NORMAL &&
	        !dmasim_attr_cacheable(&s->attr));
}

static void merge(struct cpu_store *into, const struct cpu_store *s)
{
	uint64_t from = into->pa < s->pa ? into->pa : s->pa;
	uint64_t end = into->pa + into->size > s->pa + s->size
	                       ? into->pa + into->size
	                       : s->pa + s->size;

	memmove(into->data + (into->pa - from), into->data, into->size);
	memcpy(into->data + (s->pa - from), s->data, s->size);
	into->pa = from;
	into->size = (uint32_t)(end - from);
}

/*
 * A choice point: whether a store becomes one with the youngest, as a
 * write-combining buffer makes it. Nothing that orders may lie between them,
 * and together they are one run of bytes of one piece.
 */
static bool gather(struct dmasim_cpu *cpu, const struct cpu_store *s)
{
	struct dmasim_choice_query q = {
	        .point = DMASIM_CHOICE_GATHER,
	        .alternatives = 2,
	        .who = "cpu",
	        .where = s->pa,
	};
	struct cpu_store *last;

	if (!cpu->choice || cpu_stores_empty(cpu) || !may_gather(s) ||
	    s->release)
		return false;
	last = cpu_store_at(cpu, cpu->next - 1);
	if (last->gone || last->release || last->after != s->after ||
	    (cpu->flying && cpu->flying_number == cpu->next - 1) ||
	    dmasim_attr_mismatch(&last->attr, &s->attr) ||
	    last->pa / CPU_PIECE != s->pa / CPU_PIECE ||
	    s->pa > last->pa + last->size || last->pa > s->pa + s->size ||
	    !dmasim_choose(cpu->choice, &q))
		return false;
	count(cpu, last, false);
	merge(last, s);
	count(cpu, last, true);
	return true;
}

/* Views show what waits. */
static void tell(struct dmasim_cpu *cpu, struct cpu_store *s)
{
	struct dmasim_txn txn;

	if (!ms_observed(cpu->memsys))
		return;
	cpu_fill_txn(&txn, DMASIM_WRITE, s->pa, s->size, &s->attr, &s->origin);
	txn.data = s->data;
	txn.ahead = cpu->local;
	ms_tell_store(cpu->memsys, cpu->index, &txn);
}

int cpu_store(struct dmasim_cpu *cpu, struct cpu_store *store)
{
	const struct dmasim_choice_query q = {
	        .point = DMASIM_CHOICE_STORE_DRAIN,
	        .alternatives = 2,
	        .who = "cpu",
	        .where = cpu->index,
	};
	uint64_t now = dmasim_now(cpu->kernel) + cpu->local;
	struct cpu_store *s;
	int status = DMASIM_OK;

	store->after = cpu->store_after;
	if (gather(cpu, store)) {
		tell(cpu, store);
		return DMASIM_OK;
	}
	/* Others may use this CPU while it waits (an interrupt handler). */
	while (!status && cpu->next - cpu->first == cpu->depth)
		status = drain_one(cpu, cpu->next);
	if (status)
		return status;
	s = cpu_store_at(cpu, cpu->next++);
	*s = *store;
	s->gone = false;
	count(cpu, s, true);
	tell(cpu, s);
	if (s->release) {
		s->after = cpu->next - 1;
		cpu->release_end = cpu->next;
	}
	s->due = cpu->drain_delay < DMASIM_FOREVER - 1 - now
	                 ? now + cpu->drain_delay
	                 : DMASIM_FOREVER - 1;
	if (cpu->choice && !cpu->flying && dmasim_choose(cpu->choice, &q) == 1)
		status = send_store(cpu, pick(cpu, cpu->next));
	return status ? status : arm(cpu);
}

/* The oldest store that is due; cpu->next: none is. */
static uint64_t due_store(const struct dmasim_cpu *cpu)
{
	uint64_t n = cpu->first;

	while (n < cpu->next &&
	       (cpu_store_at(cpu, n)->gone ||
	        cpu_store_at(cpu, n)->due > dmasim_now(cpu->kernel)))
		n++;
	return n;
}

/* Stores that are due leave now; time that they take is not the CPU's. One
 * that leaves in the place of another also leaves it its time. */
static void drain_due(struct dmasim_cpu *cpu)
{
	uint64_t local = cpu->local, due;
	int status = DMASIM_OK;

	while (!status && !cpu->flying && (due = due_store(cpu)) < cpu->next) {
		uint64_t n = pick(cpu, cpu->next);

		if (cpu_store_at(cpu, n)->due > cpu_store_at(cpu, due)->due)
			cpu_store_at(cpu, due)->due = cpu_store_at(cpu, n)->due;
		status = send_store(cpu, n);
	}
	cpu->local = local;
	if (!status)
		status = arm(cpu);
	if (status)
		dmasim_fail(cpu->kernel, "cpu: %s", dmasim_strerror(status));
}

void cpu_drain_call(void *obj, uint32_t op, uint64_t arg)
{
	struct dmasim_cpu *cpu = obj;

	(void)arg;
	if (op == CPU_CALL_DUE) {
		cpu->armed = false;
	} else if (cpu->flying) {
		struct dmasim_txn *txn = cpu->flying;

		cpu->flying = NULL;
		left(cpu, cpu->flying_number, txn->result);
		dmasim_waiter_put(cpu->waiter, txn);
		dmasim_event_notify(cpu->left, 0);
	}
	drain_due(cpu);
}
