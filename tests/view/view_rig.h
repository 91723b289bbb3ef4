/* SPDX-License-Identifier: MIT */
/* A memory system that views watch, and what they write into memory. */
#ifndef DMASIM_TESTS_VIEW_RIG_H
#define DMASIM_TESTS_VIEW_RIG_H

#include <stdlib.h>

#include "dmasim/view.h"
#include "rig.h"

#define AT(text)                                                               \
	((struct dmasim_origin){.file = "drv.c", .line = 7, .what = (text)})

static inline struct dmasim_view_config view_config(const struct rig *r)
{
	return (struct dmasim_view_config){.kernel = r->k,
	                                   .memsys = r->ms,
	                                   .map = r->map,
	                                   .checker = r->checker,
	                                   .addr = RIG_RAM};
}

/** A stream into memory; @text is there after end_output(). */
struct output {
	FILE *f;
	char *text;
	size_t size;
};

static inline void open_output(struct output *o)
{
	*o = (struct output){NULL};
	o->f = open_memstream(&o->text, &o->size);
	assert_non_null(o->f);
}

static inline void end_output(struct output *o)
{
	assert_int_equal(fclose(o->f), 0);
}

/** What CPU @i stores and loads through its Write-Back mapping. */
static inline void cpu_write(struct rig *r, unsigned i, uint64_t offset,
                             uint32_t value)
{
	assert_int_equal(
	        dmasim_cpu_put(r->cpu[i], RIG_WB + offset, 4, value, AT(NULL)),
	        DMASIM_OK);
}

static inline uint32_t cpu_read(struct rig *r, unsigned i, uint64_t offset)
{
	uint64_t value = 0;

	assert_int_equal(
	        dmasim_cpu_get(r->cpu[i], RIG_WB + offset, 4, &value, AT(NULL)),
	        DMASIM_OK);
	return (uint32_t)value;
}

/** Without a store buffer, unless @more says else. */
static inline struct rig *view_rig(const struct rig_config *more)
{
	struct rig_config cfg = more ? *more : (struct rig_config){0};

	if (!cfg.store_buffer)
		cfg.store_buffer = UINT32_MAX;
	return rig_new(&cfg);
}

#endif
