/* SPDX-License-Identifier: MIT */
#include "rig.h"

#include <stdlib.h>

/* ---- the tap ---- */

static bool refused(const struct rig *r, const struct dmasim_txn *txn)
{
	return txn->addr < r->refuse_to &&
	       txn->addr + txn->size > r->refuse_from &&
	       (r->refuse_ops == 0 || (r->refuse_ops & 1u << txn->op));
}

static enum dmasim_result tap_do(struct rig *r, struct dmasim_txn *txn)
{
	if (refused(r, txn))
		return DMASIM_TXN_SLAVE;
	return dmasim_access(&r->below, txn);
}

static void tap_note(struct rig *r, const struct dmasim_txn *txn)
{
	struct rig_access *a = &r->log[r->logged % RIG_LOG];

	*a = (struct rig_access){
	        .op = txn->op,
	        .cause = txn->cause,
	        .addr = txn->addr,
	        .size = txn->size,
	        .flags = txn->flags,
	        .attr = txn->attr,
	};
	if (txn->origin.what)
		snprintf(a->what, sizeof(a->what), "%s", txn->origin.what);
	r->logged++;
}

static enum dmasim_result tap_access(void *obj, struct dmasim_txn *txn)
{
	struct rig *r = obj;
	struct dmasim_call call = {.actor = r->actor};

	tap_note(r, txn);
	if (r->hook)
		r->hook(r, txn);
	if (!r->pend || txn->done.actor == 0 ||
	    (r->pend_causes && !(r->pend_causes & 1u << txn->cause)))
		return tap_do(r, txn);
	for (unsigned i = 0; i < 64; i++) {
		if (r->waiting[i])
			continue;
		r->waiting[i] = txn;
		call.arg = i;
		dmasim_call_at(r->k, dmasim_now(r->k) + DMASIM_NS, 0, &call,
		               NULL);
		return DMASIM_TXN_PENDING;
	}
	return DMASIM_TXN_SLAVE;
}

static void tap_resume(void *obj, uint32_t op, uint64_t arg)
{
	struct rig *r = obj;
	struct dmasim_txn *txn = r->waiting[arg];

	/* The end of a transaction that nobody waits for. */
	if (op == RIG_NOBODY)
		return;
	r->waiting[arg] = NULL;
	dmasim_complete(r->k, txn, tap_do(r, txn), 0);
}

/* ---- set-up ---- */

static void on_log(void *ctx, enum dmasim_log_level level, const char *source,
                   const char *text)
{
	struct rig *r = ctx;
	size_t used = strlen(r->warnings);

	(void)level;
	(void)source;
	snprintf(r->warnings + used, sizeof(r->warnings) - used, "%s\n", text);
}

static void on_trace(void *ctx, uint64_t time, const char *source,
                     const char *text)
{
	struct rig *r = ctx;
	size_t used = strlen(r->trace);

	(void)time;
	if (strcmp(source, "smmu") == 0)
		snprintf(r->trace + used, sizeof(r->trace) - used, "%s\n",
		         text);
}

static void on_event(void *ctx, const uint64_t record[4], bool lost,
                     const struct dmasim_txn *cause)
{
	struct rig *r = ctx;
	struct rig_seen *s = &r->seen[r->records++ % 64];

	memcpy(s->record, record, sizeof(s->record));
	s->lost = lost;
	s->caused = cause != NULL;
}

