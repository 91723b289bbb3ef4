/* SPDX-License-Identifier: MIT */
#include "stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dmasim/smmu_ats.h"
#include "dmasim/smmu_tables.h"
#include "dmasim/smmuv3.h"

#define RAM       0x40000000ull
#define RAM_SIZE  0x00400000ull
#define CMDQ      (RAM + 0x1000)
#define EVTQ      (RAM + 0x2000)
#define PRIQ      (RAM + 0x3000)
#define DATA      (RAM + 0x8000)
#define TABLES    (RAM + 0x10000)
#define VA        0x12345000ull
#define SID       5u
#define CLIENTS   16u
#define STEPS_MAX 4096u
/* Operations of the actor. */
enum { DONE, ANSWER };

struct fuzz {
	const uint8_t *in;
	size_t left;
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_smmu *smmu;
	struct dmasim_port regs, client, ram;
	uint32_t actor;
	uint64_t frame;
	bool pend;
	struct dmasim_txn *waiting[64];
	struct dmasim_txn txn[CLIENTS];
	uint8_t data[CLIENTS][2][64];
	bool busy[CLIENTS];
	struct dmasim_ats_host host;
	/* How the endpoint answers the next invalidation, and one that it has
	 * not ended. */
	uint8_t answer;
	struct dmasim_call late;
	struct dmasim_tables t;
	struct dmasim_tables_streams streams;
	uint64_t digest;
};

static void must(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz_smmu: %s\n", what);
	abort();
}

static void see(struct fuzz *z, uint64_t v)
{
	z->digest = (z->digest ^ v) * 0x9e3779b97f4a7c15ull;
	z->digest ^= z->digest >> 29;
}

static uint64_t take(struct fuzz *z, unsigned bytes)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < bytes && z->left != 0; i++) {
		v |= (uint64_t)*z->in++ << (8 * i);
		z->left--;
	}
	return v;
}

/* ---- the machine ---- */

/* Every access of the SMMU's and every one that comes out of it may wait. */
static enum dmasim_result tap(void *obj, struct dmasim_txn *txn)
{
	struct fuzz *z = obj;
	struct dmasim_call call = {.actor = z->actor, .op = ANSWER};

	see(z, txn->addr);
	see(z, (uint64_t)txn->op << 32 | txn->size);
	if (!z->pend || txn->done.actor == 0)
		return dmasim_access(&z->ram, txn);
	for (unsigned i = 0; i < 64; i++) {
		if (z->waiting[i])
			continue;
		z->waiting[i] = txn;
		call.arg = i;
		must(dmasim_call_at(z->k, dmasim_now(z->k) + DMASIM_NS, 0,
		                    &call, NULL) == DMASIM_OK,
		     "no call");
		return DMASIM_TXN_PENDING;
	}
	return DMASIM_TXN_SLAVE;
}

static void called(void *obj, uint32_t op, uint64_t arg)
{
	struct fuzz *z = obj;
	struct dmasim_txn *txn;

	if (op == DONE) {
		must(z->busy[arg % CLIENTS], "answered twice");
		z->busy[arg % CLIENTS] = false;
		see(z, z->txn[arg % CLIENTS].result);
		return;
	}
	txn = z->waiting[arg % 64];
	z->waiting[arg % 64] = NULL;
	must(dmasim_complete(z->k, txn, dmasim_access(&z->ram, txn), 0) ==
	             DMASIM_OK,
	     "no completion");
}

/* Time passes, but not without end: a queue of a guest's may feed itself. */
static void settle(struct fuzz *z)
{
	for (unsigned i = 0; i < STEPS_MAX; i++)
		if (dmasim_run_one(z->k) != DMASIM_OK)
			return;
}

static enum dmasim_ats_answer
invalidate(void *obj, const struct dmasim_ats_invalidation *inv)
{
	struct fuzz *z = obj;

	see(z, inv->first);
	see(z, inv->last);
	must(inv->first <= inv->last, "an invalidation of nothing");
	if ((z->answer & 3) != DMASIM_ATS_LATER)
		return z->answer & 1 ? DMASIM_ATS_UNSUPPORTED : DMASIM_ATS_DONE;
	if (!(z->answer & 4))
		z->late = z->answer & 8 ? inv->failed : inv->done;
	return DMASIM_ATS_LATER;
}

static void page_response(void *obj, const struct dmasim_pri_response *r)
{
	struct fuzz *z = obj;

	see(z, (uint64_t)r->group << 32 | (uint32_t)r->code);
}

