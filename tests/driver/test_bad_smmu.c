/* SPDX-License-Identifier: MIT */
/* SMMUs that are not what the driver can use, that do not answer, or lie. */
#include "smmu_rig.h"
#include "stub.h"

#include <stdlib.h>

#define SMMU_BASE 0x2b400000ull

struct bad {
	struct rig r;
	struct stub stub;
};

/** A guest on a machine whose SMMU has the stub before it. */
static void open_bad(struct bad *b)
{
	struct dmasim_smmu_info info;

	memset(&b->stub, 0, sizeof(b->stub));
	rig_open(&b->r, &(struct rig_options){.no_smmu = true});
	assert_int_equal(dmasim_machine_smmu(b->r.m, 0, &info), DMASIM_OK);
	b->stub.inner = dmasim_smmu_regs(info.smmu);
	stub_install(&b->stub, &b->r, SMMU_BASE);
}

static int create(struct bad *b)
{
	return dmasim_smmu_drv_create(
	        &(struct dmasim_smmu_drv_config){
	                .guest = b->r.g, .cmdq_log2 = 3, .evtq_log2 = 2},
	        &b->r.smmu);
}

static uint64_t real(struct bad *b, uint64_t offset)
{
	uint64_t v = 0;
	struct dmasim_txn txn = {.op = DMASIM_READ,
	                         .offset = offset,
	                         .size = 4,
	                         .attr = dmasim_attr_device,
	                         .data = (uint8_t *)&v};

	assert_int_equal(dmasim_access(&b->stub.inner, &txn), DMASIM_TXN_OK);
	return v;
}

