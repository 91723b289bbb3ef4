/* SPDX-License-Identifier: MIT */
/*
 * Translation tables of stage 1: 4 KiB granule, 48 bits, four levels, with
 * blocks at levels 1 and 2. Tables lie in the linear map; an SMMU that is not
 * coherent gets each descriptor cleaned to memory.
 */
#include "smmu_drv_internal.h"

#define PT_LAST_LEVEL 3

/** Input address bits below those that index level @level. */
static unsigned level_shift(int level)
{
	return DRV_PAGE_SHIFT + 9 * (unsigned)(PT_LAST_LEVEL - level);
}

static uint64_t level_size(int level)
{
	return 1ull << level_shift(level);
}

static uint64_t descriptor_pa(uint64_t table, uint64_t iova, int level)
{
	return table + ((iova >> level_shift(level)) & 511) * 8;
}

static int sync_table(struct dmasim_smmu_drv *d, uint64_t pa, uint64_t size,
                      struct dmasim_origin origin)
{
	struct dmasim_cpu *cpu = d->guest->cpu;
	int rc;

	if (d->info.coherent)
		return DMASIM_OK;
	rc = dmasim_cpu_maintain(cpu, DMASIM_CLEAN, drv_va(pa), size, origin);
	return rc ? rc : dmasim_cpu_barrier(cpu, DMASIM_DSB, origin);
}

static int read_descriptor(struct dmasim_smmu_drv *d, uint64_t pa, uint64_t *v)
{
	return dmasim_cpu_get(d->guest->cpu, drv_va(pa), 8, v,
	                      DMASIM_AT("table descriptor"));
}

static int write_leaf(struct dmasim_smmu_drv *d, uint64_t pa, uint64_t value)
{
	int rc = dmasim_cpu_put(d->guest->cpu, drv_va(pa), 8, value,
	                        DMASIM_AT("leaf descriptor"));

	return rc ? rc
	          : sync_table(d, pa, 8, DMASIM_AT("leaf descriptor, clean"));
}

int drv_smmu_table_alloc(struct dmasim_smmu_drv *d, struct smmu_domain *domain,
                         uint64_t *pa)
{
	int rc = drv_grow(&domain->pages, &domain->page_cap,
	                  domain->page_count + 1, sizeof(*domain->pages));

	if (!rc)
		rc = drv_guest_alloc_below(d->guest, DRV_PAGE_SIZE,
		                           DRV_PAGE_SIZE,
		                           (1ull << d->oas_bits) - 1, pa);
	if (rc)
		return rc;
	domain->pages[domain->page_count++] = *pa;
	rc = drv_smmu_name(d, *pa, DRV_PAGE_SIZE, "translation table");
	return rc ? rc
	          : sync_table(d, *pa, DRV_PAGE_SIZE,
	                       DMASIM_AT("new table, clean"));
}

/** Install a table in an empty descriptor, which another CPU may fill at the
 * same time. */
static int install_table(struct dmasim_smmu_drv *d, uint64_t pa, uint64_t table)
{
	uint64_t value = table | HW_PTE_TABLE;
	uint8_t data[16] = {0}; /* the new value; the old one must be 0 */
	int rc;

	for (unsigned i = 0; i < 8; i++)
		data[i] = (uint8_t)(value >> (8 * i));
	/* The table's zeros are visible before it is. */
	rc = dmasim_cpu_barrier(d->guest->cpu, DMASIM_DMB_ST,
	                        DMASIM_AT("before the table descriptor"));
	if (!rc)
		rc = dmasim_cpu_atomic(d->guest->cpu, DMASIM_ATOMIC_CAS,
		                       drv_va(pa), data, 8,
		                       DMASIM_AT("table descriptor"));
	return rc ? rc
	          : sync_table(d, pa, 8, DMASIM_AT("table descriptor, clean"));
}

