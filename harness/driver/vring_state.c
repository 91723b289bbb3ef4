/* SPDX-License-Identifier: MIT */
/* Saved virtqueues, driver side: where the ring lies, free descriptors and
 * indexes. */
#include <stdlib.h>
#include <string.h>

#include "vring_internal.h"

#define VRING_TAG     "VRDR"
#define VRING_VERSION 1u

int dmasim_vring_save(const struct dmasim_vring *v, struct dmasim_writer *w)
{
	if (!v || !w)
		return DMASIM_E_INVAL;
	dmasim_put_begin(w, VRING_TAG, VRING_VERSION);
	dmasim_put_u32(w, v->cfg.size);
	dmasim_put_u8(w, v->cfg.legacy);
	dmasim_put_u64(w, v->va);
	dmasim_put_u64(w, v->dma);
	dmasim_put_u64(w, v->pa);
	for (unsigned i = 0; i < v->cfg.size; i++) {
		dmasim_put_u32(w, v->slots[i].next);
		dmasim_put_u32(w, v->slots[i].count);
	}
	dmasim_put_u32(w, v->free_head);
	dmasim_put_u32(w, v->free_count);
	dmasim_put_u32(w, v->avail_idx);
	dmasim_put_u32(w, v->last_used);
	dmasim_put_u32(w, v->used_seen);
	dmasim_put_u8(w, v->broken);
	dmasim_put_string(w, v->error);
	dmasim_put_end(w);
	return DMASIM_OK;
}

static uint16_t get_index(struct dmasim_reader *r, uint32_t max)
{
	uint32_t v = dmasim_get_u32(r);

	if (v > max)
		dmasim_reader_fail(r, "index %u, at most %u", v, max);
	return (uint16_t)v;
}

/** Follow @count descriptors from @head; each belongs to one chain only. */
static bool claim_chain(const struct dmasim_vring *v, uint8_t *claimed,
                        uint16_t head, uint16_t count)
{
	for (uint16_t n = 0; n < count; n++) {
		if (head >= v->cfg.size || claimed[head])
			return false;
		claimed[head] = 1;
		head = v->slots[head].next;
	}
	return true;
}

/** Every descriptor is free or part of one chain. */
static int check_chains(const struct dmasim_vring *v, struct dmasim_reader *r)
{
	uint8_t *claimed = calloc(1, v->cfg.size);
	uint32_t sum = v->free_count;
	bool good;

	if (!claimed)
		return DMASIM_E_NOMEM;
	good = claim_chain(v, claimed, v->free_head, v->free_count);
	for (unsigned i = 0; i < v->cfg.size && good; i++) {
		sum += v->slots[i].count;
		good = claim_chain(v, claimed, (uint16_t)i, v->slots[i].count);
	}
	free(claimed);
	if (!good || sum != v->cfg.size)
		return dmasim_reader_fail(r, "descriptors in two chains, or "
		                             "in none");
	return DMASIM_OK;
}

static void get_fields(struct dmasim_vring *v, struct dmasim_reader *r)
{
	v->va = dmasim_get_u64(r);
	v->dma = dmasim_get_u64(r);
	v->pa = dmasim_get_u64(r);
	if (!drv_state_pages(v->guest, v->pa, v->layout.total))
		dmasim_reader_fail(r, "a ring at 0x%llx",
		                   (unsigned long long)v->pa);
	for (unsigned i = 0; i < v->cfg.size; i++) {
		v->slots[i].next = get_index(r, v->cfg.size);
		v->slots[i].count = get_index(r, v->cfg.size);
	}
	v->free_head = get_index(r, v->cfg.size);
	v->free_count = get_index(r, v->cfg.size);
	v->avail_idx = get_index(r, UINT16_MAX);
	v->last_used = get_index(r, UINT16_MAX);
	v->used_seen = get_index(r, UINT16_MAX);
	v->broken = dmasim_get_u8(r) != 0;
	dmasim_get_string(r, v->error, sizeof(v->error));
}

int drv_vring_parse(const struct dmasim_vring *v, struct dmasim_reader *r,
                    struct dmasim_vring *fresh)
{
	int rc;

	*fresh = *v;
	fresh->slots = calloc(v->cfg.size, sizeof(*fresh->slots));
	if (!fresh->slots)
		return DMASIM_E_NOMEM;
	dmasim_get_begin(r, VRING_TAG, VRING_VERSION);
	if (dmasim_get_u32(r) != v->cfg.size ||
	    dmasim_get_u8(r) != v->cfg.legacy)
		dmasim_reader_fail(r, "a virtqueue of another layout");
	get_fields(fresh, r);
	dmasim_get_end(r);
	rc = dmasim_reader_status(r);
	if (!rc)
		rc = check_chains(fresh, r);
	if (rc)
		free(fresh->slots);
	return rc;
}

void drv_vring_commit(struct dmasim_vring *v, const struct dmasim_vring *fresh)
{
	uint64_t old = v->pa;

	free(v->slots);
	*v = *fresh;
	/* Names of fields follow the ring. */
	if (v->pa != old && v->guest->checker) {
		dmasim_unname_region(v->guest->checker, old, v->layout.total);
		(void)drv_vring_name(v);
	}
}

int dmasim_vring_restore(struct dmasim_vring *v, struct dmasim_reader *r)
{
	struct dmasim_vring fresh;
	int rc;

	if (!v || !r)
		return DMASIM_E_INVAL;
	rc = drv_vring_parse(v, r, &fresh);
	if (!rc)
		drv_vring_commit(v, &fresh);
	return rc;
}
