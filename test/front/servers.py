# SPDX-License-Identifier: LGPL-2.1-or-later
"""Servers of Debian with the accounts that clients' tests want, each with a listener for us; ejabberd and Prosody have one with STARTTLS besides."""
import gzip
import os
import pathlib
import shutil
import sqlite3
import time

from machines import Program
from machines_in_front import Ejabberd, Loopback, free_port, make_certificate

ACCOUNTS = ("first", "second", "third", "fourth", "fifth")
PASSWORD = "secret"


class EjabberdWithStartTls(Ejabberd):
    PASSWORD = PASSWORD
    NAMES = ACCOUNTS
    PROXY = "v2"

    def __init__(self):
        super().__init__(0)
        text = pathlib.Path(self.path("ejabberd.yml")).read_text(encoding="utf-8")
        text = text.replace("tls: true", "starttls: true")
        text = text[:text.index("modules:")] + """access_rules: {local: {allow: all}}
modules:
  mod_adhoc: {}
  mod_blocking: {}
  mod_caps: {}
  mod_carboncopy: {}
  mod_disco: {}
  mod_last: {}
  mod_mam: {}
  mod_muc: {host: conference.localhost}
  mod_offline: {}
  mod_ping: {}
  mod_privacy: {}
  mod_private: {}
  mod_pubsub: {plugins: [flat, pep]}
  mod_roster: {}
  mod_stream_mgmt: {}
  mod_time: {}
  mod_vcard: {}
  mod_version: {}
"""
        pathlib.Path(self.path("ejabberd.yml")).write_text(text, encoding="utf-8")


class Prosody(Program):
    DOMAIN = "localhost"
    PROXY = "no"
    NAMES = ACCOUNTS

    def __init__(self):
        super().__init__("prosody", Loopback())
        self.port, self.tls_port = free_port(), free_port()
        make_certificate(self.directory)

    @classmethod
    def why_not(cls):
        return None if shutil.which("prosody") else "prosody is not installed"

    def words(self):
        os.chmod(self.directory, 0o755)
        accounts = pathlib.Path(self.directory, "data", "localhost", "accounts")
        accounts.mkdir(parents=True)
        for name in self.NAMES:
            (accounts / f"{name}.dat").write_text(self.account(), encoding="utf-8")
        path = os.path.join(self.directory, "prosody.cfg.lua")
        pathlib.Path(path).write_text(self.configuration(), encoding="utf-8")
        return ["prosody", "-F", "--config", path]

    def account(self):
        return f'return {{ ["password"] = "{PASSWORD}" }};\n'

    def configuration(self):
        # One server with both: what it wants of encryption it wants of all its listeners.
        return f"""
daemonize = false
run_as_root = true
data_path = "{self.directory}/data"
pidfile = "{self.directory}/pid"
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {self.port}, {self.tls_port} }}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
s2s_ports = {{}}
authentication = "internal_plain"
modules_enabled = {{ "roster", "saslauth", "tls", "disco", "smacks", "blocklist", "carbons", "pep", "private", "vcard_legacy", "version", "time", "ping", "mam", "csi_simple", "adhoc" }}
modules_disabled = {{ "s2s" }}
ssl = {{ certificate = "{self.directory}/certificate.pem", key = "{self.directory}/key.pem" }}
log = {{ info = "*console" }}
VirtualHost "localhost"
Component "conference.localhost" "muc"
Component "pubsub.localhost" "pubsub"
"""

    def start(self):
        super().start()
        self.wait_until_it_says("Activated service 'c2s'")


class Jabberd2(Program):
    """Three programs, with the configuration of the package but for names, places and ports."""

    DOMAIN = "localhost"
    PROXY = "no"
    NAMES = ACCOUNTS
    CHANGES = ()  # of the package's configuration, besides

    def __init__(self):
        super().__init__("jabberd2", Loopback())
        self.port, self.router_port = free_port(), free_port()
        setup = pathlib.Path("/usr/share/doc/jabberd2/db-setup.sqlite.gz")
        database = sqlite3.connect(os.path.join(self.directory, "sqlite.db"))
        with database:
            database.executescript(gzip.decompress(setup.read_bytes()).decode())
            database.executemany("INSERT INTO authreg (username, realm, password) VALUES (?, ?, ?)", [(name, self.DOMAIN, PASSWORD) for name in self.NAMES])
            database.executemany('INSERT INTO active ("collection-owner", "object-sequence", time) VALUES (?, ?, ?)', [(f"{name}@{self.DOMAIN}", number, 1) for number, name in enumerate(self.NAMES, 1)])
        database.close()
        for part in ("router", "sm", "c2s"):
            text = pathlib.Path(f"/etc/jabberd2/{part}.xml").read_text(encoding="utf-8")
            for old, new in (("/var/run/jabberd2", self.directory), ("/var/log/jabberd2", self.directory), ("/var/lib/jabberd2", self.directory), ("localhost.localdomain", self.DOMAIN),
                             ("<ip>0.0.0.0</ip>", "<ip>127.0.0.1</ip>"), ("<port>5347</port>", f"<port>{self.router_port}</port>"), ("<port>5222</port>", f"<port>{self.port}</port>"),
                             ("<ssl-port>5223</ssl-port>", ""), ("<pemfile>/etc/jabberd2/server.pem</pemfile>", ""), *self.CHANGES):
                text = text.replace(old, new)
            pathlib.Path(self.directory, f"{part}.xml").write_text(text, encoding="utf-8")

    @classmethod
    def why_not(cls):
        return None if os.path.exists("/usr/sbin/jabberd2-router") else "jabberd2 is not installed"

    def words(self):
        parts = " ".join(f"({wait} exec /usr/sbin/jabberd2-{part} -c {self.directory}/{part}.xml) & all=\"$all $!\";" for part, wait in (("router", ""), ("sm", "sleep 0.5;"), ("c2s", "sleep 1;")))
        return ["sh", "-c", f"trap 'kill $all; wait' TERM; {parts} wait"]

    def start(self):
        super().start()
        end = time.monotonic() + 30
        while "ready for connections" not in self.c2s_log():
            if time.monotonic() > end:
                raise RuntimeError("jabberd2 does not start:\n" + self.log_text()[-2000:] + self.c2s_log()[-2000:])
            time.sleep(0.1)

    def c2s_log(self):
        path = pathlib.Path(self.directory, "c2s.log")
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


SERVERS = {"ejabberd": EjabberdWithStartTls, "prosody": Prosody, "jabberd2": Jabberd2}
