/* SPDX-License-Identifier: MIT */
/* Saving and restoring a CPU: mappings, stores that wait, its clock. */
#include "cpu_window_internal.h"

#include <stdlib.h>
#include <string.h>

#define CPU_TAG     "CPU "
#define CPU_VERSION 3

/** Longest file name or text of an origin in a blob. */
#define CPU_STRING_MAX 512

void cpu_put_attr(struct dmasim_writer *w, const struct dmasim_attr *a)
{
	dmasim_put_u8(w, a->type);
	dmasim_put_u8(w, a->inner);
	dmasim_put_u8(w, a->outer);
	dmasim_put_u8(w, a->share);
	dmasim_put_u8(w, a->alloc);
}

void cpu_get_attr(struct dmasim_reader *r, struct dmasim_attr *a)
{
	a->type = dmasim_get_u8(r);
	a->inner = dmasim_get_u8(r);
	a->outer = dmasim_get_u8(r);
	a->share = dmasim_get_u8(r);
	a->alloc = dmasim_get_u8(r);
	if (a->type > DMASIM_DEVICE_NGNRNE || a->inner > DMASIM_WB ||
	    a->outer > DMASIM_WB || a->share > DMASIM_OSH)
		dmasim_reader_fail(r, "no such memory attributes");
}

static void put_origin_string(struct dmasim_writer *w, const char *s)
{
	dmasim_put_u8(w, s != NULL);
	dmasim_put_string(w, s);
}

static void put_po(struct dmasim_writer *w,
                   const struct dmasim_program_order *po)
{
	dmasim_put_u64(w, po->number);
	dmasim_put_u64(w, po->loads);
	dmasim_put_u64(w, po->stores);
	dmasim_put_u64(w, po->complete);
	dmasim_put_u8(w, po->maybe);
}

static void get_po(struct dmasim_reader *r, struct dmasim_program_order *po)
{
	po->number = dmasim_get_u64(r);
	po->loads = dmasim_get_u64(r);
	po->stores = dmasim_get_u64(r);
	po->complete = dmasim_get_u64(r);
	po->maybe = dmasim_get_u8(r) != 0;
}

static void put_order(struct dmasim_writer *w, const struct cpu_order *o)
{
	dmasim_put_u64(w, o->number);
	dmasim_put_u64(w, o->loads);
	dmasim_put_u64(w, o->stores_before_loads);
	dmasim_put_u64(w, o->stores_before_stores);
	dmasim_put_u64(w, o->complete);
	dmasim_put_u64(w, o->released);
}

static void get_order(struct dmasim_reader *r, struct cpu_order *o)
{
	o->number = dmasim_get_u64(r);
	o->loads = dmasim_get_u64(r);
	o->stores_before_loads = dmasim_get_u64(r);
	o->stores_before_stores = dmasim_get_u64(r);
	o->complete = dmasim_get_u64(r);
	o->released = dmasim_get_u64(r);
	if (o->loads > o->number || o->stores_before_loads > o->number ||
	    o->stores_before_stores > o->number || o->complete > o->number ||
	    o->released > o->number)
		dmasim_reader_fail(r, "an order of accesses yet to come");
}

static void free_pool(void *pool)
{
	strings_free(pool);
}

/* Origins are constants that outlive the machine; so must those be that came
 * from a blob: they are the kernel's. */
static struct strings *string_pool(struct dmasim_kernel *k)
{
	static const char key;

	return dmasim_kernel_local(k, &key, sizeof(struct strings), free_pool);
}

static const char *get_origin_string(struct dmasim_reader *r,
                                     struct strings *pool)
{
	uint8_t present = dmasim_get_u8(r);
	char text[CPU_STRING_MAX];

	dmasim_get_string(r, text, sizeof(text));
	return present ? strings_keep(pool, text) : NULL;
}

static void put_origin(struct dmasim_writer *w, const struct dmasim_origin *o)
{
	put_origin_string(w, o->file);
	dmasim_put_u32(w, o->line);
	put_origin_string(w, o->what);
	dmasim_put_u32(w, o->queue);
	dmasim_put_u64(w, o->request);
}

