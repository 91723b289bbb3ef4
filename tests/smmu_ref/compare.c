/* SPDX-License-Identifier: MIT */
#include "compare.h"

/* ---- choices ---- */

void explorer_first(struct explorer *e)
{
	*e = (struct explorer){0};
}

unsigned explorer_choose(struct explorer *e, unsigned n)
{
	unsigned i = e->used++;

	if (i >= CHOICES) {
		e->overrun = true;
		return 0;
	}
	if (i >= e->depth) {
		e->depth = i + 1;
		e->chosen[i] = 0;
	}
	e->of[i] = n;
	return e->chosen[i];
}

bool explorer_next(struct explorer *e)
{
	e->depth = e->used < CHOICES ? e->used : CHOICES;
	e->used = 0;
	while (e->depth > 0) {
		unsigned i = e->depth - 1;

		if (++e->chosen[i] < e->of[i])
			return true;
		e->depth--;
	}
	return false;
}

/* ---- outcomes ---- */

void outcomes_add(struct outcomes *o, const struct machine *m,
                  const struct ref_out *out)
{
	const struct dmasim_tables t = {.map = m->map};
	struct outcome *new = &o->of[o->n];

	o->vague |= out->vague;
	if (o->n == OUTCOMES) {
		o->vague = true;
		return;
	}
	new->out = *out;
	for (unsigned i = 0; i < out->updated; i++)
		dmasim_tables_get(&t, out->updates[i].pa, &new->old[i]);
	o->n++;
}

/* The model has one set of hints for both levels. */
static bool hints_fit(const struct ref_attr *a, unsigned got)
{
	bool mixed = (a->inner == DMASIM_NC) != (a->outer == DMASIM_NC);

	return mixed || got == a->inner_hints || got == a->outer_hints;
}

static const char *compare_output(const struct ref_out *o,
                                  const struct machine_seen *s)
{
	if (s->result != DMASIM_TXN_OK || s->outputs != 1)
		return "it was let through";
	if (s->pa != o->pa)
		return "physical address";
	if (s->ns != o->ns)
		return "address space";
	if (s->attr.type != o->attr.type)
		return "memory type";
	if (s->attr.inner != o->attr.inner || s->attr.outer != o->attr.outer)
		return "cacheability";
	if (s->attr.share != o->attr.share)
		return "shareability";
	if (!o->hints_vague && !hints_fit(&o->attr, s->attr.alloc))
		return "allocation hints";
	return NULL;
}

static const char *compare_end(const struct ref_out *o, const struct ref_txn *t,
                               const struct machine_seen *s)
{
	if (s->stalled != (o->kind == REF_STALL))
		return "whether it stalls";
	if (o->kind == REF_OK)
		return compare_output(o, s);
	if (s->outputs != 0)
		return "it was stopped";
	if (o->kind == REF_STALL)
		return NULL;
	if (o->kind == REF_ABORT)
		return s->result == DMASIM_TXN_ABORT ? NULL : "aborted";
	if (s->result != DMASIM_TXN_OK || (t->read && !s->zero))
		return "completed, without effect";
	return NULL;
}

static const char *compare_event(const struct ref_out *o,
                                 const struct ref_txn *t,
                                 const struct machine_seen *s)
{
	static const char *const words[] = {"word 0", "word 1", "word 2",
	                                    "word 3"};
	uint64_t mask[4];

	if (!o->event)
		return s->events ? "no event" : NULL;
	if (s->events != 1 || s->lost)
		return "one event";
	if ((s->record[0] & 0xff) != (o->record[0] & 0xff))
		return "type of the event";
	dmasim_event_defined(o->record, mask);
	mask[1] &= ~0xffffull; /* STAG, Reason */
	/* 7.3.9 without a SubstreamID. */
	if ((o->record[0] & 0xff) == 8 && !t->ssv)
		mask[0] &= ~0xfffff000ull;
	if ((o->record[0] & 0xff) == 0x0b)
		mask[1] &= ~(1ull << 38); /* NSIPA of F_WALK_EABT */
	for (unsigned i = 0; i < 4; i++)
		if ((s->record[i] ^ o->record[i]) & mask[i])
			return words[i];
	return NULL;
}

