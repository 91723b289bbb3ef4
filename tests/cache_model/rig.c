/* SPDX-License-Identifier: MIT */
#include "rig.h"

#include <stdlib.h>

static enum dmasim_result slow_do(struct slow *s, struct dmasim_txn *txn)
{
	s->accesses++;
	s->last_cause = txn->cause;
	if (txn->addr < s->to && txn->addr + txn->size > s->from)
		return s->refusal;
	if (txn->op == DMASIM_READ)
		s->reads++;
	if (txn->op == DMASIM_WRITE) {
		s->writes++;
		s->written += txn->size;
	}
	return s->inner.access(s->inner.obj, txn);
}

static void slow_call(void *obj, uint32_t op, uint64_t arg)
{
	struct slow *s = obj;
	struct dmasim_txn *txn = s->held[arg];

	(void)op;
	s->held[arg] = NULL;
	s->in_flight--;
	dmasim_complete(s->k, txn, slow_do(s, txn), 0);
}

static enum dmasim_result slow_access(void *obj, struct dmasim_txn *txn)
{
	struct slow *s = obj;
	struct dmasim_call call = {.actor = s->actor};
	uint64_t delay = s->delay;

	if (!delay)
		return slow_do(s, txn);
	while (call.arg < 256 && s->held[call.arg])
		call.arg++;
	if (call.arg == 256) {
		dmasim_fail(s->k, "too many accesses in flight");
		return DMASIM_TXN_SLAVE;
	}
	s->held[call.arg] = txn;
	if (++s->in_flight > s->most)
		s->most = s->in_flight;
	if (s->seed)
		delay = 1 + rig_random(&s->seed) % delay;
	if (delay != DMASIM_FOREVER)
		dmasim_call_at(s->k, dmasim_now(s->k) + delay, 0, &call, NULL);
	return DMASIM_TXN_PENDING;
}

static enum dmasim_result registers(void *obj, struct dmasim_txn *txn)
{
	struct rig *r = obj;

	r->register_accesses++;
	r->register_offset = txn->offset;
	if (txn->op == DMASIM_READ)
		memset(txn->data, 0xd5, txn->size);
	return txn->size > 8 ? DMASIM_TXN_SLAVE : DMASIM_TXN_OK;
}

static int add_ports(struct rig *r)
{
	struct dmasim_device_port_config port = {
	        .name = "coherent disk",
	        .kind = DMASIM_PORT_COHERENT,
	        .agent_kind = DMASIM_AGENT_COHERENT_DEVICE};

	if (dmasim_memsys_add_port(r->ms, &port, &r->coherent,
	                           &r->coherent_agent))
		return -1;
	port.name = "disk";
	port.kind = DMASIM_PORT_NONCOHERENT;
	port.agent_kind = DMASIM_AGENT_NONCOHERENT_DEVICE;
	if (dmasim_memsys_add_port(r->ms, &port, &r->noncoherent,
	                           &r->noncoherent_agent))
		return -1;
	port.name = "host";
	port.kind = DMASIM_PORT_CACHED;
	port.agent_kind = DMASIM_AGENT_HOST;
	return dmasim_memsys_add_port(r->ms, &port, &r->host, &r->host_agent);
}

static int add_foreign_ports(struct rig *r)
{
	struct dmasim_device_port_config port = {.name = "foreign cpu",
	                                         .kind = DMASIM_PORT_CACHED,
	                                         .agent_kind = DMASIM_AGENT_CPU,
	                                         .inner_domain = 1};

	if (dmasim_memsys_add_port(r->ms, &port, &r->foreign, NULL))
		return -1;
	port.name = "foreign disk";
	port.kind = DMASIM_PORT_COHERENT;
	port.agent_kind = DMASIM_AGENT_COHERENT_DEVICE;
	return dmasim_memsys_add_port(r->ms, &port, &r->foreign_device, NULL);
}

static int add_cpus(struct rig *r, const struct rig_config *cfg)
{
	for (uint32_t i = 0; i < r->cpus; i++) {
		const struct dmasim_cpu_config cpu = {
		        .kernel = r->k,
		        .memsys = r->ms,
		        .choice = r->choice,
		        .index = i,
		        .store_buffer = cfg->store_buffer};

		if (dmasim_cpu_create(&cpu, &r->cpu[i]) ||
		    dmasim_cpu_map(r->cpu[i], RIG_WB, RIG_RAM, RIG_SIZE,
		                   &dmasim_attr_wb) ||
		    dmasim_cpu_map(r->cpu[i], RIG_NC, RIG_RAM, RIG_SIZE,
		                   &dmasim_attr_nc) ||
		    dmasim_cpu_map(r->cpu[i], RIG_WT, RIG_RAM, RIG_SIZE,
		                   &dmasim_attr_wt) ||
		    dmasim_cpu_map(r->cpu[i], RIG_DEV, RIG_MMIO, 0x1000,
		                   &dmasim_attr_device) ||
		    dmasim_memsys_cpu_port(r->ms, i, &r->core[i]))
			return -1;
	}
	return 0;
}

