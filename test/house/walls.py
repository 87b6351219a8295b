# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares the #include lines of a folder with the walls that its README.md declares, in both directions. TAP.

A fenced block ```walls names each room of the folder and, behind the colon, the rooms it may include from: rooms of the same folder by name, others by
their path in the repository, '.' for the files that are in no room. Usage: walls.py REPOSITORY FOLDER..."""
import pathlib
import re
import shutil
import sys
import tempfile

ROOTS = ['include', 'plugin', 'examples', 'examples/host']  # what the build passes with -I
SOURCES = ('.h', '.c', '.cpp')


def declared(folder):
    readme = (folder / 'README.md').read_text()
    blocks = re.findall(r'^```walls\n(.*?)^```', readme, re.M | re.S)
    if len(blocks) != 1:
        raise SystemExit(f'{folder}/README.md has {len(blocks)} blocks ```walls instead of one')
    return {(room.strip(), other) for room, others in (line.split(':') for line in blocks[0].splitlines()) for other in others.split()}


def room_of(path, folder, repository):
    if path.is_relative_to(folder):
        inside = path.relative_to(folder)
        return inside.parts[0] if len(inside.parts) > 1 else '.'
    return str(path.parent.relative_to(repository))


def found(folder, repository):
    """Each arrow with the first line that draws it."""
    arrows = {}
    for source in sorted(p for p in folder.rglob('*') if p.suffix in SOURCES):
        here = room_of(source, folder, repository)
        for number, line in enumerate(source.read_text().splitlines(), 1):
            include = re.match(r'\s*#\s*include\s*"([^"]+)"', line)
            if not include:
                continue
            candidates = [source.parent / include[1]] + [repository / root / include[1] for root in ROOTS]
            target = next((c.resolve() for c in candidates if c.exists()), None)
            if target is None:
                continue  # made by the build
            there = room_of(target, folder, repository)
            if there != here:
                arrows.setdefault((here, there), f'{source.relative_to(repository)}:{number}')
    return arrows


def differences(folder, repository):
    arrows, promised = found(folder, repository), declared(folder)
    lines = [f'{where}: {a} includes from {b}, which {folder.name}/README.md does not allow' for (a, b), where in sorted(arrows.items()) if (a, b) not in promised]
    lines += [f'{folder.name}/README.md allows {a} to include from {b}, and no file does' for a, b in sorted(promised) if (a, b) not in arrows]
    return lines


def notices_a_wrong_include(folder, repository):
    """The check itself: a room that includes from the one that is allowed most has broken a wall."""
    promised = declared(folder)
    rooms = {a for a, _ in promised if a != '.'}
    top = max(sorted(rooms), key=lambda room: sum(a == room for a, _ in promised))
    below = sorted(rooms | {b for _, b in promised if (folder / b).is_dir()} - {'.'}) + ['.']  # where there is one room, the files in none
    bottom = next(room for room in below if room != top and (room, top) not in promised)
    with tempfile.TemporaryDirectory() as copy:
        copy = pathlib.Path(copy).resolve()
        for root in ROOTS + [str(folder.relative_to(repository))]:
            shutil.copytree(repository / root, copy / root, dirs_exist_ok=True)
        there = copy / folder.relative_to(repository)
        header = next(p for p in sorted((there / top).rglob('*.h')))
        source = next(p for p in sorted(there.rglob('*')) if p.suffix in SOURCES and room_of(p, there, copy) == bottom)
        root = next(r for r in sorted(ROOTS, key=len, reverse=True) if header.is_relative_to(copy / r))
        source.write_text(f'#include "{header.relative_to(copy / root)}"\n' + source.read_text())
        return any(f'{bottom} includes from {top}' in line for line in differences(there, copy))


def main():
    repository = pathlib.Path(sys.argv[1]).resolve()
    folders = sys.argv[2:]
    print(f'1..{2 * len(folders)}')
    failed = False
    for number, name in enumerate(folders):
        folder = repository / name
        wrong = differences(folder, repository)
        for line in wrong:
            print('#', line)
        noticed = notices_a_wrong_include(folder, repository)
        print('not ok' if wrong else 'ok', 2 * number + 1, f'- the includes of {name} are the walls that its README declares')
        print('ok' if noticed else 'not ok', 2 * number + 2, f'- a wrong include in {name} is noticed')
        failed |= bool(wrong) or not noticed
    sys.exit(failed)


main()
