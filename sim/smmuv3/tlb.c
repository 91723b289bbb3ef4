/* SPDX-License-Identifier: MIT */
/*
 * The TLB. Entries are tagged by StreamWorld, VMID and, unless global, ASID
 * (3.17), never by stream. Tags lie apart from the rest, one cache line of the
 * host per set, so that a hit costs one probe for each size in use.
 */
#include <stdlib.h>
#include <string.h>

#include "smmuv3_internal.h"

#define TLB_WAYS 4u

#define TAG_VALID  SMMU_BIT(0)
#define TAG_SHIFT  SMMU_BITS(6, 1)
#define TAG_WORLD  SMMU_BITS(10, 7)
#define TAG_ADDR   SMMU_BITS(55, 12)
#define SPC_ASID   SMMU_BITS(15, 0)
#define SPC_VMID   SMMU_BITS(31, 16)
#define SPC_GLOBAL SMMU_BIT(32)
#define SPC_ASET   SMMU_BIT(33) /* of global entries (3.17.1) */

int smmu_tlb_init(struct smmu_tlb *t, uint32_t entries)
{
	unsigned log2 = 0;

	if (entries == 0)
		return DMASIM_OK;
	while (TLB_WAYS << log2 < entries)
		log2++;
	t->sets = 1u << log2;
	t->hash_shift = 64 - log2;
	t->tag =
	        aligned_alloc(64, (size_t)t->sets * TLB_WAYS * sizeof(*t->tag));
	t->data = calloc((size_t)t->sets * TLB_WAYS, sizeof(*t->data));
	t->next = calloc(t->sets, sizeof(*t->next));
	if (!t->tag || !t->data || !t->next)
		return DMASIM_E_NOMEM;
	smmu_tlb_clear(t);
	return DMASIM_OK;
}

uint32_t smmu_tlb_slots(const struct smmu_tlb *t)
{
	return t->sets * TLB_WAYS;
}

void smmu_tlb_free(struct smmu_tlb *t)
{
	free(t->tag);
	free(t->data);
	free(t->next);
}

void smmu_tlb_clear(struct smmu_tlb *t)
{
	if (t->sets == 0)
		return;
	memset(t->tag, 0, (size_t)t->sets * TLB_WAYS * sizeof(*t->tag));
	memset(t->next, 0, t->sets * sizeof(*t->next));
	memset(t->by_size, 0, sizeof(t->by_size));
	t->sizes = 0;
	t->used = 0;
	t->global = 0;
	t->split = 0;
}

/* Pages in a row have sets in a row; each address space begins elsewhere, with
 * even distances. */
static inline uint32_t set_of(const struct smmu_tlb *t,
                              const struct smmu_tlb_tag *tag)
{
	uint64_t space = tag->space ^ (tag->page & TAG_WORLD) << 30;
	uint64_t n = (tag->page & TAG_ADDR) >> FIELD_GET(TAG_SHIFT, tag->page);

	if (t->sets == 1)
		return 0;
	n += space * 0x9e3779b97f4a7c15ull >> t->hash_shift;
	return (uint32_t)n & (t->sets - 1);
}

static inline uint32_t find(const struct smmu_tlb *t,
                            const struct smmu_tlb_tag *tag)
{
	uint32_t first = set_of(t, tag) * TLB_WAYS;

	for (uint32_t i = first; i < first + TLB_WAYS; i++)
		if (t->tag[i].page == tag->page &&
		    t->tag[i].space == tag->space)
			return i;
	return SMMU_NO_SLOT;
}

static inline uint64_t page_tag(uint64_t va, unsigned shift, uint8_t world)
{
	return (va & TAG_ADDR & UINT64_MAX << shift) |
	       FIELD_PREP(TAG_WORLD, world) | (uint64_t)shift << 1 | TAG_VALID;
}

static inline uint64_t space_tag(const struct smmu_tlb_key *k, bool global)
{
	if (global)
		return SPC_GLOBAL | FIELD_PREP(SPC_ASET, k->aset) |
		       (uint64_t)k->vmid << 16;
	return (uint64_t)k->vmid << 16 | k->asid;
}

/* log2 of what the leaf covers that an entry is (a part) of. */
static unsigned leaf_shift(const struct smmu_tlb_data *d)
{
	return d->granule +
	       (unsigned)(PTE_LAST_LEVEL - d->level) * (d->granule - 3u);
}

