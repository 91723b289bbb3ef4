/* SPDX-License-Identifier: MIT */
/* Everything: one header per room, in the order of the layers. */
#ifndef DMASIM_DMASIM_H
#define DMASIM_DMASIM_H

#include "dmasim/status.h"
#include "dmasim/kernel.h"
#include "dmasim/state.h"
#include "dmasim/choice.h"
#include "dmasim/signal.h"
#include "dmasim/attr.h"
#include "dmasim/order.h"
#include "dmasim/txn.h"
#include "dmasim/mem.h"
#include "dmasim/timing.h"
#include "dmasim/dma_note.h"
#include "dmasim/finding.h"
#include "dmasim/line.h"
#include "dmasim/cache.h"
#include "dmasim/cpu.h"
#include "dmasim/cpu_window.h"
#include "dmasim/irq.h"
#include "dmasim/pci.h"
#include "dmasim/ats.h"
#include "dmasim/smmuv3.h"
#include "dmasim/smmu_ats.h"
#include "dmasim/virtio.h"
#include "dmasim/virtio_blk.h"
#include "dmasim/explore.h"
#include "dmasim/smmu_commands.h"
#include "dmasim/smmu_tables.h"
#include "dmasim/platform.h"
#include "dmasim/policy.h"
#include "dmasim/driver.h"
#include "dmasim/replay.h"
#include "dmasim/view.h"
#include "dmasim/lesson.h"

#endif
