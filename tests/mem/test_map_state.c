/* SPDX-License-Identifier: MIT */
/* Saving and restoring RAM; blobs are hostile. */
#include "check.h"

#include <stdlib.h>

#include "dmasim/mem.h"

struct rig {
	struct dmasim_kernel *k;
	struct dmasim_map *map, *other;
	struct dmasim_writer *w;
	const uint8_t *blob;
	size_t size;
};

static enum dmasim_result nothing(void *obj, struct dmasim_txn *txn)
{
	(void)obj;
	(void)txn;
	return DMASIM_TXN_OK;
}

static const struct dmasim_port device = {nothing, NULL};

static int setup(void **state)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct dmasim_map_config cfg = {0};

	*state = r;
	if (!r || dmasim_kernel_create(NULL, &r->k))
		return -1;
	cfg.kernel = r->k;
	if (dmasim_map_create(&cfg, &r->map) ||
	    dmasim_map_create(&cfg, &r->other) ||
	    dmasim_map_add_ram(r->map, "low", 0x1000, 0x4000) ||
	    dmasim_map_add_ram(r->map, "top", DMASIM_PA_MAX - 0xffff,
	                       0x10000) ||
	    dmasim_map_add_mmio(r->map, "uart", 0x9000, 0x10, &device) ||
	    dmasim_map_load(r->map, 0x2ff0, "0123456789abcdef0123456789abcdef",
	                    32) ||
	    dmasim_map_load(r->map, DMASIM_PA_MAX - 3, "wxyz", 4) ||
	    dmasim_writer_create(&r->w) || dmasim_map_save(r->map, r->w))
		return -1;
	return dmasim_writer_result(r->w, &r->blob, &r->size);
}

static int teardown(void **state)
{
	struct rig *r = *state;

	dmasim_writer_destroy(r->w);
	dmasim_map_destroy(r->map);
	dmasim_map_destroy(r->other);
	dmasim_kernel_destroy(r->k);
	free(r);
	return 0;
}

static int restore(struct dmasim_map *m, const uint8_t *blob, size_t size)
{
	struct dmasim_reader *reader;
	int status;

	assert_int_equal(dmasim_reader_create(blob, size, &reader), DMASIM_OK);
	status = dmasim_map_restore(m, reader);
	assert_int_equal(status, dmasim_reader_status(reader));
	dmasim_reader_destroy(reader);
	return status;
}

static void comes_back(void **state)
{
	struct rig *r = *state;
	struct dmasim_writer *w;
	struct dmasim_region_info info;
	const uint8_t *blob;
	size_t size;
	char text[33] = "";

	/* RAM that the blob does not have goes; devices stay. */
	assert_int_equal(dmasim_map_add_ram(r->other, "old", 0x20000, 0x1000),
	                 DMASIM_OK);
	assert_int_equal(dmasim_map_load(r->other, 0x20000, "old", 3),
	                 DMASIM_OK);
	assert_int_equal(
	        dmasim_map_add_mmio(r->other, "rtc", 0xa000, 0x10, &device),
	        DMASIM_OK);
	assert_int_equal(restore(r->other, r->blob, r->size), DMASIM_OK);
	assert_int_equal(dmasim_map_peek(r->other, 0x2ff0, text, 32),
	                 DMASIM_OK);
	assert_string_equal(text, "0123456789abcdef0123456789abcdef");
	assert_int_equal(dmasim_map_peek(r->other, DMASIM_PA_MAX - 3, text, 4),
	                 DMASIM_OK);
	assert_memory_equal(text, "wxyz", 4);
	assert_int_equal(dmasim_map_peek(r->other, 0x20000, text, 1),
	                 DMASIM_E_RANGE);
	assert_int_equal(dmasim_map_find(r->other, 0xa000, &info), DMASIM_OK);
	assert_string_equal(info.name, "rtc");
	assert_int_equal(dmasim_map_find(r->other, 0x4fff, &info), DMASIM_OK);
	assert_string_equal(info.name, "low");

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_map_save(r->other, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &blob, &size), DMASIM_OK);
	assert_int_equal(size, r->size);
	assert_memory_equal(blob, r->blob, size);
	dmasim_writer_destroy(w);
}

static void overlap_with_a_device(void **state)
{
	struct rig *r = *state;
	struct dmasim_region_info info;

	assert_int_equal(
	        dmasim_map_add_mmio(r->other, "rtc", 0x2000, 0x10, &device),
	        DMASIM_OK);
	assert_int_equal(restore(r->other, r->blob, r->size), DMASIM_E_FORMAT);
	/* As it was. */
	assert_int_equal(dmasim_map_find(r->other, 0x1000, &info),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_map_find(r->other, 0x2000, &info), DMASIM_OK);
}

