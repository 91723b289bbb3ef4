/* SPDX-License-Identifier: MIT */
/*
 * A rig with two CPUs and their caches, whose changes of tables the hazard
 * checker knows, and a device with a name.
 */
#ifndef DMASIM_TESTS_WATCHED_H
#define DMASIM_TESTS_WATCHED_H

#include "nest.h"

#include "dmasim/cpu.h"

#define W_REGS 0x2b400000ull

/* A stream of stage 1 alone, and its page. */
#define W_SID  9u
#define W_ASID 4u
#define W_VA   0x0000007040201000ull
#define W_PA   (RIG_DATA + 0x7000)
#define W_NEW  (RIG_DATA + 0x9000)

struct watched {
	struct rig *r;
	struct dmasim_memsys *ms;
	struct dmasim_cpu *cpu[2];
	/* Where accesses come out, and the last that did. */
	struct dmasim_port device;
	uint64_t last;
	uint32_t agent;
	struct tables_half h;
	uint64_t ste, cd;
};

/* Of a rig that is open. Streams come after it or before. */
void watched_open(struct watched *w, struct rig *r);
void watched_close(struct watched *w);
/* W_SID with W_VA mapped to W_PA. */
void watched_stream(struct watched *w);

/* The device reads or writes; the physical address, or ~0. */
uint64_t watched_dma(struct watched *w, enum dmasim_op op, uint32_t sid,
                     uint64_t va);
/* A read of W_VA. */
uint64_t watched_read(struct watched *w);
/* A CPU writes a word; returns the line that it names. */
unsigned watched_put(struct watched *w, unsigned cpu, uint64_t pa, uint64_t v,
                     struct dmasim_origin origin);
uint64_t watched_get(struct watched *w, uint64_t pa);
#define CHANGE(w, pa, v) watched_put(w, 0, pa, v, DMASIM_HERE)

/* A CPU hands a command over; then with CMD_SYNC. */
void watched_cmd(struct watched *w, unsigned cpu, struct tables_cmd c);
void watched_sync(struct watched *w);
void watched_do(struct watched *w, struct tables_cmd c);

/* The only finding: of this kind, by the device, against that line of the
 * test; its remedy contains the text. */
void watched_expect(struct watched *w, enum dmasim_finding_kind kind,
                    const char *file, unsigned line, const char *remedy);
void watched_clean(struct watched *w);

/* Descriptors of W_VA. */
uint64_t watched_at(struct watched *w, unsigned level);

/* The level 3 table lies elsewhere, with another page. */
unsigned watched_move_table(struct watched *w, struct dmasim_origin origin);
#define MOVE_TABLE(w) watched_move_table(w, DMASIM_HERE)

#define WATCHED_TEST(name, ...)                                                \
	static void name##_watched(struct watched *w);                         \
	RIG_TEST(name, __VA_ARGS__)                                            \
	{                                                                      \
		static struct watched w;                                       \
                                                                               \
		watched_open(&w, r);                                           \
		name##_watched(&w);                                            \
		watched_close(&w);                                             \
	}                                                                      \
	static void name##_watched(struct watched *w)

#endif
