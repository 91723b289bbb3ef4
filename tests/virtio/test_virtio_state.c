/* SPDX-License-Identifier: MIT */
/* Saving and restoring a virtio device with its transport. */
#include "toy.h"

static struct dmasim_writer *saved(struct toy *t, const uint8_t **data,
                                   size_t *size)
{
	struct dmasim_writer *w = NULL;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	dmasim_put_begin(w, "TEST", 1);
	assert_int_equal(dmasim_virtio_save(t->b.v, w), DMASIM_OK);
	dmasim_put_end(w);
	assert_int_equal(dmasim_writer_result(w, data, size), DMASIM_OK);
	return w;
}

static int restored(struct toy *t, const uint8_t *data, size_t size)
{
	struct dmasim_reader *r = NULL;
	int rc;

	assert_int_equal(dmasim_reader_create(data, size, &r), DMASIM_OK);
	dmasim_get_begin(r, "TEST", 1);
	rc = dmasim_virtio_restore(t->b.v, r);
	dmasim_get_end(r);
	dmasim_reader_destroy(r);
	return rc;
}

/** Requests before and after; a new device of the same machine in between. */
static void round_trip(struct toy *t, enum vb_transport transport)
{
	struct vbench *b = &t->b;
	const uint8_t *data;
	struct dmasim_writer *w;
	size_t size;

	b->features = DMASIM_VIRTIO_F_EVENT_IDX;
	toy_begin(t, transport, 16);
	vb_store(b, b->avail + 4 + 2ull * b->size, 1, 2);
	for (int i = 0; i < 2; i++) {
		toy_ask(t, 1);
		vb_kick(b);
		vb_run(b);
	}
	w = saved(t, &data, &size);
	dmasim_virtio_destroy(b->v);
	toy_plug(t, transport);
	assert_int_equal(restored(t, data, size), DMASIM_OK);
	assert_int_equal(vb_status(b), transport == VB_MMIO2 ? 15 : 7);
	assert_int_equal(vb_isr(b), 1);
	vb_store(b, b->avail + 4 + 2ull * b->size, 2, 2);
	b->spy.count = 0;
	toy_ask(t, 9);
	vb_kick(b);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 3);
	assert_int_equal(b->spy.log[0].request, 3);
	assert_int_equal(toy_answer(t), 0x010101010101010a);
	assert_int_equal(vb_isr(b), 1);
	dmasim_virtio_destroy(b->v);
	b->v = NULL;
	dmasim_writer_destroy(w);
}

static void round_trip_on_every_transport(void **state)
{
	struct toy *t = *state;

	round_trip(t, VB_MMIO1);
	round_trip(t, VB_MMIO2);
	round_trip(t, VB_PCI);
}

static void broken_device_and_selectors_are_kept(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	const uint8_t *data;
	struct dmasim_writer *w;
	size_t size;

	toy_begin(t, VB_MMIO2, 16);
	vb_post(b, 99);
	vb_kick(b);
	vb_run(b);
	dmasim_virtio_config_changed(b->v);
	vb_wr(b, 0x14, 4, 1);
	w = saved(t, &data, &size);
	vb_set_status(b, 0);
	assert_int_equal(restored(t, data, size), DMASIM_OK);
	assert_int_equal(vb_status(b), 0x4f);
	assert_non_null(strstr(dmasim_virtio_error(b->v), "names descriptor"));
	assert_int_equal(dmasim_virtio_outstanding(b->v), 1);
	assert_int_equal(vb_rd(b, 0x10, 4), 3);
	assert_int_equal(vb_rd(b, 0xfc, 4), 1);
	toy_works(t);
	dmasim_writer_destroy(w);
}

static void legacy_kick_is_kept(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	const uint8_t *data;
	struct dmasim_writer *w;
	size_t size;

	toy_begin(t, VB_MMIO1, 16);
	vb_set_status(b, 3);
	toy_ask(t, 1);
	vb_kick(b);
	w = saved(t, &data, &size);
	vb_set_status(b, 0);
	assert_int_equal(restored(t, data, size), DMASIM_OK);
	vb_set_status(b, 7);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 1);
	dmasim_writer_destroy(w);
}

