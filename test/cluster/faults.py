#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What clients see of a cluster when something in it breaks: two hosts with sockets, two with sessions, a link between them.
Prints a table: fault, what became of the messages, and how long it took. Exits with 1 when something is lost, doubled or reordered that must not be.
Usage: faults.py BUILD [--clients 2000] [--rate 600] [--only WORD] [--loopback] [--carrier tcp|nats]     77: there is no nats-server"""
import argparse
import asyncio
import signal
import sys
import time

from clients import Crowd, now
from machines import Broker, Host, Network, can_have_namespaces
from proxy import FAIR, Weather


HEADING = (f"{'fault':<36} {'ended':>6} {'sent':>7} {'lost':>5} {'doubled':>7} {'reordered':>9} {'returned':>8} {'+deliv':>6} {'again':>6} {'cut':>6} {'dead':>5} {'first':>6} {'known':>6} {'well':>6}")


class Broken(Exception):
    """It does not even begin."""


class Cluster:
    def __init__(self, build, namespaces, proxied, carrier):
        self.network = Network(namespaces, proxied)
        self.sockets = [Host(name, self.network, build) for name in ("c2s-a", "c2s-b")]
        self.sessions = [Host("sm-foo", self.network, build, "foo.example"), Host("sm-bar", self.network, build, "bar.example")]
        self.hosts = self.sockets + self.sessions
        self.broker = Broker(self.network) if carrier == "nats" else None
        self.programs = self.hosts + [self.broker] * (self.broker is not None)
        for host in self.hosts:
            host.connect(self.network, self.hosts, self.broker)

    def part(self, program, apart):
        """Nothing gets from the program to the others, nor back; or everything does again."""
        others = [self.broker] if self.broker is not None else [h for h in self.hosts if h is not program]
        self.network.part(program, others, apart)

    async def start(self):
        if self.broker is not None:
            self.broker.start()
        for host in self.hosts:
            host.start()
        for host in self.hosts:
            if not await asyncio.to_thread(host.wait_for_peers, len(self.hosts) - 1):
                raise Broken(f"{host.name} finds no peers:\n{host.log_text()[-3000:]}\n{host.ctl('status').stdout}")

    def remove(self):
        for program in self.programs:
            program.remove()
        self.network.close()


async def killed(cluster, program):
    program.kill()
    await asyncio.sleep(1 if program is cluster.broker else 3)
    program.start()


async def stopped(cluster, program):
    program.signal(signal.SIGSTOP)
    await asyncio.sleep(10)
    program.signal(signal.SIGCONT)


def parted(seconds):
    async def part(cluster, program):
        cluster.part(program, True)
        await asyncio.sleep(seconds)
        cluster.part(program, False)
    return part


def weather(what, seconds=10):
    async def change(cluster, _):
        ways = 1 if cluster.broker is None else 2  # between two hosts: each meets half of what delays
        for proxy in cluster.network.proxies.values():
            proxy.weather = Weather(what.delay / ways, what.stall / ways, what.drop, what.double, what.swap)
        await asyncio.sleep(seconds)
        for proxy in cluster.network.proxies.values():
            proxy.weather = FAIR
    return change


async def swapped(cluster, _):
    build = cluster.hosts[0].build
    for n in range(100):
        which = cluster.sockets[n % 2]
        result = await asyncio.to_thread(which.swap, which.name, f"{build}/plugin/socket_manager.so", n)
        if result.returncode:
            raise Broken(result.stdout + result.stderr)
        if n % 5 == 0:
            which = cluster.hosts[n // 5 % 4]
            result = await asyncio.to_thread(which.swap, "link", f"{build}/examples/link/link.so", n)
            if result.returncode:
                raise Broken(result.stdout + result.stderr)


# Those with "broker" are of the carrier that has one. name; what happens; to which program; who is expected to be disconnected ("": nobody); whether it needs proxies
FAULTS = [
    ("nothing", lambda cluster, program: asyncio.sleep(5), None, False, False),
    ("sockets killed", killed, "c2s-a", True, False),
    ("sessions killed", killed, "sm-foo", True, False),
    ("sockets stopped 10 s", stopped, "c2s-b", True, False),
    ("sessions stopped 10 s", stopped, "sm-bar", True, False),
    ("sessions parted 3 s", parted(3), "sm-foo", False, False),
    ("sessions parted 30 s", parted(30), "sm-foo", True, False),
    ("sockets parted 3 s", parted(3), "c2s-a", False, False),
    ("broker killed", killed, "broker", False, False),
    ("broker stopped 10 s", stopped, "broker", True, False),
    ("100 swaps of sockets, 20 of links", swapped, None, False, False),
    ("50 ms, stalls of 1 %", weather(Weather(delay=0.05, stall=0.01)), None, False, True),
    ("5 % dropped, doubled, reordered", weather(Weather(drop=0.05, double=0.05, swap=0.05)), None, False, True),
]


class Outcome:
    def __init__(self, crowd, begin, is_death):
        messages = crowd.messages()
        self.sent = len(messages)
        self.delivered = sum(m.delivered > 0 for m in messages)
        self.doubled = sum(max(0, m.delivered - 1 - m.late) for m in messages)
        self.again = sum(m.delivered > 1 for m in messages) - self.doubled
        self.returned = sum(m.returned for m in messages)
        self.both = sum(m.returned and m.delivered > 0 for m in messages)
        missing = [m for m in messages if not m.delivered and not m.returned]
        self.cut = sum(m.cut for m in missing)
        gone = [m for m in missing if not m.cut]
        # What the dead process may have had: what was sent shortly before it died.
        self.dead = sum(is_death and begin - 1 < m.at < begin + 5 for m in gone)
        self.lost = len(gone) - self.dead
        self.reordered = crowd.reordered

    def row(self, name, known, well):
        """`known`: when clients were disconnected, in seconds; `well`: when all was as before."""
        return (f"{name:<36} {len(known):>6} {self.sent:>7} {self.lost:>5} {self.doubled:>7} {self.reordered:>9} {self.returned:>8} {self.both:>6} "
                f"{self.again:>6} {self.cut:>6} {self.dead:>5} {min(known, default=0):>6.1f} {max(known, default=0):>6.1f} {well:>6.1f}")


async def play(fault, arguments, build, namespaces):
    name, act, target, disconnects, needs_proxy = fault
    cluster = Cluster(build, namespaces, needs_proxy, arguments.carrier)
    crowd = Crowd()
    try:
        await cluster.start()
        a, b = ((h.address, Host.CLIENT_PORT) for h in cluster.sockets)
        foo, bar = (h.domain for h in cluster.sessions)
        count = arguments.clients // 4
        crowd.add([((f"x{n}", foo, a), (f"y{n}", bar, b)) for n in range(count)] + [((f"v{n}", bar, a), (f"w{n}", foo, b)) for n in range(count)])
        if not await crowd.gather():
            raise Broken(f"{name}: {crowd.logged_in()} of {len(crowd.clients)} clients are logged in; {dict(crowd.errors)}, refused {crowd.refused}")
        crowd.speaking = True
        speaker = asyncio.create_task(crowd.speak(arguments.rate))
        await asyncio.sleep(3)
        begin = now()
        program = next((p for p in cluster.programs if p.name == target), None)
        await act(cluster, program)
        over = now()
        await asyncio.sleep(2)
        all_back = await crowd.until_all_are_in(60)
        await asyncio.sleep(3)
        crowd.speaking = False
        await speaker
        await settle(crowd)
        known = [t - begin for t in crowd.leaving if t >= begin]
        back = [t - begin for t in crowd.coming if t >= begin]
        late = [at - begin for at, took in crowd.latencies if at >= begin and took > 1.0]
        outcome = Outcome(crowd, begin, act is killed and program is not cluster.broker)
        well = max(back + late, default=0.0)
        verdict = "ok"
        if outcome.lost or outcome.doubled or outcome.reordered or not all_back or (known and not disconnects):
            verdict = "NOT OK"
        print(outcome.row(name, known, well) + f"  {verdict}", flush=True)
        if verdict != "ok" or arguments.verbose:
            print(f"    errors {dict(crowd.errors)}, refused {crowd.refused}, stuck {crowd.stuck}, strays {crowd.strays}, logged in {crowd.logged_in()} of "
                  f"{len(crowd.clients)}; the fault took {over - begin:.1f} s")
            for h in cluster.hosts:
                print("   ", h.name, *(f"\n        {peer}: {text}" for peer, text in h.peers().items()))
                if arguments.verbose:
                    print("        " + "\n        ".join(h.log_text().splitlines()[-12:]))
        return verdict == "ok"
    finally:
        crowd.over = True
        for client in crowd.clients:
            client.abort()
        await asyncio.sleep(0.1)
        cluster.remove()


async def settle(crowd):
    """Until nothing more is under way, or half a minute has brought nothing."""
    quiet_since, before = now(), -1
    while now() - quiet_since < 4:
        if len(crowd.latencies) != before:
            quiet_since, before = now(), len(crowd.latencies)
        await asyncio.sleep(0.1)


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--clients", type=int, default=2000)
    parser.add_argument("--rate", type=int, default=600)
    parser.add_argument("--only", default="")
    parser.add_argument("--carrier", choices=("tcp", "nats"), default="tcp")
    parser.add_argument("--loopback", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    if arguments.carrier == "nats" and Broker.SERVER is None:
        print("nats-server is not installed")
        return 77
    why = "as was asked for" if arguments.loopback else can_have_namespaces()
    print(f"{arguments.clients} clients, {arguments.rate} messages a second, {arguments.carrier.upper()}, "
          + ("a network namespace for each host" if why is None else f"hosts on loopback, with proxies between them ({why})"))
    print(HEADING)
    start, good = time.monotonic(), True
    for fault in FAULTS:
        if arguments.only in fault[0] and (arguments.carrier == "nats" or "broker" not in fault[0]):
            try:
                good &= await play(fault, arguments, arguments.build, why is None)
            except Broken as problem:
                print(problem)
                good = False
    print(f"{time.monotonic() - start:.0f} s")
    return 0 if good else 1


if __name__ == "__main__":
    import os
    import resource
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    sys.argv[1:2] = [os.path.abspath(sys.argv[1])] if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else sys.argv[1:2]
    sys.exit(asyncio.run(main()))
