/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "pci_internal.h"

#define PCI_STATE_TAG     "PCIH"
#define PCI_STATE_VERSION 1u

struct pci_saved {
	uint8_t config[PCI_CONFIG_SIZE];
	uint8_t intx;
};

int dmasim_pci_save(const struct dmasim_pci_host *h, struct dmasim_writer *w)
{
	dmasim_put_begin(w, PCI_STATE_TAG, PCI_STATE_VERSION);
	dmasim_put_u32(w, (uint32_t)h->count);
	for (size_t i = 0; i < h->count; i++) {
		const struct dmasim_pci_function *f = h->functions[i];

		dmasim_put_u32(w, f->cfg.bdf);
		dmasim_put_bytes(w, f->config, PCI_CONFIG_SIZE);
		dmasim_put_u8(w, f->intx);
	}
	dmasim_put_end(w);
	return DMASIM_OK;
}

static int pci_read_functions(const struct dmasim_pci_host *h,
                              struct dmasim_reader *r, struct pci_saved *saved)
{
	uint32_t count = dmasim_get_count(r, (uint32_t)h->count,
	                                  4 + PCI_CONFIG_SIZE + 1);

	if (count != h->count)
		return dmasim_reader_fail(r, "%u functions, expected %zu",
		                          count, h->count);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t bdf = dmasim_get_u32(r);

		dmasim_get_bytes(r, saved[i].config, PCI_CONFIG_SIZE);
		saved[i].intx = dmasim_get_u8(r);
		if (bdf != h->functions[i]->cfg.bdf)
			return dmasim_reader_fail(r, "function 0x%x", bdf);
		if (saved[i].intx > 1)
			return dmasim_reader_fail(r, "pin level %u",
			                          saved[i].intx);
	}
	return dmasim_reader_status(r);
}

static void pci_apply(struct dmasim_pci_function *f,
                      const struct pci_saved *saved)
{
	/* Identity and layout come from the configuration of this machine,
	 * never from a blob. */
	for (unsigned i = 0; i < PCI_CONFIG_SIZE; i++)
		f->config[i] = (uint8_t)((f->config[i] & ~f->writable[i]) |
		                         (saved->config[i] & f->writable[i]));
	f->intx = saved->intx;
	f->config[PCI_STATUS] &= (uint8_t)~PCI_STATUS_INTERRUPT;
	if (f->intx)
		f->config[PCI_STATUS] |= PCI_STATUS_INTERRUPT;
}

int dmasim_pci_restore(struct dmasim_pci_host *h, struct dmasim_reader *r)
{
	struct pci_saved *saved;
	int rc;

	if (!dmasim_get_begin(r, PCI_STATE_TAG, PCI_STATE_VERSION))
		return dmasim_reader_status(r);
	saved = calloc(h->count + 1, sizeof(*saved));
	if (!saved)
		return DMASIM_E_NOMEM;
	rc = pci_read_functions(h, r, saved);
	dmasim_get_end(r);
	if (!rc)
		rc = dmasim_reader_status(r);
	for (size_t i = 0; !rc && i < h->count; i++)
		pci_apply(h->functions[i], &saved[i]);
	if (!rc)
		pci_remap(h);
	free(saved);
	return rc;
}
