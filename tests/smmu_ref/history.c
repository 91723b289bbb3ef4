/* SPDX-License-Identifier: MIT */
#include "history.h"

/* ---- what there was ---- */

const struct word_history *history_of(const struct history *h, uint64_t pa)
{
	for (unsigned i = 0; i < h->n_words; i++)
		if (h->words[i].pa == pa)
			return &h->words[i];
	return NULL;
}

static struct word_history *word_for(struct history *h, uint64_t pa,
                                     uint64_t before)
{
	struct word_history *w;

	for (unsigned i = 0; i < h->n_words; i++)
		if (h->words[i].pa == pa)
			return &h->words[i];
	if (h->n_words == HISTORY_WORDS) {
		h->full = true;
		return NULL;
	}
	w = &h->words[h->n_words++];
	*w = (struct word_history){.pa = pa, .n = 1};
	w->v[0] = (struct version){before, 0, HISTORY_NOW};
	return w;
}

void history_set(struct history *h, uint64_t pa, uint64_t before,
                 uint64_t value)
{
	struct word_history *w = word_for(h, pa, before);

	if (!w || w->v[w->n - 1].value == value)
		return;
	if (w->n == HISTORY_VERSIONS) {
		h->full = true;
		return;
	}
	w->v[w->n - 1].to = h->now;
	w->v[w->n++] = (struct version){value, h->now, HISTORY_NOW};
}

static void append(struct history *h, struct structure *s,
                   const uint64_t *words)
{
	struct structure_version *v;

	if (s->n == HISTORY_VERSIONS) {
		h->full = true;
		return;
	}
	if (s->n)
		s->v[s->n - 1].to = h->now;
	v = &s->v[s->n++];
	*v = (struct structure_version){.from = h->now, .to = HISTORY_NOW};
	for (unsigned i = 0; i < s->words; i++)
		v->words[i] = words[i];
}

void history_structure(struct history *h, enum ref_what what, uint64_t pa,
                       const uint64_t *words)
{
	h->structures[what] = (struct structure){
	        .pa = pa, .words = what == REF_STE || what == REF_CD ? 8 : 1};
	append(h, &h->structures[what], words);
}

void history_structure_set(struct history *h, enum ref_what what,
                           const uint64_t *words)
{
	append(h, &h->structures[what], words);
}

bool history_is_structure(const struct history *h, uint64_t pa)
{
	for (unsigned i = 0; i <= REF_CD; i++) {
		const struct structure *s = &h->structures[i];

		if (s->pa && pa >= s->pa && pa < s->pa + 8ull * s->words)
			return true;
	}
	return false;
}

void history_command(struct history *h, const struct command *c)
{
	if (h->n_commands == HISTORY_COMMANDS) {
		h->full = true;
		return;
	}
	h->commands[h->n_commands] = *c;
	h->commands[h->n_commands++].time = h->now;
}

/* ---- configuration: 4.3 ---- */

static bool covers_config(const struct command *c, enum ref_what what,
                          uint32_t sid, uint32_t ssid)
{
	switch (c->kind) {
	case ALL_STES:
		return true;
	case ONE_STE:
		return c->sid == sid && (what != REF_L1STD || !c->leaf);
	case ALL_CDS:
		return c->sid == sid && (what == REF_CD || what == REF_L1CD);
	case ONE_CD:
		return c->sid == sid && c->ssid == ssid &&
		       (what == REF_CD || (what == REF_L1CD && !c->leaf));
	default:
		return false;
	}
}

/* The first covering invalidation at @to or later; HISTORY_NOW: none. */
static unsigned config_gone(const struct history *h, enum ref_what what,
                            unsigned to, uint32_t sid, uint32_t ssid)
{
	if (to == HISTORY_NOW)
		return HISTORY_NOW;
	for (unsigned i = 0; i < h->n_commands; i++)
		if (h->commands[i].time >= to &&
		    covers_config(&h->commands[i], what, sid, ssid))
			return h->commands[i].time;
	return HISTORY_NOW;
}

bool history_config_kept(const struct history *h, enum ref_what what,
                         unsigned to, uint32_t sid, uint32_t ssid)
{
	return config_gone(h, what, to, sid, ssid) == HISTORY_NOW;
}

/* ---- translations: 4.4 ---- */

static bool same_world(const struct command *c, const struct ref_tags *t)
{
	if (t->world == REF_EL1)
		return !c->el2 && c->vmid == t->vmid;
	/* 4.4.2.8: by CR2.E2H, which does not change here. */
	return c->el2;
}

