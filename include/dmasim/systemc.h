/* SPDX-License-Identifier: MIT */
/*
 * The SystemC back end (libdmasim-systemc): the same heap and the same trace
 * bytes, with time kept by SystemC 2.3.4. A program that links it writes no
 * sc_main.
 */
#ifndef DMASIM_SYSTEMC_H
#define DMASIM_SYSTEMC_H

#include <stdio.h>

#include "dmasim/kernel.h"
#include "dmasim/signal.h"

#ifdef __cplusplus
extern "C" {
#endif

/** One private SystemC context per kernel. */
DMASIM_API const struct dmasim_backend *dmasim_backend_systemc(void);

struct dmasim_vcd {
	const struct dmasim_signal *signals;
	size_t signal_count;
	/** In the order of their times. */
	const struct dmasim_change *changes;
	size_t change_count;
};

/**
 * Write waveforms as a VCD (for GTKWave and its like): SystemC traces the
 * signals in a context of its own, whatever back end the run had. Before its
 * first change a signal is unknown. The same signals give the same bytes:
 * there is no date. OK; E_INVAL (a width, a signal's number, the order of
 * times, no signal at all); E_STATE: inside a run of SystemC; E_IO: @out or
 * the folder for temporary files failed; E_NOMEM; E_KERNEL.
 */
DMASIM_API int dmasim_systemc_vcd(const struct dmasim_vcd *vcd, FILE *out);

#ifdef __cplusplus
}
#endif
#endif
