# SPDX-License-Identifier: LGPL-2.1-or-later
"""A screen and a session bus for a client with windows, of its own and seen by nobody but xdotool."""
import os
import pathlib
import subprocess

import terminal
from session_bus import Bus

import child  # found by shell


class Desktop:
    """Clients in it run as nobody where we are root: Gajim refuses to be root's."""

    def __init__(self, home):
        self.home = pathlib.Path(home)
        child.give_to_nobody(home)
        self.environment = dict(terminal.environment(home), GDK_BACKEND='x11', GSETTINGS_BACKEND='memory',
                                NO_AT_BRIDGE='1', GTK_A11Y='none', LIBGL_ALWAYS_SOFTWARE='1')
        self.environment['XDG_RUNTIME_DIR'] = str(home)
        self.environment.pop('WAYLAND_DISPLAY', None)
        screen = subprocess.Popen(
            ['Xvfb', '-displayfd', '1', '-ac', '-nolisten', 'tcp', '-screen', '0', '1200x800x24'],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=child.ends_with_us)
        self.environment['DISPLAY'] = ':' + screen.stdout.readline().decode().strip()
        self.bus = Bus(home)
        self.environment['DBUS_SESSION_BUS_ADDRESS'] = self.bus.address

    def start(self, command, **more):
        return subprocess.Popen(command, env=self.environment, cwd=self.home, stdin=subprocess.DEVNULL,
                                preexec_fn=child.nobody_ends_with_us, **more)

    def type(self, *words):
        self.start(['xdotool', *words]).wait(terminal.PATIENCE)

    def picture(self, name):
        """What is on the screen, for whoever wants to look: a file below SCREENSHOTS in the environment."""
        directory = os.environ.get('SCREENSHOTS')
        if directory:
            subprocess.run(['import', '-window', 'root', f'{directory}/{name}.png'], env=self.environment, timeout=60,
                           preexec_fn=child.ends_with_us)
