/* SPDX-License-Identifier: MIT */
/* The PRI queue: entries, overflow, automatic responses, CMD_PRI_RESP. */
#include "clients.h"
#include "endpoint.h"

#include "smmuv3_internal.h"

#define SID     5u
#define ADDR    0x123456789000ull
#define OVF     (1u << 31)
#define EN_PRIQ 2u
#define EN_PRI  (EN_ALL | EN_PRIQ)
#define LO      (1u << 31)

static struct endpoint ep;
static uint64_t priq;

/* A PRI queue of 2^@log2 entries, on. */
static void setup(struct rig *r, unsigned log2)
{
	endpoint_open(&ep, r, SID, SID + 3, 0);
	priq = tables_alloc(&r->t, 16ull << log2, 16ull << log2);
	rig_w64(r, PRIQ_BASE, priq | log2);
	rig_w32(r, PRIQ_PROD, 0);
	rig_w32(r, PRIQ_CONS, 0);
	rig_w32(r, IRQ_CTRL, 7);
	rig_w32(r, CR0, EN_PRI);
}

static void request(struct rig *r, const struct dmasim_page_request *q)
{
	assert_int_equal(ep.host.page_request(ep.host.obj, q), DMASIM_OK);
	rig_settle(r);
}

static void page(struct rig *r, unsigned group, bool last)
{
	const struct dmasim_page_request q = {.stream_id = SID,
	                                      .last = last,
	                                      .read = true,
	                                      .group = (uint16_t)group,
	                                      .addr = ADDR + 0x1000 * group};

	request(r, &q);
}

static void page_ssid(struct rig *r, uint32_t sid, unsigned group)
{
	const struct dmasim_page_request q = {.stream_id = sid,
	                                      .pasid_valid = true,
	                                      .pasid = 0x321,
	                                      .last = true,
	                                      .read = true,
	                                      .group = (uint16_t)group,
	                                      .addr = ADDR};

	request(r, &q);
}

static void stop(struct rig *r)
{
	const struct dmasim_page_request q = {.stream_id = SID,
	                                      .pasid_valid = true,
	                                      .pasid = 7,
	                                      .last = true};

	request(r, &q);
}

static uint64_t irqs(struct rig *r)
{
	return dmasim_irq_count((struct dmasim_irq){r->irqc, 75});
}

static void entry(struct rig *r, unsigned i, uint64_t d0, uint64_t d1)
{
	assert_int_equal(tables_get(&r->t, priq + 16 * i), d0);
	assert_int_equal(tables_get(&r->t, priq + 16 * i + 8), d1);
}

/* Every case also with all accesses pending. */
#define PRI_TEST(name, ...)                                                    \
	static void name##_case(struct rig *r);                                \
	RIG_TEST(name, __VA_ARGS__)                                            \
	{                                                                      \
		name##_case(r);                                                \
	}                                                                      \
	RIG_TEST(name##_pend, .pend = true, __VA_ARGS__)                       \
	{                                                                      \
		name##_case(r);                                                \
	}                                                                      \
	static void name##_case(struct rig *r)

/* ---- entries ---- */

PRI_TEST(entries_are_16_bytes_at_prod, ATS_IDS)
{
	const struct dmasim_page_request all = {.stream_id = SID + 3,
	                                        .pasid_valid = true,
	                                        .pasid = 0xfedcb,
	                                        .last = true,
	                                        .write = true,
	                                        .read = true,
	                                        .exec = true,
	                                        .priv = true,
	                                        .group = 511,
	                                        .addr = 0xfedcba9876543fff};
	const struct dmasim_page_request plain = {.stream_id = SID,
	                                          .pasid = 0xfedcb,
	                                          .exec = true,
	                                          .priv = true,
	                                          .write = true,
	                                          .addr = ADDR};

	setup(r, 2);
	request(r, &all);
	entry(r, 0, 0xfc0fedcb00000008, 0xfedcba98765431ff);
	assert_int_equal(rig_r32(r, PRIQ_PROD), 1);
	/* Without a PASID: no SubstreamID, X and Priv. */
	request(r, &plain);
	entry(r, 1, 1ull << 61 | SID, ADDR);
	stop(r);
	entry(r, 2, 1ull << 63 | 1ull << 62 | 7ull << 32 | SID, 0);
	page(r, 3, false);
	assert_int_equal(rig_r32(r, PRIQ_PROD), 4);
	rig_w32(r, PRIQ_CONS, 4);
	page(r, 4, true);
	entry(r, 0, 1ull << 62 | 1ull << 60 | SID, (ADDR + 0x4000) | 4);
	assert_int_equal(rig_r32(r, PRIQ_PROD), 5);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_PRIQ)->addr, priq);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_PRIQ)->size, 16);
	assert_int_equal(rig_last(r, DMASIM_CAUSE_PRIQ)->attr.inner, DMASIM_WB);
	endpoint_expect_none(&ep);
	rig_expect_none(r);
}

