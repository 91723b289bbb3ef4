/* SPDX-License-Identifier: MIT */
/* The SMMU driver: probe, stream table, queues and their errors. */
#include "smmu_rig.h"

#include <stdlib.h>

static void bad_configurations_are_refused(void **state)
{
	struct rig r;
	struct dmasim_smmu_drv *d;
	struct dmasim_smmu_drv_config cfg = {0};

	(void)state;
	rig_open(&r, &(struct rig_options){.no_smmu = true});
	assert_int_equal(dmasim_smmu_drv_create(NULL, &d), DMASIM_E_INVAL);
	assert_int_equal(dmasim_smmu_drv_create(&cfg, &d), DMASIM_E_INVAL);
	cfg.guest = r.g;
	assert_int_equal(dmasim_smmu_drv_create(&cfg, NULL), DMASIM_E_INVAL);
	cfg.smmu = 3;
	assert_int_equal(dmasim_smmu_drv_create(&cfg, &d), DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_smmu_drv_destroy(NULL), DMASIM_OK);
	rig_close(&r);
}

/* What the recordings of Linux 6.1 show: regs.txt. */
static void registers_are_as_linux_leaves_them(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &(struct rig_options){
	                     .edits = {PROFILE("qemu-7.2")},
	                     .smmu = {.cmdq_log2 = 16, .evtq_log2 = 15}});
	assert_int_equal(reg(&r, HW_CR0, 4), 0xd);
	assert_int_equal(reg(&r, HW_CR0ACK, 4), 0xd);
	assert_int_equal(reg(&r, HW_CR1, 4), 0xd75);
	assert_int_equal(reg(&r, HW_CR2, 4), 6);
	assert_int_equal(reg(&r, HW_IRQ_CTRL, 4), 5);
	assert_int_equal(reg(&r, HW_STRTAB_CFG, 4), 0x10210);
	assert_int_equal(reg(&r, HW_STRTAB_BASE, 8) >> 52, 0x400);
	assert_int_equal(reg(&r, HW_CMDQ_BASE, 8) >> 52, 0x400);
	assert_int_equal(reg(&r, HW_CMDQ_BASE, 8) & 0x1f, 16);
	assert_int_equal(reg(&r, HW_EVENTQ_BASE, 8) & 0x1f, 15);
	assert_int_equal(reg(&r, HW_GERROR, 4), 0);
	rig_close(&r);
}

/* cmdq.txt of the same recording, up to the first unmappings. */
static void commands_are_those_of_linux(void **state)
{
	static const uint64_t linux_6_1[][2] = {
	        {0x0000000000000004, 0x1f}, {0x000000000fc02046, 0},
	        {0x0000000000000030, 0},    {0x000000000fc02046, 0},
	        {0x000000000fc02046, 0},    {0x000000000fc02046, 0},
	        {0x0000000800000003, 1},    {0x000000000fc02046, 0},
	        {0x0000000800000003, 1},    {0x000000000fc02046, 0},
	        {0x0000000800000001, 0},    {0x0001000000000011, 0},
	        {0x000000000fc02046, 0},
	};
	const size_t count = sizeof(linux_6_1) / sizeof(*linux_6_1);
	struct rig r;
	uint64_t base;

	(void)state;
	open_dma(&r, &(struct rig_options){.edits = {PROFILE("qemu-7.2")}});
	base = reg(&r, HW_CMDQ_BASE, 8) & 0xfffffffffffe0;
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(word(&r, base + 16 * i), linux_6_1[i][0]);
		assert_int_equal(word(&r, base + 16 * i + 8), linux_6_1[i][1]);
	}
	assert_int_equal(reg(&r, HW_CMDQ_PROD, 4), count);
	/* One page, then two: 0x12 with TTL 3, TG 4 KiB and a range. */
	assert_int_equal(map(&r, 0xffff8000, RAM, 0x1000), DMASIM_OK);
	assert_int_equal(unmap(&r, 0xffff8000, 0x1000), DMASIM_OK);
	assert_int_equal(map(&r, 0xfffda000, RAM, 0x2000), DMASIM_OK);
	assert_int_equal(unmap(&r, 0xfffda000, 0x2000), DMASIM_OK);
	base += 16 * count;
	assert_int_equal(word(&r, base), 0x0001000000000012);
	assert_int_equal(word(&r, base + 8), 0xffff8701);
	assert_int_equal(word(&r, base + 16), 0x000000000fc02046);
	assert_int_equal(word(&r, base + 32), 0x0001000000100012);
	assert_int_equal(word(&r, base + 40), 0xfffda701);
	/* 31 pages are one command, 33 are two. */
	assert_int_equal(map(&r, 0xfff00000, RAM, 0x1f000), DMASIM_OK);
	assert_int_equal(unmap(&r, 0xfff00000, 0x1f000), DMASIM_OK);
	assert_int_equal(map(&r, 0xfff00000, RAM, 0x21000), DMASIM_OK);
	assert_int_equal(unmap(&r, 0xfff00000, 0x21000), DMASIM_OK);
	assert_int_equal(word(&r, base + 64), 0x000100000001e012);
	assert_int_equal(word(&r, base + 80), 0x000000000fc02046);
	assert_int_equal(word(&r, base + 96), 0x0001000000000012);
	assert_int_equal(word(&r, base + 104), 0xfff00701);
	assert_int_equal(word(&r, base + 112), 0x0001000000500012);
	assert_int_equal(word(&r, base + 120), 0xfff01701);
	rig_assert_clean(&r);
	rig_close(&r);
}

