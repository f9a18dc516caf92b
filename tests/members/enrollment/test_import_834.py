"""Enrollment files through the command: what F12 says, the public samples, what is refused and why."""

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from audit.models import Event, Subject
from billing.models import BillableSegment, DirtyAccount
from members.enrollment import actions as enrollment_actions
from members.enrollment.x834.records import Address, CoverageChange, FormerName, Member, TransactionSet
from members.enrollment.x834.writer import write_834
from members.models import Contract, Coverage, Enrollee, EnrollmentError, EnrollmentFile, Person
from members.rules import numbers
from portals import jobs
from portals import scope as scopes
from portals.crypto import values as crypto
from portals.enums import Team
from portals.models import DeskRequest, Job, OutboxMail
from portals.plan import clock, periods
from portals.x12.acknowledgment_999 import read_999
from portals.x12.wire import Interchange
from tests.factories import ledger
from tests.factories import members as factory
from tests.factories import people as people_of_portals
from tests.factories.members import Employer
from tests.paths import shared_data

pytestmark = pytest.mark.django_db

JAN, FEB, MAR = dt.date(2027, 1, 1), dt.date(2027, 2, 1), dt.date(2027, 3, 1)
GROUP = "GRP-1"


@dataclass
class Run:
    """What a run of the command said and left behind."""

    code: int
    summary: dict[str, Any]
    result: list[dict[str, str]]
    ack: bytes

    @property
    def reasons(self) -> list[str]:
        return [row["reason"] for row in self.result]


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Run]:
    counter = iter(range(1, 1000))

    def run(file: Path | bytes | Sequence[Member], *, as_of: dt.date = JAN, client: str = "", **header: Any) -> Run:
        number = next(counter)
        path = tmp_path / f"{number}.834"
        if isinstance(file, Path):
            path = file
        else:
            path.write_bytes(file if isinstance(file, bytes) else wire(file, number, **header))
        ack, result, out = tmp_path / f"{number}.999", tmp_path / f"{number}.csv", io.StringIO()
        options = ["--client", client] if client else []
        code = 0
        try:
            call_command(
                "import_834",
                str(path),
                "--json",
                "--ack",
                str(ack),
                "--result",
                str(result),
                "--as-of",
                as_of.isoformat(),
                *options,
                stdout=out,
            )
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        with result.open(newline="") as rows:
            refused = list(csv.DictReader(rows))
        # The tests read as the plan itself does.
        scopes.enter(scopes.system("test"))
        return Run(code, json.loads(out.getvalue()), refused, ack.read_bytes() if ack.exists() else b"")

    return run


def wire(people: Sequence[Member], number: int, **header: Any) -> bytes:
    out = io.BytesIO()
    interchange = Interchange(
        sender="SENDER", receiver="PLAN", control_number=f"{number:09}", prepared_date="270101", prepared_time="1200"
    )
    values: dict[str, Any] = {
        "control_number": "0001", "reference": str(number), "action": "2", "created_date": JAN, "created_time": "1200",
        "sponsor_name": "SPONSOR", "sponsor_id_qualifier": "FI", "sponsor_tax_id": "990000001", "payer_name": "PLAN",
        "payer_id_qualifier": "FI", "payer_id": "990000002",
    }  # fmt: skip
    at = dt.datetime(2027, 1, 1, 12, tzinfo=periods.PLAN_ZONE)
    write_834(out, interchange, [(TransactionSet(**values | header), people)], created_at=at)
    return out.getvalue()


def adds(plan: str = "GOLD", begin: dt.date = JAN, *, line: str = "HLT", code: str = "021") -> CoverageChange:
    return CoverageChange(code, line, plan_code=plan, begin_date=begin)


def ends(last_day: dt.date, *, line: str = "HLT") -> CoverageChange:
    return CoverageChange("024", line, end_date=last_day)


def someone(number: str = "E1", first: str = "ADA", *, relationship: str = "18", **more: Any) -> Member:
    values: dict[str, Any] = {
        "is_subscriber": relationship == "18", "relationship": relationship, "maintenance": "021", "reason": "28",
        "subscriber_number": number, "last_name": "INVENTED", "first_name": first, "group_number": GROUP,
        "employment_status": "FT" if relationship == "18" else "", "birth_date": dt.date(1980, 5, 6), "sex": "F",
        "coverages": (adds(),),
    }  # fmt: skip
    return Member(**values | more)


