/* SPDX-License-Identifier: MIT */
#ifndef DMASIM_TESTDEV_INTERNAL_H
#define DMASIM_TESTDEV_INTERNAL_H

#include "dmasim/ats.h"
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
	X(FLAGS, 0x44, RW, 0xff, 0)                                            \
	X(STREAM_ID, 0x48, RW, UINT32_MAX, 0)                                  \
	X(SUBSTREAM_ID, 0x4c, RW, 0xfffff, 0)                                  \
	X(ATTRIBUTE, 0x50, RW, 0x3ff, 0)                                       \
	X(BUS_RESULT, 0x54, RO, 0, 0)                                          \
	X(LATENCY_LOW, 0x58, RO, 0, 0)                                         \
	X(LATENCY_HIGH, 0x5c, RO, 0, 0)                                        \
	X(ATC_STATUS, 0x60, RO, 0, 0)                                          \
	X(ATC_CTRL, 0x64, RW, TESTDEV_CTRL_BITS, 0)                            \
	X(ATC_ENTRY_LOW, 0x68, RO, 0, 0)                                       \
	X(ATC_ENTRY_HIGH, 0x6c, RO, 0, 0)                                      \
	X(ATC_COUNT, 0x70, RO, 0, 0)                                           \
	X(ATC_INVALIDATED, 0x74, RO, 0, 0)                                     \
	X(PAGE_REQUESTS, 0x78, RO, 0, 0)                                       \
	X(PAGE_RESPONSE, 0x7c, RO, 0, 0)

enum testdev_register {
#define X(name, offset, access, writable, reset) TESTDEV_##name = (offset),
	TESTDEV_REGISTERS(X)
#undef X
	        TESTDEV_REGS_END = 0x80,
};

#define TESTDEV_ATTRS_SECURE  0x01u
#define TESTDEV_FLAG_PRIV     0x01u
#define TESTDEV_FLAG_INSTR    0x02u
#define TESTDEV_FLAG_NO_SNOOP 0x04u
#define TESTDEV_FLAG_SSV      0x08u
#define TESTDEV_FLAG_STREAM   0x10u
#define TESTDEV_FLAG_ATTR     0x20u
#define TESTDEV_FLAG_ATS      0x40u
#define TESTDEV_FLAG_PRI      0x80u

#define TESTDEV_CTRL_HOLD 0x01u
#define TESTDEV_CTRL_FAIL 0x02u
#define TESTDEV_CTRL_BITS 0x03u

/** ATC_STATUS: how the last translation was had, or why not. */
enum testdev_atc_status {
	TESTDEV_ATC_NONE,
	TESTDEV_ATC_HIT,
	TESTDEV_ATC_GRANTED,
	TESTDEV_ATC_DENIED,
	TESTDEV_ATC_UNSUPPORTED,
	TESTDEV_ATC_ABORTED,
	TESTDEV_ATC_PAGE_FAILED,
};

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

/** What a completion means: the operation of the actor. */
enum testdev_phase {
	TESTDEV_ACCESS,
	TESTDEV_READBACK,
	TESTDEV_TRANSLATE, /**< a translation request ended */
	TESTDEV_PIECE,     /**< so did a translated access */
	TESTDEV_PAGED,     /**< a page request was answered */
};

#define TESTDEV_ATC_SIZE 8u
/** Invalidations that may wait at once. */
#define TESTDEV_INVALIDATIONS 64u

/** A cached translation. entry 0: free. */
struct testdev_atc_line {
	uint64_t entry;       /**< as dmasim/ats.h has it */
	uint64_t first, last; /**< untranslated */
	uint32_t stream_id, pasid;
	bool pasid_valid, priv;
};

struct testdev_atc {
	struct testdev_atc_line line[TESTDEV_ATC_SIZE];
	unsigned next; /**< the one to replace */
	struct dmasim_ats_host host;

	/** The access under way: bytes done, the part on its way. */
	uint32_t done;
	struct dmasim_txn part;
	uint8_t answer[8];
	bool in_flight;   /**< part is a translated access */
	bool translating; /**< part is a translation request */
	bool discard;     /**< its answer is out of date */
	bool asked;       /**< translated already; not enough */
	bool paged;       /**< a page request was answered Success */
	bool paging;
	uint16_t group;

	struct dmasim_call pending[TESTDEV_INVALIDATIONS];
	unsigned pendings;
};

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
	struct testdev_atc atc;
};

/* testdev.c */
/** t->txn is complete. */
void testdev_access_done(struct dmasim_testdev *t);

/* testdev_atc.c */
/** Go on with the access in t->txn through the ATC; returns when it waits or
 * is complete. */
void testdev_atc_run(struct dmasim_testdev *t);
void testdev_atc_start(struct dmasim_testdev *t);
void testdev_atc_step(struct dmasim_testdev *t, enum testdev_phase phase);
void testdev_atc_save(const struct dmasim_testdev *t, struct dmasim_writer *w);
void testdev_atc_restore(struct testdev_atc *atc, struct dmasim_reader *r);
/** ATC_CTRL was written. */
void testdev_atc_control(struct dmasim_testdev *t);

uint32_t *testdev_reg(struct dmasim_testdev *t, enum testdev_register r);
void testdev_reset(struct dmasim_testdev *t);
/** Run the armed access; returns the time it took so far. */
uint64_t testdev_trigger(struct dmasim_testdev *t);
enum dmasim_result testdev_bar_access(void *obj, unsigned index,
                                      struct dmasim_txn *txn);

#endif
