/* SPDX-License-Identifier: MIT */
/* The SystemC back end from C++: exceptions, and SystemC of the user's own. */
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <systemc>

#include <cstdio>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

extern "C" {
#include "check.h"
}

#include "dmasim/systemc.h"
#include "stack_bounds_internal.h"

namespace
{

/* A user's own sc_start(). */
void start(double ns)
{
	const StackBounds here = StackBounds::current();

	sc_core::sc_start(ns, sc_core::SC_NS);
	here.restore();
}

struct Machine {
	dmasim_kernel *k = nullptr;
	uint32_t actor = 0;
	std::string log;

	explicit Machine(const dmasim_backend *b = dmasim_backend_systemc())
	{
		dmasim_kernel_config cfg = {};

		cfg.backend = b;
		cfg.log = [](void *ctx, dmasim_log_level, const char *,
		             const char *text) {
			static_cast<Machine *>(ctx)->log += text;
		};
		cfg.log_ctx = this;
		if (dmasim_kernel_create(&cfg, &k) == DMASIM_OK)
			dmasim_actor_register(k, "actor", act, this, &actor);
	}
	~Machine()
	{
		dmasim_kernel_destroy(k);
	}
	Machine(const Machine &) = delete;
	Machine &operator=(const Machine &) = delete;

	void call(uint64_t time, uint32_t op)
	{
		const dmasim_call c = {actor, op, 0};

		if (dmasim_call_at(k, time, 0, &c, nullptr))
			log += "call refused";
	}
	void spawn(dmasim_proc_fn *fn, const char *name = "proc")
	{
		dmasim_proc_config cfg = {};

		cfg.name = name;
		cfg.fn = fn;
		cfg.arg = this;
		if (dmasim_spawn(k, &cfg, nullptr))
			log += "spawn refused";
	}
	static void act(void *obj, uint32_t op, uint64_t);
};

void Machine::act(void *obj, uint32_t op, uint64_t)
{
	auto *m = static_cast<Machine *>(obj);

	m->log += static_cast<char>(op);
	switch (op) {
	case 'r':
		throw std::runtime_error("out of paper");
	case 'i':
		throw 42;
	case 's':
		SC_REPORT_ERROR("user", "reported");
		break;
	case 'W':
		SC_REPORT_WARNING("user", "ignored");
		break;
	case 'P':
		sc_core::sc_pause();
		break;
	case 'S':
		sc_core::sc_stop();
		break;
	default:
		break;
	}
}

struct Guard {
	std::string &log;

