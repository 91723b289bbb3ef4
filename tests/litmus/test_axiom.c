/* SPDX-License-Identifier: MIT */
/*
 * The axiomatic checker against what the literature says of the classic shapes
 * (Alglave, Maranget, Tautschnig, "Herding cats"; Pulte et al., "Simplifying
 * ARM concurrency"; DDI 0487, B2.3 and K13; the AArch64 catalogue of
 * herdtools7).
 */
#include "check.h"

#include "axiom.h"
#include "generate.h"

#include <stdlib.h>

struct classic {
	const char *name, *cycle;
	bool allowed;
};

static const struct classic classics[] = {
        {"MP", "PodWW Rfe PodRR Fre", true},
        {"MP+dmbs", "DmbdWW Rfe DmbdRR Fre", false},
        {"MP+dmb+po", "DmbdWW Rfe PodRR Fre", true},
        {"MP+po+dmb", "PodWW Rfe DmbdRR Fre", true},
        {"MP+dmb.st+dmb.ld", "DmbStdWW Rfe DmbLddRR Fre", false},
        {"MP+dmb.ld+dmb", "DmbLddWW Rfe DmbdRR Fre", true},
        {"MP+dmb+dmb.st", "DmbdWW Rfe DmbStdRR Fre", true},
        {"MP+dmb.st+addr", "DmbStdWW Rfe AddrdRR Fre", false},
        {"MP+po+addr", "PodWW Rfe AddrdRR Fre", true},
        {"MP+dmb+ctrl", "DmbdWW Rfe CtrldRR Fre", true},
        {"MP+dmb+ctrlisb", "DmbdWW Rfe CtrlIsbdRR Fre", false},
        {"MP+rel+acq", "PodWW:L Rfe:A PodRR Fre", false},
        {"MP+rel+rcpc", "PodWW:L Rfe:Q PodRR Fre", false},
        {"MP+rel+po", "PodWW:L Rfe PodRR Fre", true},
        {"MP+po+acq", "PodWW Rfe:A PodRR Fre", true},
        {"MP+rel+data-rfi-addr", "PodWW:L Rfe DatadRW PosWR AddrdRR Fre",
         false},
        {"MP+dmb+addr-po", "DmbdWW Rfe AddrdRR PodRR Fre", true},
        {"MP+dmb+pos-addr", "DmbdWW Rfe PosRR AddrdRR Fre", false},
        {"MP+dmb+fri-rfi-ctrlisb", "DmbdWW Rfe PosRW PosWR CtrlIsbdRR Fre",
         true},
        {"MP+dmb+swp-po", "DmbdWW Rfe Amo PodWR Fre", true},
        {"MP+dmb+swpa-po", "DmbdWW Rfe:A Amo PodWR Fre", false},
        {"MP+rel+swp+acq", "PodWW:L Rfe Amo Rfe:A PodRR Fre", false},
        {"MP+rel+lxsx+acq", "PodWW:L Rfe Lxsx Rfe:A PodRR Fre", false},
        {"MP+dmb+swp-rfi-acq", "DmbdWW Rfe Amo PosWR:A PodRR Fre", false},
        {"MP+dmb+swp-rfi-rcpc", "DmbdWW Rfe Amo PosWR:Q PodRR Fre", false},
        {"MP+dmb+swp-rfi-addr", "DmbdWW Rfe Amo PosWR AddrdRR Fre", true},
        {"MP+rel+addr-pos-addr", "PodWW:L Rfe AddrdRR PosRR AddrdRR Fre", true},
        {"MP+rel+addr-rfi-acq", "PodWW:L Rfe AddrdRW PosWR:A PodRR Fre", false},
        {"MP+rel+data-rfi-acq", "PodWW:L Rfe DatadRW PosWR:A PodRR Fre", false},
        {"MP+rel+ctrl-rfi-acq", "PodWW:L Rfe CtrldRW PosWR:A PodRR Fre", true},
        {"PPOCA", "DmbdWW Rfe CtrldRW PosWR AddrdRR Fre", true},
        {"PPOAA", "DmbdWW Rfe AddrdRW PosWR AddrdRR Fre", false},
        {"PPODA", "DmbdWW Rfe DatadRW PosWR AddrdRR Fre", false},
        {"SB", "PodWR Fre PodWR Fre", true},
        {"SB+dmbs", "DmbdWR Fre DmbdWR Fre", false},
        {"SB+dmb+po", "DmbdWR Fre PodWR Fre", true},
        {"SB+dmb.sts", "DmbStdWR Fre DmbStdWR Fre", true},
        {"SB+dmb.lds", "DmbLddWR Fre DmbLddWR Fre", true},
        {"SB+dsbs", "DsbdWR Fre DsbdWR Fre", false},
        {"SB+dsb.sts", "DsbStdWR Fre DsbStdWR Fre", false},
        {"SB+dsb.lds", "DsbLddWR Fre DsbLddWR Fre", true},
        {"SB+rel-acqs", "PodWR:A Fre:L PodWR:A Fre:L", false},
        {"SB+rel-rcpcs", "PodWR:Q Fre:L PodWR:Q Fre:L", true},
        {"SB+rel-pos", "PodWR Fre:L PodWR Fre:L", true},
        {"SB+dmb+rel-acq", "DmbdWR Fre:L PodWR:A Fre", false},
        {"SB+dmb+rel-rcpc", "DmbdWR Fre:L PodWR:Q Fre", true},
        {"SB+rfi-addrs", "PosWR AddrdRR Fre PosWR AddrdRR Fre", true},
        {"LB", "PodRW Rfe PodRW Rfe", true},
        {"LB+datas", "DatadRW Rfe DatadRW Rfe", false},
        {"LB+addrs", "AddrdRW Rfe AddrdRW Rfe", false},
        {"LB+ctrls", "CtrldRW Rfe CtrldRW Rfe", false},
        {"LB+data+po", "DatadRW Rfe PodRW Rfe", true},
        {"LB+dmbs", "DmbdRW Rfe DmbdRW Rfe", false},
        {"LB+dmb.lds", "DmbLddRW Rfe DmbLddRW Rfe", false},
        {"LB+dmb.sts", "DmbStdRW Rfe DmbStdRW Rfe", true},
        {"LB+acqs", "PodRW Rfe:A PodRW Rfe:A", false},
        {"LB+rels", "PodRW:L Rfe PodRW:L Rfe", false},
        {"LB+addr-pos", "AddrdRR PodRW Rfe AddrdRR PodRW Rfe", false},
        {"LB+pos-addr", "PodRR AddrdRW Rfe DatadRW Rfe", true},
        {"LB+ctrl-po+data", "CtrldRR PodRW Rfe DatadRW Rfe", false},
        {"LB+data-rfi-data", "DatadRW PosWR DatadRW Rfe DatadRW Rfe", false},
        {"LB+ctrl-rfi-data", "CtrldRW PosWR DatadRW Rfe DatadRW Rfe", false},
        {"S", "PodWW Rfe PodRW Coe", true},
        {"S+dmb+data", "DmbdWW Rfe DatadRW Coe", false},
        {"S+dmb+ctrl", "DmbdWW Rfe CtrldRW Coe", false},
        {"S+dmb.st+addr", "DmbStdWW Rfe AddrdRW Coe", false},
        {"S+dmb+po", "DmbdWW Rfe PodRW Coe", true},
        {"S+po+data", "PodWW Rfe DatadRW Coe", true},
        {"R", "PodWW Coe PodWR Fre", true},
        {"R+dmbs", "DmbdWW Coe DmbdWR Fre", false},
        {"R+dmb.st+dmb", "DmbStdWW Coe DmbdWR Fre", false},
        {"R+dmb+dmb.st", "DmbdWW Coe DmbStdWR Fre", true},
        {"R+dmb+po", "DmbdWW Coe PodWR Fre", true},
        {"2+2W", "PodWW Coe PodWW Coe", true},
        {"2+2W+dmbs", "DmbdWW Coe DmbdWW Coe", false},
        {"2+2W+dmb.sts", "DmbStdWW Coe DmbStdWW Coe", false},
        {"2+2W+dmb.lds", "DmbLddWW Coe DmbLddWW Coe", true},
        {"2+2W+dmb+po", "DmbdWW Coe PodWW Coe", true},
        {"2+2W+rels", "PodWW:L Coe PodWW:L Coe", false},
        {"WRC", "Rfe PodRW Rfe PodRR Fre", true},
        {"WRC+addrs", "Rfe AddrdRW Rfe AddrdRR Fre", false},
        {"WRC+data+addr", "Rfe DatadRW Rfe AddrdRR Fre", false},
        {"WRC+po+dmb", "Rfe PodRW Rfe DmbdRR Fre", true},
        {"WRC+dmb+po", "Rfe DmbdRW Rfe PodRR Fre", true},
        {"WRC+dmb.lds", "Rfe DmbLddRW Rfe DmbLddRR Fre", false},
        {"WRC+dmb.st+dmb.ld", "Rfe DmbStdRW Rfe DmbLddRR Fre", true},
        {"IRIW", "Rfe PodRR Fre Rfe PodRR Fre", true},
        {"IRIW+addrs", "Rfe AddrdRR Fre Rfe AddrdRR Fre", false},
        {"IRIW+dmbs", "Rfe DmbdRR Fre Rfe DmbdRR Fre", false},
        {"IRIW+ctrls", "Rfe CtrldRR Fre Rfe CtrldRR Fre", true},
        {"IRIW+acqs", "Rfe:A PodRR Fre Rfe:A PodRR Fre", false},
        {"ISA2", "PodWW Rfe PodRW Rfe PodRR Fre", true},
        {"ISA2+dmb+data+addr", "DmbdWW Rfe DatadRW Rfe AddrdRR Fre", false},
        {"ISA2+dmb+po+addr", "DmbdWW Rfe PodRW Rfe AddrdRR Fre", true},
        {"RWC", "Rfe PodRR Fre PodWR Fre", true},
        {"RWC+dmbs", "Rfe DmbdRR Fre DmbdWR Fre", false},
        {"RWC+addr+dmb", "Rfe AddrdRR Fre DmbdWR Fre", false},
        {"RWC+addr+po", "Rfe AddrdRR Fre PodWR Fre", true},
        {"WWC", "Rfe PodRW Rfe PodRW Coe", true},
        {"WWC+datas", "Rfe DatadRW Rfe DatadRW Coe", false},
        {"W+RWC", "PodWW Rfe PodRR Fre PodWR Fre", true},
        {"W+RWC+dmb+addr+dmb", "DmbdWW Rfe AddrdRR Fre DmbdWR Fre", false},
        {"W+RWC+dmb+addr+po", "DmbdWW Rfe AddrdRR Fre PodWR Fre", true},
        {"Z6.3", "PodWW Coe PodWW Rfe PodRR Fre", true},
        {"Z6.3+dmb.st+dmb.st+addr", "DmbStdWW Coe DmbStdWW Rfe AddrdRR Fre",
         false},
        {"WRR+2W+dmbs", "Rfe DmbdRR Fre DmbdWW Coe", false},
        {"WRR+2W+dmb+po", "Rfe DmbdRR Fre PodWW Coe", true},
        {"3.SB+dmbs", "DmbdWR Fre DmbdWR Fre DmbdWR Fre", false},
        {"3.SB", "PodWR Fre PodWR Fre PodWR Fre", true},
        {"3.LB+datas", "DatadRW Rfe DatadRW Rfe DatadRW Rfe", false},
        {"3.2W+dmb.sts", "DmbStdWW Coe DmbStdWW Coe DmbStdWW Coe", false},
};

