#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""An operator makes accounts, locks, exports and removes them with jabberd-ctl; slixmpp is whoever owns one. What was
exported goes on living on another server. Says in TAP how each case went."""
import asyncio
import json
import os
import pty

import child
import tap
import whole_server

PATIENCE = 60  # seconds: only a failing test uses them up
CLOSED = whole_server.SESSIONS.replace('<register>yes</register>', '<register>no</register>')
PASSWORD, ANOTHER = whole_server.PASSWORD, 'anotherword'


def expect(condition, about):
    if not condition:
        raise AssertionError(about)


class Owner:
    """A client that logs in once. `says`: 'session_start', or why it may not."""

    def __init__(self, slixmpp, server, user, password):
        self.events = asyncio.Queue()
        self.client = slixmpp.ClientXMPP(f'{user}@localhost/home', password)
        self.client.ca_certs = server.ca_file
        self.client.auto_authorize = self.client.auto_subscribe = True
        self.client.register_plugin('xep_0199')
        for event in ('session_start', 'message', 'presence_available', 'presence_unsubscribed', 'disconnected'):
            self.client.add_event_handler(event, lambda what, name=event: self.events.put_nowait((name, what)))
        self.client.add_event_handler('failed_auth', self._refused)
        self.client.connect(('127.0.0.1', server.port))

    def _refused(self, failure):
        self.events.put_nowait(('failed_auth', failure['condition']))

    async def hears(self, *names):
        while True:
            name, what = await asyncio.wait_for(self.events.get(), PATIENCE)
            if name in names:
                return name, what

    async def leaves(self):
        self.client.abort()
        await asyncio.sleep(0)


async def log_in(slixmpp, server, user, password):
    owner = Owner(slixmpp, server, user, password)
    name, what = await owner.hears('session_start', 'failed_auth')
    expect(name == 'session_start', f'{user} cannot log in: {what}')
    await owner.client.get_roster()
    owner.client.send_presence()
    return owner


async def is_refused(slixmpp, server, user, password):
    """Why."""
    owner = Owner(slixmpp, server, user, password)
    name, what = await owner.hears('session_start', 'failed_auth')
    await owner.leaves()
    expect(name == 'failed_auth', f'{user} is logged in')
    return what


def at_a_terminal(command, answers):
    """The output of a program whose terminal gives these answers, one for each prompt, and its exit status."""
    process, terminal = pty.fork()
    if process == 0:
        os.execv(command[0], command)
    said = b''
    try:
        for answer in answers:
            before = len(said)
            while b': ' not in said[before:]:
                said += os.read(terminal, 4096)
            os.write(terminal, answer.encode() + b'\n')
        while more := os.read(terminal, 4096):
            said += more
    except OSError:  # how a terminal says that nobody has its other end any more
        pass
    os.close(terminal)
    return said.decode(), os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


class Cases:
    def __init__(self, slixmpp, server, other):
        self.slixmpp, self.server, self.other = slixmpp, server, other
        self.alice = self.bob = None

    def done(self, *arguments, stdin=''):
        ran = self.server.ctl_run('accounts', *arguments, stdin=stdin)
        expect(ran.returncode == 0, f'{arguments}: {ran.stdout}{ran.stderr}')
        return ran.stdout

    async def names_the_command_that_makes_the_first_account(self):
        expect('accounts add NAME' in self.server.summary, self.server.summary)
        expect('accounts ' in self.server.ctl_run('help').stdout, 'help does not list it')

    async def makes_accounts_that_log_in(self):
        for user in ('alice', 'bob'):
            self.done('add', user, stdin=PASSWORD + '\n')
        self.alice = await log_in(self.slixmpp, self.server, 'alice', PASSWORD)
        self.bob = await log_in(self.slixmpp, self.server, 'bob', PASSWORD)
        self.alice.client.send_presence_subscription('bob@localhost', ptype='subscribe')
        while (await self.bob.hears('presence_available'))[1]['from'].bare != 'alice@localhost':
            pass
        while (await self.alice.hears('presence_available'))[1]['from'].bare != 'bob@localhost':
            pass
        await self.alice.client.update_roster('bob@localhost', name='Bob', groups=['Friends'], subscription='both')
        rows = [json.loads(line) for line in self.done('list', '--json').splitlines()]
        expect([(row['address'], row['sessions']) for row in rows] == [('alice@localhost', 1), ('bob@localhost', 1)], rows)

    async def asks_twice_at_a_terminal_and_shows_nothing(self):
        add = self.server.ctl_command('accounts', 'add', 'carol')
        said, status = await asyncio.to_thread(at_a_terminal, add, ['first', 'second'])
        expect(status == 1 and 'not the same' in said and 'first' not in said and 'second' not in said, said)
        said, status = await asyncio.to_thread(at_a_terminal, add, [PASSWORD, PASSWORD])
        expect(status == 0 and 'carol@localhost is made' in said and PASSWORD not in said, said)
        await (await log_in(self.slixmpp, self.server, 'carol', PASSWORD)).leaves()

    async def locks_and_unlocks(self):
        self.done('lock', 'alice')
        await self.alice.hears('disconnected')
        await self.alice.leaves()
        why = await is_refused(self.slixmpp, self.server, 'alice', PASSWORD)
        expect(why == 'account-disabled', why)
        self.bob.client.send_message('alice@localhost', 'while you were away', mtype='chat')
        await self.bob.client['xep_0199'].send_ping('localhost')
        self.done('unlock', 'alice')
        self.alice = await log_in(self.slixmpp, self.server, 'alice', PASSWORD)
        _, message = await self.alice.hears('message')
        expect(message['body'] == 'while you were away', message)

    async def changes_a_password_under_a_session(self):
        self.done('password', 'alice', stdin=ANOTHER + '\n')
        await self.alice.client['xep_0199'].send_ping('localhost')
        why = await is_refused(self.slixmpp, self.server, 'alice', PASSWORD)
        expect(why == 'not-authorized', why)
        await self.alice.leaves()
        self.alice = await log_in(self.slixmpp, self.server, 'alice', ANOTHER)

    async def moves_an_account_to_another_server(self):
        self.exported = self.done('export', 'alice')
        expect(ANOTHER not in self.exported and 'scram-credentials' in self.exported, self.exported)
        self.done('remove', 'alice')
        await self.alice.hears('disconnected')
        await self.bob.hears('presence_unsubscribed')
        await self.alice.leaves()
        why = await is_refused(self.slixmpp, self.server, 'alice', ANOTHER)
        expect(why == 'not-authorized', why)
        ran = self.other.ctl_run('accounts', 'import', stdin=self.exported)
        expect(ran.returncode == 0, ran.stdout + ran.stderr)
        moved = await log_in(self.slixmpp, self.other, 'alice', ANOTHER)
        contact = moved.client.client_roster['bob@localhost']
        expect((contact['name'], contact['subscription'], contact['groups']) == ('Bob', 'both', ['Friends']), contact)
        await moved.leaves()

    async def imports_nothing_twice(self):
        ran = self.other.ctl_run('accounts', 'import', stdin=self.exported)
        expect(ran.returncode == 1 and 'line 4: there is an account alice@localhost already' in ran.stderr, ran)

    async def exports_ten_thousand_while_it_answers(self):
        """In the memory of a few, to a reader that is slow, while others ask."""
        users = ''.join(self.exported.split("<user name='alice'>")[1].split('</host>')[0].join(
            (f"<user name='user{number}'>", '')) for number in range(10000))
        ran = await asyncio.to_thread(self.other.ctl_run, 'accounts', 'import', stdin=self.exported.replace(
            self.exported[self.exported.index('<user '):self.exported.index('</host>')], users))
        expect(ran.returncode == 0 and '10000 accounts are imported' in ran.stdout, ran.stdout + ran.stderr[:500])
        slow = await asyncio.create_subprocess_exec(*self.other.ctl_command('accounts', 'export'),
                                                    stdout=asyncio.subprocess.PIPE, preexec_fn=child.ends_with_us)
        head = await slow.stdout.readuntil(b'</user>')
        status = await asyncio.to_thread(self.other.ctl_run, 'status')
        expect(status.returncode == 0, 'no answer beside an export')
        rest = await slow.stdout.read()
        expect(await slow.wait() == 0, 'the export failed')
        expect((head + rest).count(b'</user>') == 10001, 'accounts are missing')
        expect(rest.endswith(b'</server-data>\n'), rest[-100:])


CASES = tuple(name for name in vars(Cases) if name[0] != '_' and name != 'done')


async def play(cases):
    report = tap.Report(len(CASES))
    for name in CASES:
        with report.case(name):
            await getattr(cases, name)()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:  # slixmpp's
        task.cancel()


def main():
    try:
        import slixmpp
    except ImportError:
        return print('1..0 # SKIP slixmpp is not installed')
    with whole_server.WholeServer(sessions=CLOSED) as server, whole_server.WholeServer(sessions=CLOSED) as other:
        asyncio.get_event_loop().run_until_complete(play(Cases(slixmpp, server, other)))


if __name__ == '__main__':
    main()
