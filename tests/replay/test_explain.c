/* SPDX-License-Identifier: MIT */
/* Which rings explain a stream's faults, and in which order they rank. */
#include "log_text.h"

static struct dmasim_log *the_pair(void)
{
	struct text t = {0};

	text_fault(&t, 0, false, W2017_IDX);
	text_fault(&t, 0, false, W2017_FLAGS);
	return parse(&t);
}

static size_t explain(const struct dmasim_log *log, uint32_t sid,
                      const struct dmasim_explain_options *opt,
                      struct dmasim_explanation **e)
{
	size_t count = 99;

	assert_int_equal(dmasim_explain(log, 0, sid, opt, e, &count),
	                 DMASIM_OK);
	return count;
}

/** The place of a ring in the list; -1: it is not there. */
static int place(const struct dmasim_explanation *e, size_t count,
                 enum dmasim_layout layout, unsigned size, uint64_t avail)
{
	for (size_t i = 0; i < count; i++)
		if (e[i].layout == layout && e[i].queue_size == size &&
		    e[i].avail == avail)
			return (int)i;
	return -1;
}

static void test_2017_first(void **state)
{
	struct dmasim_log *log = the_pair();
	struct dmasim_explanation *e;
	size_t count = explain(log, 0, NULL, &e);
	char field[32];

	(void)state;
	assert_true(count > 0);
	assert_int_equal(e[0].layout, DMASIM_LAYOUT_LEGACY);
	assert_int_equal(e[0].queue_size, 256);
	assert_true(e[0].base == 0x8fa080000);
	assert_true(e[0].desc == 0x8fa080000 && e[0].used == 0x8fa082000);
	assert_int_equal(e[0].records, 2);
	assert_true(e[0].profile_size && e[0].profile_order);
	assert_true(e[0].page_aligned);
	assert_false(e[0].equal_to_previous);
	assert_string_equal(
	        e[0].reason,
	        "explains 2 of 2 records; 256 entries as in the profile; "
	        "avail->idx, then avail->flags as in the profile; legacy, at a "
	        "page boundary");
	assert_true(dmasim_explain_field(&e[0], dmasim_log_get(log, 0), field,
	                                 sizeof(field)));
	assert_string_equal(field, "avail->idx");
	assert_true(dmasim_explain_field(&e[0], dmasim_log_get(log, 1), field,
	                                 sizeof(field)));
	assert_string_equal(field, "avail->flags");
	free(e);
	dmasim_log_destroy(log);
}

/** Any base of 0x8fa081000 - 16 N fits: page-aligned ones next, by size, then
 * the modern avail ring, then blocks that begin within a page. */
static void test_2017_alternatives(void **state)
{
	struct dmasim_log *log = the_pair();
	struct dmasim_explanation *e;
	size_t count = explain(log, 0, NULL, &e);
	size_t n = 1;

	(void)state;
	assert_int_equal(count, 17);
	for (unsigned size = 512; size <= 32768; size *= 2, n++) {
		assert_int_equal(e[n].layout, DMASIM_LAYOUT_LEGACY);
		assert_int_equal(e[n].queue_size, size);
		assert_true(e[n].base == 0x8fa081000 - 16ull * size);
		assert_true(e[n].page_aligned && !e[n].profile_size);
	}
	assert_int_equal(e[n].layout, DMASIM_LAYOUT_MODERN);
	assert_int_equal(e[n].queue_size, 0);
	assert_true(e[n].base == 0x8fa081000);
	assert_string_equal(e[n].reason,
	                    "explains 2 of 2 records; the size is open; "
	                    "avail->idx, then avail->flags as in the profile; "
	                    "modern, at a page boundary");
	n++;
	for (unsigned size = 1; size <= 128; size *= 2, n++) {
		assert_int_equal(e[n].queue_size, size);
		assert_true(e[n].base == 0x8fa081000 - 16ull * size);
		assert_false(e[n].page_aligned);
	}
	free(e);
	dmasim_log_destroy(log);
}

