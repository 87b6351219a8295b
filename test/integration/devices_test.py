#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two devices of alice's and one of bob's, all made with slixmpp: carbons, blocking and roster versions, as a client
that others wrote understands them, while the socket manager is swapped before each case. Says in TAP how each went."""
import asyncio
import collections

import tap
import whole_server

PATIENCE = 60  # seconds: only a failing test uses them up
PLUGINS = ('xep_0030', 'xep_0191', 'xep_0199', 'xep_0280')
EVENTS = ('session_start', 'message', 'message_error', 'carbon_received', 'carbon_sent', 'blocked', 'unblocked',
          'presence_available', 'presence_unavailable')


class Device:
    """A client of that user, with what has happened to it by the name of the event."""

    def __init__(self, slixmpp, server, user, resource):
        self.jid, self.bare = f'{user}@localhost/{resource}', f'{user}@localhost'
        self._heard = collections.defaultdict(asyncio.Queue)
        self.client = slixmpp.ClientXMPP(self.jid, whole_server.PASSWORD)
        self.client.ca_certs = server.ca_file
        self.client.auto_authorize = self.client.auto_subscribe = True
        for plugin in PLUGINS:
            self.client.register_plugin(plugin)
        for event in EVENTS:
            self.client.add_event_handler(event, self._heard[event].put_nowait)
        self.client.connect(('127.0.0.1', server.port))

    async def hears(self, event, wanted=lambda what: True):
        """The next such event; what is not wanted is passed over."""
        while True:
            what = await asyncio.wait_for(self._heard[event].get(), PATIENCE)
            if wanted(what):
                return what

    def has_heard_nothing(self, event):
        return self._heard[event].empty()

    async def starts(self):
        await self.hears('session_start')
        await self.client.get_roster()
        self.client.send_presence()
        await self.is_told_of(self)

    async def is_told_of(self, *devices, event='presence_available'):
        """In any order: which of two presences comes first is nobody's promise."""
        missing = {device.jid for device in devices}
        while missing:
            missing.discard(str((await self.hears(event))['from']))

    async def is_at_rest(self):
        """All that was sent to it before has come: what a server answers comes behind that."""
        await self.client['xep_0199'].send_ping('localhost')

    def says(self, to, body):
        self.client.send_message(to, body, mtype='chat')


class Devices:
    def __init__(self, slixmpp, server):
        self.desk, self.phone, self.bob = (Device(slixmpp, server, *who) for who in (
            ('alice', 'desk'), ('alice', 'phone'), ('bob', 'home')))

    async def start(self):
        for device in (self.desk, self.phone, self.bob):
            await device.starts()


def expect(condition, about):
    if not condition:
        raise AssertionError(about)


async def finds_the_features(of):
    info = await of.desk.client['xep_0030'].get_info(jid='localhost')
    features = info['disco_info']['features']
    for feature in ('urn:xmpp:carbons:2', 'urn:xmpp:blocking', 'msgoffline', 'urn:xmpp:hints'):
        expect(feature in features, f'{feature} is not among {features}')
    expect('rosterver' in of.desk.client.features, 'no roster versions in the stream features')


async def gets_carbons_of_both_sides(of):
    for device in (of.desk, of.phone):
        await device.client['xep_0280'].enable()
    of.bob.says(of.desk.jid, 'to the desk')
    message = await of.desk.hears('message')
    expect(message['body'] == 'to the desk', message)
    copied = (await of.phone.hears('carbon_received'))['carbon_received']
    expect((copied['from'], copied['to'], copied['body']) == (of.bob.jid, of.desk.jid, 'to the desk'), copied)
    of.desk.says(of.bob.jid, 'from the desk')
    await of.bob.hears('message', lambda heard: heard['body'] == 'from the desk')
    copied = (await of.phone.hears('carbon_sent'))['carbon_sent']
    expect((copied['from'], copied['to'], copied['body']) == (of.desk.jid, of.bob.jid, 'from the desk'), copied)


