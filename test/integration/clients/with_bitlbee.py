#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""BitlBee itself: IRC is talked to it on its standard input. It cannot make accounts, and chooses the mechanism."""
import itertools
import os
import pathlib
import re
import socket
import subprocess
import tempfile

import shell
from forwarding import forward

import child  # found by shell

account = shell.arguments()
CONTROL = '&bitlbee'
PORTS = range(5220, 5300)  # those that it takes a server to have


def listen():
    for port in PORTS:
        try:
            return socket.create_server(('127.0.0.1', port))
        except OSError:
            continue
    raise SystemExit('none of its ports is free')


class Irc:
    def __init__(self, home):
        pathlib.Path(home, 'conf').write_text(f'[settings]\nCAfile = {account.ca_file}\n')
        self.ours, theirs = socket.socketpair()
        self.program = subprocess.Popen(['/usr/sbin/bitlbee', '-I', '-c', f'{home}/conf', '-d', home], stdin=theirs,
                                        env=dict(os.environ, HOME=home), preexec_fn=child.ends_with_us)
        theirs.close()
        self.nicks, self.numbers = {}, itertools.count()

    def say(self, line):
        self.ours.sendall(f'{line}\r\n'.encode())

    def order(self, words):
        self.say(f'PRIVMSG {CONTROL} :{words}')

    def message(self, to, body):
        if to not in self.nicks:
            self.nicks[to] = f'to{next(self.numbers)}'
            self.order(f'add -tmp 0 {to} {self.nicks[to]}')
        self.say(f'PRIVMSG {self.nicks[to]} :{body}')


def log_in(irc, port):
    irc.say('NICK tester')
    irc.say('USER tester 0 * :tester')
    irc.order(f'account add jabber {account.jid}/{account.resource} "{account.password}"')
    for setting in (f'server {account.host}', f'port {port}', 'tls true', 'tls_verify true'):
        irc.order(f'account 0 set {setting}')
    irc.order('account 0 on')


def main(home):
    listener = listen()
    forward(listener, account.port)
    irc, ready = Irc(home), False
    log_in(irc, listener.getsockname()[1])
    for line in irc.ours.makefile('rb'):
        line = line.decode(errors='replace').rstrip('\r\n')
        sender, _, rest = line.partition(' ')
        if rest.startswith(f'PRIVMSG {CONTROL} '):
            if sender.startswith(':root!'):
                print('#', line, flush=True)  # it tells why
            if not ready and 'Logged in' in rest:
                ready = True
                shell.say('ready')
                shell.each_order(irc.message, lambda: irc.say('QUIT'))
            if re.search(r'Login error|Signing off|Disconnected', rest, re.IGNORECASE):
                break
        # Those of a contact, and in the control channel of one that is none.
        message = re.match(rf'PRIVMSG (?:tester|{CONTROL}) :(?:tester: )?(.*)', rest)
        if message and not sender.startswith(':root!'):
            nick, _, address = sender.removeprefix(':').partition('!')
            irc.nicks.setdefault(address, nick)
            shell.say(address, message.group(1))
    shell.say('closed' if ready else 'refused')
    irc.program.kill()


with tempfile.TemporaryDirectory(prefix='jabberd-') as directory:
    main(directory)
shell.leave()
