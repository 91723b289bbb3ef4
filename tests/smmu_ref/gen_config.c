/* SPDX-License-Identifier: MIT */
/* Random STE and CD: most legal, some not. */
#include "gen.h"

static bool idr(const struct gen_scene *g, unsigned n, unsigned bit)
{
	return g->ids.idr[n] >> bit & 1;
}

static uint64_t below(struct gen_scene *g, uint64_t n)
{
	return rng_below(&g->rng, n);
}

static bool chance(struct gen_scene *g, unsigned percent)
{
	return rng_chance(&g->rng, percent);
}

static void overrides(struct gen_scene *g)
{
	g->ste.shcfg = chance(g, 70) ? 1 : below(g, 4);
	g->ste.mtcfg = chance(g, 20);
	g->ste.memattr = below(g, 16);
	g->ste.alloccfg = chance(g, 25) ? below(g, 16) : 0;
	g->ste.privcfg = chance(g, 20) ? below(g, 4) : 0;
	g->ste.instcfg = chance(g, 20) ? below(g, 4) : 0;
}

static void substreams(struct gen_scene *g)
{
	unsigned ssidsize = g->ids.idr[1] >> 6 & 31;
	uint64_t most = ssidsize < 8 ? ssidsize : 8;
	unsigned fmt = idr(g, 0, 19) ? (unsigned)below(g, 3) : 0;
	struct dmasim_tables *t = g->ste.config & 2 ? &g->guest : &g->host;
	unsigned s1cdmax = 0;

	if (most && chance(g, 45))
		s1cdmax = 1 + (unsigned)below(g, most);
	assert_int_equal(dmasim_tables_cds_new(t, &g->cds, s1cdmax, fmt),
	                 DMASIM_OK);
	if (s1cdmax)
		g->ssid = (uint32_t)below(g, 1u << s1cdmax);
	g->ste.s1dss = chance(g, 70) ? 1 + below(g, 2) : below(g, 4);
	if (!s1cdmax || (g->ste.s1dss == 2 && chance(g, 40)))
		g->ssid = 0;
	assert_int_equal(dmasim_tables_cd(t, &g->cds, g->ssid, &g->cd_pa),
	                 DMASIM_OK);
	if (s1cdmax && fmt)
		gen_word(g,
		         g->cds.base - t->shift +
		                 8ull * (g->ssid >> (fmt == 1 ? 6 : 10)),
		         false);
}

/* HTTU (IDR0[7:6]). */
static void updates(struct gen_scene *g, uint64_t *ha, uint64_t *hd,
                    uint64_t *haft)
{
	unsigned httu = g->ids.idr[0] >> 6 & 3;

	*ha = httu >= 1 && chance(g, 65);
	*hd = httu >= 2 && chance(g, *ha ? 70 : 5);
	*haft = httu == 3 && *ha && chance(g, 40);
}

static uint64_t stall(struct gen_scene *g)
{
	unsigned model = g->ids.idr[0] >> 24 & 3;

	if (model == 0)
		return chance(g, 20);
	return (model == 2) != chance(g, 2);
}

static void stage2(struct gen_scene *g)
{
	g->ste.s2vmid = below(g, idr(g, 0, 18) ? 0x10000 : 0x100);
	g->ste.s2ps = chance(g, 80) ? g->ids.idr[5] & 7 : below(g, 8);
	g->ste.s2affd = chance(g, 20);
	g->ste.s2ptw = chance(g, 15);
	g->ste.s2fwb = chance(g, 35);
	g->ste.s2r = chance(g, 85);
	g->ste.s2s = stall(g);
	updates(g, &g->ste.s2ha, &g->ste.s2hd, &g->ste.s2haft);
}

static void of_secure(struct gen_scene *g)
{
	/* EL3. */
	if (g->ste.strw && chance(g, 50))
		g->ste.strw = 1;
	g->ste.nscfg = below(g, 4);
	g->ste.s2nsw = chance(g, 20);
	g->ste.s2nsa = chance(g, 50);
	g->ste.s2sw = chance(g, 20);
	g->ste.s2sa = chance(g, 30);
}

