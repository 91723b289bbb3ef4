/* SPDX-License-Identifier: MIT */
/* A program with one step less, or in another place; and whether that was
 * found and named. */
#ifndef DMASIM_TESTS_MUTATE_H
#define DMASIM_TESTS_MUTATE_H

#include "prog.h"

struct mutation {
	/** The step, by its number in the program. */
	unsigned id;
	enum prog_op op;
	uint8_t what;
	/** 0: removed; else the step behind which it stands now (its old
	 * neighbour's number), before it if @earlier. */
	unsigned to;
	bool earlier;
};

enum verdict {
	VERDICT_FOUND,    /**< and named: kind and place */
	VERDICT_HARMLESS, /**< no choice within the bound makes a difference */
	VERDICT_MISSED,   /**< something went wrong, and nothing was said */
	VERDICT_UNNAMED,  /**< something was said, but not this */
	VERDICTS,
};

struct judgement {
	enum verdict verdict;
	enum dmasim_finding_kind kind; /**< FOUND */
	bool by_fault; /**< FOUND: by the SMMU's fault on the missing leaf */
	bool remedy;   /**< FOUND: the remedy names the step */
	bool explored; /**< only the explorer found it */
	uint64_t runs;
	struct prog_result last;
	char token[512];
};

/** Whether a step may be removed, and is then missing. */
bool mutate_candidate(const struct prog *p, unsigned at);
/** Choose one and make *@out of @p. False: no candidate. */
bool mutate(const struct prog *p, uint64_t seed, struct prog *out,
            struct mutation *m);
/** Some seeds, then the explorer. */
void judge(const struct prog *p, const struct prog *mutant,
           const struct mutation *m, struct judgement *j);
/** Leave out of @p what is not needed for the verdict @v of @m. */
void shrink(struct prog *p, const struct mutation *m, enum verdict v);
/** *@out: @p after @m. */
void mutate_again(const struct prog *p, const struct mutation *m,
                  struct prog *out);

#endif
