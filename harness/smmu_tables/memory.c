/* SPDX-License-Identifier: MIT */
/* Words of RAM, and the memory that tables are made of. */
#include "dmasim/smmu_tables.h"

#include <string.h>

#define CHUNK 4096u

int dmasim_tables_alloc(struct dmasim_tables *t, uint64_t size, uint64_t align,
                        uint64_t *pa)
{
	static const uint8_t zeroes[CHUNK];
	uint64_t at;

	*pa = 0;
	if (size == 0 || align == 0 || (align & (align - 1)) != 0)
		return DMASIM_E_INVAL;
	at = (t->next + align - 1) & ~(align - 1);
	if (at < t->next || at > t->end || size > t->end - at)
		return DMASIM_E_FULL;
	for (uint64_t done = 0; done < size; done += CHUNK) {
		uint64_t left = size - done;
		size_t n = left < CHUNK ? (size_t)left : CHUNK;
		int rc = dmasim_map_load(t->map, at + done, zeroes, n);

		if (rc != DMASIM_OK)
			return rc;
	}
	t->next = at + size;
	*pa = at;
	return DMASIM_OK;
}

int dmasim_tables_get(const struct dmasim_tables *t, uint64_t pa,
                      uint64_t *value)
{
	uint8_t b[8];
	int rc = dmasim_map_peek(t->map, pa, b, sizeof(b));

	*value = 0;
	if (rc != DMASIM_OK)
		return rc;
	for (unsigned i = 0; i < sizeof(b); i++)
		*value |= (uint64_t)b[i] << (8 * i);
	return DMASIM_OK;
}

int dmasim_tables_set(const struct dmasim_tables *t, uint64_t pa,
                      uint64_t value)
{
	uint8_t b[8];

	for (unsigned i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)(value >> (8 * i));
	return dmasim_map_load(t->map, pa, b, sizeof(b));
}
