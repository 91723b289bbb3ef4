/* SPDX-License-Identifier: MIT */
#include "testdev_bench.h"
#include "testdev_internal.h"

static void identity_and_reset_values(void **state)
{
	struct td_bench *tb = *state;

	assert_int_equal(rd(&tb->b, cfg_addr(BDF, 0), 4), 0x00051b36);
	assert_int_equal(dmasim_pci_bdf(dmasim_testdev_function(tb->t)), BDF);
	for (unsigned r = 0; r < 0x100; r += 4)
		if (r != RESULT && r != TRIGGER)
			assert_int_equal(get(tb, r), 0);
	assert_int_equal(get(tb, RESULT), 0xffffffff);
	assert_int_equal(get(tb, TRIGGER), 0);
	assert_int_equal(get(tb, RESULT), 0xdead0006);
}

static void writable_bits_of_registers(void **state)
{
	struct td_bench *tb = *state;
	static const struct {
		unsigned reg;
		uint32_t mask;
	} rows[] = {
	        {IOVA, 0xffffffff},
	        {IOVA + 4, 0xffffffff},
	        {LENGTH, 0xffffffff},
	        {DOORBELL, 1},
	        {ATTRS, 0xffffffff},
	        {PHYS, 0xffffffff},
	        {PHYS + 4, 0xffffffff},
	        {0x24, 0},
	        {0x3c, 0},
	        {OP, 0xffffffff},
	        {FLAGS, 0xff},
	        {STREAM, 0xffffffff},
	        {SUBSTREAM, 0xfffff},
	        {ATTRIBUTE, 0x3ff},
	        {BUS_RESULT, 0},
	        {LATENCY, 0},
	        {LATENCY + 4, 0},
	        {0x60, 0},
	        {0x64, 3},
	        {0x68, 0},
	        {0x70, 0},
	        {0x7c, 0},
	        {0x80, 0},
	        {0xffc, 0},
	        {DATA, 0xffffffff},
	        {DATA + 0xffc, 0xffffffff},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		set(tb, rows[i].reg, 0xffffffff);
		assert_int_equal(get(tb, rows[i].reg), rows[i].mask);
		set(tb, rows[i].reg, 0);
		assert_int_equal(get(tb, rows[i].reg), 0);
	}
	set(tb, RESULT, 5);
	assert_int_equal(get(tb, RESULT), 0xffffffff);
}

