/* SPDX-License-Identifier: MIT */
/* Replays on the machine of a device tree. */
#include "replay_run.h"

#define PLATFORM(name) DMASIM_SOURCE_DIR "/platforms/" name

static struct run run_tree(struct dmasim_log *log, const char *path,
                           struct dmasim_replay_options opt)
{
	struct dmasim_diag diag = {""};
	void *fdt = NULL;
	struct run r;

	if (dmasim_fdt_load(path, &fdt, &opt.fdt_size, &diag) != DMASIM_OK)
		fail_msg("%s", diag.text);
	opt.fdt = fdt;
	r = run_log(log, &opt);
	free(fdt);
	return r;
}

static const struct dmasim_replay_options none;

/** The tree's own disk has that stream. */
static void test_disk_of_the_tree(void **state)
{
	struct run r = run_tree(load_log(TRACE_2017),
	                        PLATFORM("fvp-base-2017.dts"), none);

	(void)state;
	run_expect(&r, DMASIM_OK);
	run_has(&r, "profile fvp-2017: as the tree says");
	run_has(&r, "machine of the tree");
	run_has(&r, "2 equal in all four words");
	assert_string_equal(run_string(run_ring(&r, 0, 0), "machine"), "tree");
	run_end(&r);
}

/** A disk is plugged in where the tree has none with that stream. */
static void test_disk_plugged_in(void **state)
{
	struct text t = {0};
	struct run r;

	(void)state;
	text_fault(&t, 0x18, false, 0x8fa081002);
	text_fault(&t, 0x18, false, 0x8fa081000);
	r = run_tree(parse(&t), PLATFORM("fvp-base-2017.dts"), none);
	run_has(&r, "on a legacy virtio-pci disk at 00:03.0 (StreamID 0x18 "
	            "behind 2b400000.smmu, machine of the tree)");
	assert_string_equal(run_string(run_record(&r, 0, 0), "by"), "driver");
	run_end(&r);
}

/** The tree's disk has another queue size than the log's ring. */
static void test_other_queue_size(void **state)
{
	struct dmasim_replay_options opt = {.explain.queue_size = 512};
	struct run r = run_tree(load_log(TRACE_2017),
	                        PLATFORM("fvp-base-2017.dts"), opt);

	(void)state;
	run_has(&r, "this disk's ring is not of 512 entries");
	run_end(&r);
}

/** No disk of the ring's layout can be had from this tree: one is made up. */
static void test_made_up_beside_a_tree(void **state)
{
	struct dmasim_replay_options opt = {.explain.has_layout = true,
	                                    .explain.layout =
	                                            DMASIM_LAYOUT_MODERN};
	struct run r = run_tree(load_log(TRACE_2017),
	                        PLATFORM("fvp-base-2017.dts"), opt);

	(void)state;
	run_expect(&r, DMASIM_OK);
	run_has(&r, "machine made up");
	run_end(&r);
}

/** A stream that no bridge of the tree gives. */
static void test_stream_beyond_the_tree(void **state)
{
	struct text t = {0};
	struct run r;

	(void)state;
	text_fault(&t, 0x30018, false, 0x8fa081002);
	text_fault(&t, 0x30018, false, 0x8fa081000);
	r = run_tree(parse(&t), PLATFORM("fvp-base-2017.dts"), none);
	run_has(&r, "machine made up");
	run_end(&r);
}

static void test_ram_of_the_tree(void **state)
{
	struct text t = {0};
	struct run r;

	(void)state;
	/* RAM, no RAM, and a ring that is not in RAM. */
	text_fault(&t, 8, false, 0x88000004);
	text_fault(&t, 8, false, 0x30000004);
	text_fault(&t, 8, false, 0x10001002);
	r = run_tree(parse(&t), PLATFORM("fvp-base-2017.dts"), none);
	run_expect(&r, DMASIM_OK);
	assert_string_equal(run_string(run_record(&r, 0, 0), "cause"),
	                    "nothing maps it for this stream; it is RAM in the "
	                    "tree: probably a physical address");
	assert_string_equal(run_string(run_record(&r, 0, 1), "cause"),
	                    "nothing maps it for this stream, and it is no RAM "
	                    "in the tree");
	assert_string_equal(run_string(run_record(&r, 0, 2), "field"),
	                    "avail->idx");
	run_has(&r, "the driver was not run there: the ring is not in RAM of "
	            "the tree: these are IOVAs of a ring that is not, or no "
	            "longer, mapped");
	run_end(&r);
}

/** The tree narrows: only rings in its RAM are explanations. */
static void test_tree_narrows(void **state)
{
	struct text t = {0};
	struct run r;
	json_t *list;

	(void)state;
	/* 32768 entries would begin below RAM at 0x880000000. */
	text_fault(&t, 8, false, 0x880010002);
	r = run_tree(parse(&t), PLATFORM("fvp-base-2017.dts"), none);
	list = json_object_get(run_ring(&r, 0, 0), "explanations");
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *e = json_array_get(list, i);
		json_t *size = json_object_get(e, "queue_size");

		assert_true(json_integer_value(size) <= 4096);
	}
	run_end(&r);
}

static void test_smmu_names(void **state)
{
	const uint64_t words[4] = {0x10, W2017_1, 0x1000, 0};
	struct text t = {0};
	struct run r;

	(void)state;
	/* One SMMU in the tree: the log's must be that one, whatever it is
	 * called. */
	text_record(&t, "arm-smmu-v3.0.auto", words);
	r = run_tree(parse(&t), PLATFORM("fvp-base-2017.dts"), none);
	run_expect(&r, DMASIM_OK);
	run_end(&r);
	text_record(&t, "2b400000.smmu", words);
	r = run_tree(parse(&t), PLATFORM("kvmtool-2017.dts"), none);
	run_expect(&r, DMASIM_E_NOTFOUND);
	assert_string_equal(r.diag.text,
	                    "the tree has no SMMU called '2b400000.smmu'");
	run_end(&r);
}

static void test_broken_tree(void **state)
{
	static const char rubbish[64] = "not a tree";
	struct dmasim_replay_options opt = {.fdt = rubbish,
	                                    .fdt_size = sizeof(rubbish)};
	struct run r = run_log(load_log(TRACE_2017), &opt);

	(void)state;
	run_expect(&r, DMASIM_E_FORMAT);
	assert_true(r.diag.text[0] != '\0');
	run_end(&r);
}

/** --profile counts more than the tree. */
static void test_profile_over_tree(void **state)
{
	struct dmasim_replay_options opt = {.has_profile = true,
	                                    .profile = DMASIM_SMMU_ARCH};
	struct run r = run_tree(load_log(TRACE_2017),
	                        PLATFORM("fvp-base-2017.dts"), opt);

	(void)state;
	run_has(&r, "profile arch: as asked for");
	run_has(&r, "2 equal in every bit that the architecture defines");
	run_end(&r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_disk_of_the_tree),
        cmocka_unit_test(test_disk_plugged_in),
        cmocka_unit_test(test_other_queue_size),
        cmocka_unit_test(test_made_up_beside_a_tree),
        cmocka_unit_test(test_stream_beyond_the_tree),
        cmocka_unit_test(test_ram_of_the_tree),
        cmocka_unit_test(test_tree_narrows),
        cmocka_unit_test(test_smmu_names),
        cmocka_unit_test(test_broken_tree),
        cmocka_unit_test(test_profile_over_tree),
};

CHECK_MAIN(tests)
