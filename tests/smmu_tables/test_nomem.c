/* SPDX-License-Identifier: MIT */
/* Memory that holds zeroes takes none of the host's: the first word that is
 * written into it may find that there is none left. */
#include "fail_alloc.h"

#include "rig.h"

static void a_table_of_streams(void **state)
{
	struct rig *r = *state;
	struct dmasim_tables_streams st;
	uint64_t ste;

	assert_int_equal(dmasim_tables_streams_new(&r->t, &st, 8, 6),
	                 DMASIM_OK);
	fail_alloc_after = 0;
	assert_int_equal(dmasim_tables_ste(&r->t, &st, 0, &ste),
	                 DMASIM_E_NOMEM);
	assert_int_equal(ste, 0);
	assert_int_equal(word(r, st.base), 0);
	/* It is missing as before, and can be made. */
	fail_alloc_after = -1;
	assert_int_equal(dmasim_tables_ste(&r->t, &st, 0, &ste), DMASIM_OK);
	assert_int_equal(word(r, st.base), ste | 7);
}

static void a_table_of_contexts(void **state)
{
	struct rig *r = *state;
	struct dmasim_tables_cds cds;
	uint64_t cd;

	assert_int_equal(dmasim_tables_cds_new(&r->t, &cds, 8, 1), DMASIM_OK);
	fail_alloc_after = 0;
	assert_int_equal(dmasim_tables_cd(&r->t, &cds, 0, &cd), DMASIM_E_NOMEM);
	assert_int_equal(cd, 0);
	assert_int_equal(word(r, cds.base), 0);
	fail_alloc_after = -1;
	assert_int_equal(dmasim_tables_cd(&r->t, &cds, 0, &cd), DMASIM_OK);
	assert_int_equal(word(r, cds.base), cd | 1);
}

static const struct CMUnitTest tests[] = {
        CASE(a_table_of_streams),
        CASE(a_table_of_contexts),
};

CHECK_MAIN(tests)
