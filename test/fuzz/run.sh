#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every libFuzzer target of test/fuzz, for a while, from a copy of its corpus. Prints the executions of each; when one finds something, what it says and the input.
# Usage: test/fuzz/run.sh [BUILD] [SECONDS] [FILTER]     a build with clang (default: build/test-clang-asan), how long each runs (default: $FUZZ_SECONDS, or 30), and which of them (*client*)
# test/run.sh clang-asan makes that build.
# The inputs are those of $FUZZ_SEED (default: 1), so that a suite says the same twice; a hunt is $FUZZ_SEED=0, which is another one each time.
# What they found worth keeping of inputs stays in $FUZZ_CORPUS, where that names a directory.
set -eu
cd "$(dirname "$0")/../.."
build=$(cd "${1:-build/test-clang-asan}" && pwd)
seconds=${2:-${FUZZ_SECONDS:-30}}
# Databases by the thousand: nothing of it is worth a disk. What a target leaves behind goes with the rest.
memory=/dev/shm
[ -d "$memory" ] && [ -w "$memory" ] || memory=${TMPDIR:-/tmp}
work=$(mktemp -d "$memory/fuzz-XXXXXX")
at_a_time=$(nproc)
children=
trap 'rm -rf "$work"' EXIT
trap 'kill $children 2>/dev/null; exit 1' INT TERM HUP

export TMPDIR="$work/tmp"
mkdir "$TMPDIR"

fuzz() {
    mkdir -p "$work/$1/found" "${FUZZ_CORPUS:-$work}/$1/corpus"
    seeds="test/fuzz/corpus/$1"
    [ -d "$seeds" ] || seeds=
    # An input that takes 25 s or 2 GB is a finding, too.
    status=0
    "$build/test/fuzz/fuzz_$1" -seed="${FUZZ_SEED:-1}" -max_total_time="$seconds" -max_len=4000 -timeout=25 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=1 \
        -artifact_prefix="$work/$1/found/" "${FUZZ_CORPUS:-$work}/$1/corpus" $seeds >"$work/$1/log" 2>&1 || status=$?
    echo "$status" >"$work/$1/status"
}

names=
for target in "$build"/test/fuzz/fuzz_*${3:-}*; do
    if [ -f "$target" ] && [ -x "$target" ]; then
        name=${target##*/fuzz_}
        names="$names $name"
    fi
done
[ -n "$names" ] || { echo "test/fuzz/run.sh: no libFuzzer target in $build/test/fuzz" >&2; exit 2; }

# So many side by side: each of these takes the next name of its own.
lane() {
    number=0
    for name in $names; do
        [ $((number % at_a_time)) -ne "$1" ] || fuzz "$name"
        number=$((number + 1))
    done
}
for n in $(seq 0 $((at_a_time - 1))); do
    lane "$n" &
    children="$children $!"
done
for child in $children; do
    wait "$child"
done

failed=0
for name in $names; do
    log="$work/$name/log"
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    covered=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)
    printf '%-18s %10s executions, %s edges\n' "$name" "${executions:-?}" "${covered:-?}"
    # One that has run nothing has found nothing, either.
    if [ "$(cat "$work/$name/status")" = 0 ] && [ "${executions:-0}" -gt 0 ]; then
        continue
    fi
    failed=$((failed + 1))
    grep -v '^#\|^INFO\|^stat::' "$log" | tail -60
    for input in "$work/$name/found"/*; do
        [ -f "$input" ] || continue
        echo "$name finds, in ${input##*/}:"
        od -A x -t x1z -v "$input" | head -300
    done
done
[ "$failed" -eq 0 ]
