/* SPDX-License-Identifier: MIT */
/* The window: what it takes, what it makes of it, when it is empty. */
#include "cpu_spy.h"

#include "dmasim/cpu_window.h"

#define WB (RIG_WB + 0x3000)
#define NC (RIG_NC + 0x3000)
#define A  (RIG_RAM + 0x3000)

static int spy_setup(void **state)
{
	*state = cpu_spy_new(rig_new(&(struct rig_config){0}),
	                     (struct dmasim_cpu_config){0});
	return 0;
}

static int spy_teardown(void **state)
{
	struct cpu_spy *s = *state;
	struct rig *r = s->rig;

	cpu_spy_free(s);
	rig_free(r);
	return 0;
}

static uint32_t issue(struct cpu_spy *s, struct dmasim_insn in)
{
	uint32_t token = UINT32_MAX;

	in.origin = DMASIM_HERE;
	assert_int_equal(dmasim_cpu_issue(s->cpu, &in, &token), DMASIM_OK);
	return token;
}

static uint32_t load(struct cpu_spy *s, uint64_t va)
{
	return issue(s, (struct dmasim_insn){.va = va, .size = 8});
}

static uint32_t store(struct cpu_spy *s, uint64_t va, uint64_t v)
{
	return issue(s, (struct dmasim_insn){.op = DMASIM_WRITE,
	                                     .va = va,
	                                     .size = 8,
	                                     .value = v});
}

static uint64_t result(struct cpu_spy *s, uint32_t token)
{
	uint64_t v = 77;

	assert_int_equal(dmasim_cpu_result(s->cpu, token, &v), DMASIM_OK);
	return v;
}

/** The tokens that are ready, as a mask. */
static uint64_t ready(struct cpu_spy *s)
{
	uint32_t token[DMASIM_WINDOW];
	uint64_t mask = 0;
	uint32_t n = dmasim_cpu_ready(s->cpu, token, DMASIM_WINDOW);

	for (uint32_t i = 0; i < n; i++)
		mask |= dmasim_token_bit(token[i]);
	return mask;
}

static void perform(struct cpu_spy *s, uint32_t token)
{
	assert_int_equal(dmasim_cpu_perform(s->cpu, token), DMASIM_OK);
}

static void one_by_one(void **state)
{
	struct cpu_spy *s = *state;
	uint32_t w, r, token;
	uint64_t v;

	assert_int_equal(dmasim_cpu_ready(s->cpu, &token, 1), 0);
	assert_int_equal(dmasim_cpu_perform(s->cpu, 0), DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_cpu_retire(s->cpu), DMASIM_OK);
	w = store(s, WB, 5);
	r = load(s, WB + 64);
	assert_int_equal(w, 0);
	assert_int_equal(r, 1);
	assert_int_equal(ready(s), 3);
	assert_int_equal(dmasim_cpu_ready(s->cpu, &token, 1), 1);
	assert_int_equal(token, w);
	assert_int_equal(dmasim_cpu_result(s->cpu, r, &v), DMASIM_E_STATE);
	assert_int_equal(dmasim_cpu_result(s->cpu, 2, &v), DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_cpu_perform(s->cpu, 2), DMASIM_E_NOTFOUND);
	assert_int_equal(s->len, 0);
	perform(s, r);
	assert_int_equal(cpu_spy_last(s, DMASIM_READ)->po.number, 2);
	assert_int_equal(dmasim_cpu_perform(s->cpu, r), DMASIM_E_STATE);
	assert_int_equal(result(s, r), 0);
	perform(s, w);
	assert_int_equal(cpu_spy_last(s, DMASIM_WRITE)->po.number, 1);
	assert_false(cpu_spy_last(s, DMASIM_WRITE)->po.maybe);
	assert_int_equal(result(s, w), 0);
	assert_int_equal(ready(s), 0);
}

