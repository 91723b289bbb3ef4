/* SPDX-License-Identifier: MIT */
#include "dmasim/status.h"

#include <stdio.h>

const char *dmasim_strerror(int status)
{
	/* A switch without default: the compiler names a missing code. */
	switch ((enum dmasim_status)status) {
	case DMASIM_OK:
		return "success";
	case DMASIM_E_INVAL:
		return "invalid argument";
	case DMASIM_E_NOMEM:
		return "out of memory";
	case DMASIM_E_STATE:
		return "not allowed in this state";
	case DMASIM_E_RANGE:
		return "out of range";
	case DMASIM_E_OVERLAP:
		return "overlaps an existing region";
	case DMASIM_E_NOTFOUND:
		return "not found";
	case DMASIM_E_IO:
		return "input/output error";
	case DMASIM_E_FORMAT:
		return "malformed input";
	case DMASIM_E_CANCELED:
		return "canceled";
	case DMASIM_E_TIMEOUT:
		return "simulated time limit reached";
	case DMASIM_E_HANG:
		return "work outstanding and nothing left to run";
	case DMASIM_E_UNSUPPORTED:
		return "not implemented by this model";
	case DMASIM_E_KERNEL:
		return "time kernel failed";
	case DMASIM_E_EXISTS:
		return "exists already";
	case DMASIM_E_FAULT:
		return "transaction faulted";
	case DMASIM_E_FULL:
		return "resource of the model used up";
	case DMASIM_E_DEVICE:
		return "device reported an error";
	}
	return "unknown status";
}

int dmasim_diag_set(struct dmasim_diag *diag, int status, const char *fmt, ...)
{
	va_list ap;

	if (!diag)
		return status;
	va_start(ap, fmt);
	vsnprintf(diag->text, sizeof(diag->text), fmt, ap);
	va_end(ap);
	return status;
}
