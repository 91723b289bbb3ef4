/* SPDX-License-Identifier: MIT */
/* The tree itself: nodes, paths, properties, references. */
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dt_internal.h"

#define MAX_NODES 65536
/* Deeper than any real tree, and what the paths of messages can show. */
#define MAX_DEPTH 32

static int add_node(struct plat_tree *t, int *room, int offset, int parent)
{
	if (t->count == MAX_NODES)
		return dmasim_diag_set(t->diag, DMASIM_E_FORMAT,
		                       "more than %d nodes", MAX_NODES);
	if (t->count == *room) {
		int bigger = *room ? *room * 2 : 64;
		struct plat_node *p =
		        realloc(t->nodes, (size_t)bigger * sizeof(*t->nodes));

		if (!p)
			return DMASIM_E_NOMEM;
		t->nodes = p;
		*room = bigger;
	}
	t->nodes[t->count++] =
	        (struct plat_node){.offset = offset, .parent = parent};
	return DMASIM_OK;
}

static bool is_enabled(const struct plat_tree *t, int node)
{
	int parent = t->nodes[node].parent;

	if (parent >= 0 && !t->nodes[parent].enabled)
		return false;
	return !plat_has(t, node, "status") ||
	       plat_string_is(t, node, "status", "okay") ||
	       plat_string_is(t, node, "status", "ok");
}

static int compare_phandles(const void *a, const void *b)
{
	const struct plat_node *const *x = a, *const *y = b;

	if ((*x)->phandle != (*y)->phandle)
		return (*x)->phandle < (*y)->phandle ? -1 : 1;
	return (*x)->offset < (*y)->offset ? -1 : (*x)->offset > (*y)->offset;
}

/** Two nodes with one phandle make every reference to it ambiguous. */
static int check_phandles(const struct plat_tree *t)
{
	const struct plat_node **sorted;
	int n = 0, status = DMASIM_OK;

	sorted = calloc((size_t)t->count, sizeof(const struct plat_node *));
	if (!sorted)
		return DMASIM_E_NOMEM;
	for (int i = 0; i < t->count; i++)
		if (t->nodes[i].phandle)
			sorted[n++] = &t->nodes[i];
	qsort(sorted, (size_t)n, sizeof(*sorted), compare_phandles);
	for (int i = 1; i < n && status == DMASIM_OK; i++) {
		char other[PLAT_PATH_MAX];

		if (sorted[i]->phandle != sorted[i - 1]->phandle)
			continue;
		plat_path(t, (int)(sorted[i - 1] - t->nodes), other,
		          sizeof(other));
		status = plat_fail(t, (int)(sorted[i] - t->nodes),
		                   "phandle 0x%x is that of %s too",
		                   sorted[i]->phandle, other);
	}
	free(sorted);
	return status;
}

static int walk(struct plat_tree *t)
{
	int at_depth[MAX_DEPTH];
	int depth = -1, room = 0;
	int offset = fdt_next_node(t->fdt, -1, &depth);

	while (offset >= 0 && depth >= 0) {
		int node = t->count, status;

		if (depth >= MAX_DEPTH)
			return plat_fail(t, node - 1,
			                 "nodes nest deeper than %d",
			                 MAX_DEPTH);
		status = add_node(t, &room, offset,
		                  depth ? at_depth[depth - 1] : -1);
		if (status != DMASIM_OK)
			return status;
		at_depth[depth] = node;
		t->nodes[node].enabled = is_enabled(t, node);
		t->nodes[node].phandle = fdt_get_phandle(t->fdt, offset);
		/* libfdt gives 0 or -1 for none and for a malformed one. */
		if (t->nodes[node].phandle == UINT32_MAX)
			t->nodes[node].phandle = 0;
		offset = fdt_next_node(t->fdt, offset, &depth);
	}
	if (t->count == 0)
		return dmasim_diag_set(t->diag, DMASIM_E_FORMAT,
		                       "no root node");
	return check_phandles(t);
}

int plat_tree_open(const void *fdt, size_t size, struct dmasim_diag *diag,
                   struct plat_tree *t)
{
	int status, error;

	*t = (struct plat_tree){.diag = diag};
	if (size == 0)
		return dmasim_diag_set(diag, DMASIM_E_FORMAT,
		                       "the device tree is empty");
	t->fdt = malloc(size);
	if (!t->fdt)
		return DMASIM_E_NOMEM;
	memcpy(t->fdt, fdt, size);
	error = fdt_check_full(t->fdt, size);
	if (error)
		status = dmasim_diag_set(
		        diag, DMASIM_E_FORMAT,
		        "not a valid flattened device tree of %zu bytes: %s",
		        size, fdt_strerror(error));
	else
		status = walk(t);
	if (status != DMASIM_OK)
		plat_tree_close(t);
	return status;
}

void plat_tree_close(struct plat_tree *t)
{
	free(t->fdt);
	free(t->nodes);
	t->fdt = NULL;
	t->nodes = NULL;
	t->count = 0;
}

static void copy_printable(char *to, const char *from, size_t size)
{
	size_t i;

	for (i = 0; i + 1 < size && from[i]; i++)
		to[i] = from[i] > ' ' && from[i] <= '~' ? from[i] : '?';
	to[i] = '\0';
}

