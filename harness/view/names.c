/* SPDX-License-Identifier: MIT */
/* Words for events. */
#include <stdlib.h>
#include <string.h>

#include "view_internal.h"

#define SHOWN_BYTES 16u
#define COLUMNS     78u

char *view_format_va(const char *fmt, va_list ap)
{
	va_list again;
	char *text;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	text = malloc((size_t)n + 1);
	if (text)
		vsnprintf(text, (size_t)n + 1, fmt, ap);
	return text;
}

char *view_format(const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = view_format_va(fmt, ap);
	va_end(ap);
	return text;
}

void view_agent_name(const struct dmasim_view_config *cfg, uint32_t agent,
                     char *buf, size_t size)
{
	if (!agent)
		snprintf(buf, size, "hardware");
	else if (cfg->checker)
		snprintf(buf, size, "%s",
		         dmasim_agent_name(cfg->checker, agent));
	else
		snprintf(buf, size, "agent %u", agent);
}

uint32_t view_place_owner(const struct dmasim_view_config *cfg,
                          const struct dmasim_line_event *e)
{
	char cpu[24];

	if (e->place != DMASIM_PLACE_L1 && e->place != DMASIM_PLACE_L2 &&
	    e->place != DMASIM_PLACE_STORE_BUFFER)
		return 0;
	/* CPUs are the first agents, in the order of their numbers. */
	snprintf(cpu, sizeof(cpu), "cpu%u", e->cpu);
	if (cfg->checker &&
	    strcmp(dmasim_agent_name(cfg->checker, e->cpu + 1), cpu) == 0)
		return e->cpu + 1;
	/* Whoever reads or writes there, or fetches a line to do it. */
	if (e->kind == DMASIM_LINE_READ || e->kind == DMASIM_LINE_WRITE ||
	    e->kind == DMASIM_LINE_FILL)
		return e->agent;
	return 0;
}

bool view_place_name(const struct dmasim_view_config *cfg,
                     const struct dmasim_line_event *e, char *buf, size_t size)
{
	uint32_t owner = view_place_owner(cfg, e);
	char name[VIEW_NAME - 16];

	if (e->place == DMASIM_PLACE_SHARED ||
	    e->place == DMASIM_PLACE_SYSTEM ||
	    e->place == DMASIM_PLACE_MEMORY) {
		snprintf(buf, size, "%s", dmasim_line_place_name(e->place));
		return true;
	}
	if (owner)
		view_agent_name(cfg, owner, name, sizeof(name));
	else
		snprintf(name, sizeof(name), "cache %u", e->cpu);
	snprintf(buf, size, "%s %s", name, dmasim_line_place_name(e->place));
	return owner != 0;
}

void view_object_name(const struct dmasim_view_config *cfg, uint64_t addr,
                      char *buf, size_t size)
{
	if (cfg->checker)
		dmasim_describe(cfg->checker, addr, buf, size);
	else
		snprintf(buf, size, "0x%llx", (unsigned long long)addr);
}

/* "tx packet+0x0, 4 bytes: 44 33 22 11" */
static void object_text(const struct dmasim_view_config *cfg,
                        const struct dmasim_line_event *e, char *buf,
                        size_t size)
{
	const uint8_t *bytes = view_bytes(e);
	uint32_t shown = e->size < SHOWN_BYTES ? e->size : SHOWN_BYTES;
	size_t used;

	view_object_name(cfg, e->line + e->offset, buf, size);
	used = strlen(buf);
	used += (size_t)snprintf(buf + used, size - used, ", %u byte%s",
	                         e->size, e->size == 1 ? "" : "s");
	for (uint32_t i = 0; bytes && i < shown && used + 4 < size; i++)
		used += (size_t)snprintf(buf + used, size - used, "%s%02x",
		                         i ? " " : ": ", bytes[i]);
	if (bytes && e->size > shown && used + 4 < size)
		snprintf(buf + used, size - used, " ..");
}

