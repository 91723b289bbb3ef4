/* SPDX-License-Identifier: MIT */
/* What an STE (5.2) and a CD (5.4) say, field by field. */
#include "fields_internal.h"
#include "spec/cd.h"
#include "spec/ste.h"

#define TEXT_CACHE                                                             \
	{                                                                      \
		"Non-cacheable", "Write-Back, write-allocate",                 \
		        "Write-Through", "Write-Back, no write-allocate"       \
	}
#define TEXT_SH                                                                \
	{                                                                      \
		"Non-shareable", "reserved", "Outer Shareable",                \
		        "Inner Shareable"                                      \
	}
#define TEXT_SIZE                                                              \
	{                                                                      \
		"32 bits", "36 bits", "40 bits", "42 bits", "44 bits",         \
		        "48 bits", "52 bits", "reserved"                       \
	}
#define TEXT_BOTH_ENDS                                                         \
	{                                                                      \
		"little-endian tables", "big-endian tables"                    \
	}
#define TEXT_TG0                                                               \
	{                                                                      \
		"4 KiB", "64 KiB", "16 KiB", "reserved"                        \
	}
#define TEXT_TG1                                                               \
	{                                                                      \
		"reserved", "16 KiB", "4 KiB", "64 KiB"                        \
	}

static const struct smmu_layout ste_head[] = {
        {.name = "V", .word = 0, .mask = STE0_V, .text = {"invalid", "valid"}},
        {.name = "Config",
         .word = 0,
         .mask = STE0_CONFIG,
         .text = {"abort", "abort", "abort", "abort", "bypass",
                  "stage 1 translates", "stage 2 translates",
                  "stages 1 and 2 translate"}},
};
static const struct smmu_layout ste_s1[] = {
        {.name = "S1Fmt",
         .word = 0,
         .mask = STE0_S1FMT,
         .text = {"linear", "2-level, 4 KiB leaves", "2-level, 64 KiB leaves",
                  "reserved"}},
        {.name = "S1ContextPtr",
         .word = 0,
         .in_place = true,
         .mask = STE0_S1CONTEXTPTR},
        {.name = "S1CDMax", .word = 0, .mask = STE0_S1CDMAX},
        {.name = "S1DSS",
         .word = 1,
         .mask = STE1_S1DSS,
         .text = {"without SubstreamID: terminate",
                  "without SubstreamID: bypass stage 1",
                  "without SubstreamID: use CD 0", "reserved"}},
        {.name = "S1CIR", .word = 1, .mask = STE1_S1CIR, .text = TEXT_CACHE},
        {.name = "S1COR", .word = 1, .mask = STE1_S1COR, .text = TEXT_CACHE},
        {.name = "S1CSH", .word = 1, .mask = STE1_S1CSH, .text = TEXT_SH},
        {.name = "S1STALLD", .word = 1, .mask = STE1_S1STALLD},
};
static const struct smmu_layout ste_tail[] = {
        {.name = "DRE", .word = 1, .mask = STE1_DRE},
        {.name = "CONT", .word = 1, .mask = STE1_CONT},
        {.name = "DCP", .word = 1, .mask = STE1_DCP},
        {.name = "PPAR", .word = 1, .mask = STE1_PPAR},
        {.name = "MEV", .word = 1, .mask = STE1_MEV},
        {.name = "EATS",
         .word = 1,
         .mask = STE1_EATS,
         .text = {"ATS requests and translated traffic abort", "full ATS",
                  "split-stage ATS: only stage 1 is kept by the endpoint",
                  "full ATS, checked by a DPT"}},
        {.name = "STRW",
         .word = 1,
         .mask = STE1_STRW,
         .text = {"EL1: with ASIDs and VMIDs",
                  "EL3: Secure streams alone; else reserved",
                  "EL2, or EL2-E2H with CR2.E2H", "reserved"}},
        {.name = "MemAttr",
         .word = 1,
         .mask = STE1_MEMATTR,
         .text = SMMU_TEXT_MEMATTR},
        {.name = "MTCFG",
         .word = 1,
         .mask = STE1_MTCFG,
         .text = {"incoming type", "type from MemAttr"}},
        {.name = "ALLOCCFG", .word = 1, .mask = STE1_ALLOCCFG},
        {.name = "SHCFG",
         .word = 1,
         .mask = STE1_SHCFG,
         .text = {"Non-shareable", "incoming", "Outer Shareable",
                  "Inner Shareable"}},
        {.name = "NSCFG",
         .word = 1,
         .mask = STE1_NSCFG,
         .text = {"incoming", "reserved", "Secure", "Non-secure"}},
        {.name = "PRIVCFG",
         .word = 1,
         .mask = STE1_PRIVCFG,
         .text = {"incoming", "reserved", "unprivileged", "privileged"}},
        {.name = "INSTCFG",
         .word = 1,
         .mask = STE1_INSTCFG,
         .text = {"incoming", "reserved", "data", "instruction"}},
};
static const struct smmu_layout ste_s2[] = {
        {.name = "S2FWB",
         .word = 1,
         .mask = STE1_S2FWB,
         .text = {"MemAttr of a leaf is combined with stage 1",
                  "MemAttr of a leaf decides"}},
        {.name = "S2VMID", .word = 2, .mask = STE2_S2VMID},
        {.name = "S2T0SZ", .word = 2, .mask = STE2_S2T0SZ},
        {.name = "S2SL0", .word = 2, .mask = STE2_S2SL0},
        {.name = "S2SL0_2", .word = 3, .mask = STE3_S2SL0_2},
        {.name = "S2IR0", .word = 2, .mask = STE2_S2IR0, .text = TEXT_CACHE},
        {.name = "S2OR0", .word = 2, .mask = STE2_S2OR0, .text = TEXT_CACHE},
        {.name = "S2SH0", .word = 2, .mask = STE2_S2SH0, .text = TEXT_SH},
        {.name = "S2TG", .word = 2, .mask = STE2_S2TG, .text = TEXT_TG0},
        {.name = "S2PS", .word = 2, .mask = STE2_S2PS, .text = TEXT_SIZE},
        {.name = "S2DS",
         .word = 3,
         .mask = STE3_S2DS,
         .text = {"addresses of 48 bits, or 52 with 64 KiB",
                  "addresses of 52 bits with 4 and 16 KiB"}},
        {.name = "S2AA64",
         .word = 2,
         .mask = STE2_S2AA64,
         .text = {"AArch32 tables", "AArch64 tables"}},
        {.name = "S2ENDI",
         .word = 2,
         .mask = STE2_S2ENDI,
         .text = TEXT_BOTH_ENDS},
        {.name = "S2AFFD",
         .word = 2,
         .mask = STE2_S2AFFD,
         .text = {"AF = 0 faults", "AF = 0 does not fault"}},
        {.name = "S2PTW",
         .word = 2,
         .mask = STE2_S2PTW,
         .text = {"stage 1 tables may be in Device memory",
                  "stage 1 tables in Device memory fault"}},
        {.name = "S2HD", .word = 2, .mask = STE2_S2HD},
        {.name = "S2HA", .word = 2, .mask = STE2_S2HA},
        {.name = "S2HAFT", .word = 2, .mask = STE2_S2HAFT},
        {.name = "S2PIE", .word = 2, .mask = STE2_S2PIE},
        {.name = "S2POE", .word = 2, .mask = STE2_S2POE},
        {.name = "S2S",
         .word = 2,
         .mask = STE2_S2S,
         .text = {"faults terminate", "faults stall"}},
        {.name = "S2R",
         .word = 2,
         .mask = STE2_S2R,
         .text = {"faults are not recorded", "faults are recorded"}},
        {.name = "S2TTB", .word = 3, .in_place = true, .mask = STE3_S2TTB},
        /* 3.10.2.2: Secure streams have a second stage 2, and say where
         * each lies and leads. */
        {.name = "S2NSW",
         .word = 3,
         .mask = STE3_S2NSW,
         .text = {"Secure: S2TTB is in Secure memory",
                  "Secure: S2TTB is in Non-secure memory"}},
        {.name = "S2NSA",
         .word = 3,
         .mask = STE3_S2NSA,
         .text = {"Secure: Non-secure IPAs lead to Secure memory",
                  "Secure: Non-secure IPAs lead to Non-secure memory"}},
        {.name = "S_S2T0SZ", .word = 4, .mask = STE4_S_S2T0SZ},
        {.name = "S_S2SL0", .word = 4, .mask = STE4_S_S2SL0},
        {.name = "S_S2SL0_2", .word = 6, .mask = STE6_S_S2SL0_2},
        {.name = "S_S2TG", .word = 4, .mask = STE4_S_S2TG, .text = TEXT_TG0},
        {.name = "S2SW",
         .word = 6,
         .mask = STE6_S2SW,
         .text = {"Secure: S_S2TTB is in Secure memory",
                  "Secure: S_S2TTB is in Non-secure memory"}},
        {.name = "S2SA",
         .word = 6,
         .mask = STE6_S2SA,
         .text = {"Secure: Secure IPAs lead to Secure memory",
                  "Secure: Secure IPAs lead to Non-secure memory"}},
        {.name = "S_S2TTB", .word = 6, .in_place = true, .mask = STE6_S_S2TTB},
};

