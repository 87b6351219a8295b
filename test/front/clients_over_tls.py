# SPDX-License-Identifier: LGPL-2.1-or-later
"""Clients as RFC 6120 wants them: TLS, SASL, a bound resource."""
import asyncio
import base64
import re
import ssl

from clients import Client, Wire, now

STREAM = "<stream:stream to='{}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"


class ClientOverTls(Client):
    ELEMENT = re.compile(rb"<(message|iq|presence|stream:features|success|failure)\b(?:[^>]*/>|.*?</\1>)|<stream:error>.*?</stream:error>|</stream:stream>|<stream:stream\b[^>]*>", re.DOTALL)
    PASSWORD = "pw"
    CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    CONTEXT.check_hostname = False
    CONTEXT.verify_mode = ssl.CERT_NONE

    async def dial(self):
        await asyncio.get_running_loop().create_connection(lambda: Wire(self), *self.address, ssl=self.CONTEXT, server_hostname=self.domain)

    def connection_made(self, transport):
        self.transport, self.buffer, self.state, self.since = transport, b"", "stream", now()
        self.say(STREAM.format(self.domain))

    def on_element(self, element):
        if element.startswith(b"<stream:features"):
            if self.state == "stream":
                self.state = "logging in"
                self.say(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{self.proof()}</auth>")
            else:
                self.say("<iq type='set' id='l'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>")
        elif element.startswith(b"<success"):
            self.state = "binding"
            self.say(STREAM.format(self.domain))
        elif element.startswith(b"<failure"):
            self.crowd.refused += 1
            asyncio.get_running_loop().call_later(0.5, self.abort)
        elif not element.startswith(b"<stream:stream"):
            super().on_element(element)

    def proof(self):
        return base64.b64encode(f"\0{self.user}\0{self.PASSWORD}".encode()).decode()

    def question(self, number):
        return f"<iq type='get' id='p{number}' to='{self.domain}'><ping xmlns='urn:xmpp:ping'/></iq>"
