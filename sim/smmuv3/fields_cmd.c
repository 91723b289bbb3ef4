/* SPDX-License-Identifier: MIT */
/* What a command (chapter 4) says, field by field. */
#include "fields_internal.h"
#include "spec/cmd.h"

const char *dmasim_cmd_name(uint8_t opcode)
{
	switch (opcode) {
#define X(name, code)                                                          \
	case (code):                                                           \
		return "CMD_" #name;
		SMMU_CMDS(X)
#undef X
	default:
		return NULL;
	}
}

static const struct smmu_layout cmd_op = {
        .name = "Opcode", .word = 0, .mask = CMD0_OP};
static const struct smmu_layout cmd_stream[] = {
        {.name = "SSec", .word = 0, .mask = CMD0_SSEC},
        {.name = "StreamID", .word = 0, .mask = CMD0_SID},
};
static const struct smmu_layout cmd_ssv = {
        .name = "SSV", .word = 0, .mask = CMD0_SSV};
static const struct smmu_layout cmd_ssid = {
        .name = "SubstreamID", .word = 0, .mask = CMD0_SSID};
static const struct smmu_layout cmd_leaf = {
        .name = "Leaf",
        .word = 1,
        .mask = CFGI1_LEAF,
        .text = {"all levels", "last level only"}};
static const struct smmu_layout cmd_range = {
        .name = "Range", .word = 1, .mask = CFGI1_RANGE};
static const struct smmu_layout cmd_prefetch[] = {
        {.name = "Size", .word = 1, .mask = PREFETCH1_SIZE},
        {.name = "Stride", .word = 1, .mask = PREFETCH1_STRIDE},
        {.name = "Address",
         .word = 1,
         .in_place = true,
         .mask = PREFETCH1_ADDR},
};
static const struct smmu_layout cmd_vmid = {
        .name = "VMID", .word = 0, .mask = TLBI0_VMID};
static const struct smmu_layout cmd_asid = {
        .name = "ASID", .word = 0, .mask = TLBI0_ASID};
static const struct smmu_layout cmd_range_addr[] = {
        {.name = "NUM", .word = 0, .mask = TLBI0_NUM},
        {.name = "SCALE", .word = 0, .mask = TLBI0_SCALE},
        {.name = "Leaf",
         .word = 1,
         .mask = TLBI1_LEAF,
         .text = {"all levels", "last level only"}},
        {.name = "TTL",
         .word = 1,
         .mask = TLBI1_TTL,
         .text = {"any level", "level 1", "level 2", "level 3"}},
        {.name = "TG",
         .word = 1,
         .mask = TLBI1_TG,
         .text = {"no range, no hint", "4 KiB", "16 KiB", "64 KiB"}},
        {.name = "Address", .word = 1, .in_place = true, .mask = TLBI1_ADDR},
};
static const struct smmu_layout cmd_ns_ipa = {
        .name = "NS",
        .word = 1,
        .mask = TLBI1_NS,
        .text = {"Secure IPA", "Non-secure IPA"}};
static const struct smmu_layout cmd_atc[] = {
        {.name = "Global", .word = 0, .mask = ATC0_GLOBAL},
        {.name = "Size", .word = 1, .mask = ATC1_SIZE},
        {.name = "Address", .word = 1, .in_place = true, .mask = ATC1_ADDR},
};
static const struct smmu_layout cmd_pri[] = {
        {.name = "PRGIndex", .word = 1, .mask = PRI1_PRGINDEX},
        {.name = "Resp",
         .word = 1,
         .mask = PRI1_RESP,
         .text = {"failure", "invalid request", "success", "reserved"}},
};
static const struct smmu_layout cmd_resume[] = {
        {.name = "Ac",
         .word = 0,
         .mask = RESUME0_AC,
         .text = {"terminate", "retry"}},
        {.name = "Ab",
         .word = 0,
         .mask = RESUME0_AB,
         .text = {"RAZ/WI", "abort"}},
        {.name = "STAG", .word = 1, .mask = RESUME1_STAG},
};
static const struct smmu_layout cmd_sync[] = {
        {.name = "CS",
         .word = 0,
         .mask = SYNC0_CS,
         .text = {"no signal", "interrupt or MSI", "event (SEV)", "reserved"}},
        {.name = "MSH",
         .word = 0,
         .mask = SYNC0_MSH,
         .text = {"Non-shareable", "reserved", "Outer Shareable",
                  "Inner Shareable"}},
        {.name = "MSIAttr", .word = 0, .mask = SYNC0_MSIATTR},
        {.name = "MSIData", .word = 0, .mask = SYNC0_MSIDATA},
        {.name = "MSIAddress",
         .word = 1,
         .in_place = true,
         .mask = SYNC1_MSIADDR},
};

