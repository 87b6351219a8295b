#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds Debian packages of all that is installed, from this tree: equal trees and compilers give equal bytes.
# Usage: examples/operations/packages/build.sh [OUTPUT]    (build/packages)
#   BUILD              where it is compiled, build/package
#   VERSION            of the packages; the project's
#   COMPILED=yes       BUILD is packed as it is, for tests: whatever its prefix, and nothing is compiled
#   SOURCE_DATE_EPOCH  the time of everything in them; that of the last commit
set -eu
LC_ALL=C.UTF-8 TZ=UTC
export LC_ALL TZ
umask 022
here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../../.." && pwd)
build=${BUILD:-$tree/build/package}
output=${1:-$tree/build/packages}
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$tree" log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
architecture=$(dpkg --print-architecture)
mkdir -p "$output"
output=$(cd "$output" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

compile() {
    if [ ! -f "$build/build.ninja" ]; then
        meson setup "$build" "$tree" --prefix=/usr --libdir=lib --buildtype=release --unity=on >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    fi
    # What is installed, and no tests.
    if [ "${COMPILED:-no}" = no ]; then
        meson introspect --targets "$build" | python3 "$here/installed.py" "$build" | xargs ninja -C "$build"
    fi
    meson install -C "$build" --no-rebuild --strip --quiet --destdir "$work/installed" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
    installed=$work/installed$(option prefix)
    libraries=$installed/$(option libdir)
}

option() {
    meson introspect --buildoptions "$build" | python3 -c 'import json, sys; print(*(o["value"] for o in json.load(sys.stdin) if o["name"] == sys.argv[1]))' "$1"
}

# fill ROOT FILES: what the table names.
fill() {
    while read -r from to mode; do
        case $from in
            '' | '#'*) continue ;;
            ./*) from=$here/../${from#./} ;;
            lib/*) from=$libraries/${from#lib/} ;;
            *) from=$installed/$from ;;
        esac
        for file in $from; do
            case $to in */) target=$1/$to$(basename "$file") ;; *) target=$1/$to ;; esac
            install -D -m "$mode" "$file" "$target"
        done
    done <"$2"
}

# The sample with the paths of an installation, in which strangers make no accounts.
configuration() {
    sed -e "s|<database>jabberd.db</database>|<database>/var/lib/jabberd/jabberd.db</database>|; s|   <!-- SQLite; beside this file -->|   <!-- SQLite -->|" \
        -e "s|<self-signed/>$|<self-signed folder='/var/lib/jabberd'/>|" \
        -e "s|<register>yes</register>|<register>no</register> |" \
        -e "s|<load><\([a-z_]*\)>\([a-z_]*\.so\)</|<load><\1>/usr/lib/jabberd/\2</|" "$tree/examples/jabber.xml" >"$1"
    for text in '/var/lib/jabberd/jabberd.db' "<self-signed folder='/var/lib/jabberd'/>" '<register>no</register>' /usr/lib/jabberd/socket_manager.so /usr/lib/jabberd/session_manager.so; do
        grep -q "$text" "$1" || { echo "build.sh: no $text in the configuration; examples/jabber.xml has changed" >&2; exit 1; }
    done
}

# systemd before 253 has to be told how a service reloads.
for_this_systemd() {
    systemd=$(systemctl --version 2>/dev/null | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
    if [ "${systemd:-0}" -lt 253 ]; then
        sed -i "s|^Type=notify-reload|Type=notify|; s|^ExecStart=.*|&\nExecReload=/usr/bin/jabberd-ctl --socket /run/jabberd/control.sock reload|; /^# systemd before 253/d" "$1"
    fi
}

# needs ROOT: the packages that its programs and components need.
needs() {
    mkdir -p "$work/debian"
    printf 'Source: jabberd\n\nPackage: jabberd\nArchitecture: any\n' >"$work/debian/control"
    # shellcheck disable=SC2046
    (cd "$work" && dpkg-shlibdeps -O $(find "$1" -path '*/usr/bin/*' -o -name '*.so' | sort | sed 's/^/-e/') 2>"$work/log") >"$work/needs" || { cat "$work/log" >&2; exit 1; }
    sed 's/^shlibs:Depends=//' "$work/needs"
}

compile
version=${VERSION:-$(meson introspect --projectinfo "$build" | python3 -c 'import json, sys; print(json.load(sys.stdin)["version"])')}
for package in "$here"/jabberd-*; do
    name=$(basename "$package") root=$work/$(basename "$package")
    mkdir -p "$root/DEBIAN"
    fill "$root" "$package/files"
    install -D -m 0644 "$tree/COPYING" "$root/usr/share/doc/$name/copyright"
    [ ! -d "$root/usr/share/man" ] || find "$root/usr/share/man" -type f -exec gzip -9n {} +
    depends=
    if [ "$name" = jabberd-host ]; then
        mkdir -p "$root/etc/jabberd/certificates"
        configuration "$root/etc/jabberd/jabber.xml"
        for_this_systemd "$root/lib/systemd/system/jabberd-host.service"
    fi
    if grep -q @LIBRARIES@ "$package/control"; then
        depends=$(needs "$root")
    fi
    if [ -d "$root/usr/lib/jabberd" ]; then
        sed "s/@PACKAGE@/$name/" "$here/component.postinst" >"$root/DEBIAN/postinst"
    fi
    sed "s/@VERSION@/$version/; s/@ARCHITECTURE@/$architecture/; s/@LIBRARIES@/$depends/" "$package/control" >"$root/DEBIAN/control"
    for script in conffiles postinst prerm postrm; do
        [ ! -f "$package/$script" ] || cp "$package/$script" "$root/DEBIAN/$script"
    done
    find "$root/DEBIAN" -type f -name 'p*' -exec chmod 0755 {} +
    (cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\n' | sort | xargs md5sum) >"$root/DEBIAN/md5sums"
    find "$root" -exec touch -hd "@$SOURCE_DATE_EPOCH" {} +
    case $(sed -n 's/^Architecture: //p' "$root/DEBIAN/control") in all) of=all ;; *) of=$architecture ;; esac
    dpkg-deb --root-owner-group -Zxz --build "$root" "$output/${name}_${version}_$of.deb" >/dev/null
    echo "$output/${name}_${version}_$of.deb"
done
