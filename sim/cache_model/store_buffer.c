/* SPDX-License-Identifier: MIT */
/*
 * The store buffer: Normal stores wait here, invisible to others, and leave
 * in order. One leaves when room is needed, when a barrier, an atomic or
 * maintenance wants it gone, when the choice point says so, and at the latest
 * after the drain delay.
 */
#include "cpu_internal.h"

#include <string.h>

static struct cpu_store *store_at(const struct dmasim_cpu *cpu, uint64_t number)
{
	return &cpu->stores[number % cpu->depth];
}

static void left(struct dmasim_cpu *cpu, enum dmasim_result r)
{
	const struct cpu_store *s = store_at(cpu, cpu->first);

	if (r != DMASIM_TXN_OK) {
		cpu->fault = true;
		dmasim_log(cpu->kernel, DMASIM_LOG_WARNING, "cpu",
		           "cpu%u: store to 0x%llx (%s:%u): %s", cpu->index,
		           (unsigned long long)s->pa,
		           s->origin.file ? s->origin.file : "?",
		           s->origin.line, dmasim_result_name(r));
	}
	cpu->first++;
}

/* Send the first store off. OK: it has left, or it is flying. */
static int send_first(struct dmasim_cpu *cpu)
{
	const struct cpu_store *s = store_at(cpu, cpu->first);
	struct dmasim_txn *txn = dmasim_waiter_get(cpu->waiter, s->size);

	if (!txn)
		return DMASIM_E_NOMEM;
	cpu_fill_txn(txn, DMASIM_WRITE, s->pa, s->size, &s->attr, &s->origin);
	txn->po = s->po;
	txn->ahead = cpu->local;
	memcpy(txn->data, s->data, s->size);
	txn->done =
	        (struct dmasim_call){.actor = cpu->actor, .op = CPU_CALL_LEFT};
	if (dmasim_access(&cpu->port, txn) == DMASIM_TXN_PENDING) {
		cpu->flying = txn;
		return DMASIM_OK;
	}
	cpu->local += txn->latency;
	left(cpu, txn->result);
	dmasim_waiter_put(cpu->waiter, txn);
	return DMASIM_OK;
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

int cpu_drain(struct dmasim_cpu *cpu, uint64_t goal)
{
	int status = DMASIM_OK;

	while (!status && cpu->first < goal)
		status = cpu->flying ? wait_for_flying(cpu) : send_first(cpu);
	return status;
}

static bool overlaps(const struct cpu_store *s, uint64_t pa, uint64_t size)
{
	return s->pa < pa + size && pa < s->pa + s->size;
}

int cpu_drain_range(struct dmasim_cpu *cpu, uint64_t pa, uint64_t size)
{
	for (uint64_t n = cpu->next; n-- > cpu->first;)
		if (overlaps(store_at(cpu, n), pa, size))
			return cpu_drain(cpu, n + 1);
	return DMASIM_OK;
}

int cpu_forward(struct dmasim_cpu *cpu, uint64_t pa, uint32_t size,
                const struct dmasim_attr *attr, uint8_t *buf, uint64_t *have)
{
	/* A store through another alias would not be seen by a load of this
	 * one: it goes to where its own attributes say, and the load looks
	 * where its attributes say. */
	for (uint64_t n = cpu->next; n-- > cpu->first;) {
		const struct cpu_store *s = store_at(cpu, n);

		if (overlaps(s, pa, size) &&
		    dmasim_attr_mismatch(&s->attr, attr)) {
			int status = cpu_drain(cpu, n + 1);

			if (status)
				return status;
			break;
		}
	}
	/* The youngest store of each byte. */
	for (uint64_t n = cpu->next; n-- > cpu->first;) {
		const struct cpu_store *s = store_at(cpu, n);

		for (uint32_t i = 0; overlaps(s, pa, size) && i < s->size;
		     i++) {
			uint64_t at = s->pa + i - pa;

			if (at >= size || *have >> at & 1)
				continue;
			buf[at] = s->data[i];
			*have |= UINT64_C(1) << at;
		}
	}
	return DMASIM_OK;
}

/* Have the first store leave when it is due. OK, E_NOMEM. */
static int arm(struct dmasim_cpu *cpu)
{
	const struct dmasim_call call = {.actor = cpu->actor,
	                                 .op = CPU_CALL_DUE};
	int status;

	if (cpu->armed || cpu->flying || cpu_stores_empty(cpu))
		return DMASIM_OK;
	status = dmasim_call_at(cpu->kernel, store_at(cpu, cpu->first)->due, 0,
	                        &call, NULL);
	cpu->armed = status == DMASIM_OK;
	return status;
}

int cpu_store(struct dmasim_cpu *cpu, const struct cpu_store *store)
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

	/* Others may use this CPU while it waits (an interrupt handler). */
	while (!status && cpu->next - cpu->first == cpu->depth)
		status = cpu_drain(cpu, cpu->first + 1);
	if (status)
		return status;
	s = store_at(cpu, cpu->next++);
	*s = *store;
	s->due = cpu->drain_delay < DMASIM_FOREVER - 1 - now
	                 ? now + cpu->drain_delay
	                 : DMASIM_FOREVER - 1;
	if (cpu->choice && !cpu->flying && dmasim_choose(cpu->choice, &q) == 1)
		status = send_first(cpu);
	return status ? status : arm(cpu);
}

/* Stores that are due leave now; time that they take is not the CPU's. */
static void drain_due(struct dmasim_cpu *cpu)
{
	uint64_t local = cpu->local;
	int status = DMASIM_OK;

	while (!status && !cpu->flying && !cpu_stores_empty(cpu) &&
	       store_at(cpu, cpu->first)->due <= dmasim_now(cpu->kernel))
		status = send_first(cpu);
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
		left(cpu, txn->result);
		dmasim_waiter_put(cpu->waiter, txn);
		dmasim_event_notify(cpu->left, 0);
	}
	drain_due(cpu);
}
