/* SPDX-License-Identifier: MIT */
/* Life and wiring of an SMMU. */
#include <stdlib.h>
#include <string.h>

#include "smmuv3_internal.h"

#define DEFAULT_TLB_ENTRIES    2048u
#define DEFAULT_CONFIG_ENTRIES 64u
#define DEFAULT_WALK_ENTRIES   512u
#define MAX_TLB_ENTRIES        (1u << 22)
#define MAX_CONFIG_ENTRIES     (1u << 17)

/* A completed access of ours. The numbers come from the kernel's heap, which
 * may have been restored from anything. */
static void completed(void *obj, uint32_t op, uint64_t arg)
{
	struct dmasim_smmu *s = obj;
	struct smmu_ctx *c = arg < s->ctxs ? s->ctx[arg] : NULL;
	struct smmu_bank *b = &s->bank[arg < SMMU_BANKS ? arg : SMMU_NS];
	struct smmu_cmdq *q = smmu_cmdq_find(s, arg);

	switch (op) {
	case SMMU_CALL_FETCH:
		if (c && c->state == SMMU_CTX_FETCH)
			smmu_ctx_fetched(c);
		break;
	case SMMU_CALL_CLIENT:
		if (c && c->state == SMMU_CTX_CLIENT)
			smmu_ctx_forwarded(c);
		break;
	case SMMU_CALL_RETRY:
		if (c && c->state == SMMU_CTX_RETRY)
			smmu_stall_act(c);
		break;
	case SMMU_CALL_CMDQ:
		if (q && q->waiting)
			smmu_cmdq_fetched(q);
		break;
	case SMMU_CALL_CMDQ_MORE:
		b->paused = false;
		smmu_cmdq_run(b);
		break;
	case SMMU_CALL_EVTQ:
		if (b->evtq.waiting) {
			b->evtq.waiting = false;
			smmu_evtq_written(b);
			smmu_regs_ack(b);
			smmu_evtq_run(b);
		}
		break;
	case SMMU_CALL_PRIQ:
		if (s->priq.waiting) {
			smmu_priq_written(s);
			smmu_regs_ack(&s->bank[SMMU_NS]);
			smmu_priq_run(s);
		}
		break;
	case SMMU_CALL_ATC_DONE:
	case SMMU_CALL_ATC_FAILED:
		smmu_atc_ended(s, arg, op == SMMU_CALL_ATC_DONE);
		break;
	case SMMU_CALL_MSI:
		if (b->msis.waiting) {
			smmu_msi_written(b);
			smmu_cmdq_run(b);
		}
		break;
	case SMMU_CALL_PMCG:
		if (arg < s->pmcgs)
			smmu_pmcg_due(&s->pmcg[arg]);
		break;
	case SMMU_CALL_PMCG_MSI:
		if (arg < s->pmcgs && s->pmcg[arg].sending)
			smmu_pmcg_sent(&s->pmcg[arg]);
		break;
	default:
		break;
	}
}

void smmu_drop_caches(struct dmasim_smmu *s)
{
	smmu_cache_clear(&s->ste_cache);
	smmu_cache_clear(&s->cd_cache);
	smmu_cache_clear(&s->l1std_cache);
	smmu_tlb_clear(&s->tlb);
	smmu_tlb_clear(&s->walks);
	smmu_time_reset(s);
	s->epoch++;
	s->gen++;
}

void smmu_reset(struct dmasim_smmu *s)
{
	for (unsigned i = 0; i < SMMU_BANKS; i++)
		smmu_regs_reset(&s->bank[i]);
	for (unsigned i = 0; i < SMMU_BANKS; i++)
		smmu_ecmdq_reset(&s->bank[i]);
	s->failed = false;
	for (unsigned i = 0; i < s->pmcgs; i++)
		smmu_pmcg_reset(&s->pmcg[i]);
	smmu_drop_caches(s);
	smmu_watch_reset(s);
	memset(&s->stats, 0, sizeof(s->stats));
}

