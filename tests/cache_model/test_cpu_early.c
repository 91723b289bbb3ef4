/* SPDX-License-Identifier: MIT */
/* Early loads: what is read ahead, what takes it, and what forgets it. */
#include "cpu_spy.h"

#include <stdlib.h>

#include "dmasim/cpu_ordered.h"
#include "dmasim/line.h"

#define A  (RIG_RAM + 0x3000)
#define WB (RIG_WB + 0x3000)
#define NC (RIG_NC + 0x3000)

static void put(struct cpu_spy *s, uint64_t va, uint64_t v)
{
	rig_write(s->rig, &s->rig->core[1], RIG_RAM + (va - RIG_WB), v,
	          &dmasim_attr_wb);
}

/* Message passing on the side of the consumer, in C: @fence between the flag
 * and the data; the producer writes both while the flag is loaded. */
struct producer {
	struct cpu_spy *s;
	unsigned runs;
};

static void produce(void *obj, uint32_t op, uint64_t arg)
{
	struct producer *p = obj;

	(void)op;
	(void)arg;
	p->runs++;
	put(p->s, WB, 1);
	put(p->s, WB + 256, 1);
}

static uint64_t load(struct cpu_spy *s, uint64_t va)
{
	uint64_t v = 0;

	assert_int_equal(dmasim_cpu_load(s->cpu, va, 8, &v), DMASIM_OK);
	return v;
}

enum consumer {
	PLAIN,
	DMB_ST,
	DMB_LD,
	DSB_ST,
	ACQUIRE,
	STORED,
	ALIAS,
	WAITED,
	MAINTAINED,
	ATOMIC,
	CONSUMERS,
};

/* What lies between the loads of flag and data. */
static void between(struct cpu_spy *s, enum consumer how)
{
	uint64_t v, data[2] = {0, 0};

	switch (how) {
	case DMB_ST:
	case DMB_LD:
	case DSB_ST:
		v = how == DMB_ST   ? DMASIM_DMB_ST
		    : how == DMB_LD ? DMASIM_DMB_LD
		                    : DMASIM_DSB_ST;
		assert_int_equal(dmasim_cpu_barrier(s->cpu,
		                                    (enum dmasim_barrier)v,
		                                    DMASIM_HERE),
		                 DMASIM_OK);
		break;
	case STORED:
		assert_int_equal(dmasim_cpu_store(s->cpu, WB + 4, 4, 5),
		                 DMASIM_OK);
		break;
	case WAITED:
		assert_int_equal(dmasim_cpu_delay(s->cpu, 1), DMASIM_OK);
		break;
	case MAINTAINED:
		assert_int_equal(dmasim_cpu_maintain(s->cpu, DMASIM_CLEAN, WB,
		                                     8, DMASIM_HERE),
		                 DMASIM_OK);
		break;
	case ATOMIC:
		assert_int_equal(dmasim_cpu_atomic(s->cpu, DMASIM_ATOMIC_ADD,
		                                   WB, data, 8, DMASIM_HERE),
		                 DMASIM_OK);
		break;
	case ALIAS:
	case PLAIN:
	case ACQUIRE:
	case CONSUMERS:
		break;
	}
}

static uint64_t consume(struct cpu_spy *s, struct cpu_answers *a,
                        enum consumer how)
{
	struct producer p = {s, 0};
	uint32_t actor;
	uint64_t flag, data;

	assert_int_equal(dmasim_actor_register(s->rig->k, "producer", produce,
	                                       &p, &actor),
	                 DMASIM_OK);
	load(s, WB);
	load(s, WB + 256);
	assert_int_equal(
	        dmasim_call_at(s->rig->k, dmasim_now(s->rig->k) + DMASIM_NS, 0,
	                       &(struct dmasim_call){.actor = actor}, NULL),
	        DMASIM_OK);
	cpu_answer(a, DMASIM_CHOICE_EARLY_LOAD, 1);
	if (how == ACQUIRE) {
		load(s, WB + 512);
		cpu_answer(a, DMASIM_CHOICE_EARLY_LOAD, 0);
		assert_int_equal(dmasim_cpu_read_order(
		                         s->cpu,
		                         DMASIM_ORDERED(DMASIM_ORDER_ACQUIRE,
		                                        WB + 256, 8),
		                         &flag),
		                 DMASIM_OK);
	} else {
		flag = load(s, WB + 256);
	}
	cpu_answer(a, DMASIM_CHOICE_EARLY_LOAD, 0);
	assert_int_equal(p.runs, 1);
	assert_int_equal(flag, 1);
	between(s, how);
	data = load(s, how == ALIAS ? RIG_NC + 0x3000 : WB);
	dmasim_actor_unregister(s->rig->k, actor);
	return data & 0xffffffff;
}

