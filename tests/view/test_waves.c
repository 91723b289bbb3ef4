/* SPDX-License-Identifier: MIT */
/* Waveforms: which signals there are, when they change and to what. */
#include "view_rig.h"

static void begin(struct rig **r, struct dmasim_waves **w, size_t max)
{
	struct dmasim_view_config cfg;

	*r = view_rig(NULL);
	cfg = view_config(*r);
	cfg.size = 64;
	cfg.max = max;
	assert_int_equal(dmasim_waves_create(&cfg, w), DMASIM_OK);
}

static void end(struct rig *r, struct dmasim_waves *w)
{
	dmasim_waves_destroy(w);
	rig_free(r);
}

static uint32_t signal_of(const struct dmasim_waves *w, const char *name)
{
	size_t n;
	const struct dmasim_signal *s = dmasim_waves_signals(w, &n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(s[i].name, name) == 0)
			return (uint32_t)i;
	for (size_t i = 0; i < n; i++)
		print_message("%s\n", s[i].name);
	fail_msg("no signal %s", name);
	return 0;
}

/* The values that a signal takes, one character each. */
static void values_of(const struct dmasim_waves *w, const char *name,
                      char *text)
{
	uint32_t signal = signal_of(w, name);
	size_t n;
	const struct dmasim_change *c = dmasim_waves_changes(w, &n);

	for (size_t i = 0; i < n; i++)
		if (c[i].signal == signal)
			*text++ = (char)c[i].bits[0];
	*text = '\0';
}

static void states_and_bytes(void **state)
{
	struct rig *r;
	struct dmasim_waves *w;
	char text[64];
	const struct dmasim_change *c;
	uint64_t last = 0;
	size_t n;

	(void)state;
	begin(&r, &w, 0);
	cpu_write(r, 0, 0, 0x41);
	dmasim_cpu_barrier(r->cpu[0], DMASIM_DSB, AT(NULL));
	rig_dma_write(r, &r->noncoherent, RIG_RAM, 0x42, "write");
	rig_dma_read(r, &r->coherent, RIG_RAM, "read");
	values_of(w, "line_80000000.cpu0.L1.state", text);
	/* The first is the state with which it came. */
	assert_string_equal(text + strlen(text) - 1, "M");
	values_of(w, "line_80000000.memory.bytes", text);
	assert_int_equal(text[0], 0);
	assert_string_equal(text + 1, "B");
	values_of(w, "line_80000000.cpu0.L1.dirty", text);
	assert_int_equal(text[strlen(text + 1)], 0xf);
	values_of(w, "cpu0.op", text);
	assert_string_equal(text, "W");
	values_of(w, "coherent_disk.op", text);
	assert_string_equal(text, "R");
	values_of(w, "cpu0.barriers", text);
	assert_int_equal(text[0], 1);
	values_of(w, "line_80000000.disk.sees.bytes", text);
	assert_string_equal(text, "B");
	/* In order of time, and no signal twice at one time. */
	c = dmasim_waves_changes(w, &n);
	for (size_t i = 0; i < n; i++) {
		assert_true(c[i].time >= last);
		last = c[i].time;
		for (size_t k = 0; k < i; k++)
			assert_false(c[k].signal == c[i].signal &&
			             c[k].time == c[i].time);
	}
	assert_int_equal(dmasim_waves_status(w), DMASIM_OK);
	assert_int_equal(dmasim_waves_dropped(w), 0);
	end(r, w);
}

static void own_signals(void **state)
{
	struct rig *r;
	struct dmasim_waves *w;
	uint32_t irq, wide;
	const struct dmasim_change *c;
	size_t n;

	(void)state;
	begin(&r, &w, 0);
	assert_int_equal(dmasim_waves_signal(w, "irq line 5", 1, &irq),
	                 DMASIM_OK);
	assert_int_equal(dmasim_waves_signal(w, "wide", 512, &wide), DMASIM_OK);
	dmasim_waves_set(w, irq, 3);
	dmasim_waves_set(w, irq, 1);
	dmasim_waves_set(w, irq, 0);
	dmasim_waves_set(w, wide, 0x123456789abcdef0ull);
	dmasim_waves_set(w, 99, 1);
	c = dmasim_waves_changes(w, &n);
	assert_int_equal(n, 3);
	assert_int_equal(c[0].bits[0], 1);
	assert_null(c[0].known);
	assert_int_equal(c[1].bits[0], 0);
	assert_int_equal(c[1].time, c[0].time + 1);
	assert_int_equal(c[2].bits[7], 0x12);
	assert_int_equal(c[2].bits[63], 0);
	assert_int_equal(signal_of(w, "irq_line_5"), irq);
	assert_int_equal(dmasim_waves_signal(w, NULL, 1, &irq), DMASIM_E_INVAL);
	assert_int_equal(dmasim_waves_signal(w, "", 1, &irq), DMASIM_E_INVAL);
	assert_int_equal(dmasim_waves_signal(w, "x", 0, &irq), DMASIM_E_INVAL);
	assert_int_equal(dmasim_waves_signal(w, "x", 1u << 20, &irq),
	                 DMASIM_E_INVAL);
	end(r, w);
}

static void bounded(void **state)
{
	struct rig *r;
	struct dmasim_waves *w;
	size_t n;

	(void)state;
	begin(&r, &w, 5);
	for (unsigned i = 0; i < 20; i++)
		cpu_write(r, 0, 0, i);
	dmasim_waves_changes(w, &n);
	assert_int_equal(n, 5);
	assert_true(dmasim_waves_dropped(w) > 10);
	end(r, w);
}

/* Lines that are not followed give bus activity alone. */
static void other_lines(void **state)
{
	struct rig *r;
	struct dmasim_waves *w;
	size_t n;

	(void)state;
	begin(&r, &w, 0);
	cpu_write(r, 1, 4096, 1);
	dmasim_waves_signals(w, &n);
	assert_int_equal(n, 4);
	signal_of(w, "cpu1.address");
	end(r, w);
}

static void refused(void **state)
{
	struct rig *r = view_rig(NULL);
	struct dmasim_view_config cfg = view_config(r), bad = cfg;
	struct dmasim_waves *w;

	(void)state;
	bad.kernel = NULL;
	assert_int_equal(dmasim_waves_create(&bad, &w), DMASIM_E_INVAL);
	bad = cfg;
	bad.memsys = NULL;
	assert_int_equal(dmasim_waves_create(&bad, &w), DMASIM_E_INVAL);
	bad = cfg;
	bad.map = NULL;
	assert_int_equal(dmasim_waves_create(&bad, &w), DMASIM_E_INVAL);
	assert_null(w);
	dmasim_waves_destroy(NULL);
	rig_free(r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_and_bytes), cmocka_unit_test(own_signals),
        cmocka_unit_test(bounded),          cmocka_unit_test(other_lines),
        cmocka_unit_test(refused),
};

CHECK_MAIN(tests)