static void test_options_narrow(void **state)
{
	const struct dmasim_ram_range ram = {0x8fa07f000, 0x100000};
	struct dmasim_explain_options opt = {.queue_size = 512};
	struct dmasim_log *log = the_pair();
	struct dmasim_explanation *e;

	(void)state;
	assert_int_equal(explain(log, 0, &opt, &e), 2);
	assert_true(e[0].base == 0x8fa07f000);
	assert_int_equal(e[1].layout, DMASIM_LAYOUT_MODERN);
	assert_int_equal(e[1].queue_size, 512);
	assert_true(e[1].used == 0);
	free(e);
	opt = (struct dmasim_explain_options){.profile_queue_size = 1024};
	assert_int_equal(explain(log, 0, &opt, &e), 17);
	assert_int_equal(e[0].queue_size, 1024);
	free(e);
	opt = (struct dmasim_explain_options){.has_layout = true,
	                                      .layout = DMASIM_LAYOUT_MODERN};
	assert_int_equal(explain(log, 0, &opt, &e), 1);
	free(e);
	opt.layout = DMASIM_LAYOUT_LEGACY;
	assert_int_equal(explain(log, 0, &opt, &e), 16);
	free(e);
	/* 512 entries begin where RAM does; larger rings do not fit. */
	opt = (struct dmasim_explain_options){.ram = &ram, .ram_count = 1};
	assert_int_equal(explain(log, 0, &opt, &e), 11);
	assert_int_equal(place(e, 11, DMASIM_LAYOUT_LEGACY, 512, 0x8fa081000),
	                 1);
	assert_int_equal(place(e, 11, DMASIM_LAYOUT_LEGACY, 1024, 0x8fa081000),
	                 -1);
	free(e);
	dmasim_log_destroy(log);
}

static void test_bad_sizes(void **state)
{
	struct dmasim_log *log = the_pair();
	struct dmasim_explanation *e;
	size_t count;
	struct dmasim_explain_options opt = {.queue_size = 3};

	(void)state;
	assert_int_equal(dmasim_explain(log, 0, 0, &opt, &e, &count),
	                 DMASIM_E_INVAL);
	opt.queue_size = 65536;
	assert_int_equal(dmasim_explain(log, 0, 0, &opt, &e, &count),
	                 DMASIM_E_INVAL);
	dmasim_log_destroy(log);
}

static void test_other_streams_do_not_count(void **state)
{
	struct text t = {0};
	struct dmasim_log *log;
	struct dmasim_explanation *e;
	char field[32];

	(void)state;
	text_fault(&t, 5, false, W2017_IDX);
	text_fault(&t, 6, false, W2017_FLAGS);
	log = parse(&t);
	assert_true(explain(log, 5, NULL, &e) > 0);
	assert_int_equal(e[0].records, 1);
	assert_int_equal(e[0].stream_id, 5);
	assert_false(e[0].profile_order);
	assert_false(dmasim_explain_field(&e[0], dmasim_log_get(log, 1), field,
	                                  sizeof(field)));
	free(e);
	assert_int_equal(explain(log, 6, NULL, &e), 0);
	assert_null(e);
	assert_int_equal(explain(log, 7, NULL, &e), 0);
	dmasim_log_destroy(log);
}

/** Network, NVMe and graphics devices: no ring. */
static void test_no_virtqueue(void **state)
{
	static const uint64_t reads[] = {
	        0xf0ac7a000, 0xcdcc7000, 0xfffffffff000, 0x4,
	        0x8,         0x12002004, 0x5a3f0e6b2,    0x100000001,
	};
	static const uint64_t writes[] = {
	        0xff9bc000, 0x90000f040, 0x0, 0x1700a010, 0xfff0142,
	};
	struct text t = {0};
	struct dmasim_log *log;
	struct dmasim_explanation *e;
	const uint64_t bad_ste[4] = {0x04};

	(void)state;
	for (size_t i = 0; i < sizeof(reads) / sizeof(*reads); i++)
		text_fault(&t, 0, false, reads[i]);
	for (size_t i = 0; i < sizeof(writes) / sizeof(*writes); i++)
		text_fault(&t, 0, true, writes[i]);
	text_record(&t, "2b400000.smmu", bad_ste);
	log = parse(&t);
	assert_int_equal(explain(log, 0, NULL, &e), 0);
	dmasim_log_destroy(log);
}

