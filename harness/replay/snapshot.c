/* SPDX-License-Identifier: MIT */
/* Replay a recording: the passes, the machines, the lists. */
#include <stdlib.h>
#include <string.h>

#include "snapshot_internal.h"

/** The machines of one case and one pass, built when a list asks. */
struct snap_machines {
	const struct rec_case *of;
	struct snap_machine **machine; /**< per snapshot */
};

static int get_machine(struct snap_run *run, struct snap_machines *ms,
                       const struct rec_snapshot *s, struct snap_machine **out)
{
	size_t i = (size_t)(s - ms->of->snapshot);
	struct snap_setup setup = {
	        .recording = run->recording,
	        .snapshot = s,
	        .profile = run->profile,
	        .opt = run->opt,
	};
	int err = DMASIM_OK;

	if (!ms->machine[i])
		err = snap_machine_create(&setup, &ms->machine[i], run->diag);
	*out = ms->machine[i];
	return err;
}

static void drop_machines(struct snap_machines *ms)
{
	for (size_t i = 0; ms->machine && i < ms->of->snapshots; i++)
		snap_machine_destroy(ms->machine[i]);
	free(ms->machine);
}

static const struct rec_snapshot *find_snapshot(const struct rec_case *c,
                                                const char *name, size_t length)
{
	for (size_t i = 0; i < c->snapshots; i++)
		if (!strncmp(c->snapshot[i].name, name, length) &&
		    !c->snapshot[i].name[length])
			return &c->snapshot[i];
	return NULL;
}

/** The first "NAME/" in the head that is a snapshot. */
static const struct rec_snapshot *named_in_head(const struct rec_case *c,
                                                const struct rec_list *l)
{
	for (size_t i = 0; i < l->heads; i++) {
		const char *word = l->head[i];

		while (*word) {
			size_t n = strcspn(word, " \t/");
			const struct rec_snapshot *s = NULL;

			if (n && word[n] == '/')
				s = find_snapshot(c, word, n);
			if (s)
				return s;
			word += n + (word[n] != '\0');
		}
	}
	return NULL;
}

/** The snapshot that a row starts from: its own column says, or the list's
 * head, or the format. */
static const struct rec_snapshot *base_of(const struct rec_case *c,
                                          const struct rec_list *l,
                                          const struct rec_row *row)
{
	static const char *const usual[REC_KINDS] = {
	        [REC_PROBES] = "snapshot",
	        [REC_CONFIG_FAULTS] = "base-default",
	        [REC_PAGETABLE_FAULTS] = "base-vfio",
	        [REC_DRIVER_FAULTS] = "base",
	};
	const struct rec_snapshot *s;

	if (*row->base)
		return find_snapshot(c, row->base, strlen(row->base));
	s = named_in_head(c, l);
	if (!s && usual[l->kind])
		s = find_snapshot(c, usual[l->kind], strlen(usual[l->kind]));
	return s || c->snapshots != 1 ? s : &c->snapshot[0];
}

static size_t mappings_of(const struct rec_snapshot *s, uint32_t sid)
{
	size_t count = 0;

	for (size_t i = 0; i < s->lists; i++)
		for (size_t k = 0;
		     s->list[i].kind == REC_MAPPINGS && k < s->list[i].rows;
		     k++)
			count += s->list[i].row[k].sid == sid;
	return count;
}

/** Tests A of faults.tsv ran while the stream's domain was empty. */
static bool domain_was_empty(const struct rec_row *row)
{
	return *row->test == 'A' || strstr(row->what, "empty default domain") ||
	       strstr(row->what, "nothing mapped");
}

static int replay_row(struct snap_run *run, struct snap_machine *m,
                      enum rec_kind kind, const struct rec_row *row,
                      struct snap_tally *t, struct snap_result *result)
{
	switch (kind) {
	case REC_CONFIG_FAULTS:
	case REC_PAGETABLE_FAULTS:
		return snap_row_poke(run, m, row, result);
	case REC_DRIVER_FAULTS:
		return snap_row_driver(run, m, row, t, result);
	case REC_MAPPINGS:
		return snap_row_mapping(run, m, row, result);
	case REC_FAULTS:
		return snap_row_fault(run, m, row, t, result);
	default:
		return snap_row_translation(run, m, row, false, result);
	}
}

/** Replay a row against one snapshot. *@result changes only if the row agrees
 * or none was tried before. */
static int try_fault(struct snap_run *run, struct snap_machines *ms,
                     const struct rec_snapshot *s, const struct rec_row *row,
                     struct snap_tally *t, struct snap_result *result)
{
	struct snap_result now = {.verdict = SNAP_AGREE};
	bool tried = result->verdict == SNAP_DIFFER;
	struct snap_tally copy = *t;
	struct snap_machine *m;
	int err = get_machine(run, ms, s, &m);

