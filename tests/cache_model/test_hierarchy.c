/* SPDX-License-Identifier: MIT */
/*
 * Every shape of the hierarchy under random coherent traffic equals a flat
 * array, and after every step all promises of the caches are kept. The
 * checker, where it is on, finds nothing.
 */
#include "rig.h"

#include <stdlib.h>

#include "invariants.h"

#define AREA 2048u

struct traffic {
	struct rig *r;
	const struct dmasim_port *ports[8];
	uint32_t port_count;
	/** Cacheability and shareability of all; hints vary. */
	struct dmasim_attr attr;
	/** Write-through mappings of the same memory, too. */
	bool mixed;
	/** Whose caches the hardware fills: two numbers. */
	uint32_t filled[2];
	uint64_t seed;
	uint8_t model[AREA];
	/** Who has reserved what, by ports. */
	bool reserved[8];
	uint32_t reserved_line[8];
	unsigned exclusives, failed;
};

static void add(struct traffic *t, const struct dmasim_port *p)
{
	t->ports[t->port_count++] = p;
}

static enum dmasim_result go(struct traffic *t, uint32_t port,
                             enum dmasim_op op, uint64_t addr, uint8_t *data,
                             uint32_t size, uint32_t flags)
{
	uint64_t x = rig_random(&t->seed);
	struct dmasim_txn txn = {.op = op,
	                         .addr = addr,
	                         .size = size,
	                         .data = data,
	                         .attr = t->attr,
	                         .flags = flags,
	                         .origin = {.what = "traffic"}};

	if (t->mixed && (x & 3) == 0)
		txn.attr.inner = txn.attr.outer = DMASIM_WT;
	if ((x >> 8 & 7) < 3)
		txn.attr.alloc = x >> 12 & 7;
	return rig_access(t->r, t->ports[port], &txn);
}

/* What a write of @port does to the reservations of the others. */
static void wrote(struct traffic *t, uint32_t port, uint32_t at, uint32_t size)
{
	uint32_t line = t->r->line;

	for (uint32_t i = 0; i < t->port_count; i++)
		if (i != port && t->reserved[i] &&
		    t->reserved_line[i] >= at / line &&
		    t->reserved_line[i] <= (at + size - 1) / line)
			t->reserved[i] = false;
}

static void load_exclusive(struct traffic *t, uint32_t port, uint32_t at)
{
	uint8_t data[8];

	assert_int_equal(go(t, port, DMASIM_READ, RIG_RAM + at, data, 8,
	                    DMASIM_TXN_EXCLUSIVE),
	                 DMASIM_TXN_OK);
	assert_memory_equal(data, t->model + at, 8);
	t->reserved[port] = true;
	t->reserved_line[port] = at / t->r->line;
}

static void store_exclusive(struct traffic *t, uint32_t port, uint32_t at,
                            uint64_t value)
{
	bool good =
	        t->reserved[port] && t->reserved_line[port] == at / t->r->line;
	uint8_t data[8];

	memcpy(data, &value, 8);
	assert_int_equal(go(t, port, DMASIM_WRITE, RIG_RAM + at, data, 8,
	                    DMASIM_TXN_EXCLUSIVE),
	                 good ? DMASIM_TXN_OK : DMASIM_TXN_EXCLUSIVE_FAIL);
	t->reserved[port] = false;
	t->exclusives += good;
	t->failed += !good;
	if (!good)
		return;
	memcpy(t->model + at, data, 8);
	wrote(t, port, at, 8);
}

static void plain(struct traffic *t, uint32_t port, uint32_t at, uint32_t size,
                  uint64_t x)
{
	uint8_t data[300];

	if (size > AREA - at)
		size = AREA - at;
	if (x & 1) {
		assert_int_equal(
		        go(t, port, DMASIM_READ, RIG_RAM + at, data, size, 0),
		        DMASIM_TXN_OK);
		assert_memory_equal(data, t->model + at, size);
		return;
	}
	for (uint32_t i = 0; i < size; i++)
		data[i] = (uint8_t)((x >> (i % 40)) ^ i);
	memcpy(t->model + at, data, size);
	assert_int_equal(go(t, port, DMASIM_WRITE, RIG_RAM + at, data, size,
	                    x >> 1 & 7 ? 0 : DMASIM_TXN_STASH),
	                 DMASIM_TXN_OK);
	wrote(t, port, at, size);
}

