/* SPDX-License-Identifier: MIT */
/* What an access did, against what the recording says it did. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "snapshot_internal.h"
#include "snapshot_regs.h"

uint32_t snap_natural_size(uint64_t iova)
{
	return iova % 4 == 0 ? 4 : iova % 2 == 0 ? 2 : 1;
}

void snap_fault_record(enum dmasim_smmu_profile profile,
                       const struct snap_fault *fault,
                       const struct snap_access *a, uint64_t record[4])
{
	bool whole = profile == DMASIM_SMMU_QEMU_10;

	record[0] = fault->type | (uint64_t)a->sid << 32;
	record[1] = (profile == DMASIM_SMMU_QEMU_7_2 ? 0 : EVT1_CLASS_IN) |
	            (a->write ? 0 : EVT1_RNW);
	record[2] = a->iova;
	record[3] = 0;
	if (!fault->s2)
		return;
	record[1] |= EVT1_S2;
	record[3] = whole ? fault->ipa : fault->ipa & EVT3_IPA;
}

bool snap_same_record(const uint64_t recorded[4], const uint64_t record[4],
                      bool exact)
{
	uint64_t mask[4] = {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};

	if (!exact)
		dmasim_event_defined(recorded, mask);
	for (unsigned i = 0; i < 4; i++)
		if ((recorded[i] ^ record[i]) & mask[i])
			return false;
	return true;
}

static bool listed(const struct snap_expect *e, const uint64_t record[4],
                   bool exact)
{
	for (size_t i = 0; i < e->records; i++)
		if (snap_same_record(e->record[i], record, exact))
			return true;
	return false;
}

static bool records_match(const struct snap_expect *e,
                          const struct snap_seen *seen, bool exact)
{
	if (!seen->records || seen->records > SNAP_RECORDS)
		return false;
	if (!e->any_record &&
	    !snap_same_record(e->record[0], seen->record[0], exact))
		return false;
	for (size_t i = 0; i < seen->records; i++)
		if (!listed(e, seen->record[i], exact))
			return false;
	return true;
}

/** Translated, and served by memory if there is memory. */
static bool passed_to(const struct snap_machine *m, const struct snap_access *a,
                      const struct snap_seen *seen, uint64_t pa)
{
	enum dmasim_result wanted = rec_in_ram(m->recording, pa, a->size)
	                                    ? DMASIM_TXN_OK
	                                    : DMASIM_TXN_DECODE;

	return !seen->records && seen->passed && seen->pa == pa &&
	       seen->result == wanted && !seen->wrong_data;
}

static bool matches(const struct snap_machine *m, const struct snap_access *a,
                    const struct snap_expect *e, const struct snap_seen *seen,
                    bool exact)
{
	switch (e->outcome) {
	case REC_RECORDED:
		return records_match(e, seen, exact);
	case REC_SUCCESS:
	case REC_BYPASS:
		return passed_to(m, a, seen, e->pa);
	case REC_ABORT:
		return !seen->records && !seen->passed &&
		       seen->result == DMASIM_TXN_ABORT;
	case REC_NOTHING:
		return !seen->records && (!e->must_pass || seen->passed);
	}
	return false;
}

void snap_record_text(const uint64_t record[4], char *buf, size_t size)
{
	const char *name = dmasim_event_name((uint8_t)record[0]);

	snprintf(buf, size,
	         "%s 0x%016" PRIx64 " 0x%016" PRIx64 " 0x%016" PRIx64
	         " 0x%016" PRIx64,
	         name ? name : "record", record[0], record[1], record[2],
	         record[3]);
}

static void expect_text(const struct snap_expect *e, char *buf, size_t size)
{
	switch (e->outcome) {
	case REC_RECORDED:
		snap_record_text(e->record[0], buf, size);
		break;
	case REC_SUCCESS:
		snprintf(buf, size, "translated to 0x%" PRIx64, e->pa);
		break;
	case REC_BYPASS:
		snprintf(buf, size, "passed as 0x%" PRIx64, e->pa);
		break;
	case REC_ABORT:
		snprintf(buf, size, "aborted, no record");
		break;
	case REC_NOTHING:
		snprintf(buf, size,
		         e->must_pass ? "passed, no record" : "no record");
		break;
	}
}

static void seen_text(const struct snap_seen *seen, char *buf, size_t size)
{
	int n = 0;

	if (seen->records) {
		snap_record_text(seen->record[0], buf, size);
		n = (int)strlen(buf);
		if (seen->records > 1)
			snprintf(buf + n, size - (size_t)n, " (of %zu)",
			         seen->records);
		return;
	}
	if (seen->passed)
		n = snprintf(buf, size, "passed to 0x%" PRIx64 ", ", seen->pa);
	snprintf(buf + n, size - (size_t)n, "%s%s, no record",
	         dmasim_result_name(seen->result),
	         seen->wrong_data ? ", not the bytes in memory" : "");
}

int snap_compare(struct snap_machine *m, enum dmasim_smmu_profile recorded,
                 const struct snap_access *a, const struct snap_expect *e,
                 const struct snap_seen *seen, struct snap_result *result)
{
	struct snap_difference d = {a, e, seen, recorded};
	bool foreign = m->profile != recorded;
	char wanted[128], got[128];
	int err = DMASIM_OK;

	result->verdict = SNAP_AGREE;
	if (matches(m, a, e, seen, !foreign))
		return DMASIM_OK;
	result->reason = NULL;
	if (foreign)
		err = snap_name_difference(m, &d, &result->reason);
	result->verdict = result->reason ? SNAP_NAMED : SNAP_DIFFER;
	if (err || result->reason)
		return err;
	expect_text(e, wanted, sizeof(wanted));
	seen_text(seen, got, sizeof(got));
	snprintf(result->text, sizeof(result->text),
	         "sid 0x%" PRIx32 " %s 0x%" PRIx64 ": recorded %s; here %s",
	         a->sid, a->write ? "write" : "read", a->iova, wanted, got);
	return DMASIM_OK;
}

/** Once more, with another state of the TLB: empty, or with a page that was
 * read before it is written. */
static int access_again(struct snap_machine *m, const struct snap_access *a,
                        struct snap_tag tag, bool read_first,
                        struct snap_seen *seen)
{
	struct snap_access before = *a;
	unsigned error;
	int err = snap_forget(m, tag, &error);

	before.write = false;
	if (!err && read_first)
		err = snap_do_access(m, &before, seen);
	return err ? err : snap_do_access(m, a, seen);
}

int snap_check(struct snap_machine *m, enum dmasim_smmu_profile recorded,
               const struct snap_access *a, const struct snap_expect *e,
               struct snap_seen *seen, struct snap_result *result)
{
	struct snap_stream st;
	int err = snap_do_access(m, a, seen);

	if (!err)
		err = snap_compare(m, recorded, a, e, seen, result);
	if (err || result->verdict != SNAP_DIFFER ||
	    m->profile != DMASIM_SMMU_QEMU_10 || !m->commands)
		return err;
	err = snap_stream_read(m, a->sid, &st);
	for (unsigned i = 0; !err && st.s2 && i < 2; i++) {
		struct snap_seen again;
		struct snap_result now;

		err = access_again(m, a, snap_stream_tag(&st), i == 1, &again);
		if (!err)
			err = snap_compare(m, recorded, a, e, &again, &now);
		if (err || now.verdict == SNAP_DIFFER)
			continue;
		*seen = again;
		*result = now;
		return DMASIM_OK;
	}
	return err;
}
