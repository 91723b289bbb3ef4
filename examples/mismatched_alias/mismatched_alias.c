/* SPDX-License-Identifier: MIT */
/*
 * A driver maps a ring non-cacheable while the device, a process of the
 * host, reaches it through its cache. The driver's new index never arrives:
 * the device sees the old value that it has cached.
 */
#include <stdio.h>
#include <stdlib.h>

#include <dmasim/dmasim.h>
#ifdef USE_SYSTEMC
#include <dmasim/systemc.h>
#endif

#define RAM     0x80000000ull
#define RING_NC 0x1000ull /* the driver's virtual address */

static void must(int status, const char *what)
{
	if (status != DMASIM_OK) {
		fprintf(stderr, "%s: %s\n", what, dmasim_strerror(status));
		exit(3);
	}
}

/* The device reads the 16-bit index through @port, its own cache. */
static unsigned device_reads(struct dmasim_kernel *k,
                             const struct dmasim_port *port)
{
	uint8_t bytes[2];
	struct dmasim_txn txn = {
	        .op = DMASIM_READ,
	        .cause = DMASIM_CAUSE_DMA,
	        .addr = RAM + 2,
	        .size = 2,
	        .attr = dmasim_attr_wb,
	        .data = bytes,
	        .origin = {.what = "read avail.idx"},
	};

	must(dmasim_access_wait(k, port, &txn), "device read");
	return bytes[0] | (unsigned)bytes[1] << 8;
}

int main(void)
{
	struct dmasim_kernel_config kc = {0};
	struct dmasim_kernel *k;
	struct dmasim_map *map;
	struct dmasim_checker *checker;
	struct dmasim_memsys *ms;
	struct dmasim_cpu *cpu;
	struct dmasim_port device;
	unsigned before, after;
	char text[4096];

#ifdef USE_SYSTEMC
	kc.backend = dmasim_backend_systemc();
#endif
	must(dmasim_kernel_create(&kc, &k), "kernel");
	must(dmasim_map_create(&(struct dmasim_map_config){.kernel = k}, &map),
	     "map");
	must(dmasim_map_add_ram(map, "ram", RAM, 0x100000), "ram");
	must(dmasim_checker_create(&(struct dmasim_checker_config){.kernel = k},
	                           &checker),
	     "checker");
	must(dmasim_memsys_create(
	             &(struct dmasim_memsys_config){.kernel = k,
	                                            .map = map,
	                                            .checker = checker,
	                                            .cpus = 1},
	             &ms),
	     "memory system");
	must(dmasim_cpu_create(
	             &(struct dmasim_cpu_config){.kernel = k, .memsys = ms},
	             &cpu),
	     "cpu");
	must(dmasim_memsys_add_port(ms,
	                            &(struct dmasim_device_port_config){
	                                    .name = "host",
	                                    .kind = DMASIM_PORT_CACHED,
	                                    .agent_kind = DMASIM_AGENT_HOST},
	                            &device, NULL),
	     "device port");
	must(dmasim_name_region(checker, RAM, 0x1000, "avail ring", NULL, NULL),
	     "name");
	must(dmasim_cpu_map(cpu, RING_NC, RAM, 0x1000, &dmasim_attr_nc), "map");

	before = device_reads(k, &device);
	must(dmasim_cpu_store(cpu, RING_NC + 2, 2, 1), "store");
	must(dmasim_cpu_barrier(cpu, DMASIM_DSB_ST, DMASIM_HERE), "barrier");
	after = device_reads(k, &device);

	printf("the device reads avail.idx: %u, then %u; the driver wrote 1\n",
	       before, after);
	for (size_t i = 0; i < dmasim_finding_count(checker); i++) {
		dmasim_finding_text(dmasim_finding_get(checker, i), text,
		                    sizeof(text));
		printf("%s\n", text);
	}

	dmasim_cpu_destroy(cpu);
	dmasim_memsys_destroy(ms);
	dmasim_checker_destroy(checker);
	dmasim_map_destroy(map);
	dmasim_kernel_destroy(k);
	return 0;
}
