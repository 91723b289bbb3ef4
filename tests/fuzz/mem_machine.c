/* SPDX-License-Identifier: MIT */
#include "mem_machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Operations of the actor. */
enum { DONE, ANSWER };

void mem_must(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz_memsys: %s\n", what);
	abort();
}

void mem_see(struct mem_fuzz *z, uint64_t v)
{
	z->digest = (z->digest ^ v) * 0x9e3779b97f4a7c15ull;
	z->digest ^= z->digest >> 29;
}

uint64_t mem_take(struct mem_fuzz *z, unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < bytes && z->left != 0; i++) {
		v |= (uint64_t)*z->in++ << (8 * i);
		z->left--;
	}
	return v;
}

static uint32_t answer(void *ctx, const struct dmasim_choice_query *q)
{
	struct mem_fuzz *z = ctx;

	mem_must(q->alternatives && q->preferred < q->alternatives,
	         "an impossible choice");
	mem_see(z, (uint64_t)q->point << 32 | q->alternatives);
	if (!z->left)
		return q->preferred;
	return (uint32_t)mem_take(z, 1) % q->alternatives;
}

/* Every access to memory may wait. */
static enum dmasim_result tap(void *obj, struct dmasim_txn *txn)
{
	struct mem_fuzz *z = obj;
	struct dmasim_call call = {.actor = z->actor, .op = ANSWER};

	mem_see(z, txn->addr);
	mem_see(z, (uint64_t)txn->op << 32 | txn->size);
	if (!z->pend || txn->done.actor == 0)
		return dmasim_access(&z->ram, txn);
	mem_must(z->waiting_count < MEM_WAITING, "too many at once");
	while (z->waiting[z->waiting_next % MEM_WAITING])
		z->waiting_next++;
	call.arg = z->waiting_next++ % MEM_WAITING;
	z->waiting[call.arg] = txn;
	z->waiting_count++;
	mem_must(dmasim_call_at(z->k,
	                        dmasim_now(z->k) + (1 + call.arg % 3) * 1000, 0,
	                        &call, NULL) == DMASIM_OK,
	         "no call");
	return DMASIM_TXN_PENDING;
}

static void called(void *obj, uint32_t op, uint64_t arg)
{
	struct mem_fuzz *z = obj;
	struct dmasim_txn *txn;

	if (op == DONE) {
		mem_must(z->slot[arg % MEM_SLOTS].busy, "answered twice");
		z->slot[arg % MEM_SLOTS].busy = false;
		mem_see(z, z->slot[arg % MEM_SLOTS].txn.result);
		return;
	}
	txn = z->waiting[arg % MEM_WAITING];
	z->waiting[arg % MEM_WAITING] = NULL;
	z->waiting_count--;
	mem_must(dmasim_complete(z->k, txn, dmasim_access(&z->ram, txn), 0) ==
	                 DMASIM_OK,
	         "no completion");
}

static enum dmasim_result registers(void *obj, struct dmasim_txn *txn)
{
	mem_see(obj, txn->offset);
	if (txn->op == DMASIM_READ)
		memset(txn->data, 0x5a, txn->size);
	return txn->size > 8 ? DMASIM_TXN_SLAVE : DMASIM_TXN_OK;
}

static void watch(void *ctx, const struct dmasim_line_event *e)
{
	struct mem_fuzz *z = ctx;

	mem_must(e->kind < DMASIM_LINE_EVENTS && e->state &&
	                 strchr("MOESI", e->state) != NULL,
	         "an odd event");
	z->seen_events++;
	mem_see(z, (uint64_t)e->kind << 8 | (uint64_t)e->state);
}

static struct dmasim_cache_config geometry(const struct mem_fuzz *z,
                                           uint64_t bits)
{
	uint32_t ways = 1u << (bits & 3), sets = 1u << (bits >> 2 & 3);

	return (struct dmasim_cache_config){
	        .size = ways * sets * z->line,
	        .ways = ways,
	        .cycles = 3,
	        .replacement = (enum dmasim_replacement)((bits >> 4 & 3) % 3),
	};
}

static const struct dmasim_cache_config absent = {.ways = 1};

