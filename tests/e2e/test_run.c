/* SPDX-License-Identifier: MIT */
/* dmasim run on the three platforms: what hangs, what passes, and why. */
#include "command.h"

/** The place "FILE:LINE" after @before in @text is a line of that file that
 * holds @what. */
static void expect_source_line(const char *text, const char *before,
                               const char *what)
{
	const char *at = strstr(text, before);
	char path[256] = DMASIM_SOURCE_DIR "/";
	size_t n = strlen(path), size;
	char *source, *line;
	long number;

	assert_non_null(at);
	at += strlen(before);
	while (*at && *at != ':' && n + 1 < sizeof(path))
		path[n++] = *at++;
	path[n] = '\0';
	assert_int_equal(*at, ':');
	number = strtol(at + 1, NULL, 10);
	source = read_file(path, &size);
	line = source;
	for (long i = 1; i < number; i++) {
		line = strchr(line, '\n');
		assert_non_null(line);
		line++;
	}
	/* A call may go over several lines. */
	for (int i = 0; i < 4 && line; i++) {
		char *end = strchr(line, '\n');

		if (end)
			*end = '\0';
		if (strstr(line, what)) {
			free(source);
			return;
		}
		line = end ? end + 1 : NULL;
	}
	fail_msg("%s:%ld has no %s", path, number, what);
}

/** The driver maps the ring non-cacheable, the device reads it through a
 * cache: the report must name all that matters. */
static void expect_mismatched_alias(const struct result *r)
{
	expect_run(r, 1, "hang");
	expect_text(r->out, "MISMATCHED_ALIAS: virtqueue 0 used.idx at 0x");
	expect_text(r->out, "read     00\n");
	expect_text(r->out, "written  01\n");
	expect_text(r->out, "as Normal NC");
	expect_text(r->out, "virtio-blk 0: write used.idx, queue 0, request 1, "
	                    "as Normal WB ISH");
	expect_source_line(r->out, "reader   cpu0: ", "used");
	expect_text(r->out, "remedy   map the memory as the device does: add "
	                    "dma-coherent");
	expect_text(r->out, "because    the driver maps the ring "
	                    "non-cacheable, the device is a host process");
	expect_text(r->out,
	            "request 1 (read, sector 0, 4096 bytes): no answer");
}

static void kvmtool_hangs_under_dma_api(void **state)
{
	struct result r = RUN("run", KVMTOOL);

	(void)state;
	expect_mismatched_alias(&r);
	expect_text(r.out, "policy     dma-api\n");
	expect_text(r.out, "firmware: not dma-coherent; it reaches memory: "
	                   "host-cpu");
	end_result(&r);
}

static void kvmtool_hangs_under_linux_4_10_rc6(void **state)
{
	struct result r = RUN("run", "--dma-policy", "linux-4.10-rc6", KVMTOOL);

	(void)state;
	expect_mismatched_alias(&r);
	expect_text(r.out, "policy     linux-4.10-rc6\n");
	end_result(&r);
}

static void kvmtool_passes_under_linux_6_1(void **state)
{
	struct result r = RUN("run", "--dma-policy", "linux-6.1", KVMTOOL);

	(void)state;
	expect_run(&r, 0, "pass");
	expect_text(r.out, "mapping    physical: ");
	expect_text(r.out, "partition 1: type 0x83, sectors 64 to 2047");
	expect_text(r.out, "findings   0\n");
	assert_string_equal(r.err, "");
	end_result(&r);
}

static void kvmtool_passes_with_dma_coherent(void **state)
{
	char dir[] = TEMP_FOLDER, path[64];
	struct result r;

	(void)state;
	make_folder(dir);
	snprintf(path, sizeof(path), "%s/coherent.dts", dir);
	edited_copy(KVMTOOL, "dmasim,device = \"blk\";",
	            "dmasim,device = \"blk\"; dma-coherent;", path);
	r = RUN("run", path);
	expect_run(&r, 0, "pass");
	expect_text(r.out, "mapping    direct, coherent: ");
	expect_text(r.out, "firmware says dma-coherent");
	expect_text(r.out, "findings   0\n");
	end_result(&r);
	remove_folder(dir);
}