static void streams_without_a_domain_may_bypass(void **state)
{
	const struct rig_options linear = {
	        .smmu = {.bypass_by_default = true,
	                 .linear_stream_table = true}};
	struct rig r;

	(void)state;
	rig_open(&r, &linear);
	assert_int_equal(touch(&r, RAM), DMASIM_TXN_OK);
	rig_close(&r);
	/* A domain that goes leaves the default behind. */
	open_dma(&r,
	         &(struct rig_options){.smmu = {.bypass_by_default = true}});
	assert_int_equal(touch(&r, RAM), DMASIM_TXN_ABORT);
	assert_int_equal(
	        dmasim_smmu_drv_attach(r.smmu, STREAM, DMASIM_DOMAIN_ABORT),
	        DMASIM_OK);
	assert_int_equal(touch(&r, RAM), DMASIM_TXN_ABORT);
	rig_close(&r);
}

static void a_linear_stream_table_works(void **state)
{
	struct rig r;

	(void)state;
	open_dma(&r,
	         &(struct rig_options){.smmu = {.linear_stream_table = true}});
	assert_int_equal(reg(&r, HW_STRTAB_CFG, 4), 16);
	assert_int_equal(map(&r, 0x1000, RAM, 0x1000), DMASIM_OK);
	assert_int_equal(touch(&r, 0x1000), DMASIM_TXN_OK);
	assert_int_equal(
	        dmasim_smmu_drv_attach(r.smmu, 0x10000, DMASIM_DOMAIN_DMA),
	        DMASIM_E_RANGE);
	rig_close(&r);
}

