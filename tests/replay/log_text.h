/* SPDX-License-Identifier: MIT */
/* Texts of logs for the tests of the log side. */
#ifndef TESTS_REPLAY_LOG_TEXT_H
#define TESTS_REPLAY_LOG_TEXT_H

#include "check.h"

#include <stdlib.h>

#include "dmasim/replay.h"

#define W2017_0     0x00000000fffff010ull
#define W2017_1     0x0000020800000000ull
#define W2017_IDX   0x00000008fa081002ull
#define W2017_FLAGS 0x00000008fa081000ull

/** The five lines of the 2017 log's first record, each behind @PREFIX. */
#define FIVE(PREFIX)                                                           \
	PREFIX "2b400000.smmu: event 0x10 received:\n" PREFIX                  \
	       "2b400000.smmu:    0x00000000fffff010\n" PREFIX                 \
	       "2b400000.smmu:    0x0000020800000000\n" PREFIX                 \
	       "2b400000.smmu:    0x00000008fa081002\n" PREFIX                 \
	       "2b400000.smmu:    0x0000000000000000\n"

/** A text that a test may add to. */
struct text {
	char *data;
	size_t size, room;
};

static inline void text_add(struct text *t, const char *fmt, ...)
{
	char buf[512];
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	n = (size_t)vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	if (t->size + n + 1 > t->room) {
		t->room = (t->size + n + 1) * 2;
		t->data = realloc(t->data, t->room);
		assert_non_null(t->data);
	}
	memcpy(t->data + t->size, buf, n + 1);
	t->size += n;
}

/** A record with its five lines. */
static inline void text_record(struct text *t, const char *smmu,
                               const uint64_t words[4])
{
	text_add(t, "[    1.000000] arm-smmu-v3 %s: event 0x%02x received:\n",
	         smmu, (unsigned)(words[0] & 0xff));
	for (int i = 0; i < 4; i++)
		text_add(t, "[    1.000000] arm-smmu-v3 %s: \t0x%016llx\n",
		         smmu, (unsigned long long)words[i]);
}

/** An F_TRANSLATION of StreamID @sid. */
static inline void text_fault(struct text *t, uint32_t sid, bool write,
                              uint64_t addr)
{
	const uint64_t words[4] = {
	        (uint64_t)sid << 32 | 0x10,
	        write ? 0x0000020000000000ull : 0x0000020800000000ull, addr, 0};

	text_record(t, "2b400000.smmu", words);
}

static inline struct dmasim_log *parse_text(const char *text)
{
	struct dmasim_log *log = NULL;
	struct dmasim_diag diag = {""};
	int status = dmasim_log_parse(text, strlen(text), "test", &log, &diag);

	if (status != DMASIM_OK)
		fail_msg("%s: %s", dmasim_strerror(status), diag.text);
	assert_non_null(log);
	return log;
}

static inline struct dmasim_log *parse(struct text *t)
{
	struct dmasim_log *log = parse_text(t->data);

	free(t->data);
	*t = (struct text){0};
	return log;
}

/** The text must be refused with exactly @message. */
static inline void refuse(const char *text, size_t size, const char *message)
{
	struct dmasim_log *log = NULL;
	struct dmasim_diag diag = {""};

	assert_int_equal(dmasim_log_parse(text, size, "test", &log, &diag),
	                 DMASIM_E_FORMAT);
	assert_null(log);
	assert_string_equal(diag.text, message);
}

#endif
