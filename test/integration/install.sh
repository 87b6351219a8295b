#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is installed is enough: hello.c builds with the installed headers and pkg-config alone, and the installed host takes it.
# usage: install.sh BUILD_DIRECTORY HELLO_C BINDIR
set -eu
build=$1 hello_c=$2 bindir=$3

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
meson install -C "$build" --no-rebuild --quiet --destdir "$root" > "$root/log" 2>&1 || { cat "$root/log"; exit 1; }

# As for a cross build: everything is below a root, and a prefix of /usr must not make pkg-config drop the directory.
PKG_CONFIG_PATH=$(dirname "$(find "$root" -name jabberd-component.pc)")
PKG_CONFIG_SYSROOT_DIR=$root
PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_ALLOW_SYSTEM_CFLAGS
cp "$hello_c" "$root/hello.c"
cd "$root"
# shellcheck disable=SC2046
${CC:-cc} -std=c11 -Wall -Wextra -Werror $(pkg-config --cflags jabberd-component) -shared -fPIC -o hello.so hello.c

# The example itself is where the .pc file says components are.
test -f "$root$(PKG_CONFIG_SYSROOT_DIR='' pkg-config --variable=componentdir jabberd-component)/hello.so"

printf '<jabber><service id="hello"><load><hello>./hello.so</hello></load></service></jabber>\n' > jabber.xml
"$root$bindir/jabberd-host" --check -c jabber.xml
"$root$bindir/jabberd-ctl" help > /dev/null