static void register_access_sizes(void **state)
{
	struct td_bench *tb = *state;
	uint64_t v = 0;

	assert_int_equal(probe(&tb->b, REGS + RESULT, 1), DMASIM_TXN_SLAVE);
	assert_int_equal(probe(&tb->b, REGS + RESULT, 8), DMASIM_TXN_SLAVE);
	assert_int_equal(probe(&tb->b, REGS + RESULT + 2, 4), DMASIM_TXN_SLAVE);
	assert_int_equal(probe(&tb->b, REGS + DATA, 3), DMASIM_TXN_SLAVE);
	assert_int_equal(probe(&tb->b, REGS + DATA + 4, 8), DMASIM_TXN_SLAVE);
	assert_int_equal(bus(&tb->b, DMASIM_ATOMIC_ADD, REGS + DATA, 4, &v),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(bus(&tb->b, DMASIM_CLEAN, REGS, 64, &v),
	                 DMASIM_TXN_OK);
	wr(&tb->b, REGS + DATA + 8, 8, 0x1122334455667788);
	assert_int_equal(rd(&tb->b, REGS + DATA + 9, 1), 0x77);
	assert_int_equal(rd(&tb->b, REGS + DATA + 0xa, 2), 0x5566);
}

static void nothing_lies_behind_the_bar(void **state)
{
	struct td_bench *tb = *state;
	uint8_t d[4];
	struct dmasim_txn x = {.op = DMASIM_READ,
	                       .offset = TESTDEV_BAR_SIZE,
	                       .size = 4,
	                       .data = d};

	assert_int_equal(testdev_bar_access(tb->t, 0, &x), DMASIM_TXN_SLAVE);
}

static void pattern_is_written_and_read_back(void **state)
{
	struct td_bench *tb = *state;

	set(tb, PHYS, RAM + 3);
	assert_int_equal(run(tb, 0, RAM + 3, 7), 0);
	assert_int_equal(rd(&tb->b, RAM, 8), 0x7812345678000000);
	assert_int_equal(tb->b.spy.count, 2);
	assert_int_equal(tb->b.spy.log[0].stream_id, BDF);
	assert_int_equal(get(tb, BUS_RESULT), DMASIM_TXN_OK);
	/* Read back from elsewhere: the data differ. */
	set(tb, PHYS, RAM + 0x1000);
	assert_int_equal(run(tb, 0, RAM, 4), 0xdead0005);
	set(tb, PHYS, 0);
	assert_int_equal(run(tb, 0, RAM, 4), 0xdead0004);
	set(tb, PHYS, RAM);
	set(tb, PHYS + 4, 1);
	assert_int_equal(run(tb, 0, RAM, 4), 0xdead0004);
	assert_int_equal(run(tb, 0, 0x1000, 4), 0xdead0002);
	assert_int_equal(get(tb, BUS_RESULT), DMASIM_TXN_DECODE);
}

static void reads_and_writes_of_every_size(void **state)
{
	struct td_bench *tb = *state;
	static const uint32_t sizes[] = {1,    2,    3,    8,    64,
	                                 4095, 4096, 4097, 65536};
	uint8_t *out = malloc(65536), *in = malloc(65536);

	for (uint32_t i = 0; i < 4096; i += 4) {
		uint32_t v = i * 2654435761u;

		set(tb, DATA + i, v);
		memcpy(&out[i], &v, 4);
	}
	for (uint32_t i = 4096; i < 65536; i++)
		out[i] = out[i % 4096];
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		uint32_t n = sizes[i];

		assert_int_equal(run(tb, 2, RAM + 0x1fff, n), 0);
		assert_int_equal(
		        dmasim_map_peek(tb->b.map, RAM + 0x1fff, in, n),
		        DMASIM_OK);
		assert_memory_equal(in, out, n);
	}
	for (uint32_t i = 0; i < 4096; i += 4)
		set(tb, DATA + i, 0);
	assert_int_equal(run(tb, 1, RAM + 0x1fff, 5), 0);
	assert_int_equal(rd(&tb->b, REGS + DATA, 8) & 0xffffffffff,
	                 rd(&tb->b, REGS + DATA, 8));
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(rd(&tb->b, REGS + DATA + i, 1), out[i]);
	assert_int_equal(run(tb, 1, RAM + 0x1fff, 65536), 0);
	for (uint32_t i = 0; i < 4096; i++)
		assert_int_equal(rd(&tb->b, REGS + DATA + i, 1), out[i]);
	assert_int_equal(run(tb, 1, 0x10, 4), 0xdead0003);
	assert_int_equal(run(tb, 2, 0x10, 4), 0xdead0002);
	free(out);
	free(in);
}

static void bad_lengths_and_operations(void **state)
{
	struct td_bench *tb = *state;

	assert_int_equal(run(tb, 1, RAM, 0), 0xdead0001);
	assert_int_equal(run(tb, 1, RAM, 65537), 0xdead0001);
	assert_int_equal(run(tb, 0, RAM, 0xffffffff), 0xdead0001);
	assert_int_equal(run(tb, 3, RAM, 3), 0xdead0001);
	assert_int_equal(run(tb, 8, RAM, 16), 0xdead0001);
	assert_int_equal(run(tb, 9, RAM, 4), 0xdead0007);
	assert_int_equal(run(tb, 0xffffffff, RAM, 4), 0xdead0007);
	assert_int_equal(tb->b.spy.count, 0);
	/* Each needs to be armed anew. */
	assert_int_equal(get(tb, TRIGGER), 0);
	assert_int_equal(get(tb, RESULT), 0xdead0006);
	set(tb, DOORBELL, 1);
	set(tb, DOORBELL, 0);
	assert_int_equal(get(tb, RESULT), 0xffffffff);
}