int drv_smmu_walk(struct dmasim_smmu_drv *d, const struct smmu_domain *domain,
                  uint64_t iova, uint64_t *pte_pa, uint64_t *pte, int *level)
{
	uint64_t table = domain->root;

	for (*level = 0;; ++*level) {
		int rc;

		*pte_pa = descriptor_pa(table, iova, *level);
		rc = read_descriptor(d, *pte_pa, pte);
		if (rc)
			return rc;
		if (*level == PT_LAST_LEVEL ||
		    HW_GET(HW_PTE_TYPE, *pte) != HW_PTE_TABLE)
			return DMASIM_OK;
		table = *pte & HW_PTE_ADDR;
	}
}

/** The descriptor at level @target for @iova; tables above it are made as
 * need be. E_EXISTS: a block lies above. */
static int descend(struct dmasim_smmu_drv *d, struct smmu_domain *domain,
                   uint64_t iova, int target, uint64_t *pte_pa)
{
	uint64_t table = domain->root;

	for (int level = 0; level < target; level++) {
		uint64_t pa = descriptor_pa(table, iova, level), pte;
		int rc = read_descriptor(d, pa, &pte);

		if (rc)
			return rc;
		if (!pte) {
			rc = drv_smmu_table_alloc(d, domain, &table);
			if (!rc)
				rc = install_table(d, pa, table);
			if (rc)
				return rc;
		} else if (HW_GET(HW_PTE_TYPE, pte) == HW_PTE_TABLE) {
			table = pte & HW_PTE_ADDR;
		} else {
			return DMASIM_E_EXISTS;
		}
	}
	*pte_pa = descriptor_pa(table, iova, target);
	return DMASIM_OK;
}

/** Map the start of @r with one leaf of level @level. E_OVERLAP: there is a
 * table where the block would go. */
static int map_leaf(struct dmasim_smmu_drv *d, struct smmu_domain *domain,
                    const struct smmu_pt_range *r, int level)
{
	uint64_t type = level == PT_LAST_LEVEL ? HW_PTE_TABLE : HW_PTE_BLOCK;
	uint64_t pa, pte;
	int rc = descend(d, domain, r->iova, level, &pa);

	if (!rc)
		rc = read_descriptor(d, pa, &pte);
	if (rc)
		return rc;
	if (!pte)
		return write_leaf(d, pa, r->pa | r->prot | type);
	if (level < PT_LAST_LEVEL && HW_GET(HW_PTE_TYPE, pte) == HW_PTE_TABLE)
		return DMASIM_E_OVERLAP;
	return DMASIM_E_EXISTS;
}

/** The largest leaf that fits the start of @r. */
static int leaf_level(const struct smmu_pt_range *r)
{
	for (int level = 1; level < PT_LAST_LEVEL; level++) {
		uint64_t size = level_size(level);

		if (r->size >= size && !((r->iova | r->pa) & (size - 1)))
			return level;
	}
	return PT_LAST_LEVEL;
}

int drv_smmu_pt_map(struct dmasim_smmu_drv *d, struct smmu_domain *domain,
                    const struct smmu_pt_range *range)
{
	struct smmu_pt_range r = *range;
	int rc = DMASIM_OK;

	while (r.size && !rc) {
		int level = leaf_level(&r);

		do
			rc = map_leaf(d, domain, &r, level);
		while (rc == DMASIM_E_OVERLAP && ++level <= PT_LAST_LEVEL);
		if (rc)
			break;
		r.iova += level_size(level);
		r.pa += level_size(level);
		r.size -= level_size(level);
	}
	if (rc) {
		/* All or nothing. */
		if (r.iova != range->iova)
			(void)drv_smmu_pt_unmap(d, domain, range->iova,
			                        r.iova - range->iova);
		return rc;
	}
	/* No device learns the address before its descriptors are visible. */
	return dmasim_cpu_barrier(d->guest->cpu, DMASIM_DSB_ST,
	                          DMASIM_AT("after map"));
}

/* Commands gathered before they are handed over. */
struct tlbi_batch {
	struct smmu_cmd cmd[SMMU_BATCH];
	size_t count;
};

static int tlbi_add(struct dmasim_smmu_drv *d, struct tlbi_batch *b,
                    const struct smmu_cmd *cmd)
{
	int rc = DMASIM_OK;

	if (b->count == SMMU_BATCH) {
		rc = drv_smmu_issue(d, b->cmd, b->count, false);
		b->count = 0;
	}
	b->cmd[b->count++] = *cmd;
	return rc;
}

