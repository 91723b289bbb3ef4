/* SPDX-License-Identifier: MIT */
/* The register file, by its own table and by what the table cannot say. */
#include "rig.h"

#include "smmuv3_internal.h"

RIG_TEST(reset_values, .off = true)
{
	for (unsigned i = 0; i < SMMU_REG_COUNT; i++) {
		const struct smmu_reg_info *info = &smmu_reg_table[i];
		uint64_t want = info->reset;

		if (i <= SMMU_AIDR || (i >= SMMU_PIDR4 && i <= SMMU_PIDR3))
			continue;
		if (!smmu_atos_present(&r->smmu->bank[SMMU_NS], i))
			continue;
		if (info->size == 8) {
			assert_int_equal(rig_r64(r, info->offset), want);
			assert_int_equal(rig_r32(r, info->offset),
			                 (uint32_t)want);
			assert_int_equal(rig_r32(r, info->offset + 4),
			                 (uint32_t)(want >> 32));
		} else {
			assert_int_equal(rig_r32(r, info->offset), want);
		}
	}
}

/* Everything off: each register takes exactly its writable bits. */
RIG_TEST(write_masks, .off = true)
{
	for (unsigned i = 0; i < SMMU_REG_COUNT; i++) {
		const struct smmu_reg_info *info = &smmu_reg_table[i];
		uint64_t was, want;

		if (!smmu_atos_present(&r->smmu->bank[SMMU_NS], i))
			continue;
		was = info->size == 8 ? rig_r64(r, info->offset)
		                      : rig_r32(r, info->offset);
		want = info->access == SMMU_RO ? was : info->mask;
		/* These start something: below. */
		if (i == SMMU_CR0 || i == SMMU_GBPA || i == SMMU_GERRORN ||
		    i == SMMU_IRQ_CTRL)
			continue;
		if (info->size == 8) {
			rig_w64(r, info->offset, UINT64_MAX);
			assert_int_equal(rig_r64(r, info->offset), want);
			rig_w32(r, info->offset + 4, 0);
			assert_int_equal(
			        rig_r64(r, info->offset),
			        info->access == SMMU_RO ? was : (uint32_t)want);
			rig_w32(r, info->offset, 0);
			if (info->access == SMMU_RW)
				assert_int_equal(rig_r64(r, info->offset), 0);
		} else {
			rig_w32(r, info->offset, UINT32_MAX);
			assert_int_equal(rig_r32(r, info->offset), want);
			rig_w32(r, info->offset, 0);
			if (info->access == SMMU_RW)
				assert_int_equal(rig_r32(r, info->offset), 0);
		}
	}
	assert_string_equal(r->warnings, "");
}

RIG_TEST(unlisted_offsets_are_raz_wi, .off = true)
{
	static const uint32_t offsets[] = {0x30,    0xa8,    0xac,   0xc0,
	                                   0x100,   0x8000,  0xfcc,  0x10000,
	                                   0x100a0, 0x100b0, 0x1fffc};

	for (unsigned i = 0; i < sizeof(offsets) / sizeof(*offsets); i++) {
		rig_w32(r, offsets[i], UINT32_MAX);
		assert_int_equal(rig_r32(r, offsets[i]), 0);
	}
	/* 64 bits at once from 32-bit registers. */
	assert_int_equal(rig_r64(r, IDR0), 0);
	rig_w64(r, CMDQ_PROD, UINT64_MAX);
	assert_int_equal(rig_r32(r, CMDQ_PROD), 0);
}

static enum dmasim_result raw(struct rig *r, enum dmasim_op op, uint64_t offset,
                              uint32_t size)
{
	struct dmasim_txn t = {.op = op,
	                       .addr = offset,
	                       .offset = offset,
	                       .size = size,
	                       .data = r->buf};

	return dmasim_access(&r->regs, &t);
}

