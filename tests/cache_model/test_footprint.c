/* SPDX-License-Identifier: MIT */
/* A walk over 1 GiB that touches one page in 1,024: RAM and checker take what
 * the touched pages need, and the caches what they have lines. */
#include "check.h"

#include "checker_internal.h"
#include "dmasim/cache.h"

#define RAM   0x100000000ull
#define PAGES 0x40000u
#define STEP  1024u

static void one_gib(void **state)
{
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_checker *checker;
	struct dmasim_memsys *ms;
	struct dmasim_memsys_config cfg = {.cpus = 1};
	struct dmasim_port port;
	const uint64_t touched = PAGES / STEP;
	uint64_t ram, block;

	(void)state;
	assert_int_equal(dmasim_kernel_create(NULL, &k), DMASIM_OK);
	assert_int_equal(
	        dmasim_map_create(&(struct dmasim_map_config){.kernel = k},
	                          &map),
	        DMASIM_OK);
	assert_int_equal(dmasim_map_add_ram(map, "ram", RAM, PAGES * 4096ull),
	                 DMASIM_OK);
	assert_int_equal(
	        dmasim_checker_create(
	                &(struct dmasim_checker_config){.kernel = k}, &checker),
	        DMASIM_OK);
	cfg.kernel = k;
	cfg.map = map;
	cfg.checker = checker;
	assert_int_equal(dmasim_memsys_create(&cfg, &ms), DMASIM_OK);
	assert_int_equal(dmasim_memsys_cpu_port(ms, 0, &port), DMASIM_OK);
	for (uint32_t i = 0; i < PAGES; i += STEP)
		for (uint64_t at = 0; at < 4096; at += 64) {
			uint64_t value = i + at + 1;
			struct dmasim_txn txn = {
			        .op = DMASIM_WRITE,
			        .addr = RAM + i * 4096ull + at,
			        .size = 8,
			        .attr = dmasim_attr_wb,
			        .data = (uint8_t *)&value,
			        .origin = DMASIM_HERE,
			};

			assert_int_equal(dmasim_access(&port, &txn),
			                 DMASIM_TXN_OK);
		}
	assert_int_equal(dmasim_memsys_flush(ms), DMASIM_OK);
	ram = dmasim_map_footprint(map);
	block = 64ull * checker->shadow_step;
	print_message("RAM: %llu KiB, checker: %llu KiB, for %llu KiB\n",
	              (unsigned long long)ram / 1024,
	              (unsigned long long)(checker->page_len * block) / 1024,
	              (unsigned long long)touched * 4);
	/* Each of these pages has a directory of its own. */
	assert_true(ram >= touched * 4096 &&
	            ram <= touched * (4096 + 8192) + 4 * 8192);
	assert_int_equal(checker->page_len, touched);
	assert_int_equal(checker->shadow_len, touched * 64);
	assert_true(checker->page_cap <= 4 * touched);
	assert_true(block <= 16 * 4096);
	assert_int_equal(dmasim_finding_count(checker), 0);
	dmasim_memsys_destroy(ms);
	dmasim_checker_destroy(checker);
	dmasim_map_destroy(map);
	dmasim_kernel_destroy(k);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_gib),
};

CHECK_MAIN(tests)
