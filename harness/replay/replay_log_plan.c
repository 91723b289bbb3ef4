/* SPDX-License-Identifier: MIT */
/*
 * A machine made up for a log: RAM where the log wants it, one SMMU with the
 * log's name, one device of the log's StreamID. It is a device tree like any
 * other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "replay_log_internal.h"

#define PLAN_TREE_SIZE 8192

/* Places of the devices, from the low or the high base. */
#define PLAN_HIGH 0x4000000000ull
#define PLAN_ECAM 0x20000000ull
#define PLAN_IO   0x21000000ull
#define PLAN_MEM  0x22000000ull
#define PLAN_MMIO 0x24000000ull
#define PLAN_SMMU 0x2b400000ull
#define PLAN_GIC  0x2f000000ull
#define PLAN_END  0x30000000ull

#define PLAN_ECAM_SIZE 0x100000u
#define PLAN_IO_SIZE   0x10000u
#define PLAN_MEM_SIZE  0x1000000u
#define PLAN_MMIO_SIZE 0x200u
#define PLAN_GIC_SIZE  0x10000u

#define PHANDLE_GIC  1u
#define PHANDLE_SMMU 2u

/* Shared peripheral interrupts; as the FVP has them. */
#define SPI_MMIO   42u
#define SPI_EVENTQ 74u
#define SPI_SYNC   77u
#define SPI_GERROR 79u
#define SPI_INTA   168u

static uint64_t plan_base(const struct rl_plan *p)
{
	return p->high_devices ? PLAN_HIGH : 0;
}

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

/**
 * "2b400000.smmu" is the node smmu@2b400000. Where the name tells an address
 * that is free, the SMMU lies there, and the driver's messages have the name
 * that the log has.
 */
static uint64_t smmu_base(const struct rl_plan *p, char *node, size_t size)
{
	uint64_t base = plan_base(p) + PLAN_SMMU;
	char *end = NULL;
	uint64_t addr = strtoull(p->smmu_name, &end, 16);
	size_t n = *end == '.' ? strlen(end + 1) : 0;

	if (end == p->smmu_name || n == 0 || n > 20 ||
	    strspn(end + 1, "abcdefghijklmnopqrstuvwxyz0123456789-_") != n ||
	    addr % 0x10000 || addr == 0 || addr >= PLAN_HIGH ||
	    overlap(addr, DMASIM_SMMU_REGS_SIZE, p->ram_base, p->ram_size) ||
	    (overlap(addr, DMASIM_SMMU_REGS_SIZE, plan_base(p) + PLAN_ECAM,
	             PLAN_END - PLAN_ECAM) &&
	     addr != base)) {
		snprintf(node, size, "smmu@%llx", (unsigned long long)base);
		return base;
	}
	snprintf(node, size, "%s@%llx", end + 1, (unsigned long long)addr);
	return addr;
}

bool rl_plan_answers(const struct rl_plan *p, uint64_t addr)
{
	char node[48];
	uint64_t base = plan_base(p);

	return overlap(addr, 1, p->ram_base, p->ram_size) ||
	       overlap(addr, 1, base + PLAN_ECAM, PLAN_END - PLAN_ECAM) ||
	       overlap(addr, 1, smmu_base(p, node, sizeof(node)),
	               DMASIM_SMMU_REGS_SIZE);
}

unsigned rl_stream_id_bits(uint32_t id)
{
	unsigned bits = 16;

	while (bits < 32 && id >> bits)
		bits++;
	/* The driver's two levels: 2^17 descriptors of 2^8 entries. */
	return bits <= 25 ? bits : 0;
}

/* ---- the tree ---- */

struct writer {
	void *fdt;
	int error; /**< libfdt's; the first one stays */
};

static void note(struct writer *w, int error)
{
	if (w->error == 0)
		w->error = error;
}

static void begin(struct writer *w, const char *name)
{
	note(w, fdt_begin_node(w->fdt, name));
}

