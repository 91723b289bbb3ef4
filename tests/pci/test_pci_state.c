/* SPDX-License-Identifier: MIT */
/* Saving and restoring a host bridge. */
#include "pci_toy.h"

static struct dmasim_writer *saved(struct bench *b, const uint8_t **data,
                                   size_t *size)
{
	struct dmasim_writer *w = NULL;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	/* As part of a machine's state. */
	dmasim_put_begin(w, "TEST", 1);
	assert_int_equal(dmasim_pci_save(b->host, w), DMASIM_OK);
	dmasim_put_end(w);
	assert_int_equal(dmasim_writer_result(w, data, size), DMASIM_OK);
	return w;
}

static int restored(struct bench *b, const uint8_t *data, size_t size)
{
	struct dmasim_reader *r = NULL;
	int rc;

	assert_int_equal(dmasim_reader_create(data, size, &r), DMASIM_OK);
	dmasim_get_begin(r, "TEST", 1);
	rc = dmasim_pci_restore(b->host, r);
	dmasim_reader_destroy(r);
	return rc;
}

static void save_and_restore(void **state)
{
	struct bench *b = *state;
	struct toy t = {0};
	struct dmasim_pci_function *f = add(b, &t, 8);
	const uint8_t *data;
	struct dmasim_writer *w;
	size_t size;

	add(b, &t, 16);
	wr(b, cfg_addr(8, BAR(1)), 4, MEM32_CPU + 0x5000);
	wr(b, cfg_addr(8, CMD), 2, 6);
	dmasim_pci_set_intx(f, true);
	w = saved(b, &data, &size);
	wr(b, cfg_addr(8, CMD), 2, 0);
	wr(b, cfg_addr(8, BAR(1)), 4, 0);
	wr(b, cfg_addr(16, CMD), 2, 1);
	dmasim_pci_set_intx(f, false);
	assert_int_equal(restored(b, data, size), DMASIM_OK);
	assert_int_equal(probe(b, MEM32_CPU + 0x5000, 4), DMASIM_TXN_OK);
	assert_int_equal(probe(b, IO_CPU, 4), DMASIM_TXN_DECODE);
	assert_int_equal(rd(b, cfg_addr(8, STATUS), 2), 0x08);
	/* The pin is back; the wire is the interrupt controller's. */
	assert_false(wire(b, 1));
	dmasim_pci_set_intx(f, false);
	assert_int_equal(rd(b, cfg_addr(8, STATUS), 2), 0);
	dmasim_writer_destroy(w);
}

static void restore_of_broken_blobs(void **state)
{
	struct bench *b = *state;
	struct toy t = {0};
	const uint8_t *data;
	struct dmasim_writer *w;
	uint8_t *copy;
	uint32_t seed = 7;
	size_t size;

	add(b, &t, 8);
	w = saved(b, &data, &size);
	copy = malloc(size);
	memcpy(copy, data, size);
	for (size_t n = 0; n < size; n++) {
		uint8_t *cut = malloc(n ? n : 1);

		memcpy(cut, copy, n);
		assert_int_not_equal(restored(b, cut, n), DMASIM_OK);
		free(cut);
	}
	for (int i = 0; i < 3000; i++) {
		size_t at;
		uint8_t old;

		seed = seed * 1664525u + 1013904223u;
		at = (seed >> 8) % size;
		old = copy[at];
		copy[at] = (uint8_t)(seed >> 24);
		restored(b, copy, size);
		copy[at] = old;
	}
	assert_int_equal(restored(b, copy, size), DMASIM_OK);
	assert_int_equal(rd(b, cfg_addr(8, 0), 4), 0x10011af4);
	/* Another set of functions. */
	add(b, &t, 16);
	assert_int_equal(restored(b, copy, size), DMASIM_E_FORMAT);
	free(copy);
	dmasim_writer_destroy(w);
}

/** One function's record, as given. */
static int restore_made(struct bench *b, uint32_t bdf, uint8_t intx)
{
	uint8_t config[256] = {0};
	struct dmasim_writer *w = NULL;
	const uint8_t *data;
	size_t size;
	int rc;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	dmasim_put_begin(w, "TEST", 1);
	dmasim_put_begin(w, "PCIH", 1);
	dmasim_put_u32(w, 1);
	dmasim_put_u32(w, bdf);
	dmasim_put_bytes(w, config, sizeof(config));
	dmasim_put_u8(w, intx);
	dmasim_put_end(w);
	dmasim_put_end(w);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	rc = restored(b, data, size);
	dmasim_writer_destroy(w);
	return rc;
}

static void restore_checks_every_field(void **state)
{
	struct bench *b = *state;
	struct toy t = {0};

	add(b, &t, 8);
	assert_int_equal(restore_made(b, 8, 1), DMASIM_OK);
	assert_int_equal(restore_made(b, 9, 0), DMASIM_E_FORMAT);
	assert_int_equal(restore_made(b, 8, 2), DMASIM_E_FORMAT);
	assert_int_equal(rd(b, cfg_addr(8, STATUS), 2), 0x08);
}

#define CASE(fn)                                                               \
	cmocka_unit_test_setup_teardown(fn, bench_setup, bench_teardown)

static const struct CMUnitTest tests[] = {
        CASE(save_and_restore),
        CASE(restore_of_broken_blobs),
        CASE(restore_checks_every_field),
};

CHECK_MAIN(tests)
