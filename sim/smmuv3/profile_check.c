/* SPDX-License-Identifier: MIT */
/*
 * Identification registers that somebody wrote: what the model does not have,
 * and what 6.3.1 to 6.3.6 do not allow together.
 */
#include "smmuv3_internal.h"

/* Registers as they are counted here: IDR0 .. IDR6, then S_IDR0 .. S_IDR6. */
#define S_(n)     (SMMU_IDRS + (n))
#define REGISTERS (2 * SMMU_IDRS)

/* What acts, whatever it is set to. Everything else has to be 0. */
static const struct {
	uint32_t bits;
	const char *beyond;
} model[REGISTERS] = {
        [0] = {IDR0_S2P | IDR0_S1P | IDR0_TTF | IDR0_COHACC | IDR0_HTTU |
                       IDR0_HYP | IDR0_ATS | IDR0_NS1ATS | IDR0_ASID16 |
                       IDR0_MSI | IDR0_SEV | IDR0_ATOS | IDR0_PRI | IDR0_VMW |
                       IDR0_VMID16 | IDR0_CD2L | IDR0_VATOS | IDR0_TTENDIAN |
                       IDR0_ATSRECERR | IDR0_STALL_MODEL | IDR0_TERM_MODEL |
                       IDR0_ST_LEVEL,
               "IDR0 has bits of BTM, DORMHINT or RME, which do not act"},
        [1] = {IDR1_SIDSIZE | IDR1_SSIDSIZE | IDR1_PRIQS | IDR1_EVENTQS |
                       IDR1_CMDQS | IDR1_ATTR_PERMS_OVR | IDR1_ATTR_TYPES_OVR |
                       IDR1_ECMDQ,
               "IDR1 has presets, which do not act"},
        [2] = {IDR2_BA_VATOS, "IDR2 has reserved bits"},
        [3] = {IDR3_HAD | IDR3_PBHA | IDR3_XNX | IDR3_PPS | IDR3_FWB |
                       IDR3_STT | IDR3_RIL | IDR3_BBML | IDR3_E0PD |
                       IDR3_PTWNNC | IDR3_PASIDTT | IDR3_EPAN | IDR3_MTEPERM,
               "IDR3 has bits of MPAM, DPT, S1PI, S2PI, S2PO, THE or "
               "AIE, which do not act"},
        /* IMPLEMENTATION DEFINED: only shown. */
        [4] = {UINT32_MAX, NULL},
        [5] = {IDR5_OAS | IDR5_GRAN4K | IDR5_GRAN16K | IDR5_GRAN64K | IDR5_DS |
                       IDR5_VAX | IDR5_STALL_MAX,
               "IDR5 has bits of D128, which do not act"},
        [6] = {IDR6_LOG2NUMQ | IDR6_LOG2NUMP, "IDR6 has reserved bits"},
        [S_(0)] = {IDR0_MSI | IDR0_STALL_MODEL | S_IDR0_ECMDQ,
                   "S_IDR0 has reserved bits"},
        [S_(1)] = {S_IDR1_S_SIDSIZE | S_IDR1_SEL2 | S_IDR1_SECURE_IMPL,
                   "S_IDR1 has reserved bits"},
        [S_(2)] = {IDR2_BA_VATOS, "S_IDR2 has reserved bits"},
        [S_(3)] = {S_IDR3_SAMS, "S_IDR3 has reserved bits"},
        [S_(4)] = {UINT32_MAX, NULL},
        [S_(6)] = {IDR6_LOG2NUMQ | IDR6_LOG2NUMP, "S_IDR6 has reserved bits"},
};

