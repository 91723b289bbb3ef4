/* SPDX-License-Identifier: MIT */
/* The interconnect: hops, occupancy, and who goes first. */
#include "timing_rig.h"

/* 10 cycles, and 4 for 64 bytes; the map below costs nothing. */
#define IDLE 14000u

static uint64_t read_by(const struct timing_rig *r, unsigned port,
                        uint64_t ahead)
{
	return rig_cost(&r->ic_port[port], DMASIM_READ, RAM, 64, ahead);
}

static void idle(void **state)
{
	struct timing_rig *r = *state;
	struct dmasim_interconnect_stats s;

	assert_int_equal(read_by(r, 0, 0), IDLE);
	assert_int_equal(rig_cost(&r->ic_port[0], DMASIM_READ, RAM, 1, 100000),
	                 11000);
	assert_int_equal(
	        rig_cost(&r->ic_port[0], DMASIM_WRITE, RAM, 17, 200000), 12000);
	assert_int_equal(rig_cost(&r->ic_port[1], DMASIM_READ, REGS, 4, 300000),
	                 11000 + 100 * DMASIM_NS);
	assert_int_equal(dmasim_interconnect_stats(r->ic, 0, &s), DMASIM_OK);
	assert_int_equal(s.accesses, 3);
	assert_int_equal(s.bytes, 82);
	assert_int_equal(s.waited, 0);
	assert_int_equal(dmasim_interconnect_stats(r->ic, 4, &s),
	                 DMASIM_E_RANGE);
	assert_int_equal(dmasim_interconnect_port(r->ic, 4, &r->port),
	                 DMASIM_E_RANGE);
}

static void initiators(void **state)
{
	struct timing_rig *r = *state;
	uint8_t data[8];
	struct dmasim_interconnect_stats s;

	for (uint32_t i = 0; i < 9; i++) {
		struct dmasim_txn t = {.op = DMASIM_READ,
		                       .addr = RAM,
		                       .size = 8,
		                       .data = data,
		                       .initiator = i};

		assert_int_equal(dmasim_access(&r->by_initiator, &t),
		                 DMASIM_TXN_OK);
	}
	dmasim_interconnect_stats(r->ic, 0, &s);
	assert_int_equal(s.accesses, 3);
	dmasim_interconnect_stats(r->ic, 3, &s);
	assert_int_equal(s.accesses, 2);
}

/* What has no bytes to carry, and looks, cost nothing. */
static void what_passes(void **state)
{
	struct timing_rig *r = *state;
	uint8_t data[8];
	struct dmasim_txn t = {.op = DMASIM_CLEAN, .addr = RAM, .size = 64};

	assert_int_equal(dmasim_access(&r->ic_port[0], &t), DMASIM_TXN_OK);
	assert_int_equal(t.latency, 0);
	t = (struct dmasim_txn){.op = DMASIM_READ,
	                        .addr = RAM,
	                        .size = 8,
	                        .data = data,
	                        .flags = DMASIM_TXN_DEBUG};
	assert_int_equal(dmasim_access(&r->ic_port[0], &t), DMASIM_TXN_OK);
	assert_int_equal(t.latency, 0);
}

/* The end of a stream of @n lines, one after another, as fast as they come
 * back; in steps of a quantum if @other streams, too. */
static void stream(const struct timing_rig *r, unsigned masters, unsigned n,
                   uint64_t *clock)
{
	unsigned left[4] = {n, n, n, n};
	bool any = true;

	for (uint64_t now = 0; any; now += DMASIM_US) {
		any = false;
		assert_int_equal(dmasim_run_until(r->k, now), DMASIM_OK);
		for (unsigned m = 0; m < masters; m++)
			while (left[m] && clock[m] < now + DMASIM_US) {
				clock[m] +=
				        rig_cost(&r->ic_port[m], DMASIM_READ,
				                 RAM, 512, clock[m] - now);
				left[m]--;
			}
		for (unsigned m = 0; m < masters; m++)
			any |= left[m] > 0;
	}
}

