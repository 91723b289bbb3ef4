/* SPDX-License-Identifier: MIT */
/* MESI and MOESI, transition by transition: what two CPUs' caches hold. */
#include "rig.h"

#include "invariants.h"
#include "memsys_internal.h"

#define A  (RIG_RAM + 0x1000)
#define WB &dmasim_attr_wb

/* The line's state in CPU @cpu's caches, 'I' if it is not there. */
static char state_of(const struct rig *r, uint32_t cpu)
{
	const struct ms_port *p = ms_cached_port(r->ms, cpu);
	const struct cache *levels[] = {p->l1, p->l2};

	for (unsigned i = 0; i < 2; i++) {
		int32_t way = levels[i] ? cache_find(levels[i],
		                                     A >> r->ms->line_shift)
		                        : -1;

		if (way >= 0)
			return "ISEMO"[cache_state(levels[i], (uint32_t)way)];
	}
	return 'I';
}

/* "r0" CPU 0 reads, "w1" CPU 1 writes, "a0" an atomic, "rd" and "wd" the
 * coherent device, "rn" and "wn" the one that is not, "c0" clean, "i0" clean
 * and invalidate, "e0" evict, "p1" prefetch, "l0" clean early. */
static uint64_t act(struct rig *r, const char *what, uint64_t value)
{
	uint32_t cpu = what[1] == '1';
	const struct dmasim_port *p = what[1] == 'd'   ? &r->coherent
	                              : what[1] == 'n' ? &r->noncoherent
	                                               : &r->core[cpu];

	switch (what[0]) {
	case 'r':
		assert_int_equal(rig_read(r, p, A, WB), value);
		return value;
	case 'w':
		rig_write(r, p, A, value + 1, WB);
		return value + 1;
	case 'a': {
		uint64_t one = 1;

		assert_int_equal(
		        rig_move(r, p, DMASIM_ATOMIC_ADD, A, &one, 8, WB),
		        DMASIM_TXN_OK);
		assert_int_equal(one, value);
		return value + 1;
	}
	case 'c':
		assert_int_equal(rig_move(r, p, DMASIM_CLEAN, A, NULL, 8, WB),
		                 DMASIM_TXN_OK);
		break;
	case 'i':
		assert_int_equal(
		        rig_move(r, p, DMASIM_CLEAN_INVALIDATE, A, NULL, 8, WB),
		        DMASIM_TXN_OK);
		break;
	case 'e':
		assert_int_equal(dmasim_memsys_evict(r->ms, cpu, A), DMASIM_OK);
		break;
	case 'l':
		assert_int_equal(dmasim_memsys_clean(r->ms, cpu, A), DMASIM_OK);
		break;
	default:
		assert_int_equal(dmasim_memsys_prefetch(r->ms, cpu, A, WB),
		                 DMASIM_OK);
	}
	return value;
}

struct row {
	const char *before; /**< states, and how to get there */
	const char *setup;
	const char *what;
	const char *after;
};

static void check_rows(const struct rig_config *cfg, const struct row *rows,
                       size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct rig *r = rig_new(cfg);
		uint64_t value = 0;
		char why[128];

		for (const char *s = rows[i].setup; *s; s += 2)
			value = act(r, s, value);
		if (state_of(r, 0) != rows[i].before[0] ||
		    state_of(r, 1) != rows[i].before[1])
			fail_msg("%s: %c%c before, not %s", rows[i].setup,
			         state_of(r, 0), state_of(r, 1),
			         rows[i].before);
		value = act(r, rows[i].what, value);
		if (state_of(r, 0) != rows[i].after[0] ||
		    state_of(r, 1) != rows[i].after[1])
			fail_msg("%s then %s: %c%c, not %s", rows[i].setup,
			         rows[i].what, state_of(r, 0), state_of(r, 1),
			         rows[i].after);
		if (broken_promise(r->ms, true, why, sizeof(why)))
			fail_msg("%s then %s: %s", rows[i].setup, rows[i].what,
			         why);
		/* Whatever the states: everybody sees the last value, and it
		 * is what is left in the end. */
		assert_int_equal(rig_read(r, &r->coherent, A, WB), value);
		assert_int_equal(rig_read(r, &r->core[1], A, WB), value);
		assert_int_equal(dmasim_memsys_flush(r->ms), DMASIM_OK);
		assert_int_equal(rig_ram(r, A), value);
		rig_no_findings(r);
		rig_free(r);
	}
}