RIG_TEST(requests_that_cannot_be, ATS_IDS)
{
	const struct dmasim_page_request bad[] = {
	        {.stream_id = SID - 1},
	        {.stream_id = SID + 4},
	        {.stream_id = SID, .group = 512},
	        {.stream_id = SID, .pasid_valid = true, .pasid = 0x100000},
	};

	setup(r, 2);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(ep.host.page_request(ep.host.obj, &bad[i]),
		                 DMASIM_E_INVAL);
	assert_int_equal(ep.host.page_request(ep.host.obj, NULL),
	                 DMASIM_E_INVAL);
	assert_int_equal(rig_r32(r, PRIQ_PROD), 0);
	endpoint_expect_none(&ep);
}

/* SSIDSIZE 0: no PASIDs, so no Stop markers either. */
PRI_TEST(an_smmu_without_pasids, .idr_set = {1u << 10 | 1u << 16, 7u << 11},
         .idr_clear = {0, 0x7c0})
{
	setup(r, 0);
	stop(r);
	entry(r, 0, 1ull << 62 | SID, 0);
	/* Overflow: an answer, without a PASID. */
	page_ssid(r, SID, 9);
	endpoint_expect(&ep, SID, 9, -1, DMASIM_PRI_SUCCESS);
}

/* ---- the queue is off (8.2) ---- */

PRI_TEST(a_disabled_queue_answers_failure, ATS_IDS)
{
	setup(r, 2);
	rig_w32(r, CR0, EN_ALL);
	page(r, 1, true);
	endpoint_expect(&ep, SID, 1, -1, DMASIM_PRI_FAILURE);
	/* Also to those that are not the last, and without their PASID. */
	page(r, 2, false);
	endpoint_expect(&ep, SID, 2, -1, DMASIM_PRI_FAILURE);
	page_ssid(r, SID + 1, 3);
	endpoint_expect(&ep, SID + 1, 3, -1, DMASIM_PRI_FAILURE);
	stop(r);
	endpoint_expect_none(&ep);
	/* SMMUEN = 0 is as good, whatever PRIQEN is. */
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ | EN_PRIQ);
	page(r, 4, true);
	endpoint_expect(&ep, SID, 4, -1, DMASIM_PRI_FAILURE);
	assert_int_equal(rig_r32(r, PRIQ_PROD), 0);
	assert_int_equal(irqs(r), 0);
}

PRI_TEST(secure_requests_are_refused, ATS_IDS)
{
	const struct dmasim_page_request q = {
	        .stream_id = SID, .secure = true, .read = true, .group = 6};

	setup(r, 2);
	request(r, &q);
	endpoint_expect(&ep, SID, 6, -1, DMASIM_PRI_FAILURE);
	assert_int_equal(rig_r32(r, PRIQ_PROD), 0);
}

PRI_TEST(an_smmu_without_pri_refuses, .idr_set = {1u << 10})
{
	endpoint_open(&ep, r, SID, SID, 0);
	page(r, 1, false);
	endpoint_expect(&ep, SID, 1, -1, DMASIM_PRI_FAILURE);
}

