/* SPDX-License-Identifier: MIT */
/*
 * Why two profiles do not record the same (docs/profiles.md): each rule says
 * which profiles leave the architecture, and looks at the tables for proof.
 */
#include "snapshot_internal.h"
#include "snapshot_regs.h"

#define QEMU_7_2  (1u << DMASIM_SMMU_QEMU_7_2)
#define QEMU_10   (1u << DMASIM_SMMU_QEMU_10)
#define BOTH_QEMU (QEMU_7_2 | QEMU_10)

/** One side: a record, or the address that the access went out with. */
struct side {
	unsigned type; /**< of the record; 0: none */
	uint64_t record[4];
	bool passed;
};

struct evidence {
	struct side odd;   /**< of the profile that has the quirk */
	struct side plain; /**< of the other one */
	const struct snap_access *access;
	struct snap_stream stream;
	struct snap_walk walk;
	unsigned oas;     /**< bits */
	unsigned s2_bits; /**< of STE.S2PS */
	unsigned ssid_bits;
	bool recinvsid;
};

/** The odd record, once it is put right, is the plain one. */
static bool same_but(const struct evidence *v, uint64_t word1, uint64_t word2,
                     uint64_t word3)
{
	const uint64_t put_right[4] = {v->odd.record[0], word1, word2, word3};

	return snap_same_record(v->plain.record, put_right, false);
}

static bool class_zero(const struct evidence *v)
{
	return v->odd.type >= EVT_TRANSLATION &&
	       v->odd.type <= EVT_PERMISSION &&
	       !(v->odd.record[1] & EVT1_CLASS) &&
	       (v->plain.record[1] & EVT1_CLASS) == EVT1_CLASS_IN &&
	       same_but(v, v->odd.record[1] | EVT1_CLASS_IN, v->odd.record[2],
	                v->odd.record[3]);
}

/** The record of an access that STE.PRIVCFG or INSTCFG changed. */
static bool no_privilege_bits(const struct evidence *v)
{
	uint64_t bits = EVT1_PNU | EVT1_IND;
	uint64_t wanted = v->plain.record[1] & (bits | EVT1_CLASS);

	return v->odd.type >= EVT_TRANSLATION &&
	       v->odd.type <= EVT_PERMISSION && !(v->odd.record[1] & bits) &&
	       (wanted & bits) &&
	       (v->odd.record[1] & EVT1_CLASS & ~wanted) == 0 &&
	       same_but(v, v->odd.record[1] | wanted, v->odd.record[2],
	                v->odd.record[3]);
}

static bool no_access_flag(const struct evidence *v)
{
	return (v->odd.passed || v->odd.type == EVT_PERMISSION) &&
	       v->plain.type == EVT_ACCESS && v->walk.leaf &&
	       !(v->walk.descriptor & PTE_AF);
}

static bool no_output_size(const struct evidence *v)
{
	return (v->odd.passed || v->odd.type == EVT_PERMISSION) &&
	       v->plain.type == EVT_ADDR_SIZE && v->walk.leaf_beyond_oas;
}

static bool size_checked_last(const struct evidence *v)
{
	return (v->odd.type == EVT_PERMISSION || v->odd.type == EVT_ACCESS) &&
	       v->plain.type == EVT_ADDR_SIZE && v->walk.leaf_beyond_oas;
}

static bool no_privilege(const struct evidence *v)
{
	return v->odd.passed && v->plain.type == EVT_PERMISSION &&
	       v->stream.has_cd && v->walk.leaf &&
	       (!(v->walk.descriptor & PTE_AP1) || v->walk.ap_table0 ||
	        (v->stream.cd[0] & CD0_PAN));
}

static bool any_block(const struct evidence *v)
{
	return v->odd.type != EVT_TRANSLATION &&
	       v->plain.type == EVT_TRANSLATION && v->walk.bad_block;
}

static bool table_size(const struct evidence *v)
{
	return v->odd.type != EVT_ADDR_SIZE && v->plain.type == EVT_ADDR_SIZE &&
	       v->walk.table_beyond_oas;
}

static bool ap_table_early(const struct evidence *v)
{
	return v->odd.type == EVT_PERMISSION &&
	       v->plain.type >= EVT_TRANSLATION &&
	       v->plain.type <= EVT_ACCESS && v->access->write &&
	       v->walk.ap_table1;
}

