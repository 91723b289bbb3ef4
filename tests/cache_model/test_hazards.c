/* SPDX-License-Identifier: MIT */
/*
 * The checker's findings, each beside the correct variant that must give
 * none: mismatched aliases, missing maintenance, lost and discarded writes.
 */
#include "rig.h"

#define BUF (RIG_RAM + 0x2000)
#define WB  (RIG_WB + 0x2000)
#define NC  (RIG_NC + 0x2000)

static void put(struct rig *r, uint64_t va, uint64_t value)
{
	assert_int_equal(dmasim_cpu_store(r->cpu[0], va, 8, value), DMASIM_OK);
}

static uint64_t get(struct rig *r, uint64_t va)
{
	uint64_t v = 0;

	assert_int_equal(dmasim_cpu_load(r->cpu[0], va, 8, &v), DMASIM_OK);
	return v;
}

static void dsb(struct rig *r)
{
	assert_int_equal(dmasim_cpu_barrier(r->cpu[0], DMASIM_DSB, DMASIM_HERE),
	                 DMASIM_OK);
}

static void maintain(struct rig *r, enum dmasim_op op, uint64_t va,
                     uint64_t size)
{
	assert_int_equal(
	        dmasim_cpu_maintain(r->cpu[0], op, va, size, DMASIM_HERE),
	        DMASIM_OK);
	dsb(r);
}

static const struct dmasim_finding *only(struct rig *r,
                                         enum dmasim_finding_kind kind)
{
	const struct dmasim_finding *f = dmasim_finding_get(r->checker, 0);

	if (dmasim_finding_count(r->checker) != 1)
		rig_no_findings(r);
	assert_int_equal(f->kind, kind);
	return f;
}

static void check_party(const struct dmasim_party *p, const char *agent,
                        const char *where, const char *alias)
{
	assert_true(p->known);
	assert_string_equal(p->agent, agent);
	assert_non_null(strstr(p->where, where));
	assert_string_equal(p->alias, alias);
}

/* M1: the guest maps the ring non-cacheable, the host reads through its
 * cache and sees the index that it read before. */
static void m1_host_reads_stale(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;

	assert_int_equal(dmasim_name_region(r->checker, BUF, 64,
	                                    "virtqueue 0 avail", NULL, NULL),
	                 DMASIM_OK);
	assert_int_equal(rig_dma_read(r, &r->host, BUF, "read avail.idx"), 0);
	put(r, NC, 0x1122);
	dsb(r);
	assert_int_equal(rig_ram(r, BUF), 0x1122);
	assert_int_equal(rig_dma_read(r, &r->host, BUF, "read avail.idx"), 0);
	f = only(r, DMASIM_MISMATCHED_ALIAS);
	assert_true(f->addr == BUF && f->line == BUF && f->size == 2);
	assert_int_equal(f->seen[0], 0);
	assert_int_equal(f->expected[0], 0x22);
	assert_int_equal(f->expected[1], 0x11);
	assert_string_equal(f->object, "virtqueue 0 avail");
	check_party(&f->reader, "host", "read avail.idx, queue 0, request 3",
	            "Normal WB ISH");
	check_party(&f->writer, "cpu0", "test_hazards.c:", "Normal NC");
	assert_non_null(strstr(f->history, "host fills"));
	assert_non_null(strstr(f->history, "cpu0 writes past the caches"));
	assert_non_null(strstr(f->remedy, "dma-coherent"));
	assert_false(f->lost);
	assert_int_equal(f->count, 0);
}

/* The other direction: what the host wrote stays dirty in its cache. */
static void m1_guest_reads_stale(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;

	rig_dma_write(r, &r->host, BUF, 0x77, "write used.idx");
	assert_int_equal(get(r, NC), 0);
	f = only(r, DMASIM_MISMATCHED_ALIAS);
	check_party(&f->reader, "cpu0", "test_hazards.c:", "Normal NC");
	check_party(&f->writer, "host", "write used.idx, queue 0, request 3",
	            "Normal WB ISH");
	/* Polling finds it again, and it is one finding. */
	for (unsigned i = 0; i < 5; i++)
		get(r, NC);
	assert_int_equal(dmasim_finding_count(r->checker), 1);
	assert_int_equal(f->count, 5);
	/* It is there in the line that the cache has. */
	assert_int_equal(rig_read(r, &r->host, BUF, &dmasim_attr_wb), 0x77);
}

