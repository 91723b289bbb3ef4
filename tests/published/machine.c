/* SPDX-License-Identifier: MIT */
#include "machine.h"

/* Without FWB what stage 1 says, with it Write-Back. */
static int stage2(struct dmasim_cpu *cpu, bool fwb)
{
	const struct dmasim_s2_attr attr = {
	        fwb ? DMASIM_S2_FWB_WB : DMASIM_S2_NORMAL, DMASIM_ISH};

	return dmasim_cpu_map_stage2(cpu, BUG_RAM, BUG_RAM, BUG_SIZE, &attr);
}

static int add_cpus(struct bug_machine *m, const struct bug *b, bool fwb)
{
	for (uint32_t i = 0; i < 2; i++) {
		const struct dmasim_cpu_config cpu = {.kernel = m->k,
		                                      .memsys = m->ms,
		                                      .choice = m->choice,
		                                      .index = i,
		                                      .stage2 = b->guest,
		                                      .fwb = fwb};

		if (dmasim_cpu_create(&cpu, &m->cpu[i]) ||
		    (b->guest && stage2(m->cpu[i], fwb)) ||
		    dmasim_cpu_map(m->cpu[i], BUG_WB, BUG_RAM, BUG_SIZE,
		                   &dmasim_attr_wb) ||
		    dmasim_cpu_map(m->cpu[i], BUG_NC, BUG_RAM, BUG_SIZE,
		                   &dmasim_attr_nc) ||
		    dmasim_cpu_map(m->cpu[i], BUG_DEV, BUG_RAM, BUG_SIZE,
		                   &dmasim_attr_device))
			return -1;
	}
	return 0;
}

int bug_open(struct bug_machine *m, const struct bug *b,
             const struct bug_run_config *cfg)
{
	static const enum dmasim_agent_kind agents[] = {
	        [DMASIM_PORT_COHERENT] = DMASIM_AGENT_COHERENT_DEVICE,
	        [DMASIM_PORT_NONCOHERENT] = DMASIM_AGENT_NONCOHERENT_DEVICE,
	        [DMASIM_PORT_CACHED] = DMASIM_AGENT_HOST};
	const struct dmasim_device_port_config port = {
	        .name = b->device_name,
	        .kind = b->device,
	        .agent_kind = agents[b->device]};
	struct dmasim_checker_config checker = {.line_size = b->line_size};
	const struct dmasim_kernel_config kernel = {
	        .backend = cfg->backend,
	        .trace = cfg->trace ? trace_hash_line : NULL,
	        .trace_ctx = cfg->trace};
	struct dmasim_memsys_config ms = {
	        .choice = cfg->choice, .cpus = 2, .line_size = b->line_size};

	if (!b->caches_choose)
		ms.choice = NULL;
	m->choice = cfg->choice;
	if (dmasim_kernel_create(&kernel, &m->k) ||
	    dmasim_map_create(&(struct dmasim_map_config){.kernel = m->k},
	                      &m->map) ||
	    dmasim_map_add_ram(m->map, "ram", BUG_RAM, BUG_SIZE))
		return -1;
	checker.kernel = ms.kernel = m->k;
	ms.map = m->map;
	if (dmasim_checker_create(&checker, &m->checker))
		return -1;
	ms.checker = m->checker;
	if (dmasim_memsys_create(&ms, &m->ms) ||
	    dmasim_memsys_add_port(m->ms, &port, &m->device, &m->agent))
		return -1;
	return add_cpus(m, b, cfg->fwb);
}

void bug_close(struct bug_machine *m)
{
	for (unsigned i = 0; i < 2; i++)
		dmasim_cpu_destroy(m->cpu[i]);
	dmasim_memsys_destroy(m->ms);
	dmasim_checker_destroy(m->checker);
	dmasim_map_destroy(m->map);
	dmasim_kernel_destroy(m->k);
}

bool bug_maybe(struct bug_machine *m, enum dmasim_choice_point point)
{
	const struct dmasim_choice_query q = {
	        .point = point, .alternatives = 2, .who = "scenario"};

	return dmasim_choose(m->choice, &q) == 1;
}