#define BOTH                                                                   \
	{"II", "", "r0", "EI"}, {"II", "", "w0", "MI"},                        \
	        {"II", "", "a1", "IM"}, {"II", "", "p1", "IE"},                \
	        {"II", "", "rd", "II"}, {"II", "", "wd", "II"},                \
	        {"EI", "r0", "r0", "EI"}, {"EI", "r0", "w0", "MI"},            \
	        {"EI", "r0", "r1", "SS"}, {"EI", "r0", "w1", "IM"},            \
	        {"EI", "r0", "a1", "IM"}, {"EI", "r0", "p1", "SS"},            \
	        {"EI", "r0", "rd", "EI"}, {"EI", "r0", "wd", "II"},            \
	        {"EI", "r0", "c1", "EI"}, {"EI", "r0", "i1", "II"},            \
	        {"EI", "r0", "e0", "II"}, {"EI", "r0", "l0", "EI"},            \
	        {"SS", "r0r1", "r0", "SS"}, {"SS", "r0r1", "w0", "MI"},        \
	        {"SS", "r0r1", "w1", "IM"}, {"SS", "r0r1", "a0", "MI"},        \
	        {"SS", "r0r1", "rd", "SS"}, {"SS", "r0r1", "wd", "II"},        \
	        {"SS", "r0r1", "c0", "SS"}, {"SS", "r0r1", "i0", "II"},        \
	        {"SS", "r0r1", "e0", "IS"}, {"IS", "r0r1e0", "r0", "SS"},      \
	        {"IS", "r0r1e0", "w1", "IM"}, {"MI", "w0", "r0", "MI"},        \
	        {"MI", "w0", "w0", "MI"}, {"MI", "w0", "w1", "IM"},            \
	        {"MI", "w0", "a1", "IM"}, {"MI", "w0", "rd", "MI"},            \
	        {"MI", "w0", "wd", "II"}, {"MI", "w0", "c1", "EI"},            \
	        {"MI", "w0", "i1", "II"}, {"MI", "w0", "e0", "II"},            \
	{                                                                      \
		"MI", "w0", "l0", "EI"                                         \
	}

static const struct row mesi_rows[] = {
        BOTH,
        {"MI", "w0", "r1", "SS"},
        {"MI", "w0", "p1", "SS"},
};

static const struct row moesi_rows[] = {
        BOTH,
        {"MI", "w0", "r1", "OS"},
        {"MI", "w0", "p1", "OS"},
        {"OS", "w0r1", "r0", "OS"},
        {"OS", "w0r1", "r1", "OS"},
        {"OS", "w0r1", "w0", "MI"},
        {"OS", "w0r1", "w1", "IM"},
        {"OS", "w0r1", "a0", "MI"},
        {"OS", "w0r1", "a1", "IM"},
        {"OS", "w0r1", "rd", "OS"},
        {"OS", "w0r1", "wd", "II"},
        {"OS", "w0r1", "c1", "SS"},
        {"OS", "w0r1", "i1", "II"},
        {"OS", "w0r1", "e0", "IS"},
        {"OS", "w0r1", "e1", "OI"},
        {"OS", "w0r1", "l0", "SS"},
        {"OI", "w0r1e1", "r1", "OS"},
        {"OI", "w0r1e1", "w0", "MI"},
        {"OI", "w0r1e1", "w1", "IM"},
        {"IS", "w0r1e0", "w1", "IM"},
        {"IS", "w0r1e0", "r0", "SS"},
};

