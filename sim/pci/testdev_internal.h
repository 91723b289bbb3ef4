/* SPDX-License-Identifier: MIT */
#ifndef DMASIM_TESTDEV_INTERNAL_H
#define DMASIM_TESTDEV_INTERNAL_H

#include "dmasim/pci.h"

#define TESTDEV_VENDOR   0x1b36u
#define TESTDEV_DEVICE   0x0005u
#define TESTDEV_CLASS    0xff0000u
#define TESTDEV_BAR_SIZE 0x2000u
#define TESTDEV_DATA     0x1000u
#define TESTDEV_PATTERN  0x12345678u
#define TESTDEV_WINDOW   4096u
#define TESTDEV_MAX      65536u

/* name, offset, access, writable bits, reset */
#define TESTDEV_REGISTERS(X)                                                   \
	X(TRIGGER, 0x00, RO, 0, 0)                                             \
	X(IOVA_LOW, 0x04, RW, UINT32_MAX, 0)                                   \
	X(IOVA_HIGH, 0x08, RW, UINT32_MAX, 0)                                  \
	X(LENGTH, 0x0c, RW, UINT32_MAX, 0)                                     \
	X(RESULT, 0x10, RO, 0, TESTDEV_IDLE)                                   \
	X(DOORBELL, 0x14, RW, 1, 0)                                            \
	X(ATTRS, 0x18, RW, UINT32_MAX, 0)                                      \
	X(PHYS_LOW, 0x1c, RW, UINT32_MAX, 0)                                   \
	X(PHYS_HIGH, 0x20, RW, UINT32_MAX, 0)                                  \
	X(OP, 0x40, RW, UINT32_MAX, 0)                                         \
	X(FLAGS, 0x44, RW, 0x3f, 0)                                            \
	X(STREAM_ID, 0x48, RW, UINT32_MAX, 0)                                  \
	X(SUBSTREAM_ID, 0x4c, RW, 0xfffff, 0)                                  \
	X(ATTRIBUTE, 0x50, RW, 0x3ff, 0)                                       \
	X(BUS_RESULT, 0x54, RO, 0, 0)                                          \
	X(LATENCY_LOW, 0x58, RO, 0, 0)                                         \
	X(LATENCY_HIGH, 0x5c, RO, 0, 0)

enum testdev_register {
#define X(name, offset, access, writable, reset) TESTDEV_##name = (offset),
	TESTDEV_REGISTERS(X)
#undef X
	        TESTDEV_REGS_END = 0x60,
};

#define TESTDEV_ATTRS_SECURE  0x01u
#define TESTDEV_FLAG_PRIV     0x01u
#define TESTDEV_FLAG_INSTR    0x02u
#define TESTDEV_FLAG_NO_SNOOP 0x04u
#define TESTDEV_FLAG_SSV      0x08u
#define TESTDEV_FLAG_STREAM   0x10u
#define TESTDEV_FLAG_ATTR     0x20u

#define TESTDEV_OP_PATTERN 0u
#define TESTDEV_OP_READ    1u
#define TESTDEV_OP_WRITE   2u
#define TESTDEV_OP_ATOMIC  3u

#define TESTDEV_DONE          0u
#define TESTDEV_IDLE          0xffffffffu
#define TESTDEV_ARMED         0xfffffffeu
#define TESTDEV_BAD_LENGTH    0xdead0001u
#define TESTDEV_WRITE_REFUSED 0xdead0002u
#define TESTDEV_READ_REFUSED  0xdead0003u
#define TESTDEV_BACK_REFUSED  0xdead0004u
#define TESTDEV_DIFFERS       0xdead0005u
#define TESTDEV_NOT_ARMED     0xdead0006u
#define TESTDEV_BAD_OP        0xdead0007u
#define TESTDEV_NO_MASTER     0xdead0008u

struct dmasim_testdev {
	struct dmasim_testdev_config cfg;
	struct dmasim_pci_function *function;
	uint32_t actor;
	uint32_t regs[TESTDEV_REGS_END / 4];
	uint8_t data[TESTDEV_WINDOW];
	/** The access that the registers started. */
	struct dmasim_txn txn;
	bool busy;
	bool pattern; /**< it is OP 0: a read-back follows */
	uint8_t buffer[TESTDEV_MAX];
};

uint32_t *testdev_reg(struct dmasim_testdev *t, enum testdev_register r);
void testdev_reset(struct dmasim_testdev *t);
/** Run the armed access; returns the time it took so far. */
uint64_t testdev_trigger(struct dmasim_testdev *t);
enum dmasim_result testdev_bar_access(void *obj, unsigned index,
                                      struct dmasim_txn *txn);

#endif