/* The host's dirty line goes back over what the guest wrote meanwhile. */
static void m1_line_written_back_over_newer_bytes(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;

	rig_dma_write(r, &r->host, BUF, 0x1111, "write used.idx");
	put(r, NC, 0x2222);
	put(r, NC + 8, 0x3333);
	dsb(r);
	assert_int_equal(rig_move(r, &r->host, DMASIM_CLEAN, BUF, NULL, 8,
	                          &dmasim_attr_wb),
	                 DMASIM_TXN_OK);
	f = only(r, DMASIM_MISMATCHED_ALIAS);
	assert_true(f->lost);
	assert_true(f->addr == BUF && f->size == 2);
	assert_int_equal(f->seen[0], 0x11);
	assert_int_equal(f->expected[0], 0x22);
	check_party(&f->reader, "host", "write used.idx", "Normal WB ISH");
	check_party(&f->writer, "cpu0", "test_hazards.c:", "Normal NC");
	/* Only dirty bytes went back: the neighbours survive. */
	assert_int_equal(rig_ram(r, BUF), 0x1111);
	assert_int_equal(rig_ram(r, BUF + 8), 0x3333);
	/* What memory holds is what is true now. */
	assert_int_equal(get(r, NC), 0x1111);
	assert_int_equal(dmasim_finding_count(r->checker), 1);
}

/* With dma-coherent the guest's ring is cacheable, as the host's is. */
static void m1_fixed(void **state)
{
	struct rig *r = *state;

	assert_int_equal(rig_dma_read(r, &r->host, BUF, "read avail.idx"), 0);
	put(r, WB, 0x1122);
	dsb(r);
	assert_int_equal(rig_dma_read(r, &r->host, BUF, "read avail.idx"),
	                 0x1122);
	rig_dma_write(r, &r->host, BUF + 8, 0x77, "write used.idx");
	assert_int_equal(get(r, WB + 8), 0x77);
	rig_no_findings(r);
}

/* M2: the guest maps the ring cacheable, the device looks at memory. */
static void m2_device_reads_past_the_cache(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;

	put(r, WB, 5);
	dsb(r);
	assert_int_equal(
	        rig_dma_read(r, &r->noncoherent, BUF, "read avail.idx"), 0);
	f = only(r, DMASIM_STALE_READ);
	check_party(&f->reader, "disk", "read avail.idx, queue 0, request 3",
	            "Normal NC");
	check_party(&f->writer, "cpu0", "test_hazards.c:", "Normal WB ISH");
	assert_non_null(strstr(f->remedy, "dma_sync_single_for_device()"));
	assert_non_null(strstr(f->history, "cpu0 writes (dirty)"));
}

/* A ring of a non-coherent device as the DMA API makes it: zeroed through
 * the linear map, cleaned and invalidated, then used non-cacheable. */
static void m2_fixed(void **state)
{
	struct rig *r = *state;
	uint8_t page[4096];

	memset(page, 0xee, sizeof(page));
	assert_int_equal(dmasim_cpu_write(r->cpu[0], WB & ~0xfffull, page, 4096,
	                                  DMASIM_HERE),
	                 DMASIM_OK);
	memset(page, 0, sizeof(page));
	assert_int_equal(dmasim_cpu_write(r->cpu[0], WB & ~0xfffull, page, 4096,
	                                  DMASIM_HERE),
	                 DMASIM_OK);
	maintain(r, DMASIM_CLEAN_INVALIDATE, WB & ~0xfffull, 4096);
	for (uint64_t i = 1; i < 50; i++) {
		put(r, NC, i);
		dsb(r);
		assert_int_equal(rig_dma_read(r, &r->noncoherent, BUF, "idx"),
		                 i);
		rig_dma_write(r, &r->noncoherent, BUF + 8, i, "used");
		assert_int_equal(get(r, NC + 8), i);
		assert_int_equal(get(r, NC + 0x800), 0);
	}
	rig_no_findings(r);
}

