#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What Prometheus finds at a running server: samples that are right, that cross a swap, that are all in the table of
examples/operations/README.md; and a dashboard and alerts that name nothing else. Usage: metrics_test.py OPERATIONS

Needs what WholeServer needs, JABBERD_CTL, LINK and UPSTREAM, and for the last tests promtool (Debian's prometheus)."""
import base64
import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.parse

import tap
import whole_server
from metrics_host import HOST

OPERATIONS = pathlib.Path(sys.argv[1])
OPEN_METRICS = 'application/openmetrics-text'
PROMETHEUS_2_42 = (OPEN_METRICS + ';version=1.0.0,' + OPEN_METRICS +
                   ';version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1')
TYPES = {'counter': ('_total',), 'gauge': ('',), 'histogram': ('_bucket', '_sum', '_count')}


def ask(server, method='GET', path='/metrics', accept=None):
    to = urllib.parse.urlsplit(server.metrics)
    connection = http.client.HTTPConnection(to.hostname, to.port, timeout=whole_server.PATIENCE)
    connection.request(method, path, headers={'Accept': accept} if accept else {})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer, body


def scrape(server):
    """Each sample by its name and labels as they are written."""
    return samples(ask(server)[1])


def samples(text):
    found = {}
    for line in text.splitlines():
        if not line.startswith('#'):
            series, value = line.rsplit(' ', 1)
            assert series not in found, f'{series} is there twice'
            found[series] = float(value)
    return found


def families(text):
    """Types by name, of the format in which a name is a sample's."""
    return dict(re.findall(r'^# TYPE (\S+) (\S+)$', text, re.M))


def log_in(server, name, password=whole_server.PASSWORD):
    """By SASL PLAIN inside STARTTLS, and a resource. Yields nothing: the connection is closed. Whether it succeeded."""
    with whole_server.connected(server.port, server.ca_file) as connection:
        secret = base64.b64encode(f'\0{name}\0{password}'.encode()).decode()
        connection.sendall(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>".encode())
        answer = connection.recv(65536)
        if b'<success' not in answer:
            connection.sendall(b'</stream:stream>')
            return False
        connection.sendall(whole_server.header().encode())
        whole_server._read_until(connection, b'</stream:features>')
        connection.sendall(b"<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>")
        whole_server._read_until(connection, b"type='result'")
        during = scrape(server)
        assert during['socket_manager_connections{service="c2s",state="authenticated",transport="tls"}'] == 1, during
        assert during['session_manager_sessions{service="sessions"}'] == 1, during
        connection.sendall(b'</stream:stream>')
        return True


def is_well_formed(server):
    answer, plain = ask(server)
    assert answer.status == 200 and answer.getheader('Content-Type') == 'text/plain; version=0.0.4; charset=utf-8'
    answer, opened = ask(server, accept=PROMETHEUS_2_42)
    assert answer.getheader('Content-Type') == OPEN_METRICS + '; version=1.0.0; charset=utf-8'
    assert opened.endswith('# EOF\n') and '# EOF' not in plain
    types = families(plain)
    assert len(types) == plain.count('# TYPE ') == opened.count('# TYPE ') > 40
    for series in samples(plain):
        name = series.split('{')[0]
        assert any(name in (family + ending, family) for family, kind in types.items()
                   for ending in TYPES[kind]), f'{name} is of no family'
    head, nothing = ask(server, method='HEAD')
    assert nothing == '' and int(head.getheader('Content-Length')) > 1000
    assert ask(server, path='/else')[0].status == 404 and ask(server, method='DELETE')[0].status == 405


def is_what_jabberd_ctl_prints(server):
    assert families(server.ctl('metrics')) == families(ask(server)[1])
    assert samples(server.ctl('metrics')).keys() == scrape(server).keys()


def counts_what_clients_do(server):
    whole_server.register(server.port, server.ca_file, 'alice')
    before = scrape(server)
    assert log_in(server, 'alice') and not log_in(server, 'alice', 'wrong')
    after = scrape(server)
    for series, more in {
            'socket_manager_logins_total{service="c2s",mechanism="PLAIN",result="accepted"}': 1,
            'socket_manager_logins_total{service="c2s",mechanism="PLAIN",result="refused"}': 1,
            'socket_manager_logins_total{service="c2s",mechanism="other",result="refused"}': 0,
            'socket_manager_accepted_total{service="c2s"}': 2,
            'socket_manager_login_seconds_count{service="c2s"}': 1,
            'session_manager_logins_total{service="sessions",profile="sasl",result="accepted"}': 1,
            'session_manager_logins_total{service="sessions",profile="sasl",result="not-authorized"}': 1,
            'session_manager_storage_jobs_total{service="sessions",result="failed"}': 0}.items():
        assert after[series] - before[series] == more, f'{series}: {before[series]}, then {after[series]}'
    assert after['socket_manager_traffic_bytes_total{service="c2s",direction="in"}'] > 500
    assert after['session_manager_storage_seconds_count{service="sessions"}'] > 2
    assert after['session_manager_accounts{service="sessions"}'] == 1
    assert after['jabberd_packets_total{service="sessions",kind="iq",result="taken"}'] > 2
    assert after['socket_manager_loop_busy_seconds_total{service="c2s",loop="0"}'] > 0
    expiry = [value for series, value in after.items() if series.startswith('socket_manager_certificate_expiry_timestamp')]
    assert len(expiry) == 1 and expiry[0] > after['process_start_time_seconds'] + 86400


def only_grows_over_a_swap(server):
    before = scrape(server)
    server.swap()
    after = scrape(server)
    assert after['jabberd_swaps_total{service="c2s",result="done"}'] == 1
    counters = {name for name, kind in families(server.ctl('metrics')).items() if kind == 'counter'}
    for series, value in before.items():
        name = series.split('{')[0]
        if name in counters or name.endswith(('_bucket', '_sum', '_count')):
            assert after[series] >= value, f'{series}: {value} before the swap, {after[series]} behind it'
    assert after['socket_manager_logins_total{service="c2s",mechanism="PLAIN",result="accepted"}'] > 0


def knows_a_link_that_is_down(server):
    assert scrape(server)['link_up{service="link",peer="b"}'] == 0
    assert scrape(server)['upstream_clients{service="behind",state="session"}'] == 0


def counts_reloads(server):
    server.ctl('reload')
    assert scrape(server)['jabberd_reloads_total{result="complete"}'] == 1


def documented():
    """Names and types in the tables of the README."""
    rows = re.findall(r'^\| `(\w+)`[^|]*\| (counter|gauge|histogram) \|', (OPERATIONS / 'README.md').read_text(), re.M)
    assert len(rows) == len(dict(rows)), 'a metric is documented twice'
    return dict(rows)


def is_documented(server):
    undocumented = set(families(ask(server)[1]).items()) - set(documented().items())
    assert not undocumented, f'not in the table: {sorted(undocumented)}'
    gone = set(documented()) - set(families(ask(server)[1]))
    assert not gone, f'in the table, and not there: {sorted(gone)}'


def named(expression):
    return re.findall(r'\b(?:jabberd|socket_manager|session_manager|link|upstream|process)_\w+', expression)


def expressions():
    dashboard = json.loads((OPERATIONS / 'dashboard.json').read_text())
    for panel in dashboard['panels']:
        for target in panel.get('targets', []):
            yield f'panel {panel["title"]}', target['expr']
    for line in re.findall(r'^ *(?:-? *)expr: (.*)$', (OPERATIONS / 'alerts.yml').read_text(), re.M):
        yield 'alert', line


def names_nothing_else(_server):
    known = documented()
    count = 0
    for where, expression in expressions():
        for name in named(expression):
            family = re.sub(r'_(bucket|sum|count)$', '', name)
            assert name in known or known.get(family) == 'histogram', f'{where}: there is no {name}'
            count += 1
    assert count > 20


def promtool(*arguments, said=None):
    program = shutil.which('promtool')
    if program is None:
        return 'promtool is not installed (Debian: prometheus)'
    done = subprocess.run([program, *arguments], input=said, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=whole_server.PATIENCE)
    assert done.returncode == 0 and 'error' not in done.stdout.lower(), done.stdout
    return None


def passes_promtool(server):
    return promtool('check', 'metrics', said=server.ctl('metrics'))


def has_alerts_that_promtool_reads(_server):
    return promtool('check', 'rules', str(OPERATIONS / 'alerts.yml'))


def has_alerts_that_fire(_server):
    return promtool('test', 'rules', str(OPERATIONS / 'alerts_test.yml'))


def main():
    tests = [is_well_formed, is_what_jabberd_ctl_prints, counts_what_clients_do, only_grows_over_a_swap,
             knows_a_link_that_is_down, counts_reloads, is_documented, names_nothing_else, passes_promtool, has_alerts_that_promtool_reads, has_alerts_that_fire]
    report = tap.Report(len(tests))
    with whole_server.WholeServer(host=HOST.format(**os.environ)) as server:
        for test in tests:
            with report.case(test.__name__) as case:
                case.skipped = test(server)
    return report.failed


if __name__ == '__main__':
    raise SystemExit(main())
