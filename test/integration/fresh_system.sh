# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced: a Debian 12 that has nothing yet, in $work/system, for what an operator does with our packages in it. Whoever sources it calls ended() at its end.
tree=$(cd "$here/../.." && pwd)
work=$(mktemp -d)

failed() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

# in_time WHAT COMMAND...: until it comes true.
in_time() {
    what=$1
    shift
    for _ in $(seq 100); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.2
    done
    failed "not in time: $what"
}

# shown COMMAND: in the system, as its operator types it.
shown() {
    echo "# $1"
    inside sh -c "$1" 2>&1
}

# made_system [SYSTEM]: with packages of ours, 1.0 and 1.1, in its /root.
made_system() {
    if [ $# -gt 0 ]; then
        cp -a "$1" "$work/system"
    else
        debootstrap --variant=minbase bookworm "$work/system" >"$work/log" || { cat "$work/log"; failed "debootstrap"; }
    fi
    for version in 1.0 1.1; do
        VERSION=$version "$tree/examples/operations/packages/build.sh" "$work/system/root/$version" >"$work/log" 2>&1 || { cat "$work/log"; failed "no packages"; }
    done
}

# ours VERSION: what apt is to install.
ours() {
    echo "./$1/jabberd-host_*.deb ./$1/jabberd-socket-manager_*.deb ./$1/jabberd-session-manager_*.deb"
}