/* M3: a buffer that is not cleaned before the device reads it ... */
static void m3_no_clean(void **state)
{
	struct rig *r = *state;
	uint8_t data[512], got[512];
	const struct dmasim_finding *f;
	struct dmasim_txn txn = {
	        .op = DMASIM_READ,
	        .cause = DMASIM_CAUSE_DMA,
	        .addr = BUF,
	        .size = 512,
	        .data = got,
	        .attr = dmasim_attr_wb,
	        .origin = {.what = "read data", .queue = 1, .request = 9}};

	memset(data, 0x5a, sizeof(data));
	assert_int_equal(
	        dmasim_name_region(r->checker, BUF, 512, "buffer", NULL, NULL),
	        DMASIM_OK);
	assert_int_equal(
	        dmasim_cpu_write(r->cpu[0], WB, data, 512, DMASIM_HERE),
	        DMASIM_OK);
	dsb(r);
	assert_int_equal(rig_access(r, &r->noncoherent, &txn), DMASIM_TXN_OK);
	assert_int_equal(got[0], 0);
	/* One finding for the buffer, not one for each line. */
	f = only(r, DMASIM_STALE_READ);
	assert_int_equal(f->size, DMASIM_FINDING_BYTES);
	assert_true(f->count >= 7);
	assert_string_equal(f->object, "buffer");
	assert_non_null(strstr(f->reader.where, "queue 1, request 9"));
	/* ... and then it is: */
	maintain(r, DMASIM_CLEAN, WB, 512);
	txn.latency = 0;
	txn.data = got;
	assert_int_equal(rig_access(r, &r->noncoherent, &txn), DMASIM_TXN_OK);
	assert_memory_equal(got, data, 512);
	assert_int_equal(dmasim_finding_count(r->checker), 1);
}

static void m3_clean(void **state)
{
	struct rig *r = *state;

	for (uint64_t i = 1; i < 20; i++) {
		put(r, WB + 8 * i, i);
		maintain(r, DMASIM_CLEAN, WB, 512);
		assert_int_equal(rig_dma_read(r, &r->noncoherent, BUF + 8 * i,
		                              "read data"),
		                 i);
	}
	rig_no_findings(r);
}

/* ... or not invalidated after the device wrote it. */
static void m3_no_invalidate(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;

	assert_int_equal(get(r, WB), 0);
	rig_dma_write(r, &r->noncoherent, BUF, 0x99, "write status");
	assert_int_equal(get(r, WB), 0);
	f = only(r, DMASIM_STALE_READ);
	check_party(&f->reader, "cpu0", "test_hazards.c:", "Normal WB ISH");
	check_party(&f->writer, "disk", "write status, queue 0, request 3",
	            "Normal NC");
	assert_non_null(strstr(f->remedy, "dma_sync_single_for_cpu()"));
}

/* The CPU may hold a stale line as long as it does not look at it. */
static void m3_invalidate(void **state)
{
	struct rig *r = *state;

	for (uint64_t i = 1; i < 20; i++) {
		get(r, WB);
		maintain(r, DMASIM_CLEAN_INVALIDATE, WB, 64);
		get(r, WB);
		rig_dma_write(r, &r->noncoherent, BUF, i, "write status");
		maintain(r, DMASIM_INVALIDATE, WB, 64);
		assert_int_equal(get(r, WB), i);
	}
	rig_no_findings(r);
}

/* Dirty bytes over which the device wrote, in memory: cleaned, they win. */
static void lost_write(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;

	put(r, WB, 0x1111);
	dsb(r);
	rig_dma_write(r, &r->noncoherent, BUF, 0x2222, "write data");
	maintain(r, DMASIM_CLEAN_INVALIDATE, WB, 8);
	f = only(r, DMASIM_LOST_WRITE);
	assert_true(f->lost);
	check_party(&f->reader, "cpu0", "test_hazards.c:", "Normal WB ISH");
	check_party(&f->writer, "disk", "write data", "Normal NC");
	assert_int_equal(f->seen[0], 0x11);
	assert_int_equal(f->expected[0], 0x22);
	assert_int_equal(get(r, WB), 0x1111);
	assert_int_equal(dmasim_finding_count(r->checker), 1);
}

static void lost_write_by_eviction(void **state)
{
	struct rig *r = *state;

	put(r, WB, 0x1111);
	dsb(r);
	rig_dma_write(r, &r->noncoherent, BUF, 0x2222, "write data");
	/* 32 KiB and 512 KiB of other lines drive it out. */
	for (uint64_t a = 0x10000; a < 0xa0000; a += 64)
		get(r, RIG_WB + a);
	assert_int_equal(rig_ram(r, BUF), 0x1111);
	only(r, DMASIM_LOST_WRITE);
}

/* CPU and device write to one line, each its own bytes: dirty bytes alone go
 * back, so nothing is lost; but a read of the other's bytes is stale. */
