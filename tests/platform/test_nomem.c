/* SPDX-License-Identifier: MIT */
/* Every allocation fails once: an error, and nothing is lost. */
#include "fail_alloc.h"

#include "plat_internal.h"
#include "tree.h"

char *__real_strdup(const char *s);
char *__wrap_strdup(const char *s);

char *__wrap_strdup(const char *s)
{
	return fail_alloc_now() ? NULL : __real_strdup(s);
}

static int create(const struct tree *t, struct dmasim_machine **m)
{
	const struct dmasim_machine_config cfg = {.fdt = t->fdt,
	                                          .fdt_size = t->size};
	struct dmasim_diag diag;

	return dmasim_machine_create(&cfg, m, &diag);
}

/** A tree in which every device has a bus of its own offset as well, and
 * memory says how long it takes. */
static struct tree full_tree(void)
{
	char *text =
	        tree_replace(tree_base(), "		bus-range = <0x0 0x3>;",
	                     "		bus-range = <0x0 0x3>;\n"
	                     "dma-ranges = <0x02000000 0 0 0 0 0 0x80000000>;");

	return tree_compile(tree_replace(text, "compatible = \"test,board\";",
	                                 "dmasim,timing = \"generic\";"));
}

static void machine(void **state)
{
	struct tree t = full_tree();
	struct dmasim_machine *m = NULL;
	int n = 0;

	(void)state;
	for (;; n++) {
		int status;

		fail_alloc_hit = false;
		fail_alloc_after = n;
		status = create(&t, &m);
		fail_alloc_after = -1;
		if (!fail_alloc_hit)
			break;
		assert_int_equal(status, DMASIM_E_NOMEM);
		assert_null(m);
	}
	assert_true(n > 100);
	assert_non_null(m);
	dmasim_machine_destroy(m);
	free(t.fdt);
}

static void file(void **state)
{
	struct tree t = full_tree();
	char path[] = "/tmp/dmasim-nomem-XXXXXX";
	int fd = mkstemp(path), n = 0;
	void *fdt = NULL;
	size_t size;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, t.fdt, t.size), t.size);
	/* More than the first buffer holds. */
	assert_int_equal(ftruncate(fd, 100000), 0);
	close(fd);
	for (;; n++) {
		int status;

		fail_alloc_hit = false;
		fail_alloc_after = n;
		status = dmasim_fdt_load(path, &fdt, &size, NULL);
		fail_alloc_after = -1;
		if (!fail_alloc_hit)
			break;
		assert_int_equal(status, DMASIM_E_NOMEM);
		assert_null(fdt);
	}
	assert_true(n > 1);
	assert_int_equal(size, 100000);
	free(fdt);
	free(t.fdt);
	unlink(path);
}

/** A bus that cannot keep an access refuses it. */
static enum dmasim_result nothing(void *obj, struct dmasim_txn *txn)
{
	(void)obj;
	(void)txn;
	return DMASIM_TXN_OK;
}

static void window(void **state)
{
	const struct dmasim_port down = {nothing, NULL};
	struct dmasim_kernel *k;
	struct plat_window *w;
	struct dmasim_port port;
	uint8_t data[4];
	struct dmasim_txn txn = {
	        .op = DMASIM_READ, .addr = 0, .size = 4, .data = data};

	(void)state;
	assert_int_equal(dmasim_kernel_create(NULL, &k), DMASIM_OK);
	assert_int_equal(plat_window_create(k, "bus", &w), DMASIM_OK);
	port = plat_window_port(w, &down, 0, 0xfff);
	fail_alloc_after = 0;
	assert_int_equal(dmasim_access(&port, &txn), DMASIM_TXN_SLAVE);
	fail_alloc_after = -1;
	assert_int_equal(dmasim_access(&port, &txn), DMASIM_TXN_OK);
	plat_window_destroy(w);
	dmasim_kernel_destroy(k);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(machine),
        cmocka_unit_test(file),
        cmocka_unit_test(window),
};

CHECK_MAIN(tests)
