/* SPDX-License-Identifier: MIT */
/* The machine, the drivers on it, and the end of both. */
#include <stdlib.h>
#include <string.h>

#include "run_internal.h"

static int open_disks(struct run *r)
{
	const struct run_options *o = r->opt;

	r->disk_count = o->image_count;
	if (r->disk_count < o->disk + 1)
		r->disk_count = (size_t)o->disk + 1;
	for (size_t i = 0; i < o->image_count; i++) {
		struct dmasim_diag diag = {""};
		int status = dmasim_disk_file(o->images[i], o->read_only,
		                              &r->disks[i], &diag);

		if (status != DMASIM_OK)
			return tool_fail(
			        &o->tool, tool_exit_status(status), NULL, "%s",
			        diag.text[0] ? diag.text
			                     : dmasim_strerror(status));
	}
	if (!r->disks[o->disk] &&
	    run_demo_disk(&r->disks[o->disk]) != DMASIM_OK)
		return tool_fail(&o->tool, TOOL_INTERNAL, NULL,
		                 "out of memory");
	r->disk = r->disks[o->disk];
	return TOOL_OK;
}

static void keep_event(void *ctx, const uint64_t record[4], bool lost,
                       const struct dmasim_txn *cause)
{
	struct run *r = ctx;
	struct run_event *e = &r->events[r->event_count];

	if (r->event_count++ >= RUN_EVENTS_MAX)
		return;
	memcpy(e->words, record, sizeof(e->words));
	e->lost = lost;
	e->what = cause ? cause->origin.what : NULL;
}

static int create_machine(struct run *r)
{
	const struct run_options *o = r->opt;
	const struct tool *t = &o->tool;
	struct dmasim_choice_config choice;
	struct dmasim_machine_config cfg = {
	        .backend = t->backend,
	        .log = tool_log,
	        .trace = tool_trace_fn(t),
	        .trace_ctx = t->trace,
	        .choice = &choice,
	        .disks = r->disks,
	        .disk_count = r->disk_count,
	        .has_profile = o->has_profile,
	        .profile = o->profile,
	        .has_ring_fault = o->has_ring_fault,
	        .ring_fault = o->ring_fault,
	        .on_event = keep_event,
	        .on_event_ctx = r,
	};
	struct dmasim_diag diag = {""};
	void *fdt = NULL;
	int status = run_choices_open(r, &choice);

	if (status != TOOL_OK)
		return status;
	status = dmasim_fdt_load(o->platform, &fdt, &cfg.fdt_size, &diag);
	cfg.fdt = fdt;
	if (status == DMASIM_OK)
		status = dmasim_machine_create(&cfg, &r->machine, &diag);
	free(fdt);
	if (status == DMASIM_OK)
		return TOOL_OK;
	return tool_fail(t, tool_exit_status(status), o->platform, "%s",
	                 diag.text[0] ? diag.text : dmasim_strerror(status));
}

/** One step of the boot failed: what the report says, unless more was said. */
static int failed(struct run *r, int status, const char *step)
{
	if (status == DMASIM_E_CANCELED)
		return status;
	r->outcome = status == DMASIM_E_HANG || status == DMASIM_E_TIMEOUT
	                     ? RUN_HANG
	                     : RUN_GUEST_FAILURE;
	snprintf(r->failure, sizeof(r->failure), "%s: %s", step,
	         dmasim_strerror(status));
	return status;
}

/** As a kernel boots: every SMMU, then the disk's stream gets its domain,
 * and only then its driver runs. */
static int boot_smmus(struct run *r)
{
	struct dmasim_smmu_info info;
	int status = DMASIM_OK;

	for (size_t i = 0;
	     i < RUN_SMMUS_MAX && status == DMASIM_OK &&
	     dmasim_machine_smmu(r->machine, i, &info) == DMASIM_OK;
	     i++) {
		struct dmasim_smmu_drv_config cfg = {.guest = r->guest,
		                                     .smmu = i};

		status = dmasim_smmu_drv_create(&cfg, &r->smmus[i]);
		if (status != DMASIM_OK)
			return failed(r, status, "SMMU driver");
		r->smmu_count++;
	}
	if (r->info.smmu < 0)
		return DMASIM_OK;
	status = dmasim_smmu_drv_attach(r->smmus[r->info.smmu],
	                                r->info.stream_id, r->opt->domain);
	return status == DMASIM_OK ? status
	                           : failed(r, status, "attaching the stream");
}

static int boot_disk(struct run *r)
{
	struct dmasim_blk_drv_config cfg = {
	        .guest = r->guest,
	        .disk = (size_t)r->opt->disk,
	        .smmu = r->info.smmu < 0 ? NULL : r->smmus[r->info.smmu],
	        .policy = r->opt->policy,
	        .mapping = r->opt->mapping,
	};
	int status = dmasim_blk_drv_create(&cfg, &r->blk);

	return status == DMASIM_OK ? status : failed(r, status, "disk driver");
}

