# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the scripts that sit before a client in a terminal share."""
import os
import pathlib

import pexpect

import child  # found by shell

PATIENCE = 60  # seconds: only a failing test uses them up


def environment(home):
    """One in which a client finds nothing of its user's."""
    result = dict(os.environ, HOME=home, LANG='C.UTF-8', TERM='xterm')
    for kind in ('CACHE', 'CONFIG', 'DATA', 'STATE'):
        result[f'XDG_{kind}_HOME'] = f'{home}/{kind.lower()}'
    return result


def spawn(program, arguments, home, **more):
    return pexpect.spawn(program, arguments, env=dict(environment(home), **more), dimensions=(50, 200), timeout=PATIENCE,
                         encoding='utf-8', codec_errors='replace', preexec_fn=child.ends_with_us)


def drain(terminal, seconds=0.05):
    """What it draws: it stops when that is not taken from it."""
    try:
        return terminal.read_nonblocking(65536, timeout=seconds)
    except (pexpect.TIMEOUT, pexpect.EOF):
        return ''


class Lines:
    """Of a file that grows, and of those that a directory will have."""

    def __init__(self, path):
        self.path, self.files = pathlib.Path(path), {}

    def next(self):
        """(the file's name, its next whole line) if there is one: does not wait."""
        # What is neither yet may be a directory by the next question: is_file() is asked last, and of it alone.
        paths = self.path.iterdir() if self.path.is_dir() else [self.path] if self.path.is_file() else []
        for path in paths:
            file, begun = self.files.get(path.name) or (open(path, encoding='utf-8', errors='replace'), '')
            line = begun + file.readline()
            whole = line.endswith('\n')
            self.files[path.name] = file, '' if whole else line
            if whole:
                return path.name, line.rstrip('\n')
        return None
