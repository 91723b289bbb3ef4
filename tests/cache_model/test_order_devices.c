/* SPDX-License-Identifier: MIT */
/*
 * MISSING_BARRIER between CPUs and devices: flags, doorbells, interrupts,
 * registers, and maintenance that nobody waits for.
 */
#include "order_rig.h"

/* ---- devices ---- */

static void device_polls(void **state)
{
	struct scene *s = *state;
	struct rig *r = s->r;

	for (uint64_t i = 1; i < 20; i++) {
		st(s, 0, DATA, i);
		barrier(s, 0, DMASIM_DMB_ST);
		st(s, 0, FLAG, i);
		rig_dma_read(r, &r->coherent, FLAG, "read idx");
		assert_int_equal(
		        rig_dma_read(r, &r->coherent, DATA, "read desc"), i);
		/* It answers, in order. */
		rig_dma_write(r, &r->coherent, DATA + 8, i, "write used");
		rig_dma_write(r, &r->coherent, NEXT, i, "write used.idx");
		ld(s, 0, NEXT);
		barrier(s, 0, DMASIM_DMB_LD);
		assert_int_equal(ld(s, 0, DATA + 8), i);
	}
	rig_no_findings(r);
	st(s, 0, DATA, 99);
	st(s, 0, FLAG, 99);
	rig_dma_read(r, &r->coherent, FLAG, "read idx");
	rig_dma_read(r, &r->coherent, DATA, "read desc");
	only(s, DMASIM_POTENTIAL, "dma_wmb()");
}

static void ring(struct scene *s, uint32_t agent, uint32_t line)
{
	struct program *p = &s->cpu[0];
	uint64_t value = 1;
	const struct dmasim_txn txn = {
	        .op = DMASIM_WRITE,
	        .addr = RIG_MMIO,
	        .size = 4,
	        .initiator = 1,
	        .data = (uint8_t *)&value,
	        .attr = dmasim_attr_device,
	        .po = {++p->number, p->loads, p->stores, p->complete, true},
	        .origin = {.file = "prog.c", .line = line}};

	dmasim_note_doorbell(s->r->checker, &txn, agent);
}

static void doorbells(void **state)
{
	struct scene *s = *state;
	struct rig *r = s->r;
	const struct dmasim_finding *f;

	st(s, 0, DATA, 1);
	barrier(s, 0, DMASIM_DMB_ST);
	ring(s, r->coherent_agent, 1);
	rig_dma_read(r, &r->coherent, DATA, "read command");
	rig_no_findings(r);
	st_n(s, 0, DATA, 2, DMASIM_ORDER_PLAIN, 30);
	ring(s, r->coherent_agent, 31);
	rig_dma_read(r, &r->coherent, DATA, "read command");
	f = only(s, DMASIM_POTENTIAL, "wmb()");
	assert_non_null(strstr(f->remedy, "prog.c:30"));
	assert_non_null(strstr(f->remedy, "doorbell at prog.c:31"));
	assert_non_null(strstr(f->remedy, "writel()"));
}

/* A doorbell that is too early: the device read what was there before. */
static void doorbell_overtakes_data(void **state)
{
	struct scene *s = *state;
	struct rig *r = s->r;

	s->cpu[0].number = 1;
	ring(s, r->coherent_agent, 31);
	rig_dma_read(r, &r->coherent, DATA, "read command");
	at(s, 0, DMASIM_WRITE, DATA, 0x77,
	   (struct dmasim_program_order){.number = 1});
	only(s, DMASIM_OBSERVED, "doorbell at prog.c:31");
}

