#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Profanity itself, in a terminal: typed to, and its log read. The mechanism is its library's choice. It shows a
certificate that it does not know and asks; we compare the fingerprint, as its user would."""
import hashlib
import os
import pathlib
import re
import ssl
import tempfile
import time
import xml.etree.ElementTree

import pexpect
import shell

import child  # found by shell

CERTIFICATE = '-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----'
SHOWN_FINGERPRINT = r'Fingerprint(?:\x1b\[[\d;]*[a-zA-Z]|[ :])*([0-9a-f]{40})'  # with changes of colour before it

account = shell.arguments()


def fingerprint():
    pem = re.search(CERTIFICATE, pathlib.Path(account.ca_file).read_text(), re.DOTALL).group()
    return hashlib.sha1(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


def start(home):
    environment = dict(os.environ, HOME=home, LANG='C.UTF-8', TERM='xterm')
    for kind in ('CACHE', 'CONFIG', 'DATA'):
        environment[f'XDG_{kind}_HOME'] = f'{home}/{kind.lower()}'
    return pexpect.spawn('profanity', ['-l', 'DEBUG', '-f', f'{home}/log'], env=environment, dimensions=(50, 200),
                         timeout=30, encoding='utf-8', preexec_fn=child.ends_with_us)


class Log:
    """What it writes there: stanzas as they come, and what became of the login."""

    def __init__(self, path):
        self.file = open(path, encoding='utf-8')
        self.line = ''

    def next(self):
        """The next line if there is one: does not wait."""
        self.line += self.file.readline()
        if not self.line.endswith('\n'):
            return None
        line, self.line = self.line.rstrip('\n'), ''
        return line


def show(line):
    """Says what the line of the log means to a user. False when the connection is over."""
    if 'logged in successfully' in line:
        shell.say('ready')
    if 'Connection handler: XMPP_CONN_DISCONNECT' in line:
        return False
    _, received, stanza = line.partition('RECV: ')
    if received and stanza.startswith('<message'):
        message = xml.etree.ElementTree.fromstring(stanza)
        body = next((child.text for child in message if child.tag.endswith('body')), None)
        if body:
            shell.say(message.get('from'), body)
    return True


def main(home):
    terminal = start(home)
    terminal.expect('Profanity')
    # What is typed before it listens gets lost; it has said so in its log when it does.
    log = Log(f'{home}/log')
    wait_for(log, 'Starting main event loop')
    policy = 'legacy' if account.how == 'direct' else 'force'
    terminal.send(f'/connect {account.full_jid} server 127.0.0.1 port {account.port} tls {policy}\r')
    terminal.expect('Enter password')
    terminal.send(account.password + '\r')
    terminal.expect(SHOWN_FINGERPRINT)
    terminal.send('/tls allow\r' if terminal.match.group(1) == fingerprint() else '/tls deny\r')

    orders = []
    shell.each_order(lambda to, body: orders.append(f'/msg {to} {body}'), lambda: orders.append('/quit'))
    was_ready = False
    while terminal.isalive():
        line = log.next()
        while line is not None:
            was_ready = was_ready or 'logged in successfully' in line
            if not show(line):
                shell.say('closed' if was_ready else 'refused')
                terminal.close(force=True)
                return
            line = log.next()
        if orders and was_ready:
            terminal.send(orders.pop(0) + '\r')
        try:  # what it draws has to be taken from it, or it stops
            terminal.read_nonblocking(65536, timeout=0.05)
        except (pexpect.TIMEOUT, pexpect.EOF):
            pass


def wait_for(log, text):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        line = log.next()
        if line is None:
            time.sleep(0.02)
        elif text in line:
            return
    raise SystemExit(f'profanity does not say: {text}')


with tempfile.TemporaryDirectory() as directory:
    main(directory)
shell.leave()