/* If any bit of @field is set, all of @needs must be. */
static const struct {
	uint8_t reg, other;
	uint32_t field, needs;
	const char *text;
} rules[] = {
        {0, 0, IDR0_VATOS, IDR0_ATOS | IDR0_S1P | IDR0_S2P,
         "IDR0.VATOS needs ATOS, S1P and S2P"},
        {0, 0, IDR0_NS1ATS, IDR0_ATS | IDR0_S1P | IDR0_S2P,
         "IDR0.NS1ATS needs ATS, S1P and S2P"},
        {0, 0, IDR0_PRI, IDR0_ATS, "IDR0.PRI needs ATS"},
        {0, 0, IDR0_ATSRECERR, IDR0_ATS, "IDR0.ATSRECERR needs ATS"},
        {0, 0, IDR0_VMW, IDR0_S2P, "IDR0.VMW needs S2P"},
        {0, 0, IDR0_VMID16, IDR0_S2P, "IDR0.VMID16 needs S2P"},
        {1, 0, IDR1_ECMDQ, IDR0_COHACC | IDR0_MSI,
         "IDR1.ECMDQ needs MSI, and an SMMU that is coherent"},
        {3, 3, IDR3_PBHA, IDR3_HAD, "IDR3.PBHA needs HAD"},
        {3, 0, IDR3_FWB, IDR0_S2P, "IDR3.FWB needs S2P"},
        {3, 0, IDR3_XNX, IDR0_S2P, "IDR3.XNX needs S2P"},
        {3, 0, IDR3_PPS, IDR0_PRI, "IDR3.PPS needs PRI"},
        {3, 0, IDR3_PASIDTT, IDR0_ATS, "IDR3.PASIDTT needs ATS"},
        {S_(0), 0, S_IDR0_ECMDQ, IDR0_COHACC,
         "S_IDR0.ECMDQ needs an SMMU that is coherent"},
        {S_(0), S_(0), S_IDR0_ECMDQ, IDR0_MSI, "S_IDR0.ECMDQ needs MSI"},
        {S_(1), 0, S_IDR1_SECURE_IMPL, IDR0_S1P,
         "S_IDR1.SECURE_IMPL needs S1P"},
        {S_(1), 0, S_IDR1_SEL2, IDR0_S2P, "S_IDR1.SEL2 needs S2P"},
        {S_(1), 3, S_IDR1_SEL2, IDR3_STT, "S_IDR1.SEL2 needs IDR3.STT"},
};

static const char *reserved_values(const uint32_t *r)
{
	uint64_t ttf = FIELD_GET(IDR0_TTF, r[0]);
	uint64_t vax = FIELD_GET(IDR5_VAX, r[5]);
	uint32_t small = IDR5_GRAN4K | IDR5_GRAN16K;
	uint64_t oas = FIELD_GET(IDR5_OAS, r[5]);

	if (ttf != TTF_AARCH64)
		return "IDR0.TTF must be 2: there are no AArch32 tables";
	if (!(r[0] & (IDR0_S1P | IDR0_S2P)))
		return "IDR0 has neither S1P nor S2P";
	if (!(r[5] & (small | IDR5_GRAN64K)))
		return "IDR5 has no granule";
	if (FIELD_GET(IDR0_HTTU, r[0]) > 2)
		return "IDR0.HTTU is at most 2";
	if (FIELD_GET(IDR0_STALL_MODEL, r[0]) > STALL_FORCED)
		return "IDR0.STALL_MODEL is at most 2";
	if (FIELD_GET(IDR1_SIDSIZE, r[1]) > 32)
		return "IDR1.SIDSIZE is at most 32";
	if (FIELD_GET(IDR1_SSIDSIZE, r[1]) > 20)
		return "IDR1.SSIDSIZE is at most 20";
	/* 6.3.2. */
	if (FIELD_GET(IDR1_SIDSIZE, r[1]) >= 7 &&
	    FIELD_GET(IDR0_ST_LEVEL, r[0]) == 0)
		return "IDR1.SIDSIZE of 7 and more needs IDR0.ST_LEVEL";
	/* 6.3.6. */
	if (oas > 6 || vax > 1)
		return "IDR5 has addresses of more than 52 bits";
	if ((r[5] & IDR5_DS) && vax == 0)
		return "IDR5.DS needs VAX";
	if ((oas == 6 || vax != 0) && !(r[5] & (IDR5_DS | IDR5_GRAN64K)))
		return "IDR5: 52-bit addresses need GRAN64K or DS";
	return NULL;
}

const char *dmasim_smmu_config_fault(const struct dmasim_smmu_config *cfg)
{
	const struct smmu_profile *p =
	        cfg ? smmu_profile_get(cfg->profile) : NULL;
	struct smmu_caps caps;
	uint32_t r[REGISTERS];

	if (!p)
		return "there is no such profile";
	if (smmu_caps_init(&caps, p, cfg) != DMASIM_OK)
		return "a size that no field of IDRn can hold, or two pages of "
		       "registers at one place";
	for (unsigned i = 0; i < SMMU_IDRS; i++) {
		r[i] = caps.idr[i];
		r[S_(i)] = caps.s_idr[i];
	}
	for (unsigned i = 0; i < REGISTERS; i++)
		if (r[i] & ~model[i].bits)
			return model[i].beyond;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		if ((r[rules[i].reg] & rules[i].field) &&
		    (r[rules[i].other] & rules[i].needs) != rules[i].needs)
			return rules[i].text;
	return reserved_values(r);
}