static void atomic(struct traffic *t, uint32_t port, uint32_t at, uint64_t x)
{
	uint8_t data[8];

	memset(data, (int)(x & 0xff), 8);
	assert_int_equal(
	        go(t, port, DMASIM_ATOMIC_SWAP, RIG_RAM + at, data, 8, 0),
	        DMASIM_TXN_OK);
	assert_memory_equal(data, t->model + at, 8);
	memset(t->model + at, (int)(x & 0xff), 8);
	wrote(t, port, at, 8);
}

static void maintain(struct traffic *t, uint32_t port, uint32_t at,
                     uint32_t size, uint64_t x)
{
	static const enum dmasim_op ops[] = {
	        DMASIM_CLEAN,     DMASIM_CLEAN_INVALIDATE,
	        DMASIM_CLEAN_POU, DMASIM_CLEAN_POP,
	        DMASIM_CLEAN_SW,  DMASIM_CLEAN_INVALIDATE_SW};
	enum dmasim_op op = ops[x % 6];
	uint64_t addr = RIG_RAM + at;

	/* Any operand; many name no line. */
	if (dmasim_op_is_set_way(op))
		addr = (x >> 8 & 0xfff) << 4 | (x >> 20 & 7) << 29 |
		       (x >> 24 & 3) << 1;
	assert_int_equal(go(t, port, op, addr, NULL, size, 0), DMASIM_TXN_OK);
}

/* The hardware's own doing. */
static void hardware(struct traffic *t, uint32_t at, uint64_t x)
{
	uint32_t cpu = x >> 4 & 3;
	uint64_t pa = RIG_RAM + at;

	if (t->attr.inner == DMASIM_NC)
		return;
	if (cpu == 3)
		cpu = x >> 6 & 1 ? DMASIM_SHARED_CACHE : DMASIM_SYSTEM_CACHE;
	switch (x % 3) {
	case 0:
		dmasim_memsys_prefetch(t->r->ms, t->filled[x >> 4 & 1], pa,
		                       &t->attr);
		break;
	case 1:
		dmasim_memsys_evict(t->r->ms, cpu, pa);
		break;
	default:
		dmasim_memsys_clean(t->r->ms, cpu, pa);
	}
}

static void step(struct traffic *t)
{
	uint64_t x = rig_random(&t->seed);
	uint32_t port = (uint32_t)(x % t->port_count);
	uint32_t at = (uint32_t)(x >> 32) % AREA;
	uint32_t size = 1 + (uint32_t)(x >> 16) % (x >> 12 & 1 ? 16 : 300);
	uint32_t small = (x >> 60 & 1 ? at : at % 256) & ~7u;

	switch (x >> 52 & 31) {
	case 0:
	case 1:
		maintain(t, port, at, size, x >> 8);
		break;
	case 2:
		atomic(t, port, small, x >> 8);
		break;
	case 3:
	case 4:
	case 5:
		load_exclusive(t, port, small);
		break;
	case 6:
	case 7:
	case 8:
		store_exclusive(t, port,
		                t->reserved[port] && x >> 61 & 3
		                        ? t->reserved_line[port] * t->r->line
		                        : small,
		                x);
		break;
	case 9:
	case 10:
		hardware(t, at, x >> 8);
		break;
	default:
		plain(t, port, at, size, x >> 8);
	}
}

static void take_part(struct traffic *t, struct rig *r, bool device)
{
	*t = (struct traffic){
	        .r = r, .attr = dmasim_attr_wb, .filled = {0, r->cpus}};
	for (uint32_t i = 0; i < r->cpus; i++)
		add(t, &r->core[i]);
	add(t, &r->host);
	if (device)
		add(t, &r->coherent);
}

static void steps(struct traffic *t, uint64_t seed, unsigned count)
{
	char why[128];

	t->seed = seed * 0x9E3779B97F4A7C15ull + 1;
	t->r->slow.seed = t->r->slow.delay ? seed : 0;
	for (unsigned i = 0; i < count; i++) {
		step(t);
		/* Between two accesses nothing of theirs is pending, but a
		 * write-back or a fill may be. */
		if (!t->r->slow.in_flight &&
		    broken_promise(t->r->ms, true, why, sizeof(why)))
			fail_msg("step %u of seed %llu: %s", i,
			         (unsigned long long)seed, why);
	}
}

