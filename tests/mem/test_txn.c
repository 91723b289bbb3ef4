/* SPDX-License-Identifier: MIT */
/* Attributes, names, atomics and completion of transactions. */
#include "check.h"

#include "dmasim/txn.h"

static void check_name(const struct dmasim_attr *a, const char *expected)
{
	char buf[48];

	assert_ptr_equal(dmasim_attr_name(a, buf, sizeof(buf)), buf);
	assert_string_equal(buf, expected);
}

static void attribute_names(void **state)
{
	struct dmasim_attr a = dmasim_attr_wb;

	(void)state;
	check_name(&dmasim_attr_wb, "Normal WB ISH");
	check_name(&dmasim_attr_wt, "Normal WT ISH");
	check_name(&dmasim_attr_nc, "Normal NC");
	check_name(&dmasim_attr_device, "Device-nGnRE");
	a.outer = DMASIM_NC;
	a.share = DMASIM_NSH;
	check_name(&a, "Normal inner WB outer NC NSH");
	a.outer = DMASIM_WB;
	a.share = DMASIM_OSH;
	check_name(&a, "Normal WB OSH");
	a.share = 7;
	a.inner = 9;
	check_name(&a, "Normal inner ? outer WB ?");
	a = dmasim_attr_device;
	a.type = DMASIM_DEVICE_GRE;
	check_name(&a, "Device-GRE");
	a.type = DMASIM_DEVICE_NGRE;
	check_name(&a, "Device-nGRE");
	a.type = DMASIM_DEVICE_NGNRNE;
	check_name(&a, "Device-nGnRnE");
	a.type = 77;
	check_name(&a, "memory type 77");
}

static void attributes_cacheable(void **state)
{
	struct dmasim_attr a = dmasim_attr_nc;

	(void)state;
	assert_true(dmasim_attr_cacheable(&dmasim_attr_wb));
	assert_true(dmasim_attr_cacheable(&dmasim_attr_wt));
	assert_false(dmasim_attr_cacheable(&dmasim_attr_nc));
	assert_false(dmasim_attr_cacheable(&dmasim_attr_device));
	a.outer = DMASIM_WT;
	assert_true(dmasim_attr_cacheable(&a));
	a.type = DMASIM_DEVICE_GRE;
	assert_false(dmasim_attr_cacheable(&a));
}

static bool mismatch(struct dmasim_attr a, struct dmasim_attr b)
{
	assert_int_equal(dmasim_attr_mismatch(&a, &b),
	                 dmasim_attr_mismatch(&b, &a));
	return dmasim_attr_mismatch(&a, &b);
}

static void attributes_mismatch(void **state)
{
	struct dmasim_attr a = dmasim_attr_wb, nc = dmasim_attr_nc,
	                   dev = dmasim_attr_device;

	(void)state;
	assert_false(mismatch(a, a));
	assert_true(mismatch(a, nc));
	assert_true(mismatch(a, dmasim_attr_wt));
	assert_true(mismatch(a, dev));
	assert_true(mismatch(nc, dev));
	/* Hints do not count. */
	a.alloc = DMASIM_ALLOC_TRANSIENT;
	assert_false(mismatch(a, dmasim_attr_wb));
	a.share = DMASIM_OSH;
	assert_true(mismatch(a, dmasim_attr_wb));
	a = dmasim_attr_wb;
	a.outer = DMASIM_NC;
	assert_true(mismatch(a, dmasim_attr_wb));
	/* Shareability means nothing where nothing is cached. */
	nc.share = DMASIM_NSH;
	assert_false(mismatch(nc, dmasim_attr_nc));
	dev.share = DMASIM_ISH;
	dev.inner = DMASIM_WB;
	assert_false(mismatch(dev, dmasim_attr_device));
	dev.type = DMASIM_DEVICE_GRE;
	assert_true(mismatch(dev, dmasim_attr_device));
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(dmasim_result_name(DMASIM_TXN_OK), "ok");
	assert_string_equal(dmasim_result_name(DMASIM_TXN_ABORT), "abort");
	assert_string_equal(dmasim_result_name((enum dmasim_result)99),
	                    "unknown");
	assert_string_equal(dmasim_op_name(DMASIM_READ), "read");
	assert_string_equal(dmasim_op_name(DMASIM_BARRIER), "barrier");
	assert_string_equal(dmasim_op_name((enum dmasim_op)99), "unknown");
	assert_string_equal(dmasim_cause_name(DMASIM_CAUSE_CPU), "cpu");
	assert_string_equal(dmasim_cause_name(DMASIM_CAUSE_FILL), "fill");
	assert_string_equal(dmasim_cause_name((enum dmasim_cause)99),
	                    "unknown");
	for (unsigned op = 0; op <= DMASIM_CLEAN_INVALIDATE_SW; op++)
		assert_string_not_equal(dmasim_op_name((enum dmasim_op)op),
		                        "unknown");
	assert_string_equal(dmasim_result_name(DMASIM_TXN_EXCLUSIVE_FAIL),
	                    "reservation lost");
}

