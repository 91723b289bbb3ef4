/* SPDX-License-Identifier: MIT */
/*
 * The trace T10M through one CPU's port, beside a second model of the caches
 * that has tags alone and follows the rules of Dinero IV: each set is a stack
 * with the line used last on top; a miss takes the place of the lowest one and
 * fetches the line from the next level, and then the line that has left is
 * written there if it was dirty. And the bytes are those of a flat array.
 */
#include "check.h"

#include <stdlib.h>

#include "dmasim/cache.h"
#include "t10m.h"

#define LINE_BITS 6

struct entry {
	uint64_t line;
	bool dirty;
};

struct stacks {
	uint32_t sets, ways;
	/** Of each set, how many are in use; ways entries from the top. */
	uint32_t *used;
	struct entry *entry;
	uint64_t reads, writes, read_misses, write_misses;
};

static void stacks_init(struct stacks *s, uint32_t sets, uint32_t ways)
{
	*s = (struct stacks){.sets = sets, .ways = ways};
	s->used = calloc(sets, sizeof(*s->used));
	s->entry = calloc((size_t)sets * ways, sizeof(*s->entry));
	assert_non_null(s->used);
	assert_non_null(s->entry);
}

static void stacks_free(struct stacks *s)
{
	free(s->used);
	free(s->entry);
}

/* True: it was there. @out: the line that has left, dirty if it was. */
static bool use(struct stacks *s, uint64_t line, bool write, struct entry *out)
{
	uint32_t set = (uint32_t)(line % s->sets), at = 0;
	struct entry *stack = s->entry + (size_t)set * s->ways;
	struct entry top = {line, write};
	bool found;

	while (at < s->used[set] && stack[at].line != line)
		at++;
	found = at < s->used[set];
	*out = (struct entry){0};
	if (found)
		top.dirty |= stack[at].dirty;
	else if (at == s->ways)
		*out = stack[--at];
	else
		s->used[set]++;
	memmove(stack + 1, stack, at * sizeof(*stack));
	stack[0] = top;
	s->reads += !write;
	s->writes += write;
	s->read_misses += !write && !found;
	s->write_misses += write && !found;
	return found;
}

static void use_both(struct stacks *l1, struct stacks *l2, uint64_t line,
                     bool write)
{
	struct entry out, ignored;

	if (use(l1, line, write, &out))
		return;
	use(l2, line, false, &ignored);
	if (out.dirty)
		use(l2, out.line, true, &ignored);
}

struct system {
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_checker *checker;
	struct dmasim_memsys *ms;
	struct dmasim_port port;
	/** What memory should hold; each part of the trace behind the other. */
	uint64_t *flat;
};

#define PART_HOT   0x20000u
#define PART_COLD  0x21000u
#define FLAT_WORDS (PART_COLD + 0x800000u)

static uint64_t *word(struct system *s, uint64_t addr)
{
	if (addr >= T10M_COLD)
		return s->flat + PART_COLD + (addr - T10M_COLD) / 8;
	if (addr >= T10M_HOT)
		return s->flat + PART_HOT + (addr - T10M_HOT) / 8;
	return s->flat + (addr - T10M_IN_ORDER) / 8;
}

static void system_open(struct system *s, bool checked)
{
	struct dmasim_memsys_config cfg = {.cpus = 1};

	*s = (struct system){0};
	assert_int_equal(dmasim_kernel_create(NULL, &s->k), DMASIM_OK);
	assert_int_equal(
	        dmasim_map_create(&(struct dmasim_map_config){.kernel = s->k},
	                          &s->map),
	        DMASIM_OK);
	assert_int_equal(
	        dmasim_map_add_ram(s->map, "ram", T10M_RAM, T10M_RAM_SIZE),
	        DMASIM_OK);
	if (checked)
		assert_int_equal(
		        dmasim_checker_create(
		                &(struct dmasim_checker_config){.kernel = s->k},
		                &s->checker),
		        DMASIM_OK);
	cfg.kernel = s->k;
	cfg.map = s->map;
	cfg.checker = s->checker;
	assert_int_equal(dmasim_memsys_create(&cfg, &s->ms), DMASIM_OK);
	assert_int_equal(dmasim_memsys_cpu_port(s->ms, 0, &s->port), DMASIM_OK);
	s->flat = calloc(FLAT_WORDS, sizeof(*s->flat));
	assert_non_null(s->flat);
}

static void system_close(struct system *s)
{
	dmasim_memsys_destroy(s->ms);
	dmasim_checker_destroy(s->checker);
	dmasim_map_destroy(s->map);
	dmasim_kernel_destroy(s->k);
	free(s->flat);
}

static void access_one(struct system *s, uint64_t addr, bool write, uint64_t i)
{
	uint64_t data = i * 0x9e3779b97f4a7c15ull;
	struct dmasim_txn txn = {
	        .op = write ? DMASIM_WRITE : DMASIM_READ,
	        .addr = addr,
	        .size = 8,
	        .attr = dmasim_attr_wb,
	        .data = (uint8_t *)&data,
	        .origin = DMASIM_HERE,
	};

	if (dmasim_access(&s->port, &txn) != DMASIM_TXN_OK || !txn.latency)
		fail_msg("access %llu fails", (unsigned long long)i);
	if (write)
		*word(s, addr) = data;
	else if (data != *word(s, addr))
		fail_msg("access %llu at 0x%llx reads other bytes",
		         (unsigned long long)i, (unsigned long long)addr);
}

static void compare(const struct system *s, int level,
                    const struct stacks *model)
{
	struct dmasim_cache_stats got;

	assert_int_equal(dmasim_memsys_stats(s->ms, level, 0, &got), DMASIM_OK);
	assert_int_equal(got.read_misses, model->read_misses);
	assert_int_equal(got.write_misses, model->write_misses);
	print_message("level %d: %llu misses of %llu\n", level,
	              (unsigned long long)(got.read_misses + got.write_misses),
	              (unsigned long long)(model->reads + model->writes));
}

static void run(bool checked)
{
	struct stacks l1, l2;
	struct system s;
	struct t10m t;

	stacks_init(&l1, 128, 4);
	stacks_init(&l2, 1024, 8);
	system_open(&s, checked);
	t10m_start(&t);
	for (uint64_t i = 0; i < ACCESSES; i++) {
		uint64_t at = t10m_next(&t);
		bool write = at & 1;

		access_one(&s, at & ~7ull, write, i);
		use_both(&l1, &l2, at >> LINE_BITS, write);
	}
	compare(&s, 1, &l1);
	compare(&s, 2, &l2);
	/* Dinero IV, version 7, prints these for the whole trace. */
	if (ACCESSES == T10M_ACCESSES) {
		assert_int_equal(l1.read_misses, 1509958);
		assert_int_equal(l1.write_misses, 641180);
		assert_int_equal(l2.read_misses, 1745236);
		assert_int_equal(l2.write_misses, 148);
	}
	if (s.checker)
		assert_int_equal(dmasim_finding_count(s.checker), 0);
	system_close(&s);
	stacks_free(&l1);
	stacks_free(&l2);
}

static void checker_off(void **state)
{
	(void)state;
	run(false);
}

static void checker_on(void **state)
{
	(void)state;
	run(true);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(checker_off),
        cmocka_unit_test(checker_on),
};

CHECK_MAIN(tests)
