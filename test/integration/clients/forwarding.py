# SPDX-License-Identifier: LGPL-2.1-or-later
"""For a client that cannot be told a port: what comes to one that it knows goes to the server's."""
import socket
import threading


def _carry(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the other end has gone


def forward(listener, port):
    """On threads of its own: each connection to the listener goes on to that port of loopback."""
    def accept():
        while True:
            near, _ = listener.accept()
            far = socket.create_connection(('127.0.0.1', port))
            for ends in ((near, far), (far, near)):
                threading.Thread(target=_carry, args=ends, daemon=True).start()
    threading.Thread(target=accept, daemon=True).start()
