/* SPDX-License-Identifier: MIT */
/*
 * MISSING_BARRIER between CPUs: each way in which one can be missing, also
 * where the run gets away with it, beside what is right and must give no
 * finding.
 */
#include "order_rig.h"

/* ---- message passing ---- */

static void right_with_barriers(void **state)
{
	struct scene *s = *state;

	for (uint64_t i = 1; i < 50; i++) {
		st(s, 0, DATA, i);
		barrier(s, 0, i % 2 ? DMASIM_DMB_ST : DMASIM_DMB);
		st(s, 0, FLAG, i);
		assert_int_equal(ld(s, 1, FLAG), i);
		/* Twice, as a driver that looks again does. */
		assert_int_equal(ld(s, 1, FLAG), i);
		barrier(s, 1, DMASIM_DMB_LD);
		assert_int_equal(ld(s, 1, DATA), i);
	}
	rig_no_findings(s->r);
}

static void right_with_release_and_acquire(void **state)
{
	struct scene *s = *state;

	for (uint64_t i = 1; i < 50; i++) {
		st(s, 0, DATA, i);
		rel(s, 0, FLAG, i);
		acq(s, 1, FLAG);
		assert_int_equal(ld(s, 1, DATA), i);
	}
	rig_no_findings(s->r);
}

static void producer_without_a_barrier(void **state)
{
	struct scene *s = *state;
	const struct dmasim_finding *f;

	st_n(s, 0, DATA, 1, DMASIM_ORDER_PLAIN, 10);
	st_n(s, 0, FLAG, 1, DMASIM_ORDER_PLAIN, 11);
	ld_n(s, 1, FLAG, DMASIM_ORDER_PLAIN, 20);
	barrier(s, 1, DMASIM_DMB_LD);
	ld_n(s, 1, DATA, DMASIM_ORDER_PLAIN, 21);
	f = only(s, DMASIM_POTENTIAL, "dma_wmb()");
	assert_string_equal(f->reader.where, "prog.c:21");
	assert_string_equal(f->writer.where, "prog.c:10");
	assert_non_null(strstr(f->remedy, "prog.c:10 may be seen after"));
	assert_non_null(strstr(f->remedy, "at prog.c:11"));
	assert_int_equal(f->addr, DATA);
}

static void consumer_without_a_barrier(void **state)
{
	struct scene *s = *state;
	const struct dmasim_finding *f;

	st_n(s, 0, DATA, 1, DMASIM_ORDER_PLAIN, 10);
	barrier(s, 0, DMASIM_DMB_ST);
	st_n(s, 0, FLAG, 1, DMASIM_ORDER_PLAIN, 11);
	ld_n(s, 1, FLAG, DMASIM_ORDER_PLAIN, 20);
	ld_n(s, 1, DATA, DMASIM_ORDER_PLAIN, 21);
	f = only(s, DMASIM_POTENTIAL, "dma_rmb()");
	assert_non_null(strstr(f->remedy, "prog.c:21 may be made before"));
	assert_non_null(strstr(f->remedy, "at prog.c:20"));
	assert_non_null(strstr(f->remedy, "unless the address"));
}

/* A barrier at the wrong place is none. */
static void barriers_on_the_wrong_side(void **state)
{
	struct scene *s = *state;

	barrier(s, 0, DMASIM_DMB);
	st(s, 0, DATA, 1);
	st(s, 0, FLAG, 1);
	ld(s, 1, FLAG);
	barrier(s, 1, DMASIM_DMB);
	/* Too late: the flag has been read. */
	barrier(s, 0, DMASIM_DMB);
	ld(s, 1, DATA);
	only(s, DMASIM_POTENTIAL, "dma_wmb()");
}

/* The flag overtook the data: the reader got what was there before. */
static void flag_overtakes_data(void **state)
{
	struct scene *s = *state;
	const struct dmasim_finding *f;

	at(s, 0, DMASIM_WRITE, FLAG, 1,
	   (struct dmasim_program_order){.number = 2});
	assert_int_equal(ld(s, 1, FLAG), 1);
	barrier(s, 1, DMASIM_DMB_LD);
	assert_int_equal(ld(s, 1, DATA), 0);
	at(s, 0, DMASIM_WRITE, DATA, 0x77,
	   (struct dmasim_program_order){.number = 1});
	f = only(s, DMASIM_OBSERVED, "dma_wmb()");
	assert_string_equal(f->reader.agent, "cpu1");
	assert_string_equal(f->writer.where, "prog.c:1");
	assert_int_equal(f->seen[0], 0);
	assert_int_equal(f->expected[0], 0x77);
}

