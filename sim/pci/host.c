/* SPDX-License-Identifier: MIT */
/* The host bridge: ECAM, windows, and the four INTx wires. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pci_internal.h"

static unsigned bdf_bus(uint16_t bdf)
{
	return bdf >> 8;
}

static unsigned bdf_device(uint16_t bdf)
{
	return (bdf >> 3) & 0x1f;
}

struct dmasim_pci_function *pci_find(const struct dmasim_pci_host *h,
                                     uint16_t bdf)
{
	size_t low = 0, high = h->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (h->functions[mid]->cfg.bdf == bdf)
			return h->functions[mid];
		if (h->functions[mid]->cfg.bdf < bdf)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static enum dmasim_result ecam_access(void *obj, struct dmasim_txn *txn)
{
	struct dmasim_pci_host *h = obj;
	unsigned reg = txn->offset & 0xfff;
	struct dmasim_pci_function *f;

	if (dmasim_op_is_maintenance(txn->op))
		return DMASIM_TXN_OK;
	/* PCI Express 7.2.2: one, two or four bytes, naturally aligned. */
	if (dmasim_op_is_atomic(txn->op) ||
	    (txn->size != 1 && txn->size != 2 && txn->size != 4) ||
	    txn->offset % txn->size != 0)
		return DMASIM_TXN_SLAVE;
	f = pci_find(h, (uint16_t)((txn->offset >> 12) +
	                           ((unsigned)h->cfg.bus_min << 8)));
	if (txn->op == DMASIM_READ) {
		if (f)
			pci_config_read(f, reg, txn->data, txn->size);
		else
			memset(txn->data, 0xff, txn->size);
	} else if (f) {
		pci_config_write(f, reg, txn->data, txn->size);
	}
	return DMASIM_TXN_OK;
}

static bool window_bad(const struct dmasim_pci_window *w)
{
	return w->size && (w->cpu_base > DMASIM_PA_MAX ||
	                   w->size - 1 > DMASIM_PA_MAX - w->cpu_base ||
	                   w->size - 1 > UINT64_MAX - w->pci_base);
}

int dmasim_pci_host_create(const struct dmasim_pci_host_config *cfg,
                           struct dmasim_pci_host **out)
{
	struct dmasim_port port = {.access = ecam_access};
	struct dmasim_pci_host *h;
	int rc;

	if (!cfg || !out || !cfg->kernel || !cfg->map || !cfg->name ||
	    cfg->ecam_size == 0 || cfg->ecam_size % PCI_ECAM_BUS ||
	    cfg->ecam_size / PCI_ECAM_BUS > 256u - cfg->bus_min ||
	    window_bad(&cfg->io) || window_bad(&cfg->mem32) ||
	    window_bad(&cfg->mem64))
		return DMASIM_E_INVAL;
	h = calloc(1, sizeof(*h));
	if (!h)
		return DMASIM_E_NOMEM;
	h->cfg = *cfg;
	h->name = strdup(cfg->name);
	port.obj = h;
	rc = h->name ? dmasim_map_add_mmio(cfg->map, h->name, cfg->ecam_base,
	                                   cfg->ecam_size, &port)
	             : DMASIM_E_NOMEM;
	if (rc) {
		free(h->name);
		free(h);
		return rc;
	}
	h->cfg.name = h->name;
	*out = h;
	return DMASIM_OK;
}

const char *dmasim_pci_host_name(const struct dmasim_pci_host *h)
{
	return h->name;
}

static void function_unmap(struct dmasim_pci_function *f)
{
	for (unsigned i = 0; i < PCI_BARS; i++) {
		if (f->bars[i].mapped)
			dmasim_map_remove(f->host->cfg.map, f->bars[i].base);
		f->bars[i].mapped = false;
	}
}

void dmasim_pci_host_destroy(struct dmasim_pci_host *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < h->count; i++) {
		function_unmap(h->functions[i]);
		free(h->functions[i]);
	}
	dmasim_map_remove(h->cfg.map, h->cfg.ecam_base);
	free(h->functions);
	free(h->name);
	free(h);
}

/** PCI 3.0, 6.2.1: bit 7 of the header type tells software to look for
 * functions 1 to 7 of the device. */
