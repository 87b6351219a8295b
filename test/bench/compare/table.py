# SPDX-License-Identifier: LGPL-2.1-or-later
"""The table, in Markdown, which is readable as it is."""
import summary
from machine import is_quiet
from shapes import AMONG_IDLE, AT_HALF, AT_RATE, LOGIN, PAIRS, PLAIN, RATE, SCRAM, WINDOW_1, WINDOW_10

# Of ours in the clear, as a ratio to the relay.
GOALS = {WINDOW_10: 1.5, WINDOW_1: 1.25, AT_RATE: 1.3, AMONG_IDLE: 1.6}


def columns(logins):
    return ["", "window 10", "window 1", f"{RATE:,}/s", f"{logins:,} logins", f"p50/p99 at {RATE:,}/s", "at half load", "of", "an idle login", "logins/s: PLAIN", "SCRAM", "load's share"]


def cost(found):
    if found["overloaded"]:
        return "overloaded"
    if found["us"] is None:
        return "–"
    star = "*" if found["full"] else ""
    value = f"{found['us'].median:.3g} µs{star}"
    ratio = found["ratio"]
    if ratio is None or ratio.median == 1 == ratio.most:  # of the relay to itself
        return value
    several = "" if ratio.least == ratio.most else f" ({ratio.least:.3g}–{ratio.most:.3g})"
    return f"**{ratio.median:.3g}**{several}, {value}"


def late(found):
    if found == summary.OVERLOADED:
        return found
    return "–" if found[0] is None else f"{found[0]:.2f}/{found[1]:.2f} ms"


def number(value, unit=""):
    return "–" if value is None else f"{value:,.0f}{unit}"


def login(found):
    return "–" if found is None else f"{found[0]:,.0f}, {found[1]:,.0f} µs"


def half_rate(found):
    return "–" if found["late"][AT_HALF] == summary.OVERLOADED else number(found["late"][AT_HALF][2], "/s")


def row(name, found, failed):
    if failed:
        return [name, f"failed: {failed}"] + ["–"] * (len(columns(0)) - 2)
    return [name, *(cost(found["cost"][shape]) for shape in (WINDOW_10, WINDOW_1, AT_RATE, AMONG_IDLE)), late(found["late"][AT_RATE]), late(found["late"][AT_HALF]), half_rate(found), number(found["bytes"], " B"),
            *(login(found["logins"].get(mechanism)) for mechanism in (PLAIN, SCRAM)), f"{min(found['load']):.0f}–{max(found['load']):.0f} %" if found["load"] else "–"]


def lines_of(columns, rows):
    widths = [max(len(line[i]) for line in [columns, *rows]) for i in range(len(columns))]
    yield "| " + " | ".join(text.ljust(width) for text, width in zip(columns, widths)) + " |"
    yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    for line in rows:
        yield "| " + " | ".join(text.ljust(width) for text, width in zip(line, widths)) + " |"


def markdown(lines):
    """Each line a paragraph, but for those of a table."""
    text = ""
    for line in lines:
        text += line + ("\n" if line.startswith("|") else "\n\n" if line else "\n")
    return text.rstrip()


def machine_lines(result, noise):
    machine = result["machine"]
    yield (f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, Linux {machine['kernel']}; load before: {' '.join(map(str, machine['load_before']))}. "
           f"{result['rounds']} rounds of {result['seconds']:g} s, {result['took_minutes']:.0f} minutes in all, on {result['date']}.")
    thrown_away = f" {result['thrown_away']} turns were thrown away and repeated, for other programs had more than {result['most_by_others']:g} of a processor." if result["thrown_away"] else ""
    yield "Noise, which is the range of the relay's own figures: " + ", ".join(f"{shape} {width:.0%}" for shape, width in noise.items()) + "." + thrown_away
    disturbed, turns = summary.disturbed(result["figures"])
    if disturbed:
        yield f"OTHER PROGRAMS RAN during {disturbed} of {turns} turns: ratios are rough, and times are not to be quoted."
    if result["quick"]:
        yield "THIS IS A QUICK TRY: short turns, on a machine that may have done other things. Nothing of it is to be quoted."


def goals(figures):
    """Which are met, and which are not; nothing where ours was not measured."""
    found = {shape: summary.ratio(figures, "ours", shape) for shape in GOALS}
    for words, is_met in (("met", True), ("not met", False)):
        named = [f"{shape} {found[shape].median:.3g} of {goal:g}" for shape, goal in GOALS.items() if found[shape] and (found[shape].median <= goal) == is_met]
        if named:
            yield f"Goals of ours in the clear that are {words}: {', '.join(named)}."


def lines(result):
    """Of the whole page."""
    figures = result["figures"]
    yield from machine_lines(result, summary.noise(figures))
    yield (f"Processor time of all processes of a server for a delivered message of 200 bytes, as a ratio to the relay's of the same round: median (least–most), and the median itself. {PAIRS} pairs talk; "
           f"among {result['logins']:,} logins they have 10 messages on their way. Half load is half of what the server moved with window 1.")
    yield "Clients write the answers to what came together in one." if result["together"] else "Clients write each message by itself, as most do."
    yield from lines_of(columns(result["logins"]), [row(way["name"], summary.of_way(figures, way["name"]), way["failed"]) for way in result["ways"]])
    yield ""
    yield from goals(figures)
    disturbed = dict.fromkeys(figure["way"] for figure in figures if figure["shape"] == LOGIN and not is_quiet(figure))
    if disturbed:
        yield f"Other programs ran while these logged in, which is done once: {'; '.join(disturbed)}."
    if any(figure.get("load_is_full") for figure in figures):
        yield "* The generator of load had all of a processor: the server could have moved more. What a message costs it is right all the same."
    yield "The relay speaks no TLS: rows with TLS are compared with it in the clear."
    versions = dict.fromkeys(way["version"] for way in result["ways"] if way["version"])
    if versions:
        yield "Of Debian: " + ", ".join(versions) + "."
    if result["swap"]:
        swap = result["swap"]
        yield (f"A swap of ours, {swap['swaps']:.0f} of them under {swap['clients']:.0f} clients: packets waited in the host for {swap['pause_p50_ms']:.2f} ms, {swap['pause_max_ms']:.2f} ms at most; p99 of a message across a swap "
               f"{swap['message_across_swap_p99_ms']:.2f} ms, beside {swap['message_without_swap_p99_ms']:.2f} ms without; lost {swap['lost']:.0f}, disconnected {swap['disconnected']:.0f}.")
