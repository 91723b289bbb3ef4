/* SPDX-License-Identifier: MIT */
/*
 * Whose turn it is with a buffer: OWNERSHIP, SHARED_LINE, OVERREACH and
 * USE_AFTER_UNMAP, each beside the correct variant that must give none.
 */
#include "rig.h"

#include "checker_internal.h"

#define BUF    (RIG_RAM + 0x2000)
#define WB     (RIG_WB + 0x2000)
#define NC     (RIG_NC + 0x2000)
#define DMA    0x5000u
#define STREAM 0u

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

static void maintain(struct rig *r, enum dmasim_op op, uint64_t va,
                     uint64_t size)
{
	assert_int_equal(
	        dmasim_cpu_maintain(r->cpu[0], op, va, size, DMASIM_HERE),
	        DMASIM_OK);
	assert_int_equal(dmasim_cpu_barrier(r->cpu[0], DMASIM_DSB, DMASIM_HERE),
	                 DMASIM_OK);
}

static void note(struct rig *r, uint64_t pa, uint64_t size,
                 enum dmasim_dma_dir dir)
{
	const struct dmasim_dma_buffer b = {
	        .stream_id = STREAM,
	        .dma = DMA + (pa - BUF),
	        .pa = pa,
	        .size = size,
	        .direction = dir,
	        .name = "block",
	        .request = 7,
	        .by = DMASIM_HERE,
	        .at = dmasim_cpu_place(r->cpu[0]),
	};

	assert_int_equal(dmasim_note_buffer(r->checker, &b), DMASIM_OK);
}

/* dma_map_single(), dma_unmap_single() of a device that is not coherent. */
static void map(struct rig *r, uint64_t pa, uint64_t size,
                enum dmasim_dma_dir dir)
{
	maintain(r, DMASIM_CLEAN, WB + (pa - BUF), size);
	note(r, pa, size, dir);
}

static void unmap(struct rig *r, uint64_t pa, uint64_t size,
                  enum dmasim_dma_dir dir)
{
	if (dir != DMASIM_TO_DEVICE)
		maintain(r, DMASIM_INVALIDATE, WB + (pa - BUF), size);
	dmasim_note_unmap(r->checker, STREAM, DMA + (pa - BUF), size);
}

static void sync(struct rig *r, uint64_t pa, uint64_t size, enum dmasim_sync to)
{
	maintain(r, to == DMASIM_SYNC_TO_CPU ? DMASIM_INVALIDATE : DMASIM_CLEAN,
	         WB + (pa - BUF), size);
	assert_int_equal(dmasim_note_sync(r->checker, STREAM, DMA + (pa - BUF),
	                                  size, to,
	                                  dmasim_cpu_place(r->cpu[0])),
	                 DMASIM_OK);
}

static const struct dmasim_finding *only(struct rig *r,
                                         enum dmasim_finding_kind kind,
                                         enum dmasim_severity severity)
{
	const struct dmasim_finding *f = dmasim_finding_get(r->checker, 0);

	if (dmasim_finding_count(r->checker) != 1 || f->kind != kind)
		rig_no_findings(r);
	assert_int_equal(f->kind, kind);
	assert_string_equal(dmasim_severity_name(f->severity),
	                    dmasim_severity_name(severity));
	return f;
}

/* Both directions, and half of it synced in between, as a driver should. */
static void every_turn_is_waited_for(void **state)
{
	struct rig *r = *state;

	assert_int_equal(
	        dmasim_note_watch(r->checker, r->noncoherent_agent, STREAM),
	        DMASIM_OK);
	put(r, WB, 1);
	map(r, BUF, 256, DMASIM_TO_DEVICE);
	rig_dma_read(r, &r->noncoherent, BUF, "read block");
	/* What the device only reads the CPU may look at. */
	assert_int_equal(get(r, WB), 1);
	unmap(r, BUF, 256, DMASIM_TO_DEVICE);
	put(r, WB, 2);
	map(r, BUF, 256, DMASIM_FROM_DEVICE);
	rig_dma_write(r, &r->noncoherent, BUF + 64, 3, "write block");
	sync(r, BUF + 64, 64, DMASIM_SYNC_TO_CPU);
	assert_int_equal(get(r, WB + 64), 3);
	sync(r, BUF + 64, 64, DMASIM_SYNC_TO_DEVICE);
	rig_dma_write(r, &r->noncoherent, BUF + 64, 4, "write block");
	unmap(r, BUF, 256, DMASIM_FROM_DEVICE);
	assert_int_equal(get(r, WB + 64), 4);
	put(r, WB, 5);
	assert_int_equal(r->checker->notes.len, 0);
	rig_no_findings(r);
}

