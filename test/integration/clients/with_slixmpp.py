#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client made with slixmpp. Of the channel bindings it knows tls-unique only, so -PLUS means TLS 1.2."""
import ssl

import shell
import slixmpp

account = shell.arguments()
client = slixmpp.ClientXMPP(account.full_jid, account.password,
                            sasl_mech=None if account.mechanism == 'any' else account.mechanism)
client.ca_certs = account.ca_file
if account.mechanism.endswith('-PLUS'):
    client.ssl_context.maximum_version = ssl.TLSVersion.TLSv1_2
ready = False


def on_session_start(_event):
    global ready
    ready = True
    client.send_presence()
    shell.say('ready')


def on_message(message):
    if message['body']:
        shell.say(message['from'], message['body'])


def on_disconnected(_event):
    shell.say('closed' if ready else 'refused')
    shell.leave()


def on_trust(error):
    print('certificate:', error, flush=True)
    client.abort()


client.add_event_handler('session_start', on_session_start)
client.add_event_handler('message', on_message)
client.add_event_handler('disconnected', on_disconnected)
client.add_event_handler('ssl_invalid_chain', on_trust)
shell.each_order(
    lambda to, body: client.loop.call_soon_threadsafe(lambda: client.send_message(to, body, mtype='chat')),
    lambda: client.loop.call_soon_threadsafe(client.disconnect))
client.connect(('127.0.0.1', account.port), use_ssl=account.how == 'direct', disable_starttls=account.how == 'direct')
client.process(forever=True)
