"""The agency, for its contacts and administrators: who works there, who is a contact, and who leaves."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.enums import Kind
from portals.files import csv_export
from portals.help import directory as help_directory
from portals.http import Request
from portals.pages import NOTHING, Audience, disclose, page
from portals.plan import clock
from portals.plan.periods import PLAN_ZONE
from portals.step_up import ONCE_A_SESSION, RECENTLY
from producers.access import Producer
from producers.actions import people as writes
from producers.enums import Entitlement
from producers.forms.portal import PeopleFilter
from producers.models import ProducerUser
from producers.queries import people
from producers.queries.people import Person

PAGE = 50


def searched(request: Request) -> str:
    """What is searched for; nothing that is not understood."""
    form = PeopleFilter(request.GET or None)
    return form.cleaned_data["q"] if form.is_valid() else ""


@page(
    audience=Audience.PRODUCER, discloses=NOTHING, permission=Producer.SEE_AGENCY, label=gettext_lazy("Agency's people")
)
def agency(request: Request) -> HttpResponseBase:
    today, search = clock.today(), searched(request)
    rows = people.colleagues(request.scope, as_of=today, search=search)
    return TemplateResponse(
        request,
        "producers/agency.html",
        {
            "agency": people.agency(request.scope),
            "form": PeopleFilter(request.GET or None),
            "rows": Paginator(rows, PAGE).get_page(request.GET.get("page")),
            "total": len(rows),
            "q": search,
            "may": request.scope.permissions,
            "me_id": request.scope.user_id,
            "contact": help_directory.contact("channel-compensation", audience="producer", as_of=today),
        },
    )


@page(
    audience=Audience.PRODUCER,
    discloses=("user.name", "user.username", "user.email"),
    permission=Producer.SEE_AGENCY,
    step_up=ONCE_A_SESSION,
    kind=Kind.EXPORT,
    label=gettext_lazy("Agency's people as a file"),
)
def people_csv(request: Request) -> HttpResponseBase:
    """The agency's own people, as the page shows them; no client's."""
    rows = people.colleagues(request.scope, as_of=clock.today(), search=searched(request))
    disclose(request, subjects=[("user", row.user_id) for row in rows], rows=len(rows))
    head = ("name", "username", "email", "contact", *Entitlement.values, "since", "last_signed_in")
    return csv_export.answer("people.csv", head, _lines(rows))


def _lines(rows: Iterable[Person]) -> list[tuple[object, ...]]:
    def day(at: object) -> str:
        return timezone.localtime(at, PLAN_ZONE).date().isoformat() if at else ""  # type: ignore[arg-type]  # an instant

    return [
        (
            row.name,
            row.username,
            row.email,
            int(row.contact),
            *(int(e in row.entitlements) for e in Entitlement),
            day(row.since),
            day(row.last_signed_in),
        )
        for row in rows
    ]


def _person(request: Request, place_id: int) -> Person:
    rows = people.colleagues(request.scope, as_of=clock.today())
    row = next((each for each in rows if each.id == place_id), None)
    if row is None:
        raise Http404
    return row


@page(
    audience=Audience.PRODUCER,
    discloses=NOTHING,
    permission=Producer.MANAGE_PEOPLE,
    step_up=RECENTLY,
    label=gettext_lazy("Naming a contact of an agency"),
)
def contact(request: Request, place_id: int) -> HttpResponseBase:
    """Makes a colleague a contact, or takes that away."""
    row, last = _person(request, place_id), False
    if request.method == "POST":
        try:
            writes.set_contact(by=request.scope, place_id=place_id, contact=not row.contact)
        except ProducerUser.DoesNotExist as gone:
            raise Http404 from gone
        except writes.LastContact:
            last = True
        else:
            message = _("%(name)s is no longer a contact.") if row.contact else _("%(name)s is a contact now.")
            messages.success(request, message % {"name": row.name})
            return redirect("producers:agency" if row.user_id != request.scope.user_id else "producers:home")
    return TemplateResponse(request, "producers/agency_contact.html", {"row": row, "last": last})


@page(
    audience=Audience.PRODUCER,
    discloses=NOTHING,
    permission=Producer.MANAGE_PEOPLE,
    step_up=RECENTLY,
    label=gettext_lazy("Removing somebody from an agency"),
)
def remove(request: Request, place_id: int) -> HttpResponseBase:
    """Ends a colleague's place with everything that hangs on it."""
    row, last = _person(request, place_id), False
    if request.method == "POST":
        try:
            writes.end_place(by=request.scope, place_id=place_id, today=clock.today())
        except ProducerUser.DoesNotExist as gone:
            raise Http404 from gone
        except writes.LastContact:
            last = True
        else:
            messages.success(request, _("%(name)s no longer has access.") % {"name": row.name})
            return redirect("door:home" if row.user_id == request.scope.user_id else "producers:agency")
    return TemplateResponse(request, "producers/agency_remove.html", {"row": row, "last": last})
