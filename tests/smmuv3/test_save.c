/* SPDX-License-Identifier: MIT */
/* Saved state: a round trip changes nothing, a hostile blob does no harm. */
#include "rig.h"

#include <stdlib.h>

#include "smmuv3_internal.h"

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)
#define NEW (RIG_DATA + 0x9000)

/* Something in every cache, a record, a pending error. */
static void populate(struct rig *r)
{
	struct tables_half h;

	for (uint32_t i = 0; i < 3; i++) {
		rig_stream(r, SID + i, (uint16_t)(1 + i), &h);
		tables_map(&r->t, &h, VA, PA, 3,
		           i == 1 ? LEAF_RW & ~LEAF_NG : LEAF_RW);
		tables_map(&r->t, &h, 0x40000000, RIG_DATA, 2, LEAF_RO);
		assert_int_equal(rig_pa(r, SID + i, VA), PA);
		assert_int_equal(rig_pa(r, SID + i, 0x40000000), RIG_DATA);
		/* From here on memory says something else. */
		tables_map(&r->t, &h, VA, NEW, 3, LEAF_RW);
	}
	rig_dma(r, DMASIM_READ, SID, 0x7000, 4);
	rig_cmd(r, (struct tables_cmd){0xff, 0});
}

static uint8_t *save(struct rig *r, size_t *size)
{
	struct dmasim_writer *w;
	const uint8_t *data;
	uint8_t *copy;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_smmu_save(r->smmu, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &data, size), DMASIM_OK);
	copy = malloc(*size);
	assert_non_null(copy);
	memcpy(copy, data, *size);
	dmasim_writer_destroy(w);
	return copy;
}

static int restore(struct rig *r, const uint8_t *data, size_t size)
{
	struct dmasim_reader *reader;
	int status;

	assert_int_equal(dmasim_reader_create(data, size, &reader), DMASIM_OK);
	status = dmasim_smmu_restore(r->smmu, reader);
	dmasim_reader_destroy(reader);
	return status;
}

static void round_trip(struct rig *r)
{
	struct dmasim_smmu_stats before, after;
	uint8_t *first, *second;
	size_t n1, n2;

	populate(r);
	dmasim_smmu_get_stats(r->smmu, &before);
	first = save(r, &n1);
	/* Elsewhere in between. */
	rig_w32(r, CR0, 0);
	rig_w32(r, GERRORN, 1);
	rig_w32(r, IRQ_CTRL, 0);
	assert_int_equal(restore(r, first, n1), DMASIM_OK);
	second = save(r, &n2);
	assert_int_equal(n1, n2);
	assert_memory_equal(first, second, n1);
	dmasim_smmu_get_stats(r->smmu, &after);
	assert_memory_equal(&before, &after, sizeof(after));
	assert_int_equal(rig_r32(r, CR0ACK), EN_ALL);
	assert_int_equal(rig_r32(r, GERROR) ^ rig_r32(r, GERRORN), 1);
	/* The stale entries are still used. */
	r->logged = 0;
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(rig_pa(r, SID + i, VA), PA);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE), 0);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 0);
	rig_expect(r, EV(0x10, SID), EV_IN | EV_READ, 0x7000, 0);
	free(first);
	free(second);
}

RIG_TEST(round_trip_linear, 0)
{
	round_trip(r);
}

RIG_TEST(round_trip_two_level, .log2size = 12, .split = 8)
{
	round_trip(r);
}

RIG_TEST(round_trip_of_a_tiny_one, .tlb_entries = 1, .config_entries = 1)
{
	uint8_t *blob;
	size_t size;

	rig_pa(r, SID, VA);
	blob = save(r, &size);
	assert_int_equal(restore(r, blob, size), DMASIM_OK);
	free(blob);
}

RIG_TEST(qemu_keeps_its_format, .profile = DMASIM_SMMU_QEMU_7_2, .log2size = 12,
         .split = 8)
{
	uint8_t *blob;
	size_t size;

	tables_ste_config(&r->t, &r->streams, SID, 4);
	/* Linear again, and not really. */
	rig_w32(r, STRTAB_BASE_CFG, 12);
	blob = save(r, &size);
	assert_int_equal(restore(r, blob, size), DMASIM_OK);
	assert_int_equal(rig_pa(r, SID, RIG_DATA), RIG_DATA);
	free(blob);
}

/* A blob of another SMMU, or another size. */
static void refused_by(const struct rig_options *o, const uint8_t *blob,
                       size_t size)
{
	static struct rig other;

	rig_open(&other, o);
	assert_int_equal(restore(&other, blob, size), DMASIM_E_FORMAT);
	rig_close(&other);
}

