# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts a meson test run. Usage: count.py BUILD_DIRECTORY prints "PASSED FAILED"; count.py --again BUILD_DIRECTORY
prints the programs that are worth playing once more, alone (with --logbase again), before they are counted.

Every GoogleTest test counts for itself; a program that meson calls failed counts at least once, also when it died
before it could report. What fails beside others and passes alone is unsteady: it counts as passed, and run.sh says its
name, so that somebody looks. A crash and what a sanitizer says are never played again, nor are many failures at once."""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as tree

FEW = 3  # more programs than that do not fail for want of time
DIED = re.compile(r'ERROR: \w+Sanitizer|ERROR: libFuzzer|runtime error:|WARNING: ThreadSanitizer|terminate called')


def programs(log):
    """Name: its line, of the programs that a run played."""
    if not log.exists():
        return {}
    tests = [json.loads(line) for line in log.read_text(errors='replace').splitlines()]
    return {test['name'].split(' / ')[-1]: test for test in tests}


def failures(log):
    return {name: test for name, test in programs(log).items() if test['result'] not in ('OK', 'SKIP', 'EXPECTEDFAIL')}


def again(logs):
    failed = failures(logs / 'testlog.json')
    if len(failed) > FEW:
        return []
    return [name for name, test in failed.items()
            if test['returncode'] >= 0 and not DIED.search(test.get('stdout', '') + test.get('stderr', ''))]


def count(logs):
    unsteady = {name for name, test in programs(logs / 'again.json').items() if test['result'] == 'OK'}
    passed = failed = 0
    reported = set()  # programs that said themselves what failed
    # A program may print what no XML can hold.
    report = re.sub(r'[\x00-\x08\x0b\x0c\x0e-\x1f]', '', (logs / 'testlog.junit.xml').read_text(errors='replace'))
    for suite in tree.fromstring(report).iter('testsuite'):
        for case in suite.iter('testcase'):
            program = suite.get('name').split(' / ')[-1].split('.')[0]
            bad = case.find('failure') is not None or case.find('error') is not None
            if bad:
                reported.add(program)
            if bad and program not in unsteady:
                failed += 1
            elif case.find('skipped') is None:
                passed += 1
    failed += sum(name not in reported and name not in unsteady for name in failures(logs / 'testlog.json'))
    return passed, failed


if sys.argv[1] == '--again':
    print(*again(pathlib.Path(sys.argv[2]) / 'meson-logs'))
else:
    print(*count(pathlib.Path(sys.argv[1]) / 'meson-logs'))
