/* SPDX-License-Identifier: MIT */
/*
 * The place of an access in its CPU's program, and what barriers and ordered
 * accesses do to those that follow (Arm ARM B2.3.7: Barrier-ordered-before,
 * DSB-ordered-before). Transitivity is in the numbers: what is ordered before
 * everything up to n is so, too.
 */
#include "cpu_internal.h"

static void raise_to(uint64_t *mark, uint64_t number)
{
	if (*mark < number)
		*mark = number;
}

void cpu_place_ordered(struct dmasim_cpu *cpu, enum dmasim_op op,
                       enum dmasim_order order, struct dmasim_program_order *po)
{
	struct cpu_order *o = &cpu->order;

	cpu_place(cpu, op, po);
	/* A release comes after everything before it. */
	if (dmasim_order_releases(order))
		po->loads = po->stores = po->number - 1;
	/* An acquire of the RCsc kind comes after the releases before it, and
	 * so after what those come after. */
	if (order == DMASIM_ORDER_ACQUIRE || order == DMASIM_ORDER_ACQ_REL) {
		raise_to(&po->loads, o->released);
		raise_to(&po->stores, o->released);
	}
	if (dmasim_order_releases(order))
		o->released = po->number;
	if (dmasim_order_acquires(order))
		raise_to(&o->loads, po->number);
	/* Arm ARM B2.3.7: what follows an atomic that does both is ordered
	 * after its store, and so after all before it. */
	if (order == DMASIM_ORDER_ACQ_REL) {
		raise_to(&o->stores_before_loads, po->number);
		raise_to(&o->stores_before_stores, po->number);
	}
}

void cpu_place_barrier(struct dmasim_cpu *cpu, enum dmasim_barrier kind,
                       enum dmasim_shareability share,
                       struct dmasim_program_order *po)
{
	struct cpu_order *o = &cpu->order;
	bool loads = kind != DMASIM_DMB_ST && kind != DMASIM_DSB_ST;
	bool stores = kind != DMASIM_DMB_LD && kind != DMASIM_DSB_LD;

	cpu_place(cpu, DMASIM_BARRIER, po);
	po->maybe = false;
	if (share == DMASIM_NSH)
		return;
	if (loads)
		o->loads = po->number;
	if (stores)
		o->stores_before_stores = po->number;
	if (stores && kind != DMASIM_DMB_ST)
		o->stores_before_loads = po->number;
	if (kind == DMASIM_DSB)
		o->complete = po->number;
}

struct dmasim_program_place dmasim_cpu_place(const struct dmasim_cpu *cpu)
{
	return (struct dmasim_program_place){cpu->index + 1, cpu->order.number};
}
