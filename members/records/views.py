"""Members' records at the service desk: looked up by exact particulars, opened by role or, one at a time, in an
emergency. How a record was found stands in the session: no address holds anything of a person."""

from __future__ import annotations

import dataclasses
import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.enums import Kind
from members.cards import queries as cards
from members.records import actions as lookups
from members.records import queries as records
from members.records.forms import NameForm, NumberForm
from members.records.queries import MOST_FOUND, Criteria
from portals.access import RECORD_CLOSED, Desk
from portals.exceptional_access import break_glass, openings
from portals.exceptional_access.forms import ReasonForm
from portals.http import Request
from portals.pages import NOTHING, Audience, disclose, page
from portals.permissions import Answer, Refused
from portals.plan import clock
from portals.scope import PartyRef
from portals.step_up import RECENTLY

FOUND = "members_found"  # in the session: ids of the people whom the last search found
CLOSED = Answer(False, gate=RECORD_CLOSED, owner="privacy")
RECORD = (
    "person.name", "person.birth_date", "person.sex", "person.ssn_last_four", "person.address", "person.email",
    "person.phone", "member_id", "contract.number", "coverage",
)  # fmt: skip


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.FIND_MEMBER, label=gettext_lazy("Member look-up"))
def search(request: Request) -> HttpResponseBase:
    named = "last_name" in request.POST
    by_number = NumberForm(None if named else request.POST or None)
    by_name = NameForm(request.POST if named else None)
    form = by_name if named else by_number
    missing = False
    request.session.pop(FOUND, None)
    if request.method == "POST" and form.is_valid():
        found = lookups.search(by=request.scope, criteria=Criteria(**form.cleaned_data))
        missing = not found
        if found:
            request.session[FOUND] = found
            return redirect("records:found" if Desk.SEE_MEMBERS in request.scope.permissions else "records:closed")
    return TemplateResponse(
        request, "members/record_search.html", {"by_number": by_number, "by_name": by_name, "missing": missing}
    )


@page(
    audience=Audience.DESK,
    discloses=("person.name", "person.birth_date", "member_id"),
    permission=Desk.SEE_MEMBERS,
    kind=Kind.LOOK,
    label=gettext_lazy("Members found by a look-up"),
)
def found(request: Request) -> HttpResponseBase:
    """Whom the search found; a single one is opened at once."""
    rows = records.found(request.scope, request.session.get(FOUND, []))
    if not rows:
        return redirect("records:search")
    if len(rows) == 1:
        return redirect("records:person", rows[0].uuid)
    disclose(request, subjects=[("person", row.person_id) for row in rows])
    return TemplateResponse(request, "members/records_found.html", {"rows": rows, "cut": len(rows) == MOST_FOUND})


@page(
    audience=Audience.DESK,
    discloses=NOTHING,
    permission=Desk.BREAK_GLASS,
    label=gettext_lazy("Member look-up by a team that opens no records"),
)
def closed(request: Request) -> HttpResponseBase:
    """For whoever may not open records: that there is one, and nothing else of it."""
    ids = request.session.get(FOUND, [])
    if not ids:
        return redirect("records:search")
    rows = records.found(request.scope, ids)
    return TemplateResponse(
        request, "members/record_closed.html", {"only": rows[0].uuid if len(rows) == 1 else "", "count": len(rows)}
    )


def _person(request: Request, person: uuid.UUID) -> int:
    found = records.person_of(request.scope, person)
    if found is None:
        raise Http404
    return found


def _way_in(request: Request, person_id: int) -> Any:
    """By role, or under an emergency opening, which then stands in every row of the page; else the gate is named."""
    if Desk.SEE_MEMBERS in request.scope.permissions:
        return None
    opening = break_glass.standing(request.scope, PartyRef("person", person_id))
    if opening is None:
        raise Refused(CLOSED)
    request.scope = break_glass.under(request.scope, opening)
    return opening


@page(
    audience=Audience.DESK,
    discloses=RECORD,
    permission=Desk.FIND_MEMBER,
    kind=Kind.LOOK,
    label=gettext_lazy("Member's record at the service desk"),
)
def person(request: Request, person: uuid.UUID) -> HttpResponseBase:
    person_id = _person(request, person)
    opening = _way_in(request, person_id)
    row = records.record(request.scope, person_id, as_of=clock.today(), family=opening is None)
    if row is None:
        raise Http404
    disclose(request, subjects=records.subjects(row))
    held = request.scope.permissions
    context = {
        "row": row,
        "reads_ledger": Desk.READ_LEDGER in held,
        "accounts_for_disclosures": Desk.RECORD_DISCLOSURES in held,
        **_banner(opening),
    }
    return TemplateResponse(request, "members/record.html", context)


def _banner(opening: Any) -> dict[str, object]:
    return {"opening": opening, "minutes": openings.minutes_left(opening) if opening else 0}


@page(
    audience=Audience.DESK,
    discloses=("person.name", "member_id", "coverage"),
    permission=Desk.FIND_MEMBER,
    kind=Kind.LOOK,
    label=gettext_lazy("ID card at the service desk"),
)
def card(request: Request, person: uuid.UUID) -> HttpResponseBase:
    """The ID card as the member sees it."""
    person_id = _person(request, person)
    opening = _way_in(request, person_id)
    as_member = dataclasses.replace(request.scope, party=PartyRef("person", person_id))
    content = cards.home(as_member, as_of=clock.today())
    if opening is not None and content.card is not None:  # one record, and nobody else's name
        content = dataclasses.replace(content, card=dataclasses.replace(content.card, dependents=[]))
    disclose(request, subjects=cards.subjects(as_member, content))
    return TemplateResponse(
        request, "members/record_card.html", {"card": content.card, "uuid": person, **_banner(opening)}
    )


@page(
    audience=Audience.DESK,
    discloses=NOTHING,
    permission=Desk.BREAK_GLASS,
    step_up=RECENTLY,
    label=gettext_lazy("Opening a record in an emergency"),
)
def emergency(request: Request, person: uuid.UUID) -> HttpResponseBase:
    """Only for a record that this person's own search has found."""
    person_id = _person(request, person)
    subject = PartyRef("person", person_id)
    if Desk.SEE_MEMBERS in request.scope.permissions or break_glass.standing(request.scope, subject):
        return redirect("records:person", person)
    if person_id not in request.session.get(FOUND, []):
        return redirect("records:search")
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        break_glass.open_record(by=request.scope, subject=subject, **form.cleaned_data)
        return redirect("records:person", person)
    return TemplateResponse(request, "members/record_emergency.html", {"form": form, "minutes": break_glass.minutes()})


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.BREAK_GLASS)
def end(request: Request, person: uuid.UUID) -> HttpResponseBase:
    person_id = _person(request, person)
    opening = break_glass.standing(request.scope, PartyRef("person", person_id))
    if request.method == "POST" and opening is not None:
        break_glass.end(by=request.scope, row=opening)
        request.session.pop(FOUND, None)
        messages.success(request, _("The record is closed again."))
    return redirect("records:search")
