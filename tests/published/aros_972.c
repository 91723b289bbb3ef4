/* SPDX-License-Identifier: MIT */
/*
 * https://github.com/aros-development-team/AROS/pull/972
 *
 * A mailbox message for the firmware shared its last cache line with other
 * variables. At the end there is no right choice: to drop the line loses what
 * the processor wrote beside the message, to write it back puts old bytes
 * over the firmware's answer. Fixed by giving messages lines of their own.
 */
#include "bug.h"

#define MESSAGE   0x1000u
#define SIZE      0x60u /* one line and a half */
#define NEIGHBOUR (MESSAGE + SIZE)
#define ELSEWHERE 0x2000u

static bool run(struct bug_machine *m, bool fixed)
{
	uint64_t neighbour = fixed ? ELSEWHERE : NEIGHBOUR;
	/* With a message padded to whole lines. */
	uint64_t size = fixed ? 0x80 : SIZE;
	bool right;

	for (unsigned i = 0; i < SIZE; i += 8)
		STORE(m, 0, BUG_WB + MESSAGE + i, 8, 0x11);
	CLEAN(m, 0, BUG_WB + MESSAGE, size);
	BARRIER(m, 0, DMASIM_DSB);
	/* The firmware works; the processor uses its own variable. */
	m->writer_line = __LINE__ + 1;
	STORE(m, 0, BUG_WB + neighbour, 8, 0x5a5a);
	for (unsigned i = 0; i < SIZE; i += 8)
		bug_dma_write(m, BUG_RAM + MESSAGE + i, 8, 0x22,
		              "answer a message");
	INVALIDATE(m, 0, BUG_WB + MESSAGE, size);
	BARRIER(m, 0, DMASIM_DSB);
	right = LOAD(m, 0, BUG_WB + MESSAGE + SIZE - 8, 8) == 0x22;
	return right & (LOAD(m, 0, BUG_WB + neighbour, 8) == 0x5a5a);
}

const struct bug bug_aros_972 = {
        .name = "AROS 972",
        .link = "https://github.com/aros-development-team/AROS/pull/972",
        .run = run,
        .device = DMASIM_PORT_NONCOHERENT,
        .device_name = "firmware",
        .kind = DMASIM_DISCARDED_WRITE,
        .remedy = "ARCH_DMA_MINALIGN",
        .caches_choose = true,
        .points = DMASIM_EXPLORE_POINT(DMASIM_CHOICE_IVAC_CLEANS)};
