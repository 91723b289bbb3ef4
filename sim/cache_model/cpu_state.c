/* SPDX-License-Identifier: MIT */
/* Saving and restoring a CPU: mappings, stores that wait, its clock. */
#include "cpu_window_internal.h"

#include <stdlib.h>

#define CPU_TAG     "CPU "
#define CPU_VERSION 2

/** Longest file name or text of an origin in a blob. */
#define CPU_STRING_MAX 512

static void put_attr(struct dmasim_writer *w, const struct dmasim_attr *a)
{
	dmasim_put_u8(w, a->type);
	dmasim_put_u8(w, a->inner);
	dmasim_put_u8(w, a->outer);
	dmasim_put_u8(w, a->share);
	dmasim_put_u8(w, a->alloc);
}

static void get_attr(struct dmasim_reader *r, struct dmasim_attr *a)
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

static void put_store(struct dmasim_writer *w, const struct cpu_store *s)
{
	dmasim_put_u64(w, s->pa);
	dmasim_put_u64(w, s->due);
	dmasim_put_u32(w, s->size);
	put_attr(w, &s->attr);
	put_origin_string(w, s->origin.file);
	dmasim_put_u32(w, s->origin.line);
	put_origin_string(w, s->origin.what);
	dmasim_put_u32(w, s->origin.queue);
	dmasim_put_u64(w, s->origin.request);
	put_po(w, &s->po);
	dmasim_put_bytes(w, s->data, s->size);
}

static void get_store(struct dmasim_reader *r, struct strings *pool,
                      struct cpu_store *s)
{
	s->pa = dmasim_get_u64(r);
	s->due = dmasim_get_u64(r);
	s->size = dmasim_get_u32(r);
	get_attr(r, &s->attr);
	s->origin.file = get_origin_string(r, pool);
	s->origin.line = dmasim_get_u32(r);
	s->origin.what = get_origin_string(r, pool);
	s->origin.queue = dmasim_get_u32(r);
	s->origin.request = dmasim_get_u64(r);
	get_po(r, &s->po);
	if (!s->size || s->pa > DMASIM_PA_MAX ||
	    s->size > CPU_PIECE - s->pa % CPU_PIECE) {
		dmasim_reader_fail(r, "a store of %u bytes", s->size);
		s->size = 0;
	}
	dmasim_get_bytes(r, s->data, s->size);
}

int dmasim_cpu_save(const struct dmasim_cpu *cpu, struct dmasim_writer *w)
{
	if (cpu->flying || cpu->special)
		return DMASIM_E_STATE;
	dmasim_put_begin(w, CPU_TAG, CPU_VERSION);
	dmasim_put_u64(w, cpu->local);
	dmasim_put_u8(w, cpu->armed);
	dmasim_put_u8(w, cpu->fault);
	put_order(w, &cpu->order);
	dmasim_put_u32(w, cpu->window ? cpu->window->next : 0);
	dmasim_put_u32(w, (uint32_t)cpu->mapping_len);
	for (size_t i = 0; i < cpu->mapping_len; i++) {
		const struct cpu_mapping *m = &cpu->mappings[i];

		dmasim_put_u64(w, m->va);
		dmasim_put_u64(w, m->pa);
		dmasim_put_u64(w, m->size);
		put_attr(w, &m->attr);
	}
	dmasim_put_u32(w, (uint32_t)(cpu->next - cpu->first));
	for (uint64_t n = cpu->first; n != cpu->next; n++)
		put_store(w, &cpu->stores[n % cpu->depth]);
	dmasim_put_end(w);
	return DMASIM_OK;
}

/* A CPU that is nothing but its mappings and stores, to fill from a blob. */
static int get_contents(struct dmasim_cpu *fresh, struct dmasim_reader *r)
{
	struct strings *pool = string_pool(fresh->kernel);
	uint32_t count;

	if (!pool)
		return DMASIM_E_NOMEM;

	fresh->local = dmasim_get_u64(r);
	fresh->armed = dmasim_get_u8(r) != 0;
	fresh->fault = dmasim_get_u8(r) != 0;
	get_order(r, &fresh->order);
	fresh->window->next = dmasim_get_u32(r);
	count = dmasim_get_count(r, UINT32_MAX, 29);
	for (uint32_t i = 0; i < count && !dmasim_reader_status(r); i++) {
		uint64_t va = dmasim_get_u64(r), pa = dmasim_get_u64(r);
		uint64_t size = dmasim_get_u64(r);
		struct dmasim_attr attr;
		int status;

		get_attr(r, &attr);
		if (dmasim_reader_status(r))
			break;
		status = dmasim_cpu_map(fresh, va, pa, size, &attr);
		if (status == DMASIM_E_NOMEM)
			return status;
		if (status)
			dmasim_reader_fail(r, "mapping %u: %s", i,
			                   dmasim_strerror(status));
	}
	count = dmasim_get_count(r, fresh->depth, 73);
	for (uint32_t i = 0; i < count && !dmasim_reader_status(r); i++)
		get_store(r, pool, &fresh->stores[i]);
	fresh->next = count;
	return dmasim_reader_status(r);
}

int dmasim_cpu_restore(struct dmasim_cpu *cpu, struct dmasim_reader *r)
{
	struct dmasim_cpu fresh = {.kernel = cpu->kernel, .depth = cpu->depth};
	int status;

	if (cpu->flying || cpu->special)
		return DMASIM_E_STATE;
	fresh.stores = calloc(fresh.depth + 1u, sizeof(*fresh.stores));
	fresh.window = calloc(1, sizeof(*fresh.window));
	if (!fresh.stores || !fresh.window) {
		free(fresh.stores);
		free(fresh.window);
		return DMASIM_E_NOMEM;
	}
	dmasim_get_begin(r, CPU_TAG, CPU_VERSION);
	status = get_contents(&fresh, r);
	dmasim_get_end(r);
	if (!status)
		status = dmasim_reader_status(r);
	if (status) {
		free(fresh.mappings);
		free(fresh.stores);
		free(fresh.window);
		return status;
	}
	free(cpu->mappings);
	free(cpu->stores);
	free(cpu->window);
	cpu->local = fresh.local;
	cpu->armed = fresh.armed;
	cpu->fault = fresh.fault;
	cpu->order = fresh.order;
	cpu->mappings = fresh.mappings;
	cpu->mapping_len = fresh.mapping_len;
	cpu->mapping_cap = fresh.mapping_cap;
	cpu->last = 0;
	cpu->stores = fresh.stores;
	cpu->window = fresh.window;
	cpu->first = 0;
	cpu->next = fresh.next;
	return DMASIM_OK;
}
