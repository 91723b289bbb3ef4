/* SPDX-License-Identifier: MIT */
/*
 * Trace events. Time stamps are microseconds with six decimals: picoseconds.
 * A slice is written when it ends, so that nothing has to be kept but what is
 * open; the order in the file does not matter to those who read it.
 */
#include <stdlib.h>
#include <string.h>

#include "view_internal.h"

#define EVENTS_MAX 1000000u
#define INSTANT    1000u /* ps */

/* Threads of a process: accesses, then one for each line and place. */
#define THREAD_ACCESSES  1u
#define THREAD_OF(i, pl) (16u + 8u * (uint32_t)(i) + (pl))

struct open_slice {
	char state; /* ' ': none */
	uint64_t since;
	bool named;
};

/* Beside each line that is followed. */
struct side {
	struct open_slice *slices; /* for each lane */
	size_t slice_count;
	/* Of each byte: who wrote it last, and when. */
	uint32_t *writer;
	uint64_t *written;
};

struct dmasim_chrome_trace {
	struct dmasim_view_config cfg;
	FILE *out;
	struct view_lines lines;
	struct side *sides;
	size_t side_count;
	/* Agents that have their names, a bit for each. */
	uint8_t *named;
	size_t named_size;
	uint64_t events, max, dropped, flows, last_time;
	size_t findings_seen;
	int status;
};

static void put_time(FILE *out, const char *name, uint64_t ps)
{
	fprintf(out, ",\"%s\":%llu.%06llu", name,
	        (unsigned long long)(ps / 1000000),
	        (unsigned long long)(ps % 1000000));
}

/* The front of an event. False: there is no room for it. */
static bool event(struct dmasim_chrome_trace *t, const char *phase,
                  uint32_t pid, uint32_t tid)
{
	if (t->events >= t->max) {
		t->dropped++;
		return false;
	}
	fprintf(t->out, "%s{\"ph\":\"%s\",\"pid\":%u,\"tid\":%u",
	        t->events++ ? ",\n" : "\n", phase, pid, tid);
	return true;
}

static void name_of(struct dmasim_chrome_trace *t, const char *kind,
                    uint32_t pid, uint32_t tid, const char *name)
{
	if (!event(t, "M", pid, tid))
		return;
	fprintf(t->out, ",\"name\":\"%s\",\"args\":{\"name\":", kind);
	dmasim_view_json_string(t->out, name);
	fputs("}}", t->out);
}

/* Gives the process of @agent and its accesses their names, once. */
static void name_agent(struct dmasim_chrome_trace *t, uint32_t agent)
{
	char name[VIEW_NAME];

	if (agent >= t->named_size) {
		size_t size = 2 * (size_t)agent + 16;
		uint8_t *grown = realloc(t->named, size);

		if (!grown) {
			t->status = DMASIM_E_NOMEM;
			return;
		}
		memset(grown + t->named_size, 0, size - t->named_size);
		t->named = grown;
		t->named_size = size;
	}
	if (t->named[agent])
		return;
	t->named[agent] = 1;
	view_agent_name(&t->cfg, agent, name, sizeof(name));
	name_of(t, "process_name", agent, 0, agent ? name : "memory system");
	name_of(t, "thread_name", agent, THREAD_ACCESSES,
	        agent ? "accesses" : "events");
}

static int grow_sides(struct dmasim_chrome_trace *t)
{
	const struct view_line *line;
	struct side *grown, *s;

	if (t->side_count == t->lines.count)
		return DMASIM_OK;
	line = t->lines.line[t->side_count];
	grown = realloc(t->sides, (t->side_count + 1) * sizeof(*grown));
	if (!grown)
		return DMASIM_E_NOMEM;
	t->sides = grown;
	s = &grown[t->side_count];
	*s = (struct side){0};
	s->writer = calloc(line->size, sizeof(*s->writer));
	s->written = calloc(line->size, sizeof(*s->written));
	if (!s->writer || !s->written) {
		free(s->writer);
		free(s->written);
		return DMASIM_E_NOMEM;
	}
	t->side_count++;
	return DMASIM_OK;
}

static int grow_slices(struct side *s, size_t count)
{
	struct open_slice *grown;

	if (s->slice_count >= count)
		return DMASIM_OK;
	grown = realloc(s->slices, count * sizeof(*grown));
	if (!grown)
		return DMASIM_E_NOMEM;
	for (; s->slice_count < count; s->slice_count++)
		grown[s->slice_count] = (struct open_slice){.state = ' '};
	s->slices = grown;
	return DMASIM_OK;
}

static void put_state(struct dmasim_chrome_trace *t, size_t line,
                      const struct view_lane *lane,
                      const struct open_slice *slice)
{
	uint32_t tid = THREAD_OF(line, lane->place);

	if (!event(t, "X", lane->owner, tid))
		return;
	put_time(t->out, "ts", slice->since);
	put_time(t->out, "dur", t->last_time - slice->since);
	fprintf(t->out, ",\"cat\":\"state\",\"name\":\"%c\"}", slice->state);
}