static void values(void **state)
{
	struct cpu_spy *s = *state;
	uint32_t a, b, c, cas, sum;

	a = store(s, WB, 0x1122334455667788);
	b = issue(s, (struct dmasim_insn){.va = WB + 2, .size = 2});
	sum = issue(s, (struct dmasim_insn){.op = DMASIM_WRITE,
	                                    .va = WB + 64,
	                                    .size = 4,
	                                    .value = 0x10,
	                                    .data_from = b + 1});
	cas = issue(s, (struct dmasim_insn){.op = DMASIM_ATOMIC_CAS,
	                                    .va = WB,
	                                    .size = 8,
	                                    .value = 9,
	                                    .compare = 0x1122334455667788});
	c = load(s, WB);
	/* Neither data that are not there, nor a store that is not performed
	 * can be had. */
	assert_int_equal(ready(s), dmasim_token_bit(a) | dmasim_token_bit(b));
	perform(s, b);
	assert_int_equal(result(s, b), 0x5566);
	assert_int_equal(ready(s), dmasim_token_bit(a) | dmasim_token_bit(sum));
	assert_int_equal(dmasim_cpu_retire(s->cpu), DMASIM_OK);
	assert_true(result(s, cas) == 0x1122334455667788);
	assert_int_equal(result(s, c), 9);
	assert_int_equal(
	        rig_read(s->rig, &s->rig->core[1], A + 64, &dmasim_attr_wb),
	        0x5576);
	/* Of one that has been performed already. */
	sum = issue(s, (struct dmasim_insn){.op = DMASIM_ATOMIC_ADD,
	                                    .va = WB,
	                                    .size = 8,
	                                    .value = 1,
	                                    .data_from = c + 1});
	perform(s, sum);
	assert_int_equal(result(s, sum), 9);
	c = load(s, WB);
	perform(s, c);
	assert_int_equal(result(s, c), 19);
}

/* Sixty-four in flight; slots are used again, and waiting ones keep what they
 * need of those that are gone. */
static void slots(void **state)
{
	struct cpu_spy *s = *state;
	struct dmasim_insn in = {.va = WB, .size = 8};
	uint32_t first = load(s, WB), token, last;
	uint64_t v;

	last = issue(s, (struct dmasim_insn){.op = DMASIM_WRITE,
	                                     .va = WB + 64,
	                                     .size = 8,
	                                     .value = 4,
	                                     .data_from = first + 1,
	                                     .control_dep = 1});
	for (unsigned i = 2; i < DMASIM_WINDOW; i++)
		load(s, WB + 8 * i + 64);
	assert_int_equal(dmasim_cpu_issue(s->cpu, &in, &token), DMASIM_E_STATE);
	rig_write(s->rig, &s->rig->core[1], A, 3, &dmasim_attr_wb);
	perform(s, first);
	/* Its slot is about to be another's. */
	in.data_dep = dmasim_token_bit(first);
	assert_int_equal(dmasim_cpu_issue(s->cpu, &in, &token), DMASIM_E_INVAL);
	in.data_dep = 0;
	in.op = DMASIM_WRITE;
	in.data_from = first + 1;
	assert_int_equal(dmasim_cpu_issue(s->cpu, &in, &token), DMASIM_E_INVAL);
	load(s, WB);
	assert_int_equal(dmasim_cpu_result(s->cpu, first, &v),
	                 DMASIM_E_NOTFOUND);
	perform(s, last);
	assert_int_equal(
	        rig_read(s->rig, &s->rig->core[1], A + 64, &dmasim_attr_wb), 7);
	for (unsigned i = 0; i < 300; i++) {
		assert_int_equal(dmasim_cpu_retire(s->cpu), DMASIM_OK);
		load(s, WB + 8 * (i % 64));
	}
}