#define CLASSICS (sizeof(classics) / sizeof(*classics))

static bool asked_for_allowed(const struct classic *c)
{
	char text[4096], err[256] = "";
	struct axiom_result r;
	struct litmus t;
	const char *why;
	bool found;

	if (!cycle_litmus(c->cycle, c->name, "must", text, sizeof(text)))
		fail_msg("%s is no test", c->name);
	if (!litmus_parse(c->name, text, &t, err, sizeof(err)))
		fail_msg("%s", err);
	assert_true(axiom_applies(&t, &why));
	assert_true(axiom_allowed(&t, &r));
	found = outcomes_match(&t, &r.allowed, &t.verdict[0]);
	outcomes_free(&r.allowed);
	return found;
}

static void classic_verdicts(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < CLASSICS; i++) {
		if (asked_for_allowed(&classics[i]) == classics[i].allowed)
			continue;
		print_error("%s is %s\n", classics[i].name,
		            classics[i].allowed ? "allowed" : "forbidden");
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* The allowed outcomes of a test, one a line. */
static void expect(const char *text, const char *outcomes)
{
	char err[256] = "", all[4096] = "";
	struct axiom_result r;
	struct litmus t;
	size_t used = 0;

	if (!litmus_parse("t", text, &t, err, sizeof(err)))
		fail_msg("%s", err);
	assert_true(axiom_allowed(&t, &r));
	for (size_t i = 0; i < r.allowed.count; i++) {
		used += (size_t)outcome_text(&t, &r.allowed.list[i], all + used,
		                             sizeof(all) - used);
		all[used++] = '\n';
	}
	all[used] = '\0';
	assert_string_equal(all, outcomes);
	outcomes_free(&r.allowed);
}

#define HEAD "litmus t\nshows it\ninit x=0 y=0\nagent P cpu\nagent Q cpu\n"

static void values_through_memory(void **state)
{
	(void)state;
	expect(HEAD "program\nP | Q\nLDR R0, x | LDR R0, y\n"
	            "STR R0+1, y | STR R0+1, x\n",
	       "P:R0=0 Q:R0=0\nP:R0=0 Q:R0=1\nP:R0=1 Q:R0=0\n");
	expect(HEAD "program\nP | Q\nLDADD 1, R0, x | LDADD 2, R0, x\n\n"
	            "final x\n",
	       "P:R0=0 Q:R0=1 x=3\nP:R0=2 Q:R0=0 x=3\n");
	expect(HEAD "program\nP | Q\nLDSET 1, R0, x | LDEOR 3, R0, x\n\n"
	            "final x\n",
	       "P:R0=0 Q:R0=1 x=2\nP:R0=3 Q:R0=0 x=3\n");
	expect(HEAD "program\nP | Q\nLDSET 3, R0, x | \nLDCLR 1, R1, x | "
	            "STR 4, y\n\nfinal x y\n",
	       "P:R0=0 P:R1=3 x=2 y=4\n");
}

static void compare_and_swap(void **state)
{
	(void)state;
	expect(HEAD "program\nP | Q\nCAS 0, 1, R0, x | CAS 0, 2, R0, x\n\n"
	            "final x\n",
	       "P:R0=0 Q:R0=1 x=1\nP:R0=2 Q:R0=0 x=2\n");
}

static void exclusives_may_fail(void **state)
{
	(void)state;
	expect(HEAD "program\nP | Q\nLDXR R0, x | STR 5, x\n"
	            "STXR S, 1, x |\n\nfinal x\n",
	       "P:R0=0 P:S=0 x=5\nP:R0=0 P:S=1 x=5\n"
	       "P:R0=5 P:S=0 x=1\nP:R0=5 P:S=1 x=5\n");
}

static void zeroing_writes_the_line(void **state)
{
	(void)state;
	expect("litmus t\nshows it\ninit x=1 y=2 z=3\nline x y\nagent P cpu\n"
	       "program\nP\nDC ZVA, x\n\nfinal x y z\n",
	       "x=0 y=0 z=3\n");
}

static void signals_order(void **state)
{
	const char *const doorbell =
	        "litmus t\nshows it\ninit x=0\nagent P cpu\n"
	        "agent D coherent\nprogram\nP | D\nSTR 1, x | WAIT BELL\n%s"
	        "BELL D | READ R0, x\nWAIT IRQ | WRITE 2, x\n"
	        "LDR R1, x | IRQ P\n";
	char text[512];

	(void)state;
	snprintf(text, sizeof(text), doorbell, "");
	expect(text, "P:R1=1 D:R0=0\nP:R1=2 D:R0=0\nP:R1=2 D:R0=1\n");
	snprintf(text, sizeof(text), doorbell, "DMB OSHST |\n");
	expect(text, "P:R1=2 D:R0=1\n");
}

static void barriers_have_domains(void **state)
{
	const char *const mp =
	        HEAD "agent D %s\nprogram\nP | Q | D\n"
	             "STR 1, x@nc | LDR R0, y@nc | READ R0, y\n"
	             "DMB %sST | LDR R1, x@nc addr(R0) | READ R1, x\n"
	             "STR 1, y@nc\n\n";
	static const struct {
		const char *device, *domain;
		bool holds;
	} cases[] = {{"coherent", "ISH", true},
	             {"noncoherent", "ISH", false},
	             {"noncoherent", "OSH", true},
	             {"coherent", "NSH", false}};
	struct axiom_result r;
	char text[512], err[256];
	struct litmus t;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		bool broken = false;

		snprintf(text, sizeof(text), mp, cases[i].device,
		         cases[i].domain);
		assert_true(litmus_parse("t", text, &t, err, sizeof(err)));
		assert_true(axiom_allowed(&t, &r));
		for (size_t k = 0; k < r.allowed.count; k++) {
			const uint64_t *v = r.allowed.list[k].value;

			broken |= v[2] == 1 && v[3] == 0;
		}
		assert_int_equal(broken, !cases[i].holds);
		outcomes_free(&r.allowed);
	}
}

