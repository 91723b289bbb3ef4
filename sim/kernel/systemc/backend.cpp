/* SPDX-License-Identifier: MIT */
/*
 * The SystemC back end. Each kernel has a SystemC context of its own, with
 * one SC_METHOD, the pump, that takes the kernel's steps one by one; a
 * process is an SC_THREAD that the pump wakes and then waits for, so that
 * SystemC never has more than one of our processes to choose from and its
 * own order of simultaneous events does not matter.
 */
#include "context_internal.h"
#include "stack_bounds_internal.h"

#include "dmasim/systemc.h"

#include "backend_internal.h"

#include <climits>
#include <cstdio>
#include <exception>
#include <memory>
#include <new>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#ifdef DMASIM_HAVE_VALGRIND
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(start, end) 0u
#define VALGRIND_STACK_DEREGISTER(id)       ((void)(id))
#endif

/*
 * libsystemc is linked with -z now and refers to sc_main, which must exist
 * when it is loaded although nothing calls it. Weak, so that a user's own
 * one wins; in this object, so that it is linked whenever the back end is.
 * It runs only in a program without a main(), through libsystemc's own.
 */
extern "C" __attribute__((weak, visibility("default"))) int sc_main(int,
                                                                    char **)
{
	std::fputs("dmasim: this program has neither main() nor sc_main()\n",
	           stderr);
	return 64;
}

namespace
{

/* In a handler: fail the run with the text of what was thrown. */
int fail_with_exception(dmasim_kernel *k, const char *where)
{
	try {
		throw;
	} catch (const sc_core::sc_report &report) {
		dmasim_fail(k, "SystemC report in %s: %s", where,
		            report.get_msg());
	} catch (const std::exception &e) {
		dmasim_fail(k, "exception in %s: %s", where, e.what());
	} catch (...) {
		dmasim_fail(k, "exception in %s", where);
	}
	return DMASIM_E_KERNEL;
}

/* In a handler, outside of runs. */
int status_of_exception(dmasim_kernel *k)
{
	try {
		throw;
	} catch (const std::bad_alloc &) {
		return DMASIM_E_NOMEM;
	} catch (const sc_core::sc_report &report) {
		dmasim_log(k, DMASIM_LOG_ERROR, "systemc", "%s",
		           report.get_msg());
		return DMASIM_E_KERNEL;
	} catch (...) {
		return DMASIM_E_KERNEL;
	}
}

struct Coroutine {
	explicit Coroutine(size_t size) : stack_size(size)
	{
	}
	~Coroutine()
	{
		VALGRIND_STACK_DEREGISTER(valgrind_id);
	}
	Coroutine(const Coroutine &) = delete;
	Coroutine &operator=(const Coroutine &) = delete;

	sc_core::sc_event wake;
	dmasim_proc *proc = nullptr;
	size_t stack_size;
	unsigned valgrind_id = 0;
};

class Backend
{
      public:
	Backend(dmasim_kernel *kernel, const backend_host *host);
	~Backend();
	Backend(const Backend &) = delete;
	Backend &operator=(const Backend &) = delete;

	int run();
	Coroutine *attach(size_t stack_size, dmasim_proc *p);
	void yield();
	dmasim_kernel *kernel() const
	{
		return kernel_;
	}

      private:
	void pump();
	void take_step();
	void thread(Coroutine *c);
	void body(Coroutine *c);