static void get_origin(struct dmasim_reader *r, struct strings *pool,
                       struct dmasim_origin *o)
{
	o->file = get_origin_string(r, pool);
	o->line = dmasim_get_u32(r);
	o->what = get_origin_string(r, pool);
	o->queue = dmasim_get_u32(r);
	o->request = dmasim_get_u64(r);
}

/* How many of the stores that are left lie before @number. */
static uint32_t rank(const struct dmasim_cpu *cpu, uint64_t number)
{
	uint32_t n = 0;

	for (uint64_t i = cpu->first; i < cpu->next && i < number; i++)
		n += !cpu_store_at(cpu, i)->gone;
	return n;
}

static void put_store(struct dmasim_writer *w, const struct dmasim_cpu *cpu,
                      const struct cpu_store *s)
{
	dmasim_put_u64(w, s->pa);
	dmasim_put_u64(w, s->due);
	dmasim_put_u32(w, s->size);
	dmasim_put_u32(w, rank(cpu, s->after));
	dmasim_put_u8(w, s->release);
	cpu_put_attr(w, &s->attr);
	put_origin(w, &s->origin);
	put_po(w, &s->po);
	dmasim_put_bytes(w, s->data, s->size);
}

static void get_store(struct dmasim_reader *r, struct strings *pool,
                      struct cpu_store *s, uint32_t number)
{
	s->pa = dmasim_get_u64(r);
	s->due = dmasim_get_u64(r);
	s->size = dmasim_get_u32(r);
	s->after = dmasim_get_u32(r);
	s->release = dmasim_get_u8(r) != 0;
	cpu_get_attr(r, &s->attr);
	get_origin(r, pool, &s->origin);
	get_po(r, &s->po);
	if (!s->size || s->pa > DMASIM_PA_MAX || s->after > number ||
	    s->size > CPU_PIECE - s->pa % CPU_PIECE) {
		dmasim_reader_fail(r, "a store of %u bytes", s->size);
		s->size = 0;
	}
	dmasim_get_bytes(r, s->data, s->size);
}

static void put_stores(struct dmasim_writer *w, const struct dmasim_cpu *cpu)
{
	dmasim_put_u32(w, rank(cpu, cpu->next));
	for (uint64_t n = cpu->first; n != cpu->next; n++)
		if (!cpu_store_at(cpu, n)->gone)
			put_store(w, cpu, cpu_store_at(cpu, n));
	dmasim_put_u32(w, rank(cpu, cpu->store_after));
	dmasim_put_u32(w, rank(cpu, cpu->release_end));
}

static void get_stores(struct dmasim_reader *r, struct strings *pool,
                       struct dmasim_cpu *fresh)
{
	uint32_t count = dmasim_get_count(r, fresh->depth, 78);

	for (uint32_t i = 0; i < count && !dmasim_reader_status(r); i++)
		get_store(r, pool, &fresh->stores[i], i);
	fresh->next = count;
	fresh->store_after = dmasim_get_u32(r);
	fresh->release_end = dmasim_get_u32(r);
	if (fresh->store_after > count || fresh->release_end > count)
		dmasim_reader_fail(r, "an order of stores yet to come");
}

static void put_delayed(struct dmasim_writer *w, const struct dmasim_cpu *cpu)
{
	dmasim_put_u32(w, cpu->delayed_len);
	for (uint32_t i = 0; i < cpu->delayed_len; i++) {
		const struct cpu_maintenance *m = &cpu->delayed[i];

		dmasim_put_u8(w, (uint8_t)m->op);
		dmasim_put_u64(w, m->pa);
		dmasim_put_u32(w, m->size);
		cpu_put_attr(w, &m->attr);
		put_origin(w, &m->origin);
		put_po(w, &m->po);
	}
}

static void get_delayed(struct dmasim_reader *r, struct strings *pool,
                        struct dmasim_cpu *fresh)
{
	uint32_t count = dmasim_get_count(r, CPU_MAX_DELAYED, 77);

