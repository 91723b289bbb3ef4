/* SPDX-License-Identifier: MIT */
/*
 * Each allocation of a machine's life fails once. A call then says E_NOMEM or
 * the run fails; nothing breaks, nothing leaks.
 */
#include "check.h"

#include <stdlib.h>

#include "dmasim/cpu_map.h"
#include "dmasim/cpu_window.h"
#include "fail_alloc.h"

#define RAM  0x80000000ull
#define SIZE 0x10000ull

struct machine {
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_checker *checker;
	struct dmasim_memsys *ms;
	struct dmasim_cpu *cpu;
	struct dmasim_choice *choice;
	struct dmasim_port device[12];
	/** Memory that answers every third access later. */
	uint32_t actor;
	unsigned accesses;
	struct dmasim_txn *held[16];
	unsigned events;
};

static void late_answer(void *obj, uint32_t op, uint64_t arg)
{
	struct machine *m = obj;
	struct dmasim_port ram = dmasim_map_port(m->map);
	struct dmasim_txn *txn = m->held[arg];

	(void)op;
	m->held[arg] = NULL;
	if (dmasim_complete(m->k, txn, dmasim_access(&ram, txn), 0))
		dmasim_fail(m->k, "no memory for an answer");
}

static enum dmasim_result late_memory(void *obj, struct dmasim_txn *txn)
{
	struct machine *m = obj;
	struct dmasim_port ram = dmasim_map_port(m->map);
	struct dmasim_call call = {.actor = m->actor};

	while (call.arg < 16 && m->held[call.arg])
		call.arg++;
	if (++m->accesses % 3 || call.arg == 16 ||
	    dmasim_call_at(m->k, dmasim_now(m->k) + 10, 0, &call, NULL))
		return dmasim_access(&ram, txn);
	m->held[call.arg] = txn;
	return DMASIM_TXN_PENDING;
}

static void watch(void *ctx, const struct dmasim_line_event *e)
{
	struct machine *m = ctx;

	m->events += e->kind != DMASIM_LINE_BARRIER;
}

static int build(struct machine *m)
{
	int status = dmasim_map_create(
	        &(struct dmasim_map_config){.kernel = m->k}, &m->map);

	if (!status)
		status = dmasim_map_add_ram(m->map, "ram", RAM, SIZE);
	if (!status)
		status = dmasim_checker_create(
		        &(struct dmasim_checker_config){.kernel = m->k},
		        &m->checker);
	if (!status)
		status = dmasim_actor_register(m->k, "late", late_answer, m,
		                               &m->actor);
	if (!status)
		status = dmasim_memsys_create(
		        &(struct dmasim_memsys_config){
		                .kernel = m->k,
		                .map = m->map,
		                .checker = m->checker,
		                .cpus = 1,
		                .memory = &(struct dmasim_port){late_memory, m},
		                .l1 = {.size = 128, .ways = 1, .cycles = 1},
		                .l2 = {.size = 128,
		                       .ways = 2,
		                       .replacement = DMASIM_REPLACE_PLRU},
		                .system = {.size = 128, .ways = 1},
		                .shared = {.size = 256,
		                           .ways = 1,
		                           .cycles = 1}},
		        &m->ms);
	if (!status)
		status = dmasim_memsys_observe(m->ms, watch, m);
	if (!status)
		status = dmasim_choice_create(NULL, &m->choice);
	if (!status)
		status = dmasim_cpu_create(
		        &(struct dmasim_cpu_config){.kernel = m->k,
		                                    .memsys = m->ms,
		                                    .choice = m->choice,
		                                    .early_loads = true},
		        &m->cpu);
	for (unsigned i = 0; i < 12 && !status; i++)
		status = dmasim_memsys_add_port(
		        m->ms,
		        &(struct dmasim_device_port_config){
		                .name = "device",
		                .kind = (enum dmasim_port_kind)(i % 3)},
		        &m->device[i], NULL);
	for (uint64_t i = 0; i < 20 && !status; i++)
		status = dmasim_cpu_map(m->cpu, i * 0x20000, RAM, SIZE,
		                        i & 1 ? &dmasim_attr_nc
		                              : &dmasim_attr_wb);
	return status;
}

/* What a CPU has of its own: a window, and a TLB that keeps an entry, which
 * is then cut in three. */
static int cpu_parts(struct machine *m)
{
	const struct dmasim_insn in = {.va = 8, .size = 8};
	uint32_t token;
	int status = dmasim_cpu_issue(m->cpu, &in, &token);

	if (!status)
		status = dmasim_cpu_retire(m->cpu);
	if (!status)
		status = dmasim_cpu_unmap(m->cpu, 0x40000);
	if (!status)
		status = dmasim_cpu_map(m->cpu, 0x40000, RAM, SIZE,
		                        &dmasim_attr_wb);
	for (uint64_t i = 1; i < 8 && !status; i += 2)
		status = dmasim_cpu_tlbi(m->cpu, 0x40000 + 0x1000 * i, 0x1000);
	return status;
}

