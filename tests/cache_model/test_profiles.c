/* SPDX-License-Identifier: MIT */
/* Memory systems by profile, whole: caches, interconnect, DRAM, and devices
 * that stream beside CPUs. */
#include "check.h"

#include <stdlib.h>

#include "dmasim/cpu.h"
#include "dmasim/timing.h"

#define RAM      0x80000000ull
#define RAM_SIZE 0x8000000ull

struct system {
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_dram *dram;
	struct dmasim_interconnect *ic;
	struct dmasim_memsys *ms;
	struct dmasim_cpu *cpu[2];
	struct dmasim_port device[2];
};

static void put_between(struct system *s, const struct dmasim_timing_profile *p,
                        struct dmasim_port *memory)
{
	const struct dmasim_dram_config dram = {
	        .kernel = s->k, .map = s->map, .timing = p->dram};
	const struct dmasim_interconnect_config ic = {.kernel = s->k,
	                                              .down = memory,
	                                              .ports = 8,
	                                              .timing =
	                                                      p->interconnect};

	assert_int_equal(dmasim_dram_create(&dram, &s->dram), DMASIM_OK);
	*memory = dmasim_dram_port(s->dram);
	assert_int_equal(dmasim_interconnect_create(&ic, &s->ic), DMASIM_OK);
	dmasim_interconnect_port(s->ic, DMASIM_PORT_BY_INITIATOR, memory);
}

static void add_masters(struct system *s)
{
	for (uint32_t i = 0; i < 2; i++) {
		const struct dmasim_cpu_config cpu = {
		        .kernel = s->k, .memsys = s->ms, .index = i};
		const struct dmasim_device_port_config dev = {
		        .name = i ? "dma1" : "dma0",
		        .kind = DMASIM_PORT_NONCOHERENT};

		assert_int_equal(dmasim_cpu_create(&cpu, &s->cpu[i]),
		                 DMASIM_OK);
		assert_int_equal(dmasim_cpu_map(s->cpu[i], RAM, RAM, RAM_SIZE,
		                                &dmasim_attr_wb),
		                 DMASIM_OK);
		assert_int_equal(dmasim_memsys_add_port(s->ms, &dev,
		                                        &s->device[i], NULL),
		                 DMASIM_OK);
	}
}

static void start(struct system *s, const struct dmasim_timing_profile *p,
                  bool functional)
{
	struct dmasim_memsys_config cfg = {
	        .cpus = 2, .timing = p, .no_timing = functional};
	struct dmasim_port memory;

	*s = (struct system){0};
	assert_int_equal(dmasim_kernel_create(NULL, &s->k), DMASIM_OK);
	assert_int_equal(
	        dmasim_map_create(
	                &(struct dmasim_map_config){
	                        .kernel = s->k, .ram_latency = DMASIM_FOREVER},
	                &s->map),
	        DMASIM_OK);
	assert_int_equal(dmasim_map_add_ram(s->map, "ram", RAM, RAM_SIZE),
	                 DMASIM_OK);
	memory = dmasim_map_port(s->map);
	put_between(s, p, &memory);
	cfg.kernel = s->k;
	cfg.map = s->map;
	cfg.memory = &memory;
	assert_int_equal(dmasim_memsys_create(&cfg, &s->ms), DMASIM_OK);
	add_masters(s);
}

static void end(struct system *s)
{
	dmasim_cpu_destroy(s->cpu[0]);
	dmasim_cpu_destroy(s->cpu[1]);
	dmasim_memsys_destroy(s->ms);
	dmasim_interconnect_destroy(s->ic);
	dmasim_dram_destroy(s->dram);
	dmasim_map_destroy(s->map);
	dmasim_kernel_destroy(s->k);
}

/* Loads of a set of @size bytes by CPU 0, line by line; ps for each the second
 * time. */
