/* SPDX-License-Identifier: MIT */
/* What the driver and an IOMMU tell the hazard checker about buffers. */
#include "machine_internal.h"

#include "dmasim/dma_note.h"

/* Bus addresses behind an IOMMU. */
#define IOVA UINT64_C(0x100000000)

static uint32_t stream_of(int agent)
{
	return (uint32_t)agent + 1;
}

static uint64_t bus_address(const struct machine *m, int agent,
                            const struct litmus_insn *in)
{
	const struct litmus_agent *a = &m->plan->t->agent[agent];

	return MACHINE_RAM + machine_offset(m->plan->t, in->location) +
	       (a->iommu && !in->physical ? IOVA : 0);
}

static int map_buffer(struct machine *m, int agent,
                      const struct litmus_insn *in)
{
	static const enum dmasim_dma_dir directions[] = {
	        DMASIM_TO_DEVICE, DMASIM_FROM_DEVICE, DMASIM_BIDIRECTIONAL,
	        DMASIM_BIDIRECTIONAL};
	const struct litmus *t = m->plan->t;
	const struct litmus_agent *device = &t->agent[in->agent];
	const struct dmasim_dma_buffer buffer = {
	        .stream_id = stream_of(in->agent),
	        .dma = bus_address(m, in->agent, in),
	        .pa = MACHINE_RAM + machine_offset(t, in->location),
	        .size = 8,
	        .direction = directions[in->direction],
	        .both = in->direction == LITMUS_SHARED,
	        .coherent = device->kind != LITMUS_OUTER &&
	                    device->kind != LITMUS_NONCOHERENT &&
	                    device->kind != LITMUS_NOSNOOP,
	        .name = t->location[in->location].name,
	        .by = {.file = t->file, .line = (uint32_t)in->line},
	        .at = dmasim_cpu_place(m->agent[agent].cpu),
	};
	struct machine_agent *d = &m->agent[in->agent];

	d->mapped |= 1u << in->location;
	if (!m->checker)
		return DMASIM_OK;
	/* From its first mapping on the device uses nothing else. */
	if (!d->watched &&
	    dmasim_note_watch(m->checker, d->number, buffer.stream_id))
		return DMASIM_E_NOMEM;
	d->watched = true;
	return dmasim_note_buffer(m->checker, &buffer);
}

bool machine_note(struct machine *m, int agent, const struct litmus_insn *in)
{
	uint64_t dma = bus_address(m, in->agent, in);
	uint32_t stream = stream_of(in->agent);
	int status = DMASIM_OK;

	if (in->op == LITMUS_MAP)
		status = map_buffer(m, agent, in);
	else if (in->op == LITMUS_UNMAP)
		m->agent[in->agent].mapped &= ~(1u << in->location);
	if (m->checker && in->op == LITMUS_UNMAP)
		dmasim_note_unmap(m->checker, stream, dma, 8);
	if (m->checker && in->op == LITMUS_SYNC)
		status =
		        dmasim_note_sync(m->checker, stream, dma, 8,
		                         in->device_turn ? DMASIM_SYNC_TO_DEVICE
		                                         : DMASIM_SYNC_TO_CPU,
		                         dmasim_cpu_place(m->agent[agent].cpu));
	if (status)
		m->error = "a note was refused";
	return !status;
}

/* An IOMMU of one page for each location: what is not mapped is refused. */
bool machine_translate(struct machine *m, int agent,
                       const struct litmus_insn *in, struct dmasim_txn *txn)
{
	const struct litmus_agent *a = &m->plan->t->agent[agent];

	txn->stream_id = stream_of(agent);
	if (!a->iommu)
		return true;
	txn->addr = bus_address(m, agent, in);
	txn->initiator = m->agent[agent].number;
	if (!in->physical && (m->agent[agent].mapped >> in->location & 1)) {
		txn->addr -= IOVA;
		return true;
	}
	if (m->checker)
		dmasim_note_dma_fault(m->checker, txn, in->physical);
	return false;
}
