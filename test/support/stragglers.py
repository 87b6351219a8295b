#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Ends and names what a test run has left behind: every process with that JABBERD_TEST_RUN in the environment it was
started with, which all inherit from test/run.sh. Usage: stragglers.py RUN    Says a line for each; fails for any."""
import os
import pathlib
import signal
import sys
import time

GRACE = 5  # seconds for what is about to end


def stragglers(run):
    """(process, its command) of each but this one. A process that has ended has an empty environment."""
    marker = f'JABBERD_TEST_RUN={run}'.encode()
    for path in pathlib.Path('/proc').glob('[0-9]*'):
        try:
            if int(path.name) != os.getpid() and marker in (path / 'environ').read_bytes().split(b'\0'):
                yield int(path.name), (path / 'cmdline').read_bytes().replace(b'\0', b' ').decode(errors='replace')
        except OSError:
            pass


def main():
    run, deadline = sys.argv[1], time.monotonic() + GRACE
    while list(stragglers(run)) and time.monotonic() < deadline:
        time.sleep(0.05)
    found = False
    # Again, for what an ended one has started meanwhile.
    while left := list(stragglers(run)):
        found = True
        for process, command in left:
            print(f'left behind: {process} {command.strip()}', flush=True)
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.05)
    raise SystemExit(found)


main()
