/* SPDX-License-Identifier: MIT */
/* What takes how long: a profile, and single numbers of it. */
#include <stddef.h>
#include <string.h>

#include "plat_internal.h"

/** A property of one cell that overrides one number of the profile. */
struct number {
	const char *name;
	size_t offset;
	bool wide; /**< a uint64_t */
	uint32_t most;
};

#define CYCLES_MAX 10000u
#define PS_MAX     1000000000u
#define ANY        UINT32_MAX

#define AT(field) offsetof(struct dmasim_timing_profile, field)

static const struct number numbers[] = {
        {"dmasim,l1-cycles", AT(l1.cycles), false, CYCLES_MAX},
        {"dmasim,l2-cycles", AT(l2.cycles), false, CYCLES_MAX},
        {"dmasim,shared-cycles", AT(shared.cycles), false, CYCLES_MAX},
        {"dmasim,system-cycles", AT(system.cycles), false, CYCLES_MAX},
        {"dmasim,snoop-cycles", AT(snoop_cycles), false, CYCLES_MAX},
        {"dmasim,hop-cycles", AT(hop_cycles), false, CYCLES_MAX},
        {"dmasim,snoop-filter-entries", AT(filter_entries), false, 1u << 20},
        {"dmasim,snoop-filter-ways", AT(filter_ways), false, 64},
        {"dmasim,snoop-filter-cycles", AT(filter_cycles), false, CYCLES_MAX},
        {"dmasim,store-buffer", AT(store_buffer), false, 1024},
        {"dmasim,interconnect-period-ps", AT(interconnect.period), true,
         PS_MAX},
        {"dmasim,interconnect-cycles", AT(interconnect.cycles), false,
         CYCLES_MAX},
        {"dmasim,interconnect-bytes", AT(interconnect.bytes), false, 4096},
        {"dmasim,dram-channels", AT(dram.channels), false, ANY},
        {"dmasim,dram-ranks", AT(dram.ranks), false, ANY},
        {"dmasim,dram-banks", AT(dram.banks), false, ANY},
        {"dmasim,dram-row-bytes", AT(dram.row_bytes), false, ANY},
        {"dmasim,dram-burst-bytes", AT(dram.burst_bytes), false, ANY},
        {"dmasim,dram-interleave", AT(dram.interleave), false, ANY},
        {"dmasim,dram-burst-ps", AT(dram.burst), true, PS_MAX},
        {"dmasim,dram-rcd-ps", AT(dram.rcd), true, PS_MAX},
        {"dmasim,dram-cl-ps", AT(dram.cl), true, PS_MAX},
        {"dmasim,dram-rp-ps", AT(dram.rp), true, PS_MAX},
        {"dmasim,dram-ras-ps", AT(dram.ras), true, PS_MAX},
        {"dmasim,dram-wr-ps", AT(dram.wr), true, PS_MAX},
        {"dmasim,dram-rfc-ps", AT(dram.rfc), true, PS_MAX},
        {"dmasim,dram-refi-ps", AT(dram.refi), true, PS_MAX},
        {"dmasim,dram-fixed-ps", AT(dram.fixed), true, PS_MAX},
};

#define NUMBERS (sizeof(numbers) / sizeof(*numbers))

static int override(const struct plat_tree *t, int node, const struct number *n,
                    struct dmasim_timing_profile *p)
{
	uint8_t *field = (uint8_t *)p + n->offset;
	uint32_t value = 0;
	uint64_t wide;
	int status = plat_u32(t, node, n->name, &value);

	if (status != DMASIM_OK)
		return status;
	if (value > n->most)
		return plat_fail(t, node, "%s: %u, at most %u", n->name, value,
		                 n->most);
	wide = value;
	if (n->wide)
		memcpy(field, &wide, sizeof(wide));
	else
		memcpy(field, &value, sizeof(value));
	return DMASIM_OK;
}

static int orders(const struct plat_tree *t, int node,
                  struct dmasim_timing_profile *p)
{
	static const char *const dram[] = {"row-bank-column", "bank-row-column",
	                                   "row-column-bank"};
	static const char *const arbiter[] = {"round-robin", "first-come",
	                                      NULL};
	uint32_t order = (uint32_t)p->dram.order;
	uint32_t who = (uint32_t)p->interconnect.arbitration;
	int status = plat_one_of(t, node, "dmasim,dram-order", dram, &order);

	if (status == DMASIM_OK)
		status = plat_one_of(t, node, "dmasim,arbitration", arbiter,
		                     &who);
	p->dram.order = (enum dmasim_dram_order)order;
	p->interconnect.arbitration = (enum dmasim_arbitration)who;
	return status;
}

/** The first of our properties at @node, other than the profile's name. */
static const char *first_number(const struct plat_tree *t, int node)
{
	for (size_t i = 0; i < NUMBERS; i++)
		if (plat_has(t, node, numbers[i].name))
			return numbers[i].name;
	if (plat_has(t, node, "dmasim,dram-order"))
		return "dmasim,dram-order";
	return plat_has(t, node, "dmasim,arbitration") ? "dmasim,arbitration"
	                                               : NULL;
}

static int describe(struct plat_desc *d, int node)
{
	const struct plat_tree *t = &d->tree;
	const struct dmasim_timing_profile *p;
	const char *name = NULL, *number = first_number(t, node);
	int status = plat_string(t, node, "dmasim,timing", &name);

	if (status != DMASIM_OK)
		return status;
	if (!name && number)
		return plat_fail(t, node, "%s: no dmasim,timing here", number);
	if (!name)
		return DMASIM_OK;
	if (d->timed)
		return plat_fail(t, node,
		                 "dmasim,timing: the root node has one, too");
	p = dmasim_timing_profile_get(name);
	if (!p)
		return plat_fail(t, node, "dmasim,timing: no such profile");
	d->timed = true;
	d->timing_node = node;
	d->timing = *p;
	for (size_t i = 0; i < NUMBERS && status == DMASIM_OK; i++)
		if (plat_has(t, node, numbers[i].name))
			status = override(t, node, &numbers[i], &d->timing);
	return status == DMASIM_OK ? orders(t, node, &d->timing) : status;
}

int plat_describe_timing(struct plat_desc *d)
{
	const struct plat_tree *t = &d->tree;
	int status;

	d->timing = *dmasim_timing_profile_at(0);
	status = describe(d, 0);

	for (int i = 1; i < t->count && status == DMASIM_OK; i++) {
		char name[16];

		plat_name(t, i, name, sizeof(name));
		if (t->nodes[i].parent == 0 && strcmp(name, "cpus") == 0)
			status = describe(d, i);
	}
	return status;
}
