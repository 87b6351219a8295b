#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Mcabber itself, in a terminal: typed to, and its log and its history read. It is told the fingerprint that the
certificate must have. It cannot make accounts, nor choose a mechanism: loudmouth knows PLAIN and DIGEST-MD5."""
import pathlib
import tempfile

import shell
import terminal

account = shell.arguments()

CONFIGURATION = '''set jid = {account.jid}
set password = {account.password}
set server = {account.host}
set port = {account.port}
set resource = {account.resource}
set disable_random_resource = 1
set tls = {starttls}
set ssl = {direct}
set ssl_fingerprint = SHA256:{fingerprint}
set ssl_ignore_checks = 1
set logging = 1
set logging_dir = {home}/history
set tracelog_level = 1
set tracelog_file = {home}/log
'''


def write_configuration(home):
    path = pathlib.Path(home, 'mcabberrc')
    path.write_text(CONFIGURATION.format(
        account=account, home=home, starttls=int(account.how == 'starttls'), direct=int(account.how == 'direct'),
        fingerprint=shell.fingerprint(account, 'sha256')))
    path.chmod(0o600)
    return str(path)


def main(home):
    program = terminal.spawn('mcabber', ['-f', write_configuration(home)], home)
    log, history = terminal.Lines(f'{home}/log'), terminal.Lines(f'{home}/history')
    orders, ready = [], False
    shell.each_order(lambda to, body: orders.append(f'/say_to -q {to} {body}'), lambda: orders.append('/quit'))
    while program.isalive():
        terminal.drain(program)
        while (line := log.next()) is not None:
            if not ready and 'Your status has been set' in line[1]:
                ready = True
                shell.say('ready')
            if 'Authentication failed' in line[1] or 'Disconnected' in line[1]:
                return shell.say('closed' if ready else 'refused')
        # A file for each contact: "MR TIME LINES BODY" is a message received.
        while (line := history.next()) is not None:
            kind, _, _, body = (line[1] + '   ').split(' ', 3)
            if kind == 'MR':
                shell.say(line[0], body.rstrip(' '))
        if orders and ready:
            program.send(orders.pop(0) + '\r')
    return shell.say('closed' if ready else 'refused')


with tempfile.TemporaryDirectory(prefix='jabberd-') as directory:
    main(directory)
shell.leave()
