/* SPDX-License-Identifier: MIT */
/* IHI 0070, chapter 6: registers of features, and of the Secure side. */
#include "nest.h"

#define SID 5u

static uint64_t line(struct rig *r, uint32_t n)
{
	return dmasim_irq_count((struct dmasim_irq){r->irqc, n});
}

/* 6.2: a Non-secure access neither reads nor writes what is Secure. */
RIG_TEST(s6_2_secure_half, RIG_FULL)
{
	static uint32_t seen[0x2000];

	rig_secure(r, true);
	rig_w32(r, S(CR1), 0xd75);
	rig_w64(r, S(STRTAB_BASE), 0x40000000);
	for (uint32_t i = 0; i < 0x2000; i++)
		seen[i] = rig_r32(r, 0x8000 + 4 * i);
	rig_secure(r, false);
	for (uint32_t i = 0; i < 0x2000; i++) {
		assert_int_equal(rig_r32(r, 0x8000 + 4 * i), 0);
		rig_w32(r, 0x8000 + 4 * i, UINT32_MAX);
	}
	rig_secure(r, true);
	for (uint32_t i = 0; i < 0x2000; i++)
		assert_int_equal(rig_r32(r, 0x8000 + 4 * i), seen[i]);
}

/* 6.2: both halves of a 64-bit register by themselves. */
RIG_TEST(s6_2_halves, RIG_FULL)
{
	static const uint32_t wide[] = {STRTAB_BASE, CMDQ_BASE, EVENTQ_BASE,
	                                PRIQ_BASE, 0x110};

	for (unsigned i = 0; i < sizeof(wide) / sizeof(*wide); i++) {
		rig_w32(r, wide[i], 0x12345000);
		rig_w32(r, wide[i] + 4, 0x00001234);
		assert_int_equal(rig_r64(r, wide[i]), 0x0000123412345000);
		assert_int_equal(rig_r32(r, wide[i]), 0x12345000);
		assert_int_equal(rig_r32(r, wide[i] + 4), 0x1234);
	}
}

/* 6.3.1: where there is a Secure side, it says what stalls there are. */
RIG_TEST(s6_3_1_stall_model, .s_idr = {2u << 24, 1u << 31 | 16u},
         .idr_clear = {3u << 24}, .idr_set = {1u << 24})
{
	assert_int_equal(rig_r32(r, IDR0) >> 24 & 3, 2);
}

/* 6.3.9: VMW has three bits; reserved values are kept as written. */
RIG_TEST(s6_3_9_vmw, RIG_FULL)
{
	for (uint32_t vmw = 0; vmw < 8; vmw++) {
		rig_w32(r, CR0, vmw << 6);
		assert_int_equal(rig_r32(r, CR0ACK), vmw << 6);
	}
}

/* 6.3.24: bits above the output size are not there. */
RIG_TEST(s6_3_24_addresses, .off = true, .oas_bits = 40,
         .idr_clear = {0, 0, 0, 0, 0, 7}, .idr_set = {0, 0, 0, 0, 0, 2})
{
	static const uint32_t at[] = {STRTAB_BASE, CMDQ_BASE, EVENTQ_BASE,
	                              GERROR_IRQ_CFG0, EVENTQ_IRQ_CFG0};

	for (unsigned i = 0; i < sizeof(at) / sizeof(*at); i++) {
		rig_w64(r, at[i], 0x00ffffffffff0000);
		assert_int_equal(rig_r64(r, at[i]), 0x000000ffffff0000);
	}
}

/* 6.3.25: FMT and SPLIT belong to 2-level tables. */
RIG_TEST(s6_3_25_linear_only, .off = true, .idr_clear = {3u << 27})
{
	rig_w32(r, STRTAB_BASE_CFG, UINT32_MAX);
	assert_int_equal(rig_r32(r, STRTAB_BASE_CFG), 0x3f);
}

/* 6.3.36: LO is there without messages. */
RIG_TEST(s6_3_36_last_only, .off = true, .idr_clear = {1u << 13},
         .idr_set = {1u << 10 | 1u << 16})
{
	rig_w32(r, PRIQ_IRQ_CFG2, UINT32_MAX);
	assert_int_equal(rig_r32(r, PRIQ_IRQ_CFG2), 1u << 31);
	rig_w64(r, PRIQ_IRQ_CFG0, UINT64_MAX);
	assert_int_equal(rig_r64(r, PRIQ_IRQ_CFG0), 0);
	rig_w64(r, PRIQ_BASE, UINT64_MAX);
	assert_int_not_equal(rig_r64(r, PRIQ_BASE), 0);
}

