# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two clients of a server that chat: so many messages on their way at a time, and no more."""
import socket
import ssl

import whole_server

BODY = 'x' * 200


class Client:
    """Logged in by jabber:iq:auth, as the clients of test/bench/load are, to an account that it makes if it `registers`;
    in TLS from its first byte, where `tls` is true."""

    def __init__(self, server, name, tls, registers=True):
        self.address = f'{name}@localhost/r'
        self._received = b''
        self._socket = socket.create_connection(('127.0.0.1', server.port), timeout=whole_server.PATIENCE)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            trust = ssl.create_default_context(cafile=str(server.ca_file))
            self._socket = trust.wrap_socket(self._socket, server_hostname='localhost')
        account = f'<username>{name}</username><password>{whole_server.PASSWORD}</password>'
        self.send("<stream:stream to='localhost' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>")
        if registers:
            self.send(f"<iq type='set' id='register'><query xmlns='jabber:iq:register'>{account}</query></iq>")
            self.read_until(b"id='register'")
        self.send(f"<iq type='set' id='login'><query xmlns='jabber:iq:auth'>{account}<resource>r</resource></query></iq>")
        self.read_until(b"id='login'")

    def send(self, text):
        self._socket.sendall(text.encode())

    def read_until(self, text, count=1):
        """Up to what follows the last of so many."""
        while self._received.count(text) < count:
            some = self._socket.recv(65536)
            if not some:
                raise RuntimeError(f'waited in vain for {text} in {self._received}')
            self._received += some
        for _ in range(count):
            _, self._received = self._received.split(text, 1)

    def leave(self):
        """Returns when its session manager has been told."""
        self.send('</stream:stream>')
        self.read_until(b'</stream:stream>')
        self.close()

    def close(self):
        self._socket.close()


class Pair:
    """For a with statement. `window`: how many messages one sends at once, and the other has before it answers."""

    def __init__(self, server, tls, window=1):
        self._clients = [Client(server, name, tls) for name in (f'romeo{window}', f'juliet{window}')]
        self._window = window

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        for client in self._clients:
            client.close()

    def chat(self, messages):
        """So many messages, half of them from each."""
        turns, rest = divmod(messages, 2 * self._window)
        assert rest == 0, 'each sends as many as the other'
        for _ in range(turns):
            for sender, receiver in (self._clients, self._clients[::-1]):
                stanza = f"<message to='{receiver.address}' id='m1' type='chat'><body>{BODY}</body></message>"
                sender.send(stanza * self._window)
                receiver.read_until(b'</message>', self._window)
