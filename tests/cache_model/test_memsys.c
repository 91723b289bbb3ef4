/* SPDX-License-Identifier: MIT */
/* The memory system: paths, coherency, maintenance, latency, statistics. */
#include "rig.h"

#define A (RIG_RAM + 0x1000)

static void check_config(struct rig *r, struct dmasim_memsys_config cfg)
{
	struct dmasim_memsys *ms = (struct dmasim_memsys *)r;

	assert_int_equal(dmasim_memsys_create(&cfg, &ms), DMASIM_E_INVAL);
	assert_null(ms);
}

static void bad_configurations(void **state)
{
	struct rig *r = *state;
	const struct dmasim_memsys_config good = {
	        .kernel = r->k, .map = r->map, .cpus = 1};
	struct dmasim_memsys_config c;
	const struct dmasim_cache_config geometry[] = {
	        {.size = 1000, .ways = 4},     {.size = 0x8000, .ways = 3},
	        {.size = 0x8000, .cycles = 1}, {.size = 0x8000, .ways = 33},
	        {.size = 64, .ways = 4},       {.size = 3 * 64 * 4, .ways = 4},
	        {.size = 1u << 31, .ways = 4},
	};

	c = good;
	c.kernel = NULL;
	check_config(r, c);
	c = good;
	c.map = NULL;
	check_config(r, c);
	c = good;
	c.cpus = 0;
	check_config(r, c);
	c.cpus = 65;
	check_config(r, c);
	c = good;
	c.line_size = 8;
	check_config(r, c);
	c.line_size = 4096;
	check_config(r, c);
	c.line_size = 48;
	check_config(r, c);
	for (size_t i = 0; i < sizeof(geometry) / sizeof(geometry[0]); i++) {
		c = good;
		c.l1 = geometry[i];
		check_config(r, c);
		c = good;
		c.shared = geometry[i];
		check_config(r, c);
	}
	for (size_t i = 0; i < sizeof(geometry) / sizeof(geometry[0]); i++) {
		c = good;
		c.l2 = geometry[i];
		check_config(r, c);
		c = good;
		c.system = geometry[i];
		check_config(r, c);
	}
	c = good;
	c.protocol = (enum dmasim_protocol)2;
	check_config(r, c);
	c = good;
	c.l1 = (struct dmasim_cache_config){
	        .size = 64 * 12, .ways = 3, .replacement = DMASIM_REPLACE_PLRU};
	check_config(r, c);
	c.l1.replacement = (enum dmasim_replacement)3;
	check_config(r, c);
	c = good;
	c.l1.cycles = 1;
	c.l2 = (struct dmasim_cache_config){.size = 1024, .ways = 2};
	check_config(r, c);
	dmasim_memsys_destroy(NULL);
}

static void ports(void **state)
{
	struct rig *r = *state;
	struct dmasim_port port;
	struct dmasim_cache_stats s;
	uint32_t agent = 0;

	assert_int_equal(dmasim_memsys_cpu_port(r->ms, 2, &port),
	                 DMASIM_E_RANGE);
	assert_int_equal(
	        dmasim_memsys_add_port(r->ms,
	                               &(struct dmasim_device_port_config){
	                                       .kind = DMASIM_PORT_CACHED},
	                               &port, NULL),
	        DMASIM_E_INVAL);
	assert_int_equal(
	        dmasim_memsys_add_port(
	                r->ms,
	                &(struct dmasim_device_port_config){
	                        .name = "x", .kind = (enum dmasim_port_kind)9},
	                &port, NULL),
	        DMASIM_E_INVAL);
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(dmasim_memsys_add_port(
		                         r->ms,
		                         &(struct dmasim_device_port_config){
		                                 .name = "x",
		                                 .kind = DMASIM_PORT_CACHED},
		                         &port, &agent),
		                 DMASIM_OK);
	assert_string_equal(dmasim_agent_name(r->checker, agent), "x");
	assert_int_equal(dmasim_memsys_cached_ports(r->ms), 23);
	assert_string_equal(dmasim_memsys_cached_name(r->ms, 1), "cpu1");
	assert_string_equal(dmasim_memsys_cached_name(r->ms, 2), "host");
	assert_string_equal(dmasim_memsys_cached_name(r->ms, 22), "x");
	assert_null(dmasim_memsys_cached_name(r->ms, 23));
	assert_int_equal(dmasim_memsys_stats(r->ms, 1, 22, &s), DMASIM_OK);
	assert_int_equal(dmasim_memsys_stats(r->ms, 1, 23, &s),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_memsys_stats(r->ms, 3, 0, &s),
	                 DMASIM_E_NOTFOUND);
}

