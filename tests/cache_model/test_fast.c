/* SPDX-License-Identifier: MIT */
/*
 * The short way of hits and misses is the long one, only shorter: a memory
 * system that is observed takes the long way, and all that can be seen of both
 * is the same: results, bytes, times, statistics, and every byte of saved
 * state, caches' and checker's.
 */
#include "check.h"

#include <stdlib.h>

#include "dmasim/cache.h"

#define RAM      0x80000000ull
#define RAM_SIZE 0x40000ull
#define CPUS     3u
#define PORTS    (CPUS + 2u)

struct side {
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_checker *checker;
	struct dmasim_choice *choice;
	struct dmasim_memsys *ms;
	struct dmasim_port port[PORTS];
	unsigned events;
};

struct shape {
	uint32_t line, l1_ways, l1_sets, ways, sets, cpus;
	bool checked, chosen, no_timing;
	/** Only what the short way takes. */
	bool plain;
};

static void saw(void *ctx, const struct dmasim_line_event *e)
{
	(void)e;
	((struct side *)ctx)->events++;
}

static void add_port(struct side *s, unsigned i, const char *name,
                     enum dmasim_port_kind kind)
{
	assert_int_equal(
	        dmasim_memsys_add_port(s->ms,
	                               &(struct dmasim_device_port_config){
	                                       .name = name, .kind = kind},
	                               &s->port[i], NULL),
	        DMASIM_OK);
}

static void side_open(struct side *s, const struct shape *f, bool observed)
{
	struct dmasim_memsys_config cfg = {
	        .line_size = f->line,
	        .l1 = {f->line * f->l1_ways * f->l1_sets, f->l1_ways, 3,
	               DMASIM_REPLACE_LRU},
	        .shared = {f->line * f->ways * f->sets, f->ways, 12,
	                   DMASIM_REPLACE_LRU},
	        .cpus = f->cpus,
	        .no_timing = f->no_timing,
	};

	*s = (struct side){0};
	assert_int_equal(dmasim_kernel_create(NULL, &s->k), DMASIM_OK);
	assert_int_equal(
	        dmasim_map_create(&(struct dmasim_map_config){.kernel = s->k},
	                          &s->map),
	        DMASIM_OK);
	assert_int_equal(dmasim_map_add_ram(s->map, "ram", RAM, RAM_SIZE),
	                 DMASIM_OK);
	if (f->checked)
		assert_int_equal(
		        dmasim_checker_create(
		                &(struct dmasim_checker_config){
		                        .kernel = s->k, .line_size = f->line},
		                &s->checker),
		        DMASIM_OK);
	if (f->chosen)
		assert_int_equal(dmasim_choice_create(NULL, &s->choice),
		                 DMASIM_OK);
	cfg.kernel = s->k;
	cfg.map = s->map;
	cfg.checker = s->checker;
	cfg.choice = s->choice;
	assert_int_equal(dmasim_memsys_create(&cfg, &s->ms), DMASIM_OK);
	for (uint32_t i = 0; i < CPUS; i++)
		assert_int_equal(
		        dmasim_memsys_cpu_port(s->ms, i % f->cpus, &s->port[i]),
		        DMASIM_OK);
	add_port(s, CPUS, "disk", DMASIM_PORT_COHERENT);
	add_port(s, CPUS + 1, "old disk", DMASIM_PORT_NONCOHERENT);
	if (observed)
		assert_int_equal(dmasim_memsys_observe(s->ms, saw, s),
		                 DMASIM_OK);
}

static void side_close(struct side *s)
{
	dmasim_memsys_destroy(s->ms);
	dmasim_checker_destroy(s->checker);
	dmasim_choice_destroy(s->choice);
	dmasim_map_destroy(s->map);
	dmasim_kernel_destroy(s->k);
}

static void same_state(struct side *a, struct side *b)
{
	struct side *side[] = {a, b};
	struct dmasim_writer *w[2];
	const uint8_t *blob[2];
	size_t size[2];

	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(dmasim_writer_create(&w[i]), DMASIM_OK);
		assert_int_equal(dmasim_map_save(side[i]->map, w[i]),
		                 DMASIM_OK);
		assert_int_equal(dmasim_memsys_save(side[i]->ms, w[i]),
		                 DMASIM_OK);
		if (side[i]->checker)
			assert_int_equal(
			        dmasim_checker_save(side[i]->checker, w[i]),
			        DMASIM_OK);
		assert_int_equal(dmasim_writer_result(w[i], &blob[i], &size[i]),
		                 DMASIM_OK);
	}
	assert_int_equal(size[0], size[1]);
	assert_memory_equal(blob[0], blob[1], size[0]);
	dmasim_writer_destroy(w[0]);
	dmasim_writer_destroy(w[1]);
}

static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Mostly what the short way takes; beside it what puts lines into caches in
 * any other way. */
