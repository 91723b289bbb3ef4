/* SPDX-License-Identifier: MIT */
/* The snoop filter: what looking costs, and lines that it takes away. */
#include "check.h"

#include <stdlib.h>

#include "dmasim/cache.h"
#include "fail_alloc.h"

#define RAM  0x80000000ull
#define SIZE 0x40000ull

struct scene {
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_memsys *ms;
	/** Two CPUs, a coherent device, a host process with a cache. */
	struct dmasim_port port[4];
};

static const struct dmasim_snoop_filter_config small = {
        .entries = 16, .ways = 4, .cycles = 5};

static int create(struct scene *s, const struct dmasim_snoop_filter_config *f,
                  bool l2, struct dmasim_memsys **ms)
{
	struct dmasim_memsys_config cfg = {
	        .kernel = s->k, .map = s->map, .cpus = 2, .snoop_filter = *f};

	if (l2)
		cfg.l2 = (struct dmasim_cache_config){
		        .size = 8192, .ways = 4, .cycles = 7};
	return dmasim_memsys_create(&cfg, ms);
}

static void start(struct scene *s, const struct dmasim_snoop_filter_config *f,
                  bool l2)
{
	const struct dmasim_device_port_config dev = {
	        .name = "dma", .kind = DMASIM_PORT_COHERENT};
	const struct dmasim_device_port_config host = {
	        .name = "host", .kind = DMASIM_PORT_CACHED};

	assert_int_equal(dmasim_kernel_create(NULL, &s->k), DMASIM_OK);
	assert_int_equal(
	        dmasim_map_create(&(struct dmasim_map_config){.kernel = s->k},
	                          &s->map),
	        DMASIM_OK);
	assert_int_equal(dmasim_map_add_ram(s->map, "ram", RAM, SIZE),
	                 DMASIM_OK);
	assert_int_equal(create(s, f, l2, &s->ms), DMASIM_OK);
	for (uint32_t i = 0; i < 2; i++)
		dmasim_memsys_cpu_port(s->ms, i, &s->port[i]);
	assert_int_equal(dmasim_memsys_add_port(s->ms, &dev, &s->port[2], NULL),
	                 DMASIM_OK);
	assert_int_equal(
	        dmasim_memsys_add_port(s->ms, &host, &s->port[3], NULL),
	        DMASIM_OK);
}

static void end(struct scene *s)
{
	dmasim_memsys_destroy(s->ms);
	dmasim_map_destroy(s->map);
	dmasim_kernel_destroy(s->k);
}

static uint64_t access(const struct scene *s, unsigned port, enum dmasim_op op,
                       uint64_t addr, uint64_t *value)
{
	uint8_t data[8];
	struct dmasim_txn t = {.op = op,
	                       .addr = addr,
	                       .size = 8,
	                       .attr = dmasim_attr_wb,
	                       .data = dmasim_op_is_maintenance(op) ? NULL
	                                                            : data};

	memcpy(data, value, 8);
	assert_int_equal(dmasim_access(&s->port[port], &t), DMASIM_TXN_OK);
	memcpy(value, data, 8);
	return t.latency;
}

static uint64_t read(const struct scene *s, unsigned port, uint64_t addr)
{
	uint64_t v = 0;

	return access(s, port, DMASIM_READ, addr, &v);
}

static uint64_t value_of(const struct scene *s, unsigned port, uint64_t addr)
{
	uint64_t v = 0;

	access(s, port, DMASIM_READ, addr, &v);
	return v;
}

static uint64_t write(const struct scene *s, unsigned port, uint64_t addr,
                      uint64_t v)
{
	return access(s, port, DMASIM_WRITE, addr, &v);
}

/* Each look that leaves the private caches costs 5 ns; a line that it names
 * in vain 6 ns more. */
