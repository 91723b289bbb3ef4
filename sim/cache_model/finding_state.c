/* SPDX-License-Identifier: MIT */
/* Saving and restoring findings. */
#include "checker_internal.h"

#include <stdlib.h>

static void put_party(const struct dmasim_party *p, struct dmasim_writer *w)
{
	dmasim_put_u8(w, p->known);
	dmasim_put_u64(w, p->time);
	dmasim_put_u64(w, p->cycle);
	dmasim_put_u32(w, p->line);
	dmasim_put_string(w, p->agent);
	dmasim_put_string(w, p->where);
	dmasim_put_string(w, p->alias);
	dmasim_put_string(w, p->file);
}

static void get_party(struct dmasim_party *p, struct dmasim_reader *r)
{
	p->known = dmasim_get_u8(r) != 0;
	p->time = dmasim_get_u64(r);
	p->cycle = dmasim_get_u64(r);
	p->line = dmasim_get_u32(r);
	dmasim_get_string(r, p->agent, sizeof(p->agent));
	dmasim_get_string(r, p->where, sizeof(p->where));
	dmasim_get_string(r, p->alias, sizeof(p->alias));
	dmasim_get_string(r, p->file, sizeof(p->file));
}

static void put_finding(const struct dmasim_finding *f, struct dmasim_writer *w)
{
	dmasim_put_u64(w, f->time);
	dmasim_put_u64(w, f->addr);
	dmasim_put_u32(w, f->size);
	dmasim_put_u64(w, f->line);
	dmasim_put_string(w, f->object);
	dmasim_put_bytes(w, f->seen, sizeof(f->seen));
	dmasim_put_bytes(w, f->expected, sizeof(f->expected));
	put_party(&f->reader, w);
	put_party(&f->writer, w);
	dmasim_put_string(w, f->history);
	dmasim_put_string(w, f->remedy);
	dmasim_put_u64(w, f->count);
	dmasim_put_u8(w, f->lost);
	dmasim_put_u8(w, (uint8_t)f->severity);
	dmasim_put_u8(w, f->no_expected);
}

static void get_finding(struct dmasim_finding *f, struct dmasim_reader *r)
{
	f->time = dmasim_get_u64(r);
	f->addr = dmasim_get_u64(r);
	f->size = dmasim_get_u32(r);
	f->line = dmasim_get_u64(r);
	dmasim_get_string(r, f->object, sizeof(f->object));
	dmasim_get_bytes(r, f->seen, sizeof(f->seen));
	dmasim_get_bytes(r, f->expected, sizeof(f->expected));
	get_party(&f->reader, r);
	get_party(&f->writer, r);
	dmasim_get_string(r, f->history, sizeof(f->history));
	dmasim_get_string(r, f->remedy, sizeof(f->remedy));
	f->count = dmasim_get_u64(r);
	f->lost = dmasim_get_u8(r) != 0;
	f->severity = dmasim_get_u8(r) ? DMASIM_POTENTIAL : DMASIM_OBSERVED;
	f->no_expected = dmasim_get_u8(r) != 0;
	if (f->size > DMASIM_FINDING_BYTES)
		dmasim_reader_fail(r, "a finding of %u bytes", f->size);
}

void findings_save(const struct dmasim_checker *c, struct dmasim_writer *w)
{
	dmasim_put_u64(w, c->dropped);
	dmasim_put_u32(w, (uint32_t)c->finding_len);
	for (size_t i = 0; i < c->finding_len; i++) {
		const struct finding_key *k = &c->keys[i];

		dmasim_put_u8(w, (uint8_t)k->kind);
		dmasim_put_u32(w, k->reader);
		dmasim_put_u32(w, k->writer);
		dmasim_put_string(w, k->object);
		put_finding(&c->findings[i], w);
	}
}

int findings_restore(struct dmasim_checker *c, struct dmasim_reader *r)
{
	uint32_t count;

	c->dropped = dmasim_get_u64(r);
	count = dmasim_get_count(r, UINT32_MAX, 100);
	c->findings = calloc(count + (size_t)1, sizeof(*c->findings));
	c->keys = calloc(count + (size_t)1, sizeof(*c->keys));
	if (!c->findings || !c->keys)
		return DMASIM_E_NOMEM;
	c->finding_cap = count;
	for (uint32_t i = 0; i < count && !dmasim_reader_status(r); i++) {
		struct finding_key *k = &c->keys[i];

		k->kind = dmasim_get_u8(r);
		k->reader = dmasim_get_u32(r);
		k->writer = dmasim_get_u32(r);
		dmasim_get_string(r, k->object, sizeof(k->object));
		get_finding(&c->findings[i], r);
		c->findings[i].kind = k->kind;
		if ((uint32_t)k->kind >= DMASIM_FINDING_KINDS)
			dmasim_reader_fail(r, "no finding kind %u",
			                   (unsigned)k->kind);
	}
	c->finding_len = count;
	return dmasim_reader_status(r);
}
