/* SPDX-License-Identifier: MIT */
/* The driver's side of a split virtqueue, against a device of the test's own:
 * the DMA endpoint reads and writes the ring as it likes. */
#include "rig.h"

#include <stdlib.h>

#include "vring_internal.h"

#define NO_IOMMU                                                               \
	{                                                                      \
		"iommu-map = <0x0 &smmu 0x0 0x10000>;", ""                     \
	}

struct ring {
	struct rig r;
	struct dmasim_dma *d;
	struct dmasim_vring *v;
	uint64_t desc, avail, used, pa;
};

static void open_ring(struct ring *t, struct dmasim_vring_config cfg)
{
	struct dmasim_dma_config dma = {.mode = DMASIM_DMA_COHERENT};

	rig_open(&t->r,
	         &(struct rig_options){.edits = {NO_IOMMU}, .no_smmu = true});
	dma.guest = t->r.g;
	assert_int_equal(dmasim_dma_create(&dma, &t->d), DMASIM_OK);
	cfg.guest = t->r.g;
	cfg.dma = t->d;
	assert_int_equal(dmasim_vring_create(&cfg, &t->v), DMASIM_OK);
	dmasim_vring_addresses(t->v, &t->desc, &t->avail, &t->used, &t->pa);
}

static void close_ring(struct ring *t)
{
	assert_int_equal(dmasim_vring_destroy(t->v), DMASIM_OK);
	dmasim_dma_destroy(t->d);
	rig_close(&t->r);
}

static uint64_t device_get(struct ring *t, uint64_t addr, uint32_t size)
{
	uint64_t v = 0;

	assert_int_equal(rig_dma(&t->r, DMASIM_READ, addr, &v, size),
	                 DMASIM_TXN_OK);
	return v;
}

static void device_put(struct ring *t, uint64_t addr, uint64_t v, uint32_t size)
{
	assert_int_equal(rig_dma(&t->r, DMASIM_WRITE, addr, &v, size),
	                 DMASIM_TXN_OK);
}

/** The device answers: element @n of the used ring, and its index. */
static void device_use(struct ring *t, uint16_t n, uint32_t id, uint32_t len)
{
	uint64_t at = t->used + 4 + 8ull * (n % t->v->cfg.size);

	device_put(t, at, id, 4);
	device_put(t, at + 4, len, 4);
	device_put(t, t->used + 2, (uint16_t)(n + 1), 2);
}

static const struct dmasim_sg chain[] = {
        {0x1000, 16, false},
        {0x123456789000, 512, true},
        {0x3000, 1, true},
};

static void bad_configurations_are_refused(void **state)
{
	struct ring t;
	struct dmasim_vring *v;
	struct dmasim_vring_config cfg = {.size = 8};

	(void)state;
	open_ring(&t, cfg);
	assert_int_equal(dmasim_vring_create(NULL, &v), DMASIM_E_INVAL);
	assert_int_equal(dmasim_vring_create(&cfg, &v), DMASIM_E_INVAL);
	cfg.guest = t.r.g;
	assert_int_equal(dmasim_vring_create(&cfg, &v), DMASIM_E_INVAL);
	cfg.dma = t.d;
	assert_int_equal(dmasim_vring_create(&cfg, NULL), DMASIM_E_INVAL);
	cfg.size = 0;
	assert_int_equal(dmasim_vring_create(&cfg, &v), DMASIM_E_INVAL);
	cfg.size = 12;
	assert_int_equal(dmasim_vring_create(&cfg, &v), DMASIM_E_INVAL);
	cfg.size = 32769;
	assert_int_equal(dmasim_vring_create(&cfg, &v), DMASIM_E_INVAL);
	cfg.size = 32768;
	assert_int_equal(dmasim_vring_create(&cfg, &v), DMASIM_OK);
	assert_int_equal(dmasim_vring_destroy(v), DMASIM_OK);
	assert_int_equal(dmasim_vring_destroy(NULL), DMASIM_OK);
	close_ring(&t);
}

