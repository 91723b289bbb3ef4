/* SPDX-License-Identifier: MIT */
/*
 * The driver with its ring at the place that the log tells: first with the
 * ring's physical address, as the driver of the log did it, then the same
 * machine with the DMA API in use.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dmasim/driver.h"
#include "replay_log_internal.h"

#define RAM_UNIT 0x40000000ull /* 1 GiB */

/** The disk's size, and its partition table (one partition, from 1 MiB). */
#define DISK_BYTES      0x200000u
#define PARTITION_FIRST 2048u
#define PARTITION_COUNT 2048u
#define PARTITION_LINUX 0x83u

/* Master boot record: four entries of 16 bytes, and two bytes to know it by. */
#define MBR_TABLE     446u
#define MBR_ENTRY     16u
#define MBR_TYPE      4u
#define MBR_FIRST     8u
#define MBR_SECTORS   12u
#define MBR_SIGNATURE 510u

struct board {
	struct rl *r;
	const struct rl_stream *stream;
	struct rl_ring *ring;
	void *fdt;
	size_t fdt_size, disk;
	size_t smmu; /**< index in that machine */
};

/** What one run has built; freed in the opposite order. */
struct setup {
	struct dmasim_disk **disks;
	size_t disk_count;
	struct dmasim_machine *machine;
	struct dmasim_guest *guest;
	struct dmasim_smmu_drv *smmu;
	struct dmasim_blk_drv *blk;
};

/* ---- disks ---- */

static void put32(uint8_t *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t get32(const uint8_t *p)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < 4; i++)
		v |= (uint32_t)p[i] << (8 * i);
	return v;
}

static int write_mbr(struct dmasim_disk *d)
{
	uint8_t sector[DMASIM_SECTOR] = {0};
	uint8_t *entry = sector + MBR_TABLE;

	entry[MBR_TYPE] = PARTITION_LINUX;
	put32(entry + MBR_FIRST, PARTITION_FIRST);
	put32(entry + MBR_SECTORS, PARTITION_COUNT);
	sector[MBR_SIGNATURE] = 0x55;
	sector[MBR_SIGNATURE + 1] = 0xaa;
	return dmasim_disk_write(d, 0, sector, sizeof(sector));
}

static void read_mbr(const uint8_t *sector, struct rl_run *run)
{
	run->mbr = sector[MBR_SIGNATURE] == 0x55 &&
	           sector[MBR_SIGNATURE + 1] == 0xaa;
	for (unsigned i = 0; run->mbr && i < RL_MAX_PARTITIONS; i++) {
		const uint8_t *entry = sector + MBR_TABLE + i * MBR_ENTRY;

		if (entry[MBR_TYPE])
			run->partitions[run->partition_count++] =
			        (struct rl_partition){
			                .type = entry[MBR_TYPE],
			                .first = get32(entry + MBR_FIRST),
			                .sectors = get32(entry + MBR_SECTORS),
			        };
	}
}

/** Disks of a tree are given in order: those before ours are there, too. */
static int make_disks(const struct board *b, struct setup *s)
{
	int status = DMASIM_OK;

	s->disks = calloc(b->disk + 1, sizeof(*s->disks));
	if (!s->disks)
		return DMASIM_E_NOMEM;
	while (s->disk_count <= b->disk && status == DMASIM_OK) {
		status = dmasim_disk_memory(DISK_BYTES,
		                            &s->disks[s->disk_count]);
		if (status == DMASIM_OK)
			s->disk_count++;
	}
	return status == DMASIM_OK ? write_mbr(s->disks[b->disk]) : status;
}

/* ---- one run ---- */

static enum dmasim_ring_fault ring_fault(const struct board *b)
{
	enum dmasim_smmu_profile profile = b->r->smmus[b->stream->smmu].profile;

	if (b->ring->explanations[0].profile_order)
		return DMASIM_RING_FAULT_2017;
	return profile == DMASIM_SMMU_QEMU_7_2 || profile == DMASIM_SMMU_QEMU_10
	               ? DMASIM_RING_FAULT_IGNORE
	               : DMASIM_RING_FAULT_STOP;
}

static int make_machine(const struct board *b, struct setup *s)
{
	const struct dmasim_replay_options *opt = b->r->opt;
	struct dmasim_choice_config choice = {.mode = DMASIM_CHOICE_SEED,
	                                      .seed = opt->seed};
	struct dmasim_machine_config cfg = {
	        .fdt = b->fdt,
	        .fdt_size = b->fdt_size,
	        .backend = opt->backend,
	        .trace = opt->trace,
	        .trace_ctx = opt->trace_ctx,
	        .choice = opt->has_seed ? &choice : NULL,
	        .disks = s->disks,
	        .disk_count = s->disk_count,
	        .has_profile = true,
	        .profile = b->r->smmus[b->stream->smmu].profile,
	        .has_ring_fault = true,
	        .ring_fault = ring_fault(b),
	};

	return dmasim_machine_create(&cfg, &s->machine, b->r->diag);
}

