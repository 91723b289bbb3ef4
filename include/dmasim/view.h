/* SPDX-License-Identifier: MIT */
/*
 * Views of a run, made from the events of lines (dmasim/line.h): the life of
 * one line as text and as a page of HTML, a trace for Perfetto and
 * about:tracing, waveforms. docs/views.md shows them.
 *
 * A view watches from its creation on; create it before the run. It borrows
 * what its configuration names: destroy it before the memory system. A view
 * never changes what a run does.
 * What it writes depends on the run alone, never on the host.
 */
#ifndef DMASIM_VIEW_H
#define DMASIM_VIEW_H

#include <stdio.h>

#include "dmasim/cache.h"
#include "dmasim/line.h"
#include "dmasim/signal.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What every view watches. */
struct dmasim_view_config {
	struct dmasim_kernel *kernel;
	struct dmasim_memsys *memsys;
	struct dmasim_map *map;
	/** Knows the names of agents and of what lies in memory, and the
	 * findings. NULL: agents are numbers, and nothing is found. */
	struct dmasim_checker *checker;
	/** Physical. The line of @addr for a line view. For the others those
	 * of [addr, addr + size), or all lines if size is 0. */
	uint64_t addr, size;
	/** Instead: the line that holds what has this name (dmasim_describe(),
	 * or its beginning: "virtqueue 0 used"), from the first access to it
	 * on that finds it so named. Needs a checker. Borrowed. */
	const char *name;
	/** Of the lines of the views that follow several only those that a
	 * second agent reaches, from then on. */
	bool shared;
	/** Steps, events or changes kept; later ones are only counted. 0: the
	 * view's own default. */
	size_t max;
	/** Lines for the views that follow several. 0: 256. */
	size_t max_lines;
	/** The text of a line of source code, or NULL. May be NULL. */
	const char *(*source)(void *ctx, const char *file, uint32_t line);
	void *source_ctx;
};

/*
 * The life of one line: at each step who did what, and then what every cache,
 * store buffer, memory and every agent without a cache holds of it, byte by
 * byte: dirty, or older than what was written last (stale). A step is one
 * access with all that it caused, or a run of equal ones (polling).
 */
struct dmasim_line_view;

/** 4096 steps unless max says else. OK, E_INVAL, E_NOMEM. */
DMASIM_API int dmasim_line_view_create(const struct dmasim_view_config *cfg,
                                       struct dmasim_line_view **out);
DMASIM_API void dmasim_line_view_destroy(struct dmasim_line_view *v);

/** A sentence that stands above the next step. */
DMASIM_API void dmasim_line_view_note(struct dmasim_line_view *v,
                                      const char *fmt, ...) DMASIM_PRINTF(2, 3);
/** From here on to the end all events belong to one step, "@who @what", which
 * exists even if the line is not touched. NULL fields of @origin are left
 * out. */
DMASIM_API void dmasim_line_view_begin(struct dmasim_line_view *v,
                                       const char *who, const char *what,
                                       const struct dmasim_origin *origin);
/** What the step that began is: for those who know only at its end. */
DMASIM_API void dmasim_line_view_what(struct dmasim_line_view *v,
                                      const char *fmt, ...) DMASIM_PRINTF(2, 3);
DMASIM_API void dmasim_line_view_end(struct dmasim_line_view *v);

DMASIM_API size_t dmasim_line_view_steps(const struct dmasim_line_view *v);
/** Events that came when there was no room left. */
DMASIM_API uint64_t dmasim_line_view_dropped(const struct dmasim_line_view *v);
/** False: nothing that was accessed had the name. */
DMASIM_API bool dmasim_line_view_found(const struct dmasim_line_view *v);
/** OK; E_NOMEM: something was lost on the way, and the steps end there. */
DMASIM_API int dmasim_line_view_status(const struct dmasim_line_view *v);

/** What a lane holds of the line after a step. */
struct dmasim_line_lane {
	const char *name; /**< "cpu0 L1", "memory", "nic sees" */
	char state;       /**< 'M' 'O' 'E' 'S' 'I'; ' ': has none */
	const uint8_t *data;
	/** A bit for each byte: held, dirty, older than the newest. */
	const uint64_t *known, *dirty, *stale;
};

struct dmasim_line_step {
	uint64_t time;    /**< ps; of the last one if it was repeated */
	uint64_t cycle;   /**< of the CPUs' clock at that time */
	uint64_t repeats; /**< 1: once */
	const char *note; /**< or NULL */
	const char *who, *what;
	const char *where;  /**< "file:line (what)", or "" */
	const char *source; /**< the text of that line, or "" */
	const char *alias;  /**< dmasim_attr_name(), or "" */
	/** The bytes of the line that were accessed; size 0: none. */
	uint32_t offset, size;
	size_t effects, findings, lanes;
};

