# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a test in Python tells meson: the Test Anything Protocol."""
import contextlib
import traceback


class Case:
    skipped = None  # why


class Report:
    """Of so many cases, each of which is told when it is over. One that fails says why, and the next ones still have
    something to say."""

    def __init__(self, count):
        print(f'1..{count}', flush=True)
        self._number = 0
        self.failed = False

    @contextlib.contextmanager
    def case(self, name):
        self._number += 1
        case = Case()
        try:
            yield case
            print(f'ok {self._number} - {name}' + (f' # SKIP {case.skipped}' if case.skipped else ''), flush=True)
        except Exception:
            self.failed = True
            print(f'not ok {self._number} - {name}\n# ' + traceback.format_exc().rstrip().replace('\n', '\n# '), flush=True)
