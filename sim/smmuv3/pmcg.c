/* SPDX-License-Identifier: MIT */
/*
 * Performance monitor counter groups (chapter 10): what is counted, what an
 * overflow does, and the state of it all. pmcg_regs.c has the registers.
 *
 * Cycles are not counted one by one: simulated time says how many there were
 * when somebody looks. Only an overflow that raises an interrupt or captures
 * is waited for.
 */
#include <stdlib.h>

#include "smmuv3_internal.h"

#define DEFAULT_CYCLE DMASIM_NS

/* ---- overflow ---- */

static bool has_msi(const struct smmu_pmcg *g)
{
	return !g->cfg.no_msi;
}

/* 10.6: Secure observation. */
static bool sees_secure(const struct smmu_pmcg *g)
{
	return g->cfg.secure && (g->scr & PMCG_SCR_SO);
}

static void send(struct smmu_pmcg *g)
{
	struct dmasim_smmu *s = g->smmu;
	struct smmu_read w = {
	        .addr = g->irq_cfg0,
	        .size = sizeof(g->data),
	        .attr = smmu_attr_memattr(
	                (uint8_t)FIELD_GET(PMCG_IRQ_CFG2_MEMATTR, g->irq_cfg2),
	                FIELD_GET(PMCG_IRQ_CFG2_SH, g->irq_cfg2)),
	        .cause = DMASIM_CAUSE_MSI,
	        .what = "counter group MSI",
	};

	/* 10.6: where Secure state is known, SCR says which space. */
	if (g->cfg.secure && !(g->scr & (PMCG_SCR_NSMSI | PMCG_SCR_NSRA)))
		w.flags = DMASIM_TXN_SECURE;
	smmu_put_le32(g->data, g->irq_cfg1);
	smmu_own_txn(&g->txn, &w, g->data);
	g->txn.op = DMASIM_WRITE;
	g->txn.done = (struct dmasim_call){s->actor, SMMU_CALL_PMCG_MSI, g->id};
	g->sending = true;
	g->again = false;
	if (dmasim_access(&s->cfg.mem, &g->txn) != DMASIM_TXN_PENDING)
		smmu_pmcg_sent(g);
}

/* 10.5.2.24: an aborted message shows. 10.5.2.19: the interrupt counts as off
 * once the messages before that are through. */
void smmu_pmcg_sent(struct smmu_pmcg *g)
{
	g->sending = false;
	if (g->txn.result != DMASIM_TXN_OK)
		g->irq_abt = true;
	if (g->again)
		send(g);
	else
		g->irqen_ack = g->irqen;
}

static void interrupt(struct smmu_pmcg *g)
{
	/* Without messages there is no address. */
	if (g->irq_cfg0 == 0)
		dmasim_irq_pulse(g->cfg.irq);
	else if (g->sending)
		g->again = true;
	else
		send(g);
}

static uint64_t with_overflow_capture(const struct smmu_pmcg *g)
{
	uint64_t set = 0;

	for (unsigned i = 0; i < g->cfg.counters; i++)
		if (g->type[i] & PMCG_EVTYPER_OVFCAP)
			set |= SMMU_BIT(i);
	return set;
}

/* 10.2.1: the effects come whatever OVS was; the interrupt last. */
static void overflowed(struct smmu_pmcg *g, uint64_t counters)
{
	g->ovs |= counters;
	if (counters & with_overflow_capture(g))
		smmu_pmcg_capture(g);
	if (g->irqen && (counters & g->inten))
		interrupt(g);
}

/* Count @n more in each of @counters. */
static void add(struct smmu_pmcg *g, uint64_t counters, uint64_t n)
{
	uint64_t wrapped = 0;

	for (; counters != 0; counters &= counters - 1) {
		unsigned i = (unsigned)__builtin_ctzll(counters);

		if (n > g->max - g->value[i])
			wrapped |= SMMU_BIT(i);
		g->value[i] = (g->value[i] + n) & g->max;
	}
	if (wrapped != 0)
		overflowed(g, wrapped);
}

