#!/bin/sh
# SPDX-License-Identifier: MIT
# No file-scope mutable state: the C library has no data and no bss symbols.
# state.sh LIBRARY.a
bad=$(nm "$1" 2>/dev/null | grep -E ' [bBdDcCsSgG] ' | grep -v ' [dD] \.')
[ -z "$bad" ] && exit 0
echo "file-scope mutable state in $1:"
echo "$bad"
exit 1