static void finish(struct traffic *t)
{
	static uint8_t ram[AREA];

	assert_int_equal(dmasim_memsys_flush(t->r->ms), DMASIM_OK);
	assert_int_equal(dmasim_map_peek(t->r->map, RIG_RAM, ram, AREA),
	                 DMASIM_OK);
	assert_memory_equal(ram, t->model, AREA);
	if (t->r->checker)
		rig_no_findings(t->r);
	rig_free(t->r);
}

static void run(const struct rig_config *cfg, const struct dmasim_attr *attr,
                uint64_t seed, unsigned count)
{
	struct traffic t;

	take_part(&t, rig_new(cfg), true);
	if (attr)
		t.attr = *attr;
	t.mixed = !attr;
	steps(&t, seed, count);
	assert_true(t.exclusives > count / 100);
	assert_true(t.failed > count / 100);
	finish(&t);
}

enum shape {
	L1_SHARED,
	L1_L2_SHARED,
	L1_L2,
	L1_ONLY,
	SHARED_ONLY,
	NONE,
	SHAPES,
};

static struct rig_config shaped(enum shape shape, uint32_t line,
                                enum dmasim_replacement replace)
{
	const struct dmasim_cache_config absent = {.cycles = 1};
	struct rig_config cfg = {
	        .cpus = 2,
	        .line_size = line,
	        .no_checker = true,
	        .l1 = {4 * line, 2, 3, replace},
	        .shared = {16 * line, 4, 12, replace},
	};

	if (shape == L1_L2_SHARED || shape == L1_L2)
		cfg.l2 = (struct dmasim_cache_config){8 * line, 4, 6, replace};
	if (shape == L1_L2 || shape == L1_ONLY || shape == NONE)
		cfg.shared = absent;
	if (shape == SHARED_ONLY || shape == NONE)
		cfg.l1 = absent;
	return cfg;
}

static void all_shapes(enum dmasim_protocol protocol, uint64_t seed)
{
	for (unsigned i = 0; i < SHAPES * 6; i++) {
		static const uint32_t lines[] = {64, 16, 256};
		enum shape shape = (enum shape)(i % SHAPES);
		uint32_t line = lines[i / SHAPES % 3];
		struct rig_config cfg = shaped(shape, line, DMASIM_REPLACE_LRU);

		cfg.protocol = protocol;
		cfg.cpus = 1 + i % 4;
		if (i >= SHAPES * 3)
			cfg.system = (struct dmasim_cache_config){
			        8 * line, 2, 20, DMASIM_REPLACE_LRU};
		run(&cfg, NULL, seed + i, 1500);
	}
}

static void mesi(void **state)
{
	(void)state;
	all_shapes(DMASIM_MESI, 100);
}

static void moesi(void **state)
{
	(void)state;
	all_shapes(DMASIM_MOESI, 200);
}

static void replacement(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 6; i++) {
		struct rig_config cfg =
		        shaped(i & 1 ? L1_L2_SHARED : L1_SHARED, 64,
		               (enum dmasim_replacement)(i % 3));

		cfg.cpus = 3;
		cfg.protocol = i & 2 ? DMASIM_MOESI : DMASIM_MESI;
		cfg.system = cfg.shared;
		run(&cfg, NULL, 300 + i, 3000);
	}
}

static void checked(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		struct rig_config cfg = shaped(i & 1 ? L1_L2_SHARED : L1_SHARED,
		                               64, DMASIM_REPLACE_LRU);

		cfg.cpus = 2;
		cfg.no_checker = false;
		cfg.protocol = i & 2 ? DMASIM_MOESI : DMASIM_MESI;
		cfg.system = (struct dmasim_cache_config){1024, 2, 20,
		                                          DMASIM_REPLACE_LRU};
		run(&cfg, NULL, 400 + i, 3000);
	}
}

