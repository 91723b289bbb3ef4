/* SPDX-License-Identifier: MIT */
/* Commands, word by word; the words are put together by hand from chapter 4. */
#include "rig.h"

static void expect(struct dmasim_tables_cmd c, uint64_t d0, uint64_t d1)
{
	assert_int_equal(c.d0, d0);
	assert_int_equal(c.d1, d1);
}

static const struct dmasim_tables_stream sub = {
        .sid = 0x89abcdef, .ssid = 0x12345, .ssv = true, .ssec = true};
static const struct dmasim_tables_stream plain = {.sid = 0x89abcdef};

static void prefetches(void **state)
{
	(void)state;
	expect(dmasim_tables_prefetch_config(&sub), 0x89abcdef12345c01, 0);
	expect(dmasim_tables_prefetch_config(&plain), 0x89abcdef00000001, 0);
	expect(dmasim_tables_prefetch_addr(&sub, 0xfedcba9876543fff, 3, 9),
	       0x89abcdef12345c02, 0xfedcba9876543123);
}

static void configuration_invalidations(void **state)
{
	struct dmasim_tables_cmd c = dmasim_tables_cfgi_ste(0x80000001, true);

	(void)state;
	expect(c, 0x8000000100000003, 1);
	c.d0 |= DMASIM_TABLES_SSEC;
	expect(c, 0x8000000100000403, 1);
	expect(dmasim_tables_cfgi_ste(7, false), 0x0000000700000003, 0);
	expect(dmasim_tables_cfgi_ste_range(0x40, 5), 0x0000004000000004, 5);
	expect(dmasim_tables_cfgi_all(), 0x4, 31);
	expect(dmasim_tables_cfgi_cd(0x21, 0xabcde, true), 0x00000021abcde005,
	       1);
	expect(dmasim_tables_cfgi_cd(0x21, 0, false), 0x0000002100000005, 0);
	expect(dmasim_tables_cfgi_cd_all(0x21), 0x0000002100000006, 0);
	expect(dmasim_tables_cfgi_vms_pidm(0xbeef), 0x0000beef00000007, 0);
}

static void tlb_invalidations(void **state)
{
	struct dmasim_tables_tlbi_fields f = {
	        .op = DMASIM_TABLES_TLBI_NH_VA,
	        .vmid = 0x1234,
	        .asid = 0xabcd,
	        .address = 0xffff00000dead123,
	        .leaf = true,
	};

	(void)state;
	expect(dmasim_tables_tlbi(&f), 0xabcd123400000012, 0xffff00000dead001);
	f.tg = 2;
	f.ttl = 3;
	f.num = 31;
	f.scale = 39;
	f.leaf = false;
	/* NUM 31 << 12, SCALE 39 << 20, TG 2 << 10, TTL 3 << 8. */
	expect(dmasim_tables_tlbi(&f), 0xabcd12340271f012, 0xffff00000deadb00);
	f = (struct dmasim_tables_tlbi_fields){
	        .op = DMASIM_TABLES_TLBI_S_S2_IPA,
	        .vmid = 5,
	        .address = 0x123456789000,
	        .ns = true};
	expect(dmasim_tables_tlbi(&f), 0x000000050000005a, 0x0000123456789002);
}

