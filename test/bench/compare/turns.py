# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measuring in turns: in each round each server has its turn in a shape, and then the next shape begins."""
import contextlib
import os
import signal
import statistics

from generator import Failed, Generator
from machine import Busy, Stretch, is_quiet, processor_time, resident, wait_until_quiet
from shapes import LOGIN, MEMORY, PLAIN, SCRAM, WINDOW_1, is_overloaded, request

MOST_TRIES = 4  # of one turn
FULL = 95  # percent of a processor: the generator can do no more


class Way:
    """A server with its generator, and what is known of both. `failed` says why it is out of the race."""

    def __init__(self, name, server):
        self.name, self.server, self.generator = name, server, None
        self.failed, self.logged_in = None, 0

    def stop(self):
        """In no order: saying goodbye to thousands takes some of them half a minute."""
        if self.server.process is not None:
            for pid in self.server.processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        if self.generator is not None:
            self.generator.stop()
        self.server.remove()


class Turns:
    """`figures` is what becomes of it: a list of dicts, one for each turn that counts. `any_machine`: figures of a busy one count as well."""

    def __init__(self, ways, say, any_machine=False):
        self.ways, self.say, self.any_machine = ways, say, any_machine
        self.figures = []
        self.thrown_away = 0
        self.retired = []

    def running(self):
        return [way for way in self.ways if way.failed is None and way not in self.retired]

    def retire(self, way):
        """It has been measured, and makes room."""
        self.retired.append(way)
        way.stop()

    def fails(self, way, problem):
        way.failed = str(problem)
        self.say(f"{way.name} is out: {problem}")

    def start(self, build, pairs, options=()):
        """With options of the generator, if any."""
        for way in self.ways:
            try:
                self.say(f"starting {way.name}")
                way.server.start()
                way.generator = Generator(build, way.server, pairs, options)
            except (RuntimeError, OSError) as problem:
                self.fails(way, problem)

    def log_in(self, count, wanted=PLAIN):
        """What it costs is a figure each; there is one try, for accounts are logged in once. A server without SCRAM has them by PLAIN."""
        for way in self.running():
            mechanism = wanted if wanted in way.server.MECHANISMS else next(iter(way.server.MECHANISMS), None)
            pids = way.server.processes()
            before, stretch = processor_time([*pids, way.generator.process.pid]), Stretch()
            way.resident_before, way.logged_in_before = resident(pids), way.logged_in
            try:
                answer = way.generator.ask("scram" if mechanism == SCRAM else "login", count)
            except Failed as problem:
                self.fails(way, problem)
                continue
            way.logged_in = count
            found = stretch.end(processor_time([*way.server.processes(), way.generator.process.pid]) - before)
            self.figures.append({"way": way.name, "shape": LOGIN, "mechanism": mechanism, "logins": count, "logins_per_second": answer["logins_per_second"], "cpu_us_per_login": answer["cpu_us_per_login"],
                                 "load_cpu_percent": answer["load_cpu_percent"], **found})
            self.say(f"{way.name}: {count} are logged in, by {mechanism or 'connecting'} {answer['logins_per_second']:.0f} a second")

    def weigh(self):
        """What each has in memory since before the last log_in, once nobody does anything."""
        for way in self.running():
            grown = resident(way.server.processes()) - way.resident_before
            self.figures.append({"way": way.name, "shape": MEMORY, "logins": way.logged_in, "bytes_per_login": grown / (way.logged_in - way.logged_in_before)})

    def measure(self, shape, rounds, seconds):
        for number in range(rounds):
            for way in self.running():
                try:
                    self.figures.append(self.turn(way, shape, number, seconds))
                except Failed as problem:
                    self.fails(way, problem)

    def half_rate(self, way):
        found = [figure["messages_per_second"] for figure in self.figures if figure["way"] == way.name and figure["shape"] == WINDOW_1 and figure["logins"] == way.logged_in]
        return statistics.median(found) / 2 if found else 0

    def turn(self, way, shape, number, seconds):
        words = request(shape, seconds, self.half_rate(way))
        for _ in range(MOST_TRIES):
            pids = [*way.server.processes(), way.generator.process.pid]
            before, stretch = processor_time(pids), Stretch()
            answer = way.generator.ask(*words)
            found = stretch.end(processor_time(pids) - before)
            if self.any_machine or is_quiet(found):
                break
            self.thrown_away += 1
            self.say(f"{way.name}, {shape}: thrown away, for other programs had {found['others']:.2f} of a processor, other machines {found['stolen']:.2f}")
            wait_until_quiet(15)
        else:
            raise Busy(f"{way.name}, {shape}: the machine was busy with other things {MOST_TRIES} times, at last with {found['others']:.2f} of a processor")
        figure = {"way": way.name, "shape": shape, "logins": way.logged_in, "round": number, "overloaded": is_overloaded(words, answer), "load_is_full": answer["load_cpu_percent"] >= FULL,
                  **{key: answer[key] for key in ("messages_per_second", "cpu_us_per_message", "cpu_percent", "load_cpu_percent", "message_p50_ms", "message_p99_ms", "message_max_ms")}, **found}
        if words[0] == "rate":
            figure["rate"] = words[1]
        self.say(f"{way.name}, {shape}, round {number + 1}: {figure['cpu_us_per_message']:.2f} us a message, {figure['messages_per_second']:.0f} a second, p99 {figure['message_p99_ms']:.2f} ms"
                 + (", overloaded" if figure["overloaded"] else "") + (f", the generator was full ({figure['load_cpu_percent']:.0f} %)" if figure["load_is_full"] else ""))
        return figure

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for way in self.ways:
            if way not in self.retired:
                way.stop()