static void not_while_a_request_is_served(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	struct dmasim_writer *w = NULL;
	const uint8_t *data;
	struct dmasim_writer *good;
	size_t size;

	toy_begin(t, VB_MMIO2, 16);
	good = saved(t, &data, &size);
	toy_ask(t, 1);
	vb_kick(b);
	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	assert_int_equal(dmasim_virtio_save(b->v, w), DMASIM_E_STATE);
	assert_int_equal(restored(t, data, size), DMASIM_E_STATE);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 1);
	assert_int_equal(dmasim_virtio_save(b->v, w), DMASIM_OK);
	dmasim_writer_destroy(w);
	dmasim_writer_destroy(good);
}

static void other_transport_is_refused(void **state)
{
	struct toy *t = *state;
	const uint8_t *data;
	struct dmasim_writer *w;
	size_t size;

	toy_begin(t, VB_MMIO2, 16);
	w = saved(t, &data, &size);
	dmasim_virtio_destroy(t->b.v);
	toy_plug(t, VB_MMIO1);
	assert_int_equal(restored(t, data, size), DMASIM_E_FORMAT);
	dmasim_virtio_destroy(t->b.v);
	t->cfg.queues = 1;
	toy_plug(t, VB_MMIO2);
	assert_int_equal(restored(t, data, size), DMASIM_E_FORMAT);
	dmasim_virtio_destroy(t->b.v);
	t->cfg.queues = 3;
	toy_plug(t, VB_MMIO2);
	assert_int_equal(restored(t, data, size), DMASIM_E_FORMAT);
	dmasim_virtio_destroy(t->b.v);
	t->cfg.queues = 2;
	t->cfg.queue_size = 8;
	toy_plug(t, VB_MMIO2);
	assert_int_equal(restored(t, data, size), DMASIM_E_FORMAT);
	dmasim_writer_destroy(w);
}

/** The fields of the blob, each of which can be wrong. */
struct blob {
	uint64_t accepted;
	uint8_t status, broken;
	uint32_t queue_select, size;
	uint8_t ready, kicked;
	uint64_t desc, avail, used;
	uint32_t last_avail;
};

static int restore_made(struct toy *t, const struct blob *f)
{
	struct dmasim_writer *w = NULL;
	const uint8_t *data;
	size_t size;
	int rc;

	assert_int_equal(dmasim_writer_create(&w), DMASIM_OK);
	dmasim_put_begin(w, "TEST", 1);
	dmasim_put_begin(w, "VIRT", 1);
	dmasim_put_u8(w, 2);
	dmasim_put_u64(w, f->accepted);
	dmasim_put_u8(w, f->status);
	dmasim_put_u8(w, 0);
	dmasim_put_u8(w, f->broken);
	dmasim_put_string(w, "");
	dmasim_put_u32(w, 0);
	dmasim_put_u64(w, 0);
	dmasim_put_u32(w, f->queue_select);
	for (int i = 0; i < 3; i++)
		dmasim_put_u32(w, 0);
	dmasim_put_u32(w, 2);
	for (int i = 0; i < 2; i++) {
		dmasim_put_u32(w, f->size);
		dmasim_put_u8(w, f->ready);
		dmasim_put_u8(w, f->kicked);
		dmasim_put_u64(w, f->desc);
		dmasim_put_u64(w, f->avail);
		dmasim_put_u64(w, f->used);
		dmasim_put_u32(w, f->last_avail);
		dmasim_put_u32(w, 0);
		dmasim_put_u32(w, 0);
		dmasim_put_u32(w, 0);
		dmasim_put_u32(w, 0);
	}
	dmasim_put_end(w);
	dmasim_put_end(w);
	assert_int_equal(dmasim_writer_result(w, &data, &size), DMASIM_OK);
	rc = restored(t, data, size);
	dmasim_writer_destroy(w);
	return rc;
}