/* Four bytes of the input say what there is. */
static void open_memsys(struct mem_fuzz *z)
{
	uint64_t what = mem_take(z, 1), l1 = mem_take(z, 1),
	         lower = mem_take(z, 1), more = mem_take(z, 1);
	const struct dmasim_port memory = {tap, z};
	struct dmasim_choice_config choice = {
	        .mode = DMASIM_CHOICE_CALLBACK, .fn = answer, .fn_ctx = z};
	struct dmasim_memsys_config cfg = {.kernel = z->k, .map = z->map};

	z->any = what & 1;
	z->cpus = 1 + (what >> 1 & 3);
	z->line = 16u << (lower & 7);
	if (what & 16)
		mem_must(dmasim_choice_create(&choice, &z->choice) == DMASIM_OK,
		         "no choice");
	if (what & 8)
		mem_must(dmasim_checker_create(
		                 &(struct dmasim_checker_config){
		                         .kernel = z->k, .line_size = z->line},
		                 &z->checker) == DMASIM_OK,
		         "no checker");
	z->pend = what & 32;
	cfg.choice = z->choice;
	cfg.checker = z->checker;
	cfg.cpus = z->cpus;
	cfg.line_size = z->line;
	cfg.no_timing = what >> 7 & 1;
	cfg.l1 = l1 & 0xc0 ? geometry(z, l1) : absent;
	cfg.shared = lower & 8 ? geometry(z, lower >> 4) : absent;
	cfg.l2 = more & 1 && cfg.l1.size ? geometry(z, l1 >> 1) : absent;
	cfg.system = more & 2 ? geometry(z, lower >> 3) : absent;
	cfg.protocol = more & 4 ? DMASIM_MOESI : DMASIM_MESI;
	cfg.memory = more & 8 ? NULL : &memory;
	mem_must(dmasim_memsys_create(&cfg, &z->ms) == DMASIM_OK, "no memsys");
	if (what & 64)
		mem_must(dmasim_memsys_observe(z->ms, watch, z) == DMASIM_OK,
		         "no observer");
}

static void add_port(struct mem_fuzz *z, const char *name,
                     enum dmasim_port_kind kind)
{
	const struct dmasim_device_port_config cfg = {.name = name,
	                                              .kind = kind};

	mem_must(dmasim_memsys_add_port(z->ms, &cfg, &z->port[z->ports++],
	                                NULL) == DMASIM_OK,
	         "no port");
}

void mem_open(struct mem_fuzz *z)
{
	const struct dmasim_port regs = {registers, z};

	mem_must(dmasim_kernel_create(NULL, &z->k) == DMASIM_OK, "no kernel");
	mem_must(dmasim_map_create(&(struct dmasim_map_config){.kernel = z->k},
	                           &z->map) == DMASIM_OK,
	         "no map");
	mem_must(dmasim_map_add_ram(z->map, "ram", MEM_RAM, MEM_SIZE) ==
	                         DMASIM_OK &&
	                 dmasim_map_add_mmio(z->map, "registers", MEM_REGS,
	                                     0x1000, &regs) == DMASIM_OK,
	         "no regions");
	mem_must(dmasim_actor_register(z->k, "fuzz", called, z, &z->actor) ==
	                 DMASIM_OK,
	         "no actor");
	z->ram = dmasim_map_port(z->map);
	open_memsys(z);
	for (uint32_t i = 0; i < z->cpus; i++)
		mem_must(dmasim_memsys_cpu_port(
		                 z->ms, i, &z->port[z->ports++]) == DMASIM_OK,
		         "no CPU");
	add_port(z, "host", DMASIM_PORT_CACHED);
	add_port(z, "coherent disk", DMASIM_PORT_COHERENT);
	z->coherent_ports = z->ports;
	add_port(z, "disk", DMASIM_PORT_NONCOHERENT);
}

void mem_close(struct mem_fuzz *z)
{
	dmasim_writer_destroy(z->kept);
	dmasim_memsys_destroy(z->ms);
	dmasim_checker_destroy(z->checker);
	dmasim_choice_destroy(z->choice);
	dmasim_map_destroy(z->map);
	dmasim_kernel_destroy(z->k);
}

bool mem_busy(const struct mem_fuzz *z)
{
	for (unsigned i = 0; i < MEM_SLOTS; i++)
		if (z->slot[i].busy)
			return true;
	return z->waiting_count != 0;
}

