/* SPDX-License-Identifier: MIT */
/* Saving and restoring a block device with its disk. */
#include "bbench.h"

#include <unistd.h>

static struct dmasim_writer *saved(struct bbench *bb, const uint8_t **data,
                                   size_t *size)
{
	struct dmasim_writer *w = NULL;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	dmasim_put_begin(w, "TEST", 1);
	assert_int_equal(dmasim_blk_save(bb->blk, w), DMASIM_OK);
	dmasim_put_end(w);
	assert_int_equal(dmasim_writer_result(w, data, size), DMASIM_OK);
	return w;
}

static int restored(struct dmasim_blk *blk, const uint8_t *data, size_t size)
{
	struct dmasim_reader *r = NULL;
	int rc;

	assert_int_equal(dmasim_reader_create(data, size, &r), DMASIM_OK);
	dmasim_get_begin(r, "TEST", 1);
	rc = dmasim_blk_restore(blk, r);
	dmasim_get_end(r);
	dmasim_reader_destroy(r);
	return rc;
}

static void disk_and_counters_come_back(void **state)
{
	struct bbench *bb = *state;
	struct dmasim_blk_stats s;
	const uint8_t *data;
	struct dmasim_writer *w;
	uint8_t one[8192], two[512];
	size_t size;

	bb_begin(bb, VB_MMIO2);
	bb_fill(bb, one, 8192, 1);
	assert_int_equal(bb_request(bb, BB_OUT, 5, 8192), 0);
	assert_int_equal(bb_request(bb, BB_OUT, BB_SECTORS - 1, 512), 0);
	w = saved(bb, &data, &size);
	/* Another device, whose disk holds other things. */
	dmasim_blk_destroy(bb->blk);
	dmasim_disk_destroy(bb->disk);
	assert_int_equal(dmasim_disk_memory(BB_SECTORS * 512ull, &bb->disk),
	                 DMASIM_OK);
	memset(two, 0x77, sizeof(two));
	assert_int_equal(dmasim_disk_write(bb->disk, 0, two, 512), DMASIM_OK);
	bb->cfg.disk = bb->disk;
	bb_plug(bb, VB_MMIO2);
	assert_int_equal(restored(bb->blk, data, size), DMASIM_OK);
	dmasim_blk_get_stats(bb->blk, &s);
	assert_int_equal(s.writes, 2);
	assert_int_equal(s.bytes_written, 8704);
	/* The driver goes on where it was. */
	assert_int_equal(bb_request(bb, BB_IN, 5, 8192), 0);
	bb_buffer_is(bb, one, 8192);
	assert_int_equal(bb_request(bb, BB_IN, BB_SECTORS - 1, 512), 0);
	bb_buffer_is(bb, one, 512);
	memset(two, 0, sizeof(two));
	assert_int_equal(bb_request(bb, BB_IN, 0, 512), 0);
	bb_buffer_is(bb, two, 512);
	assert_int_equal(vb_used_idx(&bb->b), 5);
	dmasim_writer_destroy(w);
}

static void not_while_a_request_is_served(void **state)
{
	struct bbench *bb = *state;
	struct dmasim_writer *w = NULL;

	bb_begin(bb, VB_MMIO2);
	bb_header(bb, BB_IN, 0);
	vb_desc(&bb->b, 0, BB_HEADER, 16, vb_flags(VB_NEXT, 2));
	vb_post(&bb->b, 0);
	vb_kick(&bb->b);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_blk_save(bb->blk, w), DMASIM_E_STATE);
	dmasim_writer_destroy(w);
	vb_run(&bb->b);
}

static void file_contents_are_not_saved(void **state)
{
	struct bbench *bb = *state;
	char path[] = "/tmp/dmasim-state-XXXXXX";
	struct dmasim_disk *memory = bb->disk;
	const uint8_t *data;
	struct dmasim_writer *w, *wm;
	const uint8_t *data_m;
	size_t size, size_m;
	uint8_t buf[512];
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, BB_SECTORS * 512), 0);
	close(fd);
	bb_begin(bb, VB_MMIO2);
	wm = saved(bb, &data_m, &size_m);
	dmasim_blk_destroy(bb->blk);
	bb->disk = NULL;
	assert_int_equal(dmasim_disk_file(path, false, &bb->disk, NULL),
	                 DMASIM_OK);
	bb->cfg.disk = bb->disk;
	bb_begin(bb, VB_MMIO2);
	w = saved(bb, &data, &size);
	assert_true(size < 1000);
	bb_fill(bb, buf, 512, 1);
	assert_int_equal(bb_request(bb, BB_OUT, 0, 512), 0);
	assert_int_equal(restored(bb->blk, data, size), DMASIM_OK);
	assert_int_equal(dmasim_disk_read(bb->disk, 0, buf, 1), DMASIM_OK);
	assert_int_not_equal(buf[0], 0);
	/* One kind is not the other. */
	assert_int_equal(restored(bb->blk, data_m, size_m), DMASIM_E_FORMAT);
	dmasim_writer_destroy(w);
	dmasim_writer_destroy(wm);
	dmasim_disk_destroy(memory);
	unlink(path);
}

