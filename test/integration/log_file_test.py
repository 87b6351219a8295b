#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The log of a running server in a file: its lines, its renaming by logrotate, a disk that is full, what it tells of
people. Needs what WholeServer needs, and JABBERD_CTL."""
import json
import os
import pathlib
import re
import resource
import signal
import stat
import subprocess
import tempfile
import time

import tap
import whole_server

TIME = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z')
MEMBERS = ['time', 'level', 'service', 'message', 'fields']


def until(found, what):
    """Asks until it is there."""
    deadline = time.monotonic() + whole_server.PATIENCE
    while not found():
        assert time.monotonic() < deadline, f'waited in vain for {what}'
        time.sleep(0.01)


def lines(path):
    return pathlib.Path(path).read_text().splitlines()


def complain(server):
    """Makes the host log one warning before it answers."""
    assert server.ctl_run('swap', 'c2s', '/nowhere.so').returncode == 1


def complaints(path):
    return sum('a swap failed' in line for line in lines(path))


def is_one_object_a_line(server):
    whole_server.register(server.port, server.ca_file, 'alice')
    complain(server)
    records = [json.loads(line) for line in lines(server.file)]
    assert all(list(record) == MEMBERS for record in records), records
    assert all(TIME.fullmatch(record['time']) for record in records), records
    assert {record['level'] for record in records} >= {'info', 'warning'}, records
    failed = [record for record in records if record['message'].startswith('a swap failed')]
    assert len(failed) == 1 and failed[0]['service'] == 'c2s' and failed[0]['fields']['file'] == '/nowhere.so', failed


def is_the_only_log_once_the_host_runs(server):
    assert complaints(server.file) == 1 and complaints(server.log) == 0
    mode = os.stat(server.file).st_mode
    assert stat.S_IMODE(mode) & ~0o640 == 0, oct(mode)
    for descriptor in pathlib.Path(f'/proc/{server.pid}/fd').iterdir():
        if os.readlink(descriptor) == str(server.file):
            flags = re.search(r'flags:\s*(\d+)', (descriptor.parent.parent / 'fdinfo' / descriptor.name).read_text())
            assert int(flags.group(1), 8) & os.O_APPEND and int(flags.group(1), 8) & os.O_CLOEXEC, flags.group(1)
            return
    raise AssertionError('the host has not opened it')


def tells_of_no_person(server):
    text = pathlib.Path(server.file).read_text()
    assert 'alice' not in text and '127.0.0.1:' not in text, text
    assert '"client":"127.0.0.0:' in text and '"user":"…@localhost"' in text, text


def loses_nothing_to_logrotate(server):
    before = lines(server.file)
    old = server.file.with_suffix('.1')
    server.file.rename(old)
    complain(server)  # between the two
    assert server.ctl('reopen') == f'reopened: {server.file}\n'
    complain(server)
    assert lines(old)[:len(before)] == before and complaints(old) == 2, lines(old)
    assert [json.loads(line)['message'] for line in lines(server.file)][0] == 'the log file was opened again'
    assert complaints(server.file) == 1


def is_reopened_by_a_signal(server):
    old = server.file.with_suffix('.2')
    server.file.rename(old)
    os.kill(server.pid, signal.SIGUSR2)
    until(server.file.exists, 'another log file')
    until(lambda: 'opened again' in server.file.read_text(), 'its first line')
    os.kill(server.pid, signal.SIGUSR1)
    until(lambda: 'SIGUSR1 has no meaning' in server.file.read_text(), 'a word about SIGUSR1')
    assert complaints(old) == 1 and complaints(server.file) == 0


def goes_on_in_the_old_one_when_there_can_be_no_other(server):
    moved = server.file.with_suffix('.3')
    server.file.rename(moved)
    server.file.mkdir()
    refused = server.ctl_run('reopen')
    assert refused.returncode == 1 and 'cannot be opened again' in refused.stderr, refused
    complain(server)
    assert complaints(moved) == 1
    server.file.rmdir()
    server.ctl('reopen')


def says_after_a_full_disk_what_was_lost(server):
    unlimited = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (server.file.stat().st_size, unlimited[1]))
    for _ in range(3):
        complain(server)
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, unlimited)
    assert complaints(server.file) == 0
    complain(server)
    *_, lost, last = (json.loads(line) for line in lines(server.file))
    assert lost['message'] == '3 lines were lost here, because the log file could not be written', lost
    assert last['message'].startswith('a swap failed')


def counts_what_repeats():
    with tempfile.TemporaryDirectory(prefix='jabberd-') as directory:
        file = pathlib.Path(directory) / 'jabberd.log'
        with whole_server.WholeServer(host=f"<log file='{file}'/>") as server:
            for _ in range(100):
                complain(server)
        said = [line for line in lines(file) if 'a swap failed' in line]
        assert all(TIME.fullmatch(line.split()[0]) for line in lines(file)), lines(file)
        left_out = sum(int(count) for count in re.findall(r'(\d+) more like this in a minute were left out: ',
                                                          '\n'.join(said)))
        written = sum('more like this' not in line for line in said)
        assert 0 < left_out and written + left_out == 100, said


TESTS = [is_one_object_a_line, is_the_only_log_once_the_host_runs, tells_of_no_person, loses_nothing_to_logrotate,
         is_reopened_by_a_signal, goes_on_in_the_old_one_when_there_can_be_no_other,
         says_after_a_full_disk_what_was_lost]


def run_host(directory, host, *options):
    """One that ends by itself, because of what is wrong with its configuration."""
    configuration = pathlib.Path(directory) / 'jabber.xml'
    configuration.write_text(whole_server.CONFIGURATION.format(
        sessions=whole_server.SESSIONS.format(**os.environ), sockets='', host='\n' + host, tls='yes',
        **os.environ))
    return subprocess.run([os.environ['JABBERD_HOST'], '-c', str(configuration), *options], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, timeout=whole_server.PATIENCE)


def is_checked_without_being_made():
    def check(log):
        return run_host(directory, f'<log file="{log}"/>', '--check')

    with tempfile.TemporaryDirectory(prefix='jabberd-') as directory:
        good = check('jabberd.log')
        assert good.returncode == 0 and not (pathlib.Path(directory) / 'jabberd.log').exists(), good
        for wrong in ('no/where.log', '.', '/dev/full'):
            bad = check(wrong)
            assert bad.returncode == 1 and 'jabber.xml:3: the log file ' in bad.stderr, bad


def says_on_standard_error_why_it_does_not_start():
    with tempfile.TemporaryDirectory(prefix='jabberd-') as directory:
        started = run_host(directory, '<log file="jabberd.log"/><drain>soon</drain>')
        written = (pathlib.Path(directory) / 'jabberd.log').read_text()
        for text in (started.stderr, written):
            assert started.returncode == 1 and 'jabber.xml:3: <drain>soon</drain> is not a time' in text, text
        assert all(TIME.fullmatch(line.split()[0]) for line in written.splitlines()), written
        impossible = run_host(directory, '<log file="no/where.log"/>')
        assert impossible.returncode == 1 and 'jabber.xml:3: the log file ' in impossible.stderr, impossible
WITHOUT_A_SERVER = [is_checked_without_being_made, says_on_standard_error_why_it_does_not_start, counts_what_repeats]


def main():
    report = tap.Report(len(TESTS) + len(WITHOUT_A_SERVER))
    with whole_server.WholeServer(host="<log file='jabberd.log' format='json'/><privacy>yes</privacy>") as server:
        server.file = server.home / 'jabberd.log'
        for test in TESTS:
            with report.case(test.__name__):
                test(server)
    for test in WITHOUT_A_SERVER:
        with report.case(test.__name__):
            test()
    return report.failed


if __name__ == '__main__':
    raise SystemExit(main())
