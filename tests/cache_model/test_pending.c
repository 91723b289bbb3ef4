/* SPDX-License-Identifier: MIT */
/* A memory below that pends and refuses: who waits for whom, and faults. */
#include "rig.h"

#define A (RIG_RAM + 0x5000)

/* Accesses that are in flight at the same time, and their ends in order. */
struct flight {
	struct rig *r;
	uint32_t actor;
	struct dmasim_txn txn[16];
	uint64_t data[16][8];
	unsigned started, ended;
	unsigned order[16];
	uint64_t when[16];
};

static void landed(void *obj, uint32_t op, uint64_t arg)
{
	struct flight *f = obj;

	(void)op;
	f->when[arg] = dmasim_now(f->r->k);
	f->order[f->ended++] = (unsigned)arg;
}

static void take_off(struct flight *f, struct rig *r)
{
	*f = (struct flight){.r = r};
	assert_int_equal(
	        dmasim_actor_register(r->k, "flight", landed, f, &f->actor),
	        DMASIM_OK);
}

/* Start an access of 8 bytes; returns what the port says. */
static enum dmasim_result start(struct flight *f,
                                const struct dmasim_port *port,
                                enum dmasim_op op, uint64_t addr,
                                uint64_t value, const struct dmasim_attr *attr)
{
	unsigned i = f->started++;

	f->data[i][0] = value;
	f->txn[i] = (struct dmasim_txn){
	        .op = op,
	        .addr = addr,
	        .size = 8,
	        .data = dmasim_op_is_maintenance(op) ? NULL
	                                             : (uint8_t *)f->data[i],
	        .attr = *attr,
	        .done = {.actor = f->actor, .arg = i},
	};
	return dmasim_access(port, &f->txn[i]);
}

static void finish(struct flight *f)
{
	assert_int_equal(dmasim_run_idle(f->r->k, DMASIM_FOREVER), DMASIM_OK);
	for (unsigned i = 0; i < f->started; i++)
		assert_int_equal(f->txn[i].result, DMASIM_TXN_OK);
}

#define WB &dmasim_attr_wb
#define NC &dmasim_attr_nc

/* While one line is fetched, others are used. */
static void hit_under_miss(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){0});
	struct flight f;

	(void)state;
	take_off(&f, r);
	rig_write(r, &r->core[0], A + 64, 5, WB);
	r->slow.delay = 1000;
	assert_int_equal(start(&f, &r->core[0], DMASIM_READ, A, 0, WB),
	                 DMASIM_TXN_PENDING);
	assert_int_equal(start(&f, &r->core[0], DMASIM_READ, A + 64, 0, WB),
	                 DMASIM_TXN_OK);
	assert_int_equal(f.data[1][0], 5);
	assert_int_equal(start(&f, &r->core[1], DMASIM_READ, A + 64, 0, WB),
	                 DMASIM_TXN_OK);
	assert_int_equal(start(&f, &r->coherent, DMASIM_READ, A + 64, 0, WB),
	                 DMASIM_TXN_OK);
	/* A second miss is fetched beside the first. */
	assert_int_equal(start(&f, &r->core[0], DMASIM_READ, A + 128, 0, WB),
	                 DMASIM_TXN_PENDING);
	assert_int_equal(r->slow.in_flight, 2);
	/* The one line's other users wait, in order; one fetch serves all. */
	assert_int_equal(start(&f, &r->core[1], DMASIM_WRITE, A, 1, WB),
	                 DMASIM_TXN_PENDING);
	assert_int_equal(start(&f, &r->host, DMASIM_READ, A, 0, WB),
	                 DMASIM_TXN_PENDING);
	assert_int_equal(start(&f, &r->core[0], DMASIM_ATOMIC_ADD, A, 10, WB),
	                 DMASIM_TXN_PENDING);
	assert_int_equal(start(&f, &r->host, DMASIM_READ, A, 0, WB),
	                 DMASIM_TXN_PENDING);
	assert_int_equal(r->slow.in_flight, 2);
	finish(&f);
	assert_int_equal(f.data[0][0], 0);
	assert_int_equal(f.data[6][0], 1);
	assert_int_equal(f.data[7][0], 1);
	assert_int_equal(f.data[8][0], 11);
	rig_no_findings(r);
	rig_free(r);
}

