/* SPDX-License-Identifier: MIT */
/*
 * What a user gets wrong with dmasim replay and decode: each time exit status
 * 2, nothing on stdout, and one message on stderr that names the place.
 */
#include <jansson.h>

#include "e2e/command.h"

#define ARGS_MAX 24

#define P  "[    1.211721] arm-smmu-v3 2b400000.smmu: "
#define H  P "event 0x10 received:\n"
#define W0 P "   0x00000000fffff010\n"
#define W1 P "   0x0000020800000000\n"
#define W2 P "   0x00000008fa081002\n"
#define W3 P "   0x0000000000000000\n"

struct bad {
	const char *name;
	const char *log; /**< DIR/log; NULL: none */
	size_t size;     /**< 0: as long as the text */
	const char *args;
	const char *message;
};

#define LOG(name, text, message)                                               \
	{                                                                      \
		name, text, sizeof(text) - 1, "replay DIR/log",                \
		        "dmasim: DIR/log: " message                            \
	}
#define ARGS(name, args, message)                                              \
	{                                                                      \
		name, H W0 W1 W2 W3, 0, args, "dmasim: " message               \
	}

static const struct bad cases[] = {
        /* logs */
        LOG("empty", "", "line 1: the file is empty"),
        LOG("binary",
            "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\267\0\1\0\0\0\0\0\0\0",
            "line 1: byte 4 is 0x02: this is a binary, not a kernel log"),
        LOG("utf_16", "[\0 \0001\0.\0002\0]\0 \0a\0r\0m\0-\0s\0m\0m\0u\0",
            "line 1: byte 1 is 0x00: this is a binary, not a kernel log"),
        LOG("blank", "\n\n\n",
            "line 3: the end, and no event record of an SMMUv3 before it"),
        LOG("prose", "It does not boot.\nPlease help.\n",
            "line 2: the end, and no event record of an SMMUv3 before it"),
        LOG("other_messages",
            "[ 1.0] arm-smmu-v3 2b400000.smmu: ias 44-bit, oas 44-bit\n"
            "[ 1.1] usb 1-1: new device\n",
            "line 2: the end, and no event record of an SMMUv3 before it"),
        LOG("smmu_v2",
            "[ 1.0] arm-smmu 9050000.iommu: Unhandled context fault: "
            "fsr=0x402, iova=0x1000, fsynr=0x1, cbfrsynra=0x8, cb=0\n",
            "line 1: the end, and no event record of an SMMUv3 before it"),
        LOG("virtio_iommu",
            "[ 1.0] virtio_iommu virtio0: page fault from EP 24 at 0x1000 "
            "[R]\n",
            "line 1: a fault of a virtio-iommu, which has no event records; "
            "no usable record of an SMMUv3"),
        LOG("only_trace_lines",
            " x [0] ..... 1.5: map: IOMMU: iova=0x1000 paddr=0x1 size=1\n",
            "line 1: the end, and no event record of an SMMUv3 before it"),
        LOG("header_alone", H, "line 1: this record has only 0 of its 4 words"),
        LOG("truncated_after_a_line", H W0 W1 W2,
            "line 1: this record has only 3 of its 4 words"),
        LOG("truncated_within_a_word", H W0 W1 W2 P "   0x00000000000",
            "line 5: word 3 of the record of line 1 is not 0x and 16 digits"),
        LOG("truncated_within_a_name", H W0 W1 W2 "[    1.2] arm-smmu-v3 2b4",
            "line 1: this record has only 3 of its 4 words"),
        LOG("second_record_truncated", H W0 W1 W2 W3 H W0 W1,
            "line 6: this record has only 2 of its 4 words"),
        LOG("record_within_a_record", H W0 W1 H W0 W1 W2 W3,
            "line 1: this record has only 2 of its 4 words"),
        LOG("word_too_many", H W0 W1 W2 W3 W3,
            "line 6: a word that belongs to no record: lines are missing or "
            "out of order"),
        LOG("words_before_the_header", W0 W1 W2 W3 H,
            "line 5: this record has only 0 of its 4 words"),
        LOG("words_without_a_header", W0 W1 W2 W3,
            "line 1: a word without its 'event 0x.. received' line, and no "
            "usable record"),
        LOG("newest_first", W3 W2 W1 W0 H W3 W2 W1 W0 H,
            "line 6: the record says event 0x10, its first word 0x00: the "
            "log is out of order"),
        LOG("words_exchanged", H W1 W0 W2 W3,
            "line 2: the record says event 0x10, its first word 0x00: the "
            "log is out of order"),
        LOG("times_go_back",
            H W0 W1 "[    1.0] arm-smmu-v3 2b400000.smmu: "
                    "0x00000008fa081002\n" W3,
            "line 4: this word is older than the line before it in its "
            "record: the log is out of order"),
        LOG("garbled_word", H W0 P "   0x000002o800000000\n" W2 W3,
            "line 3: word 1 of the record of line 1 is not 0x and 16 digits"),
        LOG("long_word", H W0 P "   0x00000208000000000\n" W2 W3,
            "line 3: word 1 of the record of line 1 is not 0x and 16 digits"),
        LOG("number_of_9_bits", P "event 0x110 received:\n" W0 W1 W2 W3,
            "line 1: an event number has 8 bits"),
        LOG("only_unknown_numbers",
            P "event 0x77 received:\n" P "0x0000000000000077\n" W1 W2 W3,
            "line 1: no usable record: the architecture names no event "
            "0x77"),
        {"no_such_file", NULL, 0, "replay DIR/log",
         "dmasim: DIR/log: No such file or directory"},
        {"folder", NULL, 0, "replay DIR", "dmasim: DIR: "},
        {"second_log_is_bad", "", 0,
         "replay DIR/log traces/2017-01-fvp-virtio-blk.log",
         "dmasim: DIR/log: line 1: the file is empty"},
        /* options */
        ARGS("nothing", "replay", "replay: a log or --snapshot "),
        ARGS("log_and_snapshot", "replay DIR/log --snapshot DIR",
             "DIR/log: a log and --snapshot cannot be replayed at once"),
        ARGS("queue_size_word", "replay --queue-size big DIR/log",
             "--queue-size: 'big' is no power of two up to 32768"),
        ARGS("queue_size_0", "replay --queue-size 0 DIR/log",
             "--queue-size: '0' is no power of two up to 32768"),
        ARGS("queue_size_100", "replay --queue-size 100 DIR/log",
             "--queue-size: '100' is no power of two up to 32768"),
        ARGS("queue_size_too_large", "replay --queue-size 65536 DIR/log",
             "--queue-size: '65536' is no power of two up to 32768"),
        ARGS("layout", "replay --layout old DIR/log",
             "--layout: 'old' is neither legacy nor modern"),
        ARGS("profile", "replay --profile qemu DIR/log",
             "--profile: 'qemu' is none of arch, arch-full, fvp-2017, "
             "mmu-600-like, mmu-700-like, qemu-7.2, "
             "qemu-10"),
        ARGS("unknown_option", "replay --fast DIR/log",
             "--fast: no such option (try 'dmasim replay --help')"),
        ARGS("option_without_argument", "replay DIR/log --dtb",
             "--dtb: needs an argument"),
        ARGS("no_such_tree", "replay --dtb DIR/none.dtb DIR/log",
             "DIR/none.dtb: "),
        ARGS("tree_is_a_log", "replay --dtb DIR/log DIR/log", "DIR/log: "),
        ARGS("tree_without_smmu",
             "replay --dtb platforms/kvmtool-2017.dts DIR/log",
             "platforms/kvmtool-2017.dts: the tree has no SMMU called "
             "'2b400000.smmu'"),
        ARGS("no_such_trace", "replay --iommu-trace DIR/none DIR/log",
             "DIR/none: No such file or directory"),
        ARGS("trace_is_a_log", "replay --iommu-trace DIR/log DIR/log",
             "DIR/log: line 5: the end, and no map or unmap line of the "
             "iommu trace events"),
        ARGS("trace_nowhere", "replay --trace DIR/no/trace DIR/log",
             "DIR/no/trace: No such file or directory"),
        /* decode */
        ARGS("decode_nothing", "decode",
             "decode: event, ste, cd, cmd or pte expected"),
        ARGS("decode_kind", "decode cd0 1",
             "cd0: event, ste, cd, cmd or pte "
             "expected"),
        ARGS("decode_few_words", "decode event 0x10 0",
             "event: 4 words expected, 2 given"),
        ARGS("decode_many_words", "decode cmd 1 2 3",
             "cmd: 2 words expected, 3 given"),
        ARGS("decode_no_word", "decode pte 0x",
             "0x: not a hexadecimal word of at most 16 digits"),
        ARGS("decode_letters", "decode pte 0xfoo",
             "0xfoo: not a hexadecimal word of at most 16 digits"),
        ARGS("decode_long_word", "decode pte 12345678901234567",
             "12345678901234567: not a hexadecimal word of at most 16 "
             "digits"),
        ARGS("decode_stage", "decode pte --stage 3 1",
             "--stage: '3': 1 to 2 expected"),
        ARGS("decode_level", "decode pte --level 4 1",
             "--level: '4': -1 to 3 expected"),
        ARGS("decode_granule", "decode pte --granule 8k 1",
             "--granule: '8k': 4k to 64k expected"),
        ARGS("decode_option", "decode pte --fast 1",
             "--fast: no such option (try 'dmasim decode --help')"),
};

