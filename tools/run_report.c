/* SPDX-License-Identifier: MIT */
/* The report of a run, for people. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "run_internal.h"

static const char *const outcome_names[] = {
        "pass", "wrong bytes", "hang", "hang", "guest failure", "",
};

const char *run_outcome_name(enum run_outcome o)
{
	return outcome_names[o];
}

const char *run_port_name(enum dmasim_port_kind kind)
{
	static const char *const names[] = {
	        [DMASIM_PORT_COHERENT] = "coherent",
	        [DMASIM_PORT_NONCOHERENT] = "non-coherent",
	        [DMASIM_PORT_CACHED] = "host-cpu",
	};

	return names[kind];
}

const char *run_mapping_name(enum dmasim_driver_mapping mapping)
{
	static const char *const names[] = {"auto", "physical", "coherent",
	                                    "noncoherent", "iommu"};

	return names[mapping];
}

size_t run_finding_count(const struct run *r)
{
	return dmasim_finding_report_count(r->opt->findings->report);
}

int run_exit_status(const struct run *r)
{
	if (r->outcome == RUN_HOST_FAILURE)
		return r->exit_status;
	return r->outcome == RUN_PASS && run_finding_count(r) == 0
	               ? TOOL_OK
	               : TOOL_FINDING;
}

/** Why the driver maps as it does. */
void run_reason(const struct run *r, char *buf, size_t size)
{
	static const char *const formulas[] = {
	        [DMASIM_POLICY_DMA_API] = "always",
	        [DMASIM_POLICY_LINUX_4_10_RC6] =
	                ("if ACCESS_PLATFORM was negotiated, or the device "
	                 "is legacy and the guest Arm"),
	        [DMASIM_POLICY_LINUX_6_1] = "if ACCESS_PLATFORM was negotiated",
	};
	const struct run_options *o = r->opt;
	enum dmasim_dma_mode mode = dmasim_blk_drv_mode(r->blk);
	const char *why = "firmware does not say dma-coherent";

	if (o->mapping != DMASIM_MAPPING_AUTO) {
		snprintf(buf, size, "forced by --mapping");
		return;
	}
	if (mode == DMASIM_DMA_PHYSICAL) {
		snprintf(buf, size,
		         "the policy uses the DMA API %s, and that is not so",
		         formulas[o->policy]);
		return;
	}
	if (mode == DMASIM_DMA_IOMMU)
		why = "the device is behind an SMMU";
	else if (mode == DMASIM_DMA_COHERENT)
		why = "firmware says dma-coherent";
	snprintf(buf, size, "the policy uses the DMA API %s; %s",
	         formulas[o->policy], why);
}

static void print_machine(struct run *r)
{
	struct dmasim_smmu_info smmu;
	uint64_t base, size;
	size_t cpus = 0;

	while (dmasim_machine_cpu(r->machine, cpus))
		cpus++;
	printf("machine    %s: %zu CPU%s\n", r->opt->platform, cpus,
	       cpus == 1 ? "" : "s");
	for (size_t i = 0;
	     dmasim_machine_ram(r->machine, i, &base, &size) == DMASIM_OK; i++)
		printf("           %" PRIu64 " %s of RAM at 0x%" PRIx64 "\n",
		       size >> 20 ? size >> 20 : size >> 10,
		       size >> 20 ? "MiB" : "KiB", base);
	for (size_t i = 0;
	     dmasim_machine_smmu(r->machine, i, &smmu) == DMASIM_OK; i++)
		printf("           SMMUv3 %s%s\n", smmu.name,
		       smmu.coherent ? ", dma-coherent" : "");
}

static void print_disk(struct run *r)
{
	const struct dmasim_disk_info *d = &r->info;
	struct dmasim_smmu_info smmu;

	printf("disk %-5" PRIu64 " %s: ", r->opt->disk, d->path);
	if (d->transport == DMASIM_TRANSPORT_MMIO)
		printf("virtio-mmio version %u", d->mmio_version);
	else
		printf("legacy virtio-pci %02x:%02x.%u", d->bdf >> 8,
		       d->bdf >> 3 & 0x1fu, d->bdf & 7u);
	printf(", %" PRIu64 " sectors\n", dmasim_disk_sectors(r->disk));
	if (d->smmu >= 0 && dmasim_machine_smmu(r->machine, (size_t)d->smmu,
	                                        &smmu) == DMASIM_OK)
		printf("           behind %s, StreamID 0x%" PRIx32 "\n",
		       smmu.name, d->stream_id);
	printf("           firmware: %s; it reaches memory: %s\n",
	       d->coherent ? "dma-coherent" : "not dma-coherent",
	       run_port_name(d->port));
}

