# SPDX-License-Identifier: LGPL-2.1-or-later
"""What compare.sh is made of: what becomes of figures, when a machine is too busy, and a quick run of the relay and ours. No figure of this machine is judged. TAP.
Usage: compare_test.py BUILD"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

here = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(here / 'compare'), str(here.parent / 'front'), str(here.parent / 'cluster'), str(here.parent / 'integration')]
import growth  # noqa: E402
import machine  # noqa: E402
import picture  # noqa: E402
import shapes  # noqa: E402
import summary  # noqa: E402
import table  # noqa: E402
import tap  # noqa: E402
import turns  # noqa: E402

QUIET = {'others': 0.01, 'stolen': 0.0}
WITH_A_COMPILER = {'others': 0.98, 'stolen': 0.0}
ON_A_SHARED_MACHINE = {'others': 0.01, 'stolen': 0.2}
# By round, microseconds: the machine becomes slower, and the relay with it.
COST = {'relay': (1, 2, 4), 'ours': (1.5, 3, 8), 'slow': (50, 100, 200)}


def turn(way, shape, number, overloaded=False, logins=400, factor=1):
    us = COST[way][number] * factor
    return {'way': way, 'shape': shape, 'logins': logins, 'round': number, 'overloaded': overloaded, 'load_is_full': way == 'relay', 'messages_per_second': 1e6 / us, 'cpu_us_per_message': us, 'cpu_percent': 100,
            'load_cpu_percent': 99 if way == 'relay' else 40, 'message_p50_ms': us / 10, 'message_p99_ms': us / 2, 'message_max_ms': us, 'rate': 4000, **QUIET}


def result():
    figures = [turn(way, shape, number, way == 'slow' and shape == shapes.AT_RATE and number == 1) for shape in shapes.SHAPES for number in range(3) for way in COST]
    for way, us in (('relay', 20), ('ours', 2600), ('slow', 9000)):
        machine_then = WITH_A_COMPILER if way == 'slow' else QUIET
        figures += [{'way': way, 'shape': shapes.LOGIN, 'mechanism': shapes.SCRAM, 'logins': 5000, 'logins_per_second': 1e6 / us, 'cpu_us_per_login': us, 'load_cpu_percent': 9, **machine_then},
                    {'way': way, 'shape': shapes.MEMORY, 'logins': 5000, 'bytes_per_login': us}]
    about = {'processor': 'A Processor', 'cores': 2, 'memory_gb': 24, 'kernel': '6.1', 'load_before': [0.0, 0.1, 0.2]}
    swap = {'swaps': 20, 'clients': 5000, 'pause_p50_ms': 1.25, 'pause_max_ms': 2.5, 'message_across_swap_p99_ms': 4, 'message_without_swap_p99_ms': 1, 'lost': 0, 'disconnected': 0}
    found = {'machine': about, 'date': '2026-12-01', 'quick': False, 'most_by_others': 0.1, 'rounds': 3, 'seconds': 3, 'took_minutes': 12, 'thrown_away': 1, 'logins': 5000, 'together': False, 'swap': swap, 'figures': figures,
             'ways': [{'name': 'relay', 'version': None, 'failed': None}, {'name': 'ours', 'version': None, 'failed': None}, {'name': 'slow', 'version': 'slow 1.0-1', 'failed': None},
                      {'name': 'broken', 'version': 'broken 2.0-1', 'failed': 'load: the server closed a connection'}]}
    return json.loads(json.dumps(found))  # as it is read from the file


def cells(name, found):
    line = next(line for line in table.lines(found) if line.startswith(f'| {name} '))
    return [cell.strip() for cell in line.strip('|').split('|')]


def is_markdown():
    paragraphs = table.markdown(table.lines(result())).split('\n\n')
    rows = [paragraph for paragraph in paragraphs if paragraph.lstrip().startswith('|')]
    assert len(rows) == 1 and rows[0].strip().count('\n') == len(result()['ways']) + 1, rows
    assert '' not in [paragraph.strip() for paragraph in paragraphs[:-1]], paragraphs


def compares_each_round_with_the_relay_of_the_same():
    assert cells('ours', result())[1] == '**1.5** (1.5–2), 3 µs', cells('ours', result())
    assert cells('relay', result())[1] == '2 µs*', cells('relay', result())


def says_what_is_overloaded_and_averages_none_of_it():
    slow = cells('slow', result())
    assert slow[3] == slow[5] == 'overloaded' and slow[1].startswith('**50**'), slow
    asked = ('rate', 4000, 3)
    assert not shapes.is_overloaded(asked, {'messages': 12001, 'seconds': 3.1})
    assert shapes.is_overloaded(asked, {'messages': 12001, 'seconds': 3.5})
    assert shapes.is_overloaded(asked, {'messages': 9000, 'seconds': 3.0})  # the generator has given up
    assert not shapes.is_overloaded(('talk', 10, 3), {'messages': 10, 'seconds': 9})


def says_what_else_there_is_to_know():
    text = '\n'.join(table.lines(result()))
    for words in ('A Processor, 2 cores, 24 GB, Linux 6.1; load before: 0.0 0.1 0.2', 'window 10 150%', 'are met: window 10 1.5 of 1.5, among idle logins 1.5 of 1.6', 'are not met: window 1 1.5 of 1.25, 4000/s 1.5 of 1.3', '1 turns were thrown away and repeated, for other programs had more than 0.1 of a processor', 'which is done once: slow.', 'slow 1.0-1', 'failed: load: the server closed a connection', '* The generator',
                  'waited in the host for 1.25 ms, 2.50 ms at most'):
        assert words in text, (words, text)
    assert 'OTHER PROGRAMS' not in text
    beside_a_compiler = [{**figure, **WITH_A_COMPILER} if figure.get('round') == 2 else figure for figure in result()['figures']]
    assert 'OTHER PROGRAMS RAN during 15 of 45 turns' in '\n'.join(table.lines({**result(), 'figures': beside_a_compiler}))
    assert 'QUICK' not in text and 'QUICK' in '\n'.join(table.lines({**result(), 'quick': True}))


def tells_what_grows():
    steps = (100, 1000)
    figures = [turn(way, shape, number, logins=count, factor=1.2 if count == 1000 and way == 'ours' else 1)
               for count in steps for shape in (shapes.WINDOW_10, shapes.WINDOW_1, shapes.AT_HALF) for number in range(3) for way in ('relay', 'ours')]
    for figure in figures:
        figure['way'] = growth.OURS if figure['way'] == 'ours' else figure['way']
    for way, us in ((growth.OURS, 250), (growth.HASHED, 2600)):
        figures.append({'way': way, 'shape': shapes.LOGIN, 'mechanism': shapes.PLAIN, 'logins': 1000, 'logins_per_second': 1e6 / us, 'cpu_us_per_login': us, 'load_cpu_percent': 9})
    figures += [{'way': growth.KERNEL, 'shape': growth.KERNEL, 'logins': count, 'bytes_per_end': 2500} for count in steps]
    text = '\n'.join(growth.lines({**result(), 'figures': figures, 'steps': steps}))
    for words in ('differs by 20% (window 10; of the relay by 0%), 20% (window 1; of the relay by 0%)', '2,600 µs', '250 µs with one of 1', 'of each other: not met', 'under 1 ms: not met', '60 µs: not met'):
        assert words in text, (words, text)


def is_drawn():
    try:
        import matplotlib  # noqa: F401
    except ImportError as missing:
        return str(missing)
    bars = [picture.value_and_range(picture.cost(summary.of_way(result()['figures'], way)['cost'][shapes.AT_RATE])) for way in COST]
    assert bars[1] == (1.5, 0, 0.5, '1.5') and bars[2] == (None, 0, 0, 'overloaded'), bars
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory, 'compare.png')
        picture.draw(result(), path)
        assert path.read_bytes().startswith(b'\x89PNG') and path.stat().st_size > 10_000, path.stat()
    return None


def knows_what_other_programs_had():
    """Of two processors in one second: 0.6 idle, 1.0 measured, 0.1 stolen; so 0.3 were had by others."""
    ticks = iter([(1000, 500, 10), (1200, 560, 20)])
    read_ticks, cores, now = machine.read_ticks, os.cpu_count, machine.time.monotonic
    machine.read_ticks, os.cpu_count, machine.time.monotonic = lambda: next(ticks), lambda: 2, iter([5.0, 6.0]).__next__
    try:
        found = machine.Stretch().end(1.0)
    finally:
        machine.read_ticks, os.cpu_count, machine.time.monotonic = read_ticks, cores, now
    assert {key: round(value, 6) for key, value in found.items()} == {'others': 0.3, 'stolen': 0.1}, found
    assert [machine.is_quiet(each) for each in (QUIET, WITH_A_COMPILER, ON_A_SHARED_MACHINE, found)] == [True, False, False, False]


class MadeUp:
    """A way, its server and its generator in one; the machine is as `states` say, turn by turn."""

    def __init__(self, states):
        self.states, self.asked = iter(states), 0
        self.name, self.failed, self.logged_in = 'ours', None, 400
        self.server = self.generator = self.process = self
        self.pid = os.getpid()

    def processes(self):
        return []

    def ask(self, *_):
        self.asked += 1
        return {'messages': 1, 'seconds': 1, 'messages_per_second': 1, 'cpu_us_per_message': float(self.asked), 'cpu_percent': 1, 'load_cpu_percent': 1, 'message_p50_ms': 1, 'message_p99_ms': 1, 'message_max_ms': 1}

    def Stretch(self):
        return self

    def end(self, _):
        return next(self.states)


def measured(states, any_machine=False):
    way = MadeUp(states)
    real = turns.Stretch, turns.wait_until_quiet
    turns.Stretch, turns.wait_until_quiet = way.Stretch, lambda _: None
    try:
        run = turns.Turns([way], lambda _: None, any_machine)
        run.measure(shapes.WINDOW_10, 1, 1)
    finally:
        turns.Stretch, turns.wait_until_quiet = real
    return run.figures[0]['cpu_us_per_message'], run.thrown_away


def repeats_what_was_disturbed():
    assert measured([QUIET]) == (1, 0)
    assert measured([WITH_A_COMPILER, ON_A_SHARED_MACHINE, QUIET]) == (3, 2)
    assert measured([WITH_A_COMPILER], any_machine=True) == (1, 0)


def refuses_a_machine_that_stays_busy():
    try:
        measured([WITH_A_COMPILER] * turns.MOST_TRIES)
    except machine.Busy as problem:
        assert '0.98 of a processor' in str(problem), problem
    else:
        raise AssertionError('it was measured all the same')


def run_quickly(*options):
    """{shape: the ways that have a figure of it}, and what was printed."""
    with tempfile.TemporaryDirectory() as directory:
        figures = pathlib.Path(directory, 'figures.json')
        done = subprocess.run([sys.executable, str(here / 'compare' / 'main.py'), sys.argv[1], '--quick', '--seconds', '0.1', '--json', str(figures), *options], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        found = {}
        for figure in json.loads(figures.read_text(encoding='utf-8'))['figures']:
            found.setdefault(figure['shape'], set()).add(figure['way'])
        return found, done.stdout


def measures_the_relay_and_ours():
    found, text = run_quickly('--only', 'ours')
    assert found == {shape: {'relay', 'ours'} for shape in (*shapes.SHAPES, shapes.LOGIN, shapes.MEMORY)}, found
    assert 'QUICK TRY' in text and '| ours ' in text and 'A swap of ours, 2 of them under 20 clients' in text and 'lost 0, disconnected 0' in text, text


def measures_how_they_grow():
    found, text = run_quickly('--growth')
    assert found[shapes.AT_HALF] >= {growth.RELAY, growth.OURS} and found[shapes.LOGIN] >= {growth.HASHED} and found[growth.KERNEL], found
    assert '| 400 ' in text and 'A login costs' in text, text


TESTS = [is_markdown, compares_each_round_with_the_relay_of_the_same, says_what_is_overloaded_and_averages_none_of_it, says_what_else_there_is_to_know, tells_what_grows, is_drawn, knows_what_other_programs_had,
         repeats_what_was_disturbed, refuses_a_machine_that_stays_busy, measures_the_relay_and_ours, measures_how_they_grow]


def main():
    report = tap.Report(len(TESTS))
    for test in TESTS:
        with report.case(test.__name__) as case:
            case.skipped = test()


if __name__ == '__main__':
    main()
