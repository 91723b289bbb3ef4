/* SPDX-License-Identifier: MIT */
/* What a log holds once it is read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log_internal.h"

/** @array with room for one more element; NULL: no memory, and @array is still
 * there. */
static void *grow(void *array, size_t count, size_t *room, size_t size)
{
	size_t wanted = *room ? *room * 2 : 16;
	void *p;

	if (count < *room)
		return array;
	p = realloc(array, wanted * size);
	if (p)
		*room = wanted;
	return p;
}

int log_add_record(struct dmasim_log *log, const struct dmasim_log_record *r)
{
	struct dmasim_log_record *p =
	        grow(log->records, log->count, &log->room, sizeof(*p));

	if (!p)
		return DMASIM_E_NOMEM;
	log->records = p;
	p[log->count++] = *r;
	return DMASIM_OK;
}

int log_add_map(struct dmasim_log *log, const struct dmasim_log_map *m)
{
	struct dmasim_log_map *p =
	        grow(log->maps, log->map_count, &log->map_room, sizeof(*p));

	if (!p)
		return DMASIM_E_NOMEM;
	log->maps = p;
	p[log->map_count++] = *m;
	return DMASIM_OK;
}

int log_add_note(struct dmasim_log *log, unsigned line, const char *fmt, ...)
{
	char text[400];
	char **notes;
	char *note;
	size_t size;
	va_list ap;

	if (log->note_count == LOG_MAX_NOTES)
		return DMASIM_OK;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	size = strlen(text) + 32;
	notes = grow(log->notes, log->note_count, &log->note_room,
	             sizeof(*notes));
	if (!notes)
		return DMASIM_E_NOMEM;
	log->notes = notes;
	note = malloc(size);
	if (!note)
		return DMASIM_E_NOMEM;
	snprintf(note, size, "line %u: %s", line, text);
	log->notes[log->note_count++] = note;
	return DMASIM_OK;
}

int log_find_smmu(struct dmasim_log *log, struct log_name name)
{
	struct log_smmu *s, *smmus;
	size_t size = name.size;

	if (size > sizeof(s->name) - 1)
		size = sizeof(s->name) - 1;
	for (size_t i = 0; i < log->smmu_count; i++) {
		s = &log->smmus[i];
		if (strlen(s->name) == size &&
		    (size == 0 || memcmp(s->name, name.text, size) == 0))
			return (int)i;
	}
	if (log->smmu_count == LOG_MAX_SMMUS)
		return DMASIM_E_FULL;
	smmus = grow(log->smmus, log->smmu_count, &log->smmu_room,
	             sizeof(*smmus));
	if (!smmus)
		return DMASIM_E_NOMEM;
	log->smmus = smmus;
	s = &smmus[log->smmu_count];
	*s = (struct log_smmu){.headless = true};
	if (size)
		memcpy(s->name, name.text, size);
	return (int)log->smmu_count++;
}

void dmasim_log_destroy(struct dmasim_log *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->note_count; i++)
		free(l->notes[i]);
	free(l->notes);
	free(l->maps);
	free(l->smmus);
	free(l->records);
	free(l);
}

size_t dmasim_log_count(const struct dmasim_log *l)
{
	return l->count;
}

const struct dmasim_log_record *dmasim_log_get(const struct dmasim_log *l,
                                               size_t index)
{
	return index < l->count ? &l->records[index] : NULL;
}

const char *dmasim_log_smmu(const struct dmasim_log *l, size_t index)
{
	return index < l->smmu_count ? l->smmus[index].name : NULL;
}

size_t dmasim_log_map_count(const struct dmasim_log *l)
{
	return l->map_count;
}

const struct dmasim_log_map *dmasim_log_map_get(const struct dmasim_log *l,
                                                size_t index)
{
	return index < l->map_count ? &l->maps[index] : NULL;
}

uint64_t dmasim_log_suppressed(const struct dmasim_log *l)
{
	return l->suppressed;
}

const char *dmasim_log_note(const struct dmasim_log *l, size_t index)
{
	return index < l->note_count ? l->notes[index] : NULL;
}

const char *dmasim_log_name(const struct dmasim_log *l)
{
	return l->name;
}