static void refused(void **state)
{
	static const struct dmasim_insn bad[] = {
	        {.va = WB},
	        {.va = WB, .size = 3},
	        {.va = WB, .size = 16},
	        {.va = WB, .size = 8, .order = DMASIM_ORDER_RELEASE},
	        {.va = WB, .size = 8, .order = DMASIM_ORDER_ACQ_REL},
	        {.va = WB, .size = 8, .order = (enum dmasim_order)9},
	        {.va = WB, .size = 8, .flags = DMASIM_TXN_DEBUG},
	        {.va = WB + 4, .size = 8, .flags = DMASIM_TXN_EXCLUSIVE},
	        {.va = WB, .size = 8, .address_dep = 1},
	        {.va = WB, .size = 8, .address_dep = 2},
	        {.va = WB, .size = 8, .control_dep = 4},
	        {.va = WB, .size = 8, .isb_dep = 1ull << 63},
	        {.op = DMASIM_WRITE, .va = WB, .size = 8, .data_from = 1},
	        {.op = DMASIM_WRITE, .va = WB, .size = 8, .data_from = 9},
	        {.op = DMASIM_WRITE,
	         .va = WB,
	         .size = 8,
	         .order = DMASIM_ORDER_ACQUIRE},
	        {.op = DMASIM_WRITE, .va = WB, .size = 64, .value = 1},
	        {.op = DMASIM_WRITE, .va = WB + 8, .size = 64},
	        {.op = DMASIM_WRITE, .va = WB, .size = 60},
	        {.op = DMASIM_WRITE, .va = WB, .size = 4096},
	        {.op = DMASIM_ATOMIC_ADD, .va = WB + 4, .size = 8},
	        {.op = DMASIM_ATOMIC_ADD,
	         .va = WB,
	         .size = 8,
	         .flags = DMASIM_TXN_EXCLUSIVE},
	        {.op = DMASIM_ATOMIC_ADD,
	         .va = WB,
	         .size = 8,
	         .order = DMASIM_ORDER_ACQUIRE_PC},
	        {.op = DMASIM_CLEAN, .va = WB},
	        {.op = DMASIM_BARRIER, .barrier = (enum dmasim_barrier)6},
	        {.op = DMASIM_BARRIER, .domain = (enum dmasim_shareability)4},
	        {.op = (enum dmasim_op)99, .va = WB, .size = 8},
	};
	struct cpu_spy *s = *state;
	struct dmasim_insn in = {.va = 0x1000, .size = 8};
	uint32_t token;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(dmasim_cpu_issue(s->cpu, &bad[i], &token),
		                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_cpu_issue(s->cpu, &in, &token),
	                 DMASIM_E_NOTFOUND);
	in.va = UINT64_MAX - 3;
	assert_int_equal(dmasim_cpu_issue(s->cpu, &in, &token),
	                 DMASIM_E_NOTFOUND);
	in.va = RIG_WB + RIG_SIZE - 4;
	assert_int_equal(dmasim_cpu_issue(s->cpu, &in, &token),
	                 DMASIM_E_NOTFOUND);
	/* Two mappings that do not go on from one another. */
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(dmasim_cpu_map(s->cpu, 0x1000 + 0x1000 * i,
		                                RIG_RAM + 0x3000 * i, 0x1000,
		                                &dmasim_attr_wb),
		                 DMASIM_OK);
	in.va = 0x1ffc;
	assert_int_equal(dmasim_cpu_issue(s->cpu, &in, &token), DMASIM_E_INVAL);
	assert_int_equal(load(s, WB), 0);
	assert_int_equal(dmasim_cpu_retire(s->cpu), DMASIM_OK);
}

/* Faults count as performed, and are told to whoever performs. */
static void faults(void **state)
{
	struct cpu_spy *s = *state;
	uint32_t a, b;
	uint64_t v;

	assert_int_equal(
	        dmasim_cpu_map(s->cpu, 0x1000, 0, 0x1000, &dmasim_attr_wb),
	        DMASIM_OK);
	a = store(s, 0x1000, 1);
	b = load(s, WB);
	assert_int_equal(dmasim_cpu_perform(s->cpu, a), DMASIM_E_FAULT);
	assert_int_equal(dmasim_cpu_result(s->cpu, a, &v), DMASIM_E_FAULT);
	perform(s, b);
	a = store(s, 0x1000, 1);
	b = load(s, WB);
	assert_int_equal(dmasim_cpu_retire(s->cpu), DMASIM_E_FAULT);
	assert_int_equal(result(s, b), 0);
	/* Whatever comes next is told. */
	a = store(s, 0x1000, 1);
	assert_int_equal(dmasim_cpu_load(s->cpu, WB, 8, &v), DMASIM_E_FAULT);
	assert_int_equal(dmasim_cpu_load(s->cpu, WB, 8, &v), DMASIM_OK);
}

