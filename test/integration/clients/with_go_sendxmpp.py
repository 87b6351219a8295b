#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""go-sendxmpp itself: one that listens, and one for each message that is sent. It knows PLAIN only, names its resource
by itself, and prints the bare address of who sends."""
import os
import re
import subprocess
import sys

import shell

import child  # found by shell

account = shell.arguments()
command = ['go-sendxmpp', '--username', account.jid, '--password', account.password,
           '--jserver', f'{account.host}:{account.port}']
if account.how == 'direct':
    command.append('--tls')
environment = dict(os.environ, SSL_CERT_FILE=account.ca_file)


def send(to, body):
    subprocess.run(command + [to], input=body + '\n', env=environment, text=True, timeout=30, check=True,
                   preexec_fn=child.ends_with_us)


listener = subprocess.Popen(command + ['--listen', '--debug'], env=environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=child.ends_with_us)
ready = False
heard = []
shell.each_order(send, listener.terminate)
for line in listener.stdout:
    heard.append(line)
    # Debugging, it prints the stanzas as they come, too: that one says that it is bound.
    if not ready and '<jid>' in line:
        ready = True
        shell.say('ready')
    message = re.fullmatch(r'\d{4}-\S+Z (\S+@\S+): (.*)\n', line)
    if message:
        shell.say(*message.groups())
listener.wait()
if not ready:
    sys.stderr.writelines(heard)  # for whoever asks why
shell.say('closed' if ready else 'refused')
shell.leave()
