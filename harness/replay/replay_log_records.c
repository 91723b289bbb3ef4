/* SPDX-License-Identifier: MIT */
/* Records by stream, the profile that they speak of, and comparison. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay_log_internal.h"

/** What the records are sorted by: SMMU, stream, place in the log. */
struct key {
	unsigned smmu;
	uint32_t stream;
	size_t index;
};

static int compare_keys(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	if (x->smmu != y->smmu)
		return x->smmu < y->smmu ? -1 : 1;
	if (x->stream != y->stream)
		return x->stream < y->stream ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

static int compare_streams(const void *a, const void *b)
{
	const struct rl_stream *x = a, *y = b;

	return x->records[0] < y->records[0] ? -1 : 1;
}

static bool same_stream(const struct key *a, const struct key *b)
{
	return a->smmu == b->smmu && a->stream == b->stream;
}

static int make_streams(struct rl *r, const struct key *keys)
{
	struct rl_stream *s;
	size_t streams = 0;

	for (size_t i = 0; i < r->count; i++)
		streams += i == 0 || !same_stream(&keys[i - 1], &keys[i]);
	r->streams = calloc(streams, sizeof(*r->streams));
	r->indices = calloc(r->count, sizeof(*r->indices));
	if (!r->indices || !r->streams)
		return DMASIM_E_NOMEM;
	s = r->streams - 1;
	for (size_t i = 0; i < r->count; i++) {
		if (i == 0 || !same_stream(&keys[i - 1], &keys[i])) {
			s++;
			*s = (struct rl_stream){.smmu = keys[i].smmu,
			                        .id = keys[i].stream,
			                        .records = r->indices + i};
		}
		r->indices[i] = keys[i].index;
		s->count++;
	}
	r->stream_count = streams;
	qsort(r->streams, streams, sizeof(*r->streams), compare_streams);
	return DMASIM_OK;
}

int rl_group(struct rl *r)
{
	struct key *keys;
	int status;

	r->count = dmasim_log_count(r->log);
	while (dmasim_log_smmu(r->log, r->smmu_count))
		r->smmu_count++;
	r->records = calloc(r->count, sizeof(*r->records));
	r->smmus = calloc(r->smmu_count, sizeof(*r->smmus));
	keys = calloc(r->count, sizeof(*keys));
	if (!r->records || !r->smmus || !keys) {
		free(keys);
		return DMASIM_E_NOMEM;
	}
	for (size_t i = 0; i < r->smmu_count; i++)
		r->smmus[i] = (struct rl_smmu){
		        .name = dmasim_log_smmu(r->log, i), .index = -1};
	for (size_t i = 0; i < r->count; i++) {
		const struct dmasim_log_record *l = dmasim_log_get(r->log, i);
		bool known = dmasim_event_name((uint8_t)evt_type(l->words));

		r->records[i] = (struct rl_record){
		        .log = l,
		        .ring = -1,
		        .result = known ? RL_NOT_MODELLED : RL_UNKNOWN};
		keys[i] = (struct key){l->smmu, evt_stream(l->words), i};
	}
	qsort(keys, r->count, sizeof(*keys), compare_keys);
	status = make_streams(r, keys);
	free(keys);
	return status;
}

/* ---- profiles ---- */

/** What a single record tells of who wrote it (docs/profiles.md). */
static bool speaks_of(const struct dmasim_log_record *l,
                      enum dmasim_smmu_profile *profile, char *why, size_t size)
{
	unsigned type = evt_type(l->words);
	uint64_t class = evt_get(l->words[1], EVT1_CLASS);

	if (!(l->words[0] & EVT0_SSV) && l->raw &&
	    (l->words[0] & EVT0_SUBSTREAMID) == EVT0_SUBSTREAMID) {
		*profile = DMASIM_SMMU_FVP_2017;
		snprintf(why, size,
		         "SubstreamID is 0xfffff though SSV is 0 (line %u)",
		         l->line);
		return true;
	}
	if (type == EVT_F_TRANSLATION && class == EVT_CLASS_CD &&
	    l->mask[1] & EVT1_CLASS && !(l->words[1] & EVT1_S2)) {
		*profile = DMASIM_SMMU_QEMU_7_2;
		snprintf(why, size,
		         "CLASS is 0 in an F_TRANSLATION of stage 1 (line %u)",
		         l->line);
		return true;
	}
	return false;
}

/** Both QEMU versions write it to word 2; nothing else is known to. */
static bool has_misplaced_fetch(const struct dmasim_log_record *l)
{
	return evt_type(l->words) == EVT_F_CD_FETCH && l->raw && l->words[2] &&
	       l->words[3] == 0;
}

/** QEMU 10 shows the low bits of an IPA; `arch` has no stage 2. */
static void add_stage2(struct rl_smmu *s, const struct dmasim_log_record *l)
{
	unsigned type = evt_type(l->words);

	if (type < EVT_F_WALK_EABT || type > EVT_F_PERMISSION ||
	    !(l->words[1] & EVT1_S2) || s->profile == DMASIM_SMMU_QEMU_10)
		return;
	if (l->raw && type != EVT_F_WALK_EABT && (l->words[3] & 0xfff)) {
		s->profile = DMASIM_SMMU_QEMU_10;
		snprintf(s->why, sizeof(s->why),
		         "the IPA of a stage 2 fault has its low bits (line "
		         "%u)",
		         l->line);
	} else if (s->profile == DMASIM_SMMU_ARCH) {
		s->profile = DMASIM_SMMU_ARCH_FULL;
		snprintf(s->why, sizeof(s->why), "stage 2 translates (line %u)",
		         l->line);
	}
}

static void choose_profile(struct rl *r, unsigned smmu)
{
	struct rl_smmu *s = &r->smmus[smmu];
	unsigned misplaced = 0;

	s->profile = DMASIM_SMMU_ARCH;
	snprintf(s->why, sizeof(s->why),
	         "nothing in the records differs from the architecture");
	for (size_t i = 0; i < r->count; i++) {
		const struct dmasim_log_record *l = r->records[i].log;

		if (l->smmu != smmu)
			continue;
		if (speaks_of(l, &s->profile, s->why, sizeof(s->why)))
			return;
		if (misplaced == 0 && has_misplaced_fetch(l))
			misplaced = l->line;
		add_stage2(s, l);
	}
	if (misplaced) {
		s->profile = DMASIM_SMMU_QEMU_10;
		snprintf(s->why, sizeof(s->why),
		         "the fetch address of F_CD_FETCH is in word 2 (line "
		         "%u)",
		         misplaced);
	}
}

void rl_choose_profiles(struct rl *r)
{
	for (unsigned i = 0; i < r->smmu_count; i++) {
		struct rl_smmu *s = &r->smmus[i];

		if (r->opt->has_profile) {
			s->profile = r->opt->profile;
			snprintf(s->why, sizeof(s->why), "as asked for");
		} else if (s->tree_says) {
			s->profile = s->tree_profile;
			snprintf(s->why, sizeof(s->why), "as the tree says");
		} else {
			choose_profile(r, i);
		}
	}
}

/* ---- comparison ---- */

static bool equal_under(const uint64_t a[4], const uint64_t b[4],
                        const uint64_t mask[4])
{
	uint64_t differ = 0;

	for (unsigned i = 0; i < 4; i++)
		differ |= (a[i] ^ b[i]) & mask[i];
	return differ == 0;
}

void rl_compare(struct rl_record *rec, const uint64_t produced[4])
{
	const struct dmasim_log_record *l = rec->log;
	uint64_t defined[4];

	memcpy(rec->produced, produced, sizeof(rec->produced));
	rec->has_produced = true;
	if (equal_under(l->words, produced, l->mask)) {
		rec->result = l->raw ? RL_EQUAL : RL_EQUAL_KNOWN;
		return;
	}
	dmasim_event_defined(l->words, defined);
	for (unsigned i = 0; i < 4; i++)
		defined[i] &= l->mask[i];
	rec->result = equal_under(l->words, produced, defined)
	                      ? RL_EQUAL_DEFINED
	                      : RL_DIFFERENT;
}

bool rl_agrees(enum rl_result result)
{
	return result == RL_EQUAL || result == RL_EQUAL_KNOWN ||
	       result == RL_EQUAL_DEFINED;
}

bool rl_in_ram(const struct rl *r, uint64_t addr)
{
	for (size_t i = 0; i < r->tree.ram_count; i++)
		if (addr >= r->tree.ram[i].base &&
		    addr - r->tree.ram[i].base < r->tree.ram[i].size)
			return true;
	return false;
}