PRI_TEST(an_aborted_write_is_answered_failure, ATS_IDS)
{
	setup(r, 2);
	r->refuse_from = priq;
	r->refuse_to = priq + 16;
	page_ssid(r, SID, 1);
	endpoint_expect(&ep, SID, 1, -1, DMASIM_PRI_FAILURE);
	assert_int_equal(rig_r32(r, GERROR), 1u << 3);
	assert_int_equal(rig_r32(r, PRIQ_PROD), 0);
	assert_int_equal(irqs(r), 0);
	/* And all others, until it is acknowledged. */
	r->refuse_to = 0;
	page(r, 2, false);
	endpoint_expect(&ep, SID, 2, -1, DMASIM_PRI_FAILURE);
	rig_w32(r, GERRORN, 1u << 3);
	page(r, 3, true);
	endpoint_expect_none(&ep);
	assert_int_equal(rig_r32(r, PRIQ_PROD), 1);
	/* A Stop marker has no answer. */
	r->refuse_from = priq + 16;
	r->refuse_to = priq + 32;
	stop(r);
	endpoint_expect_none(&ep);
	assert_int_equal(rig_r32(r, GERROR), 0);
}

/* 12.3: nothing is written any more. */
PRI_TEST(service_failure_mode, ATS_IDS)
{
	setup(r, 2);
	dmasim_smmu_enter_sfm(r->smmu);
	page(r, 3, true);
	endpoint_expect(&ep, SID, 3, -1, DMASIM_PRI_FAILURE);
	assert_int_equal(rig_r32(r, PRIQ_PROD), 0);
}

/* One that asks again when it is refused: its turn comes after. */
struct asker {
	struct dmasim_ats_host host;
	unsigned responses, depth;
};

static void ask_again(void *obj, const struct dmasim_pri_response *answer)
{
	struct asker *a = obj;
	const struct dmasim_page_request q = {
	        .stream_id = SID,
	        .last = true,
	        .read = true,
	        .group = (uint16_t)(answer->group + 1),
	};

	assert_int_equal(answer->group, a->responses);
	assert_int_equal(a->depth, 0);
	a->responses++;
	a->depth++;
	if (a->responses < 4)
		assert_int_equal(a->host.page_request(a->host.obj, &q),
		                 DMASIM_OK);
	a->depth--;
}

RIG_TEST(a_request_inside_an_answer_comes_after, ATS_IDS)
{
	const struct dmasim_page_request q = {
	        .stream_id = SID, .last = true, .read = true};
	struct asker a = {.responses = 0};
	const struct dmasim_smmu_ats_config cfg = {
	        .first_sid = SID,
	        .last_sid = SID,
	        .endpoint = {NULL, ask_again, &a},
	};

	assert_int_equal(dmasim_smmu_attach_ats(r->smmu, &cfg, &a.host),
	                 DMASIM_OK);
	assert_int_equal(a.host.page_request(a.host.obj, &q), DMASIM_OK);
	assert_int_equal(a.responses, 4);
}

/* ---- overflow (8.1) ---- */

PRI_TEST(overflow_is_answered_success, ATS_IDS)
{
	struct dmasim_smmu_stats st;

	setup(r, 1);
	page(r, 0, true);
	page(r, 1, true);
	assert_int_equal(rig_r32(r, PRIQ_PROD), 2);
	page(r, 2, false);
	endpoint_expect_none(&ep);
	assert_int_equal(rig_r32(r, PRIQ_PROD), OVF | 2);
	page(r, 2, true);
	endpoint_expect(&ep, SID, 2, -1, DMASIM_PRI_SUCCESS);
	stop(r);
	endpoint_expect_none(&ep);
	assert_int_equal(rig_r32(r, PRIQ_PROD), OVF | 2);
	/* Room alone does not help: unlike the event queue. */
	rig_w32(r, PRIQ_CONS, 2);
	page(r, 3, true);
	endpoint_expect(&ep, SID, 3, -1, DMASIM_PRI_SUCCESS);
	assert_int_equal(rig_r32(r, PRIQ_PROD), OVF | 2);
	rig_w32(r, PRIQ_CONS, OVF | 2);
	page(r, 4, true);
	endpoint_expect_none(&ep);
	assert_int_equal(rig_r32(r, PRIQ_PROD), OVF | 3);
	/* No error. */
	assert_int_equal(rig_r32(r, GERROR), 0);
	dmasim_smmu_get_stats(r->smmu, &st);
	assert_int_equal(st.page_requests, 7);
	assert_int_equal(st.page_requests_lost, 4);
}

