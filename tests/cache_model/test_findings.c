/* SPDX-License-Identifier: MIT */
/* Names of places, notes of DMA mappings, and the text of findings. */
#include "rig.h"

#define IOVA 0xfff00000ull
#define PA   (RIG_RAM + 0x4000)

static void check_name(struct rig *r, uint64_t addr, const char *expected)
{
	char buf[96];

	dmasim_describe(r->checker, addr, buf, sizeof(buf));
	assert_string_equal(buf, expected);
}

static void describe_ring(void *ctx, uint64_t offset, char *buf, size_t size)
{
	snprintf(buf, size, "%s field %llu", (const char *)ctx,
	         (unsigned long long)offset / 2);
}

static void names(void **state)
{
	struct rig *r = *state;
	struct dmasim_checker *c = r->checker;
	char ring[] = "virtqueue 0";

	check_name(r, 0x1234, "0x1234");
	assert_int_equal(dmasim_name_region(c, 0x1000, 0x1000, "a", NULL, NULL),
	                 DMASIM_OK);
	check_name(r, 0x1000, "a");
	check_name(r, 0x1fff, "a+0xfff");
	check_name(r, 0x2000, "0x2000");
	check_name(r, 0xfff, "0xfff");
	/* Later names win. */
	assert_int_equal(dmasim_name_region(c, 0x1800, 0x10, "b", NULL, NULL),
	                 DMASIM_OK);
	check_name(r, 0x1808, "b+0x8");
	check_name(r, 0x1810, "a+0x810");
	assert_int_equal(dmasim_name_region(c, 0x1800, 0x10, "ring",
	                                    describe_ring, ring),
	                 DMASIM_OK);
	check_name(r, 0x1806, "virtqueue 0 field 3");
	/* Take a part of all three away: the rest keeps its offsets. */
	dmasim_unname_region(c, 0x1804, 8);
	check_name(r, 0x1802, "virtqueue 0 field 1");
	check_name(r, 0x1804, "0x1804");
	check_name(r, 0x180b, "0x180b");
	check_name(r, 0x180e, "virtqueue 0 field 7");
	check_name(r, 0x1000, "a");
	check_name(r, 0x1810, "a+0x810");
	dmasim_unname_region(c, 0x1800, 0x10);
	check_name(r, 0x180e, "0x180e");
	dmasim_unname_region(c, 0x1810, 0);
	check_name(r, 0x1810, "a+0x810");
	/* From the front, from the back, whole, and to the end of all. */
	dmasim_unname_region(c, 0x800, 0x900);
	check_name(r, 0x10ff, "0x10ff");
	check_name(r, 0x1100, "a+0x100");
	dmasim_unname_region(c, 0x1700, 0x10000);
	check_name(r, 0x16ff, "a+0x6ff");
	check_name(r, 0x1700, "0x1700");
	dmasim_unname_region(c, 0x1100, UINT64_MAX);
	check_name(r, 0x1100, "0x1100");

	assert_int_equal(dmasim_name_region(c, 0, 0, "x", NULL, NULL),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_name_region(c, 0, 1, NULL, NULL, NULL),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_name_region(c, UINT64_MAX, 2, "x", NULL, NULL),
	                 DMASIM_E_INVAL);
	assert_int_equal(
	        dmasim_name_region(c, UINT64_MAX, 1, "top", NULL, NULL),
	        DMASIM_OK);
	check_name(r, UINT64_MAX, "top");
}

static void agents(void **state)
{
	struct rig *r = *state;
	uint32_t agent = 0;

	assert_string_equal(dmasim_agent_name(r->checker, 0), "unknown agent");
	assert_string_equal(dmasim_agent_name(r->checker, 999),
	                    "unknown agent");
	assert_string_equal(dmasim_agent_name(r->checker, 1), "cpu0");
	assert_string_equal(dmasim_agent_name(r->checker, r->host_agent),
	                    "host");
	for (unsigned i = 0; i < 40; i++) {
		char name[16];

		snprintf(name, sizeof(name), "agent %u", i);
		assert_int_equal(dmasim_agent_add(r->checker, name,
		                                  DMASIM_AGENT_SMMU, &agent),
		                 DMASIM_OK);
		assert_string_equal(dmasim_agent_name(r->checker, agent), name);
	}
}

