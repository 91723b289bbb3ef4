/* SPDX-License-Identifier: MIT */
/* What other rooms keep once per kernel. */
#include "kernel_internal.h"

#include <stdalign.h>
#include <stdlib.h>

struct kernel_local {
	struct kernel_local *next;
	const void *key;
	void (*fini)(void *local);
	alignas(max_align_t) unsigned char data[];
};

void *dmasim_kernel_local(struct dmasim_kernel *k, const void *key, size_t size,
                          void (*fini)(void *local))
{
	struct kernel_local *l;

	for (l = k->locals; l; l = l->next)
		if (l->key == key)
			return l->data;
	if (size > SIZE_MAX - sizeof(*l))
		return NULL;
	l = calloc(1, sizeof(*l) + size);
	if (!l)
		return NULL;
	l->key = key;
	l->fini = fini;
	l->next = k->locals;
	k->locals = l;
	return l->data;
}

void kernel_free_locals(struct dmasim_kernel *k)
{
	struct kernel_local *l = k->locals;

	k->locals = NULL;
	while (l) {
		struct kernel_local *next = l->next;

		if (l->fini)
			l->fini(l->data);
		free(l);
		l = next;
	}
}
