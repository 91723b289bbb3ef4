/* SPDX-License-Identifier: MIT */
/* CPUs whose accesses carry their place in the program, as those of
 * sim/cache_model/cpu.c do. */
#ifndef DMASIM_TESTS_ORDER_RIG_H
#define DMASIM_TESTS_ORDER_RIG_H

#include "rig.h"

#include <stdlib.h>

#include "checker_internal.h"

#define DATA (RIG_RAM + 0x2000)
#define FLAG (RIG_RAM + 0x3000)
#define NEXT (RIG_RAM + 0x4000)

/* What is ordered before the next access of a CPU. */
struct program {
	uint64_t number, loads, stores, complete;
};

struct scene {
	struct rig *r;
	struct program cpu[RIG_CPUS];
};

static inline int setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->r = rig_new(&(struct rig_config){.cpus = 3});
	*state = s;
	return 0;
}

static inline int teardown(void **state)
{
	struct scene *s = *state;

	rig_free(s->r);
	free(s);
	return 0;
}

static inline void access_at(struct scene *s, unsigned cpu,
                             struct dmasim_txn *txn)
{
	struct program *p = &s->cpu[cpu];

	if (!txn->po.number)
		txn->po = (struct dmasim_program_order){
		        ++p->number, p->loads, p->stores, p->complete, true};
	if (txn->order == DMASIM_ORDER_RELEASE)
		txn->po.loads = txn->po.stores = txn->po.number - 1;
	if (dmasim_order_acquires(txn->order))
		p->loads = txn->po.number;
	txn->attr = txn->attr.inner ? txn->attr : dmasim_attr_wb;
	assert_int_equal(rig_access(s->r, &s->r->core[cpu], txn),
	                 DMASIM_TXN_OK);
}

#define ORIGIN                                                                 \
	((struct dmasim_origin){.file = "prog.c", .line = (uint32_t)line})

static inline void st_n(struct scene *s, unsigned cpu, uint64_t addr,
                        uint64_t value, enum dmasim_order order, int line)
{
	struct dmasim_txn txn = {.op = DMASIM_WRITE,
	                         .addr = addr,
	                         .size = 8,
	                         .data = (uint8_t *)&value,
	                         .order = order,
	                         .origin = ORIGIN};

	access_at(s, cpu, &txn);
}

static inline uint64_t ld_n(struct scene *s, unsigned cpu, uint64_t addr,
                            enum dmasim_order order, int line)
{
	uint64_t value = 0;
	struct dmasim_txn txn = {.op = DMASIM_READ,
	                         .addr = addr,
	                         .size = 8,
	                         .data = (uint8_t *)&value,
	                         .order = order,
	                         .origin = ORIGIN};

	access_at(s, cpu, &txn);
	return value;
}

static inline uint64_t swap(struct scene *s, unsigned cpu, uint64_t addr,
                            uint64_t value, enum dmasim_order order)
{
	int line = 1;
	struct dmasim_txn txn = {.op = DMASIM_ATOMIC_SWAP,
	                         .addr = addr,
	                         .size = 8,
	                         .data = (uint8_t *)&value,
	                         .order = order,
	                         .origin = ORIGIN};

	access_at(s, cpu, &txn);
	return value;
}

/* An access with a place of its own choice. */
static inline uint64_t at(struct scene *s, unsigned cpu, enum dmasim_op op,
                          uint64_t addr, uint64_t value,
                          struct dmasim_program_order po)
{
	int line = (int)po.number;
	struct dmasim_txn txn = {.op = op,
	                         .addr = addr,
	                         .size = 8,
	                         .data = (uint8_t *)&value,
	                         .po = po,
	                         .origin = ORIGIN};

	access_at(s, cpu, &txn);
	return value;
}

#define st(s, cpu, addr, v) st_n(s, cpu, addr, v, DMASIM_ORDER_PLAIN, __LINE__)
#define rel(s, cpu, addr, v)                                                   \
	st_n(s, cpu, addr, v, DMASIM_ORDER_RELEASE, __LINE__)
#define ld(s, cpu, addr)  ld_n(s, cpu, addr, DMASIM_ORDER_PLAIN, __LINE__)
#define acq(s, cpu, addr) ld_n(s, cpu, addr, DMASIM_ORDER_ACQUIRE, __LINE__)

static inline void barrier(struct scene *s, unsigned cpu, enum dmasim_barrier b)
{
	struct program *p = &s->cpu[cpu];
	struct dmasim_txn txn = {.op = DMASIM_BARRIER,
	                         .barrier = b,
	                         .attr = dmasim_attr_wb,
	                         .origin = DMASIM_HERE};

	access_at(s, cpu, &txn);
	if (b != DMASIM_DMB_ST && b != DMASIM_DSB_ST)
		p->loads = p->number;
	if (b != DMASIM_DMB_LD && b != DMASIM_DSB_LD)
		p->stores = p->number;
	if (b == DMASIM_DSB)
		p->complete = p->number;
}

static inline void maintain(struct scene *s, unsigned cpu, enum dmasim_op op,
                            uint64_t addr)
{
	struct dmasim_txn txn = {.op = op,
	                         .addr = addr,
	                         .size = 64,
	                         .attr = dmasim_attr_wb,
	                         .origin = DMASIM_HERE};

	access_at(s, cpu, &txn);
}

static inline const struct dmasim_finding *
only(struct scene *s, enum dmasim_severity severity, const char *remedy)
{
	const struct dmasim_finding *f = dmasim_finding_get(s->r->checker, 0);

	if (dmasim_finding_count(s->r->checker) != 1 ||
	    f->kind != DMASIM_MISSING_BARRIER || f->severity != severity ||
	    !strstr(f->remedy, remedy))
		rig_no_findings(s->r);
	assert_int_equal(dmasim_finding_count(s->r->checker), 1);
	assert_int_equal(f->kind, DMASIM_MISSING_BARRIER);
	assert_int_equal(f->severity, severity);
	assert_non_null(strstr(f->remedy, remedy));
	return f;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
