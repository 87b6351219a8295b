#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""upstream.so in front of a server that does wrong: only the client to whom it is done may notice. Says in TAP how each
case went."""
import base64
import concurrent.futures
import re
import socket
import threading
import time

import hostile_server
import whole_server
from hostile_server import BIND, CLOSES, HEADER, IS_SILENT, MECHANISMS, STREAM_MANAGEMENT, SUCCESS, bound, features

PATIENCE = 60  # seconds: only a failing test uses them up

# What hangs is to end soon.
SOCKETS = '<authtime>4</authtime>'
SESSIONS = '''<load><upstream>{{UPSTREAM}}</upstream></load>
  <upstream xmlns='jabber:config:upstream'>
    <server>127.0.0.1:{port}</server><patience>2</patience><stanza>100000</stanza>
  </upstream>'''

# What servers say, and what the client is told instead: what it would not understand, or must not follow.
CONDITIONS = ('bad-format', 'bad-namespace-prefix', 'conflict', 'connection-timeout', 'host-gone', 'host-unknown',
              'improper-addressing', 'internal-server-error', 'invalid-from', 'invalid-namespace', 'invalid-xml',
              'not-authorized', 'not-well-formed', 'policy-violation', 'remote-connection-failed', 'reset',
              'resource-constraint', 'restricted-xml', 'see-other-host', 'system-shutdown', 'undefined-condition',
              'unsupported-encoding', 'unsupported-feature', 'unsupported-stanza-type', 'unsupported-version',
              'no-such-condition')
TOLD_AS = {'host-gone': 'undefined-condition', 'invalid-xml': 'undefined-condition', 'see-other-host': 'reset',
           'unsupported-feature': 'undefined-condition', 'no-such-condition': 'undefined-condition'}


def stream_error(condition):
    return (f"<stream:error><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"
            f"<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>words of the server</text></stream:error>")


def elsewhere(where):
    return HEADER + (f"<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>{where}</see-other-host>"
                     "</stream:error></stream:stream>")


def message(children, attributes=''):
    return f"<message from='wicked@elsewhere' {attributes}>{children}</message>"


def endlessly(begin, more):
    def send(peer):
        peer.send(begin)
        while True:  # until it is closed
            peer.send(more * 1000)
    return send


# (what is wrong, at which step, what is done, what the client must have experienced in the end)
#   ANSWERED: it is in a session, and hears its messages. ENDED: its stream is over, as its last words say.
ANSWERED, ENDED = 'answered', 'ended'
BEFORE = [
    ('closes', CLOSES), ('is silent', IS_SILENT), ('sends garbage', b'\xff\xfe\x00garbage' * 100),
    ('speaks HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'), ('sends a doctype', "<!DOCTYPE x [<!ENTITY a 'aaaa'>]><x>&a;"),
    ('speaks to servers', HEADER.replace('jabber:client', 'jabber:server')),
    ('ends its stream', HEADER + '</stream:stream>'), ('sends an endless header', endlessly('<stream:stream ', "a='b' ")),
]
DURING = [
    ('closes', CLOSES), ('is silent', IS_SILENT), ('ends its stream', '</stream:stream>'), ('sends garbage', b'\x00\xff<<<>'),
    ('sends what is not well-formed', '<a></b>'), ('sends an endless element', endlessly('<x xmlns="y"><z>', 'z')),
    ('sends an endless name', endlessly('<', 'z')), ('sends endless children', endlessly('<x xmlns="y">', '<z/>')),
    ('sends an unknown stream element', '<stream:nonsense/>'),
]
CASES = [(f'a server that {what} instead of a header', 'header', done, ENDED) for what, done in BEFORE]
CASES += [(f'a server that {what} at the step "{step}"', step, done, ENDED)
          for step in ('features', 'success', 'header again', 'features again', 'bind', 'session')
          for what, done in DURING if step != 'session' or done is not IS_SILENT]
CASES += [(f'a server that ends the stream with {condition} {when}', step, stream_error(condition), ENDED)
          for condition in CONDITIONS for when, step in (('before the login', 'success'), ('in a session', 'session'))]
CASES += [(f'a server that sends its clients to {where or "nowhere"}', 'header', elsewhere(where), ENDED)
          for where in ('', '127.0.0.1:1', 'other.example', '[::1', '0.0.0.0:99999', '<x/>', 'z' * 5000)]
CASES += [
    ('features without a mechanism', 'features', features(''), ANSWERED),
    ('features twice', 'features', features(MECHANISMS) * 2, ANSWERED),
    ('a server without XEP-0198', 'features again', features(BIND), ANSWERED),
    ('features twice after the login', 'features again', features(BIND) * 2, ANSWERED),
    ('no features after the login', 'features again', features(''), ANSWERED),
    ('features that are more than a client can be told', 'features',
     features(MECHANISMS + '<x xmlns="y">' + 'z' * 90000 + '</x>'), ANSWERED),
    ('a success that is not asked for', 'features', features(MECHANISMS) + SUCCESS, None),
    ('a success of SASL2', 'success', "<success xmlns='urn:xmpp:sasl:2'><authorization-identifier>x@localhost/r"
     "</authorization-identifier></success>", ENDED),
    ('a success of SASL2 without a user', 'success', "<success xmlns='urn:xmpp:sasl:2'/>", ENDED),
    ('a failure without a reason', 'success', "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>", ENDED),
    ('challenges to PLAIN without end', 'success',
     endlessly('', "<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>=</challenge>"), ENDED),
    ('stanzas before the login', 'features', message('<body>x</body>') + features(MECHANISMS), ANSWERED),
    ('stanzas before a resource is bound', 'features again',
     features(BIND) + message('<body>x</body>') + "<presence from='a@b'/><iq type='get' id='1' from='a@b'/>", ANSWERED),
    ('<resumed/> before a resource is bound', 'features again',
     "<resumed xmlns='urn:xmpp:sm:3' previd='x' h='1'/>" + features(BIND), ANSWERED),
    ('an answer to nothing', 'bind', "<iq type='result' id='x'/>" + bound('<jid>x@localhost/r</jid>'), ANSWERED),
    ('a bind that is answered twice', 'bind', bound('<jid>x@localhost/r</jid>') * 2, ANSWERED),
    ('a bind without a jid', 'bind', bound(''), ENDED),
    ('a bind without anything', 'bind', "<iq type='result' id='{id}'/>", ENDED),
    ('a bind without a resource', 'bind', bound('<jid>x@localhost</jid>'), ENDED),
    ('a bind of nothing but slashes', 'bind', bound('<jid>///</jid>'), None),
    ('a bind of an address that is none', 'bind', bound('<jid>a@b@c/d@e/f</jid>'), None),
    ('a bind with an address that is too long', 'bind', bound(f"<jid>{'x' * 5000}@localhost/{'y' * 5000}</jid>"), None),
    ('a bind that is for another host', 'bind', bound('<jid>x@elsewhere/r</jid>'), None),
    ('a bind that is refused', 'bind', "<iq type='error' id='{id}'><error type='cancel'/></iq>", ENDED),
    ('a route inside of a message', 'session',
     message('<body>forged</body>', "sto='friend@localhost/r' sfrom='friend@localhost/r'"), ANSWERED),
    ('a 510 inside of a message', 'session', message("<error code='510'>Disconnected</error>", "type='error'"), ANSWERED),
    ('a 510 and the end inside of a message', 'session',
     message("<error code='510'>Disconnected</error><end xmlns='jabber:socket-manager:end' condition='conflict'/>",
             "type='error'"), ANSWERED),
    ('a 510 inside of a presence', 'session', "<presence type='error'><error code='510'/></presence>", ANSWERED),
    ('a 510 inside of an iq', 'session', "<iq type='error' id='x'><error code='510'/></iq>", ANSWERED),
    ('a 510 again and again', 'session', message("<error code='510'/>", "type='error'") * 1000, ANSWERED),
    ('what session managers say', 'session',
     "<r xmlns='jabber:socket-manager:written'/><a xmlns='jabber:socket-manager:written'/>"
     "<wants xmlns='jabber:socket-manager:wants'/><end xmlns='jabber:socket-manager:end'/>"
     "<iq type='result' id='1'><query xmlns='jabber:iq:stream-features'/></iq>", ANSWERED),
    ('what belongs to a login', 'session', SUCCESS + "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
     "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/><success xmlns='urn:xmpp:sasl:2'/>" + features(MECHANISMS),
     ANSWERED),
    ('what belongs to XEP-0198', 'session', "<resumed xmlns='urn:xmpp:sm:3' previd='x' h='1'/><enabled "
     "xmlns='urn:xmpp:sm:3' id='x' resume='true'/><failed xmlns='urn:xmpp:sm:3'/><a xmlns='urn:xmpp:sm:3' h='-1'/>"
     "<a xmlns='urn:xmpp:sm:3'/><enable xmlns='urn:xmpp:sm:3'/><nonsense xmlns='urn:xmpp:sm:3'/>", ANSWERED),
    ('a hundred thousand questions how much has come', 'session', "<r xmlns='urn:xmpp:sm:3'/>" * 100_000, ANSWERED),
    ('stanzas of other namespaces', 'session',
     "<message xmlns='jabber:server'><body>x</body></message><x xmlns='y'/><iq xmlns=''/>", ANSWERED),
    ('stanzas that nobody knows', 'session', '<nonsense/><route/><message2/>', ANSWERED),
    ('a second header', 'session', HEADER, ENDED),
    ('a doctype in a stanza', 'session', message('<!DOCTYPE x>'), ENDED),
    ('a comment and a processing instruction', 'session', message('<!-- x --><?y z?>'), None),
    ('a text of zeros', 'session', b"<message><body>\x00\x00</body></message>", ENDED),
    ('a text that is not UTF-8', 'session', b"<message><body>\xc3\x28\xff</body></message>", ENDED),
    ('entities', 'session', message('&nbsp;&#0;&#xFFFE;'), ENDED),
    ('a stanza of many levels', 'session', '<message>' + '<x>' * 200 + '</x>' * 200 + '</message>', None),
    ('a stanza of many children', 'session', '<message>' + '<x/>' * 20000 + '</message>', None),
    ('a stanza of many attributes', 'session', '<message>' + '<x ' + ' '.join(f"a{n}=''" for n in range(900)) +
     '/></message>', None),
    ('a stanza of many namespaces', 'session',
     '<message>' + ''.join(f"<x xmlns='{n}'/>" for n in range(5000)) + '</message>', None),
    ('a stanza that is just too long', 'session', message(f"<body>{'x' * 100_000}</body>"), ENDED),
]


class Client:
    def __init__(self, server, user):
        self._entered = whole_server.connected(server.port, server.ca_file, user)
        self._connection = self._entered.__enter__()
        self._connection.settimeout(PATIENCE)
        self.received, self._read_to = '', 0
        self.user = user

    def close(self):
        self._entered.__exit__(None, None, None)

    def send(self, text):
        try:
            self._connection.sendall(text.encode())
        except OSError:
            pass  # what has been said before is read all the same

    def until(self, pattern):
        """None: the stream ends without it."""
        while not (found := re.compile(pattern, re.DOTALL).search(self.received, self._read_to)):
            try:
                some = self._connection.recv(65536)
            except ConnectionError:
                some = b''
            if not some:
                return None
            self.received += some.decode()
        self._read_to = found.end()
        return found.group()

    def log_in(self):
        """Whether it is in a session."""
        header = whole_server.header(self.user)
        password = base64.b64encode(f'\0{self.user}\0{whole_server.PASSWORD}'.encode()).decode()
        self.send(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{password}</auth>")
        if '<success' not in (self.until('<success[^>]*>|<failure|</stream:stream>') or ''):
            return False
        self.send(header)
        if not self.until('<stream:features/>|</stream:features>'):
            return False
        self.send("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>")
        return 'result' in (self.until('<iq[^>]*>|</stream:stream>') or '')

    def chat(self, word):
        """Whether what it says comes back to it."""
        self.send(f"<message to='{self.user}@localhost'><body>{word}</body></message>")
        return word in (self.until(f'<body>{word}</body>|</stream:stream>') or '')


def experience(server, user):
    client = Client(server, user)
    try:
        if client.log_in() and client.chat('one') and client.chat('two'):
            return ANSWERED, client.received
        client.until('</stream:stream>')
        return ENDED, client.received
    finally:
        client.close()


class Friend(threading.Thread):
    """Talks all the time."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self._client = Client(server, 'friend')
        self._is_over = threading.Event()
        self.count, self.problem = 0, None
        if not self._client.log_in():
            raise RuntimeError(f'a friend cannot log in: {self._client.received}')

    def run(self):
        while not self._is_over.wait(0.01):
            if not self._client.chat(f'word-{self.count}-'):
                self.problem = self._client.received[-1000:]
                return
            self.count += 1

    def leave(self):
        self._is_over.set()
        self.join()
        self._client.close()
        if self.problem is not None or 'forged' in self._client.received:
            raise AssertionError(f'a bystander has noticed: {self.problem}')


