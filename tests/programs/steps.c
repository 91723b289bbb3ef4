/* SPDX-License-Identifier: MIT */
/* What each step does on its CPU. */
#include "rig.h"

#define POLL_PS   (200 * DMASIM_NS)
#define POLLS     1000u
#define CMDQ_PROD 0x98u
#define CMDQ_CONS 0x9cu

struct on {
	struct prog_rig *g;
	const struct prog_step *s;
	struct dmasim_cpu *cpu;
	struct dmasim_origin here;
};

static int put(const struct on *o, uint64_t va, uint32_t size, uint64_t v)
{
	return dmasim_cpu_put(o->cpu, va, size, v, o->here);
}

static int get(const struct on *o, uint64_t va, uint32_t size, uint64_t *v)
{
	return dmasim_cpu_get(o->cpu, va, size, v, o->here);
}

static int barrier(const struct on *o, enum dmasim_barrier b)
{
	return dmasim_cpu_barrier(o->cpu, b, o->here);
}

static int hang(const struct on *o)
{
	rig_fail(o->g, PROG_HANG, "step %u waits in vain", o->s->id);
	return DMASIM_E_HANG;
}

/* ---- buffers ---- */

/* Up to the next multiple of 8. */
static uint32_t piece(uint32_t at, uint32_t end)
{
	uint32_t n = 8 - at % 8;

	return n < end - at ? n : end - at;
}

static int fill(const struct on *o)
{
	uint8_t *golden = o->g->golden[o->s->what];
	uint64_t va = rig_va(o->g, o->s->what);
	uint32_t end = o->s->off + o->s->len;
	int rc = DMASIM_OK;

	for (uint32_t at = o->s->off, n; !rc && at < end; at += n) {
		n = piece(at, end);
		for (uint32_t i = at; i < at + n; i++)
			golden[i] = ++o->g->fill ? o->g->fill : ++o->g->fill;
		rc = dmasim_cpu_write(o->cpu, va + at, golden + at, n, o->here);
	}
	return rc;
}

static int check(const struct on *o)
{
	const uint8_t *golden = o->g->golden[o->s->what];
	uint64_t va = rig_va(o->g, o->s->what);
	uint32_t end = o->s->off + o->s->len;
	int rc = DMASIM_OK;

	for (uint32_t at = o->s->off, n; !rc && at < end; at += n) {
		uint8_t seen[8];

		n = piece(at, end);
		rc = dmasim_cpu_read(o->cpu, va + at, seen, n, o->here);
		if (!rc && memcmp(seen, golden + at, n) != 0)
			rig_fail(o->g, PROG_WRONG,
			         "step %u: buffer %u is wrong at %u", o->s->id,
			         o->s->what, at);
	}
	return rc;
}

static int maintain(const struct on *o, enum dmasim_op op)
{
	uint64_t va = rig_va(o->g, o->s->what);

	return dmasim_cpu_maintain(o->cpu, op, va + o->s->off, o->s->len,
	                           o->here);
}

/* The DMA API: maintenance of what the device does not see by itself. */
static int sync_for(const struct on *o, enum dmasim_op op)
{
	int rc;

	if (!prog_noncoherent(&o->g->p->m))
		return DMASIM_OK;
	rc = maintain(o, op);
	return rc ? rc : barrier(o, DMASIM_DSB);
}

static const struct prog_req *req_of(const struct on *o)
{
	return &o->g->p->req[o->s->what];
}

/* MAP, UNMAP and syncs name a request; this makes the step one of its buffer.
 */
static struct on of_buffer(const struct on *o, struct prog_step *s)
{
	struct on b = *o;

	*s = *o->s;
	s->what = req_of(o)->buf;
	b.s = s;
	return b;
}

static uint64_t buffer_dma(const struct on *o)
{
	const struct prog_req *q = req_of(o);

	return rig_dma(o->g, q, o->s->off);
}

static enum dmasim_dma_dir direction(const struct prog_req *q)
{
	static const enum dmasim_dma_dir dirs[] = {
	        [PROG_TO_DEVICE] = DMASIM_TO_DEVICE,
	        [PROG_FROM_DEVICE] = DMASIM_FROM_DEVICE,
	        [PROG_BOTH] = DMASIM_BIDIRECTIONAL};

