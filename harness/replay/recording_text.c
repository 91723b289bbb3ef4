/* SPDX-License-Identifier: MIT */
/* Text files of a recording: memory, lines, words, numbers, messages. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recording_internal.h"

struct rec_block {
	struct rec_block *next;
	max_align_t data[];
};

void *rec_alloc(struct rec_arena *a, size_t count, size_t size)
{
	struct rec_block *b;

	if (size && count > (SIZE_MAX - sizeof(*b)) / size)
		return NULL;
	b = calloc(1, sizeof(*b) + count * size);
	if (!b)
		return NULL;
	b->next = a->blocks;
	a->blocks = b;
	return b->data;
}

void rec_free_all(struct rec_arena *a)
{
	while (a->blocks) {
		struct rec_block *b = a->blocks;

		a->blocks = b->next;
		free(b);
	}
}

char *rec_join(struct rec_arena *a, const char *head, const char *mid,
               const char *tail)
{
	size_t size = strlen(head) + strlen(mid) + strlen(tail) + 1;
	char *text = rec_alloc(a, size, 1);

	if (text)
		snprintf(text, size, "%s%s%s", head, mid, tail);
	return text;
}

int rec_fail(struct dmasim_diag *diag, const char *path, unsigned line,
             const char *fmt, ...)
{
	char text[384];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return dmasim_diag_set(diag, DMASIM_E_FORMAT, "%s:%u: %s", path, line,
	                       text);
}

/** The size of @file, which may be no regular file: it is read to its end. */
static int read_all(struct rec_arena *a, FILE *file, struct rec_text *t,
                    struct dmasim_diag *diag)
{
	long size;

	if (fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0 ||
	    fseek(file, 0, SEEK_SET))
		return dmasim_diag_set(diag, DMASIM_E_IO, "%s: not a file",
		                       t->path);
	if ((size_t)size > REC_TEXT_MAX)
		return dmasim_diag_set(diag, DMASIM_E_FORMAT,
		                       "%s: %ld bytes, more than %u MiB",
		                       t->path, size, REC_TEXT_MAX >> 20);
	t->data = rec_alloc(a, (size_t)size + 1, 1);
	if (!t->data)
		return DMASIM_E_NOMEM;
	t->size = fread(t->data, 1, (size_t)size, file);
	if (t->size != (size_t)size)
		return dmasim_diag_set(diag, DMASIM_E_IO, "%s: cannot be read",
		                       t->path);
	return DMASIM_OK;
}

int rec_text_load(struct rec_arena *a, const char *path, struct rec_text *t,
                  struct dmasim_diag *diag)
{
	FILE *file = fopen(path, "rb");
	const char *zero;
	int err;

	memset(t, 0, sizeof(*t));
	t->path = path;
	if (!file && (errno == ENOENT || errno == ENOTDIR))
		return DMASIM_E_NOTFOUND;
	if (!file)
		return dmasim_diag_set(diag, DMASIM_E_IO, "%s: %s", path,
		                       strerror(errno));
	err = read_all(a, file, t, diag);
	fclose(file);
	if (err)
		return err;
	zero = t->size ? memchr(t->data, 0, t->size) : NULL;
	if (zero)
		return dmasim_diag_set(diag, DMASIM_E_FORMAT,
		                       "%s: not a text: byte %td is zero", path,
		                       zero - t->data);
	return DMASIM_OK;
}

char *rec_text_line(struct rec_text *t)
{
	char *line, *end;

	if (t->next >= t->size)
		return NULL;
	line = t->data + t->next;
	end = memchr(line, '\n', t->size - t->next);
	if (!end)
		end = t->data + t->size;
	t->next = (size_t)(end - t->data) + 1;
	*end = '\0';
	if (end > line && end[-1] == '\r')
		end[-1] = '\0';
	t->line++;
	return line;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

bool rec_number_prefix(const char *text, uint64_t *value, const char **rest)
{
	int base = 10;
	const char *p = text;

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
		base = 16;
		p += 2;
	}
	if (digit_value(*p) >= base)
		return false;
	*value = 0;
	for (; digit_value(*p) < base; p++) {
		uint64_t digit = (uint64_t)digit_value(*p);

		if (*value > (UINT64_MAX - digit) / (uint64_t)base)
			return false;
		*value = *value * (uint64_t)base + digit;
	}
	*rest = p;
	return true;
}

bool rec_number(const char *text, uint64_t *value)
{
	const char *rest;

	return rec_number_prefix(text, value, &rest) && !*rest;
}

char *rec_word(char **cursor)
{
	char *word = *cursor + strspn(*cursor, " \t");
	size_t length = strcspn(word, " \t");

	if (!length)
		return NULL;
	*cursor = word + length;
	if (**cursor) {
		**cursor = '\0';
		(*cursor)++;
	}
	return word;
}
