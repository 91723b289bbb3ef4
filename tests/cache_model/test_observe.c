/* SPDX-License-Identifier: MIT */
/* Observers, and steps of the hardware at a chosen moment. */
#include "rig.h"

#define A  (RIG_RAM + 0x4000)
#define WB &dmasim_attr_wb
#define NC &dmasim_attr_nc

/* What was told, as text: "place cpu kind state offset+size agent|". */
struct log {
	char text[2048];
	struct dmasim_line_event last;
	uint8_t data[64];
	uint64_t dirty;
	unsigned count;
};

static void watch(void *ctx, const struct dmasim_line_event *e)
{
	struct log *l = ctx;
	size_t used = strlen(l->text);

	snprintf(l->text + used, sizeof(l->text) - used, "%s %u %s %c|",
	         dmasim_line_place_name(e->place), e->cpu,
	         dmasim_line_event_name(e->kind), e->state);
	l->last = *e;
	l->count++;
	if (e->data) {
		memcpy(l->data, e->data, 64);
		l->dirty = e->dirty[0];
	}
}

static void count(void *ctx, const struct dmasim_line_event *e)
{
	struct log *l = ctx;

	l->last = *e;
	l->count++;
}

static struct rig *watched(struct log *l)
{
	struct rig *r = rig_new(&(struct rig_config){0});

	*l = (struct log){0};
	assert_int_equal(dmasim_memsys_observe(r->ms, watch, l), DMASIM_OK);
	return r;
}

static void expect(struct log *l, const char *text)
{
	assert_string_equal(l->text, text);
	l->text[0] = '\0';
}

static void accesses_of_a_line(void **state)
{
	struct log l, other = {0};
	struct rig *r = watched(&l);
	uint64_t v = 1;

	(void)state;
	assert_int_equal(dmasim_memsys_observe(r->ms, NULL, NULL),
	                 DMASIM_E_INVAL);
	rig_read(r, &r->core[0], A + 8, WB);
	expect(&l, "shared cache 0 fill S|L1 0 fill E|L1 0 read E|");
	assert_true(l.last.line == A);
	assert_int_equal(l.last.offset, 8);
	assert_int_equal(l.last.size, 8);
	/* The clock of whose access it is has run ahead. */
	assert_true(l.last.time > dmasim_now(r->k));
	assert_string_equal(dmasim_agent_name(r->checker, l.last.agent),
	                    "cpu0");
	rig_write(r, &r->core[0], A + 16, 0x55, WB);
	expect(&l, "L1 0 write M|");
	assert_int_equal(l.data[16], 0x55);
	assert_true(l.dirty == 0xff0000);
	rig_write(r, &r->core[0], A + 16, 0x66, WB);
	expect(&l, "L1 0 write M|");
	rig_read(r, &r->core[1], A, WB);
	expect(&l, "L1 0 write-back E|L1 0 share S|L1 1 fill S|L1 1 read S|");
	assert_string_equal(dmasim_agent_name(r->checker, l.last.agent),
	                    "cpu1");
	/* A second observer hears the same. */
	assert_int_equal(dmasim_memsys_observe(r->ms, watch, &other),
	                 DMASIM_OK);
	assert_int_equal(
	        rig_move(r, &r->core[1], DMASIM_ATOMIC_ADD, A, &v, 8, WB),
	        DMASIM_TXN_OK);
	expect(&l, "L1 0 snooped I|L1 1 read M|L1 1 write M|");
	expect(&other, "L1 0 snooped I|L1 1 read M|L1 1 write M|");
	rig_free(r);
}