const struct smmu_tlb_data *smmu_tlb_find(const struct smmu_tlb *t,
                                          const struct smmu_tlb_key *k)
{
	for (uint64_t sizes = t->sizes; sizes != 0; sizes &= sizes - 1) {
		unsigned shift = (unsigned)__builtin_ctzll(sizes);
		struct smmu_tlb_tag tag = {
		        .page = page_tag(k->va, shift, k->world),
		        .space = space_tag(k, false),
		};
		uint32_t slot = find(t, &tag);

		if (slot == SMMU_NO_SLOT && t->global != 0) {
			tag.space = space_tag(k, true);
			slot = find(t, &tag);
		}
		if (slot != SMMU_NO_SLOT)
			return &t->data[slot];
	}
	return NULL;
}

static void drop(struct dmasim_smmu *s, struct smmu_tlb *t, uint32_t slot)
{
	struct smmu_tlb_tag *tag = &t->tag[slot];
	unsigned shift = (unsigned)FIELD_GET(TAG_SHIFT, tag->page);

	if (--t->by_size[shift] == 0)
		t->sizes &= ~SMMU_BIT(shift);
	if (tag->space & SPC_GLOBAL)
		t->global--;
	if (shift < leaf_shift(&t->data[slot]))
		t->split--;
	if (t->data[slot].shortcut)
		s->gen++;
	t->used--;
	tag->page = 0;
	tag->space = 0;
}

static void put(struct smmu_tlb *t, uint32_t slot,
                const struct smmu_tlb_tag *tag, const struct smmu_tlb_data *d)
{
	t->tag[slot] = *tag;
	t->data[slot] = *d;
	t->data[slot].slot = slot;
	t->data[slot].shortcut = false;
	t->by_size[d->shift]++;
	t->sizes |= SMMU_BIT(d->shift);
	if (tag->space & SPC_GLOBAL)
		t->global++;
	if (d->shift < leaf_shift(d))
		t->split++;
	t->used++;
}

static uint32_t victim(struct dmasim_smmu *s, struct smmu_tlb *t, uint32_t set)
{
	struct dmasim_choice_query q = {
	        .point = DMASIM_CHOICE_VICTIM_WAY,
	        .alternatives = TLB_WAYS,
	        .preferred = t->next[set],
	        .who = s->name,
	        .where = set,
	};
	uint32_t way;

	for (uint32_t i = set * TLB_WAYS; i < (set + 1) * TLB_WAYS; i++)
		if (t->tag[i].page == 0)
			return i;
	way = dmasim_choose(s->cfg.choice, &q);
	t->next[set] = (uint8_t)((way + 1) % TLB_WAYS);
	drop(s, t, set * TLB_WAYS + way);
	return set * TLB_WAYS + way;
}

uint32_t smmu_tlb_add(struct dmasim_smmu *s, struct smmu_tlb *t,
                      const struct smmu_tlb_key *k, bool global,
                      const struct smmu_tlb_data *d)
{
	struct smmu_tlb_tag tag;
	uint32_t slot;

	if (t->sets == 0)
		return SMMU_NO_SLOT;
	tag.page = page_tag(k->va, d->shift, k->world);
	tag.space = space_tag(k, global);
	slot = find(t, &tag);
	if (slot != SMMU_NO_SLOT)
		drop(s, t, slot);
	else
		slot = victim(s, t, set_of(t, &tag));
	put(t, slot, &tag, d);
	return slot;
}

/* The regimes that an invalidation is about, 1 << enum smmu_world. All that
 * Secure stage 2 has goes by VMID, one of its IPA spaces by address. */
static unsigned worlds_of(const struct smmu_tlb_inval *i)
{
	unsigned worlds = i->stage1 ? 1u << i->world : 0;

	if (!i->ipa)
		return worlds;
	if (i->world < SMMU_WORLD_S_EL1)
		return worlds | 1u << SMMU_WORLD_NS_IPA;
	if (!i->by_va || i->ns_ipa)
		worlds |= 1u << SMMU_WORLD_S_IPA_NS;
	if (!i->by_va || !i->ns_ipa)
		worlds |= 1u << SMMU_WORLD_S_IPA_S;
	return worlds;
}

/* 4.4: whether an entry, or (@table) a table on the way to some, has to go.
 * By address, all of the leaf goes of which an entry is a part (Arm ARM
 * D8.17); for tables, granule and level say nothing. */