/* Non-cacheable accesses hold their lines against cached ones. */
static void past_and_cached(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){.delay = 1000});
	struct flight f;

	(void)state;
	take_off(&f, r);
	assert_int_equal(start(&f, &r->core[0], DMASIM_WRITE, A + 60,
	                       0x1122334455667788, NC),
	                 DMASIM_TXN_PENDING);
	assert_int_equal(start(&f, &r->core[1], DMASIM_READ, A + 64, 0, WB),
	                 DMASIM_TXN_PENDING);
	assert_int_equal(start(&f, &r->core[1], DMASIM_READ, A + 56, 0, WB),
	                 DMASIM_TXN_PENDING);
	assert_int_equal(start(&f, &r->noncoherent, DMASIM_READ, A + 60, 0, WB),
	                 DMASIM_TXN_PENDING);
	assert_int_equal(r->slow.in_flight, 1);
	/* Its lines, and no others. */
	assert_int_equal(start(&f, &r->core[1], DMASIM_READ, A - 64, 0, WB),
	                 DMASIM_TXN_PENDING);
	assert_int_equal(start(&f, &r->core[1], DMASIM_READ, A + 128, 0, NC),
	                 DMASIM_TXN_PENDING);
	assert_int_equal(r->slow.in_flight, 3);
	finish(&f);
	assert_int_equal(f.data[1][0], 0x11223344);
	assert_true(f.data[2][0] == 0x5566778800000000);
	assert_true(f.data[3][0] == 0x1122334455667788);
	assert_int_equal(f.order[0], 0);
	rig_no_findings(r);
	rig_free(r);
}

/* Registers hold nothing: their device may need memory to answer. */
static void registers_hold_nothing(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){.delay = 1000});
	struct flight f;

	(void)state;
	take_off(&f, r);
	assert_int_equal(start(&f, &r->core[0], DMASIM_WRITE, RIG_MMIO, 1,
	                       &dmasim_attr_device),
	                 DMASIM_TXN_PENDING);
	assert_int_equal(start(&f, &r->core[1], DMASIM_READ, RIG_MMIO, 0,
	                       &dmasim_attr_device),
	                 DMASIM_TXN_PENDING);
	assert_int_equal(r->slow.in_flight, 2);
	finish(&f);
	assert_int_equal(r->register_accesses, 2);
	rig_free(r);
}

/* Maintenance is complete when memory has the bytes. */
static void clean_waits(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){0});
	struct flight f;

	(void)state;
	take_off(&f, r);
	rig_write(r, &r->core[0], A, 5, WB);
	rig_write(r, &r->core[0], A + 64, 6, WB);
	r->slow.delay = 1000;
	assert_int_equal(start(&f, &r->core[0], DMASIM_CLEAN, A, 0, WB),
	                 DMASIM_TXN_PENDING);
	assert_int_equal(
	        start(&f, &r->core[1], DMASIM_CLEAN_INVALIDATE, A + 64, 0, WB),
	        DMASIM_TXN_PENDING);
	/* It waits behind, and finds nothing left to do. */
	assert_int_equal(start(&f, &r->core[1], DMASIM_CLEAN, A, 0, WB),
	                 DMASIM_TXN_PENDING);
	assert_int_equal(start(&f, &r->core[1], DMASIM_READ, A + 64, 0, WB),
	                 DMASIM_TXN_PENDING);
	assert_int_equal(rig_ram(r, A), 0);
	finish(&f);
	assert_int_equal(rig_ram(r, A), 5);
	assert_int_equal(rig_ram(r, A + 64), 6);
	assert_int_equal(f.data[3][0], 6);
	assert_int_equal(r->slow.writes, 2);
	rig_no_findings(r);
	rig_free(r);
}

