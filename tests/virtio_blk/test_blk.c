/* SPDX-License-Identifier: MIT */
/* Block requests, on every transport. */
#include "bbench.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static struct dmasim_blk_stats stats(struct bbench *bb)
{
	struct dmasim_blk_stats s;

	dmasim_blk_get_stats(bb->blk, &s);
	return s;
}

static void configuration_and_features(void **state)
{
	struct bbench *bb = *state;
	struct vbench *b = &bb->b;

	bb_plug(bb, VB_MMIO2);
	assert_int_equal(vb_rd(b, 0x08, 4), 2);
	assert_int_equal(vb_rd(b, 0x34, 4), 256);
	/* SEG_MAX, BLK_SIZE, FLUSH. */
	assert_int_equal(vb_rd(b, 0x10, 4), 0x30000244);
	vb_wr(b, 0x14, 4, 1);
	assert_int_equal(vb_rd(b, 0x10, 4), 3);
	assert_int_equal(vb_rd(b, 0x100, 4), BB_SECTORS);
	assert_int_equal(vb_rd(b, 0x104, 4), 0);
	assert_int_equal(vb_rd(b, 0x108, 4), 0);
	assert_int_equal(vb_rd(b, 0x10c, 4), 254);
	assert_int_equal(vb_rd(b, 0x110, 4), 0);
	assert_int_equal(vb_rd(b, 0x114, 4), 512);
	assert_int_equal(vb_rd(b, 0x13c, 4), 0);
	vb_wr(b, 0x100, 4, 5);
	assert_int_equal(vb_rd(b, 0x100, 4), BB_SECTORS);
}

static void small_queues(void **state)
{
	struct bbench *bb = *state;

	for (uint16_t size = 1; size <= 8; size = (uint16_t)(2 * size)) {
		bb->cfg.queue_size = size;
		bb_plug(bb, VB_MMIO1);
		assert_int_equal(vb_rd(&bb->b, 0x10c, 4),
		                 size > 2 ? size - 2 : 1);
		dmasim_blk_destroy(bb->blk);
	}
	bb->cfg.queue_size = 4;
	bb_plug(bb, VB_MMIO1);
	vb_start(&bb->b, 4);
	assert_int_equal(bb_request(bb, BB_IN, 0, 512), 0);
}

static void identity_on_pci(void **state)
{
	struct bbench *bb = *state;
	uint64_t v = 0;

	bb_plug(bb, VB_PCI);
	vb_bus(&bb->b, DMASIM_READ, VB_ECAM, 4, &v);
	assert_int_equal(v, 0x10011af4);
	vb_bus(&bb->b, DMASIM_READ, VB_ECAM + 8, 4, &v);
	assert_int_equal(v, 0x01000000);
	vb_bus(&bb->b, DMASIM_READ, VB_ECAM + 0x2c, 4, &v);
	assert_int_equal(v, 0x00021af4);
	assert_int_equal(vb_rd(&bb->b, 0x14, 4), BB_SECTORS);
}

static void io_on(struct bbench *bb, enum vb_transport t)
{
	uint8_t *one = malloc(0x20000), *two = malloc(0x20000);
	char id[20] = "dmasim-0001";

	bb_begin(bb, t);
	bb_fill(bb, one, 512, 1);
	assert_int_equal(bb_request(bb, BB_OUT, 7, 512), 0);
	assert_int_equal(bb->len, 1);
	/* Larger than the device's own buffer. */
	bb_fill(bb, two, 0x20000, 2);
	assert_int_equal(bb_request(bb, BB_OUT, 1000, 0x20000), 0);
	assert_int_equal(bb_request(bb, BB_FLUSH, 0, 0), 0);
	assert_int_equal(bb->len, 1);
	assert_int_equal(bb_request(bb, BB_IN, 7, 512), 0);
	assert_int_equal(bb->len, 513);
	bb_buffer_is(bb, one, 512);
	assert_int_equal(bb_request(bb, BB_IN, 1000, 0x20000), 0);
	assert_int_equal(bb->len, 0x20001);
	bb_buffer_is(bb, two, 0x20000);
	/* The last sector. */
	assert_int_equal(bb_request(bb, BB_IN, BB_SECTORS - 1, 512), 0);
	memset(two, 0, 512);
	bb_buffer_is(bb, two, 512);
	assert_int_equal(bb_request(bb, BB_GET_ID, 0, 20), 0);
	assert_int_equal(bb->len, 21);
	bb_buffer_is(bb, (uint8_t *)id, 20);
	assert_int_equal(stats(bb).reads, 3);
	assert_int_equal(stats(bb).writes, 2);
	assert_int_equal(stats(bb).flushes, 1);
	assert_int_equal(stats(bb).ids, 1);
	assert_int_equal(stats(bb).errors, 0);
	assert_int_equal(stats(bb).bytes_read, 0x20000 + 1024);
	assert_int_equal(stats(bb).bytes_written, 0x20000 + 512);
	assert_int_equal(bb->b.warnings, 0);
	free(one);
	free(two);
}

