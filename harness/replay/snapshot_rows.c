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
	err = snap_check(m, run->recorded, a, e, &seen, &now);
	if (!err && now.verdict != SNAP_AGREE)
		*result = now;
	return err;
}

/** What is known of a leaf, and of the stage that has it. */
struct leaf {
	struct snap_stream st;
	uint64_t ipa;  /**< where @st has stage 2: its input */
	unsigned type; /**< of the record; 0: the access is translated */
	bool s2;       /**< the leaf is stage 2's */
};

/** An access that is translated to a->pa, or faults as the leaf says. */
static int check_allowed(struct snap_run *run, struct snap_machine *m,
                         const struct snap_access *a, const struct leaf *leaf,
                         struct snap_result *result)
{
	uint64_t record[1][4];
	struct snap_expect e = {
	        .outcome = leaf->type ? REC_RECORDED : REC_SUCCESS,
	        .pa = a->pa,
	        .records = 1,
	        .record = (const uint64_t(*)[4])record,
	};
	struct snap_fault fault = {
	        .type = leaf->type,
	        .s2 = leaf->s2,
	        .ipa = leaf->ipa,
	};

	snap_fault_record(run->recorded, &fault, a, record[0]);
	return check_access(run, m, a, &e, result);
}

/** The access that @row does not list, by the leaf's permission. */
static int check_other(struct snap_run *run, struct snap_machine *m,
                       const struct rec_row *row, struct snap_access *a,
                       bool poked, struct snap_result *result)
{
	struct leaf leaf = {.ipa = row->iova};
	bool allowed;
	int err;

	a->write = !a->write;
	allowed = row->perm & (a->write ? 2 : 1);
	/* The listed permission is the leaf's. A change may have made a table
	 * read-only: then only what the leaf forbids is sure. */
	if (poked && (allowed || run->profile != run->recorded))
		return DMASIM_OK;
	err = snap_stream_read(m, row->sid, &leaf.st);
	/* With two stages the one that forbids is not known. */
	if (err || (!allowed && leaf.st.s1 && leaf.st.s2))
		return err;
	leaf.s2 = leaf.st.s2;
	leaf.type = allowed ? 0 : EVT_PERMISSION;
	return check_allowed(run, m, a, &leaf, result);
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
	int err;

	if (e.outcome == REC_SUCCESS || e.outcome == REC_BYPASS)
		a.pa = row->pa;
	err = check_access(run, m, &a, &e, result);
	if (err || e.outcome != REC_SUCCESS || !row->has_perm)
		return err;
	return check_other(run, m, row, &a, poked, result);
}

/** Arm ARM D8.4: what the permission bits of a leaf forbid. */
static bool forbidden(const struct snap_run *run, const struct leaf *leaf,
                      uint64_t descriptor, bool write)
{
	bool arch = run->recorded != DMASIM_SMMU_QEMU_7_2 &&
	            run->recorded != DMASIM_SMMU_QEMU_10;

	if (leaf->s2)
		return !(descriptor & (write ? PTE2_W : PTE2_R));
	return (write && (descriptor & PTE_AP2)) ||
	       (arch && !(descriptor & PTE_AP1));
}

/** What the recorded profile makes of an access to a valid leaf; 0: it is
 * translated. */
static unsigned leaf_fault(const struct snap_run *run, const struct leaf *leaf,
                           uint64_t descriptor, bool beyond, bool write)
{
	bool arch = run->recorded != DMASIM_SMMU_QEMU_7_2 &&
	            run->recorded != DMASIM_SMMU_QEMU_10;
	bool no = forbidden(run, leaf, descriptor, write);

	if (run->recorded == DMASIM_SMMU_QEMU_7_2)
		return no ? EVT_PERMISSION : 0;
	if (arch && beyond)
		return EVT_ADDR_SIZE;
	if (!(descriptor & PTE_AF))
		return EVT_ACCESS;
	if (no)
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
                      struct leaf *leaf, struct snap_result *result)
{
	struct snap_access a = {
	        .sid = row->sid,
	        .iova = row->iova + offset,
	        .size = 1,
	        .pa = row->pa + offset,
	};
	/* Without the descriptor the access flag and the right to read are
	 * taken as set, and nothing is known of writes. */
	uint64_t d = row->has_descriptor ? row->descriptor : PTE_AF | PTE_AP1;
	int err;

