#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Frames of every class that RFC 6455 knows, right and wrong, to a whole server. The library `websockets`, which shares
nothing with it, writes them, and judges what comes back. The classes are those by which the Autobahn test suite numbers
its cases: 1 framing, 2 pings and pongs, 3 reserved bits, 4 opcodes, 5 fragments, 6 UTF-8, 7 close, 9 limits, 10 anything.
They are told for XMPP (RFC 7395), whose messages are one element of text each. Compression (12, 13) is offered by each
client, and never agreed on. Says in TAP how each case went.

Needs what WholeServer needs."""
import dataclasses
import socket
import ssl
import struct
import traceback
import xml.etree.ElementTree as ElementTree

import whole_server

try:
    from websockets.client import ClientConnection
    from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
    from websockets.frames import OP_BINARY, OP_CLOSE, OP_CONT, OP_PING, OP_PONG, OP_TEXT, Frame
    from websockets.http11 import Response
    from websockets.uri import parse_uri
except ImportError as missing:
    print(f'1..0 # SKIP {missing}')
    raise SystemExit(0)

ACCOUNT = 'cases'
ADDRESS = f'{ACCOUNT}@localhost/here'
CLIENT, FRAMING = 'jabber:client', 'urn:ietf:params:xml:ns:xmpp-framing'
PROTOCOL_ERROR, BINARY, NOT_TEXT, TOO_BIG = 1002, 1003, 1007, 1009
NOT_ONE_ELEMENT = 1000  # a stream error says what was wrong, and the WebSocket itself is in order
STANZA = 262144  # bytes that a message may have
FIRST, LAST = 'the first', 'the last'


class AnyFrame(Frame):
    """One that nothing has to be right with."""

    def check(self):
        pass


def frame(opcode, data=b'', **bits):
    return AnyFrame(opcode, data, **bits).serialize(mask=True)


def fragments(message, *sizes, between=b''):
    """A message cut behind so many bytes, the last size over and over; `between` them something else."""
    parts, rest, sizes = [], message, list(sizes)
    while rest:
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        parts, rest = parts + [rest[:size]], rest[size:]
    last = len(parts) - 1
    return [frame(OP_CONT if i else OP_TEXT, part, fin=i == last) + (between if i < last else b'')
            for i, part in enumerate(parts)]


def to_itself(body):
    """A message whose sender hears it again. The body is text, or bytes that are none."""
    begin, end = f"<message xmlns='{CLIENT}' to='{ADDRESS}'><body>", '</body></message>'
    return begin.encode() + (body if isinstance(body, bytes) else body.encode()) + end.encode()


def body_for(size):
    """Of a message to itself that has so many bytes."""
    return 'x' * (size - len(to_itself('')))


def text(body):
    return frame(OP_TEXT, to_itself(body))


def size_spelled(size, spelling):
    """A text frame's header up to its mask, the size in 2 bytes (126) or 8 (127)."""
    return struct.pack('!BB' + ('H' if spelling == 126 else 'Q'), 0x81, 0x80 | spelling, size) + bytes(4)


@dataclasses.dataclass
class Case:
    number: int  # of its class
    name: str
    frames: list
    heard: list = dataclasses.field(default_factory=list)  # bodies of messages
    pongs: list = dataclasses.field(default_factory=list)
    closed: int = None  # by the server, with that code; None: it goes on
    wait: bool = False  # the server must say so without more being sent


def framing():
    for size in (125, 126, 127, 128, 65535, 65536):
        yield Case(1, f'a message of {size} bytes', [text(body_for(size))], heard=[body_for(size)])
    yield Case(1, 'an empty message', [frame(OP_TEXT)], closed=NOT_ONE_ELEMENT)
    for data in (b'', to_itself('binary')):
        yield Case(1, f'a binary message of {len(data)} bytes', [frame(OP_BINARY, data)], closed=BINARY)
    yield Case(1, 'a frame without a mask', [AnyFrame(OP_TEXT, to_itself('bare')).serialize(mask=False)],
               closed=PROTOCOL_ERROR)
    for size, spelling in ((5, 126), (125, 126), (5, 127), (65535, 127), (2 ** 63, 127)):
        yield Case(1, f'a size of {size} in the form {spelling}', [size_spelled(size, spelling)], closed=PROTOCOL_ERROR,
                   wait=True)


