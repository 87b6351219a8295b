#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a message costs the whole server, beside a relay that only copies bytes, and over a WebSocket beside the same over TCP; and what an idle client costs it. Prints, and never fails for being slow.
# Usage: test/bench/run.sh [BUILD] [ROUNDS]     a build directory made with --buildtype=release (default: build), and how often to measure (default: 5)
# Absolute times are this machine's; server and relay are measured in turns, so the ratio is what counts.
set -eu
cd "$(dirname "$0")/../.."
build=$(cd "${1:-build}" && pwd)
rounds=${2:-5}
directory=$(mktemp -d)
pids=
stop() {
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    for pid in $pids; do wait "$pid" 2>/dev/null || true; done
    rm -rf "$directory"
}
trap stop EXIT
trap 'exit 1' INT TERM
ulimit -n "$(ulimit -Hn)"

# No caps and no rates: it is the server that is measured, not its patience. Fewest iterations: thousands log in.
configure() {
    mkdir "$directory/$1"
    cat >"$directory/$1/jabber.xml" <<END
<jabber>
  <control>control</control>
  <log level='warning'/>
  <service id='sessions'><host>localhost</host>
    <load><session_manager>$build/examples/session_manager/session_manager.so</session_manager></load>
    <sessions xmlns='jabber:config:session-manager'><database>db</database><register>yes</register><registrations per-hour='0'/><iterations>4096</iterations></sessions>
  </service>
  <service id='c2s'>
    <load><socket_manager>$build/plugin/socket_manager.so</socket_manager></load>
    <c2s xmlns='jabber:config:socket-manager'><listen port='0'$2>127.0.0.1</listen>$3${BENCH_THREADS:+<threads>$BENCH_THREADS</threads>}
      <limits><connections-per-address>0</connections-per-address><attempts-per-second>0</attempts-per-second><bytes-per-second>0</bytes-per-second><stanzas-per-second>0</stanzas-per-second></limits>
    </c2s>
  </service>
</jabber>
END
}

# Starts a program; its pid goes to $pid, and its port to $port when it is ready.
start() {
    log=$1
    shift
    mkfifo "$directory/$log.out"
    "$@" >"$directory/$log.out" 2>"$directory/$log" &
    pid=$!
    pids="$pids $pid"
    port=
    while read -r line; do
        case $line in
            *127.0.0.1:*) port=${line##*127.0.0.1:} port=${port%% *} ;;
        esac
        case $line in
            ready:*) return ;;
            ready*) port=${line#ready }; return ;;
        esac
    done <"$directory/$log.out"
    cat "$directory/$log" >&2
    exit 1
}

start relay "$build/test/bench/relay"
relay_pid=$pid relay_port=$port
configure plain '' '<websocket/>'
start host "$build/examples/host/jabberd-host" -c "$directory/plain/jabber.xml"
host_pid=$pid host_port=$port
load="$build/test/bench/load"

value() { awk -v key="$1" '$1 == key { print $2 }'; }
median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

printf '%-28s %12s %12s %8s   %s\n' '200 pairs, 200-byte bodies' 'relay' 'server' 'ratio' 'goal'
# How many messages are on their way in each pair, the goal, and how clients write: each message by itself, or all answers to what came together in one.
compare() {
    name=$1 window=$2 goal=$3
    shift 3
    : >"$directory/ratios"
    for round in $(seq "$rounds"); do
        wire=$("$load" --relay --port "$relay_port" --pid "$relay_pid" --pairs 200 --bytes 200 --window "$window" "$@" | value cpu_us_per_message)
        whole=$("$load" --port "$host_port" --pid "$host_pid" --pairs 200 --bytes 200 --window "$window" "$@" | value cpu_us_per_message)
        ratio=$(awk -v a="$whole" -v b="$wire" 'BEGIN { printf "%.2f", a / b }')
        echo "$ratio" >>"$directory/ratios"
        printf '  %-26s %9s us %9s us %8s\n' "$name, run $round" "$wire" "$whole" "$ratio"
    done
    printf '  %-26s %12s %12s %8s   %s\n' 'median' '' '' "$(median <"$directory/ratios")" "$goal"
}
compare '10 on their way' 10 'at most 3' --one-by-one
compare '10, written together' 10 ''
compare '1 on its way' 1 'at most 1.5'

# The same server, the same messages, in turns.
echo
printf '%-28s %12s %12s %8s   %s\n' '' 'TCP' 'WebSocket' 'ratio' 'goal'
compare_carriers() {
    name=$1 window=$2
    shift 2
    : >"$directory/ratios"
    for round in $(seq "$rounds"); do
        tcp=$("$load" --port "$host_port" --pid "$host_pid" --pairs 200 --bytes 200 --window "$window" "$@" | value cpu_us_per_message)
        websocket=$("$load" --websocket --port "$host_port" --pid "$host_pid" --pairs 200 --bytes 200 --window "$window" "$@" | value cpu_us_per_message)
        ratio=$(awk -v a="$websocket" -v b="$tcp" 'BEGIN { printf "%.2f", a / b }')
        echo "$ratio" >>"$directory/ratios"
        printf '  %-26s %9s us %9s us %8s\n' "$name, run $round" "$tcp" "$websocket" "$ratio"
    done
    printf '  %-26s %12s %12s %8s   %s\n' 'median' '' '' "$(median <"$directory/ratios")" 'at most 1.25'
}
compare_carriers '10 on their way' 10 --one-by-one
compare_carriers '1 on its way' 1

"$load" --port "$host_port" --pid "$host_pid" --idle 100,5000 --quiet 5 >"$directory/idle"
echo
printf '%-42s %10s   %s\n' 'memory for an idle login, 100 to 5000' "$(value resident_bytes_per_login <"$directory/idle") bytes" 'goal: at most 2048'
printf '%-42s %10s\n' '  of these, heap and stacks' "$(value anonymous_bytes_per_login <"$directory/idle") bytes"
printf '%-42s %10s   %s\n' 'processor while 5000 are idle, in 1 s' "$(value quiet_cpu_ms_per_second <"$directory/idle") ms" 'goal: about 0'

# A process of its own: what the other has freed would be used again.
configure tls " tls='direct'" "<tls><certificate file='test.pem' self-signed='localhost'/></tls>"
start tls-host "$build/examples/host/jabberd-host" -c "$directory/tls/jabber.xml"
"$load" --tls --port "$port" --pid "$pid" --idle 100,5000 >"$directory/idle-tls"
printf '%-42s %10s\n' 'memory for an idle login over TLS' "$(value resident_bytes_per_login <"$directory/idle-tls") bytes"
printf '%-42s %10s\n' '  of these, heap and stacks' "$(value anonymous_bytes_per_login <"$directory/idle-tls") bytes"
