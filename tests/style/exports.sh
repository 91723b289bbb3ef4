#!/bin/sh
# SPDX-License-Identifier: MIT
# The shared library exports names with the prefix dmasim_ and nothing else,
# and every function that a public header declares is there.
# exports.sh LIBRARY.so
set -eu
names=$(nm -D --defined-only "$1" | awk '{print $NF}' | sed 's/@.*//')
status=0
for n in $names; do
	case $n in
	dmasim_*) ;;
	*)
		echo "exported without the prefix: $n"
		status=1
		;;
	esac
done
declared=$(cat include/dmasim/*.h | tr '\n' ' ' |
	grep -o 'DMASIM_API [^;]*;' | grep -v systemc |
	grep -o '\<dmasim_[a-z0-9_]*(' | tr -d '(' | sort -u)
for n in $declared; do
	printf '%s\n' "$names" | grep -qx "$n" || {
		echo "declared in a public header, not exported: $n"
		status=1
	}
done
exit $status