static void a_shared_line(void **state)
{
	struct rig *r = *state;

	put(r, WB, 0x1111);
	dsb(r);
	rig_dma_write(r, &r->noncoherent, BUF + 32, 0x2222, "write data");
	maintain(r, DMASIM_CLEAN, WB, 8);
	assert_int_equal(rig_ram(r, BUF), 0x1111);
	assert_int_equal(rig_ram(r, BUF + 32), 0x2222);
	rig_no_findings(r);
	assert_int_equal(get(r, WB), 0x1111);
	rig_no_findings(r);
	assert_int_equal(get(r, WB + 32), 0);
	only(r, DMASIM_STALE_READ);
}

static void discarded_write(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;

	put(r, WB + 8, 0xabcd);
	dsb(r);
	maintain(r, DMASIM_INVALIDATE, WB, 64);
	f = only(r, DMASIM_DISCARDED_WRITE);
	assert_true(f->addr == BUF + 8 && f->size == 2);
	assert_int_equal(f->seen[0], 0);
	assert_int_equal(f->expected[0], 0xcd);
	check_party(&f->writer, "cpu0", "test_hazards.c:", "Normal WB ISH");
	check_party(&f->reader, "cpu0", "test_hazards.c:", "Normal WB ISH");
	assert_non_null(strstr(f->remedy, "DC CIVAC"));
	/* It is gone, and that is told once. */
	assert_int_equal(get(r, WB + 8), 0);
	maintain(r, DMASIM_INVALIDATE, WB, 64);
	assert_int_equal(dmasim_finding_count(r->checker), 1);
}

static void nothing_is_discarded(void **state)
{
	struct rig *r = *state;

	/* What memory has is not lost. */
	put(r, WB, 0xabcd);
	maintain(r, DMASIM_CLEAN, WB, 64);
	maintain(r, DMASIM_INVALIDATE, WB, 64);
	assert_int_equal(get(r, WB), 0xabcd);
	/* Dirty with the same value. */
	put(r, WB, 0xabcd);
	maintain(r, DMASIM_INVALIDATE, WB, 64);
	assert_int_equal(get(r, WB), 0xabcd);
	/* Dirty, but the device wrote later: dropping it is the right thing. */
	put(r, WB, 0x1111);
	dsb(r);
	rig_dma_write(r, &r->noncoherent, BUF, 0x2222, "write data");
	maintain(r, DMASIM_INVALIDATE, WB, 64);
	assert_int_equal(get(r, WB), 0x2222);
	rig_no_findings(r);
}

/* DC IVAC under stage 2 cleans as well. */
static void guest_never_discards(void **state)
{
	struct rig *r = *state;
	struct dmasim_cpu *guest;
	uint64_t v = 0;

	assert_int_equal(
	        dmasim_cpu_create(&(struct dmasim_cpu_config){.kernel = r->k,
	                                                      .memsys = r->ms,
	                                                      .stage2 = true},
	                          &guest),
	        DMASIM_OK);
	assert_int_equal(
	        dmasim_cpu_map(guest, 0, RIG_RAM, 0x1000, &dmasim_attr_wb),
	        DMASIM_OK);
	assert_int_equal(dmasim_cpu_store(guest, 0, 8, 0xabcd), DMASIM_OK);
	assert_int_equal(dmasim_cpu_maintain(guest, DMASIM_INVALIDATE, 0, 64,
	                                     DMASIM_HERE),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_load(guest, 0, 8, &v), DMASIM_OK);
	assert_int_equal(v, 0xabcd);
	assert_int_equal(rig_ram(r, RIG_RAM), 0xabcd);
	rig_no_findings(r);
	dmasim_cpu_destroy(guest);
}

/* Dirty bytes that a snooping write replaces never reach memory: what they
 * would have buried there is not lost by them. */
static void replaced_dirty_bytes(void **state)
{
	struct rig *r = *state;

	put(r, WB, 0x1111);
	put(r, WB + 8, 0x1111);
	dsb(r);
	rig_dma_write(r, &r->noncoherent, BUF, 0x2222, "write data");
	rig_dma_write(r, &r->coherent, BUF, 0x3333, "write data");
	rig_no_findings(r);
	assert_int_equal(get(r, WB), 0x3333);
	assert_int_equal(get(r, WB + 8), 0x1111);
	rig_no_findings(r);
}

