/* SPDX-License-Identifier: MIT */
/* What a device does with a ring that is in order. */
#include "toy.h"

#define EVENT_IDX DMASIM_VIRTIO_F_EVENT_IDX
#define INDIRECT  DMASIM_VIRTIO_F_INDIRECT_DESC

static void accesses_of_a_request_in_order(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	uint32_t id, len;

	toy_begin(t, VB_MMIO2, 16);
	toy_ask(t, 0x0102030405060708);
	vb_kick(b);
	vb_run(b);
	vb_expect(b, 0, "read avail.idx", b->avail + 2, 2);
	vb_expect(b, 1, "read avail.ring", b->avail + 4, 2);
	vb_expect(b, 2, "read desc", b->desc, 16);
	vb_expect(b, 3, "read desc", b->desc + 16, 16);
	vb_expect(b, 4, "read question", VB_DATA, 8);
	vb_expect(b, 5, "write answer", VB_DATA + 0x1000, 8);
	vb_expect(b, 6, "write used.ring", b->used + 4, 8);
	vb_expect(b, 7, "write used.idx", b->used + 2, 2);
	vb_expect(b, 8, "read avail.flags", b->avail, 2);
	vb_expect(b, 9, "read avail.idx", b->avail + 2, 2);
	assert_int_equal(b->spy.count, 10);
	for (size_t i = 0; i < 9; i++) {
		assert_int_equal(b->spy.log[i].request, 1);
		assert_int_equal(b->spy.log[i].queue, 0);
	}
	assert_int_equal(b->spy.log[9].request, 2);
	assert_true(vb_get(b, &id, &len));
	assert_int_equal(id, 0);
	assert_int_equal(len, 8);
	assert_int_equal(toy_answer(t), 0x0203040506070809);
	assert_true(dmasim_irq_level(vb_irq(b)));
	assert_int_equal(vb_isr(b), 1);
	assert_false(dmasim_irq_level(vb_irq(b)));
	assert_int_equal(dmasim_live_processes(b->k), 0);
	assert_int_equal(dmasim_virtio_outstanding(b->v), 0);
}

static void requests_on_every_transport(void **state)
{
	struct toy *t = *state;

	for (int transport = VB_MMIO1; transport <= VB_PCI; transport++) {
		struct vbench *b = &t->b;

		toy_begin(t, (enum vb_transport)transport, 64);
		/* The ring wraps several times. */
		for (uint32_t i = 0; i < 700; i++) {
			uint32_t id, len;

			toy_ask(t, i);
			vb_kick(b);
			vb_run(b);
			assert_true(vb_get(b, &id, &len));
			assert_int_equal(toy_answer(t) & 0xff,
			                 (i & 0xff) == 0xff ? 0
			                                    : (i & 0xff) + 1);
			assert_int_not_equal(vb_isr(b) & 1, 0);
			b->spy.count = 0;
		}
		assert_int_equal(b->warnings, 0);
		dmasim_virtio_destroy(b->v);
		b->v = NULL;
	}
}

static void several_requests_per_kick(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	uint32_t id, len;

	toy_begin(t, VB_MMIO1, 8);
	for (uint16_t i = 0; i < 8; i++) {
		vb_desc(b, i, VB_DATA + 64u * i, 1u + i, VB_WRITE);
		vb_post(b, (uint16_t)(7 - i));
		/* avail.ring is in posting order */
	}
	vb_kick(b);
	vb_run(b);
	assert_int_equal(t->served, 8);
	for (uint32_t i = 0; i < 8; i++) {
		assert_true(vb_get(b, &id, &len));
		assert_int_equal(id, 7 - i);
		assert_int_equal(len, 8 - i);
	}
	assert_false(vb_get(b, &id, &len));
}

static void time_of_a_request(void **state)
{
	struct toy *t = *state;
	uint64_t first;

	t->cfg.service_time = 3 * DMASIM_US;
	toy_begin(t, VB_MMIO2, 16);
	toy_ask(t, 1);
	vb_kick(&t->b);
	vb_run(&t->b);
	first = dmasim_now(t->b.k);
	/* Ten accesses of RAM beside the service time. */
	assert_true(first > 3 * DMASIM_US + 9 * 60 * DMASIM_NS);
	assert_true(first < 4 * DMASIM_US);
	toy_ask(t, 1);
	vb_kick(&t->b);
	vb_run(&t->b);
	assert_int_equal(dmasim_now(t->b.k), 2 * first);
}

