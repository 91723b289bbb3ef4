/* SPDX-License-Identifier: MIT */
/*
 * DMA policy: when a virtio driver uses the DMA API. The history of Linux's
 * vring_use_dma_api() as formulas; docs/policy.md has the table.
 */
#ifndef DMASIM_POLICY_H
#define DMASIM_POLICY_H

#include <stdbool.h>

#include "dmasim/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum dmasim_policy {
	/** Always (the default). */
	DMASIM_POLICY_DMA_API,
	/** v4.10-rc6, 4.9.7, 4.9.8: ACCESS_PLATFORM, Xen, or a legacy device
	 * on Arm. */
	DMASIM_POLICY_LINUX_4_10_RC6,
	/** v4.10-rc7 and later: ACCESS_PLATFORM or Xen. */
	DMASIM_POLICY_LINUX_6_1,
	DMASIM_POLICIES,
};

struct dmasim_policy_input {
	bool version_1, access_platform; /**< negotiated features */
	bool arm;                        /**< the guest is 32- or 64-bit Arm */
	bool xen;                        /**< a Xen domain */
};

DMASIM_API bool dmasim_policy_use_dma_api(enum dmasim_policy policy,
                                          const struct dmasim_policy_input *in);
DMASIM_API const char *dmasim_policy_name(enum dmasim_policy policy);
/** "dma-api", "linux-4.10-rc6", "linux-6.1". OK, E_NOTFOUND. */
DMASIM_API int dmasim_policy_parse(const char *name,
                                   enum dmasim_policy *policy);

#ifdef __cplusplus
}
#endif
#endif
