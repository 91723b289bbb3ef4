/* SPDX-License-Identifier: MIT */
/* Every allocation of devices fails once: an error, and nothing is lost. */
#include "fail_alloc.h"

#include "bbench.h"

char *__real_strdup(const char *s);
char *__wrap_strdup(const char *s);

char *__wrap_strdup(const char *s)
{
	return fail_alloc_now() ? NULL : __real_strdup(s);
}

/** Let allocation @n from now fail, counted from 0. */
static void fail_at(int n)
{
	fail_alloc_after = n;
	fail_alloc_hit = false;
}

/** No more failures; whether there was one. */
static bool fail_off(void)
{
	fail_alloc_after = -1;
	return fail_alloc_hit;
}

/** Fail one allocation after the other until @fn gets through; it returns a
 * status. */
static void each(struct bbench *bb, int (*fn)(struct bbench *bb))
{
	int n = 0;

	for (;; n++) {
		int rc;

		fail_at(n);
		rc = fn(bb);
		if (!fail_off()) {
			assert_int_equal(rc, DMASIM_OK);
			break;
		}
		assert_int_equal(rc, DMASIM_E_NOMEM);
	}
	assert_true(n > 0);
}

static int make_irqc(struct bbench *bb)
{
	struct dmasim_irqc *ic = NULL;
	int rc = dmasim_irqc_create(bb->b.k, "gic2", &ic);

	if (!rc)
		dmasim_irqc_destroy(ic);
	return rc;
}

static int make_host(struct bbench *bb)
{
	struct dmasim_pci_host_config c = {
	        .kernel = bb->b.k,
	        .name = "pcie2",
	        .map = bb->b.map,
	        .ecam_base = VB_ECAM + 0x10000000,
	        .ecam_size = 0x100000,
	};
	struct dmasim_pci_host *h = NULL;
	int rc = dmasim_pci_host_create(&c, &h);

	dmasim_pci_host_destroy(h);
	return rc;
}

static int make_testdev(struct bbench *bb)
{
	struct dmasim_testdev_config c = {
	        .kernel = bb->b.k,
	        .host = bb->b.host,
	        .bdf = 0x10,
	        .dma = bb->b.dma,
	        .physical = bb->b.dma,
	};
	struct dmasim_testdev *t = NULL;
	int rc = dmasim_testdev_create(&c, &t);

	dmasim_testdev_destroy(t);
	return rc;
}

static int make_blk(struct bbench *bb)
{
	struct dmasim_blk *blk = NULL;
	int rc = dmasim_blk_create(&bb->cfg, &blk);

	dmasim_blk_destroy(blk);
	return rc;
}

static int make_legacy_blk(struct bbench *bb)
{
	struct dmasim_blk *blk = NULL;
	int rc = dmasim_blk_create(&bb->cfg, &blk);

	if (!rc)
		rc = dmasim_virtio_pci_legacy(dmasim_blk_virtio(blk),
		                              bb->b.host, 0x18);
	dmasim_blk_destroy(blk);
	return rc;
}

static int make_disk(struct bbench *bb)
{
	struct dmasim_disk *d = NULL;
	int rc = dmasim_disk_memory(1 << 20, &d);

	(void)bb;
	dmasim_disk_destroy(d);
	return rc;
}

static int open_disk(struct bbench *bb)
{
	struct dmasim_disk *d = NULL;
	int rc = dmasim_disk_file("/nowhere/image", true, &d, NULL);

	(void)bb;
	return rc == DMASIM_E_IO ? DMASIM_OK : rc;
}

static void creation(void **state)
{
	struct bbench *bb = *state;

	each(bb, make_irqc);
	each(bb, make_host);
	each(bb, make_testdev);
	each(bb, make_blk);
	each(bb, make_legacy_blk);
	each(bb, make_disk);
	each(bb, open_disk);
}

static struct dmasim_writer *saved(struct bbench *bb)
{
	struct dmasim_writer *w = NULL;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_irqc_save(bb->b.ic, w), DMASIM_OK);
	assert_int_equal(dmasim_pci_save(bb->b.host, w), DMASIM_OK);
	assert_int_equal(dmasim_blk_save(bb->blk, w), DMASIM_OK);
	return w;
}