static void kinds(void **state)
{
	unsigned maintenance = 0, set_way = 0, writes = 0;

	(void)state;
	for (unsigned op = 0; op <= DMASIM_CLEAN_INVALIDATE_SW + 1; op++) {
		maintenance += dmasim_op_is_maintenance((enum dmasim_op)op);
		set_way += dmasim_op_is_set_way((enum dmasim_op)op);
		writes += dmasim_op_writes((enum dmasim_op)op);
	}
	assert_int_equal(maintenance, 8);
	assert_int_equal(set_way, 3);
	assert_int_equal(writes, 7);
	assert_false(dmasim_op_is_maintenance(DMASIM_BARRIER));
	assert_true(dmasim_op_is_maintenance(DMASIM_CLEAN_POU));
	assert_false(dmasim_op_is_set_way(DMASIM_CLEAN_POP));
	assert_true(dmasim_order_acquires(DMASIM_ORDER_ACQUIRE_PC));
	assert_true(dmasim_order_acquires(DMASIM_ORDER_ACQ_REL));
	assert_false(dmasim_order_acquires(DMASIM_ORDER_RELEASE));
	assert_true(dmasim_order_releases(DMASIM_ORDER_RELEASE));
	assert_true(dmasim_order_releases(DMASIM_ORDER_ACQ_REL));
	assert_false(dmasim_order_releases(DMASIM_ORDER_ACQUIRE));
	assert_true(dmasim_barrier_is_dsb(DMASIM_DSB_ST));
	assert_false(dmasim_barrier_is_dsb(DMASIM_DMB));
}

static uint64_t apply(enum dmasim_op op, uint64_t old, uint64_t operand,
                      uint64_t comparand, uint32_t size)
{
	uint8_t mem[8], data[16];
	uint64_t result = 0, before = 0;

	for (uint32_t i = 0; i < size; i++) {
		mem[i] = (uint8_t)(old >> (8 * i));
		data[i] = (uint8_t)(operand >> (8 * i));
		data[size + i] = (uint8_t)(comparand >> (8 * i));
	}
	assert_int_equal(dmasim_atomic_apply(op, mem, data, size), DMASIM_OK);
	for (uint32_t i = 0; i < size; i++) {
		result |= (uint64_t)mem[i] << (8 * i);
		before |= (uint64_t)data[i] << (8 * i);
	}
	assert_true(before ==
	            (size == 8 ? old : old & ((UINT64_C(1) << 8 * size) - 1)));
	return result;
}

static void atomics(void **state)
{
	uint8_t mem[8] = {0}, data[16] = {0};

	(void)state;
	assert_true(apply(DMASIM_ATOMIC_SWAP, 5, 9, 0, 4) == 9);
	assert_true(apply(DMASIM_ATOMIC_ADD, 0xff, 1, 0, 1) == 0);
	assert_true(apply(DMASIM_ATOMIC_ADD, 0xffff, 1, 0, 4) == 0x10000);
	assert_true(apply(DMASIM_ATOMIC_ADD, UINT64_MAX, 2, 0, 8) == 1);
	assert_true(apply(DMASIM_ATOMIC_SET, 0x0f, 0xf1, 0, 2) == 0xff);
	assert_true(apply(DMASIM_ATOMIC_CLR, 0xff, 0x0f, 0, 2) == 0xf0);
	assert_true(apply(DMASIM_ATOMIC_EOR, 0xff, 0x0f, 0, 2) == 0xf0);
	assert_true(apply(DMASIM_ATOMIC_CAS, 7, 8, 7, 8) == 8);
	assert_true(apply(DMASIM_ATOMIC_CAS, 7, 8, 6, 8) == 7);
	assert_int_equal(dmasim_atomic_apply(DMASIM_ATOMIC_ADD, mem, data, 3),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_atomic_apply(DMASIM_ATOMIC_ADD, mem, data, 16),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_atomic_apply(DMASIM_WRITE, mem, data, 4),
	                 DMASIM_E_INVAL);
}

