/* SPDX-License-Identifier: MIT */
/* The life of one line: events become steps. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "line_internal.h"

#define STEPS_MAX 4096u

static void texts_free(struct view_texts *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->text[i]);
	free(t->text);
}

static void step_free(struct view_step *s)
{
	free(s->note);
	free(s->who);
	free(s->what);
	free(s->where);
	free(s->source);
	free(s->alias);
	texts_free(&s->effects);
	texts_free(&s->findings);
	free(s->states);
	free(s->data);
	free(s->masks);
}

/* Sticky: a life with a gap would be a lie. */
static void lost(struct dmasim_line_view *v)
{
	v->status = DMASIM_E_NOMEM;
	v->open = false;
}

/* Replaces *@to. */
static void set_text(struct dmasim_line_view *v, char **to, char *text)
{
	if (!text)
		lost(v);
	free(*to);
	*to = text;
}

static void add_text(struct dmasim_line_view *v, struct view_texts *t,
                     char *text)
{
	char **grown =
	        text ? realloc(t->text, (t->count + 1) * sizeof(*grown)) : NULL;

	if (!grown) {
		free(text);
		lost(v);
		return;
	}
	t->text = grown;
	t->text[t->count++] = text;
}

/* The lanes as they are now. */
static void take_lanes(struct dmasim_line_view *v, struct view_step *s)
{
	const struct view_line *l = &v->line;
	size_t mask = 3 * (size_t)l->words;

	view_line_compare(&v->line);
	free(s->states);
	free(s->data);
	free(s->masks);
	s->lanes = l->count;
	s->states = malloc(l->count);
	s->data = malloc(l->count * l->size);
	s->masks = malloc(l->count * mask * sizeof(*s->masks));
	if (!s->states || !s->data || !s->masks) {
		lost(v);
		return;
	}
	for (size_t i = 0; i < l->count; i++) {
		s->states[i] = l->lanes[i].state;
		memcpy(s->data + i * l->size, l->lanes[i].data, l->size);
		memcpy(s->masks + i * mask, l->lanes[i].known,
		       mask * sizeof(*s->masks));
	}
}

static bool same_lanes(const struct view_line *l, const struct view_step *a,
                       const struct view_step *b)
{
	size_t mask = 3 * (size_t)l->words * sizeof(*a->masks);

	return a->lanes == b->lanes &&
	       memcmp(a->states, b->states, a->lanes) == 0 &&
	       memcmp(a->data, b->data, a->lanes * l->size) == 0 &&
	       memcmp(a->masks, b->masks, a->lanes * mask) == 0;
}