def child(number: str = "E1", first: str = "BOB", **more: Any) -> Member:
    return someone(number, first, **{"relationship": "19", "birth_date": dt.date(2015, 1, 2)} | more)


@pytest.fixture
def acme() -> Employer:
    with scopes.entered(scopes.system("test")):
        employer = factory.employer(GROUP, name="Acme")
        employer.offer(factory.product("GOLD"))
        employer.offer(factory.product("SILVER"))
        employer.offer(factory.product("SMILE", line="dental", plan_type="DEN"))
        return employer


def days(first: str = "ADA", line: str = "medical") -> list[tuple[str, dt.date, dt.date | None]]:
    """Plan and days (last day covered) as known now."""
    rows = Coverage.objects.filter(enrollee__person__first_name=first, line=line, known__upper_inf=True).order_by(
        "effective"
    )
    return [
        (row.package.product.rated.code, row.effective.lower, periods.last_day_covered(row.effective.upper))
        for row in rows.select_related("package__product__rated")
    ]


def billed() -> list[tuple[str, int, dt.date, dt.date | None]]:
    rows = BillableSegment.objects.filter(known__upper_inf=True).order_by("line", "effective")
    return [
        (r.price_key, r.members_count, r.effective.lower, periods.last_day_covered(r.effective.upper)) for r in rows
    ]


# --- Adding -------------------------------------------------------------------------------------------------------


def test_a_family_enters_with_contract_card_numbers_and_one_billable_segment(
    acme: Employer, load: Callable[..., Run]
) -> None:
    run = load([child(), someone(), someone(first="CAL", relationship="53", birth_date=dt.date(1981, 1, 1))])
    assert (run.code, run.summary["accepted"], run.result) == (0, 3, [])
    contract = Contract.objects.get(sender_number="E1", client=acme.client)
    assert numbers.is_contract_number(contract.number)
    people = {e.person.first_name: e for e in contract.enrollees.select_related("person")}
    assert people["ADA"].member_id == contract.number + "01"
    assert {people["BOB"].suffix, people["CAL"].suffix} == {"02", "03"}
    assert contract.subscriber == people["ADA"].person
    assert days("BOB") == [("GOLD", JAN, None)]
    assert billed() == [("FAM", 3, JAN, None)]  # a life partner makes it a couple, with a child a family
    segment = BillableSegment.objects.get()
    assert (segment.contract, segment.account) == (contract.pk, acme.account)
    assert list(DirtyAccount.objects.values_list("account", "since")) == [(acme.account.pk, JAN)]


def test_the_999_accepts_the_set_and_the_audit_row_names_everyone(acme: Employer, load: Callable[..., Run]) -> None:
    run = load([someone(), child()])
    answer = read_999(io.BytesIO(run.ack))
    assert [s.answer for g in answer.groups for s in g.sets] == ["A"]
    event = Event.objects.get(action="members.import_834")
    assert event.actor == "system:import_834"
    named = Subject.objects.filter(event_id=event.pk, kind="person").values_list("subject_id", flat=True)
    assert set(named) == set(Person.objects.values_list("pk", flat=True))


def test_the_same_file_twice_is_taken_once(acme: Employer, load: Callable[..., Run], tmp_path: Path) -> None:
    file = tmp_path / "again.834"
    file.write_bytes(wire([someone()], 7))
    assert load(file).code == 0
    second = load(file)
    assert (second.code, second.summary["new"]) == (2, False)
    assert EnrollmentFile.objects.count() == 1
    assert Coverage.objects.count() == 1


def test_the_same_content_in_another_file_changes_nothing(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone(ssn="923456789"), child()])
    before = list(Coverage.objects.values_list("pk", "known"))
    second = load([someone(ssn="923456789"), child()])
    assert (second.code, second.summary["coverages_written"], second.summary["people_created"]) == (0, 0, 0)
    assert list(Coverage.objects.values_list("pk", "known")) == before
    assert DirtyAccount.objects.count() == 1


def test_the_file_is_kept_as_it_came(acme: Employer, load: Callable[..., Run], tmp_path: Path) -> None:
    data = wire([someone()], 9)
    load(data)
    row = EnrollmentFile.objects.get()
    assert enrollment_actions.content(row) == data
    assert b"INVENTED" not in b"".join(bytes(c.cipher) for c in row.stored.chunks.all())


