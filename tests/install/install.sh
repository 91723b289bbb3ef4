#!/bin/sh
# SPDX-License-Identifier: MIT
# install.sh SOURCE_DIR BUILD_DIR CC
set -eu
source=$1
build=$2
cc=$3
work=$build/install-test
rm -rf "$work"
mkdir -p "$work"

cmake --install "$build" --prefix "$work/usr" >"$work/install.log"

# As a CMake user: shared, static and SystemC variants.
cmake -S "$source/examples/mismatched_alias" -B "$work/cmake" \
	-DCMAKE_PREFIX_PATH="$work/usr" -DCMAKE_C_COMPILER="$cc" >"$work/cmake.log"
cmake --build "$work/cmake" >>"$work/cmake.log"
for p in shared static systemc; do
	"$work/cmake/mismatched_alias_$p" >"$work/$p.txt"
	cmp "$work/shared.txt" "$work/$p.txt"
done

# As a pkg-config user.
lib=$(dirname "$(find "$work/usr" -name dmasim.pc)")
export PKG_CONFIG_PATH="$lib"
# shellcheck disable=SC2046 # flags are words
"$cc" -std=c11 -o "$work/plain" \
	"$source/examples/mismatched_alias/mismatched_alias.c" \
	$(pkg-config --define-variable=prefix="$work/usr" --cflags --libs dmasim)
LD_LIBRARY_PATH="$(dirname "$lib")" "$work/plain" >"$work/plain.txt"
cmp "$work/shared.txt" "$work/plain.txt"
grep -q MISMATCHED_ALIAS "$work/plain.txt"
echo "the example says the same in all four builds"
