/* SPDX-License-Identifier: MIT */
/*
 * Saving and restoring the memory system, CPUs and the checker: a run that is
 * cut, saved, restored elsewhere and continued equals the uninterrupted one;
 * blobs are hostile.
 */
#include "rig.h"

#include <stdlib.h>

#define AREA 4096u

/* Everything that a machine of this room has. */
static int save_all(struct rig *r, struct dmasim_writer *w)
{
	int status = dmasim_kernel_save(r->k, w);

	if (!status)
		status = dmasim_map_save(r->map, w);
	if (!status)
		status = dmasim_memsys_save(r->ms, w);
	for (uint32_t i = 0; i < r->cpus && !status; i++)
		status = dmasim_cpu_save(r->cpu[i], w);
	if (!status)
		status = dmasim_checker_save(r->checker, w);
	return status;
}

static int restore_all(struct rig *r, const uint8_t *blob, size_t size)
{
	struct dmasim_reader *reader;
	int status;

	assert_int_equal(dmasim_reader_create(blob, size, &reader), DMASIM_OK);
	status = dmasim_kernel_restore(r->k, reader);
	if (!status)
		status = dmasim_map_restore(r->map, reader);
	if (!status)
		status = dmasim_memsys_restore(r->ms, reader);
	for (uint32_t i = 0; i < r->cpus && !status; i++)
		status = dmasim_cpu_restore(r->cpu[i], reader);
	if (!status)
		status = dmasim_checker_restore(r->checker, reader);
	dmasim_reader_destroy(reader);
	return status;
}

/* Correct and incorrect traffic, all the kinds of it. */
static uint64_t traffic(struct rig *r, uint64_t *seed, unsigned steps)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < steps; i++) {
		uint64_t x = rig_random(seed), v = x >> 24;
		unsigned cpu = x & 1;
		uint64_t at = (x >> 8) % (AREA / 8) * 8;

		switch (x >> 40 & 7) {
		case 0:
			dmasim_cpu_store(r->cpu[cpu], RIG_NC + at, 8, v);
			break;
		case 1:
			rig_dma_write(r, &r->noncoherent, RIG_RAM + at, v,
			              "write data");
			break;
		case 2:
			sum += rig_dma_read(r, &r->coherent, RIG_RAM + at,
			                    "read data");
			break;
		case 3:
			dmasim_cpu_maintain(r->cpu[cpu],
			                    x >> 50 & 1
			                            ? DMASIM_INVALIDATE
			                            : DMASIM_CLEAN_INVALIDATE,
			                    RIG_WB + at, 100, DMASIM_HERE);
			break;
		case 4:
			dmasim_cpu_delay(r->cpu[cpu], v % 300000);
			break;
		case 5:
			v = 0;
			dmasim_cpu_load(r->cpu[cpu], RIG_WB + at, 8, &v);
			sum = sum * 31 + v;
			break;
		default:
			dmasim_cpu_store(r->cpu[cpu], RIG_WB + at, 8, v);
			dmasim_name_region(r->checker, RIG_RAM + at, 64, "b",
			                   NULL, NULL);
			dmasim_unname_region(r->checker, RIG_RAM + at + 16, 8);
			dmasim_note_map(r->checker, x >> 60 & 3, at,
			                RIG_RAM + at, 64);
		}
	}
	return sum;
}

static const struct rig_config small = {
        .l1 = {.size = 512, .ways = 2, .cycles = 3},
        .shared = {.size = 2048, .ways = 4, .cycles = 12},
};

