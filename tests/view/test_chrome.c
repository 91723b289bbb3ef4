/* SPDX-License-Identifier: MIT */
/* Trace events: JSON always, and what viewers make of it. */
#include <jansson.h>

#include "view_rig.h"

struct trace {
	struct rig *r;
	struct output o;
	struct dmasim_chrome_trace *t;
	json_t *j;
};

static void begin(struct trace *t, const struct dmasim_view_config *limits,
                  const struct rig_config *rc)
{
	struct dmasim_view_config cfg;

	t->r = view_rig(rc);
	open_output(&t->o);
	cfg = view_config(t->r);
	cfg.addr = limits ? limits->addr : 0;
	cfg.size = limits ? limits->size : 0;
	cfg.max = limits ? limits->max : 0;
	cfg.max_lines = limits ? limits->max_lines : 0;
	cfg.shared = limits && limits->shared;
	assert_int_equal(dmasim_chrome_trace_create(&cfg, t->o.f, &t->t),
	                 DMASIM_OK);
}

static void load(struct trace *t)
{
	json_error_t error;

	assert_int_equal(dmasim_chrome_trace_destroy(t->t), DMASIM_OK);
	end_output(&t->o);
	t->j = json_loadb(t->o.text, t->o.size, JSON_REJECT_DUPLICATES, &error);
	if (!t->j)
		fail_msg("%s (line %d) in:\n%s", error.text, error.line,
		         t->o.text);
}

static void end(struct trace *t)
{
	json_decref(t->j);
	free(t->o.text);
	rig_free(t->r);
}

static const char *text_in(const json_t *e, const char *member)
{
	const char *text = json_string_value(json_object_get(e, member));

	return text ? text : "";
}

/* The @n-th event of that phase whose name has @part. NULL: none. */
static const json_t *find(const struct trace *t, const char *phase,
                          const char *part, unsigned n)
{
	const json_t *all = json_object_get(t->j, "traceEvents");

	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *e = json_array_get(all, i);

		if (strcmp(text_in(e, "ph"), phase) == 0 &&
		    strstr(text_in(e, "name"), part) && n-- == 0)
			return e;
	}
	return NULL;
}

static json_int_t number(const json_t *e, const char *member)
{
	return json_integer_value(json_object_get(e, member));
}

/* Time stamps are microseconds; ours picoseconds. */
static uint64_t ps(const json_t *e, const char *member)
{
	return (uint64_t)(json_real_value(json_object_get(e, member)) * 1e6 +
	                  0.5);
}

static const json_t *process_of(const struct trace *t, const json_t *e)
{
	const json_t *m;

	for (unsigned n = 0; (m = find(t, "M", "process_name", n)); n++)
		if (number(m, "pid") == number(e, "pid"))
			return json_object_get(m, "args");
	fail_msg("a process without a name");
	return NULL;
}

static const char *thread_of(const struct trace *t, const json_t *e)
{
	const json_t *m;

	for (unsigned n = 0; (m = find(t, "M", "thread_name", n)); n++)
		if (number(m, "pid") == number(e, "pid") &&
		    number(m, "tid") == number(e, "tid"))
			return text_in(json_object_get(m, "args"), "name");
	fail_msg("a thread without a name");
	return NULL;
}

static void accesses_and_arrows(void **state)
{
	struct trace t;
	const json_t *write, *read, *from, *to, *args;

	(void)state;
	begin(&t, NULL, NULL);
	dmasim_name_region(t.r->checker, RIG_RAM, 64, "ring", NULL, NULL);
	assert_int_equal(dmasim_run_until(t.r->k, 1234567), DMASIM_OK);
	cpu_write(t.r, 0, 0, 0x11223344);
	dmasim_cpu_barrier(t.r->cpu[0], DMASIM_DSB, AT("order"));
	rig_dma_read(t.r, &t.r->coherent, RIG_RAM, "read ring");
	load(&t);
	assert_string_equal(text_in(t.j, "displayTimeUnit"), "ns");

	write = find(&t, "X", "writes ring", 0);
	assert_non_null(write);
	/* When the line had come, on the clock of the CPU. */
	assert_true(ps(write, "ts") > 1234567 && ps(write, "ts") < 1334567);
	assert_int_equal(ps(write, "dur"), 1000);
	assert_string_equal(text_in(process_of(&t, write), "name"), "cpu0");
	assert_string_equal(thread_of(&t, write), "accesses");
	args = json_object_get(write, "args");
	assert_string_equal(text_in(args, "address"), "0x80000000");
	assert_string_equal(text_in(args, "bytes"), "44332211");
	assert_string_equal(text_in(args, "origin"), "drv.c:7");
	assert_string_equal(text_in(args, "attributes"), "Normal WB ISH");

	read = find(&t, "X", "reads, snooping, ring", 0);
	assert_non_null(read);
	assert_true(json_is_false(
	        json_object_get(json_object_get(read, "args"), "stale")));
	from = find(&t, "s", "bytes", 0);
	to = find(&t, "f", "bytes", 0);
	assert_non_null(from);
	assert_non_null(to);
	assert_int_equal(number(from, "id"), number(to, "id"));
	assert_int_equal(number(from, "pid"), number(write, "pid"));
	assert_int_equal(ps(from, "ts"), ps(write, "ts"));
	assert_int_equal(number(to, "pid"), number(read, "pid"));
	assert_int_equal(ps(to, "ts"), ps(read, "ts"));
	assert_non_null(find(&t, "i", "barrier drv.c:7 (order)", 0));
	end(&t);
}

