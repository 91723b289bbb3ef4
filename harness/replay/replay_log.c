/* SPDX-License-Identifier: MIT */
/* Replaying a log, from the first record to the report. */
#include <stdlib.h>

#include "dmasim/driver.h"
#include "replay_log_internal.h"

static void destroy(struct rl *r)
{
	for (size_t i = 0; i < r->stream_count; i++) {
		struct rl_stream *s = &r->streams[i];

		for (size_t k = 0; k < s->ring_count; k++)
			free(s->rings[k].explanations);
	}
	free(r->indices);
	free(r->streams);
	free(r->smmus);
	free(r->records);
	free(r->tree.ram);
}

/** Records of @s that no ring explains yet. */
static size_t unexplained(const struct rl *r, const struct rl_stream *s,
                          const struct dmasim_log_record **list)
{
	size_t n = 0;

	for (size_t i = 0; i < s->count; i++) {
		const struct rl_record *rec = &r->records[s->records[i]];

		if (rec->ring < 0)
			list[n++] = rec->log;
	}
	return n;
}

static void mark_ring(struct rl *r, struct rl_stream *s, int number)
{
	struct dmasim_explanation *e = s->rings[number].explanations;

	for (size_t i = 0; i < s->count; i++) {
		struct rl_record *rec = &r->records[s->records[i]];

		if (rec->ring < 0 &&
		    dmasim_explain_field(e, rec->log, rec->field,
		                         sizeof(rec->field)))
			rec->ring = number;
	}
}

/** A ring in the tree's RAM if there is one; else its addresses are IOVAs. */
static int find_ring(const struct rl *r, struct rl_ring *ring,
                     const struct dmasim_log_record *const *list, size_t count)
{
	struct dmasim_explain_options opt = r->opt->explain;
	int status = DMASIM_OK;

	if (r->tree.fdt) {
		opt.ram = r->tree.ram;
		opt.ram_count = r->tree.ram_count;
		status = explain_records(list, count, &opt, &ring->explanations,
		                         &ring->count);
		if (status != DMASIM_OK || ring->count)
			return status;
		ring->outside_ram = true;
		opt.ram = NULL;
	}
	return explain_records(list, count, &opt, &ring->explanations,
	                       &ring->count);
}

/** A device has several rings, and over a long log it has them in several
 * places: take out what one explains, and look for the next. */
static int find_rings(struct rl *r, struct rl_stream *s)
{
	const struct dmasim_log_record **list =
	        calloc(s->count + 1, sizeof(*list));
	int status = list ? DMASIM_OK : DMASIM_E_NOMEM;

	while (status == DMASIM_OK && s->ring_count < RL_MAX_RINGS) {
		struct rl_ring *ring = &s->rings[s->ring_count];
		size_t n = unexplained(r, s, list);

		status = find_ring(r, ring, list, n);
		if (status != DMASIM_OK || ring->count == 0)
			break;
		for (size_t i = 0; i < ring->count; i++)
			ring->explanations[i].stream_id = s->id;
		mark_ring(r, s, (int)s->ring_count);
		s->ring_count++;
	}
	free(list);
	return status;
}

static int replay_rings(struct rl *r)
{
	int status = DMASIM_OK;

	for (size_t i = 0; i < r->stream_count && status == DMASIM_OK; i++) {
		struct rl_stream *s = &r->streams[i];

		status = find_rings(r, s);
		for (size_t k = 0; k < s->ring_count && status == DMASIM_OK;
		     k++)
			status = rl_driver_replay(r, s, &s->rings[k]);
	}
	return status;
}

static int replay(struct rl *r)
{
	int status = rl_group(r);

	if (status == DMASIM_OK)
		status = rl_tree_open(r);
	if (status != DMASIM_OK)
		return status;
	rl_choose_profiles(r);
	status = replay_rings(r);
	for (unsigned i = 0; i < r->smmu_count && status == DMASIM_OK; i++)
		status = rl_endpoint_replay(r, i);
	if (status == DMASIM_OK)
		status = rl_history(r);
	for (size_t i = 0; i < r->count; i++)
		r->results[r->records[i].result]++;
	return status;
}

static bool all_agree(const struct rl *r)
{
	return r->results[RL_DIFFERENT] + r->results[RL_NO_RECORD] +
	               r->results[RL_NOT_MODELLED] ==
	       0;
}

int dmasim_replay_log(const struct dmasim_log *log,
                      const struct dmasim_replay_options *opt,
                      dmasim_report_fn *report, void *report_ctx, json_t **json,
                      struct dmasim_diag *diag)
{
	static const struct dmasim_replay_options none;
	struct rl r = {.log = log, .opt = opt ? opt : &none, .diag = diag};
	int status = replay(&r);

	if (status == DMASIM_OK && report)
		rl_report_text(&r, report, report_ctx);
	if (status == DMASIM_OK && json) {
		*json = rl_report_json(&r);
		status = *json ? DMASIM_OK : DMASIM_E_NOMEM;
	}
	if (status == DMASIM_OK && !all_agree(&r))
		status = DMASIM_E_FAULT;
	destroy(&r);
	return status;
}
