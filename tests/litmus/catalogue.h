/* SPDX-License-Identifier: MIT */
/* The files below tests/litmus. */
#ifndef DMASIM_TESTS_LITMUS_CATALOGUE_H
#define DMASIM_TESTS_LITMUS_CATALOGUE_H

#include "litmus.h"

struct catalogue {
	/** Paths from tests/litmus ("order/MP.litmus"), in order. */
	char (*path)[128];
	int count, cap;
};

/** All litmus files. */
bool catalogue_open(struct catalogue *c);
void catalogue_close(struct catalogue *c);
/** Without folder and ending. @name has LITMUS_NAME bytes. */
void catalogue_name(const char *path, char *name);
/** By name; NULL. */
const char *catalogue_find(const struct catalogue *c, const char *name);
/** A whole file of the tree, to free(); NULL. @path is below tests/litmus. */
char *catalogue_read(const char *path);
/** Read and parse; false: @err says why. */
bool catalogue_load(const char *path, struct litmus *t, char *err, size_t size);

#endif
