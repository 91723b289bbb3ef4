/* SPDX-License-Identifier: MIT */
/*
 * Records that no run of the driver makes: one access of a DMA test endpoint
 * each, on a machine whose SMMU is set up for that fault.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dmasim/driver.h"
#include "replay_log_internal.h"

/** Two machines that have no address in common: a fetch address where the
 * first one has something is nowhere on the second. */
#define EP_LOW_RAM  0x80000000ull
#define EP_HIGH_RAM 0x1000000000ull
#define EP_RAM_SIZE 0x40000000ull
#define EP_MACHINES 2u

static void endpoint_close(struct rl_endpoint *ep)
{
	dmasim_smmu_drv_destroy(ep->smmu);
	dmasim_guest_destroy(ep->guest);
	dmasim_machine_destroy(ep->machine);
	ep->smmu = NULL;
	ep->guest = NULL;
	ep->machine = NULL;
}

/** StreamID bits for every stream of that SMMU that must have an entry. */
static unsigned stream_id_bits(const struct rl *r, unsigned smmu)
{
	unsigned bits = 16;

	for (size_t i = 0; i < r->count; i++) {
		const struct dmasim_log_record *l = r->records[i].log;
		unsigned n = rl_stream_id_bits(evt_stream(l->words));

		if (l->smmu == smmu &&
		    evt_type(l->words) != EVT_C_BAD_STREAMID && n > bits)
			bits = n;
	}
	return bits;
}

static void make_plan(struct rl_endpoint *ep, unsigned smmu, bool high)
{
	const struct rl_smmu *s = &ep->r->smmus[smmu];

	ep->plan = (struct rl_plan){
	        /* The name may tell an address, which is in the way then. */
	        .smmu_name = high ? "" : s->name,
	        .profile = s->profile,
	        .stream_id_bits = stream_id_bits(ep->r, smmu),
	        .ram_base = high ? EP_HIGH_RAM : EP_LOW_RAM,
	        .ram_size = EP_RAM_SIZE,
	        .high_devices = high,
	        .device = RL_TESTDEV,
	};
}

/* IHI 0070, 6.3.1: IDR0.S2P; 6.3.6: IDR5.OAS. */
static int read_features(struct rl_endpoint *ep)
{
	static const uint8_t sizes[8] = {32, 36, 40, 42, 44, 48, 52, 52};
	struct dmasim_cpu *cpu = dmasim_guest_cpu(ep->guest);
	uint64_t idr0 = 0, idr5 = 0;
	int status = dmasim_cpu_load(cpu, ep->regs, 4, &idr0);

	if (status == DMASIM_OK)
		status = dmasim_cpu_load(cpu, ep->regs + 0x14, 4, &idr5);
	ep->stage2 = idr0 & 1;
	ep->output_bits = sizes[idr5 & 7];
	return status;
}

static int endpoint_start(struct rl_endpoint *ep)
{
	const struct dmasim_guest_config guest = {.machine = ep->machine};
	struct dmasim_smmu_drv_config smmu = {0};
	struct dmasim_smmu_info info;
	struct dmasim_testdev_info dev = {0};
	int status = dmasim_guest_create(&guest, &ep->guest);

	smmu.guest = ep->guest;
	if (status == DMASIM_OK)
		status = dmasim_smmu_drv_create(&smmu, &ep->smmu);
	if (status == DMASIM_OK)
		status = dmasim_machine_smmu(ep->machine, 0, &info);
	if (status == DMASIM_OK)
		status = dmasim_guest_ioremap(ep->guest, info.base,
		                              DMASIM_SMMU_REGS_SIZE, &ep->regs);
	if (status == DMASIM_OK)
		status = dmasim_guest_alloc(ep->guest, RING_PAGE, RING_PAGE,
		                            &ep->page);
	if (status == DMASIM_OK)
		status = dmasim_machine_testdev(ep->machine, 0, &dev);
	if (status == DMASIM_OK)
		status = read_features(ep);
	ep->dev = dev.dev;
	return status;
}

static int endpoint_open(struct rl_endpoint *ep)
{
	const struct dmasim_replay_options *opt = ep->r->opt;
	struct dmasim_choice_config choice = {.mode = DMASIM_CHOICE_SEED,
	                                      .seed = opt->seed};
	struct dmasim_machine_config cfg = {
	        .backend = opt->backend,
	        .trace = opt->trace,
	        .trace_ctx = opt->trace_ctx,
	        .choice = opt->has_seed ? &choice : NULL,
	        .no_checker = true,
	};
	void *fdt;
	int status = rl_plan_build(&ep->plan, &fdt, &cfg.fdt_size);

	if (status != DMASIM_OK)
		return status;
	cfg.fdt = fdt;
	status = dmasim_machine_create(&cfg, &ep->machine, ep->r->diag);
	free(fdt);
	if (status != DMASIM_OK)
		return status;
	status = endpoint_start(ep);
	if (status != DMASIM_OK)
		endpoint_close(ep);
	return status;
}

/* ---- one record ---- */

static bool wants_bypass(const struct rl_record *rec)
{
	return evt_type(rec->log->words) == EVT_F_ADDR_SIZE &&
	       rec->log->words[2] >> 48;
}