static struct dmasim_txn access_of(const struct rig *r, uint32_t stream,
                                   uint64_t addr)
{
	return (struct dmasim_txn){
	        .op = DMASIM_READ,
	        .cause = DMASIM_CAUSE_DMA,
	        .stream_id = stream,
	        .addr = addr,
	        .size = 2,
	        .initiator = r->noncoherent_agent,
	        .attr = dmasim_attr_wb,
	        .origin = {.what = "read avail.idx", .queue = 2, .request = 1}};
}

static size_t fault(struct rig *r, uint32_t stream, uint64_t addr, bool ram)
{
	struct dmasim_txn txn = access_of(r, stream, addr);

	dmasim_note_dma_fault(r->checker, &txn, ram);
	return dmasim_finding_count(r->checker);
}

static size_t bypass(struct rig *r, uint32_t stream, uint64_t addr)
{
	struct dmasim_txn txn = access_of(r, stream, addr);

	dmasim_note_dma_bypass(r->checker, &txn);
	return dmasim_finding_count(r->checker);
}

static void physical_address_where_translated(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;

	/* Nothing is there: it is not this mistake. */
	assert_int_equal(fault(r, 0, 0x1000, false), 0);
	assert_int_equal(dmasim_note_map(r->checker, 0, IOVA, PA, 0x1000),
	                 DMASIM_OK);
	/* A mapped IOVA that faulted has another reason. */
	assert_int_equal(fault(r, 0, IOVA + 0xfff, false), 0);
	assert_int_equal(fault(r, 0, IOVA, true), 0);
	/* The physical address of the mapping. */
	assert_int_equal(fault(r, 0, PA + 2, true), 1);
	f = dmasim_finding_get(r->checker, 0);
	assert_int_equal(f->kind, DMASIM_UNTRANSLATED);
	assert_true(f->addr == PA + 2);
	assert_int_equal(f->size, 0);
	assert_string_equal(f->object, "RAM");
	assert_string_equal(f->reader.agent, "disk");
	assert_string_equal(f->reader.where,
	                    "read avail.idx, queue 2, request 1");
	assert_false(f->writer.known);
	assert_non_null(strstr(f->remedy, "physical address of RAM"));
	assert_non_null(strstr(f->remedy, "stream 0 translates"));
	assert_non_null(strstr(f->remedy, "0xfff00002"));
	/* Named, and not mapped at all. */
	assert_int_equal(dmasim_name_region(r->checker, RIG_RAM, 0x1000,
	                                    "virtqueue 0", NULL, NULL),
	                 DMASIM_OK);
	assert_int_equal(fault(r, 0, RIG_RAM + 0x10, true), 2);
	f = dmasim_finding_get(r->checker, 1);
	assert_string_equal(f->object, "virtqueue 0+0x10");
	assert_non_null(strstr(f->remedy, "map it with the DMA API"));
	/* A name without RAM; RAM without a name; both only for a stream that
	 * has no such IOVA. */
	assert_int_equal(dmasim_name_region(r->checker, RIG_MMIO, 0x100,
	                                    "registers", NULL, NULL),
	                 DMASIM_OK);
	assert_int_equal(fault(r, 0, RIG_MMIO, false), 3);
	assert_int_equal(fault(r, 1, PA + 0x8000, true), 4);
	/* The same once more. */
	assert_int_equal(fault(r, 1, PA + 0x8004, true), 4);
	assert_int_equal(dmasim_finding_get(r->checker, 3)->count, 1);
	/* The pa of a mapping, which is not RAM and has no name. */
	assert_int_equal(dmasim_note_map(r->checker, 2, IOVA, 0x5000, 0x1000),
	                 DMASIM_OK);
	assert_int_equal(fault(r, 2, 0x5008, false), 5);
}

