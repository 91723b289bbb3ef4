/* SPDX-License-Identifier: MIT */
/* Clean lines from whatever a log went through: consoles, mailers, editors. */
#include <string.h>

#include "log_internal.h"

int log_text_check(const char *data, size_t size, struct dmasim_diag *diag)
{
	size_t odd = 0, first = 0;
	unsigned line = 1, odd_line = 1;

	if (size == 0)
		return dmasim_diag_set(diag, DMASIM_E_FORMAT,
		                       "line 1: the file is empty");
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)data[i];

		if (c == '\n')
			line++;
		if (c >= ' ' || (c >= '\a' && c <= '\r') || c == '\033')
			continue;
		if (odd == 0) {
			first = i;
			odd_line = line;
		}
		odd++;
	}
	/* A serial line gives a few zero bytes when it is opened; a binary
	 * has them everywhere. */
	if (odd > size / 32)
		return dmasim_diag_set(diag, DMASIM_E_FORMAT,
		                       "line %u: byte %zu is 0x%02x: this is "
		                       "a binary, not a kernel log",
		                       odd_line, first,
		                       (unsigned)(unsigned char)data[first]);
	return DMASIM_OK;
}

/** The length of the terminal sequence that begins at @p (ECMA-48, 5.4). */
static size_t escape_length(const char *p, const char *end)
{
	const char *q = p + 1;

	if (q == end)
		return 1;
	if (*q != '[')
		return 2;
	for (q++; q < end; q++)
		if (*q >= '@' && *q <= '~')
			return (size_t)(q - p) + 1;
	return (size_t)(end - p);
}

/** Copy one line without what terminals add, in ASCII: nothing of interest is
 * written in more. Returns the length. */
static size_t copy_clean(const char *p, const char *end, char *buf)
{
	size_t n = 0;

	while (p < end && n < LOG_LINE_MAX - 1) {
		unsigned char c = (unsigned char)*p;

		if (c == '\033') {
			p += escape_length(p, end);
			continue;
		}
		/* A no-break space in UTF-8: what web pages make of blanks. */
		if (c == 0xc2 && end - p > 1 && (unsigned char)p[1] == 0xa0) {
			buf[n++] = ' ';
			p += 2;
			continue;
		}
		if (c == '\t')
			buf[n++] = ' ';
		else if (c >= 0x80)
			buf[n++] = '?';
		else if (c >= ' ' && c != 0x7f)
			buf[n++] = (char)c;
		p++;
	}
	return n;
}

bool log_text_next(struct log_text *t, char *buf)
{
	const char *start = t->data + t->pos;
	size_t left = t->size - t->pos, n, skip = 0;
	const char *end;

	if (left == 0)
		return false;
	end = memchr(start, '\n', left);
	t->pos = end ? (size_t)(end - t->data) + 1 : t->size;
	t->line++;
	n = copy_clean(start, end ? end : start + left, buf);
	while (n > 0 && buf[n - 1] == ' ')
		n--;
	while (skip < n && (buf[skip] == '>' || buf[skip] == ' '))
		skip++;
	memmove(buf, buf + skip, n - skip);
	buf[n - skip] = '\0';
	return true;
}
