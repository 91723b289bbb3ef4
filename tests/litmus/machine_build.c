/* SPDX-License-Identifier: MIT */
/* The machine of a run: memory, caches, agents and their mappings. */
#include "machine_internal.h"

#include <stdlib.h>
#include <string.h>

#define MMIO UINT64_C(0x9000000)

struct dmasim_attr machine_attr(const struct litmus_attr *a)
{
	static const uint8_t types[] = {
	        DMASIM_NORMAL,       DMASIM_NORMAL,      DMASIM_NORMAL,
	        DMASIM_DEVICE_GRE,   DMASIM_DEVICE_NGRE, DMASIM_DEVICE_NGNRE,
	        DMASIM_DEVICE_NGNRNE};
	static const uint8_t shares[] = {DMASIM_NSH, DMASIM_ISH, DMASIM_OSH};
	struct dmasim_attr attr = {.type = types[a->type],
	                           .share = shares[a->share]};

	if (a->type == LITMUS_WB)
		attr.inner = attr.outer = DMASIM_WB;
	if (a->type == LITMUS_WT)
		attr.inner = attr.outer = DMASIM_WT;
	if (a->type <= LITMUS_WT)
		attr.alloc = DMASIM_ALLOC_READ | DMASIM_ALLOC_WRITE;
	return attr;
}

/* Each attribute has a region of virtual addresses of its own. */
uint64_t machine_alias(const struct litmus_attr *a)
{
	return (1 + (uint64_t)a->type * 3 + (uint64_t)a->share) << 24;
}

uint64_t machine_offset(const struct litmus *t, int location)
{
	const struct litmus_location *l = &t->location[location];

	return (uint64_t)l->line * MACHINE_LINE + (uint64_t)l->slot * 8;
}

static enum dmasim_result bells(void *obj, struct dmasim_txn *txn)
{
	struct machine *m = obj;
	struct machine_agent *a = &m->agent[txn->offset / 8];

	if (txn->op != DMASIM_WRITE)
		return DMASIM_TXN_SLAVE;
	a->bell = true;
	if (m->checker)
		dmasim_note_doorbell(m->checker, txn, a->number);
	return DMASIM_TXN_OK;
}

static uint32_t answer(void *ctx, const struct dmasim_choice_query *q)
{
	struct machine *m = ctx;

	if (m->plan->points >> q->point & 1 && q->alternatives > 1)
		return enumeration_pick(m->e, q->alternatives);
	return q->preferred;
}

static int map_alias(struct machine *m, int agent,
                     const struct litmus_attr *attr)
{
	struct dmasim_attr a = machine_attr(attr);
	struct dmasim_cpu *cpu = m->agent[agent].cpu;
	uint64_t va = machine_alias(attr);

	if (dmasim_cpu_translate(cpu, va, &(uint64_t){0}, NULL) == DMASIM_OK)
		return DMASIM_OK;
	return dmasim_cpu_map(cpu, va, MACHINE_RAM, 0x1000, &a);
}

static int add_cpu(struct machine *m, int agent, uint32_t index)
{
	const struct litmus_agent *a = &m->plan->t->agent[agent];
	const struct dmasim_cpu_config cfg = {
	        .kernel = m->k,
	        .memsys = m->ms,
	        .choice = m->choice,
	        .index = index,
	        .stage2 = a->kind == LITMUS_GUEST,
	};
	struct machine_agent *own = &m->agent[agent];
	int status = dmasim_cpu_create(&cfg, &own->cpu);

	/* The memory system numbers its CPUs first. */
	own->number = index + 1;
	own->cpu_index = index;
	if (!status)
		status = dmasim_cpu_map(own->cpu, MACHINE_BELLS, MMIO, 0x1000,
		                        &dmasim_attr_device);
	for (int i = 0; !status && i < a->insn_count; i++)
		if (a->insn[i].location >= 0)
			status = map_alias(m, agent, &a->insn[i].attr);
	return status;
}

