/* SPDX-License-Identifier: MIT */
#include "machine.h"

/* Those of the Secure state lie S_BANK above, its queues' indices too. */
#define S_BANK 0x8000u
#define PAGE1  0x10000u

enum {
	IDR0 = 0x00,
	AIDR = 0x1c,
	CR0 = 0x20,
	CR1 = 0x28,
	CR2 = 0x2c,
	GBPA = 0x44,
	STRTAB_BASE = 0x80,
	STRTAB_BASE_CFG = 0x88,
	CMDQ_BASE = 0x90,
	CMDQ_PROD = 0x98,
	CMDQ_CONS = 0x9c,
	EVENTQ_BASE = 0xa0,
	EVENTQ_PROD = 0xa8, /* of page 1, or of the Secure state */
	EVENTQ_CONS = 0xac,
};

#define CMDQ_AT QUEUES
#define EVTQ_AT (QUEUES + 0x1000)
#define ON      0xdu /* CMDQEN, EVENTQEN, SMMUEN */
#define SIF     0x20u

/* ---- ports ---- */

static enum dmasim_result memory(void *obj, struct dmasim_txn *txn)
{
	struct machine *m = obj;
	struct machine_seen *s = m->seen;
	const struct dmasim_tables t = {.map = m->map};
	enum dmasim_result r;
	struct machine_write w = {.pa = txn->addr};

	if (!s || txn->cause != DMASIM_CAUSE_WALK || !dmasim_op_writes(txn->op))
		return dmasim_access(&m->ram, txn);
	dmasim_tables_get(&t, w.pa, &w.old);
	r = dmasim_access(&m->ram, txn);
	dmasim_tables_get(&t, w.pa, &w.value);
	/* A compare-and-swap may find that it has nothing to swap. */
	if (r == DMASIM_TXN_OK && w.value != w.old)
		s->writes[s->written++ % 64] = w;
	return r;
}

/* Where translated accesses come out. */
static enum dmasim_result target(void *obj, struct dmasim_txn *txn)
{
	struct machine *m = obj;

	m->seen->outputs++;
	m->seen->pa = txn->addr;
	m->seen->attr = txn->attr;
	m->seen->ns = !(txn->flags & DMASIM_TXN_SECURE);
	if (!dmasim_op_writes(txn->op))
		memset(txn->data, 0x5a, txn->size);
	return DMASIM_TXN_OK;
}

static void on_event(void *ctx, const uint64_t record[4], bool lost,
                     const struct dmasim_txn *cause)
{
	struct machine *m = ctx;

	(void)cause;
	if (!m->seen)
		return;
	m->seen->events++;
	m->seen->lost |= lost;
	memcpy(m->seen->record, record, sizeof(m->seen->record));
}

static void completed(void *obj, uint32_t op, uint64_t arg)
{
	struct machine *m = obj;

	(void)op;
	(void)arg;
	m->done = true;
}

/* ---- registers ---- */

static void reg(struct dmasim_port *regs, enum dmasim_op op, uint32_t offset,
                uint32_t size, uint8_t *b)
{
	struct dmasim_txn t = {.op = op,
	                       .flags = DMASIM_TXN_SECURE,
	                       .addr = offset,
	                       .offset = offset,
	                       .size = size,
	                       .data = b};

	assert_int_equal(dmasim_access(regs, &t), DMASIM_TXN_OK);
}

static uint32_t read32(struct dmasim_port *regs, uint32_t offset)
{
	uint8_t b[4];

	reg(regs, DMASIM_READ, offset, 4, b);
	return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
	       (uint32_t)b[3] << 24;
}

void machine_w64(struct machine *m, uint32_t offset, uint64_t v)
{
	uint8_t b[8];

	for (unsigned i = 0; i < 8; i++)
		b[i] = (uint8_t)(v >> (8 * i));
	reg(&m->regs, DMASIM_WRITE, m->bank + offset, 8, b);
}

void machine_w32(struct machine *m, uint32_t offset, uint32_t v)
{
	uint8_t b[4];

	for (unsigned i = 0; i < 4; i++)
		b[i] = (uint8_t)(v >> (8 * i));
	reg(&m->regs, DMASIM_WRITE, m->bank + offset, 4, b);
}

uint32_t machine_r32(struct machine *m, uint32_t offset)
{
	return read32(&m->regs, m->bank + offset);
}

/* ---- life ---- */