void gen_ste(struct gen_scene *g)
{
	static const uint8_t configs[] = {4, 4, 5, 5, 5, 5, 5, 5, 6, 6,
	                                  6, 7, 7, 7, 7, 7, 7, 7, 7, 0};
	uint64_t config = configs[below(g, sizeof(configs))];
	bool s2 = idr(g, 0, 0); /* S2P; S_IDR1.SEL2 */

	if (g->ids.secure)
		s2 = s2 && (g->ids.s_idr[1] >> 29 & 1);
	if (!s2 && !chance(g, 5))
		config &= ~2ull;
	g->ste = (struct dmasim_tables_ste){.config = config,
	                                    .invalid = chance(g, 1),
	                                    .mev = chance(g, 20),
	                                    .eats = chance(g, 12) ? below(g, 4)
	                                                          : 0};
	overrides(g);
	if (config == 5 && chance(g, 30))
		g->ste.strw = chance(g, 90) ? 2 : below(g, 4);
	if (idr(g, 0, 0))
		stage2(g);
	if (g->ids.secure)
		of_secure(g);
	/* STALL_MODEL 0 alone allows S1STALLD. */
	g->ste.s1stalld =
	        (g->ids.idr[0] >> 24 & 3) == 0 ? chance(g, 8) : chance(g, 1);
}

static uint64_t gen_mair(struct gen_scene *g)
{
	static const uint8_t some[] = {0x00, 0x04, 0x08, 0x0c, 0x44, 0xff,
	                               0xff, 0xbb, 0xee, 0x77, 0x33, 0xaa};
	uint64_t mair = 0;

	for (unsigned i = 0; i < 8; i++)
		mair = mair << 8 | (chance(g, 90) ? some[below(g, sizeof(some))]
		                                  : below(g, 256));
	return mair;
}

void gen_cd(struct gen_scene *g)
{
	bool both = !g->ste.strw;

	if (!(g->ste.config & 1))
		return;
	substreams(g);
	g->cd = (struct dmasim_tables_cd){
	        .invalid = chance(g, 1),
	        .ips = chance(g, 85) ? g->ids.idr[5] & 7 : below(g, 8),
	        .affd = chance(g, 20),
	        .wxn = chance(g, 20),
	        .uwxn = chance(g, 20),
	        .tbi0 = chance(g, 30),
	        .tbi1 = chance(g, 30),
	        .pan = chance(g, 25),
	        .epan = chance(g, 50),
	        .s = g->ste.s1stalld ? chance(g, 5) : stall(g),
	        .r = chance(g, 85),
	        .a = idr(g, 0, 26) ? !chance(g, 3) : chance(g, 70),
	        .aset = chance(g, 50),
	        .asid = below(g, idr(g, 0, 12) ? 0x10000 : 0x100),
	        .had0 = chance(g, 20),
	        .had1 = chance(g, 20),
	        .e0pd0 = chance(g, 10),
	        .e0pd1 = chance(g, 10),
	        .mair = gen_mair(g),
	};
	updates(g, &g->cd.ha, &g->cd.hd, &g->cd.haft);
	g->cd.nscfg0 = chance(g, 25);
	g->cd.nscfg1 = chance(g, 25);
	dmasim_tables_cd_stage1(&g->cd, g->has_low ? &g->low : NULL,
	                        g->has_high && both ? &g->high : NULL);
	/* Bits within the table's size do not count (5.4, TTB0). */
	if (chance(g, 10)) {
		g->cd.ttb0 ^= below(g, 64) << 4;
		g->cd.ttb1 ^= below(g, 64) << 4;
	}
	g->cd.epd0 |= chance(g, 4);
	g->cd.epd1 |= chance(g, 4);
}

void gen_write_config(struct gen_scene *g)
{
	if ((g->ste.config & 2) && chance(g, 10))
		g->ste.s2ttb ^= below(g, 64) << 4;
	if (g->ste.config & 1)
		dmasim_tables_ste_cds(&g->ste, &g->cds);
	assert_int_equal(dmasim_tables_write_ste(&g->host, g->ste_pa, &g->ste),
	                 DMASIM_OK);
	for (unsigned i = 0; i < 8; i++)
		gen_word(g, g->ste_pa + 8 * i, false);
	if (!(g->ste.config & 1))
		return;
	assert_int_equal(dmasim_tables_write_cd(&g->host, g->cd_pa, &g->cd),
	                 DMASIM_OK);
	for (unsigned i = 0; i < 4; i++)
		gen_word(g, g->cd_pa + 8 * i, false);
}