void mem_settle(struct mem_fuzz *z)
{
	unsigned steps = 0;

	while (dmasim_run_one(z->k) == DMASIM_OK)
		mem_must(++steps < 100000, "it never ends");
	mem_must(!mem_busy(z), "an access without an answer");
}

void mem_start(struct mem_fuzz *z, uint32_t slot,
               const struct dmasim_port *port)
{
	struct mem_slot *s = &z->slot[slot];

	s->txn.done = (struct dmasim_call){
	        .actor = z->actor, .op = DONE, .arg = slot};
	s->busy = true;
	if (dmasim_access(port, &s->txn) == DMASIM_TXN_PENDING)
		return;
	s->busy = false;
	mem_see(z, s->txn.result);
	mem_see(z, s->txn.latency);
}

static int save(struct mem_fuzz *z, struct dmasim_writer *w)
{
	int status = dmasim_map_save(z->map, w);

	if (!status)
		status = dmasim_memsys_save(z->ms, w);
	if (!status && z->checker)
		status = dmasim_checker_save(z->checker, w);
	return status;
}

static int restore(struct mem_fuzz *z, struct dmasim_writer *w)
{
	struct dmasim_reader *r;
	const uint8_t *blob;
	size_t size;
	int status;

	mem_must(dmasim_writer_result(w, &blob, &size) == DMASIM_OK, "no blob");
	mem_must(dmasim_reader_create(blob, size, &r) == DMASIM_OK,
	         "no reader");
	status = dmasim_map_restore(z->map, r);
	if (!status)
		status = dmasim_memsys_restore(z->ms, r);
	if (!status && z->checker)
		status = dmasim_checker_restore(z->checker, r);
	dmasim_reader_destroy(r);
	return status;
}

void mem_round_trip(struct mem_fuzz *z)
{
	struct dmasim_writer *w, *again;
	const uint8_t *a, *b;
	size_t n, m;
	int status;

	mem_must(dmasim_writer_create(&w) == DMASIM_OK, "no writer");
	mem_must(dmasim_writer_create(&again) == DMASIM_OK, "no writer");
	status = save(z, w);
	mem_must(status == DMASIM_OK || (status == DMASIM_E_STATE && z->pend),
	         "it cannot be saved");
	if (status == DMASIM_OK && !mem_busy(z)) {
		mem_must(restore(z, w) == DMASIM_OK,
		         "its own state is refused");
		mem_must(save(z, again) == DMASIM_OK, "no second save");
		mem_must(dmasim_writer_result(w, &a, &n) == DMASIM_OK,
		         "no blob");
		mem_must(dmasim_writer_result(again, &b, &m) == DMASIM_OK,
		         "no blob");
		mem_must(n == m && memcmp(a, b, n) == 0, "the state changed");
		mem_see(z, n);
	}
	dmasim_writer_destroy(again);
	dmasim_writer_destroy(w);
}

void mem_keep(struct mem_fuzz *z)
{
	mem_settle(z);
	dmasim_writer_destroy(z->kept);
	mem_must(dmasim_writer_create(&z->kept) == DMASIM_OK, "no writer");
	mem_must(save(z, z->kept) == DMASIM_OK, "it cannot be kept");
	memcpy(z->kept_flat, z->flat, MEM_SIZE);
	memcpy(z->kept_reserved, z->reserved, sizeof(z->reserved));
}

void mem_go_back(struct mem_fuzz *z)
{
	if (!z->kept)
		return;
	mem_settle(z);
	mem_must(restore(z, z->kept) == DMASIM_OK, "there is no way back");
	memcpy(z->flat, z->kept_flat, MEM_SIZE);
	memcpy(z->reserved, z->kept_reserved, sizeof(z->reserved));
}

void mem_hostile_state(struct mem_fuzz *z)
{
	size_t n = (size_t)mem_take(z, 2);
	struct dmasim_reader *r;

	if (n > z->left)
		n = z->left;
	mem_must(dmasim_reader_create(z->in, n, &r) == DMASIM_OK, "no reader");
	z->in += n;
	z->left -= n;
	if (!mem_busy(z))
		mem_see(z, (uint64_t)(int64_t)dmasim_memsys_restore(z->ms, r));
	dmasim_reader_destroy(r);
}
