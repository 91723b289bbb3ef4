/* SPDX-License-Identifier: MIT */
/*
 * The transaction: the one thing that touches memory.
 *
 * CPU loads, stores, atomics, cache maintenance and barriers, device DMA,
 * SMMU table walks and queue writes, MSIs: each is one struct dmasim_txn
 * that goes down one chain of ports. A port is a function and an object, so
 * CPU caches, SMMU, interconnect, RAM and MMIO look alike from above.
 */
#ifndef DMASIM_TXN_H
#define DMASIM_TXN_H

#include <stdbool.h>
#include <stdint.h>

#include "dmasim/attr.h"
#include "dmasim/kernel.h"
#include "dmasim/order.h"

#ifdef __cplusplus
extern "C" {
#endif

enum dmasim_op {
	DMASIM_READ,
	DMASIM_WRITE,
	/** Read-modify-write of size 1, 2, 4 or 8; data holds the operand and
	 * gets the old value. */
	DMASIM_ATOMIC_SWAP,
	DMASIM_ATOMIC_ADD,
	DMASIM_ATOMIC_SET,
	DMASIM_ATOMIC_CLR,
	DMASIM_ATOMIC_EOR,
	/** data: the operand, then the comparand (2 x size bytes); gets the old
	 * value in the first size bytes. */
	DMASIM_ATOMIC_CAS,
	/** Maintenance to the point of coherency of the line(s) in addr..size,
	 * for the domain in attr.share: DC CVAC, IVAC, CIVAC. */
	DMASIM_CLEAN,
	DMASIM_INVALIDATE,
	DMASIM_CLEAN_INVALIDATE,
	/** addr and size are not used; barrier says which, attr.share for
	 * which domain. */
	DMASIM_BARRIER,
	/** To the point of unification, of persistence: DC CVAU, CVAP. */
	DMASIM_CLEAN_POU,
	DMASIM_CLEAN_POP,
	/** By set and way, of the initiator's own caches: DC CSW, ISW, CISW.
	 * addr is the operand of the instruction: level - 1 in bits 3:1, set
	 * and way above (Arm ARM C5.3). size is not used. */
	DMASIM_CLEAN_SW,
	DMASIM_INVALIDATE_SW,
	DMASIM_CLEAN_INVALIDATE_SW,
};

static inline bool dmasim_op_is_atomic(enum dmasim_op op)
{
	return op >= DMASIM_ATOMIC_SWAP && op <= DMASIM_ATOMIC_CAS;
}

static inline bool dmasim_op_is_set_way(enum dmasim_op op)
{
	return op >= DMASIM_CLEAN_SW && op <= DMASIM_CLEAN_INVALIDATE_SW;
}

static inline bool dmasim_op_is_maintenance(enum dmasim_op op)
{
	return (op >= DMASIM_CLEAN && op <= DMASIM_CLEAN_INVALIDATE) ||
	       (op >= DMASIM_CLEAN_POU && op <= DMASIM_CLEAN_INVALIDATE_SW);
}

/** Anything that may change memory: writes and atomics. */
static inline bool dmasim_op_writes(enum dmasim_op op)
{
	return op == DMASIM_WRITE || dmasim_op_is_atomic(op);
}

/** What kind of access this is, for traces, findings and statistics. */
enum dmasim_cause {
	DMASIM_CAUSE_CPU,
	DMASIM_CAUSE_DMA,
	DMASIM_CAUSE_WALK,
	DMASIM_CAUSE_STE,
	DMASIM_CAUSE_CD,
	DMASIM_CAUSE_CMDQ,
	DMASIM_CAUSE_EVTQ,
	DMASIM_CAUSE_PRIQ,
	DMASIM_CAUSE_MSI,
	DMASIM_CAUSE_WRITEBACK,
	DMASIM_CAUSE_FILL,
};

/**
 * Where an access comes from: a line of driver code, or an operation of a
 * device such as {"read avail.idx", queue 0, request 3}. All strings are
 * constants that outlive the machine; paths are relative to the source tree.
 */
struct dmasim_origin {
	const char *file; /**< NULL for a device */
	uint32_t line;
	const char *what; /**< NULL if the line says it all */
	uint32_t queue;
	uint64_t request;
};

enum dmasim_result {
	DMASIM_TXN_OK,
	/** Owned by whoever returned it until its completion runs. */
	DMASIM_TXN_PENDING,
	/** Nothing answers at this address (decode error). */
	DMASIM_TXN_DECODE,
	/** The target refused (slave error): bad size, reserved register. */
	DMASIM_TXN_SLAVE,
	/** An IOMMU aborted it. */
	DMASIM_TXN_ABORT,
	/** Of an exclusive write: the reservation was lost; nothing was
	 * written. */
	DMASIM_TXN_EXCLUSIVE_FAIL,
};

#define DMASIM_TXN_PRIVILEGED  0x01u
#define DMASIM_TXN_INSTRUCTION 0x02u
#define DMASIM_TXN_SECURE      0x04u
#define DMASIM_TXN_SSV         0x08u /**< substream_id is valid */
#define DMASIM_TXN_NO_SNOOP    0x10u /**< PCIe No_snoop attribute */
/** A look without any effect: no time, no allocation, no event, no finding.
 * Reads return what this path would see. Never used by models. */
#define DMASIM_TXN_DEBUG 0x20u
/** The StreamID is one of the Secure state (SEC_SID of IHI 0070, 3.10.1);
 * DMASIM_TXN_SECURE says in which address space the access itself is. */
#define DMASIM_TXN_SEC_SID 0x40u
/** PCIe address type (AT) "translation request": a DMASIM_READ of 8 bytes for
 * each translation asked for, answered in data (dmasim/ats.h). */
#define DMASIM_TXN_ATS_REQUEST 0x80u
/** PCIe address type (AT) "translated". */
#define DMASIM_TXN_ATS_TRANSLATED 0x100u
/** Of a translation request: no right to write is asked for (NW). */
#define DMASIM_TXN_ATS_NO_WRITE 0x200u
/** Of a read: the lines may be discarded, dirty or not (a hint; IHI 0070,
 * 3.22). */
#define DMASIM_TXN_DESTRUCTIVE 0x400u
/** Of a write: a cache off the path to memory may take the data (a directed
 * cache prefetch; a hint; IHI 0070, 3.22). */
#define DMASIM_TXN_STASH 0x800u
/** Of a read (LDXR): reserve these bytes for the port that it comes through.
 * Of a write (STXR): write only if they still are (Arm ARM B2.12). */
#define DMASIM_TXN_EXCLUSIVE 0x1000u
/** Of a CPU's read: done ahead of its place in the program. The bytes move, and
 * nobody judges it: it is no access yet, and may never be one. */
#define DMASIM_TXN_EARLY 0x2000u
/** Of a CPU's read: in its place, of bytes that an early one got; they are in
 * data. Nothing moves; checker and observers are told. */
#define DMASIM_TXN_TAKEN 0x4000u

struct dmasim_txn {
	enum dmasim_op op;
	enum dmasim_cause cause;
	enum dmasim_order order;
	enum dmasim_barrier barrier;
	uint32_t flags; /**< DMASIM_TXN_* */
	/** Number of the agent (dmasim/finding.h); 0: nobody in particular. */
	uint32_t initiator;
	uint64_t addr;
	/** Bytes, at least 1 for all but barriers. May cross lines and pages.
	 */
	uint32_t size;
	uint32_t stream_id;
	uint32_t substream_id;
	struct dmasim_attr attr;
	/** The initiator's buffer of size bytes (2 x size for CAS); NULL for
	 * maintenance and barriers. Must live until completion. */
	uint8_t *data;
	struct dmasim_origin origin;
	struct dmasim_program_order po;
	/** What to call when a PENDING access completes. actor 0: this master
	 * cannot take PENDING; only tests do that. */
	struct dmasim_call done;
	/** Ps by which its master's own clock is ahead of the kernel's: for
	 * whoever keeps things busy, see dmasim_txn_ahead(). */
	uint64_t ahead;

	/* Set on the way down. */
	/** Offset within the MMIO region, for its device. */
	uint64_t offset;

	/* Results. */
	enum dmasim_result result;
	/** Picoseconds that the path taken costs; each level adds its part.
	 * The time that passed while it was PENDING is not in it: a master
	 * lets latency pass after completion, too. */
	uint64_t latency;
};

/** All zero: a read, by nobody in particular, that cannot take PENDING. For
 * masters with many accesses; an initialiser costs more. */
static inline void dmasim_txn_init(struct dmasim_txn *t)
{
	t->op = DMASIM_READ;
	t->cause = DMASIM_CAUSE_CPU;
	t->order = DMASIM_ORDER_PLAIN;
	t->barrier = DMASIM_DMB_LD;
	t->flags = t->initiator = t->size = 0;
	t->stream_id = t->substream_id = 0;
	t->addr = t->offset = t->latency = t->ahead = 0;
	t->attr.type = t->attr.inner = t->attr.outer = 0;
	t->attr.share = t->attr.alloc = 0;
	t->data = NULL;
	t->origin.file = t->origin.what = NULL;
	t->origin.line = t->origin.queue = 0;
	t->origin.request = t->done.arg = 0;
	t->po.number = t->po.loads = t->po.stores = t->po.complete = 0;
	t->po.maybe = false;
	t->done.actor = t->done.op = 0;
	t->result = DMASIM_TXN_OK;
}

/** How far ahead of the kernel's clock @t is where it is now: it arrives
 * there at dmasim_now() plus this. */
static inline uint64_t dmasim_txn_ahead(const struct dmasim_txn *t)
{
	return t->ahead + t->latency;
}

typedef enum dmasim_result dmasim_access_fn(void *obj, struct dmasim_txn *txn);

/** Something that takes transactions. Copied by value; obj is borrowed. */
struct dmasim_port {
	dmasim_access_fn *access;
	void *obj;
};

/** Hand @txn down. The result is also in txn->result, except while PENDING. */
static inline enum dmasim_result dmasim_access(const struct dmasim_port *port,
                                               struct dmasim_txn *txn)
{
	enum dmasim_result r = port->access(port->obj, txn);

	if (r != DMASIM_TXN_PENDING)
		txn->result = r;
	return r;
}

/** Complete a transaction that was PENDING, @delay ps from now: sets
 * txn->result when the completion runs. @r must not be PENDING.
 * OK, E_INVAL (no completion was named), E_NOMEM. */
DMASIM_API int dmasim_complete(struct dmasim_kernel *k, struct dmasim_txn *txn,
                               enum dmasim_result r, uint64_t delay);

/**
 * Access, and wait if it is PENDING: in a process it waits, outside any run
 * it runs the kernel until completion. What goes down is a copy of *@txn and
 * of its data, so that a wait that ends early leaves nothing behind that
 * points here. Overwrites txn->done. The final result is in txn->result. OK;
 * E_CANCELED; E_HANG (nothing left to run); E_STATE when it would have to wait
 * inside a callback; E_NOMEM; E_KERNEL.
 */
DMASIM_API int dmasim_access_wait(struct dmasim_kernel *k,
                                  const struct dmasim_port *port,
                                  struct dmasim_txn *txn);

/*
 * The same without the copy, for masters with many accesses: transactions
 * that belong to the kernel. After an error from dmasim_waiter_access() the
 * transaction is gone: its late completion finds a place to go.
 */
struct dmasim_waiter;
/** The kernel's only one. NULL: no memory. */
DMASIM_API struct dmasim_waiter *dmasim_waiter_of(struct dmasim_kernel *k);
/** Of unknown contents but for done and data, which has @size bytes (0: data
 * is NULL). NULL: no memory. */
DMASIM_API struct dmasim_txn *dmasim_waiter_get(struct dmasim_waiter *w,
                                                uint32_t size);
/** As dmasim_access_wait(). */
DMASIM_API int dmasim_waiter_access(struct dmasim_waiter *w,
                                    const struct dmasim_port *port,
                                    struct dmasim_txn *txn);
DMASIM_API void dmasim_waiter_put(struct dmasim_waiter *w,
                                  struct dmasim_txn *txn);

DMASIM_API const char *dmasim_result_name(enum dmasim_result r);
DMASIM_API const char *dmasim_op_name(enum dmasim_op op);
DMASIM_API const char *dmasim_cause_name(enum dmasim_cause c);

/** Apply an atomic to @mem (size bytes, little-endian), giving the old value
 * in @data. E_INVAL for a size that is not 1, 2, 4 or 8. */
DMASIM_API int dmasim_atomic_apply(enum dmasim_op op, uint8_t *mem,
                                   uint8_t *data, uint32_t size);

/** The place in the source of this call, for CPU accesses. */
#define DMASIM_HERE ((struct dmasim_origin){.file = __FILE__, .line = __LINE__})
#define DMASIM_AT(text)                                                        \
	((struct dmasim_origin){                                               \
	        .file = __FILE__, .line = __LINE__, .what = (text)})

#ifdef __cplusplus
}
#endif
#endif
