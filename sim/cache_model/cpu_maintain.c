/* SPDX-License-Identifier: MIT */
/*
 * Maintenance and barriers of a CPU. Maintenance by address is complete only
 * at a DSB (Arm ARM D7.5.9); until then it may wait, in order with what is
 * done to the same lines: a choice point.
 */
#include "cpu_internal.h"
#include "dmasim/cpu_ordered.h"

#include <string.h>

static int send_maintenance(struct dmasim_cpu *cpu,
                            const struct cpu_maintenance *m)
{
	struct dmasim_txn *txn = dmasim_waiter_get(cpu->waiter, 0);
	int status;

	if (!txn)
		return DMASIM_E_NOMEM;
	cpu_fill_txn(txn, m->op, m->pa, m->size, &m->attr, &m->origin);
	txn->po = m->po;
	status = cpu_send(cpu, txn);
	if (!status)
		dmasim_waiter_put(cpu->waiter, txn);
	return status;
}

/* Perform the delayed operation at @i. It is gone whatever comes of it. */
static int perform_delayed(struct dmasim_cpu *cpu, uint32_t i)
{
	struct cpu_maintenance m = cpu->delayed[i];

	cpu->delayed_len--;
	memmove(&cpu->delayed[i], &cpu->delayed[i + 1],
	        (cpu->delayed_len - i) * sizeof(*cpu->delayed));
	if (!cpu->delayed_len)
		cpu->special &= ~CPU_SPECIAL_DELAYED;
	return send_maintenance(cpu, &m);
}

/* Do the lines of @m hold some of [pa, last]? */
static bool same_lines(const struct dmasim_cpu *cpu,
                       const struct cpu_maintenance *m, uint64_t pa,
                       uint64_t last)
{
	uint64_t line = dmasim_memsys_line_size(cpu->memsys);

	return (m->pa & ~(line - 1)) <= last &&
	       pa <= ((m->pa + (m->size - 1)) | (line - 1));
}

int cpu_perform_delayed(struct dmasim_cpu *cpu, uint64_t pa, uint64_t size)
{
	uint32_t i = 0;
	int status = DMASIM_OK;

	while (!status && i < cpu->delayed_len)
		if (same_lines(cpu, &cpu->delayed[i], pa, pa + (size - 1)))
			status = perform_delayed(cpu, i);
		else
			i++;
	return status;
}

int cpu_perform_all_delayed(struct dmasim_cpu *cpu)
{
	int status = DMASIM_OK;

	while (!status && cpu->delayed_len)
		status = perform_delayed(cpu, 0);
	return status;
}

/* A choice point: leave it for later? Makes room if so. */
static int delay(struct dmasim_cpu *cpu, const struct cpu_maintenance *m,
                 bool *delayed)
{
	const struct dmasim_choice_query q = {
	        .point = DMASIM_CHOICE_MAINTENANCE_DELAY,
	        .alternatives = 2,
	        .who = "cpu",
	        .where = m->pa,
	};
	int status;

	*delayed = cpu->choice && dmasim_choose(cpu->choice, &q) == 1;
	if (!*delayed)
		return DMASIM_OK;
	if (cpu->delayed_len == CPU_MAX_DELAYED) {
		status = perform_delayed(cpu, 0);
		if (status)
			return status;
	}
	cpu->delayed[cpu->delayed_len++] = *m;
	cpu->special |= CPU_SPECIAL_DELAYED;
	return DMASIM_OK;
}

/* Maintenance of [pa, pa+size) through one mapping. What is done to its lines
 * before stays before it. */
static int maintain(struct dmasim_cpu *cpu, struct cpu_maintenance *m)
{
	uint64_t line = dmasim_memsys_line_size(cpu->memsys);
	uint64_t first = m->pa & ~(line - 1);
	uint64_t end = (m->pa + m->size + line - 1) & ~(line - 1);
	bool delayed = false;
	int status = cpu_drain_range(cpu, first, end - first);

	if (!status)
		status = cpu_perform_delayed(cpu, m->pa, m->size);
	if (status)
		return status;
	cpu_drop_early(cpu, first, end - first);
	cpu_place(cpu, m->op, &m->po);
	status = delay(cpu, m, &delayed);
	return status || delayed ? status : send_maintenance(cpu, m);
}

