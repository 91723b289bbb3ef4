/* SPDX-License-Identifier: MIT */
/* Each allocation of the views fails once: they say so, and what they write
 * stays whole. */
#include <jansson.h>

#include "fail_alloc.h"
#include "view_rig.h"

/* Accesses that make lanes, steps, effects, findings, lines, agents. */
static void accesses(struct rig *r)
{
	uint8_t bytes[4] = {1, 2, 3, 4};
	struct dmasim_txn t = {.op = DMASIM_WRITE,
	                       .size = 4,
	                       .attr = dmasim_attr_wb,
	                       .data = bytes,
	                       .origin = {.file = "a.c", .line = 1}};

	for (unsigned i = 0; i < 6; i++) {
		t.addr = RIG_RAM + 64ull * (i % 3);
		t.op = i % 2 ? DMASIM_READ : DMASIM_WRITE;
		t.initiator = 0;
		(void)dmasim_access(&r->core[i % 2], &t);
		t.initiator = 0;
		(void)dmasim_access(&r->noncoherent, &t);
	}
}

static int line_life(struct rig *r)
{
	struct dmasim_view_config cfg = view_config(r);
	struct dmasim_line_view *v;
	struct output o;
	int status = dmasim_line_view_create(&cfg, &v);

	if (status != DMASIM_OK)
		return status;
	dmasim_line_view_note(v, "note");
	accesses(r);
	dmasim_line_view_begin(v, "a", "b", NULL);
	dmasim_line_view_what(v, "c");
	dmasim_line_view_end(v);
	dmasim_line_view_finish(v);
	status = dmasim_line_view_status(v);
	fail_alloc_after = -1;
	/* What there is can be told all the same. */
	open_output(&o);
	assert_int_equal(dmasim_line_view_text(v, o.f, false), DMASIM_OK);
	assert_int_equal(dmasim_line_view_json(v, o.f, "x"), DMASIM_OK);
	end_output(&o);
	free(o.text);
	dmasim_line_view_destroy(v);
	return status;
}

static int chrome(struct rig *r)
{
	struct dmasim_view_config cfg = view_config(r);
	struct dmasim_chrome_trace *t;
	struct output o;
	json_t *j;
	int status, after = fail_alloc_after;

	fail_alloc_after = -1;
	open_output(&o);
	fail_alloc_after = after;
	status = dmasim_chrome_trace_create(&cfg, o.f, &t);
	if (status == DMASIM_OK) {
		accesses(r);
		fail_alloc_after = -1;
		status = dmasim_chrome_trace_destroy(t);
		end_output(&o);
		j = json_loadb(o.text, o.size, 0, NULL);
		assert_non_null(j);
		json_decref(j);
	} else {
		fail_alloc_after = -1;
		end_output(&o);
	}
	free(o.text);
	return status;
}

static int waves(struct rig *r)
{
	struct dmasim_view_config cfg = view_config(r);
	struct dmasim_waves *w;
	uint32_t signal;
	int status = dmasim_waves_create(&cfg, &w);

	if (status != DMASIM_OK)
		return status;
	if (dmasim_waves_signal(w, "mine", 4, &signal) == DMASIM_OK)
		dmasim_waves_set(w, signal, 3);
	accesses(r);
	status = dmasim_waves_status(w);
	dmasim_waves_destroy(w);
	return status;
}

static void each_fails(int (*scene)(struct rig *r))
{
	bool hit = true;
	int failures = 0;

	for (int n = 0; hit; n++) {
		struct rig *r = view_rig(NULL);
		int status;

		fail_alloc_hit = false;
		fail_alloc_after = n;
		status = scene(r);
		fail_alloc_after = -1;
		hit = fail_alloc_hit;
		assert_true(status == DMASIM_OK || status == DMASIM_E_NOMEM);
		if (!hit)
			assert_int_equal(status, DMASIM_OK);
		failures += status != DMASIM_OK;
		rig_free(r);
	}
	assert_true(failures > 10);
}

static void of_a_line(void **state)
{
	(void)state;
	each_fails(line_life);
}

static void of_a_trace(void **state)
{
	(void)state;
	each_fails(chrome);
}

static void of_waves(void **state)
{
	(void)state;
	each_fails(waves);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_a_line),
        cmocka_unit_test(of_a_trace),
        cmocka_unit_test(of_waves),
};

CHECK_MAIN(tests)
