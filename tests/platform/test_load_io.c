/* SPDX-License-Identifier: MIT */
/* Reading a tree where the host's system calls fail. */
#include <errno.h>
#include <spawn.h>

#include "plat_internal.h"
#include "tree.h"

#define SOURCE DMASIM_SOURCE_DIR "/tests/platform/base.dts"

static int tmpfiles_left = -1;
static bool spawn_fails;
static int interrupts, wait_error;

FILE *__real_tmpfile(void);
FILE *__wrap_tmpfile(void);
int __real_posix_spawnp(pid_t *pid, const char *file,
                        const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *attr, char *const argv[],
                        char *const envp[]);
int __wrap_posix_spawnp(pid_t *pid, const char *file,
                        const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *attr, char *const argv[],
                        char *const envp[]);
pid_t __real_waitpid(pid_t pid, int *status, int options);
pid_t __wrap_waitpid(pid_t pid, int *status, int options);

FILE *__wrap_tmpfile(void)
{
	if (tmpfiles_left == 0) {
		errno = ENOSPC;
		return NULL;
	}
	tmpfiles_left--;
	return __real_tmpfile();
}

int __wrap_posix_spawnp(pid_t *pid, const char *file,
                        const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *attr, char *const argv[],
                        char *const envp[])
{
	return spawn_fails ? EAGAIN
	                   : __real_posix_spawnp(pid, file, actions, attr, argv,
	                                         envp);
}

pid_t __wrap_waitpid(pid_t pid, int *status, int options)
{
	if (interrupts > 0) {
		interrupts--;
		errno = EINTR;
		return -1;
	}
	if (wait_error) {
		__real_waitpid(pid, status, options);
		errno = wait_error;
		return -1;
	}
	return __real_waitpid(pid, status, options);
}

static void expect(int status, const char *message)
{
	struct dmasim_diag diag;
	void *fdt = NULL;
	size_t size;

	assert_int_equal(dmasim_fdt_load(SOURCE, &fdt, &size, &diag), status);
	if (strncmp(diag.text, message, strlen(message)) != 0)
		fail_msg("expected '%s', got '%s'", message, diag.text);
	free(fdt);
}

static void no_temporary_file(void **state)
{
	(void)state;
	for (tmpfiles_left = 0; tmpfiles_left < 2;) {
		int left = tmpfiles_left;

		expect(DMASIM_E_IO, "no temporary file: No space left");
		tmpfiles_left = left + 1;
	}
	tmpfiles_left = -1;
	expect(DMASIM_OK, "");
}

static void no_process(void **state)
{
	(void)state;
	spawn_fails = true;
	expect(DMASIM_E_IO, "cannot run dtc: Resource temporarily unavailable");
}

static void interrupted_wait(void **state)
{
	(void)state;
	interrupts = 3;
	expect(DMASIM_OK, "");
	assert_int_equal(interrupts, 0);
}

static void failed_wait(void **state)
{
	(void)state;
	wait_error = ECHILD;
	expect(DMASIM_E_IO, "cannot wait for dtc: No child processes");
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_temporary_file),
        cmocka_unit_test(interrupted_wait),
        cmocka_unit_test(failed_wait),
        cmocka_unit_test(no_process),
};

CHECK_MAIN(tests)