static bool beyond_span(const struct evidence *v)
{
	return v->stream.beyond_span && v->odd.type != EVT_BAD_STREAMID &&
	       (v->plain.type == EVT_BAD_STREAMID ||
	        (!v->plain.type && !v->plain.passed && !v->recinvsid));
}

static bool recorded_bad_stream(const struct evidence *v)
{
	return v->odd.type == EVT_BAD_STREAMID && !v->plain.type &&
	       !v->plain.passed && !v->recinvsid;
}

static bool cd_fetch_word(const struct evidence *v)
{
	return v->odd.type == EVT_CD_FETCH && v->odd.record[2] &&
	       !v->odd.record[3] &&
	       same_but(v, v->odd.record[1], 0, v->odd.record[2]);
}

static bool cd_pointer(const struct evidence *v)
{
	return v->odd.type == EVT_CD_FETCH && v->plain.type == EVT_BAD_STE &&
	       (v->stream.ste[0] & STE0_CD_ADDR) >> v->oas;
}

static bool input_above_48(const struct evidence *v)
{
	return !v->odd.type && !v->odd.passed && v->plain.type &&
	       v->access->iova >> 48;
}

static bool bypass_size(const struct evidence *v)
{
	return v->odd.passed && v->plain.type == EVT_ADDR_SIZE &&
	       !v->stream.has_cd && v->access->iova >> v->oas;
}

static bool is_stage2(const struct side *s)
{
	return s->type >= EVT_TRANSLATION && s->type <= EVT_PERMISSION &&
	       (s->record[1] & EVT1_S2);
}

static bool substreams(const struct evidence *v)
{
	return v->odd.type == EVT_BAD_STE && v->plain.type != EVT_BAD_STE &&
	       STE0_S1CDMAX(v->stream.ste[0]) > v->ssid_bits;
}

static bool input_range(const struct evidence *v)
{
	return v->odd.type == EVT_BAD_STE && v->plain.type != EVT_BAD_STE &&
	       v->stream.s2 && 64 - STE2_S2T0SZ(v->stream.ste[2]) > v->s2_bits;
}

static bool table_updates(const struct evidence *v)
{
	return v->odd.type != EVT_BAD_STE && v->plain.type == EVT_BAD_STE &&
	       v->stream.s2 && (v->stream.ste[2] & (STE2_S2HA | STE2_S2HD));
}

static bool input_above_ias(const struct evidence *v)
{
	return !v->odd.type && !v->odd.passed &&
	       v->plain.type == EVT_ADDR_SIZE && v->stream.s2 &&
	       !v->stream.s1 && v->access->iova >> v->oas;
}

/** Bits 11:0, or all of it where the TLB knew the page. */
static bool record_ipa(const struct evidence *v)
{
	return is_stage2(&v->odd) && is_stage2(&v->plain) &&
	       ((v->odd.record[3] & EVT3_IPA) == v->plain.record[3] ||
	        (v->odd.type == EVT_PERMISSION && !v->odd.record[3])) &&
	       same_but(v, v->odd.record[1], v->odd.record[2],
	                v->plain.record[3]);
}

/** A page that can only be written, and was. */
static bool kept_read(const struct evidence *v)
{
	return !v->odd.type && v->plain.type == EVT_PERMISSION &&
	       is_stage2(&v->plain) && !v->access->write;
}

/** How stage 2 keeps a stage 1 table or a CD from the SMMU. */
static bool fetch_through_stage2(const struct evidence *v)
{
	uint64_t bits = EVT1_RNW | EVT1_TTRNW;

	return is_stage2(&v->odd) && is_stage2(&v->plain) &&
	       (v->odd.record[1] & EVT1_CLASS) != EVT1_CLASS_IN &&
	       same_but(v,
	                (v->odd.record[1] & ~bits) |
	                        (v->plain.record[1] & bits),
	                v->odd.record[2], v->plain.record[3]);
}