static int add_device(struct machine *m, int agent, uint32_t *cached)
{
	static const struct {
		enum dmasim_port_kind port;
		enum dmasim_agent_kind agent;
	} kinds[] = {
	        [LITMUS_COHERENT] = {DMASIM_PORT_COHERENT,
	                             DMASIM_AGENT_COHERENT_DEVICE},
	        [LITMUS_OUTER] = {DMASIM_PORT_COHERENT,
	                          DMASIM_AGENT_COHERENT_DEVICE},
	        [LITMUS_NONCOHERENT] = {DMASIM_PORT_NONCOHERENT,
	                                DMASIM_AGENT_NONCOHERENT_DEVICE},
	        [LITMUS_HOST] = {DMASIM_PORT_CACHED, DMASIM_AGENT_HOST},
	        [LITMUS_NOSNOOP] = {DMASIM_PORT_COHERENT,
	                            DMASIM_AGENT_COHERENT_DEVICE},
	        [LITMUS_WALKER] = {DMASIM_PORT_NONCOHERENT, DMASIM_AGENT_SMMU},
	        [LITMUS_WALKER_COHERENT] = {DMASIM_PORT_COHERENT,
	                                    DMASIM_AGENT_SMMU},
	};
	const struct litmus_agent *a = &m->plan->t->agent[agent];
	const struct dmasim_device_port_config cfg = {
	        .name = a->name,
	        .kind = kinds[a->kind].port,
	        .agent_kind = kinds[a->kind].agent,
	        .inner_domain = a->kind == LITMUS_OUTER ? 1 : 0,
	};
	struct machine_agent *own = &m->agent[agent];

	if (a->kind == LITMUS_HOST)
		own->cpu_index = (*cached)++;
	return dmasim_memsys_add_port(m->ms, &cfg, &own->port, &own->number);
}

static int add_agents(struct machine *m, uint32_t cpus)
{
	const struct litmus *t = m->plan->t;
	uint32_t index = 0;
	int status = DMASIM_OK;

	for (int i = 0; !status && i < t->agent_count; i++)
		status = litmus_is_cpu(&t->agent[i]) ? add_cpu(m, i, index++)
		                                     : add_device(m, i, &cpus);
	return status;
}

/* What the test says of a location. */
static int tell_checker(struct machine *m, int i)
{
	const struct litmus *t = m->plan->t;
	const struct litmus_location *l = &t->location[i];
	uint64_t at = MACHINE_RAM + machine_offset(t, i);
	int status = dmasim_name_region(m->checker, at, 8, l->name, NULL, NULL);

	if (!status && l->racy)
		status = dmasim_note_racy(m->checker, at, 8);
	if (!status && l->dekker)
		status = dmasim_note_dekker(
		        m->checker, at, 8,
		        MACHINE_RAM + machine_offset(t, l->dekker - 1), 8);
	return status;
}

static int add_memory(struct machine *m)
{
	const struct litmus *t = m->plan->t;
	const struct dmasim_port port = {bells, m};
	int status = dmasim_map_create(
	        &(struct dmasim_map_config){.kernel = m->k}, &m->map);

	if (!status)
		status = dmasim_map_add_ram(m->map, "ram", MACHINE_RAM, 0x1000);
	if (!status)
		status = dmasim_map_add_mmio(m->map, "bells", MMIO, 0x1000,
		                             &port);
	for (int i = 0; !status && i < t->location_count; i++) {
		const struct litmus_location *l = &t->location[i];
		uint64_t at = MACHINE_RAM + machine_offset(t, i),
		         value = l->init;
		uint8_t bytes[8];

		for (int k = 0; k < 8; k++, value >>= 8)
			bytes[k] = (uint8_t)value;
		status = dmasim_map_load(m->map, at, bytes, sizeof(bytes));
		if (!status && m->checker && !l->signal)
			status = tell_checker(m, i);
	}
	return status;
}

