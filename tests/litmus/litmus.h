/* SPDX-License-Identifier: MIT */
/* A litmus test as its file states it (docs/litmus.md describes the format),
 * and the parser. Nothing here knows the simulator. */
#ifndef DMASIM_TESTS_LITMUS_H
#define DMASIM_TESTS_LITMUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LITMUS_AGENTS    6
#define LITMUS_INSNS     16 /* of one agent */
#define LITMUS_LOCATIONS 16
#define LITMUS_REGS      16 /* of one agent */
#define LITMUS_STEPS     8
#define LITMUS_VERDICTS  16
#define LITMUS_TERMS     12
#define LITMUS_NAME      128
#define LITMUS_TEXT      1024

enum litmus_type {
	LITMUS_WB,
	LITMUS_WT,
	LITMUS_NC,
	LITMUS_GRE,
	LITMUS_NGRE,
	LITMUS_NGNRE,
	LITMUS_NGNRNE,
};

enum litmus_share { LITMUS_NSH, LITMUS_ISH, LITMUS_OSH, LITMUS_SY };

struct litmus_attr {
	enum litmus_type type;
	enum litmus_share share;
};

enum litmus_agent_kind {
	LITMUS_CPU,
	/** A CPU under stage 2: DC IVAC acts as DC CIVAC. */
	LITMUS_GUEST,
	LITMUS_COHERENT,
	/** Coherent, but of another inner shareable domain than the CPUs. */
	LITMUS_OUTER,
	LITMUS_NONCOHERENT,
	LITMUS_HOST,
	/** On a coherent port, with the PCIe attribute No_snoop. */
	LITMUS_NOSNOOP,
	/** An SMMU's reads of tables and STEs. */
	LITMUS_WALKER,
	LITMUS_WALKER_COHERENT,
};

enum litmus_op {
	LITMUS_LOAD,
	LITMUS_STORE,
	LITMUS_SWP,
	LITMUS_ADD,
	LITMUS_SET,
	LITMUS_CLR,
	LITMUS_EOR,
	LITMUS_CAS,
	LITMUS_DMB,
	LITMUS_DSB,
	LITMUS_ISB,
	LITMUS_DC,
	/** Zeros for the whole line. */
	LITMUS_ZVA,
	/** A store to a register of the device `agent`. */
	LITMUS_BELL,
	/** A device waits for its doorbell. */
	LITMUS_WAIT_BELL,
	/** A device interrupts the CPU `agent`. */
	LITMUS_RAISE,
	/** A CPU waits for its interrupt. */
	LITMUS_WAIT_IRQ,
	/** What the driver does with the DMA API, for the hazard checker: the
	 * buffer is for the device `agent`. */
	LITMUS_MAP,
	LITMUS_SYNC,
	LITMUS_UNMAP,
};

enum litmus_direction {
	LITMUS_TO,
	LITMUS_FROM,
	LITMUS_BOTH,
	/** Allocated for both sides: nobody owns it. */
	LITMUS_SHARED,
};

static inline bool litmus_is_note(enum litmus_op op)
{
	return op >= LITMUS_MAP;
}

static inline bool litmus_is_rmw(enum litmus_op op)
{
	return op >= LITMUS_SWP && op <= LITMUS_CAS;
}

enum litmus_half { LITMUS_LD, LITMUS_ST, LITMUS_FULL };
enum litmus_dc {
	LITMUS_CVAC,
	LITMUS_CVAU,
	LITMUS_CVAP,
	LITMUS_CIVAC,
	LITMUS_IVAC
};

struct litmus_insn {
	enum litmus_op op;
	int line; /**< of the file */
	bool exclusive, acquire, acquire_pc, release;
	enum litmus_half half;
	enum litmus_share domain;
	enum litmus_dc dc;
	enum litmus_direction direction;
	/** SYNC: the device's turn, not the CPU's. */
	bool device_turn;
	/** A walker's fetch of an STE, not of a table entry. */
	bool configuration;
	/** By a physical address, although an IOMMU translates. */
	bool physical;
	int location; /**< -1: none */
	int agent;    /**< whose doorbell, interrupt or buffer */
	struct litmus_attr attr;
	/** Index of the register that gets the value (STXR: the status); -1. */
	int reg;
	uint64_t value;
	/** Added to value; -1: none. */
	int value_reg;
	uint64_t compare;
	/** Masks of registers. `control` are branches right before it. */
	uint32_t address_dep, data_dep, control_dep;
	/** A device makes the access only if none of these registers is 0. */
	uint32_t condition;
};