static void print_driver(struct run *r)
{
	char why[256];

	printf("policy     %s\n", dmasim_policy_name(r->opt->policy));
	if (!r->blk)
		return;
	run_reason(r, why, sizeof(why));
	printf("mapping    %s: %s\n",
	       dmasim_dma_mode_name(dmasim_blk_drv_mode(r->blk)), why);
}

static void print_table(const struct run *r)
{
	if (!r->has_table) {
		puts("           no partition table");
		return;
	}
	for (unsigned i = 0; i < 4; i++) {
		const struct run_partition *p = &r->partitions[i];

		if (p->type)
			printf("           partition %u: type 0x%02x, sectors "
			       "%" PRIu32 " to %" PRIu64 "\n",
			       i + 1, p->type, p->first,
			       (uint64_t)p->first + p->sectors - 1);
	}
}

static void print_result(struct run *r)
{
	char time[32];

	printf("workload   %s: %" PRIu64 " requests, %" PRIu64
	       " bytes compared\n",
	       run_workload_name(r->opt->workload), r->requests, r->bytes);
	if (r->opt->workload == RUN_READ_PARTITION && r->outcome == RUN_PASS)
		print_table(r);
	printf("result     %s\n", run_outcome_name(r->outcome));
	if (r->wrong_bytes)
		printf("           %" PRIu64
		       " bytes differ from the disk's, the first at byte "
		       "0x%" PRIx64 " of the disk\n",
		       r->wrong_bytes, r->first_wrong);
	if (r->failure[0])
		printf("           %s\n", r->failure);
	printf("time       %s simulated\n",
	       tool_time_text(r->time, time, sizeof(time)));
}

/** "F_TRANSLATION, StreamID 0x0, address 0x8fa081002". */
static void print_event(const struct run *r, const struct run_event *e)
{
	const struct dmasim_checker *c = dmasim_machine_checker(r->machine);
	struct dmasim_field f[48];
	size_t n = dmasim_event_fields(e->words, f, 48);
	const char *name = dmasim_event_name((uint8_t)e->words[0]);

	printf("           %s", name ? name : "unnamed record");
	for (size_t i = 0; i < n && i < 48; i++) {
		char object[96];

		if (strcmp(f[i].name, "StreamID") == 0)
			printf(", StreamID 0x%" PRIx64, f[i].value);
		if (strcmp(f[i].name, "InputAddr") != 0)
			continue;
		dmasim_describe(c, f[i].value, object, sizeof(object));
		printf(", address 0x%" PRIx64 "%s%s%s", f[i].value,
		       object[0] ? " (" : "", object, object[0] ? ")" : "");
	}
	printf("%s%s%s\n", e->what ? ", " : "", e->what ? e->what : "",
	       e->lost ? ", lost" : "");
}

static void print_events(const struct run *r)
{
	if (!r->event_count)
		return;
	printf("events     %" PRIu64 " from the SMMU\n", r->event_count);
	for (size_t i = 0; i < r->event_count && i < RUN_EVENTS_MAX; i++)
		print_event(r, &r->events[i]);
}

const char *run_explain(const struct run *r)
{
	const struct dmasim_disk_info *d = &r->info;
	enum dmasim_dma_mode mode;
	bool uncached;

	if (r->outcome == RUN_PASS)
		return run_finding_count(r) ? "every byte arrived, but by luck"
		                            : NULL;
	mode = r->blk ? dmasim_blk_drv_mode(r->blk) : DMASIM_DMA_IOMMU;
	if (r->event_count && mode == DMASIM_DMA_PHYSICAL && d->smmu >= 0)
		return "the driver gave the device physical addresses, but the "
		       "SMMU translates the device's accesses";
	/* Behind an IOMMU the ring is mapped as the firmware says. */
	uncached = mode == DMASIM_DMA_NONCOHERENT ||
	           (mode == DMASIM_DMA_IOMMU && !d->coherent);
	if (uncached && d->port == DMASIM_PORT_CACHED)
		return "the driver maps the ring non-cacheable, the device is "
		       "a host process that reads it through a cache: each "
		       "side misses bytes that the other keeps";
	if (!uncached && d->port == DMASIM_PORT_NONCOHERENT)
		return "the driver relies on coherence, the device reaches "
		       "memory past the caches";
	return run_finding_count(r)
	               ? "the findings below are what went wrong before"
	               : NULL;
}

static void print_explanation(const struct run *r)
{
	const struct dmasim_virtio *v = dmasim_blk_virtio(r->info.blk);
	const char *text = run_explain(r);

	if (text)
		printf("because    %s\n", text);
	if (r->outcome != RUN_PASS && dmasim_virtio_error(v)[0])
		printf("device     stopped: %s\n", dmasim_virtio_error(v));
}

