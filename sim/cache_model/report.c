/* SPDX-License-Identifier: MIT */
/* Findings: made once, counted when they come again, told as text. */
#include "checker_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fill_where(const struct site *s, uint64_t request, char *buf,
                       size_t size)
{
	const char *what = s->what ? s->what : "access";

	if (s->file && s->what)
		snprintf(buf, size, "%s:%u (%s)", s->file, s->line, s->what);
	else if (s->file)
		snprintf(buf, size, "%s:%u", s->file, s->line);
	else if (s->cause == DMASIM_CAUSE_DMA && (s->queue || request))
		snprintf(buf, size, "%s, queue %u, request %llu", what,
		         s->queue, (unsigned long long)request);
	else
		snprintf(buf, size, "%s", what);
}

static void fill_party(const struct dmasim_checker *c, uint32_t site,
                       uint64_t time, uint64_t request, struct dmasim_party *p)
{
	const struct site *s = site_get(c, site);

	if (!s)
		return;
	p->known = true;
	p->time = time;
	snprintf(p->agent, sizeof(p->agent), "%s",
	         dmasim_agent_name(c, s->agent));
	fill_where(s, request, p->where, sizeof(p->where));
	dmasim_attr_name(&s->attr, p->alias, sizeof(p->alias));
}

static void fill_finding(const struct dmasim_checker *c, const struct hazard *h,
                         struct dmasim_finding *f)
{
	const char *remedy = h->remedy;
	uint64_t pa = h->pa ? h->pa : h->addr;

	*f = (struct dmasim_finding){
	        .kind = h->kind,
	        .time = dmasim_now(c->kernel),
	        .addr = h->addr,
	        .size = h->size,
	        .lost = h->lost,
	        .line = h->addr & ~(uint64_t)(c->line_size - 1),
	};
	if (h->kind == DMASIM_UNTRANSLATED && !names_known(c, pa))
		snprintf(f->object, sizeof(f->object), "RAM");
	else
		dmasim_describe(c, pa, f->object, sizeof(f->object));
	if (h->seen)
		memcpy(f->seen, h->seen, h->size);
	if (h->expected)
		memcpy(f->expected, h->expected, h->size);
	fill_party(c, h->reader, h->reader_time, h->reader_request, &f->reader);
	fill_party(c, h->writer, h->writer_time, h->writer_request, &f->writer);
	if (h->shadow)
		shadow_history(c, h->shadow, f->history, sizeof(f->history));
	if (!remedy)
		remedy = remedy_for(h->kind, site_get(c, h->reader),
		                    site_get(c, h->writer));
	snprintf(f->remedy, sizeof(f->remedy), "%s", remedy);
}

static bool grow(struct dmasim_checker *c)
{
	size_t cap = c->finding_cap ? 2 * c->finding_cap : 16;
	struct dmasim_finding *findings;
	struct finding_key *keys;

	if (c->finding_len < c->finding_cap)
		return true;
	findings = realloc(c->findings, cap * sizeof(*findings));
	if (!findings)
		return false;
	c->findings = findings;
	keys = realloc(c->keys, cap * sizeof(*keys));
	if (!keys)
		return false;
	c->keys = keys;
	c->finding_cap = cap;
	return true;
}

void report_finding(struct dmasim_checker *c, const struct hazard *h)
{
	struct finding_key key = {
	        .kind = h->kind, .reader = h->reader, .writer = h->writer};

	names_object(c, h->pa ? h->pa : h->addr, key.object,
	             sizeof(key.object));
	for (size_t i = 0; i < c->finding_len; i++) {
		if (c->keys[i].kind == key.kind &&
		    c->keys[i].reader == key.reader &&
		    c->keys[i].writer == key.writer &&
		    strcmp(c->keys[i].object, key.object) == 0) {
			c->findings[i].count++;
			return;
		}
	}
	if (c->finding_len >= c->max_findings || !grow(c)) {
		c->dropped++;
		return;
	}
	c->keys[c->finding_len] = key;
	fill_finding(c, h, &c->findings[c->finding_len]);
	c->finding_len++;
}

size_t dmasim_finding_count(const struct dmasim_checker *c)
{
	return c->finding_len;
}

uint64_t dmasim_finding_dropped(const struct dmasim_checker *c)
{
	return c->dropped;
}

const struct dmasim_finding *dmasim_finding_get(const struct dmasim_checker *c,
                                                size_t index)
{
	return index < c->finding_len ? &c->findings[index] : NULL;
}

