/* SPDX-License-Identifier: MIT */
/*
 * Records from the lines of a log. Every SMMU has a block of its own being
 * read, so that lines of several SMMUs may be mixed; one SMMU's event thread
 * prints its lines in order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dmasim/smmuv3.h"
#include "log_internal.h"

/** Lines that a mailer may have made of one. */
#define MAX_WRAPS 3

struct parser {
	struct dmasim_log *log;
	struct dmasim_diag *diag;
	unsigned flags;
	bool added;    /**< another text's trace lines */
	unsigned line; /**< of the message at hand */
	/** SMMU whose header came last, for words without a name; -1: none. */
	int current;
	unsigned viommu_line; /**< of the first virtio-iommu fault; 0: none */
	unsigned orphan_line; /**< of the first word without a header */
	unsigned unknown_line;
	unsigned unknown_number;
};

static void copy_name(char *buf, size_t size, struct log_name name)
{
	size_t n = name.size < size ? name.size : size - 1;

	if (n)
		memcpy(buf, name.text, n);
	buf[n] = '\0';
}

/** The log cannot be trusted at @line: an error, or a note if asked for. */
static int damage(struct parser *p, unsigned line, const char *text)
{
	if (p->flags & DMASIM_LOG_KEEP_GOING)
		return log_add_note(p->log, line, "%s; left out", text);
	return dmasim_diag_set(p->diag, DMASIM_E_FORMAT, "line %u: %s", line,
	                       text);
}

static int too_many(struct parser *p, int status)
{
	return dmasim_diag_set(
	        p->diag, status == DMASIM_E_FULL ? DMASIM_E_FORMAT : status,
	        "line %u: %s", p->line,
	        status == DMASIM_E_FULL ? "more than 256 SMMUs"
	                                : "out of memory");
}

/* ---- records ---- */

static int push(struct parser *p, struct log_smmu *s)
{
	int status = log_add_record(p->log, &s->rec);

	if (status != DMASIM_OK)
		return status;
	s->open = false;
	s->last = p->log->count;
	s->has_event_line = false;
	if (!dmasim_event_name((uint8_t)evt_type(s->rec.words)) &&
	    p->unknown_line == 0) {
		p->unknown_line = s->rec.line;
		p->unknown_number = evt_type(s->rec.words);
	}
	return DMASIM_OK;
}

/** A block ends before it has four words. */
static int cut_short(struct parser *p, struct log_smmu *s)
{
	char text[128];

	s->open = false;
	snprintf(text, sizeof(text), "this record has only %u of its 4 words",
	         s->words);
	return damage(p, s->rec.line, text);
}

static void start_record(struct parser *p, int smmu, const struct log_line *l)
{
	struct log_smmu *s = &p->log->smmus[smmu];

	s->rec = (struct dmasim_log_record){
	        .line = p->line,
	        .smmu = (unsigned)smmu,
	        .has_time = l->has_time,
	        .time_us = l->time_us,
	};
	copy_name(s->rec.time, sizeof(s->rec.time), l->time);
	s->words = 0;
}

static int take_header(struct parser *p, const struct log_line *l)
{
	int smmu = log_find_smmu(p->log, l->name);
	struct log_smmu *s;
	int status = DMASIM_OK;

	if (smmu < 0)
		return too_many(p, smmu);
	s = &p->log->smmus[smmu];
	if (s->open)
		status = cut_short(p, s);
	if (status != DMASIM_OK)
		return status;
	if (l->value > evt_get(~0ull, EVT0_TYPE))
		return damage(p, p->line, "an event number has 8 bits");
	start_record(p, smmu, l);
	s->open = true;
	s->headless = false;
	s->last_us = l->time_us;
	s->number = l->value;
	s->last = 0;
	p->current = smmu;
	return DMASIM_OK;
}

/** The SMMU whose block takes the word, or -1. */
static int owner_of_word(struct parser *p, const struct log_line *l)
{
	if (l->bare)
		return p->current >= 0 && p->log->smmus[p->current].open
		               ? p->current
		               : -1;
	for (size_t i = 0; i < p->log->smmu_count; i++) {
		const struct log_smmu *s = &p->log->smmus[i];

		if (strlen(s->name) == l->name.size &&
		    memcmp(s->name, l->name.text, l->name.size) == 0)
			return (int)i;
	}
	return l->smmu ? log_find_smmu(p->log, l->name) : -1;
}

static int take_orphan(struct parser *p, struct log_smmu *s)
{
	if (p->orphan_line == 0)
		p->orphan_line = p->line;
	if (!s->headless)
		return damage(p, p->line,
		              "a word that belongs to no record: lines are "
		              "missing or out of order");
	return DMASIM_OK;
}

