/* SPDX-License-Identifier: MIT */
/*
 * What translations cost: a translation buffer unit (TBU) with a micro-TLB at
 * each client port, and one control unit (TCU) with the TLB, the configuration
 * caches and a few walkers. Accesses to memory cost what they really cost;
 * here it is decided who waits for whom.
 *
 * A port's micro-TLB holds slots of the TLB, so that what leaves the TLB
 * leaves it too. It changes no translation, only its time.
 */
#include <stdlib.h>
#include <string.h>

#include "smmuv3_internal.h"

#define MAX_UTLB  4096u
#define MAX_WALKS 1024u

/* One cycle at 1 GHz: our choice, for readable numbers. The rest is gem5's
 * (src/dev/arm/SMMUv3.py, v24): a micro-TLB of 32 entries looked up in 1
 * cycle, 8 cycles to the SMMU and 8 back, 3 for the TLB and for the
 * configuration cache, 4 for the walk cache, 1 for each level, 16 walks at a
 * time. A command: our choice, as gem5 has none. */
#define CYCLE 1000u

const struct dmasim_smmu_timing dmasim_smmu_timing_generic = {
        .tbu_lookup = 1 * CYCLE,
        .tcu_hop = 16 * CYCLE,
        .tlb_lookup = 3 * CYCLE,
        .config_lookup = 3 * CYCLE,
        .walk_lookup = 4 * CYCLE,
        .walk_step = 1 * CYCLE,
        .command = 2 * CYCLE,
        .utlb_entries = 32,
        .walks = 16,
        .hit_under_miss = true,
};

const struct dmasim_smmu_timing dmasim_smmu_timing_none = {
        .hit_under_miss = true,
};

int smmu_time_init(struct dmasim_smmu *s)
{
	const struct dmasim_smmu_timing *t = s->cfg.timing;

	s->time = t ? *t : dmasim_smmu_timing_generic;
	t = &s->time;
	if (t->utlb_entries > MAX_UTLB || t->walks > MAX_WALKS)
		return DMASIM_E_INVAL;
	s->timed = t->tbu_lookup | t->tcu_hop | t->tlb_lookup |
	                   t->config_lookup | t->walk_lookup | t->walk_step ||
	           t->walks != 0 || !t->hit_under_miss;
	if (t->walks == 0)
		return DMASIM_OK;
	s->walker_free = calloc(t->walks, sizeof(*s->walker_free));
	return s->walker_free ? DMASIM_OK : DMASIM_E_NOMEM;
}

int smmu_time_init_port(struct smmu_port *p)
{
	uint32_t n = p->smmu->time.utlb_entries;

	if (n == 0)
		return DMASIM_OK;
	p->utlb = calloc(n, sizeof(*p->utlb));
	return p->utlb ? DMASIM_OK : DMASIM_E_NOMEM;
}

void smmu_time_reset(struct dmasim_smmu *s)
{
	if (s->walker_free)
		memset(s->walker_free, 0,
		       s->time.walks * sizeof(*s->walker_free));
	for (struct smmu_port *p = s->ports; p; p = p->next) {
		if (p->utlb)
			memset(p->utlb, 0,
			       s->time.utlb_entries * sizeof(*p->utlb));
		p->utlb_next = 0;
		p->busy_until = 0;
	}
}

/* The slot still holds what it held when the TBU learnt of it. */
static bool current(const struct dmasim_smmu *s, const struct smmu_utlb *u)
{
	const struct smmu_tlb_tag *tag = &s->tlb.tag[u->slot];

	return u->tag.page != 0 && u->tag.page == tag->page &&
	       u->tag.space == tag->space;
}

/* Whether the TBU knows the entry in @slot; from now on it does. */
static bool utlb_hit(struct smmu_port *p, uint32_t slot)
{
	struct dmasim_smmu *s = p->smmu;
	uint32_t n = s->time.utlb_entries;
	struct smmu_utlb *u;

	for (uint32_t i = 0; i < n; i++) {
		u = &p->utlb[i];
		if (u->slot == slot && current(s, u))
			return true;
	}
	if (n == 0)
		return false;
	u = &p->utlb[p->utlb_next];
	p->utlb_next = (p->utlb_next + 1) % n;
	u->slot = slot;
	u->tag = s->tlb.tag[slot];
	return false;
}

/* The walker that is free first. */
static uint64_t *walker(struct dmasim_smmu *s)
{
	uint64_t *first = s->walker_free;

	for (uint32_t i = 1; i < s->time.walks; i++)
		if (s->walker_free[i] < *first)
			first = &s->walker_free[i];
	return first;
}

/* A walk of @duration that could begin at @at; returns its end. */
static uint64_t occupy(struct dmasim_smmu *s, uint64_t at, uint64_t duration)
{
	uint64_t *free_at;

	if (s->time.walks == 0)
		return at + duration;
	free_at = walker(s);
	if (*free_at > at)
		at = *free_at;
	*free_at = at + duration;
	return *free_at;
}

