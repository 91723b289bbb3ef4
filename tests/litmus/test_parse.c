/* SPDX-License-Identifier: MIT */
/* What the parser refuses, with the place and the reason. */
#include "check.h"

#include "litmus.h"

#define A                                                                      \
	"litmus t\n"                                                           \
	"shows it\n"                                                           \
	"init x=0 y=0\n"                                                       \
	"agent P cpu\n"                                                        \
	"agent D noncoherent\n"

/** A program of P, beside a D that reads. */
#define P(insns) A "program\nD | P\nREAD Q, x | " insns

static const struct {
	const char *text, *err;
} bad[] = {
        {"", "f:0: the file names no test"},
        {"litmus\n", "f:1: a name is missing"},
        {"litmus a\nlitmus b\n", "f:2: it has a name already"},
        {"litmus a b\n", "f:1: 'b' is not expected"},
        {"litmus a\n", "f:1: what does it show?"},
        {"litmus a\nshows\n", "f:2: says nothing"},
        {"litmus a\nshows b\n", "f:2: there is no program"},
        {"litmus a\n\nnonsense 1\n", "f:3: 'nonsense' is no directive"},
        {"litmus a\n=\n", "f:2: '=' is not expected"},
        {"init x\n", "f:1: '=' is missing after 'x'"},
        {"init x=\n", "f:1: a number is missing"},
        {"init x=y\n", "f:1: 'y' is no number"},
        {"init x=1z\n", "f:1: '1z' is no number"},
        {"init 1=1\n", "f:1: '1' is no name"},
        {"init x=1 x=2\n", "f:1: 'x' stands for something already"},
        {"init x=1\nagent x cpu\n", "f:2: 'x' stands for something already"},
        {"init =\n", "f:1: a name is missing"},
        {"init a=1 b=1 c=1 d=1 e=1 f=1 g=1 h=1 i=1\n"
         "init j=1 k=1 l=1 m=1 n=1 o=1 p=1 q=1\n",
         "f:2: more than 16 locations"},
        {"init x=1\nline x\n", "f:2: with whom shall it share?"},
        {"init x=1\nline x y\n", "f:2: there is no location 'y'"},
        {"init x=1\nline\n", "f:2: a location is missing"},
        {"init x=1 y=1 z=1\nline x y z\n", "f:2: at most two share a line"},
        {"init x=1 y=1\nline x x\n", "f:2: 'x' has a place already"},
        {"init x=1 y=1 z=1\nline x y\nline z y\n",
         "f:3: 'y' has a place already"},
        {"final z\n", "f:1: there is no location 'z'"},
        {"racy z\n", "f:1: there is no location 'z'"},
        {"init x=0\ndekker x\n", "f:2: a location is missing"},
        {"agent\n", "f:1: a name is missing"},
        {"agent P\n", "f:1: what is 'P'?"},
        {"agent P tree\n", "f:1: 'tree' is no kind of agent"},
        {"agent P cpu xx\n", "f:1: 'xx' is no memory type"},
        {"agent P cpu wb.xx\n", "f:1: 'xx': nsh, ish or osh"},
        {"agent P cpu wb.sy\n", "f:1: 'sy': nsh, ish or osh"},
        {"agent P cpu nc.ish\n", "f:1: 'nc' is always osh"},
        {"agent P cpu wb more\n", "f:1: 'more' is no memory type"},
        {"agent P cpu iommu\n", "f:1: 'iommu' is no memory type"},
        {"agent A cpu\nagent B cpu\nagent C cpu\nagent D cpu\nagent E cpu\n"
         "agent F cpu\nagent G cpu\n",
         "f:7: more than 6 agents"},
        {"env jump\n", "f:1: 'jump': evict, prefetch or clean"},
        {"env evict x\n", "f:1: there is no location 'x'"},
        {A "env evict x into P\n", "f:6: 'into' is not expected"},
        {A "env evict x from Q\n", "f:6: there is no agent 'Q'"},
        {A "env evict x from D\n", "f:6: 'D' has no cache"},
        {A "env prefetch x\n", "f:6: a prefetch into whose cache?"},
        {A "env prefetch x into P at wt\n", "f:6: 'at' is not expected"},
        {A "env prefetch x into P as\n", "f:6: '' is no memory type"},
        {A "env prefetch x into P as nc\n",
         "f:6: only a cacheable mapping is prefetched"},
        {A "env evict x\nenv evict x\nenv evict x\nenv evict x\nenv evict x\n"
           "env evict x\nenv evict x\nenv evict x\nenv evict x\n",
         "f:14: more than 8 steps"},
        {A "cache huge\n", "f:6: a cache can be tiny"},
        {A "bound 0\n", "f:6: a bound of no run"},
        {A "bound many\n", "f:6: 'many' is no number"},
        {A "bound\n", "f:6: a number is missing"},
        {A "program\n\n", "f:7: the program has no columns"},
        {A "program\n|\n", "f:7: an agent is missing"},
        {A "program\nZ\n", "f:7: there is no agent 'Z'"},
        {A "program\nP | P\n", "f:7: two columns for 'P'"},
        {A "program\nP ; D\n", "f:7: ';' is not expected"},
        {A "program\nP\nISB | ISB\n", "f:8: more cells than columns"},
        {A "program\nP\nISB\n\nprogram\n", "f:10: a second program"},
        {A "program\nP\nISB\n", "f:8: 'D' does nothing"},
        {P("JMP x\n"), "f:8: 'JMP' is no instruction"},
        {P("=\n"), "f:8: '=' is not expected"},
        {P("READ R0, x\n"), "f:8: 'READ' is not for 'P'"},
        {A "program\nD\nLDR R0, x\n", "f:8: 'LDR' is not for 'D'"},
        {A "program\nD\nDMB ISH\n", "f:8: 'DMB' is not for 'D'"},
        {P("LDR x\n"), "f:8: ',' is missing"},
        {P("LDR , x\n"), "f:8: a register is missing"},
        {P("LDR R0 x\n"), "f:8: ',' is missing"},
        {P("LDR R0,\n"), "f:8: a location is missing"},
        {P("LDR R0, z\n"), "f:8: there is no location 'z'"},
        {P("LDR R0, x@\n"), "f:8: an attribute is missing"},
        {P("LDR R0, x@zz\n"), "f:8: 'zz' is no memory type"},
        {P("LDR R0, x y\n"), "f:8: 'y' is not expected"},
        {P("LDR R0, x =\n"), "f:8: '=' is not expected"},
        {P("LDR R0, x\n | LDR R0, y\n"), "f:9: 'R0' has a value already"},
        {P("STR , x\n"), "f:8: a value is missing"},
        {P("STR 1q, x\n"), "f:8: '1q' is no number"},
        {P("STR R0, x\n"), "f:8: 'R0' has no value here"},
        {P("LDR R0, x\n | STR R0+z, y\n"), "f:9: 'z' is no number"},
        {P("LDR R0, x addr(R0)\n"), "f:8: 'R0' has no value here"},
        {P("LDR R0, x addr R0\n"), "f:8: it is addr(REGISTER)"},
        {P("LDR R0, x\n | LDR R1, y data(R0)\n"), "f:9: a load has no data"},
        {P("LDR R0, x\n | STR 1, y if(R0)\n"),
         "f:9: only devices have conditions"},
        {P("LDR R0, x\n | ISB addr(R0)\n"), "f:9: it has no address"},
        {P("CAS 0, 1, R0, x\n | LDR R1, y addr(R0)\n"),
         "f:9: an address from a CAS does not order a load"},
        {P("STXR S, 1, x\n"), "f:8: a store exclusive without its load"},
        {P("LDXR R0, x\n | STXR S, 1, y\n"),
         "f:9: a store exclusive without its load"},
        {P("LDXR R0, x\n | STXR S, 1, x\n | STR 1, y ctrl(S)\n"),
         "f:10: nothing may depend on the status 'S'"},
        {P("SWPX 1, R0, x\n"), "f:8: 'SWPX' is no instruction"},
        {P("CAS 1 2, R0, x\n"), "f:8: ',' is missing"},
        {P("DMB\n"), "f:8: a barrier of which kind?"},
        {P("DMB ISHSTXX\n"), "f:8: 'ISHSTXX' is no barrier"},
        {P("DSB ABC\n"), "f:8: 'ABC' is no barrier"},
        {P("DC ZAP, x\n"), "f:8: 'DC ZAP' is not known"},
        {P("DC CVAC x\n"), "f:8: ',' is missing"},
        {P("MAP x D\n"), "f:8: ',' is missing"},
        {P("MAP z, D, to\n"), "f:8: there is no location 'z'"},
        {P("MAP x, P, to\n"), "f:8: there is no device 'P'"},
        {P("MAP x, D to\n"), "f:8: ',' is missing"},
        {P("MAP x, D, up\n"), "f:8: 'up' is not expected"},
        {P("SYNC x, D, to\n"), "f:8: 'to' is not expected"},
        {P("UNMAP x, Q\n"), "f:8: there is no device 'Q'"},
        {A "program\nD\nMAP x, D, to\n", "f:8: 'MAP' is not for 'D'"},
        {A "program\nD\nWALK R0, x\n", "f:8: 'WALK' is not for 'D'"},
        {A "agent S walker\nprogram\nS\nREAD R0, x\n",
         "f:9: 'READ' is not for 'S'"},
        {A "program\nD\nREAD R0, x@pa\n", "f:8: 'pa' is no memory type"},
        {P("BELL Q\n"), "f:8: there is no agent 'Q'"},
        {P("BELL P\n"), "f:8: 'P' has no BELL for 'P'"},
        {P("IRQ D\n"), "f:8: 'D' has no IRQ for 'P'"},
        {P("WAIT BELL\n"), "f:8: 'P' cannot wait for 'BELL'"},
        {P("WAIT IRQ\n"), "f:8: 'P' waits for ever"},
        {P("BELL D\n | BELL D\n"), "f:9: 'D' is signalled more than once"},
        {P("ISB\n\nmust\n"), "f:10: '\n' is not expected"},
        {P("ISB\n\nmust z=1\n"), "f:10: there is no location 'z'"},
        {P("ISB\n\nmust Z:R=1\n"), "f:10: there is no agent 'Z'"},
        {P("ISB\n\nmust P:R=1\n"), "f:10: P loads no 'R'"},
        {P("ISB\n\nmust x\n"), "f:10: '=' is missing"},
        {P("ISB\n\nmust x=\n"), "f:10: a number is missing"},
        {P("ISB\n\nnever x=1 x=1 x=1 x=1 x=1 x=1 x=1 x=1 x=1 x=1 x=1 x=1 "
           "x=1\n"),
         "f:10: more than 12 terms"},
        {P("ISB\n\nfinding\n"), "f:10: which finding?"},
        {P("ISB\n\nfinding missed\n"), "f:10: which finding is missed?"},
        {P("ISB\n\nfinding none at\n"), "f:10: none has no place"},
        {P("ISB\n\nfinding X\nfinding none\n"), "f:11: one or none?"},
        {P("ISB\n\nfinding X on\n"), "f:10: 'on' is not expected"},
        {P("ISB\n\nfinding X at P\n"), "f:10: 'P' is no AGENT:NUMBER"},
        {P("ISB\n\nfinding X at P:2\n"), "f:10: P has no instruction 2"},
        {P("ISB\n\nfinding X remedy\n"), "f:10: which remedy?"},
        {P("ISB\n\nfinding A\nfinding B\nfinding C\nfinding D\nfinding E\n"),
         "f:14: more than 4 findings"},
};

