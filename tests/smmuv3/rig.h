/* SPDX-License-Identifier: MIT */
/*
 * An SMMU over a flat memory: every access that it makes, and every one that
 * comes out, is written down, can be refused, and can be made PENDING.
 */
#ifndef DMASIM_TESTS_RIG_H
#define DMASIM_TESTS_RIG_H

#include "check.h"

#include "dmasim/smmuv3.h"
#include "tables.h"

#define RIG_RAM      0x40000000ull
#define RIG_RAM_SIZE 0x04000000ull
/* A page for MSIs, and the pages that clients access. */
#define RIG_MSI  (RIG_RAM + 0x3000)
#define RIG_DATA (RIG_RAM + 0x02000000ull)
/* Where there is no memory. */
#define RIG_HOLE 0x2000000000ull

#define RIG_LOG 512

/* The interrupt line of the first counter group. */
#define RIG_PMCG 80u

/* An operation of the rig's actor, for the end of a transaction. */
#define RIG_NOBODY 1u

struct rig_access {
	enum dmasim_op op;
	enum dmasim_cause cause;
	uint64_t addr;
	uint32_t size, flags;
	struct dmasim_attr attr;
	char what[32];
};

struct rig_options {
	enum dmasim_smmu_profile profile;
	/* Bits of IDRn to clear and to set. */
	uint32_t idr_clear[7], idr_set[7];
	uint32_t s_idr[7]; /* as they are */
	uint32_t tlb_entries, config_entries;
	uint8_t oas_bits; /* 0: the profile's; of "arch", 48 */
	bool pend;        /* every access waits */
	bool trace;
	bool off;            /* registers as at reset */
	unsigned split;      /* 2-level stream table */
	unsigned log2size;   /* 0: 8 */
	unsigned queue_log2; /* 0: 6 */
	struct dmasim_choice *choice;
	const struct dmasim_smmu_timing *timing;
	/* DMASIM_SMMU_PMCGS of them, or NULL. */
	const struct dmasim_smmu_pmcg_config *pmcg;
};

struct rig_seen {
	uint64_t record[4];
	bool lost, caused;
};

struct rig {
	struct dmasim_kernel *k;
	struct dmasim_irqc *irqc;
	struct dmasim_map *map;
	struct dmasim_checker *checker;
	struct dmasim_smmu *smmu;
	struct dmasim_port regs, client;
	uint32_t regs_flags;
	struct tables t;
	struct tables_streams streams;
	uint64_t cmdq, evtq; /* bases */
	unsigned queue_log2;

	/* The tap. */
	struct dmasim_port mem;
	struct dmasim_port below; /* the map, or what a test puts there */
	uint32_t actor;
	bool pend;
	unsigned pend_causes; /* 1 << cause; 0: all */
	/* Called before each access is done. */
	void (*hook)(struct rig *r, const struct dmasim_txn *txn);
	uint64_t refuse_from, refuse_to;
	unsigned refuse_ops; /* 1 << op; 0: all */
	struct dmasim_txn *waiting[64];
	struct rig_access log[RIG_LOG];
	unsigned logged;

	struct rig_seen seen[64];
	unsigned records;
	char warnings[4096], trace[4096];
	uint8_t buf[8192];
	struct dmasim_txn txn;
};

void rig_open(struct rig *r, const struct rig_options *o);
void rig_close(struct rig *r);
/* Queues, stream table, CR0 as a driver sets them; part of rig_open. */
void rig_enable(struct rig *r);

/* Of the registers: DMASIM_TXN_SECURE or 0, for all that follows. */
void rig_secure(struct rig *r, bool secure);
uint32_t rig_r32(struct rig *r, uint32_t offset);
uint64_t rig_r64(struct rig *r, uint32_t offset);
void rig_w32(struct rig *r, uint32_t offset, uint32_t v);
void rig_w64(struct rig *r, uint32_t offset, uint64_t v);
/* Let everything that is pending happen. */
void rig_settle(struct rig *r);

/* Queue commands and let them run. */
void rig_cmd(struct rig *r, struct tables_cmd c);
/* CFGI_ALL, TLBI_NSNH_ALL, SYNC. */
void rig_flush(struct rig *r);

/* One client access; data in r->buf. */
enum dmasim_result rig_dma(struct rig *r, enum dmasim_op op, uint32_t sid,
                           uint64_t va, uint32_t size);
