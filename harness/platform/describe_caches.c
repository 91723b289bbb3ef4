/* SPDX-License-Identifier: MIT */
/* Caches of the tree: sizes, levels, and how they work. */
#include <string.h>

#include "plat_internal.h"

/* Caches hold real bytes of the host: a tree must not ask for all of them. */
#define L1_MAX (4u << 20)
#define L2_MAX (64u << 20)

int plat_cache(const struct plat_tree *t, int node, bool level1,
               struct plat_cache_desc *c)
{
	const char *size_prop = level1 ? "d-cache-size" : "cache-size";
	const char *line_prop =
	        level1 ? "d-cache-line-size" : "cache-line-size";
	const char *sets_prop = level1 ? "d-cache-sets" : "cache-sets";
	const char *block_prop =
	        level1 ? "d-cache-block-size" : "cache-block-size";
	uint32_t sets = 0;
	int status = plat_u32(t, node, size_prop, &c->size);

	if (status == DMASIM_OK)
		status = plat_u32(t, node, block_prop, &c->line);
	if (status == DMASIM_OK)
		status = plat_u32(t, node, line_prop, &c->line);
	if (status == DMASIM_OK)
		status = plat_u32(t, node, sets_prop, &sets);
	if (status != DMASIM_OK)
		return status;
	if (c->line &&
	    (c->line < 16 || c->line > 2048 || (c->line & (c->line - 1))))
		return plat_fail(t, node,
		                 "%s: %u, a power of two from 16 to 2048 "
		                 "expected",
		                 line_prop, c->line);
	if (!c->size)
		return DMASIM_OK;
	if (c->size > (level1 ? L1_MAX : L2_MAX))
		return plat_fail(t, node, "%s: %u bytes, at most %u", size_prop,
		                 c->size, level1 ? L1_MAX : L2_MAX);
	if (!sets) {
		c->ways = level1 ? 4 : 8;
		sets = c->size / (c->line ? c->line : 64) / c->ways;
	} else {
		c->ways = c->size / (c->line ? c->line : 64) / sets;
	}
	if (c->ways < 1 || c->ways > 32 || sets < 1 || (sets & (sets - 1)) ||
	    (uint64_t)c->ways * sets * (c->line ? c->line : 64) != c->size)
		return plat_fail(t, node,
		                 "%s: %u bytes are not 1 to 32 ways of %u sets "
		                 "(a power of two) of %u bytes",
		                 size_prop, c->size, sets,
		                 c->line ? c->line : 64);
	return DMASIM_OK;
}

/* One cache behind the CPU's is the shared one; of two, the first is each
 * CPU's own. */
int plat_next_caches(const struct plat_tree *t, int node,
                     struct plat_cache_desc *l2, struct plat_cache_desc *l3)
{
	struct plat_cache_desc *levels[] = {l2, l3};
	int cache = node, status = DMASIM_OK;

	for (size_t i = 0; i < 2 && status == DMASIM_OK; i++) {
		uint32_t next = 0;
		int from = cache;

		status = plat_u32(t, from, "next-level-cache", &next);
		if (status != DMASIM_OK || !next)
			return status;
		status = plat_target(t, from, "next-level-cache", next, &cache);
		if (status == DMASIM_OK && cache == from)
			status = plat_fail(t, from,
			                   "next-level-cache: the node itself");
		if (status == DMASIM_OK)
			status = plat_cache(t, cache, false, levels[i]);
	}
	return status;
}

static bool power_of_two(uint32_t v)
{
	return v && !(v & (v - 1));
}

static int describe_system(struct plat_desc *d, int node)
{
	const struct plat_tree *t = &d->tree;
	struct plat_cache_desc *c = &d->system;
	uint32_t line = d->l1.line ? d->l1.line : d->l2.line;
	int status = plat_u32(t, node, "dmasim,system-cache-size", &c->size);

	c->ways = 16;
	if (status == DMASIM_OK)
		status =
		        plat_u32(t, node, "dmasim,system-cache-ways", &c->ways);
	if (status != DMASIM_OK || !c->size)
		return status;
	if (!line)
		line = d->timing.line_size ? d->timing.line_size : 64;
	if (c->size > L2_MAX || c->ways < 1 || c->ways > 32 ||
	    c->size % (line * c->ways) ||
	    !power_of_two(c->size / (line * c->ways)))
		return plat_fail(
		        t, node,
		        "dmasim,system-cache-size: %u bytes are not "
		        "%u ways of a power of two of sets of %u bytes, "
		        "at most %u",
		        c->size, c->ways, line, L2_MAX);
	return DMASIM_OK;
}

/* A tree of bits has as many leaves as a power of two. */
static int check_tree(const struct plat_desc *d, int node)
{
	const struct plat_cache_desc *c[] = {&d->l1, &d->l2, &d->l3,
	                                     &d->system};

	for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++)
		if (c[i]->size && !power_of_two(c[i]->ways))
			return plat_fail(&d->tree, node,
			                 "dmasim,cache-replacement: plru needs "
			                 "a power of two of ways, and a cache "
			                 "has %u",
			                 c[i]->ways);
	return DMASIM_OK;
}

static int describe_cpus_node(struct plat_desc *d, int node)
{
	static const char *const protocols[] = {"mesi", "moesi", NULL};
	static const char *const replacements[] = {"lru", "plru", "random"};
	const struct plat_tree *t = &d->tree;
	uint32_t protocol = 0, replacement = 0;
	int status = plat_one_of(t, node, "dmasim,cache-protocol", protocols,
	                         &protocol);

	if (status == DMASIM_OK)
		status = plat_one_of(t, node, "dmasim,cache-replacement",
		                     replacements, &replacement);
	if (status == DMASIM_OK)
		status = plat_u32(t, node, "dmasim,ask-every", &d->ask_every);
	if (status == DMASIM_OK)
		status = describe_system(d, node);
	if (status != DMASIM_OK)
		return status;
	d->protocol = (enum dmasim_protocol)protocol;
	d->replacement = (enum dmasim_replacement)replacement;
	return d->replacement == DMASIM_REPLACE_PLRU ? check_tree(d, node)
	                                             : DMASIM_OK;
}

int plat_describe_hierarchy(struct plat_desc *d)
{
	const struct plat_tree *t = &d->tree;
	int status = DMASIM_OK;

	for (int i = 1; i < t->count && status == DMASIM_OK; i++) {
		char name[16];

		plat_name(t, i, name, sizeof(name));
		if (t->nodes[i].parent == 0 && strcmp(name, "cpus") == 0)
			status = describe_cpus_node(d, i);
	}
	return status;
}

int plat_inner_domain(const struct plat_tree *t, int node, uint32_t *domain)
{
	*domain = 0;
	for (int i = node; i >= 0; i = t->nodes[i].parent)
		if (plat_has(t, i, "dmasim,inner-domain"))
			return plat_u32(t, i, "dmasim,inner-domain", domain);
	return DMASIM_OK;
}
