/* SPDX-License-Identifier: MIT */
/* Blobs: little-endian fields in nested sections {tag, version, length}. */
#include "dmasim/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATE_DEPTH 32

struct dmasim_writer {
	uint8_t *data;
	size_t size, cap;
	/** Where the contents of each open section start. */
	size_t open[STATE_DEPTH];
	unsigned depth;
	int status;
};

struct dmasim_reader {
	const uint8_t *data;
	size_t pos;
	/** The end of the innermost open section. */
	size_t end;
	/** The ends of the sections around it. */
	size_t outer[STATE_DEPTH];
	unsigned depth;
	int status;
	char error[256];
};

int dmasim_writer_create(struct dmasim_writer **out)
{
	*out = calloc(1, sizeof(**out));
	return *out ? DMASIM_OK : DMASIM_E_NOMEM;
}

void dmasim_writer_destroy(struct dmasim_writer *w)
{
	if (!w)
		return;
	free(w->data);
	free(w);
}

int dmasim_writer_result(struct dmasim_writer *w, const uint8_t **data,
                         size_t *size)
{
	*data = NULL;
	*size = 0;
	if (!w->status && w->depth)
		w->status = DMASIM_E_STATE;
	if (w->status)
		return w->status;
	*data = w->data;
	*size = w->size;
	return DMASIM_OK;
}

void dmasim_put_bytes(struct dmasim_writer *w, const void *p, size_t n)
{
	if (w->status || !n)
		return;
	if (n > w->cap - w->size) {
		size_t cap = w->cap ? w->cap : 256;
		uint8_t *data;

		while (cap - w->size < n && cap <= SIZE_MAX / 2)
			cap *= 2;
		data = cap - w->size < n ? NULL : realloc(w->data, cap);
		if (!data) {
			w->status = DMASIM_E_NOMEM;
			return;
		}
		w->data = data;
		w->cap = cap;
	}
	memcpy(w->data + w->size, p, n);
	w->size += n;
}