void view_access_text(const struct dmasim_view_config *cfg,
                      const struct dmasim_line_event *e, char *buf, size_t size)
{
	static const struct {
		enum dmasim_line_event_kind kind;
		const char *verb;
	} verbs[] = {{DMASIM_LINE_READ, "reads"},
	             {DMASIM_LINE_WRITE, "writes"},
	             {DMASIM_LINE_PAST_READ, "reads past the caches"},
	             {DMASIM_LINE_PAST_WRITE, "writes past the caches"},
	             {DMASIM_LINE_SNOOP_READ, "reads, snooping,"},
	             {DMASIM_LINE_SNOOP_WRITE, "writes, snooping,"}};
	char object[160];
	const char *verb = "touches";

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (verbs[i].kind == e->kind)
			verb = verbs[i].verb;
	if (e->place == DMASIM_PLACE_STORE_BUFFER)
		verb = view_is_write(e) ? "puts into its store buffer"
		                        : "takes, as it was loaded early,";
	else if (view_is_atomic(e))
		verb = dmasim_op_name(e->txn->op);
	object_text(cfg, e, object, sizeof(object));
	snprintf(buf, size, "%s %s", verb, object);
}

const char *view_alias_name(const struct dmasim_line_event *e, char *buf,
                            size_t size)
{
	bool past = e->kind == DMASIM_LINE_PAST_READ ||
	            e->kind == DMASIM_LINE_PAST_WRITE;

	if (!past || !dmasim_attr_cacheable(e->attr))
		return dmasim_attr_name(e->attr, buf, size);
	snprintf(buf, size, "not snooping");
	return buf;
}

void view_effect_text(const struct dmasim_line_event *e, const char *place,
                      char *buf, size_t size)
{
	static const struct {
		enum dmasim_line_event_kind kind;
		const char *text;
	} texts[] = {
	        {DMASIM_LINE_FILL, "gets the line"},
	        {DMASIM_LINE_SHARE, "shares the line"},
	        {DMASIM_LINE_CLEAN, "cleaned: what was dirty went to memory"},
	        {DMASIM_LINE_EVICT, "evicts the line"},
	        {DMASIM_LINE_INVALIDATE, "invalidated"},
	        {DMASIM_LINE_SNOOPED, "gives the line up to another agent"},
	        {DMASIM_LINE_WRITEBACK, "writes its dirty bytes back"},
	        {DMASIM_LINE_DISCARD, "drops dirty bytes"},
	        {DMASIM_LINE_BARRIER, "barrier"}};

	/* An instruction that found nothing is told of, too. */
	if (e->kind == DMASIM_LINE_CLEAN && e->state == 'I') {
		snprintf(buf, size, "%s has nothing to clean", place);
		return;
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (texts[i].kind == e->kind)
			snprintf(buf, size, "%s %s", place, texts[i].text);
}

void view_origin_text(const struct dmasim_origin *o, char *buf, size_t size)
{
	buf[0] = '\0';
	if (!o)
		return;
	if (o->file)
		snprintf(buf, size, "%s:%u%s%s%s", o->file, o->line,
		         o->what ? " (" : "", o->what ? o->what : "",
		         o->what ? ")" : "");
	else if (o->what && o->request)
		snprintf(buf, size, "%s, queue %u, request %llu", o->what,
		         o->queue, (unsigned long long)o->request);
	else if (o->what)
		snprintf(buf, size, "%s", o->what);
}

void view_time_text(uint64_t ps, char *buf, size_t size)
{
	snprintf(buf, size, "%llu.%03llu ns", (unsigned long long)(ps / 1000),
	         (unsigned long long)(ps % 1000));
}

void dmasim_view_wrap(const char *text, const char *indent, FILE *out)
{
	size_t column = 0;

	while (*text) {
		size_t n = strcspn(text, " \n");
		bool paragraph = text[n] == '\n' && text[n + 1] == '\n';

		if (n && column && column + 1 + n > COLUMNS) {
			putc('\n', out);
			column = 0;
		}
		if (n)
			column += (size_t)fprintf(out, "%s%.*s",
			                          column ? " " : indent, (int)n,
			                          text);
		text += n + (text[n] != '\0');
		if (paragraph) {
			fputs("\n\n", out);
			column = 0;
			text++;
		}
	}
	putc('\n', out);
}