static void costs(void **state)
{
	static const struct dmasim_snoop_filter_config none = {0};
	struct dmasim_snoop_filter_stats st;
	struct scene s, plain;
	uint64_t v = 0;

	(void)state;
	start(&s, &small, false);
	start(&plain, &none, false);
	assert_int_equal(dmasim_memsys_filter_stats(plain.ms, &st),
	                 DMASIM_E_NOTFOUND);
	/* Nobody has it; a hit; another one has it; upgrade; device. */
	assert_int_equal(read(&s, 0, RAM), read(&plain, 0, RAM) + 5000);
	assert_int_equal(read(&s, 0, RAM), read(&plain, 0, RAM));
	assert_int_equal(read(&s, 1, RAM), read(&plain, 1, RAM) + 5000);
	assert_int_equal(write(&s, 1, RAM, 1), write(&plain, 1, RAM, 1) + 5000);
	assert_int_equal(read(&s, 2, RAM), read(&plain, 2, RAM) + 5000);
	assert_int_equal(read(&s, 2, RAM + 64),
	                 read(&plain, 2, RAM + 64) + 5000);
	assert_int_equal(write(&s, 2, RAM, 2), write(&plain, 2, RAM, 2) + 5000);
	assert_int_equal(access(&s, 0, DMASIM_CLEAN, RAM + 128, &v),
	                 access(&plain, 0, DMASIM_CLEAN, RAM + 128, &v) + 5000);
	assert_int_equal(dmasim_memsys_filter_stats(s.ms, &st), DMASIM_OK);
	assert_int_equal(st.looks, 7);
	assert_int_equal(st.hits, 4);
	/* The device took the line away; the filter does not know. */
	assert_int_equal(read(&s, 0, RAM), read(&plain, 0, RAM) + 11000);
	assert_int_equal(dmasim_memsys_filter_stats(s.ms, &st), DMASIM_OK);
	assert_int_equal(st.hits, 5);
	assert_int_equal(st.back_invalidations, 0);
	end(&s);
	end(&plain);
}

/* A set of it holds four lines: the fifth takes the first one away, from
 * whoever has it, and nothing is lost. */
static void back_invalidation(void **state)
{
	struct dmasim_snoop_filter_stats st;
	struct scene s;

	(void)state;
	for (unsigned l2 = 0; l2 < 2; l2++) {
		start(&s, &small, l2);
		write(&s, 0, RAM, 77);
		/* Shared by all three caches, then written by one. */
		read(&s, 1, RAM + 256);
		read(&s, 3, RAM + 256);
		write(&s, 0, RAM + 512, 78);
		write(&s, 1, RAM + 768, 79);
		assert_int_equal(read(&s, 0, RAM), 3000);
		dmasim_memsys_filter_stats(s.ms, &st);
		assert_int_equal(st.back_invalidations, 0);
		write(&s, 1, RAM + 1024, 80);
		dmasim_memsys_filter_stats(s.ms, &st);
		assert_int_equal(st.back_invalidations, 1);
		assert_true(read(&s, 0, RAM + 512) == 3000);
		assert_int_equal(value_of(&s, 2, RAM), 77);
		assert_true(read(&s, 0, RAM) > 3000);
		assert_int_equal(value_of(&s, 0, RAM), 77);
		/* That one took the second one away, from two. */
		assert_true(read(&s, 1, RAM + 256) > 3000);
		assert_int_equal(value_of(&s, 3, RAM + 512), 78);
		assert_int_equal(value_of(&s, 3, RAM + 768), 79);
		assert_int_equal(value_of(&s, 3, RAM + 1024), 80);
		end(&s);
	}
}

static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Whatever it takes away, everybody reads what was written last. */
static void same_as_flat(void **state)
{
	static uint64_t flat[256];

	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++) {
		uint64_t rnd = seed * 0x9e3779b97f4a7c15;
		struct dmasim_snoop_filter_stats st;
		struct scene s;

		memset(flat, 0, sizeof(flat));
		start(&s, &small, seed % 2);
		for (unsigned i = 0; i < 3000; i++) {
			unsigned slot = next(&rnd) % 256;
			unsigned port = next(&rnd) % 4;
			uint64_t addr = RAM + slot * 40ull * 8;

			if (next(&rnd) % 3 == 0) {
				flat[slot] = next(&rnd);
				write(&s, port, addr, flat[slot]);
			} else {
				assert_true(value_of(&s, port, addr) ==
				            flat[slot]);
			}
		}
		dmasim_memsys_filter_stats(s.ms, &st);
		assert_true(st.back_invalidations > 100);
		assert_true(st.hits < st.looks);
		end(&s);
	}
}

static void hostile(void **state)
{
	static const struct dmasim_snoop_filter_config bad[] = {
	        {.entries = 16},
	        {.entries = 16, .ways = 3},
	        {.entries = 12, .ways = 4},
	        {.entries = 3, .ways = 4},
	        {.entries = 130, .ways = 65},
	        {.entries = 1u << 25, .ways = 16},
	        {.entries = 16, .ways = 4, .cycles = 10001},
	};
	struct dmasim_memsys *ms;
	struct scene s;

	(void)state;
	start(&s, &small, false);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(create(&s, &bad[i], false, &ms),
		                 DMASIM_E_INVAL);
		assert_null(ms);
	}
	end(&s);
}

static int restore(struct scene *s, const uint8_t *data, size_t size)
{
	struct dmasim_reader *r;
	int status;

	assert_int_equal(dmasim_reader_create(data, size, &r), DMASIM_OK);
	status = dmasim_memsys_restore(s->ms, r);
	dmasim_reader_destroy(r);
	return status;
}

