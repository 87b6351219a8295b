#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What testssl.sh finds on our STARTTLS port must not be worse than LOW. Takes half a minute: its slow checks (each cipher
by itself, simulated clients) are left out, every known weakness is in."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import child
import whole_server

CHECKS = ['--protocols', '--standard', '--server-defaults', '--server-preference', '--pfs', '--rc4', '--heartbleed',
          '--ccs-injection', '--ticketbleed', '--robot', '--renegotiation', '--compression', '--poodle',
          '--tls-fallback', '--sweet32', '--beast', '--lucky13', '--freak', '--logjam', '--drown']

# What is so on purpose, by the id of the finding.
EXPECTED = {
    'cert_chain_of_trust': 'the certificate is self-signed, made at the first start',
    'cert_revocation': 'nobody else signed it, so nobody can revoke it',
}
BAD = ('MEDIUM', 'HIGH', 'CRITICAL', 'FATAL')


def findings(server, directory):
    path = directory / 'findings.json'
    done = subprocess.run(
        ['testssl', '--starttls', 'xmpp', '--xmpphost', 'localhost', '--ip', '127.0.0.1', '--nodns', 'none',
         '--warnings', 'off', '--color', '0', '--connect-timeout', '10', '--openssl-timeout', '10',
         '--jsonfile', str(path)] + CHECKS + [f'localhost:{server.port}'],
        cwd=directory, env=dict(os.environ, HOME=str(directory)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=400, preexec_fn=child.ends_with_us)
    if not path.exists():
        raise SystemExit(done.stdout)
    return json.loads(path.read_text())


def main():
    if shutil.which('testssl') is None:
        print('testssl.sh is not installed')
        raise SystemExit(77)
    with tempfile.TemporaryDirectory() as directory, whole_server.WholeServer() as server:
        found = findings(server, pathlib.Path(directory))
    for finding in found:
        print(finding['id'], finding['severity'], finding['finding'])
    if not any(finding['id'] == 'TLS1_3' for finding in found):
        raise SystemExit('it did not get as far as TLS')
    bad = [finding for finding in found if finding['severity'] in BAD and finding['id'] not in EXPECTED]
    for finding in bad:
        print('NOT GOOD ENOUGH:', finding['id'], finding['severity'], finding['finding'], file=sys.stderr)
    raise SystemExit(1 if bad else 0)


main()