static int build(struct rig *r, const struct rig_config *cfg)
{
	struct dmasim_port dev = {registers, r};
	struct dmasim_memsys_config ms = {
	        .line_size = cfg->line_size,
	        .l1 = cfg->l1,
	        .l2 = cfg->l2,
	        .shared = cfg->shared,
	        .system = cfg->system,
	        .snoop_filter = cfg->snoop_filter,
	        .protocol = cfg->protocol,
	        .ask_every = cfg->ask_every,
	        .no_timing = cfg->no_timing,
	};

	if (dmasim_kernel_create(NULL, &r->k) ||
	    dmasim_map_create(&(struct dmasim_map_config){.kernel = r->k},
	                      &r->map) ||
	    dmasim_map_add_ram(r->map, "ram", RIG_RAM, RIG_SIZE) ||
	    dmasim_map_add_mmio(r->map, "registers", RIG_MMIO, 0x1000, &dev) ||
	    dmasim_actor_register(r->k, "slow", slow_call, &r->slow,
	                          &r->slow.actor))
		return -1;
	if (cfg->choice && dmasim_choice_create(cfg->choice, &r->choice))
		return -1;
	if (!cfg->no_checker &&
	    dmasim_checker_create(
	            &(struct dmasim_checker_config){.kernel = r->k,
	                                            .line_size = cfg->line_size,
	                                            .max_findings =
	                                                    cfg->max_findings},
	            &r->checker))
		return -1;
	r->slow.k = r->k;
	r->slow.inner = dmasim_map_port(r->map);
	r->slow.delay = cfg->delay;
	ms.kernel = r->k;
	ms.map = r->map;
	ms.checker = r->checker;
	ms.choice = r->choice;
	ms.cpus = r->cpus;
	ms.memory = &(struct dmasim_port){slow_access, &r->slow};
	if (dmasim_memsys_create(&ms, &r->ms))
		return -1;
	r->line = dmasim_memsys_line_size(r->ms);
	return add_ports(r) || add_cpus(r, cfg) ||
	       (cfg->domains && add_foreign_ports(r));
}

struct rig *rig_new(const struct rig_config *cfg)
{
	struct rig *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->cpus = cfg->cpus ? cfg->cpus : 2;
	assert_int_equal(build(r, cfg), 0);
	return r;
}

void rig_free(struct rig *r)
{
	for (uint32_t i = 0; i < r->cpus; i++)
		dmasim_cpu_destroy(r->cpu[i]);
	dmasim_memsys_destroy(r->ms);
	dmasim_checker_destroy(r->checker);
	dmasim_choice_destroy(r->choice);
	dmasim_map_destroy(r->map);
	dmasim_kernel_destroy(r->k);
	free(r);
}

int rig_setup(void **state)
{
	*state = rig_new(&(struct rig_config){0});
	return 0;
}

int rig_teardown(void **state)
{
	rig_free(*state);
	return 0;
}

enum dmasim_result rig_access(struct rig *r, const struct dmasim_port *port,
                              struct dmasim_txn *txn)
{
	assert_int_equal(dmasim_access_wait(r->k, port, txn), DMASIM_OK);
	return txn->result;
}

enum dmasim_result rig_move(struct rig *r, const struct dmasim_port *port,
                            enum dmasim_op op, uint64_t addr, void *data,
                            uint32_t size, const struct dmasim_attr *attr)
{
	struct dmasim_txn txn = {.op = op,
	                         .cause = DMASIM_CAUSE_CPU,
	                         .addr = addr,
	                         .size = size,
	                         .data = data,
	                         .attr = *attr,
	                         .origin = DMASIM_HERE};

	return rig_access(r, port, &txn);
}

uint64_t rig_read(struct rig *r, const struct dmasim_port *port, uint64_t addr,
                  const struct dmasim_attr *attr)
{
	uint64_t v = 0;

	assert_int_equal(rig_move(r, port, DMASIM_READ, addr, &v, 8, attr),
	                 DMASIM_TXN_OK);
	return v;
}

void rig_write(struct rig *r, const struct dmasim_port *port, uint64_t addr,
               uint64_t value, const struct dmasim_attr *attr)
{
	assert_int_equal(rig_move(r, port, DMASIM_WRITE, addr, &value, 8, attr),
	                 DMASIM_TXN_OK);
}

uint64_t rig_ram(struct rig *r, uint64_t addr)
{
	uint64_t v = 0;

	assert_int_equal(dmasim_map_peek(r->map, addr, &v, 8), DMASIM_OK);
	return v;
}

static struct dmasim_txn dma(enum dmasim_op op, uint64_t addr, uint64_t *value,
                             const char *what)
{
	return (struct dmasim_txn){
	        .op = op,
	        .cause = DMASIM_CAUSE_DMA,
	        .addr = addr,
	        .size = 8,
	        .data = (uint8_t *)value,
	        .attr = dmasim_attr_wb,
	        .origin = {.what = what, .queue = 0, .request = 3},
	};
}

uint64_t rig_dma_read(struct rig *r, const struct dmasim_port *port,
                      uint64_t addr, const char *what)
{
	uint64_t v = 0;
	struct dmasim_txn txn = dma(DMASIM_READ, addr, &v, what);

	assert_int_equal(rig_access(r, port, &txn), DMASIM_TXN_OK);
	return v;
}

void rig_dma_write(struct rig *r, const struct dmasim_port *port, uint64_t addr,
                   uint64_t value, const char *what)
{
	struct dmasim_txn txn = dma(DMASIM_WRITE, addr, &value, what);

	assert_int_equal(rig_access(r, port, &txn), DMASIM_TXN_OK);
}

unsigned rig_findings(const struct rig *r, enum dmasim_finding_kind kind)
{
	unsigned n = 0;

	for (size_t i = 0; i < dmasim_finding_count(r->checker); i++)
		n += dmasim_finding_get(r->checker, i)->kind == kind;
	return n;
}

void rig_no_findings(const struct rig *r)
{
	for (size_t i = 0; i < dmasim_finding_count(r->checker); i++) {
		char text[2048];

		dmasim_finding_text(dmasim_finding_get(r->checker, i), text,
		                    sizeof(text));
		print_error("%s", text);
	}
	assert_int_equal(dmasim_finding_count(r->checker), 0);
}
