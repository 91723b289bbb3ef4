/* SPDX-License-Identifier: MIT */
/* Findings for people. */
#include "report_internal.h"

#include <stdio.h>
#include <stdlib.h>

/** Longer than any finding. */
#define FINDING_TEXT 4096u

char *report_text(const struct dmasim_finding_report *r)
{
	size_t size = (r->count + 1) * (FINDING_TEXT + 32), at = 0;
	char *text = malloc(size);

	if (!text)
		return NULL;
	text[0] = '\0';
	for (size_t i = 0; i < r->count; i++) {
		at += (size_t)snprintf(text + at, size - at, "%s%zu. ",
		                       i ? "\n" : "", i + 1);
		at += (size_t)dmasim_finding_text(&r->findings[i], text + at,
		                                  size - at);
	}
	if (r->suppressed)
		at += (size_t)snprintf(text + at, size - at,
		                       "%llu suppressed\n",
		                       (unsigned long long)r->suppressed);
	if (r->dropped)
		snprintf(text + at, size - at, "%llu more were not kept\n",
		         (unsigned long long)r->dropped);
	return text;
}