/** The stream's domain. What is not attached has no stream table entry. */
static int attach(struct rl_endpoint *ep, const struct rl_record *rec)
{
	uint32_t id = evt_stream(rec->log->words);
	bool bypass = wants_bypass(rec);
	int status = DMASIM_OK;

	if (evt_type(rec->log->words) == EVT_C_BAD_STREAMID)
		return DMASIM_OK;
	if (ep->has_stream && ep->stream_id == id && ep->bypass == bypass)
		return DMASIM_OK;
	/* The last stream's tables are given back. */
	if (ep->has_stream && ep->stream_id != id)
		status = dmasim_smmu_drv_attach(ep->smmu, ep->stream_id,
		                                DMASIM_DOMAIN_ABORT);
	if (status == DMASIM_OK)
		status = dmasim_smmu_drv_attach(ep->smmu, id,
		                                bypass ? DMASIM_DOMAIN_BYPASS
		                                       : DMASIM_DOMAIN_DMA);
	ep->has_stream = status == DMASIM_OK;
	ep->stream_id = id;
	ep->bypass = bypass;
	return status;
}

static int make_access(struct rl_endpoint *ep, const struct rl_record *rec,
                       const struct rl_case *c)
{
	const uint64_t *w = rec->log->words;
	uint8_t data[4] = {0};
	struct dmasim_testdev_access a = {
	        .op = w[1] & EVT1_RNW || !evt_has_address(evt_type(w))
	                      ? DMASIM_READ
	                      : DMASIM_WRITE,
	        .addr = c->addr,
	        /* Not beyond the page, and not beyond the last address. */
	        .size = c->addr % RING_PAGE <= RING_PAGE - 4 ? 4 : 1,
	        .stream_id = evt_stream(w),
	        .data = data,
	        .what = "access of a record",
	};
	enum dmasim_result result;

	/* What a decoded line leaves open is taken as a read. */
	if (!(rec->log->mask[1] & EVT1_RNW))
		a.op = DMASIM_READ;
	if (w[1] & EVT1_PNU)
		a.flags |= DMASIM_TXN_PRIVILEGED;
	if (w[1] & EVT1_IND)
		a.flags |= DMASIM_TXN_INSTRUCTION;
	return dmasim_testdev_dma(ep->dev, &a, &result, NULL);
}

static int replay_record(struct rl_endpoint *ep, struct rl_record *rec)
{
	struct rl_case c = {0};
	const uint64_t *event;
	int status = attach(ep, rec), undo;

	if (status == DMASIM_E_RANGE) {
		snprintf(rec->reason, sizeof(rec->reason),
		         "the driver's stream table ends at 2^25");
		return DMASIM_OK;
	}
	if (status == DMASIM_OK)
		status = rl_fault_arm(ep, rec, &c);
	if (status != DMASIM_OK)
		return status == DMASIM_E_UNSUPPORTED ? DMASIM_OK : status;
	dmasim_smmu_drv_clear_events(ep->smmu);
	status = make_access(ep, rec, &c);
	if (status == DMASIM_OK)
		status = dmasim_smmu_drv_poll(ep->smmu);
	undo = rl_fault_disarm(ep, &c);
	status = status == DMASIM_OK ? undo : status;
	if (status != DMASIM_OK)
		return status;
	rec->how = RL_BY_ENDPOINT;
	rec->has_produced = false;
	rec->result = RL_NO_RECORD;
	event = dmasim_smmu_drv_event(ep->smmu, 0);
	if (event)
		rl_compare(rec, event);
	return DMASIM_OK;
}

/* ---- all records of an SMMU ---- */

/** A walk or fetch that must find nothing: on which machine? */
static unsigned machine_for(const struct rl_endpoint *eps,
                            const struct rl_record *rec)
{
	const uint64_t *w = rec->log->words;
	unsigned type = evt_type(w);
	uint64_t fetch = w[3];

	if (type != EVT_F_STE_FETCH && type != EVT_F_CD_FETCH &&
	    type != EVT_F_WALK_EABT)
		return 0;
	if (type == EVT_F_CD_FETCH && fetch == 0)
		fetch = w[2];
	return rl_plan_answers(&eps[0].plan, fetch & EVT3_FETCHADDR) ? 1 : 0;
}

static int replay_stream(struct rl *r, const struct rl_stream *s,
                         struct rl_endpoint *eps)
{
	int status = DMASIM_OK;

	for (size_t i = 0; i < s->count && status == DMASIM_OK; i++) {
		struct rl_record *rec = &r->records[s->records[i]];
		struct rl_endpoint *ep = &eps[machine_for(eps, rec)];
		const char *why = rl_fault_unsupported(rec->log);

		if (rl_agrees(rec->result) || rec->result == RL_UNKNOWN)
			continue;
		if (why) {
			rec->result = RL_NOT_MODELLED;
			snprintf(rec->reason, sizeof(rec->reason), "%s", why);
			continue;
		}
		if (!ep->machine)
			status = endpoint_open(ep);
		if (status == DMASIM_OK)
			status = replay_record(ep, rec);
	}
	return status;
}

int rl_endpoint_replay(struct rl *r, unsigned smmu)
{
	struct rl_endpoint eps[EP_MACHINES] = {{.r = r}, {.r = r}};
	int status = DMASIM_OK;

	make_plan(&eps[0], smmu, false);
	make_plan(&eps[1], smmu, true);
	for (size_t i = 0; i < r->stream_count && status == DMASIM_OK; i++)
		if (r->streams[i].smmu == smmu)
			status = replay_stream(r, &r->streams[i], eps);
	endpoint_close(&eps[0]);
	endpoint_close(&eps[1]);
	return status;
}