/* What an initialiser gives, whatever was there before. */
static void initial(void **state)
{
	const struct dmasim_txn zero = {.op = DMASIM_READ};
	struct dmasim_txn t;

	(void)state;
	memset(&t, 0xa5, sizeof(t));
	dmasim_txn_init(&t);
	assert_int_equal(t.op, zero.op);
	assert_int_equal(t.cause, zero.cause);
	assert_int_equal(t.order, zero.order);
	assert_int_equal(t.barrier, zero.barrier);
	assert_int_equal(t.flags, zero.flags);
	assert_int_equal(t.initiator, zero.initiator);
	assert_int_equal(t.addr, zero.addr);
	assert_int_equal(t.size, zero.size);
	assert_int_equal(t.stream_id, zero.stream_id);
	assert_int_equal(t.substream_id, zero.substream_id);
	assert_memory_equal(&t.attr, &zero.attr, sizeof(t.attr));
	assert_null(t.data);
	assert_null(t.origin.file);
	assert_int_equal(t.origin.line, zero.origin.line);
	assert_null(t.origin.what);
	assert_memory_equal(&t.po.number, &zero.po.number, 32);
	assert_false(t.po.maybe);
	assert_int_equal(t.origin.queue, zero.origin.queue);
	assert_int_equal(t.origin.request, zero.origin.request);
	assert_int_equal(t.done.actor, zero.done.actor);
	assert_int_equal(t.done.op, zero.done.op);
	assert_int_equal(t.done.arg, zero.done.arg);
	assert_int_equal(t.offset, zero.offset);
	assert_int_equal(t.result, zero.result);
	assert_int_equal(t.latency, zero.latency);
}

struct calls {
	unsigned count;
	uint32_t op;
	uint64_t arg;
};

static void called(void *obj, uint32_t op, uint64_t arg)
{
	struct calls *c = obj;

	c->count++;
	c->op = op;
	c->arg = arg;
}

static void completion(void **state)
{
	struct dmasim_kernel *k;
	struct calls calls = {0};
	struct dmasim_txn txn = {.op = DMASIM_READ};
	uint32_t actor;

	(void)state;
	assert_int_equal(dmasim_kernel_create(NULL, &k), DMASIM_OK);
	assert_int_equal(
	        dmasim_actor_register(k, "master", called, &calls, &actor),
	        DMASIM_OK);
	assert_int_equal(dmasim_complete(k, &txn, DMASIM_TXN_OK, 5),
	                 DMASIM_E_INVAL);
	txn.done = (struct dmasim_call){.actor = actor, .op = 3, .arg = 77};
	assert_int_equal(dmasim_complete(k, &txn, DMASIM_TXN_PENDING, 5),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_complete(k, &txn, DMASIM_TXN_ABORT, 5),
	                 DMASIM_OK);
	assert_int_equal(dmasim_run_until(k, 4), DMASIM_OK);
	assert_int_equal(calls.count, 0);
	assert_int_equal(dmasim_run_until(k, 5), DMASIM_OK);
	assert_int_equal(calls.count, 1);
	assert_int_equal(calls.op, 3);
	assert_int_equal(calls.arg, 77);
	assert_int_equal(txn.result, DMASIM_TXN_ABORT);
	/* A delay beyond the end of time is the end of time. */
	assert_int_equal(dmasim_complete(k, &txn, DMASIM_TXN_OK, UINT64_MAX),
	                 DMASIM_OK);
	assert_true(dmasim_next_time(k) == DMASIM_FOREVER - 1);
	dmasim_kernel_destroy(k);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(attribute_names),
        cmocka_unit_test(attributes_cacheable),
        cmocka_unit_test(attributes_mismatch),
        cmocka_unit_test(names),
        cmocka_unit_test(kinds),
        cmocka_unit_test(atomics),
        cmocka_unit_test(initial),
        cmocka_unit_test(completion),
};

CHECK_MAIN(tests)