static void choose(struct dmasim_txn *t, const struct shape *f, uint64_t x)
{
	static const uint32_t sizes[] = {8, 8, 4, 1, 2, 16, 64, 200};

	dmasim_txn_init(t);
	t->op = x & 1 ? DMASIM_WRITE : DMASIM_READ;
	t->size = sizes[x >> 1 & 7];
	t->addr = RAM + (x >> 20) % (RAM_SIZE - t->size);
	if (x >> 4 & 3)
		t->addr = RAM + (x >> 20) % 0x2000;
	if (t->size <= 8)
		t->addr &= ~(uint64_t)(t->size - 1);
	t->attr = dmasim_attr_wb;
	t->origin = DMASIM_HERE;
	t->origin.queue = (uint32_t)(x >> 6 & 3);
	if (f->plain)
		return;
	switch (x >> 8 & 31) {
	case 0:
		t->attr = dmasim_attr_wt;
		break;
	case 1:
		t->attr = dmasim_attr_nc;
		break;
	case 2:
		t->attr.outer = DMASIM_WT;
		break;
	case 3:
		t->attr.outer = DMASIM_NC;
		break;
	case 4:
		t->attr.alloc = (uint8_t)(x >> 16 & 7);
		break;
	case 5:
		t->attr.share = DMASIM_NSH;
		break;
	case 6:
		t->op = DMASIM_CLEAN + (x >> 16) % 3;
		break;
	case 7:
		t->op = DMASIM_ATOMIC_ADD;
		t->size = 8;
		t->addr &= ~7ull;
		break;
	case 8:
		t->flags = DMASIM_TXN_DEBUG;
		break;
	case 9:
		t->flags = DMASIM_TXN_EXCLUSIVE;
		break;
	default:
		break;
	}
}

static void step(struct side *side, const struct shape *f, uint64_t *seed)
{
	uint64_t x = next(seed), y = next(seed);
	unsigned port =
	        f->plain ? (unsigned)(y % CPUS)
	                 : (unsigned)(y % 32 < 28 ? y % CPUS : y % PORTS);
	static uint8_t data[2][256];
	struct dmasim_txn t[2];

	for (unsigned i = 0; i < 2; i++) {
		choose(&t[i], f, x);
		for (unsigned j = 0; j < sizeof(data[i]); j++)
			data[i][j] = (uint8_t)(y >> 8) + (uint8_t)j;
		t[i].data = dmasim_op_is_maintenance(t[i].op) ? NULL : data[i];
		(void)dmasim_access(&side[i].port[port], &t[i]);
		if (y >> 40 & 63 || f->plain)
			continue;
		(void)dmasim_memsys_evict(side[i].ms,
		                          y >> 50 & 1 ? 0 : DMASIM_SHARED_CACHE,
		                          t[i].addr);
	}
	assert_int_equal(t[0].result, t[1].result);
	assert_true(t[0].latency == t[1].latency);
	assert_memory_equal(data[0], data[1], sizeof(data[0]));
}

static void run(const struct shape *f, uint64_t seed, unsigned steps)
{
	struct dmasim_cache_stats s[2];
	struct side side[2];

	side_open(&side[0], f, false);
	side_open(&side[1], f, true);
	for (unsigned i = 0; i < steps; i++) {
		step(side, f, &seed);
		if (i % 4096 == 0)
			same_state(&side[0], &side[1]);
	}
	same_state(&side[0], &side[1]);
	assert_int_equal(side[0].events, 0);
	assert_true(side[1].events > steps);
	for (int level = 1; level <= 2; level++) {
		for (unsigned i = 0; i < 2; i++)
			assert_int_equal(dmasim_memsys_stats(side[i].ms, level,
			                                     0, &s[i]),
			                 DMASIM_OK);
		assert_memory_equal(&s[0], &s[1], sizeof(s[0]));
		assert_true(s[0].read_misses > 100);
	}
	side_close(&side[0]);
	side_close(&side[1]);
}

static void usual_caches(void **state)
{
	struct shape f = {64, 4, 8, 8, 16, 1, .plain = true};

	(void)state;
	run(&f, 1, 40000);
	f.no_timing = true;
	run(&f, 2, 20000);
	f.chosen = true;
	run(&f, 3, 20000);
}

static void with_others(void **state)
{
	struct shape f = {64, 4, 4, 8, 8, CPUS, .checked = false};

	(void)state;
	run(&f, 4, 60000);
	f.plain = true;
	run(&f, 5, 40000);
}

static void with_a_checker(void **state)
{
	struct shape f = {64, 2, 4, 4, 8, 2, .checked = true};

	(void)state;
	run(&f, 6, 20000);
	f.plain = true;
	run(&f, 7, 20000);
}

/* The least caches, where a line meets itself, and long lines. */
static void odd_shapes(void **state)
{
	static const uint32_t shapes[][6] = {
	        {16, 1, 1, 1, 1, 2},   {16, 1, 2, 2, 1, 1},
	        {32, 3, 2, 3, 1, 2},   {128, 2, 2, 2, 2, 3},
	        {2048, 2, 1, 2, 1, 2}, {64, 32, 1, 32, 1, 1},
	        {64, 4, 4, 2, 1, 1},
	};
	struct shape f = {.chosen = true};

	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++) {
		f.line = shapes[i][0];
		f.l1_ways = shapes[i][1];
		f.l1_sets = shapes[i][2];
		f.ways = shapes[i][3];
		f.sets = shapes[i][4];
		f.cpus = shapes[i][5];
		run(&f, 10 + i, 12000);
	}
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(usual_caches),
        cmocka_unit_test(with_others),
        cmocka_unit_test(with_a_checker),
        cmocka_unit_test(odd_shapes),
};

CHECK_MAIN(tests)