static void table(enum dmasim_protocol protocol, const struct row *rows,
                  size_t count)
{
	const struct dmasim_cache_config absent = {.cycles = 1};
	const struct dmasim_cache_config l2 = {
	        .size = 1024, .ways = 2, .cycles = 5};

	check_rows(&(struct rig_config){.protocol = protocol}, rows, count);
	check_rows(&(struct rig_config){.protocol = protocol, .l2 = l2}, rows,
	           count);
	check_rows(&(struct rig_config){.protocol = protocol,
	                                .shared = absent,
	                                .system = l2},
	           rows, count);
}

static void mesi(void **state)
{
	(void)state;
	table(DMASIM_MESI, mesi_rows, sizeof(mesi_rows) / sizeof(*mesi_rows));
}

static void moesi(void **state)
{
	(void)state;
	table(DMASIM_MOESI, moesi_rows,
	      sizeof(moesi_rows) / sizeof(*moesi_rows));
}

/* What Owned is for: a dirty line is shared without a write to memory. */
static void owned_writes_nothing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct rig *r = rig_new(&(struct rig_config){
		        .protocol = i ? DMASIM_MOESI : DMASIM_MESI,
		        .shared = {.cycles = 1}});

		rig_write(r, &r->core[0], A, 5, WB);
		assert_int_equal(rig_read(r, &r->core[1], A, WB), 5);
		assert_int_equal(r->slow.writes, i ? 0 : 1);
		/* Dirty bytes go from owner to owner. */
		rig_write(r, &r->core[1], A + 8, 6, WB);
		rig_write(r, &r->core[0], A + 16, 7, WB);
		assert_int_equal(r->slow.writes, i ? 0 : 2);
		assert_int_equal(dmasim_memsys_evict(r->ms, 0, A), DMASIM_OK);
		assert_int_equal(r->slow.writes, i ? 1 : 3);
		assert_int_equal(rig_ram(r, A), 5);
		assert_int_equal(rig_ram(r, A + 8), 6);
		assert_int_equal(rig_ram(r, A + 16), 7);
		rig_no_findings(r);
		rig_free(r);
	}
}

/*
 * While dirty bytes are between two caches, the room that is made for them
 * may evict the shared cache's older copy: memory must not see that.
 */
static void older_bytes_stay_behind(void **state)
{
	const struct dmasim_cache_config one = {
	        .size = 64, .ways = 1, .cycles = 1};

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		bool from_l2 = i & 2;
		struct rig *r = rig_new(&(struct rig_config){
		        .protocol = i & 1 ? DMASIM_MOESI : DMASIM_MESI,
		        .l1 = one,
		        .l2 = from_l2 ? one : (struct dmasim_cache_config){0},
		        .shared = one});

		/* What will be in the way. */
		rig_write(r, &r->core[0], A + 64, 9, WB);
		if (from_l2)
			rig_write(r, &r->core[0], A + 128, 9, WB);
		/* An older byte in the shared cache, a newer one above. */
		rig_write(r, &r->core[1], A, 1, WB);
		assert_int_equal(dmasim_memsys_evict(r->ms, 1, A), DMASIM_OK);
		rig_write(r, &r->core[1], A, 2, WB);
		assert_int_equal(rig_ram(r, A), 0);
		if (from_l2) {
			/* It goes down, and up again, the other way round. */
			rig_write(r, &r->core[1], A + 192, 9, WB);
			assert_int_equal(dmasim_memsys_clean(r->ms, 1, A),
			                 DMASIM_OK);
			rig_write(r, &r->core[1], A, 3, WB);
			rig_write(r, &r->core[1], A + 192, 9, WB);
		}
		rig_write(r, &r->core[0], A, 7, WB);
		assert_int_equal(rig_read(r, &r->coherent, A, WB), 7);
		rig_no_findings(r);
		assert_int_equal(dmasim_memsys_flush(r->ms), DMASIM_OK);
		assert_int_equal(rig_ram(r, A), 7);
		rig_no_findings(r);
		rig_free(r);
	}
}

