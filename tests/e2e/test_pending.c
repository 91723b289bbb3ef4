/* SPDX-License-Identifier: MIT */
/*
 * A whole machine in which every access of every device and of the SMMU is
 * kept for a while (PENDING): the driver must not notice anything but time.
 */
#include <stdlib.h>

#include "check.h"
#include "dmasim/driver.h"

#define BOARD     DMASIM_SOURCE_DIR "/tests/driver/board.dts"
#define FVP       DMASIM_SOURCE_DIR "/platforms/fvp-base-2017.dts"
#define SECTORS   24u
#define MAX_PARTS 64u
#define KEPT      32u
#define DELAY     (37 * DMASIM_NS)

/** Keeps every access, and hands it down later. */
struct keeper {
	struct dmasim_kernel *kernel;
	struct dmasim_port below;
	uint32_t actor;
	struct dmasim_txn *txn[KEPT];
	char name[64];
	uint64_t count; /**< accesses that it kept */
};

struct bench {
	struct keeper keeper[MAX_PARTS];
	unsigned parts;
	bool failed; /**< what a callback may not assert */
	void *fdt;
	struct dmasim_machine *m;
	struct dmasim_guest *g;
	struct dmasim_smmu_drv *smmu;
};

static enum dmasim_result keep(void *obj, struct dmasim_txn *txn)
{
	struct keeper *k = obj;
	struct dmasim_call call = {.actor = k->actor};

	if (!txn->done.actor)
		return dmasim_access(&k->below, txn);
	while (call.arg < KEPT && k->txn[call.arg])
		call.arg++;
	if (call.arg == KEPT ||
	    dmasim_call_at(k->kernel, dmasim_now(k->kernel) + DELAY, 0, &call,
	                   NULL) != DMASIM_OK)
		return DMASIM_TXN_SLAVE;
	k->txn[call.arg] = txn;
	k->count++;
	return DMASIM_TXN_PENDING;
}

static void hand_down(void *obj, uint32_t op, uint64_t arg)
{
	struct keeper *k = obj;
	struct dmasim_txn *txn = k->txn[arg];
	enum dmasim_result r;

	(void)op;
	k->txn[arg] = NULL;
	r = dmasim_access(&k->below, txn);
	/* Kept further down: who keeps it completes it. */
	if (r != DMASIM_TXN_PENDING)
		(void)dmasim_complete(k->kernel, txn, r, 0);
}

static struct dmasim_port insert(void *ctx, struct dmasim_kernel *k,
                                 const char *name,
                                 const struct dmasim_port *below)
{
	struct bench *b = ctx;
	struct keeper *p = &b->keeper[b->parts];
	char actor[32];

	if (b->parts == MAX_PARTS) {
		b->failed = true;
		return *below;
	}
	snprintf(actor, sizeof(actor), "keeper %u", b->parts++);
	*p = (struct keeper){.kernel = k, .below = *below};
	snprintf(p->name, sizeof(p->name), "%s", name);
	if (dmasim_actor_register(k, actor, hand_down, p, &p->actor))
		b->failed = true;
	return (struct dmasim_port){keep, p};
}

static void start(struct bench *b, const char *path, uint64_t ring)
{
	struct dmasim_machine_config cfg = {.insert = insert, .insert_ctx = b};
	struct dmasim_guest_config guest = {.ring_address = ring};
	struct dmasim_smmu_drv_config smmu = {0};
	struct dmasim_diag diag = {{0}};

	memset(b, 0, sizeof(*b));
	assert_int_equal(dmasim_fdt_load(path, &b->fdt, &cfg.fdt_size, &diag),
	                 DMASIM_OK);
	cfg.fdt = b->fdt;
	assert_int_equal(dmasim_machine_create(&cfg, &b->m, &diag), DMASIM_OK);
	assert_false(b->failed);
	guest.machine = b->m;
	assert_int_equal(dmasim_guest_create(&guest, &b->g), DMASIM_OK);
	smmu.guest = b->g;
	assert_int_equal(dmasim_smmu_drv_create(&smmu, &b->smmu), DMASIM_OK);
}

static void end(struct bench *b)
{
	assert_int_equal(dmasim_smmu_drv_destroy(b->smmu), DMASIM_OK);
	dmasim_guest_destroy(b->g);
	dmasim_machine_destroy(b->m);
	free(b->fdt);
}

