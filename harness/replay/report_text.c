/* SPDX-License-Identifier: MIT */
/* The report of a replayed log, for people. */
#include <stdio.h>
#include <string.h>

#include "replay_log_internal.h"

/** Records of a ring that are shown with their words; the rest by a line. */
#define FULL_RECORDS 8u
/** Accesses to a ring that are named in one line. */
#define SHOWN_ACCESSES 4u
/** Alternatives that are listed. */
#define ALTERNATIVES 20u

struct sink {
	dmasim_report_fn *fn;
	void *ctx;
};

static void out(const struct sink *s, const char *fmt, ...) DMASIM_PRINTF(2, 3);

static void out(const struct sink *s, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	s->fn(s->ctx, text);
}

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static size_t number_of(const struct rl *r, const struct rl_record *rec)
{
	return (size_t)(rec - r->records) + 1;
}

/** "record 1 (line 1, 1.211721)". */
static void out_name(const struct sink *s, const struct rl *r,
                     const struct rl_record *rec)
{
	out(s, "  record %zu (line %u%s%s)", number_of(r, rec), rec->log->line,
	    rec->log->time[0] ? ", " : "", rec->log->time);
}

static void out_words(const struct sink *s, const struct rl_record *rec)
{
	const struct dmasim_log_record *l = rec->log;

	for (unsigned i = 0; i < 4; i++) {
		out(s, "    word %u  log 0x%016llx", i,
		    (unsigned long long)l->words[i]);
		if (!l->raw)
			out(s, " (known 0x%016llx)",
			    (unsigned long long)l->mask[i]);
		if (rec->has_produced)
			out(s, "  produced 0x%016llx%s",
			    (unsigned long long)rec->produced[i],
			    ((rec->produced[i] ^ l->words[i]) & l->mask[i])
			            ? "  <-"
			            : "");
		out(s, "\n");
	}
}

/* ---- rings ---- */

static void out_ring_place(const struct sink *s,
                           const struct dmasim_explanation *e)
{
	if (e->layout == DMASIM_LAYOUT_LEGACY)
		out(s,
		    "legacy ring of %u entr%s at 0x%llx (avail 0x%llx, "
		    "used 0x%llx)",
		    e->queue_size, e->queue_size == 1 ? "y" : "ies",
		    (unsigned long long)e->base, (unsigned long long)e->avail,
		    (unsigned long long)e->used);
	else if (e->used)
		out(s,
		    "modern ring of %u entries: descriptors 0x%llx, avail "
		    "0x%llx, used 0x%llx",
		    e->queue_size, (unsigned long long)e->desc,
		    (unsigned long long)e->avail, (unsigned long long)e->used);
	else if (e->queue_size)
		out(s, "modern avail ring of %u entries at 0x%llx",
		    e->queue_size, (unsigned long long)e->avail);
	else
		out(s, "modern avail ring of any size at 0x%llx",
		    (unsigned long long)e->avail);
}

/** "first avail->idx at 0x8fa081002, then avail->flags at 0x8fa081000". */
static void out_accesses(const struct sink *s, const struct rl *r,
                         const struct rl_stream *st, int number)
{
	size_t shown = 0, left = 0;

	for (size_t i = 0; i < st->count; i++) {
		const struct rl_record *rec = &r->records[st->records[i]];

		if (rec->ring != number)
			continue;
		if (shown == SHOWN_ACCESSES) {
			left++;
			continue;
		}
		out(s, "%s%s at 0x%llx", shown++ ? ", then " : "    first ",
		    rec->field, (unsigned long long)rec->log->words[2]);
	}
	if (left)
		out(s, ", then %zu more", left);
	out(s, "\n");
}

static void out_explanations(const struct sink *s, const struct rl_ring *ring)
{
	out(s, "    %s\n", ring->explanations[0].reason);
	if (ring->count > 1)
		out(s, "    %zu other%s fit%s:\n", ring->count - 1,
		    plural(ring->count - 1), ring->count == 2 ? "s" : "");
	for (size_t i = 1; i < ring->count && i <= ALTERNATIVES; i++) {
		const struct dmasim_explanation *e = &ring->explanations[i];

		out(s, "      %s ",
		    e->equal_to_previous ? "equally likely:" : "less likely:");
		out_ring_place(s, e);
		out(s, "\n");
	}
	if (ring->count > ALTERNATIVES + 1)
		out(s, "      and %zu more\n", ring->count - ALTERNATIVES - 1);
}

static void out_finding(const struct sink *s, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		out(s, "    | %.*s\n", (int)n, text);
		text += n;
		text += *text == '\n';
	}
}

