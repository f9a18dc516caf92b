"""The types that are told apart by content, and why a file is refused."""

from __future__ import annotations

PDF, JPEG, PNG, CSV = "pdf", "jpeg", "png", "csv"

BROKEN = "broken"
ENCRYPTED = "encrypted"
ACTIVE = "active"
MIXED = "mixed"
MOVING = "moving"
PAGES = "pages"
PIXELS = "pixels"
COMPLEX = "complex"
TEXT = "text"
FORMULA = "formula"

MOST_PIXELS = 50_000_000  # a page of paper at 600 dpi has 35 million; the cameras of telephones 12 to 50
MOST_BYTES = 10 * 1024 * 1024  # above it a photograph is saved coarser
MOST_PAGES = 1_000


class Refuse(Exception):
    """One of the reasons above."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def sniff(data: bytes) -> str:
    """The type by the first bytes; text where nothing else begins so, and nothing that programs know how to run."""
    if data.startswith(b"%PDF-"):
        return PDF
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    begins = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"\0" in data or begins.startswith((b"<", b"#!", b"%!", b"{\\rtf", b"MZ", b"PK")):
        return ""
    return CSV
