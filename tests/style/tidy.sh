#!/bin/sh
# SPDX-License-Identifier: MIT
# clang-tidy finds nothing in one room.
# tidy.sh BUILD_DIR ROOM
command -v clang-tidy >/dev/null || exit 77
files=$(find "$2" -name '*.c')
[ -n "$files" ] || exit 77
# shellcheck disable=SC2086 # names without spaces
exec clang-tidy -p "$1" --quiet $files
