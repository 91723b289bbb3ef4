/* SPDX-License-Identifier: MIT */
/* Stories that ask for what cannot be: the place and the reason, and nothing
 * breaks. And what a lesson's program says of its arguments. */
#include <stdlib.h>

#include "check.h"

#include "dmasim/lesson.h"

static struct dmasim_area *start(struct dmasim_stage *s,
                                 struct dmasim_agent **cpu,
                                 struct dmasim_agent **nic)
{
	struct dmasim_area *area;

	*cpu = lesson_cpu(s, 0);
	*nic = lesson_device(s, "nic", DMASIM_PORT_COHERENT);
	area = lesson_area(s, "area", 64);
	lesson_watch(area, 0);
	return area;
}

#define SCENE                                                                  \
	struct dmasim_agent *cpu, *nic;                                        \
	struct dmasim_area *area = start(s, &cpu, &nic);                       \
	(void)fixed;                                                           \
	(void)area

/* The message that the story ends with. */
static void expect(void (*story)(struct dmasim_stage *s, bool fixed),
                   const char *part)
{
	const struct dmasim_lesson l = {
	        .name = "l", .title = "t", .story = story};
	const struct dmasim_lesson_options o = {0};
	struct dmasim_diag diag;
	bool told = true;

	assert_int_equal(dmasim_lesson_tell(&l, &o, &told, &diag),
	                 DMASIM_E_INVAL);
	assert_false(told);
	if (!strstr(diag.text, part))
		fail_msg("no '%s' in '%s'", part, diag.text);
}

static void third_cpu(struct dmasim_stage *s, bool fixed)
{
	(void)fixed;
	lesson_cpu(s, 2);
}

static void odd_device(struct dmasim_stage *s, bool fixed)
{
	(void)fixed;
	lesson_device(s, "odd", (enum dmasim_port_kind)9);
}

static void empty_area(struct dmasim_stage *s, bool fixed)
{
	(void)fixed;
	lesson_area(s, "empty", 0);
}

static void huge_area(struct dmasim_stage *s, bool fixed)
{
	(void)fixed;
	lesson_area(s, "huge", 0x10000000);
}

static void part_outside(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	lesson_part(area, "part", 60, 8);
}

static void watch_twice(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	lesson_watch(area, 0);
}

static void watch_outside(struct dmasim_stage *s, bool fixed)
{
	(void)fixed;
	lesson_watch(lesson_area(s, "small", 4), 4);
}

static void no_watch(struct dmasim_stage *s, bool fixed)
{
	(void)fixed;
	lesson_cpu(s, 0);
	lesson_say(s, "Nobody hears this.");
}

static void write_outside(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	lesson_write32(cpu, area, 62, 1);
}

static void odd_size(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	dmasim_lesson_read(nic, area, 0, 3, DMASIM_HERE);
}

static void device_cleans(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	lesson_clean(nic, area);
}

static void no_maintenance(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	dmasim_lesson_maintain(cpu, DMASIM_READ, area, DMASIM_HERE);
}

static void device_orders(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	lesson_barrier(nic, DMASIM_DSB);
}

static void odd_barrier(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	lesson_barrier(cpu, (enum dmasim_barrier)77);
}

static void device_prefetches(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	lesson_prefetch(nic, area, 0);
}

static void device_evicts(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	lesson_evict(nic, area, 0);
}

static void evict_nothing(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	lesson_evict(cpu, area, 0);
}

static void device_maps(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	lesson_dma_map_single(nic, nic, area, DMASIM_TO_DEVICE);
}

static void mapped_for_a_cpu(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	lesson_dma_map_single(cpu, cpu, area, DMASIM_TO_DEVICE);
}

static void odd_call(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	dmasim_lesson_dma(cpu, nic, area, (enum dmasim_lesson_dma)9,
	                  DMASIM_TO_DEVICE, DMASIM_HERE);
}

static void odd_direction(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	lesson_dma_map_single(cpu, nic, area, (enum dmasim_dma_dir)9);
}

static void odd_choice(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	lesson_choose(s, DMASIM_CHOICE_POINTS, 0);
}

