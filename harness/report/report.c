/* SPDX-License-Identifier: MIT */
/* Which findings count. */
#include "report_internal.h"

#include <stdlib.h>
#include <string.h>

int dmasim_finding_report_create(struct dmasim_suppressions *s,
                                 enum dmasim_severity least,
                                 struct dmasim_finding_report **out)
{
	struct dmasim_finding_report *r = calloc(1, sizeof(*r));

	*out = r;
	if (!r)
		return DMASIM_E_NOMEM;
	r->suppressions = s;
	r->least = least;
	return DMASIM_OK;
}

void dmasim_finding_report_destroy(struct dmasim_finding_report *r)
{
	if (!r)
		return;
	free(r->findings);
	free(r);
}

int dmasim_finding_report_add(struct dmasim_finding_report *r,
                              const struct dmasim_finding *f)
{
	if ((r->suppressions && dmasim_suppressed(r->suppressions, f)) ||
	    f->severity > r->least) {
		r->suppressed++;
		return DMASIM_OK;
	}
	if (r->count == r->cap) {
		size_t cap = r->cap ? 2 * r->cap : 16;
		struct dmasim_finding *grown =
		        realloc(r->findings, cap * sizeof(*grown));

		if (!grown)
			return DMASIM_E_NOMEM;
		r->findings = grown;
		r->cap = cap;
	}
	r->findings[r->count++] = *f;
	return DMASIM_OK;
}

int dmasim_finding_report_add_all(struct dmasim_finding_report *r,
                                  const struct dmasim_checker *c)
{
	int status = DMASIM_OK;

	for (size_t i = 0; i < dmasim_finding_count(c) && !status; i++)
		status = dmasim_finding_report_add(r, dmasim_finding_get(c, i));
	r->dropped += dmasim_finding_dropped(c);
	return status;
}

size_t dmasim_finding_report_count(const struct dmasim_finding_report *r)
{
	return r->count;
}

const struct dmasim_finding *
dmasim_finding_report_get(const struct dmasim_finding_report *r, size_t index)
{
	return index < r->count ? &r->findings[index] : NULL;
}

uint64_t dmasim_finding_report_suppressed(const struct dmasim_finding_report *r)
{
	return r->suppressed;
}

int dmasim_report_format_parse(const char *name, enum dmasim_report_format *out)
{
	static const char *const names[] = {"text", "json", "sarif"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		*out = (enum dmasim_report_format)i;
		return DMASIM_OK;
	}
	return DMASIM_E_NOTFOUND;
}

int dmasim_severity_parse(const char *name, enum dmasim_severity *out)
{
	for (enum dmasim_severity s = DMASIM_OBSERVED; s <= DMASIM_POTENTIAL;
	     s++) {
		if (strcmp(name, dmasim_severity_name(s)) != 0)
			continue;
		*out = s;
		return DMASIM_OK;
	}
	return DMASIM_E_NOTFOUND;
}

char *dmasim_finding_report_write(const struct dmasim_finding_report *r,
                                  enum dmasim_report_format format)
{
	switch (format) {
	case DMASIM_REPORT_JSON:
		return report_json(r);
	case DMASIM_REPORT_SARIF:
		return report_sarif(r);
	default:
		return report_text(r);
	}
}
