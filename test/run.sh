#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds and runs every test; ends with "N passed, N failed".
# Usage: test/run.sh [gcc] [clang] [gcc-asan] [clang-asan] [gcc-tsan]   (default: gcc and clang-asan; a second run is quick)
set -u
cd "$(dirname "$0")/.."
. examples/packages.sh
field_packages="jabber-muc biboumi prosody ejabberd finch dino-im gajim python3-nbxmpp bitlbee libqxmpp-dev mcabber chromium dbus xvfb xdotool imagemagick python3-matplotlib"
install_packages $build_packages $broker_packages ccache clang clang-format clang-tidy cppcheck prometheus abigail-tools libclang-rt-14-dev libgtest-dev libgmock-dev libcmocka-dev libexpat1-dev libicu-dev libbenchmark-dev libpth-dev valgrind binutils \
    libloudmouth1-dev libgloox-dev libiksemel-dev libstrophe-dev libnet-xmpp-perl \
    python3-slixmpp python3-websockets profanity python3-pexpect tmux go-sendxmpp python3-aioxmpp python3-pytest testssl.sh openssl bsdextrautils dnsutils haproxy
# Those of test/integration/field_clients_test.cpp, and the components and servers of components_test.cpp and prosody_test.cpp, 380 MB with all they need: for the one build that runs what is slow. A server without them is tested all the same.
case " ${*:-gcc} " in
    *" gcc "*) (install_packages $field_packages) || echo "not all clients of the field can be installed; the tests of the others are skipped" ;;
esac
command -v node >/dev/null && command -v npm >/dev/null || install_packages nodejs npm

# Both compilers, what sanitizers see, and the fuzz targets: the others find next to nothing besides, and take as long again.
builds=${*:-gcc clang-asan}
mkdir -p build
test/integration/other_clients.sh build/other-clients
passed=0
failed=0

# What was compiled before, in whatever folder, is not compiled again.
CCACHE_BASEDIR=${CCACHE_BASEDIR:-$PWD} CCACHE_NOHASHDIR=1
export CCACHE_BASEDIR CCACHE_NOHASHDIR

# What the run starts inherits this, and is known by it at the end.
JABBERD_TEST_RUN=$$-$(date +%s)
export JABBERD_TEST_RUN
trap 'python3 test/support/stragglers.py "$JABBERD_TEST_RUN"; exit 1' INT TERM HUP
# compile BUILD [COMMAND...]: 0 when all of it is there; else what is wrong is in $directory.log. COMMAND runs the compiler's work.
compile() {
    build=$1
    shift
    directory=build/test-$build
    compiler=${build%%-*}
    case $compiler in
        gcc) CC=gcc CXX=g++ ;;
        clang) CC=clang CXX=clang++ ;;
    esac
    if command -v ccache >/dev/null; then
        CC="ccache $CC" CXX="ccache $CXX"
    fi
    case $build in
        # With libFuzzer's counters, so that the fuzz targets are among its tests ($FUZZ_SECONDS each).
        clang-asan) options="-Db_sanitize=address,undefined -Doptimization=1 -Dc_args=-fsanitize=fuzzer-no-link -Dcpp_args=-fsanitize=fuzzer-no-link" ;;
        *-asan) options="-Db_sanitize=address,undefined -Doptimization=1" ;;
        *-tsan) options="-Db_sanitize=thread -Doptimization=1" ;;
        *) options= ;;
    esac
    if [ ! -f "$directory/build.ninja" ]; then
        # Two thirds of a compile are headers, and a folder compiled at once reads them once. That each file includes what it needs is for house_tidy to see.
        CC="$CC" CXX="$CXX" meson setup "$directory" -Dunity=on -Dunity_size=1000 $options >"$directory.log" 2>&1 || { rm -rf "$directory"; return 1; }
    fi
    "$@" ninja -C "$directory" >"$directory.log" 2>&1
}

for build in $builds; do
    case $build in
        gcc|clang|gcc-asan|clang-asan|gcc-tsan|clang-tsan) ;;
        *) echo "test/run.sh: no build is called $build" >&2; exit 2 ;;
    esac
done
ahead= # the compile of the next build, while the tests of this one run, which mostly wait
set -- $builds
while [ $# -gt 0 ]; do
    build=$1
    shift
    directory=build/test-$build
    echo "== $build"
    if [ -n "$ahead" ]; then
        wait "$ahead"
    else
        (compile "$build")
    fi || { ahead=; grep -v '^\[' "$directory.log" | tail -60; failed=$((failed + 1)); continue; }
    ahead=
    if [ $# -gt 0 ]; then
        (compile "$1" nice -n 19) &
        ahead=$!
    fi
    # What is slow and the same in every build runs in one only.
    case $build in
        gcc) suites= ;;
        *) suites="--no-suite slow" ;;
    esac
    # Most of a test is waiting: one more than there are processors keeps them busy.
    meson test -C "$directory" $suites --num-processes $(($(nproc) + 1)) --no-rebuild --print-errorlogs --quiet >"$directory.log" 2>&1 || true
    # What waits for other people's programs may wait too long on a machine that others use too. Alone it must pass; it is named either way.
    rm -f "$directory"/meson-logs/again.*
    again=$(python3 test/support/count.py --again "$directory")
    if [ -n "$again" ]; then
        grep -hE -A 8 '(FAIL|TIMEOUT|ERROR) |: Failure$' "$directory.log" | head -80
        echo "   once more, alone: $again"
        meson test -C "$directory" --logbase again --num-processes 1 --no-rebuild --print-errorlogs --quiet $again >"$directory-again.log" 2>&1 &&
            echo "   unsteady: failed beside others, passed alone: $again"
    fi
    # Each test program is one line of the report; count what GoogleTest counts inside them where it says so.
    counts=$(python3 test/support/count.py "$directory")
    grep -E '(FAIL|TIMEOUT|ERROR) ' "$directory.log" | head -20
    echo "   ${counts% *} passed, ${counts#* } failed"
    passed=$((passed + ${counts% *}))
    failed=$((failed + ${counts#* }))
    if [ "${counts#* }" -ne 0 ]; then
        tail -150 "$directory.log"
        [ -z "$again" ] || tail -150 "$directory-again.log"
    fi
done
# Nothing of it is alive now, or it is ended, and a failure.
python3 test/support/stragglers.py "$JABBERD_TEST_RUN" || failed=$((failed + 1))
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