/* Everything that was made with these tags. */
static bool covers_tags(const struct command *c, const struct ref_tags *t)
{
	/* Of stage 1, if that is all there is; else see the callers. */
	bool el1 = t->world == REF_EL1;

	switch (c->kind) {
	case ALL_EL1:
		return el1;
	case ALL_VMID:
		return el1 && c->vmid == t->vmid;
	case S1_VMID:
		return el1 && c->vmid == t->vmid && t->stage1 && !t->nested;
	case ALL_EL2:
		return !el1;
	default:
		return false;
	}
}

/* A range ends at the last address: it does not wrap (4.4.1.1). */
static bool in_span(const struct command *c, uint64_t address)
{
	uint64_t page = address & ~0xfffull;

	return page >= c->address && page - c->address < c->span;
}

/* 4.4.1. A table is gone only when the leaves below it are gone as well. */
static bool covers_level(const struct command *c, const struct ref_read *r,
                         bool leaf)
{
	if (c->granule && c->granule != r->granule)
		return false;
	if (!leaf)
		return !c->leaf && !c->level;
	return !c->level || (int)c->level == r->level;
}

/* Of a descriptor of stage 1 in a translation of t->va. */
static bool covers_stage1(const struct command *c, const struct ref_read *r,
                          bool leaf, bool global)
{
	const struct ref_tags *t = r->tags;
	bool asid = t->world != REF_EL2;

	if (c->kind == S1_VMID)
		return t->world == REF_EL1 && c->vmid == t->vmid;
	if (c->kind == S1_ASID)
		return t->world == REF_EL1 && c->vmid == t->vmid &&
		       c->asid == t->asid && leaf && !global;
	if ((c->kind != S1_VA && c->kind != S1_VAA) || !same_world(c, t) ||
	    !in_span(c, t->va))
		return false;
	if (c->kind == S1_VA && asid && c->asid != t->asid && !(leaf && global))
		return false;
	return covers_level(c, r, leaf);
}

/* Of a descriptor of stage 2 that translates r->in, in stage 2 alone. */
static bool covers_ipa(const struct command *c, const struct ref_read *r,
                       bool leaf)
{
	if (c->kind != S2_IPA || r->tags->world != REF_EL1 ||
	    c->vmid != r->tags->vmid || !in_span(c, r->in))
		return false;
	return covers_level(c, r, leaf);
}

/* What is nested may be kept as one: first the IPA has to go, then all of
 * stage 1 (4.4.3.1). */
static bool ipa_then_all(const struct history *h, unsigned from,
                         const struct ref_read *r, bool leaf)
{
	bool ipa = false;

	for (unsigned i = from; i < h->n_commands; i++) {
		const struct command *c = &h->commands[i];

		ipa |= covers_ipa(c, r, leaf);
		if (ipa && c->kind == S1_VMID && c->vmid == r->tags->vmid)
			return true;
	}
	return false;
}

bool history_kept(const struct history *h, const struct version *v,
                  const struct ref_read *r)
{
	uint64_t d = r->big_endian ? __builtin_bswap64(v->value) : v->value;
	bool page = r->level == 3;
	bool leaf = page || !(d & 2), global = !(d & 1ull << 11);

	if (v->to == HISTORY_NOW)
		return true;
	/* What has no valid bit is never cached. */
	if (!(d & 1))
		return false;
	for (unsigned i = 0; i < h->n_commands; i++) {
		const struct command *c = &h->commands[i];

		if (c->time < v->to)
			continue;
		if (covers_tags(c, r->tags))
			return false;
		if (r->what == REF_TT1 && covers_stage1(c, r, leaf, global))
			return false;
		if (r->what == REF_TT2 && !r->tags->stage1 &&
		    covers_ipa(c, r, leaf))
			return false;
		if (r->what == REF_TT2 && ipa_then_all(h, i, r, leaf))
			return false;
	}
	return true;
}

bool history_walk_kept(const struct history *h, enum ref_what what, unsigned to,
                       uint32_t sid, uint32_t ssid, const struct ref_tags *tags)
{
	unsigned seen = config_gone(h, what, to, sid, ssid);

	for (unsigned i = 0; i < h->n_commands; i++) {
		const struct command *c = &h->commands[i];

		if (c->time < seen)
			continue;
		if (covers_tags(c, tags))
			return false;
		if (what == REF_CD && c->kind == S1_VMID &&
		    tags->world == REF_EL1 && c->vmid == tags->vmid)
			return false;
	}
	return true;
}
