/* SPDX-License-Identifier: MIT */
/* A function for tests, whose BARs are memory of their own. */
#ifndef DMASIM_TESTS_PCI_TOY_H
#define DMASIM_TESTS_PCI_TOY_H

#include "pci_bench.h"

#define CMD    0x04u
#define STATUS 0x06u
#define BAR(n) (0x10u + 4u * (n))

struct toy {
	unsigned index;
	uint64_t offset;
	uint8_t bytes[6][64];
};

static inline enum dmasim_result toy_access(void *obj, unsigned index,
                                            struct dmasim_txn *txn)
{
	struct toy *t = obj;

	t->index = index;
	t->offset = txn->offset;
	if (txn->offset + txn->size > sizeof(t->bytes[0]))
		return DMASIM_TXN_SLAVE;
	if (txn->op == DMASIM_READ)
		memcpy(txn->data, &t->bytes[index][txn->offset], txn->size);
	else
		memcpy(&t->bytes[index][txn->offset], txn->data, txn->size);
	return DMASIM_TXN_OK;
}

static inline struct dmasim_pci_function_config toy_config(struct toy *t,
                                                           uint16_t bdf)
{
	return (struct dmasim_pci_function_config){
	        .bdf = bdf,
	        .vendor = 0x1af4,
	        .device = 0x1001,
	        .subsystem_vendor = 0x1af4,
	        .subsystem = 2,
	        .class_code = 0x010000,
	        .revision = 7,
	        .interrupt_pin = 1,
	        .bars = {{DMASIM_BAR_IO, 128},
	                 {DMASIM_BAR_MEM32, 4096},
	                 {DMASIM_BAR_MEM64, 0x4000}},
	        .bar_access = toy_access,
	        .obj = t,
	};
}

static inline struct dmasim_pci_function *add(struct bench *b, struct toy *t,
                                              uint16_t bdf)
{
	struct dmasim_pci_function_config c = toy_config(t, bdf);
	struct dmasim_pci_function *f = NULL;

	assert_int_equal(dmasim_pci_add(b->host, &c, &f), DMASIM_OK);
	assert_int_equal(dmasim_pci_bdf(f), bdf);
	return f;
}

static inline bool wire(struct bench *b, uint32_t n)
{
	return dmasim_irq_level((struct dmasim_irq){b->ic, 3 + n});
}

#endif
