/* SPDX-License-Identifier: MIT */
/* The driver writes an STE; an SMMU that does not snoop fetches it. */
#include <dmasim/lesson.h>

static void story(struct dmasim_stage *s, bool fixed)
{
	struct dmasim_agent *cpu = lesson_cpu(s, 0);
	struct dmasim_agent *nic =
	        lesson_device(s, "nic", DMASIM_PORT_COHERENT);
	struct dmasim_area *buffer = lesson_area(s, "buffer", 64);
	struct dmasim_area *ste;
	uint64_t words[8];

	lesson_smmu(nic, .noncoherent = true, .no_ste = true);
	lesson_dma_map(nic, buffer);
	ste = lesson_ste(nic, words);
	lesson_watch(ste, 0);
	lesson_say(s, "The driver attaches the nic: it writes the stream table "
	              "entry, the word with the valid bit last. The stores end "
	              "in the CPU's cache.");
	lesson_write64(cpu, ste, 8, words[1]);
	lesson_barrier(cpu, DMASIM_DSB_ST);
	lesson_write64(cpu, ste, 0, words[0]);
	if (fixed) {
		lesson_say(s,
		           "This SMMU is not coherent (IDR0.COHACC is 0): the "
		           "entry has to be cleaned to memory before the SMMU "
		           "is told.");
		lesson_clean(cpu, ste);
	}
	lesson_say(s, "The driver tells the SMMU to forget what it keeps of "
	              "this entry.");
	lesson_cfgi_ste(cpu);

	lesson_say(
	        s,
	        "The nic reads its buffer. For that the SMMU fetches the "
	        "entry from memory%s.",
	        fixed ? ": it is valid, and the access goes through"
	              : ", where nothing is valid: C_BAD_STE, and the access "
	                "is refused");
	lesson_read32(nic, buffer, 0);
}

DMASIM_LESSON(uncleaned_ste) = {
        .name = "uncleaned-ste",
        .title = "Un-cleaned STE: the SMMU is a device, too",
        .text = "An SMMU reads stream tables, contexts and page tables "
                "itself, from memory. If it does not snoop the caches, all "
                "that a driver writes for it has the same needs as a buffer "
                "for a device: clean it, DSB, and then the command.\n\n"
                "The entry in the cache is perfect, a debugger shows it so, "
                "and the SMMU records C_BAD_STE.",
        .remedy = "Where IDR0.COHACC is 0, or the SMMU's node lacks "
                  "dma-coherent: allocate tables and queues with "
                  "dma_alloc_coherent(), which maps them Non-cacheable, or "
                  "clean what is written (DC CVAC, DSB) before CMD_CFGI_STE "
                  "and CMD_SYNC.",
        .finding = DMASIM_STALE_READ,
        .story = story,
};
