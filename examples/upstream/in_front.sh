# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by the scripts beside it, in the root of the repository: a server of a Debian package with data of its own, and our host in front of it. Whatever is started here is stopped by its pid, in order; so Ctrl-C must not reach it as well (setsid).
. examples/packages.sh
. examples/programs.sh

# begin NAME PORT "$@": reads the options and builds. Then there are $build, $data, $port, $server_port and the passwords.
begin() {
    name=$1 server_port=$2 port=5222 build=build server= host=
    shift 2
    while [ $# -gt 0 ]; do
        case $1 in
            --port) [ $# -ge 2 ] || usage 2 >&2; port=$2; shift 2 ;;
            --server-port) [ $# -ge 2 ] || usage 2 >&2; server_port=$2; shift 2 ;;
            --build) [ $# -ge 2 ] || usage 2 >&2; build=$2; shift 2 ;;
            -h|--help) usage 0 ;;
            *) usage 2 >&2 ;;
        esac
    done
    case $port$server_port in *[!0-9]*) echo "examples/upstream/$name.sh: a port is a number" >&2; exit 2 ;; esac

    install_packages $build_packages
    build_programs "$build" examples/host/jabberd-host examples/host/jabberd-ctl plugin/socket_manager.so examples/upstream/upstream.so
    data=$build/upstream-$name
    mkdir -p "$data"
    chmod 700 "$data"
    data=$(cd "$data" && pwd)
    build=$(cd "$build" && pwd)
    make_password alice
    make_password bob
    trap stop EXIT
    trap 'exit 130' INT TERM HUP
}

usage() {
    echo "usage: examples/upstream/$name.sh [--port N] [--server-port N] [--build DIR]   (default: clients at port 5222, $name at 127.0.0.1 port $server_port, build)"
    exit "$1"
}

# Once: what is made here can be reached from wherever the port can.
make_password() {
    [ -f "$data/$1.password" ] || od -An -N9 -tx1 /dev/urandom | tr -d ' \n' >"$data/$1.password"
}

password_of() {
    cat "$data/$1.password"
}

# install_server PACKAGE SERVICE: a service that the package's installation has begun by itself is ended; one that was there before is another server's business.
install_server() {
    dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed && return 0
    install_packages "$1"
    if $as_root service "$2" status >/dev/null 2>&1; then
        echo "stopping the service $2, which the package has started"
        $as_root service "$2" stop
    fi
}

# start_server COMMAND...; it says what it does in $data/server.out.
start_server() {
    rm -f "$data/server.log" "$data/server.out" # what the last one has said is not to be taken for this one
    setsid "$@" >"$data/server.out" 2>&1 &
    server=$!
}

# start_host PROXY: our host, with the socket manager and upstream.so. $1: what stands in <proxy>.
start_host() {
    # Your own changes to this configuration survive: it is written once; afterwards only the ports are set.
    [ -f "$data/jabber.xml" ] || cat >"$data/jabber.xml" <<EOF
<jabber>
  <service id='sessions'>
    <host>localhost</host>
    <load><upstream>$build/examples/upstream/upstream.so</upstream></load>
    <upstream xmlns='jabber:config:upstream'>
      <server>127.0.0.1:$server_port</server>
      <proxy>$1</proxy>
    </upstream>
  </service>
  <service id='c2s'>
    <load><socket_manager>$build/plugin/socket_manager.so</socket_manager></load>
    <c2s xmlns='jabber:config:socket-manager'>
      <listen port='$port'>127.0.0.1</listen>   <!-- without an address: on all -->
      <listen port='$port'>::1</listen>
      <tls><certificate file='localhost.pem' self-signed='localhost'/></tls>
    </c2s>
  </service>
</jabber>
EOF
    sed -i -e "s|<listen port='[0-9]*'|<listen port='$port'|" -e "s|<server>127.0.0.1:[0-9]*<|<server>127.0.0.1:$server_port<|" "$data/jabber.xml"
    # Another file is another component to the host: something to swap to.
    install "$build/plugin/socket_manager.so" "$data/socket_manager-2.so"
    rm -f "$data/host.log"
    setsid "$build/examples/host/jabberd-host" -c "$data/jabber.xml" --control "$data/control.sock" >"$data/host.log" 2>&1 &
    host=$!
    wait_for "$data/host.log" "^ready" "$host"
}

# explain: what can be done now; then it is waited for the end.
explain() {
    ctl="$build/examples/host/jabberd-ctl --socket $data/control.sock"
    cat <<EOF

$name at 127.0.0.1 port $server_port, and the socket manager in front of it at port $port.
  accounts    alice@localhost, password $(password_of alice)
              bob@localhost, password $(password_of bob)
  logs        $data/server.log
              $data/host.log
Connect two clients to port $port of this machine, for example (the certificate signs itself, so it is not verified):
    profanity     and in it: /connect alice@localhost server localhost port $port tls trust
    echo hello | go-sendxmpp --no-tls-verify --jserver localhost:$port --username bob@localhost --password $(password_of bob) alice@localhost
Look at them:
    $ctl status
Replace the socket manager under them, by another file (and back, by $build/plugin/socket_manager.so):
    $ctl swap c2s $data/socket_manager-2.so
Ctrl-C stops both.
EOF
    status=0
    wait "$host" || status=$?
    host=
    echo "the host has ended ($status); the end of its log:" >&2
    tail -5 "$data/host.log" >&2
    exit 1
}

stop() {
    status=$?
    trap - EXIT
    for pid in $host $server; do
        kill "$pid" 2>/dev/null && wait "$pid" || :
    done
    exit "$status"
}