	~Guard()
	{
		log += "~";
	}
};

void throwing(void *arg)
{
	auto *m = static_cast<Machine *>(arg);
	Guard guard{m->log};

	dmasim_wait(m->k, 5);
	m->log += "p";
	throw std::runtime_error("in a process");
}

void exceptions_in_callbacks_fail_the_run(void **)
{
	Machine m, bystander;

	m.call(1, 'r');
	m.call(1, 'a');
	m.call(2, 'i');
	m.call(2, 'b');
	m.call(3, 's');
	m.call(3, 'c');
	bystander.call(2, 'x');
	assert_int_equal(dmasim_run_until(m.k, 10), DMASIM_E_KERNEL);
	assert_string_equal(dmasim_kernel_error(m.k),
	                    "exception in a callback: out of paper");
	assert_int_equal(dmasim_run_until(bystander.k, 1), DMASIM_OK);
	assert_int_equal(dmasim_run_until(m.k, 10), DMASIM_E_KERNEL);
	assert_string_equal(dmasim_kernel_error(m.k),
	                    "exception in a callback");
	assert_int_equal(dmasim_run_until(m.k, 10), DMASIM_E_KERNEL);
	assert_string_equal(dmasim_kernel_error(m.k),
	                    "SystemC report in a callback: reported");
	assert_int_equal(dmasim_now(m.k), 3);
	assert_int_equal(dmasim_run_until(m.k, 10), DMASIM_OK);
	assert_string_equal(m.log.c_str(), "raibsc");
	assert_int_equal(dmasim_run_until(bystander.k, 10), DMASIM_OK);
	assert_string_equal(bystander.log.c_str(), "x");
}

void exceptions_in_processes_end_them(void **)
{
	Machine m;

	m.spawn(throwing, "thrower");
	m.spawn([](void *) { throw 42; }, "number");
	m.spawn([](void *) { SC_REPORT_FATAL("user", "fatal"); }, "fatal");
	m.call(7, 'a');
	assert_int_equal(dmasim_run_until(m.k, 10), DMASIM_E_KERNEL);
	assert_string_equal(dmasim_kernel_error(m.k), "exception in number");
	assert_int_equal(dmasim_run_until(m.k, 10), DMASIM_E_KERNEL);
	assert_string_equal(dmasim_kernel_error(m.k),
	                    "SystemC report in fatal: fatal");
	assert_int_equal(dmasim_live_processes(m.k), 1);
	assert_int_equal(dmasim_run_until(m.k, 10), DMASIM_E_KERNEL);
	assert_string_equal(dmasim_kernel_error(m.k),
	                    "exception in thrower: in a process");
	assert_int_equal(dmasim_live_processes(m.k), 0);
	assert_false(dmasim_in_process(m.k));
	assert_int_equal(dmasim_run_until(m.k, 10), DMASIM_OK);
	assert_string_equal(m.log.c_str(), "p~a");
}

void processes_that_throw_at_destroy(void **)
{
	std::string log;

	{
		auto m = std::make_unique<Machine>();

		m->spawn(throwing);
		m->spawn(throwing);
		assert_int_equal(dmasim_run_until(m->k, 1), DMASIM_OK);
		dmasim_kernel_destroy(m->k);
		m->k = nullptr;
		log = m->log;
	}
	assert_string_equal(log.c_str(), "p~p~");
}

void throws_on_the_main_stack_afterwards(void **)
{
	int caught = 0;

	/* Under AddressSanitizer this fails if its view of the main stack was
	 * spoiled. */
	for (int i = 0; i < 3; i++) {
		Machine m;

		m.spawn(throwing);
		m.call(1, 'a');
		dmasim_run_until(m.k, 1);
		try {
			char pad[1000] = {1};

			throw std::string(pad, 10);
		} catch (const std::string &s) {
			caught += s.size() == 10;
		}
		dmasim_run_until(m.k, 100);
	}
	assert_int_equal(caught, 3);
}

struct Inner {
	Machine *outer, *idle;
	int create = 1, run = 1, run_one = 1, native = 1, native_log = 0;
};

void nest(Inner *n)
{
	dmasim_kernel_config cfg = {};
	dmasim_kernel *k;

	cfg.backend = dmasim_backend_systemc();
	n->create = dmasim_kernel_create(&cfg, &k);
	n->run = dmasim_run_until(n->idle->k, 100);
	n->run_one = dmasim_run_one(n->idle->k);
	/* A machine on the native back end is welcome. */
	Machine native(dmasim_backend_native());

	native.call(3, 'n');
	native.spawn([](void *arg) {
		auto *m = static_cast<Machine *>(arg);

		dmasim_wait(m->k, 5);
		m->log += "w";
	});
	n->native = dmasim_run_until(native.k, 10);
	n->native_log = native.log == "nw";
	/* Refused, so the machine is still there afterwards. */
	dmasim_kernel_destroy(n->idle->k);
}

void nothing_of_systemc_nests(void **)
{
	Machine m, idle;
	Inner in_callback{&m, &idle}, in_process{&m, &idle};
	uint32_t actor;
	dmasim_proc_config cfg = {};

	idle.call(50, 'x');
	assert_int_equal(dmasim_actor_register(
	                         m.k, "nest",
	                         [](void *obj, uint32_t, uint64_t) {
		                         nest(static_cast<Inner *>(obj));
	                         },
	                         &in_callback, &actor),
	                 DMASIM_OK);
	const dmasim_call c = {actor, 0, 0};

	assert_int_equal(dmasim_call_at(m.k, 5, 0, &c, nullptr), DMASIM_OK);
	cfg.fn = [](void *arg) { nest(static_cast<Inner *>(arg)); };
	cfg.arg = &in_process;
	assert_int_equal(dmasim_spawn(m.k, &cfg, nullptr), DMASIM_OK);
	assert_int_equal(dmasim_run_until(m.k, 10), DMASIM_OK);
	for (const Inner *n : {&in_callback, &in_process}) {
		assert_int_equal(n->create, DMASIM_E_STATE);
		assert_int_equal(n->run, DMASIM_E_STATE);
		assert_int_equal(n->run_one, DMASIM_E_STATE);
		assert_int_equal(n->native, DMASIM_OK);
		assert_true(n->native_log);
	}
	assert_string_equal(idle.log.c_str(), "destroy refused inside a run"
	                                      "destroy refused inside a run");
	idle.log.clear();
	assert_int_equal(dmasim_run_until(idle.k, 100), DMASIM_OK);
	assert_string_equal(idle.log.c_str(), "x");
}

/* A SystemC machine may be run by a process of a native one. */
void a_native_process_runs_a_systemc_machine(void **)
{
	struct Both {
		Machine native{dmasim_backend_native()};
		Machine systemc;
		int status = 1;
	} both;
	dmasim_proc_config cfg = {};

	both.systemc.spawn(throwing);
	cfg.arg = &both;
	cfg.fn = [](void *arg) {
		auto *b = static_cast<Both *>(arg);

		dmasim_run_until(b->systemc.k, 3);
		dmasim_wait(b->native.k, 7);
		b->status = dmasim_run_until(b->systemc.k, 100);
		try {
			throw 1;
		} catch (int) {
			b->native.log += "caught";
		}
	};
	assert_int_equal(dmasim_spawn(both.native.k, &cfg, nullptr), DMASIM_OK);
	assert_int_equal(dmasim_run_until(both.native.k, 10), DMASIM_OK);
	assert_int_equal(both.status, DMASIM_E_KERNEL);
	assert_string_equal(both.systemc.log.c_str(), "p~");
	assert_string_equal(both.native.log.c_str(), "caught");
}

void pause_and_stop_by_the_user(void **)
{
	Machine m, other;

	m.call(1, 'P');
	m.call(2, 'a');
	other.call(1, 'o');
	assert_int_equal(dmasim_run_until(m.k, 10), DMASIM_E_KERNEL);
	assert_string_equal(dmasim_kernel_error(m.k),
	                    "SystemC ended the run early");
	assert_int_equal(dmasim_run_until(m.k, 10), DMASIM_OK);
	assert_string_equal(m.log.c_str(), "Pa");
	/* A stop is final for its context, and for that one only. */
	m.call(20, 'S');
	m.call(21, 'b');
	assert_int_equal(dmasim_run_until(m.k, 30), DMASIM_E_KERNEL);
	assert_int_equal(dmasim_run_until(m.k, 30), DMASIM_E_KERNEL);
	assert_string_not_equal(dmasim_kernel_error(m.k), "");
	assert_int_equal(dmasim_run_until(other.k, 10), DMASIM_OK);
	assert_string_equal(other.log.c_str(), "o");
}

void a_killed_process_is_reported(void **)
{
	Machine m;

	m.spawn([](void *arg) {
		auto *machine = static_cast<Machine *>(arg);
		Guard guard{machine->log};

		sc_core::sc_get_current_process_handle().kill();
		machine->log += "not reached";
	});
	m.call(5, 'a');
	assert_int_equal(dmasim_run_until(m.k, 10), DMASIM_E_KERNEL);
	assert_string_equal(dmasim_kernel_error(m.k),
	                    "process 'proc' was killed");
	assert_int_equal(dmasim_live_processes(m.k), 0);
	assert_int_equal(dmasim_run_until(m.k, 10), DMASIM_OK);
	assert_string_equal(m.log.c_str(), "~a");
}

void the_users_systemc_is_left_alone(void **)
{
	sc_core::sc_simcontext *mine = sc_core::sc_get_curr_simcontext();
	int beats = 0;
	sc_core::sc_actions before = sc_core::sc_report_handler::set_actions(
	        sc_core::SC_ERROR,
	        sc_core::SC_THROW | sc_core::SC_CACHE_REPORT);

	sc_core::sc_spawn([&] {
		for (;;) {
			beats++;
			sc_core::wait(10, sc_core::SC_NS);
		}
	});
	start(35);
	assert_int_equal(beats, 4);
	{
		Machine m;

		m.call(DMASIM_SEC, 'W');
		assert_int_equal(dmasim_run_idle(m.k, DMASIM_FOREVER),
		                 DMASIM_OK);
		assert_string_equal(m.log.c_str(), "W");
	}
	assert_ptr_equal(sc_core::sc_get_curr_simcontext(), mine);
	assert_int_equal(sc_core::sc_report_handler::set_actions(
	                         sc_core::SC_ERROR, sc_core::SC_THROW),
	                 sc_core::SC_THROW | sc_core::SC_CACHE_REPORT);
	sc_core::sc_report_handler::set_actions(sc_core::SC_ERROR, before);
	assert_int_equal(beats, 4);
	start(20);
	assert_int_equal(beats, 6);
}

void create_inside_the_users_systemc_is_refused(void **)
{
	int status = 1;

	sc_core::sc_spawn([&] {
		dmasim_kernel_config cfg = {};
		dmasim_kernel *k;

		cfg.backend = dmasim_backend_systemc();
		status = dmasim_kernel_create(&cfg, &k);
	});
	start(1);
	assert_int_equal(status, DMASIM_E_STATE);
}

const CMUnitTest tests[] = {
        cmocka_unit_test(exceptions_in_callbacks_fail_the_run),
        cmocka_unit_test(exceptions_in_processes_end_them),
        cmocka_unit_test(processes_that_throw_at_destroy),
        cmocka_unit_test(throws_on_the_main_stack_afterwards),
        cmocka_unit_test(nothing_of_systemc_nests),
        cmocka_unit_test(a_native_process_runs_a_systemc_machine),
        cmocka_unit_test(pause_and_stop_by_the_user),
        cmocka_unit_test(a_killed_process_is_reported),
        cmocka_unit_test(the_users_systemc_is_left_alone),
        cmocka_unit_test(create_inside_the_users_systemc_is_refused),
};

} // namespace

CHECK_MAIN(tests)
