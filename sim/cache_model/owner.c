/* SPDX-License-Identifier: MIT */
/*
 * Whose turn it is: streaming buffers belong to the device or to the CPU,
 * devices that are watched touch nothing but their buffers, and lines of a
 * buffer that a non-coherent device writes hold nothing else.
 */
#include "checker_internal.h"

#include <string.h>

static enum dmasim_agent_kind kind_of(const struct dmasim_checker *c,
                                      uint32_t agent)
{
	return agent && agent <= c->agent_len ? c->agents[agent - 1].kind
	                                      : DMASIM_AGENT_SMMU;
}

/* A range of bytes within one line. */
struct range {
	uint64_t first, last;
};

static bool touches(const struct dma_note *n, const struct range *r)
{
	return n->pa <= r->last && n->pa + (n->size - 1) >= r->first;
}

static struct range part_of(const struct dma_note *n, const struct range *r)
{
	uint64_t last = n->pa + (n->size - 1);

	return (struct range){n->pa > r->first ? n->pa : r->first,
	                      last < r->last ? last : r->last};
}

/* An access that is to be judged. */
struct touch {
	const struct check_who *who;
	const struct shadow *s;
	const uint8_t *data;
	struct range all;
	bool write;
};

static void raise(struct dmasim_checker *c, const struct touch *t,
                  enum dmasim_finding_kind kind, const struct range *r,
                  const struct dma_note *note)
{
	const struct record *last = NULL;
	uint64_t n = r->last - r->first + 1;
	uint32_t off = (uint32_t)(r->first & (c->line_size - 1));
	struct hazard h = {
	        .kind = kind,
	        .severity = DMASIM_POTENTIAL,
	        .addr = r->first,
	        .size = n < DMASIM_FINDING_BYTES ? (uint32_t)n
	                                         : DMASIM_FINDING_BYTES,
	        .seen = t->data + (r->first - t->all.first),
	        .shadow = t->s,
	        .note = note,
	        .reader = site_number(c, t->who),
	        .reader_time = dmasim_now(c->kernel),
	        .reader_request = t->who->origin->request,
	};

	if (t->s && t->s->writer[off])
		last = &t->s->records[t->s->writer[off] - 1];
	if (last && site_get(c, last->site)->agent != t->who->agent) {
		h.writer = last->site;
		h.writer_time = last->time;
		h.writer_request = last->request;
	}
	if (t->s &&
	    (t->write ? kind != DMASIM_SHARED_LINE
	              : memcmp(h.seen, t->s->golden + off, h.size) != 0)) {
		h.expected = t->s->golden + off;
		/* What the device writes where it may not is corruption; the
		 * CPU's own write may yet be harmless. */
		if (!t->write || kind_of(c, t->who->agent) != DMASIM_AGENT_CPU)
			h.severity = DMASIM_OBSERVED;
	}
	report_finding(c, &h);
}

/* DMA API: while the device owns it a CPU may look at what the device only
 * reads, and at nothing else. */
static bool cpu_may(const struct dma_note *n, bool write)
{
	return n->both || n->cpus ||
	       (!write && n->direction == DMASIM_TO_DEVICE);
}

static bool device_may(const struct dma_note *n, bool write)
{
	return n->both ||
	       (!n->cpus && n->direction != (write ? DMASIM_TO_DEVICE
	                                           : DMASIM_FROM_DEVICE));
}

/* Bytes [first, last] share a line with an end of the buffer, which the
 * device may write at any moment. */
static bool shares_line(const struct dmasim_checker *c,
                        const struct dma_note *n, const struct range *r)
{
	uint64_t mask = ~(uint64_t)(c->line_size - 1);

	if (n->both || n->coherent || n->cpus ||
	    n->direction == DMASIM_TO_DEVICE)
		return false;
	return (r->first < n->first && (r->last & mask) == (n->first & mask)) ||
	       (r->last > n->last && (r->first & mask) == (n->last & mask));
}

/* CPUs are added first, in the order of their indices. */
static bool is_before(const struct touch *t, const struct dma_note *n)
{
	return t->who->txn && n->at.cpu == t->who->agent &&
	       t->who->txn->po.number && t->who->txn->po.number <= n->at.number;
}

static uint32_t cpu_check(struct dmasim_checker *c, const struct touch *t)
{
	struct range line = {t->all.first & ~(uint64_t)(c->line_size - 1), 0};
	const struct dma_note *n;
	uint32_t flags = 0;
	size_t from = 0;

	line.last = line.first + (c->line_size - 1);
	while ((n = note_next(&c->notes, t->all.first, &from))) {
		if (!touches(n, &line) || is_before(t, n))
			continue;
		if (touches(n, &t->all) && !cpu_may(n, t->write)) {
			const struct range r = part_of(n, &t->all);

			raise(c, t, DMASIM_OWNERSHIP, &r, n);
			flags |= RECORD_OWNERSHIP;
		}
		/* A write past the caches leaves no dirty line. */
		if (t->write && !t->who->past && shares_line(c, n, &t->all)) {
			struct range r = t->all;

			if (r.first >= n->first)
				r.first = n->last + 1;
			raise(c, t, DMASIM_SHARED_LINE, &r, n);
			flags |= RECORD_SHARED_LINE;
		}
	}
	return flags;
}