def test_an_ssn_is_encrypted_and_found_again(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone(ssn="923456789")])
    person = Person.objects.get()
    assert person.ssn_last_four == "6789"
    assert crypto.decrypt(bytes(person.ssn_cipher or b""), context=f"members_person.ssn.{person.uuid}") == "923456789"
    load([someone(ssn="923450001", maintenance="001", coverages=())])
    person.refresh_from_db()
    assert crypto.decrypt(bytes(person.ssn_cipher or b""), context=f"members_person.ssn.{person.uuid}") == "923450001"
    assert person.ssn_index == crypto.blind_index("923450001", purpose="ssn")


def test_a_subscriber_known_from_another_client_is_the_same_person(acme: Employer, load: Callable[..., Run]) -> None:
    other = factory.employer("GRP-2", name="Other")
    other.offer(factory.product("BRONZE"))
    load([someone(ssn="923456789")])
    load([someone("X9", ssn="923456789", group_number="GRP-2", coverages=(adds("BRONZE"),))])
    assert Person.objects.count() == 1
    assert Contract.objects.count() == 2


# --- Changing and ending ------------------------------------------------------------------------------------------


def test_ending_the_subscriber_ends_everybody_on_the_last_day(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone(coverages=(adds(), adds("SMILE", line="DEN"))), child()])
    run = load(
        [someone(maintenance="024", coverages=(), dates={"357": dt.date(2027, 1, 31)})], as_of=dt.date(2027, 1, 20)
    )
    assert run.code == 0
    last = dt.date(2027, 1, 31)
    assert (days("ADA"), days("BOB"), days("ADA", "dental")) == (
        [("GOLD", JAN, last)],
        [("GOLD", JAN, last)],
        [("SMILE", JAN, last)],
    )
    assert billed() == [("EE", 1, JAN, last), ("EC", 2, JAN, last)]
    # What was known before stays on record: open until Jan 20, ended since then.
    ada = Coverage.objects.filter(enrollee__person__first_name="ADA", line="medical").order_by("known")
    assert [row.effective.upper for row in ada] == [None, FEB]
    assert ada[0].known.upper == ada[1].known.lower == dt.datetime(2027, 1, 20, 12, tzinfo=periods.PLAN_ZONE)
    assert DirtyAccount.objects.order_by("-pk")[0].since == FEB


def test_an_end_in_one_line_leaves_the_other(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone(coverages=(adds(), adds("SMILE", line="DEN")))])
    load([someone(maintenance="001", coverages=(ends(dt.date(2027, 2, 28), line="DEN"),))])
    assert days() == [("GOLD", JAN, None)]
    assert days(line="dental") == [("SMILE", JAN, dt.date(2027, 2, 28))]


def test_a_later_last_day_puts_an_early_end_right(acme: Employer, load: Callable[..., Run]) -> None:
    """Worked figure F4: ended Dec 12, then it turns out to have been Jan 20."""
    start = dt.date(2026, 3, 1)
    load([someone(coverages=(adds(begin=start),)), child(coverages=(adds(begin=start),))], as_of=start)
    for last, received in ((dt.date(2026, 12, 12), dt.date(2027, 1, 8)), (dt.date(2027, 1, 20), dt.date(2027, 2, 3))):
        run = load([someone(maintenance="024", coverages=(ends(last),))], as_of=received)
        assert run.code == 0
        assert days("ADA") == days("BOB") == [("GOLD", start, last)]
    assert DirtyAccount.objects.order_by("-pk")[0].since == dt.date(2026, 12, 1)


def test_a_change_of_plan_is_an_end_and_an_add(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone()])
    run = load([someone(maintenance="001", coverages=(adds("SILVER", FEB), ends(dt.date(2027, 1, 31))))])
    assert run.code == 0
    assert days() == [("GOLD", JAN, dt.date(2027, 1, 31)), ("SILVER", FEB, None)]


def test_reinstatement_leaves_no_gap(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone(), child(), child(first="DOT", coverages=(adds(),))])
    load([child(first="DOT", maintenance="024", coverages=(ends(dt.date(2027, 1, 15)),))])
    load([someone(maintenance="024", coverages=(ends(dt.date(2027, 1, 31)),))])
    run = load([someone(maintenance="025", reason="", coverages=())])
    assert run.code == 0
    assert days("ADA") == days("BOB") == [("GOLD", JAN, None)]
    assert days("DOT") == [("GOLD", JAN, dt.date(2027, 1, 15))]  # had left before


