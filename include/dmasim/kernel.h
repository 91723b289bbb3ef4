/* SPDX-License-Identifier: MIT */
/*
 * Simulated time: one ordered event heap per machine, callbacks, processes
 * and events.
 *
 * Time is uint64_t picoseconds. Heap entries are ordered by (time, priority,
 * sequence); nothing else decides order, on either back end. A kernel and all
 * that hangs on it belongs to one OS thread. Any number of kernels live in
 * one program, one after another or side by side.
 *
 * Devices are plain C and never wait: what completes later is a call-at.
 * Masters that want straight-line code are processes.
 */
#ifndef DMASIM_KERNEL_H
#define DMASIM_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "dmasim/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DMASIM_NS      1000ull
#define DMASIM_US      1000000ull
#define DMASIM_MS      1000000000ull
#define DMASIM_SEC     1000000000000ull
#define DMASIM_FOREVER UINT64_MAX

struct dmasim_kernel;
struct dmasim_proc;
struct dmasim_event;
struct dmasim_backend;

enum dmasim_log_level {
	DMASIM_LOG_ERROR,
	DMASIM_LOG_WARNING,
	DMASIM_LOG_INFO,
};

/** Receives one message without a newline. May be NULL everywhere. */
typedef void dmasim_log_fn(void *ctx, enum dmasim_log_level level,
                           const char *source, const char *text);

/** Receives one trace line without a newline, in total order of time. */
typedef void dmasim_trace_fn(void *ctx, uint64_t time_ps, const char *source,
                             const char *text);

struct dmasim_kernel_config {
	/** NULL: the native loop. dmasim/systemc.h has the other one. */
	const struct dmasim_backend *backend;
	dmasim_log_fn *log;
	void *log_ctx;
	/** NULL: tracing is off and costs one comparison. */
	dmasim_trace_fn *trace;
	void *trace_ctx;
};

/** The native back end: a C loop; no libsystemc in the program. */
DMASIM_API const struct dmasim_backend *dmasim_backend_native(void);
DMASIM_API const char *dmasim_backend_name(const struct dmasim_backend *b);

/** @cfg may be NULL (all defaults). OK, E_NOMEM, E_KERNEL, E_STATE (called
 * inside a process of a kernel with the SystemC back end). */
DMASIM_API int dmasim_kernel_create(const struct dmasim_kernel_config *cfg,
                                    struct dmasim_kernel **out);
/** Cancels every live process (in spawn order), then frees. NULL is fine.
 * Must not be called from inside a run of this kernel. */
DMASIM_API void dmasim_kernel_destroy(struct dmasim_kernel *k);

DMASIM_API uint64_t dmasim_now(const struct dmasim_kernel *k);

/**
 * Run every entry that is due at or before @time, then set now to @time.
 * OK (after dmasim_stop() now stays where it stopped); E_INVAL
 * (DMASIM_FOREVER); E_STATE inside a run, and, on the SystemC back end, inside
 * any other run of SystemC; E_KERNEL after dmasim_fail() (now stays where it
 * failed).
 */
DMASIM_API int dmasim_run_until(struct dmasim_kernel *k, uint64_t time);
/**
 * Run until nothing is left, dmasim_stop() is called, or the next entry lies
 * after @limit (absolute; DMASIM_FOREVER: none). OK when idle or stopped (now
 * is the time of the last entry), E_TIMEOUT at the limit (now is the limit),
 * E_STATE, E_KERNEL.
 */
DMASIM_API int dmasim_run_idle(struct dmasim_kernel *k, uint64_t limit);
/** Run exactly one heap entry. OK, E_NOTFOUND when the heap is empty,
 * E_STATE, E_KERNEL. */
DMASIM_API int dmasim_run_one(struct dmasim_kernel *k);
/** Ask the current run to return after this entry. */
DMASIM_API void dmasim_stop(struct dmasim_kernel *k);
/** Fail the run: it returns E_KERNEL after this entry, and
 * dmasim_kernel_error() has the text of the first failure until the next run.
 * Later runs go on. Outside a run it is the next run that fails, at once. */
DMASIM_API void dmasim_fail(struct dmasim_kernel *k, const char *fmt, ...)
        DMASIM_PRINTF(2, 3);
/** Empty if the last run did not fail. */
DMASIM_API const char *dmasim_kernel_error(const struct dmasim_kernel *k);

/*
 * Calls: a call names a registered actor, an operation and an integer, never
 * a raw pointer, so that the heap can be saved.
 */
struct dmasim_call {
	/** 0: no call. */
	uint32_t actor;
	uint32_t op;
	uint64_t arg;
};

typedef void dmasim_call_fn(void *obj, uint32_t op, uint64_t arg);

/** Longest name of an actor, with its NUL. */
#define DMASIM_ACTOR_NAME_MAX 128

/** @name is unique in the kernel and is what a saved heap refers to.
 * *@actor is never 0. OK, E_INVAL (no function; name empty or too long),
 * E_EXISTS, E_NOMEM. */
DMASIM_API int dmasim_actor_register(struct dmasim_kernel *k, const char *name,
                                     dmasim_call_fn *fn, void *obj,
                                     uint32_t *actor);
