"""Legal holds: step by step, by two people, and told apart from what was changed."""

import datetime as dt

import pytest
from django.db import Error, connection

from audit.archive import holds
from audit.archive.holds import NotThen
from audit.enums import HoldStep
from audit.models import Event, Hold
from audit.seal import sealer
from tests.audit.conftest import Ledger

ONE = {"actor": "user:1", "portal": "desk"}
TWO = {"actor": "user:2", "portal": "desk"}
MAY, JUNE, JULY = (dt.date(2026, month, 1) for month in (5, 6, 7))


def place(last: dt.date | None = JUNE) -> int:
    return holds.place(first_month=MAY, last_month=last, matter="2026-CV-118", reason="Subpoena", who=ONE)


@pytest.mark.django_db
def test_a_hold_holds_from_its_first_to_its_last_month_and_an_open_one_for_ever() -> None:
    number = place()
    assert [each.number for each in holds.on(MAY)] == [each.number for each in holds.on(JUNE)] == [number]
    assert holds.on(JULY) == holds.on(dt.date(2026, 4, 1)) == []
    later = place(None)
    assert later == number + 1
    assert [each.number for each in holds.on(dt.date(2031, 1, 1))] == [later]
    assert [each.number for each in holds.listed()] == [later, number]


@pytest.mark.django_db
def test_it_ends_by_two_people_and_every_step_stays() -> None:
    number = place()
    holds.propose_release(number=number, reason="Closed", who=ONE)
    assert holds.on(MAY)[0].proposal is not None
    with pytest.raises(NotThen):
        holds.release(number=number, reason="Closed", who=ONE)
    assert holds.on(MAY)
    holds.release(number=number, reason="Read the letter", who=TWO)
    (held,) = holds.listed()
    assert (held.state, held.proposal, holds.on(MAY)) == (HoldStep.RELEASED, None, [])
    assert [(step.step, step.actor) for step in held.steps] == [
        ("placed", "user:1"),
        ("release_proposed", "user:1"),
        ("released", "user:2"),
    ]
    events = Event.objects.filter(action="audit.hold").order_by("id")
    assert [event.detail["step"] for event in events] == ["placed", "release_proposed", "released"]
    assert all("2026-CV-118" not in str(event.detail) for event in events)


@pytest.mark.django_db
def test_a_declined_release_leaves_it_and_may_be_proposed_anew() -> None:
    number = place()
    holds.propose_release(number=number, reason="Closed", who=ONE)
    holds.keep(number=number, who=ONE)
    assert holds.on(MAY)[0].state is HoldStep.PLACED
    holds.propose_release(number=number, reason="Closed", who=TWO)
    holds.release(number=number, reason="Yes", who=ONE)


@pytest.mark.django_db
@pytest.mark.parametrize("step", [holds.release, holds.keep, holds.propose_release])
def test_no_step_is_taken_out_of_turn(step) -> None:  # type: ignore[no-untyped-def]
    number = place()
    if step is holds.propose_release:
        step(number=number, reason="x", who=ONE)
    with pytest.raises(NotThen):
        step(number=number, reason="x", who=TWO)
    with pytest.raises(NotThen):
        step(number=number + 7, reason="x", who=TWO)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "columns",
    [
        {"first_month": dt.date(2026, 5, 2)},
        {"last_month": dt.date(2026, 4, 1)},
        {"matter": " "},
        {"reason": ""},
    ],
)
def test_the_database_asks_for_whole_months_a_matter_and_a_reason(columns: dict[str, object]) -> None:
    asked = {"first_month": MAY, "last_month": JUNE, "matter": "m", "reason": "r", **columns}
    with pytest.raises(NotThen):
        holds.place(who=ONE, **asked)  # type: ignore[arg-type]


@pytest.mark.django_db
def test_the_sites_role_can_neither_change_nor_date_nor_number_a_step() -> None:
    place()
    for statement in (
        "UPDATE audit_hold SET reason = 'x'",
        "DELETE FROM audit_hold",
        "TRUNCATE audit_hold",
        "INSERT INTO audit_hold (recorded_at, number, step, actor, reason) VALUES (now(), 1, 'kept', 'user:1', '')",
        "INSERT INTO audit_archive (number, month, previous_hash, hash, manifest, key_id, signature)"
        " VALUES (1, '2026-05-01', '', '', '', '', '')",
    ):
        with pytest.raises(Error, match="permission denied"), connection.cursor() as cursor:
            cursor.execute("SAVEPOINT tried")
            try:
                cursor.execute(statement)
            finally:
                cursor.execute("ROLLBACK TO tried")


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM audit_hold WHERE step = 'placed'",
        "DELETE FROM audit_hold WHERE step <> 'placed'",
        "UPDATE audit_hold SET last_month = '2026-05-01' WHERE step = 'placed'",
        "UPDATE audit_hold SET matter = 'other' WHERE step = 'placed'",
        "UPDATE audit_hold SET actor = 'user:7' WHERE step <> 'placed'",
        "UPDATE audit_hold SET recorded_at = recorded_at - interval '1 hour'",
    ],
)
def test_a_step_that_is_removed_or_changed_is_found(ledger: Ledger, change: str) -> None:
    holds.propose_release(number=place(), reason="Closed", who=ONE)
    sealer.seal()
    assert ledger.verify()[0] == 0
    ledger.tamper(change)
    code, report = ledger.verify()
    assert (code, report.findings[0].what) == (1, "hold")


def test_a_release_made_past_the_rules_is_found(ledger: Ledger) -> None:
    """By a superuser, without an event; and a trigger that lets one person do both is a finding of its own."""
    number = place()
    sealer.seal()
    ledger.tamper(
        "INSERT INTO audit_hold (number, step, actor, reason) VALUES (%s, 'release_proposed', 'user:8', 'x')", number
    )
    assert ledger.verify()[1].findings[0].what == "hold"
    assert Hold.objects.count() == 2
    with ledger.connect("postgres") as admin, admin.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_hold DISABLE TRIGGER one_step_after_another")
    assert "guard" in [each.what for each in ledger.verify()[1].findings]
