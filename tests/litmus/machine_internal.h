/* SPDX-License-Identifier: MIT */
#ifndef DMASIM_TESTS_LITMUS_MACHINE_INTERNAL_H
#define DMASIM_TESTS_LITMUS_MACHINE_INTERNAL_H

#include "machine.h"

#define MACHINE_RAM  UINT64_C(0x80000000)
#define MACHINE_LINE 64u
/** Virtual addresses of the doorbells, 8 bytes for each agent. */
#define MACHINE_BELLS UINT64_C(0xf0000000)

/* machine_build.c */
struct dmasim_attr machine_attr(const struct litmus_attr *a);
/** Where an alias of RAM with this attribute begins. */
uint64_t machine_alias(const struct litmus_attr *a);
/** Of a location in RAM. */
uint64_t machine_offset(const struct litmus *t, int location);
/** Accesses to different lines evict one another. */
bool machine_is_tiny(const struct plan *plan);

/* machine_cpu.c */
enum dmasim_op machine_op(const struct litmus_insn *in);
/** Hand a CPU all instructions up to the next one that it waits for. */
int machine_issue(struct machine *m, int agent);

/* machine_device.c */
/** One access. False: m->error. */
bool machine_device(struct machine *m, int agent, const struct litmus_insn *in);

/* machine_note.c */
/** A driver's call of the DMA API. False: m->error. */
bool machine_note(struct machine *m, int agent, const struct litmus_insn *in);
/** Give a device's access its bus address, and translate it. False: an IOMMU
 * refuses it. */
bool machine_translate(struct machine *m, int agent,
                       const struct litmus_insn *in, struct dmasim_txn *txn);

#endif
