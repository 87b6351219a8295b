#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Root starts the host, which becomes another user and keeps one privilege of root's. Needs root, what WholeServer needs,
and JABBERD_CTL. Says in TAP how each case went."""
import grp
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile

import started_host
import tap
import whole_server

BIND_SERVICE = 1 << 10  # CAP_NET_BIND_SERVICE
CONFIGURATION = '''<jabber>
<control>control</control>
{user}
<service id='sessions'><host>localhost</host><load><session_manager>session_manager.so</session_manager></load>
  <sessions xmlns='jabber:config:session-manager'><database>db</database><register>yes</register></sessions></service>
<service id='c2s'><load><socket_manager>socket_manager.so</socket_manager></load>
  <c2s xmlns='jabber:config:socket-manager'>{listen}</c2s></service>
</jabber>
'''
NOBODY = pwd.getpwnam('nobody')


def expect(condition, about):
    if not condition:
        raise AssertionError(about)


def free_privileged_port():
    for port in range(1023, 600, -1):
        with socket.socket() as tried:
            try:
                tried.bind(('127.0.0.1', port))
                return port
            except OSError:
                continue
    raise RuntimeError('no port below 1024 is free')


def own_capabilities():
    status = pathlib.Path('/proc/self/status').read_text()
    return int(status.split('CapEff:\t')[1].split('\n')[0], 16)


def listen(*ports):
    return ''.join(f"<listen port='{port}'>127.0.0.1</listen>" for port in ports)


class Server(started_host.StartedHost):
    """In a folder of the user's."""

    def __init__(self, home, user, ports=(0,), arguments=()):
        self.home, self._arguments = pathlib.Path(home), arguments
        os.chown(home, NOBODY.pw_uid, NOBODY.pw_gid)
        for component in ('SESSION_MANAGER', 'SOCKET_MANAGER'):
            shutil.copy(os.environ[component], self.home / pathlib.Path(os.environ[component]).name)
        self.write(user, ports)

    def write(self, user, ports):
        (self.home / 'jabber.xml').write_text(CONFIGURATION.format(user=user, listen=listen(*ports)))

    def command(self, *arguments):
        return [os.environ['JABBERD_HOST'], '-c', str(self.home / 'jabber.xml'), *self._arguments, *arguments]

    def run(self, *arguments, **how):
        return subprocess.run(self.command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=whole_server.PATIENCE, **how)

    def start(self):
        return subprocess.Popen(self.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def threads(self):
        """What the kernel says of each."""
        for status in pathlib.Path(f'/proc/{self.process.pid}/task').glob('*/status'):
            yield dict(line.split(':\t', 1) for line in status.read_text().splitlines() if ':\t' in line)


def becomes_the_user_with_one_privilege(home):
    with Server(home, '<user>nobody</user>') as server:
        for thread in server.threads():
            expect(set(thread['Uid'].split()) == {str(NOBODY.pw_uid)}, thread)
            expect(set(thread['Gid'].split()) == {str(NOBODY.pw_gid)}, thread)
            expect('0' not in thread['Groups'].split(), thread)
            for which in ('CapEff', 'CapPrm', 'CapInh', 'CapAmb'):
                expect(int(thread[which], 16) & ~BIND_SERVICE == 0, thread)
        main = next(server.threads())
        expect(int(main['CapEff'], 16) == own_capabilities() & BIND_SERVICE, main)
        expect(int(main['CapBnd'], 16) & ~BIND_SERVICE == 0 and main['NoNewPrivs'] == '1', main)
        for file in ('db', 'control'):
            expect((server.home / file).stat().st_uid == NOBODY.pw_uid, f'{file} is not its own')


def opens_ports_below_1024_at_the_start_and_at_a_swap(home):
    first = free_privileged_port()
    with Server(home, '<user>nobody</user>', (first,)) as server:
        socket.create_connection(('127.0.0.1', first), timeout=whole_server.PATIENCE).close()
        second = free_privileged_port()
        expect(second != first, 'it listens there')
        server.write('<user>nobody</user>', (first, second))
        file = shutil.copy(os.environ['SOCKET_MANAGER'], server.home / 'next.so')
        swapped = server.ctl('swap', 'c2s', file)
        expect(swapped.returncode == 0, swapped.stdout)
        socket.create_connection(('127.0.0.1', second), timeout=whole_server.PATIENCE).close()


def is_told_by_its_command_line_first(home):
    group = grp.getgrnam('nogroup' if NOBODY.pw_gid != grp.getgrnam('nogroup').gr_gid else 'daemon')
    with Server(home, '<user>no-such-user</user>', arguments=('--user', f'nobody:{group.gr_name}')) as server:
        for thread in server.threads():
            expect(set(thread['Gid'].split()) == {str(group.gr_gid)}, thread)


def starts_nothing_as_nobody_knows_whom(home):
    for user, why in (('no-such-user', "there is no user 'no-such-user'"),
                      ('nobody:no-such-group', "there is no group 'no-such-group'"), ('', '<user> is empty')):
        for arguments in ((), ('--check',)):
            ran = Server(home, f'<user>{user}</user>').run(*arguments)
            expect(ran.returncode == 1 and f'jabber.xml:3: {why}' in ran.stdout, ran.stdout)
        expect(not (pathlib.Path(home) / 'db').exists(), 'a database was made')


def checks_as_that_user(home):
    """A key that only root can read is no use to the host."""
    server = Server(home, '<user>nobody</user>')
    key = server.home / 'key.pem'
    key.write_text('secret')
    key.chmod(0o600)
    configuration = server.home / 'jabber.xml'
    configuration.write_text(configuration.read_text().replace(
        '</c2s>', "<tls><certificate file='key.pem'/></tls></c2s>"))
    ran = server.run('--check')
    expect(ran.returncode == 1 and 'key.pem: Permission denied' in ran.stdout, ran.stdout)


def is_that_user_already_or_must_be_root(home):
    server = Server(home, '<user>nobody</user>')
    ran = server.run('--check', user=NOBODY.pw_uid, group=NOBODY.pw_gid, extra_groups=[])
    expect(ran.returncode == 0, ran.stdout)
    server.write('<user>daemon</user>', (0,))
    ran = server.run('--check', user=NOBODY.pw_uid, group=NOBODY.pw_gid, extra_groups=[])
    expect(ran.returncode == 1 and 'only root can become daemon' in ran.stdout, ran.stdout)


CASES = (becomes_the_user_with_one_privilege, opens_ports_below_1024_at_the_start_and_at_a_swap,
         is_told_by_its_command_line_first, starts_nothing_as_nobody_knows_whom, checks_as_that_user,
         is_that_user_already_or_must_be_root)


def main():
    if os.getuid() != 0:
        return print('1..0 # SKIP only root can become another user')
    report = tap.Report(len(CASES))
    for case in CASES:
        with report.case(case.__name__), tempfile.TemporaryDirectory(prefix='jabberd-') as home:
            case(home)


if __name__ == '__main__':
    main()
