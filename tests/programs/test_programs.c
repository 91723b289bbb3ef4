/* SPDX-License-Identifier: MIT */
/*
 * Programs that do all that they should: no finding and no wrong byte, with
 * the preferred choices and with any others.
 */
#include "prog.h"

#define SLICES 4u

/* Choices with a bias, as the explorer's walks have it. */
struct biased {
	uint64_t state;
	uint32_t odds;
};

static uint32_t biased_choice(void *ctx, const struct dmasim_choice_query *q)
{
	struct biased *b = ctx;

	if (prog_below(&b->state, b->odds))
		return q->preferred;
	return prog_below(&b->state, q->alternatives);
}

static void run_seeded(const struct prog *p, uint64_t seed, uint32_t odds,
                       struct prog_result *r)
{
	struct biased b = {seed, odds};
	const struct dmasim_choice_config cfg = {.mode = DMASIM_CHOICE_CALLBACK,
	                                         .fn = biased_choice,
	                                         .fn_ctx = &b};
	struct dmasim_choice *c;

	assert_int_equal(dmasim_choice_create(&cfg, &c), DMASIM_OK);
	prog_run(p, &(struct prog_run_config){.choice = c}, r);
	dmasim_choice_destroy(c);
}

static void must_be_clean(const struct prog *p, const struct prog_result *r,
                          const char *how)
{
	if (r->end == PROG_OK && !r->found_count)
		return;
	prog_print(p, stdout);
	print_message("%s: %s\n%s", how, r->why, r->first);
	fail_msg("program %llu is right, and was not clean",
	         (unsigned long long)p->seed);
}

/* Seeds of a slice, so that slices run side by side. */
static void slice(unsigned n, unsigned count,
                  void (*generate)(struct prog *p, uint64_t seed))
{
	static const uint32_t odds[] = {1, 2, 5, 20};
	struct prog *p = test_malloc(sizeof(*p));
	struct prog_result *r = test_malloc(sizeof(*r));
	unsigned long steps = 0;

	for (unsigned i = n; i < count; i += SLICES) {
		uint64_t seed = i + 1;

		generate(p, seed);
		steps += p->steps;
		prog_run(p, &(struct prog_run_config){0}, r);
		must_be_clean(p, r, "preferred choices");
		run_seeded(p, seed, odds[seed / SLICES % 4], r);
		must_be_clean(p, r, "random choices");
	}
	print_message("%u programs, %lu steps: no finding\n",
	              (count - n + SLICES - 1) / SLICES, steps);
	test_free(r);
	test_free(p);
}

static void right_programs_0(void **state)
{
	(void)state;
	slice(0, PROGRAMS, prog_generate);
}

static void right_programs_1(void **state)
{
	(void)state;
	slice(1, PROGRAMS, prog_generate);
}

static void right_programs_2(void **state)
{
	(void)state;
	slice(2, PROGRAMS, prog_generate);
}

static void right_programs_3(void **state)
{
	(void)state;
	slice(3, PROGRAMS, prog_generate);
}

/* A tenth of them, through harness/driver. */
static void right_programs_of_the_harness_0(void **state)
{
	(void)state;
	slice(0, PROGRAMS / 10, prog_generate_harness);
	slice(1, PROGRAMS / 10, prog_generate_harness);
}

static void right_programs_of_the_harness_1(void **state)
{
	(void)state;
	slice(2, PROGRAMS / 10, prog_generate_harness);
	slice(3, PROGRAMS / 10, prog_generate_harness);
}

/* What the generator is for: all that a machine and a program may have. */
static void programs_are_of_all_kinds(void **state)
{
	unsigned ops[PROG_OPS] = {0}, devices[PROG_DEVICES] = {0};
	unsigned smmus = 0, bare = 0, polls = 0, cpus[PROG_CPUS + 1] = {0};
	struct prog *p = test_malloc(sizeof(*p));

	(void)state;
	for (uint64_t seed = 1; seed <= 500; seed++) {
		prog_generate(p, seed);
		devices[p->m.device]++;
		cpus[p->m.cpus]++;
		smmus += p->m.smmu;
		bare += p->m.bare;
		polls += p->m.device_polls;
		for (unsigned i = 0; i < p->steps; i++)
			ops[p->step[i].op]++;
	}
	for (unsigned op = PROG_FILL; op < PROG_OPS; op++)
		if (!ops[op])
			fail_msg("no program does: %s", prog_op_name(op));
	for (unsigned d = 0; d < PROG_DEVICES; d++)
		assert_in_range(devices[d], 75, 200);
	for (unsigned c = 1; c <= PROG_CPUS; c++)
		assert_in_range(cpus[c], 100, 250);
	assert_in_range(smmus, 100, 250);
	assert_in_range(bare, 20, 250);
	assert_in_range(polls, 50, 250);
	test_free(p);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(programs_are_of_all_kinds),
	        cmocka_unit_test(right_programs_0),
	        cmocka_unit_test(right_programs_1),
	        cmocka_unit_test(right_programs_2),
	        cmocka_unit_test(right_programs_3),
	        cmocka_unit_test(right_programs_of_the_harness_0),
	        cmocka_unit_test(right_programs_of_the_harness_1),
	};

	return check_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
