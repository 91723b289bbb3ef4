/* SPDX-License-Identifier: MIT */
/*
 * SystemC finds no room for a stack. This program's mmap() stands before the
 * C library's, for libsystemc too.
 */
#define _GNU_SOURCE
#include "fixture.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Stacks are made as long as this is positive; each is asked for twice, by
 * the back end and by SystemC. */
static int stacks = 1000;

__attribute__((visibility("default"))) void *
mmap(void *addr, size_t size, int prot, int flags, int fd, off_t offset)
{
	/* Nothing else maps as much as the stacks of this test. */
	if (size >= (32u << 20) && size < (40u << 20) && stacks-- <= 0) {
		errno = ENOMEM;
		return MAP_FAILED;
	}
	return (void *)syscall(SYS_mmap, addr, size, prot, flags, fd, offset);
}

struct owner {
	struct dmasim_kernel *k;
	unsigned ended;
};

static void owner(void *arg)
{
	struct owner *o = arg;
	char *memory = malloc(100);

	memory[0] = 1;
	dmasim_wait(o->k, 100);
	o->ended += (unsigned)memory[0];
	free(memory);
}

static int spawn(struct owner *o)
{
	return dmasim_spawn(
	        o->k,
	        &(struct dmasim_proc_config){.name = "owner",
	                                     .fn = owner,
	                                     .arg = o,
	                                     .stack_size = 33u << 20},
	        NULL);
}

/* Before the first run, where SystemC would make the stacks too late. */
static void spawn_fails_and_what_lives_goes_on(void **state)
{
	struct owner o = {.k = new_kernel()};

	(void)state;
	stacks = 6;
	for (int i = 0; i < 3; i++)
		assert_int_equal(spawn(&o), DMASIM_OK);
	assert_int_equal(spawn(&o), DMASIM_E_NOMEM);
	assert_int_equal(spawn(&o), DMASIM_E_NOMEM);
	assert_int_equal(dmasim_live_processes(o.k), 3);
	assert_int_equal(dmasim_run_until(o.k, 200), DMASIM_OK);
	assert_int_equal(o.ended, 3);
	/* Stacks of processes that ended are used again. */
	for (int i = 0; i < 3; i++)
		assert_int_equal(spawn(&o), DMASIM_OK);
	assert_int_equal(spawn(&o), DMASIM_E_NOMEM);
	assert_int_equal(dmasim_run_until(o.k, 250), DMASIM_OK);
	dmasim_kernel_destroy(o.k);
	assert_int_equal(o.ended, 6);
	stacks = 1000;
}

struct nested {
	struct owner o;
	int first, second;
};

static void spawner(void *obj, uint32_t op, uint64_t arg)
{
	struct nested *n = obj;

	(void)op;
	(void)arg;
	stacks = 2;
	n->first = spawn(&n->o);
	n->second = spawn(&n->o);
}

static void spawn_fails_inside_a_run(void **state)
{
	struct nested n = {.o.k = new_kernel()};
	uint32_t actor = new_actor(n.o.k, "spawner", spawner, &n);

	(void)state;
	assert_int_equal(dmasim_call_at(n.o.k, 5, 0,
	                                &(struct dmasim_call){.actor = actor},
	                                NULL),
	                 DMASIM_OK);
	assert_int_equal(dmasim_run_idle(n.o.k, DMASIM_FOREVER), DMASIM_OK);
	assert_int_equal(n.first, DMASIM_OK);
	assert_int_equal(n.second, DMASIM_E_NOMEM);
	assert_int_equal(n.o.ended, 1);
	dmasim_kernel_destroy(n.o.k);
	stacks = 1000;
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(spawn_fails_and_what_lives_goes_on),
        cmocka_unit_test(spawn_fails_inside_a_run),
};

CHECK_MAIN(tests)