def test_cobra_moves_the_contract_to_the_cobra_account_from_its_day(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone(), child()])
    run = load([someone(maintenance="001", benefit_status="C", cobra_event="1", coverages=(), dates={"340": FEB})])
    assert run.code == 0
    rows = BillableSegment.objects.filter(known__upper_inf=True).order_by("effective")
    assert [(r.account, r.effective.lower, r.effective.upper) for r in rows] == [
        (acme.account, JAN, FEB),
        (acme.cobra_account, FEB, None),
    ]
    assert set(
        DirtyAccount.objects.filter(at__gt=rows[0].known.lower - dt.timedelta(days=1)).values_list("account", flat=True)
    ) == {acme.account.pk, acme.cobra_account.pk}


def test_a_dependent_who_turns_from_child_into_partner_changes_the_tier(
    acme: Employer, load: Callable[..., Run]
) -> None:
    load([someone(), child()])
    load([child(relationship="01", maintenance="001", coverages=())])
    assert billed() == [("ES", 2, JAN, None)]


def test_a_correction_finds_the_person_by_what_was_sent_before(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone(), child()])
    told = child(
        first="ROBERT",
        maintenance="001",
        corrected=True,
        birth_date=dt.date(2015, 2, 2),
        coverages=(),
        former_name=FormerName("INVENTED", "BOB", birth_date=dt.date(2015, 1, 2)),
    )
    assert load([told]).code == 0
    assert sorted(Person.objects.values_list("first_name", "birth_date")) == [
        ("ADA", dt.date(1980, 5, 6)),
        ("ROBERT", dt.date(2015, 2, 2)),
    ]


def test_a_weekly_file_never_overwrites_a_confidential_address(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone()])
    Person.objects.update(confidential_address="Box 7\nTroy, NY 12180")
    home, mail = Address("1 NEW ST", "", "ALBANY", "NY", "12207"), Address("BOX 9", "", "UTICA", "NY", "13501")
    load([someone(maintenance="001", coverages=(), address=home, mailing_address=mail)])
    person = Person.objects.get()
    assert (person.address, person.confidential_address) == ("1 NEW ST", "Box 7\nTroy, NY 12180")


def test_our_own_contract_number_is_understood(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone()])
    number = Contract.objects.get().number
    load([someone(number + "01", maintenance="024", coverages=(ends(dt.date(2027, 1, 31)),))])
    assert days() == [("GOLD", JAN, dt.date(2027, 1, 31))]


def test_what_lies_before_the_migration_stays_with_the_previous_system(load: Callable[..., Run]) -> None:
    """Worked figure F11: received Jan 8, spouse from Nov 10; then an end dated before the migration."""
    with scopes.entered(scopes.system("test")):
        factory.employer(GROUP, migrated_on=JAN).offer(factory.product("GOLD"), offered=(JAN, None))
    load([someone()])
    spouse = someone(first="CAL", relationship="01", coverages=(adds(begin=dt.date(2026, 11, 10)),))
    assert load([spouse], as_of=dt.date(2027, 1, 8)).code == 0
    assert billed() == [("ES", 2, JAN, None)]
    end = someone(maintenance="024", coverages=(ends(dt.date(2026, 12, 15)),))
    assert load([end], as_of=dt.date(2027, 1, 9)).code == 0
    assert (days("ADA"), billed()) == ([], [])  # canceled, not terminated


def test_the_next_plan_year_continues_in_its_own_package(load: Callable[..., Run]) -> None:
    with scopes.entered(scopes.system("test")):
        employer, plan = factory.employer(GROUP), factory.product("GOLD")
        old = employer.offer(plan, offered=(dt.date(2026, 1, 1), JAN))
        new = employer.offer(plan, offered=(JAN, dt.date(2028, 1, 1)))
    load([someone(coverages=(adds(begin=dt.date(2026, 5, 1)),))])
    rows = Coverage.objects.order_by("effective")
    assert [(r.package, r.effective.lower, r.effective.upper) for r in rows] == [
        (old, dt.date(2026, 5, 1), JAN),
        (new, JAN, None),
    ]
    assert billed() == [("EE", 1, dt.date(2026, 5, 1), None)]


