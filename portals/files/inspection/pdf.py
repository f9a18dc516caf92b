"""A PDF is kept as it came, so that a signature in it stays good; or it is refused.

Two readings, because programs disagree on which objects a doubtful file holds. The first looks at the bytes, whether
or not the file's own tables lead there: names with their escapes undone, in the open and inside object streams. The
second (pypdf) follows the tables, and looks at every object that they name.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader, apply_configuration
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from .verdicts import ACTIVE, BROKEN, COMPLEX, ENCRYPTED, MIXED, MOST_PAGES, PAGES, Refuse

MOST_OBJECTS = 100_000
MOST_SECTIONS = 500  # each saved change of a PDF adds one
DEEPEST = 64
UNPACKED = 32 * 1024 * 1024  # of all object streams together

# What acts: ISO 32000-2 table 201 without GoTo, URI (a link), Named, Thread, Hide, ResetForm, SetOCGState, Trans.
ACTIONS = frozenset(
    ("/JavaScript", "/ECMAScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/Movie",
     "/Sound", "/GoTo3DView", "/RichMediaExecute")
)  # fmt: skip
# What holds another file, a film, or a form with its own program.
CARRIERS = frozenset(
    ("/EmbeddedFile", "/EmbeddedFiles", "/FileAttachment", "/RichMedia", "/RichMediaContent", "/RichMediaSettings",
     "/XFA", "/Collection", "/Screen", "/3D", "/PS")
)  # fmt: skip
_KEYS = frozenset(("/JS", "/JavaScript", "/XFA", "/EmbeddedFiles", "/EF", "/RichMediaContent", "/Collection"))
_SUBTYPES = frozenset(("/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D", "/PS"))
_TYPES = frozenset(("/EmbeddedFile", "/Collection"))

_SCHEMES = frozenset(("http", "https", "mailto", "tel"))
_SCHEME = re.compile(r"[\s\0-\x20]*([a-z][a-z0-9+.-]*)\s*:", re.I)

_END = rb"(?=[\s\0()<>\[\]{}/%]|\Z)"
# In the bytes only names long enough that no compressed picture holds them by chance.
_LONG = b"|".join(name.encode() for name in sorted(ACTIONS | CARRIERS) if len(name) > 3)
_NAME = re.compile(b"(?:" + _LONG + b")" + _END)
_INNER = re.compile(b"(?:" + _LONG + b"|/JS|/EF)" + _END)
_ENCRYPT = re.compile(rb"/Encrypt" + _END)
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_MARKUP = re.compile(rb"<\s*(?:!doctype\s+html|html|script|iframe|\?php)\b|<svg[\s>]", re.I)
_ARCHIVE = re.compile(
    rb"PK\x03\x04[\x00-\x3f]...[\x00\x08\x09\x0c\x0e]\x00|PK\x05\x06\0\0\0\0|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c", re.S
)
_TAIL = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF[\s\0]*\Z")
_STREAM = re.compile(rb"(?<!end)stream[ \t]*\r?\n?")
_FLATE = re.compile(rb"/Filter\s*(?:/FlateDecode|\[\s*/FlateDecode\s*\])")
_PREVIOUS = re.compile(rb"/Prev\s+(\d{1,10})(?!\s+\d+\s+R)(?!\d)")


def check(data: bytes) -> None:
    """Raises `Refuse`."""
    _outside(data)
    names = _unescaped(data)
    if _ENCRYPT.search(names):
        raise Refuse(ENCRYPTED)
    if _NAME.search(names):
        raise Refuse(ACTIVE)
    _object_streams(data)
    _sections(data)
    try:
        with apply_configuration(zlib_maximum_output_length=UNPACKED, jbig2dec_binary=None):
            _objects(data)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError) as error:
        raise Refuse(BROKEN) from error


def _unescaped(data: bytes) -> bytes:
    """Names as they are read: /J#61vaScript is /JavaScript."""
    return _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), data)


def _outside(data: bytes) -> None:
    """One file, and a PDF from its first byte to its last."""
    if not re.match(rb"%PDF-[12]\.\d[\r\n \t]", data):
        raise Refuse(BROKEN)
    if _MARKUP.search(data) or _ARCHIVE.search(data) or data.find(b"%PDF-", 5) >= 0:
        raise Refuse(MIXED)
    end = data.rfind(b"%%EOF")
    if end < 0:
        raise Refuse(BROKEN)
    if data[end + 5 :].strip(b"\0\t\n\f\r "):
        raise Refuse(MIXED)
    if not _TAIL.search(data[-2048:]):
        raise Refuse(BROKEN)


# --- By the bytes -------------------------------------------------------------------------------------------------