static void used_index_is_seen_no_earlier_than_done(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_begin(t, VB_MMIO2, 16);
	toy_ask(t, 1);
	vb_kick(b);
	assert_int_equal(dmasim_run_until(b->k, 10 * DMASIM_US), DMASIM_OK);
	assert_int_equal(vb_used_idx(b), 0);
	assert_int_equal(dmasim_virtio_outstanding(b->v), 1);
	assert_false(dmasim_irq_level(vb_irq(b)));
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 1);
}

static void kick_during_service_is_not_lost(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_begin(t, VB_MMIO2, 16);
	toy_ask(t, 1);
	vb_kick(b);
	assert_int_equal(dmasim_run_until(b->k, 5 * DMASIM_US), DMASIM_OK);
	vb_desc(b, 2, VB_DATA, 8, VB_WRITE);
	vb_post(b, 2);
	vb_kick(b);
	vb_kick(b);
	assert_int_equal(dmasim_live_processes(b->k), 1);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 2);
	/* The second kick only makes it look again. */
	assert_int_equal(t->served, 2);
}

static void no_interrupt_flag(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_begin(t, VB_MMIO1, 16);
	vb_store(b, b->avail, 1, 2);
	toy_ask(t, 1);
	vb_kick(b);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 1);
	assert_int_equal(vb_isr(b), 0);
	vb_store(b, b->avail, 0, 2);
	toy_ask(t, 1);
	vb_kick(b);
	vb_run(b);
	assert_int_equal(vb_isr(b), 1);
}

static void notify_on_empty(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	b->features = DMASIM_VIRTIO_F_NOTIFY_ON_EMPTY;
	toy_begin(t, VB_MMIO1, 16);
	vb_store(b, b->avail, 1, 2);
	toy_ask(t, 1);
	vb_post(b, 1);
	vb_kick(b);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 2);
	/* One for the last of the two, in spite of the flag. */
	assert_int_equal(dmasim_irq_count(vb_irq(b)), 1);
	assert_int_equal(vb_isr(b), 1);
}

static void event_index(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	uint64_t used_event, avail_event;

	b->features = EVENT_IDX;
	toy_begin(t, VB_MMIO2, 16);
	used_event = b->avail + 4 + 2 * 16;
	avail_event = b->used + 4 + 8 * 16;
	/* Interrupt when element 2 (the third) was used. */
	vb_store(b, used_event, 2, 2);
	/* The flags mean nothing then. */
	vb_store(b, b->avail, 1, 2);
	for (uint32_t i = 1; i <= 5; i++) {
		toy_ask(t, i);
		vb_kick(b);
		vb_run(b);
		assert_int_equal(vb_used_idx(b), i);
		assert_int_equal(vb_isr(b), i == 3);
		assert_int_equal(vb_load(b, avail_event, 2), i);
	}
	b->spy.count = 0;
	toy_ask(t, 6);
	vb_kick(b);
	vb_run(b);
	vb_expect(b, 8, "read used_event", used_event, 2);
	vb_expect(b, 9, "read avail.idx", b->avail + 2, 2);
	vb_expect(b, 10, "write avail_event", avail_event, 2);
	vb_expect(b, 11, "read avail.idx", b->avail + 2, 2);
	assert_int_equal(b->spy.count, 12);
}

static void event_index_wraps_around(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	b->features = EVENT_IDX;
	t->cfg.service_time = 1;
	toy_begin(t, VB_MMIO2, 256);
	vb_desc(b, 0, VB_DATA, 8, VB_WRITE);
	vb_store(b, b->avail + 4 + 2 * 256, 0xffff, 2);
	for (uint32_t i = 0; i < 0x10010; i += 16) {
		for (uint32_t n = 0; n < 16; n++)
			vb_post(b, 0);
		vb_kick(b);
		vb_run(b);
	}
	assert_int_equal(t->served, 0x10010);
	assert_int_equal(vb_used_idx(b), 0x10);
	assert_int_equal(dmasim_irq_count(vb_irq(b)), 1);
	assert_string_equal(dmasim_virtio_error(b->v), "");
}

