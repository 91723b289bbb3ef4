/* SPDX-License-Identifier: MIT */
/* Image files on a host whose system calls are interrupted, short or fail. */
#include "check.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "dmasim/virtio_blk.h"

/** What the next calls do; 0: as the host does. */
static struct {
	int interrupts;
	size_t most; /**< bytes per call */
	int error;
} host;

static bool host_fails(void)
{
	if (host.interrupts) {
		host.interrupts--;
		errno = EINTR;
		return true;
	}
	errno = host.error;
	return host.error;
}

static size_t host_size(size_t size)
{
	return host.most && host.most < size ? host.most : size;
}

ssize_t __real_pread64(int fd, void *buf, size_t n, off_t at);
ssize_t __real_pwrite64(int fd, const void *buf, size_t n, off_t at);
int __real_fsync(int fd);
int __real_fstat64(int fd, struct stat *st);
int __real_flock(int fd, int op);
ssize_t __wrap_pread64(int fd, void *buf, size_t n, off_t at);
ssize_t __wrap_pwrite64(int fd, const void *buf, size_t n, off_t at);
int __wrap_fsync(int fd);
int __wrap_fstat64(int fd, struct stat *st);
int __wrap_flock(int fd, int op);

ssize_t __wrap_pread64(int fd, void *buf, size_t n, off_t at)
{
	return host_fails() ? -1 : __real_pread64(fd, buf, host_size(n), at);
}

ssize_t __wrap_pwrite64(int fd, const void *buf, size_t n, off_t at)
{
	return host_fails() ? -1 : __real_pwrite64(fd, buf, host_size(n), at);
}

int __wrap_fsync(int fd)
{
	return host_fails() ? -1 : __real_fsync(fd);
}

int __wrap_fstat64(int fd, struct stat *st)
{
	return host_fails() ? -1 : __real_fstat64(fd, st);
}

/** Fails only with codes that fstat, which comes first, does not see. */
static int flock_error;

int __wrap_flock(int fd, int op)
{
	errno = flock_error;
	return flock_error ? -1 : __real_flock(fd, op);
}

static char path[64];

static int setup(void **state)
{
	struct dmasim_disk *d = NULL;
	int fd;

	strcpy(path, "/tmp/dmasim-io-XXXXXX");
	fd = mkstemp(path);
	if (fd < 0 || ftruncate(fd, 8192) || close(fd))
		return 1;
	memset(&host, 0, sizeof(host));
	flock_error = 0;
	if (dmasim_disk_file(path, false, &d, NULL))
		return 1;
	*state = d;
	return 0;
}

static int teardown(void **state)
{
	dmasim_disk_destroy(*state);
	unlink(path);
	return 0;
}

static void interrupted_and_short_calls_go_on(void **state)
{
	struct dmasim_disk *d = *state;
	uint8_t out[1000], in[1000];

	for (unsigned i = 0; i < sizeof(out); i++)
		out[i] = (uint8_t)(i / 3);
	host.most = 7;
	host.interrupts = 3;
	assert_int_equal(dmasim_disk_write(d, 100, out, sizeof(out)),
	                 DMASIM_OK);
	host.interrupts = 3;
	assert_int_equal(dmasim_disk_read(d, 100, in, sizeof(in)), DMASIM_OK);
	assert_memory_equal(in, out, sizeof(in));
}

static void errors_of_the_host(void **state)
{
	struct dmasim_disk *d = *state;
	uint8_t buf[512] = {0};

	host.error = EIO;
	assert_int_equal(dmasim_disk_write(d, 0, buf, 512), DMASIM_E_IO);
	assert_int_equal(dmasim_disk_read(d, 0, buf, 512), DMASIM_E_IO);
	assert_int_equal(dmasim_disk_flush(d), DMASIM_E_IO);
	host.error = 0;
	assert_int_equal(dmasim_disk_flush(d), DMASIM_OK);
}

static void errors_while_opening(void **state)
{
	struct dmasim_disk *d = NULL;
	struct dmasim_diag diag;

	dmasim_disk_destroy(*state);
	*state = NULL;
	host.error = EIO;
	assert_int_equal(dmasim_disk_file(path, false, &d, &diag), DMASIM_E_IO);
	assert_non_null(strstr(diag.text, "Input/output error"));
	host.error = 0;
	flock_error = ENOLCK;
	assert_int_equal(dmasim_disk_file(path, false, &d, &diag), DMASIM_E_IO);
	assert_non_null(strstr(diag.text, "No locks available"));
	assert_null(d);
}

#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

static const struct CMUnitTest tests[] = {
        CASE(interrupted_and_short_calls_go_on),
        CASE(errors_of_the_host),
        CASE(errors_while_opening),
};

CHECK_MAIN(tests)
