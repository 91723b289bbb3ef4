/* SPDX-License-Identifier: MIT */
/* Saving and restoring what drivers noted. */
#include "checker_internal.h"

#define NOTE_BOTH     1u
#define NOTE_COHERENT 2u
#define NOTE_CPUS     4u

static void put_note(const struct dma_note *n, struct dmasim_writer *w)
{
	dmasim_put_u32(w, n->stream);
	dmasim_put_u64(w, n->dma);
	dmasim_put_u64(w, n->pa);
	dmasim_put_u64(w, n->size);
	dmasim_put_u64(w, n->first);
	dmasim_put_u64(w, n->last);
	dmasim_put_u8(w, (uint8_t)n->direction);
	dmasim_put_u8(w, (uint8_t)((n->both ? NOTE_BOTH : 0) |
	                           (n->coherent ? NOTE_COHERENT : 0) |
	                           (n->cpus ? NOTE_CPUS : 0)));
	dmasim_put_u64(w, n->request);
	dmasim_put_u32(w, n->site);
	dmasim_put_u32(w, n->at.cpu);
	dmasim_put_u64(w, n->at.number);
	dmasim_put_string(w, n->name);
}

static int get_note(struct notes *notes, uint32_t sites,
                    struct dmasim_reader *r)
{
	char name[128];
	struct dma_note n = {.stream = dmasim_get_u32(r)};
	uint8_t flags;

	n.dma = dmasim_get_u64(r);
	n.pa = dmasim_get_u64(r);
	n.size = dmasim_get_u64(r);
	n.first = dmasim_get_u64(r);
	n.last = dmasim_get_u64(r);
	n.direction = dmasim_get_u8(r);
	flags = dmasim_get_u8(r);
	n.both = flags & NOTE_BOTH;
	n.coherent = flags & NOTE_COHERENT;
	n.cpus = flags & NOTE_CPUS;
	n.request = dmasim_get_u64(r);
	n.site = dmasim_get_u32(r);
	n.at.cpu = dmasim_get_u32(r);
	n.at.number = dmasim_get_u64(r);
	n.name = name;
	dmasim_get_string(r, name, sizeof(name));
	if (dmasim_reader_status(r))
		return dmasim_reader_status(r);
	if (!n.size || n.size - 1 > UINT64_MAX - n.dma || n.first > n.pa ||
	    n.last < n.pa || n.size - 1 > n.last - n.pa || n.site > sites ||
	    (unsigned)n.direction > DMASIM_BIDIRECTIONAL ||
	    note_overlaps(notes, n.stream, n.dma, n.size))
		return dmasim_reader_fail(r, "a DMA mapping that cannot be");
	return note_restore(notes, &n);
}

static void put_grave(const struct note_grave *g, struct dmasim_writer *w)
{
	dmasim_put_u32(w, g->stream);
	dmasim_put_u64(w, g->first);
	dmasim_put_u64(w, g->last);
	dmasim_put_u64(w, g->request);
	dmasim_put_string(w, g->name);
}

static int get_grave(struct notes *notes, struct dmasim_reader *r)
{
	struct note_grave *g = &notes->graves[notes->buried++];
	char name[128];

	g->stream = dmasim_get_u32(r);
	g->first = dmasim_get_u64(r);
	g->last = dmasim_get_u64(r);
	g->request = dmasim_get_u64(r);
	dmasim_get_string(r, name, sizeof(name));
	g->name = strings_keep(&notes->strings, name);
	return g->name ? dmasim_reader_status(r) : DMASIM_E_NOMEM;
}

void notes_save(const struct notes *n, struct dmasim_writer *w)
{
	uint32_t graves = n->buried < NOTE_GRAVES ? n->buried : NOTE_GRAVES;

	dmasim_put_u32(w, (uint32_t)n->len);
	for (size_t i = 0; i < n->len; i++)
		put_note(n->by_dma[i], w);
	dmasim_put_u32(w, graves);
	for (uint32_t i = n->buried - graves; i != n->buried; i++)
		put_grave(&n->graves[i % NOTE_GRAVES], w);
	dmasim_put_u32(w, (uint32_t)n->watch_len);
	for (size_t i = 0; i < n->watch_len; i++) {
		dmasim_put_u32(w, n->watches[i].agent);
		dmasim_put_u32(w, n->watches[i].stream);
	}
}

int notes_restore(struct notes *n, uint32_t sites, struct dmasim_reader *r)
{
	uint32_t count = dmasim_get_count(r, UINT32_MAX, 74);
	int status = dmasim_reader_status(r);

	for (uint32_t i = 0; i < count && !status; i++)
		status = get_note(n, sites, r);
	count = dmasim_get_count(r, NOTE_GRAVES, 32);
	for (uint32_t i = 0; i < count && !status; i++)
		status = get_grave(n, r);
	count = dmasim_get_count(r, UINT32_MAX, 8);
	for (uint32_t i = 0; i < count && !status; i++) {
		uint32_t agent = dmasim_get_u32(r);

		status = note_add_watch(n, agent, dmasim_get_u32(r));
	}
	return status ? status : dmasim_reader_status(r);
}
