/* SPDX-License-Identifier: MIT */
/*
 * Recordings whose bytes are well-formed and wrong: registers, tables and
 * queues with bits flipped, rows that ask for other accesses. The replay
 * ends, and says that it agrees, differs, or cannot be.
 */
#include <ctype.h>
#include <stdlib.h>

#include "folder.h"

/* Enough to reach every list; the seed is fixed. */
#define ROUNDS 48u

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

struct victim {
	const char *dir;
	const char *files[6]; /**< text */
	const char *pages;
};

/** Other digits in the numbers of a text. */
static void change_text(char *text, size_t size, uint64_t *seed)
{
	unsigned left = 1 + (unsigned)(next_random(seed) % 4);

	for (unsigned tries = 0; size && left && tries < 4096; tries++) {
		char *c = &text[next_random(seed) % size];

		if (!isxdigit((unsigned char)*c) || c == text ||
		    !isxdigit((unsigned char)c[-1]))
			continue;
		*c = "0123456789abcdef"[next_random(seed) % 16];
		left--;
	}
}

/** Other bits in words that are not zero: STEs, CDs, descriptors, commands,
 * rings. */
static void change_pages(char *data, size_t size, uint64_t *seed)
{
	unsigned left = 1 + (unsigned)(next_random(seed) % 32);

	for (unsigned tries = 0; size >= 8 && left && tries < 65536; tries++) {
		char *word = &data[next_random(seed) % (size / 8) * 8];

		if (!memcmp(word, "\0\0\0\0\0\0\0\0", 8))
			continue;
		word[next_random(seed) % 8] ^=
		        (char)(1u << next_random(seed) % 8);
		left--;
	}
}

static void change_file(const char *dir, const char *file, bool pages,
                        uint64_t *seed)
{
	size_t size;
	char *data = folder_read(dir, file, &size);

	if (pages)
		change_pages(data, size, seed);
	else
		change_text(data, size, seed);
	folder_write(dir, file, data, size);
	free(data);
}

static void round_of(const struct victim *v, uint64_t *seed, const char *as)
{
	char *dir = folder_copy(v->dir);
	unsigned what = (unsigned)(next_random(seed) % 3);
	struct replayed r;

	if (what != 0)
		change_file(dir, v->pages, true, seed);
	for (size_t i = 0; what != 1 && i < 6 && v->files[i]; i++)
		if (next_random(seed) % 2)
			change_file(dir, v->files[i], false, seed);
	replay_run(&r, dir, as);
	if (r.status != DMASIM_OK && r.status != DMASIM_E_FAULT &&
	    r.status != DMASIM_E_FORMAT)
		fail_msg("%d: %s", r.status, r.diag.text);
	if (r.status == DMASIM_E_FORMAT)
		assert_true(*r.diag.text);
	replay_free(&r);
	folder_remove(dir);
}

static void damage(void **state)
{
	static const char *const profiles[] = {NULL, "arch", "arch-full"};
	const struct victim *v = *state;
	uint64_t seed = 0x5eed0003;

	for (unsigned i = 0; i < ROUNDS; i++)
		round_of(v, &seed, profiles[i % 3]);
}

static const struct victim stage2 = {
        RECORDINGS "/smmu-stage2-blk-k61-qemu10",
        {"snapshot/regs.txt", "snapshot/mappings.tsv",
         "snapshot/translations.tsv", "snapshot/cmdq.txt", "snapshot/pages.tsv",
         "machine.txt"},
        "snapshot/pages.bin",
};
static const struct victim badcfg = {
        RECORDINGS "/smmu-badcfg-k72-qemu10",
        {"base-default/regs.txt", "base-vfio/regs.txt", "config-faults.tsv",
         "pagetable-faults.tsv", "base-vfio/mappings.tsv",
         "base-vfio/cmdq.txt"},
        "base-default/pages.bin",
};
static const struct victim granule16 = {
        RECORDINGS "/smmu-blk-1disk-k72-16k",
        {"snapshot/regs.txt", "snapshot/mappings.tsv",
         "snapshot/translations.tsv", "snapshot/vrings.txt",
         "snapshot/pages.tsv", "machine.txt"},
        "snapshot/pages.bin",
};

#define VICTIM(v)                                                              \
	{                                                                      \
#v, damage, NULL, NULL, (void *)(uintptr_t) & (v)              \
	}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        VICTIM(stage2),
	        VICTIM(badcfg),
	        VICTIM(granule16),
	};

	return check_main(argc, argv, tests, sizeof(tests) / sizeof(*tests));
}
