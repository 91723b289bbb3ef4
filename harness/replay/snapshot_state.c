/* SPDX-License-Identifier: MIT */
/* regs.txt, cmdq.txt and eventq.txt of a snapshot. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "snapshot_internal.h"
#include "snapshot_regs.h"

/** E2H, PTM and REC_CFG_ATS. */
#define CR2_OF_FEATURES 0xdu

static uint64_t value_of(const struct snap_machine *m, const char *name,
                         bool recorded)
{
	const struct rec_snapshot *s = m->snapshot;
	const struct rec_reg *reg = rec_reg_find(s, name);

	if (!reg)
		return 0;
	return recorded ? reg->value : m->readback[reg - s->reg];
}

/** 6.3.17: an error is active where GERROR and GERRORN differ; each alone
 * only tells how often there were errors before. */
static uint64_t active_errors(const struct snap_machine *m, bool recorded)
{
	return value_of(m, "GERROR", recorded) ^
	       value_of(m, "GERRORN", recorded);
}

static bool identifies(const char *name)
{
	return !strncmp(name, "IDR", 3) || !strcmp(name, "IIDR") ||
	       !strcmp(name, "AIDR");
}

static void check_reg(const struct snap_machine *m, size_t i,
                      struct snap_result *result)
{
	const struct rec_reg *reg = &m->snapshot->reg[i];
	uint64_t recorded = reg->value, here = m->readback[i];

	if (!strcmp(reg->name, "GERROR") || !strcmp(reg->name, "GERRORN")) {
		recorded = active_errors(m, true);
		here = active_errors(m, false);
	}
	/* The machine was built with the recorded ones. */
	if (!strncmp(reg->name, "IDR", 3) && reg->offset / 4 < SNAP_IDS)
		here = m->profile_id[reg->offset / 4];
	if (recorded == here)
		return;
	if (identifies(reg->name)) {
		result->verdict = SNAP_SKIP;
		result->reason = "identification: the recorded SMMU has "
		                 "another value than the profile";
		return;
	}
	if (!strcmp(reg->name, "GBPA") && !here &&
	    m->profile == DMASIM_SMMU_QEMU_7_2) {
		result->verdict = SNAP_SKIP;
		result->reason = "QEMU 7.2 has no GBPA";
		return;
	}
	/* QEMU keeps what Linux writes there, whether IDRn has it or not. */
	if (!strcmp(reg->name, "CR2") &&
	    here == (recorded & ~(uint64_t)CR2_OF_FEATURES)) {
		result->verdict = SNAP_SKIP;
		result->reason = "fields of absent features are RES0 (6.3.12)";
		return;
	}
	result->verdict = SNAP_DIFFER;
	snprintf(result->text, sizeof(result->text),
	         "%.60s: recorded 0x%" PRIx64 "; here 0x%" PRIx64, reg->name,
	         recorded, here);
}

int snap_check_regs(struct snap_run *run, struct snap_machine *m)
{
	struct snap_tally t = {.name = m->snapshot->regs_name};

	for (size_t i = 0; i < m->snapshot->regs; i++) {
		struct snap_result result = {.verdict = SNAP_AGREE};
		struct rec_row row = {.line = m->snapshot->reg[i].line,
		                      .test = m->snapshot->reg[i].name};

		check_reg(m, i, &result);
		snap_tally_add(&t, &row, &result);
	}
	return snap_tally_end(run, &t);
}

/** Is this entry in the queue's memory, as it was recorded? */
static void check_entry(const struct snap_machine *m,
                        const struct snap_queue *q,
                        const struct rec_queue *list, size_t i, unsigned words,
                        struct snap_result *result)
{
	uint64_t pa = q->base + (uint64_t)i * words * 8;

	if (i >> q->log2) {
		result->verdict = SNAP_DIFFER;
		snprintf(result->text, sizeof(result->text),
		         "the queue has %u entries", 1u << q->log2);
		return;
	}
	for (unsigned w = 0; w < words; w++) {
		uint64_t value =
		        rec_pages_word(&m->snapshot->pages, pa + 8 * w);

		if (value == list->entry[i][w])
			continue;
		result->verdict = SNAP_DIFFER;
		snprintf(result->text, sizeof(result->text),
		         "word %u of entry %zu in memory is 0x%016" PRIx64, w,
		         i, value);
		return;
	}
}

static void check_named(const char *name, const char *what,
                        struct snap_result *result)
{
	if (name || result->verdict == SNAP_DIFFER)
		return;
	result->verdict = SNAP_DIFFER;
	snprintf(result->text, sizeof(result->text),
	         "%s that the architecture does not name", what);
}

/** The SMMU takes the command. */
static int consume(struct snap_machine *m, enum dmasim_smmu_profile recorded,
                   const uint64_t entry[4], struct snap_result *result)
{
	unsigned error = 0;
	int err;

	if (result->verdict == SNAP_DIFFER || !m->commands)
		return DMASIM_OK;
	err = snap_command(m, entry, &error);
	if (err || !error)
		return err;
	/* 7.1: CERROR_ILL. */
	if (recorded != m->profile && error == 1 &&
	    (recorded == DMASIM_SMMU_QEMU_7_2 ||
	     recorded == DMASIM_SMMU_QEMU_10)) {
		result->verdict = SNAP_NAMED;
		result->reason = "QEMU: commands of features that are not "
		                 "there are consumed (CERROR_ILL, 7.1)";
		return DMASIM_OK;
	}
	result->verdict = SNAP_DIFFER;
	snprintf(result->text, sizeof(result->text),
	         "the SMMU refuses it (CMDQ_CONS.ERR %u)", error);
	return DMASIM_OK;
}

static int check_queue(struct snap_run *run, struct snap_machine *m,
                       bool commands)
{
	const struct rec_queue *list =
	        commands ? &m->snapshot->cmdq : &m->snapshot->eventq;
	const struct snap_queue *q = commands ? &m->cmdq : &m->evtq;
	struct snap_tally t = {.name = list->name};
	int err = DMASIM_OK;

	for (size_t i = 0; !err && i < list->count; i++) {
		struct snap_result result = {.verdict = SNAP_AGREE};
		struct rec_row row = {.line = list->line[i], .test = ""};
		uint8_t type = (uint8_t)list->entry[i][0];

		check_entry(m, q, list, i, commands ? 2 : 4, &result);
		if (commands) {
			check_named(dmasim_cmd_name(type), "an opcode",
			            &result);
			err = consume(m, run->recorded, list->entry[i],
			              &result);
		} else {
			check_named(dmasim_event_name(type), "a record",
			            &result);
		}
		snap_tally_add(&t, &row, &result);
	}
	return err ? err : snap_tally_end(run, &t);
}

int snap_check_queues(struct snap_run *run, struct snap_machine *m)
{
	int err = DMASIM_OK;

	if (m->snapshot->cmdq.name)
		err = check_queue(run, m, true);
	if (!err && m->snapshot->eventq.name)
		err = check_queue(run, m, false);
	return err;
}
