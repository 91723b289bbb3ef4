/* SPDX-License-Identifier: MIT */
/* Rings that a broken or evil driver writes, and accesses that are refused. */
#include "toy.h"

#define TABLE (VB_DATA + 0x8000)

/** One way to be wrong: the ring is written, the device is kicked. */
struct evil {
	const char *name;
	const char *error; /**< part of dmasim_virtio_error() */
	void (*write)(struct vbench *b);
	bool no_indirect; /**< not negotiated */
	uint32_t outstanding;
};

static void head_too_large(struct vbench *b)
{
	vb_post(b, 16);
}

static void head_far_too_large(struct vbench *b)
{
	vb_post(b, 0xffff);
}

static void next_too_large(struct vbench *b)
{
	vb_desc(b, 0, VB_DATA, 8, vb_flags(VB_NEXT, 16));
	vb_post(b, 0);
}

static void loop_of_one(struct vbench *b)
{
	vb_desc(b, 0, VB_DATA, 8, vb_flags(VB_NEXT, 0));
	vb_post(b, 0);
}

static void loop_of_two(struct vbench *b)
{
	vb_desc(b, 3, VB_DATA, 8, vb_flags(VB_NEXT | VB_WRITE, 4));
	vb_desc(b, 4, VB_DATA, 8, vb_flags(VB_NEXT | VB_WRITE, 3));
	vb_post(b, 3);
}

static void loop_of_all(struct vbench *b)
{
	for (uint16_t i = 0; i < 16; i++)
		vb_desc(b, i, VB_DATA, 8, vb_flags(VB_NEXT, (i + 1u) % 16));
	vb_post(b, 5);
}

static void indirect_of_nothing(struct vbench *b)
{
	vb_desc(b, 0, TABLE, 0, VB_INDIRECT);
	vb_post(b, 0);
}

static void indirect_of_odd_size(struct vbench *b)
{
	vb_desc(b, 0, TABLE, 40, VB_INDIRECT);
	vb_post(b, 0);
}

static void indirect_plain(struct vbench *b)
{
	vb_desc_at(b, TABLE, 0, VB_DATA, 8, VB_WRITE);
	vb_desc(b, 0, TABLE, 16, VB_INDIRECT);
	vb_post(b, 0);
}

static void indirect_in_indirect(struct vbench *b)
{
	vb_desc_at(b, TABLE, 0, TABLE, 16, VB_INDIRECT);
	vb_desc(b, 0, TABLE, 16, VB_INDIRECT);
	vb_post(b, 0);
}

static void indirect_and_next(struct vbench *b)
{
	vb_desc_at(b, TABLE, 0, VB_DATA, 8, VB_WRITE);
	vb_desc(b, 0, TABLE, 16, vb_flags(VB_INDIRECT | VB_NEXT, 1));
	vb_post(b, 0);
}

static void indirect_next_too_large(struct vbench *b)
{
	vb_desc_at(b, TABLE, 0, VB_DATA, 8, vb_flags(VB_NEXT, 1));
	vb_desc(b, 0, TABLE, 16, VB_INDIRECT);
	vb_post(b, 0);
}

static void indirect_loop(struct vbench *b)
{
	vb_desc_at(b, TABLE, 0, VB_DATA, 8, vb_flags(VB_NEXT, 1));
	vb_desc_at(b, TABLE, 1, VB_DATA, 8, vb_flags(VB_NEXT, 0));
	vb_desc(b, 0, TABLE, 32, VB_INDIRECT);
	vb_post(b, 0);
}

static void indirect_longer_than_the_queue(struct vbench *b)
{
	for (uint16_t i = 0; i < 17; i++)
		vb_desc_at(b, TABLE, i, VB_DATA, 8,
		           vb_flags(i < 16 ? VB_NEXT : 0, i + 1u));
	vb_desc(b, 0, TABLE, 17 * 16, VB_INDIRECT);
	vb_post(b, 0);
}