static void kvmtool_passes_with_coherent_mapping(void **state)
{
	struct result r = RUN("run", "--mapping", "coherent", KVMTOOL);

	(void)state;
	expect_run(&r, 0, "pass");
	expect_text(r.out, "mapping    direct, coherent: forced by --mapping");
	expect_text(r.out, "findings   0\n");
	end_result(&r);
}

/** The reverse: the driver trusts a coherence that is not there. */
static void false_dma_coherent_is_found(void **state)
{
	char dir[] = TEMP_FOLDER, path[64];
	struct result r;

	(void)state;
	make_folder(dir);
	snprintf(path, sizeof(path), "%s/false.dts", dir);
	edited_copy(KVMTOOL, "dmasim,port = \"host-cpu\";",
	            "dmasim,port = \"non-coherent\"; dma-coherent;", path);
	r = RUN("run", path);
	assert_int_equal(r.status, 1);
	expect_text(r.out, "because    the driver relies on coherence, the "
	                   "device reaches memory past the caches");
	expect_text(r.out, "virtqueue 0 ");
	end_result(&r);
	remove_folder(dir);
}

/** Behind an SMMU too. */
static void false_dma_coherent_behind_the_smmu(void **state)
{
	char dir[] = TEMP_FOLDER, path[64];
	struct result r;

	(void)state;
	make_folder(dir);
	snprintf(path, sizeof(path), "%s/false.dts", dir);
	edited_copy(FVP, "dmasim,device = \"blk-legacy\";",
	            "dmasim,device = \"blk-legacy\"; "
	            "dmasim,port = \"non-coherent\";",
	            path);
	r = RUN("run", path);
	assert_int_equal(r.status, 1);
	expect_text(r.out, "because    the driver relies on coherence, the "
	                   "device reaches memory past the caches");
	expect_text(r.out, "STALE_READ: virtqueue 0 avail.idx");
	end_result(&r);
	remove_folder(dir);
}

/** Where the architecture leaves open what a cache keeps, the same machine
 * hangs, fails or reads wrong bytes. */
static void kvmtool_fails_in_three_ways(void **state)
{
	bool hang = false, wrong = false, failure = false;

	(void)state;
	for (int i = 1; i <= 40 && !(hang && wrong && failure); i++) {
		char seed[16];
		struct result r;

		snprintf(seed, sizeof(seed), "%d", i);
		r = RUN("run", "--seed", seed, "--workload",
		        i % 2 ? "read-partition" : "rw", KVMTOOL);
		assert_int_equal(r.status, 1);
		if (strstr(r.out, "\nresult     hang\n"))
			hang = true;
		if (strstr(r.out, "\nresult     guest failure\n"))
			failure = true;
		if (strstr(r.out, "\nresult     wrong bytes\n")) {
			wrong = true;
			expect_text(r.out, " bytes differ from the disk's, the "
			                   "first at byte 0x");
			expect_text(r.out, "request data");
		}
		end_result(&r);
	}
	assert_true(hang);
	assert_true(wrong);
	assert_true(failure);
}

/** Its tables in memory are as much shared data as a ring is. */
static void false_coherence_of_the_smmu_is_found(void **state)
{
	char dir[] = TEMP_FOLDER, path[64];
	struct result r;

	(void)state;
	make_folder(dir);
	snprintf(path, sizeof(path), "%s/false.dts", dir);
	edited_copy(FVP, "dmasim,profile = \"fvp-2017\";",
	            "dmasim,port = \"non-coherent\";", path);
	r = RUN("run", path);
	assert_int_equal(r.status, 1);
	expect_text(r.out, "STALE_READ: 2b400000.smmu command queue at 0x");
	expect_text(r.out,
	            "result     guest failure\n           SMMU driver: ");
	expect_text(r.out, "because    the findings below are what went wrong "
	                   "before");
	end_result(&r);
	remove_folder(dir);
}

