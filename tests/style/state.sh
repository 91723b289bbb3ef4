#!/bin/sh
# SPDX-License-Identifier: MIT
# No file-scope mutable state: the C library has no object in .data or .bss
# (constants with relocations lie in .data.rel.ro).
# state.sh LIBRARY.a
bad=$(objdump -t "$1" | awk '
	/file format/ { file = $1 }
	{ section = ""; for (i = 2; i <= NF; i++) if ($i ~ /^\./) { section = $i; break } }
	$0 ~ / O / && section ~ /^\.(data|bss|tdata|tbss)/ &&
		section !~ /^\.data\.rel\.ro/ || section == "*COM*" {
		print file, section, $NF
	}')
[ -z "$bad" ] && exit 0
echo "file-scope mutable state in $1:"
echo "$bad"
exit 1