static void smmu_before_cpu(struct dmasim_stage *s, bool fixed)
{
	struct dmasim_agent *nic =
	        lesson_device(s, "nic", DMASIM_PORT_COHERENT);

	(void)fixed;
	lesson_smmu(nic, .noncoherent = false);
}

static void two_smmus(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	lesson_smmu(nic, .noncoherent = false);
	lesson_smmu(nic, .noncoherent = false);
}

static void map_without_smmu(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	lesson_dma_map(nic, area);
}

static void ste_without_smmu(struct dmasim_stage *s, bool fixed)
{
	uint64_t words[8];
	SCENE;

	lesson_ste(nic, words);
}

static void command_without_smmu(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	lesson_cfgi_ste(cpu);
}

static void command_without_view(struct dmasim_stage *s, bool fixed)
{
	(void)fixed;
	lesson_cfgi_ste(lesson_cpu(s, 0));
}

static void big_mapping(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	lesson_smmu(nic, .noncoherent = false);
	lesson_dma_map(nic, lesson_area(s, "big", 8192));
}

/* A command that the SMMU does not know ends with CMDQ_CONS.ERR. */
static void bad_command(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	lesson_smmu(nic, .noncoherent = false);
	dmasim_lesson_command(cpu, "CMD_NONSENSE",
	                      (struct dmasim_tables_cmd){0xff, 0}, DMASIM_HERE);
}

/* After an error all else is quiet, whatever it gets. */
static void goes_on(struct dmasim_stage *s, bool fixed)
{
	uint64_t words[8];
	SCENE;

	lesson_map(cpu, area, &dmasim_attr_nc);
	lesson_smmu(nic, .noncoherent = false);
	lesson_write32(cpu, area, 64, 1);
	assert_null(lesson_cpu(s, 1));
	assert_null(lesson_device(s, "x", DMASIM_PORT_COHERENT));
	assert_null(lesson_area(s, "x", 4));
	assert_null(lesson_part(area, "x", 0, 4));
	assert_null(lesson_part(NULL, "x", 0, 4));
	assert_null(lesson_dma_map(nic, area));
	assert_null(lesson_dma_map(NULL, area));
	assert_null(lesson_ste(nic, words));
	assert_null(lesson_ste(NULL, words));
	lesson_map(NULL, area, &dmasim_attr_nc);
	lesson_map(cpu, NULL, &dmasim_attr_nc);
	lesson_watch(NULL, 0);
	lesson_watch(area, 0);
	lesson_say(s, "no");
	lesson_write32(NULL, area, 0, 1);
	lesson_write32(cpu, NULL, 0, 1);
	assert_int_equal(lesson_read32(cpu, area, 0), 0);
	assert_int_equal(lesson_read32(NULL, area, 0), 0);
	assert_int_equal(lesson_read32(cpu, NULL, 0), 0);
	lesson_clean(NULL, area);
	lesson_clean(cpu, NULL);
	lesson_barrier(NULL, DMASIM_DSB);
	lesson_prefetch(NULL, area, 0);
	lesson_prefetch(cpu, NULL, 0);
	lesson_dma_map_single(NULL, nic, area, DMASIM_TO_DEVICE);
	lesson_dma_map_single(cpu, NULL, area, DMASIM_TO_DEVICE);
	lesson_dma_map_single(cpu, nic, NULL, DMASIM_TO_DEVICE);
	lesson_evict(NULL, area, 0);
	lesson_evict(cpu, NULL, 0);
	lesson_wait(s, 5);
	lesson_smmu(NULL, .noncoherent = false);
	lesson_smmu(nic, .noncoherent = false);
	lesson_give(nic, area, 1);
	lesson_give(NULL, area, 1);
	lesson_tlbi(cpu, NULL, area);
	lesson_tlbi(cpu, nic, NULL);
	lesson_cfgi_ste(cpu);
	lesson_cfgi_ste(NULL);
	assert_int_equal(lesson_address(NULL), 0);
	lesson_choose(s, DMASIM_CHOICE_POINTS, 0);
}

