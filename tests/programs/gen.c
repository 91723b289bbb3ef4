/* SPDX-License-Identifier: MIT */
/* Programs that use the DMA API, barriers and page tables as they should. */
#include "prog.h"

struct gen {
	struct prog *p;
	uint64_t s;
	unsigned hands, group, groups;
};

static bool chance(struct gen *g, unsigned of)
{
	return prog_below(&g->s, of) == 0;
}

static struct prog_step *step(struct gen *g, enum prog_op op, unsigned cpu,
                              unsigned what)
{
	struct prog *p = g->p;
	struct prog_step *s = &p->step[p->steps < PROG_STEPS ? p->steps : 0];

	p->steps++;
	*s = (struct prog_step){.op = (uint8_t)op,
	                        .cpu = (uint8_t)cpu,
	                        .what = (uint8_t)what,
	                        .id = p->steps,
	                        .group = (uint16_t)g->group};
	return s;
}

static void range_step(struct gen *g, enum prog_op op, unsigned cpu,
                       unsigned what, const struct prog_req *q)
{
	struct prog_step *s = step(g, op, cpu, what);

	s->off = q->off;
	s->len = q->len;
}

static void noise(struct gen *g)
{
	unsigned n = prog_below(&g->s, 3), group = g->group;

	while (n--) {
		unsigned cpu = prog_below(&g->s, g->p->m.cpus);
		struct prog_step *s;

		g->group = ++g->groups;
		s = step(g, PROG_NOISE, cpu, 0);
		s->off = (uint16_t)(8 * prog_below(&g->s, 0x400));
	}
	g->group = group;
}

static void pick_machine(struct gen *g)
{
	static const uint16_t lines[] = {64, 64, 32, 16, 128, 256};
	static const uint8_t asks[] = {0, 1, 4, 32};
	struct prog_machine *m = &g->p->m;

	m->device = (uint8_t)prog_below(&g->s, m->harness ? PROG_HOST_FWB
	                                                  : PROG_DEVICES);
	m->cpus = (uint8_t)(1 + prog_below(&g->s, PROG_CPUS));
	m->line = lines[prog_below(&g->s, 6)];
	m->smmu = chance(g, 3);
	m->smmu_coherent = chance(g, 2);
	m->bare = prog_noncoherent(m) && chance(g, 3);
	m->device_polls = chance(g, 4);
	m->bare &= !m->harness;
	m->private_l2 = chance(g, 4);
	m->system = chance(g, 4);
	m->no_shared = chance(g, 8);
	m->moesi = chance(g, 2);
	m->replacement = (uint8_t)prog_below(&g->s, 3);
	m->ask_every = asks[prog_below(&g->s, 4)];
}

/* What the device writes has its lines to itself. */
static void pick_buffers(struct gen *g)
{
	struct prog *p = g->p;
	uint32_t at = 0, both = 0;

	p->bufs = (uint8_t)(2 + prog_below(&g->s, PROG_BUFS - 1));
	for (unsigned b = 0; b < p->bufs; b++) {
		uint32_t lines = 1 + prog_below(&g->s, 3);
		uint32_t size = lines * p->m.line;

		if (chance(g, 4) && both + size <= 0x1000) {
			p->buf[b] = (struct prog_buf){
			        .at = both, .size = size, .both = true};
			both += size;
			continue;
		}

		/* No buffer crosses a page. */
		if (chance(g, 2) || at / 0x1000 != (at + size - 1) / 0x1000)
			at = (at + 0xfff) & ~0xfffu;
		p->buf[b] = (struct prog_buf){.at = at, .size = size};
		at += size;
	}
}

/* ---- a request's life ---- */

static void pass(struct gen *g, unsigned from, unsigned to)
{
	unsigned h = g->hands;

	if (from == to)
		return;
	g->hands++;
	step(g, PROG_REL, from, 0);
	step(g, PROG_HAND, from, h);
	step(g, PROG_TAKE, to, h);
	step(g, PROG_ACQ, to, 0);
}

