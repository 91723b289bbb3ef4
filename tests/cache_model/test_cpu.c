/* SPDX-License-Identifier: MIT */
/* CPU agents: mappings, the store buffer, barriers, clocks. */
#include "rig.h"

#include <stdlib.h>

#define A  (RIG_RAM + 0x3000)
#define WB (RIG_WB + 0x3000)
#define NC (RIG_NC + 0x3000)

static int store(struct rig *r, uint64_t va, uint32_t size, uint64_t value)
{
	return dmasim_cpu_store(r->cpu[0], va, size, value);
}

static uint64_t load_by(struct rig *r, unsigned cpu, uint64_t va)
{
	uint64_t v = 0;

	assert_int_equal(dmasim_cpu_load(r->cpu[cpu], va, 8, &v), DMASIM_OK);
	return v;
}

static int barrier(struct rig *r, enum dmasim_barrier kind)
{
	return dmasim_cpu_barrier(r->cpu[0], kind, DMASIM_HERE);
}

static void mappings(void **state)
{
	struct rig *r = *state;
	struct dmasim_cpu *c = r->cpu[0];
	struct dmasim_attr attr;
	uint64_t pa = 0;

	assert_int_equal(dmasim_cpu_index(r->cpu[1]), 1);
	assert_ptr_equal(dmasim_cpu_kernel(c), r->k);
	assert_int_equal(dmasim_cpu_line_size(c), 64);
	assert_int_equal(dmasim_cpu_translate(c, WB + 5, &pa, &attr),
	                 DMASIM_OK);
	assert_true(pa == A + 5);
	assert_false(dmasim_attr_mismatch(&attr, &dmasim_attr_wb));
	assert_int_equal(dmasim_cpu_translate(c, WB, &pa, NULL), DMASIM_OK);
	assert_int_equal(dmasim_cpu_translate(c, 0x1000, &pa, NULL),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_cpu_map(c, 0, A, 0x1000, NULL), DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_map(c, 0, A, 0, &attr), DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_map(c, 8, A, 0x1000, &attr),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_map(c, 0, A + 8, 0x1000, &attr),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_map(c, 0, A, 0x1008, &attr),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_map(c, 0, DMASIM_PA_MAX + 1, 0x1000, &attr),
	                 DMASIM_E_RANGE);
	assert_int_equal(
	        dmasim_cpu_map(c, 0, DMASIM_PA_MAX - 0xfff, 0x2000, &attr),
	        DMASIM_E_RANGE);
	assert_int_equal(
	        dmasim_cpu_map(c, UINT64_MAX - 0xfff, 0, 0x2000, &attr),
	        DMASIM_E_RANGE);
	assert_int_equal(dmasim_cpu_map(c, WB, A, 0x1000, &attr),
	                 DMASIM_E_OVERLAP);
	assert_int_equal(dmasim_cpu_map(c, RIG_WB - 0x1000, A, 0x2000, &attr),
	                 DMASIM_E_OVERLAP);
	/* The last page there is. */
	assert_int_equal(
	        dmasim_cpu_map(c, UINT64_MAX - 0xfff, A, 0x1000, &attr),
	        DMASIM_OK);
	assert_int_equal(dmasim_cpu_store(c, UINT64_MAX - 7, 8, 0x77),
	                 DMASIM_OK);
	assert_int_equal(load_by(r, 0, UINT64_MAX - 7), 0x77);
	assert_int_equal(dmasim_cpu_load(c, UINT64_MAX - 6, 8, &pa),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_cpu_unmap(c, UINT64_MAX - 0xfff), DMASIM_OK);
	assert_int_equal(dmasim_cpu_unmap(c, UINT64_MAX - 0xfff),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_cpu_unmap(c, WB), DMASIM_E_NOTFOUND);
	/* Many, in no order. */
	for (uint64_t i = 0; i < 100; i++)
		assert_int_equal(dmasim_cpu_map(c, i * 37 % 100 * 0x2000, A,
		                                0x1000, &attr),
		                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_translate(c, 99 * 0x2000 + 1, &pa, NULL),
	                 DMASIM_OK);
	assert_int_equal(
	        dmasim_cpu_translate(c, 99 * 0x2000 + 0x1000, &pa, NULL),
	        DMASIM_E_NOTFOUND);
}

