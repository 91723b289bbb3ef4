/* SPDX-License-Identifier: MIT */
/* Translation requests, and what they are answered. */
#ifndef DMASIM_TESTS_ATS_ASKS_H
#define DMASIM_TESTS_ATS_ASKS_H

#include "rig.h"

#include "dmasim/ats.h"

#define CR0_ATSCHK_BIT 0x10u

/* Results as PCIe names them. */
#define ATS_SUCCESS DMASIM_TXN_OK
#define ATS_UR      DMASIM_TXN_DECODE
#define ATS_CA      DMASIM_TXN_ABORT

/* One request of @n translations; entries in @entries. @flags beside
 * DMASIM_TXN_ATS_REQUEST; @ssid with DMASIM_TXN_SSV. */
static inline enum dmasim_result ats_ask(struct rig *r, uint32_t sid,
                                         uint64_t va, uint32_t flags,
                                         uint32_t ssid, uint64_t *entries,
                                         unsigned n)
{
	struct dmasim_txn t = {
	        .op = DMASIM_READ,
	        .cause = DMASIM_CAUSE_DMA,
	        .stream_id = sid,
	        .substream_id = ssid,
	        .addr = va,
	        .size = 8 * n,
	        .flags = flags | DMASIM_TXN_ATS_REQUEST,
	        .data = r->buf,
	};

	memset(r->buf, 0xee, 8 * n);
	if (r->pend)
		assert_int_equal(dmasim_access_wait(r->k, &r->client, &t),
		                 DMASIM_OK);
	else
		dmasim_access(&r->client, &t);
	if (r->pend)
		rig_settle(r);
	assert_int_equal(t.addr, va);
	for (unsigned i = 0; i < n; i++) {
		entries[i] = 0;
		for (unsigned b = 0; b < 8; b++)
			entries[i] |= (uint64_t)r->buf[8 * i + b] << (8 * b);
	}
	return t.result;
}

/* The entry of a request of one translation that succeeds. */
static inline uint64_t ats_entry(struct rig *r, uint32_t sid, uint64_t va,
                                 uint32_t flags)
{
	uint64_t entry;

	assert_int_equal(ats_ask(r, sid, va, flags, 0, &entry, 1), ATS_SUCCESS);
	return entry;
}

static inline enum dmasim_result ats_result(struct rig *r, uint32_t sid,
                                            uint64_t va)
{
	uint64_t entry;

	return ats_ask(r, sid, va, 0, 0, &entry, 1);
}

#define ATS_RW (DMASIM_ATS_R | DMASIM_ATS_W)

#endif