static void atomics_of_every_kind(void **state)
{
	struct td_bench *tb = *state;
	static const struct {
		uint32_t op;
		uint32_t expect;
	} rows[] = {
	        {3, 0x0f},          /* SWAP */
	        {4, 0xff0f + 0x0f}, /* ADD */
	        {5, 0xff0f},        /* SET */
	        {6, 0xff00},        /* CLR */
	        {7, 0xff00},        /* EOR */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		wr(&tb->b, RAM, 4, 0xff0f);
		set(tb, DATA, 0x0f);
		assert_int_equal(run(tb, rows[i].op, RAM, 4), 0);
		assert_int_equal(get(tb, DATA), 0xff0f);
		assert_int_equal(rd(&tb->b, RAM, 4), rows[i].expect);
	}
	wr(&tb->b, RAM, 8, 77);
	wr(&tb->b, REGS + DATA, 8, 5);      /* operand */
	wr(&tb->b, REGS + DATA + 8, 8, 77); /* comparand */
	assert_int_equal(run(tb, 8, RAM, 8), 0);
	assert_int_equal(rd(&tb->b, RAM, 8), 5);
	assert_int_equal(rd(&tb->b, REGS + DATA, 8), 77);
	wr(&tb->b, REGS + DATA, 8, 6);
	assert_int_equal(run(tb, 8, RAM, 8), 0);
	assert_int_equal(rd(&tb->b, RAM, 8), 5);
	assert_int_equal(run(tb, 3, 0x10, 1), 0xdead0002);
	assert_int_equal(run(tb, 3, RAM + 1, 2), 0);
}

static void flags_and_identity_of_the_access(void **state)
{
	struct td_bench *tb = *state;

	set(tb, STREAM, 0x1234);
	set(tb, SUBSTREAM, 0x55);
	run(tb, 1, RAM, 4);
	assert_int_equal(tb->seen.flags, 0);
	assert_int_equal(tb->seen.stream_id, BDF);
	assert_int_equal(tb->seen.initiator, 9);
	assert_int_equal(tb->seen.cause, DMASIM_CAUSE_DMA);
	assert_memory_equal(&tb->seen.attr, &dmasim_attr_wb,
	                    sizeof(dmasim_attr_wb));
	static const uint32_t flags[] = {DMASIM_TXN_PRIVILEGED,
	                                 DMASIM_TXN_INSTRUCTION,
	                                 DMASIM_TXN_NO_SNOOP, DMASIM_TXN_SSV};
	for (unsigned i = 0; i < 4; i++) {
		set(tb, FLAGS, 1u << i);
		run(tb, 1, RAM, 4);
		assert_int_equal(tb->seen.flags, flags[i]);
	}
	assert_int_equal(tb->seen.substream_id, 0x55);
	set(tb, FLAGS, 0x10);
	set(tb, ATTRS, 0xa);
	run(tb, 1, RAM, 4);
	assert_int_equal(tb->seen.stream_id, 0x1234);
	assert_int_equal(tb->seen.flags, 0);
	set(tb, ATTRS, 0xb);
	run(tb, 1, RAM, 4);
	assert_int_equal(tb->seen.flags, DMASIM_TXN_SECURE);
}

static void every_attribute(void **state)
{
	struct td_bench *tb = *state;

	set(tb, FLAGS, 0x20);
	for (uint32_t v = 0; v < 0x400; v++) {
		uint32_t type = v & 15, inner = (v >> 4) & 3,
		         outer = (v >> 6) & 3, share = v >> 8;
		uint32_t r;

		set(tb, ATTRIBUTE, v);
		r = run(tb, 1, RAM, 4);
		if (type > 4 || inner == 3 || outer == 3 || share == 3) {
			assert_int_equal(r, 0xdead0007);
			continue;
		}
		assert_int_equal(r, 0);
		assert_int_equal(tb->seen.attr.type, type);
		if (type != DMASIM_NORMAL) {
			inner = outer = DMASIM_NC;
			share = DMASIM_OSH;
		}
		assert_int_equal(tb->seen.attr.inner, inner);
		assert_int_equal(tb->seen.attr.outer, outer);
		assert_int_equal(tb->seen.attr.share, share);
	}
}

static void bus_master_off(void **state)
{
	struct td_bench *tb = *state;
	enum dmasim_result r = DMASIM_TXN_ABORT;
	uint8_t d[4];
	struct dmasim_testdev_access a = {
	        .addr = RAM, .size = 4, .stream_id = 3, .data = d};

	wr(&tb->b, cfg_addr(BDF, 0x04), 2, 2);
	assert_int_equal(run(tb, 1, RAM, 4), 0xdead0008);
	assert_int_equal(tb->b.spy.count, 0);
	/* The harness does not depend on it. */
	assert_int_equal(dmasim_testdev_dma(tb->t, &a, &r, NULL), DMASIM_OK);
	assert_int_equal(r, DMASIM_TXN_OK);
	assert_int_equal(tb->seen.stream_id, 3);
}

