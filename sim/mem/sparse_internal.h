/* SPDX-License-Identifier: MIT */
/*
 * Bytes over a 52-bit address space: pages of 4 KiB in a radix tree of four
 * levels of 1024. A page that was only ever written with zeros is absent.
 * Pages lie in blocks that grow with their number, each at a multiple of its
 * size, so that a line of the simulated machine is whole lines of the host.
 */
#ifndef DMASIM_SPARSE_INTERNAL_H
#define DMASIM_SPARSE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPARSE_PAGE   4096u
#define SPARSE_SHIFT  12
#define SPARSE_LEVELS 4
#define SPARSE_BITS   10
#define SPARSE_FANOUT (1u << SPARSE_BITS)
#define SPARSE_RECENT 64u
/** Pages in a block. */
#define SPARSE_BLOCK_MIN 4u
#define SPARSE_BLOCK_MAX 512u

struct sparse_node {
	/** Nodes, or pages in the lowest level. */
	void *child[SPARSE_FANOUT];
};

/** What the tree has for some 4 MiB that were used lately. */
struct sparse_recent {
	/** The number of the 4 MiB plus 1; 0: unused. */
	uint64_t key;
	/** Of the lowest level; NULL: there is none. */
	struct sparse_node *node;
};

struct sparse_block {
	struct sparse_block *next;
};

struct sparse {
	struct sparse_node *root;
	/** Pages in use, and those that are free again. */
	uint64_t pages, idle;
	uint64_t nodes;
	struct sparse_block *blocks;
	/** The next page of the newest block, and how many follow. */
	uint8_t *fresh;
	uint32_t fresh_left;
	/** Free again: each begins with a pointer to the next. */
	uint8_t *free_pages;
	struct sparse_recent recent[SPARSE_RECENT];
};

/** The page of @addr, if it exists and was looked up lately; else NULL. */
static inline uint8_t *sparse_recent_page(const struct sparse *s, uint64_t addr)
{
	uint64_t number = addr >> SPARSE_SHIFT, upper = number >> SPARSE_BITS;
	const struct sparse_recent *r = &s->recent[upper % SPARSE_RECENT];

	if (r->key != upper + 1 || !r->node)
		return NULL;
	return r->node->child[number % SPARSE_FANOUT];
}

void sparse_free(struct sparse *s);
void sparse_read(struct sparse *s, uint64_t addr, void *buf, size_t size);
/** False: no memory; bytes of earlier pages are written. */
bool sparse_write(struct sparse *s, uint64_t addr, const void *buf,
                  size_t size);
/** As sparse_read(), without touching @s. */
void sparse_peek(const struct sparse *s, uint64_t addr, void *buf, size_t size);
bool sparse_zero(const uint8_t *p, size_t size);
/** The first stored page whose number is at least *@number, or NULL. */
const uint8_t *sparse_next(const struct sparse *s, uint64_t *number);
/** Forget the pages of [addr, addr+size), both multiples of a page. */
void sparse_drop(struct sparse *s, uint64_t addr, uint64_t size);

#endif
