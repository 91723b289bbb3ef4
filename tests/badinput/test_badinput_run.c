/* SPDX-License-Identifier: MIT */
/*
 * What a user gets wrong with dmasim run: each time exit status 2, nothing on
 * stdout, and one message on stderr that names the place.
 */
#include "e2e/command.h"

#define ARGS_MAX 40

struct bad {
	const char *name;
	/** A change to the platform in DIR/tree.dts; NULL: none. */
	const char *old, *new;
	/** Words of the command line, separated by blanks; DIR is the test's
	 * folder. */
	const char *args;
	const char *message; /**< DIR likewise; the line starts with it */
};

#define RAM    "reg = <0x0 0x80000000 0x0 0x10000000>;"
#define MEMORY "dmasim: DIR/tree.dts: /memory@80000000: "
#define DISK   "dmasim: DIR/tree.dts: /virtio@10000: "
#define DEVICE "dmasim,device = \"blk\";"
#define FIVE_HUNDRED                                                           \
	"reg = <0x0 0x80000000 0x0 0x10000000>, <0x0 0x88000000 0x0 0x1000>;"

static const struct bad cases[] = {
        /* options */
        {"no_platform", NULL, NULL, "run", "dmasim: run: no PLATFORM given"},
        {"two_platforms", NULL, NULL, "run DIR/tree.dts other.dts",
         "dmasim: other.dts: one PLATFORM is enough"},
        {"unknown_option", NULL, NULL, "run --fast DIR/tree.dts",
         "dmasim: --fast: no such option (try 'dmasim run --help')"},
        {"unknown_short_option", NULL, NULL, "run -x DIR/tree.dts",
         "dmasim: -x: no such option"},
        {"option_without_argument", NULL, NULL, "run DIR/tree.dts --seed",
         "dmasim: --seed: needs an argument"},
        {"flag_with_argument", NULL, NULL, "run DIR/tree.dts --read-only=yes",
         "dmasim: --read-only=yes: takes no argument"},
        {"kernel", NULL, NULL, "run --kernel linux DIR/tree.dts",
         "dmasim: --kernel: 'linux' is "},
        {"seed", NULL, NULL, "run --seed lucky DIR/tree.dts",
         "dmasim: --seed: 'lucky' is not a number"},
        {"seed_negative", NULL, NULL, "run --seed -1 DIR/tree.dts",
         "dmasim: --seed: '-1' is not a number"},
        {"seed_too_large", NULL, NULL,
         "run --seed 0x10000000000000000 DIR/tree.dts",
         "dmasim: --seed: '0x10000000000000000' is not a number"},
        {"policy", NULL, NULL, "run --dma-policy never DIR/tree.dts",
         "dmasim: --dma-policy: 'never' is none of dma-api, linux-4.10-rc6, "
         "linux-6.1"},
        {"mapping", NULL, NULL, "run --mapping best DIR/tree.dts",
         "dmasim: --mapping: 'best' is none of auto, physical, coherent, "
         "noncoherent, iommu"},
        {"mapping_prefix", NULL, NULL, "run --mapping coher DIR/tree.dts",
         "dmasim: --mapping: 'coher' is none of "},
        {"mapping_without_smmu", NULL, NULL, "run --mapping iommu DIR/tree.dts",
         "dmasim: --mapping: iommu: /virtio@10000 is behind no SMMU"},
        {"domain", NULL, NULL, "run --domain big DIR/tree.dts",
         "dmasim: --domain: 'big' is none of abort, bypass, dma"},
        {"workload", NULL, NULL, "run --workload boot DIR/tree.dts",
         "dmasim: --workload: 'boot' is none of read-partition, rw, verify"},
        {"profile", NULL, NULL, "run --profile best DIR/tree.dts",
         "dmasim: --profile: 'best' is none of arch, arch-full, fvp-2017, "
         "mmu-600-like, mmu-700-like, qemu-7.2, "
         "qemu-10"},
        {"ring_fault", NULL, NULL, "run --ring-fault panic DIR/tree.dts",
         "dmasim: --ring-fault: 'panic' is none of stop, 2017, ignore"},
        {"requests_0", NULL, NULL, "run --requests 0 DIR/tree.dts",
         "dmasim: --requests: '0' is not a number above 0"},
        {"sectors", NULL, NULL, "run --sectors 1k DIR/tree.dts",
         "dmasim: --sectors: '1k' is not a number above 0"},
        {"limit", NULL, NULL, "run --limit 10 DIR/tree.dts",
         "dmasim: --limit: '10' is not a time such as 500us, 20ms or 10s"},
        {"limit_0", NULL, NULL, "run --limit 0s DIR/tree.dts",
         "dmasim: --limit: '0s' is not a time"},
        {"limit_too_large", NULL, NULL,
         "run --limit 99999999999999999999s DIR/tree.dts",
         "dmasim: --limit: '99999999999999999999s' is not a time"},
        {"limit_overflows", NULL, NULL, "run --limit 100000000s DIR/tree.dts",
         "dmasim: --limit: '100000000s' is not a time"},
        {"disk", NULL, NULL, "run --disk first DIR/tree.dts",
         "dmasim: --disk: 'first' is not a number"},
        {"disk_too_large", NULL, NULL, "run --disk 16 DIR/tree.dts",
         "dmasim: --disk: at most 15"},
        {"disk_not_there", NULL, NULL, "run --disk 1 DIR/tree.dts",
         "dmasim: DIR/tree.dts: /: 2 disks, but the tree has 1"},
        {"trace_nowhere", NULL, NULL, "run --trace DIR/none/trace DIR/tree.dts",
         "dmasim: DIR/none/trace: No such file or directory"},
        {"workload_and_copy", NULL, NULL,
         "run --workload rw --read-to DIR/out DIR/tree.dts",
         "dmasim: --workload: --write-from and --read-to are workloads of "
         "their own"},
        {"write_read_only", NULL, NULL,
         "run --read-only --write-from DIR/ok.img DIR/tree.dts",
         "dmasim: --write-from: cannot write with --read-only"},

        /* images */
        {"image_missing", NULL, NULL, "run --image DIR/none.img DIR/tree.dts",
         "dmasim: DIR/none.img: No such file or directory"},
        {"image_odd", NULL, NULL, "run --image DIR/odd.img DIR/tree.dts",
         "dmasim: DIR/odd.img: the size of 1000 bytes is not a multiple of "
         "512"},
        {"image_empty", NULL, NULL, "run --image DIR/empty DIR/tree.dts",
         "dmasim: DIR/empty: the image is empty"},
        {"image_read_only", NULL, NULL, "run --image DIR/ro.img DIR/tree.dts",
         "dmasim: DIR/ro.img: "},
        {"image_folder", NULL, NULL, "run --image DIR DIR/tree.dts",
         "dmasim: DIR: "},
        {"image_twice", NULL, NULL,
         "run --image DIR/ok.img --image DIR/ok.img DIR/tree.dts",
         "dmasim: DIR/ok.img: the image is in use (locked)"},
        {"images_too_many", NULL, NULL,
         "run --image DIR/ok.img --image DIR/big.img DIR/tree.dts",
         "dmasim: DIR/tree.dts: /: 2 disks, but the tree has 1"},
        {"images_17", NULL, NULL,
         "run --image a --image a --image a --image a --image a --image a "
         "--image a --image a --image a --image a --image a --image a "
         "--image a --image a --image a --image a --image a DIR/tree.dts",
         "dmasim: --image: at most 16"},
        {"source_missing", NULL, NULL, "run --write-from DIR/none DIR/tree.dts",
         "dmasim: DIR/none: No such file or directory"},
        {"source_odd", NULL, NULL, "run --write-from DIR/odd.img DIR/tree.dts",
         "dmasim: DIR/odd.img: the size is not a multiple of 512 bytes"},
        {"source_too_large", NULL, NULL,
         "run --image DIR/ok.img --write-from DIR/big.img DIR/tree.dts",
         "dmasim: DIR/big.img: larger than the disk"},
        {"source_folder", NULL, NULL, "run --write-from DIR DIR/tree.dts",
         "dmasim: DIR: Is a directory"},
        {"target_nowhere", NULL, NULL,
         "run --read-to DIR/none/out DIR/tree.dts",
         "dmasim: DIR/none/out: No such file or directory"},

        /* device trees */
        {"tree_missing", NULL, NULL, "run DIR/none.dts",
         "dmasim: DIR/none.dts: cannot open: No such file or directory"},
        {"tree_empty", NULL, NULL, "run DIR/empty",
         "dmasim: DIR/empty: the file is empty"},
        {"tree_folder", NULL, NULL, "run DIR",
         "dmasim: DIR: cannot read: Is a directory"},
        {"tree_neither", NULL, NULL, "run DIR/odd.img",
         "dmasim: DIR/odd.img: neither a flattened device tree (no magic "
         "number at byte 0) nor named .dts"},
        {"tree_garbage", NULL, NULL, "run DIR/garbage.dtb",
         "dmasim: DIR/garbage.dtb: not a valid flattened device tree of 64 "
         "bytes: FDT_ERR_"},
        {"tree_truncated", NULL, NULL, "run DIR/cut.dtb",
         "dmasim: DIR/cut.dtb: not a valid flattened device tree of 500 "
         "bytes: FDT_ERR_TRUNCATED"},
        {"tree_syntax", "	memory@80000000 {", "	memory@80000000 [",
         "run DIR/tree.dts",
         "dmasim: DIR/tree.dts: dtc refuses DIR/tree.dts: "
         "Error: DIR/tree.dts:"},
        {"tree_label", "&gic", "&nobody", "run DIR/tree.dts",
         "dmasim: DIR/tree.dts: dtc refuses DIR/tree.dts: "},
        {"tree_phandle", DEVICE, DEVICE " iommus = <0x77 0>;",
         "run DIR/tree.dts", DISK "iommus: no node has phandle 0x77"},
        {"tree_interrupt_parent", "<&gic>", "<0x55>", "run DIR/tree.dts",
         "dmasim: DIR/tree.dts: /: interrupt-parent: no node has phandle "
         "0x55"},
        {"tree_overlap", RAM, FIVE_HUNDRED, "run DIR/tree.dts",
         MEMORY "memory at 0x88000000 (0x1000 bytes) overlaps memory of "
                "/memory@80000000 at 0x80000000 (0x10000000 bytes)"},
        {"tree_ram_over_registers", RAM,
         "reg = <0x0 0x80000000 0x0 0x10000000>, <0x0 0x10000 0x0 0x1000>;",
         "run DIR/tree.dts",
         DISK "registers at 0x10000 (0x200 bytes) overlaps memory of "
              "/memory@80000000"},
        {"tree_size_0", RAM, "reg = <0x0 0x80000000 0x0 0x0>;",
         "run DIR/tree.dts", MEMORY "memory of size 0 at 0x80000000"},
        {"tree_size_absurd", RAM,
         "reg = <0x0 0x80000000 0xffffffff 0x10000000>;", "run DIR/tree.dts",
         MEMORY "memory: 0xffffffff10000000 bytes at 0x80000000 go beyond the "
                "52-bit physical address space"},
        {"tree_wraps", RAM, "reg = <0xffffffff 0xfffff000 0x0 0x2000>;",
         "run DIR/tree.dts",
         MEMORY "reg: 0x2000 bytes at 0xfffffffffffff000 wrap around"},
        {"tree_beyond_52_bits", RAM, "reg = <0x0 0x80000000 0x100000 0x0>;",
         "run DIR/tree.dts",
         MEMORY "memory: 0x10000000000000 bytes at 0x80000000 go beyond the "
                "52-bit physical address space"},
        {"tree_no_memory", "memory@80000000 {\n		device_type",
         "store@80000000 {\n		device_kind", "run DIR/tree.dts",
         "dmasim: DIR/tree.dts: /: no memory node"},
        {"tree_no_disk", "virtio,mmio", "virtio,none", "run DIR/tree.dts",
         DISK "dmasim,device: 'blk': "},
        {"tree_no_slot", DEVICE, "status = \"disabled\";", "run DIR/tree.dts",
         "dmasim: DIR/tree.dts: /: 1 disks, but the tree has 0 virtio,mmio "
         "nodes"},
        {"tree_port", "\"host-cpu\"", "\"wire\"", "run DIR/tree.dts",
         DISK "dmasim,port: 'wire' is none of "},
};

