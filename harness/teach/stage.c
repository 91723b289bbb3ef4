/* SPDX-License-Identifier: MIT */
/* The machine of a lesson: made, extended by the story, taken down. */
#include <stdlib.h>
#include <string.h>

#include "teach_internal.h"

/* Where CPUs have their further mappings of RAM. */
#define ALIASES 0x100000000ull
#define LINE    64u

static uint32_t choose(void *ctx, const struct dmasim_choice_query *q)
{
	const struct dmasim_stage *s = ctx;

	if (s->chosen[q->point])
		return s->answer[q->point];
	return dmasim_choose(s->rest, q);
}

static int create_choice(struct dmasim_stage *s,
                         const struct dmasim_lesson_options *o)
{
	struct dmasim_choice_config rest = {.mode = DMASIM_CHOICE_SEED,
	                                    .seed = o->seed};
	struct dmasim_choice_config own = {
	        .mode = DMASIM_CHOICE_CALLBACK, .fn = choose, .fn_ctx = s};
	int status = DMASIM_OK;

	if (o->has_seed)
		status = dmasim_choice_create(&rest, &s->rest);
	return status ? status : dmasim_choice_create(&own, &s->choice);
}

static int create_machine(struct dmasim_stage *s,
                          const struct dmasim_lesson_options *o)
{
	struct dmasim_kernel_config kc = {.backend = o->backend,
	                                  .trace = o->trace,
	                                  .trace_ctx = o->trace_ctx};
	struct dmasim_map_config mc = {0};
	struct dmasim_checker_config cc = {0};
	/* One level is enough to go wrong. */
	struct dmasim_memsys_config ms = {
	        .cpus = STAGE_CPUS, .line_size = LINE, .shared = {.ways = 1}};
	int status = dmasim_kernel_create(&kc, &s->kernel);

	mc.kernel = cc.kernel = ms.kernel = s->kernel;
	if (!status)
		status = dmasim_map_create(&mc, &s->map);
	if (!status)
		status = dmasim_map_add_ram(s->map, "ram", STAGE_RAM,
		                            STAGE_RAM_SIZE);
	if (!status)
		status = dmasim_checker_create(&cc, &s->checker);
	if (!status)
		status = create_choice(s, o);
	ms.map = s->map;
	ms.checker = s->checker;
	ms.choice = s->choice;
	return status ? status : dmasim_memsys_create(&ms, &s->memsys);
}

int stage_create(const struct dmasim_lesson_options *o,
                 struct dmasim_stage **out)
{
	struct dmasim_stage *s = calloc(1, sizeof(*s));
	int status;

	*out = NULL;
	if (!s)
		return DMASIM_E_NOMEM;
	s->next_area = STAGE_RAM + STAGE_PAGE;
	s->next_alias = ALIASES;
	status = create_machine(s, o);
	if (status != DMASIM_OK) {
		stage_destroy(s);
		return status;
	}
	s->view_config = (struct dmasim_view_config){.kernel = s->kernel,
	                                             .memsys = s->memsys,
	                                             .map = s->map,
	                                             .checker = s->checker};
	*out = s;
	return DMASIM_OK;
}

static void free_agents(struct dmasim_agent *a)
{
	while (a) {
		struct dmasim_agent *next = a->next;

		while (a->aliases) {
			struct teach_alias *alias = a->aliases;

			a->aliases = alias->next;
			free(alias);
		}
		dmasim_cpu_destroy(a->cpu);
		free(a);
		a = next;
	}
}

void stage_destroy(struct dmasim_stage *s)
{
	if (!s)
		return;
	smmu_end(&s->smmu);
	free_agents(s->agents);
	dmasim_line_view_destroy(s->view);
	dmasim_memsys_destroy(s->memsys);
	dmasim_choice_destroy(s->choice);
	dmasim_choice_destroy(s->rest);
	dmasim_checker_destroy(s->checker);
	dmasim_map_destroy(s->map);
	dmasim_kernel_destroy(s->kernel);
	while (s->areas) {
		struct dmasim_area *next = s->areas->next;

		free(s->areas);
		s->areas = next;
	}
	free(s);
}

