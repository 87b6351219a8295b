#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sockets that a service manager has opened (sd_listen_fds(3)), and credentials that it keeps (LoadCredential=): the
server takes each once, keeps it through swaps, and says which nothing listens on. Needs what WholeServer needs, and
JABBERD_CTL. Says in TAP how each case went."""
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile

import child
import started_host
import tap
import whole_server

CONFIGURATION = '''<jabber>
<control>control</control>
<service id='sessions'><host>localhost</host><load><session_manager>{SESSION_MANAGER}</session_manager></load>
  <sessions xmlns='jabber:config:session-manager'><database>db</database><register>yes</register></sessions></service>
<service id='c2s'><load><socket_manager>{component}</socket_manager></load>
  <c2s xmlns='jabber:config:socket-manager'>{options}</c2s></service>
</jabber>
'''

# As a service manager does: descriptors from 3 on, and their number for this process alone.
PASS = '''import os, sys
names, count = sys.argv[1], int(sys.argv[2])
for number in range(count):
    os.set_inheritable(3 + number, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(count), LISTEN_FDNAMES=names)
os.execv(sys.argv[3], sys.argv[3:])'''


def expect(condition, about):
    if not condition:
        raise AssertionError(about)


def listening(host='127.0.0.1', port=0, family=socket.AF_INET, only_ipv6=True):
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only_ipv6)
    listener.bind((host, port))
    listener.listen()
    return listener


def greets(port, host='127.0.0.1'):
    """Whether somebody answers a stream header there."""
    with socket.create_connection((host, port), timeout=whole_server.PATIENCE) as client:
        client.sendall(whole_server.header().encode())
        return b'stream:features' in client.recv(65536)


class Server(started_host.StartedHost):
    """A host that was given these sockets as descriptors 3, 4, …"""

    def __init__(self, home, options, listeners=(), environment=None, names='clients'):
        self.home, self._environment, self._names = pathlib.Path(home), environment or {}, names
        self._listeners = listeners
        self.component = str(self.home / 'socket_manager.so')
        shutil.copy(os.environ['SOCKET_MANAGER'], self.component)
        self.write(options)

    def write(self, options):
        (self.home / 'jabber.xml').write_text(CONFIGURATION.format(component=self.component, options=options, **os.environ))

    def command(self, *arguments):
        host = [os.environ['JABBERD_HOST'], '-c', str(self.home / 'jabber.xml'), *arguments]
        return [sys.executable, '-c', PASS, self._names, str(len(self._listeners)), *host]

    def _place(self):
        child.ends_with_us()
        high = [os.dup(listener.fileno()) for listener in self._listeners]
        kept = []
        for descriptor in high:  # none of them may be in the way of another
            while descriptor < 3 + len(high):
                descriptor = os.dup(descriptor)
            kept.append(descriptor)
        for number, descriptor in enumerate(kept):
            os.dup2(descriptor, 3 + number)

    def start(self):
        return subprocess.Popen(self.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                close_fds=False, preexec_fn=self._place, env={**os.environ, **self._environment})

    def fails(self):
        process = self.start()
        said = process.communicate(timeout=whole_server.PATIENCE)[0]
        expect(process.returncode == 1, f'{process.returncode}: {said}')
        return said


def takes_a_socket_for_its_address_and_no_other(home):
    passed, other = listening(), listening()
    port, unused = passed.getsockname()[1], other.getsockname()[1]
    with Server(home, f"<listen port='{port}'>127.0.0.1</listen>", (passed, other), names='clients:more') as server:
        expect(greets(port), 'nobody answers')
        expect(f'127.0.0.1:{port}' in server.said, server.said)
        expect(f'nothing here listens on: 127.0.0.1:{unused} (more)' in server.said, server.said)
        expect(f'listens on: 127.0.0.1:{port}' not in server.said, server.said)


def opens_what_was_not_passed(home):
    passed, free = listening(), listening()
    port, own = passed.getsockname()[1], free.getsockname()[1]
    free.close()
    with Server(home, f"<listen port='{port}'>127.0.0.1</listen><listen port='{own}'>127.0.0.1</listen>", (passed,)):
        expect(greets(port) and greets(own), 'nobody answers')


def keeps_it_through_swaps(home):
    """A successor opens another port beside it, and takes no descriptor for one that was passed."""
    passed, free = listening(), listening()
    port, own = passed.getsockname()[1], free.getsockname()[1]
    free.close()
    options = f"<listen port='{port}'>127.0.0.1</listen>"
    with Server(home, options, (passed,)) as server:
        for number in range(3):
            server.write(options + (f"<listen port='{own}'>127.0.0.1</listen>" if number % 2 == 1 else ''))
            file = shutil.copy(os.environ['SOCKET_MANAGER'], server.home / f'{number}.so')
            swapped = server.ctl('swap', 'c2s', file)
            expect(swapped.returncode == 0, swapped.stdout)
            expect(greets(port), 'nobody answers')
            expect(number % 2 == 0 or greets(own), 'nobody answers at the new port')


def is_refused_one_that_takes_both_families(home):
    try:
        passed = listening('::', 0, socket.AF_INET6, only_ipv6=False)
    except OSError:
        return 'this machine has no IPv6'
    port = passed.getsockname()[1]
    said = Server(home, f"<listen port='{port}'/>", (passed,)).fails()
    expect('its unit needs BindIPv6Only=ipv6-only' in said, said)
    passed.close()
    both = listening('0.0.0.0', 0), None
    port = both[0].getsockname()[1]
    listeners = both[0], listening('::', port, socket.AF_INET6)
    with Server(home, f"<listen port='{port}'/>", listeners):
        expect(greets(port) and greets(port, '::1'), 'nobody answers')


def takes_none_that_is_for_another_process(home):
    passed = listening()
    port = passed.getsockname()[1]
    server = Server(home, f"<listen port='{port}'>127.0.0.1</listen>", (passed,))
    server.command = lambda: ['env', 'LISTEN_PID=1', 'LISTEN_FDS=1', os.environ['JABBERD_HOST'], '-c',
                              str(server.home / 'jabber.xml')]
    expect('Address already in use' in server.fails(), 'it took what was not its own')


def reads_a_key_that_is_a_credential(home):
    credentials = pathlib.Path(home) / 'credentials'
    credentials.mkdir()
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes',
                    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '30',
                    '-out', credentials / 'certificate', '-keyout', credentials / 'key'], check=True, capture_output=True)
    options = ("<listen port='0'>127.0.0.1</listen><tls>"
               "<certificate file='credential:certificate' key='credential:key'/></tls>")
    with Server(home, options, environment={'CREDENTIALS_DIRECTORY': str(credentials)}) as server:
        port = int(re.search(r'connect an XMPP client to 127\.0\.0\.1:(\d+)', server.said).group(1))
        with whole_server.connected(port, credentials / 'certificate'):
            pass
    said = Server(home, options).fails()
    expect('jabber.xml:6: there is no credential:certificate' in said and 'LoadCredential=certificate:' in said, said)


CASES = (takes_a_socket_for_its_address_and_no_other, opens_what_was_not_passed, keeps_it_through_swaps,
         is_refused_one_that_takes_both_families, takes_none_that_is_for_another_process, reads_a_key_that_is_a_credential)


def main():
    for name in ('LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES', 'CREDENTIALS_DIRECTORY'):
        os.environ.pop(name, None)
    report = tap.Report(len(CASES))
    for case in CASES:
        with report.case(case.__name__) as reported, tempfile.TemporaryDirectory(prefix='jabberd-') as home:
            reported.skipped = case(home)


if __name__ == '__main__':
    main()
