/* SPDX-License-Identifier: MIT */
/* What an IOMMU keeps of structures in memory, against what they hold now. */
#include "checker_internal.h"

#include <string.h>

/* Who wrote byte @i last, if that was after it was read. Flags that an SMMU
 * updates are no change of the driver's. */
static const struct record *changed_by(const struct dmasim_checker *c,
                                       const struct dmasim_kept *k,
                                       const struct shadow *s, uint32_t i)
{
	const struct record *r =
	        s->writer[i] ? &s->records[s->writer[i] - 1] : NULL;
	uint32_t agent;

	if (!r || r->time < k->since)
		return NULL;
	agent = site_get(c, r->site)->agent;
	return agent && agent <= c->agent_len &&
	                       c->agents[agent - 1].kind == DMASIM_AGENT_SMMU
	               ? NULL
	               : r;
}

static bool differs(const struct dmasim_kept *k, const struct shadow *s,
                    uint32_t at)
{
	uint8_t now = s->golden[k->addr + at - s->line];

	return ((now ^ k->seen[at]) &
	        (k->relevant ? k->relevant[at] : UINT8_MAX)) != 0;
}

/* The writer's invalidations, if there were any, are over. */
static bool carried_out(const struct dmasim_checker *c,
                        const struct dmasim_kept *k, const struct record *r)
{
	uint32_t agent = site_get(c, r->site)->agent;

	for (uint32_t i = 0; i < k->carried_outs; i++)
		if (k->carried_out[i].agent == agent &&
		    k->carried_out[i].time > r->time)
			return true;
	return false;
}

/* It mapped something, and what is there now maps nothing. */
static bool unmapped(const struct dmasim_checker *c,
                     const struct dmasim_kept *k, const struct shadow *s)
{
	uint64_t at = k->addr + k->valid - s->line;

	return k->valid < k->size && at < c->line_size &&
	       (k->seen[k->valid] & 1) && !(s->golden[at] & 1);
}

/* Bytes from @at on with one writer; the last of them differs. */
static uint32_t span(const struct dmasim_kept *k, const struct shadow *s,
                     uint32_t at, uint32_t end)
{
	const uint16_t *writer = s->writer + (k->addr + at - s->line);
	uint32_t n = 1;

	for (uint32_t i = 0;
	     i < end - at && i < DMASIM_FINDING_BYTES && writer[i] == writer[0];
	     i++)
		if (differs(k, s, at + i))
			n = i + 1;
	return n;
}

static void raise_kept(struct dmasim_checker *c, const struct dmasim_kept *k,
                       const struct shadow *s, const struct hazard *found,
                       const struct record *r)
{
	const struct check_who who = {
	        .agent = k->txn->initiator,
	        .attr = k->txn->attr,
	        .cause = k->txn->cause,
	        .origin = &k->txn->origin,
	};
	struct hazard h = *found;
	char remedy[256];

	k->explain(k->ctx, remedy, sizeof(remedy));
	h.shadow = s;
	h.remedy = remedy;
	h.reader = site_number(c, &who);
	h.reader_time = dmasim_now(c->kernel);
	h.reader_request = who.origin->request;
	h.writer = r->site;
	h.writer_time = r->time;
	h.writer_request = r->request;
	report_finding(c, &h);
}

/* Of the bytes [*at, end) the first that counts, and who wrote it. */
static const struct record *first_change(const struct dmasim_checker *c,
                                         const struct dmasim_kept *k,
                                         const struct shadow *s, uint32_t *at,
                                         uint32_t end)
{
	for (; *at < end; ++*at) {
		uint32_t i = (uint32_t)(k->addr + *at - s->line);
		const struct record *r = changed_by(c, k, s, i);

		if (r && differs(k, s, *at))
			return r;
	}
	return NULL;
}

/* Of one line, the bytes [at, end) of the structure. */
static bool judge(struct dmasim_checker *c, const struct dmasim_kept *k,
                  uint32_t at, uint32_t end)
{
	const struct shadow *s = shadow_find(c, k->addr + at);
	const struct record *r;

	if (!s || memcmp(s->golden + (k->addr + at - s->line), k->seen + at,
	                 end - at) == 0)
		return false;
	r = first_change(c, k, s, &at, end);
	if (!r)
		return false;
	const struct hazard h = {
	        .kind = unmapped(c, k, s) ? DMASIM_USE_AFTER_UNMAP
	                                  : DMASIM_STALE_TRANSLATION,
	        .addr = k->addr + at,
	        .size = span(k, s, at, end),
	        .seen = k->seen + at,
	        .expected = s->golden + (k->addr + at - s->line),
	};

	if ((k->strict && h.kind == DMASIM_USE_AFTER_UNMAP) ||
	    carried_out(c, k, r))
		raise_kept(c, k, s, &h, r);
	return true;
}

bool dmasim_note_kept(struct dmasim_checker *c, const struct dmasim_kept *k)
{
	for (uint32_t at = 0, n; at < k->size; at += n) {
		n = c->line_size -
		    ((uint32_t)(k->addr + at) & (c->line_size - 1));
		if (n > k->size - at)
			n = k->size - at;
		if (!judge(c, k, at, at + n))
			continue;
		c->kept = (struct judged){.agent = k->txn->initiator,
		                          .time = dmasim_now(c->kernel),
		                          .offset = k->txn->addr & 0xfff};
		return true;
	}
	return false;
}
