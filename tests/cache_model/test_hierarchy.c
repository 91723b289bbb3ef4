/* SPDX-License-Identifier: MIT */
/*
 * Every shape of the hierarchy under random coherent traffic equals a flat
 * array, and after every step all promises of the caches are kept. The
 * checker, where it is on, finds nothing.
 */
#include "traffic.h"

#include <stdlib.h>

#include "invariants.h"

static void run(const struct rig_config *cfg, const struct dmasim_attr *attr,
                uint64_t seed, unsigned count)
{
	struct traffic t;

	traffic_begin(&t, rig_new(cfg), true);
	if (attr)
		t.attr = *attr;
	t.mixed = !attr;
	traffic_steps(&t, seed, count);
	assert_true(t.exclusives > count / 100);
	assert_true(t.failed > count / 100);
	traffic_end(&t);
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
		traffic_begin(&t, rig_new(&cfg), true);
		traffic_add(&t, &t.r->foreign);
		traffic_add(&t, &t.r->foreign_device);
		t.attr.share = DMASIM_OSH;
		t.attr.inner = i % 5 == 4 ? DMASIM_NC : DMASIM_WB;
		t.mixed = i % 3 == 0 && i % 5 != 4;
		traffic_steps(&t, 600 + i, 2000);
		traffic_end(&t);
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
		traffic_add(&t, i & 1 ? &t.r->core[1] : &t.r->foreign);
		t.filled[0] = t.filled[1] = i & 1 ? 1 : 3;
		t.attr.share = DMASIM_NSH;
		t.mixed = true;
		traffic_steps(&t, 700 + i, 2000);
		traffic_end(&t);
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
		if (i % 3 == 0)
			cfg.snoop_filter = (struct dmasim_snoop_filter_config){
			        .entries = 8, .ways = 2, .cycles = 1};
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