static void io_on_mmio_1(void **state)
{
	io_on(*state, VB_MMIO1);
}

static void io_on_mmio_2(void **state)
{
	io_on(*state, VB_MMIO2);
}

static void io_on_legacy_pci(void **state)
{
	io_on(*state, VB_PCI);
}

static void io_through_a_pending_port(void **state)
{
	struct bbench *bb = *state;

	bb->b.spy.pend = 3000;
	io_on(bb, VB_MMIO2);
	assert_true(bb->b.spy.pended > 100);
}

static void accesses_of_a_read(void **state)
{
	struct bbench *bb = *state;
	struct vbench *b = &bb->b;

	bb_begin(bb, VB_PCI);
	assert_int_equal(bb_request(bb, BB_IN, 0, 4096), 0);
	vb_expect(b, 0, "read avail.idx", b->avail + 2, 2);
	vb_expect(b, 1, "read avail.ring", b->avail + 4, 2);
	vb_expect(b, 2, "read desc", b->desc, 16);
	vb_expect(b, 3, "read desc", b->desc + 16, 16);
	vb_expect(b, 4, "read desc", b->desc + 32, 16);
	vb_expect(b, 5, "read request header", BB_HEADER, 16);
	vb_expect(b, 6, "write data", BB_BUFFER, 4096);
	vb_expect(b, 7, "write status", BB_STATUS, 1);
	vb_expect(b, 8, "write used.ring", b->used + 4, 8);
	vb_expect(b, 9, "write used.idx", b->used + 2, 2);
	vb_expect(b, 10, "read avail.flags", b->avail, 2);
}

/** Header, data and status cut and joined in every way. */
static void any_layout(void **state)
{
	struct bbench *bb = *state;
	struct vbench *b = &bb->b;
	uint8_t data[1024];
	uint64_t at = BB_BUFFER;

	bb_begin(bb, VB_MMIO2);
	/* Header and data in one readable descriptor. */
	bb_fill(bb, data, 1024, 3);
	vb_store(b, at + 2048, BB_OUT, 8);
	vb_store(b, at + 2056, 5, 8);
	dmasim_map_load(b->map, at + 2064, data, 1024);
	vb_store(b, BB_STATUS, 0xee, 1);
	vb_desc(b, 0, at + 2048, 1040, vb_flags(VB_NEXT, 1));
	vb_desc(b, 1, BB_STATUS, 1, VB_WRITE);
	vb_post(b, 0);
	assert_int_equal(bb_finish(bb), 0);
	/* Data and status in one writable descriptor; the header in three. */
	bb_header(bb, BB_IN, 5);
	vb_desc(b, 0, BB_HEADER, 3, vb_flags(VB_NEXT, 1));
	vb_desc(b, 1, BB_HEADER + 3, 10, vb_flags(VB_NEXT, 2));
	vb_desc(b, 2, BB_HEADER + 13, 3, vb_flags(VB_NEXT, 3));
	vb_desc(b, 3, at, 1025, VB_WRITE);
	vb_post(b, 0);
	vb_kick(b);
	vb_run(b);
	bb_buffer_is(bb, data, 1024);
	assert_int_equal(vb_load(b, at + 1024, 1), 0);
	/* Data in pieces of odd sizes. */
	bb_header(bb, BB_IN, 5);
	vb_desc(b, 0, BB_HEADER, 16, vb_flags(VB_NEXT, 1));
	for (uint16_t i = 1; i <= 8; i++)
		vb_desc(b, i, at + 113u * (i - 1u),
		        i < 8 ? 113 : 1024 - 7 * 113u,
		        vb_flags(VB_NEXT | VB_WRITE, i + 1u));
	vb_desc(b, 9, BB_STATUS, 1, VB_WRITE);
	vb_store(b, at, 0, 8);
	vb_post(b, 0);
	b->used_seen++;
	assert_int_equal(bb_finish(bb), 0);
	bb_buffer_is(bb, data, 1024);
}

