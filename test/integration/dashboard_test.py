#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The dashboard of examples/operations/ over a server that a real Prometheus watches while people chat and one floods: each
panel's questions are answered, and a picture of all of them is left. Says in TAP how each part went.
Usage: dashboard_test.py OPERATIONS PICTURE [SECONDS]

Needs what WholeServer needs, LINK and UPSTREAM, Debian's prometheus, and for the picture python3-matplotlib."""
import base64
import contextlib
import datetime
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import child
import metrics_host
import tap
import whole_server

OPERATIONS, PICTURE = pathlib.Path(sys.argv[1]), sys.argv[2]
SECONDS = int(sys.argv[3]) if len(sys.argv) > 3 else 20  # of chat, and as many of chat and a flood
PAIRS = 8
UNITS = {'percentunit': lambda value: f'{value:.1%}', 's': lambda value: f'{value / 86400:.0f} days' if abs(value) > 86400 else f'{value:.3g} s'}


class Client:
    """Logs in by SASL PLAIN inside TLS, and says the same again and again from a thread of its own; what it is told it
    reads and forgets."""

    def __init__(self, server, name):
        self._context = whole_server.connected(server.port, server.ca_file)
        self._stream = self._context.__enter__()
        secret = base64.b64encode(f'\0{name}\0{whole_server.PASSWORD}'.encode()).decode()
        self._ask(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>", b'<success')
        self._ask(whole_server.header(), b'</stream:features>')
        self._ask("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>", b"type='result'")
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._read, daemon=True)]
        self._threads[0].start()

    def _ask(self, text, answer):
        self._stream.sendall(text.encode())
        whole_server._read_until(self._stream, answer)

    def _read(self):
        with contextlib.suppress(OSError, ValueError):
            while self._stream.recv(65536):
                pass

    def says(self, text, seconds):
        def say():
            with contextlib.suppress(OSError, ValueError):
                while not self._over.wait(seconds):
                    self._stream.sendall(text.encode())
        self._threads.append(threading.Thread(target=say, daemon=True))
        self._threads[-1].start()

    def leaves(self):
        self._over.set()
        with contextlib.suppress(OSError):
            self._stream.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(whole_server.PATIENCE)
        self._context.__exit__(None, None, None)


class Prometheus:
    """Scrapes the server each second, and is asked as Grafana asks it."""

    def __init__(self, server, directory):
        scraped = urllib.parse.urlsplit(server.metrics).netloc
        configuration = pathlib.Path(directory) / 'prometheus.yml'
        configuration.write_text(json.dumps({'global': {'scrape_interval': '1s'}, 'scrape_configs': [
            {'job_name': 'jabberd', 'static_configs': [{'targets': [scraped]}]}]}))
        with socket.create_server(('127.0.0.1', 0)) as free:
            self._at = '127.0.0.1:%d' % free.getsockname()[1]
        with open(f'{directory}/prometheus.log', 'w') as log:
            self._process = subprocess.Popen(['prometheus', f'--config.file={configuration}', f'--storage.tsdb.path={directory}/data',
                                              f'--web.listen-address={self._at}'], stdout=log, stderr=log, preexec_fn=child.ends_with_us)
        self._log = pathlib.Path(directory) / 'prometheus.log'

    def ask(self, expression, start, end):
        question = urllib.parse.urlencode({'query': expression, 'start': start, 'end': end, 'step': 1})
        with urllib.request.urlopen(f'http://{self._at}/api/v1/query_range?{question}', timeout=whole_server.PATIENCE) as answer:
            return json.load(answer)['data']['result']

    def wait(self):
        deadline = time.monotonic() + whole_server.PATIENCE
        while True:
            with contextlib.suppress(OSError):
                if any(float(value) == 1 for series in self.ask('up', time.time() - 5, time.time()) for _, value in series['values']):
                    return
            assert time.monotonic() < deadline and self._process.poll() is None, self._log.read_text()
            time.sleep(0.2)

    def ends(self):
        self._process.terminate()
        self._process.wait(whole_server.PATIENCE)


def panels():
    return json.loads((OPERATIONS / 'dashboard.json').read_text())['panels']


def asked(panel, prometheus, start, end):
    """The series of a panel, each with its name in the legend, in the order of its questions."""
    for target in panel['targets']:
        for series in prometheus.ask(target['expr'].replace('$instance', '.*'), start, end):
            legend = re.sub(r'{{\s*(\w+)\s*}}', lambda label: series['metric'].get(label[1], ''), target.get('legendFormat', ''))
            yield legend, [(float(at), float(value)) for at, value in series['values'] if value != 'NaN']