static int take_word(struct parser *p, const struct log_line *l)
{
	int smmu = owner_of_word(p, l);
	struct log_smmu *s;
	char text[128];

	if (smmu == DMASIM_E_FULL || smmu == DMASIM_E_NOMEM)
		return too_many(p, smmu);
	if (smmu < 0)
		return DMASIM_OK;
	s = &p->log->smmus[smmu];
	if (!s->open)
		return take_orphan(p, s);
	if (l->kind == LOG_BAD_WORD) {
		s->open = false;
		snprintf(text, sizeof(text),
		         "word %u of the record of line %u is not 0x and 16 "
		         "digits",
		         s->words, s->rec.line);
		return damage(p, p->line, text);
	}
	if (l->has_time && s->rec.has_time && l->time_us < s->last_us) {
		s->open = false;
		return damage(p, p->line,
		              "this word is older than the line before it "
		              "in its record: the log is out of order");
	}
	if (s->words == 0 && evt_get(l->value, EVT0_TYPE) != s->number) {
		s->open = false;
		snprintf(text, sizeof(text),
		         "the record says event 0x%02x, its first word 0x%02x: "
		         "the log is out of order",
		         (unsigned)s->number,
		         (unsigned)evt_get(l->value, EVT0_TYPE));
		return damage(p, p->line, text);
	}
	if (l->has_time)
		s->last_us = l->time_us;
	s->rec.words[s->words] = l->value;
	s->rec.mask[s->words] = ~0ull;
	if (++s->words < 4)
		return DMASIM_OK;
	s->rec.raw = true;
	return push(p, s);
}

/* ---- decoded lines ---- */

/** The number of the event called @name; -1: none. */
static int number_of(struct log_name name)
{
	for (unsigned i = 0; i < 256; i++) {
		const char *text = dmasim_event_name((uint8_t)i);

		if (text && strlen(text) == name.size &&
		    memcmp(text, name.text, name.size) == 0)
			return (int)i;
	}
	return -1;
}

/** Add the bits of a decoded line that the record does not have yet. False:
 * it contradicts those that it has. */
static bool merge(struct dmasim_log_record *r, const struct log_line *l)
{
	bool agrees = true;

	for (unsigned i = 0; i < 4; i++) {
		uint64_t both = r->mask[i] & l->mask[i];

		agrees &= ((r->words[i] ^ l->words[i]) & both) == 0;
		r->words[i] |= l->words[i] & ~r->mask[i];
		r->mask[i] |= l->mask[i];
	}
	return agrees;
}

static int contradiction(struct parser *p, const struct dmasim_log_record *r)
{
	return log_add_note(p->log, p->line,
	                    "this line does not say what the words of line %u "
	                    "say; the words count",
	                    r->line);
}

/** A record of decoded lines alone, or whose words are not all there. */
static int take_decoded(struct parser *p, int smmu, struct log_line *l)
{
	struct log_smmu *s = &p->log->smmus[smmu];
	int number = number_of(l->event);
	bool agrees;
	int status;

	if (number < 0) {
		if (s->open)
			return DMASIM_OK;
		return log_add_note(p->log, p->line,
		                    "an event without a name that the "
		                    "architecture has, and without its words; "
		                    "left out");
	}
	l->words[0] |= (uint64_t)number;
	l->mask[0] |= EVT0_TYPE;
	if (!s->open)
		start_record(p, smmu, l);
	agrees = merge(&s->rec, l);
	copy_name(s->rec.client, sizeof(s->rec.client), l->client);
	status = push(p, s);
	s->has_event_line = true;
	if (status == DMASIM_OK && !agrees)
		status = contradiction(p, &s->rec);
	return status;
}

static int take_event(struct parser *p, struct log_line *l)
{
	int smmu = log_find_smmu(p->log, l->name);
	struct log_smmu *s;
	struct dmasim_log_record *r;
	struct log_line copy = *l;

	if (smmu < 0)
		return too_many(p, smmu);
	s = &p->log->smmus[smmu];
	s->headless = false;
	if (s->open || s->last == 0 || s->has_event_line)
		return take_decoded(p, smmu, l);
	r = &p->log->records[s->last - 1];
	s->has_event_line = true;
	copy_name(r->client, sizeof(r->client), l->client);
	/* QEMU writes the fetch address of F_CD_FETCH elsewhere: what Linux
	 * prints then is a word that is there. */
	return merge(r, &copy) ? DMASIM_OK : contradiction(p, r);
}