/* Evicted bytes on their way to memory are what the next reader gets. */
static void evicted_and_wanted_again(void **state)
{
	struct rig *r = rig_new(
	        &(struct rig_config){.l1 = {.size = 64, .ways = 1, .cycles = 1},
	                             .shared = {.cycles = 1}});
	struct flight f;
	uint64_t v = 0;
	struct dmasim_txn look = {.op = DMASIM_READ,
	                          .flags = DMASIM_TXN_DEBUG,
	                          .addr = A,
	                          .size = 8,
	                          .data = (uint8_t *)&v,
	                          .attr = dmasim_attr_wb};

	(void)state;
	take_off(&f, r);
	rig_write(r, &r->core[0], A, 5, WB);
	rig_write(r, &r->core[0], A + 32, 6, WB);
	rig_write(r, &r->core[1], A + 64, 7, WB);
	r->slow.delay = 1000;
	/* Two runs of bytes: two writes, one after the other. */
	assert_int_equal(start(&f, &r->core[0], DMASIM_READ, A + 64, 0, WB),
	                 DMASIM_TXN_OK);
	assert_int_equal(r->slow.in_flight, 2);
	assert_int_equal(dmasim_access(&r->core[1], &look), DMASIM_TXN_OK);
	assert_int_equal(v, 5);
	look.attr = dmasim_attr_nc;
	assert_int_equal(dmasim_access(&r->core[1], &look), DMASIM_TXN_OK);
	assert_int_equal(v, 0);
	assert_int_equal(start(&f, &r->core[1], DMASIM_READ, A, 0, WB),
	                 DMASIM_TXN_PENDING);
	assert_int_equal(start(&f, &r->coherent, DMASIM_WRITE, A + 8, 8, WB),
	                 DMASIM_TXN_PENDING);
	assert_int_equal(
	        start(&f, &r->coherent, DMASIM_ATOMIC_ADD, A + 32, 1, WB),
	        DMASIM_TXN_PENDING);
	assert_int_equal(start(&f, &r->core[0], DMASIM_READ, A + 8, 0, WB),
	                 DMASIM_TXN_PENDING);
	finish(&f);
	assert_int_equal(f.data[1][0], 5);
	assert_int_equal(f.data[3][0], 6);
	assert_int_equal(f.data[4][0], 8);
	assert_int_equal(rig_ram(r, A + 32), 7);
	rig_no_findings(r);
	rig_free(r);
}

/* A line is evicted again while its last write-back is still under way: the
 * second goes behind the first, and before everybody who waits. */
static void write_back_behind_write_back(void **state)
{
	struct rig *r = rig_new(
	        &(struct rig_config){.l1 = {.size = 64, .ways = 1, .cycles = 1},
	                             .shared = {.cycles = 1}});
	struct flight f;
	uint64_t v = 0;
	struct dmasim_txn look = {.op = DMASIM_READ,
	                          .flags = DMASIM_TXN_DEBUG,
	                          .addr = A,
	                          .size = 8,
	                          .data = (uint8_t *)&v,
	                          .attr = dmasim_attr_wb};

	(void)state;
	take_off(&f, r);
	rig_write(r, &r->core[0], A, 5, WB);
	rig_write(r, &r->host, A + 64, 1, WB);
	r->slow.delay = 1000;
	/* CPU 1 takes the dirty line; its bytes are on their way; it writes. */
	assert_int_equal(start(&f, &r->core[1], DMASIM_WRITE, A, 6, WB),
	                 DMASIM_TXN_OK);
	assert_int_equal(r->slow.in_flight, 1);
	/* Somebody waits for the line already ... */
	assert_int_equal(start(&f, &r->core[0], DMASIM_READ, A, 0, WB),
	                 DMASIM_TXN_PENDING);
	/* ... when it is evicted for another one. */
	assert_int_equal(start(&f, &r->core[1], DMASIM_READ, A + 64, 0, WB),
	                 DMASIM_TXN_OK);
	assert_int_equal(dmasim_access(&r->core[1], &look), DMASIM_TXN_OK);
	assert_int_equal(v, 6);
	finish(&f);
	assert_int_equal(f.data[1][0], 6);
	assert_int_equal(rig_ram(r, A), 6);
	rig_no_findings(r);
	rig_free(r);
}

struct messages {
	unsigned count;
	char text[200];
};