/* 12.3: clients are terminated, queues are left alone, and both interfaces
 * are told. */
void dmasim_smmu_enter_sfm(struct dmasim_smmu *s)
{
	s->failed = true;
	s->gen++;
	for (unsigned i = 0; i < SMMU_BANKS; i++) {
		struct smmu_bank *b = &s->bank[i];

		smmu_stalls_disable(b);
		if (i == SMMU_NS || s->caps.secure)
			smmu_gerror(b, GERROR_SFM_ERR);
	}
}

static int init(struct dmasim_smmu *s)
{
	const struct dmasim_smmu_config *cfg = &s->cfg;
	size_t size = strlen(cfg->name) + 1;
	uint32_t n = cfg->config_entries;
	int status;

	s->name = malloc(size);
	if (!s->name)
		return DMASIM_E_NOMEM;
	memcpy(s->name, cfg->name, size);
	status = smmu_caps_init(&s->caps, s->profile, cfg);
	if (status == DMASIM_OK)
		status = smmu_cache_init(&s->ste_cache, n);
	if (status == DMASIM_OK)
		status = smmu_cache_init(&s->cd_cache, n);
	if (status == DMASIM_OK)
		status = smmu_cache_init(&s->l1std_cache, n);
	if (status == DMASIM_OK)
		status = smmu_tlb_init(&s->tlb, cfg->tlb_entries);
	if (status == DMASIM_OK)
		status = smmu_tlb_init(&s->walks, cfg->walk_entries);
	if (status == DMASIM_OK)
		status = smmu_time_init(s);
	if (status == DMASIM_OK)
		status =
		        smmu_shortcuts_init(&s->shortcuts, n, cfg->tlb_entries);
	if (status == DMASIM_OK)
		status = smmu_pmcg_init(s);
	if (status == DMASIM_OK)
		status = smmu_stalls_init(s);
	for (unsigned i = 0; status == DMASIM_OK && i < SMMU_BANKS; i++)
		status = smmu_ecmdq_init(&s->bank[i]);
	if (status != DMASIM_OK)
		return status;
	n = smmu_cache_slots(&s->ste_cache);
	if (n == 0)
		n = 1;
	s->ste = calloc(n, sizeof(*s->ste));
	s->cd = calloc(n, sizeof(*s->cd));
	s->l1std = calloc(n, sizeof(*s->l1std));
	if (!s->ste || !s->cd || !s->l1std || !smmu_watch_init(s))
		return DMASIM_E_NOMEM;
	for (unsigned i = 0; i < SMMU_BANKS; i++)
		smmu_regs_init(&s->bank[i]);
	if (smmu_quirk(s, SMMU_QUIRK_INPUT_48))
		s->no_input = ~SMMU_BITS(47, 0);
	smmu_reset(s);
	return dmasim_actor_register(cfg->kernel, s->name, completed, s,
	                             &s->actor);
}

/* What is asked for, or the profile's, or the usual. */
static void set_size(uint32_t *entries, uint32_t of_profile, uint32_t usual)
{
	if (*entries == 0)
		*entries = of_profile != 0 ? of_profile : usual;
}

int dmasim_smmu_create(const struct dmasim_smmu_config *cfg,
                       struct dmasim_smmu **out)
{
	struct dmasim_smmu *s;
	int status;

