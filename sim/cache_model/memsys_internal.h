/* SPDX-License-Identifier: MIT */
/*
 * The memory system's parts.
 *
 * Private caches are the L1s and L2s of the CPUs and of cached ports. Below
 * them lie the shared cache of inner domain 0, then the point of coherency,
 * then the system cache, which everybody's accesses to memory go through.
 * Two copies of a line are coherent with one another ("meet") if both were
 * filled as shareable and their ports are of one inner domain, or both were
 * filled as outer shareable. What holds always:
 * - an L1 and the L2 behind it never both hold a line;
 * - a line that is EXCLUSIVE or MODIFIED in one private cache is in no other
 *   one that it meets, and at most one of those that meet is dirty;
 * - a dirty bit is set only in a line that is MODIFIED or OWNED, and such a
 *   line has one;
 * - copies that meet hold the same bytes; the shared cache's copy may be older
 *   in bytes that one of them has dirty;
 * - a clean byte of the system cache is what memory holds.
 * And if all mappings of a line agree, and no port goes past the caches: bytes
 * that nobody has dirty are those of memory, in every copy.
 *
 * The shared cache is neither inclusive nor exclusive: fills from memory
 * allocate in both, an eviction from either leaves the other alone. Only dirty
 * bytes are written to memory. So where a mismatched alias changed RAM under a
 * cached line, bytes that the cache's agents did not write survive the
 * write-back, and those that they wrote are lost.
 *
 * Memory may answer PENDING. A request then keeps its place (ms_req), and
 * while an operation (ms_op) on a line is under way, everybody else who needs
 * the line waits behind it, in the order of arrival.
 */
#ifndef DMASIM_MEMSYS_INTERNAL_H
#define DMASIM_MEMSYS_INTERNAL_H

#include "cache_internal.h"
#include "check_internal.h"
#include "snoop_filter_internal.h"

struct ms_port {
	struct dmasim_memsys *ms;
	enum dmasim_port_kind kind;
	bool cpu;
	/** Its private caches; NULL for ports that have none. */
	struct cache *l1, *l2;
	/** Its number among the cached ports. */
	uint32_t cached_index;
	uint32_t domain;
	uint32_t agent;
	/** The exclusive monitor: the line that is reserved. */
	bool reserved;
	uint64_t reserved_line;
	/** For traces where no checker knows the agents. */
	char name[48];
};

enum ms_path {
	/** To memory, past all caches before the point of coherency. */
	MS_PAST,
	/** Through the port's own caches. */
	MS_CACHED,
	/** Through the shared cache alone. */
	MS_SHARED,
	/** Snooping the caches, allocating nowhere; also write-through. */
	MS_SNOOPING,
	MS_MAINTAIN,
	MS_SET_WAY,
	/** A write-back that must wait for its line. */
	MS_WRITEBACK,
};

enum ms_op_kind {
	MS_OP_READ,
	MS_OP_WRITE,
	/** The request's own access, handed down. */
	MS_OP_PASS,
};

struct ms_op {
	enum ms_op_kind kind;
	uint32_t index;
	bool active;
	/** The lines that it holds; none if first > last. */
	uint64_t first, last;
	struct dmasim_txn sub;
	enum dmasim_result result;
	uint64_t latency;
	/** When it starts, by the clock of who needs it. */
	uint64_t ahead;
	/** READ: what came. WRITE: a line, and the bytes to write. */
	uint8_t *buf;
	uint64_t mask[CACHE_MAX_WORDS];
	/** WRITE: the byte where the next run is looked for. */
	uint32_t next_run;
	/** WRITE: it goes from a cache to memory, and is not a request's. */
	bool writeback;
	/** It starts behind the system cache. */
	bool below;
	/** Goes on when the operation is done; before those that wait. */
	struct ms_req *owner;
	struct ms_req *first_waiting;
	/** The active ones, or the free ones. */
	struct ms_op *next;
};