def pings():
    for payload in (b'', b'Hello', b'\x00\xff\xfe\xfd\xfc\xfb\x00\xff', b'\xfe' * 125):
        yield Case(2, f'a ping of {len(payload)} bytes', [frame(OP_PING, payload)], pongs=[payload])
    for opcode, what in ((OP_PING, 'ping'), (OP_PONG, 'pong')):
        yield Case(2, f'a {what} of 126 bytes', [frame(opcode, b'x' * 126)], closed=PROTOCOL_ERROR)
    for payload in (b'', b'unasked'):
        yield Case(2, f'a pong of {len(payload)} bytes without a ping', [frame(OP_PONG, payload)])
    yield Case(2, 'a pong without a ping, then a ping', [frame(OP_PONG, b'1'), frame(OP_PING, b'2')], pongs=[b'2'])
    many = [f'payload-{i}'.encode() for i in range(10)]
    yield Case(2, 'ten pings', [frame(OP_PING, payload) for payload in many], pongs=many)


def reserved_bits():
    for bits in range(1, 8):
        reserved = {f'rsv{n}': bool(bits & 8 >> n) for n in (1, 2, 3)}
        yield Case(3, f'the bits {bits:03b} of a message',
                   [frame(OP_TEXT, to_itself('reserved'), **reserved), frame(OP_PING)], closed=PROTOCOL_ERROR)
        for opcode in (OP_PING, OP_PONG, OP_CLOSE):
            yield Case(3, f'the bits {bits:03b} of a {opcode.name}', [frame(opcode, **reserved)], closed=PROTOCOL_ERROR)
        begun = to_itself('reserved')
        yield Case(3, f'the bits {bits:03b} of a second fragment',
                   [frame(OP_TEXT, begun[:9], fin=False), frame(OP_CONT, begun[9:], **reserved)], closed=PROTOCOL_ERROR)


def opcodes():
    for opcode in (*range(3, 8), *range(11, 16)):
        for data in (b'', b'payload'):
            yield Case(4, f'opcode {opcode} with {len(data)} bytes', [frame(opcode, data), frame(OP_PING)],
                       closed=PROTOCOL_ERROR)


def fragmented():
    for opcode, what in ((OP_PING, 'ping'), (OP_PONG, 'pong'), (OP_CLOSE, 'close')):
        yield Case(5, f'a {what} in two fragments', [frame(opcode, b'fr', fin=False), frame(OP_CONT, b'ag')],
                   closed=PROTOCOL_ERROR)
    message = to_itself('in fragments')
    for sizes in ((9,), (1,), (len(message) - 1,), (0, len(message))):
        yield Case(5, f'fragments of {sizes} bytes', fragments(message, *sizes), heard=['in fragments'])
    yield Case(5, 'an empty last fragment', [frame(OP_TEXT, message, fin=False), frame(OP_CONT)], heard=['in fragments'])
    yield Case(5, 'three fragments, all empty', [frame(OP_TEXT, fin=False), frame(OP_CONT, fin=False), frame(OP_CONT)],
               closed=NOT_ONE_ELEMENT)
    for size in (1, 20):
        parts = fragments(message, size, between=frame(OP_PING, b'between'))
        yield Case(5, f'pings between fragments of {size} bytes', parts, heard=['in fragments'],
                   pongs=[b'between'] * (len(parts) - 1))
    yield Case(5, 'two messages in fragments', fragments(message, 30) + fragments(to_itself('again'), 7),
               heard=['in fragments', 'again'])
    for final in (True, False):
        yield Case(5, f'a {"last" if final else "further"} fragment of nothing',
                   [frame(OP_CONT, b'<message/>', fin=final)], closed=PROTOCOL_ERROR)
    for opcode in (OP_TEXT, OP_BINARY):
        yield Case(5, f'a {opcode.name} inside of a message',
                   [frame(OP_TEXT, message[:9], fin=False), frame(opcode, message)],
                   closed=PROTOCOL_ERROR if opcode is OP_TEXT else BINARY)


# What UTF-8 is, and what only looks like it (RFC 3629 §3, §10). What XML has no character for is no text of ours either.
CHARACTERS = ('κόσμε', '\x7f', '\x80', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\ufffd', '\U00010000', '\U0001fffe',
              '\U0010ffff', 'Hello-µ@ßöäüàá-UTF-8!!')
NO_CHARACTERS = (b'\x80', b'\xbf', b'\x80\xbf\x80', b'\xc3', b'\xe1\xbf', b'\xf1\xbf\xbf', b'\xc3\xc3', b'\xc0\x80',
                 b'\xc1\xbf', b'\xe0\x80\x80', b'\xe0\x9f\xbf', b'\xf0\x80\x80\x80', b'\xf0\x8f\xbf\xbf', b'\xed\xa0\x80',
                 b'\xed\xaf\xbf', b'\xed\xbf\xbf', b'\xed\xa0\x80\xed\xb0\x80', b'\xf4\x90\x80\x80', b'\xf5\x80\x80\x80',
                 b'\xf8\x88\x80\x80\x80', b'\xfc\x84\x80\x80\x80\x80', b'\xfe', b'\xff', b'\xfe\xfe\xff\xff',
                 b'\xef\xbf\xbe', b'\xef\xbf\xbf', b'\x00')