/* The state that a lane shows: a store buffer's is whether it holds any. */
static char shown_state(const struct view_line *l, const struct view_lane *lane)
{
	if (lane->place == DMASIM_PLACE_STORE_BUFFER)
		for (uint32_t i = 0; i < l->words; i++)
			if (lane->known[i])
				return 'P';
	return lane->state == 'I' ? ' ' : lane->state;
}

static void name_lane(struct dmasim_chrome_trace *t, size_t line,
                      const struct view_lane *lane)
{
	char object[96], text[160];

	name_agent(t, lane->owner);
	view_object_name(&t->cfg, t->lines.line[line]->addr, object,
	                 sizeof(object));
	snprintf(text, sizeof(text), "%s %s",
	         dmasim_line_place_name((enum dmasim_line_place)lane->place),
	         object);
	name_of(t, "thread_name", lane->owner, THREAD_OF(line, lane->place),
	        text);
}

/* Slices end and begin where states changed. */
static void follow_states(struct dmasim_chrome_trace *t, size_t line)
{
	const struct view_line *l = t->lines.line[line];
	struct side *s = &t->sides[line];

	for (size_t i = 0; i < l->count; i++) {
		const struct view_lane *lane = &l->lanes[i];
		struct open_slice *slice = &s->slices[i];
		char state = shown_state(l, lane);

		if (state == slice->state)
			continue;
		if (slice->state != ' ')
			put_state(t, line, lane, slice);
		else if (!slice->named)
			name_lane(t, line, lane);
		slice->named = true;
		slice->state = state;
		slice->since = t->last_time;
	}
}

static void put_member(FILE *out, const char *name, const char *text)
{
	fprintf(out, ",\"%s\":", name);
	dmasim_view_json_string(out, text);
}

/* An arrow from the write of the first byte to the read at hand. */
static void put_flow(struct dmasim_chrome_trace *t, const struct side *s,
                     const struct dmasim_line_event *e)
{
	uint32_t writer = s->writer[e->offset];

	if (!writer || writer == e->agent ||
	    !event(t, "s", writer, THREAD_ACCESSES))
		return;
	put_time(t->out, "ts", s->written[e->offset]);
	fprintf(t->out, ",\"id\":%llu,\"cat\":\"flow\",\"name\":\"bytes\"}",
	        (unsigned long long)++t->flows);
	/* An arrow without a head would be worse than one event too many. */
	fprintf(t->out, ",\n{\"ph\":\"f\",\"bp\":\"e\",\"pid\":%u,\"tid\":%u",
	        e->agent, THREAD_ACCESSES);
	t->events++;
	put_time(t->out, "ts", e->time);
	fprintf(t->out, ",\"id\":%llu,\"cat\":\"flow\",\"name\":\"bytes\"}",
	        (unsigned long long)t->flows);
}

static void put_access(struct dmasim_chrome_trace *t,
                       const struct dmasim_line_event *e, bool stale)
{
	const uint8_t *bytes = view_bytes(e);
	char text[224], alias[48] = "", where[256];

	if (!event(t, "X", e->agent, THREAD_ACCESSES))
		return;
	view_access_text(&t->cfg, e, text, sizeof(text));
	view_origin_text(e->origin, where, sizeof(where));
	if (e->attr)
		(void)view_alias_name(e, alias, sizeof(alias));
	put_time(t->out, "ts", e->time);
	put_time(t->out, "dur", INSTANT);
	fputs(",\"cat\":\"access\"", t->out);
	put_member(t->out, "name", text);
	fprintf(t->out, ",\"args\":{\"address\":\"0x%llx\",\"size\":%u",
	        (unsigned long long)(e->line + e->offset), e->size);
	fputs(",\"bytes\":", t->out);
	view_json_hex(t->out, bytes, bytes ? e->size : 0);
	put_member(t->out, "origin", where);
	put_member(t->out, "attributes", alias);
	fprintf(t->out, ",\"stale\":%s}}", stale ? "true" : "false");
}

static void take_access(struct dmasim_chrome_trace *t, size_t index,
                        const struct dmasim_line_event *e)
{
	const struct view_line *l = t->lines.line[index];
	struct side *s = &t->sides[index];
	const uint8_t *bytes = view_bytes(e);
	bool stale = bytes && !view_is_write(e) &&
	             memcmp(bytes, l->newest + e->offset, e->size) != 0;

	put_access(t, e, stale);
	if (!stale && (!view_is_write(e) || view_is_atomic(e)))
		put_flow(t, s, e);
	if (!view_is_write(e) || e->place == DMASIM_PLACE_STORE_BUFFER)
		return;
	for (uint32_t i = e->offset; i < e->offset + e->size; i++) {
		s->writer[i] = e->agent;
		s->written[i] = e->time;
	}
}