static void early_loads(void **state)
{
	static const bool stale[CONSUMERS] = {[PLAIN] = true,
	                                      [DMB_ST] = true,
	                                      [STORED] = true,
	                                      [ALIAS] = true};

	(void)state;
	for (unsigned how = 0; how < CONSUMERS; how++) {
		struct cpu_answers a;
		struct cpu_spy *s = cpu_spy_asking(
		        &a, (struct dmasim_cpu_config){.early_loads = true});

		/* Of the alias: stale for another reason. */
		assert_int_equal(consume(s, &a, (enum consumer)how),
		                 stale[how] ? 0 : 1);
		/* Once: the next load of it is in its place. */
		assert_int_equal(load(s, WB) & 0xffffffff, 1);
		cpu_spy_free_all(s);
	}
}

/* Own stores are newer than what was read ahead; the bytes beside them are
 * not. */
static void early_and_own_stores(void **state)
{
	struct cpu_answers a;
	struct cpu_spy *s = cpu_spy_asking(
	        &a, (struct dmasim_cpu_config){.early_loads = true,
	                                       .drain_delay = DMASIM_MS});

	(void)state;
	load(s, WB);
	assert_int_equal(dmasim_cpu_store(s->cpu, WB + 4, 4, 7), DMASIM_OK);
	cpu_answer(&a, DMASIM_CHOICE_EARLY_LOAD, 1);
	load(s, WB + 128);
	cpu_answer(&a, DMASIM_CHOICE_EARLY_LOAD, 0);
	put(s, WB, 1);
	assert_true(load(s, WB) == 0x700000000);
	assert_true(cpu_spy_last(s, DMASIM_READ)->flags == DMASIM_TXN_TAKEN);
	assert_int_equal(cpu_spy_last(s, DMASIM_READ)->size, 4);
	assert_true(load(s, WB) == 0x700000001);
	cpu_spy_free_all(s);
}

struct watched {
	unsigned taken;
	uint32_t offset, size;
	uint8_t first;
};

static void watch(void *ctx, const struct dmasim_line_event *e)
{
	struct watched *w = ctx;

	if (e->place != DMASIM_PLACE_STORE_BUFFER ||
	    e->kind != DMASIM_LINE_READ)
		return;
	w->taken++;
	w->offset = e->offset;
	w->size = e->size;
	w->first = e->bytes[0];
}

/* The checker judges the load where it stands in the program, not where its
 * bytes came from; and who watches lines sees it. */
static void early_loads_are_told(void **state)
{
	struct cpu_answers a;
	struct cpu_spy *s = cpu_spy_asking(
	        &a, (struct dmasim_cpu_config){.early_loads = true});
	struct watched w = {0};

	(void)state;
	assert_int_equal(dmasim_memsys_observe(s->rig->ms, watch, &w),
	                 DMASIM_OK);
	load(s, WB + 56);
	cpu_answer(&a, DMASIM_CHOICE_EARLY_LOAD, 1);
	load(s, WB + 128);
	cpu_answer(&a, DMASIM_CHOICE_EARLY_LOAD, 0);
	rig_dma_write(s->rig, &s->rig->noncoherent, A, 0x1111, "write");
	/* Read ahead in vain: nobody was told, and nobody is. */
	assert_int_equal(dmasim_cpu_barrier(s->cpu, DMASIM_DMB, DMASIM_HERE),
	                 DMASIM_OK);
	rig_no_findings(s->rig);
	assert_int_equal(w.taken, 0);
	put(s, WB + 256, 5);
	load(s, WB + 256);
	cpu_answer(&a, DMASIM_CHOICE_EARLY_LOAD, 1);
	load(s, WB + 128);
	cpu_answer(&a, DMASIM_CHOICE_EARLY_LOAD, 0);
	assert_int_equal(load(s, WB + 256), 5);
	assert_int_equal(w.taken, 1);
	assert_int_equal(w.offset, 0);
	assert_int_equal(w.size, 8);
	assert_int_equal(w.first, 5);
	rig_no_findings(s->rig);
	/* Bytes that were the newest when they were read are not stale: only
	 * order can forbid them. */
	assert_int_equal(dmasim_cpu_barrier(s->cpu, DMASIM_DMB, DMASIM_HERE),
	                 DMASIM_OK);
	cpu_answer(&a, DMASIM_CHOICE_EARLY_LOAD, 1);
	load(s, WB + 128);
	cpu_answer(&a, DMASIM_CHOICE_EARLY_LOAD, 0);
	rig_dma_write(s->rig, &s->rig->coherent, A + 256, 6, "write");
	assert_int_equal(load(s, WB + 256), 5);
	assert_int_equal(rig_findings(s->rig, DMASIM_STALE_READ), 0);
	cpu_spy_free_all(s);
}