/* Two memory systems and several CPUs of one number on one kernel. */
static void several_on_one_kernel(void **state)
{
	struct rig *r = *state;
	struct dmasim_memsys *ms[3];
	struct dmasim_cpu *cpu[3];

	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(
		        dmasim_memsys_create(
		                &(struct dmasim_memsys_config){.kernel = r->k,
		                                               .map = r->map,
		                                               .cpus = 1},
		                &ms[i]),
		        DMASIM_OK);
		assert_int_equal(
		        dmasim_cpu_create(
		                &(struct dmasim_cpu_config){.kernel = r->k,
		                                            .memsys = ms[i]},
		                &cpu[i]),
		        DMASIM_OK);
	}
	for (unsigned i = 0; i < 3; i++) {
		dmasim_cpu_destroy(cpu[i]);
		dmasim_memsys_destroy(ms[i]);
	}
}

static void write_back(void **state)
{
	struct rig *r = *state;
	struct dmasim_cache_stats s;

	rig_write(r, &r->core[0], A, 1, &dmasim_attr_wb);
	assert_int_equal(rig_ram(r, A), 0);
	assert_int_equal(rig_read(r, &r->core[0], A, &dmasim_attr_wb), 1);
	assert_int_equal(dmasim_memsys_stats(r->ms, 1, 0, &s), DMASIM_OK);
	assert_int_equal(s.writes, 1);
	assert_int_equal(s.write_misses, 1);
	assert_int_equal(s.reads, 1);
	assert_int_equal(s.read_misses, 0);
	assert_int_equal(s.writebacks, 0);
	/* The other CPU gets it from the cache. */
	assert_int_equal(rig_read(r, &r->core[1], A, &dmasim_attr_wb), 1);
	assert_int_equal(rig_ram(r, A), 0);
	assert_int_equal(dmasim_memsys_stats(r->ms, 1, 0, &s), DMASIM_OK);
	assert_int_equal(s.writebacks, 1);
	assert_int_equal(s.snoops, 1);
	/* Its write takes the line away. */
	rig_write(r, &r->core[1], A, 2, &dmasim_attr_wb);
	assert_int_equal(rig_read(r, &r->core[0], A, &dmasim_attr_wb), 2);
	assert_int_equal(dmasim_memsys_stats(r->ms, 1, 0, &s), DMASIM_OK);
	assert_int_equal(s.read_misses, 1);
	assert_int_equal(dmasim_memsys_flush(r->ms), DMASIM_OK);
	assert_int_equal(rig_ram(r, A), 2);
	assert_int_equal(dmasim_memsys_stats(r->ms, 2, 0, &s), DMASIM_OK);
	assert_true(s.writebacks >= 1);
	rig_no_findings(r);
}

/* Every path, by what reaches memory. */
static void whole_line_writes_fetch_nothing(void **state)
{
	struct rig *r = *state;
	uint8_t line[128];

	memset(line, 7, sizeof(line));
	assert_int_equal(rig_move(r, &r->core[0], DMASIM_WRITE, A, line, 128,
	                          &dmasim_attr_wb),
	                 DMASIM_TXN_OK);
	assert_int_equal(r->slow.accesses, 0);
	assert_int_equal(rig_move(r, &r->core[0], DMASIM_WRITE, A + 128, line,
	                          63, &dmasim_attr_wb),
	                 DMASIM_TXN_OK);
	assert_int_equal(r->slow.reads, 1);
	assert_int_equal(r->slow.last_cause, DMASIM_CAUSE_FILL);
	/* Over another CPU's dirty line. */
	rig_write(r, &r->core[1], A + 256, 1, &dmasim_attr_wb);
	assert_int_equal(rig_move(r, &r->core[0], DMASIM_WRITE, A + 256, line,
	                          64, &dmasim_attr_wb),
	                 DMASIM_TXN_OK);
	assert_int_equal(rig_read(r, &r->core[1], A + 256, &dmasim_attr_wb),
	                 0x0707070707070707);
	rig_no_findings(r);
}