	if (!err)
		err = replay_row(run, m, REC_FAULTS, row, &copy, &now);
	if (err)
		return err;
	if (now.verdict != SNAP_DIFFER) {
		copy.elsewhere += tried;
		*t = copy;
	}
	if (now.verdict != SNAP_DIFFER || !tried)
		*result = now;
	return DMASIM_OK;
}

/**
 * A row of faults.tsv names no snapshot. The one whose state of the stream
 * fits comes first: without mappings where the domain was empty, with
 * mappings otherwise; then the others.
 */
static int replay_fault(struct snap_run *run, struct snap_machines *ms,
                        const struct rec_row *row, struct snap_tally *t,
                        struct snap_result *result)
{
	const struct rec_case *c = ms->of;
	bool empty = domain_was_empty(row);

	result->verdict = SNAP_SKIP;
	result->reason = "no snapshot has registers";
	for (unsigned pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < c->snapshots; i++) {
			const struct rec_snapshot *s = &c->snapshot[i];
			bool fits = !mappings_of(s, row->sid) == empty;
			int err;

			if (fits != !pass || !s->regs)
				continue;
			err = try_fault(run, ms, s, row, t, result);
			if (err || result->verdict != SNAP_DIFFER)
				return err;
		}
	}
	return DMASIM_OK;
}

/** @own: the snapshot in whose folder the list lies, or NULL. */
static int replay_listed(struct snap_run *run, struct snap_machines *ms,
                         const struct rec_snapshot *own,
                         const struct rec_list *l, const struct rec_row *row,
                         struct snap_tally *t, struct snap_result *result)
{
	const struct rec_snapshot *s = own;
	struct snap_machine *m;
	int err;

	if (row->skip) {
		result->verdict = SNAP_SKIP;
		result->reason = row->skip;
		return DMASIM_OK;
	}
	if (l->kind == REC_FAULTS)
		return replay_fault(run, ms, row, t, result);
	if (!s)
		s = base_of(ms->of, l, row);
	if (!s || !s->regs) {
		result->verdict = SNAP_SKIP;
		result->reason = s ? "the snapshot has no registers"
		                   : "its snapshot is not there";
		return DMASIM_OK;
	}
	err = get_machine(run, ms, s, &m);
	return err ? err : replay_row(run, m, l->kind, row, t, result);
}

static int replay_rows(struct snap_run *run, struct snap_machines *ms,
                       const struct rec_snapshot *own, const struct rec_list *l,
                       struct snap_tally *t)
{
	for (size_t i = 0; l->row && i < l->rows; i++) {
		struct snap_result result = {.verdict = SNAP_AGREE};
		int err =
		        replay_listed(run, ms, own, l, &l->row[i], t, &result);

		if (err && !*run->diag->text)
			dmasim_diag_set(run->diag, err, "%s:%u: %s", l->path,
			                l->row[i].line, dmasim_strerror(err));
		if (err)
			return err;
		snap_tally_add(t, &l->row[i], &result);
	}
	return DMASIM_OK;
}

static int replay_list(struct snap_run *run, struct snap_machines *ms,
                       const struct rec_snapshot *own, const struct rec_list *l)
{
	struct snap_tally t = {.name = l->name};
	int err;

	if (l->kind == REC_UNKNOWN)
		snap_tally_skip_all(&t, l->rows,
		                    run->recording->has_smmu
		                            ? "the format does not describe "
		                              "this list"
		                            : "no SMMUv3 in this recording");
	err = replay_rows(run, ms, own, l, &t);
	return err ? err : snap_tally_end(run, &t);
}

/** What lies in the snapshot's own folder. */
static int replay_snapshot(struct snap_run *run, struct snap_machines *ms,
                           const struct rec_snapshot *s)
{
	struct snap_machine *m;
	int err = DMASIM_OK;

	if (s->regs) {
		err = get_machine(run, ms, s, &m);
		if (!err)
			err = snap_check_regs(run, m);
		if (!err)
			err = snap_check_queues(run, m);
	}
	for (size_t i = 0; !err && i < s->lists; i++)
		err = replay_list(run, ms, s, &s->list[i]);
	return err;
}

/** Lists of changed words: their records are the architecture's too, but for
 * differences that have names. */
static bool has_arch_pass(const struct rec_list *l)
{
	return l->kind == REC_CONFIG_FAULTS ||
	       l->kind == REC_PAGETABLE_FAULTS || l->kind == REC_DRIVER_FAULTS;
}

static int replay_case(struct snap_run *run, const struct rec_case *c)
{
	struct snap_machines ms = {.of = c};
	int err = DMASIM_OK;

	ms.machine = calloc(c->snapshots + 1, sizeof(struct snap_machine *));
	if (!ms.machine)
		return DMASIM_E_NOMEM;
	for (size_t i = 0; !err && i < c->snapshots; i++)
		err = replay_snapshot(run, &ms, &c->snapshot[i]);
	for (size_t i = 0; !err && i < c->lists; i++)
		err = replay_list(run, &ms, NULL, &c->list[i]);
	drop_machines(&ms);
	return err;
}

