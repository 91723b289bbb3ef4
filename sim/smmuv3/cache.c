/* SPDX-License-Identifier: MIT */
/* Keys of the configuration caches: set-associative, oldest out first. */
#include <stdlib.h>

#include "smmuv3_internal.h"

int smmu_cache_init(struct smmu_cache *c, uint32_t entries)
{
	if (entries == 0)
		return DMASIM_OK;
	c->sets = 1;
	while (c->sets * SMMU_CACHE_WAYS < entries)
		c->sets *= 2;
	c->key = calloc(c->sets, SMMU_CACHE_WAYS * sizeof(*c->key));
	c->next = calloc(c->sets, sizeof(*c->next));
	return c->key && c->next ? DMASIM_OK : DMASIM_E_NOMEM;
}

void smmu_cache_free(struct smmu_cache *c)
{
	free(c->key);
	free(c->next);
}

uint32_t smmu_cache_slots(const struct smmu_cache *c)
{
	return c->sets * SMMU_CACHE_WAYS;
}

/* Streams in a row have sets in a row, and so have their SubstreamIDs, which
 * are the low 20 bits of the keys of CDs. */
static uint32_t set_of(const struct smmu_cache *c, uint64_t key)
{
	return (uint32_t)((key >> 20) + 7 * (key & 0xfffff)) & (c->sets - 1);
}

uint32_t smmu_cache_find(const struct smmu_cache *c, uint64_t key)
{
	uint32_t first = set_of(c, key) * SMMU_CACHE_WAYS;

	if (c->sets == 0)
		return SMMU_NO_SLOT;
	for (uint32_t i = first; i < first + SMMU_CACHE_WAYS; i++)
		if (c->key[i] == key)
			return i;
	return SMMU_NO_SLOT;
}

uint32_t smmu_cache_add(struct dmasim_smmu *s, struct smmu_cache *c,
                        uint64_t key)
{
	uint32_t set = set_of(c, key), slot = smmu_cache_find(c, key);

	if (c->sets == 0)
		return SMMU_NO_SLOT;
	for (uint32_t i = 0; slot == SMMU_NO_SLOT && i < SMMU_CACHE_WAYS; i++)
		if (c->key[set * SMMU_CACHE_WAYS + i] == 0)
			slot = set * SMMU_CACHE_WAYS + i;
	if (slot == SMMU_NO_SLOT) {
		const struct dmasim_choice_query q = {
		        .point = DMASIM_CHOICE_VICTIM_WAY,
		        .alternatives = SMMU_CACHE_WAYS,
		        .preferred = c->next[set],
		        .who = s->name,
		        .where = set,
		};
		uint32_t way = dmasim_choose(s->cfg.choice, &q);

		slot = set * SMMU_CACHE_WAYS + way;
		c->next[set] = (uint8_t)((way + 1) % SMMU_CACHE_WAYS);
	}
	c->key[slot] = key;
	c->touched = true;
	return slot;
}

void smmu_cache_drop(struct smmu_cache *c, uint64_t key)
{
	uint32_t slot = smmu_cache_find(c, key);

	if (slot != SMMU_NO_SLOT)
		c->key[slot] = 0;
}

void smmu_cache_clear(struct smmu_cache *c)
{
	if (!c->touched)
		return;
	c->touched = false;
	for (uint32_t i = 0; i < smmu_cache_slots(c); i++)
		c->key[i] = 0;
	for (uint32_t i = 0; i < c->sets; i++)
		c->next[i] = 0;
}

void smmu_cache_save(const struct smmu_cache *c, struct dmasim_writer *w)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < smmu_cache_slots(c); i++)
		used += c->key[i] != 0;
	dmasim_put_u32(w, c->sets);
	for (uint32_t i = 0; i < c->sets; i++)
		dmasim_put_u8(w, c->next[i]);
	dmasim_put_u32(w, used);
	for (uint32_t i = 0; i < smmu_cache_slots(c); i++) {
		if (c->key[i] == 0)
			continue;
		dmasim_put_u32(w, i);
		dmasim_put_u64(w, c->key[i]);
	}
}

void smmu_cache_restore(struct smmu_cache *c, struct dmasim_reader *r)
{
	uint32_t used;

	smmu_cache_clear(c);
	if (dmasim_get_u32(r) != c->sets) {
		dmasim_reader_fail(r, "configuration cache of another size");
		return;
	}
	for (uint32_t i = 0; i < c->sets; i++) {
		c->next[i] = dmasim_get_u8(r);
		if (c->next[i] >= SMMU_CACHE_WAYS) {
			c->next[i] = 0;
			dmasim_reader_fail(r, "cache: no such way");
			return;
		}
	}
	used = dmasim_get_count(r, smmu_cache_slots(c), 12);
	c->touched = true;
	for (uint32_t i = 0; i < used; i++) {
		uint32_t slot = dmasim_get_u32(r);
		uint64_t key = dmasim_get_u64(r);

		if (key == 0 || slot / SMMU_CACHE_WAYS != set_of(c, key) ||
		    c->key[slot] != 0 ||
		    smmu_cache_find(c, key) != SMMU_NO_SLOT) {
			dmasim_reader_fail(r, "cache entry %u is not sound", i);
			return;
		}
		c->key[slot] = key;
	}
}
