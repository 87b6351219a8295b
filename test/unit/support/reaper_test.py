#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a test or a run leaves behind is ended and named. Usage: reaper_test.py REAPER STRAGGLERS"""
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

REAPER, STRAGGLERS = sys.argv.pop(1), sys.argv.pop(1)
PATIENCE = 60  # seconds: only a failing test uses them up


def reaped(script, **more):
    return subprocess.Popen([REAPER, 'sh', '-c', script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            start_new_session=True, **more)


def is_alive(process):
    try:
        return ') Z ' not in pathlib.Path(f'/proc/{process}/stat').read_text()
    except OSError:
        return False


class Ended(unittest.TestCase):
    def assertEnds(self, process):
        deadline = time.monotonic() + PATIENCE
        while is_alive(process):
            self.assertLess(time.monotonic(), deadline, f'{process} still runs')


class AReaper(Ended):
    # A session of its own, as what a terminal has been opened for has; it holds no pipe of ours, and says who it is.
    LEAVES_ONE = 'setsid sh -c "echo \\$\\$; exec sleep 100000 >/dev/null 2>&1"& '

    def test_hands_the_status_of_the_test_on(self):
        for script, code in (('exit 0', 0), ('exit 3', 3), ('exit 77', 77), ('kill -ABRT $$', 128 + signal.SIGABRT)):
            test = reaped(script)
            self.assertEqual(test.communicate(timeout=PATIENCE)[1], '')
            self.assertEqual(test.returncode, code, script)

    def test_ends_and_names_what_a_test_leaves_behind_and_calls_it_a_failure(self):
        for code, seen in ((0, 1), (3, 3)):
            test = reaped(f'{self.LEAVES_ONE} exit {code}')
            straggler = int(test.stdout.readline())
            _, error = test.communicate(timeout=PATIENCE)
            self.assertEqual(error, f'left behind: {straggler} sleep 100000\n')
            self.assertEqual(test.returncode, seen)
            self.assertFalse(is_alive(straggler))

    def test_waits_for_what_is_about_to_end(self):
        test = reaped('(sleep 0.2; exec 2>&-) & exit 0')
        self.assertEqual(test.communicate(timeout=PATIENCE)[1], '')
        self.assertEqual(test.returncode, 0)

    def test_ends_all_when_the_time_is_over_and_it_is_killed_with_its_group(self):
        test = reaped(f'{self.LEAVES_ONE} sleep 100000')
        straggler = int(test.stdout.readline())
        os.killpg(test.pid, signal.SIGKILL)
        self.assertEnds(straggler)
        test.communicate(timeout=PATIENCE)

    def test_ends_all_when_it_is_told_to_end(self):
        test = reaped(f'{self.LEAVES_ONE} sleep 100000')
        straggler = int(test.stdout.readline())
        test.terminate()
        test.communicate(timeout=PATIENCE)
        self.assertNotEqual(test.returncode, 0)
        self.assertFalse(is_alive(straggler))


class ARun(Ended):
    def start(self, run, seconds=100000):
        straggler = subprocess.Popen(['sleep', str(seconds)], start_new_session=True,
                                     env=dict(os.environ, JABBERD_TEST_RUN=run))
        self.addCleanup(lambda: (straggler.kill(), straggler.wait()))
        return straggler

    def check(self, run):
        return subprocess.run([sys.executable, STRAGGLERS, run], stdout=subprocess.PIPE, text=True, timeout=PATIENCE)

    def test_ends_and_names_what_it_has_left_behind_and_nothing_else(self):
        run = f'test-{os.getpid()}'
        straggler, other = self.start(run), self.start(run + '0')
        found = self.check(run)
        self.assertEqual((found.returncode, found.stdout), (1, f'left behind: {straggler.pid} sleep 100000\n'))
        self.assertEqual(straggler.wait(PATIENCE), -signal.SIGKILL)
        self.assertTrue(is_alive(other.pid))
        found = self.check(run)
        self.assertEqual((found.returncode, found.stdout), (0, ''))

    def test_waits_for_what_is_about_to_end(self):
        run = f'test-{os.getpid()}-ending'
        self.start(run, 0.2)
        self.assertEqual(self.check(run).returncode, 0)


unittest.main()
