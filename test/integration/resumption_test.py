#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client that is cut off again and again, while numbered messages go both ways and the socket manager is swapped, loses none of them
(XEP-0198). The proxy between resets it, closes it, or forgets it without a word. When it never comes back, what it has not
acknowledged goes to another session of its user, or is stored for the next one.
Usage: resumption_test.py CUTS CLIENT...     a program that comes back, as clients/shell.h has it, and what it wants first

Needs what WholeServer needs, and JABBERD_CTL."""
import asyncio
import os
import random
import re
import sys

import child
import whole_server

try:
    import slixmpp
except ImportError:
    print('1..0 # SKIP slixmpp is not installed')
    raise SystemExit(0)

PATIENCE = 60
FASTEST, SLOWEST = 0.15, 0.45  # seconds from one cut to the next
CUTS_A_SWAP = 4
MOST_UNHEARD = 100  # some programs are slow
SHORT = "<stream-management seconds='2'/>"


class Gate:
    """A TCP proxy that loses connections."""

    def __init__(self, port):
        self._port = port
        self._pairs = set()
        self._forgotten = []

    async def open(self):
        self._server = await asyncio.start_server(self._serve, '127.0.0.1', 0)
        return self._server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        far_reader, far_writer = await asyncio.open_connection('127.0.0.1', self._port)
        pair = (writer, far_writer)
        self._pairs.add(pair)
        await asyncio.gather(self._pass_on(reader, far_writer, pair), self._pass_on(far_reader, writer, pair))

    async def _pass_on(self, reader, writer, pair):
        try:
            while data := await reader.read(65536):
                if pair not in self._pairs:
                    return
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        if pair in self._pairs:
            self._pairs.discard(pair)
            for end in pair:
                end.close()

    def cut(self, how):
        """'reset': both ends are; 'close': both end, without the end of a stream; 'forget': the client is reset, and the
        server hears nothing of it."""
        for near, far in list(self._pairs):
            self._pairs.discard((near, far))
            if how == 'close':
                near.close()
                far.close()
                continue
            near.transport.abort()
            if how == 'reset':
                far.transport.abort()
            else:
                far.transport.pause_reading()
                self._forgotten.append(far)

    def close(self):
        self._server.close()
        for end in self._forgotten:
            end.transport.abort()


class Friend(slixmpp.ClientXMPP):
    """One whose connection stays."""

    def __init__(self, name, ca_file):
        super().__init__(f'{name}@localhost/office', whole_server.PASSWORD)
        self.ca_certs = str(ca_file)
        self.heard, self.seen = [], []
        self.ready = asyncio.Event()
        self.add_event_handler('session_start', self._on_start)
        self.add_event_handler('message', self._on_message)
        self.add_event_handler('presence_available', self._on_presence)
        self.add_event_handler('presence_unavailable', self._on_presence)

    def _on_start(self, _event):
        self.send_presence()
        self.ready.set()

    def _on_presence(self, presence):
        if presence['from'].bare != self.boundjid.bare:
            self.seen.append(presence['type'])
            self.friend = presence['from']

    def _on_message(self, message):
        if message['type'] == 'error':
            self.heard.append('error: ' + message['body'])
        elif message['body']:
            self.heard.append(message['body'])


class Phone:
    """The program that comes back."""

    def __init__(self):
        self.heard = []
        self.ready = self.resumed = 0
        self._leaving = False

    async def start(self, program, port, ca_file):
        arguments = [str(port), 'localhost', 'phone', 'pocket', whole_server.PASSWORD, 'starttls', 'any', str(ca_file)]
        self._process = await asyncio.create_subprocess_exec(
            *program, *arguments, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            env=dict(os.environ, COMES_BACK='1', NODE_EXTRA_CA_CERTS=str(ca_file)), preexec_fn=child.ends_with_us)
        self._reading = asyncio.create_task(self._read())

    async def _read(self):
        while line := (await self._process.stdout.readline()).decode().rstrip('\n'):
            if line == 'ready':
                self.ready += 1
            elif line == 'resumed':
                self.resumed += 1
            elif line.startswith('desk@'):
                self.heard.append(line.partition(' ')[2])
            elif not self._leaving:
                raise RuntimeError(f'the client says: {line}')

    def say(self, to, body):
        self._process.stdin.write(f'{to} {body}\n'.encode())

    def kill(self):
        self._leaving = True
        self._process.kill()

    async def leave(self):
        self._leaving = True
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), 10)
        except asyncio.TimeoutError:
            self._process.kill()
            await self._process.wait()
        await self._reading


async def wait_for(condition, what):
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not condition():
        if asyncio.get_running_loop().time() > deadline:
            raise RuntimeError(f'waited in vain: {what()}')
        await asyncio.sleep(0.01)


async def befriend(server, desk):
    """Each of the two is told of the other's presence."""
    phone = Friend('phone', server.ca_file)
    phone.connect(('127.0.0.1', server.port))
    await asyncio.wait_for(phone.ready.wait(), PATIENCE)
    for one, other in ((desk, phone), (phone, desk)):  # who takes whoever asks
        one.send_presence_subscription(other.boundjid.bare)
    await wait_for(lambda: 'available' in desk.seen and 'available' in phone.seen, lambda: 'a subscription')
    phone.disconnect()
    await wait_for(lambda: 'unavailable' in desk.seen, lambda: 'the end of the friend')
    desk.seen.clear()