static void set_ids(struct dmasim_smmu_config *cfg, const struct rig_options *o)
{
	struct dmasim_smmu *probe;
	struct dmasim_port regs;

	assert_int_equal(dmasim_smmu_create(cfg, &probe), DMASIM_OK);
	regs = dmasim_smmu_regs(probe);
	memcpy(cfg->s_idr, o->s_idr, sizeof(cfg->s_idr));
	cfg->s_idr_valid = 0x7f;
	for (unsigned i = 0; i < 7; i++) {
		uint8_t b[4];
		struct dmasim_txn t = {.op = DMASIM_READ,
		                       .offset = i == 6 ? 0x190 : 4 * i,
		                       .size = 4,
		                       .data = b};

		assert_int_equal(dmasim_access(&regs, &t), DMASIM_TXN_OK);
		cfg->idr[i] = (uint32_t)b[0] | (uint32_t)b[1] << 8 |
		              (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
		cfg->idr[i] &= ~o->idr_clear[i];
		cfg->idr[i] |= o->idr_set[i];
	}
	cfg->idr_valid = 0x7f;
	dmasim_smmu_destroy(probe);
}

void rig_open(struct rig *r, const struct rig_options *o)
{
	struct dmasim_kernel_config kc = {.log = on_log,
	                                  .log_ctx = r,
	                                  .trace = o->trace ? on_trace : NULL,
	                                  .trace_ctx = r};
	struct dmasim_map_config mc = {0};
	struct dmasim_checker_config cc = {0};
	const uint8_t oas_bits =
	        o->oas_bits == 0 && o->profile == DMASIM_SMMU_ARCH
	                ? 48
	                : o->oas_bits;
	struct dmasim_smmu_config cfg = {
	        .name = "smmu",
	        .profile = o->profile,
	        .coherent = true,
	        .tlb_entries = o->tlb_entries,
	        .config_entries = o->config_entries,
	        .oas_bits = oas_bits,
	        .choice = o->choice,
	        .timing = o->timing,
	        .on_event = on_event,
	        .on_event_ctx = r,
	};

	memset(r, 0, sizeof(*r));
	assert_int_equal(dmasim_kernel_create(&kc, &r->k), DMASIM_OK);
	mc.kernel = r->k;
	assert_int_equal(dmasim_map_create(&mc, &r->map), DMASIM_OK);
	assert_int_equal(
	        dmasim_map_add_ram(r->map, "ram", RIG_RAM, RIG_RAM_SIZE),
	        DMASIM_OK);
	assert_int_equal(dmasim_irqc_create(r->k, "gic", &r->irqc), DMASIM_OK);
	cc.kernel = r->k;
	assert_int_equal(dmasim_checker_create(&cc, &r->checker), DMASIM_OK);
	assert_int_equal(
	        dmasim_actor_register(r->k, "tap", tap_resume, r, &r->actor),
	        DMASIM_OK);
	r->mem = (struct dmasim_port){tap_access, r};
	r->below = dmasim_map_port(r->map);
	r->pend = o->pend;
	cfg.kernel = r->k;
	cfg.mem = r->mem;
	cfg.map = r->map;
	cfg.checker = r->checker;
	cfg.evtq_irq = (struct dmasim_irq){r->irqc, 74};
	cfg.priq_irq = (struct dmasim_irq){r->irqc, 75};
	cfg.sync_irq = (struct dmasim_irq){r->irqc, 76};
	cfg.gerror_irq = (struct dmasim_irq){r->irqc, 77};
	for (unsigned i = 0; o->pmcg && i < DMASIM_SMMU_PMCGS; i++) {
		cfg.pmcg[i] = o->pmcg[i];
		cfg.pmcg[i].irq = (struct dmasim_irq){r->irqc, RIG_PMCG + i};
	}
	cfg.s_evtq_irq = (struct dmasim_irq){r->irqc, 84};
	cfg.s_sync_irq = (struct dmasim_irq){r->irqc, 86};
	cfg.s_gerror_irq = (struct dmasim_irq){r->irqc, 87};
	cfg.sev = (struct dmasim_irq){r->irqc, 90};
	set_ids(&cfg, o);
	assert_int_equal(dmasim_smmu_create(&cfg, &r->smmu), DMASIM_OK);
	r->regs = dmasim_smmu_regs(r->smmu);
	assert_int_equal(dmasim_smmu_attach(r->smmu, &r->mem, &r->client),
	                 DMASIM_OK);
	r->t = (struct tables){
	        .map = r->map, .next = RIG_RAM + 0x10000, .end = RIG_DATA};
	r->queue_log2 = o->queue_log2 ? o->queue_log2 : 6;
	r->cmdq = tables_alloc(&r->t, 16ull << r->queue_log2,
	                       16ull << r->queue_log2);
	r->evtq = tables_alloc(&r->t, 32ull << r->queue_log2,
	                       32ull << r->queue_log2);
	assert_true(tables_streams_new(
	        &r->t, &r->streams, o->log2size ? o->log2size : 8, o->split));
	if (!o->off)
		rig_enable(r);
}

void rig_enable(struct rig *r)
{
	/* WB Inner Shareable for tables and queues. */
	rig_w32(r, CR1, 0xd75);
	rig_w32(r, CR2, 2);
	rig_w64(r, STRTAB_BASE, r->streams.base);
	rig_w32(r, STRTAB_BASE_CFG, tables_streams_cfg(&r->streams));
	rig_w64(r, CMDQ_BASE, r->cmdq | r->queue_log2);
	rig_w32(r, CMDQ_PROD, 0);
	rig_w32(r, CMDQ_CONS, 0);
	rig_w64(r, EVENTQ_BASE, r->evtq | r->queue_log2);
	rig_w32(r, EVENTQ_PROD, 0);
	rig_w32(r, EVENTQ_CONS, 0);
	rig_w32(r, IRQ_CTRL, 5);
	rig_w32(r, CR0, EN_ALL);
	r->logged = 0;
}

void rig_close(struct rig *r)
{
	dmasim_smmu_destroy(r->smmu);
	dmasim_checker_destroy(r->checker);
	dmasim_map_destroy(r->map);
	dmasim_irqc_destroy(r->irqc);
	dmasim_actor_unregister(r->k, r->actor);
	dmasim_kernel_destroy(r->k);
}

/* ---- registers ---- */

static uint64_t reg(struct rig *r, uint32_t offset, uint32_t size,
                    const uint64_t *value)
{
	uint8_t b[8] = {0};
	struct dmasim_txn t = {
	        .op = value ? DMASIM_WRITE : DMASIM_READ,
	        .addr = offset,
	        .offset = offset,
	        .size = size,
	        .data = b,
	        .flags = r->regs_flags,
	};
	uint64_t v = 0;

	for (unsigned i = 0; value && i < size; i++)
		b[i] = (uint8_t)(*value >> (8 * i));
	assert_int_equal(dmasim_access(&r->regs, &t), DMASIM_TXN_OK);
	for (unsigned i = 0; i < size; i++)
		v |= (uint64_t)b[i] << (8 * i);
	return v;
}

void rig_secure(struct rig *r, bool secure)
{
	r->regs_flags = secure ? DMASIM_TXN_SECURE : 0;
}

uint32_t rig_r32(struct rig *r, uint32_t offset)
{
	return (uint32_t)reg(r, offset, 4, NULL);
}

uint64_t rig_r64(struct rig *r, uint32_t offset)
{
	return reg(r, offset, 8, NULL);
}

void rig_w32(struct rig *r, uint32_t offset, uint32_t v)
{
	uint64_t wide = v;

	reg(r, offset, 4, &wide);
}

void rig_w64(struct rig *r, uint32_t offset, uint64_t v)
{
	reg(r, offset, 8, &v);
}

void rig_settle(struct rig *r)
{
	assert_int_equal(dmasim_run_idle(r->k, DMASIM_FOREVER - 1), DMASIM_OK);
}

/* ---- commands ---- */

void rig_cmd(struct rig *r, struct tables_cmd c)
{
	uint32_t prod = rig_r32(r, CMDQ_PROD);
	uint32_t mask = (1u << r->queue_log2) - 1;
	uint64_t at = r->cmdq + 16ull * (prod & mask);

	tables_set(&r->t, at, c.d0);
	tables_set(&r->t, at + 8, c.d1);
	rig_w32(r, CMDQ_PROD, (prod + 1) & (2 * mask + 1));
	rig_settle(r);
}

void rig_flush(struct rig *r)
{
	rig_cmd(r, cmd_cfgi_range(0, 31));
	rig_cmd(r, cmd_tlbi(0x30, 0, 0, 0));
	rig_cmd(r, cmd_sync(0));
	assert_int_equal(rig_r32(r, CMDQ_CONS), rig_r32(r, CMDQ_PROD));
}

/* ---- clients ---- */

static enum dmasim_result client(struct rig *r, struct dmasim_txn t)
{
	const struct dmasim_attr attr = t.attr;

	t.data = r->buf;
	t.cause = DMASIM_CAUSE_DMA;
	r->txn = t;
	/* Without pending accesses the shorter way, which allows none. */
	if (r->pend)
		assert_int_equal(dmasim_access_wait(r->k, &r->client, &r->txn),
		                 DMASIM_OK);
	else
		dmasim_access(&r->client, &r->txn);
	/* Whatever happened on the way, the client finds its fields again. */
	assert_int_equal(r->txn.addr, t.addr);
	assert_int_equal(r->txn.size, t.size);
	assert_int_equal(r->txn.flags, t.flags);
	assert_memory_equal(&r->txn.attr, &attr, sizeof(attr));
	if (r->pend)
		rig_settle(r);
	return r->txn.result;
}

static struct dmasim_txn request(enum dmasim_op op, uint32_t sid, uint64_t va,
                                 uint32_t size)
{
	return (struct dmasim_txn){
	        .op = op,
	        .stream_id = sid,
	        .addr = va,
	        .size = size,
	        .attr = {DMASIM_NORMAL, DMASIM_WB, DMASIM_WB, DMASIM_NSH,
	                 DMASIM_ALLOC_READ | DMASIM_ALLOC_WRITE},
	};
}

enum dmasim_result rig_dma(struct rig *r, enum dmasim_op op, uint32_t sid,
                           uint64_t va, uint32_t size)
{
	return client(r, request(op, sid, va, size));
}

enum dmasim_result rig_dma_flags(struct rig *r, enum dmasim_op op, uint32_t sid,
                                 uint64_t va, uint32_t flags)
{
	struct dmasim_txn t = request(op, sid, va, 4);

	t.flags = flags;
	return client(r, t);
}

enum dmasim_result rig_dma_ssid(struct rig *r, uint32_t sid, uint32_t ssid,
                                uint64_t va)
{
	struct dmasim_txn t = request(DMASIM_READ, sid, va, 4);

	t.flags = DMASIM_TXN_SSV;
	t.substream_id = ssid;
	return client(r, t);
}

uint64_t rig_pa(struct rig *r, uint32_t sid, uint64_t va)
{
	enum dmasim_result res = rig_dma(r, DMASIM_READ, sid, va, 4);

	if (res != DMASIM_TXN_OK)
		return UINT64_MAX;
	return rig_last(r, DMASIM_CAUSE_DMA)->addr;
}

/* ---- what came of it ---- */

bool rig_event(struct rig *r, uint64_t record[4])
{
	uint32_t prod = rig_r32(r, EVENTQ_PROD), cons = rig_r32(r, EVENTQ_CONS);
	uint32_t mask = (1u << r->queue_log2) - 1;

	if (((prod ^ cons) & (2 * mask + 1)) == 0)
		return false;
	for (unsigned i = 0; i < 4; i++)
		record[i] = tables_get(&r->t,
		                       r->evtq + 32ull * (cons & mask) + 8 * i);
	rig_w32(r, EVENTQ_CONS,
	        (cons & 1u << 31) | ((cons + 1) & (2 * mask + 1)));
	return true;
}

void rig_expect(struct rig *r, uint64_t d0, uint64_t d1, uint64_t d2,
                uint64_t d3)
{
	uint64_t record[4];

	if (!rig_event(r, record))
		fail_msg("no record, expected 0x%016llx",
		         (unsigned long long)d0);
	assert_int_equal(record[0], d0);
	assert_int_equal(record[1], d1);
	assert_int_equal(record[2], d2);
	assert_int_equal(record[3], d3);
	rig_expect_none(r);
}

void rig_expect_none(struct rig *r)
{
	uint64_t record[4];

	if (rig_event(r, record))
		fail_msg("a record that should not be: 0x%016llx 0x%016llx",
		         (unsigned long long)record[0],
		         (unsigned long long)record[1]);
}

const struct rig_access *rig_last(const struct rig *r, enum dmasim_cause cause)
{
	for (unsigned i = r->logged; i > 0 && i + RIG_LOG > r->logged; i--)
		if (r->log[(i - 1) % RIG_LOG].cause == cause)
			return &r->log[(i - 1) % RIG_LOG];
	fail_msg("no access of that cause");
	return NULL;
}

unsigned rig_count(const struct rig *r, enum dmasim_cause cause)
{
	unsigned n = 0;

	for (unsigned i = 0; i < r->logged && i < RIG_LOG; i++)
		n += r->log[i].cause == cause;
	return n;
}

uint64_t rig_stream(struct rig *r, uint32_t sid, uint16_t asid,
                    struct tables_half *h)
{
	uint64_t cd = tables_alloc(&r->t, 64, 64);

	assert_true(tables_half_new(&r->t, h, 16, 12));
	tables_cd(&r->t, cd, h, NULL, asid);
	tables_ste_stage1(&r->t, &r->streams, sid, cd);
	return cd;
}

void rig_ste_word(struct rig *r, uint32_t sid, unsigned word, uint64_t clear,
                  uint64_t set)
{
	uint64_t at = tables_ste(&r->t, &r->streams, sid) + 8 * word;

	tables_set(&r->t, at, (tables_get(&r->t, at) & ~clear) | set);
}
