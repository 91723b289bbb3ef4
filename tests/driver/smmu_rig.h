/* SPDX-License-Identifier: MIT */
/* The SMMU driver on the real SMMU: what its tests share. */
#ifndef DMASIM_TESTS_DRIVER_SMMU_RIG_H
#define DMASIM_TESTS_DRIVER_SMMU_RIG_H

#include "rig.h"
#include "smmu_drv_internal.h"

#define STREAM BOARD_TESTDEV
#define RAM    0x80000000ull
#define MIB2   0x200000ull

/** Edits of the SMMU's node. */
#define SMMU_NODE(text)                                                        \
	{                                                                      \
		"dma-coherent; /* smmu */", text                               \
	}
#define PROFILE(name) SMMU_NODE("dma-coherent; dmasim,profile = \"" name "\";")

static inline void open_dma(struct rig *r, const struct rig_options *o)
{
	rig_open(r, o);
	assert_int_equal(
	        dmasim_smmu_drv_attach(r->smmu, STREAM, DMASIM_DOMAIN_DMA),
	        DMASIM_OK);
}

static inline uint64_t reg(struct rig *r, uint64_t offset, uint32_t size)
{
	uint64_t va, v = 0;

	assert_int_equal(dmasim_guest_ioremap(r->g, 0x2b400000,
	                                      DMASIM_SMMU_REGS_SIZE, &va),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_load(r->cpu, va + offset, size, &v),
	                 DMASIM_OK);
	return v;
}

static inline uint64_t word(struct rig *r, uint64_t pa)
{
	uint64_t v = 0;

	assert_int_equal(
	        dmasim_cpu_load(r->cpu, DMASIM_LINEAR_BASE + pa, 8, &v),
	        DMASIM_OK);
	return v;
}

static inline void set_word(struct rig *r, uint64_t pa, uint64_t value)
{
	assert_int_equal(
	        dmasim_cpu_store(r->cpu, DMASIM_LINEAR_BASE + pa, 8, value),
	        DMASIM_OK);
	assert_int_equal(dmasim_cpu_barrier(r->cpu, DMASIM_DSB, DMASIM_HERE),
	                 DMASIM_OK);
}

static inline int map(struct rig *r, uint64_t iova, uint64_t pa, uint64_t size)
{
	return dmasim_smmu_drv_map(r->smmu, STREAM, iova, pa, size, true, true);
}

static inline int unmap(struct rig *r, uint64_t iova, uint64_t size)
{
	return dmasim_smmu_drv_unmap(r->smmu, STREAM, iova, size);
}

/** What belongs to an IOVA of the stream. */
struct found {
	int rc;
	uint64_t ste, cd, pte;
	int level;
};

static inline struct found find(struct rig *r, uint32_t sid, uint64_t iova)
{
	struct found f = {0};

	f.rc = dmasim_smmu_drv_find(r->smmu, sid, iova, &f.ste, &f.cd, &f.pte,
	                            &f.level);
	return f;
}

static inline enum dmasim_result touch(struct rig *r, uint64_t iova)
{
	uint64_t v = 0;

	return rig_dma(r, DMASIM_READ, iova, &v, 1);
}

/** Types of the records since the last call, in order. */
static inline const char *events(struct rig *r, char text[64])
{
	assert_int_equal(dmasim_smmu_drv_poll(r->smmu), DMASIM_OK);
	text[0] = '\0';
	for (size_t i = 0; i < dmasim_smmu_drv_event_count(r->smmu); i++)
		snprintf(text + strlen(text), 64 - strlen(text), "%02x ",
		         (unsigned)dmasim_smmu_drv_event(r->smmu, i)[0] & 0xff);
	dmasim_smmu_drv_clear_events(r->smmu);
	return text;
}

#define assert_events(r, expected)                                             \
	do {                                                                   \
		char text_[64];                                                \
		assert_string_equal(events(r, text_), expected);               \
	} while (0)

#endif
