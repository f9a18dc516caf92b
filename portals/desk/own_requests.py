"""What the people of a portal ask the desk for, and what they see of it afterwards.

    own_requests.register("full-list", RequestFormPage(portals={Portal.EMPLOYER: Own.ASK}, form=FullListForm, ...))

One page shows every form (`portals.desk.views.own_requests`); the owning app opens what comes of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from portals.desk import actions as desk
from portals.desk.kinds import NotAllowed
from portals.enums import REQUEST_OVER, RequestStatus, Team
from portals.files.forms import UploadForm
from portals.files.uploads import Checked
from portals.forms import OnceForm
from portals.models import DeskRequest, StoredFile
from portals.scope import NOBODY, Portal, Scope


class RequestForm(OnceForm, UploadForm):
    """The request form of a kind; made for the person who fills it in."""

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, by=scope, **kwargs)
        self.scope = scope


def purpose_field() -> forms.CharField:
    """Why somebody needs a list of people, which an employer and its producer say in the same words."""
    return forms.CharField(
        label=_("What is the list needed for?"),
        help_text=_("A sentence is enough, for example: to compare it with our payroll."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def key(kind: str, scope: Scope, data: dict[str, Any]) -> str:
    """The natural key of what this person asks for with this page."""
    return f"{kind}:{scope.actor}:{data['once']}"


@dataclass(frozen=True, slots=True)
class RequestFormPage:
    """How a kind is asked for: at which portals and under which permission there, by which form, and what is opened.

    `open` is given the scope and the form's clean values in the page's transaction and answers the requests that it
    opened, one or several. `title` and `lead` stand above the form, `title` in the list of what can be asked for.
    """

    portals: Mapping[Portal, str]
    title: Any
    lead: Any
    form: type[RequestForm]
    open: Callable[[Scope, dict[str, Any]], list[DeskRequest]]


_pages: dict[str, RequestFormPage] = {}


def register(name: str, form_page: RequestFormPage) -> None:
    _pages[name] = form_page


def open_to(scope: Scope) -> dict[str, RequestFormPage]:
    """What this person may ask for here, by the name in its address."""
    return {
        name: form_page
        for name, form_page in _pages.items()
        if form_page.portals.get(scope.portal, "no permission") in scope.permissions
    }


def own(scope: Scope) -> QuerySet[DeskRequest]:
    """The requests that this person made for this organization, the newest first."""
    if scope.user_id is None or scope.party is None or scope.acting_for is not None:
        return DeskRequest.objects.none()
    return DeskRequest.objects.filter(asked_by_id=scope.user_id, asked_party=str(scope.party)).order_by("-id")


@dataclass(frozen=True, slots=True)
class Step:
    """A line of what happened as whoever asked reads it: who said it, when, the new status and the words."""

    mine: bool
    team: Any
    at: dt.datetime
    status: Any
    text: str
    files: list[StoredFile]


def steps(request: DeskRequest) -> list[Step]:
    """What the desk and whoever asked said to each other, and how the status changed. The desk speaks as its team;
    what it notes for itself stays there."""
    visible = Q(shared=True) | (~Q(status="") & ~Q(status=RequestStatus.PROPOSED))
    me = f"user:{request.asked_by_id}" if request.asked_by_id else NOBODY.actor
    return [
        Step(
            mine=row.by == me,
            team=Team(request.team).label,
            at=row.at,
            status=RequestStatus(row.status).label if row.status else "",
            text=row.text if row.shared else "",
            files=[each.stored for each in row.attachments.all()] if row.shared else [],
        )
        for row in request.remarks.filter(visible).prefetch_related("attachments__stored").order_by("id")
    ]


def attachments(request: DeskRequest) -> QuerySet[StoredFile]:
    """The files that whoever asked may have: those they sent, and those of the desk's answers."""
    shared = request.remarks.filter(shared=True).values("attachments__stored")
    return StoredFile.objects.filter(pk__in=shared)


def write(*, by: Scope, request: DeskRequest, text: str, files: Sequence[Checked] = ()) -> None:
    """What whoever asked adds. What waited for them is in work again. Raises NotAllowed for what is over."""
    with transaction.atomic():
        row = DeskRequest.objects.select_for_update().get(pk=request.pk)
        if row.status in REQUEST_OVER:
            raise NotAllowed(row.status)
        status = RequestStatus.IN_WORK if row.status == RequestStatus.WAITING else ""
        if status:
            desk.change_status(request_id=row.pk, status=status, by=by, text=text, shared=True, files=files)
        else:
            desk.remark(request=row, by=by, text=text, shared=True, files=files)


def withdraw(*, by: Scope, request: DeskRequest) -> None:
    """It is no longer wanted; a proposal that waits is never carried out. Raises NotAllowed for what is over."""
    desk.change_status(request_id=request.pk, status=RequestStatus.WITHDRAWN, by=by, shared=True)
