/* SPDX-License-Identifier: MIT */
#include "run.h"

#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED UINT64_C(0x57a7)

#define POINT(name) (UINT64_C(1) << DMASIM_CHOICE_##name)
/** What the hardware may do at any time. */
#define STORM_POINTS                                                           \
	(POINT(VICTIM_WAY) | POINT(NC_HIT) | POINT(IVAC_CLEANS) |              \
	 POINT(SPONTANEOUS_EVICT) | POINT(SPECULATIVE_FILL) |                  \
	 POINT(PREFETCH) | POINT(CLEAN_EARLY))

static bool fail(struct run_result *r, const char *why)
{
	snprintf(r->error, sizeof(r->error), "%s", why);
	return false;
}

/* Names of choice points, as the file has them. */
static bool find_points(struct plan *p, struct run_result *r)
{
	char names[sizeof(p->t->choices)], *name, *rest = names;
	bool known = true;

	memcpy(names, p->t->choices, sizeof(names));
	while (known && (name = strtok_r(rest, " ", &rest))) {
		known = false;
		for (unsigned i = 0; i < DMASIM_CHOICE_POINTS; i++)
			if (strcmp(name,
			           dmasim_choice_name(
			                   (enum dmasim_choice_point)i)) == 0) {
				p->points |= UINT64_C(1) << i;
				known = true;
			}
	}
	return known || fail(r, "no such choice point");
}

static void name_accesses(struct plan *p)
{
	const struct litmus *t = p->t;

	for (int a = 0; a < t->agent_count; a++)
		for (int i = 0; i < t->agent[a].insn_count; i++) {
			const struct litmus_insn *in = &t->agent[a].insn[i];

			if (in->location >= 0)
				snprintf(p->what[a][i], sizeof(p->what[a][i]),
				         "%s %s",
				         litmus_writes(in) ? "write" : "read",
				         t->location[in->location].name);
		}
}

static bool party_is(const struct plan *p, const struct litmus_finding *f,
                     const struct dmasim_party *party)
{
	const struct litmus *t = p->t;
	char where[192];

	if (litmus_is_cpu(&t->agent[f->agent]))
		snprintf(where, sizeof(where), "%s:%d", t->file,
		         t->agent[f->agent].insn[f->insn].line);
	else
		snprintf(where, sizeof(where), "%s",
		         p->what[f->agent][f->insn]);
	return strncmp(party->where, where, strlen(where)) == 0;
}

static bool as_stated(const struct plan *p, const struct litmus_finding *f,
                      const struct dmasim_finding *found)
{
	if (*f->remedy && !strstr(found->remedy, f->remedy))
		return false;
	return f->agent < 0 || party_is(p, f, &found->reader) ||
	       party_is(p, f, &found->writer);
}

static void take_findings(const struct plan *p, const struct machine *m,
                          struct run_result *r)
{
	const struct litmus *t = p->t;
	const struct dmasim_finding *f;

	for (size_t i = 0; (f = dmasim_finding_get(m->checker, i)); i++) {
		const char *kind = dmasim_finding_kind_name(f->kind);
		bool stated = false;

		r->kinds |= 1u << f->kind;
		for (int k = 0; k < t->finding_count; k++)
			if (strcmp(t->finding[k].kind, kind) == 0) {
				stated = true;
				r->met[k] |= as_stated(p, &t->finding[k], f);
			}
		if (!stated && !*r->unexpected)
			dmasim_finding_text(f, r->unexpected,
			                    sizeof(r->unexpected));
	}
}

static bool once(const struct plan *p, struct enumeration *e,
                 struct run_result *r)
{
	struct machine *m = machine_new(p, e);
	struct outcome o;
	bool ok = true;

	if (!m)
		return fail(r, "no machine");
	if (machine_run(m)) {
		enumeration_done(e);
		if (m->checker)
			take_findings(p, m, r);
		ok = machine_outcome(m, &o) || fail(r, "no outcome");
		if (ok)
			outcomes_add(&r->outcomes, &o);
	}
	if (m->error)
		ok = fail(r, m->error);
	machine_free(m);
	return ok;
}

bool litmus_run(const struct litmus *t, const struct run_config *cfg,
                struct run_result *r)
{
	uint64_t bound = cfg->max_runs;
	struct plan p = {.t = t,
	                 .kernel = {.backend = cfg->backend,
	                            .trace = cfg->trace,
	                            .trace_ctx = cfg->trace_ctx},
	                 .checker = cfg->checker,
	                 .every_order = cfg->every_order,
	                 .shape = cfg->shape,
	                 .storm = cfg->storm != 0};
	struct enumeration *e;
	bool ok = true;

	memset(r, 0, sizeof(*r));
	if (t->bound && (!bound || t->bound < bound))
		bound = t->bound;
	if (outcome_values(t) < 0)
		return fail(r, "too many values");
	if (!find_points(&p, r))
		return false;
	name_accesses(&p);
	if (p.storm)
		p.points = STORM_POINTS;
	e = p.storm ? enumeration_random(SEED, cfg->storm)
	            : enumeration_new(bound);
	while (ok && enumeration_begin(e))
		ok = once(&p, e, r);
	r->runs = enumeration_runs(e);
	r->complete = enumeration_complete(e);
	if (enumeration_failed(e))
		ok = fail(r, "the same schedule led elsewhere");
	enumeration_free(e);
	return ok;
}

void run_result_free(struct run_result *r)
{
	outcomes_free(&r->outcomes);
}