#define CASES (sizeof(cases) / sizeof(*cases))

/** @text with every DIR replaced. */
static void with_folder(const char *text, const char *dir, char *buf,
                        size_t size)
{
	size_t n = 0;

	while (*text && n + 1 < size) {
		if (strncmp(text, "DIR", 3) == 0) {
			n += (size_t)snprintf(buf + n, size - n, "%s", dir);
			text += 3;
		} else {
			buf[n++] = *text++;
		}
	}
	buf[n] = '\0';
}

static struct result run_case(const struct bad *b, const char *dir, bool json)
{
	const char *argv[ARGS_MAX + 2] = {COMMAND};
	char args[512], path[256];
	size_t n = 1;

	snprintf(path, sizeof(path), "%s/log", dir);
	if (b->log)
		write_file(path, b->log, b->size ? b->size : strlen(b->log));
	with_folder(b->args, dir, args, sizeof(args));
	for (char *word = strtok(args, " "); word; word = strtok(NULL, " ")) {
		assert_true(n < ARGS_MAX);
		argv[n++] = word;
	}
	if (json)
		argv[n] = "--json";
	return run_program(argv);
}

/** One line on stderr, nothing on stdout. */
static void check_text(const struct bad *b, const char *dir)
{
	struct result r = run_case(b, dir, false);
	char message[512];
	const char *end;

	with_folder(b->message, dir, message, sizeof(message));
	if (r.status != 2)
		fail_msg("exit status %d:\n%s%s", r.status, r.out, r.err);
	assert_string_equal(r.out, "");
	if (strncmp(r.err, message, strlen(message)) != 0)
		fail_msg("'%s' expected:\n%s", message, r.err);
	end = strchr(r.err, '\n');
	assert_non_null(end);
	assert_string_equal(end, "\n");
	end_result(&r);
}

/** With --json, one object that says the same. */
static void check_json(const struct bad *b, const char *dir)
{
	struct result r = run_case(b, dir, true);
	json_t *j = json_loads(r.out, 0, NULL);
	json_t *error = json_object_get(j, "error");

	assert_int_equal(r.status, 2);
	assert_non_null(j);
	assert_string_equal(json_string_value(json_object_get(j, "status")),
	                    "bad-input");
	assert_non_null(json_string_value(json_object_get(error, "text")));
	json_decref(j);
	end_result(&r);
}

static void test_case(void **state)
{
	const struct bad *b = *state;
	char dir[] = TEMP_FOLDER;

	make_folder(dir);
	check_text(b, dir);
	check_json(b, dir);
	remove_folder(dir);
}

/** Every case is a ctest of its own. */
int main(int argc, char **argv)
{
	static struct CMUnitTest tests[CASES];

	for (size_t i = 0; i < CASES; i++) {
		/* cmocka hands the state on as it is. */
		tests[i] = (struct CMUnitTest){
		        .name = cases[i].name,
		        .test_func = test_case,
		        .initial_state = (void *)(uintptr_t)&cases[i]};
	}
	return check_main(argc, argv, tests, CASES);
}
