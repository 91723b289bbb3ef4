/* SPDX-License-Identifier: MIT */
#include "traffic.h"

#include "invariants.h"

void traffic_add(struct traffic *t, const struct dmasim_port *p)
{
	t->ports[t->port_count++] = p;
}

static enum dmasim_result go(struct traffic *t, uint32_t port,
                             enum dmasim_op op, uint64_t addr, uint8_t *data,
                             uint32_t size, uint32_t flags)
{
	uint64_t x = rig_random(&t->seed);
	struct dmasim_txn txn = {.op = op,
	                         .addr = addr,
	                         .size = size,
	                         .data = data,
	                         .attr = t->attr,
	                         .flags = flags,
	                         .origin = {.what = "traffic"}};

	if (t->mixed && (x & 3) == 0)
		txn.attr.inner = txn.attr.outer = DMASIM_WT;
	if ((x >> 8 & 7) < 3)
		txn.attr.alloc = x >> 12 & 7;
	return rig_access(t->r, t->ports[port], &txn);
}

/* What a write of @port does to the reservations of the others. */
static void wrote(struct traffic *t, uint32_t port, uint32_t at, uint32_t size)
{
	uint32_t line = t->r->line;

	for (uint32_t i = 0; i < t->port_count; i++)
		if (i != port && t->reserved[i] &&
		    t->reserved_line[i] >= at / line &&
		    t->reserved_line[i] <= (at + size - 1) / line)
			t->reserved[i] = false;
}

static void load_exclusive(struct traffic *t, uint32_t port, uint32_t at)
{
	uint8_t data[8];

	assert_int_equal(go(t, port, DMASIM_READ, RIG_RAM + at, data, 8,
	                    DMASIM_TXN_EXCLUSIVE),
	                 DMASIM_TXN_OK);
	assert_memory_equal(data, t->model + at, 8);
	t->reserved[port] = true;
	t->reserved_line[port] = at / t->r->line;
}

static void store_exclusive(struct traffic *t, uint32_t port, uint32_t at,
                            uint64_t value)
{
	bool good =
	        t->reserved[port] && t->reserved_line[port] == at / t->r->line;
	uint8_t data[8];

	memcpy(data, &value, 8);
	assert_int_equal(go(t, port, DMASIM_WRITE, RIG_RAM + at, data, 8,
	                    DMASIM_TXN_EXCLUSIVE),
	                 good ? DMASIM_TXN_OK : DMASIM_TXN_EXCLUSIVE_FAIL);
	t->reserved[port] = false;
	t->exclusives += good;
	t->failed += !good;
	if (!good)
		return;
	memcpy(t->model + at, data, 8);
	wrote(t, port, at, 8);
}

static void plain(struct traffic *t, uint32_t port, uint32_t at, uint32_t size,
                  uint64_t x)
{
	uint8_t data[300];

	if (size > AREA - at)
		size = AREA - at;
	if (x & 1) {
		assert_int_equal(
		        go(t, port, DMASIM_READ, RIG_RAM + at, data, size, 0),
		        DMASIM_TXN_OK);
		assert_memory_equal(data, t->model + at, size);
		return;
	}
	for (uint32_t i = 0; i < size; i++)
		data[i] = (uint8_t)((x >> (i % 40)) ^ i);
	memcpy(t->model + at, data, size);
	assert_int_equal(go(t, port, DMASIM_WRITE, RIG_RAM + at, data, size,
	                    x >> 1 & 7 ? 0 : DMASIM_TXN_STASH),
	                 DMASIM_TXN_OK);
	wrote(t, port, at, size);
}

static void atomic(struct traffic *t, uint32_t port, uint32_t at, uint64_t x)
{
	uint8_t data[8];

	memset(data, (int)(x & 0xff), 8);
	assert_int_equal(
	        go(t, port, DMASIM_ATOMIC_SWAP, RIG_RAM + at, data, 8, 0),
	        DMASIM_TXN_OK);
	assert_memory_equal(data, t->model + at, 8);
	memset(t->model + at, (int)(x & 0xff), 8);
	wrote(t, port, at, 8);
}

static void maintain(struct traffic *t, uint32_t port, uint32_t at,
                     uint32_t size, uint64_t x)
{
	static const enum dmasim_op ops[] = {
	        DMASIM_CLEAN,     DMASIM_CLEAN_INVALIDATE,
	        DMASIM_CLEAN_POU, DMASIM_CLEAN_POP,
	        DMASIM_CLEAN_SW,  DMASIM_CLEAN_INVALIDATE_SW};
	enum dmasim_op op = ops[x % 6];
	uint64_t addr = RIG_RAM + at;

	/* Any operand; many name no line. */
	if (dmasim_op_is_set_way(op))
		addr = (x >> 8 & 0xfff) << 4 | (x >> 20 & 7) << 29 |
		       (x >> 24 & 3) << 1;
	assert_int_equal(go(t, port, op, addr, NULL, size, 0), DMASIM_TXN_OK);
}