static void table_sizes_follow_the_stream_ids(void **state)
{
	static const struct {
		const char *edit;
		uint64_t cfg;
		bool linear;
	} cases[] = {
	        {"dma-coherent; dmasim,stream-id-bits = <8>;", 8, false},
	        {"dma-coherent; dmasim,stream-id-bits = <9>;", 0x10209, false},
	        {"dma-coherent; dmasim,stream-id-bits = <32>;", 0x10219, false},
	        {"dma-coherent; dmasim,stream-id-bits = <32>;", 16, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct rig r;

		open_dma(&r, &(struct rig_options){
		                     .edits = {SMMU_NODE(cases[i].edit)},
		                     .smmu = {.linear_stream_table =
		                                      cases[i].linear}});
		assert_int_equal(reg(&r, HW_STRTAB_CFG, 4), cases[i].cfg);
		assert_int_equal(map(&r, 0x1000, RAM, 0x1000), DMASIM_OK);
		assert_int_equal(touch(&r, 0x1000), DMASIM_TXN_OK);
		rig_close(&r);
	}
}

static void output_sizes_are_told_to_the_smmu(void **state)
{
	static const struct {
		const char *edit;
		uint64_t ips, bits;
	} cases[] = {
	        {"dma-coherent; dmasim,output-bits = <32>;", 0, 32},
	        {"dma-coherent; dmasim,output-bits = <36>;", 1, 36},
	        {"dma-coherent; dmasim,output-bits = <40>;", 2, 40},
	        {"dma-coherent; dmasim,output-bits = <42>;", 3, 42},
	        {"dma-coherent; dmasim,output-bits = <48>;", 5, 48},
	        /* More than tables of 4 KiB granule can hold. */
	        {"dma-coherent; dmasim,output-bits = <52>;", 5, 48},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct rig r;

		open_dma(&r, &(struct rig_options){
		                     .edits = {SMMU_NODE(cases[i].edit)}});
		assert_int_equal(word(&r, find(&r, STREAM, 0).cd) >> 32 & 7,
		                 cases[i].ips);
		assert_int_equal(map(&r, 0x1000, 1ull << cases[i].bits, 0x1000),
		                 DMASIM_E_RANGE);
		assert_int_equal(map(&r, 0x1000, RAM, 0x1000), DMASIM_OK);
		assert_int_equal(touch(&r, 0x1000), DMASIM_TXN_OK);
		rig_close(&r);
	}
}

/* Its tables, queues and descriptors lie behind caches it does not see. */
static void an_smmu_that_is_not_coherent_sees_all(void **state)
{
	struct rig r;

	(void)state;
	open_dma(&r, &(struct rig_options){.edits = {SMMU_NODE("")}});
	assert_int_equal(map(&r, 0x1000, RAM, 0x2000), DMASIM_OK);
	assert_int_equal(map(&r, MIB2, RAM, MIB2), DMASIM_OK);
	assert_int_equal(touch(&r, 0x2000), DMASIM_TXN_OK);
	assert_int_equal(touch(&r, MIB2), DMASIM_TXN_OK);
	assert_int_equal(unmap(&r, 0x1000, 0x2000), DMASIM_OK);
	assert_int_equal(touch(&r, 0x2000), DMASIM_TXN_ABORT);
	assert_events(&r, "10 ");
	assert_int_equal(map(&r, 0x1000, RAM, 0x1000), DMASIM_OK);
	assert_int_equal(touch(&r, 0x1000), DMASIM_TXN_OK);
	rig_assert_clean(&r);
	rig_close(&r);
}

/* The tree says that it is coherent, and it is not: the driver cleans
 * nothing, and what it writes stays in the cache. */
static void a_wrong_tree_hides_the_queue(void **state)
{
	struct rig r;

	(void)state;
	rig_machine(&r, &(struct rig_options){
	                        .edits = {SMMU_NODE("dma-coherent; dmasim,port "
	                                            "= \"non-coherent\";")}});
	assert_int_equal(
	        dmasim_guest_create(
	                &(struct dmasim_guest_config){.machine = r.m}, &r.g),
	        DMASIM_OK);
	/* What the SMMU fetches is zero, which is no command, and so is what
	 * the driver puts in its place. */
	assert_int_equal(dmasim_smmu_drv_create(
	                         &(struct dmasim_smmu_drv_config){.guest = r.g},
	                         &r.smmu),
	                 DMASIM_E_DEVICE);
	assert_true(rig_findings(&r, DMASIM_STALE_READ) > 0);
	assert_non_null(strstr(
	        dmasim_finding_get(dmasim_machine_checker(r.m), 0)->object,
	        "2b400000.smmu command queue"));
	rig_close(&r);
}

static void the_event_queue_wraps(void **state)
{
	struct rig r;

	(void)state;
	open_dma(&r, &(struct rig_options){.smmu = {.evtq_log2 = 1}});
	for (unsigned i = 0; i < 9; i++) {
		assert_int_equal(touch(&r, i << 12), DMASIM_TXN_ABORT);
		assert_events(&r, "10 ");
	}
	assert_false(dmasim_smmu_drv_overflowed(r.smmu));
	rig_close(&r);
}

static void an_overflow_is_noticed_and_acknowledged(void **state)
{
	struct rig r;

	(void)state;
	open_dma(&r, &(struct rig_options){.smmu = {.evtq_log2 = 1}});
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < 5; i++)
			assert_int_equal(touch(&r, i << 12), DMASIM_TXN_ABORT);
		assert_events(&r, "10 10 ");
		assert_true(dmasim_smmu_drv_overflowed(r.smmu));
		/* Acknowledged: PROD and CONS agree in all bits. */
		assert_int_equal(reg(&r, HW_EVENTQ_PROD, 4),
		                 reg(&r, HW_EVENTQ_CONS, 4));
	}
	assert_non_null(strstr(r.log.text, "event queue overflow"));
	rig_close(&r);
}

/* Interrupts leave a note; whoever waits reads the queue then. */
static void the_interrupt_asks_for_a_poll(void **state)
{
	struct rig r;

	(void)state;
	open_dma(&r, &(struct rig_options){0});
	assert_false(drv_smmu_pending(r.smmu));
	assert_int_equal(touch(&r, 0), DMASIM_TXN_ABORT);
	assert_true(drv_smmu_pending(r.smmu));
	assert_int_equal(dmasim_smmu_drv_event_count(r.smmu), 0);
	assert_int_equal(dmasim_smmu_drv_poll(r.smmu), DMASIM_OK);
	assert_false(drv_smmu_pending(r.smmu));
	assert_int_equal(dmasim_smmu_drv_event_count(r.smmu), 1);
	assert_int_equal(dmasim_smmu_drv_poll(NULL), DMASIM_E_INVAL);
	rig_close(&r);
}