static void substream(struct smmu_fields *o)
{
	smmu_put_field(o, &cmd_ssv);
	smmu_put_field(o, &cmd_ssid);
}

static void tlbi_body(struct smmu_fields *o, const uint64_t *cmd)
{
	switch (FIELD_GET(CMD0_OP, cmd[0])) {
	case SMMU_CMD_TLBI_NH_ALL:
	case SMMU_CMD_TLBI_S12_VMALL:
	case SMMU_CMD_TLBI_S_S12_VMALL:
		smmu_put_field(o, &cmd_vmid);
		break;
	case SMMU_CMD_TLBI_NH_ASID:
		smmu_put_field(o, &cmd_vmid);
		smmu_put_field(o, &cmd_asid);
		break;
	case SMMU_CMD_TLBI_EL2_ASID:
	case SMMU_CMD_TLBI_S_EL2_ASID:
		smmu_put_field(o, &cmd_asid);
		break;
	case SMMU_CMD_TLBI_NH_VA:
		smmu_put_field(o, &cmd_vmid);
		smmu_put_field(o, &cmd_asid);
		PUT_ALL(o, cmd_range_addr);
		break;
	case SMMU_CMD_TLBI_EL2_VA:
	case SMMU_CMD_TLBI_S_EL2_VA:
		smmu_put_field(o, &cmd_asid);
		PUT_ALL(o, cmd_range_addr);
		break;
	case SMMU_CMD_TLBI_NH_VAA:
	case SMMU_CMD_TLBI_S2_IPA:
		smmu_put_field(o, &cmd_vmid);
		PUT_ALL(o, cmd_range_addr);
		break;
	case SMMU_CMD_TLBI_S_S2_IPA:
		smmu_put_field(o, &cmd_vmid);
		smmu_put_field(o, &cmd_ns_ipa);
		PUT_ALL(o, cmd_range_addr);
		break;
	case SMMU_CMD_TLBI_EL2_VAA:
	case SMMU_CMD_TLBI_S_EL2_VAA:
	case SMMU_CMD_TLBI_EL3_VA:
		PUT_ALL(o, cmd_range_addr);
		break;
	default:
		break;
	}
}

static void stream_body(struct smmu_fields *o, const uint64_t *cmd)
{
	switch (FIELD_GET(CMD0_OP, cmd[0])) {
	case SMMU_CMD_PREFETCH_CONFIG:
		substream(o);
		break;
	case SMMU_CMD_PREFETCH_ADDR:
		substream(o);
		PUT_ALL(o, cmd_prefetch);
		break;
	case SMMU_CMD_CFGI_STE:
		smmu_put_field(o, &cmd_leaf);
		break;
	case SMMU_CMD_CFGI_STE_RANGE:
		smmu_put_field(o, &cmd_range);
		break;
	case SMMU_CMD_CFGI_CD:
		smmu_put_field(o, &cmd_ssid);
		smmu_put_field(o, &cmd_leaf);
		break;
	case SMMU_CMD_ATC_INV:
		substream(o);
		PUT_ALL(o, cmd_atc);
		break;
	case SMMU_CMD_PRI_RESP:
		substream(o);
		PUT_ALL(o, cmd_pri);
		break;
	case SMMU_CMD_RESUME:
		PUT_ALL(o, cmd_resume);
		break;
	default:
		break;
	}
}

static void cmd_body(struct smmu_fields *o, const uint64_t *cmd)
{
	switch (FIELD_GET(CMD0_OP, cmd[0])) {
	case SMMU_CMD_PREFETCH_CONFIG:
	case SMMU_CMD_PREFETCH_ADDR:
	case SMMU_CMD_CFGI_STE:
	case SMMU_CMD_CFGI_STE_RANGE:
	case SMMU_CMD_CFGI_CD:
	case SMMU_CMD_CFGI_CD_ALL:
	case SMMU_CMD_ATC_INV:
	case SMMU_CMD_PRI_RESP:
	case SMMU_CMD_RESUME:
	case SMMU_CMD_STALL_TERM:
		PUT_ALL(o, cmd_stream);
		stream_body(o, cmd);
		break;
	case SMMU_CMD_CFGI_VMS_PIDM:
		smmu_put_field(o, &cmd_stream[0]);
		smmu_put_field(o, &cmd_vmid);
		break;
	case SMMU_CMD_SYNC:
		PUT_ALL(o, cmd_sync);
		break;
	default:
		tlbi_body(o, cmd);
		break;
	}
}

size_t dmasim_cmd_fields(const uint64_t cmd[2], struct dmasim_field *f,
                         size_t max)
{
	struct smmu_fields o = {.word = cmd, .field = f, .max = max};

	smmu_put_field(&o, &cmd_op);
	cmd_body(&o, cmd);
	return o.count;
}