static void work(struct run *r)
{
	int status = run_workload(r);

	if (status == DMASIM_E_CANCELED || r->outcome == RUN_HOST_FAILURE)
		return;
	if (status != DMASIM_OK) {
		failed(r, status, "disk driver");
		if (dmasim_blk_drv_error(r->blk)[0])
			snprintf(r->failure, sizeof(r->failure), "%s",
			         dmasim_blk_drv_error(r->blk));
		return;
	}
	if (r->wrong_bytes)
		r->outcome = RUN_WRONG_BYTES;
}

static void run_process(void *arg)
{
	struct run *r = arg;
	struct dmasim_guest_config cfg = {.machine = r->machine};
	int status = dmasim_guest_create(&cfg, &r->guest);

	if (status != DMASIM_OK) {
		failed(r, status, "boot");
		return;
	}
	if (boot_smmus(r) != DMASIM_OK || boot_disk(r) != DMASIM_OK)
		return;
	work(r);
	for (size_t i = 0; i < r->smmu_count; i++)
		(void)dmasim_smmu_drv_poll(r->smmus[i]);
}

/** Run until the process ends, nothing is left to run, or the limit. */
static int run_to_end(struct run *r)
{
	const struct tool *t = &r->opt->tool;
	struct dmasim_kernel *k = dmasim_machine_kernel(r->machine);
	struct dmasim_proc_config cfg = {.name = "driver",
	                                 .fn = run_process,
	                                 .arg = r,
	                                 .stack_size = 1024 * 1024};
	int status = dmasim_spawn(k, &cfg, &r->process);

	if (status == DMASIM_OK)
		status = dmasim_run_idle(k, r->opt->limit);
	r->time = dmasim_now(k);
	if (status != DMASIM_OK && status != DMASIM_E_TIMEOUT)
		return tool_fail(t, TOOL_INTERNAL, NULL, "the run failed: %s",
		                 status == DMASIM_E_KERNEL
		                         ? dmasim_kernel_error(k)
		                         : dmasim_strerror(status));
	if (dmasim_proc_done(r->process))
		return TOOL_OK;
	r->outcome = status == DMASIM_E_TIMEOUT ? RUN_LIMIT : RUN_HANG;
	snprintf(r->failure, sizeof(r->failure), "%s",
	         status == DMASIM_E_TIMEOUT
	                 ? "the limit of simulated time is reached"
	                 : "the driver waits, and nothing is left to happen");
	return TOOL_OK;
}

/** Drivers, from the last to the first. Nothing of it is in the report. The
 * process must have returned before what it uses goes away. */
static void shut_down(struct run *r)
{
	struct dmasim_kernel *k = dmasim_machine_kernel(r->machine);

	if (r->process && !dmasim_proc_done(r->process)) {
		dmasim_proc_cancel(r->process);
		for (int i = 0; i < 1000 && !dmasim_proc_done(r->process); i++)
			(void)dmasim_run_until(k, dmasim_now(k));
	}
	if (r->blk)
		(void)dmasim_blk_drv_destroy(r->blk);
	for (size_t i = r->smmu_count; i-- > 0;)
		(void)dmasim_smmu_drv_destroy(r->smmus[i]);
	dmasim_guest_destroy(r->guest);
}

int run_machine(const struct run_options *o, uint64_t default_seed)
{
	struct run r = {.opt = o};
	int status;

	r.random = o->tool.has_seed ? o->tool.seed : default_seed;
	/* xorshift never leaves 0. */
	r.random = r.random * 0x9e3779b97f4a7c15ull + 1;
	status = open_disks(&r);
	if (status == TOOL_OK)
		status = run_views_open(&r);
	if (status == TOOL_OK)
		status = create_machine(&r);
	/* A tree without this disk was refused. */
	if (status == TOOL_OK)
		(void)dmasim_machine_disk(r.machine, (size_t)o->disk, &r.info);
	if (status == TOOL_OK && o->mapping == DMASIM_MAPPING_IOMMU &&
	    r.info.smmu < 0)
		status = tool_fail(&o->tool, TOOL_BAD_INPUT, "--mapping",
		                   "iommu: %s is behind no SMMU", r.info.path);
	if (status == TOOL_OK)
		status = run_views_start(&r);
	if (status == TOOL_OK)
		status = run_to_end(&r);
	if (status == TOOL_OK)
		status = run_choices_end(&r);
	if (status == TOOL_OK)
		status = run_views_write(&r);
	if (status == TOOL_OK)
		status = run_report(&r);
	status = run_views_end(&r, status);
	if (r.machine)
		shut_down(&r);
	dmasim_machine_destroy(r.machine);
	dmasim_schedule_destroy(r.schedule);
	for (size_t i = 0; i < r.disk_count; i++)
		dmasim_disk_destroy(r.disks[i]);
	return status;
}
