/* SPDX-License-Identifier: MIT */
#ifndef DMASIM_IRQ_INTERNAL_H
#define DMASIM_IRQ_INTERNAL_H

#include "dmasim/irq.h"

struct irq_line {
	bool level;
	/** A pulse or message that nobody has taken. */
	bool latched;
	uint64_t count;
	dmasim_irq_handler *handler;
	void *handler_ctx;
	/** NULL until somebody waits for the line. */
	struct dmasim_event *event;
};

struct dmasim_irqc {
	struct dmasim_kernel *kernel;
	char *name;
	dmasim_irq_watch_fn *watch;
	void *watch_ctx;
	struct irq_line lines[DMASIM_IRQ_LINES];
};

/** NULL if the wire is not connected or names no line. */
struct irq_line *irq_find(struct dmasim_irq irq);

enum dmasim_result irq_doorbell_access(void *obj, struct dmasim_txn *txn);

#endif
