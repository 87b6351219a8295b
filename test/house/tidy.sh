#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Has clang-tidy read what is installed and what is shown (.clang-tidy says by which rules), as this build compiles it: a build with clang.
# Usage: tidy.sh RUN-CLANG-TIDY REPOSITORY BUILD
set -eu
output=$(mktemp)
trap 'rm -f "$output"' EXIT
cd "$2"
if ! "$1" -quiet -p "$3" "^$PWD/(plugin|examples)/.*\.cpp$" >"$output" 2>&1; then
    sed -i 's/\x1b\[[0-9;]*m//g' "$output" # it paints, whatever it is asked
    grep -E -A3 '(warning|error):' "$output" || cat "$output"
    exit 1
fi
# Each file it has read is a line with the command.
files=$(grep -c '^clang-tidy' "$output") || true
echo "$files files"
[ "$files" -gt 100 ]
