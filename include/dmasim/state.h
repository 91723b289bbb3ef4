/* SPDX-License-Identifier: MIT */
/*
 * Saved state: versioned blobs of little-endian fields, free of host
 * addresses. A reader treats its blob as hostile: every read is
 * bounds-checked, the first error sticks, and later reads return zero.
 */
#ifndef DMASIM_STATE_H
#define DMASIM_STATE_H

#include <stdint.h>

#include "dmasim/kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dmasim_writer;
struct dmasim_reader;

DMASIM_API int dmasim_writer_create(struct dmasim_writer **out);
DMASIM_API void dmasim_writer_destroy(struct dmasim_writer *w);
/** The bytes so far; valid until the next write. OK, or the first error
 * (E_NOMEM). */
DMASIM_API int dmasim_writer_result(struct dmasim_writer *w,
                                    const uint8_t **data, size_t *size);

/** @data is borrowed. */
DMASIM_API int dmasim_reader_create(const uint8_t *data, size_t size,
                                    struct dmasim_reader **out);
DMASIM_API void dmasim_reader_destroy(struct dmasim_reader *r);
/** The first error met (E_FORMAT), and a text with the byte offset. */
DMASIM_API int dmasim_reader_status(const struct dmasim_reader *r);
DMASIM_API const char *dmasim_reader_error(const struct dmasim_reader *r);
/** Make the reader fail at its current offset. Returns E_FORMAT. */
DMASIM_API int dmasim_reader_fail(struct dmasim_reader *r, const char *fmt, ...)
        DMASIM_PRINTF(2, 3);
DMASIM_API size_t dmasim_reader_left(const struct dmasim_reader *r);

/** Sections nest: a room writes {tag, version, length, ...}. On reading,
 * begin checks the tag and returns the version (0 on error); end skips what
 * a newer writer appended and fails if the section was overrun. */
DMASIM_API void dmasim_put_begin(struct dmasim_writer *w, const char tag[4],
                                 uint32_t version);
DMASIM_API void dmasim_put_end(struct dmasim_writer *w);
DMASIM_API uint32_t dmasim_get_begin(struct dmasim_reader *r, const char tag[4],
                                     uint32_t max_version);
DMASIM_API void dmasim_get_end(struct dmasim_reader *r);

DMASIM_API void dmasim_put_u8(struct dmasim_writer *w, uint8_t v);
DMASIM_API void dmasim_put_u32(struct dmasim_writer *w, uint32_t v);
DMASIM_API void dmasim_put_u64(struct dmasim_writer *w, uint64_t v);
DMASIM_API void dmasim_put_bytes(struct dmasim_writer *w, const void *p,
                                 size_t n);
DMASIM_API void dmasim_put_string(struct dmasim_writer *w, const char *s);
DMASIM_API uint8_t dmasim_get_u8(struct dmasim_reader *r);
DMASIM_API uint32_t dmasim_get_u32(struct dmasim_reader *r);
DMASIM_API uint64_t dmasim_get_u64(struct dmasim_reader *r);
/** @p is zeroed on error. */
DMASIM_API void dmasim_get_bytes(struct dmasim_reader *r, void *p, size_t n);
/** At most @size - 1 characters; always terminated. */
DMASIM_API void dmasim_get_string(struct dmasim_reader *r, char *p,
                                  size_t size);
/** A count that is checked against @max and against what is left if each
 * element takes at least @min_bytes. 0 on error. */
DMASIM_API uint32_t dmasim_get_count(struct dmasim_reader *r, uint32_t max,
                                     size_t min_bytes);

/** A call that a room keeps for later, by the name of its actor. get zeroes
 * @call on error; a call without an actor stays one. */
DMASIM_API void dmasim_put_call(struct dmasim_writer *w,
                                const struct dmasim_kernel *k,
                                const struct dmasim_call *call);
DMASIM_API void dmasim_get_call(struct dmasim_reader *r,
                                const struct dmasim_kernel *k,
                                struct dmasim_call *call);

/** The heap and the clock; tickets stay valid. OK, E_NOMEM; E_STATE while a
 * process is alive or an event is due to fire. */
DMASIM_API int dmasim_kernel_save(const struct dmasim_kernel *k,
                                  struct dmasim_writer *w);
/** Into a kernel with the same actors registered and an empty heap. OK,
 * E_STATE, E_NOMEM, E_FORMAT; after an error the kernel is as it was. */
DMASIM_API int dmasim_kernel_restore(struct dmasim_kernel *k,
                                     struct dmasim_reader *r);

#ifdef __cplusplus
}
#endif
#endif
