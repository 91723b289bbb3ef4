/* SPDX-License-Identifier: MIT */
/* Records in words, and runs of records that one thing makes. */
#include <stdio.h>
#include <string.h>

#include "replay_log_internal.h"

/** Below this an address is a null pointer and what was added to it. */
#define NEAR_NULL 0x1000u

const char *rl_event_text(const uint64_t words[4], char *buf, size_t size)
{
	unsigned type = evt_type(words);
	const char *name = dmasim_event_name((uint8_t)type);

	if (name)
		snprintf(buf, size, "%s (0x%02x)", name, type);
	else
		snprintf(buf, size, "event 0x%02x", type);
	return buf;
}

void rl_access_text(const struct dmasim_log_record *rec, char *buf, size_t size)
{
	static const char *const classes[] = {"CD", "TT", "IN", "reserved"};
	const uint64_t *w = rec->words;

	if (!evt_has_address(evt_type(w))) {
		snprintf(buf, size, "the record does not tell the access");
		return;
	}
	if (!(rec->mask[1] & EVT1_RNW)) {
		snprintf(buf, size, "access to 0x%llx",
		         (unsigned long long)w[2]);
		return;
	}
	snprintf(buf, size, "%s at 0x%llx, %s, %s, stage %d, class %s",
	         w[1] & EVT1_RNW ? "read" : "write", (unsigned long long)w[2],
	         w[1] & EVT1_IND ? "instruction" : "data",
	         w[1] & EVT1_PNU ? "privileged" : "unprivileged",
	         w[1] & EVT1_S2 ? 2 : 1, classes[evt_get(w[1], EVT1_CLASS)]);
}

/* ---- causes ---- */

static void cause_of_translation(const struct rl *r,
                                 const struct rl_record *rec, char *buf,
                                 size_t size)
{
	uint64_t addr = rec->log->words[2];

	if (addr == 0)
		snprintf(buf, size, "address 0: probably a null pointer");
	else if (addr < NEAR_NULL)
		snprintf(buf, size,
		         "in the first page: probably a null pointer plus "
		         "0x%llx, or an offset without its base",
		         (unsigned long long)addr);
	else if (addr >> 48)
		snprintf(buf, size,
		         "above the 48 bits that a stage 1 of 4 KiB pages "
		         "takes: probably no address at all");
	else if (!r->tree.fdt)
		snprintf(buf, size, "nothing maps it for this stream");
	else if (rl_in_ram(r, addr))
		snprintf(buf, size,
		         "nothing maps it for this stream; it is RAM in the "
		         "tree: probably a physical address");
	else
		snprintf(buf, size,
		         "nothing maps it for this stream, and it is no RAM "
		         "in the tree");
}

static void cause_of_permission(const struct rl_record *rec, char *buf,
                                size_t size)
{
	const uint64_t *w = rec->log->words;
	const char *right = w[1] & EVT1_IND   ? "instructions"
	                    : w[1] & EVT1_RNW ? "unprivileged reads"
	                                      : "writes";

	snprintf(buf, size, "mapped, but not for %s", right);
}

void rl_cause_text(const struct rl *r, const struct rl_record *rec, char *buf,
                   size_t size)
{
	const uint64_t *w = rec->log->words;
	unsigned long long fetch = w[3] & EVT3_FETCHADDR;

	buf[0] = '\0';
	switch (evt_type(w)) {
	case EVT_C_BAD_STREAMID:
		snprintf(buf, size,
		         "the stream table has no entry for this StreamID: an "
		         "unknown device, or a wrong iommu-map");
		break;
	case EVT_F_STE_FETCH:
		snprintf(buf, size,
		         "the stream table entry at 0x%llx cannot be read",
		         fetch);
		break;
	case EVT_C_BAD_STE:
		snprintf(buf, size, "the stream table entry is not valid");
		break;
	case EVT_F_CD_FETCH:
		snprintf(buf, size,
		         "the context descriptor at 0x%llx cannot be read",
		         fetch ? fetch : (unsigned long long)w[2]);
		break;
	case EVT_C_BAD_CD:
		snprintf(buf, size, "the context descriptor is not valid");
		break;
	case EVT_F_WALK_EABT:
		snprintf(buf, size,
		         "the translation table at 0x%llx cannot be read",
		         fetch);
		break;
	case EVT_F_TRANSLATION:
		cause_of_translation(r, rec, buf, size);
		break;
	case EVT_F_ADDR_SIZE:
		snprintf(buf, size,
		         "mapped to an address that is larger than the "
		         "context may output");
		break;
	case EVT_F_ACCESS:
		snprintf(buf, size,
		         "mapped with a clear access flag, which software has "
		         "to set");
		break;
	case EVT_F_PERMISSION:
		cause_of_permission(rec, buf, size);
		break;
	default:
		break;
	}
}

const char *rl_result_text(enum rl_result result)
{
	static const char *const texts[RL_RESULTS] = {
	        [RL_EQUAL] = "equal in all four words",
	        [RL_EQUAL_KNOWN] = "equal in every bit that the log shows",
	        [RL_EQUAL_DEFINED] =
	                "equal in every bit that the architecture defines",
	        [RL_DIFFERENT] = "different",
	        [RL_NO_RECORD] = "no record was made",
	        [RL_NOT_MODELLED] = "not reproduced",
	        [RL_UNKNOWN] = "unknown event number, shown raw",
	};

	return texts[result];
}

const char *rl_layout_name(enum dmasim_layout layout)
{
	return layout == DMASIM_LAYOUT_LEGACY ? "legacy" : "modern";
}

/* ---- patterns ---- */

static const struct dmasim_log_record *
record_of(const struct rl *r, const struct rl_stream *s, size_t at)
{
	return r->records[s->records[at]].log;
}

static bool same_kind(const struct dmasim_log_record *a,
                      const struct dmasim_log_record *b)
{
	return a->words[0] == b->words[0] && a->words[1] == b->words[1] &&
	       a->words[3] == b->words[3];
}

size_t rl_pattern_at(const struct rl *r, const struct rl_stream *s, size_t at,
                     enum rl_pattern *pattern)
{
	const struct rl_record *first = &r->records[s->records[at]];
	uint64_t addr = first->log->words[2];
	size_t n = 1, steps = 0;

	*pattern = RL_SINGLE;
	while (at + n < s->count) {
		const struct rl_record *next = &r->records[s->records[at + n]];
		uint64_t step = next->log->words[2] - addr;

		if (!same_kind(first->log, next->log) ||
		    next->result != first->result || next->how != first->how ||
		    next->ring != first->ring || (step != 0 && step != 4) ||
		    (step == 0 && steps > 0))
			break;
		steps += step == 4;
		addr = next->log->words[2];
		n++;
	}
	/* Two neighbours may be by chance. */
	if (steps >= 2)
		*pattern = RL_PER_4_BYTES;
	else if (steps == 0 && n > 1)
		*pattern = RL_REPEATED;
	else
		n = 1;
	return n;
}

bool rl_is_qemu_offset(const struct rl *r, const struct rl_stream *s, size_t at)
{
	const struct dmasim_log_record *l = record_of(r, s, at);

	return r->smmus[s->smmu].profile == DMASIM_SMMU_QEMU_7_2 && at > 0 &&
	       evt_has_address(evt_type(l->words)) && l->words[2] != 0 &&
	       l->words[2] < NEAR_NULL;
}
