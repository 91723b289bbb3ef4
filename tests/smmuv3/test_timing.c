/* SPDX-License-Identifier: MIT */
/* What translations cost: micro-TLB, walkers, misses that wait for others. */
#include "rig.h"

#define SID 5u
#define VA  0x10000000ull

/* Numbers that add up visibly; memory costs by size: of an access, a
 * descriptor, an STE or a CD. */
#define COST(bytes) (60 * DMASIM_NS + 52u * (bytes))
#define RAM         COST(4)
#define PTE         COST(8)
#define CONFIG      COST(64)
#define TBU         (1 * DMASIM_US)
#define HOP         (20 * DMASIM_US)
#define TLB         (300 * DMASIM_US)
#define CFG         (4000 * DMASIM_US)
#define TCU         (HOP + TLB + CFG)
#define WALK        (7 * DMASIM_MS)
#define STEP        (100 * DMASIM_MS)

#define NUMBERS                                                                \
	.tbu_lookup = TBU, .tcu_hop = HOP, .tlb_lookup = TLB,                  \
	.config_lookup = CFG, .walk_lookup = WALK, .walk_step = STEP

static const struct dmasim_smmu_timing plain = {NUMBERS, .utlb_entries = 2,
                                                .hit_under_miss = true};
static const struct dmasim_smmu_timing one_walker = {NUMBERS, .walks = 1,
                                                     .hit_under_miss = true};
static const struct dmasim_smmu_timing in_order = {NUMBERS, .utlb_entries = 2};

/* Pages 0 to 7 at VA. */
static void setup(struct rig *r)
{
	struct tables_half h;

	rig_stream(r, SID, 1, &h);
	for (unsigned i = 0; i < 8; i++)
		tables_map(&r->t, &h, VA + 0x1000ull * i,
		           RIG_DATA + 0x1000ull * i, 3, LEAF_RW);
}

static uint64_t cost(struct rig *r, unsigned page)
{
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA + 0x1000ull * page, 4),
	                 DMASIM_TXN_OK);
	return r->txn.latency;
}

static void later(struct rig *r)
{
	uint64_t now = dmasim_now(r->k);

	assert_int_equal(dmasim_run_until(r->k, now + 10000 * DMASIM_MS),
	                 DMASIM_OK);
}

RIG_TEST(hits_and_misses, .timing = &plain)
{
	setup(r);
	/* STE, CD, four levels; then one level below what is kept. */
	assert_int_equal(cost(r, 0), TBU + TCU + WALK + 6 * STEP + 2 * CONFIG +
	                                     4 * PTE + RAM);
	later(r);
	assert_int_equal(cost(r, 0), TBU + RAM);
	assert_int_equal(cost(r, 1), TBU + TCU + WALK + STEP + PTE + RAM);
	later(r);
	assert_int_equal(cost(r, 1), TBU + RAM);
	assert_int_equal(cost(r, 0), TBU + RAM);
	/* A third is one too many for the micro-TLB: the TLB answers. */
	cost(r, 2);
	later(r);
	assert_int_equal(cost(r, 0), TBU + TCU + RAM);
	assert_int_equal(cost(r, 0), TBU + RAM);
	assert_int_equal(cost(r, 2), TBU + RAM);
	assert_int_equal(cost(r, 1), TBU + TCU + RAM);
}

/* What leaves the TLB has left the micro-TLB. */
RIG_TEST(invalidations_reach_the_tbu, .timing = &plain)
{
	setup(r);
	cost(r, 0);
	later(r);
	assert_int_equal(cost(r, 0), TBU + RAM);
	rig_cmd(r, cmd_tlbi(0x12, 0, 1, VA));
	assert_int_equal(cost(r, 0),
	                 TBU + TCU + WALK + 4 * STEP + 4 * PTE + RAM);
}

/* A page that is being walked is not walked twice: who comes later waits. */
RIG_TEST(a_second_miss_waits, .timing = &plain)
{
	uint64_t first;

	setup(r);
	first = cost(r, 0);
	assert_int_equal(cost(r, 0), first);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_WALK), 4);
	/* Hits on others pass meanwhile. */
	later(r);
	cost(r, 1);
	assert_int_equal(cost(r, 0), TBU + RAM);
}

struct arrivals {
	uint64_t at[16];
	unsigned count;
};

static struct arrivals seen;

static void note_arrival(struct rig *r, const struct dmasim_txn *txn)
{
	(void)r;
	if (seen.count < 16)
		seen.at[seen.count++] = dmasim_txn_ahead(txn);
}

/* Each access of a walk arrives when the one before has its data, and the
 * client's own when its translation is there; by the client's clock. */
