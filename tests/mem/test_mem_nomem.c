/* SPDX-License-Identifier: MIT */
/* Each allocation of a scenario fails once: errors, and nothing breaks. */
#include "check.h"

#include <stdlib.h>

#include "dmasim/mem.h"
#include "fail_alloc.h"

static int make(struct dmasim_kernel *k, struct dmasim_map **map)
{
	int status = dmasim_map_create(&(struct dmasim_map_config){.kernel = k},
	                               map);

	for (uint64_t i = 0; i < 20 && !status; i++)
		status = dmasim_map_add_ram(*map, "r", i << 33, 0x8000);
	return status;
}

static int use(struct dmasim_kernel *k, struct dmasim_map *map)
{
	struct dmasim_port port = dmasim_map_port(map);
	int status = DMASIM_OK;

	for (uint64_t i = 0; i < 20 && !status; i++) {
		uint8_t data[100] = {1};
		struct dmasim_txn txn = {.op = DMASIM_WRITE,
		                         .addr = (i << 33) + 4080,
		                         .size = 100,
		                         .data = data};

		data[99] = 2;
		status = dmasim_access_wait(k, &port, &txn);
		if (!status && txn.result != DMASIM_TXN_OK)
			status = DMASIM_E_FAULT;
	}
	return status;
}

static void map_and_ram(void **state)
{
	unsigned failures = 0;

	(void)state;
	for (int n = 0;; n++) {
		struct dmasim_kernel *k;
		struct dmasim_map *map = NULL;
		int status;

		assert_int_equal(dmasim_kernel_create(NULL, &k), DMASIM_OK);
		fail_alloc_after = n;
		fail_alloc_hit = false;
		status = make(k, &map);
		if (!status)
			status = use(k, map);
		fail_alloc_after = -1;
		if (fail_alloc_hit) {
			failures++;
			assert_true(status == DMASIM_E_NOMEM ||
			            status == DMASIM_E_FAULT);
		}
		/* What exists goes on. */
		if (map)
			(void)use(k, map);
		dmasim_map_destroy(map);
		dmasim_kernel_destroy(k);
		if (!fail_alloc_hit) {
			assert_int_equal(status, DMASIM_OK);
			break;
		}
	}
	assert_true(failures > 40);
}

static void restoring(void **state)
{
	struct dmasim_kernel *k;
	struct dmasim_map *map, *other = NULL;
	struct dmasim_writer *w;
	const uint8_t *blob;
	size_t size;

	(void)state;
	assert_int_equal(dmasim_kernel_create(NULL, &k), DMASIM_OK);
	assert_int_equal(make(k, &map), DMASIM_OK);
	assert_int_equal(use(k, map), DMASIM_OK);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_map_save(map, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &blob, &size), DMASIM_OK);
	assert_int_equal(
	        dmasim_map_create(&(struct dmasim_map_config){.kernel = k},
	                          &other),
	        DMASIM_OK);
	for (int n = 0;; n++) {
		struct dmasim_reader *r;
		int status;

		assert_int_equal(dmasim_reader_create(blob, size, &r),
		                 DMASIM_OK);
		fail_alloc_after = n;
		fail_alloc_hit = false;
		status = dmasim_map_restore(other, r);
		fail_alloc_after = -1;
		dmasim_reader_destroy(r);
		if (!fail_alloc_hit) {
			assert_int_equal(status, DMASIM_OK);
			break;
		}
		assert_int_equal(status, DMASIM_E_NOMEM);
		assert_int_equal(dmasim_map_footprint(other), 0);
	}
	assert_int_equal(dmasim_map_footprint(other),
	                 dmasim_map_footprint(map));
	dmasim_writer_destroy(w);
	dmasim_map_destroy(other);
	dmasim_map_destroy(map);
	dmasim_kernel_destroy(k);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(map_and_ram),
        cmocka_unit_test(restoring),
};

CHECK_MAIN(tests)
