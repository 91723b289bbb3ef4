/* SPDX-License-Identifier: MIT */
/*
 * Random coherent traffic of several CPUs and coherent ports equals a flat
 * array, for several geometries, and the checker finds nothing. With a
 * memory that pends, the same bytes come out.
 */
#include "rig.h"

#include <stdlib.h>

#define AREA 8192u

static const struct dmasim_attr *const attrs[] = {
        &dmasim_attr_wb, &dmasim_attr_wb, &dmasim_attr_wb, &dmasim_attr_wt};

/* What one step does: an access of a random port, checked against @model. */
static void step(struct rig *r, uint64_t *seed, uint8_t *model)
{
	const struct dmasim_port *ports[] = {&r->core[0],  &r->core[1],
	                                     &r->coherent, &r->host,
	                                     &r->core[2],  &r->core[3]};
	uint64_t x = rig_random(seed);
	const struct dmasim_port *port = ports[x % (r->cpus == 4 ? 6 : 4)];
	const struct dmasim_attr *attr = attrs[x >> 8 & 3];
	uint32_t size = 1 + (uint32_t)(x >> 16) % (x >> 12 & 1 ? 16 : 300);
	uint32_t at = (uint32_t)(x >> 32) % AREA;
	uint8_t data[300];

	if (size > AREA - at)
		size = AREA - at;
	switch (x >> 52 & 15) {
	case 0:
		assert_int_equal(rig_move(r, port, DMASIM_CLEAN, RIG_RAM + at,
		                          NULL, size, attr),
		                 DMASIM_TXN_OK);
		return;
	case 1:
		assert_int_equal(rig_move(r, port, DMASIM_CLEAN_INVALIDATE,
		                          RIG_RAM + at, NULL, size, attr),
		                 DMASIM_TXN_OK);
		return;
	case 2:
		at &= ~7u;
		memset(data, (int)(x >> 56), 16);
		assert_int_equal(rig_move(r, port, DMASIM_ATOMIC_SWAP,
		                          RIG_RAM + at, data, 8, attr),
		                 DMASIM_TXN_OK);
		assert_memory_equal(data, model + at, 8);
		memset(model + at, (int)(x >> 56), 8);
		return;
	case 3:
	case 4:
	case 5:
	case 6:
	case 7:
	case 8:
		for (uint32_t i = 0; i < size; i++)
			data[i] = (uint8_t)(x >> (i % 40)) ^ (uint8_t)i;
		memcpy(model + at, data, size);
		assert_int_equal(rig_move(r, port, DMASIM_WRITE, RIG_RAM + at,
		                          data, size, attr),
		                 DMASIM_TXN_OK);
		return;
	default:
		assert_int_equal(rig_move(r, port, DMASIM_READ, RIG_RAM + at,
		                          data, size, attr),
		                 DMASIM_TXN_OK);
		assert_memory_equal(data, model + at, size);
	}
}

static void run(const struct rig_config *cfg, uint64_t seed, unsigned steps)
{
	struct rig *r = rig_new(cfg);
	static uint8_t model[AREA], ram[AREA];

	memset(model, 0, sizeof(model));
	r->slow.seed = cfg->delay ? seed : 0;
	for (unsigned i = 0; i < steps; i++)
		step(r, &seed, model);
	assert_int_equal(dmasim_memsys_flush(r->ms), DMASIM_OK);
	assert_int_equal(dmasim_map_peek(r->map, RIG_RAM, ram, AREA),
	                 DMASIM_OK);
	assert_memory_equal(ram, model, AREA);
	if (r->checker)
		rig_no_findings(r);
	rig_free(r);
}

static void default_geometry(void **state)
{
	(void)state;
	run(&(struct rig_config){0}, 1, 40000);
	run(&(struct rig_config){.cpus = 4}, 2, 40000);
	run(&(struct rig_config){.cpus = 4, .no_checker = true}, 3, 100000);
}

/* Caches of a few lines, so that everything is evicted all the time. */
static void tiny(uint32_t line, uint64_t seed)
{
	const struct rig_config cfg = {
	        .cpus = 4,
	        .line_size = line,
	        .l1 = {.size = 4 * line, .ways = 2, .cycles = 3},
	        .shared = {.size = 16 * line, .ways = 4, .cycles = 12},
	};

	run(&cfg, seed, 100000 / (1 + line / 128));
}

