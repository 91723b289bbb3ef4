/* SPDX-License-Identifier: MIT */
/* What agents do in a story. Each act is one step of the view. */
#include <string.h>

#include "teach_internal.h"

bool teach_can(const struct dmasim_agent *agent)
{
	return agent && stage_ok(agent->stage);
}

void teach_begin(struct dmasim_agent *agent, const char *what,
                 const struct dmasim_origin *origin)
{
	if (agent->stage->view)
		dmasim_line_view_begin(agent->stage->view, agent->name, what,
		                       origin);
}

void teach_end(struct dmasim_agent *agent, int status,
               const struct dmasim_origin *origin, const char *what)
{
	struct dmasim_stage *s = agent->stage;

	if (!status && agent->cpu)
		status = dmasim_cpu_delay(agent->cpu, 0);
	if (s->view)
		dmasim_line_view_end(s->view);
	if (status)
		stage_fail(s, status, origin, what);
}

void dmasim_lesson_say(struct dmasim_stage *s, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (!stage_ok(s) || !s->view)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	dmasim_line_view_note(s->view, "%s", text);
}

static bool inside(const struct dmasim_area *area, uint32_t offset,
                   uint32_t size)
{
	return size && size <= 8 && !(size & (size - 1)) &&
	       offset < area->size && size <= area->size - offset;
}

/* What the view says of an access: its object and its bytes, or the refusal. */
static void tell(struct dmasim_agent *agent, const struct dmasim_txn *t,
                 uint64_t pa)
{
	struct dmasim_stage *s = agent->stage;
	const char *verb = t->op == DMASIM_WRITE ? "writes" : "reads";
	const char *event = agent->smmu && agent->smmu->evented
	                            ? dmasim_event_name(agent->smmu->event)
	                            : "no event record";
	char object[96], bytes[32] = "";

	if (!s->view)
		return;
	dmasim_describe(s->checker, pa, object, sizeof(object));
	for (uint32_t i = 0; i < t->size; i++)
		snprintf(bytes + 3 * i, sizeof(bytes) - 3 * i, " %02x",
		         t->data[i]);
	if (t->result == DMASIM_TXN_OK)
		dmasim_line_view_what(s->view, "%s %s, %u bytes:%s", verb,
		                      object, t->size, bytes);
	else
		dmasim_line_view_what(s->view,
		                      "%s address 0x%llx (%s): refused: %s, %s",
		                      verb, (unsigned long long)t->addr, object,
		                      dmasim_result_name(t->result), event);
}

static int by_cpu(struct dmasim_agent *agent, struct dmasim_txn *t,
                  const struct dmasim_origin *origin)
{
	struct dmasim_attr attr;
	uint64_t va = stage_va(agent, t->addr, &attr);

	return t->op == DMASIM_WRITE ? dmasim_cpu_write(agent->cpu, va, t->data,
	                                                t->size, *origin)
	                             : dmasim_cpu_read(agent->cpu, va, t->data,
	                                               t->size, *origin);
}

static int by_device(struct dmasim_agent *agent, const struct dmasim_area *area,
                     struct dmasim_txn *t)
{
	struct dmasim_attr attr;
	uint64_t pa = t->addr;
	int status;

	(void)stage_va(agent, pa, &attr);
	t->attr = attr;
	t->cause = DMASIM_CAUSE_DMA;
	t->initiator = agent->number;
	if (area->dma)
		t->addr = area->dma + (pa - area->pa);
	t->stream_id = teach_stream(agent);
	if (agent->smmu)
		agent->smmu->evented = false;
	status = dmasim_access_wait(agent->stage->kernel, &agent->port, t);
	if (status)
		return status;
	/* A refusal is part of many a story. */
	if (t->result != DMASIM_TXN_OK && !agent->smmu)
		return DMASIM_E_FAULT;
	status =
	        dmasim_run_until(agent->stage->kernel,
	                         dmasim_now(agent->stage->kernel) + t->latency);
	return status;
}

static void access_area(struct dmasim_agent *agent, struct dmasim_area *area,
                        uint32_t offset, struct dmasim_txn *t)
{
	struct dmasim_origin origin = t->origin;
	uint64_t pa = area->pa + offset;
	int status = DMASIM_E_RANGE;

	teach_begin(agent, "", &origin);
	t->addr = pa;
	if (inside(area, offset, t->size))
		status = agent->cpu ? by_cpu(agent, t, &origin)
		                    : by_device(agent, area, t);
	if (!status)
		tell(agent, t, pa);
	teach_end(agent, status, &origin, area->name);
}

void dmasim_lesson_write(struct dmasim_agent *agent, struct dmasim_area *area,
                         uint32_t offset, uint32_t size, uint64_t value,
                         struct dmasim_origin origin)
{
	uint8_t bytes[8];
	struct dmasim_txn t = {.op = DMASIM_WRITE,
	                       .size = size,
	                       .data = bytes,
	                       .origin = origin};

