/* SPDX-License-Identifier: MIT */
/* Random translation tables of both stages. */
#include "gen.h"

static uint64_t below(struct gen_scene *g, uint64_t n)
{
	return rng_below(&g->rng, n);
}

static bool chance(struct gen_scene *g, unsigned percent)
{
	return rng_chance(&g->rng, percent);
}

void gen_word(struct gen_scene *g, uint64_t pa, bool big_endian)
{
	for (unsigned i = 0; i < g->n_words; i++)
		if (g->words[i].pa == pa)
			return;
	if (g->n_words < GEN_WORDS)
		g->words[g->n_words++] = (struct gen_word){pa, big_endian};
}

static unsigned oas(const struct gen_scene *g)
{
	static const unsigned sizes[] = {32, 36, 40, 42, 44, 48, 52, 52};

	return sizes[g->ids.idr[5] & 7];
}

/* IDR5.GRAN*; mostly one that is there. */
static unsigned gen_granule(struct gen_scene *g)
{
	static const unsigned granules[] = {12, 14, 16};
	unsigned i;

	do
		i = (unsigned)below(g, 3);
	while (!(g->ids.idr[5] >> (4 + i) & 1) && !chance(g, 3));
	return granules[i];
}

/* IDR0.TTENDIAN. */
static bool gen_endian(struct gen_scene *g)
{
	unsigned tt = g->ids.idr[0] >> 21 & 3;

	if (tt == 0)
		return chance(g, 30);
	return (tt == 3) != chance(g, 2);
}

/* Of the sizes that are legal, any; 1 % others. */
static void gen_size(struct gen_scene *g, struct dmasim_tables_space *s,
                     unsigned least, unsigned most)
{
	bool stt = g->ids.idr[3] >> 9 & 1;

	if (least < (s->granule == 16 || s->ds ? 12u : 16u))
		least = s->granule == 16 || s->ds ? 12 : 16;
	if (most > (!stt ? 39u : s->granule == 16 ? 47u : 48u))
		most = !stt ? 39 : s->granule == 16 ? 47 : 48;
	s->tsz = least + (unsigned)below(g, most - least + 1);
	if (chance(g, 1))
		s->tsz = 12 + (unsigned)below(g, 36);
}

/* Start levels that need larger addresses or small tables (Arm ARM,
 * S2InvalidSL()): few of them. */
static bool start_is_odd(struct gen_scene *g,
                         const struct dmasim_tables_space *s)
{
	int level = dmasim_tables_start_level(s);
	bool odd = s->granule == 14 ? level == 1 && oas(g) < 42
	           : s->granule == 16
	                   ? level == 1 && oas(g) < 44
	                   : (level == 0 && oas(g) < 44) ||
	                             (level == 3 && !(g->ids.idr[3] >> 9 & 1));

	return odd && chance(g, 95);
}

static void gen_space(struct gen_scene *g, struct dmasim_tables *t,
                      struct dmasim_tables_space *s, unsigned least,
                      unsigned most)
{
	/* IDR5.DS; both halves have one CD.DS. */
	bool ds =
	        (g->ids.idr[5] >> 7 & 1) && (s->stage2 ? chance(g, 50) : g->ds);

	do {
		s->granule = gen_granule(g);
		s->ds = ds && s->granule != 16;
		gen_size(g, s, least, most);
		s->concat = s->stage2 && chance(g, 40);
	} while ((s->stage2 && start_is_odd(g, s)) ||
	         dmasim_tables_space_new(t, s) != DMASIM_OK);
}

/* All descriptors on the way to @va may be hit by mutations. */
static void note_path(struct gen_scene *g, struct dmasim_tables *t,
                      const struct dmasim_tables_space *s, uint64_t va,
                      int leaf)
{
	for (int l = dmasim_tables_start_level(s); l <= leaf; l++) {
		uint64_t pa, d;

		if (dmasim_tables_descriptor(t, s, va, l, &pa) != DMASIM_OK)
			return;
		gen_word(g, pa, s->big_endian);
		if (l == leaf || s->stage2 || !chance(g, 8))
			continue;
		dmasim_tables_read(t, s, pa, &d);
		/* NSTable, APTable, UXNTable, PXNTable. */
		d |= below(g, 32) << 59;
		dmasim_tables_write(t, s, pa, d);
	}
}

static int lowest_block(const struct dmasim_tables_space *s)
{
	if (s->granule == 12)
		return s->ds ? 0 : 1;
	return s->granule == 14 && !s->ds ? 2 : 1;
}

