/* SPDX-License-Identifier: MIT */
/* One instruction, as a cell of the program table has it. */
#include "parse_internal.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool litmus_reads(const struct litmus_insn *in)
{
	return in->op == LITMUS_LOAD || litmus_is_rmw(in->op) ||
	       in->op == LITMUS_WAIT_BELL || in->op == LITMUS_WAIT_IRQ;
}

bool litmus_writes(const struct litmus_insn *in)
{
	return in->op == LITMUS_STORE || litmus_is_rmw(in->op) ||
	       in->op == LITMUS_ZVA || in->op == LITMUS_BELL ||
	       in->op == LITMUS_RAISE;
}

static bool comma(struct parser *ps)
{
	return parse_char(ps, ',') || parse_fail(ps, "',' is missing");
}

/* A new register for the result of the instruction that is being read. */
static bool result(struct parser *ps, struct litmus_agent *a,
                   struct litmus_insn *in, bool status)
{
	struct litmus_reg *r = &a->reg[a->reg_count];
	char name[16];

	if (!parse_word(ps, name, sizeof(name)) ||
	    !isalpha((unsigned char)*name))
		return parse_fail(ps, "a register is missing");
	if (parse_find_reg(a, name) >= 0)
		return parse_fail(ps, "'%s' has a value already", name);
	if (a->reg_count == LITMUS_REGS)
		return parse_fail(ps, "more than %d registers", LITMUS_REGS);
	snprintf(r->name, sizeof(r->name), "%s", name);
	r->insn = a->insn_count;
	r->status = status;
	in->reg = a->reg_count++;
	return true;
}

/* One that was loaded earlier. */
static bool earlier_reg(struct parser *ps, struct litmus_agent *a,
                        const struct litmus_insn *in, const char *name,
                        int *reg)
{
	*reg = parse_find_reg(a, name);
	if (*reg < 0 || *reg == in->reg)
		return parse_fail(ps, "'%s' has no value here", name);
	if (a->reg[*reg].status)
		return parse_fail(ps, "nothing may depend on the status '%s'",
		                  name);
	return true;
}

/* 1, R0 or R0+1 */
static bool operand(struct parser *ps, struct litmus_agent *a,
                    struct litmus_insn *in)
{
	char word[40], *plus, extra;

	if (!parse_word(ps, word, sizeof(word)))
		return parse_fail(ps, "a value is missing");
	if (isdigit((unsigned char)*word)) {
		if (sscanf(word, "%" SCNu64 "%c", &in->value, &extra) != 1)
			return parse_fail(ps, "'%s' is no number", word);
		return true;
	}
	plus = strchr(word, '+');
	if (plus) {
		*plus = '\0';
		if (sscanf(plus + 1, "%" SCNu64 "%c", &in->value, &extra) != 1)
			return parse_fail(ps, "'%s' is no number", plus + 1);
	}
	if (!earlier_reg(ps, a, in, word, &in->value_reg))
		return false;
	in->data_dep |= 1u << in->value_reg;
	return true;
}

/* x or x@nc */
static bool place(struct parser *ps, const struct litmus_agent *a,
                  struct litmus_insn *in)
{
	char name[24];

	if (!parse_word(ps, name, sizeof(name)))
		return parse_fail(ps, "a location is missing");
	in->location = parse_find_location(ps->t, name);
	if (in->location < 0 || ps->t->location[in->location].signal)
		return parse_fail(ps, "there is no location '%s'", name);
	in->attr = a->attr;
	if (!parse_char(ps, '@'))
		return true;
	if (!parse_word(ps, name, sizeof(name)))
		return parse_fail(ps, "an attribute is missing");
	if (strcmp(name, "pa") == 0 && a->iommu) {
		in->physical = true;
		return true;
	}
	return parse_attr(ps, name, &in->attr);
}

static bool dependencies(struct parser *ps, struct litmus_agent *a,
                         struct litmus_insn *in)
{
	char kind[8], name[16];
	uint32_t *mask;
	int reg;