static void truncated_anywhere(void **state)
{
	struct rig *r = *state;

	/* Every length in the headers, then some in the pages. */
	for (size_t n = 0; n < r->size; n += n < 200 ? 1 : 61) {
		uint8_t *cut = malloc(n + 1);

		assert_non_null(cut);
		memcpy(cut, r->blob, n);
		assert_int_equal(restore(r->other, cut, n), DMASIM_E_FORMAT);
		free(cut);
	}
	assert_int_equal(dmasim_map_footprint(r->other), 0);
}

/* What is saved depends on the bytes, not on how they came to be. */
static void zeros_are_not_kept(void **state)
{
	struct rig *r = *state;
	struct dmasim_writer *w;
	const uint8_t *blob, zero[32] = {0};
	size_t size;

	assert_int_equal(dmasim_map_load(r->map, 0x4000, "x", 1), DMASIM_OK);
	assert_int_equal(dmasim_map_load(r->map, 0x4000, zero, 1), DMASIM_OK);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_map_save(r->map, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &blob, &size), DMASIM_OK);
	assert_int_equal(size, r->size);
	assert_memory_equal(blob, r->blob, size);
	dmasim_writer_destroy(w);
}

static void corrupted_anywhere(void **state)
{
	struct rig *r = *state;
	uint8_t *bad = malloc(r->size);
	uint64_t seed = 7;
	unsigned refused = 0;

	assert_non_null(bad);
	for (unsigned i = 0; i < 3000; i++) {
		size_t at;
		int status;

		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		memcpy(bad, r->blob, r->size);
		/* Pages are most of it, and any page will do. */
		at = (seed >> 33) % (i % 2 ? r->size : 160);
		bad[at] ^= (uint8_t)(1u << (seed >> 60 & 7));
		status = restore(r->other, bad, r->size);
		assert_true(status == DMASIM_OK || status == DMASIM_E_FORMAT);
		refused += status == DMASIM_E_FORMAT;
	}
	assert_true(refused > 500);
	free(bad);
}

/* A blob made by hand: one region and one page. */
static int forged(struct rig *r, const char *name, uint64_t base, uint64_t size,
                  uint64_t page)
{
	static const uint8_t bytes[4096] = {1};
	struct dmasim_writer *w;
	const uint8_t *blob;
	size_t length;
	int status;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	dmasim_put_begin(w, "MAP ", 1);
	dmasim_put_u32(w, 1);
	dmasim_put_string(w, name);
	dmasim_put_u64(w, base);
	dmasim_put_u64(w, size);
	dmasim_put_u32(w, 2);
	for (unsigned i = 0; i < 2; i++) {
		dmasim_put_u64(w, page);
		dmasim_put_bytes(w, bytes, sizeof(bytes));
	}
	dmasim_put_end(w);
	assert_int_equal(dmasim_writer_result(w, &blob, &length), DMASIM_OK);
	status = restore(r->other, blob, length);
	dmasim_writer_destroy(w);
	return status;
}

static void lies(void **state)
{
	struct rig *r = *state;
	char name[300];

	/* The same page twice, outside RAM, beyond 52 bits. */
	assert_int_equal(forged(r, "a", 0x1000, 0x1000, 1), DMASIM_E_FORMAT);
	assert_int_equal(forged(r, "a", 0x1000, 0x1000, 2), DMASIM_E_FORMAT);
	assert_int_equal(forged(r, "a", 0, DMASIM_PA_MAX + 1, UINT64_MAX / 2),
	                 DMASIM_E_FORMAT);
	assert_int_equal(forged(r, "a", 0x1000, 0x800, 1), DMASIM_E_FORMAT);
	assert_int_equal(forged(r, "a", 0x1001, 0x1000, 1), DMASIM_E_FORMAT);
	assert_int_equal(forged(r, "a", 0x1000, 0, 1), DMASIM_E_FORMAT);
	assert_int_equal(forged(r, "a", UINT64_MAX - 0xfff, 0x1000, 1),
	                 DMASIM_E_FORMAT);
	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(forged(r, name, 0x1000, 0x1000, 1), DMASIM_E_FORMAT);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static const struct CMUnitTest tests[] = {
        TEST(comes_back),
        TEST(zeros_are_not_kept),
        TEST(overlap_with_a_device),
        TEST(truncated_anywhere),
        TEST(corrupted_anywhere),
        TEST(lies),
};

CHECK_MAIN(tests)