static void on_event(void *ctx, const uint64_t record[4], bool lost,
                     const struct dmasim_txn *cause)
{
	struct fuzz *z = ctx;

	(void)cause;
	must(dmasim_event_name((uint8_t)record[0]) != NULL,
	     "a record without a name");
	for (unsigned i = 0; i < 4; i++)
		see(z, record[i]);
	see(z, lost);
}

/* IDR0 to IDR6 and S_IDR0 to S_IDR4 with all there is, and with less. */
static void features(struct dmasim_smmu_config *cfg, uint64_t choice)
{
	static const uint32_t full[7] = {0x089ff78b, 0x8e739d10, 0,
	                                 0x00427714, 0,          0x004004f6,
	                                 0x00010000};

	if (choice & 1)
		cfg->profile = DMASIM_SMMU_QEMU_10;
	else
		memcpy(cfg->idr, full, sizeof(full));
	cfg->idr_valid = choice & 1 ? 0 : 0x7f;
	cfg->coherent = true;
	if (choice & 2 && !(choice & 1)) {
		cfg->s_idr_valid = 0x7f;
		cfg->s_idr[0] = 0x80002000;
		cfg->s_idr[1] = 0xa0000010;
		cfg->s_idr[2] = 1;
		cfg->s_idr[6] = 0x00010000;
	}
	cfg->no_caches = choice & 4;
	cfg->tlb_entries = choice & 8 ? 4 : 0;
	cfg->config_entries = choice & 8 ? 4 : 0;
	/* IDR0.TERM_MODEL and STALL_MODEL. */
	if (choice & 16)
		cfg->idr[0] |= 5u << 24;
	for (unsigned i = 0; choice & 32 && i < 2; i++)
		cfg->pmcg[i].counters = 4;
}

static void open_machine(struct fuzz *z)
{
	struct dmasim_port down = {tap, z};
	struct dmasim_smmu_config cfg = {
	        .name = "smmu", .on_event = on_event, .on_event_ctx = z};

	must(dmasim_kernel_create(NULL, &z->k) == DMASIM_OK, "no kernel");
	cfg.kernel = z->k;
	must(dmasim_map_create(&(struct dmasim_map_config){.kernel = z->k},
	                       &z->map) == DMASIM_OK,
	     "no map");
	must(dmasim_map_add_ram(z->map, "ram", RAM, RAM_SIZE) == DMASIM_OK,
	     "no RAM");
	z->ram = dmasim_map_port(z->map);
	must(dmasim_actor_register(z->k, "fuzz", called, z, &z->actor) ==
	             DMASIM_OK,
	     "no actor");
	cfg.mem = down;
	features(&cfg, take(z, 1));
	must(dmasim_smmu_create(&cfg, &z->smmu) == DMASIM_OK, "no SMMU");
	must(dmasim_smmu_regs_size(&cfg, &z->frame) == DMASIM_OK, "no frame");
	z->regs = dmasim_smmu_regs(z->smmu);
	must(dmasim_smmu_attach_ats(
	             z->smmu,
	             &(struct dmasim_smmu_ats_config){
	                     .first_sid = SID,
	                     .last_sid = SID + 3,
	                     .endpoint = {invalidate, page_response, z},
	                     .timeout = DMASIM_US,
	             },
	             &z->host) == DMASIM_OK,
	     "no endpoint");
	must(dmasim_smmu_attach(z->smmu, &down, &z->client) == DMASIM_OK,
	     "no port");
}

static void close_machine(struct fuzz *z)
{
	dmasim_smmu_destroy(z->smmu);
	dmasim_actor_unregister(z->k, z->actor);
	dmasim_map_destroy(z->map);
	dmasim_kernel_destroy(z->k);
}

/* ---- operations ---- */

static uint64_t reg(struct fuzz *z, enum dmasim_op op, uint64_t offset,
                    uint64_t value, uint32_t size)
{
	uint8_t data[8];
	struct dmasim_txn txn = {.op = op,
	                         .cause = DMASIM_CAUSE_CPU,
	                         .flags = offset & 0x8000 ? DMASIM_TXN_SECURE
	                                                  : 0,
	                         .offset = offset,
	                         .size = size,
	                         .attr = dmasim_attr_device,
	                         .data = data};

	for (unsigned i = 0; i < 8; i++)
		data[i] = (uint8_t)(value >> (8 * i));
	see(z, dmasim_access(&z->regs, &txn));
	value = 0;
	for (unsigned i = 0; i < size; i++)
		value |= (uint64_t)data[i] << (8 * i);
	return value;
}

