/* SPDX-License-Identifier: MIT */
/* Waveforms: signals and their changes. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "view_internal.h"

#define CHANGES_MAX 1000000u
#define NO_SIGNAL   UINT32_MAX
#define WIDEST      DMASIM_SIGNAL_BITS

/* What is known of a signal beside its name. */
struct wave {
	bool set;
	uint64_t last_time;
	/* Its last change. */
	size_t last;
};

struct agent_signals {
	uint32_t op, address, count, barriers;
	uint64_t accesses, barrier_count;
};

struct lane_signals {
	uint32_t state, bytes, dirty;
};

struct line_signals {
	struct lane_signals *lanes;
	size_t count;
};

struct dmasim_waves {
	struct dmasim_view_config cfg;
	struct view_lines lines;
	struct line_signals *line_signals;
	size_t line_count;
	struct agent_signals *agents;
	size_t agent_count;
	struct dmasim_signal *signals;
	struct wave *waves;
	size_t signal_count;
	struct dmasim_change *changes;
	size_t count, cap, max;
	uint64_t dropped, time;
	int status;
};

static size_t bytes_of(uint32_t width)
{
	return (width + 7) / 8;
}

/* Grow an array by one zeroed element. */
static bool grow(void *array, size_t count, size_t size)
{
	void **at = array;
	char *grown = realloc(*at, (count + 1) * size);

	if (!grown)
		return false;
	memset(grown + count * size, 0, size);
	*at = grown;
	return true;
}

int dmasim_waves_signal(struct dmasim_waves *w, const char *name,
                        uint32_t width, uint32_t *signal)
{
	char *copy;

	*signal = NO_SIGNAL;
	if (!name || !*name || !width || width > WIDEST)
		return DMASIM_E_INVAL;
	copy = strdup(name);
	if (!copy || !grow(&w->signals, w->signal_count, sizeof(*w->signals)) ||
	    !grow(&w->waves, w->signal_count, sizeof(*w->waves))) {
		free(copy);
		w->status = DMASIM_E_NOMEM;
		return w->status;
	}
	for (char *p = copy; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("._-[]", *p))
			*p = '_';
	w->signals[w->signal_count] = (struct dmasim_signal){copy, width};
	*signal = (uint32_t)w->signal_count++;
	return DMASIM_OK;
}

static bool same_value(const struct dmasim_waves *w, uint32_t signal,
                       const uint8_t *bits, const uint8_t *known)
{
	const struct dmasim_change *c = &w->changes[w->waves[signal].last];
	size_t n = bytes_of(w->signals[signal].width);

	return memcmp(c->bits, bits, n) == 0 &&
	       (c->known != NULL) == (known != NULL) &&
	       (!known || memcmp(c->known, known, n) == 0);
}

static bool keep(struct dmasim_waves *w, uint32_t signal, const uint8_t *bits,
                 const uint8_t *known)
{
	size_t n = bytes_of(w->signals[signal].width);
	uint8_t *copy;

	if (w->count == w->cap) {
		size_t cap = w->cap ? 2 * w->cap : 256;
		struct dmasim_change *changes =
		        realloc(w->changes, cap * sizeof(*changes));

		if (!changes)
			return false;
		w->changes = changes;
		w->cap = cap;
	}
	copy = malloc(2 * n);
	if (!copy)
		return false;
	memcpy(copy, bits, n);
	if (known)
		memcpy(copy + n, known, n);
	w->changes[w->count++] = (struct dmasim_change){
	        w->time, signal, copy, known ? copy + n : NULL};
	return true;
}

static void change(struct dmasim_waves *w, uint32_t signal, const uint8_t *bits,
                   const uint8_t *known)
{
	struct wave *wave;

	if (w->status != DMASIM_OK || signal >= w->signal_count)
		return;
	wave = &w->waves[signal];
	if (wave->set && same_value(w, signal, bits, known))
		return;
	if (w->count == w->max) {
		w->dropped++;
		return;
	}
	if (wave->set && wave->last_time == w->time)
		w->time++;
	if (!keep(w, signal, bits, known)) {
		w->status = DMASIM_E_NOMEM;
		return;
	}
	*wave = (struct wave){true, w->time, w->count - 1};
}

