/* SPDX-License-Identifier: MIT */
/*
 * Profiles as data: identification registers, and named quirks where an
 * implementation leaves the architecture. docs/profiles.md has the source of
 * each.
 */
#ifndef SMMUV3_PROFILE_INTERNAL_H
#define SMMUV3_PROFILE_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

struct dmasim_smmu_config;

/* name, what it does */
#define SMMU_QUIRK_LIST(X)                                                     \
	X(SSID_ONES, "SubstreamID is all ones in a record with SSV = 0")       \
	X(CLASS_ZERO, "CLASS is 0 in records 0x10 to 0x13")                    \
	X(NO_PNU_IND, "PnU and InD are always 0 in records")                   \
	X(CD_FETCH_WORD2, "F_CD_FETCH has its address in word 2")              \
	X(RECORD_BAD_SID, "C_BAD_STREAMID is recorded whatever RECINVSID is")  \
	X(SPAN_BAD_STE,                                                        \
	  "Span n covers 2^n STEs, and beyond it lies C_BAD_STE")              \
	X(FMT_STICKY, "once 2-level, the stream table stays 2-level")          \
	X(NO_L1STD_CACHE, "level-1 stream table descriptors are not cached")   \
	X(NO_PREFETCH, "prefetch commands do nothing")                         \
	X(NO_WALK_CACHE, "tables that walks go through are not cached")        \
	X(POINTER_BITS,                                                        \
	  "L2Ptr is 63:5, S1ContextPtr 47:6 unchecked, TTB 50:4")              \
	X(AP2_ONLY, "of the permissions, only AP[2] on writes counts")         \
	X(APTABLE_EARLY,                                                       \
	  "APTable faults a write at the table, and is not cached")            \
	X(NO_AF, "the access flag is not looked at")                           \
	X(NO_LEAF_SIZE, "leaf output addresses are not checked")               \
	X(NO_TABLE_SIZE, "next-level table addresses are not checked")         \
	X(SIZE_LAST, "the output address is checked after the permissions")    \
	X(BLOCK_ANY_LEVEL, "block descriptors are valid at every level")       \
	X(TBI1_IS_TBI0, "TBI1 is read from TBI0")                              \
	X(NO_GLOBAL, "global translations are kept by ASID")                   \
	X(INPUT_48, "addresses of 2^48 and above fail without a record")       \
	X(NO_BYPASS_SIZE, "bypassed addresses are not checked")                \
	X(NO_GBPA, "GBPA does not exist")                                      \
	X(CR2_KEPT, "CR2 keeps the bits of features that are absent")          \
	X(UNGUARDED, "registers can be written while they are in use")         \
	X(PAGE_ALIAS, "register pages 0 and 1 are the same")                   \
	X(QUEUE_UNALIGNED, "queue bases need not be aligned to their size")    \
	X(EVTQ_FULL_ABT, "a full event queue raises EVENTQ_ABT_ERR, no OVFLG") \
	X(EVTQ_ABT_GOES_ON, "records are written while EVENTQ_ABT_ERR is set") \
	X(EVTQ_IRQ_EACH, "each record raises the event queue interrupt")       \
	X(CMD_TOLERANT, "commands of absent features are consumed")            \
	X(SYNC_CS3, "CMD_SYNC with CS = 3 signals as CS = 1 does")             \
	X(NO_MERGE, "records are never merged, whatever MEV says")             \
	X(NO_ALLOCCFG, "ALLOCCFG does nothing")                                \
	X(S1_FIELDS,                                                           \
	  "S1CDMax and S1STALLD are checked in every STE that translates")     \
	X(S2_RANGE_BY_PS, "S2T0SZ is limited by S2PS rather than by IAS")      \
	X(S2_NO_HTTU, "S2HA and S2HD are not looked at")                       \
	X(S2_ONE_TABLE, "of concatenated tables the first serves for all")     \
	X(S2_NO_PTW, "S2PTW is not looked at")                                 \
	X(S2_TT_BASE,                                                          \
	  "stage 2 translates where a stage 1 table begins, TTBs with the CD") \
	X(S2_INPUT_SILENT,                                                     \
	  "an input of stage 2 above IAS fails without a record")              \
	X(S2_HIT_WRITES, "kept stage 2 rights count for writes, without IPA")  \
	X(S2_FETCH_READ, "RnW is 1 where stage 2 refuses a CD or a TTB")       \
	X(S2_NO_TTRNW, "TTRnW is always 0")                                    \
	X(S2_IPA_WHOLE, "the IPA of a record has bits 11:0")

/* Bit numbers in struct smmu_profile.quirks. */
enum smmu_quirk {
#define X(name, text) SMMU_QUIRK_##name,
	SMMU_QUIRK_LIST(X)
#undef X
	        SMMU_QUIRK_COUNT
};

/* IDR0 .. IDR6 */
#define SMMU_IDRS 7u

struct smmu_profile {
	const char *name;
	uint32_t idr[SMMU_IDRS];
	uint32_t s_idr[SMMU_IDRS]; /* 5: there is none */
	uint32_t iidr, aidr;
	uint32_t gbpa; /* at reset */
	/* As in struct dmasim_smmu_config; 0: its defaults. */
	uint32_t tlb_entries, config_entries, walk_entries;
	uint8_t pidr[8]; /* PIDR4 .. 7, then 0 .. 3: in address order */
	uint64_t quirks; /* 1 << enum smmu_quirk */
};

/* profile_data.c: by enum dmasim_smmu_profile. */
extern const struct smmu_profile smmu_profiles[];

/* What the identification registers say, decoded once. */
struct smmu_caps {
	uint32_t idr[SMMU_IDRS], s_idr[SMMU_IDRS];
	uint8_t sid_bits, s_sid_bits, ssid_bits, oas;
	uint8_t cmdq_log2, eventq_log2, priq_log2;
	/* Secure state, and its EL2 and stage 2. */
	bool secure, sel2, s_msi;
	bool sams; /* the Secure queue takes no ATS and PRI commands */
	bool atos, vatos, btm, sev, vmw, atsrecerr, s2pi, ds;
	/* Command queue control pages: how many, and queues in each; of
	 * either Security state. 0 pages: no ECMDQs. */
	uint32_t ecmdq_pages[2];
	uint8_t ecmdq_log2[2];
	/* Where the pages of the register frame are, in 64 KiB; 0: absent. */
	uint32_t vatos_page[2], ecmdq_page[2], pages;
	bool s1p, s2p, st_2lvl, cd2l, asid16, vmid16, hyp, ats, pri, msi;
	bool term_abort; /* TERM_MODEL: a terminated transaction always aborts
	                  */
	bool ril, had, pps, pasidtt, stt, fwb, xnx, e0pd, epan, ptwnnc, vax52;
	bool mteperm;
	bool ns1ats;
	bool gran4k, gran16k, gran64k;
	bool types_ovr, perms_ovr;
	uint8_t stall_model, s_stall_model, ttendian, httu;
	uint16_t stall_max;
};

const struct smmu_profile *smmu_profile_get(unsigned profile);
/* E_INVAL for a size that no IDR field can hold. */
int smmu_caps_init(struct smmu_caps *caps, const struct smmu_profile *p,
                   const struct dmasim_smmu_config *cfg);
/* CD.IPS, limited by the implemented output size. */
unsigned smmu_output_bits(uint64_t ips, unsigned oas);
const char *smmu_quirk_name(unsigned bit);
const char *smmu_quirk_text(unsigned bit);

#endif
