/* SPDX-License-Identifier: MIT */
/* The DMA test endpoint: the accesses themselves. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testdev_internal.h"

static uint32_t reg(struct dmasim_testdev *t, enum testdev_register r)
{
	return *testdev_reg(t, r);
}

static uint64_t reg64(struct dmasim_testdev *t, enum testdev_register low)
{
	return t->regs[low / 4] | (uint64_t)t->regs[low / 4 + 1] << 32;
}

static void pattern_fill(uint8_t *p, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++)
		p[i] = (uint8_t)(TESTDEV_PATTERN >> (8 * (i % 4)));
}

static bool attr_bad(const struct dmasim_attr *a)
{
	return a->type > DMASIM_DEVICE_NGNRNE || a->inner > DMASIM_WB ||
	       a->outer > DMASIM_WB || a->share > DMASIM_OSH;
}

/** Device memory has neither cacheability nor shareability of its own. */
static void attr_normalise(struct dmasim_attr *a)
{
	if (a->type == DMASIM_NORMAL)
		return;
	a->inner = DMASIM_NC;
	a->outer = DMASIM_NC;
	a->share = DMASIM_OSH;
	a->alloc = 0;
}

static struct dmasim_attr attr_decode(uint32_t v)
{
	struct dmasim_attr a = {
	        .type = v & 0xf,
	        .inner = (v >> 4) & 3,
	        .outer = (v >> 6) & 3,
	        .share = (v >> 8) & 3,
	};

	return a;
}

static uint32_t flags_decode(uint32_t flags, uint32_t attrs)
{
	uint32_t out = 0;

	if (flags & TESTDEV_FLAG_PRIV)
		out |= DMASIM_TXN_PRIVILEGED;
	if (flags & TESTDEV_FLAG_INSTR)
		out |= DMASIM_TXN_INSTRUCTION;
	if (flags & TESTDEV_FLAG_NO_SNOOP)
		out |= DMASIM_TXN_NO_SNOOP;
	if (flags & TESTDEV_FLAG_SSV)
		out |= DMASIM_TXN_SSV;
	if (attrs & TESTDEV_ATTRS_SECURE)
		out |= DMASIM_TXN_SECURE;
	return out;
}

