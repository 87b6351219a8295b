#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whatever a reader of a configuration asks its elements for stands in examples/jabber.xml; what classic servers have, in
examples/classic/. (That what stands there has a reader is tested where it is read.) Usage: options.py REPOSITORY"""
import pathlib
import re
import sys

READ_PAST = {'main'}  # of jabberd's <load>, where it changes nothing
root = pathlib.Path(sys.argv[1])
# How readers (plugin/elements/) name an element, and an attribute.
ELEMENT = re.compile(r'(?:Option|std::array<Option, \d+>\{)?\{"([a-z][a-z0-9-]*)",\s*(?!["\s])|\.child\("([^"]+)"\)')
ATTRIBUTE = re.compile(r'\.(?:attribute|value)\("([^"]+)"\)|number\(\w+, "([^"]+)"')


def names(pattern, text):
    return {name for found in pattern.findall(text) for name in ([found] if isinstance(found, str) else found) if name}


def shown(*files):
    text = '\n'.join(file.read_text() for file in files)
    return names(re.compile(r'<([a-z][a-z0-9_-]*)'), text), names(re.compile(r'\b([a-z][a-z-]*)=\''), text)


readers = [file for folder in ('plugin', 'examples') for file in (root / folder).rglob('*.cpp') if re.search(r'\bElement &', file.read_text())]
ours = shown(root / 'examples' / 'jabber.xml')
classic = shown(*(root / 'examples' / 'classic').glob('*.xml'))
problems, count = [], 0
for reader in sorted(readers):
    text = reader.read_text()
    for kind, pattern, place in (('element', ELEMENT, 0), ('attribute', ATTRIBUTE, 1)):
        for name in sorted(names(pattern, text)):
            count += 1
            if name not in ours[place] | READ_PAST and not ('plugin/config/' in str(reader) and name in classic[place]):
                problems.append(f'{reader.relative_to(root)}: the {kind} {name} stands in no example')
for problem in problems:
    print(problem)
print(f'{count} options in {len(readers)} readers')
sys.exit(1 if problems or count < 100 else 0)
