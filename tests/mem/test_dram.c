/* SPDX-License-Identifier: MIT */
/* DRAM: rows, banks, the bus, refresh, and where addresses lie. */
#include "timing_rig.h"

/* In the order row, bank, column: 4 KiB a row, 4 banks. */
#define ROW  0x4000ull
#define BANK 0x1000ull

#define HIT      25000u /* fixed + cl + burst */
#define CLOSED   35000u /* and rcd */
#define CONFLICT 75000u /* and rp */

static void rows(void **state)
{
	struct timing_rig *r = *state;
	struct dmasim_dram_stats s;
	uint64_t t = 0;

	assert_int_equal(rig_read(r, RAM, t), CLOSED);
	t += 100000;
	assert_int_equal(rig_read(r, RAM + 64, t), HIT);
	t += 100000;
	assert_int_equal(rig_read(r, RAM + ROW, t), CONFLICT);
	t += 100000;
	assert_int_equal(rig_read(r, RAM + ROW + 4032, t), HIT);
	t += 100000;
	/* Another bank has its own row. */
	assert_int_equal(rig_read(r, RAM + BANK, t), CLOSED);
	t += 100000;
	assert_int_equal(rig_read(r, RAM + ROW, t), HIT);
	dmasim_dram_stats(r->dram, &s);
	assert_int_equal(s.reads, 6);
	assert_int_equal(s.writes, 0);
	assert_int_equal(s.hits, 3);
	assert_int_equal(s.closed, 2);
	assert_int_equal(s.conflicts, 1);
	assert_int_equal(s.waited, 0);
	assert_int_equal(s.refreshes, 0);
	assert_int_equal(s.latency, 3 * HIT + 2 * CLOSED + CONFLICT);
}

/* tRAS and tWR: a row that has just been opened or written stays open. */
static void early_close(void **state)
{
	struct timing_rig *r = *state;

	/* Open at 0, closed at 50 ns at the earliest. */
	rig_read(r, RAM, 0);
	assert_int_equal(rig_read(r, RAM + ROW, 40000), CONFLICT + 10000);
	/* A write whose data passed at 324 ns: 339 ns. */
	assert_int_equal(
	        rig_cost(&r->port, DMASIM_WRITE, RAM + ROW, 64, 300000), HIT);
	assert_int_equal(rig_read(r, RAM, 330000), CONFLICT + 9000);
}

/* The bursts of one access find the row that its first one had to wait for. */
static void long_access(void **state)
{
	struct timing_rig *r = *state;
	struct dmasim_dram_stats s;

	rig_read(r, RAM, 0);
	assert_int_equal(rig_cost(&r->port, DMASIM_READ, RAM + ROW, 256, 40000),
	                 CONFLICT + 10000 + 3 * 4000);
	dmasim_dram_stats(r->dram, &s);
	assert_int_equal(s.conflicts, 1);
	assert_int_equal(s.hits, 3);
}

/* Two accesses at once to one bank, to two banks, and to two channels. */
static void banks_and_bus(void **state)
{
	struct timing_rig *r = *state;
	struct dmasim_dram_timing t = round_dram;
	struct dmasim_dram_stats s;
	uint64_t one_bank, two_banks, two_channels;

	rig_read(r, RAM, 0);
	one_bank = rig_read(r, RAM + ROW, 0);
	/* It waits for the first one to be done, and for its row. */
	assert_int_equal(one_bank, CONFLICT + 50000);
	two_banks = rig_read(r, RAM + BANK, 0);
	/* The banks work side by side; the bus does not. */
	assert_true(two_banks > CLOSED && two_banks < one_bank);
	dmasim_dram_stats(r->dram, &s);
	assert_int_equal(s.waited, 50000 + two_banks - CLOSED);
	dmasim_dram_destroy(r->dram);
	t.channels = 2;
	assert_int_equal(
	        dmasim_dram_create(&(struct dmasim_dram_config){.kernel = r->k,
	                                                        .map = r->map,
	                                                        .timing = t},
	                           &r->dram),
	        DMASIM_OK);
	r->port = dmasim_dram_port(r->dram);
	rig_read(r, RAM, 0);
	two_channels = rig_read(r, RAM + 64, 0);
	assert_int_equal(two_channels, CLOSED);
	assert_true(two_channels < two_banks);
}