	return dirs[q->dir];
}

/* What the checker is told of the buffer. */
static int note(const struct on *o)
{
	const struct prog_req *q = req_of(o);
	struct dmasim_checker *c = o->g->checker;
	const struct dmasim_dma_buffer b = {
	        .stream_id = STREAM,
	        .dma = buffer_dma(o),
	        .pa = rig_pa(o->g, q->buf) + o->s->off,
	        .size = o->s->len,
	        .direction = direction(q),
	        .coherent = o->g->p->m.device != PROG_NONCOHERENT,
	        .request = o->s->what + 1u,
	        .by = o->here,
	        .at = dmasim_cpu_place(o->cpu)};

	if (o->s->op == PROG_MAP)
		return dmasim_note_buffer(c, &b);
	if (o->s->op == PROG_SYNC_DEV)
		return dmasim_note_sync(c, STREAM, b.dma, b.size,
		                        DMASIM_SYNC_TO_DEVICE, b.at);
	if (o->s->op == PROG_SYNC_CPU)
		return dmasim_note_sync(c, STREAM, b.dma, b.size,
		                        DMASIM_SYNC_TO_CPU, b.at);
	dmasim_note_unmap(c, STREAM, b.dma, b.size);
	return DMASIM_OK;
}

/* The same by harness/driver, on the driver's CPU. */
static int harness(const struct on *o)
{
	const struct prog_req *q = req_of(o);
	uint64_t pa = rig_pa(o->g, q->buf) + o->s->off;
	uint64_t *bus = &o->g->bus[q->slot];
	struct dmasim_dma *d = o->g->api;

	switch (o->s->op) {
	case PROG_MAP:
		return dmasim_dma_map(d, pa, o->s->len, direction(q), bus);
	case PROG_SYNC_DEV:
		return dmasim_dma_sync(d, *bus, o->s->len,
		                       DMASIM_SYNC_TO_DEVICE);
	case PROG_SYNC_CPU:
		return dmasim_dma_sync(d, *bus, o->s->len, DMASIM_SYNC_TO_CPU);
	default:
		return dmasim_dma_unmap(d, *bus, o->s->len, direction(q));
	}
}

static int api(const struct on *o)
{
	bool to_device = o->s->op == PROG_MAP || o->s->op == PROG_SYNC_DEV;
	struct prog_step s;
	const struct on b = of_buffer(o, &s);
	int rc = DMASIM_OK;

	if (o->g->p->m.harness)
		return harness(o);
	if (to_device)
		rc = sync_for(&b, DMASIM_CLEAN);
	else if (req_of(o)->dir != PROG_TO_DEVICE)
		rc = sync_for(&b, DMASIM_INVALIDATE);
	return rc ? rc : note(o);
}

/* ---- the ring ---- */

static int desc(const struct on *o)
{
	const struct prog_req *q = req_of(o);
	uint64_t va = o->g->both_va + RING_DESC + 16ull * o->s->what;
	uint64_t v = q->len | (uint64_t)q->dir << 32 |
	             (uint64_t)(o->s->what + 1u) << 48;
	int rc = put(o, va, 8, rig_dma(o->g, q, q->off));

	return rc ? rc : put(o, va + 8, 8, v);
}

static int poll_word(const struct on *o, uint64_t va, uint64_t at_least)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < POLLS; i++) {
		int rc = get(o, va, 4, &v);

		if (rc || v >= at_least)
			return rc;
		rc = dmasim_cpu_delay(o->cpu, POLL_PS);
		if (rc)
			return rc;
	}
	return hang(o);
}

static int wait_irq(const struct on *o)
{
	while (o->g->irqs <= o->s->what) {
		int rc = dmasim_event_wait(o->g->irq, POLLS * POLL_PS);

		if (rc == DMASIM_E_TIMEOUT)
			return hang(o);
		if (rc)
			return rc;
	}
	dmasim_note_signal(o->g->checker, o->g->agent,
	                   rig_agent(o->g, o->s->cpu));
	return DMASIM_OK;
}