static void non_cacheable_goes_past(void **state)
{
	struct rig *r = *state;

	rig_write(r, &r->core[0], A, 1, &dmasim_attr_wb);
	rig_write(r, &r->core[0], A, 2, &dmasim_attr_nc);
	assert_int_equal(rig_ram(r, A), 2);
	/* It did not look: the cache still has its own. */
	assert_int_equal(rig_read(r, &r->core[0], A, &dmasim_attr_wb), 1);
	assert_int_equal(rig_read(r, &r->core[0], A, &dmasim_attr_nc), 2);
	assert_int_equal(rig_read(r, &r->core[1], A, &dmasim_attr_device), 2);
	assert_int_equal(rig_read(r, &r->noncoherent, A, &dmasim_attr_wb), 2);
	assert_int_equal(rig_read(r, &r->coherent, A, &dmasim_attr_nc), 2);
	assert_int_equal(rig_read(r, &r->coherent, A, &dmasim_attr_wb), 1);
	assert_int_equal(rig_read(r, &r->host, A, &dmasim_attr_wb), 1);
}

static void coherent_port(void **state)
{
	struct rig *r = *state;
	struct dmasim_cache_stats s;
	uint64_t before;

	/* Dirty data comes from the cache, and stays there. */
	rig_write(r, &r->core[0], A, 0x1111, &dmasim_attr_wb);
	rig_write(r, &r->core[0], A + 32, 0x2222, &dmasim_attr_wb);
	assert_int_equal(rig_read(r, &r->coherent, A, &dmasim_attr_wb), 0x1111);
	assert_int_equal(rig_ram(r, A), 0);
	/* Nothing is allocated for it. */
	before = r->slow.reads;
	rig_read(r, &r->coherent, A + 64, &dmasim_attr_wb);
	rig_read(r, &r->coherent, A + 64, &dmasim_attr_wb);
	assert_int_equal(r->slow.reads, before + 2);
	/* Its write takes the line with the other dirty bytes to memory. */
	rig_write(r, &r->coherent, A, 0x3333, &dmasim_attr_wb);
	assert_int_equal(rig_ram(r, A), 0x3333);
	assert_int_equal(rig_ram(r, A + 32), 0x2222);
	assert_int_equal(rig_read(r, &r->core[0], A, &dmasim_attr_wb), 0x3333);
	assert_int_equal(rig_read(r, &r->core[0], A + 32, &dmasim_attr_wb),
	                 0x2222);
	assert_int_equal(dmasim_memsys_stats(r->ms, 1, 0, &s), DMASIM_OK);
	assert_int_equal(s.snoops, 2);
	/* A shared line, from the L2. */
	rig_read(r, &r->core[1], A, &dmasim_attr_wb);
	rig_write(r, &r->coherent, A + 8, 4, &dmasim_attr_wb);
	assert_int_equal(rig_read(r, &r->core[1], A + 8, &dmasim_attr_wb), 4);
	rig_no_findings(r);
}