/* More bytes take longer, burst by burst. */
static void sizes(void **state)
{
	struct timing_rig *r = *state;
	uint64_t last = 0, t = 0;

	for (uint32_t n = 64; n <= 4096; n *= 2, t += 400000) {
		uint64_t cost =
		        rig_cost(&r->port, DMASIM_READ, RAM + n * ROW, n, t);

		assert_int_equal(cost, (n == 64 ? CLOSED : CONFLICT) +
		                               (n / 64 - 1) * 4000);
		assert_true(cost > last);
		last = cost;
	}
	/* Less than a burst is a burst; across two bursts it is two. */
	assert_int_equal(rig_cost(&r->port, DMASIM_READ, RAM, 8, 3000000),
	                 CONFLICT);
	assert_int_equal(rig_cost(&r->port, DMASIM_READ, RAM + 60, 8, 3400000),
	                 HIT + 4000);
}

static void refresh(void **state)
{
	struct timing_rig *r = *state;
	struct dmasim_dram_stats s;

	/* The first one starts at 7 us and takes 200 ns. */
	assert_int_equal(dmasim_run_until(r->k, 5 * DMASIM_US), DMASIM_OK);
	assert_int_equal(rig_read(r, RAM, 1900000), CLOSED);
	assert_int_equal(rig_read(r, RAM, 1990000), HIT);
	assert_int_equal(rig_read(r, RAM, 2000000), CLOSED + 200000);
	/* The bank is busy with the one before for another 14 ns. */
	assert_int_equal(rig_read(r, RAM, 2150000), HIT + 64000);
	assert_int_equal(rig_read(r, RAM, 2300000), HIT);
	dmasim_dram_stats(r->dram, &s);
	assert_int_equal(s.refreshes, 2);
	/* Rows do not survive the next one. */
	assert_int_equal(rig_read(r, RAM, 9200000), CLOSED);
	assert_int_equal(dmasim_run_until(r->k, 20 * DMASIM_US), DMASIM_OK);
	assert_int_equal(rig_read(r, RAM, 0), HIT);
	/* One that may start only in the refresh waits for its end. */
	assert_int_equal(rig_read(r, RAM + ROW, 980000), CONFLICT);
	assert_int_equal(rig_read(r, RAM, 981000), CONFLICT + 219000);
}

/* Without refresh the same time finds its row open. */
static void no_refresh(void **state)
{
	struct timing_rig *r;
	struct dmasim_dram_timing t = round_dram;

	(void)state;
	t.refi = 0;
	assert_int_equal(rig_new(&r, NULL, NULL), 0);
	rig_make(r, &t, &round_way);
	rig_read(r, RAM, 0);
	assert_int_equal(rig_read(r, RAM, 7000000), HIT);
	assert_int_equal(rig_read(r, RAM, 14200000), HIT);
	rig_free(r);
}

/* How many of @n bursts, @step bytes apart, find their row open. */
static uint64_t hits_of(enum dmasim_dram_order order, uint32_t ranks,
                        uint64_t step, unsigned n)
{
	struct timing_rig *r;
	struct dmasim_dram_timing t = round_dram;
	struct dmasim_dram_stats s;

	t.order = order;
	t.ranks = ranks;
	t.refi = 0;
	assert_int_equal(rig_new(&r, NULL, NULL), 0);
	rig_make(r, &t, &round_way);
	for (unsigned i = 0; i < n; i++)
		rig_read(r, RAM + i * step, i * 200000ull);
	dmasim_dram_stats(r->dram, &s);
	assert_int_equal(s.hits + s.closed + s.conflicts, n);
	rig_free(r);
	return s.hits;
}

static void mapping(void **state)
{
	(void)state;
	/* 64 bursts a row: one opening each row, in every order that keeps
	 * a row's bytes together. */
	assert_int_equal(hits_of(DMASIM_DRAM_ROW_BANK_COLUMN, 1, 64, 256), 252);
	assert_int_equal(hits_of(DMASIM_DRAM_BANK_ROW_COLUMN, 1, 64, 256), 252);
	/* Spread over four banks: four openings for four rows' bytes. */
	assert_int_equal(hits_of(DMASIM_DRAM_ROW_COLUMN_BANK, 1, 64, 256), 252);
	assert_int_equal(hits_of(DMASIM_DRAM_ROW_COLUMN_BANK, 1, 64, 5), 1);
	assert_int_equal(hits_of(DMASIM_DRAM_ROW_BANK_COLUMN, 1, 64, 5), 4);
	/* A row apart, walking banks twice: only the first order has them. */
	assert_int_equal(hits_of(DMASIM_DRAM_ROW_BANK_COLUMN, 1, BANK, 8), 0);
	assert_int_equal(hits_of(DMASIM_DRAM_ROW_BANK_COLUMN, 2, BANK, 8), 0);
}

