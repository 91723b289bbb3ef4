/* SPDX-License-Identifier: MIT */
/*
 * https://github.com/firecracker-microvm/firecracker/pull/2169
 *
 * The device's thread read the index of the available ring, and then the
 * entry that it exposes, without anything between that orders two loads. A
 * branch does not: an Arm processor may have read the entry before, when it
 * was old. Fixed by an acquire fence.
 */
#include "bug.h"

#define INDEX 0x1002u
#define ENTRY 0x1084u
#define HEAD  5u

/* The driver, on CPU 0, step by step: what it does is right. */
static void driver(struct bug_machine *m, unsigned step)
{
	if (step == 0)
		STORE(m, 0, BUG_WB + ENTRY, 2, HEAD);
	else if (step == 1)
		BARRIER(m, 0, DMASIM_DMB_ST);
	else if (step == 2)
		STORE(m, 0, BUG_WB + INDEX, 2, 1);
	else
		BARRIER(m, 0, DMASIM_DSB);
}

/* The device's thread, on CPU 1. */
static uint32_t device(struct bug_machine *m, bool fixed)
{
	struct dmasim_insn load = {.op = DMASIM_READ, .size = 2};
	uint32_t index, entry;

	load.va = BUG_WB + INDEX;
	load.origin = DMASIM_HERE;
	bug_issue(m, 1, &load, &index);
	if (fixed) {
		const struct dmasim_insn fence = {.op = DMASIM_BARRIER,
		                                  .barrier = DMASIM_DMB_LD,
		                                  .domain = DMASIM_ISH,
		                                  .origin = DMASIM_HERE};

		bug_issue(m, 1, &fence, &entry);
	}
	load.va = BUG_WB + ENTRY;
	/* It branches on the index first. */
	load.control_dep = dmasim_token_bit(index);
	m->reader_line = __LINE__ + 1;
	load.origin = DMASIM_HERE;
	bug_issue(m, 1, &load, &entry);
	return index;
}

static bool run(struct bug_machine *m, bool fixed)
{
	uint32_t index = device(m, fixed), entry = index + 1 + fixed;
	uint64_t i, e;

	/* In any order in which both may go on. */
	for (unsigned step = 0; step < 4; step++) {
		bug_perform_some(m, 1);
		driver(m, step);
	}
	bug_perform_all(m, 1);
	i = bug_result(m, 1, index);
	e = bug_result(m, 1, entry);
	/* It looks at the entry only if there is one. */
	return i == 0 || e == HEAD;
}

const struct bug bug_firecracker_2169 = {
        .name = "firecracker 2169",
        .link = "https://github.com/firecracker-microvm/firecracker/pull/2169",
        .run = run,
        .device = DMASIM_PORT_COHERENT,
        .device_name = "unused",
        .kind = DMASIM_MISSING_BARRIER,
        .remedy = "dma_rmb() (smp_rmb() between CPUs; DMB LD)",
        .points = DMASIM_EXPLORE_POINT(DMASIM_CHOICE_ARBITER)};