static bool same_text(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* The same access again, without any effect: polling. */
static bool same_step(const struct view_line *l, const struct view_step *a,
                      const struct view_step *b)
{
	return a->accessed && b->accessed && a->agent == b->agent &&
	       a->kind == b->kind && !b->note && !b->effects.count &&
	       !b->findings.count && same_text(a->what, b->what) &&
	       same_text(a->where, b->where) && same_lanes(l, a, b);
}

static void fold(struct dmasim_line_view *v)
{
	struct view_step *last = &v->steps[v->count - 1];

	if (v->count < 2 || !same_step(&v->line, last - 1, last))
		return;
	last[-1].repeats++;
	last[-1].time = last->time;
	step_free(last);
	v->count--;
}

static void close_step(struct dmasim_line_view *v)
{
	if (!v->open)
		return;
	v->open = false;
	take_lanes(v, &v->steps[v->count - 1]);
	if (v->status == DMASIM_OK)
		fold(v);
}

static struct view_step *open_step(struct dmasim_line_view *v)
{
	struct view_step *s;

	close_step(v);
	if (v->status != DMASIM_OK)
		return NULL;
	if (v->count == v->max) {
		v->dropped++;
		return NULL;
	}
	if (v->count == v->cap) {
		size_t cap = v->cap ? 2 * v->cap : 32;
		struct view_step *steps =
		        realloc(v->steps, cap * sizeof(*steps));

		if (!steps) {
			lost(v);
			return NULL;
		}
		v->steps = steps;
		v->cap = cap;
	}
	s = &v->steps[v->count++];
	*s = (struct view_step){.time = dmasim_now(v->cfg.kernel),
	                        .repeats = 1,
	                        .note = v->note};
	v->note = NULL;
	v->open = true;
	return s;
}

static void set_origin(struct dmasim_line_view *v, struct view_step *s,
                       const struct dmasim_origin *o)
{
	const char *source = NULL;
	char where[256];

	if (o) {
		s->origin = *o;
		s->has_origin = true;
	}
	view_origin_text(o, where, sizeof(where));
	set_text(v, &s->where, view_format("%s", where));
	if (o && o->file && v->cfg.source)
		source = v->cfg.source(v->cfg.source_ctx, o->file, o->line);
	if (source)
		source += strspn(source, " \t");
	set_text(v, &s->source, view_format("%s", source ? source : ""));
}

static bool concerns(const struct dmasim_line_view *v,
                     const struct dmasim_finding *f)
{
	return v->framed || f->line == v->line.addr;
}

/* A hazard that had done no harm before has done some now. */
static void find_worse(struct dmasim_line_view *v, struct view_step *s)
{
	for (size_t i = 0; i < v->findings_seen; i++) {
		const struct dmasim_finding *f =
		        dmasim_finding_get(v->cfg.checker, i);

		if (!v->potential[i] || f->severity != DMASIM_OBSERVED)
			continue;
		v->potential[i] = false;
		if (concerns(v, f))
			add_text(v, &s->effects,
			         view_format("harm is done now: %s of %s",
			                     dmasim_finding_kind_name(f->kind),
			                     f->object));
	}
}

static void find(struct dmasim_line_view *v, struct view_step *s)
{
	size_t count =
	        v->cfg.checker ? dmasim_finding_count(v->cfg.checker) : 0;
	bool *grown;

	find_worse(v, s);
	if (v->findings_seen >= count)
		return;
	grown = realloc(v->potential, count * sizeof(*grown));
	if (!grown) {
		lost(v);
		return;
	}
	v->potential = grown;
	for (; v->findings_seen < count; v->findings_seen++) {
		const struct dmasim_finding *f =
		        dmasim_finding_get(v->cfg.checker, v->findings_seen);
		char *text;
		int n;

		grown[v->findings_seen] = f->severity != DMASIM_OBSERVED;
		if (!concerns(v, f))
			continue;
		n = dmasim_finding_text(f, NULL, 0);
		text = malloc((size_t)n + 1);
		if (text)
			dmasim_finding_text(f, text, (size_t)n + 1);
		add_text(v, &s->findings, text);
	}
}

static void take_access(struct dmasim_line_view *v, struct view_step *s,
                        const struct dmasim_line_event *e)
{
	char text[224], alias[48];

	s->accessed = true;
	s->kind = e->kind;
	s->offset = e->offset;
	s->size = e->size;
	if (v->first >= v->last || e->offset < v->first)
		v->first = e->offset;
	if (e->offset + e->size > v->last)
		v->last = e->offset + e->size;
	if (e->attr)
		set_text(v, &s->alias,
		         view_format("%s",
		                     view_alias_name(e, alias, sizeof(alias))));
	if (s->what)
		return;
	view_access_text(&v->cfg, e, text, sizeof(text));
	set_text(v, &s->what, view_format("%s", text));
}

static void take_effect(struct dmasim_line_view *v, struct view_step *s,
                        const struct dmasim_line_event *e,
                        const struct view_lane *lane)
{
	char agent[VIEW_NAME], text[320];

	if (view_is_access(e)) {
		char access[224];

		view_agent_name(&v->cfg, e->agent, agent, sizeof(agent));
		view_access_text(&v->cfg, e, access, sizeof(access));
		/* In a step of its own it has acted already: that was a store
		 * into its buffer, and this is one that leaves it. */
		snprintf(text, sizeof(text), "%s%s %s",
		         v->framed && same_text(agent, s->who) ? "visible now: "
		                                               : "",
		         agent, access);
	} else {
		view_effect_text(e, lane ? lane->name : "memory", text,
		                 sizeof(text));
	}
	add_text(v, &s->effects, view_format("%s", text));
}

/* Whether @e belongs to the step under way: what an access causes on its way
 * comes before it, at times of its own. */
static bool continues(const struct view_step *s,
                      const struct dmasim_line_event *e)
{
	if (s->agent != e->agent ||
	    !view_same_origin(s->has_origin ? &s->origin : NULL, e->origin))
		return false;
	return !s->accessed || (s->time == e->time && !view_is_access(e));
}

static struct view_step *step_of(struct dmasim_line_view *v,
                                 const struct dmasim_line_event *e)
{
	struct view_step *s = v->open ? &v->steps[v->count - 1] : NULL;
	char who[VIEW_NAME];

	if (v->framed || (s && continues(s, e)))
		return s;
	s = open_step(v);
	if (!s)
		return NULL;
	s->time = e->time;
	s->agent = e->agent;
	view_agent_name(&v->cfg, e->agent, who, sizeof(who));
	set_text(v, &s->who, view_format("%s", who));
	set_origin(v, s, e->origin);
	return s;
}

/* The access of the one whose step it is, or somebody else's. */
static bool is_own(const struct dmasim_line_view *v, const struct view_step *s,
                   const struct dmasim_line_event *e)
{
	char who[VIEW_NAME];

	if (!v->framed)
		return true;
	view_agent_name(&v->cfg, e->agent, who, sizeof(who));
	return same_text(who, s->who) && !s->accessed;
}

/* "virtqueue 0 used" is "virtqueue 0 used.idx", but not "virtqueue 0 used2". */
static bool has_name(const struct dmasim_line_view *v, uint64_t addr)
{
	size_t n = strlen(v->cfg.name);
	char object[128];

	dmasim_describe(v->cfg.checker, addr, object, sizeof(object));
	return strncmp(object, v->cfg.name, n) == 0 &&
	       !isalnum((unsigned char)object[n]);
}

/* True once the line is known. */
static bool bind(struct dmasim_line_view *v, const struct dmasim_line_event *e)
{
	bool met = false;
	int status;

	if (v->bound || v->status != DMASIM_OK || !view_is_access(e))
		return v->bound;
	for (uint32_t i = 0; i < e->size && !met; i++)
		met = has_name(v, e->line + e->offset + i);
	if (!met)
		return false;
	status = view_line_init(&v->line, &v->cfg, e->line, e);
	if (status != DMASIM_OK)
		lost(v);
	v->bound = status == DMASIM_OK;
	return v->bound;
}

static void on_event(void *ctx, const struct dmasim_line_event *e)
{
	struct dmasim_line_view *v = ctx;
	struct view_lane *lane;
	struct view_step *s;

	if (e->kind == DMASIM_LINE_BARRIER || view_is_half(e) || !bind(v, e) ||
	    e->line != v->line.addr || v->status != DMASIM_OK)
		return;
	s = step_of(v, e);
	/* What finds no room changes the lanes all the same. */
	if (view_line_apply(&v->line, e, &lane) != DMASIM_OK)
		lost(v);
	if (!s || v->status != DMASIM_OK)
		return;
	if (view_is_access(e) && is_own(v, s, e))
		take_access(v, s, e);
	else
		take_effect(v, s, e, lane);
	find(v, s);
}

int dmasim_line_view_create(const struct dmasim_view_config *cfg,
                            struct dmasim_line_view **out)
{
	struct dmasim_line_view *v;
	int status;

	*out = NULL;
	if (!cfg->kernel || !cfg->memsys || !cfg->map ||
	    (cfg->name && (!cfg->checker || !*cfg->name)))
		return DMASIM_E_INVAL;
	v = calloc(1, sizeof(*v));
	if (!v)
		return DMASIM_E_NOMEM;
	v->cfg = *cfg;
	v->max = cfg->max ? cfg->max : STEPS_MAX;
	v->bound = !cfg->name;
	status = v->bound ? view_line_init(&v->line, &v->cfg, cfg->addr, NULL)
	                  : DMASIM_OK;
	if (status == DMASIM_OK)
		status = dmasim_memsys_observe(cfg->memsys, on_event, v);
	if (status != DMASIM_OK) {
		dmasim_line_view_destroy(v);
		return status;
	}
	*out = v;
	return DMASIM_OK;
}

void dmasim_line_view_destroy(struct dmasim_line_view *v)
{
	if (!v)
		return;
	dmasim_memsys_unobserve(v->cfg.memsys, on_event, v);
	for (size_t i = 0; i < v->count; i++)
		step_free(&v->steps[i]);
	free(v->steps);
	free(v->note);
	free(v->potential);
	view_line_fini(&v->line);
	free(v);
}

void dmasim_line_view_note(struct dmasim_line_view *v, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set_text(v, &v->note, view_format_va(fmt, ap));
	va_end(ap);
}

void dmasim_line_view_begin(struct dmasim_line_view *v, const char *who,
                            const char *what,
                            const struct dmasim_origin *origin)
{
	struct view_step *s = open_step(v);

	v->framed = s != NULL;
	if (!s)
		return;
	set_text(v, &s->who, view_format("%s", who));
	set_text(v, &s->what, view_format("%s", what));
	set_origin(v, s, origin);
}

void dmasim_line_view_what(struct dmasim_line_view *v, const char *fmt, ...)
{
	va_list ap;

	if (!v->framed || !v->open)
		return;
	va_start(ap, fmt);
	set_text(v, &v->steps[v->count - 1].what, view_format_va(fmt, ap));
	va_end(ap);
}

void dmasim_line_view_end(struct dmasim_line_view *v)
{
	if (v->framed && v->open) {
		find(v, &v->steps[v->count - 1]);
		close_step(v);
	}
	v->framed = false;
}

void dmasim_line_view_finish(struct dmasim_line_view *v)
{
	v->framed = false;
	close_step(v);
}