static void indirect_request(void **state)
{
	struct bbench *bb = *state;
	struct vbench *b = &bb->b;
	uint64_t table = VB_DATA + 0x800;

	b->features = DMASIM_VIRTIO_F_INDIRECT_DESC | DMASIM_VIRTIO_F_EVENT_IDX;
	bb_begin(bb, VB_MMIO2);
	bb_header(bb, BB_IN, 1);
	vb_desc_at(b, table, 0, BB_HEADER, 16, vb_flags(VB_NEXT, 1));
	vb_desc_at(b, table, 1, BB_BUFFER, 512,
	           vb_flags(VB_NEXT | VB_WRITE, 2));
	vb_desc_at(b, table, 2, BB_STATUS, 1, VB_WRITE);
	vb_desc(b, 9, table, 48, VB_INDIRECT);
	vb_post(b, 9);
	assert_int_equal(bb_finish(bb), 0);
	assert_int_equal(bb->len, 513);
}

static void requests_that_end_in_an_error(void **state)
{
	struct bbench *bb = *state;
	static const struct {
		uint32_t type;
		uint64_t sector;
		uint32_t size;
	} rows[] = {
	        {BB_IN, 0, 511},
	        {BB_IN, 0, 513},
	        {BB_OUT, 0, 100},
	        {BB_IN, 0, 0},
	        {BB_OUT, 0, 0},
	        {BB_IN, BB_SECTORS, 512},
	        {BB_IN, BB_SECTORS - 1, 1024},
	        {BB_OUT, BB_SECTORS - 1, 1024},
	        {BB_OUT, UINT64_MAX, 512},
	        {BB_IN, UINT64_MAX / 512, 1024},
	        {BB_IN, 1ull << 55, 512},
	        /* The device's first piece would fit. */
	        {BB_IN, BB_SECTORS - 200, 0x20000},
	        {BB_OUT, BB_SECTORS - 200, 0x20000},
	};
	size_t n = sizeof(rows) / sizeof(*rows);

	bb_begin(bb, VB_MMIO2);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(bb_request(bb, rows[i].type, rows[i].sector,
		                            rows[i].size),
		                 1);
		/* Nothing was written before the status. */
		assert_int_equal(bb->len,
		                 rows[i].type == BB_OUT || !rows[i].size);
	}
	assert_int_equal(stats(bb).errors, n);
	assert_int_equal(stats(bb).bytes_read, 0);
	assert_int_equal(stats(bb).bytes_written, 0);
}

static void unknown_requests(void **state)
{
	struct bbench *bb = *state;
	static const uint32_t types[] = {2,  3,  5,          9,
	                                 11, 13, 0x80000000, 0xffffffff};

	bb_begin(bb, VB_MMIO2);
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		assert_int_equal(bb_request(bb, types[i], 0, 512), 2);
		assert_int_equal(bb->len, 0);
		assert_int_equal(bb_request(bb, types[i], 0, 0), 2);
		assert_int_equal(bb->len, 1);
	}
	assert_int_equal(stats(bb).unsupported, 16);
}

