/* SPDX-License-Identifier: MIT */
/*
 * Rows with many records: what QEMU's devices did in their own order. Each
 * record names an access; the row's own access must make a listed record,
 * and the records that QEMU adds are recognised and named.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "snapshot_internal.h"
#include "snapshot_regs.h"

enum extra {
	EXTRA_REPEATED,
	EXTRA_PER_WORD,
	EXTRA_OFFSET,
	EXTRA_OTHER,
};

static bool same_words(const uint64_t a[4], const uint64_t b[4])
{
	return !memcmp(a, b, 4 * sizeof(*a));
}

/** The record of a failed access that went on 4 bytes further. */
static bool follows(const uint64_t earlier[4], const uint64_t record[4])
{
	return earlier[0] == record[0] && earlier[1] == record[1] &&
	       earlier[3] == record[3] && earlier[2] + 4 == record[2];
}

/** Records whose word 2 is the address of the access. */
static bool has_address(const uint64_t record[4])
{
	unsigned type = (uint8_t)record[0];

	return type == EVT_WALK_EABT ||
	       (type >= EVT_TRANSLATION && type <= EVT_PERMISSION);
}

/** What record @i is beside the others of its row. */
static enum extra classify(const struct snap_run *run,
                           const struct rec_row *row, size_t i)
{
	const uint64_t *record = row->record[i];

	for (size_t k = 0; k < i; k++)
		if (same_words(row->record[k], record))
			return EXTRA_REPEATED;
	/* Gone in QEMU 10. */
	if (i && has_address(record) && record[2] < REC_PAGE &&
	    run->recorded == DMASIM_SMMU_QEMU_7_2)
		return EXTRA_OFFSET;
	for (size_t k = 0; k < i; k++)
		if (has_address(record) && follows(row->record[k], record))
			return EXTRA_PER_WORD;
	return EXTRA_OTHER;
}

static void count_extra(struct snap_extras *x, enum extra kind)
{
	switch (kind) {
	case EXTRA_REPEATED:
		x->repeated++;
		break;
	case EXTRA_PER_WORD:
		x->per_word++;
		break;
	case EXTRA_OFFSET:
		x->offsets++;
		break;
	case EXTRA_OTHER:
		x->others++;
		break;
	}
}

/** The access that a record is about. Records of a bad configuration do not
 * say; any access makes them. */
static struct snap_access access_of(const uint64_t record[4])
{
	struct snap_access a = {
	        .sid = (uint32_t)(record[0] >> 32),
	        .pa = UINT64_MAX,
	};

	if (has_address(record)) {
		a.write = !(record[1] & EVT1_RNW);
		a.iova = record[2];
	}
	a.size = snap_natural_size(a.iova);
	return a;
}

/** Make the access of one record and compare. */
static int replay_record(struct snap_run *run, struct snap_machine *m,
                         const uint64_t (*record)[4], struct snap_seen *seen,
                         struct snap_result *result)
{
	struct snap_access a = access_of(*record);
	struct snap_expect e = {
	        .outcome = REC_RECORDED,
	        .records = 1,
	        .record = record,
	};

	return snap_check(m, run->recorded, &a, &e, seen, result);
}

static void keep_worst(struct snap_result *result,
                       const struct snap_result *now)
{
	if (result->verdict != SNAP_DIFFER && now->verdict != SNAP_AGREE)
		*result = *now;
}

/* ---- driver-faults.tsv ---- */

static int driver_records(struct snap_run *run, struct snap_machine *m,
                          const struct rec_row *row, struct snap_tally *t,
                          struct snap_result *result)
{
	for (size_t i = 0; i < row->records; i++) {
		enum extra kind = classify(run, row, i);
		struct snap_result now = {.verdict = SNAP_AGREE};
		struct snap_seen seen;
		int err;

		t->records++;
		if (i)
			count_extra(&t->extras, kind);
		err = replay_record(run, m,
		                    (const uint64_t(*)[4]) & row->record[i],
		                    &seen, &now);
		if (err)
			return err;
		/* An offset that happens to be mapped faults nowhere. */
		if (now.verdict == SNAP_DIFFER && kind == EXTRA_OFFSET && i &&
		    !seen.records)
			t->extras.unproduced++;
		else
			keep_worst(result, &now);
	}
	return DMASIM_OK;
}

