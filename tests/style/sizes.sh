#!/bin/sh
# SPDX-License-Identifier: MIT
# Files of at most 650 lines, functions of at most 75: the house style says
# about 600 and about 60; this is where "about" ends.
. tests/style/sources.sh
sources | xargs awk '
FNR == 1 { if (last) check_file(); last = FILENAME }
{ count = FNR }
/^\{/ { start = FNR }
/^\}/ {
	if (start && FNR - start - 1 > 75) {
		printf "%s:%d: a function of %d lines\n", FILENAME, start,
			FNR - start - 1
		bad = 1
	}
	start = 0
}
function check_file() {
	if (count > 650) {
		printf "%s: %d lines\n", last, count
		bad = 1
	}
}
END { check_file(); exit bad }
'
