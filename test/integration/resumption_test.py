#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client that is cut off again and again, while numbered messages go both ways and the socket manager is swapped, loses none of them
(XEP-0198). The client is slixmpp with its own stream management; the proxy between resets it, or forgets it without a word.
Usage: resumption_test.py [CUTS]     (default: 20)

Needs what WholeServer needs."""
import asyncio
import collections
import random
import sys

import whole_server

try:
    import slixmpp
    from slixmpp.plugins.xep_0198.stanza import Resume
except ImportError:
    print('1..0 # SKIP slixmpp is not installed')
    raise SystemExit(0)

PATIENCE = 60
FASTEST, SLOWEST = 0.15, 0.45  # seconds from one cut to the next
CUTS_A_SWAP = 4


class Gate:
    """A TCP proxy that loses connections."""

    def __init__(self, port):
        self._port = port
        self._pairs = set()

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
        """'reset': both ends are; 'forget': the client is, and the server hears nothing of it."""
        for near, far in list(self._pairs):
            self._pairs.discard((near, far))
            near.transport.abort()
            if how == 'reset':
                far.transport.abort()
            else:
                far.transport.pause_reading()
                self._forgotten = getattr(self, '_forgotten', []) + [far]

    def close(self):
        self._server.close()
        for end in getattr(self, '_forgotten', []):
            end.transport.abort()


class Chatter(slixmpp.ClientXMPP):
    def __init__(self, name, ca_file, resource):
        super().__init__(f'{name}@localhost/{resource}', whole_server.PASSWORD)
        self.ca_certs = str(ca_file)
        self.heard, self.seen = [], []
        self.resumed = self.sent = 0
        self.unsent = []  # by slixmpp
        self.ready = asyncio.Event()
        self.add_event_handler('session_start', self._on_start)
        self.add_event_handler('session_resumed', self._on_resumed)
        self.add_event_handler('message', self._on_message)
        self.add_event_handler('presence_available', self._on_presence)
        self.add_event_handler('presence_unavailable', self._on_presence)

    def _on_start(self, _event):
        self.send_presence()
        self.ready.set()

    def _on_resumed(self, _event):
        self.resumed += 1
        unsent, self.unsent = self.unsent, []
        for message in unsent:
            self.send(message)
        self.ready.set()

    def _on_presence(self, presence):
        if presence['from'].bare != self.boundjid.bare:
            self.seen.append(presence['type'])

    def _on_message(self, message):
        if message['type'] == 'error':
            self.heard.append('error: ' + message['body'])
        elif message['body']:
            self.heard.append(message['body'])

    def say(self, to):
        self.send_message(to, str(self.sent), mtype='chat')
        self.sent += 1


def keep_unacknowledged(client):
    """slixmpp forgets what is not acknowledged when it asks for its session, before it could send that again, and what
    is still in its own queue when the connection is lost (seen in 1.8.3)."""
    management = client['xep_0198']
    forgetful = management._handle_outgoing

    def handle(stanza):
        if isinstance(stanza, slixmpp.Message) and not management.enabled_out:
            client.unsent.append(stanza)
            return None
        kept = collections.deque(management.unacked_queue)
        handled = forgetful(stanza)
        if isinstance(stanza, Resume):
            management.unacked_queue = kept
        return handled

    client.del_filter('out_sync', forgetful)
    client.add_filter('out_sync', handle)


class Phone(Chatter):
    """Comes back when its connection is lost."""

    def __init__(self, ca_file, port):
        super().__init__('phone', ca_file, 'pocket')
        self._port = port
        self.leaving = False
        self.register_plugin('xep_0198')
        keep_unacknowledged(self)
        self.add_event_handler('disconnected', self._on_disconnected)

    def _on_disconnected(self, _event):
        self.ready.clear()
        if not self.leaving:
            self.loop.call_soon(self.dial)

    def dial(self):
        self.connect(('127.0.0.1', self._port))

    def may_say(self):
        return self.ready.is_set() and self['xep_0198'].enabled_out


async def wait_for(condition, what):
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while not condition():
        if asyncio.get_running_loop().time() > deadline:
            raise RuntimeError(f'waited in vain: {what()}')
        await asyncio.sleep(0.01)


async def play(server, cuts):
    gate = Gate(server.port)
    desk, phone = Chatter('desk', server.ca_file, 'office'), Phone(server.ca_file, await gate.open())
    desk.connect(('127.0.0.1', server.port))
    await asyncio.wait_for(desk.ready.wait(), PATIENCE)
    phone.dial()
    await asyncio.wait_for(phone.ready.wait(), PATIENCE)
    phone.send_presence(pto=desk.boundjid.full)
    stop = asyncio.Event()

    async def talk():
        while not stop.is_set():
            desk.say(phone.boundjid.full)
            if phone.may_say():
                phone.say(desk.boundjid.full)
            await asyncio.sleep(0.01)

    talking = asyncio.create_task(talk())
    choice = random.Random(cuts)
    for number in range(cuts):
        before = phone.resumed
        await asyncio.sleep(choice.uniform(FASTEST, SLOWEST))
        if number % CUTS_A_SWAP == 0:
            await asyncio.to_thread(server.swap)
        gate.cut(choice.choice(['reset', 'forget']))
        await wait_for(lambda: phone.resumed > before,
                       lambda: f'cut {number}: not resumed; the log ends {server.log.read_text()[-3000:]}')
    stop.set()
    await talking
    await wait_for(lambda: len(phone.heard) >= desk.sent and len(desk.heard) >= phone.sent,
                   lambda: f'phone heard {len(phone.heard)} of {desk.sent}, desk {len(desk.heard)} of {phone.sent}')
    await asyncio.sleep(0.2)  # what comes twice
    problems = []
    for who, heard, sent in (('phone', phone.heard, desk.sent), ('desk', desk.heard, phone.sent)):
        if heard != [str(number) for number in range(sent)]:
            wrong = next((i for i, body in enumerate(heard) if body != str(i)), sent)
            problems.append(f'{who} heard {len(heard)} of {sent}, from {wrong}: {heard[max(0, wrong - 2):wrong + 8]}')
    if desk.seen != ['available']:
        problems.append(f'the session manager told of the phone: {desk.seen}')
    print(f'# {cuts} cuts, {phone.resumed} resumptions, {desk.sent} and {phone.sent} messages')
    phone.leaving = True
    phone.disconnect()
    desk.disconnect()
    await asyncio.sleep(0.5)
    gate.close()
    return problems


def main():
    cuts = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with whole_server.WholeServer() as server:
        for name in ('desk', 'phone'):
            whole_server.register(server.port, server.ca_file, name)
        problems = asyncio.get_event_loop().run_until_complete(play(server, cuts))
    print('1..1')
    for problem in problems:
        print('#', problem)
    print('not ok 1' if problems else 'ok 1', '- nothing is lost, doubled or reordered')


if __name__ == '__main__':
    main()
