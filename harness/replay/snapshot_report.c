/* SPDX-License-Identifier: MIT */
/* What a replay says: a line per list, why rows were skipped, what differs. */
#include <stdio.h>
#include <string.h>

#include "snapshot_internal.h"

void snap_say(struct snap_run *run, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	if (!run->report)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	run->report(run->report_ctx, text);
}

/** Add a test's name while there is room. */
static void add_test(struct snap_count *c, const struct rec_row *row)
{
	static const char more[] = " ...";
	size_t n = strlen(c->tests);
	size_t room = sizeof(c->tests) - n - sizeof(more);
	char name[64];

	if (n >= sizeof(more) - 1 &&
	    !strcmp(c->tests + n - (sizeof(more) - 1), more))
		return;
	if (*row->test)
		snprintf(name, sizeof(name), "%s%s", n ? " " : "", row->test);
	else
		snprintf(name, sizeof(name), "%sline %u", n ? ", " : "",
		         row->line);
	if (strlen(name) > room)
		memcpy(c->tests + n, more, sizeof(more));
	else
		memcpy(c->tests + n, name, strlen(name) + 1);
}

/** The counter of @text. The texts are constants of this room, fewer than
 * there are counters. */
static struct snap_count *counter(struct snap_count *c, const char *text)
{
	for (unsigned i = 0; i < SNAP_REASONS - 1; i++, c++) {
		if (!c->text)
			c->text = text;
		if (!strcmp(c->text, text))
			return c;
	}
	c->text = "other reasons";
	return c;
}

static void show(struct snap_tally *t, const struct rec_row *row,
                 const char *text)
{
	char *line;

	if (t->differ > SNAP_SHOWN)
		return;
	line = t->shown[t->differ - 1];
	snprintf(line, sizeof(t->shown[0]), "line %u%s%.40s: %s", row->line,
	         *row->test ? " " : "", row->test, text);
}

void snap_tally_add(struct snap_tally *t, const struct rec_row *row,
                    const struct snap_result *result)
{
	struct snap_count *c;

	t->rows++;
	switch (result->verdict) {
	case SNAP_AGREE:
		t->agree++;
		break;
	case SNAP_NAMED:
		t->agree++;
		c = counter(t->named, result->reason);
		c->rows++;
		add_test(c, row);
		break;
	case SNAP_DIFFER:
		t->differ++;
		show(t, row, result->text);
		break;
	case SNAP_SKIP:
		t->skipped++;
		c = counter(t->skip, result->reason);
		c->rows++;
		add_test(c, row);
		break;
	}
}

void snap_tally_skip_all(struct snap_tally *t, size_t rows, const char *reason)
{
	t->rows += rows;
	t->skipped += rows;
	if (rows)
		counter(t->skip, reason)->rows += rows;
}

/** " (reason)", or " (3: reason; 2: reason)". */
static void say_skips(struct snap_run *run, const struct snap_tally *t)
{
	const struct snap_count *c = t->skip;

	if (!c->text)
		return;
	if (!c[1].text) {
		snap_say(run, " (%s)", c->text);
		return;
	}
	for (unsigned i = 0; i < SNAP_REASONS && c[i].text; i++)
		snap_say(run, "%s%zu: %s", i ? "; " : " (", c[i].rows,
		         c[i].text);
	snap_say(run, ")");
}

static void say_extras(struct snap_run *run, const struct snap_tally *t)
{
	const struct snap_extras *x = &t->extras;

	if (!t->records)
		return;
	snap_say(run,
	         "  %zu records; the device adds: %zu repeated, %zu one per 4 "
	         "bytes of a failed access, %zu offsets used as addresses, %zu "
	         "of other accesses\n",
	         t->records, x->repeated, x->per_word, x->offsets, x->others);
	if (x->unproduced)
		snap_say(run,
		         "  %zu of these do not fault in the snapshot, which "
		         "is later than they are\n",
		         x->unproduced);
}

static void say_tally(struct snap_run *run, const struct snap_tally *t)
{
	const char *label = "";

	if (run->second_pass)
		label = dmasim_smmu_profile_name(run->profile);
	snap_say(run, "%s%s%s: %zu rows, %zu agree, %zu differ, %zu skipped",
	         t->name, *label ? " as " : "", label, t->rows, t->agree,
	         t->differ, t->skipped);
	say_skips(run, t);
	snap_say(run, "\n");
	for (unsigned i = 0; i < SNAP_REASONS && t->named[i].text; i++)
		snap_say(run, "  named: %s: %zu %s: %s\n", t->named[i].text,
		         t->named[i].rows,
		         t->named[i].rows == 1 ? "row" : "rows",
		         t->named[i].tests);
	say_extras(run, t);
	if (t->elsewhere)
		snap_say(run,
		         "  %zu rows agree with another snapshot than their "
		         "stream's state suggests\n",
		         t->elsewhere);
	for (unsigned i = 0; i < SNAP_SHOWN && i < t->differ; i++)
		snap_say(run, "  differs: %s\n", t->shown[i]);
	if (t->differ > SNAP_SHOWN)
		snap_say(run, "  ... and %zu more\n", t->differ - SNAP_SHOWN);
}

static json_t *counts_json(const struct snap_count *c, const char *key)
{
	json_t *list = json_array();

	for (unsigned i = 0; list && i < SNAP_REASONS && c[i].text; i++)
		json_array_append_new(list, json_pack("{s:s, s:I, s:s}", key,
		                                      c[i].text, "rows",
		                                      (json_int_t)c[i].rows,
		                                      "tests", c[i].tests));
	return list;
}

/** A list's text may hold bytes that are not UTF-8: json_pack refuses them,
 * and then the line is told without them. */
static json_t *shown_json(const struct snap_tally *t)
{
	json_t *list = json_array();

	for (unsigned i = 0; list && i < SNAP_SHOWN && i < t->differ; i++) {
		json_t *text = json_string(t->shown[i]);

		json_array_append_new(list,
		                      text ? text : json_string("(not UTF-8)"));
	}
	return list;
}

static json_t *tally_json(const struct snap_run *run,
                          const struct snap_tally *t)
{
	const struct snap_extras *x = &t->extras;

	return json_pack(
	        "{s:s, s:s, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:{s:I, s:I, "
	        "s:I, s:I, s:I, s:I}}",
	        "list", t->name, "profile",
	        dmasim_smmu_profile_name(run->profile), "rows",
	        (json_int_t)t->rows, "agree", (json_int_t)t->agree, "differ",
	        (json_int_t)t->differ, "skipped", (json_int_t)t->skipped,
	        "skips", counts_json(t->skip, "reason"), "named",
	        counts_json(t->named, "rule"), "differences", shown_json(t),
	        "records", "listed", (json_int_t)t->records, "repeated",
	        (json_int_t)x->repeated, "per_4_bytes", (json_int_t)x->per_word,
	        "offsets", (json_int_t)x->offsets, "others",
	        (json_int_t)x->others, "not_in_snapshot",
	        (json_int_t)x->unproduced);
}

int snap_tally_end(struct snap_run *run, const struct snap_tally *t)
{
	json_t *j = tally_json(run, t);

	run->differs |= t->differ != 0;
	say_tally(run, t);
	if (!j || json_array_append_new(run->json, j))
		return DMASIM_E_NOMEM;
	return DMASIM_OK;
}
