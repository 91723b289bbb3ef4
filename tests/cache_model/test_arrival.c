/* SPDX-License-Identifier: MIT */
/* When accesses arrive at memory, by the clocks of those who make them. */
#include "check.h"

#include <stdlib.h>

#include "dmasim/cpu.h"

#define RAM 0x80000000ull

struct scene {
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_memsys *ms;
	struct dmasim_cpu *cpu;
	struct dmasim_port below, memory, device;
	/* Of the accesses that reached memory. */
	unsigned count;
	uint64_t arrival[64];
	enum dmasim_op op[64];
};

static enum dmasim_result watch(void *obj, struct dmasim_txn *txn)
{
	struct scene *s = obj;

	s->op[s->count] = txn->op;
	s->arrival[s->count++] = dmasim_now(s->k) + dmasim_txn_ahead(txn);
	return dmasim_access(&s->below, txn);
}

static int setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));
	struct dmasim_memsys_config cfg = {.cpus = 1};
	struct dmasim_cpu_config cpu = {.store_buffer = UINT32_MAX};
	const struct dmasim_device_port_config dev = {
	        .name = "dma", .kind = DMASIM_PORT_COHERENT};

	*state = s;
	if (!s || dmasim_kernel_create(NULL, &s->k) ||
	    dmasim_map_create(&(struct dmasim_map_config){.kernel = s->k},
	                      &s->map) ||
	    dmasim_map_add_ram(s->map, "ram", RAM, 0x100000))
		return -1;
	s->below = dmasim_map_port(s->map);
	s->memory = (struct dmasim_port){watch, s};
	cfg.kernel = cpu.kernel = s->k;
	cfg.map = s->map;
	cfg.memory = &s->memory;
	if (dmasim_memsys_create(&cfg, &s->ms) ||
	    dmasim_memsys_add_port(s->ms, &dev, &s->device, NULL))
		return -1;
	cpu.memsys = s->ms;
	return dmasim_cpu_create(&cpu, &s->cpu) ||
	       dmasim_cpu_map(s->cpu, RAM, RAM, 0x100000, &dmasim_attr_wb);
}

static int teardown(void **state)
{
	struct scene *s = *state;

	dmasim_cpu_destroy(s->cpu);
	dmasim_memsys_destroy(s->ms);
	dmasim_map_destroy(s->map);
	dmasim_kernel_destroy(s->k);
	free(s);
	return 0;
}

/* A CPU makes its accesses one after another, although the kernel's clock
 * stands still until its quantum is over. */
static void local_clock(void **state)
{
	struct scene *s = *state;
	uint64_t v;

	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(dmasim_cpu_load(s->cpu, RAM + 64 * i, 8, &v),
		                 0);
	assert_int_equal(dmasim_now(s->k), 0);
	assert_int_equal(s->count, 4);
	assert_true(s->arrival[0] > 0);
	for (unsigned i = 1; i < 4; i++)
		assert_int_equal(s->arrival[i] - s->arrival[i - 1],
		                 s->arrival[1] - s->arrival[0]);
	/* What one costs: 60 ns and 64 bytes at memory, and the way there. */
	assert_true(s->arrival[1] - s->arrival[0] > 60 * DMASIM_NS);
	/* With the clock of the kernel it is the same. */
	assert_int_equal(dmasim_cpu_delay(s->cpu, 0), 0);
	assert_true(dmasim_now(s->k) > 0);
	assert_int_equal(dmasim_cpu_load(s->cpu, RAM + 256, 8, &v), 0);
	assert_int_equal(s->arrival[4] - s->arrival[3],
	                 s->arrival[1] - s->arrival[0]);
}

/* Maintenance and stores carry the clock, too. */
static void stores(void **state)
{
	struct scene *s = *state;
	uint64_t before;

	assert_int_equal(dmasim_cpu_store(s->cpu, RAM, 8, 1), 0);
	assert_int_equal(s->count, 1);
	before = s->arrival[0];
	assert_int_equal(
	        dmasim_cpu_maintain(s->cpu, DMASIM_CLEAN, RAM, 8, DMASIM_HERE),
	        0);
	assert_int_equal(s->count, 2);
	assert_int_equal(s->op[1], DMASIM_WRITE);
	assert_true(s->arrival[1] > before);
}

/* A device says by how much its clock is ahead. */
static void device_clock(void **state)
{
	struct scene *s = *state;
	uint8_t data[256] = {1};
	struct dmasim_txn txn = {.op = DMASIM_READ,
	                         .addr = RAM,
	                         .size = sizeof(data),
	                         .data = data,
	                         .attr = dmasim_attr_wb,
	                         .ahead = 5 * DMASIM_US};

	assert_int_equal(dmasim_access(&s->device, &txn), DMASIM_TXN_OK);
	assert_int_equal(s->count, 4);
	assert_true(s->arrival[0] >= 5 * DMASIM_US);
	/* Line by line, one after the other; the last one's end is the end. */
	for (unsigned i = 1; i < 4; i++)
		assert_true(s->arrival[i] > s->arrival[i - 1]);
	assert_true(s->arrival[3] < 5 * DMASIM_US + txn.latency);
	assert_int_equal(txn.ahead, 5 * DMASIM_US);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static const struct CMUnitTest tests[] = {
        TEST(local_clock),
        TEST(stores),
        TEST(device_clock),
};

CHECK_MAIN(tests)
