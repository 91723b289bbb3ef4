/* SPDX-License-Identifier: MIT */
/* The corpus of fuzz_memsys, streams of a generator, and that the streams do
 * what they are for. */
#include "corpus.h"
#include "mem_stream.h"

#define LENGTH 1500u

static void the_corpus(void **state)
{
	(void)state;
	assert_true(corpus_run(DMASIM_SOURCE_DIR "/tests/fuzz/mem_corpus",
	                       fuzz_memsys) >= 16);
}

static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void streams(uint64_t seed, uint8_t mode)
{
	static uint8_t data[LENGTH];

	for (unsigned i = 0; i < STREAMS; i++) {
		uint64_t first;

		for (unsigned j = 0; j < LENGTH; j++)
			data[j] = (uint8_t)(next(&seed) >> 24);
		data[0] = (uint8_t)((data[0] & ~1u) | mode);
		/* Few addresses, so that agents meet. */
		for (unsigned j = 6; i & 1 && j < LENGTH; j += 2)
			data[j] &= 0x87;
		first = fuzz_memsys(data, LENGTH);
		if (fuzz_memsys(data, LENGTH) != first)
			fail_msg("stream %u: two runs differ", i);
	}
}

static void coherent_agents_equal_a_flat_array(void **state)
{
	(void)state;
	streams(0x9e3779b97f4a7c15ull, 0);
}

static void anybody_may_do_anything(void **state)
{
	(void)state;
	streams(0xd1b54a32d192ed03ull, 1);
}

/* Two streams that differ in one access end differently: the digest sees
 * something. */
static void the_digest_sees(void **state)
{
	/* One CPU, defaults; a write through it, and a read. */
	const uint8_t data[] = {0, 0x40, 0x0a, 8, 3, 0, 0, 8,
	                        0, 0x77, 0,    0, 0, 8, 0};
	uint8_t other[sizeof(data)];

	(void)state;
	memcpy(other, data, sizeof(data));
	other[9] = 0x78;
	assert_int_equal(fuzz_memsys(data, sizeof(data)),
	                 fuzz_memsys(data, sizeof(data)));
	assert_int_not_equal(fuzz_memsys(data, sizeof(data)),
	                     fuzz_memsys(other, sizeof(other)));
}

static void nothing_at_all(void **state)
{
	(void)state;
	fuzz_memsys(NULL, 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_corpus),
        cmocka_unit_test(coherent_agents_equal_a_flat_array),
        cmocka_unit_test(anybody_may_do_anything),
        cmocka_unit_test(the_digest_sees),
        cmocka_unit_test(nothing_at_all),
};

CHECK_MAIN(tests)
