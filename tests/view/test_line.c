/* SPDX-License-Identifier: MIT */
/* The life of a line: steps, what lanes hold, who is told of what. */
#include "view_rig.h"

struct scene {
	struct rig *r;
	struct dmasim_line_view *v;
	struct dmasim_line_step s;
	struct dmasim_line_lane l;
};

static void begin(struct scene *s, const struct rig_config *rc, size_t max)
{
	struct dmasim_view_config cfg;

	s->r = view_rig(rc);
	cfg = view_config(s->r);
	cfg.max = max;
	assert_int_equal(dmasim_line_view_create(&cfg, &s->v), DMASIM_OK);
}

static void end(struct scene *s)
{
	assert_int_equal(dmasim_line_view_status(s->v), DMASIM_OK);
	dmasim_line_view_destroy(s->v);
	rig_free(s->r);
}

static void at_step(struct scene *s, size_t index)
{
	assert_true(dmasim_line_view_step(s->v, index, &s->s));
}

/* The lane of that name after step @index. */
static bool find_lane(struct scene *s, size_t index, const char *name)
{
	for (size_t i = 0; dmasim_line_view_lane(s->v, index, i, &s->l); i++)
		if (strcmp(s->l.name, name) == 0)
			return true;
	return false;
}

static void expect_lane(struct scene *s, size_t index, const char *name,
                        char state, const char *bytes, uint64_t dirty,
                        uint64_t stale)
{
	if (!find_lane(s, index, name))
		fail_msg("no lane %s after step %zu", name, index);
	assert_int_equal(s->l.state, state);
	assert_memory_equal(s->l.data, bytes, 4);
	assert_int_equal(s->l.dirty[0], dirty);
	assert_int_equal(s->l.stale[0], stale);
}

static void write_and_dma_read(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, NULL, 0);
	cpu_write(s.r, 0, 0, 0x11223344);
	rig_dma_read(s.r, &s.r->noncoherent, RIG_RAM, "read ring");
	dmasim_line_view_finish(s.v);

	assert_int_equal(dmasim_line_view_steps(s.v), 2);
	at_step(&s, 0);
	assert_string_equal(s.s.who, "cpu0");
	assert_string_equal(s.s.where, "drv.c:7");
	assert_string_equal(s.s.alias, "Normal WB ISH");
	assert_string_equal(s.s.source, "");
	assert_null(s.s.note);
	assert_int_equal(s.s.repeats, 1);
	assert_int_equal(s.s.size, 4);
	assert_int_equal(s.s.findings, 0);
	assert_non_null(strstr(s.s.what, "writes "));
	assert_non_null(strstr(s.s.what, "4 bytes: 44 33 22 11"));
	assert_true(s.s.effects >= 1);
	assert_string_equal(dmasim_line_view_effect(s.v, 0, s.s.effects - 1),
	                    "cpu0 L1 gets the line");
	assert_null(dmasim_line_view_effect(s.v, 0, s.s.effects));
	expect_lane(&s, 0, "cpu0 L1", 'M', "\x44\x33\x22\x11", 0xf, 0);
	expect_lane(&s, 0, "memory", ' ', "\0\0\0\0", 0, 0xf);

	at_step(&s, 1);
	assert_string_equal(s.s.who, "disk");
	assert_string_equal(s.s.where, "read ring, queue 0, request 3");
	assert_string_equal(s.s.alias, "not snooping");
	assert_int_equal(s.s.findings, 1);
	assert_non_null(
	        strstr(dmasim_line_view_finding(s.v, 1, 0), "STALE_READ"));
	assert_null(dmasim_line_view_finding(s.v, 1, 1));
	expect_lane(&s, 1, "disk sees", ' ', "\0\0\0\0", 0, 0xf);
	end(&s);
}

/* What past the end is asked for is not there. */
static void nothing_past_the_end(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, NULL, 0);
	cpu_write(s.r, 0, 0, 1);
	dmasim_line_view_finish(s.v);
	dmasim_line_view_finish(s.v);
	assert_false(dmasim_line_view_step(s.v, 1, &s.s));
	assert_false(dmasim_line_view_lane(s.v, 1, 0, &s.l));
	assert_null(dmasim_line_view_effect(s.v, 1, 0));
	assert_null(dmasim_line_view_finding(s.v, 1, 0));
	at_step(&s, 0);
	assert_false(dmasim_line_view_lane(s.v, 0, s.s.lanes, &s.l));
	end(&s);
}