static void take(struct rig *r, struct dmasim_writer **w, const uint8_t **blob,
                 size_t *size)
{
	assert_int_equal(dmasim_writer_create(w), DMASIM_OK);
	assert_int_equal(save_all(r, *w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(*w, blob, size), DMASIM_OK);
}

static void continues(const struct rig_config *cfg, uint64_t seed)
{
	struct rig *a = rig_new(cfg), *b = rig_new(cfg);
	struct dmasim_writer *w, *wa, *wb;
	const uint8_t *blob, *end_a, *end_b;
	size_t size, size_a, size_b;
	uint64_t other;

	traffic(a, &seed, 400);
	take(a, &w, &blob, &size);
	/* Something is there to be saved. */
	if (cfg->l1.size && cfg->shared.size)
		assert_true(dmasim_finding_count(a->checker) > 3);
	/* The other machine has a past of its own. */
	other = seed * 3;
	traffic(b, &other, 50);
	assert_int_equal(dmasim_run_idle(b->k, DMASIM_FOREVER), DMASIM_OK);
	assert_int_equal(restore_all(b, blob, size), DMASIM_OK);
	other = seed;
	assert_true(traffic(a, &seed, 400) == traffic(b, &other, 400));
	assert_true(dmasim_now(a->k) == dmasim_now(b->k));
	take(a, &wa, &end_a, &size_a);
	take(b, &wb, &end_b, &size_b);
	assert_int_equal(size_a, size_b);
	assert_memory_equal(end_a, end_b, size_a);
	for (size_t i = 0; i < dmasim_finding_count(a->checker); i++) {
		char ta[2048], tb[2048];

		dmasim_finding_text(dmasim_finding_get(a->checker, i), ta,
		                    sizeof(ta));
		dmasim_finding_text(dmasim_finding_get(b->checker, i), tb,
		                    sizeof(tb));
		assert_string_equal(ta, tb);
	}
	dmasim_writer_destroy(w);
	dmasim_writer_destroy(wa);
	dmasim_writer_destroy(wb);
	rig_free(a);
	rig_free(b);
}

static void cut_and_continued(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed < 6; seed++)
		continues(&small, seed);
}

static void other_shapes(void **state)
{
	(void)state;
	continues(&(struct rig_config){0}, 11);
	continues(&(struct rig_config){.line_size = 16}, 12);
	continues(&(struct rig_config){.line_size = 512}, 13);
	continues(&(struct rig_config){.shared = {.cycles = 1}}, 14);
	continues(&(struct rig_config){.l1 = {.cycles = 1}}, 15);
	continues(&(struct rig_config){.l1 = {.cycles = 1},
	                               .shared = {.cycles = 1}},
	          16);
	continues(&(struct rig_config){.store_buffer = UINT32_MAX}, 17);
}

static void other_hierarchies(void **state)
{
	const struct dmasim_choice_config choice = {
	        .mode = DMASIM_CHOICE_DEFAULTS};
	struct rig_config cfg = small;

	(void)state;
	cfg.l2 = (struct dmasim_cache_config){
	        .size = 1024, .ways = 4, .cycles = 6};
	cfg.protocol = DMASIM_MOESI;
	continues(&cfg, 41);
	cfg.system = (struct dmasim_cache_config){
	        .size = 1024, .ways = 2, .cycles = 20};
	continues(&cfg, 42);
	cfg.l1.replacement = DMASIM_REPLACE_PLRU;
	cfg.shared.replacement = DMASIM_REPLACE_RANDOM;
	continues(&cfg, 43);
	cfg.choice = &choice;
	cfg.ask_every = 7;
	cfg.domains = true;
	continues(&cfg, 44);
}

/* A machine that is rolled back goes on as it did before, byte by byte. */
static void rolled_back(void **state)
{
	struct rig_config cfg = small;
	struct dmasim_writer *w, *once, *again;
	const uint8_t *blob, *end_once, *end_again;
	size_t size, size_once, size_again;
	uint64_t seed = 51, from, sum;
	struct rig *r;

	(void)state;
	cfg.protocol = DMASIM_MOESI;
	cfg.system = cfg.l2 = cfg.shared;
	r = rig_new(&cfg);
	traffic(r, &seed, 300);
	take(r, &w, &blob, &size);
	from = seed;
	sum = traffic(r, &from, 300);
	take(r, &once, &end_once, &size_once);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(dmasim_run_idle(r->k, DMASIM_FOREVER),
		                 DMASIM_OK);
		assert_int_equal(restore_all(r, blob, size), DMASIM_OK);
		from = seed;
		assert_true(traffic(r, &from, 300) == sum);
		take(r, &again, &end_again, &size_again);
		assert_int_equal(size_again, size_once);
		assert_memory_equal(end_again, end_once, size_once);
		dmasim_writer_destroy(again);
	}
	dmasim_writer_destroy(w);
	dmasim_writer_destroy(once);
	rig_free(r);
}

