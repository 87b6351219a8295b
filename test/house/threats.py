# SPDX-License-Identifier: LGPL-2.1-or-later
"""test/THREATS.md names tests; each of them is there. Usage: threats.py REPOSITORY"""
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
known = set()
for source in (root / 'test').rglob('*.cpp'):
    known.update('.'.join(names) for names in re.findall(r'^TEST(?:_F|_P)?\((\w+),\s*(\w+)', source.read_text(), re.MULTILINE))
known.update(path.name for path in (root / 'test').rglob('*_test.py'))
rows = [line for line in (root / 'test' / 'THREATS.md').read_text().splitlines() if line.startswith('|') and not re.match(r'\|\s*(hazard|-)', line)]
problems = [f'no test is called {name}' for row in rows for name in re.findall(r'`(\w+\.\w+)`', row.split('|')[2]) if name not in known]
problems += [f'no test is named for: {row.split("|")[1].strip()}' for row in rows if not re.search(r'`\w+\.\w+`', row.split('|')[2])]
for problem in problems:
    print(problem)
print(f'{len(rows)} hazards')
sys.exit(1 if problems or len(rows) < 40 else 0)
