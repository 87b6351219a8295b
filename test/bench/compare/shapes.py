# SPDX-License-Identifier: LGPL-2.1-or-later
"""The shapes of load, and whether a server kept up."""

PAIRS = 200
LOGINS = 5000  # of whom PAIRS pairs talk, in the shape that has them
RATE = 4000

# Each: its name in the figures, and its heading. `half` is half of what that server moved with one message on its way in each pair.
WINDOW_10, WINDOW_1, AT_RATE, AT_HALF, AMONG_IDLE = "window 10", "window 1", f"{RATE}/s", "half load", "among idle logins"
SHAPES = (WINDOW_10, WINDOW_1, AT_RATE, AT_HALF, AMONG_IDLE)
LOGIN, MEMORY = "login", "memory"  # other figures, of which there is one each
PLAIN, SCRAM = "PLAIN", "SCRAM"  # by which a login was


def request(shape, seconds, half_rate, rate=RATE):
    """What the generator is asked (test/bench/load/requests.h)."""
    if shape == AT_RATE:
        return "rate", rate, seconds
    if shape == AT_HALF:
        return "rate", max(1, round(half_rate)), seconds
    return "talk", 1 if shape == WINDOW_1 else 10, seconds


def is_overloaded(words, answer):
    """Whether a server fell behind the rate that was asked of it: its figures are those of a queue. A tenth of a second is the end of any stretch."""
    return words[0] == "rate" and (answer["messages"] < words[1] * words[2] or answer["seconds"] > 1.05 * words[2] + 0.1)
