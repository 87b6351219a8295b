# SPDX-License-Identifier: LGPL-2.1-or-later
"""Clients by the thousand: each sends its partner numbered messages, and knows of each what has become of it."""
import asyncio
import re
import time
from html import unescape

STANZA = re.compile(rb"<(message|iq|presence)\b(?:[^>]*/>|.*?</\1>)|<stream:error>.*?</stream:error>|</stream:stream>|<stream:stream\b[^>]*>", re.DOTALL)
ATTRIBUTE = re.compile(rb"([\w:]+)=['\"]([^'\"]*)['\"]")
BODY = re.compile(rb"<body>(\d+) (\d+) ([\d.]+)</body>")

now = time.monotonic


class Message:
    """What is known of one that was sent: by whom, when, and what came of it."""

    __slots__ = ("at", "confirmed", "delivered", "late", "returned", "cut")

    def __init__(self, at):
        self.at = at
        self.confirmed = False  # its session manager has answered what was sent behind it
        self.delivered = 0
        self.late = 0           # of these, with a <delay/>: they were stored, or come again
        self.returned = False
        self.cut = False        # the connection ended before it was confirmed


class Wire(asyncio.Protocol):
    """A connection of a client, which has one at a time: a try that was given up may come through all the same, and is one too many then."""

    def __init__(self, client):
        self.client = client

    def connection_made(self, transport):
        if self.client.wire is not None:
            transport.abort()
            return
        self.client.wire = self
        self.client.connection_made(transport)

    def data_received(self, data):
        if self.client.wire is self:
            self.client.data_received(data)

    def connection_lost(self, _):
        if self.client.wire is self:
            self.client.wire = None
            self.client.connection_lost()


class Client:
    """Logs in again whenever it is disconnected."""

    ELEMENT = STANZA

    def __init__(self, number, user, domain, address, crowd):
        self.number, self.user, self.domain, self.address, self.crowd = number, user, domain, address, crowd
        self.jid = f"{user}@{domain}"
        self.partner = None
        self.sent = []           # Message
        self.unconfirmed = 0     # index of the first
        self.heard = 0           # highest number of the partner
        self.transport = None
        self.buffer = b""
        self.wire = None
        self.state = "away"      # away, stream, registering, logging in, in
        self.registered = False
        self.since = 0.0
        self.away_since = None
        self.came = []           # times

    # the connection

    async def connect(self):
        while not self.crowd.over and self.wire is None:
            try:
                await asyncio.wait_for(self.dial(), 10)
                return
            except (OSError, asyncio.TimeoutError):
                await asyncio.sleep(0.3)

    async def dial(self):
        await asyncio.get_running_loop().create_connection(lambda: Wire(self), *self.address)

    def connection_made(self, transport):
        self.transport, self.buffer, self.state, self.since = transport, b"", "stream", now()
        self.say(f"<stream:stream to='{self.domain}' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>")

    def connection_lost(self):
        if self.state == "in":
            self.crowd.left(self)
        self.state, self.transport = "away", None
        for message in self.sent[self.unconfirmed:]:
            message.cut = True
        self.unconfirmed = len(self.sent)
        if not self.crowd.over:
            asyncio.get_running_loop().call_later(0.2 + (self.number % 10) / 20, lambda: asyncio.ensure_future(self.connect()))

    def say(self, text):
        if self.transport is not None:
            self.transport.write(text.encode())

    def give_up_if_stuck(self):
        """A login that is not answered in 15 s; a user would try again, too."""
        if self.state not in ("away", "in") and now() - self.since > 15:
            self.crowd.stuck += 1
            self.transport.abort()

    def data_received(self, data):
        self.buffer += data
        end = 0
        for match in self.ELEMENT.finditer(self.buffer):
            end = match.end()
            self.on_element(match.group())
        if end:
            self.buffer = self.buffer[end:]

    # the stream

    def on_element(self, element):
        if element.startswith(b"<stream:stream"):
            if self.registered:
                self.log_in()
            else:
                self.state = "registering"
                self.say(f"<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>{self.user}</username><password>pw</password></query></iq>")
            return
        if element.startswith(b"<stream:error"):
            self.crowd.errors[re.search(rb"<([\w-]+)", element[14:]).group(1).decode()] += 1
            return
        attributes = dict(ATTRIBUTE.findall(element[:element.find(b">")]))
        kind, of = attributes.get(b"type", b""), attributes.get(b"id", b"")
        if element.startswith(b"<iq"):
            if of == b"r" and (kind == b"result" or b"conflict" in element or b"409" in element):
                self.registered = True
                self.log_in()
            elif of == b"l" and kind == b"result":
                self.state, self.registered = "in", True
                self.say("<presence/>")
                self.crowd.came(self)
            elif of in (b"r", b"l"):
                self.crowd.refused += 1
                asyncio.get_running_loop().call_later(0.5, self.abort)
            elif of[:1] == b"p":
                self.confirm(int(of[1:]))
        elif element.startswith(b"<message"):
            self.on_message(element, kind, unescape(attributes.get(b"from", b"").decode()))

    def abort(self):
        if self.transport is not None:
            self.transport.abort()

    def log_in(self):
        self.state = "logging in"
        self.say(f"<iq type='set' id='l'><query xmlns='jabber:iq:auth'><username>{self.user}</username><password>pw</password><resource>r</resource></query></iq>")

    # messages

    def speak(self):
        if self.state != "in":
            return
        self.sent.append(Message(now()))
        number = len(self.sent)
        # The session manager answers in order, so the answer to a question behind a message says that it has that.
        self.say(f"<message to='{self.partner.jid}' type='chat' id='m{number}'><body>{self.number} {number} {now():.6f}</body></message>"
                 + self.question(number))

    def question(self, number):
        return f"<iq type='get' id='p{number}'><query xmlns='jabber:iq:version'/></iq>"

    def confirm(self, number):
        for message in self.sent[self.unconfirmed:number]:
            message.confirmed = True
        self.unconfirmed = max(self.unconfirmed, number)

    def on_message(self, element, kind, sender):
        body = BODY.search(element)
        if body is None:
            return
        author, number = int(body.group(1)), int(body.group(2))
        if kind == b"error":
            if author == self.number:
                self.sent[number - 1].returned = True
            return
        if author != self.partner.number:
            self.crowd.strays += 1
            return
        message = self.partner.sent[number - 1]
        message.delivered += 1
        is_late = b"<delay" in element or b"jabber:x:delay" in element
        message.late += is_late
        if message.delivered == 1:
            if number < self.heard:
                self.crowd.reordered += 1
            self.heard = max(self.heard, number)
        self.crowd.latencies.append((now(), now() - message.at))