/* Lines move between an L1 and the L2 behind it, and are in one of them. */
static void private_l2(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){
	        .l1 = {.size = 128, .ways = 2, .cycles = 1},
	        .l2 = {.size = 256, .ways = 4, .cycles = 4}});
	struct dmasim_cache_stats s;
	uint64_t reads;

	(void)state;
	for (uint64_t i = 0; i < 6; i++)
		rig_write(r, &r->core[0], A + i * 64, i, WB);
	reads = r->slow.reads;
	for (uint64_t i = 0; i < 6; i++)
		assert_int_equal(rig_read(r, &r->core[0], A + i * 64, WB), i);
	assert_int_equal(r->slow.reads, reads);
	assert_int_equal(dmasim_memsys_stats(r->ms, 1, 0, &s), DMASIM_OK);
	assert_int_equal(s.read_misses, 6);
	assert_int_equal(dmasim_memsys_stats(r->ms, 2, 0, &s), DMASIM_OK);
	assert_int_equal(s.reads, 12);
	assert_int_equal(s.read_misses, 6);
	assert_int_equal(dmasim_memsys_stats(r->ms, 3, 0, &s), DMASIM_OK);
	assert_int_equal(s.reads, 6);
	assert_int_equal(s.write_misses, 0);
	assert_int_equal(dmasim_memsys_stats(r->ms, DMASIM_SYSTEM_LEVEL, 0, &s),
	                 DMASIM_E_NOTFOUND);
	/* Another CPU finds it in either. */
	for (uint64_t i = 0; i < 6; i++)
		assert_int_equal(rig_read(r, &r->core[1], A + i * 64, WB), i);
	rig_no_findings(r);
	rig_free(r);
}

/* What goes past everything still goes through the system cache. */
static void system_cache(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){
	        .system = {.size = 1024, .ways = 2, .cycles = 20}});
	struct dmasim_cache_stats s;
	uint64_t v = 1;
	uint8_t two[128] = {0};

	(void)state;
	rig_write(r, &r->core[0], A, 5, WB);
	rig_write(r, &r->core[0], A + 64, 6, WB);
	/* A clean to the point of coherency ends in the system cache. */
	assert_int_equal(
	        rig_move(r, &r->core[0], DMASIM_CLEAN, A, NULL, 128, WB),
	        DMASIM_TXN_OK);
	assert_int_equal(rig_ram(r, A), 0);
	assert_int_equal(rig_read(r, &r->noncoherent, A, WB), 5);
	assert_int_equal(rig_read(r, &r->core[1], A, &dmasim_attr_nc), 5);
	assert_int_equal(
	        rig_move(r, &r->noncoherent, DMASIM_READ, A + 32, two, 64, WB),
	        DMASIM_TXN_OK);
	assert_int_equal(two[32], 6);
	/* One to persistence reaches memory itself. */
	assert_int_equal(
	        rig_move(r, &r->core[0], DMASIM_CLEAN_POP, A, NULL, 8, WB),
	        DMASIM_TXN_OK);
	assert_int_equal(rig_ram(r, A), 5);
	assert_int_equal(rig_ram(r, A + 64), 0);
	/* A write that it has all of stays; else memory gets it. */
	rig_write(r, &r->noncoherent, A + 64, 7, WB);
	assert_int_equal(rig_ram(r, A + 64), 0);
	two[0] = 9;
	assert_int_equal(rig_move(r, &r->noncoherent, DMASIM_WRITE, A + 64, two,
	                          128, WB),
	                 DMASIM_TXN_OK);
	assert_int_equal(rig_ram(r, A + 64), 9);
	assert_int_equal(rig_read(r, &r->core[1], A + 64, &dmasim_attr_nc), 9);
	/* An atomic past the caches happens in memory. */
	assert_int_equal(rig_move(r, &r->core[0], DMASIM_ATOMIC_ADD, A, &v, 8,
	                          &dmasim_attr_nc),
	                 DMASIM_TXN_OK);
	assert_int_equal(v, 5);
	assert_int_equal(rig_ram(r, A), 6);
	assert_int_equal(dmasim_memsys_stats(r->ms, DMASIM_SYSTEM_LEVEL, 0, &s),
	                 DMASIM_OK);
	assert_true(s.reads > 2 && s.read_misses >= 2 && s.writes >= 3 &&
	            s.writebacks >= 1);
	rig_free(r);
}