/** The recording ends here: a last step that was under way is closed. */
DMASIM_API void dmasim_line_view_finish(struct dmasim_line_view *v);
/** False past the end. Strings live until the view goes on. */
DMASIM_API bool dmasim_line_view_step(const struct dmasim_line_view *v,
                                      size_t index,
                                      struct dmasim_line_step *step);
DMASIM_API bool dmasim_line_view_lane(const struct dmasim_line_view *v,
                                      size_t step, size_t index,
                                      struct dmasim_line_lane *lane);
/** "cpu0 L1 gives the line up"; NULL past the end. */
DMASIM_API const char *dmasim_line_view_effect(const struct dmasim_line_view *v,
                                               size_t step, size_t index);
/** The text of a finding that the step raised, or NULL. */
DMASIM_API const char *
dmasim_line_view_finding(const struct dmasim_line_view *v, size_t step,
                         size_t index);

/** As text: aligned, and coloured only if @colour. E_IO: @out failed. */
DMASIM_API int dmasim_line_view_text(const struct dmasim_line_view *v,
                                     FILE *out, bool colour);
/** As one JSON object (docs/views.md). */
DMASIM_API int dmasim_line_view_json(const struct dmasim_line_view *v,
                                     FILE *out, const char *name);

/** The words of @text in lines of at most 78 columns behind @indent; empty
 * lines stay. */
DMASIM_API void dmasim_view_wrap(const char *text, const char *indent,
                                 FILE *out);
/** @text as a JSON string that may also stand inside a <script>. Bytes that
 * are no UTF-8 become U+FFFD. */
DMASIM_API void dmasim_view_json_string(FILE *out, const char *text);

/** A page of HTML that needs nothing but a browser. */
struct dmasim_view_page {
	const char *title;
	const char *text;   /**< paragraphs, separated by empty lines */
	const char *remedy; /**< the last word; may be NULL */
	const struct dmasim_page_run {
		const char *name;
		const char *verdict; /**< one sentence; may be NULL */
		const struct dmasim_line_view *view;
	} * runs;
	size_t run_count;
};

/** Names and texts may hold anything; none becomes part of the page's code.
 * OK, E_IO. */
DMASIM_API int dmasim_view_html(const struct dmasim_view_page *page, FILE *out);

/*
 * Trace events in JSON, for https://ui.perfetto.dev and about:tracing: each
 * agent is a process; each of its caches, its store buffer and its accesses
 * is a thread. States of lines are slices; an access is a slice of one
 * nanosecond, with an arrow from the access that wrote what it reads.
 * 1,000,000 events unless max says else.
 */
struct dmasim_chrome_trace;

/** OK, E_INVAL, E_NOMEM. What is written to @out is whole JSON once the trace
 * is destroyed, whatever happened. */
DMASIM_API int dmasim_chrome_trace_create(const struct dmasim_view_config *cfg,
                                          FILE *out,
                                          struct dmasim_chrome_trace **trace);
/** Ends the JSON. OK; E_IO: @out failed; E_NOMEM: events are missing. */
DMASIM_API int dmasim_chrome_trace_destroy(struct dmasim_chrome_trace *trace);

/*
 * Waveforms: signals with their changes, in order of time, for a VCD
 * (dmasim_systemc_vcd()). Per cache and line: state, bytes, dirty bytes; per
 * agent: what it does and where; barriers. Changes of one instant that would
 * hide one another are put 1 ps apart. 1,000,000 changes unless max says else.
 */
struct dmasim_waves;

DMASIM_API int dmasim_waves_create(const struct dmasim_view_config *cfg,
                                   struct dmasim_waves **out);
DMASIM_API void dmasim_waves_destroy(struct dmasim_waves *w);
/** A signal of the user's own, such as an interrupt line. OK, E_INVAL,
 * E_NOMEM. */
DMASIM_API int dmasim_waves_signal(struct dmasim_waves *w, const char *name,
                                   uint32_t width, uint32_t *signal);
/** Now it has these low bits of @value. */
DMASIM_API void dmasim_waves_set(struct dmasim_waves *w, uint32_t signal,
                                 uint64_t value);
/** Valid until the waves go on. */
DMASIM_API const struct dmasim_signal *
dmasim_waves_signals(const struct dmasim_waves *w, size_t *count);
DMASIM_API const struct dmasim_change *
dmasim_waves_changes(const struct dmasim_waves *w, size_t *count);
DMASIM_API uint64_t dmasim_waves_dropped(const struct dmasim_waves *w);
/** OK, E_NOMEM. */
DMASIM_API int dmasim_waves_status(const struct dmasim_waves *w);

#ifdef __cplusplus
}
#endif
#endif