static int replay_case_as_arch(struct snap_run *run, const struct rec_case *c)
{
	struct snap_machines ms = {.of = c};
	int err = DMASIM_OK;

	ms.machine = calloc(c->snapshots + 1, sizeof(struct snap_machine *));
	if (!ms.machine)
		return DMASIM_E_NOMEM;
	for (size_t i = 0; !err && i < c->lists; i++)
		if (has_arch_pass(&c->list[i]))
			err = replay_list(run, &ms, NULL, &c->list[i]);
	drop_machines(&ms);
	return err;
}

/** Another version of QEMU: what the profiles tell apart for the most part
 * came with 9.1. */
static bool nearest_qemu(const char *name, enum dmasim_smmu_profile *profile)
{
	char *end;
	unsigned long major, minor = 0;

	if (strncmp(name, "qemu-", 5) != 0 || name[5] < '0' || name[5] > '9')
		return false;
	major = strtoul(name + 5, &end, 10);
	if (*end == '.')
		minor = strtoul(end + 1, &end, 10);
	*profile = major > 9 || (major == 9 && minor >= 1)
	                   ? DMASIM_SMMU_QEMU_10
	                   : DMASIM_SMMU_QEMU_7_2;
	return *end == '\0' || *end == '.';
}

static bool known_profile(const char *name, enum dmasim_smmu_profile *profile)
{
	return dmasim_smmu_profile_parse(name, profile) == DMASIM_OK ||
	       nearest_qemu(name, profile);
}

static int find_profiles(struct snap_run *run)
{
	const struct recording *r = run->recording;
	const struct dmasim_replay_options *opt = run->opt;

	run->recorded = opt->profile;
	if (r->has_profile && !known_profile(r->profile, &run->recorded)) {
		if (!opt->has_profile)
			return rec_fail(
			        run->diag, r->machine_path, r->profile_line,
			        "\"%.60s\" is not a profile", r->profile);
		run->recorded = opt->profile;
	} else if (!r->has_profile && !opt->has_profile && r->has_smmu) {
		return dmasim_diag_set(run->diag, DMASIM_E_FORMAT,
		                       "%s: no profile: whose records are "
		                       "these?",
		                       r->machine_path);
	}
	run->profile = opt->has_profile ? opt->profile : run->recorded;
	return DMASIM_OK;
}

static int replay_recording(struct snap_run *run)
{
	const struct recording *r = run->recording;
	int err = find_profiles(run);

	if (err)
		return err;
	snap_say(run, "profile %s%s%s\n",
	         dmasim_smmu_profile_name(run->profile),
	         run->profile != run->recorded ? ", recorded with " : "",
	         run->profile != run->recorded
	                 ? dmasim_smmu_profile_name(run->recorded)
	                 : "");
	if (!r->has_smmu)
		snap_say(run, "no SMMUv3 in this recording: nothing of it is "
		              "replayed\n");
	for (size_t i = 0; !err && i < r->cases; i++)
		err = replay_case(run, &r->cases_[i]);
	if (run->profile == DMASIM_SMMU_ARCH)
		return err;
	run->profile = DMASIM_SMMU_ARCH;
	run->second_pass = true;
	for (size_t i = 0; !err && i < r->cases; i++)
		err = replay_case_as_arch(run, &r->cases_[i]);
	return err;
}

/** Errors of the simulated bus mean here that the replay itself failed. */
static int own_error(int err)
{
	return err == DMASIM_E_FAULT ? DMASIM_E_STATE : err;
}

int dmasim_replay_snapshot(const char *dir,
                           const struct dmasim_replay_options *opt,
                           dmasim_report_fn *report, void *report_ctx,
                           json_t **json, struct dmasim_diag *diag)
{
	static const struct dmasim_replay_options defaults;
	struct dmasim_diag unused = {""};
	struct snap_run run = {
	        .opt = opt ? opt : &defaults,
	        .report = report,
	        .report_ctx = report_ctx,
	        .diag = diag ? diag : &unused,
	};
	struct recording *r = NULL;
	int err;

	*run.diag->text = '\0';
	if (!dir || run.opt->fdt)
		return dmasim_diag_set(run.diag, DMASIM_E_INVAL,
		                       "a recording names its own machine");
	err = recording_load(dir, &r, run.diag);
	if (err)
		return err;
	run.recording = r;
	run.json = json_array();
	err = run.json ? own_error(replay_recording(&run)) : DMASIM_E_NOMEM;
	if (!err && run.differs)
		err = DMASIM_E_FAULT;
	if (json && (!err || err == DMASIM_E_FAULT))
		*json = json_pack(
		        "{s:s, s:O}", "profile",
		        dmasim_smmu_profile_name(run.opt->has_profile
		                                         ? run.opt->profile
		                                         : run.recorded),
		        "lists", run.json);
	json_decref(run.json);
	recording_free(r);
	return err;
}
