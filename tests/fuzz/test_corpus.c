/* SPDX-License-Identifier: MIT */
/* The corpus that fuzzing has left: every file again, twice, with the same
 * end. And that the streams do what they are for. */
#include "corpus.h"
#include "stream.h"

static void the_corpus(void **state)
{
	(void)state;
	assert_true(corpus_run(DMASIM_SOURCE_DIR "/tests/fuzz/corpus",
	                       fuzz_smmu) >= 16);
}

/* Two streams that differ in one access end differently: the digest sees
 * something. */
static void the_digest_sees(void **state)
{
	const uint8_t read[] = {0, 8, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 7};
	uint8_t other[sizeof(read)];

	(void)state;
	memcpy(other, read, sizeof(read));
	other[6] = 1; /* a write */
	assert_int_equal(fuzz_smmu(read, sizeof(read)),
	                 fuzz_smmu(read, sizeof(read)));
	assert_int_not_equal(fuzz_smmu(read, sizeof(read)),
	                     fuzz_smmu(other, sizeof(other)));
}

static void nothing_at_all(void **state)
{
	(void)state;
	fuzz_smmu(NULL, 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_corpus),
        cmocka_unit_test(the_digest_sees),
        cmocka_unit_test(nothing_at_all),
};

CHECK_MAIN(tests)