void smmu_pmcg_capture(struct smmu_pmcg *g)
{
	smmu_pmcg_tick(g);
	for (unsigned i = 0; i < g->cfg.counters; i++)
		g->shadow[i] = g->value[i];
}

/* ---- cycles ---- */

static uint64_t last_cycle(const struct smmu_pmcg *g)
{
	return (DMASIM_FOREVER - 1) / g->cfg.cycle;
}

/* When the first counter of cycles overflows whose overflow does something. */
static uint64_t next_overflow(const struct smmu_pmcg *g)
{
	uint64_t set = with_overflow_capture(g) | (g->irqen ? g->inten : 0);
	uint64_t last = last_cycle(g), due = DMASIM_FOREVER;

	for (set &= g->counts[PMCG_EV_CYCLES]; set != 0; set &= set - 1) {
		unsigned i = (unsigned)__builtin_ctzll(set);
		uint64_t left = g->max - g->value[i], at;

		if (left >= last - g->cycles)
			continue;
		at = (g->cycles + left + 1) * g->cfg.cycle;
		if (at < due)
			due = at;
	}
	return due;
}

static void wait_for_overflow(struct smmu_pmcg *g)
{
	const struct dmasim_call call = {g->smmu->actor, SMMU_CALL_PMCG, g->id};
	struct dmasim_kernel *k = g->smmu->cfg.kernel;
	uint64_t due = next_overflow(g);

	if (due == g->due)
		return;
	if (g->due != DMASIM_FOREVER)
		dmasim_cancel(k, g->ticket);
	g->due = due;
	if (due != DMASIM_FOREVER &&
	    dmasim_call_at(k, due, 0, &call, &g->ticket) != DMASIM_OK) {
		g->due = DMASIM_FOREVER;
		dmasim_log(k, DMASIM_LOG_ERROR, g->smmu->name,
		           "out-of-memory: an overflow of a counter of cycles "
		           "may be seen late");
	}
}

void smmu_pmcg_tick(struct smmu_pmcg *g)
{
	uint64_t now = dmasim_now(g->smmu->cfg.kernel) / g->cfg.cycle, n;

	if (now <= g->cycles)
		return;
	n = now - g->cycles;
	g->cycles = now;
	add(g, g->counts[PMCG_EV_CYCLES], n);
	/* Seen before the call came. */
	if (dmasim_now(g->smmu->cfg.kernel) >= g->due)
		wait_for_overflow(g);
}

void smmu_pmcg_due(struct smmu_pmcg *g)
{
	/* A call that is not the one waited for has no effect. */
	if (dmasim_now(g->smmu->cfg.kernel) < g->due)
		return;
	g->due = DMASIM_FOREVER;
	smmu_pmcg_tick(g);
	wait_for_overflow(g);
}

/* ---- events ---- */

/* 10.4: does the filter of counter @i let an event of @sid pass? */
static bool passes(const struct smmu_pmcg *g, unsigned i, bool secure,
                   uint32_t sid)
{
	unsigned f = g->cfg.single_filter ? 0 : i;
	uint32_t id = g->match[f], bits = smmu_pmcg_match_bits(g, f);
	bool sees = sees_secure(g);

	if (g->type[f] & PMCG_EVTYPER_SID_SPAN) {
		/* All ones: any stream of any Security state. */
		if (id == bits)
			return !secure || sees;
		/* Ones at the low end, and the zero above them, are open. */
		bits &= ~(id ^ (id + 1));
	}
	return ((id ^ sid) & bits) == 0 &&
	       secure == (sees && (g->type[f] & PMCG_EVTYPER_SEC_SID));
}