static void begin_at(struct writer *w, const char *name, uint64_t addr)
{
	char text[48];

	snprintf(text, sizeof(text), "%s@%llx", name, (unsigned long long)addr);
	begin(w, text);
}

static void end(struct writer *w)
{
	note(w, fdt_end_node(w->fdt));
}

static void put_string(struct writer *w, const char *name, const char *value)
{
	note(w, fdt_property(w->fdt, name, value, (int)strlen(value) + 1));
}

static void put_flag(struct writer *w, const char *name)
{
	note(w, fdt_property(w->fdt, name, NULL, 0));
}

static void put_cells(struct writer *w, const char *name, const uint32_t *cells,
                      size_t count)
{
	fdt32_t data[32];

	for (size_t i = 0; i < count; i++)
		data[i] = cpu_to_fdt32(cells[i]);
	note(w, fdt_property(w->fdt, name, data, (int)(count * sizeof(*data))));
}

#define PUT(w, name, ...)                                                      \
	put_cells(w, name, (const uint32_t[]){__VA_ARGS__},                    \
	          sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

#define HIGH32(v) ((uint32_t)((v) >> 32))
#define LOW32(v)  ((uint32_t)(v))

static void put_reg(struct writer *w, uint64_t base, uint64_t size)
{
	PUT(w, "reg", HIGH32(base), LOW32(base), HIGH32(size), LOW32(size));
}

static void put_memory(struct writer *w, const struct rl_plan *p)
{
	begin_at(w, "memory", p->ram_base);
	put_string(w, "device_type", "memory");
	put_reg(w, p->ram_base, p->ram_size);
	end(w);
	begin(w, "cpus");
	PUT(w, "#address-cells", 1);
	PUT(w, "#size-cells", 0);
	begin(w, "cpu@0");
	put_string(w, "device_type", "cpu");
	put_string(w, "compatible", "arm,armv8");
	PUT(w, "reg", 0);
	end(w);
	end(w);
}

static void put_gic(struct writer *w, const struct rl_plan *p)
{
	uint64_t base = plan_base(p) + PLAN_GIC;

	begin_at(w, "interrupt-controller", base);
	put_string(w, "compatible", "arm,gic-v3");
	PUT(w, "#interrupt-cells", 3);
	PUT(w, "#address-cells", 0);
	put_flag(w, "interrupt-controller");
	put_reg(w, base, PLAN_GIC_SIZE);
	PUT(w, "phandle", PHANDLE_GIC);
	end(w);
}

static void put_smmu(struct writer *w, const struct rl_plan *p)
{
	static const char names[] = "eventq\0cmdq-sync\0gerror";
	char node[48];
	uint64_t base = smmu_base(p, node, sizeof(node));

	begin(w, node);
	put_string(w, "compatible", "arm,smmu-v3");
	put_reg(w, base, DMASIM_SMMU_REGS_SIZE);
	PUT(w, "interrupts", 0, SPI_EVENTQ, 1, 0, SPI_SYNC, 1, 0, SPI_GERROR,
	    1);
	note(w, fdt_property(w->fdt, "interrupt-names", names, sizeof(names)));
	put_flag(w, "dma-coherent");
	PUT(w, "#iommu-cells", 1);
	PUT(w, "phandle", PHANDLE_SMMU);
	put_string(w, "dmasim,profile", dmasim_smmu_profile_name(p->profile));
	PUT(w, "dmasim,stream-id-bits", p->stream_id_bits);
	end(w);
}

/** The requester ID is the low half of the StreamID; iommu-map adds the
 * rest. */
static void put_host(struct writer *w, const struct rl_plan *p)
{
	uint64_t base = plan_base(p);
	uint64_t ecam = base + PLAN_ECAM;
	uint64_t io = base + PLAN_IO, mem = base + PLAN_MEM;
	uint32_t bdf = p->stream_id & 0xffffu, bus = bdf >> 8;
	char node[48];

	begin_at(w, "pci", ecam);
	put_string(w, "compatible", "pci-host-ecam-generic");
	put_string(w, "device_type", "pci");
	PUT(w, "#address-cells", 3);
	PUT(w, "#size-cells", 2);
	PUT(w, "#interrupt-cells", 1);
	PUT(w, "bus-range", bus, bus);
	put_reg(w, ecam, PLAN_ECAM_SIZE);
	PUT(w, "ranges", 0x01000000, 0, 0, HIGH32(io), LOW32(io), 0,
	    PLAN_IO_SIZE, 0x02000000, 0, LOW32(PLAN_MEM), HIGH32(mem),
	    LOW32(mem), 0, PLAN_MEM_SIZE);
	PUT(w, "interrupt-map-mask", 0, 0, 0, 7);
	PUT(w, "interrupt-map", 0, 0, 0, 1, PHANDLE_GIC, 0, SPI_INTA, 4, 0, 0,
	    0, 2, PHANDLE_GIC, 0, SPI_INTA + 1, 4, 0, 0, 0, 3, PHANDLE_GIC, 0,
	    SPI_INTA + 2, 4, 0, 0, 0, 4, PHANDLE_GIC, 0, SPI_INTA + 3, 4);
	PUT(w, "iommu-map", 0, PHANDLE_SMMU, p->stream_id & 0xffff0000u,
	    0x10000);
	put_flag(w, "dma-coherent");
	snprintf(node, sizeof(node), "device@%x,%x", bdf >> 3 & 0x1f, bdf & 7);
	begin(w, node);
	PUT(w, "reg", bdf << 8, 0, 0, 0, 0);
	put_string(w, "dmasim,device",
	           p->device == RL_TESTDEV ? "testdev" : "blk-legacy");
	if (p->device == RL_LEGACY_DISK)
		PUT(w, "dmasim,queue-size", p->queue_size);
	end(w);
	end(w);
}

static void put_mmio(struct writer *w, const struct rl_plan *p)
{
	uint64_t base = plan_base(p) + PLAN_MMIO;

	begin_at(w, "virtio", base);
	put_string(w, "compatible", "virtio,mmio");
	put_reg(w, base, PLAN_MMIO_SIZE);
	PUT(w, "interrupts", 0, SPI_MMIO, 1);
	PUT(w, "iommus", PHANDLE_SMMU, p->stream_id);
	put_flag(w, "dma-coherent");
	put_string(w, "dmasim,device", "blk");
	PUT(w, "dmasim,virtio-version", 2);
	PUT(w, "dmasim,queue-size", p->queue_size);
	end(w);
}

int rl_plan_build(const struct rl_plan *p, void **fdt, size_t *size)
{
	struct writer w = {.fdt = calloc(1, PLAN_TREE_SIZE)};

	if (!w.fdt)
		return DMASIM_E_NOMEM;
	note(&w, fdt_create(w.fdt, PLAN_TREE_SIZE));
	note(&w, fdt_finish_reservemap(w.fdt));
	begin(&w, "");
	put_string(&w, "model", "made up for a log");
	PUT(&w, "#address-cells", 2);
	PUT(&w, "#size-cells", 2);
	PUT(&w, "interrupt-parent", PHANDLE_GIC);
	put_memory(&w, p);
	put_gic(&w, p);
	put_smmu(&w, p);
	if (p->device == RL_MODERN_DISK)
		put_mmio(&w, p);
	else
		put_host(&w, p);
	end(&w);
	note(&w, fdt_finish(w.fdt));
	if (w.error) {
		/* The only thing that can go wrong is its size. */
		free(w.fdt);
		return DMASIM_E_NOMEM;
	}
	*fdt = w.fdt;
	*size = fdt_totalsize(w.fdt);
	return DMASIM_OK;
}