/** Everything that lives before the disk's driver. */
static int make_guest(const struct board *b, struct setup *s)
{
	struct dmasim_guest_config guest = {
	        .ring_address = b->ring->explanations[0].avail -
	                        16ull * b->ring->queue_size};
	struct dmasim_smmu_drv_config smmu = {.smmu = b->smmu};
	int status = make_disks(b, s);

	if (status == DMASIM_OK)
		status = make_machine(b, s);
	guest.machine = s->machine;
	if (status == DMASIM_OK)
		status = dmasim_guest_create(&guest, &s->guest);
	smmu.guest = s->guest;
	if (status == DMASIM_OK)
		status = dmasim_smmu_drv_create(&smmu, &s->smmu);
	/* As Linux does it when the device is found: translation is on before
	 * the driver's first line. */
	if (status == DMASIM_OK)
		status = dmasim_smmu_drv_attach(s->smmu, b->stream->id,
		                                DMASIM_DOMAIN_DMA);
	return status;
}

static void destroy(struct setup *s)
{
	dmasim_blk_drv_destroy(s->blk);
	dmasim_smmu_drv_destroy(s->smmu);
	dmasim_guest_destroy(s->guest);
	dmasim_machine_destroy(s->machine);
	for (size_t i = 0; i < s->disk_count; i++)
		dmasim_disk_destroy(s->disks[i]);
	free(s->disks);
}

static void collect(const struct dmasim_replay_options *opt,
                    const struct setup *s, struct rl_run *run)
{
	struct dmasim_checker *c = dmasim_machine_checker(s->machine);
	size_t n = dmasim_smmu_drv_event_count(s->smmu);

	for (size_t i = 0; i < n && i < RL_MAX_PRODUCED; i++) {
		const uint64_t *e = dmasim_smmu_drv_event(s->smmu, i);

		memcpy(run->records[i], e, sizeof(run->records[i]));
		run->record_count++;
	}
	for (size_t i = 0; i < dmasim_finding_count(c); i++) {
		const struct dmasim_finding *f = dmasim_finding_get(c, i);

		if (opt->on_finding)
			opt->on_finding(opt->on_finding_ctx, f);
		if (f->kind == DMASIM_UNTRANSLATED && !run->finding[0])
			dmasim_finding_text(f, run->finding,
			                    sizeof(run->finding));
	}
}

static int run_driver(const struct board *b, enum dmasim_driver_mapping mapping,
                      struct rl_run *run)
{
	struct dmasim_blk_drv_config cfg = {.disk = b->disk,
	                                    .policy = DMASIM_POLICY_DMA_API,
	                                    .mapping = mapping};
	uint8_t sector[DMASIM_SECTOR] = {0};
	struct setup s = {0};
	uint64_t avail, used;
	int status = make_guest(b, &s);

	cfg.guest = s.guest;
	cfg.smmu = s.smmu;
	if (status == DMASIM_OK)
		status = dmasim_blk_drv_create(&cfg, &s.blk);
	if (status != DMASIM_OK) {
		snprintf(run->why_not, sizeof(run->why_not),
		         "the driver does not start: %s",
		         dmasim_strerror(status));
		destroy(&s);
		return status == DMASIM_E_NOMEM ? status : DMASIM_OK;
	}
	run->ran = true;
	dmasim_vring_addresses(dmasim_blk_drv_vring(s.blk), &run->ring_dma,
	                       &avail, &used, &run->ring_pa);
	run->status = dmasim_blk_drv_read(s.blk, 0, sector, 1);
	if (run->status == DMASIM_OK)
		read_mbr(sector, run);
	else
		snprintf(run->error, sizeof(run->error), "%s",
		         dmasim_blk_drv_error(s.blk));
	status = dmasim_smmu_drv_poll(s.smmu);
	if (status == DMASIM_OK)
		collect(b->r->opt, &s, run);
	/* A disk of the tree may have a ring of its own size. */
	if (avail - run->ring_dma != 16ull * b->ring->queue_size)
		snprintf(run->why_not, sizeof(run->why_not),
		         "this disk's ring is not of %u entries",
		         b->ring->queue_size);
	destroy(&s);
	return status;
}

/* ---- the board ---- */

/**
 * Our driver allocates its ring in one block of whole pages, the used ring at
 * the next page (legacy) or cache line (modern). An open size becomes the
 * profile's, or the smallest with which the block begins a page.
 */
