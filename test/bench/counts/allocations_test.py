#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A message on its way allocates nothing, but what OpenSSL does for each record, and what is posted from one event loop
to another.

Needs what WholeServer needs, ALLOCATION_COUNTER, and the version of OpenSSL in OPENSSL."""
import contextlib
import mmap
import os
import pathlib
import re
import struct
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).parents[2] / 'integration'))  # for what tests of the whole server share

import pair
import tap
import whole_server

MESSAGES = 1000
SHOWN = 2  # callers of a failing test
OPENSSL = '3.0'  # others allocate otherwise
COUNTS = struct.Struct('=Qq')  # allocation_counter.c

# Of a record that OpenSSL 3.0 reads: its buffer, which an idle connection does not keep, and what it writes the
# record's additional data with. Of one that it writes: the same, and two more to put the record together.
READ, WRITTEN = 2, 4
# A copy of a packet, and the task that it is a part of. Of a client on a loop that sleeps there is neither.
POSTED = 2


class CountedServer(whole_server.WholeServer):
    def __init__(self, loops):
        super().__init__(f'<threads>{loops}</threads>', tls='no')

    def host_command(self, *arguments):
        count = self.home / 'allocations'
        count.write_bytes(COUNTS.pack(0, 0))
        with open(count, 'r+b') as file:
            self._counts = mmap.mmap(file.fileno(), COUNTS.size)
        return ['env', f'LD_PRELOAD={os.environ["ALLOCATION_COUNTER"]}', f'ALLOCATION_COUNT={count}',
                *super().host_command(*arguments)]

    def allocations(self):
        return COUNTS.unpack(self._counts)[0]

    def callers(self, talk):
        """Of the first allocations while that goes on, innermost first."""
        end = self.log.stat().st_size
        COUNTS.pack_into(self._counts, 0, 0, SHOWN)
        talk()
        shown = self.log.read_bytes()[end:].decode()
        return ''.join(map(_named, re.split('(?=\n)', shown)))


def _named(line):
    """A line of backtrace_symbols(3) with the function that it is about."""
    found = re.search(r'(\S+)\(\+(0x[0-9a-f]+)\)', line)
    if not found:
        return line
    with contextlib.suppress(OSError):
        return '\n' + subprocess.run(['addr2line', '-Cfpse', *found.groups()], stdout=subprocess.PIPE, text=True,
                                     check=False).stdout.rstrip()
    return line


def compare(loops, carrier, window):
    records = 1 / window * (carrier == 'tls')  # a message, for both are read and written as they were sent
    expected = records * (READ + WRITTEN)
    with CountedServer(loops) as server, pair.Pair(server, carrier == 'tls', window) as talkers:
        talkers.chat(MESSAGES)  # until every buffer has its size
        def round_of():
            before = server.allocations()
            talkers.chat(MESSAGES)
            return (server.allocations() - before) / MESSAGES
        count = round_of() if loops == 1 else min(round_of() for _ in range(3))  # a parser more is no message's
        print(f'# {loops} loop{"s" * (loops > 1)}, {carrier}, {window} at a time: {count:.2f} allocations a message', flush=True)
        if loops > 1:  # how many are posted, and written and so answered by themselves, depends on which loop is faster
            most = (READ + WRITTEN) * (carrier == 'tls') + POSTED
            assert count <= most, f'{count}, more than {most}'
            return
        assert round(count, 2) == round(expected, 2), \
            f'{count}, not {expected}; the first of:\n' + server.callers(lambda: talkers.chat(10 * window))


CASES = [(loops, carrier, window) for loops in (1, 2) for carrier in ('plain', 'tls') for window in (1, 10)]


def main():
    report = tap.Report(len(CASES))
    for case in CASES:
        with report.case('a message allocates no more, loops {}, {}, {} at a time'.format(*case)) as told:
            if 'tls' in case and os.environ['OPENSSL'] != OPENSSL:
                told.skipped = f'the figures are of OpenSSL {OPENSSL}'
            else:
                compare(*case)


if __name__ == '__main__':
    main()
