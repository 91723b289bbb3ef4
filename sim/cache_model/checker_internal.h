/* SPDX-License-Identifier: MIT */
/*
 * The checker's memory.
 *
 * For each line that anybody touched there is a shadow: the bytes that every
 * reader should see (golden), and for each byte the record of who wrote it.
 * Where a write past the caches covers bytes that may lie dirty in a cache,
 * the record of those bytes' writer is kept beside it (below), so that a
 * later write-back can name both parties.
 *
 * Records belong to their line and are counted by the bytes that refer to
 * them. What many records share, the place in the code, is a site.
 */
#ifndef DMASIM_CHECKER_INTERNAL_H
#define DMASIM_CHECKER_INTERNAL_H

#include "cache_internal.h"
#include "check_internal.h"
#include "strings_internal.h"

#define SHADOW_HISTORY 8u
#define SHADOW_RECENT  256u

/** A place that makes accesses: an agent's line of code or operation, and
 * how it reaches memory. */
struct site {
	uint32_t agent;
	uint32_t line;
	uint32_t queue;
	enum dmasim_cause cause;
	struct dmasim_attr attr;
	bool member, past;
	const char *file, *what;
};

/** Finds a site by the pointers of its strings. */
struct site_slot {
	struct site key;
	/** Number of the site whose strings have the same contents; 0: free. */
	uint32_t site;
};

struct sites {
	/** From 1; strings are the pool's. */
	struct site *s;
	uint32_t len, cap;
	struct site_slot *slots;
	uint32_t slot_count, slots_used;
	struct strings strings;
};

struct record {
	uint32_t site;
	/** Bytes that refer to it; the next free record while 0. */
	uint32_t refs;
	uint64_t time;
	uint64_t request;
};

struct history {
	uint64_t time;
	uint32_t agent;
	uint16_t event;
	/** How often, in a row. */
	uint16_t count;
};

struct shadow {
	uint64_t line;
	uint8_t *golden;
	/** Record of each byte; 0: nobody. */
	uint16_t *writer;
	/** NULL until needed. */
	uint16_t *below;
	/** From 1. */
	struct record *records;
	uint16_t record_len, record_cap, free_record;
	uint32_t events;
	struct history history[SHADOW_HISTORY];
};

/** The key beside the pointer: probing touches no shadow. */
struct shadow_slot {
	uint64_t line;
	struct shadow *shadow;
};

struct region {
	uint64_t start, end; /**< end is the last byte */
	/** Where offset 0 was: a name may have lost its first part. */
	uint64_t origin;
	char *name;
	dmasim_describe_fn *describe;
	void *ctx;
};

struct dma_note {
	uint32_t stream;
	uint64_t dma, pa, size;
};

/** What makes two findings the same. */
struct finding_key {
	enum dmasim_finding_kind kind;
	uint32_t reader, writer;
	char object[96];
};

struct dmasim_checker {
	struct dmasim_kernel *kernel;
	const struct dmasim_map *map;
	uint32_t line_size;

	struct {
		char name[48];
		enum dmasim_agent_kind kind;
	} * agents;
	uint32_t agent_len, agent_cap;

	struct sites sites;
	/** The last write's site, to save the look-up. */
	uint32_t last_site;
	struct site last_key;

	/** Open addressing over lines; a power of two. */
	struct shadow_slot *shadows;
	size_t shadow_len, shadow_cap;
	struct shadow *recent[SHADOW_RECENT];

	struct region *regions;
	size_t region_len, region_cap;
	/** By (stream, dma). */
	struct dma_note *notes;
	size_t note_len, note_cap;

	struct dmasim_finding *findings;
	struct finding_key *keys;
	size_t finding_len, finding_cap, max_findings;
	uint64_t dropped;
};

/* shadow.c */
/** Without memory the kernel's run fails and NULL comes back. */
struct shadow *shadow_get(struct dmasim_checker *c, uint64_t addr);
struct shadow *shadow_find(const struct dmasim_checker *c, uint64_t line);
bool shadow_insert(struct dmasim_checker *c, struct shadow *s);
struct shadow *shadow_new(uint32_t line_size);
void shadow_free(struct shadow *s);
void shadow_free_all(struct dmasim_checker *c);
/** A new record with no byte yet; 0: no memory. */
uint16_t shadow_record(struct shadow *s, const struct record *r);
/** Byte @i is @record's (0: nobody's); @map is writer or below. */
void shadow_assign(struct shadow *s, uint16_t *map, uint32_t i,
                   uint16_t record);
uint16_t *shadow_below(struct shadow *s, uint32_t line_size);
void shadow_history(const struct dmasim_checker *c, const struct shadow *s,
                    char *buf, size_t size);

/* site.c */
/** 0: no memory. */
uint32_t site_number(struct dmasim_checker *c, const struct check_who *who);
const struct site *site_get(const struct dmasim_checker *c, uint32_t site);
/** Add a site read from a blob, in order. OK, E_NOMEM. */
int site_restore(struct sites *sites, const struct site *site);
void sites_free(struct sites *sites);

/* names.c */
/** A name for @addr as a whole: one for each region or described part, so
 * that a buffer's bytes are one object. */
void names_object(const struct dmasim_checker *c, uint64_t addr, char *buf,
                  size_t size);
bool names_known(const struct dmasim_checker *c, uint64_t addr);
int names_insert(struct dmasim_checker *c, const struct region *region);
void names_free(struct dmasim_checker *c);

/* report.c */
struct hazard {
	enum dmasim_finding_kind kind;
	uint64_t addr;
	/** What lies there, where addr is no physical address; else 0. */
	uint64_t pa;
	uint32_t size;
	const uint8_t *seen, *expected;
	/** Sites; 0: unknown. */
	uint32_t reader, writer;
	uint64_t reader_time, reader_request;
	uint64_t writer_time, writer_request;
	const struct shadow *shadow;
	bool lost;
	/** NULL: the one for the kind. */
	const char *remedy;
};

void report_finding(struct dmasim_checker *c, const struct hazard *h);

/* finding_state.c */
void findings_save(const struct dmasim_checker *c, struct dmasim_writer *w);
/** Into an empty checker. OK, E_NOMEM, E_FORMAT. */
int findings_restore(struct dmasim_checker *c, struct dmasim_reader *r);

/* remedy.c */
const char *remedy_for(enum dmasim_finding_kind kind, const struct site *reader,
                       const struct site *writer);

#endif
