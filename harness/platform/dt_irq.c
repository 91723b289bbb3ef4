/* SPDX-License-Identifier: MIT */
/*
 * Interrupts: from a device up through interrupt-map to a controller of the
 * GIC kind (Devicetree Specification 2.4; Open Firmware interrupt mapping).
 */
#include <string.h>

#include "dmasim/irq.h"
#include "dt_internal.h"

#define MAX_CELLS 4  /* of a unit address, and of an interrupt */
#define MAX_STEPS 16 /* a nexus that leads to itself must end */

/** An interrupt as one node sees it. */
struct spec {
	int node; /**< controller or nexus */
	uint32_t addr[MAX_CELLS], na;
	uint32_t irq[MAX_CELLS], ni;
};

static int interrupt_cells(const struct plat_tree *t, int node, uint32_t *n)
{
	uint32_t value = 0;
	int status = plat_u32(t, node, "#interrupt-cells", &value);

	*n = value;
	if (status != DMASIM_OK)
		return status;
	if (value < 1 || value > 4)
		return plat_fail(t, node,
		                 "#interrupt-cells: %u, from 1 to 4 expected",
		                 value);
	return DMASIM_OK;
}

/** 2.4.1.1: whatever interrupt-parent names, else the parent; and so on from
 * there until a node takes interrupts (#interrupt-cells). */
static int interrupt_parent(const struct plat_tree *t, int node, int *parent)
{
	int at = node;

	for (int step = 0; step < MAX_STEPS && at >= 0; step++) {
		uint32_t phandle = 0;
		int status = plat_u32(t, at, "interrupt-parent", &phandle);

		if (status == DMASIM_OK && phandle)
			status = plat_target(t, at, "interrupt-parent", phandle,
			                     parent);
		else
			*parent = t->nodes[at].parent;
		if (status != DMASIM_OK)
			return status;
		at = *parent;
		if (at >= 0 && plat_has(t, at, "#interrupt-cells"))
			return DMASIM_OK;
	}
	return plat_fail(t, node, "interrupts: no interrupt-parent");
}

/** 2.4.3: SPI n is <0 n flags>. */
static int controller_line(const struct plat_tree *t, int node,
                           const struct spec *s, uint32_t *line)
{
	if (s->ni < 3)
		return plat_fail(t, s->node,
		                 "#interrupt-cells: %u; only controllers of "
		                 "the GIC kind (3 or 4) are known",
		                 s->ni);
	if (s->irq[0] != 0)
		return plat_fail(t, node,
		                 "interrupts: type %u is not a shared "
		                 "peripheral interrupt (0)",
		                 s->irq[0]);
	*line = s->irq[1];
	if (*line >= DMASIM_IRQ_LINES)
		return plat_fail(t, node, "interrupts: SPI %u, at most %u",
		                 *line, DMASIM_IRQ_LINES - 1);
	return DMASIM_OK;
}

struct map_reader {
	struct plat_cells map, mask;
	uint32_t at;
};

/** The next entry: whether it matches @s, and what it leads to. */
static int next_entry(const struct plat_tree *t, struct map_reader *r,
                      const struct spec *s, bool *match, struct spec *next)
{
	uint32_t width = s->na + s->ni, left = r->map.count - r->at, unused;
	int status;

	if (left < width + 1)
		return plat_fail(t, s->node,
		                 "interrupt-map: ends within an entry");
	*match = true;
	for (uint32_t i = 0; i < width; i++) {
		uint32_t mask =
		        r->mask.data ? plat_cell(&r->mask, i) : UINT32_MAX;
		uint32_t cell = i < s->na ? s->addr[i] : s->irq[i - s->na];

		if ((plat_cell(&r->map, r->at + i) ^ cell) & mask)
			*match = false;
	}
	status = plat_target(t, s->node, "interrupt-map",
	                     plat_cell(&r->map, r->at + width), &next->node);
	if (status != DMASIM_OK)
		return status;
	/* A controller without #address-cells takes no unit address. */
	next->na = 0;
	if (plat_has(t, next->node, "#address-cells"))
		status = plat_bus_cells(t, next->node, &next->na, &unused);
	if (status == DMASIM_OK)
		status = interrupt_cells(t, next->node, &next->ni);
	if (status != DMASIM_OK)
		return status;
	r->at += width + 1;
	if (r->map.count - r->at < next->na + next->ni)
		return plat_fail(t, s->node,
		                 "interrupt-map: ends within an entry");
	for (uint32_t i = 0; i < next->na; i++)
		next->addr[i] = plat_cell(&r->map, r->at + i);
	r->at += next->na;
	for (uint32_t i = 0; i < next->ni; i++)
		next->irq[i] = plat_cell(&r->map, r->at + i);
	r->at += next->ni;
	return DMASIM_OK;
}

