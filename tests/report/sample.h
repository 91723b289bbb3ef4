/* SPDX-License-Identifier: MIT */
#ifndef DMASIM_TESTS_REPORT_SAMPLE_H
#define DMASIM_TESTS_REPORT_SAMPLE_H

#include <string.h>

#include "dmasim/finding_report.h"

/* A CPU that missed what a device wrote. */
static inline struct dmasim_finding sample(enum dmasim_finding_kind kind,
                                           enum dmasim_severity severity)
{
	struct dmasim_finding f = {
	        .kind = kind,
	        .severity = severity,
	        .time = 5000,
	        .addr = 0x80001008,
	        .size = 2,
	        .line = 0x80001000,
	        .object = "virtqueue 0 used.idx",
	        .seen = {0x00, 0x01},
	        .expected = {0x02, 0x03},
	        .reader = {.agent = "cpu0",
	                   .where = "drv/ring.c:42 (used.idx)",
	                   .alias = "Normal WB ISH",
	                   .file = "drv/ring.c",
	                   .line = 42,
	                   .time = 5000,
	                   .cycle = 5,
	                   .known = true},
	        .writer = {.agent = "disk",
	                   .where = "write used.idx",
	                   .alias = "Normal NC",
	                   .time = 4000,
	                   .cycle = 4,
	                   .known = true},
	        .history = "t=1 ns cpu0 fills",
	        .remedy = "dma_sync_single_for_cpu() before drv/ring.c:42",
	        .count = 3,
	};

	return f;
}

#endif