# --- Full files ---------------------------------------------------------------------------------------------------


def everyone(count: int) -> list[Member]:
    return [someone(f"E{n}", f"ADA{chr(65 + n)}", birth_date=dt.date(1970, 1, 1 + n)) for n in range(count)]


def as_full(people: Sequence[Member]) -> list[Member]:
    return [
        replace(p, maintenance="030", coverages=tuple(replace(c, maintenance="030") for c in p.coverages))
        for p in people
    ]


def test_who_is_absent_from_a_full_file_ends(acme: Employer, load: Callable[..., Run]) -> None:
    people = everyone(5)
    load([*people, child("E0"), child("E1", "DOT")])
    run = load(as_full([*people[:4], child("E0")]), action="4", dates={"007": FEB}, as_of=dt.date(2027, 1, 25))
    assert (run.code, run.summary["people_absent"]) == (0, 2)
    last = dt.date(2027, 1, 31)
    assert days("ADAE") == days("DOT") == [("GOLD", JAN, last)]
    assert days("ADAA") == days("ADAB") == days("BOB") == [("GOLD", JAN, None)]


def test_a_full_file_that_ends_too_much_waits_for_a_person(acme: Employer, load: Callable[..., Run]) -> None:
    people = everyone(6)
    load(people)
    coverage = list(Coverage.objects.values_list("pk", "known"))
    run = load(as_full(people[:2]), action="4", dates={"007": FEB})
    assert (run.code, run.summary["status"]) == (2, "waiting")
    assert list(Coverage.objects.values_list("pk", "known")) == coverage
    request = DeskRequest.objects.get()
    assert (request.team, request.detail["contracts_ending"], request.detail["active_contracts"]) == (
        "enrollment",
        4,
        6,
    )
    with scopes.entered(scopes.system("test"), bulk=True) as scope:
        at = dt.datetime(2027, 1, 28, 9, tzinfo=periods.PLAN_ZONE)
        taken = enrollment_actions.accept_held(request.detail["file"], by=scope, at=at)
    assert taken.file.status == "applied"
    assert days("ADAF") == [("GOLD", JAN, dt.date(2027, 1, 31))]
    assert days("ADAA") == [("GOLD", JAN, None)]
    with pytest.raises(enrollment_actions.NotWaitingError):
        enrollment_actions.accept_held(request.detail["file"], by=scopes.system("test"), at=at)


def test_a_decision_that_failed_can_be_made_again_and_no_decision_is_none(
    acme: Employer, load: Callable[..., Run]
) -> None:
    people_of_file = everyone(6)
    load(people_of_file)
    load(as_full(people_of_file[:2]), action="4", dates={"007": FEB})
    with scopes.entered(scopes.system("test")):
        clerk = people_of_portals.staff_user(Team.ENROLLMENT)
    browser = Browser()
    people_of_portals.sign_in(browser, clerk)
    address = f"/desk/enrollment/{DeskRequest.objects.get().detail['file']}/"
    browser.post(address)
    assert not Job.objects.filter(kind="members.decide_file").exists()
    browser.post(address, {"decision": "accept"})
    Job.objects.update(status="failed", tries=jobs.MAX_TRIES)
    browser.post(address, {"decision": "decline"})
    jobs.run(Job.objects.get(kind="members.decide_file").pk)
    assert DeskRequest.objects.get().status == "declined"


@pytest.mark.parametrize(("decision", "ends"), [("accept", dt.date(2027, 1, 31)), ("decline", None)])
def test_the_enrollment_team_decides_on_a_held_file_at_the_desk(
    acme: Employer, load: Callable[..., Run], decision: str, ends: dt.date | None
) -> None:
    people_of_file = everyone(6)
    load(people_of_file)
    load(as_full(people_of_file[:2]), action="4", dates={"007": FEB})
    request = DeskRequest.objects.get()
    with scopes.entered(scopes.system("test")):
        clerk = people_of_portals.staff_user(Team.ENROLLMENT)
    browser = Browser()
    people_of_portals.sign_in(browser, clerk)
    assert b"Open" in browser.get(f"/desk/requests/{request.pk}/").content
    address = f"/desk/enrollment/{request.detail['file']}/"
    assert b"waits for your decision" in browser.get(address).content
    for _ in range(2):  # a second press changes nothing
        browser.post(address, {"decision": decision})
    job = Job.objects.get(kind="members.decide_file")
    for _ in range(2):  # a task may be delivered twice
        jobs.run(job.pk)
    with scopes.entered(scopes.system("test"), bulk=True):
        assert days("ADAF") == [("GOLD", JAN, ends)]
    request.refresh_from_db()
    if decision == "accept":
        assert request.status == "done"
        ledger.expect("members.import_834", by=clerk, about="person", on="enrollment_file")
    else:
        assert request.status == "declined"
        ledger.expect("members.decline_834", by=clerk, on="enrollment_file")