	for (uint32_t i = 0; i < count && !dmasim_reader_status(r); i++) {
		struct cpu_maintenance *m = &fresh->delayed[i];

		m->op = (enum dmasim_op)dmasim_get_u8(r);
		m->pa = dmasim_get_u64(r);
		m->size = dmasim_get_u32(r);
		cpu_get_attr(r, &m->attr);
		get_origin(r, pool, &m->origin);
		get_po(r, &m->po);
		if (!dmasim_op_is_maintenance(m->op) ||
		    dmasim_op_is_set_way(m->op) || !m->size ||
		    m->pa > DMASIM_PA_MAX ||
		    m->size - 1 > DMASIM_PA_MAX - m->pa)
			dmasim_reader_fail(r, "maintenance of %u bytes",
			                   m->size);
	}
	fresh->delayed_len = count;
}

static void put_mapping(struct dmasim_writer *w, const struct cpu_mapping *m)
{
	dmasim_put_u64(w, m->va);
	dmasim_put_u64(w, m->pa);
	dmasim_put_u64(w, m->size);
	cpu_put_attr(w, &m->attr);
	dmasim_put_u8(w, m->s2.mem);
	dmasim_put_u8(w, m->s2.share);
}

static void get_mapping(struct dmasim_reader *r, struct cpu_mapping *m)
{
	m->va = dmasim_get_u64(r);
	m->pa = dmasim_get_u64(r);
	m->size = dmasim_get_u64(r);
	cpu_get_attr(r, &m->attr);
	m->s2.mem = dmasim_get_u8(r);
	m->s2.share = dmasim_get_u8(r);
}

static void put_table(struct dmasim_writer *w, const struct cpu_table *t)
{
	dmasim_put_u32(w, (uint32_t)t->len);
	for (size_t i = 0; i < t->len; i++)
		put_mapping(w, &t->m[i]);
}

static int get_table(struct dmasim_reader *r, struct dmasim_cpu *fresh,
                     struct cpu_table *t)
{
	uint32_t count = dmasim_get_count(r, UINT32_MAX, 31);

	for (uint32_t i = 0; i < count && !dmasim_reader_status(r); i++) {
		struct cpu_mapping m;
		struct dmasim_attr out;
		int status;

		get_mapping(r, &m);
		if (dmasim_reader_status(r))
			break;
		status = cpu_table_add(t, &m);
		if (!status && t == &fresh->stage2_table)
			status = dmasim_attr_combine(&dmasim_attr_wb, &m.s2,
			                             fresh->fwb, &out);
		if (status == DMASIM_E_NOMEM)
			return status;
		if (status)
			dmasim_reader_fail(r, "mapping %u: %s", i,
			                   dmasim_strerror(status));
	}
	return DMASIM_OK;
}

static void put_tlb(struct dmasim_writer *w, const struct dmasim_cpu *cpu)
{
	dmasim_put_u64(w, cpu->tlb_stats.stale);
	dmasim_put_u64(w, cpu->tlb_stats.faults);
	dmasim_put_u32(w, (uint32_t)cpu->stale_len);
	for (size_t i = 0; i < cpu->stale_len; i++) {
		put_mapping(w, &cpu->stale[i].old);
		dmasim_put_u8(w, (uint8_t)cpu->stale[i].state);
		dmasim_put_u8(w, cpu->stale[i].early);
	}
}

static int get_tlb(struct dmasim_reader *r, struct dmasim_cpu *fresh)
{
	uint32_t count;

	fresh->tlb_stats.stale = dmasim_get_u64(r);
	fresh->tlb_stats.faults = dmasim_get_u64(r);
	count = dmasim_get_count(r, UINT32_MAX, 33);
	for (uint32_t i = 0; i < count && !dmasim_reader_status(r); i++) {
		struct cpu_stale s;
		int status;

		get_mapping(r, &s.old);
		s.state = (enum cpu_stale_state)dmasim_get_u8(r);
		s.early = dmasim_get_u8(r) != 0;
		if (s.state > CPU_STALE_INVALIDATED || cpu_check_range(&s.old))
			dmasim_reader_fail(r, "TLB entry %u", i);
		if (dmasim_reader_status(r))
			break;
		status = cpu_tlb_add(fresh, &s);
		if (status)
			return status;
	}
	return DMASIM_OK;
}

