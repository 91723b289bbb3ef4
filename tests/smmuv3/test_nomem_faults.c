/* SPDX-License-Identifier: MIT */
/* No memory for stalls, for endpoints and for automatic responses. */
#include "clients.h"
#include "endpoint.h"

#include <stdlib.h>

#include "fail_alloc.h"

#define SID 5u
#define VA  0x12345000ull
#define PA  (RIG_DATA + 0x7000)

static struct clients cs;
static struct endpoint ep;

/* The table of STAGs is one allocation more. */
static void creation(void **state)
{
	static struct rig r;
	const struct rig_options plain = {.off = true};
	struct dmasim_smmu_config cfg = {
	        .name = "other",
	        .idr_valid = 0x21,
	        .idr = {[0] = 0x0840fa0e, [5] = 0x00040055}};
	struct dmasim_smmu *s = NULL;
	int status, failures = 0;

	(void)state;
	rig_open(&r, &plain);
	cfg.kernel = r.k;
	cfg.mem = r.mem;
	do {
		fail_alloc_after = failures;
		status = dmasim_smmu_create(&cfg, &s);
		fail_alloc_after = -1;
		if (status != DMASIM_OK) {
			assert_int_equal(status, DMASIM_E_NOMEM);
			failures++;
		}
	} while (status != DMASIM_OK && failures < 100);
	assert_int_equal(status, DMASIM_OK);
	dmasim_smmu_destroy(s);
	rig_close(&r);
}

RIG_TEST(endpoints, ATS_IDS)
{
	const struct dmasim_smmu_ats_config cfg = {.last_sid = 3};

	fail_alloc_after = 0;
	assert_int_equal(dmasim_smmu_attach_ats(r->smmu, &cfg, NULL),
	                 DMASIM_E_NOMEM);
	fail_alloc_after = -1;
	assert_int_equal(dmasim_smmu_attach_ats(r->smmu, &cfg, NULL),
	                 DMASIM_OK);
}

/* A PASID that cannot be looked up: as if there were no STE. */
RIG_TEST(automatic_responses, ATS_IDS)
{
	const struct dmasim_page_request q = {.stream_id = SID,
	                                      .pasid_valid = true,
	                                      .pasid = 3,
	                                      .last = true,
	                                      .read = true,
	                                      .group = 7};
	uint64_t priq = tables_alloc(&r->t, 16, 16);

	tables_ste_config(&r->t, &r->streams, SID, 4);
	endpoint_open(&ep, r, SID, SID, 0);
	rig_w64(r, PRIQ_BASE, priq);
	rig_w32(r, CR0, EN_ALL | 2);
	assert_int_equal(ep.host.page_request(ep.host.obj, &q), DMASIM_OK);
	fail_alloc_after = 0;
	assert_int_equal(ep.host.page_request(ep.host.obj, &q), DMASIM_OK);
	fail_alloc_after = -1;
	endpoint_expect(&ep, SID, 7, -1, DMASIM_PRI_FAILURE);
	assert_int_equal(ep.host.page_request(ep.host.obj, &q), DMASIM_OK);
	endpoint_expect(&ep, SID, 7, -1, DMASIM_PRI_SUCCESS);
}

/* Whatever cannot be had for a stalled read that comes back. */
RIG_TEST(restoring, STALL_IDS)
{
	struct tables_half h;
	uint64_t cd;
	uint8_t *blob;
	size_t size;
	struct rig other;
	struct clients cs2;
	const struct rig_options same = {STALL_IDS};
	unsigned refused = 0;
	int status = DMASIM_E_NOMEM;

	clients_open(&cs, r, "clients");
	cd = rig_stream(r, SID, 1, &h);
	tables_set(&r->t, cd, tables_get(&r->t, cd) | 1ull << 44);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	assert_int_equal(
	        client_access(&cs, 0, DMASIM_READ, SID, VA + 0xff8, 16),
	        DMASIM_TXN_PENDING);
	blob = clients_save(&cs, &size);
	rig_open(&other, &same);
	clients_open(&cs2, &other, "clients");
	for (int i = 0; i < 50 && status != DMASIM_OK; i++) {
		struct dmasim_reader *reader;

		assert_int_equal(dmasim_reader_create(blob, size, &reader),
		                 DMASIM_OK);
		fail_alloc_after = i;
		status = dmasim_smmu_restore(other.smmu, reader);
		fail_alloc_after = -1;
		dmasim_reader_destroy(reader);
		if (status != DMASIM_OK) {
			assert_int_equal(status, DMASIM_E_NOMEM);
			/* As after reset. */
			assert_int_equal(rig_r32(&other, CR0ACK), 0);
			refused++;
		}
	}
	assert_int_equal(status, DMASIM_OK);
	/* Contexts, and what was read. */
	assert_true(refused >= 2);
	clients_close(&cs2);
	rig_close(&other);
	free(blob);
	rig_w32(r, CR0, 0);
	rig_settle(r);
	clients_close(&cs);
}

/* What cannot be done later is done at once. */
RIG_TEST(verdicts, STALL_IDS)
{
	struct tables_cmd c = cmd_resume(SID, 0, RESUME_RETRY);
	struct tables_half h;
	uint64_t cd;

	clients_open(&cs, r, "clients");
	cd = rig_stream(r, SID, 1, &h);
	tables_set(&r->t, cd, tables_get(&r->t, cd) | 1ull << 44);
	client_access(&cs, 0, DMASIM_READ, SID, VA, 4);
	tables_map(&r->t, &h, VA, PA, 3, LEAF_RW);
	tables_set(&r->t, r->cmdq, c.d0);
	tables_set(&r->t, r->cmdq + 8, c.d1);
	/* The heap may have room: then there is nothing to fail. */
	fail_alloc_after = 0;
	rig_w32(r, CMDQ_PROD, 1);
	fail_alloc_after = -1;
	rig_settle(r);
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1);
	clients_close(&cs);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(creation),
        cmocka_unit_test(endpoints),
        cmocka_unit_test(automatic_responses),
        cmocka_unit_test(restoring),
        cmocka_unit_test(verdicts),
};

CHECK_MAIN(tests)