/** The used ring alone: its index at a page, of a legacy block. */
static void test_used_ring_alone(void **state)
{
	struct text t = {0};
	struct dmasim_log *log;
	struct dmasim_explanation *e;
	size_t count;
	char field[32];

	(void)state;
	text_fault(&t, 0, true, 0x12002004);
	text_fault(&t, 0, true, 0x12002002);
	log = parse(&t);
	count = explain(log, 0, NULL, &e);
	assert_true(count > 0);
	assert_int_equal(e[0].queue_size, 256);
	assert_true(e[0].base == 0x12000000);
	assert_int_equal(e[0].records, 2);
	assert_true(dmasim_explain_field(&e[0], dmasim_log_get(log, 0), field,
	                                 sizeof(field)));
	assert_string_equal(field, "used->ring[0].id");
	free(e);
	dmasim_log_destroy(log);
}

/** Linux's modern block on PCI: the used ring at a cache line. The event
 * field behind the ring tells its size (a recording has these addresses). */
static void test_modern_block(void **state)
{
	struct text t = {0};
	struct dmasim_log *log;
	struct dmasim_explanation *e;
	size_t count;
	char field[32];

	(void)state;
	text_fault(&t, 0x28, false, 0xffffd002);
	text_fault(&t, 0x28, false, 0xffffd01a);
	text_fault(&t, 0x28, true, 0xffffda44);
	log = parse(&t);
	count = explain(log, 0x28, NULL, &e);
	assert_true(count > 0);
	assert_int_equal(e[0].layout, DMASIM_LAYOUT_MODERN);
	assert_int_equal(e[0].queue_size, 256);
	assert_true(e[0].desc == 0xffffc000 && e[0].avail == 0xffffd000);
	assert_true(e[0].used == 0xffffd240);
	assert_int_equal(e[0].records, 3);
	assert_true(dmasim_explain_field(&e[0], dmasim_log_get(log, 1), field,
	                                 sizeof(field)));
	assert_string_equal(field, "avail->ring[11]");
	assert_true(dmasim_explain_field(&e[0], dmasim_log_get(log, 2), field,
	                                 sizeof(field)));
	assert_string_equal(field, "avail_event");
	free(e);
	dmasim_log_destroy(log);
	/* The same ring from its used part alone. */
	text_fault(&t, 0x28, true, 0xffffda44);
	text_fault(&t, 0x28, true, 0xffffd29c);
	text_fault(&t, 0x28, true, 0xffffd242);
	log = parse(&t);
	count = explain(log, 0x28, NULL, &e);
	assert_true(count > 0);
	assert_int_equal(e[0].queue_size, 256);
	assert_true(e[0].avail == 0xffffd000 && e[0].used == 0xffffd240);
	assert_int_equal(e[0].records, 3);
	free(e);
	dmasim_log_destroy(log);
}

/** A ring of another size at a page comes before one of the profile's size
 * that is not at a page. */
static void test_page_before_size(void **state)
{
	struct text t = {0};
	struct dmasim_log *log;
	struct dmasim_explanation *e;

	(void)state;
	text_fault(&t, 0, false, 0x10000802);
	text_fault(&t, 0, false, 0x10000800);
	log = parse(&t);
	assert_true(explain(log, 0, NULL, &e) > 0);
	assert_int_equal(e[0].queue_size, 128);
	assert_true(e[0].base == 0x10000000);
	free(e);
	dmasim_log_destroy(log);
}

/** Two rings of which nothing tells apart which is meant. */
static void test_equally_likely(void **state)
{
	struct text t = {0};
	struct dmasim_log *log;
	struct dmasim_explanation *e;
	size_t count;

	(void)state;
	text_fault(&t, 0, false, 0x10001002);
	text_fault(&t, 0, false, 0x20001002);
	log = parse(&t);
	count = explain(log, 0, NULL, &e);
	assert_int_equal(count, 34);
	assert_true(e[0].base == 0x10000000 && e[1].base == 0x20000000);
	assert_false(e[0].equal_to_previous);
	assert_true(e[1].equal_to_previous);
	assert_false(e[2].equal_to_previous);
	free(e);
	dmasim_log_destroy(log);
}

