/* SPDX-License-Identifier: MIT */
/*
 * A disk in memory: chunks of 4 KiB in a tree with 512 branches, as deep as
 * the size needs. A chunk exists once something other than zero was written.
 */
#include <stdlib.h>
#include <string.h>

#include "disk_internal.h"

#define CHUNK_SHIFT  12u
#define CHUNK_SIZE   (1u << CHUNK_SHIFT)
#define BRANCH_SHIFT 9u
#define BRANCHES     (1u << BRANCH_SHIFT)

union node {
	union node *branch[BRANCHES];
	uint8_t chunk[CHUNK_SIZE];
};

struct memory_disk {
	struct dmasim_disk head;
	unsigned depth; /**< levels above the chunks */
	uint64_t chunks;
	union node *root;
};

static void node_free(union node *n, unsigned level)
{
	if (n && level)
		for (unsigned i = 0; i < BRANCHES; i++)
			node_free(n->branch[i], level - 1);
	free(n);
}

/** NULL if the chunk does not exist. */
static union node *chunk_find(const struct memory_disk *m, uint64_t index)
{
	union node *n = m->root;

	for (unsigned level = m->depth; n && level > 0; level--)
		n = n->branch[(index >> (BRANCH_SHIFT * (level - 1))) %
		              BRANCHES];
	return n;
}

/** NULL: no memory. */
static union node *chunk_make(struct memory_disk *m, uint64_t index)
{
	union node **at = &m->root;

	for (unsigned level = m->depth;; level--) {
		if (!*at) {
			*at = calloc(1, sizeof(**at));
			if (!*at)
				return NULL;
			m->chunks += level == 0;
		}
		if (level == 0)
			return *at;
		at = &(*at)->branch[(index >> (BRANCH_SHIFT * (level - 1))) %
		                    BRANCHES];
	}
}

static uint32_t piece_size(uint64_t offset, uint32_t size)
{
	uint32_t n = CHUNK_SIZE - (uint32_t)(offset % CHUNK_SIZE);

	return n < size ? n : size;
}

static int memory_read(struct dmasim_disk *d, uint64_t offset, uint8_t *buf,
                       uint32_t size)
{
	const struct memory_disk *m = (const struct memory_disk *)d;

	while (size) {
		uint32_t n = piece_size(offset, size);
		const union node *c = chunk_find(m, offset >> CHUNK_SHIFT);

		if (c)
			memcpy(buf, &c->chunk[offset % CHUNK_SIZE], n);
		else
			memset(buf, 0, n);
		buf += n;
		offset += n;
		size -= n;
	}
	return DMASIM_OK;
}

static bool all_zero(const uint8_t *p, uint32_t n)
{
	return n == 0 || (p[0] == 0 && memcmp(p, p + 1, n - 1) == 0);
}

static int memory_write(struct dmasim_disk *d, uint64_t offset,
                        const uint8_t *buf, uint32_t size)
{
	struct memory_disk *m = (struct memory_disk *)d;

	while (size) {
		uint32_t n = piece_size(offset, size);
		union node *c = chunk_find(m, offset >> CHUNK_SHIFT);

		if (!c && !all_zero(buf, n)) {
			c = chunk_make(m, offset >> CHUNK_SHIFT);
			if (!c)
				return DMASIM_E_IO;
		}
		if (c)
			memcpy(&c->chunk[offset % CHUNK_SIZE], buf, n);
		buf += n;
		offset += n;
		size -= n;
	}
	return DMASIM_OK;
}

static int memory_flush(struct dmasim_disk *d)
{
	(void)d;
	return DMASIM_OK;
}

static void memory_destroy(struct dmasim_disk *d)
{
	struct memory_disk *m = (struct memory_disk *)d;

	node_free(m->root, m->depth);
	free(m);
}

static void save_node(struct dmasim_writer *w, const union node *n,
                      unsigned level, uint64_t index)
{
	if (!n)
		return;
	if (level == 0) {
		dmasim_put_u64(w, index);
		dmasim_put_bytes(w, n->chunk, CHUNK_SIZE);
		return;
	}
	for (unsigned i = 0; i < BRANCHES; i++)
		save_node(w, n->branch[i], level - 1,
		          index << BRANCH_SHIFT | i);
}

static void memory_save(const struct dmasim_disk *d, struct dmasim_writer *w)
{
	const struct memory_disk *m = (const struct memory_disk *)d;

	dmasim_put_u64(w, m->chunks);
	save_node(w, m->root, m->depth, 0);
}

static int read_chunks(struct memory_disk *m, struct dmasim_reader *r)
{
	uint64_t chunks = dmasim_get_u64(r);
	uint64_t limit = (m->head.size + CHUNK_SIZE - 1) >> CHUNK_SHIFT;
	uint64_t next = 0;

	if (chunks > dmasim_reader_left(r) / CHUNK_SIZE)
		return dmasim_reader_fail(r, "%llu chunks",
		                          (unsigned long long)chunks);
	while (chunks--) {
		uint64_t index = dmasim_get_u64(r);
		union node *c;

		if (index < next || index >= limit)
			return dmasim_reader_fail(r, "chunk %llu",
			                          (unsigned long long)index);
		c = chunk_make(m, index);
		if (!c)
			return DMASIM_E_NOMEM;
		dmasim_get_bytes(r, c->chunk, CHUNK_SIZE);
		next = index + 1;
	}
	return dmasim_reader_status(r);
}

static int memory_restore(struct dmasim_disk *d, struct dmasim_reader *r)
{
	struct memory_disk *m = (struct memory_disk *)d;
	struct memory_disk read = {.head = m->head, .depth = m->depth};
	int status = read_chunks(&read, r);

	if (status) {
		node_free(read.root, read.depth);
		return status;
	}
	node_free(m->root, m->depth);
	m->root = read.root;
	m->chunks = read.chunks;
	return DMASIM_OK;
}

static const struct disk_ops memory_ops = {
        .read = memory_read,
        .write = memory_write,
        .flush = memory_flush,
        .destroy = memory_destroy,
        .save = memory_save,
        .restore = memory_restore,
};

int dmasim_disk_memory(uint64_t size, struct dmasim_disk **out)
{
	struct memory_disk *m;
	uint64_t reach = CHUNK_SIZE;

	if (!out || size == 0 || size % DMASIM_SECTOR)
		return DMASIM_E_INVAL;
	m = calloc(1, sizeof(*m));
	if (!m)
		return DMASIM_E_NOMEM;
	m->head.ops = &memory_ops;
	m->head.size = size;
	while (reach < size) {
		m->depth++;
		if (reach > UINT64_MAX >> BRANCH_SHIFT)
			break;
		reach <<= BRANCH_SHIFT;
	}
	*out = &m->head;
	return DMASIM_OK;
}