static void write_through(void **state)
{
	struct rig *r = *state;
	struct dmasim_cache_stats s;
	uint64_t v = 1;

	rig_write(r, &r->core[0], A, 1, &dmasim_attr_wt);
	assert_int_equal(rig_ram(r, A), 1);
	assert_int_equal(rig_read(r, &r->core[0], A, &dmasim_attr_wt), 1);
	/* It is cached for reading, and a write leaves it there. */
	rig_write(r, &r->core[0], A, 2, &dmasim_attr_wt);
	assert_int_equal(rig_ram(r, A), 2);
	assert_int_equal(rig_read(r, &r->core[0], A, &dmasim_attr_wt), 2);
	assert_int_equal(dmasim_memsys_stats(r->ms, 1, 0, &s), DMASIM_OK);
	assert_int_equal(s.read_misses, 1);
	/* Dirty bytes of the line go along. */
	rig_write(r, &r->core[1], A + 8, 0x77, &dmasim_attr_wb);
	rig_write(r, &r->core[0], A, 3, &dmasim_attr_wt);
	assert_int_equal(rig_ram(r, A + 8), 0x77);
	assert_int_equal(rig_read(r, &r->core[1], A, &dmasim_attr_wb), 3);
	/* ... and nothing of it is left to be written. */
	rig_write(r, &r->core[0], A + 16, 0x55, &dmasim_attr_wb);
	rig_write(r, &r->core[0], A + 24, 0x66, &dmasim_attr_wt);
	r->slow.writes = 0;
	assert_int_equal(dmasim_memsys_flush(r->ms), DMASIM_OK);
	assert_int_equal(r->slow.writes, 0);
	assert_int_equal(rig_ram(r, A + 16), 0x55);
	/* Atomics happen in memory. */
	assert_int_equal(rig_move(r, &r->core[0], DMASIM_ATOMIC_ADD, A, &v, 8,
	                          &dmasim_attr_wt),
	                 DMASIM_TXN_OK);
	assert_int_equal(v, 3);
	assert_int_equal(rig_ram(r, A), 4);
	assert_int_equal(rig_read(r, &r->core[0], A, &dmasim_attr_wt), 4);
}

