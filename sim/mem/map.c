/* SPDX-License-Identifier: MIT */
/* The address map: regions in address order, RAM behind them. */
#include "map_internal.h"

#include <stdlib.h>
#include <string.h>

int dmasim_map_create(const struct dmasim_map_config *cfg,
                      struct dmasim_map **out)
{
	struct dmasim_map *m;

	*out = NULL;
	if (!cfg->kernel)
		return DMASIM_E_INVAL;
	m = calloc(1, sizeof(*m));
	if (!m)
		return DMASIM_E_NOMEM;
	m->kernel = cfg->kernel;
	m->ram_latency = cfg->ram_latency ? cfg->ram_latency : MAP_RAM_LATENCY;
	m->ram_per_byte = MAP_RAM_PER_BYTE;
	if (cfg->ram_latency == DMASIM_FOREVER)
		m->ram_latency = m->ram_per_byte = 0;
	m->mmio_latency =
	        cfg->mmio_latency ? cfg->mmio_latency : MAP_MMIO_LATENCY;
	*out = m;
	return DMASIM_OK;
}

void map_regions_free(struct map_regions *rs)
{
	for (size_t i = 0; i < rs->len; i++)
		free(rs->r[i].name);
	free(rs->r);
	*rs = (struct map_regions){0};
}

void dmasim_map_destroy(struct dmasim_map *m)
{
	if (!m)
		return;
	map_regions_free(&m->regions);
	sparse_free(&m->ram);
	free(m);
}

