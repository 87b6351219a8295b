# SPDX-License-Identifier: LGPL-2.1-or-later
"""Between two processes: what a bad network does to what a carrier carries. Runs on the loop of asyncio."""
import asyncio
import collections
import random
import socket


class Weather:
    """What happens to frames. Seconds, and parts of one."""

    def __init__(self, delay=0.0, stall=0.0, drop=0.0, double=0.0, swap=0.0):
        self.delay, self.stall, self.drop, self.double, self.swap = delay, stall, drop, double, swap


FAIR = Weather()


class Proxy:
    """Listens, connects on, and passes whole frames of a carrier. The greeting is passed as it is: to lose those is not for a carrier to repair. What TCP makes of a lost segment is a stall of all that follows."""

    def __init__(self, host, target, cut):
        self.target, self.cut = target, cut
        self.weather = FAIR
        self.held = asyncio.Event()
        self.held.set()
        self.tasks = set()
        self.listening = socket.create_server((host, 0))
        self.address = self.listening.getsockname()[:2]
        self.server = None
        self.task = asyncio.get_running_loop().create_task(self.accept())

    def hold(self, on):
        if on:
            self.held.clear()
        else:
            self.held.set()

    async def accept(self):
        self.server = await asyncio.start_server(self.meet, sock=self.listening)

    async def meet(self, reader, writer):
        task = asyncio.current_task()
        self.tasks.add(task)
        other = None
        try:
            await self.held.wait()
            far_reader, other = await asyncio.open_connection(*self.target)
            await asyncio.gather(self.pass_on(reader, other), self.pass_on(far_reader, writer))
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # of one end or the other; the process at the other end sees it, too
        finally:
            for end in (writer, other):
                if end is not None:
                    end.transport.abort()
            self.tasks.discard(task)

    async def pass_on(self, reader, writer):
        frames = self.cut()
        queue = collections.deque()
        due = asyncio.Event()

        async def send():
            while True:
                while not queue:
                    due.clear()
                    await due.wait()
                when, piece = queue.popleft()
                await asyncio.sleep(max(0.0, when - asyncio.get_running_loop().time()))
                await self.held.wait()
                if piece is None:
                    raise asyncio.IncompleteReadError(b"", None)
                writer.write(piece)
                await writer.drain()

        sender = asyncio.create_task(send())
        try:
            kept = None
            while True:
                some = await reader.read(65536)
                now = asyncio.get_running_loop().time()
                weather = self.weather
                when = now + weather.delay + (0.2 if weather.stall and random.random() < weather.stall else 0.0)
                if queue:
                    when = max(when, queue[-1][0])
                pieces = frames.feed(some) if some else []
                for is_frame, piece in pieces:
                    out = [piece]
                    if is_frame and weather.drop and random.random() < weather.drop:
                        out = []
                    elif is_frame and weather.double and random.random() < weather.double:
                        out = [piece, piece]
                    elif is_frame and weather.swap and kept is None and random.random() < weather.swap:
                        kept, out = piece, []
                    elif kept is not None:
                        out, kept = [piece, kept], None
                    queue.extend((when, one) for one in out)
                if not some:
                    queue.append((when, None))
                due.set()
                if not some or sender.done():
                    await sender
        finally:
            sender.cancel()

    def close(self):
        if self.server is not None:
            self.server.close()
        for task in list(self.tasks):
            task.cancel()


class Frames:
    """Cuts what the TCP carrier writes into frames and what is none."""

    def __init__(self):
        self.buffer = bytearray()

    def feed(self, some):
        """u32 little-endian, and so many bytes: a message of the greeting, or a frame, which begins with JLK."""
        self.buffer += some
        pieces = []
        while len(self.buffer) >= 4 and len(self.buffer) >= (size := 4 + int.from_bytes(self.buffer[:4], "little")):
            pieces.append((bytes(self.buffer[4:7]) == b"JLK", self.take(size)))
        return pieces

    def take(self, size):
        piece = bytes(self.buffer[:size])
        del self.buffer[:size]
        return piece


class Published(Frames):
    """Cuts what passes between a client of NATS and its broker: lines, some of which say how many bytes follow. What is published to a peer's inbox is a frame,
    on its way to the broker; on its way from there it would meet the weather twice."""

    def feed(self, some):
        self.buffer += some
        pieces = []
        while (end := self.buffer.find(b"\r\n")) >= 0:
            words = bytes(self.buffer[:end]).split()
            begin = end + 2
            size = begin + (int(words[-1]) + 2 if words and words[0] in (b"PUB", b"HPUB", b"MSG", b"HMSG") else 0)
            if len(self.buffer) < size:
                break
            pieces.append((words[:1] == [b"PUB"] and bytes(self.buffer[begin:begin + 3]) == b"JLK", self.take(size)))
        return pieces
