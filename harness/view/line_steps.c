/* SPDX-License-Identifier: MIT */
/* What a recorded life says of its steps. */
#include "line_internal.h"

/* The step that is under way has no lanes yet. */
size_t dmasim_line_view_steps(const struct dmasim_line_view *v)
{
	return v->open || v->status != DMASIM_OK ? v->count - (v->count > 0)
	                                         : v->count;
}

uint64_t dmasim_line_view_dropped(const struct dmasim_line_view *v)
{
	return v->dropped;
}

bool dmasim_line_view_found(const struct dmasim_line_view *v)
{
	return v->bound;
}

int dmasim_line_view_status(const struct dmasim_line_view *v)
{
	return v->status;
}

static const char *text_of(const char *text)
{
	return text ? text : "";
}

bool dmasim_line_view_step(const struct dmasim_line_view *v, size_t index,
                           struct dmasim_line_step *step)
{
	const struct view_step *s;

	if (index >= dmasim_line_view_steps(v))
		return false;
	s = &v->steps[index];
	*step = (struct dmasim_line_step){
	        .time = s->time,
	        .cycle = s->time / dmasim_memsys_period(v->cfg.memsys),
	        .repeats = s->repeats,
	        .note = s->note,
	        .who = text_of(s->who),
	        .what = text_of(s->what),
	        .where = text_of(s->where),
	        .source = text_of(s->source),
	        .alias = text_of(s->alias),
	        .offset = s->offset,
	        .size = s->accessed ? s->size : 0,
	        .effects = s->effects.count,
	        .findings = s->findings.count,
	        .lanes = s->lanes,
	};
	return true;
}

/* First the caches of each CPU, then what all share, then memory, and beyond
 * it who has no cache. */
static uint64_t rank(const struct view_lane *lane)
{
	static const uint8_t ranks[] = {[DMASIM_PLACE_STORE_BUFFER] = 0,
	                                [DMASIM_PLACE_L1] = 1,
	                                [DMASIM_PLACE_L2] = 2,
	                                [DMASIM_PLACE_SHARED] = 3,
	                                [DMASIM_PLACE_SYSTEM] = 4,
	                                [DMASIM_PLACE_MEMORY] = 5,
	                                [VIEW_SEES] = 6};
	uint64_t r = ranks[lane->place];

	return r < 3 ? (uint64_t)lane->who << 2 | r : r << 40 | lane->who;
}

/* The one of the first @count lanes that stands at @place in that order. */
static size_t lane_at(const struct view_line *l, size_t count, size_t place)
{
	size_t at = 0;

	for (size_t i = 0; i < count; i++) {
		size_t before = 0;

		for (size_t k = 0; k < count; k++)
			before += rank(&l->lanes[k]) < rank(&l->lanes[i]);
		if (before == place)
			at = i;
	}
	return at;
}

bool dmasim_line_view_lane(const struct dmasim_line_view *v, size_t step,
                           size_t index, struct dmasim_line_lane *lane)
{
	const struct view_line *l = &v->line;
	const struct view_step *s;
	const uint64_t *masks;

	if (step >= dmasim_line_view_steps(v))
		return false;
	s = &v->steps[step];
	if (index >= s->lanes)
		return false;
	index = lane_at(l, s->lanes, index);
	masks = s->masks + index * 3 * l->words;
	*lane = (struct dmasim_line_lane){
	        .name = l->lanes[index].name,
	        .state = s->states[index],
	        .data = s->data + index * l->size,
	        .known = masks,
	        .dirty = masks + l->words,
	        .stale = masks + 2 * (size_t)l->words,
	};
	return true;
}

static const char *text_at(const struct view_texts *t, size_t index)
{
	return index < t->count ? t->text[index] : NULL;
}

const char *dmasim_line_view_effect(const struct dmasim_line_view *v,
                                    size_t step, size_t index)
{
	return step < dmasim_line_view_steps(v)
	               ? text_at(&v->steps[step].effects, index)
	               : NULL;
}

const char *dmasim_line_view_finding(const struct dmasim_line_view *v,
                                     size_t step, size_t index)
{
	return step < dmasim_line_view_steps(v)
	               ? text_at(&v->steps[step].findings, index)
	               : NULL;
}