static void iova_where_bypassed(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;

	assert_int_equal(bypass(r, 7, IOVA), 0);
	assert_int_equal(dmasim_note_map(r->checker, 7, IOVA, PA, 0x1000),
	                 DMASIM_OK);
	assert_int_equal(dmasim_note_map(r->checker, 7, PA, PA, 0x1000),
	                 DMASIM_OK);
	assert_int_equal(dmasim_name_region(r->checker, PA, 0x1000, "buffer",
	                                    NULL, NULL),
	                 DMASIM_OK);
	/* Of another stream; the identity; beyond. */
	assert_int_equal(bypass(r, 6, IOVA), 0);
	assert_int_equal(bypass(r, 8, IOVA), 0);
	assert_int_equal(bypass(r, 7, PA), 0);
	assert_int_equal(bypass(r, 7, IOVA + 0x1000), 0);
	assert_int_equal(bypass(r, 7, IOVA + 0x10), 1);
	f = dmasim_finding_get(r->checker, 0);
	assert_int_equal(f->kind, DMASIM_UNTRANSLATED);
	assert_non_null(strstr(
	        f->remedy, "DMA address of buffer+0x10 (physical 0x80004010)"));
	assert_non_null(strstr(f->remedy, "stream 7 is not translated"));
}

static void notes_come_and_go(void **state)
{
	struct rig *r = *state;
	struct dmasim_checker *c = r->checker;

	assert_int_equal(dmasim_note_map(c, 1, 0, 0, 0), DMASIM_E_INVAL);
	assert_int_equal(dmasim_note_map(c, 1, UINT64_MAX, 0, 2),
	                 DMASIM_E_INVAL);
	assert_int_equal(dmasim_note_map(c, 1, 0, UINT64_MAX, 2),
	                 DMASIM_E_INVAL);
	/* Many streams and addresses, in no order. */
	for (unsigned i = 0; i < 200; i++) {
		unsigned n = i * 73 % 200;

		assert_int_equal(dmasim_note_map(c, n % 5, IOVA + n * 0x2000ull,
		                                 PA + n * 0x1000ull, 0x1000),
		                 DMASIM_OK);
	}
	/* A hole in the middle of a mapping. */
	dmasim_note_unmap(c, 0, IOVA + 0x400, 0x400);
	assert_int_equal(bypass(r, 0, IOVA + 0x400), 0);
	assert_int_equal(bypass(r, 0, IOVA + 0x7ff), 0);
	/* Its front and its back. */
	dmasim_note_unmap(c, 0, IOVA, 0x100);
	dmasim_note_unmap(c, 0, IOVA + 0xf00, 0x100);
	assert_int_equal(bypass(r, 0, IOVA + 0xff), 0);
	assert_int_equal(bypass(r, 0, IOVA + 0xf00), 0);
	/* Several at once, and nothing of other streams. */
	dmasim_note_unmap(c, 3, 0, UINT64_MAX);
	assert_int_equal(bypass(r, 3, IOVA + 3 * 0x2000), 0);
	assert_int_equal(bypass(r, 3, IOVA + 198 * 0x2000ull), 0);
	dmasim_note_unmap(c, 2, 0, 0);
	/* A new mapping replaces what it covers. */
	assert_int_equal(
	        dmasim_note_map(c, 4, IOVA + 4 * 0x2000, 0x77000, 0x800),
	        DMASIM_OK);
	assert_int_equal(bypass(r, 4, IOVA + 4 * 0x2000 + 4), 1);
	assert_non_null(strstr(dmasim_finding_get(c, 0)->remedy, "0x77004"));
	assert_int_equal(bypass(r, 4, IOVA + 4 * 0x2000 + 0x804), 2);
	assert_int_equal(bypass(r, 2, IOVA + 2 * 0x2000), 3);
	assert_int_equal(bypass(r, 0, IOVA + 0x3ff), 4);
	assert_int_equal(bypass(r, 0, IOVA + 0x800), 4);
	assert_int_equal(dmasim_finding_get(c, 3)->count, 1);
}

