#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Brings what the tests with other people's clients need and no Debian package has: xmpp.js, strophe.js, converse.js, and aioxmpp's own tests from
# the source of its package. What cannot be had is left out, and its tests say that they are skipped.
# usage: other_clients.sh DIRECTORY
set -u
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1" || exit 1

if { [ ! -d node_modules/@xmpp/client ] || [ ! -d node_modules/strophe.js ] || [ ! -d node_modules/ws ]; } && command -v npm >/dev/null; then
    cp "$here/clients/package.json" .
    timeout 300 npm install --no-package-lock --no-audit --no-fund >npm.log 2>&1 || echo "xmpp.js and strophe.js cannot be installed: see $PWD/npm.log"
fi

# For a browser, where there is one; it is not downloaded.
if [ ! -d browser/node_modules/converse.js ] && command -v npm >/dev/null && command -v chromium >/dev/null; then
    mkdir -p browser
    cp "$here/clients/browser/package.json" browser/
    (cd browser && timeout 300 npm install --ignore-scripts --no-package-lock --no-audit --no-fund >npm.log 2>&1) || echo "converse.js cannot be installed: see $PWD/browser/npm.log"
fi

if [ ! -d aioxmpp/tests ] && command -v apt-get >/dev/null; then
    # A list of sources of its own, from where the system gets its packages: nothing of the system's changes.
    mkdir -p aioxmpp/lists
    apt-get indextargets --format 'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(REPO_URI) $(CODENAME) main' \
        'Created-By: Packages' 'Component: main' 'Origin: Debian' | sort -u >aioxmpp/sources.list
    options="-o Dir::Etc::sourcelist=$PWD/aioxmpp/sources.list -o Dir::Etc::sourceparts=- -o Dir::State::lists=$PWD/aioxmpp/lists -o APT::Sandbox::User=$(id -un)"
    (
        cd aioxmpp &&
            timeout 300 apt-get $options update &&
            timeout 300 apt-get $options source --download-only --tar-only python-aioxmpp &&
            tar xzf python-aioxmpp_*.orig.tar.gz tests &&
            rm -rf lists
    ) >aioxmpp.log 2>&1 || echo "aioxmpp's tests cannot be had: see $PWD/aioxmpp.log"
fi
exit 0
