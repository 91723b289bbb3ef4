/* SPDX-License-Identifier: MIT */
/* libsystemc with the extensions that this room uses. */
#ifndef DMASIM_SYSTEMC_CONTEXT_INTERNAL_H
#define DMASIM_SYSTEMC_CONTEXT_INTERNAL_H

#define SC_INCLUDE_DYNAMIC_PROCESSES
#include <systemc>

/* Makes a context current, with errors as exceptions and no output, and puts
 * the caller's back. */
class ContextScope
{
      public:
	explicit ContextScope(sc_core::sc_simcontext *context)
	    : saved_(sc_core::sc_curr_simcontext)
	{
		sc_core::sc_curr_simcontext = context;
		set(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
		set(sc_core::SC_WARNING, sc_core::SC_DO_NOTHING);
		set(sc_core::SC_ERROR, sc_core::SC_THROW);
		set(sc_core::SC_FATAL, sc_core::SC_THROW);
	}
	~ContextScope()
	{
		for (int i = 0; i < sc_core::SC_MAX_SEVERITY; i++)
			sc_core::sc_report_handler::set_actions(
			        static_cast<sc_core::sc_severity>(i),
			        actions_[i]);
		sc_core::sc_curr_simcontext = saved_;
	}
	ContextScope(const ContextScope &) = delete;
	ContextScope &operator=(const ContextScope &) = delete;

      private:
	void set(sc_core::sc_severity severity, sc_core::sc_actions actions)
	{
		actions_[severity] = sc_core::sc_report_handler::set_actions(
		        severity, actions);
	}

	sc_core::sc_simcontext *saved_;
	sc_core::sc_actions actions_[sc_core::SC_MAX_SEVERITY] = {};
};

#endif