static void saving_changes_nothing(void **state)
{
	struct rig *r = rig_new(&small);
	struct dmasim_writer *w[2];
	const uint8_t *blob[2];
	size_t size[2];
	uint64_t seed = 21;

	(void)state;
	traffic(r, &seed, 300);
	take(r, &w[0], &blob[0], &size[0]);
	take(r, &w[1], &blob[1], &size[1]);
	assert_int_equal(size[0], size[1]);
	assert_memory_equal(blob[0], blob[1], size[0]);
	dmasim_writer_destroy(w[0]);
	dmasim_writer_destroy(w[1]);
	rig_free(r);
}

typedef int save_fn(struct rig *r, struct dmasim_writer *w);
typedef int restore_fn(struct rig *r, struct dmasim_reader *reader);

static int save_memsys(struct rig *r, struct dmasim_writer *w)
{
	return dmasim_memsys_save(r->ms, w);
}

static int restore_memsys(struct rig *r, struct dmasim_reader *reader)
{
	return dmasim_memsys_restore(r->ms, reader);
}

static int save_cpu(struct rig *r, struct dmasim_writer *w)
{
	return dmasim_cpu_save(r->cpu[0], w);
}

static int restore_cpu(struct rig *r, struct dmasim_reader *reader)
{
	return dmasim_cpu_restore(r->cpu[0], reader);
}

static int save_checker(struct rig *r, struct dmasim_writer *w)
{
	return dmasim_checker_save(r->checker, w);
}

static int restore_checker(struct rig *r, struct dmasim_reader *reader)
{
	return dmasim_checker_restore(r->checker, reader);
}

static int restore_bytes(struct rig *r, restore_fn *restore,
                         const uint8_t *blob, size_t size)
{
	struct dmasim_reader *reader;
	int status;

	assert_int_equal(dmasim_reader_create(blob, size, &reader), DMASIM_OK);
	status = restore(r, reader);
	dmasim_reader_destroy(reader);
	return status;
}