/* Contention costs, and more contention costs more; it is shared. */
static void contention(void **state)
{
	uint64_t alone = 0, first = 0;

	(void)state;
	for (unsigned masters = 1; masters <= 4; masters++) {
		struct timing_rig *r;
		uint64_t clock[4] = {0}, worst = 0, best = UINT64_MAX;
		static const struct dmasim_interconnect_timing narrow = {
		        .period = 1000, .cycles = 10, .bytes = 16};

		assert_int_equal(rig_new(&r, NULL, NULL), 0);
		rig_make(r, &round_dram, &narrow);
		stream(r, masters, 100, clock);
		for (unsigned m = 0; m < masters; m++) {
			worst = clock[m] > worst ? clock[m] : worst;
			best = clock[m] < best ? clock[m] : best;
		}
		/* 10 idle cycles and 32 for the bytes. */
		if (masters == 1) {
			assert_int_equal(worst, 100 * 42000);
			first = alone = worst;
		} else {
			/* The way carries 16 bytes in a cycle, no more. */
			assert_true(worst >= masters * 100 * 32000);
			assert_true(worst > alone);
			/* Nobody is left behind for long. */
			assert_true(worst - best < 3000000);
			assert_true(best > first);
			alone = worst;
		}
		rig_free(r);
	}
}

/* A port with a long queue does not keep another one waiting, and has to make
 * up for it. */
static void fairness(void **state)
{
	struct timing_rig *r = *state;
	struct dmasim_interconnect_stats s;
	uint64_t queue = 0, other, next;

	/* 100 lines at once: 400 ns. */
	for (unsigned i = 0; i < 100; i++)
		queue = read_by(r, 0, 0);
	assert_int_equal(queue, IDLE + 99 * 4000);
	other = read_by(r, 1, 1000);
	assert_true(other > IDLE && other < IDLE + 32000);
	/* Its 4 ns are now at the end of the first one's queue. */
	next = read_by(r, 0, 0);
	assert_int_equal(next, IDLE + 101 * 4000);
	dmasim_interconnect_stats(r->ic, 1, &s);
	assert_int_equal(s.waited, other - IDLE);
}

/* First come, first served: it waits for the whole queue. */
static void first_come(void **state)
{
	struct timing_rig *r;
	struct dmasim_interconnect_timing t = round_way;

	(void)state;
	t.arbitration = DMASIM_FIRST_COME;
	assert_int_equal(rig_new(&r, NULL, NULL), 0);
	rig_make(r, &round_dram, &t);
	for (unsigned i = 0; i < 100; i++)
		read_by(r, 0, 0);
	assert_int_equal(read_by(r, 1, 0), IDLE + 100 * 4000);
	/* What arrives later than asked for finds the gap. */
	assert_int_equal(read_by(r, 1, 900000), IDLE);
	assert_int_equal(read_by(r, 0, 600000), IDLE);
	assert_int_equal(read_by(r, 0, 900000), IDLE + 4000);
	rig_free(r);
}

/* Each of many ports has its part while all want more than there is. */
static void parts(void **state)
{
	struct timing_rig *r = *state;
	uint64_t clock[4] = {0};
	for (unsigned round = 0; round < 200; round++)
		for (unsigned m = 0; m < 4; m++)
			clock[m] += rig_cost(&r->ic_port[m], DMASIM_READ, RAM,
			                     64, clock[m]);
	for (unsigned m = 1; m < 4; m++) {
		uint64_t a = clock[m], b = clock[0];

		/* Within a tenth. */
		assert_true(a < b + b / 10 && b < a + a / 10);
	}
	assert_true(clock[3] >= 200 * 16000);
}

static uint32_t second_first(void *ctx, const struct dmasim_choice_query *q)
{
	unsigned *asked = ctx;

	assert_int_equal(q->point, DMASIM_CHOICE_ARBITER);
	assert_int_equal(q->alternatives, 2);
	assert_string_equal(q->who, "interconnect");
	++*asked;
	return 1;
}

