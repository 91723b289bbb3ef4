/* SPDX-License-Identifier: MIT */
/* libFuzzer's door to stream.c. */
#include "stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_smmu(data, size);
	return 0;
}