static void lines_of_16(void **state)
{
	(void)state;
	tiny(16, 4);
}

static void lines_of_32(void **state)
{
	(void)state;
	tiny(32, 5);
}

static void lines_of_64(void **state)
{
	(void)state;
	tiny(64, 6);
}

static void lines_of_128(void **state)
{
	(void)state;
	tiny(128, 7);
}

static void lines_of_2048(void **state)
{
	(void)state;
	tiny(2048, 8);
}

static void direct_mapped(void **state)
{
	(void)state;
	run(
	        &(struct rig_config){
	                .cpus = 4,
	                .l1 = {.size = 512, .ways = 1, .cycles = 1},
	                .shared = {.size = 1024, .ways = 1, .cycles = 2}},
	        9, 60000);
}

/* The L2 smaller than an L1: it must not matter. */
static void l2_smaller_than_l1(void **state)
{
	(void)state;
	run(
	        &(struct rig_config){
	                .cpus = 4,
	                .l1 = {.size = 4096, .ways = 4, .cycles = 1},
	                .shared = {.size = 256, .ways = 2, .cycles = 2}},
	        10, 60000);
}

static void no_l2(void **state)
{
	(void)state;
	run(&(struct rig_config){.cpus = 4,
	                         .l1 = {.size = 1024, .ways = 2, .cycles = 1},
	                         .shared = {.cycles = 1}},
	    11, 60000);
}

static void no_l1(void **state)
{
	(void)state;
	run(
	        &(struct rig_config){
	                .cpus = 4,
	                .l1 = {.cycles = 1},
	                .shared = {.size = 1024, .ways = 2, .cycles = 1}},
	        12, 60000);
}

static void no_caches(void **state)
{
	(void)state;
	run(&(struct rig_config){.l1 = {.cycles = 1}, .shared = {.cycles = 1}},
	    13, 30000);
}

static void seeded_choices(void **state)
{
	(void)state;
	for (uint64_t seed = 20; seed < 24; seed++) {
		const struct dmasim_choice_config choice = {
		        .mode = DMASIM_CHOICE_SEED, .seed = seed};

		run(
		        &(struct rig_config){
		                .cpus = 4,
		                .choice = &choice,
		                .l1 = {.size = 1024, .ways = 4, .cycles = 1},
		                .shared = {.size = 4096,
		                           .ways = 4,
		                           .cycles = 4}},
		        seed, 15000);
	}
}

static void memory_pends(void **state)
{
	(void)state;
	run(&(struct rig_config){.cpus = 4, .delay = 1000}, 30, 10000);
	run(
	        &(struct rig_config){
	                .cpus = 4,
	                .delay = 100,
	                .l1 = {.size = 256, .ways = 2, .cycles = 1},
	                .shared = {.size = 512, .ways = 2, .cycles = 2}},
	        31, 10000);
	run(&(struct rig_config){.cpus = 4,
	                         .delay = 100,
	                         .l1 = {.size = 256, .ways = 2, .cycles = 1},
	                         .shared = {.cycles = 2}},
	    32, 10000);
	run(&(struct rig_config){.cpus = 2,
	                         .delay = 100,
	                         .l1 = {.cycles = 1},
	                         .shared = {.cycles = 2}},
	    33, 5000);
	run(
	        &(struct rig_config){
	                .cpus = 4,
	                .delay = 50,
	                .line_size = 128,
	                .l1 = {.cycles = 1},
	                .shared = {.size = 512, .ways = 2, .cycles = 2}},
	        34, 5000);
}

/*
 * Several masters at once over a memory that pends for random times. Each
 * owns some bytes of every line and knows what they must be.
 */
#define MASTERS 6u

struct master {
	struct rig *r;
	const struct dmasim_port *port;
	unsigned id, steps;
	uint64_t seed;
	uint8_t value[64];
	unsigned errors;
	int status;
};

static uint64_t own_addr(const struct master *m, unsigned i)
{
	return RIG_RAM + (i * MASTERS + m->id) * 5 % 1024 + i / 32 * 2048;
}

