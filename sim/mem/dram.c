/* SPDX-License-Identifier: MIT */
/* DRAM: banks with open rows, the bus of a channel, and refresh. */
#include "dram_internal.h"

#include <stdlib.h>
#include <string.h>

#define DRAM_CHANNELS_MAX 16u
#define DRAM_RANKS_MAX    8u
#define DRAM_BANKS_MAX    64u
/* In all: each takes some of the host's memory. */
#define DRAM_BANKS_IN_ALL 1024u
#define DRAM_ROW_MAX      (1u << 20)
#define DRAM_TIME_MAX     DMASIM_MS

static bool power_of_two(uint32_t v, uint32_t max)
{
	return v && v <= max && !(v & (v - 1));
}

static bool sound(const struct dmasim_dram_timing *t)
{
	const uint64_t times[] = {t->burst, t->rcd, t->cl,   t->rp,   t->ras,
	                          t->wr,    t->rfc, t->refi, t->fixed};

	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
		if (times[i] > DRAM_TIME_MAX)
			return false;
	return power_of_two(t->channels, DRAM_CHANNELS_MAX) &&
	       power_of_two(t->ranks, DRAM_RANKS_MAX) &&
	       power_of_two(t->banks, DRAM_BANKS_MAX) &&
	       t->channels * t->ranks * t->banks <= DRAM_BANKS_IN_ALL &&
	       power_of_two(t->row_bytes, DRAM_ROW_MAX) &&
	       power_of_two(t->burst_bytes, t->row_bytes) &&
	       power_of_two(t->interleave, t->row_bytes) &&
	       t->interleave >= t->burst_bytes && t->burst &&
	       t->order <= DMASIM_DRAM_ROW_COLUMN_BANK &&
	       (!t->refi || t->rfc < t->refi);
}

static uint32_t bits_of(uint32_t v)
{
	uint32_t n = 0;

	while (1u << n < v)
		n++;
	return n;
}

static int make_parts(struct dmasim_dram *d)
{
	d->banks = calloc(d->bank_count, sizeof(*d->banks));
	d->buses = calloc(d->t.channels, sizeof(*d->buses));
	if (!d->banks || !d->buses)
		return DMASIM_E_NOMEM;
	for (uint32_t i = 0; i < d->bank_count; i++)
		if (occ_begin(&d->banks[i].busy, d->t.burst, DRAM_SLOTS, 1))
			return DMASIM_E_NOMEM;
	for (uint32_t i = 0; i < d->t.channels; i++)
		if (occ_begin(&d->buses[i], d->t.burst, DRAM_SLOTS, 1))
			return DMASIM_E_NOMEM;
	return DMASIM_OK;
}

int dmasim_dram_create(const struct dmasim_dram_config *cfg,
                       struct dmasim_dram **out)
{
	const struct dmasim_dram_timing *t = &cfg->timing;
	struct dmasim_dram *d;

	*out = NULL;
	if (!cfg->kernel || !cfg->map || !sound(t))
		return DMASIM_E_INVAL;
	d = calloc(1, sizeof(*d));
	if (!d)
		return DMASIM_E_NOMEM;
	d->kernel = cfg->kernel;
	d->map = cfg->map;
	d->down = cfg->down ? *cfg->down : dmasim_map_port(cfg->map);
	d->t = *t;
	d->burst_shift = bits_of(t->burst_bytes);
	d->channel_shift = bits_of(t->interleave);
	d->channel_bits = bits_of(t->channels);
	d->bank_bits = bits_of(t->banks * t->ranks);
	d->column_bits = bits_of(t->row_bytes);
	d->bank_count = t->channels * t->ranks * t->banks;
	if (make_parts(d)) {
		dmasim_dram_destroy(d);
		return DMASIM_E_NOMEM;
	}
	*out = d;
	return DMASIM_OK;
}

void dmasim_dram_destroy(struct dmasim_dram *d)
{
	if (!d)
		return;
	for (uint32_t i = 0; d->banks && i < d->bank_count; i++)
		occ_end(&d->banks[i].busy);
	for (uint32_t i = 0; d->buses && i < d->t.channels; i++)
		occ_end(&d->buses[i]);
	free(d->banks);
	free(d->buses);
	free(d);
}

struct place {
	uint32_t channel, rank, bank; /**< the bank among all */
	uint64_t row;
};

static uint64_t low(uint64_t v, uint32_t bits)
{
	return v & ((UINT64_C(1) << bits) - 1);
}

static struct place place_of(const struct dmasim_dram *d, uint64_t addr)
{
	/* Without the bits of the channel, the rest closes ranks. */
	uint64_t above = addr >> d->channel_shift;
	uint64_t a = above >> d->channel_bits << d->channel_shift |
	             low(addr, d->channel_shift);
	struct place p = {.channel = (uint32_t)low(above, d->channel_bits)};
	uint64_t bank;

	switch (d->t.order) {
	case DMASIM_DRAM_ROW_BANK_COLUMN:
		bank = low(a >> d->column_bits, d->bank_bits);
		p.row = a >> (d->column_bits + d->bank_bits);
		break;
	case DMASIM_DRAM_BANK_ROW_COLUMN:
		/* Sixteen bits of rows; memory beyond them begins anew. */
		bank = low(a >> (d->column_bits + 16), d->bank_bits);
		p.row = low(a >> d->column_bits, 16) |
		        a >> (d->column_bits + 16 + d->bank_bits) << 16;
		break;
	default:
		bank = low(a >> d->burst_shift, d->bank_bits);
		p.row = a >> (d->column_bits + d->bank_bits);
	}
	p.rank = (uint32_t)bank / d->t.banks;
	p.bank = p.channel * d->t.ranks * d->t.banks + (uint32_t)bank;
	return p;
}

