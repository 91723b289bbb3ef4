/* SPDX-License-Identifier: MIT */
#ifndef REPORT_INTERNAL_H
#define REPORT_INTERNAL_H

#include "dmasim/finding_report.h"

struct dmasim_finding_report {
	struct dmasim_suppressions *suppressions;
	enum dmasim_severity least;
	struct dmasim_finding *findings;
	size_t count, cap;
	uint64_t suppressed, dropped;
};

json_t *report_hex(uint64_t value);
/** The party whose source line is to be shown first; NULL: none has one. */
const struct dmasim_party *report_place(const struct dmasim_finding *f);

char *report_text(const struct dmasim_finding_report *r);
char *report_json(const struct dmasim_finding_report *r);
char *report_sarif(const struct dmasim_finding_report *r);

#endif