/* Stores from before the mapping that leave their buffer after it. */
static void stores_before_the_map_may_be_late(void **state)
{
	struct rig *r = *state;

	put(r, WB, 1);
	note(r, BUF, 64, DMASIM_BIDIRECTIONAL);
	assert_int_equal(dmasim_cpu_barrier(r->cpu[0], DMASIM_DSB, DMASIM_HERE),
	                 DMASIM_OK);
	rig_no_findings(r);
}

static void cpu_reads_too_early(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;

	map(r, BUF, 64, DMASIM_FROM_DEVICE);
	assert_int_equal(get(r, WB), 0);
	f = only(r, DMASIM_OWNERSHIP, DMASIM_POTENTIAL);
	assert_true(f->addr == BUF && f->size == 8);
	assert_non_null(strstr(f->reader.where, "test_owner.c:"));
	assert_string_equal(f->reader.file, "tests/cache_model/test_owner.c");
	assert_int_equal(f->reader.cycle, f->reader.time / 1000);
	assert_non_null(strstr(f->remedy, "device owns block of request 7 "
	                                  "(mapped at "));
	/* Now it misses what the device wrote: the same finding is worse. */
	rig_dma_write(r, &r->noncoherent, BUF, 0x77, "write block");
	assert_int_equal(get(r, WB), 0);
	f = only(r, DMASIM_OWNERSHIP, DMASIM_OBSERVED);
	assert_int_equal(f->seen[0], 0);
	assert_int_equal(f->expected[0], 0x77);
	assert_string_equal(f->writer.agent, "disk");
	assert_int_equal(f->count, 1);
}

static void cpu_writes_what_the_device_owns(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;

	map(r, BUF, 64, DMASIM_FROM_DEVICE);
	put(r, WB, 1);
	assert_int_equal(dmasim_cpu_barrier(r->cpu[0], DMASIM_DSB, DMASIM_HERE),
	                 DMASIM_OK);
	f = only(r, DMASIM_OWNERSHIP, DMASIM_POTENTIAL);
	assert_string_equal(f->reader.agent, "cpu0");
	/* The dirty line goes over what the device wrote. */
	rig_dma_write(r, &r->noncoherent, BUF, 0x2222, "write block");
	maintain(r, DMASIM_CLEAN, WB, 8);
	f = only(r, DMASIM_OWNERSHIP, DMASIM_OBSERVED);
	assert_string_equal(f->reader.agent, "cpu0");
	assert_string_equal(f->writer.agent, "disk");
	assert_int_equal(f->expected[0], 0x22);
}

static void cpu_writes_are_thrown_away(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;

	map(r, BUF, 64, DMASIM_FROM_DEVICE);
	put(r, WB, 0x1111);
	unmap(r, BUF, 64, DMASIM_FROM_DEVICE);
	f = only(r, DMASIM_OWNERSHIP, DMASIM_OBSERVED);
	assert_string_equal(f->reader.agent, "cpu0");
	assert_int_equal(f->expected[0], 0x11);
	assert_int_equal(f->seen[0], 0);
}

static void device_touches_what_is_the_cpus(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;

	map(r, BUF, 64, DMASIM_BIDIRECTIONAL);
	sync(r, BUF, 64, DMASIM_SYNC_TO_CPU);
	rig_dma_read(r, &r->noncoherent, BUF, "read block");
	f = only(r, DMASIM_OWNERSHIP, DMASIM_POTENTIAL);
	assert_string_equal(f->reader.agent, "disk");
	assert_non_null(strstr(f->remedy, "dma_sync_single_for_device()"));
	rig_dma_write(r, &r->noncoherent, BUF + 8, 9, "write block");
	assert_int_equal(dmasim_finding_count(r->checker), 2);
	assert_int_equal(dmasim_finding_get(r->checker, 1)->severity,
	                 DMASIM_OBSERVED);
}

static void against_the_direction(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;

	map(r, BUF, 64, DMASIM_TO_DEVICE);
	map(r, BUF + 64, 64, DMASIM_FROM_DEVICE);
	rig_dma_read(r, &r->noncoherent, BUF + 64, "read block");
	f = only(r, DMASIM_OWNERSHIP, DMASIM_POTENTIAL);
	assert_non_null(strstr(f->remedy, "is mapped DMA_FROM_DEVICE"));
	rig_dma_write(r, &r->noncoherent, BUF, 1, "write block");
	f = dmasim_finding_get(r->checker, 1);
	assert_int_equal(f->kind, DMASIM_OWNERSHIP);
	assert_int_equal(f->severity, DMASIM_OBSERVED);
	assert_non_null(strstr(f->remedy, "is mapped DMA_TO_DEVICE"));
}

