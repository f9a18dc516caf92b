"""Reads that many parts of one page ask (the business date, whether eBilling is open) and that cost one query."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_answers: ContextVar[dict[object, object] | None] = ContextVar("answers of this page", default=None)


@contextmanager
def one_page() -> Iterator[None]:
    """While a page is made, a function marked `once_per_page` is asked once for each set of arguments."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def once_per_page(ask: Callable[P, R]) -> Callable[P, R]:
    """Nothing is kept beyond the page, and nothing at all in commands and jobs. Arguments must be hashable."""

    @functools.wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        answers = _answers.get()
        if answers is None:
            return ask(*args, **kwargs)
        key = (ask, args, tuple(sorted(kwargs.items())))
        if key not in answers:
            answers[key] = ask(*args, **kwargs)
        return answers[key]  # type: ignore[return-value]  # stored two lines above

    return asked


def forget() -> None:
    """After a write that changes such an answer."""
    answers = _answers.get()
    if answers is not None:
        answers.clear()
