/* SPDX-License-Identifier: MIT */
/* The Secure programming interface. */
#include "rig.h"

static void refused_write(struct rig *r, uint32_t offset, bool wide)
{
	uint64_t was = wide ? rig_r64(r, offset) : rig_r32(r, offset);

	r->warnings[0] = '\0';
	if (wide)
		rig_w64(r, offset, ~was);
	else
		rig_w32(r, offset, (uint32_t)~was);
	assert_int_equal(wide ? rig_r64(r, offset) : rig_r32(r, offset), was);
	assert_non_null(strstr(r->warnings, "guarded-register"));
}

/* 6.2: Secure registers answer Secure accesses alone; the others answer
 * both. */
RIG_TEST(secure_registers, RIG_FULL)
{
	rig_w32(r, S(CR1), 0xfff);
	rig_w32(r, 0x30000 + 0xa08, 5);
	assert_int_equal(rig_r32(r, 0x8004), 0);
	rig_secure(r, true);
	assert_int_equal(rig_r32(r, 0x8004), 1u << 31 | 1u << 29 | 16);
	assert_int_equal(rig_r32(r, S(CR1)), 0);
	assert_int_equal(rig_r32(r, 0x30000 + 0xa08), 0);
	rig_w32(r, S(CR1), 0xd75);
	rig_w32(r, CR1, 0x123);
	assert_int_equal(rig_r32(r, S(CR1)), 0xd75);
	assert_int_equal(rig_r32(r, CR1), 0x123);
	rig_secure(r, false);
	assert_int_equal(rig_r32(r, S(CR1)), 0);
	assert_int_equal(rig_r32(r, CR1), 0x123);
}

/* 6.3.57: Secure software takes stalling away from the other side. */
RIG_TEST(nsstalld, RIG_FULL)
{
	assert_int_equal(rig_r32(r, IDR0) >> 24 & 3, 0);
	rig_secure(r, true);
	rig_w32(r, S(CR0), 1u << 9);
	assert_int_equal(rig_r32(r, IDR0) >> 24 & 3, 1);
	assert_int_equal(rig_r32(r, 0x8000) >> 24 & 3, 0);
	rig_w32(r, S(CR0), 0);
	assert_int_equal(rig_r32(r, IDR0) >> 24 & 3, 0);
}

/* Where stalls are forced, or absent, there is nothing to take away. */
RIG_TEST(nsstalld_is_res0, .off = true, .s_idr = {2u << 24, 1u << 31 | 16})
{
	rig_secure(r, true);
	rig_w32(r, S(CR0), 1u << 9);
	assert_int_equal(rig_r32(r, S(CR0)), 0);
	/* 6.3.1: both show the same. */
	assert_int_equal(rig_r32(r, IDR0) >> 24 & 3, 2);
}

RIG_TEST(init_drops_what_is_cached, .s_idr = {0, 1u << 31 | 16})
{
	struct tables_half h;
	uint64_t va = 0x12345000;

	rig_stream(r, 5, 1, &h);
	tables_map(&r->t, &h, va, RIG_DATA, 3, LEAF_RW);
	assert_int_equal(rig_pa(r, 5, va), RIG_DATA);
	tables_map(&r->t, &h, va, RIG_DATA + 0x1000, 3, LEAF_RW);
	rig_w32(r, S_INIT, 1);
	assert_int_equal(rig_pa(r, 5, va), RIG_DATA);
	rig_secure(r, true);
	/* Not while either side translates. */
	rig_w32(r, S_INIT, 1);
	assert_int_equal(rig_r32(r, S_INIT), 0);
	assert_non_null(strstr(r->warnings, "S_INIT"));
	assert_int_equal(rig_pa(r, 5, va), RIG_DATA);
	rig_w32(r, CR0, EN_EVENTQ);
	rig_w32(r, S(CR0), EN_SMMU);
	rig_w32(r, S_INIT, 1);
	rig_w32(r, S(CR0), 0);
	rig_w32(r, CR0, EN_ALL);
	assert_int_equal(rig_pa(r, 5, va), RIG_DATA);
	rig_w32(r, CR0, EN_EVENTQ);
	rig_w32(r, S_INIT, 0);
	rig_w32(r, CR0, EN_ALL);
	assert_int_equal(rig_pa(r, 5, va), RIG_DATA);
	rig_w32(r, CR0, EN_EVENTQ);
	rig_w32(r, S_INIT, 1);
	assert_int_equal(rig_r32(r, S_INIT), 0);
	rig_w32(r, CR0, EN_ALL);
	assert_int_equal(rig_pa(r, 5, va), RIG_DATA + 0x1000);
}

RIG_TEST(secure_guards, RIG_FULL)
{
	rig_w32(r, CR0, 2);
	refused_write(r, PRIQ_BASE, true);
	assert_non_null(strstr(r->warnings, "PRIQEN"));
	refused_write(r, PRIQ_PROD, false);
	rig_w32(r, IRQ_CTRL, 2);
	refused_write(r, PRIQ_IRQ_CFG0, true);
	refused_write(r, PRIQ_IRQ_CFG1, false);
	refused_write(r, PRIQ_IRQ_CFG2, false);
	assert_non_null(strstr(r->warnings, "PRIQ_IRQEN"));
	rig_secure(r, true);
	rig_w32(r, S(CR0), EN_ALL);
	refused_write(r, S(STRTAB_BASE), true);
	assert_non_null(
	        strstr(r->warnings, "S_STRTAB_BASE ignored while SMMUEN"));
	refused_write(r, S(CR2), false);
	refused_write(r, S(CMDQ_BASE), true);
	refused_write(r, S(0xa0), true);
	refused_write(r, S(0xa8), false);
	rig_w32(r, S(IRQ_CTRL), 5);
	refused_write(r, S(GERROR_IRQ_CFG0), true);
	refused_write(r, S(EVENTQ_IRQ_CFG1), false);
	/* The other side is not on: nothing of it is guarded. */
	rig_w64(r, STRTAB_BASE, 0x40);
	assert_int_equal(rig_r64(r, STRTAB_BASE), 0x40);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(secure_registers),
        cmocka_unit_test(nsstalld),
        cmocka_unit_test(nsstalld_is_res0),
        cmocka_unit_test(init_drops_what_is_cached),
        cmocka_unit_test(secure_guards),
};

CHECK_MAIN(tests)
