/* SPDX-License-Identifier: MIT */
/* What a finding advises, by who missed whose bytes and how. */
#include "rig.h"

#include "checker_internal.h"

static struct site site(enum dmasim_cause cause, const struct dmasim_attr *attr,
                        bool past)
{
	return (struct site){.cause = cause, .attr = *attr, .past = past};
}

static void check(enum dmasim_finding_kind kind, const struct site *reader,
                  const struct site *writer, const char *words)
{
	const char *remedy = remedy_for(kind, reader, writer);

	assert_non_null(strstr(remedy, words));
	/* It fits into a finding whole. */
	assert_true(strlen(remedy) <
	            sizeof(((struct dmasim_finding *)0)->remedy));
}

static void mismatched_aliases(void **state)
{
	const struct dmasim_attr *wb = &dmasim_attr_wb, *nc = &dmasim_attr_nc;
	struct dmasim_attr osh = *wb;
	struct site cpu_nc = site(DMASIM_CAUSE_CPU, nc, true),
	            cpu_wb = site(DMASIM_CAUSE_CPU, wb, false),
	            dev_nc = site(DMASIM_CAUSE_DMA, nc, true),
	            dev_wb = site(DMASIM_CAUSE_DMA, wb, false), dev_osh;

	(void)state;
	osh.share = DMASIM_OSH;
	dev_osh = site(DMASIM_CAUSE_DMA, &osh, false);
	check(DMASIM_MISMATCHED_ALIAS, &cpu_nc, &dev_wb, "add dma-coherent");
	check(DMASIM_MISMATCHED_ALIAS, &dev_wb, &cpu_nc, "add dma-coherent");
	check(DMASIM_MISMATCHED_ALIAS, &cpu_wb, &dev_nc, "remove dma-coherent");
	check(DMASIM_MISMATCHED_ALIAS, &dev_nc, &cpu_wb, "remove dma-coherent");
	check(DMASIM_MISMATCHED_ALIAS, &dev_osh, &cpu_wb, "same memory type");
	check(DMASIM_MISMATCHED_ALIAS, &dev_nc, &dev_wb, "both devices");
	check(DMASIM_MISMATCHED_ALIAS, &cpu_nc, &cpu_wb, "one mapping");
}

static void others(void **state)
{
	struct site cpu = site(DMASIM_CAUSE_CPU, &dmasim_attr_wb, false),
	            dev = site(DMASIM_CAUSE_DMA, &dmasim_attr_nc, true);

	(void)state;
	check(DMASIM_STALE_READ, &dev, &cpu, "dma_sync_single_for_device()");
	check(DMASIM_STALE_READ, &cpu, &dev, "dma_sync_single_for_cpu()");
	check(DMASIM_STALE_READ, &cpu, &cpu, "DC CIVAC");
	check(DMASIM_STALE_READ, &cpu, NULL, "finish");
	check(DMASIM_STALE_READ, NULL, &cpu, "finish");
	check(DMASIM_LOST_WRITE, NULL, &dev, "before the device may write");
	check(DMASIM_DISCARDED_WRITE, &cpu, &cpu, "ARCH_DMA_MINALIGN");
	assert_string_equal(remedy_for(DMASIM_OVERREACH, &cpu, &cpu), "");
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(mismatched_aliases),
        cmocka_unit_test(others),
};

CHECK_MAIN(tests)