/** A request that is being served: on the stack until it has to wait. */
struct ms_req {
	struct ms_port *port;
	struct dmasim_txn *txn;
	enum ms_path path;
	/** As the memory system takes the access, whatever it says. */
	struct dmasim_attr attr;
	bool kept;
	/** A write-through leaves copies in place. */
	bool write_through;
	/** Non-cacheable and hitting: asked once. */
	bool asked;
	/** A speculative fill: txn is the memory system's own. */
	bool fill;
	/** MAINTAIN: this line's caches are done; memory may not be. */
	bool cleaned;
	/** Bytes done. */
	uint32_t pos;
	/** Its own operation, done, and not yet used. */
	struct ms_op *have;
	/** MS_WRITEBACK: what waits. */
	struct ms_op *op;
	struct ms_req *next;
};

struct ms_observer {
	dmasim_line_observer_fn *fn;
	void *ctx;
};

/** A line that a port has reached through a cacheable mapping. */
struct ms_reach {
	uint32_t port; /**< among the cached ones, + 1; 0: none */
	uint64_t line;
	struct dmasim_attr attr;
};

#define MS_REACH 8u

struct dmasim_memsys {
	struct dmasim_kernel *kernel;
	struct dmasim_map *map;
	struct dmasim_choice *choice;
	struct dmasim_checker *checker;
	/** Below the caches. */
	struct dmasim_port memory;
	uint32_t cpus;
	uint32_t line_size, line_shift;
	enum dmasim_protocol protocol;
	bool no_timing;
	/** The kernel traces: decided when it was created. */
	bool traced;
	/** Not 0: a hit may concern others than its own cache. */
	uint32_t attention;
	/** A miss may be served in one go (fast.c): there are L1s and a shared
	 * cache, the map itself below them, and nothing to choose. */
	bool direct;
	uint64_t snoop_latency, hop_latency;
	uint32_t actor;

	/** CPUs first. */
	struct ms_port **ports;
	uint32_t port_count, port_cap;
	uint32_t cached_ports;
	/** The private caches. */
	struct cache **upper;
	uint32_t upper_count, upper_cap;
	/** NULL: absent. */
	struct cache *shared, *system;
	struct ms_filter *filter;
	struct dmasim_cache_config l1_config, l2_config;
	uint64_t period;
	uint32_t shared_agent;
	/** Where the next spontaneous eviction looks. */
	uint32_t evict_cursor;
	/** Ports with a reservation. */
	uint32_t reservations;

	/** The environment is asked at every so many accesses; 0: never. */
	uint32_t ask_every, until_asked;
	struct ms_reach reach[MS_REACH];
	uint32_t reach_next;

	struct ms_op **ops;
	uint32_t op_count, op_cap;
	struct ms_op *free_ops;
	struct ms_op *active_first, *active_last;
	uint8_t *scratch;
	/** Accesses of fast.c to memory, but for address and data. */
	struct dmasim_txn fill, writeback;

	struct ms_observer *observers;
	uint32_t observer_count;
	/** The request that is being served. */
	const struct ms_req *now;
};

static inline uint64_t ms_line(const struct dmasim_memsys *ms, uint64_t addr)
{
	return addr >> ms->line_shift;
}

static inline void ms_charge(const struct dmasim_memsys *ms,
                             struct dmasim_txn *txn, uint64_t latency)
{
	if (!ms->no_timing)
		txn->latency += latency;
}

static inline void ms_update_attention(struct dmasim_memsys *ms)
{
	ms->attention = ms->active_first || ms->observer_count ||
	                ms->reservations || ms->ask_every;
}

struct ms_copy {
	struct cache *cache;
	uint32_t way;
};

/* fast.c */
enum dmasim_result ms_cpu_access(void *port, struct dmasim_txn *txn);
enum dmasim_result ms_device_access(void *port, struct dmasim_txn *txn);
/** Once there are caches. */
void ms_prepare_fast(struct dmasim_memsys *ms);

/* memsys.c */
void ms_who(const struct ms_req *rq, struct check_who *who);
struct ms_port *ms_cached_port(const struct dmasim_memsys *ms, uint32_t index);

/* request.c */
enum dmasim_result ms_run(struct ms_req *rq);
/** Serve @rq; if that needs to wait, keep it. */
enum dmasim_result ms_start(struct ms_req *rq);

/* pending.c */
struct ms_op *ms_op_get(struct dmasim_memsys *ms);
void ms_op_put(struct dmasim_memsys *ms, struct ms_op *op);
/** The operation that holds one of the lines, or NULL. */
struct ms_op *ms_holder(const struct dmasim_memsys *ms, uint64_t first,
                        uint64_t last);