/* Every write is of an update; every update that must be is there. */
static const char *compare_writes(const struct outcome *o,
                                  const struct machine_seen *s)
{
	const struct ref_out *out = &o->out;

	if (s->written > 64)
		return "number of updates";
	for (unsigned i = 0; i < s->written; i++) {
		const struct machine_write *w = &s->writes[i];
		unsigned n = 0;

		while (n < out->updated && out->updates[n].pa != w->pa)
			n++;
		if (n == out->updated)
			return "no update of this descriptor";
		if (~o->old[n] & w->value &
		    ~(out->updates[n].set | out->updates[n].may))
			return "bits that are set";
		if (o->old[n] & ~w->value & ~out->updates[n].clear)
			return "bits that are cleared";
	}
	if (out->kind != REF_OK)
		return NULL;
	for (unsigned n = 0; n < out->updated; n++) {
		uint64_t v = o->old[n], may = out->updates[n].may;

		for (unsigned i = 0; i < s->written; i++)
			if (s->writes[i].pa == out->updates[n].pa)
				v = s->writes[i].value;
		if ((v ^ ((o->old[n] | out->updates[n].set) &
		          ~out->updates[n].clear)) &
		    ~may)
			return "an update";
	}
	return NULL;
}

const char *compare_one(const struct outcome *o, const struct ref_txn *t,
                        const struct machine_seen *s)
{
	const char *why = compare_event(&o->out, t, s);

	if (!why)
		why = compare_end(&o->out, t, s);
	if (!why)
		why = compare_writes(o, s);
	return why;
}

bool compare_any(const struct outcomes *o, const struct ref_txn *t,
                 const struct machine_seen *s)
{
	for (unsigned i = 0; i < o->n; i++)
		if (!compare_one(&o->of[i], t, s))
			return true;
	return false;
}

/* ---- for people ---- */

static void print_record(const char *who, const uint64_t r[4])
{
	print_error("  %s %016llx %016llx %016llx %016llx\n", who,
	            (unsigned long long)r[0], (unsigned long long)r[1],
	            (unsigned long long)r[2], (unsigned long long)r[3]);
}

static void print_outcome(const struct outcome *o, const struct ref_txn *t,
                          const struct machine_seen *s)
{
	static const char *const kinds[] = {"ok", "abort", "raz/wi", "stall"};
	const struct ref_out *r = &o->out;

	print_error("expected: %s; differs in: %s\n", kinds[r->kind],
	            compare_one(o, t, s));
	if (r->kind == REF_OK)
		print_error("  pa %llx type %u inner %u outer %u share %u "
		            "hints %u %u\n",
		            (unsigned long long)r->pa, r->attr.type,
		            r->attr.inner, r->attr.outer, r->attr.share,
		            r->attr.inner_hints, r->attr.outer_hints);
	if (r->event)
		print_record("record", r->record);
	for (unsigned i = 0; i < r->updated; i++)
		print_error("  update %llx: %016llx set %llx clear %llx\n",
		            (unsigned long long)r->updates[i].pa,
		            (unsigned long long)o->old[i],
		            (unsigned long long)r->updates[i].set,
		            (unsigned long long)r->updates[i].clear);
}

void compare_print(const struct outcomes *o, const struct ref_txn *t,
                   const struct machine_seen *s)
{
	print_error("access: sid %x ssid %x ssv %d ns %d addr %llx%s%s%s%s "
	            "type %u %u %u %u %u%s\n",
	            t->sid, t->ssid, t->ssv, t->ns, (unsigned long long)t->addr,
	            t->read ? " read" : "", t->write ? " write" : "",
	            t->inst ? " inst" : "", t->priv ? " priv" : "",
	            t->attr.type, t->attr.inner, t->attr.outer, t->attr.share,
	            t->attr.alloc, t->no_snoop ? " no-snoop" : "");
	print_error("model: %s%s, %u outputs, pa %llx type %u inner %u outer "
	            "%u share %u hints %u\n",
	            dmasim_result_name(s->result),
	            s->stalled ? " after a stall" : "", s->outputs,
	            (unsigned long long)s->pa, s->attr.type, s->attr.inner,
	            s->attr.outer, s->attr.share, s->attr.alloc);
	if (s->events)
		print_record("record", s->record);
	for (unsigned i = 0; i < s->written && i < 64; i++)
		print_error("  wrote %llx: %016llx\n",
		            (unsigned long long)s->writes[i].pa,
		            (unsigned long long)s->writes[i].value);
	for (unsigned i = 0; i < o->n; i++)
		print_outcome(&o->of[i], t, s);
}
