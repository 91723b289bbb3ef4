/* SPDX-License-Identifier: MIT */
/* What a VMSAv8-64 descriptor says, field by field (Arm ARM D8.3). */
#include "fields_internal.h"
#include "spec/pte.h"

static const struct smmu_layout pte_type = {
        .name = "Type",
        .word = 0,
        .mask = PTE_VALID | PTE_TABLE,
        .text = {"invalid", "block", "invalid", "table"}};
static const struct smmu_layout pte_last_type = {
        .name = "Type",
        .word = 0,
        .mask = PTE_VALID | PTE_TABLE,
        .text = {"invalid", "reserved", "invalid", "page"}};
static const struct smmu_layout pte_table_s1[] = {
        {.name = "NSTable", .word = 0, .mask = PTE_NSTABLE},
        {.name = "APTable",
         .word = 0,
         .mask = PTE_APTABLE,
         .text = {"no limit", "no unprivileged access", "no write",
                  "no unprivileged access, no write"}},
        {.name = "UXNTable", .word = 0, .mask = PTE_UXNTABLE},
        {.name = "PXNTable", .word = 0, .mask = PTE_PXNTABLE},
};
static const struct smmu_layout pte_leaf_s1[] = {
        {.name = "AttrIndx", .word = 0, .mask = PTE_ATTRINDX},
        {.name = "NS", .word = 0, .mask = PTE_NS},
        {.name = "AP[2:1]",
         .word = 0,
         .mask = PTE_AP,
         .text = {"privileged read/write", "read/write for all",
                  "privileged read-only", "read-only for all"}},
};
static const struct smmu_layout pte_leaf_s2[] = {
        {.name = "MemAttr",
         .word = 0,
         .mask = PTE2_MEMATTR,
         .text = SMMU_TEXT_MEMATTR},
        /* The same bits, where STE.S2FWB is 1. */
        {.name = "MemAttr with S2FWB",
         .word = 0,
         .mask = PTE2_MEMATTR_FWB,
         .text = {"Device-nGnRnE", "Device-nGnRE", "Device-nGRE", "Device-GRE",
                  "reserved", "Normal Non-cacheable", "Normal Write-Back",
                  "as stage 1 says"}},
        {.name = "S2AP",
         .word = 0,
         .mask = PTE2_S2AP,
         .text = {"no access", "read-only", "write-only", "read/write"}},
        {.name = "XN",
         .word = 0,
         .mask = PTE2_XN,
         .text = {"executable for all", "executable for EL0 alone",
                  "not executable", "executable for EL1 alone"}},
};
static const struct smmu_layout pte_leaf[] = {
        {.name = "SH",
         .word = 0,
         .mask = PTE_SH,
         .text = {"Non-shareable", "reserved", "Outer Shareable",
                  "Inner Shareable"}},
        {.name = "AF",
         .word = 0,
         .mask = PTE_AF,
         .text = {"not accessed", "accessed"}},
        {.name = "DBM",
         .word = 0,
         .mask = PTE_DBM,
         .text = {"writable as it stands", "hardware may make it writable"}},
        {.name = "Contiguous", .word = 0, .mask = PTE_CONT},
};
static const struct smmu_layout pte_nt = {
        .name = "nT", .word = 0, .mask = PTE_NT};
/* The rest of a 52-bit address: with 64 KiB, and where CD.DS or STE.S2DS is
 * 1 (which then is not SH). */
static const struct smmu_layout pte_lpa = {
        .name = "Address bits 51:48", .word = 0, .mask = PTE_ADDR_64K_HIGH};
static const struct smmu_layout pte_ds[] = {
        {.name = "Address bits 49:48 with DS",
         .word = 0,
         .mask = PTE_ADDR_DS & ~PTE_ADDR},
        {.name = "Address bits 51:50 with DS",
         .word = 0,
         .mask = PTE_ADDR_DS_HIGH},
};
static const struct smmu_layout pte_exec_s1[] = {
        {.name = "nG",
         .word = 0,
         .mask = PTE_NG,
         .text = {"global", "of its ASID"}},
        {.name = "PXN", .word = 0, .mask = PTE_PXN},
        {.name = "UXN", .word = 0, .mask = PTE_UXN},
};
static const struct smmu_layout pte_software = {
        .name = "Software", .word = 0, .mask = PTE_SW};

static void pte_body(struct smmu_fields *o, int stage, bool table)
{
	if (table) {
		if (stage == 1)
			PUT_ALL(o, pte_table_s1);
		return;
	}
	if (stage == 1)
		PUT_ALL(o, pte_leaf_s1);
	else
		PUT_ALL(o, pte_leaf_s2);
	PUT_ALL(o, pte_leaf);
	if (stage == 1)
		PUT_ALL(o, pte_exec_s1);
	smmu_put_field(o, &pte_software);
}

size_t dmasim_pte_fields(uint64_t pte, int stage, int level, int granule_bits,
                         struct dmasim_field *f, size_t max)
{
	struct smmu_fields o = {.word = &pte, .field = f, .max = max};
	bool last = level == PTE_LAST_LEVEL;
	bool table = !last && (pte & PTE_TABLE);
	int shift = granule_bits;
	struct smmu_layout addr = {.word = 0, .in_place = true};

	smmu_put_field(&o, last ? &pte_last_type : &pte_type);
	if (!(pte & PTE_VALID) || (last && !(pte & PTE_TABLE)) ||
	    granule_bits < 12 || granule_bits > 16 || level < -1 ||
	    level > PTE_LAST_LEVEL)
		return o.count;
	if (!table)
		shift += (PTE_LAST_LEVEL - level) * (granule_bits - 3);
	/* A block so large has no address bits left. */
	if (shift < 48) {
		addr.name = table ? "Next-level table" : "Output address";
		addr.mask = SMMU_BITS(47, shift);
		smmu_put_field(&o, &addr);
	}
	if (granule_bits == 16)
		smmu_put_field(&o, &pte_lpa);
	else
		PUT_ALL(&o, pte_ds);
	if (!table && !last)
		smmu_put_field(&o, &pte_nt);
	pte_body(&o, stage, table);
	return o.count;
}
