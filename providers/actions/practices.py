"""Practices with their practitioners, from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from audit import actions as audit
from audit.enums import Kind
from portals.files import csv_import
from portals.files.csv_import import BadValue, Column, ImportReport, Refusal, Row
from portals.plan import periods
from portals.scope import Scope
from providers import rules
from providers.enums import Discipline
from providers.models import Practice, Practitioner

LOCK = "providers.practices.import"  # whoever writes practices takes it


def _npi(typed: str) -> str:
    if not rules.is_npi(typed):
        raise BadValue("expected an NPI: ten digits that begin with 1 or 2 and end with the right check digit")
    return typed


_PRACTICE = (
    Column("provider_id", csv_import.code(20)),
    Column("practice_name", csv_import.text(100)),
    Column("tax_id", csv_import.tax_id),
    Column("practice_npi", _npi, ""),
    Column("discipline", csv_import.choice(*Discipline.values)),
    Column("participating_from", csv_import.day, None),
    Column("participating_through", csv_import.last_day, None),
    Column("address", csv_import.text(100)),
    Column("city", csv_import.text(60)),
    Column("state", csv_import.state),
    Column("zip", csv_import.zip_code),
    Column("phone", csv_import.text(40), ""),
)
_PRACTITIONER = (
    Column("practitioner_npi", _npi, ""),
    Column("first_name", csv_import.text(35), ""),
    Column("last_name", csv_import.text(60), ""),
    Column("specialty", csv_import.text(60), ""),
)
COLUMNS = (*_PRACTICE, *_PRACTITIONER)
_PRACTICE_COLUMNS = tuple(column.name for column in _PRACTICE)
_PRACTICE_FIELDS = (
    "name", "tax_id", "npi", "discipline", "participating", "address", "city", "state", "zip", "phone",
)  # fmt: skip
_PRACTITIONER_FIELDS = ("first_name", "last_name", "specialty")


def import_file(path: Path, *, by: Scope) -> ImportReport:
    """Take a file of practices, one row for each practitioner; each row for itself, a second time without effect.

    A practice whose `participating_from` is empty does not participate; an empty `participating_through` (the last
    day, included) is open. Whoever a file leaves out stays. Raises `Unreadable` (nothing is written), `OSError`.
    """
    table = csv_import.read(path, COLUMNS)
    report = ImportReport()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [LOCK])
        practices: dict[str, Row] = {}
        people: dict[tuple[str, str], Row] = {}
        refusals = []
        for row in table.rows:
            problem = _problem(row, practices, people)
            if problem:
                refusals.append(Refusal(row.line, *problem, table.name))
                continue
            practices.setdefault(row["provider_id"], row)
            if row["practitioner_npi"]:
                people[row["provider_id"], row["practitioner_npi"]] = row
        report.add(table, refusals)
        held = _write_practices(practices, report)
        _write_people(people, held, report)
        audit.record(
            kind=Kind.CHANGE,
            action="providers.practices.import",
            object_kind="practice",
            detail={"rows": report.rows, "refused": report.refused_rows, **report.counts},
            **by.audit(),
        )
    return report


def _problem(row: Row, practices: dict[str, Row], people: dict[tuple[str, str], Row]) -> tuple[str, str] | None:
    """Column and reason."""
    first = practices.get(row["provider_id"])
    for column in _PRACTICE_COLUMNS:
        if first and row[column] != first[column]:
            return column, f"differs from line {first.line} for the same provider_id"
    start, through = row["participating_from"], row["participating_through"]
    if through and not start:
        return "participating_from", "is empty, yet participating_through is given"
    if through and through < start:
        return "participating_through", "is before participating_from"
    named = [column for column in ("first_name", "last_name", "specialty") if row[column]]
    if not row["practitioner_npi"]:
        return ("practitioner_npi", "is empty, yet a practitioner is named") if named else None
    for column in ("first_name", "last_name"):
        if not row[column]:
            return column, "is empty"
    twin = people.get((row["provider_id"], row["practitioner_npi"]))
    return ("practitioner_npi", f"stands on line {twin.line} too") if twin else None


def _write_practices(wanted: dict[str, Row], report: ImportReport) -> dict[str, Practice]:
    held = {row.provider_id: row for row in Practice.objects.filter(provider_id__in=wanted)}
    values = {key: _practice_values(row) for key, row in wanted.items()}
    changed = [practice for key, practice in held.items() if _set(practice, values[key])]
    fresh = [Practice(provider_id=key, **values[key]) for key in wanted if key not in held]
    Practice.objects.bulk_update(changed, _PRACTICE_FIELDS, batch_size=500)
    held |= {practice.provider_id: practice for practice in Practice.objects.bulk_create(fresh, batch_size=1000)}
    report.counts |= {"practices_created": len(fresh), "practices_changed": len(changed)}
    return held


def _write_people(wanted: dict[tuple[str, str], Row], practices: dict[str, Practice], report: ImportReport) -> None:
    rows = Practitioner.objects.filter(practice__in=practices.values()).select_related("practice")
    held = {(row.practice.provider_id, row.npi): row for row in rows}
    values = {key: {name: row[name] for name in _PRACTITIONER_FIELDS} for key, row in wanted.items()}
    changed = [person for key, person in held.items() if key in values and _set(person, values[key])]
    fresh = [Practitioner(practice=practices[key[0]], npi=key[1], **values[key]) for key in wanted if key not in held]
    Practitioner.objects.bulk_update(changed, _PRACTITIONER_FIELDS, batch_size=500)
    Practitioner.objects.bulk_create(fresh, batch_size=1000)
    report.counts |= {"practitioners_created": len(fresh), "practitioners_changed": len(changed)}


def _practice_values(row: Row) -> dict[str, Any]:
    start = row["participating_from"]
    end = periods.from_last_day(row["participating_through"])
    renamed = {
        "name": row["practice_name"],
        "npi": row["practice_npi"],
        "participating": DateRange(start, end) if start else None,
    }
    return {name: renamed[name] if name in renamed else row[name] for name in _PRACTICE_FIELDS}


def _set(row: Practice | Practitioner, values: dict[str, Any]) -> bool:
    """Set what differs; whether anything did."""
    differing = [name for name, value in values.items() if getattr(row, name) != value]
    for name in differing:
        setattr(row, name, values[name])
    return bool(differing)
