/* SPDX-License-Identifier: MIT */
/*
 * The driver's side of the SMMU: registers in the order in which a driver
 * writes them, commands through the command queue. Everything is an access of
 * the CPU.
 */
#include <inttypes.h>
#include <string.h>

#include "snapshot_internal.h"
#include "snapshot_regs.h"

/** Polls before a register counts as dead; one per microsecond. */
#define POLLS 1000u

int snap_load(struct snap_machine *m, uint64_t pa, uint64_t *value)
{
	int err = DMASIM_OK;

	/* What the SMMU wrote past the caches must not be hidden by a line. */
	if (!m->coherent)
		err = dmasim_cpu_maintain(m->cpu, DMASIM_CLEAN_INVALIDATE, pa,
		                          8, DMASIM_HERE);
	if (!err && !m->coherent)
		err = dmasim_cpu_barrier(m->cpu, DMASIM_DSB, DMASIM_HERE);
	return err ? err : dmasim_cpu_load(m->cpu, pa, 8, value);
}

int snap_store(struct snap_machine *m, uint64_t pa, uint64_t value)
{
	int err = dmasim_cpu_store(m->cpu, pa, 8, value);

	if (!err && !m->coherent)
		err = dmasim_cpu_maintain(m->cpu, DMASIM_CLEAN, pa, 8,
		                          DMASIM_HERE);
	return err ? err : dmasim_cpu_barrier(m->cpu, DMASIM_DSB, DMASIM_HERE);
}

int snap_reg_read(struct snap_machine *m, uint32_t offset, unsigned size,
                  uint64_t *value)
{
	return dmasim_cpu_load(m->cpu, m->recording->smmu_base + offset, size,
	                       value);
}

int snap_reg_write(struct snap_machine *m, uint32_t offset, unsigned size,
                   uint64_t value)
{
	return dmasim_cpu_store(m->cpu, m->recording->smmu_base + offset, size,
	                        value);
}

int snap_reg_poll(struct snap_machine *m, uint32_t offset, uint32_t mask,
                  uint32_t value)
{
	uint64_t now = 0;
	int err;

	for (unsigned i = 0; i < POLLS; i++) {
		err = snap_reg_read(m, offset, 4, &now);
		if (err || (now & mask) == value)
			return err;
		err = dmasim_cpu_delay(m->cpu, DMASIM_US);
		if (err)
			return err;
	}
	return DMASIM_E_TIMEOUT;
}

static uint64_t recorded(const struct snap_machine *m, const char *name)
{
	const struct rec_reg *reg = rec_reg_find(m->snapshot, name);

	return reg ? reg->value : 0;
}

/** Write the recorded value of a register, if it is there. */
static int write_recorded(struct snap_machine *m, const char *name,
                          uint32_t offset)
{
	const struct rec_reg *reg = rec_reg_find(m->snapshot, name);

	return reg ? snap_reg_write(m, offset, reg->size, reg->value)
	           : DMASIM_OK;
}

/** Keep what the registers of the snapshot read now; @prefix NULL: all that
 * were not read yet. */
static int read_back(struct snap_machine *m, const char *prefix)
{
	const struct rec_snapshot *s = m->snapshot;
	int err = DMASIM_OK;

	for (size_t i = 0; !err && i < s->regs; i++) {
		const struct rec_reg *r = &s->reg[i];
		bool queue = !strncmp(r->name, "CMDQ_", 5);

		if (prefix ? !queue : queue)
			continue;
		err = snap_reg_read(m, (uint32_t)r->offset, r->size,
		                    &m->readback[i]);
	}
	return err;
}

/** 6.3.9: a change of CR0 counts when CR0ACK shows it. Bits of features that
 * the model lacks are left to the comparison of registers. */
static int write_cr0(struct snap_machine *m, uint32_t value)
{
	uint32_t mask = CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN;
	int err = snap_reg_write(m, REG_CR0, 4, value);

	return err ? err : snap_reg_poll(m, REG_CR0ACK, mask, value & mask);
}