int dmasim_cpu_maintain(struct dmasim_cpu *cpu, enum dmasim_op op, uint64_t va,
                        uint64_t size, struct dmasim_origin origin)
{
	struct cpu_maintenance m = {.op = op, .origin = origin};
	int status;

	if (!dmasim_op_is_maintenance(op) || dmasim_op_is_set_way(op))
		return DMASIM_E_INVAL;
	if (!size)
		return DMASIM_OK;
	status = cpu_settle(cpu);
	if (status)
		return status;
	if (!cpu_covered(cpu, va, size))
		return DMASIM_E_NOTFOUND;
	/* HCR_EL2.{VM,DC} (Arm ARM D7.5): under stage 2 DC IVAC must not
	 * throw away what the hypervisor's other guests may not lose; it
	 * cleans as well. */
	if (op == DMASIM_INVALIDATE && cpu_under_stage2(cpu))
		m.op = DMASIM_CLEAN_INVALIDATE;
	status = cpu_sync(cpu);
	while (!status && size) {
		struct cpu_mapping map;
		uint64_t n;

		if (!cpu_lookup(cpu, va, &map))
			return DMASIM_E_NOTFOUND;
		n = map.size - (va - map.va);
		if (n > size)
			n = size;
		/* A transaction's size has 32 bits. */
		if (n > UINT32_MAX / 2)
			n = UINT32_MAX / 2 + 1;
		m.pa = map.pa + (va - map.va);
		m.size = (uint32_t)n;
		m.attr = map.attr;
		status = maintain(cpu, &m);
		va += n;
		size -= n;
	}
	return status ? status : cpu_end_of_access(cpu);
}

int dmasim_cpu_maintain_set_way(struct dmasim_cpu *cpu, enum dmasim_op op,
                                uint64_t operand, struct dmasim_origin origin)
{
	struct cpu_maintenance m = {.op = op,
	                            .pa = operand,
	                            .attr = dmasim_attr_wb,
	                            .origin = origin};
	int status;

	if (!dmasim_op_is_set_way(op))
		return DMASIM_E_INVAL;
	status = cpu_settle(cpu);
	if (!status)
		status = cpu_sync(cpu);
	if (status)
		return status;
	cpu_place(cpu, op, &m.po);
	status = send_maintenance(cpu, &m);
	return status ? status : cpu_end_of_access(cpu);
}

/*
 * A choice point: a barrier that orders stores with stores alone, or that says
 * nothing to others, need not see any store leave. By default they do.
 */
static bool stores_stay(struct dmasim_cpu *cpu, enum dmasim_barrier kind,
                        enum dmasim_shareability share)
{
	const struct dmasim_choice_query q = {
	        .point = DMASIM_CHOICE_STORE_DRAIN,
	        .alternatives = 2,
	        .preferred = 1,
	        .who = "barrier",
	        .where = cpu->index,
	};

	return cpu->choice && !cpu_stores_empty(cpu) &&
	       (kind == DMASIM_DMB_ST || share == DMASIM_NSH) &&
	       dmasim_choose(cpu->choice, &q) == 0;
}

/* What must have been seen before the barrier ends, or before what follows
 * it. Loads are complete when they return. Stores before it must be seen
 * before those after it, some of which do not wait in the buffer; and a DSB
 * ends only when they are seen. */
static int before_barrier(struct dmasim_cpu *cpu, enum dmasim_barrier kind,
                          enum dmasim_shareability share)
{
	bool all = kind == DMASIM_DMB || kind == DMASIM_DSB;
	bool stores = kind != DMASIM_DMB_LD && kind != DMASIM_DSB_LD;
	int status = cpu_settle(cpu);

	if (!status && stores) {
		if (!stores_stay(cpu, kind, share))
			status = cpu_drain(cpu, cpu->next);
		else if (share != DMASIM_NSH)
			cpu->store_after = cpu->next;
	}
	if (share == DMASIM_NSH)
		return status;
	if (!status && all)
		status = cpu_perform_all_delayed(cpu);
	if (kind != DMASIM_DMB_ST)
		cpu_drop_early(cpu, 0, UINT64_MAX);
	return status;
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
	status = before_barrier(cpu, kind, share);
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
	cpu_tlb_barrier(cpu, kind);
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