static void dma(struct bug_machine *m, enum dmasim_op op, uint64_t pa,
                uint8_t *data, uint32_t size, const char *what)
{
	struct dmasim_txn txn = {.op = op,
	                         .cause = DMASIM_CAUSE_DMA,
	                         .initiator = m->agent,
	                         .addr = pa,
	                         .size = size,
	                         .data = data,
	                         .attr = dmasim_attr_wb,
	                         .origin = {.what = what, .request = 1}};

	assert_int_equal(dmasim_access_wait(m->k, &m->device, &txn), DMASIM_OK);
	assert_int_equal(txn.result, DMASIM_TXN_OK);
}

uint64_t bug_dma_read(struct bug_machine *m, uint64_t pa, uint32_t size,
                      const char *what)
{
	uint8_t data[8] = {0};
	uint64_t v = 0;

	dma(m, DMASIM_READ, pa, data, size, what);
	for (uint32_t i = size; i-- > 0;)
		v = v << 8 | data[i];
	return v;
}

void bug_dma_write(struct bug_machine *m, uint64_t pa, uint32_t size,
                   uint64_t value, const char *what)
{
	uint8_t data[8];

	for (uint32_t i = 0; i < 8; i++)
		data[i] = (uint8_t)(value >> (8 * i));
	dma(m, DMASIM_WRITE, pa, data, size, what);
}

uint64_t bug_get(struct bug_machine *m, unsigned cpu, uint64_t va,
                 uint32_t size, struct dmasim_origin here)
{
	uint64_t v = 0;

	assert_int_equal(dmasim_cpu_get(m->cpu[cpu], va, size, &v, here),
	                 DMASIM_OK);
	return v;
}

void bug_put(struct bug_machine *m, unsigned cpu, uint64_t va, uint32_t size,
             uint64_t value, struct dmasim_origin here)
{
	assert_int_equal(dmasim_cpu_put(m->cpu[cpu], va, size, value, here),
	                 DMASIM_OK);
}

void bug_maintain(struct bug_machine *m, unsigned cpu, enum dmasim_op op,
                  uint64_t va, uint64_t size, struct dmasim_origin here)
{
	assert_int_equal(dmasim_cpu_maintain(m->cpu[cpu], op, va, size, here),
	                 DMASIM_OK);
}

void bug_barrier(struct bug_machine *m, unsigned cpu, enum dmasim_barrier kind,
                 struct dmasim_origin here)
{
	assert_int_equal(dmasim_cpu_barrier(m->cpu[cpu], kind, here),
	                 DMASIM_OK);
}

void bug_issue(struct bug_machine *m, unsigned cpu,
               const struct dmasim_insn *insn, uint32_t *token)
{
	assert_int_equal(dmasim_cpu_issue(m->cpu[cpu], insn, token), DMASIM_OK);
}

/* One of those that may be next, or, with @rest, none. False: none. */
static bool perform_one(struct bug_machine *m, unsigned cpu, bool rest)
{
	uint32_t tokens[DMASIM_WINDOW];
	uint32_t n = dmasim_cpu_ready(m->cpu[cpu], tokens, DMASIM_WINDOW);
	const struct dmasim_choice_query q = {.point = DMASIM_CHOICE_ARBITER,
	                                      .alternatives = n + rest,
	                                      .preferred = rest ? n : 0,
	                                      .who = "scenario"};
	uint32_t next;

	if (!n)
		return false;
	next = dmasim_choose(m->choice, &q);
	if (next == n)
		return false;
	assert_int_equal(dmasim_cpu_perform(m->cpu[cpu], tokens[next]),
	                 DMASIM_OK);
	return true;
}

void bug_perform_some(struct bug_machine *m, unsigned cpu)
{
	while (perform_one(m, cpu, true)) {
	}
}

void bug_perform_all(struct bug_machine *m, unsigned cpu)
{
	while (perform_one(m, cpu, false)) {
	}
}

uint64_t bug_result(struct bug_machine *m, unsigned cpu, uint32_t token)
{
	uint64_t v;

	assert_int_equal(dmasim_cpu_result(m->cpu[cpu], token, &v), DMASIM_OK);
	return v;
}