static void every_tlb_opcode(void **state)
{
	static const struct {
		enum dmasim_tables_tlbi op;
		uint64_t d0;
	} ops[] = {
	        {DMASIM_TABLES_TLBI_NH_ALL, 0x10},
	        {DMASIM_TABLES_TLBI_NH_ASID, 0x11},
	        {DMASIM_TABLES_TLBI_NH_VA, 0x12},
	        {DMASIM_TABLES_TLBI_NH_VAA, 0x13},
	        {DMASIM_TABLES_TLBI_EL3_ALL, 0x18},
	        {DMASIM_TABLES_TLBI_EL3_VA, 0x1a},
	        {DMASIM_TABLES_TLBI_EL2_ALL, 0x20},
	        {DMASIM_TABLES_TLBI_EL2_ASID, 0x21},
	        {DMASIM_TABLES_TLBI_EL2_VA, 0x22},
	        {DMASIM_TABLES_TLBI_EL2_VAA, 0x23},
	        {DMASIM_TABLES_TLBI_S12_VMALL, 0x28},
	        {DMASIM_TABLES_TLBI_S2_IPA, 0x2a},
	        {DMASIM_TABLES_TLBI_NSNH_ALL, 0x30},
	        {DMASIM_TABLES_TLBI_S_EL2_ALL, 0x50},
	        {DMASIM_TABLES_TLBI_S_EL2_ASID, 0x51},
	        {DMASIM_TABLES_TLBI_S_EL2_VA, 0x52},
	        {DMASIM_TABLES_TLBI_S_EL2_VAA, 0x53},
	        {DMASIM_TABLES_TLBI_S_S12_VMALL, 0x58},
	        {DMASIM_TABLES_TLBI_S_S2_IPA, 0x5a},
	        {DMASIM_TABLES_TLBI_SNH_ALL, 0x60},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++)
		expect(dmasim_tables_tlbi(&(struct dmasim_tables_tlbi_fields){
		               .op = ops[i].op}),
		       ops[i].d0, 0);
}

static void ats_and_pri(void **state)
{
	(void)state;
	expect(dmasim_tables_atc_inv(&plain, true, 0x123456789fff, 52),
	       0x89abcdef00000240, 0x0000123456789034);
	expect(dmasim_tables_atc_inv(&sub, false, 0, 0), 0x89abcdef12345c40, 0);
	expect(dmasim_tables_pri_resp(&sub, 0x1ff, DMASIM_TABLES_PRI_SUCCESS),
	       0x89abcdef12345c41, 0x21ff);
	expect(dmasim_tables_pri_resp(&plain, 0x201, DMASIM_TABLES_PRI_INVALID),
	       0x89abcdef00000041, 0x1001);
	expect(dmasim_tables_pri_resp(&plain, 0, DMASIM_TABLES_PRI_FAILURE),
	       0x89abcdef00000041, 0);
}

static void stalls(void **state)
{
	(void)state;
	expect(dmasim_tables_resume(9, 0xfedc, DMASIM_TABLES_RESUME_RETRY),
	       0x0000000900001044, 0xfedc);
	expect(dmasim_tables_resume(9, 1, DMASIM_TABLES_RESUME_ABORT),
	       0x0000000900002044, 1);
	expect(dmasim_tables_resume(9, 1, DMASIM_TABLES_RESUME_RAZWI),
	       0x0000000900000044, 1);
	expect(dmasim_tables_stall_term(0xffffffff), 0xffffffff00000045, 0);
}

static void synchronisation(void **state)
{
	(void)state;
	expect(dmasim_tables_sync(DMASIM_TABLES_SYNC_NONE), 0x46, 0);
	expect(dmasim_tables_sync(DMASIM_TABLES_SYNC_IRQ), 0x1046, 0);
	expect(dmasim_tables_sync(DMASIM_TABLES_SYNC_SEV), 0x2046, 0);
	expect(dmasim_tables_sync_msi(0xff123456789abcdf, 0xcafef00d),
	       0xcafef00d0fc01046, 0x00123456789abcdc);
	expect(dmasim_tables_sync_msi_attr(0x1000, 1, 5, 2), 0x0000000105801046,
	       0x1000);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefetches),
        cmocka_unit_test(configuration_invalidations),
        cmocka_unit_test(tlb_invalidations),
        cmocka_unit_test(every_tlb_opcode),
        cmocka_unit_test(ats_and_pri),
        cmocka_unit_test(stalls),
        cmocka_unit_test(synchronisation),
};

CHECK_MAIN(tests)