static bool size_atomic(uint32_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

/** Fill t->txn from the registers; 0 or the code for RESULT. */
static uint32_t access_prepare(struct dmasim_testdev *t)
{
	uint32_t op = reg(t, TESTDEV_OP);
	uint32_t flags = reg(t, TESTDEV_FLAGS);
	struct dmasim_txn *x = &t->txn;

	if (op > TESTDEV_OP_ATOMIC + (DMASIM_ATOMIC_CAS - DMASIM_ATOMIC_SWAP))
		return TESTDEV_BAD_OP;
	*x = (struct dmasim_txn){
	        .op = op >= TESTDEV_OP_ATOMIC
	                      ? (enum dmasim_op)(op - TESTDEV_OP_ATOMIC +
	                                         DMASIM_ATOMIC_SWAP)
	              : op == TESTDEV_OP_READ ? DMASIM_READ
	                                      : DMASIM_WRITE,
	        .cause = DMASIM_CAUSE_DMA,
	        .flags = flags_decode(flags, reg(t, TESTDEV_ATTRS)),
	        .initiator = t->cfg.agent,
	        .addr = reg64(t, TESTDEV_IOVA_LOW),
	        .size = reg(t, TESTDEV_LENGTH),
	        .stream_id = flags & TESTDEV_FLAG_STREAM
	                             ? reg(t, TESTDEV_STREAM_ID)
	                             : t->cfg.bdf,
	        .substream_id = reg(t, TESTDEV_SUBSTREAM_ID),
	        .attr = flags & TESTDEV_FLAG_ATTR
	                        ? attr_decode(reg(t, TESTDEV_ATTRIBUTE))
	                        : dmasim_attr_wb,
	        .data = t->buffer,
	        .origin = {.what = "test access"},
	        .done = {.actor = t->actor, .op = TESTDEV_ACCESS},
	};
	if (attr_bad(&x->attr))
		return TESTDEV_BAD_OP;
	attr_normalise(&x->attr);
	if (x->size < 1 || x->size > TESTDEV_MAX ||
	    (dmasim_op_is_atomic(x->op) && !size_atomic(x->size)))
		return TESTDEV_BAD_LENGTH;
	t->pattern = op == TESTDEV_OP_PATTERN;
	if (t->pattern)
		pattern_fill(t->buffer, x->size);
	else if (op != TESTDEV_OP_READ)
		for (uint32_t i = 0; i < TESTDEV_MAX; i += TESTDEV_WINDOW)
			memcpy(&t->buffer[i], t->data, TESTDEV_WINDOW);
	return 0;
}

static void finish(struct dmasim_testdev *t, uint32_t result)
{
	t->busy = false;
	*testdev_reg(t, TESTDEV_RESULT) = result;
}

static void access_ended(struct dmasim_testdev *t)
{
	const struct dmasim_txn *x = &t->txn;

	*testdev_reg(t, TESTDEV_BUS_RESULT) = (uint32_t)x->result;
	*testdev_reg(t, TESTDEV_LATENCY_LOW) = (uint32_t)x->latency;
	*testdev_reg(t, TESTDEV_LATENCY_HIGH) = (uint32_t)(x->latency >> 32);
	if (x->result != DMASIM_TXN_OK) {
		finish(t, x->op == DMASIM_READ ? TESTDEV_READ_REFUSED
		                               : TESTDEV_WRITE_REFUSED);
	} else if (t->pattern) {
		return; /* the read-back follows */
	} else {
		uint32_t n =
		        x->size < TESTDEV_WINDOW ? x->size : TESTDEV_WINDOW;

		if (x->op != DMASIM_WRITE)
			memcpy(t->data, t->buffer, n);
		finish(t, TESTDEV_DONE);
	}
}

static void readback_ended(struct dmasim_testdev *t)
{
	const struct dmasim_txn *x = &t->txn;

	if (x->result != DMASIM_TXN_OK) {
		finish(t, TESTDEV_BACK_REFUSED);
		return;
	}
	for (uint32_t i = 0; i < x->size; i++) {
		if (t->buffer[i] !=
		    (uint8_t)(TESTDEV_PATTERN >> (8 * (i % 4)))) {
			finish(t, TESTDEV_DIFFERS);
			return;
		}
	}
	finish(t, TESTDEV_DONE);
}

static enum dmasim_result readback_start(struct dmasim_testdev *t)
{
	struct dmasim_txn *x = &t->txn;

	*x = (struct dmasim_txn){
	        .op = DMASIM_READ,
	        .cause = DMASIM_CAUSE_DMA,
	        .flags = x->flags & DMASIM_TXN_SECURE,
	        .initiator = t->cfg.agent,
	        .addr = reg64(t, TESTDEV_PHYS_LOW),
	        .size = x->size,
	        .attr = dmasim_attr_wb,
	        .data = t->buffer,
	        .origin = {.what = "read the pattern back"},
	        .done = {.actor = t->actor, .op = TESTDEV_READBACK},
	};
	memset(t->buffer, 0, x->size);
	return dmasim_access(&t->cfg.physical, x);
}

/** The access of @phase completed: go on from there. */
static void testdev_step(void *obj, uint32_t phase, uint64_t arg)
{
	struct dmasim_testdev *t = obj;

	(void)arg;
	if (phase == TESTDEV_ACCESS)
		testdev_access_done(t);
	else if (phase == TESTDEV_READBACK)
		readback_ended(t);
	else
		testdev_atc_step(t, (enum testdev_phase)phase);
}

void testdev_access_done(struct dmasim_testdev *t)
{
	access_ended(t);
	if (t->busy && readback_start(t) != DMASIM_TXN_PENDING)
		readback_ended(t);
}

uint64_t testdev_trigger(struct dmasim_testdev *t)
{
	uint32_t code;

	if (t->busy)
		return 0;
	if (!reg(t, TESTDEV_DOORBELL)) {
		finish(t, TESTDEV_NOT_ARMED);
		return 0;
	}
	*testdev_reg(t, TESTDEV_DOORBELL) = 0;
	code = dmasim_pci_bus_master(t->function) ? access_prepare(t)
	                                          : TESTDEV_NO_MASTER;
	if (code) {
		finish(t, code);
		return 0;
	}
	t->busy = true;
	if (reg(t, TESTDEV_FLAGS) & TESTDEV_FLAG_ATS) {
		testdev_atc_start(t);
		return 0;
	}
	if (dmasim_access(&t->cfg.dma, &t->txn) != DMASIM_TXN_PENDING) {
		uint64_t latency = t->txn.latency;

		testdev_step(t, TESTDEV_ACCESS, 0);
		return latency;
	}
	return 0;
}

static int testdev_add_function(struct dmasim_testdev *t)
{
	struct dmasim_pci_function_config f = {
	        .bdf = t->cfg.bdf,
	        .vendor = TESTDEV_VENDOR,
	        .device = TESTDEV_DEVICE,
	        .class_code = TESTDEV_CLASS,
	        .bars[0] = {DMASIM_BAR_MEM32, TESTDEV_BAR_SIZE},
	        .bar_access = testdev_bar_access,
	        .obj = t,
	};

	return dmasim_pci_add(t->cfg.host, &f, &t->function);
}

int dmasim_testdev_create(const struct dmasim_testdev_config *cfg,
                          struct dmasim_testdev **out)
{
	struct dmasim_testdev *t;
	char name[48];
	int rc;

	if (!cfg || !out || !cfg->kernel || !cfg->host || !cfg->dma.access ||
	    !cfg->physical.access)
		return DMASIM_E_INVAL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return DMASIM_E_NOMEM;
	t->cfg = *cfg;
	testdev_reset(t);
	snprintf(name, sizeof(name), "%.24s testdev %04x",
	         dmasim_pci_host_name(cfg->host), cfg->bdf);
	rc = dmasim_actor_register(cfg->kernel, name, testdev_step, t,
	                           &t->actor);
	if (!rc)
		rc = testdev_add_function(t);
	if (rc) {
		dmasim_actor_unregister(cfg->kernel, t->actor);
		free(t);
		return rc;
	}
	*out = t;
	return DMASIM_OK;
}

void dmasim_testdev_destroy(struct dmasim_testdev *t)
{
	if (!t)
		return;
	dmasim_pci_remove(t->function);
	dmasim_actor_unregister(t->cfg.kernel, t->actor);
	free(t);
}

struct dmasim_pci_function *dmasim_testdev_function(struct dmasim_testdev *t)
{
	return t->function;
}

int dmasim_testdev_dma(struct dmasim_testdev *t,
                       const struct dmasim_testdev_access *a,
                       enum dmasim_result *result, uint64_t *latency)
{
	static const struct dmasim_attr unset;
	struct dmasim_txn x = {.cause = DMASIM_CAUSE_DMA};
	int rc;

	if (!t || !a || !result || !a->data || a->size < 1 ||
	    a->size > TESTDEV_MAX ||
	    (a->op > DMASIM_WRITE &&
	     (!dmasim_op_is_atomic(a->op) || !size_atomic(a->size))))
		return DMASIM_E_INVAL;
	x.op = a->op;
	x.flags = a->flags;
	x.initiator = t->cfg.agent;
	x.addr = a->addr;
	x.size = a->size;
	x.stream_id = a->stream_id == UINT32_MAX ? t->cfg.bdf : a->stream_id;
	x.substream_id = a->substream_id;
	x.attr = memcmp(&a->attr, &unset, sizeof(unset)) ? a->attr
	                                                 : dmasim_attr_wb;
	x.data = a->data;
	x.origin.what = a->what ? a->what : "test access";
	if (attr_bad(&x.attr))
		return DMASIM_E_INVAL;
	attr_normalise(&x.attr);
	rc = dmasim_access_wait(t->cfg.kernel, &t->cfg.dma, &x);
	if (rc)
		return rc;
	*result = x.result;
	if (latency)
		*latency = x.latency;
	return DMASIM_OK;
}