RIG_TEST(blobs_of_others_are_refused, 0)
{
	const struct rig_options tlb = {.tlb_entries = 64};
	const struct rig_options config = {.config_entries = 4};
	const struct rig_options ids = {.oas_bits = 44};
	uint8_t *blob;
	size_t size;

	populate(r);
	blob = save(r, &size);
	refused_by(&tlb, blob, size);
	refused_by(&config, blob, size);
	refused_by(&ids, blob, size);
	free(blob);
}

/* Whatever was in a blob that is refused, nothing of it stays. */
static void check_reset(struct rig *r)
{
	assert_int_equal(rig_r32(r, CR0ACK), 0);
	assert_int_equal(rig_r64(r, STRTAB_BASE), 0);
	assert_int_equal(rig_pa(r, SID, RIG_DATA), RIG_DATA);
}

RIG_TEST(truncated_at_every_length, .tlb_entries = 16, .config_entries = 8)
{
	uint8_t *blob;
	size_t size;

	populate(r);
	blob = save(r, &size);
	for (size_t n = 0; n < size; n++) {
		/* The exact allocation lets sanitizers see the end. */
		uint8_t *part = malloc(n ? n : 1);

		assert_non_null(part);
		memcpy(part, blob, n);
		assert_int_equal(restore(r, part, n), DMASIM_E_FORMAT);
		free(part);
	}
	check_reset(r);
	free(blob);
}

static uint32_t next_random(uint64_t *state)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(*state >> 33);
}

RIG_TEST(corrupted_at_random, .tlb_entries = 16, .config_entries = 8)
{
	uint64_t seed = 1;
	uint8_t *blob, *bad;
	unsigned refused = 0;
	size_t size;

	populate(r);
	blob = save(r, &size);
	bad = malloc(size);
	assert_non_null(bad);
	for (unsigned i = 0; i < 3000; i++) {
		memcpy(bad, blob, size);
		for (unsigned n = 1 + next_random(&seed) % 3; n > 0; n--)
			bad[next_random(&seed) % size] =
			        (uint8_t)next_random(&seed);
		if (restore(r, bad, size) != DMASIM_OK) {
			refused++;
			continue;
		}
		/* What was taken can be used. */
		rig_dma(r, DMASIM_READ, SID, VA, 4);
		rig_cmd(r, cmd_tlbi(0x30, 0, 0, 0));
		rig_cmd(r, cmd_cfgi_range(0, 31));
	}
	assert_in_range(refused, 500, 3000);
	assert_int_equal(restore(r, blob, size), DMASIM_OK);
	free(bad);
	free(blob);
}

/* Neither saved, nor restored, nor reset. */
static void busy(struct rig *r, const uint8_t *blob, size_t size)
{
	struct dmasim_writer *w;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_smmu_save(r->smmu, w), DMASIM_E_STATE);
	dmasim_writer_destroy(w);
	assert_int_equal(restore(r, blob, size), DMASIM_E_STATE);
	assert_int_equal(dmasim_smmu_reset(r->smmu), DMASIM_E_STATE);
}

RIG_TEST(nothing_is_restored_while_one_waits, .pend = true)
{
	struct dmasim_txn t = {.op = DMASIM_READ,
	                       .stream_id = SID,
	                       .addr = VA,
	                       .size = 4,
	                       .data = r->buf,
	                       .done = {r->actor, RIG_NOBODY, 0}};
	uint8_t *blob;
	size_t size;

	blob = save(r, &size);
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_PENDING);
	busy(r, blob, size);
	rig_settle(r);
	assert_int_equal(restore(r, blob, size), DMASIM_OK);
	free(blob);
}

RIG_TEST(nor_while_a_command_is_read, .pend = true)
{
	struct tables_cmd c = cmd_sync(0);
	uint8_t *blob;
	size_t size;

	blob = save(r, &size);
	tables_set(&r->t, r->cmdq, c.d0);
	rig_w32(r, CMDQ_PROD, 1);
	busy(r, blob, size);
	rig_settle(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1);
	assert_int_equal(restore(r, blob, size), DMASIM_OK);
	free(blob);
}

