/* SPDX-License-Identifier: MIT */
/* Performance monitor counter groups: saved, restored, and what is hostile. */
#include "pmcg.h"

static groups one = {{.counters = 4}};
static groups small = {{.counters = 3,
                        .counter_bits = 32,
                        .single_filter = true,
                        .no_capture = true,
                        .no_msi = true,
                        .events = 0x3}};

/* ---- state ---- */

static void save(struct rig *r, struct dmasim_writer **w,
                 struct dmasim_reader **rd)
{
	const uint8_t *data;
	size_t size;

	assert_int_equal(dmasim_writer_create(w), DMASIM_OK);
	assert_int_equal(dmasim_smmu_save(r->smmu, *w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(*w, &data, &size), DMASIM_OK);
	assert_int_equal(dmasim_reader_create(data, size, rd), DMASIM_OK);
}

static int restore(struct rig *r, struct dmasim_writer *w,
                   struct dmasim_reader *rd)
{
	int status = dmasim_smmu_restore(r->smmu, rd);

	dmasim_reader_destroy(rd);
	dmasim_writer_destroy(w);
	return status;
}

RIG_TEST(saved_and_restored, .pmcg = one)
{
	struct dmasim_writer *w;
	struct dmasim_reader *rd;
	static uint32_t want[0x1000 / 4];

	message(r);
	count(r, 1, CAP, 0x77);
	w64(r, EVCNTR(1), 1234);
	w32(r, CAPR, 1);
	w64(r, OVSSET, 0xa);
	for (uint32_t i = 0; i < 0x1000; i += 4)
		want[i / 4] = r32(r, i);
	save(r, &w, &rd);
	for (uint32_t i = 0; i < 0x1000; i += 4)
		w32(r, i, i == CR || i == G_IRQ_CTRL ? 0 : ~0u);
	assert_int_equal(restore(r, w, rd), DMASIM_OK);
	for (uint32_t i = 0; i < 0x1000; i += 4)
		assert_int_equal(r32(r, i), want[i / 4]);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	assert_int_equal(r64(r, EVCNTR(0)), 0);
	assert_int_equal(tables_get(&r->t, RIG_MSI), 0x1234);
	pass(r, DMASIM_NS);
	assert_int_equal(r64(r, EVCNTR(1)), 1235);
}

/* The call for an overflow is in the kernel's state, and is found again. */
RIG_TEST(restored_with_the_kernel, .pmcg = one)
{
	struct dmasim_writer *w[2];
	struct dmasim_reader *rd[2];
	const uint8_t *data;
	size_t size;

	count(r, 0, 0, 0);
	w64(r, EVCNTR(0), ~99ull);
	w64(r, INTENSET, 1);
	w32(r, G_IRQ_CTRL, 1);
	save(r, &w[0], &rd[0]);
	assert_int_equal(dmasim_writer_create(&w[1]), DMASIM_OK);
	assert_int_equal(dmasim_kernel_save(r->k, w[1]), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w[1], &data, &size), DMASIM_OK);
	assert_int_equal(dmasim_reader_create(data, size, &rd[1]), DMASIM_OK);
	w32(r, CR, 0);
	assert_int_equal(dmasim_pending_calls(r->k), 0);
	assert_int_equal(dmasim_kernel_restore(r->k, rd[1]), DMASIM_OK);
	assert_int_equal(restore(r, w[0], rd[0]), DMASIM_OK);
	assert_int_equal(dmasim_pending_calls(r->k), 1);
	/* Its ticket is known. */
	w64(r, EVCNTR(0), ~49ull);
	assert_int_equal(dmasim_pending_calls(r->k), 1);
	pass(r, 50 * DMASIM_NS);
	assert_int_equal(dmasim_irq_count(line(r, 0)), 1);
	dmasim_reader_destroy(rd[1]);
	dmasim_writer_destroy(w[1]);
}

/* Calls that nobody made, as a hostile heap has them. */
RIG_TEST(calls_for_nobody, .pmcg = one)
{
	count(r, 0, 0, 0);
	w64(r, EVCNTR(0), ~99ull);
	w64(r, INTENSET, 1);
	w32(r, G_IRQ_CTRL, 1);
	for (unsigned i = 0; i < 4; i++) {
		const struct dmasim_call call = {r->smmu->actor,
		                                 i & 1 ? SMMU_CALL_PMCG
		                                       : SMMU_CALL_PMCG_MSI,
		                                 i & 2 ? 0 : 77};

		assert_int_equal(dmasim_call_at(r->k, 0, 0, &call, NULL),
		                 DMASIM_OK);
	}
	pass(r, 99 * DMASIM_NS);
	assert_int_equal(dmasim_irq_count(line(r, 0)), 0);
	assert_int_equal(dmasim_pending_calls(r->k), 1);
	assert_int_equal(r32(r, G_IRQ_ACK), 1);
	pass(r, DMASIM_NS);
	assert_int_equal(dmasim_irq_count(line(r, 0)), 1);
}

