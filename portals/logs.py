"""Log lines without identifiers: database errors lose their values, long digit runs and addresses are blanked."""

import logging
import re
import traceback

from django.db import Error as DatabaseError

_DETAIL = re.compile(r"(?s)\n?(DETAIL|CONTEXT|LINE \d+|HINT):.*")
_NUMBERS = re.compile(r"\b\d{3}-?\d{2}-?\d{4}\b|\b\d{8,}\b")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
_QUERY = re.compile(r"\?[^ \"']*")


def clean(text: str) -> str:
    return _MAIL.sub("[mail]", _NUMBERS.sub("[number]", _DETAIL.sub("", text)))


class Redact(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = clean(
            _QUERY.sub("?", record.getMessage()) if record.name.startswith("django") else record.getMessage()
        )
        record.args = ()
        return True


class Line(logging.Formatter):
    """A traceback keeps its frames; the message of a database error, which may quote a row, is dropped."""

    def formatException(self, ei) -> str:  # type: ignore[no-untyped-def]  # noqa: N802 - logging's own signature
        kind, error, frames = ei
        message = "" if isinstance(error, DatabaseError) else clean(str(error))
        return "".join(traceback.format_tb(frames)) + f"{kind.__name__}: {message}"
