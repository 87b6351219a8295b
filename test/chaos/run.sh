#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every flood of test/chaos, and what else may go wrong, beside two friends who chat. Prints a line for each: what the friends' messages took before, during and after it, what was held, and what the flood was told.
# Usage: test/chaos/run.sh [BUILD] [SECONDS] [FILTER]     a build directory (default: build/test-gcc), how long each lasts (default: 20), and which of them (*half*)
# Those of WebSockets that say nothing, and of clients that vanish, are of 10 000 connections here.
# At the end, what the same flood makes of two who say the same at a byte relay: what this machine can do.
# SERVER=BUILD: with the server of another build. Times are this machine's: compare two builds by turns, or with what the friends' messages took before.
set -eu
cd "$(dirname "$0")/../.."
build=$(cd "${1:-build/test-gcc}" && pwd)
export FLOOD="$build/test/chaos/flood" JABBERD_HOST="${SERVER:-$build}/examples/host/jabberd-host" JABBERD_CTL="${SERVER:-$build}/examples/host/jabberd-ctl"
export HASTY_KERNEL="$build/test/chaos/hasty_kernel.so"
export WRONG_SESSION_MANAGER="$build/test/chaos/wrong_session_manager.so" WALL_CLOCK_LIBRARY="$build/test/chaos/wall_clock.so" PLAIN_SOCKET_MANAGER="${SERVER:-$build}/examples/plain_socket_manager/plain_socket_manager.so"
export SOCKET_MANAGER="${SERVER:-$build}/plugin/socket_manager.so" SESSION_MANAGER="${SERVER:-$build}/examples/session_manager/session_manager.so"
ulimit -n "$(ulimit -Hn)"
far=$(test/chaos/half_open.sh true >/dev/null && echo test/chaos/half_open.sh || true) # a network that can vanish
seconds=${2:-20}

lines=$(mktemp)
trap 'rm -f "$lines"' EXIT
CHAOS_SECONDS=$seconds $far "$build/test/chaos/chaos" --gtest_filter="*${3:-}*" | grep -v '^\[ \|^\[-\|^\[=\|^$' | tee "$lines"

# At the relay each two of the flood's connections are a pair, so that what one says comes to another one.
echo
echo "At a byte relay:"
kinds=$("$FLOOD" | awk 'NR > 1 { print $1 }')
while read -r kind addresses by connections rest; do
    [ "$by" = x ] && printf '%s\n' "$kinds" | grep -qx "$kind" || continue
    directory=$(mktemp -d)
    "$build/test/bench/relay" >"$directory/relay" &
    relay=$!
    while ! port=$(sed -n 's/^ready //p' "$directory/relay") || [ -z "$port" ]; do sleep 0.1; done
    before=$("$build/test/chaos/wire_pulse" "$port" 3)
    "$FLOOD" "$kind" "$port" "$addresses" "$connections" "$seconds" >/dev/null &
    flood=$!
    during=$("$build/test/chaos/wire_pulse" "$port" "$seconds") || during='cut off'
    wait "$flood" || true
    kill "$relay"
    rm -rf "$directory"
    printf '%-18s %s x %-4s p50/p99 ms before %s during %s\n' "$kind" "$addresses" "$connections" "$before" "$during"
done <"$lines"
