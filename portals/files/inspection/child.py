"""The process that reads one uploaded file: type and seconds as arguments, file on standard input, verdict on standard
output.

A line of JSON ({"refuse": reason} or {}), then the bytes to keep where they are not the ones that came. It ends by
itself when it needs too much: whoever started it reads that from how it ended.
"""

from __future__ import annotations

import json
import resource
import sys

from .verdicts import COMPLEX, JPEG, PDF, PNG, Refuse

MEMORY = 1024**3


def run() -> None:
    kind, seconds = sys.argv[2:]
    _bound(int(seconds))
    data = sys.stdin.buffer.read()
    verdict: dict[str, str] = {}
    kept = b""
    try:
        kept = _read(kind, data)
    except Refuse as refused:
        verdict["refuse"] = refused.reason
    except MemoryError:
        verdict["refuse"] = COMPLEX
    sys.stdout.buffer.write(json.dumps(verdict).encode() + b"\n" + kept)


def _bound(seconds: int) -> None:
    """From here on: no file is written, no more memory or processor time is used than this, no core is left behind."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def _read(kind: str, data: bytes) -> bytes:
    """The library of the type alone is loaded: each costs a tenth of a second."""
    if kind in (JPEG, PNG):
        from . import pictures

        return pictures.clean_jpeg(data) if kind == JPEG else pictures.clean_png(data)
    if kind == PDF:
        from . import pdf

        pdf.check(data)
    else:
        from . import text

        text.check(data)
    return b""