static void bad_cpus(void **state)
{
	struct rig *r = *state;
	struct dmasim_cpu_config cfg = {.kernel = r->k, .memsys = r->ms};
	struct dmasim_cpu *c;

	cfg.index = 2;
	assert_int_equal(dmasim_cpu_create(&cfg, &c), DMASIM_E_INVAL);
	cfg.index = 0;
	cfg.store_buffer = 1u << 20;
	assert_int_equal(dmasim_cpu_create(&cfg, &c), DMASIM_E_INVAL);
	cfg.store_buffer = 0;
	cfg.kernel = NULL;
	assert_int_equal(dmasim_cpu_create(&cfg, &c), DMASIM_E_INVAL);
	cfg.kernel = r->k;
	cfg.memsys = NULL;
	assert_int_equal(dmasim_cpu_create(&cfg, &c), DMASIM_E_INVAL);
	assert_null(c);
	dmasim_cpu_destroy(NULL);
}

static void sizes(void **state)
{
	struct rig *r = *state;
	uint64_t v = 0;

	assert_int_equal(store(r, WB, 8, 0x1122334455667788), DMASIM_OK);
	assert_int_equal(store(r, WB + 1, 1, 0xaa), DMASIM_OK);
	assert_int_equal(store(r, WB + 2, 2, 0xbbcc), DMASIM_OK);
	assert_int_equal(store(r, WB + 4, 4, 0xdddddddd), DMASIM_OK);
	assert_int_equal(load_by(r, 0, WB), 0xddddddddbbccaa88);
	assert_int_equal(dmasim_cpu_load(r->cpu[0], WB, 1, &v), DMASIM_OK);
	assert_int_equal(v, 0x88);
	assert_int_equal(dmasim_cpu_load(r->cpu[0], WB + 1, 2, &v), DMASIM_OK);
	assert_int_equal(v, 0xccaa);
	assert_int_equal(dmasim_cpu_load(r->cpu[0], WB + 3, 4, &v), DMASIM_OK);
	assert_int_equal(v, 0xddddddbb);
	for (uint32_t size = 0; size < 20; size++) {
		if (size == 1 || size == 2 || size == 4 || size == 8)
			continue;
		assert_int_equal(store(r, WB, size, 0), DMASIM_E_INVAL);
		assert_int_equal(dmasim_cpu_load(r->cpu[0], WB, size, &v),
		                 DMASIM_E_INVAL);
	}
	assert_int_equal(dmasim_cpu_read(r->cpu[0], WB, NULL, 4, DMASIM_HERE),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_write(r->cpu[0], WB, NULL, 4, DMASIM_HERE),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_read(r->cpu[0], 0, NULL, 0, DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_write(r->cpu[0], 0, NULL, 0, DMASIM_HERE),
	                 DMASIM_OK);
}

/* An access over several mappings, and over a hole. */
static void across_mappings(void **state)
{
	struct rig *r = *state;
	struct dmasim_cpu *c = r->cpu[0];
	uint8_t out[5000], in[5000];

	assert_int_equal(dmasim_cpu_map(c, 0x1000, RIG_RAM + 0x8000, 0x1000,
	                                &dmasim_attr_wb),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_map(c, 0x2000, RIG_RAM + 0x5000, 0x1000,
	                                &dmasim_attr_wb),
	                 DMASIM_OK);
	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (uint8_t)(i * 3 + 1);
	assert_int_equal(dmasim_cpu_write(c, 0x1fc1, out, 4000, DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_read(c, 0x1fc1, in, 4000, DMASIM_HERE),
	                 DMASIM_OK);
	assert_memory_equal(in, out, 4000);
	assert_int_equal(
	        dmasim_cpu_read(c, RIG_WB + 0x8fc1, in, 63, DMASIM_HERE),
	        DMASIM_OK);
	assert_memory_equal(in, out, 63);
	assert_int_equal(
	        dmasim_cpu_read(c, RIG_WB + 0x5000, in, 3000, DMASIM_HERE),
	        DMASIM_OK);
	assert_memory_equal(in, out + 63, 3000);
	/* Nothing of it happens if it is not mapped whole. */
	memset(in, 0xee, sizeof(in));
	assert_int_equal(dmasim_cpu_write(c, 0x2ff0, in, 5000, DMASIM_HERE),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_cpu_read(c, 0x2ff0, in, 5000, DMASIM_HERE),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(
	        dmasim_cpu_maintain(c, DMASIM_CLEAN, 0x2ff0, 5000, DMASIM_HERE),
	        DMASIM_E_NOTFOUND);
	assert_int_equal(load_by(r, 0, 0x2ff8) & 0xff, 0);
	assert_int_equal(dmasim_cpu_maintain(c, DMASIM_CLEAN, 0x1f00, 0x200,
	                                     DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(rig_ram(r, RIG_RAM + 0x8fc1) & 0xff, out[0]);
	assert_int_equal(rig_ram(r, RIG_RAM + 0x5000) & 0xff, out[63]);
}

static void stores_wait(void **state)
{
	struct rig *r = *state;

	assert_int_equal(store(r, WB, 8, 1), DMASIM_OK);
	/* Its own loads see it, nobody else does. */
	assert_int_equal(load_by(r, 0, WB), 1);
	assert_int_equal(load_by(r, 1, WB), 0);
	assert_int_equal(barrier(r, DMASIM_DMB_LD), DMASIM_OK);
	assert_int_equal(barrier(r, DMASIM_DSB_LD), DMASIM_OK);
	assert_int_equal(load_by(r, 1, WB), 0);
	for (unsigned i = 0; i < 4; i++) {
		const enum dmasim_barrier kinds[] = {DMASIM_DMB_ST, DMASIM_DMB,
		                                     DMASIM_DSB_ST, DMASIM_DSB};

		assert_int_equal(store(r, WB, 8, i + 5), DMASIM_OK);
		assert_int_not_equal(load_by(r, 1, WB), i + 5);
		assert_int_equal(barrier(r, kinds[i]), DMASIM_OK);
		assert_int_equal(load_by(r, 1, WB), i + 5);
	}
	assert_int_equal(barrier(r, (enum dmasim_barrier)9), DMASIM_E_INVAL);
	rig_no_findings(r);
}

static void stores_leave_in_time(void **state)
{
	struct rig *r = *state;

	assert_int_equal(store(r, WB, 8, 1), DMASIM_OK);
	assert_int_equal(dmasim_run_until(r->k, 400 * DMASIM_NS), DMASIM_OK);
	assert_int_equal(store(r, WB + 64, 8, 2), DMASIM_OK);
	assert_int_equal(load_by(r, 1, WB), 0);
	assert_int_equal(dmasim_run_until(r->k, DMASIM_US), DMASIM_OK);
	assert_int_equal(load_by(r, 1, WB), 1);
	assert_int_equal(load_by(r, 1, WB + 64), 0);
	assert_int_equal(dmasim_run_until(r->k, 1400 * DMASIM_NS), DMASIM_OK);
	assert_int_equal(load_by(r, 1, WB + 64), 2);
	assert_int_equal(dmasim_pending_calls(r->k), 0);
	/* Nobody waited for them: the CPU has lost no time. */
	assert_int_equal(dmasim_cpu_delay(r->cpu[0], 1), DMASIM_OK);
	assert_int_equal(dmasim_now(r->k), 1400 * DMASIM_NS + 1);
}

static void stores_leave_in_order(void **state)
{
	struct rig *r = *state;
	uint64_t last;

	/* Eight fit; the ninth drives the first out. */
	for (uint64_t i = 0; i < 9; i++) {
		assert_int_equal(load_by(r, 1, WB), 0);
		assert_int_equal(store(r, WB + 64 * i, 8, i + 1), DMASIM_OK);
	}
	assert_int_equal(load_by(r, 1, WB), 1);
	assert_int_equal(load_by(r, 1, WB + 64), 0);
	for (uint64_t i = 9; i < 40; i++) {
		assert_int_equal(store(r, WB + 64 * i, 8, i + 1), DMASIM_OK);
		last = 0;
		for (uint64_t j = 0; j <= i; j++) {
			uint64_t v = load_by(r, 1, WB + 64 * j);

			/* A prefix of the stores, never a later one alone. */
			assert_true(v == j + 1 || v == 0);
			assert_true(v == 0 || last == j);
			if (v)
				last = j + 1;
		}
		/* Time passes as well: more may have left. */
		assert_true(last >= i - 7);
	}
}

/* Loads put together from several stores and memory, byte by byte. */
static void forwarding(void **state)
{
	struct rig *r = *state;
	uint8_t model[256] = {0}, in[256];
	uint64_t seed = 99;

	for (unsigned i = 0; i < 4000; i++) {
		uint64_t x = rig_random(&seed);
		uint32_t at = (uint32_t)x % 200,
		         n = 1 + (uint32_t)(x >> 8) % 40;
		uint64_t va = x >> 20 & 1 ? WB : RIG_WT + 0x3000;

		if (x >> 16 & 1) {
			memset(in, (int)(x >> 24 & 0xff), n);
			memcpy(model + at, in, n);
			assert_int_equal(dmasim_cpu_write(r->cpu[0], va + at,
			                                  in, n, DMASIM_HERE),
			                 DMASIM_OK);
		} else {
			assert_int_equal(dmasim_cpu_read(r->cpu[0], va + at, in,
			                                 n, DMASIM_HERE),
			                 DMASIM_OK);
			assert_memory_equal(in, model + at, n);
		}
	}
	assert_int_equal(barrier(r, DMASIM_DSB), DMASIM_OK);
	assert_int_equal(dmasim_cpu_read(r->cpu[1], WB, in, 256, DMASIM_HERE),
	                 DMASIM_OK);
	assert_memory_equal(in, model, 256);
}

/* Forwarded bytes are not memory's: what lies there is not a stale read. */
static void forwarded_bytes_are_not_judged(void **state)
{
	struct rig *r = *state;

	load_by(r, 0, WB);
	rig_dma_write(r, &r->noncoherent, A, 0x1111, "write");
	assert_int_equal(store(r, WB, 2, 0x2222), DMASIM_OK);
	assert_int_equal(load_by(r, 0, WB), 0x2222);
	rig_no_findings(r);
}

/* Registers are written at once: a doorbell may overtake the data that it
 * announces, unless there is a barrier. */
static void device_stores_overtake(void **state)
{
	struct rig *r = *state;

	for (unsigned fenced = 0; fenced < 2; fenced++) {
		unsigned before = r->register_accesses;

		assert_int_equal(store(r, WB, 8, 7 + fenced), DMASIM_OK);
		if (fenced)
			assert_int_equal(barrier(r, DMASIM_DMB_ST), DMASIM_OK);
		assert_int_equal(store(r, RIG_DEV, 4, 1), DMASIM_OK);
		assert_int_equal(r->register_accesses, before + 1);
		assert_int_equal(rig_read(r, &r->coherent, A, &dmasim_attr_wb),
		                 fenced ? 8 : 0);
	}
}

static void registers(void **state)
{
	struct rig *r = *state;
	uint64_t v = 0, before = dmasim_now(r->k);
	uint8_t wide[16];

	assert_int_equal(dmasim_cpu_load(r->cpu[0], RIG_DEV + 8, 4, &v),
	                 DMASIM_OK);
	assert_int_equal(v, 0xd5d5d5d5);
	assert_int_equal(r->register_offset, 8);
	v = 3;
	assert_int_equal(dmasim_cpu_atomic(r->cpu[0], DMASIM_ATOMIC_SWAP,
	                                   RIG_DEV, &v, 4, DMASIM_HERE),
	                 DMASIM_OK);
	/* Each waits for the CPU's own time first. */
	assert_true(dmasim_now(r->k) > before);
	assert_int_equal(
	        dmasim_cpu_read(r->cpu[0], RIG_DEV, wide, 16, DMASIM_HERE),
	        DMASIM_E_FAULT);
	assert_int_equal(
	        dmasim_cpu_write(r->cpu[0], RIG_DEV, wide, 16, DMASIM_HERE),
	        DMASIM_E_FAULT);
}

static void atomics(void **state)
{
	struct rig *r = *state;
	uint64_t data[2] = {5, 0};

	assert_int_equal(store(r, WB, 8, 10), DMASIM_OK);
	assert_int_equal(dmasim_cpu_atomic(r->cpu[0], DMASIM_ATOMIC_ADD, WB,
	                                   data, 8, DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(data[0], 10);
	assert_int_equal(load_by(r, 1, WB), 15);
	data[0] = 99;
	data[1] = 15;
	assert_int_equal(dmasim_cpu_atomic(r->cpu[1], DMASIM_ATOMIC_CAS, WB,
	                                   data, 8, DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(data[0], 15);
	assert_int_equal(load_by(r, 0, WB), 99);
	assert_int_equal(dmasim_cpu_atomic(r->cpu[0], DMASIM_ATOMIC_ADD, WB + 4,
	                                   data, 8, DMASIM_HERE),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_atomic(r->cpu[0], DMASIM_ATOMIC_ADD, WB,
	                                   data, 3, DMASIM_HERE),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_atomic(r->cpu[0], DMASIM_WRITE, WB, data, 8,
	                                   DMASIM_HERE),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_atomic(r->cpu[0], DMASIM_ATOMIC_ADD, WB,
	                                   NULL, 8, DMASIM_HERE),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_atomic(r->cpu[0], DMASIM_ATOMIC_ADD, 0,
	                                   data, 8, DMASIM_HERE),
	                 DMASIM_E_NOTFOUND);
	rig_no_findings(r);
}

/* Maintenance takes the stores to its lines along, and no others. */
static void maintenance_drains(void **state)
{
	struct rig *r = *state;

	assert_int_equal(store(r, WB + 60, 8, 0x1111111111111111), DMASIM_OK);
	assert_int_equal(store(r, WB + 256, 8, 2), DMASIM_OK);
	assert_int_equal(dmasim_cpu_maintain(r->cpu[0], DMASIM_CLEAN, WB + 70,
	                                     1, DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(rig_ram(r, A + 64), 0x11111111);
	assert_int_equal(load_by(r, 1, WB + 256), 0);
	assert_int_equal(
	        dmasim_cpu_maintain(r->cpu[0], DMASIM_READ, WB, 1, DMASIM_HERE),
	        DMASIM_E_INVAL);
	assert_int_equal(
	        dmasim_cpu_maintain(r->cpu[0], DMASIM_CLEAN, 0, 0, DMASIM_HERE),
	        DMASIM_OK);
}

static void without_a_store_buffer(void **state)
{
	struct rig *r =
	        rig_new(&(struct rig_config){.store_buffer = UINT32_MAX});

	(void)state;
	assert_int_equal(store(r, WB, 8, 1), DMASIM_OK);
	assert_int_equal(load_by(r, 1, WB), 1);
	assert_int_equal(store(r, NC + 64, 8, 2), DMASIM_OK);
	assert_int_equal(rig_ram(r, A + 64), 2);
	assert_int_equal(dmasim_pending_calls(r->k), 0);
	rig_free(r);
}

static void non_cacheable_stores_wait_too(void **state)
{
	struct rig *r = *state;

	assert_int_equal(store(r, NC, 8, 1), DMASIM_OK);
	assert_int_equal(load_by(r, 0, NC), 1);
	assert_int_equal(rig_ram(r, A), 0);
	assert_int_equal(barrier(r, DMASIM_DMB), DMASIM_OK);
	assert_int_equal(rig_ram(r, A), 1);
	/* In order with cacheable ones. */
	assert_int_equal(store(r, WB + 64, 8, 2), DMASIM_OK);
	assert_int_equal(store(r, NC + 128, 8, 3), DMASIM_OK);
	assert_int_equal(dmasim_cpu_maintain(r->cpu[0], DMASIM_CLEAN, NC + 128,
	                                     8, DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(load_by(r, 1, WB + 64), 2);
}

struct messages {
	unsigned count;
	char text[200];
};

static void count_log(void *ctx, enum dmasim_log_level level,
                      const char *source, const char *text)
{
	struct messages *m = ctx;

	assert_int_equal(level, DMASIM_LOG_WARNING);
	m->count++;
	snprintf(m->text, sizeof(m->text), "%s: %s", source, text);
}

static void faults(void **state)
{
	struct messages m = {0};
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_memsys *ms;
	struct dmasim_cpu *c;
	uint64_t v = 0;

	(void)state;
	assert_int_equal(dmasim_kernel_create(
	                         &(struct dmasim_kernel_config){
	                                 .log = count_log, .log_ctx = &m},
	                         &k),
	                 DMASIM_OK);
	assert_int_equal(
	        dmasim_map_create(&(struct dmasim_map_config){.kernel = k},
	                          &map),
	        DMASIM_OK);
	assert_int_equal(dmasim_memsys_create(
	                         &(struct dmasim_memsys_config){
	                                 .kernel = k, .map = map, .cpus = 1},
	                         &ms),
	                 DMASIM_OK);
	assert_int_equal(
	        dmasim_cpu_create(
	                &(struct dmasim_cpu_config){.kernel = k, .memsys = ms},
	                &c),
	        DMASIM_OK);
	/* Mapped, and nothing is there. */
	assert_int_equal(dmasim_cpu_map(c, 0, 0, 0x1000, &dmasim_attr_wb),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_load(c, 0, 8, &v), DMASIM_E_FAULT);
	assert_int_equal(dmasim_cpu_load(c, 0x1000, 8, &v), DMASIM_E_NOTFOUND);
	/* A store has gone when its fault comes: a barrier tells, once. */
	assert_int_equal(dmasim_cpu_store(c, 0x10, 8, 1), DMASIM_OK);
	assert_int_equal(m.count, 0);
	assert_int_equal(dmasim_cpu_barrier(c, DMASIM_DSB, DMASIM_HERE),
	                 DMASIM_E_FAULT);
	assert_int_equal(m.count, 1);
	assert_non_null(strstr(m.text, "cpu: cpu0: store to 0x10 ("));
	assert_non_null(strstr(m.text, "test_cpu.c:"));
	assert_non_null(strstr(m.text, "decode error"));
	assert_int_equal(dmasim_cpu_barrier(c, DMASIM_DSB, DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_put(c, 0x10, 8, 1,
	                                (struct dmasim_origin){.what = "x"}),
	                 DMASIM_OK);
	assert_int_equal(dmasim_run_until(k, 2 * DMASIM_US), DMASIM_OK);
	assert_int_equal(m.count, 2);
	assert_int_equal(dmasim_cpu_barrier(c, DMASIM_DSB_LD, DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_barrier(c, DMASIM_DMB, DMASIM_HERE),
	                 DMASIM_E_FAULT);
	dmasim_cpu_destroy(c);
	dmasim_memsys_destroy(ms);
	dmasim_map_destroy(map);
	dmasim_kernel_destroy(k);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

static const struct CMUnitTest tests[] = {
        TEST(mappings),
        TEST(bad_cpus),
        TEST(sizes),
        TEST(across_mappings),
        TEST(stores_wait),
        TEST(stores_leave_in_time),
        TEST(stores_leave_in_order),
        TEST(forwarding),
        TEST(forwarded_bytes_are_not_judged),
        TEST(device_stores_overtake),
        TEST(registers),
        TEST(atomics),
        TEST(maintenance_drains),
        cmocka_unit_test(without_a_store_buffer),
        TEST(non_cacheable_stores_wait_too),
        cmocka_unit_test(faults),
};

CHECK_MAIN(tests)