void smmu_pmcg_count(struct dmasim_smmu *s, unsigned event,
                     const struct smmu_bank *b, uint32_t sid)
{
	for (unsigned i = 0; i < s->pmcgs; i++) {
		struct smmu_pmcg *g = &s->pmcg[i];
		uint64_t counters = 0;

		for (uint64_t set = g->counts[event]; set != 0;
		     set &= set - 1) {
			unsigned n = (unsigned)__builtin_ctzll(set);

			if (passes(g, n, b->id == SMMU_S, sid))
				counters |= SMMU_BIT(n);
		}
		add(g, counters, 1);
	}
}

/* 10.3: operations, prefetches and looks are not counted, and terminated
 * transactions are. */
void smmu_pmu_request(struct smmu_ctx *c)
{
	const struct smmu_request *q = &c->req;
	struct dmasim_smmu *s = c->smmu;
	uint32_t events = c->missed | 1u << PMCG_EV_TRANSACTION;

	if (q->kind == SMMU_KIND_ATS)
		events |= 1u << PMCG_EV_ATS_REQUEST;
	else if (q->kind == SMMU_KIND_TRANSLATED)
		events |= 1u << PMCG_EV_ATS_TRANSLATED;
	c->missed = 0;
	if (q->flags & DMASIM_TXN_DEBUG)
		return;
	for (events &= s->pmu_events; events != 0; events &= events - 1)
		smmu_pmcg_count(s, (unsigned)__builtin_ctz(events), q->bank,
		                q->sid);
}

/* 10.3: of walks and fetches for any reason. */
void smmu_pmu_access(const struct smmu_ctx *c, enum dmasim_cause cause)
{
	unsigned event = cause == DMASIM_CAUSE_WALK ? PMCG_EV_WALK
	                                            : PMCG_EV_CONFIG_ACCESS;

	if (!(c->req.flags & DMASIM_TXN_DEBUG))
		smmu_pmu_count(c->smmu, event, c->req.bank, c->req.sid);
}

static void recount(struct smmu_pmcg *g)
{
	struct dmasim_smmu *s = g->smmu;

	for (unsigned e = 0; e < PMCG_EVENTS; e++)
		g->counts[e] = 0;
	for (unsigned i = 0; g->on && i < g->cfg.counters; i++) {
		uint64_t e = FIELD_GET(PMCG_EVTYPER_EVENT, g->type[i]);

		if ((g->cnten & SMMU_BIT(i)) && e < PMCG_EVENTS &&
		    (g->events & SMMU_BIT(e)))
			g->counts[e] |= SMMU_BIT(i);
	}
	s->pmu_events = 0;
	for (unsigned i = 0; i < s->pmcgs; i++)
		for (unsigned e = 0; e < PMCG_EVENTS; e++)
			if (s->pmcg[i].counts[e] != 0)
				s->pmu_events |= 1u << e;
}

void smmu_pmcg_changed(struct smmu_pmcg *g)
{
	recount(g);
	wait_for_overflow(g);
}

/* 10.5.2.19, 10.5.2.24: to switch it on clears what the last message did. */
void smmu_pmcg_enable_irq(struct smmu_pmcg *g, bool on)
{
	if (on && !g->irqen_ack)
		g->irq_abt = false;
	g->irqen = on;
	if (on || !g->sending)
		g->irqen_ack = on;
}

/* ---- life ---- */

void smmu_pmcg_reset(struct smmu_pmcg *g)
{
	for (unsigned i = 0; i < PMCG_COUNTERS; i++) {
		g->value[i] = g->shadow[i] = 0;
		g->type[i] = g->match[i] = 0;
	}
	g->cnten = g->inten = g->ovs = g->irq_cfg0 = 0;
	g->irq_cfg1 = g->irq_cfg2 = 0;
	g->on = g->irqen = g->irqen_ack = g->irq_abt = false;
	g->scr = smmu_pmcg_scr_bits(g) & (PMCG_SCR_NSMSI | PMCG_SCR_NSRA);
	g->cycles = dmasim_now(g->smmu->cfg.kernel) / g->cfg.cycle;
	smmu_pmcg_changed(g);
}