static void where_it_applies(void **state)
{
	static const struct {
		const char *agents, *program, *why;
	} cases[] = {
	        {"", "STR 1, x | LDR R0, x", NULL},
	        {"", "STR 1, x | LDR R0, x@nc", "mismatched attributes"},
	        {"", "STR 1, x | LDR R0, x@wb.osh", "mismatched attributes"},
	        {"line x y\n", "STR 1, x | LDR R0, y@wt",
	         "mismatched attributes"},
	        {"", "STR 1, x@wb.nsh | LDR R0, x@wb.nsh",
	         "mismatched attributes"},
	        {"", "STR 1, x@wb.nsh | LDR R0, y", NULL},
	        {"", "DC IVAC, x | LDR R0, x", "DC IVAC discards"},
	        {"", "DC CIVAC, x | LDR R0, x", NULL},
	        {"env prefetch x into P as wt\n", "STR 1, x | LDR R0, x",
	         "mismatched attributes"},
	        {"env prefetch x into P\n", "STR 1, x | LDR R0, x", NULL},
	        {"agent D outer wb.osh\n",
	         "STR 1, x@wb.osh | LDR R0, x@wb.osh | READ R, x", NULL},
	        {"agent D outer\n", "STR 1, x | LDR R0, x | READ R, x",
	         "mismatched attributes"},
	        {"agent D coherent\n",
	         "STR 1, x | LDR R0, x | READ R, x\n | | READ S, y if(R)",
	         "conditions"},
	        {"agent D coherent iommu\n", "STR 1, x | LDR R0, x | READ R, x",
	         "an IOMMU may refuse"},
	};
	char text[512], err[256];
	struct litmus t;
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(text, sizeof(text), HEAD "%sprogram\nP | Q%s\n%s\n",
		         cases[i].agents,
		         strstr(cases[i].agents, "agent") ? " | D" : "",
		         cases[i].program);
		assert_true(litmus_parse("t", text, &t, err, sizeof(err)));
		assert_int_equal(axiom_applies(&t, &why), !cases[i].why);
		if (cases[i].why)
			assert_string_equal(why, cases[i].why);
	}
}