static void the_parts_lie_where_the_device_looks(void **state)
{
	struct ring t;

	(void)state;
	open_ring(&t,
	          (struct dmasim_vring_config){.size = 256, .legacy = true});
	assert_int_equal(t.desc, t.pa);
	assert_int_equal(t.avail, t.desc + 0x1000);
	assert_int_equal(t.used, t.desc + 0x2000);
	close_ring(&t);
	open_ring(&t, (struct dmasim_vring_config){.size = 256});
	assert_int_equal(t.avail, t.desc + 0x1000);
	assert_int_equal(t.used, t.desc + 0x1240);
	close_ring(&t);
}

static void a_chain_is_what_the_device_reads(void **state)
{
	struct ring t;
	uint16_t head = 9;

	(void)state;
	open_ring(&t, (struct dmasim_vring_config){.size = 8,
	                                           .weak_barriers = true});
	assert_int_equal(dmasim_vring_add(t.v, chain, 3, &head), DMASIM_OK);
	assert_int_equal(head, 0);
	for (uint32_t i = 0; i < 3; i++) {
		uint64_t at = t.desc + 16ull * i;

		assert_int_equal(device_get(&t, at, 8), chain[i].dma);
		assert_int_equal(device_get(&t, at + 8, 4), chain[i].size);
		assert_int_equal(device_get(&t, at + 12, 2),
		                 (chain[i].device_writes ? 2 : 0) |
		                         (i < 2 ? 1 : 0));
		if (i < 2)
			assert_int_equal(device_get(&t, at + 14, 2), i + 1);
	}
	assert_int_equal(device_get(&t, t.avail, 2), 0);
	assert_int_equal(device_get(&t, t.avail + 4, 2), 0);
	/* The index left with the barrier of the next step. */
	{
		bool kick = false;

		assert_int_equal(dmasim_vring_should_kick(t.v, &kick),
		                 DMASIM_OK);
		assert_true(kick);
	}
	assert_int_equal(device_get(&t, t.avail + 2, 2), 1);
	assert_int_equal(dmasim_vring_add(t.v, chain, 2, &head), DMASIM_OK);
	assert_int_equal(head, 3);
	rig_assert_clean(&t.r);
	close_ring(&t);
}

static void the_device_may_ask_not_to_be_kicked(void **state)
{
	struct ring t;
	bool kick = true;

	(void)state;
	open_ring(&t, (struct dmasim_vring_config){.size = 8});
	device_put(&t, t.used, 1, 2);
	assert_int_equal(dmasim_vring_should_kick(t.v, &kick), DMASIM_OK);
	assert_false(kick);
	device_put(&t, t.used, 0, 2);
	assert_int_equal(dmasim_vring_should_kick(t.v, &kick), DMASIM_OK);
	assert_true(kick);
	assert_int_equal(dmasim_vring_should_kick(NULL, &kick), DMASIM_E_INVAL);
	assert_int_equal(dmasim_vring_should_kick(t.v, NULL), DMASIM_E_INVAL);
	close_ring(&t);
}

static void descriptors_run_out_and_come_back(void **state)
{
	struct ring t;
	uint16_t head[3], got;
	uint32_t len;

	(void)state;
	open_ring(&t, (struct dmasim_vring_config){.size = 8});
	assert_int_equal(dmasim_vring_get(t.v, &got, &len), DMASIM_E_NOTFOUND);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(dmasim_vring_add(t.v, chain, 3, &head[i]),
		                 DMASIM_OK);
	assert_int_equal(dmasim_vring_add(t.v, chain, 3, &head[2]),
	                 DMASIM_E_FULL);
	assert_int_equal(dmasim_vring_add(t.v, chain, 2, &head[2]), DMASIM_OK);
	assert_int_equal(dmasim_vring_add(t.v, chain, 1, &got), DMASIM_E_FULL);
	/* Answers may come in any order. */
	device_use(&t, 0, head[1], 513);
	assert_int_equal(dmasim_vring_get(t.v, &got, &len), DMASIM_OK);
	assert_int_equal(got, head[1]);
	assert_int_equal(len, 513);
	assert_int_equal(dmasim_vring_get(t.v, &got, &len), DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_vring_add(t.v, chain, 3, &got), DMASIM_OK);
	assert_int_equal(got, head[1]);
	device_use(&t, 1, head[2], 0);
	device_use(&t, 2, head[0], 0);
	assert_int_equal(dmasim_vring_get(t.v, &got, &len), DMASIM_OK);
	assert_int_equal(got, head[2]);
	assert_int_equal(dmasim_vring_get(t.v, &got, &len), DMASIM_OK);
	assert_int_equal(got, head[0]);
	assert_string_equal(dmasim_vring_error(t.v), "");
	close_ring(&t);
}