static void indirect_after_a_full_chain(struct vbench *b)
{
	for (uint16_t i = 0; i < 15; i++)
		vb_desc(b, i, VB_DATA, 8, vb_flags(VB_NEXT, i + 1u));
	vb_desc_at(b, TABLE, 0, VB_DATA, 8, vb_flags(VB_NEXT, 1));
	vb_desc_at(b, TABLE, 1, VB_DATA, 8, 0);
	vb_desc(b, 15, TABLE, 32, VB_INDIRECT);
	vb_post(b, 0);
}

static void indirect_wraps(struct vbench *b)
{
	vb_desc(b, 0, UINT64_MAX - 15, 32, VB_INDIRECT);
	vb_post(b, 0);
}

static void no_bytes(struct vbench *b)
{
	vb_desc(b, 0, VB_DATA, 0, VB_WRITE);
	vb_post(b, 0);
}

static void no_bytes_at_the_end(struct vbench *b)
{
	vb_desc(b, 0, VB_DATA, 8, vb_flags(VB_NEXT, 1));
	vb_desc(b, 1, VB_DATA, 0, 0);
	vb_post(b, 0);
}

static void buffer_wraps(struct vbench *b)
{
	vb_desc(b, 0, UINT64_MAX - 3, 8, 0);
	vb_post(b, 0);
}

static void readable_after_writable(struct vbench *b)
{
	vb_desc(b, 0, VB_DATA, 8, vb_flags(VB_NEXT | VB_WRITE, 1));
	vb_desc(b, 1, VB_DATA, 8, 0);
	vb_post(b, 0);
}

static void readable_after_writable_in_a_table(struct vbench *b)
{
	vb_desc_at(b, TABLE, 0, VB_DATA, 8, 0);
	vb_desc(b, 0, VB_DATA, 8, vb_flags(VB_NEXT | VB_WRITE, 1));
	vb_desc(b, 1, TABLE, 16, VB_INDIRECT);
	vb_post(b, 0);
}

static void more_than_4_gib(struct vbench *b)
{
	vb_desc(b, 0, VB_DATA, UINT32_MAX, vb_flags(VB_NEXT, 1));
	vb_desc(b, 1, VB_DATA, 1, vb_flags(VB_NEXT, 2));
	vb_desc(b, 2, VB_DATA, 1, VB_WRITE);
	vb_post(b, 0);
}

static void index_jumps(struct vbench *b)
{
	vb_store(b, b->avail + 2, 17, 2);
}

static void index_goes_back(struct vbench *b)
{
	vb_store(b, b->avail + 2, 0xffff, 2);
}

static const struct evil evils[] = {
        {"head_too_large", "names descriptor 16 of 16", head_too_large, false,
         1},
        {"head_far_too_large", "names descriptor 65535", head_far_too_large,
         false, 1},
        {"next_too_large", "next beyond the table (0x10)", next_too_large,
         false, 1},
        {"loop_of_one", "a loop", loop_of_one, false, 1},
        {"loop_of_two", "a loop", loop_of_two, false, 1},
        {"loop_of_all", "a loop", loop_of_all, false, 1},
        {"indirect_not_negotiated", "not negotiated", indirect_plain, true, 1},
        {"indirect_of_nothing", "size of an indirect table (0x0)",
         indirect_of_nothing, false, 1},
        {"indirect_of_odd_size", "size of an indirect table (0x28)",
         indirect_of_odd_size, false, 1},
        {"indirect_in_indirect", "INDIRECT in an", indirect_in_indirect, false,
         1},
        {"indirect_and_next", "INDIRECT with NEXT", indirect_and_next, false,
         1},
        {"indirect_next_too_large", "next beyond the table (0x1)",
         indirect_next_too_large, false, 1},
        {"indirect_loop", "a loop", indirect_loop, false, 1},
        {"indirect_longer_than_the_queue", "longer than the queue",
         indirect_longer_than_the_queue, false, 1},
        {"indirect_after_a_full_chain", "longer than the queue",
         indirect_after_a_full_chain, false, 1},
        {"indirect_wraps", "indirect table wraps", indirect_wraps, false, 1},
        {"no_bytes", "no bytes", no_bytes, false, 1},
        {"no_bytes_at_the_end", "no bytes", no_bytes_at_the_end, false, 1},
        {"buffer_wraps", "descriptor wraps", buffer_wraps, false, 1},
        {"readable_after_writable", "readable after writable",
         readable_after_writable, false, 1},
        {"readable_after_writable_in_a_table", "readable after writable",
         readable_after_writable_in_a_table, false, 1},
        {"more_than_4_gib", "more than 2^32", more_than_4_gib, false, 1},
        {"index_jumps", "avail.idx is 17 after 0", index_jumps, false, 0},
        {"index_goes_back", "avail.idx is 65535 after 0", index_goes_back,
         false, 0},
};