/** E_NOTFOUND: no entry matches. */
static int through_map(const struct plat_tree *t, struct spec *s)
{
	struct map_reader r = {0};
	int status = plat_get_cells(t, s->node, "interrupt-map", &r.map);

	if (status == DMASIM_OK)
		status = plat_get_cells(t, s->node, "interrupt-map-mask",
		                        &r.mask);
	if (status != DMASIM_OK)
		return status;
	if (r.mask.data && r.mask.count != s->na + s->ni)
		return plat_fail(t, s->node,
		                 "interrupt-map-mask: %u cells, %u expected",
		                 r.mask.count, s->na + s->ni);
	while (r.at < r.map.count) {
		struct spec next = {0};
		bool match = false;

		status = next_entry(t, &r, s, &match, &next);
		if (status != DMASIM_OK)
			return status;
		if (match) {
			*s = next;
			return DMASIM_OK;
		}
	}
	return DMASIM_E_NOTFOUND;
}

/** The unit address of @node is what interrupt-map of @s->node matches. */
static int unit_address(const struct plat_tree *t, int node, struct spec *s)
{
	struct plat_cells reg;
	uint32_t unused;
	int status;

	s->na = 0;
	if (!plat_has(t, s->node, "interrupt-map"))
		return DMASIM_OK;
	status = plat_bus_cells(t, s->node, &s->na, &unused);
	if (status == DMASIM_OK)
		status = plat_get_cells(t, node, "reg", &reg);
	if (status != DMASIM_OK)
		return status;
	if (reg.count < s->na)
		return plat_fail(t, node,
		                 "reg: too short for the interrupt-map that "
		                 "its interrupts go through");
	for (uint32_t i = 0; i < s->na; i++)
		s->addr[i] = plat_cell(&reg, i);
	return DMASIM_OK;
}

/** A bus that only says how many cells it takes: its own interrupt parent is
 * told the same. */
static int hand_on(const struct plat_tree *t, int node, struct spec *s)
{
	int at = s->node;
	uint32_t cells;
	int status = interrupt_parent(t, at, &s->node);

	if (status == DMASIM_OK)
		status = interrupt_cells(t, s->node, &cells);
	if (status != DMASIM_OK)
		return status;
	if (cells != s->ni)
		return plat_fail(t, at,
		                 "#interrupt-cells: %u, but its interrupt "
		                 "parent takes %u and there is no "
		                 "interrupt-map",
		                 s->ni, cells);
	return unit_address(t, node, s);
}

/** From what @s->node is told to a line of a controller. E_NOTFOUND: an
 * interrupt-map has no such entry (no message; s->node is where). */
static int resolve(const struct plat_tree *t, int node, struct spec *s,
                   uint32_t *line)
{
	for (int step = 0; step < MAX_STEPS; step++) {
		int at = s->node, status;

		if (plat_has(t, at, "interrupt-controller"))
			return controller_line(t, node, s, line);
		if (plat_has(t, at, "interrupt-map")) {
			status = through_map(t, s);
		} else {
			status = hand_on(t, node, s);
		}
		if (status != DMASIM_OK)
			return status;
	}
	return plat_fail(t, node,
	                 "interrupts: interrupt-map leads in a circle");
}

