#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A cluster on loopback, and four people who chat across it while one of its hosts is killed. demo.py BUILD [NATS-SERVER]     with a broker, or else over TCP"""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

BUILD = pathlib.Path(sys.argv[1]).resolve()
DOMAINS = {"foo": "foo.example", "bar": "bar.example"}
BROKER = sys.argv[2] if len(sys.argv) > 2 else None
PATIENCE = 30  # seconds


def free_ports(count):
    """All at once, so that none comes twice."""
    listening = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in listening]
    for one in listening:
        one.close()
    return ports


PORTS = free_ports(9)


class Process:
    def __init__(self, name, directory):
        self.name, self.directory, self.process = name, directory / name, None
        self.directory.mkdir()

    def start(self):
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen(self.words(), stdout=log, stderr=log)

    def words(self):
        raise NotImplementedError

    def end(self, number=signal.SIGTERM):
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(PATIENCE)

    def log(self):
        return (self.directory / "log").read_text(errors="replace")


class Broker(Process):
    def __init__(self, directory):
        super().__init__("broker", directory)
        self.port = PORTS.pop()

    def words(self):
        (self.directory / "broker.conf").write_text(
            f'listen: "127.0.0.1:{self.port}"\naccounts {{ cluster {{ users: [ {{ user: link, password: "a secret for a demonstration" }} ] }} }}\n')
        return [BROKER, "-c", str(self.directory / "broker.conf")]

    def carrier(self):
        return f"<nats><server>nats://127.0.0.1:{self.port}</server><user>link</user><password>a secret for a demonstration</password></nats>"


class Host(Process):
    def __init__(self, name, directory, domain=None):
        super().__init__(name, directory)
        self.domain, self.port, self.link_port = domain, PORTS.pop(), PORTS.pop()
        self.hosts, self.broker = [], None

    def carrier(self):
        if self.broker:
            return self.broker.carrier()
        peers = "".join(f"<peer name='{h.name}' port='{h.link_port}'>127.0.0.1</peer>" for h in self.hosts if h is not self)
        return f"<tcp><listen port='{self.link_port}'>127.0.0.1</listen><secret>a secret for a demonstration</secret>{peers}</tcp>"

    def words(self):
        if self.domain:
            service = (f"<service id='{self.name}'><host>{self.domain}</host><load><session_manager>{BUILD}/examples/session_manager/session_manager.so</session_manager></load>"
                       "<sessions xmlns='jabber:config:session-manager'><database>accounts.db</database><register>yes</register></sessions></service>")
        else:
            service = (f"<service id='{self.name}'><load><socket_manager>{BUILD}/plugin/socket_manager.so</socket_manager></load>"
                       f"<c2s xmlns='jabber:config:socket-manager'><listen port='{self.port}'>127.0.0.1</listen></c2s></service>")
        (self.directory / "jabber.xml").write_text(
            f"<jabber><control>control</control>{service}<service id='link'><load><link>{BUILD}/examples/link/link.so</link></load>"
            f"<link xmlns='jabber:config:link'><name>{self.name}</name>{self.carrier()}</link></service></jabber>")
        return [str(BUILD / "examples/host/jabberd-host"), "-c", str(self.directory / "jabber.xml")]

    def wait_until_linked(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            status = subprocess.run([str(BUILD / "examples/host/jabberd-ctl"), "--socket", str(self.directory / "control"), "status"],
                                    capture_output=True, text=True, check=False).stdout
            if len(re.findall(r"^ *peer \S+ +up", status, re.MULTILINE)) == len(self.hosts) - 1:
                return
            time.sleep(0.05)
        sys.exit(f"{self.name} does not find the others:\n{self.log()}")


class Person(threading.Thread):
    """A client that logs in again whenever it is disconnected, and says a number ten times a second."""

    def __init__(self, name, domain, host):
        super().__init__(daemon=True)
        self.person, self.domain, self.host = name, domain, host
        self.said = self.back = 0
        self.heard, self.returned, self.ends = [], set(), []
        self.friend, self.over, self.is_in = None, threading.Event(), threading.Event()

    def run(self):
        while not self.over.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self.host.port), 5) as wire:
                    wire.settimeout(0.05)
                    self.talk(wire)
            except OSError:
                pass
            if self.is_in.is_set():
                self.is_in.clear()
                self.ends.append((time.monotonic(), self.why))
            self.over.wait(0.2)

    def talk(self, wire):
        self.why, text = "the connection is gone", ""
        account = f"<username>{self.person}</username><password>secret</password>"

        def say(words):
            wire.sendall(words.encode())

        say(f"<stream:stream to='{self.domain}' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
            f"<iq type='set' id='r'><query xmlns='jabber:iq:register'>{account}</query></iq>"
            f"<iq type='set' id='l'><query xmlns='jabber:iq:auth'>{account}<resource>demo</resource></query></iq>")
        begin = time.monotonic()
        while not self.over.is_set() and (self.is_in.is_set() or time.monotonic() < begin + 5):
            try:
                some = wire.recv(65536).decode()
                if not some:
                    return
                text += some
            except TimeoutError:
                pass
            if not self.is_in.is_set() and re.search(r"<iq[^>]*id='l'[^>]*type='result'|<iq[^>]*type='result'[^>]*id='l'", text):
                say("<presence/>")
                self.back = time.monotonic()
                self.is_in.set()
            for kind, number in re.findall(r"<message([^>]*)>(?:(?!</message>).)*?<body>(\d+)</body>(?:(?!</message>).)*</message>", text):
                if "type='error'" in kind:
                    self.returned.add(int(number))
                else:
                    self.heard.append(int(number))
            error = re.search(r"<stream:error>\s*<([\w-]+)", text)
            if error:
                self.why = error.group(1)
            text = text[max(text.rfind("</message>") + 10, 0):] if "</message>" in text else text
            if self.is_in.is_set() and not self.quiet and time.monotonic() > self.next:
                self.said, self.next = self.said + 1, time.monotonic() + 0.1
                say(f"<message to='{self.friend.person}@{self.friend.domain}' type='chat'><body>{self.said}</body></message>")

    quiet, next = False, 0.0


