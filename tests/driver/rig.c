/* SPDX-License-Identifier: MIT */
#include "rig.h"

#include "platform/tree.h"

static void append(struct rig_text *t, const char *text)
{
	size_t n = strlen(text);

	if (t->size + n + 2 > t->cap) {
		size_t cap = 2 * (t->size + n + 2);
		char *grown = realloc(t->text, cap);

		/* Tests let memory run out: the line is lost. */
		if (!grown)
			return;
		t->text = grown;
		t->cap = cap;
	}
	memcpy(t->text + t->size, text, n);
	t->size += n;
	t->text[t->size++] = '\n';
	t->text[t->size] = '\0';
}

static void on_log(void *ctx, enum dmasim_log_level level, const char *source,
                   const char *text)
{
	struct rig *r = ctx;
	char line[600];

	(void)level;
	snprintf(line, sizeof(line), "%s: %s", source, text);
	append(&r->log, line);
}

static void on_trace(void *ctx, uint64_t time, const char *source,
                     const char *text)
{
	struct rig *r = ctx;
	char line[600];

	snprintf(line, sizeof(line), "%llu %s: %s", (unsigned long long)time,
	         source, text);
	append(&r->trace, line);
}

static struct tree rig_tree(const struct rig_options *o)
{
	char path[512];
	size_t size;
	char *text;

	snprintf(path, sizeof(path), "%s/%s", DMASIM_SOURCE_DIR,
	         o->tree ? o->tree : RIG_BOARD);
	text = tree_read(path, &size);
	for (size_t i = 0; i < RIG_EDITS && o->edits[i].from; i++)
		text = tree_replace(text, o->edits[i].from, o->edits[i].to);
	return tree_compile(text);
}

void rig_compile(struct rig_options *o)
{
	struct tree t = rig_tree(o);

	o->fdt = t.fdt;
	o->fdt_size = t.size;
}

void rig_machine(struct rig *r, const struct rig_options *o)
{
	struct dmasim_machine_config cfg = {
	        .backend = o->backend,
	        .choice = o->choice,
	        .log = on_log,
	        .log_ctx = r,
	        .trace = on_trace,
	        .trace_ctx = r,
	        .no_checker = o->no_checker,
	};
	struct dmasim_diag diag;
	struct tree t = {o->fdt, o->fdt_size};

	if (!o->fdt)
		t = rig_tree(o);
	memset(r, 0, sizeof(*r));
	append(&r->log, "log");
	append(&r->trace, "trace");
	r->disk[0] = o->disk;
	for (size_t i = o->disk ? 1 : 0; i < RIG_DISKS; i++)
		assert_int_equal(dmasim_disk_memory(o->disk_size ? o->disk_size
		                                                 : 1 << 20,
		                                    &r->disk[i]),
		                 DMASIM_OK);
	cfg.fdt = t.fdt;
	cfg.fdt_size = t.size;
	cfg.disks = r->disk;
	/* As many as the tree has nodes for. */
	for (cfg.disk_count = RIG_DISKS; cfg.disk_count; cfg.disk_count--)
		if (dmasim_machine_create(&cfg, &r->m, &diag) == DMASIM_OK)
			break;
	if (!r->m && dmasim_machine_create(&cfg, &r->m, &diag))
		fail_msg("%s", diag.text);
	if (!o->fdt)
		free(t.fdt);
	r->k = dmasim_machine_kernel(r->m);
	r->cpu = dmasim_machine_cpu(r->m, o->cpu);
}

void rig_open(struct rig *r, const struct rig_options *o)
{
	struct dmasim_smmu_drv_config smmu = o->smmu;
	struct dmasim_smmu_info info;

	rig_machine(r, o);
	assert_int_equal(dmasim_guest_create(
	                         &(struct dmasim_guest_config){
	                                 .machine = r->m,
	                                 .cpu = o->cpu,
	                                 .ring_address = o->ring_address},
	                         &r->g),
	                 DMASIM_OK);
	if (o->no_smmu || dmasim_machine_smmu(r->m, 0, &info))
		return;
	smmu.guest = r->g;
	assert_int_equal(dmasim_smmu_drv_create(&smmu, &r->smmu), DMASIM_OK);
}

void rig_close(struct rig *r)
{
	assert_int_equal(dmasim_smmu_drv_destroy(r->smmu), DMASIM_OK);
	dmasim_guest_destroy(r->g);
	dmasim_machine_destroy(r->m);
	for (size_t i = 0; i < RIG_DISKS; i++)
		dmasim_disk_destroy(r->disk[i]);
	free(r->log.text);
	free(r->trace.text);
}

void rig_pattern(uint8_t *buf, size_t size, unsigned seed)
{
	for (size_t i = 0; i < size; i++)
		buf[i] = (uint8_t)(seed * 37u + i + (i >> 8) * 11u + 1u);
}

enum dmasim_result rig_dma(struct rig *r, enum dmasim_op op, uint64_t addr,
                           uint64_t *value, uint32_t size)
{
	struct dmasim_testdev_info info;
	struct dmasim_testdev_access a = {
	        .op = op,
	        .addr = addr,
	        .size = size,
	        .stream_id = UINT32_MAX,
	        .data = (uint8_t *)value,
	        .what = "test access",
	};
	enum dmasim_result result = DMASIM_TXN_PENDING;

	assert_int_equal(dmasim_machine_testdev(r->m, 0, &info), DMASIM_OK);
	assert_int_equal(dmasim_testdev_dma(info.dev, &a, &result, NULL),
	                 DMASIM_OK);
	return result;
}

void rig_print_findings(const struct rig *r)
{
	const struct dmasim_checker *c = dmasim_machine_checker(r->m);
	char text[4096];

	for (size_t i = 0; i < dmasim_finding_count(c); i++) {
		dmasim_finding_text(dmasim_finding_get(c, i), text,
		                    sizeof(text));
		print_message("%s\n", text);
	}
}

size_t rig_findings(const struct rig *r, enum dmasim_finding_kind kind)
{
	const struct dmasim_checker *c = dmasim_machine_checker(r->m);
	size_t n = 0;

	for (size_t i = 0; i < dmasim_finding_count(c); i++)
		n += dmasim_finding_get(c, i)->kind == kind;
	return n;
}

void rig_assert_clean(const struct rig *r)
{
	size_t n = dmasim_finding_count(dmasim_machine_checker(r->m));

	if (n)
		rig_print_findings(r);
	assert_int_equal(n, 0);
}