static void refused_fills(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){0});
	uint64_t v = 0;

	(void)state;
	r->slow.from = A;
	r->slow.to = A + 64;
	r->slow.refusal = DMASIM_TXN_ABORT;
	for (unsigned slow = 0; slow < 2; slow++) {
		const struct {
			const struct dmasim_port *port;
			enum dmasim_op op;
			const struct dmasim_attr *attr;
		} rows[] = {
		        {&r->core[0], DMASIM_READ, WB},
		        {&r->core[0], DMASIM_WRITE, WB},
		        {&r->core[0], DMASIM_ATOMIC_ADD, WB},
		        {&r->core[0], DMASIM_READ, NC},
		        {&r->core[0], DMASIM_WRITE, &dmasim_attr_wt},
		        {&r->coherent, DMASIM_READ, WB},
		        {&r->coherent, DMASIM_WRITE, WB},
		        {&r->coherent, DMASIM_ATOMIC_ADD, WB},
		        {&r->noncoherent, DMASIM_WRITE, WB},
		};

		r->slow.delay = slow ? 100 : 0;
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			assert_int_equal(rig_move(r, rows[i].port, rows[i].op,
			                          A, &v, 8, rows[i].attr),
			                 DMASIM_TXN_ABORT);
		/* The first line is read, the second one refused. */
		assert_int_equal(
		        rig_move(r, &r->core[0], DMASIM_READ, A - 4, &v, 8, WB),
		        DMASIM_TXN_ABORT);
	}
	/* Nothing of it was cached. */
	r->slow.to = 0;
	assert_int_equal(rig_read(r, &r->core[0], A, WB), 0);
	rig_no_findings(r);
	rig_free(r);
}

static void note_message(void *ctx, enum dmasim_log_level level,
                         const char *source, const char *text)
{
	struct messages *m = ctx;

	(void)level;
	m->count++;
	snprintf(m->text, sizeof(m->text), "%s: %s", source, text);
}

/* Nobody waits for a write-back: its fault is a message. */
static void refused_write_backs(void **state)
{
	struct messages m = {0};
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_memsys *ms;
	struct dmasim_port port;
	uint64_t v = 1;
	struct dmasim_txn txn = {.op = DMASIM_WRITE,
	                         .addr = 0x1000,
	                         .size = 8,
	                         .data = (uint8_t *)&v,
	                         .attr = dmasim_attr_wb};

	(void)state;
	assert_int_equal(dmasim_kernel_create(
	                         &(struct dmasim_kernel_config){
	                                 .log = note_message, .log_ctx = &m},
	                         &k),
	                 DMASIM_OK);
	assert_int_equal(
	        dmasim_map_create(&(struct dmasim_map_config){.kernel = k},
	                          &map),
	        DMASIM_OK);
	assert_int_equal(dmasim_map_add_ram(map, "ram", 0x1000, 0x1000),
	                 DMASIM_OK);
	assert_int_equal(dmasim_memsys_create(
	                         &(struct dmasim_memsys_config){
	                                 .kernel = k, .map = map, .cpus = 1},
	                         &ms),
	                 DMASIM_OK);
	assert_int_equal(dmasim_memsys_cpu_port(ms, 0, &port), DMASIM_OK);
	assert_int_equal(dmasim_access(&port, &txn), DMASIM_TXN_OK);
	/* The RAM goes away below the dirty line. */
	assert_int_equal(dmasim_map_remove(map, 0x1000), DMASIM_OK);
	assert_int_equal(dmasim_memsys_flush(ms), DMASIM_OK);
	assert_int_equal(m.count, 1);
	assert_string_equal(m.text,
	                    "memsys: write-back of line 0x1000: decode error");
	dmasim_memsys_destroy(ms);
	dmasim_map_destroy(map);
	dmasim_kernel_destroy(k);
}

static void try_flush(void *obj, uint32_t op, uint64_t arg)
{
	int *status = obj;
	struct rig *r = (struct rig *)(uintptr_t)arg;

	(void)op;
	*status = dmasim_memsys_flush(r->ms);
}

static void flushing(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){.delay = 100});
	struct dmasim_call call = {.arg = (uint64_t)(uintptr_t)r};
	struct dmasim_writer *w;
	struct dmasim_reader *reader;
	int status = 1;

	(void)state;
	rig_write(r, &r->core[0], A, 5, WB);
	assert_int_equal(dmasim_memsys_flush(r->ms), DMASIM_OK);
	assert_int_equal(rig_ram(r, A), 5);
	/* In a callback it can begin, not wait. */
	rig_write(r, &r->core[0], A, 6, WB);
	assert_int_equal(dmasim_actor_register(r->k, "flush", try_flush,
	                                       &status, &call.actor),
	                 DMASIM_OK);
	assert_int_equal(dmasim_call_at(r->k, 0, 0, &call, NULL), DMASIM_OK);
	assert_int_equal(dmasim_run_idle(r->k, DMASIM_FOREVER), DMASIM_OK);
	assert_int_equal(status, DMASIM_E_STATE);
	assert_int_equal(rig_ram(r, A), 6);
	/* A dead memory; nothing can be saved while it owes an answer. */
	rig_write(r, &r->core[0], A, 7, WB);
	r->slow.delay = DMASIM_FOREVER;
	assert_int_equal(dmasim_memsys_flush(r->ms), DMASIM_E_HANG);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_memsys_save(r->ms, w), DMASIM_E_STATE);
	dmasim_writer_destroy(w);
	assert_int_equal(dmasim_reader_create(NULL, 0, &reader), DMASIM_OK);
	assert_int_equal(dmasim_memsys_restore(r->ms, reader), DMASIM_E_STATE);
	dmasim_reader_destroy(reader);
	rig_free(r);
}