static bool hit_by(const struct smmu_tlb *t, uint32_t slot,
                   const struct smmu_tlb_inval *i, bool table)
{
	const struct smmu_tlb_tag *tag = &t->tag[slot];
	const struct smmu_tlb_data *d = &t->data[slot];
	uint64_t first;
	unsigned shift;

	if (tag->page == 0)
		return false;
	if (!(worlds_of(i) >> FIELD_GET(TAG_WORLD, tag->page) & 1))
		return false;
	if (i->by_vmid && ((FIELD_GET(SPC_VMID, tag->space) ^ i->vmid) &
	                   ~(uint64_t)i->vmid_wild) != 0)
		return false;
	if (i->by_asid) {
		/* 4.4.2: by ASID alone global entries stay; by address and
		 * ASID they go as well. */
		if (tag->space & SPC_GLOBAL) {
			if (!i->by_va)
				return false;
		} else if (FIELD_GET(SPC_ASID, tag->space) != i->asid) {
			return false;
		}
	}
	if (!i->by_va)
		return true;
	if (!table && ((i->level != 0 && d->level != i->level) ||
	               (i->granule != 0 && d->granule != i->granule)))
		return false;
	shift = table ? d->shift : leaf_shift(d);
	first = tag->page & TAG_ADDR & UINT64_MAX << shift;
	return first <= i->last && first + (SMMU_BIT(shift) - 1) >= i->first;
}

/* Those of one address and one size. */
static void inval_at(struct dmasim_smmu *s, struct smmu_tlb *t,
                     const struct smmu_tlb_inval *i, struct smmu_tlb_key *k,
                     unsigned shift, bool table)
{
	struct smmu_tlb_tag tag = {.page = page_tag(k->va, shift, k->world)};

	for (unsigned kind = 0; kind < 3; kind++) {
		uint32_t slot;

		k->aset = kind == 2;
		tag.space = space_tag(k, kind != 0);
		slot = find(t, &tag);
		if (slot != SMMU_NO_SLOT && hit_by(t, slot, i, table))
			drop(s, t, slot);
	}
}

/* A few addresses of one address space: look where they must be. */
static bool inval_few(struct dmasim_smmu *s, struct smmu_tlb *t,
                      const struct smmu_tlb_inval *i, bool table)
{
	uint64_t span = i->last - i->first;
	unsigned worlds = worlds_of(i);
	struct smmu_tlb_key k = {
	        .vmid = i->vmid,
	        .asid = i->by_asid ? i->asid : 0,
	        .world = (uint8_t)__builtin_ctz(worlds),
	};

	if (!i->by_va || !i->by_vmid || i->vmid_wild != 0 || t->split != 0 ||
	    span >> 12 >= t->sets || (worlds & (worlds - 1)) != 0 ||
	    (!i->by_asid && !smmu_world_ipa(k.world)))
		return false;
	for (uint64_t sizes = t->sizes; sizes != 0; sizes &= sizes - 1) {
		unsigned shift = (unsigned)__builtin_ctzll(sizes);

		for (uint64_t n = i->first >> shift; n <= i->last >> shift;
		     n++) {
			k.va = n << shift;
			inval_at(s, t, i, &k, shift, table);
		}
	}
	return true;
}

static void inval(struct dmasim_smmu *s, struct smmu_tlb *t,
                  const struct smmu_tlb_inval *i, bool table)
{
	if (t->used == 0 || inval_few(s, t, i, table))
		return;
	for (uint32_t slot = 0; slot < t->sets * TLB_WAYS; slot++)
		if (hit_by(t, slot, i, table))
			drop(s, t, slot);
}

void smmu_tlb_inval(struct dmasim_smmu *s, const struct smmu_tlb_inval *i)
{
	s->epoch++;
	inval(s, &s->tlb, i, false);
	if (!i->by_va || !i->leaf)
		inval(s, &s->walks, i, true);
}

static uint8_t flags_of(const struct smmu_tlb_data *d)
{
	return (uint8_t)(d->clean1 | d->clean2 << 1 | d->ns << 2 |
	                 d->out_ns << 3);
}

void smmu_tlb_save(const struct smmu_tlb *t, struct dmasim_writer *w)
{
	dmasim_put_u32(w, t->sets);
	for (uint32_t i = 0; i < t->sets; i++)
		dmasim_put_u8(w, t->next[i]);
	dmasim_put_u32(w, t->used);
	for (uint32_t i = 0; i < t->sets * TLB_WAYS; i++) {
		const struct smmu_tlb_data *d = &t->data[i];

		if (t->tag[i].page == 0)
			continue;
		dmasim_put_u32(w, i);
		dmasim_put_u64(w, t->tag[i].page);
		dmasim_put_u64(w, t->tag[i].space);
		dmasim_put_u64(w, d->pa);
		dmasim_put_u64(w, d->ipa);
		dmasim_put_u64(w, d->ready);
		dmasim_put_bytes(w, &d->attr, sizeof(d->attr));
		dmasim_put_u8(w, d->perm1);
		dmasim_put_u8(w, d->perm2);
		dmasim_put_u8(w, (uint8_t)(d->level + 1));
		dmasim_put_u8(w, d->granule);
		dmasim_put_u8(w, flags_of(d));
		dmasim_put_u8(w, d->memattr2);
		dmasim_put_u8(w, d->sh2);
	}
}

