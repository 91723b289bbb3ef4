/* SPDX-License-Identifier: MIT */
/* What devices do. */
#include "machine_internal.h"

/* What a read gives that an IOMMU refuses. */
#define REFUSED 255

static enum dmasim_cause cause_of(const struct litmus_agent *a,
                                  const struct litmus_insn *in)
{
	if (a->kind != LITMUS_WALKER && a->kind != LITMUS_WALKER_COHERENT)
		return DMASIM_CAUSE_DMA;
	return in->configuration ? DMASIM_CAUSE_STE : DMASIM_CAUSE_WALK;
}

bool machine_device(struct machine *m, int agent, const struct litmus_insn *in)
{
	const struct litmus *t = m->plan->t;
	const struct litmus_agent *a = &t->agent[agent];
	struct machine_agent *own = &m->agent[agent];
	uint64_t value = in->value;
	uint8_t bytes[8];
	struct dmasim_txn txn = {
	        .op = machine_op(in),
	        .cause = cause_of(a, in),
	        .flags = a->kind == LITMUS_NOSNOOP ? DMASIM_TXN_NO_SNOOP : 0,
	        .addr = MACHINE_RAM + machine_offset(t, in->location),
	        .size = 8,
	        .attr = machine_attr(&in->attr),
	        .data = bytes,
	        .origin = {.what = m->plan->what[agent][own->next]},
	};

	for (int r = 0; r < a->reg_count; r++)
		if ((in->condition >> r & 1) && !own->reg[r])
			return true;
	if (in->value_reg >= 0)
		value += own->reg[in->value_reg];
	for (int k = 0; k < 8; k++)
		bytes[k] = (uint8_t)(value >> 8 * k);
	if (!machine_translate(m, agent, in, &txn)) {
		if (in->reg >= 0)
			own->reg[in->reg] = REFUSED;
		return true;
	}
	if (dmasim_access_wait(m->k, &own->port, &txn) ||
	    txn.result != DMASIM_TXN_OK) {
		m->error = "a device's access was refused";
		return false;
	}
	value = 0;
	for (int k = 0; k < 8; k++)
		value |= (uint64_t)bytes[k] << 8 * k;
	if (in->reg >= 0)
		own->reg[in->reg] = value;
	return true;
}
