/* SPDX-License-Identifier: MIT */
/* Any access to any register of a frame with everything in it, and any
 * command in any queue: nothing breaks, and what is read back is defined. */
#include "rig.h"

#define STEPS 20000u

static uint64_t next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Where something is, more often than not. */
static uint32_t offset_of(uint64_t *seed)
{
	static const uint32_t parts[] = {0x0,     0x8000,  0x10000, 0x20000,
	                                 0x30000, 0x40000, 0x50000};
	uint64_t n = next(seed);
	uint32_t at = parts[n % 7];

	if (n & 1 << 8)
		return at + (uint32_t)(n >> 16) % 0x10000;
	if (at == 0x20000 || at == 0x30000)
		return at + 0xa00 + (uint32_t)(n >> 16) % 0x20;
	return at + (uint32_t)(n >> 16) % 0x140;
}

static uint64_t value_of(struct rig *r, uint64_t *seed)
{
	uint64_t n = next(seed);

	switch (n % 6) {
	case 0:
		return next(seed);
	case 1:
		return (r->cmdq + (n >> 8) % 0x1000) | (n >> 32 & 7);
	case 2:
		return n >> 8 & 0x1f;
	case 3:
		return 1u << 31 | (n >> 8 & 0x8000ff);
	case 4:
		return RIG_RAM + (n >> 8) % RIG_RAM_SIZE;
	default:
		return UINT64_MAX;
	}
}

static void commands(struct rig *r, uint64_t *seed)
{
	static const uint8_t ops[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x12,
	                              0x13, 0x1a, 0x22, 0x28, 0x2a, 0x30, 0x44,
	                              0x45, 0x46, 0x52, 0x5a, 0x60, 0x46};

	for (uint64_t at = r->cmdq; at < r->cmdq + 0x1000; at += 16) {
		uint64_t n = next(seed);

		tables_set(&r->t, at, (n & ~0xffull) | ops[n % sizeof(ops)]);
		tables_set(&r->t, at + 8,
		           n & 1 << 9 ? RIG_MSI | (n >> 20 & 0xffc)
		                      : next(seed));
	}
}

static void step(struct rig *r, uint64_t *seed)
{
	uint64_t n = next(seed), value = value_of(r, seed);
	uint32_t size = n & 1 ? 4 : 8;
	struct dmasim_txn t = {
	        .op = n & 6 ? DMASIM_WRITE : DMASIM_READ,
	        .offset = offset_of(seed) & ~(n & 0x1f00 ? size - 1 : 0),
	        .size = size,
	        .flags = n & 0x60 ? DMASIM_TXN_SECURE : 0,
	        .data = r->buf,
	};
	enum dmasim_result result;

	for (unsigned i = 0; i < 8; i++)
		r->buf[i] = (uint8_t)(value >> (8 * i));
	result = dmasim_access(&r->regs, &t);
	assert_true(result == DMASIM_TXN_OK ||
	            (result == DMASIM_TXN_SLAVE && t.offset % size != 0));
	r->warnings[0] = '\0';
	if (n % 64 == 0)
		rig_dma_flags(r, DMASIM_READ, (uint32_t)(n >> 20) % 300,
		              RIG_DATA, n & 1 << 16 ? DMASIM_TXN_SEC_SID : 0);
	if (n % 512 == 0)
		commands(r, seed);
}

/* A queue of either interface that works, until the next step. */
static void help(struct rig *r, uint64_t *seed)
{
	uint32_t half = next(seed) & 1 ? S(0) : 0;

	rig_secure(r, true);
	rig_w32(r, half + GERRORN, rig_r32(r, half + GERROR));
	rig_w32(r, half + CR0, 0);
	rig_w64(r, half + CMDQ_BASE, r->cmdq | 5);
	rig_w32(r, half + CMDQ_CONS, 0);
	rig_w32(r, half + CMDQ_PROD, 0);
	rig_w32(r, half + CR0, EN_ALL);
	rig_w32(r, half + CMDQ_PROD, (uint32_t)next(seed) & 0x1f);
}

static void fuzz(struct rig *r, uint64_t seed)
{
	struct dmasim_smmu_stats st;

	commands(r, &seed);
	for (unsigned i = 0; i < STEPS; i++) {
		step(r, &seed);
		if (i % 128 == 0)
			r->pend = !r->pend;
		if (i % 32 == 0)
			rig_settle(r);
		if (i % 64 == 0)
			help(r, &seed);
	}
	r->pend = false;
	rig_settle(r);
	/* What an update waits for has ended (6.3.9, 6.3.16). */
	rig_secure(r, true);
	for (unsigned half = 0; half < 0x10000; half += 0x8000) {
		assert_int_equal(rig_r32(r, half + CR0),
		                 rig_r32(r, half + CR0ACK));
		assert_int_equal(rig_r32(r, half + IRQ_CTRL),
		                 rig_r32(r, half + IRQ_CTRLACK));
	}
	dmasim_smmu_get_stats(r->smmu, &st);
	assert_true(st.commands > 100);
}

#define ALL                                                                    \
	.off = true, .idr_clear = {3u << 24},                                  \
	.idr_set = {1u << 0 | 1u << 5 | 1u << 9 | 1u << 10 | 1u << 15 |        \
	                    1u << 16 | 1u << 17 | 1u << 18 | 1u << 20 |        \
	                    1u << 23,                                          \
	            1u << 31,                                                  \
	            0,                                                         \
	            1u << 19,                                                  \
	            0,                                                         \
	            0,                                                         \
	            8u << 16},                                                 \
	.s_idr = {1u << 31 | 1u << 13,                                         \
	          1u << 31 | 1u << 29 | 16,                                    \
	          1,                                                           \
	          0,                                                           \
	          0,                                                           \
	          0,                                                           \
	          4u << 16}

RIG_TEST(seed_1, ALL)
{
	fuzz(r, 1);
}

RIG_TEST(seed_2, ALL)
{
	fuzz(r, 0x123456789);
}

RIG_TEST(seed_3, ALL, .profile = DMASIM_SMMU_QEMU_10)
{
	fuzz(r, 0xfedcba987);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(seed_1),
        cmocka_unit_test(seed_2),
        cmocka_unit_test(seed_3),
};

CHECK_MAIN(tests)