uint64_t smmu_time_lookup(struct smmu_port *p, uint32_t slot, uint64_t at)
{
	struct dmasim_smmu *s = p->smmu;
	const struct dmasim_smmu_timing *t = &s->time;
	uint64_t end = at;

	/* Without hit-under-miss nothing overtakes a miss. */
	if (!t->hit_under_miss && p->busy_until > end)
		end = p->busy_until;
	end += t->tbu_lookup;
	if (slot == SMMU_NO_SLOT || !utlb_hit(p, slot))
		end += t->tcu_hop + t->config_lookup + t->tlb_lookup;
	/* A second miss on what is being walked waits for that walk. */
	if (slot != SMMU_NO_SLOT && s->tlb.data[slot].ready > end)
		end = s->tlb.data[slot].ready;
	return end - at;
}

/* What was read for this fragment cost c->own; the rest is added here. */
void smmu_time_fragment(struct smmu_ctx *c, const struct smmu_xlate *x)
{
	struct dmasim_smmu *s = c->smmu;
	const struct dmasim_smmu_timing *t = &s->time;
	uint64_t at, end, duration;

	if (!s->timed) {
		c->latency += c->own;
		c->own = 0;
		return;
	}
	at = dmasim_now(s->cfg.kernel) + c->latency +
	     (c->txn ? c->txn->latency : 0);
	end = at;
	if (c->port && !x->bypass)
		end += smmu_time_lookup(
		        c->port, c->accesses ? SMMU_NO_SLOT : x->slot, at);
	else
		end += t->tbu_lookup;
	if (c->accesses != 0) {
		duration = t->walk_lookup + c->own + c->accesses * t->walk_step;
		end = occupy(s, end, duration);
		if (c->port)
			c->port->busy_until = end;
		if (x->slot != SMMU_NO_SLOT) {
			s->tlb.data[x->slot].ready = end;
			if (c->port)
				utlb_hit(c->port, x->slot);
		}
	}
	c->latency += end - at;
	c->own = 0;
	c->accesses = 0;
}

/* ---- state ---- */

void smmu_time_save(const struct dmasim_smmu *s, struct dmasim_writer *w)
{
	uint32_t ports = 0;

	dmasim_put_u32(w, s->time.walks);
	for (uint32_t i = 0; i < s->time.walks; i++)
		dmasim_put_u64(w, s->walker_free[i]);
	for (const struct smmu_port *p = s->ports; p; p = p->next)
		ports++;
	dmasim_put_u32(w, ports);
	dmasim_put_u32(w, s->time.utlb_entries);
	for (const struct smmu_port *p = s->ports; p; p = p->next) {
		dmasim_put_u64(w, p->busy_until);
		dmasim_put_u32(w, p->utlb_next);
		for (uint32_t i = 0; i < s->time.utlb_entries; i++)
			dmasim_put_u32(w, s->tlb.sets && current(s, &p->utlb[i])
			                          ? p->utlb[i].slot + 1
			                          : 0);
	}
}

static void restore_port(struct smmu_port *p, struct dmasim_reader *r)
{
	const struct dmasim_smmu *s = p->smmu;
	uint32_t n = s->time.utlb_entries;

	p->busy_until = dmasim_get_u64(r);
	p->utlb_next = dmasim_get_u32(r);
	if (p->utlb_next != 0 && p->utlb_next >= n) {
		p->utlb_next = 0;
		dmasim_reader_fail(r, "SMMU: micro-TLB: no such entry");
	}
	for (uint32_t i = 0; i < n; i++) {
		uint32_t slot = dmasim_get_u32(r);

		p->utlb[i] = (struct smmu_utlb){0};
		if (slot == 0)
			continue;
		if (slot > smmu_tlb_slots(&s->tlb) ||
		    s->tlb.tag[slot - 1].page == 0) {
			dmasim_reader_fail(r, "SMMU: micro-TLB: no such slot");
			return;
		}
		p->utlb[i].slot = slot - 1;
		p->utlb[i].tag = s->tlb.tag[slot - 1];
	}
}

void smmu_time_restore(struct dmasim_smmu *s, struct dmasim_reader *r)
{
	uint32_t ports = 0;

	for (const struct smmu_port *p = s->ports; p; p = p->next)
		ports++;
	if (dmasim_get_u32(r) != s->time.walks) {
		dmasim_reader_fail(r, "SMMU: another number of walkers");
		return;
	}
	for (uint32_t i = 0; i < s->time.walks; i++)
		s->walker_free[i] = dmasim_get_u64(r);
	if (dmasim_get_u32(r) != ports ||
	    dmasim_get_u32(r) != s->time.utlb_entries) {
		dmasim_reader_fail(r, "SMMU: other client ports");
		return;
	}
	for (struct smmu_port *p = s->ports; p; p = p->next)
		restore_port(p, r);
}
