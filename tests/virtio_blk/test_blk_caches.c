/* SPDX-License-Identifier: MIT */
/* The disk behind real caches: a CPU writes the ring, the device's port is
 * coherent or not. */
#include "check.h"

#include <stdlib.h>

#include "dmasim/cpu.h"
#include "dmasim/irq.h"
#include "dmasim/virtio_blk.h"

#define RAM     0x80000000ull
#define REGS    0x0a000000ull
#define DESC    (RAM + 0x10000)
#define AVAIL   (RAM + 0x11000)
#define USED    (RAM + 0x12000)
#define HEADER  (RAM + 0x20000)
#define STATUS  (RAM + 0x20100)
#define DATA    (RAM + 0x21000)
#define TIMEOUT DMASIM_MS

struct machine {
	struct dmasim_kernel *k;
	struct dmasim_irqc *ic;
	struct dmasim_map *map;
	struct dmasim_checker *checker;
	struct dmasim_memsys *ms;
	struct dmasim_cpu *cpu;
	struct dmasim_disk *disk;
	struct dmasim_blk *blk;
	struct dmasim_irq irq;
	/** The driver cleans and invalidates by address. */
	bool maintain;
};

static void create_memory(struct machine *m)
{
	struct dmasim_map_config mc = {.kernel = m->k};
	struct dmasim_checker_config cc = {.kernel = m->k};
	struct dmasim_memsys_config sc = {.kernel = m->k, .cpus = 1};
	struct dmasim_cpu_config pc = {.kernel = m->k};

	assert_int_equal(dmasim_map_create(&mc, &m->map), DMASIM_OK);
	assert_int_equal(dmasim_map_add_ram(m->map, "ram", RAM, 0x100000),
	                 DMASIM_OK);
	assert_int_equal(dmasim_checker_create(&cc, &m->checker), DMASIM_OK);
	sc.map = m->map;
	sc.checker = m->checker;
	assert_int_equal(dmasim_memsys_create(&sc, &m->ms), DMASIM_OK);
	pc.memsys = m->ms;
	assert_int_equal(dmasim_cpu_create(&pc, &m->cpu), DMASIM_OK);
	assert_int_equal(
	        dmasim_cpu_map(m->cpu, RAM, RAM, 0x100000, &dmasim_attr_wb),
	        DMASIM_OK);
	assert_int_equal(
	        dmasim_cpu_map(m->cpu, REGS, REGS, 0x1000, &dmasim_attr_device),
	        DMASIM_OK);
}

static void create(struct machine *m, enum dmasim_port_kind kind)
{
	struct dmasim_device_port_config dc = {
	        .name = "virtio-blk 0",
	        .kind = kind,
	        .agent_kind = kind == DMASIM_PORT_COHERENT
	                              ? DMASIM_AGENT_COHERENT_DEVICE
	                              : DMASIM_AGENT_NONCOHERENT_DEVICE,
	};
	struct dmasim_blk_config bc = {.name = "virtio-blk 0"};
	struct dmasim_port regs;
	uint8_t sector[512];

	assert_int_equal(dmasim_kernel_create(NULL, &m->k), DMASIM_OK);
	assert_int_equal(dmasim_irqc_create(m->k, "gic", &m->ic), DMASIM_OK);
	m->irq = (struct dmasim_irq){m->ic, 7};
	create_memory(m);
	assert_int_equal(dmasim_memsys_add_port(m->ms, &dc, &bc.dma, &bc.agent),
	                 DMASIM_OK);
	bc.checker = m->checker;
	assert_int_equal(dmasim_disk_memory(1 << 20, &m->disk), DMASIM_OK);
	memset(sector, 0x3c, sizeof(sector));
	assert_int_equal(dmasim_disk_write(m->disk, 0, sector, 512), DMASIM_OK);
	bc.kernel = m->k;
	bc.disk = m->disk;
	assert_int_equal(dmasim_blk_create(&bc, &m->blk), DMASIM_OK);
	assert_int_equal(
	        dmasim_virtio_mmio(dmasim_blk_virtio(m->blk), 2, m->irq, &regs),
	        DMASIM_OK);
	assert_int_equal(
	        dmasim_map_add_mmio(m->map, "disk", REGS, 0x200, &regs),
	        DMASIM_OK);
}

static void destroy(struct machine *m)
{
	dmasim_blk_destroy(m->blk);
	dmasim_disk_destroy(m->disk);
	dmasim_cpu_destroy(m->cpu);
	dmasim_memsys_destroy(m->ms);
	dmasim_checker_destroy(m->checker);
	dmasim_map_destroy(m->map);
	dmasim_irqc_destroy(m->ic);
	dmasim_kernel_destroy(m->k);
}

static void put(struct machine *m, uint64_t va, uint32_t size, uint64_t v)
{
	assert_int_equal(dmasim_cpu_store(m->cpu, va, size, v), DMASIM_OK);
}

static uint64_t get(struct machine *m, uint64_t va, uint32_t size)
{
	uint64_t v = 0;

	assert_int_equal(dmasim_cpu_load(m->cpu, va, size, &v), DMASIM_OK);
	return v;
}