/** @rq goes on when @op is done. Returns PENDING, or SLAVE: no memory. */
enum dmasim_result ms_wait(struct ms_req *rq, struct ms_op *op);
/** Start @op for @rq. OK: it is done, see op->result; PENDING. */
enum dmasim_result ms_issue(struct ms_req *rq, struct ms_op *op);
/** Write a copy's dirty bytes to memory, from the system cache past it, in the
 * background if memory pends. Returns what it cost. */
uint64_t ms_writeback(struct dmasim_memsys *ms, const struct ms_copy *copy);
enum dmasim_result ms_run_writeback(struct dmasim_memsys *ms, struct ms_op *op);
void ms_completed(void *obj, uint32_t op, uint64_t arg);
/** A write-back of @line has ended. */
void ms_written_back(struct dmasim_memsys *ms, uint64_t line,
                     enum dmasim_result r);
void ms_free_pending(struct dmasim_memsys *ms);

/* domain.c: the coherent domain, one line at a time. */
/** Which copies an access meets. */
struct ms_view {
	struct dmasim_memsys *ms;
	const struct ms_port *port;
	/** The port's own private copies, too. */
	bool own;
	/** The shared cache, too. */
	bool shared;
	/** Maintenance meets what its domain holds, however it was filled. */
	bool maintenance;
	uint8_t share;
};

/** What @rq meets in private and shared caches, own ones included. */
struct ms_view ms_view_of(const struct ms_req *rq);
/** Every cache there is. */
struct ms_view ms_view_all(struct dmasim_memsys *ms);
/** The private copies that @v meets: *@i is 0 at first. */
bool ms_next(const struct ms_view *v, uint64_t line, uint32_t *i,
             struct ms_copy *copy);
/** The shared cache's copy, or -1. */
int32_t ms_shared_way(const struct ms_view *v, uint64_t line);
/** A private copy, the dirty one if one is. */
bool ms_find_upper(const struct ms_view *v, uint64_t line,
                   struct ms_copy *copy);
/** The newest copy in any cache. */
bool ms_find_newest(const struct ms_view *v, uint64_t line,
                    struct ms_copy *copy);
/** The bytes that must reach memory; false if there are none. @data is the
 * line as @v sees it. */
bool ms_gather(const struct ms_view *v, uint64_t line, uint8_t *data,
               uint64_t *mask);
/** Write dirty bytes back to memory; copies stay. Returns the cost. */
uint64_t ms_clean_line(const struct ms_view *v, uint64_t line);
/** Forget private copies. */
void ms_drop_upper(const struct ms_view *v, uint64_t line,
                   enum check_event event);
/** Forget every copy, dirty or not. */
void ms_drop_line(const struct ms_view *v, uint64_t line,
                  enum check_event event);
/** Private copies stay, SHARED or OWNED. */
void ms_share_upper(const struct ms_view *v, uint64_t line);
void ms_note(struct dmasim_memsys *ms, uint64_t line, const struct cache *c,
             enum check_event event);
/** For the history alone. */
void ms_note_history(struct dmasim_memsys *ms, uint64_t line,
                     const struct cache *c, enum check_event event);

/* evict.c: from a cache to the next level. */
/** Give the dirty bytes of a cache's line to the next level. Returns what it
 * cost, if that was memory. */
uint64_t ms_push_down(struct dmasim_memsys *ms, const struct ms_copy *copy);
/** To memory, whatever lies between. Returns the cost. */
uint64_t ms_write_out(struct dmasim_memsys *ms, const struct ms_copy *copy);
/** Dirty bytes of a private copy into the shared cache's. */
void ms_merge_shared(struct dmasim_memsys *ms, const struct ms_copy *copy,
                     uint32_t way);
/** A private cache that wrote the same bytes has the newer ones: the shared
 * cache's never need to reach memory. */
void ms_hide_shared(struct dmasim_memsys *ms, uint32_t way,
                    const uint64_t *newer);
/** Its dirty lines go to the shared cache. */
bool ms_above_shared(const struct dmasim_memsys *ms,
                     const struct ms_copy *copy);
