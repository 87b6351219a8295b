#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Other people's clients in front of a server: each logs in, and chats both ways with another one, before and behind a swap of the socket manager and of upstream.so.
Usage: clients_in_front.py BUILD ejabberd|prosody|jabberd2 [CLIENT...]     BUILD has run `meson test` once: the clients are those of its integration tests. 77: something is not installed"""
import json
import os
import pathlib
import queue
import re
import subprocess
import sys
import threading
import time

here = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(here), str(here.parent / "cluster")]
from machines_in_front import Front  # noqa: E402
from servers import PASSWORD, SERVERS  # noqa: E402

BROWSERS = re.compile(r"with_(converse|strophe)_js")  # what they speak is WebSocket
PATIENCE = 60  # seconds: a desktop takes its time


def installed_clients(build):
    """{name: the words that start it} of the integration tests' (test/integration/clients/meson.build), whose environment becomes ours."""
    found = {}
    for test in json.loads(pathlib.Path(build, "meson-info", "intro-tests.json").read_text(encoding="utf-8")):
        if "TLS_CLIENTS" in test["env"]:
            os.environ.update({name: value for name, value in test["env"].items() if name in ("NODE_MODULES", "SCREENSHOTS")})
        for client in test["env"].get("TLS_CLIENTS", "").split():
            name, _, words = client.partition("=")
            found[name] = words.split(",")
    return found


class Client:
    """A program of test/integration/clients, as shell.h there tells of it."""

    def __init__(self, words, front, user):
        self.lines = queue.Queue()
        self.log = []
        ca_file = os.path.join(front.directory, "both.pem")
        self.process = subprocess.Popen([*words, str(front.port), "localhost", user, "r", PASSWORD, "websocket" if any(BROWSERS.search(word) for word in words) else "starttls", "any", ca_file], env={**os.environ, "NODE_EXTRA_CA_CERTS": ca_file}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        threading.Thread(target=self._read, daemon=True).start()
        self.hears("ready")

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def hears(self, what):
        while True:
            try:
                self.log.append(self.lines.get(timeout=PATIENCE))
            except queue.Empty:
                raise RuntimeError(f"waits for '{what}' in vain:\n" + "\n".join(self.log[-15:])) from None
            if self.log[-1].endswith(what):
                return

    def says(self, to, body):
        self.process.stdin.write(f"{to}@localhost {body}\n")
        self.process.stdin.flush()

    def leave(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def play(words, partner_words, front, number):
    client = Client(words, front, "first")
    try:
        partner = Client(partner_words, front, "second")
        time.sleep(1)  # what is for who is just logging in ejabberd may store, and lose track of (faults_in_front.py)
        try:
            for round_ in ("before", "behind"):
                client.says("second", f"hello-{number}-{round_}")
                partner.hears(f"hello-{number}-{round_}")
                partner.says("first", f"answer-{number}-{round_}")
                client.hears(f"answer-{number}-{round_}")
                for service, file in (("c2s", "plugin/socket_manager.so"), ("sessions", "examples/upstream/upstream.so")):
                    if front.swap(service, f"{front.build}/{file}", number).returncode:
                        raise RuntimeError("the swap failed:\n" + front.log_text()[-1000:])
        finally:
            partner.leave()
    finally:
        client.leave()


def main():
    build, name, *wanted = sys.argv[1:]
    build = os.path.abspath(build)
    kind = SERVERS[name]
    clients = {client: words for client, words in installed_clients(build).items() if client in wanted or not wanted}
    if kind.why_not() or not clients:
        print(kind.why_not() or "none of these clients is installed")
        return 77
    server = kind()
    front = Front(build, server, proxy=kind.PROXY, starttls=True)
    good = True
    try:
        server.start()
        front.start()
        both = "".join(pathlib.Path(front.directory, part).read_text(encoding="utf-8") for part in ("certificate.pem", "key.pem"))
        pathlib.Path(front.directory, "both.pem").write_text(both, encoding="utf-8")
        partner = installed_clients(build)["slixmpp"]
        for number, (client, words) in enumerate(clients.items()):
            try:
                play(words, partner, front, number)
                print(f"{name}  {client:<12} chats both ways, before and behind the swaps", flush=True)
            except RuntimeError as problem:
                good = False
                print(f"{name}  {client:<12} {problem}", flush=True)
    finally:
        front.remove()
        server.remove()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
