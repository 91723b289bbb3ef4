/* SPDX-License-Identifier: MIT */
/* Blobs: round trips, and readers against hostile bytes. */
#include "check.h"

#include <stdlib.h>

#include "dmasim/state.h"

static struct dmasim_writer *writer(void)
{
	struct dmasim_writer *w;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	return w;
}

static struct dmasim_reader *reader(const uint8_t *data, size_t size)
{
	struct dmasim_reader *r;

	assert_int_equal(dmasim_reader_create(data, size, &r), DMASIM_OK);
	return r;
}

static struct dmasim_reader *reread(struct dmasim_writer *w)
{
	const uint8_t *data;
	size_t size;

	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	return reader(data, size);
}

static void fields_are_little_endian(void **state)
{
	static const uint8_t expected[] = {
	        0x12, 0x78, 0x56, 0x34, 0x12, 0xf0, 0xde, 0xbc, 0x9a,
	        0x78, 0x56, 0x34, 0x12, 2,    0,    0,    0,    'h',
	        'i',  0xaa, 0xbb, 0xcc, 0,    0,    0,    0,
	};
	struct dmasim_writer *w = writer();
	struct dmasim_reader *r;
	const uint8_t *data;
	uint8_t bytes[3];
	char text[3];
	size_t size;

	(void)state;
	dmasim_put_u8(w, 0x12);
	dmasim_put_u32(w, 0x12345678);
	dmasim_put_u64(w, 0x123456789abcdef0);
	dmasim_put_string(w, "hi");
	dmasim_put_bytes(w, "\xaa\xbb\xcc", 3);
	dmasim_put_bytes(w, NULL, 0);
	dmasim_put_string(w, NULL);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	assert_int_equal(size, sizeof(expected));
	assert_memory_equal(data, expected, size);

	r = reader(data, size);
	assert_int_equal(dmasim_reader_left(r), sizeof(expected));
	assert_int_equal(dmasim_get_u8(r), 0x12);
	assert_int_equal(dmasim_get_u32(r), 0x12345678);
	assert_int_equal(dmasim_get_u64(r), 0x123456789abcdef0);
	dmasim_get_string(r, text, sizeof(text));
	assert_string_equal(text, "hi");
	dmasim_get_bytes(r, bytes, sizeof(bytes));
	assert_memory_equal(bytes, "\xaa\xbb\xcc", 3);
	dmasim_get_bytes(r, NULL, 0);
	dmasim_get_string(r, text, sizeof(text));
	assert_string_equal(text, "");
	assert_int_equal(dmasim_reader_left(r), 0);
	assert_int_equal(dmasim_reader_status(r), DMASIM_OK);
	assert_string_equal(dmasim_reader_error(r), "");
	dmasim_reader_destroy(r);
	dmasim_writer_destroy(w);
	dmasim_writer_destroy(NULL);
	dmasim_reader_destroy(NULL);
}

static void an_empty_blob(void **state)
{
	struct dmasim_writer *w = writer();
	struct dmasim_reader *r = reread(w);

	(void)state;
	assert_int_equal(dmasim_get_u8(r), 0);
	assert_int_equal(dmasim_reader_status(r), DMASIM_E_FORMAT);
	assert_string_equal(dmasim_reader_error(r),
	                    "byte 0: 1 bytes wanted, 0 left");
	dmasim_reader_destroy(r);
	dmasim_writer_destroy(w);
}

static void the_first_error_sticks(void **state)
{
	static const uint8_t data[5] = {1, 2, 3, 4, 5};
	struct dmasim_reader *r = reader(data, sizeof(data));
	uint8_t bytes[2] = {9, 9};
	char text[4] = "old";

	(void)state;
	assert_int_equal(dmasim_get_u8(r), 1);
	assert_int_equal(dmasim_get_u64(r), 0);
	assert_string_equal(dmasim_reader_error(r),
	                    "byte 1: 8 bytes wanted, 4 left");
	assert_int_equal(dmasim_get_u8(r), 0);
	dmasim_get_bytes(r, bytes, 2);
	assert_int_equal(bytes[0] | bytes[1], 0);
	dmasim_get_string(r, text, sizeof(text));
	assert_string_equal(text, "");
	assert_int_equal(dmasim_get_count(r, 10, 1), 0);
	assert_int_equal(dmasim_get_begin(r, "ABCD", 1), 0);
	dmasim_get_end(r);
	assert_int_equal(dmasim_reader_left(r), 0);
	assert_int_equal(dmasim_reader_fail(r, "later"), DMASIM_E_FORMAT);
	assert_string_equal(dmasim_reader_error(r),
	                    "byte 1: 8 bytes wanted, 4 left");
	dmasim_reader_destroy(r);
}

