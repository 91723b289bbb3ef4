/* SPDX-License-Identifier: MIT */
/* The window of a CPU: taking accesses, and performing them. */
#include "cpu_window_internal.h"

#include <stdlib.h>
#include <string.h>

static bool power_of_two_size(uint32_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

static bool order_fits(const struct dmasim_insn *in)
{
	switch (in->order) {
	case DMASIM_ORDER_PLAIN:
		return true;
	case DMASIM_ORDER_ACQUIRE:
		return in->op != DMASIM_WRITE;
	case DMASIM_ORDER_RELEASE:
		return in->op != DMASIM_READ;
	case DMASIM_ORDER_ACQ_REL:
		return dmasim_op_is_atomic(in->op);
	case DMASIM_ORDER_ACQUIRE_PC:
		return in->op == DMASIM_READ;
	default:
		return false;
	}
}

static bool zva_fits(const struct dmasim_insn *in)
{
	return in->op == DMASIM_WRITE && !in->flags && !in->value &&
	       !in->data_from && in->size && in->size <= WINDOW_ZVA_MAX &&
	       in->size % 8 == 0 && in->va % in->size == 0;
}

static bool access_fits(const struct dmasim_insn *in)
{
	const uint32_t known = DMASIM_TXN_EXCLUSIVE | DMASIM_TXN_PRIVILEGED |
	                       DMASIM_TXN_SECURE;
	bool exclusive = (in->flags & DMASIM_TXN_EXCLUSIVE) != 0;
	bool atomic = dmasim_op_is_atomic(in->op);

	if (in->flags & ~known || !order_fits(in) || (exclusive && atomic))
		return false;
	if (!power_of_two_size(in->size))
		return zva_fits(in);
	return !(exclusive || atomic) || in->va % in->size == 0;
}

/* Masks name older accesses whose results are still kept. */
static bool masks_fit(const struct cpu_window *w, const struct dmasim_insn *in)
{
	uint64_t mask =
	        in->address_dep | in->data_dep | in->control_dep | in->isb_dep;
	const struct window_slot *from;

	/* That one's result goes with this one's coming. */
	if (mask & dmasim_token_bit(w->next))
		return false;
	for (uint32_t i = 0; i < DMASIM_WINDOW; i++)
		if (mask >> i & 1 && w->slot[i].state == WINDOW_FREE)
			return false;
	if (!in->data_from)
		return true;
	from = &w->slot[(in->data_from - 1) % DMASIM_WINDOW];
	return from->state != WINDOW_FREE && from->token == in->data_from - 1 &&
	       w->next - from->token < DMASIM_WINDOW;
}

static bool insn_fits(const struct cpu_window *w, const struct dmasim_insn *in)
{
	if (!masks_fit(w, in))
		return false;
	if (in->op == DMASIM_BARRIER)
		return in->barrier <= DMASIM_DSB && in->domain <= DMASIM_SY;
	if (dmasim_op_is_maintenance(in->op))
		return in->size || dmasim_op_is_set_way(in->op);
	return in->op <= DMASIM_ATOMIC_CAS && access_fits(in);
}

/* Where it goes: one mapping, and one physical range. */
static int locate(struct dmasim_cpu *cpu, struct window_slot *s)
{
	uint64_t line = dmasim_memsys_line_size(cpu->memsys), last;
	uint64_t size = s->insn.size, end;
	struct cpu_mapping m;

	s->pa = s->size = 0;
	s->attr = dmasim_attr_wb;
	if (s->insn.op == DMASIM_BARRIER || dmasim_op_is_set_way(s->insn.op)) {
		s->attr.share = (uint8_t)s->insn.domain;
		return DMASIM_OK;
	}
	if (!cpu_covered(cpu, s->insn.va, size) ||
	    !cpu_lookup(cpu, s->insn.va, &m))
		return DMASIM_E_NOTFOUND;
	s->pa = m.pa + (s->insn.va - m.va);
	s->attr = m.attr;
	last = s->pa + (size - 1);
	if (size > m.size - (s->insn.va - m.va))
		return DMASIM_E_INVAL;
	s->size = size;
	if (dmasim_op_is_maintenance(s->insn.op)) {
		end = (last | (line - 1)) + 1;
		s->pa &= ~(line - 1);
		s->size = end - s->pa;
	}
	return DMASIM_OK;
}

static bool is_ready(const struct cpu_window *w, const struct window_slot *s)
{
	uint64_t after = s->after;

	/* Bytes that are forwarded must be known. */
	if (s->source != WINDOW_NONE)
		after |= w->slot[s->source].data_after;
	return s->state == WINDOW_WAITING && !after;
}

/* Its result goes where it is wanted now: the slot may have another owner when
 * that is performed. */
static void take_result(struct window_slot *s, const struct window_slot *from)
{
	if (s->state != WINDOW_WAITING || s->insn.data_from != from->token + 1)
		return;
	s->insn.value += from->value;
	s->insn.data_from = 0;
}

static void performed(struct dmasim_cpu *cpu, struct window_slot *s)
{
	uint64_t keep = ~dmasim_token_bit(s->token);
	struct cpu_window *w = cpu->window;

	s->state = WINDOW_PERFORMED;
	w->left &= keep;
	w->branches &= keep;
	w->isbs &= keep;
	w->addresses &= keep;
	for (uint32_t i = 0; i < DMASIM_WINDOW; i++) {
		struct window_slot *o = &w->slot[i];

		take_result(o, s);
		o->after &= keep;
		o->data_after &= keep;
		if (o->source == s->token % DMASIM_WINDOW)
			o->source = WINDOW_NONE;
	}
	if (!w->left)
		cpu->special &= ~CPU_SPECIAL_WINDOW;
}

static void put_bytes(uint8_t *b, uint32_t size, uint64_t v)
{
	memset(b, 0, size);
	for (uint32_t i = 0; i < size && i < 8; i++)
		b[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get_bytes(const uint8_t *b, uint32_t size)
{
	uint64_t v = 0;

	for (uint32_t i = 0; i < size; i++)
		v |= (uint64_t)b[i] << (8 * i);
	return v;
}

static void forward(const struct cpu_window *w, struct window_slot *s)
{
	const struct window_slot *from = &w->slot[s->source];
	uint8_t bytes[WINDOW_ZVA_MAX];

	put_bytes(bytes, from->insn.size, from->insn.value);
	s->value = get_bytes(bytes + (s->pa - from->pa), s->insn.size);
}

static void fill(struct dmasim_cpu *cpu, const struct window_slot *s,
                 struct dmasim_txn *txn)
{
	const struct dmasim_insn *in = &s->insn;
	uint64_t addr = dmasim_op_is_set_way(in->op) ? in->va : s->pa;

	cpu_fill_txn(txn, in->op, addr, (uint32_t)s->size, &s->attr,
	             &in->origin);
	txn->order = in->order;
	txn->barrier = in->barrier;
	txn->flags = in->flags;
	txn->po = s->po;
	if (in->op == DMASIM_INVALIDATE && cpu_under_stage2(cpu))
		txn->op = DMASIM_CLEAN_INVALIDATE;
	if (!window_stores(s))
		return;
	put_bytes(txn->data, in->size, in->value);
	if (in->op == DMASIM_ATOMIC_CAS)
		put_bytes(txn->data + in->size, in->size, in->compare);
}

static int send(struct dmasim_cpu *cpu, struct window_slot *s)
{
	const struct dmasim_insn *in = &s->insn;
	uint32_t size = in->op == DMASIM_ATOMIC_CAS ? 2 * in->size : in->size;
	struct dmasim_txn *txn =
	        dmasim_waiter_get(cpu->waiter, window_accesses(s) ? size : 0);
	int status;

	if (!txn)
		return DMASIM_E_NOMEM;
	fill(cpu, s, txn);
	status = cpu_send(cpu, txn);
	if (status)
		return status;
	if (window_loads(s))
		s->value = get_bytes(txn->data, in->size);
	else if (txn->result == DMASIM_TXN_EXCLUSIVE_FAIL)
		s->value = 1;
	dmasim_waiter_put(cpu->waiter, txn);
	return DMASIM_OK;
}

static int perform(struct dmasim_cpu *cpu, struct window_slot *s)
{
	bool device = window_accesses(s) && s->attr.type != DMASIM_NORMAL;
	int status;

	if (s->source != WINDOW_NONE) {
		forward(cpu->window, s);
		performed(cpu, s);
		return DMASIM_OK;
	}
	s->state = WINDOW_FLYING;
	status = device ? cpu_sync(cpu) : DMASIM_OK;
	if (!status)
		status = send(cpu, s);
	s->status = status;
	performed(cpu, s);
	if (status)
		return status;
	return s->insn.op == DMASIM_BARRIER ? cpu_sync(cpu)
	                                    : cpu_end_of_access(cpu);
}

/* Barriers that have nothing left to wait for. */
static int perform_barriers(struct dmasim_cpu *cpu)
{
	struct cpu_window *w = cpu->window;
	int status = DMASIM_OK;

	for (uint32_t back = DMASIM_WINDOW; back > 0 && !status; back--) {
		struct window_slot *s =
		        &w->slot[(w->next - back) % DMASIM_WINDOW];

		if (s->insn.op == DMASIM_BARRIER && is_ready(w, s))
			status = perform(cpu, s);
	}
	return status;
}

static int prepare(struct dmasim_cpu *cpu)
{
	int status;

	if (!cpu->window) {
		cpu->window = calloc(1, sizeof(*cpu->window));
		if (!cpu->window)
			return DMASIM_E_NOMEM;
	}
	if (cpu->window->left & dmasim_token_bit(cpu->window->next))
		return DMASIM_E_STATE;
	cpu_drop_early(cpu, 0, UINT64_MAX);
	status = cpu_perform_all_delayed(cpu);
	return status ? status : cpu_drain(cpu, cpu->next);
}

int dmasim_cpu_issue(struct dmasim_cpu *cpu, const struct dmasim_insn *insn,
                     uint32_t *token)
{
	struct window_slot fresh = {.insn = *insn, .state = WINDOW_WAITING};
	struct cpu_window *w;
	int status = prepare(cpu);

	if (status)
		return status;
	w = cpu->window;
	if (!insn_fits(w, insn))
		return DMASIM_E_INVAL;
	status = locate(cpu, &fresh);
	if (status)
		return status;
	fresh.token = w->next;
	if (insn->data_from) {
		const struct window_slot *from =
		        &w->slot[(insn->data_from - 1) % DMASIM_WINDOW];

		fresh.insn.data_dep |= dmasim_token_bit(insn->data_from - 1);
		if (from->state == WINDOW_PERFORMED)
			take_result(&fresh, from);
	}
	if (insn->op == DMASIM_BARRIER)
		cpu_place_barrier(cpu, insn->barrier, insn->domain, &fresh.po);
	else
		cpu_place_ordered(cpu, insn->op, insn->order, &fresh.po);
	window_order(w, &fresh);
	w->slot[fresh.token % DMASIM_WINDOW] = fresh;
	w->left |= dmasim_token_bit(fresh.token);
	w->next++;
	cpu->special |= CPU_SPECIAL_WINDOW;
	*token = fresh.token;
	return perform_barriers(cpu);
}

uint32_t dmasim_cpu_ready(const struct dmasim_cpu *cpu, uint32_t *tokens,
                          uint32_t max)
{
	const struct cpu_window *w = cpu->window;
	uint32_t n = 0;

	for (uint32_t back = DMASIM_WINDOW; w && back > 0 && n < max; back--) {
		const struct window_slot *s =
		        &w->slot[(w->next - back) % DMASIM_WINDOW];

		if (is_ready(w, s))
			tokens[n++] = s->token;
	}
	return n;
}

static struct window_slot *find(const struct dmasim_cpu *cpu, uint32_t token)
{
	struct cpu_window *w = cpu->window;
	struct window_slot *s = w ? &w->slot[token % DMASIM_WINDOW] : NULL;

	return s && s->state != WINDOW_FREE && s->token == token ? s : NULL;
}

int dmasim_cpu_perform(struct dmasim_cpu *cpu, uint32_t token)
{
	struct window_slot *s = find(cpu, token);
	int status;

	if (!s)
		return DMASIM_E_NOTFOUND;
	if (!is_ready(cpu->window, s))
		return DMASIM_E_STATE;
	status = perform(cpu, s);
	return status ? status : perform_barriers(cpu);
}

int dmasim_cpu_result(const struct dmasim_cpu *cpu, uint32_t token,
                      uint64_t *value)
{
	const struct window_slot *s = find(cpu, token);

	if (!s)
		return DMASIM_E_NOTFOUND;
	if (s->state != WINDOW_PERFORMED)
		return DMASIM_E_STATE;
	if (!s->status)
		*value = s->value;
	return s->status;
}

int dmasim_cpu_retire(struct dmasim_cpu *cpu)
{
	uint32_t token;
	int status = DMASIM_OK;

	while (dmasim_cpu_ready(cpu, &token, 1)) {
		int one = dmasim_cpu_perform(cpu, token);

		if (!status)
			status = one;
	}
	return status;
}