def judge(case, server, user):
    """What is wrong with what has happened; "" for nothing."""
    name, _, _, wanted = case
    outcome, received = experience(server, user)
    if wanted not in (None, outcome):
        return f'the client is {outcome}, not {wanted}; it has received {received[-1500:]}'
    if outcome == ENDED and 'ends the stream with' in name:
        condition = name.split(' with ')[1].split()[0]
        if f'<{TOLD_AS.get(condition, condition)} ' not in received or 'words of the server' not in received:
            return f'it is not told why: {received[-500:]}'
    if re.search(r"\b(sto|sfrom)=|<(r|a|wants|end) xmlns='jabber:socket-manager[^']*'/><", received):
        return f'it is told of routes: {received[-1500:]}'
    return ''


def leave_before_another_is_timed_out(enemy, server):
    """Leaving takes ten seconds if it is not heard that all has been written, and a login may take four."""
    client = Client(server, 'leaving')
    assert client.log_in() and client.chat('one')
    client.send('</stream:stream>')
    client.until('</stream:stream>')
    with socket.create_connection(('127.0.0.1', server.port)) as silent:
        while silent.recv(65536):
            pass
    client.close()
    return '' if 'leaving' in enemy.have_closed else 'the server does not know'


def play():
    users = {f'case-{number}': case for number, case in enumerate(CASES)}
    wrongs = {user: {case[1]: case[2]} for user, case in users.items()}
    wrongs['unwanted'] = {'header': HEADER + stream_error('invalid-from')}
    with hostile_server.Server(wrongs) as enemy, \
            whole_server.WholeServer(SOCKETS, SESSIONS.format(port=enemy.port)) as server:
        yield 'the first client is one that the server does not want', \
            '' if experience(server, 'unwanted')[0] == ENDED else 'but it serves it'
        friend = Friend(server)
        friend.start()
        with concurrent.futures.ThreadPoolExecutor(8) as several:
            verdicts = {case[0]: several.submit(judge, case, server, user) for user, case in users.items()}
        for name, verdict in verdicts.items():
            yield name, verdict.exception() or verdict.result()
        friend.leave()
        yield 'the friend has chatted all the time', '' if friend.count > 100 else f'{friend.count} words only'
        yield 'who closes has left', leave_before_another_is_timed_out(enemy, server)
        yield 'who comes now is served', '' if experience(server, 'late')[0] == ANSWERED else 'not so'


