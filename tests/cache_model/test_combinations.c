/* SPDX-License-Identifier: MIT */
/*
 * All combinations of levels, protocol, replacement, line size, CPUs, system
 * cache and snoop filter under random coherent traffic. STRIDE: one of how
 * many is run.
 */
#include "traffic.h"

#include <stdlib.h>

/* The next digit of @n, of a number system with these digits. */
static unsigned digit(unsigned *n, unsigned base)
{
	unsigned d = *n % base;

	*n /= base;
	return d;
}

static void combinations(enum dmasim_protocol protocol)
{
	static const uint32_t lines[] = {16, 32, 64, 128, 512, 2048};
	unsigned total = SHAPES * 3 * 6 * 4 * 2 * 2, runs = 0;

	for (unsigned i = 0; i < total; i += STRIDE, runs++) {
		unsigned n = i;
		enum shape shape = (enum shape)digit(&n, SHAPES);
		enum dmasim_replacement replace =
		        (enum dmasim_replacement)digit(&n, 3);
		uint32_t line = lines[digit(&n, 6)];
		struct rig_config cfg = shaped(shape, line, replace);
		struct traffic t;

		cfg.protocol = protocol;
		cfg.cpus = 1 + digit(&n, 4);
		if (digit(&n, 2))
			cfg.system = (struct dmasim_cache_config){8 * line, 2,
			                                          20, replace};
		if (digit(&n, 2))
			cfg.snoop_filter = (struct dmasim_snoop_filter_config){
			        .entries = 8, .ways = 2, .cycles = 4};
		traffic_begin(&t, rig_new(&cfg), true);
		t.mixed = true;
		traffic_steps(&t, 3000 + i, 400);
		traffic_end(&t);
	}
	print_message("%u of %u combinations\n", runs, total);
	assert_int_equal(runs, (total + STRIDE - 1) / STRIDE);
}

static void mesi(void **state)
{
	(void)state;
	combinations(DMASIM_MESI);
}

static void moesi(void **state)
{
	(void)state;
	combinations(DMASIM_MOESI);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(mesi),
        cmocka_unit_test(moesi),
};

CHECK_MAIN(tests)
