"""The plan's virus scanner, where it runs one: clamd, asked by its INSTREAM command.

The setting `UPLOAD_SCANNER` is `host:port` or the path of a socket; blank for none. Once it is set, what cannot be
scanned is not taken.
"""

from __future__ import annotations

import socket
import struct

from django.conf import settings

CHUNK = 64 * 1024
SECONDS = 20
_LONGEST_ANSWER = 4096


class Found(Exception):
    """The scanner names something harmful."""


class Unreachable(Exception):
    """No answer, or none that says the file is clean."""


def scan(data: bytes) -> None:
    """Raises `Found` or `Unreachable`; does nothing where the plan runs no scanner."""
    if not settings.UPLOAD_SCANNER:
        return
    try:
        with _connected(settings.UPLOAD_SCANNER) as peer:
            peer.sendall(b"zINSTREAM\0")
            for start in range(0, len(data), CHUNK):
                part = data[start : start + CHUNK]
                peer.sendall(struct.pack("!I", len(part)) + part)
            peer.sendall(struct.pack("!I", 0))
            answer = _answer(peer)
    except (OSError, ValueError) as error:
        raise Unreachable from error
    if answer == "stream: OK":
        return
    if answer.endswith(" FOUND"):
        raise Found
    raise Unreachable(answer)  # a bound of the scanner's own, an error, or half an answer


def _connected(address: str) -> socket.socket:
    if address.startswith("/"):
        peer = socket.socket(socket.AF_UNIX)
        peer.settimeout(SECONDS)
        try:
            peer.connect(address)
        except OSError:
            peer.close()
            raise
        return peer
    host, _colon, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS)


def _answer(peer: socket.socket) -> str:
    reply = b""
    while not reply.endswith(b"\0") and len(reply) < _LONGEST_ANSWER:
        part = peer.recv(_LONGEST_ANSWER)
        if not part:
            break
        reply += part
    return reply.rstrip(b"\0\n").decode("ascii", "replace")
