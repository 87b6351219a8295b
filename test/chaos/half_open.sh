#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The cases of test/chaos that need a network to lose: PROGRAM runs in a network namespace of its own, and its clients in another (PEER_NETWORK), at the far end of a link. Exit status 77 where this machine does not let us.
# Usage: half_open.sh PROGRAM [ARGUMENTS]
set -eu
case $1 in
at-the-far-end)
    shift
    ip link set lo up
    unshare --net "$0" at-our-end $$ "$@"
    ;;
at-our-end)
    far=$2
    shift 2
    export PEER_NETWORK="/proc/$far/ns/net"
    there="nsenter --net=$PEER_NETWORK"
    ip link set lo up
    ip link add here type veth peer name there netns "$far"
    ip address add 10.98.0.1/24 dev here
    ip link set here up
    for last in 11 12 13 14; do $there ip address add 10.98.0.$last/24 dev there; done
    $there ip link set there up
    exec "$@"
    ;;
*)
    for user in "" "--user --map-root-user"; do
        if unshare $user --net ip link add here type veth peer name there 2>/dev/null; then
            exec unshare $user --net "$0" at-the-far-end "$@"
        fi
    done
    echo "no network namespaces here"
    exit 77
    ;;
esac