static void id_of_other_sizes(void **state)
{
	struct bbench *bb = *state;
	uint8_t expect[40] = "dmasim-0001";

	bb_begin(bb, VB_MMIO2);
	vb_store(&bb->b, BB_BUFFER + 8, 0x5555555555555555, 8);
	assert_int_equal(bb_request(bb, BB_GET_ID, 0, 8), 0);
	assert_int_equal(bb->len, 9);
	bb_buffer_is(bb, expect, 8);
	assert_int_equal(vb_load(&bb->b, BB_BUFFER + 8, 1), 0x55);
	vb_store(&bb->b, BB_BUFFER + 20, 0x55, 1);
	assert_int_equal(bb_request(bb, BB_GET_ID, 0, 40), 0);
	assert_int_equal(bb->len, 20);
	bb_buffer_is(bb, expect, 20);
	assert_int_equal(vb_load(&bb->b, BB_BUFFER + 20, 1), 0x55);
	assert_int_equal(bb_request(bb, BB_GET_ID, 0, 0), 0);
	assert_int_equal(bb->len, 1);
}

static void id_of_twenty_characters_and_of_none(void **state)
{
	struct bbench *bb = *state;
	uint8_t none[20] = {0};

	bb->cfg.serial = "12345678901234567890";
	bb_begin(bb, VB_MMIO2);
	assert_int_equal(bb_request(bb, BB_GET_ID, 0, 20), 0);
	bb_buffer_is(bb, (const uint8_t *)"12345678901234567890", 20);
	dmasim_blk_destroy(bb->blk);
	bb->cfg.serial = NULL;
	bb_begin(bb, VB_MMIO2);
	assert_int_equal(bb_request(bb, BB_GET_ID, 0, 20), 0);
	bb_buffer_is(bb, none, 20);
}

