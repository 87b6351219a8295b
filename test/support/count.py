# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts a meson test run: prints "PASSED FAILED". Usage: count.py BUILD_DIRECTORY

Every GoogleTest test counts for itself; a program that meson calls failed counts at least once, also when it died before it could report."""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as tree

logs = pathlib.Path(sys.argv[1]) / 'meson-logs'
passed = failed = 0
reported = {}  # program: failures it reported itself
# A program may print what no XML can hold.
report = re.sub(r'[\x00-\x08\x0b\x0c\x0e-\x1f]', '', (logs / 'testlog.junit.xml').read_text(errors='replace'))
for suite in tree.fromstring(report).iter('testsuite'):
    for case in suite.iter('testcase'):
        bad = case.find('failure') is not None or case.find('error') is not None
        skipped = case.find('skipped') is not None
        failed += bad
        passed += not bad and not skipped
        if bad:
            program = suite.get('name').split(' / ')[-1].split('.')[0]
            reported[program] = reported.get(program, 0) + 1
with open(logs / 'testlog.json') as log:
    for line in log:
        test = json.loads(line)
        if test['result'] not in ('OK', 'SKIP', 'EXPECTEDFAIL') and test['name'].split(' / ')[-1] not in reported:
            failed += 1
print(passed, failed)
