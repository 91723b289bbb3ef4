/* SPDX-License-Identifier: MIT */
/* Maintenance to the point of coherency, which is memory. */
#include "memsys_internal.h"

/*
 * Arm ARM D7.5: DC IVAC may be performed as a clean and invalidate. It is a
 * choice point when there is something to lose.
 */
static bool invalidate_cleans(struct dmasim_memsys *ms, uint64_t line)
{
	const struct dmasim_choice_query q = {
	        .point = DMASIM_CHOICE_IVAC_CLEANS,
	        .alternatives = 2,
	        .who = "memsys",
	        .where = line << ms->line_shift,
	};

	return dmasim_choose(ms->choice, &q) == 1;
}

/* The dirty bytes of @mask, in scratch, are lost. */
static void discard(struct ms_req *rq, uint64_t line, const uint64_t *mask)
{
	struct dmasim_memsys *ms = rq->port->ms;
	struct check_who who;
	struct ms_copy copy;

	if (ms->observer_count && ms_find_newest(ms, line, &copy))
		ms_tell_cache(ms, DMASIM_LINE_DISCARD, copy.cache, line, NULL);
	if (!ms->checker)
		return;
	ms_who(rq, &who);
	check_discard(ms->checker, &who, line << ms->line_shift, ms->scratch,
	              mask);
}

enum dmasim_result ms_maintain_line(struct ms_req *rq, uint64_t line)
{
	struct dmasim_memsys *ms = rq->port->ms;
	enum dmasim_op op = rq->txn->op;
	uint64_t mask[CACHE_MAX_WORDS];
	struct ms_copy copy;
	struct ms_op *holder;

	ms_charge(ms, rq->txn, ms->hop_latency);
	if (!ms_find_newest(ms, line, &copy))
		return DMASIM_TXN_OK;
	ms_charge(ms, rq->txn, ms->snoop_latency);
	if (op == DMASIM_INVALIDATE && ms_gather(ms, line, ms->scratch, mask)) {
		if (invalidate_cleans(ms, line))
			op = DMASIM_CLEAN_INVALIDATE;
		else
			discard(rq, line, mask);
	}
	if (op != DMASIM_INVALIDATE)
		ms_charge(ms, rq->txn, ms_clean_line(ms, line));
	if (op != DMASIM_INVALIDATE && op != DMASIM_CLEAN_INVALIDATE)
		ms_note(ms, line, copy.cache, CHECK_CLEAN);
	else
		ms_drop_line(ms, line, CHECK_INVALIDATE);
	/* It is complete when memory has the bytes. */
	holder = ms_holder(ms, line, line);
	return holder ? ms_wait(rq, holder) : DMASIM_TXN_OK;
}

static void clean_cache(struct dmasim_memsys *ms, struct cache *c)
{
	for (uint32_t i = 0; i < c->sets * c->ways; i++)
		if (c->lines[i].tag)
			ms_clean_line(ms, c->lines[i].tag - 1);
}

int dmasim_memsys_flush(struct dmasim_memsys *ms)
{
	for (uint32_t i = 0; i < ms->upper_count; i++)
		clean_cache(ms, ms->upper[i]);
	if (ms->shared)
		clean_cache(ms, ms->shared);
	while (ms->active_first) {
		int status = dmasim_run_one(ms->kernel);

		if (status)
			return status == DMASIM_E_NOTFOUND ? DMASIM_E_HANG
			                                   : status;
	}
	return DMASIM_OK;
}
