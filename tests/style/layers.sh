#!/bin/sh
# SPDX-License-Identifier: MIT
# An include points to the same room or to a lower layer, never up.
# Layers, lowest first; rooms in one layer do not see one another.
. tests/style/sources.sh
sources | grep -v '^tests/\|^bench/\|^examples/' | xargs awk '
function layer_of_room(room) { return (room in rank) ? rank[room] : -1 }
BEGIN {
	n = split("kernel|mem|cache_model|irq|pci|smmuv3 viommu|virtio|" \
		"virtio_blk|explore report|smmu_tables|platform|policy|driver|replay|" \
		"view|teach|tools", groups, "|")
	for (i = 1; i <= n; i++) {
		m = split(groups[i], rooms, " ")
		for (j = 1; j <= m; j++)
			rank[rooms[j]] = i
	}
	split("status.h kernel.h state.h choice.h signal.h systemc.h", k, " ")
	for (i in k) owner[k[i]] = "kernel"
	owner["attr.h"] = owner["order.h"] = owner["txn.h"] = "mem"
	owner["mem.h"] = owner["timing.h"] = "mem"
	owner["finding.h"] = owner["cache.h"] = owner["line.h"] = "cache_model"
	owner["cpu.h"] = owner["cpu_window.h"] = "cache_model"
	owner["finding_report.h"] = "report"
	owner["dma_note.h"] = "cache_model"
	owner["cpu_map.h"] = owner["cpu_ordered.h"] = "cache_model"
	owner["irq.h"] = "irq"; owner["pci.h"] = owner["ats.h"] = "pci"
	owner["smmuv3.h"] = owner["smmu_ats.h"] = "smmuv3"; owner["virtio.h"] = "virtio"
	owner["virtio_blk.h"] = "virtio_blk"; owner["platform.h"] = "platform"
	owner["smmu_tables.h"] = owner["smmu_commands.h"] = "smmu_tables"
	owner["explore.h"] = "explore"
	owner["schedule.h"] = "explore"
	owner["policy.h"] = "policy"; owner["driver.h"] = "driver"
	owner["replay.h"] = "replay"; owner["view.h"] = "view"
	owner["lesson.h"] = "teach"; owner["dmasim.h"] = "tools"
}
function room_of(path, parts, n) {
	n = split(path, parts, "/")
	if (parts[1] == "include") return owner[parts[3]]
	if (parts[1] == "tools") return "tools"
	return parts[2]
}
/^#[ \t]*include[ \t]+"dmasim\// {
	header = $0
	sub(/.*"dmasim\//, "", header); sub(/".*/, "", header)
	to = owner[header]
	from = room_of(FILENAME)
	if (to == "") {
		printf "%s:%d: header %s belongs to no room\n", FILENAME, FNR, header
		bad = 1
	} else if (to != from && layer_of_room(to) >= layer_of_room(from)) {
		printf "%s:%d: %s includes %s of the layer %s\n",
			FILENAME, FNR, from, header, to
		bad = 1
	}
}
END { exit bad }
'
