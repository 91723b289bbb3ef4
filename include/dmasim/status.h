/* SPDX-License-Identifier: MIT */
/*
 * Error codes, diagnostics and the export macro.
 *
 * Errors are negative; 0 is success. A fault that a guest can see is never an
 * error: it is an event, a record or a response in the model.
 */
#ifndef DMASIM_STATUS_H
#define DMASIM_STATUS_H

#include <stdarg.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DMASIM_API               __attribute__((visibility("default")))
#define DMASIM_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

enum dmasim_status {
	DMASIM_OK = 0,
	/** An argument is outside its documented range. */
	DMASIM_E_INVAL = -1,
	/** The host has no memory left. */
	DMASIM_E_NOMEM = -2,
	/** The call is not allowed now (running, not in a process, pending). */
	DMASIM_E_STATE = -3,
	/** An address, index or size lies outside the object. */
	DMASIM_E_RANGE = -4,
	/** The new region overlaps one that exists. */
	DMASIM_E_OVERLAP = -5,
	/** No object of that name, number or address. */
	DMASIM_E_NOTFOUND = -6,
	/** The host's file system or a disk backend failed. */
	DMASIM_E_IO = -7,
	/** User input (log, device tree, image, blob) is malformed. */
	DMASIM_E_FORMAT = -8,
	/** The process was told to end; free and return. */
	DMASIM_E_CANCELED = -9,
	/** The simulated time limit passed before the condition held. */
	DMASIM_E_TIMEOUT = -10,
	/** Work is outstanding and nothing is left to run. */
	DMASIM_E_HANG = -11,
	/** Well-formed, but not implemented by this model. */
	DMASIM_E_UNSUPPORTED = -12,
	/** The time kernel or its back end failed; see dmasim_kernel_error().
	 */
	DMASIM_E_KERNEL = -13,
	/** The object exists already. */
	DMASIM_E_EXISTS = -14,
	/** A transaction faulted: the simulated bus or IOMMU refused it. */
	DMASIM_E_FAULT = -15,
	/** A fixed-size resource of the model is used up. */
	DMASIM_E_FULL = -16,
	/** The device reported an error for this request. */
	DMASIM_E_DEVICE = -17,
};

/** A constant text for @status; "unknown status" for anything else. */
DMASIM_API const char *dmasim_strerror(int status);

/**
 * One message about user input: what is wrong and where (line, byte offset,
 * node path). Filled by functions that take a diag; empty on success.
 */
struct dmasim_diag {
	char text[512];
};

/** Format into @diag (may be NULL) and return @status unchanged. */
DMASIM_API int dmasim_diag_set(struct dmasim_diag *diag, int status,
                               const char *fmt, ...) DMASIM_PRINTF(3, 4);

#ifdef __cplusplus
}
#endif
#endif
