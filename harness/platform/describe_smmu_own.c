/* SPDX-License-Identifier: MIT */
/* What an SMMU implements: our own properties of its node. */
#include <stdio.h>

#include "plat_internal.h"

static int sizes(const struct plat_tree *t, int node, struct plat_smmu_desc *s)
{
	uint32_t ssid = UINT32_MAX;
	int status = plat_u32(t, node, "dmasim,output-bits", &s->oas_bits);

	if (status == DMASIM_OK)
		status = plat_u32(t, node, "dmasim,stream-id-bits",
		                  &s->sid_bits);
	if (status == DMASIM_OK)
		status = plat_u32(t, node, "dmasim,substream-id-bits", &ssid);
	if (status != DMASIM_OK)
		return status;
	switch (s->oas_bits) {
	case 0:
	case 32:
	case 36:
	case 40:
	case 42:
	case 44:
	case 48:
	case 52:
		break;
	default:
		return plat_fail(t, node,
		                 "dmasim,output-bits: %u is none of 32, 36, "
		                 "40, 42, 44, 48, 52",
		                 s->oas_bits);
	}
	if (s->sid_bits > 32)
		return plat_fail(t, node,
		                 "dmasim,stream-id-bits: %u, at most 32",
		                 s->sid_bits);
	if (ssid == UINT32_MAX)
		return DMASIM_OK;
	if (ssid > 20)
		return plat_fail(t, node,
		                 "dmasim,substream-id-bits: %u, at most 20",
		                 ssid);
	s->ssid_bits_plus1 = ssid + 1;
	return DMASIM_OK;
}

/** One property for each register: "dmasim,idr0" and so on. */
static int registers(const struct plat_tree *t, int node, const char *prefix,
                     uint32_t reg[PLAT_IDRS], uint8_t *valid)
{
	for (unsigned i = 0; i < PLAT_IDRS; i++) {
		char name[32];
		int status;

		snprintf(name, sizeof(name), "dmasim,%s%u", prefix, i);
		if (!plat_has(t, node, name))
			continue;
		status = plat_u32(t, node, name, &reg[i]);
		if (status != DMASIM_OK)
			return status;
		*valid = (uint8_t)(*valid | 1u << i);
	}
	return DMASIM_OK;
}

static int cache(const struct plat_tree *t, int node, const char *name,
                 uint32_t most, uint32_t *entries)
{
	int status = plat_u32(t, node, name, entries);

	if (status != DMASIM_OK || !plat_has(t, node, name))
		return status;
	if (*entries == 0 || *entries > most)
		return plat_fail(t, node, "%s: %u, 1 to %u", name, *entries,
		                 most);
	return DMASIM_OK;
}

static int caches(const struct plat_tree *t, int node, struct plat_smmu_desc *s)
{
	int status =
	        cache(t, node, "dmasim,tlb-entries", 1u << 20, &s->tlb_entries);

	if (status == DMASIM_OK)
		status = cache(t, node, "dmasim,walk-entries", 1u << 20,
		               &s->walk_entries);
	if (status == DMASIM_OK)
		status = cache(t, node, "dmasim,config-entries", 1u << 16,
		               &s->config_entries);
	return status;
}

void plat_smmu_config(const struct plat_smmu_desc *s,
                      struct dmasim_smmu_config *cfg)
{
	cfg->coherent = s->port != DMASIM_PORT_NONCOHERENT;
	cfg->oas_bits = (uint8_t)s->oas_bits;
	cfg->sid_bits = (uint8_t)s->sid_bits;
	cfg->ssid_bits_plus1 = (uint8_t)s->ssid_bits_plus1;
	cfg->idr_valid = s->idr_valid;
	cfg->s_idr_valid = s->s_idr_valid;
	for (unsigned i = 0; i < PLAT_IDRS; i++) {
		cfg->idr[i] = s->idr[i];
		cfg->s_idr[i] = s->s_idr[i];
	}
	/* COHACC is the platform's. */
	cfg->idr[0] &= ~PLAT_IDR0_COHACC;
	if (cfg->coherent)
		cfg->idr[0] |= PLAT_IDR0_COHACC;
	cfg->tlb_entries = s->tlb_entries;
	cfg->walk_entries = s->walk_entries;
	cfg->config_entries = s->config_entries;
}

int plat_describe_smmu_own(const struct plat_tree *t, int node,
                           struct plat_smmu_desc *s)
{
	struct dmasim_smmu_config cfg = {.profile = DMASIM_SMMU_ARCH};
	const char *profile, *fault = NULL;
	int status = plat_string(t, node, "dmasim,profile", &profile);

	if (status != DMASIM_OK)
		return status;
	if (profile &&
	    dmasim_smmu_profile_parse(profile, &cfg.profile) != DMASIM_OK)
		return plat_fail(t, node,
		                 "dmasim,profile: '%s' is none "
		                 "of " DMASIM_SMMU_PROFILE_NAMES,
		                 profile);
	s->profile = cfg.profile;
	status = sizes(t, node, s);
	if (status == DMASIM_OK)
		status = registers(t, node, "idr", s->idr, &s->idr_valid);
	if (status == DMASIM_OK)
		status = registers(t, node, "s-idr", s->s_idr, &s->s_idr_valid);
	if (status == DMASIM_OK)
		status = caches(t, node, s);
	if (status != DMASIM_OK)
		return status;
	plat_smmu_config(s, &cfg);
	if (s->idr_valid || s->s_idr_valid)
		fault = dmasim_smmu_config_fault(&cfg);
	if (fault)
		return plat_fail(t, node, "dmasim,%sidr: %s",
		                 fault[0] == 'S' ? "s-" : "", fault);
	return dmasim_smmu_regs_size(&cfg, &s->frame);
}
