/* SPDX-License-Identifier: MIT */
/*
 * Bytes over a 52-bit address space: pages of 4 KiB in a radix tree of four
 * levels of 1024. A page that was only ever written with zeros is absent.
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
#define SPARSE_RECENT 512u

struct sparse_node {
	/** Nodes, or pages in the lowest level. */
	void *child[SPARSE_FANOUT];
};

/** What the tree has at a page number that was looked up lately. */
struct sparse_recent {
	/** The page number plus 1; 0: unused. */
	uint64_t key;
	uint8_t *page; /**< NULL: the page is absent */
};

struct sparse {
	struct sparse_node *root;
	uint64_t pages;
	uint64_t nodes;
	struct sparse_recent recent[SPARSE_RECENT];
};

/** The page of @addr, if it exists and was looked up lately; else NULL. */
static inline uint8_t *sparse_recent_page(const struct sparse *s, uint64_t addr)
{
	uint64_t number = addr >> SPARSE_SHIFT;
	const struct sparse_recent *r = &s->recent[number % SPARSE_RECENT];

	return r->key == number + 1 ? r->page : NULL;
}

void sparse_free(struct sparse *s);
void sparse_read(struct sparse *s, uint64_t addr, void *buf, size_t size);
/** False: no memory; bytes of earlier pages are written. */
bool sparse_write(struct sparse *s, uint64_t addr, const void *buf,
                  size_t size);
/** As sparse_read(), without touching @s. */
void sparse_peek(const struct sparse *s, uint64_t addr, void *buf, size_t size);
/** The first stored page whose number is at least *@number, or NULL. */
const uint8_t *sparse_next(const struct sparse *s, uint64_t *number);
/** Forget the pages of [addr, addr+size), both multiples of a page. */
void sparse_drop(struct sparse *s, uint64_t addr, uint64_t size);

#endif
