/* SPDX-License-Identifier: MIT */
/* Progress goes to a terminal's stderr only, and changes nothing else. */
#define _XOPEN_SOURCE 700
#include <fcntl.h>

#include "command.h"

/** stderr on a pseudo terminal; what it shows comes back in r.err. */
static struct result run_on_terminal(const char *args)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave, status;
	FILE *out = tmpfile();
	struct result r = {0};
	char command[512];
	size_t used = 0;
	pid_t pid;

	assert_non_null(out);
	slave = master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0
	                ? open(ptsname(master), O_RDWR | O_NOCTTY)
	                : -1;
	if (slave < 0) {
		print_message("no pseudo terminal here (is devpts mounted?)\n");
		skip();
	}
	snprintf(command, sizeof(command), "exec %s %s", COMMAND, args);
	pid = fork();
	if (pid == 0) {
		close(master);
		if (chdir(DMASIM_SOURCE_DIR) != 0 || dup2(fileno(out), 1) < 0 ||
		    dup2(slave, 2) < 0)
			_exit(NO_PROGRAM);
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		_exit(NO_PROGRAM);
	}
	close(slave);
	r.err = calloc(1, 65536);
	assert_non_null(r.err);
	/* The terminal reports an error when its last writer is gone. */
	for (ssize_t n; used < 65000; used += (size_t)n) {
		n = read(master, r.err + used, 65000 - used);
		if (n <= 0)
			break;
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	r.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
	r.out = slurp(out, &r.out_size);
	fclose(out);
	close(master);
	return r;
}

static void verify_shows_progress(void **state)
{
	struct result t = run_on_terminal("run --workload verify " FVP);
	struct result p = RUN("run", "--workload", "verify", FVP);

	(void)state;
	assert_int_equal(t.status, 0);
	expect_text(t.err, "\rread 64 of 1024 KiB");
	expect_text(t.err, "\rread 1024 of 1024 KiB\r\n");
	assert_string_equal(p.err, "");
	assert_string_equal(t.out, p.out);
	end_result(&t);
	end_result(&p);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(verify_shows_progress),
};

CHECK_MAIN(tests)