static void orders_differ(void **state)
{
	struct timing_rig *r;
	struct dmasim_dram_timing t = round_dram;
	struct dmasim_dram_stats s;

	(void)state;
	/* Neighbouring rows: another bank, or the same one. */
	t.order = DMASIM_DRAM_BANK_ROW_COLUMN;
	assert_int_equal(rig_new(&r, NULL, NULL), 0);
	rig_make(r, &t, &round_way);
	rig_read(r, RAM, 0);
	assert_int_equal(rig_read(r, RAM + BANK, 100000), CONFLICT);
	/* Its rows take 16 bits; what lies beyond 4 banks of them begins
	 * anew in another row. */
	assert_int_equal(RAM_SIZE, 1ull << (12 + 16));
	dmasim_dram_stats(r->dram, &s);
	assert_int_equal(s.conflicts, 1);
	rig_free(r);
}

/* What comes later in the kernel's time but arrives earlier sees the rows of
 * its own time. */
static void out_of_order(void **state)
{
	struct timing_rig *r = *state;

	assert_int_equal(rig_read(r, RAM, 100000), CLOSED);
	assert_int_equal(rig_read(r, RAM + ROW, 500000), CONFLICT);
	/* Between the two, the first row is open. */
	assert_int_equal(rig_read(r, RAM + 64, 300000), HIT);
	/* Before both, nobody has opened anything. */
	assert_int_equal(rig_read(r, RAM + 2 * ROW, 20000), CLOSED);
	/* One in between changes what comes then. */
	assert_int_equal(rig_read(r, RAM + 3 * ROW, 400000), CONFLICT);
	/* Only some are remembered: then the oldest ones are not. */
	for (unsigned i = 0; i < 8; i++)
		rig_read(r, RAM + (4 + i) * ROW, 1000000 + 100000 * i);
	assert_int_equal(rig_read(r, RAM + 11 * ROW, 2000000), HIT);
	assert_int_equal(rig_read(r, RAM + 64, 600000), CLOSED);
}

/* Registers, holes, looks, maintenance and barriers pass as they are. */
static void what_passes(void **state)
{
	struct timing_rig *r = *state;
	uint8_t data[64] = {7}, seen[64];
	struct dmasim_txn t = {
	        .op = DMASIM_WRITE, .addr = RAM, .size = 64, .data = data};
	struct dmasim_dram_stats s;

	assert_int_equal(rig_cost(&r->port, DMASIM_READ, REGS, 4, 0),
	                 100 * DMASIM_NS);
	assert_int_equal(dmasim_access(&r->port, &t), DMASIM_TXN_OK);
	assert_int_equal(dmasim_map_peek(r->map, RAM, seen, 64), DMASIM_OK);
	assert_memory_equal(seen, data, 64);
	t = (struct dmasim_txn){.op = DMASIM_READ,
	                        .addr = RAM,
	                        .size = 64,
	                        .data = seen,
	                        .flags = DMASIM_TXN_DEBUG};
	assert_int_equal(dmasim_access(&r->port, &t), DMASIM_TXN_OK);
	assert_int_equal(t.latency, 0);
	t = (struct dmasim_txn){.op = DMASIM_CLEAN, .addr = RAM, .size = 64};
	assert_int_equal(dmasim_access(&r->port, &t), DMASIM_TXN_OK);
	assert_int_equal(t.latency, 0);
	t = (struct dmasim_txn){.op = DMASIM_BARRIER};
	assert_int_equal(dmasim_access(&r->port, &t), DMASIM_TXN_OK);
	t = (struct dmasim_txn){
	        .op = DMASIM_READ, .addr = 0x1000, .size = 8, .data = seen};
	assert_int_equal(dmasim_access(&r->port, &t), DMASIM_TXN_DECODE);
	t.addr = RAM + RAM_SIZE - 4;
	assert_int_equal(dmasim_access(&r->port, &t), DMASIM_TXN_DECODE);
	assert_int_equal(t.latency, 0);
	dmasim_dram_stats(r->dram, &s);
	assert_int_equal(s.reads, 0);
	assert_int_equal(s.writes, 1);
}

