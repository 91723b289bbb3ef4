#!/bin/sh
# SPDX-License-Identifier: MIT
# Every public header compiles alone, as C and as C++, and is short.
# headers.sh CC CXX
cc=$1
cxx=$2
status=0
flags="-Wall -Wextra -Wpedantic -Werror -fsyntax-only -Iinclude"
for h in include/dmasim/*.h; do
	# shellcheck disable=SC2086 # flags are words
	"$cc" -x c -std=c11 $flags "$h" || status=1
	# shellcheck disable=SC2086
	"$cxx" -x c++ -std=c++17 $flags "$h" || status=1
	lines=$(wc -l <"$h")
	if [ "$lines" -gt 300 ]; then
		echo "$h: $lines lines, more than 300"
		status=1
	fi
done
exit $status