static void one_evil(struct toy *t, const struct evil *e, bool modern)
{
	struct vbench *b = &t->b;
	unsigned served = t->served;
	size_t seen;

	b->features = e->no_indirect ? 0 : DMASIM_VIRTIO_F_INDIRECT_DESC;
	vb_start(b, 16);
	e->write(b);
	vb_kick(b);
	vb_run(b);
	if (!strstr(dmasim_virtio_error(b->v), e->error))
		fail_msg("%s: %s", e->name, dmasim_virtio_error(b->v));
	assert_int_equal(t->served, served);
	assert_int_equal(vb_used_idx(b), 0);
	assert_int_equal(dmasim_virtio_outstanding(b->v), e->outstanding);
	/* A modern device asks for a reset; a legacy one is just silent. */
	assert_int_equal(vb_status(b), modern ? 0x4f : 7);
	assert_int_equal(vb_isr(b), modern ? 2 : 0);
	/* It stays down until it is reset. */
	seen = b->spy.count;
	vb_kick(b);
	vb_run(b);
	assert_int_equal(b->spy.count, seen);
	toy_works(t);
	b->spy.count = 0;
}

static void hostile_rings_modern(void **state)
{
	struct toy *t = *state;

	toy_plug(t, VB_MMIO2);
	for (size_t i = 0; i < sizeof(evils) / sizeof(*evils); i++)
		one_evil(t, &evils[i], true);
}

static void hostile_rings_legacy(void **state)
{
	struct toy *t = *state;

	toy_plug(t, VB_MMIO1);
	for (size_t i = 0; i < sizeof(evils) / sizeof(*evils); i++)
		one_evil(t, &evils[i], false);
}

static void hostile_rings_pended(void **state)
{
	struct toy *t = *state;

	toy_plug(t, VB_MMIO2);
	t->b.spy.pend = 777;
	for (size_t i = 0; i < sizeof(evils) / sizeof(*evils); i++)
		one_evil(t, &evils[i], true);
}

static void more_than_4_gib_in_one_byte_less_is_fine(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_begin(t, VB_MMIO2, 16);
	vb_desc(b, 0, VB_DATA, UINT32_MAX, vb_flags(VB_NEXT, 1));
	vb_desc(b, 1, VB_DATA, 1, VB_WRITE);
	vb_post(b, 0);
	vb_kick(b);
	vb_run(b);
	assert_int_equal(t->readable, UINT32_MAX);
	assert_int_equal(t->served, 1);
}

static void device_type_refuses_the_chain(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	t->fail = DMASIM_E_FORMAT;
	toy_begin(t, VB_MMIO2, 16);
	toy_ask(t, 1);
	vb_kick(b);
	vb_run(b);
	assert_non_null(strstr(dmasim_virtio_error(b->v), "request 1"));
	assert_int_equal(vb_status(b), 0x4f);
	toy_works(t);
}