static void change_value(struct dmasim_waves *w, uint32_t signal,
                         uint64_t value)
{
	uint8_t bits[WIDEST / 8] = {0};

	for (unsigned i = 0; i < 8; i++)
		bits[i] = (uint8_t)(value >> (8 * i));
	if (signal < w->signal_count && w->signals[signal].width < 64)
		for (uint32_t i = w->signals[signal].width; i < 64; i++)
			bits[i / 8] &= (uint8_t) ~(1u << (i % 8));
	change(w, signal, bits, NULL);
}

static void pass_to(struct dmasim_waves *w, uint64_t time)
{
	if (time > w->time)
		w->time = time;
}

void dmasim_waves_set(struct dmasim_waves *w, uint32_t signal, uint64_t value)
{
	pass_to(w, dmasim_now(w->cfg.kernel));
	change_value(w, signal, value);
}

static int add_signal(struct dmasim_waves *w, const char *front,
                      const char *name, uint32_t width, uint32_t *signal)
{
	char text[2 * VIEW_NAME + 32];

	snprintf(text, sizeof(text), "%s.%s", front, name);
	return dmasim_waves_signal(w, text, width, signal);
}

static int add_agent(struct dmasim_waves *w, uint32_t agent)
{
	char name[VIEW_NAME];
	struct agent_signals *a;
	int status;

	for (; w->agent_count <= agent; w->agent_count++) {
		if (!grow(&w->agents, w->agent_count, sizeof(*w->agents)))
			return DMASIM_E_NOMEM;
		w->agents[w->agent_count].op = NO_SIGNAL;
	}
	a = &w->agents[agent];
	if (a->op != NO_SIGNAL)
		return DMASIM_OK;
	view_agent_name(&w->cfg, agent, name, sizeof(name));
	status = add_signal(w, name, "op", 8, &a->op);
	if (!status)
		status = add_signal(w, name, "address", 64, &a->address);
	if (!status)
		status = add_signal(w, name, "count", 32, &a->count);
	if (!status)
		status = add_signal(w, name, "barriers", 32, &a->barriers);
	return status;
}

static void follow_agent(struct dmasim_waves *w,
                         const struct dmasim_line_event *e)
{
	struct agent_signals *a;

	w->status = add_agent(w, e->agent);
	if (w->status != DMASIM_OK)
		return;
	a = &w->agents[e->agent];
	if (e->kind == DMASIM_LINE_BARRIER) {
		change_value(w, a->barriers, ++a->barrier_count);
		return;
	}
	change_value(w, a->count, ++a->accesses);
	change_value(w, a->op, view_is_write(e) ? 'W' : 'R');
	change_value(w, a->address, e->line + e->offset);
}

static int add_lane(struct dmasim_waves *w, const struct view_line *l,
                    const struct view_lane *lane, struct lane_signals *s)
{
	char front[VIEW_NAME + 32], name[VIEW_NAME];
	char *blank;
	int status;

	*s = (struct lane_signals){NO_SIGNAL, NO_SIGNAL, NO_SIGNAL};
	snprintf(name, sizeof(name), "%s", lane->name);
	/* Whose, and which; those of all have one name. */
	blank = lane->owner ? strrchr(name, ' ') : NULL;
	if (blank)
		*blank = '.';
	snprintf(front, sizeof(front), "line_%llx.%s",
	         (unsigned long long)l->addr, name);
	status = add_signal(w, front, "bytes", 8 * l->size, &s->bytes);
	if (status || lane->place == DMASIM_PLACE_MEMORY ||
	    lane->place == DMASIM_PLACE_STORE_BUFFER ||
	    lane->place == VIEW_SEES)
		return status;
	status = add_signal(w, front, "state", 8, &s->state);
	return status ? status
	              : add_signal(w, front, "dirty", l->size, &s->dirty);
}

