#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Two clients count aloud to each other over TLS, while the socket manager under them is replaced ten times.
# Usage: examples/swap-demo.sh [--port N] [--build DIR]     It ends by itself; 0: nobody noticed.
set -eu
cd "$(dirname "$0")/.."
. examples/packages.sh
. examples/programs.sh

port=15222
build=build
usage() {
    echo "usage: examples/swap-demo.sh [--port N] [--build DIR]   (default: port 15222, build)"
    exit "$1"
}
while [ $# -gt 0 ]; do
    case $1 in
        --port) [ $# -ge 2 ] || usage 2; port=$2; shift 2 ;;
        --build) [ $# -ge 2 ] || usage 2; build=$2; shift 2 ;;
        -h|--help) usage 0 ;;
        *) usage 2 >&2 ;;
    esac
done
case $port in ''|*[!0-9]*) echo "examples/swap-demo.sh: --port takes a number" >&2; exit 2 ;; esac

install_packages $build_packages python3
build_programs "$build" examples/host/jabberd-host examples/host/jabberd-ctl plugin/socket_manager.so examples/session_manager/session_manager.so

build=$(cd "$build" && pwd)
data=$(mktemp -d "$build/swap-demo-XXXXXX")
server= clients=
clean_up() {
    status=$?
    trap - EXIT
    [ -z "$clients" ] || kill "$clients" 2>/dev/null || :
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server"; } || :
    rm -rf "$data"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# Two files: to the host each is another component, with an image of its own.
cp "$build/plugin/socket_manager.so" "$data/one.so"
cp "$build/plugin/socket_manager.so" "$data/other.so"
sed -e "s|>socket_manager.so<|>$data/one.so<|" \
    -e "s|>session_manager.so<|>$build/examples/session_manager/session_manager.so<|" \
    -e "s/<listen port='[0-9]*'>/<listen port='$port'>/" examples/jabber.xml >"$data/jabber.xml"

"$build/examples/host/jabberd-host" -c "$data/jabber.xml" --control "$data/control.sock" >"$data/server.log" 2>&1 &
server=$!

wait_for "$data/server.log" "^ready" "$server"

python3 examples/swap_demo/counting_clients.py "$port" "$data/localhost.pem" >"$data/clients.log" 2>&1 &
clients=$!
wait_for "$data/clients.log" "two clients count" "$clients"
cat "$data/clients.log"

ctl() { "$build/examples/host/jabberd-ctl" --socket "$data/control.sock" "$@"; }
failed=0
for i in 1 2 3 4 5; do
    for file in other.so one.so; do
        sleep 0.5
        ctl swap c2s "$data/$file" >"$data/answer" 2>"$data/reports" || cat "$data/reports" >&2
        sed "s|$data/||" "$data/answer" | tee -a "$data/swaps.log"
    done
done
sleep 0.5
[ "$(grep -c "^swapped: " "$data/swaps.log")" -eq 10 ] || { echo "not all of the ten swaps were made" >&2; failed=1; }
if grep -q "$data/other.so" "/proc/$server/maps"; then
    echo "the image before the last is still in memory" >&2
    failed=1
fi

kill -TERM "$clients"
wait "$clients" || failed=1
clients=
sed 1d "$data/clients.log"
[ $failed -eq 0 ] && echo "ten swaps, and nobody noticed" || echo "somebody noticed: see above" >&2
exit $failed
