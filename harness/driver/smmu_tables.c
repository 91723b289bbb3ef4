/* SPDX-License-Identifier: MIT */
/* Stream table and context descriptors, written by CPU stores. */
#include <stdio.h>
#include <stdlib.h>

#include "smmu_drv_internal.h"

#define STE_BYTES ((uint32_t)HW_STE_SIZE)

struct ste {
	uint64_t word[HW_STE_SIZE / 8];
};

static struct ste plain_ste(unsigned config)
{
	return (struct ste){{HW_STE0_V | HW_PREP(HW_STE0_CONFIG, config),
	                     HW_PREP(HW_STE1_SHCFG, HW_SHCFG_IN)}};
}

static int store_word(struct dmasim_smmu_drv *d, uint64_t va, unsigned word,
                      uint64_t value, struct dmasim_origin origin)
{
	return dmasim_cpu_put(d->guest->cpu, va + 8 * word, 8, value, origin);
}

/** Every stream without a domain: abort or bypass. */
static int fill_stes(struct dmasim_smmu_drv *d, uint64_t va, uint64_t count)
{
	struct ste ste = plain_ste(d->cfg.bypass_by_default ? HW_CONFIG_BYP
	                                                    : HW_CONFIG_ABORT);
	uint8_t bytes[HW_STE_SIZE];
	int rc = DMASIM_OK;

	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(ste.word[i / 8] >> (8 * (i % 8)));
	for (uint64_t i = 0; i < count && !rc; i++)
		rc = dmasim_cpu_write(d->guest->cpu, va + i * STE_BYTES, bytes,
		                      STE_BYTES, DMASIM_AT("initial STE"));
	return rc;
}

int drv_smmu_strtab_alloc(struct dmasim_smmu_drv *d)
{
	unsigned l1;
	int rc;

	if (d->two_level) {
		l1 = d->sid_bits - SMMU_SPLIT;
		if (l1 > SMMU_L1_LOG2_MAX)
			l1 = SMMU_L1_LOG2_MAX;
		d->strtab_log2 = l1 + SMMU_SPLIT;
		return drv_smmu_mem_alloc(d, 8ull << l1,
		                          "stream table, level 1", &d->strtab);
	}
	d->strtab_log2 = d->sid_bits > SMMU_LINEAR_LOG2_MAX
	                         ? SMMU_LINEAR_LOG2_MAX
	                         : d->sid_bits;
	rc = drv_smmu_mem_alloc(d, (uint64_t)STE_BYTES << d->strtab_log2,
	                        "stream table", &d->strtab);
	return rc ? rc : fill_stes(d, d->strtab.va, 1ull << d->strtab_log2);
}

int drv_smmu_strtab_free(struct dmasim_smmu_drv *d)
{
	int first = DMASIM_OK, rc;

	for (size_t i = 0; i < d->l2_count; i++) {
		rc = drv_smmu_mem_free(d, &d->l2[i].mem);
		first = first ? first : rc;
	}
	free(d->l2);
	rc = drv_smmu_mem_free(d, &d->strtab);
	return first ? first : rc;
}

uint64_t drv_smmu_strtab_cfg(const struct dmasim_smmu_drv *d)
{
	uint64_t cfg = HW_PREP(HW_STRTAB_CFG_LOG2, d->strtab_log2);

	if (d->two_level)
		cfg |= HW_PREP(HW_STRTAB_CFG_FMT, HW_STRTAB_2LEVEL) |
		       HW_PREP(HW_STRTAB_CFG_SPLIT, SMMU_SPLIT);
	return cfg;
}

/** A second-level table, complete before the first level points to it. */
static int l2_alloc(struct dmasim_smmu_drv *d, uint32_t index)
{
	struct smmu_l2 l2 = {.index = index};
	char what[48];
	int rc = drv_grow(&d->l2, &d->l2_cap, d->l2_count + 1, sizeof(*d->l2));

	if (rc)
		return rc;
	(void)snprintf(what, sizeof(what), "stream table, level 2, entry %u",
	               index);
	rc = drv_smmu_mem_alloc(d, (uint64_t)STE_BYTES << SMMU_SPLIT, what,
	                        &l2.mem);
	if (rc)
		return rc;
	d->l2[d->l2_count++] = l2;
	rc = fill_stes(d, l2.mem.va, 1ull << SMMU_SPLIT);
	if (!rc)
		rc = dmasim_cpu_barrier(d->guest->cpu, DMASIM_DMB_ST,
		                        DMASIM_AT("before the L1STD"));
	/* 5.1: Span s means 2^(s - 1) STEs. */
	return rc ? rc
	          : store_word(d, d->strtab.va, index,
	                       l2.mem.dma |
	                               HW_PREP(HW_L1STD_SPAN, SMMU_SPLIT + 1),
	                       DMASIM_AT("L1STD"));
}

static const struct smmu_mem *l2_find(const struct dmasim_smmu_drv *d,
                                      uint32_t index)
{
	for (size_t i = 0; i < d->l2_count; i++) {
		if (d->l2[i].index == index)
			return &d->l2[i].mem;
	}
	return NULL;
}