static void other_paths(void **state)
{
	struct log l;
	struct rig *r = watched(&l);
	uint64_t v = 1;
	uint8_t two[128];

	(void)state;
	rig_write(r, &r->core[0], A, 1, NC);
	rig_read(r, &r->noncoherent, A, WB);
	expect(&l, "memory 0 write past caches I|memory 0 read past caches I|");
	assert_int_equal(
	        rig_move(r, &r->core[0], DMASIM_ATOMIC_ADD, A, &v, 8, NC),
	        DMASIM_TXN_OK);
	expect(&l, "memory 0 read past caches I|memory 0 write past caches I|");
	assert_null(l.last.data);
	rig_write(r, &r->core[1], A, 2, WB);
	l.text[0] = '\0';
	rig_read(r, &r->coherent, A, WB);
	expect(&l, "memory 0 snooping read I|");
	rig_write(r, &r->coherent, A + 8, 2, WB);
	expect(&l, "L1 1 snooped I|shared cache 0 snooped I|"
	           "memory 0 snooping write I|");
	/* Two lines are two events; a register's access is none. */
	assert_int_equal(
	        rig_move(r, &r->core[0], DMASIM_READ, A + 32, two, 64, NC),
	        DMASIM_TXN_OK);
	expect(&l, "memory 0 read past caches I|memory 0 read past caches I|");
	assert_int_equal(l.last.size, 32);
	rig_read(r, &r->core[0], RIG_MMIO, &dmasim_attr_device);
	expect(&l, "");
	assert_int_equal(dmasim_cpu_barrier(r->cpu[1], DMASIM_DMB, DMASIM_HERE),
	                 DMASIM_OK);
	expect(&l, "store buffer 1 barrier I|");
	rig_free(r);
}

static void maintenance(void **state)
{
	struct log l;
	struct rig *r = watched(&l);

	(void)state;
	rig_write(r, &r->core[0], A, 1, WB);
	l.text[0] = '\0';
	assert_int_equal(rig_move(r, &r->core[0], DMASIM_CLEAN, A, NULL, 8, WB),
	                 DMASIM_TXN_OK);
	expect(&l, "L1 0 write-back E|shared cache 0 write-back S|"
	           "L1 0 clean E|");
	rig_write(r, &r->core[0], A, 2, WB);
	l.text[0] = '\0';
	assert_int_equal(
	        rig_move(r, &r->core[0], DMASIM_INVALIDATE, A, NULL, 8, WB),
	        DMASIM_TXN_OK);
	expect(&l, "L1 0 discard M|L1 0 invalidate I|"
	           "shared cache 0 invalidate I|");
	/* Where there was nothing, the instruction is told of. */
	assert_int_equal(
	        rig_move(r, &r->core[0], DMASIM_INVALIDATE, A, NULL, 8, WB),
	        DMASIM_TXN_OK);
	expect(&l, "L1 0 invalidate I|");
	assert_int_equal(rig_move(r, &r->core[1], DMASIM_CLEAN, A, NULL, 8, WB),
	                 DMASIM_TXN_OK);
	expect(&l, "L1 1 clean I|");
	assert_int_equal(
	        rig_move(r, &r->coherent, DMASIM_CLEAN, A, NULL, 8, WB),
	        DMASIM_TXN_OK);
	expect(&l, "memory 0 clean I|");
	rig_free(r);
}

