#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The units under systemd itself, booted in a fresh Debian 12: the service starts in its sandbox, reloads, is swapped by an upgrade, is activated by a client at its socket, and a purge takes all of it away. Prints the transcript; fails at the first step that does not do what it should.
# Not of the suite: it gets 120 MB of Debian, and boots a system (systemd-nspawn, of Debian's systemd-container). As root.
# Usage: test/integration/fresh_systemd.sh [SYSTEM]    (a directory with a fresh system, which is copied; else debootstrap makes one)
#   BUILD, COMPILED   as for examples/operations/packages/build.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/fresh_system.sh"
boot=
init=
ended() {
    [ -z "$boot" ] || kill "$boot" 2>/dev/null || true
    wait
    rm -rf --one-file-system "$work"
}
trap ended EXIT
trap 'exit 1' INT TERM HUP
inside() { # in its own network, which is loopback
    nsenter -t "$init" -m -u -i -n -p -r -w "$@"
}
is() { # is STATE UNIT
    [ "$(inside systemctl is-active "$2")" = "$1" ]
}

made_system "$@"
# What has to come from elsewhere comes before it boots.
echo "# apt-get install systemd and what our packages need"
chroot "$work/system" sh -c "cd /root && apt-get update -qq && export DEBIAN_FRONTEND=noninteractive && apt-get install -y -qq --no-install-recommends systemd systemd-sysv dbus adduser && apt-get install -y -qq --no-install-recommends --download-only $(ours 1.0)" >"$work/log" 2>&1 || { cat "$work/log"; failed "apt-get"; }
systemd-nspawn -D "$work/system" --boot --private-network --register=no --keep-unit --console=pipe >"$work/boot" 2>&1 &
boot=$!
in_time "a first process" pgrep -P "$boot"
init=$(pgrep -P "$boot")
in_time "the system is up" inside systemctl is-system-running
echo
shown "cd /root && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(ours 1.0) 2>&1 | grep -E '^(Setting up jabberd|jabberd|Creating)'"
shown "systemctl enable --now jabberd-host && systemctl show jabberd-host -p Type -p ActiveState -p SubState"
shown "journalctl -u jabberd-host -o cat | sed -n '/service  /,\$p'"
shown 'grep -E "^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):" /proc/$(systemctl show jabberd-host -p MainPID --value)/status; systemd-analyze security jabberd-host --no-pager | tail -1'
shown "echo 'rose & thorn' | jabberd-ctl accounts add alice@localhost && systemctl reload jabberd-host && systemctl is-active jabberd-host"
pid=$(inside systemctl show jabberd-host -p MainPID --value)
echo
shown "cd /root && apt-get install -y -qq $(ours 1.1) 2>&1 | grep -E '^(Setting up jabberd|jabberd|reload)'; jabberd-ctl status | grep swapped"
[ "$(inside systemctl show jabberd-host -p MainPID --value)" = "$pid" ] || failed "the upgrade has restarted the service"
inside jabberd-ctl status | grep -q 'swapped .*1 time' || failed "the upgrade has swapped nothing"
echo
echo "# in /etc/jabberd/jabber.xml: <listen port='5222'/>, for all addresses"
sed -i "s|<listen port='5222'>127.0.0.1</listen>.*|<listen port='5222'/>|; /<listen port='5222'>::1/d" "$work/system/etc/jabberd/jabber.xml"
shown "systemctl disable --now jabberd-host 2>/dev/null; systemctl enable --now jabberd-host.socket 2>/dev/null; systemctl is-active jabberd-host.socket jabberd-host || true"
is inactive jabberd-host || failed "the service runs before a client has come"
echo "# a client connects"
nsenter -t "$init" -n python3 -c '
import socket
client = socket.create_connection(("127.0.0.1", 5222), timeout=20)
client.sendall(b"<stream:stream to=\"localhost\" xmlns=\"jabber:client\" xmlns:stream=\"http://etherx.jabber.org/streams\" version=\"1.0\">")
print(client.recv(1000).decode())'
is active jabberd-host || failed "the client has not started the service"
shown "systemctl restart jabberd-host && systemctl is-active jabberd-host"
echo
shown "apt-get purge -y -qq jabberd-host jabberd-socket-manager jabberd-session-manager 2>&1 | grep -E '^(Purging|Removing)'; systemctl is-active jabberd-host jabberd-host.socket || true"
shown "systemctl --failed --no-pager --no-legend; ls -d /etc/jabberd /var/lib/jabberd /var/log/jabberd /run/jabberd 2>/dev/null || echo nothing is left"
for left in etc/jabberd var/lib/jabberd var/log/jabberd; do
    [ ! -e "$work/system/$left" ] || failed "a purge has left $left"
done
