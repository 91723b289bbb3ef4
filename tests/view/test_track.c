/* SPDX-License-Identifier: MIT */
/* One line in all places, from events as they may come: also those that
 * little hardware sends. */
#include "view_internal.h"
#include "view_rig.h"

struct scene {
	struct rig *r;
	struct dmasim_view_config cfg;
	struct view_line l;
	struct view_lane *lane;
	uint8_t bytes[4];
	struct dmasim_txn txn;
	struct dmasim_line_event e;
};

static void begin(struct scene *s, enum dmasim_op op)
{
	memset(s, 0, sizeof(*s));
	s->r = view_rig(NULL);
	s->cfg = view_config(s->r);
	assert_int_equal(view_line_init(&s->l, &s->cfg, RIG_RAM + 5, NULL),
	                 DMASIM_OK);
	s->txn.op = op;
	s->txn.addr = RIG_RAM + 8;
	s->txn.size = 4;
	s->txn.data = s->bytes;
	s->e.line = RIG_RAM;
	s->e.agent = 1;
	s->e.offset = 8;
	s->e.size = 4;
	s->e.txn = &s->txn;
	s->e.bytes = s->bytes;
}

static void end(struct scene *s)
{
	view_line_fini(&s->l);
	rig_free(s->r);
}

static void tell(struct scene *s, enum dmasim_line_event_kind kind,
                 enum dmasim_line_place place, char state)
{
	s->e.kind = kind;
	s->e.place = place;
	s->e.state = state;
	assert_int_equal(view_line_apply(&s->l, &s->e, &s->lane), DMASIM_OK);
}

static const struct view_lane *lane_of(const struct scene *s, const char *name)
{
	for (size_t i = 0; i < s->l.count; i++)
		if (strcmp(s->l.lanes[i].name, name) == 0)
			return &s->l.lanes[i];
	for (size_t i = 0; i < s->l.count; i++)
		print_message("%s\n", s->l.lanes[i].name);
	fail_msg("no lane %s", name);
	return NULL;
}

/* A store waits in the buffer, seen by nobody, and leaves for the cache. */
static void store_buffer(void **state)
{
	const struct view_lane *buffer;
	uint8_t line[64] = {0};
	uint64_t dirty = 0xf00;
	struct scene s;

	(void)state;
	begin(&s, DMASIM_WRITE);
	memcpy(s.bytes, "abcd", 4);
	tell(&s, DMASIM_LINE_WRITE, DMASIM_PLACE_STORE_BUFFER, 'I');
	buffer = lane_of(&s, "cpu0 store buffer");
	assert_int_equal(buffer->known[0], 0xf00);
	assert_memory_equal(buffer->data + 8, "abcd", 4);
	assert_int_equal(s.l.newest[8], 0);
	memcpy(line + 8, "abcd", 4);
	s.e.data = line;
	s.e.dirty = &dirty;
	tell(&s, DMASIM_LINE_WRITE, DMASIM_PLACE_L1, 'M');
	assert_int_equal(lane_of(&s, "cpu0 store buffer")->known[0], 0);
	assert_int_equal(s.l.newest[8], 'a');
	assert_int_equal(lane_of(&s, "cpu0 L1")->dirty[0], 0xf00);
	end(&s);
}

/* The same past the caches: it is the agent whose store it was. */
static void drains_past_the_caches(void **state)
{
	struct scene s;

	(void)state;
	begin(&s, DMASIM_WRITE);
	tell(&s, DMASIM_LINE_WRITE, DMASIM_PLACE_STORE_BUFFER, 'I');
	s.e.agent = 2;
	tell(&s, DMASIM_LINE_PAST_WRITE, DMASIM_PLACE_MEMORY, 'I');
	assert_int_equal(lane_of(&s, "cpu0 store buffer")->known[0], 0xf00);
	s.e.agent = 1;
	tell(&s, DMASIM_LINE_PAST_WRITE, DMASIM_PLACE_MEMORY, 'I');
	assert_int_equal(lane_of(&s, "cpu0 store buffer")->known[0], 0);
	end(&s);
}

