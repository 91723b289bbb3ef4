/* SPDX-License-Identifier: MIT */
/* One trace line for each access, when it is done. */
#include "check.h"

#include "dmasim/cpu.h"

#define RAM       0x80000000ull
#define MAX_LINES 32

struct bench {
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_checker *checker;
	struct dmasim_memsys *ms;
	struct dmasim_port device;
	/** Memory below the caches that keeps an access; it is let go by hand.
	 */
	bool pends;
	struct dmasim_txn *kept;
	unsigned completed;
	char line[MAX_LINES][256];
	unsigned lines;
};

static void trace(void *ctx, uint64_t time, const char *source,
                  const char *text)
{
	struct bench *b = ctx;

	(void)time;
	if (b->lines < MAX_LINES)
		snprintf(b->line[b->lines++], sizeof(b->line[0]), "%s: %s",
		         source, text);
}

static enum dmasim_result memory(void *obj, struct dmasim_txn *txn)
{
	struct bench *b = obj;
	struct dmasim_port map = dmasim_map_port(b->map);

	if (!b->pends)
		return dmasim_access(&map, txn);
	b->kept = txn;
	return DMASIM_TXN_PENDING;
}

static void completed(void *obj, uint32_t op, uint64_t arg)
{
	struct bench *b = obj;

	(void)op;
	(void)arg;
	b->completed++;
}

static void start(struct bench *b, bool traced, bool checked)
{
	struct dmasim_kernel_config kc = {.trace = traced ? trace : NULL,
	                                  .trace_ctx = b};
	struct dmasim_map_config mc = {0};
	struct dmasim_checker_config cc = {0};
	struct dmasim_memsys_config sc = {.cpus = 1};
	struct dmasim_device_port_config pc = {
	        .name = "nic",
	        .kind = DMASIM_PORT_COHERENT,
	        .agent_kind = DMASIM_AGENT_COHERENT_DEVICE};
	struct dmasim_port below = {memory, b};

	memset(b, 0, sizeof(*b));
	assert_int_equal(dmasim_kernel_create(&kc, &b->k), DMASIM_OK);
	mc.kernel = cc.kernel = sc.kernel = b->k;
	assert_int_equal(dmasim_map_create(&mc, &b->map), DMASIM_OK);
	assert_int_equal(dmasim_map_add_ram(b->map, "ram", RAM, 0x10000),
	                 DMASIM_OK);
	if (checked)
		assert_int_equal(dmasim_checker_create(&cc, &b->checker),
		                 DMASIM_OK);
	sc.map = b->map;
	sc.checker = b->checker;
	sc.memory = &below;
	assert_int_equal(dmasim_memsys_create(&sc, &b->ms), DMASIM_OK);
	assert_int_equal(dmasim_memsys_add_port(b->ms, &pc, &b->device, NULL),
	                 DMASIM_OK);
}

static void end(struct bench *b)
{
	dmasim_memsys_destroy(b->ms);
	dmasim_checker_destroy(b->checker);
	dmasim_map_destroy(b->map);
	dmasim_kernel_destroy(b->k);
}

static enum dmasim_result device(struct bench *b, enum dmasim_op op,
                                 uint64_t addr, void *data, uint32_t size,
                                 const char *what)
{
	struct dmasim_txn txn = {.op = op,
	                         .addr = addr,
	                         .size = size,
	                         .attr = dmasim_attr_wb,
	                         .data = data,
	                         .origin = {.what = what}};

	return dmasim_access(&b->device, &txn);
}

