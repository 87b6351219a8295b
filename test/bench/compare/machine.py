# SPDX-License-Identifier: LGPL-2.1-or-later
"""The machine that is measured on: what it is, and what else it did meanwhile."""
import os
import pathlib
import platform
import time

TICK = 1 / os.sysconf("SC_CLK_TCK")
# Of one processor, by programs that are not measured. A compiler is 1; a quiet machine with idle servers is 0.02.
MOST_BY_OTHERS = 0.10
MOST_STOLEN = 0.05  # by other machines on the same hardware


class Busy(Exception):
    """So often that what was measured is not worth comparing."""


def description():
    lines = pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {"processor": models[0] if models else platform.machine(), "cores": os.cpu_count(), "memory_gb": round(memory / 2**30), "kernel": platform.release(),
            "load_before": [round(load, 2) for load in os.getloadavg()]}


def read_ticks():
    """Of all processors together: all time, what was idle, what was stolen (proc(5))."""
    with open("/proc/stat", encoding="ascii") as stat:
        ticks = [int(word) for word in stat.readline().split()[1:]]
    return sum(ticks[:8]), ticks[3] + ticks[4], ticks[7]


class Stretch:
    """From its making to its end: how busy the machine was with what is not measured."""

    def __init__(self):
        self.begin, self.time = read_ticks(), time.monotonic()

    def end(self, measured):
        """`measured` is the processor time, in seconds, of those who are."""
        _, idle, stolen = (after - before for before, after in zip(self.begin, read_ticks()))
        wall = time.monotonic() - self.time
        return {"others": max(0, (os.cpu_count() * wall - (idle + stolen) * TICK - measured) / wall), "stolen": stolen * TICK / wall}


def is_quiet(found):
    return found["others"] <= MOST_BY_OTHERS and found["stolen"] <= MOST_STOLEN


def wait_until_quiet(patience):
    """Returns what the last second was like."""
    end = time.monotonic() + patience
    while True:
        stretch = Stretch()
        time.sleep(1)
        found = stretch.end(0)
        if is_quiet(found) or time.monotonic() > end:
            return found


def processor_time(pids):
    """Seconds, of all their threads; 0 of those that are gone."""
    ticks = 0
    for pid in pids:
        try:
            words = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            ticks += int(words[11]) + int(words[12])
        except OSError:
            pass
    return ticks * TICK


def resident(pids):
    """Bytes."""
    kilobytes = 0
    for pid in pids:
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            kilobytes += int(line.split()[1]) if line.startswith("Rss:") else 0
    return kilobytes * 1024
