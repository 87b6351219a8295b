#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Dino itself, with its windows on a screen of their own: typed to there, and its database and what it prints read. It
takes no port but 5222 and asks about no certificate: it is in a network, and with a list of authorities, of its own."""
import pathlib
import re
import sqlite3
import subprocess
import tempfile
import threading
import time

import namespaces
import shell
import terminal
from desktop import Desktop

import child  # found by shell

account = shell.arguments()
AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt'
RECEIVED = 0  # the direction of a message in its database


def connect(desktop):
    return sqlite3.connect(desktop.home / 'data' / 'dino' / 'dino.db', timeout=terminal.PATIENCE)


def has_tables(desktop):
    try:
        return connect(desktop).execute("SELECT int_val FROM _meta WHERE name = 'version'").fetchone() is not None
    except sqlite3.Error:
        return False


def wait_until(holds, what):
    deadline = time.monotonic() + terminal.PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(f'waited in vain: {what}')
        time.sleep(0.1)


def prepare(desktop):
    """It makes its database at its first start; the account goes there before the second."""
    first = desktop.start(['dino-im'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: has_tables(desktop), 'a database')
    first.kill()
    first.wait()
    database = connect(desktop)
    database.execute("INSERT INTO account(bare_jid, resourcepart, password, alias, enabled) VALUES (?, ?, ?, '', 1)",
                     (account.jid, account.resource, account.password))
    database.commit()
    database.close()
    for path in (desktop.home / 'data').rglob('*'):
        child.give_to_nobody(path)


class Dino:
    def __init__(self, desktop):
        self.desktop, self.ready, self.over, self.shown, self.last = desktop, False, None, None, 0
        self.has_form = False
        with namespaces.Network(account.port):
            self.program = desktop.start(['dino-im', '--print-xmpp', 'all'], stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT, text=True)
        threading.Thread(target=self.read_output, daemon=True).start()

    def read_output(self):
        """Stanzas, written with namespaces in braces, each after a line that says which way it went."""
        way = ''
        for line in self.program.stdout:
            if line.startswith('XMPP '):
                way = line
            elif 'not-authorized' in line or 'Could not establish XMPP session' in line:
                print('# it says:', line.strip(), flush=True)
                self.over = self.over or 'refused'
            elif way.startswith('XMPP IN ') and '{jabber:x:data}:field' in line:
                self.has_form = True
            elif way.startswith('XMPP OUT ') and re.match(r'\s*<({jabber:client}:)?presence\b', line) and not self.ready:
                self.ready = True
                shell.say('ready')
            elif self.ready and way.startswith('XMPP OUT ROOT '):
                self.over = 'closed'  # it begins anew
        self.over = self.over or 'closed'

    def register(self):
        """In its windows, which stand where they always do; what is clicked before they do is clicked again."""
        def ask_for_the_form():
            for order in ('mousemove 600 522 click 1', 'mousemove 124 167 click 1', 'key ctrl+a',
                          f'type --delay 50 {account.host}', 'key Return'):
                self.desktop.type(*order.split())
                time.sleep(1)  # it draws
            for _ in range(10):
                if not self.has_form:
                    time.sleep(1)
            return self.has_form
        wait_until(ask_for_the_form, 'a form')
        time.sleep(1)
        for order in ('key ctrl+a', f'type --delay 50 {account.user}', 'key Tab', 'key ctrl+a',
                      f'type --delay 50 {account.password}', 'mousemove 300 235 click 1'):
            self.desktop.type(*order.split())
        wait_until(lambda: self.ready or self.over, 'a login')
        self.desktop.picture(f'dino-{account.user}-registered')
        self.desktop.type('key', 'Return')  # "Finish"

    def send(self, to, body):
        """Opens the conversation, and types."""
        if self.shown != to:
            self.desktop.start(['dino-im', f'xmpp:{to}?message'], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL).wait(terminal.PATIENCE)
            self.shown = to
            wait_until(lambda: connect(self.desktop).execute(
                'SELECT 1 FROM conversation JOIN jid ON jid.id = jid_id WHERE bare_jid = ? AND active = 1',
                (to,)).fetchone(), 'a conversation')
        self.desktop.type('type', '--delay', '100', body)
        self.desktop.type('key', 'Return')

    def look(self):
        """Says what has come since it was looked at last."""
        for number, sender, body in connect(self.desktop).execute(
                'SELECT message.id, bare_jid, body FROM message JOIN jid ON jid.id = counterpart_id'
                ' WHERE direction = ? AND message.id > ? ORDER BY message.id', (RECEIVED, self.last)):
            self.last = number
            shell.say(sender, body)


def main(home):
    if not namespaces.can():
        raise SystemExit('Dino needs a network and files of its own, and this user may not make namespaces')
    certificate = pathlib.Path(home, 'authorities.pem')
    certificate.write_text(shell.certificate(account))
    namespaces.replace(AUTHORITIES, str(certificate))
    desktop = Desktop(home)
    if not account.registers:
        prepare(desktop)
    dino, orders = Dino(desktop), []
    if account.registers:
        dino.register()
    shell.each_order(lambda to, body: orders.append((to, body)), lambda: setattr(dino, 'over', dino.over or 'closed'))
    while not dino.over:
        dino.look()
        if orders and dino.ready:
            dino.send(*orders.pop(0))
        time.sleep(0.1)
    desktop.picture(f'dino-{account.user}-{dino.over}')
    shell.say(dino.over)


with tempfile.TemporaryDirectory(prefix='jabberd-', ignore_cleanup_errors=True) as directory:
    main(directory)
shell.leave()