static void some_register(struct fuzz *z, enum dmasim_op op)
{
	uint32_t size = take(z, 1) & 1 ? 8 : 4;
	uint64_t offset = take(z, 3) % z->frame & ~(uint64_t)(size - 1);
	uint64_t value = op == DMASIM_WRITE ? take(z, size) : 0;

	see(z, reg(z, op, offset, value, size));
}

static void some_memory(struct fuzz *z)
{
	uint64_t at = RAM + (take(z, 3) * 8) % RAM_SIZE, v = take(z, 8);

	must(dmasim_map_load(z->map, at, &v, sizeof(v)) == DMASIM_OK,
	     "no memory");
}

/* Change some bits of what is there, so that what worked nearly works. */
static void some_bits(struct fuzz *z)
{
	uint64_t at = RAM + (take(z, 3) * 8) % RAM_SIZE, v;

	if (dmasim_tables_get(&z->t, at, &v) != DMASIM_OK)
		return;
	v ^= 1ull << (take(z, 1) & 63);
	dmasim_tables_set(&z->t, at, v);
}

static void some_access(struct fuzz *z)
{
	uint32_t i = (uint32_t)take(z, 1) % CLIENTS;
	uint64_t what = take(z, 1), flags = take(z, 2), where = take(z, 1);
	uint64_t addr = where & 1 ? take(z, 8) : VA + take(z, 2);
	struct dmasim_txn *t = &z->txn[i];

	if (z->busy[i])
		return;
	*t = (struct dmasim_txn){
	        .op = (enum dmasim_op)(what % (DMASIM_BARRIER + 1)),
	        .cause = DMASIM_CAUSE_DMA,
	        .flags = (uint32_t)flags & 0xfdf,
	        .addr = addr,
	        .size = 1u << (where >> 1 & 7) % 7,
	        .stream_id = SID + (where >> 4 & 7),
	        .substream_id = (uint32_t)flags >> 12 & 3,
	        .attr = dmasim_attr_wb,
	        .data = z->data[i][0],
	};
	if (dmasim_op_is_atomic(t->op) && t->size > 8)
		t->size = 8;
	/* A master that cannot wait has to have memory that does not. */
	if (!(what & 0x80) || z->pend)
		t->done = (struct dmasim_call){z->actor, DONE, i};
	z->busy[i] = true;
	if (dmasim_access(&z->client, t) != DMASIM_TXN_PENDING) {
		z->busy[i] = false;
		see(z, t->result);
	} else {
		must(t->done.actor != 0, "it waits, and nobody is told");
	}
}

static void some_counter(struct fuzz *z)
{
	uint64_t where = take(z, 2), value = take(z, 4);
	struct dmasim_port page =
	        dmasim_smmu_pmcg(z->smmu, where >> 14 & 1, where >> 13 & 1);
	uint8_t data[8] = {0};
	struct dmasim_txn txn = {.op = where >> 15 & 1 ? DMASIM_READ
	                                               : DMASIM_WRITE,
	                         .cause = DMASIM_CAUSE_CPU,
	                         .offset = where & 0xffc,
	                         .size = 4,
	                         .attr = dmasim_attr_device,
	                         .data = data};

	if (!page.access)
		return;
	for (unsigned i = 0; i < 4; i++)
		data[i] = (uint8_t)(value >> (8 * i));
	see(z, dmasim_access(&page, &txn));
	see(z, data[0]);
}

/* What an endpoint says of its own. */
static void some_message(struct fuzz *z)
{
	uint64_t kind = take(z, 2);
	struct dmasim_page_request r = {.stream_id = SID + (kind >> 4 & 3),
	                                .pasid = kind >> 6 & 3,
	                                .pasid_valid = kind & 0x100,
	                                .last = kind & 0x200,
	                                .write = kind & 0x400,
	                                .read = kind & 0x800,
	                                .exec = kind & 0x1000,
	                                .priv = kind & 0x2000,
	                                .group = kind & 7,
	                                .addr = VA};
	struct dmasim_smmu_page_hint hint = {.addr = VA,
	                                     .stream_id = r.stream_id,
	                                     .pages = 1,
	                                     .access = kind >> 8 & 0x3f};

	switch (kind & 12) {
	case 0:
		see(z,
		    (uint64_t)(int64_t)z->host.page_request(z->host.obj, &r));
		break;
	case 4:
		see(z,
		    (uint64_t)(int64_t)dmasim_smmu_page_hint(z->smmu, &hint));
		break;
	case 8:
		z->answer = (uint8_t)(kind >> 8);
		break;
	default:
		if (z->late.actor != 0)
			must(dmasim_call_at(z->k, dmasim_now(z->k) + 1, 0,
			                    &z->late, NULL) == DMASIM_OK,
			     "no call");
		z->late = (struct dmasim_call){0};
		break;
	}
}