/* Each state that no group can have, by way of one that claims it. */
static void bad_state(struct rig *r, unsigned which)
{
	struct smmu_pmcg *g = &r->smmu->pmcg[0];

	switch (which) {
	case 0:
		g->value[0] = 1ull << 32;
		break;
	case 1:
	case 2:
		g->shadow[2] = which == 1 ? 1 : 1ull << 32;
		break;
	case 3:
		g->type[1] = SPAN;
		break;
	case 4:
		g->match[1] = 1;
		break;
	case 5:
		g->cnten = 8;
		break;
	case 6:
		g->inten = 8;
		break;
	case 7:
		g->ovs = 8;
		break;
	case 8:
		g->irq_cfg0 = 4;
		break;
	case 9:
		g->irq_cfg1 = 1;
		break;
	case 10:
		g->irq_cfg2 = 1;
		break;
	case 11:
		g->irq_abt = true;
		break;
	case 12:
		g->scr = 1;
		break;
	case 13:
		g->cycles = UINT64_MAX;
		break;
	default:
		g->due = 5;
		g->ticket = 0;
		break;
	}
}

RIG_TEST(hostile_state, .pmcg = small)
{
	struct dmasim_writer *w;
	struct dmasim_reader *rd;

	for (unsigned i = 0; i < 15; i++) {
		bad_state(r, i);
		save(r, &w, &rd);
		assert_int_equal(dmasim_smmu_restore(r->smmu, rd),
		                 DMASIM_E_FORMAT);
		assert_non_null(strstr(dmasim_reader_error(rd), "group 0"));
		dmasim_reader_destroy(rd);
		dmasim_writer_destroy(w);
		/* Nothing of it is left. */
		save(r, &w, &rd);
		assert_int_equal(restore(r, w, rd), DMASIM_OK);
	}
}

RIG_TEST(hostile_messages, .pmcg = one)
{
	struct smmu_pmcg *g = &r->smmu->pmcg[0];
	struct dmasim_writer *w;
	struct dmasim_reader *rd;

	for (unsigned i = 0; i < 2; i++) {
		if (i)
			g->irq_cfg0 = 1;
		else
			g->irq_cfg2 = 0x40;
		save(r, &w, &rd);
		assert_int_equal(restore(r, w, rd), DMASIM_E_FORMAT);
	}
}

/* Every byte of a group's state, changed or missing: refused, or taken, and
 * usable. */
static bool taken(struct rig *r, const uint8_t *data, size_t size)
{
	struct dmasim_reader *rd;
	bool ok;

	assert_int_equal(dmasim_reader_create(data, size, &rd), DMASIM_OK);
	smmu_pmcg_reset(&r->smmu->pmcg[0]);
	smmu_pmcg_restore(r->smmu, rd);
	ok = dmasim_reader_status(rd) == DMASIM_OK;
	dmasim_reader_destroy(rd);
	if (!ok)
		smmu_pmcg_reset(&r->smmu->pmcg[0]);
	rig_dma(r, DMASIM_READ, SID, VA, 4);
	w32(r, CAPR, 1);
	w64(r, EVCNTR(0), 0);
	return ok;
}

RIG_TEST(any_state, .pmcg = one)
{
	static uint8_t copy[1024];
	struct dmasim_writer *w;
	const uint8_t *data;
	unsigned good = 0;
	size_t size;

	message(r);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	smmu_pmcg_save(r->smmu, w);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	assert_true(size <= sizeof(copy));
	for (size_t i = 0; i < size; i++) {
		memcpy(copy, data, size);
		copy[i] ^= 0xff;
		good += taken(r, copy, size);
	}
	assert_true(good > 50 && good < size);
	for (size_t n = 0; n < size; n++)
		assert_false(taken(r, data, n));
	dmasim_writer_destroy(w);
}

RIG_TEST(other_groups, .pmcg = one)
{
	struct dmasim_smmu_config cfg = {
	        .kernel = r->k, .name = "other", .mem = r->mem};
	struct dmasim_writer *w;
	struct dmasim_reader *rd;
	struct dmasim_smmu *s;

	cfg.coherent = true;
	cfg.idr_valid = 0x3f;
	for (unsigned i = 0; i < 6; i++)
		cfg.idr[i] = rig_r32(r, 4 * i);
	save(r, &w, &rd);
	assert_int_equal(dmasim_smmu_create(&cfg, &s), DMASIM_OK);
	assert_int_equal(dmasim_smmu_restore(s, rd), DMASIM_E_FORMAT);
	assert_non_null(strstr(dmasim_reader_error(rd), "other counter"));
	dmasim_smmu_destroy(s);
	dmasim_reader_destroy(rd);
	dmasim_writer_destroy(w);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(saved_and_restored),
        cmocka_unit_test(restored_with_the_kernel),
        cmocka_unit_test(calls_for_nobody),
        cmocka_unit_test(hostile_state),
        cmocka_unit_test(hostile_messages),
        cmocka_unit_test(any_state),
        cmocka_unit_test(other_groups),
};

CHECK_MAIN(tests)