/* One that is mapped twice may do what either mapping allows. */
static void two_mappings_of_a_buffer(void **state)
{
	struct rig *r = *state;
	struct dmasim_dma_buffer b = {
	        .stream_id = STREAM,
	        .dma = DMA + 0x1000,
	        .pa = BUF,
	        .size = 64,
	        .direction = DMASIM_FROM_DEVICE,
	};

	map(r, BUF, 64, DMASIM_TO_DEVICE);
	assert_int_equal(dmasim_note_buffer(r->checker, &b), DMASIM_OK);
	rig_dma_write(r, &r->noncoherent, BUF, 1, "write block");
	rig_dma_read(r, &r->noncoherent, BUF, "read block");
	rig_no_findings(r);
	/* Another stream's notes say nothing. */
	b.stream_id = 9;
	b.direction = DMASIM_TO_DEVICE;
	assert_int_equal(dmasim_note_buffer(r->checker, &b), DMASIM_OK);
	rig_dma_write(r, &r->noncoherent, BUF, 2, "write block");
	rig_no_findings(r);
}

static void memory_for_both_sides(void **state)
{
	struct rig *r = *state;

	assert_int_equal(dmasim_note_map(r->checker, STREAM, DMA, BUF, 100),
	                 DMASIM_OK);
	put(r, NC, 1);
	assert_int_equal(get(r, NC), 1);
	assert_int_equal(dmasim_cpu_barrier(r->cpu[0], DMASIM_DSB, DMASIM_HERE),
	                 DMASIM_OK);
	rig_dma_write(r, &r->noncoherent, BUF, 2, "write ring");
	rig_dma_read(r, &r->noncoherent, BUF, "read ring");
	assert_int_equal(get(r, NC), 2);
	rig_no_findings(r);
}

static void a_device_that_goes_too_far(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;
	uint8_t data[32];
	struct dmasim_txn txn = {
	        .op = DMASIM_WRITE,
	        .cause = DMASIM_CAUSE_DMA,
	        .addr = BUF + 64 - 16,
	        .size = sizeof(data),
	        .data = data,
	        .attr = dmasim_attr_wb,
	        .origin = {.what = "write block", .request = 3},
	};

	memset(data, 0x5a, sizeof(data));
	map(r, BUF, 64 - 8, DMASIM_FROM_DEVICE);
	/* Nobody said that all of its buffers are noted. */
	assert_int_equal(rig_access(r, &r->noncoherent, &txn), DMASIM_TXN_OK);
	rig_no_findings(r);
	assert_int_equal(dmasim_note_watch(r->checker, 0, STREAM), DMASIM_OK);
	memset(data, 0xa5, sizeof(data));
	assert_int_equal(rig_access(r, &r->noncoherent, &txn), DMASIM_TXN_OK);
	f = only(r, DMASIM_OVERREACH, DMASIM_OBSERVED);
	assert_int_equal(f->addr, BUF + 64 - 8);
	assert_int_equal(f->size, 8);
	assert_int_equal(f->seen[0], 0xa5);
	assert_int_equal(f->expected[0], 0x5a);
	/* The part in the next line is more of it. */
	assert_int_equal(f->count, 1);
	assert_non_null(strstr(f->remedy, "\"write block\""));
	rig_dma_read(r, &r->noncoherent, BUF + 0x1000, "read block");
	f = dmasim_finding_get(r->checker, 1);
	assert_int_equal(f->kind, DMASIM_OVERREACH);
	assert_int_equal(f->severity, DMASIM_POTENTIAL);
	dmasim_note_unwatch(r->checker, 0, STREAM);
	rig_dma_read(r, &r->noncoherent, BUF + 0x3000, "read block");
	assert_int_equal(dmasim_finding_count(r->checker), 2);
}

static void a_device_that_is_late(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;

	assert_int_equal(
	        dmasim_note_watch(r->checker, r->noncoherent_agent, STREAM),
	        DMASIM_OK);
	map(r, BUF, 64, DMASIM_FROM_DEVICE);
	unmap(r, BUF, 64, DMASIM_FROM_DEVICE);
	/* Buffers of other streams, and other bytes, go unnoticed. */
	dmasim_note_unmap(r->checker, 3, DMA, 64);
	rig_dma_write(r, &r->noncoherent, BUF, 1, "write block");
	f = only(r, DMASIM_USE_AFTER_UNMAP, DMASIM_OBSERVED);
	assert_non_null(strstr(f->remedy, "block of request 7 was unmapped"));
	/* Another agent of that stream is not watched. */
	rig_dma_write(r, &r->coherent, BUF + 8, 1, "write block");
	assert_int_equal(dmasim_finding_count(r->checker), 1);
}