struct litmus_reg {
	char name[16];
	int insn;
	/** The status of a store exclusive: nothing may depend on it. */
	bool status;
};

struct litmus_agent {
	char name[16];
	enum litmus_agent_kind kind;
	struct litmus_attr attr;
	/** Behind an IOMMU, which maps what the driver maps. */
	bool iommu;
	/** Shares a bell or an interrupt as locations of their own; -1. */
	int bell, irq;
	int insn_count, reg_count;
	struct litmus_insn insn[LITMUS_INSNS];
	struct litmus_reg reg[LITMUS_REGS];
};

struct litmus_location {
	char name[16];
	uint64_t init;
	/** Which line it lies in, and where in it, in units of 8 bytes. */
	int line, slot;
	/** A doorbell or an interrupt, not memory. */
	bool signal;
	/** Its last value is part of an outcome. */
	bool final;
	/** A hint that may be read at any time, and old. */
	bool racy;
	/** Whoever stores to this location and then loads that one needs a full
	 * barrier between: its number + 1; 0. */
	int dekker;
};

enum litmus_step_kind { LITMUS_EVICT, LITMUS_PREFETCH, LITMUS_CLEAN };

/** What the environment may do, at any time, at most once. */
struct litmus_step {
	enum litmus_step_kind kind;
	int location;
	/** The agent whose cache it is; -1: the shared cache. */
	int agent;
	struct litmus_attr attr;
	int line;
};

/** One register or location and the value it must have. */
struct litmus_term {
	int agent; /**< -1: a location */
	int index;
	uint64_t value;
};

enum litmus_verdict_kind { LITMUS_MUST, LITMUS_NEVER };

struct litmus_verdict {
	enum litmus_verdict_kind kind;
	int line;
	int term_count;
	struct litmus_term term[LITMUS_TERMS];
};

struct litmus_finding {
	char kind[32];
	/** The instruction that the report must name; -1: not stated. */
	int agent, insn;
	/** A word of the remedy; empty: not stated. */
	char remedy[32];
};

struct litmus {
	char name[LITMUS_NAME];
	char file[128];
	char shows[LITMUS_TEXT];
	int agent_count, location_count, line_count, step_count;
	int verdict_count, finding_count;
	struct litmus_agent agent[LITMUS_AGENTS];
	struct litmus_location location[LITMUS_LOCATIONS];
	struct litmus_step step[LITMUS_STEPS];
	struct litmus_verdict verdict[LITMUS_VERDICTS];
	struct litmus_finding finding[4];
	/** `finding none` or at least one `finding KIND`. */
	bool finding_stated;
	/** A hazard of this kind is there, and known not to be found; empty. */
	char missed[32];
	/** Names of choice points that are enumerated, besides the schedule;
	 * separated by blanks. */
	char choices[128];
	/** Most runs; 0: all schedules. */
	uint64_t bound;
	/** One line for each cache: everything is evicted all the time. */
	bool tiny;
	/** Its verdicts hold only while the hardware does no more by itself
	 * than the steps say. */
	bool quiet;
};

/** @text is a whole file, @file its name for messages. False: @err says where
 * and why, as "FILE:LINE: REASON". */
bool litmus_parse(const char *file, const char *text, struct litmus *t,
                  char *err, size_t size);

/** Has the instruction a read half, a write half, of memory or a signal? */
bool litmus_reads(const struct litmus_insn *in);
bool litmus_writes(const struct litmus_insn *in);
static inline bool litmus_is_cpu(const struct litmus_agent *a)
{
	return a->kind == LITMUS_CPU || a->kind == LITMUS_GUEST;
}
static inline bool litmus_attr_equal(const struct litmus_attr *a,
                                     const struct litmus_attr *b)
{
	return a->type == b->type && a->share == b->share;
}

#endif
