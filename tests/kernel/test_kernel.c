/* SPDX-License-Identifier: MIT */
/* Kernels as such: messages, trace, destruction. */
#include "fixture.h"

struct sink {
	char text[2048];
	char source[64];
	enum dmasim_log_level level;
	uint64_t time;
	unsigned count;
};

static void sink_log(void *ctx, enum dmasim_log_level level, const char *source,
                     const char *text)
{
	struct sink *s = ctx;

	s->level = level;
	snprintf(s->source, sizeof(s->source), "%s", source);
	snprintf(s->text, sizeof(s->text), "%s", text);
	s->count++;
}

static void sink_trace(void *ctx, uint64_t time, const char *source,
                       const char *text)
{
	struct sink *s = ctx;

	s->time = time;
	sink_log(ctx, DMASIM_LOG_INFO, source, text);
}

static void log_and_trace_reach_their_sinks(void **state)
{
	struct sink log = {.count = 0}, trace = {.count = 0};
	struct dmasim_kernel_config cfg = {
	        .backend = TEST_BACKEND,
	        .log = sink_log,
	        .log_ctx = &log,
	        .trace = sink_trace,
	        .trace_ctx = &trace,
	};
	struct dmasim_kernel *k;
	char longer[1000];

	(void)state;
	memset(longer, 'L', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(dmasim_kernel_create(&cfg, &k), DMASIM_OK);
	assert_true(dmasim_tracing(k));
	dmasim_log(k, DMASIM_LOG_WARNING, "smmu", "value %d", 7);
	assert_int_equal(log.level, DMASIM_LOG_WARNING);
	assert_string_equal(log.source, "smmu");
	assert_string_equal(log.text, "value 7");
	dmasim_log(k, DMASIM_LOG_INFO, "smmu", "<%s>", longer);
	assert_int_equal(strlen(log.text), strlen(longer) + 2);
	assert_int_equal(dmasim_run_until(k, 77), DMASIM_OK);
	dmasim_trace(k, "disk", "sector %u", 3u);
	assert_int_equal(trace.time, 77);
	assert_string_equal(trace.text, "sector 3");
	dmasim_trace(k, "disk", "<%s>", longer);
	assert_int_equal(strlen(trace.text), strlen(longer) + 2);
	assert_int_equal(log.count, 2);
	assert_int_equal(trace.count, 2);
	dmasim_kernel_destroy(k);

	k = new_kernel();
	assert_false(dmasim_tracing(k));
	dmasim_log(k, DMASIM_LOG_ERROR, "x", "lost");
	dmasim_trace(k, "x", "lost");
	dmasim_kernel_destroy(k);
	dmasim_kernel_destroy(NULL);
}

static void destroy_inside_a_run(void *obj, uint32_t op, uint64_t arg)
{
	(void)op;
	(void)arg;
	dmasim_kernel_destroy(obj);
}

static void destroy_inside_a_run_is_refused(void **state)
{
	struct sink log = {.count = 0};
	struct dmasim_kernel_config cfg = {
	        .backend = TEST_BACKEND, .log = sink_log, .log_ctx = &log};
	struct dmasim_kernel *k;
	uint32_t a;

	(void)state;
	assert_int_equal(dmasim_kernel_create(&cfg, &k), DMASIM_OK);
	a = new_actor(k, "destroyer", destroy_inside_a_run, k);
	assert_int_equal(dmasim_call_at(k, 5, 0,
	                                &(struct dmasim_call){.actor = a},
	                                NULL),
	                 0);
	assert_int_equal(dmasim_run_idle(k, DMASIM_FOREVER), DMASIM_OK);
	assert_int_equal(log.count, 1);
	assert_int_equal(log.level, DMASIM_LOG_ERROR);
	assert_int_equal(dmasim_now(k), 5);
	dmasim_kernel_destroy(k);
}

static void backend_has_its_name(void **state)
{
	(void)state;
#ifdef TEST_SYSTEMC
	assert_string_equal(dmasim_backend_name(TEST_BACKEND), "systemc");
#else
	assert_string_equal(dmasim_backend_name(TEST_BACKEND), "native");
#endif
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_and_trace_reach_their_sinks),
        cmocka_unit_test(destroy_inside_a_run_is_refused),
        cmocka_unit_test(backend_has_its_name),
};

CHECK_MAIN(tests)
