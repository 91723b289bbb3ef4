/* SPDX-License-Identifier: MIT */
/*
 * What happens before what, learnt from transactions and signals alone.
 *
 * Every write carries its place in its agent's program, and which of that
 * agent's older stores and finished maintenance come before it. Who reads it
 * acquires that, for accesses that are ordered behind the read. A clock says,
 * per agent, up to which place its stores are known to have happened.
 *
 * Memory: each record of a write refers to one clock at most, and clocks are
 * shared, so that there are at most as many as records, of 16 bytes per
 * agent. Each agent keeps ORDER_PENDING reads that no barrier has followed
 * yet (further ones count as ordered), the newest flag of each other agent,
 * and its ORDER_READS last reads.
 */
#ifndef DMASIM_ORDER_INTERNAL_H
#define DMASIM_ORDER_INTERNAL_H

#include "check_internal.h"

#define ORDER_PENDING 16u
#define ORDER_READS   32u

struct record;
struct shadow;

struct order_mark {
	/** Stores up to this number have happened. */
	uint64_t seen;
	/** Maintenance up to this number was completed. */
	uint64_t done;
};

/** Never changed while it has more than one user. */
struct order_clock {
	uint32_t refs, len;
	struct order_mark of[]; /**< by agent - 1 */
};

/** The place of an access in its agent's program. */
struct order_place {
	uint64_t number, loads, stores, complete;
	bool maybe;
	/** Nothing overtakes anything. */
	bool in_order;
};

/** A write of another agent's that was read. */
struct order_acquired {
	uint64_t number; /**< of the load */
	uint32_t from;
	struct order_mark mark;
	struct order_clock *clock;
};

/** Somebody's write that made its reader believe that older ones are done. */
struct order_flag {
	uint64_t write;  /**< its number; 0: none */
	uint64_t stores; /**< the writer's stores that are ordered before it */
	uint64_t read;   /**< number of the load */
	uint64_t seq;    /**< when that happened */
	uint64_t addr;
	uint32_t write_site, read_site;
	bool doorbell;
};

struct order_read {
	uint64_t addr, number, loads, seq, time, request;
	uint32_t size, site;
	uint8_t data[8];
};

struct order_agent {
	/** The highest number so far. */
	uint64_t last;
	/** Up to where a barrier that has happened ordered its stores, and
	 * completed its maintenance. */
	uint64_t stores, done;
	/** Its last barrier for loads, and when. */
	uint64_t load_barrier, load_barrier_seq;
	/** The highest number of a flag that somebody has read. */
	uint64_t published;
	/** What every later access knows; NULL: nothing. */
	struct order_clock *base;
	struct order_acquired pending[ORDER_PENDING];
	uint32_t pending_len;
	/** By agent - 1. */
	struct order_flag *flags;
	uint32_t flag_len;
	struct order_read reads[ORDER_READS];
	uint32_t read_count;
};

struct order_range {
	uint64_t first, last;
};

/** Of one agent, for one pair of ranges. */
struct order_half {
	uint32_t agent;
	uint32_t store_site, load_site;
	uint64_t store, store_time;
	uint64_t load, load_stores, load_time;
	uint64_t load_addr;
};

/** A store to the one and then a load from the other must keep their order. */
struct order_pair {
	struct order_range store, load;
	struct order_half *halves;
	uint32_t len;
};

struct order {
	/** By agent - 1. */
	struct order_agent *agents;
	uint32_t len;
	/** Counts everything that is told. */
	uint64_t seq;
	/** When maintenance by set and way was done last. */
	uint64_t set_way;
	struct order_range *racy;
	size_t racy_len, racy_cap;
	struct order_pair *pairs;
	size_t pair_len, pair_cap;
};

/* order_clock.c */
struct order_clock *clock_get(struct order_clock *clock);
void clock_put(struct order_clock *clock);
struct order_clock *clock_new(uint32_t len);
/** Make *@clock, which may be NULL, at least @other and, for @agent, @mark.
 * False: no memory, and it is as it was. */
bool clock_join(struct order_clock **clock, const struct order_clock *other,
                uint32_t agent, const struct order_mark *mark);
/** Nothing new in @other or @mark. */
bool clock_has(const struct order_clock *clock, const struct order_clock *other,
               uint32_t agent, const struct order_mark *mark);

/* order.c */
/** NULL: no memory, or no agent. */
struct order_agent *order_agent(struct dmasim_checker *c, uint32_t agent);
bool order_place(struct dmasim_checker *c, const struct check_who *who,
                 struct order_place *p);
/** What an access of @o at @loads knows of agent @of. */
struct order_mark order_known(const struct order_agent *o, uint32_t of,
                              uint64_t loads);
/** A load at @p brought what @from released. */
void order_acquire(struct dmasim_checker *c, struct order_agent *o,
                   const struct order_place *p, uint32_t from,
                   const struct order_mark *mark, struct order_clock *clock);
/** A reference to what a store at @p releases of other agents. */
struct order_clock *order_release(struct dmasim_checker *c,
                                  struct order_agent *o, uint64_t loads);
struct order_flag *order_flag(struct order_agent *o, uint32_t of);
void order_free(struct order *order);

/* order_note.c */
bool order_is_racy(const struct order *order, uint64_t addr, uint32_t n);
/** A load or store at @p in one of the ranges of a pair. */
void order_pairs(struct dmasim_checker *c, const struct check_who *who,
                 const struct order_place *p, uint64_t addr, uint32_t n,
                 bool write);

/* happens.c */
void happens_read(struct dmasim_checker *c, const struct check_who *who,
                  struct shadow *s, uint64_t addr, const uint8_t *data,
                  uint32_t n);
/** Reads of bytes that only their reader has written matter, too. */
bool happens_always(const struct dmasim_checker *c);
/** Before the bytes are taken over; fills in what @r is ordered behind. */
void happens_write(struct dmasim_checker *c, const struct check_who *who,
                   struct shadow *s, uint64_t addr, const uint8_t *data,
                   uint32_t n, struct record *r);

/* order_state.c */
void clock_save(const struct order_clock *clock, struct dmasim_writer *w);
/** OK, E_NOMEM. NULL: none, or an error that the reader knows. */
int clock_restore(struct order_clock **out, struct dmasim_reader *r);
void order_save(const struct order *order, struct dmasim_writer *w);
/** Into an empty one. OK, E_NOMEM, E_FORMAT. */
int order_restore(struct order *order, uint32_t agents, uint32_t sites,
                  uint32_t line_size, struct dmasim_reader *r);

#endif
