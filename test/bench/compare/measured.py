# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a server that is compared has to be: a few processes on loopback, with the accounts of the load, in the clear or with TLS from the first byte on.

Caps and rates are lifted everywhere, for it is the server that is measured and not its patience, and none of them keeps an archive. All else is as its package has it."""
import contextlib
import glob
import hashlib
import hmac
import pathlib

from shapes import PLAIN, SCRAM

PASSWORD = "secret"  # as the load generator has it (test/bench/load/login.cpp)
SALT = b"sixteen bytes, 1"
ITERATIONS = 10000  # the default of ours and of Prosody


def names(count):
    """As the load generator has them (test/bench/load/crowd.h)."""
    return [f"load{number}" for number in range(count)]


def descendants(pid):
    found = [pid]
    for task in glob.glob(f"/proc/{pid}/task/*/children"):
        with contextlib.suppress(OSError):  # the thread has ended
            for child in pathlib.Path(task).read_text(encoding="ascii").split():
                found += descendants(int(child))
    return found


def scram_keys(algorithm, iterations=ITERATIONS):
    """The stored key and the server key (RFC 5802 §3), the same for all accounts: making thousands of them is nobody's benchmark."""
    salted = hashlib.pbkdf2_hmac(algorithm, PASSWORD.encode(), SALT, iterations)
    return hashlib.new(algorithm, hmac.digest(salted, b"Client Key", algorithm)).digest(), hmac.digest(salted, b"Server Key", algorithm)


def pair_in_one_file(directory):
    """Of make_certificate's, for those that want it so."""
    pair = pathlib.Path(directory, "both.pem")
    pair.write_text("".join(pathlib.Path(directory, name).read_text(encoding="ascii") for name in ("certificate.pem", "key.pem")), encoding="ascii")
    return pair


class Measured:
    """What the generator of load needs to know of one: its `port`, its processes, and how clients come in."""

    OPTIONS = ("--sasl",)
    PACKAGE = None  # of Debian
    MECHANISMS = (PLAIN, SCRAM)  # of those that the load can
    tls = False

    def options(self):
        return [*self.OPTIONS, *(["--tls"] if self.tls else []), "--port", str(self.port), "--pid", ",".join(map(str, self.processes()))]

    def processes(self):
        return descendants(self.process.pid)
