/* SPDX-License-Identifier: MIT */
/* The life of a line as text and as a page. */
#include <jansson.h>

#include "view_rig.h"

/* A write, a stale read, with a note and a step beyond the first 16 bytes. */
static struct dmasim_line_view *scene(struct rig *r, size_t max)
{
	struct dmasim_view_config cfg = view_config(r);
	struct dmasim_line_view *v;

	cfg.max = max;
	assert_int_equal(dmasim_line_view_create(&cfg, &v), DMASIM_OK);
	dmasim_line_view_note(v, "The driver writes.\n\nA long sentence that "
	                         "does not fit into one line of 78 columns, "
	                         "so that it is wrapped.");
	cpu_write(r, 0, 4, 0x11223344);
	rig_dma_read(r, &r->noncoherent, RIG_RAM + 4, "read ring");
	rig_dma_read(r, &r->noncoherent, RIG_RAM + 4, "read ring");
	rig_dma_read(r, &r->noncoherent, RIG_RAM + 40, "read further");
	dmasim_line_view_finish(v);
	return v;
}

static char *text_of(const struct dmasim_line_view *v, bool colour)
{
	struct output o;

	open_output(&o);
	assert_int_equal(dmasim_line_view_text(v, o.f, colour), DMASIM_OK);
	end_output(&o);
	return o.text;
}

