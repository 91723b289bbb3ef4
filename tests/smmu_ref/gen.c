/* SPDX-License-Identifier: MIT */
#include "gen.h"

uint64_t rng_next(struct rng *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
	return rng_next(r) % n;
}

bool rng_chance(struct rng *r, unsigned percent)
{
	return rng_below(r, 100) < percent;
}

/* ---- identification registers ---- */

static uint32_t get(uint32_t v, unsigned hi, unsigned lo)
{
	return v >> lo & ((2u << (hi - lo)) - 1);
}

static void put(uint32_t *v, unsigned hi, unsigned lo, uint32_t value)
{
	uint32_t mask = ((2u << (hi - lo)) - 1) << lo;

	*v = (*v & ~mask) | (value << lo & mask);
}

/* What the second walker does not know is switched off. */
static void without_unknown(struct machine_ids *ids)
{
	/* IDR3: AIE, MTEPERM, THE, S2PO, S2PI, S1PI, DPT. IDR5: D128. */
	ids->idr[3] &= ~(0xfcu << 16 | 1u << 15);
	ids->idr[5] &= ~(1u << 8);
	if (get(ids->idr[5], 11, 10) > 1)
		put(&ids->idr[5], 11, 10, 1);
	/* VMSAv8-32. */
	ids->idr[0] &= ~(1u << 2);
}

static void less_of_idr0(struct rng *r, uint32_t *v)
{
	static const unsigned flags[] = {0, 9, 10, 12, 18, 19};

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
		if (rng_chance(r, 12))
			*v &= ~(1u << flags[i]);
	if (rng_chance(r, 20))
		put(v, 7, 6, (uint32_t)rng_below(r, get(*v, 7, 6) + 1));
	if (rng_chance(r, 15))
		put(v, 28, 27, 0);
	if (rng_chance(r, 20))
		*v |= 1u << 26; /* TERM_MODEL */
	if (rng_chance(r, 20))
		*v |= 1u << 11; /* NS1ATS */
	if (get(*v, 25, 24) == 0 && rng_chance(r, 30))
		put(v, 25, 24, rng_chance(r, 60) ? 1 : 2);
	if (get(*v, 22, 21) == 0 && rng_chance(r, 20))
		put(v, 22, 21, rng_chance(r, 60) ? 2 : 3);
}

static void less_of_idr5(struct rng *r, uint32_t *v)
{
	if (rng_chance(r, 30))
		put(v, 2, 0, (uint32_t)rng_below(r, get(*v, 2, 0) + 1));
	if (rng_chance(r, 20))
		put(v, 6, 4, get(*v, 6, 4) & (1 + (uint32_t)rng_below(r, 7)));
	if (get(*v, 6, 4) == 0)
		*v |= 1u << 4;
	if (rng_chance(r, 20) || get(*v, 2, 0) < 6)
		*v &= ~(1u << 7); /* DS */
	if (rng_chance(r, 20))
		put(v, 11, 10, 0); /* VAX */
}

void gen_ids(struct rng *r, const struct machine_ids *all,
             struct machine_ids *ids)
{
	static const unsigned of_idr3[] = {2, 4, 8, 9, 13, 17};

	*ids = *all;
	without_unknown(ids);
	if (rng_chance(r, 40))
		return;
	less_of_idr0(r, &ids->idr[0]);
	if (rng_chance(r, 15))
		ids->idr[1] &= ~(1u << 26);
	if (rng_chance(r, 15))
		ids->idr[1] &= ~(1u << 27);
	if (rng_chance(r, 20))
		put(&ids->idr[1], 10, 6,
		    (uint32_t)rng_below(r, get(ids->idr[1], 10, 6) + 1));
	for (size_t i = 0; i < sizeof(of_idr3) / sizeof(*of_idr3); i++)
		if (rng_chance(r, 15))
			ids->idr[3] &= ~(1u << of_idr3[i]);
	less_of_idr5(r, &ids->idr[5]);
}

/* ---- scenes ---- */

/* The stream's security state, and S_IDRn (S_IDR1: SECURE_IMPL, SEL2). */
static void choose_state(struct gen_scene *g)
{
	struct rng *r = &g->rng;

	g->ids.secure =
	        g->ids.no_caches && g->ids.s_idr[1] >> 31 && rng_chance(r, 25);
	if (rng_chance(r, 15) || !(g->ids.idr[0] & 1))
		g->ids.s_idr[1] &= ~(1u << 29);
	put(&g->ids.s_idr[0], 25, 24, get(g->ids.idr[0], 25, 24));
}

static void gen_streams(struct gen_scene *g)
{
	static const unsigned splits[] = {6, 8, 10};
	unsigned log2size = (unsigned)rng_below(&g->rng, 12), split = 0;

	/* IDR0.ST_LEVEL. */
	if (g->ids.idr[0] & 3u << 27 && rng_chance(&g->rng, 50))
		split = splits[rng_below(&g->rng, 3)];
	assert_int_equal(dmasim_tables_streams_new(&g->host, &g->setup.streams,
	                                           log2size, split),
	                 DMASIM_OK);
	g->sid = (uint32_t)rng_below(&g->rng, 1ull << log2size);
	assert_int_equal(dmasim_tables_ste(&g->host, &g->setup.streams, g->sid,
	                                   &g->ste_pa),
	                 DMASIM_OK);
	if (split)
		gen_word(g, g->setup.streams.base + 8ull * (g->sid >> split),
		         false);
}

