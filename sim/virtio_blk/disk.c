/* SPDX-License-Identifier: MIT */
/* What all disks share. */
#include "disk_internal.h"

#define DISK_STATE_TAG     "DISK"
#define DISK_STATE_VERSION 1u

void dmasim_disk_destroy(struct dmasim_disk *d)
{
	if (d)
		d->ops->destroy(d);
}

uint64_t dmasim_disk_sectors(const struct dmasim_disk *d)
{
	return d->size / DMASIM_SECTOR;
}

bool dmasim_disk_read_only(const struct dmasim_disk *d)
{
	return d->read_only;
}

static bool range_bad(const struct dmasim_disk *d, uint64_t offset,
                      uint32_t size)
{
	return offset > d->size || size > d->size - offset;
}

int dmasim_disk_read(struct dmasim_disk *d, uint64_t offset, void *buf,
                     uint32_t size)
{
	if (range_bad(d, offset, size))
		return DMASIM_E_RANGE;
	return d->ops->read(d, offset, buf, size);
}

int dmasim_disk_write(struct dmasim_disk *d, uint64_t offset, const void *buf,
                      uint32_t size)
{
	if (range_bad(d, offset, size))
		return DMASIM_E_RANGE;
	if (d->read_only)
		return DMASIM_E_IO;
	return d->ops->write(d, offset, buf, size);
}

int dmasim_disk_flush(struct dmasim_disk *d)
{
	return d->ops->flush(d);
}

int disk_save(const struct dmasim_disk *d, struct dmasim_writer *w)
{
	dmasim_put_begin(w, DISK_STATE_TAG, DISK_STATE_VERSION);
	dmasim_put_u64(w, d->size);
	dmasim_put_u8(w, d->ops->save != NULL);
	if (d->ops->save)
		d->ops->save(d, w);
	dmasim_put_end(w);
	return DMASIM_OK;
}

int disk_restore(struct dmasim_disk *d, struct dmasim_reader *r)
{
	uint64_t size;
	uint8_t contents;
	int status = DMASIM_OK;

	if (!dmasim_get_begin(r, DISK_STATE_TAG, DISK_STATE_VERSION))
		return dmasim_reader_status(r);
	size = dmasim_get_u64(r);
	contents = dmasim_get_u8(r);
	if (size != d->size)
		status = dmasim_reader_fail(r, "disk of %llu bytes",
		                            (unsigned long long)size);
	else if (contents != (d->ops->save != NULL))
		status = dmasim_reader_fail(r, "another kind of disk");
	if (!status && d->ops->restore)
		status = d->ops->restore(d, r);
	dmasim_get_end(r);
	return status ? status : dmasim_reader_status(r);
}
