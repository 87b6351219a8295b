#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# ejabberd on loopback, with data of its own, and our socket manager in front of it, which says where the clients come from (PROXY protocol). The lines that matter are explained in examples/upstream/README.md.
# Usage: examples/upstream/ejabberd.sh [--port N] [--server-port N] [--build DIR]     Ctrl-C stops both.
set -eu
cd "$(dirname "$0")/../.."
. examples/upstream/in_front.sh

begin ejabberd 25223 "$@"
install_server ejabberd ejabberd
[ -f "$data/ejabberd.yml" ] || cat >"$data/ejabberd.yml" <<EOF
hosts: [localhost]
loglevel: info
listen:
  -
    port: $server_port
    ip: "127.0.0.1"
    module: ejabberd_c2s
    use_proxy_protocol: true
    max_stanza_size: 4194304
auth_method: internal
auth_password_format: scram
modules:
  mod_stream_mgmt: {}
  mod_roster: {}
  mod_disco: {}
  mod_caps: {}
  mod_offline: {}
  mod_carboncopy: {}
  mod_client_state: {}
  mod_pubsub:
    plugins: [flat, pep]
  mod_privacy: {}
  mod_blocking: {}
  mod_private: {}
  mod_vcard: {}
  mod_last: {}
  mod_ping: {}
EOF
sed -i "s/^    port: .*/    port: $server_port/" "$data/ejabberd.yml"
# Not by ejabberdctl, which is for the service: a node without a name needs neither its user nor epmd.
ERL_LIBS=$(dirname "$(dpkg -L ejabberd | grep '/ejabberd-[^/]*/ebin$')")/..
export ERL_LIBS ERL_CRASH_DUMP="$data/crash.dump" EJABBERD_CONFIG_PATH="$data/ejabberd.yml" EJABBERD_LOG_PATH="$data/server.log"
start_server erl -noinput -mnesia dir "\"$data/accounts\"" -sasl sasl_error_logger false -s ejabberd \
    -eval "[begin {ok, P} = file:read_file(<<\"$data/\", U/binary, \".password\">>), ejabberd_auth:try_register(U, <<\"localhost\">>, P) end || U <- [<<\"alice\">>, <<\"bob\">>]], io:format(\"the accounts are there~n\")."
wait_for "$data/server.out" "^the accounts are there" "$server"

start_host v2
explain