static int used(const struct on *o)
{
	uint64_t va = o->g->both_va + RING_USED + 8ull * o->s->what, v;
	int rc = get(o, va, 8, &v);

	if (!rc && v != (o->s->what + 1u) * 0x100000001ull)
		rig_fail(o->g, PROG_WRONG, "step %u: id 0x%llx is not a head",
		         o->s->id, (unsigned long long)v);
	return rc;
}

/* ---- among CPUs ---- */

static uint64_t hand_va(const struct on *o)
{
	return rig_wb(HAND_AT) + 0x100ull * o->s->what;
}

static int lock(const struct on *o)
{
	for (unsigned i = 0; i < POLLS; i++) {
		uint32_t v = 1;
		int rc = dmasim_cpu_atomic(o->cpu, DMASIM_ATOMIC_SWAP,
		                           rig_wb(LOCK_AT), &v, 4, o->here);

		if (rc || !v)
			return rc;
		rc = dmasim_cpu_delay(o->cpu, POLL_PS);
		if (rc)
			return rc;
	}
	return hang(o);
}

static int shared(const struct on *o)
{
	uint64_t va = rig_wb(SHARED_AT) + o->s->off, v, want;
	int rc = get(o, va, 8, &v);

	memcpy(&want, o->g->shared + o->s->off, 8);
	if (!rc && v != want)
		rig_fail(o->g, PROG_WRONG, "step %u: the shared bytes are old",
		         o->s->id);
	want += o->s->id;
	memcpy(o->g->shared + o->s->off, &want, 8);
	return rc ? rc : put(o, va, 8, want);
}

static int noise(const struct on *o)
{
	uint64_t va = rig_wb(NOISE_AT) + 0x4000ull * o->s->cpu + o->s->off;
	uint64_t v;
	int rc = put(o, va, 8, o->s->id);

	if (!rc)
		rc = get(o, va, 8, &v);
	if (!rc && v != o->s->id)
		rig_fail(o->g, PROG_WRONG, "step %u: its own store is gone",
		         o->s->id);
	return rc;
}

/* ---- the SMMU ---- */

static int pt_write(const struct on *o, bool valid)
{
	const struct prog_req *q = req_of(o);
	uint64_t leaf = (rig_pa(o->g, q->buf) & ~0xfffull) | 3 |
	                DMASIM_TABLES_AF | DMASIM_TABLES_SH(3) |
	                DMASIM_TABLES_AP1 | DMASIM_TABLES_NG;

	return put(o, rig_wb(o->g->pte[q->slot]), 8, valid ? leaf : 0);
}

static int pt_clean(const struct on *o)
{
	return dmasim_cpu_maintain(o->cpu, DMASIM_CLEAN,
	                           rig_wb(o->g->pte[req_of(o)->slot]), 8,
	                           o->here);
}

static int command(const struct on *o, struct dmasim_tables_cmd c)
{
	struct prog_rig *g = o->g;
	uint32_t n = g->cmd_prod & ((1u << CMDQ_LOG2) - 1);
	uint64_t va = rig_wb(CMDQ_AT) + 16ull * n;
	int rc = put(o, va, 8, c.d0);

	if (!rc)
		rc = put(o, va + 8, 8, c.d1);
	if (!rc && !g->p->m.smmu_coherent)
		rc = dmasim_cpu_maintain(o->cpu, DMASIM_CLEAN, va, 16, o->here);
	if (!rc)
		rc = barrier(o, DMASIM_DSB);
	g->cmd_prod = (g->cmd_prod + 1) & ((2u << CMDQ_LOG2) - 1);
	return rc ? rc : put(o, VA_SMMU + CMDQ_PROD, 4, g->cmd_prod);
}

static int tlbi(const struct on *o)
{
	const struct dmasim_tables_tlbi_fields f = {
	        .op = DMASIM_TABLES_TLBI_NH_VA,
	        .asid = 1,
	        .address = IOVA_SLOT + 0x1000ull * req_of(o)->slot,
	        .leaf = true};

	return command(o, dmasim_tables_tlbi(&f));
}

static int cmd_sync(const struct on *o)
{
	int rc = command(o, dmasim_tables_sync(DMASIM_TABLES_SYNC_NONE));
	uint64_t cons = 0;

	for (unsigned i = 0; !rc && i < POLLS; i++) {
		rc = get(o, VA_SMMU + CMDQ_CONS, 4, &cons);
		if (rc || cons == o->g->cmd_prod)
			return rc;
		rc = dmasim_cpu_delay(o->cpu, POLL_PS);
	}
	return rc ? rc : hang(o);
}

