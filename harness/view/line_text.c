/* SPDX-License-Identifier: MIT */
/* The life of a line as text: a block per step, a row per lane. */
#include <string.h>

#include "line_internal.h"

#define ROW 16u

struct style {
	const char *bold, *dim, *dirty, *stale, *finding, *end;
};

static const struct style plain = {"", "", "", "", "", ""};
static const struct style coloured = {"\033[1m",  "\033[2m",    "\033[33m",
                                      "\033[31m", "\033[1;31m", "\033[0m"};

/* The bytes that rows show: those that were ever touched, if they fit. */
struct window {
	uint32_t from, size;
};

static struct window whole_window(const struct dmasim_line_view *v)
{
	struct window w = {v->first & ~3u, 4};

	if (v->first >= v->last)
		return (struct window){0,
		                       v->line.size < ROW ? v->line.size : ROW};
	w.size = ((v->last + 3) & ~3u) - w.from;
	w.size = w.size < ROW ? w.size : ROW;
	return w;
}

/* One that holds the access. */
static struct window step_window(const struct dmasim_line_view *v,
                                 const struct dmasim_line_step *s)
{
	struct window w = whole_window(v);

	if (!s->size ||
	    (s->offset >= w.from && s->offset + s->size <= w.from + w.size))
		return w;
	w.size = v->line.size < ROW ? v->line.size : ROW;
	w.from = s->offset & ~3u;
	if (w.from > v->line.size - w.size)
		w.from = v->line.size - w.size;
	return w;
}

static size_t name_width(const struct dmasim_line_view *v)
{
	size_t width = 0;

	for (size_t i = 0; i < v->line.count; i++) {
		size_t n = strlen(v->line.lanes[i].name);

		width = n > width ? n : width;
	}
	return width;
}

/* *@blanks: those owed before the next byte, so that no row ends in any. */
static void put_byte(const struct dmasim_line_lane *lane, uint32_t i,
                     const struct style *style, int *blanks, FILE *out)
{
	bool dirty = view_bit(lane->dirty, i), stale = view_bit(lane->stale, i);
	const char *colour = stale ? style->stale : dirty ? style->dirty : "";
	char mark = stale && dirty ? '%' : stale ? '!' : '*';

	if (!view_bit(lane->known, i)) {
		fprintf(out, "%*s", *blanks + 2, ".");
		*blanks = 2;
		return;
	}
	fprintf(out, "%*s%s%02x", *blanks, "", colour, lane->data[i]);
	if (dirty || stale)
		putc(mark, out);
	fputs(*colour ? style->end : "", out);
	*blanks = dirty || stale ? 1 : 2;
}

static void put_lane(const struct dmasim_line_lane *lane, size_t width,
                     struct window w, const struct style *style, FILE *out)
{
	int blanks = 2;

	fprintf(out, "     %s%s%s%*s %s%c%s", style->dim, lane->name,
	        style->end, (int)(width - strlen(lane->name)), "", style->bold,
	        lane->state, style->end);
	if (w.from)
		fprintf(out, "  +0x%02x:", w.from);
	for (uint32_t i = w.from; i < w.from + w.size; i++)
		put_byte(lane, i, style, &blanks, out);
	putc('\n', out);
}

/* Each line of @text behind @indent. */
static void put_indented(const char *text, const char *indent, FILE *out)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		fprintf(out, "%s%.*s\n", indent, (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void put_head(const struct dmasim_line_step *s, size_t number,
                     const struct style *style, FILE *out)
{
	char time[40];

	view_time_text(s->time, time, sizeof(time));
	if (s->note)
		dmasim_view_wrap(s->note, "  ", out);
	fprintf(out, "%3zu. %s%s%s", number, style->bold, s->who, style->end);
	if (*s->what)
		fprintf(out, " %s", s->what);
	fprintf(out, "  %s(cycle %llu, %s", style->dim,
	        (unsigned long long)s->cycle, time);
	if (*s->alias)
		fprintf(out, ", %s", s->alias);
	if (s->repeats > 1)
		fprintf(out, ", %llu times", (unsigned long long)s->repeats);
	fprintf(out, ")%s\n", style->end);
	if (*s->where)
		fprintf(out, "     %s%s%s%s%s\n", style->dim, s->where,
		        *s->source ? ": " : "", s->source, style->end);
}

static void put_step(const struct dmasim_line_view *v, size_t index,
                     const struct style *style, FILE *out)
{
	struct dmasim_line_step s;
	struct dmasim_line_lane lane;
	size_t width = name_width(v);

	(void)dmasim_line_view_step(v, index, &s);
	put_head(&s, index + 1, style, out);
	for (size_t i = 0; i < s.effects; i++)
		fprintf(out, "       - %s\n",
		        dmasim_line_view_effect(v, index, i));
	for (size_t i = 0; dmasim_line_view_lane(v, index, i, &lane); i++)
		put_lane(&lane, width, step_window(v, &s), style, out);
	for (size_t i = 0; i < s.findings; i++) {
		fputs(style->finding, out);
		put_indented(dmasim_line_view_finding(v, index, i), "     ! ",
		             out);
		fputs(style->end, out);
	}
	putc('\n', out);
}

int dmasim_line_view_text(const struct dmasim_line_view *v, FILE *out,
                          bool colour)
{
	const struct style *style = colour ? &coloured : &plain;
	size_t steps = dmasim_line_view_steps(v);

	for (size_t i = 0; i < steps; i++)
		put_step(v, i, style, out);
	if (v->dropped)
		fprintf(out,
		        "     (there was room for %zu steps; %llu events "
		        "came after them)\n",
		        steps, (unsigned long long)v->dropped);
	return ferror(out) ? DMASIM_E_IO : DMASIM_OK;
}
