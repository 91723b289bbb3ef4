/* SPDX-License-Identifier: MIT */
/*
 * Clients of the rig's SMMU whose transactions may wait: each has one, and
 * knows when it ended. STALL_TEST runs a case twice, the second time with
 * every access of the SMMU pending.
 */
#ifndef DMASIM_TESTS_CLIENTS_H
#define DMASIM_TESTS_CLIENTS_H

#include "rig.h"

#define CLIENTS     16
#define CLIENT_DATA 8192

struct client {
	struct dmasim_txn t;
	uint8_t data[CLIENT_DATA];
	unsigned done; /* completions */
};

struct clients {
	struct rig *r;
	uint32_t actor;
	struct client c[CLIENTS];
};

void clients_open(struct clients *cs, struct rig *r, const char *name);
void clients_close(struct clients *cs);
/* Client @i starts; what is pending settles. PENDING or the result. */
enum dmasim_result client_start(struct clients *cs, unsigned i,
                                const struct dmasim_txn *t);
enum dmasim_result client_access(struct clients *cs, unsigned i,
                                 enum dmasim_op op, uint32_t sid, uint64_t va,
                                 uint32_t size);
/* Client @i has not ended. */
bool client_waits(const struct clients *cs, unsigned i);
/* Client @i ended so, once. */
void client_ended(const struct clients *cs, unsigned i,
                  enum dmasim_result result);

/* The state of the SMMU, to be freed; and back from such a blob. */
uint8_t *clients_save(struct clients *cs, size_t *size);
int clients_restore(struct clients *cs, const uint8_t *blob, size_t size);

/* Bits of RESUME. */
#define RESUME_RETRY  (1ull << 12)
#define RESUME_ABORT  (1ull << 13)
#define RESUME_RAZ_WI 0ull
#define SSEC          (1ull << 10)

struct tables_cmd cmd_resume(uint32_t sid, uint16_t stag, uint64_t action);
struct tables_cmd cmd_stall_term(uint32_t sid);

/* Word 1 of the record of a stall. */
#define EV_STALLED(stag) (1ull << 31 | (uint64_t)(stag))

/* STALL_MODEL 0, TERM_MODEL 0, STALL_MAX 4. */
#define STALL_IDS .idr_clear = {7u << 24}, .idr_set = {[5] = 4u << 16}

#define STALL_TEST(name, ...)                                                  \
	static void name##_case(struct rig *r, struct clients *cs);            \
	static void name##_run(struct rig *r)                                  \
	{                                                                      \
		static struct clients cs;                                      \
                                                                               \
		clients_open(&cs, r, "clients");                               \
		name##_case(r, &cs);                                           \
		clients_close(&cs);                                            \
	}                                                                      \
	RIG_TEST(name, __VA_ARGS__)                                            \
	{                                                                      \
		name##_run(r);                                                 \
	}                                                                      \
	RIG_TEST(name##_pend, .pend = true, __VA_ARGS__)                       \
	{                                                                      \
		name##_run(r);                                                 \
	}                                                                      \
	static void name##_case(struct rig *r, struct clients *cs)

/* Both of them, for the list. */
#define STALL_CASE(name) cmocka_unit_test(name), cmocka_unit_test(name##_pend)

#endif
