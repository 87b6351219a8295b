# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs that end with the one that started them, however that ends."""
import ctypes
import os
import pwd
import signal

PR_SET_PDEATHSIG = 1  # linux/prctl.h
_libc = ctypes.CDLL(None)  # before any fork
_parent = os.getpid()


def ends_with_us():
    """For preexec_fn of subprocess and pexpect: the kernel kills the child when the thread that starts it ends."""
    _libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != _parent:  # that was too late
        os._exit(1)


def nobody_ends_with_us():
    """The same, for what refuses to be root's."""
    if os.getuid() == 0:
        nobody = pwd.getpwnam('nobody')
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
    ends_with_us()


def give_to_nobody(path):
    if os.getuid() == 0:
        nobody = pwd.getpwnam('nobody')
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