static unsigned other_cpu(struct gen *g, unsigned driver)
{
	bool left = g->hands + 2 <= PROG_HANDS;

	return left && chance(g, 3) ? prog_below(&g->s, g->p->m.cpus) : driver;
}

static void page_table(struct gen *g, unsigned cpu, unsigned r, bool map)
{
	if (!g->p->m.smmu || g->p->m.harness)
		return;
	step(g, map ? PROG_PT_SET : PROG_PT_CLEAR, cpu, r);
	if (!g->p->m.smmu_coherent)
		step(g, PROG_PT_CLEAN, cpu, r);
	step(g, PROG_DSB, cpu, r);
	if (map)
		return;
	step(g, PROG_TLBI, cpu, r);
	step(g, PROG_SYNC, cpu, r);
}

static bool device_writes(const struct prog_req *q)
{
	return q->dir != PROG_TO_DEVICE;
}

/* Hand the buffer to the device. */
static void to_device(struct gen *g, unsigned cpu, unsigned r, bool first)
{
	const struct prog_req *q = &g->p->req[r];

	if (g->p->buf[q->buf].both)
		return;
	if (first)
		page_table(g, cpu, r, true);
	if (!g->p->m.bare) {
		range_step(g, first ? PROG_MAP : PROG_SYNC_DEV, cpu, r, q);
		return;
	}
	range_step(g, PROG_CLEAN, cpu, q->buf, q);
	step(g, PROG_DSB, cpu, r);
}

/* And take it back. */
static void to_cpu(struct gen *g, unsigned cpu, unsigned r, bool last)
{
	const struct prog_req *q = &g->p->req[r];

	if (g->p->buf[q->buf].both)
		return;
	if (!g->p->m.bare) {
		range_step(g, last ? PROG_UNMAP : PROG_SYNC_CPU, cpu, r, q);
	} else if (device_writes(q)) {
		range_step(g, PROG_INVAL, cpu, q->buf, q);
		step(g, PROG_DSB, cpu, r);
	}
	if (last)
		page_table(g, cpu, r, false);
}

static void fill(struct gen *g, unsigned cpu, const struct prog_req *q)
{
	unsigned from = other_cpu(g, cpu);

	/* What was done with the buffer before comes first. */
	pass(g, cpu, from);
	range_step(g, PROG_FILL, from, q->buf, q);
	pass(g, from, cpu);
}

static void look_at(struct gen *g, unsigned cpu, const struct prog_req *q)
{
	unsigned to = other_cpu(g, cpu);

	pass(g, cpu, to);
	range_step(g, PROG_CHECK, to, q->buf, q);
	/* The next use of the buffer comes after. */
	pass(g, to, cpu);
}

static void expose(struct gen *g, unsigned cpu, unsigned first, unsigned n)
{
	for (unsigned r = first; r < first + n; r++)
		step(g, PROG_DESC, cpu, r);
	step(g, PROG_WMB, cpu, 0);
	step(g, PROG_INDEX, cpu, first + n);
	if (g->p->m.device_polls)
		return;
	step(g, PROG_MB, cpu, 0);
	step(g, PROG_KICK, cpu, first + n);
}

static void await(struct gen *g, unsigned cpu, unsigned r)
{
	if (chance(g, 2))
		step(g, PROG_WAIT_IRQ, cpu, r);
	step(g, PROG_POLL, cpu, r);
	step(g, PROG_RMB, cpu, 0);
	step(g, PROG_USED, cpu, r);
}

/* Whole lines if the device writes, any bytes otherwise. */
static void pick_range(struct gen *g, struct prog_req *q)
{
	const struct prog_buf *b = &g->p->buf[q->buf];
	unsigned line = g->p->m.line, lines = b->size / line;
	unsigned first = prog_below(&g->s, lines);

	q->off = (uint16_t)(first * line);
	q->len = (uint16_t)((1 + prog_below(&g->s, lines - first)) * line);
	if (device_writes(q))
		return;
	first = prog_below(&g->s, line / 2);
	q->off = (uint16_t)(q->off + first);
	q->len = (uint16_t)(q->len - first - prog_below(&g->s, line / 2));
}

