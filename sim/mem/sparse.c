/* SPDX-License-Identifier: MIT */
#include "sparse_internal.h"

#include <stdlib.h>
#include <string.h>

static unsigned index_of(uint64_t number, unsigned level)
{
	return (unsigned)(number >> (SPARSE_BITS * level)) &
	       (SPARSE_FANOUT - 1);
}

bool sparse_zero(const uint8_t *p, size_t size)
{
	return size == 0 || (p[0] == 0 && memcmp(p, p + 1, size - 1) == 0);
}

/* Pages go with their blocks. */
static void free_node(struct sparse_node *node, unsigned level)
{
	for (unsigned i = 0; level && i < SPARSE_FANOUT; i++)
		if (node->child[i])
			free_node(node->child[i], level - 1);
	free(node);
}

void sparse_free(struct sparse *s)
{
	if (s->root)
		free_node(s->root, SPARSE_LEVELS - 1);
	while (s->blocks) {
		struct sparse_block *block = s->blocks;

		s->blocks = block->next;
		free(block);
	}
	*s = (struct sparse){0};
}

/* The node of the lowest level that has page @number, or NULL. */
static struct sparse_node *find_node(const struct sparse *s, uint64_t number)
{
	struct sparse_node *node = s->root;

	for (unsigned level = SPARSE_LEVELS - 1; node && level; level--)
		node = node->child[index_of(number, level)];
	return node;
}

static uint8_t *find_page(const struct sparse *s, uint64_t number)
{
	const struct sparse_node *node = find_node(s, number);

	return node ? node->child[index_of(number, 0)] : NULL;
}

/* At most half as much again as there is in use. */
static bool new_block(struct sparse *s)
{
	uint64_t pages = s->pages / 2;
	struct sparse_block *block;

	if (pages < SPARSE_BLOCK_MIN)
		pages = SPARSE_BLOCK_MIN;
	if (pages > SPARSE_BLOCK_MAX)
		pages = SPARSE_BLOCK_MAX;
	block = calloc(pages + 1, SPARSE_PAGE);
	if (!block)
		return false;
	block->next = s->blocks;
	s->blocks = block;
	s->fresh =
	        (uint8_t *)block + SPARSE_PAGE - (uintptr_t)block % SPARSE_PAGE;
	s->fresh_left = (uint32_t)pages;
	return true;
}

/* A page of zeros. */
static uint8_t *take_page(struct sparse *s)
{
	uint8_t *page = s->free_pages;

	if (page) {
		memcpy(&s->free_pages, page, sizeof(s->free_pages));
		memset(page, 0, SPARSE_PAGE);
		s->idle--;
	} else {
		if (!s->fresh_left && !new_block(s))
			return NULL;
		page = s->fresh;
		s->fresh += SPARSE_PAGE;
		s->fresh_left--;
	}
	s->pages++;
	return page;
}

static void give_page(struct sparse *s, uint8_t *page)
{
	memcpy(page, &s->free_pages, sizeof(s->free_pages));
	s->free_pages = page;
	s->idle++;
	s->pages--;
}

static struct sparse_node *make_node(struct sparse *s, void **place)
{
	if (!*place) {
		*place = calloc(1, sizeof(struct sparse_node));
		if (*place)
			s->nodes++;
	}
	return *place;
}

static uint8_t *make_page(struct sparse *s, uint64_t number)
{
	struct sparse_node *node;
	void *root = s->root;

	node = make_node(s, &root);
	s->root = node;
	for (unsigned level = SPARSE_LEVELS - 1; node && level; level--)
		node = make_node(s, &node->child[index_of(number, level)]);
	if (!node)
		return NULL;
	if (!node->child[index_of(number, 0)])
		node->child[index_of(number, 0)] = take_page(s);
	s->recent[(number >> SPARSE_BITS) % SPARSE_RECENT] =
	        (struct sparse_recent){(number >> SPARSE_BITS) + 1, node};
	return node->child[index_of(number, 0)];
}

/* As find_page(), and remembers the way. */
static uint8_t *recent_page(struct sparse *s, uint64_t number)
{
	uint64_t upper = number >> SPARSE_BITS;
	struct sparse_recent *r = &s->recent[upper % SPARSE_RECENT];

	if (r->key != upper + 1)
		*r = (struct sparse_recent){upper + 1, find_node(s, number)};
	return r->node ? r->node->child[index_of(number, 0)] : NULL;
}

static size_t part_of_page(uint64_t addr, size_t size)
{
	size_t left = SPARSE_PAGE - (size_t)(addr % SPARSE_PAGE);

	return size < left ? size : left;
}

void sparse_read(struct sparse *s, uint64_t addr, void *buf, size_t size)
{
	uint8_t *to = buf;

	while (size) {
		size_t n = part_of_page(addr, size);
		const uint8_t *page = recent_page(s, addr >> SPARSE_SHIFT);

		if (page)
			memcpy(to, page + addr % SPARSE_PAGE, n);
		else
			memset(to, 0, n);
		addr += n;
		to += n;
		size -= n;
	}
}

bool sparse_write(struct sparse *s, uint64_t addr, const void *buf, size_t size)
{
	const uint8_t *from = buf;

	while (size) {
		size_t n = part_of_page(addr, size);
		uint8_t *page = recent_page(s, addr >> SPARSE_SHIFT);

		if (!page && !sparse_zero(from, n)) {
			page = make_page(s, addr >> SPARSE_SHIFT);
			if (!page)
				return false;
		}
		if (page)
			memcpy(page + addr % SPARSE_PAGE, from, n);
		addr += n;
		from += n;
		size -= n;
	}
	return true;
}

void sparse_peek(const struct sparse *s, uint64_t addr, void *buf, size_t size)
{
	uint8_t *to = buf;

	while (size) {
		size_t n = part_of_page(addr, size);
		const uint8_t *page = find_page(s, addr >> SPARSE_SHIFT);

		if (page)
			memcpy(to, page + addr % SPARSE_PAGE, n);
		else
			memset(to, 0, n);
		addr += n;
		to += n;
		size -= n;
	}
}

static const uint8_t *next_below(const struct sparse_node *node, unsigned level,
                                 uint64_t from, uint64_t *number)
{
	uint64_t first = from >> (SPARSE_BITS * level);

	for (uint64_t i = first; i < SPARSE_FANOUT; i++) {
		const void *child = node->child[i];
		const uint8_t *page;

		if (!child)
			continue;
		page = child;
		if (level)
			page = next_below(
			        child, level - 1,
			        i > first ? 0
			                  : from - (i << (SPARSE_BITS * level)),
			        number);
		if (page) {
			*number = (level ? *number : 0) |
			          i << (SPARSE_BITS * level);
			return page;
		}
	}
	return NULL;
}

const uint8_t *sparse_next(const struct sparse *s, uint64_t *number)
{
	if (!s->root || *number >> (SPARSE_BITS * SPARSE_LEVELS))
		return NULL;
	return next_below(s->root, SPARSE_LEVELS - 1, *number, number);
}

void sparse_drop(struct sparse *s, uint64_t addr, uint64_t size)
{
	uint64_t number = addr >> SPARSE_SHIFT;
	uint64_t end = (addr + size) >> SPARSE_SHIFT;

	while (sparse_next(s, &number) && number < end) {
		struct sparse_node *node = find_node(s, number);

		give_page(s, node->child[index_of(number, 0)]);
		node->child[index_of(number, 0)] = NULL;
		number++;
	}
}
