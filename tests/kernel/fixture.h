/* SPDX-License-Identifier: MIT */
/*
 * What the kernel tests share: the back end under test (the same sources are
 * built once for each) and a log of what ran when.
 */
#ifndef DMASIM_TESTS_KERNEL_FIXTURE_H
#define DMASIM_TESTS_KERNEL_FIXTURE_H

#include "check.h"

#include <stdlib.h>

#include "dmasim/kernel.h"

#ifdef TEST_SYSTEMC
#include "dmasim/systemc.h"
#define TEST_BACKEND dmasim_backend_systemc()
#else
#define TEST_BACKEND dmasim_backend_native()
#endif

struct journal {
	struct dmasim_kernel *k;
	char text[8192];
	size_t len;
};

/* Append "time:text " in nanoseconds. */
static inline void note(struct journal *j, const char *text)
{
	int n = snprintf(j->text + j->len, sizeof(j->text) - j->len, "%g:%s ",
	                 (double)dmasim_now(j->k) / 1000.0, text);

	if (n > 0 && (size_t)n < sizeof(j->text) - j->len)
		j->len += (size_t)n;
}

static inline void journal_clear(struct journal *j)
{
	j->len = 0;
	j->text[0] = '\0';
}

static inline struct dmasim_kernel *new_kernel(void)
{
	const struct dmasim_kernel_config cfg = {.backend = TEST_BACKEND};
	struct dmasim_kernel *k;

	assert_int_equal(dmasim_kernel_create(&cfg, &k), DMASIM_OK);
	return k;
}

static inline uint32_t new_actor(struct dmasim_kernel *k, const char *name,
                                 dmasim_call_fn *fn, void *obj)
{
	uint32_t actor;

	assert_int_equal(dmasim_actor_register(k, name, fn, obj, &actor),
	                 DMASIM_OK);
	return actor;
}

static inline struct dmasim_proc *new_proc(struct dmasim_kernel *k,
                                           const char *name, dmasim_proc_fn *fn,
                                           void *arg)
{
	struct dmasim_proc *p;

	assert_int_equal(dmasim_spawn(k,
	                              &(struct dmasim_proc_config){.name = name,
	                                                           .fn = fn,
	                                                           .arg = arg},
	                              &p),
	                 DMASIM_OK);
	return p;
}

static inline struct dmasim_event *new_event(struct dmasim_kernel *k)
{
	struct dmasim_event *e;

	assert_int_equal(dmasim_event_create(k, "event", &e), DMASIM_OK);
	return e;
}

#endif
