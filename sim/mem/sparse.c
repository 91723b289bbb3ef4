/* SPDX-License-Identifier: MIT */
#include "sparse_internal.h"

#include <stdlib.h>
#include <string.h>

static unsigned index_of(uint64_t number, unsigned level)
{
	return (unsigned)(number >> (SPARSE_BITS * level)) &
	       (SPARSE_FANOUT - 1);
}

static bool all_zero(const uint8_t *p, size_t size)
{
	return size == 0 || (p[0] == 0 && memcmp(p, p + 1, size - 1) == 0);
}

static void free_node(struct sparse_node *node, unsigned level)
{
	for (unsigned i = 0; i < SPARSE_FANOUT; i++) {
		if (!node->child[i])
			continue;
		if (level)
			free_node(node->child[i], level - 1);
		else
			free(node->child[i]);
	}
	free(node);
}

void sparse_free(struct sparse *s)
{
	if (s->root)
		free_node(s->root, SPARSE_LEVELS - 1);
	*s = (struct sparse){0};
}

static uint8_t *find_page(const struct sparse *s, uint64_t number)
{
	const struct sparse_node *node = s->root;

	for (unsigned level = SPARSE_LEVELS - 1; node && level; level--)
		node = node->child[index_of(number, level)];
	return node ? node->child[index_of(number, 0)] : NULL;
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
	if (!node->child[index_of(number, 0)]) {
		node->child[index_of(number, 0)] = calloc(1, SPARSE_PAGE);
		if (node->child[index_of(number, 0)])
			s->pages++;
	}
	return node->child[index_of(number, 0)];
}

static void recent_is(struct sparse *s, uint64_t number, uint8_t *page)
{
	s->recent[number % SPARSE_RECENT] =
	        (struct sparse_recent){number + 1, page};
}

static uint8_t *recent_page(struct sparse *s, uint64_t number)
{
	const struct sparse_recent *r = &s->recent[number % SPARSE_RECENT];

	if (r->key != number + 1)
		recent_is(s, number, find_page(s, number));
	return r->page;
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

		if (!page && !all_zero(from, n)) {
			page = make_page(s, addr >> SPARSE_SHIFT);
			if (!page)
				return false;
			recent_is(s, addr >> SPARSE_SHIFT, page);
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

	memset(s->recent, 0, sizeof(s->recent));
	while (sparse_next(s, &number) && number < end) {
		struct sparse_node *node = s->root;

		for (unsigned level = SPARSE_LEVELS - 1; level; level--)
			node = node->child[index_of(number, level)];
		free(node->child[index_of(number, 0)]);
		node->child[index_of(number, 0)] = NULL;
		s->pages--;
		number++;
	}
}
