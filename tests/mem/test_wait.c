/* SPDX-License-Identifier: MIT */
/* Waiting for transactions: in a process, outside, in a callback. */
#include "check.h"

#include <stdlib.h>

#include "dmasim/txn.h"

#define HELD 8u

/* A target that completes what it is given after a while, or never. */
struct target {
	struct dmasim_kernel *k;
	uint32_t actor;
	uint64_t delay; /**< 0: at once; DMASIM_FOREVER: never */
	struct dmasim_txn *held[HELD];
	unsigned count;
	enum dmasim_result result;
};

struct rig {
	struct dmasim_kernel *k;
	struct target t;
	struct dmasim_port port;
	uint32_t actor;
	int status[4];
	uint8_t seen[4];
	uint64_t when[4];
	struct dmasim_proc *proc;
	uint64_t hold;
};

static enum dmasim_result work(struct target *t, struct dmasim_txn *txn)
{
	if (txn->op == DMASIM_READ)
		memset(txn->data, 0x42, txn->size);
	if (txn->op == DMASIM_ATOMIC_CAS)
		txn->data[0] = (uint8_t)(txn->data[0] + txn->data[txn->size]);
	txn->latency += 11;
	return t->result;
}

static void target_call(void *obj, uint32_t op, uint64_t arg)
{
	struct target *t = obj;
	struct dmasim_txn *txn = t->held[arg];

	(void)op;
	dmasim_complete(t->k, txn, work(t, txn), 0);
}

static enum dmasim_result target_access(void *obj, struct dmasim_txn *txn)
{
	struct target *t = obj;
	struct dmasim_call call = {.actor = t->actor, .arg = t->count % HELD};

	if (!t->delay)
		return work(t, txn);
	t->held[t->count++ % HELD] = txn;
	if (t->delay != DMASIM_FOREVER)
		dmasim_call_at(t->k, dmasim_now(t->k) + t->delay, 0, &call,
		               NULL);
	return DMASIM_TXN_PENDING;
}

static void master_call(void *obj, uint32_t op, uint64_t arg)
{
	struct rig *r = obj;
	uint8_t data[4];
	struct dmasim_txn txn = {.op = DMASIM_READ, .size = 4, .data = data};

	(void)op;
	r->status[arg] = dmasim_access_wait(r->k, &r->port, &txn);
	r->seen[arg] = data[0];
}

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));

	*state = r;
	if (!r || dmasim_kernel_create(NULL, &r->k))
		return -1;
	r->t.k = r->k;
	r->port = (struct dmasim_port){target_access, &r->t};
	return dmasim_actor_register(r->k, "target", target_call, &r->t,
	                             &r->t.actor) ||
	       dmasim_actor_register(r->k, "master", master_call, r, &r->actor);
}

static int teardown(void **state)
{
	struct rig *r = *state;

	dmasim_kernel_destroy(r->k);
	free(r);
	return 0;
}

static void at_once(void **state)
{
	struct rig *r = *state;
	uint8_t data[4] = {0};
	struct dmasim_txn txn = {.op = DMASIM_READ, .size = 4, .data = data};

	assert_int_equal(dmasim_access_wait(r->k, &r->port, &txn), DMASIM_OK);
	assert_int_equal(txn.result, DMASIM_TXN_OK);
	assert_int_equal(txn.latency, 11);
	assert_ptr_equal(txn.data, data);
	assert_int_equal(data[3], 0x42);
	/* A fault is a result, not an error. */
	r->t.result = DMASIM_TXN_ABORT;
	assert_int_equal(dmasim_access_wait(r->k, &r->port, &txn), DMASIM_OK);
	assert_int_equal(txn.result, DMASIM_TXN_ABORT);
}

static void outside_a_run(void **state)
{
	struct rig *r = *state;
	uint8_t data[300] = {0};
	struct dmasim_txn txn = {.op = DMASIM_READ, .size = 300, .data = data};

	r->t.delay = 50;
	for (unsigned i = 1; i <= 3; i++) {
		memset(data, 0, sizeof(data));
		txn.latency = 0;
		assert_int_equal(dmasim_access_wait(r->k, &r->port, &txn),
		                 DMASIM_OK);
		assert_int_equal(txn.result, DMASIM_TXN_OK);
		assert_int_equal(data[299], 0x42);
		assert_int_equal(dmasim_now(r->k), 50 * i);
		/* What went down was a copy. */
		assert_ptr_not_equal(r->t.held[i - 1], &txn);
	}
}

