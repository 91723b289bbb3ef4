/* SPDX-License-Identifier: MIT */
/*
 * Replaying a recording: a machine per snapshot and profile, the driver's
 * side of its SMMU, the test endpoint's accesses, and the comparison.
 */
#ifndef DMASIM_SNAPSHOT_INTERNAL_H
#define DMASIM_SNAPSHOT_INTERNAL_H

#include <jansson.h>

#include "dmasim/cpu.h"
#include "dmasim/pci.h"
#include "dmasim/replay.h"

#include "recording_internal.h"

/* ---- the machine ---- */

/** Sees what leaves the SMMU on its way to memory. */
struct snap_tap {
	struct dmasim_port down;
	size_t count; /**< transactions since it was cleared */
	uint64_t pa;  /**< of the first */
};

struct snap_queue {
	uint64_t base;
	unsigned log2;
	uint32_t index; /**< PROD of commands, CONS of events; with wrap bit */
};

#define SNAP_IDS 6u
/** IDR0 to IDR6. */
#define SNAP_ALL_IDS 7u

struct snap_machine {
	const struct recording *recording;
	const struct rec_snapshot *snapshot;
	enum dmasim_smmu_profile profile;
	struct dmasim_kernel *kernel;
	struct dmasim_choice *choice; /**< NULL: defaults */
	struct dmasim_map *map;
	struct dmasim_memsys *memsys;
	struct dmasim_cpu *cpu;
	struct dmasim_smmu *smmu;
	struct dmasim_port client;
	/** The endpoint's configuration space is on a bus of its own: the
	 * recording's RAM may take any address. */
	struct dmasim_map *bus;
	struct dmasim_pci_host *host;
	struct dmasim_testdev *endpoint;
	struct snap_tap tap;
	bool coherent; /**< the SMMU's own accesses snoop */
	bool commands; /**< CR0.CMDQEN of the recording */
	struct snap_queue cmdq, evtq;
	uint64_t *readback; /**< per register of the snapshot */
	/** IDR0 .. IDR5 as the profile has them. */
	uint32_t profile_id[SNAP_IDS];
};

struct snap_setup {
	const struct recording *recording;
	const struct rec_snapshot *snapshot;
	enum dmasim_smmu_profile profile;
	const struct dmasim_replay_options *opt;
};

/** Build it, load its pages and program its SMMU. */
int snap_machine_create(const struct snap_setup *setup,
                        struct snap_machine **out, struct dmasim_diag *diag);
void snap_machine_destroy(struct snap_machine *m);

/* The driver's accesses. Errors as dmasim_cpu_read(). */
int snap_load(struct snap_machine *m, uint64_t pa, uint64_t *value);
int snap_store(struct snap_machine *m, uint64_t pa, uint64_t value);
int snap_reg_read(struct snap_machine *m, uint32_t offset, unsigned size,
                  uint64_t *value);
int snap_reg_write(struct snap_machine *m, uint32_t offset, unsigned size,
                   uint64_t value);
/** Read @offset until (value & @mask) == @value. E_TIMEOUT. */
int snap_reg_poll(struct snap_machine *m, uint32_t offset, uint32_t mask,
                  uint32_t value);
int snap_program(struct snap_machine *m, struct dmasim_diag *diag);
/** Send one command and wait until it is consumed. *@error is CMDQ_CONS.ERR
 * if the SMMU stopped at it (the error is acknowledged), else 0. */
int snap_command(struct snap_machine *m, const uint64_t cmd[2],
                 unsigned *error);

#define SNAP_RECORDS 8u

struct snap_seen {
	enum dmasim_result result;
	bool passed; /**< something left the SMMU */
	uint64_t pa; /**< where to */
	bool wrong_data;
	size_t records; /**< may be more than are kept */
	uint64_t record[SNAP_RECORDS][4];
};

struct snap_access {
	uint32_t sid;
	bool write;
	uint64_t iova;
	uint32_t size;
	uint64_t pa; /**< where a write will land: it gets the bytes that are
	              * there; UINT64_MAX: not known */
};

/** What is new in the event queue: read, and handed back. */
int snap_events(struct snap_machine *m, struct snap_seen *seen);
/** One access of the test endpoint, and the records that it made. */
int snap_do_access(struct snap_machine *m, const struct snap_access *a,
                   struct snap_seen *seen);

