"""Rows of enrollment files beside the people on file whom they may mean."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.enrollment import matching
from members.enrollment.matching import CHANGE, RULES, Facts, Place, Said, Verdict
from members.enums import LookalikeStatus, Relationship, Sex
from members.models import Coverage, Enrollee, Lookalike, MemberAccount, Person
from members.rules.names import readable
from portals.scope import Portal, Scope

# Why the file alone does not decide, by the line of the table that applied.
WHY = {
    "other_ssn": gettext_lazy("The Social Security number is another."),
    "twin_or_same": gettext_lazy("Name and birth date agree, yet something tells them apart: twins, or one person?"),
    "other_first_name": gettext_lazy("The first name is another."),
    "other_birth_date": gettext_lazy("The birth date is another."),
    "no_birth_date": gettext_lazy("The row gives no birth date."),
    "no_first_name": gettext_lazy("One of the two has no first name."),
    "newborn_named": gettext_lazy("The child on file may be this one, who had no name yet."),
    "ssn_alone": gettext_lazy("Only the Social Security number agrees."),
    "other_number": gettext_lazy("The sender gives a number that is new to us to somebody like this one."),
}
SEVERAL = gettext_lazy("More than one person on file fits equally well.")
CHANGED = gettext_lazy("This person has an account, and the file changes who they are.")


@dataclass(frozen=True, slots=True)
class Row:
    """One question in the list. Names are PHI."""

    uuid: uuid.UUID
    known: str
    said: str
    person_id: int
    client_name: str
    why: str
    status: LookalikeStatus
    opened_at: dt.datetime
    decided_at: dt.datetime | None
    decided_by: str
    proposed: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One fact of both. `state` is same, other or unknown."""

    label: str
    known: str
    said: str
    state: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A row beside the person on file, fact by fact, and what hangs on the answer."""

    row: Row
    member_id: str
    record: uuid.UUID
    file_id: int
    segment: int
    sender_number: str
    client_id: str
    lines: tuple[Line, ...]
    has_account: bool
    covered: bool
    is_change: bool
    proposed_status: str
    proposed_by: str
    reason: str

    @property
    def same(self) -> int:
        return sum(line.state == "same" for line in self.lines)

    @property
    def differ(self) -> int:
        return sum(line.state == "other" for line in self.lines)

    @property
    def needs_second(self) -> bool:
        """Who somebody with an account is, two people say."""
        return self.has_account


def listed(scope: Scope, *, status: str = LookalikeStatus.WAITING, limit: int = 500) -> list[Row]:
    """For the plan's own people, oldest question first, latest decision first. One query."""
    if scope.portal not in (Portal.DESK, Portal.SYSTEM):
        return []
    rows = Lookalike.objects.select_related("person", "client").filter(status=status)
    order = ("opened_at", "pk") if status == LookalikeStatus.WAITING else ("-decided_at", "-pk")
    return [_row(row) for row in rows.order_by(*order)[:limit]]


def waiting(scope: Scope) -> int:
    if scope.portal not in (Portal.DESK, Portal.SYSTEM):
        return 0
    return Lookalike.objects.filter(status=LookalikeStatus.WAITING).count()


def one(scope: Scope, lookalike: uuid.UUID) -> Comparison | None:
    """Four queries."""
    if scope.portal not in (Portal.DESK, Portal.SYSTEM):
        return None
    row = Lookalike.objects.select_related("person", "client").filter(uuid=lookalike).first()
    if row is None:
        return None
    enrollee = Enrollee.objects.filter(contract_id=row.contract_id, person_id=row.person_id).first()
    covered = Coverage.objects.filter(
        contract_id=row.contract_id, enrollee__person_id=row.person_id, known__upper_inf=True, effective__upper_inf=True
    )
    return Comparison(
        row=_row(row),
        member_id=enrollee.member_id if enrollee else "",
        record=row.person.uuid,
        file_id=row.file_id,
        segment=row.segment,
        sender_number=row.said["sender_number"],
        client_id=row.client.client_id,
        lines=_lines(row, row.person, enrollee.relationship if enrollee else ""),
        has_account=MemberAccount.objects.filter(person_id=row.person_id, disowned_at=None).exists(),
        covered=covered.exists(),
        is_change=row.rule == CHANGE,
        proposed_status=row.proposed_status,
        proposed_by=row.proposed_by,
        reason=row.reason,
    )


def _row(row: Lookalike) -> Row:
    said = row.said
    return Row(
        uuid=row.uuid,
        known=readable(row.person.full_name),
        said=readable(" ".join(part for part in (said["first_name"], said["middle_name"], said["last_name"]) if part)),
        person_id=row.person_id,
        client_name=row.client.name,
        why=_why(row.rule),
        status=LookalikeStatus(row.status),
        opened_at=row.opened_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        proposed=bool(row.proposed_status),
    )


def _why(rule: int) -> str:
    if rule == CHANGE:
        return str(CHANGED)
    if RULES[rule].verdict is Verdict.SAME:
        return str(SEVERAL)
    return str(WHY[RULES[rule].reason])


def _lines(row: Lookalike, person: Person, relationship: str) -> tuple[Line, ...]:
    said = row.said
    born = dt.date.fromisoformat(said["birth_date"]) if said["birth_date"] else None
    told = Said(
        first_name=said["first_name"],
        middle_name=said["middle_name"],
        last_name=said["last_name"],
        suffix=said["suffix"],
        birth_date=born,
        sex=said["sex"],
        relationship=said["relationship"],
        address=said["address"],
    )
    known = Facts(
        first_name=person.first_name,
        middle_name=person.middle_name,
        last_name=person.last_name,
        suffix=person.suffix,
        birth_date=person.birth_date,
        sex=person.sex,
        relationship=relationship,
        address=person.address,
    )
    found = matching.compare(told, known, Place.DEPENDENT)

    def ends_in(last_four: str) -> str:
        return _("ends in %(digits)s") % {"digits": last_four} if last_four else ""

    def state(one: object, other: object) -> str:
        return "unknown" if not one or not other else "same" if one == other else "other"

    town = " ".join((said["city"], said["state"], said["zip"])).strip()
    return (
        Line(_("First name"), person.first_name, told.first_name, str(found.first)),
        Line(_("Middle name"), person.middle_name, told.middle_name, state(person.middle_name, told.middle_name)),
        Line(_("Last name"), person.last_name, told.last_name, str(found.last)),
        Line(_("Suffix"), person.suffix, told.suffix, state(person.suffix, told.suffix)),
        Line(_("Birth date"), _day(person.birth_date), _day(born), str(found.birth)),
        Line(
            _("Social Security number"),
            ends_in(person.ssn_last_four),
            ends_in(said["ssn_last_four"]),
            state(person.ssn_last_four, said["ssn_last_four"]),
        ),
        Line(_("Sex"), str(Sex(person.sex).label), str(Sex(told.sex).label), str(found.sex)),
        Line(
            _("Relationship"),
            str(Relationship(relationship).label) if relationship else "",
            str(Relationship(told.relationship).label),
            state(relationship, told.relationship),
        ),
        Line(_("Address"), person.address, told.address, str(found.address)),
        Line(
            _("City, state, ZIP"),
            " ".join((person.city, person.state, person.zip)).strip(),
            town,
            state(" ".join((person.city, person.state, person.zip)).strip().upper(), town.upper()),
        ),
    )


def _day(day: dt.date | None) -> str:
    return f"{day:%m/%d/%Y}" if day else ""