	if (!cfg || !out || !cfg->kernel || !cfg->name || !cfg->mem.access ||
	    !smmu_profile_get(cfg->profile) ||
	    cfg->tlb_entries > MAX_TLB_ENTRIES ||
	    cfg->walk_entries > MAX_TLB_ENTRIES ||
	    cfg->config_entries > MAX_CONFIG_ENTRIES)
		return DMASIM_E_INVAL;
	s = calloc(1, sizeof(*s));
	if (!s)
		return DMASIM_E_NOMEM;
	s->cfg = *cfg;
	for (unsigned i = 0; i < SMMU_BANKS; i++) {
		s->bank[i].smmu = s;
		s->bank[i].id = (uint8_t)i;
		s->bank[i].cmdq.bank = &s->bank[i];
	}
	s->profile = smmu_profile_get(cfg->profile);
	set_size(&s->cfg.tlb_entries, s->profile->tlb_entries,
	         DEFAULT_TLB_ENTRIES);
	set_size(&s->cfg.config_entries, s->profile->config_entries,
	         DEFAULT_CONFIG_ENTRIES);
	set_size(&s->cfg.walk_entries, s->profile->walk_entries,
	         DEFAULT_WALK_ENTRIES);
	if (smmu_quirk(s, SMMU_QUIRK_NO_WALK_CACHE))
		s->cfg.walk_entries = 0;
	if (s->cfg.no_caches)
		s->cfg.config_entries = 0;
	if (s->cfg.no_caches || s->cfg.no_tlb) {
		s->cfg.tlb_entries = 0;
		s->cfg.walk_entries = 0;
	}
	status = init(s);
	if (status != DMASIM_OK) {
		dmasim_smmu_destroy(s);
		return status;
	}
	*out = s;
	return DMASIM_OK;
}

void dmasim_smmu_destroy(struct dmasim_smmu *s)
{
	if (!s)
		return;
	dmasim_actor_unregister(s->cfg.kernel, s->actor);
	while (s->ports) {
		struct smmu_port *p = s->ports;

		s->ports = p->next;
		free(p->utlb);
		free(p);
	}
	smmu_ats_free(s);
	smmu_stalls_free(s);
	for (unsigned i = 0; i < SMMU_BANKS; i++)
		free(s->bank[i].ecmdq);
	smmu_ctx_free_all(s);
	smmu_tlb_free(&s->tlb);
	smmu_pmcg_free(s);
	smmu_tlb_free(&s->walks);
	free(s->walker_free);
	smmu_shortcuts_free(&s->shortcuts);
	smmu_watch_free(s);
	smmu_cache_free(&s->ste_cache);
	smmu_cache_free(&s->cd_cache);
	smmu_cache_free(&s->l1std_cache);
	free(s->ste);
	free(s->cd);
	free(s->l1std);
	free(s->name);
	free(s);
}

int dmasim_smmu_regs_size(const struct dmasim_smmu_config *cfg, uint64_t *size)
{
	const struct smmu_profile *p =
	        cfg ? smmu_profile_get(cfg->profile) : NULL;
	struct smmu_caps caps;
	int status;

	if (!p || !size)
		return DMASIM_E_INVAL;
	status = smmu_caps_init(&caps, p, cfg);
	if (status == DMASIM_OK)
		*size = (uint64_t)caps.pages * SMMU_PAGE_SIZE;
	return status;
}

struct dmasim_port dmasim_smmu_regs(struct dmasim_smmu *s)
{
	return (struct dmasim_port){smmu_regs_access, s};
}

int dmasim_smmu_attach(struct dmasim_smmu *s,
                       const struct dmasim_port *downstream,
                       struct dmasim_port *port)
{
	struct smmu_port *p;

	if (!s || !port || !downstream || !downstream->access)
		return DMASIM_E_INVAL;
	p = calloc(1, sizeof(*p));
	if (!p)
		return DMASIM_E_NOMEM;
	p->smmu = s;
	if (smmu_time_init_port(p) != DMASIM_OK) {
		free(p);
		return DMASIM_E_NOMEM;
	}
	p->down = *downstream;
	p->next = s->ports;
	s->ports = p;
	*port = (struct dmasim_port){smmu_client_access, p};
	return DMASIM_OK;
}

void dmasim_smmu_get_stats(const struct dmasim_smmu *s,
                           struct dmasim_smmu_stats *st)
{
	*st = s->stats;
}

const char *dmasim_smmu_name(const struct dmasim_smmu *s)
{
	return s->name;
}
