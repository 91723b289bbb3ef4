/* SPDX-License-Identifier: MIT */
/* The lines that a view follows. */
#include <stdlib.h>

#include "view_internal.h"

#define LINES_MAX 64u

static bool wanted(const struct dmasim_view_config *cfg, uint64_t addr)
{
	uint32_t size = dmasim_memsys_line_size(cfg->memsys);
	uint64_t first = cfg->addr & ~(uint64_t)(size - 1);

	return !cfg->size || (addr >= first && addr - cfg->addr < cfg->size) ||
	       addr == first;
}

static int add(struct view_lines *s, const struct dmasim_view_config *cfg,
               uint64_t addr)
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
	status = line ? view_line_init(line, cfg, addr) : DMASIM_E_NOMEM;
	if (status == DMASIM_OK)
		s->line[s->count++] = line;
	else
		free(line);
	return status;
}

int view_lines_get(struct view_lines *s, const struct dmasim_view_config *cfg,
                   uint64_t addr, size_t *index)
{
	int status;

	*index = VIEW_NO_LINE;
	if (!wanted(cfg, addr))
		return DMASIM_OK;
	for (size_t i = 0; i < s->count; i++)
		if (s->line[i]->addr == addr)
			*index = i;
	if (*index != VIEW_NO_LINE ||
	    s->count >= (cfg->max_lines ? cfg->max_lines : LINES_MAX))
		return DMASIM_OK;
	status = add(s, cfg, addr);
	if (status == DMASIM_OK)
		*index = s->count - 1;
	return status;
}

void view_lines_fini(struct view_lines *s)
{
	for (size_t i = 0; i < s->count; i++) {
		view_line_fini(s->line[i]);
		free(s->line[i]);
	}
	free(s->line);
	*s = (struct view_lines){0};
}