static int restore_all(struct bbench *bb)
{
	struct dmasim_writer *w;
	struct dmasim_reader *r = NULL;
	const uint8_t *data;
	int after = fail_alloc_after;
	size_t size;
	int rc;

	fail_off();
	w = saved(bb);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	assert_int_equal(dmasim_reader_create(data, size, &r), DMASIM_OK);
	fail_at(after);
	rc = dmasim_irqc_restore(bb->b.ic, r);
	if (!rc)
		rc = dmasim_pci_restore(bb->b.host, r);
	if (!rc)
		rc = dmasim_blk_restore(bb->blk, r);
	fail_alloc_after = -1;
	dmasim_reader_destroy(r);
	dmasim_writer_destroy(w);
	return rc;
}

static void restoring(void **state)
{
	struct bbench *bb = *state;
	uint8_t data[512];

	bb_begin(bb, VB_MMIO2);
	bb_fill(bb, data, 512, 1);
	assert_int_equal(bb_request(bb, BB_OUT, 0, 512), 0);
	each(bb, restore_all);
	assert_int_equal(bb_request(bb, BB_IN, 0, 512), 0);
	bb_buffer_is(bb, data, 512);
}

/** A write whose data cannot be kept ends with an error for the guest. */
static void disk_that_cannot_grow(void **state)
{
	struct bbench *bb = *state;
	uint8_t data[512] = {1};

	for (unsigned n = 0;; n++) {
		int rc;

		fail_at((int)n);
		rc = dmasim_disk_write(bb->disk, 4096ull * n, data, 512);
		if (!fail_off()) {
			assert_int_equal(rc, DMASIM_OK);
			break;
		}
		assert_int_equal(rc, DMASIM_E_IO);
	}
}

/** A BAR that finds no memory in the map is not decoded. */
static void bar_without_memory(void **state)
{
	struct bbench *bb = *state;
	struct vbench *b = &bb->b;
	uint64_t v = 0;

	bb_plug(bb, VB_PCI);
	vb_bus(b, DMASIM_WRITE, VB_ECAM + 4, 2, &v);
	fail_at(0);
	v = 5;
	vb_bus(b, DMASIM_WRITE, VB_ECAM + 4, 2, &v);
	assert_true(fail_off());
	assert_non_null(strstr(b->last, "is not decoded"));
	assert_int_equal(vb_bus(b, DMASIM_READ, vb_reg_addr(b, 0), 4, &v),
	                 DMASIM_TXN_DECODE);
}

/** The process, or the first transaction, finds no memory: the run fails,
 * and the device can be reset. */
static void service(void **state)
{
	struct bbench *bb = *state;
	struct vbench *b = &bb->b;
	unsigned failed = 0;

	bb_plug(bb, VB_MMIO2);
	for (int n = 0;; n++) {
		int rc;

		vb_start(b, 16);
		bb_header(bb, BB_IN, 0);
		vb_desc(b, 0, BB_HEADER, 16, vb_flags(VB_NEXT, 1));
		vb_desc(b, 1, BB_BUFFER, 513, VB_WRITE);
		vb_post(b, 0);
		fail_at(n);
		vb_kick(b);
		rc = dmasim_run_idle(b->k, dmasim_now(b->k) + DMASIM_SEC);
		if (!fail_off())
			break;
		if (rc == DMASIM_E_KERNEL)
			failed++;
		dmasim_run_idle(b->k, dmasim_now(b->k) + DMASIM_SEC);
		assert_int_equal(dmasim_live_processes(b->k), 0);
	}
	assert_true(failed >= 1);
	vb_start(b, 16);
	assert_int_equal(bb_request(bb, BB_IN, 0, 512), 0);
}

static int wait_rc;

static void waiter(void *arg)
{
	wait_rc = dmasim_irq_wait(vb_irq(arg), 100);
}

static void waiting_for_a_line(void **state)
{
	struct bbench *bb = *state;
	struct dmasim_proc_config cfg = {
	        .name = "waiter", .fn = waiter, .arg = &bb->b};

	assert_int_equal(dmasim_spawn(bb->b.k, &cfg, NULL), DMASIM_OK);
	fail_at(0);
	dmasim_run_idle(bb->b.k, DMASIM_SEC);
	assert_true(fail_off());
	assert_int_equal(wait_rc, DMASIM_E_NOMEM);
}

static const struct CMUnitTest tests[] = {
        BB_CASE(creation),
        BB_CASE(restoring),
        BB_CASE(disk_that_cannot_grow),
        BB_CASE(bar_without_memory),
        BB_CASE(service),
        BB_CASE(waiting_for_a_line),
};

CHECK_MAIN(tests)
