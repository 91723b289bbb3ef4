#!/bin/sh
# SPDX-License-Identifier: MIT
# What README.md shows is what the command prints: each line of a block that
# begins with "$ dmasim ..." stands in the output, up to " [...]".
# readme.sh DMASIM, from the top of the tree
set -u
dmasim=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
awk '
/^\$ dmasim / { n++; sub(/^\$ dmasim /, ""); print > (dir "/command" n); next }
/^```/ { inside = !inside; if (!inside) open = 0; else open = n + 1; next }
inside && n == open && !/^ *\[\.\.\.\]$/ && !/^$/ { sub(/ \[\.\.\.\].*/, ""); print > (dir "/lines" n) }
' dir="$work" README.md
[ -s "$work/lines1" ] || { echo "README.md shows no output"; exit 1; }
status=0
n=1
while [ -f "$work/command$n" ]; do
	# shellcheck disable=SC2046 # arguments are words
	"$dmasim" $(cat "$work/command$n") >"$work/out$n" 2>/dev/null
	while IFS= read -r line; do
		grep -qF -- "$line" "$work/out$n" || {
			echo "dmasim $(cat "$work/command$n") does not print: $line"
			status=1
		}
	done <"$work/lines$n"
	n=$((n + 1))
done
exit $status
