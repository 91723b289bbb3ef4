#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing, builds, and runs all tests: optimised, then with
# AddressSanitizer and UndefinedBehaviorSanitizer.
set -eu
cd "$(dirname "$0")"
. cmake/setup.sh

# shellcheck disable=SC2086 # lists of names
install_packages $PACKAGES $TEST_PACKAGES
jobs=$(nproc)
for preset in asan release; do
	build "$preset"
	say "testing ($preset)"
	ctest --preset "$preset" -j "$jobs" --no-tests=error
done
