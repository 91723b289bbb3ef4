/* SPDX-License-Identifier: MIT */
/* Coroutines; built for both ways to switch. */
#include "check.h"

#include <fenv.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cor_internal.h"

struct talk {
	struct cor *c;
	char text[64];
};

static void say(struct talk *t, const char *word)
{
	strcat(t->text, word);
}

static void speaker(void *ctx, void *arg)
{
	struct talk *t = ctx;

	say(t, arg);
	cor_yield(t->c);
	say(t, "2");
	cor_yield(t->c);
	say(t, "3");
}

static void coroutines_take_turns(void **state)
{
	struct talk a = {.text = ""}, b = {.text = ""};

	(void)state;
	a.c = cor_create(cor_stack_size(20000));
	b.c = cor_create(cor_stack_size(20000));
	assert_non_null(a.c);
	assert_non_null(b.c);
	for (int round = 0; round < 3; round++) {
		a.text[0] = b.text[0] = '\0';
		cor_start(a.c, speaker, &a, "a");
		cor_start(b.c, speaker, &b, "b");
		cor_resume(a.c);
		cor_resume(b.c);
		cor_resume(b.c);
		cor_resume(a.c);
		assert_string_equal(a.text, "a2");
		assert_string_equal(b.text, "b2");
		assert_false(a.c->ended);
		cor_resume(a.c);
		cor_resume(b.c);
		assert_true(a.c->ended);
		assert_true(b.c->ended);
		assert_string_equal(a.text, "a23");
		assert_string_equal(b.text, "b23");
	}
	cor_destroy(a.c);
	cor_destroy(b.c);
}

/* Many values live across each switch, so that registers are used. */
static uint64_t mix(struct cor *c, uint64_t seed, bool outside)
{
	uint64_t a = seed, b = seed * 3, d = seed * 5, e = seed * 7,
	         f = seed * 11, g = seed * 13, h = seed * 17;
	double x = (double)seed / 3.0;

	for (int i = 0; i < 50; i++) {
		a += b ^ d;
		b += d ^ e;
		d += e ^ f;
		e += f ^ g;
		f += g ^ h;
		g += h ^ a;
		h += a ^ b;
		x = x * 1.01 + 0.5;
		if (!c)
			continue;
		if (outside)
			cor_resume(c);
		else
			cor_yield(c);
	}
	return a ^ b ^ d ^ e ^ f ^ g ^ h ^ (uint64_t)x;
}

static void mixer(void *ctx, void *arg)
{
	struct talk *t = ctx;

	*(uint64_t *)arg = mix(t->c, 99, false);
}

static void registers_survive(void **state)
{
	struct talk t = {.text = ""};
	uint64_t inside = 0, outside;

	(void)state;
	t.c = cor_create(cor_stack_size(20000));
	assert_non_null(t.c);
	cor_start(t.c, mixer, &t, &inside);
	outside = mix(t.c, 1234, true);
	cor_resume(t.c);
	assert_true(t.c->ended);
	assert_int_equal(outside, mix(NULL, 1234, true));
	assert_int_equal(inside, mix(NULL, 99, false));
	cor_destroy(t.c);
}

/* What the vector unit does with 1 / 3, which fegetround() does not tell. */
static double third(void)
{
	volatile double one = 1, three = 3;

	return one / three;
}

struct rounding {
	struct cor *c;
	int first, second;
	double third;
};

static void rounder(void *ctx, void *arg)
{
	struct rounding *r = ctx;

	(void)arg;
	r->first = fegetround();
	fesetround(FE_UPWARD);
	cor_yield(r->c);
	r->second = fegetround();
	r->third = third();
}

/* The way to round belongs to each side. */
static void floating_point_control_survives(void **state)
{
	const double nearest = third();
	struct rounding r = {.third = 0};
	double outside;
	int mode;

	(void)state;
	r.c = cor_create(cor_stack_size(20000));
	assert_non_null(r.c);
	cor_start(r.c, rounder, &r, NULL);
	cor_resume(r.c);
	assert_int_equal(r.first, FE_TONEAREST);
	assert_int_equal(fegetround(), FE_TONEAREST);
	assert_true(third() == nearest);
	fesetround(FE_DOWNWARD);
	cor_resume(r.c);
	mode = fegetround();
	outside = third();
	fesetround(FE_TONEAREST);
	assert_int_equal(mode, FE_DOWNWARD);
	assert_true(outside <= nearest);
	assert_int_equal(r.second, FE_UPWARD);
	assert_true(r.third > nearest);
	cor_destroy(r.c);
}

static void measure(void *ctx, void *arg)
{
	volatile double aligned[4] = {1, 2, 3, 4};

	(void)ctx;
	/* Vector code faults on a stack that is not aligned. */
	*(double *)arg = aligned[0] + aligned[3];
	*((double *)arg + 1) =
	        (double)((uintptr_t)__builtin_frame_address(0) % 16);
}

static void stacks_are_aligned(void **state)
{
	struct cor *c = cor_create(cor_stack_size(20000));
	double result[2] = {0, 1};

	(void)state;
	assert_non_null(c);
	cor_start(c, measure, NULL, result);
	cor_resume(c);
	assert_int_equal((int)result[0], 5);
	assert_int_equal((int)result[1], 0);
	cor_destroy(c);
}

static void sizes_are_whole_pages(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	(void)state;
	assert_int_equal(cor_stack_size(1), page);
	assert_int_equal(cor_stack_size(page), page);
	assert_int_equal(cor_stack_size(page + 1), 2 * page);
	assert_int_equal(cor_stack_size(SIZE_MAX), 0);
	/* More than any host maps. */
	assert_null(cor_create(cor_stack_size(SIZE_MAX / 2)));
}

static void overrun(void *ctx, void *arg)
{
	struct talk *t = ctx;
	volatile char *p = t->c->stack;

	(void)arg;
	p[0] = 1;
	p[-1] = 1;
}

static void an_overflow_hits_the_guard_page(void **state)
{
	struct talk t = {.text = ""};
	int status = 0;
	pid_t child;

	(void)state;
	t.c = cor_create(cor_stack_size(20000));
	assert_non_null(t.c);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		fclose(stderr);
		cor_start(t.c, overrun, &t, NULL);
		cor_resume(t.c);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	/* Killed, or reported by a sanitizer. */
	assert_int_not_equal(status, 0);
	cor_destroy(t.c);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(coroutines_take_turns),
        cmocka_unit_test(registers_survive),
        cmocka_unit_test(floating_point_control_survives),
        cmocka_unit_test(stacks_are_aligned),
        cmocka_unit_test(sizes_are_whole_pages),
        cmocka_unit_test(an_overflow_hits_the_guard_page),
};

CHECK_MAIN(tests)