static void request_added_before_sleep_is_found(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	size_t n;

	/* Every access takes a microsecond; the driver adds a request, without
	 * a kick, while avail_event is being written. */
	b->features = EVENT_IDX;
	toy_begin(t, VB_MMIO2, 16);
	b->spy.pend = DMASIM_US;
	toy_ask(t, 1);
	vb_kick(b);
	do {
		assert_int_equal(dmasim_run_one(b->k), DMASIM_OK);
		n = b->spy.count;
	} while (n == 0 ||
	         strcmp(b->spy.log[n - 1].what, "write avail_event") != 0);
	toy_ask(t, 2);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 2);
	/* It asked again before it slept. */
	assert_int_equal(vb_load(b, b->used + 4 + 8 * 16, 2), 2);
}

static void indirect_tables(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	uint64_t table = VB_DATA + 0x8000;
	uint32_t id, len;

	b->features = INDIRECT;
	toy_begin(t, VB_MMIO1, 8);
	vb_store(b, VB_DATA, 0x0807060504030201, 8);
	vb_store(b, VB_DATA + 0x100, 0x1817161514131211, 8);
	/* A direct part, then a table; its WRITE flag is ignored, and its
	 * descriptors are linked in any order. */
	vb_desc(b, 3, VB_DATA, 4, vb_flags(VB_NEXT, 5));
	vb_desc(b, 5, table, 48, VB_INDIRECT | VB_WRITE);
	vb_desc_at(b, table, 0, VB_DATA + 0x100, 3, vb_flags(VB_NEXT, 2));
	vb_desc_at(b, table, 2, VB_DATA + 0x200, 5, vb_flags(VB_NEXT | 2, 1));
	vb_desc_at(b, table, 1, VB_DATA + 0x300, 2, VB_WRITE);
	vb_post(b, 3);
	vb_kick(b);
	vb_run(b);
	assert_true(vb_get(b, &id, &len));
	assert_int_equal(id, 3);
	assert_int_equal(len, 7);
	assert_int_equal(vb_load(b, VB_DATA + 0x200, 5), 0x1205040302);
	assert_int_equal(vb_load(b, VB_DATA + 0x300, 3), 0x1413);
	vb_expect(b, 3, "read desc", b->desc + 80, 16);
	vb_expect(b, 4, "read indirect desc", table, 16);
	vb_expect(b, 5, "read indirect desc", table + 32, 16);
	vb_expect(b, 6, "read indirect desc", table + 16, 16);
	vb_expect(b, 7, "read question", VB_DATA, 4);
	vb_expect(b, 8, "read question", VB_DATA + 0x100, 3);
}

static void chain_as_long_as_the_queue(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	b->features = INDIRECT;
	toy_begin(t, VB_MMIO2, 16);
	for (uint16_t i = 0; i < 16; i++)
		vb_desc(b, i, VB_DATA + i, 1,
		        vb_flags(VB_WRITE | (i < 15 ? VB_NEXT : 0), i + 1u));
	vb_post(b, 0);
	/* As many in a table, whose descriptor does not count. */
	for (uint16_t i = 0; i < 16; i++)
		vb_desc_at(b, VB_DATA + 0x1000, i, VB_DATA + i, 1,
		           vb_flags(VB_WRITE | (i < 15 ? VB_NEXT : 0), i + 1u));
	vb_kick(b);
	vb_run(b);
	vb_desc(b, 0, VB_DATA + 0x1000, 256, VB_INDIRECT);
	vb_post(b, 0);
	vb_kick(b);
	vb_run(b);
	assert_int_equal(t->served, 2);
	assert_int_equal(t->writable, 16);
}

static void bursts_do_not_cross_pages(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_begin(t, VB_MMIO2, 16);
	vb_desc(b, 0, VB_DATA + 0xffe, 0x1004, vb_flags(VB_NEXT, 1));
	vb_desc(b, 1, VB_DATA + 0x5ffc, 8, VB_WRITE);
	vb_post(b, 0);
	vb_kick(b);
	vb_run(b);
	vb_expect(b, 4, "read question", VB_DATA + 0xffe, 2);
	vb_expect(b, 5, "read question", VB_DATA + 0x1000, 0x1000);
	vb_expect(b, 6, "read question", VB_DATA + 0x2000, 2);
	vb_expect(b, 7, "write answer", VB_DATA + 0x5ffc, 4);
	vb_expect(b, 8, "write answer", VB_DATA + 0x6000, 4);
}

