/* SPDX-License-Identifier: MIT */
/*
 * Sites. An access brings pointers to constant strings; the pointers find its
 * site quickly, and sites whose strings have the same contents are one, so
 * that nothing depends on addresses.
 */
#include "checker_internal.h"

#include <stdlib.h>
#include <string.h>

static bool same_attr(const struct dmasim_attr *a, const struct dmasim_attr *b)
{
	return a->type == b->type && a->inner == b->inner &&
	       a->outer == b->outer && a->share == b->share &&
	       a->alloc == b->alloc;
}

static bool same_rest(const struct site *a, const struct site *b)
{
	return a->line == b->line && a->agent == b->agent &&
	       a->queue == b->queue && a->cause == b->cause &&
	       a->member == b->member && a->past == b->past &&
	       same_attr(&a->attr, &b->attr);
}

static bool same_pointers(const struct site *a, const struct site *b)
{
	return a->file == b->file && a->what == b->what && same_rest(a, b);
}

static uint64_t hash_site(const struct site *s)
{
	uint64_t h = (uint64_t)(uintptr_t)s->file;

	h = (h ^ (uint64_t)(uintptr_t)s->what) * 0x9e3779b97f4a7c15ull;
	h ^= (uint64_t)s->line << 32 | s->agent << 8 | s->queue;
	h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9ull;
	h ^= (uint64_t)s->attr.type << 8 | (uint64_t)s->attr.inner << 4 |
	     (uint64_t)s->past << 1 | s->member;
	return h ^ h >> 32;
}

static bool grow_slots(struct sites *sites)
{
	uint32_t count = sites->slot_count ? 2 * sites->slot_count : 64;
	struct site_slot *old = sites->slots;
	struct site_slot *slots = calloc(count, sizeof(*slots));

	if (!slots)
		return false;
	for (uint32_t i = 0; i < sites->slot_count; i++) {
		uint64_t at = hash_site(&old[i].key);

		if (!old[i].site)
			continue;
		while (slots[at & (count - 1)].site)
			at++;
		slots[at & (count - 1)] = old[i];
	}
	free(old);
	sites->slots = slots;
	sites->slot_count = count;
	return true;
}

/* The site with these contents, made if need be. 0: no memory. */
static uint32_t site_of_contents(struct sites *sites, const struct site *key)
{
	struct site s = *key;

	s.file = strings_keep(&sites->strings, key->file);
	s.what = strings_keep(&sites->strings, key->what);
	if ((key->file && !s.file) || (key->what && !s.what))
		return 0;
	for (uint32_t i = 0; i < sites->len; i++)
		if (same_pointers(&sites->s[i], &s))
			return i + 1;
	return site_restore(sites, &s) ? 0 : sites->len;
}

int site_restore(struct sites *sites, const struct site *site)
{
	struct site s = *site;

	s.file = strings_keep(&sites->strings, site->file);
	s.what = strings_keep(&sites->strings, site->what);
	if ((site->file && !s.file) || (site->what && !s.what))
		return DMASIM_E_NOMEM;
	if (sites->len == sites->cap) {
		uint32_t cap = sites->cap ? 2 * sites->cap : 64;
		struct site *grown = realloc(sites->s, cap * sizeof(*grown));

		if (!grown)
			return DMASIM_E_NOMEM;
		sites->s = grown;
		sites->cap = cap;
	}
	sites->s[sites->len++] = s;
	return DMASIM_OK;
}

static uint32_t look_up(struct sites *sites, const struct site *key)
{
	struct site_slot *slot;
	uint64_t at;
	uint32_t site;

	if (4 * sites->slots_used >= 3 * sites->slot_count &&
	    !grow_slots(sites))
		return 0;
	at = hash_site(key);
	for (;; at++) {
		slot = &sites->slots[at & (sites->slot_count - 1)];
		if (!slot->site)
			break;
		if (same_pointers(&slot->key, key))
			return slot->site;
	}
	site = site_of_contents(sites, key);
	if (site) {
		*slot = (struct site_slot){*key, site};
		sites->slots_used++;
	}
	return site;
}

uint32_t site_number(struct dmasim_checker *c, const struct check_who *who)
{
	const struct site key = {
	        .agent = who->agent,
	        .line = who->origin->line,
	        .queue = who->origin->queue,
	        .cause = who->cause,
	        .attr = who->attr,
	        .member = who->member,
	        .past = who->past,
	        .file = who->origin->file,
	        .what = who->origin->what,
	};
	uint32_t site;

	if (c->last_site && same_pointers(&c->last_key, &key))
		return c->last_site;
	site = look_up(&c->sites, &key);
	c->last_site = site;
	c->last_key = key;
	return site;
}

const struct site *site_get(const struct dmasim_checker *c, uint32_t site)
{
	return site ? &c->sites.s[site - 1] : NULL;
}

void sites_free(struct sites *sites)
{
	free(sites->s);
	free(sites->slots);
	strings_free(&sites->strings);
	*sites = (struct sites){0};
}
