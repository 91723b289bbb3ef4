/* SPDX-License-Identifier: MIT */
/* The Secure programming interface. */
#include "nest.h"

#include "smmuv3_internal.h"

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

/* ---- the Secure Command queue ---- */

/* An error of the queue that @at belongs to: 0, or S(0). */
static void expect_error(struct rig *r, uint32_t at, uint64_t queue,
                         struct tables_cmd c, unsigned error)
{
	uint32_t prod = rig_r32(r, at + CMDQ_PROD), gerror;
	uint32_t mask = at ? 63 : (1u << r->queue_log2) - 1;
	uint64_t slot = queue + 16ull * (prod & mask);

	tables_set(&r->t, slot, c.d0);
	tables_set(&r->t, slot + 8, c.d1);
	rig_w32(r, at + CMDQ_PROD, (prod + 1) & (2 * mask + 1));
	assert_int_equal(rig_r32(r, at + CMDQ_CONS), error << 24 | prod);
	gerror = rig_r32(r, at + GERROR);
	assert_int_equal((gerror ^ rig_r32(r, at + GERRORN)) & 1, 1);
	tables_set(&r->t, slot, cmd_sync(0).d0);
	tables_set(&r->t, slot + 8, 0);
	rig_w32(r, at + GERRORN, gerror);
	assert_int_equal(rig_r32(r, at + CMDQ_CONS) & 0xfffff,
	                 (prod + 1) & (2 * mask + 1));
}

/* 4.1.6, 4.4: what only a Secure queue can do. */
RIG_TEST(secure_commands_of_a_non_secure_queue, NEST_SECURE)
{
	static const uint8_t ops[] = {0x18, 0x1a, 0x50, 0x51, 0x52,
	                              0x53, 0x58, 0x5a, 0x60};
	static const uint8_t named[] = {0x01, 0x02, 0x03, 0x04,
	                                0x05, 0x06, 0x44, 0x45};

	for (unsigned i = 0; i < sizeof(ops); i++)
		expect_error(r, 0, r->cmdq, (struct tables_cmd){ops[i], 0}, 1);
	for (unsigned i = 0; i < sizeof(named); i++)
		expect_error(r, 0, r->cmdq,
		             (struct tables_cmd){named[i] | 1 << 10, 0}, 1);
}

RIG_TEST(commands_of_a_secure_queue, NEST_SECURE)
{
	static const uint8_t ops[] = {
	        0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x10, 0x11, 0x12, 0x13,
	        0x18, 0x1a, 0x20, 0x21, 0x22, 0x23, 0x28, 0x2a, 0x30, 0x44,
	        0x45, 0x46, 0x50, 0x51, 0x52, 0x53, 0x58, 0x5a, 0x60};
	struct secure s;

	secure_open(&s, r);
	for (unsigned op = 0; op < 256; op++) {
		if (memchr(ops, (int)op, sizeof(ops)))
			secure_cmd(&s, (struct tables_cmd){op, 0});
		else
			expect_error(r, S(0), s.cmdq,
			             (struct tables_cmd){op, 0}, 1);
	}
	/* The other side has noticed nothing. */
	assert_int_equal(rig_r32(r, GERROR), 0);
	assert_int_equal(dmasim_irq_count((struct dmasim_irq){r->irqc, 77}), 0);
	assert_true(dmasim_irq_count((struct dmasim_irq){r->irqc, 87}) > 100);
}

/* Without Secure EL2, its commands are unknown; EL3's are not. */
RIG_TEST(without_secure_el2, NEST_FULL, .s_idr = {0, 1u << 31 | 16u})
{
	static const uint8_t ops[] = {0x50, 0x51, 0x52, 0x53, 0x58, 0x5a, 0x60};
	struct secure s;

	secure_open(&s, r);
	for (unsigned i = 0; i < sizeof(ops); i++)
		expect_error(r, S(0), s.cmdq, (struct tables_cmd){ops[i], 0},
		             1);
	secure_cmd(&s, (struct tables_cmd){0x18, 0});
	/* A message without S_IDR0.MSI: the wire alone. */
	secure_cmd(&s, cmd_sync_msi(RIG_MSI, 0x77));
	assert_int_equal(rig_count(r, DMASIM_CAUSE_MSI), 0);
	assert_int_equal(dmasim_irq_count((struct dmasim_irq){r->irqc, 86}), 1);
}