/* A level with leaves, pages mostly. */
static int gen_level(struct gen_scene *g, const struct dmasim_tables_space *s)
{
	int first = dmasim_tables_start_level(s), low = lowest_block(s);

	if (first > low)
		low = first;
	return chance(g, 65) ? 3 : low + (int)below(g, (uint64_t)(4 - low));
}

/* ---- stage 2 ---- */

uint64_t gen_s2_bits(struct gen_scene *g)
{
	static const unsigned normal[] = {0xf, 0xf, 0xf, 0x5, 0xa, 0x7,
	                                  0xe, 0x0, 0x1, 0x2, 0x3};
	static const unsigned fwb[] = {6, 6, 7, 7, 5, 0, 1, 2, 3};
	static const unsigned sh[] = {0, 2, 3};
	bool on = g->ste.s2fwb && (g->ids.idr[3] >> 8 & 1);
	uint64_t b = DMASIM_TABLES_SH(sh[below(g, 3)]);

	b |= DMASIM_TABLES_MEMATTR(on ? fwb[below(g, 9)]
	                              : normal[below(g, 11)]);
	b |= chance(g, 75) ? DMASIM_TABLES_AF : 0;
	b |= chance(g, 90) ? DMASIM_TABLES_S2_READ : 0;
	b |= chance(g, 65) ? DMASIM_TABLES_S2_WRITE : 0;
	b |= chance(g, 45) ? DMASIM_TABLES_DBM : 0;
	b |= chance(g, 25) ? DMASIM_TABLES_S2_XN(below(g, 4)) : 0;
	return b;
}

/* Bits with which tables of stage 1 and CDs are found. */
static uint64_t window_bits(struct gen_scene *g)
{
	bool fwb = g->ste.s2fwb && (g->ids.idr[3] >> 8 & 1);

	if (chance(g, 6))
		return gen_s2_bits(g);
	return DMASIM_TABLES_AF | DMASIM_TABLES_S2_READ | DMASIM_TABLES_SH(3) |
	       DMASIM_TABLES_MEMATTR(fwb ? 6 : 0xf) |
	       (chance(g, 85) ? DMASIM_TABLES_S2_WRITE : DMASIM_TABLES_DBM);
}

/* The guest's memory: a block or pages. */
static void map_window(struct gen_scene *g, const struct dmasim_tables_space *s)
{
	uint64_t ipa = GUEST_FROM + g->guest.shift;
	bool block = chance(g, 80);
	uint64_t step = block ? GUEST_TO - GUEST_FROM : 1ull << s->granule;

	for (uint64_t o = 0; o < GUEST_TO - GUEST_FROM; o += step) {
		const struct dmasim_tables_leaf leaf = {.pa = GUEST_FROM + o,
		                                        .level = block ? 2 : 3,
		                                        .bits = window_bits(g)};

		if (dmasim_tables_map(&g->host, s, ipa + o, &leaf) != DMASIM_OK)
			return;
	}
	note_path(g, &g->host, s, ipa, block ? 2 : 3);
}

/* Somewhere in the intermediate address space. */
static void place_window(struct gen_scene *g)
{
	unsigned in_bits = 64 - g->s2.tsz;
	uint64_t ipa = below(g, 1ull << (in_bits - 29)) << 29;

	if (ipa >> oas(g))
		ipa &= (1ull << oas(g)) - 1;
	g->guest.shift = ipa - GUEST_FROM;
}

static uint64_t gen_output(struct gen_scene *g)
{
	uint64_t a = rng_next(&g->rng);

	if (chance(g, 97))
		return a & ((1ull << oas(g)) - 1) &
		       ((1ull << (32 + below(g, 21))) - 1);
	return a & ((1ull << 52) - 1);
}

static bool map_ipa(struct gen_scene *g, const struct dmasim_tables_space *s,
                    struct gen_place *p)
{
	struct dmasim_tables_leaf leaf = {.level = gen_level(g, s),
	                                  .bits = gen_s2_bits(g)};

	p->size = 1ull << dmasim_tables_level_shift(s, leaf.level);
	/* So that pages of stage 1 begin where it begins. */
	p->at &= ~(p->size - 1) & ~0xffffull;
	leaf.pa = gen_output(g) & ~(p->size - 1);
	if (dmasim_tables_map(&g->host, s, p->at, &leaf) != DMASIM_OK)
		return false;
	note_path(g, &g->host, s, p->at, leaf.level);
	return true;
}