void gen_open(struct gen_scene *g, uint64_t seed, const struct machine_ids *all,
              bool no_caches)
{
	*g = (struct gen_scene){.rng = {seed}};
	gen_ids(&g->rng, all, &g->ids);
	g->ids.no_caches = no_caches;
	choose_state(g);
	machine_open(&g->m, &g->ids);
	g->host = (struct dmasim_tables){
	        .map = g->m.map, .next = HOST_FROM, .end = HOST_TO};
	g->guest = (struct dmasim_tables){
	        .map = g->m.map, .next = GUEST_FROM, .end = GUEST_TO};
	gen_streams(g);
	gen_ste(g);
	gen_tables(g);
	gen_cd(g);
	gen_write_config(g);
	g->setup.cr2 = rng_chance(&g->rng, 80) ? 2 : 0;
	g->setup.cr2 |= rng_chance(&g->rng, 50) ? 1 : 0;
	g->setup.off = rng_chance(&g->rng, 3);
	g->setup.gbpa = (uint32_t)rng_next(&g->rng) & 0x000f3f1f;
	if (g->ids.secure)
		g->setup.gbpa |= (uint32_t)rng_below(&g->rng, 4) << 14;
	g->setup.sif = rng_chance(&g->rng, 25);
	if (rng_chance(&g->rng, 20))
		g->setup.gbpa |= 1u << 20;
	machine_setup(&g->m, &g->setup);
}

void gen_close(struct gen_scene *g)
{
	machine_close(&g->m);
}

/* ---- accesses ---- */

static struct dmasim_attr gen_attr(struct rng *r)
{
	static const struct dmasim_attr of[] = {
	        {DMASIM_NORMAL, DMASIM_WB, DMASIM_WB, DMASIM_NSH, 3},
	        {DMASIM_NORMAL, DMASIM_WB, DMASIM_WB, DMASIM_ISH, 3},
	        {DMASIM_NORMAL, DMASIM_WB, DMASIM_WB, DMASIM_OSH, 1},
	        {DMASIM_NORMAL, DMASIM_WB, DMASIM_WB, DMASIM_ISH, 7},
	        {DMASIM_NORMAL, DMASIM_WB, DMASIM_WB, DMASIM_ISH, 0},
	        {DMASIM_NORMAL, DMASIM_WT, DMASIM_WT, DMASIM_ISH, 2},
	        {DMASIM_NORMAL, DMASIM_WT, DMASIM_WB, DMASIM_NSH, 3},
	        {DMASIM_NORMAL, DMASIM_NC, DMASIM_NC, DMASIM_OSH, 0},
	        {DMASIM_DEVICE_NGNRE, DMASIM_NC, DMASIM_NC, DMASIM_OSH, 0},
	        {DMASIM_DEVICE_GRE, DMASIM_NC, DMASIM_NC, DMASIM_OSH, 0},
	        {DMASIM_DEVICE_NGNRNE, DMASIM_NC, DMASIM_NC, DMASIM_OSH, 0},
	};

	return of[rng_below(r, sizeof(of) / sizeof(*of))];
}

static uint64_t gen_address(struct gen_scene *g)
{
	struct rng *r = &g->rng;
	uint64_t size, a = rng_next(r) >> rng_below(r, 60);
	bool va = (g->ste.config & 1) && g->n_vas;

	if (va || ((g->ste.config & 2) && g->n_ipas)) {
		const struct gen_place *p =
		        va ? &g->vas[rng_below(r, g->n_vas)]
		           : &g->ipas[rng_below(r, g->n_ipas)];

		size = p->size < 0x1000 ? p->size : 0x1000;
		a = p->at + (rng_next(r) & (size - 1));
		if (rng_chance(r, 6))
			a ^= 1ull << rng_below(r, 64);
	}
	if (va && rng_chance(r, g->cd.tbi0 || g->cd.tbi1 ? 40 : 4))
		a ^= rng_next(r) & 0xffull << 56;
	/* No access crosses a page. */
	return a & ~3ull;
}

void gen_access(struct gen_scene *g, struct ref_txn *t)
{
	struct rng *r = &g->rng;
	uint64_t kind = rng_below(r, 100);
	bool sub = g->ste.s1cdmax != 0;

	*t = (struct ref_txn){.sid = g->sid,
	                      .read = kind < 50 || kind >= 90,
	                      .write = kind >= 50,
	                      .inst = rng_chance(r, 25),
	                      .priv = rng_chance(r, 50),
	                      .no_snoop = rng_chance(r, 5),
	                      .ns = rng_chance(r, 50),
	                      .attr = gen_attr(r)};
	if (rng_chance(r, 4))
		t->sid ^= 1u << rng_below(r, 32);
	t->ssv = rng_chance(r, sub ? 80 : 2);
	if (t->ssv)
		t->ssid = rng_chance(r, 92)
		                  ? g->ssid
		                  : (uint32_t)rng_below(r, 1u << 20) >>
		                            rng_below(r, 20);
	t->addr = gen_address(g);
}