static void put_instant(struct dmasim_chrome_trace *t, uint32_t pid,
                        uint32_t tid, const char *cat, const char *name)
{
	if (!event(t, "i", pid, tid))
		return;
	put_time(t->out, "ts", t->last_time);
	fprintf(t->out, ",\"s\":\"t\",\"cat\":\"%s\"", cat);
	put_member(t->out, "name", name);
	putc('}', t->out);
}

static void put_findings(struct dmasim_chrome_trace *t, uint32_t agent)
{
	const struct dmasim_checker *c = t->cfg.checker;

	for (; c && t->findings_seen < dmasim_finding_count(c);
	     t->findings_seen++) {
		const struct dmasim_finding *f =
		        dmasim_finding_get(c, t->findings_seen);
		char text[192];

		snprintf(text, sizeof(text), "%s: %s",
		         dmasim_finding_kind_name(f->kind), f->object);
		put_instant(t, agent, THREAD_ACCESSES, "finding", text);
	}
}

static void put_effect(struct dmasim_chrome_trace *t, size_t index,
                       const struct dmasim_line_event *e,
                       const struct view_lane *lane)
{
	char text[160];

	view_effect_text(e, lane ? lane->name : "memory", text, sizeof(text));
	if (lane)
		put_instant(t, lane->owner, THREAD_OF(index, lane->place),
		            "event", text);
	else
		put_instant(t, e->agent, THREAD_ACCESSES, "event", text);
}

static void put_barrier(struct dmasim_chrome_trace *t,
                        const struct dmasim_line_event *e)
{
	char where[256], text[272];

	view_origin_text(e->origin, where, sizeof(where));
	snprintf(text, sizeof(text), "barrier %s", where);
	put_instant(t, e->agent, THREAD_ACCESSES, "barrier", text);
}

static int follow(struct dmasim_chrome_trace *t,
                  const struct dmasim_line_event *e)
{
	struct view_lane *lane;
	size_t index;
	int status = view_lines_get(&t->lines, &t->cfg, e, &index);

	if (status != DMASIM_OK || index == VIEW_NO_LINE)
		return status;
	status = grow_sides(t);
	if (status == DMASIM_OK)
		status = view_line_apply(t->lines.line[index], e, &lane);
	if (status == DMASIM_OK)
		status = grow_slices(&t->sides[index],
		                     t->lines.line[index]->count);
	if (status != DMASIM_OK)
		return status;
	follow_states(t, index);
	if (view_is_access(e))
		take_access(t, index, e);
	else
		put_effect(t, index, e, lane);
	return DMASIM_OK;
}

static void on_event(void *ctx, const struct dmasim_line_event *e)
{
	struct dmasim_chrome_trace *t = ctx;

	if (t->status != DMASIM_OK || view_is_half(e))
		return;
	if (e->time > t->last_time)
		t->last_time = e->time;
	name_agent(t, e->agent);
	if (e->kind == DMASIM_LINE_BARRIER)
		put_barrier(t, e);
	else if (t->status == DMASIM_OK)
		t->status = follow(t, e);
	put_findings(t, e->agent);
}

int dmasim_chrome_trace_create(const struct dmasim_view_config *cfg, FILE *out,
                               struct dmasim_chrome_trace **trace)
{
	struct dmasim_chrome_trace *t;
	int status;

	*trace = NULL;
	if (!cfg->kernel || !cfg->memsys || !cfg->map || !out)
		return DMASIM_E_INVAL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return DMASIM_E_NOMEM;
	t->cfg = *cfg;
	t->out = out;
	t->max = cfg->max ? cfg->max : EVENTS_MAX;
	t->findings_seen =
	        cfg->checker ? dmasim_finding_count(cfg->checker) : 0;
	status = dmasim_memsys_observe(cfg->memsys, on_event, t);
	if (status != DMASIM_OK) {
		free(t);
		return status;
	}
	fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[", out);
	*trace = t;
	return DMASIM_OK;
}

int dmasim_chrome_trace_destroy(struct dmasim_chrome_trace *t)
{
	int status;

	if (!t)
		return DMASIM_OK;
	dmasim_memsys_unobserve(t->cfg.memsys, on_event, t);
	status = t->status;
	for (size_t i = 0; i < t->side_count; i++) {
		struct side *s = &t->sides[i];

		for (size_t k = 0; k < s->slice_count; k++)
			if (s->slices[k].state != ' ')
				put_state(t, i, &t->lines.line[i]->lanes[k],
				          &s->slices[k]);
		free(s->slices);
		free(s->writer);
		free(s->written);
	}
	fprintf(t->out, "\n],\"otherData\":{\"dropped\":%llu}}\n",
	        (unsigned long long)t->dropped);
	if (fflush(t->out) != 0 || ferror(t->out))
		status = DMASIM_E_IO;
	view_lines_fini(&t->lines);
	free(t->sides);
	free(t->named);
	free(t);
	return status;
}