static void make_blob(struct rig *r, save_fn *save, struct dmasim_writer **w,
                      const uint8_t **blob, size_t *size)
{
	assert_int_equal(dmasim_writer_create(w), DMASIM_OK);
	assert_int_equal(save(r, *w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(*w, blob, size), DMASIM_OK);
}

/* Every length; bits flipped anywhere; a refused blob changes nothing. */
static void hostile(save_fn *save, restore_fn *restore, unsigned flips)
{
	struct rig *r = rig_new(&small);
	struct dmasim_writer *w, *after;
	const uint8_t *blob, *now;
	size_t size, size_now;
	uint64_t seed = 31;
	uint8_t *bad;
	unsigned refused = 0;

	traffic(r, &seed, 120);
	dmasim_cpu_store(r->cpu[0], RIG_WB, 8, 1);
	dmasim_cpu_store(r->cpu[0], RIG_NC + 64, 4, 1);
	make_blob(r, save, &w, &blob, &size);
	for (size_t n = 0; n < size; n += n < 600 ? 1 : 13) {
		bad = malloc(n + 1);
		assert_non_null(bad);
		memcpy(bad, blob, n);
		assert_int_equal(restore_bytes(r, restore, bad, n),
		                 DMASIM_E_FORMAT);
		free(bad);
	}
	make_blob(r, save, &after, &now, &size_now);
	assert_int_equal(size_now, size);
	assert_memory_equal(now, blob, size);
	dmasim_writer_destroy(after);
	bad = malloc(size);
	assert_non_null(bad);
	for (unsigned i = 0; i < flips; i++) {
		uint64_t x = rig_random(&seed), y = seed + 1;
		int status;

		memcpy(bad, blob, size);
		for (unsigned j = 0; j < 1 + i % 3; j++) {
			bad[(x >> 20) % (i % 2 || size < 700 ? size : 700)] ^=
			        (uint8_t)(1u << (x & 7));
			x = rig_random(&seed);
		}
		status = restore_bytes(r, restore, bad, size);
		assert_true(status == DMASIM_OK || status == DMASIM_E_FORMAT);
		refused += status != DMASIM_OK;
		/* Whatever it took, it works on. */
		if (status == DMASIM_OK && i % 8 == 0) {
			traffic(r, &y, 20);
			for (size_t j = 0; j < dmasim_finding_count(r->checker);
			     j++) {
				char text[64];

				dmasim_finding_text(
				        dmasim_finding_get(r->checker, j), text,
				        sizeof(text));
			}
		}
	}
	assert_true(refused > flips / 20);
	assert_int_equal(restore_bytes(r, restore, blob, size), DMASIM_OK);
	free(bad);
	dmasim_writer_destroy(w);
	rig_free(r);
}

static void hostile_memsys(void **state)
{
	(void)state;
	hostile(save_memsys, restore_memsys, 3000);
}

static void hostile_cpu(void **state)
{
	(void)state;
	hostile(save_cpu, restore_cpu, 3000);
}

static void hostile_checker(void **state)
{
	(void)state;
	hostile(save_checker, restore_checker, 1500);
}

/* A blob of another machine is refused. */
static void other_machines(void **state)
{
	const struct rig_config others[] = {
	        {.line_size = 128, .l1 = small.l1, .shared = small.shared},
	        {.cpus = 3, .l1 = small.l1, .shared = small.shared},
	        {.l1 = {.size = 1024, .ways = 2, .cycles = 1},
	         .shared = small.shared},
	        {.l1 = {.size = 512, .ways = 4, .cycles = 1},
	         .shared = small.shared},
	        {.l1 = small.l1, .shared = {.cycles = 1}},
	        {.l1 = small.l1,
	         .shared = {.size = 4096, .ways = 4, .cycles = 1}},
	        {.l1 = small.l1, .shared = small.shared, .l2 = small.shared},
	        {.l1 = small.l1,
	         .shared = small.shared,
	         .system = small.shared},
	        {.l1 = small.l1,
	         .shared = small.shared,
	         .protocol = DMASIM_MOESI},
	        {.l1 = {.size = 512,
	                .ways = 2,
	                .cycles = 3,
	                .replacement = DMASIM_REPLACE_PLRU},
	         .shared = small.shared},
	        {.l1 = small.l1, .shared = small.shared, .domains = true},
	};
	struct rig *r = rig_new(&small);
	struct dmasim_writer *w, *wc;
	const uint8_t *blob, *checker;
	size_t size, checker_size;

	(void)state;
	make_blob(r, save_memsys, &w, &blob, &size);
	make_blob(r, save_checker, &wc, &checker, &checker_size);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct rig *o = rig_new(&others[i]);

		assert_int_equal(restore_bytes(o, restore_memsys, blob, size),
		                 DMASIM_E_FORMAT);
		if (i < 2)
			assert_int_equal(restore_bytes(o, restore_checker,
			                               checker, checker_size),
			                 DMASIM_E_FORMAT);
		rig_free(o);
	}
	dmasim_writer_destroy(w);
	dmasim_writer_destroy(wc);
	rig_free(r);
}

/* Two caches that both own a line would break every promise. */
static void two_owners(void **state)
{
	struct rig *r = rig_new(&small);
	struct dmasim_writer *w;
	const uint8_t *blob;
	size_t size;
	uint8_t *bad;
	unsigned refused = 0;

	(void)state;
	rig_read(r, &r->core[0], RIG_RAM, &dmasim_attr_wb);
	rig_read(r, &r->core[1], RIG_RAM, &dmasim_attr_wb);
	make_blob(r, save_memsys, &w, &blob, &size);
	bad = malloc(size);
	assert_non_null(bad);
	/* Both share it: make either its owner, where its state is. */
	for (size_t i = 0; i < size; i++) {
		struct dmasim_reader *reader;

		memcpy(bad, blob, size);
		if (bad[i] != 1)
			continue;
		bad[i] = 2;
		assert_int_equal(dmasim_reader_create(bad, size, &reader),
		                 DMASIM_OK);
		if (dmasim_memsys_restore(r->ms, reader))
			refused += strstr(dmasim_reader_error(reader),
			                  "exclusive in cache") != NULL;
		dmasim_reader_destroy(reader);
	}
	assert_int_equal(refused, 2);
	free(bad);
	dmasim_writer_destroy(w);
	rig_free(r);
}

static void describe(void *ctx, uint64_t offset, char *buf, size_t size)
{
	snprintf(buf, size, "%s %llu", (const char *)ctx,
	         (unsigned long long)offset);
}

