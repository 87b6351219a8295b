#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client made with aioxmpp, which comes back by itself, and keeps what it is told meanwhile."""
import asyncio
import base64
import datetime
import ssl
import sys

import aioxmpp
from aioxmpp.security_layer import PinType

import shell

account = shell.arguments()


def security():
    """The certificate is one that its user has seen before."""
    der = ssl.PEM_cert_to_DER_cert(shell.certificate(account))
    return aioxmpp.make_security_layer(account.password, pin_type=PinType.CERTIFICATE,
                                       pin_store={account.host: [base64.b64encode(der).decode()]})


async def main():
    loop = asyncio.get_running_loop()
    orders = asyncio.Queue()
    shell.each_order(lambda *order: loop.call_soon_threadsafe(orders.put_nowait, order),
                     lambda: loop.call_soon_threadsafe(orders.put_nowait, None))
    connector = aioxmpp.connector.XMPPOverTLSConnector if account.how == 'direct' else aioxmpp.connector.STARTTLSConnector
    client = aioxmpp.PresenceManagedClient(aioxmpp.JID.fromstr(account.full_jid), security(),
                                           override_peer=[('127.0.0.1', account.port, connector())])
    if shell.comes_back():
        client.backoff_start = datetime.timedelta(milliseconds=10)
        client.on_stream_resumed.connect(lambda: shell.say('resumed'))
    else:
        client.max_initial_attempts = 1

    def on_message(message):
        body = message.body.any() if message.body else None
        if body:
            shell.say(message.from_, body)

    messages = client.summon(aioxmpp.dispatcher.SimpleMessageDispatcher)
    messages.register_callback(None, None, on_message)
    over = asyncio.Event()
    client.on_failure.connect(lambda _error: over.set())
    try:
        async with client.connected():
            shell.say('ready')
            ending = asyncio.create_task(over.wait())
            while True:
                order = asyncio.create_task(orders.get())
                await asyncio.wait({order, ending}, return_when=asyncio.FIRST_COMPLETED)
                if not order.done() or order.result() is None:
                    break
                to, body = order.result()
                message = aioxmpp.Message(to=aioxmpp.JID.fromstr(to), type_=aioxmpp.MessageType.CHAT)
                message.body[None] = body
                client.enqueue(message)
    except Exception as error:  # whatever keeps a user from logging in
        print('aioxmpp:', error, file=sys.stderr, flush=True)
        return shell.say('refused')
    return shell.say('closed')


asyncio.run(main())
shell.leave()