	leaf->ipa = a.iova;
	leaf->type = leaf_fault(run, leaf, d, beyond, false);
	err = check_allowed(run, m, &a, leaf, result);
	if (err || !row->has_descriptor)
		return err;
	a.write = true;
	leaf->type = leaf_fault(run, leaf, d, beyond, true);
	return check_allowed(run, m, &a, leaf, result);
}

/** A leaf of two stages is none that a device sees: its address must lead to
 * what the list says. */
static int check_half(struct snap_machine *m, const struct rec_row *row,
                      const struct snap_stream *st, struct snap_result *result)
{
	struct snap_walk w;
	int err;

	if (row->stage == 2)
		err = snap_walk_ipa(m, st, row->iova, &w);
	else
		err = snap_walk_stage1(m, st, row->iova, &w);
	if (err || (w.leaf && w.out == row->pa))
		return err;
	result->verdict = SNAP_DIFFER;
	snprintf(result->text, sizeof(result->text),
	         "stage %u leads 0x%" PRIx64 " to %s0x%" PRIx64
	         ", the list says 0x%" PRIx64,
	         row->stage == 2 ? 2 : 1, row->iova, w.leaf ? "" : "nothing, ",
	         w.out, row->pa);
	return DMASIM_OK;
}

int snap_row_mapping(struct snap_run *run, struct snap_machine *m,
                     const struct rec_row *row, struct snap_result *result)
{
	struct leaf leaf = {.type = 0};
	bool beyond;
	int err = snap_stream_read(m, row->sid, &leaf.st);

	if (!err)
		err = check_descriptor(m, row, result);
	if (err || result->verdict == SNAP_DIFFER)
		return err;
	if (leaf.st.s1 && leaf.st.s2)
		return check_half(m, row, &leaf.st, result);
	leaf.s2 = leaf.st.s2;
	beyond = row->pa >> snap_output_bits(m, &leaf.st, leaf.s2 ? 2 : 1) != 0;
	err = check_byte(run, m, row, 0, beyond, &leaf, result);
	if (!err && row->size > 1)
		err = check_byte(run, m, row, row->size - 1, beyond, &leaf,
		                 result);
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
                      struct snap_tag tag, struct snap_result *result)
{
	unsigned error;
	int err = snap_invalidate(m, row, tag, &error);

	if (!err && error) {
		result->verdict = SNAP_DIFFER;
		snprintf(result->text, sizeof(result->text),
		         "the SMMU refused an invalidation (CMDQ_CONS.ERR %u)",
		         error);
	}
	return err;
}

int snap_poke(struct snap_machine *m, const struct rec_row *row,
              struct snap_tag *tag, struct snap_result *result)
{
	struct snap_stream st;
	int err = snap_stream_read(m, row->sid, &st);

	*tag = snap_stream_tag(&st);
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
	return invalidate(m, row, *tag, result);
}

int snap_unpoke(struct snap_machine *m, const struct rec_row *row,
                struct snap_tag tag, struct snap_result *result)
{
	for (size_t i = row->pokes; i-- > 0;) {
		int err = snap_store(m, row->poke[i].pa, row->poke[i].before);

		if (err)
			return err;
	}
	return row->pokes ? invalidate(m, row, tag, result) : DMASIM_OK;
}

int snap_row_poke(struct snap_run *run, struct snap_machine *m,
                  const struct rec_row *row, struct snap_result *result)
{
	struct snap_tag tag;
	int err = snap_poke(m, row, &tag, result), undo;

	if (err || result->verdict != SNAP_AGREE)
		return err;
	err = snap_row_translation(run, m, row, row->pokes > 0, result);
	undo = snap_unpoke(m, row, tag, result);
	return err ? err : undo;
}
