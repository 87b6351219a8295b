# SPDX-License-Identifier: LGPL-2.1-or-later
"""An XMPP server that does wrong to those clients to whom it is told to do it, at one step of their streams; all others
it serves well: it lets them in, and returns their messages to them."""
import re
import socket
import threading

CLOSES, IS_SILENT = object(), object()  # what may be done at a step instead of sending something

HEADER = ("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
          "from='localhost' id='s' version='1.0'>")
MECHANISMS = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>"
SUCCESS = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
BIND = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
STREAM_MANAGEMENT = "<sm xmlns='urn:xmpp:sm:3'/>"


def features(children):
    return f'<stream:features>{children}</stream:features>'


def bound(jid):
    """The answer to <bind/>; {id} is its question's."""
    return f"<iq type='result' id='{{id}}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>{jid}</bind></iq>"


class Gone(Exception):
    """The other side has closed, or is to be closed."""


class Peer:
    def __init__(self, connection):
        self._connection, self._unread = connection, b''

    def send(self, text):
        try:
            self._connection.sendall(text if isinstance(text, bytes) else text.encode())
        except OSError as error:
            raise Gone from error

    def read(self):
        try:
            some = self._connection.recv(65536)
        except OSError as error:
            raise Gone from error
        if not some:
            raise Gone
        return some

    def until(self, pattern):
        while not (found := re.search(pattern, self._unread, re.DOTALL)):
            self._unread += self.read()
        self._unread = self._unread[found.end():]
        return found

    def wait_for_the_end(self):
        while True:
            self.read()


class Server:
    """For a with statement. `wrongs`: by the user in the stream header's `from`, what is done at which step: "header",
    "features", "success", "header again", "features again", "bind", "session". That is a text that is sent, a function
    of the Peer, CLOSES or IS_SILENT. `first`: what the first connections get instead of any service, one each."""

    def __init__(self, wrongs, first=()):
        self._wrongs, self.first = wrongs, list(first)
        self.have_closed = set()  # users who have closed their streams
        self._listener = socket.create_server(('127.0.0.1', 0))
        self.port = self._listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            wrong = self.first.pop(0) if self.first else None
            threading.Thread(target=self._serve, args=(connection, wrong), daemon=True).start()

    def _serve(self, connection, wrong):
        with connection:
            try:
                if wrong is None:
                    self._stream(Peer(connection))
                else:
                    do(wrong, Peer(connection))
            except Gone:
                pass

    def _stream(self, peer):
        header = rb"<stream:stream[^>]*>"
        user = re.search(rb"from='([^@']*)@|$", peer.until(header).group()).group(1)
        wrongs = self._wrongs.get(user.decode(), {}) if user else {}

        def step(name, usual, question=''):
            do(wrongs.get(name, usual), peer, question)

        step('header', HEADER)
        step('features', features(MECHANISMS))
        peer.until(rb'</auth>')
        step('success', SUCCESS)
        peer.until(header)
        step('header again', HEADER)
        step('features again', features(BIND + STREAM_MANAGEMENT))
        question = peer.until(rb"<iq[^>]* id='([^']*)'[^>]*>.*?</iq>").group(1).decode()
        step('bind', bound(f'<jid>{user.decode()}@localhost/r</jid>'), question)
        step('session', '')
        while True:
            element = peer.until(rb"<(enable|r|a)\b[^>]*/>|<message[^>]*>.*?</message>|</stream:stream>")
            if element.group(1) == b'enable':
                peer.send("<enabled xmlns='urn:xmpp:sm:3'/>")
            elif element.group().startswith(b'<message'):
                peer.send(element.group() + b"<r xmlns='urn:xmpp:sm:3'/>")
            elif element.group() == b'</stream:stream>':
                self.have_closed.add(user.decode())
                peer.send('</stream:stream>')


def do(what, peer, question=''):
    if what is CLOSES:
        raise Gone
    if what is IS_SILENT:
        peer.wait_for_the_end()
    if callable(what):
        what(peer)
    else:
        peer.send(what.replace('{id}', question) if isinstance(what, str) else what)