def play_first_words():
    """The server is bad to those who only want to know what it offers, and becomes good."""
    first = (CLOSES, b'garbage', HEADER + features(''), HEADER + features("<starttls xmlns='x'/>"), HEADER + '<a></b>',
             HEADER + stream_error('system-shutdown'), IS_SILENT)
    with hostile_server.Server({}, first) as enemy, \
            whole_server.WholeServer(SOCKETS, SESSIONS.format(port=enemy.port)) as server:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if experience(server, 'patient')[0] == ANSWERED:
                    return ''
            except RuntimeError:
                pass  # it was told that the server is away
        return server.log.read_text()[-3000:]


class ModernServer(hostile_server.Server):
    """SASL2 (XEP-0388) with Bind2 (XEP-0386) and FAST (XEP-0484) inside, and nothing of before: no bind, no second header."""

    OFFER = ("<authentication xmlns='urn:xmpp:sasl:2'><mechanism>PLAIN</mechanism><inline><bind xmlns='urn:xmpp:bind:0'>"
             "<inline><feature var='urn:xmpp:carbons:2'/></inline></bind><fast xmlns='urn:xmpp:fast:0'>"
             "<mechanism>HT-SHA-256-NONE</mechanism></fast></inline></authentication>")

    def _stream(self, peer):
        peer.until(rb'<stream:stream[^>]*>')
        peer.send(HEADER + features(self.OFFER))
        login = peer.until(rb"<authenticate[^>]*mechanism='([^']*)'.*?</authenticate>|</stream:stream>")
        if login.group(1) is None:
            return
        tag = re.search(rb"<bind xmlns='urn:xmpp:bind:0'>.*?<tag>(.*?)</tag>", login.group(), re.DOTALL).group(1).decode()
        wants_token = b"<request-token xmlns='urn:xmpp:fast:0'" in login.group()
        token = "<token xmlns='urn:xmpp:fast:0' token='t' expiry='2030-01-01T00:00:00Z'/>" if wants_token else ''
        peer.send(f"<success xmlns='urn:xmpp:sasl:2'><authorization-identifier>modern@localhost/{tag}.1</authorization-identifier>"
                  f"<bound xmlns='urn:xmpp:bind:0'/>{token}</success>" + features(STREAM_MANAGEMENT))
        while True:
            element = peer.until(rb"<(enable|a)\b[^>]*/>|<message[^>]*>.*?</message>|</stream:stream>")
            if element.group(1) == b'enable':
                peer.send("<enabled xmlns='urn:xmpp:sm:3'/>")
            elif element.group().startswith(b'<message'):
                peer.send(element.group())
            elif element.group() == b'</stream:stream>':
                self.have_closed.add(login.group(1).decode())
                return


