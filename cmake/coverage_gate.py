#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Print coverage by file and fail below the project's figures.

C: lines >= 98 %, functions 100 %, branches >= 90 %, no file under 95 % of
its lines. The C++ shim: lines >= 90 %.
"""
import json
import sys


def share(covered, total):
    return 100.0 if total == 0 else 100.0 * covered / total


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        files = json.load(f)["files"]
    bad = []
    sums = dict.fromkeys(
        ("line_covered", "line_total", "function_covered", "function_total",
         "branch_covered", "branch_total"), 0)
    print(f"{'file':52} {'lines':>8} {'functions':>9} {'branches':>8}")
    for f in files:
        lines = share(f["line_covered"], f["line_total"])
        print(f"{f['filename']:52} {lines:7.1f}% "
              f"{share(f['function_covered'], f['function_total']):8.1f}% "
              f"{share(f['branch_covered'], f['branch_total']):7.1f}%")
        cxx = f["filename"].endswith((".cpp", ".hpp"))
        if lines < (90.0 if cxx else 95.0):
            bad.append(f"{f['filename']}: {lines:.1f} % of its lines")
        if not cxx:
            for key in sums:
                sums[key] += f[key]
    figures = (("line", 98.0), ("function", 100.0), ("branch", 90.0))
    for name, least in figures:
        got = share(sums[f"{name}_covered"], sums[f"{name}_total"])
        print(f"{name + ' coverage, C:':24} {got:.1f} % "
              f"({sums[f'{name}_covered']} of {sums[f'{name}_total']}), "
              f"at least {least:.0f} %")
        if got < least:
            bad.append(f"{name} coverage {got:.1f} % is under {least:.0f} %")
    for line in bad:
        print("below the figure:", line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