int snap_row_driver(struct snap_run *run, struct snap_machine *m,
                    const struct rec_row *row, struct snap_tally *t,
                    struct snap_result *result)
{
	struct snap_tag tag;
	int err, undo;

	if (!row->records) {
		result->verdict = SNAP_SKIP;
		result->reason = "the row lists no record";
		return DMASIM_OK;
	}
	err = snap_poke(m, row, &tag, result);
	if (err || result->verdict != SNAP_AGREE)
		return err;
	err = driver_records(run, m, row, t, result);
	undo = snap_unpoke(m, row, tag, result);
	return err ? err : undo;
}

/* ---- faults.tsv ---- */

/** The record of the list that the row's own access made. */
static size_t own_record(const struct rec_row *row, const uint64_t made[4])
{
	size_t i = 0;

	while (i < row->records && ((row->record[i][0] ^ made[0]) & 0xff ||
	                            row->record[i][2] != made[2]))
		i++;
	return i;
}

/** The other records of the row: accesses of the device around this one. The
 * tables may have changed since; but no access may make another record. */
static int other_records(struct snap_run *run, struct snap_machine *m,
                         const struct rec_row *row, size_t own,
                         struct snap_tally *t, struct snap_result *result)
{
	for (size_t i = 0; i < row->records; i++) {
		struct snap_result now = {.verdict = SNAP_AGREE};
		enum extra kind = classify(run, row, i);
		struct snap_seen seen;
		int err;

		if (i == own)
			continue;
		count_extra(&t->extras, kind);
		if (kind == EXTRA_REPEATED)
			continue;
		err = replay_record(run, m,
		                    (const uint64_t(*)[4]) & row->record[i],
		                    &seen, &now);
		if (err)
			return err;
		if (now.verdict == SNAP_DIFFER && !seen.records)
			t->extras.unproduced++;
		else
			keep_worst(result, &now);
	}
	return DMASIM_OK;
}

int snap_row_fault(struct snap_run *run, struct snap_machine *m,
                   const struct rec_row *row, struct snap_tally *t,
                   struct snap_result *result)
{
	struct snap_access a = {
	        .sid = row->sid,
	        .write = row->access == REC_WRITE,
	        .iova = row->iova,
	        .pa = UINT64_MAX,
	};
	struct snap_expect e = {
	        .outcome = row->outcome,
	        .any_record = true,
	        .must_pass = row->must_pass,
	        .records = row->records,
	        .record = (const uint64_t(*)[4])row->record,
	};
	struct snap_seen seen;
	struct snap_stream st;
	size_t own;
	int err = snap_stream_read(m, row->sid, &st);

	if (err)
		return err;
	if (row->plus_page)
		a.iova += 1ull << (snap_stream_granule(&st)
		                           ? snap_stream_granule(&st)
		                           : 12);
	a.size = row->size ? (uint32_t)row->size : snap_natural_size(a.iova);
	err = snap_check(m, run->recorded, &a, &e, &seen, result);
	if (err)
		return err;
	own = seen.records ? own_record(row, seen.record[0]) : row->records;
	if (own < row->records) {
		/* A difference is told against this one. */
		e.record += own;
		e.records -= own;
	}
	err = snap_compare(m, run->recorded, &a, &e, &seen, result);
	if (err || result->verdict == SNAP_DIFFER)
		return err;
	t->records += row->records;
	return seen.records ? other_records(run, m, row, own, t, result)
	                    : DMASIM_OK;
}
