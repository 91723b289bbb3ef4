/* SPDX-License-Identifier: MIT */
/* CMD_TLBI_* (4.4). */
#include "smmuv3_internal.h"

/* The regime that a command is about. */
enum regime {
	EL1,   /* of the queue's own Security state */
	NS,    /* NS-EL1, whatever the queue */
	EL2,   /* NS-EL2 or NS-EL2-E2H, by CR2.E2H */
	SEC,   /* "Secure" */
	S_EL2, /* S-EL2 or S-EL2-E2H, by S_CR2.E2H */
	EL3,
};

/* What has to exist, and where the command may be issued. */
enum needs {
	STAGE1,
	STAGE2,
	HYP,
	SECURE_QUEUE,
	SECURE_STAGE2, /* and a Secure queue */
	NOTHING,
};

#define S1    1u /* entries that stage 1 had part in */
#define S2    2u /* entries of stage 2 alone */
#define VMID  4u
#define ASID  8u
#define ADDR  16u
#define BOTH  32u  /* with E2H and without */
#define E2H   64u  /* entries with ASID only, whatever E2H is */
#define IPANS 128u /* has the NS bit of IPAs */

struct tlbi {
	uint8_t op, regime, needs;
	uint8_t by; /* S1 ... */
};

static const struct tlbi commands[] = {
        {SMMU_CMD_TLBI_NH_ALL, EL1, STAGE1, S1 | VMID},
        {SMMU_CMD_TLBI_NH_ASID, EL1, STAGE1, S1 | VMID | ASID},
        {SMMU_CMD_TLBI_NH_VA, EL1, STAGE1, S1 | VMID | ASID | ADDR},
        {SMMU_CMD_TLBI_NH_VAA, EL1, STAGE1, S1 | VMID | ADDR},
        {SMMU_CMD_TLBI_EL3_ALL, EL3, SECURE_QUEUE, S1},
        {SMMU_CMD_TLBI_EL3_VA, EL3, SECURE_QUEUE, S1 | ADDR},
        {SMMU_CMD_TLBI_EL2_ALL, EL2, HYP, S1 | BOTH},
        {SMMU_CMD_TLBI_EL2_ASID, EL2, HYP, S1 | ASID | E2H},
        {SMMU_CMD_TLBI_EL2_VA, EL2, HYP, S1 | ASID | ADDR},
        {SMMU_CMD_TLBI_EL2_VAA, EL2, HYP, S1 | ADDR},
        {SMMU_CMD_TLBI_S12_VMALL, NS, STAGE2, S1 | S2 | VMID},
        {SMMU_CMD_TLBI_S2_IPA, NS, STAGE2, S2 | VMID | ADDR},
        {SMMU_CMD_TLBI_NSNH_ALL, NS, NOTHING, S1 | S2},
        {SMMU_CMD_TLBI_S_EL2_ALL, S_EL2, SECURE_STAGE2, S1 | BOTH},
        {SMMU_CMD_TLBI_S_EL2_ASID, S_EL2, SECURE_STAGE2, S1 | ASID | E2H},
        {SMMU_CMD_TLBI_S_EL2_VA, S_EL2, SECURE_STAGE2, S1 | ASID | ADDR},
        {SMMU_CMD_TLBI_S_EL2_VAA, S_EL2, SECURE_STAGE2, S1 | ADDR},
        {SMMU_CMD_TLBI_S_S12_VMALL, SEC, SECURE_STAGE2, S1 | S2 | VMID},
        {SMMU_CMD_TLBI_S_S2_IPA, SEC, SECURE_STAGE2, S2 | VMID | ADDR | IPANS},
        {SMMU_CMD_TLBI_SNH_ALL, SEC, SECURE_STAGE2, S1 | S2},
};