/** Decoded lines without the line on the access: the direction is open. */
static void test_unknown_direction(void **state)
{
	struct dmasim_log *log = parse_text(
	        "arm-smmu-v3 a: event: F_TRANSLATION client: c sid: 0x0 ssid: "
	        "0x0 iova: 0x8fa081002 ipa: 0x0\n");
	struct dmasim_explanation *e;
	char field[32];

	(void)state;
	assert_true(explain(log, 0, NULL, &e) > 1);
	/* As used->idx of one ring or as avail->idx of another. */
	assert_true(e[0].base == 0x8fa07f000 && e[1].base == 0x8fa080000);
	assert_true(e[1].equal_to_previous);
	assert_true(dmasim_explain_field(&e[0], dmasim_log_get(log, 0), field,
	                                 sizeof(field)));
	assert_string_equal(field, "used->idx");
	assert_true(dmasim_explain_field(&e[1], dmasim_log_get(log, 0), field,
	                                 sizeof(field)));
	assert_string_equal(field, "avail->idx");
	free(e);
	dmasim_log_destroy(log);
}

/* ---- every field ---- */

static void check_field(uint64_t addr, bool write, const char *name)
{
	struct text t = {0};
	struct dmasim_log *log;
	struct dmasim_explanation e = {
	        .layout = DMASIM_LAYOUT_LEGACY,
	        .queue_size = 4,
	        .desc = 0x10000,
	        .avail = 0x10040,
	        .used = 0x11000,
	};
	char field[32] = "";
	bool found;

	text_fault(&t, 0, write, addr);
	log = parse(&t);
	found = dmasim_explain_field(&e, dmasim_log_get(log, 0), field,
	                             sizeof(field));
	assert_int_equal(found, name != NULL);
	if (name)
		assert_string_equal(field, name);
	dmasim_log_destroy(log);
}

static void test_fields(void **state)
{
	(void)state;
	check_field(0xfffe, false, NULL);
	check_field(0x10000, false, "desc[0].addr");
	check_field(0x10004, false, "desc[0].addr+4");
	check_field(0x10018, false, "desc[1].len");
	check_field(0x1002c, false, "desc[2].flags");
	check_field(0x1003e, false, "desc[3].next");
	check_field(0x10002, false, NULL);
	check_field(0x10000, true, NULL);
	check_field(0x10040, false, "avail->flags");
	check_field(0x10042, false, "avail->idx");
	check_field(0x10042, true, NULL);
	check_field(0x10044, false, "avail->ring[0]");
	check_field(0x10045, false, NULL);
	check_field(0x1004a, false, "avail->ring[3]");
	check_field(0x1004c, false, "used_event");
	check_field(0x1004e, false, NULL);
	check_field(0x11000, true, "used->flags");
	check_field(0x11000, false, "used->flags");
	check_field(0x11002, true, "used->idx");
	check_field(0x11002, false, "used->idx");
	check_field(0x11003, true, NULL);
	check_field(0x11004, true, "used->ring[0].id");
	check_field(0x11004, false, NULL);
	check_field(0x11008, true, "used->ring[0].len");
	check_field(0x1101c, true, "used->ring[3].id");
	check_field(0x11024, true, "avail_event");
	check_field(0x11028, true, NULL);
}

/* ---- random rings ---- */

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return *seed >> 32;
}

/** Faults of a device that walks a ring, from its index on. */
static void walk_ring(struct text *t, uint64_t *seed, uint64_t desc,
                      uint64_t avail, uint64_t used, unsigned size)
{
	unsigned slot = (unsigned)(next_random(seed) % size);
	unsigned head = (unsigned)(next_random(seed) % size);

	text_fault(t, 1, false, avail + 2);
	if (next_random(seed) % 2)
		text_fault(t, 1, false, avail);
	if (next_random(seed) % 2)
		text_fault(t, 1, false, avail + 4 + 2ull * slot);
	if (next_random(seed) % 2)
		text_fault(t, 1, false, desc + 16ull * head);
	if (next_random(seed) % 2)
		text_fault(t, 1, true, used + 4 + 8ull * slot);
	if (next_random(seed) % 2)
		text_fault(t, 1, true, used + 2);
}