/* A second use of a mapping. */
static void again(struct gen *g, unsigned cpu, unsigned old)
{
	struct prog *p = g->p;
	unsigned r = p->reqs;

	p->req[p->reqs++] = p->req[old];
	to_cpu(g, cpu, old, false);
	if (device_writes(&p->req[old]))
		look_at(g, cpu, &p->req[old]);
	if (p->req[r].dir != PROG_FROM_DEVICE)
		fill(g, cpu, &p->req[r]);
	to_device(g, cpu, r, false);
	noise(g);
	expose(g, cpu, r, 1);
	await(g, cpu, r);
}

static void batch(struct gen *g, unsigned cpu)
{
	struct prog *p = g->p;
	unsigned first = p->reqs, n = 1 + prog_below(&g->s, 3);
	unsigned start = prog_below(&g->s, p->bufs);
	bool more;

	if (n > p->bufs)
		n = p->bufs;
	g->group = ++g->groups;
	for (unsigned i = 0; i < n; i++) {
		struct prog_req *q = &p->req[p->reqs];

		*q = (struct prog_req){.buf = (uint8_t)((start + i) % p->bufs),
		                       .slot = (uint8_t)i,
		                       .dir = (uint8_t)prog_below(&g->s, 3),
		                       .group = (uint16_t)g->group};
		pick_range(g, q);
		if (q->dir != PROG_FROM_DEVICE || chance(g, 2))
			fill(g, cpu, q);
		to_device(g, cpu, p->reqs++, true);
		noise(g);
	}
	expose(g, cpu, first, n);
	noise(g);
	for (unsigned r = first; r < first + n; r++)
		await(g, cpu, r);
	more = n == 1 && p->reqs < PROG_REQS && chance(g, 2);
	if (more)
		again(g, cpu, first);
	for (unsigned r = first; r < first + n; r++) {
		/* The last use of the mapping is what is undone. */
		unsigned last = more ? first + n : r;

		to_cpu(g, cpu, last, true);
		if (device_writes(&p->req[r]) || chance(g, 3))
			look_at(g, cpu, &p->req[r]);
	}
}

static void critical_section(struct gen *g)
{
	unsigned cpu = prog_below(&g->s, g->p->m.cpus);

	g->group = ++g->groups;
	step(g, PROG_LOCK, cpu, 0);
	step(g, PROG_ACQ, cpu, 0);
	step(g, PROG_SHARED, cpu, 0)->off =
	        (uint16_t)(8 * prog_below(&g->s, 2));
	step(g, PROG_REL, cpu, 0);
	step(g, PROG_UNLOCK, cpu, 0);
}

static void find_places(struct prog *p)
{
	for (unsigned i = 0; i < p->steps; i++) {
		const struct prog_step *s = &p->step[i];

		if (s->op == PROG_DESC)
			p->req[s->what].kick = s->id;
		if (s->op == PROG_USED)
			p->req[s->what].wait = s->id;
	}
}

void prog_drop(struct prog *p, unsigned group)
{
	for (unsigned i = 0; i < p->steps; i++)
		if (p->step[i].group == group)
			p->step[i].op = PROG_NONE;
	for (unsigned r = 0; r < p->reqs; r++)
		p->req[r].gone |= p->req[r].group == group;
}

static void generate(struct prog *p, uint64_t seed)
{
	struct gen g = {.p = p, .s = seed};
	unsigned batches;

	p->seed = seed;
	pick_machine(&g);
	pick_buffers(&g);
	batches = 1 + prog_below(&g.s, 4);
	for (unsigned i = 0; i < batches; i++) {
		if (chance(&g, 3))
			critical_section(&g);
		noise(&g);
		batch(&g, 0);
		if (chance(&g, 3))
			critical_section(&g);
	}
	find_places(p);
	assert_true(p->steps <= PROG_STEPS);
}

void prog_generate(struct prog *p, uint64_t seed)
{
	*p = (struct prog){0};
	generate(p, seed);
}