/* Two at the same instant: whoever is asked for later goes first, if the
 * choice says so; the other one's next access pays. */
static void ties(void **state)
{
	unsigned asked = 0;
	const struct dmasim_choice_config cfg = {.mode = DMASIM_CHOICE_CALLBACK,
	                                         .fn = second_first,
	                                         .fn_ctx = &asked};
	struct timing_rig *r, *by_default = *state;

	assert_int_equal(read_by(by_default, 0, 0), IDLE);
	assert_int_equal(read_by(by_default, 1, 0), IDLE + 4000);
	assert_int_equal(rig_new(&r, NULL, &cfg), 0);
	rig_make(r, &round_dram, &round_way);
	assert_int_equal(read_by(r, 0, 0), IDLE);
	assert_int_equal(asked, 0);
	assert_int_equal(read_by(r, 0, 0), IDLE + 4000);
	assert_int_equal(asked, 0);
	for (unsigned i = 2; i < 8; i++)
		read_by(r, 0, 0);
	/* The first slot is full; it goes first all the same. */
	assert_int_equal(read_by(r, 1, 0), IDLE);
	assert_int_equal(asked, 1);
	assert_int_equal(read_by(r, 0, 0), IDLE);
	assert_int_equal(asked, 2);
	rig_free(r);
}

/* More than the slots hold queues behind them; what arrives behind them waits
 * for that queue alone. */
static void horizon(void **state)
{
	struct timing_rig *r = *state;
	uint64_t last = 0;

	assert_int_equal(read_by(r, 0, 1000 * DMASIM_US), IDLE);
	assert_int_equal(read_by(r, 0, 1000 * DMASIM_US), IDLE);
	for (unsigned i = 0; i < 4000; i++) {
		uint64_t now = read_by(r, 0, 0);

		assert_true(i == 0 || now == last + 4000);
		last = now;
	}
	assert_int_equal(last, IDLE + 3999 * 4000);
	assert_int_equal(read_by(r, 1, 10 * DMASIM_US), IDLE + 6 * DMASIM_US);
	assert_int_equal(read_by(r, 1, 1000 * DMASIM_US), IDLE);
	/* It is all forgotten when its time has come. */
	assert_int_equal(dmasim_run_until(r->k, 20 * DMASIM_US), DMASIM_OK);
	assert_int_equal(read_by(r, 0, 0), IDLE);
}

static void end_of_time(void **state)
{
	struct timing_rig *r = *state;

	assert_int_equal(read_by(r, 0, UINT64_MAX - 3), IDLE - 0);
	assert_int_equal(dmasim_run_until(r->k, DMASIM_FOREVER - 1), DMASIM_OK);
	assert_int_equal(read_by(r, 0, 0), IDLE);
	assert_int_equal(read_by(r, 1, 0), IDLE);
}

/* Whatever they ask for, nobody waits longer than for all others together,
 * and the way never carries more than it can. */
static void any_traffic(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		uint64_t rnd = seed * 0x9e3779b97f4a7c15ull, sum = 0;
		uint64_t most = 0, waited = 0;
		struct timing_rig *r;

		assert_int_equal(rig_new(&r, NULL, NULL), 0);
		rig_make(r, &round_dram, &round_way);
		for (unsigned i = 0; i < 400; i++) {
			unsigned port = rig_random(&rnd) % 4;
			uint32_t size = 1 + rig_random(&rnd) % 256;
			uint64_t need = (size + 15) / 16 * 1000ull;
			uint64_t at = rig_random(&rnd) % 500000, cost;

			cost = rig_cost(&r->ic_port[port], DMASIM_READ, RAM,
			                size, at);
			sum += need;
			assert_true(cost >= 10000 + need);
			assert_true(at + cost - 10000 <= 500000 + sum);
			waited += cost > 10000 + need;
			most = at + cost > most ? at + cost : most;
		}
		/* They want several times as much as there is. */
		assert_true(sum > 1500000 && waited > 300);
		assert_true(most >= sum / 2);
		rig_free(r);
	}
}

