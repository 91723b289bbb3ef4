/* SPDX-License-Identifier: MIT */
/* The workloads. What the driver saw is compared with what the disk holds. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run_internal.h"

#define SECTOR DMASIM_SECTOR
/** Sectors of one call of the driver. */
#define CHUNK 128u

#define DEMO_SIZE  (1024u * 1024u)
#define DEMO_FIRST 64u

/* The partition table of a PC: four entries at byte 446, then a mark. */
#define MBR_TABLE 446u
#define MBR_ENTRY 16u
#define MBR_MARK  510u

static void put_le32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static uint32_t get_le32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

int run_demo_disk(struct dmasim_disk **out)
{
	uint8_t sector[SECTOR];
	int status = dmasim_disk_memory(DEMO_SIZE, out);

	/* Every sector differs, so that no wrong one goes unseen. */
	for (uint32_t i = 0; i < DEMO_SIZE / SECTOR && !status; i++) {
		for (uint32_t at = 0; at < SECTOR; at += 4)
			put_le32(sector + at, i << 12 | at);
		if (i == 0) {
			uint8_t *entry = sector + MBR_TABLE;

			memset(entry, 0, 4 * MBR_ENTRY);
			entry[4] = 0x83;
			put_le32(entry + 8, DEMO_FIRST);
			put_le32(entry + 12, DEMO_SIZE / SECTOR - DEMO_FIRST);
			sector[MBR_MARK] = 0x55;
			sector[MBR_MARK + 1] = 0xaa;
		}
		status = dmasim_disk_write(*out, (uint64_t)i * SECTOR, sector,
		                           SECTOR);
	}
	return status;
}

/** xorshift64: the workload's own, apart from the machine's choices. */
static uint64_t next_random(struct run *r)
{
	r->random ^= r->random << 13;
	r->random ^= r->random >> 7;
	r->random ^= r->random << 17;
	return r->random;
}

/** Compare @buf with the disk itself. */
static int check(struct run *r, uint64_t sector, const uint8_t *buf,
                 uint32_t sectors)
{
	uint8_t truth[CHUNK * SECTOR];
	uint32_t size = sectors * SECTOR;
	int status = dmasim_disk_read(r->disk, sector * SECTOR, truth, size);

	if (status != DMASIM_OK)
		return status;
	r->bytes += size;
	for (uint32_t i = 0; i < size; i++) {
		if (buf[i] == truth[i])
			continue;
		if (r->wrong_bytes++ == 0)
			r->first_wrong = sector * SECTOR + i;
	}
	return DMASIM_OK;
}

static int read_chunk(struct run *r, uint64_t sector, uint8_t *buf,
                      uint32_t sectors)
{
	int status = dmasim_blk_drv_read(r->blk, sector, buf, sectors);

	if (status != DMASIM_OK)
		return status;
	r->requests++;
	return check(r, sector, buf, sectors);
}

static int write_chunk(struct run *r, uint64_t sector, const uint8_t *buf,
                       uint32_t sectors)
{
	int status = dmasim_blk_drv_write(r->blk, sector, buf, sectors);

	if (status != DMASIM_OK)
		return status;
	r->requests++;
	return check(r, sector, buf, sectors);
}

static void parse_table(struct run *r, const uint8_t *sector)
{
	r->has_table = sector[MBR_MARK] == 0x55 && sector[MBR_MARK + 1] == 0xaa;
	for (unsigned i = 0; i < 4 && r->has_table; i++) {
		const uint8_t *entry = sector + MBR_TABLE + i * MBR_ENTRY;

		r->partitions[i] = (struct run_partition){
		        entry[4], get_le32(entry + 8), get_le32(entry + 12)};
	}
}

/** What a kernel does first with a disk: read the page with sector 0. */
static int read_partition(struct run *r)
{
	uint64_t capacity = dmasim_blk_drv_capacity(r->blk);
	uint32_t sectors = capacity < 8 ? (uint32_t)capacity : 8;
	uint8_t page[8 * SECTOR];
	int status = read_chunk(r, 0, page, sectors);

	if (status == DMASIM_OK)
		parse_table(r, page);
	return status;
}

/** Random writes and reads; every sector of a write is new. */
static int read_write(struct run *r)
{
	uint64_t capacity = dmasim_blk_drv_capacity(r->blk);
	uint64_t requests = r->opt->requests ? r->opt->requests : 32;
	uint64_t most = r->opt->sectors ? r->opt->sectors : 8;
	uint8_t buf[CHUNK * SECTOR];
	int status = DMASIM_OK;

	most = most < CHUNK ? most : CHUNK;
	most = most < capacity ? most : capacity;
	for (uint64_t i = 0; i < requests && status == DMASIM_OK; i++) {
		uint32_t sectors = (uint32_t)(1 + next_random(r) % most);
		uint64_t sector = next_random(r) % (capacity - sectors + 1);

		/* The first one writes, so that reads have something new. */
		if (r->opt->read_only || (i && next_random(r) % 2)) {
			status = read_chunk(r, sector, buf, sectors);
			continue;
		}
		for (uint32_t at = 0; at < sectors * SECTOR; at += 4)
			put_le32(buf + at, (uint32_t)next_random(r));
		status = write_chunk(r, sector, buf, sectors);
	}
	return status == DMASIM_OK ? dmasim_blk_drv_flush(r->blk) : status;
}

