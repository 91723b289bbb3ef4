/* SPDX-License-Identifier: MIT */
/* pages.tsv with pages.bin, or pages.bin.xz through liblzma. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lzma.h>

#include "recording_internal.h"

/** What decoding may take: enough for every preset of xz. */
#define XZ_MEMORY ((uint64_t)256 << 20)

static const enum rec_column pages_order[] = {REC_PA, REC_OFFSET, REC_ROLES};
static const struct rec_schema pages_schema = {
        .file = "pages.tsv",
        .order = pages_order,
        .columns = 3,
        .required = 1u << REC_PA | 1u << REC_OFFSET,
};

/** Read a whole file. E_NOTFOUND without a message. */
static int load_bytes(struct rec_arena *a, const char *path, uint8_t **data,
                      size_t *size, struct dmasim_diag *diag)
{
	FILE *file = fopen(path, "rb");
	long end = -1;
	int err = DMASIM_OK;

	if (!file && errno == ENOENT)
		return DMASIM_E_NOTFOUND;
	if (!file)
		return dmasim_diag_set(diag, DMASIM_E_IO, "%s: %s", path,
		                       strerror(errno));
	if (!fseek(file, 0, SEEK_END))
		end = ftell(file);
	if (end < 0 || fseek(file, 0, SEEK_SET)) {
		err = dmasim_diag_set(diag, DMASIM_E_IO, "%s: not a file",
		                      path);
	} else if ((size_t)end > REC_PAGES_MAX) {
		err = dmasim_diag_set(diag, DMASIM_E_FORMAT,
		                      "%s: %ld bytes, more than %zu MiB", path,
		                      end, REC_PAGES_MAX >> 20);
	} else {
		*size = (size_t)end;
		*data = rec_alloc(a, *size + 1, 1);
		if (!*data)
			err = DMASIM_E_NOMEM;
		else if (fread(*data, 1, *size, file) != *size)
			err = dmasim_diag_set(diag, DMASIM_E_IO,
			                      "%s: cannot be read", path);
	}
	fclose(file);
	return err;
}

static const char *xz_problem(lzma_ret ret)
{
	switch (ret) {
	case LZMA_MEMLIMIT_ERROR:
		return "needs more than 256 MiB to decode";
	case LZMA_FORMAT_ERROR:
		return "not an xz file";
	case LZMA_OK:
	case LZMA_BUF_ERROR:
		return "ends too early";
	default:
		return "damaged";
	}
}

/**
 * Decode into @out, which has room for the pages that are listed; what lies
 * beyond them is decoded too, for the check sums at the end.
 */
static int unpack(const uint8_t *in, size_t in_size, uint8_t *out,
                  size_t *out_size, const char **why)
{
	uint8_t beyond[REC_PAGE];
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret ret =
	        lzma_stream_decoder(&stream, XZ_MEMORY, LZMA_CONCATENATED);

	if (ret != LZMA_OK)
		return DMASIM_E_NOMEM;
	stream.next_in = in;
	stream.avail_in = in_size;
	stream.next_out = out;
	stream.avail_out = *out_size;
	ret = lzma_code(&stream, LZMA_FINISH);
	*out_size -= stream.avail_out;
	while (ret == LZMA_OK && !stream.avail_out &&
	       stream.total_out < REC_PAGES_MAX) {
		stream.next_out = beyond;
		stream.avail_out = sizeof(beyond);
		ret = lzma_code(&stream, LZMA_FINISH);
	}
	lzma_end(&stream);
	if (ret == LZMA_STREAM_END)
		return DMASIM_OK;
	if (ret == LZMA_MEM_ERROR)
		return DMASIM_E_NOMEM;
	*why = xz_problem(ret);
	return DMASIM_E_FORMAT;
}

/** How many bytes of pages.bin the pages need. */
static size_t bytes_needed(const struct rec_pages *p)
{
	size_t need = 0;

	for (size_t i = 0; i < p->count; i++) {
		size_t end = (size_t)p->page[i].offset + REC_PAGE;

		if (p->page[i].stored && end > need)
			need = end;
	}
	return need;
}

static int load_data(struct rec_arena *a, const char *dir, struct rec_pages *p,
                     struct dmasim_diag *diag)
{
	const char *path = rec_join(a, dir, "/", "pages.bin");
	const char *packed = rec_join(a, dir, "/", "pages.bin.xz");
	const char *why = NULL;
	uint8_t *data = NULL, *in = NULL;
	size_t in_size = 0;
	int err;

