/* SPDX-License-Identifier: MIT */
/* Memory attributes (Arm ARM B2.7; the encodings here are our own). */
#ifndef DMASIM_ATTR_H
#define DMASIM_ATTR_H

#include <stdbool.h>
#include <stdint.h>

#include "dmasim/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum dmasim_memtype {
	DMASIM_NORMAL,
	DMASIM_DEVICE_GRE,
	DMASIM_DEVICE_NGRE,
	DMASIM_DEVICE_NGNRE,
	DMASIM_DEVICE_NGNRNE,
};

/** Inner or outer cacheability of Normal memory. */
enum dmasim_cacheability {
	DMASIM_NC,
	DMASIM_WT,
	DMASIM_WB,
};

enum dmasim_shareability {
	DMASIM_NSH,
	DMASIM_ISH,
	DMASIM_OSH,
	/** Full system. Barriers alone have it; memory never does. */
	DMASIM_SY,
};

#define DMASIM_ALLOC_READ      1u
#define DMASIM_ALLOC_WRITE     2u
#define DMASIM_ALLOC_TRANSIENT 4u

struct dmasim_attr {
	uint8_t type;  /**< enum dmasim_memtype */
	uint8_t inner; /**< enum dmasim_cacheability; NC for Device */
	uint8_t outer; /**< enum dmasim_cacheability; NC for Device */
	uint8_t share; /**< enum dmasim_shareability; OSH for Device and NC */
	uint8_t alloc; /**< DMASIM_ALLOC_* hints */
};

DMASIM_API extern const struct dmasim_attr dmasim_attr_wb; /* WB RA WA ISH */
DMASIM_API extern const struct dmasim_attr dmasim_attr_wt; /* WT RA ISH */
DMASIM_API extern const struct dmasim_attr dmasim_attr_nc; /* NC OSH */
DMASIM_API extern const struct dmasim_attr dmasim_attr_device; /* nGnRE */

/** Cacheable in at least one of inner and outer. */
DMASIM_API bool dmasim_attr_cacheable(const struct dmasim_attr *a);
/** Two mappings of one address with these attributes are mismatched aliases
 * (Arm ARM B2.8: memory type, cacheability, or shareability differ; hints
 * do not count). */
DMASIM_API bool dmasim_attr_mismatch(const struct dmasim_attr *a,
                                     const struct dmasim_attr *b);
/** What a stage 2 descriptor says of a page. */
struct dmasim_s2_attr {
	/** MemAttr[3:0] as in the descriptor (Arm ARM D8.6.5; with FEAT_S2FWB
	 * D8.6.6, of which bit 3 must be 0). */
	uint8_t mem;
	uint8_t share; /**< enum dmasim_shareability, of Normal memory */
};

/** Without FWB: Normal WB, so that the result is what stage 1 says. */
#define DMASIM_S2_NORMAL 0xfu
/** With FWB: Normal WB whatever stage 1 says. */
#define DMASIM_S2_FWB_WB 0x6u
/** With FWB: what stage 1 says. */
#define DMASIM_S2_FWB_STAGE1 0x7u

/** The attributes of an access that both stages translate (Arm ARM D8.6.5 to
 * D8.6.7), without and with FEAT_S2FWB in use. Where stage 1 is Device or
 * Non-cacheable and the result is cacheable, what goes into the combination
 * of shareability is Outer Shareable (one of the two that the architecture
 * leaves open), and the hints are those of RTBQKG. OK; E_INVAL: reserved. */
DMASIM_API int dmasim_attr_combine(const struct dmasim_attr *s1,
                                   const struct dmasim_s2_attr *s2, bool fwb,
                                   struct dmasim_attr *out);
/** A short name such as "Normal WB ISH" or "Device-nGnRE". @buf of at least
 * 48 characters; returns it. */
DMASIM_API const char *dmasim_attr_name(const struct dmasim_attr *a, char *buf,
                                        size_t size);

#ifdef __cplusplus
}
#endif
#endif