def _object_streams(data: bytes) -> None:
    """Names inside object streams, wherever one lies in the file. Unpacked up to a bound, never more."""
    left, begin = UNPACKED, 0
    for found in _STREAM.finditer(data):
        # All since the last word `stream`, which may stand in a comment, as may `obj` and `endstream`.
        head = _unescaped(data[begin : found.start()])
        begin = found.end()
        if b"/ObjStm" not in head:
            continue
        if b"/Filter" not in head:
            inside = data[found.end() : data.find(b"endstream", found.end())]
        elif _FLATE.search(head) and b"/Predictor" not in head:
            unpack = zlib.decompressobj()
            try:
                inside = unpack.decompress(memoryview(data)[found.end() :], left)
            except zlib.error as error:
                raise Refuse(BROKEN) from error
            if not unpack.eof:
                raise Refuse(COMPLEX if len(inside) >= left else BROKEN)
        else:
            raise Refuse(COMPLEX)
        left -= len(inside)
        if _INNER.search(_unescaped(inside)):
            raise Refuse(ACTIVE)


def _sections(data: bytes) -> None:
    """The chain of cross-reference tables, from the last back to the first: within the file, and no circle."""
    last = _TAIL.search(data)
    assert last is not None
    at, seen = int(last[1]), set[int]()
    while True:
        if at in seen or at >= len(data):
            raise Refuse(BROKEN)
        if len(seen) >= MOST_SECTIONS:
            raise Refuse(COMPLEX)
        seen.add(at)
        stop = re.compile(rb"startxref|stream\r?\n").search(data, at)
        previous = _PREVIOUS.search(data, at, stop.start() if stop else len(data))
        if previous is None:
            return
        at = int(previous[1])


# --- By the tables ------------------------------------------------------------------------------------------------


def _objects(data: bytes) -> None:
    reader = PdfReader(io.BytesIO(data), xref_stream_maximum_entries=MOST_OBJECTS)
    if reader.is_encrypted:
        raise Refuse(ENCRYPTED)
    named = {(number, generation) for generation, table in reader.xref.items() for number in table}
    named |= {(number, 0) for number in reader.xref_objStm}
    if len(named) > MOST_OBJECTS:
        raise Refuse(COMPLEX)
    _pages(reader)
    for part in _dictionaries(reader.trailer):
        _harmless(part)
    for number, generation in sorted(named):
        for part in _dictionaries(reader.get_object(IndirectObject(number, generation, reader))):
            _harmless(part)


def _pages(reader: PdfReader) -> None:
    root = reader.trailer["/Root"].get_object()
    if not isinstance(root, DictionaryObject) or "/Pages" not in root:
        raise Refuse(BROKEN)
    count = 0
    waiting: list[tuple[Any, frozenset[int]]] = [(root.raw_get("/Pages"), frozenset())]
    while waiting:
        reference, above = waiting.pop()
        node = reference.get_object()
        number = reference.idnum if isinstance(reference, IndirectObject) else -id(node)
        if not isinstance(node, DictionaryObject) or number in above or len(above) > DEEPEST:
            raise Refuse(BROKEN)
        kids = node.get("/Kids")
        if kids is None:
            count += 1
        elif not isinstance(kids, ArrayObject):
            raise Refuse(BROKEN)
        else:
            waiting += [(kid, above | {number}) for kid in kids]
        if count + len(waiting) > MOST_PAGES:
            raise Refuse(PAGES)
    if not count:
        raise Refuse(BROKEN)


def _dictionaries(thing: Any) -> Iterator[DictionaryObject]:
    """Every dictionary inside an object, not following references: what they lead to is an object of its own."""
    waiting, looked_at = [thing], 0
    while waiting:
        part = waiting.pop()
        looked_at += 1
        if looked_at > 10 * MOST_OBJECTS:
            raise Refuse(COMPLEX)
        if isinstance(part, DictionaryObject):
            yield part
            waiting += list(dict.values(part))
        elif isinstance(part, ArrayObject):
            waiting += list(list.__iter__(part))


def _harmless(part: DictionaryObject) -> None:
    if not _KEYS.isdisjoint(part) or _value(part, "/S") in ACTIONS:
        raise Refuse(ACTIVE)
    if _value(part, "/Subtype") in _SUBTYPES or _value(part, "/Type") in _TYPES:
        raise Refuse(ACTIVE)
    link = _SCHEME.match(_value(part, "/URI"))
    if link and link[1].lower() not in _SCHEMES and "." not in link[1]:  # a host and its port have no scheme
        raise Refuse(ACTIVE)
    if isinstance(part, StreamObject) and "/F" in part:  # its content lies in another file
        raise Refuse(ACTIVE)


def _value(part: DictionaryObject, key: str) -> str:
    value = part.get(key)
    return value.decode("latin-1") if isinstance(value, bytes) else value if isinstance(value, str) else ""