int plat_path(const struct plat_tree *t, int node, char *path, size_t size)
{
	int chain[MAX_DEPTH], n = 0, status = DMASIM_OK;
	size_t used = 0;

	if (node <= 0) {
		snprintf(path, size, "/");
		return DMASIM_OK;
	}
	for (int i = node; i > 0; i = t->nodes[i].parent)
		chain[n++] = i;
	while (n > 0 && status == DMASIM_OK) {
		const char *name =
		        fdt_get_name(t->fdt, t->nodes[chain[--n]].offset, NULL);
		size_t length = strlen(name);

		if (used + length + 2 > size) {
			status = DMASIM_E_FORMAT;
			break;
		}
		path[used++] = '/';
		copy_printable(path + used, name, size - used);
		used += length;
	}
	path[used] = '\0';
	return status;
}

void plat_name(const struct plat_tree *t, int node, char *name, size_t size)
{
	copy_printable(name, fdt_get_name(t->fdt, t->nodes[node].offset, NULL),
	               size);
	name[strcspn(name, "@")] = '\0';
}

int plat_fail(const struct plat_tree *t, int node, const char *fmt, ...)
{
	char path[PLAT_PATH_MAX], text[320];
	va_list ap;

	plat_path(t, node, path, sizeof(path));
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return dmasim_diag_set(t->diag, DMASIM_E_FORMAT, "%s: %s", path, text);
}

static const char *property(const struct plat_tree *t, int node,
                            const char *prop, int *length)
{
	return fdt_getprop(t->fdt, t->nodes[node].offset, prop, length);
}

bool plat_has(const struct plat_tree *t, int node, const char *prop)
{
	return property(t, node, prop, NULL) != NULL;
}

bool plat_string_is(const struct plat_tree *t, int node, const char *prop,
                    const char *value)
{
	int length = 0;
	const char *data = property(t, node, prop, &length);

	return data && (size_t)length == strlen(value) + 1 &&
	       memcmp(data, value, (size_t)length) == 0;
}

bool plat_compatible(const struct plat_tree *t, int node, const char *name)
{
	return fdt_node_check_compatible(t->fdt, t->nodes[node].offset, name) ==
	       0;
}

int plat_get_cells(const struct plat_tree *t, int node, const char *prop,
                   struct plat_cells *c)
{
	int length = 0;
	const char *data = property(t, node, prop, &length);

	*c = (struct plat_cells){0};
	if (!data)
		return DMASIM_OK;
	if (length % 4)
		return plat_fail(t, node,
		                 "%s: %d bytes are not a whole number of "
		                 "32-bit cells",
		                 prop, length);
	c->data = (const uint8_t *)data;
	c->count = (uint32_t)length / 4;
	return DMASIM_OK;
}

uint32_t plat_cell(const struct plat_cells *c, uint32_t index)
{
	const uint8_t *p = c->data + (size_t)index * 4;

	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

uint64_t plat_cell_number(const struct plat_cells *c, uint32_t index,
                          uint32_t n)
{
	uint64_t value = 0;

	for (uint32_t i = 0; i < n; i++)
		value = value << 32 | plat_cell(c, index + i);
	return value;
}

int plat_u32(const struct plat_tree *t, int node, const char *prop,
             uint32_t *value)
{
	struct plat_cells c;
	int status = plat_get_cells(t, node, prop, &c);

	if (status != DMASIM_OK || !c.data)
		return status;
	if (c.count != 1)
		return plat_fail(t, node, "%s: %u cells, 1 expected", prop,
		                 c.count);
	*value = plat_cell(&c, 0);
	return DMASIM_OK;
}

int plat_u64(const struct plat_tree *t, int node, const char *prop,
             uint64_t *value)
{
	struct plat_cells c;
	int status = plat_get_cells(t, node, prop, &c);

	if (status != DMASIM_OK || !c.data)
		return status;
	if (c.count != 1 && c.count != 2)
		return plat_fail(t, node, "%s: %u cells, 1 or 2 expected", prop,
		                 c.count);
	*value = plat_cell_number(&c, 0, c.count);
	return DMASIM_OK;
}

int plat_string(const struct plat_tree *t, int node, const char *prop,
                const char **value)
{
	int length = 0;
	const char *data = property(t, node, prop, &length);

	*value = NULL;
	if (!data)
		return DMASIM_OK;
	if (length < 1 || memchr(data, 0, (size_t)length) != data + length - 1)
		return plat_fail(t, node, "%s: not one terminated string",
		                 prop);
	*value = data;
	return DMASIM_OK;
}

int plat_one_of(const struct plat_tree *t, int node, const char *prop,
                const char *const names[3], uint32_t *value)
{
	const char *name = NULL;
	int status = plat_string(t, node, prop, &name);

	if (status != DMASIM_OK || !name)
		return status;
	for (uint32_t i = 0; i < 3 && names[i]; i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		*value = i;
		return DMASIM_OK;
	}
	return plat_fail(t, node, "%s: '%s' is unknown", prop, name);
}

int plat_string_at(const struct plat_tree *t, int node, const char *prop,
                   int index, const char **value)
{
	int length = 0;
	const char *p = property(t, node, prop, &length);
	const char *end = p ? p + length : NULL;

	*value = NULL;
	for (int i = 0; p < end; i++) {
		const char *stop = memchr(p, 0, (size_t)(end - p));

		if (!stop)
			return plat_fail(t, node,
			                 "%s: the last string has no end",
			                 prop);
		if (i == index) {
			*value = p;
			break;
		}
		p = stop + 1;
	}
	return DMASIM_OK;
}

int plat_target(const struct plat_tree *t, int node, const char *prop,
                uint32_t phandle, int *target)
{
	for (int i = 0; phandle && i < t->count; i++) {
		if (t->nodes[i].phandle == phandle) {
			*target = i;
			return DMASIM_OK;
		}
	}
	return plat_fail(t, node, "%s: no node has phandle 0x%x", prop,
	                 phandle);
}