/** 6.3.14: GBPA takes a value that is written with Update = 1. */
static int write_gbpa(struct snap_machine *m)
{
	int err;

	if (!rec_reg_find(m->snapshot, "GBPA"))
		return DMASIM_OK;
	err = snap_reg_write(m, REG_GBPA, 4,
	                     (recorded(m, "GBPA") & ~GBPA_UPDATE) |
	                             GBPA_UPDATE);
	return err ? err : snap_reg_poll(m, REG_GBPA, GBPA_UPDATE, 0);
}

static int check_queue(const struct snap_machine *m, const char *name,
                       unsigned entry, struct snap_queue *q,
                       struct dmasim_diag *diag)
{
	const struct rec_reg *reg = rec_reg_find(m->snapshot, name);

	if (!reg)
		return dmasim_diag_set(diag, DMASIM_E_FORMAT, "%s: no %s",
		                       m->snapshot->regs_path, name);
	q->base = reg->value & Q_BASE_ADDR;
	q->log2 = (unsigned)(reg->value & Q_BASE_LOG2SIZE);
	if (q->log2 > Q_LOG2_MAX ||
	    !rec_in_ram(m->recording, q->base, (uint64_t)entry << q->log2))
		return rec_fail(diag, m->snapshot->regs_path, reg->line,
		                "the queue of %s is not RAM", name);
	return DMASIM_OK;
}

static int write_tables(struct snap_machine *m)
{
	static const struct {
		const char *name;
		uint32_t offset;
	} order[] = {
	        {"CR1", REG_CR1},
	        {"CR2", REG_CR2},
	        {"STRTAB_BASE", REG_STRTAB_BASE},
	        {"STRTAB_BASE_CFG", REG_STRTAB_BASE_CFG},
	        {"CMDQ_BASE", REG_CMDQ_BASE},
	        {"CMDQ_PROD", REG_CMDQ_PROD},
	        {"CMDQ_CONS", REG_CMDQ_CONS},
	        {"EVENTQ_BASE", REG_EVENTQ_BASE},
	        {"EVENTQ_PROD", REG_EVENTQ_PROD},
	        {"EVENTQ_CONS", REG_EVENTQ_CONS},
	};
	int err = DMASIM_OK;

	for (size_t i = 0; !err && i < sizeof(order) / sizeof(*order); i++)
		err = write_recorded(m, order[i].name, order[i].offset);
	return err;
}

static int invalidate_all(struct snap_machine *m)
{
	static const uint64_t commands[][2] = {
	        {CMD_CFGI_ALL, CMD1_RANGE_ALL},
	        {CMD_TLBI_NSNH_ALL, 0},
	        {CMD_SYNC, 0},
	};
	unsigned error = 0;
	int err = DMASIM_OK;

	for (size_t i = 0; !err && i < sizeof(commands) / sizeof(*commands);
	     i++)
		err = snap_command(m, commands[i], &error);
	return err;
}

/** Off, tables, queues, commands, invalidation, events, interrupts, on. */
static int program(struct snap_machine *m)
{
	uint32_t cr0 = (uint32_t)recorded(m, "CR0");
	int err = write_cr0(m, 0);

	if (!err)
		err = write_gbpa(m);
	if (!err)
		err = write_tables(m);
	if (!err)
		err = read_back(m, "CMDQ_");
	if (!err)
		err = write_cr0(m, cr0 & CR0_CMDQEN);
	m->commands = cr0 & CR0_CMDQEN;
	if (!err && m->commands)
		err = invalidate_all(m);
	if (!err)
		err = write_cr0(m, cr0 & (CR0_CMDQEN | CR0_EVENTQEN));
	if (!err)
		err = write_recorded(m, "IRQ_CTRL", REG_IRQ_CTRL);
	if (!err)
		err = write_cr0(m, cr0);
	if (!err)
		err = read_back(m, NULL);
	return err;
}