static bool data_sound(const struct smmu_tlb_data *d)
{
	return d->shift >= 12 && d->shift <= 52 &&
	       (d->granule == 12 || d->granule == 14 || d->granule == 16) &&
	       d->level >= -1 && d->level <= PTE_LAST_LEVEL &&
	       (d->perm1 & ~SMMU_PERM_ALL) == 0 &&
	       (d->perm2 & ~SMMU_PERM_ALL) == 0 && d->memattr2 < 16 &&
	       d->sh2 < 4 && d->pa <= DMASIM_PA_MAX &&
	       d->ipa <= DMASIM_PA_MAX && smmu_attr_sound(&d->attr);
}

/* @table: an entry of the walk cache. */
static bool sound(const struct smmu_tlb *t, uint32_t slot,
                  const struct smmu_tlb_tag *tag, const struct smmu_tlb_data *d,
                  bool table)
{
	uint64_t below = SMMU_BIT(d->shift) - 1;

	if (!data_sound(d) || (tag->page & TAG_ADDR & below) != 0)
		return false;
	if (table ? (d->pa & 7) != 0
	          : ((d->pa | d->ipa) & below) != 0 || d->shift > leaf_shift(d))
		return false;
	return slot < t->sets * TLB_WAYS && t->tag[slot].page == 0 &&
	       tag->page == (tag->page &
	                     (TAG_ADDR | TAG_SHIFT | TAG_WORLD | TAG_VALID)) &&
	       (tag->page & TAG_VALID) &&
	       FIELD_GET(TAG_WORLD, tag->page) < SMMU_WORLDS &&
	       tag->space == (tag->space &
	                      (SPC_ASID | SPC_VMID | SPC_GLOBAL | SPC_ASET)) &&
	       set_of(t, tag) == slot / TLB_WAYS &&
	       find(t, tag) == SMMU_NO_SLOT;
}

static void get_data(struct dmasim_reader *r, struct smmu_tlb_data *d)
{
	uint8_t flags;

	d->pa = dmasim_get_u64(r);
	d->ipa = dmasim_get_u64(r);
	d->ready = dmasim_get_u64(r);
	dmasim_get_bytes(r, &d->attr, sizeof(d->attr));
	d->perm1 = dmasim_get_u8(r);
	d->perm2 = dmasim_get_u8(r);
	d->level = (int16_t)(dmasim_get_u8(r) - 1);
	d->granule = dmasim_get_u8(r);
	flags = dmasim_get_u8(r);
	d->clean1 = flags & 1;
	d->clean2 = flags & 2;
	d->ns = flags & 4;
	d->out_ns = flags & 8;
	d->memattr2 = dmasim_get_u8(r);
	d->sh2 = dmasim_get_u8(r);
}

void smmu_tlb_restore(struct smmu_tlb *t, struct dmasim_reader *r, bool table)
{
	uint32_t used;

	smmu_tlb_clear(t);
	if (dmasim_get_u32(r) != t->sets) {
		dmasim_reader_fail(r, "TLB of another size");
		return;
	}
	for (uint32_t i = 0; i < t->sets; i++) {
		t->next[i] = dmasim_get_u8(r);
		if (t->next[i] >= TLB_WAYS) {
			t->next[i] = 0;
			dmasim_reader_fail(r, "TLB: no such way");
			return;
		}
	}
	used = dmasim_get_count(r, t->sets * TLB_WAYS, 56);
	for (uint32_t i = 0; i < used; i++) {
		struct smmu_tlb_tag tag;
		struct smmu_tlb_data d = {0};
		uint32_t slot = dmasim_get_u32(r);

		tag.page = dmasim_get_u64(r);
		tag.space = dmasim_get_u64(r);
		get_data(r, &d);
		d.shift = (uint8_t)FIELD_GET(TAG_SHIFT, tag.page);
		if (dmasim_reader_status(r) != DMASIM_OK)
			return;
		if (!sound(t, slot, &tag, &d, table)) {
			dmasim_reader_fail(r, "TLB entry %u is not sound", i);
			return;
		}
		put(t, slot, &tag, &d);
	}
}