static const struct tlbi *find(uint64_t op)
{
	for (unsigned i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (commands[i].op == op)
			return &commands[i];
	return NULL;
}

bool smmu_cmd_is_tlbi(uint64_t op)
{
	return find(op) != NULL;
}

static bool exists(const struct smmu_bank *b, uint8_t needs)
{
	const struct smmu_caps *caps = &b->smmu->caps;

	switch (needs) {
	case STAGE1:
		return caps->s1p;
	case STAGE2:
		return caps->s2p;
	case HYP:
		return caps->hyp;
	case SECURE_QUEUE:
		return b->id == SMMU_S;
	case SECURE_STAGE2:
		return b->id == SMMU_S && caps->sel2;
	default:
		return true;
	}
}

/* QEMU's are those of the Non-secure side; without stage 1 it has none. */
static unsigned absent(const struct smmu_bank *b, const struct tlbi *c)
{
	return smmu_cmd_needs(b, false) == CERROR_NONE && c->needs != STAGE1 &&
	                       c->needs != SECURE_STAGE2
	               ? CERROR_NONE
	               : CERROR_ILL;
}

/* 4.4.1: addresses of an invalidation, in all or by NUM and SCALE. False: the
 * combination is CERROR_ILL. */
static bool addresses(const struct smmu_bank *b, const uint64_t *cmd,
                      struct smmu_tlb_inval *i)
{
	const struct smmu_caps *caps = &b->smmu->caps;
	uint64_t tg = caps->ril ? FIELD_GET(TLBI1_TG, cmd[1]) : 0;
	uint64_t num = FIELD_GET(TLBI0_NUM, cmd[0]);
	uint64_t scale = FIELD_GET(TLBI0_SCALE, cmd[0]);
	uint64_t ttl = FIELD_GET(TLBI1_TTL, cmd[1]), bytes;

	i->by_va = true;
	i->leaf = cmd[1] & TLBI1_LEAF;
	i->first = cmd[1] & TLBI1_ADDR & SMMU_BITS(55, 0);
	if (tg == 0) {
		i->last = i->first | 0xfff;
		return true;
	}
	if (caps->ds)
		scale = FIELD_GET(TLBI0_SCALE_DS, cmd[0]);
	if (scale > TLBI_SCALE_MAX)
		scale = TLBI_SCALE_MAX;
	/* 16 KiB has no level 1 leaf without DS: TTL 1 is no hint there. */
	if (tg == 2 && ttl == 1 && !caps->ds)
		ttl = 0;
	if (num == 0 && scale == 0 && ttl == 0 &&
	    !smmu_quirk(b->smmu, SMMU_QUIRK_CMD_TOLERANT))
		return false;
	i->granule = (uint8_t)(10 + 2 * tg);
	i->level = (uint16_t)ttl;
	i->first &= UINT64_MAX << i->granule;
	bytes = (num + 1) << scale << i->granule;
	/* The range does not wrap. */
	i->last = bytes - 1 < SMMU_BITS(55, 0) - i->first ? i->first + bytes - 1
	                                                  : SMMU_BITS(55, 0);
	return true;
}

/* 3.17.6: so many low bits of a VMID match whatever they are. */
static uint16_t wildcard(const struct smmu_bank *of)
{
	uint64_t vmw = FIELD_GET(CR0_VMW, of->reg[SMMU_CR0ACK]);

	return (uint16_t)(vmw <= VMW_MAX ? (1u << vmw) - 1 : 0);
}

/* 4.4.2: without stage 2 of that Security state there are no VMIDs: the field
 * is ignored. */
static void set_vmid(struct dmasim_smmu *s, bool secure, const uint64_t *cmd,
                     struct smmu_tlb_inval *i)
{
	i->by_vmid = true;
	if (!(secure ? s->caps.sel2 : s->caps.s2p))
		return;
	i->vmid = (uint16_t)FIELD_GET(TLBI0_VMID, cmd[0]);
	if (!s->caps.vmid16)
		i->vmid &= UINT8_MAX;
	i->vmid_wild = wildcard(&s->bank[secure ? SMMU_S : SMMU_NS]);
}

/* 4.4.2.8: E2H says which of the two EL2 regimes is in use. */
static uint8_t el2_world(const struct dmasim_smmu *s, bool secure, uint8_t by)
{
	const struct smmu_bank *b = &s->bank[secure ? SMMU_S : SMMU_NS];
	bool e2h = (b->reg[SMMU_CR2] & CR2_E2H) || (by & E2H);

	if (secure)
		return e2h ? SMMU_WORLD_S_EL2_E2H : SMMU_WORLD_S_EL2;
	return e2h ? SMMU_WORLD_NS_EL2_E2H : SMMU_WORLD_NS_EL2;
}

unsigned smmu_cmd_tlbi(struct smmu_bank *b, const uint64_t *cmd)
{
	struct dmasim_smmu *s = b->smmu;
	const struct tlbi *c = find(FIELD_GET(CMD0_OP, cmd[0]));
	bool secure = c->regime == SEC || c->regime == S_EL2 ||
	              (c->regime == EL1 && b->id == SMMU_S);
	struct smmu_tlb_inval i = {
	        .stage1 = c->by & S1,
	        .ipa = c->by & S2,
	        .ns_ipa = (c->by & IPANS) && (cmd[1] & TLBI1_NS),
	        .by_asid = c->by & ASID,
	        .asid = (uint16_t)FIELD_GET(TLBI0_ASID, cmd[0]),
	};

	if (!exists(b, c->needs))
		return absent(b, c);
	if (!s->caps.asid16)
		i.asid &= UINT8_MAX;
	if (c->by & VMID)
		set_vmid(s, secure, cmd, &i);
	if ((c->by & ADDR) && !addresses(b, cmd, &i))
		return CERROR_ILL;
	if (c->regime == EL3)
		i.world = SMMU_WORLD_EL3;
	else if (c->regime == EL2 || c->regime == S_EL2)
		i.world = el2_world(s, secure, c->by);
	else
		i.world = secure ? SMMU_WORLD_S_EL1 : SMMU_WORLD_NS_EL1;
	/* There are no ASIDs in EL2 without E2H. */
	if (smmu_world_single(i.world))
		i.by_asid = false;
	smmu_tlb_inval(s, &i);
	if (c->by & BOTH) {
		i.world = secure ? SMMU_WORLD_S_EL2_E2H + SMMU_WORLD_S_EL2 -
		                           i.world
		                 : SMMU_WORLD_NS_EL2_E2H + SMMU_WORLD_NS_EL2 -
		                           i.world;
		smmu_tlb_inval(s, &i);
	}
	return CERROR_NONE;
}
