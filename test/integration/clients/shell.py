# SPDX-License-Identifier: LGPL-2.1-or-later
"""What shell.h is to the clients in C, for those in Python: arguments, input and output are told there."""
import argparse
import hashlib
import os
import pathlib
import re
import ssl
import sys
import threading

sys.path.append(str(pathlib.Path(__file__).parents[1]))  # for what the tests beside us share


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument('port', type=int)
    for name in ('host', 'user', 'resource', 'password'):
        parser.add_argument(name)
    parser.add_argument('how', choices=('starttls', 'direct'))
    parser.add_argument('mechanism')  # or "any"
    parser.add_argument('ca_file')
    parser.add_argument('registers', nargs='?', choices=('register',))
    account = parser.parse_args()
    account.jid = f'{account.user}@{account.host}'
    account.full_jid = f'{account.jid}/{account.resource}'
    return account


def certificate(account):
    """It, without the key that is in the same file."""
    return re.search('-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n',
                     pathlib.Path(account.ca_file).read_text(), re.DOTALL).group()


def fingerprint(account, kind):
    """As it is shown to a user."""
    return hashlib.new(kind, ssl.PEM_cert_to_DER_cert(certificate(account))).hexdigest()


def comes_back():
    """Whether the client is to come back when its connection is lost."""
    return 'COMES_BACK' in os.environ


def say(what, body=None):
    print(what if body is None else f'{what} {body}', flush=True)


def each_order(told, ended):
    """On a thread of its own: calls told(address, body) for each line of the input, then ended()."""
    def read():
        for line in sys.stdin:
            address, _, body = line.rstrip('\n').partition(' ')
            told(address, body)
        ended()
    threading.Thread(target=read, daemon=True).start()


def leave():
    """Now, whatever threads there are."""
    sys.stdout.flush()
    os._exit(0)