/** How far the workload goes on the disk. */
static uint64_t extent(const struct run *r)
{
	uint64_t capacity = dmasim_blk_drv_capacity(r->blk);
	uint64_t wanted = r->opt->sectors;

	return wanted && wanted < capacity ? wanted : capacity;
}

/** For people who wait, on a terminal only: the report must not depend on
 * the host's speed. */
static void progress(const char *what, uint64_t done, uint64_t all)
{
	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r%s %llu of %llu KiB%s", what,
	        (unsigned long long)(done / 2), (unsigned long long)(all / 2),
	        done >= all ? "\n" : "");
}

static int verify(struct run *r)
{
	uint64_t all = extent(r), sector = 0;
	uint8_t buf[CHUNK * SECTOR];
	int status = DMASIM_OK;

	while (sector < all && status == DMASIM_OK) {
		uint64_t n = all - sector < CHUNK ? all - sector : CHUNK;

		status = read_chunk(r, sector, buf, (uint32_t)n);
		sector += n;
		progress("read", sector, all);
	}
	return status;
}

static int host_failure(struct run *r, int exit_status, const char *path,
                        const char *text)
{
	r->outcome = RUN_HOST_FAILURE;
	r->exit_status =
	        tool_fail(&r->opt->tool, exit_status, path, "%s", text);
	return DMASIM_E_IO;
}

static int write_from(struct run *r)
{
	const char *path = r->opt->write_from;
	uint64_t capacity = dmasim_blk_drv_capacity(r->blk), sector = 0;
	uint8_t buf[CHUNK * SECTOR];
	FILE *f = fopen(path, "rb");
	int status = DMASIM_OK;

	if (!f)
		return host_failure(r, TOOL_BAD_INPUT, path, strerror(errno));
	while (status == DMASIM_OK) {
		size_t n = fread(buf, 1, sizeof(buf), f);

		if (ferror(f))
			status = host_failure(r, TOOL_BAD_INPUT, path,
			                      strerror(errno));
		else if (n % SECTOR)
			status = host_failure(r, TOOL_BAD_INPUT, path,
			                      "the size is not a multiple of "
			                      "512 bytes");
		else if (n / SECTOR > capacity - sector)
			status = host_failure(r, TOOL_BAD_INPUT, path,
			                      "larger than the disk");
		if (n == 0 || status != DMASIM_OK)
			break;
		status = write_chunk(r, sector, buf, (uint32_t)(n / SECTOR));
		sector += n / SECTOR;
		progress("written", sector, capacity);
	}
	fclose(f);
	return status == DMASIM_OK ? dmasim_blk_drv_flush(r->blk) : status;
}

static int read_to(struct run *r)
{
	const char *path = r->opt->read_to;
	uint64_t all = extent(r), sector = 0;
	uint8_t buf[CHUNK * SECTOR];
	FILE *f = fopen(path, "wb");
	int status = DMASIM_OK;

	if (!f)
		return host_failure(r, TOOL_BAD_INPUT, path, strerror(errno));
	while (sector < all && status == DMASIM_OK) {
		uint64_t n = all - sector < CHUNK ? all - sector : CHUNK;

		status = read_chunk(r, sector, buf, (uint32_t)n);
		if (status == DMASIM_OK && fwrite(buf, SECTOR, n, f) != n)
			status = host_failure(r, TOOL_INTERNAL, path,
			                      strerror(errno));
		sector += n;
		progress("read", sector, all);
	}
	if (fclose(f) != 0 && status == DMASIM_OK)
		status = host_failure(r, TOOL_INTERNAL, path, strerror(errno));
	return status;
}

static int copy(struct run *r)
{
	int status = DMASIM_OK;

	if (r->opt->write_from)
		status = write_from(r);
	if (status == DMASIM_OK && r->opt->read_to)
		status = read_to(r);
	return status;
}

int run_workload(struct run *r)
{
	switch (r->opt->workload) {
	case RUN_READ_PARTITION:
		return read_partition(r);
	case RUN_RW:
		return read_write(r);
	case RUN_VERIFY:
		return verify(r);
	case RUN_COPY:
		return copy(r);
	}
	return DMASIM_E_INVAL;
}

const char *run_workload_name(enum run_workload w)
{
	static const char *const names[] = {"read-partition", "rw", "verify",
	                                    "copy"};

	return names[w];
}
