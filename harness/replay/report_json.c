/* SPDX-License-Identifier: MIT */
/* The report of a replayed log, for programs. */
#include <stdio.h>

#include "replay_log_internal.h"

static json_t *hex(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
	return json_string(text);
}

static json_t *words(const uint64_t w[4])
{
	json_t *j = json_array();

	for (unsigned i = 0; i < 4; i++)
		json_array_append_new(j, hex(w[i]));
	return j;
}

/** An empty text is null. */
static json_t *text(const char *t)
{
	return t[0] ? json_string(t) : json_null();
}

static void set(json_t *j, const char *key, json_t *value)
{
	json_object_set_new(j, key, value);
}

static const char *result_name(enum rl_result result)
{
	static const char *const names[RL_RESULTS] = {
	        [RL_EQUAL] = "equal",
	        [RL_EQUAL_KNOWN] = "equal-known",
	        [RL_EQUAL_DEFINED] = "equal-defined",
	        [RL_DIFFERENT] = "different",
	        [RL_NO_RECORD] = "no-record",
	        [RL_NOT_MODELLED] = "not-reproduced",
	        [RL_UNKNOWN] = "unknown-event",
	};

	return names[result];
}

static json_t *access_json(const struct dmasim_log_record *l)
{
	static const char *const classes[] = {"CD", "TT", "IN", "reserved"};
	const uint64_t *w = l->words;
	json_t *j = json_object();

	if (!evt_has_address(evt_type(w))) {
		json_decref(j);
		return json_null();
	}
	set(j, "address", hex(w[2]));
	if (!(l->mask[1] & EVT1_RNW))
		return j;
	set(j, "direction", json_string(w[1] & EVT1_RNW ? "read" : "write"));
	set(j, "privileged", json_boolean(w[1] & EVT1_PNU));
	set(j, "instruction", json_boolean(w[1] & EVT1_IND));
	set(j, "stage", json_integer(w[1] & EVT1_S2 ? 2 : 1));
	set(j, "class", json_string(classes[evt_get(w[1], EVT1_CLASS)]));
	return j;
}

static json_t *record_json(const struct rl *r, const struct rl_stream *s,
                           size_t at, enum rl_pattern pattern)
{
	static const char *const hows[] = {"none", "driver", "endpoint"};
	static const char *const patterns[] = {"single", "per-4-bytes",
	                                       "repeated"};
	const struct rl_record *rec = &r->records[s->records[at]];
	const struct dmasim_log_record *l = rec->log;
	const char *name = dmasim_event_name((uint8_t)evt_type(l->words));
	json_t *j = json_object();
	char cause[200];

	rl_cause_text(r, rec, cause, sizeof(cause));
	set(j, "record", json_integer((json_int_t)(rec - r->records) + 1));
	set(j, "line", json_integer(l->line));
	set(j, "time", text(l->time));
	set(j, "client", text(l->client));
	set(j, "type", json_integer(evt_type(l->words)));
	set(j, "name", name ? json_string(name) : json_null());
	set(j, "access", access_json(l));
	set(j, "words", words(l->words));
	set(j, "known", words(l->mask));
	set(j, "produced",
	    rec->has_produced ? words(rec->produced) : json_null());
	set(j, "ring", rec->ring < 0 ? json_null() : json_integer(rec->ring));
	set(j, "field", text(rec->field));
	set(j, "by", json_string(hows[rec->how]));
	set(j, "setup", text(rec->setup));
	set(j, "result", json_string(result_name(rec->result)));
	set(j, "reason", text(rec->reason));
	set(j, "cause", text(cause));
	set(j, "history", text(rec->history));
	set(j, "pattern", json_string(patterns[pattern]));
	set(j, "qemu_offset", json_boolean(rl_is_qemu_offset(r, s, at)));
	return j;
}

static json_t *explanation_json(const struct dmasim_explanation *e)
{
	json_t *j = json_object();

	set(j, "layout", json_string(rl_layout_name(e->layout)));
	set(j, "queue_size",
	    e->queue_size ? json_integer(e->queue_size) : json_null());
	set(j, "base", hex(e->base));
	set(j, "avail", hex(e->avail));
	set(j, "desc", e->used ? hex(e->desc) : json_null());
	set(j, "used", e->used ? hex(e->used) : json_null());
	set(j, "records", json_integer((json_int_t)e->records));
	set(j, "equal_to_previous", json_boolean(e->equal_to_previous));
	set(j, "reason", json_string(e->reason));
	return j;
}

