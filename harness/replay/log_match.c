/* SPDX-License-Identifier: MIT */
/*
 * What one line of a log is. Nothing is asked of what stands before the
 * message: the message is found by its own words, the name of the SMMU is
 * the word before it.
 */
#include <ctype.h>
#include <string.h>

#include "log_internal.h"

static bool is_hex(char c)
{
	return isxdigit((unsigned char)c) != 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/** Does @line name an SMMU, its driver or a function of that driver? */
static bool names_smmu(const char *line)
{
	for (; *line; line++)
		if ((line[0] | 0x20) == 's' && (line[1] | 0x20) == 'm' &&
		    (line[2] | 0x20) == 'm' && (line[3] | 0x20) == 'u')
			return true;
	return false;
}

/** Hexadecimal with or without 0x; at most 16 digits. NULL if there is none,
 * else behind it. */
static const char *read_hex(const char *p, uint64_t *value)
{
	unsigned digits = 0;

	while (*p == ' ')
		p++;
	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
		p += 2;
	*value = 0;
	for (; is_hex(*p); p++, digits++) {
		char c = (char)tolower((unsigned char)*p);

		*value = *value << 4 |
		         (uint64_t)(is_digit(c) ? c - '0' : c - 'a' + 10);
	}
	return digits >= 1 && digits <= 16 ? p : NULL;
}

/** Decimal of at most 19 digits. NULL if there is none, else behind it. */
static const char *read_decimal(const char *p, uint64_t *value)
{
	unsigned digits = 0;

	*value = 0;
	for (; is_digit(*p); p++, digits++)
		*value = *value * 10 + (uint64_t)(*p - '0');
	return digits >= 1 && digits <= 19 ? p : NULL;
}

/** "12.345678" in microseconds. NULL if it is not that, else behind it. */
static const char *read_seconds(const char *p, uint64_t *us)
{
	uint64_t s, unit = 100000;

	p = read_decimal(p, &s);
	if (!p || *p != '.' || !is_digit(p[1]) || s > 10000000000ull)
		return NULL;
	*us = s * 1000000;
	for (p++; is_digit(*p); p++) {
		*us += (uint64_t)(*p - '0') * unit;
		unit /= 10;
	}
	return p;
}

static struct log_name span(const char *from, const char *to)
{
	return (struct log_name){.text = from, .size = (size_t)(to - from)};
}

/** The word that ends with a colon before @message. */
static struct log_name name_before(const char *line, const char *message)
{
	const char *end = message;
	const char *p;

	while (end > line && end[-1] == ' ')
		end--;
	if (end == line || end[-1] != ':')
		return (struct log_name){0};
	end--;
	for (p = end; p > line && p[-1] != ' '; p--)
		;
	return p == end ? (struct log_name){0} : span(p, end);
}

/** Only a time or nothing stands before @message. */
static bool stands_alone(const char *line, const char *message)
{
	const char *end = message;

	while (end > line && end[-1] == ' ')
		end--;
	return end == line || end[-1] == ']';
}

/* ---- time ---- */

/** "[    1.211721]" anywhere: printk's own clock. */
static bool match_printk_time(const char *line, struct log_line *l)
{
	for (const char *p = strchr(line, '['); p; p = strchr(p + 1, '[')) {
		const char *from = p + 1, *to;

		while (*from == ' ')
			from++;
		to = read_seconds(from, &l->time_us);
		if (!to || *to != ']')
			continue;
		l->time = span(from, to);
		l->has_time = true;
		return true;
	}
	return false;
}

/** "6,1234,5678901,-;": the form of /dev/kmsg, in microseconds. */
static bool match_kmsg_time(const char *line, struct log_line *l)
{
	uint64_t unused;
	const char *p = read_decimal(line, &unused);
	const char *from;

	p = p && *p == ',' ? read_decimal(p + 1, &unused) : NULL;
	if (!p || *p != ',')
		return false;
	from = p + 1;
	p = read_decimal(from, &l->time_us);
	if (!p || *p != ',' || !strchr(p, ';'))
		return false;
	l->time = span(from, p);
	l->has_time = true;
	return true;
}

/** A date ends with hours, minutes and seconds near the line's beginning. */
static void match_date(const char *line, struct log_line *l)
{
	for (size_t i = 0; i < 40 && line[i]; i++) {
		const char *p = line + i;
		const char *from = line;

		if (!(is_digit(p[0]) && is_digit(p[1]) && p[2] == ':' &&
		      is_digit(p[3]) && is_digit(p[4]) && p[5] == ':' &&
		      is_digit(p[6]) && is_digit(p[7])))
			continue;
		for (p += 8; *p && *p != ' ' && *p != ']'; p++)
			;
		if (*from == '<' && strchr(from, '>') && strchr(from, '>') < p)
			from = strchr(from, '>') + 1;
		if (*from == '[')
			from++;
		l->time = span(from, p);
		return;
	}
}

static void match_time(const char *line, struct log_line *l)
{
	if (!match_printk_time(line, l) && !match_kmsg_time(line, l))
		match_date(line, l);
}

/* ---- the five lines ---- */

static bool match_header(const char *line, struct log_line *l)
{
	const char *p = strstr(line, "event 0x");
	const char *rest;

	if (!p) {
		size_t n = strlen(line);

		l->partial |= n > 7 && l->smmu &&
		              strcmp(line + n - 7, ": event") == 0;
		return false;
	}
	l->name = name_before(line, p);
	if (l->name.text ? !l->smmu : !stands_alone(line, p))
		return false;
	rest = read_hex(p + 6, &l->value);
	if (!rest)
		return false;
	if (*rest == '\0') {
		l->partial = true;
		return false;
	}
	if (strcmp(rest, " received:") != 0 && strcmp(rest, " received") != 0)
		return false;
	l->kind = LOG_HEADER;
	return true;
}

static bool match_word(const char *line, struct log_line *l)
{
	const char *p = strrchr(line, ' ');
	const char *end;
	bool good;

	p = p ? p + 1 : line;
	if (p[0] != '0' || (p[1] != 'x' && p[1] != 'X'))
		return false;
	end = read_hex(p, &l->value);
	good = end && *end == '\0' && end - p == 18;
	l->name = name_before(line, p);
	l->bare = !l->name.text;
	if (l->bare && (!good || !stands_alone(line, p)))
		return false;
	l->kind = good ? LOG_WORD : LOG_BAD_WORD;
	return true;
}

/* ---- the decoded lines ---- */

static void set_field(struct log_line *l, unsigned word, uint64_t mask,
                      uint64_t value)
{
	l->words[word] |= evt_prep(value, mask);
	l->mask[word] |= mask;
}

/** The number behind @key, which is looked for from @p on. */
static bool read_key(const char *p, const char *key, uint64_t *value)
{
	const char *q = strstr(p, key);

	return q && read_hex(q + strlen(key), value);
}

static bool ends_with(struct log_name name, const char *suffix)
{
	size_t n = strlen(suffix);

	return name.size >= n &&
	       memcmp(name.text + name.size - n, suffix, n) == 0;
}

static bool name_is(struct log_name name, const char *text)
{
	return name.size == strlen(text) && ends_with(name, text);
}

/** Addresses of a decoded line: which ones there are depends on its name. */
static bool match_addresses(const char *p, struct log_line *l)
{
	static const char *const translation[] = {
	        "F_TRANSLATION", "F_ADDR_SIZE", "F_ACCESS", "F_PERMISSION"};
	uint64_t v;

	for (size_t i = 0; i < 4; i++) {
		if (!name_is(l->event, translation[i]))
			continue;
		if (!read_key(p, " iova: ", &v))
			return false;
		set_field(l, 2, ~0ull, v);
		if (!read_key(p, " ipa: ", &v))
			return false;
		l->words[3] |= v & EVT3_IPA;
		l->mask[3] |= EVT3_IPA;
		return true;
	}
	if (!ends_with(l->event, "_FETCH"))
		return true;
	if (!read_key(p, " fetch_addr: ", &v))
		return false;
	l->words[3] |= v & EVT3_FETCHADDR;
	l->mask[3] |= EVT3_FETCHADDR;
	return true;
}

static bool match_event(const char *line, struct log_line *l)
{
	const char *p = strstr(line, "event: ");
	const char *client, *sid;
	uint64_t v;

	if (!p || !(l->smmu || stands_alone(line, p)))
		return false;
	l->name = name_before(line, p);
	p += strlen("event: ");
	client = strstr(p, " client: ");
	sid = client ? strstr(client + 1, " sid: ") : NULL;
	if (!sid || !read_hex(sid + strlen(" sid: "), &v)) {
		l->partial = true;
		return false;
	}
	l->kind = LOG_EVENT;
	l->event = span(p, client);
	l->client = span(client + strlen(" client: "), sid);
	set_field(l, 0, EVT0_STREAMID, v);
	if (!read_key(sid, " ssid: ", &v)) {
		l->partial = true;
		return true;
	}
	/* A SubstreamID of 0 is printed where SSV is 0, too. */
	if (v != 0) {
		set_field(l, 0, EVT0_SUBSTREAMID, v);
		set_field(l, 0, EVT0_SSV, 1);
	}
	l->partial = !match_addresses(sid, l);
	return true;
}

/** Step over one of two words. 0 or 1: which; -1: neither. */
static int read_choice(const char **p, const char *a, const char *b)
{
	const char *words[] = {a, b};

	for (int i = 0; i < 2; i++) {
		size_t n = strlen(words[i]);

		if (strncmp(*p, words[i], n) == 0) {
			*p += n;
			return i;
		}
	}
	return -1;
}

static int read_class(const char **p)
{
	static const char *const names[] = {
	        "\"CD fetch\"", "\"Stage 1 translation table fetch\"",
	        "\"Input address caused fault\"", "\"Reserved\""};

	for (int i = 0; i < 4; i++) {
		size_t n = strlen(names[i]);

		if (strncmp(*p, names[i], n) == 0) {
			*p += n;
			return i;
		}
	}
	return -1;
}

static bool match_access(const char *line, struct log_line *l)
{
	const char *p = strstr(line, "priv ");
	const char *start;
	bool privileged;
	int ind, write, s2, class, tt, stall;
	uint64_t stag;

	if (!p)
		return false;
	start = p;
	privileged = !(p - line >= 2 && p[-1] == 'n' && p[-2] == 'u');
	if (!privileged)
		start -= 2;
	p += strlen("priv ");
	ind = read_choice(&p, "data ", "inst ");
	if (ind < 0 || !(l->smmu || stands_alone(line, start)))
		return false;
	l->partial = true;
	l->name = name_before(line, start);
	write = read_choice(&p, "read ", "write ");
	s2 = write < 0 ? -1 : read_choice(&p, "s1 ", "s2 ");
	class = s2 < 0 ? -1 : read_class(&p);
	if (class < 0)
		return false;
	tt = read_choice(&p, " ttd_write", " ttd_read");
	stall = read_choice(&p, " stall", " stall");
	if (!read_key(p, " stag: ", &stag))
		return false;
	l->partial = false;
	l->kind = LOG_ACCESS;
	set_field(l, 1, EVT1_PNU, privileged);
	set_field(l, 1, EVT1_IND, (uint64_t)ind);
	set_field(l, 1, EVT1_RNW, write == 0);
	set_field(l, 1, EVT1_S2, (uint64_t)s2);
	set_field(l, 1, EVT1_CLASS, (uint64_t) class);
	set_field(l, 1, EVT1_STALL, stall >= 0);
	set_field(l, 1, EVT1_STAG, stag);
	if (tt >= 0)
		set_field(l, 1, EVT1_TTRNW, (uint64_t)tt);
	return true;
}

/* ---- trace lines ---- */

/** The clock of ftrace or perf: the number with a colon before @p. */
static void match_trace_time(const char *line, const char *p,
                             struct log_line *l)
{
	struct log_name token = name_before(line, p);
	const char *end;
	uint64_t us;

	if (!token.text) {
		/* "1234us : map:": an ftrace dump on the console. */
		while (p > line && (p[-1] == ' ' || p[-1] == ':'))
			p--;
		if (p - line < 3 || p[-1] != 's' || p[-2] != 'u')
			return;
		for (end = p - 2; end > line && is_digit(end[-1]); end--)
			;
		if (!read_decimal(end, &us))
			return;
		l->time = span(end, p);
	} else {
		end = read_seconds(token.text, &us);
		if (end != token.text + token.size)
			return;
		l->time = token;
	}
	l->has_time = true;
	l->time_us = us;
}

static bool match_map(const char *line, struct log_line *l)
{
	const char *p = strstr(line, "map: IOMMU:");
	const char *start, *end, *q;
	uint64_t size;

	if (!p)
		return false;
	start = p;
	if (p - line >= 2 && p[-1] == 'n' && p[-2] == 'u')
		start -= 2;
	l->kind = start == p ? LOG_MAP : LOG_UNMAP;
	if (start - line >= 6 && memcmp(start - 6, "iommu:", 6) == 0)
		start -= 6;
	match_trace_time(line, start, l);
	q = strstr(p, l->kind == LOG_MAP ? " size=" : " unmapped_size=");
	end = q ? strchr(q, '=') + 1 : NULL;
	end = end ? (end[0] == '0' && end[1] == 'x' ? read_hex(end, &size)
	                                            : read_decimal(end, &size))
	          : NULL;
	l->partial = !end || !read_key(p, "iova=", &l->iova) ||
	             (l->kind == LOG_MAP && !read_key(p, "paddr=", &l->pa));
	if (l->partial) {
		l->kind = LOG_OTHER;
		return false;
	}
	l->size = size;
	return true;
}

/* ---- lines about the log itself ---- */

static bool match_suppressed(const char *line, struct log_line *l)
{
	const char *p = strstr(line, " callbacks suppressed");
	const char *q = p;

	if (!p || !l->smmu)
		return false;
	while (q > line && is_digit(q[-1]))
		q--;
	if (!read_decimal(q, &l->value))
		return false;
	l->kind = LOG_SUPPRESSED;
	return true;
}

static bool match_dropped(const char *line, struct log_line *l)
{
	static const char *const texts[] = {"printk messages dropped",
	                                    "lost due to rate-limiting"};
	const char *missed = strstr(line, "Missed ");
	bool found = missed && strstr(missed, " kernel messages");

	for (size_t i = 0; i < 2 && !found; i++)
		found = strstr(line, texts[i]) != NULL;
	if (found)
		l->kind = LOG_DROPPED;
	return found;
}

static bool match_trouble(const char *line, struct log_line *l)
{
	static const char *const texts[] = {
	        "unexpected global error reported",
	        "EVTQ write aborted",
	        "PRIQ write aborted",
	        "EVTQ overflow detected",
	        "PRIQ overflow detected",
	        "MSI write aborted",
	        "CMDQ error",
	        "CMD_SYNC timeout",
	        "Service Failure Mode",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const char *p = strstr(line, texts[i]);

		if (!p || !l->smmu)
			continue;
		l->kind = LOG_TROUBLE;
		l->name = name_before(line, p);
		l->message = p;
		return true;
	}
	return false;
}

static bool match_viommu(const char *line, struct log_line *l)
{
	if (!strstr(line, "virtio_iommu") || !strstr(line, "fault from EP"))
		return false;
	l->kind = LOG_VIOMMU;
	return true;
}

void log_match(const char *line, struct log_line *l)
{
	size_t n = strlen(line);

	*l = (struct log_line){.kind = LOG_OTHER, .smmu = names_smmu(line)};
	match_time(line, l);
	if (match_header(line, l) || match_event(line, l) ||
	    match_access(line, l) || match_map(line, l) ||
	    match_word(line, l) || match_suppressed(line, l) ||
	    match_dropped(line, l) || match_trouble(line, l) ||
	    match_viommu(line, l))
		return;
	l->partial |= n > 0 && line[n - 1] == ':' && l->smmu;
}

bool log_may_continue(const char *line, const struct log_line *l)
{
	/* "ipa: 0x0" looks like a word of a device called ipa. */
	bool plain = l->kind == LOG_OTHER || l->kind == LOG_WORD ||
	             l->kind == LOG_BAD_WORD;

	return line[0] != '\0' && plain && !l->time.text && !l->smmu;
}