/* Every other call finds it empty. */
static void other_calls(void **state)
{
	struct cpu_spy *s = *state;
	uint64_t v = 0, data[2] = {1, 0};

	for (unsigned i = 0; i < 5; i++) {
		store(s, WB, i + 1);
		load(s, WB + 64);
		switch (i) {
		case 0:
			assert_int_equal(dmasim_cpu_load(s->cpu, WB, 8, &v),
			                 DMASIM_OK);
			break;
		case 1:
			assert_int_equal(dmasim_cpu_store(s->cpu, WB + 8, 8, v),
			                 DMASIM_OK);
			break;
		case 2:
			assert_int_equal(dmasim_cpu_atomic(
			                         s->cpu, DMASIM_ATOMIC_ADD,
			                         WB + 16, data, 8, DMASIM_HERE),
			                 DMASIM_OK);
			break;
		case 3:
			assert_int_equal(
			        dmasim_cpu_maintain(s->cpu, DMASIM_CLEAN,
			                            WB + 128, 8, DMASIM_HERE),
			        DMASIM_OK);
			break;
		default:
			assert_int_equal(dmasim_cpu_barrier(s->cpu,
			                                    DMASIM_DMB_LD,
			                                    DMASIM_HERE),
			                 DMASIM_OK);
		}
		assert_int_equal(ready(s), 0);
		assert_int_equal(
		        rig_read(s->rig, &s->rig->core[1], A, &dmasim_attr_wb),
		        i + 1);
	}
	/* And it finds the store buffer empty. */
	assert_int_equal(dmasim_cpu_store(s->cpu, WB, 8, 9), DMASIM_OK);
	load(s, WB + 8);
	assert_int_equal(rig_read(s->rig, &s->rig->core[1], A, &dmasim_attr_wb),
	                 9);
}

static uint32_t barrier(struct cpu_spy *s, enum dmasim_barrier kind,
                        enum dmasim_shareability domain)
{
	return issue(s, (struct dmasim_insn){.op = DMASIM_BARRIER,
	                                     .barrier = kind,
	                                     .domain = domain});
}

/* What each kind holds back of a load, a store and maintenance, behind a load,
 * a store and maintenance. */
static void barriers(void **state)
{
	static const struct {
		enum dmasim_barrier kind;
		/* Held back until the load, store, clean is performed: load,
		 * store, clean. */
		bool by[3][3];
	} rules[] = {
	        {DMASIM_DMB_LD, {{1, 1, 0}, {0, 0, 0}, {0, 0, 0}}},
	        {DMASIM_DMB_ST, {{0, 0, 0}, {0, 1, 0}, {0, 0, 0}}},
	        {DMASIM_DMB, {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}},
	        {DMASIM_DSB_LD, {{1, 1, 1}, {0, 0, 0}, {0, 0, 0}}},
	        {DMASIM_DSB_ST, {{0, 0, 0}, {1, 1, 1}, {0, 0, 0}}},
	        {DMASIM_DSB, {{1, 1, 1}, {1, 1, 1}, {1, 1, 1}}},
	};
	static const enum dmasim_op op[] = {DMASIM_READ, DMASIM_WRITE,
	                                    DMASIM_CLEAN};
	struct cpu_spy *s = *state;

	for (unsigned i = 0; i < 6 * 3 * 2; i++) {
		unsigned kind = i / 6, first = i / 2 % 3;
		bool local = i % 2;
		unsigned before = cpu_spy_count(s, DMASIM_BARRIER);
		uint32_t token[4];
		uint64_t mask;

		token[3] =
		        issue(s, (struct dmasim_insn){
		                         .op = op[first], .va = WB, .size = 8});
		barrier(s, rules[kind].kind, local ? DMASIM_NSH : DMASIM_OSH);
		for (unsigned j = 0; j < 3; j++)
			token[j] = issue(s, (struct dmasim_insn){
			                            .op = op[j],
			                            .va = WB + 128 * (j + 1),
			                            .size = 8});
		mask = ready(s);
		for (unsigned j = 0; j < 3; j++)
			assert_int_equal(!(mask & dmasim_token_bit(token[j])),
			                 !local && rules[kind].by[first][j]);
		perform(s, token[3]);
		assert_int_equal(cpu_spy_count(s, DMASIM_BARRIER), before + 1);
		mask = ready(s);
		for (unsigned j = 0; j < 3; j++)
			assert_true(mask & dmasim_token_bit(token[j]));
		assert_int_equal(dmasim_cpu_retire(s->cpu), DMASIM_OK);
	}
	assert_int_equal(cpu_spy_last(s, DMASIM_BARRIER)->attr.share,
	                 DMASIM_NSH);
}

