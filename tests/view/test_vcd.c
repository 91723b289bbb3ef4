/* SPDX-License-Identifier: MIT */
/* A VCD of a run, parsed: each change of each signal, and nothing else. */
#include "dmasim/systemc.h"
#include "view_rig.h"

#define VARIABLES 128
#define WIDEST    1024

struct variable {
	char id[8], path[200];
	unsigned width;
	char value[WIDEST + 1];
};

struct parsed {
	struct variable var[VARIABLES];
	size_t count;
	char scope[128];
	unsigned long long time;
};

static void declare(struct parsed *p, const char *line)
{
	struct variable *v = &p->var[p->count];
	char name[64];
	char *dot;

	if (sscanf(line, "$scope module %63s", name) == 1) {
		/* The outermost is SystemC's own. */
		if (strcmp(name, "SystemC") != 0) {
			strcat(p->scope, name);
			strcat(p->scope, ".");
		}
		return;
	}
	if (strncmp(line, "$upscope", 8) == 0 && *p->scope) {
		p->scope[strlen(p->scope) - 1] = '\0';
		dot = strrchr(p->scope, '.');
		*(dot ? dot + 1 : p->scope) = '\0';
		return;
	}
	if (sscanf(line, "$var %*s %u %7s %63s", &v->width, v->id, name) != 3)
		return;
	assert_true(v->width <= WIDEST);
	snprintf(v->path, sizeof(v->path), "%s%s", p->scope, name);
	p->count++;
	assert_true(p->count < VARIABLES);
}

static struct variable *by_id(struct parsed *p, const char *id)
{
	for (size_t i = 0; i < p->count; i++)
		if (strcmp(p->var[i].id, id) == 0)
			return &p->var[i];
	fail_msg("no variable %s", id);
	return NULL;
}

/* Zeroes in front are left out in the file. */
static void set_value(struct variable *v, const char *digits)
{
	size_t n = strlen(digits);

	memset(v->value, '0', v->width);
	memcpy(v->value + v->width - n, digits, n);
	v->value[v->width] = '\0';
}

/* What a change says, as the digits of a VCD. */
static void digits_of(const struct dmasim_change *c, unsigned width, char *out)
{
	for (unsigned i = 0; i < width; i++) {
		unsigned at = width - 1 - i;
		bool known = !c->known || (c->known[at / 8] >> (at % 8) & 1);
		bool one = c->bits[at / 8] >> (at % 8) & 1;

		out[i] = !known ? 'X' : one ? '1' : '0';
	}
	out[width] = '\0';
}

/* Values at @time, by the changes. */
static void compare_at(struct parsed *p, const struct dmasim_waves *w,
                       unsigned long long time)
{
	size_t signals, changes;
	const struct dmasim_signal *s = dmasim_waves_signals(w, &signals);
	const struct dmasim_change *c = dmasim_waves_changes(w, &changes);

	assert_int_equal(p->count, signals);
	for (size_t i = 0; i < p->count; i++) {
		struct variable *v = &p->var[i];
		char want[WIDEST + 1];

		memset(want, 'X', v->width);
		want[v->width] = '\0';
		for (size_t k = 0; k < changes && c[k].time <= time; k++)
			if (strcmp(s[c[k].signal].name, v->path) == 0)
				digits_of(&c[k], v->width, want);
		if (strcmp(want, v->value) != 0)
			fail_msg("%s at %llu:\n%s, not\n%s", v->path, time,
			         v->value, want);
	}
}

static size_t parse(struct parsed *p, char *text, const struct dmasim_waves *w)
{
	bool values = false;
	size_t instants = 0;
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		unsigned long long time;
		char digits[WIDEST + 1], id[8];

		if (!values) {
			values = strncmp(line, "$enddefinitions", 15) == 0;
			declare(p, line);
		} else if (sscanf(line, "#%llu", &time) == 1) {
			compare_at(p, w, p->time);
			p->time = time;
			instants++;
		} else if (line[0] == 'b') {
			assert_int_equal(
			        sscanf(line, "b%1024s %7s", digits, id), 2);
			set_value(by_id(p, id), digits);
		} else if (strchr("01xX", line[0])) {
			digits[0] = line[0] == 'x' ? 'X' : line[0];
			digits[1] = '\0';
			set_value(by_id(p, line + 1), digits);
		}
	}
	compare_at(p, w, p->time);
	return instants;
}

static void as_the_events(void **state)
{
	struct rig *r = view_rig(NULL);
	struct dmasim_view_config cfg = view_config(r);
	struct parsed *p = calloc(1, sizeof(*p));
	struct dmasim_waves *w;
	struct dmasim_vcd vcd;
	struct output o;
	uint32_t irq;

	(void)state;
	cfg.size = 4096;
	assert_int_equal(dmasim_waves_create(&cfg, &w), DMASIM_OK);
	assert_int_equal(dmasim_waves_signal(w, "irq.line_5", 1, &irq),
	                 DMASIM_OK);
	for (unsigned i = 0; i < 12; i++) {
		cpu_write(r, i % 2, 64 * (i % 3), i * 77);
		rig_dma_read(r, &r->noncoherent, RIG_RAM + 64 * (i % 3), "r");
		dmasim_waves_set(w, irq, i % 2);
		assert_int_equal(dmasim_run_until(r->k, i * 1000u + 500),
		                 DMASIM_OK);
		rig_dma_write(r, &r->coherent, RIG_RAM + 64 * (i % 4), i, "w");
		dmasim_cpu_barrier(r->cpu[i % 2], DMASIM_DSB, AT(NULL));
	}
	vcd.signals = dmasim_waves_signals(w, &vcd.signal_count);
	vcd.changes = dmasim_waves_changes(w, &vcd.change_count);
	assert_true(vcd.change_count > 100);
	open_output(&o);
	assert_int_equal(dmasim_systemc_vcd(&vcd, o.f), DMASIM_OK);
	end_output(&o);
	assert_true(parse(p, o.text, w) > 10);
	assert_true(p->time >= vcd.changes[vcd.change_count - 1].time);
	free(o.text);
	free(p);
	dmasim_waves_destroy(w);
	rig_free(r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_events),
};

CHECK_MAIN(tests)