/* A state lasts from the event that begins it to the one that ends it. */
static void states_are_slices(void **state)
{
	struct trace t;
	const json_t *m;

	(void)state;
	begin(&t, NULL, NULL);
	assert_int_equal(dmasim_run_until(t.r->k, 1000000), DMASIM_OK);
	cpu_write(t.r, 0, 0, 1);
	assert_int_equal(dmasim_run_until(t.r->k, 5000000), DMASIM_OK);
	rig_dma_write(t.r, &t.r->coherent, RIG_RAM, 2, "write");
	assert_int_equal(dmasim_run_until(t.r->k, 9000000), DMASIM_OK);
	cpu_read(t.r, 0, 0);
	load(&t);
	for (unsigned n = 0; (m = find(&t, "X", "M", n)); n++)
		if (strcmp(text_in(m, "name"), "M") == 0)
			break;
	assert_non_null(m);
	assert_true(ps(m, "ts") > 1000000 && ps(m, "ts") < 1100000);
	assert_true(ps(m, "ts") + ps(m, "dur") >= 5000000 &&
	            ps(m, "ts") + ps(m, "dur") < 5100000);
	assert_string_equal(text_in(process_of(&t, m), "name"), "cpu0");
	assert_non_null(strstr(thread_of(&t, m), "L1 "));
	/* The last one is written when the trace ends. */
	assert_non_null(find(&t, "X", "E", 0));
	end(&t);
}

static void stale_reads_and_findings(void **state)
{
	struct trace t;
	const json_t *read;

	(void)state;
	begin(&t, NULL, NULL);
	cpu_write(t.r, 0, 0, 1);
	rig_dma_read(t.r, &t.r->noncoherent, RIG_RAM, "read");
	load(&t);
	read = find(&t, "X", "reads past the caches", 0);
	assert_true(json_is_true(
	        json_object_get(json_object_get(read, "args"), "stale")));
	assert_null(find(&t, "s", "bytes", 0));
	assert_non_null(find(&t, "i", "STALE_READ", 0));
	end(&t);
}

static void bounded_events(void **state)
{
	struct dmasim_view_config limits = {.max = 10};
	struct trace t;
	const json_t *other;

	(void)state;
	begin(&t, &limits, NULL);
	for (unsigned i = 0; i < 50; i++)
		cpu_write(t.r, i % 2, 4 * i, i);
	load(&t);
	other = json_object_get(t.j, "otherData");
	assert_true(number(other, "dropped") > 50);
	assert_true(json_array_size(json_object_get(t.j, "traceEvents")) <= 11);
	end(&t);
}

static unsigned count(const struct trace *t, const char *part)
{
	unsigned n = 0;

	while (find(t, "X", part, n))
		n++;
	return n;
}

static void bounded_lines(void **state)
{
	struct dmasim_view_config limits = {.max_lines = 3};
	struct trace t;

	(void)state;
	begin(&t, &limits, NULL);
	for (unsigned i = 0; i < 20; i++)
		cpu_write(t.r, 0, 64 * i, i);
	load(&t);
	assert_int_equal(count(&t, "writes"), 3);
	end(&t);
}

/* A range from the middle of one line to the first byte of another. */
static void a_range(void **state)
{
	struct dmasim_view_config limits = {.addr = RIG_RAM + 96, .size = 33};
	struct trace t;

	(void)state;
	begin(&t, &limits, NULL);
	for (unsigned i = 0; i < 20; i++)
		cpu_write(t.r, 0, 64 * i, i);
	load(&t);
	assert_int_equal(count(&t, "writes"), 2);
	end(&t);
}