int dmasim_cpu_save(const struct dmasim_cpu *cpu, struct dmasim_writer *w)
{
	if (cpu->flying || cpu->special & CPU_SPECIAL_WINDOW)
		return DMASIM_E_STATE;
	dmasim_put_begin(w, CPU_TAG, CPU_VERSION);
	dmasim_put_u64(w, cpu->local);
	dmasim_put_u8(w, cpu->armed);
	dmasim_put_u8(w, cpu->fault);
	put_order(w, &cpu->order);
	dmasim_put_u32(w, cpu->window ? cpu->window->next : 0);
	put_table(w, &cpu->stage1);
	put_table(w, &cpu->stage2_table);
	put_tlb(w, cpu);
	put_delayed(w, cpu);
	put_stores(w, cpu);
	cpu_early_save(cpu, w);
	dmasim_put_end(w);
	return DMASIM_OK;
}

/* A CPU that is nothing but its mappings and stores, to fill from a blob. */
static int get_contents(struct dmasim_cpu *fresh, struct dmasim_reader *r)
{
	struct strings *pool = string_pool(fresh->kernel);
	int status;

	if (!pool)
		return DMASIM_E_NOMEM;
	fresh->local = dmasim_get_u64(r);
	fresh->armed = dmasim_get_u8(r) != 0;
	fresh->fault = dmasim_get_u8(r) != 0;
	get_order(r, &fresh->order);
	fresh->window->next = dmasim_get_u32(r);
	status = get_table(r, fresh, &fresh->stage1);
	if (!status)
		status = get_table(r, fresh, &fresh->stage2_table);
	if (!status)
		status = get_tlb(r, fresh);
	if (status)
		return status;
	get_delayed(r, pool, fresh);
	get_stores(r, pool, fresh);
	cpu_early_restore(fresh, r);
	return dmasim_reader_status(r);
}

static void free_contents(struct dmasim_cpu *cpu)
{
	free(cpu->stage1.m);
	free(cpu->stage2_table.m);
	free(cpu->stale);
	free(cpu->stores);
	free(cpu->window);
	free(cpu->early);
}

static int make_contents(const struct dmasim_cpu *cpu, struct dmasim_cpu *fresh)
{
	int status = cpu_make_ring(fresh);

	fresh->window = calloc(1, sizeof(*fresh->window));
	if (status || !fresh->window)
		return DMASIM_E_NOMEM;
	return cpu->early ? cpu_early_create(fresh) : DMASIM_OK;
}

static void move_contents(struct dmasim_cpu *cpu, struct dmasim_cpu *fresh)
{
	free_contents(cpu);
	cpu->local = fresh->local;
	cpu->armed = fresh->armed;
	cpu->fault = fresh->fault;
	cpu->order = fresh->order;
	cpu->stage1 = fresh->stage1;
	cpu->stage2_table = fresh->stage2_table;
	cpu->hot.size = 0;
	cpu->stale = fresh->stale;
	cpu->stale_len = fresh->stale_len;
	cpu->stale_cap = fresh->stale_cap;
	cpu->tlb_stats = fresh->tlb_stats;
	memcpy(cpu->delayed, fresh->delayed, sizeof(cpu->delayed));
	cpu->delayed_len = fresh->delayed_len;
	cpu->special = (cpu->early ? CPU_SPECIAL_EARLY : 0) |
	               (cpu->delayed_len ? CPU_SPECIAL_DELAYED : 0);
	cpu->early = fresh->early;
	cpu->stores = fresh->stores;
	cpu->window = fresh->window;
	cpu->first = 0;
	cpu->next = fresh->next;
	cpu_count_stores(cpu);
	cpu->store_after = fresh->store_after;
	cpu->release_end = fresh->release_end;
}

int dmasim_cpu_restore(struct dmasim_cpu *cpu, struct dmasim_reader *r)
{
	struct dmasim_cpu fresh = {
	        .kernel = cpu->kernel, .depth = cpu->depth, .fwb = cpu->fwb};
	int status;

	if (cpu->flying || cpu->special & CPU_SPECIAL_WINDOW)
		return DMASIM_E_STATE;
	status = make_contents(cpu, &fresh);
	if (!status) {
		dmasim_get_begin(r, CPU_TAG, CPU_VERSION);
		status = get_contents(&fresh, r);
		dmasim_get_end(r);
	}
	if (!status)
		status = dmasim_reader_status(r);
	if (status)
		free_contents(&fresh);
	else
		move_contents(cpu, &fresh);
	return status;
}