/** Every access of a request refused in turn. */
static void refused_accesses(struct toy *t, enum dmasim_ring_fault mode,
                             bool modern)
{
	struct vbench *b = &t->b;
	static const char *const names[] = {
	        "read avail.idx",     "read avail.ring", "read desc",
	        "read indirect desc", "read question",   "write answer",
	        "write used.ring",    "write used.idx",  "read avail.flags",
	        "read avail.idx",
	};

	b->features = DMASIM_VIRTIO_F_INDIRECT_DESC;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		size_t last;

		vb_start(b, 16);
		b->spy.count = 0;
		vb_desc_at(b, TABLE, 0, VB_DATA, 8, vb_flags(VB_NEXT, 1));
		vb_desc_at(b, TABLE, 1, VB_DATA + 64, 8, VB_WRITE);
		vb_desc(b, 0, TABLE, 32, VB_INDIRECT);
		vb_post(b, 0);
		b->spy.fault_to = UINT64_MAX;
		/* The two indirect descriptors count as one row. */
		b->spy.fault_after = i < 4 ? i : i + 1;
		if (i == 0)
			b->spy.fault_after = 0;
		vb_kick(b);
		vb_run(b);
		last = b->spy.count - 1;
		if (mode == DMASIM_RING_FAULT_2017 &&
		    strcmp(names[i], "read avail.idx") == 0) {
			vb_expect(b, last, "read avail.flags", b->avail, 2);
			last--;
		}
		assert_string_equal(b->spy.log[last].what, names[i]);
		assert_int_equal(b->spy.log[last].result, DMASIM_TXN_ABORT);
		assert_int_equal(vb_status(b), modern ? 0x4f : 7);
		assert_true(dmasim_virtio_error(b->v)[0] != '\0');
		toy_works(t);
	}
}

static void refused_access_stops_a_modern_device(void **state)
{
	struct toy *t = *state;

	toy_plug(t, VB_MMIO2);
	refused_accesses(t, DMASIM_RING_FAULT_STOP, true);
}

static void refused_access_stops_a_legacy_device(void **state)
{
	struct toy *t = *state;

	toy_plug(t, VB_MMIO1);
	refused_accesses(t, DMASIM_RING_FAULT_STOP, false);
}

static void refused_access_in_the_profile_of_2017(void **state)
{
	struct toy *t = *state;

	t->cfg.ring_fault = DMASIM_RING_FAULT_2017;
	toy_plug(t, VB_MMIO1);
	refused_accesses(t, DMASIM_RING_FAULT_2017, false);
}

static void refused_used_event_and_avail_event(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	b->features = DMASIM_VIRTIO_F_EVENT_IDX;
	toy_begin(t, VB_MMIO2, 16);
	b->spy.fault_from = b->avail + 4 + 32;
	b->spy.fault_to = b->spy.fault_from + 2;
	toy_ask(t, 1);
	vb_kick(b);
	vb_run(b);
	assert_non_null(
	        strstr(dmasim_virtio_error(b->v), "read used_event at 0x"));
	toy_works(t);
	vb_start(b, 16);
	b->spy.fault_from = b->used + 4 + 128;
	b->spy.fault_to = b->spy.fault_from + 2;
	toy_ask(t, 1);
	vb_kick(b);
	vb_run(b);
	assert_non_null(
	        strstr(dmasim_virtio_error(b->v), "write avail_event at 0x"));
	assert_int_equal(vb_used_idx(b), 1);
}

