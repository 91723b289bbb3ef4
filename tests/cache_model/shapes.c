/* SPDX-License-Identifier: MIT */
#include "shapes.h"

#define BASE  0x4000ull
#define STEPS (SHAPE_CPUS * SHAPE_OPS)

/* Which of how many was taken at each step. */
struct path {
	unsigned len;
	unsigned taken[STEPS], of[STEPS];
};

static uint64_t place_of(const struct shape_op *o)
{
	return (o->nc ? RIG_NC : RIG_WB) + BASE + 256 * o->place + o->offset;
}

static uint64_t bit(uint32_t base, unsigned number)
{
	return number ? dmasim_token_bit(base + number - 1) : 0;
}

/* Returns the first token. */
static uint32_t issue(struct rig *r, unsigned cpu, const struct shape *s)
{
	uint32_t base = 0;

	for (unsigned i = 0; i < SHAPE_OPS; i++) {
		const struct shape_op *o = &s->op[cpu][i];
		struct dmasim_insn in = {
		        .op = o->op,
		        .order = o->order,
		        .barrier = o->barrier,
		        .domain = o->local ? DMASIM_NSH : DMASIM_ISH,
		        .flags = o->exclusive ? DMASIM_TXN_EXCLUSIVE : 0,
		        .va = place_of(o),
		        .size = o->size,
		        .value = o->value,
		        .compare = o->compare,
		        .address_dep = bit(base, o->addr),
		        .control_dep = bit(base, o->ctrl),
		        .data_from = o->data ? base + o->data : 0,
		        .control_isb = o->isb,
		        .origin = DMASIM_HERE,
		};
		uint32_t token;

		if (o->op == DMASIM_READ && !o->size)
			return base;
		assert_int_equal(dmasim_cpu_issue(r->cpu[cpu], &in, &token),
		                 DMASIM_OK);
		if (i == 0)
			base = token;
		assert_int_equal(token, base + i);
	}
	return base;
}

static void perform(struct rig *r, const struct shape *s, struct path *p)
{
	for (unsigned step = 0;; step++) {
		uint32_t token[SHAPE_CPUS][SHAPE_OPS], n[SHAPE_CPUS], all = 0;
		unsigned cpu = 0, k;

		for (unsigned i = 0; i < s->cpus; i++) {
			n[i] = dmasim_cpu_ready(r->cpu[i], token[i], SHAPE_OPS);
			all += n[i];
		}
		if (!all) {
			p->len = step;
			return;
		}
		if (step >= p->len) {
			p->taken[step] = 0;
			p->len = step + 1;
		}
		p->of[step] = all;
		for (k = p->taken[step]; k >= n[cpu]; cpu++)
			k -= n[cpu];
		assert_int_equal(dmasim_cpu_perform(r->cpu[cpu], token[cpu][k]),
		                 DMASIM_OK);
	}
}

/* The next path in order; false: there is none. */
static bool next_path(struct path *p)
{
	while (p->len > 0) {
		unsigned last = p->len - 1;

		if (++p->taken[last] < p->of[last])
			return true;
		p->len--;
	}
	return false;
}

static void add_outcome(struct rig *r, const struct shape *s,
                        const uint32_t *base, struct shape_result *out)
{
	char text[64];
	unsigned at = 0;

	for (unsigned c = 0; c < s->cpus; c++)
		for (unsigned i = 0; i < SHAPE_OPS; i++) {
			const struct shape_op *o = &s->op[c][i];
			uint64_t v = 0;

			if (!o->size || dmasim_op_is_maintenance(o->op) ||
			    (o->op == DMASIM_WRITE && !o->exclusive))
				continue;
			assert_int_equal(
			        dmasim_cpu_result(r->cpu[c], base[c] + i, &v),
			        DMASIM_OK);
			at += (unsigned)snprintf(text + at, sizeof(text) - at,
			                         "%llx", (unsigned long long)v);
		}
	text[at++] = '|';
	for (unsigned i = 0; i < SHAPE_PLACES; i++) {
		uint64_t v = rig_read(r, &r->core[0], RIG_RAM + BASE + 256 * i,
		                      &dmasim_attr_wb);

		at += (unsigned)snprintf(text + at, sizeof(text) - at, "%llx",
		                         (unsigned long long)v);
	}
	for (unsigned i = 0; i < out->count; i++)
		if (strcmp(out->outcome[i], text) == 0)
			return;
	assert_true(out->count < SHAPE_OUTCOMES);
	memcpy(out->outcome[out->count++], text, sizeof(text));
}

static void zero(struct rig *r)
{
	const uint8_t zeros[64] = {0};

	for (unsigned i = 0; i < SHAPE_PLACES; i++) {
		uint8_t copy[64];
		uint64_t pa = RIG_RAM + BASE + 256 * i;

		memcpy(copy, zeros, sizeof(copy));
		assert_int_equal(rig_move(r, &r->core[0], DMASIM_WRITE, pa,
		                          copy, 64, &dmasim_attr_wb),
		                 DMASIM_TXN_OK);
		assert_int_equal(rig_move(r, &r->core[0],
		                          DMASIM_CLEAN_INVALIDATE, pa, NULL, 64,
		                          &dmasim_attr_wb),
		                 DMASIM_TXN_OK);
	}
}

void shape_run(struct rig *r, const struct shape *s, struct shape_result *out)
{
	struct path p = {0};
	uint32_t base[SHAPE_CPUS];

	memset(out, 0, sizeof(*out));
	assert_true(s->cpus <= r->cpus);
	do {
		zero(r);
		for (unsigned c = 0; c < s->cpus; c++)
			base[c] = issue(r, c, s);
		perform(r, s, &p);
		add_outcome(r, s, base, out);
		out->runs++;
	} while (next_path(&p));
}

bool shape_seen(const struct shape_result *out, const char *pattern)
{
	for (unsigned i = 0; i < out->count; i++) {
		const char *o = out->outcome[i], *w = pattern;

		while (*w && (*w == '?' || *w == *o)) {
			w++;
			o++;
		}
		if (!*w)
			return true;
	}
	return false;
}

void shape_check(struct rig *r, const struct shape *s)
{
	struct shape_result out;
	bool bad = false;

	shape_run(r, s, &out);
	for (unsigned i = 0; i < 6 && s->allowed[i]; i++)
		if (!shape_seen(&out, s->allowed[i])) {
			print_error("%s: %s never seen\n", s->name,
			            s->allowed[i]);
			bad = true;
		}
	for (unsigned i = 0; i < 4 && s->forbidden[i]; i++)
		if (shape_seen(&out, s->forbidden[i])) {
			print_error("%s: %s seen\n", s->name, s->forbidden[i]);
			bad = true;
		}
	for (unsigned i = 0; bad && i < out.count; i++)
		print_error("  %s\n", out.outcome[i]);
	assert_false(bad);
	assert_true(s->cpus < 2 || out.runs > 1);
}