static struct dmasim_writer *save(struct scene *s, const uint8_t **data,
                                  size_t *size)
{
	struct dmasim_writer *w;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_memsys_save(s->ms, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, data, size), DMASIM_OK);
	return w;
}

static void saved(void **state)
{
	static const struct dmasim_snoop_filter_config none = {0},
	                                               other = {.entries = 16,
	                                                        .ways = 8};
	struct dmasim_snoop_filter_stats a, b;
	struct dmasim_writer *w;
	const uint8_t *data;
	size_t size;
	struct scene s, t;

	(void)state;
	start(&s, &small, true);
	for (unsigned i = 0; i < 12; i++)
		write(&s, i % 2, RAM + i * 64, i);
	w = save(&s, &data, &size);
	start(&t, &small, true);
	assert_int_equal(restore(&t, data, size), DMASIM_OK);
	for (unsigned i = 0; i < 40; i++)
		assert_int_equal(read(&s, i % 4, RAM + i * 64),
		                 read(&t, i % 4, RAM + i * 64));
	dmasim_memsys_filter_stats(s.ms, &a);
	dmasim_memsys_filter_stats(t.ms, &b);
	assert_memory_equal(&a, &b, sizeof(a));
	assert_true(a.back_invalidations > 0);
	end(&t);
	start(&t, &none, true);
	assert_int_equal(restore(&t, data, size), DMASIM_E_FORMAT);
	end(&t);
	start(&t, &other, true);
	assert_int_equal(restore(&t, data, size), DMASIM_E_FORMAT);
	end(&t);
	dmasim_writer_destroy(w);
	end(&s);
}

/* The filter is the last thing in the blob, whose last entry lies 20 bytes
 * before its end. */
static void lies(void **state)
{
	struct dmasim_writer *w;
	const uint8_t *data;
	uint8_t *copy;
	size_t size;
	struct scene s, t;

	(void)state;
	start(&s, &small, false);
	read(&s, 0, RAM + 64 * 15);
	read(&s, 0, RAM + 64 * 14);
	w = save(&s, &data, &size);
	copy = malloc(size);
	assert_non_null(copy);
	for (size_t back = 1; back <= 44; back++)
		for (unsigned bit = 0; bit < 8; bit++) {
			memcpy(copy, data, size);
			copy[size - back] ^= (uint8_t)(1u << bit);
			start(&t, &small, false);
			/* Stamps and places in a set may be others. */
			if (restore(&t, copy, size) == DMASIM_OK)
				assert_true(value_of(&t, 1, RAM) == 0);
			end(&t);
		}
	/* A line of a cache that it does not name; another set's; none. */
	for (unsigned i = 0; i < 3; i++) {
		memcpy(copy, data, size);
		copy[size - 16] = (uint8_t[]){0xff, 0x00, 0x11}[i];
		start(&t, &small, false);
		assert_int_equal(restore(&t, copy, size), DMASIM_E_FORMAT);
		end(&t);
	}
	free(copy);
	dmasim_writer_destroy(w);
	end(&s);
}

static void no_memory(void **state)
{
	struct dmasim_writer *w;
	const uint8_t *data;
	size_t size;
	struct scene s;
	unsigned failures = 0;
	bool hit = true;

	(void)state;
	start(&s, &small, false);
	read(&s, 0, RAM);
	w = save(&s, &data, &size);
	for (int n = 0; hit; n++) {
		struct dmasim_memsys *ms;
		int status;

		fail_alloc_after = n;
		fail_alloc_hit = false;
		status = create(&s, &small, false, &ms);
		fail_alloc_after = -1;
		hit = fail_alloc_hit;
		assert_int_equal(status, hit ? DMASIM_E_NOMEM : DMASIM_OK);
		dmasim_memsys_destroy(ms);
		failures += hit;
	}
	assert_true(failures > 10);
	hit = true;
	for (int n = 0; hit; n++) {
		struct dmasim_reader *r;
		int status;

		assert_int_equal(dmasim_reader_create(data, size, &r),
		                 DMASIM_OK);
		fail_alloc_after = n;
		fail_alloc_hit = false;
		status = dmasim_memsys_restore(s.ms, r);
		fail_alloc_after = -1;
		hit = fail_alloc_hit;
		assert_int_equal(status, hit ? DMASIM_E_NOMEM : DMASIM_OK);
		dmasim_reader_destroy(r);
	}
	dmasim_writer_destroy(w);
	end(&s);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(costs),        cmocka_unit_test(back_invalidation),
        cmocka_unit_test(same_as_flat), cmocka_unit_test(hostile),
        cmocka_unit_test(saved),        cmocka_unit_test(lies),
        cmocka_unit_test(no_memory),
};

CHECK_MAIN(tests)
