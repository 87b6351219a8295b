#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Four hosts of one cluster on this machine, two with sockets and two with sessions: clients chat across them, one host is killed, and it is told what they saw of that.
# The hosts are linked by a NATS broker where there can be one, and with --tcp directly.
# Usage: examples/cluster.sh [--build DIR] [--tcp]     It ends by itself; 0: all is well again, and nothing was lost.
set -eu
cd "$(dirname "$0")/.."
. examples/packages.sh

build=build
tcp=
usage() {
    echo "usage: examples/cluster.sh [--build DIR] [--tcp]   (default: build, and a NATS broker where there can be one)"
    exit "$1"
}
while [ $# -gt 0 ]; do
    case $1 in
        --build) [ $# -ge 2 ] || usage 2; build=$2; shift 2 ;;
        --tcp) tcp=yes; shift ;;
        -h|--help) usage 0 ;;
        *) usage 2 >&2 ;;
    esac
done

install_packages $build_packages python3
# A broker is worth having, and no reason to fail.
[ -n "$tcp" ] || (install_packages $broker_packages) || echo "there is no broker: the hosts are linked over TCP" >&2
mkdir -p "$build"
if [ ! -f "$build/build.ninja" ] && ! meson setup "$build" >"$build/setup.log" 2>&1; then
    cat "$build/setup.log" >&2
    exit 1
fi
ninja -C "$build" examples/host/jabberd-host examples/host/jabberd-ctl plugin/socket_manager.so examples/session_manager/session_manager.so examples/link/link.so >"$build/cluster.log" 2>&1 ||
    { tail -30 "$build/cluster.log" >&2; exit 1; }
broker=
if [ -z "$tcp" ] && ldd "$build/examples/link/link.so" | grep -q libnats; then
    broker=$(PATH="$PATH:/usr/sbin" command -v nats-server || true)
fi
exec python3 examples/cluster_demo/demo.py "$build" ${broker:+"$broker"}
