#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A client made with nbxmpp, Gajim's library."""
import shell
from gi.repository import Gio, GLib
from nbxmpp.client import Client
from nbxmpp.const import ConnectionProtocol, ConnectionType, Mode
from nbxmpp.protocol import Message, Presence
from nbxmpp.structs import StanzaHandler

account = shell.arguments()
loop = GLib.MainLoop()
ready = False
kept = []  # nobody else does


def client_for(mode):
    client = Client()
    kept.append(client)
    client.set_mode(mode)
    client.set_domain(account.host)
    client.set_username(account.user)
    client.set_resource(account.resource)
    client.set_password(account.password)
    if account.mechanism != 'any':
        client.set_mechs([account.mechanism])
    kind = ConnectionType.DIRECT_TLS if account.how == 'direct' else ConnectionType.START_TLS
    client.set_custom_host(f'{account.host}:{account.port}', ConnectionProtocol.TCP, kind)
    client.set_accepted_certificates([Gio.TlsCertificate.new_from_file(account.ca_file)])
    return client


def soon(function, *arguments):
    GLib.idle_add(lambda: (function(*arguments), False)[1])  # once


def end(*_arguments):
    shell.say('closed' if ready else 'refused')
    loop.quit()


def register():
    client = client_for(Mode.REGISTER)

    def on_connected(client, _signal):
        client.get_module('Register').request_register_form(callback=on_form)

    def on_form(task):
        form = task.finish()
        form = form.form or form.fields_form
        form['username'].value = account.user
        form['password'].value = account.password
        form.type_ = 'submit'
        client.get_module('Register').submit_register_form(form, callback=on_registered)

    def on_registered(task):
        task.finish()
        client.subscribe('disconnected', lambda *_: log_in())
        client.disconnect()

    client.subscribe('connected', on_connected)
    client.subscribe('connection-failed', end)
    client.connect()


def log_in():
    client = client_for(Mode.CLIENT)

    def on_login(client, _signal):
        global ready
        ready = True
        client.send_stanza(Presence())
        shell.say('ready')

    def on_message(_client, _stanza, properties):
        if properties.body:
            shell.say(properties.from_ or properties.jid, properties.body)

    client.subscribe('connected', on_login)
    client.subscribe('disconnected', end)
    client.subscribe('connection-failed', end)
    client.register_handler(StanzaHandler(name='message', callback=on_message, priority=90))
    shell.each_order(lambda to, body: soon(client.send_stanza, Message(to=to, body=body, typ='chat')),
                     lambda: soon(client.disconnect))
    client.connect()


register() if account.registers else log_in()
loop.run()
shell.leave()
