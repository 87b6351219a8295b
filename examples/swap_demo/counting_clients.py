#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two clients count aloud to each other over TLS until SIGTERM, and then say what they heard.
counting_clients.py PORT CERTIFICATE: the server's certificate is the one that is trusted."""
import re
import signal
import socket
import ssl
import sys
import threading
import time

EVERY = 0.01  # seconds between two numbers
PATIENCE = 10  # seconds for whatever is still on its way
HEADER = "<stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"

over = threading.Event()


class Counter(threading.Thread):
    """One client. Its thread listens; count() is called from another."""

    def __init__(self, name, port, tls):
        super().__init__(daemon=True)
        self.user, self.port, self.tls = name, port, tls
        self.heard, self.said, self.reconnects, self.pause, self.last = [], 0, 0, 0.0, None
        self.lock = threading.Lock()  # one thread at a time may use a TLS connection
        self.connect()

    def connect(self):
        plain = socket.create_connection(('127.0.0.1', self.port), PATIENCE)
        self.socket = self.tls.wrap_socket(plain, server_hostname='localhost')
        self.rest = ''
        self.write(HEADER)
        self.read_until(r'<stream:stream[^>]*>')
        account = f'<username>{self.user}</username><password>secret</password>'
        # Of the second time on there is an account already: an error, and it is fine.
        self.ask('register', f"<query xmlns='jabber:iq:register'>{account}</query>")
        answer = self.ask('login', f"<query xmlns='jabber:iq:auth'>{account}<resource>demo</resource></query>")
        if "type='result'" not in answer:
            sys.exit(f'{self.user} cannot log in: {answer}')
        self.write('<presence/>')
        self.socket.settimeout(0.002)

    def ask(self, id, query):
        self.write(f"<iq type='set' id='{id}'>{query}</iq>")
        return self.read_until(rf"<iq[^>]*id='{id}'[^>]*>")

    def write(self, text):
        with self.lock:
            self.socket.sendall(text.encode())

    def read(self):
        """False: nothing now."""
        try:
            with self.lock:
                data = self.socket.recv(65536)
        except TimeoutError:
            return False
        if not data:
            raise ConnectionError('the server has closed')
        self.rest += data.decode()
        return True

    def read_until(self, pattern):
        while not (found := re.search(pattern, self.rest)):
            if not self.read():
                sys.exit(f'{self.user} gets no answer')
        self.rest = self.rest[found.end():]
        return found.group()

    def count(self, other):
        self.said += 1
        try:
            self.write(f"<message type='chat' to='{other.user}@localhost/demo'><body>{self.said}</body></message>")
        except OSError:
            pass  # the listener will notice

    def run(self):
        while True:
            try:
                self.read() or time.sleep(0.001)
            except OSError:
                self.reconnects += 1
                self.connect()
            *numbers, self.rest = re.split(r'<body>(\d+)</body>', self.rest)
            for number in numbers[1::2]:
                now = time.monotonic()
                self.pause = max(self.pause, now - (self.last or now))
                self.last = now
                self.heard.append(int(number))

    def missing(self, other):
        return other.said - len(set(self.heard))


def main():
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    tls = ssl.create_default_context(cafile=sys.argv[2])
    alice, bob = counters = [Counter(name, int(sys.argv[1]), tls) for name in ('alice', 'bob')]
    for counter in counters:
        counter.start()
    print('two clients count', flush=True)
    while not over.wait(EVERY):
        alice.count(bob)
        bob.count(alice)
    deadline = time.monotonic() + PATIENCE
    while (alice.missing(bob) or bob.missing(alice)) and time.monotonic() < deadline:
        time.sleep(0.01)
    wrong = 0
    for me, other in ((alice, bob), (bob, alice)):
        missing, repeated = me.missing(other), len(me.heard) - len(set(me.heard))
        disordered = sum(a > b for a, b in zip(me.heard, me.heard[1:]))
        print(f'{me.user}: {len(me.heard)} numbers heard, missing {missing}, repeated {repeated}, out of order '
              f'{disordered}, reconnects {me.reconnects}, longest pause {me.pause * 1000:.0f} ms', flush=True)
        wrong += missing + repeated + disordered + me.reconnects + (not me.heard)
    sys.exit(wrong != 0)


main()
