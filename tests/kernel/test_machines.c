/* SPDX-License-Identifier: MIT */
/* Many machines in one program, one after another and side by side. */
#include "fixture.h"

enum { MACHINES = 1000 };

/* A machine with a master that works, one that hangs, and a device. */
struct machine {
	struct dmasim_kernel *k;
	struct dmasim_event *irq;
	uint32_t device;
	unsigned number;
	unsigned interrupts;
	unsigned freed;
	char log[4096];
	size_t len;
};

static void machine_note(struct machine *m, const char *what)
{
	int n = snprintf(m->log + m->len, sizeof(m->log) - m->len, "%llu:%s\n",
	                 (unsigned long long)dmasim_now(m->k), what);

	if (n > 0 && (size_t)n < sizeof(m->log) - m->len)
		m->len += (size_t)n;
}

static void device_done(void *obj, uint32_t op, uint64_t arg)
{
	struct machine *m = obj;

	(void)op;
	(void)arg;
	m->interrupts++;
	machine_note(m, "irq");
	dmasim_event_notify(m->irq, 0);
}

static void master(void *arg)
{
	struct machine *m = arg;
	char *buffer = malloc(16 + m->number % 1000);

	buffer[0] = 'b';
	for (unsigned i = 0; i < 3; i++) {
		dmasim_call_at(m->k, dmasim_now(m->k) + 100 + m->number % 7, 0,
		               &(struct dmasim_call){.actor = m->device}, NULL);
		if (dmasim_event_wait(m->irq, DMASIM_US))
			break;
		machine_note(m, "completion");
		if (dmasim_wait(m->k, 50 + m->number % 3))
			break;
	}
	m->freed += buffer[0] == 'b';
	free(buffer);
}

/* Still waits when its machine is destroyed. */
static void hanging(void *arg)
{
	struct machine *m = arg;
	char *buffer = malloc(16);

	buffer[0] = 'b';
	while (dmasim_event_wait(m->irq, DMASIM_FOREVER) != DMASIM_E_CANCELED)
		machine_note(m, "spurious");
	m->freed += buffer[0] == 'b';
	free(buffer);
}

static int machine_create(struct machine *m, unsigned number)
{
	const struct dmasim_kernel_config cfg = {.backend = TEST_BACKEND};
	int status = dmasim_kernel_create(&cfg, &m->k);

	if (status)
		return status;
	m->number = number;
	m->interrupts = m->freed = 0;
	m->len = 0;
	m->log[0] = '\0';
	status |=
	        dmasim_actor_register(m->k, "disk", device_done, m, &m->device);
	status |= dmasim_event_create(m->k, "irq", &m->irq);
	status |= dmasim_spawn(
	        m->k,
	        &(struct dmasim_proc_config){.name = "master",
	                                     .fn = master,
	                                     .arg = m,
	                                     .stack_size = 64u << 10},
	        NULL);
	if (number % 2)
		status |= dmasim_spawn(
		        m->k,
		        &(struct dmasim_proc_config){.name = "hanging",
		                                     .fn = hanging,
		                                     .arg = m,
		                                     .stack_size = 64u << 10},
		        NULL);
	return status;
}

static void machine_destroy(struct machine *m)
{
	dmasim_event_destroy(m->irq);
	dmasim_kernel_destroy(m->k);
}

static void thousand_machines_one_after_another(void **state)
{
	static struct machine m;

	(void)state;
	for (unsigned i = 0; i < MACHINES; i++) {
		assert_int_equal(machine_create(&m, i), DMASIM_OK);
		/* Some stop in the middle of the master's work. */
		if (i % 5 == 4)
			assert_int_equal(dmasim_run_until(m.k, 120), 0);
		else
			assert_int_equal(dmasim_run_idle(m.k, DMASIM_SEC), 0);
		assert_int_equal(m.interrupts, i % 5 == 4 ? 1 : 3);
		machine_destroy(&m);
		assert_int_equal(m.freed, i % 2 ? 2 : 1);
	}
}

static void thousand_machines_side_by_side(void **state)
{
	struct machine *m = calloc(MACHINES, sizeof(*m));

	(void)state;
	assert_non_null(m);
	for (unsigned i = 0; i < MACHINES; i++)
		assert_int_equal(machine_create(&m[i], i), DMASIM_OK);
	for (uint64_t t = 0; t < 500; t += 125)
		for (unsigned i = 0; i < MACHINES; i++)
			assert_int_equal(dmasim_run_until(m[i].k, t), 0);
	/* Neither in the order of creation nor in the reverse. */
	for (unsigned i = 0; i < MACHINES; i++) {
		struct machine *v = &m[i * 7 % MACHINES];

		assert_int_equal(v->interrupts, v->number % 7 < 7 ? 2 : 0);
		machine_destroy(v);
		assert_int_equal(v->freed, v->number % 2 ? 2 : 1);
	}
	free(m);
}

static void interleaved_machines_log_as_if_alone(void **state)
{
	enum { COUNT = 20 };
	static struct machine alone[COUNT], beside[COUNT];
	uint64_t x = 3;

	(void)state;
	for (unsigned i = 0; i < COUNT; i++) {
		assert_int_equal(machine_create(&alone[i], i), DMASIM_OK);
		assert_int_equal(dmasim_run_until(alone[i].k, 2000), 0);
		machine_destroy(&alone[i]);
		assert_int_not_equal(alone[i].len, 0);
	}
	for (unsigned i = 0; i < COUNT; i++)
		assert_int_equal(machine_create(&beside[i], i), DMASIM_OK);
	for (unsigned i = 0; i < 4000; i++) {
		struct machine *m;
		uint64_t t;

		x = x * 6364136223846793005u + 1442695040888963407u;
		m = &beside[(x >> 33) % COUNT];
		t = dmasim_now(m->k) + (x >> 50) % 40;
		assert_int_equal(dmasim_run_until(m->k, t < 2000 ? t : 2000),
		                 0);
	}
	for (unsigned i = 0; i < COUNT; i++) {
		assert_int_equal(dmasim_run_until(beside[i].k, 2000), 0);
		machine_destroy(&beside[i]);
		assert_string_equal(beside[i].log, alone[i].log);
	}
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(thousand_machines_one_after_another),
        cmocka_unit_test(thousand_machines_side_by_side),
        cmocka_unit_test(interleaved_machines_log_as_if_alone),
};

CHECK_MAIN(tests)