static void compare_and_swap_carries_both_operands(void **state)
{
	struct rig *r = *state;
	uint8_t data[16] = {3};
	struct dmasim_txn txn = {
	        .op = DMASIM_ATOMIC_CAS, .size = 8, .data = data};

	data[8] = 4;
	r->t.delay = 1;
	assert_int_equal(dmasim_access_wait(r->k, &r->port, &txn), DMASIM_OK);
	assert_int_equal(data[0], 7);
	assert_int_equal(data[8], 4);
	/* Writes do not come back. */
	txn.op = DMASIM_WRITE;
	assert_int_equal(dmasim_access_wait(r->k, &r->port, &txn), DMASIM_OK);
	assert_int_equal(data[0], 7);
	/* No data at all. */
	txn = (struct dmasim_txn){.op = DMASIM_CLEAN, .size = 64};
	assert_int_equal(dmasim_access_wait(r->k, &r->port, &txn), DMASIM_OK);
	assert_null(txn.data);
}

static void nothing_left_to_run(void **state)
{
	struct rig *r = *state;
	uint8_t data[4] = {0};
	struct dmasim_txn txn = {.op = DMASIM_READ, .size = 4, .data = data};

	r->t.delay = DMASIM_FOREVER;
	assert_int_equal(dmasim_access_wait(r->k, &r->port, &txn),
	                 DMASIM_E_HANG);
	/* The late completion finds nobody, and hurts nobody. */
	memset(&txn, 0xee, sizeof(txn));
	target_call(&r->t, 0, 0);
	assert_int_equal(dmasim_run_idle(r->k, DMASIM_FOREVER), DMASIM_OK);
	assert_int_equal(data[0], 0);
	/* Its place is used again. */
	txn = (struct dmasim_txn){.op = DMASIM_READ, .size = 4, .data = data};
	r->t.delay = 5;
	assert_int_equal(dmasim_access_wait(r->k, &r->port, &txn), DMASIM_OK);
	assert_int_equal(data[0], 0x42);
	assert_ptr_equal(r->t.held[0], r->t.held[1]);
}

static void in_a_callback(void **state)
{
	struct rig *r = *state;
	struct dmasim_call call = {.actor = r->actor};

	/* What answers at once is fine there. */
	assert_int_equal(dmasim_call_at(r->k, 1, 0, &call, NULL), DMASIM_OK);
	assert_int_equal(dmasim_run_idle(r->k, DMASIM_FOREVER), DMASIM_OK);
	assert_int_equal(r->status[0], DMASIM_OK);
	assert_int_equal(r->seen[0], 0x42);
	r->t.delay = 10;
	call.arg = 1;
	assert_int_equal(dmasim_call_at(r->k, 2, 0, &call, NULL), DMASIM_OK);
	assert_int_equal(dmasim_run_idle(r->k, DMASIM_FOREVER), DMASIM_OK);
	assert_int_equal(r->status[1], DMASIM_E_STATE);
}

static void reader(void *arg)
{
	struct rig *r = arg;

	for (unsigned i = 0; i < 2; i++) {
		uint8_t data[4] = {0};
		struct dmasim_txn txn = {
		        .op = DMASIM_READ, .size = 4, .data = data};

		r->status[i] = dmasim_access_wait(r->k, &r->port, &txn);
		r->seen[i] = data[0];
		r->when[i] = dmasim_now(r->k);
	}
}

static void second_reader(void *arg)
{
	struct rig *r = arg;
	uint8_t data[4] = {0};
	struct dmasim_txn txn = {.op = DMASIM_READ, .size = 4, .data = data};

	dmasim_wait(r->k, 5);
	r->status[2] = dmasim_access_wait(r->k, &r->port, &txn);
	r->seen[2] = data[0];
	r->when[2] = dmasim_now(r->k);
}

static void in_processes(void **state)
{
	struct rig *r = *state;

	r->t.delay = 20;
	assert_int_equal(dmasim_spawn(r->k,
	                              &(struct dmasim_proc_config){.name = "a",
	                                                           .fn = reader,
	                                                           .arg = r},
	                              NULL),
	                 DMASIM_OK);
	assert_int_equal(
	        dmasim_spawn(r->k,
	                     &(struct dmasim_proc_config){.name = "b",
	                                                  .fn = second_reader,
	                                                  .arg = r},
	                     NULL),
	        DMASIM_OK);
	assert_int_equal(dmasim_run_idle(r->k, DMASIM_FOREVER), DMASIM_OK);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(r->status[i], DMASIM_OK);
		assert_int_equal(r->seen[i], 0x42);
	}
	assert_int_equal(r->when[0], 20);
	assert_int_equal(r->when[1], 40);
	assert_int_equal(r->when[2], 25);
}

