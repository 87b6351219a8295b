#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A server gets another domain, by one line of its configuration: what a check, the start and jabberd-ctl say of that, and
that following it lets its people log in again. Needs what WholeServer needs, and JABBERD_CTL. Says in TAP how each case
went."""
import base64
import json
import re
import subprocess

import tap
import whole_server

OLD_PAIR = "<certificate file='localhost.pem' self-signed='localhost'/>"
UNREACHABLE = 'are of localhost, for which this service does not answer'
NO_CERTIFICATE = 'no certificate is for foo.com'
NO_CERTIFICATE_STATUS = 'there is none: clients that come for that name refuse what they get'


def mistakes(text):
    """What it says of lines of the configuration, whatever the time."""
    return re.findall(r'jabber\.xml:\d+: .*', text)


def expect(condition, about):
    if not condition:
        raise AssertionError(about)


def logs_in(server, user, domain):
    """Under TLS with a certificate that is for the domain; whether the password is right there."""
    with whole_server.connected(server.port, server.home / f'{domain}.pem', domain=domain) as connection:
        secret = base64.b64encode(f'\0{user}\0{whole_server.PASSWORD}'.encode()).decode()
        connection.sendall(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>".encode())
        answer = connection.recv(65536)
        return b'<success' in answer


class Cases:
    def __init__(self, server):
        self._server = server

    def _check(self):
        checked = subprocess.run(self._server.host_command('--check'), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 text=True, timeout=whole_server.PATIENCE)
        expect(checked.returncode == 0, checked.stdout)
        return mistakes(checked.stdout)

    def _change(self, old, new):
        file = self._server.home / 'jabber.xml'
        text = file.read_text()
        expect(text.count(old) == 1, text)
        file.write_text(text.replace(old, new))

    def _restarts(self, old, new):
        """What the check says after the change, and what the start says behind it."""
        before, checked = len(self._server.log.read_text()), []

        def change():
            self._change(old, new)
            checked.extend(self._check())
        self._server.restart(change)
        return checked, mistakes(self._server.log.read_text()[before:])

    def _status(self):
        services = json.loads(self._server.ctl('status', '--json'))['services']
        return {key: value for service in services for key, value in service['details'].items()}

    def says_nothing_of_the_domain_it_was_made_for(self):
        for user in ('alice', 'bob'):
            whole_server.register(self._server.port, self._server.ca_file, user)
        expect(logs_in(self._server, 'alice', 'localhost'), 'alice cannot log in')
        checked = self._check()
        expect(not any(UNREACHABLE in line or NO_CERTIFICATE in line for line in checked), checked)

    def tells_at_the_check_and_at_the_start_what_does_not_fit(self):
        checked, started = self._restarts('<host>localhost</host>', '<host>foo.com</host>')
        expect(checked == started, f'{checked}\nand at the start\n{started}')
        expect(sum(f'2 accounts in {self._server.home}/db {UNREACHABLE}' in line and
                   '`jabberd-ctl accounts rename-host localhost foo.com`' in line for line in checked) == 1, checked)
        expect(sum(NO_CERTIFICATE in line and '<self-signed/>' in line for line in checked) == 1, checked)

    def tells_the_same_while_it_runs(self):
        status = self._status()
        expect(status['accounts of localhost'].startswith('2: nobody can log in'), status)
        expect(status['certificate foo.com'] == NO_CERTIFICATE_STATUS, status)
        checked = self._check()
        expect(sum(UNREACHABLE in line for line in checked) == 1, checked)

    def makes_a_pair_for_the_new_name_beside_the_old_one(self):
        old = self._server.ca_file.read_bytes()
        checked, started = self._restarts(OLD_PAIR, '<self-signed/>')
        expect(not any(NO_CERTIFICATE in line for line in checked), checked)
        expect(any('made ' in line and 'foo.com.pem' in line for line in started), started)
        expect(self._server.ca_file.read_bytes() == old, 'the old pair is another one')
        expect('expires' in self._status()['certificate foo.com'], self._status())
        expect(not logs_in(self._server, 'alice', 'foo.com'), 'alice@foo.com is there already')

    def renames_no_account_of_a_host_that_it_serves(self):
        ran = self._server.ctl_run('accounts', 'rename-host', 'foo.com', 'foo.com')
        expect(ran.returncode == 1 and 'are in use' in ran.stderr, ran)
        ran = self._server.ctl_run('accounts', 'rename-host', 'localhost', 'bar.com')
        expect(ran.returncode == 1 and "'bar.com' is not a host that this session manager serves" in ran.stderr, ran)

    def renames_all_or_none(self):
        whole_server.register(self._server.port, self._server.home / 'foo.com.pem', 'bob', domain='foo.com')
        ran = self._server.ctl_run('accounts', 'rename-host', 'localhost', 'foo.com')
        expect(ran.returncode == 1 and 'there is an account bob@foo.com already' in ran.stderr, ran)
        expect(self._status()['accounts of localhost'].startswith('2: '), self._status())
        self._server.ctl('accounts', 'remove', 'bob@foo.com')

    def lets_everybody_log_in_under_the_new_name(self):
        said = self._server.ctl('accounts', 'rename-host', 'localhost', 'foo.com')
        expect(said == '2 accounts of localhost are of foo.com now\n', said)
        for user in ('alice', 'bob'):
            expect(logs_in(self._server, user, 'foo.com'), f'{user} cannot log in')
        expect('accounts of localhost' not in self._status(), self._status())
        checked = self._check()
        expect(not any(UNREACHABLE in line or NO_CERTIFICATE in line for line in checked), checked)

    def serves_both_names_where_both_are_configured(self):
        checked, _ = self._restarts('<host>foo.com</host>', '<host>foo.com</host><host>localhost</host>')
        expect(not any(UNREACHABLE in line or NO_CERTIFICATE in line for line in checked), checked)
        whole_server.register(self._server.port, self._server.ca_file, 'carol')
        expect(logs_in(self._server, 'carol', 'localhost') and logs_in(self._server, 'bob', 'foo.com'), 'not both')


CASES = tuple(name for name in vars(Cases) if name[0] != '_')


def main():
    report = tap.Report(len(CASES))
    with whole_server.WholeServer() as server:
        cases = Cases(server)
        for name in CASES:
            with report.case(name):
                getattr(cases, name)()


if __name__ == '__main__':
    main()