void ms_evict(struct dmasim_memsys *ms, const struct ms_copy *copy);
/** Take a way for @line in @c, making room if need be. */
uint32_t ms_take_way(struct dmasim_memsys *ms, struct cache *c, uint64_t line,
                     bool lasting);

/* snoop_filter.c: nothing without one. */
/** Private copies of others were looked for, and @found or not: what that
 * costs beside the answer. */
void ms_filter_look(struct ms_req *rq, uint64_t line, bool found);
/** A private cache has the line now. */
void ms_filter_filled(struct dmasim_memsys *ms, uint64_t line);

/* access.c: one piece, of one line, of a request. */
enum dmasim_result ms_cached_piece(struct ms_req *rq, uint64_t addr,
                                   uint32_t n);
enum dmasim_result ms_shared_piece(struct ms_req *rq, uint64_t addr,
                                   uint32_t n);
/** Make the line writable in a private cache: nobody else has it. */
void ms_own_line(struct ms_req *rq, struct cache *c, uint32_t way);

/* snoop.c: pieces that allocate nowhere. */
enum dmasim_result ms_snooping_piece(struct ms_req *rq, uint64_t addr,
                                     uint32_t n);
enum dmasim_result ms_past(struct ms_req *rq);
/** Read [addr, addr + n) of one line from memory into op->buf. */
enum dmasim_result ms_fetch(struct ms_req *rq, uint64_t addr, uint32_t n,
                            struct ms_op **out);
/** What @rq has read or written, for the checker. */
void ms_report(struct ms_req *rq, uint64_t addr, const uint8_t *data,
               uint32_t n, bool write);
static inline uint8_t *ms_piece_data(const struct ms_req *rq)
{
	return rq->txn->data + rq->pos;
}

/* maintain.c */
enum dmasim_result ms_maintain_line(struct ms_req *rq, uint64_t line);
enum dmasim_result ms_maintain_set_way(struct ms_req *rq);

/* system.c: the cache in front of memory. */
/** Serve the operation there. False: memory has to. */
bool ms_system_serves(struct dmasim_memsys *ms, struct ms_op *op);
/** Memory has served it. */
void ms_system_filled(struct dmasim_memsys *ms, struct ms_op *op);
/** Write the dirty bytes of these lines to memory. */
void ms_system_clean(struct dmasim_memsys *ms, uint64_t first, uint64_t last);
/** An access of any shape that goes past the caches: true if it has been
 * served; else none of its lines is dirty here, nor here at all if it
 * writes. */
bool ms_system_passes(struct ms_req *rq, struct ms_op *op);

/* exclusive.c: reservations. */
/** An exclusive write of @rq may not go ahead. */
bool ms_exclusive_lost(struct ms_req *rq);
/** The piece has been read or written. */
void ms_exclusive_note(struct ms_req *rq, uint64_t line);

/* environment.c: what the hardware does unasked. */
/** Fill @line into the port's cache. OK (perhaps later), E_NOTFOUND (memory
 * refused). */
int ms_prefetch(struct ms_port *p, uint64_t line,
                const struct dmasim_attr *attr);
/** After a miss: may something be evicted, or fetched? */
void ms_after_miss(struct ms_req *rq, struct cache *c, uint64_t line);
/** Before an access of a cached port. */
void ms_environment(struct ms_port *p, const struct dmasim_txn *txn);

/* observe.c */
struct ms_bytes {
	uint32_t offset, size;
	const uint8_t *bytes;
};

void ms_tell_cache(struct dmasim_memsys *ms, enum dmasim_line_event_kind kind,
                   const struct cache *c, uint64_t line,
                   const struct ms_bytes *bytes);
/** @bytes NULL: of an access without data. */
void ms_tell_memory(struct dmasim_memsys *ms, enum dmasim_line_event_kind kind,
                    uint64_t addr, const struct ms_bytes *bytes);
void ms_tell_barrier(const struct ms_port *p, const struct dmasim_txn *txn);
/** A load of bytes that its CPU had got early. */
void ms_tell_taken(const struct ms_port *p, const struct dmasim_txn *txn);
/** Fills in the time, and tells all. */
void ms_tell_event(struct dmasim_memsys *ms, struct dmasim_line_event *e);

/** One line for an access that is done. */
void ms_trace(const struct ms_port *p, const struct dmasim_txn *txn,
              enum dmasim_result r);

#endif