static void interrupts_and_registers(void **state)
{
	struct scene *s = *state;
	struct rig *r = s->r;
	struct program *p = &s->cpu[0];
	uint64_t value = 0;
	struct dmasim_txn txn = {.op = DMASIM_READ,
	                         .addr = RIG_MMIO,
	                         .size = 4,
	                         .initiator = 1,
	                         .data = (uint8_t *)&value,
	                         .attr = dmasim_attr_device};

	rig_dma_write(r, &r->coherent, DATA, 1, "write data");
	rig_dma_write(r, &r->coherent, FLAG, 1, "write status");
	dmasim_note_signal(r->checker, r->coherent_agent, 0);
	ld(s, 0, FLAG);
	ld(s, 0, DATA);
	ld(s, 1, FLAG);
	ld(s, 1, DATA);
	/* A register that is read, and a barrier behind it. */
	rig_dma_write(r, &r->coherent, DATA, 2, "write data");
	rig_dma_write(r, &r->coherent, FLAG, 2, "write status");
	txn.po = (struct dmasim_program_order){++p->number, p->loads, p->stores,
	                                       p->complete, true};
	dmasim_note_doorbell(r->checker, &txn, r->coherent_agent);
	barrier(s, 0, DMASIM_DMB_LD);
	ld(s, 0, FLAG);
	ld(s, 0, DATA);
	/* One CPU tells another. */
	st(s, 0, NEXT, 1);
	st(s, 0, NEXT + 8, 1);
	barrier(s, 0, DMASIM_DSB);
	dmasim_note_signal(r->checker, 1, 2);
	ld(s, 1, NEXT + 8);
	ld(s, 1, NEXT);
	/* Nobody in particular, or a device that rings itself. */
	dmasim_note_signal(r->checker, 77, 1);
	txn.initiator = 0;
	dmasim_note_doorbell(r->checker, &txn, r->coherent_agent);
	txn.initiator = 1;
	txn.op = DMASIM_WRITE;
	dmasim_note_doorbell(r->checker, &txn, 1);
	dmasim_note_doorbell(r->checker, &txn, 77);
	rig_no_findings(r);
}

/* ---- maintenance ---- */

static void clean_and_wait(void **state)
{
	struct scene *s = *state;
	struct rig *r = s->r;

	st(s, 0, DATA, 1);
	maintain(s, 0, DMASIM_CLEAN, DATA);
	barrier(s, 0, DMASIM_DSB);
	rig_dma_read(r, &r->noncoherent, DATA, "read data");
	/* Another clean that is not waited for takes nothing away. */
	maintain(s, 0, DMASIM_CLEAN, DATA);
	rig_dma_read(r, &r->noncoherent, DATA, "read data");
	rig_dma_write(r, &r->noncoherent, DATA, 2, "write data");
	maintain(s, 0, DMASIM_INVALIDATE, DATA);
	barrier(s, 0, DMASIM_DSB);
	assert_int_equal(ld(s, 0, DATA), 2);
	assert_int_equal(ld(s, 1, DATA), 2);
	rig_no_findings(r);
}

static void clean_without_waiting(void **state)
{
	struct scene *s = *state;
	struct rig *r = s->r;
	const struct dmasim_finding *f;

	st_n(s, 0, DATA, 1, DMASIM_ORDER_PLAIN, 10);
	maintain(s, 0, DMASIM_CLEAN, DATA);
	barrier(s, 0, DMASIM_DMB);
	ring(s, r->noncoherent_agent, 11);
	rig_dma_read(r, &r->noncoherent, DATA, "read data");
	f = only(s, DMASIM_POTENTIAL, "dsb(sy)");
	assert_non_null(strstr(f->remedy, "prog.c:10"));
}

static void invalidate_without_waiting(void **state)
{
	struct scene *s = *state;
	struct rig *r = s->r;

	rig_dma_write(r, &r->noncoherent, DATA, 2, "write data");
	dmasim_note_signal(r->checker, r->noncoherent_agent, 1);
	maintain(s, 0, DMASIM_INVALIDATE, DATA);
	ld(s, 0, DATA);
	only(s, DMASIM_POTENTIAL, "dsb(sy)");
}

/* Another CPU's maintenance counts if its end is known. */
static void another_cpus_maintenance(void **state)
{
	struct scene *s = *state;
	struct rig *r = s->r;

	rig_dma_write(r, &r->noncoherent, DATA, 2, "write data");
	maintain(s, 0, DMASIM_INVALIDATE, DATA);
	barrier(s, 0, DMASIM_DSB);
	rel(s, 0, FLAG, 1);
	acq(s, 1, FLAG);
	assert_int_equal(ld(s, 1, DATA), 2);
	rig_no_findings(r);
}

