/* SPDX-License-Identifier: MIT */
/* The words of commands (chapter 4). */
#include "dmasim/smmu_commands.h"

#define OP_PREFETCH_CONFIG 0x01u
#define OP_PREFETCH_ADDR   0x02u
#define OP_CFGI_STE        0x03u
#define OP_CFGI_STE_RANGE  0x04u
#define OP_CFGI_CD         0x05u
#define OP_CFGI_CD_ALL     0x06u
#define OP_CFGI_VMS_PIDM   0x07u
#define OP_ATC_INV         0x40u
#define OP_PRI_RESP        0x41u
#define OP_RESUME          0x44u
#define OP_STALL_TERM      0x45u
#define OP_SYNC            0x46u

#define PAGE(address) ((address) & ~0xfffull)

static uint64_t bits(uint64_t value, unsigned lowest, unsigned width)
{
	return (value & ((1ull << width) - 1)) << lowest;
}

/* 4.1.6: SSec [10], SSV [11], SubstreamID [31:12], StreamID [63:32]. */
static uint64_t stream(unsigned op, const struct dmasim_tables_stream *s)
{
	return op | (s->ssec ? DMASIM_TABLES_SSEC : 0) | bits(s->ssv, 11, 1) |
	       bits(s->ssid, 12, 20) | (uint64_t)s->sid << 32;
}

static uint64_t stream_id(unsigned op, uint32_t sid)
{
	return op | (uint64_t)sid << 32;
}

struct dmasim_tables_cmd
dmasim_tables_tlbi(const struct dmasim_tables_tlbi_fields *f)
{
	/* 4.4.1: NUM [16:12], SCALE [25:20], TTL [73:72], TG [75:74]. */
	return (struct dmasim_tables_cmd){
	        bits(f->op, 0, 8) | bits(f->num, 12, 5) |
	                bits(f->scale, 20, 6) | bits(f->vmid, 32, 16) |
	                (uint64_t)f->asid << 48,
	        bits(f->leaf, 0, 1) | bits(f->ns, 1, 1) | bits(f->ttl, 8, 2) |
	                bits(f->tg, 10, 2) | PAGE(f->address)};
}

struct dmasim_tables_cmd
dmasim_tables_prefetch_config(const struct dmasim_tables_stream *s)
{
	return (struct dmasim_tables_cmd){stream(OP_PREFETCH_CONFIG, s), 0};
}

struct dmasim_tables_cmd
dmasim_tables_prefetch_addr(const struct dmasim_tables_stream *s,
                            uint64_t address, unsigned size, unsigned stride)
{
	return (struct dmasim_tables_cmd){
	        stream(OP_PREFETCH_ADDR, s),
	        bits(size, 0, 5) | bits(stride, 5, 5) | PAGE(address)};
}

struct dmasim_tables_cmd dmasim_tables_cfgi_ste(uint32_t sid, bool leaf)
{
	return (struct dmasim_tables_cmd){stream_id(OP_CFGI_STE, sid), leaf};
}

struct dmasim_tables_cmd dmasim_tables_cfgi_ste_range(uint32_t sid,
                                                      unsigned range)
{
	return (struct dmasim_tables_cmd){stream_id(OP_CFGI_STE_RANGE, sid),
	                                  bits(range, 0, 5)};
}

struct dmasim_tables_cmd dmasim_tables_cfgi_all(void)
{
	/* 4.3.6: the range that holds every stream. */
	return dmasim_tables_cfgi_ste_range(0, 31);
}

struct dmasim_tables_cmd dmasim_tables_cfgi_cd(uint32_t sid, uint32_t ssid,
                                               bool leaf)
{
	return (struct dmasim_tables_cmd){
	        stream_id(OP_CFGI_CD, sid) | bits(ssid, 12, 20), leaf};
}

struct dmasim_tables_cmd dmasim_tables_cfgi_cd_all(uint32_t sid)
{
	return (struct dmasim_tables_cmd){stream_id(OP_CFGI_CD_ALL, sid), 0};
}

struct dmasim_tables_cmd dmasim_tables_cfgi_vms_pidm(uint16_t vmid)
{
	return (struct dmasim_tables_cmd){
	        OP_CFGI_VMS_PIDM | (uint64_t)vmid << 32, 0};
}

struct dmasim_tables_cmd
dmasim_tables_atc_inv(const struct dmasim_tables_stream *s, bool global,
                      uint64_t address, unsigned size)
{
	return (struct dmasim_tables_cmd){stream(OP_ATC_INV, s) |
	                                          bits(global, 9, 1),
	                                  bits(size, 0, 6) | PAGE(address)};
}

struct dmasim_tables_cmd
dmasim_tables_pri_resp(const struct dmasim_tables_stream *s, uint16_t prg_index,
                       enum dmasim_tables_pri_resp resp)
{
	return (struct dmasim_tables_cmd){stream(OP_PRI_RESP, s),
	                                  bits(prg_index, 0, 9) |
	                                          bits(resp, 12, 2)};
}

struct dmasim_tables_cmd dmasim_tables_resume(uint32_t sid, uint16_t stag,
                                              enum dmasim_tables_resume how)
{
	/* 4.7.1: Ac [12], Ab [13]. */
	return (struct dmasim_tables_cmd){
	        stream_id(OP_RESUME, sid) | bits(how, 12, 2), stag};
}

struct dmasim_tables_cmd dmasim_tables_stall_term(uint32_t sid)
{
	return (struct dmasim_tables_cmd){stream_id(OP_STALL_TERM, sid), 0};
}

struct dmasim_tables_cmd dmasim_tables_sync(enum dmasim_tables_cs cs)
{
	return (struct dmasim_tables_cmd){OP_SYNC | bits(cs, 12, 2), 0};
}

struct dmasim_tables_cmd dmasim_tables_sync_msi(uint64_t address, uint32_t data)
{
	return dmasim_tables_sync_msi_attr(address, data, 0xf, 3);
}

struct dmasim_tables_cmd dmasim_tables_sync_msi_attr(uint64_t address,
                                                     uint32_t data,
                                                     unsigned msiattr,
                                                     unsigned msh)
{
	/* 4.7.3: CS [13:12], MSH [23:22], MSIAttr [27:24], MSIData [63:32],
	 * MSIAddress [119:66]. */
	return (struct dmasim_tables_cmd){
	        OP_SYNC | bits(DMASIM_TABLES_SYNC_IRQ, 12, 2) |
	                bits(msh, 22, 2) | bits(msiattr, 24, 4) |
	                (uint64_t)data << 32,
	        address & 0x00fffffffffffffcull};
}
