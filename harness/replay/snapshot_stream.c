/* SPDX-License-Identifier: MIT */
/*
 * STE, CD and tables of a stream as their owner reads them: which state
 * cannot be replayed, what a driver invalidates, why profiles differ.
 */
#include <string.h>

#include "snapshot_internal.h"
#include "snapshot_regs.h"

static uint64_t recorded(const struct snap_machine *m, const char *name)
{
	const struct rec_reg *reg = rec_reg_find(m->snapshot, name);

	return reg ? reg->value : 0;
}

/** Read @words words; *@found: they are in memory. */
static int read_words(struct snap_machine *m, uint64_t pa, uint64_t *word,
                      unsigned words, bool *found)
{
	int err = DMASIM_OK;

	*found = rec_in_ram(m->recording, pa, 8u * words);
	for (unsigned i = 0; *found && !err && i < words; i++)
		err = snap_load(m, pa + 8 * i, &word[i]);
	return err;
}

/** 5.1: the STE in a linear or 2-level table. *@found: there is one. */
static int find_ste(struct snap_machine *m, uint32_t sid, uint64_t *pa,
                    bool *found, bool *beyond_span)
{
	uint64_t base = recorded(m, "STRTAB_BASE") & STRTAB_ADDR;
	uint64_t cfg = recorded(m, "STRTAB_BASE_CFG");
	unsigned log2 = (unsigned)(cfg & STRTAB_LOG2SIZE);
	unsigned split = STRTAB_SPLIT(cfg), span;
	uint64_t l1std = 0;
	int err;

	*found = log2 >= 32 || !(sid >> log2);
	*pa = base + (uint64_t)sid * STE_SIZE;
	if (!*found || STRTAB_FMT(cfg) != 1)
		return DMASIM_OK;
	if (split != 6 && split != 8 && split != 10)
		split = 6;
	err = read_words(m, base + (uint64_t)(sid >> split) * 8, &l1std, 1,
	                 found);
	span = (unsigned)(l1std & L1STD_SPAN);
	sid &= (1u << split) - 1;
	*beyond_span =
	        *found && span && (span > split + 1 || sid >> (span - 1));
	*found = *found && span && !*beyond_span;
	*pa = (l1std & STRTAB_ADDR) + (uint64_t)sid * STE_SIZE;
	return err;
}

int snap_stream_read(struct snap_machine *m, uint32_t sid,
                     struct snap_stream *st)
{
	uint64_t pa;
	bool found, beyond = false;
	int err = find_ste(m, sid, &pa, &found, &beyond);

	memset(st, 0, sizeof(*st));
	st->beyond_span = beyond;
	if (!err && found)
		err = read_words(m, pa, st->ste, 8, &st->has_ste);
	st->has_ste = st->has_ste && (st->ste[0] & STE0_V);
	if (err || !st->has_ste ||
	    (STE0_CONFIG(st->ste[0]) & (STE_CONFIG_TRANS | STE_CONFIG_S1)) !=
	            (STE_CONFIG_TRANS | STE_CONFIG_S1))
		return err;
	err = read_words(m, st->ste[0] & STE0_CD_ADDR, st->cd, 8, &st->has_cd);
	st->has_cd = st->has_cd && (st->cd[0] & CD0_V);
	return err;
}

uint16_t snap_stream_asid(const struct snap_stream *st)
{
	return st->has_cd ? CD0_ASID(st->cd[0]) : 0;
}

unsigned snap_stream_granule(const struct snap_stream *st)
{
	static const unsigned bits[] = {12, 16, 14, 0};

	return st->has_cd ? bits[CD0_TG0(st->cd[0])] : 0;
}

const char *snap_stream_uncovered(const struct snap_machine *m,
                                  const struct snap_stream *st)
{
	unsigned config = STE0_CONFIG(st->ste[0]);

	/* A stage that the recorded SMMU did not have made the STE illegal:
	 * that is replayed. */
	if (st->has_ste && (config & STE_CONFIG_TRANS) &&
	    (config & STE_CONFIG_S2) && (recorded(m, "IDR0") & IDR0_S2P))
		return "stage 2 is not modelled";
	return NULL;
}

/** D8.2: descriptors of @level are chosen by these bits of the address. */
static uint64_t walk_index(uint64_t iova, unsigned granule, unsigned level)
{
	unsigned shift = granule + (3 - level) * (granule - 3);

	return iova >> shift & ((1u << (granule - 3)) - 1);
}