/* The last lines used, none twice; so many ahead; not for ever. */
static void early_bounds(void **state)
{
	struct cpu_answers a;
	struct cpu_spy *s = cpu_spy_asking(
	        &a, (struct dmasim_cpu_config){.early_loads = true});

	(void)state;
	load(s, WB);
	assert_int_equal(a.asked[DMASIM_CHOICE_EARLY_LOAD], 0);
	for (uint64_t i = 1; i < 12; i++) {
		load(s, WB + 64 * i);
		load(s, WB + 64 * i + 8);
	}
	assert_int_equal(a.alternatives[DMASIM_CHOICE_EARLY_LOAD], 8);
	load(s, WB + 64 * 20);
	assert_int_equal(a.alternatives[DMASIM_CHOICE_EARLY_LOAD], 9);
	cpu_answer(&a, DMASIM_CHOICE_EARLY_LOAD, 8);
	for (uint64_t i = 0; i < 6; i++)
		load(s, WB + 64 * 20 + 8 * i);
	/* Four of the eight are ahead. */
	cpu_answer(&a, DMASIM_CHOICE_EARLY_LOAD, 0);
	load(s, WB + 64 * 20);
	assert_int_equal(a.alternatives[DMASIM_CHOICE_EARLY_LOAD], 4);
	/* Accesses later, and time later, none is. */
	for (unsigned i = 0; i < 70; i++)
		load(s, WB + 64 * 20);
	assert_int_equal(a.alternatives[DMASIM_CHOICE_EARLY_LOAD], 8);
	cpu_answer(&a, DMASIM_CHOICE_EARLY_LOAD, 1);
	load(s, WB + 64 * 20);
	cpu_answer(&a, DMASIM_CHOICE_EARLY_LOAD, 0);
	load(s, WB + 64 * 20);
	assert_int_equal(a.alternatives[DMASIM_CHOICE_EARLY_LOAD], 7);
	assert_int_equal(dmasim_run_until(s->rig->k, dmasim_now(s->rig->k) +
	                                                     10 * DMASIM_US),
	                 DMASIM_OK);
	load(s, WB + 64 * 20);
	assert_int_equal(a.alternatives[DMASIM_CHOICE_EARLY_LOAD], 8);
	cpu_spy_free_all(s);
}

/* Nobody hears of a fault of what nobody asked for. */
static void early_faults(void **state)
{
	struct cpu_answers a;
	struct cpu_spy *s = cpu_spy_asking(
	        &a, (struct dmasim_cpu_config){.early_loads = true});

	(void)state;
	load(s, NC);
	s->rig->slow.from = A;
	s->rig->slow.to = A + 64;
	s->rig->slow.refusal = DMASIM_TXN_SLAVE;
	cpu_answer(&a, DMASIM_CHOICE_EARLY_LOAD, 1);
	load(s, WB + 128);
	assert_true(a.asked[DMASIM_CHOICE_EARLY_LOAD] > 0);
	cpu_spy_free_all(s);
}

static void early_saved(void **state)
{
	struct cpu_answers a, b;
	struct cpu_spy *s = cpu_spy_asking(
	        &a, (struct dmasim_cpu_config){.early_loads = true});
	struct cpu_spy *t = cpu_spy_asking(
	        &b, (struct dmasim_cpu_config){.early_loads = true});
	struct cpu_spy *none = cpu_spy_asking(
	        &b, (struct dmasim_cpu_config){.early_loads = false});
	struct dmasim_writer *w[2];
	struct dmasim_reader *reader;
	const uint8_t *blob[2];
	uint8_t *bad;
	size_t size[2];

	(void)state;
	put(s, WB, 1);
	load(s, WB);
	cpu_answer(&a, DMASIM_CHOICE_EARLY_LOAD, 1);
	load(s, WB + 128);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(dmasim_writer_create(&w[i]), DMASIM_OK);
		assert_int_equal(dmasim_cpu_save(i ? t->cpu : s->cpu, w[i]),
		                 DMASIM_OK);
		assert_int_equal(dmasim_writer_result(w[i], &blob[i], &size[i]),
		                 DMASIM_OK);
		if (i)
			break;
		assert_int_equal(
		        dmasim_reader_create(blob[0], size[0], &reader),
		        DMASIM_OK);
		assert_int_equal(dmasim_cpu_restore(t->cpu, reader), DMASIM_OK);
		dmasim_reader_destroy(reader);
		/* Another kind of CPU does not take it. */
		assert_int_equal(
		        dmasim_reader_create(blob[0], size[0], &reader),
		        DMASIM_OK);
		assert_int_equal(dmasim_cpu_restore(none->cpu, reader),
		                 DMASIM_E_FORMAT);
		dmasim_reader_destroy(reader);
	}
	assert_int_equal(size[0], size[1]);
	assert_memory_equal(blob[0], blob[1], size[0]);
	assert_int_equal(load(t, WB), 1);
	bad = malloc(size[0]);
	assert_non_null(bad);
	for (size_t i = 0; i < size[0]; i++) {
		memcpy(bad, blob[0], size[0]);
		bad[i] ^= 0x11;
		assert_int_equal(dmasim_reader_create(bad, size[0], &reader),
		                 DMASIM_OK);
		(void)dmasim_cpu_restore(t->cpu, reader);
		dmasim_reader_destroy(reader);
	}
	free(bad);
	dmasim_writer_destroy(w[0]);
	dmasim_writer_destroy(w[1]);
	cpu_spy_free_all(s);
	cpu_spy_free_all(t);
	cpu_spy_free_all(none);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(early_loads),
        cmocka_unit_test(early_and_own_stores),
        cmocka_unit_test(early_loads_are_told),
        cmocka_unit_test(early_bounds),
        cmocka_unit_test(early_faults),
        cmocka_unit_test(early_saved),
};

CHECK_MAIN(tests)