/* 6.3.44: 8 bits of VMID without VMID16. */
RIG_TEST(s6_3_44_vatos_sel, .off = true, .idr_set = {1u | 1u << 15 | 1u << 20})
{
	rig_w32(r, 0x180, UINT32_MAX);
	assert_int_equal(rig_r32(r, 0x180), 0xff);
}

/* 6.3.57: each side is enabled by itself. */
RIG_TEST(s6_3_57_sides_apart, NEST_SECURE)
{
	struct secure s;

	secure_open(&s, r);
	tables_ste_config(&r->t, &r->streams, SID, 0);
	tables_ste_config(&r->t, &s.streams, SID, 0);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, RIG_DATA, 4),
	                 DMASIM_TXN_ABORT);
	rig_w32(r, CR0, 0);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, RIG_DATA, 4),
	                 DMASIM_TXN_OK);
	assert_int_equal(secure_dma(&s, DMASIM_READ, SID, RIG_DATA, 0),
	                 DMASIM_TXN_ABORT);
	rig_w32(r, S(CR0), 0);
	assert_int_equal(secure_dma(&s, DMASIM_READ, SID, RIG_DATA, 0),
	                 DMASIM_TXN_OK);
	/* 6.3.63: and bypassed as its own GBPA says. */
	rig_w32(r, S(GBPA), 1u << 31 | 1u << 20);
	assert_int_equal(secure_dma(&s, DMASIM_READ, SID, RIG_DATA, 0),
	                 DMASIM_TXN_ABORT);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, RIG_DATA, 4),
	                 DMASIM_TXN_OK);
}

/* 6.3.57.1: without stalls for Non-secure streams their commands are gone,
 * and those of the Secure side are not. */
RIG_TEST(s6_3_57_1_nsstalld, NEST_SECURE)
{
	struct secure s;

	secure_open(&s, r);
	rig_cmd(r, (struct tables_cmd){0x44, 0});
	rig_cmd(r, (struct tables_cmd){0x45, 0});
	assert_int_equal(rig_r32(r, GERROR), 0);
	rig_w32(r, S(CR0), EN_ALL | 1u << 9);
	rig_cmd(r, (struct tables_cmd){0x44, 0});
	assert_int_equal(rig_r32(r, GERROR), 1);
	secure_cmd(&s, (struct tables_cmd){0x44, 0});
	secure_cmd(&s, (struct tables_cmd){0x45, 0});
}

/* 6.3.17, 6.3.61: without S2PI there are no such registers. */
RIG_TEST(s6_3_61_s2pii, .s_idr = {0, 1u << 31 | 16u})
{
	rig_secure(r, true);
	for (unsigned i = 0; i < 4; i++) {
		static const uint32_t places[] = {0x30, 0x34, S(0x30), S(0x34)};

		rig_w32(r, places[i], UINT32_MAX);
		assert_int_equal(rig_r32(r, places[i]), 0);
	}
	assert_int_equal(rig_r32(r, S(IDR1)), 1u << 31 | 16);
}

/* 6.3.67, 7.5: errors of one side are not those of the other. */
RIG_TEST(s6_3_67_errors_apart, NEST_SECURE)
{
	struct secure s;

	secure_open(&s, r);
	r->refuse_from = s.evtq;
	r->refuse_to = s.evtq + 32;
	rig_w32(r, S(CR0), 0);
	rig_w32(r, S(CR2), 2);
	rig_w32(r, S(CR0), EN_ALL);
	secure_dma(&s, DMASIM_READ, 300, 0, 0);
	assert_int_equal(rig_r32(r, S(GERROR)), 1 << 2);
	assert_int_equal(rig_r32(r, GERROR), 0);
	assert_int_equal(line(r, 87), 1);
	assert_int_equal(line(r, 77), 0);
	rig_w32(r, S(GERRORN), 1 << 2);
	r->refuse_to = 0;
	secure_dma(&s, DMASIM_READ, 301, 0, 0);
	secure_expect(&s, EV(2, 301), 0, 0, 0);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(s6_2_secure_half),
        cmocka_unit_test(s6_2_halves),
        cmocka_unit_test(s6_3_1_stall_model),
        cmocka_unit_test(s6_3_9_vmw),
        cmocka_unit_test(s6_3_24_addresses),
        cmocka_unit_test(s6_3_25_linear_only),
        cmocka_unit_test(s6_3_36_last_only),
        cmocka_unit_test(s6_3_44_vatos_sel),
        cmocka_unit_test(s6_3_57_sides_apart),
        cmocka_unit_test(s6_3_57_1_nsstalld),
        cmocka_unit_test(s6_3_61_s2pii),
        cmocka_unit_test(s6_3_67_errors_apart),
};

CHECK_MAIN(tests)
