"""Plain text with comma-separated values: UTF-8, nothing that a browser or a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import re

from .verdicts import BROKEN, FORMULA, MIXED, TEXT, Refuse

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MARKUP = re.compile(r"<\s*(?:!doctype|html|script|svg|iframe|body|\?|%)", re.I)
_SIGNED = re.compile(r"[+-][\d$(.][^|!]*\Z")  # a number or a telephone


def check(data: bytes) -> None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refuse(TEXT) from error
    if _CONTROL.search(text):
        raise Refuse(TEXT)
    if _MARKUP.search(text):
        raise Refuse(MIXED)
    try:
        for row in csv.reader(io.StringIO(text, newline="")):
            if any(_runs(cell.strip()) for cell in row):
                raise Refuse(FORMULA)
    except csv.Error as error:
        raise Refuse(BROKEN) from error


def _runs(cell: str) -> bool:
    """Whether a spreadsheet takes the cell for a formula."""
    return cell.startswith(("=", "@")) or (cell.startswith(("+", "-")) and len(cell) > 1 and not _SIGNED.match(cell))