static const char *choose_size(struct rl_ring *ring)
{
	const struct dmasim_explanation *e = &ring->explanations[0];
	uint64_t align = e->layout == DMASIM_LAYOUT_LEGACY ? RING_PAGE : 64;
	struct ring made;

	ring->queue_size = e->queue_size ? e->queue_size : 256;
	for (unsigned n = 1; !e->queue_size && n <= RING_MAX_SIZE &&
	                     (e->avail - 16ull * ring->queue_size) % RING_PAGE;
	     n *= 2)
		ring->queue_size = n;
	if (!ring_from_avail(e->layout, ring->queue_size, e->avail, align,
	                     &made) ||
	    made.desc == 0)
		return "the ring would begin at address 0 or below";
	if (made.desc % RING_PAGE)
		return "the driver's rings begin at a page";
	if (e->used && made.used != e->used)
		return "the driver's used ring would lie elsewhere";
	/* The guest's linear map. */
	if (made.used >= 1ull << 46)
		return "the driver's memory ends at 2^46";
	return NULL;
}

static void plan_ram(const struct rl_ring *ring, struct rl_plan *p)
{
	uint64_t first = ring->explanations[0].avail - 16ull * ring->queue_size;
	/* The largest ring of our driver, and its pages beside it. */
	uint64_t end = first + 0x100000;

	p->ram_base = first / RAM_UNIT * RAM_UNIT;
	p->ram_size = (end + RAM_UNIT - 1) / RAM_UNIT * RAM_UNIT - p->ram_base;
	p->high_devices = p->ram_base < RAM_UNIT;
}

static int make_board(struct board *b)
{
	const struct rl_smmu *smmu = &b->r->smmus[b->stream->smmu];
	enum dmasim_layout layout = b->ring->explanations[0].layout;
	unsigned bdf = b->stream->id & 0xffff;
	struct rl_plan p = {
	        .smmu_name = smmu->name,
	        .profile = smmu->profile,
	        .stream_id_bits = rl_stream_id_bits(b->stream->id),
	        .stream_id = b->stream->id,
	        .device = layout == DMASIM_LAYOUT_LEGACY ? RL_LEGACY_DISK
	                                                 : RL_MODERN_DISK,
	        .queue_size = b->ring->queue_size,
	};
	int status = rl_tree_with_disk(b->r, b->stream, b->ring, &b->fdt,
	                               &b->fdt_size, &b->disk);

	b->ring->from_tree = status == DMASIM_OK;
	if (layout == DMASIM_LAYOUT_LEGACY)
		snprintf(b->ring->disk, sizeof(b->ring->disk),
		         "a legacy virtio-pci disk at %02x:%02x.%x", bdf >> 8,
		         bdf >> 3 & 0x1f, bdf & 7);
	else
		snprintf(b->ring->disk, sizeof(b->ring->disk),
		         "a virtio-mmio disk of version 2");
	if (status == DMASIM_OK) {
		b->smmu = (size_t)smmu->index;
		return DMASIM_OK;
	}
	if (status != DMASIM_E_NOTFOUND)
		return status;
	plan_ram(b->ring, &p);
	return rl_plan_build(&p, &b->fdt, &b->fdt_size);
}

/* ---- the records ---- */

/**
 * The run's records against those of the log that the ring explains, in
 * order. The simulation repeats itself to the bit, so the kernel's further
 * attempts are compared with the same run again.
 */
static void match(struct rl *r, const struct rl_stream *s, struct rl_ring *ring)
{
	const struct rl_run *run = &ring->physical;
	int number = (int)(ring - s->rings);
	size_t next = 0;

	for (size_t i = 0; i < s->count; i++) {
		struct rl_record *rec = &r->records[s->records[i]];

		if (rec->ring != number || run->record_count == 0)
			continue;
		rl_compare(rec, run->records[next % run->record_count]);
		if (rl_agrees(rec->result)) {
			rec->how = RL_BY_DRIVER;
			ring->in_order++;
		}
		next++;
	}
}

int rl_driver_replay(struct rl *r, struct rl_stream *s, struct rl_ring *ring)
{
	struct board b = {.r = r, .stream = s, .ring = ring};
	const char *why_not = choose_size(ring);
	int status;

	if (ring->outside_ram)
		why_not = "the ring is not in RAM of the tree: these are IOVAs "
		          "of a ring that is not, or no longer, mapped";
	else if (!why_not && rl_stream_id_bits(s->id) == 0)
		why_not = "the driver's stream table ends at 2^25";
	else if (!why_not && r->runs == RL_MAX_RUNS)
		why_not = "it was run at 64 other rings of this log";
	if (why_not) {
		snprintf(ring->physical.why_not, sizeof(ring->physical.why_not),
		         "%s", why_not);
		return DMASIM_OK;
	}
	r->runs++;
	status = make_board(&b);
	if (status == DMASIM_OK)
		status = run_driver(&b, DMASIM_MAPPING_PHYSICAL,
		                    &ring->physical);
	if (status == DMASIM_OK && ring->physical.ran)
		match(r, s, ring);
	/* The cure is shown where the run is the illness. */
	if (status == DMASIM_OK && ring->in_order)
		status = run_driver(&b, DMASIM_MAPPING_AUTO, &ring->dma_api);
	free(b.fdt);
	return status;
}