def test_a_refused_member_of_a_full_file_is_not_absent(acme: Employer, load: Callable[..., Run]) -> None:
    people = everyone(3)
    load([*people, child("E0")])
    wrong = [replace(people[0], group_number="NO-SUCH"), *people[1:]]
    run = load(as_full(wrong), action="4", dates={"007": FEB})
    assert (run.code, run.reasons) == (1, ["unknown_group"])
    assert days("ADAA") == days("BOB") == [("GOLD", JAN, None)]


# --- Refusals -----------------------------------------------------------------------------------------------------

FIRST = someone()
EVE: dict[str, Any] = {"first": "EVE", "birth_date": dt.date(1977, 7, 7)}


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (someone("E2", **EVE, group_number="NO-SUCH"), "unknown_group"),
        (someone("E2", **EVE, coverages=(adds("NO-SUCH"),)), "unknown_plan"),
        (someone("E2", **EVE, coverages=(adds("", line="VIS"),)), "unknown_plan"),
        (someone("E2", **EVE, coverages=(adds(""),)), "ambiguous_plan"),
        (child("E2"), "no_subscriber"),
        (replace(child("E1"), is_subscriber=True, relationship="19"), "bad_relationship"),
        (someone("E2", **EVE, maintenance="024", coverages=(ends(JAN),)), "nothing_to_end"),
        (someone("E1", maintenance="024", coverages=(ends(JAN, line="DEN"),)), "nothing_to_end"),
        (someone("E1", maintenance="024", coverages=(ends(dt.date(2026, 12, 30)),)), "ends_before_start"),
        (someone("E1", maintenance="024", coverages=()), "missing_date"),
        (someone("E1", coverages=(adds("SILVER"),)), "overlaps"),
        (someone("E2", **EVE, coverages=(adds(), adds("SILVER", FEB))), "overlaps"),
        (someone("E2", **EVE, coverages=(adds(begin=dt.date(1989, 12, 31)),)), "starts_before_group"),
        (someone("E1", "ZOE", birth_date=dt.date(1990, 1, 1)), "different_person"),
        (child("E1", maintenance="001", coverages=()), "unknown_member"),
        (child("E1", birth_date=None), "no_birth_date"),
        (someone("E2", **EVE, maintenance="025", coverages=()), "unknown_member"),
    ],
)  # fmt: skip
def test_a_bad_member_is_refused_with_segment_and_reason_and_the_good_enter(
    acme: Employer, load: Callable[..., Run], member: Member, reason: str
) -> None:
    load([FIRST])
    run = load([member, someone("E9", "GOOD", birth_date=dt.date(1999, 9, 9))])
    assert (run.code, run.reasons, run.summary["accepted"]) == (1, [reason], 1)
    error = EnrollmentError.objects.get()
    assert error.sender_number == member.subscriber_number
    assert error.segment >= 7  # the first INS of these files
    assert days("GOOD") == [("GOLD", JAN, None)]
    assert days() == [("GOLD", JAN, None)]  # E1 as it was
    assert Contract.objects.count() == 2
    assert run.result[0]["segment"] == str(error.segment)
    assert "%" not in run.result[0]["sentence"]


def test_the_group_number_in_a_file_grants_nothing(acme: Employer, load: Callable[..., Run]) -> None:
    other = factory.employer("GRP-2", name="Other")
    run = load([someone()], client=other.client.client_id)
    assert (run.code, run.reasons) == (2, ["group_of_another_client"])
    assert not Contract.objects.exists()
    # Nothing of it was taken, so the same content may come again once it is allowed to.
    assert load([FIRST], client=acme.client.client_id).code == 0


