/* SPDX-License-Identifier: MIT */
/* Replaying a log and looking at its reports. */
#ifndef TESTS_REPLAY_REPLAY_RUN_H
#define TESTS_REPLAY_REPLAY_RUN_H

#include "log_text.h"

#define TRACE_2017 DMASIM_SOURCE_DIR "/traces/2017-01-fvp-virtio-blk.log"

/** Both reports of one replay. */
struct run {
	int status;
	struct text text;
	json_t *json;
	struct dmasim_diag diag;
};

static inline void run_collect(void *ctx, const char *piece)
{
	struct text *t = ctx;
	size_t n = strlen(piece);

	if (t->size + n + 1 > t->room) {
		t->room = (t->size + n + 1) * 2;
		t->data = realloc(t->data, t->room);
		assert_non_null(t->data);
	}
	memcpy(t->data + t->size, piece, n + 1);
	t->size += n;
}

/** Takes @log. */
static inline struct run run_log(struct dmasim_log *log,
                                 const struct dmasim_replay_options *opt)
{
	struct run r = {0};

	r.status = dmasim_replay_log(log, opt, run_collect, &r.text, &r.json,
	                             &r.diag);
	dmasim_log_destroy(log);
	return r;
}

static inline void run_end(struct run *r)
{
	free(r->text.data);
	json_decref(r->json);
}

static inline void run_expect(const struct run *r, int status)
{
	if (r->status != status)
		fail_msg("status %d, %d expected: %s\n%s", r->status, status,
		         r->diag.text, r->text.data ? r->text.data : "");
}

static inline void run_has(const struct run *r, const char *part)
{
	assert_non_null(r->text.data);
	if (!strstr(r->text.data, part))
		fail_msg("no '%s' in:\n%s", part, r->text.data);
}

static inline void run_has_not(const struct run *r, const char *part)
{
	assert_non_null(r->text.data);
	if (strstr(r->text.data, part))
		fail_msg("'%s' in:\n%s", part, r->text.data);
}

/** Record @index of stream @stream, in JSON. */
static inline json_t *run_record(const struct run *r, size_t stream,
                                 size_t index)
{
	json_t *s = json_array_get(json_object_get(r->json, "streams"), stream);
	json_t *rec = json_array_get(json_object_get(s, "records"), index);

	assert_non_null(rec);
	return rec;
}

static inline json_t *run_ring(const struct run *r, size_t stream, size_t index)
{
	json_t *s = json_array_get(json_object_get(r->json, "streams"), stream);

	return json_array_get(json_object_get(s, "rings"), index);
}

static inline const char *run_string(json_t *j, const char *key)
{
	const char *text = json_string_value(json_object_get(j, key));

	return text ? text : "(none)";
}

static inline struct dmasim_log *load_log(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct dmasim_log *log = NULL;
	struct dmasim_diag diag = {""};
	char *data = malloc(1u << 20);
	size_t n;
	int status;

	if (!f)
		fail_msg("cannot open %s", path);
	assert_non_null(data);
	n = fread(data, 1, 1u << 20, f);
	fclose(f);
	status = dmasim_log_parse(data, n, "log", &log, &diag);
	free(data);
	if (status != DMASIM_OK)
		fail_msg("%s: %s", path, diag.text);
	return log;
}

#endif
