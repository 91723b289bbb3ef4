#!/bin/sh
# SPDX-License-Identifier: MIT
# golden.sh DMASIM: write the texts of all lessons anew, after a change that
# is meant. Look at the difference before it is kept.
set -eu
cd "$(dirname "$0")/../.."
"$1" teach | sed -n 's/^\([a-z-]*\)  *[A-Z].*: .*/\1/p' | while read -r lesson; do
	"$1" teach "$lesson" >"tests/teach/golden/$lesson.txt"
done
