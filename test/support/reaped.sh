#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs a test in the reaper (reaper.c). Usage: reaped.sh REAPER PROGRAM [ARGUMENT...]
[ -x "$1" ] && exec "$@"
echo "$1 is not built: what the test leaves behind is not ended" >&2
shift
exec "$@"