void stage_fail(struct dmasim_stage *s, int status,
                const struct dmasim_origin *origin, const char *what)
{
	if (s->status != DMASIM_OK)
		return;
	s->status = status;
	if (origin && origin->file)
		(void)dmasim_diag_set(&s->diag, status, "%s:%u: %s: %s",
		                      origin->file, origin->line, what,
		                      dmasim_strerror(status));
	else
		(void)dmasim_diag_set(&s->diag, status, "%s: %s", what,
		                      dmasim_strerror(status));
}

/* For a story that goes on after an error: nobody, and nothing. */
static struct dmasim_agent *add_agent(struct dmasim_stage *s, const char *name)
{
	struct dmasim_agent *a = calloc(1, sizeof(*a));

	if (!a) {
		stage_fail(s, DMASIM_E_NOMEM, NULL, name);
		return NULL;
	}
	a->stage = s;
	snprintf(a->name, sizeof(a->name), "%s", name);
	a->next = s->agents;
	s->agents = a;
	return a;
}

static struct dmasim_agent *add_cpu(struct dmasim_stage *s, uint32_t index,
                                    uint32_t store_buffer)
{
	struct dmasim_cpu_config cfg = {.kernel = s->kernel,
	                                .memsys = s->memsys,
	                                .choice = s->choice,
	                                .index = index,
	                                .store_buffer = store_buffer,
	                                .drain_delay = DMASIM_SEC};
	struct dmasim_agent *a;
	char name[48];
	int status;

	snprintf(name, sizeof(name), "cpu%u", index);
	a = stage_ok(s) ? add_agent(s, name) : NULL;
	if (!a)
		return NULL;
	a->index = index;
	/* CPUs are the first agents. */
	a->number = index + 1;
	status = index < STAGE_CPUS ? dmasim_cpu_create(&cfg, &a->cpu)
	                            : DMASIM_E_RANGE;
	if (!status)
		status = dmasim_cpu_map(a->cpu, STAGE_RAM, STAGE_RAM,
		                        STAGE_RAM_SIZE, &dmasim_attr_wb);
	if (status)
		stage_fail(s, status, NULL, name);
	return a;
}

struct dmasim_agent *dmasim_lesson_cpu(struct dmasim_stage *s, uint32_t index)
{
	return add_cpu(s, index, UINT32_MAX);
}

struct dmasim_agent *dmasim_lesson_buffered_cpu(struct dmasim_stage *s,
                                                uint32_t index)
{
	return add_cpu(s, index, 0);
}

struct dmasim_agent *dmasim_lesson_device(struct dmasim_stage *s,
                                          const char *name,
                                          enum dmasim_port_kind kind)
{
	static const enum dmasim_agent_kind kinds[] = {
	        [DMASIM_PORT_COHERENT] = DMASIM_AGENT_COHERENT_DEVICE,
	        [DMASIM_PORT_NONCOHERENT] = DMASIM_AGENT_NONCOHERENT_DEVICE,
	        [DMASIM_PORT_CACHED] = DMASIM_AGENT_HOST};
	struct dmasim_device_port_config cfg = {.name = name, .kind = kind};
	struct dmasim_agent *a = stage_ok(s) ? add_agent(s, name) : NULL;
	int status;

	if (!a)
		return NULL;
	status = kind > DMASIM_PORT_CACHED ? DMASIM_E_INVAL : DMASIM_OK;
	if (!status) {
		cfg.agent_kind = kinds[kind];
		a->coherent = kind != DMASIM_PORT_NONCOHERENT;
		status = dmasim_memsys_add_port(s->memsys, &cfg, &a->port,
		                                &a->number);
	}
	if (status)
		stage_fail(s, status, NULL, name);
	return a;
}

