/* SPDX-License-Identifier: MIT */
/* What happens between accesses: changes and invalidations, all of them
 * written down in the history. */
#include "steps.h"

/* ---- changes ---- */

/* Bits of STE and CD that are changed here: not those that say where things
 * are, or how they are tagged, or how descriptors are read: a walk may go on
 * with the new reading from a table that was found with the old one. */
static const uint64_t ste_bits[8] = {
        0x1, /* V */
        /* S1DSS, DRE, MEV, S2FWB, S1STALLD, MemAttr to INSTCFG */
        0x000f31ff0a081003ull,
        /* S2T0SZ to S2R but S2AA64, S2ENDI and the walk's attributes */
        0x07e7f0ff00000000ull, 0x00000000000ff000ull, /* some of S2TTB */
};
static const uint64_t cd_bits[8] = {
        /* all but AA64, ENDI, ASID, UWXN and the walk's attributes */
        0x00007dcff0ff70ffull,
        0x08000000000ff00cull, /* EPAN, E0PD0, HAFT, some of TTB0 */
        0x00000000000ff004ull, /* E0PD1, some of TTB1 */
        ~0ull,
};

void steps_read(struct gen_scene *g, uint64_t pa, unsigned n, uint64_t *words)
{
	for (unsigned i = 0; i < n; i++)
		dmasim_tables_get(&g->host, pa + 8ull * i, &words[i]);
}

static uint64_t one_bit_of(struct rng *r, uint64_t mask)
{
	uint64_t bit;

	do
		bit = 1ull << rng_below(r, 64);
	while (!(bit & mask));
	return bit;
}

void steps_change_structure(struct gen_scene *g, struct history *h,
                            enum ref_what what)
{
	const struct structure *s = &h->structures[what];
	const uint64_t *mask = what == REF_STE ? ste_bits : cd_bits;
	bool back = rng_chance(&g->rng, 45);
	uint64_t words[8] = {0};
	unsigned i;

	if (!s->pa)
		return;
	steps_read(g, s->pa, s->words, words);
	if (back)
		memcpy(words, s->v[0].words, 8ull * s->words);
	else if (s->words == 8) {
		do
			i = (unsigned)rng_below(&g->rng, 4);
		while (!mask[i]);
		words[i] ^= one_bit_of(&g->rng, mask[i]);
	} else {
		/* Valid, or not. */
		words[0] ^= what == REF_L1CD ? 1 : rng_below(&g->rng, 16);
	}
	for (i = 0; i < s->words; i++)
		dmasim_tables_set(&g->host, s->pa + 8ull * i, words[i]);
	history_structure_set(h, what, words);
}

void steps_change_descriptor(struct gen_scene *g, struct history *h)
{
	const struct gen_word *w = &g->words[rng_below(&g->rng, g->n_words)];
	uint64_t bit = 1ull << rng_below(&g->rng, 64), old, new;
	const struct word_history *known;

	if (history_is_structure(h, w->pa))
		return;
	/* The contiguous bit is a promise. */
	if (bit == DMASIM_TABLES_CONT)
		return;
	dmasim_tables_get(&g->host, w->pa, &old);
	new = old ^ (w->big_endian ? __builtin_bswap64(bit) : bit);
	known = history_of(h, w->pa);
	if (known && rng_chance(&g->rng, 45))
		new = known->v[0].value;
	else if (rng_chance(&g->rng, 15))
		new = 0;
	dmasim_tables_set(&g->host, w->pa, new);
	history_set(h, w->pa, old, new);
}

/* ---- invalidations ---- */

static enum dmasim_tables_tlbi opcode(const struct command *c)
{
	switch (c->kind) {
	case ALL_EL1:
		return DMASIM_TABLES_TLBI_NSNH_ALL;
	case ALL_VMID:
		return DMASIM_TABLES_TLBI_S12_VMALL;
	case S1_VMID:
		return DMASIM_TABLES_TLBI_NH_ALL;
	case S1_ASID:
		return DMASIM_TABLES_TLBI_NH_ASID;
	case S1_VA:
		return c->el2 ? DMASIM_TABLES_TLBI_EL2_VA
		              : DMASIM_TABLES_TLBI_NH_VA;
	case S1_VAA:
		return c->el2 ? DMASIM_TABLES_TLBI_EL2_VAA
		              : DMASIM_TABLES_TLBI_NH_VAA;
	case S2_IPA:
		return DMASIM_TABLES_TLBI_S2_IPA;
	default:
		return DMASIM_TABLES_TLBI_EL2_ALL;
	}
}