/* The hardware's own doing. */
static void hardware(struct traffic *t, uint32_t at, uint64_t x)
{
	uint32_t cpu = x >> 4 & 3;
	uint64_t pa = RIG_RAM + at;

	if (t->attr.inner == DMASIM_NC)
		return;
	if (cpu == 3)
		cpu = x >> 6 & 1 ? DMASIM_SHARED_CACHE : DMASIM_SYSTEM_CACHE;
	switch (x % 3) {
	case 0:
		dmasim_memsys_prefetch(t->r->ms, t->filled[x >> 4 & 1], pa,
		                       &t->attr);
		break;
	case 1:
		dmasim_memsys_evict(t->r->ms, cpu, pa);
		break;
	default:
		dmasim_memsys_clean(t->r->ms, cpu, pa);
	}
}

static void step(struct traffic *t)
{
	uint64_t x = rig_random(&t->seed);
	uint32_t port = (uint32_t)(x % t->port_count);
	uint32_t at = (uint32_t)(x >> 32) % AREA;
	uint32_t size = 1 + (uint32_t)(x >> 16) % (x >> 12 & 1 ? 16 : 300);
	uint32_t small = (x >> 60 & 1 ? at : at % 256) & ~7u;

	switch (x >> 52 & 31) {
	case 0:
	case 1:
		maintain(t, port, at, size, x >> 8);
		break;
	case 2:
		atomic(t, port, small, x >> 8);
		break;
	case 3:
	case 4:
	case 5:
		load_exclusive(t, port, small);
		break;
	case 6:
	case 7:
	case 8:
		store_exclusive(t, port,
		                t->reserved[port] && x >> 61 & 3
		                        ? t->reserved_line[port] * t->r->line
		                        : small,
		                x);
		break;
	case 9:
	case 10:
		hardware(t, at, x >> 8);
		break;
	default:
		plain(t, port, at, size, x >> 8);
	}
}

void traffic_begin(struct traffic *t, struct rig *r, bool device)
{
	*t = (struct traffic){
	        .r = r, .attr = dmasim_attr_wb, .filled = {0, r->cpus}};
	for (uint32_t i = 0; i < r->cpus; i++)
		traffic_add(t, &r->core[i]);
	traffic_add(t, &r->host);
	if (device)
		traffic_add(t, &r->coherent);
}

void traffic_steps(struct traffic *t, uint64_t seed, unsigned count)
{
	char why[128];

	t->seed = seed * 0x9E3779B97F4A7C15ull + 1;
	t->r->slow.seed = t->r->slow.delay ? seed : 0;
	for (unsigned i = 0; i < count; i++) {
		step(t);
		/* Between two accesses nothing of theirs is pending, but a
		 * write-back or a fill may be. */
		if (!t->r->slow.in_flight &&
		    broken_promise(t->r->ms, true, why, sizeof(why)))
			fail_msg("step %u of seed %llu: %s", i,
			         (unsigned long long)seed, why);
	}
}

void traffic_end(struct traffic *t)
{
	static uint8_t ram[AREA];

	assert_int_equal(dmasim_memsys_flush(t->r->ms), DMASIM_OK);
	assert_int_equal(dmasim_map_peek(t->r->map, RIG_RAM, ram, AREA),
	                 DMASIM_OK);
	assert_memory_equal(ram, t->model, AREA);
	if (t->r->checker)
		rig_no_findings(t->r);
	rig_free(t->r);
}

struct rig_config shaped(enum shape shape, uint32_t line,
                         enum dmasim_replacement replace)
{
	const struct dmasim_cache_config absent = {.cycles = 1};
	struct rig_config cfg = {
	        .cpus = 2,
	        .line_size = line,
	        .no_checker = true,
	        .l1 = {4 * line, 2, 3, replace},
	        .shared = {16 * line, 4, 12, replace},
	};

	if (shape == L1_L2_SHARED || shape == L1_L2)
		cfg.l2 = (struct dmasim_cache_config){8 * line, 4, 6, replace};
	if (shape == L1_L2 || shape == L1_ONLY || shape == NONE)
		cfg.shared = absent;
	if (shape == SHARED_ONLY || shape == NONE)
		cfg.l1 = absent;
	return cfg;
}