static void atomics(void **state)
{
	struct rig *r = *state;
	struct dmasim_port *p[] = {&r->core[0], &r->core[1], &r->coherent,
	                           &r->host};
	uint64_t cas[2] = {99, 400}, v;

	for (unsigned i = 0; i < 400; i++) {
		v = 1;
		assert_int_equal(rig_move(r, p[i * 7 % 4], DMASIM_ATOMIC_ADD, A,
		                          &v, 8, &dmasim_attr_wb),
		                 DMASIM_TXN_OK);
		assert_int_equal(v, i);
	}
	assert_int_equal(rig_move(r, &r->coherent, DMASIM_ATOMIC_CAS, A, cas, 8,
	                          &dmasim_attr_wb),
	                 DMASIM_TXN_OK);
	assert_int_equal(cas[0], 400);
	assert_int_equal(rig_read(r, &r->core[0], A, &dmasim_attr_wb), 99);
	/* Refused: a size, a line crossed, no data. */
	assert_int_equal(rig_move(r, &r->core[0], DMASIM_ATOMIC_ADD, A, cas, 3,
	                          &dmasim_attr_wb),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(rig_move(r, &r->core[0], DMASIM_ATOMIC_ADD, A, cas, 16,
	                          &dmasim_attr_wb),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(rig_move(r, &r->core[0], DMASIM_ATOMIC_ADD, A + 60,
	                          cas, 8, &dmasim_attr_wb),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(rig_move(r, &r->core[0], DMASIM_ATOMIC_ADD, A, NULL, 8,
	                          &dmasim_attr_wb),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(rig_move(r, &r->core[0], DMASIM_READ, A, NULL, 8,
	                          &dmasim_attr_wb),
	                 DMASIM_TXN_SLAVE);
	v = 5;
	assert_int_equal(rig_move(r, &r->core[0], DMASIM_ATOMIC_EOR, A + 128,
	                          &v, 8, &dmasim_attr_nc),
	                 DMASIM_TXN_OK);
	assert_int_equal(rig_ram(r, A + 128), 5);
	rig_no_findings(r);
}

static void registers(void **state)
{
	struct rig *r = *state;
	uint8_t b[16];

	/* Never cached, whatever the mapping says, and not split. */
	for (unsigned i = 1; i <= 3; i++) {
		assert_int_equal(rig_move(r, &r->core[0], DMASIM_READ,
		                          RIG_MMIO + 60, b, 8, &dmasim_attr_wb),
		                 DMASIM_TXN_OK);
		assert_int_equal(b[7], 0xd5);
		assert_int_equal(r->register_accesses, i);
		assert_int_equal(r->register_offset, 60);
	}
	assert_int_equal(rig_move(r, &r->coherent, DMASIM_WRITE, RIG_MMIO, b,
	                          16, &dmasim_attr_wb),
	                 DMASIM_TXN_SLAVE);
	/* An atomic at a register. */
	assert_int_equal(rig_move(r, &r->coherent, DMASIM_ATOMIC_ADD, RIG_MMIO,
	                          b, 4, &dmasim_attr_device),
	                 DMASIM_TXN_OK);
	assert_int_equal(dmasim_finding_count(r->checker), 0);
}

static void nothing_there(void **state)
{
	struct rig *r = *state;
	struct dmasim_port *p[] = {&r->core[0], &r->coherent, &r->noncoherent,
	                           &r->host};
	uint8_t b[64];

	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(rig_move(r, p[i], DMASIM_READ, 0x1000, b, 8,
		                          &dmasim_attr_wb),
		                 DMASIM_TXN_DECODE);
		/* Part of it lies behind RAM. */
		assert_int_equal(rig_move(r, p[i], DMASIM_WRITE,
		                          RIG_RAM + RIG_SIZE - 4, b, 8,
		                          &dmasim_attr_wb),
		                 DMASIM_TXN_DECODE);
		assert_int_equal(rig_move(r, p[i], DMASIM_READ,
		                          DMASIM_PA_MAX + 1, b, 1,
		                          &dmasim_attr_wb),
		                 DMASIM_TXN_DECODE);
		assert_int_equal(rig_move(r, p[i], DMASIM_READ,
		                          DMASIM_PA_MAX - 6, b, 8,
		                          &dmasim_attr_wb),
		                 DMASIM_TXN_DECODE);
		assert_int_equal(rig_move(r, p[i], DMASIM_READ, UINT64_MAX, b,
		                          8, &dmasim_attr_nc),
		                 DMASIM_TXN_DECODE);
		assert_int_equal(rig_move(r, p[i], DMASIM_READ, RIG_RAM, b, 0,
		                          &dmasim_attr_wb),
		                 DMASIM_TXN_DECODE);
		/* Nothing there is cached either. */
		assert_int_equal(rig_move(r, p[i], DMASIM_CLEAN, 0x1000, NULL,
		                          64, &dmasim_attr_wb),
		                 DMASIM_TXN_OK);
		assert_int_equal(rig_move(r, p[i], DMASIM_BARRIER, 0, NULL, 0,
		                          &dmasim_attr_wb),
		                 DMASIM_TXN_OK);
	}
}

static void top_of_52_bits(void **state)
{
	struct rig *r = *state;
	uint64_t top = DMASIM_PA_MAX - 7;

	assert_int_equal(dmasim_map_add_ram(r->map, "top",
	                                    DMASIM_PA_MAX - 0xfff, 0x1000),
	                 DMASIM_OK);
	rig_write(r, &r->core[0], top, 0x1234, &dmasim_attr_wb);
	assert_int_equal(rig_read(r, &r->core[1], top, &dmasim_attr_wb),
	                 0x1234);
	assert_int_equal(rig_read(r, &r->coherent, top, &dmasim_attr_wb),
	                 0x1234);
	assert_int_equal(rig_move(r, &r->core[0], DMASIM_CLEAN_INVALIDATE, top,
	                          NULL, 8, &dmasim_attr_wb),
	                 DMASIM_TXN_OK);
	assert_int_equal(rig_ram(r, top), 0x1234);
	rig_no_findings(r);
}

/* Each operation: what memory has after it, and what a cached read sees. */
static void maintenance(void **state)
{
	struct rig *r = *state;
	const struct {
		enum dmasim_op op;
		unsigned by; /* who: the owner, another CPU, a device */
		uint64_t ram, seen;
	} rows[] = {
	        {DMASIM_CLEAN, 0, 5, 5},
	        {DMASIM_CLEAN, 1, 5, 5},
	        {DMASIM_CLEAN, 2, 5, 5},
	        {DMASIM_INVALIDATE, 0, 0, 0},
	        {DMASIM_INVALIDATE, 1, 0, 0},
	        {DMASIM_INVALIDATE, 2, 0, 0},
	        {DMASIM_CLEAN_INVALIDATE, 0, 5, 9},
	        {DMASIM_CLEAN_INVALIDATE, 1, 5, 9},
	        {DMASIM_CLEAN_INVALIDATE, 2, 5, 9},
	        /* A non-coherent port reaches no cache. */
	        {DMASIM_CLEAN, 3, 0, 5},
	};
	struct dmasim_port *p[] = {&r->core[0], &r->core[1], &r->coherent,
	                           &r->noncoherent};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t at = A + i * 256, nine = 9;

		rig_write(r, &r->core[0], at, 5, &dmasim_attr_wb);
		assert_int_equal(rig_move(r, p[rows[i].by], rows[i].op, at + 8,
		                          NULL, 1, &dmasim_attr_wb),
		                 DMASIM_TXN_OK);
		assert_int_equal(rig_ram(r, at), rows[i].ram);
		/* Whether the line is still there: RAM changes below it. */
		if (rows[i].op != DMASIM_INVALIDATE)
			assert_int_equal(dmasim_map_load(r->map, at, &nine, 8),
			                 DMASIM_OK);
		assert_int_equal(rig_read(r, &r->core[0], at, &dmasim_attr_wb),
		                 rows[i].seen);
	}
}

/* A dirty line in the L2, and an older one there below a newer one. */
static void maintenance_of_both_levels(void **state)
{
	struct rig *r = *state;

	rig_write(r, &r->core[0], A, 1, &dmasim_attr_wb);
	/* Now the L2 has it dirty, both L1s share it. */
	rig_read(r, &r->core[1], A, &dmasim_attr_wb);
	assert_int_equal(rig_move(r, &r->core[0], DMASIM_CLEAN, A, NULL, 8,
	                          &dmasim_attr_wb),
	                 DMASIM_TXN_OK);
	assert_int_equal(rig_ram(r, A), 1);
	rig_write(r, &r->core[0], A, 2, &dmasim_attr_wb);
	rig_read(r, &r->core[1], A, &dmasim_attr_wb);
	rig_write(r, &r->core[1], A, 3, &dmasim_attr_wb);
	rig_write(r, &r->core[1], A + 8, 4, &dmasim_attr_wb);
	assert_int_equal(rig_move(r, &r->core[0], DMASIM_CLEAN, A, NULL, 8,
	                          &dmasim_attr_wb),
	                 DMASIM_TXN_OK);
	assert_int_equal(rig_ram(r, A), 3);
	assert_int_equal(rig_ram(r, A + 8), 4);
	/* A clean copy that goes must not uncover an old one. */
	for (uint64_t a = 0; a < 0x10000; a += 64)
		rig_read(r, &r->core[1], RIG_RAM + 0x20000 + a,
		         &dmasim_attr_wb);
	assert_int_equal(rig_read(r, &r->core[1], A, &dmasim_attr_wb), 3);
	rig_no_findings(r);
}

/* Dirty bytes alone reach memory: what changed below the others stays. */
static void dirty_bytes_alone(void **state)
{
	struct rig *r = *state;
	uint8_t line[64], b = 0x11;

	memset(line, 0xee, sizeof(line));
	for (unsigned i = 0; i < 64; i += 3)
		assert_int_equal(rig_move(r, &r->core[0], DMASIM_WRITE, A + i,
		                          &b, 1, &dmasim_attr_wb),
		                 DMASIM_TXN_OK);
	assert_int_equal(dmasim_map_load(r->map, A, line, 64), DMASIM_OK);
	r->slow.writes = 0;
	r->slow.written = 0;
	assert_int_equal(rig_move(r, &r->core[1], DMASIM_CLEAN, A, NULL, 64,
	                          &dmasim_attr_wb),
	                 DMASIM_TXN_OK);
	assert_int_equal(r->slow.writes, 22);
	assert_int_equal(r->slow.written, 22);
	assert_int_equal(r->slow.last_cause, DMASIM_CAUSE_WRITEBACK);
	assert_int_equal(dmasim_map_peek(r->map, A, line, 64), DMASIM_OK);
	for (unsigned i = 0; i < 64; i++)
		assert_int_equal(line[i], i % 3 ? 0xee : 0x11);
	/* A run of bytes is one write. */
	assert_int_equal(rig_move(r, &r->core[0], DMASIM_WRITE, A + 5, line, 40,
	                          &dmasim_attr_wb),
	                 DMASIM_TXN_OK);
	r->slow.writes = 0;
	assert_int_equal(dmasim_memsys_flush(r->ms), DMASIM_OK);
	assert_int_equal(r->slow.writes, 1);
	r->slow.writes = 0;
	assert_int_equal(dmasim_memsys_flush(r->ms), DMASIM_OK);
	assert_int_equal(r->slow.writes, 0);
}

static enum dmasim_result look(struct rig *r, const struct dmasim_port *p,
                               uint64_t addr, const struct dmasim_attr *attr,
                               uint64_t *v)
{
	struct dmasim_txn txn = {.op = DMASIM_READ,
	                         .flags = DMASIM_TXN_DEBUG,
	                         .addr = addr,
	                         .size = 8,
	                         .data = (uint8_t *)v,
	                         .attr = *attr};

	(void)r;
	dmasim_access(p, &txn);
	assert_int_equal(txn.latency, 0);
	return txn.result;
}

static void looks(void **state)
{
	struct rig *r = *state;
	struct dmasim_cache_stats before, after;
	uint64_t v = 0;
	struct dmasim_txn txn = {.op = DMASIM_WRITE,
	                         .flags = DMASIM_TXN_DEBUG,
	                         .addr = A,
	                         .size = 8,
	                         .data = (uint8_t *)&v,
	                         .attr = dmasim_attr_wb};

	rig_write(r, &r->core[0], A + 60, 0x1111222233334444, &dmasim_attr_wb);
	assert_int_equal(dmasim_memsys_stats(r->ms, 1, 0, &before), DMASIM_OK);
	assert_int_equal(look(r, &r->core[1], A + 60, &dmasim_attr_wb, &v),
	                 DMASIM_TXN_OK);
	assert_int_equal(v, 0x1111222233334444);
	assert_int_equal(look(r, &r->coherent, A + 60, &dmasim_attr_wb, &v),
	                 DMASIM_TXN_OK);
	assert_int_equal(v, 0x1111222233334444);
	/* What that path would see. */
	assert_int_equal(look(r, &r->core[0], A + 60, &dmasim_attr_nc, &v),
	                 DMASIM_TXN_OK);
	assert_int_equal(v, 0);
	assert_int_equal(look(r, &r->noncoherent, A + 60, &dmasim_attr_wb, &v),
	                 DMASIM_TXN_OK);
	assert_int_equal(v, 0);
	assert_int_equal(look(r, &r->core[0], A + 4096, &dmasim_attr_wb, &v),
	                 DMASIM_TXN_OK);
	/* Registers are not looked at, and nothing is written. */
	assert_int_equal(look(r, &r->core[0], RIG_MMIO, &dmasim_attr_wb, &v),
	                 DMASIM_TXN_SLAVE);
	assert_int_equal(dmasim_access(&r->core[0], &txn), DMASIM_TXN_SLAVE);
	assert_int_equal(r->register_accesses, 0);
	assert_int_equal(dmasim_memsys_stats(r->ms, 1, 0, &after), DMASIM_OK);
	assert_memory_equal(&before, &after, sizeof(before));
	rig_no_findings(r);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

static const struct CMUnitTest tests[] = {
        TEST(bad_configurations),
        TEST(ports),
        TEST(several_on_one_kernel),
        TEST(write_back),
        TEST(whole_line_writes_fetch_nothing),
        TEST(non_cacheable_goes_past),
        TEST(coherent_port),
        TEST(write_through),
        TEST(atomics),
        TEST(registers),
        TEST(nothing_there),
        TEST(top_of_52_bits),
        TEST(maintenance),
        TEST(maintenance_of_both_levels),
        TEST(dirty_bytes_alone),
        TEST(looks),
};

CHECK_MAIN(tests)