/* ---- the tables, as their owner reads them ---- */

struct snap_stream {
	bool has_ste, has_cd;
	bool beyond_span; /**< L1STD.Span does not reach the StreamID */
	bool s1, s2;      /**< stages that STE.Config switches on */
	uint16_t vmid;    /**< 0 without IDR0.S2P */
	uint64_t ste[8], cd[8];
};

int snap_stream_read(struct snap_machine *m, uint32_t sid,
                     struct snap_stream *st);
/** What invalidations of its translations name. */
struct snap_tag {
	uint16_t asid, vmid;
	bool s2;
};

struct snap_tag snap_stream_tag(const struct snap_stream *st);
/** Of the stage that sees the device's address: 12, 14 or 16; 0: none, or a
 * reserved value. */
unsigned snap_stream_granule(const struct snap_stream *st);

struct snap_walk {
	bool leaf;             /**< a page or block descriptor was reached */
	uint64_t descriptor;   /**< the last one read */
	uint64_t out;          /**< what the leaf makes of the address */
	bool bad_block;        /**< a block at a level that has none */
	bool leaf_beyond_oas;  /**< the leaf's address */
	bool table_beyond_oas; /**< an address in a table descriptor */
	bool ap_table0;        /**< APTable[0]: no unprivileged access */
	bool ap_table1;        /**< APTable[1]: read-only */
};

/** The output address size that IDR5.OAS and CD.IPS, or STE.S2PS for @stage
 * 2, allow. */
unsigned snap_output_bits(const struct snap_machine *m,
                          const struct snap_stream *st, unsigned stage);
/** A walk of our own for one address of a device, for the reasons of
 * differences: stage 1 through stage 2 if there are both. */
int snap_walk(struct snap_machine *m, const struct snap_stream *st,
              uint64_t iova, struct snap_walk *w);
/** The same in stage 1 alone: an IPA where there is stage 2. */
int snap_walk_stage1(struct snap_machine *m, const struct snap_stream *st,
                     uint64_t iova, struct snap_walk *w);
/** The same for an IPA, in stage 2 alone. */
int snap_walk_ipa(struct snap_machine *m, const struct snap_stream *st,
                  uint64_t ipa, struct snap_walk *w);

/** CFGI and TLBI as a driver sends after it changed the words of @row, whose
 * stream had @tag. *@error: CMDQ_CONS.ERR, or 0. */
int snap_invalidate(struct snap_machine *m, const struct rec_row *row,
                    struct snap_tag tag, unsigned *error);
/** Let the SMMU forget what stage 2 of a VMID translated. */
int snap_forget(struct snap_machine *m, struct snap_tag tag, unsigned *error);

/* ---- comparison ---- */

/** What an access did in the recording. */
struct snap_expect {
	enum rec_outcome outcome;
	bool any_record; /**< any of the list, not the first */
	bool must_pass;
	uint64_t pa;
	size_t records;
	const uint64_t (*record)[4];
};

enum snap_verdict {
	SNAP_AGREE,
	SNAP_NAMED, /**< a difference that the profiles explain */
	SNAP_DIFFER,
	SNAP_SKIP,
};

struct snap_result {
	enum snap_verdict verdict;
	const char *reason; /**< SKIP, or the rule of NAMED */
	char text[320];     /**< DIFFER: what differs */
};

/** Compare, and name a difference if @m runs another profile than the one
 * recorded. */
int snap_compare(struct snap_machine *m, enum dmasim_smmu_profile recorded,
                 const struct snap_access *a, const struct snap_expect *e,
                 const struct snap_seen *seen, struct snap_result *result);
/** Make the access and compare. What QEMU 10 tells of a stage 2 fault depends
 * on its TLB, whose state at that time is not recorded: any that fits will do.
 */
int snap_check(struct snap_machine *m, enum dmasim_smmu_profile recorded,
               const struct snap_access *a, const struct snap_expect *e,
               struct snap_seen *seen, struct snap_result *result);
/** Is @record the one recorded? Bits that the architecture leaves undefined
 * count only if @exact. */