/** Is a driver that forgets the DMA API what the log shows? */
static void out_verdict(const struct sink *s, const struct rl_ring *ring)
{
	size_t explained = ring->explanations[0].records;

	out(s,
	    "    it caused %zu event record%s: ", ring->physical.record_count,
	    plural(ring->physical.record_count));
	if (ring->in_order == explained)
		out(s, "the log's %zu of this ring, in the same order\n",
		    explained);
	else if (ring->in_order)
		out(s,
		    "%zu of the log's %zu of this ring, so it is not the "
		    "whole story\n",
		    ring->in_order, explained);
	else
		out(s,
		    "none of the log's %zu of this ring, so it is not the "
		    "cause\n",
		    explained);
}

static void out_physical(const struct sink *s, const struct rl *r,
                         const struct rl_stream *st, const struct rl_ring *ring)
{
	const struct rl_run *run = &ring->physical;

	if (!run->ran) {
		out(s, "  the driver was not run there: %s\n", run->why_not);
		return;
	}
	out(s,
	    "  the driver, without the DMA API, on %s (StreamID 0x%x behind "
	    "%s, %s):\n",
	    ring->disk, st->id, r->smmus[st->smmu].name,
	    ring->from_tree ? "machine of the tree" : "machine made up");
	out(s,
	    "    it gave the device the ring's physical address 0x%llx, "
	    "while the SMMU translates this stream\n",
	    (unsigned long long)run->ring_dma);
	out(s, "    read of sector 0: %s\n",
	    run->status == DMASIM_OK ? "done" : run->error);
	out_verdict(s, ring);
	if (run->why_not[0])
		out(s, "    %s\n", run->why_not);
	if (ring->in_order)
		out_finding(s, run->finding);
}

static void out_dma_api(const struct sink *s, const struct rl_ring *ring)
{
	const struct rl_run *run = &ring->dma_api;

	if (!run->ran) {
		if (run->why_not[0])
			out(s, "  with the DMA API: %s\n", run->why_not);
		return;
	}
	out(s,
	    "  the same machine, the driver with the DMA API:\n"
	    "    the ring at physical 0x%llx is mapped at IOVA 0x%llx; "
	    "%zu event record%s\n",
	    (unsigned long long)run->ring_pa, (unsigned long long)run->ring_dma,
	    run->record_count, plural(run->record_count));
	if (run->status != DMASIM_OK) {
		out(s, "    read of sector 0: %s\n", run->error);
		return;
	}
	out(s, "    read of sector 0: done; %s\n",
	    run->mbr ? "partition table:" : "no partition table");
	for (size_t i = 0; i < run->partition_count; i++)
		out(s,
		    "      partition %zu: type 0x%02x, from sector %u, %u "
		    "sectors\n",
		    i + 1, run->partitions[i].type, run->partitions[i].first,
		    run->partitions[i].sectors);
}

static void out_ring_records(const struct sink *s, const struct rl *r,
                             const struct rl_stream *st, int number)
{
	size_t shown = 0;

	for (size_t i = 0; i < st->count; i++) {
		const struct rl_record *rec = &r->records[st->records[i]];
		char event[48], access[128];

		if (rec->ring != number || rec->how != RL_BY_DRIVER)
			continue;
		rl_event_text(rec->log->words, event, sizeof(event));
		rl_access_text(rec->log, access, sizeof(access));
		out_name(s, r, rec);
		out(s,
		    ": %s, StreamID 0x%x, %s: %s\n    by the driver's run: "
		    "%s\n",
		    event, st->id, access, rec->field,
		    rl_result_text(rec->result));
		if (rec->history[0])
			out(s, "    in the trace: %s\n", rec->history);
		if (shown++ < FULL_RECORDS)
			out_words(s, rec);
	}
}

static void out_ring(const struct sink *s, const struct rl *r,
                     const struct rl_stream *st, int number)
{
	const struct rl_ring *ring = &st->rings[number];

	out(s, "  a virtqueue: ");
	out_ring_place(s, &ring->explanations[0]);
	out(s, "\n");
	out_accesses(s, r, st, number);
	out_explanations(s, ring);
	out_physical(s, r, st, ring);
	out_ring_records(s, r, st, number);
	out_dma_api(s, ring);
}

/* ---- other records ---- */

static void out_pattern(const struct sink *s, const struct rl *r,
                        const struct rl_stream *st, size_t at, size_t n,
                        enum rl_pattern pattern)
{
	const struct rl_record *last = &r->records[st->records[at + n - 1]];

