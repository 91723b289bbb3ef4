/* SPDX-License-Identifier: MIT */
/* The register file, by its own table and by what the table cannot say. */
#include "rig.h"

#include "smmuv3_internal.h"

/* Where a register of the table is in the frame. */
static uint32_t where(const struct rig *r, unsigned bank, unsigned reg)
{
	const struct smmu_bank *b = &r->smmu->bank[bank];
	const struct smmu_reg_info *info = smmu_reg_info(b, reg);

	if (info->page == SMMU_PAGE_VATOS)
		return 0x20000 + 0x10000 * bank + info->offset;
	if (info->page == SMMU_PAGE_1)
		return 0x10000 + info->offset;
	return info->offset + (bank == SMMU_S ? 0x8000 : 0);
}

static bool identifies(unsigned reg)
{
	return reg <= SMMU_IDR4 || (reg >= SMMU_PIDR4 && reg <= SMMU_PIDR3) ||
	       reg == SMMU_IDR5 || reg == SMMU_IDR6 || reg == SMMU_IIDR ||
	       reg == SMMU_AIDR;
}

static uint64_t get(struct rig *r, const struct smmu_reg_info *info,
                    uint32_t offset)
{
	return info->size == 8 ? rig_r64(r, offset) : rig_r32(r, offset);
}

RIG_TEST(reset_values, RIG_FULL)
{
	unsigned checked = 0;

	rig_secure(r, true);
	for (unsigned i = 0; i < SMMU_BANKS * SMMU_REG_COUNT; i++) {
		unsigned bank = i / SMMU_REG_COUNT, reg = i % SMMU_REG_COUNT;
		const struct smmu_reg_info *info =
		        smmu_reg_info(&r->smmu->bank[bank], reg);
		uint32_t offset = where(r, bank, reg);

		if (!info->name || identifies(reg))
			continue;
		assert_int_equal(get(r, info, offset), info->reset);
		if (info->size == 8) {
			assert_int_equal(rig_r32(r, offset),
			                 (uint32_t)info->reset);
			assert_int_equal(rig_r32(r, offset + 4),
			                 (uint32_t)(info->reset >> 32));
		}
		checked++;
	}
	/* 6.2, without MPAM and DPT: 45 Non-secure and 35 Secure ones. */
	assert_int_equal(checked, 45 + 35);
}

/* 48 bits of address: what lies above is RES0. */
static uint64_t present(const struct smmu_reg_info *info)
{
	size_t n = strlen(info->name);
	bool base = n > 4 && strcmp(info->name + n - 4, "BASE") == 0;

	if (base || strstr(info->name, "IRQ_CFG0"))
		return info->mask & ~0x00ff000000000000ull;
	/* 16 bits of StreamID. */
	if (strstr(info->name, "ATOS_SID"))
		return info->mask & ~0xffff0000ull;
	return info->mask;
}

/* Everything off: each register takes exactly its writable bits, in halves as
 * well. */
RIG_TEST(write_masks, RIG_FULL)
{
	rig_secure(r, true);
	for (unsigned i = 0; i < SMMU_BANKS * SMMU_REG_COUNT; i++) {
		unsigned bank = i / SMMU_REG_COUNT, reg = i % SMMU_REG_COUNT;
		const struct smmu_reg_info *info =
		        smmu_reg_info(&r->smmu->bank[bank], reg);
		uint32_t offset = where(r, bank, reg);
		uint64_t was, want;

		/* These start something: below. */
		if (!info->name || reg == SMMU_CR0 || reg == SMMU_GBPA ||
		    reg == SMMU_GERRORN || reg == SMMU_IRQ_CTRL ||
		    reg == SMMU_INIT || reg == SMMU_GATOS_CTRL ||
		    reg == SMMU_VATOS_CTRL)
			continue;
		was = get(r, info, offset);
		want = info->access == SMMU_RO ? was : present(info);
		if (info->size == 8) {
			rig_w64(r, offset, UINT64_MAX);
			assert_int_equal(rig_r64(r, offset), want);
			rig_w32(r, offset + 4, 0);
			assert_int_equal(
			        rig_r64(r, offset),
			        info->access == SMMU_RO ? was : (uint32_t)want);
			rig_w32(r, offset, 0);
			if (info->access == SMMU_RW)
				assert_int_equal(rig_r64(r, offset), 0);
			rig_w32(r, offset, UINT32_MAX);
			assert_int_equal(rig_r32(r, offset), (uint32_t)want);
			assert_int_equal(rig_r32(r, offset + 4),
			                 info->access == SMMU_RO ? was >> 32
			                                         : 0);
			rig_w64(r, offset, 0);
		} else {
			rig_w32(r, offset, UINT32_MAX);
			assert_int_equal(rig_r32(r, offset), want);
			rig_w32(r, offset, 0);
			if (info->access == SMMU_RW)
				assert_int_equal(rig_r32(r, offset), 0);
		}
	}
	assert_string_equal(r->warnings, "");
}

