/* SPDX-License-Identifier: MIT */
/* Accesses to counter groups, for their tests. */
#ifndef DMASIM_TESTS_PMCG_H
#define DMASIM_TESTS_PMCG_H

#include "rig.h"

#include "smmuv3_internal.h"

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)

typedef const struct dmasim_smmu_pmcg_config groups[DMASIM_SMMU_PMCGS];

static inline enum dmasim_result raw(struct rig *r, struct dmasim_txn *t,
                                     unsigned group)
{
	struct dmasim_port port =
	        dmasim_smmu_pmcg(r->smmu, group & 0xff, group >> 8);

	t->addr = t->offset;
	return dmasim_access(&port, t);
}

/* @group: index, and 0x100 for page 1; @flags of the access. */
static inline uint64_t get(struct rig *r, unsigned group, uint32_t offset,
                           uint32_t flags)
{
	bool wide = flags & 0x80000000;
	uint8_t b[8] = {0};
	struct dmasim_txn t = {.op = DMASIM_READ,
	                       .offset = offset,
	                       .size = wide ? 8 : 4,
	                       .flags = flags & 0xffff,
	                       .data = b};
	uint64_t v = 0;

	assert_int_equal(raw(r, &t, group), DMASIM_TXN_OK);
	for (unsigned i = 0; i < t.size; i++)
		v |= (uint64_t)b[i] << (8 * i);
	return v;
}

static inline void put(struct rig *r, unsigned group, uint32_t offset,
                       uint32_t flags, uint64_t v)
{
	bool wide = flags & 0x80000000;
	uint8_t b[8];
	struct dmasim_txn t = {.op = DMASIM_WRITE,
	                       .offset = offset,
	                       .size = wide ? 8 : 4,
	                       .flags = flags & 0xffff,
	                       .data = b};

	for (unsigned i = 0; i < 8; i++)
		b[i] = (uint8_t)(v >> (8 * i));
	assert_int_equal(raw(r, &t, group), DMASIM_TXN_OK);
}

#define WIDE 0x80000000u

static inline uint32_t r32(struct rig *r, uint32_t offset)
{
	return (uint32_t)get(r, 0, offset, 0);
}

static inline uint64_t r64(struct rig *r, uint32_t offset)
{
	return get(r, 0, offset, WIDE);
}

static inline void w32(struct rig *r, uint32_t offset, uint32_t v)
{
	put(r, 0, offset, 0, v);
}

static inline void w64(struct rig *r, uint32_t offset, uint64_t v)
{
	put(r, 0, offset, WIDE, v);
}

#define EVCNTR(n)  (8u * (n))
#define EVTYPER(n) (0x400u + 4 * (n))
#define SVR(n)     (0x600u + 8 * (n))
#define SMR(n)     (0xa00u + 4 * (n))
#define CNTENSET   0xc00u
#define CNTENCLR   0xc20u
#define INTENSET   0xc40u
#define INTENCLR   0xc60u
#define OVSCLR     0xc80u
#define OVSSET     0xcc0u
#define CAPR       0xd88u
#define SCR        0xdf8u
#define CFGR       0xe00u
#define CR         0xe04u
#define CEID0      0xe20u
#define G_IRQ_CTRL 0xe50u
#define G_IRQ_ACK  0xe54u
#define G_IRQ_CFG0 0xe58u
#define G_IRQ_CFG1 0xe60u
#define G_IRQ_CFG2 0xe64u
#define IRQ_STATUS 0xe68u

#define SPAN (1u << 29)
#define SEC  (1u << 30)
#define CAP  (1u << 31)

/* Counter @n counts @type of the streams that @smr names. */
static inline void count(struct rig *r, unsigned n, uint32_t type, uint32_t smr)
{
	w32(r, EVTYPER(n), type);
	w32(r, SMR(n), smr);
	w64(r, CNTENSET, 1ull << n);
	w32(r, CR, 1);
}

static inline void count_all(struct rig *r, unsigned n, uint32_t type)
{
	count(r, n, type | SPAN, 0xffffffff);
}

static inline void pass(struct rig *r, uint64_t ps)
{
	assert_int_equal(dmasim_run_until(r->k, dmasim_now(r->k) + ps),
	                 DMASIM_OK);
}

static inline struct dmasim_irq line(const struct rig *r, unsigned group)
{
	return (struct dmasim_irq){r->irqc, RIG_PMCG + group};
}

/* Counter 0 sends a message at the next transaction. */
static inline void message(struct rig *r)
{
	w64(r, G_IRQ_CFG0, RIG_MSI);
	w32(r, G_IRQ_CFG1, 0x1234);
	w32(r, G_IRQ_CFG2, 0x3f);
	w64(r, INTENSET, 1);
	count_all(r, 0, 1);
	w32(r, G_IRQ_CTRL, 1);
	w64(r, EVCNTR(0), ~0ull);
}

#endif
