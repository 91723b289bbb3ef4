/* SPDX-License-Identifier: MIT */
/* The watch in saved state: what is kept is judged as before. */
#include "watched.h"

#include <stdlib.h>

struct blob {
	uint8_t *data;
	size_t size;
};

static struct blob save(struct watched *w)
{
	struct dmasim_writer *writer;
	const uint8_t *data;
	struct blob b;

	assert_int_equal(dmasim_writer_create(&writer), DMASIM_OK);
	assert_int_equal(dmasim_smmu_save(w->r->smmu, writer), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(writer, &data, &b.size),
	                 DMASIM_OK);
	b.data = malloc(b.size);
	assert_non_null(b.data);
	memcpy(b.data, data, b.size);
	dmasim_writer_destroy(writer);
	return b;
}

static int restore(struct dmasim_smmu *s, const struct blob *b, size_t size)
{
	struct dmasim_reader *r;
	int status;

	assert_int_equal(dmasim_reader_create(b->data, size, &r), DMASIM_OK);
	status = dmasim_smmu_restore(s, r);
	dmasim_reader_destroy(r);
	return status;
}

/* Away and back, with nothing left in between. */
static void through_state(struct watched *w)
{
	struct blob b = save(w), again;

	assert_int_equal(restore(w->r->smmu, &b, b.size / 2), DMASIM_E_FORMAT);
	assert_int_equal(restore(w->r->smmu, &b, b.size), DMASIM_OK);
	again = save(w);
	assert_int_equal(again.size, b.size);
	assert_memory_equal(again.data, b.data, b.size);
	free(again.data);
	free(b.data);
}

#define TWO_LEVEL .log2size = 12, .split = 8

/* Leaf, table, STE and CD, before the state is saved or after. */
static void finds(struct watched *w, unsigned what, bool late)
{
	uint64_t at, v;

	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	at = what == 0   ? watched_at(w, 3)
	     : what == 1 ? watched_at(w, 1)
	     : what == 2 ? w->ste + 8
	     : what == 3 ? w->cd + 24
	                 : w->r->streams.base;
	v = watched_get(w, at) ^ 1ull << 20;
	if (late)
		through_state(w);
	CHANGE(w, at, v);
	watched_sync(w);
	if (!late)
		through_state(w);
	watched_clean(w);
	watched_read(w);
	assert_int_equal(dmasim_finding_count(w->r->checker), 1);
	assert_int_equal(dmasim_finding_get(w->r->checker, 0)->kind,
	                 DMASIM_STALE_TRANSLATION);
	assert_int_equal(dmasim_finding_get(w->r->checker, 0)->addr & ~7ull,
	                 at);
}

#define FINDS(name, what)                                                      \
	WATCHED_TEST(name##_before, TWO_LEVEL)                                 \
	{                                                                      \
		finds(w, what, false);                                         \
	}                                                                      \
	WATCHED_TEST(name##_after, TWO_LEVEL)                                  \
	{                                                                      \
		finds(w, what, true);                                          \
	}

FINDS(leaf, 0)
FINDS(table, 1)
FINDS(ste, 2)
FINDS(cd, 3)
FINDS(level1, 4)

/* The walk goes on from a table that was restored. */
WATCHED_TEST(kept_tables, 0)
{
	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	through_state(w);
	watched_do(w, cmd_tlbi(0x12, 0, W_ASID, W_VA | 1));
	assert_int_equal(watched_read(w), W_PA);
	MOVE_TABLE(w);
	watched_do(w, cmd_tlbi(0x12, 0, W_ASID, W_VA | 1));
	assert_int_equal(watched_read(w), W_PA);
	assert_int_equal(dmasim_finding_count(w->r->checker), 1);
}

/* Commands that were handed over before, and not done, stay unknown. */
WATCHED_TEST(a_driver_that_is_not_done, 0)
{
	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	CHANGE(w, watched_at(w, 3), W_NEW | LEAF_RW | 3);
	through_state(w);
	assert_int_equal(watched_read(w), W_PA);
	watched_clean(w);
	watched_sync(w);
	assert_int_equal(watched_read(w), W_PA);
	assert_int_equal(dmasim_finding_count(w->r->checker), 1);
}

/* Whatever is in a blob, accesses after it are safe. */
WATCHED_TEST(hostile_blobs, .tlb_entries = 4, .config_entries = 4)
{
	uint64_t seed = 7;
	unsigned taken = 0;
	struct blob b, bad;

	watched_stream(w);
	assert_int_equal(watched_read(w), W_PA);
	CHANGE(w, watched_at(w, 3), W_NEW | LEAF_RW | 3);
	watched_sync(w);
	b = save(w);
	bad.data = malloc(b.size);
	assert_non_null(bad.data);
	for (unsigned i = 0; i < 4000; i++) {
		memcpy(bad.data, b.data, b.size);
		for (unsigned n = 0; n < 2; n++) {
			seed = seed * 6364136223846793005u +
			       1442695040888963407u;
			bad.data[(seed >> 33) % b.size] = (uint8_t)(seed >> 20);
		}
		if (restore(w->r->smmu, &bad, b.size) != DMASIM_OK)
			continue;
		taken++;
		watched_read(w);
		watched_dma(w, DMASIM_WRITE, W_SID, W_VA + 0x1000);
	}
	assert_in_range(taken, 100, 4000);
	free(bad.data);
	free(b.data);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaf_before),
        cmocka_unit_test(leaf_after),
        cmocka_unit_test(table_before),
        cmocka_unit_test(table_after),
        cmocka_unit_test(ste_before),
        cmocka_unit_test(ste_after),
        cmocka_unit_test(cd_before),
        cmocka_unit_test(cd_after),
        cmocka_unit_test(level1_before),
        cmocka_unit_test(level1_after),
        cmocka_unit_test(kept_tables),
        cmocka_unit_test(a_driver_that_is_not_done),
        cmocka_unit_test(hostile_blobs),
};
CHECK_MAIN(tests)