/* Every kind of access, with findings; the first error ends it. */
static int live(struct machine *m)
{
	int status = DMASIM_OK;

	for (uint64_t i = 0; i < 40 && !status; i++) {
		uint64_t at = i * 2120 % 0x8000 & ~7ull, v = i;
		struct dmasim_txn txn = {.op = i & 1 ? DMASIM_WRITE
		                                     : DMASIM_READ,
		                         .addr = RAM + at,
		                         .size = 8,
		                         .data = (uint8_t *)&v,
		                         .attr = dmasim_attr_wb,
		                         .origin = {.what = "device access",
		                                    .queue = (uint32_t)i}};

		/* Without memory it has not happened, and the run fails. */
		(void)dmasim_memsys_prefetch(m->ms, 0, RAM + at + 128,
		                             &dmasim_attr_wb);
		/* A page that nobody has touched is read first. */
		status = dmasim_cpu_load(m->cpu, at, 8, &v);
		if (!status)
			status = dmasim_cpu_store(m->cpu, at, 8, i);
		/* More writers in a line than have room there. */
		for (uint64_t j = 0; j < 6 && !status; j++)
			status = dmasim_cpu_put(
			        m->cpu, (at & ~63ull) + 2 * j, 1, i,
			        (struct dmasim_origin){.what = "byte",
			                               .queue = (uint32_t)j});
		if (!status)
			status = dmasim_cpu_barrier(m->cpu, DMASIM_DSB,
			                            DMASIM_HERE);
		if (!status)
			status = dmasim_access_wait(m->k, &m->device[i % 12],
			                            &txn);
		if (!status && txn.result != DMASIM_TXN_OK)
			status = DMASIM_E_FAULT;
		if (!status)
			status = dmasim_cpu_store(m->cpu, 0x20000 + at, 8, i);
		if (!status)
			status = dmasim_cpu_maintain(m->cpu, DMASIM_INVALIDATE,
			                             at, 8, DMASIM_HERE);
		if (!status)
			status = dmasim_cpu_load(m->cpu, at, 8, &v);
		if (!status)
			status = dmasim_note_map(m->checker, 0, i * 4096, RAM,
			                         4096);
		if (!status)
			status = dmasim_name_region(m->checker, RAM + at, 8,
			                            "name", NULL, NULL);
		dmasim_note_unmap(m->checker, 0, i * 4096 + 16, 16);
		dmasim_unname_region(m->checker, RAM + at + 2, 2);
	}
	if (!status)
		status = cpu_parts(m);
	if (!status)
		status = dmasim_run_until(m->k, dmasim_now(m->k) + 1);
	return status;
}

static int copy(struct machine *m, struct machine *to)
{
	struct dmasim_writer *w = NULL;
	struct dmasim_reader *r = NULL;
	const uint8_t *blob;
	size_t size;
	int status = dmasim_writer_create(&w);

	if (!status)
		status = dmasim_memsys_save(m->ms, w);
	if (!status)
		status = dmasim_cpu_save(m->cpu, w);
	if (!status)
		status = dmasim_checker_save(m->checker, w);
	if (!status)
		status = dmasim_writer_result(w, &blob, &size);
	if (!status)
		status = dmasim_reader_create(blob, size, &r);
	if (!status)
		status = dmasim_memsys_restore(to->ms, r);
	if (!status)
		status = dmasim_cpu_restore(to->cpu, r);
	if (!status)
		status = dmasim_checker_restore(to->checker, r);
	if (r)
		dmasim_reader_destroy(r);
	if (w)
		dmasim_writer_destroy(w);
	return status;
}

static void destroy(struct machine *m)
{
	dmasim_cpu_destroy(m->cpu);
	dmasim_choice_destroy(m->choice);
	dmasim_memsys_destroy(m->ms);
	dmasim_checker_destroy(m->checker);
	dmasim_map_destroy(m->map);
	dmasim_kernel_destroy(m->k);
}

/* The status of a life in which allocation @n fails, from @part on. */
static int life(int n, unsigned part)
{
	struct machine m = {0}, other = {0};
	int status;

	assert_int_equal(dmasim_kernel_create(NULL, &m.k), DMASIM_OK);
	assert_int_equal(dmasim_kernel_create(NULL, &other.k), DMASIM_OK);
	fail_alloc_hit = false;
	fail_alloc_after = part == 0 ? n : -1;
	status = build(&m);
	if (part == 1)
		fail_alloc_after = n;
	if (!status)
		status = live(&m);
	if (part == 2) {
		status = build(&other);
		if (!status)
			status = dmasim_cpu_store(m.cpu, 0, 8, 1);
		fail_alloc_after = n;
		if (!status)
			status = copy(&m, &other);
	}
	fail_alloc_after = -1;
	/* What exists goes on: after a run that failed, and then really. */
	if (status && m.cpu && part) {
		(void)dmasim_run_until(m.k, dmasim_now(m.k));
		(void)live(&m);
	}
	destroy(&m);
	destroy(&other);
	return status;
}

static void every_allocation(unsigned part, unsigned least)
{
	unsigned failures = 0, told = 0;

	for (int n = 0;; n++) {
		int status = life(n, part);

		if (!fail_alloc_hit) {
			assert_int_equal(status, DMASIM_OK);
			break;
		}
		failures++;
		told += status != DMASIM_OK;
		assert_true(status == DMASIM_OK || status == DMASIM_E_NOMEM ||
		            status == DMASIM_E_KERNEL ||
		            status == DMASIM_E_FAULT);
	}
	assert_true(failures >= least);
	/* A name or a note that is cut in two may lose its second half, and
	 * a finding its place, without an error. */
	assert_true(told * 2 >= failures);
}

static void while_building(void **state)
{
	(void)state;
	every_allocation(0, 60);
}

static void while_running(void **state)
{
	(void)state;
	every_allocation(1, 40);
}

static void while_restoring(void **state)
{
	(void)state;
	every_allocation(2, 60);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(while_building),
        cmocka_unit_test(while_running),
        cmocka_unit_test(while_restoring),
};

CHECK_MAIN(tests)
