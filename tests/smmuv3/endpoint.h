/* SPDX-License-Identifier: MIT */
/* An endpoint that writes down what the SMMU tells it, and ends invalidations
 * as the test says. */
#ifndef DMASIM_TESTS_ENDPOINT_H
#define DMASIM_TESTS_ENDPOINT_H

#include "rig.h"

#include "dmasim/smmu_ats.h"

#define ENDPOINT_LOG 128

struct endpoint {
	struct rig *r;
	struct dmasim_ats_host host;
	enum dmasim_ats_answer answer;
	struct dmasim_ats_invalidation inv[ENDPOINT_LOG];
	unsigned invs;
	struct dmasim_pri_response resp[ENDPOINT_LOG];
	unsigned resps;
	/* A request that it makes once, when it is answered. */
	const struct dmasim_page_request *then;
};

/* Of the streams @first to @last; the invalidations take at most @timeout. */
void endpoint_open(struct endpoint *e, struct rig *r, uint32_t first,
                   uint32_t last, uint64_t timeout);
/* Invalidation @i ends, @after ps from now. */
void endpoint_end(struct endpoint *e, unsigned i, bool ok, uint64_t after);
/* The only response there, equal to this; pasid -1: none. */
void endpoint_expect(struct endpoint *e, uint32_t sid, unsigned group,
                     int64_t pasid, enum dmasim_pri_code code);
void endpoint_expect_none(const struct endpoint *e);

struct tables_cmd cmd_atc_inv(uint32_t sid, uint64_t addr, unsigned size);
struct tables_cmd cmd_pri_resp(uint32_t sid, unsigned group, unsigned resp);
/* With SSV and this SubstreamID. */
struct tables_cmd with_ssid(struct tables_cmd c, uint32_t ssid);

#define ATS_IDS .idr_set = {1u << 10 | 1u << 16, 7u << 11}

#endif