RIG_TEST(bad_accesses_are_refused, .off = true)
{
	assert_int_equal(raw(r, DMASIM_READ, CR0, 1), DMASIM_TXN_SLAVE);
	assert_int_equal(raw(r, DMASIM_READ, CR0, 2), DMASIM_TXN_SLAVE);
	assert_int_equal(raw(r, DMASIM_READ, CR0 + 2, 4), DMASIM_TXN_SLAVE);
	assert_int_equal(raw(r, DMASIM_WRITE, STRTAB_BASE + 4, 8),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(raw(r, DMASIM_WRITE, 0, 16), DMASIM_TXN_SLAVE);
	assert_int_equal(raw(r, DMASIM_READ, 0x20000, 4), DMASIM_TXN_SLAVE);
	assert_int_equal(raw(r, DMASIM_READ, UINT64_MAX - 3, 4),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(raw(r, DMASIM_ATOMIC_ADD, CR0, 4), DMASIM_TXN_SLAVE);
	assert_non_null(strstr(r->warnings, "register-size"));
	/* Nothing to do, and no harm. */
	assert_int_equal(raw(r, DMASIM_CLEAN, CR0, 4), DMASIM_TXN_OK);
	assert_int_equal(raw(r, DMASIM_BARRIER, 0, 0), DMASIM_TXN_OK);
}

RIG_TEST(debug_access_has_no_effect, .off = true)
{
	struct dmasim_txn t = {.op = DMASIM_WRITE,
	                       .offset = CR1,
	                       .size = 4,
	                       .flags = DMASIM_TXN_DEBUG,
	                       .data = r->buf};

	memset(r->buf, 0xff, 4);
	assert_int_equal(dmasim_access(&r->regs, &t), DMASIM_TXN_OK);
	assert_int_equal(rig_r32(r, CR1), 0);
	t.op = DMASIM_READ;
	t.offset = CR1;
	assert_int_equal(dmasim_access(&r->regs, &t), DMASIM_TXN_OK);
	assert_int_equal(r->buf[0], 0);
}

RIG_TEST(cr0_acknowledges_each_field, .off = true)
{
	rig_w32(r, CR0, UINT32_MAX);
	/* PRIQEN, ATSCHK and VMW are RES0 without their features. */
	assert_int_equal(rig_r32(r, CR0), EN_ALL);
	assert_int_equal(rig_r32(r, CR0ACK), EN_ALL);
	rig_w32(r, CR0, EN_CMDQ);
	assert_int_equal(rig_r32(r, CR0ACK), EN_CMDQ);
	rig_w32(r, CR0ACK, 0);
	assert_int_equal(rig_r32(r, CR0ACK), EN_CMDQ);
}

RIG_TEST(irq_ctrl_acknowledges, .off = true)
{
	rig_w32(r, IRQ_CTRL, UINT32_MAX);
	assert_int_equal(rig_r32(r, IRQ_CTRL), 5);
	assert_int_equal(rig_r32(r, IRQ_CTRLACK), 5);
}

RIG_TEST(gbpa_needs_update, .off = true)
{
	assert_int_equal(rig_r32(r, GBPA), 0x1000);
	rig_w32(r, GBPA, 0x00100000);
	assert_int_equal(rig_r32(r, GBPA), 0x1000);
	rig_w32(r, GBPA, 0x80100000);
	/* Update reads 0: the change is complete. */
	assert_int_equal(rig_r32(r, GBPA), 0x00100000);
	rig_w32(r, GBPA, UINT32_MAX);
	assert_int_equal(rig_r32(r, GBPA), 0x001f3f1f);
}

/* ---- guarded registers ---- */

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

RIG_TEST(guards, 0)
{
	refused_write(r, STRTAB_BASE, true);
	assert_non_null(
	        strstr(r->warnings, "STRTAB_BASE ignored while SMMUEN"));
	refused_write(r, STRTAB_BASE_CFG, false);
	refused_write(r, CR2, false);
	refused_write(r, CMDQ_BASE, true);
	refused_write(r, CMDQ_CONS, false);
	assert_non_null(strstr(r->warnings, "CMDQEN"));
	refused_write(r, EVENTQ_BASE, true);
	refused_write(r, EVENTQ_PROD, false);
	assert_non_null(strstr(r->warnings, "EVENTQEN"));
	refused_write(r, GERROR_IRQ_CFG0, true);
	refused_write(r, GERROR_IRQ_CFG1, false);
	refused_write(r, GERROR_IRQ_CFG2, false);
	assert_non_null(strstr(r->warnings, "GERROR_IRQEN"));
	refused_write(r, EVENTQ_IRQ_CFG0, true);
	refused_write(r, EVENTQ_IRQ_CFG1, false);
	refused_write(r, EVENTQ_IRQ_CFG2, false);
	assert_non_null(strstr(r->warnings, "EVENTQ_IRQEN"));
}

RIG_TEST(cr1_halves_are_guarded_apart, 0)
{
	rig_w32(r, CR1, 0);
	assert_int_equal(rig_r32(r, CR1), 0xd75);
	rig_w32(r, CR0, EN_SMMU);
	rig_w32(r, CR1, 0);
	assert_int_equal(rig_r32(r, CR1), 0xd40);
	rig_w32(r, CR0, EN_EVENTQ);
	rig_w32(r, CR1, 0x3f);
	assert_int_equal(rig_r32(r, CR1), 0);
	rig_w32(r, CR0, 0);
	rig_w32(r, CR1, 0xfff);
	assert_int_equal(rig_r32(r, CR1), 0xfff);
}

RIG_TEST(message_registers_are_res0_without_msi, .idr_clear = {1u << 13})
{
	rig_w32(r, IRQ_CTRL, 0);
	rig_w64(r, GERROR_IRQ_CFG0, UINT64_MAX);
	assert_int_equal(rig_r64(r, GERROR_IRQ_CFG0), 0);
	rig_w32(r, EVENTQ_IRQ_CFG1, UINT32_MAX);
	assert_int_equal(rig_r32(r, EVENTQ_IRQ_CFG1), 0);
}

RIG_TEST(gerrorn_toggled_without_reason, 0)
{
	rig_w32(r, GERRORN, 4);
	assert_int_equal(rig_r32(r, GERRORN), 4);
	assert_non_null(strstr(r->warnings, "gerrorn-not-active"));
}

RIG_TEST(qemu_pages_are_aliases, .profile = DMASIM_SMMU_QEMU_10, .off = true)
{
	rig_w32(r, 0xa8, 5);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 5);
	rig_w32(r, EVENTQ_CONS, 3);
	assert_int_equal(rig_r32(r, 0xac), 3);
	rig_w32(r, 0x10000 + CR1, 0x75);
	assert_int_equal(rig_r32(r, CR1), 0x75);
}

RIG_TEST(qemu_has_no_guards, .profile = DMASIM_SMMU_QEMU_7_2)
{
	rig_w64(r, STRTAB_BASE, 0x40);
	assert_int_equal(rig_r64(r, STRTAB_BASE), 0x40);
	rig_w32(r, CR1, 0);
	assert_int_equal(rig_r32(r, CR1), 0);
	assert_string_equal(r->warnings, "");
}

RIG_TEST(qemu_7_2_has_no_gbpa, .profile = DMASIM_SMMU_QEMU_7_2, .off = true)
{
	rig_w32(r, GBPA, 0x80100000);
	assert_int_equal(rig_r32(r, GBPA), 0);
	assert_int_equal(rig_dma(r, DMASIM_READ, 1, RIG_DATA, 4),
	                 DMASIM_TXN_OK);
	/* Not even the reset value changes what passes. */
	assert_int_equal(rig_last(r, DMASIM_CAUSE_DMA)->attr.share, DMASIM_NSH);
}

RIG_TEST(qemu_identification, .profile = DMASIM_SMMU_QEMU_10)
{
	static const uint32_t ids[] = {0x0d44101b, 0x02730010, 0,
	                               0x1414,     0,          0x74};

	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(rig_r32(r, 4 * i), ids[i]);
	assert_int_equal(rig_r32(r, 0x1c), 1);
	assert_int_equal(rig_r32(r, 0xfe0), 0x84);
	assert_int_equal(rig_r32(r, 0xff0), 0x0d);
	assert_int_equal(rig_r32(r, 0xffc), 0xb1);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reset_values),
        cmocka_unit_test(write_masks),
        cmocka_unit_test(unlisted_offsets_are_raz_wi),
        cmocka_unit_test(bad_accesses_are_refused),
        cmocka_unit_test(debug_access_has_no_effect),
        cmocka_unit_test(cr0_acknowledges_each_field),
        cmocka_unit_test(irq_ctrl_acknowledges),
        cmocka_unit_test(gbpa_needs_update),
        cmocka_unit_test(guards),
        cmocka_unit_test(cr1_halves_are_guarded_apart),
        cmocka_unit_test(message_registers_are_res0_without_msi),
        cmocka_unit_test(gerrorn_toggled_without_reason),
        cmocka_unit_test(qemu_pages_are_aliases),
        cmocka_unit_test(qemu_has_no_guards),
        cmocka_unit_test(qemu_7_2_has_no_gbpa),
        cmocka_unit_test(qemu_identification),
};

CHECK_MAIN(tests)
