/* SPDX-License-Identifier: MIT */
/*
 * Replaying a log: the records by stream, the rings that explain them, the
 * driver's runs (replay_log_driver.c) on machines made up or from a tree
 * (replay_log_tree.c, replay_log_plan.c), and the test endpoint for the rest
 * (replay_log_endpoint.c). report_text.c and report_json.c show the result.
 */
#ifndef REPLAY_LOG_INTERNAL_H
#define REPLAY_LOG_INTERNAL_H

#include "explain_internal.h"
#include "replay_internal.h"

#define RL_MAX_RINGS 16u
/** Rings of a whole log at which the driver is run: a hostile log may have
 * any number of streams. */
#define RL_MAX_RUNS       64u
#define RL_MAX_PARTITIONS 4u
/** Records of one run that are kept; a driver's run makes a handful. */
#define RL_MAX_PRODUCED 64u

enum rl_how {
	RL_BY_NOBODY,
	RL_BY_DRIVER,
	RL_BY_ENDPOINT,
};

enum rl_result {
	RL_EQUAL,         /**< all four words */
	RL_EQUAL_KNOWN,   /**< every bit that the log shows */
	RL_EQUAL_DEFINED, /**< every bit that the architecture defines */
	RL_DIFFERENT,
	RL_NO_RECORD,    /**< the access made none */
	RL_NOT_MODELLED, /**< see reason */
	RL_UNKNOWN,      /**< a number that the architecture does not name */
	RL_RESULTS,
};

struct rl_record {
	const struct dmasim_log_record *log;
	enum rl_how how;
	enum rl_result result;
	bool has_produced;
	uint64_t produced[4];
	int ring;        /**< of its stream; -1: none */
	char field[32];  /**< of that ring */
	char setup[128]; /**< what the endpoint's machine looked like */
	char reason[160];
	char history[200]; /**< what the trace lines say; or "" */
};

struct rl_partition {
	unsigned type;
	uint32_t first, sectors;
};

/** One run of the driver. */
struct rl_run {
	bool ran;
	char why_not[200];
	int status;      /**< of the driver's read of sector 0 */
	char error[256]; /**< its words */
	uint64_t ring_pa, ring_dma;
	uint64_t records[RL_MAX_PRODUCED][4];
	size_t record_count;
	char finding[1600]; /**< UNTRANSLATED, or "" */
	bool mbr;
	struct rl_partition partitions[RL_MAX_PARTITIONS];
	size_t partition_count;
};

struct rl_ring {
	/** The first one is taken; the rest are alternatives. */
	struct dmasim_explanation *explanations;
	size_t count;
	unsigned queue_size; /**< that the driver used */
	char disk[160];      /**< "legacy virtio-pci disk at 00:00.0" */
	bool from_tree;
	bool outside_ram; /**< of the tree */
	struct rl_run physical, dma_api;
	size_t in_order; /**< records that the run gave in the log's order */
};

struct rl_stream {
	unsigned smmu;
	uint32_t id;
	size_t *records; /**< indices, in order of the log */
	size_t count;
	struct rl_ring rings[RL_MAX_RINGS];
	size_t ring_count;
};

struct rl_smmu {
	const char *name;
	enum dmasim_smmu_profile profile;
	char why[128];
	int index;      /**< in the tree's machine; -1: no tree */
	bool tree_says; /**< the tree names a profile */
	enum dmasim_smmu_profile tree_profile;
};

/** What the tree of --dtb holds. */
struct rl_tree {
	const void *fdt;
	size_t size;
	struct dmasim_ram_range *ram;
	size_t ram_count;
};

struct rl {
	const struct dmasim_log *log;
	const struct dmasim_replay_options *opt;
	struct dmasim_diag *diag;
	struct rl_tree tree;
	struct rl_record *records;
	size_t count;
	struct rl_smmu *smmus;
	size_t smmu_count;
	struct rl_stream *streams;
	size_t stream_count;
	size_t *indices; /**< where the streams' lists lie */
	size_t runs;     /**< of the driver */
	size_t results[RL_RESULTS];
};

/* ---- replay_log_records.c ---- */

/** Streams in the order of their first record. OK, E_NOMEM. */
int rl_group(struct rl *r);
/** The profile that the records of each SMMU speak of. */
void rl_choose_profiles(struct rl *r);
/** Compare what was produced with the log's record. */
void rl_compare(struct rl_record *rec, const uint64_t produced[4]);
bool rl_agrees(enum rl_result result);
/** Whether the address lies in RAM of the tree. */
bool rl_in_ram(const struct rl *r, uint64_t addr);

/* ---- replay_log_tree.c ---- */

/** Check the tree, and list what of it is needed. OK; E_FORMAT, E_NOTFOUND
 * (an SMMU of the log is not in it) with the diag. */
int rl_tree_open(struct rl *r);
/** A copy of the tree in which a disk has that stream. *@disk is its index.
 * E_NOTFOUND: there is no place for one; free *@fdt with free(). */
