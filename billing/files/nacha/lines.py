"""The records of an ACH file as banks and what lies between send them: what transport does to text is mended here."""

import re
import unicodedata

from billing.files.nacha.records import PADDING, RECORD, NachaError, Reason
from billing.files.text import Note

Line = tuple[int, str]  # its number in the file, from 1, and its 94 characters

_HEADER = re.compile(r"101.{31}094101")
_RECORD_LIKE = re.compile(r"[1-9][0-9]{2}.{51}")  # the shortest record without its trailing blanks has 54


def records(data: bytes) -> tuple[list[Line], list[Note]]:
    """Every record up to the file control at full width, and notes of what was mended.

    Taken: a byte order mark, LF, CR, CRLF or no line ends, blank lines, trailing blanks cut or added, control
    characters at an end (Ctrl-Z, NUL), letters outside ASCII (folded, one column each), text before the header and
    after the file control. More records after the file control are refused: they would be lost unread.
    """
    notes: list[Note] = []
    lines = _split(data, notes)
    first = next((place for place, (_, line) in enumerate(lines) if _HEADER.match(line)), 0)
    if first and not any(_RECORD_LIKE.match(line) for _, line in lines[:first]):
        notes.append(Note(lines[0][0], "text_before_header"))
        lines = lines[first:]
    end = next((place for place, (_, line) in enumerate(lines) if line[0] == "9" and not _padding(line)), None)
    if end is not None:
        _after_control(lines[end + 1 :], notes)
        lines = lines[: end + 1]
    return [(number, _full_width(number, line)) for number, line in lines], notes


def _split(data: bytes, notes: list[Note]) -> list[Line]:
    """Lines that hold something, with their numbers, in ASCII and without blanks at their end."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode("latin-1", "replace")
        notes.append(Note(1, "byte_order_mark"))
    if data.startswith(b"\xef\xbb\xbf"):
        data = data.removeprefix(b"\xef\xbb\xbf")
        notes.append(Note(1, "byte_order_mark"))
    ends = re.sub(rb"\r\n?", b"\n", re.sub(rb"\r+\n", b"\n", data))
    if not ends.strip(b"\x00\x1a \t\n"):
        raise NachaError(1, Reason.EMPTY)
    body = ends.rstrip(b"\x00\x1a\n")
    raw = body.split(b"\n")
    if ends[len(body) :] not in (b"", b"\n"):
        notes.append(Note(len(raw) + 1, "after_last_record"))
    if len(raw) == 1 and len(raw[0]) > RECORD:
        raw = [raw[0][start : start + RECORD] for start in range(0, len(raw[0]), RECORD)]
    lines: list[Line] = []
    for number, line in enumerate(raw, start=1):
        text = _ascii(number, line, notes)
        if text.strip():
            lines.append((number, text.rstrip()))
        if len(text) != RECORD:
            notes.append(Note(number, "width" if text.strip() else "blank_line"))
    return lines


def _ascii(number: int, line: bytes, notes: list[Note]) -> str:
    """One character for each column: the bytes are columns, unless only their letters have the record's width."""
    line = line.rstrip(b"\x00\x1a")
    if re.fullmatch(rb"[ -~]*", line):
        return line.decode("ascii")
    notes.append(Note(number, "not_ascii"))
    text = line.decode("latin-1")
    try:
        letters = line.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        text = letters if len(line) != RECORD else text
    return "".join(_fold(each) for each in text)


def _fold(letter: str) -> str:
    plain = unicodedata.normalize("NFKD", letter)[0]
    return plain if " " <= plain <= "~" else " " if unicodedata.category(letter) in ("Cc", "Zs") else "?"


def _padding(line: str) -> bool:
    return bool(re.fullmatch("9+", line)) and len(line) > RECORD // 2


def _after_control(rest: list[Line], notes: list[Note]) -> None:
    for number, line in rest:
        if _padding(line):
            continue
        if _RECORD_LIKE.match(line):
            raise NachaError(number, Reason.ORDER, "padding")
        notes.append(Note(number, "text_after_control"))


def _full_width(number: int, line: str) -> str:
    if len(line) > RECORD:
        raise NachaError(number, Reason.LENGTH, "", RECORD, len(line))
    return line if line == PADDING else line.ljust(RECORD)