static int take_access(struct parser *p, const struct log_line *l)
{
	int smmu = log_find_smmu(p->log, l->name);
	struct log_smmu *s;
	struct dmasim_log_record *r;

	if (smmu < 0)
		return too_many(p, smmu);
	s = &p->log->smmus[smmu];
	if (s->last == 0 || !s->has_event_line)
		return DMASIM_OK;
	r = &p->log->records[s->last - 1];
	s->last = 0;
	return merge(r, l) ? DMASIM_OK : contradiction(p, r);
}

/* ---- other lines ---- */

static int take_map(struct parser *p, const struct log_line *l)
{
	struct dmasim_log_map m = {
	        .has_time = l->has_time,
	        .time_us = l->time_us,
	        .iova = l->iova,
	        .pa = l->pa,
	        .size = l->size,
	        .unmap = l->kind == LOG_UNMAP,
	        .line = p->line,
	        .added = p->added,
	};

	if (m.size > ~m.iova)
		return log_add_note(p->log, p->line,
		                    "a mapping that passes the end of the "
		                    "address space; left out");
	return log_add_map(p->log, &m);
}

static int take_dropped(struct parser *p)
{
	int status = DMASIM_OK;

	for (size_t i = 0; i < p->log->smmu_count; i++) {
		struct log_smmu *s = &p->log->smmus[i];

		s->headless = true;
		s->last = 0;
		if (!s->open || status != DMASIM_OK)
			continue;
		s->open = false;
		status =
		        log_add_note(p->log, p->line,
		                     "lines were lost here; the record of line "
		                     "%u is left out",
		                     s->rec.line);
	}
	return status;
}

/** GERROR (IHI 0070, 6.3.19): what its bits stand for. */
static int take_trouble(struct parser *p, const struct log_line *l)
{
	static const char *const bits[] = {
	        "CMDQ_ERR",         NULL,
	        "EVENTQ_ABT_ERR",   "PRIQ_ABT_ERR",
	        "MSI_CMDQ_ABT_ERR", "MSI_EVENTQ_ABT_ERR",
	        "MSI_PRIQ_ABT_ERR", "MSI_GERROR_ABT_ERR",
	        "SFM_ERR",
	};
	char name[64], names[160] = "";
	const char *value = strstr(l->message, "(0x");
	size_t n = 0;
	unsigned long active = 0;

	copy_name(name, sizeof(name), l->name);
	if (value && strncmp(l->message, "unexpected global", 17) == 0)
		active = strtoul(value + 1, NULL, 16);
	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++)
		if (bits[i] && (active >> i & 1))
			n += (size_t)snprintf(names + n, sizeof(names) - n,
			                      "%s%s", n ? ", " : ": GERROR ",
			                      bits[i]);
	return log_add_note(p->log, p->line, "%s%s%.150s%s", name,
	                    name[0] ? ": " : "", l->message, names);
}

static int take(struct parser *p, struct log_line *l)
{
	switch (l->kind) {
	case LOG_HEADER:
		return take_header(p, l);
	case LOG_WORD:
	case LOG_BAD_WORD:
		return take_word(p, l);
	case LOG_EVENT:
		return take_event(p, l);
	case LOG_ACCESS:
		return take_access(p, l);
	case LOG_MAP:
	case LOG_UNMAP:
		return take_map(p, l);
	case LOG_SUPPRESSED:
		p->log->suppressed += l->value;
		return DMASIM_OK;
	case LOG_DROPPED:
		return take_dropped(p);
	case LOG_TROUBLE:
		return take_trouble(p, l);
	case LOG_VIOMMU:
		if (p->viommu_line == 0)
			p->viommu_line = p->line;
		return DMASIM_OK;
	case LOG_OTHER:
		break;
	}
	return DMASIM_OK;
}

/* ---- wrapped lines ---- */

/** Put the lines together that a mailer made of one; back to where it was if
 * they make no more sense than the first alone. */
static void unwrap(struct log_text *t, char *line, struct log_line *l)
{
	struct log_text back = *t;
	char joined[(MAX_WRAPS + 1) * LOG_LINE_MAX];
	char next[LOG_LINE_MAX];
	struct log_line rest, whole;

	size_t n = strlen(line);

	memcpy(joined, line, n + 1);
	for (int i = 0; i < MAX_WRAPS && log_text_next(t, next); i++) {
		log_match(next, &rest);
		if (!log_may_continue(next, &rest))
			break;
		n += (size_t)snprintf(joined + n, sizeof(joined) - n, " %s",
		                      next);
		log_match(joined, &whole);
		if (whole.partial || whole.kind == LOG_OTHER ||
		    n >= LOG_LINE_MAX)
			continue;
		memcpy(line, joined, n + 1);
		log_match(line, l);
		return;
	}
	*t = back;
}