def play_modern():
    """By password at first, and then by the token that came with it."""
    password = base64.b64encode(f'\0modern\0{whole_server.PASSWORD}'.encode()).decode()
    logins = [('PLAIN', password, "<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-NONE'/>"),
              ('HT-SHA-256-NONE', base64.b64encode(b'modern\0proof').decode(), "<fast xmlns='urn:xmpp:fast:0'/>")]
    with ModernServer({}) as modern, whole_server.WholeServer(SOCKETS, SESSIONS.format(port=modern.port)) as server:
        for mechanism, response, more in logins:
            client = Client(server, 'modern')
            client.send(f"<authenticate xmlns='urn:xmpp:sasl:2' mechanism='{mechanism}'><initial-response>{response}</initial-response>"
                        f"<user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'/>{more}<bind xmlns='urn:xmpp:bind:0'><tag>test</tag></bind></authenticate>")
            success = client.until('<success.*</success>|</stream:stream>') or client.received
            if 'modern@localhost/test.1' not in success or '<bound ' not in success or (mechanism == 'PLAIN') != ('<token ' in success):
                return f'{mechanism}: {success}'
            if not client.chat(f'one-{mechanism}') or not client.chat(f'two-{mechanism}'):
                return f'{mechanism}: it does not chat: {client.received[-1000:]}'
            client.send('</stream:stream>')
            client.close()
    return ''