/* Inner and outer cacheability as mappings that agree have them. */
static void cacheability(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 9 * 4; i++) {
		struct dmasim_attr attr = dmasim_attr_wb;
		struct rig_config cfg =
		        shaped((enum shape)(i / 9), 64, DMASIM_REPLACE_LRU);

		attr.inner = (uint8_t)(i % 3);
		attr.outer = (uint8_t)(i / 3 % 3);
		cfg.protocol = i & 1 ? DMASIM_MOESI : DMASIM_MESI;
		cfg.no_checker = i & 2;
		run(&cfg, &attr, 500 + i, 1500);
	}
}

/* Ports of two inner domains, all outer shareable. */
static void two_domains(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SHAPES * 4; i++) {
		struct rig_config cfg = shaped((enum shape)(i % SHAPES), 64,
		                               DMASIM_REPLACE_LRU);
		struct traffic t;

		cfg.domains = true;
		cfg.protocol = i / SHAPES & 1 ? DMASIM_MOESI : DMASIM_MESI;
		if (i >= SHAPES * 2)
			cfg.system = (struct dmasim_cache_config){
			        512, 2, 20, DMASIM_REPLACE_LRU};
		take_part(&t, rig_new(&cfg), true);
		add(&t, &t.r->foreign);
		add(&t, &t.r->foreign_device);
		t.attr.share = DMASIM_OSH;
		t.attr.inner = i % 5 == 4 ? DMASIM_NC : DMASIM_WB;
		t.mixed = i % 3 == 0 && i % 5 != 4;
		steps(&t, 600 + i, 2000);
		finish(&t);
	}
}

/* One agent has nobody to be coherent with. */
static void non_shareable(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SHAPES; i++) {
		struct rig_config cfg =
		        shaped((enum shape)i, 64, DMASIM_REPLACE_LRU);
		struct traffic t;

		cfg.domains = true;
		t = (struct traffic){.r = rig_new(&cfg),
		                     .attr = dmasim_attr_wb};
		add(&t, i & 1 ? &t.r->core[1] : &t.r->foreign);
		t.filled[0] = t.filled[1] = i & 1 ? 1 : 3;
		t.attr.share = DMASIM_NSH;
		t.mixed = true;
		steps(&t, 700 + i, 2000);
		finish(&t);
	}
}

/* Choices of the hardware, everywhere. */
static void seeded(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 12; i++) {
		const struct dmasim_choice_config choice = {
		        .mode = DMASIM_CHOICE_SEED, .seed = i};
		struct rig_config cfg =
		        shaped((enum shape)(i % 4), 64,
		               (enum dmasim_replacement)(i % 3));

		cfg.choice = &choice;
		cfg.ask_every = i % 4;
		cfg.cpus = 3;
		cfg.no_checker = i & 1;
		cfg.protocol = i & 2 ? DMASIM_MOESI : DMASIM_MESI;
		if (i & 4)
			cfg.system = cfg.l1;
		run(&cfg, NULL, 800 + i, 2000);
	}
}

static void memory_pends(void **state)
{
	(void)state;
	for (unsigned i = 0; i < SHAPES * 2; i++) {
		const struct dmasim_choice_config choice = {
		        .mode = DMASIM_CHOICE_SEED, .seed = i};
		struct rig_config cfg = shaped((enum shape)(i % SHAPES), 64,
		                               DMASIM_REPLACE_LRU);

		cfg.delay = 300;
		cfg.no_checker = i & 1;
		cfg.protocol = i & 2 ? DMASIM_MOESI : DMASIM_MESI;
		cfg.choice = i % 3 ? NULL : &choice;
		cfg.ask_every = 2;
		if (i & 4)
			cfg.system = (struct dmasim_cache_config){
			        512, 2, 20, DMASIM_REPLACE_LRU};
		run(&cfg, NULL, 900 + i, 1500);
	}
}

/* Mappings that disagree in everything, on every port: bytes may be lost, but
 * the structure never breaks, and every byte that is read was once written
 * there. */
