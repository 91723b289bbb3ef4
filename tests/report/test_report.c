/* SPDX-License-Identifier: MIT */
/* Findings as text, JSON and SARIF. */
#include "check.h"
#include "sample.h"

#include <stdlib.h>

static struct dmasim_finding_report *
report_of(const struct dmasim_finding *f, size_t n, enum dmasim_severity least)
{
	struct dmasim_finding_report *r;

	assert_int_equal(dmasim_finding_report_create(NULL, least, &r),
	                 DMASIM_OK);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(dmasim_finding_report_add(r, &f[i]),
		                 DMASIM_OK);
	return r;
}

static json_t *load(const struct dmasim_finding_report *r,
                    enum dmasim_report_format format)
{
	char *text = dmasim_finding_report_write(r, format);
	json_error_t error;
	json_t *j;

	assert_non_null(text);
	j = json_loads(text, 0, &error);
	assert_non_null(j);
	free(text);
	return j;
}

static const char *string(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	assert_non_null(s);
	return s;
}

static void json(void **state)
{
	const struct dmasim_finding f =
	        sample(DMASIM_STALE_READ, DMASIM_OBSERVED);
	struct dmasim_finding_report *r = report_of(&f, 1, DMASIM_POTENTIAL);
	json_t *j = load(r, DMASIM_REPORT_JSON), *one, *party;

	(void)state;
	assert_string_equal(string(j, "schema"), "dmasim.findings.1");
	assert_int_equal(json_array_size(json_object_get(j, "findings")), 1);
	one = json_array_get(json_object_get(j, "findings"), 0);
	assert_string_equal(string(one, "kind"), "STALE_READ");
	assert_string_equal(string(one, "severity"), "observed");
	assert_string_equal(string(one, "address"), "0x80001008");
	assert_string_equal(string(one, "line"), "0x80001000");
	assert_string_equal(string(one, "seen"), "0001");
	assert_string_equal(string(one, "expected"), "0203");
	assert_string_equal(string(one, "remedy"), f.remedy);
	assert_string_equal(string(one, "history"), f.history);
	assert_int_equal(json_integer_value(json_object_get(one, "count")), 3);
	party = json_object_get(one, "reader");
	assert_string_equal(string(party, "file"), "drv/ring.c");
	assert_int_equal(
	        json_integer_value(json_object_get(party, "file_line")), 42);
	assert_int_equal(json_integer_value(json_object_get(party, "cycle")),
	                 5);
	party = json_object_get(one, "writer");
	assert_true(json_is_null(json_object_get(party, "file")));
	json_decref(j);
	dmasim_finding_report_destroy(r);
}

static void what_is_not_known_is_null(void **state)
{
	struct dmasim_finding f = sample(DMASIM_OVERREACH, DMASIM_POTENTIAL);
	json_t *j;

	(void)state;
	f.no_expected = true;
	f.writer.known = false;
	j = dmasim_finding_json(&f);
	assert_true(json_is_null(json_object_get(j, "expected")));
	assert_true(json_is_null(json_object_get(j, "writer")));
	json_decref(j);
}

/* SARIF 2.1.0, 3.13 sarifLog, 3.14 run, 3.18 tool, 3.49 reportingDescriptor:
 * what they require is there. */
static json_t *sarif_run(json_t *log)
{
	json_t *run, *driver, *rules;
	size_t i;
	json_t *rule;

	assert_string_equal(string(log, "version"), "2.1.0");
	assert_non_null(strstr(string(log, "$schema"), "sarif"));
	assert_int_equal(json_array_size(json_object_get(log, "runs")), 1);
	run = json_array_get(json_object_get(log, "runs"), 0);
	driver = json_object_get(json_object_get(run, "tool"), "driver");
	assert_string_equal(string(driver, "name"), "dmasim");
	rules = json_object_get(driver, "rules");
	assert_int_equal(json_array_size(rules), DMASIM_FINDING_KINDS);
	json_array_foreach(rules, i, rule)
	{
		assert_string_equal(
		        string(rule, "id"),
		        dmasim_finding_kind_name((enum dmasim_finding_kind)i));
		assert_true(strlen(string(json_object_get(rule, "help"),
		                          "text")) > 20);
		string(json_object_get(rule, "shortDescription"), "text");
		string(json_object_get(rule, "fullDescription"), "text");
		assert_string_equal(
		        string(json_object_get(rule, "defaultConfiguration"),
		               "level"),
		        "error");
	}
	return run;
}

/* 3.27 result, 3.28 location, 3.29 physicalLocation, 3.30 region. */
static void sarif_result(const json_t *result, const struct dmasim_finding *f,
                         bool source)
{
	const json_t *at, *physical;

	assert_string_equal(string(result, "ruleId"),
	                    dmasim_finding_kind_name(f->kind));
	assert_int_equal(
	        json_integer_value(json_object_get(result, "ruleIndex")),
	        f->kind);
	assert_string_equal(string(result, "level"),
	                    f->severity == DMASIM_OBSERVED ? "error"
	                                                   : "warning");
	assert_non_null(strstr(
	        string(json_object_get(result, "message"), "text"), f->remedy));
	assert_int_equal(
	        json_integer_value(json_object_get(result, "occurrenceCount")),
	        f->count + 1);
	assert_int_equal(json_array_size(json_object_get(result, "locations")),
	                 1);
	at = json_array_get(json_object_get(result, "locations"), 0);
	assert_int_equal(
	        json_array_size(json_object_get(at, "logicalLocations")), 1);
	physical = json_object_get(at, "physicalLocation");
	assert_int_equal(physical != NULL, source);
	if (!source)
		return;
	assert_string_equal(
	        string(json_object_get(physical, "artifactLocation"), "uri"),
	        "drv/ring.c");
	assert_int_equal(
	        json_integer_value(json_object_get(
	                json_object_get(physical, "region"), "startLine")),
	        42);
}