const char *dmasim_finding_kind_name(enum dmasim_finding_kind k)
{
	static const char *const names[DMASIM_FINDING_KINDS] = {
	        [DMASIM_STALE_READ] = "STALE_READ",
	        [DMASIM_LOST_WRITE] = "LOST_WRITE",
	        [DMASIM_DISCARDED_WRITE] = "DISCARDED_WRITE",
	        [DMASIM_MISMATCHED_ALIAS] = "MISMATCHED_ALIAS",
	        [DMASIM_SHARED_LINE] = "SHARED_LINE",
	        [DMASIM_MISSING_BARRIER] = "MISSING_BARRIER",
	        [DMASIM_OWNERSHIP] = "OWNERSHIP",
	        [DMASIM_USE_AFTER_UNMAP] = "USE_AFTER_UNMAP",
	        [DMASIM_OVERREACH] = "OVERREACH",
	        [DMASIM_UNTRANSLATED] = "UNTRANSLATED",
	        [DMASIM_STALE_TRANSLATION] = "STALE_TRANSLATION",
	};

	return (size_t)k < DMASIM_FINDING_KINDS ? names[k] : "unknown";
}

/* A text that grows in a buffer, as snprintf() counts. */
struct text {
	char *buf;
	size_t size, len;
};

static void add(struct text *t, const char *fmt, ...) DMASIM_PRINTF(2, 3);

static void add(struct text *t, const char *fmt, ...)
{
	bool room = t->len < t->size;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(room ? t->buf + t->len : NULL,
	              room ? t->size - t->len : 0, fmt, args);
	va_end(args);
	if (n > 0)
		t->len += (size_t)n;
}

static void add_bytes(struct text *t, const char *title, const uint8_t *bytes,
                      uint32_t n)
{
	add(t, "  %-8s", title);
	for (uint32_t i = 0; i < n && i < DMASIM_FINDING_BYTES; i++)
		add(t, " %02x", bytes[i]);
	add(t, "\n");
}

static void add_party(struct text *t, const char *title,
                      const struct dmasim_party *p)
{
	if (!p->known)
		return;
	add(t, "  %-8s %s: %s, as %s, t=%llu.%03llu ns\n", title, p->agent,
	    p->where, p->alias, (unsigned long long)(p->time / 1000),
	    (unsigned long long)(p->time % 1000));
}

/* What the two parties did depends on the kind: see enum
 * dmasim_finding_kind. */
static void titles(const struct dmasim_finding *f, const char **seen,
                   const char **expected, const char **reader,
                   const char **writer)
{
	*seen = "read";
	*expected = "written";
	*reader = "reader";
	*writer = "writer";
	if (f->kind == DMASIM_DISCARDED_WRITE) {
		*seen = "left";
		*reader = "dropped";
	} else if (f->kind == DMASIM_UNTRANSLATED) {
		*reader = "access";
	} else if (f->kind == DMASIM_STALE_TRANSLATION ||
	           f->kind == DMASIM_USE_AFTER_UNMAP) {
		*seen = "kept";
		*reader = "access";
	} else if (f->lost) {
		*seen = "left";
		*reader = "older";
		*writer = "lost";
	}
}

int dmasim_finding_text(const struct dmasim_finding *f, char *buf, size_t size)
{
	struct text t = {.buf = buf, .size = size};
	const char *seen, *expected, *reader, *writer;

	if (size)
		buf[0] = '\0';
	titles(f, &seen, &expected, &reader, &writer);
	add(&t, "%s: %s at 0x%llx", dmasim_finding_kind_name(f->kind),
	    f->object, (unsigned long long)f->addr);
	if (f->size)
		add(&t, ", %u byte%s", f->size, f->size == 1 ? "" : "s");
	if (f->count)
		add(&t, ", and %llu more like it",
		    (unsigned long long)f->count);
	add(&t, "\n");
	if (f->size) {
		add_bytes(&t, seen, f->seen, f->size);
		add_bytes(&t, expected, f->expected, f->size);
	}
	add_party(&t, reader, &f->reader);
	add_party(&t, writer, &f->writer);
	if (f->history[0])
		add(&t, "  %-8s 0x%llx: %s\n", "line",
		    (unsigned long long)f->line, f->history);
	if (f->remedy[0])
		add(&t, "  %-8s %s\n", "remedy", f->remedy);
	return (int)t.len;
}