/* With a PASID, STE.PPAR decides; one that cannot be had is a Failure. */
PRI_TEST(ppar_decides_the_pasid_of_the_answer, ATS_IDS)
{
	setup(r, 0);
	page(r, 0, true);
	tables_ste_config(&r->t, &r->streams, SID, 4);
	tables_ste_config(&r->t, &r->streams, SID + 1, 4);
	rig_ste_word(r, SID + 1, 1, 0, 1ull << 18);
	page_ssid(r, SID, 1);
	endpoint_expect(&ep, SID, 1, -1, DMASIM_PRI_SUCCESS);
	page_ssid(r, SID + 1, 2);
	endpoint_expect(&ep, SID + 1, 2, 0x321, DMASIM_PRI_SUCCESS);
	/* V = 0. */
	page_ssid(r, SID + 2, 3);
	endpoint_expect(&ep, SID + 2, 3, -1, DMASIM_PRI_FAILURE);
	/* Not asked without a PASID. */
	page(r, 4, true);
	endpoint_expect(&ep, SID, 4, -1, DMASIM_PRI_SUCCESS);
	rig_expect_none(r);
}

/* IDR3.PPS: the PASID as it came, and no look at the STE. */
PRI_TEST(pps_returns_the_pasid,
         .idr_set = {1u << 10 | 1u << 16, 7u << 11, 0, 1u << 5})
{
	setup(r, 0);
	page(r, 0, true);
	r->logged = 0;
	page_ssid(r, SID + 2, 3);
	endpoint_expect(&ep, SID + 2, 3, 0x321, DMASIM_PRI_SUCCESS);
	assert_int_equal(rig_count(r, DMASIM_CAUSE_STE), 0);
}

/* CR2.REC_CFG_ATS: what stood in the way is recorded. */
PRI_TEST(errors_on_the_way_to_ppar, .off = true,
         .idr_set = {1u << 10 | 1u << 16 | 1u << 23, 7u << 11})
{
	rig_enable(r);
	rig_w32(r, CR0, 0);
	rig_w32(r, CR2, 1u << 3 | 1u << 1);
	endpoint_open(&ep, r, SID, 1000, 0);
	priq = tables_alloc(&r->t, 16, 16);
	rig_w64(r, PRIQ_BASE, priq);
	rig_w32(r, CR0, EN_PRI);
	page(r, 0, true);
	page_ssid(r, SID, 1);
	endpoint_expect(&ep, SID, 1, -1, DMASIM_PRI_FAILURE);
	rig_expect(r, EV(4, SID) | 1 << 11 | 0x321 << 12, 0, 0, 0);
	page_ssid(r, 300, 1);
	endpoint_expect(&ep, 300, 1, -1, DMASIM_PRI_FAILURE);
	rig_expect(r, EV(2, 300) | 1 << 11 | 0x321 << 12, 0, 0, 0);
	/* C_BAD_STREAMID needs RECINVSID as well. */
	rig_w32(r, CR0, 0);
	rig_w32(r, CR2, 1u << 3);
	rig_w32(r, CR0, EN_PRI);
	page_ssid(r, 300, 1);
	endpoint_expect(&ep, 300, 1, -1, DMASIM_PRI_FAILURE);
	rig_expect_none(r);
}

/* More than can wait for a write: as if the queue were full. */
RIG_TEST(more_requests_than_can_wait, ATS_IDS, .pend = true)
{
	setup(r, 7);
	for (unsigned i = 0; i < 70; i++) {
		const struct dmasim_page_request q = {
		        .stream_id = SID,
		        .last = true,
		        .read = true,
		        .group = (uint16_t)i,
		};

		assert_int_equal(ep.host.page_request(ep.host.obj, &q),
		                 DMASIM_OK);
	}
	assert_int_equal(ep.resps, 6);
	assert_int_equal(ep.resp[0].group, 64);
	rig_settle(r);
	/* The overflow holds for those that waited, but the one under way. */
	assert_int_equal(rig_r32(r, PRIQ_PROD), OVF | 1);
	assert_int_equal(ep.resps, 69);
	for (unsigned i = 0; i < 69; i++)
		assert_int_equal(ep.resp[i].code, DMASIM_PRI_SUCCESS);
}