static void take_specifier(struct spec *s, const struct plat_cells *c,
                           uint32_t at)
{
	for (uint32_t i = 0; i < s->ni; i++)
		s->irq[i] = plat_cell(c, at + i);
}

/** Entry @index of interrupts. E_NOTFOUND past the end. */
static int plain_entry(const struct plat_tree *t, int node, uint32_t index,
                       struct spec *s)
{
	struct plat_cells c;
	int status = plat_get_cells(t, node, "interrupts", &c);

	if (status != DMASIM_OK)
		return status;
	if (!c.data)
		return DMASIM_E_NOTFOUND;
	status = interrupt_parent(t, node, &s->node);
	if (status == DMASIM_OK)
		status = interrupt_cells(t, s->node, &s->ni);
	if (status != DMASIM_OK)
		return status;
	if (c.count == 0 || c.count % s->ni)
		return plat_fail(t, node,
		                 "interrupts: %u cells, a multiple of %u "
		                 "expected",
		                 c.count, s->ni);
	if (index >= c.count / s->ni)
		return DMASIM_E_NOTFOUND;
	take_specifier(s, &c, index * s->ni);
	return DMASIM_OK;
}

/** 2.4.1.2: each entry names its own parent. */
static int extended_entry(const struct plat_tree *t, int node, uint32_t index,
                          struct spec *s)
{
	struct plat_cells c;
	uint32_t at = 0;
	int status = plat_get_cells(t, node, "interrupts-extended", &c);

	if (status != DMASIM_OK)
		return status;
	for (uint32_t i = 0; at < c.count; i++) {
		status = plat_target(t, node, "interrupts-extended",
		                     plat_cell(&c, at), &s->node);
		if (status == DMASIM_OK)
			status = interrupt_cells(t, s->node, &s->ni);
		if (status != DMASIM_OK)
			return status;
		if (c.count - at - 1 < s->ni)
			return plat_fail(t, node,
			                 "interrupts-extended: ends within an "
			                 "entry");
		if (i == index) {
			take_specifier(s, &c, at + 1);
			return DMASIM_OK;
		}
		at += 1 + s->ni;
	}
	return DMASIM_E_NOTFOUND;
}

int plat_interrupt(const struct plat_tree *t, int node, uint32_t index,
                   uint32_t *line)
{
	struct spec s = {0};
	char path[PLAT_PATH_MAX];
	int status = plat_has(t, node, "interrupts-extended")
	                     ? extended_entry(t, node, index, &s)
	                     : plain_entry(t, node, index, &s);

	if (status == DMASIM_OK)
		status = unit_address(t, node, &s);
	if (status != DMASIM_OK)
		return status;
	status = resolve(t, node, &s, line);
	if (status != DMASIM_E_NOTFOUND)
		return status;
	plat_path(t, s.node, path, sizeof(path));
	return plat_fail(t, node,
	                 "interrupts: no entry in interrupt-map of %s matches",
	                 path);
}

int plat_pci_interrupt(const struct plat_tree *t, int host, uint32_t bdf,
                       uint32_t pin, uint32_t *line)
{
	struct spec s = {.node = host};
	uint32_t unused;
	int status;

	if (!plat_has(t, host, "interrupt-map"))
		return DMASIM_E_NOTFOUND;
	status = plat_bus_cells(t, host, &s.na, &unused);
	if (status == DMASIM_OK)
		status = interrupt_cells(t, host, &s.ni);
	if (status != DMASIM_OK)
		return status;
	if (s.na != 3 || s.ni != 1)
		return plat_fail(t, host,
		                 "interrupt-map: a PCI bus has 3 address "
		                 "cells and 1 interrupt cell");
	s.addr[0] = bdf << 8;
	s.irq[0] = pin;
	return resolve(t, host, &s, line);
}
