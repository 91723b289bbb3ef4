/* SPDX-License-Identifier: MIT */
/* Waveforms as SystemC writes them, read back and compared. */
#include <stdlib.h>

#include "check.h"

#include "dmasim/systemc.h"

static char *written(const struct dmasim_vcd *vcd)
{
	char *text;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	assert_int_equal(dmasim_systemc_vcd(vcd, f), DMASIM_OK);
	fclose(f);
	return text;
}

/* The identifier of the variable with that name. */
static void id_of(const char *vcd, const char *name, char id[8])
{
	const char *line = vcd;
	char kind[16], what[128];
	unsigned width;

	for (; (line = strstr(line, "$var ")) != NULL; line++)
		if (sscanf(line, "$var %15s %u %7s %127s", kind, &width, id,
		           what) == 4 &&
		    strcmp(what, name) == 0)
			return;
	fail_msg("no variable %s in:\n%s", name, vcd);
}

/* Every value of it: "TIME=VALUE TIME=VALUE ". */
static void values_of(const char *vcd, const char *name, char *out, size_t size)
{
	char id[8], value[96], who[8];
	unsigned long long time = 0;
	const char *line = strstr(vcd, "$enddefinitions");
	size_t used = 0;

	id_of(vcd, name, id);
	out[0] = '\0';
	for (; line && *line;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		if (sscanf(line, "#%llu", &time) == 1)
			continue;
		if (line[0] == 'b' &&
		    sscanf(line, "b%95s %7s", value, who) == 2 &&
		    strcmp(who, id) == 0)
			used += (size_t)snprintf(out + used, size - used,
			                         "%llu=%s ", time, value);
		else if (line[0] && strchr("01xz", line[0]) &&
		         sscanf(line + 1, "%7s", who) == 1 &&
		         strcmp(who, id) == 0)
			used += (size_t)snprintf(out + used, size - used,
			                         "%llu=%c ", time, line[0]);
	}
}

static const uint8_t zero[2], one[2] = {1}, wide[2] = {0x5a, 0x03},
                              some[2] = {0x0f, 0x02};

static const struct dmasim_signal signals[] = {
        {"cpu0.L1.state", 8}, {"irq", 1}, {"cpu0.L1.bytes", 10}};

static void plays_changes(void **state)
{
	const struct dmasim_change changes[] = {{0, 1, zero, NULL},
	                                        {5, 0, wide, NULL},
	                                        {7, 1, one, NULL},
	                                        {7, 2, wide, some},
	                                        {1000007, 1, zero, NULL}};
	const struct dmasim_vcd vcd = {signals, 3, changes, 5};
	char *text = written(&vcd), values[512];

	(void)state;
	assert_memory_equal(text, "$timescale", 10);
	assert_null(strstr(text, "$date"));
	assert_non_null(strstr(text, "$scope module cpu0 $end"));
	values_of(text, "irq", values, sizeof(values));
	assert_string_equal(values, "0=0 7=1 1000007=0 ");
	values_of(text, "state", values, sizeof(values));
	assert_string_equal(values, "0=XXXXXXXX 5=1011010 ");
	values_of(text, "bytes", values, sizeof(values));
	assert_string_equal(values, "0=XXXXXXXXXX 7=1XXXXX1010 ");
	free(text);
}

static void the_same_bytes(void **state)
{
	const struct dmasim_change changes[] = {{3, 1, one, NULL}};
	const struct dmasim_vcd vcd = {signals, 2, changes, 1};
	char *a = written(&vcd), *b = written(&vcd);

	(void)state;
	assert_string_equal(a, b);
	free(a);
	free(b);
}

static void no_change_at_all(void **state)
{
	const struct dmasim_vcd vcd = {signals, 1, NULL, 0};
	char *text = written(&vcd), values[64];

	(void)state;
	values_of(text, "state", values, sizeof(values));
	assert_string_equal(values, "0=XXXXXXXX ");
	free(text);
}

