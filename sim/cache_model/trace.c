/* SPDX-License-Identifier: MIT */
/*
 * The trace of accesses: one line for each that a CPU, a device or an SMMU
 * makes, when it is done; a store when it leaves the store buffer.
 */
#include <stdio.h>

#include "memsys_internal.h"

#define SHOWN_BYTES 8u

/** The bytes, lowest address first: "0100" or "000102030405060708..". */
static void bytes_text(const struct dmasim_txn *txn, char *buf, size_t size)
{
	uint32_t n = txn->size < SHOWN_BYTES ? txn->size : SHOWN_BYTES;
	int used = 0;

	buf[0] = '\0';
	if (!txn->data)
		return;
	for (uint32_t i = 0; i < n; i++)
		used += snprintf(buf + used, size - (size_t)used, "%s%02x",
		                 i ? "" : " = ", txn->data[i]);
	if (txn->size > n)
		snprintf(buf + used, size - (size_t)used, "..");
}

static void origin_text(const struct dmasim_origin *o, char *buf, size_t size)
{
	if (o->file)
		snprintf(buf, size, ", %s:%u%s%s", o->file, o->line,
		         o->what ? " " : "", o->what ? o->what : "");
	else if (o->what)
		snprintf(buf, size, ", %s", o->what);
	else
		buf[0] = '\0';
}

void ms_trace(const struct ms_port *p, const struct dmasim_txn *txn,
              enum dmasim_result r)
{
	const char *name = p->name;
	char alias[48], bytes[40], origin[200];

	if (txn->op == DMASIM_BARRIER || txn->flags & DMASIM_TXN_DEBUG)
		return;
	if (p->ms->checker && txn->initiator)
		name = dmasim_agent_name(p->ms->checker, txn->initiator);
	bytes_text(txn, bytes, sizeof(bytes));
	origin_text(&txn->origin, origin, sizeof(origin));
	dmasim_trace(p->ms->kernel, name, "%s 0x%llx, %u bytes%s, %s%s%s%s",
	             dmasim_op_name(txn->op), (unsigned long long)txn->addr,
	             txn->size, r == DMASIM_TXN_OK ? bytes : "",
	             dmasim_attr_name(&txn->attr, alias, sizeof(alias)),
	             r == DMASIM_TXN_OK ? "" : ", ",
	             r == DMASIM_TXN_OK ? "" : dmasim_result_name(r), origin);
}
