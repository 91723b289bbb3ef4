/* SPDX-License-Identifier: MIT */
/*
 * State that no SMMU comes into by itself is put into one, saved, and refused
 * when it comes back: each check of a blob by itself.
 */
#include "clients.h"

#include <stdlib.h>

#include "smmuv3_internal.h"

#define SID  5u
#define VA   0x12345000ull
#define PA   (RIG_DATA + 0x7000)
#define CD_S (1ull << 44)

/* What is there now cannot be restored, and leaves an SMMU as after reset. */
static void refused(struct rig *r, struct clients *cs)
{
	uint8_t *blob;
	size_t size;

	blob = clients_save(cs, &size);
	rig_w32(r, CR0, 0);
	rig_settle(r);
	assert_int_equal(clients_restore(cs, blob, size), DMASIM_E_FORMAT);
	assert_int_equal(rig_r64(r, STRTAB_BASE), 0);
	free(blob);
}

/* ---- translations and configurations ---- */

/* Two streams, and a page of each. */
static void populate(struct rig *r)
{
	struct tables_half h;

	for (uint16_t i = 0; i < 2; i++) {
		rig_stream(r, SID + i, (uint16_t)(1 + i), &h);
		tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
		assert_int_equal(rig_pa(r, SID + i, VA), PA);
	}
}

static uint32_t first_slot(const struct smmu_tlb *t)
{
	uint32_t slot = 0;

	while (t->tag[slot].page == 0)
		slot++;
	return slot;
}

enum { GRANULE, LEVEL, NO_LEVEL, RIGHTS, RIGHTS2, MEMATTR, TOO_LARGE, DATA };

static void spoil(struct smmu_tlb_data *d, unsigned how)
{
	switch (how) {
	case GRANULE:
		d->granule = 13;
		break;
	case LEVEL:
		d->level = 4;
		break;
	case NO_LEVEL:
		d->level = 200;
		break;
	case RIGHTS:
		d->perm1 = 0xff;
		break;
	case RIGHTS2:
		d->perm2 = 0xff;
		break;
	case MEMATTR:
		d->memattr2 = 16;
		break;
	default:
		/* More than a leaf of that level: 4 KiB. */
		d->granule = 16;
		d->level = 0;
		d->pa |= 0x800;
		break;
	}
}

RIG_TEST(translations, 0)
{
	static struct clients cs;

	clients_open(&cs, r, "clients");
	for (unsigned how = 0; how < DATA; how++) {
		struct smmu_tlb *t = &r->smmu->tlb;

		rig_enable(r);
		populate(r);
		spoil(&t->data[first_slot(t)], how);
		refused(r, &cs);
	}
	clients_close(&cs);
}

/* Two entries of one address: which would count? */
RIG_TEST(a_translation_twice, 0)
{
	static struct clients cs;
	struct smmu_tlb *t = &r->smmu->tlb;
	uint32_t slot, other;

	clients_open(&cs, r, "clients");
	populate(r);
	slot = first_slot(t);
	other = slot ^ 1;
	assert_int_equal(t->tag[other].page, 0);
	t->tag[other] = t->tag[slot];
	t->data[other] = t->data[slot];
	t->used++;
	refused(r, &cs);
	clients_close(&cs);
}

/* An entry of the walk cache points to a table. */
RIG_TEST(a_table_that_is_not_aligned, 0)
{
	static struct clients cs;
	struct smmu_tlb *t = &r->smmu->walks;

	clients_open(&cs, r, "clients");
	populate(r);
	t->data[first_slot(t)].pa |= 4;
	refused(r, &cs);
	clients_close(&cs);
}

RIG_TEST(a_configuration_twice, .config_entries = 4)
{
	static struct clients cs;
	struct smmu_cache *c = &r->smmu->ste_cache;

	clients_open(&cs, r, "clients");
	populate(r);
	/* One set: both are in it. */
	assert_int_equal(c->sets, 1);
	assert_int_not_equal(c->key[0], 0);
	assert_int_not_equal(c->key[1], 0);
	c->key[1] = c->key[0];
	refused(r, &cs);
	clients_close(&cs);
}

/* ---- queues and stalls ---- */

RIG_TEST(half_enabled_ecmdqs, .idr_set = {0, 1u << 31, 0, 0, 0, 0, 1u << 24})
{
	static struct clients cs;

	clients_open(&cs, r, "clients");
	r->smmu->bank[SMMU_NS].ecmdq[0].cons |= 1u << 31;
	refused(r, &cs);
	clients_close(&cs);
}

static void stall(struct rig *r, struct clients *cs)
{
	struct tables_half h;
	uint64_t cd = rig_stream(r, SID, 1, &h);

	tables_set(&r->t, cd, tables_get(&r->t, cd) | CD_S);
	client_access(cs, 0, DMASIM_READ, SID, VA, 4);
	assert_true(client_waits(cs, 0));
}

RIG_TEST(a_stall_that_wraps, STALL_IDS)
{
	static struct clients cs;

	clients_open(&cs, r, "clients");
	stall(r, &cs);
	cs.c[0].t.addr = UINT64_MAX - 2;
	refused(r, &cs);
	clients_close(&cs);
}

/* The same machine without the one that waits. */
RIG_TEST(a_stall_of_nobody, STALL_IDS)
{
	static struct clients cs, others;
	uint8_t *blob;
	size_t size;

	clients_open(&cs, r, "clients");
	stall(r, &cs);
	blob = clients_save(&cs, &size);
	rig_w32(r, CR0, 0);
	rig_settle(r);
	client_ended(&cs, 0, DMASIM_TXN_ABORT);
	clients_close(&cs);
	clients_open(&others, r, "others");
	assert_int_equal(clients_restore(&others, blob, size), DMASIM_E_FORMAT);
	clients_close(&others);
	clients_open(&cs, r, "clients");
	assert_int_equal(clients_restore(&cs, blob, size), DMASIM_OK);
	clients_close(&cs);
	free(blob);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(translations),
        cmocka_unit_test(a_translation_twice),
        cmocka_unit_test(a_table_that_is_not_aligned),
        cmocka_unit_test(a_configuration_twice),
        cmocka_unit_test(half_enabled_ecmdqs),
        cmocka_unit_test(a_stall_that_wraps),
        cmocka_unit_test(a_stall_of_nobody),
};

CHECK_MAIN(tests)
