/* SPDX-License-Identifier: MIT */
/* What a finding advises, by who missed whose bytes and how, and where. */
#include "rig.h"

#include <stdlib.h>

#include "checker_internal.h"

/* A checker that knows the sites of both parties, and a hazard of theirs. */
struct scene {
	struct dmasim_kernel *k;
	struct dmasim_checker *c;
};

static int scene_setup(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	assert_int_equal(dmasim_kernel_create(NULL, &s->k), DMASIM_OK);
	assert_int_equal(
	        dmasim_checker_create(
	                &(struct dmasim_checker_config){.kernel = s->k}, &s->c),
	        DMASIM_OK);
	*state = s;
	return 0;
}

static int scene_teardown(void **state)
{
	struct scene *s = *state;

	dmasim_checker_destroy(s->c);
	dmasim_kernel_destroy(s->k);
	free(s);
	return 0;
}

static struct site site(enum dmasim_cause cause, const struct dmasim_attr *attr,
                        bool past)
{
	return (struct site){
	        .cause = cause,
	        .attr = *attr,
	        .past = past,
	        .file = cause == DMASIM_CAUSE_CPU ? "drv.c" : NULL,
	        .what = cause == DMASIM_CAUSE_CPU ? NULL : "read header",
	};
}

static uint32_t number(struct scene *s, const struct site *of, uint32_t line)
{
	struct site at;

	if (!of)
		return 0;
	at = *of;
	at.line = line;
	assert_int_equal(site_restore(&s->c->sites, &at), DMASIM_OK);
	return s->c->sites.len;
}

/* @words, separated by |, are all there. */
static void check_note(struct scene *s, enum dmasim_finding_kind kind,
                       const struct site *reader, const struct site *writer,
                       const struct dma_note *note, const char *words)
{
	const struct hazard h = {.kind = kind,
	                         .note = note,
	                         .reader = number(s, reader, 11),
	                         .writer = number(s, writer, 22)};
	char buf[sizeof(((struct dmasim_finding *)0)->remedy)];
	char want[160], *word;

	remedy_text(s->c, &h, buf, sizeof(buf));
	snprintf(want, sizeof(want), "%s", words);
	for (word = strtok(want, "|"); word; word = strtok(NULL, "|")) {
		if (!strstr(buf, word))
			print_error("no \"%s\" in \"%s\"\n", word, buf);
		assert_non_null(strstr(buf, word));
	}
	/* It fits into a finding whole. */
	assert_true(strlen(buf) < sizeof(buf) - 1);
}

static void check(struct scene *s, enum dmasim_finding_kind kind,
                  const struct site *reader, const struct site *writer,
                  const char *words)
{
	check_note(s, kind, reader, writer, NULL, words);
}

static void mismatched_aliases(void **state)
{
	const struct dmasim_attr *wb = &dmasim_attr_wb, *nc = &dmasim_attr_nc;
	const enum dmasim_finding_kind k = DMASIM_MISMATCHED_ALIAS;
	struct dmasim_attr osh = *wb;
	struct site cpu_nc = site(DMASIM_CAUSE_CPU, nc, true),
	            cpu_wb = site(DMASIM_CAUSE_CPU, wb, false),
	            dev_nc = site(DMASIM_CAUSE_DMA, nc, true),
	            dev_wb = site(DMASIM_CAUSE_DMA, wb, false), dev_osh;
	struct scene *s = *state;

	osh.share = DMASIM_OSH;
	dev_osh = site(DMASIM_CAUSE_DMA, &osh, false);
	check(s, k, &cpu_nc, &dev_wb, "add dma-coherent|CPU's is drv.c:11");
	check(s, k, &dev_wb, &cpu_nc, "add dma-coherent|CPU's is drv.c:22");
	check(s, k, &cpu_wb, &dev_nc, "remove dma-coherent|CPU's is drv.c:11");
	check(s, k, &dev_nc, &cpu_wb, "remove dma-coherent|CPU's is drv.c:22");
	check(s, k, &dev_osh, &cpu_wb, "same memory type|CPU's is drv.c:22");
	check(s, k, &dev_nc, &dev_wb, "both devices");
	check(s, k, &cpu_nc, &cpu_wb, "one mapping|drv.c:22 and drv.c:11");
}