/* Caches by CPU, then memory, then those without a cache. */
static void order_of_lanes(void **state)
{
	struct scene s;
	size_t memory = 0, last = 0;
	const char *previous = "";

	(void)state;
	begin(&s, NULL, 0);
	rig_dma_read(s.r, &s.r->noncoherent, RIG_RAM, "read");
	cpu_read(s.r, 1, 0);
	cpu_read(s.r, 0, 0);
	dmasim_line_view_finish(s.v);
	for (; dmasim_line_view_lane(s.v, 2, last, &s.l); last++) {
		if (strcmp(s.l.name, "memory") == 0)
			memory = last;
		if (last == 1)
			assert_string_equal(s.l.name, "cpu1 L1");
		assert_string_not_equal(s.l.name, previous);
		previous = s.l.name;
	}
	assert_string_equal(previous, "disk sees");
	assert_int_equal(memory, last - 2);
	end(&s);
}

static void polling_is_one_step(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, NULL, 0);
	cpu_write(s.r, 0, 0, 1);
	for (int i = 0; i < 100; i++)
		rig_dma_read(s.r, &s.r->noncoherent, RIG_RAM + 8, "poll");
	rig_dma_read(s.r, &s.r->noncoherent, RIG_RAM + 8, "look");
	dmasim_line_view_finish(s.v);
	assert_int_equal(dmasim_line_view_steps(s.v), 3);
	at_step(&s, 1);
	assert_int_equal(s.s.repeats, 100);
	at_step(&s, 2);
	assert_int_equal(s.s.repeats, 1);
	end(&s);
}

static void room_for_two(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, NULL, 2);
	for (unsigned i = 0; i < 5; i++)
		cpu_write(s.r, 0, 4 * i, i + 1);
	dmasim_line_view_begin(s.v, "a", "b", NULL);
	dmasim_line_view_what(s.v, "c");
	cpu_write(s.r, 0, 0, 9);
	dmasim_line_view_end(s.v);
	dmasim_line_view_finish(s.v);
	assert_int_equal(dmasim_line_view_steps(s.v), 2);
	assert_true(dmasim_line_view_dropped(s.v) >= 4);
	end(&s);
}

/* Other lines are nobody's business here, nor are their findings. */
static void other_lines(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, NULL, 0);
	cpu_write(s.r, 0, 64, 1);
	rig_dma_read(s.r, &s.r->noncoherent, RIG_RAM + 64, "read");
	assert_int_equal(dmasim_line_view_steps(s.v), 0);
	cpu_read(s.r, 0, 0);
	dmasim_line_view_finish(s.v);
	at_step(&s, 0);
	assert_int_equal(s.s.findings, 0);
	assert_int_equal(dmasim_line_view_steps(s.v), 1);
	end(&s);
}

static void hardware_acts(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, NULL, 0);
	cpu_write(s.r, 0, 0, 5);
	assert_int_equal(dmasim_memsys_evict(s.r->ms, 0, RIG_RAM), DMASIM_OK);
	dmasim_line_view_finish(s.v);
	at_step(&s, dmasim_line_view_steps(s.v) - 1);
	assert_string_equal(s.s.who, "hardware");
	assert_string_equal(s.s.where, "");
	assert_int_equal(s.s.size, 0);
	assert_true(s.s.effects >= 1);
	expect_lane(&s, dmasim_line_view_steps(s.v) - 1, "cpu0 L1", 'I',
	            "\x05\0\0\0", 0, 0);
	assert_int_equal(s.l.known[0], 0);
	end(&s);
}

static void framed_steps(void **state)
{
	const struct dmasim_origin here = {.file = "a.c", .line = 3};
	struct scene s;

	(void)state;
	begin(&s, NULL, 0);
	dmasim_line_view_note(s.v, "%s", "nobody");
	dmasim_line_view_note(s.v, "Then %d.", 1);
	dmasim_line_view_begin(s.v, "cpu0", "", &here);
	cpu_write(s.r, 0, 0, 1);
	rig_dma_read(s.r, &s.r->coherent, RIG_RAM, "snoop");
	dmasim_line_view_what(s.v, "does %u things", 2);
	dmasim_line_view_end(s.v);
	/* Nothing touches the line: a step all the same. */
	dmasim_line_view_begin(s.v, "time", "passes", NULL);
	dmasim_line_view_end(s.v);
	/* Outside of any. */
	dmasim_line_view_what(s.v, "nothing");
	dmasim_line_view_end(s.v);
	dmasim_line_view_finish(s.v);
	assert_int_equal(dmasim_line_view_steps(s.v), 2);
	at_step(&s, 0);
	assert_string_equal(s.s.note, "Then 1.");
	assert_string_equal(s.s.what, "does 2 things");
	assert_string_equal(s.s.where, "a.c:3");
	assert_string_equal(s.s.alias, "Normal WB ISH");
	assert_non_null(strstr(dmasim_line_view_effect(s.v, 0, s.s.effects - 1),
	                       "coherent disk reads, snooping,"));
	at_step(&s, 1);
	assert_string_equal(s.s.who, "time");
	assert_null(s.s.note);
	end(&s);
}