unsigned snap_output_bits(const struct snap_machine *m,
                          const struct snap_stream *st)
{
	static const unsigned bits[] = {32, 36, 40, 42, 44, 48, 52, 52};
	unsigned oas = bits[recorded(m, "IDR5") & IDR5_OAS];
	unsigned ips = bits[CD0_IPS(st->cd[0])];

	return ips < oas ? ips : oas;
}

int snap_walk(struct snap_machine *m, const struct snap_stream *st,
              uint64_t iova, struct snap_walk *w)
{
	unsigned granule = snap_stream_granule(st);
	unsigned tsz = CD0_T0SZ(st->cd[0]), level = 3;
	unsigned bits = snap_output_bits(m, st);
	uint64_t table = st->cd[1] & CD1_TTB_ADDR;

	memset(w, 0, sizeof(*w));
	if (!granule || tsz < 16 || tsz > 39 || iova >> (64 - tsz))
		return DMASIM_OK;
	while (level && granule + (4 - level) * (granule - 3) < 64 - tsz)
		level--;
	for (;; level++) {
		uint64_t pa = table + 8 * walk_index(iova, granule, level);
		bool found;
		int err = read_words(m, pa, &w->descriptor, 1, &found);
		uint64_t d = w->descriptor;

		if (err || !found || !(d & PTE_VALID))
			return err;
		w->leaf = level == 3 || !(d & PTE_TABLE);
		/* D8.3.1: 4 KiB has 1 GiB and 2 MiB blocks, the other
		 * granules have theirs at level 2. */
		w->bad_block = w->leaf && level < (granule == 12 ? 1u : 2u);
		table = d & PTE_ADDR & ~((1ull << granule) - 1);
		if (w->leaf) {
			w->leaf_beyond_oas = (d & PTE_ADDR) >> bits != 0;
			return DMASIM_OK;
		}
		w->ap_table0 |= (d & PTE_APTABLE0) != 0;
		w->ap_table1 |= (d & PTE_APTABLE1) != 0;
		w->table_beyond_oas |= table >> bits != 0;
	}
}

/** Send one command; *@error keeps the first that the SMMU found. */
static int send(struct snap_machine *m, uint64_t word0, uint64_t word1,
                unsigned *error)
{
	const uint64_t cmd[2] = {word0, word1};
	unsigned now = 0;
	int err = snap_command(m, cmd, &now);

	if (!*error)
		*error = now;
	return err;
}

/** What a driver invalidates after it wrote the word at @pa, by what is
 * there. */
static int invalidate_word(struct snap_machine *m, const struct rec_row *row,
                           uint64_t pa, uint16_t asid, unsigned *error)
{
	const char *roles = rec_pages_roles(&m->snapshot->pages, pa);
	uint64_t sid = (uint64_t)row->sid << 32;
	uint64_t tag = (uint64_t)asid << 48;
	bool cd = strstr(roles, "cd[") != NULL;
	bool leaf = strstr(roles, "pt_s1_l3") != NULL;
	int err = DMASIM_OK;

	if (strstr(roles, "strtab_l1"))
		err = send(m, CMD_CFGI_STE | sid, 0, error);
	else if (strstr(roles, "strtab"))
		err = send(m, CMD_CFGI_STE | sid, CMD1_LEAF, error);
	else if (cd)
		err = send(m, CMD_CFGI_CD | sid, CMD1_LEAF, error);
	else if (!strstr(roles, "pt_s1"))
		err = send(m, CMD_CFGI_ALL, CMD1_RANGE_ALL, error);
	if (err)
		return err;
	if (leaf && row->access != REC_NO_ACCESS)
		return send(m, CMD_TLBI_NH_VA | tag,
		            (row->iova & ~0xfffull) | CMD1_LEAF, error);
	if (cd || strstr(roles, "pt_s1"))
		return send(m, CMD_TLBI_NH_ASID | tag, 0, error);
	return strstr(roles, "strtab") ? DMASIM_OK
	                               : send(m, CMD_TLBI_NSNH_ALL, 0, error);
}

int snap_invalidate(struct snap_machine *m, const struct rec_row *row,
                    uint16_t asid, unsigned *error)
{
	int err = DMASIM_OK;

	*error = 0;
	for (size_t i = 0; !err && i < row->pokes; i++)
		err = invalidate_word(m, row, row->poke[i].pa, asid, error);
	return err ? err : send(m, CMD_SYNC, 0, error);
}