	if (!path || !packed)
		return DMASIM_E_NOMEM;
	err = load_bytes(a, path, &data, &p->size, diag);
	p->data = data;
	if (err != DMASIM_E_NOTFOUND)
		return err;
	err = load_bytes(a, packed, &in, &in_size, diag);
	if (err == DMASIM_E_NOTFOUND)
		return dmasim_diag_set(diag, DMASIM_E_FORMAT,
		                       "%s: neither it nor pages.bin.xz is "
		                       "there, and %s stores pages",
		                       path, p->path);
	if (err)
		return err;
	p->size = bytes_needed(p);
	data = rec_alloc(a, p->size, 1);
	if (!data)
		return DMASIM_E_NOMEM;
	p->data = data;
	err = unpack(in, in_size, data, &p->size, &why);
	if (err == DMASIM_E_FORMAT)
		return dmasim_diag_set(diag, err, "%s: %s", packed, why);
	return err;
}

static int by_address(const void *a, const void *b)
{
	const struct rec_page *x = a, *y = b;

	if (x->pa != y->pa)
		return x->pa < y->pa ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static int parse_page(const struct rec_table *t, size_t i, struct rec_page *p,
                      struct dmasim_diag *diag)
{
	const char *pa = rec_cell(t, i, REC_PA);
	const char *offset = rec_cell(t, i, REC_OFFSET);
	const char *roles = rec_cell(t, i, REC_ROLES);

	p->line = t->line[i];
	p->roles = roles ? roles : "";
	if (!rec_number(pa, &p->pa) || p->pa % REC_PAGE)
		return rec_fail(diag, t->text.path, p->line,
		                "\"%s\" is not the address of a page", pa);
	p->stored = strcmp(offset, "-") != 0;
	if (p->stored && (!rec_number(offset, &p->offset) ||
	                  p->offset > REC_PAGES_MAX - REC_PAGE))
		return rec_fail(diag, t->text.path, p->line,
		                "\"%s\" is not an offset in pages.bin", offset);
	return DMASIM_OK;
}

static int check_pages(const struct rec_pages *p, struct dmasim_diag *diag)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct rec_page *page = &p->page[i];

		if (i && page[-1].pa == page->pa)
			return rec_fail(diag, p->path, page->line,
			                "page 0x%" PRIx64
			                " was listed in line %u already",
			                page->pa, page[-1].line);
		if (page->stored && (page->offset > p->size ||
		                     p->size - page->offset < REC_PAGE))
			return rec_fail(diag, p->path, page->line,
			                "offset 0x%" PRIx64
			                " lies beyond pages.bin (%zu bytes)",
			                page->offset, p->size);
	}
	return DMASIM_OK;
}

int rec_pages_load(struct rec_arena *a, const char *dir, struct rec_pages *p,
                   struct dmasim_diag *diag)
{
	struct rec_table t;
	bool stored = false;
	int err;

	p->path = rec_join(a, dir, "/", "pages.tsv");
	if (!p->path)
		return DMASIM_E_NOMEM;
	err = rec_table_load(a, p->path, &pages_schema, &t, diag);
	if (err)
		return err == DMASIM_E_NOTFOUND ? DMASIM_OK : err;
	p->page = rec_alloc(a, t.rows, sizeof(*p->page));
	if (!p->page)
		return DMASIM_E_NOMEM;
	p->count = t.rows;
	for (size_t i = 0; i < t.rows; i++) {
		err = parse_page(&t, i, &p->page[i], diag);
		if (err)
			return err;
		stored |= p->page[i].stored;
	}
	if (p->count)
		qsort(p->page, p->count, sizeof(*p->page), by_address);
	if (stored)
		err = load_data(a, dir, p, diag);
	return err ? err : check_pages(p, diag);
}

static const struct rec_page *find_page(const struct rec_pages *p, uint64_t pa)
{
	size_t low = 0, high = p->count;

	pa -= pa % REC_PAGE;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (p->page[mid].pa == pa)
			return &p->page[mid];
		if (p->page[mid].pa < pa)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

const char *rec_pages_roles(const struct rec_pages *p, uint64_t pa)
{
	const struct rec_page *page = find_page(p, pa);

	return page ? page->roles : "";
}

uint64_t rec_pages_word(const struct rec_pages *p, uint64_t pa)
{
	const struct rec_page *page = find_page(p, pa);
	const uint8_t *byte;
	uint64_t value = 0;

	if (!page || !page->stored)
		return 0;
	byte = p->data + page->offset + pa % REC_PAGE;
	for (unsigned i = 8; i-- > 0;)
		value = value << 8 | byte[i];
	return value;
}