/** 4.4.1: as few range commands as cover @pages. NUM + 1 times 2^SCALE pages
 * each; TTL names the level of the leaves, so that NUM, SCALE and TTL are
 * never all zero. */
static int tlbi_range(struct dmasim_smmu_drv *d, struct tlbi_batch *b,
                      struct smmu_cmd cmd, uint64_t pages, int level)
{
	const uint64_t tg_4k = 1;
	int rc = DMASIM_OK;

	cmd.word[1] |= HW_PREP(HW_CMD1_TG, tg_4k) |
	               HW_PREP(HW_CMD1_TTL, (unsigned)level);
	while (pages && !rc) {
		struct smmu_cmd c = cmd;
		unsigned scale = 0;
		uint64_t num;

		while (!((pages >> scale) & 1))
			scale++;
		num = (pages >> scale) & 31;
		c.word[0] |= HW_PREP(HW_CMD0_SCALE, scale) |
		             HW_PREP(HW_CMD0_NUM, num - 1);
		rc = tlbi_add(d, b, &c);
		pages -= num << scale;
		cmd.word[1] += (num << scale) << DRV_PAGE_SHIFT;
	}
	return rc;
}

/** Invalidate leaves of one size. */
static int tlbi_leaves(struct dmasim_smmu_drv *d, struct tlbi_batch *b,
                       const struct smmu_pt_range *r, uint16_t asid, int level)
{
	struct smmu_cmd cmd = {{HW_CMD_TLBI_NH_VA | HW_PREP(HW_CMD0_ASID, asid),
	                        r->iova | HW_CMD1_LEAF}};
	int rc = DMASIM_OK;

	if (d->range_inval)
		return tlbi_range(d, b, cmd, r->size >> DRV_PAGE_SHIFT, level);
	for (uint64_t done = 0; done < r->size && !rc;
	     done += level_size(level)) {
		rc = tlbi_add(d, b, &cmd);
		cmd.word[1] += level_size(level);
	}
	return rc;
}

/** Clear the leaf at @r->iova; *@level is its level. */
static int unmap_leaf(struct dmasim_smmu_drv *d, struct smmu_domain *domain,
                      const struct smmu_pt_range *r, int *level)
{
	uint64_t pa, pte;
	int rc = drv_smmu_walk(d, domain, r->iova, &pa, &pte, level);

	if (rc)
		return rc;
	if (!(pte & HW_PTE_VALID))
		return DMASIM_E_NOTFOUND;
	/* A block is never split. */
	if (r->size < level_size(*level) || r->iova & (level_size(*level) - 1))
		return DMASIM_E_INVAL;
	return write_leaf(d, pa, 0);
}

int drv_smmu_pt_unmap(struct dmasim_smmu_drv *d, struct smmu_domain *domain,
                      uint64_t iova, uint64_t size)
{
	struct smmu_pt_range left = {.iova = iova, .size = size};
	struct smmu_pt_range run = {.iova = iova};
	struct tlbi_batch batch = {.count = 0};
	int run_level = PT_LAST_LEVEL, level, rc = DMASIM_OK, rc2 = DMASIM_OK;

	/* Leaves of one size in a row are invalidated together. */
	while (left.size) {
		rc = unmap_leaf(d, domain, &left, &level);
		if (rc)
			break;
		if (run.size && level != run_level) {
			rc2 = rc2 ? rc2
			          : tlbi_leaves(d, &batch, &run, domain->asid,
			                        run_level);
			run.iova += run.size;
			run.size = 0;
		}
		run_level = level;
		run.size += level_size(level);
		left.iova += level_size(level);
		left.size -= level_size(level);
	}
	if (run.size && !rc2)
		rc2 = tlbi_leaves(d, &batch, &run, domain->asid, run_level);
	if (left.size != size && !rc2)
		rc2 = drv_smmu_issue(d, batch.cmd, batch.count, true);
	return rc ? rc : rc2;
}