	dmasim_kernel *kernel_;
	const backend_host *host_;
	std::unique_ptr<sc_core::sc_simcontext> context_;
	/** Wakes the pump; inside the context, as all events are. */
	std::unique_ptr<sc_core::sc_event> go_;
	std::vector<std::unique_ptr<Coroutine>> all_;
	std::vector<Coroutine *> pool_;
	/** The kernel's clock minus SystemC's, which a restore changes. */
	uint64_t offset_ = 0;
	bool elaborated_ = false;
	bool quit_ = false;
	StackBounds caller_stack_;
};

Backend::Backend(dmasim_kernel *kernel, const backend_host *host)
    : kernel_(kernel), host_(host)
{
	/* The first context must exist, and for ever: libsystemc's static
	 * objects refer to it. */
	sc_core::sc_get_curr_simcontext();
	context_ = std::make_unique<sc_core::sc_simcontext>();

	ContextScope scope(context_.get());
	sc_core::sc_spawn_options options;

	go_ = std::make_unique<sc_core::sc_event>();
	options.spawn_method();
	options.dont_initialize();
	options.set_sensitivity(go_.get());
	sc_core::sc_spawn([this] { pump(); }, "pump", &options);
}

/* Threads end by returning, so that what is on their stacks is released; one
 * by one, because valgrind takes a switch between neighbouring stacks for the
 * growth of one. */
Backend::~Backend()
{
	ContextScope scope(context_.get());

	quit_ = true;
	try {
		if (!pool_.empty()) {
			go_->notify(sc_core::SC_ZERO_TIME);
			sc_core::sc_start();
			caller_stack_.restore();
		}
	} catch (...) {
		/* Nothing of ours throws here; a destructor must not. */
	}
	all_.clear();
	go_.reset();
	context_.reset();
}

int Backend::run()
{
	ContextScope scope(context_.get());
	uint64_t time;

	if (!host_->next(kernel_, &time))
		return DMASIM_OK;
	caller_stack_ = StackBounds::current();
	try {
		offset_ =
		        dmasim_now(kernel_) - sc_core::sc_time_stamp().value();
		go_->notify(sc_core::SC_ZERO_TIME);
		elaborated_ = true;
		sc_core::sc_start();
		caller_stack_.restore();
	} catch (...) {
		caller_stack_.restore();
		return fail_with_exception(kernel_, "SystemC");
	}
	if (!host_->next(kernel_, &time))
		return DMASIM_OK;
	/* A callback called sc_pause() or sc_stop(), or killed the pump. */
	dmasim_fail(kernel_, "SystemC ended the run early");
	return DMASIM_E_KERNEL;
}

void Backend::take_step()
{
	while (!quit_) {
		uint64_t now = sc_core::sc_time_stamp().value() + offset_;
		uint64_t time;

		if (!host_->next(kernel_, &time)) {
			sc_core::sc_pause();
			return;
		}
		if (time > now) {
			sc_core::next_trigger(
			        sc_core::sc_time::from_value(time - now));
			return;
		}
		auto *c = static_cast<Coroutine *>(host_->dispatch(kernel_));
		if (c) {
			c->wake.notify();
			return;
		}
	}
	if (!pool_.empty()) {
		pool_.back()->wake.notify();
		pool_.pop_back();
	}
}

void Backend::pump()
{
	/* libsystemc told ASan that this stack is nowhere. */
	caller_stack_.restore();
	for (;;) {
		try {
			take_step();
			return;
		} catch (...) {
			fail_with_exception(kernel_, "a callback");
		}
	}
}

void Backend::body(Coroutine *c)
{
	dmasim_proc *p = c->proc;

	try {
		host_->body(p);
	} catch (const sc_core::sc_unwind_exception &) {
		/* Somebody kills the thread, and SystemC insists. */
		dmasim_fail(kernel_, "process '%s' was killed",
		            host_->proc_name(p));
		host_->ended(p);
		go_->notify();
		throw;
	} catch (...) {
		fail_with_exception(kernel_, host_->proc_name(p));
	}
	host_->ended(p);
}

void Backend::thread(Coroutine *c)
{
	/* Nearly: libsystemc does not say where its stacks are. */
	[[maybe_unused]] char *top = reinterpret_cast<char *>(&c);

	c->valgrind_id =
	        VALGRIND_STACK_REGISTER(top - c->stack_size + 4096, top);
	while (!quit_) {
		body(c);
		/* The pool has room for all, so this cannot throw. */
		pool_.push_back(c);
		go_->notify();
		sc_core::wait();
	}
	go_->notify();
}

/* A stack that libsystemc cannot map leaves a broken process behind in its
 * tables. So ask the host first, for just what it is going to be asked. */
bool stack_fits(size_t size)
{
	size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
	void *p = mmap(nullptr, size + page, PROT_READ | PROT_WRITE,
	               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return false;
	int status = mprotect(p, page, PROT_NONE);

	munmap(p, size + page);
	return status == 0;
}

Coroutine *Backend::attach(size_t stack_size, dmasim_proc *p)
{
	ContextScope scope(context_.get());

	for (auto i = pool_.rbegin(); i != pool_.rend(); ++i) {
		Coroutine *c = *i;

		if (c->stack_size != stack_size)
			continue;
		pool_.erase(std::next(i).base());
		c->proc = p;
		return c;
	}
	/* Before elaboration SystemC would put off making the stack, and fail
	 * in the run if it cannot. */
	if (!elaborated_) {
		sc_core::sc_start(sc_core::SC_ZERO_TIME);
		elaborated_ = true;
	}
	if (stack_size > INT_MAX || !stack_fits(stack_size))
		throw std::bad_alloc();
	all_.push_back(std::make_unique<Coroutine>(stack_size));
	pool_.reserve(all_.size());
	Coroutine *c = all_.back().get();
	sc_core::sc_spawn_options options;

	options.dont_initialize();
	options.set_sensitivity(&c->wake);
	options.set_stack_size(static_cast<int>(stack_size));
	sc_core::sc_spawn([this, c] { thread(c); }, nullptr, &options);
	c->proc = p;
	return c;
}

void Backend::yield()
{
	go_->notify();
	sc_core::wait();
}

/* No exception leaves any of these. */

bool systemc_busy()
{
	return sc_core::sc_get_status() == sc_core::SC_RUNNING;
}

int systemc_open(dmasim_kernel *k, const backend_host *host, void **be)
{
	try {
		*be = new Backend(k, host);
		return DMASIM_OK;
	} catch (...) {
		return status_of_exception(k);
	}
}

void systemc_close(void *be)
{
	delete static_cast<Backend *>(be);
}

int systemc_run(void *be)
{
	return static_cast<Backend *>(be)->run();
}

int systemc_attach(void *be, size_t stack_size, dmasim_proc *p, void **cor)
{
	auto *backend = static_cast<Backend *>(be);

	try {
		*cor = backend->attach(stack_size, p);
		return DMASIM_OK;
	} catch (...) {
		return status_of_exception(backend->kernel());
	}
}

void systemc_yield(void *be, void *)
{
	static_cast<Backend *>(be)->yield();
}

const dmasim_backend systemc_backend = {
        "systemc",     false,       systemc_busy,   systemc_open,
        systemc_close, systemc_run, systemc_attach, systemc_yield,
};

} // namespace

const dmasim_backend *dmasim_backend_systemc(void)
{
	return &systemc_backend;
}
