/* SPDX-License-Identifier: MIT */
/*
 * STE and CD of a stream as their owner reads them, and what a driver
 * invalidates after a change.
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

static bool translates(const struct snap_stream *st, unsigned stage)
{
	unsigned wanted = STE_CONFIG_TRANS | stage;

	return (STE0_CONFIG(st->ste[0]) & wanted) == wanted;
}

/** 5.2: S1ContextPtr is an IPA where stage 2 translates. */
static int read_cd(struct snap_machine *m, struct snap_stream *st)
{
	uint64_t pa = st->ste[0] & STE0_CD_ADDR;
	struct snap_walk w = {.leaf = true, .out = pa};
	int err = DMASIM_OK;

	if (st->s2)
		err = snap_walk_ipa(m, st, pa, &w);
	if (!err && w.leaf)
		err = read_words(m, w.out, st->cd, 8, &st->has_cd);
	st->has_cd = st->has_cd && (st->cd[0] & CD0_V);
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
	if (err || !st->has_ste)
		return err;
	st->s1 = translates(st, STE_CONFIG_S1);
	st->s2 = translates(st, STE_CONFIG_S2);
	/* Where there is stage 2, stage 1 alone has a VMID, too. */
	if (recorded(m, "IDR0") & IDR0_S2P)
		st->vmid = STE2_S2VMID(st->ste[2]);
	return st->s1 ? read_cd(m, st) : DMASIM_OK;
}

struct snap_tag snap_stream_tag(const struct snap_stream *st)
{
	return (struct snap_tag){
	        .asid = st->has_cd ? CD0_ASID(st->cd[0]) : 0,
	        .vmid = st->vmid,
	        .s2 = st->s2,
	};
}

unsigned snap_stream_granule(const struct snap_stream *st)
{
	static const unsigned bits[] = {12, 16, 14, 0};

	if (st->s2 && !st->s1)
		return bits[STE2_S2TG(st->ste[2])];
	return st->has_cd ? bits[CD0_TG0(st->cd[0])] : 0;
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

/** After a change of stage 2: what it translated, and what both stages made of
 * it. */
static int forget_stage2(struct snap_machine *m, struct snap_tag tag,
                         unsigned *error)
{
	return send(m, CMD_TLBI_S12_VMALL | (uint64_t)tag.vmid << 32, 0, error);
}

int snap_forget(struct snap_machine *m, struct snap_tag tag, unsigned *error)
{
	int err;

	*error = 0;
	err = forget_stage2(m, tag, error);
	return err ? err : send(m, CMD_SYNC, 0, error);
}

/** Tables of stage 1, by address where the change is one leaf. */
static int forget_stage1(struct snap_machine *m, const struct rec_row *row,
                         struct snap_tag tag, bool leaf, unsigned *error)
{
	uint64_t tags = (uint64_t)tag.asid << 48 | (uint64_t)tag.vmid << 32;

	if (leaf && row->access != REC_NO_ACCESS)
		return send(m, CMD_TLBI_NH_VA | tags,
		            (row->iova & ~0xfffull) | CMD1_LEAF, error);
	return send(m, CMD_TLBI_NH_ASID | tags, 0, error);
}

/** What a driver invalidates after it wrote the word at @pa, by what is
 * there. */
static int invalidate_word(struct snap_machine *m, const struct rec_row *row,
                           uint64_t pa, struct snap_tag tag, unsigned *error)
{
	const char *roles = rec_pages_roles(&m->snapshot->pages, pa);
	uint64_t sid = (uint64_t)row->sid << 32;
	bool cd = strstr(roles, "cd[") != NULL;
	bool stage1 = strstr(roles, "pt_s1") != NULL;
	bool stage2 = strstr(roles, "pt_s2") != NULL;
	int err = DMASIM_OK;

	if (strstr(roles, "strtab_l1"))
		err = send(m, CMD_CFGI_STE | sid, 0, error);
	else if (strstr(roles, "strtab"))
		err = send(m, CMD_CFGI_STE | sid, CMD1_LEAF, error);
	else if (cd)
		err = send(m, CMD_CFGI_CD | sid, CMD1_LEAF, error);
	else if (!stage1 && !stage2)
		err = send(m, CMD_CFGI_ALL, CMD1_RANGE_ALL, error);
	if (err)
		return err;
	if (stage2 || (tag.s2 && strstr(roles, "strtab")))
		return forget_stage2(m, tag, error);
	if (cd || stage1)
		return forget_stage1(m, row, tag,
		                     strstr(roles, "pt_s1_l3") != NULL, error);
	return strstr(roles, "strtab") ? DMASIM_OK
	                               : send(m, CMD_TLBI_NSNH_ALL, 0, error);
}

int snap_invalidate(struct snap_machine *m, const struct rec_row *row,
                    struct snap_tag tag, unsigned *error)
{
	int err = DMASIM_OK;

	*error = 0;
	for (size_t i = 0; !err && i < row->pokes; i++)
		err = invalidate_word(m, row, row->poke[i].pa, tag, error);
	return err ? err : send(m, CMD_SYNC, 0, error);
}
