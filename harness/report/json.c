/* SPDX-License-Identifier: MIT */
/* Findings for programs. */
#include "report_internal.h"

#include <stdio.h>

json_t *report_hex(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
	return json_string(text);
}

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *bytes_json(const uint8_t *bytes, uint32_t size)
{
	char text[2 * DMASIM_FINDING_BYTES + 1] = "";

	for (uint32_t i = 0; i < size && i < DMASIM_FINDING_BYTES; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return json_string(text);
}

static json_t *party_json(const struct dmasim_party *p)
{
	json_t *j;

	if (!p->known)
		return json_null();
	j = json_object();
	json_object_set_new(j, "agent", json_string(p->agent));
	json_object_set_new(j, "where", json_string(p->where));
	json_object_set_new(j, "file",
	                    p->file[0] ? json_string(p->file) : json_null());
	json_object_set_new(j, "file_line", number(p->line));
	json_object_set_new(j, "alias", json_string(p->alias));
	json_object_set_new(j, "time_ps", number(p->time));
	json_object_set_new(j, "cycle", number(p->cycle));
	return j;
}

json_t *dmasim_finding_json(const struct dmasim_finding *f)
{
	json_t *j = json_object();

	json_object_set_new(j, "kind",
	                    json_string(dmasim_finding_kind_name(f->kind)));
	json_object_set_new(j, "severity",
	                    json_string(dmasim_severity_name(f->severity)));
	json_object_set_new(j, "object", json_string(f->object));
	json_object_set_new(j, "address", report_hex(f->addr));
	json_object_set_new(j, "size", number(f->size));
	json_object_set_new(j, "line", report_hex(f->line));
	json_object_set_new(j, "time_ps", number(f->time));
	json_object_set_new(j, "seen", bytes_json(f->seen, f->size));
	json_object_set_new(j, "expected",
	                    f->no_expected ? json_null()
	                                   : bytes_json(f->expected, f->size));
	json_object_set_new(j, "reader", party_json(&f->reader));
	json_object_set_new(j, "writer", party_json(&f->writer));
	json_object_set_new(j, "lost", json_boolean(f->lost));
	json_object_set_new(j, "history", json_string(f->history));
	json_object_set_new(j, "remedy", json_string(f->remedy));
	json_object_set_new(j, "count", number(f->count));
	return j;
}

static json_t *unused_json(const struct dmasim_finding_report *r)
{
	json_t *a = json_array();
	const char *text;

	for (size_t i = 0; r->suppressions; i++) {
		text = dmasim_suppressions_unused(r->suppressions, i);
		if (!text)
			break;
		json_array_append_new(a, json_string(text));
	}
	return a;
}

char *report_json(const struct dmasim_finding_report *r)
{
	json_t *j = json_object(), *a = json_array();
	char *text;

	for (size_t i = 0; i < r->count; i++)
		json_array_append_new(a, dmasim_finding_json(&r->findings[i]));
	json_object_set_new(j, "schema", json_string("dmasim.findings.1"));
	json_object_set_new(j, "findings", a);
	json_object_set_new(j, "suppressed", number(r->suppressed));
	json_object_set_new(j, "dropped", number(r->dropped));
	json_object_set_new(j, "unused_suppressions", unused_json(r));
	text = json_dumps(j, JSON_INDENT(2));
	json_decref(j);
	return text;
}
