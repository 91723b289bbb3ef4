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
	p->cycle = c->period ? time / c->period : 0;
	p->line = s->line;
	if (s->file)
		snprintf(p->file, sizeof(p->file), "%s", s->file);
	snprintf(p->agent, sizeof(p->agent), "%s",
	         dmasim_agent_name(c, s->agent));
	fill_where(s, request, p->where, sizeof(p->where));
	dmasim_attr_name(&s->attr, p->alias, sizeof(p->alias));
}

static void fill_finding(const struct dmasim_checker *c, const struct hazard *h,
                         struct dmasim_finding *f)
{
	uint64_t pa = h->pa ? h->pa : h->addr;

	*f = (struct dmasim_finding){
	        .kind = h->kind,
	        .time = dmasim_now(c->kernel),
	        .addr = h->addr,
	        .size = h->size,
	        .lost = h->lost,
	        .severity = h->severity,
	        .no_expected = !h->expected,
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
	if (h->remedy)
		snprintf(f->remedy, sizeof(f->remedy), "%s", h->remedy);
	else
		remedy_text(c, h, f->remedy, sizeof(f->remedy));
}

/* What was only possible the first time was seen to happen now. */
static void again(const struct dmasim_checker *c, const struct hazard *h,
                  struct dmasim_finding *f)
{
	uint64_t count = f->count + 1;

	if (h->severity < f->severity)
		fill_finding(c, h, f);
	f->count = count;
}

/* The kinds that are about one party's access, whoever was hurt. */
static bool one_sided(enum dmasim_finding_kind kind)
{
	return kind == DMASIM_OWNERSHIP || kind == DMASIM_SHARED_LINE ||
	       kind == DMASIM_OVERREACH;
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

void report_retract(struct dmasim_checker *c, uint64_t addr, uint32_t n)
{
	for (size_t i = 0; i < c->finding_len;) {
		const struct dmasim_finding *f = &c->findings[i];

		if (f->kind != DMASIM_MISSING_BARRIER ||
		    f->severity != DMASIM_POTENTIAL || !f->size ||
		    f->addr >= addr + n || f->addr + f->size <= addr) {
			i++;
			continue;
		}
		c->finding_len--;
		memmove(&c->findings[i], &c->findings[i + 1],
		        (c->finding_len - i) * sizeof(*c->findings));
		memmove(&c->keys[i], &c->keys[i + 1],
		        (c->finding_len - i) * sizeof(*c->keys));
	}
}

void report_finding(struct dmasim_checker *c, const struct hazard *h)
{
	struct finding_key key = {
	        .kind = h->kind,
	        .reader = h->reader,
	        .writer = one_sided(h->kind) ? 0 : h->writer,
	};

	names_object(c, h->pa ? h->pa : h->addr, key.object,
	             sizeof(key.object));
	for (size_t i = 0; i < c->finding_len; i++) {
		if (c->keys[i].kind == key.kind &&
		    c->keys[i].reader == key.reader &&
		    c->keys[i].writer == key.writer &&
		    strcmp(c->keys[i].object, key.object) == 0) {
			again(c, h, &c->findings[i]);
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

const char *dmasim_severity_name(enum dmasim_severity s)
{
	return s == DMASIM_OBSERVED ? "observed" : "potential";
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
	add(t, "  %-8s %s: %s, as %s, t=%llu.%03llu ns", title, p->agent,
	    p->where, p->alias, (unsigned long long)(p->time / 1000),
	    (unsigned long long)(p->time % 1000));
	add(t, ", cycle %llu\n", (unsigned long long)p->cycle);
}

/* What the bytes are, and what the two parties did, by kind. */
struct titles {
	const char *seen, *expected, *reader, *writer;
};

static struct titles titles_of(const struct dmasim_finding *f)
{
	static const struct titles by_kind[DMASIM_FINDING_KINDS] = {
	        [DMASIM_DISCARDED_WRITE] = {.seen = "left",
	                                    .reader = "dropped"},
	        [DMASIM_SHARED_LINE] = {"bytes", "lost", "beside", "other"},
	        [DMASIM_OWNERSHIP] = {"bytes", "newest", "access", "other"},
	        [DMASIM_OVERREACH] = {"bytes", "before", "access", "writer"},
	        [DMASIM_UNTRANSLATED] = {.reader = "access"},
	        [DMASIM_USE_AFTER_UNMAP] = {.seen = "kept", .reader = "access"},
	        [DMASIM_STALE_TRANSLATION] = {.seen = "kept",
	                                      .reader = "access"},
	};
	static const struct titles lost = {"left", NULL, "older", "lost"};
	const struct titles *t = &by_kind[f->kind];

	if (f->lost && !t->reader)
		t = &lost;
	return (struct titles){
	        .seen = t->seen ? t->seen : "read",
	        .expected = t->expected ? t->expected : "written",
	        .reader = t->reader ? t->reader : "reader",
	        .writer = t->writer ? t->writer : "writer",
	};
}

int dmasim_finding_text(const struct dmasim_finding *f, char *buf, size_t size)
{
	struct text t = {.buf = buf, .size = size};
	struct titles title = titles_of(f);

	if (size)
		buf[0] = '\0';
	add(&t, "%s%s: %s at 0x%llx", dmasim_finding_kind_name(f->kind),
	    f->severity == DMASIM_POTENTIAL ? " (potential)" : "", f->object,
	    (unsigned long long)f->addr);
	if (f->size)
		add(&t, ", %u byte%s", f->size, f->size == 1 ? "" : "s");
	if (f->count)
		add(&t, ", and %llu more like it",
		    (unsigned long long)f->count);
	add(&t, "\n");
	if (f->size) {
		add_bytes(&t, title.seen, f->seen, f->size);
		if (!f->no_expected)
			add_bytes(&t, title.expected, f->expected, f->size);
	}
	add_party(&t, title.reader, &f->reader);
	add_party(&t, title.writer, &f->writer);
	if (f->history[0])
		add(&t, "  %-8s 0x%llx: %s\n", "line",
		    (unsigned long long)f->line, f->history);
	if (f->remedy[0])
		add(&t, "  %-8s %s\n", "remedy", f->remedy);
	return (int)t.len;
}
