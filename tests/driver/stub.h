/* SPDX-License-Identifier: MIT */
/* Registers that stand before a device's own, and say what a test wants. */
#ifndef DMASIM_TESTS_DRIVER_STUB_H
#define DMASIM_TESTS_DRIVER_STUB_H

#include "rig.h"

#define STUB_RULES 8

struct stub_rule {
	uint64_t offset;
	uint64_t value; /**< what a read gives */
	uint64_t step;  /**< added to value after each read */
	bool drop;      /**< writes do not arrive */
};

struct stub {
	struct dmasim_port inner; /**< access NULL: nothing is behind */
	struct stub_rule rules[STUB_RULES];
	size_t count;
	/** Accesses until one is refused; 0: none is. */
	uint64_t fail_after;
	uint64_t accesses;
};

static inline enum dmasim_result stub_access(void *obj, struct dmasim_txn *txn)
{
	struct stub *s = obj;

	s->accesses++;
	if (s->fail_after && s->accesses >= s->fail_after)
		return DMASIM_TXN_SLAVE;
	for (size_t i = 0; i < s->count; i++) {
		struct stub_rule *rule = &s->rules[i];

		if (rule->offset != txn->offset)
			continue;
		if (txn->op == DMASIM_WRITE && rule->drop)
			return DMASIM_TXN_OK;
		if (txn->op != DMASIM_READ)
			break;
		for (uint32_t b = 0; b < txn->size; b++)
			txn->data[b] = (uint8_t)(rule->value >> (8 * b));
		rule->value += rule->step;
		return DMASIM_TXN_OK;
	}
	if (s->inner.access)
		return dmasim_access(&s->inner, txn);
	if (txn->op == DMASIM_READ)
		memset(txn->data, 0, txn->size);
	return DMASIM_TXN_OK;
}

static inline void stub_add(struct stub *s, uint64_t offset, uint64_t value)
{
	s->rules[s->count++] =
	        (struct stub_rule){.offset = offset, .value = value};
}

/** Put @s in the place of the registers at @base. */
static inline void stub_install(struct stub *s, struct rig *r, uint64_t base)
{
	struct dmasim_map *m = dmasim_machine_map(r->m);
	const struct dmasim_port port = {stub_access, s};
	struct dmasim_region_info info;

	assert_int_equal(dmasim_map_find(m, base, &info), DMASIM_OK);
	assert_int_equal(info.base, base);
	assert_int_equal(dmasim_map_remove(m, base), DMASIM_OK);
	assert_int_equal(dmasim_map_add_mmio(m, "stub", base, info.size, &port),
	                 DMASIM_OK);
}

#endif