def main():
    directory = pathlib.Path(tempfile.mkdtemp(prefix="cluster-"))
    hosts = [Host("sockets-1", directory), Host("sockets-2", directory), Host("sessions-foo", directory, DOMAINS["foo"]), Host("sessions-bar", directory, DOMAINS["bar"])]
    people = []
    broker = Broker(directory) if BROKER else None
    try:
        if broker:
            broker.start()
        for host in hosts:
            host.hosts, host.broker = hosts, broker
            host.start()
        for host in hosts:
            host.wait_until_linked()
        print(f"four hosts, linked {'by a NATS broker' if broker else 'over TCP'}: {', '.join(host.name for host in hosts)}")

        people = [Person("ann", DOMAINS["foo"], hosts[0]), Person("ben", DOMAINS["bar"], hosts[1]), Person("cleo", DOMAINS["bar"], hosts[0]), Person("dan", DOMAINS["bar"], hosts[1])]
        for one, other in ((0, 1), (2, 3)):
            people[one].friend, people[other].friend = people[other], people[one]
        for person in people:
            person.start()
        for person in people:
            if not person.is_in.wait(PATIENCE):
                sys.exit(f"{person.person} cannot log in; the logs are in {directory}")
        time.sleep(2)
        for person in people:
            print(f"{person.person}@{person.domain}, connected to {person.host.name}, hears {person.friend.person}: {person.heard[-1] if person.heard else 'nothing'}")

        victim = hosts[2]
        killed = time.monotonic()
        victim.end(signal.SIGKILL)
        print(f"{victim.name} is killed")
        time.sleep(3)
        victim.start()
        for person in people:
            person.is_in.wait(PATIENCE)
        time.sleep(2)
        for person in people:
            person.quiet = True
        time.sleep(1.5)
        bad = 0
        for person in people:
            heard, friend = person.heard, person.friend
            missing = set(range(1, friend.said + 1)) - set(heard) - friend.returned
            # What a client writes into a connection that is about to end was never accepted; nor can a killed host give back what it had.
            excused = len(missing) if friend.ends or person.ends else 0
            bad += len(heard) != len(set(heard)) or heard != sorted(heard) or len(missing) > excused
            saw = (f"was told {person.ends[0][1]} after {person.ends[0][0] - killed:.1f} s and was back after {person.back - killed:.1f} s" if person.ends else "noticed nothing")
            print(f"{person.person} {saw}; of what {friend.person} said {len(heard)} arrived, {len(friend.returned)} came back to {friend.person}, "
                  f"{len(missing)} went down with a connection" + (", and none twice" if len(heard) == len(set(heard)) else ", SOME TWICE"))
        bad += not all(person.is_in.is_set() for person in people)
        print("something is wrong: see above" if bad else "all is well again")
        return 1 if bad else 0
    finally:
        for person in people:
            person.over.set()
        for process in hosts + [broker] * bool(broker):
            process.end()
        if sys.exc_info()[0] is None: # else the logs are of use
            shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    os.environ.setdefault("LANG", "C.UTF-8")
    sys.exit(main())