void prog_generate_harness(struct prog *p, uint64_t seed)
{
	*p = (struct prog){.m.harness = true};
	generate(p, seed);
}

const char *prog_op_name(unsigned op)
{
	static const char *const names[PROG_OPS] = {
	        [PROG_NONE] = "nothing",
	        [PROG_FILL] = "fill buffer",
	        [PROG_CHECK] = "check buffer",
	        [PROG_MAP] = "dma_map_single",
	        [PROG_UNMAP] = "dma_unmap_single",
	        [PROG_SYNC_DEV] = "dma_sync_single_for_device",
	        [PROG_SYNC_CPU] = "dma_sync_single_for_cpu",
	        [PROG_CLEAN] = "DC CVAC",
	        [PROG_INVAL] = "DC IVAC",
	        [PROG_DSB] = "DSB",
	        [PROG_DESC] = "write descriptor",
	        [PROG_WMB] = "dma_wmb",
	        [PROG_INDEX] = "write index",
	        [PROG_MB] = "wmb",
	        [PROG_KICK] = "doorbell",
	        [PROG_WAIT_IRQ] = "wait for interrupt",
	        [PROG_POLL] = "poll used index",
	        [PROG_RMB] = "dma_rmb",
	        [PROG_USED] = "read used element",
	        [PROG_HAND] = "set flag",
	        [PROG_TAKE] = "wait for flag",
	        [PROG_LOCK] = "lock",
	        [PROG_UNLOCK] = "unlock",
	        [PROG_ACQ] = "acquire",
	        [PROG_REL] = "release",
	        [PROG_SHARED] = "shared bytes",
	        [PROG_NOISE] = "own bytes",
	        [PROG_PT_SET] = "set leaf",
	        [PROG_PT_CLEAR] = "clear leaf",
	        [PROG_PT_CLEAN] = "clean leaf",
	        [PROG_TLBI] = "TLBI",
	        [PROG_SYNC] = "CMD_SYNC"};

	return names[op];
}

void prog_print(const struct prog *p, FILE *f)
{
	static const char *const devices[] = {"coherent", "non-coherent",
	                                      "host process",
	                                      "host process (FWB)"};
	static const char *const dirs[] = {"to device", "from device", "both"};

	fprintf(f, "program %llu: %s device%s%s%s, %u cpus, lines of %u\n",
	        (unsigned long long)p->seed, devices[p->m.device],
	        p->m.device_polls ? " that polls" : "",
	        p->m.smmu ? " behind an SMMU" : "",
	        p->m.smmu
	                ? p->m.smmu_coherent ? " (coherent)" : " (not coherent)"
	                : "",
	        p->m.cpus, p->m.line);
	fprintf(f, "  %s%s%s%s, replacement %u, asks every %u\n",
	        p->m.moesi ? "MOESI" : "MESI",
	        p->m.private_l2 ? ", private L2s" : "",
	        p->m.no_shared ? "" : ", shared cache",
	        p->m.system ? ", system cache" : "", p->m.replacement,
	        p->m.ask_every);
	for (unsigned b = 0; b < p->bufs; b++)
		fprintf(f, "  buffer %u: %s+0x%x, %u bytes\n", b,
		        p->buf[b].both ? "for both, " : "", p->buf[b].at,
		        p->buf[b].size);
	for (unsigned r = 0; r < p->reqs; r++)
		if (!p->req[r].gone)
			fprintf(f,
			        "  request %u: buffer %u +%u, %u bytes, %s\n",
			        r + 1, p->req[r].buf, p->req[r].off,
			        p->req[r].len, dirs[p->req[r].dir]);
	for (unsigned i = 0; i < p->steps; i++) {
		const struct prog_step *s = &p->step[i];

		if (s->op == PROG_NONE)
			continue;
		fprintf(f, "  %3u cpu%u %s %u", s->id, s->cpu,
		        prog_op_name(s->op), s->what);
		if (s->len)
			fprintf(f, " [%u, %u)", s->off, s->off + s->len);
		fprintf(f, "\n");
	}
}
