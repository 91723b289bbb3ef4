/* SPDX-License-Identifier: MIT */
/*
 * JSON that may also stand inside a <script> element: names come from outside,
 * so what could end the element or open another is written as an escape, and
 * bytes that are no UTF-8 become U+FFFD.
 */
#include "view_internal.h"

/* The length of the UTF-8 sequence at @p, 0 if it is none. */
static unsigned sequence(const unsigned char *p)
{
	unsigned n = p[0] < 0x80                    ? 1
	             : p[0] >= 0xc2 && p[0] <= 0xdf ? 2
	             : p[0] >= 0xe0 && p[0] <= 0xef ? 3
	             : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4
	                                            : 0;

	for (unsigned i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	/* Longer than need be, surrogates, beyond U+10FFFF. */
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

/* U+2028 and U+2029 end lines in scripts. */
static bool is_separator(const unsigned char *p)
{
	return p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9);
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != '>' &&
	       c != '&' && c != '\'' && c != 0x7f;
}

void dmasim_view_json_string(FILE *out, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	putc('"', out);
	while (*p) {
		unsigned n = sequence(p);

		if (n == 0) {
			fputs("\\ufffd", out);
			n = 1;
		} else if (n == 1 && !is_plain(*p)) {
			fprintf(out, "\\u%04x", *p);
		} else if (n == 3 && is_separator(p)) {
			fprintf(out, "\\u202%c", p[2] == 0xa8 ? '8' : '9');
		} else {
			fwrite(p, 1, n, out);
		}
		p += n;
	}
	putc('"', out);
}

void view_json_hex(FILE *out, const uint8_t *bytes, size_t n)
{
	putc('"', out);
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%02x", bytes[i]);
	putc('"', out);
}

void view_json_mask(FILE *out, const uint64_t *mask, uint32_t bits)
{
	putc('"', out);
	for (uint32_t i = 0; i < bits; i += 4)
		putc("0123456789abcdef"[mask[i / 64] >> (i % 64) & 15], out);
	putc('"', out);
}