/* Two bytes of the CPU's behind a buffer, in its last line. */
static void lines_that_are_shared(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;

	map(r, BUF + 16, 32, DMASIM_FROM_DEVICE);
	put(r, WB + 48, 0x1234);
	put(r, WB + 64, 1);
	assert_int_equal(dmasim_cpu_barrier(r->cpu[0], DMASIM_DSB, DMASIM_HERE),
	                 DMASIM_OK);
	f = only(r, DMASIM_SHARED_LINE, DMASIM_POTENTIAL);
	assert_int_equal(f->addr, BUF + 48);
	assert_int_equal(f->size, 8);
	assert_non_null(strstr(f->remedy, "ARCH_DMA_MINALIGN"));
	assert_non_null(strstr(f->remedy, "block of request 7"));
	/* They are lost when the buffer's lines are invalidated. */
	rig_dma_write(r, &r->noncoherent, BUF + 16, 1, "write block");
	unmap(r, BUF + 16, 32, DMASIM_FROM_DEVICE);
	f = only(r, DMASIM_SHARED_LINE, DMASIM_OBSERVED);
	assert_int_equal(f->expected[0], 0x34);
	assert_int_equal(f->seen[0], 0);
}

static void lines_that_are_shared_in_front(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;

	map(r, BUF + 16, 112, DMASIM_BIDIRECTIONAL);
	put(r, WB + 8, 0x1234);
	assert_int_equal(dmasim_cpu_barrier(r->cpu[0], DMASIM_DSB, DMASIM_HERE),
	                 DMASIM_OK);
	f = only(r, DMASIM_SHARED_LINE, DMASIM_POTENTIAL);
	assert_int_equal(f->addr, BUF + 8);
}

static void lines_that_may_be_shared(void **state)
{
	struct rig *r = *state;

	/* The device only reads; the CPU's turn; past the caches. */
	map(r, BUF + 16, 32, DMASIM_TO_DEVICE);
	put(r, WB + 48, 1);
	unmap(r, BUF + 16, 32, DMASIM_TO_DEVICE);
	maintain(r, DMASIM_CLEAN_INVALIDATE, WB, 64);
	map(r, BUF + 16, 32, DMASIM_FROM_DEVICE);
	put(r, NC + 48, 2);
	sync(r, BUF + 16, 32, DMASIM_SYNC_TO_CPU);
	put(r, WB + 48, 3);
	maintain(r, DMASIM_CLEAN_INVALIDATE, WB, 64);
	rig_no_findings(r);
}

static void notes_that_cannot_be(void **state)
{
	struct rig *r = *state;
	struct dmasim_dma_buffer b = {.pa = 1, .size = UINT64_MAX};

	b.direction = (enum dmasim_dma_dir)3;
	assert_int_equal(dmasim_note_buffer(r->checker, &b), DMASIM_E_INVAL);
	b.direction = DMASIM_TO_DEVICE;
	assert_int_equal(dmasim_note_buffer(r->checker, &b), DMASIM_OK);
	/* A note of very many pages is found all the same, and cut. */
	assert_int_equal(dmasim_note_sync(r->checker, STREAM, 64, UINT64_MAX,
	                                  DMASIM_SYNC_TO_CPU,
	                                  (struct dmasim_program_place){0}),
	                 DMASIM_OK);
	rig_dma_read(r, &r->noncoherent, BUF, "read block");
	only(r, DMASIM_OWNERSHIP, DMASIM_POTENTIAL);
	dmasim_note_unmap(r->checker, STREAM, 0, UINT64_MAX);
	assert_int_equal(r->checker->notes.large_len, 0);
	assert_int_equal(r->checker->notes.len, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

static const struct CMUnitTest tests[] = {
        TEST(every_turn_is_waited_for),
        TEST(stores_before_the_map_may_be_late),
        TEST(cpu_reads_too_early),
        TEST(cpu_writes_what_the_device_owns),
        TEST(cpu_writes_are_thrown_away),
        TEST(device_touches_what_is_the_cpus),
        TEST(against_the_direction),
        TEST(two_mappings_of_a_buffer),
        TEST(memory_for_both_sides),
        TEST(a_device_that_goes_too_far),
        TEST(a_device_that_is_late),
        TEST(lines_that_are_shared),
        TEST(lines_that_are_shared_in_front),
        TEST(lines_that_may_be_shared),
        TEST(notes_that_cannot_be),
};

CHECK_MAIN(tests)