static void ranges_outside_the_streams(void **state)
{
	struct toy *t = *state;

	t->probe = true;
	toy_begin(t, VB_MMIO2, 16);
	toy_ask(t, 1);
	vb_kick(&t->b);
	vb_run(&t->b);
	for (int i = 0; i < 4; i++)
		assert_int_equal(t->probe_rc[i], DMASIM_E_RANGE);
	assert_int_equal(t->served, 1);
}

/** Bytes from the end to the start, one at a time. */
static int64_t serve_backwards(void *obj, struct dmasim_virtio_chain *c)
{
	struct toy *t = obj;
	uint32_t n = (uint32_t)dmasim_chain_readable(c);

	for (uint32_t i = n; i-- > 0;) {
		uint8_t byte;

		if (dmasim_chain_read(c, i, &byte, 1, "read byte") ||
		    dmasim_chain_write(c, i, &byte, 1, "write byte"))
			return DMASIM_E_FAULT;
	}
	t->served++;
	return n;
}

static void streams_in_any_order(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	struct dmasim_virtio_ops ops = toy_ops;

	ops.serve = serve_backwards;
	ops.reset = NULL;
	t->cfg.ops = &ops;
	toy_begin(t, VB_MMIO2, 16);
	vb_store(b, VB_DATA, 0x0706050403020100, 8);
	for (uint16_t i = 0; i < 4; i++) {
		vb_desc(b, i, VB_DATA + 2u * i, 2, vb_flags(VB_NEXT, i + 1u));
		vb_desc(b, (uint16_t)(4 + i), VB_DATA + 0x100 + 0x10u * i, 2,
		        vb_flags(VB_WRITE | (i < 3 ? VB_NEXT : 0), i + 5u));
	}
	vb_post(b, 0);
	vb_kick(b);
	vb_run(b);
	assert_int_equal(t->served, 1);
	assert_int_equal(vb_load(b, VB_DATA + 0x100, 2), 0x0100);
	assert_int_equal(vb_load(b, VB_DATA + 0x130, 2), 0x0706);
	dmasim_virtio_destroy(b->v);
	b->v = NULL;
}

static void pended_port_gives_the_same(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	struct spy_entry *plain = calloc(SPY_LOG, sizeof(*plain));
	size_t n = 0;

	b->features = EVENT_IDX | INDIRECT;
	toy_begin(t, VB_MMIO2, 16);
	for (int round = 0; round < 2; round++) {
		vb_start(b, 16);
		b->spy.pend = round ? 12345 : 0;
		b->spy.count = 0;
		t->served = 0;
		for (uint32_t i = 0; i < 40; i++) {
			toy_ask(t, i);
			vb_post(b, 1);
			vb_kick(b);
			vb_run(b);
			/* The second request, of desc 1 alone, reads nothing.
			 */
			assert_int_equal(toy_answer(t), 0x0101010101010101);
		}
		assert_int_equal(t->served, 80);
		if (round) {
			assert_int_equal(b->spy.count, n);
			assert_int_equal(b->spy.pended, n);
		} else {
			n = b->spy.count;
			memcpy(plain, b->spy.log, sizeof(b->spy.log));
		}
	}
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(plain[i].what, b->spy.log[i].what);
		assert_int_equal(plain[i].addr, b->spy.log[i].addr);
		assert_int_equal(plain[i].size, b->spy.log[i].size);
		assert_int_equal(plain[i].op, b->spy.log[i].op);
	}
	free(plain);
}

static void second_queue_is_served_too(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	struct vbench second;

	toy_begin(t, VB_MMIO1, 16);
	toy_ask(t, 1);
	/* Queue 1 elsewhere; its driver state is a copy. */
	second = *b;
	vb_set_ring(&second, VB_RING + 0x8000, 32);
	vb_wr(b, 0x30, 4, 1);
	vb_wr(b, 0x38, 4, 32);
	vb_wr(b, 0x3c, 4, 4096);
	vb_wr(b, 0x40, 4, second.desc >> 12);
	vb_desc(&second, 9, VB_DATA + 0x2000, 16, VB_WRITE);
	vb_post(&second, 9);
	vb_wr(b, 0x50, 4, 1);
	vb_wr(b, 0x50, 4, 0);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 1);
	assert_int_equal(vb_used_idx(&second), 1);
	assert_int_equal(t->served, 2);
	assert_int_equal(b->spy.log[0].queue, 0);
	assert_int_equal(b->spy.log[b->spy.count - 1].queue, 1);
	assert_int_equal(b->spy.log[b->spy.count - 1].request, 3);
}

