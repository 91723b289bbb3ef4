/* SPDX-License-Identifier: MIT */
/*
 * https://github.com/au-ts/sddf/issues/740
 * https://github.com/au-ts/sddf/pull/753
 *
 * A virtio-net driver in a guest under KVM mapped its rings uncached, while
 * the device, in the host, uses them through its caches: an assertion about
 * the used ring failed. (On QEMU without KVM, which has no caches, all went
 * well.) Fixed by mapping the rings cached.
 */
#include "bug.h"

#define USED_INDEX 0x1002u
#define USED_RING  0x1004u

static bool run(struct bug_machine *m, bool fixed)
{
	uint64_t va = fixed ? BUG_WB : BUG_DEV;
	uint64_t index, head;

	STORE(m, 0, va + USED_INDEX, 2, 0);
	STORE(m, 0, va + USED_RING, 4, 0);
	STORE(m, 0, va + USED_RING + 4, 4, 0);
	BARRIER(m, 0, DMASIM_DSB);
	bug_dma_write(m, BUG_RAM + USED_RING, 4, 7, "write used.ring[0].id");
	bug_dma_write(m, BUG_RAM + USED_INDEX, 2, 1, "write used.idx");
	if (bug_maybe(m, DMASIM_CHOICE_SPONTANEOUS_EVICT))
		(void)dmasim_memsys_evict(m->ms, 1, BUG_RAM + USED_INDEX);
	m->reader_line = __LINE__ + 1;
	index = LOAD(m, 0, va + USED_INDEX, 2);
	BARRIER(m, 0, DMASIM_DMB_LD);
	head = LOAD(m, 0, va + USED_RING, 4);
	return index == 1 && head == 7;
}

const struct bug bug_sddf_740 = {
        .name = "sddf 740, 753",
        .link = "https://github.com/au-ts/sddf/pull/753",
        .run = run,
        .device = DMASIM_PORT_CACHED,
        .device_name = "virtio-net of the host",
        .guest = true,
        .kind = DMASIM_MISMATCHED_ALIAS,
        .remedy = "map the memory as the device does",
        .points = DMASIM_EXPLORE_POINT(DMASIM_CHOICE_SPONTANEOUS_EVICT)};
