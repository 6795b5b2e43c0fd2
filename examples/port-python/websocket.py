"""A WebSocket client (RFC 6455) in a page, so that this example needs nothing
but Python. A real port takes a library."""
import asyncio
import base64
import os
import struct
import urllib.parse

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
LARGEST = 64 << 20


async def connect(url):
    """Dials ws://host:port/path and returns a WebSocket."""
    u = urllib.parse.urlsplit(url)
    reader, writer = await asyncio.open_connection(u.hostname, u.port or 80, limit=LARGEST)
    key = base64.b64encode(os.urandom(16)).decode()
    path = urllib.parse.urlunsplit(("", "", u.path or "/", u.query, ""))
    writer.write((f"GET {path} HTTP/1.1\r\nHost: {u.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n").encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 101 " not in head.split(b"\r\n", 1)[0]:
        writer.close()
        raise ConnectionError(f"no upgrade: {head.splitlines()[0].decode()}")
    return WebSocket(reader, writer)


class WebSocket:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    def send(self, text):
        self._frame(TEXT, text.encode())

    def _frame(self, opcode, data):
        size = len(data)
        if size < 126:
            head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
        elif size < 1 << 16:
            head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
        mask = os.urandom(4)
        pad = (mask * (size // 4 + 1))[:size]
        masked = (int.from_bytes(data, "big") ^ int.from_bytes(pad, "big")).to_bytes(size, "big")
        self.writer.write(head + mask + masked)

    async def messages(self):
        """The texts that arrive, until the connection ends."""
        parts = []
        try:
            while True:
                first, size = await self.reader.readexactly(2)
                size &= 0x7F
                if size == 126:
                    size, = struct.unpack("!H", await self.reader.readexactly(2))
                elif size == 127:
                    size, = struct.unpack("!Q", await self.reader.readexactly(8))
                data = await self.reader.readexactly(size)
                opcode = first & 0x0F
                if opcode == PING:
                    self._frame(PONG, data)
                elif opcode == CLOSE:
                    return
                elif opcode < CLOSE:
                    parts.append(data)
                    if first & 0x80:
                        yield b"".join(parts).decode()
                        parts = []
        except (asyncio.IncompleteReadError, ConnectionError):
            return

    def close(self):
        self.writer.close()
