/* SPDX-License-Identifier: MIT */
/* One function: its configuration space and capabilities. */
#include <string.h>

#include "pci_internal.h"

static void config_put(uint8_t *p, uint32_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t config_get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static void bar_init(struct dmasim_pci_function *f, unsigned i)
{
	const struct dmasim_pci_bar *b = &f->cfg.bars[i];
	unsigned offset = PCI_BAR0 + 4 * i;
	uint32_t mask = ~(b->size - 1);

	f->bars[i].function = f;
	f->bars[i].index = i;
	f->bars[i].kind = b->kind;
	f->bars[i].size = b->size;
	if (b->kind == DMASIM_BAR_NONE)
		return;
	if (b->kind == DMASIM_BAR_IO) {
		f->config[offset] = PCI_BAR_IO;
		mask &= ~PCI_BAR_IO_FLAGS;
	} else if (b->kind == DMASIM_BAR_MEM64) {
		f->config[offset] = PCI_BAR_64BIT;
		config_put(&f->writable[offset + 4], UINT32_MAX, 4);
	}
	config_put(&f->writable[offset], mask, 4);
}

void pci_function_init(struct dmasim_pci_function *f)
{
	const struct dmasim_pci_function_config *c = &f->cfg;

#define X(name, offset, size, mask)                                            \
	config_put(&f->writable[PCI_##name], mask, size);
	PCI_REGISTERS(X)
#undef X
	config_put(&f->config[PCI_VENDOR_ID], c->vendor, 2);
	config_put(&f->config[PCI_DEVICE_ID], c->device, 2);
	config_put(&f->config[PCI_REVISION], c->revision, 1);
	config_put(&f->config[PCI_CLASS], c->class_code, 3);
	config_put(&f->config[PCI_SUBSYS_VENDOR], c->subsystem_vendor, 2);
	config_put(&f->config[PCI_SUBSYSTEM], c->subsystem, 2);
	f->config[PCI_INTERRUPT_PIN] = c->interrupt_pin;
	f->cap_end = PCI_CAPABILITIES;
	for (unsigned i = 0; i < PCI_BARS; i++)
		bar_init(f, i);
}

uint16_t pci_command(const struct dmasim_pci_function *f)
{
	return (uint16_t)(f->config[PCI_COMMAND] | f->config[PCI_COMMAND + 1]
	                                                   << 8);
}

uint64_t pci_bar_address(const struct dmasim_pci_function *f, unsigned index)
{
	const uint8_t *p = &f->config[PCI_BAR0 + 4 * index];
	uint64_t address = config_get32(p);

	if (f->bars[index].kind == DMASIM_BAR_IO)
		return address & ~(uint64_t)PCI_BAR_IO_FLAGS;
	if (f->bars[index].kind == DMASIM_BAR_MEM64)
		address |= (uint64_t)config_get32(p + 4) << 32;
	return address & ~(uint64_t)PCI_BAR_MEMORY_FLAGS;
}

void pci_config_read(const struct dmasim_pci_function *f, unsigned offset,
                     uint8_t *data, unsigned size)
{
	/* PCI Express 7.2.2: extended space without capabilities is zero. */
	if (offset >= PCI_CONFIG_SIZE)
		memset(data, 0, size);
	else
		memcpy(data, &f->config[offset], size);
}

void pci_config_write(struct dmasim_pci_function *f, unsigned offset,
                      const uint8_t *data, unsigned size)
{
	if (offset >= PCI_CONFIG_SIZE)
		return;
	for (unsigned i = 0; i < size; i++) {
		uint8_t mask = f->writable[offset + i];
		uint8_t *byte = &f->config[offset + i];

		*byte = (uint8_t)((*byte & ~mask) | (data[i] & mask));
	}
	/* Writes are aligned, so none straddles the end of these ranges. */
	if (offset < PCI_COMMAND + 2u && offset + size > PCI_COMMAND) {
		pci_remap(f->host);
		pci_update_intx(f->host);
	} else if (offset >= PCI_BAR0 && offset < PCI_BAR0 + 4 * PCI_BARS) {
		pci_remap(f->host);
	}
}

int dmasim_pci_add_capability(struct dmasim_pci_function *f, uint8_t id,
                              const uint8_t *body, uint8_t body_size,
                              uint8_t *offset)
{
	unsigned at = f->cap_end;

	if (!body && body_size)
		return DMASIM_E_INVAL;
	if (at + 2u + body_size > PCI_CONFIG_SIZE)
		return DMASIM_E_FULL;
	f->config[at] = id;
	if (body_size)
		memcpy(&f->config[at + 2], body, body_size);
	if (f->last_cap)
		f->config[f->last_cap + 1] = (uint8_t)at;
	else
		f->config[PCI_CAP_POINTER] = (uint8_t)at;
	f->config[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
	f->last_cap = (uint8_t)at;
	f->cap_end = (at + 2u + body_size + 3u) & ~3u;
	if (offset)
		*offset = (uint8_t)at;
	return DMASIM_OK;
}

uint16_t dmasim_pci_bdf(const struct dmasim_pci_function *f)
{
	return f->cfg.bdf;
}

bool dmasim_pci_bus_master(const struct dmasim_pci_function *f)
{
	return pci_command(f) & PCI_COMMAND_MASTER;
}

void dmasim_pci_set_intx(struct dmasim_pci_function *f, bool level)
{
	f->intx = level;
	/* PCI 3.0, 6.2.3: Interrupt Status shows the function's request even
	 * while Interrupt Disable keeps it from the wire. */
	if (level)
		f->config[PCI_STATUS] |= PCI_STATUS_INTERRUPT;
	else
		f->config[PCI_STATUS] &= (uint8_t)~PCI_STATUS_INTERRUPT;
	pci_update_intx(f->host);
}