static struct dmasim_smmu_config config(struct machine *m,
                                        const struct machine_ids *ids)
{
	struct dmasim_smmu_config c = {.kernel = m->k,
	                               .name = "smmu",
	                               .mem = {memory, m},
	                               .profile = DMASIM_SMMU_ARCH,
	                               .coherent = true,
	                               .on_event = on_event,
	                               .on_event_ctx = m};

	dmasim_smmu_profile_parse("arch-full", &c.profile);
	if (ids) {
		c.idr_valid = c.s_idr_valid = 0x7f;
		memcpy(c.idr, ids->idr, sizeof(c.idr));
		memcpy(c.s_idr, ids->s_idr, sizeof(c.s_idr));
		c.no_caches = ids->no_caches;
		c.tlb_entries = ids->tlb_entries;
		c.config_entries = ids->config_entries;
	}
	return c;
}

void machine_probe(struct machine_ids *ids)
{
	struct machine m = {0};
	struct dmasim_smmu_config c;
	struct dmasim_port regs;

	assert_int_equal(dmasim_kernel_create(NULL, &m.k), DMASIM_OK);
	c = config(&m, NULL);
	assert_int_equal(dmasim_smmu_create(&c, &m.smmu), DMASIM_OK);
	regs = dmasim_smmu_regs(m.smmu);
	*ids = (struct machine_ids){0};
	for (unsigned i = 0; i < 6; i++)
		ids->idr[i] = read32(&regs, IDR0 + 4 * i);
	for (unsigned i = 0; i < 5; i++)
		ids->s_idr[i] = read32(&regs, S_BANK + IDR0 + 4 * i);
	/* What this model can show beyond its default: S2P, S1P, HTTU 2, Hyp,
	 * ATS, ASID16, VMID16, CD2L; stalls and RAZ/WI; both byte orders; HAD,
	 * XNX, FWB, STT, E0PD, EPAN; 52-bit addresses, all granules, DS, VAX.
	 */
	ids->idr[0] |= 0x000c1683;
	ids->idr[0] &= ~0x07600000u;
	ids->idr[3] |= 0x00022714;
	ids->idr[5] = (ids->idr[5] & ~0xcffu) | 0x4f6;
	dmasim_smmu_destroy(m.smmu);
	dmasim_kernel_destroy(m.k);
}

void machine_open(struct machine *m, const struct machine_ids *ids)
{
	struct dmasim_port out = {target, m};
	struct dmasim_smmu_config c;

	*m = (struct machine){0};
	assert_int_equal(dmasim_kernel_create(NULL, &m->k), DMASIM_OK);
	assert_int_equal(
	        dmasim_map_create(&(struct dmasim_map_config){.kernel = m->k},
	                          &m->map),
	        DMASIM_OK);
	assert_int_equal(dmasim_map_add_ram(m->map, "ram", RAM_BASE, RAM_SIZE),
	                 DMASIM_OK);
	m->ram = dmasim_map_port(m->map);
	assert_int_equal(
	        dmasim_actor_register(m->k, "client", completed, m, &m->actor),
	        DMASIM_OK);
	c = config(m, ids);
	assert_int_equal(dmasim_smmu_create(&c, &m->smmu), DMASIM_OK);
	m->regs = dmasim_smmu_regs(m->smmu);
	assert_int_equal(dmasim_smmu_attach(m->smmu, &out, &m->client),
	                 DMASIM_OK);
	m->ref = (struct ref_regs){
	        .idr0 = machine_r32(m, IDR0),
	        .idr1 = machine_r32(m, IDR0 + 4),
	        .idr3 = machine_r32(m, IDR0 + 12),
	        .idr5 = machine_r32(m, IDR0 + 20),
	        .aidr = machine_r32(m, AIDR),
	        .secure = ids->secure,
	        .s_idr0 = machine_r32(m, S_BANK + IDR0),
	        .s_idr1 = machine_r32(m, S_BANK + IDR0 + 4),
	};
	m->secure = ids->secure;
	m->bank = m->secure ? S_BANK : 0;
	m->page1 = m->secure ? 0 : PAGE1;
	/* Write-Back Inner Shareable for tables and queues. */
	machine_w32(m, CR1, 0xd75);
	machine_w64(m, CMDQ_BASE, CMDQ_AT | CMDQ_LOG2);
	machine_w32(m, CMDQ_PROD, 0);
	machine_w32(m, CMDQ_CONS, 0);
	machine_w64(m, EVENTQ_BASE, EVTQ_AT | EVTQ_LOG2);
	machine_w32(m, m->page1 + EVENTQ_PROD, 0);
	machine_w32(m, m->page1 + EVENTQ_CONS, 0);
}

void machine_close(struct machine *m)
{
	dmasim_smmu_destroy(m->smmu);
	dmasim_map_destroy(m->map);
	dmasim_actor_unregister(m->k, m->actor);
	dmasim_kernel_destroy(m->k);
}

static void settle(struct machine *m)
{
	assert_int_equal(dmasim_run_idle(m->k, DMASIM_FOREVER - 1), DMASIM_OK);
}

