/* SPDX-License-Identifier: MIT */
/* A megabyte of RAM that tables are built in. */
#ifndef DMASIM_TESTS_SMMU_TABLES_RIG_H
#define DMASIM_TESTS_SMMU_TABLES_RIG_H

#include "check.h"

#include <stdlib.h>

#include "dmasim/smmu_commands.h"
#include "dmasim/smmu_tables.h"

#define RAM      0x80000000ull
#define RAM_SIZE 0x100000ull
/* The builder starts here: not aligned to anything. */
#define FIRST (RAM + 0x1008)

struct rig {
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_tables t;
};

static inline int rig_setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	*state = r;
	if (!r || dmasim_kernel_create(NULL, &r->k) ||
	    dmasim_map_create(&(struct dmasim_map_config){.kernel = r->k},
	                      &r->map) ||
	    dmasim_map_add_ram(r->map, "ram", RAM, RAM_SIZE))
		return -1;
	r->t = (struct dmasim_tables){
	        .map = r->map, .next = FIRST, .end = RAM + RAM_SIZE};
	return 0;
}

static inline int rig_teardown(void **state)
{
	struct rig *r = *state;

	dmasim_map_destroy(r->map);
	dmasim_kernel_destroy(r->k);
	free(r);
	return 0;
}

static inline uint64_t word(const struct rig *r, uint64_t pa)
{
	uint64_t v;

	assert_int_equal(dmasim_tables_get(&r->t, pa, &v), DMASIM_OK);
	return v;
}

#define CASE(name)                                                             \
	cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

#endif
