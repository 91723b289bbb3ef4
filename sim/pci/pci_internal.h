/* SPDX-License-Identifier: MIT */
#ifndef DMASIM_PCI_INTERNAL_H
#define DMASIM_PCI_INTERNAL_H

#include "dmasim/pci.h"

#define PCI_BARS        6u
#define PCI_WIRES       4u
#define PCI_CONFIG_SIZE 256u
#define PCI_ECAM_BUS    (1ull << 20)

/* Type 0 header (PCI Local Bus 3.0, 6.1): name, offset, size, writable bits.
 * The base address registers are made per function. */
#define PCI_REGISTERS(X)                                                       \
	X(VENDOR_ID, 0x00, 2, 0)                                               \
	X(DEVICE_ID, 0x02, 2, 0)                                               \
	X(COMMAND, 0x04, 2, 0x0547)                                            \
	X(STATUS, 0x06, 2, 0)                                                  \
	X(REVISION, 0x08, 1, 0)                                                \
	X(CLASS, 0x09, 3, 0)                                                   \
	X(CACHE_LINE, 0x0c, 1, 0xff)                                           \
	X(LATENCY_TIMER, 0x0d, 1, 0)                                           \
	X(HEADER_TYPE, 0x0e, 1, 0)                                             \
	X(BIST, 0x0f, 1, 0)                                                    \
	X(CARDBUS_CIS, 0x28, 4, 0)                                             \
	X(SUBSYS_VENDOR, 0x2c, 2, 0)                                           \
	X(SUBSYSTEM, 0x2e, 2, 0)                                               \
	X(ROM, 0x30, 4, 0)                                                     \
	X(CAP_POINTER, 0x34, 1, 0)                                             \
	X(INTERRUPT_LINE, 0x3c, 1, 0xff)                                       \
	X(INTERRUPT_PIN, 0x3d, 1, 0)                                           \
	X(MIN_GNT, 0x3e, 1, 0)                                                 \
	X(MAX_LAT, 0x3f, 1, 0)

enum pci_register {
#define X(name, offset, size, writable) PCI_##name = (offset),
	PCI_REGISTERS(X)
#undef X
	        PCI_BAR0 = 0x10,
	PCI_CAPABILITIES = 0x40,
};

#define PCI_COMMAND_IO           0x0001u
#define PCI_COMMAND_MEMORY       0x0002u
#define PCI_COMMAND_MASTER       0x0004u
#define PCI_COMMAND_INTX_DISABLE 0x0400u
#define PCI_STATUS_INTERRUPT     0x08u
#define PCI_STATUS_CAP_LIST      0x10u
#define PCI_HEADER_MULTIFUNCTION 0x80u
#define PCI_BAR_IO               0x1u
#define PCI_BAR_64BIT            0x4u
#define PCI_BAR_IO_FLAGS         0x3u
#define PCI_BAR_MEMORY_FLAGS     0xfu

struct pci_bar {
	struct dmasim_pci_function *function;
	unsigned index;
	enum dmasim_bar_kind kind;
	uint32_t size;
	/** Where it is in the address map now. */
	bool mapped;
	uint64_t base;
	/** Where command register and base address say it should be. */
	bool wanted;
	uint64_t wanted_base;
};

struct dmasim_pci_function {
	struct dmasim_pci_host *host;
	struct dmasim_pci_function_config cfg;
	uint8_t config[PCI_CONFIG_SIZE];
	uint8_t writable[PCI_CONFIG_SIZE];
	struct pci_bar bars[PCI_BARS];
	bool intx;
	uint8_t last_cap; /**< offset of the last capability; 0: none */
	unsigned cap_end; /**< first free byte for capabilities */
};

struct dmasim_pci_host {
	struct dmasim_pci_host_config cfg;
	char *name;
	/** Ordered by bus, device, function. */
	struct dmasim_pci_function **functions;
	size_t count;
};

struct dmasim_pci_function *pci_find(const struct dmasim_pci_host *h,
                                     uint16_t bdf);
void pci_function_init(struct dmasim_pci_function *f);
uint16_t pci_command(const struct dmasim_pci_function *f);
uint64_t pci_bar_address(const struct dmasim_pci_function *f, unsigned index);
/** Bring the address map to what all functions' registers say. */
void pci_remap(struct dmasim_pci_host *h);
/** Drive the wires of the host from all functions' pins. */
void pci_update_intx(struct dmasim_pci_host *h);
void pci_config_read(const struct dmasim_pci_function *f, unsigned offset,
                     uint8_t *data, unsigned size);
void pci_config_write(struct dmasim_pci_function *f, unsigned offset,
                      const uint8_t *data, unsigned size);

#endif