/* For the same arrivals, more traffic never makes anything faster. */
static void monotone(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		uint64_t rnd = seed * 0x9e3779b97f4a7c15ull, slower = 0;
		struct dmasim_interconnect_timing t = round_way;
		struct timing_rig *few, *many;

		t.arbitration = DMASIM_FIRST_COME;
		assert_int_equal(rig_new(&few, NULL, NULL), 0);
		assert_int_equal(rig_new(&many, NULL, NULL), 0);
		rig_make(few, &round_dram, &t);
		rig_make(many, &round_dram, &t);
		for (unsigned i = 0; i < 300; i++) {
			unsigned port = rig_random(&rnd) % 4;
			uint32_t size = 1 + rig_random(&rnd) % 256;
			uint64_t at = rig_random(&rnd) % 4000000, a, b;

			b = rig_cost(&many->ic_port[port], DMASIM_READ, RAM,
			             size, at);
			if (rig_random(&rnd) % 3 == 0)
				continue;
			a = rig_cost(&few->ic_port[port], DMASIM_READ, RAM,
			             size, at);
			assert_true(a <= b);
			slower += a < b;
		}
		assert_true(slower > 0);
		rig_free(few);
		rig_free(many);
	}
}

static void hostile(void **state)
{
	struct timing_rig *r = *state;
	struct dmasim_interconnect *ic;
	const struct dmasim_interconnect_config ok = {.kernel = r->k,
	                                              .down = &r->below,
	                                              .ports = 1,
	                                              .timing = round_way};
	struct dmasim_interconnect_config cfg;

#define REFUSED(field, value)                                                  \
	do {                                                                   \
		cfg = ok;                                                      \
		cfg.field = (value);                                           \
		assert_int_equal(dmasim_interconnect_create(&cfg, &ic),        \
		                 DMASIM_E_INVAL);                              \
		assert_null(ic);                                               \
	} while (0)
	REFUSED(kernel, NULL);
	REFUSED(down, NULL);
	REFUSED(ports, 0);
	REFUSED(ports, DMASIM_INTERCONNECT_PORTS + 1);
	REFUSED(timing.period, 0);
	REFUSED(timing.period, DMASIM_MS + 1);
	REFUSED(timing.cycles, 10001);
	REFUSED(timing.bytes, 0);
	REFUSED(timing.bytes, 4097);
	REFUSED(timing.arbitration, (enum dmasim_arbitration)2);
	/* The slowest one, with the most ports and accesses of any size. */
	cfg = ok;
	cfg.ports = DMASIM_INTERCONNECT_PORTS;
	cfg.timing.period = DMASIM_MS;
	cfg.timing.bytes = 1;
	cfg.timing.cycles = 10000;
	assert_int_equal(dmasim_interconnect_create(&cfg, &ic), DMASIM_OK);
	assert_int_equal(dmasim_interconnect_port(ic, 63, &r->port), DMASIM_OK);
	assert_true(rig_cost(&r->port, DMASIM_READ, RAM, 4096, 0) ==
	            14096 * DMASIM_MS);
	assert_true(rig_cost(&r->port, DMASIM_READ, RAM, 4096, 0) ==
	            (14096 + 4096) * DMASIM_MS);
	dmasim_interconnect_destroy(ic);
	dmasim_interconnect_destroy(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

static const struct CMUnitTest tests[] = {
        TEST(idle),
        TEST(initiators),
        TEST(what_passes),
        cmocka_unit_test(contention),
        TEST(fairness),
        cmocka_unit_test(first_come),
        TEST(parts),
        TEST(ties),
        TEST(horizon),
        TEST(end_of_time),
        cmocka_unit_test(any_traffic),
        cmocka_unit_test(monotone),
        TEST(hostile),
};

CHECK_MAIN(tests)
