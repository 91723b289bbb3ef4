/* SPDX-License-Identifier: MIT */
/* Saving and restoring DRAM's open rows and what is busy. */
#include "dram_internal.h"

#include <stdlib.h>
#include <string.h>

#define DRAM_TAG     "DRAM"
#define DRAM_VERSION 1

static void put_stats(const struct dmasim_dram_stats *s,
                      struct dmasim_writer *w)
{
	dmasim_put_u64(w, s->reads);
	dmasim_put_u64(w, s->writes);
	dmasim_put_u64(w, s->hits);
	dmasim_put_u64(w, s->closed);
	dmasim_put_u64(w, s->conflicts);
	dmasim_put_u64(w, s->refreshes);
	dmasim_put_u64(w, s->waited);
	dmasim_put_u64(w, s->latency);
}

static void get_stats(struct dmasim_dram_stats *s, struct dmasim_reader *r)
{
	s->reads = dmasim_get_u64(r);
	s->writes = dmasim_get_u64(r);
	s->hits = dmasim_get_u64(r);
	s->closed = dmasim_get_u64(r);
	s->conflicts = dmasim_get_u64(r);
	s->refreshes = dmasim_get_u64(r);
	s->waited = dmasim_get_u64(r);
	s->latency = dmasim_get_u64(r);
}

void dmasim_dram_save(const struct dmasim_dram *d, struct dmasim_writer *w)
{
	uint64_t now = dmasim_now(d->kernel);

	dmasim_put_begin(w, DRAM_TAG, DRAM_VERSION);
	dmasim_put_u32(w, d->t.channels);
	dmasim_put_u32(w, d->bank_count);
	put_stats(&d->stats, w);
	for (uint32_t i = 0; i < d->bank_count; i++) {
		const struct dram_bank *b = &d->banks[i];

		dmasim_put_u32(w, b->row_count);
		for (uint32_t j = 0; j < b->row_count; j++) {
			dmasim_put_u64(w, b->rows[j].row);
			dmasim_put_u64(w, b->rows[j].at);
			dmasim_put_u64(w, b->rows[j].open);
			dmasim_put_u64(w, b->rows[j].ready);
		}
		occ_save(&b->busy, now, w);
	}
	for (uint32_t i = 0; i < d->t.channels; i++)
		occ_save(&d->buses[i], now, w);
	dmasim_put_end(w);
}

static void get_bank(struct dram_bank *b, struct dmasim_reader *r)
{
	uint64_t last = 0;

	b->row_count = dmasim_get_count(r, DRAM_ROWS, 32);
	for (uint32_t i = 0; i < b->row_count; i++) {
		struct dram_row *row = &b->rows[i];

		row->row = dmasim_get_u64(r);
		row->at = dmasim_get_u64(r);
		row->open = dmasim_get_u64(r);
		row->ready = dmasim_get_u64(r);
		if (row->at < last || row->at > 2 * OCC_TIME_MAX ||
		    row->open > 2 * OCC_TIME_MAX ||
		    row->ready > 2 * OCC_TIME_MAX)
			dmasim_reader_fail(r, "rows opened out of order");
		last = row->at;
	}
	occ_restore(&b->busy, r);
}

/* Empty ones like those of @d, filled from the blob. */
static int get_parts(const struct dmasim_dram *d, struct dmasim_reader *r,
                     struct dram_bank *banks, struct occupancy *buses)
{
	for (uint32_t i = 0; i < d->bank_count; i++) {
		if (occ_begin(&banks[i].busy, d->t.burst, DRAM_SLOTS, 1))
			return DMASIM_E_NOMEM;
		get_bank(&banks[i], r);
	}
	for (uint32_t i = 0; i < d->t.channels; i++) {
		if (occ_begin(&buses[i], d->t.burst, DRAM_SLOTS, 1))
			return DMASIM_E_NOMEM;
		occ_restore(&buses[i], r);
	}
	return DMASIM_OK;
}

/* Those that are not in use go; either may be NULL. */
static void free_parts(const struct dmasim_dram *d, struct dram_bank *banks,
                       struct occupancy *buses)
{
	for (uint32_t i = 0; banks && i < d->bank_count; i++)
		occ_end(&banks[i].busy);
	for (uint32_t i = 0; buses && i < d->t.channels; i++)
		occ_end(&buses[i]);
	free(banks);
	free(buses);
}

int dmasim_dram_restore(struct dmasim_dram *d, struct dmasim_reader *r)
{
	struct dram_bank *banks = calloc(d->bank_count, sizeof(*banks));
	struct occupancy *buses = calloc(d->t.channels, sizeof(*buses));
	struct dmasim_dram_stats stats;
	int status = banks && buses ? DMASIM_OK : DMASIM_E_NOMEM;

	dmasim_get_begin(r, DRAM_TAG, DRAM_VERSION);
	if (dmasim_get_u32(r) != d->t.channels ||
	    dmasim_get_u32(r) != d->bank_count)
		dmasim_reader_fail(r, "DRAM of another shape");
	get_stats(&stats, r);
	if (!status)
		status = get_parts(d, r, banks, buses);
	dmasim_get_end(r);
	if (!status)
		status = dmasim_reader_status(r);
	if (status) {
		free_parts(d, banks, buses);
		return status;
	}
	free_parts(d, d->banks, d->buses);
	d->banks = banks;
	d->buses = buses;
	d->stats = stats;
	return DMASIM_OK;
}