/* No two registers share a byte, and none leaves its page. */
RIG_TEST(the_tables_are_sound, RIG_FULL)
{
	for (unsigned bank = 0; bank < SMMU_BANKS; bank++) {
		static uint8_t used[0x50000];

		memset(used, 0, sizeof(used));
		for (unsigned reg = 0; reg < SMMU_REG_COUNT; reg++) {
			const struct smmu_reg_info *info =
			        smmu_reg_info(&r->smmu->bank[bank], reg);
			uint32_t offset = where(r, bank, reg);

			if (!info->name)
				continue;
			assert_int_equal(info->offset % info->size, 0);
			assert_true(info->size == 4 || info->size == 8);
			assert_true(info->offset + info->size <= 0x8000);
			assert_int_equal(info->reset & ~info->mask &
			                         (info->access == SMMU_RW
			                                  ? UINT64_MAX
			                                  : 0),
			                 0);
			for (unsigned i = 0; i < info->size; i++)
				assert_int_equal(used[offset + i]++, 0);
		}
	}
}

/* Without the features, their registers and fields are RES0. */
RIG_TEST(absent_features_are_res0, .off = true, .idr_clear = {3u << 27})
{
	static const uint32_t gone[] = {
	        0x30,   0x34,      0xc0,      0xc4,       0xd0,    0xd8,
	        0xdc,   0x100,     0x108,     0x110,      0x118,   0x180,
	        0x190,  PRIQ_PROD, PRIQ_CONS, 0x4000,     0x4008,  0x400c,
	        0x8000, 0x8004,    S(CR0),    S(GERRORN), S(0x100)};

	for (unsigned i = 0; i < sizeof(gone) / sizeof(*gone); i++) {
		rig_w32(r, gone[i], UINT32_MAX);
		assert_int_equal(rig_r32(r, gone[i]), 0);
	}
	rig_w32(r, CR2, UINT32_MAX);
	assert_int_equal(rig_r32(r, CR2), 2);
	rig_w32(r, STRTAB_BASE_CFG, UINT32_MAX);
	assert_int_equal(rig_r32(r, STRTAB_BASE_CFG), 0x3f);
	rig_w32(r, GERRORN, UINT32_MAX);
	assert_int_equal(rig_r32(r, GERRORN), 0x1b5);
	/* Not even a Secure access finds them. */
	rig_secure(r, true);
	for (unsigned i = 0; i < sizeof(gone) / sizeof(*gone); i++) {
		rig_w32(r, gone[i], UINT32_MAX);
		assert_int_equal(rig_r32(r, gone[i]), 0);
	}
}

/* 6.3.84: S_GATOS_SID names streams of either Security state, and has the bits
 * of the larger StreamIDs. */
RIG_TEST(stream_ids_of_operations, .off = true, .idr_clear = {0, 0x3f | 0x7c0},
         .idr_set = {1u << 15, 16}, .s_idr = {0, 1u << 31 | 20})
{
	rig_secure(r, true);
	rig_w64(r, 0x108, UINT64_MAX);
	assert_int_equal(rig_r64(r, 0x108), 0xffff);
	rig_w64(r, S(0x108), UINT64_MAX);
	assert_int_equal(rig_r64(r, S(0x108)), 1ull << 53 | 0xfffff);
}

RIG_TEST(fields_of_features, RIG_FULL)
{
	rig_w32(r, CR2, UINT32_MAX);
	assert_int_equal(rig_r32(r, CR2), 0xf);
	rig_w32(r, GERRORN, UINT32_MAX);
	assert_int_equal(rig_r32(r, GERRORN), 0x3fd);
	rig_w32(r, IRQ_CTRL, UINT32_MAX);
	assert_int_equal(rig_r32(r, IRQ_CTRLACK), 7);
	rig_w32(r, CR0, UINT32_MAX);
	assert_int_equal(rig_r32(r, CR0), 0x1df);
	assert_int_equal(rig_r32(r, CR0ACK), 0x1df);
	rig_secure(r, true);
	rig_w32(r, S(CR2), UINT32_MAX);
	assert_int_equal(rig_r32(r, S(CR2)), 7);
	rig_w32(r, S(GERRORN), UINT32_MAX);
	assert_int_equal(rig_r32(r, S(GERRORN)), 0x3b5);
	rig_w32(r, S(IRQ_CTRL), UINT32_MAX);
	assert_int_equal(rig_r32(r, S(IRQ_CTRLACK)), 5);
	rig_w32(r, S(CR0), UINT32_MAX);
	assert_int_equal(rig_r32(r, S(CR0ACK)), 0x3ed);
}