void machine_setup(struct machine *m, const struct machine_setup *s)
{
	uint32_t cr0 = s->off ? ON & ~1u : ON;

	if (m->secure && s->sif)
		cr0 |= SIF;
	machine_w32(m, CR0, cr0 & ~1u);
	settle(m);
	m->ref.strtab_base = s->streams.base;
	m->ref.strtab_base_cfg = dmasim_tables_streams_cfg(&s->streams);
	m->ref.cr0 = cr0;
	m->ref.cr2 = s->cr2;
	m->ref.gbpa = s->gbpa;
	machine_w64(m, STRTAB_BASE, m->ref.strtab_base);
	machine_w32(m, STRTAB_BASE_CFG, m->ref.strtab_base_cfg);
	machine_w32(m, CR2, s->cr2);
	machine_w32(m, GBPA, s->gbpa | 1u << 31);
	settle(m);
	machine_w32(m, CR0, cr0);
	settle(m);
}

/* ---- commands ---- */

void machine_command(struct machine *m, struct dmasim_tables_cmd c)
{
	uint32_t n = m->cmd_prod & ((1u << CMDQ_LOG2) - 1);
	const struct dmasim_tables t = {.map = m->map};

	dmasim_tables_set(&t, CMDQ_AT + 16ull * n, c.d0);
	dmasim_tables_set(&t, CMDQ_AT + 16ull * n + 8, c.d1);
	m->cmd_prod = (m->cmd_prod + 1) & ((2u << CMDQ_LOG2) - 1);
	machine_w32(m, CMDQ_PROD, m->cmd_prod);
	settle(m);
	assert_int_equal(machine_r32(m, CMDQ_CONS), m->cmd_prod);
}

static void tlbi(struct machine *m, enum dmasim_tables_tlbi op)
{
	machine_command(m,
	                dmasim_tables_tlbi(
	                        &(struct dmasim_tables_tlbi_fields){.op = op}));
}

void machine_flush(struct machine *m)
{
	machine_command(m, dmasim_tables_cfgi_all());
	tlbi(m, DMASIM_TABLES_TLBI_NSNH_ALL);
	if (m->ref.idr0 & 1u << 9) /* Hyp */
		tlbi(m, DMASIM_TABLES_TLBI_EL2_ALL);
	machine_command(m, dmasim_tables_sync(DMASIM_TABLES_SYNC_NONE));
}

/* ---- accesses ---- */

/* A stall is seen and ended. */
static void unstall(struct machine *m, const struct ref_txn *t)
{
	struct dmasim_tables_cmd resume;

	assert_int_equal(m->seen->events, 1);
	m->done = false;
	resume = dmasim_tables_resume(t->sid, (uint16_t)m->seen->record[1],
	                              DMASIM_TABLES_RESUME_ABORT);
	resume.d0 |= m->secure ? DMASIM_TABLES_SSEC : 0;
	machine_command(m, resume);
	settle(m);
	assert_true(m->done);
}

void machine_access(struct machine *m, const struct ref_txn *t,
                    struct machine_seen *seen)
{
	uint8_t data[16] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct dmasim_txn txn = {
	        .op = !t->write ? DMASIM_READ
	              : t->read ? DMASIM_ATOMIC_ADD
	                        : DMASIM_WRITE,
	        .cause = DMASIM_CAUSE_DMA,
	        .flags = (t->ssv ? DMASIM_TXN_SSV : 0) |
	                 (t->inst ? DMASIM_TXN_INSTRUCTION : 0) |
	                 (t->priv ? DMASIM_TXN_PRIVILEGED : 0) |
	                 (t->no_snoop ? DMASIM_TXN_NO_SNOOP : 0) |
	                 (m->secure ? DMASIM_TXN_SEC_SID : 0) |
	                 (m->secure && !t->ns ? DMASIM_TXN_SECURE : 0),
	        .addr = t->addr,
	        .size = 4,
	        .stream_id = t->sid,
	        .substream_id = t->ssid,
	        .attr = t->attr,
	        .data = data,
	        .done = {.actor = m->actor}};

	*seen = (struct machine_seen){0};
	m->seen = seen;
	seen->result = dmasim_access(&m->client, &txn);
	if (seen->result == DMASIM_TXN_PENDING) {
		seen->stalled = true;
		settle(m);
		unstall(m, t);
		seen->result = txn.result;
	}
	seen->zero = (data[0] | data[1] | data[2] | data[3]) == 0;
	settle(m);
	m->seen = NULL;
	if (seen->events)
		machine_w32(m, m->page1 + EVENTQ_CONS,
		            machine_r32(m, m->page1 + EVENTQ_PROD));
}