/* Bytes of a buffer that came across by luck. */
static void luck(void **state)
{
	struct scene *s = *state;
	struct rig *r = s->r;
	struct dmasim_dma_buffer b = {.dma = 0x5000,
	                              .pa = DATA,
	                              .size = 64,
	                              .direction = DMASIM_TO_DEVICE};
	const struct dmasim_finding *f;

	st(s, 0, DATA, 1);
	/* Evicted by itself. */
	assert_int_equal(dmasim_memsys_flush(r->ms), DMASIM_OK);
	assert_int_equal(dmasim_note_buffer(r->checker, &b), DMASIM_OK);
	rig_dma_read(r, &r->noncoherent, DATA, "read data");
	f = dmasim_finding_get(r->checker, 0);
	assert_int_equal(dmasim_finding_count(r->checker), 1);
	assert_int_equal(f->kind, DMASIM_STALE_READ);
	assert_int_equal(f->severity, DMASIM_POTENTIAL);
	assert_non_null(strstr(f->remedy, "DC CVAC + DSB"));
	/* The device writes over a line that may be dirty still. */
	b.direction = DMASIM_FROM_DEVICE;
	assert_int_equal(dmasim_note_buffer(r->checker, &b), DMASIM_OK);
	rig_dma_write(r, &r->noncoherent, DATA, 2, "write data");
	f = dmasim_finding_get(r->checker, 1);
	assert_int_equal(f->kind, DMASIM_LOST_WRITE);
	assert_int_equal(f->severity, DMASIM_POTENTIAL);
	assert_int_equal(dmasim_finding_count(r->checker), 2);
	dmasim_note_unmap(r->checker, 0, 0x5000, 64);
}

/* Maintenance by set and way is taken for all lines. */
static void by_set_and_way(void **state)
{
	struct scene *s = *state;
	struct rig *r = s->r;
	const struct dmasim_dma_buffer b = {.dma = 0x5000,
	                                    .pa = DATA,
	                                    .size = 64,
	                                    .direction = DMASIM_TO_DEVICE};
	struct dmasim_txn txn = {
	        .op = DMASIM_CLEAN_SW, .initiator = 1, .po = {.number = 9}};

	st(s, 0, DATA, 1);
	assert_int_equal(dmasim_memsys_flush(r->ms), DMASIM_OK);
	check_order(r->checker, &txn);
	assert_int_equal(dmasim_note_buffer(r->checker, &b), DMASIM_OK);
	rig_dma_read(r, &r->noncoherent, DATA, "read data");
	rig_no_findings(r);
}

/* A device that comes later signals: nobody's place may move meanwhile. */
static void a_late_device_signals(void **state)
{
	struct scene *s = *state;
	struct rig *r = s->r;

	st(s, 0, DATA, 1);
	for (unsigned i = 0; i < 40; i++) {
		const struct dmasim_device_port_config cfg = {
		        .name = "late",
		        .agent_kind = DMASIM_AGENT_COHERENT_DEVICE};
		struct dmasim_port port;
		uint32_t agent;

		assert_int_equal(
		        dmasim_memsys_add_port(r->ms, &cfg, &port, &agent),
		        DMASIM_OK);
		rig_dma_write(r, &port, NEXT, i, "write used");
		dmasim_note_signal(r->checker, agent, 1);
		assert_int_equal(ld(s, 0, NEXT), i);
	}
	rig_no_findings(r);
}

static const struct CMUnitTest tests[] = {
        TEST(device_polls),
        TEST(doorbells),
        TEST(doorbell_overtakes_data),
        TEST(interrupts_and_registers),
        TEST(clean_and_wait),
        TEST(clean_without_waiting),
        TEST(invalidate_without_waiting),
        TEST(another_cpus_maintenance),
        TEST(luck),
        TEST(by_set_and_way),
        TEST(a_late_device_signals),
};

CHECK_MAIN(tests)
