"""A person whom the plan covers, as a party."""

from __future__ import annotations

from collections.abc import Collection

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.models import Person
from members.records import queries as records
from portals.access import Desk
from portals.parties import Party, PartyName
from portals.scope import Portal


def named(ids: Collection[int]) -> dict[int, PartyName]:
    return {pk: PartyName(name, "") for pk, name in records.named(ids).items()}


def record_page(person_id: int) -> str:
    uuid = Person.objects.filter(pk=person_id).values_list("uuid", flat=True).first()
    return reverse("records:person", args=[uuid]) if uuid else ""


PARTY = Party(
    kind="person",
    portal=Portal.MEMBER,
    label=_("Member"),
    ledger_label=_("Member"),
    named=named,
    request_page="members:request",
    link=record_page,
    permission=Desk.SEE_MEMBERS,
)