def test_dependents_of_a_refused_new_subscriber_are_refused_too(acme: Employer, load: Callable[..., Run]) -> None:
    run = load([someone(coverages=(adds("NO-SUCH"),)), child()])
    assert (run.code, run.reasons) == (2, ["unknown_plan", "no_subscriber"])
    assert not Person.objects.exists()


def test_an_ssn_used_as_subscriber_number_is_not_repeated(acme: Employer, load: Callable[..., Run]) -> None:
    run = load([someone("923456789", coverages=(adds("NO-SUCH"),)), someone()])
    assert run.result[0]["subscriber_number"] == "***-**-6789"


# --- E-mail -------------------------------------------------------------------------------------------------------


def mail(address: str, first: str = "ADA", **more: Any) -> Member:
    return someone(first=first, email=address, maintenance="001", coverages=(), **more)


def test_a_person_is_told_at_the_old_address_that_a_file_changed_it(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone(email="ada@home.example")])
    assert Person.objects.get().email_changed_at is None, "it came with the record"
    began = clock.now()
    load([mail("ADA@home.example")])
    assert Person.objects.get().email_changed_at is None, "the same address in other letters"
    assert not OutboxMail.objects.exists()
    load([mail("hr@acme.example")], as_of=dt.date(2026, 6, 1))
    person = Person.objects.get()
    assert person.email == "hr@acme.example"
    assert person.email_changed_at is not None and person.email_changed_at >= began, "however the file is dated"
    told = OutboxMail.objects.get()
    assert (told.to, told.letter, told.status) == ("ADA@home.example", False, "waiting")
    assert "changed by a file from your employer" in told.body
    assert "hr@acme" not in told.body
    load([mail("hr@acme.example")])
    assert OutboxMail.objects.count() == 1
    assert Person.objects.get().email_changed_at == person.email_changed_at


def test_a_first_address_on_an_old_record_is_new_too(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone()])
    load([mail("hr@acme.example")])
    assert Person.objects.get().email_changed_at is not None
    assert not OutboxMail.objects.exists(), "there is no old address to tell"


def test_a_confidential_address_is_told_by_letter_to_it(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone(email="ada@home.example")])
    Person.objects.update(confidential_address="Box 7\nTroy, NY 12180")
    load([mail("other@home.example")])
    told = OutboxMail.objects.get()
    assert (told.letter, told.to, told.postal_address) == (True, "", "Box 7\nTroy, NY 12180")


def test_one_file_tells_everybody_whom_it_changes(acme: Employer, load: Callable[..., Run]) -> None:
    names = ["ANN", "BEA", "CAT"]
    load([someone(f"E{n}", n, email=f"{n.lower()}@home.example") for n in names])
    load([mail(f"{n.lower()}@new.example", n, number=f"E{n}") for n in names[:2]])
    assert sorted(OutboxMail.objects.values_list("to", flat=True)) == ["ann@home.example", "bea@home.example"]


# --- The public samples -------------------------------------------------------------------------------------------


@pytest.fixture
def sample_groups() -> None:
    with scopes.entered(scopes.system("test")):
        for number in ("123456001", "GRP001", "GRP003", "573", "6542556"):
            employer = factory.employer(number)
            employer.offer(factory.product(plan_type="HMO" if number != "GRP003" else "PPO"))
            employer.offer(factory.product(line="dental", plan_type="DEN"))


def public(name: str) -> Path:
    return shared_data(f"x12-834/{name}")


def covered(number: str) -> list[tuple[str, str, dt.date, dt.date | None]]:
    kept = crypto.blind_index(number, purpose="sender_number") if numbers.ssn_in(number) else number
    rows = Coverage.objects.filter(contract__sender_number=kept, known__upper_inf=True)
    return [
        (r.enrollee.person.first_name, r.line, r.effective.lower, periods.last_day_covered(r.effective.upper))
        for r in rows.order_by("effective", "line", "enrollee__suffix")
    ]


def test_the_public_samples_load_in_order(sample_groups: None, load: Callable[..., Run]) -> None:
    assert load(public("enroll-employee-managed-care.834")).code == 0
    assert load(public("add-dependent.834")).code == 0
    assert load(public("add-subscriber-coverage.834")).code == 0
    june, july = dt.date(1996, 6, 1), dt.date(2002, 7, 1)
    assert covered("123456789") == [
        ("WILLIAM", "medical", june, None),
        ("JOHN", "medical", june, None),
        ("WILLIAM", "dental", july, None),
    ]
    assert load(public("834_deident_new_enroll.txt")).code == 0
    assert covered("M000001") == [("JANE", "medical", dt.date(2026, 4, 1), None)]