static void state_store(uint8_t *p, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t state_load(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

void dmasim_put_u8(struct dmasim_writer *w, uint8_t v)
{
	dmasim_put_bytes(w, &v, sizeof(v));
}

void dmasim_put_u32(struct dmasim_writer *w, uint32_t v)
{
	uint8_t b[4];

	state_store(b, v, sizeof(b));
	dmasim_put_bytes(w, b, sizeof(b));
}

void dmasim_put_u64(struct dmasim_writer *w, uint64_t v)
{
	uint8_t b[8];

	state_store(b, v, sizeof(b));
	dmasim_put_bytes(w, b, sizeof(b));
}

void dmasim_put_string(struct dmasim_writer *w, const char *s)
{
	/* The length has 32 bits. */
	size_t n = s ? strnlen(s, UINT32_MAX) : 0;

	dmasim_put_u32(w, (uint32_t)n);
	dmasim_put_bytes(w, s, n);
}

void dmasim_put_begin(struct dmasim_writer *w, const char tag[4],
                      uint32_t version)
{
	if (w->depth == STATE_DEPTH && !w->status)
		w->status = DMASIM_E_FULL;
	dmasim_put_bytes(w, tag, 4);
	dmasim_put_u32(w, version);
	dmasim_put_u64(w, 0);
	if (!w->status)
		w->open[w->depth++] = w->size;
}

void dmasim_put_end(struct dmasim_writer *w)
{
	size_t start;

	if (w->status)
		return;
	if (!w->depth) {
		w->status = DMASIM_E_STATE;
		return;
	}
	start = w->open[--w->depth];
	state_store(w->data + start - 8, w->size - start, 8);
}

int dmasim_reader_create(const uint8_t *data, size_t size,
                         struct dmasim_reader **out)
{
	struct dmasim_reader *r = calloc(1, sizeof(*r));

	*out = r;
	if (!r)
		return DMASIM_E_NOMEM;
	r->data = data;
	r->end = size;
	return DMASIM_OK;
}

void dmasim_reader_destroy(struct dmasim_reader *r)
{
	free(r);
}

int dmasim_reader_status(const struct dmasim_reader *r)
{
	return r->status;
}

const char *dmasim_reader_error(const struct dmasim_reader *r)
{
	return r->error;
}

int dmasim_reader_fail(struct dmasim_reader *r, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (r->status)
		return r->status;
	r->status = DMASIM_E_FORMAT;
	n = snprintf(r->error, sizeof(r->error), "byte %zu: ", r->pos);
	va_start(ap, fmt);
	vsnprintf(r->error + n, sizeof(r->error) - (size_t)n, fmt, ap);
	va_end(ap);
	return r->status;
}

size_t dmasim_reader_left(const struct dmasim_reader *r)
{
	return r->status ? 0 : r->end - r->pos;
}

static bool state_need(struct dmasim_reader *r, size_t n)
{
	if (r->status)
		return false;
	if (n > r->end - r->pos) {
		dmasim_reader_fail(r, "%zu bytes wanted, %zu left", n,
		                   r->end - r->pos);
		return false;
	}
	return true;
}

void dmasim_get_bytes(struct dmasim_reader *r, void *p, size_t n)
{
	if (!n)
		return;
	if (!state_need(r, n)) {
		memset(p, 0, n);
		return;
	}
	memcpy(p, r->data + r->pos, n);
	r->pos += n;
}

uint8_t dmasim_get_u8(struct dmasim_reader *r)
{
	uint8_t v;

	dmasim_get_bytes(r, &v, sizeof(v));
	return v;
}

uint32_t dmasim_get_u32(struct dmasim_reader *r)
{
	uint8_t b[4];

	dmasim_get_bytes(r, b, sizeof(b));
	return (uint32_t)state_load(b, sizeof(b));
}

uint64_t dmasim_get_u64(struct dmasim_reader *r)
{
	uint8_t b[8];

	dmasim_get_bytes(r, b, sizeof(b));
	return state_load(b, sizeof(b));
}

void dmasim_get_string(struct dmasim_reader *r, char *p, size_t size)
{
	uint32_t n = dmasim_get_count(r, UINT32_MAX, 1);

	p[0] = '\0';
	if (n >= size) {
		dmasim_reader_fail(r, "string of %u bytes, at most %zu fit", n,
		                   size - 1);
		return;
	}
	dmasim_get_bytes(r, p, n);
	p[n] = '\0';
	if (strlen(p) != n && !r->status) {
		p[0] = '\0';
		dmasim_reader_fail(r, "NUL inside a string");
	}
}

uint32_t dmasim_get_count(struct dmasim_reader *r, uint32_t max,
                          size_t min_bytes)
{
	uint32_t n = dmasim_get_u32(r);

	if (n > max)
		dmasim_reader_fail(r, "count %u, at most %u", n, max);
	else if (n && min_bytes > dmasim_reader_left(r) / n)
		dmasim_reader_fail(r, "count %u, but %zu bytes left", n,
		                   dmasim_reader_left(r));
	return r->status ? 0 : n;
}

uint32_t dmasim_get_begin(struct dmasim_reader *r, const char tag[4],
                          uint32_t max_version)
{
	char found[4];
	uint32_t version;
	uint64_t length;

	if (r->depth == STATE_DEPTH)
		dmasim_reader_fail(r, "sections nested too deep");
	dmasim_get_bytes(r, found, sizeof(found));
	if (!r->status && memcmp(found, tag, sizeof(found)) != 0)
		dmasim_reader_fail(r, "section '%.4s' expected", tag);
	version = dmasim_get_u32(r);
	if (!r->status && (!version || version > max_version))
		dmasim_reader_fail(r, "version %u of '%.4s', at most %u known",
		                   version, tag, max_version);
	length = dmasim_get_u64(r);
	if (!r->status && length > r->end - r->pos)
		dmasim_reader_fail(r, "section '%.4s' is cut short", tag);
	if (r->status)
		return 0;
	r->outer[r->depth++] = r->end;
	r->end = r->pos + (size_t)length;
	return version;
}

void dmasim_get_end(struct dmasim_reader *r)
{
	if (r->status)
		return;
	if (!r->depth) {
		dmasim_reader_fail(r, "no section is open");
		return;
	}
	r->pos = r->end;
	r->end = r->outer[--r->depth];
}