static void text(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;
	char buf[2048], small[40];
	int n;

	assert_int_equal(
	        dmasim_name_region(r->checker, RIG_RAM, 64, "ring", NULL, NULL),
	        DMASIM_OK);
	rig_dma_write(r, &r->host, RIG_RAM + 4, 0x42, "write used.idx");
	rig_read(r, &r->core[0], RIG_RAM + 4, &dmasim_attr_nc);
	rig_read(r, &r->core[0], RIG_RAM + 4, &dmasim_attr_nc);
	f = dmasim_finding_get(r->checker, 0);
	n = dmasim_finding_text(f, buf, sizeof(buf));
	assert_int_equal(n, strlen(buf));
	assert_non_null(strstr(buf, "MISMATCHED_ALIAS: ring+0x4 at 0x80000004, "
	                            "1 byte, and 1 more like it\n"));
	assert_non_null(strstr(buf, "  read     00\n  written  42\n"));
	assert_non_null(strstr(buf, "  reader   cpu0: "));
	assert_non_null(strstr(
	        buf, "  writer   host: write used.idx, queue 0, request 3, as "
	             "Normal WB ISH, t="));
	assert_non_null(strstr(buf, "  line     0x80000000: t="));
	assert_non_null(strstr(buf, "  remedy   "));
	/* A short buffer holds the start. */
	assert_int_equal(dmasim_finding_text(f, small, sizeof(small)), n);
	assert_memory_equal(small, buf, sizeof(small) - 1);
	assert_int_equal(small[sizeof(small) - 1], 0);
	assert_int_equal(dmasim_finding_text(f, NULL, 0), n);
}

static void text_of_each_kind(void **state)
{
	struct dmasim_finding f = {.kind = DMASIM_DISCARDED_WRITE,
	                           .addr = 0x1000,
	                           .size = 2,
	                           .object = "x",
	                           .reader = {.known = true, .agent = "cpu0"},
	                           .writer = {.known = true, .agent = "cpu1"}};
	char buf[1024];

	(void)state;
	dmasim_finding_text(&f, buf, sizeof(buf));
	assert_non_null(strstr(buf, "2 bytes\n  left     00 00\n"));
	assert_non_null(strstr(buf, "  dropped  cpu0"));
	assert_null(strstr(buf, "remedy"));
	assert_null(strstr(buf, "line"));
	f.kind = DMASIM_LOST_WRITE;
	f.lost = true;
	dmasim_finding_text(&f, buf, sizeof(buf));
	assert_non_null(strstr(buf, "  older    cpu0"));
	assert_non_null(strstr(buf, "  lost     cpu1"));
	f.kind = DMASIM_UNTRANSLATED;
	f.lost = false;
	f.size = 0;
	f.writer.known = false;
	dmasim_finding_text(&f, buf, sizeof(buf));
	assert_non_null(strstr(buf, "UNTRANSLATED: x at 0x1000\n  access   "));
	assert_null(strstr(buf, "cpu1"));
}

static void kind_names(void **state)
{
	(void)state;
	for (unsigned k = 0; k < DMASIM_FINDING_KINDS; k++)
		for (unsigned j = 0; j < k; j++)
			assert_string_not_equal(
			        dmasim_finding_kind_name(
			                (enum dmasim_finding_kind)k),
			        dmasim_finding_kind_name(
			                (enum dmasim_finding_kind)j));
	assert_string_equal(dmasim_finding_kind_name(DMASIM_STALE_READ),
	                    "STALE_READ");
	assert_string_equal(
	        dmasim_finding_kind_name((enum dmasim_finding_kind)99),
	        "unknown");
}

