#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An operator installs the packages, makes an account, upgrades while a client is connected, removes and purges. The
system is a copy on write of this one, in namespaces of its own, which end with the test. Says in TAP how each case went.
usage: packages_test.py BUILD_SCRIPT BUILD_DIRECTORY"""
import base64
import json
import os
import pathlib
import re
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile

import child
import tap
import whole_server

PATIENCE = 60  # seconds: only a failing test uses them up
CONTROL = '/run/jabberd/control.sock'
PORT = 5222  # of the sample configuration; the network is the test's own
NEEDED = ('dpkg', 'dpkg-deb', 'dpkg-shlibdeps', 'ip', 'setpriv', 'unshare')
NAMESPACES = ['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc']
# What dpkg, the user's registration and the caches of other packages write, and a purge is not to take back.
KEPT = re.compile(r'/(var/(lib/dpkg|log/dpkg\.log|log/alternatives\.log|cache)|etc/(passwd|group|shadow|gshadow|subuid|subgid)'
                  r'|etc/\.pwd\.lock|etc/ld\.so\.cache|root|tmp)(/|-?$)')


def expect(condition, about):
    if not condition:
        raise AssertionError(about)


def run(*words, **options):
    ran = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=5 * PATIENCE, **options)
    expect(ran.returncode == 0, f'{" ".join(map(str, words))}: {ran.returncode}\n{ran.stdout}')
    return ran.stdout


class System:
    """A copy on write of this system. `changes` is what differs."""

    def __init__(self, directory):
        run('mount', '-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', directory)
        self.root, self.changes = directory / 'root', directory / 'changes'
        for made in (self.root, self.changes, directory / 'work'):
            made.mkdir()
        run('mount', '-t', 'overlay', 'overlay', '-o',
            f'lowerdir=/,upperdir={self.changes},workdir={directory / "work"}', self.root)
        for shared in ('proc', 'dev'):
            run('mount', '--rbind', f'/{shared}', self.root / shared)
        run('mount', '-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', self.root / 'run')
        run('ip', 'link', 'set', 'lo', 'up')

    def run(self, *words, **options):
        return run('chroot', self.root, *words, **options)

    def path(self, path):
        return self.root / path.lstrip('/')

    def ctl(self, *words, **options):
        return self.run('jabberd-ctl', '--socket', CONTROL, *words, **options)

    def start(self):
        """The unit's command line, as the unit's user; the directories that systemd makes are made here."""
        unit = self.path('/lib/systemd/system/jabberd-host.service').read_text()
        setting = dict(line.split('=', 1) for line in unit.splitlines() if re.match(r'[A-Za-z]+=', line))
        user = setting['User']
        self.run('install', '-d', '-o', user, '-g', user, '-m', setting['RuntimeDirectoryMode'], '/run/' + setting['RuntimeDirectory'])
        become = ['setpriv', f'--reuid={user}', f'--regid={setting["Group"]}', '--init-groups', '--inh-caps=-all', '--no-new-privs']
        self.log = self.path('/run/log')
        with open(self.log, 'w') as log:
            host = subprocess.Popen(['chroot', self.root, 'env', '-i', '-C', setting['WorkingDirectory'], *become,
                                     *shlex.split(setting['ExecStart'])],
                                    stdout=subprocess.PIPE, stderr=log, text=True, preexec_fn=child.ends_with_us)
        for line in host.stdout:
            if line.startswith('ready'):
                return host
        raise AssertionError('the host does not start:\n' + self.log.read_text())

    def left(self):
        """What is there and was not, is gone, or is another than before, but for what is KEPT."""
        for path in self.changes.rglob('*'):
            name = '/' + str(path.relative_to(self.changes))
            changed = not path.is_dir() or not os.path.lexists(name)
            if changed and not KEPT.match(name):
                yield name


class Client:
    """Logs in by SASL PLAIN inside TLS, and stays."""

    def __init__(self, user, password, ca_file):
        self._context = whole_server.connected(PORT, ca_file)
        self._stream = self._context.__enter__()
        secret = base64.b64encode(f'\0{user}\0{password}'.encode()).decode()
        self._says(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>", b'<success')
        self._says(whole_server.header(), b'</stream:features>')
        self._says("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>", b'</jid>')

    def _says(self, text, answer):
        self._stream.sendall(text.encode())
        whole_server._read_until(self._stream, answer)

    def pings(self, name):
        self._says(f"<iq type='get' id='{name}' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>", name.encode())

    def leaves(self):
        self._says('</stream:stream>', b'</stream:stream>')
        self._context.__exit__(None, None, None)


class Cases:
    def __init__(self, script, build, directory):
        self._script, self._build, self._directory = script, build, directory
        self._system = System(directory)

    def _packages(self, output, version):
        output = self._directory / output
        run(self._script, output, env={**os.environ, 'BUILD': self._build, 'COMPILED': 'yes', 'VERSION': version})
        return {file.name.split('_')[0]: file for file in sorted(output.iterdir())}

    def _install(self, packages):
        shared = self._system.path('/run/packages')
        shutil.rmtree(shared, ignore_errors=True)
        shared.mkdir()
        names = ['/run/packages/' + pathlib.Path(shutil.copy(file, shared)).name for file in packages]
        return self._system.run('dpkg', '--install', *names)

    def makes_the_same_bytes_twice(self):
        self.first = self._packages('first', '1.0')
        again = self._packages('again', '1.0')
        expect(len(self.first) == 7 and list(self.first) == list(again), list(self.first))
        different = [name for name in self.first if self.first[name].read_bytes() != again[name].read_bytes()]
        expect(not different, different)

    def installs(self):
        self._install(self.first.values())
        listed = self._system.run('dpkg-query', '-W', '-f', '${Package} ${Status}\n', 'jabberd-*')
        expect(listed.count('install ok installed') == len(self.first), listed)
        checked = self._system.run('setpriv', '--reuid=jabberd', '--regid=jabberd', '--init-groups', 'jabberd-host', '--check', '-c', '/etc/jabberd/jabber.xml')
        expect('no mistakes found' in checked, checked)

    def keeps_components_from_the_service(self):
        group = int(self._system.run('getent', 'group', 'jabberd').split(':')[2])
        for path, mode, owner in (('/usr/lib/jabberd/socket_manager.so', 0o644, (0, 0)), ('/etc/jabberd/jabber.xml', 0o640, (0, group))):
            found = self._system.path(path).stat()
            expect((stat.S_IMODE(found.st_mode), (found.st_uid, found.st_gid)) == (mode, owner), f'{path}: {found}')

    def starts_and_lets_an_account_log_in(self):
        self.host = self._system.start()
        self._system.ctl('accounts', 'add', 'alice@localhost', input=whole_server.PASSWORD + '\n')
        self.ca_file = self._system.path('/var/lib/jabberd/localhost.pem')
        self.alice = Client('alice', whole_server.PASSWORD, self.ca_file)
        self.alice.pings('before')

    def completes_what_the_host_offers(self):
        source = '/usr/share/bash-completion/completions/jabberd-ctl'
        for line, expected in (('relo', ['reload']), ('acc', ['accounts']), ('accounts remove alice@', ['localhost'])):
            line = f'jabberd-ctl --socket {CONTROL} {line}'
            said = self._system.run('bash', '-c', f'. {source}; COMP_LINE=$0 COMP_POINT=${{#0}}; _jabberd_ctl; printf "%s\\n" "${{COMPREPLY[@]}}"', line)
            expect(said.split() == expected, f'{line}: {said}')

    def upgrades_under_a_client(self):
        said = self._install(self._packages('second', '1.1').values())
        # These two are not swapped, and say so.
        for words in ('the running host is still 1.0', 'the running host goes on with 1.0'):
            expect(words in said, said)
        expect('does not take' not in said, said)
        services = {service['id']: service for service in json.loads(self._system.ctl('status', '--json'))['services']}
        expect(services['c2s']['swaps'] == 1, services)
        self.alice.pings('after')

    def gives_the_server_a_renewed_certificate(self):
        lineage, wanted = self._system.path('/run/live/foo.com'), self._system.path('/etc/jabberd/certificates/foo.com')
        lineage.mkdir(parents=True)
        for name in ('fullchain.pem', 'privkey.pem'):
            (lineage / name).write_text(name)
        hook = ['env', 'RENEWED_LINEAGE=/run/live/foo.com', '/etc/letsencrypt/renewal-hooks/deploy/jabberd']
        self._system.run(*hook)
        expect(not wanted.exists(), 'a certificate was copied that no operator has asked for')
        wanted.mkdir()
        self._system.run(*hook)
        self._system.run('setpriv', '--reuid=jabberd', '--regid=jabberd', '--init-groups', 'cat', '/etc/jabberd/certificates/foo.com/privkey.pem')
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in wanted.iterdir()}
        expect(modes == {'fullchain.pem': 0o640, 'privkey.pem': 0o640}, modes)

    def removes_and_keeps_the_accounts(self):
        self.alice.leaves()
        self._system.run('dpkg', '--remove', *self.first)
        expect(self.host.wait(PATIENCE) == 0, self._system.log.read_text())
        for path, there in (('/var/lib/jabberd/jabberd.db', True), ('/etc/jabberd/jabber.xml', True), ('/usr/bin/jabberd-host', False), ('/usr/lib/jabberd', False)):
            expect(self._system.path(path).exists() == there, path)

    def purges_the_rest(self):
        self._system.run('dpkg', '--purge', *self.first)
        left = sorted(self._system.left())
        expect(not left, left)


CASES = tuple(name for name in vars(Cases) if name[0] != '_')


def inside(script, build, directory):
    report = tap.Report(len(CASES))
    cases = Cases(script, build, pathlib.Path(directory))
    for name in CASES:
        with report.case(name):
            getattr(cases, name)()


def main():
    missing = [program for program in NEEDED if shutil.which(program) is None]
    if os.geteuid() != 0 or missing:
        return print('1..0 # SKIP it needs root' if not missing else f'1..0 # SKIP it needs {" ".join(missing)}')
    with tempfile.TemporaryDirectory(prefix='jabberd-packages-') as directory:
        probe = f'mount -t tmpfs t {directory} && cd {directory} && mkdir u w r && mount -t overlay o -o lowerdir=/,upperdir=u,workdir=w r'
        if subprocess.run([*NAMESPACES, 'sh', '-c', probe], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode != 0:
            return print('1..0 # SKIP it needs namespaces of its own, and overlayfs')
        subprocess.run([*NAMESPACES, sys.executable, __file__, *sys.argv[1:3], directory], check=True, preexec_fn=child.ends_with_us)


if __name__ == '__main__':
    if len(sys.argv) == 4:
        inside(*sys.argv[1:])
    else:
        main()