static void command(struct fuzz *z)
{
	uint64_t cmd[2], prod = reg(z, DMASIM_READ, 0x98, 0, 4);

	cmd[0] = take(z, 8);
	cmd[1] = take(z, 8);
	must(dmasim_map_load(z->map, CMDQ + 16 * (prod & 0xf), cmd,
	                     sizeof(cmd)) == DMASIM_OK,
	     "no queue");
	reg(z, DMASIM_WRITE, 0x98, (prod + 1) & 0x1f, 4);
}

/* Tables and registers that translate; @z may go on from there. */
static void set_up(struct fuzz *z)
{
	uint64_t kind = take(z, 1), ste_at, cd_at;
	struct dmasim_tables_space s1 = {.tsz = 25, .granule = 12},
	                           s2 = {.tsz = 25,
	                                 .granule = 12,
	                                 .stage2 = true};
	struct dmasim_tables_leaf l1 = {.pa = DATA,
	                                .level = 3,
	                                .bits = 0xf41 | DMASIM_TABLES_DBM},
	                          l2 = {.level = 2, .bits = 0x7fc};
	struct dmasim_tables_cd cd = {
	        .aa64 = 1, .a = 1, .r = 1, .ips = 5, .asid = 1, .mair = 0xff};
	struct dmasim_tables_ste ste = {.config = 5 + kind % 3,
	                                .s2vmid = 1,
	                                .s2ps = 5,
	                                .s2aa64 = 1,
	                                .s2r = 1,
	                                .eats = kind >> 2 & 1};
	struct dmasim_tables_cds cds;
	bool stall = kind & 8, httu = kind & 16;

	z->t = (struct dmasim_tables){
	        .map = z->map, .next = TABLES, .end = RAM + RAM_SIZE};
	cd.s = stall;
	ste.s2s = stall && !(kind & 4);
	cd.ha = cd.hd = ste.s2ha = ste.s2hd = httu;
	l1.bits &= httu ? ~DMASIM_TABLES_AF : UINT64_MAX;
	if (dmasim_tables_streams_new(&z->t, &z->streams, 8,
	                              kind & 32 ? 6 : 0) != DMASIM_OK ||
	    dmasim_tables_space_new(&z->t, &s1) != DMASIM_OK ||
	    dmasim_tables_space_new(&z->t, &s2) != DMASIM_OK ||
	    dmasim_tables_cds_new(&z->t, &cds, kind & 64 ? 2 : 0, 0) !=
	            DMASIM_OK)
		return;
	for (uint64_t i = 0; i < 4; i++) {
		l1.pa = DATA + 0x1000 * i;
		dmasim_tables_map(&z->t, &s1, VA + 0x1000 * i, &l1);
	}
	for (uint64_t at = RAM; at < RAM + RAM_SIZE; at += 0x200000) {
		l2.pa = at;
		dmasim_tables_map(&z->t, &s2, at, &l2);
	}
	dmasim_tables_cd_stage1(&cd, &s1, NULL);
	for (uint32_t ssid = 0; ssid < 1u << cds.s1cdmax; ssid++)
		if (dmasim_tables_cd(&z->t, &cds, ssid, &cd_at) == DMASIM_OK)
			dmasim_tables_write_cd(&z->t, cd_at, &cd);
	dmasim_tables_ste_cds(&ste, &cds);
	dmasim_tables_ste_stage2(&ste, &s2, false);
	for (uint32_t sid = SID; sid < SID + 4; sid++)
		if (dmasim_tables_ste(&z->t, &z->streams, sid, &ste_at) ==
		    DMASIM_OK)
			dmasim_tables_write_ste(&z->t, ste_at, &ste);
}

