# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures servers in turns, and prints a table. compare.sh says how it is called, and installs what it needs."""
import argparse
import datetime
import json
import pathlib
import resource
import signal
import subprocess
import sys
import time

here = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(here), str(here.parents[1] / "front"), str(here.parents[1] / "cluster")]
import growth  # noqa: E402
import machine  # noqa: E402
import picture  # noqa: E402
import swaps  # noqa: E402
import table  # noqa: E402
from others import MeasuredEjabberd, MeasuredJabberd2, MeasuredProsody  # noqa: E402
from ours import Ours, OursBehindHaproxy, OursWithoutHash, Relay  # noqa: E402
from shapes import AMONG_IDLE, LOGINS, PAIRS, SCRAM, SHAPES  # noqa: E402
from turns import Turns, Way  # noqa: E402

SETTLE = 10  # seconds: some give memory back when they have nothing to do

# By name: what it is, and whether it has TLS.
WAYS = {
    "relay": (Relay, False),
    "ours": (Ours, False),
    "jabberd2": (MeasuredJabberd2, False),
    "ejabberd": (MeasuredEjabberd, False),
    "Prosody": (MeasuredProsody, False),
    "ours, TLS": (Ours, True),
    "ours behind HAProxy's TLS": (OursBehindHaproxy, True),
    "jabberd2, TLS": (MeasuredJabberd2, True),
    "ejabberd, TLS": (MeasuredEjabberd, True),
    "Prosody, TLS": (MeasuredProsody, True),
}


def parse():
    options = argparse.ArgumentParser(prog="compare.sh")
    options.add_argument("build", type=lambda path: str(pathlib.Path(path).resolve()), help="a build directory made with --buildtype=release")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=float, default=3, help="of a turn")
    options.add_argument("--quick", action="store_true", help="short turns, few logins, on any machine: to try it, not to quote")
    options.add_argument("--others", type=float, default=machine.MOST_BY_OTHERS, help="how much of a processor other programs may have during a turn (%(default)s)")
    options.add_argument("--together", action="store_true", help="clients write the answers to what came together in one; else each message by itself, as most do")
    options.add_argument("--growth", action="store_true", help="ours alone, with more and more logins")
    options.add_argument("--only", action="append", choices=WAYS, help="these servers; the relay is always there")
    options.add_argument("--json", type=pathlib.Path, help="where the figures go")
    options.add_argument("--picture", type=pathlib.Path, help="where the picture goes")
    arguments = options.parse_args()
    if arguments.quick:
        arguments.rounds, arguments.seconds = 1, min(arguments.seconds, 0.3)
    machine.MOST_BY_OTHERS = arguments.others
    return arguments


def version(server_class):
    if server_class.PACKAGE is None:
        return None
    result = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}", server_class.PACKAGE], capture_output=True, text=True, check=False)
    return result.stdout or None


def say(text):
    print(f"{datetime.datetime.now():%H:%M:%S} {text}", file=sys.stderr, flush=True)


def logins(arguments):
    return 2 * PAIRS + 100 if arguments.quick else LOGINS


def writing(arguments):
    return [] if arguments.together else ["--one-by-one"]


def compare(arguments, say_result):
    names = [name for name in WAYS if name == "relay" or not arguments.only or name in arguments.only]
    turns = Turns([Way(name, WAYS[name][0](arguments.build, logins(arguments), WAYS[name][1])) for name in names], say, arguments.quick)
    with turns:
        turns.start(arguments.build, PAIRS, writing(arguments))
        turns.log_in(2 * PAIRS)
        for shape in SHAPES:
            if shape == AMONG_IDLE:
                turns.log_in(logins(arguments), SCRAM)
                time.sleep(0 if arguments.quick else SETTLE)
                turns.weigh()
            turns.measure(shape, arguments.rounds, arguments.seconds)
    swap = swaps.measure(arguments.build, 20 if arguments.quick else LOGINS, 2 if arguments.quick else 20, arguments.quick) if "ours" in names else None
    result = say_result(turns, {"logins": logins(arguments), "together": arguments.together, "swap": swap})
    print(table.markdown(table.lines(result)))
    if arguments.picture:
        picture.draw(result, arguments.picture)
    return turns


def grow(arguments, say_result):
    steps = growth.QUICK_STEPS if arguments.quick else growth.STEPS
    ways = [(growth.RELAY, Relay, 0), (growth.OURS, OursWithoutHash, steps[-1]), (growth.HASHED, Ours, steps[1])]
    turns = Turns([Way(name, server(arguments.build, count, False)) for name, server, count in ways], say, arguments.quick)
    with turns:
        turns.start(arguments.build, growth.PAIRS, writing(arguments))
        growth.measure(turns, steps, arguments.rounds, arguments.seconds, 0 if arguments.quick else SETTLE)
    print(table.markdown(growth.lines(say_result(turns, {"steps": steps}))))
    return turns


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    arguments = parse()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    begin, description = time.monotonic(), machine.description()
    if not arguments.quick and not machine.is_quiet(machine.wait_until_quiet(60)):
        return "This machine does other things: nothing that is measured on it now would be worth comparing. --quick tries it all the same."

    def say_result(turns, more):
        result = {"machine": description, "date": f"{datetime.date.today()}", "quick": arguments.quick, "most_by_others": arguments.others, "rounds": arguments.rounds, "seconds": arguments.seconds, "took_minutes": (time.monotonic() - begin) / 60,
                  "thrown_away": turns.thrown_away, "ways": [{"name": way.name, "version": version(type(way.server)), "failed": way.failed} for way in turns.ways], **more, "figures": turns.figures}
        if arguments.json:
            arguments.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        return result

    try:
        turns = (grow if arguments.growth else compare)(arguments, say_result)
    except machine.Busy as problem:
        return f"{problem}. Nothing was compared."
    failed = [way.name for way in turns.ways if way.failed]
    return f"{', '.join(failed)} failed" if failed else 0


if __name__ == "__main__":
    sys.exit(main())
