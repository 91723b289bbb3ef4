/* SPDX-License-Identifier: MIT */
#ifndef DMASIM_TESTS_LITMUS_PARSE_INTERNAL_H
#define DMASIM_TESTS_LITMUS_PARSE_INTERNAL_H

#include "litmus.h"

struct parser {
	const char *file;
	struct litmus *t;
	int line;
	/** What is left of the line, and where it ends. */
	const char *p, *end;
	char *err;
	size_t err_size;
	/** The agents of the columns of `program`. */
	int column[LITMUS_AGENTS], column_count;
};

/** Always false: so that a caller returns it. */
__attribute__((format(printf, 2, 3))) bool parse_fail(struct parser *ps,
                                                      const char *format, ...);

/** A word of letters, digits and any of "_.+-:"; false at the end of the line
 * or before another character. */
bool parse_word(struct parser *ps, char *word, size_t size);
/** True if @c is next; it is taken. */
bool parse_char(struct parser *ps, char c);
bool parse_end(struct parser *ps);
bool parse_number(struct parser *ps, uint64_t *value);
/** -1: no such name. */
int parse_find_agent(const struct litmus *t, const char *name);
int parse_find_location(const struct litmus *t, const char *name);
int parse_find_reg(const struct litmus_agent *a, const char *name);
/** "wb", "nc.osh", "nGnRnE" ... */
bool parse_attr(struct parser *ps, const char *word, struct litmus_attr *attr);
/** The domain of an attribute or a barrier; -1. */
int parse_share(const char *word);

/** What follows `must`, `never` or `finding`. */
bool parse_verdict(struct parser *ps, enum litmus_verdict_kind kind);
bool parse_finding(struct parser *ps);

/** One cell of the program table. */
bool parse_insn(struct parser *ps, int agent);

#endif
