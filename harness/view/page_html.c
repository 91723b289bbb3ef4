/* SPDX-License-Identifier: MIT */
/*
 * The page: page.html with two places filled in. What comes from outside goes
 * into the <title> as text and into a <script> of JSON, escaped for each.
 */
#include <string.h>

#include "view_internal.h"

extern const unsigned char view_page_source[];

#define TITLE_MARK "@TITLE@"
#define DATA_MARK  "@DATA@"

static void put_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		default:
			putc(*text, out);
		}
	}
}

static void put_data(FILE *out, const struct dmasim_view_page *page)
{
	fputs("{\"title\":", out);
	dmasim_view_json_string(out, page->title);
	fputs(",\"text\":", out);
	dmasim_view_json_string(out, page->text ? page->text : "");
	fputs(",\"remedy\":", out);
	dmasim_view_json_string(out, page->remedy ? page->remedy : "");
	fputs(",\"runs\":[", out);
	for (size_t i = 0; i < page->run_count; i++) {
		const struct dmasim_page_run *run = &page->runs[i];

		fputs(i ? ",\n{\"verdict\":" : "\n{\"verdict\":", out);
		dmasim_view_json_string(out, run->verdict ? run->verdict : "");
		fputs(",\"life\":", out);
		(void)dmasim_line_view_json(run->view, out, run->name);
		putc('}', out);
	}
	fputs("]}", out);
}

int dmasim_view_html(const struct dmasim_view_page *page, FILE *out)
{
	const char *source = (const char *)view_page_source;
	const char *title = strstr(source, TITLE_MARK);
	const char *data = strstr(source, DATA_MARK);

	fwrite(source, 1, (size_t)(title - source), out);
	put_text(out, page->title);
	title += strlen(TITLE_MARK);
	fwrite(title, 1, (size_t)(data - title), out);
	put_data(out, page);
	fputs(data + strlen(DATA_MARK), out);
	return ferror(out) ? DMASIM_E_IO : DMASIM_OK;
}