/* More than the checker takes is said, not cut off. */
static void too_much(void **state)
{
	char text[4096] = HEAD "program\nP | Q\n", err[256];
	struct axiom_result r;
	struct litmus t;

	(void)state;
	for (int i = 1; i < 9; i++)
		snprintf(text + strlen(text), 64, "STR %d, x | STR 1, y\n", i);
	assert_true(litmus_parse("t", text, &t, err, sizeof(err)));
	assert_false(axiom_allowed(&t, &r));
	outcomes_free(&r.allowed);
}

static void generated_tests_differ(void **state)
{
	struct generator *a = generator_new(7), *b = generator_new(7);
	char one[4096], two[4096], err[256];
	static char names[500][LITMUS_NAME];
	struct litmus t;

	(void)state;
	for (int i = 0; i < 500; i++) {
		generator_next(a, one, sizeof(one));
		generator_next(b, two, sizeof(two));
		assert_string_equal(one, two);
		if (!litmus_parse("t", one, &t, err, sizeof(err)))
			fail_msg("%s\n%s", err, one);
		memcpy(names[i], t.name, sizeof(t.name));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(names[i], names[k]);
	}
	generator_free(a);
	generator_free(b);
}

static void no_cycles(void **state)
{
	static const char *const bad[] = {
	        "",
	        "PodWW Rfe",           /* one change of location */
	        "PodWW Rfe PodWR Fre", /* ends do not meet */
	        "PodWW PodWR PodRW",   /* one agent */
	        "Nonsense",
	        "AddrdWW Rfe PodRR Fre",
	        "DatadRR Fre PodWW Rfe",
	        "Rfe PosRR Fre", /* whose values would be ambiguous */
	        "Rfe Fre Rfe Fre Rfe Fre Rfe Fre Rfe Fre",
	};
	char text[4096];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(
		        cycle_litmus(bad[i], NULL, "must", text, sizeof(text)));
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(classic_verdicts),
        cmocka_unit_test(values_through_memory),
        cmocka_unit_test(compare_and_swap),
        cmocka_unit_test(exclusives_may_fail),
        cmocka_unit_test(zeroing_writes_the_line),
        cmocka_unit_test(signals_order),
        cmocka_unit_test(barriers_have_domains),
        cmocka_unit_test(where_it_applies),
        cmocka_unit_test(too_much),
        cmocka_unit_test(generated_tests_differ),
        cmocka_unit_test(no_cycles),
};

CHECK_MAIN(tests)
