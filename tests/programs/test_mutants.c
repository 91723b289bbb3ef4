/* SPDX-License-Identifier: MIT */
/*
 * Programs that were right, with one step removed or moved: each is found and
 * named, or harmless under every choice within the explorer's bound.
 */
#include "mutate.h"

#define SLICES 4u

struct counts {
	unsigned verdicts[PROG_OPS][2][VERDICTS];
	unsigned kinds[DMASIM_FINDING_KINDS];
	unsigned faults, explored, remedies;
	unsigned long runs;
};

static void print_counts(const struct counts *c)
{
	print_message("%-28s %-8s %7s %9s %7s %7s\n", "step", "", "found",
	              "harmless", "missed", "unnamed");
	for (unsigned op = 0; op < PROG_OPS; op++)
		for (unsigned moved = 0; moved < 2; moved++) {
			const unsigned *v = c->verdicts[op][moved];

			if (v[0] + v[1] + v[2] + v[3] == 0)
				continue;
			print_message("%-28s %-8s %7u %9u %7u %7u\n",
			              prog_op_name(op),
			              moved ? "moved" : "removed",
			              v[VERDICT_FOUND], v[VERDICT_HARMLESS],
			              v[VERDICT_MISSED], v[VERDICT_UNNAMED]);
		}
	for (unsigned k = 0; k < DMASIM_FINDING_KINDS; k++)
		if (c->kinds[k])
			print_message("%-20s %u\n",
			              dmasim_finding_kind_name(
			                      (enum dmasim_finding_kind)k),
			              c->kinds[k]);
	print_message("by an SMMU's record %u; only by the explorer %u; the "
	              "remedy names the step %u; %lu runs\n",
	              c->faults, c->explored, c->remedies, c->runs);
}

static void explain(const struct prog *p, const struct mutation *m,
                    enum verdict v)
{
	struct judgement *j = test_malloc(sizeof(*j));
	struct prog *small = test_malloc(sizeof(*small));
	struct prog *mutant = test_malloc(sizeof(*mutant));

	*small = *p;
	shrink(small, m, v);
	mutate_again(small, m, mutant);
	judge(small, mutant, m, j);
	prog_print(small, stdout);
	print_message("without its step %u%s: %s\n%stoken %s\n", m->id,
	              m->to ? " at its place" : "", j->last.why, j->last.first,
	              j->token);
	test_free(mutant);
	test_free(small);
	test_free(j);
}

static void count(struct counts *c, const struct mutation *m,
                  const struct judgement *j)
{
	c->verdicts[m->op][m->to != 0][j->verdict]++;
	c->runs += j->runs;
	if (j->verdict != VERDICT_FOUND)
		return;
	c->explored += j->explored;
	c->remedies += j->remedy;
	if (j->by_fault)
		c->faults++;
	else
		c->kinds[j->kind]++;
}

static void slice(unsigned n)
{
	struct counts *c = test_calloc(1, sizeof(*c));
	struct judgement *j = test_malloc(sizeof(*j));
	struct prog *mutant = test_malloc(sizeof(*mutant));
	struct prog *p = test_malloc(sizeof(*p));
	unsigned bad = 0;

	for (unsigned i = n; i < PROGRAMS; i += SLICES) {
		struct mutation m;

		prog_generate(p, i + 1);
		if (!mutate(p, i + 1, mutant, &m))
			continue;
		judge(p, mutant, &m, j);
		count(c, &m, j);
		if (j->verdict != VERDICT_MISSED &&
		    j->verdict != VERDICT_UNNAMED)
			continue;
		if (bad++ == 0)
			explain(p, &m, j->verdict);
	}
	print_counts(c);
	test_free(p);
	test_free(mutant);
	test_free(j);
	test_free(c);
	assert_int_equal(bad, 0);
}

static void mutants_0(void **state)
{
	(void)state;
	slice(0);
}

static void mutants_1(void **state)
{
	(void)state;
	slice(1);
}

static void mutants_2(void **state)
{
	(void)state;
	slice(2);
}

static void mutants_3(void **state)
{
	(void)state;
	slice(3);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(mutants_0),
	        cmocka_unit_test(mutants_1),
	        cmocka_unit_test(mutants_2),
	        cmocka_unit_test(mutants_3),
	};

	return check_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
