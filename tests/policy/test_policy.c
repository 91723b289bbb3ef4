/* SPDX-License-Identifier: MIT */
#include "check.h"
#include "dmasim/policy.h"

/* Every input, as a number of four bits. */
static struct dmasim_policy_input input(unsigned bits)
{
	return (struct dmasim_policy_input){
	        .version_1 = bits & 1,
	        .access_platform = bits & 2,
	        .arm = bits & 4,
	        .xen = bits & 8,
	};
}

/* The set of inputs (one bit each) for which @policy uses the DMA API. */
static unsigned truth_table(enum dmasim_policy policy)
{
	unsigned table = 0;

	for (unsigned bits = 0; bits < 16; bits++) {
		struct dmasim_policy_input in = input(bits);

		if (dmasim_policy_use_dma_api(policy, &in))
			table |= 1u << bits;
	}
	return table;
}

static void dma_api_is_always_used(void **state)
{
	(void)state;
	assert_int_equal(truth_table(DMASIM_POLICY_DMA_API), 0xffff);
}

/* Without ACCESS_PLATFORM and Xen, only a legacy device (bit 0 clear) on Arm
 * (bit 2 set) is left: input 4. */
static void linux_4_10_rc6_adds_legacy_devices_on_arm(void **state)
{
	(void)state;
	assert_int_equal(truth_table(DMASIM_POLICY_LINUX_4_10_RC6),
	                 0xffcc | 1u << 4);
}

static void linux_6_1_looks_at_access_platform_and_xen(void **state)
{
	(void)state;
	assert_int_equal(truth_table(DMASIM_POLICY_LINUX_6_1), 0xffcc);
}

static void names_are_parsed(void **state)
{
	(void)state;
	for (int i = 0; i < DMASIM_POLICIES; i++) {
		enum dmasim_policy p = (enum dmasim_policy)i, q;

		assert_int_equal(dmasim_policy_parse(dmasim_policy_name(p), &q),
		                 DMASIM_OK);
		assert_int_equal(q, p);
	}
	assert_string_equal(dmasim_policy_name(DMASIM_POLICY_DMA_API),
	                    "dma-api");
	assert_string_equal(dmasim_policy_name(DMASIM_POLICY_LINUX_4_10_RC6),
	                    "linux-4.10-rc6");
	assert_string_equal(dmasim_policy_name(DMASIM_POLICY_LINUX_6_1),
	                    "linux-6.1");
}

static void unknown_names_are_refused(void **state)
{
	enum dmasim_policy p = DMASIM_POLICY_LINUX_6_1;

	(void)state;
	assert_int_equal(dmasim_policy_parse("", &p), DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_policy_parse("linux-6.12", &p),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(p, DMASIM_POLICY_LINUX_6_1);
	assert_string_equal(dmasim_policy_name(DMASIM_POLICIES),
	                    "unknown policy");
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(dma_api_is_always_used),
        cmocka_unit_test(linux_4_10_rc6_adds_legacy_devices_on_arm),
        cmocka_unit_test(linux_6_1_looks_at_access_platform_and_xen),
        cmocka_unit_test(names_are_parsed),
        cmocka_unit_test(unknown_names_are_refused),
};
CHECK_MAIN(tests)