/* Findings anywhere belong to the framed step that raised them. */
static void framed_findings(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, NULL, 0);
	cpu_write(s.r, 0, 128, 1);
	dmasim_line_view_begin(s.v, "disk", "reads", NULL);
	rig_dma_read(s.r, &s.r->noncoherent, RIG_RAM + 128, "read");
	dmasim_line_view_end(s.v);
	at_step(&s, 0);
	assert_int_equal(s.s.findings, 1);
	end(&s);
}

static const char *source(void *ctx, const char *file, uint32_t line)
{
	assert_string_equal(file, "drv.c");
	assert_int_equal(line, 7);
	return ctx;
}

static void source_lines(void **state)
{
	struct dmasim_view_config cfg;
	struct scene s;
	char text[] = "\t\tstore(x);";

	(void)state;
	s.r = view_rig(NULL);
	cfg = view_config(s.r);
	cfg.source = source;
	cfg.source_ctx = text;
	assert_int_equal(dmasim_line_view_create(&cfg, &s.v), DMASIM_OK);
	cpu_write(s.r, 0, 0, 1);
	dmasim_line_view_finish(s.v);
	at_step(&s, 0);
	assert_string_equal(s.s.source, "store(x);");
	end(&s);
}

static void without_a_checker(void **state)
{
	struct rig_config rc = {.no_checker = true};
	struct scene s;

	(void)state;
	begin(&s, &rc, 0);
	cpu_write(s.r, 0, 0, 1);
	rig_dma_read(s.r, &s.r->noncoherent, RIG_RAM, "read");
	dmasim_line_view_finish(s.v);
	at_step(&s, 0);
	assert_non_null(strstr(s.s.what, "0x80000000, 4 bytes"));
	assert_int_equal(s.s.findings, 0);
	assert_true(dmasim_line_view_steps(s.v) >= 2);
	end(&s);
}

static void atomics(void **state)
{
	uint64_t add = 5;
	struct scene s;

	(void)state;
	begin(&s, NULL, 0);
	cpu_write(s.r, 0, 0, 0x10);
	assert_int_equal(dmasim_cpu_atomic(s.r->cpu[0], DMASIM_ATOMIC_ADD,
	                                   RIG_WB, &add, 4, AT("count")),
	                 DMASIM_OK);
	add = 1;
	assert_int_equal(dmasim_cpu_atomic(s.r->cpu[0], DMASIM_ATOMIC_ADD,
	                                   RIG_NC, &add, 4, AT("count")),
	                 DMASIM_OK);
	dmasim_line_view_finish(s.v);
	expect_lane(&s, 1, "cpu0 L1", 'M', "\x15\0\0\0", 0xf, 0);
	at_step(&s, 1);
	assert_string_equal(s.s.where, "drv.c:7 (count)");
	/* Memory held 0: the atomic past the caches makes 1 of it. */
	expect_lane(&s, dmasim_line_view_steps(s.v) - 1, "memory", ' ',
	            "\x01\0\0\0", 0, 0);
	end(&s);
}

/* A longer name than there is room for, bytes beyond 16, one byte. */
static void shown_bytes(void **state)
{
	uint8_t bytes[64];
	struct scene s;

	(void)state;
	begin(&s, NULL, 0);
	memset(bytes, 0xab, sizeof(bytes));
	rig_move(s.r, &s.r->noncoherent, DMASIM_WRITE, RIG_RAM, bytes, 64,
	         &dmasim_attr_nc);
	rig_move(s.r, &s.r->noncoherent, DMASIM_READ, RIG_RAM + 3, bytes, 1,
	         &dmasim_attr_nc);
	dmasim_line_view_finish(s.v);
	at_step(&s, 0);
	assert_non_null(strstr(s.s.what, "64 bytes: ab ab"));
	assert_non_null(strstr(s.s.what, " .."));
	assert_string_equal(s.s.alias, "Normal NC");
	at_step(&s, 1);
	assert_non_null(strstr(s.s.what, "1 byte: ab"));
	end(&s);
}