/* An invalid STE, or one that aborts, has no other field that counts. */
size_t dmasim_ste_fields(const uint64_t ste[8], struct dmasim_field *f,
                         size_t max)
{
	struct smmu_fields o = {.word = ste, .field = f, .max = max};
	uint64_t config = FIELD_GET(STE0_CONFIG, ste[0]);

	PUT_ALL(&o, ste_head);
	if (!(ste[0] & STE0_V) || config < STE_CONFIG_BYPASS)
		return o.count;
	if (config == STE_CONFIG_S1 || config == STE_CONFIG_NESTED)
		PUT_ALL(&o, ste_s1);
	PUT_ALL(&o, ste_tail);
	if (config == STE_CONFIG_S2 || config == STE_CONFIG_NESTED)
		PUT_ALL(&o, ste_s2);
	return o.count;
}

static const struct smmu_layout cd_head[] = {
        {.name = "V", .word = 0, .mask = CD0_V, .text = {"invalid", "valid"}},
        {.name = "AA64",
         .word = 0,
         .mask = CD0_AA64,
         .text = {"AArch32 tables", "AArch64 tables"}},
        {.name = "ASID", .word = 0, .mask = CD0_ASID},
        {.name = "ASET",
         .word = 0,
         .mask = CD0_ASET,
         .text = {"ASID shared with the CPUs", "ASID of the SMMU alone"}},
        {.name = "IPS", .word = 0, .mask = CD0_IPS, .text = TEXT_SIZE},
        {.name = "ENDI", .word = 0, .mask = CD0_ENDI, .text = TEXT_BOTH_ENDS},
        {.name = "AFFD",
         .word = 0,
         .mask = CD0_AFFD,
         .text = {"AF = 0 faults", "AF = 0 does not fault"}},
        {.name = "WXN", .word = 0, .mask = CD0_WXN},
        {.name = "UWXN", .word = 0, .mask = CD0_UWXN},
        {.name = "PAN", .word = 0, .mask = CD0_PAN},
        {.name = "EPAN",
         .word = 1,
         .mask = CD1_EPAN,
         .text = {"PAN looks at reads and writes",
                  "PAN looks at execution, too"}},
        {.name = "DS",
         .word = 2,
         .mask = CD2_DS,
         .text = {"addresses of 48 bits, or 52 with 64 KiB",
                  "addresses of 52 bits with 4 and 16 KiB"}},
        {.name = "HD", .word = 0, .mask = CD0_HD},
        {.name = "HA", .word = 0, .mask = CD0_HA},
        {.name = "HAFT", .word = 1, .mask = CD1_HAFT},
        {.name = "PnCH", .word = 1, .mask = CD1_PNCH},
        {.name = "AIE", .word = 2, .mask = CD2_AIE},
        {.name = "PIE", .word = 2, .mask = CD2_PIE},
        {.name = "S",
         .word = 0,
         .mask = CD0_S,
         .text = {"faults terminate", "faults stall"}},
        {.name = "R",
         .word = 0,
         .mask = CD0_R,
         .text = {"faults are not recorded", "faults are recorded"}},
        {.name = "A",
         .word = 0,
         .mask = CD0_A,
         .text = {"terminated: RAZ/WI", "terminated: abort"}},
};
static const struct smmu_layout cd_half[2][11] = {
        {
                {.name = "T0SZ", .word = 0, .mask = CD0_T0SZ},
                {.name = "TG0", .word = 0, .mask = CD0_TG0, .text = TEXT_TG0},
                {.name = "IR0", .word = 0, .mask = CD0_IR0, .text = TEXT_CACHE},
                {.name = "OR0", .word = 0, .mask = CD0_OR0, .text = TEXT_CACHE},
                {.name = "SH0", .word = 0, .mask = CD0_SH0, .text = TEXT_SH},
                {.name = "TBI0", .word = 0, .mask = CD0_TBI0},
                {.name = "NSCFG0", .word = 1, .mask = CD1_NSCFG},
                {.name = "HAD0", .word = 1, .mask = CD1_HAD},
                {.name = "E0PD0",
                 .word = 1,
                 .mask = CD1_E0PD,
                 .text = {"walked for all", "unprivileged accesses fault"}},
                {.name = "HWU0", .word = 1, .mask = CD1_HWU},
                {.name = "TTB0", .word = 1, .in_place = true, .mask = CD1_TTB},
        },
        {
                {.name = "T1SZ", .word = 0, .mask = CD0_T1SZ},
                {.name = "TG1", .word = 0, .mask = CD0_TG1, .text = TEXT_TG1},
                {.name = "IR1", .word = 0, .mask = CD0_IR1, .text = TEXT_CACHE},
                {.name = "OR1", .word = 0, .mask = CD0_OR1, .text = TEXT_CACHE},
                {.name = "SH1", .word = 0, .mask = CD0_SH1, .text = TEXT_SH},
                {.name = "TBI1", .word = 0, .mask = CD0_TBI1},
                {.name = "NSCFG1", .word = 2, .mask = CD1_NSCFG},
                {.name = "HAD1", .word = 2, .mask = CD1_HAD},
                {.name = "E0PD1",
                 .word = 2,
                 .mask = CD1_E0PD,
                 .text = {"walked for all", "unprivileged accesses fault"}},
                {.name = "HWU1", .word = 2, .mask = CD1_HWU},
                {.name = "TTB1", .word = 2, .in_place = true, .mask = CD1_TTB},
        },
};
static const struct smmu_layout cd_epd[2] = {
        {.name = "EPD0",
         .word = 0,
         .mask = CD0_EPD0,
         .text = {"TTB0 is walked", "no walks through TTB0"}},
        {.name = "EPD1",
         .word = 0,
         .mask = CD0_EPD1,
         .text = {"TTB1 is walked", "no walks through TTB1"}},
};
static const struct smmu_layout cd_attributes[] = {
        {.name = "MAIR", .word = CD_MAIR_WORD, .mask = UINT64_MAX},
        {.name = "AMAIR", .word = CD_AMAIR_WORD, .mask = UINT64_MAX},
};

size_t dmasim_cd_fields(const uint64_t cd[8], struct dmasim_field *f,
                        size_t max)
{
	struct smmu_fields o = {.word = cd, .field = f, .max = max};

	PUT_ALL(&o, cd_head);
	for (int half = 0; half < 2; half++) {
		smmu_put_field(&o, &cd_epd[half]);
		/* The fields of a half that is off do not count. */
		if (!(cd[0] & cd_epd[half].mask))
			PUT_ALL(&o, cd_half[half]);
	}
	PUT_ALL(&o, cd_attributes);
	return o.count;
}