/** Cancels the actor's pending calls. 0 is fine. */
DMASIM_API void dmasim_actor_unregister(struct dmasim_kernel *k,
                                        uint32_t actor);
/** NULL if there is none. */
DMASIM_API const char *dmasim_actor_name(const struct dmasim_kernel *k,
                                         uint32_t actor);
/** 0 if there is none. */
DMASIM_API uint32_t dmasim_actor_find(const struct dmasim_kernel *k,
                                      const char *name);

/** What a room keeps once per kernel: a zeroed block of @size bytes under
 * @key (the address of a constant of that room), made by the first call. It
 * is freed with the kernel, after @fini (may be NULL) ran on it; every process
 * has ended by then. NULL: no memory. */
DMASIM_API void *dmasim_kernel_local(struct dmasim_kernel *k, const void *key,
                                     size_t size, void (*fini)(void *local));

/** Lower priorities run first within one instant. @ticket may be NULL; it is
 * never 0 on success, and names the same call after a restore. A @time in the
 * past means now. OK, E_INVAL (actor, or time is DMASIM_FOREVER), E_NOMEM. */
DMASIM_API int dmasim_call_at(struct dmasim_kernel *k, uint64_t time, int prio,
                              const struct dmasim_call *call, uint64_t *ticket);
/** OK, E_NOTFOUND (ran already or cancelled). */
DMASIM_API int dmasim_cancel(struct dmasim_kernel *k, uint64_t ticket);
/** Number of entries on the heap (calls, delayed notifications, processes
 * that wait for a time), and the time of the first (DMASIM_FOREVER if none).
 */
DMASIM_API size_t dmasim_pending_calls(const struct dmasim_kernel *k);
DMASIM_API uint64_t dmasim_next_time(const struct dmasim_kernel *k);

/*
 * Processes. A process starts at the current instant. When its kernel is
 * destroyed, or on dmasim_proc_cancel(), every wait in it returns
 * E_CANCELED at once and for good; it must then free and return. Processes
 * are never killed. One that was canceled before it started still runs, so
 * that it can free what it was given.
 *
 * Processes run at priority 0. A callback or process written in C++ must not
 * throw on the native back end; on the SystemC one an exception ends the
 * callback or process and fails the run.
 */
typedef void dmasim_proc_fn(void *arg);

struct dmasim_proc_config {
	const char *name;
	dmasim_proc_fn *fn;
	void *arg;
	/** Bytes; 0: 256 KiB. */
	size_t stack_size;
};

/** @out may be NULL: the memory is then reused once the process has ended;
 * a handle stays valid until the kernel is destroyed. OK, E_INVAL, E_NOMEM,
 * E_KERNEL, E_STATE (the kernel is being destroyed). */
DMASIM_API int dmasim_spawn(struct dmasim_kernel *k,
                            const struct dmasim_proc_config *cfg,
                            struct dmasim_proc **out);
DMASIM_API bool dmasim_proc_done(const struct dmasim_proc *p);
DMASIM_API void dmasim_proc_cancel(struct dmasim_proc *p);
/** True while the caller runs on a process of @k. */
DMASIM_API bool dmasim_in_process(const struct dmasim_kernel *k);
/** True inside dmasim_run_*() of @k: in a callback or a process. */
DMASIM_API bool dmasim_running(const struct dmasim_kernel *k);
/** Processes that were spawned and have not returned. */
DMASIM_API size_t dmasim_live_processes(const struct dmasim_kernel *k);

/** Let @dt pass; 0 lets the other entries of this instant run first,
 * DMASIM_FOREVER waits for the cancel. OK, E_CANCELED, E_STATE outside a
 * process of @k. */
DMASIM_API int dmasim_wait(struct dmasim_kernel *k, uint64_t dt);

/** An event wakes, in the order of their waits, those that wait when it
 * fires; it is not remembered. OK, E_NOMEM. */
DMASIM_API int dmasim_event_create(struct dmasim_kernel *k, const char *name,
                                   struct dmasim_event **out);
/** Waits for it return E_CANCELED. NULL is fine, and so is an event whose
 * kernel is gone. */
DMASIM_API void dmasim_event_destroy(struct dmasim_event *e);
DMASIM_API const char *dmasim_event_label(const struct dmasim_event *e);
/** Fire after @dt; with 0 before this returns (those that wait run later in
 * this instant). Notifications do not merge. OK, E_NOMEM, E_STATE (its kernel
 * is gone). */
DMASIM_API int dmasim_event_notify(struct dmasim_event *e, uint64_t dt);
/** @timeout relative, DMASIM_FOREVER for none. OK, E_TIMEOUT, E_CANCELED,
 * E_STATE. */
DMASIM_API int dmasim_event_wait(struct dmasim_event *e, uint64_t timeout);

/* Messages and trace. */
DMASIM_API void dmasim_log(struct dmasim_kernel *k, enum dmasim_log_level level,
                           const char *source, const char *fmt, ...)
        DMASIM_PRINTF(4, 5);
DMASIM_API bool dmasim_tracing(const struct dmasim_kernel *k);
DMASIM_API void dmasim_trace(struct dmasim_kernel *k, const char *source,
                             const char *fmt, ...) DMASIM_PRINTF(3, 4);

#ifdef __cplusplus
}
#endif
#endif
