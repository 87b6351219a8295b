#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The status page in Chromium: it draws what the server measures, under a policy that allows it nothing else. Usage: status_page_test.py CHROMIUM SCREENSHOT     where the picture is put

Needs what WholeServer needs."""
import contextlib
import re
import subprocess
import sys
import tempfile
import urllib.request

import child
import tap
import whole_server

CHROMIUM, SCREENSHOT = sys.argv[1:]
LOOKED_FOR_MS = 12000  # of the page's own time: two more looks


def chromium(url, *arguments):
    """What it prints, and what the page has logged."""
    with tempfile.TemporaryDirectory(prefix='jabberd-') as home:
        done = subprocess.run([CHROMIUM, '--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars',
                               '--disable-background-networking', f'--user-data-dir={home}', '--enable-logging=stderr',
                               f'--virtual-time-budget={LOOKED_FOR_MS}', *arguments, url],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=whole_server.PATIENCE,
                              preexec_fn=child.ends_with_us)
    if done.returncode != 0:
        raise RuntimeError(f'chromium ended with {done.returncode}: {done.stderr[-2000:]}')
    return done.stdout, re.findall(r'CONSOLE[^\n]*', done.stderr)


def draws_what_is_measured(server, url):
    with contextlib.ExitStack() as clients:
        for _ in range(3):
            clients.enter_context(whole_server.connected(server.port, server.ca_file))
        page, console = chromium(url, '--dump-dom')
        picture, console_of_picture = chromium(url, f'--screenshot={SCREENSHOT}', '--window-size=1280,900')
    assert not console and not console_of_picture, f'{console} {console_of_picture}'
    for text in ('<h2>Connections</h2>', 'unknown 3', 'socket_manager 0.', 'certificate localhost', 'of clients',
                 'Stanzas a second', 'up to 3', '<polyline class="s0"'):
        assert text in page, f'{text} is not in the page:\n{page[page.index("<main"):page.index("<noscript")]}'
    state = page[page.index('<header'):page.index('<main')]
    assert 'as of ' in state and 'does not answer' not in state, state
    with open(SCREENSHOT, 'rb') as image:
        assert image.read(8) == b'\x89PNG\r\n\x1a\n'


def allows_nothing_else(_server, url):
    with urllib.request.urlopen(url, timeout=whole_server.PATIENCE) as answer:
        policy, page = answer.headers['Content-Security-Policy'], answer.read().decode()
    assert "default-src 'none'" in policy and "'unsafe" not in policy and "frame-ancestors 'none'" in policy, policy
    assert not re.search(r'(?:src|href)=["\']?(?:https?:)?//', page), 'it names a resource elsewhere'
    assert 'innerHTML' not in page and 'document.write' not in page


def runs_no_other_script(_server, url):
    """The policy itself, in Chromium: what is not by its hash in it does not run."""
    with urllib.request.urlopen(url, timeout=whole_server.PATIENCE) as answer:
        policy, page = answer.headers['Content-Security-Policy'], answer.read().decode()
    with tempfile.NamedTemporaryFile('w', suffix='.html') as changed:
        changed.write(page.replace('<head>', f'<head><meta http-equiv="Content-Security-Policy" content="{policy}">')
                      .replace("'use strict';", "'use strict'; /* another */"))
        changed.flush()
        shown, console = chromium('file://' + changed.name, '--dump-dom')
    assert 'reading …' in shown and any('Content Security Policy' in line for line in console), console


def main():
    tests = [allows_nothing_else, draws_what_is_measured, runs_no_other_script]
    report = tap.Report(len(tests))
    with whole_server.WholeServer(host="<metrics port='0' page='yes'/>") as server:
        url = server.metrics.removesuffix('metrics')
        for test in tests:
            with report.case(test.__name__):
                test(server, url)
    return report.failed


if __name__ == '__main__':
    raise SystemExit(main())
