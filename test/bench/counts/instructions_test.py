#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a message costs in instructions, of the whole server and by stage, and what a login does, is what was written
down. Times are a machine's, and change with what else it does; instructions are the program's.
Usage: instructions_test.py FIGURES

Needs what WholeServer needs, JABBERD_CTL, VALGRIND, and in BUILD what the figures are of. With WRITE_COUNTS=1 in the
environment it writes the figures down instead."""
import json
import os
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parents[2] / 'integration'))  # for what tests of the whole server share

import callgrind
import pair
import tap
import whole_server

FIGURES = pathlib.Path(sys.argv[1])
WRITE_DOWN = 'WRITE_COUNTS=1 meson test -C BUILD --no-rebuild instructions'
MESSAGES = 400
LOGINS = 10
TOLERANCE = 0.02  # ten runs differ by less than a tenth of that
SMALL = 30  # instructions: as much of a stage is no change of it
DUMP = 'jabberd::host::status_report'
HASH = 'PKCS5_PBKDF2_HMAC'  # as many rounds as an operator wants

# From the outside in, as the calls are: each stage ends where the next begins. Borders are functions that are called
# through a pointer, for these no compiler inlines.
BORDERS = [
    ('reading the XML of the client', 'jabberd::xml::Parser::feed'),
    ('judging the stanza', 'jabberd::connection::Connection::on_stanza'),
    ('routing it to the session manager', 'jabberd::host::HostFunctions::deliver'),
    ('session manager', 'jabberd::ComponentEntry<jabberd::session_manager::Component>::handle'),
    ('routing it back', "jabberd::host::HostFunctions::deliver'2"),
    ('queueing it for its client', 'jabberd::Component::receive'),
]
SOCKETS = {'plain': ('jabberd::net::PlainTransport::read', 'jabberd::net::PlainTransport::write'),
           'tls': ('jabberd::tls::TlsTransport::read_all', 'jabberd::tls::TlsTransport::write')}


class CountedServer(whole_server.WholeServer):
    """With one event loop, so that nothing depends on which thread is faster."""

    def __init__(self):
        super().__init__('<threads>1</threads>', tls='no')
        self._dumps = 0

    def host_command(self, *arguments):
        return [os.environ['VALGRIND'], '--tool=callgrind', f'--callgrind-out-file={self.home}/counts',
                f'--dump-before={DUMP}*', '--separate-recs=2', '--compress-strings=no', '--compress-pos=no',
                *super().host_command(*arguments)]

    def counted(self):
        """Since the last call."""
        self.ctl('status')
        self._dumps += 1
        return callgrind.Profile(self.home / f'counts.{self._dumps}')


def stages(profile, carrier):
    """Of all that was counted, in the order of a message's way."""
    read, write = SOCKETS[carrier]
    costs = {'reading from the socket': profile[read]}
    inner = [profile[name] for _, name in BORDERS[1:]] + [0]
    for (stage, name), within in zip(BORDERS, inner):
        costs[stage] = profile[name] - within
    costs['writing to the socket'] = profile[write]
    costs['everything else'] = profile.all - sum(costs.values())
    return {'a message': profile.all, **costs}


def message(carrier):
    """Instructions of one, by stage. What is the same for few and many messages is none of them."""
    with CountedServer() as server, pair.Pair(server, carrier == 'tls') as talkers:
        talkers.chat(MESSAGES)  # until every buffer has its size
        server.counted()
        talkers.chat(MESSAGES)
        few = stages(server.counted(), carrier)
        talkers.chat(2 * MESSAGES)
        many = stages(server.counted(), carrier)
    return {stage: round((many[stage] - few[stage]) / MESSAGES) for stage in many}


def login(carrier):
    """Instructions of one, by jabber:iq:auth, and of its end."""
    def log_in(times):
        for _ in range(times):
            pair.Client(server, 'romeo', carrier == 'tls', registers=False).leave()
        profile = server.counted()
        return profile.all - profile[HASH]
    with CountedServer() as server:
        pair.Client(server, 'romeo', carrier == 'tls').leave()
        log_in(LOGINS)
        few, many = log_in(LOGINS), log_in(2 * LOGINS)
    return {'a login and its end, but for the hash': round((many - few) / LOGINS)}


COUNTED = {'a message, plain': (message, 'plain'), 'a message, tls': (message, 'tls'),
           'a login, plain': (login, 'plain'), 'a login, tls': (login, 'tls')}


def count(what):
    function, carrier = COUNTED[what]
    return function(carrier)


def has_changed(before, counted):
    return abs(counted - before) > max(TOLERANCE * before, SMALL)


def compare(what, expected):
    counts = count(what)
    more, less = [], []
    print(f'# {what:<40} {"expected":>9} {"counted":>9}', flush=True)
    for stage, counted in counts.items():
        before, change = expected[stage], ''
        if has_changed(before, counted):
            (more if counted > before else less).append(stage)
            change = f' {100 * counted / before - 100:+8.1f} %'
        print(f'# {stage:<40} {before:>9} {counted:>9}{change}', flush=True)
    assert not more, f'more instructions than before: {", ".join(more)}. What has to be so is written down by: {WRITE_DOWN}'
    assert not less, f'fewer instructions than before: {", ".join(less)}. Keep that by writing it down: {WRITE_DOWN}'


def reason_to_skip(of):
    if 'VALGRIND' not in os.environ:
        return 'there is no valgrind'
    if 'avx2' not in pathlib.Path('/proc/cpuinfo').read_text():
        return 'libraries do otherwise on a processor without AVX2'
    if of != os.environ['BUILD']:
        return f'the figures are of {of}, and this is {os.environ["BUILD"]}'
    return None


def main():
    if 'WRITE_COUNTS' in os.environ:
        figures = {'of': os.environ['BUILD'], **{what: count(what) for what in COUNTED}}
        FIGURES.write_text(json.dumps(figures, indent=4) + '\n')
    figures = json.loads(FIGURES.read_text())
    if skipped := reason_to_skip(figures['of']):
        return print(f'1..0 # SKIP {skipped}')
    report = tap.Report(len(COUNTED))
    for what in COUNTED:
        with report.case(f'costs what it did: {what}'):
            compare(what, figures[what])


if __name__ == '__main__':
    main()