static void mark_multifunction(struct dmasim_pci_host *h, uint16_t bdf)
{
	struct dmasim_pci_function *of_device[8];
	unsigned n = 0;

	for (unsigned fn = 0; fn < 8; fn++) {
		of_device[n] = pci_find(h, (uint16_t)((bdf & ~7u) | fn));
		if (of_device[n])
			n++;
	}
	for (unsigned i = 0; i < n; i++)
		of_device[i]->config[PCI_HEADER_TYPE] =
		        n > 1 ? PCI_HEADER_MULTIFUNCTION : 0;
}

static bool bars_bad(const struct dmasim_pci_function_config *cfg)
{
	for (unsigned i = 0; i < PCI_BARS; i++) {
		const struct dmasim_pci_bar *b = &cfg->bars[i];
		uint32_t least = b->kind == DMASIM_BAR_IO ? 4 : 16;

		if (b->kind == DMASIM_BAR_NONE)
			continue;
		if (b->kind > DMASIM_BAR_MEM64 || b->size < least ||
		    (b->size & (b->size - 1)))
			return true;
		/* A 64-bit base address takes the next register too. */
		if (b->kind == DMASIM_BAR_MEM64 &&
		    (i + 1 == PCI_BARS ||
		     cfg->bars[i + 1].kind != DMASIM_BAR_NONE))
			return true;
	}
	return false;
}

static int host_insert(struct dmasim_pci_host *h, struct dmasim_pci_function *f)
{
	struct dmasim_pci_function **list =
	        realloc(h->functions, (h->count + 1) * sizeof(*list));
	size_t at = h->count;

	if (!list)
		return DMASIM_E_NOMEM;
	h->functions = list;
	while (at > 0 && list[at - 1]->cfg.bdf > f->cfg.bdf) {
		list[at] = list[at - 1];
		at--;
	}
	list[at] = f;
	h->count++;
	return DMASIM_OK;
}

int dmasim_pci_add(struct dmasim_pci_host *h,
                   const struct dmasim_pci_function_config *cfg,
                   struct dmasim_pci_function **out)
{
	struct dmasim_pci_function *f;
	unsigned bus;

	if (!h || !cfg || cfg->interrupt_pin > PCI_WIRES ||
	    cfg->class_code > 0xffffff || bars_bad(cfg))
		return DMASIM_E_INVAL;
	bus = bdf_bus(cfg->bdf);
	if (bus < h->cfg.bus_min ||
	    bus - h->cfg.bus_min >= h->cfg.ecam_size / PCI_ECAM_BUS)
		return DMASIM_E_RANGE;
	if (pci_find(h, cfg->bdf))
		return DMASIM_E_EXISTS;
	f = calloc(1, sizeof(*f));
	if (!f)
		return DMASIM_E_NOMEM;
	f->host = h;
	f->cfg = *cfg;
	pci_function_init(f);
	if (host_insert(h, f)) {
		free(f);
		return DMASIM_E_NOMEM;
	}
	mark_multifunction(h, cfg->bdf);
	if (out)
		*out = f;
	return DMASIM_OK;
}

void dmasim_pci_remove(struct dmasim_pci_function *f)
{
	struct dmasim_pci_host *h;
	size_t at = 0;

	if (!f)
		return;
	h = f->host;
	dmasim_pci_set_intx(f, false);
	function_unmap(f);
	while (h->functions[at] != f)
		at++;
	h->count--;
	for (; at < h->count; at++)
		h->functions[at] = h->functions[at + 1];
	mark_multifunction(h, f->cfg.bdf);
	free(f);
	/* What it overlapped may be decoded now. */
	pci_remap(h);
}

static enum dmasim_result bar_access(void *obj, struct dmasim_txn *txn)
{
	struct pci_bar *b = obj;
	struct dmasim_pci_function *f = b->function;

	if (!f->cfg.bar_access)
		return DMASIM_TXN_SLAVE;
	return f->cfg.bar_access(f->cfg.obj, b->index, txn);
}

static bool window_holds(const struct dmasim_pci_window *w, uint64_t address,
                         uint64_t size, uint64_t *cpu)
{
	if (address < w->pci_base || w->size < size ||
	    address - w->pci_base > w->size - size)
		return false;
	*cpu = w->cpu_base + (address - w->pci_base);
	return true;
}