static void impossible(void **state)
{
	(void)state;
	expect(third_cpu, "cpu2: ");
	expect(odd_device, "odd: ");
	expect(empty_area, "empty: ");
	expect(huge_area, "huge: ");
	expect(part_outside, "part: ");
	expect(watch_twice, "area: ");
	expect(watch_outside, "small: ");
	expect(no_watch, "lesson_watch()");
	expect(write_outside, "test_stage.c:");
	expect(odd_size, "test_stage.c:");
	expect(device_cleans, "DC CVAC: ");
	expect(no_maintenance, "test_stage.c:");
	expect(device_orders, "barrier: ");
	expect(odd_barrier, "barrier: ");
	expect(device_prefetches, "prefetch: ");
	expect(device_evicts, "evict: ");
	expect(evict_nothing, "evict: ");
	expect(device_maps, "dma: ");
	expect(mapped_for_a_cpu, "dma: ");
	expect(odd_call, "dma: ");
	expect(odd_direction, "dma: ");
	expect(odd_choice, "choose: ");
	expect(goes_on, "test_stage.c:");
}

static void impossible_smmus(void **state)
{
	(void)state;
	expect(smmu_before_cpu, "smmu: ");
	expect(two_smmus, "smmu: ");
	expect(map_without_smmu, "dma_map: ");
	expect(ste_without_smmu, "ste: ");
	expect(command_without_smmu, "CMD_CFGI_STE: ");
	expect(command_without_view, "CMD_CFGI_STE: ");
	expect(big_mapping, "dma_map: ");
	expect(bad_command, "CMD_NONSENSE: ");
}

/* A device without an SMMU whose access the bus refuses. */
static void refused_by_the_bus(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	lesson_give(nic, area, 0x10);
	lesson_write32(nic, area, 0, 1);
}

static void bus(void **state)
{
	(void)state;
	expect(refused_by_the_bus, "area: ");
}

/* What the acts do, rather than what they refuse. */
static void all_acts(struct dmasim_stage *s, bool fixed)
{
	struct dmasim_agent *second = lesson_buffered_cpu(s, 1);
	SCENE;

	assert_non_null(dmasim_lesson_checker(s));
	lesson_choose(s, DMASIM_CHOICE_STORE_DRAIN, 0);
	lesson_write64(second, area, 0, 0x1122334455667788ull);
	lesson_barrier(second, DMASIM_DSB);
	assert_int_equal(lesson_read64(cpu, area, 0), 0x1122334455667788ull);
	assert_int_equal(lesson_read16(nic, area, 2), 0x5566);
	lesson_flush(cpu, area);
	lesson_write16(nic, area, 0, 7);
	lesson_prefetch(cpu, area, 0);
	lesson_evict(cpu, area, 0);
	lesson_wait(s, 1000);
	lesson_map(cpu, area, &dmasim_attr_nc);
	assert_int_equal(lesson_read32(cpu, area, 0), 0x55660007);
	assert_int_equal(lesson_address(area) % 64, 0);
}

/* Whose turn it is, and what the other one may not do then. */
static void turns(struct dmasim_stage *s, bool fixed)
{
	struct dmasim_agent *disk =
	        lesson_device(s, "disk", DMASIM_PORT_NONCOHERENT);
	SCENE;

	lesson_dma_map_single(cpu, disk, area, DMASIM_BIDIRECTIONAL);
	lesson_write32(disk, area, 0, 1);
	lesson_dma_sync_for_cpu(cpu, disk, area, DMASIM_BIDIRECTIONAL);
	assert_int_equal(lesson_read32(cpu, area, 0), 1);
	lesson_write32(cpu, area, 0, 2);
	lesson_dma_sync_for_device(cpu, disk, area, DMASIM_BIDIRECTIONAL);
	assert_int_equal(lesson_read32(disk, area, 0), 2);
	if (!fixed)
		lesson_write32(cpu, area, 0, 3);
	lesson_dma_unmap_single(cpu, disk, area, DMASIM_BIDIRECTIONAL);
	/* A coherent device needs no maintenance, and its bytes no clean. */
	lesson_dma_map_single(cpu, nic, area, DMASIM_TO_DEVICE);
	lesson_read32(nic, area, 0);
	lesson_dma_unmap_single(cpu, nic, area, DMASIM_TO_DEVICE);
	lesson_dma_map_single(cpu, disk, area, DMASIM_TO_DEVICE);
	lesson_dma_unmap_single(cpu, disk, area, DMASIM_TO_DEVICE);
}

