/* SPDX-License-Identifier: MIT */
/* Layouts as data: tables of fields, and what puts them out. */
#ifndef SMMUV3_FIELDS_INTERNAL_H
#define SMMUV3_FIELDS_INTERNAL_H

#include "dmasim/smmuv3.h"
#include "spec/bits.h"

/* A field, and what its values mean as far as that needs saying. */
struct smmu_layout {
	const char *name;
	uint8_t word;
	bool in_place; /* an address: not shifted down */
	uint64_t mask;
	const char *text[16];
};

struct smmu_fields {
	const uint64_t *word;
	struct dmasim_field *field;
	size_t max, count;
};

/* 5.2, MemAttr; a leaf of stage 2 without S2FWB. */
#define SMMU_TEXT_MEMATTR                                                      \
	{                                                                      \
		"Device-nGnRnE", "Device-nGnRE", "Device-nGRE", "Device-GRE",  \
		        "reserved", "Normal, outer NC, inner NC",              \
		        "Normal, outer NC, inner WT",                          \
		        "Normal, outer NC, inner WB", "reserved",              \
		        "Normal, outer WT, inner NC",                          \
		        "Normal, outer WT, inner WT",                          \
		        "Normal, outer WT, inner WB", "reserved",              \
		        "Normal, outer WB, inner NC",                          \
		        "Normal, outer WB, inner WT",                          \
		        "Normal, outer WB, inner WB"                           \
	}

void smmu_put_field(struct smmu_fields *o, const struct smmu_layout *l);
void smmu_put_fields(struct smmu_fields *o, const struct smmu_layout *l,
                     size_t n);

#define PUT_ALL(o, table)                                                      \
	smmu_put_fields(o, table, sizeof(table) / sizeof(*(table)))

#endif
