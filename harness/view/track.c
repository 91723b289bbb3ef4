/* SPDX-License-Identifier: MIT */
/* One line in all the places that hold it, from the events of its life. */
#include <stdlib.h>
#include <string.h>

#include "view_internal.h"

bool view_is_access(const struct dmasim_line_event *e)
{
	return e->kind == DMASIM_LINE_READ ||
	       e->kind == DMASIM_LINE_PAST_READ ||
	       e->kind == DMASIM_LINE_SNOOP_READ || view_is_write(e);
}

bool view_is_write(const struct dmasim_line_event *e)
{
	return e->kind == DMASIM_LINE_WRITE ||
	       e->kind == DMASIM_LINE_PAST_WRITE ||
	       e->kind == DMASIM_LINE_SNOOP_WRITE;
}

/* An access of an agent that has no cache for it. */
static bool is_bare(const struct dmasim_line_event *e)
{
	return view_is_access(e) && e->kind != DMASIM_LINE_READ &&
	       e->kind != DMASIM_LINE_WRITE;
}

bool view_is_atomic(const struct dmasim_line_event *e)
{
	return e->txn && dmasim_op_is_atomic(e->txn->op);
}

bool view_is_half(const struct dmasim_line_event *e)
{
	return view_is_atomic(e) && view_is_access(e) && !view_is_write(e);
}

const uint8_t *view_bytes(const struct dmasim_line_event *e)
{
	return view_is_access(e) ? e->bytes : NULL;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

bool view_same_origin(const struct dmasim_origin *a,
                      const struct dmasim_origin *b)
{
	if (!a || !b)
		return a == b;
	return a->line == b->line && a->queue == b->queue &&
	       a->request == b->request && same_text(a->file, b->file) &&
	       same_text(a->what, b->what);
}

static bool lane_alloc(struct view_lane *lane, uint32_t size, uint32_t words)
{
	lane->data = calloc(1, size);
	lane->known = calloc(3 * (size_t)words, sizeof(*lane->known));
	if (!lane->data || !lane->known) {
		free(lane->data);
		free(lane->known);
		return false;
	}
	lane->dirty = lane->known + words;
	lane->stale = lane->dirty + words;
	return true;
}

static struct view_lane *add_lane(struct view_line *l, unsigned place,
                                  uint32_t who)
{
	struct view_lane *lane;

	if (l->count == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 8;
		struct view_lane *lanes =
		        realloc(l->lanes, cap * sizeof(*lanes));

		if (!lanes)
			return NULL;
		l->lanes = lanes;
		l->cap = cap;
	}
	lane = &l->lanes[l->count];
	*lane = (struct view_lane){
	        .place = place, .who = who, .nameless = true, .state = ' '};
	if (!lane_alloc(lane, l->size, l->words))
		return NULL;
	l->count++;
	return lane;
}

int view_line_init(struct view_line *l, const struct dmasim_view_config *cfg,
                   uint64_t addr, const struct dmasim_line_event *first)
{
	uint32_t size = dmasim_memsys_line_size(cfg->memsys);
	struct view_lane *memory;

	*l = (struct view_line){.cfg = cfg,
	                        .addr = addr & ~(uint64_t)(size - 1),
	                        .size = size,
	                        .words = (size + 63) / 64};
	l->newest = calloc(1, size);
	memory = l->newest ? add_lane(l, DMASIM_PLACE_MEMORY, 0) : NULL;
	if (!memory) {
		view_line_fini(l);
		return DMASIM_E_NOMEM;
	}
	memory->nameless = false;
	memcpy(memory->name, "memory", sizeof("memory"));
	memset(memory->known, 0xff, l->words * sizeof(*memory->known));
	/* No RAM there: it reads as zero, and nothing ever happens. */
	(void)dmasim_map_peek(cfg->map, l->addr, l->newest, size);
	/* What a cache holds is newer, as far as anybody can tell. */
	if (first && first->data)
		memcpy(l->newest, first->data, size);
	view_line_compare(l);
	return DMASIM_OK;
}

void view_line_fini(struct view_line *l)
{
	for (size_t i = 0; i < l->count; i++) {
		free(l->lanes[i].data);
		free(l->lanes[i].known);
	}
	free(l->lanes);
	free(l->newest);
	*l = (struct view_line){0};
}

static struct view_lane *find_lane(struct view_line *l, unsigned place,
                                   uint32_t who)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->lanes[i].place == place && l->lanes[i].who == who)
			return &l->lanes[i];
	return add_lane(l, place, who);
}