static void map_ipas(struct gen_scene *g)
{
	unsigned in_bits = 64 - g->s2.tsz;

	for (unsigned i = 0; i < 6; i++) {
		struct gen_place p = {.at = rng_next(&g->rng) &
		                            ((1ull << in_bits) - 1)};
		struct gen_place secure;

		if (chance(g, 80))
			p.at &= (1ull << oas(g)) - 1;
		if (!map_ipa(g, &g->s2, &p))
			continue;
		g->ipas[g->n_ipas++] = p;
		secure = p;
		if (g->ids.secure)
			map_ipa(g, &g->s2s, &secure);
	}
}

static void gen_stage2(struct gen_scene *g)
{
	bool nested = (g->ste.config & 1) != 0;

	g->s2 = (struct dmasim_tables_space){.stage2 = true,
	                                     .big_endian = gen_endian(g)};
	gen_space(g, &g->host, &g->s2, 64 - oas(g), nested ? 34 : 48);
	g->s2s = g->s2;
	if (g->ids.secure)
		assert_int_equal(dmasim_tables_space_new(&g->host, &g->s2s),
		                 DMASIM_OK);
	if (nested && g->s2.tsz <= 34) {
		place_window(g);
		map_window(g, &g->s2);
		if (g->ids.secure)
			map_window(g, &g->s2s);
	}
	map_ipas(g);
	dmasim_tables_ste_stage2(&g->ste, &g->s2, false);
	if (g->ids.secure)
		dmasim_tables_ste_stage2(&g->ste, &g->s2s, true);
}

/* ---- stage 1 ---- */

uint64_t gen_s1_bits(struct gen_scene *g)
{
	static const unsigned sh[] = {0, 2, 3};
	uint64_t b = DMASIM_TABLES_SH(sh[below(g, 3)]);

	b |= DMASIM_TABLES_ATTR(below(g, 8));
	b |= chance(g, 75) ? DMASIM_TABLES_AF : 0;
	b |= chance(g, 60) ? DMASIM_TABLES_AP1 : 0;
	b |= chance(g, 35) ? DMASIM_TABLES_AP2 : 0;
	b |= chance(g, 50) ? DMASIM_TABLES_NG : 0;
	b |= chance(g, 45) ? DMASIM_TABLES_DBM : 0;
	b |= chance(g, 20) ? DMASIM_TABLES_PXN : 0;
	b |= chance(g, 20) ? DMASIM_TABLES_UXN : 0;
	b |= chance(g, 40) ? DMASIM_TABLES_NS : 0;
	return b;
}

/* Map something that ends where stage 2 has something, if there is a stage
 * 2. */
static void map_va(struct gen_scene *g, struct dmasim_tables *t,
                   const struct dmasim_tables_space *s)
{
	unsigned in_bits = 64 - s->tsz;
	struct dmasim_tables_leaf leaf = {.level = gen_level(g, s),
	                                  .bits = gen_s1_bits(g)};
	uint64_t size = 1ull << dmasim_tables_level_shift(s, leaf.level);
	uint64_t va = rng_next(&g->rng) & ((1ull << in_bits) - 1);
	uint64_t to = gen_output(g) & ~0xfffull, inner = size;

	if ((g->ste.config & 2) && g->n_ipas && chance(g, 92)) {
		const struct gen_place *p = &g->ipas[below(g, g->n_ipas)];

		to = p->at;
		if (p->size < inner)
			inner = p->size;
	}
	va &= ~(size - 1);
	if (s->upper)
		va |= ~((1ull << in_bits) - 1);
	leaf.pa = to & ~(size - 1);
	if (dmasim_tables_map(t, s, va, &leaf) != DMASIM_OK)
		return;
	g->vas[g->n_vas++] = (struct gen_place){va | (to & (size - 1)), inner};
	note_path(g, t, s, va, leaf.level);
}

void gen_tables(struct gen_scene *g)
{
	struct dmasim_tables *t = &g->host;
	bool big;

	if (g->ste.config & 2) {
		gen_stage2(g);
		t = &g->guest;
	}
	if (!(g->ste.config & 1))
		return;
	big = gen_endian(g);
	g->ds = chance(g, 50);
	g->has_low = g->ste.strw || chance(g, 90);
	g->has_high = chance(g, 60);
	if (g->has_low) {
		g->low = (struct dmasim_tables_space){.big_endian = big};
		gen_space(g, t, &g->low, 0, 48);
		for (unsigned i = 0; i < 5; i++)
			map_va(g, t, &g->low);
	}
	if (g->has_high && !g->ste.strw) {
		g->high = (struct dmasim_tables_space){.upper = true,
		                                       .big_endian = big};
		gen_space(g, t, &g->high, 0, 48);
		for (unsigned i = 0; i < 4; i++)
			map_va(g, t, &g->high);
	}
}