static void each_access(struct bench *b)
{
	uint8_t data[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
	struct dmasim_port cpu;
	struct dmasim_txn txn = {
	        .op = DMASIM_READ,
	        .addr = RAM + 2,
	        .size = 2,
	        .attr = dmasim_attr_nc,
	        .data = data,
	        .origin = {.file = "driver.c", .line = 7, .what = "used.idx"}};

	assert_int_equal(device(b, DMASIM_WRITE, RAM, data, 12, "write data"),
	                 DMASIM_TXN_OK);
	assert_int_equal(dmasim_memsys_cpu_port(b->ms, 0, &cpu), DMASIM_OK);
	assert_int_equal(dmasim_access(&cpu, &txn), DMASIM_TXN_OK);
	txn.origin.what = NULL;
	txn.attr = dmasim_attr_wb;
	assert_int_equal(dmasim_access(&cpu, &txn), DMASIM_TXN_OK);
	assert_int_equal(device(b, DMASIM_READ, 0x1000, data, 4, NULL),
	                 DMASIM_TXN_DECODE);
	assert_int_equal(device(b, DMASIM_CLEAN, RAM, NULL, 64, NULL),
	                 DMASIM_TXN_OK);
}

static void lines_of(bool checked)
{
	static const char *const expected[] = {
	        "nic: write 0x80000000, 12 bytes = 0102030405060708.., "
	        "Normal WB ISH, write data",
	        "cpu0: read 0x80000002, 2 bytes = 0304, Normal NC, "
	        "driver.c:7 used.idx",
	        "cpu0: read 0x80000002, 2 bytes = 0304, Normal WB ISH, "
	        "driver.c:7",
	        "nic: read 0x1000, 4 bytes, Normal WB ISH, decode error",
	        "nic: clean 0x80000000, 64 bytes, Normal WB ISH",
	};
	struct bench b;

	start(&b, true, checked);
	each_access(&b);
	assert_int_equal(b.lines, sizeof(expected) / sizeof(*expected));
	for (unsigned i = 0; i < b.lines; i++)
		assert_string_equal(b.line[i], expected[i]);
	end(&b);
}

static void one_line_each(void **state)
{
	(void)state;
	lines_of(true);
}

static void names_without_a_checker(void **state)
{
	(void)state;
	lines_of(false);
}

/* A kept access is traced when it is done, with what it brought. */
static void when_it_is_done(void **state)
{
	uint8_t data[4] = {0};
	struct dmasim_txn txn = {.op = DMASIM_READ,
	                         .addr = RAM,
	                         .size = 4,
	                         .attr = dmasim_attr_wb,
	                         .data = data};
	struct dmasim_port map;
	struct bench b;

	(void)state;
	start(&b, true, false);
	map = dmasim_map_port(b.map);
	assert_int_equal(dmasim_map_load(b.map, RAM, "\x0a\x0b\x0c\x0d", 4),
	                 DMASIM_OK);
	assert_int_equal(dmasim_actor_register(b.k, "master", completed, &b,
	                                       &txn.done.actor),
	                 DMASIM_OK);
	b.pends = true;
	assert_int_equal(dmasim_access(&b.device, &txn), DMASIM_TXN_PENDING);
	assert_int_equal(b.lines, 0);
	b.pends = false;
	assert_non_null(b.kept);
	assert_int_equal(
	        dmasim_complete(b.k, b.kept, dmasim_access(&map, b.kept), 0),
	        DMASIM_OK);
	assert_int_equal(dmasim_run_idle(b.k, DMASIM_FOREVER), DMASIM_OK);
	assert_int_equal(b.completed, 1);
	assert_int_equal(b.lines, 1);
	assert_string_equal(b.line[0], "nic: read 0x80000000, 4 bytes = "
	                               "0a0b0c0d, Normal WB ISH");
	end(&b);
}

/* Barriers and looks leave nothing; nor does anything if nobody listens. */
static void silence(void **state)
{
	uint8_t data[4];
	struct dmasim_txn look = {.op = DMASIM_READ,
	                          .addr = RAM,
	                          .size = 4,
	                          .attr = dmasim_attr_wb,
	                          .data = data,
	                          .flags = DMASIM_TXN_DEBUG};
	struct bench b;

	(void)state;
	start(&b, true, true);
	assert_int_equal(dmasim_access(&b.device, &look), DMASIM_TXN_OK);
	look = (struct dmasim_txn){.op = DMASIM_BARRIER};
	assert_int_equal(dmasim_access(&b.device, &look), DMASIM_TXN_OK);
	assert_int_equal(b.lines, 0);
	end(&b);
	start(&b, false, true);
	each_access(&b);
	assert_int_equal(b.lines, 0);
	end(&b);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line_each),
        cmocka_unit_test(names_without_a_checker),
        cmocka_unit_test(when_it_is_done),
        cmocka_unit_test(silence),
};

CHECK_MAIN(tests)