class Shown:
    """What each panel shows after a while of chat, and a while with one who floods."""

    def __init__(self, server, prometheus):
        prometheus.wait()
        self.start = time.time()
        clients = [Client(server, f'user{number}') for number in range(2 * PAIRS)]
        for number, client in enumerate(clients):
            client.says(f"<message type='chat' to='user{number ^ 1}@localhost/r'><body>{'hello ' * 10}</body></message>", 0.05)
        time.sleep(SECONDS)
        self.flood_begins = time.time()
        flooder = Client(server, 'flooder')
        flooder.says("<message to='user0@localhost/r'><body>x</body></message>" * 200, 0.001)
        server.swap()
        time.sleep(SECONDS)
        self.end = time.time()
        self.of = {panel['title']: list(asked(panel, prometheus, self.start, self.end)) for panel in panels()}
        for client in [*clients, flooder]:
            client.leaves()


def has_something_in_each_panel(shown):
    empty = [title for title, series in shown.of.items() if not any(points for _, points in series)]
    assert not empty, empty


def has_a_legend_for_each_series(shown):
    for title, series in shown.of.items():
        names = [name for name, _ in series]
        assert len(set(names)) == len(names) and (len(names) == 1 or all(names)), (title, names)


def shows_the_flood(shown):
    limits = dict(shown.of['Limits that somebody has reached'])
    before = [value for at, value in limits['rates'] if at < shown.flood_begins - 1]
    assert max(before, default=0) == 0 and limits['rates'][-1][1] > 0, limits['rates']


def shows_the_chat(shown):
    stanzas = dict(shown.of['Stanzas'])
    assert max(value for _, value in stanzas['in']) > PAIRS, stanzas


def is_drawn(shown):
    try:
        import matplotlib
    except ImportError as missing:
        return str(missing)
    matplotlib.use('Agg')
    from matplotlib import dates, pyplot
    figure = pyplot.figure(figsize=(18, 20), facecolor='#f4f5f5')
    rows = max(panel['gridPos']['y'] + panel['gridPos']['h'] for panel in panels())
    for panel in panels():
        at, unit = panel['gridPos'], panel['fieldConfig']['defaults'].get('unit')
        axes = figure.add_axes([(at['x'] + 0.9) / 24, 1 - (at['y'] + at['h'] - 0.9) / rows, (at['w'] - 1.2) / 24, (at['h'] - 1.9) / rows])
        axes.set_title(panel['title'], loc='left', fontsize=10, fontweight='bold')
        series = shown.of[panel['title']]
        if panel['type'] == 'stat':
            axes.axis('off')
            value = series[0][1][-1][1]
            text = series[0][0] if panel['title'] == 'Version' else UNITS.get(unit, lambda value: f'{value:g}')(value)
            axes.text(0.5, 0.4, text, ha='center', va='center', fontsize=18, color='#1a7f37')
            continue
        for name, points in series:
            axes.plot([datetime.datetime.fromtimestamp(at) for at, _ in points], [value for _, value in points], linewidth=1.2,
                      label=name if any(value for _, value in points) else '_')  # what is 0 needs no name
        axes.axvline(datetime.datetime.fromtimestamp(shown.flood_begins), color='#cf222e', linewidth=0.8, linestyle=':')
        axes.xaxis.set_major_formatter(dates.DateFormatter('%M:%S'))
        axes.tick_params(labelsize=7)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        if any(value for _, points in series for _, value in points):
            axes.legend(fontsize=7, loc='upper left', ncol=2)
    figure.savefig(PICTURE, dpi=60)
    assert os.path.getsize(PICTURE) > 50_000
    return None


TESTS = [has_something_in_each_panel, has_a_legend_for_each_series, shows_the_chat, shows_the_flood, is_drawn]


def main():
    if shutil.which('prometheus') is None:
        return print('1..0 # SKIP Debian\'s prometheus is not installed')
    report = tap.Report(len(TESTS))
    with whole_server.WholeServer(host=metrics_host.HOST.format(**os.environ)) as server, tempfile.TemporaryDirectory() as directory:
        for name in [*(f'user{number}' for number in range(2 * PAIRS)), 'flooder']:
            whole_server.register(server.port, server.ca_file, name)
        prometheus = Prometheus(server, directory)
        try:
            shown = Shown(server, prometheus)
        finally:
            prometheus.ends()
    for test in TESTS:
        with report.case(test.__name__) as case:
            case.skipped = test(shown)


if __name__ == '__main__':
    main()
