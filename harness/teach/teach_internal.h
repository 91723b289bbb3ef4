/* SPDX-License-Identifier: MIT */
/* The machine of a lesson, while its story is told once. */
#ifndef DMASIM_TEACH_INTERNAL_H
#define DMASIM_TEACH_INTERNAL_H

#include "dmasim/lesson.h"
#include "dmasim/cpu.h"
#include "dmasim/smmu_tables.h"

#define STAGE_RAM      0x80000000ull
#define STAGE_RAM_SIZE 0x1000000ull
/** What the tables of an SMMU are made from; areas lie below. */
#define STAGE_TABLES (STAGE_RAM + 0x800000)
#define STAGE_CPUS   2u
#define STAGE_PAGE   4096u

struct dmasim_area {
	struct dmasim_stage *stage;
	char name[64];
	uint64_t pa;
	uint32_t size;
	/** Of the device that it was given to; 0: none. */
	uint64_t dma;
	struct dmasim_area *next;
};

/** How one agent reaches one page. */
struct teach_alias {
	uint64_t pa, va;
	struct dmasim_attr attr;
	struct teach_alias *next;
};

struct teach_smmu;

struct dmasim_agent {
	struct dmasim_stage *stage;
	char name[48];
	struct dmasim_cpu *cpu; /**< NULL: a device */
	uint32_t index;         /**< of a CPU */
	uint32_t number;        /**< in findings */
	struct dmasim_port port;
	bool coherent; /**< a device that needs no maintenance */
	struct teach_alias *aliases;
	struct teach_smmu *smmu;
	struct dmasim_agent *next;
};

/** An SMMU in front of a device. */
struct teach_smmu {
	struct dmasim_smmu *smmu;
	struct dmasim_tables tables;
	struct dmasim_tables_space space;
	struct dmasim_tables_ste ste;
	uint64_t regs, ste_pa, cmdq, cmdq_va, next_iova;
	uint32_t prod;
	/** Of the last record. */
	uint8_t event;
	bool evented;
	struct dmasim_agent *cpu;
};

struct dmasim_stage {
	struct dmasim_view_config view_config;
	struct dmasim_kernel *kernel;
	struct dmasim_map *map;
	struct dmasim_checker *checker;
	struct dmasim_choice *choice;
	/** Answers what the story leaves open; NULL: the defaults. */
	struct dmasim_choice *rest;
	struct dmasim_memsys *memsys;
	struct dmasim_line_view *view;
	struct dmasim_agent *agents;
	struct dmasim_area *areas;
	struct teach_smmu smmu;
	/** What always has one answer. */
	bool chosen[DMASIM_CHOICE_POINTS];
	uint32_t answer[DMASIM_CHOICE_POINTS];
	uint64_t next_area, next_alias;
	/** The first error; nothing happens after it. */
	int status;
	struct dmasim_diag diag;
};

/** OK, or what could not be made. */
int stage_create(const struct dmasim_lesson_options *o,
                 struct dmasim_stage **out);
void stage_destroy(struct dmasim_stage *s);
/** Keeps the first error. @origin may be NULL. */
void stage_fail(struct dmasim_stage *s, int status,
                const struct dmasim_origin *origin, const char *what);
static inline bool stage_ok(const struct dmasim_stage *s)
{
	return s->status == DMASIM_OK;
}
/** The address at which @agent reaches @pa, and the attributes. */
uint64_t stage_va(const struct dmasim_agent *agent, uint64_t pa,
                  struct dmasim_attr *attr);
int stage_add_alias(struct dmasim_agent *agent, uint64_t pa,
                    const struct dmasim_attr *attr, uint64_t *va);

/** An agent that can act now. */
bool teach_can(const struct dmasim_agent *agent);
/** An act is one step of the view; @what may be "" until it is known. */
void teach_begin(struct dmasim_agent *agent, const char *what,
                 const struct dmasim_origin *origin);
/** Time passes, so that steps have times of their own. */
void teach_end(struct dmasim_agent *agent, int status,
               const struct dmasim_origin *origin, const char *what);
/** The StreamID of a device; its own number where no SMMU needs one. */
static inline uint32_t teach_stream(const struct dmasim_agent *device)
{
	return device->smmu ? DMASIM_LESSON_STREAM : device->number;
}

void smmu_end(struct teach_smmu *s);

#endif