static enum dmasim_result exclusive(struct rig *r, enum dmasim_op op,
                                    uint64_t *value)
{
	struct dmasim_txn txn = {.op = op,
	                         .addr = RIG_RAM,
	                         .size = 8,
	                         .data = (uint8_t *)value,
	                         .flags = DMASIM_TXN_EXCLUSIVE,
	                         .attr = dmasim_attr_wb};

	return rig_access(r, &r->core[1], &txn);
}

/* A reservation comes and goes with the blob. */
static void reservations(void **state)
{
	struct rig *r = rig_new(&small);
	struct dmasim_writer *with, *without;
	const uint8_t *blob_with, *blob_without;
	size_t size_with, size_without;
	uint64_t v = 0;

	(void)state;
	make_blob(r, save_memsys, &without, &blob_without, &size_without);
	assert_int_equal(exclusive(r, DMASIM_READ, &v), DMASIM_TXN_OK);
	make_blob(r, save_memsys, &with, &blob_with, &size_with);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(i & 1 ? restore_bytes(r, restore_memsys,
		                                       blob_with, size_with)
		                       : restore_bytes(r, restore_memsys,
		                                       blob_without,
		                                       size_without),
		                 DMASIM_OK);
		assert_int_equal(exclusive(r, DMASIM_WRITE, &v),
		                 i & 1 ? DMASIM_TXN_OK
		                       : DMASIM_TXN_EXCLUSIVE_FAIL);
	}
	dmasim_writer_destroy(with);
	dmasim_writer_destroy(without);
	rig_free(r);
}

/* Functions are the program's: a blob has their names alone. */
static void described_names(void **state)
{
	struct rig *r = rig_new(&small), *o = rig_new(&small);
	struct dmasim_writer *w;
	const uint8_t *blob;
	size_t size;
	char buf[64], ring[] = "ring";

	(void)state;
	assert_int_equal(dmasim_name_region(r->checker, RIG_RAM, 64, "q",
	                                    describe, ring),
	                 DMASIM_OK);
	assert_int_equal(dmasim_name_region(r->checker, RIG_RAM + 64, 64, "p",
	                                    describe, ring),
	                 DMASIM_OK);
	make_blob(r, save_checker, &w, &blob, &size);
	assert_int_equal(dmasim_name_region(o->checker, RIG_RAM, 64, "q",
	                                    describe, ring),
	                 DMASIM_OK);
	assert_int_equal(restore_bytes(o, restore_checker, blob, size),
	                 DMASIM_OK);
	dmasim_describe(o->checker, RIG_RAM + 3, buf, sizeof(buf));
	assert_string_equal(buf, "ring 3");
	dmasim_describe(o->checker, RIG_RAM + 67, buf, sizeof(buf));
	assert_string_equal(buf, "p+0x3");
	dmasim_writer_destroy(w);
	rig_free(r);
	rig_free(o);
}

/* A store that is on its way cannot be saved. */
static void flying_store(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){.delay = 5000});
	struct dmasim_writer *w;
	struct dmasim_reader *reader;

	(void)state;
	assert_int_equal(dmasim_cpu_store(r->cpu[0], RIG_NC, 8, 1), DMASIM_OK);
	assert_int_equal(dmasim_run_until(r->k, DMASIM_US + 1), DMASIM_OK);
	assert_int_equal(r->slow.in_flight, 1);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_cpu_save(r->cpu[0], w), DMASIM_E_STATE);
	assert_int_equal(dmasim_reader_create(NULL, 0, &reader), DMASIM_OK);
	assert_int_equal(dmasim_cpu_restore(r->cpu[0], reader), DMASIM_E_STATE);
	dmasim_reader_destroy(reader);
	dmasim_writer_destroy(w);
	rig_free(r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_and_continued),
        cmocka_unit_test(other_shapes),
        cmocka_unit_test(other_hierarchies),
        cmocka_unit_test(rolled_back),
        cmocka_unit_test(saving_changes_nothing),
        cmocka_unit_test(hostile_memsys),
        cmocka_unit_test(hostile_cpu),
        cmocka_unit_test(hostile_checker),
        cmocka_unit_test(other_machines),
        cmocka_unit_test(two_owners),
        cmocka_unit_test(reservations),
        cmocka_unit_test(described_names),
        cmocka_unit_test(flying_store),
};

CHECK_MAIN(tests)