static void steps_of_the_system_cache(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){
	        .shared = {.cycles = 1},
	        .system = {.size = 1024, .ways = 2, .cycles = 20}});

	(void)state;
	assert_int_equal(dmasim_memsys_evict(r->ms, DMASIM_SYSTEM_CACHE, A),
	                 DMASIM_E_NOTFOUND);
	assert_int_equal(dmasim_memsys_evict(r->ms, DMASIM_SHARED_CACHE, A),
	                 DMASIM_E_NOTFOUND);
	rig_write(r, &r->core[0], A, 5, WB);
	assert_int_equal(dmasim_memsys_evict(r->ms, 0, A), DMASIM_OK);
	assert_int_equal(rig_ram(r, A), 0);
	assert_int_equal(dmasim_memsys_clean(r->ms, DMASIM_SYSTEM_CACHE, A),
	                 DMASIM_OK);
	assert_int_equal(rig_ram(r, A), 5);
	rig_write(r, &r->core[0], A, 6, WB);
	assert_int_equal(dmasim_memsys_evict(r->ms, 0, A), DMASIM_OK);
	assert_int_equal(dmasim_memsys_evict(r->ms, DMASIM_SYSTEM_CACHE, A),
	                 DMASIM_OK);
	assert_int_equal(rig_ram(r, A), 6);
	assert_int_equal(rig_read(r, &r->core[0], A, WB), 6);
	rig_no_findings(r);
	rig_free(r);
}

/* A look sees through all of it, and leaves no trace. */
static void looks(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){
	        .system = {.size = 1024, .ways = 2, .cycles = 20}});
	uint64_t v = 0;
	struct dmasim_txn look = {.addr = A,
	                          .size = 8,
	                          .data = (uint8_t *)&v,
	                          .flags = DMASIM_TXN_DEBUG,
	                          .attr = dmasim_attr_wb};

	(void)state;
	rig_write(r, &r->core[0], A, 5, WB);
	assert_int_equal(rig_access(r, &r->noncoherent, &look), DMASIM_TXN_OK);
	assert_int_equal(v, 0);
	assert_int_equal(rig_access(r, &r->coherent, &look), DMASIM_TXN_OK);
	assert_int_equal(v, 5);
	assert_int_equal(rig_move(r, &r->core[0], DMASIM_CLEAN_INVALIDATE, A,
	                          NULL, 8, WB),
	                 DMASIM_TXN_OK);
	v = 0;
	assert_int_equal(rig_ram(r, A), 0);
	assert_int_equal(rig_access(r, &r->noncoherent, &look), DMASIM_TXN_OK);
	assert_int_equal(v, 5);
	look.op = DMASIM_CLEAN;
	assert_int_equal(rig_access(r, &r->core[0], &look), DMASIM_TXN_SLAVE);
	rig_free(r);
}

/* A line may be in an L1 or in the L2 behind it: a blob that says both is
 * refused. */
static void twice_in_one_cpu(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){
	        .l2 = {.size = 1024, .ways = 2, .cycles = 5}});
	struct cache *c = ms_cached_port(r->ms, 0)->l2;
	struct dmasim_writer *w;
	struct dmasim_reader *reader;
	const uint8_t *blob;
	size_t size;
	char why[128];

	(void)state;
	rig_read(r, &r->core[0], A, WB);
	cache_install(c, cache_victim(c, A >> 6), A >> 6, true);
	assert_string_equal(broken_promise(r->ms, true, why, sizeof(why)),
	                    "L1 of cpu 0, line 0x80001000: in both levels of "
	                    "one CPU");
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_memsys_save(r->ms, w), DMASIM_OK);
	assert_int_equal(dmasim_writer_result(w, &blob, &size), DMASIM_OK);
	assert_int_equal(dmasim_reader_create(blob, size, &reader), DMASIM_OK);
	assert_int_equal(dmasim_memsys_restore(r->ms, reader), DMASIM_E_FORMAT);
	dmasim_reader_destroy(reader);
	dmasim_writer_destroy(w);
	rig_free(r);
}

