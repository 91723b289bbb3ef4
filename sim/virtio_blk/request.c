/* SPDX-License-Identifier: MIT */
/* One block request (virtio 1.3, 5.2.6). */
#include <string.h>

#include "blk_internal.h"

struct request {
	struct dmasim_blk *blk;
	struct dmasim_virtio_chain *chain;
	uint32_t type;
	uint64_t sector;
	/** Bytes of data that the chain has room for, or brings. */
	uint64_t in, out;
	/** Bytes written from the start of the device-writable part. */
	uint64_t written;
};

static uint64_t get_le(const uint8_t *p, unsigned size)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < size; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

/** 5.2.6.1: whole sectors, within the capacity. */
static bool extent_bad(const struct request *r, uint64_t bytes)
{
	uint64_t sectors = dmasim_disk_sectors(r->blk->cfg.disk);

	return bytes == 0 || bytes % DMASIM_SECTOR || r->sector > sectors ||
	       bytes / DMASIM_SECTOR > sectors - r->sector;
}

static uint32_t chunk(uint64_t left)
{
	return left < VBLK_CHUNK ? (uint32_t)left : VBLK_CHUNK;
}

/** Returns a status byte, or E_CANCELED. */
static int serve_in(struct request *r)
{
	struct dmasim_blk *b = r->blk;
	uint64_t at = r->sector * DMASIM_SECTOR;

	b->stats.reads++;
	if (extent_bad(r, r->in))
		return VBLK_S_IOERR;
	while (r->written < r->in) {
		uint32_t n = chunk(r->in - r->written);
		int status;

		if (dmasim_disk_read(b->cfg.disk, at + r->written, b->buffer,
		                     n))
			return VBLK_S_IOERR;
		status = dmasim_chain_write(r->chain, r->written, b->buffer, n,
		                            "write data");
		if (status == DMASIM_E_CANCELED)
			return status;
		if (status)
			return VBLK_S_IOERR;
		r->written += n;
		b->stats.bytes_read += n;
	}
	return VBLK_S_OK;
}

static int serve_out(struct request *r)
{
	struct dmasim_blk *b = r->blk;
	uint64_t at = r->sector * DMASIM_SECTOR;
	uint64_t done = 0;

	b->stats.writes++;
	if (extent_bad(r, r->out) || dmasim_disk_read_only(b->cfg.disk))
		return VBLK_S_IOERR;
	while (done < r->out) {
		uint32_t n = chunk(r->out - done);
		int status =
		        dmasim_chain_read(r->chain, VBLK_HEADER_SIZE + done,
		                          b->buffer, n, "read data");

		if (status == DMASIM_E_CANCELED)
			return status;
		if (status ||
		    dmasim_disk_write(b->cfg.disk, at + done, b->buffer, n))
			return VBLK_S_IOERR;
		done += n;
		b->stats.bytes_written += n;
	}
	return VBLK_S_OK;
}

static int serve_id(struct request *r)
{
	uint32_t n = r->in < VBLK_ID_SIZE ? (uint32_t)r->in : VBLK_ID_SIZE;
	int status = dmasim_chain_write(r->chain, 0, r->blk->id, n,
	                                "write device id");

	if (status == DMASIM_E_CANCELED)
		return status;
	r->blk->stats.ids++;
	if (status)
		return VBLK_S_IOERR;
	r->written = n;
	return VBLK_S_OK;
}

static int serve_type(struct request *r)
{
	switch (r->type) {
	case VBLK_T_IN:
		return serve_in(r);
	case VBLK_T_OUT:
		return serve_out(r);
	case VBLK_T_FLUSH:
		r->blk->stats.flushes++;
		return dmasim_disk_flush(r->blk->cfg.disk) ? VBLK_S_IOERR
		                                           : VBLK_S_OK;
	case VBLK_T_GET_ID:
		return serve_id(r);
	default:
		return VBLK_S_UNSUPP;
	}
}

static int serve_header(struct request *r)
{
	uint8_t header[VBLK_HEADER_SIZE];
	int status = dmasim_chain_read(r->chain, 0, header, sizeof(header),
	                               "read request header");

	if (status == DMASIM_E_CANCELED)
		return status;
	if (status)
		return VBLK_S_IOERR;
	r->type = (uint32_t)get_le(header, 4);
	r->sector = get_le(header + 8, 8);
	return serve_type(r);
}

/**
 * The descriptors may be cut anywhere: the first 16 readable bytes are the
 * header, the last writable byte is the status, the rest is data. A chain
 * that has no room for these breaks the device; every other mistake, and a
 * refused access to header or data, ends in a status byte.
 */
int64_t vblk_serve(void *obj, struct dmasim_virtio_chain *chain)
{
	struct request r = {.blk = obj, .chain = chain};
	uint64_t writable = dmasim_chain_writable(chain);
	uint8_t byte;
	int result;

	if (writable < 1 || dmasim_chain_readable(chain) < VBLK_HEADER_SIZE)
		return DMASIM_E_FORMAT;
	r.in = writable - 1;
	r.out = dmasim_chain_readable(chain) - VBLK_HEADER_SIZE;
	result = serve_header(&r);
	if (result < 0)
		return result;
	byte = (uint8_t)result;
	result = dmasim_chain_write(chain, r.in, &byte, 1, "write status");
	if (result)
		return result;
	r.blk->stats.errors += byte == VBLK_S_IOERR;
	r.blk->stats.unsupported += byte == VBLK_S_UNSUPP;
	/* 2.7.8.2: the length counts bytes from the start without a gap. */
	return (int64_t)(r.written == r.in ? r.in + 1 : r.written);
}
