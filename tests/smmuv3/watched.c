/* SPDX-License-Identifier: MIT */
#include "watched.h"

static uint32_t add_port(struct watched *w, const char *name,
                         enum dmasim_agent_kind kind, struct dmasim_port *port)
{
	const struct dmasim_device_port_config cfg = {
	        .name = name,
	        .kind = DMASIM_PORT_COHERENT,
	        .agent_kind = kind,
	};
	uint32_t agent;

	assert_int_equal(dmasim_memsys_add_port(w->ms, &cfg, port, &agent),
	                 DMASIM_OK);
	return agent;
}

static void add_cpu(struct watched *w, uint32_t i)
{
	const struct dmasim_cpu_config cfg = {
	        .kernel = w->r->k, .memsys = w->ms, .index = i};
	struct dmasim_cpu *cpu;

	assert_int_equal(dmasim_cpu_create(&cfg, &cpu), DMASIM_OK);
	assert_int_equal(dmasim_cpu_map(cpu, RIG_RAM, RIG_RAM, RIG_RAM_SIZE,
	                                &dmasim_attr_wb),
	                 DMASIM_OK);
	assert_int_equal(dmasim_cpu_map(cpu, W_REGS, W_REGS,
	                                DMASIM_SMMU_REGS_SIZE,
	                                &dmasim_attr_device),
	                 DMASIM_OK);
	w->cpu[i] = cpu;
}

static enum dmasim_result come_out(void *obj, struct dmasim_txn *txn)
{
	struct watched *w = obj;

	w->last = txn->addr;
	return dmasim_access(&w->device, txn);
}

void watched_open(struct watched *w, struct rig *r)
{
	const struct dmasim_memsys_config cfg = {
	        .kernel = r->k,
	        .map = r->map,
	        .checker = r->checker,
	        .cpus = 2,
	};
	const struct dmasim_port out = {come_out, w};

	*w = (struct watched){.r = r};
	assert_int_equal(dmasim_memsys_create(&cfg, &w->ms), DMASIM_OK);
	assert_int_equal(dmasim_map_add_mmio(r->map, "smmu", W_REGS,
	                                     DMASIM_SMMU_REGS_SIZE, &r->regs),
	                 DMASIM_OK);
	add_port(w, "smmu", DMASIM_AGENT_SMMU, &r->below);
	w->agent = add_port(w, "nic", DMASIM_AGENT_COHERENT_DEVICE, &w->device);
	assert_int_equal(dmasim_smmu_attach(r->smmu, &out, &r->client),
	                 DMASIM_OK);
	add_cpu(w, 0);
	add_cpu(w, 1);
}

void watched_close(struct watched *w)
{
	dmasim_cpu_destroy(w->cpu[0]);
	dmasim_cpu_destroy(w->cpu[1]);
	dmasim_memsys_destroy(w->ms);
}

void watched_stream(struct watched *w)
{
	w->cd = rig_stream(w->r, W_SID, W_ASID, &w->h);
	w->ste = tables_ste(&w->r->t, &w->r->streams, W_SID);
	tables_map(&w->r->t, &w->h, W_VA, W_PA, 3, LEAF_RW);
}

uint64_t watched_dma(struct watched *w, enum dmasim_op op, uint32_t sid,
                     uint64_t va)
{
	struct dmasim_txn t = {
	        .op = op,
	        .cause = DMASIM_CAUSE_DMA,
	        .initiator = w->agent,
	        .stream_id = sid,
	        .addr = va,
	        .size = 4,
	        .attr = dmasim_attr_wb,
	        .data = w->r->buf,
	        .origin = {.what = "read frame", .queue = 1, .request = 7},
	};

	w->last = UINT64_MAX;
	assert_int_equal(dmasim_access_wait(w->r->k, &w->r->client, &t),
	                 DMASIM_OK);
	return t.result == DMASIM_TXN_OK ? w->last : UINT64_MAX;
}

uint64_t watched_read(struct watched *w)
{
	return watched_dma(w, DMASIM_READ, W_SID, W_VA);
}

unsigned watched_put(struct watched *w, unsigned cpu, uint64_t pa, uint64_t v,
                     struct dmasim_origin origin)
{
	assert_int_equal(dmasim_cpu_put(w->cpu[cpu], pa, 8, v, origin),
	                 DMASIM_OK);
	assert_int_equal(
	        dmasim_cpu_barrier(w->cpu[cpu], DMASIM_DSB, DMASIM_HERE),
	        DMASIM_OK);
	return origin.line;
}

uint64_t watched_get(struct watched *w, uint64_t pa)
{
	uint64_t v;

	assert_int_equal(dmasim_cpu_load(w->cpu[0], pa, 8, &v), DMASIM_OK);
	return v;
}

void watched_cmd(struct watched *w, unsigned cpu, struct tables_cmd c)
{
	struct rig *r = w->r;
	uint32_t prod = rig_r32(r, CMDQ_PROD);
	uint32_t mask = (1u << r->queue_log2) - 1;
	uint64_t at = r->cmdq + 16ull * (prod & mask);

	tables_set(&r->t, at, c.d0);
	tables_set(&r->t, at + 8, c.d1);
	assert_int_equal(dmasim_cpu_store(w->cpu[cpu], W_REGS + CMDQ_PROD, 4,
	                                  (prod + 1) & (2 * mask + 1)),
	                 DMASIM_OK);
	rig_settle(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS), rig_r32(r, CMDQ_PROD));
}

void watched_sync(struct watched *w)
{
	watched_cmd(w, 0, cmd_sync(0));
}

void watched_do(struct watched *w, struct tables_cmd c)
{
	watched_cmd(w, 0, c);
	watched_sync(w);
}

static void print(const struct watched *w)
{
	const struct dmasim_finding *f;
	char text[4096];

	for (size_t i = 0; (f = dmasim_finding_get(w->r->checker, i)); i++) {
		dmasim_finding_text(f, text, sizeof(text));
		print_message("%s\n", text);
	}
}

void watched_expect(struct watched *w, enum dmasim_finding_kind kind,
                    const char *file, unsigned line, const char *remedy)
{
	const struct dmasim_finding *f = dmasim_finding_get(w->r->checker, 0);
	char where[64];

	if (dmasim_finding_count(w->r->checker) != 1)
		print(w);
	assert_int_equal(dmasim_finding_count(w->r->checker), 1);
	assert_string_equal(dmasim_finding_kind_name(f->kind),
	                    dmasim_finding_kind_name(kind));
	assert_string_equal(f->reader.agent, "nic");
	assert_string_equal(f->reader.where, "read frame, queue 1, request 7");
	snprintf(where, sizeof(where), "%s:%u", file, line);
	assert_string_equal(f->writer.where, where);
	assert_string_equal(f->writer.agent, "cpu0");
	assert_true(f->reader.time > f->writer.time);
	if (!strstr(f->remedy, remedy))
		fail_msg("remedy: %s", f->remedy);
}

void watched_clean(struct watched *w)
{
	if (dmasim_finding_count(w->r->checker) != 0)
		print(w);
	assert_int_equal(dmasim_finding_count(w->r->checker), 0);
}

uint64_t watched_at(struct watched *w, unsigned level)
{
	return tables_descriptor(&w->r->t, &w->h, W_VA, level);
}

unsigned watched_move_table(struct watched *w, struct dmasim_origin origin)
{
	uint64_t table = tables_alloc(&w->r->t, 4096, 4096);

	tables_set(&w->r->t, table + (W_VA >> 12 & 511) * 8,
	           W_NEW | LEAF_RW | 3);
	return watched_put(w, 0, watched_at(w, 2), table | 3, origin);
}
