"""Ways to fail that could carry a value into a log. Each takes a person's identifiers as an innocent caller would."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection

from members.models import Person
from portals import scope
from portals.models import Job, User

logger = logging.getLogger(__name__)


def bad_statement(values: list[str]) -> None:
    """PostgreSQL refuses while it works on the values: cast, division, unknown column."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::int, " + ", ".join(["%s"] * len(values)), [values[0], *values])


def unknown_column(values: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT no_such_column FROM members_person WHERE last_name = ANY(%s)", [values])


def too_long(values: list[str]) -> None:
    Person.objects.create(first_name=" ".join(values) * 9, last_name=values[0], birth_date="1985-04-28")


def same_username_twice(values: list[str]) -> None:
    """The DETAIL of a broken unique constraint repeats the key."""
    for _ in range(2):
        User.objects.create(username=values[0], email=values[1], family_name=values[2], kind="work")


def raised_with_values(values: list[str]) -> None:
    raise ValueError(f"cannot make sense of {', '.join(values)}")


def missing_key(values: list[str]) -> None:
    dict.fromkeys(values[1:])[values[0]]


def chained(values: list[str]) -> None:
    try:
        same_username_twice(values)
    except Exception as error:
        raise RuntimeError("and then this") from error


def caught_and_logged(values: list[str]) -> None:
    try:
        raised_with_values(values)
    except ValueError:
        logger.exception("it failed; the request goes on")


FAILURES: dict[str, Callable[[list[str]], None]] = {
    failure.__name__: failure
    for failure in (
        bad_statement,
        unknown_column,
        too_long,
        same_username_twice,
        raised_with_values,
        missing_key,
        chained,
        caught_and_logged,
    )
}


def fail_in_job(job: Job) -> Mapping[str, Any] | None:
    """A job's payload holds ids; the values come from the database, as they would."""
    with scope.entered(scope.system("canary")):
        person = Person.objects.get(pk=job.payload["person"])
        FAILURES[job.payload["failure"]]([person.last_name, person.email, person.phone])
    return None