static void steps(void **state)
{
	struct log l;
	struct rig *r = watched(&l);

	(void)state;
	assert_int_equal(dmasim_memsys_prefetch(r->ms, 9, A, WB),
	                 DMASIM_E_RANGE);
	assert_int_equal(dmasim_memsys_evict(r->ms, 9, A), DMASIM_E_RANGE);
	assert_int_equal(dmasim_memsys_clean(r->ms, 9, A), DMASIM_E_RANGE);
	assert_int_equal(dmasim_memsys_prefetch(r->ms, 0, A, NC),
	                 DMASIM_E_INVAL);
	assert_int_equal(
	        dmasim_memsys_prefetch(r->ms, 0, A, &dmasim_attr_device),
	        DMASIM_E_INVAL);
	assert_int_equal(dmasim_memsys_prefetch(r->ms, 0, RIG_MMIO, WB),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_memsys_prefetch(r->ms, 0, UINT64_MAX, WB),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_memsys_evict(r->ms, 0, A), DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_memsys_clean(r->ms, 0, UINT64_MAX),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_memsys_evict(r->ms, DMASIM_SHARED_CACHE, A),
	                 DMASIM_E_NOTFOUND);
	expect(&l, "");
	assert_int_equal(dmasim_memsys_prefetch(r->ms, 0, A + 9, WB),
	                 DMASIM_OK);
	expect(&l, "shared cache 0 fill S|L1 0 fill E|");
	assert_true(l.last.line == A);
	assert_string_equal(l.last.origin->what, "speculative fill");
	/* It is there already. */
	assert_int_equal(dmasim_memsys_prefetch(r->ms, 0, A, WB), DMASIM_OK);
	expect(&l, "");
	/* A host process's cache follows the CPUs'. */
	assert_int_equal(dmasim_memsys_prefetch(r->ms, 2, A, WB), DMASIM_OK);
	expect(&l, "L1 0 share S|L1 2 fill S|");
	assert_int_equal(dmasim_memsys_evict(r->ms, 2, A), DMASIM_OK);
	expect(&l, "L1 2 evict I|");
	rig_write(r, &r->core[0], A, 3, WB);
	l.text[0] = '\0';
	assert_int_equal(dmasim_memsys_clean(r->ms, 0, A), DMASIM_OK);
	expect(&l, "L1 0 write-back E|");
	assert_int_equal(rig_ram(r, A), 0);
	assert_int_equal(dmasim_memsys_clean(r->ms, DMASIM_SHARED_CACHE, A),
	                 DMASIM_OK);
	assert_int_equal(rig_ram(r, A), 3);
	rig_write(r, &r->core[0], A, 4, WB);
	l.text[0] = '\0';
	assert_int_equal(dmasim_memsys_evict(r->ms, 0, A), DMASIM_OK);
	assert_int_equal(dmasim_memsys_evict(r->ms, DMASIM_SHARED_CACHE, A),
	                 DMASIM_OK);
	expect(&l, "L1 0 write-back E|L1 0 evict I|"
	           "shared cache 0 write-back S|shared cache 0 evict I|");
	assert_int_equal(rig_ram(r, A), 4);
	rig_free(r);
}

/* A line that comes into a cache before DMA is stale after it. */
static void a_fill_before_dma(void **state)
{
	struct rig *r = *state;

	assert_int_equal(
	        rig_move(r, &r->core[0], DMASIM_INVALIDATE, A, NULL, 8, WB),
	        DMASIM_TXN_OK);
	assert_int_equal(dmasim_memsys_prefetch(r->ms, 0, A, WB), DMASIM_OK);
	/* Nobody has read anything yet. */
	rig_dma_write(r, &r->noncoherent, A, 7, "write data");
	assert_int_equal(rig_findings(r, DMASIM_STALE_READ), 0);
	assert_int_equal(rig_read(r, &r->core[0], A, WB), 0);
	assert_int_equal(rig_findings(r, DMASIM_STALE_READ), 1);
}

static void fills_that_pend(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){.delay = 1000});
	struct dmasim_cache_stats s;

	(void)state;
	assert_int_equal(dmasim_map_load(r->map, A, "\x09", 1), DMASIM_OK);
	assert_int_equal(dmasim_memsys_prefetch(r->ms, 0, A, WB), DMASIM_OK);
	assert_int_equal(dmasim_memsys_prefetch(r->ms, 1, A, WB), DMASIM_OK);
	assert_int_equal(rig_read(r, &r->core[0], A, WB), 9);
	assert_int_equal(rig_read(r, &r->core[1], A, WB), 9);
	assert_int_equal(r->slow.reads, 1);
	assert_int_equal(dmasim_memsys_stats(r->ms, 1, 0, &s), DMASIM_OK);
	assert_int_equal(s.read_misses, 0);
	assert_int_equal(s.reads, 1);
	/* One that is never answered is freed with the rest. */
	r->slow.delay = DMASIM_FOREVER;
	assert_int_equal(dmasim_memsys_prefetch(r->ms, 0, A + 64, WB),
	                 DMASIM_OK);
	assert_int_equal(dmasim_memsys_prefetch(r->ms, 1, A + 64, WB),
	                 DMASIM_OK);
	rig_free(r);
	r = rig_new(&(struct rig_config){0});
	r->slow.from = A;
	r->slow.to = A + 64;
	r->slow.refusal = DMASIM_TXN_SLAVE;
	assert_int_equal(dmasim_memsys_prefetch(r->ms, 0, A, WB),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_memsys_evict(r->ms, 0, A), DMASIM_E_NOTFOUND);
	rig_free(r);
}