static void refusals(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char err[256] = "";
		struct litmus t;

		if (litmus_parse("f", bad[i].text, &t, err, sizeof(err)))
			snprintf(err, sizeof(err), "nothing");
		if (strcmp(err, bad[i].err) == 0)
			continue;
		print_error("%s\n  said     %s\n  expected %s\n", bad[i].text,
		            err, bad[i].err);
		wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* Too much of anything that the table above does not reach. */
static void limits(void **state)
{
	char text[4096], err[256];
	struct litmus t;

	(void)state;
	snprintf(text, sizeof(text), P("LDR R0, x\n"));
	for (int i = 1; i < 18; i++)
		snprintf(text + strlen(text), 64, " | LDR R%d, x\n", i);
	assert_false(litmus_parse("f", text, &t, err, sizeof(err)));
	assert_string_equal(err, "f:24: more than 16 instructions");
	snprintf(text, sizeof(text), P("ISB\n\n"));
	for (int i = 0; i < 17; i++)
		snprintf(text + strlen(text), 64, "must x=1\n");
	assert_false(litmus_parse("f", text, &t, err, sizeof(err)));
	assert_string_equal(err, "f:26: more than 16 verdicts");
	snprintf(text, sizeof(text), "litmus a\nshows ");
	memset(text + strlen(text), 'a', 2000);
	text[2010] = '\0';
	assert_false(litmus_parse("f", text, &t, err, sizeof(err)));
	assert_string_equal(err, "f:2: too long");
}

static void everything_at_once(void **state)
{
	const char *const text =
	        "# A comment.\n"
	        "litmus all\n"
	        "shows this\n"
	        "shows and that\n"
	        "init x=1 y=2 z=3\n"
	        "line x y\n"
	        "agent P guest nc\n"
	        "agent D host\n"
	        "env evict x from D\n"
	        "env prefetch z into P as wt.osh\n"
	        "env clean y\n"
	        "cache tiny\n"
	        "choices nc-hit\n"
	        "choices ivac-cleans\n"
	        "bound 12\n"
	        "racy y\n"
	        "dekker z x\n"
	        "quiet\n"
	        "\n"
	        "program\n"
	        "D | P\n"
	        "  | LDAXR R0, x@wb.osh\n"
	        "WAIT BELL | STLXR S0, R0+7, x@wb.osh ctrl(R0)\n"
	        "READ R0, y | CASAL 1, 2, R2, z@wb data(R0) addr(R0)\n"
	        "IRQ P | DSB OSHLD\n"
	        "  | DC CIVAC, y\n"
	        "  | BELL D\n"
	        "  | WAIT IRQ\n"
	        "\n"
	        "must D:R0=2 P:S0=0 z=3\n"
	        "never x=9\n"
	        "finding STALE_READ at D:2 remedy CVAC\n";
	const struct litmus_insn *in;
	char err[256] = "";
	struct litmus t;

	(void)state;
	if (!litmus_parse("f", text, &t, err, sizeof(err)))
		fail_msg("%s", err);
	assert_string_equal(t.name, "all");
	assert_string_equal(t.shows, "this and that");
	assert_string_equal(t.choices, "nc-hit ivac-cleans");
	assert_int_equal(t.bound, 12);
	assert_true(t.tiny && t.quiet);
	assert_true(t.location[1].racy && !t.location[0].racy);
	assert_int_equal(t.location[2].dekker, 1);
	assert_int_equal(t.location[0].line, t.location[1].line);
	assert_int_equal(t.location[1].slot, 1);
	assert_int_equal(t.step[0].agent, 1);
	assert_int_equal(t.step[1].attr.share, LITMUS_OSH);
	assert_int_equal(t.step[2].agent, -1);
	in = t.agent[0].insn;
	assert_true(in[0].acquire && in[0].exclusive);
	assert_int_equal(in[0].attr.type, LITMUS_WB);
	assert_true(in[1].release && in[1].exclusive);
	assert_int_equal(in[1].value, 7);
	assert_int_equal(in[1].value_reg, 0);
	assert_int_equal(in[1].control_dep, 1);
	assert_int_equal(in[2].op, LITMUS_CAS);
	assert_int_equal(in[2].compare, 1);
	assert_true(in[2].acquire && in[2].release);
	assert_int_equal(in[2].address_dep, 1);
	assert_int_equal(in[3].half, LITMUS_LD);
	assert_int_equal(in[3].domain, LITMUS_OSH);
	assert_int_equal(in[4].attr.type, LITMUS_NC);
	assert_int_equal(in[5].agent, 1);
	assert_int_equal(in[5].line, 27);
	assert_int_equal(t.verdict[0].term_count, 3);
	assert_true(t.location[2].final && t.location[0].final);
	assert_int_equal(t.finding[0].insn, 1);
	assert_string_equal(t.finding[0].remedy, "CVAC");
}

static void buffers(void **state)
{
	const char *const text = "litmus notes\nshows it\ninit x=1\n"
	                         "agent P cpu\nagent D coherent wt iommu\n"
	                         "program\nD | P\n"
	                         "READ R0, x | MAP x, D, shared\n"
	                         "WRITE 2, x@pa | SYNC x, D, device\n"
	                         " | SYNC x, D, cpu\n | UNMAP x, D\n";
	const struct litmus_insn *in;
	char err[256] = "";
	struct litmus t;

	(void)state;
	if (!litmus_parse("f", text, &t, err, sizeof(err)))
		fail_msg("%s", err);
	assert_true(t.agent[1].iommu);
	assert_int_equal(t.agent[1].attr.type, LITMUS_WT);
	assert_false(t.agent[1].insn[0].physical);
	assert_true(t.agent[1].insn[1].physical);
	in = t.agent[0].insn;
	assert_int_equal(in[0].op, LITMUS_MAP);
	assert_int_equal(in[0].direction, LITMUS_SHARED);
	assert_int_equal(in[0].agent, 1);
	assert_true(in[1].device_turn && !in[2].device_turn);
	assert_int_equal(in[3].op, LITMUS_UNMAP);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals),
        cmocka_unit_test(limits),
        cmocka_unit_test(everything_at_once),
        cmocka_unit_test(buffers),
};

CHECK_MAIN(tests)