static void print_cache(const struct run *r, const char *name, int level,
                        uint32_t index)
{
	struct dmasim_cache_stats s;

	if (dmasim_memsys_stats(dmasim_machine_memsys(r->machine), level, index,
	                        &s) != DMASIM_OK)
		return;
	printf("           %s: %" PRIu64 " reads (%" PRIu64 " misses), %" PRIu64
	       " writes (%" PRIu64 " misses), %" PRIu64
	       " written back, %" PRIu64 " snoops\n",
	       name, s.reads, s.read_misses, s.writes, s.write_misses,
	       s.writebacks, s.snoops);
}

/** In ns of simulated time, with one digit behind the point. */
static void print_ns(const char *what, uint64_t ps)
{
	printf("%s%llu.%llu ns", what, ps / DMASIM_NS, ps % DMASIM_NS / 100);
}

void run_interconnect(const struct dmasim_machine_timing *t,
                      struct dmasim_interconnect_stats *sum)
{
	struct dmasim_interconnect_stats one;

	*sum = (struct dmasim_interconnect_stats){0};
	for (uint32_t i = 0;
	     dmasim_interconnect_stats(t->interconnect, i, &one) == DMASIM_OK;
	     i++) {
		sum->accesses += one.accesses;
		sum->bytes += one.bytes;
		sum->waited += one.waited;
	}
}

/** Where the time below the caches went. */
static void print_timing(const struct run *r)
{
	struct dmasim_machine_timing t;
	struct dmasim_interconnect_stats way;
	struct dmasim_dram_stats s;

	if (!dmasim_machine_timing(r->machine, &t))
		return;
	run_interconnect(&t, &way);
	dmasim_dram_stats(t.dram, &s);
	printf("timing     %s\n", t.profile->name);
	printf("           interconnect: %" PRIu64 " accesses, %" PRIu64
	       " bytes",
	       way.accesses, way.bytes);
	print_ns(", waited ", way.waited);
	printf("\n           DRAM: %" PRIu64 " reads, %" PRIu64 " writes",
	       s.reads, s.writes);
	print_ns(", ", s.latency);
	print_ns(" in all, waited ", s.waited);
	printf("\n           rows: %" PRIu64 " open, %" PRIu64
	       " closed, %" PRIu64 " in the way, %" PRIu64 " refreshes\n",
	       s.hits, s.closed, s.conflicts, s.refreshes);
}

static void print_statistics(struct run *r)
{
	struct dmasim_blk_stats blk;
	struct dmasim_smmu_info info;

	dmasim_blk_get_stats(r->info.blk, &blk);
	printf("statistics device: %" PRIu64 " reads, %" PRIu64
	       " writes, %" PRIu64 " flushes, %" PRIu64 " errors\n",
	       blk.reads, blk.writes, blk.flushes, blk.errors);
	print_cache(r, "cpu0 L1", 1, 0);
	print_cache(r, "L2", 2, 0);
	for (size_t i = 0;
	     dmasim_machine_smmu(r->machine, i, &info) == DMASIM_OK; i++) {
		struct dmasim_smmu_stats s;

		dmasim_smmu_get_stats(info.smmu, &s);
		printf("           %s: %" PRIu64 " transactions, %" PRIu64
		       " TLB hits, %" PRIu64 " misses, %" PRIu64
		       " walks, %" PRIu64 " commands, %" PRIu64 " records\n",
		       info.name, s.transactions, s.tlb_hits, s.tlb_misses,
		       s.walks, s.commands, s.records);
	}
	print_timing(r);
}

static void print_findings(const struct run *r)
{
	const struct dmasim_finding_report *all = r->opt->findings->report;
	const struct dmasim_checker *c = dmasim_machine_checker(r->machine);
	uint64_t suppressed = dmasim_finding_report_suppressed(all);
	char *text = dmasim_finding_report_write(all, DMASIM_REPORT_TEXT);

	printf("findings   %zu", run_finding_count(r));
	if (suppressed)
		printf(" (%" PRIu64 " suppressed)", suppressed);
	puts("");
	if (text && (run_finding_count(r) || dmasim_finding_dropped(c)))
		printf("\n%s", text);
	free(text);
}

int run_report(struct run *r)
{
	int status = dmasim_finding_report_add_all(
	        r->opt->findings->report, dmasim_machine_checker(r->machine));

	if (status)
		return tool_fail(&r->opt->tool, TOOL_INTERNAL, NULL, "%s",
		                 dmasim_strerror(status));
	status = run_exit_status(r);

	if (r->outcome == RUN_HOST_FAILURE)
		return status;
	if (r->opt->tool.json) {
		int printed = run_report_json(r, status);

		return printed == TOOL_OK ? status : printed;
	}
	print_machine(r);
	print_disk(r);
	print_driver(r);
	print_result(r);
	print_explanation(r);
	print_events(r);
	print_statistics(r);
	print_findings(r);
	run_print_line(r);
	return status;
}
