# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced: installs what is missing of the Debian packages named, where it may; otherwise says what to install.

install_packages() {
    command -v dpkg-query >/dev/null || return 0
    missing=
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -eq 0 ]; then
        as_root=
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root=sudo
    else
        echo "These Debian packages are missing; install them first:" >&2
        echo "    apt-get install$missing" >&2
        exit 1
    fi
    echo "installing$missing"
    log=$(mktemp)
    if ! { $as_root apt-get update && $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
        cat "$log" >&2
        exit 1
    fi
    rm -f "$log"
}

build_packages="g++ meson ninja-build pkg-config libxml2-dev libglib2.0-dev libjson-glib-dev libsqlite3-dev libssl-dev libidn-dev libidn2-dev libunistring-dev libgsasl-dev"
# With these the hosts of a cluster can find each other at a NATS broker. Without them links speak TCP, and all else is the same.
broker_packages="libnats-dev nats-server"
