/* SPDX-License-Identifier: MIT */
#ifndef DMASIM_TESTS_BUG_MACHINE_H
#define DMASIM_TESTS_BUG_MACHINE_H

#include "bug.h"

/** 0 if all of it could be made; @m is zero before. */
int bug_open(struct bug_machine *m, const struct bug *b,
             struct dmasim_choice *choice);
void bug_close(struct bug_machine *m);

#endif