static void enable(struct fuzz *z)
{
	uint64_t bank = take(z, 1) & 1 ? 0x8000 : 0;

	reg(z, DMASIM_WRITE, bank + 0x20, 0, 4);
	reg(z, DMASIM_WRITE, bank + 0x28, 0xd75, 4);
	reg(z, DMASIM_WRITE, bank + 0x80, z->streams.base, 8);
	reg(z, DMASIM_WRITE, bank + 0x88,
	    dmasim_tables_streams_cfg(&z->streams), 4);
	reg(z, DMASIM_WRITE, bank + 0x90, CMDQ | 4, 8);
	reg(z, DMASIM_WRITE, bank + 0x98, 0, 4);
	reg(z, DMASIM_WRITE, bank + 0x9c, 0, 4);
	reg(z, DMASIM_WRITE, bank + 0xa0, EVTQ | 4, 8);
	reg(z, DMASIM_WRITE, bank + 0xc0, PRIQ | 4, 8);
	reg(z, DMASIM_WRITE, bank + 0x20, bank ? 0xd : 0x1f, 4);
	reg(z, DMASIM_WRITE, bank + 0x64,
	    reg(z, DMASIM_READ, bank + 0x60, 0, 4), 4);
}

static bool any_busy(const struct fuzz *z)
{
	for (unsigned i = 0; i < CLIENTS; i++)
		if (z->busy[i])
			return true;
	return false;
}

/* The whole state out and in again: nothing may have changed. A stalled
 * transaction's client would have to come back with it. */
static void save_and_restore(struct fuzz *z)
{
	struct dmasim_writer *w, *again;
	struct dmasim_reader *r;
	const uint8_t *a, *b;
	size_t n, m;

	must(dmasim_writer_create(&w) == DMASIM_OK, "no writer");
	if (dmasim_smmu_save(z->smmu, w) != DMASIM_OK || any_busy(z)) {
		dmasim_writer_destroy(w);
		return;
	}
	must(dmasim_writer_result(w, &a, &n) == DMASIM_OK, "no blob");
	must(dmasim_reader_create(a, n, &r) == DMASIM_OK, "no reader");
	must(dmasim_smmu_restore(z->smmu, r) == DMASIM_OK,
	     "its own state is refused");
	must(dmasim_writer_create(&again) == DMASIM_OK, "no writer");
	must(dmasim_smmu_save(z->smmu, again) == DMASIM_OK, "no second save");
	must(dmasim_writer_result(again, &b, &m) == DMASIM_OK, "no blob");
	must(n == m && memcmp(a, b, n) == 0, "the state changed");
	dmasim_writer_destroy(again);
	dmasim_reader_destroy(r);
	dmasim_writer_destroy(w);
}

/* Any bytes for a state: taken whole or refused whole. */
static void hostile_state(struct fuzz *z)
{
	size_t n = (size_t)take(z, 2);
	struct dmasim_reader *r;

	if (n > z->left)
		n = z->left;
	must(dmasim_reader_create(z->in, n, &r) == DMASIM_OK, "no reader");
	if (!any_busy(z))
		see(z, (uint64_t)(int64_t)dmasim_smmu_restore(z->smmu, r));
	dmasim_reader_destroy(r);
	z->in += n;
	z->left -= n;
}

static void operation(struct fuzz *z)
{
	switch (take(z, 1) % 14) {
	case 0:
		some_register(z, DMASIM_WRITE);
		break;
	case 1:
		some_register(z, DMASIM_READ);
		break;
	case 2:
		some_memory(z);
		break;
	case 3:
		some_bits(z);
		break;
	case 4:
	case 5:
		some_access(z);
		break;
	case 6:
		command(z);
		break;
	case 7:
		settle(z);
		break;
	case 8:
		set_up(z);
		enable(z);
		break;
	case 9:
		save_and_restore(z);
		break;
	case 10:
		z->pend = take(z, 1) & 1;
		break;
	case 11:
		some_counter(z);
		break;
	case 12:
		some_message(z);
		break;
	default:
		hostile_state(z);
		break;
	}
}

/* At the end stalls are terminated, and everybody has an answer. */
static void finish(struct fuzz *z)
{
	z->pend = false;
	settle(z);
	reg(z, DMASIM_WRITE, 0x8020, 0, 4);
	reg(z, DMASIM_WRITE, 0x20, 0, 4);
	settle(z);
	for (unsigned i = 0; i < CLIENTS; i++)
		must(!z->busy[i], "a transaction was never answered");
}

uint64_t fuzz_smmu(const uint8_t *data, size_t size)
{
	struct fuzz *z = calloc(1, sizeof(*z));
	uint64_t digest;

	must(z != NULL, "no memory");
	z->in = data;
	z->left = size;
	open_machine(z);
	z->t = (struct dmasim_tables){
	        .map = z->map, .next = TABLES, .end = RAM + RAM_SIZE};
	while (z->left != 0)
		operation(z);
	finish(z);
	digest = z->digest;
	close_machine(z);
	free(z);
	return digest;
}
