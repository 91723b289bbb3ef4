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
#include "order_internal.h"
#include "strings_internal.h"

#define SHADOW_HISTORY 8u
#define SHADOW_RECENT  256u
#define SHADOW_SHARED  UINT32_MAX

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

/** The bytes were written while a device owned them, or beside bytes of
 * their line that it did. */
#define RECORD_OWNERSHIP   1u
#define RECORD_SHARED_LINE 2u

struct record {
	uint32_t site;
	/** Bytes that refer to it; the next free record while 0. */
	uint32_t refs;
	/** RECORD_* */
	uint16_t flags;
	/** Bytes written at once, in this line. */
	uint16_t size;
	uint64_t time;
	uint64_t request;
	/** Its place in its agent's program, and what comes before it there. */
	uint64_t number, stores, complete;
	/** When it came, in everything that was told. */
	uint64_t seq;
	/** The first maintenance since; 0: none. */
	uint64_t maintained;
	uint32_t maintainer;
	/** What its agent knew of others; NULL: nothing. */
	struct order_clock *clock;
};

struct history {
	uint64_t time;
	uint32_t agent;
	uint16_t event;
	/** How often, in a row. */
	uint16_t count;
};

/** How many records lie beside the line itself. */
#define SHADOW_RECORDS 2u

/** In the order in which they are used: the bytes and their writers follow
 * the structure, in the same block. */
struct shadow {
	uint64_t line;
	/** NULL: nobody has touched the line. */
	uint8_t *golden;
	/** Record of each byte; 0: nobody. */
	uint16_t *writer;
	/** NULL until needed. */
	uint16_t *below;
	/** Bytes that are polled, or used for locks. */
	uint64_t *sync;
	/** The only agent that has written here, or SHADOW_SHARED. */
	uint32_t sole;
	/** From 1. */
	struct record *records;
	uint16_t record_len, record_cap, free_record;
	/** The one that was made last, perhaps in use; 0: none. */
	uint16_t last_record;
	uint32_t events;
	struct history history[SHADOW_HISTORY];
	struct record first_records[SHADOW_RECORDS];
};

/** The shadows of the lines of a page, one behind the other. */
struct shadow_page {
	/** Page number + 1; 0: free. */
	uint64_t page;
	uint8_t *shadows;
	/** What the host gave for them. */
	void *block;
};

#define SHADOW_PAGE_SHIFT 12u
#define SHADOW_PAGE       (1u << SHADOW_PAGE_SHIFT)

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
	/** The whole buffer, of which this may be what is left. */
	uint64_t first, last;
	enum dmasim_dma_dir direction;
	bool both, coherent;
	/** Synced for the CPU. */
	bool cpus;
	/** The pool's; "": the name of the place. */
	const char *name;
	uint64_t request;
	/** Site of whoever mapped it; 0: not known. */
	uint32_t site;
	/** The CPU's place when it was mapped, or synced last. */
	struct dmasim_program_place at;
};

/** Notes that touch a page. */
struct note_page {
	/** Page number + 1; 0: free. */
	uint64_t page;
	struct dma_note **notes;
	uint32_t len, cap;
};

/** A note that is gone. */
struct note_grave {
	uint32_t stream;
	uint64_t first, last;
	const char *name;
	uint64_t request;
};

#define NOTE_GRAVES     64u
#define NOTE_PAGE_SHIFT 12u
/** Notes of more pages are looked at each time. */
#define NOTE_PAGES_MAX 256u

struct note_watch {
	uint32_t agent, stream;
};

struct notes {
	/** By (stream, dma). */
	struct dma_note **by_dma;
	size_t len, cap;
	/** Open addressing over pages; a power of two. Pages stay. */
	struct note_page *pages;
	size_t page_len, page_cap;
	struct dma_note **large;
	size_t large_len, large_cap;
	struct note_watch *watches;
	size_t watch_len, watch_cap;
	struct note_grave graves[NOTE_GRAVES];
	uint32_t buried;
	struct strings strings;
};

/** The access that a finding about kept translations was made for. */
struct judged {
	uint32_t agent;
	uint64_t time, offset;
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
	uint32_t line_size, line_shift;
	uint64_t period;

	struct {
		char name[48];
		enum dmasim_agent_kind kind;
	} * agents;
	uint32_t agent_len, agent_cap;

	struct sites sites;
	/** The last write's site, to save the look-up. */
	uint32_t last_site;
	struct site last_key;

	/** Open addressing over pages; a power of two. */
	struct shadow_page *pages;
	size_t page_len, page_cap;
	/** Lines that somebody has touched. */
	size_t shadow_len;
	/** Bytes from one shadow to the next. */
	uint32_t shadow_step;
	struct shadow_page recent[SHADOW_RECENT];

	struct region *regions;
	size_t region_len, region_cap;
	struct notes notes;
	struct judged kept;
	struct order order;

	struct dmasim_finding *findings;
	struct finding_key *keys;
	size_t finding_len, finding_cap, max_findings;
	uint64_t dropped;
};