static struct dmasim_area *add_area(struct dmasim_stage *s, const char *name,
                                    uint64_t pa, uint32_t size)
{
	struct dmasim_area *area = calloc(1, sizeof(*area));
	int status = area ? dmasim_name_region(s->checker, pa, size, name, NULL,
	                                       NULL)
	                  : DMASIM_E_NOMEM;

	if (status) {
		free(area);
		stage_fail(s, status, NULL, name);
		return NULL;
	}
	area->stage = s;
	area->pa = pa;
	area->size = size;
	snprintf(area->name, sizeof(area->name), "%s", name);
	area->next = s->areas;
	s->areas = area;
	return area;
}

struct dmasim_area *dmasim_lesson_area(struct dmasim_stage *s, const char *name,
                                       uint32_t size)
{
	uint64_t pages = ((uint64_t)size + STAGE_PAGE - 1) / STAGE_PAGE;
	uint64_t pa = s->next_area;

	if (!stage_ok(s))
		return NULL;
	if (!size || pages * STAGE_PAGE > STAGE_TABLES - pa) {
		stage_fail(s, DMASIM_E_RANGE, NULL, name);
		return NULL;
	}
	s->next_area += pages * STAGE_PAGE;
	return add_area(s, name, pa, size);
}

struct dmasim_area *dmasim_lesson_part(struct dmasim_area *whole,
                                       const char *name, uint32_t offset,
                                       uint32_t size)
{
	if (!whole || !stage_ok(whole->stage))
		return NULL;
	if (!size || offset >= whole->size || size > whole->size - offset) {
		stage_fail(whole->stage, DMASIM_E_RANGE, NULL, name);
		return NULL;
	}
	return add_area(whole->stage, name, whole->pa + offset, size);
}

uint64_t stage_va(const struct dmasim_agent *agent, uint64_t pa,
                  struct dmasim_attr *attr)
{
	uint64_t page = pa & ~(uint64_t)(STAGE_PAGE - 1);

	*attr = dmasim_attr_wb;
	for (const struct teach_alias *a = agent->aliases; a; a = a->next) {
		if (a->pa != page)
			continue;
		*attr = a->attr;
		return a->va + (pa - page);
	}
	return pa;
}

int stage_add_alias(struct dmasim_agent *agent, uint64_t pa,
                    const struct dmasim_attr *attr, uint64_t *va)
{
	struct dmasim_stage *s = agent->stage;
	struct teach_alias *a = calloc(1, sizeof(*a));
	int status = a ? DMASIM_OK : DMASIM_E_NOMEM;

	*va = s->next_alias;
	if (!status && agent->cpu)
		status = dmasim_cpu_map(agent->cpu, *va, pa, STAGE_PAGE, attr);
	if (status) {
		free(a);
		return status;
	}
	s->next_alias += STAGE_PAGE;
	*a = (struct teach_alias){pa, *va, *attr, agent->aliases};
	agent->aliases = a;
	return DMASIM_OK;
}

void dmasim_lesson_map(struct dmasim_agent *agent, struct dmasim_area *area,
                       const struct dmasim_attr *attr)
{
	uint64_t first, last, va;
	int status = DMASIM_OK;

	if (!agent || !area || !stage_ok(agent->stage))
		return;
	first = area->pa & ~(uint64_t)(STAGE_PAGE - 1);
	last = area->pa + area->size - 1;
	for (uint64_t pa = first; pa <= last && !status; pa += STAGE_PAGE)
		status = stage_add_alias(agent, pa, attr, &va);
	if (status)
		stage_fail(agent->stage, status, NULL, area->name);
}

void dmasim_lesson_watch(struct dmasim_area *area, uint32_t offset)
{
	struct dmasim_stage *s = area ? area->stage : NULL;
	int status;

	if (!s || !stage_ok(s))
		return;
	s->view_config.addr = area->pa + offset;
	status = s->view || offset >= area->size
	                 ? DMASIM_E_STATE
	                 : dmasim_line_view_create(&s->view_config, &s->view);
	if (status)
		stage_fail(s, status, NULL, area->name);
}

struct dmasim_checker *dmasim_lesson_checker(struct dmasim_stage *s)
{
	return s->checker;
}

uint64_t dmasim_lesson_address(const struct dmasim_area *area)
{
	return area ? area->pa : 0;
}
