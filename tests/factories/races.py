"""What another person does at the worst moment: in the same transaction, or at once over a connection of their own."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from portals import scope as scopes
from portals.scope import Scope


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


def two(by: Scope, first: Callable[[], object], then: Scope, second: Callable[[], object]) -> tuple[Any, Any]:
    """Both at once over two connections of a database that is really committed: `first` has done its work and not
    committed it when `second` begins. It is an error if `second` does not wait for a lock of the first. What each
    answered, or the exception that it raised."""
    answers: list[Any] = []

    def later() -> None:
        try:
            with scopes.entered(then):
                answers.append(second())
        except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
            answers.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=later)
    with scopes.entered(by):
        done = first()
        thread.start()
        waited = _somebody_waits(thread)
    thread.join()
    assert waited, f"the second did not wait for the first: {answers}"
    return done, answers[0]


def _somebody_waits(thread: threading.Thread) -> bool:
    while thread.is_alive():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
                " AND wait_event_type = 'Lock')"
            )
            if cursor.fetchone()[0]:
                return True
        thread.join(0.02)
    return False
