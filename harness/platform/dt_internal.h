/* SPDX-License-Identifier: MIT */
/*
 * Reading a flattened device tree as hostile input: every property is checked
 * for its length, every reference for its target, and every refusal names the
 * node.
 */
#ifndef DMASIM_PLATFORM_DT_INTERNAL_H
#define DMASIM_PLATFORM_DT_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dmasim/status.h"

#define PLAT_PATH_MAX 128

struct plat_node {
	int offset;       /**< in the blob */
	int parent;       /**< index; -1 for the root */
	uint32_t phandle; /**< 0: none */
	bool enabled;     /**< it and every parent: status is okay */
};

/** All nodes, in the order of the blob; the root is node 0. */
struct plat_tree {
	void *fdt; /**< an aligned copy */
	struct plat_node *nodes;
	int count;
	struct dmasim_diag *diag;
};

/** A property as 32-bit cells. */
struct plat_cells {
	const uint8_t *data; /**< NULL: no such property */
	uint32_t count;
};

/** OK, E_FORMAT, E_NOMEM. */
int plat_tree_open(const void *fdt, size_t size, struct dmasim_diag *diag,
                   struct plat_tree *t);
void plat_tree_close(struct plat_tree *t);

/** "PATH: text" into the diag. Returns E_FORMAT. */
int plat_fail(const struct plat_tree *t, int node, const char *fmt, ...)
        DMASIM_PRINTF(3, 4);
/** The node's path, with whatever is not printable replaced. OK; E_FORMAT if
 * it is too long for @path (then cut). */
int plat_path(const struct plat_tree *t, int node, char *path, size_t size);
/** Node name without the unit address. */
void plat_name(const struct plat_tree *t, int node, char *name, size_t size);

bool plat_has(const struct plat_tree *t, int node, const char *prop);
/** Whether it is this one string; anything else, malformed too, is not. */
bool plat_string_is(const struct plat_tree *t, int node, const char *prop,
                    const char *value);
bool plat_compatible(const struct plat_tree *t, int node, const char *name);
/** E_FORMAT if the length is not a multiple of 4. */
int plat_get_cells(const struct plat_tree *t, int node, const char *prop,
                   struct plat_cells *c);
uint32_t plat_cell(const struct plat_cells *c, uint32_t index);
/** @n cells (1 or 2) from @index as one number. */
uint64_t plat_cell_number(const struct plat_cells *c, uint32_t index,
                          uint32_t n);
/** One cell; @value keeps what it has if the property is absent. */
int plat_u32(const struct plat_tree *t, int node, const char *prop,
             uint32_t *value);
/** One or two cells; likewise. */
int plat_u64(const struct plat_tree *t, int node, const char *prop,
             uint64_t *value);
/** A single terminated string; NULL if the property is absent. */
int plat_string(const struct plat_tree *t, int node, const char *prop,
                const char **value);
/** Which of at most three names (NULL ends them) the property has; without it
 * @value keeps what it has. */
int plat_one_of(const struct plat_tree *t, int node, const char *prop,
                const char *const names[3], uint32_t *value);
/** String @index of a list; NULL past its end. E_FORMAT if malformed. */
int plat_string_at(const struct plat_tree *t, int node, const char *prop,
                   int index, const char **value);

/** The node that @prop of @node refers to. */
int plat_target(const struct plat_tree *t, int node, const char *prop,
                uint32_t phandle, int *target);

/** #address-cells and #size-cells of @node, for its children. */
int plat_bus_cells(const struct plat_tree *t, int node, uint32_t *address,
                   uint32_t *size);
/** Entry @index of reg, as a CPU physical address. E_NOTFOUND past the end
 * (no message). */
int plat_reg(const struct plat_tree *t, int node, uint32_t index,
             uint64_t *base, uint64_t *size);
/** An address on the bus that @bus is, seen from the root. */
int plat_translate(const struct plat_tree *t, int node, int bus, uint64_t *addr,
                   uint64_t size);
/** dma-coherent or dma-noncoherent, nearest first. */
bool plat_dma_coherent(const struct plat_tree *t, int node);

/** What dma-ranges of the parents leave a device: bus address = PA - offset;
 * limit is the highest bus address. */
int plat_dma_ranges(const struct plat_tree *t, int node, uint64_t *offset,
                    uint64_t *limit);

/** Interrupt @index of a node as an SPI number. E_NOTFOUND past the end (no
 * message). */
int plat_interrupt(const struct plat_tree *t, int node, uint32_t index,
                   uint32_t *line);
/** The SPI of pin @pin (1 .. 4) of function @bdf below @host, through its
 * interrupt-map. E_NOTFOUND: not connected (no message). */
int plat_pci_interrupt(const struct plat_tree *t, int host, uint32_t bdf,
                       uint32_t pin, uint32_t *line);

/** What stands before a device: node -1 if nothing. */
struct plat_stream {
	int iommu; /**< node */
	uint32_t id;
};

/** `iommus` of @node. */
int plat_iommus(const struct plat_tree *t, int node, struct plat_stream *s);
/** `iommu-map` of @host for a requester ID. */
int plat_iommu_map(const struct plat_tree *t, int host, uint32_t rid,
                   struct plat_stream *s);

#endif
