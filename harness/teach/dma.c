/* SPDX-License-Identifier: MIT */
/* The streaming half of the DMA API, in a story: who owns the bytes, and the
 * maintenance that a device without snooping needs. */
#include <string.h>

#include "teach_internal.h"

static const char *const call_names[] = {
        [DMASIM_LESSON_MAP] = "dma_map_single",
        [DMASIM_LESSON_SYNC_FOR_CPU] = "dma_sync_single_for_cpu",
        [DMASIM_LESSON_SYNC_FOR_DEVICE] = "dma_sync_single_for_device",
        [DMASIM_LESSON_UNMAP] = "dma_unmap_single"};

static const char *const direction_names[] = {
        [DMASIM_TO_DEVICE] = "DMA_TO_DEVICE",
        [DMASIM_FROM_DEVICE] = "DMA_FROM_DEVICE",
        [DMASIM_BIDIRECTIONAL] = "DMA_BIDIRECTIONAL"};

/* What has to be done to the lines; false: nothing. */
static bool maintenance(enum dmasim_lesson_dma call,
                        enum dmasim_dma_dir direction, enum dmasim_op *op)
{
	bool to_cpu = call == DMASIM_LESSON_SYNC_FOR_CPU ||
	              call == DMASIM_LESSON_UNMAP;

	*op = to_cpu ? DMASIM_INVALIDATE : DMASIM_CLEAN;
	return !to_cpu || direction != DMASIM_TO_DEVICE;
}

static int maintain(struct dmasim_agent *cpu, const struct dmasim_area *area,
                    enum dmasim_op op, struct dmasim_origin origin)
{
	struct dmasim_attr attr;
	int status = dmasim_cpu_maintain(cpu->cpu, op,
	                                 stage_va(cpu, area->pa, &attr),
	                                 area->size, origin);

	return status ? status
	              : dmasim_cpu_barrier(cpu->cpu, DMASIM_DSB, origin);
}

static int note(struct dmasim_agent *cpu, const struct dmasim_area *area,
                enum dmasim_lesson_dma call, const struct dmasim_dma_buffer *b)
{
	struct dmasim_checker *c = cpu->stage->checker;

	switch (call) {
	case DMASIM_LESSON_MAP:
		return dmasim_note_buffer(c, b);
	case DMASIM_LESSON_UNMAP:
		dmasim_note_unmap(c, b->stream_id, b->dma, area->size);
		return DMASIM_OK;
	default:
		return dmasim_note_sync(c, b->stream_id, b->dma, area->size,
		                        call == DMASIM_LESSON_SYNC_FOR_CPU
		                                ? DMASIM_SYNC_TO_CPU
		                                : DMASIM_SYNC_TO_DEVICE,
		                        dmasim_cpu_place(cpu->cpu));
	}
}

void dmasim_lesson_dma(struct dmasim_agent *cpu, struct dmasim_agent *device,
                       struct dmasim_area *area, enum dmasim_lesson_dma call,
                       enum dmasim_dma_dir direction,
                       struct dmasim_origin origin)
{
	struct dmasim_dma_buffer b = {.direction = direction, .by = origin};
	enum dmasim_op op;
	char what[192];
	int status = DMASIM_OK;

	if (!teach_can(cpu) || !device || !area)
		return;
	if (!cpu->cpu || device->cpu || call > DMASIM_LESSON_UNMAP ||
	    direction > DMASIM_BIDIRECTIONAL) {
		stage_fail(cpu->stage, DMASIM_E_INVAL, &origin, "dma");
		return;
	}
	b.stream_id = teach_stream(device);
	b.dma = area->dma ? area->dma : area->pa;
	b.pa = area->pa;
	b.size = area->size;
	b.coherent = device->coherent;
	b.name = area->name;
	snprintf(what, sizeof(what), "calls %s(%s, %s, %s)", call_names[call],
	         device->name, area->name, direction_names[direction]);
	teach_begin(cpu, what, &origin);
	if (!device->coherent && maintenance(call, direction, &op))
		status = maintain(cpu, area, op, origin);
	b.at = dmasim_cpu_place(cpu->cpu);
	if (!status)
		status = note(cpu, area, call, &b);
	teach_end(cpu, status, &origin, area->name);
}
