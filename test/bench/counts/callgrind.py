# SPDX-License-Identifier: LGPL-2.1-or-later
"""What callgrind has counted (its manual, "Callgrind Format Specification"; names and positions not compressed)."""
import collections


def _without_parameters(function):
    name, _, parameters = function.partition('(')
    return name + parameters.rpartition(')')[2].replace(' const', '')


class Profile:
    """Instructions of one file: all of them, and by function with all that it calls."""

    def __init__(self, path):
        self.all = 0
        self._by_function = collections.Counter()
        self._read(path)

    def __getitem__(self, name):
        """Of the function that is called so, without its parameters. With --separate-recs=2 a call of it inside of
        another one goes by its name with "'2" behind."""
        return sum(cost for function, cost in self._by_function.items() if _without_parameters(function) == name)

    def _read(self, path):
        function = None
        with open(path) as lines:
            for line in lines:
                key, is_name, name = line.rstrip('\n').partition('=')
                if is_name and key == 'fn':
                    function = name
                elif line.startswith('summary:'):
                    self.all = int(line.split()[1])
                elif function is not None and line[0] in '0123456789+-*':  # of its own, or of a call
                    self._by_function[function] += int(line.split()[1])
