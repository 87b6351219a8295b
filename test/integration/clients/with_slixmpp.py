#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client made with slixmpp. Of the channel bindings it knows tls-unique only, so -PLUS means TLS 1.2."""
import collections
import ssl

import shell
import slixmpp
from slixmpp.plugins.xep_0198.stanza import Resume

account = shell.arguments()
client = slixmpp.ClientXMPP(account.full_jid, account.password,
                            sasl_mech=None if account.mechanism == 'any' else account.mechanism)
client.ca_certs = account.ca_file
if account.mechanism.endswith('-PLUS'):
    client.ssl_context.maximum_version = ssl.TLSVersion.TLSv1_2
ready = leaving = False
told = []  # messages, in order, so that each keeps its id()
numbers = {}
held = []  # until it has its session back


def connect():
    client.connect(('127.0.0.1', account.port), use_ssl=account.how == 'direct',
                   disable_starttls=account.how == 'direct')


def send(to, body):
    told.append(client.make_message(to, body, mtype='chat'))
    numbers[id(told[-1])] = len(told)
    held.append(told[-1])
    send_held()


def send_held():
    global held
    if not ready or shell.comes_back() and not client['xep_0198'].enabled_out:
        return
    sent, held = sorted(held, key=lambda message: numbers[id(message)]), []
    for message in sent:
        client.send(message)


def on_session_start(_event):
    global ready
    ready = True
    client.send_presence()
    shell.say('ready')
    send_held()


def on_resumed(_event):
    global ready
    ready = True
    shell.say('resumed')
    send_held()


def on_message(message):
    if message['body']:
        shell.say(message['from'], message['body'])


def on_disconnected(_event):
    global ready
    if shell.comes_back() and not leaving:
        ready = False
        return client.loop.call_soon(connect)
    shell.say('closed' if ready else 'refused')
    return shell.leave()


def on_trust(error):
    print('certificate:', error, flush=True)
    client.abort()


def end():
    global leaving
    leaving = True
    client.disconnect()


def keep_unacknowledged():
    """slixmpp forgets what is not acknowledged when it asks for its session, before it could send that again, and what
    is still in its own queue when the connection is lost (seen in 1.8.3)."""
    client.register_plugin('xep_0198')
    management = client['xep_0198']
    forgetful = management._handle_outgoing

    def handle(stanza):
        if isinstance(stanza, slixmpp.Message) and not management.enabled_out:
            held.append(stanza)
            return None
        kept = collections.deque(management.unacked_queue)
        handled = forgetful(stanza)
        if isinstance(stanza, Resume):
            management.unacked_queue = kept
        return handled

    client.del_filter('out_sync', forgetful)
    client.add_filter('out_sync', handle)
    client.add_event_handler('session_resumed', on_resumed)
    client.add_event_handler('sm_enabled', lambda _event: send_held())


if shell.comes_back():
    keep_unacknowledged()
client.add_event_handler('session_start', on_session_start)
client.add_event_handler('message', on_message)
client.add_event_handler('disconnected', on_disconnected)
client.add_event_handler('ssl_invalid_chain', on_trust)
shell.each_order(lambda to, body: client.loop.call_soon_threadsafe(lambda: send(to, body)),
                 lambda: client.loop.call_soon_threadsafe(end))
connect()
client.process(forever=True)
