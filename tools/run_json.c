/* SPDX-License-Identifier: MIT */
/* The report of a run, for programs. */
#include <string.h>

#include "run_internal.h"

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *machine_json(struct run *r)
{
	json_t *j = json_object(), *ram = json_array(), *smmus = json_array();
	struct dmasim_smmu_info s;
	uint64_t base, size;
	size_t cpus = 0;

	while (dmasim_machine_cpu(r->machine, cpus))
		cpus++;
	for (size_t i = 0;
	     dmasim_machine_ram(r->machine, i, &base, &size) == DMASIM_OK; i++)
		json_array_append_new(ram,
		                      json_pack("{s:o, s:o}", "base",
		                                tool_json_hex(base), "size",
		                                tool_json_hex(size)));
	for (size_t i = 0; dmasim_machine_smmu(r->machine, i, &s) == DMASIM_OK;
	     i++) {
		struct dmasim_smmu_stats st;

		dmasim_smmu_get_stats(s.smmu, &st);
		json_array_append_new(
		        smmus,
		        json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o}",
		                  "name", s.name, "path", s.path, "coherent",
		                  s.coherent, "transactions",
		                  number(st.transactions), "tlb_hits",
		                  number(st.tlb_hits), "tlb_misses",
		                  number(st.tlb_misses), "walks",
		                  number(st.walks), "records",
		                  number(st.records)));
	}
	json_object_set_new(j, "platform", json_string(r->opt->platform));
	json_object_set_new(j, "cpus", number(cpus));
	json_object_set_new(j, "ram", ram);
	json_object_set_new(j, "smmus", smmus);
	return j;
}

/** NULL: the tree says nothing of time. */
static json_t *timing_json(const struct run *r)
{
	struct dmasim_machine_timing t;
	struct dmasim_interconnect_stats way;
	struct dmasim_dram_stats s;

	if (!dmasim_machine_timing(r->machine, &t))
		return NULL;
	run_interconnect(&t, &way);
	dmasim_dram_stats(t.dram, &s);
	return json_pack(
	        "{s:s, s:{s:o, s:o, s:o}, s:{s:o, s:o, s:o, s:o, s:o, s:o, "
	        "s:o, s:o}}",
	        "profile", t.profile->name, "interconnect", "accesses",
	        number(way.accesses), "bytes", number(way.bytes), "waited_ps",
	        number(way.waited), "dram", "reads", number(s.reads), "writes",
	        number(s.writes), "row_hits", number(s.hits), "row_closed",
	        number(s.closed), "row_conflicts", number(s.conflicts),
	        "refreshes", number(s.refreshes), "waited_ps", number(s.waited),
	        "latency_ps", number(s.latency));
}

static json_t *disk_json(const struct run *r)
{
	const struct dmasim_disk_info *d = &r->info;
	struct dmasim_blk_stats s;
	json_t *j = json_object();

	dmasim_blk_get_stats(d->blk, &s);
	json_object_set_new(j, "index", number(r->opt->disk));
	json_object_set_new(j, "path", json_string(d->path));
	json_object_set_new(j, "transport",
	                    json_string(d->transport == DMASIM_TRANSPORT_MMIO
	                                        ? "virtio-mmio"
	                                        : "virtio-pci-legacy"));
	json_object_set_new(j, "sectors", number(dmasim_disk_sectors(r->disk)));
	json_object_set_new(j, "firmware_coherent", json_boolean(d->coherent));
	json_object_set_new(j, "port", json_string(run_port_name(d->port)));
	json_object_set_new(j, "smmu",
	                    d->smmu < 0 ? json_null() : json_integer(d->smmu));
	json_object_set_new(j, "stream_id", number(d->stream_id));
	json_object_set_new(j, "reads", number(s.reads));
	json_object_set_new(j, "writes", number(s.writes));
	json_object_set_new(j, "errors", number(s.errors));
	return j;
}

