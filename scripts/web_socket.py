"""A small WebSocket client (RFC 6455) on the standard library: enough to follow ComfyUI.

The demo runs before anything is installed, so it cannot count on a package for this.
"""

from __future__ import annotations

import base64
import os
import socket
import struct
from types import TracebackType

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
FINAL = 0x80
MASKED = 0x80
SHORT_LENGTH = 125


class WebSocket:
    """One connection; a context manager.

    Args:
        host, port, path: where to connect; ``path`` includes the query.
        timeout: seconds that connecting and each later :meth:`receive` may take by default.

    Raises:
        ConnectionError: the server refused or is not there.
    """

    def __init__(self, host: str, port: int, path: str, timeout: float = 30.0) -> None:
        self._socket = socket.create_connection((host, port), timeout)
        self._reader = self._socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        status = self._reader.readline().decode("latin-1").strip()
        while self._reader.readline().strip():
            pass
        if " 101 " not in f"{status} ":
            self.close()
            raise ConnectionError(f"the server refused the WebSocket: {status or 'no answer'}")

    def receive(self, timeout: float | None = None) -> str | bytes:
        """Return the next message: text as ``str``, binary as ``bytes``.

        Raises:
            TimeoutError: nothing came for ``timeout`` seconds; the connection is of no use then.
            ConnectionError: the server closed the connection.
        """
        if timeout is not None:
            self._socket.settimeout(timeout)
        message = b""
        kind = TEXT
        while True:
            first, payload = self._read_frame()
            opcode = first & 0x0F
            if opcode == PING:
                self._send_frame(PONG, payload)
            elif opcode == CLOSE:
                raise ConnectionError("the server closed the connection")
            elif opcode in (TEXT, BINARY, CONTINUATION):
                kind = kind if opcode == CONTINUATION else opcode
                message += payload
                if first & FINAL:
                    return message.decode() if kind == TEXT else message

    def send(self, text: str) -> None:
        """Send one text message."""
        self._send_frame(TEXT, text.encode())

    def close(self) -> None:
        """Close the connection without ceremony."""
        self._reader.close()
        self._socket.close()

    def _read_frame(self) -> tuple[int, bytes]:
        first, length = self._read_exactly(2)
        length &= ~MASKED
        if length == SHORT_LENGTH + 1:
            (length,) = struct.unpack(">H", self._read_exactly(2))
        elif length == SHORT_LENGTH + 2:
            (length,) = struct.unpack(">Q", self._read_exactly(8))
        return first, self._read_exactly(length)

    def _read_exactly(self, count: int) -> bytes:
        data = self._reader.read(count)
        if len(data) < count:
            raise ConnectionError("the connection broke off")
        return data

    def _send_frame(self, opcode: int, payload: bytes) -> None:
        if len(payload) <= SHORT_LENGTH:
            length = struct.pack(">B", MASKED | len(payload))
        elif len(payload) < 1 << 16:
            length = struct.pack(">BH", MASKED | SHORT_LENGTH + 1, len(payload))
        else:
            length = struct.pack(">BQ", MASKED | SHORT_LENGTH + 2, len(payload))
        mask = os.urandom(4)
        body = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        self._socket.sendall(bytes([FINAL | opcode]) + length + mask + body)

    def __enter__(self) -> WebSocket:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
