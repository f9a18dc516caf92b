"""Disclosures and accountings for tests."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from billing.enums import CoverageLine
from members.accountings import actions as accountings
from members.disclosures import actions as disclosures
from members.disclosures.actions import What
from members.enums import Purpose, Relationship
from members.models import Accounting, BenefitPackage, Contract, Coverage, Disclosure, Enrollee, Group, Person, Product
from portals import scope
from portals.files.uploads import Checked
from portals.models import User
from portals.scope import PartyRef, Portal, Scope
from tests.factories import billing, openings, payers, people

TODAY = dt.date(2026, 12, 14)
RECIPIENT = "Albany County Health Department"


def what(**fields: object) -> What:
    """A report to public health, once, on March 2, 2026."""
    first = fields.get("first_on", dt.date(2026, 3, 2))
    values: dict[str, object] = {
        "first_on": first, "last_on": first, "times": 1, "frequency": "", "recipient": RECIPIENT,
        "recipient_address": "175 Invented Street\nAlbany, NY 12202", "description": "Lab claims of February 2026",
        "purpose": Purpose.PUBLIC_HEALTH.value, "statement": "The law asks for reports of this illness",
        "case_number": "PH-118",
    }  # fmt: skip
    return What(**(values | fields))  # type: ignore[arg-type]  # the fields of What by name


def made(officer: User, *whose: Person, request_file: Checked | None = None, **fields: object) -> Disclosure:
    """Recorded by the officer; the last person's row."""
    by = openings.desk_scope(officer)
    with scope.entered(by):
        once = uuid.uuid4()
        disclosures.record(
            by=by, people=[each.pk for each in whose], what=what(**fields), once=once, request_file=request_file
        )
        return Disclosure.objects.get(entry=once, person=whose[-1])


def suspended(officer: User, row: Disclosure, *, form: str = "written", until: dt.date | None) -> None:
    by = openings.desk_scope(officer)
    with scope.entered(by):
        disclosures.suspend(
            by=by,
            disclosure=row.uuid,
            form=form,
            official="Inspector Quill, State Police",
            statement="It would impede an inquiry",
            stated_on=TODAY,
            until=until,
        )


def member_scope(user: User, person: Person) -> Scope:
    party = PartyRef("person", person.pk)
    return Scope(
        actor=f"user:{user.pk}",
        portal=Portal.MEMBER,
        user_id=user.pk,
        party=party,
        home=party,
        permissions=frozenset({"member.see_own"}),
    )


def asked(officer: User, person: Person, *, requested_on: dt.date = TODAY, **fields: object) -> Accounting:
    """By letter, written down at the desk."""
    by = openings.desk_scope(officer)
    values: dict[str, object] = {"first": None, "last": None, "language": "en", "asked_by": "letter"}
    with scope.entered(by):
        return accountings.ask(
            by=by, person=person.uuid, requested_on=requested_on, once=uuid.uuid4(), **(values | fields)
        )  # type: ignore[arg-type]


def given(user: User, person: Person, *, of: Person | None = None, as_of: dt.date = TODAY) -> Accounting:
    """Asked for on the website by the member."""
    by = member_scope(user, person)
    with scope.entered(by):
        return accountings.ask_at_portal(
            by=by, person_id=(of or person).pk, first=None, last=None, once=uuid.uuid4(), as_of=as_of
        )


def family() -> dict[str, Person]:
    """Subscriber, spouse, a child of 10, one of 20 and one with a confidential address, covered since 2025."""
    with scope.entered(scope.system("test")):
        client = people.client("Otter Creek Mills")
        members = {
            "subscriber": people.person(first_name="Zelie", last_name="Marbright"),
            "spouse": people.person(first_name="Rune", last_name="Marbright"),
            "child": people.person(first_name="Pip", last_name="Marbright", birth_date=dt.date(2016, 5, 1)),
            "grown": people.person(first_name="Olm", last_name="Marbright", birth_date=dt.date(2006, 5, 1)),
            "hidden": people.person(
                first_name="Wren", last_name="Marbright", birth_date=dt.date(2015, 5, 1),
                confidential_address="PO Box 9\nElsewhere, NY 12000",
            ),
        }  # fmt: skip
        number = f"NGH{members['subscriber'].pk % 10**8:08}"
        contract = Contract.objects.create(
            client=client, number=number, sender_number=number, subscriber=members["subscriber"]
        )
        group = Group.objects.create(client=client, number=f"G-{number}", name="All")
        product = Product.objects.create(
            rated=payers.product("Plan", CoverageLine.MEDICAL), plan_type="EPO", network="Some"
        )
        package = BenefitPackage.objects.create(
            group=group,
            product=product,
            line=CoverageLine.MEDICAL,
            account=payers.bill_account(client, "Medical"),
            offered=DateRange(dt.date(2020, 1, 1), None),
        )
        codes = [Relationship.SELF, Relationship.SPOUSE, *[Relationship.CHILD] * 3]
        for suffix, (person, code) in enumerate(zip(members.values(), codes, strict=True), 1):
            enrollee = Enrollee.objects.create(
                client=client,
                contract=contract,
                person=person,
                relationship=code,
                suffix=f"{suffix:02}",
                member_id=f"{number}{suffix:02}",
                recorded_date=dt.date(2024, 12, 1),
            )
            Coverage.objects.create(
                enrollee=enrollee,
                contract=contract,
                client=client,
                package=package,
                line=CoverageLine.MEDICAL,
                effective=DateRange(dt.date(2025, 1, 1), None),
                known=DateTimeTZRange(billing.LONG_AGO, None),
            )
    return members
