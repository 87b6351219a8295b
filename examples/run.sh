#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds the project if need be and runs a whole jabberd in the foreground: socket manager, host, session manager.
# Usage: examples/run.sh [--port N] [--data DIR]     Ctrl-C stops it.
set -eu
cd "$(dirname "$0")/.."
. examples/packages.sh
. examples/programs.sh

port=5222
data=build/data
usage() {
    echo "usage: examples/run.sh [--port N] [--data DIR]   (default: port 5222, build/data)"
    exit "$1"
}
while [ $# -gt 0 ]; do
    case $1 in
        --port) [ $# -ge 2 ] || usage 2; port=$2; shift 2 ;;
        --data) [ $# -ge 2 ] || usage 2; data=$2; shift 2 ;;
        -h|--help) usage 0 ;;
        *) usage 2 >&2 ;;
    esac
done
case $port in ''|*[!0-9]*) echo "examples/run.sh: --port takes a number" >&2; exit 2 ;; esac

install_packages $build_packages
build_programs build examples/host/jabberd-host examples/host/jabberd-ctl plugin/socket_manager.so examples/session_manager/session_manager.so

mkdir -p "$data"
data=$(cd "$data" && pwd)
# Your own changes to this configuration survive: it is written once; afterwards only the port is set.
if [ ! -f "$data/jabber.xml" ]; then
    sed -e "s|>socket_manager.so<|>$PWD/build/plugin/socket_manager.so<|" \
        -e "s|>session_manager.so<|>$PWD/build/examples/session_manager/session_manager.so<|" examples/jabber.xml >"$data/jabber.xml"
fi
sed -i "s/<listen port='[0-9]*'>/<listen port='$port'>/" "$data/jabber.xml"
exec build/examples/host/jabberd-host -c "$data/jabber.xml" --control "$data/control.sock"