static void a_room_may_fail_the_reader(void **state)
{
	static const uint8_t data[5] = {1, 2, 3, 4, 5};
	struct dmasim_reader *r = reader(data, sizeof(data));

	(void)state;
	dmasim_get_u32(r);
	assert_int_equal(dmasim_reader_fail(r, "way %d of %d", 9, 8),
	                 DMASIM_E_FORMAT);
	assert_string_equal(dmasim_reader_error(r), "byte 4: way 9 of 8");
	assert_int_equal(dmasim_get_u8(r), 0);
	dmasim_reader_destroy(r);
}

static void sections_nest_and_skip_what_is_newer(void **state)
{
	struct dmasim_writer *w = writer();
	struct dmasim_reader *r;

	(void)state;
	dmasim_put_begin(w, "OUTR", 3);
	dmasim_put_u8(w, 1);
	dmasim_put_begin(w, "INNR", 1);
	dmasim_put_u32(w, 2);
	dmasim_put_u32(w, 0xdead);
	dmasim_put_end(w);
	dmasim_put_u8(w, 3);
	dmasim_put_end(w);
	dmasim_put_u8(w, 4);
	r = reread(w);
	assert_int_equal(dmasim_get_begin(r, "OUTR", 3), 3);
	assert_int_equal(dmasim_get_u8(r), 1);
	assert_int_equal(dmasim_get_begin(r, "INNR", 9), 1);
	assert_int_equal(dmasim_reader_left(r), 8);
	assert_int_equal(dmasim_get_u32(r), 2);
	/* The second field is of a newer writer. */
	dmasim_get_end(r);
	assert_int_equal(dmasim_get_u8(r), 3);
	dmasim_get_end(r);
	assert_int_equal(dmasim_get_u8(r), 4);
	assert_int_equal(dmasim_reader_status(r), DMASIM_OK);
	dmasim_get_end(r);
	assert_int_equal(dmasim_reader_status(r), DMASIM_E_FORMAT);
	dmasim_reader_destroy(r);
	dmasim_writer_destroy(w);
}

static void a_section_bounds_its_reads(void **state)
{
	struct dmasim_writer *w = writer();
	struct dmasim_reader *r;

	(void)state;
	dmasim_put_begin(w, "SECT", 1);
	dmasim_put_u8(w, 1);
	dmasim_put_end(w);
	dmasim_put_u64(w, UINT64_MAX);
	r = reread(w);
	assert_int_equal(dmasim_get_begin(r, "SECT", 1), 1);
	assert_int_equal(dmasim_get_u32(r), 0);
	assert_string_equal(dmasim_reader_error(r),
	                    "byte 16: 4 bytes wanted, 1 left");
	dmasim_reader_destroy(r);
	dmasim_writer_destroy(w);
}

static void begin_checks_tag_version_and_length(void **state)
{
	struct dmasim_writer *w = writer();
	struct dmasim_reader *r;
	const uint8_t *data;
	uint8_t copy[17];
	size_t size;

	(void)state;
	dmasim_put_begin(w, "SECT", 2);
	dmasim_put_u8(w, 1);
	dmasim_put_end(w);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	assert_int_equal(size, sizeof(copy));

	r = reader(data, size);
	assert_int_equal(dmasim_get_begin(r, "ECTS", 2), 0);
	assert_string_equal(dmasim_reader_error(r),
	                    "byte 4: section 'ECTS' expected");
	dmasim_reader_destroy(r);

	r = reader(data, size);
	assert_int_equal(dmasim_get_begin(r, "SECT", 1), 0);
	assert_string_equal(dmasim_reader_error(r),
	                    "byte 8: version 2 of 'SECT', at most 1 known");
	dmasim_reader_destroy(r);

	memcpy(copy, data, size);
	copy[4] = 0;
	r = reader(copy, size);
	assert_int_equal(dmasim_get_begin(r, "SECT", 2), 0);
	dmasim_reader_destroy(r);

	memcpy(copy, data, size);
	copy[15] = 0xff;
	r = reader(copy, size);
	assert_int_equal(dmasim_get_begin(r, "SECT", 2), 0);
	assert_string_equal(dmasim_reader_error(r),
	                    "byte 16: section 'SECT' is cut short");
	dmasim_reader_destroy(r);
	dmasim_writer_destroy(w);
}

