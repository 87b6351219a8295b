#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Gajim itself, with its windows on a screen of their own and the interface for remote control that it has on its
D-Bus. The account is in its settings before it starts, the certificate in its store, as when its user has trusted it."""
import json
import pathlib
import sqlite3
import subprocess
import tempfile
import threading

import shell
from desktop import Desktop
from gi.repository import GLib

import child  # found by shell

account = shell.arguments()
NAME, PATH = 'org.gajim.Gajim', '/org/gajim/dbus/RemoteObject'
INTERFACE = 'org.gajim.dbus.RemoteInterface'
loop = GLib.MainLoop()

SETTINGS = {'remote_control': True, 'use_keyring': False, 'check_for_update': False, 'ask_online_status': False}


def account_settings():
    return {
        'account': {
            'name': account.user, 'hostname': account.host, 'resource': account.resource, 'password': account.password,
            'active': True, 'use_custom_host': True, 'custom_host': account.host, 'custom_port': account.port,
            'custom_type': 'DIRECT TLS' if account.how == 'direct' else 'START TLS',
        },
        'contact': {}, 'group_chat': {},
    }


def prepare(directory):
    """Settings as Gajim makes them, with an account; its own code makes what is empty in them."""
    from gajim.common.settings import CREATE_SQL
    (directory / 'cert_store').mkdir(parents=True)
    (directory / 'cert_store' / 'localhost').write_text(shell.certificate(account))
    database = sqlite3.connect(directory / 'settings.sqlite')
    database.executescript(CREATE_SQL)
    database.execute("UPDATE settings SET settings = ? WHERE name = 'app'", (json.dumps(SETTINGS),))
    database.execute('INSERT INTO account_settings(account, settings) VALUES (?, ?)',
                     (account.host, json.dumps(account_settings())))
    database.commit()
    database.close()


def main(home):
    desktop = Desktop(home)
    directory = pathlib.Path(home, 'gajim')
    prepare(directory)
    for path in [directory, *directory.rglob('*')]:
        child.give_to_nobody(path)
    gajim = desktop.start(['gajim', '-c', str(directory), '-v'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)
    ready = False

    def call(method, types, *values):
        return desktop.bus.call(NAME, PATH, INTERFACE, method, GLib.Variant(f'({types})', values))[0]

    def end(why):
        desktop.picture(f'gajim-{account.user}-{why}')
        shell.say(why)
        loop.quit()

    def look():
        nonlocal ready
        try:
            status = call('get_status', 's', account.host)
        except GLib.Error:  # it has none yet: it takes its time with that
            return True
        if not ready and status == 'online':
            ready = True
            shell.say('ready')
        if ready and status == 'offline':
            end('closed')
        return True

    def read_log():
        for line in gajim.stdout:
            if 'not-authorized' in line:
                print('# it says:', line.strip(), flush=True)
                GLib.idle_add(end, 'refused')

    desktop.bus.on_signal(INTERFACE, 'NewMessage', lambda given: shell.say(*given[0][1][:2]))
    GLib.timeout_add(200, look)
    threading.Thread(target=read_log, daemon=True).start()
    shell.each_order(lambda to, body: GLib.idle_add(lambda: call('send_chat_message', 'sss', to, body, account.host) and False),
                     lambda: GLib.idle_add(end, 'closed'))
    loop.run()


with tempfile.TemporaryDirectory(prefix='jabberd-', ignore_cleanup_errors=True) as directory:
    main(directory)
shell.leave()
