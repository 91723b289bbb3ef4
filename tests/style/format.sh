#!/bin/sh
# SPDX-License-Identifier: MIT
# Every source file is as clang-format leaves it.
command -v clang-format >/dev/null || exit 77
. tests/style/sources.sh
sources | xargs clang-format --dry-run -Werror
