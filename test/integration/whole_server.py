# SPDX-License-Identifier: LGPL-2.1-or-later
"""The whole server with TLS for the tests in Python, and accounts on any such server. As a program:
whole_server.py register PORT CA_FILE NAME... makes accounts with the password "secret"."""
import contextlib
import os
import pathlib
import queue
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

import child

PASSWORD = 'secret'
PATIENCE = 60  # seconds: only a failing test uses them up

SESSIONS = '''<load><session_manager>{SESSION_MANAGER}</session_manager></load>
  <sessions xmlns='jabber:config:session-manager'>
    <database>db</database><register>yes</register><registrations per-hour='0'/><iterations>4096</iterations>
  </sessions>'''
CONFIGURATION = '''<jabber>
<control>control</control>{host}
<service id='sessions'><host>localhost</host>{sessions}</service>
<service id='c2s'><load><socket_manager>{SOCKET_MANAGER}</socket_manager></load>
  <c2s xmlns='jabber:config:socket-manager'>
    <listen port='0'>127.0.0.1</listen>{sockets}
    <tls required='{tls}'><certificate file='localhost.pem' self-signed='localhost'/></tls>
    <limits><connections-per-address>0</connections-per-address><attempts-per-second>0</attempts-per-second></limits>
  </c2s>
</service>
</jabber>
'''


class WholeServer:
    """For a with statement: runs between its ends, and has ended well at the second. Found by JABBERD_HOST,
    SOCKET_MANAGER and SESSION_MANAGER in the environment; `sockets` is more of the socket manager's section, `sessions`
    is what its host has for a session manager, in which the environment's names stand in braces, `host` is more for the
    host itself, and `tls` is whether clients need it: 'yes' or 'no'."""

    def __init__(self, sockets='', sessions=SESSIONS, host='', tls='yes'):
        self._host = host
        self._sockets = sockets
        self._sessions = sessions
        self._swaps = 0
        self._tls = tls
        self.metrics = None  # where they are, if `host` says that they are anywhere

    def __enter__(self):
        self._directory = tempfile.TemporaryDirectory(prefix='jabberd-')
        self.home = home = pathlib.Path(self._directory.name)
        (home / 'jabber.xml').write_text(CONFIGURATION.format(
            sessions=self._sessions.format(**os.environ), sockets=self._sockets, host=self._host,
            tls=self._tls, **os.environ))
        self.log = home / 'log'
        self.ca_file = home / 'localhost.pem'
        self._start()
        return self

    def _start(self):
        with open(self.log, 'a') as log:
            self._process = subprocess.Popen(self.host_command(), stdout=subprocess.PIPE, stderr=log, text=True,
                                             preexec_fn=child.ends_with_us)
        self.pid = self._process.pid
        try:
            self.port = self._wait_until_ready()
        except BaseException:
            self._end()
            raise

    def host_command(self, *arguments):
        """What starts it, or checks its configuration."""
        return [os.environ['JABBERD_HOST'], '-c', str(self.home / 'jabber.xml'), *arguments]

    def restart(self, change=lambda: None):
        """Ends it, changes something, and starts it again; its log goes on."""
        status = self._end()
        if status != 0:
            raise RuntimeError(f'jabberd-host ended with {status}; the end of its log:\n{self.log.read_text()[-10000:]}')
        change()
        self._start()

    def _wait_until_ready(self):
        lines = queue.Queue()
        threading.Thread(target=lambda: [lines.put(line) for line in self._process.stdout] + [lines.put('')],
                         daemon=True).start()
        deadline, port, self.summary = time.monotonic() + PATIENCE, None, ''
        while True:
            line = lines.get(timeout=max(0.01, deadline - time.monotonic()))
            if not line:
                raise RuntimeError('jabberd-host does not start:\n' + self.log.read_text())
            self.summary += line
            found = re.search(r'connect an XMPP client to 127\.0\.0\.1:(\d+)', line)
            port = int(found.group(1)) if found else port
            found = re.search(r'(http://\S+/metrics)', line)
            self.metrics = found.group(1) if found else self.metrics
            if line.startswith('ready'):
                return port

    def ctl_command(self, *arguments):
        """What calls jabberd-ctl for it. Needs JABBERD_CTL in the environment."""
        return [os.environ['JABBERD_CTL'], '--socket', str(pathlib.Path(self._directory.name) / 'control'), *arguments]

    def ctl_run(self, *arguments, stdin=''):
        return subprocess.run(self.ctl_command(*arguments), input=stdin, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=PATIENCE)

    def ctl(self, *arguments):
        """What jabberd-ctl prints, which does not fail."""
        done = self.ctl_run(*arguments)
        if done.returncode != 0:
            raise RuntimeError(f'jabberd-ctl {" ".join(arguments)} failed: {done.stdout}{done.stderr}')
        return done.stdout

    def swap(self):
        """Its socket manager is replaced by one in a file of its own. Needs JABBERD_CTL in the environment."""
        self._swaps += 1
        home = pathlib.Path(self._directory.name)
        successor = shutil.copy(os.environ['SOCKET_MANAGER'], home / f'swap{self._swaps}.so')
        self.ctl('swap', 'c2s', successor)

    def _end(self):
        self._process.terminate()
        try:
            return self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def __exit__(self, kind, _error, _trace):
        status, log = self._end(), self.log.read_text()
        self._directory.cleanup()
        for password in ('secret', 'c2VjcmV0', 'NlY3JldA', 'zZWNyZX'):  # test/support/passwords.h
            if password in log:
                raise RuntimeError(f'a password is in the log: {log[max(0, log.index(password) - 200):][:400]}')
        if status != 0 and kind is None:
            raise RuntimeError(f'jabberd-host ended with {status}; the end of its log:\n{log[-10000:]}')


def _read_until(connection, text):
    received = b''
    while text not in received:
        some = connection.recv(65536)
        if not some:
            raise RuntimeError(f'waited in vain for {text} in {received}')
        received += some


def header(user='', domain='localhost'):
    who = f"from='{user}@{domain}' " if user else ''
    return (f"<stream:stream to='{domain}' {who}version='1.0' xmlns='jabber:client' "
            "xmlns:stream='http://etherx.jabber.org/streams'>")


@contextlib.contextmanager
def connected(port, ca_file, user='', domain='localhost'):
    """A client inside STARTTLS, with a certificate that ca_file vouches for, whom a server has said what it offers."""
    with socket.create_connection(('127.0.0.1', port), timeout=PATIENCE) as plain:
        plain.sendall(header(user, domain).encode())
        _read_until(plain, b'</stream:features>')
        plain.sendall(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        _read_until(plain, b'<proceed')
        trust = ssl.create_default_context(cafile=str(ca_file))
        with trust.wrap_socket(plain, server_hostname=domain) as connection:
            connection.sendall(header(user, domain).encode())
            _read_until(connection, b'</stream:features>')
            yield connection


def register(port, ca_file, name, password=PASSWORD, domain='localhost'):
    """An account, by in-band registration inside STARTTLS."""
    with connected(port, ca_file, domain=domain) as connection:
        connection.sendall(f"<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>{name}</username>"
                           f"<password>{password}</password></query></iq>".encode())
        _read_until(connection, b"type='result'")  # a server may end the stream without waiting for it
        connection.sendall(b'</stream:stream>')
        _read_until(connection, b'</stream:stream>')


def main():
    _, order, port, ca_file, *names = sys.argv
    assert order == 'register'
    for name in names:
        register(int(port), ca_file, name)


if __name__ == '__main__':
    main()