RIG_TEST(clocks_of_accesses, .timing = &plain)
{
	setup(r);
	r->hook = note_arrival;
	for (uint64_t ahead = 0; ahead <= DMASIM_SEC; ahead += DMASIM_SEC) {
		uint8_t data[4];
		struct dmasim_txn t = {.op = DMASIM_READ,
		                       .cause = DMASIM_CAUSE_DMA,
		                       .stream_id = SID,
		                       .addr = VA + 0x1000,
		                       .size = 4,
		                       .data = data,
		                       .attr = dmasim_attr_wb,
		                       .ahead = ahead};

		seen.count = 0;
		rig_cmd(r, cmd_tlbi(0x12, 0, 1, VA + 0x1000));
		seen.count = 0;
		assert_int_equal(dmasim_access_wait(r->k, &r->client, &t),
		                 DMASIM_OK);
		assert_int_equal(t.result, DMASIM_TXN_OK);
		assert_true(t.ahead == ahead);
		assert_true(seen.count >= 5);
		assert_true(seen.at[0] >= ahead);
		for (unsigned i = 1; i < seen.count; i++)
			assert_true(seen.at[i] > seen.at[i - 1]);
		assert_true(seen.at[seen.count - 1] + RAM == ahead + t.latency);
	}
}

RIG_TEST(walks_wait_for_a_walker, .timing = &one_walker)
{
	uint64_t walk = WALK + STEP + PTE, one = TBU + TCU + walk;

	setup(r);
	cost(r, 0);
	later(r);
	assert_int_equal(cost(r, 1), one + RAM);
	assert_int_equal(cost(r, 2), one + walk + RAM);
	assert_int_equal(cost(r, 3), one + 2 * walk + RAM);
	later(r);
	assert_int_equal(cost(r, 4), one + RAM);
}

RIG_TEST(without_hit_under_miss, .timing = &in_order)
{
	uint64_t miss;

	setup(r);
	cost(r, 0);
	later(r);
	miss = cost(r, 1);
	/* The hit follows the miss. */
	assert_int_equal(cost(r, 0), miss + TBU);
	later(r);
	assert_int_equal(cost(r, 0), TBU + RAM);
}

/* A walk that ends in a fault took its time as well. */
RIG_TEST(faults_cost_time, .timing = &plain)
{
	setup(r);
	cost(r, 0);
	later(r);
	assert_int_equal(rig_dma(r, DMASIM_READ, SID, VA + 0x8000, 4),
	                 DMASIM_TXN_ABORT);
	assert_int_equal(r->txn.latency, TBU + TCU + WALK + STEP + PTE);
}

RIG_TEST(functional_mode, .timing = &dmasim_smmu_timing_none)
{
	setup(r);
	assert_int_equal(cost(r, 0), 2 * CONFIG + 4 * PTE + RAM);
	assert_int_equal(cost(r, 0), RAM);
	/* There is nothing at the ports that reset would have to empty. */
	assert_int_equal(dmasim_smmu_reset(r->smmu), DMASIM_OK);
	rig_enable(r);
	assert_int_equal(cost(r, 0), 2 * CONFIG + 4 * PTE + RAM);
}

/* Times and what TBUs know are part of the state. */
RIG_TEST(saved_and_restored, .timing = &plain)
{
	struct dmasim_writer *w;
	struct dmasim_reader *rd;
	const uint8_t *data;
	uint64_t waits;
	size_t size;

	setup(r);
	cost(r, 0);
	later(r);
	cost(r, 1);
	waits = cost(r, 1);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_smmu_save(r->smmu, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	rig_flush(r);
	assert_int_equal(dmasim_reader_create(data, size, &rd), DMASIM_OK);
	assert_int_equal(dmasim_smmu_restore(r->smmu, rd), DMASIM_OK);
	assert_int_equal(cost(r, 1), waits);
	assert_int_equal(cost(r, 0), TBU + RAM);
	dmasim_reader_destroy(rd);
	dmasim_writer_destroy(w);
}

static void bad_numbers(void **state)
{
	struct dmasim_smmu_timing t = {.utlb_entries = 4097};
	struct dmasim_smmu_config cfg = {.name = "smmu", .timing = &t};
	struct dmasim_map *map;
	struct dmasim_smmu *s;

	(void)state;
	assert_int_equal(dmasim_kernel_create(NULL, &cfg.kernel), DMASIM_OK);
	assert_int_equal(
	        dmasim_map_create(
	                &(struct dmasim_map_config){.kernel = cfg.kernel},
	                &map),
	        DMASIM_OK);
	cfg.mem = dmasim_map_port(map);
	assert_int_equal(dmasim_smmu_create(&cfg, &s), DMASIM_E_INVAL);
	t = (struct dmasim_smmu_timing){.walks = 1025};
	assert_int_equal(dmasim_smmu_create(&cfg, &s), DMASIM_E_INVAL);
	dmasim_map_destroy(map);
	dmasim_kernel_destroy(cfg.kernel);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(hits_and_misses),
        cmocka_unit_test(invalidations_reach_the_tbu),
        cmocka_unit_test(a_second_miss_waits),
        cmocka_unit_test(clocks_of_accesses),
        cmocka_unit_test(walks_wait_for_a_walker),
        cmocka_unit_test(without_hit_under_miss),
        cmocka_unit_test(faults_cost_time),
        cmocka_unit_test(functional_mode),
        cmocka_unit_test(saved_and_restored),
        cmocka_unit_test(bad_numbers),
};

CHECK_MAIN(tests)