	while (parse_word(ps, kind, sizeof(kind))) {
		mask = strcmp(kind, "addr") == 0   ? &in->address_dep
		       : strcmp(kind, "data") == 0 ? &in->data_dep
		       : strcmp(kind, "ctrl") == 0 ? &in->control_dep
		       : strcmp(kind, "if") == 0   ? &in->condition
		                                   : NULL;
		if (!mask)
			return parse_fail(ps, "'%s' is not expected", kind);
		if (!parse_char(ps, '(') ||
		    !parse_word(ps, name, sizeof(name)) || !parse_char(ps, ')'))
			return parse_fail(ps, "it is %s(REGISTER)", kind);
		if (!earlier_reg(ps, a, in, name, &reg))
			return false;
		if (mask == &in->condition && litmus_is_cpu(a))
			return parse_fail(ps, "only devices have conditions");
		if (mask == &in->data_dep && !litmus_writes(in))
			return parse_fail(ps, "a load has no data");
		if (mask == &in->address_dep && in->location < 0)
			return parse_fail(ps, "it has no address");
		if (mask == &in->address_dep && litmus_reads(in) &&
		    a->insn[a->reg[reg].insn].op == LITMUS_CAS)
			return parse_fail(ps, "an address from a CAS does not "
			                      "order a load");
		*mask |= 1u << reg;
	}
	return true;
}

enum user { USER_CPU, USER_DEVICE, USER_WALKER };

static const struct {
	const char *name;
	enum litmus_op op;
	bool exclusive, acquire, acquire_pc, release;
	enum user user;
} moves[] = {
        {"LDR", LITMUS_LOAD, 0, 0, 0, 0, USER_CPU},
        {"LDAR", LITMUS_LOAD, 0, 1, 0, 0, USER_CPU},
        {"LDAPR", LITMUS_LOAD, 0, 0, 1, 0, USER_CPU},
        {"LDXR", LITMUS_LOAD, 1, 0, 0, 0, USER_CPU},
        {"LDAXR", LITMUS_LOAD, 1, 1, 0, 0, USER_CPU},
        {"STR", LITMUS_STORE, 0, 0, 0, 0, USER_CPU},
        {"STLR", LITMUS_STORE, 0, 0, 0, 1, USER_CPU},
        {"STXR", LITMUS_STORE, 1, 0, 0, 0, USER_CPU},
        {"STLXR", LITMUS_STORE, 1, 0, 0, 1, USER_CPU},
        {"READ", LITMUS_LOAD, 0, 0, 0, 0, USER_DEVICE},
        {"WRITE", LITMUS_STORE, 0, 0, 0, 0, USER_DEVICE},
        {"WALK", LITMUS_LOAD, 0, 0, 0, 0, USER_WALKER},
        {"FETCH", LITMUS_LOAD, 0, 0, 0, 0, USER_WALKER},
};

static const struct {
	const char *name;
	enum litmus_op op;
} atomics[] = {
        {"SWP", LITMUS_SWP},   {"LDADD", LITMUS_ADD}, {"LDSET", LITMUS_SET},
        {"LDCLR", LITMUS_CLR}, {"LDEOR", LITMUS_EOR}, {"CAS", LITMUS_CAS},
};

static bool is_move(const char *name, struct litmus_insn *in, enum user *user)
{
	for (size_t i = 0; i < sizeof(moves) / sizeof(*moves); i++) {
		if (strcmp(moves[i].name, name) != 0)
			continue;
		in->op = moves[i].op;
		in->exclusive = moves[i].exclusive;
		in->acquire = moves[i].acquire;
		in->acquire_pc = moves[i].acquire_pc;
		in->release = moves[i].release;
		*user = moves[i].user;
		in->configuration = strcmp(name, "FETCH") == 0;
		return true;
	}
	return false;
}

static bool is_atomic(const char *name, struct litmus_insn *in)
{
	for (size_t i = 0; i < sizeof(atomics) / sizeof(*atomics); i++) {
		size_t n = strlen(atomics[i].name);
		const char *order = name + n;

		if (strncmp(atomics[i].name, name, n) != 0 ||
		    (*order && strcmp(order, "A") && strcmp(order, "L") &&
		     strcmp(order, "AL")))
			continue;
		in->op = atomics[i].op;
		in->acquire = *order == 'A';
		in->release = strchr(order, 'L') != NULL;
		return true;
	}
	return false;
}

/* Which earlier instruction a store exclusive pairs with. */
static bool paired(struct parser *ps, const struct litmus_agent *a,
                   const struct litmus_insn *in)
{
	for (int i = a->insn_count - 1; i >= 0; i--) {
		if (!a->insn[i].exclusive)
			continue;
		if (a->insn[i].op == LITMUS_LOAD &&
		    a->insn[i].location == in->location)
			return true;
		break;
	}
	return parse_fail(ps, "a store exclusive without its load");
}