static void send(struct gen_scene *g, struct history *h,
                 const struct command *c,
                 const struct dmasim_tables_tlbi_fields *f)
{
	struct dmasim_tables_cmd words;

	switch (c->kind) {
	case ALL_STES:
		words = dmasim_tables_cfgi_all();
		break;
	case ONE_STE:
		words = dmasim_tables_cfgi_ste(c->sid, c->leaf);
		break;
	case ONE_CD:
		words = dmasim_tables_cfgi_cd(c->sid, c->ssid, c->leaf);
		break;
	case ALL_CDS:
		words = dmasim_tables_cfgi_cd_all(c->sid);
		break;
	default:
		words = dmasim_tables_tlbi(f);
		break;
	}
	machine_command(&g->m, words);
	machine_command(&g->m, dmasim_tables_sync(DMASIM_TABLES_SYNC_NONE));
	history_command(h, c);
}

/* RIL (IDR3[10]), with a granule and perhaps a level. */
static void range(struct gen_scene *g, struct command *c,
                  struct dmasim_tables_tlbi_fields *f)
{
	struct rng *r = &g->rng;
	unsigned granule = 12 + 2 * (unsigned)rng_below(r, 3), bits = granule;
	uint64_t back;

	f->tg = (uint8_t)((granule - 10) / 2);
	f->num = (uint8_t)rng_below(r, 4);
	f->scale = (uint8_t)(1 + rng_below(r, 8));
	if (rng_chance(r, 40)) {
		f->ttl = (uint8_t)(2 + rng_below(r, 2));
		bits += (3u - f->ttl) * (granule - 3);
	}
	c->granule = granule;
	c->level = f->ttl;
	c->span = (f->num + 1ull) << f->scale << granule;
	c->address &= ~((1ull << bits) - 1);
	/* Anywhere in the range. */
	back = (c->span >> bits ? rng_below(r, c->span >> bits) : 0) << bits;
	if (back <= c->address)
		c->address -= back;
}

static uint64_t some_address(struct gen_scene *g, enum command_kind kind)
{
	struct rng *r = &g->rng;

	if (kind == S2_IPA && g->n_ipas)
		return g->ipas[rng_below(r, g->n_ipas)].at;
	if (kind == S2_IPA || !g->n_vas)
		return rng_next(r) >> 16;
	return g->vas[rng_below(r, g->n_vas)].at;
}

static enum command_kind some_kind(struct gen_scene *g)
{
	bool s2 = g->ids.idr[0] & 1, s1 = g->ids.idr[0] & 2;
	bool hyp = g->ids.idr[0] & 1u << 9;
	enum command_kind k;

	do
		k = (enum command_kind)rng_below(&g->rng, COMMANDS);
	while ((!s2 && (k == ALL_VMID || k == S2_IPA)) ||
	       (!hyp && k == ALL_EL2) || (!s1 && k >= S1_VMID));
	return k;
}

void steps_invalidate(struct gen_scene *g, struct history *h)
{
	struct rng *r = &g->rng;
	struct command c = {.kind = some_kind(g),
	                    .sid = g->sid,
	                    .ssid = g->ssid,
	                    .vmid = g->ids.idr[0] & 1 ? (uint16_t)g->ste.s2vmid
	                                              : 0,
	                    .asid = (uint16_t)g->cd.asid,
	                    .leaf = rng_chance(r, 50),
	                    .span = 0x1000};
	struct dmasim_tables_tlbi_fields f = {0};

	/* One that is not meant. */
	if (rng_chance(r, 8) && g->ids.idr[0] & 1)
		c.vmid ^= 1;
	if (rng_chance(r, 8))
		c.asid ^= 1;
	if (rng_chance(r, 4))
		c.sid ^= 1;
	c.el2 = g->ids.idr[0] & 1u << 9 && g->ste.strw == 2 &&
	        (c.kind == S1_VA || c.kind == S1_VAA);
	if (c.kind >= S1_VA && c.kind <= S2_IPA) {
		c.address = some_address(g, c.kind) & ~0xfffull;
		if (g->ids.idr[3] & 1u << 10 && rng_chance(r, 35))
			range(g, &c, &f);
	}
	f.op = opcode(&c);
	f.vmid = c.vmid;
	f.asid = c.asid;
	f.address = c.address;
	f.leaf = c.leaf;
	send(g, h, &c, &f);
}
