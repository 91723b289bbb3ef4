/* SPDX-License-Identifier: MIT */
/* Memory attributes: the usual combinations, mismatch, names. */
#include "dmasim/attr.h"

#include <stdio.h>

const struct dmasim_attr dmasim_attr_wb = {
        .type = DMASIM_NORMAL,
        .inner = DMASIM_WB,
        .outer = DMASIM_WB,
        .share = DMASIM_ISH,
        .alloc = DMASIM_ALLOC_READ | DMASIM_ALLOC_WRITE,
};

const struct dmasim_attr dmasim_attr_wt = {
        .type = DMASIM_NORMAL,
        .inner = DMASIM_WT,
        .outer = DMASIM_WT,
        .share = DMASIM_ISH,
        .alloc = DMASIM_ALLOC_READ,
};

const struct dmasim_attr dmasim_attr_nc = {
        .type = DMASIM_NORMAL,
        .inner = DMASIM_NC,
        .outer = DMASIM_NC,
        .share = DMASIM_OSH,
};

const struct dmasim_attr dmasim_attr_device = {
        .type = DMASIM_DEVICE_NGNRE,
        .inner = DMASIM_NC,
        .outer = DMASIM_NC,
        .share = DMASIM_OSH,
};

bool dmasim_attr_cacheable(const struct dmasim_attr *a)
{
	return a->type == DMASIM_NORMAL &&
	       (a->inner != DMASIM_NC || a->outer != DMASIM_NC);
}

/* Arm ARM B2.7: Device and Non-cacheable Normal locations count as Outer
 * Shareable, whatever the shareability field says. */
static unsigned effective_share(const struct dmasim_attr *a)
{
	return dmasim_attr_cacheable(a) ? a->share : DMASIM_OSH;
}

/* Arm ARM B2.8: attributes are mismatched if accesses do not agree on memory
 * type, shareability and the cacheability of each level. Cacheability is not
 * an attribute of Device memory. */
bool dmasim_attr_mismatch(const struct dmasim_attr *a,
                          const struct dmasim_attr *b)
{
	if (a->type != b->type)
		return true;
	if (a->type != DMASIM_NORMAL)
		return false;
	return a->inner != b->inner || a->outer != b->outer ||
	       effective_share(a) != effective_share(b);
}

static const char *cacheability_name(unsigned c)
{
	switch (c) {
	case DMASIM_NC:
		return "NC";
	case DMASIM_WT:
		return "WT";
	case DMASIM_WB:
		return "WB";
	default:
		return "?";
	}
}

static const char *share_name(unsigned share)
{
	switch (share) {
	case DMASIM_NSH:
		return "NSH";
	case DMASIM_ISH:
		return "ISH";
	case DMASIM_OSH:
		return "OSH";
	default:
		return "?";
	}
}

const char *dmasim_attr_name(const struct dmasim_attr *a, char *buf,
                             size_t size)
{
	static const char *const device[] = {
	        [DMASIM_DEVICE_GRE] = "Device-GRE",
	        [DMASIM_DEVICE_NGRE] = "Device-nGRE",
	        [DMASIM_DEVICE_NGNRE] = "Device-nGnRE",
	        [DMASIM_DEVICE_NGNRNE] = "Device-nGnRnE",
	};

	if (a->type > DMASIM_DEVICE_NGNRNE)
		snprintf(buf, size, "memory type %u", a->type);
	else if (a->type != DMASIM_NORMAL)
		snprintf(buf, size, "%s", device[a->type]);
	else if (!dmasim_attr_cacheable(a))
		snprintf(buf, size, "Normal NC");
	else if (a->inner == a->outer)
		snprintf(buf, size, "Normal %s %s", cacheability_name(a->inner),
		         share_name(a->share));
	else
		snprintf(buf, size, "Normal inner %s outer %s %s",
		         cacheability_name(a->inner),
		         cacheability_name(a->outer), share_name(a->share));
	return buf;
}