bool snap_same_record(const uint64_t recorded[4], const uint64_t record[4],
                      bool exact);

/** Both sides of a difference that needs a reason. */
struct snap_difference {
	const struct snap_access *access;
	const struct snap_expect *expect;
	const struct snap_seen *seen;
	enum dmasim_smmu_profile recorded;
};

/** The rule that explains the difference, or NULL in *@rule. */
int snap_name_difference(struct snap_machine *m,
                         const struct snap_difference *d, const char **rule);
/** A translation fault of an access; @ipa counts where stage 2 refuses. */
struct snap_fault {
	unsigned type;
	bool s2;
	uint64_t ipa;
};

/** The record that @profile makes of it. */
void snap_fault_record(enum dmasim_smmu_profile profile,
                       const struct snap_fault *fault,
                       const struct snap_access *a, uint64_t record[4]);
/** The size of an access that the recording does not give: 4 bytes, or less
 * where 4 would not be aligned. */
uint32_t snap_natural_size(uint64_t iova);

/* ---- reports ---- */

#define SNAP_REASONS 24u
#define SNAP_SHOWN   5u

struct snap_count {
	const char *text; /**< a constant */
	size_t rows;
	char tests[200]; /**< the first ones */
};

/** Records beyond the one that a row is about. */
struct snap_extras {
	size_t repeated, per_word, offsets, others, unproduced;
};

struct snap_tally {
	const char *name;
	size_t rows, agree, differ, skipped;
	struct snap_count skip[SNAP_REASONS];
	struct snap_count named[SNAP_REASONS];
	char shown[SNAP_SHOWN][400];
	size_t records; /**< listed */
	struct snap_extras extras;
	size_t elsewhere; /**< agree with another snapshot than expected */
};

/** A replay that is under way. */
struct snap_run {
	const struct recording *recording;
	const struct dmasim_replay_options *opt;
	dmasim_report_fn *report;
	void *report_ctx;
	json_t *json;                      /**< array of lists */
	enum dmasim_smmu_profile recorded; /**< whose records these are */
	enum dmasim_smmu_profile profile;  /**< of the pass */
	bool second_pass; /**< as the architecture, after the first */
	bool differs;
	struct dmasim_diag *diag;
};

void snap_say(struct snap_run *run, const char *fmt, ...) DMASIM_PRINTF(2, 3);
void snap_tally_add(struct snap_tally *t, const struct rec_row *row,
                    const struct snap_result *result);
/** Every row for the same reason. */
void snap_tally_skip_all(struct snap_tally *t, size_t rows, const char *reason);
/** Print the tally and add it to the JSON. OK, E_NOMEM. */
int snap_tally_end(struct snap_run *run, const struct snap_tally *t);
/** "F_TRANSLATION 0x...", for messages. */
void snap_record_text(const uint64_t record[4], char *buf, size_t size);

/* ---- lists ---- */

/** One row of each kind of list; @result is AGREE when called. */
int snap_row_translation(struct snap_run *run, struct snap_machine *m,
                         const struct rec_row *row, bool poked,
                         struct snap_result *result);
int snap_row_mapping(struct snap_run *run, struct snap_machine *m,
                     const struct rec_row *row, struct snap_result *result);
/** Change the words of a row and invalidate; @result says if it could not. */
int snap_poke(struct snap_machine *m, const struct rec_row *row,
              struct snap_tag *tag, struct snap_result *result);
int snap_unpoke(struct snap_machine *m, const struct rec_row *row,
                struct snap_tag tag, struct snap_result *result);
int snap_row_poke(struct snap_run *run, struct snap_machine *m,
                  const struct rec_row *row, struct snap_result *result);
int snap_row_driver(struct snap_run *run, struct snap_machine *m,
                    const struct rec_row *row, struct snap_tally *t,
                    struct snap_result *result);
int snap_row_fault(struct snap_run *run, struct snap_machine *m,
                   const struct rec_row *row, struct snap_tally *t,
                   struct snap_result *result);
/** regs.txt, cmdq.txt and eventq.txt of a snapshot. */
int snap_check_regs(struct snap_run *run, struct snap_machine *m);
int snap_check_queues(struct snap_run *run, struct snap_machine *m);

#endif
