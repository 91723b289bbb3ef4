/* SPDX-License-Identifier: MIT */
/*
 * SARIF 2.1.0: one run of one tool, a rule for each kind of finding (3.49), a
 * result for each finding (3.27). Paths are relative to the source tree, whose
 * place the reader knows as SRCROOT.
 */
#include "report_internal.h"

#include <stdio.h>

#define SARIF_SCHEMA                                                           \
	"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"  \
	"sarif-schema-2.1.0.json"

static json_t *message(const char *text)
{
	return json_pack("{s:s}", "text", text);
}

static json_t *rules(void)
{
	json_t *a = json_array();

	for (unsigned k = 0; k < DMASIM_FINDING_KINDS; k++) {
		enum dmasim_finding_kind kind = (enum dmasim_finding_kind)k;
		const char *help = dmasim_finding_kind_help(kind);

		json_array_append_new(
		        a, json_pack("{s:s, s:o, s:o, s:o, s:{s:s}}", "id",
		                     dmasim_finding_kind_name(kind),
		                     "shortDescription", message(help),
		                     "fullDescription", message(help), "help",
		                     message(help), "defaultConfiguration",
		                     "level", "error"));
	}
	return a;
}

static json_t *logical(const struct dmasim_finding *f)
{
	return json_pack("[{s:s, s:s}]", "name", f->object, "kind", "object");
}

/* 3.28: a source line if there is one, and what lies at the address. */
static json_t *location(const struct dmasim_finding *f,
                        const struct dmasim_party *p)
{
	json_t *j = json_object();

	if (p && p->file[0]) {
		json_t *at = json_pack("{s:{s:s, s:s}}", "artifactLocation",
		                       "uri", p->file, "uriBaseId", "SRCROOT");

		/* 3.30.5: lines are numbered from 1. */
		if (p->line)
			json_object_set_new(at, "region",
			                    json_pack("{s:I}", "startLine",
			                              (json_int_t)p->line));
		json_object_set_new(j, "physicalLocation", at);
	}
	json_object_set_new(j, "logicalLocations", logical(f));
	return j;
}

static json_t *related(const struct dmasim_finding *f)
{
	const struct dmasim_party *both[] = {&f->reader, &f->writer};
	json_t *a = json_array();

	for (int i = 0; i < 2; i++) {
		char text[320];
		json_t *j;

		if (!both[i]->known)
			continue;
		snprintf(text, sizeof(text), "%s: %s, as %s", both[i]->agent,
		         both[i]->where, both[i]->alias);
		j = location(f, both[i]);
		json_object_set_new(j, "id", json_integer(i));
		json_object_set_new(j, "message", message(text));
		json_array_append_new(a, j);
	}
	return a;
}

static json_t *result(const struct dmasim_finding *f)
{
	const char *kind = dmasim_finding_kind_name(f->kind);
	char text[640], print[320];
	json_t *j = json_object();

	snprintf(text, sizeof(text), "%s at 0x%llx: %s", f->object,
	         (unsigned long long)f->addr, f->remedy[0] ? f->remedy : kind);
	snprintf(print, sizeof(print), "%s|%.95s|%.100s|%.100s", kind,
	         f->object, f->reader.where, f->writer.where);
	json_object_set_new(j, "ruleId", json_string(kind));
	json_object_set_new(j, "ruleIndex", json_integer(f->kind));
	json_object_set_new(j, "level",
	                    json_string(f->severity == DMASIM_OBSERVED
	                                        ? "error"
	                                        : "warning"));
	json_object_set_new(j, "message", message(text));
	json_object_set_new(j, "locations",
	                    json_pack("[o]", location(f, report_place(f))));
	json_object_set_new(j, "relatedLocations", related(f));
	json_object_set_new(j, "occurrenceCount",
	                    json_integer((json_int_t)f->count + 1));
	json_object_set_new(j, "partialFingerprints",
	                    json_pack("{s:s}", "dmasim/1", print));
	json_object_set_new(j, "properties", dmasim_finding_json(f));
	return j;
}

char *report_sarif(const struct dmasim_finding_report *r)
{
	json_t *results = json_array(), *j;
	char *text;

	for (size_t i = 0; i < r->count; i++)
		json_array_append_new(results, result(&r->findings[i]));
	j = json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:o}}, s:{s:{s:{s:s}}}, "
	              "s:o}]}",
	              "$schema", SARIF_SCHEMA, "version", "2.1.0", "runs",
	              "tool", "driver", "name", "dmasim", "rules", rules(),
	              "originalUriBaseIds", "SRCROOT", "description", "text",
	              "The root of the driver's source tree.", "results",
	              results);
	text = j ? json_dumps(j, JSON_INDENT(2)) : NULL;
	json_decref(j);
	return text;
}
