/* SPDX-License-Identifier: MIT */
/* The lessons that the command has, in the order in which they build on one
 * another: X(identifier). */
#ifndef DMASIM_LESSONS_H
#define DMASIM_LESSONS_H

#include "dmasim/lesson.h"

#define LESSONS(X)                                                             \
	X(missing_clean)                                                       \
	X(missing_invalidate)                                                  \
	X(early_invalidate)                                                    \
	X(shared_line)                                                         \
	X(missing_barrier)                                                     \
	X(mismatched_alias)                                                    \
	X(unmapped_ring)                                                       \
	X(stale_tlb)                                                           \
	X(uncleaned_ste)

#define LESSON_DECLARE(id)                                                     \
	extern const struct dmasim_lesson id;                                  \
	extern const unsigned char lesson_source_##id[];
LESSONS(LESSON_DECLARE)
#undef LESSON_DECLARE

#endif