static uint32_t last_choice(void *ctx, const struct dmasim_choice_query *q)
{
	unsigned *asked = ctx;

	if (q->point == DMASIM_CHOICE_DEVICE_DELAY && q->preferred == 0)
		(*asked)++;
	return q->alternatives - 1;
}

static void device_delay_is_a_choice(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	unsigned asked = 0;
	struct dmasim_choice_config cc = {.mode = DMASIM_CHOICE_CALLBACK,
	                                  .fn = last_choice,
	                                  .fn_ctx = &asked};
	struct dmasim_choice *choice = NULL;

	assert_int_equal(dmasim_choice_create(&cc, &choice), DMASIM_OK);
	t->cfg.choice = choice;
	toy_begin(t, VB_MMIO2, 16);
	toy_ask(t, 1);
	vb_kick(b);
	assert_int_equal(dmasim_run_until(b->k, 3 * DMASIM_US - 1), DMASIM_OK);
	assert_int_equal(b->spy.count, 0);
	vb_run(b);
	assert_int_equal(t->served, 1);
	assert_int_equal(asked, 1);
	dmasim_virtio_destroy(b->v);
	b->v = NULL;
	dmasim_choice_destroy(choice);
}

struct trace_text {
	char text[4096];
};

static void keep_trace(void *ctx, uint64_t time, const char *source,
                       const char *text)
{
	struct trace_text *tt = ctx;
	size_t n = strlen(tt->text);

	(void)time;
	snprintf(tt->text + n, sizeof(tt->text) - n, "%s: %s\n", source, text);
}

static void trace_of_a_request(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	struct trace_text tt = {{0}};
	struct dmasim_kernel_config kc = {.trace = keep_trace,
	                                  .trace_ctx = &tt};

	vb_close(b);
	assert_int_equal(dmasim_kernel_create(&kc, &b->k), DMASIM_OK);
	assert_int_equal(dmasim_irqc_create(b->k, "gic", &b->ic), DMASIM_OK);
	assert_int_equal(
	        dmasim_map_create(&(struct dmasim_map_config){.kernel = b->k},
	                          &b->map),
	        DMASIM_OK);
	assert_int_equal(dmasim_map_add_ram(b->map, "ram", VB_RAM, VB_RAM_SIZE),
	                 DMASIM_OK);
	b->host = NULL;
	b->dma = spy_port(&b->spy, b->k, dmasim_map_port(b->map));
	t->cfg.kernel = b->k;
	t->cfg.dma = b->dma;
	toy_begin(t, VB_MMIO2, 16);
	toy_ask(t, 1);
	vb_kick(b);
	vb_run(b);
	vb_isr(b);
	assert_string_equal(
	        tt.text,
	        "toy 0: reset\n"
	        "toy 0: status 0x1\n"
	        "toy 0: status 0x3\n"
	        "toy 0: status 0xb\n"
	        "toy 0: status 0xf\n"
	        "toy 0: kick queue 0\n"
	        "toy 0: request 1: queue 0, head 0, reads 8, writes 8 bytes\n"
	        "toy 0: interrupt 0x1\n"
	        "gic: line 42 high\n"
	        "gic: line 42 low\n");
}

static const struct CMUnitTest tests[] = {
        TOY_CASE(accesses_of_a_request_in_order),
        TOY_CASE(requests_on_every_transport),
        TOY_CASE(several_requests_per_kick),
        TOY_CASE(time_of_a_request),
        TOY_CASE(used_index_is_seen_no_earlier_than_done),
        TOY_CASE(kick_during_service_is_not_lost),
        TOY_CASE(no_interrupt_flag),
        TOY_CASE(notify_on_empty),
        TOY_CASE(event_index),
        TOY_CASE(event_index_wraps_around),
        TOY_CASE(request_added_before_sleep_is_found),
        TOY_CASE(indirect_tables),
        TOY_CASE(chain_as_long_as_the_queue),
        TOY_CASE(bursts_do_not_cross_pages),
        TOY_CASE(ranges_outside_the_streams),
        TOY_CASE(streams_in_any_order),
        TOY_CASE(pended_port_gives_the_same),
        TOY_CASE(second_queue_is_served_too),
        TOY_CASE(device_delay_is_a_choice),
        TOY_CASE(trace_of_a_request),
};

CHECK_MAIN(tests)