#define CASES (sizeof(cases) / sizeof(*cases))

/** @text with the first DIR of each word made @dir; to be freed. */
static char *with_dir(const char *text, const char *dir)
{
	size_t room = strlen(text) * 8 + 4096, used = 0;
	char *out = malloc(room);

	assert_non_null(out);
	while (*text) {
		if (strncmp(text, "DIR", 3) == 0) {
			used += (size_t)snprintf(out + used, room - used, "%s",
			                         dir);
			text += 3;
		} else {
			out[used++] = *text++;
		}
		assert_true(used + 64 < room);
	}
	out[used] = '\0';
	return out;
}

static void put(const char *dir, const char *name, const void *data,
                size_t size)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	write_file(path, data, size);
}

static void make_files(const struct bad *c, const char *dir)
{
	static const char zeros[8192];
	char garbage[64] = "\xd0\x0d\xfe\xed", path[128], script[256];
	struct result r;

	put(dir, "odd.img", zeros, 1000);
	put(dir, "ok.img", zeros, 4096);
	put(dir, "big.img", zeros, 8192);
	put(dir, "ro.img", zeros, 4096);
	put(dir, "empty", zeros, 0);
	put(dir, "garbage.dtb", garbage, sizeof(garbage));
	snprintf(path, sizeof(path), "%s/ro.img", dir);
	assert_int_equal(chmod(path, 0444), 0);
	snprintf(path, sizeof(path), "%s/tree.dts", dir);
	edited_copy(KVMTOOL, c->old ? c->old : RAM, c->old ? c->new : RAM,
	            path);
	snprintf(script, sizeof(script),
	         "dtc -q -I dts -O dtb %s | head -c 500 >%s/cut.dtb", KVMTOOL,
	         dir);
	r = run_program((const char *const[]){"sh", "-c", script, NULL});
	assert_int_equal(r.status, 0);
	end_result(&r);
}