static void nesting_has_a_limit(void **state)
{
	static const uint8_t one[16] = {'N', 'E', 'S', 'T', 1};
	struct dmasim_writer *w = writer();
	struct dmasim_reader *r;
	uint8_t data[40 * 16];
	const uint8_t *out;
	unsigned depth = 0;
	size_t size;

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		memcpy(data + i * 16, one, 16);
		data[i * 16 + 8] = (uint8_t)(39 * 16 - i * 16);
		data[i * 16 + 9] = (uint8_t)((39 * 16 - i * 16) >> 8);
	}
	r = reader(data, sizeof(data));
	while (dmasim_get_begin(r, "NEST", 1))
		depth++;
	assert_int_equal(depth, 32);
	assert_string_equal(dmasim_reader_error(r),
	                    "byte 512: sections nested too deep");
	dmasim_reader_destroy(r);

	for (int i = 0; i < 33; i++)
		dmasim_put_begin(w, "NEST", 1);
	assert_int_equal(dmasim_writer_result(w, &out, &size), DMASIM_E_FULL);
	assert_null(out);
	dmasim_put_begin(w, "NEST", 1);
	dmasim_put_end(w);
	assert_int_equal(dmasim_writer_result(w, &out, &size), DMASIM_E_FULL);
	dmasim_writer_destroy(w);
}

static void unbalanced_writers_say_so(void **state)
{
	struct dmasim_writer *w = writer();
	const uint8_t *data;
	size_t size;

	(void)state;
	dmasim_put_end(w);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_E_STATE);
	dmasim_writer_destroy(w);
	w = writer();
	dmasim_put_begin(w, "OPEN", 1);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_E_STATE);
	assert_int_equal(size, 0);
	dmasim_writer_destroy(w);
}

static void counts_are_checked(void **state)
{
	struct dmasim_writer *w = writer();
	const uint8_t *data;
	struct dmasim_reader *r;
	size_t size;

	(void)state;
	dmasim_put_u32(w, 3);
	dmasim_put_bytes(w, "123456", 6);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	r = reader(data, size);
	assert_int_equal(dmasim_get_count(r, 3, 2), 3);
	dmasim_reader_destroy(r);
	r = reader(data, size);
	assert_int_equal(dmasim_get_count(r, 2, 2), 0);
	assert_string_equal(dmasim_reader_error(r),
	                    "byte 4: count 3, at most 2");
	dmasim_reader_destroy(r);
	r = reader(data, size);
	assert_int_equal(dmasim_get_count(r, 3, 3), 0);
	assert_string_equal(dmasim_reader_error(r),
	                    "byte 4: count 3, but 6 bytes left");
	dmasim_reader_destroy(r);
	r = reader(data, size);
	assert_int_equal(dmasim_get_count(r, 3, SIZE_MAX), 0);
	dmasim_reader_destroy(r);
	r = reader(data, size);
	assert_int_equal(dmasim_get_count(r, 3, 0), 3);
	dmasim_reader_destroy(r);
	dmasim_writer_destroy(w);
}

static void strings_must_fit(void **state)
{
	static const uint8_t nul[] = {3, 0, 0, 0, 'a', 0, 'b'};
	struct dmasim_writer *w = writer();
	struct dmasim_reader *r;
	char text[8];

	(void)state;
	dmasim_put_string(w, "1234567");
	r = reread(w);
	dmasim_get_string(r, text, 8);
	assert_string_equal(text, "1234567");
	dmasim_reader_destroy(r);
	r = reread(w);
	dmasim_get_string(r, text, 7);
	assert_string_equal(text, "");
	assert_string_equal(dmasim_reader_error(r),
	                    "byte 4: string of 7 bytes, at most 6 fit");
	dmasim_reader_destroy(r);
	r = reader(nul, sizeof(nul));
	dmasim_get_string(r, text, sizeof(text));
	assert_string_equal(text, "");
	assert_int_equal(dmasim_reader_status(r), DMASIM_E_FORMAT);
	dmasim_reader_destroy(r);
	dmasim_writer_destroy(w);
}

static void large_blobs_grow(void **state)
{
	enum { COUNT = 100000 };
	struct dmasim_writer *w = writer();
	struct dmasim_reader *r;

	(void)state;
	for (uint32_t i = 0; i < COUNT; i++)
		dmasim_put_u32(w, i * 2654435761u);
	r = reread(w);
	for (uint32_t i = 0; i < COUNT; i++)
		assert_int_equal(dmasim_get_u32(r), i * 2654435761u);
	assert_int_equal(dmasim_reader_left(r), 0);
	dmasim_reader_destroy(r);
	dmasim_writer_destroy(w);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_little_endian),
        cmocka_unit_test(an_empty_blob),
        cmocka_unit_test(the_first_error_sticks),
        cmocka_unit_test(a_room_may_fail_the_reader),
        cmocka_unit_test(sections_nest_and_skip_what_is_newer),
        cmocka_unit_test(a_section_bounds_its_reads),
        cmocka_unit_test(begin_checks_tag_version_and_length),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(unbalanced_writers_say_so),
        cmocka_unit_test(counts_are_checked),
        cmocka_unit_test(strings_must_fit),
        cmocka_unit_test(large_blobs_grow),
};

CHECK_MAIN(tests)
