#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A component made with slixmpp, which answers each message. Arguments: port, name, secret.

Says "ready", "refused" and "closed"; for a line "ADDRESS TEXT" of its input it sends a message."""
import sys
import threading

import slixmpp

PORT, NAME, SECRET = int(sys.argv[1]), sys.argv[2], sys.argv[3]
component = slixmpp.ComponentXMPP(NAME, SECRET, '127.0.0.1', PORT)
component.register_plugin('xep_0030')


def say(what):
    print(what, flush=True)


def on_message(message):
    say(f'{message["from"]} {message["body"]}')
    reply = message.reply(f'you said {message["body"]}')
    reply.xml.set('sto', str(message['from']))  # as mu-conference copies what it does not know
    reply.xml.set('sfrom', NAME)
    reply.send()


def on_stream_error(error):
    say(f'error {error["condition"]}')


def orders():
    for line in sys.stdin:
        address, _, body = line.rstrip('\n').partition(' ')
        component.loop.call_soon_threadsafe(
            lambda: component.send_message(address, body, mfrom='somebody@' + NAME, mtype='chat'))


component.add_event_handler('session_start', lambda _event: say('ready'))
component.add_event_handler('message', on_message)
component.add_event_handler('stream_error', on_stream_error)
component.add_event_handler('disconnected', lambda _event: say('closed'))
threading.Thread(target=orders, daemon=True).start()
component.connect()
component.process(forever=True)