static void sarif(void **state)
{
	struct dmasim_finding f[] = {
	        sample(DMASIM_STALE_READ, DMASIM_OBSERVED),
	        sample(DMASIM_MISSING_BARRIER, DMASIM_POTENTIAL),
	        sample(DMASIM_UNTRANSLATED, DMASIM_OBSERVED),
	};
	struct dmasim_finding_report *r;
	json_t *log, *results;

	(void)state;
	/* The writer's line will do; and there may be none. */
	f[1].writer = f[1].reader;
	f[1].reader.file[0] = '\0';
	f[2].reader.file[0] = '\0';
	f[2].writer.known = false;
	r = report_of(f, 3, DMASIM_POTENTIAL);
	log = load(r, DMASIM_REPORT_SARIF);
	results = json_object_get(sarif_run(log), "results");
	assert_int_equal(json_array_size(results), 3);
	for (size_t i = 0; i < 3; i++)
		sarif_result(json_array_get(results, i), &f[i], i < 2);
	assert_int_equal(
	        json_array_size(json_object_get(json_array_get(results, 2),
	                                        "relatedLocations")),
	        1);
	json_decref(log);
	dmasim_finding_report_destroy(r);
}

static void nothing_found(void **state)
{
	struct dmasim_finding_report *r = report_of(NULL, 0, DMASIM_POTENTIAL);
	json_t *log = load(r, DMASIM_REPORT_SARIF);
	char *text = dmasim_finding_report_write(r, DMASIM_REPORT_TEXT);

	(void)state;
	assert_int_equal(
	        json_array_size(json_object_get(sarif_run(log), "results")), 0);
	assert_string_equal(text, "");
	assert_null(dmasim_finding_report_get(r, 0));
	free(text);
	json_decref(log);
	dmasim_finding_report_destroy(r);
}

static void text_and_severity(void **state)
{
	const struct dmasim_finding f[] = {
	        sample(DMASIM_STALE_READ, DMASIM_OBSERVED),
	        sample(DMASIM_SHARED_LINE, DMASIM_POTENTIAL),
	};
	struct dmasim_finding_report *r = report_of(f, 2, DMASIM_OBSERVED);
	char *text = dmasim_finding_report_write(r, DMASIM_REPORT_TEXT);

	(void)state;
	assert_int_equal(dmasim_finding_report_count(r), 1);
	assert_int_equal(dmasim_finding_report_get(r, 0)->kind,
	                 DMASIM_STALE_READ);
	assert_int_equal(dmasim_finding_report_suppressed(r), 1);
	assert_non_null(strstr(text, "1. STALE_READ: virtqueue 0 used.idx"));
	assert_non_null(strstr(text, "1 suppressed"));
	free(text);
	dmasim_finding_report_destroy(r);
	r = report_of(f, 2, DMASIM_POTENTIAL);
	text = dmasim_finding_report_write(r, DMASIM_REPORT_TEXT);
	assert_non_null(strstr(text, "2. SHARED_LINE (potential)"));
	free(text);
	dmasim_finding_report_destroy(r);
}

/* Those of a checker, and how many it did not keep. */
static void all_of_a_checker(void **state)
{
	struct dmasim_checker_config cfg = {.max_findings = 1};
	struct dmasim_finding_report *r = report_of(NULL, 0, DMASIM_POTENTIAL);
	struct dmasim_checker *c;
	struct dmasim_txn txn = {.addr = 0x1000, .size = 4};
	char *text;

	(void)state;
	assert_int_equal(dmasim_kernel_create(NULL, &cfg.kernel), DMASIM_OK);
	assert_int_equal(dmasim_checker_create(&cfg, &c), DMASIM_OK);
	for (uint32_t stream = 0; stream < 2; stream++) {
		txn.origin.line = stream;
		dmasim_note_dma_fault(c, &txn, true);
	}
	assert_int_equal(dmasim_finding_report_add_all(r, c), DMASIM_OK);
	assert_int_equal(dmasim_finding_report_count(r), 1);
	text = dmasim_finding_report_write(r, DMASIM_REPORT_TEXT);
	assert_non_null(strstr(text, "1 more were not kept"));
	free(text);
	dmasim_finding_report_destroy(r);
	dmasim_checker_destroy(c);
	dmasim_kernel_destroy(cfg.kernel);
}

static void names(void **state)
{
	enum dmasim_report_format format;
	enum dmasim_severity severity;

	(void)state;
	assert_int_equal(dmasim_report_format_parse("sarif", &format),
	                 DMASIM_OK);
	assert_int_equal(format, DMASIM_REPORT_SARIF);
	assert_int_equal(dmasim_report_format_parse("xml", &format),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_severity_parse("observed", &severity),
	                 DMASIM_OK);
	assert_int_equal(severity, DMASIM_OBSERVED);
	assert_int_equal(dmasim_severity_parse("potential", &severity),
	                 DMASIM_OK);
	assert_int_equal(severity, DMASIM_POTENTIAL);
	assert_int_equal(dmasim_severity_parse("", &severity),
	                 DMASIM_E_NOTFOUND);
	assert_string_equal(dmasim_finding_kind_help(DMASIM_FINDING_KINDS), "");
	dmasim_finding_report_destroy(NULL);
	dmasim_suppressions_destroy(NULL);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(json),
        cmocka_unit_test(what_is_not_known_is_null),
        cmocka_unit_test(sarif),
        cmocka_unit_test(nothing_found),
        cmocka_unit_test(text_and_severity),
        cmocka_unit_test(all_of_a_checker),
        cmocka_unit_test(names),
};

CHECK_MAIN(tests)