/* The data was read early, and then the flag that announced it. */
static void load_overtakes_load(void **state)
{
	struct scene *s = *state;
	const struct dmasim_finding *f;

	at(s, 1, DMASIM_READ, DATA, 0,
	   (struct dmasim_program_order){.number = 2});
	st(s, 0, DATA, 0x55);
	barrier(s, 0, DMASIM_DMB_ST);
	st(s, 0, FLAG, 1);
	at(s, 1, DMASIM_READ, FLAG, 0,
	   (struct dmasim_program_order){.number = 1});
	f = only(s, DMASIM_OBSERVED, "dma_rmb()");
	assert_string_equal(f->reader.where, "prog.c:2");
	assert_int_equal(f->seen[0], 0);
	assert_int_equal(f->expected[0], 0x55);
}

/* cpu0 tells cpu1, which tells cpu2. */
static void over_three(void **state)
{
	struct scene *s = *state;

	st(s, 0, DATA, 1);
	rel(s, 0, FLAG, 1);
	acq(s, 1, FLAG);
	rel(s, 1, NEXT, 1);
	acq(s, 2, NEXT);
	assert_int_equal(ld(s, 2, DATA), 1);
	rig_no_findings(s->r);
	/* The one in the middle passes on what it has not waited for. */
	st(s, 0, DATA, 2);
	rel(s, 0, FLAG, 2);
	ld(s, 1, FLAG);
	st(s, 1, NEXT, 2);
	acq(s, 2, FLAG);
	acq(s, 2, NEXT);
	assert_int_equal(ld(s, 2, DATA), 2);
	rig_no_findings(s->r);
}

static void a_lock(void **state)
{
	struct scene *s = *state;

	for (uint64_t i = 1; i < 30; i++) {
		unsigned cpu = (unsigned)(i % 3);

		while (swap(s, cpu, FLAG, 1, DMASIM_ORDER_ACQUIRE))
			;
		assert_int_equal(ld(s, cpu, DATA), i - 1);
		st(s, cpu, DATA, i);
		rel(s, cpu, FLAG, 0);
	}
	rig_no_findings(s->r);
}

/* A store of an atomic passes on what its load brought, plain as it is. */
static void through_an_atomic(void **state)
{
	struct scene *s = *state;

	st(s, 0, DATA, 1);
	rel(s, 0, FLAG, 1);
	swap(s, 1, FLAG, 2, DMASIM_ORDER_PLAIN);
	acq(s, 2, FLAG);
	ld(s, 2, DATA);
	rig_no_findings(s->r);
}

/* ---- what is polled ---- */

static void two_flags_of_one_agent(void **state)
{
	struct scene *s = *state;

	/* Of two queues; each is looked at by itself. */
	for (uint64_t i = 1; i < 20; i++) {
		st(s, 0, FLAG, i);
		ld(s, 1, FLAG);
		st(s, 0, NEXT, i);
		ld(s, 1, NEXT);
		ld(s, 1, FLAG);
	}
	rig_no_findings(s->r);
}

/* At first it looks like data; later it is seen to be polled. */
static void a_flag_that_looks_like_data(void **state)
{
	struct scene *s = *state;

	st(s, 0, FLAG, 1);
	barrier(s, 0, DMASIM_DMB_ST);
	st(s, 0, NEXT, 1);
	ld(s, 1, NEXT);
	ld(s, 1, FLAG);
	only(s, DMASIM_POTENTIAL, "dma_rmb()");
	st(s, 0, FLAG, 2);
	ld(s, 1, FLAG);
	rig_no_findings(s->r);
}