def utf8():
    for characters in CHARACTERS:
        message = to_itself(characters)
        yield Case(6, f'the characters {characters!a}', [frame(OP_TEXT, message)], heard=[characters])
        yield Case(6, f'the characters {characters!a} in fragments of a byte', fragments(message, 1), heard=[characters])
    begin = to_itself('').index(b'</body>')
    for no in NO_CHARACTERS:
        wrong = to_itself(b'good ' + no + b' good')
        yield Case(6, f'the bytes {no.hex()}', [frame(OP_TEXT, wrong)], closed=NOT_TEXT)
        yield Case(6, f'the bytes {no.hex()} in fragments of a byte', fragments(wrong, 1), closed=NOT_TEXT)
        # Known at once, and not at the end of a message that may never come.
        yield Case(6, f'the bytes {no.hex()} in a message that has not ended',
                   [frame(OP_TEXT, wrong[:begin + 5 + len(no) + 1], fin=False)], closed=NOT_TEXT, wait=True)


def closing():
    yield Case(7, 'a close, and a message behind it', [frame(OP_CLOSE, struct.pack('!H', 1000)), text('behind')],
               closed=1000)
    yield Case(7, 'a close, and a ping behind it', [frame(OP_CLOSE, struct.pack('!H', 1000)), frame(OP_PING)], closed=1000)
    yield Case(7, 'two closes', [frame(OP_CLOSE, struct.pack('!H', 1000))] * 2, closed=1000)
    yield Case(7, 'a close between fragments', [frame(OP_TEXT, b'<message>', fin=False),
                                               frame(OP_CLOSE, struct.pack('!H', 1001))], closed=1001)
    yield Case(7, 'a close without a code', [frame(OP_CLOSE)], closed=1005)
    yield Case(7, 'a close of one byte', [frame(OP_CLOSE, b'\x03')], closed=PROTOCOL_ERROR)
    for reason, closed in ((b'', 1000), ('Grüße'.encode(), 1000), (b'x' * 123, 1000), (b'x' * 124, PROTOCOL_ERROR),
                           (b'\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80', NOT_TEXT), (b'\xc3', NOT_TEXT)):
        yield Case(7, f'a close with a reason of {len(reason)} bytes, {reason[-3:]}',
                   [frame(OP_CLOSE, struct.pack('!H', 1000) + reason)], closed=closed)
    for code in (1000, 1001, 1002, 1003, *range(1007, 1015), 3000, 3999, 4000, 4999):
        yield Case(7, f'a close with the code {code}', [frame(OP_CLOSE, struct.pack('!H', code))], closed=code)
    for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535):
        yield Case(7, f'a close with the code {code}, which nobody may send', [frame(OP_CLOSE, struct.pack('!H', code))],
                   closed=PROTOCOL_ERROR)


def limits():
    for size in (200_000, STANZA):
        yield Case(9, f'a message of {size} bytes', [text(body_for(size))], heard=[body_for(size)])
    body = body_for(200_000)
    for size in (64, 1024, 65536):
        yield Case(9, f'200 000 bytes in fragments of {size}', fragments(to_itself(body), size), heard=[body])
        data = text(body)
        yield Case(9, f'200 000 bytes in writes of {size}', [data[i:i + size] for i in range(0, len(data), size)],
                   heard=[body])
    yield Case(9, 'a thousand messages', [text(str(i)) for i in range(1000)], heard=[str(i) for i in range(1000)])
    yield Case(9, 'a frame of a byte too many, of which nothing has come', [size_spelled(STANZA + 1, 127)], closed=TOO_BIG,
               wait=True)
    yield Case(9, 'fragments of a byte too many together',
               [frame(OP_TEXT, to_itself('x' * 999)[:-17], fin=False), *[frame(OP_CONT, b'x' * 50_000, fin=False)] * 5,
                frame(OP_CONT, b'x' * 50_000, fin=False)[:10]], closed=TOO_BIG, wait=True)


def anything():
    body = body_for(65536)
    yield Case(10, '65536 bytes in fragments of 1300', fragments(to_itself(body), 1300), heard=[body])


CLASSES = (framing, pings, reserved_bits, opcodes, fragmented, utf8, closing, limits, anything)
SMALL = 5000  # bytes that are also sent one by one


