#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Has clang-tidy read what is installed and what is shown (.clang-tidy says by which rules): each file by itself, as clang would compile it, so that one which does not include what it needs is found, too.
# Usage: tidy.sh RUN-CLANG-TIDY REPOSITORY
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$2"
CC=clang CXX=clang++ meson setup "$scratch/build" >"$scratch/output" 2>&1 || { cat "$scratch/output"; exit 1; }
if ! "$1" -quiet -p "$scratch/build" "^$PWD/(plugin|examples)/.*\.cpp$" >"$scratch/output" 2>&1; then
    sed -i 's/\x1b\[[0-9;]*m//g' "$scratch/output" # it paints, whatever it is asked
    grep -E -A3 '(warning|error):' "$scratch/output" || cat "$scratch/output"
    exit 1
fi
# Each file it has read is a line with the command.
files=$(grep -c '^clang-tidy' "$scratch/output") || true
echo "$files files"
[ "$files" -gt 100 ]