/* ---- all of them ---- */

typedef int step_fn(const struct on *o);

static int clean(const struct on *o)
{
	return maintain(o, DMASIM_CLEAN);
}

static int inval(const struct on *o)
{
	return maintain(o, DMASIM_INVALIDATE);
}

static int dsb(const struct on *o)
{
	return barrier(o, DMASIM_DSB);
}

static int store_barrier(const struct on *o)
{
	return barrier(o, DMASIM_DMB_ST);
}

static int load_barrier(const struct on *o)
{
	return barrier(o, DMASIM_DMB_LD);
}

static int dsb_st(const struct on *o)
{
	return barrier(o, DMASIM_DSB_ST);
}

static int dmb(const struct on *o)
{
	return barrier(o, DMASIM_DMB);
}

static int index_step(const struct on *o)
{
	return put(o, o->g->both_va + RING_INDEX, 4, o->s->what);
}

static int kick(const struct on *o)
{
	return put(o, VA_BELL, 4, o->s->what);
}

static int poll_done(const struct on *o)
{
	return poll_word(o, o->g->both_va + RING_DONE, o->s->what + 1u);
}

static int hand(const struct on *o)
{
	return put(o, hand_va(o), 4, 1);
}

static int take(const struct on *o)
{
	return poll_word(o, hand_va(o), 1);
}

static int unlock(const struct on *o)
{
	return put(o, rig_wb(LOCK_AT), 4, 0);
}

static int pt_set(const struct on *o)
{
	return pt_write(o, true);
}

static int pt_clear(const struct on *o)
{
	return pt_write(o, false);
}

static step_fn *step_function(unsigned op)
{
	static step_fn *const functions[PROG_OPS] = {
	        [PROG_FILL] = fill,         [PROG_CHECK] = check,
	        [PROG_MAP] = api,           [PROG_UNMAP] = api,
	        [PROG_SYNC_DEV] = api,      [PROG_SYNC_CPU] = api,
	        [PROG_CLEAN] = clean,       [PROG_INVAL] = inval,
	        [PROG_DSB] = dsb,           [PROG_DESC] = desc,
	        [PROG_WMB] = store_barrier, [PROG_INDEX] = index_step,
	        [PROG_MB] = dsb_st,         [PROG_KICK] = kick,
	        [PROG_WAIT_IRQ] = wait_irq, [PROG_POLL] = poll_done,
	        [PROG_RMB] = load_barrier,  [PROG_USED] = used,
	        [PROG_HAND] = hand,         [PROG_TAKE] = take,
	        [PROG_LOCK] = lock,         [PROG_UNLOCK] = unlock,
	        [PROG_ACQ] = load_barrier,  [PROG_REL] = dmb,
	        [PROG_SHARED] = shared,     [PROG_NOISE] = noise,
	        [PROG_PT_SET] = pt_set,     [PROG_PT_CLEAR] = pt_clear,
	        [PROG_PT_CLEAN] = pt_clean, [PROG_TLBI] = tlbi,
	        [PROG_SYNC] = cmd_sync};

	return functions[op];
}

void rig_cpu(void *thread)
{
	const struct prog_thread *t = thread;
	struct prog_rig *g = t->g;

	for (unsigned i = 0; i < g->p->steps; i++) {
		const struct prog_step *s = &g->p->step[i];
		struct on o = {.g = g, .s = s, .cpu = g->cpu[t->cpu]};
		int rc;

		if (s->cpu != t->cpu || s->op == PROG_NONE)
			continue;
		o.here = (struct dmasim_origin){.file = PROG_FILE,
		                                .line = s->id,
		                                .what = prog_op_name(s->op)};
		rc = step_function(s->op)(&o);
		if (!rc)
			continue;
		rig_fail(g, rc == DMASIM_E_FAULT ? PROG_FAULT : PROG_HANG,
		         "step %u: %s", s->id, dmasim_strerror(rc));
		break;
	}
	g->done_cpus++;
}