static uint64_t set_of(struct system *s, uint64_t size)
{
	uint64_t t0 = 0, v, lines = size / 64;

	for (unsigned pass = 0; pass < 2; pass++) {
		assert_int_equal(dmasim_cpu_delay(s->cpu[0], 0), DMASIM_OK);
		t0 = dmasim_now(s->k);
		for (uint64_t i = 0; i < lines; i++)
			assert_int_equal(
			        dmasim_cpu_load(s->cpu[0], RAM + i * 64, 8, &v),
			        DMASIM_OK);
	}
	assert_int_equal(dmasim_cpu_delay(s->cpu[0], 0), DMASIM_OK);
	return (dmasim_now(s->k) - t0) / lines;
}

/* A set that fits no more into one level costs more. */
static void deeper_costs_more(void **state)
{
	(void)state;
	for (size_t i = 0; dmasim_timing_profile_at(i); i++) {
		const struct dmasim_timing_profile *p =
		        dmasim_timing_profile_at(i);
		const struct dmasim_timing_cache *levels[] = {
		        &p->l1, &p->l2, &p->shared, &p->system};
		uint64_t last = 0;

		for (size_t l = 0; l < 4; l++) {
			struct system s;
			uint64_t cost;

			if (!levels[l]->size)
				continue;
			start(&s, p, false);
			cost = set_of(&s, levels[l]->size / 2);
			assert_true(cost > last);
			last = cost;
			end(&s);
		}
		if (p->system.size)
			continue;
		for (unsigned once = 0; once < 1; once++) {
			struct system s;

			start(&s, p, false);
			assert_true(set_of(&s, 0x400000) > last);
			end(&s);
		}
	}
}

static void functional_mode(void **state)
{
	(void)state;
	for (size_t i = 0; dmasim_timing_profile_at(i); i++) {
		struct system s;

		start(&s, dmasim_timing_profile_at(i), true);
		assert_int_equal(set_of(&s, 0x10000), 0);
		assert_int_equal(dmasim_now(s.k), 0);
		end(&s);
	}
}

struct streamer {
	struct system *s;
	struct dmasim_port *port;
	uint64_t addr, done;
	int failures;
};

/* 256 lines, each when the one before is there. */
static void stream(void *arg)
{
	struct streamer *m = arg;
	uint8_t data[256];

	for (unsigned i = 0; i < 256; i++) {
		struct dmasim_txn t = {.op = DMASIM_READ,
		                       .cause = DMASIM_CAUSE_DMA,
		                       .addr = m->addr + i * 256ull,
		                       .size = sizeof(data),
		                       .data = data,
		                       .attr = dmasim_attr_nc};

		m->failures += dmasim_access(m->port, &t) != DMASIM_TXN_OK;
		m->failures += dmasim_wait(m->s->k, t.latency) != DMASIM_OK;
	}
	m->done = dmasim_now(m->s->k);
}

/* When the last of @n devices has read its part. */
static uint64_t streams(const struct dmasim_timing_profile *p, unsigned n)
{
	struct streamer m[2];
	struct system s;
	uint64_t last = 0;

	start(&s, p, false);
	for (unsigned i = 0; i < n; i++) {
		const struct dmasim_proc_config proc = {
		        .name = "stream", .fn = stream, .arg = &m[i]};

		m[i] = (struct streamer){.s = &s,
		                         .port = &s.device[i],
		                         .addr = RAM + i * 0x100000ull};
		assert_int_equal(dmasim_spawn(s.k, &proc, NULL), DMASIM_OK);
	}
	assert_int_equal(dmasim_run_idle(s.k, DMASIM_FOREVER), DMASIM_OK);
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(m[i].failures, 0);
		last = m[i].done > last ? m[i].done : last;
	}
	end(&s);
	return last;
}

/* Two that stream at once take longer than one, and less than one after the
 * other. */
static void two_streams(void **state)
{
	(void)state;
	for (size_t i = 0; dmasim_timing_profile_at(i); i++) {
		const struct dmasim_timing_profile *p =
		        dmasim_timing_profile_at(i);
		uint64_t one = streams(p, 1), two = streams(p, 2);

		assert_true(two > one && two < 2 * one);
		assert_true(streams(p, 2) == two);
	}
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(deeper_costs_more),
        cmocka_unit_test(functional_mode),
        cmocka_unit_test(two_streams),
};

CHECK_MAIN(tests)