static void hints(void **state)
{
	struct scene *s = *state;
	struct dmasim_checker *c = s->r->checker;

	assert_int_equal(dmasim_note_racy(c, DATA, 0), DMASIM_E_INVAL);
	assert_int_equal(dmasim_note_racy(c, DATA, 8), DMASIM_OK);
	/* Said twice is said once. */
	assert_int_equal(dmasim_note_racy(c, DATA, 8), DMASIM_OK);
	assert_int_equal(c->order.racy_len, 1);
	st(s, 0, DATA, 1);
	st(s, 0, FLAG, 1);
	ld(s, 1, FLAG);
	ld(s, 1, DATA);
	rig_no_findings(s->r);
	dmasim_note_order_end(c, DATA, 64);
	st(s, 0, DATA, 2);
	st(s, 0, FLAG, 2);
	ld(s, 1, FLAG);
	ld(s, 1, DATA);
	only(s, DMASIM_POTENTIAL, "dma_wmb()");
}

/* One access brings the flag and the data. */
static void in_one_access(void **state)
{
	struct scene *s = *state;
	uint8_t data[128];
	struct dmasim_txn txn = {.op = DMASIM_READ,
	                         .addr = FLAG,
	                         .size = sizeof(data),
	                         .data = data,
	                         .origin = DMASIM_HERE};

	st(s, 0, FLAG + 64, 1);
	st(s, 0, FLAG + 8, 1);
	st(s, 0, FLAG, 1);
	access_at(s, 1, &txn);
	rig_no_findings(s->r);
}

/* ---- a store, and then a load ---- */

static void pairs(void **state)
{
	struct scene *s = *state;
	struct dmasim_checker *c = s->r->checker;
	const struct dmasim_finding *f;

	assert_int_equal(dmasim_note_dekker(c, FLAG, 8, NEXT, 0),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_note_dekker(c, FLAG, 8, NEXT, 8), DMASIM_OK);
	assert_int_equal(dmasim_note_dekker(c, FLAG, 8, NEXT, 8), DMASIM_OK);
	assert_int_equal(c->order.pair_len, 1);
	st(s, 0, FLAG, 1);
	barrier(s, 0, DMASIM_DMB);
	ld(s, 0, NEXT);
	rig_no_findings(s->r);
	st_n(s, 0, FLAG, 2, DMASIM_ORDER_PLAIN, 10);
	ld_n(s, 0, NEXT, DMASIM_ORDER_PLAIN, 11);
	f = only(s, DMASIM_POTENTIAL, "smp_mb()");
	assert_non_null(strstr(f->remedy, "load at prog.c:11"));
	assert_non_null(strstr(f->remedy, "store at prog.c:10"));
	assert_int_equal(f->size, 0);
	dmasim_note_order_end(c, FLAG, 0);
	dmasim_note_order_end(c, FLAG, 8);
	assert_int_equal(c->order.pair_len, 0);
}

/* The store comes out of its buffer after the load. */
static void pairs_the_other_way_round(void **state)
{
	struct scene *s = *state;
	struct dmasim_checker *c = s->r->checker;

	assert_int_equal(dmasim_note_dekker(c, FLAG, 8, NEXT, 8), DMASIM_OK);
	at(s, 0, DMASIM_READ, NEXT, 0,
	   (struct dmasim_program_order){.number = 2});
	at(s, 0, DMASIM_WRITE, FLAG, 1,
	   (struct dmasim_program_order){.number = 1});
	only(s, DMASIM_POTENTIAL, "smp_mb()");
}

/* ---- bounds, and state ---- */

/* More reads without a barrier than are kept: they count as ordered. */
static void many_reads_without_a_barrier(void **state)
{
	struct scene *s = *state;

	for (uint64_t i = 0; i < 4 * ORDER_PENDING; i++) {
		st(s, 0, DATA + 8 * i, 1);
		rel(s, 0, FLAG, i + 1);
		ld(s, 1, FLAG);
	}
	assert_int_equal(order_agent(s->r->checker, 2)->pending_len,
	                 ORDER_PENDING);
	ld(s, 1, DATA);
	rig_no_findings(s->r);
	ld(s, 1, DATA + 8 * (4 * ORDER_PENDING - 1));
	only(s, DMASIM_POTENTIAL, "dma_rmb()");
}

