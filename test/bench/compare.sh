#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Our server beside Prosody, ejabberd, jabberd2 and a relay that only copies bytes, in the clear and with TLS: what a message costs, an idle login, a login, a swap. Prints one table, and leaves the figures and a picture.
# Usage: test/bench/compare.sh [BUILD] [--quick] [--rounds N] [--seconds N] [--only NAME]... [--together] [--others SHARE] [--growth] [--json FILE] [--picture FILE]
# BUILD is a build directory made with --buildtype=release (default: build/bench, which is made where there is none). --quick is for trying it: a minute or two, and no figures to quote. --growth: ours alone, with 100 to 15 000 logins.
# Under 20 minutes. The servers are Debian's, installed where that is allowed; each is measured in turn in each round, so the ratios are what counts. A machine that does other things is refused. test/bench/README.md tells what the columns are.
set -eu
cd "$(dirname "$0")/../.."
. examples/packages.sh
install_packages prosody ejabberd jabberd2 haproxy openssl python3-matplotlib $build_packages
case ${1:--} in
    -*) build=build/bench ;;
    *) build=$1 && shift ;;
esac
[ -d "$build" ] || meson setup "$build" --buildtype=release -Dunity=on -Dunity_size=1000
ninja -C "$build" examples/host/jabberd-host examples/host/jabberd-ctl examples/session_manager/session_manager.so plugin/socket_manager.so test/bench/load test/bench/relay test/bench/swap
name=compare
case " $* " in *' --growth '*) name=growth ;; esac
# Debian's Python is the one that has its modules.
exec /usr/bin/python3 -B test/bench/compare/main.py "$(cd "$build" && pwd)" --json "$build/$name.json" --picture "$build/compare.png" "$@"
