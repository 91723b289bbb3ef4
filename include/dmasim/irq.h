/* SPDX-License-Identifier: MIT */
/*
 * Interrupt lines and a message doorbell.
 *
 * Lines are numbered as shared peripheral interrupts are in a device tree's
 * `interrupts` property of an Arm GIC (SPI n is line n). The doorbell is one
 * 32-bit MMIO register: a write of the number n makes message interrupt n
 * pending, as GITS_TRANSLATER or GICM_SETSPI_NSR do.
 */
#ifndef DMASIM_IRQ_H
#define DMASIM_IRQ_H

#include "dmasim/state.h"
#include "dmasim/txn.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DMASIM_IRQ_LINES 1020u

struct dmasim_irqc;

/** A wire to one line; {NULL, 0} is not connected. */
struct dmasim_irq {
	struct dmasim_irqc *irqc;
	uint32_t line;
};

/** Called on every level rise, pulse and message. Runs in the caller's
 * context: it must not wait. */
typedef void dmasim_irq_handler(void *ctx, uint32_t line);

/** @name is copied. OK, E_INVAL, E_NOMEM. */
DMASIM_API int dmasim_irqc_create(struct dmasim_kernel *k, const char *name,
                                  struct dmasim_irqc **out);
DMASIM_API void dmasim_irqc_destroy(struct dmasim_irqc *ic);

/** Level-sensitive. A wire that is not connected, or that names no line, is
 * fine here and below unless an error is listed. */
DMASIM_API void dmasim_irq_set(struct dmasim_irq irq, bool level);
/** Edge-triggered. */
DMASIM_API void dmasim_irq_pulse(struct dmasim_irq irq);
DMASIM_API bool dmasim_irq_level(struct dmasim_irq irq);
/** Rises and pulses so far. */
DMASIM_API uint64_t dmasim_irq_count(struct dmasim_irq irq);

/** One handler per line; NULL removes it. OK, E_INVAL (not connected),
 * E_RANGE. */
DMASIM_API int dmasim_irq_attach(struct dmasim_irq irq, dmasim_irq_handler *fn,
                                 void *ctx);
/** Told of every change of a level, and of a pulse as a rise and a fall. It
 * must not wait, nor set lines. */
typedef void dmasim_irq_watch_fn(void *ctx, uint32_t line, bool level);
/** One watcher of all lines, beside their handlers; NULL removes it. */
DMASIM_API void dmasim_irqc_watch(struct dmasim_irqc *ic,
                                  dmasim_irq_watch_fn *fn, void *ctx);
/**
 * Wait until the line is pending, and take it: an edge is taken once, a level
 * stays pending while it is high. @timeout relative ps. In a process it waits;
 * outside any run it runs the kernel. OK, E_TIMEOUT, E_CANCELED, E_INVAL (not
 * connected), E_RANGE; E_HANG outside any run when nothing is left to run;
 * E_STATE in a callback, if the line is not pending.
 */
DMASIM_API int dmasim_irq_wait(struct dmasim_irq irq, uint64_t timeout);

/** The doorbell: 4 KiB of MMIO; a 32-bit write of n at offset 0x40 pulses
 * line n. Other words read zero; other sizes are SLAVE errors. */
DMASIM_API struct dmasim_port dmasim_irqc_doorbell(struct dmasim_irqc *ic);

/** OK; what fails is kept in @w. */
DMASIM_API int dmasim_irqc_save(const struct dmasim_irqc *ic,
                                struct dmasim_writer *w);
/** Sets levels and counts without calling handlers. On error (E_FORMAT,
 * E_NOMEM) nothing has changed. */
DMASIM_API int dmasim_irqc_restore(struct dmasim_irqc *ic,
                                   struct dmasim_reader *r);

#ifdef __cplusplus
}
#endif
#endif
