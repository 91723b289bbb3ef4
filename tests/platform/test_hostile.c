/* SPDX-License-Identifier: MIT */
/* Blobs that nobody made: cut at every length, and with random changes. None
 * may crash; whatever is refused is refused with a message. */
#include <libfdt.h>

#include "plat_internal.h"
#include "tree.h"

static uint64_t next_random(uint64_t *seed)
{
	/* xorshift64 */
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/** Whether the machine is built. */
static bool try_blob(const void *fdt, size_t size)
{
	const struct dmasim_machine_config cfg = {.fdt = fdt, .fdt_size = size};
	struct dmasim_diag diag = {"old"};
	struct dmasim_machine *m = NULL;
	int status = dmasim_machine_create(&cfg, &m, &diag);

	if (status == DMASIM_OK) {
		assert_string_equal(diag.text, "");
		dmasim_machine_destroy(m);
		return true;
	}
	assert_int_equal(status, DMASIM_E_FORMAT);
	assert_true(strlen(diag.text) > 0);
	assert_null(m);
	return false;
}

/** An exact copy on the heap, so that ASan sees one byte too far. */
static void *cut(const struct tree *t, size_t size)
{
	void *copy = malloc(size ? size : 1);

	assert_non_null(copy);
	memcpy(copy, t->fdt, size);
	return copy;
}

static void truncated(void **state)
{
	struct tree t = tree_compile(tree_base());

	(void)state;
	assert_true(try_blob(t.fdt, t.size));
	for (size_t n = 0; n < t.size; n++) {
		void *copy = cut(&t, n);

		assert_false(try_blob(copy, n));
		free(copy);
	}
	free(t.fdt);
}

/** The header says what is there, but blocks point beyond it. */
static void truncated_with_matching_header(void **state)
{
	struct tree t = tree_compile(tree_base());

	(void)state;
	for (size_t n = sizeof(struct fdt_header); n < t.size; n++) {
		void *copy = cut(&t, n);

		fdt_set_totalsize(copy, (uint32_t)n);
		assert_false(try_blob(copy, n));
		free(copy);
	}
	free(t.fdt);
}

static void corrupt(uint64_t seed, unsigned rounds, bool cells)
{
	static const uint32_t values[] = {
	        0, 1, 2, 3, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
	struct tree t = tree_compile(tree_base());
	unsigned accepted = 0;

	for (unsigned i = 0; i < rounds; i++) {
		uint8_t *copy = cut(&t, t.size);
		unsigned changes = 1 + (unsigned)(next_random(&seed) % 4);

		for (unsigned n = 0; n < changes; n++) {
			uint64_t r = next_random(&seed);
			size_t at = (size_t)(r >> 8) % t.size;

			if (cells)
				fdt32_st(copy + (at & ~(size_t)3) %
				                         (t.size - 4),
				         values[r & 7]);
			else
				copy[at] = (uint8_t)r;
		}
		accepted += try_blob(copy, t.size);
		free(copy);
	}
	/* Changed names, for instance, hurt nobody. */
	assert_true(accepted > 0 && accepted < rounds);
	free(t.fdt);
}

static void random_bytes(void **state)
{
	(void)state;
	corrupt(1, 3000, false);
}

static void random_cells(void **state)
{
	(void)state;
	corrupt(2, 3000, true);
}

static void nothing_at_all(void **state)
{
	struct dmasim_diag diag;
	struct plat_tree t;

	(void)state;
	assert_int_equal(plat_tree_open("", 0, &diag, &t), DMASIM_E_FORMAT);
	assert_string_equal(diag.text, "the device tree is empty");
	assert_int_equal(plat_tree_open("none", 4, NULL, &t), DMASIM_E_FORMAT);
}

/** @depth nodes in one another, each with a property. */
static struct tree nested(int depth, int count)
{
	struct tree t = {.size = 64 + (size_t)(depth + count) * 16 + 256};

	t.fdt = calloc(1, t.size);
	assert_non_null(t.fdt);
	assert_int_equal(fdt_create(t.fdt, (int)t.size), 0);
	assert_int_equal(fdt_finish_reservemap(t.fdt), 0);
	assert_int_equal(fdt_begin_node(t.fdt, ""), 0);
	for (int i = 0; i < depth; i++)
		assert_int_equal(fdt_begin_node(t.fdt, "n"), 0);
	for (int i = 0; i < depth; i++)
		assert_int_equal(fdt_end_node(t.fdt), 0);
	for (int i = 0; i < count; i++) {
		assert_int_equal(fdt_begin_node(t.fdt, "m"), 0);
		assert_int_equal(fdt_end_node(t.fdt), 0);
	}
	assert_int_equal(fdt_end_node(t.fdt), 0);
	assert_int_equal(fdt_finish(t.fdt), 0);
	t.size = fdt_totalsize(t.fdt);
	return t;
}

static void deep_nesting(void **state)
{
	struct tree t = nested(100, 0);
	struct dmasim_diag diag;
	struct plat_tree tree;

	(void)state;
	assert_int_equal(plat_tree_open(t.fdt, t.size, &diag, &tree),
	                 DMASIM_E_FORMAT);
	assert_non_null(strstr(diag.text, "/n/n/n: nodes nest deeper than 32"));
	free(t.fdt);
}

static void too_many_nodes(void **state)
{
	struct tree t = nested(0, 70000);
	struct dmasim_diag diag;
	struct plat_tree tree;

	(void)state;
	assert_int_equal(plat_tree_open(t.fdt, t.size, &diag, &tree),
	                 DMASIM_E_FORMAT);
	assert_string_equal(diag.text, "more than 65536 nodes");
	free(t.fdt);
}

/** @roots empty root nodes. */
static int open_roots(int roots, struct dmasim_diag *diag,
                      struct plat_tree *tree)
{
	uint8_t fdt[512] = {0};

	assert_int_equal(fdt_create(fdt, sizeof(fdt)), 0);
	assert_int_equal(fdt_finish_reservemap(fdt), 0);
	for (int i = 0; i < roots; i++) {
		assert_int_equal(fdt_begin_node(fdt, ""), 0);
		assert_int_equal(fdt_end_node(fdt), 0);
	}
	assert_int_equal(fdt_finish(fdt), 0);
	return plat_tree_open(fdt, fdt_totalsize(fdt), diag, tree);
}

static void not_one_root(void **state)
{
	struct dmasim_diag diag = {""};
	struct plat_tree tree;

	(void)state;
	assert_int_equal(open_roots(0, &diag, &tree), DMASIM_E_FORMAT);
	assert_string_equal(diag.text, "no root node");
	assert_int_equal(open_roots(2, &diag, &tree), DMASIM_E_FORMAT);
	assert_true(strlen(diag.text) > 0);
}

static void unprintable_names(void **state)
{
	struct tree t;
	struct plat_desc *d = calloc(1, sizeof(*d));
	struct dmasim_diag diag;
	int node;

	(void)state;
	assert_non_null(d);
	t = tree_with("	virtio@10000 {\n		compatible = "
	              "\"virtio,mmio\";",
	              "	virtio@10000 {\n		compatible = "
	              "\"virtio,mmio\"; dmasim,queue-size = <3>;");
	node = fdt_path_offset(t.fdt, "/virtio@10000");
	/* The name has the same length, so it fits in place. */
	memcpy((void *)(uintptr_t)fdt_get_name(t.fdt, node, NULL),
	       "v\033[2J\n\t", 7);
	assert_int_equal(plat_describe(t.fdt, t.size, 0, &diag, d),
	                 DMASIM_E_FORMAT);
	assert_string_equal(diag.text,
	                    "/v?[2J??10000: dmasim,queue-size: 3, a power of "
	                    "two up to 32768 expected");
	free(t.fdt);
	free(d);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(truncated),
        cmocka_unit_test(truncated_with_matching_header),
        cmocka_unit_test(random_bytes),
        cmocka_unit_test(random_cells),
        cmocka_unit_test(nothing_at_all),
        cmocka_unit_test(deep_nesting),
        cmocka_unit_test(not_one_root),
        cmocka_unit_test(too_many_nodes),
        cmocka_unit_test(unprintable_names),
};

CHECK_MAIN(tests)
