#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What clients see of ejabberd behind us when something changes or breaks: our components are swapped under them, or the server goes.
Prints a table: what happened, what became of the messages, and how long it took. Exits with 1 when something is lost, doubled or reordered that must not be.
Usage: faults_in_front.py BUILD [--clients 2000] [--rate 600] [--swaps 50] [--only WORD] [--direct]     77: there is no ejabberd"""
import argparse
import asyncio
import os
import resource
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cluster"))
from clients import Crowd, now  # noqa: E402
from clients_over_tls import ClientOverTls  # noqa: E402
from faults import HEADING, Broken, Outcome, settle  # noqa: E402
from machines_in_front import Ejabberd, Front  # noqa: E402


async def swapped(front, _, arguments):
    for n in range(arguments.swaps):
        services = [("c2s", "plugin/socket_manager.so")] + [("sessions", "examples/upstream/upstream.so")] * (n % 5 == 4)
        for service, file in services:
            result = await asyncio.to_thread(front.swap, service, f"{front.build}/{file}", n)
            if result.returncode:
                raise Broken(result.stdout + result.stderr)


async def killed(_, server, __):
    server.kill()
    await asyncio.sleep(2)
    await asyncio.to_thread(server.start)


async def restarted(_, server, __):
    await asyncio.to_thread(server.stop)
    await asyncio.sleep(2)
    await asyncio.to_thread(server.start)


# name; what happens; whether clients are disconnected by it; whether what the server had taken may be lost with it, as it is without us (--direct)
FAULTS = [
    ("swaps of both", swapped, False, False),
    ("the server is restarted", restarted, True, True),
    ("the server is killed", killed, True, True),
]


def missing_messages(crowd):
    return [message for client in crowd.clients for message in client.sent if not (message.delivered or message.returned or message.cut)]


def stored_in_vain(crowd):
    """ejabberd stores a message for who is not there; of one that is stored just as its reader logs in, it may lose track. It does so without us as well: --direct."""
    missing = missing_messages(crowd)
    return sum(message in missing and any(abs(came - message.at) < 1 for came in client.partner.came) for client in crowd.clients for message in client.sent)


async def log_in_again(crowd):
    """Those who miss something: the server may have stored it just when they asked for what was stored. How many messages come so."""
    missing = missing_messages(crowd)
    for client in crowd.clients:
        if any(message in missing for message in client.sent):
            client.partner.abort()
    if missing:
        await asyncio.sleep(1)
        await crowd.until_all_are_in(30)
        await settle(crowd)
    return sum(message.delivered > 0 for message in missing)


async def play(fault, arguments):
    name, act, disconnects, is_death = fault
    server = Ejabberd(arguments.clients)
    front = Front(arguments.build, server)  # not started where it is not used
    crowd = Crowd(ClientOverTls)
    try:
        await asyncio.to_thread(server.start)
        if not arguments.direct:
            await asyncio.to_thread(front.start)
        address = (server.address, server.tls_port) if arguments.direct else (front.address, front.port)
        who = [(f"u{n}", server.DOMAIN, address) for n in range(arguments.clients)]
        crowd.add(zip(who[::2], who[1::2]))
        if not await crowd.gather():
            raise Broken(f"{name}: {crowd.logged_in()} of {len(crowd.clients)} clients are logged in; {dict(crowd.errors)}, refused {crowd.refused}\n{front.log_text()[-2000:]}")
        crowd.speaking = True
        speaker = asyncio.create_task(crowd.speak(arguments.rate))
        await asyncio.sleep(3)
        begin = now()
        await act(front, server, arguments)
        over = now()
        await asyncio.sleep(2)
        all_back = await crowd.until_all_are_in(120)
        await asyncio.sleep(3)
        crowd.speaking = False
        await speaker
        await settle(crowd)
        quiet = now()
        known = [t - begin for t in crowd.leaving if t >= begin]
        back = [t - begin for t in crowd.coming if t >= begin]
        told = dict(crowd.errors)
        stored = await log_in_again(crowd)
        outcome = Outcome(crowd, begin, is_death)
        gap = max((took for at, took in crowd.latencies if begin <= at < quiet), default=0)
        wrong = []
        in_vain = stored_in_vain(crowd)
        if outcome.lost > in_vain or outcome.doubled or outcome.reordered > stored or not all_back:
            wrong.append("messages or clients are missing")
        if bool(known) != disconnects:
            wrong.append("disconnected, and should not be" if known else "nobody was disconnected")
        if disconnects and (sum(told.values()) < len(crowd.clients) or set(told) - {"system-shutdown"}):
            wrong.append("not all were told")
        verdict = ", ".join(wrong) or "ok"
        print(outcome.row(name, known, max(back, default=0)) + f"  {verdict}; longest {gap * 1000:.0f} ms, told {told}, stored until the next login {stored}, in vain {in_vain}; {over - begin:.1f} s", flush=True)
        if wrong:
            missing = missing_messages(crowd)
            for client in crowd.clients:
                for number, message in enumerate(client.sent, 1):
                    if message in missing:
                        print(f"    {client.jid}: message {number}, {message.at - begin:+.2f} s, {'confirmed' if message.confirmed else 'not confirmed'}; its reader came {[round(t - begin, 2) for t in client.partner.came]}")
            print(f"    refused {crowd.refused}, stuck {crowd.stuck}, strays {crowd.strays}, logged in {crowd.logged_in()} of {len(crowd.clients)}\n" + front.log_text()[-1500:] + ("" if arguments.direct else front.ctl("status").stdout))
        return not wrong
    finally:
        crowd.over = True
        for client in crowd.clients:
            client.abort()
        await asyncio.sleep(0.1)
        front.remove()
        server.remove()


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=os.path.abspath)
    parser.add_argument("--clients", type=int, default=2000)
    parser.add_argument("--rate", type=int, default=600)
    parser.add_argument("--swaps", type=int, default=50)
    parser.add_argument("--only", default="")
    parser.add_argument("--direct", action="store_true", help="the clients are the server's own, for comparison")
    arguments = parser.parse_args()
    if Ejabberd.why_not() is not None:
        print(Ejabberd.why_not())
        return 77
    print(f"{arguments.clients} clients over TLS, {arguments.rate} messages a second, " + ("ejabberd's own" if arguments.direct else f"ours in front of ejabberd; at each fifth of {arguments.swaps} swaps upstream.so is swapped as well"))
    print(HEADING)
    good = True
    for fault in FAULTS:
        if arguments.only in fault[0] and not (arguments.direct and fault[1] is swapped):
            try:
                good &= await play(fault, arguments)
            except Broken as problem:
                print(problem)
                good = False
    return 0 if good else 1


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    sys.exit(asyncio.run(main()))