async def play(server, cuts, program):
    gate = Gate(server.port)
    desk, phone = Friend('desk', server.ca_file), Phone()
    desk.connect(('127.0.0.1', server.port))
    await asyncio.wait_for(desk.ready.wait(), PATIENCE)
    await befriend(server, desk)
    await phone.start(program, await gate.open(), server.ca_file)
    await wait_for(lambda: phone.ready and desk.seen, lambda: 'its login')
    sent = {desk: 0, phone: 0}
    stop = asyncio.Event()

    async def talk():
        while not stop.is_set():
            if sent[desk] - len(phone.heard) < MOST_UNHEARD:
                desk.send_message(desk.friend, str(sent[desk]), mtype='chat')
                sent[desk] += 1
            if sent[phone] - len(desk.heard) < MOST_UNHEARD:
                phone.say(desk.boundjid.full, str(sent[phone]))
                sent[phone] += 1
            await asyncio.sleep(0.01)

    talking = asyncio.create_task(talk())
    choice = random.Random(cuts)
    for number in range(cuts):
        before = phone.resumed
        await asyncio.sleep(choice.uniform(FASTEST, SLOWEST))
        if number % CUTS_A_SWAP == 0:
            await asyncio.to_thread(server.swap)
        gate.cut(choice.choice(['reset', 'close', 'forget']))
        await wait_for(lambda: phone.resumed > before or phone.ready > 1,
                       lambda: f'cut {number}: it does not come back; the log ends {server.log.read_text()[-3000:]}')
    stop.set()
    await talking
    problems = []
    try:
        await wait_for(lambda: len(phone.heard) >= sent[desk] and len(desk.heard) >= sent[phone], lambda: 'the rest')
    except RuntimeError as error:
        problems.append(str(error))
    await asyncio.sleep(0.2)  # what comes twice
    for who, heard, expected in (('phone', phone.heard, sent[desk]), ('desk', desk.heard, sent[phone])):
        if heard != [str(number) for number in range(expected)]:
            wrong = next((i for i, body in enumerate(heard) if body != str(i)), expected)
            problems.append(f'{who} heard {len(heard)} of {expected}, from {wrong}: {heard[max(0, wrong - 2):wrong + 8]}')
    if desk.seen != ['available']:
        problems.append(f'the session manager told of the phone: {desk.seen}')
    resumed = re.search(r'sessions resumed\D+(\d+)', await asyncio.to_thread(server.ctl, 'status')).group(1)
    if resumed != str(cuts):
        problems.append(f'{resumed} sessions were resumed')
    print(f'# {cuts} cuts, {phone.resumed} resumptions, {sent[desk]} and {sent[phone]} messages')
    await phone.leave()
    desk.disconnect()
    await asyncio.sleep(0.5)
    gate.close()
    return problems


async def never_comes_back(server, program, has_tablet):
    """The phone is lost with all that is on its way to it: in time another session has it, in order, and each once."""
    gate = Gate(server.port)
    desk, phone = Friend('desk', server.ca_file), Phone()
    desk.connect(('127.0.0.1', server.port))
    await asyncio.wait_for(desk.ready.wait(), PATIENCE)
    await phone.start(program, await gate.open(), server.ca_file)
    await wait_for(lambda: phone.ready, lambda: 'its login')
    other = Friend('phone', server.ca_file)
    if has_tablet:
        other.connect(('127.0.0.1', server.port))
        await asyncio.wait_for(other.ready.wait(), PATIENCE)
    for number in range(MOST_UNHEARD):
        if number == MOST_UNHEARD // 2:
            gate.cut('reset')
            phone.kill()
        desk.send_message('phone@localhost/pocket', str(number), mtype='chat')
        await asyncio.sleep(0.005)
    await asyncio.to_thread(server.swap)
    status = lambda: re.search(r'sessions not resumed\D+(\d+)', server.ctl('status')).group(1)
    while await asyncio.to_thread(status) == '0':
        await asyncio.sleep(0.1)
    if not has_tablet:
        other.connect(('127.0.0.1', server.port))
    last = str(MOST_UNHEARD - 1)
    await wait_for(lambda: last in other.heard, lambda: f'the last one; it has heard {other.heard}')
    await asyncio.sleep(0.2)  # what comes twice
    problems = []
    first = MOST_UNHEARD - len(other.heard)
    if other.heard != [str(number) for number in range(first, MOST_UNHEARD)] or first > len(phone.heard):
        problems.append(f'the phone heard {phone.heard}, and then the other session {other.heard}')
    problems += [f'desk heard {body}' for body in desk.heard]
    for client in (desk, other):
        client.disconnect()
    await phone.leave()
    gate.close()
    return problems


def main():
    cuts, program = int(sys.argv[1]), sys.argv[2:]
    parts = [('nothing is lost, doubled or reordered', '', lambda server: play(server, cuts, program)),
             ('who never comes back has a tablet that hears it', SHORT, lambda server: never_comes_back(server, program, True)),
             ('who never comes back hears it at the next login', SHORT, lambda server: never_comes_back(server, program, False))]
    print(f'1..{len(parts)}', flush=True)
    for number, (what, sockets, part) in enumerate(parts, 1):
        with whole_server.WholeServer(sockets=sockets) as server:
            for name in ('desk', 'phone'):
                whole_server.register(server.port, server.ca_file, name)
            problems = asyncio.get_event_loop().run_until_complete(part(server))
        for problem in problems:
            print('#', problem)
        print('not ok' if problems else 'ok', number, '-', what, flush=True)


if __name__ == '__main__':
    main()