/* 4.3: SSec says whose streams; the same numbers are other streams. */
RIG_TEST(ssec_chooses_the_streams, NEST_SECURE)
{
	static const struct {
		uint64_t d0, d1;
	} forms[] = {{0x03, 1}, {0x04, 1}, {0x04, 31}};
	struct secure s;

	secure_open(&s, r);
	for (unsigned i = 0; i < 6; i++) {
		bool ssec = i & 1;
		struct tables_cmd c = {forms[i / 2].d0 | 7ull << 32 |
		                               (uint64_t)ssec << 10,
		                       forms[i / 2].d1};

		tables_ste_config(&r->t, &r->streams, 7, 4);
		tables_ste_config(&r->t, &s.streams, 7, 4);
		secure_reset(&s);
		assert_int_equal(rig_dma(r, DMASIM_READ, 7, RIG_DATA, 4),
		                 DMASIM_TXN_OK);
		assert_int_equal(secure_dma(&s, DMASIM_READ, 7, RIG_DATA, 0),
		                 DMASIM_TXN_OK);
		tables_ste_config(&r->t, &r->streams, 7, 0);
		tables_ste_config(&r->t, &s.streams, 7, 0);
		secure_cmd(&s, c);
		assert_int_equal(rig_dma(r, DMASIM_READ, 7, RIG_DATA, 4),
		                 ssec ? DMASIM_TXN_OK : DMASIM_TXN_ABORT);
		assert_int_equal(secure_dma(&s, DMASIM_READ, 7, RIG_DATA, 0),
		                 ssec ? DMASIM_TXN_ABORT : DMASIM_TXN_OK);
	}
}

/* ---- its interrupts (3.18) ---- */

RIG_TEST(secure_messages, NEST_SECURE, .off = true)
{
	struct secure s;
	const struct rig_access *a;

	rig_secure(r, true);
	rig_w64(r, S(EVENTQ_IRQ_CFG0), RIG_MSI);
	rig_w32(r, S(EVENTQ_IRQ_CFG1), 0x1234);
	rig_w32(r, S(EVENTQ_IRQ_CFG2), 0x3f);
	rig_w64(r, S(GERROR_IRQ_CFG0), RIG_HOLE);
	rig_enable(r);
	secure_open(&s, r);
	rig_w32(r, S(CR2), 2);
	rig_w32(r, S(CR0), EN_EVENTQ | EN_CMDQ);
	rig_w32(r, S(CR2), 2);
	rig_w32(r, S(CR0), EN_ALL);
	assert_int_equal(secure_dma(&s, DMASIM_READ, 300, 0, 0),
	                 DMASIM_TXN_ABORT);
	secure_expect(&s, EV(2, 300), 0, 0, 0);
	a = rig_last(r, DMASIM_CAUSE_MSI);
	assert_int_equal(a->flags & DMASIM_TXN_SECURE, DMASIM_TXN_SECURE);
	assert_int_equal(a->attr.inner, DMASIM_WB);
	assert_int_equal(tables_get(&r->t, RIG_MSI), 0x1234);
	assert_int_equal(dmasim_irq_count((struct dmasim_irq){r->irqc, 84}), 1);
	assert_int_equal(dmasim_irq_count((struct dmasim_irq){r->irqc, 74}), 0);
	/* Its aborts are its own. */
	expect_error(r, S(0), s.cmdq, (struct tables_cmd){0, 0}, 1);
	assert_int_equal(rig_r32(r, S(GERROR)), 1 | 1 << 7);
	assert_int_equal(rig_r32(r, GERROR), 0);
}

