/* SPDX-License-Identifier: MIT */
/*
 * Published bugs, each as a minimal driver of our own: a function that does
 * what the faulty code did, and with @fixed what it does since. The machine
 * asks one choice object, and so does the scenario where hardware may do
 * something at that moment or not.
 */
#ifndef DMASIM_TESTS_BUG_H
#define DMASIM_TESTS_BUG_H

#include "check.h"

#include "dmasim/cpu_map.h"
#include "dmasim/cpu_window.h"
#include "dmasim/explore.h"

#define BUG_RAM  0x80000000ull
#define BUG_SIZE 0x10000ull
/** Virtual addresses: aliases of BUG_RAM. */
#define BUG_WB  0x10000000ull
#define BUG_NC  0x20000000ull
#define BUG_DEV 0x30000000ull

struct bug_machine {
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_checker *checker;
	struct dmasim_choice *choice;
	struct dmasim_memsys *ms;
	struct dmasim_cpu *cpu[2];
	struct dmasim_port device;
	uint32_t agent; /**< the device */
	uint64_t request;
	/** What users saw, if it went wrong. NULL: "wrong". */
	const char *symptom;
	/** Lines of the source that a finding has to name. */
	unsigned reader_line, writer_line;
};

struct bug {
	const char *name, *link;
	/** What was reported; some run shows it. NULL: "wrong". */
	const char *symptom;
	/** The scenario. True: it went right. */
	bool (*run)(struct bug_machine *m, bool fixed);
	enum dmasim_port_kind device;
	const char *device_name;
	uint32_t line_size; /**< 0: 64 */
	/** The processors run a guest; with FEAT_S2FWB in use nothing goes
	 * wrong. */
	bool guest;
	/** What is found, and what the remedy says. */
	enum dmasim_finding_kind kind;
	const char *remedy;
	/** Choice points that matter; others take the preferred answer. */
	uint64_t points;
	/** The caches ask as well, not the scenario alone. */
	bool caches_choose;
};

extern const struct bug bug_firecracker_5536;
extern const struct bug bug_firecracker_2169;
extern const struct bug bug_cloud_hypervisor_2179;
extern const struct bug bug_nuttx_19506;
extern const struct bug bug_openamp_679;
extern const struct bug bug_sddf_740;
extern const struct bug bug_aros_972;
extern const struct bug bug_asterinas_3291;

/** Hardware may do something of this kind now, or not. */
bool bug_maybe(struct bug_machine *m, enum dmasim_choice_point point);
/** The device's accesses, named as its operation. */
uint64_t bug_dma_read(struct bug_machine *m, uint64_t pa, uint32_t size,
                      const char *what);
void bug_dma_write(struct bug_machine *m, uint64_t pa, uint32_t size,
                   uint64_t value, const char *what);

/* The driver's accesses: errors of the test end it. */
uint64_t bug_get(struct bug_machine *m, unsigned cpu, uint64_t va,
                 uint32_t size, struct dmasim_origin here);
void bug_put(struct bug_machine *m, unsigned cpu, uint64_t va, uint32_t size,
             uint64_t value, struct dmasim_origin here);
void bug_maintain(struct bug_machine *m, unsigned cpu, enum dmasim_op op,
                  uint64_t va, uint64_t size, struct dmasim_origin here);
void bug_barrier(struct bug_machine *m, unsigned cpu, enum dmasim_barrier kind,
                 struct dmasim_origin here);

/* Accesses of a window (dmasim/cpu_window.h). */
void bug_issue(struct bug_machine *m, unsigned cpu,
               const struct dmasim_insn *insn, uint32_t *token);
/** None, or some of those that may be performed. */
void bug_perform_some(struct bug_machine *m, unsigned cpu);
/** All that is left, in any order. */
void bug_perform_all(struct bug_machine *m, unsigned cpu);
uint64_t bug_result(struct bug_machine *m, unsigned cpu, uint32_t token);

#define LOAD(m, cpu, va, size) bug_get(m, cpu, va, size, DMASIM_HERE)
#define STORE(m, cpu, va, size, value)                                         \
	bug_put(m, cpu, va, size, value, DMASIM_HERE)
#define CLEAN(m, cpu, va, size)                                                \
	bug_maintain(m, cpu, DMASIM_CLEAN, va, size, DMASIM_HERE)
#define INVALIDATE(m, cpu, va, size)                                           \
	bug_maintain(m, cpu, DMASIM_INVALIDATE, va, size, DMASIM_HERE)
#define CLEAN_INVALIDATE(m, cpu, va, size)                                     \
	bug_maintain(m, cpu, DMASIM_CLEAN_INVALIDATE, va, size, DMASIM_HERE)
#define BARRIER(m, cpu, kind) bug_barrier(m, cpu, kind, DMASIM_HERE)

#endif