static void canceled(void **state)
{
	struct rig *r = *state;
	struct dmasim_proc *p;

	r->t.delay = 100;
	assert_int_equal(dmasim_spawn(r->k,
	                              &(struct dmasim_proc_config){.name = "a",
	                                                           .fn = reader,
	                                                           .arg = r},
	                              &p),
	                 DMASIM_OK);
	assert_int_equal(dmasim_run_until(r->k, 10), DMASIM_OK);
	dmasim_proc_cancel(p);
	assert_int_equal(dmasim_run_until(r->k, 20), DMASIM_OK);
	assert_true(dmasim_proc_done(p));
	assert_int_equal(r->status[0], DMASIM_E_CANCELED);
	assert_int_equal(r->status[1], DMASIM_E_CANCELED);
	/* The target completes a transaction whose stack is gone. */
	assert_int_equal(dmasim_run_idle(r->k, DMASIM_FOREVER), DMASIM_OK);
	assert_int_equal(r->seen[0], 0);
}

static void destroyed_while_waiting(void **state)
{
	struct rig *r = *state;

	r->t.delay = DMASIM_FOREVER;
	assert_int_equal(dmasim_spawn(r->k,
	                              &(struct dmasim_proc_config){.name = "a",
	                                                           .fn = reader,
	                                                           .arg = r},
	                              NULL),
	                 DMASIM_OK);
	assert_int_equal(dmasim_run_idle(r->k, DMASIM_FOREVER), DMASIM_OK);
	dmasim_kernel_destroy(r->k);
	assert_int_equal(r->status[0], DMASIM_E_CANCELED);
	assert_int_equal(dmasim_kernel_create(NULL, &r->k), DMASIM_OK);
}

/* The waiter itself: places that are kept and reused. */
static void waiter(void **state)
{
	struct rig *r = *state;
	struct dmasim_waiter *w = dmasim_waiter_of(r->k);
	struct dmasim_txn *txn[20], *big;

	assert_non_null(w);
	assert_ptr_equal(dmasim_waiter_of(r->k), w);
	for (unsigned i = 0; i < 20; i++) {
		txn[i] = dmasim_waiter_get(w, i);
		assert_non_null(txn[i]);
		if (i)
			assert_non_null(txn[i]->data);
		else
			assert_null(txn[i]->data);
		for (unsigned j = 0; j < i; j++)
			assert_ptr_not_equal(txn[i], txn[j]);
	}
	for (unsigned i = 0; i < 20; i++)
		dmasim_waiter_put(w, txn[i]);
	big = dmasim_waiter_get(w, 1 << 20);
	assert_non_null(big);
	memset(big->data, 1, 1 << 20);
	dmasim_waiter_put(w, big);
	assert_ptr_equal(dmasim_waiter_get(w, 2 << 20), big);
	memset(big->data, 1, 2 << 20);
	dmasim_waiter_put(w, big);
}

/* Completions that no waiter asked for: of a restored heap, or a second one
 * for the same access. */
static void strange_completions(void **state)
{
	struct rig *r = *state;
	struct dmasim_waiter *w = dmasim_waiter_of(r->k);
	struct dmasim_txn *txn = dmasim_waiter_get(w, 4);
	struct dmasim_call call = txn->done;

	/* Nobody waits for it now. */
	assert_int_equal(dmasim_call_at(r->k, 1, 0, &call, NULL), DMASIM_OK);
	call.arg += UINT64_C(1) << 32;
	assert_int_equal(dmasim_call_at(r->k, 1, 0, &call, NULL), DMASIM_OK);
	call.arg = 1000;
	assert_int_equal(dmasim_call_at(r->k, 1, 0, &call, NULL), DMASIM_OK);
	assert_int_equal(dmasim_run_idle(r->k, DMASIM_FOREVER), DMASIM_OK);
	txn->op = DMASIM_WRITE;
	txn->size = 4;
	assert_int_equal(dmasim_waiter_access(w, &r->port, txn), DMASIM_OK);
	dmasim_waiter_put(w, txn);
	/* One of an earlier use does not end a later wait in the same place. */
	call = txn->done;
	txn = dmasim_waiter_get(w, 4);
	txn->op = DMASIM_READ;
	txn->size = 4;
	txn->data[0] = 0;
	r->t.delay = 50;
	assert_int_equal(
	        dmasim_call_at(r->k, dmasim_now(r->k) + 1, 0, &call, NULL),
	        DMASIM_OK);
	assert_int_equal(dmasim_waiter_access(w, &r->port, txn), DMASIM_OK);
	assert_int_equal(dmasim_now(r->k), 51);
	assert_int_equal(txn->data[0], 0x42);
	dmasim_waiter_put(w, txn);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static const struct CMUnitTest tests[] = {
        TEST(at_once),
        TEST(outside_a_run),
        TEST(compare_and_swap_carries_both_operands),
        TEST(nothing_left_to_run),
        TEST(in_a_callback),
        TEST(in_processes),
        TEST(canceled),
        TEST(destroyed_while_waiting),
        TEST(waiter),
        TEST(strange_completions),
};

CHECK_MAIN(tests)
