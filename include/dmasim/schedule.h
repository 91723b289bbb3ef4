/* SPDX-License-Identifier: MIT */
/*
 * Schedules: answers to choices as a text file, which people write by hand or
 * have written by a run, to run it again or to change a single answer.
 *
 * One answer a line, what follows '#' is a comment:
 *
 *     store-drain 1           the next such choice is answered 1
 *     victim-way 3 x 20       the next 20 are answered 3
 *     nc-hit 1 always         so is every further one (the last of its name)
 *
 * The names are those of dmasim_choice_name(). Each choice point has answers
 * of its own, in the order of the lines; where they end it takes the
 * preferred one.
 */
#ifndef DMASIM_SCHEDULE_H
#define DMASIM_SCHEDULE_H

#include "dmasim/choice.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dmasim_schedule;

/** @text need not end with a zero byte. OK; E_NOMEM; E_FORMAT, with the line
 * and the reason in @diag (may be NULL). */
DMASIM_API int dmasim_schedule_parse(const char *text, size_t size,
                                     struct dmasim_schedule **out,
                                     struct dmasim_diag *diag);
/** A copy in words of every answer that @inner gives (NULL: defaults), for
 * dmasim_schedule_text(). OK, E_INVAL, E_NOMEM. */
DMASIM_API int dmasim_schedule_record(const struct dmasim_choice_config *inner,
                                      struct dmasim_schedule **out);
DMASIM_API void dmasim_schedule_destroy(struct dmasim_schedule *s);

/** What to make the choice object of one machine from; the schedule must
 * outlive it. */
DMASIM_API struct dmasim_choice_config
dmasim_schedule_choice(struct dmasim_schedule *s);
/** After the run: did every answer of the file fit? OK; E_FORMAT, with the line
 * and the reason in @diag: an answer beyond the alternatives (the preferred
 * one was taken), or one that was never asked for. E_NOMEM: a recording is
 * not whole. */
DMASIM_API int dmasim_schedule_check(const struct dmasim_schedule *s,
                                     struct dmasim_diag *diag);
/** The lines of a recording; free with free(). NULL: no memory. */
DMASIM_API char *dmasim_schedule_text(const struct dmasim_schedule *s);

#ifdef __cplusplus
}
#endif
#endif
