/* SPDX-License-Identifier: MIT */
/* The life of a line as JSON, for programs and for the page. */
#include <string.h>

#include "line_internal.h"

static void put_lane(const struct dmasim_line_view *v,
                     const struct dmasim_line_lane *lane, FILE *out)
{
	char state[2] = {lane->state, '\0'};

	fputs("{\"name\":", out);
	dmasim_view_json_string(out, lane->name);
	fputs(",\"state\":", out);
	dmasim_view_json_string(out, state);
	fputs(",\"bytes\":", out);
	view_json_hex(out, lane->data, v->line.size);
	fputs(",\"known\":", out);
	view_json_mask(out, lane->known, v->line.size);
	fputs(",\"dirty\":", out);
	view_json_mask(out, lane->dirty, v->line.size);
	fputs(",\"stale\":", out);
	view_json_mask(out, lane->stale, v->line.size);
	putc('}', out);
}

static void put_member(FILE *out, const char *name, const char *text)
{
	fprintf(out, ",\"%s\":", name);
	dmasim_view_json_string(out, text);
}

static void put_step(const struct dmasim_line_view *v, size_t index, FILE *out)
{
	struct dmasim_line_step s;
	struct dmasim_line_lane lane;
	char time[40];

	(void)dmasim_line_view_step(v, index, &s);
	view_time_text(s.time, time, sizeof(time));
	fprintf(out, "{\"ps\":%llu,\"cycle\":%llu", (unsigned long long)s.time,
	        (unsigned long long)s.cycle);
	put_member(out, "time", time);
	fprintf(out, ",\"repeats\":%llu,\"offset\":%u,\"size\":%u",
	        (unsigned long long)s.repeats, s.offset, s.size);
	put_member(out, "note", s.note ? s.note : "");
	put_member(out, "who", s.who);
	put_member(out, "what", s.what);
	put_member(out, "where", s.where);
	put_member(out, "source", s.source);
	put_member(out, "alias", s.alias);
	fputs(",\"effects\":[", out);
	for (size_t i = 0; i < s.effects; i++) {
		fputs(i ? "," : "", out);
		dmasim_view_json_string(out,
		                        dmasim_line_view_effect(v, index, i));
	}
	fputs("],\"findings\":[", out);
	for (size_t i = 0; i < s.findings; i++) {
		fputs(i ? "," : "", out);
		dmasim_view_json_string(out,
		                        dmasim_line_view_finding(v, index, i));
	}
	fputs("],\"lanes\":[", out);
	for (size_t i = 0; dmasim_line_view_lane(v, index, i, &lane); i++) {
		fputs(i ? ",\n" : "", out);
		put_lane(v, &lane, out);
	}
	fputs("]}", out);
}

int dmasim_line_view_json(const struct dmasim_line_view *v, FILE *out,
                          const char *name)
{
	size_t steps = dmasim_line_view_steps(v);
	char object[128] = "";

	if (v->cfg.checker)
		dmasim_describe(v->cfg.checker, v->line.addr + v->first, object,
		                sizeof(object));
	fprintf(out, "{\"line\":\"0x%llx\",\"line_size\":%u",
	        (unsigned long long)v->line.addr, v->line.size);
	put_member(out, "name", name);
	put_member(out, "object", object);
	fprintf(out, ",\"dropped\":%llu,\"steps\":[",
	        (unsigned long long)v->dropped);
	for (size_t i = 0; i < steps; i++) {
		fputs(i ? ",\n" : "\n", out);
		put_step(v, i, out);
	}
	fputs("]}", out);
	return ferror(out) ? DMASIM_E_IO : DMASIM_OK;
}