static void maintenance(void **state)
{
	struct cpu_spy *s = *state;
	uint32_t st, dc, ld, other;

	st = store(s, WB + 8, 5);
	dc = issue(s, (struct dmasim_insn){
	                      .op = DMASIM_CLEAN, .va = WB + 60, .size = 8});
	ld = load(s, WB + 56);
	other = load(s, WB + 128);
	/* Its lines are whole ones: those of both. */
	assert_int_equal(ready(s),
	                 dmasim_token_bit(st) | dmasim_token_bit(other));
	perform(s, st);
	assert_int_equal(rig_ram(s->rig, A + 8), 0);
	perform(s, dc);
	assert_int_equal(rig_ram(s->rig, A + 8), 5);
	assert_int_equal(cpu_spy_last(s, DMASIM_CLEAN)->addr, A);
	assert_int_equal(cpu_spy_last(s, DMASIM_CLEAN)->size, 128);
	perform(s, ld);
	perform(s, other);
	/* By set and way, it is about no address. */
	store(s, WB, 6);
	dc = issue(s, (struct dmasim_insn){.op = DMASIM_CLEAN_SW, .va = 0x40});
	assert_int_equal(ready(s) & dmasim_token_bit(dc), dmasim_token_bit(dc));
	(void)dmasim_cpu_perform(s->cpu, dc);
	assert_int_equal(cpu_spy_last(s, DMASIM_CLEAN_SW)->addr, 0x40);
	(void)dmasim_cpu_retire(s->cpu);
}

static void zeros(void **state)
{
	struct cpu_spy *s = *state;
	uint32_t st, zva, ld, more;

	st = store(s, WB + 8, 0x55);
	zva = issue(s, (struct dmasim_insn){
	                       .op = DMASIM_WRITE, .va = WB, .size = 64});
	ld = load(s, WB + 8);
	more = load(s, WB + 60);
	/* It is a store, and can be forwarded. */
	assert_int_equal(ready(s), dmasim_token_bit(st) | dmasim_token_bit(ld));
	perform(s, ld);
	assert_int_equal(result(s, ld), 0);
	perform(s, st);
	perform(s, zva);
	assert_int_equal(cpu_spy_last(s, DMASIM_WRITE)->size, 64);
	perform(s, more);
	assert_int_equal(
	        rig_read(s->rig, &s->rig->core[1], A + 8, &dmasim_attr_wb), 0);
}

/* Registers: in order, not forwarded, and not before it is certain that they
 * are accessed at all. */
