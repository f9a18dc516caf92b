"""Log lines without identifiers. What an exception says may quote a row or what somebody typed, so a log keeps its
class, its SQLSTATE and its frames; long digit runs, mail addresses and queries are blanked in everything else.

A name cannot be recognized: no log call of ours passes one."""

import logging
import re
import traceback
from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured
from django.db import Error as DatabaseError

_DETAIL = re.compile(r"(?s)\n?(DETAIL|CONTEXT|LINE \d+|HINT):.*")
_NUMBERS = re.compile(r"(?<![\d.])\d{8,}|\b\d{3}-\d{2}-\d{4}\b|\(?\b\d{3}\)?[ .-]{1,2}\d{3}[ .-]\d{4}\b")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")
_QUERY = re.compile(r"\?[^ \"']*")
# Their words come from the program, never from data.
_OF_THE_PROGRAM = (ImportError, AttributeError, TypeError, NameError, ImproperlyConfigured)


def clean(text: str) -> str:
    return _MAIL.sub("[mail]", _NUMBERS.sub("[number]", _DETAIL.sub("", text)))


def named(error: BaseException) -> str:
    """An exception without anything that could quote data."""
    name = type(error).__name__
    if isinstance(error, DatabaseError):
        state = getattr(error.__cause__, "pgcode", None)
        return f"{name} {state}" if state else name
    if isinstance(error, OSError) and error.strerror:
        return f"{name}: {error.strerror}"
    if isinstance(error, _OF_THE_PROGRAM):
        return f"{name}: {clean(str(error))}"
    return name


class Redact(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(record.args, Mapping):
            record.args = {key: _argument(key, value, error) for key, value in record.args.items()}
        elif record.args:
            record.args = tuple(_argument("", value, error) for value in record.args)
        text = record.getMessage()
        record.msg = clean(_QUERY.sub("?", text) if record.name.startswith("django") else text)
        record.args = ()
        return True


def _argument(key: str, value: object, error: BaseException | None) -> object:
    """Celery passes the text of a task's exception as `exc` and its traceback; others pass the exception itself."""
    if isinstance(value, BaseException):
        return named(value)
    if error is not None and key in ("exc", "traceback"):
        return named(error)
    return value


class LogLine(logging.Formatter):
    """A traceback keeps its frames and what caused it."""

    def formatException(self, ei) -> str:  # type: ignore[no-untyped-def]  # noqa: N802 - logging's own signature
        parts: list[str] = []
        error: BaseException | None = ei[1]
        while error is not None and len(parts) < 10:
            parts.insert(0, "".join(traceback.format_tb(error.__traceback__)) + named(error))
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\nand then:\n".join(parts)