static bool good_size(unsigned bits)
{
	static const uint8_t sizes[] = {32, 36, 40, 44, 48, 64};

	for (unsigned i = 0; i < sizeof(sizes); i++)
		if (sizes[i] == bits)
			return true;
	return false;
}

static int init_group(struct smmu_pmcg *g)
{
	struct dmasim_smmu_pmcg_config *cfg = &g->cfg;
	uint64_t all = SMMU_BITS(PMCG_EV_CONFIG_ACCESS, 0);

	/* 10.3: the events of ATS come with it. */
	if (g->smmu->caps.ats)
		all |= SMMU_BIT(PMCG_EV_ATS_REQUEST) |
		       SMMU_BIT(PMCG_EV_ATS_TRANSLATED);
	if (cfg->counter_bits == 0)
		cfg->counter_bits = 64;
	if (cfg->cycle == 0)
		cfg->cycle = DEFAULT_CYCLE;
	if (cfg->counters > PMCG_COUNTERS || !good_size(cfg->counter_bits) ||
	    (cfg->events & ~all) != 0)
		return DMASIM_E_INVAL;
	g->events = cfg->events ? cfg->events : all;
	g->exists = UINT64_MAX >> (PMCG_COUNTERS - cfg->counters);
	g->max = UINT64_MAX >> (64 - cfg->counter_bits);
	g->due = DMASIM_FOREVER;
	for (unsigned i = 0; i < 2; i++)
		g->page[i] = (struct smmu_pmcg_page){g, (uint8_t)i};
	return DMASIM_OK;
}

int smmu_pmcg_init(struct dmasim_smmu *s)
{
	unsigned n = 0;

	while (n < DMASIM_SMMU_PMCGS && s->cfg.pmcg[n].counters != 0)
		n++;
	if (n == 0)
		return DMASIM_OK;
	s->pmcg = calloc(n, sizeof(*s->pmcg));
	if (!s->pmcg)
		return DMASIM_E_NOMEM;
	s->pmcgs = n;
	for (unsigned i = 0; i < n; i++) {
		int status;

		s->pmcg[i].smmu = s;
		s->pmcg[i].id = (uint8_t)i;
		s->pmcg[i].cfg = s->cfg.pmcg[i];
		status = init_group(&s->pmcg[i]);
		if (status != DMASIM_OK)
			return status;
	}
	return DMASIM_OK;
}

void smmu_pmcg_free(struct dmasim_smmu *s)
{
	free(s->pmcg);
}

struct dmasim_port dmasim_smmu_pmcg(struct dmasim_smmu *s, unsigned index,
                                    unsigned page)
{
	if (!s || index >= s->pmcgs || page > 1)
		return (struct dmasim_port){NULL, NULL};
	return (struct dmasim_port){smmu_pmcg_access,
	                            &s->pmcg[index].page[page]};
}

/* ---- state ---- */

bool smmu_pmcg_busy(const struct dmasim_smmu *s)
{
	for (unsigned i = 0; i < s->pmcgs; i++)
		if (s->pmcg[i].sending)
			return true;
	return false;
}

static void save_group(const struct smmu_pmcg *g, struct dmasim_writer *w)
{
	dmasim_put_u32(w, g->cfg.counters);
	for (unsigned i = 0; i < g->cfg.counters; i++) {
		dmasim_put_u64(w, g->value[i]);
		dmasim_put_u64(w, g->shadow[i]);
		dmasim_put_u32(w, g->type[i]);
		dmasim_put_u32(w, g->match[i]);
	}
	dmasim_put_u64(w, g->cnten);
	dmasim_put_u64(w, g->inten);
	dmasim_put_u64(w, g->ovs);
	dmasim_put_u64(w, g->irq_cfg0);
	dmasim_put_u32(w, g->irq_cfg1);
	dmasim_put_u32(w, g->irq_cfg2);
	dmasim_put_u32(w, g->scr);
	dmasim_put_u8(w, g->on);
	dmasim_put_u8(w, g->irqen);
	dmasim_put_u8(w, g->irq_abt);
	dmasim_put_u64(w, g->cycles);
	dmasim_put_u64(w, g->due);
	dmasim_put_u64(w, g->ticket);
}

