/* SPDX-License-Identifier: MIT */
/*
 * PCIe Address Translation Services and the Page Request Interface: what an
 * endpoint with an address translation cache and an IOMMU say to one another.
 * Translation requests and translated accesses are transactions
 * (DMASIM_TXN_ATS_REQUEST, DMASIM_TXN_ATS_TRANSLATED); everything else is a
 * call of the functions here.
 */
#ifndef DMASIM_ATS_H
#define DMASIM_ATS_H

#include <stdbool.h>
#include <stdint.h>

#include "dmasim/kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Translation requests. The endpoint reads 8 bytes for each translation that
 * it asks for, at most DMASIM_ATS_MAX of them, from the address of the first;
 * with DMASIM_TXN_ATS_NO_WRITE it does not ask for the right to write.
 * DMASIM_TXN_PRIVILEGED and _INSTRUCTION ask for more with a PASID
 * (DMASIM_TXN_SSV) alone.
 *
 * Results: DMASIM_TXN_OK is Success, and data holds little-endian entries;
 * DMASIM_TXN_DECODE is Unsupported Request, DMASIM_TXN_ABORT Completer Abort.
 * Success may deny access: an entry without R and W.
 */
#define DMASIM_ATS_MAX    16u
#define DMASIM_ATS_R      (1ull << 0)
#define DMASIM_ATS_W      (1ull << 1)
#define DMASIM_ATS_U      (1ull << 2) /**< untranslated access only */
#define DMASIM_ATS_EXEC   (1ull << 3)
#define DMASIM_ATS_PRIV   (1ull << 4) /**< of privileged accesses */
#define DMASIM_ATS_GLOBAL (1ull << 5)
#define DMASIM_ATS_N      (1ull << 10) /**< non-snooped accesses */
#define DMASIM_ATS_S      (1ull << 11) /**< more than 4 KiB */
#define DMASIM_ATS_ADDR   0xfffffffffffff000ull
/** The request asked for more translations than it was given. */
#define DMASIM_ATS_NONE UINT64_MAX

/** log2 of the bytes that an entry covers: 12, or with S the place of the
 * lowest address bit that is 0, and one more. */
static inline unsigned dmasim_ats_shift(uint64_t entry)
{
	unsigned shift = 12;

	if (!(entry & DMASIM_ATS_S))
		return shift;
	while (shift < 63 && (entry >> shift & 1))
		shift++;
	return shift + 1;
}

/** The first address that an entry leads to. */
static inline uint64_t dmasim_ats_address(uint64_t entry)
{
	unsigned shift = dmasim_ats_shift(entry);

	return shift > 63 ? 0 : entry >> shift << shift;
}

/** An entry to @pa with a size of 2^@shift, 12 to 64, and @bits. */
static inline uint64_t dmasim_ats_entry(uint64_t pa, unsigned shift,
                                        uint64_t bits)
{
	uint64_t low = shift > 63 ? UINT64_MAX : (1ull << shift) - 1;

	pa &= ~low;
	if (shift == 12)
		return pa | bits;
	return pa | (low >> 1 & DMASIM_ATS_ADDR) | DMASIM_ATS_S | bits;
}

/* ---- from the IOMMU to the endpoint ---- */

/** Cached translations that have to go. */
struct dmasim_ats_invalidation {
	uint32_t stream_id, pasid;
	bool pasid_valid;
	bool global;          /**< with a PASID: those marked global as well */
	uint64_t first, last; /**< untranslated addresses, inclusive */
	/** The endpoint schedules one of them when it has ended: done when no
	 * access with such a translation is on its way any more, failed if it
	 * cannot say. */
	struct dmasim_call done, failed;
};

enum dmasim_ats_answer {
	/** Done already; neither call is scheduled. */
	DMASIM_ATS_DONE,
	DMASIM_ATS_LATER,
	/** Unsupported Request: nothing was done, and that is all. */
	DMASIM_ATS_UNSUPPORTED,
};

/** Response codes of page request groups (IHI 0070, 8.3). */
enum dmasim_pri_code {
	DMASIM_PRI_SUCCESS = 0,
	DMASIM_PRI_INVALID = 1,
	DMASIM_PRI_FAILURE = 15,
};

struct dmasim_pri_response {
	uint32_t stream_id, pasid;
	bool pasid_valid;
	uint16_t group;
	enum dmasim_pri_code code;
};

/** Both are called inside accesses of others: an endpoint that has to do
 * something then schedules a call. Either may be NULL: invalidations are
 * unsupported, responses not looked at. */
struct dmasim_ats_endpoint {
	enum dmasim_ats_answer (*invalidate)(
	        void *obj, const struct dmasim_ats_invalidation *inv);
	void (*page_response)(void *obj, const struct dmasim_pri_response *r);
	void *obj;
};

/* ---- from the endpoint to the IOMMU ---- */

struct dmasim_page_request {
	uint32_t stream_id, pasid;
	bool pasid_valid;
	/** Not Non-secure: refused. */
	bool secure;
	/** last without read and write, with a PASID, is a Stop marker. */
	bool last, write, read;
	bool exec, priv; /**< with a PASID */
	uint16_t group;  /**< page request group index: 9 bits */
	uint64_t addr;   /**< of the page */
};

/** What an endpoint is given to talk to its IOMMU. */
struct dmasim_ats_host {
	/** OK; E_INVAL (a field is too wide, or the StreamID is not the
	 * endpoint's), E_NOMEM. A response may come before it returns. */
	int (*page_request)(void *obj, const struct dmasim_page_request *r);
	void *obj;
};

#ifdef __cplusplus
}
#endif
#endif
