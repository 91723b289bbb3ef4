/* SPDX-License-Identifier: MIT */
/* What is said about commands, field by field. */
#include "fields.h"

static size_t command(uint64_t d0, uint64_t d1)
{
	const uint64_t cmd[2] = {d0, d1};

	return dmasim_cmd_fields(cmd, f, MAX);
}

static void commands(void **state)
{
	size_t n;

	(void)state;
	n = command(0x0001000000100012, 0x89000f00ull << 12 | 1 << 10 | 3 << 8);
	has(n, "Opcode", 0x12);
	has(n, "ASID", 1);
	has(n, "SCALE", 1);
	has(n, "NUM", 0);
	says(n, "TG", "4 KiB");
	says(n, "TTL", "level 3");
	has(n, "Address", 0x89000f00ull << 12);
	n = command(0xfc02046, 0);
	says(n, "CS", "event (SEV)");
	has(n, "MSIAttr", 0xf);
	n = command(0x46 | 1 << 12 | 0xabcull << 32, 0x1000);
	has(n, "MSIData", 0xabc);
	has(n, "MSIAddress", 0x1000);
	n = command(0x0000000800000003, 1);
	has(n, "StreamID", 8);
	says(n, "Leaf", "last level only");
	n = command(4, 31);
	has(n, "Range", 31);
	n = command(0x05 | 9 << 12, 0);
	has(n, "SubstreamID", 9);
	assert_int_equal(command(0x06, 0), 3);
	n = command(0x01, 0);
	has(n, "SSV", 0);
	n = command(0x02, 0x1000 | 3);
	has(n, "Size", 3);
	n = command(0x10 | 7ull << 32, 0);
	has(n, "VMID", 7);
	lacks(n, "ASID");
	n = command(0x11, 0);
	has(n, "ASID", 0);
	n = command(0x13, 0x1000);
	lacks(n, "ASID");
	has(n, "Address", 0x1000);
	n = command(0x40 | 1 << 9, 52);
	has(n, "Global", 1);
	has(n, "Size", 52);
	n = command(0x41, 2 << 12 | 5);
	says(n, "Resp", "success");
	has(n, "PRGIndex", 5);
	n = command(0x44 | 1 << 12, 0x77);
	says(n, "Ac", "retry");
	has(n, "STAG", 0x77);
	assert_int_equal(command(0x45, 0), 3);
	assert_int_equal(command(0x30, 0), 1);
	assert_int_equal(command(0xff, ~0ull), 1);
}

static void command_names(void **state)
{
	unsigned named = 0;

	(void)state;
	assert_string_equal(dmasim_cmd_name(0x46), "CMD_SYNC");
	assert_string_equal(dmasim_cmd_name(0x30), "CMD_TLBI_NSNH_ALL");
	assert_null(dmasim_cmd_name(0));
	for (unsigned i = 0; i < 256; i++)
		named += dmasim_cmd_name((uint8_t)i) != NULL;
	assert_int_equal(named, 34);
}

static size_t tlbi_of(uint64_t op)
{
	const uint64_t cmd[2] = {op | 2ull << 12 | 3ull << 20 | 4ull << 32 |
	                                 5ull << 48,
	                         0x12345000 | 3 | 2 << 8 | 1 << 10};

	return dmasim_cmd_fields(cmd, f, MAX);
}

/* 4.4: which of VMID, ASID and address a command has. */
static void tlbi_fields(void **state)
{
	static const struct {
		uint8_t op;
		bool vmid, asid, addr;
	} rows[] = {
	        {0x10, true, false, false},  {0x11, true, true, false},
	        {0x12, true, true, true},    {0x13, true, false, true},
	        {0x18, false, false, false}, {0x1a, false, false, true},
	        {0x20, false, false, false}, {0x21, false, true, false},
	        {0x22, false, true, true},   {0x23, false, false, true},
	        {0x28, true, false, false},  {0x2a, true, false, true},
	        {0x30, false, false, false}, {0x50, false, false, false},
	        {0x51, false, true, false},  {0x52, false, true, true},
	        {0x53, false, false, true},  {0x58, true, false, false},
	        {0x5a, true, false, true},   {0x60, false, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size_t n = tlbi_of(rows[i].op);

		if (rows[i].vmid)
			has(n, "VMID", 4);
		else
			lacks(n, "VMID");
		if (rows[i].asid)
			has(n, "ASID", 5);
		else
			lacks(n, "ASID");
		if (rows[i].addr) {
			has(n, "NUM", 2);
			has(n, "SCALE", 3);
			has(n, "Address", 0x12345000);
			says(n, "TG", "4 KiB");
			says(n, "TTL", "level 2");
		} else {
			lacks(n, "Address");
		}
		if (rows[i].op == 0x5a)
			says(n, "NS", "Non-secure IPA");
		else
			lacks(n, "NS");
	}
}

/* 4.2, 4.3: what names streams. */
static void stream_fields(void **state)
{
	uint64_t cmd[2] = {0x02 | 1 << 10 | 1 << 11 | 6 << 12 | 7ull << 32,
	                   0x12345000 | 3 << 5 | 9};
	size_t n = dmasim_cmd_fields(cmd, f, MAX);

	(void)state;
	has(n, "SSec", 1);
	has(n, "SubstreamID", 6);
	has(n, "StreamID", 7);
	has(n, "Size", 9);
	has(n, "Stride", 3);
	has(n, "Address", 0x12345000);
	cmd[0] = 0x07 | 1 << 10 | 9ull << 32;
	n = dmasim_cmd_fields(cmd, f, MAX);
	has(n, "SSec", 1);
	has(n, "VMID", 9);
	lacks(n, "StreamID");
	cmd[0] = 0x06 | 7ull << 32;
	n = dmasim_cmd_fields(cmd, f, MAX);
	has(n, "StreamID", 7);
	lacks(n, "Leaf");
	cmd[0] = 0x41 | 7ull << 32;
	cmd[1] = 1 << 12;
	n = dmasim_cmd_fields(cmd, f, MAX);
	says(n, "Resp", "invalid request");
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands),
        cmocka_unit_test(command_names),
        cmocka_unit_test(tlbi_fields),
        cmocka_unit_test(stream_fields),
};

CHECK_MAIN(tests)
