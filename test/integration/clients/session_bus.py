# SPDX-License-Identifier: LGPL-2.1-or-later
"""A D-Bus session bus of a client's own, and calls over it."""
import pathlib
import subprocess

from gi.repository import Gio, GLib

import child  # found by shell


# Without services that it could start, and for a client that is not of our user.
CONFIGURATION = '''<busconfig><type>session</type><listen>unix:dir={home}</listen>
<policy context='default'><allow user='*'/><allow own='*'/><allow send_destination='*'/><allow receive_sender='*'/></policy>
</busconfig>'''


class Bus:
    def __init__(self, home):
        path = pathlib.Path(home, 'bus.conf')
        path.write_text(CONFIGURATION.format(home=home))
        self.daemon = subprocess.Popen(['dbus-daemon', f'--config-file={path}', '--nofork', '--print-address=1'],
                                       text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                       preexec_fn=child.ends_with_us)
        self.address = self.daemon.stdout.readline().strip()
        self.connection = Gio.DBusConnection.new_for_address_sync(
            self.address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)
        self.connection.set_exit_on_close(False)

    def call(self, name, path, interface, method, parameters=None):
        """Its results. An answer that says no is a GLib.Error."""
        return self.connection.call_sync(name, path, interface, method, parameters, None,
                                         Gio.DBusCallFlags.NO_AUTO_START, 30000, None).unpack()

    def has(self, name):
        return self.call('org.freedesktop.DBus', '/', 'org.freedesktop.DBus', 'NameHasOwner',
                         GLib.Variant('(s)', (name,)))[0]

    def on_signal(self, interface, member, told):
        """Calls told(parameters) from the main loop."""
        self.connection.signal_subscribe(None, interface, member, None, None, Gio.DBusSignalFlags.NONE,
                                         lambda *given: told(given[5].unpack()))
