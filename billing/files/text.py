"""Lines of a bank's text file as transport leaves them."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """What was mended in a file that was taken all the same, and where."""

    line: int
    what: str


def lines(data: bytes) -> tuple[list[tuple[int, str]], list[Note]]:
    """Lines that hold something, with their numbers and without blanks around them. Mended: a byte order mark, any line
    end, Ctrl-Z and NUL, letters of UTF-8 or Latin-1."""
    notes: list[Note] = []
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode()
        notes.append(Note(1, "byte_order_mark"))
    if data.startswith(b"\xef\xbb\xbf"):
        data = data.removeprefix(b"\xef\xbb\xbf")
        notes.append(Note(1, "byte_order_mark"))
    found: list[tuple[int, str]] = []
    for number, raw in enumerate(re.split(rb"\r+\n|\r|\n", data), start=1):
        line = raw.strip(b"\x00\x1a")
        if line != raw:
            notes.append(Note(number, "control_character"))
        if not line.isascii():
            notes.append(Note(number, "not_ascii"))
        text = re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", _letters(line)).strip()
        if text:
            found.append((number, text))
    return found, notes


def _letters(line: bytes) -> str:
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    return line.decode("latin-1")
