# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by the scripts beside it: builds programs of ours, and waits for those that run.

# build_programs DIRECTORY TARGET...
build_programs() {
    directory=$1
    shift
    mkdir -p "$directory"
    if [ ! -f "$directory/build.ninja" ] && ! meson setup "$directory" >"$directory/setup.log" 2>&1; then
        cat "$directory/setup.log" >&2
        exit 1
    fi
    ninja -C "$directory" "$@"
}

# wait_for FILE TEXT PID: until the file says so. Where the process has ended, or half a minute is over, the file is shown instead.
wait_for() {
    tries=0
    until grep -q "$2" "$1" 2>/dev/null; do
        tries=$((tries + 1))
        if [ $tries -gt 300 ] || ! kill -0 "$3" 2>/dev/null; then
            cat "$1" >&2
            exit 1
        fi
        sleep 0.1
    done
}
