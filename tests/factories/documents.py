"""Files made by hand, byte by byte: PDFs out of their objects, pictures of any kind."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping

from PIL import Image

PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>"
BASE: dict[int, bytes] = {
    1: b"<< /Type /Catalog /Pages 2 0 R >>",
    2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    3: PAGE,
}


def stream(content: bytes, head: bytes = b"", *, packed: bool = False) -> bytes:
    if packed:
        content, head = zlib.compress(content), head + b" /Filter /FlateDecode"
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), head, content)


def pdf(
    objects: Mapping[int, bytes] | None = None,
    *,
    catalog: bytes = b"",
    page: bytes = b"",
    trailer: bytes = b"",
    header: bytes = b"%PDF-1.7\n",
) -> bytes:
    """A whole PDF of one page, with these objects beside or in place of the usual ones; `catalog` and `page` are more
    entries of those two."""
    all_ = dict(BASE)
    all_[1] = BASE[1][:-2] + catalog + b" >>"
    all_[3] = BASE[3][:-2] + page + b" >>"
    all_ |= objects or {}
    out = io.BytesIO()
    out.write(header)
    places = {}
    for number, content in sorted(all_.items()):
        places[number] = out.tell()
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    start, size = out.tell(), max(all_) + 1
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
    for number in range(1, size):
        out.write(b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n")
    out.write(b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start))
    return out.getvalue()


def packed_pdf(inner: Mapping[int, bytes], catalog: bytes = b"", *, stream_head: bytes = b"", pad: int = 0) -> bytes:
    """A PDF 1.5 whose objects `inner` (and catalog, pages, page) lie in an object stream, found by an xref stream."""
    objects = {**BASE, 1: BASE[1][:-2] + catalog + b" >>", **inner}
    head, body = b"", b""
    for number, content in sorted(objects.items()):
        head += b"%d %d " % (number, len(body))
        body += content + b"\n"
    body += b" " * pad
    holder, table = max(objects) + 1, max(objects) + 2
    out = io.BytesIO()
    out.write(b"%PDF-1.5\n")
    at = out.tell()
    first = b"/Type /ObjStm /N %d /First %d " % (len(objects), len(head)) + stream_head
    out.write(b"%d 0 obj\n%s\nendobj\n" % (holder, stream(head + body, first, packed=True)))
    start = out.tell()
    order = {number: index for index, number in enumerate(sorted(objects))}
    rows = b"\0" * 4 + b"\xff"
    for number in range(1, table + 1):
        if number in order:
            rows += b"\x02" + holder.to_bytes(3, "big") + order[number].to_bytes(1, "big")
        else:
            rows += b"\x01" + (at if number == holder else start).to_bytes(3, "big") + b"\0"
    entry = b"/Type /XRef /Size %d /W [1 3 1] /Root 1 0 R" % (table + 1)
    out.write(b"%d 0 obj\n%s\nendobj\n" % (table, stream(rows, entry, packed=True)))
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def picture(form: str = "PNG", mode: str = "RGB", size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    """A gradient, so that something can be recognized after drawing it anew."""
    image = Image.linear_gradient("L").resize(size)
    if mode == "I;16":
        image = image.convert("I").point(lambda value: value * 257).convert("I;16")
    elif mode == "P":
        image = image.convert("RGB").convert("P", palette=Image.Palette.ADAPTIVE)
    else:
        image = image.convert("RGB").convert(mode) if mode in ("CMYK", "P") else image.convert(mode)
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    """A part of a PNG, with its check sum."""
    return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")


def with_chunk(png: bytes, name: bytes, content: bytes) -> bytes:
    """Right after the header of the PNG."""
    return png[:33] + chunk(name, content) + png[33:]


def bare_png(width: int, height: int, rows: bytes) -> bytes:
    """A grey PNG that says it is so large, whatever its rows hold."""
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\0\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def with_segment(jpeg: bytes, marker: int, content: bytes) -> bytes:
    """Right after the start of the JPEG."""
    return jpeg[:2] + bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content + jpeg[2:]
