/* SPDX-License-Identifier: MIT */
/* Rows that name one access: translations, leaves, probes, changed words. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "snapshot_internal.h"
#include "snapshot_regs.h"

/** Make the access, and let @result be the worst of all so far. */
static int check_access(struct snap_run *run, struct snap_machine *m,
                        const struct snap_access *a,
                        const struct snap_expect *e, struct snap_result *result)
{
	struct snap_seen seen;
	struct snap_result now = {.verdict = SNAP_AGREE};
	int err;

	if (result->verdict == SNAP_DIFFER)
		return DMASIM_OK;
	err = snap_do_access(m, a, &seen);
	if (!err)
		err = snap_compare(m, run->recorded, a, e, &seen, &now);
	if (!err && now.verdict != SNAP_AGREE)
		*result = now;
	return err;
}

/** An access that is translated to @pa, or a fault of @type if that is not 0.
 */
static int check_allowed(struct snap_run *run, struct snap_machine *m,
                         const struct snap_access *a, uint64_t pa,
                         unsigned type, struct snap_result *result)
{
	uint64_t record[1][4];
	struct snap_expect e = {.outcome = type ? REC_RECORDED : REC_SUCCESS,
	                        .pa = pa,
	                        .records = 1,
	                        .record = (const uint64_t(*)[4])record};

	snap_fault_record(run->recorded, type, a, record[0]);
	return check_access(run, m, a, &e, result);
}

int snap_row_translation(struct snap_run *run, struct snap_machine *m,
                         const struct rec_row *row, bool poked,
                         struct snap_result *result)
{
	struct snap_access a = {
	        .sid = row->sid,
	        .write = row->access == REC_WRITE,
	        .iova = row->iova,
	        .size = snap_natural_size(row->iova),
	        .pa = UINT64_MAX,
	};
	struct snap_expect e = {
	        .outcome = row->outcome,
	        .must_pass = row->must_pass,
	        .pa = row->pa,
	        .records = row->records,
	        .record = (const uint64_t(*)[4])row->record,
	};
	bool passes = e.outcome == REC_SUCCESS || e.outcome == REC_BYPASS;
	bool allowed;
	int err;

	if (passes)
		a.pa = row->pa;
	err = check_access(run, m, &a, &e, result);
	if (err || e.outcome != REC_SUCCESS || !row->has_perm)
		return err;
	/* The listed permission is the leaf's. A change may have made a table
	 * read-only: then only what the leaf forbids is sure. */
	a.write = !a.write;
	allowed = row->perm & (a.write ? 2 : 1);
	if (poked && (allowed || run->profile != run->recorded))
		return DMASIM_OK;
	return check_allowed(run, m, &a, row->pa, allowed ? 0 : EVT_PERMISSION,
	                     result);
}

/** What the recorded profile makes of an access to a valid leaf; 0: it is
 * translated. */
static unsigned leaf_fault(const struct snap_run *run, uint64_t descriptor,
                           bool beyond, bool write)
{
	bool arch = run->recorded != DMASIM_SMMU_QEMU_7_2 &&
	            run->recorded != DMASIM_SMMU_QEMU_10;
	bool forbidden = (write && (descriptor & PTE_AP2)) ||
	                 (arch && !(descriptor & PTE_AP1));

	if (run->recorded == DMASIM_SMMU_QEMU_7_2)
		return forbidden ? EVT_PERMISSION : 0;
	if (arch && beyond)
		return EVT_ADDR_SIZE;
	if (!(descriptor & PTE_AF))
		return EVT_ACCESS;
	if (forbidden)
		return EVT_PERMISSION;
	return beyond ? EVT_ADDR_SIZE : 0;
}

/** The descriptor that the list gives must be the one in memory. */
static int check_descriptor(struct snap_machine *m, const struct rec_row *row,
                            struct snap_result *result)
{
	uint64_t value;
	int err;

	if (!row->has_descriptor || !row->descriptor_pa ||
	    !rec_in_ram(m->recording, row->descriptor_pa, 8))
		return DMASIM_OK;
	err = snap_load(m, row->descriptor_pa, &value);
	if (err || value == row->descriptor)
		return err;
	result->verdict = SNAP_DIFFER;
	snprintf(result->text, sizeof(result->text),
	         "the descriptor at 0x%" PRIx64 " is 0x%016" PRIx64
	         ", the list says 0x%016" PRIx64,
	         row->descriptor_pa, value, row->descriptor);
	return DMASIM_OK;
}