static void other_disk_is_refused(void **state)
{
	struct bbench *bb = *state;
	const uint8_t *data;
	struct dmasim_writer *w;
	size_t size;

	bb_begin(bb, VB_MMIO2);
	w = saved(bb, &data, &size);
	dmasim_blk_destroy(bb->blk);
	dmasim_disk_destroy(bb->disk);
	assert_int_equal(dmasim_disk_memory(512, &bb->disk), DMASIM_OK);
	bb->cfg.disk = bb->disk;
	bb_plug(bb, VB_MMIO2);
	assert_int_equal(restored(bb->blk, data, size), DMASIM_E_FORMAT);
	dmasim_writer_destroy(w);
}

/** Offsets of the disk's chunk count and first index, from the end of a blob
 * with one chunk. */
#define CHUNKS_FROM_END (4096u + 8 + 8)
#define INDEX_FROM_END  (4096u + 8)

static void restore_of_broken_blobs(void **state)
{
	struct bbench *bb = *state;
	const uint8_t *data;
	struct dmasim_writer *w;
	uint8_t *copy, buf[512];
	uint32_t seed = 11;
	size_t size;

	bb_begin(bb, VB_MMIO2);
	bb_fill(bb, buf, 512, 1);
	assert_int_equal(bb_request(bb, BB_OUT, 0, 512), 0);
	w = saved(bb, &data, &size);
	copy = malloc(size);
	memcpy(copy, data, size);
	for (size_t n = 0; n < size; n += n + 4200 < size ? 1 : 61) {
		uint8_t *cut = malloc(n ? n : 1);

		memcpy(cut, copy, n);
		assert_int_not_equal(restored(bb->blk, cut, n), DMASIM_OK);
		free(cut);
	}
	for (int i = 0; i < 3000; i++) {
		size_t at;
		uint8_t old;

		seed = seed * 1664525u + 1013904223u;
		at = (seed >> 8) % (size - 4090);
		old = copy[at];
		copy[at] = (uint8_t)(seed >> 24);
		restored(bb->blk, copy, size);
		copy[at] = old;
	}
	copy[size - CHUNKS_FROM_END]++;
	assert_int_equal(restored(bb->blk, copy, size), DMASIM_E_FORMAT);
	copy[size - CHUNKS_FROM_END]--;
	copy[size - INDEX_FROM_END + 1] = 1;
	assert_int_equal(restored(bb->blk, copy, size), DMASIM_E_FORMAT);
	copy[size - INDEX_FROM_END + 1] = 0;
	assert_int_equal(restored(bb->blk, copy, size), DMASIM_OK);
	free(copy);
	dmasim_writer_destroy(w);
	assert_int_equal(bb_request(bb, BB_IN, 0, 512), 0);
}

static void chunks_in_the_wrong_order(void **state)
{
	struct bbench *bb = *state;
	const uint8_t *data;
	struct dmasim_writer *w;
	uint8_t *copy, buf[8192];
	size_t size, first, second;

	bb_begin(bb, VB_MMIO2);
	bb_fill(bb, buf, 8192, 1);
	assert_int_equal(bb_request(bb, BB_OUT, 0, 8192), 0);
	w = saved(bb, &data, &size);
	copy = malloc(size);
	memcpy(copy, data, size);
	second = size - INDEX_FROM_END;
	first = second - 4096 - 8;
	assert_int_equal(copy[second], 1);
	copy[first] = 1;
	assert_int_equal(restored(bb->blk, copy, size), DMASIM_E_FORMAT);
	copy[second] = 0;
	assert_int_equal(restored(bb->blk, copy, size), DMASIM_E_FORMAT);
	free(copy);
	dmasim_writer_destroy(w);
}

static const struct CMUnitTest tests[] = {
        BB_CASE(disk_and_counters_come_back),
        BB_CASE(not_while_a_request_is_served),
        BB_CASE(file_contents_are_not_saved),
        BB_CASE(other_disk_is_refused),
        BB_CASE(restore_of_broken_blobs),
        BB_CASE(chunks_in_the_wrong_order),
};

CHECK_MAIN(tests)