static void image_file(struct bbench *bb, char *path, bool read_only)
{
	int fd;

	strcpy(path, "/tmp/dmasim-blk-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 65536), 0);
	close(fd);
	dmasim_disk_destroy(bb->disk);
	bb->disk = NULL;
	assert_int_equal(dmasim_disk_file(path, read_only, &bb->disk, NULL),
	                 DMASIM_OK);
	bb->cfg.disk = bb->disk;
}

static void read_only_disk(void **state)
{
	struct bbench *bb = *state;
	char path[40];

	image_file(bb, path, true);
	bb_plug(bb, VB_MMIO1);
	assert_int_equal(vb_rd(&bb->b, 0x10, 4) & 0x20, 0x20);
	vb_start(&bb->b, 16);
	bb->b.spy.count = 0;
	assert_int_equal(bb_request(bb, BB_OUT, 0, 512), 1);
	/* It does not even look at the data. */
	vb_expect(&bb->b, 6, "write status", BB_STATUS, 1);
	assert_int_equal(bb_request(bb, BB_IN, 0, 512), 0);
	assert_int_equal(bb_request(bb, BB_FLUSH, 0, 0), 0);
	unlink(path);
}

static void image_on_disk(void **state)
{
	struct bbench *bb = *state;
	uint8_t data[1024], back[1024];
	char path[40];
	struct rlimit limit = {512, 512}, old;
	int written;
	FILE *in;

	image_file(bb, path, false);
	bb_begin(bb, VB_PCI);
	bb_fill(bb, data, 1024, 9);
	assert_int_equal(bb_request(bb, BB_OUT, 3, 1024), 0);
	assert_int_equal(bb_request(bb, BB_FLUSH, 0, 0), 0);
	in = fopen(path, "rb");
	assert_non_null(in);
	fseek(in, 1536, SEEK_SET);
	assert_int_equal(fread(back, 1, 1024, in), 1024);
	fclose(in);
	assert_memory_equal(back, data, 1024);
	/* The backend fails: a file that is cut, and that cannot grow. */
	assert_int_equal(truncate(path, 0), 0);
	assert_int_equal(bb_request(bb, BB_IN, 3, 1024), 1);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	limit.rlim_max = old.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	written = bb_request(bb, BB_OUT, 3, 1024);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(written, 1);
	unlink(path);
}

static void refused_data_ends_in_an_error(void **state)
{
	struct bbench *bb = *state;
	struct spy *spy = &bb->b.spy;
	uint8_t data[8192];

	bb_begin(bb, VB_MMIO2);
	bb_fill(bb, data, 8192, 1);
	spy->fault_from = BB_BUFFER + 4096;
	spy->fault_to = BB_BUFFER + 8192;
	assert_int_equal(bb_request(bb, BB_OUT, 0, 8192), 1);
	assert_int_equal(bb_request(bb, BB_IN, 0, 8192), 1);
	assert_int_equal(bb->len, 0);
	assert_int_equal(bb_request(bb, BB_IN, 0, 4096), 0);
	spy->fault_from = BB_HEADER;
	spy->fault_to = BB_HEADER + 16;
	assert_int_equal(bb_request(bb, BB_IN, 0, 512), 1);
	spy->fault_from = BB_BUFFER;
	spy->fault_to = BB_BUFFER + 1;
	assert_int_equal(bb_request(bb, BB_GET_ID, 0, 20), 1);
	assert_int_equal(stats(bb).errors, 4);
	assert_string_equal(dmasim_virtio_error(bb->b.v), "");
	/* A status that cannot be written stops the device. */
	spy->fault_from = BB_STATUS;
	spy->fault_to = BB_STATUS + 1;
	assert_int_equal(bb_request(bb, BB_IN, 0, 512), -1);
	assert_non_null(strstr(dmasim_virtio_error(bb->b.v), "request 6"));
	assert_int_equal(vb_status(&bb->b), 0x4f);
	assert_int_equal(dmasim_virtio_outstanding(bb->b.v), 1);
}

static void refused_data_is_no_error_for_qemu(void **state)
{
	struct bbench *bb = *state;
	struct spy *spy = &bb->b.spy;
	uint8_t data[512], zero[512] = {0};

	bb->cfg.ring_fault = DMASIM_RING_FAULT_IGNORE;
	bb_begin(bb, VB_MMIO2);
	bb_fill(bb, data, 512, 1);
	assert_int_equal(bb_request(bb, BB_OUT, 0, 512), 0);
	spy->fault_from = BB_BUFFER;
	spy->fault_to = BB_BUFFER + 8192;
	assert_int_equal(bb_request(bb, BB_IN, 1, 512), 0);
	assert_int_equal(bb->len, 513);
	bb_buffer_is(bb, data, 512);
	/* What was refused is written as zeros. */
	assert_int_equal(bb_request(bb, BB_OUT, 0, 512), 0);
	spy->fault_to = 0;
	assert_int_equal(bb_request(bb, BB_IN, 0, 512), 0);
	bb_buffer_is(bb, zero, 512);
	spy->fault_from = BB_STATUS;
	spy->fault_to = BB_STATUS + 1;
	assert_int_equal(bb_request(bb, BB_IN, 0, 512), 0xee);
	assert_string_equal(dmasim_virtio_error(bb->b.v), "");
}

static void reset_during_every_access(void **state)
{
	struct bbench *bb = *state;
	struct vbench *b = &bb->b;
	static const uint32_t types[] = {BB_IN, BB_OUT, BB_GET_ID};

	bb_plug(bb, VB_MMIO2);
	for (size_t i = 0; i < 36; i++) {
		uint32_t type = types[i / 12];
		size_t n = i % 12;

		vb_start(b, 16);
		b->spy.pend = DMASIM_US;
		b->spy.count = 0;
		bb_header(bb, type, 0);
		vb_desc(b, 0, BB_HEADER, 16, vb_flags(VB_NEXT, 1));
		vb_desc(b, 1, BB_BUFFER, 512,
		        vb_flags(VB_NEXT | (type == BB_OUT ? 0 : VB_WRITE), 2));
		vb_desc(b, 2, BB_STATUS, 1, VB_WRITE);
		vb_post(b, 0);
		vb_kick(b);
		while (b->spy.count < n)
			assert_int_equal(dmasim_run_one(b->k), DMASIM_OK);
		if (i % 2) {
			/* The device goes altogether. */
			dmasim_blk_destroy(bb->blk);
			vb_run(b);
			assert_true(b->spy.count <= n + 1);
			b->spy.pend = 0;
			bb_plug(bb, VB_MMIO2);
		} else {
			vb_set_status(b, 0);
			vb_run(b);
			assert_true(b->spy.count <= n + 1);
			b->spy.pend = 0;
		}
		vb_start(b, 16);
		assert_int_equal(bb_request(bb, BB_IN, 0, 512), 0);
	}
}

static void many_requests_per_kick(void **state)
{
	struct bbench *bb = *state;
	struct vbench *b = &bb->b;

	bb_begin(bb, VB_MMIO2);
	for (uint16_t i = 0; i < 20; i++) {
		uint64_t h = VB_DATA + 0x1000 + 64u * i;

		vb_store(b, h, BB_OUT, 8);
		vb_store(b, h + 8, i, 8);
		vb_store(b, h + 16, 0xee, 1);
		vb_store(b, BB_BUFFER + 512u * i, i + 1u, 8);
		vb_desc(b, (uint16_t)(3 * i), h, 16,
		        vb_flags(VB_NEXT, 3u * i + 1));
		vb_desc(b, (uint16_t)(3 * i + 1), BB_BUFFER + 512u * i, 512,
		        vb_flags(VB_NEXT, 3u * i + 2));
		vb_desc(b, (uint16_t)(3 * i + 2), h + 16, 1, VB_WRITE);
		vb_post(b, (uint16_t)(3 * i));
	}
	vb_kick(b);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 20);
	for (uint16_t i = 0; i < 20; i++) {
		uint8_t first = 0;

		assert_int_equal(vb_load(b, VB_DATA + 0x1010 + 64u * i, 1), 0);
		assert_int_equal(
		        dmasim_disk_read(bb->disk, 512u * i, &first, 1),
		        DMASIM_OK);
		assert_int_equal(first, i + 1);
	}
}

