/* SPDX-License-Identifier: MIT */
/*
 * The SystemC back end (libdmasim-systemc): the same heap and the same trace
 * bytes, with time kept by SystemC 2.3.4. A program that links it writes no
 * sc_main.
 */
#ifndef DMASIM_SYSTEMC_H
#define DMASIM_SYSTEMC_H

#include "dmasim/kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One private SystemC context per kernel. */
DMASIM_API const struct dmasim_backend *dmasim_backend_systemc(void);

#ifdef __cplusplus
}
#endif
#endif