def test_the_public_change_of_name_finds_the_subscriber_by_the_former_one(
    sample_groups: None, load: Callable[..., Run]
) -> None:
    load(
        [
            someone(
                "123456789",
                "JAMES",
                last_name="DOE",
                middle_name="E",
                group_number="123456001",
                birth_date=dt.date(1950, 4, 16),
                sex="M",
                coverages=(adds(""),),
            ),
        ]
    )
    assert load(public("change-subscriber-information.834")).code == 0
    person = Person.objects.get()
    assert (person.birth_date, person.ssn_last_four) == (dt.date(1950, 4, 15), "9876")


def test_the_public_termination_and_reinstatement(sample_groups: None, load: Callable[..., Run]) -> None:
    start, last = dt.date(2021, 1, 1), dt.date(2026, 3, 31)
    patricia = someone(
        "M000010",
        "PATRICIA",
        last_name="JONES",
        group_number="GRP003",
        birth_date=dt.date(1968, 9, 24),
        coverages=(adds("", start),),
    )
    thomas = someone(
        "M000011",
        "THOMAS",
        last_name="BROWN",
        group_number="GRP003",
        birth_date=dt.date(1972, 4, 15),
        coverages=(adds("", start),),
    )
    load([patricia, thomas])
    assert load(public("834_deident_term.txt")).code == 0
    assert covered("M000010") == [("PATRICIA", "medical", start, last)]
    assert covered("M000011") == [("THOMAS", "medical", start, last)]
    william = someone("202443307", "WILLIAM", last_name="SMITH", group_number="123456001", coverages=(adds("", start),))
    load([william])
    load([replace(william, maintenance="024", coverages=(ends(last),))])
    assert load(public("reinstate-member-eligiblity-ins.834")).code == 0
    assert covered("202443307") == [("WILLIAM", "medical", start, None)]


def test_the_public_invalid_sample_is_refused_for_its_ins06(sample_groups: None, load: Callable[..., Run]) -> None:
    run = load(public("example834_5010.txt"))
    assert (run.code, run.summary["status"]) == (2, "refused")
    error = EnrollmentError.objects.get()
    assert (error.segment_id, error.segment, error.reason) == ("INS", 8, "syntax")
    assert re.search(r"element 6 .* ends in blanks", run.result[0]["sentence"])
    (group,) = read_999(io.BytesIO(run.ack)).groups
    assert [(s.answer, s.segments[0].segment_id, s.segments[0].elements[0].position) for s in group.sets] == [
        ("R", "INS", 6)
    ]
    assert not Person.objects.exists()


def test_the_public_exchange_sample_reports_the_subscriber_who_is_none(
    sample_groups: None, load: Callable[..., Run]
) -> None:
    run = load(public("x307-shop-enrollment.edi"))
    assert (run.code, run.summary["accepted"], run.reasons) == (1, 4, ["bad_relationship"])
    assert run.result[0]["sentence"].endswith("relationship 01 says otherwise.")
    start = dt.date(2014, 1, 1)
    assert covered("123456789") == [("JOHN", "medical", start, None), ("JANE", "medical", start, None)]
    assert covered("987654321") == [("JOHN", "medical", start, None), ("JANE", "medical", start, None)]


# --- How much work ------------------------------------------------------------------------------------------------


def test_the_number_of_statements_does_not_grow_with_the_file(acme: Employer, load: Callable[..., Run]) -> None:
    def statements(people: Sequence[Member], **more: Any) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert load(people, **more).code == 0
        return len(captured)

    people = everyone(4)
    assert statements([people[0]]) == statements([*people[1:], *(child(f"E{n}") for n in range(1, 4))])
    told = [replace(p, maintenance="024", coverages=(ends(dt.date(2027, 1, 31)),)) for p in people]
    assert statements(told[:1]) == statements(told[1:])


def test_everyone_enrolled_has_one_suffix_of_a_contract(acme: Employer, load: Callable[..., Run]) -> None:
    load([someone(), child()])
    load([child(first="DOT"), child(first="EVE", birth_date=dt.date(2016, 1, 1))])
    assert sorted(Enrollee.objects.values_list("suffix", flat=True)) == ["01", "02", "03", "04"]