static void bad_configurations(void **state)
{
	struct bbench *bb = *state;
	struct dmasim_blk_config c;
	struct dmasim_blk *blk = NULL;

#define BAD(field, value)                                                      \
	c = bb->cfg;                                                           \
	c.field = value;                                                       \
	assert_int_equal(dmasim_blk_create(&c, &blk), DMASIM_E_INVAL)
	BAD(kernel, NULL);
	BAD(name, NULL);
	BAD(dma.access, NULL);
	BAD(disk, NULL);
	BAD(serial, "123456789012345678901");
	BAD(queue_size, 100);
#undef BAD
	assert_int_equal(dmasim_blk_create(NULL, &blk), DMASIM_E_INVAL);
	assert_int_equal(dmasim_blk_create(&bb->cfg, NULL), DMASIM_E_INVAL);
	dmasim_blk_destroy(NULL);
}

static const struct CMUnitTest tests[] = {
        BB_CASE(configuration_and_features),
        BB_CASE(small_queues),
        BB_CASE(identity_on_pci),
        BB_CASE(io_on_mmio_1),
        BB_CASE(io_on_mmio_2),
        BB_CASE(io_on_legacy_pci),
        BB_CASE(io_through_a_pending_port),
        BB_CASE(accesses_of_a_read),
        BB_CASE(any_layout),
        BB_CASE(indirect_request),
        BB_CASE(requests_that_end_in_an_error),
        BB_CASE(unknown_requests),
        BB_CASE(id_of_other_sizes),
        BB_CASE(id_of_twenty_characters_and_of_none),
        BB_CASE(read_only_disk),
        BB_CASE(image_on_disk),
        BB_CASE(refused_data_ends_in_an_error),
        BB_CASE(refused_data_is_no_error_for_qemu),
        BB_CASE(reset_during_every_access),
        BB_CASE(many_requests_per_kick),
        BB_CASE(bad_configurations),
};

CHECK_MAIN(tests)