static void any_step(struct rig *r, uint64_t *seed, uint64_t *written)
{
	static const uint32_t flags[] = {0,
	                                 0,
	                                 0,
	                                 DMASIM_TXN_NO_SNOOP,
	                                 DMASIM_TXN_STASH,
	                                 DMASIM_TXN_DESTRUCTIVE,
	                                 DMASIM_TXN_EXCLUSIVE,
	                                 0};
	const struct dmasim_port *ports[] = {
	        &r->core[0], &r->core[1],     &r->host,    &r->coherent,
	        &r->foreign, &r->noncoherent, &r->core[0], &r->foreign_device};
	uint64_t x = rig_random(seed), y = rig_random(seed);
	uint32_t slot = (uint32_t)(x >> 8) % (AREA / 8);
	uint64_t value = slot << 4 | (x >> 40 & 15);
	struct dmasim_txn txn = {.addr = RIG_RAM + slot * 8,
	                         .size = 8,
	                         .data = (uint8_t *)&value,
	                         .flags = flags[y & 7]};

	txn.attr.type = y >> 8 & 7 ? DMASIM_NORMAL : y >> 12 & 3;
	txn.attr.inner = (uint8_t)((y >> 16) % 3);
	txn.attr.outer = (uint8_t)((y >> 24) % 3);
	txn.attr.share = (uint8_t)((y >> 32) % 3);
	txn.attr.alloc = y >> 40 & 7;
	switch (x >> 20 & 7) {
	case 0:
		txn.op = (enum dmasim_op)(DMASIM_CLEAN + (x >> 24) % 3);
		break;
	case 1:
		txn.op = (enum dmasim_op)(DMASIM_CLEAN_POU + (x >> 24) % 5);
		break;
	case 2:
	case 3:
	case 4:
		txn.op = DMASIM_WRITE;
		written[slot] |= UINT64_C(1) << (value & 15);
		break;
	default:
		break;
	}
	rig_access(r, ports[x & 7], &txn);
	if (txn.op == DMASIM_READ && value) {
		assert_int_equal(value >> 4, slot);
		assert_true(written[slot] >> (value & 15) & 1);
	}
}

/* What such traffic leaves behind can be saved, and is taken back. */
static void save_and_restore(struct rig *r)
{
	struct dmasim_writer *w;
	struct dmasim_reader *reader;
	const uint8_t *blob;
	size_t size;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_memsys_save(r->ms, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &blob, &size), DMASIM_OK);
	assert_int_equal(dmasim_reader_create(blob, size, &reader), DMASIM_OK);
	assert_int_equal(dmasim_memsys_restore(r->ms, reader), DMASIM_OK);
	dmasim_reader_destroy(reader);
	dmasim_writer_destroy(w);
}

static void anything_goes(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 16; i++) {
		const struct dmasim_choice_config choice = {
		        .mode = DMASIM_CHOICE_SEED, .seed = i};
		struct rig_config cfg = shaped((enum shape)(i % SHAPES), 64,
		                               DMASIM_REPLACE_PLRU);
		uint64_t seed = 1000 + i, written[AREA / 8] = {0};
		struct rig *r;
		char why[128];

		cfg.domains = true;
		cfg.no_checker = i & 2;
		cfg.delay = i & 4 ? 200 : 0;
		cfg.protocol = i & 1 ? DMASIM_MOESI : DMASIM_MESI;
		cfg.choice = i & 8 ? &choice : NULL;
		cfg.ask_every = 3;
		if (i & 3)
			cfg.system = (struct dmasim_cache_config){
			        512, 2, 20, DMASIM_REPLACE_LRU};
		r = rig_new(&cfg);
		r->slow.seed = cfg.delay ? seed : 0;
		for (unsigned n = 0; n < 3000; n++) {
			any_step(r, &seed, written);
			if (!r->slow.in_flight &&
			    broken_promise(r->ms, false, why, sizeof(why)))
				fail_msg("step %u of %u: %s", n, i, why);
			if (n % 500 == 0 && !r->slow.in_flight)
				save_and_restore(r);
		}
		assert_int_equal(dmasim_memsys_flush(r->ms), DMASIM_OK);
		rig_free(r);
	}
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(mesi),          cmocka_unit_test(moesi),
        cmocka_unit_test(replacement),   cmocka_unit_test(checked),
        cmocka_unit_test(cacheability),  cmocka_unit_test(two_domains),
        cmocka_unit_test(non_shareable), cmocka_unit_test(seeded),
        cmocka_unit_test(memory_pends),  cmocka_unit_test(anything_goes),
};

CHECK_MAIN(tests)
