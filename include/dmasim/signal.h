/* SPDX-License-Identifier: MIT */
/*
 * Signals and their changes over time, as waveform files hold them: made by
 * dmasim_waves_create() (dmasim/view.h), written by dmasim_systemc_vcd()
 * (dmasim/systemc.h).
 */
#ifndef DMASIM_SIGNAL_H
#define DMASIM_SIGNAL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The widest signal: a line of 2048 bytes. */
#define DMASIM_SIGNAL_BITS 16384u

struct dmasim_signal {
	/** "cpu0.L1.state": scopes by dots, without blanks. */
	const char *name;
	uint32_t width; /**< bits, 1 .. DMASIM_SIGNAL_BITS */
};

struct dmasim_change {
	uint64_t time; /**< ps */
	uint32_t signal;
	/** The lowest bit first, (width + 7) / 8 bytes. */
	const uint8_t *bits;
	/** The same, 1 for each bit that has a value. NULL: all have. */
	const uint8_t *known;
};

#ifdef __cplusplus
}
#endif
#endif