void smmu_pmcg_save(const struct dmasim_smmu *s, struct dmasim_writer *w)
{
	dmasim_put_u32(w, s->pmcgs);
	for (unsigned i = 0; i < s->pmcgs; i++)
		save_group(&s->pmcg[i], w);
}

static bool get_bool(struct dmasim_reader *r, bool *bad)
{
	uint8_t v = dmasim_get_u8(r);

	*bad |= v > 1;
	return v != 0;
}

static bool restore_counters(struct smmu_pmcg *g, struct dmasim_reader *r)
{
	bool bad = dmasim_get_u32(r) != g->cfg.counters;

	for (unsigned i = 0; !bad && i < g->cfg.counters; i++) {
		g->value[i] = dmasim_get_u64(r);
		g->shadow[i] = dmasim_get_u64(r);
		g->type[i] = dmasim_get_u32(r);
		g->match[i] = dmasim_get_u32(r);
		bad = g->value[i] > g->max || g->shadow[i] > g->max ||
		      (g->shadow[i] != 0 && g->cfg.no_capture) ||
		      (g->type[i] & ~smmu_pmcg_type_bits(g, i)) ||
		      (g->match[i] & ~smmu_pmcg_match_bits(g, i));
	}
	return bad;
}

static bool restore_controls(struct smmu_pmcg *g, struct dmasim_reader *r)
{
	bool bad = false;

	g->cnten = dmasim_get_u64(r);
	g->inten = dmasim_get_u64(r);
	g->ovs = dmasim_get_u64(r);
	g->irq_cfg0 = dmasim_get_u64(r);
	g->irq_cfg1 = dmasim_get_u32(r);
	g->irq_cfg2 = dmasim_get_u32(r);
	g->scr = dmasim_get_u32(r);
	g->on = get_bool(r, &bad);
	g->irqen = get_bool(r, &bad);
	g->irqen_ack = g->irqen;
	g->irq_abt = get_bool(r, &bad);
	if (!has_msi(g) && (g->irq_cfg0 != 0 || g->irq_cfg1 != 0 ||
	                    g->irq_cfg2 != 0 || g->irq_abt))
		bad = true;
	return bad || ((g->cnten | g->inten | g->ovs) & ~g->exists) ||
	       (g->irq_cfg0 & ~PMCG_IRQ_CFG0_ADDR) ||
	       (g->irq_cfg2 & ~(PMCG_IRQ_CFG2_SH | PMCG_IRQ_CFG2_MEMATTR)) ||
	       (g->scr & ~smmu_pmcg_scr_bits(g));
}

/* The call for the next overflow is part of the kernel's state. */
static void restore_group(struct smmu_pmcg *g, struct dmasim_reader *r)
{
	bool bad = restore_counters(g, r) || restore_controls(g, r);
	uint64_t due, ticket;

	g->cycles = dmasim_get_u64(r);
	due = dmasim_get_u64(r);
	ticket = dmasim_get_u64(r);
	bad |= g->cycles > last_cycle(g);
	if (!bad)
		recount(g);
	if (bad || (due != DMASIM_FOREVER && due != next_overflow(g))) {
		dmasim_reader_fail(r, "SMMU: counter group %u is not sound",
		                   (unsigned)g->id);
		return;
	}
	if (dmasim_reader_status(r) == DMASIM_OK) {
		g->due = due;
		g->ticket = ticket;
	}
}

void smmu_pmcg_restore(struct dmasim_smmu *s, struct dmasim_reader *r)
{
	if (dmasim_get_u32(r) != s->pmcgs)
		dmasim_reader_fail(r, "SMMU: other counter groups");
	for (unsigned i = 0; i < s->pmcgs; i++)
		restore_group(&s->pmcg[i], r);
}