	if (!teach_can(agent) || !area)
		return;
	for (unsigned i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
	access_area(agent, area, offset, &t);
}

uint64_t dmasim_lesson_read(struct dmasim_agent *agent,
                            struct dmasim_area *area, uint32_t offset,
                            uint32_t size, struct dmasim_origin origin)
{
	uint8_t bytes[8] = {0};
	struct dmasim_txn t = {.op = DMASIM_READ,
	                       .size = size,
	                       .data = bytes,
	                       .origin = origin};
	uint64_t value = 0;

	if (!teach_can(agent) || !area)
		return 0;
	access_area(agent, area, offset, &t);
	if (t.result != DMASIM_TXN_OK)
		return 0;
	for (unsigned i = 0; i < 8; i++)
		value |= (uint64_t)bytes[i] << (8 * i);
	return value;
}

void dmasim_lesson_maintain(struct dmasim_agent *cpu, enum dmasim_op op,
                            struct dmasim_area *area,
                            struct dmasim_origin origin)
{
	const char *name = op == DMASIM_CLEAN        ? "DC CVAC"
	                   : op == DMASIM_INVALIDATE ? "DC IVAC"
	                                             : "DC CIVAC";
	struct dmasim_attr attr;
	char what[192];
	int status = DMASIM_E_INVAL;

	if (!teach_can(cpu) || !area)
		return;
	snprintf(what, sizeof(what), "%s of %s, then DSB", name, area->name);
	teach_begin(cpu, what, &origin);
	if (cpu->cpu && dmasim_op_is_maintenance(op))
		status = dmasim_cpu_maintain(cpu->cpu, op,
		                             stage_va(cpu, area->pa, &attr),
		                             area->size, origin);
	if (!status)
		status = dmasim_cpu_barrier(cpu->cpu, DMASIM_DSB, origin);
	teach_end(cpu, status, &origin, name);
}

void dmasim_lesson_barrier(struct dmasim_agent *cpu, enum dmasim_barrier kind,
                           struct dmasim_origin origin)
{
	static const char *const names[] = {"DMB LD", "DMB ST", "DMB",
	                                    "DSB LD", "DSB ST", "DSB"};
	bool good = teach_can(cpu) && cpu->cpu && kind <= DMASIM_DSB;

	if (!teach_can(cpu))
		return;
	teach_begin(cpu, good ? names[kind] : "barrier", &origin);
	teach_end(cpu,
	          good ? dmasim_cpu_barrier(cpu->cpu, kind, origin)
	               : DMASIM_E_INVAL,
	          &origin, "barrier");
}

/* A step that nobody's instruction makes. */
static void begin_hardware(struct dmasim_stage *s, const char *what)
{
	if (s->view)
		dmasim_line_view_begin(s->view, "hardware", what, NULL);
}

void dmasim_lesson_prefetch(struct dmasim_agent *cpu, struct dmasim_area *area,
                            uint32_t offset)
{
	struct dmasim_attr attr;
	char what[192];
	int status = DMASIM_E_INVAL;

	if (!teach_can(cpu) || !area)
		return;
	(void)stage_va(cpu, area->pa, &attr);
	snprintf(what, sizeof(what),
	         "prefetches the line of %s into the cache of %s", area->name,
	         cpu->name);
	begin_hardware(cpu->stage, what);
	if (cpu->cpu)
		status = dmasim_memsys_prefetch(cpu->stage->memsys, cpu->index,
		                                area->pa + offset, &attr);
	if (!status)
		status = dmasim_run_idle(cpu->stage->kernel, DMASIM_FOREVER);
	teach_end(cpu, status, NULL, "prefetch");
}

void dmasim_lesson_evict(struct dmasim_agent *cpu, struct dmasim_area *area,
                         uint32_t offset)
{
	struct dmasim_memsys *ms;
	char what[192];
	int own = DMASIM_E_INVAL, shared = DMASIM_E_INVAL;

	if (!teach_can(cpu) || !area)
		return;
	ms = cpu->stage->memsys;
	snprintf(what, sizeof(what), "needs room: the line of %s is evicted",
	         area->name);
	begin_hardware(cpu->stage, what);
	if (cpu->cpu) {
		own = dmasim_memsys_evict(ms, cpu->index, area->pa + offset);
		shared = dmasim_memsys_evict(ms, DMASIM_SHARED_CACHE,
		                             area->pa + offset);
	}
	/* It was in one of them. */
	teach_end(cpu, own && shared ? own : DMASIM_OK, NULL, "evict");
}

void dmasim_lesson_choose(struct dmasim_stage *s,
                          enum dmasim_choice_point point, uint32_t answer)
{
	if (point >= DMASIM_CHOICE_POINTS) {
		stage_fail(s, DMASIM_E_RANGE, NULL, "choose");
		return;
	}
	s->chosen[point] = true;
	s->answer[point] = answer;
}

void dmasim_lesson_wait(struct dmasim_stage *s, uint64_t ps)
{
	int status;

	if (!stage_ok(s))
		return;
	if (s->view)
		dmasim_line_view_begin(s->view, "time", "passes", NULL);
	status = dmasim_run_until(s->kernel, dmasim_now(s->kernel) + ps);
	if (s->view)
		dmasim_line_view_end(s->view);
	if (status)
		stage_fail(s, status, NULL, "wait");
}