static void missing_maintenance(void **state)
{
	struct site cpu = site(DMASIM_CAUSE_CPU, &dmasim_attr_wb, false),
	            dev = site(DMASIM_CAUSE_DMA, &dmasim_attr_nc, true);
	struct scene *s = *state;

	check(s, DMASIM_STALE_READ, &dev, &cpu,
	      "dma_sync_single_for_device() after drv.c:22|DC CVAC + DSB");
	check(s, DMASIM_STALE_READ, &cpu, &dev,
	      "dma_sync_single_for_cpu() before drv.c:11|DC IVAC + DSB");
	check(s, DMASIM_STALE_READ, &cpu, &cpu,
	      "between drv.c:22 and drv.c:11|DC CIVAC");
	check(s, DMASIM_STALE_READ, &cpu, NULL, "finish");
	check(s, DMASIM_STALE_READ, NULL, &cpu, "finish");
	check(s, DMASIM_LOST_WRITE, NULL, &dev, "before the device may write");
	check(s, DMASIM_LOST_WRITE, &cpu, &dev, "after drv.c:11|DC CIVAC");
	check(s, DMASIM_DISCARDED_WRITE, &cpu, &cpu,
	      "clean after drv.c:22 and before drv.c:11|ARCH_DMA_MINALIGN");
}

static void buffers(void **state)
{
	struct site cpu = site(DMASIM_CAUSE_CPU, &dmasim_attr_wb, false),
	            dev = site(DMASIM_CAUSE_DMA, &dmasim_attr_nc, true);
	struct scene *s = *state;
	struct dma_note n = {.name = "request data",
	                     .request = 3,
	                     .site = number(s, &cpu, 5),
	                     .direction = DMASIM_FROM_DEVICE};

	check_note(s, DMASIM_SHARED_LINE, &cpu, &dev, &n,
	           "request data of request 3 (mapped at drv.c:5)|"
	           "ARCH_DMA_MINALIGN|drv.c:11");
	check_note(s, DMASIM_OWNERSHIP, &cpu, &dev, &n,
	           "device owns|dma_sync_single_for_cpu()|before "
	           "drv.c:11|DC IVAC + DSB");
	check_note(s, DMASIM_OWNERSHIP, &dev, &cpu, &n,
	           "DMA_FROM_DEVICE|\"read header\"");
	n.direction = DMASIM_TO_DEVICE;
	check_note(s, DMASIM_OWNERSHIP, &dev, &cpu, &n, "is mapped DMA_TO_DEV");
	n.cpus = true;
	check_note(s, DMASIM_OWNERSHIP, &dev, &cpu, &n,
	           "CPU owns|dma_sync_single_for_device()|DC CVAC + DSB");
	check(s, DMASIM_OWNERSHIP, &cpu, &dev, "device owns the buffer");
	check(s, DMASIM_OVERREACH, &dev, &cpu, "no buffer is mapped there");
	check_note(s, DMASIM_USE_AFTER_UNMAP, &dev, NULL, &n,
	           "request data of request 3 was unmapped before");
	check(s, DMASIM_UNTRANSLATED, &cpu, &cpu, "");
}

/* A buffer without a name has that of its place. */
static void names(void **state)
{
	struct site cpu = site(DMASIM_CAUSE_CPU, &dmasim_attr_wb, false);
	struct dma_note n = {.name = "", .first = 0x1000};
	struct scene *s = *state;

	check_note(s, DMASIM_OWNERSHIP, &cpu, NULL, &n, "owns the buffer:");
	assert_int_equal(
	        dmasim_name_region(s->c, 0x1000, 64, "status", NULL, NULL),
	        DMASIM_OK);
	check_note(s, DMASIM_OWNERSHIP, &cpu, NULL, &n, "owns status:");
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(mismatched_aliases, scene_setup,
                                        scene_teardown),
        cmocka_unit_test_setup_teardown(missing_maintenance, scene_setup,
                                        scene_teardown),
        cmocka_unit_test_setup_teardown(buffers, scene_setup, scene_teardown),
        cmocka_unit_test_setup_teardown(names, scene_setup, scene_teardown),
};

CHECK_MAIN(tests)