static void change_lane(struct dmasim_waves *w, const struct view_line *l,
                        const struct view_lane *lane,
                        const struct lane_signals *s)
{
	uint8_t known[WIDEST / 8], dirty[WIDEST / 64];

	memset(dirty, 0, sizeof(dirty));
	for (uint32_t i = 0; i < l->size; i++) {
		known[i] = view_bit(lane->known, i) ? 0xff : 0;
		dirty[i / 8] |= (uint8_t)(view_bit(lane->dirty, i) << (i % 8));
	}
	if (s->state != NO_SIGNAL) {
		change_value(w, s->state, (uint8_t)lane->state);
		change(w, s->dirty, dirty, NULL);
	}
	change(w, s->bytes, lane->data, known);
}

static int follow_line(struct dmasim_waves *w,
                       const struct dmasim_line_event *e)
{
	struct line_signals *s;
	struct view_line *l;
	struct view_lane *lane;
	size_t index;
	int status = view_lines_get(&w->lines, &w->cfg, e, &index);

	if (status != DMASIM_OK || index == VIEW_NO_LINE)
		return status;
	if (w->line_count < w->lines.count) {
		if (!grow(&w->line_signals, w->line_count, sizeof(*s)))
			return DMASIM_E_NOMEM;
		w->line_count++;
	}
	l = w->lines.line[index];
	s = &w->line_signals[index];
	status = view_line_apply(l, e, &lane);
	view_line_compare(l);
	for (; s->count < l->count && !status; s->count++) {
		if (!grow(&s->lanes, s->count, sizeof(*s->lanes)))
			return DMASIM_E_NOMEM;
		status = add_lane(w, l, &l->lanes[s->count],
		                  &s->lanes[s->count]);
	}
	for (size_t i = 0; i < s->count && !status; i++)
		change_lane(w, l, &l->lanes[i], &s->lanes[i]);
	return status;
}

static void on_event(void *ctx, const struct dmasim_line_event *e)
{
	struct dmasim_waves *w = ctx;

	if (w->status != DMASIM_OK || view_is_half(e))
		return;
	pass_to(w, e->time);
	if (e->kind == DMASIM_LINE_BARRIER || view_is_access(e))
		follow_agent(w, e);
	if (w->status == DMASIM_OK && e->kind != DMASIM_LINE_BARRIER)
		w->status = follow_line(w, e);
}

int dmasim_waves_create(const struct dmasim_view_config *cfg,
                        struct dmasim_waves **out)
{
	struct dmasim_waves *w;
	int status;

	*out = NULL;
	if (!cfg->kernel || !cfg->memsys || !cfg->map)
		return DMASIM_E_INVAL;
	w = calloc(1, sizeof(*w));
	if (!w)
		return DMASIM_E_NOMEM;
	w->cfg = *cfg;
	w->max = cfg->max ? cfg->max : CHANGES_MAX;
	status = dmasim_memsys_observe(cfg->memsys, on_event, w);
	if (status != DMASIM_OK) {
		free(w);
		return status;
	}
	*out = w;
	return DMASIM_OK;
}

void dmasim_waves_destroy(struct dmasim_waves *w)
{
	if (!w)
		return;
	dmasim_memsys_unobserve(w->cfg.memsys, on_event, w);
	for (size_t i = 0; i < w->count; i++)
		free((uint8_t *)(uintptr_t)w->changes[i].bits);
	for (size_t i = 0; i < w->signal_count; i++)
		free((char *)(uintptr_t)w->signals[i].name);
	for (size_t i = 0; i < w->line_count; i++)
		free(w->line_signals[i].lanes);
	view_lines_fini(&w->lines);
	free(w->line_signals);
	free(w->agents);
	free(w->signals);
	free(w->waves);
	free(w->changes);
	free(w);
}

const struct dmasim_signal *dmasim_waves_signals(const struct dmasim_waves *w,
                                                 size_t *count)
{
	*count = w->signal_count;
	return w->signals;
}

const struct dmasim_change *dmasim_waves_changes(const struct dmasim_waves *w,
                                                 size_t *count)
{
	*count = w->count;
	return w->changes;
}

uint64_t dmasim_waves_dropped(const struct dmasim_waves *w)
{
	return w->dropped;
}

int dmasim_waves_status(const struct dmasim_waves *w)
{
	return w->status;
}
