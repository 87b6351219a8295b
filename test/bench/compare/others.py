# SPDX-License-Identifier: LGPL-2.1-or-later
"""Servers of Debian. Their programs and the rest of their configuration are those of the tests in front of them (test/front)."""
import pathlib

from machines import Program
from machines_in_front import Ejabberd, make_certificate
from measured import ITERATIONS, PASSWORD, SALT, Measured, names, pair_in_one_file, scram_keys
from servers import Jabberd2, Prosody
from shapes import PLAIN


class MeasuredEjabberd(Measured, Ejabberd):
    PACKAGE = "ejabberd"
    PASSWORD = PASSWORD

    def __init__(self, _build, accounts, tls):
        super().__init__(accounts)
        self.tls = tls
        tls_words = 'tls: true, ' if tls else ""
        pathlib.Path(self.path("ejabberd.yml")).write_text(f"""hosts: [{self.DOMAIN}]
loglevel: warning
certfiles: ["{self.path("certificate.pem")}", "{self.path("key.pem")}"]
listen:
  - {{port: {self.port}, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: 262144, {tls_words}backlog: 1024}}
auth_method: internal
auth_password_format: scram
access_rules: {{local: {{allow: all}}}}
modules: {{mod_adhoc: {{}}, mod_blocking: {{}}, mod_caps: {{}}, mod_carboncopy: {{}}, mod_client_state: {{}}, mod_disco: {{}}, mod_last: {{}}, mod_offline: {{}}, mod_ping: {{}},
  mod_privacy: {{}}, mod_private: {{}}, mod_pubsub: {{plugins: [flat, pep]}}, mod_roster: {{versioning: true}}, mod_stream_mgmt: {{}}, mod_vcard: {{}}, mod_version: {{}}}}
""", encoding="utf-8")

    def accounts(self):
        """One that the server hashes, and its copies."""
        return (f'{{atomic, ok}} = {{atomic, ejabberd_auth:try_register(<<"load0">>, <<"{self.DOMAIN}">>, <<"{self.PASSWORD}">>)}}, [Account] = mnesia:dirty_read(passwd, {{<<"load0">>, <<"{self.DOMAIN}">>}}), '
                f'[mnesia:dirty_write(passwd, setelement(2, Account, {{<<"load", (integer_to_binary(N))/binary>>, <<"{self.DOMAIN}">>}})) || N <- lists:seq(1, {self.users - 1})]')


class MeasuredProsody(Measured, Prosody):
    PACKAGE = "prosody"

    def __init__(self, _build, accounts, tls):
        super().__init__()
        self.tls, self.NAMES = tls, names(accounts)
        stored, server = scram_keys("sha1")
        self.text = f'return {{ ["salt"] = "{SALT.decode()}", ["iteration_count"] = {ITERATIONS}, ["stored_key"] = "{stored.hex()}", ["server_key"] = "{server.hex()}" }};\n'

    def account(self):
        return self.text

    def configuration(self):
        return f"""
daemonize = false
run_as_root = true
network_backend = "epoll"
data_path = "{self.directory}/data"
pidfile = "{self.directory}/pid"
interfaces = {{ "127.0.0.1" }}
{"c2s_ports = { }" if self.tls else f"c2s_ports = {{ {self.port} }}"}
{f"c2s_direct_tls_ports = {{ {self.port} }}" if self.tls else ""}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_hashed"
modules_enabled = {{ "disco", "roster", "saslauth", "tls", "blocklist", "bookmarks", "carbons", "pep", "private", "smacks", "vcard4", "vcard_legacy", "csi_simple", "ping", "register", "time", "uptime", "version" }}
modules_disabled = {{ "s2s" }}
ssl = {{ certificate = "{self.directory}/certificate.pem", key = "{self.directory}/key.pem" }}
log = {{ info = "*console" }}
VirtualHost "localhost"
"""

    def start(self):
        Program.start(self)
        self.wait_until_it_says("Activated service 'c2s_direct_tls'" if self.tls else "Activated service 'c2s'")


class MeasuredJabberd2(Measured, Jabberd2):
    PACKAGE = "jabberd2"
    MECHANISMS = (PLAIN,)

    def __init__(self, _build, accounts, tls):
        self.tls, self.NAMES = tls, names(accounts)
        self.CHANGES = (("<max_fds>1024</max_fds>", "<max_fds>20000</max_fds>"), ("<stanzas>1000</stanzas>", "<stanzas>0</stanzas>"))
        super().__init__()
        make_certificate(self.directory)
        if tls:
            path = pathlib.Path(self.directory, "c2s.xml")
            text = path.read_text(encoding="utf-8")
            # Its port for direct TLS is another one.
            path.write_text(text.replace(f"<port>{self.port}</port>", f"<port>0</port><ssl-port>{self.port}</ssl-port><pemfile>{pair_in_one_file(self.directory)}</pemfile>"), encoding="utf-8")