int rl_tree_with_disk(const struct rl *r, const struct rl_stream *s,
                      const struct rl_ring *ring, void **fdt, size_t *size,
                      size_t *disk);

/* ---- replay_log_plan.c: a machine made up ---- */

enum rl_device {
	RL_LEGACY_DISK, /**< on virtio-pci */
	RL_MODERN_DISK, /**< on virtio-mmio */
	RL_TESTDEV,
};

struct rl_plan {
	const char *smmu_name;
	enum dmasim_smmu_profile profile;
	unsigned stream_id_bits;
	uint32_t stream_id;
	uint64_t ram_base, ram_size;
	bool high_devices; /**< registers far from where RAM usually is */
	enum rl_device device;
	unsigned queue_size;
};

/** OK, E_NOMEM; free *@fdt with free(). */
int rl_plan_build(const struct rl_plan *p, void **fdt, size_t *size);
/** Whether anything of the plan answers at @addr. */
bool rl_plan_answers(const struct rl_plan *p, uint64_t addr);
/** StreamID bits that the driver needs for @id; 0: more than it can. */
unsigned rl_stream_id_bits(uint32_t id);

/* ---- replay_log_driver.c ---- */

/** Run the driver with its ring at the place, without and with the DMA API,
 * and mark the records that it makes. Errors are those of the host. */
int rl_driver_replay(struct rl *r, struct rl_stream *s, struct rl_ring *ring);

/* ---- replay_log_endpoint.c, replay_log_faults.c ---- */

/** Make each record that is not equal yet by one access of the test endpoint
 * of its stream. */
int rl_endpoint_replay(struct rl *r, unsigned smmu);

/** What a fault needs, and how to take it back. */
#define RL_MAX_POKES 8u

struct rl_case {
	uint64_t addr;
	uint32_t stream_id;
	bool mapped;
	struct {
		uint64_t pa, old;
	} pokes[RL_MAX_POKES];
	unsigned poke_count;
};

struct rl_endpoint {
	struct rl *r;
	struct rl_plan plan;
	struct dmasim_machine *machine;
	struct dmasim_guest *guest;
	struct dmasim_smmu_drv *smmu;
	struct dmasim_testdev *dev;
	uint64_t regs; /**< of the SMMU, mapped */
	uint64_t page; /**< of RAM, for mappings */
	unsigned output_bits;
	bool stage2; /**< IDR0.S2P */
	/** The stream that is attached, and how. */
	bool has_stream, bypass;
	uint32_t stream_id;
};

/** Why this model cannot make such a record; NULL: it can try. */
const char *rl_fault_unsupported(const struct dmasim_log_record *rec);
/** Set the machine up so that the access of @rec faults as it did. OK;
 * E_UNSUPPORTED with the reason in @rec. */
int rl_fault_arm(struct rl_endpoint *ep, struct rl_record *rec,
                 struct rl_case *c);
int rl_fault_disarm(struct rl_endpoint *ep, const struct rl_case *c);
/** Change a word of memory; it is put back by rl_fault_disarm(). */
int rl_poke(struct rl_endpoint *ep, struct rl_case *c, uint64_t pa,
            uint64_t value);
int rl_peek(struct rl_endpoint *ep, uint64_t pa, uint64_t *value);

/* ---- replay_log_maps.c ---- */

/** What the map and unmap lines say about each record's address. OK,
 * E_NOMEM. */
int rl_history(struct rl *r);

/* ---- replay_log_words.c: records in words ---- */

/** "F_TRANSLATION (0x10)". */
const char *rl_event_text(const uint64_t words[4], char *buf, size_t size);
/** "data read of 0x1000, stage 1, class IN, unprivileged". */
void rl_access_text(const struct dmasim_log_record *rec, char *buf,
                    size_t size);
/** Why a fault like this happens, from its fields. */
void rl_cause_text(const struct rl *r, const struct rl_record *rec, char *buf,
                   size_t size);
const char *rl_result_text(enum rl_result result);
const char *rl_layout_name(enum dmasim_layout layout);

/** Consecutive records of one stream that one thing makes. */
enum rl_pattern {
	RL_SINGLE,
	RL_PER_4_BYTES, /**< QEMU: one record per 4 bytes of a refused access */
	RL_REPEATED,
};

/** The run of records of @s that begins at its record @at: how many, and
 * what they are. */
size_t rl_pattern_at(const struct rl *r, const struct rl_stream *s, size_t at,
                     enum rl_pattern *pattern);
/** QEMU 7.2 uses an offset in a ring as an address after a ring fault. */
bool rl_is_qemu_offset(const struct rl *r, const struct rl_stream *s,
                       size_t at);

/* ---- report_text.c, report_json.c ---- */

void rl_report_text(const struct rl *r, dmasim_report_fn *report, void *ctx);
/** NULL: no memory. */
json_t *rl_report_json(const struct rl *r);

#endif
