#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""aioxmpp's end-to-end tests against a server, and against us in front of it: what passes there passes here.
Usage: aioxmpp_in_front.py BUILD ejabberd|prosody     77: something of it is not installed. aioxmpp's tests are where test/run.sh has brought them."""
import os
import pathlib
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(here.parent / "cluster"), str(here.parent / "integration")]
import aioxmpp_test  # noqa: E402
from machines_in_front import Front  # noqa: E402
from servers import SERVERS  # noqa: E402


class Seen:
    """A server as aioxmpp_test wants to know it."""

    def __init__(self, program, port):
        self.port = port
        self.ca_file = pathlib.Path(program.directory, "certificate.pem")


def main():
    build, name = os.path.abspath(sys.argv[1]), sys.argv[2]
    kind = SERVERS[name]
    tests = here.parent.parent / "build" / "other-clients" / "aioxmpp"
    if kind.why_not() or not (tests / "tests").is_dir():
        print(kind.why_not() or "aioxmpp's tests are not there")
        return 77
    results = {way: played(kind, build, tests, way) for way in ("alone", "behind us")}
    passed = {way: {test for test, (outcome, _) in all_of_it.items() if outcome == "passed"} for way, all_of_it in results.items()}
    for test in sorted(passed["alone"] | passed["behind us"]):
        ways = [way for way in passed if test in passed[way]]
        print(f"{test:<90} " + ("passes" if len(ways) == 2 else f"passes {ways[0]} only"))
        if ways == ["alone"]:
            print("    " + "\n    ".join(results["behind us"][test][1].splitlines()[-15:]))
    print(f"{name}: {len(passed['alone'])} pass alone, {len(passed['behind us'])} behind us, of {len(results['alone'])}")
    return 0 if passed["alone"] <= passed["behind us"] else 1


def played(kind, build, tests, way):
    """{test: (how it ended, why)}. On a server of its own: what the tests leave in one they find again."""
    server = kind()
    front = Front(build, server, proxy=kind.PROXY, starttls=True)
    try:
        server.start()
        front.start()
        seen = Seen(server, server.tls_port) if way == "alone" else Seen(front, front.port)
        with tempfile.TemporaryDirectory() as directory:
            return {test: (outcome, why) for test, outcome, why in aioxmpp_test.run(tests, pathlib.Path(directory), seen)}
    finally:
        front.remove()
        server.remove()


if __name__ == "__main__":
    sys.exit(main())