static void bad_chains_are_refused(void **state)
{
	static const struct dmasim_sg order[] = {{0, 1, true}, {0, 1, false}};
	static const struct dmasim_sg empty[] = {{0, 0, false}};
	struct dmasim_sg many[9];
	struct ring t;
	uint16_t head;
	uint32_t len;

	(void)state;
	for (unsigned i = 0; i < 9; i++)
		many[i] = chain[0];
	open_ring(&t, (struct dmasim_vring_config){.size = 8});
	assert_int_equal(dmasim_vring_add(NULL, chain, 1, &head),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_vring_add(t.v, NULL, 1, &head), DMASIM_E_INVAL);
	assert_int_equal(dmasim_vring_add(t.v, chain, 1, NULL), DMASIM_E_INVAL);
	assert_int_equal(dmasim_vring_add(t.v, chain, 0, &head),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_vring_add(t.v, many, 9, &head), DMASIM_E_INVAL);
	assert_int_equal(dmasim_vring_add(t.v, order, 2, &head),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_vring_add(t.v, empty, 1, &head),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_vring_add(t.v, many, 8, &head), DMASIM_OK);
	assert_int_equal(dmasim_vring_get(NULL, &head, &len), DMASIM_E_INVAL);
	assert_int_equal(dmasim_vring_get(t.v, NULL, &len), DMASIM_E_INVAL);
	assert_int_equal(dmasim_vring_get(t.v, &head, NULL), DMASIM_E_INVAL);
	close_ring(&t);
}

/* After a lie nothing of the ring is believed, and nothing is exposed. */
static void a_lie_about(uint32_t id, const char *text)
{
	struct ring t;
	uint16_t head;
	uint32_t len;

	open_ring(&t, (struct dmasim_vring_config){.size = 8, .queue = 3});
	assert_int_equal(dmasim_vring_add(t.v, chain, 3, &head), DMASIM_OK);
	device_use(&t, 0, id, 0);
	assert_int_equal(dmasim_vring_get(t.v, &head, &len), DMASIM_E_DEVICE);
	assert_string_equal(dmasim_vring_error(t.v), text);
	device_use(&t, 0, 0, 0);
	assert_int_equal(dmasim_vring_get(t.v, &head, &len), DMASIM_E_DEVICE);
	assert_int_equal(dmasim_vring_add(t.v, chain, 3, &head),
	                 DMASIM_E_DEVICE);
	close_ring(&t);
}

static void a_used_id_out_of_range_breaks_the_ring(void **state)
{
	(void)state;
	a_lie_about(8, "virtqueue 3: used id 8 is out of range");
	a_lie_about(0xffffffff,
	            "virtqueue 3: used id 4294967295 is out of range");
}

static void a_used_id_that_is_no_head_breaks_the_ring(void **state)
{
	(void)state;
	/* The middle of the chain, and a free descriptor. */
	a_lie_about(1, "virtqueue 3: used id 1 is not a head");
	a_lie_about(5, "virtqueue 3: used id 5 is not a head");
}

/* The same answer twice. */
static void a_head_is_used_once(void **state)
{
	struct ring t;
	uint16_t head;
	uint32_t len;

	(void)state;
	open_ring(&t, (struct dmasim_vring_config){.size = 8});
	assert_int_equal(dmasim_vring_add(t.v, chain, 3, &head), DMASIM_OK);
	device_use(&t, 0, head, 0);
	device_use(&t, 1, head, 0);
	assert_int_equal(dmasim_vring_get(t.v, &head, &len), DMASIM_OK);
	assert_int_equal(dmasim_vring_get(t.v, &head, &len), DMASIM_E_DEVICE);
	assert_string_equal(dmasim_vring_error(t.v),
	                    "virtqueue 0: used id 0 is not a head");
	close_ring(&t);
}

