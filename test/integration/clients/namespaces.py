# SPDX-License-Identifier: LGPL-2.1-or-later
"""For a client that can neither be told a port nor a certificate: a network in which the server is on 5222 of localhost,
and files of the system's own that have another content."""
import ctypes
import fcntl
import os
import socket
import struct

from forwarding import forward

CLONE_NEWNS, CLONE_NEWNET = 0x00020000, 0x40000000  # linux/sched.h
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000  # linux/mount.h
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1  # linux/sockios.h, linux/if.h
_libc = ctypes.CDLL(None, use_errno=True)


def _check(result):
    if result != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def can():
    """Whether we may: in a child, for there is no way back."""
    child = os.fork()
    if child == 0:
        os._exit(0 if _libc.unshare(CLONE_NEWNS | CLONE_NEWNET) == 0 else 1)
    return os.waitpid(child, 0)[1] == 0


def replace(path, content):
    """For this process and its children, that file of the system is another one."""
    _check(_libc.unshare(CLONE_NEWNS))
    _check(_libc.mount(b'none', b'/', None, MS_REC | MS_PRIVATE, None))
    _check(_libc.mount(os.fsencode(content), os.fsencode(path), None, MS_BIND, None))


class Network:
    """For a with statement: what is started inside is in a network of its own, whose port 5222 leads to `port` here."""

    def __init__(self, port):
        self.port = port

    def __enter__(self):
        self.before = os.open('/proc/thread-self/ns/net', os.O_RDONLY | os.O_CLOEXEC)
        _check(_libc.unshare(CLONE_NEWNET))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            flags = struct.unpack('16sh', fcntl.ioctl(any_socket, SIOCGIFFLAGS, struct.pack('16sh', b'lo', 0)))[1]
            fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack('16sh', b'lo', flags | IFF_UP))
        self.listener = socket.create_server(('127.0.0.1', 5222))
        return self

    def __exit__(self, *_error):
        _check(_libc.setns(self.before, CLONE_NEWNET))
        os.close(self.before)
        forward(self.listener, self.port)
