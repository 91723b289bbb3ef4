/* SPDX-License-Identifier: MIT */
/* Messages, trace lines and the text of a failure. */
#include "kernel_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *kernel_strdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *copy = malloc(n);

	return copy ? memcpy(copy, s, n) : NULL;
}

/* The text in @buf if it fits or memory is short (then it is cut), otherwise
 * in memory that the caller frees. */
static char *log_format(char *buf, size_t size, const char *fmt, va_list ap)
{
	va_list again;
	char *text;
	int n;

	va_copy(again, ap);
	n = vsnprintf(buf, size, fmt, ap);
	text = buf;
	if (n >= 0 && (size_t)n >= size) {
		text = malloc((size_t)n + 1);
		if (text)
			vsnprintf(text, (size_t)n + 1, fmt, again);
		else
			text = buf;
	}
	va_end(again);
	return text;
}

void dmasim_log(struct dmasim_kernel *k, enum dmasim_log_level level,
                const char *source, const char *fmt, ...)
{
	char buf[256], *text;
	va_list ap;

	if (!k->cfg.log)
		return;
	va_start(ap, fmt);
	text = log_format(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	k->cfg.log(k->cfg.log_ctx, level, source, text);
	if (text != buf)
		free(text);
}

bool dmasim_tracing(const struct dmasim_kernel *k)
{
	return k->cfg.trace != NULL;
}

void dmasim_trace(struct dmasim_kernel *k, const char *source, const char *fmt,
                  ...)
{
	char buf[256], *text;
	va_list ap;

	if (!k->cfg.trace)
		return;
	va_start(ap, fmt);
	text = log_format(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	k->cfg.trace(k->cfg.trace_ctx, k->now, source, text);
	if (text != buf)
		free(text);
}

void dmasim_fail(struct dmasim_kernel *k, const char *fmt, ...)
{
	va_list ap;

	/* The first failure is the cause; later ones are its consequences. */
	if (k->failed)
		return;
	k->failed = true;
	va_start(ap, fmt);
	vsnprintf(k->error, sizeof(k->error), fmt, ap);
	va_end(ap);
}
