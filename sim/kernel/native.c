/* SPDX-License-Identifier: MIT */
/* The native back end: a loop, and coroutines on stacks that are reused. */
#include "backend_internal.h"
#include "cor_internal.h"

#include <stdlib.h>

struct native {
	struct dmasim_kernel *k;
	const struct backend_host *host;
	/** Coroutines whose process has ended. */
	struct cor *pool;
};

static int native_open(struct dmasim_kernel *k, const struct backend_host *host,
                       void **be)
{
	struct native *n = calloc(1, sizeof(*n));

	if (!n)
		return DMASIM_E_NOMEM;
	n->k = k;
	n->host = host;
	*be = n;
	return DMASIM_OK;
}

static void native_close(void *be)
{
	struct native *n = be;

	while (n->pool) {
		struct cor *c = n->pool;

		n->pool = c->next;
		cor_destroy(c);
	}
	free(n);
}

static int native_run(void *be)
{
	struct native *n = be;
	uint64_t time;

	while (n->host->next(n->k, &time)) {
		struct cor *c = n->host->dispatch(n->k);

		if (!c)
			continue;
		cor_resume(c);
		if (c->ended) {
			c->next = n->pool;
			n->pool = c;
		}
	}
	return DMASIM_OK;
}

static void native_main(void *ctx, void *arg)
{
	struct native *n = ctx;

	n->host->body(arg);
	n->host->ended(arg);
}

static int native_attach(void *be, size_t stack_size, struct dmasim_proc *p,
                         void **cor)
{
	struct native *n = be;
	struct cor **link = &n->pool;
	struct cor *c;

	stack_size = cor_stack_size(stack_size);
	if (!stack_size)
		return DMASIM_E_NOMEM;
	while (*link && (*link)->stack_size != stack_size)
		link = &(*link)->next;
	c = *link;
	if (c)
		*link = c->next;
	else
		c = cor_create(stack_size);
	if (!c)
		return DMASIM_E_NOMEM;
	cor_start(c, native_main, n, p);
	*cor = c;
	return DMASIM_OK;
}

static void native_yield(void *be, void *cor)
{
	(void)be;
	cor_yield(cor);
}

static const struct dmasim_backend native_backend = {
        .name = "native",
        .inline_resume = true,
        .open = native_open,
        .close = native_close,
        .run = native_run,
        .attach = native_attach,
        .yield = native_yield,
};

const struct dmasim_backend *dmasim_backend_native(void)
{
	return &native_backend;
}