static struct result run_words(char *words)
{
	const char *argv[ARGS_MAX] = {COMMAND};
	size_t n = 1;

	for (char *w = strtok(words, " "); w; w = strtok(NULL, " ")) {
		assert_true(n + 1 < ARGS_MAX);
		argv[n++] = w;
	}
	return run_program(argv);
}

static void refused(void **state)
{
	const struct bad *c = *state;
	char dir[] = TEMP_FOLDER;
	char *words, *message, *newline;
	struct result r;

	make_folder(dir);
	make_files(c, dir);
	words = with_dir(c->args, dir);
	message = with_dir(c->message, dir);
	r = run_words(words);
	remove_folder(dir);
	if (strncmp(r.err, message, strlen(message)) != 0)
		fail_msg("expected '%s'\n     got '%s'", message, r.err);
	assert_int_equal(r.status, 2);
	assert_string_equal(r.out, "");
	newline = strchr(r.err, '\n');
	assert_non_null(newline);
	assert_string_equal(newline, "\n");
	free(words);
	free(message);
	end_result(&r);
}

int main(int argc, char **argv)
{
	struct CMUnitTest tests[CASES];

	for (size_t i = 0; i < CASES; i++) {
		/* cmocka's state is not const; the cases are only read. */
		tests[i] = (struct CMUnitTest){
		        .name = cases[i].name,
		        .test_func = refused,
		        .initial_state = (void *)(uintptr_t)&cases[i],
		};
	}
	return check_main(argc, argv, tests, CASES);
}
