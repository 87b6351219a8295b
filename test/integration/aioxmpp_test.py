#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""aioxmpp's own end-to-end tests against the whole server; says in TAP how each went.
Usage: aioxmpp_test.py DIRECTORY LIST

DIRECTORY holds its `tests`, which come with its source only; the library under them is the one that is installed. LIST
names those that need what we do not have, with the reason; all others must pass, and those must not."""
import fnmatch
import json
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import child
import whole_server

ACCOUNTS = ['first', 'second', 'third', 'fourth', 'fifth']  # one test needs no more than that many at a time
PINS = 1  # the whole certificate, not its key

# These tests send on one connection what counts on another's being heard first. So it is where one thread reads both;
# two read in whatever order they run, and XMPP promises none between connections.
IN_ORDER = '<threads>1</threads>'

CONFIGURATION = '''[global]
provisioner=aioxmpp.e2etest.provision.StaticPasswordProvisioner
timeout=20
[aioxmpp.e2etest.provision.StaticPasswordProvisioner]
host=localhost
port={port}
pin_store={pins}
pin_type={pin_type}
accounts={accounts!r}
'''


def skip_all(reason):
    print(f'1..0 # SKIP {reason}')
    raise SystemExit(0)


def configure(directory, server):
    pem = server.ca_file.read_text()
    certificate = pem[pem.index('-----BEGIN CERTIFICATE-----'):].split('-----')[2]
    pins, path = directory / 'pins.json', directory / 'e2e.ini'
    pins.write_text(json.dumps({'localhost': [certificate.replace('\n', '')]}))
    path.write_text(CONFIGURATION.format(port=server.port, pins=pins, pin_type=PINS,
                                         accounts=[(name, whole_server.PASSWORD) for name in ACCOUNTS]))
    return path


def run(tests, directory, server):
    """(name, "passed", "failed" or "skipped", why) of each."""
    report = directory / 'report.xml'
    modules = sorted(str(path.relative_to(tests)) for path in (tests / 'tests').rglob('test_e2e.py'))
    done = subprocess.run(
        [sys.executable, '-m', 'pytest', '-p', 'aioxmpp.e2etest', f'--e2etest-config={configure(directory, server)}',
         '--e2etest-only', '-q', '-p', 'no:cacheprovider', '--import-mode=importlib', f'--junitxml={report}'] + modules,
        cwd=tests, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=240,
        preexec_fn=child.ends_with_us)
    if not report.exists():
        raise SystemExit(done.stdout)
    for case in xml.etree.ElementTree.parse(report).getroot().iter('testcase'):
        name = case.get('classname').removeprefix('tests.') + '.' + case.get('name')
        outcome, why = 'passed', ''
        for ending in case:
            if ending.tag in ('failure', 'error', 'skipped'):
                outcome = 'skipped' if ending.tag == 'skipped' else 'failed'
                why = (ending.get('message') or '') + '\n' + (ending.text or '')
        yield name, outcome, why


def read_list(path):
    """(pattern, reason) from lines "pattern: reason"."""
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith('#')]
    return [tuple(part.strip() for part in line.split(':', 1)) for line in lines]


def report(results, needs):
    for number, (name, outcome, why) in enumerate(results, 1):
        reason = next((reason for pattern, reason in needs if fnmatch.fnmatch(name, pattern)), None)
        if reason is None:
            print('ok' if outcome == 'passed' else 'not ok', number, '-', name)
        elif outcome == 'passed':
            print('not ok', number, '-', name, '(passes, but is in the list)')
        else:
            print('ok', number, '-', name, '# SKIP', reason)
        if reason is None and outcome != 'passed':
            print('\n'.join(f'# {line}' for line in why.splitlines()[-40:]))
    print(f'1..{len(results)}', flush=True)


def main():
    tests, needs = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    try:
        import aioxmpp.e2etest  # noqa: F401
    except ImportError:
        skip_all('aioxmpp or pytest is not installed')
    if not (tests / 'tests').is_dir():
        skip_all('the source of aioxmpp is not there; test/integration/other_clients.sh brings it')
    with tempfile.TemporaryDirectory() as directory, whole_server.WholeServer(IN_ORDER) as server:
        for name in ACCOUNTS:
            whole_server.register(server.port, server.ca_file, name)
        report(list(run(tests, pathlib.Path(directory), server)), read_list(needs))


if __name__ == '__main__':
    main()