/* Firmware names no interrupts: the poll finds the records all the same. */
static void without_a_wire_the_poll_still_reads(void **state)
{
	struct rig r;

	(void)state;
	open_dma(&r,
	         &(struct rig_options){
	                 .edits = {{"interrupts = <0 74 1>, <0 75 1>, "
	                            "<0 77 1>, <0 79 1>;",
	                            ""},
	                           {"interrupt-names = \"eventq\", \"priq\", "
	                            "\"cmdq-sync\", \"gerror\";",
	                            ""}}});
	assert_int_equal(touch(&r, 0), DMASIM_TXN_ABORT);
	assert_false(drv_smmu_pending(r.smmu));
	assert_events(&r, "10 ");
	rig_close(&r);
}

static void the_command_queue_wraps(void **state)
{
	struct rig r;

	(void)state;
	/* Two entries: a batch waits for room again and again. */
	open_dma(&r, &(struct rig_options){.edits = {PROFILE("fvp-2017")},
	                                   .smmu = {.cmdq_log2 = 1}});
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(map(&r, 0x10000, RAM, 0x7000), DMASIM_OK);
		for (uint64_t at = 0x10000; at < 0x17000; at += 0x1000)
			assert_int_equal(touch(&r, at), DMASIM_TXN_OK);
		assert_int_equal(unmap(&r, 0x10000, 0x7000), DMASIM_OK);
		for (uint64_t at = 0x10000; at < 0x17000; at += 0x1000)
			assert_int_equal(touch(&r, at), DMASIM_TXN_ABORT);
	}
	rig_close(&r);
}

static void queues_end_at_the_implementations_limit(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, &(struct rig_options){
	                     .edits = {PROFILE("qemu-7.2")},
	                     .smmu = {.cmdq_log2 = 30, .evtq_log2 = 30}});
	assert_int_equal(reg(&r, HW_CMDQ_BASE, 8) & 0x1f, 19);
	assert_int_equal(reg(&r, HW_EVENTQ_BASE, 8) & 0x1f, 19);
	rig_close(&r);
}

static void a_refused_command_is_skipped(void **state)
{
	const struct smmu_cmd bad[] = {{{0xff, 0}}, {{0xff, 0}}};
	struct rig r;

	(void)state;
	open_dma(&r, &(struct rig_options){0});
	assert_int_equal(drv_smmu_issue(r.smmu, bad, 2, true), DMASIM_E_DEVICE);
	assert_int_equal(r.smmu->cmd_error, 1);
	assert_int_equal(r.smmu->cmd_errors, 2);
	assert_int_equal(reg(&r, HW_GERROR, 4), reg(&r, HW_GERRORN, 4));
	assert_non_null(strstr(r.log.text, "failed with error 1"));
	/* The queue goes on, and later commands are no errors. */
	assert_int_equal(map(&r, 0x1000, RAM, 0x1000), DMASIM_OK);
	assert_int_equal(touch(&r, 0x1000), DMASIM_TXN_OK);
	assert_int_equal(unmap(&r, 0x1000, 0x1000), DMASIM_OK);
	assert_int_equal(touch(&r, 0x1000), DMASIM_TXN_ABORT);
	rig_close(&r);
}

/* Without a CMD_SYNC it is the poll that hears of the error. */
static void the_poll_handles_global_errors(void **state)
{
	const struct smmu_cmd bad = {{0xff, 0}};
	struct rig r;

	(void)state;
	open_dma(&r, &(struct rig_options){0});
	assert_int_equal(drv_smmu_issue(r.smmu, &bad, 1, false), DMASIM_OK);
	assert_int_equal(dmasim_cpu_delay(r.cpu, DMASIM_MS), DMASIM_OK);
	assert_true(drv_smmu_pending(r.smmu));
	assert_int_equal(dmasim_smmu_drv_poll(r.smmu), DMASIM_OK);
	assert_false(drv_smmu_pending(r.smmu));
	assert_int_equal(reg(&r, HW_GERROR, 4), reg(&r, HW_GERRORN, 4));
	assert_int_equal(dmasim_smmu_drv_invalidate(r.smmu, STREAM), DMASIM_OK);
	rig_close(&r);
}