static void many_lines(void **state)
{
	struct dmasim_view_config limits = {.max_lines = 100};
	struct trace t;

	(void)state;
	begin(&t, &limits, NULL);
	for (unsigned i = 0; i < 40; i++)
		cpu_write(t.r, 0, 64 * i, i);
	load(&t);
	assert_int_equal(count(&t, "writes"), 40);
	end(&t);
}

/* Lines that one agent has for itself are of no interest. */
static void shared_lines(void **state)
{
	struct dmasim_view_config limits = {.shared = true};
	struct trace t;

	(void)state;
	begin(&t, &limits, NULL);
	for (unsigned i = 0; i < 200; i++)
		cpu_write(t.r, 0, 64 * i, i);
	cpu_read(t.r, 1, 64 * 100);
	cpu_write(t.r, 0, 64 * 100, 2);
	load(&t);
	assert_int_equal(count(&t, "writes"), 1);
	assert_int_equal(count(&t, "reads"), 1);
	end(&t);
}

static void store_buffer(void **state)
{
	struct rig_config rc = {.store_buffer = 4};
	struct trace t;

	(void)state;
	begin(&t, NULL, &rc);
	cpu_write(t.r, 0, 0, 1);
	dmasim_cpu_barrier(t.r->cpu[0], DMASIM_DSB, AT(NULL));
	load(&t);
	assert_true(count(&t, "writes") >= 1);
	end(&t);
}

static void nothing_happens(void **state)
{
	struct trace t;

	(void)state;
	begin(&t, NULL, NULL);
	load(&t);
	assert_int_equal(json_array_size(json_object_get(t.j, "traceEvents")),
	                 0);
	end(&t);
	assert_int_equal(dmasim_chrome_trace_destroy(NULL), DMASIM_OK);
}

static void hostile_names(void **state)
{
	static const char evil[] = "\"}]</script>\x01\xff\\";
	struct dmasim_origin here = {.file = evil, .line = 1, .what = evil};
	struct trace t;

	(void)state;
	begin(&t, NULL, NULL);
	dmasim_name_region(t.r->checker, RIG_RAM, 64, evil, NULL, NULL);
	assert_int_equal(dmasim_cpu_put(t.r->cpu[0], RIG_WB, 4, 1, here),
	                 DMASIM_OK);
	load(&t);
	assert_non_null(find(&t, "X", "\"}]</script>", 0));
	end(&t);
}

static void without_a_checker(void **state)
{
	struct rig_config rc = {.no_checker = true};
	struct trace t;

	(void)state;
	begin(&t, NULL, &rc);
	cpu_write(t.r, 0, 0, 1);
	assert_int_equal(dmasim_memsys_evict(t.r->ms, 0, RIG_RAM), DMASIM_OK);
	load(&t);
	assert_int_equal(count(&t, "writes"), 1);
	end(&t);
}

static void refused(void **state)
{
	struct rig *r = view_rig(NULL);
	struct dmasim_view_config cfg = view_config(r), bad = cfg;
	struct dmasim_chrome_trace *t;
	FILE *f = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(f);
	bad.memsys = NULL;
	assert_int_equal(dmasim_chrome_trace_create(&bad, f, &t),
	                 DMASIM_E_INVAL);
	bad = cfg;
	bad.map = NULL;
	assert_int_equal(dmasim_chrome_trace_create(&bad, f, &t),
	                 DMASIM_E_INVAL);
	bad = cfg;
	bad.kernel = NULL;
	assert_int_equal(dmasim_chrome_trace_create(&bad, f, &t),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_chrome_trace_create(&cfg, NULL, &t),
	                 DMASIM_E_INVAL);
	assert_null(t);
	assert_int_equal(dmasim_chrome_trace_create(&cfg, f, &t), DMASIM_OK);
	assert_int_equal(dmasim_chrome_trace_destroy(t), DMASIM_E_IO);
	fclose(f);
	rig_free(r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(accesses_and_arrows),
        cmocka_unit_test(states_are_slices),
        cmocka_unit_test(stale_reads_and_findings),
        cmocka_unit_test(bounded_events),
        cmocka_unit_test(bounded_lines),
        cmocka_unit_test(a_range),
        cmocka_unit_test(many_lines),
        cmocka_unit_test(shared_lines),
        cmocka_unit_test(store_buffer),
        cmocka_unit_test(nothing_happens),
        cmocka_unit_test(hostile_names),
        cmocka_unit_test(without_a_checker),
        cmocka_unit_test(refused),
};

CHECK_MAIN(tests)
