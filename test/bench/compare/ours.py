# SPDX-License-Identifier: LGPL-2.1-or-later
"""The relay and our server, and HAProxy in front of it."""
import base64
import os
import pathlib
import re
import resource
import shutil
import socket
import subprocess
import time

from machines import Program
from machines_in_front import Loopback, free_port, make_certificate
from measured import ITERATIONS, SALT, Measured, descendants, names, pair_in_one_file, scram_keys


class Relay(Measured, Program):
    """Copies bytes between two connections, in the clear: the yardstick of those with TLS, too."""

    OPTIONS = ("--relay",)
    MECHANISMS = ()

    def __init__(self, build, _accounts, _tls):
        super().__init__("relay", Loopback())
        self.build = build

    def words(self):
        return [f"{self.build}/test/bench/relay"]

    def start(self):
        super().start()
        self.wait_until_it_says("ready ")
        self.port = int(self.log_text().split()[1])


class Ours(Measured, Program):
    ITERATIONS = ITERATIONS  # of the hash of a password (PBKDF2)
    LISTEN = ""
    PROXIES = ""

    def __init__(self, build, accounts, tls):
        super().__init__("ours", Loopback())
        self.build, self.accounts, self.tls = build, accounts, tls
        make_certificate(self.directory)

    def words(self):
        path = pathlib.Path(self.directory, "jabber.xml")
        listen, certificate = (" tls='direct'", "<tls><certificate file='certificate.pem' key='key.pem'/></tls>") if self.tls else (self.LISTEN, "")
        path.write_text(f"""<jabber><control>control</control><log level='warning'/>
<service id='sessions'><host>localhost</host><load><session_manager>{self.build}/examples/session_manager/session_manager.so</session_manager></load>
  <sessions xmlns='jabber:config:session-manager'><database>db</database></sessions></service>
<service id='c2s'><load><socket_manager>{self.build}/plugin/socket_manager.so</socket_manager></load>
  <c2s xmlns='jabber:config:socket-manager'><listen port='0'{listen}>127.0.0.1</listen>{self.PROXIES}{certificate}<plain>always</plain>
  <limits><connections-per-address>0</connections-per-address><attempts-per-second>0</attempts-per-second><bytes-per-second>0</bytes-per-second><stanzas-per-second>0</stanzas-per-second></limits>
  </c2s></service></jabber>""", encoding="utf-8")
        return [f"{self.build}/examples/host/jabberd-host", "-c", str(path)]

    def start(self):
        super().start()
        self.wait_until_it_says("ready:")
        self.port = int(re.search(r"127\.0\.0\.1:(\d+)", self.log_text())[1])
        self.import_accounts()

    def import_accounts(self):
        """By XEP-0227."""
        credentials = ""
        for mechanism, algorithm in (("SCRAM-SHA-1", "sha1"), ("SCRAM-SHA-256", "sha256")):
            stored, server = (base64.b64encode(key).decode() for key in scram_keys(algorithm, self.ITERATIONS))
            credentials += (f"<scram-credentials xmlns='urn:xmpp:pie:0#scram' mechanism='{mechanism}'><iter-count>{self.ITERATIONS}</iter-count><salt>{base64.b64encode(SALT).decode()}</salt>"
                            f"<server-key>{server}</server-key><stored-key>{stored}</stored-key></scram-credentials>")
        users = "".join(f"<user name='{name}'>{credentials}</user>" for name in names(self.accounts))
        accounts = f"<server-data xmlns='urn:xmpp:pie:0'><host jid='localhost'>{users}</host></server-data>"
        result = subprocess.run([f"{self.build}/examples/host/jabberd-ctl", "--socket", f"{self.directory}/control", "accounts", "import"], input=accounts, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise RuntimeError(result.stdout + result.stderr)


class OursWithoutHash(Ours):
    """A login costs what it costs besides the hash."""

    ITERATIONS = 1


class OursBehindHaproxy(Ours):
    """TLS ends in HAProxy, in TCP mode, and what it forwards arrives in the clear."""

    LISTEN = " proxy='required'"
    PROXIES = "<trusted>127.0.0.1</trusted>"
    PACKAGE = "haproxy"
    HAPROXY = shutil.which("haproxy", path=os.environ.get("PATH", "") + ":/usr/sbin")

    class Haproxy(Program):
        def __init__(self, server):
            super().__init__("haproxy", Loopback())
            self.server, self.port = server, free_port()

        def words(self):
            path = pathlib.Path(self.directory, "haproxy.cfg")
            path.write_text(f"""global
    maxconn {resource.getrlimit(resource.RLIMIT_NOFILE)[1] // 2 - 500}
    ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
    mode tcp
    timeout connect 10s
    timeout client 1h
    timeout server 1h
listen xmpp
    bind 127.0.0.1:{self.port} ssl crt {pair_in_one_file(self.server.directory)}
    server jabberd 127.0.0.1:{self.server.port} send-proxy-v2
""", encoding="utf-8")
            return [OursBehindHaproxy.HAPROXY, "-db", "-f", str(path)]

        def start(self):
            super().start()
            end = time.monotonic() + 30
            while True:  # it says nothing when it is ready
                try:
                    return socket.create_connection(("127.0.0.1", self.port)).close()
                except ConnectionRefusedError:
                    if time.monotonic() > end:
                        raise RuntimeError("haproxy does not start:\n" + self.log_text()) from None
                    time.sleep(0.05)

    def __init__(self, build, accounts, _tls):
        super().__init__(build, accounts, False)
        self.front = self.Haproxy(self)

    @classmethod
    def why_not(cls):
        return None if cls.HAPROXY else "haproxy is not installed"

    def start(self):
        super().start()
        self.front.start()

    def options(self):
        return ["--sasl", "--tls", "--port", str(self.front.port), "--pid", ",".join(map(str, self.processes()))]

    def processes(self):
        return super().processes() + (descendants(self.front.process.pid) if self.front.process else [])

    def remove(self):
        self.front.remove()
        super().remove()
