/* SPDX-License-Identifier: MIT */
/* One scenario, both back ends: the same bytes of trace. */
#include "check.h"

#include <stdlib.h>

#include "dmasim/kernel.h"
#include "dmasim/systemc.h"

enum { WORKERS = 12, EVENTS = 4, TRACE_SIZE = 4 << 20 };

struct worker {
	struct world *w;
	unsigned id;
	uint64_t random;
};

struct world {
	struct dmasim_kernel *k;
	struct dmasim_event *events[EVENTS];
	struct worker workers[WORKERS];
	uint32_t device;
	uint64_t random;
	uint64_t tickets[64];
	unsigned calls, spawned;
	char *trace;
	size_t len;
};

static void collect(void *ctx, uint64_t time, const char *source,
                    const char *text)
{
	struct world *w = ctx;
	int n = snprintf(w->trace + w->len, TRACE_SIZE - w->len,
	                 "%llu %s: %s\n", (unsigned long long)time, source,
	                 text);

	if (n > 0 && (size_t)n < TRACE_SIZE - w->len)
		w->len += (size_t)n;
}

static uint32_t roll(uint64_t *random, uint32_t sides)
{
	*random = *random * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*random >> 33) % sides;
}

static void request(struct world *w, uint64_t *random)
{
	uint64_t *ticket = &w->tickets[w->calls++ % 64];
	int prio = (int)roll(random, 5) - 2;

	/* Coarse times, so that much is due at the same instant. */
	dmasim_call_at(
	        w->k, dmasim_now(w->k) + roll(random, 4) * 10, prio,
	        &(struct dmasim_call){w->device, roll(random, 3), w->calls},
	        ticket);
}

static void short_lived(void *arg)
{
	struct world *w = arg;

	dmasim_trace(w->k, "short", "begins");
	dmasim_trace(w->k, "short", "ends %d", dmasim_wait(w->k, 20));
}

static void device(void *obj, uint32_t op, uint64_t arg)
{
	struct world *w = obj;

	dmasim_trace(w->k, "device", "op %u arg %llu", op,
	             (unsigned long long)arg);
	if (op == 0)
		dmasim_event_notify(w->events[arg % EVENTS],
		                    roll(&w->random, 3) * 10);
	if (op == 1)
		dmasim_trace(w->k, "device", "cancel %d",
		             dmasim_cancel(w->k, w->tickets[arg * 7 % 64]));
	if (op == 2 && w->spawned < 300) {
		w->spawned++;
		dmasim_spawn(w->k,
		             &(struct dmasim_proc_config){.name = "short",
		                                          .fn = short_lived,
		                                          .arg = w},
		             NULL);
	}
}

static void work(void *arg)
{
	struct worker *me = arg;
	struct world *w = me->w;
	char name[16];
	int status = DMASIM_OK;

	snprintf(name, sizeof(name), "worker %u", me->id);
	for (unsigned i = 0; i < 4000 && status != DMASIM_E_CANCELED; i++) {
		struct dmasim_event *e = w->events[roll(&me->random, EVENTS)];

		switch (roll(&me->random, 5)) {
		case 0:
			status = dmasim_wait(w->k, roll(&me->random, 4) * 10);
			break;
		case 1:
			status = dmasim_event_wait(
			        e, 10 + roll(&me->random, 5) * 10);
			break;
		case 2:
			status = dmasim_event_notify(e,
			                             roll(&me->random, 3) * 10);
			break;
		default:
			request(w, &me->random);
			break;
		}
		dmasim_trace(w->k, name, "step %u status %d", i, status);
		if (i % 97 == 96)
			dmasim_stop(w->k);
	}
}

static void play(struct world *w, const struct dmasim_backend *backend)
{
	const struct dmasim_kernel_config cfg = {
	        .backend = backend,
	        .trace = collect,
	        .trace_ctx = w,
	};
	uint64_t random = 1;

	memset(w, 0, sizeof(*w));
	w->trace = calloc(1, TRACE_SIZE);
	assert_int_equal(dmasim_kernel_create(&cfg, &w->k), DMASIM_OK);
	assert_int_equal(
	        dmasim_actor_register(w->k, "device", device, w, &w->device),
	        DMASIM_OK);
	for (unsigned i = 0; i < EVENTS; i++)
		assert_int_equal(dmasim_event_create(w->k, "e", &w->events[i]),
		                 0);
	for (unsigned i = 0; i < WORKERS; i++) {
		w->workers[i] = (struct worker){w, i, i + 1};
		assert_int_equal(dmasim_spawn(w->k,
		                              &(struct dmasim_proc_config){
		                                      .name = "worker",
		                                      .fn = work,
		                                      .arg = &w->workers[i]},
		                              NULL),
		                 DMASIM_OK);
	}
	for (unsigned i = 0; i < 300; i++) {
		int status;

		switch (roll(&random, 3)) {
		case 0:
			status = dmasim_run_one(w->k);
			break;
		case 1:
			status = dmasim_run_until(
			        w->k, dmasim_now(w->k) + roll(&random, 50));
			break;
		default:
			status = dmasim_run_idle(
			        w->k, dmasim_now(w->k) + roll(&random, 50));
			break;
		}
		dmasim_trace(w->k, "run", "status %d pending %zu live %zu",
		             status, dmasim_pending_calls(w->k),
		             dmasim_live_processes(w->k));
	}
	dmasim_kernel_destroy(w->k);
	for (unsigned i = 0; i < EVENTS; i++)
		dmasim_event_destroy(w->events[i]);
}

static void both_back_ends_write_the_same_trace(void **state)
{
	static struct world native, systemc, again;

	(void)state;
	play(&native, dmasim_backend_native());
	play(&systemc, dmasim_backend_systemc());
	play(&again, NULL);
	assert_true(native.len > 100000);
	assert_true(native.len < TRACE_SIZE - 1000);
	assert_int_equal(native.len, systemc.len);
	assert_memory_equal(native.trace, systemc.trace, native.len);
	assert_int_equal(native.len, again.len);
	assert_memory_equal(native.trace, again.trace, native.len);
	/* All that the scenario is made of did happen. */
	assert_non_null(strstr(native.trace, "cancel 0"));
	assert_non_null(strstr(native.trace, "cancel -6"));
	assert_non_null(strstr(native.trace, "short: ends 0"));
	assert_non_null(strstr(native.trace, "status -10"));
	assert_non_null(strstr(native.trace, "status -9"));
	free(native.trace);
	free(systemc.trace);
	free(again.trace);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_back_ends_write_the_same_trace),
};

CHECK_MAIN(tests)