	if (pattern == RL_PER_4_BYTES)
		out(s,
		    "    to record %zu, 0x%llx: one access, refused and "
		    "recorded for every 4 bytes, as QEMU does\n",
		    number_of(r, last),
		    (unsigned long long)last->log->words[2]);
	else if (pattern == RL_REPEATED)
		out(s, "    to record %zu: the same, %zu times\n",
		    number_of(r, last), n);
	if (rl_is_qemu_offset(r, st, at))
		out(s, "    an offset in a ring or a request, used as an "
		       "address: QEMU 7.2 goes on like this after a refused "
		       "read\n");
}

static void out_how(const struct sink *s, const struct rl_record *rec)
{
	if (rec->how == RL_BY_ENDPOINT)
		out(s, "    by the test endpoint, with %s: %s\n", rec->setup,
		    rl_result_text(rec->result));
	else if (rec->result == RL_UNKNOWN)
		out(s, "    %s\n", rl_result_text(rec->result));
	else
		out(s, "    not reproduced: %s\n", rec->reason);
}

static void out_other(const struct sink *s, const struct rl *r,
                      const struct rl_stream *st, size_t at, size_t n,
                      enum rl_pattern pattern)
{
	const struct rl_record *rec = &r->records[st->records[at]];
	bool known = rec->result != RL_UNKNOWN;
	char event[48], access[128], cause[200];

	rl_event_text(rec->log->words, event, sizeof(event));
	rl_access_text(rec->log, access, sizeof(access));
	rl_cause_text(r, rec, cause, sizeof(cause));
	out_name(s, r, rec);
	out(s, ": %s", event);
	if (evt_has_address(evt_type(rec->log->words)))
		out(s, ", %s", access);
	if (rec->ring >= 0)
		out(s, ": %s", rec->field);
	if (rec->log->client[0])
		out(s, ", client %s", rec->log->client);
	out(s, "\n");
	if (known && cause[0] && !rl_is_qemu_offset(r, st, at))
		out(s, "    %s\n", cause);
	if (rec->history[0])
		out(s, "    in the trace: %s\n", rec->history);
	out_pattern(s, r, st, at, n, pattern);
	out_how(s, rec);
	if (!rl_agrees(rec->result))
		out_words(s, rec);
}

static void out_stream(const struct sink *s, const struct rl *r,
                       const struct rl_stream *st)
{
	out(s, "\nStreamID 0x%x of %s: %zu record%s\n", st->id,
	    r->smmus[st->smmu].name[0] ? r->smmus[st->smmu].name : "the SMMU",
	    st->count, plural(st->count));
	for (size_t i = 0; i < st->ring_count; i++)
		out_ring(s, r, st, (int)i);
	for (size_t i = 0; i < st->count;) {
		enum rl_pattern pattern = RL_SINGLE;
		size_t n = 1;

		if (r->records[st->records[i]].how != RL_BY_DRIVER) {
			n = rl_pattern_at(r, st, i, &pattern);
			out_other(s, r, st, i, n, pattern);
		}
		i += n;
	}
}

/* ---- the whole ---- */

static void out_summary(const struct sink *s, const struct rl *r)
{
	size_t agree = 0, known = r->count - r->results[RL_UNKNOWN];

	for (int i = 0; i < RL_RESULTS; i++)
		agree += rl_agrees((enum rl_result)i) ? r->results[i] : 0;
	out(s, "\nresult: %zu of %zu record%s reproduced\n", agree, known,
	    plural(known));
	for (int i = 0; i < RL_RESULTS; i++)
		if (r->results[i])
			out(s, "  %zu %s\n", r->results[i],
			    rl_result_text((enum rl_result)i));
}

void rl_report_text(const struct rl *r, dmasim_report_fn *report, void *ctx)
{
	const struct sink s = {report, ctx};
	const char *note;

	out(&s, "%s: %zu event record%s\n", dmasim_log_name(r->log), r->count,
	    plural(r->count));
	if (dmasim_log_suppressed(r->log))
		out(&s, "  the kernel suppressed %llu more\n",
		    (unsigned long long)dmasim_log_suppressed(r->log));
	for (size_t i = 0; (note = dmasim_log_note(r->log, i)); i++)
		out(&s, "  %s\n", note);
	for (size_t i = 0; i < r->smmu_count; i++)
		out(&s, "SMMU %s: profile %s: %s\n", r->smmus[i].name,
		    dmasim_smmu_profile_name(r->smmus[i].profile),
		    r->smmus[i].why);
	for (size_t i = 0; i < r->stream_count; i++)
		out_stream(&s, r, &r->streams[i]);
	out_summary(&s, r);
}