static void unusable_implementations_are_refused(void **state)
{
	static const struct {
		uint32_t reg;
		uint64_t clear, set;
	} cases[] = {
	        {HW_IDR0, HW_IDR0_TTF, 0},
	        {HW_IDR0, HW_IDR0_TTF, HW_PREP(HW_IDR0_TTF, 1)},
	        {HW_IDR0, HW_IDR0_TTENDIAN, HW_PREP(HW_IDR0_TTENDIAN, 3)},
	        {HW_IDR0, HW_IDR0_S1P, 0},
	        {HW_IDR1, 0, HW_BIT(29)},
	        {HW_IDR1, 0, HW_BIT(30)},
	        {HW_IDR5, HW_IDR5_GRAN4K, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bad b;

		open_bad(&b);
		stub_add(&b.stub, cases[i].reg,
		         (real(&b, cases[i].reg) & ~cases[i].clear) |
		                 cases[i].set);
		assert_int_equal(create(&b), DMASIM_E_UNSUPPORTED);
		rig_close(&b.r);
	}
}

static void odd_implementations_are_used(void **state)
{
	static const struct {
		uint32_t reg;
		uint64_t clear, set;
	} cases[] = {
	        /* Little-endian only; both formats of tables. */
	        {HW_IDR0, HW_IDR0_TTENDIAN, HW_PREP(HW_IDR0_TTENDIAN, 2)},
	        {HW_IDR0, 0, HW_IDR0_TTF},
	        {HW_IDR0, HW_IDR0_ASID16, 0},
	        /* No second level; more StreamIDs than there can be. */
	        {HW_IDR0, HW_IDR0_ST_LEVEL, 0},
	        {HW_IDR1, 0, HW_IDR1_SIDSIZE},
	        {HW_IDR5, 0, HW_IDR5_OAS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct bad b;

		open_bad(&b);
		stub_add(&b.stub, cases[i].reg,
		         (real(&b, cases[i].reg) & ~cases[i].clear) |
		                 cases[i].set);
		assert_int_equal(create(&b), DMASIM_OK);
		rig_close(&b.r);
	}
}

/* STALL_MODEL 0 asks for S1STALLD, HYP for another invalidation. */
static void features_show_in_what_is_written(void **state)
{
	struct found f;
	struct bad b;

	(void)state;
	open_bad(&b);
	stub_add(&b.stub, HW_IDR0,
	         (real(&b, HW_IDR0) & ~HW_IDR0_STALL_MODEL) | HW_IDR0_HYP);
	/* The SMMU itself has no EL2 and refuses the command. */
	assert_int_equal(create(&b), DMASIM_E_DEVICE);
	assert_non_null(strstr(b.r.log.text, "command 2 failed with error 1"));
	assert_int_equal(real(&b, HW_CR0), 0);
	b.stub.rules[0].value &= ~HW_IDR0_HYP;
	assert_int_equal(create(&b), DMASIM_OK);
	assert_int_equal(
	        dmasim_smmu_drv_attach(b.r.smmu, STREAM, DMASIM_DOMAIN_DMA),
	        DMASIM_OK);
	f = find(&b.r, STREAM, 0);
	assert_int_equal(word(&b.r, f.ste + 8), 0xd6 | HW_STE1_S1STALLD);
	rig_close(&b.r);
}

static void asids_run_out(void **state)
{
	struct bad b;

	(void)state;
	open_bad(&b);
	stub_add(&b.stub, HW_IDR0, real(&b, HW_IDR0) & ~HW_IDR0_ASID16);
	assert_int_equal(create(&b), DMASIM_OK);
	for (uint32_t sid = 1; sid < 256; sid++)
		assert_int_equal(dmasim_smmu_drv_attach(b.r.smmu, sid,
		                                        DMASIM_DOMAIN_DMA),
		                 DMASIM_OK);
	assert_int_equal(
	        dmasim_smmu_drv_attach(b.r.smmu, 256, DMASIM_DOMAIN_DMA),
	        DMASIM_E_FULL);
	assert_int_equal(
	        dmasim_smmu_drv_attach(b.r.smmu, 7, DMASIM_DOMAIN_ABORT),
	        DMASIM_OK);
	assert_int_equal(
	        dmasim_smmu_drv_attach(b.r.smmu, 256, DMASIM_DOMAIN_DMA),
	        DMASIM_OK);
	rig_close(&b.r);
}

static void acknowledgements_that_never_come_time_out(void **state)
{
	static const uint32_t regs[] = {HW_CR0ACK, HW_IRQ_CTRLACK,
	                                HW_CMDQ_CONS};

	(void)state;
	for (size_t i = 0; i < sizeof(regs) / sizeof(*regs); i++) {
		struct bad b;

		open_bad(&b);
		stub_add(&b.stub, regs[i], 0);
		assert_int_equal(create(&b), DMASIM_E_TIMEOUT);
		assert_true(dmasim_now(b.r.k) > DMASIM_SEC);
		/* The attempt to switch it off takes as long. */
		assert_true(dmasim_now(b.r.k) < 4 * DMASIM_SEC);
		rig_close(&b.r);
	}
}

static void a_global_bypass_that_hangs_times_out(void **state)
{
	struct bad b;

	(void)state;
	open_bad(&b);
	stub_add(&b.stub, HW_CR0, HW_CR0_SMMUEN);
	stub_add(&b.stub, HW_GBPA, HW_GBPA_UPDATE);
	assert_int_equal(create(&b), DMASIM_E_TIMEOUT);
	rig_close(&b.r);
}

/* An index that runs away: each poll ends, and the records are garbage. */
static void a_runaway_event_queue_is_not_followed_for_ever(void **state)
{
	struct bad b;

	(void)state;
	open_bad(&b);
	assert_int_equal(create(&b), DMASIM_OK);
	stub_add(&b.stub, HW_EVENTQ_PROD, 1);
	b.stub.rules[0].step = 1;
	assert_int_equal(dmasim_smmu_drv_poll(b.r.smmu), DMASIM_OK);
	assert_true(dmasim_smmu_drv_event_count(b.r.smmu) <= 16);
	assert_int_equal(dmasim_smmu_drv_poll(b.r.smmu), DMASIM_OK);
	rig_close(&b.r);
}

static void any_command_index_is_survived(void **state)
{
	(void)state;
	for (uint64_t step = 1; step < 60; step += 7) {
		struct bad b;
		int rc;

		open_bad(&b);
		stub_add(&b.stub, HW_CMDQ_CONS, step);
		b.stub.rules[0].step = step * 0x01010101u;
		rc = create(&b);
		assert_true(rc == DMASIM_OK || rc == DMASIM_E_TIMEOUT ||
		            rc == DMASIM_E_DEVICE);
		rig_close(&b.r);
	}
}

static void all_global_errors_are_acknowledged(void **state)
{
	struct bad b;

	(void)state;
	open_bad(&b);
	assert_int_equal(create(&b), DMASIM_OK);
	stub_add(&b.stub, HW_GERROR, HW_GERROR_SFM | HW_GERROR_EVENTQ);
	assert_int_equal(dmasim_smmu_drv_poll(b.r.smmu), DMASIM_OK);
	assert_non_null(strstr(b.r.log.text,
	                       "global error 0x104, service failure mode, "
	                       "event queue write aborted"));
	rig_close(&b.r);
}

/* Any access to a register may be refused by the bus. */
static void refused_accesses_end_the_work(void **state)
{
	uint64_t n = 0;
	int rc;

	(void)state;
	do {
		struct bad b;

		open_bad(&b);
		b.stub.fail_after = ++n;
		rc = create(&b);
		if (!rc)
			rc = dmasim_smmu_drv_attach(b.r.smmu, STREAM,
			                            DMASIM_DOMAIN_DMA);
		if (!rc)
			rc = map(&b.r, 0x1000, RAM, 0x1000);
		if (!rc)
			rc = unmap(&b.r, 0x1000, 0x1000);
		if (!rc)
			rc = dmasim_smmu_drv_attach(b.r.smmu, STREAM,
			                            DMASIM_DOMAIN_ABORT);
		if (!rc)
			(void)touch(&b.r, 0x1000);
		if (!rc)
			rc = dmasim_smmu_drv_poll(b.r.smmu);
		assert_true(rc == DMASIM_OK || rc == DMASIM_E_FAULT);
		b.stub.fail_after = 0;
		rig_close(&b.r);
	} while (rc);
	assert_true(n > 50);
}

static void a_shutdown_that_fails_says_so(void **state)
{
	struct bad b;

	(void)state;
	open_bad(&b);
	assert_int_equal(create(&b), DMASIM_OK);
	b.stub.fail_after = 1;
	assert_int_equal(dmasim_smmu_drv_destroy(b.r.smmu), DMASIM_E_FAULT);
	b.r.smmu = NULL;
	rig_close(&b.r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(unusable_implementations_are_refused),
        cmocka_unit_test(odd_implementations_are_used),
        cmocka_unit_test(features_show_in_what_is_written),
        cmocka_unit_test(asids_run_out),
        cmocka_unit_test(acknowledgements_that_never_come_time_out),
        cmocka_unit_test(a_global_bypass_that_hangs_times_out),
        cmocka_unit_test(a_runaway_event_queue_is_not_followed_for_ever),
        cmocka_unit_test(any_command_index_is_survived),
        cmocka_unit_test(all_global_errors_are_acknowledged),
        cmocka_unit_test(refused_accesses_end_the_work),
        cmocka_unit_test(a_shutdown_that_fails_says_so),
};
CHECK_MAIN(tests)
