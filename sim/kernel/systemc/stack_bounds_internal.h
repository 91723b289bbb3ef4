/* SPDX-License-Identifier: MIT */
/* What AddressSanitizer believes about the stack of sc_start()'s caller. */
#ifndef DMASIM_STACK_BOUNDS_INTERNAL_H
#define DMASIM_STACK_BOUNDS_INTERNAL_H

#include <cstddef>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SC_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SC_ASAN 1
#endif
#ifdef SC_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

/*
 * libsystemc tells AddressSanitizer of its switches, but gives the stack of
 * sc_start()'s caller as [0, 0), and the next throw or longjmp there would be
 * reported as an overflow, and the search for leaks at the end would read
 * somebody else's pages. So the true bounds, asked for before sc_start(), are
 * told again whenever that stack is back.
 */
class StackBounds
{
      public:
#ifdef SC_ASAN
	/* The bounds of the stack that is left come out of a switch; so
	 * switch to anything, and back. */
	static StackBounds current()
	{
		StackBounds b;
		void *fake;
		char here[64] = {};

		__sanitizer_start_switch_fiber(&fake, here, sizeof(here));
		__sanitizer_finish_switch_fiber(fake, &b.base_, &b.size_);
		b.restore();
		return b;
	}
	void restore() const
	{
		void *fake;

		__sanitizer_start_switch_fiber(&fake, base_, size_);
		__sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
	}
#else
	static StackBounds current()
	{
		return {};
	}
	void restore() const
	{
	}
#endif

      private:
	[[maybe_unused]] const void *base_ = nullptr;
	[[maybe_unused]] std::size_t size_ = 0;
};

#endif
