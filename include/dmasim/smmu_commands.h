/* SPDX-License-Identifier: MIT */
/*
 * Commands of the SMMUv3 (IHI 0070 chapter 4), as the two words that go into
 * a command queue. Nothing is checked: bits that a field has no room for are
 * dropped, so that wrong commands can be built as well by setting bits of the
 * words. Commands of the Secure queue for a Secure stream: set
 * DMASIM_TABLES_SSEC in d0.
 */
#ifndef DMASIM_SMMU_COMMANDS_H
#define DMASIM_SMMU_COMMANDS_H

#include <stdbool.h>
#include <stdint.h>

#include "dmasim/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct dmasim_tables_cmd {
	uint64_t d0, d1;
};

/** SSec (4.1.6), in d0. */
#define DMASIM_TABLES_SSEC (1ull << 10)

/** Opcodes of the TLB invalidations (4.4). */
enum dmasim_tables_tlbi {
	DMASIM_TABLES_TLBI_NH_ALL = 0x10,
	DMASIM_TABLES_TLBI_NH_ASID = 0x11,
	DMASIM_TABLES_TLBI_NH_VA = 0x12,
	DMASIM_TABLES_TLBI_NH_VAA = 0x13,
	DMASIM_TABLES_TLBI_EL3_ALL = 0x18,
	DMASIM_TABLES_TLBI_EL3_VA = 0x1a,
	DMASIM_TABLES_TLBI_EL2_ALL = 0x20,
	DMASIM_TABLES_TLBI_EL2_ASID = 0x21,
	DMASIM_TABLES_TLBI_EL2_VA = 0x22,
	DMASIM_TABLES_TLBI_EL2_VAA = 0x23,
	DMASIM_TABLES_TLBI_S12_VMALL = 0x28,
	DMASIM_TABLES_TLBI_S2_IPA = 0x2a,
	DMASIM_TABLES_TLBI_NSNH_ALL = 0x30,
	DMASIM_TABLES_TLBI_S_EL2_ALL = 0x50,
	DMASIM_TABLES_TLBI_S_EL2_ASID = 0x51,
	DMASIM_TABLES_TLBI_S_EL2_VA = 0x52,
	DMASIM_TABLES_TLBI_S_EL2_VAA = 0x53,
	DMASIM_TABLES_TLBI_S_S12_VMALL = 0x58,
	DMASIM_TABLES_TLBI_S_S2_IPA = 0x5a,
	DMASIM_TABLES_TLBI_SNH_ALL = 0x60,
};

struct dmasim_tables_tlbi_fields {
	enum dmasim_tables_tlbi op;
	uint16_t vmid, asid;
	uint64_t address; /**< VA or IPA; bits 11:0 are dropped */
	bool leaf;
	bool ns; /**< TLBI_S_S2_IPA: a Non-secure IPA */
	/** Range and hint (4.4.1): with tg not 0, (num + 1) << scale granules.
	 * tg: 1, 2, 3 for 4, 16, 64 KiB. ttl: the level of the leaf, or 0. */
	uint8_t tg, ttl, num, scale;
};

DMASIM_API struct dmasim_tables_cmd
dmasim_tables_tlbi(const struct dmasim_tables_tlbi_fields *f);

/** A stream, or one of its substreams, for the commands that take one. */
struct dmasim_tables_stream {
	uint32_t sid, ssid;
	bool ssv;  /**< there is a SubstreamID */
	bool ssec; /**< the StreamID is Secure */
};

DMASIM_API struct dmasim_tables_cmd
dmasim_tables_prefetch_config(const struct dmasim_tables_stream *s);
/** 1 << @size translations, 4 KiB << @stride apart. */
DMASIM_API struct dmasim_tables_cmd
dmasim_tables_prefetch_addr(const struct dmasim_tables_stream *s,
                            uint64_t address, unsigned size, unsigned stride);

DMASIM_API struct dmasim_tables_cmd dmasim_tables_cfgi_ste(uint32_t sid,
                                                           bool leaf);
/** 2 << @range streams; 31: CFGI_ALL. */
DMASIM_API struct dmasim_tables_cmd
dmasim_tables_cfgi_ste_range(uint32_t sid, unsigned range);
DMASIM_API struct dmasim_tables_cmd dmasim_tables_cfgi_all(void);
DMASIM_API struct dmasim_tables_cmd
dmasim_tables_cfgi_cd(uint32_t sid, uint32_t ssid, bool leaf);
DMASIM_API struct dmasim_tables_cmd dmasim_tables_cfgi_cd_all(uint32_t sid);
DMASIM_API struct dmasim_tables_cmd dmasim_tables_cfgi_vms_pidm(uint16_t vmid);

/** 4 KiB << @size bytes from @address; 52: all. @global counts with ssv. */
DMASIM_API struct dmasim_tables_cmd
dmasim_tables_atc_inv(const struct dmasim_tables_stream *s, bool global,
                      uint64_t address, unsigned size);
enum dmasim_tables_pri_resp {
	DMASIM_TABLES_PRI_FAILURE = 0,
	DMASIM_TABLES_PRI_INVALID = 1,
	DMASIM_TABLES_PRI_SUCCESS = 2,
};
DMASIM_API struct dmasim_tables_cmd
dmasim_tables_pri_resp(const struct dmasim_tables_stream *s, uint16_t prg_index,
                       enum dmasim_tables_pri_resp resp);

enum dmasim_tables_resume {
	DMASIM_TABLES_RESUME_RAZWI, /**< terminate: reads as 0, writes lost */
	DMASIM_TABLES_RESUME_RETRY,
	DMASIM_TABLES_RESUME_ABORT, /**< terminate with an abort */
};
DMASIM_API struct dmasim_tables_cmd
dmasim_tables_resume(uint32_t sid, uint16_t stag,
                     enum dmasim_tables_resume how);
DMASIM_API struct dmasim_tables_cmd dmasim_tables_stall_term(uint32_t sid);

enum dmasim_tables_cs {
	DMASIM_TABLES_SYNC_NONE = 0,
	DMASIM_TABLES_SYNC_IRQ = 1,
	DMASIM_TABLES_SYNC_SEV = 2,
};
DMASIM_API struct dmasim_tables_cmd
dmasim_tables_sync(enum dmasim_tables_cs cs);
/** CS 1 with a message: @data to @address, Write-Back Inner Shareable. */
DMASIM_API struct dmasim_tables_cmd dmasim_tables_sync_msi(uint64_t address,
                                                           uint32_t data);
/** The same with MSIAttr and MSH of one's own (4.7.3). */
DMASIM_API struct dmasim_tables_cmd
dmasim_tables_sync_msi_attr(uint64_t address, uint32_t data, unsigned msiattr,
                            unsigned msh);

#ifdef __cplusplus
}
#endif
#endif
