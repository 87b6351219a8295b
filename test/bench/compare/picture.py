# SPDX-License-Identifier: LGPL-2.1-or-later
"""The table as a picture."""
import summary
from shapes import AMONG_IDLE, AT_RATE, RATE, WINDOW_1, WINDOW_10

OURS, RELAY, OTHERS, WITH_TLS = "#1a7f37", "#57606a", "#c76b29", 0.55  # the last: how solid a bar with TLS is


def cost(found):
    return summary.OVERLOADED if found["overloaded"] else found["ratio"]


def late(found):
    return found if found == summary.OVERLOADED else found[1]


PANELS = [
    ("Processor, a message: window 10", "times the relay's", lambda found: cost(found["cost"][WINDOW_10])),
    ("Processor, a message: window 1", "times the relay's", lambda found: cost(found["cost"][WINDOW_1])),
    (f"Processor, a message: {RATE:,} a second", "times the relay's", lambda found: cost(found["cost"][AT_RATE])),
    ("Processor, a message: among {logins:,} logins", "times the relay's", lambda found: cost(found["cost"][AMONG_IDLE])),
    (f"p99 at {RATE:,} a second", "ms", lambda found: late(found["late"][AT_RATE])),
    ("Memory of an idle login", "bytes", lambda found: found["bytes"]),
]


def value_and_range(found):
    """Of a panel's bar: the value, how far it goes down and up, and the words beside it. No value: there is nothing to draw."""
    if found is None:
        return None, 0, 0, "not measured"
    if found == summary.OVERLOADED:
        return None, 0, 0, "overloaded"
    if isinstance(found, summary.Spread):
        return found.median, found.median - found.least, found.most - found.median, f"{found.median:.3g}"
    return found, 0, 0, f"{found:,.0f}" if found >= 100 else f"{found:.2f}"


def color(name):
    return RELAY if name == summary.RELAY else OURS if name.startswith("ours") else OTHERS


def draw(result, path):
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot, ticker
    ways = [way["name"] for way in result["ways"] if not way["failed"]]
    rows = {name: summary.of_way(result["figures"], name) for name in ways}
    figure, axes = pyplot.subplots(3, 2, figsize=(14, 1.8 + 0.9 * len(ways)), facecolor="white")
    for panel, (title, unit, take) in zip(axes.flat, PANELS):
        panel.set_title(title.format(logins=result["logins"]), loc="left", fontsize=11, fontweight="bold")
        panel.set_xlabel(unit + ", logarithmic", fontsize=8)
        bars = [value_and_range(take(rows[name])) for name in ways]
        values = [value for value, *_ in bars if value]
        floor = min(values, default=1) / 2
        for place, (name, (value, down, up, words)) in enumerate(zip(ways, bars)):
            if value and value > 0:
                panel.barh(place, value - floor, left=floor, color=color(name), alpha=WITH_TLS if "TLS" in name else 1, xerr=[[down], [up]] if down or up else None, error_kw={"linewidth": 1})
            panel.annotate(words, ((value + up) if value else floor, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=9)
        panel.set_xscale("log")
        panel.set_xlim(floor, max(values, default=floor * 2) * 3)
        panel.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,g}"))
        panel.set_ylim(-0.6, len(ways) - 0.4)
        panel.set_yticks(range(len(ways)), ways, fontsize=9)
        panel.invert_yaxis()
        panel.spines[["top", "right"]].set_visible(False)
        panel.grid(axis="x", alpha=0.3)
    machine = result["machine"]
    warning = "A QUICK TRY, not to be quoted. " if result["quick"] else "OTHER PROGRAMS RAN meanwhile. " if summary.disturbed(result["figures"])[0] else ""
    figure.suptitle(warning + f"{machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}, {result['date']}; less is better", fontsize=10)
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    pyplot.close(figure)