static void pending_access_completes_later(void **state)
{
	struct td_bench *tb = *state;

	tb->b.spy.pend = 5000;
	set(tb, PHYS, RAM);
	assert_int_equal(run(tb, 0, RAM, 8), 0xfffffffe);
	/* Triggers are ignored, and registers may change meanwhile. */
	set(tb, DOORBELL, 1);
	assert_int_equal(get(tb, TRIGGER), 0);
	set(tb, OP, 1);
	assert_int_equal(tb->b.spy.pended, 1);
	assert_int_equal(dmasim_run_until(tb->b.k, 5000), DMASIM_OK);
	assert_int_equal(get(tb, RESULT), 0xfffffffe);
	assert_int_equal(tb->b.spy.pended, 2);
	assert_int_equal(dmasim_run_until(tb->b.k, 20000), DMASIM_OK);
	assert_int_equal(get(tb, RESULT), 0);
	assert_int_equal(rd(&tb->b, RAM, 8), 0x1234567812345678);
	/* A pending read that is refused in the end. */
	set(tb, DOORBELL, 0);
	assert_int_equal(run(tb, 1, 0x1000, 4), 0xfffffffe);
	assert_int_equal(dmasim_run_idle(tb->b.k, 100000), DMASIM_OK);
	assert_int_equal(get(tb, RESULT), 0xdead0003);
}

static void trigger_takes_the_time_of_the_access(void **state)
{
	struct td_bench *tb = *state;
	uint8_t d[4];
	struct dmasim_txn x = {
	        .op = DMASIM_READ, .addr = REGS + RESULT, .size = 4, .data = d};
	uint64_t plain, latency;

	assert_int_equal(dmasim_access(&tb->b.port, &x), DMASIM_TXN_OK);
	plain = x.latency;
	arm(tb, 1, RAM, 4);
	x.latency = 0;
	x.addr = REGS + TRIGGER;
	assert_int_equal(dmasim_access(&tb->b.port, &x), DMASIM_TXN_OK);
	latency = rd(&tb->b, REGS + LATENCY, 4);
	assert_true(latency > 0);
	assert_int_equal(x.latency, plain + latency);
}

static void bad_configurations(void **state)
{
	struct td_bench *tb = *state;
	struct dmasim_testdev_config good = {
	        .kernel = tb->b.k,
	        .host = tb->b.host,
	        .bdf = 16,
	        .dma = tb->memory,
	        .physical = tb->memory,
	};
	struct dmasim_testdev_config c;
	struct dmasim_testdev *t = NULL;

#define BAD(field, value, rc)                                                  \
	c = good;                                                              \
	c.field = value;                                                       \
	assert_int_equal(dmasim_testdev_create(&c, &t), rc)
	BAD(kernel, NULL, DMASIM_E_INVAL);
	BAD(host, NULL, DMASIM_E_INVAL);
	BAD(dma.access, NULL, DMASIM_E_INVAL);
	BAD(physical.access, NULL, DMASIM_E_INVAL);
	BAD(bdf, BDF, DMASIM_E_EXISTS);
	BAD(bdf, 0x4000, DMASIM_E_RANGE);
#undef BAD
	assert_int_equal(dmasim_testdev_create(NULL, &t), DMASIM_E_INVAL);
	assert_int_equal(dmasim_testdev_create(&good, NULL), DMASIM_E_INVAL);
	assert_int_equal(dmasim_testdev_create(&good, &t), DMASIM_OK);
	dmasim_testdev_destroy(t);
	assert_int_equal(rd(&tb->b, cfg_addr(16, 0), 4), 0xffffffff);
	dmasim_testdev_destroy(NULL);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

static const struct CMUnitTest tests[] = {
        CASE(identity_and_reset_values),
        CASE(writable_bits_of_registers),
        CASE(register_access_sizes),
        CASE(nothing_lies_behind_the_bar),
        CASE(pattern_is_written_and_read_back),
        CASE(reads_and_writes_of_every_size),
        CASE(bad_lengths_and_operations),
        CASE(atomics_of_every_kind),
        CASE(flags_and_identity_of_the_access),
        CASE(every_attribute),
        CASE(bus_master_off),
        CASE(pending_access_completes_later),
        CASE(trigger_takes_the_time_of_the_access),
        CASE(bad_configurations),
};

CHECK_MAIN(tests)