/* Whose a cache is may be seen only later. */
static void owners_of_caches(void **state)
{
	uint8_t line[64] = {1};
	struct scene s;

	(void)state;
	begin(&s, DMASIM_READ);
	s.e.cpu = 2;
	s.e.agent = s.r->noncoherent_agent;
	tell(&s, DMASIM_LINE_SNOOPED, DMASIM_PLACE_L1, 'I');
	lane_of(&s, "cache 2 L1");
	s.e.agent = s.r->host_agent;
	s.e.data = line;
	tell(&s, DMASIM_LINE_READ, DMASIM_PLACE_L1, 'E');
	assert_int_equal(lane_of(&s, "host L1")->owner, s.r->host_agent);
	tell(&s, DMASIM_LINE_FILL, DMASIM_PLACE_SHARED, 'S');
	lane_of(&s, "shared cache");
	tell(&s, DMASIM_LINE_FILL, DMASIM_PLACE_SYSTEM, 'S');
	assert_int_equal(lane_of(&s, "system cache")->owner, 0);
	end(&s);
}

/* An access whose bytes nobody tells. */
static void unknown_bytes(void **state)
{
	char text[224];
	struct scene s;

	(void)state;
	begin(&s, DMASIM_READ);
	s.e.bytes = NULL;
	tell(&s, DMASIM_LINE_PAST_READ, DMASIM_PLACE_MEMORY, 'I');
	assert_int_equal(lane_of(&s, "cpu0 sees")->known[0], 0);
	view_access_text(&s.cfg, &s.e, text, sizeof(text));
	assert_null(strstr(text, ": "));
	end(&s);
}

/* What was loaded early waits in no store buffer. */
static void early_loads(void **state)
{
	char text[224];
	struct scene s;

	(void)state;
	begin(&s, DMASIM_READ);
	tell(&s, DMASIM_LINE_READ, DMASIM_PLACE_STORE_BUFFER, 'I');
	assert_int_equal(lane_of(&s, "cpu0 store buffer")->known[0], 0);
	view_access_text(&s.cfg, &s.e, text, sizeof(text));
	assert_memory_equal(text, "takes, as it was loaded early, ", 31);
	end(&s);
}

static void words(void **state)
{
	struct dmasim_origin o = {.what = "fetch"}, same = o, other = o;
	char text[224];
	struct scene s;

	(void)state;
	begin(&s, DMASIM_ATOMIC_ADD);
	s.e.kind = DMASIM_LINE_WRITE;
	s.e.place = DMASIM_PLACE_L1;
	view_access_text(&s.cfg, &s.e, text, sizeof(text));
	assert_memory_equal(text, dmasim_op_name(DMASIM_ATOMIC_ADD),
	                    strlen(dmasim_op_name(DMASIM_ATOMIC_ADD)));
	s.e.place = DMASIM_PLACE_STORE_BUFFER;
	view_access_text(&s.cfg, &s.e, text, sizeof(text));
	assert_memory_equal(text, "puts into its store buffer", 26);
	s.e.kind = DMASIM_LINE_FILL;
	s.e.place = DMASIM_PLACE_L1;
	s.e.txn = NULL;
	view_access_text(&s.cfg, &s.e, text, sizeof(text));
	assert_memory_equal(text, "touches", 7);
	s.e.kind = DMASIM_LINE_CLEAN;
	s.e.state = 'I';
	view_effect_text(&s.e, "cpu0 L1", text, sizeof(text));
	assert_string_equal(text, "cpu0 L1 has nothing to clean");
	view_origin_text(NULL, text, sizeof(text));
	assert_string_equal(text, "");
	view_origin_text(&o, text, sizeof(text));
	assert_string_equal(text, "fetch");
	assert_true(view_same_origin(NULL, NULL));
	assert_false(view_same_origin(&o, NULL));
	assert_true(view_same_origin(&o, &same));
	other.what = NULL;
	assert_false(view_same_origin(&o, &other));
	other = o;
	other.request = 2;
	assert_false(view_same_origin(&o, &other));
	end(&s);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(store_buffer),
        cmocka_unit_test(drains_past_the_caches),
        cmocka_unit_test(owners_of_caches),
        cmocka_unit_test(unknown_bytes),
        cmocka_unit_test(early_loads),
        cmocka_unit_test(words),
};

CHECK_MAIN(tests)
