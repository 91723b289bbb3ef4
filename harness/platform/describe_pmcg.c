/* SPDX-License-Identifier: MIT */
/* Counter groups of SMMUs (`arm,smmu-v3-pmcg`). */
#include "plat_internal.h"

/* The binding does not say which SMMU a group belongs to: our own property
 * does, unless there is one only. */
static int find_smmu(struct plat_desc *d, int node, size_t *smmu)
{
	const struct plat_tree *t = &d->tree;
	uint32_t phandle = 0;
	int status, target;

	*smmu = 0;
	if (!plat_has(t, node, "dmasim,smmu")) {
		if (d->smmu_count == 1)
			return DMASIM_OK;
		return plat_fail(t, node,
		                 "dmasim,smmu: missing, and there are %zu "
		                 "SMMUs",
		                 d->smmu_count);
	}
	status = plat_u32(t, node, "dmasim,smmu", &phandle);
	if (status == DMASIM_OK)
		status = plat_target(t, node, "dmasim,smmu", phandle, &target);
	if (status != DMASIM_OK)
		return status;
	while (*smmu < d->smmu_count && d->smmu[*smmu].node != target)
		++*smmu;
	if (*smmu == d->smmu_count)
		return plat_fail(t, node, "dmasim,smmu: 0x%x is no SMMU",
		                 phandle);
	return DMASIM_OK;
}

static int own_properties(const struct plat_tree *t, int node,
                          struct dmasim_smmu_pmcg_config *cfg)
{
	uint32_t counters = 4, bits = 64;
	int status = plat_u32(t, node, "dmasim,counters", &counters);

	if (status == DMASIM_OK)
		status = plat_u32(t, node, "dmasim,counter-bits", &bits);
	if (status == DMASIM_OK)
		status = plat_u64(t, node, "dmasim,cycle-ps", &cfg->cycle);
	if (status != DMASIM_OK)
		return status;
	if (counters < 1 || counters > 64)
		return plat_fail(t, node, "dmasim,counters: %u, 1 to 64",
		                 counters);
	switch (bits) {
	case 32:
	case 36:
	case 40:
	case 44:
	case 48:
	case 64:
		break;
	default:
		return plat_fail(t, node,
		                 "dmasim,counter-bits: %u is none of 32, 36, "
		                 "40, 44, 48, 64",
		                 bits);
	}
	cfg->counters = (uint8_t)counters;
	cfg->counter_bits = (uint8_t)bits;
	return DMASIM_OK;
}

/* Page 0, and page 1 if there is one. */
static int pages(struct plat_desc *d, int node, struct plat_pmcg_desc *e)
{
	const struct plat_tree *t = &d->tree;
	uint64_t size;
	int status;

	for (uint32_t i = 0; i < 2; i++) {
		status = plat_reg(t, node, i, &e->page[i], &size);
		if (status == DMASIM_E_NOTFOUND && i == 1)
			return DMASIM_OK;
		if (status != DMASIM_OK)
			return status;
		if (size < DMASIM_SMMU_PMCG_SIZE)
			return plat_fail(t, node,
			                 "reg: 0x%llx bytes, too small",
			                 (unsigned long long)size);
		status = plat_claim(d, node, "counters", e->page[i],
		                    DMASIM_SMMU_PMCG_SIZE);
		if (status != DMASIM_OK)
			return status;
	}
	e->cfg.page1 = true;
	return DMASIM_OK;
}

static int describe_group(struct plat_desc *d, int node)
{
	const struct plat_tree *t = &d->tree;
	struct plat_smmu_desc *s;
	struct plat_pmcg_desc *e;
	size_t smmu;
	int status = find_smmu(d, node, &smmu);

	if (status != DMASIM_OK)
		return status;
	s = &d->smmu[smmu];
	if (s->pmcgs == DMASIM_SMMU_PMCGS)
		return plat_fail(t, node,
		                 "more than %u counter groups of one SMMU",
		                 DMASIM_SMMU_PMCGS);
	e = &s->pmcg[s->pmcgs];
	*e = (struct plat_pmcg_desc){.node = node};
	status = pages(d, node, e);
	if (status == DMASIM_OK)
		status = plat_interrupt(t, node, 0, &e->line);
	if (status == DMASIM_E_NOTFOUND) {
		e->line = PLAT_NO_LINE;
		status = DMASIM_OK;
	}
	if (status == DMASIM_OK)
		status = own_properties(t, node, &e->cfg);
	if (status == DMASIM_OK)
		s->pmcgs++;
	return status;
}

int plat_describe_counters(struct plat_desc *d)
{
	const struct plat_tree *t = &d->tree;
	int status = DMASIM_OK;

	for (int i = 0; i < t->count && status == DMASIM_OK; i++)
		if (t->nodes[i].enabled &&
		    plat_compatible(t, i, "arm,smmu-v3-pmcg"))
			status = describe_group(d, i);
	return status;
}
