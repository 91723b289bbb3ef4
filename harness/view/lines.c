/* SPDX-License-Identifier: MIT */
/* The lines that a view follows, found by their addresses. */
#include <stdlib.h>

#include "view_internal.h"

#define LINES_MAX 256u

/* Where the line is, or would be: a place in a table that is never full. */
static struct view_line_slot *slot_of(const struct view_lines *s, uint64_t addr)
{
	size_t at = (size_t)((addr >> 4) * 0x9e3779b97f4a7c15ull >> 20);

	while (s->slots[at & (s->slot_count - 1)].used &&
	       s->slots[at & (s->slot_count - 1)].addr != addr)
		at++;
	return &s->slots[at & (s->slot_count - 1)];
}

static int grow_slots(struct view_lines *s)
{
	struct view_lines grown = *s;

	if (4 * (s->used + 1) <= 3 * s->slot_count)
		return DMASIM_OK;
	grown.slot_count = s->slot_count ? 2 * s->slot_count : 64;
	grown.slots = calloc(grown.slot_count, sizeof(*grown.slots));
	if (!grown.slots)
		return DMASIM_E_NOMEM;
	for (size_t i = 0; i < s->slot_count; i++)
		if (s->slots[i].used)
			*slot_of(&grown, s->slots[i].addr) = s->slots[i];
	free(s->slots);
	s->slots = grown.slots;
	s->slot_count = grown.slot_count;
	return DMASIM_OK;
}

static bool wanted(const struct dmasim_view_config *cfg, uint64_t addr)
{
	uint32_t size = dmasim_memsys_line_size(cfg->memsys);
	uint64_t first = cfg->addr & ~(uint64_t)(size - 1);

	return !cfg->size || addr == first ||
	       (addr > first && addr - cfg->addr < cfg->size);
}

static int add(struct view_lines *s, const struct dmasim_view_config *cfg,
               const struct dmasim_line_event *e)
{
	struct view_line *line;
	int status;

	if (s->count == s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 16;
		struct view_line **grown =
		        realloc(s->line, cap * sizeof(struct view_line *));

		if (!grown)
			return DMASIM_E_NOMEM;
		s->line = grown;
		s->cap = cap;
	}
	line = malloc(sizeof(*line));
	status = line ? view_line_init(line, cfg, e->line, e) : DMASIM_E_NOMEM;
	if (status == DMASIM_OK)
		s->line[s->count++] = line;
	else
		free(line);
	return status;
}

int view_lines_get(struct view_lines *s, const struct dmasim_view_config *cfg,
                   const struct dmasim_line_event *e, size_t *index)
{
	struct view_line_slot *slot;
	int status;

	*index = VIEW_NO_LINE;
	if (!wanted(cfg, e->line))
		return DMASIM_OK;
	status = grow_slots(s);
	if (status != DMASIM_OK)
		return status;
	slot = slot_of(s, e->line);
	if (!slot->used) {
		*slot = (struct view_line_slot){.addr = e->line,
		                                .used = true,
		                                .agent = e->agent,
		                                .line = VIEW_NO_LINE};
		s->used++;
	}
	if (slot->line == VIEW_NO_LINE &&
	    s->count < (cfg->max_lines ? cfg->max_lines : LINES_MAX) &&
	    !(cfg->shared && (slot->agent == e->agent || !e->agent))) {
		status = add(s, cfg, e);
		if (status == DMASIM_OK)
			slot->line = s->count - 1;
	}
	*index = slot->line;
	return status;
}

void view_lines_fini(struct view_lines *s)
{
	for (size_t i = 0; i < s->count; i++) {
		view_line_fini(s->line[i]);
		free(s->line[i]);
	}
	free(s->line);
	free(s->slots);
	*s = (struct view_lines){0};
}