int snap_program(struct snap_machine *m, struct dmasim_diag *diag)
{
	static const char *const needed[] = {"CR0", "CR1", "STRTAB_BASE",
	                                     "STRTAB_BASE_CFG"};
	struct snap_seen left;
	int err = DMASIM_OK;

	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (!rec_reg_find(m->snapshot, needed[i]))
			return dmasim_diag_set(
			        diag, DMASIM_E_FORMAT, "%s: no %s",
			        m->snapshot->regs_path, needed[i]);
	err = check_queue(m, "CMDQ_BASE", CMD_SIZE, &m->cmdq, diag);
	if (!err)
		err = check_queue(m, "EVENTQ_BASE", EVENT_SIZE, &m->evtq, diag);
	if (err)
		return err;
	m->cmdq.index = (uint32_t)recorded(m, "CMDQ_PROD");
	m->evtq.index = (uint32_t)recorded(m, "EVENTQ_CONS");
	err = program(m);
	/* Records that the recorded driver had not read yet. */
	if (!err)
		err = snap_events(m, &left);
	if (err == DMASIM_E_TIMEOUT)
		return dmasim_diag_set(diag, DMASIM_E_FORMAT,
		                       "%s: the SMMU does not acknowledge what "
		                       "these registers ask for",
		                       m->snapshot->regs_path);
	return err;
}

/** 7.1: the queue stands still at a bad command until GERRORN acknowledges
 * it; a CMD_SYNC takes the command's place, as Linux does it. */
static int skip_bad_command(struct snap_machine *m, uint64_t slot,
                            unsigned *error)
{
	uint64_t cons, gerror;
	int err = snap_reg_read(m, REG_CMDQ_CONS, 4, &cons);

	*error = (unsigned)(cons >> CMDQ_CONS_ERR_SHIFT & CMDQ_CONS_ERR_MASK);
	if (!err)
		err = snap_store(m, slot, CMD_SYNC);
	if (!err)
		err = snap_store(m, slot + 8, 0);
	if (!err)
		err = snap_reg_read(m, REG_GERROR, 4, &gerror);
	return err ? err : snap_reg_write(m, REG_GERRORN, 4, gerror);
}

/** Wait until the one command at @slot is consumed. */
static int wait_consumed(struct snap_machine *m, uint64_t slot, unsigned *error)
{
	uint32_t mask = (2u << m->cmdq.log2) - 1;
	uint64_t cons, gerror, gerrorn;
	int err;

	for (unsigned i = 0; i < POLLS; i++) {
		err = snap_reg_read(m, REG_CMDQ_CONS, 4, &cons);
		if (err || (cons & mask) == m->cmdq.index)
			return err;
		err = snap_reg_read(m, REG_GERROR, 4, &gerror);
		if (!err)
			err = snap_reg_read(m, REG_GERRORN, 4, &gerrorn);
		if (!err && ((gerror ^ gerrorn) & GERROR_CMDQ_ERR))
			err = skip_bad_command(m, slot, error);
		if (!err)
			err = dmasim_cpu_delay(m->cpu, DMASIM_US);
		if (err)
			return err;
	}
	return DMASIM_E_TIMEOUT;
}

int snap_command(struct snap_machine *m, const uint64_t cmd[2], unsigned *error)
{
	uint32_t mask = (2u << m->cmdq.log2) - 1;
	uint32_t entry = m->cmdq.index & mask >> 1;
	uint64_t slot = m->cmdq.base + (uint64_t)entry * CMD_SIZE;
	int err = snap_store(m, slot, cmd[0]);

	if (!err)
		err = snap_store(m, slot + 8, cmd[1]);
	if (err)
		return err;
	m->cmdq.index = (m->cmdq.index + 1) & mask;
	err = snap_reg_write(m, REG_CMDQ_PROD, 4, m->cmdq.index);
	return err ? err : wait_consumed(m, slot, error);
}