static json_t *run_json(const struct rl_run *run)
{
	json_t *j = json_object();
	json_t *list = json_array();

	set(j, "ran", json_boolean(run->ran));
	set(j, "why_not", text(run->why_not));
	set(j, "read_ok", json_boolean(run->ran && run->status == DMASIM_OK));
	set(j, "error", text(run->error));
	set(j, "ring_physical", hex(run->ring_pa));
	set(j, "ring_dma", hex(run->ring_dma));
	for (size_t i = 0; i < run->record_count; i++)
		json_array_append_new(list, words(run->records[i]));
	set(j, "records", list);
	set(j, "finding", text(run->finding));
	list = json_array();
	for (size_t i = 0; i < run->partition_count; i++) {
		const struct rl_partition *p = &run->partitions[i];
		json_t *part = json_object();

		set(part, "type", json_integer(p->type));
		set(part, "first", json_integer(p->first));
		set(part, "sectors", json_integer(p->sectors));
		json_array_append_new(list, part);
	}
	set(j, "partitions", run->mbr ? list : json_null());
	if (!run->mbr)
		json_decref(list);
	return j;
}

static json_t *ring_json(const struct rl_ring *ring)
{
	json_t *j = json_object();
	json_t *list = json_array();

	for (size_t i = 0; i < ring->count; i++)
		json_array_append_new(list,
		                      explanation_json(&ring->explanations[i]));
	set(j, "explanations", list);
	set(j, "disk", text(ring->disk));
	set(j, "machine", json_string(ring->from_tree ? "tree" : "made-up"));
	set(j, "in_order", json_integer((json_int_t)ring->in_order));
	set(j, "physical", run_json(&ring->physical));
	set(j, "dma_api", run_json(&ring->dma_api));
	return j;
}

static json_t *stream_json(const struct rl *r, const struct rl_stream *s)
{
	json_t *j = json_object();
	json_t *list = json_array();
	enum rl_pattern pattern = RL_SINGLE;
	size_t left = 0;

	set(j, "smmu", json_string(r->smmus[s->smmu].name));
	set(j, "stream_id", json_integer(s->id));
	for (size_t i = 0; i < s->ring_count; i++)
		json_array_append_new(list, ring_json(&s->rings[i]));
	set(j, "rings", list);
	list = json_array();
	for (size_t i = 0; i < s->count; i++) {
		if (left == 0)
			left = rl_pattern_at(r, s, i, &pattern);
		json_array_append_new(list, record_json(r, s, i, pattern));
		left--;
	}
	set(j, "records", list);
	return j;
}

json_t *rl_report_json(const struct rl *r)
{
	json_t *j = json_object();
	json_t *list = json_array();
	const char *note;

	if (!j || !list) {
		json_decref(j);
		json_decref(list);
		return NULL;
	}
	set(j, "log", json_string(dmasim_log_name(r->log)));
	set(j, "record_count", json_integer((json_int_t)r->count));
	set(j, "suppressed",
	    json_integer((json_int_t)dmasim_log_suppressed(r->log)));
	for (size_t i = 0; (note = dmasim_log_note(r->log, i)); i++)
		json_array_append_new(list, json_string(note));
	set(j, "notes", list);
	list = json_array();
	for (size_t i = 0; i < r->smmu_count; i++) {
		const struct rl_smmu *s = &r->smmus[i];
		json_t *smmu = json_object();

		set(smmu, "name", json_string(s->name));
		set(smmu, "profile",
		    json_string(dmasim_smmu_profile_name(s->profile)));
		set(smmu, "why", json_string(s->why));
		json_array_append_new(list, smmu);
	}
	set(j, "smmus", list);
	list = json_array();
	for (size_t i = 0; i < r->stream_count; i++)
		json_array_append_new(list, stream_json(r, &r->streams[i]));
	set(j, "streams", list);
	list = json_object();
	for (int i = 0; i < RL_RESULTS; i++)
		set(list, result_name((enum rl_result)i),
		    json_integer((json_int_t)r->results[i]));
	set(j, "results", list);
	return j;
}