int drv_smmu_ste(struct dmasim_smmu_drv *d, uint32_t sid, bool alloc,
                 uint64_t *va, uint64_t *pa)
{
	const struct smmu_mem *table = &d->strtab;
	uint64_t index = sid;

	if ((uint64_t)sid >> d->strtab_log2)
		return DMASIM_E_RANGE;
	if (d->two_level) {
		table = l2_find(d, sid >> SMMU_SPLIT);
		index = sid & ((1u << SMMU_SPLIT) - 1);
	}
	if (!table && alloc) {
		int rc = l2_alloc(d, sid >> SMMU_SPLIT);

		if (rc)
			return rc;
		table = l2_find(d, sid >> SMMU_SPLIT);
	}
	if (!table)
		return DMASIM_E_NOTFOUND;
	*va = table->va + index * STE_BYTES;
	*pa = table->pa + index * STE_BYTES;
	return DMASIM_OK;
}

/** An STE changed: the SMMU may hold it, even as an invalid one. */
static int sync_ste(struct dmasim_smmu_drv *d, uint32_t sid)
{
	const struct smmu_cmd cmd = {
	        {HW_CMD_CFGI_STE | HW_PREP(HW_CMD0_SID, sid), HW_CMD1_LEAF}};

	return drv_smmu_issue(d, &cmd, 1, true);
}

int drv_smmu_ste_plain(struct dmasim_smmu_drv *d, uint32_t sid, unsigned config)
{
	struct ste ste = plain_ste(config);
	uint64_t va, pa;
	int rc = drv_smmu_ste(d, sid, true, &va, &pa);

	for (unsigned i = 0; i < 3 && !rc; i++)
		rc = store_word(d, va, i, ste.word[i],
		                DMASIM_AT("STE, abort or bypass"));
	return rc ? rc : sync_ste(d, sid);
}

/* 3.21.3: what word 0 makes valid is visible before word 0 is. */
int drv_smmu_ste_stage1(struct dmasim_smmu_drv *d, uint32_t sid,
                        const struct smmu_domain *domain)
{
	const struct smmu_cmd prefetch = {
	        {HW_CMD_PREFETCH_CONFIG | HW_PREP(HW_CMD0_SID, sid), 0}};
	uint64_t word0 = HW_STE0_V | HW_PREP(HW_STE0_CONFIG, HW_CONFIG_S1) |
	                 domain->cd.dma;
	uint64_t word1 = HW_PREP(HW_STE1_S1DSS, HW_S1DSS_SSID0) |
	                 HW_PREP(HW_STE1_S1CIR, HW_RGN_WBWA) |
	                 HW_PREP(HW_STE1_S1COR, HW_RGN_WBWA) |
	                 HW_PREP(HW_STE1_S1CSH, HW_SH_ISH);
	uint64_t va, pa;
	int rc = drv_smmu_ste(d, sid, true, &va, &pa);

	/* No device here can live with a stalled transaction. */
	if (d->stall)
		word1 |= HW_STE1_S1STALLD;
	if (!rc)
		rc = store_word(d, va, 1, word1, DMASIM_AT("STE word 1"));
	if (!rc)
		rc = sync_ste(d, sid);
	if (!rc)
		rc = store_word(d, va, 0, word0, DMASIM_AT("STE word 0"));
	if (!rc)
		rc = sync_ste(d, sid);
	return rc ? rc : drv_smmu_issue(d, &prefetch, 1, false);
}

/** 6.3.6: the encoding of an output address size. */
static uint64_t ips(unsigned bits)
{
	static const uint8_t sizes[] = {32, 36, 40, 42, 44};
	uint64_t code = 0;

	while (code < sizeof(sizes) && sizes[code] != bits)
		code++;
	return code;
}

int drv_smmu_cd_write(struct dmasim_smmu_drv *d,
                      const struct smmu_domain *domain)
{
	const uint64_t word0 = HW_PREP(HW_CD_T0SZ, 64 - SMMU_VA_BITS) |
	                       HW_PREP(HW_CD_IR0, HW_RGN_WBWA) |
	                       HW_PREP(HW_CD_OR0, HW_RGN_WBWA) |
	                       HW_PREP(HW_CD_SH0, HW_SH_ISH) | HW_CD_EPD1 |
	                       HW_CD_V | HW_PREP(HW_CD_IPS, ips(d->oas_bits)) |
	                       HW_CD_AA64 | HW_CD_R | HW_CD_A | HW_CD_ASET |
	                       HW_PREP(HW_CD_ASID, domain->asid);
	uint64_t va = domain->cd.va;
	int rc = store_word(d, va, 1, domain->root, DMASIM_AT("CD TTB0"));

	if (!rc)
		rc = store_word(d, va, 3, HW_MAIR, DMASIM_AT("CD MAIR"));
	/* No stream uses the CD yet: there is nothing to invalidate, and the
	 * CMD_SYNC alone orders the words. */
	if (!rc)
		rc = drv_smmu_issue(d, NULL, 0, true);
	if (!rc)
		rc = store_word(d, va, 0, word0, DMASIM_AT("CD word 0"));
	return rc ? rc : drv_smmu_issue(d, NULL, 0, true);
}