/* The device writes over descriptors: the free list is not there. */
static void descriptors_in_memory_are_not_believed(void **state)
{
	struct ring t;
	uint16_t head;
	uint32_t len;

	(void)state;
	open_ring(&t, (struct dmasim_vring_config){.size = 4});
	for (unsigned n = 0; n < 12; n++) {
		assert_int_equal(dmasim_vring_add(t.v, chain, 3, &head),
		                 DMASIM_OK);
		for (unsigned i = 0; i < 4; i++) {
			device_put(&t, t.desc + 16 * i, UINT64_MAX, 8);
			device_put(&t, t.desc + 16 * i + 8, UINT64_MAX, 8);
		}
		device_use(&t, (uint16_t)n, head, 0);
		assert_int_equal(dmasim_vring_get(t.v, &head, &len), DMASIM_OK);
		assert_int_equal(t.v->free_count, 4);
	}
	close_ring(&t);
}

/* A device that writes anything anywhere in the ring. */
static void any_device_is_survived(void **state)
{
	uint64_t s = 1;

	(void)state;
	for (unsigned round = 0; round < 40; round++) {
		struct ring t;

		open_ring(&t, (struct dmasim_vring_config){.size = 4});
		for (unsigned n = 0; n < 100; n++) {
			uint16_t head;
			uint32_t len;
			int rc;

			s = s * 6364136223846793005ull + 1442695040888963407ull;
			device_put(&t, t.desc + (s >> 33) % t.v->layout.total,
			           (s >> 50) % 6, 1);
			rc = dmasim_vring_add(t.v, chain, 1 + n % 3, &head);
			assert_true(rc == DMASIM_OK || rc == DMASIM_E_FULL ||
			            rc == DMASIM_E_DEVICE);
			rc = dmasim_vring_get(t.v, &head, &len);
			assert_true(rc == DMASIM_OK ||
			            rc == DMASIM_E_NOTFOUND ||
			            rc == DMASIM_E_DEVICE);
			assert_true(t.v->free_count <= 4);
		}
		close_ring(&t);
	}
}

static void indexes_wrap_at_65536(void **state)
{
	struct ring t;
	uint16_t head;
	uint32_t len;

	(void)state;
	open_ring(&t, (struct dmasim_vring_config){.size = 2});
	/* As if 65,530 requests were done. */
	t.v->avail_idx = t.v->last_used = 65530;
	device_put(&t, t.used + 2, 65530, 2);
	for (unsigned n = 65530; n < 65550; n++) {
		assert_int_equal(dmasim_vring_get(t.v, &head, &len),
		                 DMASIM_E_NOTFOUND);
		assert_int_equal(dmasim_vring_add(t.v, chain, 1, &head),
		                 DMASIM_OK);
		dmasim_cpu_barrier(t.r.cpu, DMASIM_DMB_ST, DMASIM_HERE);
		assert_int_equal(device_get(&t, t.avail + 2, 2),
		                 (n + 1) & 0xffff);
		assert_int_equal(device_get(&t, t.avail + 4 + 2 * (n % 2), 2),
		                 head);
		device_use(&t, (uint16_t)n, head, n);
		assert_int_equal(dmasim_vring_get(t.v, &head, &len), DMASIM_OK);
		assert_int_equal(len, n);
	}
	close_ring(&t);
}

static void findings_know_the_fields(void **state)
{
	const struct dmasim_checker *c;
	char text[96];
	struct ring t;
	uint64_t pa;

	(void)state;
	open_ring(&t, (struct dmasim_vring_config){.size = 256, .queue = 7});
	c = dmasim_machine_checker(t.r.m);
	pa = t.pa;
	dmasim_describe(c, pa + 3 * 16, text, sizeof(text));
	assert_string_equal(text, "virtqueue 7 desc[3].addr");
	dmasim_describe(c, pa + 0x1002, text, sizeof(text));
	assert_string_equal(text, "virtqueue 7 avail.idx");
	dmasim_describe(c, pa + 0x1242, text, sizeof(text));
	assert_string_equal(text, "virtqueue 7 used.idx");
	assert_int_equal(dmasim_vring_destroy(t.v), DMASIM_OK);
	t.v = NULL;
	/* The describer went with the ring. */
	dmasim_describe(c, pa, text, sizeof(text));
	assert_null(strstr(text, "virtqueue"));
	close_ring(&t);
}

