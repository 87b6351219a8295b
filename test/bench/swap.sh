#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What clients notice of a swap: nothing may be lost, and how long messages take.
# Usage: test/bench/swap.sh [BUILD] [OPTION...]     a build directory made with --buildtype=release (default: build), and the options of test/bench/swap
set -eu
cd "$(dirname "$0")/../.."
build=$(cd "${1:-build}" && pwd)
[ $# -eq 0 ] || shift
ulimit -n "$(ulimit -Hn)"
JABBERD_HOST=$build/examples/host/jabberd-host SOCKET_MANAGER=$build/plugin/socket_manager.so SESSION_MANAGER=$build/examples/session_manager/session_manager.so FIXTURES=$build/test/abi/fixtures \
    exec "$build/test/bench/swap" "$@"
