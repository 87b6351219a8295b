# SPDX-License-Identifier: LGPL-2.1-or-later
"""A host in a folder of its own, as a test starts it: `home` has its jabber.xml, start() is the test's."""
import os
import subprocess

import whole_server


class StartedHost:
    """For a with statement: it is ready, and has ended well at the end. `said` is what it has said."""

    def __enter__(self):
        self.process, self.said = self.start(), ''
        for line in self.process.stdout:
            self.said += line
            if line.startswith('ready'):
                return self
        raise AssertionError(self.said)

    def __exit__(self, *_):
        self.process.terminate()
        self.said += self.process.stdout.read()
        status = self.process.wait(whole_server.PATIENCE)
        if status != 0:
            raise AssertionError(f'{status}: {self.said}')

    def ctl(self, *arguments):
        return subprocess.run([os.environ['JABBERD_CTL'], '--socket', str(self.home / 'control'), *arguments],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=whole_server.PATIENCE)