/* An access over two lines: each has its piece. */
static void pieces(void **state)
{
	uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct scene s;

	(void)state;
	begin(&s, NULL, 0);
	rig_move(s.r, &s.r->noncoherent, DMASIM_WRITE, RIG_RAM + 62, bytes, 8,
	         &dmasim_attr_nc);
	dmasim_line_view_finish(s.v);
	at_step(&s, 0);
	assert_non_null(strstr(s.s.what, "2 bytes: 01 02"));
	assert_int_equal(s.s.offset, 62);
	end(&s);
}

static void two_levels_and_a_system_cache(void **state)
{
	struct rig_config rc = {
	        .l2 = {.size = 4096, .ways = 2, .cycles = 5},
	        .system = {.size = 8192, .ways = 2, .cycles = 20}};
	struct scene s;

	(void)state;
	begin(&s, &rc, 0);
	cpu_write(s.r, 0, 0, 1);
	assert_int_equal(dmasim_memsys_evict(s.r->ms, 0, RIG_RAM), DMASIM_OK);
	cpu_read(s.r, 1, 0);
	dmasim_line_view_finish(s.v);
	assert_true(find_lane(&s, dmasim_line_view_steps(s.v) - 1, "cpu1 L1"));
	assert_int_equal(s.l.data[0], 1);
	end(&s);
}

/* The line of a name, from the first access that finds it so named. */
static void by_name(void **state)
{
	struct dmasim_view_config cfg;
	struct scene s;

	(void)state;
	s.r = view_rig(NULL);
	cfg = view_config(s.r);
	cfg.name = "ring 0 used";
	assert_int_equal(dmasim_line_view_create(&cfg, &s.v), DMASIM_OK);
	cpu_write(s.r, 0, 256, 1);
	dmasim_name_region(s.r->checker, RIG_RAM + 64, 4, "ring 0 used2", NULL,
	                   NULL);
	dmasim_name_region(s.r->checker, RIG_RAM + 260, 16, "ring 0 used", NULL,
	                   NULL);
	cpu_write(s.r, 0, 64, 1);
	cpu_write(s.r, 0, 256, 2);
	assert_false(dmasim_line_view_found(s.v));
	dmasim_memsys_evict(s.r->ms, 0, RIG_RAM + 64);
	assert_int_equal(dmasim_line_view_steps(s.v), 0);
	cpu_write(s.r, 0, 264, 3);
	cpu_write(s.r, 0, 64, 4);
	dmasim_line_view_finish(s.v);
	assert_true(dmasim_line_view_found(s.v));
	assert_int_equal(dmasim_line_view_steps(s.v), 1);
	at_step(&s, 0);
	assert_non_null(strstr(s.s.what, "writes ring 0 used+0x4"));
	/* What was written before is in the cache, and not stale there. */
	expect_lane(&s, 0, "cpu0 L1", 'M', "\x02\0\0\0", 0xf0f, 0);
	end(&s);
}

static void refused_configurations(void **state)
{
	struct dmasim_line_view *v;
	struct rig *r = view_rig(NULL);
	struct dmasim_view_config cfg = view_config(r);

	(void)state;
	cfg.kernel = NULL;
	assert_int_equal(dmasim_line_view_create(&cfg, &v), DMASIM_E_INVAL);
	assert_null(v);
	cfg = view_config(r);
	cfg.map = NULL;
	assert_int_equal(dmasim_line_view_create(&cfg, &v), DMASIM_E_INVAL);
	cfg = view_config(r);
	cfg.memsys = NULL;
	assert_int_equal(dmasim_line_view_create(&cfg, &v), DMASIM_E_INVAL);
	cfg = view_config(r);
	cfg.name = "";
	assert_int_equal(dmasim_line_view_create(&cfg, &v), DMASIM_E_INVAL);
	cfg.name = "x";
	cfg.checker = NULL;
	assert_int_equal(dmasim_line_view_create(&cfg, &v), DMASIM_E_INVAL);
	dmasim_line_view_destroy(NULL);
	rig_free(r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(write_and_dma_read),
        cmocka_unit_test(nothing_past_the_end),
        cmocka_unit_test(order_of_lanes),
        cmocka_unit_test(polling_is_one_step),
        cmocka_unit_test(room_for_two),
        cmocka_unit_test(other_lines),
        cmocka_unit_test(hardware_acts),
        cmocka_unit_test(framed_steps),
        cmocka_unit_test(framed_findings),
        cmocka_unit_test(source_lines),
        cmocka_unit_test(without_a_checker),
        cmocka_unit_test(atomics),
        cmocka_unit_test(shown_bytes),
        cmocka_unit_test(pieces),
        cmocka_unit_test(two_levels_and_a_system_cache),
        cmocka_unit_test(by_name),
        cmocka_unit_test(refused_configurations),
};

CHECK_MAIN(tests)
