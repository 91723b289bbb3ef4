/* SPDX-License-Identifier: MIT */
/* Layouts of rings, names of their fields, and bus addresses. */
#include "check.h"

#include <stdlib.h>

#include "dma_internal.h"
#include "vring_internal.h"

static const char *field(const struct vring_layout *l, uint64_t offset)
{
	static char buf[48];

	drv_vring_field(l, offset, buf, sizeof(buf));
	return buf;
}

/* The ring of the 2017 log: 256 entries at 0x8fa080000. */
static void a_legacy_ring_is_laid_out_by_pages(void **state)
{
	struct vring_layout l;

	(void)state;
	drv_vring_layout(&l, 256, 4096);
	assert_int_equal(l.avail, 0x1000);
	assert_int_equal(l.used, 0x2000);
	assert_int_equal(l.total, 0x2000 + 4 + 256 * 8 + 2);
}

/* As a recording shows it: 0xffffc000, 0xffffd000, 0xffffd240. */
static void a_modern_ring_is_laid_out_by_lines(void **state)
{
	struct vring_layout l;

	(void)state;
	drv_vring_layout(&l, 256, 64);
	assert_int_equal(l.avail, 0x1000);
	assert_int_equal(l.used, 0x1240);
}

static void every_byte_has_the_name_of_its_field(void **state)
{
	struct vring_layout l;

	(void)state;
	drv_vring_layout(&l, 4, 4096);
	assert_string_equal(field(&l, 0), "desc[0].addr");
	assert_string_equal(field(&l, 3 * 16 + 7), "desc[3].addr");
	assert_string_equal(field(&l, 16 + 8), "desc[1].len");
	assert_string_equal(field(&l, 16 + 12), "desc[1].flags");
	assert_string_equal(field(&l, 16 + 15), "desc[1].next");
	assert_string_equal(field(&l, 64), "avail.flags");
	assert_string_equal(field(&l, 66), "avail.idx");
	assert_string_equal(field(&l, 68), "avail.ring[0]");
	assert_string_equal(field(&l, 75), "avail.ring[3]");
	assert_string_equal(field(&l, 76), "avail.used_event");
	assert_string_equal(field(&l, 78), "padding");
	assert_string_equal(field(&l, 4095), "padding");
	assert_string_equal(field(&l, 4096), "used.flags");
	assert_string_equal(field(&l, 4099), "used.idx");
	assert_string_equal(field(&l, 4100), "used.ring[0].id");
	assert_string_equal(field(&l, 4104), "used.ring[0].len");
	assert_string_equal(field(&l, 4131), "used.ring[3].len");
	assert_string_equal(field(&l, 4132), "used.avail_event");
	assert_string_equal(field(&l, 4134), "padding");
}

static void iovas_come_from_the_top(void **state)
{
	struct drv_iovas v = {0};
	uint64_t a, b, c;

	(void)state;
	assert_int_equal(drv_iova_alloc(&v, 0x1000, DMA_IOVA_MAX, &a), 0);
	assert_int_equal(a, 0xfffff000);
	/* Aligned to its size, rounded up. */
	assert_int_equal(drv_iova_alloc(&v, 0x3000, DMA_IOVA_MAX, &b), 0);
	assert_int_equal(b, 0xffff8000);
	/* The gap above it is taken first. */
	assert_int_equal(drv_iova_alloc(&v, 0x2000, DMA_IOVA_MAX, &c), 0);
	assert_int_equal(c, 0xffffc000);
	drv_iova_free(&v, a);
	drv_iova_free(&v, 0x1234000); /* none of ours */
	assert_int_equal(drv_iova_alloc(&v, 0x1000, DMA_IOVA_MAX, &a), 0);
	assert_int_equal(a, 0xfffff000);
	free(v.used);
}

static void iovas_keep_below_a_limit_and_run_out(void **state)
{
	struct drv_iovas v = {0};
	uint64_t a;

	(void)state;
	for (uint64_t i = 1; i < 16; i++) {
		assert_int_equal(drv_iova_alloc(&v, 0x1000, 0xffff, &a), 0);
		assert_int_equal(a, 0x10000 - i * 0x1000);
	}
	/* Page 0 is not given out. */
	assert_int_equal(drv_iova_alloc(&v, 0x1000, 0xffff, &a), DMASIM_E_FULL);
	drv_iova_free(&v, 0x5000);
	assert_int_equal(drv_iova_alloc(&v, 0x2000, 0xffff, &a), DMASIM_E_FULL);
	assert_int_equal(drv_iova_alloc(&v, 0x1000, 0xffff, &a), 0);
	assert_int_equal(a, 0x5000);
	free(v.used);
}

static void long_iovas_are_aligned_but_not_rounded(void **state)
{
	struct drv_iovas v = {0};
	uint64_t a, b;

	(void)state;
	assert_int_equal(drv_iova_alloc(&v, 0x21000, DMA_IOVA_MAX, &a), 0);
	assert_int_equal(a, 0xfffc0000);
	assert_int_equal(drv_iova_alloc(&v, 0x1000, DMA_IOVA_MAX, &b), 0);
	assert_int_equal(b, 0xfffff000);
	free(v.used);
}

/* A device with a small reach, after others have gone above it. */
static void iovas_skip_ranges_above_the_limit(void **state)
{
	struct drv_iovas v = {0};
	uint64_t a;

	(void)state;
	assert_int_equal(drv_iova_alloc(&v, 0x1000, DMA_IOVA_MAX, &a), 0);
	assert_int_equal(drv_iova_alloc(&v, 0x1000, 0xffff, &a), 0);
	assert_int_equal(a, 0xf000);
	assert_int_equal(drv_iova_alloc(&v, 0x1000, 0xfff, &a), DMASIM_E_FULL);
	free(v.used);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_legacy_ring_is_laid_out_by_pages),
        cmocka_unit_test(a_modern_ring_is_laid_out_by_lines),
        cmocka_unit_test(every_byte_has_the_name_of_its_field),
        cmocka_unit_test(iovas_come_from_the_top),
        cmocka_unit_test(iovas_keep_below_a_limit_and_run_out),
        cmocka_unit_test(long_iovas_are_aligned_but_not_rounded),
        cmocka_unit_test(iovas_skip_ranges_above_the_limit),
};
CHECK_MAIN(tests)
