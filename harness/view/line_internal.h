/* SPDX-License-Identifier: MIT */
/* The recorder of one line's life. */
#ifndef DMASIM_VIEW_LINE_INTERNAL_H
#define DMASIM_VIEW_LINE_INTERNAL_H

#include "view_internal.h"

struct view_texts {
	char **text;
	size_t count;
};

struct view_step {
	uint64_t time, repeats;
	char *note, *who, *what, *where, *source, *alias;
	struct view_texts effects, findings;
	/** A copy of the lanes at its end: names are those of view_line. */
	size_t lanes;
	char *states;
	/** For each lane: data, then the three masks. */
	uint8_t *data;
	uint64_t *masks;
	/** The bytes of the access, if there was one. */
	uint32_t offset, size;

	/* What tells it from the next. */
	uint32_t agent;
	enum dmasim_line_event_kind kind;
	bool accessed;
	struct dmasim_origin origin;
	bool has_origin;
};

struct dmasim_line_view {
	struct dmasim_view_config cfg;
	struct view_line line;
	/** False: the name has not been met yet. */
	bool bound;
	struct view_step *steps;
	size_t count, cap, max;
	uint64_t dropped;
	int status;
	/** The last step is under way: it may take more events. */
	bool open;
	/** Between begin and end. */
	bool framed;
	char *note;
	size_t findings_seen;
	/** Of each of those: it had done no harm when it was looked at last. */
	bool *potential;
	/** Where accesses were, for the text. */
	uint32_t first, last;
};

#endif
