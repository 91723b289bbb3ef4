/* SPDX-License-Identifier: MIT */
/* Each allocation fails once: E_NOMEM or no text, and nothing leaks. */
#include "check.h"
#include "sample.h"

#include <stdlib.h>

#include "fail_alloc.h"

/* True: all went well. */
static bool once(enum dmasim_report_format format)
{
	static const char text[] =
	        "LOST_WRITE\nSTALE_READ addr=0-1\n* addr=2-3";
	const struct dmasim_finding f =
	        sample(DMASIM_STALE_READ, DMASIM_OBSERVED);
	struct dmasim_finding_report *r = NULL;
	struct dmasim_suppressions *s;
	struct dmasim_diag diag;
	char *written = NULL;
	int status = dmasim_suppressions_parse(text, sizeof(text) - 1, "supp",
	                                       &s, &diag);

	if (!status)
		status = dmasim_finding_report_create(s, DMASIM_POTENTIAL, &r);
	for (unsigned i = 0; i < 20 && !status; i++)
		status = dmasim_finding_report_add(r, &f);
	if (!status)
		written = dmasim_finding_report_write(r, format);
	assert_true(status == DMASIM_OK || status == DMASIM_E_NOMEM);
	free(written);
	dmasim_finding_report_destroy(r);
	dmasim_suppressions_destroy(s);
	return written != NULL;
}

static void every_allocation(void **state)
{
	(void)state;
	/* jansson's own failures are jansson's: the text form has none. */
	for (int n = 0; n < 1000; n++) {
		bool fine;

		fail_alloc_hit = false;
		fail_alloc_after = n;
		fine = once(DMASIM_REPORT_TEXT);
		fail_alloc_after = -1;
		assert_int_equal(fine, !fail_alloc_hit);
		if (!fail_alloc_hit)
			return;
	}
	fail();
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation),
};

CHECK_MAIN(tests)
