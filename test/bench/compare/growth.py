# SPDX-License-Identifier: LGPL-2.1-or-later
"""What becomes of a message and of a login when more and more are logged in: a table of ours, and of the relay."""
import pathlib
import time

import summary
import table
from shapes import AT_HALF, LOGIN, PLAIN, WINDOW_1, WINDOW_10

PAIRS = 50  # who talk at each step
STEPS = (100, 1000, 5000, 15000)
QUICK_STEPS = (100, 200, 400)
RELAY, OURS, HASHED = summary.RELAY, "ours, 1 iteration", "ours, 10,000 iterations"
KERNEL = "kernel"


def slab():
    """Bytes of the kernel's small objects: sockets, descriptors, what epoll knows of them (proc(5), meminfo)."""
    for line in pathlib.Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("Slab:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("/proc/meminfo has no Slab")


def measure(turns, steps, rounds, seconds, settle):
    """Logins cost their hash only in one of the ways, at the first steps: what is left is the same in both."""
    hashed = next(way for way in turns.ways if way.name == HASHED)
    for number, count in enumerate(steps):
        before = slab()
        turns.log_in(count)
        time.sleep(settle)
        turns.weigh()
        # Both ends of a connection are this machine's.
        ends = 2 * len(turns.running()) * (count - (steps[number - 1] if number else 0))
        turns.figures.append({"way": KERNEL, "shape": KERNEL, "logins": count, "bytes_per_end": (slab() - before) / ends})
        if number == 1 and hashed.failed is None:
            turns.retire(hashed)
        for shape in (WINDOW_10, WINDOW_1, AT_HALF):
            turns.measure(shape, rounds, seconds)


def of_step(figures, count):
    return [figure for figure in figures if figure["logins"] == count]


def rows(result):
    for count in result["steps"]:
        figures = of_step(result["figures"], count)
        found = summary.of_way(figures, OURS)
        relay = summary.of_way(figures, RELAY)
        kernel = [figure["bytes_per_end"] for figure in figures if figure["way"] == KERNEL]
        yield [f"{count:,}", *(text for shape in (WINDOW_10, WINDOW_1) for text in (table.cost(relay["cost"][shape]), table.cost(found["cost"][shape]))), table.late(found["late"][AT_HALF]), table.half_rate(found),
               table.number(found["bytes"], " B"), table.number(kernel[0], " B"), table.login(found["logins"].get(PLAIN))]


def widest(result, way):
    """{shape: by how much what a message costs differs between the steps, by the least}."""
    found = {}
    for shape in (WINDOW_10, WINDOW_1):
        values = [spread.median for spread in (summary.spread(of_step(result["figures"], count), way, shape, summary.COST) for count in result["steps"]) if spread]
        if values:
            found[shape] = max(values) / min(values) - 1
    return found


def noise(result):
    """The relay's, at the step where it is largest."""
    found = [summary.noise(of_step(result["figures"], count)) for count in result["steps"]]
    return {shape: max(widths[shape] for widths in found) for shape in found[0]}


def login_split(result):
    """What a login costs with the hash, and without: microseconds, of the step that has both. Nothing where it is missing."""
    found = {figure["way"]: figure["cpu_us_per_login"] for figure in of_step(result["figures"], result["steps"][1]) if figure["shape"] == LOGIN}
    return (found[HASHED], found[OURS]) if HASHED in found and OURS in found else None


COLUMNS = ["logins", "relay, window 10", "ours", "relay, window 1", "ours", "p50/p99 at half load", "of", "a login more, ours", "a socket, the kernel's", "logins/s"]


def lines(result):
    yield from table.machine_lines(result, noise(result))
    yield f"{PAIRS} pairs talk, whoever else is logged in. Columns are those of the comparison; ours has the ratio to the relay at the same step."
    yield from table.lines_of(COLUMNS, list(rows(result)))
    yield ""
    ours, relay = widest(result, OURS), widest(result, RELAY)
    yield "Between the steps a message of ours differs by " + ", ".join(f"{ours[shape]:.0%} ({shape}; of the relay by {relay[shape]:.0%})" for shape in ours) + "."
    split = login_split(result)
    if split:
        yield f"A login costs {split[0]:,.0f} µs with a hash of 10,000 iterations and {split[1]:,.0f} µs with one of 1: the hash is the difference, and all else of a login, SASL PLAIN in the clear, at most the latter."
    yield from goals(result, ours, split)


def goals(result, ours, split):
    slowest = [spread.median for count in result["steps"] if (spread := summary.spread(of_step(result["figures"], count), OURS, AT_HALF, "message_p99_ms"))]
    for words, value, goal in (("steps within 15 % of each other", max(ours.values(), default=None), 0.15), ("p99 at half load under 1 ms", max(slowest, default=None), 1),
                               ("a login but its hash at most 60 µs", split and split[1], 60)):
        if value is not None:
            yield f"Goal: {words}: {'met' if value <= goal else 'not met'}."
