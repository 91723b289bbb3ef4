/* SPDX-License-Identifier: MIT */
/*
 * https://github.com/firecracker-microvm/firecracker/issues/5536
 *
 * The device tree said nothing of dma-coherent, so that the guest mapped its
 * virtqueue Non-cacheable; the device is a process of the host, which maps the
 * same memory Write-Back. The guest read old used elements: `id 0 is not a
 * head!`. Fixed by dma-coherent in the node (pull request 5538): the guest
 * then maps the queue Write-Back, too.
 */
#include "bug.h"

#define HEAD  18u
#define INDEX 0x1002u
/* ring[215], in another line than the index. */
#define SLOT (0x1004u + 8 * 215)

/* Out of the host's caches into memory. */
static void written_back(struct bug_machine *m, uint64_t pa)
{
	if (!bug_maybe(m, DMASIM_CHOICE_SPONTANEOUS_EVICT))
		return;
	(void)dmasim_memsys_evict(m->ms, 2, pa);
	(void)dmasim_memsys_evict(m->ms, DMASIM_SHARED_CACHE, pa);
}

static bool run(struct bug_machine *m, bool fixed)
{
	uint64_t va = fixed ? BUG_WB : BUG_NC;
	uint64_t index, id;

	/* The guest has seen 215 answers; the device gives the next one. */
	STORE(m, 0, va + SLOT, 8, 0);
	STORE(m, 0, va + INDEX, 2, 215);
	BARRIER(m, 0, DMASIM_DSB);
	bug_dma_write(m, BUG_RAM + SLOT, 8, HEAD | 512ull << 32,
	              "write used.ring[215]");
	bug_dma_write(m, BUG_RAM + INDEX, 2, 216, "write used.idx");
	written_back(m, BUG_RAM + SLOT);
	written_back(m, BUG_RAM + INDEX);
	m->reader_line = __LINE__ + 1;
	index = LOAD(m, 0, va + INDEX, 2);
	if (index != 216) {
		m->symptom = "no answer";
		return false;
	}
	BARRIER(m, 0, DMASIM_DMB_LD);
	m->reader_line = __LINE__ + 1;
	id = LOAD(m, 0, va + SLOT, 4);
	if (id != HEAD)
		m->symptom = "id 0 is not a head!";
	return id == HEAD;
}

const struct bug bug_firecracker_5536 = {
        .name = "firecracker 5536",
        .link = "https://github.com/firecracker-microvm/firecracker/issues/"
                "5536",
        .symptom = "id 0 is not a head!",
        .run = run,
        .device = DMASIM_PORT_CACHED,
        .device_name = "virtio-blk of the host",
        .guest = true,
        .kind = DMASIM_MISMATCHED_ALIAS,
        .remedy = "dma-coherent",
        .points = DMASIM_EXPLORE_POINT(DMASIM_CHOICE_SPONTANEOUS_EVICT)};