enum dmasim_result rig_dma_flags(struct rig *r, enum dmasim_op op, uint32_t sid,
                                 uint64_t va, uint32_t flags);
enum dmasim_result rig_dma_ssid(struct rig *r, uint32_t sid, uint32_t ssid,
                                uint64_t va);
/* The physical address that a 4-byte read comes out at; ~0: it does not. */
uint64_t rig_pa(struct rig *r, uint32_t sid, uint64_t va);

/* The oldest record of the event queue, taken out. False: empty. */
bool rig_event(struct rig *r, uint64_t record[4]);
/* The only one there, equal to this. */
void rig_expect(struct rig *r, uint64_t d0, uint64_t d1, uint64_t d2,
                uint64_t d3);
void rig_expect_none(struct rig *r);
/* The last access with @cause; fails the test without one. */
const struct rig_access *rig_last(const struct rig *r, enum dmasim_cause cause);
unsigned rig_count(const struct rig *r, enum dmasim_cause cause);

/* A stream whose low half is @h, all empty; returns its CD. */
uint64_t rig_stream(struct rig *r, uint32_t sid, uint16_t asid,
                    struct tables_half *h);

/* Change bits of a word of an STE. */
void rig_ste_word(struct rig *r, uint32_t sid, unsigned word, uint64_t clear,
                  uint64_t set);

#define RIG_TEST(name, ...)                                                    \
	static void name##_body(struct rig *r);                                \
	static void name(void **state)                                         \
	{                                                                      \
		static struct rig rig;                                         \
		const struct rig_options o = {__VA_ARGS__};                    \
                                                                               \
		(void)state;                                                   \
		rig_open(&rig, &o);                                            \
		name##_body(&rig);                                             \
		rig_close(&rig);                                               \
	}                                                                      \
	static void name##_body(struct rig *r)

/* Options: everything that IDRn can show of registers. */
#define RIG_FULL                                                               \
	.off = true, .idr_clear = {3u << 24},                                  \
	.idr_set = {1u << 0 | 1u << 5 | 1u << 9 | 1u << 10 | 1u << 15 |        \
	                    1u << 16 | 1u << 17 | 1u << 18 | 1u << 20 |        \
	                    1u << 23,                                          \
	            1u << 31, 0, 1u << 19},                                    \
	.s_idr = {                                                             \
	        1u << 31 | 1u << 13,                                           \
	        1u << 31 | 1u << 29 | 16,                                      \
	        1,                                                             \
	}

/* Registers, by offset. */
#define IDR0            0x00
#define IDR1            0x04
#define CR0             0x20
#define CR0ACK          0x24
#define CR1             0x28
#define CR2             0x2c
#define GBPA            0x44
#define IRQ_CTRL        0x50
#define IRQ_CTRLACK     0x54
#define GERROR          0x60
#define GERRORN         0x64
#define GERROR_IRQ_CFG0 0x68
#define GERROR_IRQ_CFG1 0x70
#define GERROR_IRQ_CFG2 0x74
#define STRTAB_BASE     0x80
#define STRTAB_BASE_CFG 0x88
#define CMDQ_BASE       0x90
#define CMDQ_PROD       0x98
#define CMDQ_CONS       0x9c
#define EVENTQ_BASE     0xa0
#define EVENTQ_IRQ_CFG0 0xb0
#define EVENTQ_IRQ_CFG1 0xb8
#define EVENTQ_IRQ_CFG2 0xbc
#define PRIQ_BASE       0xc0
#define PRIQ_IRQ_CFG0   0xd0
#define PRIQ_IRQ_CFG1   0xd8
#define PRIQ_IRQ_CFG2   0xdc
#define EVENTQ_PROD     0x100a8
#define EVENTQ_CONS     0x100ac
#define PRIQ_PROD       0x100c8
#define PRIQ_CONS       0x100cc
/* The Secure register at the same place of page 0. */
#define S(offset) (0x8000 + (offset))
#define S_INIT    0x803c

#define EN_SMMU   1u
#define EN_EVENTQ 4u
#define EN_CMDQ   8u
#define EN_ALL    (EN_SMMU | EN_EVENTQ | EN_CMDQ)

/* Words of records. */
#define EV(type, sid) ((uint64_t)(type) | (uint64_t)(sid) << 32)
#define EV_PNU        (1ull << 33)
#define EV_IND        (1ull << 34)
#define EV_READ       (1ull << 35)
#define EV_TT         (1ull << 40)
#define EV_IN         (2ull << 40)

#endif