/* An endpoint that asks again inside the answer. */
PRI_TEST(a_request_inside_a_response, ATS_IDS)
{
	const struct dmasim_page_request q = {
	        .stream_id = SID, .last = true, .read = true, .group = 8};

	setup(r, 2);
	rig_w32(r, CR0, EN_ALL);
	ep.then = &q;
	page(r, 7, true);
	assert_int_equal(ep.resps, 2);
	assert_int_equal(ep.resp[0].group, 7);
	assert_int_equal(ep.resp[1].group, 8);
	assert_int_equal(ep.resp[1].code, DMASIM_PRI_FAILURE);
}

/* ---- interrupts ---- */

PRI_TEST(the_interrupt_is_for_not_empty, ATS_IDS)
{
	setup(r, 1);
	page(r, 0, false);
	assert_int_equal(irqs(r), 1);
	page(r, 0, true);
	page(r, 0, true); /* lost */
	assert_int_equal(irqs(r), 1);
	rig_w32(r, PRIQ_CONS, OVF | 2);
	page(r, 0, false);
	assert_int_equal(irqs(r), 2);
	rig_w32(r, IRQ_CTRL, 5);
	rig_w32(r, PRIQ_CONS, OVF | 3);
	page(r, 0, false);
	assert_int_equal(irqs(r), 2);
}

/* 6.3.36. */
PRI_TEST(or_for_the_last_of_a_group, ATS_IDS)
{
	setup(r, 1);
	rig_w32(r, IRQ_CTRL, 5);
	rig_w32(r, PRIQ_IRQ_CFG2, LO);
	rig_w32(r, IRQ_CTRL, 7);
	page(r, 0, false);
	assert_int_equal(irqs(r), 0);
	page(r, 0, true);
	assert_int_equal(irqs(r), 1);
	/* Also if it is lost by an overflow. */
	page(r, 0, true);
	assert_int_equal(irqs(r), 2);
	page(r, 0, false);
	assert_int_equal(irqs(r), 2);
	stop(r);
	assert_int_equal(irqs(r), 3);
	/* But not if it is lost for another reason. */
	rig_w32(r, CR0, EN_ALL);
	page(r, 0, true);
	assert_int_equal(irqs(r), 3);
}

PRI_TEST(messages, ATS_IDS)
{
	setup(r, 1);
	rig_w32(r, IRQ_CTRL, 5);
	rig_w64(r, PRIQ_IRQ_CFG0, RIG_MSI);
	rig_w32(r, PRIQ_IRQ_CFG1, 0x1357);
	rig_w32(r, IRQ_CTRL, 7);
	page(r, 0, true);
	assert_int_equal(tables_get(&r->t, RIG_MSI), 0x1357);
	r->refuse_from = RIG_MSI;
	r->refuse_to = RIG_MSI + 4;
	rig_w32(r, PRIQ_CONS, 1);
	page(r, 0, true);
	assert_int_equal(rig_r32(r, GERROR), 1u << 6);
}

/* ---- CMD_PRI_RESP ---- */

RIG_TEST(responses_reach_the_endpoint, ATS_IDS)
{
	setup(r, 1);
	rig_cmd(r, cmd_pri_resp(SID, 511, 2));
	endpoint_expect(&ep, SID, 511, -1, DMASIM_PRI_SUCCESS);
	rig_cmd(r, with_ssid(cmd_pri_resp(SID + 3, 1, 1), 0x55555));
	endpoint_expect(&ep, SID + 3, 1, 0x55555, DMASIM_PRI_INVALID);
	rig_cmd(r, cmd_pri_resp(SID, 2, 0));
	endpoint_expect(&ep, SID, 2, -1, DMASIM_PRI_FAILURE);
	/* Nobody there, and SMMUEN = 0: ignored. */
	rig_cmd(r, cmd_pri_resp(SID + 4, 2, 0));
	rig_w32(r, CR0, EN_EVENTQ | EN_CMDQ);
	rig_cmd(r, cmd_pri_resp(SID, 2, 2));
	endpoint_expect_none(&ep);
	assert_int_equal(rig_r32(r, GERROR), 0);
}

