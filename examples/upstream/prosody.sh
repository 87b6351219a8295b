#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Prosody on loopback, with data of its own, and our socket manager in front of it. The lines that matter are explained in examples/upstream/README.md.
# Usage: examples/upstream/prosody.sh [--port N] [--server-port N] [--build DIR]     Ctrl-C stops both.
set -eu
cd "$(dirname "$0")/../.."
. examples/upstream/in_front.sh

begin prosody 25222 "$@"
install_server prosody prosody
mkdir -p "$data/certs" "$data/accounts"
[ -f "$data/prosody.cfg.lua" ] || cat >"$data/prosody.cfg.lua" <<EOF
run_as_root = true
pidfile = "$data/prosody.pid"
data_path = "$data/accounts"
log = { { levels = { min = "info" }, to = "file", filename = "$data/server.log" } }
modules_enabled = { "roster", "saslauth", "disco", "presence", "message", "iq", "offline", "smacks", "csi_simple", "carbons", "pep", "blocklist", "vcard_legacy", "private", "ping" }
modules_disabled = { "s2s", "tls" }
interfaces = { "127.0.0.1" }
c2s_ports = { $server_port }
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
VirtualHost "localhost"
EOF
sed -i "s/^c2s_ports = .*/c2s_ports = { $server_port }/" "$data/prosody.cfg.lua"
for user in alice bob; do
    prosodyctl --config "$data/prosody.cfg.lua" register $user localhost "$(password_of $user)" >"$data/register.log" 2>&1 || { cat "$data/register.log" >&2; exit 1; }
done
start_server prosody -F --config "$data/prosody.cfg.lua"
wait_for "$data/server.log" "Activated service 'c2s' on .*$server_port" "$server"

# Debian's Prosody 0.12 does not read the PROXY protocol (mod_net_proxy of prosody-modules does): to it all clients come from 127.0.0.1.
start_host no
explain