/** Read and write one byte of the leaf. */
static int check_byte(struct snap_run *run, struct snap_machine *m,
                      const struct rec_row *row, uint64_t offset, bool beyond,
                      struct snap_result *result)
{
	struct snap_access a = {
	        .sid = row->sid,
	        .iova = row->iova + offset,
	        .size = 1,
	        .pa = row->pa + offset,
	};
	/* Without the descriptor the access flag and AP[1] are taken as set,
	 * and nothing is known of writes. */
	uint64_t d = row->has_descriptor ? row->descriptor : PTE_AF | PTE_AP1;
	int err = check_allowed(run, m, &a, a.pa,
	                        leaf_fault(run, d, beyond, false), result);

	a.write = true;
	if (err || !row->has_descriptor)
		return err;
	return check_allowed(run, m, &a, a.pa, leaf_fault(run, d, beyond, true),
	                     result);
}

int snap_row_mapping(struct snap_run *run, struct snap_machine *m,
                     const struct rec_row *row, struct snap_result *result)
{
	struct snap_stream st;
	bool beyond;
	int err = snap_stream_read(m, row->sid, &st);

	if (!err)
		err = check_descriptor(m, row, result);
	if (err || result->verdict == SNAP_DIFFER)
		return err;
	beyond = row->pa >> snap_output_bits(m, &st) != 0;
	err = check_byte(run, m, row, 0, beyond, result);
	if (!err && row->size > 1)
		err = check_byte(run, m, row, row->size - 1, beyond, result);
	return err;
}

/* ---- changed words ---- */

/** Write the new words, if the old ones are there. */
static int apply(struct snap_machine *m, const struct rec_row *row,
                 struct snap_result *result)
{
	for (size_t i = 0; i < row->pokes; i++) {
		const struct rec_poke *p = &row->poke[i];
		uint64_t now;
		int err = snap_load(m, p->pa, &now);

		if (err)
			return err;
		if (now != p->before) {
			result->verdict = SNAP_DIFFER;
			snprintf(result->text, sizeof(result->text),
			         "the word at 0x%" PRIx64 " is 0x%016" PRIx64
			         ", the list says 0x%016" PRIx64,
			         p->pa, now, p->before);
			return DMASIM_OK;
		}
	}
	for (size_t i = 0; i < row->pokes; i++) {
		int err = snap_store(m, row->poke[i].pa, row->poke[i].after);

		if (err)
			return err;
	}
	return DMASIM_OK;
}

static int invalidate(struct snap_machine *m, const struct rec_row *row,
                      uint16_t asid, struct snap_result *result)
{
	unsigned error;
	int err = snap_invalidate(m, row, asid, &error);

	if (!err && error) {
		result->verdict = SNAP_DIFFER;
		snprintf(result->text, sizeof(result->text),
		         "the SMMU refused an invalidation (CMDQ_CONS.ERR %u)",
		         error);
	}
	return err;
}

int snap_poke(struct snap_machine *m, const struct rec_row *row, uint16_t *asid,
              struct snap_result *result)
{
	struct snap_stream st;
	int err = snap_stream_read(m, row->sid, &st);

	*asid = snap_stream_asid(&st);
	if (err || !row->pokes)
		return err;
	if (!m->commands) {
		result->verdict = SNAP_SKIP;
		result->reason = "the command queue was off: a driver could "
		                 "not invalidate";
		return DMASIM_OK;
	}
	err = apply(m, row, result);
	if (err || result->verdict == SNAP_DIFFER)
		return err;
	return invalidate(m, row, *asid, result);
}

int snap_unpoke(struct snap_machine *m, const struct rec_row *row,
                uint16_t asid, struct snap_result *result)
{
	for (size_t i = row->pokes; i-- > 0;) {
		int err = snap_store(m, row->poke[i].pa, row->poke[i].before);

		if (err)
			return err;
	}
	return row->pokes ? invalidate(m, row, asid, result) : DMASIM_OK;
}

bool snap_skip_uncovered(struct snap_machine *m, const struct rec_row *row,
                         struct snap_result *result, int *err)
{
	struct snap_stream st;
	const char *reason = NULL;

	*err = snap_stream_read(m, row->sid, &st);
	if (!*err)
		reason = snap_stream_uncovered(m, &st);
	if (!reason)
		return *err != DMASIM_OK;
	result->verdict = SNAP_SKIP;
	result->reason = reason;
	return true;
}

int snap_row_poke(struct snap_run *run, struct snap_machine *m,
                  const struct rec_row *row, struct snap_result *result)
{
	uint16_t asid;
	int err = snap_poke(m, row, &asid, result), undo;

	if (err || result->verdict != SNAP_AGREE)
		return err;
	if (!snap_skip_uncovered(m, row, result, &err))
		err = snap_row_translation(run, m, row, row->pokes > 0, result);
	undo = snap_unpoke(m, row, asid, result);
	return err ? err : undo;
}
