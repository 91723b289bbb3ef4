/* SPDX-License-Identifier: MIT */
#include "strings_internal.h"

#include <stdlib.h>
#include <string.h>

const char *strings_keep(struct strings *pool, const char *s)
{
	size_t size;
	char *copy;

	if (!s)
		return NULL;
	for (size_t i = 0; i < pool->len; i++)
		if (strcmp(pool->s[i], s) == 0)
			return pool->s[i];
	if (pool->len == pool->cap) {
		size_t cap = pool->cap ? 2 * pool->cap : 32;
		char **grown = realloc(pool->s, cap * sizeof(char *));

		if (!grown)
			return NULL;
		pool->s = grown;
		pool->cap = cap;
	}
	size = strlen(s) + 1;
	copy = malloc(size);
	if (!copy)
		return NULL;
	memcpy(copy, s, size);
	pool->s[pool->len++] = copy;
	return copy;
}

void strings_free(struct strings *pool)
{
	for (size_t i = 0; i < pool->len; i++)
		free(pool->s[i]);
	free(pool->s);
	*pool = (struct strings){0};
}
