/* SPDX-License-Identifier: MIT */
#include "check.h"

#include "dmasim/status.h"

static void every_status_has_its_own_text(void **state)
{
	(void)state;
	for (int a = DMASIM_E_DEVICE; a <= DMASIM_OK; a++) {
		assert_string_not_equal(dmasim_strerror(a), "unknown status");
		for (int b = DMASIM_E_DEVICE; b < a; b++)
			assert_string_not_equal(dmasim_strerror(a),
			                        dmasim_strerror(b));
	}
	assert_string_equal(dmasim_strerror(1), "unknown status");
	assert_string_equal(dmasim_strerror(DMASIM_E_DEVICE - 1),
	                    "unknown status");
}

static void diag_formats_and_returns_the_status(void **state)
{
	struct dmasim_diag d = {.text = "old"};
	char longer[1000];

	(void)state;
	assert_int_equal(
	        dmasim_diag_set(&d, DMASIM_E_FORMAT, "line %d: %s", 7, "bad"),
	        DMASIM_E_FORMAT);
	assert_string_equal(d.text, "line 7: bad");
	assert_int_equal(dmasim_diag_set(NULL, DMASIM_E_IO, "x"), DMASIM_E_IO);
	memset(longer, 'L', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(dmasim_diag_set(&d, DMASIM_OK, "%s", longer),
	                 DMASIM_OK);
	assert_int_equal(strlen(d.text), sizeof(d.text) - 1);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_its_own_text),
        cmocka_unit_test(diag_formats_and_returns_the_status),
};

CHECK_MAIN(tests)
