/* SPDX-License-Identifier: MIT */
/* The bus of dma-ranges, in front of a port that may keep an access. */
#include <stdlib.h>

#include "check.h"
#include "plat_internal.h"

/** Memory below: remembers what came, and answers at once or later. */
struct below {
	struct dmasim_kernel *kernel;
	bool pend;
	enum dmasim_result answer;
	struct dmasim_txn *kept;
	uint64_t addr;
	unsigned count;
};

static enum dmasim_result below_access(void *obj, struct dmasim_txn *txn)
{
	struct below *b = obj;

	b->count++;
	b->addr = txn->addr;
	txn->latency += 7;
	if (!b->pend || !txn->done.actor)
		return b->answer;
	b->kept = txn;
	return DMASIM_TXN_PENDING;
}

struct bench {
	struct below below;
	struct dmasim_kernel *k;
	struct plat_window *w;
	struct dmasim_port port;
	uint8_t data[64];
	struct dmasim_txn txn;
};

static void start(struct bench *b)
{
	struct dmasim_port down = {below_access, &b->below};

	memset(b, 0, sizeof(*b));
	assert_int_equal(dmasim_kernel_create(NULL, &b->k), DMASIM_OK);
	b->below.kernel = b->k;
	assert_int_equal(plat_window_create(b->k, "bus", &b->w), DMASIM_OK);
	b->port = plat_window_port(b->w, &down, 0x80000000, 0xffff);
	b->txn = (struct dmasim_txn){
	        .op = DMASIM_READ, .addr = 0x100, .size = 16, .data = b->data};
}

static void end(struct bench *b)
{
	plat_window_destroy(b->w);
	dmasim_kernel_destroy(b->k);
}

static void adds_the_offset(void **state)
{
	struct bench b;

	(void)state;
	start(&b);
	assert_int_equal(dmasim_access(&b.port, &b.txn), DMASIM_TXN_OK);
	assert_int_equal(b.below.addr, 0x80000100);
	/* The master's own transaction is as it was. */
	assert_int_equal(b.txn.addr, 0x100);
	assert_int_equal(b.txn.latency, 7);
	assert_false(plat_window_busy(b.w));
	end(&b);
}

static void ends_at_the_limit(void **state)
{
	static const struct {
		uint64_t addr;
		uint32_t size;
		enum dmasim_result want;
	} cases[] = {
	        {0xfff0, 16, DMASIM_TXN_OK},
	        {0xffff, 1, DMASIM_TXN_OK},
	        {0xfff0, 17, DMASIM_TXN_DECODE},
	        {0x10000, 1, DMASIM_TXN_DECODE},
	        {UINT64_MAX, 1, DMASIM_TXN_DECODE},
	        {0, 0x10000, DMASIM_TXN_OK},
	        {1, 0x10000, DMASIM_TXN_DECODE},
	};
	struct bench b;

	(void)state;
	start(&b);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		b.txn.addr = cases[i].addr;
		b.txn.size = cases[i].size;
		assert_int_equal(dmasim_access(&b.port, &b.txn), cases[i].want);
	}
	assert_int_equal(b.below.count, 3);
	end(&b);
}

static void passes_faults_and_barriers(void **state)
{
	struct bench b;

	(void)state;
	start(&b);
	b.below.answer = DMASIM_TXN_ABORT;
	assert_int_equal(dmasim_access(&b.port, &b.txn), DMASIM_TXN_ABORT);
	b.below.answer = DMASIM_TXN_OK;
	b.txn = (struct dmasim_txn){.op = DMASIM_BARRIER, .addr = UINT64_MAX};
	assert_int_equal(dmasim_access(&b.port, &b.txn), DMASIM_TXN_OK);
	assert_int_equal(b.below.count, 2);
	end(&b);
}

struct completer {
	uint64_t seen[3];
	unsigned done;
};

static void complete_kept(void *obj, uint32_t op, uint64_t arg)
{
	struct bench *b = obj;

	(void)op;
	(void)arg;
	dmasim_complete(b->k, b->below.kept, DMASIM_TXN_SLAVE, 0);
}