/* Ranks are refreshed in turn. Which refresh of @rank was the last one at
 * @time, 0 before the first, and how long ago, in @since. */
static uint64_t refresh_at(const struct dmasim_dram *d, uint32_t rank,
                           uint64_t time, uint64_t *since)
{
	uint64_t phase = d->t.refi / d->t.ranks * rank;

	*since = DMASIM_FOREVER;
	if (!d->t.refi || time < phase + d->t.refi)
		return 0;
	*since = (time - phase) % d->t.refi;
	return (time - phase) / d->t.refi;
}

static uint64_t after_refresh(struct dmasim_dram *d, uint32_t rank,
                              uint64_t time)
{
	uint64_t since;

	refresh_at(d, rank, time, &since);
	if (since >= d->t.rfc)
		return time;
	d->stats.refreshes++;
	return time + d->t.rfc - since;
}

/* The row that is open at @time, as far as is known; NULL: none. */
static struct dram_row *row_at(const struct dmasim_dram *d, struct dram_bank *b,
                               uint32_t rank, uint64_t time)
{
	struct dram_row *row;
	uint32_t i = b->row_count;
	uint64_t since;

	while (i > 0 && b->rows[i - 1].at > time)
		i--;
	if (i == 0)
		return NULL;
	row = &b->rows[i - 1];
	/* A refresh closes all rows. */
	return refresh_at(d, rank, row->at, &since) ==
	                       refresh_at(d, rank, time, &since)
	               ? row
	               : NULL;
}

static void open_row(struct dram_bank *b, const struct dram_row *row)
{
	uint32_t i;

	if (b->row_count == DRAM_ROWS) {
		memmove(b->rows, b->rows + 1,
		        (DRAM_ROWS - 1) * sizeof(*b->rows));
		b->row_count--;
	}
	for (i = b->row_count; i > 0 && b->rows[i - 1].at > row->at; i--)
		b->rows[i] = b->rows[i - 1];
	b->rows[i] = *row;
	b->row_count++;
}

static inline uint64_t most(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* One burst that arrives at @at; when its data has passed. */
static uint64_t burst(struct dmasim_dram *d, uint64_t addr, uint64_t at,
                      bool write)
{
	const struct dmasim_dram_timing *t = &d->t;
	const struct place p = place_of(d, addr);
	struct dram_bank *b = &d->banks[p.bank];
	struct occ_request bank = {.now = dmasim_now(d->kernel)};
	struct occ_request bus = bank;
	struct dram_row *row, opened;
	uint64_t arrival = after_refresh(d, p.rank, at);
	uint64_t lead = 0, begin, end, idle;

	bank.at = arrival;
	row = row_at(d, b, p.rank, arrival);
	if (!row) {
		d->stats.closed++;
		lead = t->rcd;
	} else if (row->row == p.row) {
		d->stats.hits++;
		bank.at = most(arrival, row->open);
	} else {
		d->stats.conflicts++;
		lead = t->rp + t->rcd;
		bank.at = most(arrival, most(row->open, row->ready));
	}
	idle = lead + t->cl + t->burst;
	bank.need = lead + t->burst;
	begin = occ_take(&b->busy, &bank) - bank.need;
	begin = after_refresh(d, p.rank, begin);
	bus.at = begin + lead + t->cl;
	bus.need = t->burst;
	end = occ_take(&d->buses[p.channel], &bus);
	opened = (struct dram_row){
	        .row = p.row,
	        .at = arrival,
	        .open = begin + lead,
	        .ready = most(begin + lead - t->rcd + t->ras,
	                      write ? end + t->wr : 0),
	};
	if (!row || row->row != p.row)
		open_row(b, &opened);
	else if (write)
		row->ready = most(row->ready, end + t->wr);
	d->stats.waited += end - at - idle;
	return end;
}

static bool is_ram(const struct dmasim_dram *d, const struct dmasim_txn *txn)
{
	struct dmasim_region_info info;

	return dmasim_map_find(d->map, txn->addr, &info) == DMASIM_OK &&
	       info.ram && txn->size <= info.size - (txn->addr - info.base);
}

static void charge(struct dmasim_dram *d, struct dmasim_txn *txn)
{
	uint64_t now = dmasim_now(d->kernel), at, end;
	bool write = txn->op != DMASIM_READ;

	at = now + dmasim_txn_ahead(txn);
	/* At the end of time nothing is busy any more. */
	if (at < now || at > OCC_TIME_MAX) {
		txn->latency += d->t.rcd + d->t.cl + d->t.burst + d->t.fixed;
		return;
	}
	end = at;
	for (uint32_t pos = 0, n; pos < txn->size; pos += n) {
		uint64_t addr = txn->addr + pos, done;

		n = d->t.burst_bytes -
		    ((uint32_t)addr & (d->t.burst_bytes - 1));
		if (n > txn->size - pos)
			n = txn->size - pos;
		done = burst(d, addr, at, write);
		if (done > end)
			end = done;
	}
	if (write)
		d->stats.writes++;
	else
		d->stats.reads++;
	d->stats.latency += end - at + d->t.fixed;
	txn->latency += end - at + d->t.fixed;
}

static enum dmasim_result dram_access(void *obj, struct dmasim_txn *txn)
{
	struct dmasim_dram *d = obj;

	if (txn->size && txn->data && !(txn->flags & DMASIM_TXN_DEBUG) &&
	    is_ram(d, txn))
		charge(d, txn);
	return dmasim_access(&d->down, txn);
}

struct dmasim_port dmasim_dram_port(struct dmasim_dram *d)
{
	return (struct dmasim_port){dram_access, d};
}

void dmasim_dram_stats(const struct dmasim_dram *d, struct dmasim_dram_stats *s)
{
	*s = d->stats;
}