/* 2017: the ring has to come to lie at 0x8fa080000. */
static void the_ring_lands_where_it_is_wished(void **state)
{
	struct dmasim_dma_config dma = {.mode = DMASIM_DMA_PHYSICAL};
	struct dmasim_vring_config cfg = {.size = 256, .legacy = true};
	uint64_t desc, avail, used, pa;
	struct dmasim_vring *v, *w;
	struct dmasim_dma *d;
	struct rig r;

	(void)state;
	rig_open(&r, &(struct rig_options){.ring_address = 0x880080000,
	                                   .no_smmu = true});
	dma.guest = cfg.guest = r.g;
	assert_int_equal(dmasim_dma_create(&dma, &d), DMASIM_OK);
	cfg.dma = d;
	assert_int_equal(dmasim_vring_create(&cfg, &v), DMASIM_OK);
	dmasim_vring_addresses(v, &desc, &avail, &used, &pa);
	assert_int_equal(pa, 0x880080000);
	assert_int_equal(desc, pa);
	/* The next one lies where there is room. */
	assert_int_equal(dmasim_vring_create(&cfg, &w), DMASIM_OK);
	dmasim_vring_addresses(w, &desc, &avail, &used, &pa);
	assert_int_not_equal(pa, 0x880080000);
	assert_int_equal(dmasim_vring_destroy(w), DMASIM_OK);
	assert_int_equal(dmasim_vring_destroy(v), DMASIM_OK);
	dmasim_dma_destroy(d);
	rig_close(&r);
}

static void a_wish_that_does_not_fit_is_an_error(void **state)
{
	struct dmasim_dma_config dma = {.mode = DMASIM_DMA_COHERENT,
	                                .limit = 0xffffffff};
	struct dmasim_vring_config cfg = {.size = 256, .legacy = true};
	struct dmasim_vring *v;
	struct dmasim_dma *d;
	struct rig r;

	(void)state;
	/* Beyond what the device reaches. */
	rig_open(&r, &(struct rig_options){.ring_address = 0x880080000,
	                                   .no_smmu = true});
	dma.guest = cfg.guest = r.g;
	assert_int_equal(dmasim_dma_create(&dma, &d), DMASIM_OK);
	cfg.dma = d;
	assert_int_equal(dmasim_vring_create(&cfg, &v), DMASIM_E_RANGE);
	dmasim_dma_destroy(d);
	rig_close(&r);
	/* Two pages before the end of RAM. */
	rig_open(&r, &(struct rig_options){.ring_address = 0x83ffe000,
	                                   .no_smmu = true});
	dma.guest = cfg.guest = r.g;
	assert_int_equal(dmasim_dma_create(&dma, &d), DMASIM_OK);
	cfg.dma = d;
	assert_int_equal(dmasim_vring_create(&cfg, &v), DMASIM_E_RANGE);
	dmasim_dma_destroy(d);
	rig_close(&r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_configurations_are_refused),
        cmocka_unit_test(the_parts_lie_where_the_device_looks),
        cmocka_unit_test(a_chain_is_what_the_device_reads),
        cmocka_unit_test(the_device_may_ask_not_to_be_kicked),
        cmocka_unit_test(descriptors_run_out_and_come_back),
        cmocka_unit_test(bad_chains_are_refused),
        cmocka_unit_test(a_used_id_out_of_range_breaks_the_ring),
        cmocka_unit_test(a_used_id_that_is_no_head_breaks_the_ring),
        cmocka_unit_test(a_head_is_used_once),
        cmocka_unit_test(descriptors_in_memory_are_not_believed),
        cmocka_unit_test(any_device_is_survived),
        cmocka_unit_test(indexes_wrap_at_65536),
        cmocka_unit_test(findings_know_the_fields),
        cmocka_unit_test(the_ring_lands_where_it_is_wished),
        cmocka_unit_test(a_wish_that_does_not_fit_is_an_error),
};
CHECK_MAIN(tests)