static void devices(void **state)
{
	struct cpu_spy *s = *state;
	uint32_t flag, reg, st, ld;
	uint64_t at;

	flag = load(s, WB);
	st = store(s, WB + 64, 1);
	reg = issue(
	        s, (struct dmasim_insn){.va = RIG_DEV,
	                                .size = 4,
	                                .control_dep = dmasim_token_bit(flag)});
	assert_int_equal(ready(s),
	                 dmasim_token_bit(flag) | dmasim_token_bit(st));
	perform(s, flag);
	at = dmasim_now(s->rig->k);
	perform(s, reg);
	/* It lets the CPU's own time pass first. */
	assert_true(dmasim_now(s->rig->k) > at);
	assert_int_equal(result(s, reg), 0xd5d5d5d5);
	perform(s, st);
	st = store(s, RIG_DEV + 8, 1);
	ld = load(s, RIG_DEV + 8);
	reg = load(s, RIG_DEV + 16);
	flag = load(s, WB);
	assert_int_equal(ready(s),
	                 dmasim_token_bit(flag) | dmasim_token_bit(st));
	perform(s, st);
	perform(s, ld);
	perform(s, reg);
	perform(s, flag);
	/* A register behind an address that is not known. */
	flag = load(s, WB);
	ld = issue(s,
	           (struct dmasim_insn){.va = WB + 64,
	                                .size = 8,
	                                .address_dep = dmasim_token_bit(flag)});
	load(s, RIG_DEV);
	assert_int_equal(ready(s), dmasim_token_bit(flag));
	assert_int_equal(dmasim_cpu_retire(s->cpu), DMASIM_OK);
	assert_int_equal(cpu_spy_last(s, DMASIM_READ)->addr, RIG_MMIO);
}

/* The transaction's place says what dependencies order. */
static void places(void **state)
{
	struct cpu_spy *s = *state;
	uint64_t flag, base;

	load(s, WB);
	flag = dmasim_token_bit(load(s, WB + 64));
	assert_int_equal(dmasim_cpu_retire(s->cpu), DMASIM_OK);
	base = cpu_spy_last(s, DMASIM_READ)->po.number;
	assert_int_equal(cpu_spy_last(s, DMASIM_READ)->po.loads, 0);
	perform(s, issue(s, (struct dmasim_insn){.va = WB + 128,
	                                         .size = 8,
	                                         .address_dep = flag}));
	assert_int_equal(cpu_spy_last(s, DMASIM_READ)->po.loads, base);
	/* A branch orders stores, with an ISB loads as well; the address that
	 * depended orders stores. */
	perform(s, store(s, WB, 1));
	assert_int_equal(cpu_spy_last(s, DMASIM_WRITE)->po.loads, base);
	perform(s, load(s, WB));
	assert_int_equal(cpu_spy_last(s, DMASIM_READ)->po.loads, 0);
	perform(s, issue(s, (struct dmasim_insn){
	                            .va = WB, .size = 8, .control_dep = flag}));
	assert_int_equal(cpu_spy_last(s, DMASIM_READ)->po.loads, 0);
	perform(s, issue(s, (struct dmasim_insn){
	                            .va = WB, .size = 8, .isb_dep = flag}));
	assert_int_equal(cpu_spy_last(s, DMASIM_READ)->po.loads, base);
	perform(s, load(s, WB));
	assert_int_equal(cpu_spy_last(s, DMASIM_READ)->po.loads, base);
}