static void expect(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

static void as_text(void **state)
{
	struct rig *r = view_rig(NULL);
	struct dmasim_line_view *v = scene(r, 0);
	char *text = text_of(v, false);

	(void)state;
	expect(text,
	       "  The driver writes.\n\n  A long sentence that does not fit "
	       "into one line of 78 columns, so that it is\n  wrapped.\n"
	       "  1. cpu0 writes ");
	expect(text, ", 4 bytes: 44 33 22 11  (");
	expect(text, " ns, Normal WB ISH)\n     drv.c:7\n");
	expect(text, "\n     cpu0 L1 ");
	expect(text, " M  +0x04:  44* 33* 22* 11*");
	expect(text, "00! 00! 00! 00!");
	/* Twice, and the second time it is not a step of its own. */
	expect(text, "not snooping, 2 times)\n     read ring, queue");
	expect(text, "     ! STALE_READ: ");
	/* Elsewhere in the line: a window of its own. */
	expect(text, "+0x04:");
	assert_null(strstr(text, " \n"));
	assert_null(strstr(text, "\033"));
	free(text);
	text = text_of(v, true);
	expect(text, "\033[33m44*\033[0m");
	expect(text, "\033[31m00!\033[0m");
	expect(text, "\033[1;31m     ! STALE_READ");
	free(text);
	dmasim_line_view_destroy(v);
	rig_free(r);
}

/* Dirty bytes that are not the newest any more. */
static void dirty_and_stale(void **state)
{
	struct rig *r = view_rig(NULL);
	struct dmasim_view_config cfg = view_config(r);
	struct dmasim_line_view *v;
	char *text;

	(void)state;
	assert_int_equal(dmasim_line_view_create(&cfg, &v), DMASIM_OK);
	cpu_write(r, 0, 0, 1);
	rig_dma_write(r, &r->noncoherent, RIG_RAM, 0x02020202, "write");
	dmasim_line_view_finish(v);
	text = text_of(v, false);
	expect(text, "01% 00% 00% 00%");
	free(text);
	dmasim_line_view_destroy(v);
	rig_free(r);
}

static void dropped(void **state)
{
	struct rig *r = view_rig(NULL);
	struct dmasim_line_view *v = scene(r, 1);
	char *text = text_of(v, false);

	(void)state;
	expect(text, "(there was room for 1 steps; ");
	free(text);
	dmasim_line_view_destroy(v);
	rig_free(r);
}

/* Nothing ever touched the line. */
static void empty(void **state)
{
	struct rig *r = view_rig(NULL);
	struct dmasim_view_config cfg = view_config(r);
	struct dmasim_line_view *v;
	char *text;

	(void)state;
	assert_int_equal(dmasim_line_view_create(&cfg, &v), DMASIM_OK);
	dmasim_line_view_begin(v, "nobody", "acts", NULL);
	dmasim_line_view_end(v);
	text = text_of(v, false);
	assert_string_equal(text, "  1. nobody acts  (cycle 0, 0.000 ns)\n"
	                          "     memory    00  00  00  00  00  00  00  "
	                          "00  00  00  00  00  00  00  00  00\n\n");
	free(text);
	dmasim_line_view_destroy(v);
	rig_free(r);
}

static void full_output(void **state)
{
	struct rig *r = view_rig(NULL);
	struct dmasim_line_view *v = scene(r, 0);
	struct dmasim_page_run run = {.name = "run", .view = v};
	struct dmasim_view_page page = {
	        .title = "t", .runs = &run, .run_count = 1};
	FILE *f = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(f);
	setvbuf(f, NULL, _IONBF, 0);
	assert_int_equal(dmasim_line_view_text(v, f, false), DMASIM_E_IO);
	clearerr(f);
	assert_int_equal(dmasim_line_view_json(v, f, "x"), DMASIM_E_IO);
	clearerr(f);
	assert_int_equal(dmasim_view_html(&page, f), DMASIM_E_IO);
	fclose(f);
	dmasim_line_view_destroy(v);
	rig_free(r);
}

/* The JSON that the page carries. */
static json_t *data_of(const char *html)
{
	const char mark[] = "<script type=\"application/json\" id=\"data\">";
	const char *from = strstr(html, mark), *to;
	json_error_t error;
	json_t *j;

	assert_non_null(from);
	from += sizeof(mark) - 1;
	to = strstr(from, "</script>");
	assert_non_null(to);
	j = json_loadb(from, (size_t)(to - from), 0, &error);
	if (!j)
		fail_msg("%s: %d", error.text, error.position);
	return j;
}

static unsigned occurrences(const char *text, const char *part)
{
	unsigned n = 0;

	for (; (text = strstr(text, part)) != NULL; text++)
		n++;
	return n;
}

static char *page_of(struct dmasim_view_page *page)
{
	struct output o;

	open_output(&o);
	assert_int_equal(dmasim_view_html(page, o.f), DMASIM_OK);
	end_output(&o);
	return o.text;
}

static void page(void **state)
{
	struct rig *r = view_rig(NULL);
	struct dmasim_line_view *v = scene(r, 0);
	struct dmasim_page_run runs[] = {
	        {.name = "first", .verdict = "wrong", .view = v},
	        {.name = "second", .view = v}};
	struct dmasim_view_page p = {.title = "A & B",
	                             .text = "One.\n\nTwo.",
	                             .remedy = "Do.",
	                             .runs = runs,
	                             .run_count = 2};
	char *html = page_of(&p);
	json_t *j = data_of(html), *life;

	(void)state;
	assert_non_null(strstr(html, "<title>A &amp; B</title>"));
	assert_string_equal(json_string_value(json_object_get(j, "title")),
	                    "A & B");
	assert_int_equal(json_array_size(json_object_get(j, "runs")), 2);
	life = json_object_get(json_array_get(json_object_get(j, "runs"), 0),
	                       "life");
	assert_int_equal(json_array_size(json_object_get(life, "steps")), 3);
	assert_string_equal(json_string_value(json_object_get(life, "line")),
	                    "0x80000000");
	json_decref(j);
	/* Nothing from elsewhere. */
	assert_null(strstr(html, "://"));
	assert_null(strstr(html, " src="));
	assert_null(strstr(html, "@import"));
	assert_null(strstr(html, "@TITLE@"));
	assert_null(strstr(html, "@DATA@"));
	free(html);
	dmasim_line_view_destroy(v);
	rig_free(r);
}

/* Names as somebody hostile would choose them become text and no more. */
static void hostile_names(void **state)
{
	static const char evil[] = "</script><script>alert(1)</"
	                           "script><!--\"'&\\@DATA@\xff\xc0\xaf";
	struct rig *r = view_rig(NULL);
	struct dmasim_view_config cfg = view_config(r);
	struct dmasim_origin here = {.file = evil, .line = 1, .what = evil};
	struct dmasim_line_view *v;
	struct dmasim_page_run run = {.name = evil, .verdict = evil};
	struct dmasim_view_page p = {.title = evil,
	                             .text = evil,
	                             .remedy = evil,
	                             .runs = &run,
	                             .run_count = 1};
	struct dmasim_view_page plain = {.title = "x"};
	char *html, *reference;
	json_t *j;

	(void)state;
	assert_int_equal(
	        dmasim_name_region(r->checker, RIG_RAM, 64, evil, NULL, NULL),
	        DMASIM_OK);
	assert_int_equal(dmasim_line_view_create(&cfg, &v), DMASIM_OK);
	dmasim_line_view_note(v, "%s", evil);
	assert_int_equal(dmasim_cpu_put(r->cpu[0], RIG_WB, 4, 1, here),
	                 DMASIM_OK);
	dmasim_line_view_begin(v, evil, evil, &here);
	dmasim_line_view_end(v);
	run.view = v;
	html = page_of(&p);
	reference = page_of(&plain);
	assert_int_equal(occurrences(html, "<script"),
	                 occurrences(reference, "<script"));
	assert_int_equal(occurrences(html, "</script"),
	                 occurrences(reference, "</script"));
	assert_int_equal(occurrences(html, "<!--"),
	                 occurrences(reference, "<!--"));
	j = data_of(html);
	assert_string_equal(json_string_value(json_object_get(j, "title")),
	                    "</script><script>alert(1)</script><!--\"'&\\@DATA@"
	                    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	json_decref(j);
	free(html);
	free(reference);
	dmasim_line_view_destroy(v);
	rig_free(r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_text),       cmocka_unit_test(dirty_and_stale),
        cmocka_unit_test(dropped),       cmocka_unit_test(empty),
        cmocka_unit_test(full_output),   cmocka_unit_test(page),
        cmocka_unit_test(hostile_names),
};

CHECK_MAIN(tests)