static void refused(void **state)
{
	const struct dmasim_signal odd[] = {
	        {"w", 0}, {"w", 1u << 20}, {NULL, 1}};
	const struct dmasim_change late[] = {{5, 0, one, NULL},
	                                     {4, 0, zero, NULL}};
	const struct dmasim_change other[] = {{5, 1, one, NULL}};
	struct dmasim_vcd vcd = {odd, 0, NULL, 0};
	FILE *f = tmpfile();

	(void)state;
	assert_int_equal(dmasim_systemc_vcd(&vcd, f), DMASIM_E_INVAL);
	for (vcd.signal_count = 1; vcd.signals < odd + 3; vcd.signals++)
		assert_int_equal(dmasim_systemc_vcd(&vcd, f), DMASIM_E_INVAL);
	vcd = (struct dmasim_vcd){signals, 1, late, 2};
	assert_int_equal(dmasim_systemc_vcd(&vcd, f), DMASIM_E_INVAL);
	vcd = (struct dmasim_vcd){signals, 1, other, 1};
	assert_int_equal(dmasim_systemc_vcd(&vcd, f), DMASIM_E_INVAL);
	fclose(f);
}

static void no_room(void **state)
{
	const struct dmasim_vcd vcd = {signals, 1, NULL, 0};
	FILE *full = fopen("/dev/full", "w"), *f = tmpfile();

	(void)state;
	assert_non_null(full);
	setvbuf(full, NULL, _IONBF, 0);
	assert_int_equal(dmasim_systemc_vcd(&vcd, full), DMASIM_E_IO);
	fclose(full);
	setenv("TMPDIR", "/nonexistent", 1);
	assert_int_equal(dmasim_systemc_vcd(&vcd, f), DMASIM_E_IO);
	setenv("TMPDIR", "", 1);
	assert_int_equal(dmasim_systemc_vcd(&vcd, f), DMASIM_OK);
	fclose(f);
}

/* While SystemC runs something else there is no place to play. */
static void inside_a_run(void *obj, uint32_t op, uint64_t arg)
{
	const struct dmasim_vcd vcd = {signals, 1, NULL, 0};
	FILE *f = tmpfile();

	(void)op;
	(void)arg;
	*(int *)obj = dmasim_systemc_vcd(&vcd, f);
	fclose(f);
}

static void while_systemc_runs(void **state)
{
	struct dmasim_kernel_config cfg = {.backend = dmasim_backend_systemc()};
	struct dmasim_kernel *k;
	struct dmasim_call call = {0};
	int status = DMASIM_OK;

	(void)state;
	assert_int_equal(dmasim_kernel_create(&cfg, &k), DMASIM_OK);
	assert_int_equal(dmasim_actor_register(k, "a", inside_a_run, &status,
	                                       &call.actor),
	                 DMASIM_OK);
	dmasim_call_at(k, 5, 0, &call, NULL);
	assert_int_equal(dmasim_run_idle(k, DMASIM_FOREVER), DMASIM_OK);
	assert_int_equal(status, DMASIM_E_STATE);
	dmasim_kernel_destroy(k);
	/* And afterwards there is. */
	the_same_bytes(state);
}

/* Two signals of one name: SystemC's complaint is ours. */
static void same_names(void **state)
{
	const struct dmasim_signal twice[] = {{"a.b", 1}, {"a.b", 1}};
	const struct dmasim_vcd vcd = {twice, 2, NULL, 0};
	FILE *f = tmpfile();
	int status = dmasim_systemc_vcd(&vcd, f);

	(void)state;
	assert_true(status == DMASIM_OK || status == DMASIM_E_KERNEL);
	fclose(f);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays_changes),
        cmocka_unit_test(the_same_bytes),
        cmocka_unit_test(no_change_at_all),
        cmocka_unit_test(refused),
        cmocka_unit_test(no_room),
        cmocka_unit_test(while_systemc_runs),
        cmocka_unit_test(same_names),
};

CHECK_MAIN(tests)
