#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Print coverage by file and fail below the project's figures.

C: lines >= 98 %, functions 100 %, branches >= 90 %, no file under 95 % of
its lines. Some rooms have higher figures of their own. The C++ shim: lines
>= 90 %. A line that is left out (GCOVR_EXCL_LINE and the like) says why
behind the marker, in the same line.
"""
import json
import re
import sys

KINDS = ("line", "function", "branch")
FIGURES = (98.0, 100.0, 90.0)
# Room: the figures of all its files together, and the lines of each file.
ROOMS = {
    "sim/mem/": ((98.0, 100.0, 90.0), 95.0),
    "sim/cache_model/": ((98.0, 100.0, 90.0), 95.0),
    "sim/smmuv3/": ((100.0, 100.0, 90.0), 100.0),
    "harness/smmu_tables/": ((98.0, 100.0, 90.0), 98.0),
    "harness/view/": ((98.0, 100.0, 90.0), 98.0),
    "harness/teach/": ((98.0, 100.0, 90.0), 98.0),
}
MARKER = re.compile(r"(?:GCOVR?|LCOV)_EXCL_\w+[ \t:]*([^\n]*)")


def share(covered, total):
    return 100.0 if total == 0 else 100.0 * covered / total


def of_file(f, kind):
    return share(f[f"{kind}_covered"], f[f"{kind}_total"])


def least_lines(name):
    if name.endswith((".cpp", ".hpp")):
        return 90.0
    return max([95.0] + [lines for room, (_, lines) in ROOMS.items()
                         if name.startswith(room)])


def check_files(files, bad):
    print(f"{'file':52} {'lines':>8} {'functions':>9} {'branches':>8}")
    for f in files:
        name = f["filename"]
        line, function, branch = (of_file(f, kind) for kind in KINDS)
        print(f"{name:52} {line:7.1f}% {function:8.1f}% {branch:7.1f}%")
        if line < least_lines(name):
            bad.append(f"{name}: {line:.1f} % of its lines")


def check_sums(what, files, figures, bad):
    for kind, least in zip(KINDS, figures):
        covered = sum(f[f"{kind}_covered"] for f in files)
        total = sum(f[f"{kind}_total"] for f in files)
        got = share(covered, total)
        print(f"{f'{kind} coverage, {what}:':42} {got:.1f} % "
              f"({covered} of {total}), at least {least:.0f} %")
        if got < least:
            bad.append(f"{what}: {kind} coverage {got:.1f} % is under "
                       f"{least:.0f} %")


def check_markers(root, files, bad):
    for f in files:
        with open(f"{root}/{f['filename']}", encoding="utf-8") as source:
            text = source.read()
        for marker in MARKER.finditer(text):
            if not re.search("[A-Za-z]", marker.group(1)):
                bad.append(f"{f['filename']}: {marker.group(0).strip()} "
                           "without a reason")


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        files = json.load(f)["files"]
    bad = []
    check_files(files, bad)
    check_sums("C", [f for f in files if least_lines(f["filename"]) > 90.0],
               FIGURES, bad)
    for room, (figures, _) in ROOMS.items():
        check_sums(room, [f for f in files
                          if f["filename"].startswith(room)], figures, bad)
    check_markers(sys.argv[2], files, bad)
    for line in bad:
        print("below the figure:", line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
