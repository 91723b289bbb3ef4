/* SPDX-License-Identifier: MIT */
/* Whole machines: a 512-byte request to a virtio-blk disk, and machines
 * created and destroyed. The platform is the QEMU-virt-like one. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dmasim/driver.h"

#define SECTORS 2048u

struct machine_bench {
	void *fdt;
	size_t fdt_size;
	struct dmasim_machine *machine;
	struct dmasim_guest *guest;
	struct dmasim_smmu_drv *smmu;
	struct dmasim_blk_drv *blk;
	uint8_t *image;
};

static void must(int status, const char *what)
{
	if (status != DMASIM_OK) {
		fprintf(stderr, "bench: %s: %s\n", what,
		        dmasim_strerror(status));
		exit(3);
	}
}

static void create(struct machine_bench *b, struct dmasim_machine **m)
{
	struct dmasim_machine_config cfg = {
	        .fdt = b->fdt, .fdt_size = b->fdt_size, .no_checker = true};
	struct dmasim_diag diag = {{0}};
	int status = dmasim_machine_create(&cfg, m, &diag);

	must(status, diag.text[0] ? diag.text : "machine");
}

static void run_create(void *ctx, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		struct dmasim_machine *m;

		create(ctx, &m);
		dmasim_machine_destroy(m);
	}
}

static void run_create_baseline(void *ctx, uint64_t n)
{
	struct machine_bench *b = ctx;

	for (uint64_t i = 0; i < n; i++) {
		void *copy = malloc(b->fdt_size);

		if (!copy)
			abort();
		memcpy(copy, b->fdt, b->fdt_size);
		bench_use(*(uint8_t *)copy);
		free(copy);
	}
}

static void run_request(void *ctx, uint64_t n)
{
	struct machine_bench *b = ctx;
	uint8_t sector[DMASIM_SECTOR];

	for (uint64_t i = 0; i < n; i++)
		must(dmasim_blk_drv_read(b->blk, i % SECTORS, sector, 1),
		     "read");
	bench_use(sector[0]);
}

static void run_request_baseline(void *ctx, uint64_t n)
{
	struct machine_bench *b = ctx;
	uint8_t sector[DMASIM_SECTOR];

	for (uint64_t i = 0; i < n; i++) {
		memcpy(sector, b->image + i % SECTORS * DMASIM_SECTOR,
		       sizeof(sector));
		bench_use(sector[i % DMASIM_SECTOR]);
	}
}

void bench_machine(void)
{
	struct machine_bench b = {0};
	struct dmasim_diag diag = {{0}};
	double ns;

	must(dmasim_fdt_load(BENCH_PLATFORM, &b.fdt, &b.fdt_size, &diag),
	     diag.text);
	b.image = calloc(SECTORS, DMASIM_SECTOR);
	create(&b, &b.machine);
	must(dmasim_guest_create(
	             &(struct dmasim_guest_config){.machine = b.machine},
	             &b.guest),
	     "guest");
	must(dmasim_smmu_drv_create(
	             &(struct dmasim_smmu_drv_config){.guest = b.guest},
	             &b.smmu),
	     "SMMU driver");
	must(dmasim_blk_drv_create(
	             &(struct dmasim_blk_drv_config){.guest = b.guest,
	                                             .smmu = b.smmu},
	             &b.blk),
	     "disk driver");
	bench_line("virtio-blk request of 512 bytes, behind SMMU",
	           bench_time(run_request, &b, 5000), "memcpy of a sector",
	           bench_time(run_request_baseline, &b, 5000000));
	must(dmasim_blk_drv_destroy(b.blk), "disk driver");
	must(dmasim_smmu_drv_destroy(b.smmu), "SMMU driver");
	dmasim_guest_destroy(b.guest);
	dmasim_machine_destroy(b.machine);

	ns = bench_time(run_create, &b, 200);
	bench_line("machine created and destroyed", ns,
	           "copy of its device tree",
	           bench_time(run_create_baseline, &b, 200000));
	printf("%-44s %10.0f /s\n", "machines", 1e9 / ns);
	free(b.image);
	free(b.fdt);
}