static void too_little_memory(void **state)
{
	static const char *const sizes[] = {"0x1000", "0x10000", "0x20000"};
	char dir[] = TEMP_FOLDER, path[64], reg[128];

	(void)state;
	make_folder(dir);
	snprintf(path, sizeof(path), "%s/small.dts", dir);
	for (size_t i = 0; i < 3; i++) {
		struct result r;

		snprintf(reg, sizeof(reg), "reg = <0x0 0x40000000 0x0 %s>;",
		         sizes[i]);
		edited_copy(QEMU, "reg = <0x0 0x40000000 0x0 0x20000000>;", reg,
		            path);
		r = RUN("run", path);
		expect_run(&r, 1, "guest failure");
		expect_text(r.out, ": out of memory\n");
		end_result(&r);
	}
	remove_folder(dir);
}

static void no_partition_table(void **state)
{
	char dir[] = TEMP_FOLDER, path[64];
	struct result r;

	(void)state;
	make_folder(dir);
	snprintf(path, sizeof(path), "%s/zero.img", dir);
	write_file(path, "", 0);
	assert_int_equal(truncate(path, 1024), 0);
	r = RUN("run", "--image", path, FVP);
	expect_run(&r, 0, "pass");
	expect_text(r.out, "           no partition table\n");
	expect_text(r.out, "1024 bytes compared");
	end_result(&r);
	r = RUN("run", "--image", path, "--read-to", "/dev/full", FVP);
	assert_int_equal(r.status, 3);
	assert_string_equal(r.err,
	                    "dmasim: /dev/full: No space left on device\n");
	end_result(&r);
	remove_folder(dir);
}

static void fvp_reads_the_partition_table(void **state)
{
	struct result r = RUN("run", FVP);

	(void)state;
	expect_run(&r, 0, "pass");
	expect_text(r.out, "legacy virtio-pci 00:00.0");
	expect_text(r.out, "behind 2b400000.smmu, StreamID 0x0");
	expect_text(r.out, "mapping    iommu: ");
	expect_text(r.out, "partition 1: type 0x83");
	expect_text(r.out, "findings   0\n");
	end_result(&r);
}

/** January 2017: physical addresses before a translating SMMU. */
static void fvp_faults_as_in_2017(void **state)
{
	struct result r = RUN("run", "--dma-policy", "linux-6.1", FVP);

	(void)state;
	expect_run(&r, 1, "hang");
	expect_text(r.out, "events     2 from the SMMU\n");
	expect_text(r.out, "F_TRANSLATION, StreamID 0x0, address 0x");
	expect_text(r.out, "(virtqueue 0 avail.idx), read avail.idx\n");
	expect_text(r.out, "(virtqueue 0 avail.flags), read avail.flags\n");
	expect_text(r.out, "UNTRANSLATED: virtqueue 0 avail.idx at 0x");
	expect_text(r.out, "access   virtio-blk 0: read avail.idx");
	expect_text(r.out, "because    the driver gave the device physical "
	                   "addresses");
	end_result(&r);
	r = RUN("run", "--dma-policy", "linux-6.1", "--json", FVP);
	/* The words of the log, but for the address. */
	expect_text(r.out, "\"0xfffff010\",\n        \"0x20800000000\"");
	end_result(&r);
}

static void fvp_passes_under_linux_4_10_rc6(void **state)
{
	struct result r = RUN("run", "--dma-policy", "linux-4.10-rc6", FVP);

	(void)state;
	expect_run(&r, 0, "pass");
	end_result(&r);
}

static void fvp_passes_behind_a_bypass(void **state)
{
	struct result r = RUN("run", "--dma-policy", "linux-6.1", "--domain",
	                      "bypass", FVP);

	(void)state;
	expect_run(&r, 0, "pass");
	expect_text(r.out, "findings   0\n");
	end_result(&r);
}

static void fvp_fails_before_an_abort(void **state)
{
	struct result r = RUN("run", "--dma-policy", "linux-6.1", "--domain",
	                      "abort", FVP);

	(void)state;
	/* Abort is silent: no event. */
	expect_run(&r, 1, "hang");
	assert_null(strstr(r.out, "events "));
	expect_text(r.out, "device     stopped: ");
	end_result(&r);
}

static void fvp_platform_disk_passes(void **state)
{
	static const char *const policies[] = {"dma-api", "linux-4.10-rc6",
	                                       "linux-6.1"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct result r = RUN("run", "--disk", "1", "--dma-policy",
		                      policies[i], "--workload", "rw", FVP);

		expect_run(&r, 0, "pass");
		expect_text(r.out,
		            "/bus@8000000/motherboard/iofpga@300000000/"
		            "virtio_block@130000: virtio-mmio version 1");
		expect_text(r.out, "findings   0\n");
		end_result(&r);
	}
}

