/* SPDX-License-Identifier: MIT */
/* A machine from a tree with a guest on it, for tests of drivers. */
#ifndef DMASIM_TESTS_DRIVER_RIG_H
#define DMASIM_TESTS_DRIVER_RIG_H

#include "check.h"

#include "dmasim/driver.h"

#define RIG_BOARD   "tests/driver/board.dts"
#define RIG_FVP     "platforms/fvp-base-2017.dts"
#define RIG_QEMU    "platforms/qemu-virt.dts"
#define RIG_KVMTOOL "platforms/kvmtool-2017.dts"

/* Disks and streams of the board. */
#define BOARD_MMIO1      0
#define BOARD_MMIO2      1
#define BOARD_MMIO2_SMMU 2
#define BOARD_PCI        3
#define BOARD_BUS        4
#define BOARD_TESTDEV    8u /**< StreamID */

#define RIG_EDITS 8
#define RIG_DISKS 5
#define RIG_PAGE  4096ull

struct rig_options {
	const char *tree; /**< NULL: the board */
	/** The first @from becomes @to. */
	struct {
		const char *from, *to;
	} edits[RIG_EDITS];
	/** The blob, if rig_compile() made it; tree and edits do not count. */
	void *fdt;
	size_t fdt_size;
	const struct dmasim_backend *backend;
	const struct dmasim_choice_config *choice;
	uint64_t ring_address;
	size_t cpu;
	bool no_checker, no_smmu;
	uint64_t disk_size; /**< 0: 1 MiB */
	/** Of disk 0, instead of one in memory; the rig destroys it. */
	struct dmasim_disk *disk;
	struct dmasim_smmu_drv_config smmu; /**< guest is filled in */
};

struct rig_text {
	char *text;
	size_t size, cap;
};

struct rig {
	struct dmasim_disk *disk[RIG_DISKS];
	struct dmasim_machine *m;
	struct dmasim_kernel *k;
	struct dmasim_guest *g;
	struct dmasim_cpu *cpu;
	struct dmasim_smmu_drv *smmu;
	struct rig_text log, trace;
};

/** Compile the tree once for many machines; the caller frees o->fdt. */
void rig_compile(struct rig_options *o);
/** The machine and the guest; with an SMMU in the tree its driver too. */
void rig_open(struct rig *r, const struct rig_options *o);
/** The machine alone. */
void rig_machine(struct rig *r, const struct rig_options *o);
void rig_close(struct rig *r);

/** Bytes that differ for every @seed and place. */
void rig_pattern(uint8_t *buf, size_t size, unsigned seed);

/** The test endpoint reads or writes 1 .. 8 bytes at @addr. */
enum dmasim_result rig_dma(struct rig *r, enum dmasim_op op, uint64_t addr,
                           uint64_t *value, uint32_t size);

/** All findings as text, for messages of failed assertions. */
void rig_print_findings(const struct rig *r);
/** Findings of one kind. */
size_t rig_findings(const struct rig *r, enum dmasim_finding_kind kind);
/** No finding at all; prints those there are. */
void rig_assert_clean(const struct rig *r);

#endif
