/* SPDX-License-Identifier: MIT */
/*
 * https://github.com/cloud-hypervisor/cloud-hypervisor/pull/2179
 *
 * With the event index, the device's thread says up to where it has looked,
 * and looks once more before it sleeps; the driver exposes a buffer, and looks
 * whether the device wants to be told. Each writes, then reads what the other
 * one wrote: with less than a full barrier on either side both may read what
 * was there before, and both wait: the device hangs. Fixed by a full barrier
 * between the device's store and its load.
 */
#include "bug.h"

#define AVAIL_INDEX 0x1002u
#define AVAIL_EVENT 0x1182u

struct both {
	uint64_t event, index; /* what the driver and the device read */
};

/* The driver, on CPU 0: right. */
static void driver(struct bug_machine *m, unsigned step, struct both *b)
{
	if (step == 0)
		STORE(m, 0, BUG_WB + AVAIL_INDEX, 2, 1);
	else if (step == 1)
		BARRIER(m, 0, DMASIM_DMB);
	else
		b->event = LOAD(m, 0, BUG_WB + AVAIL_EVENT, 2);
}

/* The device's thread, on CPU 1; no fence, or one that orders loads only. */
static void device(struct bug_machine *m, unsigned step, bool fixed,
                   struct both *b)
{
	if (step == 0) {
		m->writer_line = __LINE__ + 1;
		STORE(m, 1, BUG_WB + AVAIL_EVENT, 2, 1);
	} else if (step == 1) {
		BARRIER(m, 1, fixed ? DMASIM_DMB : DMASIM_DMB_LD);
	} else {
		m->reader_line = __LINE__ + 1;
		b->index = LOAD(m, 1, BUG_WB + AVAIL_INDEX, 2);
	}
}

static bool run(struct bug_machine *m, bool fixed)
{
	const uint64_t index = BUG_RAM + AVAIL_INDEX;
	const uint64_t event = BUG_RAM + AVAIL_EVENT;
	struct both b = {0};
	unsigned d = 0, v = 0;

	/* Each side writes its own, and then looks at the other's. */
	assert_int_equal(dmasim_note_dekker(m->checker, index, 2, event, 2),
	                 DMASIM_OK);
	assert_int_equal(dmasim_note_dekker(m->checker, event, 2, index, 2),
	                 DMASIM_OK);
	while (d < 3 || v < 3) {
		bool device_next =
		        d == 3 ||
		        (v < 3 && bug_maybe(m, DMASIM_CHOICE_ARBITER));

		if (device_next)
			device(m, v++, fixed, &b);
		else
			driver(m, d++, &b);
	}
	/* Every store arrives in the end. */
	BARRIER(m, 0, DMASIM_DSB);
	BARRIER(m, 1, DMASIM_DSB);
	if (b.index == 1 || b.event == 1)
		return true;
	m->symptom = "hang";
	return false;
}

const struct bug bug_cloud_hypervisor_2179 = {
        .name = "cloud-hypervisor 2179",
        .link = "https://github.com/cloud-hypervisor/cloud-hypervisor/pull/"
                "2179",
        .symptom = "hang",
        .run = run,
        .device = DMASIM_PORT_COHERENT,
        .device_name = "unused",
        .kind = DMASIM_MISSING_BARRIER,
        .remedy = "virtio_mb(), smp_mb() (DMB)",
        .points = DMASIM_EXPLORE_POINT(DMASIM_CHOICE_ARBITER) |
                  DMASIM_EXPLORE_POINT(DMASIM_CHOICE_STORE_DRAIN)};