/* LDR R0, x / STR 1, x / STXR S0, 1, x */
static bool move(struct parser *ps, struct litmus_agent *a,
                 struct litmus_insn *in)
{
	if (in->op == LITMUS_LOAD) {
		if (!result(ps, a, in, false) || !comma(ps))
			return false;
	} else {
		if (in->exclusive && (!result(ps, a, in, true) || !comma(ps)))
			return false;
		if (!operand(ps, a, in) || !comma(ps))
			return false;
	}
	if (!place(ps, a, in))
		return false;
	return !in->exclusive || in->op == LITMUS_LOAD || paired(ps, a, in);
}

/* SWP 1, R0, x / CAS 0, 1, R0, x: compare, new, old */
static bool atomic(struct parser *ps, struct litmus_agent *a,
                   struct litmus_insn *in)
{
	if (in->op == LITMUS_CAS &&
	    (!parse_number(ps, &in->compare) || !comma(ps)))
		return false;
	return operand(ps, a, in) && comma(ps) && result(ps, a, in, false) &&
	       comma(ps) && place(ps, a, in);
}

/* DMB ISHST, DSB SY, DMB LD ... */
static bool barrier(struct parser *ps, struct litmus_insn *in)
{
	char word[16] = "", domain[4] = "sy";
	const char *half;
	size_t n;
	int share;

	if (!parse_word(ps, word, sizeof(word)))
		return parse_fail(ps, "a barrier of which kind?");
	n = strlen(word);
	half = n >= 2 ? word + n - 2 : word;
	in->half = strcmp(half, "LD") == 0   ? LITMUS_LD
	           : strcmp(half, "ST") == 0 ? LITMUS_ST
	                                     : LITMUS_FULL;
	if (in->half != LITMUS_FULL)
		n -= 2;
	if (n > 3)
		return parse_fail(ps, "'%s' is no barrier", word);
	for (size_t i = 0; i < n; i++)
		domain[i] = (char)tolower((unsigned char)word[i]);
	if (n)
		domain[n] = '\0';
	share = parse_share(domain);
	if (share < 0)
		return parse_fail(ps, "'%s' is no barrier", word);
	in->domain = (enum litmus_share)share;
	return true;
}

static bool maintenance(struct parser *ps, const struct litmus_agent *a,
                        struct litmus_insn *in)
{
	static const char *const names[] = {"CVAC", "CVAU", "CVAP", "CIVAC",
	                                    "IVAC"};
	char word[8];

	parse_word(ps, word, sizeof(word));
	if (!comma(ps))
		return false;
	in->op = LITMUS_DC;
	if (strcmp(word, "ZVA") == 0) {
		in->op = LITMUS_ZVA;
		return place(ps, a, in);
	}
	for (int i = 0; i < 5; i++)
		if (strcmp(names[i], word) == 0) {
			in->dc = (enum litmus_dc)i;
			return place(ps, a, in);
		}
	return parse_fail(ps, "'DC %s' is not known", word);
}

/* The location that stands for a doorbell or an interrupt of @agent. */
static bool signal_of(struct parser *ps, int agent, bool bell, int *location)
{
	struct litmus *t = ps->t;
	struct litmus_agent *a = &t->agent[agent];
	int *known = bell ? &a->bell : &a->irq;

	if (*known < 0) {
		struct litmus_location *l = &t->location[t->location_count];

		if (t->location_count == LITMUS_LOCATIONS)
			return parse_fail(ps, "more than %d locations",
			                  LITMUS_LOCATIONS);
		*known = t->location_count++;
		/* A name that no file can write. */
		snprintf(l->name, sizeof(l->name), "%s %d",
		         bell ? "bell" : "irq", agent);
		l->line = t->line_count++;
		l->signal = true;
	}
	*location = *known;
	return true;
}

/* BELL D / IRQ P0 / WAIT BELL / WAIT IRQ */
static bool signals(struct parser *ps, int agent, const char *op,
                    struct litmus_insn *in)
{
	struct litmus_agent *a = &ps->t->agent[agent];
	bool cpu = litmus_is_cpu(a), bell = strcmp(op, "BELL") == 0;
	char word[16] = "";

