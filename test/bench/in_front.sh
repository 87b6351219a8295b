#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What it costs to stand in front of ejabberd: upstream.so and the socket manager, beside HAProxy (TLS in TCP mode) in front of the same server, beside the server's own TLS. Prints, and never fails for being slow.
# Usage: test/bench/in_front.sh [BUILD] [ROUNDS]     a build directory made with --buildtype=release (default: build), and how often to measure (default: 5)
# All three are measured in turns in one run, so the ratios are what counts. Needs the packages ejabberd, haproxy and openssl.
set -eu
cd "$(dirname "$0")/../.."
. examples/packages.sh
install_packages ejabberd haproxy openssl
build=$(cd "${1:-build}" && pwd)
rounds=${2:-5}
clients=${BENCH_CLIENTS:-5000}
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

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
wait_for() { # FILE PATTERN PID
    for _ in $(seq 600); do
        ! grep -q "$2" "$1" 2>/dev/null || return 0
        kill -0 "$3" 2>/dev/null || break
        sleep 0.1
    done
    cat "$1" >&2
    exit 1
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -keyout "$directory/key.pem" -out "$directory/certificate.pem" 2>"$directory/openssl"
cat "$directory/certificate.pem" "$directory/key.pem" >"$directory/both.pem"

# The server: a listener for those in front of it, which hear nothing slower than it is, and one with TLS of its own.
server_port=$(free_port) server_tls_port=$(free_port)
cat >"$directory/ejabberd.yml" <<END
hosts: [localhost]
loglevel: error
certfiles: ["$directory/both.pem"]
listen:
  - {port: $server_port, ip: "127.0.0.1", module: ejabberd_c2s, use_proxy_protocol: true, backlog: 1024}
  - {port: $server_tls_port, ip: "127.0.0.1", module: ejabberd_c2s, tls: true, backlog: 1024}
auth_method: internal
auth_password_format: plain
modules: {mod_stream_mgmt: {}}
END
ERL_LIBS=$(dirname "$(dpkg -L ejabberd | grep '/ejabberd-[^/]*/ebin$')")/..
export ERL_LIBS ERL_CRASH_DUMP="$directory/crash.dump" EJABBERD_CONFIG_PATH="$directory/ejabberd.yml" EJABBERD_LOG_PATH="$directory/server.log"
erl +P 250000 +Q 65536 -noinput -mnesia dir "\"$directory/accounts\"" -sasl sasl_error_logger false -s ejabberd \
    -eval "[ejabberd_auth:try_register(<<\"load\", (integer_to_binary(N))/binary>>, <<\"localhost\">>, <<\"secret\">>) || N <- lists:seq(0, $clients - 1)], io:format(\"the accounts are there~n\")." \
    >"$directory/server.out" 2>&1 &
server=$!
pids=$server
wait_for "$directory/server.out" '^the accounts are there' "$server"

haproxy_port=$(free_port)
cat >"$directory/haproxy.cfg" <<END
global
    maxconn 9000
    ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
    mode tcp
    timeout connect 10s
    timeout client 1h
    timeout server 1h
listen xmpp
    bind 127.0.0.1:$haproxy_port ssl crt $directory/both.pem
    server ejabberd 127.0.0.1:$server_port send-proxy-v2
END
haproxy -db -f "$directory/haproxy.cfg" >"$directory/haproxy.out" 2>&1 &
haproxy=$!
pids="$pids $haproxy"

# No caps and no rates: it is the server that is measured, not its patience.
cat >"$directory/jabber.xml" <<END
<jabber>
  <log level='warning'/>
  <service id='sessions'><host>localhost</host>
    <load><upstream>$build/examples/upstream/upstream.so</upstream></load>
    <upstream xmlns='jabber:config:upstream'><server>127.0.0.1:$server_port</server><proxy>v2</proxy><logins per-second='100000' burst='100000'/></upstream>
  </service>
  <service id='c2s'>
    <load><socket_manager>$build/plugin/socket_manager.so</socket_manager></load>
    <c2s xmlns='jabber:config:socket-manager'><listen port='0' tls='direct'>127.0.0.1</listen><tls><certificate file='$directory/certificate.pem' key='$directory/key.pem'/></tls>
      <limits><connections-per-address>0</connections-per-address><attempts-per-second>0</attempts-per-second><bytes-per-second>0</bytes-per-second><stanzas-per-second>0</stanzas-per-second></limits>
    </c2s>
  </service>
</jabber>
END
"$build/examples/host/jabberd-host" -c "$directory/jabber.xml" --control "$directory/control" >"$directory/host.out" 2>&1 &
host=$!
pids="$pids $host"
wait_for "$directory/host.out" '^ready' "$host"
host_port=$(sed -n 's/.*127\.0\.0\.1:\([0-9]*\).*/\1/p' "$directory/host.out" | head -1)

value() { awk -v key="$1" '$1 == key { print $2 }' "$directory/$2"; }
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
# measure WHAT PROCESS PORT OPTION...
measure() {
    result=$1 process=$2 to=$3
    shift 3
    "$build/test/bench/load" --sasl --tls --port "$to" --pid "$process" "$@" >"$directory/$result"
}
# row NAME KEY UNIT GOAL: medians of the three, and ours by HAProxy's
row() {
    ours=$(median "$directory/ours.$2") theirs=$(median "$directory/haproxy.$2") own=$(median "$directory/server.$2")
    printf '%-34s %12s %12s %8s   %-14s %12s\n' "$1" "$ours $3" "$theirs $3" "$(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.2f", a / b }')" "$4" "$own $3"
}

printf '%-34s %12s %12s %8s   %-14s %12s\n' '' 'ours' 'HAProxy' 'ratio' 'goal' "server's own"
for rate in '--rate 2000' '--window 1' '--window 10'; do
    rm -f "$directory"/*.cpu_us_per_message
    for round in $(seq "$rounds"); do
        # shellcheck disable=SC2086
        for way in "ours $host $host_port" "haproxy $haproxy $haproxy_port" "server $server $server_tls_port"; do
            set -- $way
            measure result "$2" "$3" --pairs 200 --bytes 200 --messages 20000 --one-by-one $rate
            value cpu_us_per_message result >>"$directory/$1.cpu_us_per_message"
        done
    done
    row "processor, a message, ${rate#--}" cpu_us_per_message us 'at most 1.2'
done

# Once: what a process has freed it would use again.
for way in "ours $host $host_port" "haproxy $haproxy $haproxy_port" "server $server $server_tls_port"; do
    # shellcheck disable=SC2086
    set -- $way
    measure idle "$2" "$3" --idle "500,$clients"
    value cpu_us_per_login idle >"$directory/$1.cpu_us_per_login"
    value resident_bytes_per_login idle >"$directory/$1.resident_bytes_per_login"
done
row 'processor, a login' cpu_us_per_login us 'at most 1.3'
row "memory, an idle client, 500 to $clients" resident_bytes_per_login B 'at most 1'
