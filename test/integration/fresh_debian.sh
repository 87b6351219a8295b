#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What an operator sees on a Debian 12 that has nothing yet: installs the packages, makes an account, logs in with profanity, renews the certificate, installs a new version under the client, removes and purges. Prints the transcript; fails at the first step that does not do what it should.
# Not of the suite: it gets 100 MB of Debian. packages_test.py checks the same, and more, on a copy of the system that it runs on. As root.
# Usage: test/integration/fresh_debian.sh [SYSTEM]    (a directory with a fresh system, which is copied; else debootstrap makes one)
#   BUILD, COMPILED   as for examples/operations/packages/build.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/fresh_system.sh"
host=
client=
inside() {
    chroot "$work/system" "$@"
}
ended() {
    [ -z "$client" ] || kill "$client" 2>/dev/null || true
    [ -z "$host" ] || kill "$host" 2>/dev/null || true
    wait
    umount "$work/system/dev/pts" "$work/system/proc" 2>/dev/null || true
    rm -rf --one-file-system "$work"
}
trap ended EXIT
trap 'exit 1' INT TERM HUP

made_system "$@"
mount -t proc proc "$work/system/proc"
printf '#!/bin/sh\nexit 101\n' >"$work/system/usr/sbin/policy-rc.d" # no services are started by packages in here
chmod 755 "$work/system/usr/sbin/policy-rc.d"
everything() { # but what apt and dpkg write, and what came with dependencies
    (cd "$work/system" && find . -xdev ! -type d | grep -vE '^\./(proc|dev|run|tmp|root|usr/share|usr/lib/x86_64|var/(lib/(dpkg|apt|systemd)|log|cache)|etc/(passwd|group|shadow|gshadow|subuid|subgid|ld.so.cache|\.pwd\.lock))' | sort)
}

shown "apt-get update -qq && apt-get install -y -qq --no-install-recommends adduser openssl procps >/dev/null 2>&1; cat /etc/debian_version"
everything >"$work/before"
echo
shown "cd /root && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(ours 1.0) 2>&1 | grep -E '^(Setting up jabberd|jabberd)'"
echo
shown "setpriv --reuid=jabberd --regid=jabberd --init-groups jabberd-host --check -c /etc/jabberd/jabber.xml"
echo
# What systemd would do: the directories of the unit, its user, its command line. In a network of its own.
unit="$work/system/lib/systemd/system/jabberd-host.service"
command=$(sed -n 's/^ExecStart=//p' "$unit")
echo "# systemctl start jabberd-host    (here: its command line, as its user: $command)"
chroot "$work/system" install -d -o jabberd -g jabberd -m 0750 /run/jabberd
unshare --net sh -c "ip link set lo up && exec chroot '$work/system' setpriv --reuid=jabberd --regid=jabberd --init-groups --inh-caps=-all --no-new-privs env -i -C /var/lib/jabberd $command" >"$work/host" 2>&1 &
host=$!
in_time "the host is ready" grep -q '^ready' "$work/host"
cat "$work/host"
echo
shown "echo 'rose & thorn' | jabberd-ctl -s /run/jabberd/control.sock accounts add alice@localhost"
shown "echo 'rose & thorn' | jabberd-ctl -s /run/jabberd/control.sock accounts add bob@localhost"
echo

# The certificate of an authority, where certbot's hook puts it.
shown "mkdir -p /etc/jabberd/certificates/localhost /etc/letsencrypt/live/localhost"
issued() {
    (cd "$work/system/etc/letsencrypt/live/localhost" &&
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout privkey.pem -out fullchain.pem -days "$1" -subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null)
    shown "RENEWED_LINEAGE=/etc/letsencrypt/live/localhost /etc/letsencrypt/renewal-hooks/deploy/jabberd"
}
served() {
    nsenter --net="/proc/$host/ns/net" openssl s_client -connect 127.0.0.1:5222 -starttls xmpp -xmpphost localhost </dev/null 2>/dev/null | openssl x509 -noout -enddate
}
issued 10
shown "sed -i \"s|<self-signed folder='/var/lib/jabberd'/>|<certificate file='/etc/jabberd/certificates/localhost/fullchain.pem' key='/etc/jabberd/certificates/localhost/privkey.pem'/>|\" /etc/jabberd/jabber.xml && jabberd-ctl -s /run/jabberd/control.sock reload"
before=$(served)
echo "served: $before"
echo

echo "# profanity"
mkfifo "$work/typed"
nsenter --net="/proc/$host/ns/net" python3 "$here/clients/with_profanity.py" 5222 localhost alice garden 'rose & thorn' starttls any "$work/system/etc/jabberd/certificates/localhost/fullchain.pem" <"$work/typed" >"$work/profanity" 2>&1 &
client=$!
exec 3>"$work/typed"
in_time "profanity is logged in" grep -q '^ready' "$work/profanity"
cat "$work/profanity"
shown "jabberd-ctl -s /run/jabberd/control.sock sessions"
echo
echo "# certbot renew    (here: another certificate, and certbot's hook)"
issued 90
after=$(served)
echo "served: $after"
[ "$before" != "$after" ] || failed "the old certificate is still served"
echo
shown "cd /root && apt-get install -y -qq $(ours 1.1) 2>&1 | grep -E '^(Setting up jabberd|jabberd|reload|c2s|the running)' ; jabberd-ctl -s /run/jabberd/control.sock status | grep -E 'c2s|socket_manager'; jabberd-ctl -s /run/jabberd/control.sock sessions"
chroot "$work/system" jabberd-ctl -s /run/jabberd/control.sock status --json | grep -q '"swaps": *1' || failed "nothing was swapped"
echo "# profanity, typed: to bob, who is not there"
echo "bob@localhost still here" >&3
in_time "the message is kept" sh -c "chroot '$work/system' jabberd-ctl -s /run/jabberd/control.sock metrics | grep -q '^session_manager_offline_messages.* 1$'"
cat "$work/profanity"
! grep -q '^closed' "$work/profanity" || failed "profanity was disconnected"
exec 3>&-
wait "$client" || true
client=
echo
shown "apt-get remove -y -qq jabberd-host jabberd-socket-manager jabberd-session-manager 2>&1 | grep '^Removing'; ls -l /var/lib/jabberd /etc/jabberd"
kill "$host" 2>/dev/null || true
wait "$host" || true
host=
shown "apt-get purge -y -qq jabberd-host jabberd-socket-manager jabberd-session-manager 2>&1 | grep -E '^(Purging|Removing)'"
everything >"$work/purged"
echo
echo "what was not there before, and still is:"
comm -13 "$work/before" "$work/purged" | tee "$work/left"
chroot "$work/system" getent passwd jabberd
! grep jabberd "$work/left" >&2 || failed "a purge has left that"