static const struct {
	unsigned profiles; /**< that have the quirk */
	bool (*explains)(const struct evidence *v);
	const char *text;
} rules[] = {
        {QEMU_7_2, class_zero,
         "QEMU 7.2: CLASS 0 instead of IN (7.3.13 to 7.3.16)"},
        {QEMU_7_2, no_access_flag,
         "QEMU 7.2: the access flag is not looked at (F_ACCESS, 7.3.15)"},
        {QEMU_7_2, no_output_size,
         "QEMU 7.2: a leaf's output address is not checked (F_ADDR_SIZE, "
         "7.3.14)"},
        {QEMU_7_2, input_above_48,
         "QEMU 7.2: no record for an input address of 2^48 or more "
         "(F_TRANSLATION, 7.3.13)"},
        {BOTH_QEMU, no_privilege_bits,
         "QEMU: PnU and InD are 0 whatever the STE makes of the access (7.2: "
         "CLASS too)"},
        {QEMU_10, size_checked_last,
         "QEMU 10: the output address is checked after the permissions"},
        {BOTH_QEMU, no_privilege,
         "QEMU: AP[1] and APTable[0] are not looked at (F_PERMISSION, "
         "7.3.16)"},
        {BOTH_QEMU, any_block,
         "QEMU: a block descriptor is accepted at a level that has none "
         "(F_TRANSLATION, 7.3.13)"},
        {BOTH_QEMU, table_size,
         "QEMU: a table descriptor's address is not checked: F_WALK_EABT "
         "instead of F_ADDR_SIZE (7.3.14)"},
        {BOTH_QEMU, ap_table_early,
         "QEMU: APTable[1] ends a write before the leaf is read"},
        {BOTH_QEMU, beyond_span,
         "QEMU: L1STD.Span counts twice as many STEs, and beyond them lies "
         "C_BAD_STE instead of C_BAD_STREAMID (5.1, 7.3.3)"},
        {BOTH_QEMU, recorded_bad_stream,
         "QEMU: C_BAD_STREAMID is recorded although CR2.RECINVSID is 0"},
        {BOTH_QEMU, cd_fetch_word,
         "QEMU: F_CD_FETCH has its address in word 2 instead of word 3 "
         "(7.3.10)"},
        {BOTH_QEMU, cd_pointer,
         "QEMU: an S1ContextPtr beyond the output size is fetched "
         "(C_BAD_STE, 7.3.5)"},
        {BOTH_QEMU, bypass_size,
         "QEMU: a bypassed address is not checked (F_ADDR_SIZE, 7.3.14)"},
        {BOTH_QEMU, substreams,
         "QEMU: S1CDMax makes an STE ILLEGAL although there are no substreams "
         "(IGNORED, 5.2)"},
        {QEMU_10, record_ipa,
         "QEMU 10: a record of stage 2 has all bits of the IPA, or none if the "
         "page was in the TLB (7.3.13)"},
        {QEMU_10, kept_read,
         "QEMU 10: reading a stage 2 page that is in the TLB is never recorded "
         "(F_PERMISSION, 7.3.16)"},
        {QEMU_10, input_above_ias,
         "QEMU 10: no record for an input of stage 2 above its size "
         "(F_ADDR_SIZE, 7.3.14)"},
        {QEMU_10, input_range,
         "QEMU 10: S2T0SZ is ILLEGAL beyond S2PS, not only beyond the output "
         "size (5.2)"},
        {QEMU_10, table_updates,
         "QEMU 10: S2HA and S2HD are not looked at (C_BAD_STE, 5.2)"},
        {QEMU_10, fetch_through_stage2,
         "QEMU 10: a CD or table that stage 2 refuses is a read at the table's "
         "start, without TTRnW (7.3.16)"},
};

static void side_from_expect(const struct snap_expect *e, struct side *s)
{
	*s = (struct side){.passed = e->outcome == REC_SUCCESS ||
	                             e->outcome == REC_BYPASS || e->must_pass};
	if (e->outcome != REC_RECORDED)
		return;
	for (unsigned i = 0; i < 4; i++)
		s->record[i] = e->record[0][i];
	s->type = (uint8_t)s->record[0];
}

static void side_from_seen(const struct snap_seen *seen, struct side *s)
{
	*s = (struct side){.passed = !seen->records && seen->passed};
	if (!seen->records)
		return;
	for (unsigned i = 0; i < 4; i++)
		s->record[i] = seen->record[0][i];
	s->type = (uint8_t)s->record[0];
}