static bool watched(const struct dmasim_checker *c, const struct check_who *who)
{
	const struct notes *n = &c->notes;

	for (size_t i = 0; i < n->watch_len; i++)
		if (n->watches[i].stream == who->txn->stream_id &&
		    (!n->watches[i].agent || n->watches[i].agent == who->agent))
			return true;
	return false;
}

/* It was a buffer until not long ago. */
static bool was_unmapped(const struct dmasim_checker *c, uint32_t stream,
                         uint64_t addr, struct dma_note *note)
{
	uint32_t n =
	        c->notes.buried < NOTE_GRAVES ? c->notes.buried : NOTE_GRAVES;

	for (uint32_t i = 1; i <= n; i++) {
		const struct note_grave *g =
		        &c->notes.graves[(c->notes.buried - i) % NOTE_GRAVES];

		if (g->stream != stream || addr < g->first || addr > g->last)
			continue;
		*note = (struct dma_note){.stream = stream,
		                          .name = g->name,
		                          .request = g->request,
		                          .first = g->first,
		                          .last = g->last};
		return true;
	}
	return false;
}

/* An IOMMU has told of this access already. */
static bool told(const struct dmasim_checker *c, const struct touch *t)
{
	const struct judged *k = &c->kept;

	return k->agent == t->who->agent && k->time == dmasim_now(c->kernel) &&
	       k->offset == ((t->who->txn->addr) & 0xfff);
}

/* [r->first, r->last] lies in no buffer of the device's. */
static void stray(struct dmasim_checker *c, const struct touch *t,
                  const struct range *r)
{
	struct dma_note grave;

	if (!watched(c, t->who) || told(c, t))
		return;
	if (was_unmapped(c, t->who->txn->stream_id, r->first, &grave))
		raise(c, t, DMASIM_USE_AFTER_UNMAP, r, &grave);
	else
		raise(c, t, DMASIM_OVERREACH, r, NULL);
}

/* The note of the stream that @addr lies in, one that allows the access if
 * there is any. *@next: the first byte behind it, or of the next note. */
static const struct dma_note *note_at(const struct dmasim_checker *c,
                                      const struct touch *t, uint64_t addr,
                                      uint64_t *next)
{
	const struct dma_note *n, *found = NULL;
	size_t from = 0;

	*next = t->all.last + 1;
	while ((n = note_next(&c->notes, addr, &from))) {
		uint64_t last = n->pa + (n->size - 1);

		if (n->stream != t->who->txn->stream_id)
			continue;
		if (addr < n->pa && n->pa < *next)
			*next = n->pa;
		if (addr < n->pa || addr > last)
			continue;
		if (!found || device_may(n, t->write))
			found = n;
		if (last < *next - 1)
			*next = last + 1;
	}
	return found;
}

static uint32_t device_check(struct dmasim_checker *c, const struct touch *t)
{
	uint64_t at = t->all.first, next;

	for (; at <= t->all.last; at = next) {
		const struct dma_note *n = note_at(c, t, at, &next);
		const struct range r = {at, next - 1};

		if (!n)
			stray(c, t, &r);
		else if (!device_may(n, t->write))
			raise(c, t, DMASIM_OWNERSHIP, &r, n);
	}
	return 0;
}

uint32_t owner_check(struct dmasim_checker *c, const struct check_who *who,
                     const struct shadow *s, uint64_t addr, const uint8_t *data,
                     uint32_t n, bool write)
{
	const struct touch t = {
	        .who = who,
	        .s = s,
	        .data = data,
	        .all = {addr, addr + (n - 1)},
	        .write = write,
	};
	enum dmasim_agent_kind kind = kind_of(c, who->agent);

	if (kind == DMASIM_AGENT_CPU)
		return cpu_check(c, &t);
	if (kind == DMASIM_AGENT_SMMU || who->cause != DMASIM_CAUSE_DMA ||
	    !who->txn)
		return 0;
	return device_check(c, &t);
}

bool owner_maintains(const struct dmasim_checker *c, uint64_t addr)
{
	const struct dma_note *n;
	size_t from = 0;

	while ((n = note_next(&c->notes, addr, &from)))
		if (addr >= n->pa && addr - n->pa < n->size && !n->both &&
		    !n->coherent)
			return true;
	return false;
}

const struct dma_note *owner_of_line(const struct dmasim_checker *c,
                                     uint64_t addr)
{
	const struct range r = {addr, addr};
	const struct dma_note *n;
	size_t from = 0;

	while ((n = note_next(&c->notes, addr, &from)))
		if (shares_line(c, n, &r))
			return n;
	return NULL;
}