static int read_lines(struct parser *p, const char *text, size_t size)
{
	struct log_text t = {.data = text, .size = size};
	char line[LOG_LINE_MAX];
	struct log_line l;
	int status = DMASIM_OK;

	while (status == DMASIM_OK && log_text_next(&t, line)) {
		log_match(line, &l);
		p->line = t.line;
		if (l.partial)
			unwrap(&t, line, &l);
		status = take(p, &l);
	}
	p->line = t.line;
	return status;
}

/* ---- the whole ---- */

/** Why there is nothing to replay. */
static int nothing_usable(struct parser *p)
{
	if (p->unknown_line)
		return dmasim_diag_set(
		        p->diag, DMASIM_E_FORMAT,
		        "line %u: no usable record: the architecture names no "
		        "event 0x%02x",
		        p->unknown_line, p->unknown_number);
	if (p->orphan_line)
		return dmasim_diag_set(
		        p->diag, DMASIM_E_FORMAT,
		        "line %u: a word without its 'event 0x.. received' "
		        "line, and no usable record",
		        p->orphan_line);
	if (p->viommu_line)
		return dmasim_diag_set(
		        p->diag, DMASIM_E_FORMAT,
		        "line %u: a fault of a virtio-iommu, which has no "
		        "event records; no usable record of an SMMUv3",
		        p->viommu_line);
	return dmasim_diag_set(p->diag, DMASIM_E_FORMAT,
	                       "line %u: the end, and no event record of an "
	                       "SMMUv3 before it",
	                       p->line);
}

static bool any_usable(const struct dmasim_log *log)
{
	for (size_t i = 0; i < log->count; i++)
		if (dmasim_event_name((uint8_t)evt_type(log->records[i].words)))
			return true;
	return false;
}

static int finish(struct parser *p)
{
	struct dmasim_log *log = p->log;
	int status = DMASIM_OK;

	for (size_t i = 0; i < log->smmu_count && status == DMASIM_OK; i++)
		if (log->smmus[i].open)
			status = cut_short(p, &log->smmus[i]);
	if (status != DMASIM_OK)
		return status;
	if (!any_usable(log))
		return nothing_usable(p);
	if (p->orphan_line)
		status = log_add_note(log, p->orphan_line,
		                      "the end of a record whose beginning is "
		                      "lost; left out");
	return status;
}

int dmasim_log_parse_flags(const char *text, size_t size, const char *name,
                           unsigned flags, struct dmasim_log **out,
                           struct dmasim_diag *diag)
{
	struct parser p = {.diag = diag, .flags = flags, .current = -1};
	int status = log_text_check(text, size, diag);

	if (status != DMASIM_OK)
		return status;
	p.log = calloc(1, sizeof(*p.log));
	if (!p.log)
		return DMASIM_E_NOMEM;
	snprintf(p.log->name, sizeof(p.log->name), "%s", name);
	status = read_lines(&p, text, size);
	if (status == DMASIM_OK)
		status = finish(&p);
	if (status != DMASIM_OK) {
		dmasim_log_destroy(p.log);
		return status;
	}
	*out = p.log;
	return DMASIM_OK;
}

int dmasim_log_parse(const char *text, size_t size, const char *name,
                     struct dmasim_log **out, struct dmasim_diag *diag)
{
	return dmasim_log_parse_flags(text, size, name, 0, out, diag);
}

int dmasim_log_add_trace(struct dmasim_log *log, const char *text, size_t size,
                         struct dmasim_diag *diag)
{
	struct log_text t = {.data = text, .size = size};
	struct parser p = {.log = log, .diag = diag, .added = true};
	size_t before = log->map_count;
	char line[LOG_LINE_MAX];
	struct log_line l;
	int status = log_text_check(text, size, diag);

	while (status == DMASIM_OK && log_text_next(&t, line)) {
		log_match(line, &l);
		p.line = t.line;
		if (l.partial)
			unwrap(&t, line, &l);
		if (l.kind == LOG_MAP || l.kind == LOG_UNMAP)
			status = take_map(&p, &l);
	}
	if (status == DMASIM_OK && log->map_count == before)
		return dmasim_diag_set(diag, DMASIM_E_FORMAT,
		                       "line %u: the end, and no map or unmap "
		                       "line of the iommu trace events",
		                       t.line);
	return status;
}
