/* SPDX-License-Identifier: MIT */
/* Names of physical ranges, for findings. */
#include "checker_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int names_insert(struct dmasim_checker *c, const struct region *region)
{
	if (c->region_len == c->region_cap) {
		size_t cap = c->region_cap ? 2 * c->region_cap : 32;
		struct region *grown =
		        realloc(c->regions, cap * sizeof(*grown));

		if (!grown)
			return DMASIM_E_NOMEM;
		c->regions = grown;
		c->region_cap = cap;
	}
	c->regions[c->region_len++] = *region;
	return DMASIM_OK;
}

static char *copy_name(const char *name)
{
	size_t size = strlen(name) + 1;
	char *copy = malloc(size);

	if (copy)
		memcpy(copy, name, size);
	return copy;
}

int dmasim_name_region(struct dmasim_checker *c, uint64_t addr, uint64_t size,
                       const char *name, dmasim_describe_fn *describe,
                       void *ctx)
{
	struct region r = {
	        .start = addr,
	        .end = addr + (size - 1),
	        .origin = addr,
	        .describe = describe,
	        .ctx = ctx,
	};
	int status;

	if (!name || !size || size - 1 > UINT64_MAX - addr)
		return DMASIM_E_INVAL;
	r.name = copy_name(name);
	status = r.name ? names_insert(c, &r) : DMASIM_E_NOMEM;
	if (status)
		free(r.name);
	return status;
}

static void remove_region(struct dmasim_checker *c, size_t i)
{
	free(c->regions[i].name);
	c->region_len--;
	memmove(&c->regions[i], &c->regions[i + 1],
	        (c->region_len - i) * sizeof(*c->regions));
}

/* The middle of a region goes: what is behind it becomes a region, next in
 * the order of names. */
static void split_region(struct dmasim_checker *c, size_t i, uint64_t start,
                         uint64_t end)
{
	struct region tail = c->regions[i];

	c->regions[i].end = start - 1;
	tail.start = end + 1;
	tail.name = copy_name(tail.name);
	if (!tail.name || names_insert(c, &tail)) {
		/* Without memory that part has lost its name. */
		free(tail.name);
		return;
	}
	memmove(&c->regions[i + 2], &c->regions[i + 1],
	        (c->region_len - i - 2) * sizeof(*c->regions));
	c->regions[i + 1] = tail;
}

void dmasim_unname_region(struct dmasim_checker *c, uint64_t addr,
                          uint64_t size)
{
	uint64_t end =
	        size - 1 > UINT64_MAX - addr ? UINT64_MAX : addr + (size - 1);

	if (!size)
		return;
	for (size_t i = c->region_len; i--;) {
		struct region *r = &c->regions[i];

		if (r->end < addr || r->start > end)
			continue;
		if (r->start >= addr && r->end <= end)
			remove_region(c, i);
		else if (r->start < addr && r->end > end)
			split_region(c, i, addr, end);
		else if (r->start < addr)
			r->end = addr - 1;
		else
			r->start = end + 1;
	}
}

static const struct region *find_region(const struct dmasim_checker *c,
                                        uint64_t addr)
{
	for (size_t i = c->region_len; i--;)
		if (addr >= c->regions[i].start && addr <= c->regions[i].end)
			return &c->regions[i];
	return NULL;
}

bool names_known(const struct dmasim_checker *c, uint64_t addr)
{
	return find_region(c, addr) != NULL;
}

void dmasim_describe(const struct dmasim_checker *c, uint64_t addr, char *buf,
                     size_t size)
{
	const struct region *r = find_region(c, addr);

	if (!r) {
		snprintf(buf, size, "0x%llx", (unsigned long long)addr);
		return;
	}
	if (r->describe)
		r->describe(r->ctx, addr - r->origin, buf, size);
	else if (addr == r->origin)
		snprintf(buf, size, "%s", r->name);
	else
		snprintf(buf, size, "%s+0x%llx", r->name,
		         (unsigned long long)(addr - r->origin));
}

void names_object(const struct dmasim_checker *c, uint64_t addr, char *buf,
                  size_t size)
{
	const struct region *r = find_region(c, addr);

	if (!r)
		snprintf(buf, size, "page 0x%llx",
		         (unsigned long long)(addr & ~UINT64_C(0xfff)));
	else if (r->describe)
		r->describe(r->ctx, addr - r->origin, buf, size);
	else
		snprintf(buf, size, "%s at 0x%llx", r->name,
		         (unsigned long long)r->origin);
}

void names_free(struct dmasim_checker *c)
{
	for (size_t i = 0; i < c->region_len; i++)
		free(c->regions[i].name);
	free(c->regions);
	c->regions = NULL;
	c->region_len = 0;
	c->region_cap = 0;
}