static void restore_checks_every_field(void **state)
{
	struct toy *t = *state;
	const struct blob good = {.accepted = 1ull << 32,
	                          .status = 15,
	                          .size = 16,
	                          .ready = 1,
	                          .desc = VB_RING,
	                          .avail = VB_RING + 0x1000,
	                          .used = VB_RING + 0x2000};
	struct blob f;

	toy_begin(t, VB_MMIO2, 16);
	assert_int_equal(restore_made(t, &good), DMASIM_OK);
#define BAD(field, value)                                                      \
	f = good;                                                              \
	f.field = value;                                                       \
	assert_int_equal(restore_made(t, &f), DMASIM_E_FORMAT)
	BAD(accepted, 1ull << 40);
	BAD(broken, 2);
	BAD(queue_select, 0x10000);
	BAD(size, 0);
	BAD(size, 24);
	BAD(size, 512);
	BAD(size, 0x10010);
	BAD(ready, 2);
	BAD(kicked, 2);
	BAD(desc, 8);
	BAD(avail, 1);
	BAD(used, UINT64_MAX - 3);
	BAD(last_avail, 0x10000);
#undef BAD
	f = good;
	f.ready = 0;
	f.kicked = 1;
	assert_int_equal(restore_made(t, &f), DMASIM_E_FORMAT);
	/* Before FEATURES_OK a modern driver may have asked for anything. */
	f = good;
	f.accepted = UINT64_MAX;
	f.status = 3;
	assert_int_equal(restore_made(t, &f), DMASIM_OK);
	toy_works(t);
}

static void legacy_features_were_offered(void **state)
{
	struct toy *t = *state;
	const uint8_t *data;
	struct dmasim_writer *w;
	size_t size;

	t->b.features = DMASIM_VIRTIO_F_EVENT_IDX;
	toy_begin(t, VB_MMIO1, 16);
	w = saved(t, &data, &size);
	dmasim_virtio_destroy(t->b.v);
	t->cfg.features = 0;
	toy_plug(t, VB_MMIO1);
	assert_int_equal(restored(t, data, size), DMASIM_E_FORMAT);
	dmasim_writer_destroy(w);
}

static void restore_of_broken_blobs(void **state)
{
	struct toy *t = *state;
	struct vbench *b = &t->b;
	const uint8_t *data;
	struct dmasim_writer *w;
	uint8_t *copy;
	uint32_t seed = 5;
	size_t size;

	toy_begin(t, VB_MMIO2, 16);
	toy_ask(t, 1);
	vb_kick(b);
	vb_run(b);
	w = saved(t, &data, &size);
	copy = malloc(size);
	memcpy(copy, data, size);
	for (size_t n = 0; n < size; n++) {
		uint8_t *cut = malloc(n ? n : 1);

		memcpy(cut, copy, n);
		assert_int_not_equal(restored(t, cut, n), DMASIM_OK);
		free(cut);
	}
	/* A failed restore changes nothing. */
	toy_ask(t, 1);
	vb_kick(b);
	vb_run(b);
	assert_int_equal(vb_used_idx(b), 2);
	for (int i = 0; i < 4000; i++) {
		size_t at;
		uint8_t old;

		seed = seed * 1664525u + 1013904223u;
		at = (seed >> 8) % size;
		old = copy[at];
		copy[at] = (uint8_t)(seed >> 24);
		if (restored(t, copy, size) == DMASIM_OK) {
			b->spy.count = 0;
			vb_kick(b);
			dmasim_run_idle(b->k, dmasim_now(b->k) + DMASIM_MS);
			vb_set_status(b, 0);
			vb_run(b);
		}
		copy[at] = old;
	}
	assert_int_equal(restored(t, copy, size), DMASIM_OK);
	free(copy);
	dmasim_writer_destroy(w);
	toy_works(t);
}

static const struct CMUnitTest tests[] = {
        TOY_CASE(round_trip_on_every_transport),
        TOY_CASE(broken_device_and_selectors_are_kept),
        TOY_CASE(legacy_kick_is_kept),
        TOY_CASE(not_while_a_request_is_served),
        TOY_CASE(other_transport_is_refused),
        TOY_CASE(restore_checks_every_field),
        TOY_CASE(legacy_features_were_offered),
        TOY_CASE(restore_of_broken_blobs),
};

CHECK_MAIN(tests)