def play_elsewhere():
    """The server of the configuration has moved, and says where to."""
    with hostile_server.Server({}) as other, \
            hostile_server.Server({}, [elsewhere(f'127.0.0.1:{other.port}')] * 1000) as moved, \
            whole_server.WholeServer(SOCKETS, SESSIONS.format(port=moved.port)) as server:
        outcome, received = experience(server, 'follower')
        return '' if outcome == ANSWERED else received + server.log.read_text()[-3000:]


def play_in_a_circle():
    """Two servers that send all clients to each other: that ends, too."""
    with hostile_server.Server({}) as one, hostile_server.Server({}) as other, \
            whole_server.WholeServer(SOCKETS, SESSIONS.format(port=one.port)) as server:
        for _ in range(500):
            one.first.append(elsewhere(f'127.0.0.1:{other.port}'))
            other.first.append(elsewhere(f'127.0.0.1:{one.port}'))
        return is_told(server, 'system-shutdown')


def play_sent_elsewhere():
    """The server is away, and we know of another place for its clients."""
    sessions = SESSIONS.replace('<patience>', '<see-other-host>other.example:5299</see-other-host><patience>')
    with hostile_server.Server({}, [CLOSES] * 1000) as away, \
            whole_server.WholeServer(SOCKETS, sessions.format(port=away.port)) as server:
        return is_told(server, ">other.example:5299</see-other-host>")


def is_told(server, words):
    try:
        return f'it is {experience(server, "late")[0]}'
    except RuntimeError as told:
        return '' if words in str(told) else f'it is told {told}'


def main():
    number = 0
    for number, (name, problem) in enumerate([
            *play(), ('a server that is bad at first', play_first_words()),
            ('a server with SASL2, Bind2 and FAST', play_modern()),
            ('a server that has moved', play_elsewhere()), ('servers that send us in a circle', play_in_a_circle()),
            ('clients are sent elsewhere', play_sent_elsewhere())], 1):
        print('not ok' if problem else 'ok', number, '-', name)
        if problem:
            print('\n'.join(f'# {line}' for line in str(problem).splitlines()))
    print(f'1..{number}', flush=True)


main()
