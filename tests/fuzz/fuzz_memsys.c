/* SPDX-License-Identifier: MIT */
/* libFuzzer's door to mem_stream.c. */
#include "mem_stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_memsys(data, size);
	return 0;
}