static void waits_for_pending(void **state)
{
	struct bench b;
	uint32_t actor;

	(void)state;
	start(&b);
	b.below.pend = true;
	assert_int_equal(
	        dmasim_actor_register(b.k, "later", complete_kept, &b, &actor),
	        DMASIM_OK);
	assert_int_equal(dmasim_call_at(b.k, 500, 0,
	                                &(struct dmasim_call){.actor = actor},
	                                NULL),
	                 DMASIM_OK);
	assert_int_equal(dmasim_access_wait(b.k, &b.port, &b.txn), DMASIM_OK);
	assert_int_equal(b.txn.result, DMASIM_TXN_SLAVE);
	assert_int_equal(b.txn.addr, 0x100);
	assert_int_equal(b.txn.latency, 7);
	assert_int_equal(dmasim_now(b.k), 500);
	assert_false(plat_window_busy(b.w));
	end(&b);
}

static void count_done(void *obj, uint32_t op, uint64_t arg)
{
	struct completer *c = obj;

	(void)op;
	if (c->done < 3)
		c->seen[c->done] = arg;
	c->done++;
}

static void several_pending_out_of_order(void **state)
{
	struct completer c = {0};
	struct dmasim_txn txn[3], *kept[3];
	uint8_t data[3][4];
	struct bench b;
	uint32_t actor;

	(void)state;
	start(&b);
	b.below.pend = true;
	assert_int_equal(
	        dmasim_actor_register(b.k, "master", count_done, &c, &actor),
	        DMASIM_OK);
	for (unsigned i = 0; i < 3; i++) {
		txn[i] = (struct dmasim_txn){
		        .op = DMASIM_WRITE,
		        .addr = i * 4,
		        .size = 4,
		        .data = data[i],
		        .done = {.actor = actor, .arg = i},
		};
		assert_int_equal(dmasim_access(&b.port, &txn[i]),
		                 DMASIM_TXN_PENDING);
		kept[i] = b.below.kept;
	}
	assert_true(plat_window_busy(b.w));
	dmasim_complete(b.k, kept[1], DMASIM_TXN_OK, 0);
	dmasim_complete(b.k, kept[2], DMASIM_TXN_ABORT, 0);
	assert_int_equal(dmasim_run_idle(b.k, DMASIM_FOREVER), DMASIM_OK);
	assert_int_equal(c.done, 2);
	assert_int_equal(c.seen[0], 1);
	assert_int_equal(c.seen[1], 2);
	assert_int_equal(txn[1].result, DMASIM_TXN_OK);
	assert_int_equal(txn[2].result, DMASIM_TXN_ABORT);
	/* The first is never completed: the window frees what it holds. */
	assert_true(plat_window_busy(b.w));
	end(&b);
}

static void master_that_cannot_wait(void **state)
{
	struct bench b;

	(void)state;
	start(&b);
	b.below.pend = true;
	assert_int_equal(dmasim_access(&b.port, &b.txn), DMASIM_TXN_OK);
	assert_false(plat_window_busy(NULL));
	plat_window_destroy(NULL);
	end(&b);
}

/** A saved heap may hold anything. */
static void completion_of_nothing(void **state)
{
	struct bench b;
	struct dmasim_call call = {.arg = 77};

	(void)state;
	start(&b);
	call.actor = dmasim_actor_find(b.k, "bus");
	assert_int_equal(dmasim_call_at(b.k, 1, 0, &call, NULL), DMASIM_OK);
	assert_int_equal(dmasim_run_idle(b.k, DMASIM_FOREVER), DMASIM_OK);
	end(&b);
}

static void name_used_twice(void **state)
{
	struct plat_window *w;
	struct bench b;

	(void)state;
	start(&b);
	assert_int_equal(plat_window_create(b.k, "bus", &w), DMASIM_E_EXISTS);
	end(&b);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_the_offset),
        cmocka_unit_test(ends_at_the_limit),
        cmocka_unit_test(passes_faults_and_barriers),
        cmocka_unit_test(waits_for_pending),
        cmocka_unit_test(several_pending_out_of_order),
        cmocka_unit_test(master_that_cannot_wait),
        cmocka_unit_test(completion_of_nothing),
        cmocka_unit_test(name_used_twice),
};

CHECK_MAIN(tests)
