/* SPDX-License-Identifier: MIT */
/* A raw image file of the host, locked while it is open. */
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk_internal.h"

struct file_disk {
	struct dmasim_disk head;
	int fd;
};

static int file_read(struct dmasim_disk *d, uint64_t offset, uint8_t *buf,
                     uint32_t size)
{
	const struct file_disk *f = (const struct file_disk *)d;

	while (size) {
		ssize_t n = pread(f->fd, buf, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		/* A short file was cut behind our back. */
		if (n <= 0)
			return DMASIM_E_IO;
		buf += n;
		offset += (uint64_t)n;
		size -= (uint32_t)n;
	}
	return DMASIM_OK;
}

static int file_write(struct dmasim_disk *d, uint64_t offset,
                      const uint8_t *buf, uint32_t size)
{
	const struct file_disk *f = (const struct file_disk *)d;

	while (size) {
		ssize_t n = pwrite(f->fd, buf, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return DMASIM_E_IO;
		buf += n;
		offset += (uint64_t)n;
		size -= (uint32_t)n;
	}
	return DMASIM_OK;
}

static int file_flush(struct dmasim_disk *d)
{
	const struct file_disk *f = (const struct file_disk *)d;

	if (!d->read_only && fsync(f->fd))
		return DMASIM_E_IO;
	return DMASIM_OK;
}

static void file_destroy(struct dmasim_disk *d)
{
	struct file_disk *f = (struct file_disk *)d;

	close(f->fd); /* this unlocks */
	free(f);
}

static const struct disk_ops file_ops = {
        .read = file_read,
        .write = file_write,
        .flush = file_flush,
        .destroy = file_destroy,
};

/** The checks that need the open file. */
static int file_check(int fd, const char *path, bool read_only, uint64_t *size,
                      struct dmasim_diag *diag)
{
	struct stat st;

	if (fstat(fd, &st))
		return dmasim_diag_set(diag, DMASIM_E_IO, "%s: %s", path,
		                       strerror(errno));
	if (!S_ISREG(st.st_mode))
		return dmasim_diag_set(diag, DMASIM_E_IO,
		                       "%s: not a regular file", path);
	/* The superuser may write anything; the mode says what is meant. */
	if (!read_only && !(st.st_mode & (S_IWUSR | S_IWGRP | S_IWOTH)))
		return dmasim_diag_set(diag, DMASIM_E_IO,
		                       "%s: the image is read-only", path);
	if (st.st_size == 0)
		return dmasim_diag_set(diag, DMASIM_E_FORMAT,
		                       "%s: the image is empty", path);
	if (st.st_size % (off_t)DMASIM_SECTOR)
		return dmasim_diag_set(
		        diag, DMASIM_E_FORMAT,
		        "%s: the size of %lld bytes is not a multiple of %u",
		        path, (long long)st.st_size, DMASIM_SECTOR);
	if (flock(fd, (read_only ? LOCK_SH : LOCK_EX) | LOCK_NB))
		return dmasim_diag_set(diag, DMASIM_E_IO, "%s: %s", path,
		                       errno == EWOULDBLOCK
		                               ? "the image is in use (locked)"
		                               : strerror(errno));
	*size = (uint64_t)st.st_size;
	return DMASIM_OK;
}

int dmasim_disk_file(const char *path, bool read_only, struct dmasim_disk **out,
                     struct dmasim_diag *diag)
{
	struct file_disk *f;
	int status;

	dmasim_diag_set(diag, DMASIM_OK, "%s", "");
	if (!path || !out)
		return DMASIM_E_INVAL;
	f = calloc(1, sizeof(*f));
	if (!f)
		return DMASIM_E_NOMEM;
	f->head.ops = &file_ops;
	f->head.read_only = read_only;
	/* A FIFO would block for ever, and is refused below. */
	f->fd = open(path,
	             (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK);
	if (f->fd < 0)
		status = dmasim_diag_set(
		        diag, DMASIM_E_IO, "%s: %s", path,
		        errno == EROFS || (errno == EACCES && !read_only)
		                ? "the image cannot be opened for writing"
		                : strerror(errno));
	else
		status =
		        file_check(f->fd, path, read_only, &f->head.size, diag);
	if (status) {
		if (f->fd >= 0)
			close(f->fd);
		free(f);
		return status;
	}
	*out = &f->head;
	return DMASIM_OK;
}
