# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a swap costs, as test/bench/swap measures it."""
import os
import resource
import subprocess

from machine import Busy, Stretch, is_quiet, wait_until_quiet

MOST_TRIES = 3


def measure(build, clients, swaps, any_machine):
    for _ in range(MOST_TRIES):
        before, stretch = time_of_children(), Stretch()
        answer = play(build, clients, swaps)
        if is_quiet(stretch.end(time_of_children() - before)) or any_machine:
            return answer
        wait_until_quiet(15)
    raise Busy(f"the machine was busy with other things during the swaps {MOST_TRIES} times")


def time_of_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def play(build, clients, swaps):
    settings = {"JABBERD_HOST": f"{build}/examples/host/jabberd-host", "SOCKET_MANAGER": f"{build}/plugin/socket_manager.so", "SESSION_MANAGER": f"{build}/examples/session_manager/session_manager.so",
                "FIXTURES": f"{build}/test/abi/fixtures"}
    result = subprocess.run([f"{build}/test/bench/swap", "--clients", str(clients), "--swaps", str(swaps), "--between", "50"], env={**os.environ, **settings}, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError("swap: " + result.stdout + result.stderr)
    return {key: float(value) for key, value in (line.split() for line in result.stdout.splitlines() if len(line.split()) == 2)}