/* The first region that ends behind @addr; len if there is none. */
static size_t first_behind(const struct map_regions *rs, uint64_t addr)
{
	size_t lo = 0, hi = rs->len;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct map_region *r = &rs->r[mid];

		if (r->base + (r->size - 1) < addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool holds(const struct map_region *r, uint64_t addr)
{
	return addr >= r->base && addr - r->base < r->size;
}

int map_regions_add(struct map_regions *rs, const struct map_region *region)
{
	struct map_region *r;
	size_t i, name_size;

	if (!region->name || !region->size)
		return DMASIM_E_INVAL;
	name_size = strlen(region->name) + 1;
	if (name_size > MAP_NAME_MAX)
		return DMASIM_E_INVAL;
	if (region->base > DMASIM_PA_MAX ||
	    region->size - 1 > DMASIM_PA_MAX - region->base)
		return DMASIM_E_RANGE;
	i = first_behind(rs, region->base);
	if (i < rs->len && rs->r[i].base <= region->base + (region->size - 1))
		return DMASIM_E_OVERLAP;
	if (rs->len == rs->cap) {
		size_t cap = rs->cap ? 2 * rs->cap : 16;

		r = realloc(rs->r, cap * sizeof(*r));
		if (!r)
			return DMASIM_E_NOMEM;
		rs->r = r;
		rs->cap = cap;
	}
	r = &rs->r[i];
	memmove(r + 1, r, (rs->len - i) * sizeof(*r));
	*r = *region;
	r->name = malloc(name_size);
	if (!r->name) {
		memmove(r, r + 1, (rs->len - i) * sizeof(*r));
		return DMASIM_E_NOMEM;
	}
	memcpy(r->name, region->name, name_size);
	rs->len++;
	return DMASIM_OK;
}

int dmasim_map_add_ram(struct dmasim_map *m, const char *name, uint64_t base,
                       uint64_t size)
{
	/* The name is copied before anybody could write to it. */
	struct map_region r = {
	        .base = base, .size = size, .name = (char *)name, .ram = true};

	if (base % SPARSE_PAGE || size % SPARSE_PAGE)
		return DMASIM_E_INVAL;
	return map_regions_add(&m->regions, &r);
}

int dmasim_map_add_mmio(struct dmasim_map *m, const char *name, uint64_t base,
                        uint64_t size, const struct dmasim_port *port)
{
	struct map_region r = {
	        .base = base, .size = size, .name = (char *)name};

	if (!port || !port->access)
		return DMASIM_E_INVAL;
	r.port = *port;
	return map_regions_add(&m->regions, &r);
}

int dmasim_map_remove(struct dmasim_map *m, uint64_t base)
{
	struct map_regions *rs = &m->regions;
	size_t i = first_behind(rs, base);

	if (i == rs->len || rs->r[i].base != base)
		return DMASIM_E_NOTFOUND;
	if (rs->r[i].ram)
		sparse_drop(&m->ram, base, rs->r[i].size);
	free(rs->r[i].name);
	rs->len--;
	memmove(&rs->r[i], &rs->r[i + 1], (rs->len - i) * sizeof(*rs->r));
	return DMASIM_OK;
}

static const struct map_region *find(const struct dmasim_map *m, uint64_t addr)
{
	const struct map_regions *rs = &m->regions;
	size_t i;

	if (m->last < rs->len && holds(&rs->r[m->last], addr))
		return &rs->r[m->last];
	i = first_behind(rs, addr);
	return i < rs->len && rs->r[i].base <= addr ? &rs->r[i] : NULL;
}

static void describe(const struct map_region *r,
                     struct dmasim_region_info *info)
{
	*info = (struct dmasim_region_info){
	        .name = r->name,
	        .base = r->base,
	        .size = r->size,
	        .ram = r->ram,
	};
}

int dmasim_map_find(const struct dmasim_map *m, uint64_t addr,
                    struct dmasim_region_info *info)
{
	const struct map_region *r = find(m, addr);

	if (!r)
		return DMASIM_E_NOTFOUND;
	describe(r, info);
	return DMASIM_OK;
}

bool dmasim_map_is_ram(const struct dmasim_map *m, uint64_t addr, uint64_t size)
{
	const struct map_region *r = find(m, addr);

	return r && r->ram && size <= r->size - (addr - r->base);
}

bool dmasim_map_expect(const struct dmasim_map *m, uint64_t addr, uint32_t size)
{
	const uint8_t *page = sparse_recent_page(&m->ram, addr);
	size_t at = (size_t)(addr % SPARSE_PAGE);

	if (!page || size > SPARSE_PAGE - at)
		return dmasim_map_is_ram(m, addr, size);
	__builtin_prefetch(page + at);
	return true;
}

int dmasim_map_region(const struct dmasim_map *m, size_t index,
                      struct dmasim_region_info *info)
{
	if (index >= m->regions.len)
		return DMASIM_E_NOTFOUND;
	describe(&m->regions.r[index], info);
	return DMASIM_OK;
}

/* Sizes of descriptors, structures and cache lines are copied inline. */
static inline void copy(void *to, const void *from, size_t size)
{
	switch (size) {
	case 8:
		memcpy(to, from, 8);
		break;
	case 64:
		memcpy(to, from, 64);
		break;
	case 16:
		memcpy(to, from, 16);
		break;
	case 32:
		memcpy(to, from, 32);
		break;
	case 4:
		memcpy(to, from, 4);
		break;
	default:
		memcpy(to, from, size);
	}
}

static inline uint64_t ram_cost(const struct dmasim_map *m, uint32_t size)
{
	return m->ram_latency + size * m->ram_per_byte;
}

static enum dmasim_result ram_atomic(struct dmasim_map *m,
                                     struct dmasim_txn *txn)
{
	uint8_t mem[8];

	if (txn->size > sizeof(mem))
		return DMASIM_TXN_SLAVE;
	sparse_read(&m->ram, txn->addr, mem, txn->size);
	if (dmasim_atomic_apply(txn->op, mem, txn->data, txn->size))
		return DMASIM_TXN_SLAVE;
	return sparse_write(&m->ram, txn->addr, mem, txn->size)
	               ? DMASIM_TXN_OK
	               : DMASIM_TXN_SLAVE;
}

static enum dmasim_result ram_access(struct dmasim_map *m,
                                     struct dmasim_txn *txn)
{
	bool ok = true;

	if (dmasim_op_is_maintenance(txn->op))
		return DMASIM_TXN_OK;
	if (!txn->data)
		return DMASIM_TXN_SLAVE;
	if (!(txn->flags & DMASIM_TXN_DEBUG))
		txn->latency += ram_cost(m, txn->size);
	else if (txn->op != DMASIM_READ)
		return DMASIM_TXN_SLAVE;
	if (txn->op == DMASIM_READ)
		sparse_read(&m->ram, txn->addr, txn->data, txn->size);
	else if (txn->op == DMASIM_WRITE)
		ok = sparse_write(&m->ram, txn->addr, txn->data, txn->size);
	else
		return ram_atomic(m, txn);
	if (!ok)
		dmasim_fail(m->kernel, "no host memory for RAM at 0x%llx",
		            (unsigned long long)txn->addr);
	return ok ? DMASIM_TXN_OK : DMASIM_TXN_SLAVE;
}

__attribute__((noinline)) static enum dmasim_result
routed_access(struct dmasim_map *m, struct dmasim_txn *txn)
{
	const struct map_region *r;
	uint64_t offset;

	/* Order is kept above: what arrives here happens at once. */
	if (txn->op == DMASIM_BARRIER)
		return DMASIM_TXN_OK;
	r = find(m, txn->addr);
	if (!r)
		return DMASIM_TXN_DECODE;
	m->last = (size_t)(r - m->regions.r);
	offset = txn->addr - r->base;
	if (!txn->size || txn->size > r->size - offset)
		return DMASIM_TXN_DECODE;
	if (r->ram)
		return ram_access(m, txn);
	/* Reading a register may have effects: a look is not worth them. */
	if (txn->flags & DMASIM_TXN_DEBUG)
		return DMASIM_TXN_SLAVE;
	txn->offset = offset;
	txn->latency += m->mmio_latency;
	return dmasim_access(&r->port, txn);
}

/* Apart, as is routed_access(), so that a word is read with little ado. */
__attribute__((noinline)) static enum dmasim_result
page_access(struct dmasim_map *m, struct dmasim_txn *txn, uint8_t *at)
{
	if (txn->op == DMASIM_READ)
		copy(txn->data, at, txn->size);
	else if (txn->op == DMASIM_WRITE)
		copy(at, txn->data, txn->size);
	else if (!dmasim_op_is_atomic(txn->op) ||
	         dmasim_atomic_apply(txn->op, at, txn->data, txn->size))
		return routed_access(m, txn);
	txn->latency += ram_cost(m, txn->size);
	return DMASIM_TXN_OK;
}

/* A page that exists lies in one region of RAM as a whole, so that what stays
 * inside such a page needs no look at the regions. */
static enum dmasim_result map_access(void *obj, struct dmasim_txn *txn)
{
	struct dmasim_map *m = obj;
	size_t at = (size_t)(txn->addr % SPARSE_PAGE);
	uint8_t *page = sparse_recent_page(&m->ram, txn->addr);

	if (!page || !txn->data || (txn->flags & DMASIM_TXN_DEBUG))
		return routed_access(m, txn);
	if (txn->op == DMASIM_READ && txn->size == 8 && at <= SPARSE_PAGE - 8) {
		memcpy(txn->data, page + at, 8);
		txn->latency += ram_cost(m, 8);
		return DMASIM_TXN_OK;
	}
	/* A line, for a cache. */
	if (txn->op == DMASIM_READ && txn->size == 64 && at % 64 == 0) {
		memcpy(txn->data, page + at, 64);
		txn->latency += ram_cost(m, 64);
		return DMASIM_TXN_OK;
	}
	if (txn->size == 0 || txn->size > SPARSE_PAGE - at)
		return routed_access(m, txn);
	return page_access(m, txn, page + at);
}

struct dmasim_port dmasim_map_port(struct dmasim_map *m)
{
	return (struct dmasim_port){map_access, m};
}

/* RAM regions may touch one another: a range may lie in several. */
static bool all_ram(const struct dmasim_map *m, uint64_t addr, size_t size)
{
	while (size) {
		const struct map_region *r = find(m, addr);
		uint64_t n;

		if (!r || !r->ram)
			return false;
		n = r->size - (addr - r->base);
		if (size <= n)
			return true;
		addr += n;
		size -= (size_t)n;
	}
	return true;
}

int dmasim_map_load(struct dmasim_map *m, uint64_t addr, const void *data,
                    size_t size)
{
	if (!all_ram(m, addr, size))
		return DMASIM_E_RANGE;
	return sparse_write(&m->ram, addr, data, size) ? DMASIM_OK
	                                               : DMASIM_E_NOMEM;
}

int dmasim_map_peek(const struct dmasim_map *m, uint64_t addr, void *data,
                    size_t size)
{
	if (!all_ram(m, addr, size))
		return DMASIM_E_RANGE;
	sparse_peek(&m->ram, addr, data, size);
	return DMASIM_OK;
}

uint64_t dmasim_map_footprint(const struct dmasim_map *m)
{
	return (m->ram.pages + m->ram.idle) * SPARSE_PAGE +
	       m->ram.nodes * sizeof(struct sparse_node);
}