/* ---- Service Failure Mode (12.3) ---- */

RIG_TEST(service_failure_mode, NEST_SECURE)
{
	struct secure s;
	uint64_t irqs = dmasim_irq_count((struct dmasim_irq){r->irqc, 77});

	secure_open(&s, r);
	tables_ste_config(&r->t, &r->streams, 7, 4);
	assert_int_equal(rig_dma(r, DMASIM_READ, 7, RIG_DATA, 4),
	                 DMASIM_TXN_OK);
	r->logged = 0;
	dmasim_smmu_enter_sfm(r->smmu);
	assert_int_equal(rig_r32(r, GERROR), 1 << 8);
	assert_int_equal(rig_r32(r, S(GERROR)), 1 << 8);
	assert_int_equal(dmasim_irq_count((struct dmasim_irq){r->irqc, 77}),
	                 irqs + 1);
	assert_int_equal(rig_dma(r, DMASIM_READ, 7, RIG_DATA, 4),
	                 DMASIM_TXN_ABORT);
	rig_dma(r, DMASIM_READ, 300, RIG_DATA, 4);
	assert_int_equal(
	        dmasim_smmu_page_hint(
	                r->smmu, &(struct dmasim_smmu_page_hint){.pages = 1}),
	        DMASIM_OK);
	rig_cmd(r, cmd_sync(1));
	/* An acknowledgement does not end it, nor does SMMUEN. */
	rig_w32(r, GERRORN, 1 << 8);
	rig_w32(r, CR0, 0);
	assert_int_equal(rig_dma(r, DMASIM_READ, 7, RIG_DATA, 4),
	                 DMASIM_TXN_ABORT);
	rig_w32(r, CR0, EN_ALL);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 0);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 0);
	assert_int_equal(r->logged, 0);
	assert_int_equal(dmasim_smmu_reset(r->smmu), DMASIM_OK);
	assert_int_equal(rig_r32(r, GERROR), 0);
	rig_enable(r);
	assert_int_equal(rig_dma(r, DMASIM_READ, 7, RIG_DATA, 4),
	                 DMASIM_TXN_OK);
}

/* It is part of the state. */
RIG_TEST(a_failure_is_saved, 0)
{
	struct dmasim_writer *w;
	struct dmasim_reader *rd;
	const uint8_t *data;
	size_t size;

	tables_ste_config(&r->t, &r->streams, 7, 4);
	dmasim_smmu_enter_sfm(r->smmu);
	/* There is no other interface to tell. */
	assert_int_equal(r->smmu->bank[SMMU_S].reg[SMMU_GERROR], 0);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_smmu_save(r->smmu, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	assert_int_equal(dmasim_smmu_reset(r->smmu), DMASIM_OK);
	assert_int_equal(dmasim_reader_create(data, size, &rd), DMASIM_OK);
	assert_int_equal(dmasim_smmu_restore(r->smmu, rd), DMASIM_OK);
	assert_int_equal(rig_dma(r, DMASIM_READ, 7, RIG_DATA, 4),
	                 DMASIM_TXN_ABORT);
	dmasim_reader_destroy(rd);
	dmasim_writer_destroy(w);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(secure_registers),
        cmocka_unit_test(nsstalld),
        cmocka_unit_test(nsstalld_is_res0),
        cmocka_unit_test(init_drops_what_is_cached),
        cmocka_unit_test(secure_guards),
        cmocka_unit_test(secure_commands_of_a_non_secure_queue),
        cmocka_unit_test(commands_of_a_secure_queue),
        cmocka_unit_test(without_secure_el2),
        cmocka_unit_test(ssec_chooses_the_streams),
        cmocka_unit_test(secure_messages),
        cmocka_unit_test(service_failure_mode),
        cmocka_unit_test(a_failure_is_saved),
};

CHECK_MAIN(tests)