RIG_TEST(response_3_is_illegal, ATS_IDS)
{
	setup(r, 1);
	rig_cmd(r, cmd_pri_resp(SID, 2, 3));
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1u << 24);
	endpoint_expect_none(&ep);
}

RIG_TEST(without_pri_responses_are_illegal, .idr_set = {1u << 10})
{
	rig_cmd(r, cmd_pri_resp(SID, 2, 2));
	assert_int_equal(rig_r32(r, CMDQ_CONS), 1u << 24);
}

RIG_TEST(responses_without_pasids, .idr_set = {1u << 10 | 1u << 16},
         .idr_clear = {0, 0x7c0})
{
	endpoint_open(&ep, r, SID, SID, 0);
	rig_cmd(r, with_ssid(cmd_pri_resp(SID, 2, 2), 5));
	endpoint_expect(&ep, SID, 2, -1, DMASIM_PRI_SUCCESS);
}

/* ---- the rest ---- */

RIG_TEST(requests_are_not_saved, ATS_IDS, .pend = true)
{
	const struct dmasim_page_request q = {.stream_id = SID, .read = true};
	struct dmasim_writer *w;

	setup(r, 2);
	assert_int_equal(ep.host.page_request(ep.host.obj, &q), DMASIM_OK);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_smmu_save(r->smmu, w), DMASIM_E_STATE);
	dmasim_writer_destroy(w);
	/* PRIQEN waits for the entry (6.3.9.5). */
	rig_w32(r, CR0, EN_ALL);
	assert_int_equal(rig_r32(r, CR0ACK), EN_PRI);
	rig_settle(r);
	assert_int_equal(rig_r32(r, CR0ACK), EN_ALL);
	assert_int_equal(rig_r32(r, PRIQ_PROD), 1);
}

RIG_TEST(responses_are_traced, ATS_IDS, .trace = true)
{
	setup(r, 2);
	r->trace[0] = '\0';
	rig_cmd(r, cmd_pri_resp(SID, 3, 2));
	assert_non_null(strstr(r->trace,
	                       "page response StreamID 0x5 group 3 code 0\n"));
}

static const struct CMUnitTest tests[] = {
        STALL_CASE(entries_are_16_bytes_at_prod),
        cmocka_unit_test(requests_that_cannot_be),
        STALL_CASE(an_smmu_without_pasids),
        STALL_CASE(a_disabled_queue_answers_failure),
        STALL_CASE(secure_requests_are_refused),
        STALL_CASE(an_smmu_without_pri_refuses),
        STALL_CASE(an_aborted_write_is_answered_failure),
        STALL_CASE(service_failure_mode),
        cmocka_unit_test(a_request_inside_an_answer_comes_after),
        STALL_CASE(overflow_is_answered_success),
        STALL_CASE(ppar_decides_the_pasid_of_the_answer),
        STALL_CASE(pps_returns_the_pasid),
        STALL_CASE(errors_on_the_way_to_ppar),
        cmocka_unit_test(more_requests_than_can_wait),
        STALL_CASE(a_request_inside_a_response),
        STALL_CASE(the_interrupt_is_for_not_empty),
        STALL_CASE(or_for_the_last_of_a_group),
        STALL_CASE(messages),
        cmocka_unit_test(responses_reach_the_endpoint),
        cmocka_unit_test(response_3_is_illegal),
        cmocka_unit_test(without_pri_responses_are_illegal),
        cmocka_unit_test(responses_without_pasids),
        cmocka_unit_test(requests_are_not_saved),
        cmocka_unit_test(responses_are_traced),
};

CHECK_MAIN(tests)
