#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a packet costs that goes on to another process by link.so, and how long it takes, beside a relay that does nothing but frame packets. Prints, and never fails for being slow.
# Usage: test/bench/hop.sh [BUILD] [ROUNDS]     a build directory made with --buildtype=release (default: build), and how often to measure (default: 5)
# Absolute times are this machine's; the ways are measured in turns, so the ratios are what counts. Both ends are counted, and the broker, where there is one.
set -eu
cd "$(dirname "$0")/../.."
build=$(cd "${1:-build}" && pwd)
rounds=${2:-5}
directory=$(mktemp -d)
broker=
stop() {
    [ -z "$broker" ] || kill "$broker" 2>/dev/null || true
    rm -rf "$directory"
}
trap stop EXIT
trap 'exit 1' INT TERM
ways='relay tcp'
server=
if command -v nats-server >/dev/null && ! grep -qs "without NATS" "$build/meson-logs/meson-log.txt"; then
    nats-server -a 127.0.0.1 -p -1 --ports_file_dir "$directory" >"$directory/broker.log" 2>&1 &
    broker=$!
    while ! server=$(sed -n 's/.*"nats":\["\([^"]*\)".*/\1/p' "$directory"/nats-server_*.ports 2>/dev/null) || [ -z "$server" ]; do
        kill -0 "$broker"
        sleep 0.1
    done
    ways='relay tcp nats'
else
    echo "without nats-server, or libnats: NATS is left out"
fi

value() { awk -v key="$1" '$1 == key { print $2 }'; }
median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

measure() {
    name=$1
    shift
    rm -f "$directory"/*.cpu "$directory"/*.ratio "$directory"/*.p50 "$directory"/*.p99 "$directory"/*.rate
    for round in $(seq "$rounds"); do
        for way in $ways; do
            "$build/test/bench/hop" "$way" "$@" ${server:+--server "$server"} $([ "$way" != nats ] || echo --broker "$broker") >"$directory/$way" 2>"$directory/$way.log" || { cat "$directory/$way.log" >&2; exit 1; }
            value cpu_us <"$directory/$way" >>"$directory/$way.cpu"
            value p50_us <"$directory/$way" >>"$directory/$way.p50"
            value p99_us <"$directory/$way" >>"$directory/$way.p99"
            value per_second <"$directory/$way" >>"$directory/$way.rate"
            awk -v a="$(value cpu_us <"$directory/$way")" -v b="$(value cpu_us <"$directory/relay")" 'BEGIN { printf "%.2f\n", a / b }' >>"$directory/$way.ratio"
        done
    done
    for way in $ways; do
        case $way in relay) goal='' ;; tcp) goal='at most 2' ;; nats) goal='at most 5' ;; esac
        printf '%-14s %-6s %9s us %7s %9s us %9s us %10s   %s\n' "$name" "$way" "$(median <"$directory/$way.cpu")" "$(median <"$directory/$way.ratio")" \
            "$(median <"$directory/$way.p50")" "$(median <"$directory/$way.p99")" "$(median <"$directory/$way.rate")" "$goal"
    done
}
printf '%-14s %-6s %12s %7s %12s %12s %10s   %s\n' '200 bytes' '' 'processor' 'ratio' 'p50' 'p99' 'a second' 'goal of the ratio'
measure '4000 a second' --rate 4000 --packets 20000
measure 'saturated' --packets 500000
