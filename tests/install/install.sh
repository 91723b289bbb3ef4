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

# Tables and commands of an SMMU, from outside: the driver forgets an
# invalidation, and does not.
cmake -S "$source/examples/use_after_unmap" -B "$work/unmap" \
	-DCMAKE_PREFIX_PATH="$work/usr" -DCMAKE_C_COMPILER="$cc" >"$work/unmap.log"
cmake --build "$work/unmap" >>"$work/unmap.log"
"$work/unmap/use_after_unmap" >"$work/forgotten.txt"
for line in '^write after unmap: ok$' '^USE_AFTER_UNMAP: SMMU tables' \
	'access   nic: write after unmap' \
	'writer   cpu0: .*use_after_unmap\.c:[0-9]' 'CMD_TLBI_NH_VA'; do
	grep -q "$line" "$work/forgotten.txt"
done
"$work/unmap/use_after_unmap" invalidate >"$work/invalidated.txt"
printf '%s\n' 'write before unmap: ok' 'write after unmap: abort' \
	'event F_TRANSLATION, StreamID 0x1234, address 0x7040201000' |
	cmp - "$work/invalidated.txt"

# A lesson of one's own, with the installed command and library.
printf '#!/bin/sh\nexec pkg-config --define-variable=prefix=%s/usr "$@"\n' \
	"$work" >"$work/pkg-config"
chmod +x "$work/pkg-config"
PKG_CONFIG="$work/pkg-config" "$work/usr/bin/dmasim" teach \
	"$work/usr/share/dmasim/lessons/missing_clean.c" >"$work/lesson.txt"
grep -q 'The checker finds it: STALE_READ' "$work/lesson.txt"
grep -q 'missing_clean.c:[0-9]*: lesson_write32' "$work/lesson.txt"
echo "the examples say the same in all builds"