/* Lines of a test lie in sets of their own, so that only steps of the
 * environment evict; in tiny caches everything does. */
#define FEW                                                                    \
	{                                                                      \
		.size = MACHINE_LINE, .ways = 1, .cycles = 1                   \
	}
#define MANY                                                                   \
	{                                                                      \
		.size = 16 * MACHINE_LINE, .ways = 1, .cycles = 1              \
	}
#define NONE                                                                   \
	{                                                                      \
		.ways = 1                                                      \
	}

static const struct {
	const char *name;
	struct dmasim_cache_config l1, l2, shared, system;
	enum dmasim_protocol protocol;
} shapes[RUN_SHAPES] = {
        {"l1 and shared", MANY, NONE, MANY, NONE, DMASIM_MESI},
        {"tiny", FEW, NONE, FEW, NONE, DMASIM_MESI},
        {"moesi with l2 and system cache", MANY, MANY, MANY, MANY,
         DMASIM_MOESI},
        {"tiny moesi with l2 and system cache", FEW, FEW, FEW, FEW,
         DMASIM_MOESI},
        {"l1 alone", MANY, NONE, NONE, NONE, DMASIM_MOESI},
        {"shared alone", NONE, NONE, MANY, NONE, DMASIM_MESI},
};

const char *run_shape_name(unsigned shape)
{
	return shapes[shape].name;
}

static unsigned shape_of(const struct plan *plan)
{
	return plan->t->tiny ? 1 : plan->shape;
}

bool machine_is_tiny(const struct plan *plan)
{
	return shapes[shape_of(plan)].l1.size == MACHINE_LINE;
}

static int add_memsys(struct machine *m, uint32_t cpus)
{
	unsigned shape = shape_of(m->plan);
	const struct dmasim_memsys_config cfg = {
	        .kernel = m->k,
	        .map = m->map,
	        .choice = m->choice,
	        .checker = m->checker,
	        .cpus = cpus ? cpus : 1,
	        .line_size = MACHINE_LINE,
	        .l1 = shapes[shape].l1,
	        .l2 = shapes[shape].l2,
	        .shared = shapes[shape].shared,
	        .system = shapes[shape].system,
	        .protocol = shapes[shape].protocol,
	        .ask_every = m->plan->storm,
	        .no_timing = true,
	};

	return dmasim_memsys_create(&cfg, &m->ms);
}

static int build(struct machine *m)
{
	const struct litmus *t = m->plan->t;
	const struct dmasim_choice_config choice = {
	        .mode = DMASIM_CHOICE_CALLBACK, .fn = answer, .fn_ctx = m};
	uint32_t cpus = 0;
	int status = dmasim_kernel_create(&m->plan->kernel, &m->k);

	for (int i = 0; i < t->agent_count; i++)
		cpus += litmus_is_cpu(&t->agent[i]);
	if (!status && m->plan->points)
		status = dmasim_choice_create(&choice, &m->choice);
	if (!status && m->plan->checker)
		status = dmasim_checker_create(
		        &(struct dmasim_checker_config){.kernel = m->k,
		                                        .line_size =
		                                                MACHINE_LINE,
		                                        .max_findings = 16},
		        &m->checker);
	if (!status)
		status = add_memory(m);
	if (!status)
		status = add_memsys(m, cpus);
	return status ? status : add_agents(m, cpus);
}

struct machine *machine_new(const struct plan *plan, struct enumeration *e)
{
	struct machine *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->plan = plan;
	m->e = e;
	if (build(m)) {
		machine_free(m);
		return NULL;
	}
	return m;
}

void machine_free(struct machine *m)
{
	for (int i = 0; i < LITMUS_AGENTS; i++)
		dmasim_cpu_destroy(m->agent[i].cpu);
	dmasim_memsys_destroy(m->ms);
	dmasim_checker_destroy(m->checker);
	dmasim_choice_destroy(m->choice);
	dmasim_map_destroy(m->map);
	dmasim_kernel_destroy(m->k);
	free(m);
}