/* Destroyed, the SMMU is off, its memory is free, and it can start again. */
static void the_end_leaves_nothing_behind(void **state)
{
	struct drv_extent before, after;
	struct rig r;

	(void)state;
	rig_open(&r, &(struct rig_options){.no_smmu = true});
	before = r.g->pages.free[0];
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(
		        dmasim_smmu_drv_create(
		                &(struct dmasim_smmu_drv_config){.guest = r.g},
		                &r.smmu),
		        DMASIM_OK);
		assert_int_equal(dmasim_smmu_drv_attach(r.smmu, STREAM,
		                                        DMASIM_DOMAIN_DMA),
		                 DMASIM_OK);
		assert_int_equal(map(&r, 0x1000, RAM, 0x1000), DMASIM_OK);
		assert_int_equal(touch(&r, 0x1000), DMASIM_TXN_OK);
		assert_int_equal(dmasim_smmu_drv_destroy(r.smmu), DMASIM_OK);
		assert_int_equal(reg(&r, HW_CR0, 4), 0);
		assert_int_equal(reg(&r, HW_IRQ_CTRL, 4), 0);
		r.smmu = NULL;
	}
	after = r.g->pages.free[0];
	assert_int_equal(r.g->pages.free_count, 2);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(r.g->irq_count, 0);
	rig_close(&r);
}

/* A boot loader left it on: nothing passes while it is set up again. */
static void an_smmu_that_is_on_is_taken_over(void **state)
{
	struct rig r;
	uint64_t va;

	(void)state;
	rig_open(&r, &(struct rig_options){.no_smmu = true});
	assert_int_equal(dmasim_guest_ioremap(r.g, 0x2b400000, 0x1000, &va),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_store(r.cpu, va + HW_CR0, 4, 1), DMASIM_OK);
	assert_int_equal(dmasim_smmu_drv_create(
	                         &(struct dmasim_smmu_drv_config){.guest = r.g},
	                         &r.smmu),
	                 DMASIM_OK);
	assert_int_equal(reg(&r, HW_GBPA, 4) & HW_GBPA_ABORT, HW_GBPA_ABORT);
	assert_int_equal(reg(&r, HW_CR0, 4), 0xd);
	rig_close(&r);
}

static void too_little_memory_ends_the_probe(void **state)
{
	struct dmasim_smmu_drv_config cfg = {.linear_stream_table = true};
	struct rig r;

	(void)state;
	rig_open(&r, &(struct rig_options){
	                     .no_smmu = true,
	                     .edits = {{"<0x0 0x80000000 0x0 0x04000000>",
	                                "<0x0 0x80000000 0x0 0x00006000>"},
	                               {"<0x8 0x80000000 0x0 0x01000000>",
	                                "<0x8 0x80000000 0x0 0x00001000>"}}});
	cfg.guest = r.g;
	assert_int_equal(dmasim_smmu_drv_create(&cfg, &r.smmu), DMASIM_E_NOMEM);
	cfg.linear_stream_table = false;
	cfg.evtq_log2 = 2;
	cfg.cmdq_log2 = 2;
	assert_int_equal(dmasim_smmu_drv_create(&cfg, &r.smmu), DMASIM_OK);
	/* No room for a second-level table. */
	assert_int_equal(
	        dmasim_smmu_drv_attach(r.smmu, STREAM, DMASIM_DOMAIN_DMA),
	        DMASIM_E_NOMEM);
	rig_close(&r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_configurations_are_refused),
        cmocka_unit_test(registers_are_as_linux_leaves_them),
        cmocka_unit_test(commands_are_those_of_linux),
        cmocka_unit_test(streams_without_a_domain_may_bypass),
        cmocka_unit_test(a_linear_stream_table_works),
        cmocka_unit_test(table_sizes_follow_the_stream_ids),
        cmocka_unit_test(output_sizes_are_told_to_the_smmu),
        cmocka_unit_test(an_smmu_that_is_not_coherent_sees_all),
        cmocka_unit_test(a_wrong_tree_hides_the_queue),
        cmocka_unit_test(the_event_queue_wraps),
        cmocka_unit_test(an_overflow_is_noticed_and_acknowledged),
        cmocka_unit_test(the_interrupt_asks_for_a_poll),
        cmocka_unit_test(without_a_wire_the_poll_still_reads),
        cmocka_unit_test(the_command_queue_wraps),
        cmocka_unit_test(queues_end_at_the_implementations_limit),
        cmocka_unit_test(a_refused_command_is_skipped),
        cmocka_unit_test(the_poll_handles_global_errors),
        cmocka_unit_test(the_end_leaves_nothing_behind),
        cmocka_unit_test(an_smmu_that_is_on_is_taken_over),
        cmocka_unit_test(too_little_memory_ends_the_probe),
};
CHECK_MAIN(tests)
