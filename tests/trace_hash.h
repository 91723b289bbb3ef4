/* SPDX-License-Identifier: MIT */
/* A hash of a trace, as FNV-1a has it. */
#ifndef DMASIM_TESTS_TRACE_HASH_H
#define DMASIM_TESTS_TRACE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct trace_hash {
	uint64_t all;
	/** Without the numbers of lines of sources, which change when somebody
	 * edits a driver. */
	uint64_t stable;
	uint64_t lines;
};

#define TRACE_HASH_START                                                       \
	((struct trace_hash){UINT64_C(0xcbf29ce484222325),                     \
	                     UINT64_C(0xcbf29ce484222325), 0})

static inline void trace_hash_byte(uint64_t *h, uint8_t b)
{
	*h = (*h ^ b) * UINT64_C(0x100000001b3);
}

static inline void trace_hash_text(struct trace_hash *h, const char *text)
{
	bool number = false;
	const char *p;

	for (p = text; *p; p++) {
		number = (number && *p >= '0' && *p <= '9') ||
		         (p >= text + 3 && *p == ':' &&
		          strncmp(p - 2, ".c", 2) == 0);
		trace_hash_byte(&h->all, (uint8_t)*p);
		if (!number)
			trace_hash_byte(&h->stable, (uint8_t)*p);
	}
	trace_hash_byte(&h->all, 0);
	trace_hash_byte(&h->stable, 0);
}

/** A dmasim_trace_fn; its context is the hash. */
static inline void trace_hash_line(void *ctx, uint64_t time, const char *source,
                                   const char *text)
{
	struct trace_hash *h = ctx;

	for (unsigned i = 0; i < 64; i += 8) {
		trace_hash_byte(&h->all, (uint8_t)(time >> i));
		trace_hash_byte(&h->stable, (uint8_t)(time >> i));
	}
	trace_hash_text(h, source);
	trace_hash_text(h, text);
	h->lines++;
}

#endif