async def gets_a_message_to_both_devices_once(of):
    of.bob.says(of.desk.bare, 'to both')
    for device in (of.desk, of.phone):
        await device.hears('message', lambda heard: heard['body'] == 'to both')
        await device.is_at_rest()
        for event in ('message', 'carbon_received', 'carbon_sent'):
            expect(device.has_heard_nothing(event), f'{device.jid}: one more {event}')


async def subscribes(of):
    of.desk.client.send_presence_subscription(of.bob.bare, ptype='subscribe')
    await of.bob.is_told_of(of.desk, of.phone)
    await of.desk.is_told_of(of.bob)


async def keeps_a_roster_that_is_current(of):
    await of.desk.client.update_roster(of.bob.bare, name='Bob')
    await of.desk.is_at_rest()
    version = of.desk.client.client_roster.version
    expect(version, 'the push bears no version')
    answer = await of.desk.client.get_roster()
    expect(not answer['roster']['items'] and not answer['roster']['ver'], answer)
    expect(of.desk.client.client_roster[of.bob.bare]['name'] == 'Bob', 'the roster is lost')
    of.desk.client.client_roster.version = 'another'
    answer = await of.desk.client.get_roster()
    expect(of.bob.bare in [str(jid) for jid in answer['roster']['items']], answer)
    expect(of.desk.client.client_roster.version == version, 'the version is another, the roster is not')


async def blocks_and_is_blocked(of):
    for device in (of.desk, of.phone):
        await device.client['xep_0191'].get_blocked()
    await of.desk.client['xep_0191'].block(of.bob.bare)
    push = await of.phone.hears('blocked')
    expect([str(jid) for jid in push['block']['items']] == [of.bob.bare], push)
    await of.bob.is_told_of(of.desk, of.phone, event='presence_unavailable')
    of.bob.says(of.desk.bare, 'are you there?')
    error = await of.bob.hears('message_error')
    expect(error['error']['condition'] == 'service-unavailable', error)
    of.desk.says(of.bob.jid, 'go away')
    error = await of.desk.hears('message_error')
    expect(error['error']['condition'] == 'not-acceptable', error)
    expect(error.xml.find('.//{urn:xmpp:blocking:errors}blocked') is not None, error)
    await of.phone.is_at_rest()
    expect(of.phone.has_heard_nothing('message') and of.phone.has_heard_nothing('carbon_sent'), 'something came through')


async def unblocks(of):
    answer = await of.phone.client['xep_0191'].get_blocked()
    expect([str(jid) for jid in answer['blocklist']['items']] == [of.bob.bare], answer)
    await of.phone.client['xep_0191'].unblock([])
    await of.desk.hears('unblocked')
    await of.bob.is_told_of(of.desk, of.phone)
    of.bob.says(of.desk.jid, 'and now?')
    await of.desk.hears('message', lambda heard: heard['body'] == 'and now?')
    await of.phone.hears('carbon_received')


CASES = (finds_the_features, gets_carbons_of_both_sides, gets_a_message_to_both_devices_once, subscribes,
         keeps_a_roster_that_is_current, blocks_and_is_blocked, unblocks)


async def play(slixmpp, server):
    of = Devices(slixmpp, server)
    await of.start()
    report = tap.Report(len(CASES))
    for case in CASES:
        with report.case(case.__name__):
            server.swap()
            await case(of)
    for device in (of.desk, of.phone, of.bob):
        await device.client.disconnect()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:  # slixmpp's
        task.cancel()


def main():
    try:
        import slixmpp
    except ImportError:
        return print('1..0 # SKIP slixmpp is not installed')
    with whole_server.WholeServer() as server:
        for name in ('alice', 'bob'):
            whole_server.register(server.port, server.ca_file, name)
        asyncio.get_event_loop().run_until_complete(play(slixmpp, server))


if __name__ == '__main__':
    main()