class Peer:
    """A client over a WebSocket that has logged in."""

    def __init__(self, server):
        uri = parse_uri(f'wss://localhost:{server.port}/xmpp-websocket')
        self.websocket = ClientConnection(uri, subprotocols=['xmpp'], extensions=[ClientPerMessageDeflateFactory()],
                                          max_size=None)
        trust = ssl.create_default_context(cafile=str(server.ca_file))
        plain = socket.create_connection(('127.0.0.1', server.port), timeout=whole_server.PATIENCE)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection = trust.wrap_socket(plain, server_hostname='localhost')
        self.frames = []
        self.websocket.send_request(self.websocket.connect())
        self._write_what_it_has_to()
        answer = self._next()
        assert isinstance(answer, Response) and self.websocket.handshake_exc is None, self.websocket.handshake_exc
        assert self.websocket.subprotocol == 'xmpp' and not self.websocket.extensions, 'compression was agreed on'

        self.say(f"<open xmlns='{FRAMING}' to='localhost'/>")
        assert self.hear().tag == f'{{{FRAMING}}}open'
        self.say(f"<iq xmlns='{CLIENT}' type='set' id='1'><query xmlns='jabber:iq:auth'><username>{ACCOUNT}</username>"
                 f"<password>{whole_server.PASSWORD}</password><resource>here</resource></query></iq>")
        answer = self.hear()
        assert answer.get('type') == 'result', ElementTree.tostring(answer)

    def _write_what_it_has_to(self):
        for data in self.websocket.data_to_send():
            if data:
                self.write(data)

    def write(self, data):
        """False: the server has closed, as it may where the rest is of no use."""
        try:
            self.connection.sendall(data)
            return True
        except OSError:
            return False

    def _next(self):
        """The next frame, as the library understands it; None at the end. What the library objects to is raised."""
        while not self.frames:
            data = self.connection.recv(65536)
            if data:
                self.websocket.receive_data(data)
            else:
                self.websocket.receive_eof()
            self.frames += self.websocket.events_received()
            wrong = self.websocket.parser_exc
            if wrong is not None and not isinstance(wrong, EOFError):
                raise wrong
            if not data:
                break
        return self.frames.pop(0) if self.frames else None

    def say(self, xml):
        self.write(frame(OP_TEXT, xml.encode()))

    def hear(self):
        answer = self._next()
        assert answer.opcode is OP_TEXT, answer
        return ElementTree.fromstring(answer.data.decode())

    def hear_all(self):
        """(bodies, pongs, the code of a close) up to a close, or the last message."""
        bodies, pongs = [], []
        while True:
            answer = self._next()
            assert answer is not None, f'it has closed without a close, after {bodies}, {pongs}'
            if answer.opcode is OP_PONG:
                pongs.append(answer.data)
            elif answer.opcode is OP_CLOSE:
                return bodies, pongs, struct.unpack('!H', answer.data[:2])[0] if answer.data else 1005
            else:
                body = ElementTree.fromstring(answer.data.decode()).findtext(f'{{{CLIENT}}}body')
                if body == LAST:
                    return bodies, pongs, None
                if body is not None:
                    bodies.append(body)

    def leave(self, closed):
        """In order: the server closes the connection, once both have closed the WebSocket."""
        if closed is None:
            self.say(f"<close xmlns='{FRAMING}'/>")
            while (answer := self._next()) is not None:
                if answer.opcode is OP_CLOSE:
                    break
        self._write_what_it_has_to()
        assert self._next() is None
        self.connection.close()


def play(case, server, pieces):
    """Behind a message that was heard: what closes the WebSocket takes nothing from what was said before it."""
    peer = Peer(server)
    peer.write(text(FIRST))
    assert peer.hear().findtext(f'{{{CLIENT}}}body') == FIRST
    for piece in pieces:
        if not peer.write(piece):
            break
    if not case.wait:
        peer.write(text(LAST))
    bodies, pongs, closed = peer.hear_all()
    assert closed == case.closed, f'closed with {closed}, not {case.closed}'
    assert bodies == case.heard, f'heard {str(bodies)[:300]}'
    assert pongs == case.pongs, f'pongs {pongs}'
    peer.leave(closed)


def ways(case):
    """Frame by frame, all in one write, byte by byte: nothing depends on it."""
    whole = b''.join(case.frames)
    yield 'frame by frame', case.frames
    if len(case.frames) > 1:
        yield 'at once', [whole]
    if len(whole) <= SMALL:
        yield 'byte by byte', [bytes([byte]) for byte in whole]


def main():
    failed = number = 0
    with whole_server.WholeServer(sockets='<websocket/>') as server:
        whole_server.register(server.port, server.ca_file, ACCOUNT)
        for case in [case for cases in CLASSES for case in cases()]:
            number += 1
            wrong = []
            for way, pieces in ways(case):
                try:
                    play(case, server, pieces)
                except Exception:
                    wrong.append(f'{way}: {traceback.format_exc()}')
            print(f'{"not ok" if wrong else "ok"} {number} {case.number}: {case.name}'.replace('#', ''), flush=True)
            for line in ''.join(wrong).splitlines():
                print(f'# {line}', flush=True)
            failed += bool(wrong)
    print(f'1..{number}')
    return failed > 0


raise SystemExit(main())
