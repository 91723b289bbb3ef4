/* SPDX-License-Identifier: MIT */
#include "dmasim/policy.h"

#include <string.h>

bool dmasim_policy_use_dma_api(enum dmasim_policy policy,
                               const struct dmasim_policy_input *in)
{
	bool asked = in->access_platform || in->xen;

	switch (policy) {
	case DMASIM_POLICY_LINUX_4_10_RC6:
		return asked || (in->arm && !in->version_1);
	case DMASIM_POLICY_LINUX_6_1:
		return asked;
	default:
		return true;
	}
}

const char *dmasim_policy_name(enum dmasim_policy policy)
{
	switch (policy) {
	case DMASIM_POLICY_DMA_API:
		return "dma-api";
	case DMASIM_POLICY_LINUX_4_10_RC6:
		return "linux-4.10-rc6";
	case DMASIM_POLICY_LINUX_6_1:
		return "linux-6.1";
	default:
		return "unknown policy";
	}
}

int dmasim_policy_parse(const char *name, enum dmasim_policy *policy)
{
	for (int i = 0; i < DMASIM_POLICIES; i++) {
		if (strcmp(name, dmasim_policy_name((enum dmasim_policy)i)) ==
		    0) {
			*policy = (enum dmasim_policy)i;
			return DMASIM_OK;
		}
	}
	return DMASIM_E_NOTFOUND;
}
