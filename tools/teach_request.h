/* SPDX-License-Identifier: MIT */
/* dmasim teach. */
#ifndef DMASIM_TOOL_TEACH_REQUEST_H
#define DMASIM_TOOL_TEACH_REQUEST_H

#include "tool.h"

struct teach_request {
	struct tool tool;
	const char *html;
	bool source;
};

/** Compile @path and run what comes out. Returns the exit status. */
int teach_file(const struct teach_request *r, const char *path);

#endif