static void names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < DMASIM_LINE_EVENTS; i++)
		assert_string_not_equal(
		        dmasim_line_event_name((enum dmasim_line_event_kind)i),
		        "unknown");
	assert_string_equal(dmasim_line_event_name(DMASIM_LINE_EVENTS),
	                    "unknown");
	assert_string_equal(dmasim_line_place_name(DMASIM_PLACE_SYSTEM),
	                    "system cache");
	assert_string_equal(dmasim_line_place_name((enum dmasim_line_place)99),
	                    "unknown");
	assert_int_equal(dmasim_memsys_period(((struct rig *)*state)->ms),
	                 1000);
}

/* A store waits, and then leaves; one over the end of a line in two pieces. */
static void store_buffers(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){.store_buffer = 4});
	struct log l = {0};
	uint8_t bytes[8] = {1, 2, 3, 4, 5, 6, 7, 8};

	(void)state;
	assert_int_equal(dmasim_memsys_observe(r->ms, watch, &l), DMASIM_OK);
	assert_int_equal(dmasim_cpu_store(r->cpu[1], RIG_WB + 0x4008, 4, 7),
	                 DMASIM_OK);
	expect(&l, "store buffer 1 write I|");
	assert_true(l.last.line == A);
	assert_int_equal(l.last.offset, 8);
	assert_int_equal(l.last.size, 4);
	assert_int_equal(l.last.agent, 2);
	assert_int_equal(dmasim_cpu_barrier(r->cpu[1], DMASIM_DSB, DMASIM_HERE),
	                 DMASIM_OK);
	assert_non_null(strstr(l.text, "L1 1 write M|"));
	rig_free(r);
	r = rig_new(&(struct rig_config){.store_buffer = 4, .line_size = 16});
	l = (struct log){0};
	assert_int_equal(dmasim_memsys_observe(r->ms, count, &l), DMASIM_OK);
	assert_int_equal(dmasim_cpu_write(r->cpu[0], RIG_WB + 0x400c, bytes, 8,
	                                  DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(l.count, 2);
	assert_int_equal(l.last.size, 4);
	rig_free(r);
}

static void no_more(void **state)
{
	struct log l, other = {0};
	struct rig *r = watched(&l);

	(void)state;
	assert_int_equal(dmasim_memsys_observe(r->ms, watch, &other),
	                 DMASIM_OK);
	rig_read(r, &r->core[0], A, WB);
	dmasim_memsys_unobserve(r->ms, watch, &l);
	rig_read(r, &r->core[0], A, WB);
	assert_int_equal(l.count + 1, other.count);
	/* Who does not watch cannot stop. */
	dmasim_memsys_unobserve(r->ms, watch, &l);
	dmasim_memsys_unobserve(r->ms, watch, &other);
	rig_read(r, &r->core[0], A, WB);
	assert_int_equal(l.count + 1, other.count);
	rig_free(r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(accesses_of_a_line),
        cmocka_unit_test(other_paths),
        cmocka_unit_test(maintenance),
        cmocka_unit_test(steps),
        cmocka_unit_test_setup_teardown(a_fill_before_dma, rig_setup,
                                        rig_teardown),
        cmocka_unit_test(fills_that_pend),
        cmocka_unit_test_setup_teardown(names, rig_setup, rig_teardown),
        cmocka_unit_test(store_buffers),
        cmocka_unit_test(no_more),
};

CHECK_MAIN(tests)
