"""Writing to the ledger: what happened, whom it was about, and the seal over it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from audit.enums import Kind, Outcome

# The function keeps its plans for the session (audit/migrations/0006_record.py).
_INSERT = """
SELECT audit_record(%s, %s, %s, %s, %s, %s, %s::text[], %s, %s, %s, %s::jsonb, %s, %s, %s::text[], %s::bigint[])
"""

_ENCODE = DjangoJSONEncoder().encode  # `json.dumps` would make an encoder for each row

_INSERT_SUBJECTS = """
WITH event AS MATERIALIZED (
    SELECT id, recorded_at FROM audit_event WHERE id = %s AND xid = pg_current_xact_id()
), subject AS (
    INSERT INTO audit_subject (recorded_at, event_id, kind, subject_id)
    SELECT DISTINCT event.recorded_at, event.id, listed.kind::text, listed.subject_id::bigint
    FROM event, ({sql}) AS listed(kind, subject_id)
    RETURNING 1
)
SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM subject)
"""


class AuditError(Exception):
    """The ledger refuses the row; what it was to record must not happen."""


def record(
    *,
    kind: str,
    action: str,
    actor: str,
    portal: str = "",
    acting_for: str = "",
    grant: str = "",
    subjects: Iterable[tuple[str, int]] = (),
    fields: Sequence[str] = (),
    object_kind: str = "",
    object_id: str = "",
    outcome: str = "done",
    detail: Mapping[str, object] | None = None,
    request_id: str = "",
    source: str = "",
) -> int:
    """Write one event and its subjects with one statement in the current transaction; answers the event's id.

    `actor` is `user:<id>`, `system:<name>` or `nobody`, and never empty; `fields` are the names of what was shown or
    changed; `detail` holds cleared values only, never PHI; `source` is the client's address.
    """
    if not actor.strip():
        raise AuditError(f"the event {action!r} has no actor")
    if not action.strip():
        raise AuditError("the event has no action")
    listed = list(dict.fromkeys(subjects))
    values: list[Any] = [
        _text(Kind(kind).value), _text(action), _text(actor), _text(portal), _text(acting_for), _text(grant),
        [_text(field) for field in fields], _text(object_kind), _text(object_id), Outcome(outcome).value,
        _json(detail or {}), _text(request_id), _text(source),
        [_text(subject_kind) for subject_kind, _ in listed], [subject_id for _, subject_id in listed],
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        return int(cursor.fetchone()[0])


def record_subjects(event_id: int, sql: str, params: Sequence[Any] = ()) -> int:
    """Add the subjects that a query finds to an event of this same transaction; answers how many.

    `sql` is our own text, never a user's: a SELECT of two columns, kind and subject id. Twice the same subject counts
    once. For exports and bulk work, whose people never pass through Python.
    """
    with connection.cursor() as cursor:
        cursor.execute(_INSERT_SUBJECTS.format(sql=sql), [event_id, *params])
        events, count = cursor.fetchone()
    if not events:
        raise AuditError(f"event {event_id} is not of this transaction")
    return int(count)


def ensure_partitions(*, months_ahead: int = 12) -> int:
    """Make the partitions of this month and those ahead where they are missing; answers for how many months."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE audit_ensure_partition("
            "(date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month')::date))"
            " FROM generate_series(0, %s) AS n",
            [months_ahead],
        )
        return int(cursor.fetchone()[0])


def _text(value: str) -> str:
    """What PostgreSQL can store: a hostile input must not stop the row that tells of it."""
    if value.isascii() and "\0" not in value:  # nearly always
        return value
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()


def _json(detail: Mapping[str, object]) -> str:
    return _ENCODE(detail).replace("\\u0000", "\\ufffd")
