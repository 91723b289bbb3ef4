/* SPDX-License-Identifier: MIT */
/* A program without main(): libsystemc's runs, and calls sc_main(). */
#include "dmasim/systemc.h"

/* Pulls the back end, and with it the weak sc_main, out of its archive. */
const struct dmasim_backend *no_main_backend(void);

const struct dmasim_backend *no_main_backend(void)
{
	return dmasim_backend_systemc();
}

#ifdef OWN_SC_MAIN
DMASIM_API int sc_main(int argc, char **argv);

int sc_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return 7;
}
#endif