/** What dma_sync and an NC ring save a driver from doing by hand. */
static void maintain(struct machine *m, enum dmasim_op op)
{
	static const uint64_t places[] = {DESC,   AVAIL,  USED,
	                                  HEADER, STATUS, DATA};

	if (m->maintain)
		for (size_t i = 0; i < 6; i++)
			assert_int_equal(dmasim_cpu_maintain(m->cpu, op,
			                                     places[i], 512,
			                                     DMASIM_HERE),
			                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_barrier(m->cpu, DMASIM_DSB, DMASIM_HERE),
	                 DMASIM_OK);
}

static void start(struct machine *m)
{
	static const struct {
		uint32_t reg;
		uint64_t value;
	} writes[] = {
	        {0x70, 0},     {0x70, 3},    {0x24, 1},  {0x20, 1},
	        {0x70, 11},    {0x30, 0},    {0x38, 16}, {0x80, DESC},
	        {0x90, AVAIL}, {0xa0, USED}, {0x44, 1},  {0x70, 15},
	};

	for (size_t i = 0; i < sizeof(writes) / sizeof(*writes); i++)
		put(m, REGS + writes[i].reg, 4, writes[i].value & 0xffffffff);
}

static void desc(struct machine *m, uint32_t i, uint64_t addr, uint32_t len,
                 uint32_t flags_next)
{
	put(m, DESC + 16ull * i, 8, addr);
	put(m, DESC + 16ull * i + 8, 4, len);
	put(m, DESC + 16ull * i + 12, 4, flags_next);
}

/** Read sector 0 as a driver does; the status of the wait. */
static int read_sector(struct machine *m)
{
	/* The lines are in the CPU's cache from some earlier use. */
	get(m, USED, 4);
	get(m, DATA, 8);
	put(m, HEADER, 8, 0);
	put(m, HEADER + 8, 8, 0);
	put(m, STATUS, 1, 0xff);
	desc(m, 0, HEADER, 16, 1 | 1u << 16);
	desc(m, 1, DATA, 512, 3 | 2u << 16);
	desc(m, 2, STATUS, 1, 2);
	put(m, AVAIL + 4, 2, 0);
	put(m, AVAIL + 2, 2, 1);
	maintain(m, DMASIM_CLEAN_INVALIDATE);
	put(m, REGS + 0x50, 4, 0);
	return dmasim_irq_wait(m->irq, TIMEOUT);
}

static void coherent_port_needs_no_maintenance(void **state)
{
	struct machine m = {0};

	(void)state;
	create(&m, DMASIM_PORT_COHERENT);
	start(&m);
	assert_int_equal(read_sector(&m), DMASIM_OK);
	assert_int_equal(get(&m, USED + 2, 2), 1);
	assert_int_equal(get(&m, USED + 8, 4), 513);
	assert_int_equal(get(&m, STATUS, 1), 0);
	assert_int_equal(get(&m, DATA + 504, 8), 0x3c3c3c3c3c3c3c3c);
	assert_int_equal(dmasim_finding_count(m.checker), 0);
	destroy(&m);
}

static void noncoherent_port_reads_an_old_index(void **state)
{
	struct machine m = {0};
	const struct dmasim_finding *f;

	(void)state;
	create(&m, DMASIM_PORT_NONCOHERENT);
	start(&m);
	/* The device sees nothing to do, and the driver waits in vain. */
	assert_int_equal(read_sector(&m), DMASIM_E_HANG);
	assert_int_equal(get(&m, USED + 2, 2), 0);
	f = dmasim_finding_get(m.checker, 0);
	assert_non_null(f);
	assert_int_equal(f->addr, AVAIL + 2);
	assert_int_equal(f->seen[0], 0);
	assert_int_equal(f->expected[0], 1);
	assert_string_equal(f->reader.agent, "virtio-blk 0");
	assert_string_equal(f->reader.where,
	                    "read avail.idx, queue 0, request 1");
	assert_string_equal(f->writer.agent, "cpu0");
	destroy(&m);
}

static void maintenance_serves_a_noncoherent_port(void **state)
{
	struct machine m = {.maintain = true};

	(void)state;
	create(&m, DMASIM_PORT_NONCOHERENT);
	start(&m);
	assert_int_equal(read_sector(&m), DMASIM_OK);
	maintain(&m, DMASIM_INVALIDATE);
	assert_int_equal(get(&m, USED + 2, 2), 1);
	assert_int_equal(get(&m, STATUS, 1), 0);
	assert_int_equal(get(&m, DATA, 8), 0x3c3c3c3c3c3c3c3c);
	assert_int_equal(dmasim_finding_count(m.checker), 0);
	destroy(&m);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(coherent_port_needs_no_maintenance),
        cmocka_unit_test(noncoherent_port_reads_an_old_index),
        cmocka_unit_test(maintenance_serves_a_noncoherent_port),
};

CHECK_MAIN(tests)