RIG_TEST(nor_while_a_message_is_written, .off = true)
{
	struct dmasim_txn t = {.op = DMASIM_READ,
	                       .stream_id = 300,
	                       .addr = VA,
	                       .size = 4,
	                       .data = r->buf};
	uint8_t *blob;
	size_t size;

	rig_w64(r, EVENTQ_IRQ_CFG0, RIG_MSI);
	rig_w32(r, EVENTQ_IRQ_CFG1, 0x1234);
	rig_enable(r);
	blob = save(r, &size);
	r->pend = true;
	r->pend_causes = 1u << DMASIM_CAUSE_MSI;
	assert_int_equal(dmasim_access(&r->client, &t), DMASIM_TXN_ABORT);
	busy(r, blob, size);
	rig_settle(r);
	assert_int_equal(tables_get(&r->t, RIG_MSI), 0x1234);
	assert_int_equal(restore(r, blob, size), DMASIM_OK);
	free(blob);
}

RIG_TEST(a_split_that_no_register_holds, .profile = DMASIM_SMMU_QEMU_7_2,
         .log2size = 12, .split = 8)
{
	unsigned refused = 0;
	uint8_t *blob;
	size_t size;

	blob = save(r, &size);
	for (size_t i = 0; i < size; i++) {
		struct dmasim_reader *reader;

		if (blob[i] != 9)
			continue;
		blob[i] = 33;
		assert_int_equal(dmasim_reader_create(blob, size, &reader),
		                 DMASIM_OK);
		dmasim_smmu_restore(r->smmu, reader);
		refused += strstr(dmasim_reader_error(reader),
		                  "no such SPLIT") != NULL;
		dmasim_reader_destroy(reader);
		blob[i] = 9;
	}
	assert_int_equal(refused, 1);
	free(blob);
}

/* ---- each check of an entry ---- */

/* Find the word @was in the blob, and try @is in its place. */
static void swapped(struct rig *r, const uint8_t *blob, size_t size,
                    uint64_t was, uint64_t is)
{
	uint8_t *bad = malloc(size);
	unsigned found = 0;

	assert_non_null(bad);
	for (size_t i = 0; i + 8 <= size; i++) {
		if (smmu_le64(blob + i) != was)
			continue;
		memcpy(bad, blob, size);
		smmu_put_le64(bad + i, is);
		if (restore(r, bad, size) != DMASIM_E_FORMAT)
			fail_msg("0x%llx was taken at offset %zu",
			         (unsigned long long)is, i);
		found++;
	}
	assert_true(found > 0);
	free(bad);
}

RIG_TEST(unsound_entries_are_refused, 0)
{
	struct tables_half h;
	uint8_t *blob;
	uint64_t ste0, cd0, page, key = 0;
	size_t size;

	cd0 = tables_get(&r->t, rig_stream(r, SID, 1, &h));
	ste0 = tables_get(&r->t, tables_ste(&r->t, &r->streams, SID));
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	assert_int_equal(rig_pa(r, SID, VA), PA);
	for (uint32_t i = 0; key == 0; i++)
		key = r->smmu->ste_cache.key[i];
	blob = save(r, &size);
	/* An STE and a CD that no fetch would have let in. */
	swapped(r, blob, size, ste0, ste0 & ~1ull);
	swapped(r, blob, size, cd0, cd0 & ~(1ull << 31));
	/* Translations: address, size, world, validity. */
	page = VA | 12 << 1 | 1;
	swapped(r, blob, size, page, (VA + 0x1000) | 12 << 1 | 1);
	swapped(r, blob, size, page, VA | 21 << 1 | 1);
	swapped(r, blob, size, page, VA | 11 << 1 | 1);
	swapped(r, blob, size, page, VA | 63 << 1 | 1);
	swapped(r, blob, size, page, VA | 12 << 1);
	swapped(r, blob, size, page, VA | 12 << 1 | 1 | 1 << 10);
	swapped(r, blob, size, PA, PA + 1);
	swapped(r, blob, size, PA, 1ull << 52);
	/* A configuration of no stream. */
	swapped(r, blob, size, key, 0);
	/* Registers. */
	swapped(r, blob, size, r->streams.base, r->streams.base | 1);
	free(blob);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip_linear),
        cmocka_unit_test(round_trip_two_level),
        cmocka_unit_test(round_trip_of_a_tiny_one),
        cmocka_unit_test(qemu_keeps_its_format),
        cmocka_unit_test(blobs_of_others_are_refused),
        cmocka_unit_test(truncated_at_every_length),
        cmocka_unit_test(corrupted_at_random),
        cmocka_unit_test(nothing_is_restored_while_one_waits),
        cmocka_unit_test(nor_while_a_command_is_read),
        cmocka_unit_test(nor_while_a_message_is_written),
        cmocka_unit_test(a_split_that_no_register_holds),
        cmocka_unit_test(unsound_entries_are_refused),
};

CHECK_MAIN(tests)
