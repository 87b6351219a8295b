#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The manual pages are well formed, and have every option and command that the programs say they have.
# usage: manual.sh MAN_OR_MANDOC JABBERD_HOST JABBERD_CTL JABBERD_HOST.8 JABBERD_CTL.1 JABBER.XML.5 JABBER.XML HEADERS PAGE…
set -eu
checker=$1 host=$2 ctl=$3 of_host=$4 of_ctl=$5 of_configuration=$6 configuration=$7 headers=$8
shift 8 # of programmers remain
failed=0

for page in "$of_host" "$of_ctl" "$of_configuration" "$@"; do
    case $checker in
        */mandoc) said=$("$checker" -T lint -W warning "$page" 2>&1) || true ;;
        *) said=$(LC_ALL=C.UTF-8 MANROFFSEQ='' "$checker" --warnings -E UTF-8 -l "$page" 2>&1 >/dev/null) || true ;;
    esac
    [ -z "$said" ] || { echo "$page: $said"; failed=1; }
done

# has PAGE MACRO WORD
has() {
    grep -Eq "^\.It.* ?$2 $3( |\$)" "$1" || { echo "$1 has no $2 $3"; failed=1; }
}
options() {
    "$1" --help | sed -n 's/^ *\(-[a-z], \)\{0,1\}--\([a-z-]*\).*/\2/p'
}
for option in $(options "$host"); do
    has "$of_host" 'Fl|Fl [a-z] , Fl' "-$option"
done
for option in $(options "$ctl"); do
    has "$of_ctl" 'Fl|Fl [a-z] , Fl' "-$option"
done
commands=$("$ctl" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
[ -n "$commands" ] || { echo "jabberd-ctl --help lists no commands"; failed=1; }
for command in $commands; do
    has "$of_ctl" Ic "$command"
done
# Every element that the sample shows at the beginning of a line.
elements=$(grep -oE '^ *(<!-- )?<[a-z][a-z0-9-]*' "$configuration" | sed 's/.*<//' | grep -vxE 'jabber|service' | sort -u)
[ -n "$elements" ] || { echo "$configuration shows nothing"; failed=1; }
for element in $elements; do
    grep -q "^\.It Li \"<$(echo "$element" | sed 's/-/\\\\-/g')[ />]" "$of_configuration" || { echo "$of_configuration has no <$element>"; failed=1; }
done
# Every function, type and constant of the headers.
names() {
    grep -oE '\b(jabberd_[a-z_]+|JABBERD_[A-Z0-9_]+|\(\*[a-z_]+\))' "$1" | grep -v '_H$' | sort -u
}
for header in "$headers"/*.h; do
    page=
    for candidate in "$@"; do
        [ "$(basename "$candidate")" != "jabberd_$(basename "$header").3" ] || page=$candidate
    done
    [ -n "$page" ] || { echo "$header has no page"; failed=1; continue; }
    missing=$({ names "$page"; names "$page"; names "$header"; } | sort | uniq -u)
    [ -z "$missing" ] || { echo "$page lacks of $header:" $missing; failed=1; }
done
exit $failed