static void coherent_device(void **state)
{
	struct rig *r = *state;

	for (uint64_t i = 1; i < 20; i++) {
		put(r, WB, i);
		dsb(r);
		assert_int_equal(rig_dma_read(r, &r->coherent, BUF, "idx"), i);
		rig_dma_write(r, &r->coherent, BUF + 8, i, "used");
		assert_int_equal(get(r, WB + 8), i);
	}
	rig_no_findings(r);
}

/* No_snoop makes a coherent device's access one past the caches. */
static void no_snoop(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;
	uint64_t v = 0;
	struct dmasim_txn txn = {.op = DMASIM_READ,
	                         .cause = DMASIM_CAUSE_DMA,
	                         .flags = DMASIM_TXN_NO_SNOOP,
	                         .addr = BUF,
	                         .size = 8,
	                         .data = (uint8_t *)&v,
	                         .attr = dmasim_attr_wb,
	                         .origin = {.what = "read data"}};

	put(r, WB, 7);
	dsb(r);
	assert_int_equal(rig_access(r, &r->coherent, &txn), DMASIM_TXN_OK);
	assert_int_equal(v, 0);
	f = only(r, DMASIM_MISMATCHED_ALIAS);
	check_party(&f->reader, "coherent disk", "read data", "Normal NC");
	assert_non_null(strstr(f->remedy, "remove dma-coherent"));
}

static void two_aliases_of_one_cpu(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;

	put(r, WB, 7);
	/* No forwarding across aliases, and the store is not in memory. */
	assert_int_equal(get(r, NC), 0);
	f = only(r, DMASIM_MISMATCHED_ALIAS);
	assert_non_null(strstr(f->remedy, "DC CIVAC"));
	maintain(r, DMASIM_CLEAN, WB, 8);
	assert_int_equal(get(r, NC), 7);
	assert_int_equal(dmasim_finding_count(r->checker), 1);
}

/* Two devices that do not agree, and attributes that differ in a detail. */
static void other_mismatches(void **state)
{
	struct rig *r = *state;
	struct dmasim_attr osh = dmasim_attr_wb;
	uint64_t v = 5;
	struct dmasim_txn txn = {.op = DMASIM_WRITE,
	                         .cause = DMASIM_CAUSE_DMA,
	                         .addr = BUF,
	                         .size = 8,
	                         .data = (uint8_t *)&v,
	                         .attr = dmasim_attr_nc,
	                         .origin = {.what = "write data"}};

	rig_dma_read(r, &r->host, BUF, "read data");
	assert_int_equal(rig_access(r, &r->coherent, &txn), DMASIM_TXN_OK);
	assert_int_equal(rig_dma_read(r, &r->host, BUF, "read data"), 0);
	assert_non_null(strstr(only(r, DMASIM_MISMATCHED_ALIAS)->remedy,
	                       "both devices"));

	/* A store by a CPU, outer shareable, while the host has the line. */
	osh.share = DMASIM_OSH;
	osh.inner = DMASIM_NC;
	osh.outer = DMASIM_NC;
	osh.type = DMASIM_DEVICE_GRE;
	rig_dma_read(r, &r->host, BUF + 64, "read data");
	rig_write(r, &r->core[0], BUF + 64, 3, &osh);
	rig_dma_read(r, &r->host, BUF + 64, "read data");
	assert_int_equal(rig_findings(r, DMASIM_MISMATCHED_ALIAS), 2);
	assert_string_equal(dmasim_finding_get(r->checker, 1)->writer.alias,
	                    "Device-GRE");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

static const struct CMUnitTest tests[] = {
        TEST(m1_host_reads_stale),
        TEST(m1_guest_reads_stale),
        TEST(m1_line_written_back_over_newer_bytes),
        TEST(m1_fixed),
        TEST(m2_device_reads_past_the_cache),
        TEST(m2_fixed),
        TEST(m3_no_clean),
        TEST(m3_clean),
        TEST(m3_no_invalidate),
        TEST(m3_invalidate),
        TEST(lost_write),
        TEST(lost_write_by_eviction),
        TEST(a_shared_line),
        TEST(discarded_write),
        TEST(nothing_is_discarded),
        TEST(guest_never_discards),
        TEST(replaced_dirty_bytes),
        TEST(coherent_device),
        TEST(no_snoop),
        TEST(two_aliases_of_one_cpu),
        TEST(other_mismatches),
};

CHECK_MAIN(tests)
