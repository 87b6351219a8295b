# SPDX-License-Identifier: LGPL-2.1-or-later
"""ejabberd, and a host of ours in front of it, each a process on loopback."""
import glob
import os
import shutil
import socket
import subprocess

from machines import Host, Program


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_certificate(directory):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                    "-keyout", os.path.join(directory, "key.pem"), "-out", os.path.join(directory, "certificate.pem")], check=True, capture_output=True)


class Loopback:
    """Where all of them are, as machines.Network is asked."""

    def add(self, _):
        return "127.0.0.1", []


class Ejabberd(Program):
    """As a node without a name: it needs neither epmd nor the user of the package's service."""

    DOMAIN = "localhost"
    LIBRARIES = os.path.dirname(os.path.dirname(next(iter(glob.glob("/usr/lib/*/ejabberd-*/ebin") + glob.glob("/usr/lib/ejabberd-*/ebin")), "")))
    PASSWORD = "pw"
    NAMES = ()  # of accounts; else so many users, u0, u1, …

    def __init__(self, users):
        super().__init__("ejabberd", Loopback())
        self.port, self.tls_port = free_port(), free_port()
        self.users = users
        make_certificate(self.directory)
        with open(self.path("ejabberd.yml"), "w", encoding="utf-8") as file:
            file.write(f"""hosts: [{self.DOMAIN}]
loglevel: error
certfiles: ["{self.path("certificate.pem")}", "{self.path("key.pem")}"]
listen:
  - {{port: {self.port}, ip: "127.0.0.1", module: ejabberd_c2s, use_proxy_protocol: true, backlog: 1024}}
  - {{port: {self.tls_port}, ip: "127.0.0.1", module: ejabberd_c2s, tls: true, backlog: 1024}}
auth_method: internal
auth_password_format: plain
modules: {{mod_stream_mgmt: {{}}, mod_roster: {{}}, mod_offline: {{access_max_user_messages: max_offline}}, mod_ping: {{}}}}
shaper_rules: {{max_offline: {{100000: all}}}}
""")

    def path(self, name):
        return os.path.join(self.directory, name)

    @classmethod
    def why_not(cls):
        """Why there is none here, or None."""
        return None if shutil.which("erl") and cls.LIBRARIES else "ejabberd is not installed"

    def accounts(self):
        """What makes them, in Erlang."""
        names = ", ".join(f'<<"{name}">>' for name in self.NAMES) or f'<<"u", (integer_to_binary(N))/binary>> || N <- lists:seq(0, {self.users - 1})'
        return f'[ejabberd_auth:try_register(U, <<"{self.DOMAIN}">>, <<"{self.PASSWORD}">>) || U <- [{names}]]'

    def words(self):
        settings = {"ERL_LIBS": self.LIBRARIES, "ERL_CRASH_DUMP": self.path("crash.dump"), "EJABBERD_CONFIG_PATH": self.path("ejabberd.yml"), "EJABBERD_LOG_PATH": self.path("server.log")}
        return ["env", *(f"{key}={value}" for key, value in settings.items()), "erl", "+P", "250000", "+Q", "65536", "-noinput", "-mnesia", "dir", f'"{self.path("accounts")}"', "-s", "ejabberd",
                "-eval", f'{self.accounts()}, io:format("the accounts are there~n").']

    def start(self):
        before = self.log_text().count("the accounts are there")
        super().start()
        self.wait_until_it_says("the accounts are there", 120, before)


class Front(Host):
    """The socket manager and upstream.so. Clients have TLS from the first byte on, or by STARTTLS."""

    def __init__(self, build, server, proxy="v2", starttls=False):
        super().__init__("front", Loopback(), build)
        self.server, self.proxy = server, proxy
        self.direct = "" if starttls else " tls='direct'"
        self.port = free_port()

    def words(self):
        make_certificate(self.directory)
        path = os.path.join(self.directory, "jabber.xml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"""<jabber><control>control</control>
<service id='sessions'><host>{self.server.DOMAIN}</host><load><upstream>{self.build}/examples/upstream/upstream.so</upstream></load>
  <upstream xmlns='jabber:config:upstream'><server>127.0.0.1:{self.server.port}</server><proxy>{self.proxy}</proxy></upstream></service>
<service id='c2s'><load><socket_manager>{self.build}/plugin/socket_manager.so</socket_manager></load>
  <c2s xmlns='jabber:config:socket-manager'><listen port='{self.port}'{self.direct}>127.0.0.1</listen><websocket/><tls><certificate file='certificate.pem' key='key.pem'/></tls>
  <limits><connections-per-address>0</connections-per-address><attempts-per-second>0</attempts-per-second></limits></c2s></service></jabber>""")
        return [f"{self.build}/examples/host/jabberd-host", "-c", path]

    def start(self):
        super().start()
        self.wait_until_it_says("ready")
