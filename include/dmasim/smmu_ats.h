/* SPDX-License-Identifier: MIT */
/* ATS and PRI of an SMMU (IHI 0070, 3.9 and chapter 8). */
#ifndef DMASIM_SMMU_ATS_H
#define DMASIM_SMMU_ATS_H

#include "dmasim/ats.h"
#include "dmasim/smmuv3.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dmasim_smmu_ats_config {
	/** The Non-secure streams of the endpoint, inclusive. */
	uint32_t first_sid, last_sid;
	/** Who gets its invalidations and page responses. */
	struct dmasim_ats_endpoint endpoint;
	/** How long an invalidation may take, in ps. 0: a minute, as PCIe
	 * says. */
	uint64_t timeout;
};

/**
 * Tell the SMMU of an endpoint that does ATS or PRI. Without one, CMD_ATC_INV
 * and CMD_PRI_RESP to a StreamID do nothing. It lives as long as the SMMU.
 * @host is what the endpoint uses; it may be NULL. OK; E_INVAL; E_EXISTS
 * (another one has some of these streams); E_NOMEM.
 */
DMASIM_API int dmasim_smmu_attach_ats(struct dmasim_smmu *s,
                                      const struct dmasim_smmu_ats_config *cfg,
                                      struct dmasim_ats_host *host);

#ifdef __cplusplus
}
#endif
#endif
