/* SPDX-License-Identifier: MIT */
/* The kernel's own lines of every recording, as logs. */
#include "replay_run.h"

static struct run replay_case(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path),
	         DMASIM_SOURCE_DIR "/traces/recordings/%s/dmesg-events.txt",
	         name);
	return run_log(load_log(path), NULL);
}

/** All records equal in all four words. */
static struct run check_case(const char *name, size_t records,
                             const char *profile)
{
	struct run r = replay_case(name);
	json_t *results = json_object_get(r.json, "results");
	json_t *smmu = json_array_get(json_object_get(r.json, "smmus"), 0);

	run_expect(&r, DMASIM_OK);
	assert_int_equal(json_integer_value(json_object_get(results, "equal")),
	                 records);
	assert_string_equal(run_string(smmu, "name"), "9050000.smmuv3");
	assert_string_equal(run_string(smmu, "profile"), profile);
	return r;
}

static void test_badcfg_k61(void **state)
{
	struct run r = check_case("smmu-badcfg-k61", 39, "qemu-7.2");

	(void)state;
	run_has(&r, "by the test endpoint, with a level 2 stream table where "
	            "nothing answers: equal in all four words");
	run_end(&r);
}

static void test_badcfg_k72(void **state)
{
	struct run r = check_case("smmu-badcfg-k72-qemu10", 27, "qemu-10");

	(void)state;
	run_has(&r, "the fetch address of F_CD_FETCH is in word 2");
	run_has(&r, "client 0000:00:04.0");
	run_end(&r);
}

static void test_faults_user_k61(void **state)
{
	struct run r = check_case("smmu-faults-user-k61", 104, "qemu-7.2");

	(void)state;
	run_has(&r, "the kernel suppressed 477 more");
	run_has(&r, "a virtqueue: legacy ring of 256 entries at 0x10000000");
	run_has(&r, "a virtqueue: legacy ring of 256 entries at 0x1c000000");
	run_has(&r, "one access, refused and recorded for every 4 bytes, as "
	            "QEMU does");
	run_has(&r, "an offset in a ring or a request, used as an address: "
	            "QEMU 7.2 goes on like this after a refused read");
	run_end(&r);
}

static void test_faults_user_k72(void **state)
{
	struct run r = check_case("smmu-faults-user-k72-qemu10", 75, "arch");

	(void)state;
	run_has(&r, "a virtqueue: legacy ring of 256 entries at 0x30000000");
	run_has_not(&r, "used as an address");
	run_end(&r);
}

static void test_vfio(void **state)
{
	struct run r = check_case("smmu-vfio-map-k61", 50, "qemu-7.2");

	(void)state;
	run_has(&r, "the kernel suppressed 41 more");
	run_has(&r, "mapped, but not for writes");
	run_end(&r);
}

static void test_overflow(void **state)
{
	struct run r = check_case("smmu-evtq-overflow-k61", 10, "qemu-7.2");

	(void)state;
	run_has(&r, "unexpected global error reported (0x00000004), this could "
	            "be serious: GERROR EVENTQ_ABT_ERR");
	run_has(&r, "record 1 (line 3, 2.549744)");
	run_has(&r, "to record 10, 0x55550024: one access, refused and "
	            "recorded for every 4 bytes");
	run_end(&r);
}

/** Ring pages that vanish under the kernel's driver: a modern ring, of which
 * the last field tells the size. */
static void test_driver_faults(void **state)
{
	struct run r = check_case("smmu-driver-faults-k61/K1", 8, "qemu-7.2");

	(void)state;
	run_has(&r, "a virtqueue: modern ring of 256 entries: descriptors "
	            "0xffffc000, avail 0xffffd000, used 0xffffd240");
	run_has(&r, "so it is not the whole story");
	run_has(&r, ": avail->ring[11]");
	run_end(&r);
	r = check_case("smmu-driver-faults-k61/K2", 4, "qemu-7.2");
	run_has_not(&r, "a virtqueue");
	run_end(&r);
	r = check_case("smmu-driver-faults-k61/K3", 6, "qemu-7.2");
	run_has(&r, "used->ring[11].id");
	run_end(&r);
}

/** No event records: another kind of IOMMU. */
static void test_viommu(void **state)
{
	char *data = malloc(1u << 16);
	FILE *f = fopen(DMASIM_SOURCE_DIR
	                "/traces/recordings/viommu-1disk-k612/dmesg-events.txt",
	                "rb");
	size_t n;

	(void)state;
	if (!f) {
		/* That recording may come without its log. */
		free(data);
		skip();
		return;
	}
	assert_non_null(data);
	n = fread(data, 1, 1u << 16, f);
	fclose(f);
	refuse(data, n,
	       "line 4: a fault of a virtio-iommu, which has no event records; "
	       "no usable record of an SMMUv3");
	free(data);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_badcfg_k61),
        cmocka_unit_test(test_badcfg_k72),
        cmocka_unit_test(test_faults_user_k61),
        cmocka_unit_test(test_faults_user_k72),
        cmocka_unit_test(test_vfio),
        cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_driver_faults),
        cmocka_unit_test(test_viommu),
};

CHECK_MAIN(tests)