static void move_state(struct scene *s)
{
	struct dmasim_writer *w, *again;
	struct dmasim_reader *reader;
	const uint8_t *blob, *second;
	size_t size, size2;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_writer_create(&again), DMASIM_OK);
	assert_int_equal(dmasim_checker_save(s->r->checker, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &blob, &size), DMASIM_OK);
	assert_int_equal(dmasim_reader_create(blob, size, &reader), DMASIM_OK);
	assert_int_equal(dmasim_checker_restore(s->r->checker, reader),
	                 DMASIM_OK);
	assert_int_equal(dmasim_checker_save(s->r->checker, again), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(again, &second, &size2),
	                 DMASIM_OK);
	assert_int_equal(size, size2);
	assert_memory_equal(blob, second, size);
	dmasim_reader_destroy(reader);
	dmasim_writer_destroy(w);
	dmasim_writer_destroy(again);
}

static void state_between_any_two_steps(void **state)
{
	struct scene *s = *state;
	struct rig *r = s->r;
	struct dmasim_dma_buffer b = {.dma = 0x9000,
	                              .pa = RIG_RAM + 0x9000,
	                              .size = 100,
	                              .name = "block",
	                              .by = DMASIM_HERE};

	assert_int_equal(dmasim_note_racy(r->checker, NEXT, 8), DMASIM_OK);
	assert_int_equal(dmasim_note_dekker(r->checker, FLAG, 8, NEXT, 8),
	                 DMASIM_OK);
	assert_int_equal(dmasim_note_buffer(r->checker, &b), DMASIM_OK);
	b.dma = 0xa000;
	assert_int_equal(dmasim_note_buffer(r->checker, &b), DMASIM_OK);
	dmasim_note_unmap(r->checker, 0, 0xa000, 50);
	assert_int_equal(dmasim_note_watch(r->checker, 0, 5), DMASIM_OK);
	st(s, 0, DATA, 1);
	rel(s, 0, FLAG, 1);
	move_state(s);
	ld(s, 1, FLAG);
	barrier(s, 0, DMASIM_DMB);
	ld(s, 0, NEXT);
	st(s, 1, NEXT + 8, 1);
	move_state(s);
	assert_int_equal(order_agent(r->checker, 2)->pending_len, 1);
	barrier(s, 1, DMASIM_DMB_LD);
	move_state(s);
	ld(s, 1, DATA);
	rig_no_findings(r);
	assert_int_equal(r->checker->notes.len, 2);
	st(s, 0, DATA, 2);
	move_state(s);
	st(s, 0, FLAG, 2);
	ld(s, 2, FLAG);
	move_state(s);
	ld(s, 2, DATA);
	only(s, DMASIM_POTENTIAL, "dma_wmb()");
	move_state(s);
	only(s, DMASIM_POTENTIAL, "dma_wmb()");
}

/* Its bytes would be compared with what lies behind the line. */
static void a_read_beyond_its_line_is_refused(void **state)
{
	struct scene *s = *state;
	struct order_read *e;
	struct dmasim_reader *reader;
	struct dmasim_writer *w;
	const uint8_t *blob;
	size_t size;

	st(s, 0, FLAG, 1);
	ld(s, 1, FLAG);
	e = &order_agent(s->r->checker, 2)->reads[0];
	assert_int_equal(e->size, 8);
	e->addr = (FLAG & ~(uint64_t)(s->r->line - 1)) + s->r->line - 7;
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_checker_save(s->r->checker, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &blob, &size), DMASIM_OK);
	assert_int_equal(dmasim_reader_create(blob, size, &reader), DMASIM_OK);
	assert_int_equal(dmasim_checker_restore(s->r->checker, reader),
	                 DMASIM_E_FORMAT);
	dmasim_reader_destroy(reader);
	dmasim_writer_destroy(w);
}

static const struct CMUnitTest tests[] = {
        TEST(right_with_barriers),
        TEST(right_with_release_and_acquire),
        TEST(producer_without_a_barrier),
        TEST(consumer_without_a_barrier),
        TEST(barriers_on_the_wrong_side),
        TEST(flag_overtakes_data),
        TEST(load_overtakes_load),
        TEST(over_three),
        TEST(a_lock),
        TEST(through_an_atomic),
        TEST(two_flags_of_one_agent),
        TEST(a_flag_that_looks_like_data),
        TEST(hints),
        TEST(in_one_access),
        TEST(pairs),
        TEST(pairs_the_other_way_round),
        TEST(many_reads_without_a_barrier),
        TEST(state_between_any_two_steps),
        TEST(a_read_beyond_its_line_is_refused),
};

CHECK_MAIN(tests)
