/* SPDX-License-Identifier: MIT */
/* What the files of the log side share: fields of an event record. */
#ifndef REPLAY_INTERNAL_H
#define REPLAY_INTERNAL_H

#include "dmasim/replay.h"

/*
 * Event records (IHI 0070, 7.3): only what a log replay must build or tell
 * apart. Names as the architecture's; the number is the 64-bit word.
 */
#define EVT0_TYPE        0x00000000000000ffull
#define EVT0_SSV         0x0000000000000800ull
#define EVT0_SUBSTREAMID 0x00000000fffff000ull
#define EVT0_STREAMID    0xffffffff00000000ull
#define EVT1_STAG        0x000000000000ffffull
#define EVT1_STALL       0x0000000080000000ull
#define EVT1_PNU         0x0000000200000000ull
#define EVT1_IND         0x0000000400000000ull
#define EVT1_RNW         0x0000000800000000ull
#define EVT1_S2          0x0000008000000000ull
#define EVT1_CLASS       0x0000030000000000ull
#define EVT1_CLASS_IN    0x0000020000000000ull
#define EVT1_TTRNW       0x0000100000000000ull
/** As far as Linux prints it; the architecture has four bits more. */
#define EVT3_IPA       0x000ffffffffff000ull
#define EVT3_FETCHADDR 0x000ffffffffffff8ull

#define EVT_C_BAD_STREAMID 0x02u
#define EVT_F_STE_FETCH    0x03u
#define EVT_C_BAD_STE      0x04u
#define EVT_F_CD_FETCH     0x09u
#define EVT_C_BAD_CD       0x0au
#define EVT_F_WALK_EABT    0x0bu
#define EVT_F_TRANSLATION  0x10u
#define EVT_F_ADDR_SIZE    0x11u
#define EVT_F_ACCESS       0x12u
#define EVT_F_PERMISSION   0x13u
#define EVT_F_VMS_FETCH    0x25u

#define EVT_CLASS_CD 0u
#define EVT_CLASS_TT 1u
#define EVT_CLASS_IN 2u

static inline uint64_t evt_get(uint64_t word, uint64_t mask)
{
	return (word & mask) / (mask & (~mask + 1));
}

static inline uint64_t evt_prep(uint64_t value, uint64_t mask)
{
	return (value * (mask & (~mask + 1))) & mask;
}

static inline unsigned evt_type(const uint64_t words[4])
{
	return (unsigned)evt_get(words[0], EVT0_TYPE);
}

static inline uint32_t evt_stream(const uint64_t words[4])
{
	return (uint32_t)evt_get(words[0], EVT0_STREAMID);
}

/** The four faults of a translation, 7.3.13 to 7.3.16. */
static inline bool evt_is_translation(unsigned type)
{
	return type >= EVT_F_TRANSLATION && type <= EVT_F_PERMISSION;
}

/** Records whose word 2 is the address that the device gave. */
static inline bool evt_has_address(unsigned type)
{
	return evt_is_translation(type) || type == EVT_F_WALK_EABT;
}

#endif