/* shadow.c */
/** Without memory the kernel's run fails and NULL comes back. */
struct shadow *shadow_get(struct dmasim_checker *c, uint64_t addr);
/** NULL: nobody has touched the line of @addr. */
struct shadow *shadow_find(const struct dmasim_checker *c, uint64_t addr);
/** A shadow of zeros for @line, which has none. NULL: no memory. */
struct shadow *shadow_new(struct dmasim_checker *c, uint64_t line);
/** Pages in address order, to be freed; NULL: no memory. */
struct shadow_page *shadow_pages(const struct dmasim_checker *c);
/** The shadow of the @i-th line of a page; NULL: there is none. */
struct shadow *shadow_of_page(const struct dmasim_checker *c,
                              const struct shadow_page *page, uint32_t i);
void shadow_free_all(struct dmasim_checker *c);
/** Room for @count records. False: no memory. */
bool shadow_reserve(struct shadow *s, uint32_t count);
/** A new record with no byte yet; 0: no memory. */
uint16_t shadow_record(struct shadow *s, const struct record *r);
/** Byte @i is @record's (0: nobody's); @map is writer or below. */
void shadow_assign(struct shadow *s, uint16_t *map, uint32_t i,
                   uint16_t record);
/** Bytes [from, from + n) were written, as @r says. False: no memory. */
bool shadow_written(struct shadow *s, uint32_t from, uint32_t n,
                    const struct record *r);
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

/** What is missing, and where: for remedies. */
enum hazard_why {
	HAZARD_PLAIN,
	/** The flag is not ordered behind the data. */
	HAZARD_PRODUCER,
	HAZARD_DOORBELL,
	/** The read of the data is not ordered behind that of the flag. */
	HAZARD_CONSUMER,
	/** No DSB after the maintenance. */
	HAZARD_MAINTENANCE,
	/** A load from the other side's flag behind the store of the own. */
	HAZARD_STORE_LOAD,
	/** No maintenance; it went well by luck. */
	HAZARD_UNMAINTAINED,
};

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
	enum dmasim_severity severity;
	enum hazard_why why;
	/** A dependency may order it. */
	bool maybe;
	uint64_t flag_addr;
	/** Sites; 0: unknown. */
	uint32_t flag_write, flag_read;
	/** Of the buffer that it is about; NULL: none. */
	const struct dma_note *note;
	/** NULL: the one for the kind. */
	const char *remedy;
};

void report_finding(struct dmasim_checker *c, const struct hazard *h);
/** Bytes [addr, addr + n) are polled: no barrier was missing there. */
void report_retract(struct dmasim_checker *c, uint64_t addr, uint32_t n);

/* finding_state.c */
void findings_save(const struct dmasim_checker *c, struct dmasim_writer *w);
/** Into an empty checker. OK, E_NOMEM, E_FORMAT. */
int findings_restore(struct dmasim_checker *c, struct dmasim_reader *r);

/* remedy.c */
/** What would have prevented @h, naming the place. */
void remedy_text(const struct dmasim_checker *c, const struct hazard *h,
                 char *buf, size_t size);

/* notes.c */
struct dma_note *note_by_dma(const struct dmasim_checker *c, uint32_t stream,
                             uint64_t dma);
void notes_free(struct notes *n);
/** "request data of request 3". */
void note_title(const struct dmasim_checker *c, const struct dma_note *n,
                char *buf, size_t size);
/** Add a note as it was saved. OK, E_NOMEM. */
int note_restore(struct notes *notes, const struct dma_note *n);
int note_add_watch(struct notes *n, uint32_t agent, uint32_t stream);
bool note_overlaps(const struct notes *n, uint32_t stream, uint64_t dma,
                   uint64_t size);

/* note_page.c */
int note_index(struct notes *notes, struct dma_note *n);
void note_unindex(struct notes *notes, struct dma_note *n);
void note_pages_free(struct notes *notes);
/** Notes that may touch the page of @addr: first those of the page (*@from:
 * 0), then the large ones. NULL: no more. */
struct dma_note *note_next(const struct notes *notes, uint64_t addr,
                           size_t *from);

/* note_state.c */
void notes_save(const struct notes *n, struct dmasim_writer *w);
/** Into empty notes; @sites: how many sites there are. OK, E_NOMEM,
 * E_FORMAT. */
int notes_restore(struct notes *n, uint32_t sites, struct dmasim_reader *r);

/* owner.c */
/** Whether an access by @who to [addr, addr + n) of one line is that of the
 * side whose turn it is. Returns RECORD_* for the record of a write. @s holds
 * what was true before, and may be NULL. */
uint32_t owner_check(struct dmasim_checker *c, const struct check_who *who,
                     const struct shadow *s, uint64_t addr, const uint8_t *data,
                     uint32_t n, bool write);
/** The byte is in a buffer that must be maintained by hand. */
bool owner_maintains(const struct dmasim_checker *c, uint64_t addr);
/** A device that is not coherent owns a part of the line, and @addr is beside
 * it. */
const struct dma_note *owner_of_line(const struct dmasim_checker *c,
                                     uint64_t addr);

#endif
