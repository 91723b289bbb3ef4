/* SPDX-License-Identifier: MIT */
/* Permissions: Arm ARM D8.4, D8.5.2; 13.4.1, 13.4.3. */
#include "ref_internal.h"

/* D8-62, D8-63 and D8-64. */
static struct ref_perms data_perms(bool one_el, bool ap2, bool ap1,
                                   unsigned aptable)
{
	struct ref_perms p = {.pr = true, .pw = !ap2};

	if (!one_el && ap1) {
		p.ur = true;
		p.uw = !ap2;
	}
	if (aptable & 1)
		p.ur = p.uw = false;
	if (aptable & 2)
		p.uw = p.pw = false;
	return p;
}

struct ref_perms ref_s1_perms(const struct ref *r, uint64_t d,
                              const struct ref_limits *l)
{
	bool one_el = r->tags.world == REF_EL2;
	bool ap2 = field(d, 7, 7) != 0, ap1 = field(d, 6, 6) != 0;
	/* CD.HA, CD.HD; DBM. */
	bool hd = bits(r->walk_cd, 43, 43) && bits(r->walk_cd, 42, 42) &&
	          field(d, 51, 51);
	bool wxn = bits(r->walk_cd, 36, 36) != 0;
	/* APTable[0] is RES0 where there is one level of privilege. */
	unsigned aptable = one_el ? l->aptable & 2 : l->aptable;
	struct ref_perms p = data_perms(one_el, ap2, ap1, aptable);
	/* RTTLCV, RNKLQN: clean counts as writable for execution. */
	struct ref_perms w = data_perms(one_el, ap2 && !hd, ap1, aptable);

	if (one_el) {
		p.px = !field(d, 54, 54) && !l->xntable && !(wxn && w.pw);
		return p;
	}
	p.ux = !field(d, 54, 54) && !l->xntable && !(wxn && w.uw);
	p.px = !field(d, 53, 53) && !l->pxntable && !w.uw && !(wxn && w.pw);
	return p;
}

bool ref_s1_allowed(const struct ref *r, const struct ref_perms *p,
                    const struct ref_access *a)
{
	bool one_el = r->tags.world == REF_EL2;
	bool priv = a->priv || one_el;

	if (a->exec)
		return priv ? p->px : p->ux;
	/* PAN (CD[40]); with IDR3.EPAN and CD.EPAN (CD[123]) also what EL0
	 * may execute. */
	if (priv && !one_el && bits(r->walk_cd, 40, 40) &&
	    (p->ur || p->uw ||
	     (field(r->regs->idr3, 17, 17) && bits(r->walk_cd, 123, 123) &&
	      p->ux)))
		return false;
	if (a->write && !(priv ? p->pw : p->uw))
		return false;
	return !a->read || (priv ? p->pr : p->ur);
}

/* Tables D8-76, D8-77, D8-78. */
bool ref_s2_allowed(const struct ref *r, uint64_t d, const struct ref_access *a)
{
	uint64_t xn = field(d, 54, 53);

	if (a->exec) {
		if (!field(r->regs->idr3, 4, 4)) /* IDR3.XNX */
			return xn < 2;
		return xn == 0 || (xn == 1 && !a->priv) || (xn == 3 && a->priv);
	}
	if (a->write && !field(d, 7, 7))
		return false;
	return !a->read || field(d, 6, 6);
}