/** Stage 2 refuses what a stream's access leads to. */
static bool stage2_fault(const struct evidence *v, const struct side *s,
                         struct snap_fault *fault)
{
	fault->s2 = s->record[1] & EVT1_S2;
	if (!fault->s2)
		return true;
	fault->ipa = s->record[3];
	return v->stream.s2 &&
	       (v->stream.s1 || fault->ipa == 0 ||
	        ((fault->ipa ^ v->access->iova) & EVT3_IPA) == 0);
}

/** A rule may look at types alone only because the whole record that was
 * produced is checked here. */
static bool well_formed(const struct snap_machine *m, const struct evidence *v,
                        const struct side *s)
{
	struct snap_access at = *v->access;
	const struct snap_access *a = v->access;
	uint64_t wanted[4], written[4] = {s->record[0], s->record[1],
	                                  s->record[2], s->record[3]};
	struct snap_fault fault = {.type = s->type};

	if (s->type < EVT_TRANSLATION || s->type > EVT_PERMISSION)
		return true;
	if (!stage2_fault(v, s, &fault))
		return false;
	/* STE.PRIVCFG and INSTCFG say what PnU and InD are. */
	if (v->stream.ste[1] & (STE1_PRIVCFG | STE1_INSTCFG))
		written[1] &= ~(EVT1_PNU | EVT1_IND);
	/* An access that crosses pages faults at the start of one. */
	if (s->record[2] > a->iova && s->record[2] - a->iova < a->size &&
	    s->record[2] % REC_PAGE == 0)
		at.iova = s->record[2];
	snap_fault_record(m->profile, &fault, &at, wanted);
	/* What a CD or a table needs is a read at its own place. */
	if (fault.s2 && v->stream.s1 &&
	    (written[1] & EVT1_CLASS) != EVT1_CLASS_IN) {
		uint64_t bits = EVT1_CLASS | EVT1_RNW | EVT1_TTRNW;

		wanted[1] = (wanted[1] & ~bits) | (written[1] & bits);
	}
	return snap_same_record(wanted, written, false);
}

static int gather(struct snap_machine *m, const struct snap_difference *d,
                  struct evidence *v)
{
	static const unsigned bits[] = {32, 36, 40, 42, 44, 48, 52, 52};
	const struct rec_reg *cr2 = rec_reg_find(m->snapshot, "CR2");
	const struct rec_reg *idr1 = rec_reg_find(m->snapshot, "IDR1");
	const struct rec_reg *idr5 = rec_reg_find(m->snapshot, "IDR5");
	int err;

	*v = (struct evidence){.access = d->access};
	v->recinvsid = cr2 && (cr2->value & CR2_RECINVSID);
	v->oas = bits[idr5 ? idr5->value & IDR5_OAS : 0];
	v->ssid_bits = idr1 ? IDR1_SSIDSIZE(idr1->value) : 0;
	err = snap_stream_read(m, d->access->sid, &v->stream);
	v->s2_bits = snap_output_bits(m, &v->stream, 2);
	return err ? err : snap_walk(m, &v->stream, d->access->iova, &v->walk);
}

int snap_name_difference(struct snap_machine *m,
                         const struct snap_difference *d, const char **rule)
{
	struct side recorded, seen;
	struct evidence v;
	int err = gather(m, d, &v);

	*rule = NULL;
	side_from_expect(d->expect, &recorded);
	side_from_seen(d->seen, &seen);
	if (err || !well_formed(m, &v, &seen))
		return err;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		/* Not (profiles >> n & 1): gcc 12.2 with -O2 (tree-vrp) then
		 * takes the two for equal; the tests of the recordings show
		 * it in the release build. */
		bool in_recorded = rules[i].profiles & (1u << d->recorded);
		bool in_run = rules[i].profiles & (1u << m->profile);

		if (in_recorded == in_run)
			continue;
		v.odd = in_recorded ? recorded : seen;
		v.plain = in_recorded ? seen : recorded;
		if (rules[i].explains(&v)) {
			*rule = rules[i].text;
			return DMASIM_OK;
		}
	}
	return DMASIM_OK;
}
