#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Compares the structs of the component ABI with those that were published (types.abi), and shows what has changed. A struct may grow at its end, which is a new version in
# include/CHANGES.md and is published; nothing else of it ever changes.
# Usage: abidiff.sh TYPES_LIBRARY              compares
#        abidiff.sh TYPES_LIBRARY --publish    makes these the published ones
set -eu
here=$(dirname "$0")
describe() { abidw --no-corpus-path --no-comp-dir-path --no-show-locs --type-id-style hash "$1"; }
if [ "${2:-}" = --publish ]; then
    describe "$1" >"$here/types.abi"
    exit
fi
now=$(mktemp)
trap 'rm -f "$now"' EXIT
describe "$1" >"$now"
abidiff --harmless --redundant "$here/types.abi" "$now"
echo "as published"
