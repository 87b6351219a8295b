# SPDX-License-Identifier: LGPL-2.1-or-later
"""From the figures of all turns to one value each: medians, ranges, and ratios to the relay of the same round."""
import statistics

from machine import is_quiet
from shapes import AMONG_IDLE, AT_HALF, AT_RATE, LOGIN, MEMORY, WINDOW_1, WINDOW_10

RELAY = "relay"
COST = "cpu_us_per_message"
OVERLOADED = "overloaded"  # in place of a latency, which would be that of a queue


class Spread:
    """Of the values of several rounds."""

    def __init__(self, values):
        self.median, self.least, self.most = statistics.median(values), min(values), max(values)

    def width(self):
        """Of the range, by the median."""
        return (self.most - self.least) / self.median if self.median else 0


def turns_of(figures, way, shape):
    return [figure for figure in figures if figure["way"] == way and figure["shape"] == shape]


def spread(figures, way, shape, key):
    values = [figure[key] for figure in turns_of(figures, way, shape) if key in figure]
    return Spread(values) if values else None


def is_overloaded(figures, way, shape):
    """In one round is enough: what is left of its figures is chance."""
    return any(figure.get("overloaded") for figure in turns_of(figures, way, shape))


def generator_was_full(figures, way, shape):
    return any(figure.get("load_is_full") for figure in turns_of(figures, way, shape))


def ratio(figures, way, shape, key=COST):
    """To the relay in the same round; nothing where either is missing, or the server was overloaded."""
    relay = {figure["round"]: figure[key] for figure in turns_of(figures, RELAY, shape)}
    values = [figure[key] / relay[figure["round"]] for figure in turns_of(figures, way, shape) if relay.get(figure["round"])]
    return Spread(values) if values and not is_overloaded(figures, way, shape) else None


def disturbed(figures):
    """How many of the turns that count were measured while other programs ran, and how many there are."""
    turns = [figure for figure in figures if "round" in figure]
    return sum(not is_quiet(figure) for figure in turns), len(turns)


def noise(figures):
    """{shape: the width of the relay's range}: what a difference has to be larger than."""
    found = {shape: spread(figures, RELAY, shape, COST) for shape in (WINDOW_10, WINDOW_1, AT_RATE, AMONG_IDLE)}
    return {shape: values.width() for shape, values in found.items() if values}


def of_way(figures, way):
    """All that a row of the table has; None for what was not measured."""
    def median(shape, key):
        found = spread(figures, way, shape, key)
        return found.median if found else None

    logins = {figure["mechanism"]: figure for figure in figures if figure["way"] == way and figure["shape"] == LOGIN}
    return {
        "cost": {shape: {"us": spread(figures, way, shape, COST), "ratio": ratio(figures, way, shape), "overloaded": is_overloaded(figures, way, shape), "full": generator_was_full(figures, way, shape)}
                 for shape in (WINDOW_10, WINDOW_1, AT_RATE, AMONG_IDLE)},
        "late": {shape: OVERLOADED if is_overloaded(figures, way, shape) else (median(shape, "message_p50_ms"), median(shape, "message_p99_ms"), median(shape, "rate")) for shape in (AT_RATE, AT_HALF)},
        "most": median(WINDOW_1, "messages_per_second"),
        "bytes": median(MEMORY, "bytes_per_login"),
        "logins": {mechanism: (figure["logins_per_second"], figure["cpu_us_per_login"]) for mechanism, figure in logins.items()},
        "load": [figure["load_cpu_percent"] for figure in figures if figure["way"] == way and "load_cpu_percent" in figure],
    }
