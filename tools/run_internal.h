/* SPDX-License-Identifier: MIT */
/* dmasim run: a machine, a driver, a workload, a report. */
#ifndef DMASIM_TOOL_RUN_INTERNAL_H
#define DMASIM_TOOL_RUN_INTERNAL_H

#include "dmasim/driver.h"
#include "dmasim/schedule.h"
#include "dmasim/view.h"
#include "findings.h"
#include "tool.h"

#define RUN_IMAGES_MAX 16
#define RUN_SMMUS_MAX  16
#define RUN_EVENTS_MAX 32

enum run_workload {
	RUN_READ_PARTITION,
	RUN_RW,
	RUN_VERIFY,
	RUN_COPY, /**< --write-from, --read-to */
};

struct run_options {
	struct tool tool;
	struct tool_findings *findings;
	const char *platform;
	const char *images[RUN_IMAGES_MAX];
	size_t image_count;
	bool read_only;
	uint64_t disk;
	enum dmasim_policy policy;
	enum dmasim_driver_mapping mapping;
	enum dmasim_domain domain;
	enum run_workload workload;
	uint64_t sectors, requests; /**< 0: the workload's own default */
	uint64_t limit;
	bool has_profile;
	enum dmasim_smmu_profile profile;
	bool has_ring_fault;
	enum dmasim_ring_fault ring_fault;
	const char *write_from, *read_to;
	const char *view_line, *html, *chrome_trace, *vcd;
	const char *schedule, *record_schedule;
};

enum run_outcome {
	RUN_PASS,
	RUN_WRONG_BYTES,
	RUN_HANG,
	RUN_LIMIT, /**< a hang: --limit came first */
	RUN_GUEST_FAILURE,
	RUN_HOST_FAILURE, /**< a file of ours; told already */
};

struct run_partition {
	uint8_t type;
	uint32_t first, sectors;
};

/** A record that an SMMU wrote. */
struct run_event {
	uint64_t words[4];
	bool lost;        /**< there was no room for it */
	const char *what; /**< the device's operation; may be NULL */
};

/** What watches the run; NULL where it was not asked for. */
struct run_views {
	struct dmasim_line_view *line;
	struct dmasim_chrome_trace *chrome;
	struct dmasim_waves *waves;
	FILE *html, *chrome_file, *vcd;
	/** Of each interrupt line, plus one; 0: none yet. */
	uint32_t irq_signals[DMASIM_IRQ_LINES];
};

struct run {
	const struct run_options *opt;
	struct dmasim_disk *disks[RUN_IMAGES_MAX];
	size_t disk_count;
	struct dmasim_disk *disk; /**< the one in use */
	struct dmasim_machine *machine;
	struct dmasim_disk_info info;
	struct dmasim_guest *guest;
	struct dmasim_smmu_drv *smmus[RUN_SMMUS_MAX];
	size_t smmu_count;
	struct dmasim_blk_drv *blk;
	struct dmasim_proc *process;
	struct run_event events[RUN_EVENTS_MAX];
	uint64_t event_count; /**< also of those not kept */
	uint64_t random;      /**< of the workload */

	enum run_outcome outcome;
	int exit_status;   /**< of RUN_HOST_FAILURE */
	char failure[512]; /**< in words */
	uint64_t requests, bytes;
	uint64_t wrong_bytes, first_wrong; /**< offset on the disk */
	bool has_table;
	struct run_partition partitions[4];
	uint64_t time; /**< simulated, when the workload ended */
	struct run_views views;
	struct dmasim_schedule *schedule; /**< or its recording; may be NULL */
};

/** Machine, driver, workload, report. Returns the exit status. */
int run_machine(const struct run_options *o, uint64_t default_seed);

/** Where answers to choices come from: --schedule, --record-schedule, --seed.
 * TOOL_OK, or a message was given. */
int run_choices_open(struct run *r, struct dmasim_choice_config *cfg);
/** Write the recording, or find answers that did not fit. TOOL_OK, or a
 * message was given. */
int run_choices_end(struct run *r);

/** The disk without --image: 1 MiB with a partition table. */
int run_demo_disk(struct dmasim_disk **out);
/** Runs in a process, after the driver probed. Returns a dmasim_status. */
int run_workload(struct run *r);
const char *run_workload_name(enum run_workload w);

/** TOOL_OK, or a message that this build has no SystemC. */
int run_can_vcd(const struct tool *t);
/** Open the files: before anything runs. TOOL_OK, or a message was given. */
int run_views_open(struct run *r);
/** Watch the machine. TOOL_OK, or a message was given. */
int run_views_start(struct run *r);
/** Write what there is to write, but the life of a line that goes into the
 * report. TOOL_OK, or a message was given. */
int run_views_write(struct run *r);
/** Watch no more, and close files. Returns @status, or TOOL_INTERNAL with a
 * message if a file could not be written. */
int run_views_end(struct run *r, int status);
/** In the report, without --html. */
void run_print_line(const struct run *r);
json_t *run_line_json(const struct run *r);

/** The whole report, on stdout. Returns the exit status. */
int run_report(struct run *r);
/** As one JSON object. TOOL_OK or TOOL_INTERNAL. */
int run_report_json(struct run *r, int status);

/* Words for both forms of the report. */
/** Those that count. */
size_t run_finding_count(const struct run *r);
int run_exit_status(const struct run *r);
const char *run_outcome_name(enum run_outcome o);
const char *run_port_name(enum dmasim_port_kind kind);
const char *run_mapping_name(enum dmasim_driver_mapping mapping);
/** All ports of the interconnect together. */
void run_interconnect(const struct dmasim_machine_timing *t,
                      struct dmasim_interconnect_stats *sum);
void run_reason(const struct run *r, char *buf, size_t size);
/** The likely cause in one sentence, or NULL. */
const char *run_explain(const struct run *r);

#endif
