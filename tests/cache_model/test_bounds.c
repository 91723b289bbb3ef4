/* SPDX-License-Identifier: MIT */
/* Where what is kept of a line ends: writers, history, clocks. */
#include "rig.h"

#include <stdlib.h>

#define BUF (RIG_RAM + 0x2000)

static void put_byte(struct rig *r, uint64_t addr, uint8_t value,
                     uint32_t queue)
{
	struct dmasim_txn txn = {
	        .op = DMASIM_WRITE,
	        .cause = DMASIM_CAUSE_DMA,
	        .addr = addr,
	        .size = 1,
	        .data = &value,
	        .attr = dmasim_attr_wb,
	        .origin = {.what = "write a byte", .queue = queue},
	};

	assert_int_equal(rig_access(r, &r->coherent, &txn), DMASIM_TXN_OK);
}

static void take(struct rig *r, struct dmasim_writer **w, const uint8_t **blob,
                 size_t *size)
{
	assert_int_equal(dmasim_writer_create(w), DMASIM_OK);
	assert_int_equal(dmasim_checker_save(r->checker, *w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(*w, blob, size), DMASIM_OK);
}

/* Every byte of a line has a writer of its own, several times over, and a
 * finding names the right one; saved and restored they are the same. */
static void a_writer_for_each_byte(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;
	struct dmasim_writer *w[2];
	struct dmasim_reader *reader;
	const uint8_t *blob[2];
	size_t size[2];
	uint8_t value;

	for (uint32_t turn = 0; turn < 3; turn++)
		for (uint32_t i = 0; i < r->line; i++)
			put_byte(r, BUF + i, (uint8_t)(turn + i),
			         64 * turn + i);
	take(r, &w[0], &blob[0], &size[0]);
	assert_int_equal(dmasim_reader_create(blob[0], size[0], &reader),
	                 DMASIM_OK);
	assert_int_equal(dmasim_checker_restore(r->checker, reader), DMASIM_OK);
	dmasim_reader_destroy(reader);
	take(r, &w[1], &blob[1], &size[1]);
	assert_int_equal(size[0], size[1]);
	assert_memory_equal(blob[0], blob[1], size[0]);
	dmasim_writer_destroy(w[0]);
	dmasim_writer_destroy(w[1]);
	rig_no_findings(r);
	/* Byte 17 again, dirty in a cache, and read past it. */
	value = 99;
	assert_int_equal(rig_move(r, &r->core[0], DMASIM_WRITE, BUF + 17,
	                          &value, 1, &dmasim_attr_wb),
	                 DMASIM_TXN_OK);
	assert_int_equal(rig_move(r, &r->noncoherent, DMASIM_READ, BUF + 16,
	                          &(uint8_t[4]){0}, 4, &dmasim_attr_wb),
	                 DMASIM_TXN_OK);
	assert_int_equal(dmasim_finding_count(r->checker), 1);
	f = dmasim_finding_get(r->checker, 0);
	assert_true(f->addr == BUF + 17);
	assert_int_equal(f->size, 1);
}

/* Two devices with the longest names: their history does not fit, and ends
 * with a whole entry. */
static void a_history_too_long(void **state)
{
	static const char *const ends[] = {"writes, snooping", "fills",
	                                   "writes (dirty)"};
	struct rig *r = *state;
	struct dmasim_port port[2];
	const char *history;
	uint64_t value = 1;
	bool whole = false;

	for (unsigned i = 0; i < 2; i++) {
		char name[48];

		memset(name, 'a' + (int)i, 47);
		name[47] = '\0';
		assert_int_equal(dmasim_memsys_add_port(
		                         r->ms,
		                         &(struct dmasim_device_port_config){
		                                 .name = name,
		                                 .kind = DMASIM_PORT_COHERENT},
		                         &port[i], NULL),
		                 DMASIM_OK);
	}
	for (unsigned i = 0; i < 6; i++)
		rig_write(r, &port[i % 2], BUF, i + 2, &dmasim_attr_wb);
	rig_write(r, &r->core[0], BUF, value, &dmasim_attr_wb);
	rig_dma_read(r, &r->noncoherent, BUF, "read it");
	assert_int_equal(dmasim_finding_count(r->checker), 1);
	history = dmasim_finding_get(r->checker, 0)->history;
	assert_true(strlen(history) > 300);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t n = strlen(ends[i]);

		whole |= strcmp(history + strlen(history) - n, ends[i]) == 0;
	}
	assert_true(whole);
}

/* A write past the caches over dirty bytes, and then both are forgotten: what
 * is written back later is nobody's loss. */
static void both_writers_forgotten(void **state)
{
	struct rig *r = *state;

	for (unsigned forget = 0; forget < 2; forget++) {
		uint64_t at = BUF + 0x100 * forget;

		rig_write(r, &r->core[0], at, 1, &dmasim_attr_wb);
		rig_write(r, &r->core[0], at, 2, &dmasim_attr_nc);
		if (forget)
			dmasim_checker_forget(r->checker, at, 8);
		assert_int_equal(dmasim_memsys_evict(r->ms, 0, at), DMASIM_OK);
		assert_int_equal(
		        dmasim_memsys_evict(r->ms, DMASIM_SHARED_CACHE, at),
		        DMASIM_OK);
		assert_int_equal(dmasim_finding_count(r->checker), 1);
		assert_true(rig_ram(r, at) == 1);
	}
}

/* Saved caches whose clock has nowhere to go. */
static void a_clock_at_its_end(void **state)
{
	struct rig *r = *state;
	const uint8_t geometry[9] = {128, 0, 0, 0, 4, 0, 0, 0, 0};
	const uint32_t clocks[] = {0, UINT32_MAX, 1};
	struct dmasim_writer *w;
	const uint8_t *blob;
	unsigned places = 0;
	uint8_t *copy;
	size_t size;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_memsys_save(r->ms, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &blob, &size), DMASIM_OK);
	copy = malloc(size);
	assert_non_null(copy);
	for (size_t at = 0; at + sizeof(geometry) + 4 <= size; at++) {
		if (memcmp(blob + at, geometry, sizeof(geometry)) != 0)
			continue;
		places++;
		for (unsigned i = 0; i < 3; i++) {
			struct dmasim_reader *reader;

			memcpy(copy, blob, size);
			for (unsigned b = 0; b < 4; b++)
				copy[at + sizeof(geometry) + b] =
				        (uint8_t)(clocks[i] >> 8 * b);
			assert_int_equal(
			        dmasim_reader_create(copy, size, &reader),
			        DMASIM_OK);
			assert_int_equal(dmasim_memsys_restore(r->ms, reader),
			                 i < 2 ? DMASIM_E_FORMAT : DMASIM_OK);
			dmasim_reader_destroy(reader);
		}
	}
	/* Two CPUs and the cached port. */
	assert_int_equal(places, 3);
	free(copy);
	dmasim_writer_destroy(w);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

static const struct CMUnitTest tests[] = {
        TEST(a_writer_for_each_byte),
        TEST(a_history_too_long),
        TEST(both_writers_forgotten),
        TEST(a_clock_at_its_end),
};

CHECK_MAIN(tests)