RIG_TEST(unlisted_offsets_are_raz_wi, .off = true)
{
	/* MPAM and the DPT among them. */
	static const uint32_t offsets[] = {
	        0xa8,   0xac,    0xc8,    0xcc,    0x130,  0x138,  0x13c,
	        0x200,  0x208,   0x210,   0xe00,   0xfcc,  0x1000, 0x6000,
	        0x7ffc, 0x10000, 0x100a0, 0x100b0, 0x1fffc};

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

/* ---- updates that take time (6.3.9, 6.3.16) ---- */

RIG_TEST(cmdqen_waits_for_the_command, .pend = true)
{
	tables_set(&r->t, r->cmdq, cmd_sync(0).d0);
	tables_set(&r->t, r->cmdq + 8, 0);
	rig_w32(r, CMDQ_PROD, 1);
	rig_w32(r, CR0, EN_SMMU | EN_EVENTQ);
	assert_int_equal(rig_r32(r, CR0), EN_SMMU | EN_EVENTQ);
	assert_int_equal(rig_r32(r, CR0ACK), EN_ALL);
	/* It is as if it were still on, and no other value is taken. */
	rig_w64(r, CMDQ_BASE, 0);
	assert_int_not_equal(rig_r64(r, CMDQ_BASE), 0);
	rig_w32(r, CR0, EN_ALL);
	assert_int_equal(rig_r32(r, CR0), EN_SMMU | EN_EVENTQ);
	/* A field beside it is free. */
	rig_w32(r, CR0, EN_EVENTQ);
	assert_int_equal(rig_r32(r, CR0ACK), EN_EVENTQ | EN_CMDQ);
	rig_settle(r);
	assert_int_equal(rig_r32(r, CR0ACK), EN_EVENTQ);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1);
}

/* A record, without letting time pass. */
static void bad_stream(struct rig *r)
{
	struct dmasim_txn t = {.op = DMASIM_READ,
	                       .cause = DMASIM_CAUSE_DMA,
	                       .stream_id = 300,
	                       .size = 4,
	                       .data = r->buf};

	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_ABORT);
}

RIG_TEST(eventqen_waits_for_the_record, .pend = true)
{
	r->pend_causes = 1u << DMASIM_CAUSE_EVTQ;
	bad_stream(r);
	rig_w32(r, CR0, EN_SMMU);
	assert_int_equal(rig_r32(r, CR0ACK), EN_SMMU | EN_EVENTQ);
	rig_w64(r, EVENTQ_BASE, 0);
	assert_int_not_equal(rig_r64(r, EVENTQ_BASE), 0);
	rig_settle(r);
	assert_int_equal(rig_r32(r, CR0ACK), EN_SMMU);
	assert_int_equal(rig_r32(r, EVENTQ_PROD), 1);
}

RIG_TEST(irq_enable_waits_for_the_message, .off = true, .pend = true)
{
	rig_w64(r, EVENTQ_IRQ_CFG0, RIG_MSI);
	rig_w64(r, GERROR_IRQ_CFG0, RIG_HOLE);
	rig_enable(r);
	r->pend_causes = 1u << DMASIM_CAUSE_MSI;
	bad_stream(r);
	rig_w32(r, IRQ_CTRL, 0);
	assert_int_equal(rig_r32(r, IRQ_CTRLACK), 4);
	rig_w64(r, EVENTQ_IRQ_CFG0, 0);
	assert_int_equal(rig_r64(r, EVENTQ_IRQ_CFG0), RIG_MSI);
	rig_settle(r);
	assert_int_equal(rig_r32(r, IRQ_CTRLACK), 0);
	/* 6.3.19: an abort of it would be in GERROR by now. */
	assert_int_equal(rig_r32(r, GERROR), 0);
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
        cmocka_unit_test(the_tables_are_sound),
        cmocka_unit_test(absent_features_are_res0),
        cmocka_unit_test(stream_ids_of_operations),
        cmocka_unit_test(fields_of_features),
        cmocka_unit_test(unlisted_offsets_are_raz_wi),
        cmocka_unit_test(bad_accesses_are_refused),
        cmocka_unit_test(debug_access_has_no_effect),
        cmocka_unit_test(cr0_acknowledges_each_field),
        cmocka_unit_test(irq_ctrl_acknowledges),
        cmocka_unit_test(gbpa_needs_update),
        cmocka_unit_test(cmdqen_waits_for_the_command),
        cmocka_unit_test(eventqen_waits_for_the_record),
        cmocka_unit_test(irq_enable_waits_for_the_message),
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