/* Where an access comes from, in words. */
static void origins(void **state)
{
	struct rig *r = *state;
	const struct {
		struct dmasim_origin origin;
		enum dmasim_cause cause;
		const char *expected;
	} rows[] = {
	        {{.file = "a.c", .line = 7}, DMASIM_CAUSE_CPU, "a.c:7"},
	        {{.file = "a.c", .line = 7, .what = "probe"},
	         DMASIM_CAUSE_CPU,
	         "a.c:7 (probe)"},
	        {{.what = "read data"}, DMASIM_CAUSE_DMA, "read data"},
	        {{.what = "read data", .queue = 1},
	         DMASIM_CAUSE_DMA,
	         "read data, queue 1, request 0"},
	        {{.what = "fetch STE", .queue = 1},
	         DMASIM_CAUSE_STE,
	         "fetch STE"},
	        {{.what = NULL}, DMASIM_CAUSE_DMA, "access"},
	};

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t v = 0, at = RIG_RAM + i * 4096;
		struct dmasim_txn txn = {.op = DMASIM_READ,
		                         .cause = rows[i].cause,
		                         .addr = at,
		                         .size = 8,
		                         .data = (uint8_t *)&v,
		                         .attr = dmasim_attr_wb,
		                         .origin = rows[i].origin};

		rig_write(r, &r->core[0], at, 1, &dmasim_attr_wb);
		assert_int_equal(rig_access(r, &r->noncoherent, &txn),
		                 DMASIM_TXN_OK);
		assert_string_equal(
		        dmasim_finding_get(r->checker, i)->reader.where,
		        rows[i].expected);
	}
}

/* A line with a long life: the last few changes, oldest first, and whole
 * entries only. */
static void history(void **state)
{
	struct rig *r = *state;
	const struct dmasim_finding *f;
	char *at;

	for (unsigned i = 0; i < 20; i++) {
		rig_read(r, &r->core[0], RIG_RAM, &dmasim_attr_wb);
		rig_write(r, &r->core[1], RIG_RAM, i + 1, &dmasim_attr_wb);
		rig_move(r, &r->core[0], DMASIM_CLEAN_INVALIDATE, RIG_RAM, NULL,
		         8, &dmasim_attr_wb);
		rig_dma_write(r, &r->coherent, RIG_RAM, 1, "w");
		assert_int_equal(dmasim_cpu_delay(r->cpu[0], 1234567),
		                 DMASIM_OK);
	}
	rig_write(r, &r->core[0], RIG_RAM, 5, &dmasim_attr_wb);
	rig_dma_read(r, &r->noncoherent, RIG_RAM, "r");
	f = dmasim_finding_get(r->checker, 0);
	at = strstr(f->history, "coherent disk writes, snooping");
	assert_non_null(at);
	assert_non_null(strstr(at, "cpu0 fills"));
	assert_non_null(strstr(at, "cpu0 writes (dirty)"));
	assert_non_null(strstr(f->history, "dirty bytes go to memory"));
	assert_int_equal(f->history[strlen(f->history) - 1], ')');
}

static void creation(void **state)
{
	struct rig *r = *state;
	struct dmasim_checker *c;
	struct dmasim_memsys *ms;

	assert_int_equal(
	        dmasim_checker_create(&(struct dmasim_checker_config){0}, &c),
	        DMASIM_E_INVAL);
	for (uint32_t line = 1; line < 10000; line += 7)
		if ((line & (line - 1)) || line < 16 || line > 2048)
			assert_int_equal(
			        dmasim_checker_create(
			                &(struct dmasim_checker_config){
			                        .kernel = r->k,
			                        .line_size = line},
			                &c),
			        DMASIM_E_INVAL);
	/* It must have the memory system's line size. */
	assert_int_equal(dmasim_checker_create(
	                         &(struct dmasim_checker_config){
	                                 .kernel = r->k, .line_size = 32},
	                         &c),
	                 DMASIM_OK);
	assert_int_equal(dmasim_memsys_create(
	                         &(struct dmasim_memsys_config){.kernel = r->k,
	                                                        .map = r->map,
	                                                        .checker = c,
	                                                        .cpus = 1},
	                         &ms),
	                 DMASIM_E_INVAL);
	dmasim_checker_destroy(c);
	dmasim_checker_destroy(NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

static const struct CMUnitTest tests[] = {
        TEST(names),
        TEST(agents),
        TEST(physical_address_where_translated),
        TEST(iova_where_bypassed),
        TEST(notes_come_and_go),
        TEST(text),
        cmocka_unit_test(text_of_each_kind),
        cmocka_unit_test(kind_names),
        TEST(origins),
        TEST(history),
        TEST(creation),
};

CHECK_MAIN(tests)