static void master(void *arg)
{
	struct master *m = arg;

	for (unsigned n = 0; n < m->steps && !m->status; n++) {
		uint64_t x = rig_random(&m->seed);
		unsigned i = x % 64;
		uint8_t b = (uint8_t)(x >> 8);
		struct dmasim_txn txn = {.op = x >> 20 & 1 ? DMASIM_READ
		                                           : DMASIM_WRITE,
		                         .addr = own_addr(m, i),
		                         .size = 1,
		                         .data = &b,
		                         .attr = dmasim_attr_wb};

		if ((x >> 24 & 15) == 0) {
			txn.op = DMASIM_CLEAN_INVALIDATE;
			txn.data = NULL;
		}
		m->status = dmasim_access_wait(m->r->k, m->port, &txn);
		if (txn.result != DMASIM_TXN_OK)
			m->errors++;
		if (txn.op == DMASIM_WRITE)
			m->value[i] = b;
		else if (txn.op == DMASIM_READ && b != m->value[i])
			m->errors++;
	}
}

static void crowd(const struct rig_config *cfg, uint64_t seed)
{
	struct rig *r = rig_new(cfg);
	const struct dmasim_port *ports[MASTERS] = {&r->core[0],  &r->core[1],
	                                            &r->core[2],  &r->core[3],
	                                            &r->coherent, &r->host};
	struct master m[MASTERS];

	r->slow.seed = seed;
	for (unsigned i = 0; i < MASTERS; i++) {
		m[i] = (struct master){.r = r,
		                       .port = ports[i],
		                       .id = i,
		                       .steps = 1500,
		                       .seed = seed * 77 + i};
		assert_int_equal(dmasim_spawn(r->k,
		                              &(struct dmasim_proc_config){
		                                      .name = "master",
		                                      .fn = master,
		                                      .arg = &m[i]},
		                              NULL),
		                 DMASIM_OK);
	}
	assert_int_equal(dmasim_run_idle(r->k, DMASIM_FOREVER), DMASIM_OK);
	assert_int_equal(dmasim_live_processes(r->k), 0);
	for (unsigned i = 0; i < MASTERS; i++) {
		assert_int_equal(m[i].status, DMASIM_OK);
		assert_int_equal(m[i].errors, 0);
	}
	/* They really were in one another's way. */
	assert_true(r->slow.most > 2);
	rig_no_findings(r);
	assert_int_equal(dmasim_memsys_flush(r->ms), DMASIM_OK);
	for (unsigned i = 0; i < MASTERS; i++) {
		for (unsigned j = 0; j < 64; j++) {
			uint8_t b = 0;

			assert_int_equal(dmasim_map_peek(r->map,
			                                 own_addr(&m[i], j), &b,
			                                 1),
			                 DMASIM_OK);
			assert_int_equal(b, m[i].value[j]);
		}
	}
	rig_free(r);
}

static void masters_wait_for_one_another(void **state)
{
	(void)state;
	for (uint64_t seed = 40; seed < 44; seed++)
		crowd(
		        &(struct rig_config){
		                .cpus = 4,
		                .delay = 300,
		                .l1 = {.size = 256, .ways = 2, .cycles = 1},
		                .shared = {.size = 512,
		                           .ways = 2,
		                           .cycles = 2}},
		        seed);
	crowd(&(struct rig_config){.cpus = 4,
	                           .delay = 300,
	                           .l1 = {.size = 128, .ways = 2, .cycles = 1},
	                           .shared = {.cycles = 2}},
	      50);
	crowd(
	        &(struct rig_config){
	                .cpus = 4,
	                .delay = 300,
	                .l1 = {.cycles = 1},
	                .shared = {.size = 128, .ways = 1, .cycles = 1}},
	        51);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(default_geometry),
        cmocka_unit_test(lines_of_16),
        cmocka_unit_test(lines_of_32),
        cmocka_unit_test(lines_of_64),
        cmocka_unit_test(lines_of_128),
        cmocka_unit_test(lines_of_2048),
        cmocka_unit_test(direct_mapped),
        cmocka_unit_test(l2_smaller_than_l1),
        cmocka_unit_test(no_l2),
        cmocka_unit_test(no_l1),
        cmocka_unit_test(no_caches),
        cmocka_unit_test(seeded_choices),
        cmocka_unit_test(memory_pends),
        cmocka_unit_test(masters_wait_for_one_another),
};

CHECK_MAIN(tests)
