#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Finch itself, in a terminal, and with it libpurple, which is Pidgin's: its dialogs are typed to, for the rest it has a
D-Bus. It chooses the mechanism. It shows a certificate that it does not know and asks; we accept it, as its user would
who has compared it."""
import html
import pathlib
import re
import tempfile

import shell
import terminal
from gi.repository import GLib
from session_bus import Bus

account = shell.arguments()
NAME, PATH, INTERFACE = 'im.pidgin.purple.PurpleService', '/im/pidgin/purple/PurpleObject', 'im.pidgin.purple.PurpleInterface'
AUTHENTICATION_FAILED = 2  # connection.h of libpurple
loop = GLib.MainLoop()

ACCOUNT = '''<?xml version='1.0'?>
<account version='1.0'><account>
  <protocol>prpl-jabber</protocol><name>{account.full_jid}</name><password>{account.password}</password>
  <settings>
    <setting name='connect_server' type='string'>{account.host}</setting>
    <setting name='port' type='int'>{account.port}</setting>
    <setting name='connection_security' type='string'>{security}</setting>
  </settings>
</account></account>
'''


class Purple:
    """What is heard over the bus, and what is asked of it."""

    def __init__(self, bus):
        self.bus = bus
        self.made = self.call('PurpleAccountsFind', 'ss', account.full_jid, 'prpl-jabber')
        self.registering = bool(account.registers)
        self.ready = False
        for member, told in (('SignedOn', self.on_signed_on), ('SignedOff', self.on_signed_off),
                             ('ConnectionError', self.on_error), ('ReceivedImMsg', self.on_message)):
            bus.on_signal(INTERFACE, member, told)

    def call(self, method, types='', *values):
        answer = self.bus.call(NAME, PATH, INTERFACE, method, GLib.Variant(f'({types})', values))
        return answer[0] if answer else None

    def begin(self):
        if self.registering:
            self.call('PurpleAccountRegister', 'i', self.made)
        else:
            self.call('PurpleAccountSetEnabled', 'isi', self.made, 'gnt-purple', 1)

    def on_signed_on(self, _given):  # it says so while it registers, too
        if not self.registering:
            self.ready = True
            shell.say('ready')

    def on_signed_off(self, _given):
        if self.registering:
            self.registering = False
            self.begin()
        else:
            shell.say('closed' if self.ready else 'refused')
            loop.quit()

    def on_error(self, given):
        kind = 'wrong password' if given[1] == AUTHENTICATION_FAILED else 'error'
        print(f'# it says: {kind}: {given[2]}', flush=True)

    def on_message(self, given):
        shell.say(given[1], html.unescape(re.sub('<[^>]*>', '', given[2])))

    def send(self, to, body):
        conversation = self.call('PurpleConversationNew', 'iis', 1, self.made, to)
        self.call('PurpleConvImSend', 'is', self.call('PurpleConvIm', 'i', conversation), html.escape(body, False))


class User:
    """Before the terminal: knows what to type into which dialog, each once."""

    def __init__(self, program):
        self.program, self.seen = program, ''
        whole_line = '\x05\x15'  # its end, and away with what is before that
        self.dialogs = {
            'Certificate Verification': '\r',
            # The old fields come filled in; a form of the server's own does not.
            'Register New XMPP Account': '\t\t\r',
            'Registration': f'{whole_line}{account.user}\t{whole_line}{account.password}\t\r',
        }

    def close_windows(self):
        for _ in range(2):  # accounts and contacts, so that a dialog is what is typed to
            self.program.send('\x1bc')
            terminal.drain(self.program, 1)

    def look(self):
        self.seen += terminal.drain(self.program, 0.01)
        for title in list(self.dialogs):
            if title in self.seen:
                print('# it asks:', title, flush=True)
                self.seen = ''
                self.program.send(self.dialogs.pop(title))
        if not self.program.isalive():
            shell.say('closed')
            loop.quit()
        return True  # again


def main(home):
    directory = pathlib.Path(home, 'purple')
    directory.mkdir()
    (directory / 'accounts.xml').write_text(ACCOUNT.format(
        account=account, security='old_ssl' if account.how == 'direct' else 'require_tls'))
    bus = Bus(home)
    program = terminal.spawn('finch', ['-c', str(directory)], home, DBUS_SESSION_BUS_ADDRESS=bus.address)
    while not bus.has(NAME):
        terminal.drain(program)
    purple, user = Purple(bus), User(program)
    user.close_windows()
    GLib.timeout_add(50, user.look)
    shell.each_order(lambda to, body: GLib.idle_add(lambda: purple.send(to, body)),
                     lambda: GLib.idle_add(loop.quit))
    purple.begin()
    loop.run()


with tempfile.TemporaryDirectory(prefix='jabberd-') as directory:
    main(directory)
shell.leave()