/* The clock of a cache comes round: who is the oldest stays so. */
static void clocks_come_round(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){
	        .l1 = {.size = 256, .ways = 4, .cycles = 1}});
	struct cache *c = ms_cached_port(r->ms, 0)->l1;

	(void)state;
	for (uint64_t i = 0; i < 4; i++)
		rig_read(r, &r->core[0], A + i * 64, WB);
	rig_read(r, &r->core[0], A, WB);
	c->clock = UINT32_MAX - 1;
	/* Now the order is 1, 2, 0, 3; the touch of 3 renumbers. */
	rig_read(r, &r->core[0], A + 3 * 64, WB);
	assert_int_equal(c->clock, 4);
	for (uint64_t i = 0; i < 3; i++) {
		static const uint64_t order[] = {1, 2, 0};

		rig_read(r, &r->core[0], A + (4 + i) * 64, WB);
		assert_int_equal(cache_find(c, (A >> 6) + order[i]), -1);
		assert_true(cache_find(c, (A >> 6) + 3) >= 0);
	}
	rig_free(r);
}

/* What an observer is told of lines that move between levels. */
struct tale {
	char text[1024];
};

static void hear(void *ctx, const struct dmasim_line_event *e)
{
	struct tale *t = ctx;
	size_t used = strlen(t->text);

	snprintf(t->text + used, sizeof(t->text) - used, "%s %s %llu %c|",
	         dmasim_line_place_name(e->place),
	         dmasim_line_event_name(e->kind),
	         (unsigned long long)(e->line - A) / 64, e->state);
}

static void moves_are_told(void **state)
{
	struct rig *r = rig_new(&(struct rig_config){
	        .protocol = DMASIM_MOESI,
	        .l1 = {.size = 64, .ways = 1, .cycles = 1},
	        .l2 = {.size = 64, .ways = 1, .cycles = 1},
	        .system = {.size = 64, .ways = 1, .cycles = 1}});
	struct tale t = {{0}};

	(void)state;
	assert_int_equal(dmasim_memsys_observe(r->ms, hear, &t), DMASIM_OK);
	rig_write(r, &r->core[0], A, 1, WB);
	assert_string_equal(t.text,
	                    "system cache fill 0 S|shared cache fill 0 S|"
	                    "L1 fill 0 E|L1 write 0 M|");
	t.text[0] = '\0';
	rig_read(r, &r->core[1], A, WB);
	assert_string_equal(t.text, "L1 share 0 O|L1 fill 0 S|L1 read 0 S|");
	assert_int_equal(dmasim_memsys_evict(r->ms, DMASIM_SHARED_CACHE, A),
	                 DMASIM_OK);
	t.text[0] = '\0';
	/* Down to the L2, and up again. */
	rig_read(r, &r->core[0], A + 64, WB);
	assert_string_equal(t.text,
	                    "system cache evict 0 I|system cache fill 1 S|"
	                    "shared cache fill 1 S|L1 evict 0 I|L2 fill 0 O|"
	                    "L1 fill 1 E|L1 read 1 E|");
	t.text[0] = '\0';
	rig_read(r, &r->core[0], A, WB);
	assert_string_equal(t.text, "L1 evict 1 I|L2 fill 1 E|L1 fill 0 O|"
	                            "L1 read 0 O|");
	t.text[0] = '\0';
	assert_int_equal(dmasim_memsys_evict(r->ms, 0, A), DMASIM_OK);
	assert_string_equal(t.text, "shared cache fill 0 S|"
	                            "L1 write-back 0 S|L1 evict 0 I|");
	rig_free(r);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(mesi),
        cmocka_unit_test(moesi),
        cmocka_unit_test(owned_writes_nothing),
        cmocka_unit_test(older_bytes_stay_behind),
        cmocka_unit_test(private_l2),
        cmocka_unit_test(system_cache),
        cmocka_unit_test(steps_of_the_system_cache),
        cmocka_unit_test(looks),
        cmocka_unit_test(twice_in_one_cpu),
        cmocka_unit_test(clocks_come_round),
        cmocka_unit_test(moves_are_told),
};

CHECK_MAIN(tests)