static void set_range(uint64_t *mask, const struct dmasim_line_event *e,
                      bool on)
{
	for (uint32_t i = 0; i < e->size; i++)
		view_set_bit(mask, e->offset + i, on);
}

/* What a cache holds after the event. */
static void take_copy(const struct view_line *l, struct view_lane *lane,
                      const struct dmasim_line_event *e)
{
	size_t mask = l->words * sizeof(*lane->known);

	lane->state = e->state;
	if (e->state == 'I') {
		memset(lane->known, 0, mask);
		memset(lane->dirty, 0, mask);
	} else if (e->data) {
		memcpy(lane->data, e->data, l->size);
		memset(lane->known, 0xff, mask);
		if (e->dirty)
			memcpy(lane->dirty, e->dirty, mask);
	}
}

/* A store that waits, or what an agent saw without any cache. */
static void take_bytes(struct view_lane *lane,
                       const struct dmasim_line_event *e)
{
	const uint8_t *bytes = view_bytes(e);

	if (!bytes)
		return;
	memcpy(lane->data + e->offset, bytes, e->size);
	set_range(lane->known, e, true);
}

/* The store has left the store buffer that it was in. */
static void drain(struct view_line *l, const struct dmasim_line_event *e)
{
	for (size_t i = 0; i < l->count; i++) {
		struct view_lane *lane = &l->lanes[i];

		if (lane->place != DMASIM_PLACE_STORE_BUFFER)
			continue;
		if (e->kind == DMASIM_LINE_WRITE ? lane->who == e->cpu
		                                 : lane->owner == e->agent)
			set_range(lane->known, e, false);
	}
}

static void take_newest(struct view_line *l, const struct dmasim_line_event *e)
{
	const uint8_t *bytes = view_bytes(e);

	if (is_bare(e) && view_is_atomic(e))
		(void)dmasim_map_peek(l->cfg->map, l->addr + e->offset,
		                      l->newest + e->offset, e->size);
	else if (bytes)
		memcpy(l->newest + e->offset, bytes, e->size);
	drain(l, e);
}

static int take_bare(struct view_line *l, const struct dmasim_line_event *e)
{
	struct view_lane *lane = find_lane(l, VIEW_SEES, e->agent);

	if (!lane)
		return DMASIM_E_NOMEM;
	if (lane->nameless) {
		char agent[VIEW_NAME - 5];

		view_agent_name(l->cfg, e->agent, agent, sizeof(agent));
		snprintf(lane->name, sizeof(lane->name), "%s sees", agent);
		lane->nameless = false;
		lane->owner = e->agent;
	}
	memset(lane->known, 0, 3 * l->words * sizeof(*lane->known));
	take_bytes(lane, e);
	/* It saw what it saw, whatever is written later. */
	for (uint32_t i = e->offset; i < e->offset + e->size; i++)
		view_set_bit(lane->stale, i,
		             view_bit(lane->known, i) &&
		                     lane->data[i] != l->newest[i]);
	return DMASIM_OK;
}

int view_line_apply(struct view_line *l, const struct dmasim_line_event *e,
                    struct view_lane **out)
{
	struct view_lane *lane = NULL;

	*out = NULL;
	if (e->place != DMASIM_PLACE_MEMORY) {
		lane = find_lane(l, e->place, e->cpu);
		if (!lane)
			return DMASIM_E_NOMEM;
		if (lane->nameless) {
			lane->owner = view_place_owner(l->cfg, e);
			lane->nameless = !view_place_name(l->cfg, e, lane->name,
			                                  sizeof(lane->name));
		}
		if (e->place != DMASIM_PLACE_STORE_BUFFER)
			take_copy(l, lane, e);
		else if (view_is_write(e))
			take_bytes(lane, e);
	}
	if (view_is_write(e) && e->place != DMASIM_PLACE_STORE_BUFFER)
		take_newest(l, e);
	*out = lane;
	return is_bare(e) ? take_bare(l, e) : DMASIM_OK;
}

void view_line_compare(struct view_line *l)
{
	struct view_lane *memory = &l->lanes[0];

	(void)dmasim_map_peek(l->cfg->map, l->addr, memory->data, l->size);
	for (size_t k = 0; k < l->count; k++) {
		struct view_lane *lane = &l->lanes[k];

		if (lane->place == VIEW_SEES ||
		    lane->place == DMASIM_PLACE_STORE_BUFFER)
			continue;
		for (uint32_t i = 0; i < l->size; i++)
			view_set_bit(lane->stale, i,
			             view_bit(lane->known, i) &&
			                     lane->data[i] != l->newest[i]);
	}
}