static void acquire_and_release(void **state)
{
	struct cpu_spy *s = *state;
	const struct dmasim_program_order *po;
	uint64_t rel, acq;

	load(s, WB);
	store(s, WB + 64, 1);
	issue(s, (struct dmasim_insn){.op = DMASIM_WRITE,
	                              .order = DMASIM_ORDER_RELEASE,
	                              .va = WB + 128,
	                              .size = 8});
	assert_int_equal(dmasim_cpu_retire(s->cpu), DMASIM_OK);
	po = &cpu_spy_last(s, DMASIM_WRITE)->po;
	rel = po->number;
	assert_int_equal(po->loads, rel - 1);
	assert_int_equal(po->stores, rel - 1);
	assert_int_equal(cpu_spy_last(s, DMASIM_WRITE)->order,
	                 DMASIM_ORDER_RELEASE);
	perform(s, load(s, WB));
	assert_int_equal(cpu_spy_last(s, DMASIM_READ)->po.stores, 0);
	/* RCpc: not behind the release; RCsc: behind it. */
	perform(s,
	        issue(s, (struct dmasim_insn){.order = DMASIM_ORDER_ACQUIRE_PC,
	                                      .va = WB,
	                                      .size = 8}));
	assert_int_equal(cpu_spy_last(s, DMASIM_READ)->po.stores, 0);
	perform(s, issue(s, (struct dmasim_insn){.order = DMASIM_ORDER_ACQUIRE,
	                                         .va = WB,
	                                         .size = 8}));
	po = &cpu_spy_last(s, DMASIM_READ)->po;
	acq = po->number;
	assert_int_equal(po->stores, rel);
	perform(s, load(s, WB));
	assert_int_equal(cpu_spy_last(s, DMASIM_READ)->po.loads, acq);
	perform(s, issue(s, (struct dmasim_insn){.op = DMASIM_ATOMIC_ADD,
	                                         .order = DMASIM_ORDER_ACQ_REL,
	                                         .va = WB,
	                                         .size = 8}));
	po = &cpu_spy_last(s, DMASIM_ATOMIC_ADD)->po;
	acq = po->number;
	assert_int_equal(po->stores, acq - 1);
	perform(s, load(s, WB));
	assert_int_equal(cpu_spy_last(s, DMASIM_READ)->po.loads, acq);
	assert_int_equal(cpu_spy_last(s, DMASIM_READ)->po.stores, acq);
}

/* DC IVAC under stage 2. */
static void under_stage2(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){0});
	struct cpu_spy *s =
	        cpu_spy_new(r, (struct dmasim_cpu_config){.stage2 = true});

	(void)state;
	store(s, WB, 5);
	issue(s, (struct dmasim_insn){
	                 .op = DMASIM_INVALIDATE, .va = WB, .size = 8});
	assert_int_equal(dmasim_cpu_retire(s->cpu), DMASIM_OK);
	assert_int_equal(cpu_spy_count(s, DMASIM_INVALIDATE), 0);
	assert_int_equal(rig_ram(r, A), 5);
	cpu_spy_free(s);
	rig_free(r);
}

static void saved_when_empty(void **state)
{
	struct cpu_spy *s = *state;
	struct dmasim_writer *w;
	struct dmasim_reader *reader;
	const uint8_t *blob;
	size_t size;
	uint32_t token;
	uint64_t v;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	token = load(s, WB);
	assert_int_equal(dmasim_cpu_save(s->cpu, w), DMASIM_E_STATE);
	perform(s, token);
	assert_int_equal(dmasim_cpu_save(s->cpu, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &blob, &size), DMASIM_OK);
	assert_int_equal(dmasim_reader_create(blob, size, &reader), DMASIM_OK);
	load(s, WB);
	assert_int_equal(dmasim_cpu_restore(s->cpu, reader), DMASIM_E_STATE);
	assert_int_equal(dmasim_cpu_retire(s->cpu), DMASIM_OK);
	assert_int_equal(dmasim_cpu_restore(s->cpu, reader), DMASIM_OK);
	/* Tokens and numbers go on; results are not kept. */
	assert_int_equal(dmasim_cpu_result(s->cpu, token, &v),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(load(s, WB), token + 1);
	assert_int_equal(dmasim_cpu_retire(s->cpu), DMASIM_OK);
	assert_int_equal(cpu_spy_last(s, DMASIM_READ)->po.number, 2);
	dmasim_reader_destroy(reader);
	dmasim_writer_destroy(w);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, spy_setup, spy_teardown)

static const struct CMUnitTest tests[] = {
        TEST(one_by_one),
        TEST(values),
        TEST(slots),
        TEST(refused),
        TEST(faults),
        TEST(other_calls),
        TEST(barriers),
        TEST(maintenance),
        TEST(zeros),
        TEST(devices),
        TEST(places),
        TEST(acquire_and_release),
        cmocka_unit_test(under_stage2),
        TEST(saved_when_empty),
};

CHECK_MAIN(tests)