/** Whether the BAR is decoded, by itself, and at which CPU address. */
static bool bar_decodes(const struct pci_bar *b, uint64_t *cpu)
{
	const struct dmasim_pci_host_config *c = &b->function->host->cfg;
	uint16_t command = pci_command(b->function);
	uint64_t address = pci_bar_address(b->function, b->index);

	if (b->kind == DMASIM_BAR_NONE)
		return false;
	if (b->kind == DMASIM_BAR_IO)
		return (command & PCI_COMMAND_IO) &&
		       window_holds(&c->io, address, b->size, cpu);
	if (!(command & PCI_COMMAND_MEMORY))
		return false;
	return window_holds(&c->mem32, address, b->size, cpu) ||
	       (b->kind == DMASIM_BAR_MEM64 &&
	        window_holds(&c->mem64, address, b->size, cpu));
}

static struct pci_bar *host_bar(const struct dmasim_pci_host *h, size_t n)
{
	return &h->functions[n / PCI_BARS]->bars[n % PCI_BARS];
}

/** Two BARs at one address: the first in configuration order answers. */
static bool bar_shadowed(const struct dmasim_pci_host *h, size_t n)
{
	const struct pci_bar *b = host_bar(h, n);

	for (size_t i = 0; i < n; i++) {
		const struct pci_bar *o = host_bar(h, i);

		if (o->wanted && b->wanted_base < o->wanted_base + o->size &&
		    o->wanted_base < b->wanted_base + b->size)
			return true;
	}
	return false;
}

static void bar_map(struct pci_bar *b)
{
	const struct dmasim_pci_function *f = b->function;
	struct dmasim_port port = {.access = bar_access, .obj = b};
	char name[80];
	int rc;

	snprintf(name, sizeof(name), "%.40s %02x:%02x.%u bar %u", f->host->name,
	         bdf_bus(f->cfg.bdf), bdf_device(f->cfg.bdf), f->cfg.bdf & 7u,
	         b->index);
	b->base = b->wanted_base;
	rc = dmasim_map_add_mmio(f->host->cfg.map, name, b->base, b->size,
	                         &port);
	b->mapped = rc == DMASIM_OK;
	if (rc)
		dmasim_log(f->host->cfg.kernel, DMASIM_LOG_WARNING,
		           f->host->name, "%s is not decoded: %s", name,
		           dmasim_strerror(rc));
}

void pci_remap(struct dmasim_pci_host *h)
{
	size_t bars = h->count * PCI_BARS;

	for (size_t i = 0; i < bars; i++) {
		struct pci_bar *b = host_bar(h, i);

		b->wanted = bar_decodes(b, &b->wanted_base);
		if (b->wanted)
			b->wanted = !bar_shadowed(h, i);
	}
	/* All that goes makes room before anything comes. */
	for (size_t i = 0; i < bars; i++) {
		struct pci_bar *b = host_bar(h, i);

		if (b->mapped && (!b->wanted || b->base != b->wanted_base)) {
			dmasim_map_remove(h->cfg.map, b->base);
			b->mapped = false;
		}
	}
	for (size_t i = 0; i < bars; i++) {
		struct pci_bar *b = host_bar(h, i);

		if (b->wanted && !b->mapped)
			bar_map(b);
	}
}

void pci_update_intx(struct dmasim_pci_host *h)
{
	bool level[PCI_WIRES] = {false};

	/* A wire is the OR of the pins on it; as a rule devices rotate them. */
	for (size_t i = 0; i < h->count; i++) {
		const struct dmasim_pci_function *f = h->functions[i];
		unsigned turn =
		        h->cfg.intx_straight ? 0 : bdf_device(f->cfg.bdf);
		unsigned wire =
		        (turn + (f->cfg.interrupt_pin - 1u)) % PCI_WIRES;

		if (f->intx && f->cfg.interrupt_pin &&
		    !(pci_command(f) & PCI_COMMAND_INTX_DISABLE))
			level[wire] = true;
	}
	for (unsigned i = 0; i < PCI_WIRES; i++)
		dmasim_irq_set(h->cfg.intx[i], level[i]);
}
