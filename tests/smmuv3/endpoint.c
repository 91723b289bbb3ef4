/* SPDX-License-Identifier: MIT */
#include "endpoint.h"

static enum dmasim_ats_answer
invalidate(void *obj, const struct dmasim_ats_invalidation *inv)
{
	struct endpoint *e = obj;

	e->inv[e->invs++ % ENDPOINT_LOG] = *inv;
	return e->answer;
}

static void page_response(void *obj, const struct dmasim_pri_response *r)
{
	struct endpoint *e = obj;

	const struct dmasim_page_request *then = e->then;

	e->resp[e->resps++ % ENDPOINT_LOG] = *r;
	e->then = NULL;
	if (then)
		e->host.page_request(e->host.obj, then);
}

void endpoint_open(struct endpoint *e, struct rig *r, uint32_t first,
                   uint32_t last, uint64_t timeout)
{
	const struct dmasim_smmu_ats_config cfg = {
	        .first_sid = first,
	        .last_sid = last,
	        .endpoint = {invalidate, page_response, e},
	        .timeout = timeout,
	};

	memset(e, 0, sizeof(*e));
	e->r = r;
	assert_int_equal(dmasim_smmu_attach_ats(r->smmu, &cfg, &e->host),
	                 DMASIM_OK);
}

void endpoint_end(struct endpoint *e, unsigned i, bool ok, uint64_t after)
{
	const struct dmasim_ats_invalidation *inv = &e->inv[i];

	assert_int_equal(dmasim_call_at(e->r->k, dmasim_now(e->r->k) + after, 0,
	                                ok ? &inv->done : &inv->failed, NULL),
	                 DMASIM_OK);
}

void endpoint_expect(struct endpoint *e, uint32_t sid, unsigned group,
                     int64_t pasid, enum dmasim_pri_code code)
{
	const struct dmasim_pri_response *r = &e->resp[0];

	assert_int_equal(e->resps, 1);
	assert_int_equal(r->stream_id, sid);
	assert_int_equal(r->group, group);
	assert_int_equal(r->pasid_valid, pasid >= 0);
	if (pasid >= 0)
		assert_int_equal(r->pasid, pasid);
	assert_int_equal(r->code, code);
	e->resps = 0;
}

void endpoint_expect_none(const struct endpoint *e)
{
	assert_int_equal(e->resps, 0);
}

struct tables_cmd cmd_atc_inv(uint32_t sid, uint64_t addr, unsigned size)
{
	return (struct tables_cmd){0x40 | (uint64_t)sid << 32, addr | size};
}

struct tables_cmd cmd_pri_resp(uint32_t sid, unsigned group, unsigned resp)
{
	return (struct tables_cmd){0x41 | (uint64_t)sid << 32,
	                           group | (uint64_t)resp << 12};
}

struct tables_cmd with_ssid(struct tables_cmd c, uint32_t ssid)
{
	c.d0 |= 1ull << 11 | (uint64_t)ssid << 12;
	return c;
}