/** The two records of the log: ring of 256 at 0x8fa080000, nothing mapped. */
static void fault_of_2017(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	t->cfg.ring_fault = DMASIM_RING_FAULT_2017;
	toy_plug(t, VB_PCI);
	vb_start(b, 256);
	vb_set_status(b, 0);
	vb_set_status(b, 3);
	b->spy.count = 0;
	vb_wr(b, 0x08, 4, 0x8fa080);
	vb_set_status(b, 7);
	b->spy.fault_to = UINT64_MAX;
	vb_kick(b);
	vb_run(b);
	assert_int_equal(b->spy.count, 2);
	vb_expect(b, 0, "read avail.idx", 0x8fa081002, 2);
	vb_expect(b, 1, "read avail.flags", 0x8fa081000, 2);
	assert_string_equal(dmasim_virtio_error(b->v),
	                    "queue 0: read avail.idx at 0x8fa081002 was "
	                    "refused: abort");
	assert_int_equal(vb_isr(b), 0);
	vb_kick(b);
	vb_run(b);
	assert_int_equal(b->spy.count, 2);
}

static void ignored_faults_read_zero(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	uint32_t id, len;

	t->cfg.ring_fault = DMASIM_RING_FAULT_IGNORE;
	toy_begin(t, VB_MMIO1, 16);
	/* Data alone is refused: the request is answered all the same. */
	toy_ask(t, 0x5555555555555555);
	b->spy.fault_from = VB_DATA;
	b->spy.fault_to = VB_DATA + 0x10000;
	vb_kick(b);
	vb_run(b);
	assert_true(vb_get(b, &id, &len));
	assert_int_equal(len, 8);
	assert_int_equal(toy_answer(t), 0);
	assert_int_equal(t->buf[7], 1);
	assert_int_equal(vb_isr(b), 1);
	/* The index is refused: zero is nothing new, from the start. */
	vb_start(b, 16);
	toy_ask(t, 1);
	b->spy.fault_from = b->avail;
	b->spy.fault_to = b->avail + 4;
	vb_kick(b);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 0);
	assert_string_equal(dmasim_virtio_error(b->v), "");
	b->spy.fault_to = 0;
	vb_kick(b);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 1);
	/* Descriptors that read zero are still bad ones. */
	vb_start(b, 16);
	toy_ask(t, 1);
	b->spy.fault_from = b->desc;
	b->spy.fault_to = b->desc + 16;
	vb_kick(b);
	vb_run(b);
	assert_non_null(strstr(dmasim_virtio_error(b->v), "no bytes"));
	/* A used ring that cannot be written is not missed by the device. */
	vb_start(b, 16);
	toy_ask(t, 1);
	b->spy.fault_from = b->used;
	b->spy.fault_to = b->used + 0x100;
	vb_kick(b);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 0);
	assert_int_equal(dmasim_virtio_outstanding(b->v), 0);
	assert_int_equal(vb_isr(b), 1);
}

/** Each answer is the next avail.idx: the device feeds itself. */
static void ring_that_feeds_itself_costs_time(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;

	toy_begin(t, VB_MMIO2, 16);
	vb_desc(b, 0, b->avail + 2, 1, vb_flags(VB_NEXT, 1));
	vb_desc(b, 1, b->avail + 2, 1, VB_WRITE);
	vb_post(b, 0);
	vb_kick(b);
	assert_int_equal(dmasim_run_idle(b->k, DMASIM_MS), DMASIM_E_TIMEOUT);
	assert_true(t->served > 50 && t->served <= 100);
	toy_works(t);
}

static const struct CMUnitTest tests[] = {
        TOY_CASE(hostile_rings_modern),
        TOY_CASE(hostile_rings_legacy),
        TOY_CASE(hostile_rings_pended),
        TOY_CASE(more_than_4_gib_in_one_byte_less_is_fine),
        TOY_CASE(device_type_refuses_the_chain),
        TOY_CASE(refused_access_stops_a_modern_device),
        TOY_CASE(refused_access_stops_a_legacy_device),
        TOY_CASE(refused_access_in_the_profile_of_2017),
        TOY_CASE(refused_used_event_and_avail_event),
        TOY_CASE(fault_of_2017),
        TOY_CASE(ignored_faults_read_zero),
        TOY_CASE(ring_that_feeds_itself_costs_time),
};

CHECK_MAIN(tests)
