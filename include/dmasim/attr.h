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
/** A short name such as "Normal WB ISH" or "Device-nGnRE". @buf of at least
 * 48 characters; returns it. */
DMASIM_API const char *dmasim_attr_name(const struct dmasim_attr *a, char *buf,
                                        size_t size);

#ifdef __cplusplus
}
#endif
#endif