static void qemu_disks_pass(void **state)
{
	static const char *const disks[] = {"0", "1", "2"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct result r =
		        RUN("run", "--disk", disks[i], "--workload", "rw",
		            "--requests", "64", "--sectors", "32", QEMU);

		expect_run(&r, 0, "pass");
		expect_text(r.out, "rw: 64 requests, ");
		expect_text(r.out, "findings   0\n");
		end_result(&r);
	}
}

static void every_profile_runs(void **state)
{
	static const char *const profiles[] = {"arch", "fvp-2017", "qemu-7.2",
	                                       "qemu-10"};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct result r = RUN("run", "--profile", profiles[i],
		                      "--workload", "rw", QEMU);

		expect_run(&r, 0, "pass");
		end_result(&r);
	}
}

/** As a tree that QEMU wrote: nothing of ours in it. */
static void foreign_tree_gets_disks(void **state)
{
	char dir[] = TEMP_FOLDER, path[64], script[128];
	struct result r;

	(void)state;
	make_folder(dir);
	snprintf(path, sizeof(path), "%s/foreign.dts", dir);
	snprintf(script, sizeof(script), "sed /dmasim,/d %s >%s", QEMU, path);
	r = run_program((const char *const[]){"sh", "-c", script, NULL});
	assert_int_equal(r.status, 0);
	end_result(&r);
	r = RUN("run", path);
	expect_run(&r, 0, "pass");
	expect_text(r.out, "disk 0     /virtio_mmio@a003e00: ");
	end_result(&r);
	r = RUN("run", "--disk", "1", path);
	expect_run(&r, 0, "pass");
	expect_text(r.out, "disk 1     /virtio_mmio@a003c00: ");
	end_result(&r);
	remove_folder(dir);
}

static void limit_is_a_hang(void **state)
{
	struct result r = RUN("run", "--limit", "20us", FVP);

	(void)state;
	expect_run(&r, 1, "hang");
	expect_text(r.out, "the limit of simulated time is reached");
	expect_text(r.out, "time       20.000 us simulated");
	end_result(&r);
}

static void verify_reads_the_whole_disk(void **state)
{
	struct result r = RUN("run", "--workload", "verify", QEMU);

	(void)state;
	expect_run(&r, 0, "pass");
	expect_text(r.out, "1048576 bytes compared");
	end_result(&r);
	r = RUN("run", "--workload", "verify", "--sectors", "16", QEMU);
	expect_run(&r, 0, "pass");
	expect_text(r.out, "8192 bytes compared");
	end_result(&r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(kvmtool_hangs_under_dma_api),
        cmocka_unit_test(kvmtool_hangs_under_linux_4_10_rc6),
        cmocka_unit_test(kvmtool_passes_under_linux_6_1),
        cmocka_unit_test(kvmtool_passes_with_dma_coherent),
        cmocka_unit_test(kvmtool_passes_with_coherent_mapping),
        cmocka_unit_test(false_dma_coherent_is_found),
        cmocka_unit_test(false_dma_coherent_behind_the_smmu),
        cmocka_unit_test(kvmtool_fails_in_three_ways),
        cmocka_unit_test(false_coherence_of_the_smmu_is_found),
        cmocka_unit_test(too_little_memory),
        cmocka_unit_test(no_partition_table),
        cmocka_unit_test(fvp_reads_the_partition_table),
        cmocka_unit_test(fvp_faults_as_in_2017),
        cmocka_unit_test(fvp_passes_under_linux_4_10_rc6),
        cmocka_unit_test(fvp_passes_behind_a_bypass),
        cmocka_unit_test(fvp_fails_before_an_abort),
        cmocka_unit_test(fvp_platform_disk_passes),
        cmocka_unit_test(qemu_disks_pass),
        cmocka_unit_test(every_profile_runs),
        cmocka_unit_test(foreign_tree_gets_disks),
        cmocka_unit_test(limit_is_a_hang),
        cmocka_unit_test(verify_reads_the_whole_disk),
};

CHECK_MAIN(tests)
