/* SPDX-License-Identifier: MIT */
/*
 * The memory system's parts.
 *
 * The upper caches are the L1s of the CPUs and of cached ports (or, without
 * L1s, the one L2 in their place). They keep MESI among themselves. The L2
 * below them is neither inclusive nor exclusive: fills from memory allocate
 * in both, an eviction from either leaves the other alone. What holds always:
 * - a line that is EXCLUSIVE or MODIFIED in one upper cache is in no other;
 * - while no upper cache has it MODIFIED, all copies, L2's included, hold the
 *   same bytes; while one has, L2's copy may be older;
 * - a dirty bit is set in at most one upper cache, or in the L2, or in both
 *   when the upper cache's byte is the newer.
 * Only dirty bytes are written to memory. So where a mismatched alias changed
 * RAM under a cached line, bytes that the cache's agents did not write
 * survive the write-back, and those that they wrote are lost.
 *
 * Memory may answer PENDING. A request then keeps its place (ms_req), and
 * while an operation (ms_op) on a line is under way, everybody else who needs
 * the line waits behind it, in the order of arrival.
 */
#ifndef DMASIM_MEMSYS_INTERNAL_H
#define DMASIM_MEMSYS_INTERNAL_H

#include "cache_internal.h"
#include "check_internal.h"

struct ms_port {
	struct dmasim_memsys *ms;
	enum dmasim_port_kind kind;
	bool cpu;
	/** Its upper cache; NULL for ports that have none. */
	struct cache *l1;
	/** Its number among the cached ports. */
	uint32_t cached_index;
	uint32_t agent;
	/** For traces where no checker knows the agents. */
	char name[48];
};

enum ms_path {
	/** To the map, past all caches. */
	MS_PAST,
	/** Through the port's own cache. */
	MS_CACHED,
	/** Snooping the caches, allocating nowhere; also write-through. */
	MS_SNOOPING,
	MS_MAINTAIN,
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
	bool kept;
	/** A write-through leaves copies in place. */
	bool write_through;
	/** Non-cacheable and hitting: asked once. */
	bool asked;
	/** A speculative fill: txn is the memory system's own. */
	bool fill;
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

struct dmasim_memsys {
	struct dmasim_kernel *kernel;
	struct dmasim_map *map;
	struct dmasim_choice *choice;
	struct dmasim_checker *checker;
	/** Below the caches. */
	struct dmasim_port memory;
	uint32_t cpus;
	uint32_t line_size, line_shift;
	bool no_timing;
	/** The kernel traces: decided when it was created. */
	bool traced;
	uint64_t snoop_latency, hop_latency;
	uint32_t actor;

	/** CPUs first. */
	struct ms_port **ports;
	uint32_t port_count, port_cap;
	uint32_t cached_ports;
	/** Each cache once. */
	struct cache **upper;
	/** Whose it is, for histories; 0: the L2 in place of all. */
	uint32_t *upper_agent;
	uint32_t upper_count, upper_cap;
	struct cache *shared;
	struct dmasim_cache_config l1_config;
	uint64_t period;
	uint32_t shared_agent;
	/** Where the next spontaneous eviction looks. */
	uint32_t evict_cursor;

	struct ms_op **ops;
	uint32_t op_count, op_cap;
	struct ms_op *free_ops;
	struct ms_op *active_first, *active_last;
	uint8_t *scratch;

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

/* memsys.c */
void ms_who(const struct ms_req *rq, struct check_who *who);

/* request.c */
enum dmasim_result ms_run(struct ms_req *rq);
/** Serve @rq; if that needs to wait, keep it. */
enum dmasim_result ms_start(struct ms_req *rq);
/** Fill @line into the port's cache. OK (perhaps later), E_NOMEM,
 * E_NOTFOUND (memory refused). */
int ms_prefetch(struct ms_port *p, uint64_t line,
                const struct dmasim_attr *attr);

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
/** Write the dirty bytes of @mask to memory, in the background if memory
 * pends. Returns what it cost. */
uint64_t ms_writeback(struct dmasim_memsys *ms, uint64_t line,
                      const uint8_t *data, const uint64_t *mask);
enum dmasim_result ms_run_writeback(struct dmasim_memsys *ms, struct ms_op *op);
void ms_completed(void *obj, uint32_t op, uint64_t arg);
void ms_free_pending(struct dmasim_memsys *ms);

/* domain.c: the coherent domain, one line at a time. */
struct ms_copy {
	struct cache *cache;
	uint32_t way;
};

/** A copy in an upper cache other than @except; a dirty one is the only one.
 */
bool ms_find_upper(const struct dmasim_memsys *ms, uint64_t line,
                   const struct cache *except, struct ms_copy *copy);
/** The newest copy in any cache. */
bool ms_find_newest(const struct dmasim_memsys *ms, uint64_t line,
                    struct ms_copy *copy);
/** The bytes that must reach memory; false if there are none. @data is the
 * line as the domain sees it. */
bool ms_gather(const struct dmasim_memsys *ms, uint64_t line, uint8_t *data,
               uint64_t *mask);
/** Write dirty bytes back; copies stay. Returns the cost. */
uint64_t ms_clean_line(struct dmasim_memsys *ms, uint64_t line);
/** Forget the copies in upper caches other than @except. */
void ms_drop_upper(struct dmasim_memsys *ms, uint64_t line,
                   const struct cache *except, enum check_event event);
/** Forget every copy, dirty or not. */
void ms_drop_line(struct dmasim_memsys *ms, uint64_t line,
                  enum check_event event);
/** Upper caches other than @except keep their copies, SHARED. */
void ms_share_upper(struct dmasim_memsys *ms, uint64_t line,
                    const struct cache *except);
/** Give the dirty bytes of a cache's line to the next level. */
void ms_push_down(struct dmasim_memsys *ms, const struct ms_copy *copy);
/** Take a way for @line in @c, evicting what is there. */
uint32_t ms_take_way(struct dmasim_memsys *ms, struct cache *c, uint64_t line);
void ms_evict(struct dmasim_memsys *ms, const struct ms_copy *copy);
/** Answer a choice point: may the architecture evict something now? */
void ms_spontaneous_evict(struct dmasim_memsys *ms, struct cache *c);
void ms_note(struct dmasim_memsys *ms, uint64_t line, const struct cache *c,
             enum check_event event);

/* access.c: one piece, of one line, of a request. */
enum dmasim_result ms_cached_piece(struct ms_req *rq, uint64_t addr,
                                   uint32_t n);
enum dmasim_result ms_snooping_piece(struct ms_req *rq, uint64_t addr,
                                     uint32_t n);
enum dmasim_result ms_maintain_line(struct ms_req *rq, uint64_t line);
enum dmasim_result ms_past(struct ms_req *rq);

/* observe.c */
struct ms_bytes {
	uint32_t offset, size;
};

void ms_tell_cache(struct dmasim_memsys *ms, enum dmasim_line_event_kind kind,
                   const struct cache *c, uint64_t line,
                   const struct ms_bytes *bytes);
void ms_tell_memory(struct dmasim_memsys *ms, enum dmasim_line_event_kind kind,
                    uint64_t addr, uint32_t size);
void ms_tell_barrier(const struct ms_port *p, const struct dmasim_txn *txn);
/** Fills in the time, and tells all. */
void ms_tell_event(struct dmasim_memsys *ms, struct dmasim_line_event *e);

/** One line for an access that is done. */
void ms_trace(const struct ms_port *p, const struct dmasim_txn *txn,
              enum dmasim_result r);

#endif