static void end_of_time(void **state)
{
	struct timing_rig *r = *state;

	assert_int_equal(rig_read(r, RAM, UINT64_MAX / 2), CLOSED);
	assert_int_equal(rig_read(r, RAM, UINT64_MAX - 5), CLOSED);
	assert_int_equal(rig_read(r, RAM, 0), CLOSED);
	assert_int_equal(dmasim_run_until(r->k, DMASIM_FOREVER - 1), DMASIM_OK);
	assert_int_equal(rig_read(r, RAM, 0), CLOSED);
	assert_int_equal(rig_read(r, RAM, 100), CLOSED);
}

/* Rows that open and close at once are still rows. */
static void no_time_to_open(void **state)
{
	struct timing_rig *r;
	struct dmasim_dram_timing t = round_dram;
	struct dmasim_dram_stats s;

	(void)state;
	t.rcd = t.rp = t.ras = 0;
	assert_int_equal(rig_new(&r, NULL, NULL), 0);
	rig_make(r, &t, &round_way);
	assert_int_equal(rig_cost(&r->port, DMASIM_WRITE, RAM, 64, 0), HIT);
	/* But for tWR. */
	assert_int_equal(rig_read(r, RAM + ROW, 24000), HIT + 15000);
	assert_int_equal(rig_read(r, RAM, 100000), HIT);
	dmasim_dram_stats(r->dram, &s);
	assert_int_equal(s.closed, 1);
	assert_int_equal(s.conflicts, 2);
	rig_free(r);
}

static void refused(const struct timing_rig *r, struct dmasim_dram_timing t)
{
	struct dmasim_dram *d = (struct dmasim_dram *)r;

	assert_int_equal(
	        dmasim_dram_create(&(struct dmasim_dram_config){.kernel = r->k,
	                                                        .map = r->map,
	                                                        .timing = t},
	                           &d),
	        DMASIM_E_INVAL);
	assert_null(d);
}

static void hostile(void **state)
{
	struct timing_rig *r = *state;
	struct dmasim_dram *d;
	const struct dmasim_dram_timing ok = round_dram;
	struct dmasim_dram_timing t;

#define REFUSED(field, value)                                                  \
	do {                                                                   \
		t = ok;                                                        \
		t.field = (value);                                             \
		refused(r, t);                                                 \
	} while (0)
	REFUSED(channels, 0);
	REFUSED(channels, 3);
	REFUSED(channels, 32);
	REFUSED(ranks, 0);
	REFUSED(ranks, 16);
	REFUSED(banks, 0);
	REFUSED(banks, 128);
	REFUSED(banks, 12);
	REFUSED(row_bytes, 0);
	REFUSED(row_bytes, 1u << 21);
	REFUSED(row_bytes, 32);
	REFUSED(burst_bytes, 0);
	REFUSED(burst_bytes, 48);
	REFUSED(burst_bytes, 8192);
	REFUSED(interleave, 32);
	REFUSED(interleave, 8192);
	REFUSED(burst, 0);
	REFUSED(burst, UINT64_MAX);
	REFUSED(cl, DMASIM_MS + 1);
	REFUSED(fixed, UINT64_MAX);
	REFUSED(refi, 200000);
	REFUSED(refi, UINT64_MAX);
	t = ok;
	t.channels = t.ranks = 8;
	t.banks = 32;
	refused(r, t);
	REFUSED(order, (enum dmasim_dram_order)3);
	assert_int_equal(
	        dmasim_dram_create(&(struct dmasim_dram_config){.kernel = r->k,
	                                                        .timing = ok},
	                           &d),
	        DMASIM_E_INVAL);
	assert_int_equal(
	        dmasim_dram_create(&(struct dmasim_dram_config){.map = r->map,
	                                                        .timing = ok},
	                           &d),
	        DMASIM_E_INVAL);
	dmasim_dram_destroy(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

static const struct CMUnitTest tests[] = {
        TEST(rows),
        TEST(early_close),
        TEST(long_access),
        TEST(banks_and_bus),
        TEST(sizes),
        TEST(refresh),
        cmocka_unit_test(no_refresh),
        cmocka_unit_test(mapping),
        cmocka_unit_test(orders_differ),
        TEST(out_of_order),
        TEST(what_passes),
        TEST(end_of_time),
        cmocka_unit_test(no_time_to_open),
        TEST(hostile),
};

CHECK_MAIN(tests)
