/* SPDX-License-Identifier: MIT */
/* Tokens: which choices of a run did not take the preferred answer. */
#include "explore_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_PREFIX "x1"
/** "-", 20 digits, ":", 10 digits. */
#define TOKEN_ITEM 32

char *explore_token(const struct dmasim_exploration *x)
{
	size_t size = sizeof(TOKEN_PREFIX) + TOKEN_ITEM * x->deviations;
	char *token = malloc(size);
	size_t used = sizeof(TOKEN_PREFIX) - 1;
	uint64_t next = 0;

	if (!token)
		return NULL;
	memcpy(token, TOKEN_PREFIX, sizeof(TOKEN_PREFIX));
	for (size_t i = 0; i < x->at; i++) {
		const struct explore_frame *f = &x->frames[i];

		if (f->tried == 1)
			continue;
		used += (size_t)snprintf(token + used, size - used, "-%llu:%u",
		                         (unsigned long long)(f->index - next),
		                         explore_answer(f));
		next = f->index + 1;
	}
	return token;
}

struct item {
	uint64_t index;
	uint32_t answer;
};

struct replay {
	struct item *items;
	size_t len, at;
	uint64_t asked;
	int status;
	struct dmasim_diag *diag;
};

static bool number(const char **at, uint32_t *v)
{
	const char *p = *at;
	uint64_t n = 0;

	while (*p >= '0' && *p <= '9') {
		n = 10 * n + (uint64_t)(*p++ - '0');
		if (n > UINT32_MAX)
			return false;
	}
	if (p == *at)
		return false;
	*at = p;
	*v = (uint32_t)n;
	return true;
}

/* The token's items; every one takes at least 4 characters. */
static int parse(struct replay *r, const char *token)
{
	size_t length = strnlen(token, DMASIM_EXPLORE_TOKEN_MAX + 1);
	const char *at = token;
	uint64_t index = 0;

	if (length > DMASIM_EXPLORE_TOKEN_MAX)
		return dmasim_diag_set(r->diag, DMASIM_E_FORMAT,
		                       "token: longer than %u characters",
		                       DMASIM_EXPLORE_TOKEN_MAX);
	if (strncmp(token, TOKEN_PREFIX, strlen(TOKEN_PREFIX)) != 0)
		return dmasim_diag_set(r->diag, DMASIM_E_FORMAT,
		                       "token: does not begin with "
		                       "\"" TOKEN_PREFIX "\"");
	r->items = malloc((length / 4 + 1) * sizeof(*r->items));
	if (!r->items)
		return DMASIM_E_NOMEM;
	at += strlen(TOKEN_PREFIX);
	while (*at) {
		struct item *i = &r->items[r->len];
		uint32_t skip;

		if (*at++ != '-' || !number(&at, &skip) || *at++ != ':' ||
		    !number(&at, &i->answer))
			return dmasim_diag_set(r->diag, DMASIM_E_FORMAT,
			                       "token: wrong before "
			                       "character %zu",
			                       (size_t)(at - token) + 1);
		i->index = index + skip;
		index = i->index + 1;
		r->len++;
	}
	return DMASIM_OK;
}

static uint32_t answer(void *ctx, const struct dmasim_choice_query *q)
{
	struct replay *r = ctx;
	uint64_t index = r->asked++;
	const struct item *i = &r->items[r->at];

	if (r->status || r->at == r->len || i->index != index)
		return q->preferred;
	if (i->answer >= q->alternatives) {
		r->status = dmasim_diag_set(
		        r->diag, DMASIM_E_STATE,
		        "token: choice %llu (%s) has %u answers, not %u",
		        (unsigned long long)index, dmasim_choice_name(q->point),
		        q->alternatives, i->answer);
		return q->preferred;
	}
	r->at++;
	return i->answer;
}

static int replay(struct replay *r, const struct dmasim_explore_config *cfg,
                  char *outcome)
{
	const struct dmasim_choice_config choices = {
	        .mode = DMASIM_CHOICE_CALLBACK, .fn = answer, .fn_ctx = r};
	struct dmasim_choice *choice;
	int status = dmasim_choice_create(&choices, &choice);

	if (status)
		return status;
	status = cfg->run(cfg->ctx, choice, outcome, DMASIM_EXPLORE_OUTCOME);
	outcome[DMASIM_EXPLORE_OUTCOME - 1] = '\0';
	dmasim_choice_destroy(choice);
	if (r->status)
		return r->status;
	if (!status && r->at < r->len)
		return dmasim_diag_set(
		        r->diag, DMASIM_E_STATE,
		        "token: the scenario ended before choice %llu",
		        (unsigned long long)r->items[r->at].index);
	return status;
}

int dmasim_explore_replay(const struct dmasim_explore_config *cfg,
                          const char *token, char *outcome,
                          struct dmasim_diag *diag)
{
	struct replay r = {.diag = diag};
	int status;

	dmasim_diag_set(diag, DMASIM_OK, "%s", "");
	if (!cfg || !cfg->run || !token || !outcome)
		return DMASIM_E_INVAL;
	outcome[0] = '\0';
	status = parse(&r, token);
	if (!status)
		status = replay(&r, cfg, outcome);
	free(r.items);
	return status;
}
