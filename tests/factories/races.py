"""What another person does at the worst moment, without threads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def just_before(sql: str, do: Callable[[], object]) -> Iterator[None]:
    """Run `do` once, just before the first statement that the pattern `sql` fits; it is an error if none does."""
    left = [do]

    def watch(execute: Callable[..., Any], statement: str, params: Any, many: bool, context: Any) -> Any:
        if left and re.match(sql, statement, re.DOTALL):
            left.pop()()
        return execute(statement, params, many, context)

    with connection.execute_wrapper(watch):
        yield
    assert not left, f"no statement fits {sql}"
