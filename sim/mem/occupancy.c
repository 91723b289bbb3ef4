/* SPDX-License-Identifier: MIT */
/* Slots of time, and who takes how much of them. */
#include "occupancy_internal.h"

#include <stdlib.h>
#include <string.h>

int occ_begin(struct occupancy *o, uint64_t width, uint32_t slots,
              uint32_t ports)
{
	o->width = width;
	o->slots = slots;
	o->ports = ports;
	o->slot = calloc(slots, sizeof(*o->slot));
	if (ports > 1)
		o->share = calloc((size_t)slots * ports, sizeof(*o->share));
	return o->slot && (ports == 1 || o->share) ? DMASIM_OK : DMASIM_E_NOMEM;
}

void occ_end(struct occupancy *o)
{
	free(o->slot);
	free(o->share);
	*o = (struct occupancy){0};
}

static uint64_t *shares(const struct occupancy *o, uint64_t number)
{
	return o->share + (number & (o->slots - 1)) * o->ports;
}

static struct occ_slot *slot_of(struct occupancy *o, uint64_t number)
{
	struct occ_slot *s = &o->slot[number & (o->slots - 1)];

	if (s->number == number)
		return s;
	s->number = number;
	s->used = 0;
	if (o->share)
		memset(shares(o, number), 0, o->ports * sizeof(*o->share));
	return s;
}

static inline uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t append(struct occupancy *o, uint64_t from, uint64_t need)
{
	if (o->tail < from)
		o->tail = from;
	o->tail += need;
	return o->tail;
}

/* Take @need from what is free in the slots from @number on. */
static void fill(struct occupancy *o, uint64_t number, uint64_t end,
                 uint32_t port, uint64_t need)
{
	for (; need && number < end; number++) {
		struct occ_slot *s = slot_of(o, number);
		uint64_t give = least(need, o->width - s->used);

		s->used += give;
		shares(o, number)[port] += give;
		need -= give;
	}
	if (need)
		append(o, end * o->width, need);
}

/* What @port may have of a slot at least: as much as any other port that
 * wants it. */
static uint64_t part_of(const struct occupancy *o, const uint64_t *share,
                        const struct occ_request *r)
{
	uint64_t active = 1;

	for (uint32_t i = 0; i < o->ports; i++)
		active += i != r->port && share[i];
	return r->first ? o->width : o->width / active;
}

/* Take @want from those who have more than @part of the slot @number, from
 * whoever has most first; they get it back later. They have as much: with the
 * slot full, all of it but @r's part is no more than theirs. */
static void displace(struct occupancy *o, uint64_t number, uint64_t end,
                     const struct occ_request *r, uint64_t part, uint64_t want)
{
	uint64_t *share = shares(o, number), got = 0;
	uint64_t keep = r->first ? 0 : part;

	while (got < want) {
		uint32_t most = r->port == 0;
		uint64_t n;

		for (uint32_t i = 0; i < o->ports; i++)
			if (i != r->port && share[i] > share[most])
				most = i;
		n = least(want - got, share[most] - keep);
		share[most] -= n;
		got += n;
		fill(o, number + 1, end, most, n);
	}
}

/* What @r gets of the slot @number when it comes at @pos; until when, in
 * @until. */
static uint64_t take_slot(struct occupancy *o, const struct occ_request *r,
                          uint64_t number, uint64_t end, uint64_t need,
                          uint64_t *until)
{
	struct occ_slot *s = slot_of(o, number);
	uint64_t base = number * o->width, used = s->used;
	uint64_t pos = r->at > base ? r->at : base;
	uint64_t left = base + o->width - pos;
	uint64_t give = least(least(need, o->width - used), left);
	uint64_t begin;

	if (o->share && give < least(need, left) && (r->fair || r->first)) {
		uint64_t *mine = &shares(o, number)[r->port];
		uint64_t part = part_of(o, shares(o, number), r);
		uint64_t more = least(need, left) - give;

		more = *mine + give < part ? least(more, part - *mine - give)
		                           : 0;
		displace(o, number, end, r, part, more);
		used -= more;
		s->used -= more;
		give += more;
	}
	s->used += give;
	if (o->share)
		shares(o, number)[r->port] += give;
	/* Where in the slot the others are is not kept: at its start. */
	begin = base + least(used, o->width - give);
	*until = (begin > pos && !r->first ? begin : pos) + give;
	return give;
}

uint64_t occ_take(struct occupancy *o, const struct occ_request *r)
{
	uint64_t end = r->now / o->width + o->slots;
	uint64_t number = r->at / o->width;
	uint64_t need = r->need, until = r->at;

	if (number >= end)
		return (o->tail > r->at ? o->tail : r->at) + need;
	while (need) {
		if (number >= end)
			return append(o, end * o->width, need);
		need -= take_slot(o, r, number, end, need, &until);
		number++;
	}
	return until;
}

void occ_save(const struct occupancy *o, uint64_t now, struct dmasim_writer *w)
{
	uint64_t first = now / o->width;
	uint32_t count = 0;

	for (uint32_t i = 0; i < o->slots; i++)
		count += o->slot[i].used && o->slot[i].number >= first;
	dmasim_put_u64(w, o->tail > now ? o->tail : 0);
	dmasim_put_u32(w, count);
	for (uint64_t n = first; n < first + o->slots; n++) {
		const struct occ_slot *s = &o->slot[n & (o->slots - 1)];

		if (s->number != n || !s->used)
			continue;
		dmasim_put_u64(w, n);
		dmasim_put_u64(w, s->used);
		for (uint32_t p = 0; o->share && p < o->ports; p++)
			dmasim_put_u64(w, shares(o, n)[p]);
	}
}

static bool get_shares(struct occupancy *o, uint64_t number, uint64_t used,
                       struct dmasim_reader *r)
{
	uint64_t sum = 0;

	for (uint32_t p = 0; p < o->ports; p++) {
		uint64_t share = dmasim_get_u64(r);

		if (share > used - sum)
			return false;
		sum += share;
		shares(o, number)[p] = share;
	}
	return sum == used;
}

void occ_restore(struct occupancy *o, struct dmasim_reader *r)
{
	uint32_t count;
	uint64_t first = 0, next = 0;

	o->tail = dmasim_get_u64(r);
	if (o->tail > OCC_TIME_MAX)
		dmasim_reader_fail(r, "a queue beyond the end of time");
	count = dmasim_get_count(r, o->slots, 16);
	for (uint32_t i = 0; i < count; i++) {
		uint64_t number = dmasim_get_u64(r);
		uint64_t used = dmasim_get_u64(r);
		struct occ_slot *s;

		if (dmasim_reader_status(r))
			return;
		if (i == 0)
			first = number;
		if (number < next || number - first >= o->slots ||
		    number > OCC_TIME_MAX / o->width || !used ||
		    used > o->width) {
			dmasim_reader_fail(r, "slot 0x%llx cannot be",
			                   (unsigned long long)number);
			return;
		}
		next = number + 1;
		s = slot_of(o, number);
		s->used = used;
		if (o->share && !get_shares(o, number, used, r)) {
			dmasim_reader_fail(r, "shares of a slot that are not "
			                      "the whole of it");
			return;
		}
	}
}