class Crowd:
    """All of them."""

    def __init__(self, kind=Client):
        self.kind = kind
        self.clients, self.latencies = [], []
        self.errors = __import__("collections").Counter()
        self.over = False
        self.speaking = False
        self.stuck = self.refused = self.strays = self.reordered = 0
        self.leaving, self.coming = [], []  # times

    def left(self, client):
        client.away_since = now()
        self.leaving.append(now())

    def came(self, client):
        client.away_since = None
        client.came.append(now())
        self.coming.append(now())

    def add(self, pairs):
        """Pairs of ((user, domain, address), the same)."""
        for one, other in pairs:
            two = [self.kind(len(self.clients) + n, *who, self) for n, who in enumerate((one, other))]
            two[0].partner, two[1].partner = two[1], two[0]
            self.clients += two

    def logged_in(self):
        return sum(client.state == "in" for client in self.clients)

    async def gather(self, deadline=180):
        gate = asyncio.Semaphore(50)

        async def one(client):
            async with gate:
                await client.connect()
                await asyncio.sleep(0.02)
        await asyncio.gather(*(one(client) for client in self.clients))
        return await self.until_all_are_in(deadline)

    async def until_all_are_in(self, deadline):
        end = now() + deadline
        while now() < end:
            if self.logged_in() == len(self.clients):
                return True
            for client in self.clients:
                client.give_up_if_stuck()
            await asyncio.sleep(0.05)
        return False

    async def speak(self, rate):
        """So many messages a second, of all together."""
        start, sent = now(), 0
        while self.speaking:
            due = int((now() - start) * rate)
            while sent < due:
                self.clients[sent % len(self.clients)].speak()
                sent += 1
            await asyncio.sleep(0.01)

    def messages(self):
        return [message for client in self.clients for message in client.sent]
