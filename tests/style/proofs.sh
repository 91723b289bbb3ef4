#!/bin/sh
# SPDX-License-Identifier: MIT
# The tables of docs/smmuv3*.md: every row says what the model does, every
# "yes" names a test, and every test that is named exists.
# proofs.sh CTEST BUILD
set -eu
tests=$(mktemp)
trap 'rm -f "$tests"' EXIT
"$1" --test-dir "$2" -N | sed -n 's/^ *Test *#[0-9]*: //p' >"$tests"
status=0
grep -n PENDING docs/smmuv3*.md && status=1
awk -F ' *[|] *' '
function complain(what) {
	print FILENAME ":" FNR ": " what
	status = 1
}
FILENAME == ARGV[1] { known[$0] = 1; next }
FNR == 1 || !/^[|]/ { here = test = 0 }
/^[|]/ && !test {
	for (i = 2; i < NF; i++) {
		if ($i == "here") here = i
		if ($i == "test") test = i
	}
	next
}
!/^[|]/ || /^[|] *---/ { next }
{
	rows++
	if ($here == "") complain("nothing said of this model")
	if ($test == "" && $here !~ /^(no|n\/a|none)([ ,:]|$)/)
		complain("no test")
	n = split($test, named, /, */)
	for (i = 1; i <= n; i++)
		if (!(named[i] in known)) complain("no test " named[i])
}
END {
	if (rows < 300) complain("only " rows " rows")
	exit status
}' "$tests" docs/smmuv3.md docs/smmuv3-operation.md docs/smmuv3-interface.md || status=1
exit $status