/** The ring that a legacy device walked is always among the explanations
 * and explains every record; nothing ranks before it but by more records or
 * by the rules that are left; order is total. */
static void test_random_legacy_rings(void **state)
{
	uint64_t seed = 2017;

	(void)state;
	for (int round = 0; round < 300; round++) {
		unsigned size = 1u << (next_random(&seed) % 16);
		uint64_t desc =
		        0x40000000 + (next_random(&seed) % 0x100000) * 4096;
		uint64_t avail = desc + 16ull * size;
		uint64_t used = (avail + 6 + 2ull * size + 4095) / 4096 * 4096;
		struct dmasim_explain_options opt = {.profile_queue_size =
		                                             size};
		struct text t = {0};
		struct dmasim_log *log;
		struct dmasim_explanation *e;
		size_t count;
		int at;

		walk_ring(&t, &seed, desc, avail, used, size);
		log = parse(&t);
		count = explain(log, 1, &opt, &e);
		at = place(e, count, DMASIM_LAYOUT_LEGACY, size, avail);
		assert_true(at >= 0);
		assert_int_equal(e[at].records, dmasim_log_count(log));
		/* With its size in the profile it is the first one. */
		assert_int_equal(at, 0);
		for (size_t i = 1; i < count; i++)
			assert_true(e[i].records <= e[i - 1].records);
		free(e);
		dmasim_log_destroy(log);
	}
}

static void test_random_modern_rings(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int round = 0; round < 300; round++) {
		unsigned size = 1u << (next_random(&seed) % 16);
		uint64_t avail =
		        0x40000000 + (next_random(&seed) % 0x100000) * 64;
		struct text t = {0};
		struct dmasim_log *log;
		struct dmasim_explanation *e;
		size_t count;
		int at;

		text_fault(&t, 1, false, avail + 2);
		text_fault(&t, 1, false,
		           avail + 4 + 2 * (next_random(&seed) % size));
		log = parse(&t);
		count = explain(log, 1, NULL, &e);
		at = place(e, count, DMASIM_LAYOUT_MODERN, 0, avail);
		assert_true(at >= 0);
		assert_int_equal(e[at].records, 2);
		free(e);
		dmasim_log_destroy(log);
	}
}

/** Addresses at the ends of the address space. */
static void test_edges(void **state)
{
	static const uint64_t addrs[] = {
	        0x2,
	        0x42,
	        0x102,
	        0x1002,
	        ~0ull,
	        0xfffffffffffff002,
	        ~0ull - 1,
	        0xffffffffffff0002,
	        0xfffffffffffdfff2,
	};
	struct text t = {0};
	struct dmasim_log *log;
	struct dmasim_explanation *e;

	(void)state;
	for (size_t i = 0; i < sizeof(addrs) / sizeof(*addrs); i++) {
		text_fault(&t, 0, false, addrs[i]);
		text_fault(&t, 0, true, addrs[i]);
	}
	log = parse(&t);
	explain(log, 0, NULL, &e);
	free(e);
	dmasim_log_destroy(log);
}

/** A hostile log takes bounded time: many anchors, many records. */
static void test_many_anchors(void **state)
{
	struct text t = {0};
	struct dmasim_log *log;
	struct dmasim_explanation *e;

	(void)state;
	for (uint64_t i = 0; i < 4000; i++)
		text_fault(&t, 0, i % 2, 0x10000002 + i * 64);
	log = parse(&t);
	assert_true(explain(log, 0, NULL, &e) > 0);
	free(e);
	dmasim_log_destroy(log);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_2017_first),
        cmocka_unit_test(test_2017_alternatives),
        cmocka_unit_test(test_options_narrow),
        cmocka_unit_test(test_bad_sizes),
        cmocka_unit_test(test_other_streams_do_not_count),
        cmocka_unit_test(test_no_virtqueue),
        cmocka_unit_test(test_used_ring_alone),
        cmocka_unit_test(test_modern_block),
        cmocka_unit_test(test_page_before_size),
        cmocka_unit_test(test_equally_likely),
        cmocka_unit_test(test_unknown_direction),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_random_legacy_rings),
        cmocka_unit_test(test_random_modern_rings),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_many_anchors),
};

CHECK_MAIN(tests)