static void owners(void **state)
{
	const struct dmasim_lesson l = {.name = "l",
	                                .title = "t",
	                                .finding = DMASIM_OWNERSHIP,
	                                .story = turns};
	const struct dmasim_lesson_options o = {0};
	struct dmasim_diag diag = {""};
	bool told = false;
	int status = dmasim_lesson_tell(&l, &o, &told, &diag);

	(void)state;
	if (status)
		fail_msg("%s", diag.text);
	assert_true(told);
}

static void acts(void **state)
{
	const struct dmasim_lesson l = {
	        .name = "l", .title = "t", .story = all_acts};
	const struct dmasim_lesson_options o = {0};
	struct dmasim_diag diag = {""};
	bool told = true;
	int status = dmasim_lesson_tell(&l, &o, &told, &diag);

	(void)state;
	if (status)
		fail_msg("%s", diag.text);
	/* Nothing goes wrong in it, so it is no lesson. */
	assert_false(told);
}

/* The verdicts of stories that do not go as told. */
static void harmless(struct dmasim_stage *s, bool fixed)
{
	SCENE;
	lesson_read32(cpu, area, 0);
}

static void always_wrong(struct dmasim_stage *s, bool fixed)
{
	struct dmasim_agent *disk =
	        lesson_device(s, "disk", DMASIM_PORT_NONCOHERENT);
	SCENE;

	lesson_write32(cpu, area, 0, 1);
	lesson_read32(disk, area, 0);
}

static void expect_verdict(void (*story)(struct dmasim_stage *s, bool fixed),
                           enum dmasim_finding_kind kind, const char *verdict)
{
	const struct dmasim_lesson l = {
	        .name = "l", .title = "t", .finding = kind, .story = story};
	struct dmasim_lesson_options o = {0};
	struct dmasim_diag diag;
	bool told = true;
	char *text;
	size_t size;

	o.out = open_memstream(&text, &size);
	assert_int_equal(dmasim_lesson_tell(&l, &o, &told, &diag), DMASIM_OK);
	fclose(o.out);
	assert_false(told);
	if (!strstr(text, verdict))
		fail_msg("no '%s' in:\n%s", verdict, text);
	free(text);
}

static void verdicts(void **state)
{
	(void)state;
	expect_verdict(harmless, DMASIM_STALE_READ,
	               "==> Not as told: the lesson is about STALE_READ, and "
	               "the checker finds nothing.\n");
	expect_verdict(always_wrong, DMASIM_LOST_WRITE,
	               "==> Not as told: the lesson is about LOST_WRITE, and "
	               "the checker finds something else.\n");
	expect_verdict(always_wrong, DMASIM_STALE_READ,
	               "==> Not as told: with the fix the checker still finds "
	               "STALE_READ.\n");
}

static void full_output(void **state)
{
	const struct dmasim_lesson l = {
	        .name = "l", .title = "t", .story = harmless};
	struct dmasim_lesson_options o = {0};
	struct dmasim_diag diag;
	FILE *full = fopen("/dev/full", "w");
	bool told;

	(void)state;
	assert_non_null(full);
	setvbuf(full, NULL, _IONBF, 0);
	o.out = full;
	assert_int_equal(dmasim_lesson_tell(&l, &o, &told, &diag), DMASIM_E_IO);
	assert_string_equal(diag.text, dmasim_strerror(DMASIM_E_IO));
	clearerr(full);
	o.out = NULL;
	o.json = full;
	assert_int_equal(dmasim_lesson_tell(&l, &o, &told, &diag), DMASIM_E_IO);
	clearerr(full);
	o.json = NULL;
	o.html = full;
	assert_int_equal(dmasim_lesson_tell(&l, &o, &told, &diag), DMASIM_E_IO);
	fclose(full);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(impossible),  cmocka_unit_test(impossible_smmus),
        cmocka_unit_test(bus),         cmocka_unit_test(acts),
        cmocka_unit_test(owners),      cmocka_unit_test(verdicts),
        cmocka_unit_test(full_output),
};

CHECK_MAIN(tests)
