#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what is missing, builds, and replays the fault trace of January
# 2017. Works on a bare Debian 12; a second run takes seconds.
set -eu
cd "$(dirname "$0")"
. cmake/setup.sh

# shellcheck disable=SC2086 # a list of names
install_packages $PACKAGES
build release --target dmasim
say "dmasim replay traces/2017-01-fvp-virtio-blk.log"
exec build/release/tools/dmasim replay traces/2017-01-fvp-virtio-blk.log
