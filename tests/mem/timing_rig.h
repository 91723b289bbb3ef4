/* SPDX-License-Identifier: MIT */
/* An interconnect in front of DRAM in front of the map, for tests. */
#ifndef DMASIM_TESTS_TIMING_RIG_H
#define DMASIM_TESTS_TIMING_RIG_H

#include "check.h"

#include <stdlib.h>

#include "dmasim/timing.h"

#define RAM      0x80000000ull
#define RAM_SIZE 0x10000000ull
#define REGS     0x9000000ull

/** Round numbers, so that sums can be told apart. */
static const struct dmasim_dram_timing round_dram = {
        .channels = 1,
        .ranks = 1,
        .banks = 4,
        .row_bytes = 4096,
        .burst_bytes = 64,
        .interleave = 64,
        .burst = 4000,
        .rcd = 10000,
        .cl = 20000,
        .rp = 40000,
        .ras = 50000,
        .wr = 15000,
        .rfc = 200000,
        .refi = 7000000,
        .fixed = 1000,
};

static const struct dmasim_interconnect_timing round_way = {
        .period = 1000, .cycles = 10, .bytes = 16};

struct timing_rig {
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_dram *dram;
	struct dmasim_interconnect *ic;
	struct dmasim_choice *choice;
	struct dmasim_port port, below, ic_port[4], by_initiator;
};

static inline enum dmasim_result rig_registers(void *obj,
                                               struct dmasim_txn *txn)
{
	(void)obj;
	if (txn->data)
		memset(txn->data, 0x5a, txn->size);
	return DMASIM_TXN_OK;
}

static inline void rig_make(struct timing_rig *r,
                            const struct dmasim_dram_timing *t,
                            const struct dmasim_interconnect_timing *way)
{
	const struct dmasim_map_config map = {.kernel = r->k,
	                                      .ram_latency = DMASIM_FOREVER};
	const struct dmasim_port regs = {rig_registers, NULL};
	struct dmasim_dram_config dram = {.kernel = r->k, .timing = *t};
	struct dmasim_interconnect_config ic = {.kernel = r->k,
	                                        .choice = r->choice,
	                                        .ports = 4,
	                                        .timing = *way};

	assert_int_equal(dmasim_map_create(&map, &r->map), DMASIM_OK);
	assert_int_equal(dmasim_map_add_ram(r->map, "ram", RAM, RAM_SIZE),
	                 DMASIM_OK);
	assert_int_equal(dmasim_map_add_mmio(r->map, "regs", REGS, 4096, &regs),
	                 DMASIM_OK);
	dram.map = r->map;
	assert_int_equal(dmasim_dram_create(&dram, &r->dram), DMASIM_OK);
	r->port = dmasim_dram_port(r->dram);
	r->below = dmasim_map_port(r->map);
	/* By itself the interconnect is easier to foresee. */
	ic.down = &r->below;
	assert_int_equal(dmasim_interconnect_create(&ic, &r->ic), DMASIM_OK);
	for (uint32_t i = 0; i < 4; i++)
		dmasim_interconnect_port(r->ic, i, &r->ic_port[i]);
	dmasim_interconnect_port(r->ic, DMASIM_PORT_BY_INITIATOR,
	                         &r->by_initiator);
}

static inline int rig_new(struct timing_rig **out,
                          const struct dmasim_backend *b,
                          const struct dmasim_choice_config *choice)
{
	struct timing_rig *r = calloc(1, sizeof(*r));

	*out = r;
	return !r ||
	       dmasim_kernel_create(
	               &(struct dmasim_kernel_config){.backend = b}, &r->k) ||
	       (choice && dmasim_choice_create(choice, &r->choice));
}

static inline int rig_setup(void **state)
{
	struct timing_rig *r;

	if (rig_new(&r, NULL, NULL))
		return -1;
	rig_make(r, &round_dram, &round_way);
	*state = r;
	return 0;
}

static inline void rig_free(struct timing_rig *r)
{
	dmasim_interconnect_destroy(r->ic);
	dmasim_dram_destroy(r->dram);
	dmasim_map_destroy(r->map);
	dmasim_choice_destroy(r->choice);
	dmasim_kernel_destroy(r->k);
	free(r);
}

static inline int rig_teardown(void **state)
{
	rig_free(*state);
	return 0;
}

/** What one access that arrives @ahead of now costs. */
static inline uint64_t rig_cost(const struct dmasim_port *port,
                                enum dmasim_op op, uint64_t addr, uint32_t size,
                                uint64_t ahead)
{
	uint8_t data[4096] = {1};
	struct dmasim_txn txn = {.op = op,
	                         .addr = addr,
	                         .size = size,
	                         .data = data,
	                         .ahead = ahead};

	assert_true(size <= sizeof(data));
	assert_int_equal(dmasim_access(port, &txn), DMASIM_TXN_OK);
	assert_true(txn.ahead == ahead);
	return txn.latency;
}

static inline uint64_t rig_read(const struct timing_rig *r, uint64_t addr,
                                uint64_t ahead)
{
	return rig_cost(&r->port, DMASIM_READ, addr, 64, ahead);
}

static inline uint64_t rig_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

#endif