/* Destroyed with requests in every state: nothing leaks. */
static void destroyed_in_flight(void **state)
{
	struct rig *r = rig_new(
	        &(struct rig_config){.l1 = {.size = 64, .ways = 1, .cycles = 1},
	                             .shared = {.cycles = 1}});
	struct flight f;

	(void)state;
	take_off(&f, r);
	rig_write(r, &r->core[0], A, 5, WB);
	r->slow.delay = 1000;
	start(&f, &r->core[1], DMASIM_WRITE, A, 6, WB);
	start(&f, &r->core[0], DMASIM_READ, A, 0, WB);
	start(&f, &r->core[1], DMASIM_READ, A + 64, 0, WB);
	start(&f, &r->coherent, DMASIM_WRITE, A, 0, WB);
	start(&f, &r->noncoherent, DMASIM_READ, A + 256, 0, WB);
	rig_free(r);
}

/* A master that named no completion, and calls that nobody asked for. */
static void strange_calls(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){.delay = 1000});
	struct dmasim_call call = {0};
	uint64_t v = 9;
	struct dmasim_txn txn = {.op = DMASIM_WRITE,
	                         .addr = A,
	                         .size = 8,
	                         .data = (uint8_t *)&v,
	                         .attr = dmasim_attr_wb};

	(void)state;
	assert_int_equal(dmasim_access(&r->core[0], &txn), DMASIM_TXN_PENDING);
	assert_int_equal(dmasim_run_idle(r->k, DMASIM_FOREVER), DMASIM_OK);
	assert_int_equal(rig_read(r, &r->core[0], A, WB), 9);
	call.actor = dmasim_actor_find(r->k, "memsys");
	assert_int_not_equal(call.actor, 0);
	for (call.arg = 0; call.arg < 100; call.arg++)
		assert_int_equal(dmasim_call_at(r->k, 0, 0, &call, NULL),
		                 DMASIM_OK);
	call.actor = dmasim_actor_find(r->k, "cpu0.drain");
	for (call.op = 0; call.op < 5; call.op++)
		assert_int_equal(dmasim_call_at(r->k, 0, 0, &call, NULL),
		                 DMASIM_OK);
	assert_int_equal(dmasim_run_idle(r->k, DMASIM_FOREVER), DMASIM_OK);
	assert_int_equal(rig_read(r, &r->core[0], A, WB), 9);
	rig_free(r);
}

/* The time that memory takes is the master's, not a second time in latency. */
static void time_of_a_pending_fill(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){.delay = 5000});
	struct flight f;

	(void)state;
	take_off(&f, r);
	start(&f, &r->core[0], DMASIM_READ, A, 0, WB);
	finish(&f);
	assert_int_equal(f.when[0], 5000);
	assert_true(f.txn[0].latency > 60 * DMASIM_NS);
	assert_true(f.txn[0].latency < 100 * DMASIM_NS);
	rig_free(r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(hit_under_miss),
        cmocka_unit_test(past_and_cached),
        cmocka_unit_test(registers_hold_nothing),
        cmocka_unit_test(clean_waits),
        cmocka_unit_test(evicted_and_wanted_again),
        cmocka_unit_test(write_back_behind_write_back),
        cmocka_unit_test(refused_fills),
        cmocka_unit_test(refused_write_backs),
        cmocka_unit_test(flushing),
        cmocka_unit_test(destroyed_in_flight),
        cmocka_unit_test(strange_calls),
        cmocka_unit_test(time_of_a_pending_fill),
};

CHECK_MAIN(tests)