static json_t *driver_json(const struct run *r)
{
	json_t *j = json_object();
	char why[256];

	json_object_set_new(j, "policy",
	                    json_string(dmasim_policy_name(r->opt->policy)));
	json_object_set_new(j, "requested_mapping",
	                    json_string(run_mapping_name(r->opt->mapping)));
	if (!r->blk)
		return j;
	run_reason(r, why, sizeof(why));
	json_object_set_new(
	        j, "mapping",
	        json_string(dmasim_dma_mode_name(dmasim_blk_drv_mode(r->blk))));
	json_object_set_new(j, "reason", json_string(why));
	return j;
}

static json_t *workload_json(const struct run *r)
{
	json_t *j = json_object(), *table = json_array();

	for (unsigned i = 0; i < 4 && r->has_table; i++) {
		const struct run_partition *p = &r->partitions[i];

		if (p->type)
			json_array_append_new(
			        table,
			        json_pack("{s:i, s:i, s:o, s:o}", "number",
			                  (int)i + 1, "type", (int)p->type,
			                  "first", number(p->first), "sectors",
			                  number(p->sectors)));
	}
	json_object_set_new(j, "name",
	                    json_string(run_workload_name(r->opt->workload)));
	json_object_set_new(j, "requests", number(r->requests));
	json_object_set_new(j, "bytes", number(r->bytes));
	json_object_set_new(j, "wrong_bytes", number(r->wrong_bytes));
	json_object_set_new(j, "partitions", table);
	return j;
}

static json_t *events_json(const struct run *r)
{
	json_t *a = json_array();

	for (size_t i = 0; i < r->event_count && i < RUN_EVENTS_MAX; i++) {
		const struct run_event *e = &r->events[i];
		const char *name = dmasim_event_name((uint8_t)e->words[0]);
		json_t *words = json_array();

		for (int w = 0; w < 4; w++)
			json_array_append_new(words,
			                      tool_json_hex(e->words[w]));
		json_array_append_new(a, json_pack("{s:s?, s:o, s:b}", "name",
		                                   name, "words", words, "lost",
		                                   e->lost));
	}
	return a;
}

static json_t *findings_json(const struct run *r)
{
	const struct dmasim_finding_report *all = r->opt->findings->report;
	const struct dmasim_finding *f;
	json_t *a = json_array();

	for (size_t i = 0; (f = dmasim_finding_report_get(all, i)); i++)
		json_array_append_new(a, dmasim_finding_json(f));
	return a;
}

int run_report_json(struct run *r, int status)
{
	const struct dmasim_checker *c = dmasim_machine_checker(r->machine);
	const char *text = run_explain(r);
	json_t *j = tool_json(&r->opt->tool, status), *timing = timing_json(r);

	json_object_set_new(j, "result",
	                    json_string(run_outcome_name(r->outcome)));
	json_object_set_new(j, "failure",
	                    r->failure[0] ? json_string(r->failure)
	                                  : json_null());
	json_object_set_new(j, "because",
	                    text ? json_string(text) : json_null());
	json_object_set_new(j, "time_ps", number(r->time));
	json_object_set_new(j, "machine", machine_json(r));
	if (timing)
		json_object_set_new(j, "timing", timing);
	json_object_set_new(j, "disk", disk_json(r));
	json_object_set_new(j, "driver", driver_json(r));
	json_object_set_new(j, "workload", workload_json(r));
	json_object_set_new(j, "events", events_json(r));
	json_object_set_new(j, "event_count", number(r->event_count));
	json_object_set_new(j, "findings", findings_json(r));
	json_object_set_new(j, "findings_suppressed",
	                    number(dmasim_finding_report_suppressed(
	                            r->opt->findings->report)));
	json_object_set_new(j, "findings_dropped",
	                    number(dmasim_finding_dropped(c)));
	if (r->views.line && !r->opt->html)
		json_object_set_new(j, "line", run_line_json(r));
	return tool_json_print(j);
}