	parse_word(ps, word, sizeof(word));
	in->value = 1;
	if (strcmp(op, "WAIT") == 0) {
		bell = strcmp(word, "BELL") == 0;
		if ((!bell && strcmp(word, "IRQ")) || bell == cpu)
			return parse_fail(ps, "'%s' cannot wait for '%s'",
			                  a->name, word);
		in->op = bell ? LITMUS_WAIT_BELL : LITMUS_WAIT_IRQ;
		return signal_of(ps, agent, bell, &in->location);
	}
	in->agent = parse_find_agent(ps->t, word);
	if (in->agent < 0)
		return parse_fail(ps, "there is no agent '%s'", word);
	if (cpu != bell || litmus_is_cpu(&ps->t->agent[in->agent]) == bell)
		return parse_fail(ps, "'%s' has no %s for '%s'", word, op,
		                  a->name);
	in->op = bell ? LITMUS_BELL : LITMUS_RAISE;
	in->attr = (struct litmus_attr){LITMUS_NGNRE, LITMUS_OSH};
	return signal_of(ps, in->agent, bell, &in->location);
}

static int word_of(const char *word, const char *const *words, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

/* MAP x, D, to / SYNC x, D, cpu / UNMAP x, D */
static bool note(struct parser *ps, const struct litmus_agent *a,
                 struct litmus_insn *in)
{
	static const char *const directions[] = {"to", "from", "both",
	                                         "shared"};
	static const char *const turns[] = {"cpu", "device"};
	char word[16] = "";
	int i;

	if (!place(ps, a, in) || !comma(ps))
		return false;
	parse_word(ps, word, sizeof(word));
	in->agent = parse_find_agent(ps->t, word);
	if (in->agent < 0 || litmus_is_cpu(&ps->t->agent[in->agent]))
		return parse_fail(ps, "there is no device '%s'", word);
	if (in->op == LITMUS_UNMAP)
		return true;
	if (!comma(ps))
		return false;
	parse_word(ps, word, sizeof(word));
	i = in->op == LITMUS_MAP ? word_of(word, directions, 4)
	                         : word_of(word, turns, 2);
	if (i < 0)
		return parse_fail(ps, "'%s' is not expected", word);
	if (in->op == LITMUS_MAP)
		in->direction = (enum litmus_direction)i;
	else
		in->device_turn = i;
	return true;
}

static enum user user_of(const struct litmus_agent *a)
{
	if (a->kind == LITMUS_WALKER || a->kind == LITMUS_WALKER_COHERENT)
		return USER_WALKER;
	return litmus_is_cpu(a) ? USER_CPU : USER_DEVICE;
}

static bool by_name(struct parser *ps, int agent, const char *op,
                    struct litmus_insn *in)
{
	static const char *const notes[] = {"MAP", "SYNC", "UNMAP"};
	struct litmus_agent *a = &ps->t->agent[agent];
	bool cpu = litmus_is_cpu(a);
	enum user user;
	int i;

	if (strcmp(op, "BELL") == 0 || strcmp(op, "WAIT") == 0 ||
	    strcmp(op, "IRQ") == 0)
		return signals(ps, agent, op, in);
	if (is_move(op, in, &user)) {
		if (user != user_of(a))
			return parse_fail(ps, "'%s' is not for '%s'", op,
			                  a->name);
		return move(ps, a, in);
	}
	if (!cpu)
		return parse_fail(ps, "'%s' is not for '%s'", op, a->name);
	if (is_atomic(op, in))
		return atomic(ps, a, in);
	if (strcmp(op, "DMB") == 0 || strcmp(op, "DSB") == 0) {
		in->op = op[1] == 'M' ? LITMUS_DMB : LITMUS_DSB;
		return barrier(ps, in);
	}
	if (strcmp(op, "ISB") == 0) {
		in->op = LITMUS_ISB;
		return true;
	}
	if (strcmp(op, "DC") == 0)
		return maintenance(ps, a, in);
	i = word_of(op, notes, 3);
	if (i >= 0) {
		in->op = (enum litmus_op)(LITMUS_MAP + i);
		return note(ps, a, in);
	}
	return parse_fail(ps, "'%s' is no instruction", op);
}

bool parse_insn(struct parser *ps, int agent)
{
	struct litmus_agent *a = &ps->t->agent[agent];
	struct litmus_insn in = {.line = ps->line,
	                         .location = -1,
	                         .agent = -1,
	                         .reg = -1,
	                         .value_reg = -1};
	char op[12];

	if (a->insn_count == LITMUS_INSNS)
		return parse_fail(ps, "more than %d instructions",
		                  LITMUS_INSNS);
	if (!parse_word(ps, op, sizeof(op)))
		return parse_fail(ps, "'%c' is not expected", *ps->p);
	if (!by_name(ps, agent, op, &in) || !dependencies(ps, a, &in))
		return false;
	a->insn[a->insn_count++] = in;
	return true;
}
