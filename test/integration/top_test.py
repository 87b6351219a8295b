#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""`jabberd-ctl top` has the client that floods in its first row, and leaves a terminal as it was. Says in TAP how each part went.

Needs what WholeServer needs, and JABBERD_CTL."""
import asyncio
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import termios
import time

import tap
import whole_server

try:
    import pexpect
    import slixmpp
except ImportError as missing:
    print(f'1..0 # SKIP {missing}')
    raise SystemExit(0)

import child

PATIENCE = 60
ALTERNATE, MAIN = '\x1b[?1049h', '\x1b[?1049l'
SCREEN = dict(dimensions=(24, 100), timeout=PATIENCE, encoding='utf-8', preexec_fn=child.ends_with_us)


class Client(slixmpp.ClientXMPP):
    def __init__(self, name, server):
        super().__init__(f'{name}@localhost/here', whole_server.PASSWORD)
        self.ca_certs = str(server.ca_file)
        self.started = asyncio.Event()
        self.add_event_handler('session_start', lambda _event: self.started.set())
        self.connect(('127.0.0.1', server.port))

    async def flood(self):
        while True:
            self.send_message('quiet@localhost/here', 'x' * 500)
            await asyncio.sleep(0.005)


def in_time(read, is_right):
    """What was read when it was right."""
    end = time.monotonic() + PATIENCE
    while not is_right(found := read()):
        assert time.monotonic() < end, found
        time.sleep(0.1)
    return found


def rows(screen):
    """Of the table: rate of what it sends, and who."""
    table = screen[screen.index('SESSION'):].splitlines()[1:]
    return [(int(row.split()[0]), re.search(r'\w+@localhost\S*', row).group()) for row in table if '@localhost' in row]


def has_the_busiest_first(server):
    screen = server.ctl('top')
    assert re.search(r'^connections 3: 3 authenticated, 0 unknown, 0 detached$', screen, re.M), screen
    assert re.search(r'^loops  c2s/0 \d+ %', screen, re.M), screen
    (rate, busiest), (others, _), _ = rows(screen)
    assert busiest == 'flooder@localhost/here' and rate > 20 > others, screen


def fills_a_terminal_and_leaves_it(server):
    for leave in (lambda top: top.send('q'), lambda top: top.sendcontrol('c'), lambda top: top.kill(signal.SIGTERM)):
        top = pexpect.spawn(server.ctl_command('top')[0], server.ctl_command('top')[1:], **SCREEN)
        before = termios.tcgetattr(top.child_fd)
        top.expect_exact(ALTERNATE)
        assert not termios.tcgetattr(top.child_fd)[3] & termios.ECHO
        for _ in range(2):  # it goes on
            top.expect_exact('\x1b[H')
            top.expect_exact('flooder@localhost')
            top.expect_exact('\x1b[J')
        leave(top)
        top.expect_exact(MAIN)
        top.expect(pexpect.EOF)
        assert termios.tcgetattr(top.child_fd) == before, 'the terminal is not as it was'
        top.close()
        assert top.exitstatus == 0 or top.signalstatus == signal.SIGTERM, (top.exitstatus, top.signalstatus)


def is_no_wider_or_longer_than_the_terminal(server):
    small = dict(SCREEN, dimensions=(8, 40))
    top = pexpect.spawn(server.ctl_command('top')[0], server.ctl_command('top')[1:], **small)
    top.expect_exact('\x1b[H')
    top.expect_exact('\x1b[J')
    lines = top.before.replace('\x1b[K', '').split('\r\n')
    assert len(lines) <= 8 and max(map(len, lines)) <= 40, lines
    top.send('q')
    top.expect(pexpect.EOF)


def shows_who_floods_in_tmux(server):
    """At a glance: what tmux has on its screen is what a person would see."""
    with tempfile.TemporaryDirectory() as directory:
        def tmux(*words):
            return subprocess.run(['tmux', '-f', '/dev/null', '-S', f'{directory}/tmux', *words], check=True, stdout=subprocess.PIPE,
                                  text=True, timeout=PATIENCE, env=dict(os.environ, LC_ALL='C.UTF-8')).stdout
        tmux('new-session', '-d', '-x', '100', '-y', '24', shlex.join(server.ctl_command('top')), ';', 'set', '-g', 'remain-on-exit', 'on')
        try:
            screen = in_time(lambda: tmux('capture-pane', '-p'), lambda screen: '@localhost' in screen and rows(screen)[0][0] > 20)
            assert rows(screen)[0][1] == 'flooder@localhost/here', screen
            assert max(map(len, screen.splitlines())) <= 100, screen
            pathlib.Path('top.txt').write_text(screen)  # to look at
            tmux('send-keys', 'q')
            # Its status tmux loses now and then, of any program.
            in_time(lambda: tmux('display-message', '-p', '#{pane_dead}'), lambda said: said == '1\n')
        finally:
            tmux('kill-server')


def says_when_there_is_no_host(server):
    ran = subprocess.run([os.environ['JABBERD_CTL'], '--socket', '/nonexistent/control', 'top'],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=PATIENCE)
    assert ran.returncode == 1 and ran.stderr.startswith('jabberd-ctl: ') and not ran.stdout, ran


TESTS = [has_the_busiest_first, fills_a_terminal_and_leaves_it, is_no_wider_or_longer_than_the_terminal,
         says_when_there_is_no_host] + [shows_who_floods_in_tmux] * (shutil.which('tmux') is not None)


async def play(server):
    clients = [Client(name, server) for name in ('flooder', 'quiet', 'other')]
    for client in clients:
        await asyncio.wait_for(client.started.wait(), PATIENCE)
    flood = asyncio.create_task(clients[0].flood())
    report = tap.Report(len(TESTS))
    for test in TESTS:
        with report.case(test.__name__):
            await asyncio.to_thread(test, server)
    flood.cancel()
    for client in clients:
        client.disconnect()
    await asyncio.sleep(0.2)


def main():
    with whole_server.WholeServer() as server:
        for name in ('flooder', 'quiet', 'other'):
            whole_server.register(server.port, server.ca_file, name)
        asyncio.get_event_loop().run_until_complete(play(server))


if __name__ == '__main__':
    main()
