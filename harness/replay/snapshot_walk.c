/* SPDX-License-Identifier: MIT */
/*
 * Translation tables as their owner reads them (Arm ARM D8.2, D8.3), with
 * addresses of 48 bits: why profiles differ, and what a leaf is good for.
 */
#include <string.h>

#include "snapshot_internal.h"
#include "snapshot_regs.h"

/** Where a walk begins, and how its descriptors are read. */
struct tables {
	unsigned granule; /**< log2 */
	unsigned level;
	unsigned bits; /**< of outputs */
	uint64_t table;
	bool ipa; /**< the tables are behind stage 2 */
};

static const unsigned granules[] = {12, 16, 14, 0};

unsigned snap_output_bits(const struct snap_machine *m,
                          const struct snap_stream *st, unsigned stage)
{
	static const unsigned bits[] = {32, 36, 40, 42, 44, 48, 52, 52};
	const struct rec_reg *idr5 = rec_reg_find(m->snapshot, "IDR5");
	unsigned oas = bits[idr5 ? idr5->value & IDR5_OAS : 0];
	unsigned size = stage == 2 ? bits[STE2_S2PS(st->ste[2])]
	                           : bits[CD0_IPS(st->cd[0])];

	return size < oas ? size : oas;
}

/** log2 of what a descriptor of @level covers. */
static unsigned shift_of(const struct tables *t, unsigned level)
{
	return t->granule + (3 - level) * (t->granule - 3);
}

/** Read the descriptor at @addr of the tables' own address space. */
static int read_descriptor(struct snap_machine *m, const struct snap_stream *st,
                           const struct tables *t, uint64_t addr,
                           uint64_t *value, bool *found)
{
	struct snap_walk w = {.leaf = true, .out = addr};
	int err = DMASIM_OK;

	if (t->ipa)
		err = snap_walk_ipa(m, st, addr, &w);
	*found = !err && w.leaf && rec_in_ram(m->recording, w.out, 8);
	return *found ? snap_load(m, w.out, value) : err;
}

static int walk(struct snap_machine *m, const struct snap_stream *st,
                const struct tables *t, uint64_t in, struct snap_walk *w)
{
	uint64_t table = t->table, index = in >> shift_of(t, t->level);

	memset(w, 0, sizeof(*w));
	for (unsigned level = t->level;; level++) {
		uint64_t below = (1ull << shift_of(t, level)) - 1, d;
		bool found;
		int err = read_descriptor(m, st, t, table + 8 * index,
		                          &w->descriptor, &found);

		d = w->descriptor;
		if (err || !found || !(d & PTE_VALID))
			return err;
		w->leaf = level == 3 || !(d & PTE_TABLE);
		/* D8.3.1: 4 KiB has 1 GiB and 2 MiB blocks, the other
		 * granules have theirs at level 2. */
		w->bad_block = w->leaf && level < (t->granule == 12 ? 1u : 2u);
		if (w->leaf) {
			w->leaf_beyond_oas = (d & PTE_ADDR) >> t->bits != 0;
			w->out = (d & PTE_ADDR & ~below) | (in & below);
			return DMASIM_OK;
		}
		table = d & PTE_ADDR & ~((1ull << t->granule) - 1);
		w->ap_table0 |= (d & PTE_APTABLE0) != 0;
		w->ap_table1 |= (d & PTE_APTABLE1) != 0;
		w->table_beyond_oas |= table >> t->bits != 0;
		index = in >> shift_of(t, level + 1) &
		        ((1u << (t->granule - 3)) - 1);
	}
}

int snap_walk_ipa(struct snap_machine *m, const struct snap_stream *st,
                  uint64_t ipa, struct snap_walk *w)
{
	uint64_t ste2 = st->ste[2];
	unsigned sl = STE2_S2SL0(ste2), tsz = STE2_S2T0SZ(ste2);
	struct tables t = {
	        .granule = granules[STE2_S2TG(ste2)],
	        .bits = snap_output_bits(m, st, 2),
	        .table = st->ste[3] & STE3_S2TTB,
	};

	memset(w, 0, sizeof(*w));
	if (!t.granule || sl == 3 || tsz < 16 || tsz > 39 || ipa >> (64 - tsz))
		return DMASIM_OK;
	t.level = (t.granule == 12 ? 2 : 3) - sl;
	return walk(m, st, &t, ipa, w);
}

int snap_walk_stage1(struct snap_machine *m, const struct snap_stream *st,
                     uint64_t iova, struct snap_walk *w)
{
	unsigned tsz = CD0_T0SZ(st->cd[0]);
	struct tables t = {
	        .granule = granules[CD0_TG0(st->cd[0])],
	        .level = 3,
	        .bits = snap_output_bits(m, st, 1),
	        .table = st->cd[1] & CD1_TTB_ADDR,
	        .ipa = st->s2,
	};

	memset(w, 0, sizeof(*w));
	if (!st->has_cd || !t.granule || tsz < 16 || tsz > 39 ||
	    iova >> (64 - tsz))
		return DMASIM_OK;
	while (t.level && shift_of(&t, t.level) + t.granule - 3 < 64 - tsz)
		t.level--;
	return walk(m, st, &t, iova, w);
}

/** What stage 2 makes of stage 1's output. */
static void add_stage2(struct snap_walk *w, const struct snap_walk *second)
{
	w->leaf = second->leaf;
	w->out = second->out;
	w->bad_block |= second->bad_block;
	w->leaf_beyond_oas |= second->leaf_beyond_oas;
	w->table_beyond_oas |= second->table_beyond_oas;
}

int snap_walk(struct snap_machine *m, const struct snap_stream *st,
              uint64_t iova, struct snap_walk *w)
{
	struct snap_walk second;
	int err;

	if (!st->s1 && st->s2)
		return snap_walk_ipa(m, st, iova, w);
	err = snap_walk_stage1(m, st, iova, w);
	if (err || !w->leaf || !st->s2)
		return err;
	err = snap_walk_ipa(m, st, w->out, &second);
	if (!err)
		add_stage2(w, &second);
	return err;
}