static struct dmasim_blk_drv *open_disk(struct bench *b, size_t disk,
                                        enum dmasim_driver_mapping mapping)
{
	struct dmasim_blk_drv_config cfg = {
	        .guest = b->g, .disk = disk, .mapping = mapping};
	struct dmasim_disk_info info;
	struct dmasim_blk_drv *d = NULL;

	assert_int_equal(dmasim_machine_disk(b->m, disk, &info), DMASIM_OK);
	cfg.smmu = info.smmu >= 0 ? b->smmu : NULL;
	assert_int_equal(dmasim_blk_drv_create(&cfg, &d), DMASIM_OK);
	return d;
}

/** How many accesses the part of this name kept; it must be there once. */
static uint64_t kept_by(const struct bench *b, const char *name)
{
	const struct keeper *found = NULL;

	for (unsigned i = 0; i < b->parts; i++) {
		if (strcmp(b->keeper[i].name, name) == 0) {
			assert_null(found);
			found = &b->keeper[i];
		}
	}
	assert_non_null(found);
	return found->count;
}

static void every_disk_works(void **state)
{
	static uint8_t out[SECTORS * DMASIM_SECTOR], in[sizeof(out)];
	struct bench b;
	struct dmasim_disk_info info;
	struct dmasim_smmu_info smmu;
	char tables[96];
	size_t disks = 0;

	(void)state;
	start(&b, BOARD, 0);
	for (; !dmasim_machine_disk(b.m, disks, &info); disks++) {
		struct dmasim_blk_drv *d =
		        open_disk(&b, disks, DMASIM_MAPPING_AUTO);
		char before[32], past[48];

		for (size_t i = 0; i < sizeof(out); i++)
			out[i] = (uint8_t)(i * 7 + disks * 13 + i / 251);
		memset(in, 0, sizeof(in));
		assert_int_equal(dmasim_blk_drv_write(d, 5, out, SECTORS),
		                 DMASIM_OK);
		assert_int_equal(dmasim_blk_drv_flush(d), DMASIM_OK);
		assert_int_equal(dmasim_blk_drv_read(d, 5, in, SECTORS),
		                 DMASIM_OK);
		assert_memory_equal(in, out, sizeof(out));
		snprintf(before, sizeof(before), "virtio-blk %zu", disks);
		snprintf(past, sizeof(past), "%s memory", before);
		assert_true(kept_by(&b, before) > 20);
		assert_true(kept_by(&b, past) > 20);
		assert_int_equal(dmasim_blk_drv_destroy(d), DMASIM_OK);
	}
	assert_true(disks >= 4);
	assert_int_equal(dmasim_machine_smmu(b.m, 0, &smmu), DMASIM_OK);
	snprintf(tables, sizeof(tables), "%s tables", smmu.name);
	assert_true(kept_by(&b, tables) > 20);
	assert_int_equal(dmasim_finding_count(dmasim_machine_checker(b.m)), 0);
	assert_int_equal(dmasim_smmu_drv_event_count(b.smmu), 0);
	end(&b);
}

/* The records of 2017, with stream table, tables and event queue pending. */
static void faults_are_the_same(void **state)
{
	static const uint64_t expected[2][4] = {
	        {0xfffff010, 0x20800000000, 0x8fa081002, 0},
	        {0xfffff010, 0x20800000000, 0x8fa081000, 0},
	};
	uint8_t sector[DMASIM_SECTOR];
	struct dmasim_blk_drv *d;
	struct bench b;

	(void)state;
	start(&b, FVP, 0x8fa080000);
	d = open_disk(&b, 0, DMASIM_MAPPING_PHYSICAL);
	assert_int_equal(dmasim_blk_drv_read(d, 0, sector, 1), DMASIM_E_HANG);
	assert_int_equal(dmasim_smmu_drv_poll(b.smmu), DMASIM_OK);
	assert_int_equal(dmasim_smmu_drv_event_count(b.smmu), 2);
	for (size_t i = 0; i < 2; i++)
		assert_memory_equal(dmasim_smmu_drv_event(b.smmu, i),
		                    expected[i], sizeof(expected[i]));
	assert_int_equal(dmasim_blk_drv_destroy(d), DMASIM_OK);
	end(&b);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_disk_works),
        cmocka_unit_test(faults_are_the_same),
};

CHECK_MAIN(tests)
